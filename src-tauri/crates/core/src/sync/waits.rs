//! What waits for a person, as it is shown, and what they decide.

use super::{
    aside,
    known::Known as KnownPair,
    place::At,
    relinking,
    remotes::{self, Known},
    waiting::{self, Decision, Waiting},
};
use crate::{
    core::{Core, Who},
    error::Error,
};
use cardfile_domain::{OperationId, say};
use cardfile_store::{OpKind, Reader, SqlResult, StoreError};
use cardfile_sync::{
    fields,
    pair::{Remote, Side},
    relink::Relink,
    value::{BETWEEN, Element, Units, Value},
};
use serde::Serialize;
use ts_rs::TS;

/// A contact of which something waits.
#[derive(Debug, Clone, PartialEq, Serialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct Conflict {
    /// `values`, `deletion` or `relink`.
    pub kind: &'static str,
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
    /// A record that may be another person's; else null. Nothing else is decided before.
    pub relink: Option<RelinkView>,
}

/// A record that may be another person's.
#[derive(Debug, Clone, PartialEq, Serialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct RelinkView {
    /// `renamed`: the record says another ID than before. `replaced`: it is gone, and another came
    /// that says the same email.
    pub how: &'static str,
    /// The ID by which it was known; how the remote calls it where it had none.
    pub from: String,
    /// The ID it has now, or the one that came has.
    pub to: String,
    /// The name in the record as it is now.
    pub name: String,
    /// The emails in it, each on its line.
    pub email: String,
    /// The name of another contact that goes by the new ID already; null when it is free.
    pub taken_by: Option<String>,
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
    /// The record is theirs, or another person's.
    Relink(bool),
    /// A write that was refused is sent again, or left.
    Write(bool),
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
            (None, "relink") => What::Relink(true),
            (None, "apart") => What::Relink(false),
            (None, "retry") => What::Write(true),
            (None, "dismiss") => What::Write(false),
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

/// How many contacts of a remote wait with a value, a deletion or the question whose a record is.
pub fn count(r: Reader<'_>, remote: &Known) -> Result<u32, StoreError> {
    Ok(waiting::waiting(r, remote.kept.row)?.iter().filter(|waiting| kind(remote, waiting).is_some()).count() as u32)
}

/// What waits of a pair, if a person has to decide it: a rule may do that.
fn kind(remote: &Known, waiting: &Waiting) -> Option<&'static str> {
    let mapping = &remote.settings.mapping;
    let asks = waiting.held.keys().any(|unit| mapping.prefers(unit).is_none());
    match (&waiting.relink, waiting.deletion) {
        (Some(_), _) => Some("relink"),
        (None, Some(_)) => Some("deletion"),
        (None, None) => asks.then_some("values"),
    }
}

fn of_remote(r: Reader<'_>, remote: &Known, conflicts: &mut Vec<Conflict>) -> Result<(), StoreError> {
    for waiting in waiting::waiting(r, remote.kept.row)? {
        let Some(kind) = kind(remote, &waiting) else { continue };
        let stored = waiting.contact.map(|row| r.contacts().get(row)).transpose()?.flatten();
        let asked_since = waiting.relink.as_ref().map(|(_, since)| *since);
        let since = waiting.held.values().map(|(_, since)| *since).min();
        let since = asked_since.or(since).unwrap_or_default();
        let relink = waiting.relink.as_ref().map(|(relink, _)| relink_view(r, remote, &waiting, relink)).transpose()?;
        let mut fields = Vec::new();
        let is_asked = |unit: &str| kind != "relink" && remote.settings.mapping.prefers(unit).is_none();
        for (unit, (held, since)) in waiting.held.iter().filter(|(unit, _)| is_asked(unit)) {
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
            kind,
            pair: waiting.pair,
            remote: remote.kept.id.clone(),
            remote_name: remote.kept.name.clone(),
            contact: contact.map(|contact| contact.id.as_str().to_owned()).unwrap_or_default(),
            name: contact.map(|contact| contact.display_name().to_owned()).unwrap_or_default(),
            deleted: waiting.deletion.filter(|_| kind == "deletion").map(|side| match side {
                Side::Here => "here",
                Side::There => "there",
            }),
            since: since.to_rfc3339(),
            fields,
            relink,
        });
    }
    Ok(())
}

fn relink_view(r: Reader<'_>, remote: &Known, waiting: &Waiting, relink: &Relink) -> Result<RelinkView, StoreError> {
    let own = waiting.key.clone().unwrap_or_default();
    let from = waiting.external_id.clone().unwrap_or_else(|| own.clone());
    let (how, pair, key, to, there) = match relink {
        Relink::Renamed { to } => ("renamed", waiting.pair, own, Some(to.clone()), waiting.there.clone()),
        Relink::Replaced { by } => {
            let other = r.pairs().of_key(waiting.remote, by)?.map(KnownPair::of).transpose()?.unwrap_or_default();
            let there = match other.pair.remote {
                Remote::Live { units, .. } => units,
                Remote::Unheard | Remote::Doubtful | Remote::Gone => Units::new(),
            };
            ("replaced", other.row.pair, by.clone(), other.row.external_id, there)
        }
    };
    let at = At::of(&remote.kept);
    let taken_by = to.as_deref().map(|id| relinking::taken_by(r, &at, pair, waiting.contact, id)).transpose()?;
    let said = |unit: &str| there.get(unit).map(shown).unwrap_or_default();
    Ok(RelinkView {
        how,
        from,
        to: to.unwrap_or(key),
        name: said("name"),
        email: said("email"),
        taken_by: taken_by.flatten(),
    })
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
                What::Relink(is_theirs) => relinking::decide_relink(tx, *pair, *is_theirs)?,
                What::Write(again) => aside::decide_write(tx, *pair, *again)?,
            });
        }
        Ok(count)
    })
}
