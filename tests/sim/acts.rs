//! What people do, here and at the remotes, at any moment.

use crate::{
    device::Device,
    mapping::{MAPPING, shared},
    people::{Said, name_of},
    remote::Record,
    world::{HUB, World},
};
use cardfile_store::ContactRow;
use cardfile_sync::{pair::Key, value::Units};
use std::collections::BTreeMap;

impl World {
    /// Somebody does something, here or at a remote.
    pub(crate) fn act(&self) {
        let d = self.below(self.devices.len());
        let at = self.below(self.remotes.len());
        let what = self.below(20);
        let imports = self.percent(10);
        if let Some(team) = &self.team
            && self.percent(5)
        {
            self.say(|| format!("team: the lease of {at} runs out"));
            team.borrow_mut().run_out(&self.name(at));
        }
        if self.falls_back && self.percent(5) {
            self.say(|| format!("{d} here: a copy is made"));
            self.devices[d].copy();
        }
        match what {
            0..=9 => self.act_here(d, what),
            12 if imports => {
                for _ in 0..8 {
                    let units = self.people.borrow_mut().somebody();
                    self.devices[d].create(&units);
                }
                self.say(|| format!("{d} here: eight contacts are imported"));
            }
            _ => self.act_there(at, what),
        }
    }

    fn act_here(&self, d: usize, what: usize) {
        let device = &self.devices[d];
        if what < 2 {
            let units = self.people.borrow_mut().somebody();
            let contact = device.create(&units);
            return self.say(|| format!("{d} here: contact {contact} is made, {units:?}"));
        }
        let live = device.live();
        let Some(contact) = self.one_of(&live) else { return };
        let mut units = device.units(contact);
        match what {
            2..=8 => {
                let before = units.clone();
                self.change(&mut units);
                self.was_edited(device, contact, &before, &units);
                self.say(|| format!("{d} here: contact {contact} becomes {units:?}"));
                device.edit(contact, &units);
            }
            _ if self.deletions => {
                self.bury(&units);
                self.say(|| format!("{d} here: contact {contact} is deleted"));
                device.delete(contact);
                if self.percent(20) {
                    self.say(|| format!("{d} here: the bin is emptied"));
                    device.empty_bin();
                }
            }
            _ if self.erasures && self.percent(20) => {
                self.bury(&units);
                self.say(|| format!("{d} here: the person of contact {contact} is erased"));
                device.erase(contact);
            }
            _ => {}
        }
    }

    fn act_there(&self, at: usize, what: usize) {
        let keys: Vec<Key> = self.remotes[at].borrow().records.keys().cloned().collect();
        let chosen = self.one_of(&keys);
        match (what, chosen) {
            (10, _) => {
                let units = self.people.borrow_mut().somebody();
                let key = self.remotes[at].borrow_mut().create(units);
                self.say(|| format!("remote {at}: {key} is made by somebody"));
            }
            (14, _) if self.percent(40) => self.make_again(at),
            (_, None) => {}
            (11, Some(key)) if self.deletions => {
                self.say(|| format!("remote {at}: {key} is deleted by somebody"));
                self.delete_there(at, &key);
            }
            (13, _) if self.deletions && self.percent(10) => {
                self.say(|| format!("remote {at}: everything is deleted by somebody"));
                for key in keys {
                    self.delete_there(at, &key);
                }
            }
            (15, Some(key)) if self.deletions && self.percent(40) => self.merge_there(at, &key),
            (16, Some(key)) if self.percent(30) => {
                self.say(|| format!("remote {at}: {key} is spoilt by somebody"));
                self.remotes[at].borrow_mut().spoil(&key);
            }
            (_, Some(key)) => {
                let before = self.remotes[at].borrow().records[&key].units.clone();
                let mut units = before.clone();
                self.change(&mut units);
                self.people.borrow_mut().took_off(at, &key, &before, &units);
                self.was_emptied(at, &key, &before, &units);
                self.say(|| format!("remote {at}: {key} becomes {units:?} by somebody"));
                self.remotes[at].borrow_mut().edit(&key, |record| *record = units);
            }
        }
    }

    /// A person changes some units.
    fn change(&self, units: &mut Units) {
        self.people.borrow_mut().change(units, &mut self.random.borrow_mut());
    }

    fn delete_there(&self, at: usize, key: &Key) {
        let record = self.remotes[at].borrow().records[key].clone();
        self.bury(&record.units);
        if self.is_unsettled(at, key) {
            self.people.borrow_mut().let_return(&record.units);
        }
        self.remotes[at].borrow_mut().delete(key);
        self.was_deleted(at, key, &record);
    }

    /// Two records become one: the key of the other is gone.
    fn merge_there(&self, at: usize, stays: &Key) {
        if self.remotes[at].borrow().caps.is_hub {
            return;
        }
        let others: Vec<Key> = self.remotes[at].borrow().records.keys().filter(|key| *key != stays).cloned().collect();
        let Some(goes) = self.one_of(&others) else { return };
        let (one, other) = {
            let remote = self.remotes[at].borrow();
            (remote.records[stays].clone(), remote.records[&goes].clone())
        };
        let merged = self.people.borrow_mut().merge(&one.units, &other.units);
        self.say(|| format!("remote {at}: {goes} becomes part of {stays}, {merged:?}"));
        self.remotes[at].borrow_mut().edit(stays, |record| *record = merged);
        self.remotes[at].borrow_mut().delete(&goes);
        self.was_deleted(at, &goes, &other);
    }

    /// A record is made under a key that was another's.
    fn make_again(&self, at: usize) {
        let gone: Vec<Key> = self.remotes[at].borrow().gone.iter().cloned().collect();
        let Some(key) = self.one_of(&gone) else { return };
        let (units, keeps_id) = (self.people.borrow_mut().somebody(), self.percent(50));
        // Who did not see that it was gone takes the next one for the same.
        if let Some(before) = self.remotes[at].borrow().before.get(&key) {
            let mut people = self.people.borrow_mut();
            people.let_return(&before.units);
            people.let_taken_off_return(at, &key);
        }
        self.say(|| format!("remote {at}: somebody else is {key} from now on, {units:?}"));
        let had_its_id = self.remotes[at].borrow_mut().make_again(&key, units, keeps_id);
        // So does who knows another record by its ID and did not see that it was gone. Seen from
        // there somebody deleted one of two records of a person, which takes nothing off the other:
        // what either says stays.
        for (other, before) in had_its_id.iter().filter(|(other, _)| self.is_still_known(at, other)) {
            let mut people = self.people.borrow_mut();
            people.let_return(before);
            people.let_taken_off_return(at, other);
        }
    }

    /// Whether somebody knows a record: a device, or the team for whoever serves the remote next.
    fn is_still_known(&self, at: usize, key: &Key) -> bool {
        let in_team = self.lease_of(at).is_some_and(|team| team.borrow().knows(&self.name(at), key));
        in_team || self.devices.iter().any(|device| device.pair_of_key(at, key).is_some())
    }

    /// Whoever deletes somebody has seen what they see; that is all there is of them, unless
    /// others say something else.
    fn bury(&self, units: &Units) {
        let mut people = self.people.borrow_mut();
        people.give_up(units);
        let (name, said) = (name_of(units), shared(units, &MAPPING));
        let is_known = |other: &Units| name_of(other) != name || shared(other, &MAPPING) == said;
        let here = self.devices.iter().all(|device| device.contacts().values().all(|(other, _)| is_known(other)));
        let there = |record: &Record| is_known(&record.units);
        if here && self.remotes.iter().all(|remote| remote.borrow().records.values().all(there)) {
            people.bury(units);
        }
    }

    /// What was taken off a contact is taken off its record in the team's database. One that says
    /// nothing is not made there: who never met the person takes them from another remote.
    fn was_edited(&self, device: &Device, contact: ContactRow, before: &Units, after: &Units) {
        if self.team.is_none() {
            return;
        }
        let mut people = self.people.borrow_mut();
        match device.pair_of(HUB, contact).and_then(|pair| pair.key) {
            Some(key) => people.took_off(HUB, &key, before, after),
            None if shared(after, &MAPPING).is_empty() => people.let_return(before),
            None => {}
        }
    }

    /// A record that says nothing makes no contact: who never met the person takes them from
    /// another remote as it says them.
    pub(crate) fn was_emptied(&self, at: usize, key: &Key, before: &Units, after: &Units) {
        if self.team.is_some() && at == HUB && shared(after, &MAPPING).is_empty() {
            let mut people = self.people.borrow_mut();
            people.let_return(before);
            people.let_taken_off_return(at, key);
        }
    }

    /// Whether somebody is asked about a contact and the team's database, so that what others say
    /// of it does not reach them.
    fn is_unsettled(&self, at: usize, key: &Key) -> bool {
        let waits = |device: &Device| device.in_team(at, key).is_some_and(|pair| pair.waits);
        self.lease_of(at).is_some() && self.devices.iter().any(waits)
    }

    /// Of a record whose making was never answered its maker does not know that it was there,
    /// nor does another device that serves the remote next: it is made again, which loses
    /// nothing, and brings back what was deleted.
    pub(crate) fn was_deleted(&self, at: usize, key: &Key, record: &Record) {
        let Some(id) = record.external_id.as_deref().filter(|_| record.is_ours) else { return };
        let is_known = match &self.team {
            Some(team) if at != HUB => team.borrow().knows(&self.name(at), key),
            _ => self.devices.iter().any(|device| device.knows_own(at, key, id)),
        };
        if !is_known {
            let mut people = self.people.borrow_mut();
            people.let_return(&record.units);
            people.let_taken_off_return(at, key);
        }
    }

    /// A device loses what it knows since a copy was made, and is another device from then on.
    pub(crate) fn fall_back(&self, d: usize) {
        let device = &self.devices[d];
        let before = device.contacts();
        if !device.fall_back() {
            return;
        }
        self.say(|| format!("{d} here: the copy comes back"));
        let after = device.contacts();
        let mut elsewhere = Said::default();
        for other in self.devices.iter().filter(|other| other.name() != device.name()) {
            other.contacts().values().filter(|(_, is_deleted)| !is_deleted).for_each(|(units, _)| elsewhere.add(units));
        }
        for remote in &self.remotes {
            let mut remote = remote.borrow_mut();
            remote.records.values().for_each(|record| elsewhere.add(&record.units));
            remote.is_remembered = false;
        }
        let units = |all: BTreeMap<ContactRow, (Units, bool)>| -> Vec<Units> {
            all.into_values().map(|(units, _)| units).collect()
        };
        self.people.borrow_mut().forget(&units(before), &units(after), &elsewhere);
    }
}
