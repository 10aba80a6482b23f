//! A remote as remotes are: other people write to it, its listing lags behind, its pages
//! repeat and come in any order, answers are lost, cursors expire, records are spoilt.

mod taking;

pub(crate) use taking::Arrived;

use crate::{people::one_of, random::Random, world::Broken};
use cardfile_sync::{
    mapping::Mapping,
    pair::{Key, Version},
    run::Failure,
    value::Units,
};
use std::collections::{BTreeMap, BTreeSet};

/// So many of the latest changes may not show yet.
pub(crate) const LAG: usize = 4;

/// How a remote is reached.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Way {
    /// By a connector of its own.
    Direct,
    /// By requests that a manifest describes.
    Described {
        /// Writes may ask for a version.
        compares: bool,
    },
}

/// What a remote can do.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Caps {
    /// How it is reached.
    pub(crate) way: Way,
    /// A record can hold how many of our writes it has seen.
    pub(crate) stamp: bool,
    /// Deletions are in the feed; else only a full listing lacks them.
    pub(crate) tombstones: bool,
    /// Versions are numbered.
    pub(crate) numbered: bool,
    /// Reads may lag.
    pub(crate) lags: bool,
    /// Makes no record under an ID that is there, and nobody looks first.
    pub(crate) creates_once: bool,
    /// Writes that are sent together.
    pub(crate) batch: usize,
    /// It rewrites descriptions.
    pub(crate) folds: bool,
    /// The key of a record is the ID that whoever made it gave it: one that is made again has
    /// the key that it had.
    pub(crate) named: bool,
    /// Only programs like ours write to it: their IDs are of one kind.
    pub(crate) is_hub: bool,
}

impl Caps {
    /// Of some remote.
    pub(crate) fn any(random: &mut Random) -> Self {
        let (stamp, tombstones, numbered) = (random.percent(60), random.percent(70), random.percent(50));
        Self {
            way: Way::Direct,
            stamp,
            tombstones,
            numbered,
            lags: numbered,
            creates_once: random.percent(30),
            batch: 1 + random.below(3),
            folds: random.percent(30),
            named: random.percent(30),
            is_hub: false,
        }
    }

    /// The same behind a manifest.
    pub(crate) fn described(self, random: &mut Random) -> Self {
        Self { way: Way::Described { compares: random.percent(60) }, ..self }
    }

    /// Of the database of a team: what PostgreSQL can do.
    pub(crate) fn of_team(random: &mut Random) -> Self {
        Self {
            way: Way::Direct,
            stamp: true,
            tombstones: true,
            numbered: true,
            lags: false,
            creates_once: true,
            batch: 1 + random.below(3),
            folds: false,
            named: true,
            is_hub: true,
        }
    }
}

/// A record.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct Record {
    pub(crate) units: Units,
    pub(crate) version: u64,
    /// How many writes of each device it has seen.
    pub(crate) stamps: BTreeMap<String, u64>,
    /// The ID in it, when we made it or somebody said so.
    pub(crate) external_id: Option<String>,
    /// A device made it.
    pub(crate) is_ours: bool,
    /// Nobody can read it.
    pub(crate) is_spoilt: bool,
}

/// What moved, where the next page begins, and whether this is the last.
pub(crate) type Moved = (Vec<(Key, Option<Record>)>, usize, bool);

/// Nothing happened, and why.
pub(crate) fn failure(random: &mut Random) -> Failure {
    if random.percent(50) {
        Failure::Unreachable("no route".into())
    } else {
        Failure::Busy { after_ms: random.percent(50).then_some(10) }
    }
}

pub(crate) struct FakeRemote {
    pub(crate) caps: Caps,
    /// What may leave for here.
    pub(crate) mapping: &'static Mapping,
    pub(crate) records: BTreeMap<Key, Record>,
    /// Keys of records that were there.
    pub(crate) gone: BTreeSet<Key>,
    /// States that a lagging read may still give.
    pub(crate) before: BTreeMap<Key, Record>,
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
    pub(crate) erased: Vec<(Key, Units)>,
    /// Records that our writes changed, as they were before.
    pub(crate) patched: Vec<(Key, Units)>,
    /// Records that a device made which did not know that it had lost the remote.
    pub(crate) late: Vec<Units>,
    /// What others replaced by what, by record and unit.
    replaced: BTreeMap<(Key, &'static str, String), String>,
    /// No device lost what it knew, or knows something that no other does.
    pub(crate) is_remembered: bool,
    /// A promise that was broken here.
    pub(crate) fault: Option<Broken>,
}

impl FakeRemote {
    pub(crate) fn new(caps: Caps, mapping: &'static Mapping) -> Self {
        Self {
            caps,
            mapping,
            records: BTreeMap::new(),
            gone: BTreeSet::new(),
            before: BTreeMap::new(),
            feed: Vec::new(),
            next: 1,
            faulty: true,
            writes: 0,
            deleted: Vec::new(),
            erased: Vec::new(),
            patched: Vec::new(),
            late: Vec::new(),
            replaced: BTreeMap::new(),
            is_remembered: true,
            fault: None,
        }
    }

    /// A promise is broken. The first one counts.
    pub(crate) fn blame(&mut self, promise: &'static str, what: String) {
        self.fault.get_or_insert((promise, what));
    }

    pub(crate) fn version(&self, record: &Record) -> Version {
        Version { text: format!("v{}", record.version), order: self.caps.numbered.then_some(record.version) }
    }

    fn put(&mut self, key: &Key, mut record: Record) {
        record.version = self.next;
        self.next += 1;
        self.gone.remove(key);
        if let Some(old) = self.records.insert(key.clone(), record) {
            self.before.insert(key.clone(), old);
        }
        self.feed.push(key.clone());
    }

    fn drop(&mut self, key: &Key) {
        if let Some(old) = self.records.remove(key) {
            self.before.insert(key.clone(), old);
            self.gone.insert(key.clone());
            self.feed.push(key.clone());
        }
    }

    /// Somebody else changes a record; one that was spoilt is mended by the way.
    pub(crate) fn edit(&mut self, key: &Key, change: impl FnOnce(&mut Units)) {
        if let Some(mut record) = self.records.get(key).cloned() {
            let before = record.units.clone();
            change(&mut record.units);
            record.units.retain(|_, value| !value.is_absent());
            record.is_spoilt = false;
            for unit in ["name", "description"] {
                if let (Some(before), Some(after)) = (one_of(&before, unit), one_of(&record.units, unit))
                    && before != after
                {
                    self.replaced.insert((key.clone(), unit, after), before);
                }
            }
            self.put(key, record);
        }
    }

    /// Somebody else makes a record.
    pub(crate) fn create(&mut self, units: Units) -> Key {
        let key = if self.caps.is_hub { format!("ctc_{:026}", self.next) } else { format!("r{}", self.next) };
        let external_id = self.caps.named.then(|| key.clone());
        self.put(&key, Record { units, external_id, ..Record::default() });
        key
    }

    /// Somebody else makes a record under a key that was another's, with its ID or without. Gives
    /// the other records that are gone and had this ID.
    pub(crate) fn make_again(&mut self, key: &Key, units: Units, keeps_id: bool) -> Vec<(Key, Units)> {
        let known = self.before.get(key).and_then(|record| record.external_id.clone());
        let external_id = known.filter(|id| (keeps_id || self.caps.named) && self.with_id(id).is_none());
        let gone = self.gone.iter().filter(|gone| *gone != key);
        let gone = gone.filter_map(|gone| Some((gone, self.before.get(gone)?)));
        let had_it = gone.filter(|(_, record)| external_id.is_some() && record.external_id == external_id);
        let had_it = had_it.map(|(gone, record)| (gone.clone(), record.units.clone())).collect();
        self.put(key, Record { units, external_id, ..Record::default() });
        had_it
    }

    /// Somebody else deletes a record.
    pub(crate) fn delete(&mut self, key: &Key) {
        self.drop(key);
    }

    /// Somebody else makes a record such that nobody can read it.
    pub(crate) fn spoil(&mut self, key: &Key) {
        if let Some(record) = self.records.get(key).cloned() {
            self.put(key, Record { is_spoilt: true, ..record });
        }
    }

    /// No faults happen from now on, and what was spoilt can be read.
    pub(crate) fn calm(&mut self) {
        self.faulty = false;
        let spoilt: Vec<Key> =
            self.records.iter().filter(|(_, record)| record.is_spoilt).map(|(key, _)| key.clone()).collect();
        for key in spoilt {
            self.edit(&key, |_| {});
        }
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
        let is_behind = self.faulty && self.caps.lags && is_recent && random.percent(20);
        is_behind.then(|| self.before.get(key).cloned()).flatten().or_else(|| self.records.get(key).cloned())
    }

    /// How far the feed has come.
    pub(crate) fn now(&self) -> usize {
        self.feed.len()
    }

    /// The number of the latest version.
    pub(crate) fn latest(&self) -> u64 {
        self.next - 1
    }

    /// Whether a record moved again after a place of the feed.
    pub(crate) fn moves_after(&self, key: &Key, place: usize) -> bool {
        self.feed[place..].contains(key)
    }

    /// The keys of a complete listing. Rows move between its pages while others write, and
    /// one that is there may be in none of them.
    pub(crate) fn listing(&self, random: &mut Random) -> BTreeSet<Key> {
        self.records.keys().filter(|_| !(self.faulty && random.percent(3))).cloned().collect()
    }

    /// A record with our ID; the search may lag behind.
    pub(crate) fn find(&self, external_id: &str, random: &mut Random) -> Option<Key> {
        if self.faulty && self.caps.lags && random.percent(20) {
            return None;
        }
        self.with_id(external_id).cloned()
    }

    fn with_id(&self, external_id: &str) -> Option<&Key> {
        let mut records = self.records.iter();
        records.find(|(_, record)| record.external_id.as_deref() == Some(external_id)).map(|(key, _)| key)
    }
}
