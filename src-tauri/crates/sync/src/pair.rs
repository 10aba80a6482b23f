//! What is known of one contact at one remote: both sides, what they agreed on, and the
//! writes without an answer.

use crate::{
    merge::Held,
    mutant::{self, Mutant},
    record::RecordPlan,
    relink::Relink,
    value::{Unit, Units, Value},
};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, btree_map::Entry};

/// How the remote calls a record; never looked into.
pub type Key = String;
/// A version of a record at the remote: equal or not, and older or newer only where the
/// remote numbers them.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize)]
pub struct Version {
    /// As the remote writes it: an ETag, a time, a number.
    pub text: String,
    /// Its number, where later versions have higher ones.
    pub order: Option<u64>,
}

impl Version {
    /// Its text alone, as it is looked up by.
    pub fn without_order(self) -> Self {
        Self { order: None, ..self }
    }

    /// Whether it is certainly from before `other`.
    pub fn is_before(&self, other: &Self) -> bool {
        matches!((self.order, other.order), (Some(mine), Some(theirs)) if mine < theirs)
    }
}

/// The contact.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub enum Local {
    /// There is none.
    #[default]
    Absent,
    /// Its units, and the purposes it consented to.
    Live {
        /// Values of all units that the mapping names.
        units: Units,
        /// Purposes.
        consents: Vec<String>,
    },
    /// It was deleted here, and the remote does not know yet. What it was then.
    Deleted {
        /// Values at its deletion.
        units: Units,
    },
    /// The person was erased: a promise that outweighs everything.
    Erased {
        /// The record is to go too; else only its link goes.
        there: bool,
    },
}

/// The record of the remote.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub enum Remote {
    /// Nothing was heard of it since both sides agreed, or it never was there.
    #[default]
    Unheard,
    /// As it was read.
    Live {
        /// Its version then.
        version: Version,
        /// Its units.
        units: Units,
        /// How many of our writes it has seen, where the remote can hold that.
        stamp: Option<u64>,
    },
    /// A feed said that it is gone, or a listing left it out: not believed before the record
    /// is read by its key.
    Doubtful,
    /// It is not there: read by its key.
    Gone,
}

/// A write that was sent and of which no answer is known.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Intent {
    /// What was to be written.
    pub sent: Units,
    /// The version it asked for; nothing when it made the record.
    pub expected: Option<Version>,
    /// The number of the write, counted by this device.
    pub stamp: u64,
}

/// Everything that is known of one contact at one remote.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Pair {
    /// How the remote calls it, once it does.
    pub key: Option<Key>,
    /// The version both sides agreed at.
    pub version: Option<Version>,
    /// The contact. Not kept: it is in the store already.
    #[serde(skip)]
    pub local: Local,
    /// What both sides last agreed on, as the remote says it.
    pub base: Units,
    /// How we say it, where the remote folds, cuts or rewrites what it is given.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub ours: Units,
    /// What the team agreed on, while a person here is asked whether the contact stays deleted.
    /// What was deleted here never agreed on it; a contact that stays is the team's, and does.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub team_base: Units,
    /// The record.
    pub remote: Remote,
    /// Writes without an answer, oldest first.
    pub intents: Vec<Intent>,
    /// What waits for a person.
    pub held: BTreeMap<Unit, Held>,
    /// A deletion against an edit waits for a person.
    pub held_deletion: Option<Side>,
    /// A write that the remote does not take.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub refused: Option<Refusal>,
    /// Whether the record is still theirs waits for a person.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub relink: Option<Relink>,
    /// A person said that it is the record of nobody else who is known: only its ID tells whose
    /// it is.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub is_apart: bool,
}

/// A write that the remote does not take.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Refusal {
    /// What was to be written.
    pub sent: Units,
    /// How often it was sent.
    pub times: u8,
    /// What the remote said.
    pub reason: String,
    /// A person has seen it and leaves it as it is.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub is_dismissed: bool,
}

impl Refusal {
    /// After so many it is not sent again as it is.
    pub const MOST: u8 = 3;

    /// Whether this is not sent again.
    pub fn parks(&self, set: &Units) -> bool {
        self.is_final() && self.sent == *set
    }

    /// Whether it was sent often enough.
    pub fn is_final(&self) -> bool {
        self.times >= Self::MOST
    }
}

/// One of the two.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Side {
    /// Ours.
    Here,
    /// The remote's.
    There,
}

impl Pair {
    /// Takes what was read of the record, unless it is from before what is known. Writes
    /// without an answer are settled by it at once: the next read may come from after
    /// somebody else's write, and would not tell any more.
    pub fn observe(&mut self, remote: Remote) {
        if let Remote::Live { version, .. } = &remote {
            if self.version.as_ref().is_some_and(|known| version.is_before(known)) {
                return;
            }
            self.version = Some(version.clone());
        }
        // Whose a record is that is not there nobody has to say.
        if remote == Remote::Gone && matches!(self.relink, Some(Relink::Renamed { .. })) {
            self.relink = None;
        }
        self.remote = remote;
        let (agreed, settled) = settle(self);
        for (unit, value) in agreed {
            self.agree(unit, value);
        }
        self.intents.drain(..settled);
    }

    /// The remote calls the record otherwise: it was merged, or made again under our ID.
    /// Nothing is agreed on with the new one, so that nothing of it is overwritten; writes
    /// without an answer may have made it. `false` when what was read is from before what
    /// is known, and nothing is done.
    pub fn relink(&mut self, key: Key, version: &Version) -> bool {
        if self.version.as_ref().is_some_and(|known| version.is_before(known)) {
            return false;
        }
        let (local, mut intents) = (std::mem::take(&mut self.local), std::mem::take(&mut self.intents));
        // A write to the other record says nothing of this one.
        intents.retain(|intent| intent.expected.is_none());
        *self = Self { key: Some(key), local, intents, ..Self::default() };
        true
    }

    /// A write was done: both sides agree on what the remote answered of what was sent, but
    /// for what waits. Older writes without an answer are settled with it: it came after
    /// all of them.
    pub fn write_done(&mut self, stamp: u64, version: Version, sent: &Units, answered: &Units) {
        self.version = Some(version);
        self.refused = None;
        for (unit, sent) in sent {
            let value = answered.get(unit).unwrap_or(sent);
            self.agree(unit.clone(), value.clone());
            if value != sent && !self.held.contains_key(unit) && !mutant::is(Mutant::NoSpelling) {
                self.ours.insert(unit.clone(), sent.clone());
            }
        }
        self.intents.retain(|intent| intent.stamp > stamp);
    }

    /// Whether anything waits for a person.
    pub fn waits(&self) -> bool {
        let is_parked = self.refused.as_ref().is_some_and(|refused| refused.is_final() && !refused.is_dismissed);
        !self.held.is_empty() || self.held_deletion.is_some() || self.relink.is_some() || is_parked
    }

    /// What the contact says of a unit, in the words of the remote.
    pub(crate) fn spelled<'v>(&'v self, unit: &str, value: &'v Value) -> &'v Value {
        if self.ours.get(unit) == Some(value) { self.base.get(unit).unwrap_or(value) } else { value }
    }

    /// Whether a write is without an answer, or the record was never read: nothing more is
    /// sent before it was.
    pub(crate) fn is_in_doubt(&self) -> bool {
        !self.intents.is_empty() || self.key.is_some() && self.version.is_none()
    }

    fn agree(&mut self, unit: Unit, value: Value) {
        let value = match self.held.get(&unit) {
            Some(held) => held.masked(&value, self.base.get(&unit)),
            None => value,
        };
        self.put_base(unit, value);
    }

    pub(crate) fn put_base(&mut self, unit: Unit, value: Value) {
        if self.base.get(&unit) != Some(&value) {
            self.ours.remove(&unit);
        }
        self.base.insert(unit, value);
    }

    /// What the record says as far as is known: what was agreed on, but for what waits.
    pub(crate) fn known_there(&self) -> Units {
        let mut there = self.base.clone();
        for (unit, held) in &self.held {
            let agreed = self.base.get(unit).cloned().unwrap_or_default();
            there.insert(unit.clone(), held.masked(&agreed, Some(&held.theirs)));
        }
        there
    }

    /// A person decided a unit that waits: theirs is agreed on, and the next plan pushes
    /// ours or finds both the same. Gives what the contact is to say, when that is theirs.
    pub fn decide(&mut self, unit: &str, mine: &Value, take_theirs: bool) -> Option<Value> {
        let held = self.held.remove(unit)?;
        let agreed = held.masked(&self.base.get(unit).cloned().unwrap_or_default(), Some(&held.theirs));
        self.put_base(unit.to_owned(), agreed);
        take_theirs.then(|| held.masked(mine, Some(&held.theirs)))
    }

    /// A person decided that a deletion stands, or that the contact stays. A contact that
    /// stays though its record is gone gets a new one.
    pub fn decide_deletion(&mut self, stands: bool) {
        match (self.held_deletion.take(), stands) {
            (Some(Side::Here), true) => {
                // They have seen what the record says.
                self.base = self.known_there();
                self.team_base.clear();
                self.ours.clear();
                self.held.clear();
            }
            (Some(Side::There), false) => *self = Self { local: std::mem::take(&mut self.local), ..Self::default() },
            (Some(Side::There), true) => self.remote = Remote::Gone,
            (Some(Side::Here), false) | (None, _) => {}
        }
    }

    /// Nobody is asked any more whether the contact stays deleted: what the team agreed on is the
    /// base where there is none, of what is settled with it. The record is read before it is
    /// believed to say that still.
    pub fn recall(&mut self, is_settled: impl Fn(&Unit) -> bool) {
        for (unit, value) in std::mem::take(&mut self.team_base) {
            if is_settled(&unit)
                && let Entry::Vacant(place) = self.base.entry(unit)
            {
                place.insert(value);
                if self.key.is_some() && self.remote != Remote::Gone {
                    self.remote = Remote::Doubtful;
                }
            }
        }
    }

    /// The record was looked for by our ID and is certainly not there: what was to make it
    /// did not happen.
    pub fn not_found(&mut self) {
        if self.key.is_none() {
            self.intents.clear();
        }
    }

    /// A write did not happen, and cannot any more.
    pub(crate) fn write_over(&mut self, stamp: u64) {
        self.intents.retain(|intent| intent.stamp != stamp);
    }

    /// The remote does not take a write, and says why.
    pub(crate) fn write_refused(&mut self, sent: &Units, reason: String) {
        let before = self.refused.take().filter(|refused| refused.sent == *sent);
        let (times, is_dismissed) = before.map_or((0, false), |refused| (refused.times, refused.is_dismissed));
        self.refused = Some(Refusal { sent: sent.clone(), times: times.saturating_add(1), reason, is_dismissed });
    }

    /// A plan is carried out here: from now on only what moves again is looked at.
    pub fn apply(&mut self, plan: &RecordPlan) {
        // What is still in doubt is read by the next run, and what may be another person's is
        // kept until somebody says whose it is.
        if self.remote != Remote::Doubtful && plan.relink.is_none() {
            self.remote = Remote::Unheard;
        }
        // It was changed back: nothing is left to be taken.
        if plan.push.is_none() && !plan.reads && !plan.is_parked {
            self.refused = None;
        }
        for (unit, value) in &plan.base {
            self.put_base(unit.clone(), value.clone());
        }
        self.ours.extend(plan.ours.clone());
        self.version.clone_from(&plan.version);
        self.held.clone_from(&plan.held);
        self.held_deletion = plan.held_deletion;
        self.relink.clone_from(&plan.relink);
    }
}

/// What both sides agree on once the writes without an answer are looked at in what was
/// read, and how many of the oldest intents are settled.
///
/// A record that says how many of our writes it has seen has the last of those, and none
/// before it that asked for the same version. Without that: a record at the version a
/// write asked for has not seen it, or not yet; at another version the write is over, and a
/// unit that says what was sent has it. That may keep a tag which somebody took off in
/// between, and never loses an edit.
fn settle(pair: &Pair) -> (Units, usize) {
    let (mut agreed, mut settled) = (Units::new(), 0);
    let Remote::Live { version, units, stamp } = &pair.remote else {
        return (agreed, 0);
    };
    for intent in &pair.intents {
        let is_over = stamp.is_some_and(|stamp| stamp >= intent.stamp);
        if !is_over && intent.expected.as_ref() == Some(version) {
            break;
        }
        settled += 1;
        for (unit, sent) in &intent.sent {
            if *stamp == Some(intent.stamp) || stamp.is_none() && units.get(unit) == Some(sent) {
                agreed.insert(unit.clone(), sent.clone());
            }
        }
    }
    (agreed, settled)
}
