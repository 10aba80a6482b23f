//! The sample data: 500 made-up people, removed with one click.

use crate::{
    core::{Core, Who},
    error::Error,
    generate,
};
use cardfile_domain::{Contact, Link, OperationId};
use cardfile_formats::{
    file::{self, Bytes, Choices},
    mapping::Reading,
};
use cardfile_store::OpKind;
use std::io::{self, Cursor};

const PEOPLE: u64 = 500;
/// External ID by which they are known again.
const CONNECTOR: &str = "sample";

/// Loads them. Returns how many.
pub fn load(core: &Core, who: &Who) -> Result<(u32, Option<OperationId>), Error> {
    let mut csv = Vec::new();
    let fail = |e: io::Error| Error::io("sample".as_ref(), &e);
    generate::write_csv(&mut csv, PEOPLE, 14).map_err(fail)?;
    let fields = core.custom_fields()?;
    let open = || Box::new(Cursor::new(csv.clone())) as Box<dyn Bytes>;
    let shape = file::look(&|| Ok(open()), &Choices::default(), &[])?;
    let mut records = shape.records(open(), Reading::new(None, &fields)).map_err(fail)?;
    let mut people: Vec<Contact> = Vec::new();
    while let Some(Ok(record)) = records.next() {
        people.push(record.contact);
    }
    core.store().write(who.op(OpKind::SampleLoad, ""), |tx| {
        for (n, mut contact) in (0u32..).zip(people) {
            contact.id = cardfile_domain::ContactId::default();
            contact.links.push(Link {
                connector: CONNECTOR.into(),
                scope: String::new(),
                external_id: format!("sample-{n}"),
            });
            if tx.read().links().contact_of(&contact.links[0])?.is_none() {
                tx.insert(contact)?;
            }
        }
        Ok(PEOPLE as u32)
    })
}
