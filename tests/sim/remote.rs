//! A remote as remotes are: other people write to it, its listing lags behind, its pages
//! repeat and come in any order, answers are lost, cursors expire.

use crate::random::Random;
use cardfile_sync::{
    mutant::{self, Mutant},
    pair::{Key, Version},
    remote::WriteKind,
    run::{Failure, Outcome},
    value::{Units, Value},
};
use std::collections::{BTreeMap, BTreeSet};

/// So many of the latest changes may not show yet.
pub(crate) const LAG: usize = 4;

/// What a remote can do.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Caps {
    /// A record can hold how many of our writes it has seen.
    pub(crate) stamp: bool,
    /// Deletions are in the feed; else only a full listing lacks them.
    pub(crate) tombstones: bool,
    /// Versions are numbered, and reads may lag.
    pub(crate) numbered: bool,
    /// Makes no record under an ID that is there, and nobody looks first.
    pub(crate) creates_once: bool,
    /// Writes that are sent together.
    pub(crate) batch: usize,
    /// It rewrites descriptions.
    pub(crate) folds: bool,
}

/// A record.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct Record {
    pub(crate) units: Units,
    pub(crate) version: u64,
    /// How many writes of each device it has seen.
    pub(crate) stamps: BTreeMap<usize, u64>,
    /// The ID in it, when we made it or somebody said so.
    pub(crate) external_id: Option<String>,
}

/// What moved, where the next page begins, and whether this is the last.
pub(crate) type Moved = (Vec<(Key, Option<Record>)>, usize, bool);

/// What became of a write, and the record as it then is, where the remote says so.
pub(crate) type Taken = (Outcome, Option<(Key, Record)>);

fn failure(random: &mut Random) -> Failure {
    if random.percent(50) {
        Failure::Unreachable("no route".into())
    } else {
        Failure::Busy { after_ms: random.percent(50).then_some(10) }
    }
}

#[derive(Debug, Clone)]
pub(crate) struct FakeRemote {
    pub(crate) caps: Caps,
    pub(crate) records: BTreeMap<Key, Record>,
    /// States that a lagging read may still give.
    before: BTreeMap<Key, Record>,
    /// The feed: which record moved, in order. Position in it is the cursor.
    feed: Vec<Key>,
    next: u64,
    /// Faults happen.
    pub(crate) faulty: bool,
    /// Writes that were taken.
    pub(crate) writes: u64,
    /// What devices deleted.
    pub(crate) deleted: Vec<(Key, Record)>,
    /// What erasures removed: nobody is asked about it.
    pub(crate) erased: Vec<Units>,
    /// A unit that was never approved came in.
    pub(crate) leaked: Option<String>,
}

impl FakeRemote {
    pub(crate) fn new(caps: Caps) -> Self {
        Self {
            caps,
            records: BTreeMap::new(),
            before: BTreeMap::new(),
            feed: Vec::new(),
            next: 1,
            faulty: true,
            writes: 0,
            deleted: Vec::new(),
            erased: Vec::new(),
            leaked: None,
        }
    }

    pub(crate) fn version(&self, record: &Record) -> Version {
        Version { text: format!("v{}", record.version), order: self.caps.numbered.then_some(record.version) }
    }

    fn put(&mut self, key: &Key, mut record: Record) {
        record.version = self.next;
        self.next += 1;
        if let Some(old) = self.records.insert(key.clone(), record) {
            self.before.insert(key.clone(), old);
        }
        self.feed.push(key.clone());
    }

    fn drop(&mut self, key: &Key) {
        if let Some(old) = self.records.remove(key) {
            self.before.insert(key.clone(), old);
            self.feed.push(key.clone());
        }
    }

    /// Somebody else changes a record.
    pub(crate) fn edit(&mut self, key: &Key, change: impl FnOnce(&mut Units)) {
        if let Some(mut record) = self.records.get(key).cloned() {
            change(&mut record.units);
            record.units.retain(|_, value| !value.is_absent());
            self.put(key, record);
        }
    }

    /// Somebody else makes a record.
    pub(crate) fn create(&mut self, units: Units) -> Key {
        let key = format!("r{}", self.next);
        self.put(&key, Record { units, ..Record::default() });
        key
    }

    /// Somebody else deletes a record.
    pub(crate) fn delete(&mut self, key: &Key) {
        self.drop(key);
    }

    /// A page after the cursor: rows, where the next begins, and whether it is the last.
    pub(crate) fn page(&self, cursor: Option<usize>, random: &mut Random) -> Result<Option<Moved>, Failure> {
        if self.faulty && random.percent(8) {
            return Err(failure(random));
        }
        if self.faulty && cursor.is_some() && random.percent(4) {
            return Ok(None);
        }
        let from = cursor.unwrap_or(0);
        let to = (from + 1 + random.below(3)).min(self.feed.len());
        let mut keys: Vec<Key> = self.feed[from.min(to)..to].to_vec();
        if self.faulty && random.percent(20) {
            // A row of the page before comes again.
            keys.extend(self.feed.get(from.wrapping_sub(1)).cloned());
        }
        if random.percent(50) {
            keys.reverse();
        }
        let rows =
            keys.into_iter().map(|key| (self.read_lagging(&key, random), key)).map(|(record, key)| (key, record));
        // A remote without tombstones says nothing of what is gone.
        let rows = rows.filter(|(_, record)| self.caps.tombstones || record.is_some()).collect();
        Ok(Some((rows, to, to == self.feed.len())))
    }

    fn read_lagging(&self, key: &Key, random: &mut Random) -> Option<Record> {
        let is_recent = self.feed.iter().rev().take(LAG).any(|moved| moved == key);
        let is_behind = self.faulty && self.caps.numbered && is_recent && random.percent(20);
        is_behind.then(|| self.before.get(key).cloned()).flatten().or_else(|| self.records.get(key).cloned())
    }

    /// How far the feed has come.
    pub(crate) fn now(&self) -> usize {
        self.feed.len()
    }

    /// The keys of a complete listing. Rows move between its pages while others write, and
    /// one that is there may be in none of them.
    pub(crate) fn listing(&self, random: &mut Random) -> BTreeSet<Key> {
        self.records.keys().filter(|_| !(self.faulty && random.percent(3))).cloned().collect()
    }

    /// A record with our ID; the search may lag behind.
    pub(crate) fn find(&self, external_id: &str, random: &mut Random) -> Option<Key> {
        if self.faulty && self.caps.numbered && random.percent(20) {
            return None;
        }
        self.records
            .iter()
            .find(|(_, record)| record.external_id.as_deref() == Some(external_id))
            .map(|(key, _)| key.clone())
    }

    /// Takes a write, or not; nobody may learn which.
    pub(crate) fn write(
        &mut self,
        write: WriteKind,
        stamp: (usize, u64),
        random: &mut Random,
    ) -> Result<Taken, Failure> {
        if self.faulty && random.percent(8) {
            return Err(failure(random));
        }
        let unknown = || Ok((Outcome::Unknown, None));
        if self.faulty && random.percent(5) {
            return unknown();
        }
        let answer = self.take(write, stamp);
        if self.faulty && random.percent(10) {
            return unknown();
        }
        Ok(answer)
    }

    fn take(&mut self, write: WriteKind, stamp: (usize, u64)) -> Taken {
        let refuse = |outcome| (outcome, None);
        let stamped = |mut record: Record, caps: Caps| {
            if caps.stamp {
                record.stamps.insert(stamp.0, stamp.1);
            }
            record
        };
        if let WriteKind::Create { set, .. } | WriteKind::Patch { set, .. } = &write {
            let set = set.units();
            let approved = ["name", "description", "tags", "nick"];
            // Every other person wants news.
            let unwanted = |text: &str| {
                text.rsplit(' ')
                    .next()
                    .and_then(|number| number.parse::<u64>().ok())
                    .is_some_and(|number| number % 2 == 1)
            };
            if let Some(Value::One(text)) =
                set.get("nick").filter(|value| matches!(value, Value::One(text) if unwanted(text)))
            {
                self.leaked = Some(text.clone());
            }
            self.leaked = set.keys().find(|unit| !approved.contains(&unit.as_str())).cloned().or(self.leaked.take());
        }
        match write {
            WriteKind::Create { external_id, set } => {
                let known = self.records.iter().find(|(_, record)| record.external_id.as_ref() == Some(&external_id));
                if let Some((key, _)) = known.filter(|_| !mutant::is(Mutant::CreateBlindly)) {
                    return refuse(Outcome::Exists(key.clone()));
                }
                let key = format!("r{}", self.next);
                let units = set.units().clone().into_iter().filter(|(_, value)| !value.is_absent());
                let units = units.map(|(unit, value)| self.rewritten(unit, value)).collect();
                let record = Record { units, external_id: Some(external_id), ..Record::default() };
                self.put(&key, stamped(record, self.caps));
                self.done(&key)
            }
            WriteKind::Patch { key, expect, set, body: _ } => {
                let Some(mut record) = self.records.get(&key).cloned() else { return refuse(Outcome::Gone) };
                if !self.is_expected(&record, expect.as_ref()) {
                    return refuse(Outcome::Precondition);
                }
                for (unit, value) in set.units().clone() {
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
            WriteKind::Delete { key, expect } => {
                let Some(record) = self.records.get(&key) else { return refuse(Outcome::Gone) };
                if !self.is_expected(record, expect.as_ref()) {
                    return refuse(Outcome::Precondition);
                }
                // An erasure asks for no version.
                if expect.is_none() {
                    self.erased.push(record.units.clone());
                }
                self.deleted.push((key.clone(), record.clone()));
                self.drop(&key);
                self.writes += 1;
                (Outcome::Done, None)
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

    fn is_expected(&self, record: &Record, expect: Option<&Version>) -> bool {
        mutant::is(Mutant::NoIfMatch) || expect.is_none_or(|expect| *expect == self.version(record))
    }
}
