//! What waits for a person, as it is shown, and what they decide.

use super::{
    remotes::{self, Known},
    waiting::{self, Decision},
};
use crate::{
    core::{Core, Who},
    error::Error,
};
use cardfile_domain::{OperationId, say};
use cardfile_store::{OpKind, Reader, SqlResult, StoreError};
use cardfile_sync::{
    fields,
    pair::Side,
    value::{BETWEEN, Element, Value},
};
use serde::Serialize;
use ts_rs::TS;

/// A contact of which something waits.
#[derive(Debug, Clone, PartialEq, Serialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct Conflict {
    /// Which pair; decisions name it.
    #[ts(type = "number")]
    pub pair: i64,
    /// `rem_…`
    pub remote: String,
    /// What people call the remote.
    pub remote_name: String,
    /// `ctc_…`; empty when the contact is gone.
    pub contact: String,
    /// Its name.
    pub name: String,
    /// A deletion against an edit: `here` or `there`, where it was deleted; else null.
    pub deleted: Option<&'static str>,
    /// Since when (RFC 3339).
    pub since: String,
    /// Values that both sides changed.
    pub fields: Vec<Held>,
}

/// A value that both sides changed.
#[derive(Debug, Clone, PartialEq, Serialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct Held {
    /// Key of the field: `email`.
    pub field: String,
    /// What both sides last agreed on.
    pub base: String,
    /// What it is here.
    pub mine: String,
    /// Who wrote that, if it is known.
    pub mine_by: String,
    /// When (RFC 3339), if it is known.
    pub mine_at: String,
    /// What it is there.
    pub theirs: String,
    /// A person may type another value for both.
    pub editable: bool,
    /// Since when it waits (RFC 3339).
    pub since: String,
}

/// What was decided about one value or one deletion.
#[derive(Debug, Clone, PartialEq)]
pub struct Decided {
    /// Which pair.
    pub pair: i64,
    /// What of it.
    pub what: What,
}

/// What is decided.
#[derive(Debug, Clone, PartialEq)]
pub enum What {
    /// A value.
    Field(String, Decision),
    /// The deletion stands, or both stay.
    Deletion(bool),
}

impl Decided {
    /// From the words of the window and the command line.
    pub fn parse(pair: i64, field: Option<String>, choice: &str, text: String) -> Result<Self, Error> {
        let what = match (field, choice) {
            (Some(field), "mine") => What::Field(field, Decision::Mine),
            (Some(field), "theirs") => What::Field(field, Decision::Theirs),
            (Some(field), "edit") => What::Field(field, Decision::Edit(Value::one(text.trim()))),
            (None, "delete") => What::Deletion(true),
            (None, "keep") => What::Deletion(false),
            _ => return Err(Error::bad_request(say!("{choice} is no decision", choice))),
        };
        Ok(Self { pair, what })
    }
}

/// Everything that waits, the oldest first.
pub fn all(core: &Core) -> Result<Vec<Conflict>, Error> {
    let remotes = remotes::all(core)?;
    let mut conflicts = Vec::new();
    for remote in &remotes {
        core.store().read(|r| Ok(of_remote(r, remote, &mut conflicts)))??;
    }
    conflicts.sort_by(|one, other| (&one.since, one.pair).cmp(&(&other.since, other.pair)));
    Ok(conflicts)
}

fn of_remote(r: Reader<'_>, remote: &Known, conflicts: &mut Vec<Conflict>) -> Result<(), StoreError> {
    for waiting in waiting::waiting(r, remote.kept.row)? {
        let stored = waiting.contact.map(|row| r.contacts().get(row)).transpose()?.flatten();
        let since = waiting.held.values().map(|(_, since)| *since).min().unwrap_or_default();
        let mut fields = Vec::new();
        for (unit, (held, since)) in &waiting.held {
            let author = stored.as_ref().map(|stored| author_of(r, stored.version, unit)).transpose()?.flatten();
            let (mine_by, mine_at) = author.unwrap_or_default();
            let is_text = |value: &Value| matches!(value, Value::One(_) | Value::Absent);
            fields.push(Held {
                field: unit.clone(),
                base: held.base.as_ref().map(shown).unwrap_or_default(),
                mine: shown(&held.mine),
                mine_by,
                mine_at,
                theirs: shown(&held.theirs),
                editable: is_text(&held.mine) && is_text(&held.theirs),
                since: since.to_rfc3339(),
            });
        }
        let contact = stored.as_ref().map(|stored| &stored.contact);
        conflicts.push(Conflict {
            pair: waiting.pair,
            remote: remote.kept.id.clone(),
            remote_name: remote.kept.name.clone(),
            contact: contact.map(|contact| contact.id.as_str().to_owned()).unwrap_or_default(),
            name: contact.map(|contact| contact.display_name().to_owned()).unwrap_or_default(),
            deleted: waiting.deletion.map(|side| match side {
                Side::Here => "here",
                Side::There => "there",
            }),
            since: since.to_rfc3339(),
            fields,
        });
    }
    Ok(())
}

/// Who last changed a unit of a contact here, and when.
fn author_of(r: Reader<'_>, version: i64, unit: &str) -> SqlResult<Option<(String, String)>> {
    let covered = fields::fields_of(unit);
    for change in r.changes().of_contact(version, 50)? {
        let names = |field: &str| change.body.contains(&format!("\"{field}\""));
        let is_about = covered.iter().any(|field| names(field)) || covered.is_empty() && names(unit);
        if is_about || change.body.is_empty() {
            let operation = r.operations().get(change.op)?;
            return Ok(operation.map(|row| (crate::history::by(&row.actor).to_owned(), row.at.to_rfc3339())));
        }
    }
    Ok(None)
}

/// A value for a person.
pub fn shown(value: &Value) -> String {
    match value {
        Value::Absent => String::new(),
        // A name, and its parts where it has any.
        Value::One(text) => text.split(BETWEEN).next().unwrap_or_default().to_owned(),
        Value::Set(all) => {
            let one = |element: &Element| match serde_json::from_str(&element.typed) {
                // An address says its text.
                Ok(serde_json::Value::Object(said)) => {
                    said.get("value").and_then(serde_json::Value::as_str).unwrap_or_default().replace('\n', ", ")
                }
                _ => element.typed.clone(),
            };
            let said = |element: &Element| match element.label.as_str() {
                "" => one(element),
                label => format!("{} ({label})", one(element)),
            };
            all.values().map(said).collect::<Vec<_>>().join("\n")
        }
    }
}

/// Carries decisions out, as one operation; how many still waited.
pub fn decide(core: &Core, decisions: &[Decided], who: &Who) -> Result<(u32, Option<OperationId>), Error> {
    core.store().write(who.op(OpKind::SyncDecide, ""), |tx| {
        let mut count = 0;
        for Decided { pair, what } in decisions {
            count += u32::from(match what {
                What::Field(unit, decision) => waiting::decide(tx, *pair, unit, decision)?,
                What::Deletion(stands) => waiting::decide_deletion(tx, *pair, *stands)?,
            });
        }
        Ok(count)
    })
}
