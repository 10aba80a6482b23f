//! The sample data: 500 made-up people, removed with one click.

use crate::{
    contact,
    core::{Core, Who},
    error::Error,
    generate,
};
use cardfile_domain::{Contact, Link, OperationId, suppression::marks};
use cardfile_formats::{
    file::{self, Bytes, Choices},
    mapping::Reading,
};
use cardfile_store::{ContactRow, OpKind};
use std::io::{self, Cursor};

const PEOPLE: u64 = 500;
/// External ID by which they are known again.
pub(crate) const CONNECTOR: &str = Link::SAMPLE;

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
        people.push(*record.contact);
    }
    core.store().write(who.op(OpKind::SampleLoad, ""), |tx| {
        for (n, mut contact) in (0u64..).zip(people) {
            contact.id = cardfile_domain::ContactId::default();
            contact.links.push(link(n));
            let is_here = tx.read().links().contact_of(&contact.links[0])?.is_some();
            // Who tries an erasure on them is not to be surprised.
            if !is_here && tx.suppressed(&marks(&contact))?.is_empty() {
                tx.insert(contact)?;
            }
        }
        Ok(PEOPLE as u32)
    })
}

/// Moves them to the bin again, those that were edited too: the bin keeps them
/// for thirty days, and undo brings them back.
pub fn remove(core: &Core, who: &Who) -> Result<(u32, Option<OperationId>), Error> {
    let rows: Vec<ContactRow> = core.store().read(|r| {
        let mut rows = Vec::new();
        for n in 0..PEOPLE {
            let link = link(n);
            rows.extend(r.links().contact_of(&link)?);
        }
        Ok(rows)
    })?;
    contact::bin(core, &rows, who)
}

fn link(n: u64) -> Link {
    Link { connector: CONNECTOR.into(), scope: String::new(), external_id: format!("sample-{n}") }
}
