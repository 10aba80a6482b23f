//! A device: contacts, and what is known of them at each remote. It carries out the
//! effects of a run, each write as one transaction, and has no rule of its own.

use crate::{
    random::Random,
    remote::{Answer, FakeRemote, LAG, Record, Row, Write},
};
use cardfile_sync::{
    mapping::{Approved, Direction, Mapping, Rule},
    mutant::{self, Mutant},
    pair::{Intent, Key, Local, Pair, Remote},
    plan::{Limits, Plan, plan},
    record::Push,
    run::{Effect, Event, Kind, Op, Outcome},
    value::{Units, Value},
};
use std::collections::{BTreeMap, BTreeSet};

/// A contact.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct Contact {
    pub(crate) units: Units,
    pub(crate) deleted: bool,
    /// Counts its changes.
    pub(crate) seq: u64,
}

/// What is kept of a remote. What is not in here does not survive a crash.
#[derive(Debug, Clone, Default)]
pub(crate) struct Known {
    pub(crate) pairs: BTreeMap<Op, Pair>,
    pub(crate) dirty: BTreeSet<Op>,
    /// Keys of records that both sides know to be gone.
    tombstones: BTreeSet<Key>,
    cursor: Option<usize>,
    /// From here on the last run may have read too early.
    lagged_from: usize,
    /// Keys met since the listing began, when it began at its beginning.
    listed: Option<BTreeSet<Key>>,
    stamp: u64,
}

#[derive(Debug, Clone, Default)]
pub(crate) struct Device {
    pub(crate) contacts: BTreeMap<Op, Contact>,
    pub(crate) known: Vec<Known>,
    next: Op,
    number: usize,
    /// Contacts of people who were erased.
    pub(crate) erased: BTreeSet<Op>,
}

/// What a run holds in memory; a crash loses it.
#[derive(Default)]
pub(crate) struct Memory {
    rows: Vec<Row>,
    /// A page of it is kept.
    begun: bool,
    /// A person was asked and agreed.
    asked: bool,
    /// More was deleted than may be without asking.
    pub(crate) unasked: Option<u32>,
    /// The power goes out within the next transaction that is none.
    pub(crate) cut: bool,
    /// From here on its reads may lag behind.
    lags_from: Option<usize>,
    to: Option<usize>,
    last: bool,
    /// Records read by key: what they say is so.
    exact: Vec<(Op, Row)>,
    plan: Option<(Plan, BTreeMap<Op, u64>)>,
    pushes: BTreeMap<Op, (Push, u64)>,
    answer: Option<Row>,
    /// What was planned, for a person who looks at a seed.
    pub(crate) said: String,
}

pub(crate) fn mapping() -> Mapping {
    let rule =
        |direction, approved, purpose: Option<&str>| Rule { direction, approved, purpose: purpose.map(str::to_owned) };
    let both = || rule(Direction::Both, true, None);
    let rules = [
        ("name", both()),
        ("note", both()),
        ("tags", both()),
        ("seen", rule(Direction::Pull, true, None)),
        ("internal", rule(Direction::Both, false, None)),
        ("promo", rule(Direction::Push, true, Some("news"))),
    ];
    Mapping(rules.into_iter().map(|(unit, rule)| (unit.to_owned(), rule)).collect())
}

impl Device {
    pub(crate) fn new(number: usize, remotes: usize) -> Self {
        // Its own numbers, so that no two devices mean different people by one.
        Self { known: vec![Known::default(); remotes], next: number as Op * 1_000 + 1, number, ..Self::default() }
    }

    /// A person changes a contact.
    pub(crate) fn edit(&mut self, op: Op, change: impl FnOnce(&mut Contact)) {
        self.put(op, change, None);
    }

    /// Somebody wants to be forgotten.
    pub(crate) fn erase(&mut self, op: Op) {
        self.contacts.remove(&op);
        self.erased.insert(op);
        self.known.iter_mut().for_each(|known| {
            known.dirty.insert(op);
        });
    }

    pub(crate) fn create(&mut self, mut units: Units) -> Op {
        let op = self.next;
        self.next += 1;
        for unit in ["internal", "promo"] {
            units.insert(unit.to_owned(), Value::one(format!("{unit} {op}")));
        }
        self.put(op, |contact| contact.units = units, None);
        op
    }

    /// The write door: a change marks the contact for every remote but the one it came from.
    fn put(&mut self, op: Op, change: impl FnOnce(&mut Contact), from: Option<usize>) {
        let contact = self.contacts.entry(op).or_default();
        let before = contact.clone();
        change(contact);
        contact.units.retain(|_, value| !value.is_absent());
        if *contact == before {
            return;
        }
        contact.seq += 1;
        for (remote, known) in self.known.iter_mut().enumerate() {
            if from != Some(remote) {
                known.dirty.insert(op);
            }
        }
    }

    pub(crate) fn local(&self, op: Op, known: &Known) -> Local {
        if self.erased.contains(&op) {
            return Local::Erased { there: true };
        }
        match self.contacts.get(&op) {
            None => Local::Absent,
            Some(contact) if !contact.deleted => {
                // Every other person wants news.
                let consents = op.is_multiple_of(2).then(|| "news".to_owned()).into_iter().collect();
                Local::Live { units: contact.units.clone(), consents }
            }
            // Deleted before any remote knew it: nothing to tell.
            Some(contact) if known.pairs.contains_key(&op) => Local::Deleted { units: contact.units.clone() },
            Some(_) => Local::Absent,
        }
    }

    /// Carries out one effect and says what happened.
    pub(crate) fn perform(
        &mut self,
        at: usize,
        remote: &mut FakeRemote,
        memory: &mut Memory,
        effect: Effect,
        random: &mut Random,
    ) -> Option<Event> {
        Some(match effect {
            Effect::TakeLease => Event::Leased(true),
            Effect::Identify => Event::Identified(true),
            Effect::Wait { .. } => Event::Waited,
            Effect::Release => return None,
            Effect::Ask(_) => {
                memory.asked = true;
                Event::Answered(true)
            }
            Effect::Pull => match remote.page(self.begin(at, remote, memory), random) {
                Err(failure) => Event::Failed(failure),
                Ok(None) => Event::CursorExpired,
                Ok(Some((rows, to, last))) => {
                    (memory.rows, memory.to, memory.last) = (rows, Some(to), last);
                    Event::Read
                }
            },
            Effect::ForgetCursor => {
                self.known[at].cursor = None;
                self.known[at].listed = Some(BTreeSet::new());
                Event::Staged { more: true, doubtful: BTreeSet::new() }
            }
            Effect::Stage => self.stage(at, remote, memory, random),
            Effect::ReadRecords(ops) => {
                for op in ops {
                    let key = self.known[at].pairs.get(&op).and_then(|pair| pair.key.clone());
                    let key = key.or_else(|| remote.find(op, random));
                    // A search that may lag proves nothing.
                    if key.is_none()
                        && !remote.caps.numbered
                        && let Some(pair) = self.known[at].pairs.get_mut(&op)
                    {
                        pair.not_found();
                    }
                    memory.exact.extend(key.map(|key| (op, remote.read(&key))));
                    self.known[at].dirty.insert(op);
                }
                Event::Read
            }
            Effect::Plan => self.plan(at, memory),
            Effect::Apply => self.apply(at, memory),
            Effect::Find(op) => Event::Found(remote.find(op, random)),
            Effect::Keep(op) => self.keep(at, memory, op),
            Effect::Send(op) => {
                let Some((push, stamp)) = memory.pushes.get(&op).cloned() else {
                    return Some(Event::Answer(Outcome::Unknown));
                };
                match remote.write(write_of(op, push), (self.number, stamp), random) {
                    Err(failure) => Event::Failed(failure),
                    Ok(Answer { outcome, row }) => {
                        memory.answer = row;
                        Event::Answer(outcome)
                    }
                }
            }
            Effect::Settle(op, outcome) => self.settle(at, remote, memory, op, outcome),
        })
    }

    /// Where the next page begins. What may have lagged behind in the run before is read again.
    fn begin(&mut self, at: usize, remote: &FakeRemote, memory: &mut Memory) -> Option<usize> {
        let known = &self.known[at];
        if memory.begun || !remote.caps.numbered {
            return known.cursor;
        }
        memory.lags_from.get_or_insert(remote.now().saturating_sub(LAG));
        known.cursor.map(|to| to.min(known.lagged_from))
    }

    fn observe(&mut self, at: usize, op: Op, remote: &FakeRemote, key: &Key, record: Option<&Record>) {
        let pair = self.known[at].pairs.entry(op).or_default();
        pair.key = Some(key.clone());
        pair.observe(match record {
            None => Remote::Gone,
            Some(record) => Remote::Live {
                version: remote.version(record),
                // A whole record was read: what it does not say is empty.
                units: mapping()
                    .units()
                    .map(|unit| (unit.clone(), record.units.get(unit).cloned().unwrap_or_default()))
                    .collect(),
                stamp: remote.caps.stamp.then(|| record.stamps.get(&self.number).copied().unwrap_or(0)),
            },
        });
    }

    /// Whether the contact of this number is its own.
    pub(crate) fn made(&self, op: Op) -> bool {
        op / 1_000 == self.number as Op
    }

    pub(crate) fn knows(&self, at: usize, key: &Key) -> bool {
        self.op_of(at, key).is_some()
    }

    pub(crate) fn op_of(&self, at: usize, key: &Key) -> Option<Op> {
        self.known[at].pairs.iter().find(|(_, pair)| pair.key.as_ref() == Some(key)).map(|(op, _)| *op)
    }

    fn stage(&mut self, at: usize, remote: &FakeRemote, memory: &mut Memory, random: &mut Random) -> Event {
        // A transaction of its own for the cursor: what comes after it may never happen.
        if mutant::is(Mutant::CursorBeforeRows)
            && let Some(to) = memory.to
        {
            self.known[at].cursor = Some(to);
            if memory.cut {
                memory.rows.clear();
            }
        }
        for (op, row) in std::mem::take(&mut memory.exact) {
            self.observe(at, op, remote, &row.key, row.record.as_ref());
        }
        for row in std::mem::take(&mut memory.rows) {
            if let Some(listed) = &mut self.known[at].listed {
                listed.insert(row.key.clone());
            }
            let by_id = row
                .record
                .as_ref()
                .and_then(|record| record.external_id)
                .filter(|op| self.contacts.contains_key(op) || self.erased.contains(op));
            match (self.op_of(at, &row.key), row.record) {
                (Some(op), Some(record)) => self.observe(at, op, remote, &row.key, Some(&record)),
                // A feed may lag: what it says is gone is read before it is believed.
                (Some(op), None) => self.doubt(at, op),
                (None, None) => {}
                (None, Some(_))
                    if self.known[at].tombstones.contains(&row.key) && !mutant::is(Mutant::AbsenceIsDeletion) => {}
                (None, Some(record)) => {
                    let op = by_id.unwrap_or_else(|| {
                        self.next += 1;
                        self.next - 1
                    });
                    let pair = self.known[at].pairs.entry(op).or_default();
                    let is_other = pair.key.as_ref().is_some_and(|known| *known != row.key);
                    if is_other && !pair.relink(row.key.clone(), &remote.version(&record)) {
                        continue;
                    }
                    self.observe(at, op, remote, &row.key, Some(&record));
                }
            }
        }
        let is_page = memory.to.is_some();
        if let Some(to) = memory.to.take() {
            self.known[at].cursor = Some(to);
            memory.begun = true;
            if let Some(from) = memory.lags_from.take() {
                self.known[at].lagged_from = from;
            }
        }
        let more = !std::mem::replace(&mut memory.last, true);
        if is_page && !more {
            let listed = self.known[at].listed.take();
            // Without tombstones a full listing says what is gone, by leaving it out.
            let listed = listed.or_else(|| (!remote.caps.tombstones).then(|| remote.listing(random)));
            if let Some(listed) = listed {
                let missing: Vec<Op> = self.known[at]
                    .pairs
                    .iter()
                    .filter(|(_, pair)| pair.key.as_ref().is_some_and(|key| !listed.contains(key)))
                    .map(|(op, _)| *op)
                    .collect();
                if mutant::is(Mutant::AbsenceIsDeletion) {
                    for op in missing {
                        if let Some(key) = self.known[at].pairs[&op].key.clone() {
                            self.observe(at, op, remote, &key, None);
                        }
                    }
                } else {
                    missing.into_iter().for_each(|op| self.doubt(at, op));
                }
            }
        }
        let is_doubtful = |pair: &Pair| pair.remote == Remote::Doubtful;
        let doubtful = self.known[at].pairs.iter().filter(|(_, pair)| is_doubtful(pair)).map(|(op, _)| *op).collect();
        Event::Staged { more, doubtful }
    }

    fn doubt(&mut self, at: usize, op: Op) {
        self.known[at].pairs.entry(op).or_default().remote = Remote::Doubtful;
    }

    /// Everything that moved: marked here, or read there.
    fn plan(&mut self, at: usize, memory: &mut Memory) -> Event {
        let known = &self.known[at];
        let moved = known.pairs.iter().filter(|(_, pair)| pair.remote != Remote::Unheard).map(|(op, _)| *op);
        let ops: BTreeSet<Op> = known.dirty.iter().copied().chain(moved).collect();
        let mut pairs = BTreeMap::new();
        for op in ops {
            let local = self.local(op, known);
            pairs.insert(op, Pair { local, ..known.pairs.get(&op).cloned().unwrap_or_default() });
        }
        let linked = known.pairs.len() as u32;
        let made = plan(&pairs, &mapping(), linked, Limits::default());
        let reads = made.records.iter().filter(|(_, record)| record.reads).map(|(op, _)| *op).collect();
        let seqs = pairs.keys().map(|op| (*op, self.seq(*op))).collect();
        memory.said = format!("{:?}", made.records);
        let questions = made.questions.clone();
        memory.plan = Some((made, seqs));
        Event::Planned { questions, reads }
    }

    /// Tells a contact from what it was; an erasure is a change like no other.
    fn seq(&self, op: Op) -> u64 {
        if self.erased.contains(&op) { u64::MAX } else { self.contacts.get(&op).map_or(0, |contact| contact.seq) }
    }

    fn apply(&mut self, at: usize, memory: &mut Memory) -> Event {
        let Some((made, seqs)) = memory.plan.take() else { return Event::Moved };
        if seqs.iter().any(|(op, seq)| self.seq(*op) != *seq) {
            return Event::Moved;
        }
        let deletions = made.totals.deleted_here.max(made.totals.deleted_there);
        let most = Limits::default().deletions.max(self.known[at].pairs.len() as u32 / 50);
        memory.unasked = (deletions > most && !memory.asked).then_some(deletions);
        memory.pushes.clear();
        let mut writes = Vec::new();
        // Looked at: from now on only what is marked again or read again.
        for op in seqs.keys() {
            self.known[at].dirty.remove(op);
            // What is still in doubt is read by the next run.
            if let Some(pair) = self.known[at].pairs.get_mut(op).filter(|pair| pair.remote != Remote::Doubtful) {
                pair.remote = Remote::Unheard;
            }
        }
        for (op, record) in made.records {
            if record.creates_contact || !record.take.is_empty() {
                self.put(op, |contact| contact.units.extend(record.take.clone()), Some(at));
            }
            if record.bins_contact {
                self.put(op, |contact| contact.deleted = true, Some(at));
            }
            let known = &mut self.known[at];
            if record.forgets {
                if let Some(Pair { key: Some(key), .. }) = known.pairs.remove(&op) {
                    known.tombstones.insert(key);
                }
                continue;
            }
            let pair = known.pairs.entry(op).or_default();
            pair.base.extend(record.base);
            pair.version = record.version;
            pair.held = record.held;
            pair.held_deletion = record.held_deletion;
            if let Some(push) = record.push {
                let kind = if matches!(push, Push::Create { .. }) { Kind::Create } else { Kind::Change };
                writes.push((op, kind));
                memory.pushes.insert(op, (push, 0));
                // Until it is settled.
                known.dirty.insert(op);
            } else if record.reads {
                known.dirty.insert(op);
            }
        }
        Event::Applied(writes)
    }

    fn keep(&mut self, at: usize, memory: &mut Memory, op: Op) -> Event {
        // What may not leave any more does not.
        let local = self.local(op, &self.known[at]);
        let may_leave = match (&local, memory.pushes.get(&op).map(|(push, _)| push)) {
            (Local::Live { consents, .. }, Some(Push::Create { set } | Push::Patch { set, .. })) => {
                mapping().approve(set.units().clone(), consents) == *set
            }
            (_, Some(Push::Create { .. } | Push::Patch { .. })) => false,
            (_, Some(Push::Delete { .. }) | None) => true,
        };
        if !may_leave {
            return Event::Stale;
        }
        let known = &mut self.known[at];
        known.stamp += 1;
        let stamp = known.stamp;
        if let Some((push, number)) = memory.pushes.get_mut(&op) {
            *number = stamp;
            let (sent, expected) = match push {
                Push::Create { set } => (set.units().clone(), None),
                Push::Patch { set, expect, .. } => (set.units().clone(), expect.clone()),
                Push::Delete { expect, .. } => (Units::new(), expect.clone()),
            };
            let pair = known.pairs.entry(op).or_default();
            if mutant::is(Mutant::BaseBeforeAnswer) {
                pair.base.extend(sent.clone());
            }
            if !mutant::is(Mutant::NoIntents) {
                pair.intents.push(Intent { sent, expected, stamp });
            }
        }
        Event::Kept
    }

    fn settle(&mut self, at: usize, remote: &FakeRemote, memory: &mut Memory, op: Op, outcome: Outcome) -> Event {
        let push = memory.pushes.remove(&op);
        let row = memory.answer.take();
        let known = &mut self.known[at];
        match (outcome, push) {
            (Outcome::Done, Some((Push::Delete { .. }, _))) | (Outcome::Gone, Some((Push::Delete { .. }, _))) => {
                if let Some(Pair { key: Some(key), .. }) = known.pairs.remove(&op) {
                    known.tombstones.insert(key);
                }
                known.dirty.remove(&op);
            }
            (Outcome::Done, Some((push, stamp))) => {
                let sent = sent_units(&push);
                let pair = known.pairs.entry(op).or_default();
                if let Some(Row { key, record: Some(record) }) = row {
                    let said = |unit: &String| (unit.clone(), record.units.get(unit).cloned().unwrap_or_default());
                    pair.write_done(stamp, remote.version(&record), sent.units().keys().map(said).collect());
                    pair.key = Some(key);
                }
                // It stays marked: the next plan sees whether anything is left.
            }
            (Outcome::Exists(key), _) => known.pairs.entry(op).or_default().key = Some(key),
            // It did not happen, and cannot any more.
            (Outcome::Precondition | Outcome::Gone | Outcome::Rejected(_), Some((_, stamp))) => {
                if let Some(pair) = known.pairs.get_mut(&op) {
                    pair.write_refused(stamp);
                }
            }
            (Outcome::Unknown, _) | (_, None) => {}
        }
        Event::Settled
    }

    /// A person decides what waits.
    pub(crate) fn decide(&mut self, at: usize, op: Op, unit: &str, take_theirs: bool) {
        let mine = self.contacts.get(&op).and_then(|contact| contact.units.get(unit)).cloned().unwrap_or_default();
        let Some(pair) = self.known[at].pairs.get_mut(&op) else { return };
        let theirs = pair.decide(unit, &mine, take_theirs);
        self.known[at].dirty.insert(op);
        if let Some(theirs) = theirs {
            self.put(op, |contact| drop(contact.units.insert(unit.to_owned(), theirs)), None);
        }
    }

    /// A person decides that a deletion stands, or that the contact stays.
    pub(crate) fn decide_deletion(&mut self, at: usize, op: Op, stands: bool) {
        if let Some(pair) = self.known[at].pairs.get_mut(&op) {
            pair.decide_deletion(stands);
        }
        self.put(op, |contact| contact.deleted = stands, None);
        self.known[at].dirty.insert(op);
    }
}

fn sent_units(push: &Push) -> Approved {
    match push {
        Push::Create { set } | Push::Patch { set, .. } => set.clone(),
        Push::Delete { .. } => Approved::default(),
    }
}

fn write_of(op: Op, push: Push) -> Write {
    match push {
        Push::Create { set } => Write::Create { external_id: op, set: set.units().clone() },
        Push::Patch { key, expect, set } => Write::Patch { key, expect, set: set.units().clone() },
        Push::Delete { key, expect } => Write::Delete { key, expect },
    }
}
