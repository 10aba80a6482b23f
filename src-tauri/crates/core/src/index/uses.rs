//! Whom may be used for what, as sets of slots: what the ledger and the restrictions say.
//! The rule itself is the purpose's.

use super::{Bits, Slot, get, put, slots};
use cardfile_domain::{
    consent::{Purpose, Standing},
    filter::Test,
    restriction::Sort,
    text::fold_label,
};
use cardfile_store::{ContactRow, Reader, SqlResult};
use std::collections::HashMap;

#[derive(Default)]
pub(crate) struct Uses {
    /// Who last said yes, by key of the purpose.
    given: HashMap<String, Bits>,
    /// Who objects, by what the objection names.
    objected: HashMap<String, Bits>,
    restricted: Bits,
    held: Bits,
    no_agents: Bits,
    /// Whether the ledger was read: most filters ask about restrictions alone, and those are few.
    pub(crate) knows_consents: bool,
}

impl Uses {
    pub(crate) fn read(
        reader: Reader<'_>,
        with_consents: bool,
        slot: impl Fn(ContactRow) -> Option<Slot>,
    ) -> SqlResult<Self> {
        let mut uses = Self { knows_consents: with_consents, ..Self::default() };
        if with_consents {
            reader.consents().each_last(|contact, purpose, given| {
                if let (true, Some(slot)) = (given, slot(contact)) {
                    mark(&mut uses.given, purpose, slot);
                }
            })?;
        }
        reader.restrictions().each_in_force(|contact, sort, purpose| {
            let Some(slot) = slot(contact) else { return };
            match sort {
                Sort::Restricted => put(&mut uses.restricted, slot, true),
                Sort::Objected => mark(&mut uses.objected, purpose, slot),
                Sort::Held => put(&mut uses.held, slot, true),
                Sort::NoAgents => put(&mut uses.no_agents, slot, true),
            }
        })?;
        Ok(uses)
    }

    /// Those who may be used for a purpose that the test names; for any where it names none.
    pub(crate) fn for_purpose(&self, test: &Test, purposes: &[Purpose], live: &Bits) -> Bits {
        let fits = |purpose: &Purpose| {
            let names = |word: &str| *word == purpose.key || fold_label(word) == fold_label(&purpose.name);
            match test {
                Test::OneOf(words) => words.iter().any(|word| names(word)),
                Test::Contains(part) => fold_label(&purpose.name).contains(&fold_label(part)),
                Test::None | Test::Set => true,
                Test::Number(..) | Test::Between(..) | Test::WithinDays(_) | Test::NotWithinDays(_) | Test::Today => {
                    false
                }
            }
        };
        let mut found = vec![0; live.len()];
        for purpose in purposes.iter().filter(|purpose| fits(purpose)) {
            self.add_allowed(purpose, live, &mut found);
        }
        match test {
            Test::None => live.iter().zip(&found).map(|(live, found)| live & !found).collect(),
            _ => found,
        }
    }

    /// Takes out of a set who is restricted, and who may not be used for a purpose.
    pub(crate) fn leave(&self, set: &mut Bits, purpose: Option<&Purpose>) {
        super::without(set, &self.restricted);
        if let Some(purpose) = purpose {
            let mut allowed = vec![0; set.len()];
            self.add_allowed(purpose, set, &mut allowed);
            *set = allowed;
        }
    }

    fn add_allowed(&self, purpose: &Purpose, live: &Bits, found: &mut Bits) {
        let nobody = Bits::new();
        let given = self.given.get(&purpose.key).unwrap_or(&nobody);
        let objected: Vec<&Bits> =
            self.objected.iter().filter(|(about, _)| purpose.is_objected(about)).map(|(_, bits)| bits).collect();
        for slot in slots(live) {
            let standing = Standing {
                given: get(given, slot),
                objects: objected.iter().any(|bits| get(bits, slot)),
                is_restricted: get(&self.restricted, slot),
            };
            if purpose.may_use(standing).is_ok() {
                put(found, slot, true);
            }
        }
    }

    /// Those with a restriction of a sort that the test names.
    pub(crate) fn restricted(&self, test: &Test, live: &Bits) -> Bits {
        let objected: Vec<&Bits> = self.objected.values().collect();
        let has = |sort: Sort, slot: Slot| match sort {
            Sort::Restricted => get(&self.restricted, slot),
            Sort::Objected => objected.iter().any(|bits| get(bits, slot)),
            Sort::Held => get(&self.held, slot),
            Sort::NoAgents => get(&self.no_agents, slot),
        };
        let wanted: Vec<Sort> = match test {
            Test::OneOf(words) => words.iter().filter_map(|word| Sort::parse(word)).collect(),
            _ => Sort::ALL.to_vec(),
        };
        let is_asked_for_none = *test == Test::None;
        let mut found = vec![0; live.len()];
        for slot in slots(live) {
            let any = wanted.iter().any(|sort| has(*sort, slot));
            if any != is_asked_for_none {
                put(&mut found, slot, true);
            }
        }
        found
    }
}

fn mark(sets: &mut HashMap<String, Bits>, key: &str, slot: Slot) {
    if !sets.contains_key(key) {
        sets.insert(key.to_owned(), Bits::new());
    }
    if let Some(bits) = sets.get_mut(key) {
        put(bits, slot, true);
    }
}
