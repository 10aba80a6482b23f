//! Conflicts decided once and for all: "of this field at this connection, take theirs".
//!
//! A rule stands in the mapping and is obeyed by the plan of each run. What waits already is
//! settled with it: theirs comes here at once, as one step back; ours goes there with the next
//! run, and a rule that is taken away before that leaves everything as it was.

use super::{
    remotes::{self, Known, Settings},
    waiting::{self, Decision},
    waits::{self, shown},
};
use crate::{
    core::{Core, Who},
    error::{Code, Error},
};
use cardfile_domain::{OperationId, say};
use cardfile_store::{OpKind, Reader, StoreError};
use cardfile_sync::pair::Side;
use serde::Serialize;
use sha2::{Digest as _, Sha256};
use ts_rs::TS;

/// Values that are shown before a rule is kept, at most.
pub const SHOWN: usize = 200;

/// A rule.
#[derive(Debug, Clone, PartialEq, Serialize, TS)]
pub struct ConflictRule {
    /// Key of the field: `email`.
    pub field: String,
    /// `mine` or `theirs`.
    pub keep: &'static str,
}

/// What a rule would do with what waits now.
#[derive(Debug, Clone, PartialEq, Serialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct RulePreview {
    /// Binds what was shown to what is done.
    pub seen: String,
    /// Values it would settle.
    pub settles: u32,
    /// Contacts of which something waits at the connection.
    pub waiting: u32,
    /// The first 200 of the values.
    pub values: Vec<Ruled>,
}

/// A value that a rule would settle.
#[derive(Debug, Clone, PartialEq, Serialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct Ruled {
    /// Which pair.
    #[ts(type = "number")]
    pub pair: i64,
    /// `ctc_…`
    pub contact: String,
    /// Its name.
    pub name: String,
    /// What it is here.
    pub mine: String,
    /// What it is there.
    pub theirs: String,
}

/// `mine` and `theirs`, in the words of the window and the command line.
pub fn word(side: Side) -> &'static str {
    match side {
        Side::Here => "mine",
        Side::There => "theirs",
    }
}

/// The side that a word means.
pub fn parse(word: &str) -> Result<Side, Error> {
    match word {
        "mine" => Ok(Side::Here),
        "theirs" => Ok(Side::There),
        _ => Err(Error::bad_request(say!("{word} is no side: mine or theirs", word))),
    }
}

/// The rules of a connection, by their fields.
pub fn of(known: &Known) -> Vec<ConflictRule> {
    let rules = known.settings.mapping.0.iter();
    rules.filter_map(|(unit, rule)| Some(ConflictRule { field: unit.clone(), keep: word(rule.prefers?) })).collect()
}

/// What a rule for a field would settle of what waits. Changes nothing.
pub fn preview(core: &Core, remote: &str, field: &str) -> Result<RulePreview, Error> {
    let known = known(core, remote, field)?;
    let (mut values, waiting) = core.store().read(|r| {
        let values = found(r, &known, field);
        Ok(values.and_then(|values| Ok((values, waits::count(r, &known)?))))
    })??;
    let (seen, settles) = (digest(&values), values.len() as u32);
    values.truncate(SHOWN);
    Ok(RulePreview { seen, settles, waiting, values })
}

/// Keeps a rule and settles what waits; gives how many values that are. With `seen` only what a
/// preview showed is settled: when something else waits by now, nothing is done.
pub fn set(
    core: &Core,
    remote: &str,
    field: &str,
    side: Side,
    seen: Option<&str>,
    who: &Who,
) -> Result<(u32, Option<OperationId>), Error> {
    let known = known(core, remote, field)?;
    core.store().write(who.op(OpKind::SyncDecide, known.kept.name.as_str()), |tx| {
        let values = found(tx.read(), &known, field)?;
        if seen.is_some_and(|seen| seen != digest(&values)) {
            return Err(Error::new(Code::Refused, say!("something else waits by now"))
                .hint(say!("Look again at what the rule would settle. Nothing was changed.")));
        }
        let mut kept = tx.read().remotes().get(known.kept.row)?.unwrap_or_default();
        let mut settings: Settings = serde_json::from_value(kept.settings.clone()).unwrap_or_default();
        settings.mapping.0.entry(field.to_owned()).or_default().prefers = Some(side);
        kept.settings = serde_json::to_value(&settings).unwrap_or_default();
        tx.put_remote(&kept)?;
        tx.open_waiting(kept.row)?;
        if side == Side::There {
            for value in &values {
                waiting::decide(tx, value.pair, field, &Decision::Theirs)?;
            }
        }
        Ok(values.len() as u32)
    })
}

/// Takes a rule away: from now on conflicts about the field wait for a person again.
pub fn remove(core: &Core, remote: &str, field: &str, who: &Who) -> Result<(), Error> {
    let known = known(core, remote, field)?;
    remotes::set(core, &known.kept.id, who, |settings| {
        if let Some(rule) = settings.mapping.0.get_mut(field) {
            rule.prefers = None;
        }
    })?;
    Ok(())
}

/// The connection, if the field comes from it: else nothing is ever changed on both sides.
fn known(core: &Core, remote: &str, field: &str) -> Result<Known, Error> {
    let known = remotes::find(core, remote)?;
    if !known.settings.mapping.pulls(field) {
        let name = known.kept.name;
        return Err(Error::bad_request(say!("{field} does not come from {name}, so it has no conflicts", field, name)));
    }
    Ok(known)
}

/// What waits of a field and could be settled. A contact of which a deletion waits, or of which
/// it is asked whose record it is, has to be decided first.
fn found(r: Reader<'_>, known: &Known, field: &str) -> Result<Vec<Ruled>, StoreError> {
    let mut values = Vec::new();
    for waiting in waiting::waiting(r, known.kept.row)? {
        let (Some((held, _)), None, None) = (waiting.held.get(field), waiting.deletion, &waiting.relink) else {
            continue;
        };
        let stored = waiting.contact.map(|row| r.contacts().get(row)).transpose()?.flatten();
        let Some(stored) = stored.filter(|stored| stored.contact.binned_at.is_none()) else { continue };
        values.push(Ruled {
            pair: waiting.pair,
            contact: stored.contact.id.as_str().to_owned(),
            name: stored.contact.display_name().to_owned(),
            mine: shown(&held.mine),
            theirs: shown(&held.theirs),
        });
    }
    Ok(values)
}

fn digest(values: &[Ruled]) -> String {
    let text = serde_json::to_vec(values).unwrap_or_default();
    Sha256::digest(text).iter().map(|byte| format!("{byte:02x}")).collect()
}
