//! One contact and one record of a remote: what is known of both, and what is to be done.

use crate::{
    mapping::{Approved, Mapping},
    merge::{Held, Merged, merge},
    mutant::{self, Mutant},
    value::{Unit, Units, Value},
};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};

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
    Erased,
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
    /// The contact.
    pub local: Local,
    /// What both sides last agreed on.
    pub base: Units,
    /// The record.
    pub remote: Remote,
    /// Writes without an answer, oldest first.
    pub intents: Vec<Intent>,
    /// What waits for a person.
    pub held: BTreeMap<Unit, Held>,
    /// A deletion against an edit waits for a person.
    pub held_deletion: Option<Side>,
}

/// One of the two.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
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
        self.remote = remote;
        let (base, settled) = settle(self);
        self.base = base;
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
        let (local, intents) = (std::mem::take(&mut self.local), std::mem::take(&mut self.intents));
        *self = Self { key: Some(key), local, intents, ..Self::default() };
        true
    }

    /// A write was done: both sides agree on what the remote answered, not on what was sent.
    /// Older writes without an answer are settled with it: it came after all of them.
    pub fn write_done(&mut self, stamp: u64, version: Version, answered: Units) {
        self.version = Some(version);
        self.base.extend(answered);
        self.intents.retain(|intent| intent.stamp > stamp);
    }

    /// A write was refused, and cannot happen any more.
    pub fn write_refused(&mut self, stamp: u64) {
        self.intents.retain(|intent| intent.stamp != stamp);
    }
}

/// What becomes of one pair. Everything here but `push` is applied in one transaction.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize)]
pub struct RecordPlan {
    /// Units of the contact that get another value; of a new contact, all of them.
    pub take: Units,
    /// A contact is made.
    pub creates_contact: bool,
    /// The contact goes to the bin.
    pub bins_contact: bool,
    /// What both sides agree on from now on, where that changed.
    pub base: Units,
    /// The version both sides agree at, when one was read.
    pub version: Option<Version>,
    /// Both are gone: nothing of the pair is kept.
    pub forgets: bool,
    /// Conflicts as they are now, all of them.
    pub held: BTreeMap<Unit, Held>,
    /// On which side a deletion waits that is against an edit of the other.
    pub held_deletion: Option<Side>,
    /// A write without an answer stands in the way: the record is to be read by its key
    /// before anything is written.
    pub reads: bool,
    /// What is written to the remote.
    pub push: Option<Push>,
}

/// A write to the remote.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub enum Push {
    /// A record is made, unless one with our ID is there.
    Create {
        /// Its values.
        set: Approved,
    },
    /// Units of a record get values; an absent one is emptied.
    Patch {
        /// Which record.
        key: Key,
        /// Only at this version.
        expect: Option<Version>,
        /// Their values.
        set: Approved,
    },
    /// A record is deleted.
    Delete {
        /// Which record.
        key: Key,
        /// Only at this version; an erasure asks for none.
        expect: Option<Version>,
    },
}

/// Decides what to do with one pair.
///
/// An erasure beats everything: it is a promise to a person. A deletion against an edit
/// waits for a person, with the live side as it is: a lost edit is gone, and a deletion
/// can be repeated.
pub fn plan_record(pair: &Pair, mapping: &Mapping) -> RecordPlan {
    if pair.remote == Remote::Doubtful {
        let unheard = plan_record(&Pair { remote: Remote::Unheard, ..pair.clone() }, mapping);
        // Whatever moved here waits for the read.
        return RecordPlan { reads: true, push: None, ..unheard };
    }
    // While its deletion waits the record is not there.
    if pair.remote == Remote::Unheard && pair.held_deletion == Some(Side::There) {
        return plan_record(&Pair { remote: Remote::Gone, ..pair.clone() }, mapping);
    }
    let (base, version) = (&pair.base, pair.version.clone());
    let unchanged = RecordPlan {
        version: version.clone(),
        held: pair.held.clone(),
        held_deletion: pair.held_deletion,
        ..RecordPlan::default()
    };
    let forgotten = RecordPlan { forgets: true, ..RecordPlan::default() };
    let delete = |expect: Option<Version>| pair.key.clone().map(|key| Push::Delete { key, expect });
    let deleted_here = |expect| RecordPlan { push: delete(expect), held_deletion: None, ..unchanged.clone() };
    let waits = |side| RecordPlan { held_deletion: Some(side), ..unchanged.clone() };
    match (&pair.local, &pair.remote) {
        (_, Remote::Doubtful) => unchanged,
        (Local::Absent | Local::Deleted { .. } | Local::Erased, Remote::Gone) => forgotten,
        (Local::Absent, Remote::Unheard) => unchanged,
        (Local::Erased, Remote::Unheard | Remote::Live { .. }) if pair.key.is_none() => forgotten,
        (Local::Erased, Remote::Unheard | Remote::Live { .. }) => deleted_here(None),
        (Local::Absent, Remote::Live { version, units, .. }) => RecordPlan {
            creates_contact: true,
            take: pulled(units, mapping),
            base: units.clone(),
            version: Some(version.clone()),
            ..RecordPlan::default()
        },
        (Local::Deleted { .. }, Remote::Unheard) if pair.key.is_none() => forgotten,
        (Local::Deleted { .. }, Remote::Unheard) if in_doubt(pair) => RecordPlan { reads: true, ..unchanged },
        // What waits there was never seen here.
        (Local::Deleted { .. }, Remote::Unheard) if !pair.held.is_empty() || pair.held_deletion == Some(Side::Here) => {
            waits(Side::Here)
        }
        (Local::Deleted { .. }, Remote::Unheard) => deleted_here(version),
        (Local::Deleted { .. }, Remote::Live { units, version, .. }) => {
            if same_there(base, units, mapping) || mutant::is(Mutant::DeleteBeatsEdit) {
                deleted_here(Some(version.clone()))
            } else {
                waits(Side::Here)
            }
        }
        (Local::Live { units, .. }, Remote::Gone) => {
            if same_here(base, units, mapping) || mutant::is(Mutant::DeleteBeatsEdit) {
                RecordPlan { bins_contact: true, forgets: true, ..RecordPlan::default() }
            } else {
                waits(Side::There)
            }
        }
        (Local::Live { .. }, Remote::Unheard) if in_doubt(pair) => RecordPlan { reads: true, ..unchanged },
        (Local::Live { units, consents }, Remote::Unheard) => {
            // What it last said: what both agreed on, but for what waits.
            let mut there = base.clone();
            there.extend(pair.held.iter().map(|(unit, held)| (unit.clone(), held.theirs.clone())));
            merged(pair, mapping, units, consents, base, pair.key.as_ref().map(|_| &there), unchanged)
        }
        (Local::Live { units, consents }, Remote::Live { units: there, .. }) => {
            merged(pair, mapping, units, consents, base, Some(there), unchanged)
        }
    }
}

/// Merges both sides unit by unit. `there` is nothing for a record that is not made yet.
fn merged(
    pair: &Pair,
    mapping: &Mapping,
    here: &Units,
    consents: &[String],
    base: &Units,
    there: Option<&Units>,
    mut plan: RecordPlan,
) -> RecordPlan {
    const ABSENT: Value = Value::Absent;
    plan.held_deletion = None;
    let mut push = Units::new();
    for unit in mapping.units() {
        let mine = here.get(unit).unwrap_or(&ABSENT);
        let Some(record) = there else {
            if !mine.is_absent() {
                push.insert(unit.clone(), mine.clone());
            }
            continue;
        };
        let (pulls, pushes) = (mapping.pulls(unit), mapping.pushes(unit, consents));
        // A remote that does not say a unit cannot have changed it.
        let agreed = base.get(unit);
        let theirs = record.get(unit).or(agreed).unwrap_or(&ABSENT);
        let mut is_held = false;
        // What both sides agree on from now on: never more than the remote truly holds.
        let mut agree = None;
        match merge(agreed, mine, theirs) {
            Merged::Same => agree = Some(theirs.clone()),
            // A field that only leaves is ours to say.
            Merged::Take(_) | Merged::Push(_) | Merged::Both { .. } | Merged::Hold if !pulls && pushes => {
                push.insert(unit.clone(), mine.clone());
            }
            Merged::Take(value) if pulls => {
                agree = Some(value.clone());
                plan.take.insert(unit.clone(), value);
            }
            Merged::Push(value) if pushes => {
                push.insert(unit.clone(), value);
            }
            Merged::Both { here, there, held } if pulls => {
                if here != *mine {
                    plan.take.insert(unit.clone(), here);
                }
                if there != *theirs && pushes {
                    push.insert(unit.clone(), there);
                }
                agree = Some(with_elements_of(theirs, agreed, &held));
                is_held = !held.is_empty();
            }
            Merged::Hold if pulls => is_held = true,
            // It goes no way: each side keeps its own.
            Merged::Take(_) | Merged::Push(_) | Merged::Both { .. } | Merged::Hold => {}
        }
        if let Some(value) = agree.filter(|value| base.get(unit) != Some(value)) {
            plan.base.insert(unit.clone(), value);
        }
        if is_held {
            let held = Held { base: agreed.cloned(), mine: mine.clone(), theirs: theirs.clone() };
            plan.held.insert(unit.clone(), held);
            if mutant::is(Mutant::PushHeld) {
                push.insert(unit.clone(), mine.clone());
            }
        } else {
            plan.held.remove(unit);
        }
    }
    let set = mapping.approve(push, consents);
    let expect = match &pair.remote {
        Remote::Live { version, .. } => Some(version.clone()),
        Remote::Unheard | Remote::Doubtful | Remote::Gone => plan.version.clone().or_else(|| pair.version.clone()),
    };
    plan.push = match (&pair.key, set.is_empty()) {
        (_, true) => None,
        (None, false) => Some(Push::Create { set }),
        (Some(key), false) => Some(Push::Patch { key: key.clone(), expect, set }),
    };
    if let Remote::Live { version, .. } = &pair.remote {
        plan.version = Some(version.clone());
    }
    plan
}

/// A set in which these elements are as they were agreed on: what waits for a person is not
/// agreed on.
fn with_elements_of(theirs: &Value, agreed: Option<&Value>, held: &BTreeSet<String>) -> Value {
    let Value::Set(theirs) = theirs else { return theirs.clone() };
    let mut mixed = theirs.clone();
    for key in held {
        match agreed.and_then(Value::elements).and_then(|agreed| agreed.get(key.as_str()).copied().cloned()) {
            Some(element) => mixed.insert(key.clone(), element),
            None => mixed.remove(key),
        };
    }
    Value::set(mixed)
}

/// Whether a write is without an answer: nothing more is sent before the record was read.
/// A record that has no key yet is looked for by our ID when it is made.
fn in_doubt(pair: &Pair) -> bool {
    pair.key.is_some() && !pair.intents.is_empty()
}

/// What both sides agree on once the writes without an answer are looked at in what was
/// read: the agreed values, the version, and how many of the oldest intents are settled.
///
/// A record that says how many of our writes it has seen settles exactly those. Without
/// that: a record at the version a write asked for has not seen it, or not yet; at another
/// version the write is over, and a unit that says what was sent has it. That may keep a
/// tag which somebody took off in between, and never loses an edit.
fn settle(pair: &Pair) -> (Units, usize) {
    let (mut base, mut settled) = (pair.base.clone(), 0);
    let Remote::Live { version, units, stamp } = &pair.remote else {
        return (base, 0);
    };
    for intent in &pair.intents {
        let is_seen = stamp.is_some_and(|stamp| stamp >= intent.stamp);
        if !is_seen && intent.expected.as_ref() == Some(version) {
            break;
        }
        settled += 1;
        for (unit, sent) in &intent.sent {
            if is_seen || stamp.is_none() && units.get(unit) == Some(sent) {
                base.insert(unit.clone(), sent.clone());
            }
        }
    }
    (base, settled)
}

fn pulled(units: &Units, mapping: &Mapping) -> Units {
    units.iter().filter(|(unit, _)| mapping.pulls(unit)).map(|(unit, value)| (unit.clone(), value.clone())).collect()
}

/// Whether the record says what both sides agreed on.
fn same_there(base: &Units, there: &Units, mapping: &Mapping) -> bool {
    mapping
        .units()
        .filter(|unit| mapping.pulls(unit))
        .all(|unit| there.get(unit).is_none_or(|value| base.get(unit).is_some_and(|agreed| agreed == value)))
}

/// Whether the contact says what both sides agreed on.
fn same_here(base: &Units, here: &Units, mapping: &Mapping) -> bool {
    const ABSENT: Value = Value::Absent;
    mapping.units().all(|unit| here.get(unit).unwrap_or(&ABSENT) == base.get(unit).unwrap_or(&ABSENT))
}
