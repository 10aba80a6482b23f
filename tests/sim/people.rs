//! What people wrote, replaced and gave up: what has to be there in the end, and what must
//! not be.

use crate::random::Random;
use cardfile_sync::{
    pair::Key,
    value::{Element, Units, Value},
};
use std::collections::{BTreeMap, BTreeSet};

/// What people did so far. All values are in small letters, because remotes rewrite them.
#[derive(Default)]
pub(crate) struct People {
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
    /// Names of who was deleted while nobody knew them otherwise, and not edited since.
    buried: BTreeSet<String>,
    /// Names of who may come back, or be there twice: nobody can know.
    unsure: BTreeSet<String>,
    /// A device lost what it knew: it may make a contact a second time.
    pub(crate) forgot: bool,
}

impl People {
    /// A value that nobody wrote before.
    pub(crate) fn fresh(&mut self) -> String {
        self.next += 1;
        let value = format!("w{}", self.next);
        self.written.insert(value.clone());
        value
    }

    /// What somebody says of a new person.
    pub(crate) fn somebody(&mut self) -> Units {
        Units::from([("name".to_owned(), Value::One(self.fresh()))])
    }

    /// A person changes some units; what stood there they have seen.
    pub(crate) fn change(&mut self, units: &mut Units, random: &mut Random) {
        if let Some(name) = name_of(units) {
            self.buried.remove(&name);
        }
        match random.below(5) {
            0 | 1 => {
                let unit = if random.percent(60) { "name" } else { "description" };
                let empties = random.percent(15);
                let value = if empties { Value::Absent } else { Value::One(self.fresh()) };
                let new = value.clone();
                if let Some(Value::One(old)) = units.insert(unit.to_owned(), value) {
                    let old = old.to_lowercase();
                    // Whoever may be there twice may be so under another name.
                    if let Value::One(new) = new
                        && self.unsure.contains(&old)
                    {
                        self.unsure.insert(new.to_lowercase());
                    }
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
                if let Some(tag) = random.of(&keys) {
                    tags.remove(tag);
                    self.tags_removed.insert(tag.clone());
                    units.insert("tags".to_owned(), Value::set(tags));
                }
            }
        }
    }

    /// Somebody else made of the units of a record what they are now.
    pub(crate) fn took_off(&mut self, at: usize, key: &Key, before: &Units, after: &Units) {
        let after = tags_of(after);
        let taken_off = tags_of(before).into_keys().filter(|tag| !after.contains_key(tag));
        self.taken_off.entry((at, key.clone())).or_default().extend(taken_off);
    }

    /// Somebody makes one person of two: gives what the one that stays says from now on.
    pub(crate) fn merge(&mut self, stays: &Units, goes: &Units) -> Units {
        let mut merged = stays.clone();
        for name in [stays, goes].into_iter().filter_map(name_of) {
            self.buried.remove(&name);
        }
        for unit in ["name", "description"] {
            match (stays.get(unit), goes.get(unit)) {
                (Some(Value::One(_)), Some(Value::One(lost))) => {
                    self.given_up.insert(lost.to_lowercase());
                }
                (_, Some(Value::One(kept))) => {
                    merged.insert(unit.to_owned(), Value::One(kept.clone()));
                    self.unsure.insert(kept.to_lowercase());
                }
                _ => {}
            }
        }
        let mut tags = tags_of(stays);
        // Whoever knows both has them twice, and may take off one.
        self.unknowable.extend(tags_of(goes).into_keys());
        tags.extend(tags_of(goes));
        merged.insert("tags".to_owned(), Value::set(tags));
        merged
    }

    /// Somebody has seen all of it and wants none of it any more.
    pub(crate) fn give_up(&mut self, units: &Units) {
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

    /// Somebody was deleted whom nobody knew otherwise.
    pub(crate) fn bury(&mut self, units: &Units) {
        self.buried.extend(name_of(units));
    }

    /// It may come back, or be there twice.
    pub(crate) fn let_return(&mut self, units: &Units) {
        self.unknowable.extend(tags_of(units).into_keys());
        self.unsure.extend(name_of(units));
    }

    /// The same of what others took off a record.
    pub(crate) fn let_taken_off_return(&mut self, at: usize, key: &Key) {
        let taken_off = self.taken_off.remove(&(at, key.clone())).unwrap_or_default();
        self.unknowable.extend(taken_off);
    }

    /// A device forgot what it alone said, and says again what it said before.
    pub(crate) fn forget(&mut self, before: &[Units], after: &[Units], elsewhere: &Said) {
        for value in before.iter().flat_map(|units| units.values()) {
            if let Value::One(text) = value {
                let text = text.to_lowercase();
                if !elsewhere.values.contains(&text) {
                    self.given_up.insert(text);
                }
            }
        }
        before.iter().chain(after).for_each(|units| self.let_return(units));
        // What was removed or deleted, and nobody else knows it yet, never happened.
        self.unknowable.extend(self.tags_removed.intersection(&elsewhere.tags).cloned());
        self.unsure.extend(self.buried.intersection(&elsewhere.values).cloned());
        self.forgot = true;
    }

    /// What a person wrote and nobody gave up, and that nobody says.
    pub(crate) fn lost(&self, said: &Said) -> Option<String> {
        let lost = self.written.iter().find(|value| !said.values.contains(*value) && !self.given_up.contains(*value));
        lost.cloned().or_else(|| {
            let mut added = self.tags_added.difference(&self.unknowable);
            let lost = added.find(|tag| !said.tags.contains(*tag) && !self.tags_removed.contains(*tag));
            lost.map(|tag| format!("tag {tag}"))
        })
    }

    /// A tag that somebody removed, and that is there.
    pub(crate) fn tag_back(&self, said: &Said) -> Option<&String> {
        self.tags_removed.difference(&self.unknowable).find(|tag| said.tags.contains(*tag))
    }

    /// A name of somebody who was deleted, and is there.
    pub(crate) fn risen(&self, said: &Said) -> Option<&String> {
        self.buried.difference(&self.unsure).find(|name| said.values.contains(*name))
    }

    /// Whether a name may be there twice.
    pub(crate) fn may_be_twice(&self, name: &str) -> bool {
        self.forgot || self.unsure.contains(name)
    }
}

/// What is said in the end.
#[derive(Default)]
pub(crate) struct Said {
    pub(crate) values: BTreeSet<String>,
    pub(crate) tags: BTreeSet<String>,
}

impl Said {
    /// By one more contact, or record.
    pub(crate) fn add(&mut self, units: &Units) {
        for value in units.values() {
            match value {
                Value::One(text) => {
                    self.values.insert(text.to_lowercase());
                }
                Value::Set(tags) => self.tags.extend(tags.keys().cloned()),
                Value::Absent => {}
            }
        }
    }
}

pub(crate) fn name_of(units: &Units) -> Option<String> {
    one_of(units, "name")
}

/// One value in small letters.
pub(crate) fn one_of(units: &Units, unit: &str) -> Option<String> {
    match units.get(unit) {
        Some(Value::One(text)) => Some(text.to_lowercase()),
        Some(Value::Set(_) | Value::Absent) | None => None,
    }
}

pub(crate) fn tags_of(units: &Units) -> BTreeMap<String, Element> {
    match units.get("tags") {
        Some(Value::Set(tags)) => tags.clone(),
        Some(Value::One(_) | Value::Absent) | None => BTreeMap::new(),
    }
}
