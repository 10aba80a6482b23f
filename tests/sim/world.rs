//! One schedule: people and other programs do things in any order, everything that can
//! fail fails, then everything is left in peace and what must hold is looked at.

use crate::{
    device::{Device, Memory},
    random::Random,
    remote::{Caps, FakeRemote, Record},
};
use cardfile_sync::{
    pair::Key,
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
    devices: Vec<Device>,
    remotes: Vec<FakeRemote>,
    /// Makes every value that is written a new one.
    next: u64,
    /// Values of units that somebody replaced, emptied or gave up having seen them.
    given_up: BTreeSet<String>,
    /// Every value that a person wrote.
    written: BTreeSet<String>,
    tags_added: BTreeSet<String>,
    tags_removed: BTreeSet<String>,
    /// Tags of which nobody can know whether they were removed.
    unknowable: BTreeSet<String>,
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
    pub(crate) fn new(seed: u64, log: bool) -> Self {
        // One device with up to three remotes, or two devices that share one.
        let (devices, remotes) = [(1, 1), (1, 2), (1, 3), (2, 1)][(seed % 4) as usize];
        let deletes = (seed / 4).is_multiple_of(2);
        let mut random = Random(seed);
        let caps = |random: &mut Random| Caps {
            stamp: random.percent(60),
            tombstones: random.percent(70),
            numbered: random.percent(50),
        };
        let remotes = (0..remotes).map(|_| FakeRemote::new(caps(&mut random))).collect::<Vec<_>>();
        Self {
            devices: (0..devices).map(|number| Device::new(number, remotes.len())).collect(),
            remotes,
            random,
            next: 0,
            given_up: BTreeSet::new(),
            written: BTreeSet::new(),
            tags_added: BTreeSet::new(),
            tags_removed: BTreeSet::new(),
            unknowable: BTreeSet::new(),
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
        let record = self.remotes[at].records[key].clone();
        self.remotes[at].delete(key);
        self.was_deleted(at, key, &record);
    }

    /// Of a record whose making was never answered its maker does not know that it was there:
    /// it is made again, which loses nothing, and brings tags back.
    fn was_deleted(&mut self, at: usize, key: &Key, record: &Record) {
        let is_known = |op: Op| self.devices.iter().any(|device| device.made(op) && device.knows(at, key));
        if record.external_id.is_some_and(|op| !is_known(op)) {
            let taken_off = self.taken_off.remove(&(at, key.clone())).unwrap_or_default();
            self.unknowable.extend(tags_of(&record.units).into_keys().chain(taken_off));
        }
    }

    /// Somebody does something, here or at a remote.
    fn act(&mut self) {
        let d = self.random.below(self.devices.len());
        let live: Vec<Op> =
            self.devices[d].contacts.iter().filter(|(_, contact)| !contact.deleted).map(|(op, _)| *op).collect();
        let at = self.random.below(self.remotes.len());
        let keys: Vec<Key> = self.remotes[at].records.keys().cloned().collect();
        match self.random.below(20) {
            0..=1 => {
                let mut units = Units::new();
                units.insert("name".into(), Value::One(self.fresh()));
                let op = self.devices[d].create(units);
                self.say(|| format!("{d} here: contact {op} is made"));
            }
            2..=8 => {
                if let Some(op) = self.random.of(&live).copied() {
                    let mut units = self.devices[d].contacts[&op].units.clone();
                    self.change(&mut units);
                    self.say(|| format!("{d} here: contact {op} becomes {units:?}"));
                    self.devices[d].edit(op, |contact| contact.units = units);
                }
            }
            9 if self.deletions => {
                if let Some(op) = self.random.of(&live).copied() {
                    let units = self.devices[d].contacts[&op].units.clone();
                    self.give_up_all(&units);
                    self.say(|| format!("{d} here: contact {op} is deleted"));
                    self.devices[d].edit(op, |contact| contact.deleted = true);
                }
            }
            9 if self.random.percent(20) => {
                if let Some(op) = self.random.of(&live).copied() {
                    let units = self.devices[d].contacts[&op].units.clone();
                    self.give_up_all(&units);
                    self.say(|| format!("here: the person of contact {op} is erased"));
                    self.devices[d].erase(op);
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
                    self.devices[d].create(units);
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
    fn sync(&mut self, d: usize, at: usize, in_peace: bool) -> Result<(), Broken> {
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
            self.say(|| format!("{d} remote {at}: {effect:?}"));
            memory.cut = !in_peace && self.random.percent(3);
            let remote = &mut self.remotes[at];
            let Some(event) = self.devices[d].perform(at, remote, &mut memory, effect, &mut self.random) else {
                self.say(|| format!("remote {at}: ended {:?}", run.end()));
                return Ok(());
            };
            if !in_peace && self.random.percent(2) {
                self.say(|| format!("remote {at}: the power goes out after {event:?}"));
                return Ok(());
            }
            if matches!(event, Event::Planned { .. }) {
                self.say(|| format!("{d} remote {at}: {}", memory.said));
            }
            for (key, record) in std::mem::take(&mut self.remotes[at].deleted) {
                self.was_deleted(at, &key, &record);
            }
            for units in std::mem::take(&mut self.remotes[at].erased) {
                self.give_up_all(&units);
            }
            if let Some(unit) = self.remotes[at].leaked.take() {
                return Err(("what was not approved never leaves", format!("remote {at}: {unit}")));
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
        let places = (0..self.devices.len()).flat_map(|d| (0..self.remotes.len()).map(move |at| (d, at)));
        for (d, at) in places.collect::<Vec<_>>() {
            let held: Vec<(Op, String, Value, Value)> = self.devices[d].known[at]
                .pairs
                .iter()
                .flat_map(|(op, pair)| {
                    pair.held.iter().map(|(unit, held)| (*op, unit.clone(), held.mine.clone(), held.theirs.clone()))
                })
                .collect();
            for (op, unit, _, theirs) in held {
                // Of a deleted contact only the deletion is decided.
                if self.devices[d].contacts.get(&op).is_none_or(|contact| contact.deleted) {
                    continue;
                }
                any = true;
                let take_theirs = self.random.percent(50);
                let mine = self.devices[d].contacts[&op].units.get(&unit).cloned().unwrap_or_default();
                let lost = if take_theirs { mine } else { theirs };
                self.give_up_all(&BTreeMap::from([(unit.clone(), lost)]));
                self.say(|| format!("decided: {unit} of {op} at {at}, theirs {take_theirs}"));
                self.devices[d].decide(at, op, &unit, take_theirs);
            }
            let held: Vec<Op> = self.devices[d].known[at]
                .pairs
                .iter()
                .filter(|(_, pair)| pair.held_deletion.is_some())
                .map(|(op, _)| *op)
                .collect();
            for op in held {
                any = true;
                let key = self.devices[d].known[at].pairs.get(&op).and_then(|pair| pair.key.clone());
                let there =
                    key.as_ref().and_then(|key| self.remotes[at].records.get(key)).map(|record| record.units.clone());
                let here = self.devices[d].contacts.get(&op).map(|contact| contact.units.clone());
                let stands = self.random.percent(60);
                self.say(|| format!("decided: the deletion of {op} at {at} stands, {stands}"));
                for units in [there, here].into_iter().flatten() {
                    if stands {
                        // Somebody has seen what the live side says.
                        self.give_up_all(&units);
                    } else {
                        // What was given up with a deletion is wanted again.
                        self.unknowable.extend(tags_of(&units).into_keys());
                    }
                }
                self.devices[d].decide_deletion(at, op, stands);
            }
        }
        any
    }

    /// How often each contact changed.
    fn seqs(&self) -> Vec<u64> {
        self.devices.iter().flat_map(|device| device.contacts.values().map(|contact| contact.seq)).collect()
    }

    /// Runs the schedule and looks at every promise.
    pub(crate) fn run(&mut self) -> Result<(), Broken> {
        let actions = 6 + self.random.below(20);
        for _ in 0..actions {
            if self.random.percent(35) {
                let at = self.random.below(self.remotes.len());
                let d = self.random.below(self.devices.len());
                self.sync(d, at, false)?;
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
            let seqs = self.seqs();
            for d in 0..self.devices.len() {
                for at in 0..self.remotes.len() {
                    self.sync(d, at, true)?;
                }
            }
            let decided = self.decide();
            let after: u64 = self.remotes.iter().map(|remote| remote.writes).sum();
            let now = self.seqs();
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
        let live = self.devices.iter().flat_map(|device| device.contacts.values()).filter(|contact| !contact.deleted);
        for value in live.flat_map(|contact| contact.units.values()) {
            match value {
                Value::One(text) => {
                    current.insert(text.clone());
                }
                Value::Set(all) => tags.extend(all.keys().cloned()),
                Value::Absent => {}
            }
        }
        for device in &self.devices {
            for (at, remote) in self.remotes.iter().enumerate() {
                look_at(device, at, remote)?;
            }
        }
        if let Some(lost) =
            self.written.iter().find(|value| !current.contains(*value) && !self.given_up.contains(*value))
        {
            return Err(("no edit is lost", lost.clone()));
        }
        if let Some(lost) = self
            .tags_added
            .difference(&self.unknowable)
            .find(|tag| !tags.contains(*tag) && !self.tags_removed.contains(*tag))
        {
            return Err(("no edit is lost", format!("tag {lost}")));
        }
        // Without a stamp in the record nobody can tell a write that was lost from one that
        // somebody took back: a tag may return, and an edit never goes.
        let stamped = self.remotes.iter().all(|remote| remote.caps.stamp);
        let back = self.tags_removed.difference(&self.unknowable).find(|tag| tags.contains(*tag));
        self.returned.set(u64::from(back.is_some() && !stamped));
        if let Some(back) = back.filter(|_| stamped) {
            return Err(("what was removed stays removed", format!("tag {back}")));
        }
        Ok(())
    }
}

/// What goes both ways.
fn shared(units: &Units) -> BTreeMap<&str, &Value> {
    let both = |unit: &str| matches!(unit, "name" | "note" | "tags");
    units.iter().filter(|(unit, _)| both(unit)).map(|(unit, value)| (unit.as_str(), value)).collect()
}

/// A device and a remote at rest say the same.
fn look_at(device: &Device, at: usize, remote: &FakeRemote) -> Result<(), Broken> {
    let mut met: BTreeSet<Op> = BTreeSet::new();
    for (key, record) in &remote.records {
        let Some(op) = device.op_of(at, key) else {
            return Err(("one record a contact", format!("remote {at}: {key} belongs to nobody")));
        };
        met.insert(op);
        if device.erased.contains(&op) {
            return Err(("erased stays erased", format!("remote {at}: {key} of {op} is there")));
        }
        match device.contacts.get(&op).filter(|contact| !contact.deleted) {
            None => return Err(("deleted stays deleted", format!("remote {at}: {key} of {op} is there"))),
            Some(contact) if shared(&contact.units) != shared(&record.units) => {
                let what = format!("remote {at}: {key} says {:?}, {op} says {:?}", record.units, contact.units);
                return Err(("both sides are equal", what));
            }
            Some(_) => {}
        }
    }
    // Nothing to say is no record.
    let says =
        |op: &Op| device.contacts.get(op).is_some_and(|contact| !contact.deleted && !shared(&contact.units).is_empty());
    match device.contacts.keys().find(|op| says(op) && !met.contains(op)) {
        None => Ok(()),
        Some(op) => {
            let what = format!("remote {at} has no record of {op}: {:?}", device.known[at].pairs.get(op));
            Err(("both sides are equal", what))
        }
    }
}

fn tags_of(units: &Units) -> BTreeMap<String, Element> {
    match units.get("tags") {
        Some(Value::Set(tags)) => tags.clone(),
        Some(Value::One(_) | Value::Absent) | None => BTreeMap::new(),
    }
}
