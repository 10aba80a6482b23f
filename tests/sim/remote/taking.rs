//! What becomes of a write that arrives at a remote, by whatever way: taken or not, answered
//! or not.

use super::{Caps, FakeRemote, Record, failure};
use crate::{mapping, people::one_of, random::Random};
use cardfile_sync::{
    mutant::{self, Mutant},
    pair::{Key, Version},
    remote::WriteKind,
    run::{Failure, Outcome},
    value::{Units, Value},
};
use std::collections::BTreeMap;

/// What became of a write, and the record as it then is, where the remote says so.
pub(crate) type Taken = (Outcome, Option<(Key, Record)>);

/// A write as it arrives.
pub(crate) enum Arrived {
    /// A record is made, unless one with this ID is there.
    Create { external_id: String, set: Units },
    /// Units get values, only at the version that is named.
    Patch { key: Key, expect: Option<String>, set: Units },
    /// A record is deleted, only at the version that is named.
    Delete { key: Key, expect: Option<String>, is_erasure: bool },
}

impl From<WriteKind> for Arrived {
    fn from(kind: WriteKind) -> Self {
        let text = |expect: Option<Version>| expect.map(|version| version.text);
        match kind {
            WriteKind::Create { external_id, set } => Self::Create { external_id, set: set.units().clone() },
            WriteKind::Patch { key, expect, set, body: _ } => {
                Self::Patch { key, expect: text(expect), set: set.units().clone() }
            }
            // An erasure asks for no version.
            WriteKind::Delete { key, expect } => {
                Self::Delete { key, is_erasure: expect.is_none(), expect: text(expect) }
            }
        }
    }
}

impl FakeRemote {
    /// Takes a write, or not; nobody may learn which. `stamps` are what is known of how many
    /// writes the record has seen of each device, this one among them.
    pub(crate) fn write(
        &mut self,
        write: Arrived,
        stamps: BTreeMap<String, u64>,
        random: &mut Random,
    ) -> Result<Taken, Failure> {
        if self.faulty && random.percent(8) {
            return Err(failure(random));
        }
        let unknown = || Ok((Outcome::Unknown, None));
        if self.faulty && random.percent(5) {
            return unknown();
        }
        let answer = self.take(write, stamps);
        if self.faulty && random.percent(10) {
            return unknown();
        }
        Ok(answer)
    }

    fn take(&mut self, write: Arrived, stamps: BTreeMap<String, u64>) -> Taken {
        let refuse = |outcome| (outcome, None);
        let stamped = |mut record: Record, caps: Caps| {
            if caps.stamp {
                record.stamps.extend(stamps);
            }
            record
        };
        if let Arrived::Create { set, .. } | Arrived::Patch { set, .. } = &write
            && let Some(what) = mapping::leaked(set, self.mapping)
        {
            self.blame("what was not approved never leaves", what);
        }
        match write {
            Arrived::Create { external_id, set } => {
                if let Some(key) = self.with_id(&external_id).filter(|_| !mutant::is(Mutant::CreateBlindly)) {
                    return refuse(Outcome::Exists(key.clone()));
                }
                let key = if self.caps.named { external_id.clone() } else { format!("r{}", self.next) };
                let units = set.into_iter().filter(|(_, value)| !value.is_absent());
                let units = units.map(|(unit, value)| self.rewritten(unit, value)).collect();
                let record = Record { units, external_id: Some(external_id), is_ours: true, ..Record::default() };
                self.put(&key, stamped(record, self.caps));
                self.done(&key)
            }
            Arrived::Patch { key, expect, set } => {
                let Some(mut record) = self.records.get(&key).cloned() else { return refuse(Outcome::Gone) };
                if !self.is_expected(&record, expect.as_deref()) {
                    return refuse(Outcome::Precondition);
                }
                self.look_back(&key, &record.units, &set);
                self.patched.push((key.clone(), record.units.clone()));
                for (unit, value) in set {
                    let (unit, value) = self.rewritten(unit, value);
                    if value == Value::Absent {
                        record.units.remove(&unit);
                    } else {
                        record.units.insert(unit, value);
                    }
                }
                self.put(&key, stamped(record, self.caps));
                self.done(&key)
            }
            Arrived::Delete { key, expect, is_erasure } => {
                let Some(record) = self.records.get(&key) else { return refuse(Outcome::Gone) };
                if !self.is_expected(record, expect.as_deref()) {
                    return refuse(Outcome::Precondition);
                }
                if is_erasure {
                    self.erased.push((key.clone(), record.units.clone()));
                }
                self.deleted.push((key.clone(), record.clone()));
                self.drop(&key);
                self.writes += 1;
                (Outcome::Done, None)
            }
        }
    }

    /// Before people decide anything, nobody writes back what others replaced here.
    fn look_back(&mut self, key: &Key, there: &Units, set: &Units) {
        for unit in ["name", "description"] {
            if let (Some(there), Some(set)) = (one_of(there, unit), one_of(set, unit))
                && self.faulty
                && self.is_remembered
                && self.replaced.get(&(key.clone(), unit, there.clone())) == Some(&set)
            {
                self.blame("what others replaced is not written back", format!("{key}: {set} over {there}"));
            }
        }
    }

    /// What the remote makes of a value.
    fn rewritten(&self, unit: String, value: Value) -> (String, Value) {
        match value {
            Value::One(text) if self.caps.folds && unit == "description" => (unit, Value::One(text.to_uppercase())),
            value => (unit, value),
        }
    }

    fn done(&mut self, key: &Key) -> Taken {
        self.writes += 1;
        (Outcome::Done, self.records.get(key).map(|record| (key.clone(), record.clone())))
    }

    fn is_expected(&self, record: &Record, expect: Option<&str>) -> bool {
        mutant::is(Mutant::NoIfMatch) || expect.is_none_or(|expect| expect == self.version(record).text)
    }
}
