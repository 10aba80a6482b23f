//! What a person can send when something goes wrong: facts about the program
//! and the workspace, and nothing about anybody in it.

use crate::{core::Core, error::Error};
use cardfile_store::{SlotKind, schema};
use std::fmt::Write;

/// The report as text. It holds no name, no path, no value of any contact.
pub fn report(core: &Core) -> Result<String, Error> {
    let (contacts, binned) = core.store().read(|r| r.contacts().count())?;
    let (fields, tags) = (core.custom_fields()?.len(), core.store().read(|r| r.tags().all())?.len());
    let operations = core.store().read(|r| r.operations().latest(None, 50))?;
    let ways: Vec<&str> = core.store().slots().kinds().into_iter().map(SlotKind::as_str).collect();
    let database = core.store().dir().join(cardfile_store::DATABASE);
    let size = std::fs::metadata(database).map_or(0, |about| about.len());
    let environment = core.store().environment();
    let mut text = String::new();
    // Writing to a string cannot fail.
    let _ = writeln!(text, "Cardfile {}", environment.app);
    let _ = writeln!(text, "System: {} {}", std::env::consts::OS, std::env::consts::ARCH);
    let _ = writeln!(text, "Schema: {}", schema::VERSION);
    let _ = writeln!(text, "Ways to the key: {}", ways.join(", "));
    let _ = writeln!(text, "Keychain: {}", if environment.keystore.is_some() { "there" } else { "none" });
    let _ = writeln!(text, "Contacts: {contacts}, of them in the bin: {binned}");
    let _ = writeln!(text, "Custom fields: {fields}, tags: {tags}");
    let _ = writeln!(text, "Database: {size} bytes");
    let _ = writeln!(text, "Last operations:");
    for operation in operations {
        let (at, kind) = (operation.at.to_rfc3339(), operation.kind.as_str());
        let _ = writeln!(text, "  {at} {kind} from {} {}", operation.origin, operation.counts);
    }
    Ok(text)
}
