//! One schedule: people and other programs do things in any order, everything that can
//! fail fails, then everything is left in peace and what must hold is looked at.

use crate::{
    device::{self, Device, Workspace},
    random::Random,
    remote::{Caps, FakeRemote, Record},
};
use cardfile_core::sync::Engine;
use cardfile_store::{ContactRow, OpKind, Store};
use cardfile_sync::{
    pair::Key,
    plan::Limits,
    run::{Effect, End, Event, Run, step},
    value::{Element, Units, Value},
};
use std::{
    cell::{Cell, RefCell},
    collections::{BTreeMap, BTreeSet},
    rc::Rc,
};

/// Steps of one run: more means that it does not end.
const STEPS: usize = 2_000;
/// Rounds over all remotes in peace until nothing moves.
const ROUNDS: usize = 8;

/// What went wrong, by the name of the promise.
pub(crate) type Broken = (&'static str, String);

pub(crate) struct World {
    random: Rc<RefCell<Random>>,
    devices: Vec<Device>,
    remotes: Vec<Rc<RefCell<FakeRemote>>>,
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
    pub(crate) fn new(seed: u64, log: bool, workspaces: &[Workspace]) -> Self {
        // One device with up to three remotes, or two devices that share one.
        let (devices, remotes) = [(1, 1), (1, 2), (1, 3), (2, 1)][(seed % 4) as usize];
        let deletes = (seed / 4).is_multiple_of(2);
        let mut random = Random(seed);
        let caps = |random: &mut Random| Caps {
            stamp: random.percent(60),
            tombstones: random.percent(70),
            numbered: random.percent(50),
            creates_once: random.percent(30),
            batch: 1 + random.below(3),
            folds: random.percent(30),
        };
        let remotes: Vec<_> = (0..remotes).map(|_| Rc::new(RefCell::new(FakeRemote::new(caps(&mut random))))).collect();
        let device =
            |number: usize| Device::new(workspaces[number].reset(seed * 2 + number as u64), number, remotes.len());
        Self {
            devices: (0..devices).map(device).collect(),
            remotes,
            random: Rc::new(RefCell::new(random)),
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
        let what = self.random.borrow_mut().below(5);
        match what {
            0 | 1 => {
                let unit = if self.random.borrow_mut().percent(60) { "name" } else { "description" };
                let empties = self.random.borrow_mut().percent(15);
                let value = if empties { Value::Absent } else { Value::One(self.fresh()) };
                if let Some(Value::One(old)) = units.insert(unit.to_owned(), value) {
                    self.given_up.insert(old.to_lowercase());
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
                if let Some(tag) = self.random.borrow_mut().of(&keys) {
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
                    self.given_up.insert(text.to_lowercase());
                }
                Value::Set(tags) => self.tags_removed.extend(tags.keys().cloned()),
                Value::Absent => {}
            }
        }
    }

    fn delete_there(&mut self, at: usize, key: &Key, units: &Units) {
        self.give_up_all(units);
        let record = self.remotes[at].borrow().records[key].clone();
        self.remotes[at].borrow_mut().delete(key);
        self.was_deleted(at, key, &record);
    }

    /// Of a record whose making was never answered its maker does not know that it was there:
    /// it is made again, which loses nothing, and brings tags back.
    fn was_deleted(&mut self, at: usize, key: &Key, record: &Record) {
        let is_known = |id: &str| self.devices.iter().any(|device| device.knows_own(at, key, id));
        if record.external_id.as_deref().is_some_and(|id| !is_known(id)) {
            let taken_off = self.taken_off.remove(&(at, key.clone())).unwrap_or_default();
            self.unknowable.extend(tags_of(&record.units).into_keys().chain(taken_off));
        }
    }

    /// Somebody does something, here or at a remote.
    fn act(&mut self) {
        let d = self.random.borrow_mut().below(self.devices.len());
        let at = self.random.borrow_mut().below(self.remotes.len());
        let what = self.random.borrow_mut().below(20);
        let imports = self.random.borrow_mut().percent(10);
        match what {
            0..=9 => self.act_here(d, what),
            12 if imports => {
                for _ in 0..8 {
                    let units = Units::from([("name".to_owned(), Value::One(self.fresh()))]);
                    self.devices[d].create(&units);
                }
                self.say(|| "here: eight contacts are imported".into());
            }
            _ => self.act_there(at, what),
        }
    }

    fn act_here(&mut self, d: usize, what: usize) {
        if what < 2 {
            let units = Units::from([("name".to_owned(), Value::One(self.fresh()))]);
            let contact = self.devices[d].create(&units);
            return self.say(|| format!("{d} here: contact {contact} is made"));
        }
        let live = self.devices[d].live();
        let chosen = self.random.borrow_mut().of(&live).copied();
        let Some(contact) = chosen else { return };
        let mut units = self.devices[d].units(contact);
        match what {
            2..=8 => {
                self.change(&mut units);
                self.say(|| format!("{d} here: contact {contact} becomes {units:?}"));
                self.devices[d].edit(contact, &units);
            }
            _ if self.deletions => {
                self.give_up_all(&units);
                self.say(|| format!("{d} here: contact {contact} is deleted"));
                self.devices[d].delete(contact);
                if self.random.borrow_mut().percent(20) {
                    self.say(|| format!("{d} here: the bin is emptied"));
                    self.devices[d].empty_bin();
                }
            }
            _ if self.random.borrow_mut().percent(20) => {
                self.give_up_all(&units);
                self.say(|| format!("{d} here: the person of contact {contact} is erased"));
                self.devices[d].erase(contact);
            }
            _ => {}
        }
    }

    fn act_there(&mut self, at: usize, what: usize) {
        let keys: Vec<Key> = self.remotes[at].borrow().records.keys().cloned().collect();
        let chosen = self.random.borrow_mut().of(&keys).cloned();
        match (what, chosen) {
            (10, _) => {
                let units = Units::from([("name".to_owned(), Value::One(self.fresh()))]);
                let key = self.remotes[at].borrow_mut().create(units);
                self.say(|| format!("remote {at}: {key} is made by somebody"));
            }
            (_, None) => {}
            (11, Some(key)) if self.deletions => {
                let units = self.remotes[at].borrow().records[&key].units.clone();
                self.say(|| format!("remote {at}: {key} is deleted by somebody"));
                self.delete_there(at, &key, &units);
            }
            (13, _) if self.deletions && self.random.borrow_mut().percent(10) => {
                self.say(|| format!("remote {at}: everything is deleted by somebody"));
                for key in keys {
                    let units = self.remotes[at].borrow().records[&key].units.clone();
                    self.delete_there(at, &key, &units);
                }
            }
            (_, Some(key)) => {
                let mut units = self.remotes[at].borrow().records[&key].units.clone();
                let before = tags_of(&units);
                self.change(&mut units);
                let after = tags_of(&units);
                let taken_off = before.into_keys().filter(|tag| !after.contains_key(tag));
                self.taken_off.entry((at, key.clone())).or_default().extend(taken_off);
                self.say(|| format!("remote {at}: {key} becomes {units:?} by somebody"));
                self.remotes[at].borrow_mut().edit(&key, |record| *record = units);
            }
        }
    }

    /// A run of one remote, in which others act in between and the power may go out.
    fn sync(&mut self, d: usize, at: usize, in_peace: bool) -> Result<(), Broken> {
        let store = Rc::clone(&self.devices[d].store);
        let mut wire = self.devices[d].wire(&self.remotes[at], &self.random);
        let configured = self.devices[d].remotes[at].clone();
        let who = device::op(OpKind::SyncRun);
        let mut engine = Engine::new(&store, &mut wire, &configured, device::mapping(), who);
        let mut agreed = None;
        let (mut run, mut effects) = step(Run::default(), Event::Start { preview: false });
        for _ in 0..STEPS {
            let Some(effect) = effects.pop() else { return Ok(()) };
            if !in_peace {
                if self.random.borrow_mut().percent(15) {
                    self.act();
                }
                if self.random.borrow_mut().percent(3) {
                    self.say(|| format!("remote {at}: the power goes out before {effect:?}"));
                    return Ok(());
                }
            }
            self.say(|| format!("{d} remote {at}: {effect:?}"));
            mutant_cut(!in_peace && self.random.borrow_mut().percent(3));
            if matches!(effect, Effect::Apply)
                && let Some(plan) = engine.planned()
            {
                let deletions = plan.totals.deleted_here.max(plan.totals.deleted_there);
                let most = Limits::default().deletions.max(store_linked(&store, configured.row) / 50);
                if deletions > most && agreed != Some(true) {
                    return Err(("a mass deletion asks first", format!("remote {at}: {deletions}")));
                }
            }
            let asks = match &effect {
                Effect::Ask(questions) => Some(questions.clone()),
                _ => None,
            };
            let done = engine.perform(effect).map_err(|error| ("a run goes on", format!("remote {at}: {error}")))?;
            let Some(mut event) = done else {
                self.say(|| format!("remote {at}: ended {:?}", run.end()));
                return Ok(());
            };
            if asks.is_some() {
                // Somebody is there and agrees.
                (agreed, event) = (Some(true), Event::Answered(true));
            }
            if !in_peace && self.random.borrow_mut().percent(2) {
                self.say(|| format!("remote {at}: the power goes out after {event:?}"));
                return Ok(());
            }
            if let (true, Event::Planned { .. }, Some(plan)) = (self.log, &event, engine.planned()) {
                let planned = format!("{d} remote {at}: {:?}", plan.totals);
                self.story.push(planned);
            }
            self.hear(at)?;
            (run, effects) = step(run, event);
            if run.end() == Some(&End::Done) && effects.is_empty() {
                return Ok(());
            }
        }
        Err(("a run ends", format!("remote {at} after {STEPS} steps")))
    }

    /// What the remote noticed.
    fn hear(&mut self, at: usize) -> Result<(), Broken> {
        let (deleted, erased, leaked) = {
            let mut remote = self.remotes[at].borrow_mut();
            (std::mem::take(&mut remote.deleted), std::mem::take(&mut remote.erased), remote.leaked.take())
        };
        for (key, record) in deleted {
            self.was_deleted(at, &key, &record);
        }
        for units in erased {
            self.give_up_all(&units);
        }
        match leaked {
            Some(unit) => Err(("what was not approved never leaves", format!("remote {at}: {unit}"))),
            None => Ok(()),
        }
    }

    /// A person decides everything that waits.
    fn decide(&mut self) -> bool {
        let mut any = false;
        let places = (0..self.devices.len()).flat_map(|d| (0..self.remotes.len()).map(move |at| (d, at)));
        for (d, at) in places.collect::<Vec<_>>() {
            for waiting in self.devices[d].waiting(at) {
                let here = waiting.contact.and_then(|contact| self.devices[d].contact(contact));
                let is_live = here.as_ref().is_some_and(|contact| contact.binned_at.is_none());
                let mine = waiting.contact.map(|contact| self.devices[d].units(contact)).unwrap_or_default();
                for (unit, (held, _)) in &waiting.held {
                    // Of a deleted contact only the deletion is decided.
                    if !is_live {
                        continue;
                    }
                    any = true;
                    let take_theirs = self.random.borrow_mut().percent(50);
                    let ours = mine.get(unit).cloned().unwrap_or_default();
                    let lost = if take_theirs { ours } else { held.theirs.clone() };
                    self.give_up_all(&BTreeMap::from([(unit.clone(), lost)]));
                    self.say(|| format!("{d} decided: {unit} of {:?} at {at}, theirs {take_theirs}", waiting.contact));
                    self.devices[d].decide(waiting.pair, unit, take_theirs);
                }
                if waiting.deletion.is_some() {
                    any = true;
                    let key = waiting.key.clone();
                    let there = key.and_then(|key| self.remotes[at].borrow().records.get(&key).cloned());
                    let there = there.map(|record| record.units);
                    let stands = self.random.borrow_mut().percent(60);
                    self.say(|| format!("{d} decided: the deletion of {:?} at {at} stands, {stands}", waiting.contact));
                    for units in [there, Some(mine)].into_iter().flatten() {
                        if stands {
                            // Somebody has seen what the live side says.
                            self.give_up_all(&units);
                        } else {
                            // What was given up with a deletion is wanted again.
                            self.unknowable.extend(tags_of(&units).into_keys());
                        }
                    }
                    self.devices[d].decide_deletion(waiting.pair, stands);
                }
            }
        }
        any
    }

    /// How often anything changed on each device.
    fn seqs(&self) -> Vec<i64> {
        self.devices.iter().map(Device::changes).collect()
    }

    /// Runs the schedule and looks at every promise.
    pub(crate) fn run(&mut self) -> Result<(), Broken> {
        let actions = 6 + self.random.borrow_mut().below(20);
        for _ in 0..actions {
            if self.random.borrow_mut().percent(35) {
                let at = self.random.borrow_mut().below(self.remotes.len());
                let d = self.random.borrow_mut().below(self.devices.len());
                self.sync(d, at, false)?;
            } else {
                self.act();
            }
        }
        for remote in &self.remotes {
            remote.borrow_mut().faulty = false;
        }
        self.say(|| "from here on there is peace".into());
        // What lagged in the first round shows in the second.
        let mut quiet = 0;
        for _ in 0..ROUNDS {
            let before: u64 = self.remotes.iter().map(|remote| remote.borrow().writes).sum();
            let seqs = self.seqs();
            for d in 0..self.devices.len() {
                for at in 0..self.remotes.len() {
                    self.sync(d, at, true)?;
                }
            }
            let decided = self.decide();
            let after: u64 = self.remotes.iter().map(|remote| remote.borrow().writes).sum();
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
        let all: Vec<_> = self.devices.iter().flat_map(|device| device.contacts().into_values()).collect();
        let live = all.iter().filter(|(_, is_deleted)| !is_deleted);
        for value in live.flat_map(|(units, _)| units.values()) {
            match value {
                Value::One(text) => {
                    current.insert(text.to_lowercase());
                }
                Value::Set(all) => tags.extend(all.keys().cloned()),
                Value::Absent => {}
            }
        }
        for device in &self.devices {
            for (at, remote) in self.remotes.iter().enumerate() {
                look_at(device, at, &remote.borrow())?;
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
        let stamped = self.remotes.iter().all(|remote| remote.borrow().caps.stamp);
        let back = self.tags_removed.difference(&self.unknowable).find(|tag| tags.contains(*tag));
        self.returned.set(u64::from(back.is_some() && !stamped));
        if let Some(back) = back.filter(|_| stamped) {
            return Err(("what was removed stays removed", format!("tag {back}")));
        }
        Ok(())
    }
}

/// What goes both ways, as a remote that rewrites descriptions says it.
fn shared(units: &Units) -> BTreeMap<&str, Value> {
    let both = |unit: &str| matches!(unit, "name" | "description" | "tags");
    let said = |(unit, value): (&'_ String, &Value)| match value {
        Value::One(text) if unit == "description" => Value::One(text.to_lowercase()),
        value => value.clone(),
    };
    units.iter().filter(|(unit, _)| both(unit)).map(|(unit, value)| (unit.as_str(), said((unit, value)))).collect()
}

/// A device and a remote at rest say the same.
fn look_at(device: &Device, at: usize, remote: &FakeRemote) -> Result<(), Broken> {
    let contacts = device.contacts();
    let live = |row: &ContactRow| contacts.get(row).filter(|(_, is_deleted)| !is_deleted).map(|(units, _)| units);
    let mut met: BTreeSet<ContactRow> = BTreeSet::new();
    for (key, record) in &remote.records {
        let Some(contact) = device.contact_of(at, key) else {
            if record.units.values().all(Value::is_absent) || shared(&record.units).is_empty() {
                continue;
            }
            return Err((
                "one record a contact",
                format!("remote {at}: {key} belongs to nobody: {}", device.known_key(at, key)),
            ));
        };
        met.insert(contact);
        if device.erased.contains(&contact) {
            return Err(("erased stays erased", format!("remote {at}: {key} of {contact} is there")));
        }
        match live(&contact) {
            None => return Err(("deleted stays deleted", format!("remote {at}: {key} of {contact} is there"))),
            Some(units) if shared(units) != shared(&record.units) => {
                let what = format!("remote {at}: {key} says {:?}, {contact} says {units:?}", record.units);
                return Err(("both sides are equal", what));
            }
            Some(_) => {}
        }
    }
    // Nothing to say is no record.
    let says = |row: &ContactRow| live(row).is_some_and(|units| !shared(units).is_empty());
    match contacts.keys().find(|row| says(row) && !met.contains(row)) {
        None => Ok(()),
        Some(row) => {
            let what = format!("remote {at} has no record of {row}: {}", device.known(at, *row));
            Err(("both sides are equal", what))
        }
    }
}

fn store_linked(store: &Store, remote: i64) -> u32 {
    store.read(|r| r.pairs().count_linked(remote)).unwrap_or_default()
}

/// The power goes out within the next step, where a broken rule makes that of two parts.
fn mutant_cut(is: bool) {
    #[cfg(feature = "mutants")]
    cardfile_sync::mutant::cut(is);
    let _ = is;
}

fn tags_of(units: &Units) -> BTreeMap<String, Element> {
    match units.get("tags") {
        Some(Value::Set(tags)) => tags.clone(),
        Some(Value::One(_) | Value::Absent) | None => BTreeMap::new(),
    }
}
