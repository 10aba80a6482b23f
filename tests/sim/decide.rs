//! What people decide when it waits for them.

use crate::{
    device::Device,
    people::{Said, tags_of},
    world::{HUB, World},
};
use cardfile_core::sync::Waiting;
use cardfile_store::ContactRow;
use cardfile_sync::value::{Units, Value};

impl World {
    /// A person decides everything that waits on a device for a remote; whether anything did.
    pub(crate) fn decide(&self, d: usize, at: usize) -> bool {
        let mut any = false;
        for waiting in self.devices[d].waiting(at) {
            any |= self.decide_units(d, at, &waiting);
            if waiting.deletion.is_some() {
                any = true;
                self.decide_deletion(d, at, &waiting);
            }
        }
        any
    }

    fn decide_units(&self, d: usize, at: usize, waiting: &Waiting) -> bool {
        let device = &self.devices[d];
        let here = waiting.contact.and_then(|contact| device.contact(contact));
        // Of a deleted contact only the deletion is decided.
        if here.is_none_or(|contact| contact.binned_at.is_some()) {
            return false;
        }
        let mine = waiting.contact.map(|contact| device.units(contact)).unwrap_or_default();
        for (unit, (held, _)) in &waiting.held {
            // Of a team each would say the other thing for ever.
            let take_theirs = self.percent(if self.team.is_some() { 70 } else { 50 });
            let ours = mine.get(unit).cloned().unwrap_or_default();
            let lost = if take_theirs { ours } else { held.theirs.clone() };
            self.people.borrow_mut().give_up(&Units::from([(unit.clone(), lost)]));
            self.say(|| format!("{d} decided: {unit} of {:?} at {at}, theirs {take_theirs}", waiting.contact));
            device.decide(waiting.pair, unit, take_theirs);
        }
        !waiting.held.is_empty()
    }

    fn decide_deletion(&self, d: usize, at: usize, waiting: &Waiting) {
        let device = &self.devices[d];
        let there = waiting.key.as_ref().and_then(|key| self.remotes[at].borrow().records.get(key).cloned());
        let there = there.map(|record| record.units);
        let mine = waiting.contact.map(|contact| device.units(contact));
        let stands = self.percent(60);
        self.say(|| format!("{d} decided: the deletion of {:?} at {at} stands, {stands}", waiting.contact));
        let others = self.said_by_others(device, waiting.contact);
        let mut people = self.people.borrow_mut();
        for units in [there, mine].into_iter().flatten() {
            if stands {
                // Somebody has seen what the live side says.
                people.give_up(&units);
                // Two devices made a contact each of one record, which told both a tag: with one of
                // the two the other one is not deleted, and nobody can know that they are the same.
                let twice = tags_of(&units).into_iter().filter(|(tag, _)| others.tags.contains(tag)).collect();
                people.let_return(&Units::from([("tags".to_owned(), Value::set(twice))]));
            } else {
                // What was given up with a deletion is wanted again.
                people.let_return(&units);
            }
        }
        if !stands && let Some(key) = &waiting.key {
            // Others who changed them meanwhile could not pass it on, nor hear what was taken off.
            for other in &self.devices {
                let contact = other.pair_of_key(at, key).and_then(|pair| pair.contact);
                contact.iter().for_each(|contact| people.let_return(&other.units(*contact)));
            }
        }
        let is_gone = |id: &str| !self.remotes[HUB].borrow().records.contains_key(id);
        let own = waiting.contact.and_then(|row| device.contact(row)).filter(|_| !stands && self.team.is_some());
        if let Some(own) = own.filter(|own| is_gone(own.id.as_str())) {
            // A write of another device to the team's record that was deleted, and that nobody
            // answered: the record that is made again under the ID has not seen it, and it is sent again.
            let sent = self.devices.iter().flat_map(|other| other.unanswered(HUB, own.id.as_str()));
            sent.for_each(|sent| people.let_return(&sent));
        }
        drop(people);
        device.decide_deletion(waiting.pair, stands);
    }

    /// What contacts of a team say that are known by other IDs than this one, on any device.
    fn said_by_others(&self, device: &Device, contact: Option<ContactRow>) -> Said {
        let mut said = Said::default();
        let own = contact.and_then(|row| device.contact(row)).filter(|_| self.team.is_some());
        if let Some(own) = own {
            for other in &self.devices {
                let is_another = |row: &ContactRow| other.contact(*row).is_some_and(|known| known.id != own.id);
                other.live().iter().filter(|row| is_another(row)).for_each(|row| said.add(&other.units(*row)));
            }
        }
        said
    }
}
