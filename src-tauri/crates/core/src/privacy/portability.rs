//! What a person takes along (GDPR, Art. 20): what they provided, in forms that other services
//! read. Nothing that was noticed or concluded about them.

use super::{cards::provided, gather::Gathered};
use crate::{
    core::Core,
    error::{Code, Error},
};
use cardfile_domain::{Contact, Sentence};
use cardfile_formats::{
    csv_export::{CsvWriter, Options, Preset},
    dsar::Entry,
    jcard,
    vcard_export::VcardWriter,
};
use serde_json::Value;
use std::io;

/// Columns of the table: what the reference layout and the complete one have of what is provided.
const COLUMNS: [&str; 18] = [
    "name",
    "given_name",
    "additional_name",
    "family_name",
    "name_prefix",
    "name_suffix",
    "nick",
    "email",
    "phone",
    "other_emails",
    "other_phones",
    "company",
    "job_title",
    "department",
    "preferences",
    "addresses",
    "urls",
    "dates",
];

/// The files of the folder `portability`.
pub(super) fn entries<'a>(core: &Core, held: &Gathered) -> Result<Vec<Entry<'a>>, Error> {
    let own: Vec<Contact> = held.cards.iter().map(|stored| provided(&stored.contact)).collect();
    let fail = |error: io::Error| Error::new(Code::Internal, Sentence::verbatim(error));
    let cards = Value::Array(own.iter().map(jcard::to_value).collect());
    let cards = serde_json::to_string_pretty(&cards).unwrap_or_default() + "\n";
    let mut vcards = VcardWriter::new(Vec::new());
    let fields = core.custom_fields()?;
    let custom = fields.iter().map(|field| field.key.clone());
    let columns = COLUMNS.iter().map(|name| (*name).to_owned()).chain(custom).collect();
    let options = Options { preset: Preset::Columns(columns), ..Options::default() };
    let mut rows = CsvWriter::new(Vec::new(), options, &fields).map_err(fail)?;
    for contact in &own {
        vcards.write(contact).map_err(fail)?;
        rows.write(contact).map_err(fail)?;
    }
    let (vcards, rows) = (vcards.finish().map_err(fail)?, rows.finish().map_err(fail)?);
    let text = |bytes: Vec<u8>| String::from_utf8_lossy(&bytes).into_owned();
    Ok(vec![
        Entry::text("portability/contact.jcard.json", cards, "20"),
        Entry::text("portability/contact.vcf", text(vcards), "20"),
        Entry::text("portability/contact.csv", text(rows), "20"),
    ])
}
