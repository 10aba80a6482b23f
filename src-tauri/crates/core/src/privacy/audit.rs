//! The audit log: read, checked, and written to a file that anybody can check.

use super::output;
use crate::{
    core::{Core, Who},
    error::{Code, Error},
};
use cardfile_domain::{Millis, say, time::DateOrder};
use cardfile_store::{AuditCheck, AuditEntry, OpKind};
use serde_json::{Value, json};
use std::{
    fs::File,
    io::{BufRead, BufReader, BufWriter, Write},
    path::Path,
};

/// The latest entries, newest first; `before` pages on.
pub fn latest(core: &Core, before: Option<i64>, limit: u32) -> Result<Vec<AuditEntry>, Error> {
    Ok(core.store().read(|r| r.audit_log().latest(before, limit))?)
}

/// Works out every hash again. Says which entry is the first that is not what was written.
pub fn check(core: &Core) -> Result<AuditCheck, Error> {
    Ok(core.store().read(|r| r.audit_log().check())?)
}

/// Writes the whole log to a file, one entry a line, with the number of entries and the last
/// hash at its end. A log that is broken is not written: it would look like proof.
pub fn export(core: &Core, file: &Path, who: &Who) -> Result<AuditCheck, Error> {
    let checked = check(core)?;
    if let Some(entry) = checked.broken {
        return Err(broken(entry));
    }
    let fail = |e: std::io::Error| Error::io(file, &e);
    let mut out = BufWriter::new(output::create(file).map_err(fail)?);
    let mut written: std::io::Result<()> = Ok(());
    let mut head = AuditCheck { entries: 0, head: String::new(), broken: None };
    core.store().read(|r| {
        r.audit_log().each(|entry| {
            if written.is_ok() {
                written = writeln!(out, "{}", line(&entry));
            }
            head.entries += 1;
            head.head = entry.hash;
        })
    })?;
    let ending = json!({ "format": "cardfile-audit/1", "entries": head.entries, "head": head.head });
    written.and_then(|()| writeln!(out, "{ending}")).and_then(|()| out.flush()).map_err(fail)?;
    core.store().write(who.op(OpKind::Privacy, ""), |tx| {
        let facts = json!({ "entries": head.entries, "head": head.head });
        Ok::<_, Error>(tx.audit("audit_exported", None, &facts)?)
    })?;
    Ok(head)
}

/// An entry as a line of a file.
pub fn line(entry: &AuditEntry) -> Value {
    json!({
        "entry": entry.entry, "at": entry.at.to_rfc3339(), "actor": entry.actor, "origin": entry.origin,
        "event": entry.event, "about": entry.about, "facts": entry.facts, "hash": entry.hash,
    })
}

/// Checks a file that [`export`] wrote, without any workspace.
pub fn check_file(file: &Path) -> Result<AuditCheck, Error> {
    let fail = |e: std::io::Error| Error::io(file, &e);
    let mut check = AuditCheck { entries: 0, head: String::new(), broken: None };
    let mut ending = None;
    for text in BufReader::new(File::open(file).map_err(fail)?).lines() {
        let value: Value = serde_json::from_str(&text.map_err(fail)?).map_err(|_| no_log())?;
        if ending.is_some() {
            return Err(no_log());
        }
        if value.get("format").is_some() {
            ending = Some(value);
            continue;
        }
        let entry = read(&value).ok_or_else(no_log)?;
        check.entries += 1;
        let is_next = entry.entry == check.entries && entry.hash == entry.worked_out(&check.head);
        if !is_next && check.broken.is_none() {
            check.broken = Some(entry.entry);
        }
        check.head = entry.hash;
    }
    let ending = ending.ok_or_else(no_log)?;
    let is_whole = ending["entries"] == json!(check.entries) && ending["head"] == json!(check.head);
    if !is_whole && check.broken.is_none() {
        check.broken = Some(check.entries + 1);
    }
    Ok(check)
}

fn read(value: &Value) -> Option<AuditEntry> {
    let text = |name: &str| value[name].as_str().map(str::to_owned);
    Some(AuditEntry {
        entry: value["entry"].as_i64()?,
        at: Millis::parse(value["at"].as_str()?, DateOrder::DayFirst)?,
        actor: text("actor")?,
        origin: text("origin")?,
        event: text("event")?,
        about: text("about"),
        facts: value["facts"].clone(),
        hash: text("hash")?,
    })
}

fn no_log() -> Error {
    Error::new(Code::BadFile, say!("this is no whole audit log of this program"))
}

/// The error for a log whose chain does not hold.
pub fn broken(entry: i64) -> Error {
    let number = entry.unsigned_abs();
    Error::new(Code::Damaged, say!("entry {number} of the audit log is not what was written", number))
        .hint(say!("Compare with an earlier export of the log: up to there it can be trusted."))
}
