//! What the database of a team keeps beside its contacts: which device serves which remote,
//! and what is known of that remote. Answers are lost, leases run out at any moment, and
//! others take them in between.

use crate::{mapping, random::Random, remote::failure, world::Broken};
use cardfile_sync::{
    bridge::{Epoch, Leases, Part, Parts},
    mapping::Mapping,
    remote::Traffic,
    run::Failure,
    value::Units,
};
use serde_json::Value as Json;
use std::{
    cell::RefCell,
    collections::{BTreeMap, BTreeSet},
    rc::Rc,
};

/// One shared remote.
#[derive(Default)]
struct Shelf {
    holder: String,
    /// How often the lease was taken.
    epoch: i64,
    /// Anybody may take it.
    is_over: bool,
    /// As they lie there.
    parts: BTreeMap<String, Kept>,
}

/// A part as it lies there.
struct Kept {
    text: String,
    /// The record that it is about.
    key: Option<String>,
    /// Numbers of the writes without an answer that it knows of.
    sent: Vec<u64>,
}

/// What a device was told when it looked last.
#[derive(Default)]
struct Look {
    is_ours: bool,
    epoch: i64,
    /// How often something was kept for this device since it took the remote.
    kept: u64,
}

/// What may be said of a write before it is sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Sending {
    /// The remote is its sender's, and the team knows of it.
    Told,
    /// The team does not know of it.
    Untold,
    /// Its sender was told that the remote is another device's.
    NotOurs,
    /// The remote is another device's by now, and its sender cannot know.
    Late,
}

/// The leases of a team.
pub(crate) struct Registry {
    shelves: BTreeMap<String, Shelf>,
    /// By device and remote.
    looks: BTreeMap<(String, String), Look>,
    /// What it may know.
    mapping: &'static Mapping,
    faulty: bool,
    /// A promise that was broken here.
    pub(crate) fault: Option<Broken>,
}

impl Registry {
    pub(crate) fn new(mapping: &'static Mapping) -> Self {
        Self { shelves: BTreeMap::new(), looks: BTreeMap::new(), mapping, faulty: true, fault: None }
    }

    /// A lease runs out.
    pub(crate) fn run_out(&mut self, remote: &str) {
        if let Some(shelf) = self.shelves.get_mut(remote) {
            shelf.is_over = true;
        }
    }

    /// No faults happen from now on, and every lease ran out meanwhile.
    pub(crate) fn calm(&mut self) {
        self.faulty = false;
        self.shelves.values_mut().for_each(|shelf| shelf.is_over = true);
    }

    /// Another device takes a remote, and is gone for ever.
    fn steal(&mut self, remote: &str) {
        if let Some(shelf) = self.shelves.get_mut(remote) {
            shelf.epoch += 1;
            (shelf.holder, shelf.is_over) = (String::new(), true);
        }
    }

    fn take(&mut self, remote: &str, holder: &str) -> Option<i64> {
        let shelf = self.shelves.entry(remote.to_owned()).or_default();
        let is_free = shelf.epoch == 0 || shelf.is_over || shelf.holder == holder;
        is_free.then(|| {
            shelf.epoch += 1;
            (shelf.holder, shelf.is_over) = (holder.to_owned(), false);
            shelf.epoch
        })
    }

    /// The remote, where it has this epoch. One that ran out and that nobody took goes on.
    fn held(&mut self, remote: &str, epoch: Epoch) -> Option<&mut Shelf> {
        self.shelves.get_mut(remote).filter(|shelf| shelf.epoch == epoch.0)
    }

    fn put(&mut self, remote: &str, epoch: Epoch, holder: &str, parts: &Parts) -> bool {
        let texts: Vec<(&String, Option<Kept>)> =
            parts.iter().map(|(name, part)| (name, part.as_ref().map(Kept::new))).collect();
        let mut kept = texts.iter().filter_map(|(_, kept)| kept.as_ref());
        if let Some(secret) = kept.find_map(|kept| kept.leaked(self.mapping)) {
            self.fault.get_or_insert(("the team is told nothing that may not leave", secret));
        }
        let says_all = |part: &Option<Part>| !matches!(part, Some(Part::Pair(shared)) if shared.is_link());
        let says_all = parts.values().all(says_all);
        let Some(shelf) = self.held(remote, epoch) else { return false };
        for (name, kept) in texts {
            match kept {
                Some(kept) => shelf.parts.insert(name.clone(), kept),
                None => shelf.parts.remove(name),
            };
        }
        if let Some(number) = shelf.given_twice() {
            self.fault.get_or_insert(("every write has a number of its own", format!("{number} is given twice")));
        }
        if let Some(look) = self.looks.get_mut(&(holder.to_owned(), remote.to_owned())) {
            look.kept += u64::from(says_all);
        }
        true
    }

    /// Whether whoever serves the remote next knows of this record.
    pub(crate) fn knows(&self, remote: &str, key: &str) -> bool {
        let shelf = self.shelves.get(remote);
        shelf.is_some_and(|shelf| shelf.parts.values().any(|kept| kept.key.as_deref() == Some(key)))
    }

    /// How often something was kept for a device since it took a remote.
    pub(crate) fn kept(&self, remote: &str, holder: &str) -> u64 {
        self.looks.get(&(holder.to_owned(), remote.to_owned())).map_or(0, |look| look.kept)
    }

    /// What may be said of a write with this number.
    pub(crate) fn sending(&self, remote: &str, holder: &str, stamp: u64) -> Sending {
        let look = self.looks.get(&(holder.to_owned(), remote.to_owned()));
        let (Some(shelf), Some(look)) = (self.shelves.get(remote), look.filter(|look| look.is_ours)) else {
            return Sending::NotOurs;
        };
        if shelf.epoch != look.epoch {
            return Sending::Late;
        }
        let is_told = shelf.parts.values().any(|kept| kept.sent.contains(&stamp));
        if is_told { Sending::Told } else { Sending::Untold }
    }
}

impl Shelf {
    /// A number that two writes have.
    fn given_twice(&self) -> Option<u64> {
        let mut given = BTreeSet::new();
        self.parts.values().flat_map(|kept| &kept.sent).copied().find(|number| !given.insert(*number))
    }
}

impl Kept {
    fn new(part: &Part) -> Self {
        let json = serde_json::to_value(part).expect("a part is JSON");
        let pair = &json["pair"]["pair"];
        let stamps = pair["intents"].as_array().into_iter().flatten().filter_map(|intent| intent["stamp"].as_u64());
        let key = pair["key"].as_str().map(str::to_owned);
        Self { key, sent: stamps.collect(), text: json.to_string() }
    }

    fn part(&self) -> Part {
        serde_json::from_str(&self.text).expect("what was kept can be read")
    }

    /// What is in it that the team may not know.
    fn leaked(&self, mapping: &Mapping) -> Option<String> {
        // The company of everybody here is internal.
        if self.text.contains("internal ") {
            return Some(self.text.clone());
        }
        let json: Json = serde_json::from_str(&self.text).expect("what was kept can be read");
        let pair = &json["pair"]["pair"];
        let sent = pair["intents"].as_array().into_iter().flatten().map(|intent| &intent["sent"]);
        let all = [&pair["base"], &pair["ours"], &pair["team_base"]].into_iter().chain(sent);
        let mut all = all.filter_map(|units| serde_json::from_value::<Units>(units.clone()).ok());
        all.find_map(|units| mapping::leaked(&units, mapping))
    }
}

/// The way of one device to the leases.
pub(crate) struct FakeLeases {
    registry: Rc<RefCell<Registry>>,
    random: Rc<RefCell<Random>>,
    holder: String,
    requests: u64,
}

impl FakeLeases {
    pub(crate) fn new(registry: Rc<RefCell<Registry>>, random: Rc<RefCell<Random>>, holder: String) -> Self {
        Self { registry, random, holder, requests: 0 }
    }

    /// Asks, and perhaps hears the answer.
    fn ask<T>(&mut self, remote: &str, question: impl FnOnce(&mut Registry) -> T) -> Result<T, Failure> {
        self.requests += 1;
        let (mut registry, mut random) = (self.registry.borrow_mut(), self.random.borrow_mut());
        if registry.faulty && random.percent(5) {
            return Err(failure(&mut random));
        }
        if registry.faulty && random.percent(3) {
            registry.steal(remote);
        }
        let answer = question(&mut registry);
        if registry.faulty && random.percent(5) {
            return Err(Failure::Unreachable("the answer is lost".into()));
        }
        Ok(answer)
    }

    /// Asks whether a remote is still ours, and remembers what it was told.
    fn look(&mut self, remote: &str, question: impl FnOnce(&mut Registry) -> bool) -> Result<bool, Failure> {
        let is_ours = self.ask(remote, question)?;
        let looked = (self.holder.clone(), remote.to_owned());
        self.registry.borrow_mut().looks.entry(looked).or_default().is_ours = is_ours;
        Ok(is_ours)
    }
}

impl Leases for FakeLeases {
    fn take(&mut self, remote: &str, _: u32) -> Result<Option<Epoch>, Failure> {
        let holder = self.holder.clone();
        let taken = self.ask(remote, |registry| registry.take(remote, &holder))?;
        let look = Look { is_ours: taken.is_some(), epoch: taken.unwrap_or(0), kept: 0 };
        self.registry.borrow_mut().looks.insert((holder, remote.to_owned()), look);
        Ok(taken.map(Epoch))
    }

    fn renew(&mut self, remote: &str, epoch: Epoch, _: u32) -> Result<bool, Failure> {
        self.look(remote, |registry| registry.held(remote, epoch).map(|shelf| shelf.is_over = false).is_some())
    }

    fn release(&mut self, remote: &str, epoch: Epoch) -> Result<bool, Failure> {
        self.look(remote, |registry| registry.held(remote, epoch).map(|shelf| shelf.is_over = true).is_some())
    }

    fn parts(&mut self, remote: &str) -> Result<BTreeMap<String, Part>, Failure> {
        self.ask(remote, |registry| {
            let parts = registry.shelves.get(remote).map(|shelf| &shelf.parts);
            parts.into_iter().flatten().map(|(name, kept)| (name.clone(), kept.part())).collect()
        })
    }

    fn put(&mut self, remote: &str, epoch: Epoch, parts: &Parts) -> Result<bool, Failure> {
        let holder = self.holder.clone();
        self.look(remote, |registry| registry.put(remote, epoch, &holder, parts))
    }

    fn traffic(&self) -> Traffic {
        Traffic { requests: self.requests, ..Traffic::default() }
    }
}

/// What a device took from a shared remote while the team does not know that it did.
#[derive(Default)]
pub(crate) struct Untold {
    /// Of contacts that were made all of it, of others the tags.
    pub(crate) taken: Vec<Units>,
    /// How often something was kept for the device before.
    pub(crate) kept: u64,
}
