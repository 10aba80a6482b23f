//! The sample data: 500 made-up people, removed with one click.

use crate::{
    core::{Core, Who},
    error::Error,
    generate,
};
use cardfile_domain::{Contact, Link, OperationId};
use cardfile_formats::{mapping::Reading, record::RecordReader, table::Shape};
use cardfile_store::OpKind;

const PEOPLE: u64 = 500;
/// External ID by which they are known again.
const CONNECTOR: &str = "sample";

/// Loads them. Returns how many.
pub fn load(core: &Core, who: &Who) -> Result<(u32, Option<OperationId>), Error> {
    let mut csv = Vec::new();
    generate::write_csv(&mut csv, PEOPLE, 14).map_err(|e| Error::io("sample".as_ref(), &e))?;
    let fields = core.custom_fields()?;
    let shape = Shape::find(|| Ok(&csv[..]), &[])?;
    let mut records = shape.records(&csv[..], Reading::new(None, &fields));
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
