//! One schedule: people and other programs do things in any order, everything that can
//! fail fails, then everything is left in peace and what must hold is looked at.

use crate::{
    device::{Device, Memory},
    random::Random,
    remote::{Caps, FakeRemote},
};
use cardfile_sync::{
    record::Key,
    run::{Effect, End, Event, Op, Run, step},
    value::{Element, Units, Value},
};
use std::{
    cell::Cell,
    collections::{BTreeMap, BTreeSet},
};

/// Steps of one run: more means that it does not end.
const STEPS: usize = 2_000;
/// Rounds over all remotes in peace until nothing moves.
const ROUNDS: usize = 8;

/// What went wrong, by the name of the promise.
pub(crate) type Broken = (&'static str, String);

pub(crate) struct World {
    random: Random,
    device: Device,
    remotes: Vec<FakeRemote>,
    /// Makes every value that is written a new one.
    next: u64,
    /// Values of units that somebody replaced, emptied or gave up having seen them.
    given_up: BTreeSet<String>,
    /// Every value that a person wrote.
    written: BTreeSet<String>,
    tags_added: BTreeSet<String>,
    tags_removed: BTreeSet<String>,
    /// Tags that others took off a record.
    taken_off: BTreeMap<(usize, Key), BTreeSet<String>>,
    /// People delete contacts and records too.
    deletions: bool,
    /// What happened, for a person who looks at a seed.
    pub(crate) story: Vec<String>,
    log: bool,
    /// Tags that came back where no stamp could tell.
    pub(crate) returned: Cell<u64>,
}

impl World {
    pub(crate) fn new(seed: u64, remotes: usize, deletes: bool, log: bool) -> Self {
        let mut random = Random(seed);
        let caps = |random: &mut Random| Caps {
            stamp: random.percent(60),
            tombstones: random.percent(70),
            numbered: random.percent(50),
        };
        let remotes = (0..remotes).map(|_| FakeRemote::new(caps(&mut random))).collect::<Vec<_>>();
        Self {
            device: Device::new(remotes.len()),
            remotes,
            random,
            next: 0,
            given_up: BTreeSet::new(),
            written: BTreeSet::new(),
            tags_added: BTreeSet::new(),
            tags_removed: BTreeSet::new(),
            taken_off: BTreeMap::new(),
            deletions: deletes,
            story: Vec::new(),
            log,
            returned: Cell::new(0),
        }
    }

    fn say(&mut self, what: impl FnOnce() -> String) {
        if self.log {
            self.story.push(what());
        }
    }

    fn fresh(&mut self) -> String {
        self.next += 1;
        let value = format!("w{}", self.next);
        self.written.insert(value.clone());
        value
    }

    /// A person changes some units; what stood there they have seen.
    fn change(&mut self, units: &mut Units) {
        match self.random.below(5) {
            0 | 1 => {
                let unit = if self.random.percent(60) { "name" } else { "note" };
                let value = if self.random.percent(15) { Value::Absent } else { Value::One(self.fresh()) };
                if let Some(Value::One(old)) = units.insert(unit.to_owned(), value) {
                    self.given_up.insert(old);
                }
            }
            2 | 3 => {
                self.next += 1;
                let tag = format!("t{}", self.next);
                self.tags_added.insert(tag.clone());
                let mut tags = tags_of(units);
                tags.insert(tag.clone(), Element { typed: tag, label: String::new() });
                units.insert("tags".to_owned(), Value::set(tags));
            }
            _ => {
                let mut tags = tags_of(units);
                let keys: Vec<String> = tags.keys().cloned().collect();
                if let Some(tag) = self.random.of(&keys) {
                    tags.remove(tag);
                    self.tags_removed.insert(tag.clone());
                    units.insert("tags".to_owned(), Value::set(tags));
                }
            }
        }
    }

    fn give_up_all(&mut self, units: &Units) {
        for value in units.values() {
            match value {
                Value::One(text) => {
                    self.given_up.insert(text.clone());
                }
                Value::Set(tags) => self.tags_removed.extend(tags.keys().cloned()),
                Value::Absent => {}
            }
        }
    }

    fn delete_there(&mut self, at: usize, key: &Key, units: &Units) {
        self.give_up_all(units);
        // Of a record whose making was never answered nobody here knows that it was there:
        // it is made again, which loses nothing.
        let is_known = self.device.known[at].pairs.values().any(|pair| pair.key.as_ref() == Some(key));
        if self.remotes[at].records[key].external_id.is_some() && !is_known {
            let taken_off = self.taken_off.remove(&(at, key.clone())).unwrap_or_default();
            for tag in tags_of(units).into_keys().chain(taken_off) {
                self.tags_added.remove(&tag);
                self.tags_removed.remove(&tag);
            }
        }
        self.remotes[at].delete(key);
    }

    /// Somebody does something, here or at a remote.
    fn act(&mut self) {
        let live: Vec<Op> =
            self.device.contacts.iter().filter(|(_, contact)| !contact.deleted).map(|(op, _)| *op).collect();
        let at = self.random.below(self.remotes.len());
        let keys: Vec<Key> = self.remotes[at].records.keys().cloned().collect();
        match self.random.below(20) {
            0..=1 => {
                let mut units = Units::new();
                units.insert("name".into(), Value::One(self.fresh()));
                let op = self.device.create(units);
                self.say(|| format!("here: contact {op} is made"));
            }
            2..=8 => {
                if let Some(op) = self.random.of(&live).copied() {
                    let mut units = self.device.contacts[&op].units.clone();
                    self.change(&mut units);
                    self.say(|| format!("here: contact {op} becomes {units:?}"));
                    self.device.edit(op, |contact| contact.units = units);
                }
            }
            9 if self.deletions => {
                if let Some(op) = self.random.of(&live).copied() {
                    let units = self.device.contacts[&op].units.clone();
                    self.give_up_all(&units);
                    self.say(|| format!("here: contact {op} is deleted"));
                    self.device.edit(op, |contact| contact.deleted = true);
                }
            }
            10 => {
                let mut units = Units::new();
                units.insert("name".into(), Value::One(self.fresh()));
                let key = self.remotes[at].create(units);
                self.say(|| format!("remote {at}: {key} is made by somebody"));
            }
            11 if self.deletions => {
                if let Some(key) = self.random.of(&keys).cloned() {
                    let units = self.remotes[at].records[&key].units.clone();
                    self.say(|| format!("remote {at}: {key} is deleted by somebody"));
                    self.delete_there(at, &key, &units);
                }
            }
            12 if self.random.percent(10) => {
                for _ in 0..8 {
                    let units = Units::from([("name".to_owned(), Value::One(self.fresh()))]);
                    self.device.create(units);
                }
                self.say(|| "here: eight contacts are imported".into());
            }
            13 if self.deletions && self.random.percent(10) => {
                self.say(|| format!("remote {at}: everything is deleted by somebody"));
                for key in keys {
                    let units = self.remotes[at].records[&key].units.clone();
                    self.delete_there(at, &key, &units);
                }
            }
            _ => {
                if let Some(key) = self.random.of(&keys).cloned() {
                    let mut units = self.remotes[at].records[&key].units.clone();
                    let before = tags_of(&units);
                    self.change(&mut units);
                    let after = tags_of(&units);
                    let taken_off = before.into_keys().filter(|tag| !after.contains_key(tag));
                    self.taken_off.entry((at, key.clone())).or_default().extend(taken_off);
                    self.say(|| format!("remote {at}: {key} becomes {units:?} by somebody"));
                    self.remotes[at].edit(&key, |record| *record = units);
                }
            }
        }
    }

    /// A run of one remote, in which others act in between and the power may go out.
    fn sync(&mut self, at: usize, in_peace: bool) -> Result<(), Broken> {
        let (mut memory, run) = (Memory::default(), Run::default());
        let (mut run, effects) = step(run, Event::Start { preview: false });
        let mut effects: Vec<Effect> = effects;
        for _ in 0..STEPS {
            let Some(effect) = effects.pop() else { return Ok(()) };
            if !in_peace {
                if self.random.percent(15) {
                    self.act();
                }
                if self.random.percent(3) {
                    self.say(|| format!("remote {at}: the power goes out before {effect:?}"));
                    return Ok(());
                }
            }
            self.say(|| format!("remote {at}: {effect:?}"));
            memory.cut = !in_peace && self.random.percent(3);
            let remote = &mut self.remotes[at];
            let Some(event) = self.device.perform(at, remote, &mut memory, effect, &mut self.random) else {
                self.say(|| format!("remote {at}: ended {:?}", run.end()));
                return Ok(());
            };
            if !in_peace && self.random.percent(2) {
                self.say(|| format!("remote {at}: the power goes out after {event:?}"));
                return Ok(());
            }
            if matches!(event, Event::Planned { .. }) {
                self.say(|| format!("remote {at}: {}", memory.said));
            }
            if let Some(deletions) = memory.unasked.take() {
                return Err(("a mass deletion asks first", format!("remote {at}: {deletions}")));
            }
            let stepped = step(run, event);
            run = stepped.0;
            effects = stepped.1;
            if run.end() == Some(&End::Done) && effects.is_empty() {
                return Ok(());
            }
        }
        Err(("a run ends", format!("remote {at} after {STEPS} steps")))
    }

    /// A person decides everything that waits.
    fn decide(&mut self) -> bool {
        let mut any = false;
        for at in 0..self.remotes.len() {
            let held: Vec<(Op, String, Value, Value)> = self.device.known[at]
                .pairs
                .iter()
                .flat_map(|(op, pair)| {
                    pair.held.iter().map(|(unit, held)| (*op, unit.clone(), held.mine.clone(), held.theirs.clone()))
                })
                .collect();
            for (op, unit, _, theirs) in held {
                // Of a deleted contact only the deletion is decided.
                if self.device.contacts.get(&op).is_none_or(|contact| contact.deleted) {
                    continue;
                }
                any = true;
                let take_theirs = self.random.percent(50);
                let mine = self.device.contacts[&op].units.get(&unit).cloned().unwrap_or_default();
                let lost = if take_theirs { mine } else { theirs };
                self.give_up_all(&BTreeMap::from([(unit.clone(), lost)]));
                self.say(|| format!("decided: {unit} of {op} at {at}, theirs {take_theirs}"));
                self.device.decide(at, op, &unit, take_theirs);
            }
            let held: Vec<Op> = self.device.known[at]
                .pairs
                .iter()
                .filter(|(_, pair)| pair.held_deletion.is_some())
                .map(|(op, _)| *op)
                .collect();
            for op in held {
                any = true;
                let key = self.device.known[at].pairs.get(&op).and_then(|pair| pair.key.clone());
                let deleted_here = self.device.contacts.get(&op).is_none_or(|contact| contact.deleted);
                let there =
                    key.as_ref().and_then(|key| self.remotes[at].records.get(key)).map(|record| record.units.clone());
                self.say(|| format!("decided: the deletion of {op} at {at} stands"));
                // The deletion stands: somebody has seen what the live side says.
                if deleted_here {
                    if let (Some(key), Some(units)) = (key, there) {
                        self.give_up_all(&units);
                        self.remotes[at].delete(&key);
                    }
                } else if let Some(contact) = self.device.contacts.get(&op).cloned() {
                    self.give_up_all(&contact.units);
                    self.device.edit(op, |contact| contact.deleted = true);
                }
                if let Some(pair) = self.device.known[at].pairs.get_mut(&op) {
                    pair.held_deletion = None;
                    pair.held.clear();
                }
                self.device.known[at].dirty.insert(op);
            }
        }
        any
    }

    /// Runs the schedule and looks at every promise.
    pub(crate) fn run(&mut self) -> Result<(), Broken> {
        let actions = 6 + self.random.below(20);
        for _ in 0..actions {
            if self.random.percent(35) {
                let at = self.random.below(self.remotes.len());
                self.sync(at, false)?;
            } else {
                self.act();
            }
        }
        for remote in &mut self.remotes {
            remote.faulty = false;
        }
        self.say(|| "from here on there is peace".into());
        // What lagged in the first round shows in the second.
        let mut quiet = 0;
        for _ in 0..ROUNDS {
            let before: u64 = self.remotes.iter().map(|remote| remote.writes).sum();
            let seqs: Vec<u64> = self.device.contacts.values().map(|contact| contact.seq).collect();
            for at in 0..self.remotes.len() {
                self.sync(at, true)?;
            }
            let decided = self.decide();
            let after: u64 = self.remotes.iter().map(|remote| remote.writes).sum();
            let now: Vec<u64> = self.device.contacts.values().map(|contact| contact.seq).collect();
            quiet = if !decided && before == after && seqs == now { quiet + 1 } else { 0 };
            if quiet == 2 {
                break;
            }
        }
        if quiet < 2 {
            return Err(("it comes to rest", format!("not in {ROUNDS} rounds")));
        }
        self.look()
    }

    fn look(&self) -> Result<(), Broken> {
        let mut current: BTreeSet<String> = BTreeSet::new();
        let mut tags: BTreeSet<String> = BTreeSet::new();
        let live: BTreeMap<Op, &Units> = self
            .device
            .contacts
            .iter()
            .filter(|(_, contact)| !contact.deleted)
            .map(|(op, contact)| (*op, &contact.units))
            .collect();
        for units in live.values() {
            for value in units.values() {
                match value {
                    Value::One(text) => {
                        current.insert(text.clone());
                    }
                    Value::Set(all) => tags.extend(all.keys().cloned()),
                    Value::Absent => {}
                }
            }
        }
        for (at, remote) in self.remotes.iter().enumerate() {
            let mut met: BTreeSet<Op> = BTreeSet::new();
            for (key, record) in &remote.records {
                let op = self.device.known[at]
                    .pairs
                    .iter()
                    .find(|(_, pair)| pair.key.as_ref() == Some(key))
                    .map(|(op, _)| *op);
                let Some(op) = op else {
                    return Err(("one record a contact", format!("remote {at}: {key} belongs to nobody")));
                };
                met.insert(op);
                match live.get(&op) {
                    None => return Err(("deleted stays deleted", format!("remote {at}: {key} of {op} is there"))),
                    Some(units) if **units != record.units => {
                        return Err((
                            "both sides are equal",
                            format!("remote {at}: {key} says {:?}, {op} says {units:?}", record.units),
                        ));
                    }
                    Some(_) => {}
                }
            }
            if let Some((op, _)) = live.iter().find(|(op, units)| !met.contains(op) && !units.is_empty()) {
                return Err((
                    "both sides are equal",
                    format!("remote {at} has no record of {op}: {:?}", self.device.known[at].pairs.get(op)),
                ));
            }
        }
        if let Some(lost) =
            self.written.iter().find(|value| !current.contains(*value) && !self.given_up.contains(*value))
        {
            return Err(("no edit is lost", lost.clone()));
        }
        if let Some(lost) = self.tags_added.iter().find(|tag| !tags.contains(*tag) && !self.tags_removed.contains(*tag))
        {
            return Err(("no edit is lost", format!("tag {lost}")));
        }
        // Without a stamp in the record nobody can tell a write that was lost from one that
        // somebody took back: a tag may return, and an edit never goes.
        let stamped = self.remotes.iter().all(|remote| remote.caps.stamp);
        let back = self.tags_removed.iter().find(|tag| tags.contains(*tag));
        self.returned.set(u64::from(back.is_some() && !stamped));
        if let Some(back) = back.filter(|_| stamped) {
            return Err(("what was removed stays removed", format!("tag {back}")));
        }
        Ok(())
    }
}

fn tags_of(units: &Units) -> BTreeMap<String, Element> {
    match units.get("tags") {
        Some(Value::Set(tags)) => tags.clone(),
        Some(Value::One(_) | Value::Absent) | None => BTreeMap::new(),
    }
}
