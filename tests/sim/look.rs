//! What has to be true when nothing moves any more.

use crate::{
    device::Device,
    mapping::shared,
    people::{Said, name_of},
    remote::{FakeRemote, Record},
    world::{Broken, World},
};
use cardfile_store::{ContactRow, PairRow};
use cardfile_sync::{mapping::Mapping, value::Units};
use std::collections::{BTreeMap, BTreeSet};

type Contacts = BTreeMap<ContactRow, (Units, bool)>;

impl World {
    pub(crate) fn look(&self) -> Result<(), Broken> {
        let mut said = Said::default();
        for device in &self.devices {
            let contacts = device.contacts();
            contacts.values().filter(|(_, is_deleted)| !is_deleted).for_each(|(units, _)| said.add(units));
            self.look_for_twins(&contacts)?;
            for (at, remote) in self.remotes.iter().enumerate() {
                let remote = &*remote.borrow();
                let aside = remote.records.iter().filter(|(key, _)| device.is_set_aside(at, key));
                aside.for_each(|(_, record)| said.add(&record.units));
                look_at(device, &contacts, at, remote, &self.rules(at))?;
            }
        }
        for (at, remote) in self.remotes.iter().enumerate() {
            look_for_one_id(at, &remote.borrow())?;
        }
        let people = self.people.borrow();
        if let Some(lost) = people.lost(&said) {
            return Err(("no edit is lost", lost));
        }
        if let Some(name) = people.risen(&said) {
            return Err(("who was deleted does not come back", name.clone()));
        }
        // Without a stamp in the record nobody can tell a write that was lost from one that
        // somebody took back: a tag may return, and an edit never goes.
        let stamped = self.remotes.iter().all(|remote| remote.borrow().caps.stamp);
        match people.tag_back(&said).filter(|_| stamped) {
            Some(back) => Err(("what was removed stays removed", format!("tag {back}"))),
            None => Ok(()),
        }
    }

    /// Nobody is there twice: each name was given once.
    fn look_for_twins(&self, contacts: &Contacts) -> Result<(), Broken> {
        let (people, mut met) = (self.people.borrow(), BTreeSet::new());
        for name in contacts.values().filter(|(_, is_deleted)| !is_deleted).filter_map(|(units, _)| name_of(units)) {
            if !met.insert(name.clone()) && !people.may_be_twice(&name) {
                return Err(("nobody is there twice", name));
            }
        }
        Ok(())
    }
}

/// No ID is in two records of a remote.
fn look_for_one_id(at: usize, remote: &FakeRemote) -> Result<(), Broken> {
    let mut met = BTreeSet::new();
    match remote.records.values().filter_map(|record| record.external_id.as_ref()).find(|id| !met.insert(*id)) {
        Some(id) => Err(("one record an ID", format!("remote {at}: {id}"))),
        None => Ok(()),
    }
}

/// A device and a remote at rest say the same.
fn look_at(
    device: &Device,
    contacts: &Contacts,
    at: usize,
    remote: &FakeRemote,
    rules: &Mapping,
) -> Result<(), Broken> {
    let live = |row: &ContactRow| contacts.get(row).filter(|(_, is_deleted)| !is_deleted).map(|(units, _)| units);
    let says = |units: &Units| shared(units, rules);
    let mut met: BTreeSet<ContactRow> = BTreeSet::new();
    for (key, record) in &remote.records {
        let pair = device.pair_of_key(at, key);
        let Some((contact, pair)) = pair.as_ref().and_then(|pair| Some((pair.contact?, pair))) else {
            // Or it is shown as one that is not taken, and why.
            if says(&record.units).is_empty() || device.is_set_aside(at, key) {
                continue;
            }
            return Err(("one record a contact", format!("remote {at}: {key} belongs to nobody: {pair:?}")));
        };
        met.insert(contact);
        if device.is_erased(contact) {
            return Err(("erased stays erased", format!("remote {at}: {key} of {contact} is there")));
        }
        match live(&contact) {
            None => return Err(("deleted stays deleted", format!("remote {at}: {key} of {contact} is there"))),
            Some(units) if says(units) != says(&record.units) => {
                let what = format!("remote {at}: {key} says {:?}, {contact} says {units:?}", record.units);
                return Err(("both sides are equal", what));
            }
            Some(_) => look_at_base(pair, record, rules).map_err(|what| ("what was agreed on is there", what))?,
        }
    }
    // Nothing to say is no record. A person who is there twice shares theirs, and waits for
    // somebody to make one of the two.
    let is_said = |row: &ContactRow| live(row).is_some_and(|units| !says(units).is_empty());
    let waits = |row: &ContactRow| device.pair_of(at, *row).is_some_and(|pair| pair.waits);
    match contacts.keys().find(|row| is_said(row) && !met.contains(row) && !waits(row)) {
        None => Ok(()),
        Some(row) => {
            let what = format!("remote {at} has no record of {row}: {:?}", device.pair_of(at, *row));
            Err(("both sides are equal", what))
        }
    }
}

/// What a device believes that both sides agreed on is what the remote says. That is so of what
/// only comes too, which nobody else can tell a device: whoever takes over a remote that a team
/// shares has to read it there. What the contact says of it may be its own, so that it tells
/// nothing.
fn look_at_base(pair: &PairRow, record: &Record, rules: &Mapping) -> Result<(), String> {
    let state: serde_json::Value = serde_json::from_str(&pair.state).map_err(|error| error.to_string())?;
    let base: Units = serde_json::from_value(state["base"].clone()).map_err(|error| error.to_string())?;
    let of = |units: &Units, unit: &str| units.get(unit).cloned().unwrap_or_default();
    let mut comes = rules.units().filter(|unit| rules.pulls(unit));
    match comes.find(|unit| of(&base, unit) != of(&record.units, unit)) {
        Some(unit) => Err(format!("{unit} in {base:?}, and there is {:?}", record.units)),
        None => Ok(()),
    }
}
