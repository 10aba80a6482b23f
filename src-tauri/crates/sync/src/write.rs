//! The life of a write: whether it may still leave, what is kept before it is sent, and
//! what its answer means.

use crate::{
    mapping::Mapping,
    mutant::{self, Mutant},
    pair::{Intent, Local, Pair},
    record::Push,
    remote::Record,
    run::Outcome,
    value::{Unit, Units, Value},
};

/// What becomes of a pair after an answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum After {
    /// It is kept.
    Kept,
    /// Its record is gone, and nothing of it is kept.
    Gone,
}

/// Whether a planned write may still leave: the person may have been erased since, or have
/// taken a consent back.
pub fn may_leave(push: &Push, local: &Local, mapping: &Mapping) -> bool {
    match (push, local) {
        // Somebody may have brought it back.
        (Push::Delete { .. }, Local::Deleted { .. } | Local::Erased { .. }) => true,
        (Push::Create { set } | Push::Patch { set, .. }, Local::Live { consents, .. }) => {
            mapping.approve(set.units().clone(), consents) == *set
        }
        (Push::Create { .. } | Push::Patch { .. } | Push::Delete { .. }, _) => false,
    }
}

impl Pair {
    /// A write with this number is about to be sent.
    pub fn begin_write(&mut self, push: &Push, stamp: u64) {
        let expected = match push {
            Push::Create { .. } => None,
            Push::Patch { expect, .. } | Push::Delete { expect, .. } => expect.clone(),
        };
        let sent = push.set().clone();
        if mutant::is(Mutant::BaseBeforeAnswer) {
            self.base.extend(sent.clone());
        }
        if !mutant::is(Mutant::NoIntents) {
            self.intents.push(Intent { sent, expected, stamp });
        }
    }

    /// Writes without an answer were taken over from another device. What is unsettled of them the
    /// contact here may never have said: found in the record it would be what was agreed on, and
    /// what the contact says an edit. So it stays only where `own` sent the same, or agreed on it.
    pub fn doubt_writes(&mut self, own: &Self, is_unsettled: impl Fn(&Unit) -> bool) {
        let mut said = vec![&own.base, &own.ours];
        said.extend(own.intents.iter().map(|intent| &intent.sent));
        let is_own = |unit: &Unit, value: &Value| said.iter().any(|said| said.get(unit) == Some(value));
        for intent in &mut self.intents {
            intent.sent.retain(|unit, value| !is_unsettled(unit) || is_own(unit, value));
        }
    }

    /// What became of a write, and what the record is now where the remote said so.
    pub fn end_write(&mut self, push: &Push, stamp: u64, outcome: &Outcome, record: Option<&Record>) -> After {
        match outcome {
            Outcome::Done | Outcome::Gone if matches!(push, Push::Delete { .. }) => return After::Gone,
            Outcome::Done => {
                let Some(record) = record else { return After::Kept };
                let said = |unit: &String| (unit.clone(), record.units.get(unit).cloned().unwrap_or_default());
                let answered: Units = push.set().keys().map(said).collect();
                self.write_done(stamp, record.version.clone(), push.set(), &answered);
                self.key = Some(record.key.clone());
            }
            Outcome::Exists(key) => {
                // Another record is there: it is read before anything is said about it.
                if self.key.is_none() {
                    self.key = Some(key.clone());
                }
                self.write_over(stamp);
            }
            Outcome::Precondition | Outcome::Gone => self.write_over(stamp),
            Outcome::Rejected(reason) => {
                self.write_over(stamp);
                self.write_refused(push.set(), reason.clone());
            }
            Outcome::Unknown => {}
        }
        After::Kept
    }
}
