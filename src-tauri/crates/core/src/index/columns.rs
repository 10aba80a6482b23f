//! Small columns for filters: a number per contact, text as a number in a dictionary.

use super::{Bits, Slot, get, pack::Query, put};
use cardfile_domain::{filter::Test, text};
use std::collections::HashMap;

/// "Never".
pub(crate) const NO_TIME: u32 = 0;

/// The slots whose number lies between two, both included.
pub(crate) fn between(column: &[u32], from: u32, to: u32) -> Bits {
    let mut bits = vec![0u64; column.len().div_ceil(64)];
    for (word, chunk) in bits.iter_mut().zip(column.chunks(64)) {
        // Without a branch, so that the compiler does many at a time.
        *word = chunk
            .iter()
            .enumerate()
            .fold(0, |bits, (at, value)| bits | u64::from(*value >= from && *value <= to) << at);
    }
    bits
}

/// A text column: each distinct text once, a number per slot; 0 is empty.
#[derive(Default)]
pub(crate) struct Dictionary {
    ids: Vec<u32>,
    texts: Vec<String>,
    /// The texts folded, once and not at every key that is typed.
    folded: Vec<String>,
    numbers: HashMap<String, u32>,
}

impl Dictionary {
    pub(crate) fn set(&mut self, slot: Slot, text: &str) {
        let id = if text.is_empty() {
            0
        } else if let Some(id) = self.numbers.get(text) {
            *id
        } else {
            self.texts.push(text.to_owned());
            self.folded.push(text::fold(text));
            let id = self.texts.len() as u32;
            self.numbers.insert(text.to_owned(), id);
            id
        };
        if self.ids.len() <= slot as usize {
            if id == 0 {
                return;
            }
            self.ids.resize(slot as usize + 1, 0);
        }
        self.ids[slot as usize] = id;
    }

    pub(crate) fn id(&self, slot: Slot) -> u32 {
        self.ids.get(slot as usize).copied().unwrap_or(0)
    }

    /// The slots that pass a test.
    pub(crate) fn test(&self, test: &Test, live: &Bits) -> Bits {
        let mut wanted = vec![false; self.texts.len() + 1];
        match test {
            Test::None => wanted[0] = true,
            Test::OneOf(words) => {
                let words: Vec<String> = words.iter().map(|word| text::fold(word)).collect();
                for (at, own) in self.folded.iter().enumerate() {
                    wanted[at + 1] = words.contains(own);
                }
            }
            Test::Contains(word) => {
                let word = text::fold(word);
                for (at, own) in self.folded.iter().enumerate() {
                    wanted[at + 1] = own.contains(&word);
                }
            }
            Test::Number(from, to) => {
                for (at, own) in self.texts.iter().enumerate() {
                    wanted[at + 1] = own
                        .parse::<f64>()
                        .is_ok_and(|n| from.is_none_or(|from| n >= from) && to.is_none_or(|to| n <= to));
                }
            }
            Test::Between(..) | Test::WithinDays(_) | Test::NotWithinDays(_) | Test::Today | Test::Set => {
                wanted[1..].fill(true);
            }
        }
        let mut bits = live.clone();
        for (at, word) in bits.iter_mut().enumerate() {
            let from = (at * 64).min(self.ids.len());
            let ids = &self.ids[from..(from + 64).min(self.ids.len())];
            let mut pass = ids.iter().enumerate().fold(0u64, |b, (n, id)| b | u64::from(wanted[*id as usize]) << n);
            // Slots beyond the column are empty.
            if wanted[0] && ids.len() < 64 {
                pass |= u64::MAX << ids.len();
            }
            *word &= pass;
        }
        bits
    }

    /// Marks the slots whose text fits.
    pub(crate) fn search(&self, query: &Query, found: &mut Bits) {
        let wanted: Vec<bool> = std::iter::once(false).chain(self.folded.iter().map(|own| query.fits(own))).collect();
        if !wanted.contains(&true) {
            return;
        }
        if found.len() * 64 < self.ids.len() {
            found.resize(self.ids.len().div_ceil(64), 0);
        }
        // A word of bits at a time, without a branch.
        for (word, ids) in found.iter_mut().zip(self.ids.chunks(64)) {
            let bits = ids.iter().enumerate().fold(0, |bits, (at, id)| bits | u64::from(wanted[*id as usize]) << at);
            *word |= bits;
        }
    }

    /// Ranks for sorting: numbers by size, then words in the alphabet, empty last.
    pub(crate) fn ranks(&self, slots: usize) -> Vec<u32> {
        let mut order: Vec<usize> = (0..self.texts.len()).collect();
        order.sort_by_cached_key(|at| {
            let own = &self.texts[*at];
            match own.parse::<f64>() {
                // Shifted so that bits sort as numbers do.
                Ok(n) => {
                    let bits = n.to_bits();
                    (0, if bits >> 63 == 1 { !bits } else { bits | 1 << 63 }, Vec::new())
                }
                Err(_) => (1, 0, cardfile_domain::sort::key(own)),
            }
        });
        let mut rank = vec![u32::MAX; self.texts.len() + 1];
        for (place, at) in (0u32..).zip(order) {
            rank[at + 1] = place;
        }
        (0..slots).map(|slot| rank[self.id(slot as Slot) as usize]).collect()
    }

    /// How many counted slots each text has, most first.
    pub(crate) fn counts(&self, counted: impl Fn(Slot) -> bool) -> Vec<(String, u32)> {
        let mut counts = vec![0u32; self.texts.len() + 1];
        for (slot, id) in (0u32..).zip(&self.ids) {
            counts[*id as usize] += u32::from(counted(slot));
        }
        let mut named: Vec<_> =
            self.texts.iter().cloned().zip(counts.into_iter().skip(1)).filter(|(_, n)| *n > 0).collect();
        named.sort_by(|a, b| b.1.cmp(&a.1).then_with(|| a.0.cmp(&b.0)));
        named
    }
}

/// A bitmap per tag.
#[derive(Default)]
pub(crate) struct Tags {
    bits: HashMap<i64, Bits>,
    /// Folded.
    names: HashMap<i64, String>,
    /// As they are shown, in the alphabet.
    shown: Vec<(i64, String)>,
}

impl Tags {
    pub(crate) fn names(&mut self, all: &[(i64, String)]) {
        self.shown = all.to_vec();
        self.names = all.iter().map(|(tag, name)| (*tag, text::fold(name))).collect();
    }

    /// Tells the tags of slots, in the alphabet.
    pub(crate) fn names_by_slot(&self) -> impl Fn(Slot) -> Vec<String> {
        let shown: Vec<(&Bits, &String)> =
            self.shown.iter().filter_map(|(tag, name)| Some((self.bits.get(tag)?, name))).collect();
        move |slot| shown.iter().filter(|(bits, _)| get(bits, slot)).map(|(_, name)| (*name).clone()).collect()
    }

    /// How many of these slots have the tag.
    pub(crate) fn count(&self, tag: i64, of: &Bits) -> u32 {
        let own = self.bits.get(&tag).map_or(&[][..], |bits| bits);
        own.iter().zip(of).map(|(mine, theirs)| (mine & theirs).count_ones()).sum()
    }

    pub(crate) fn set(&mut self, slot: Slot, tags: &[i64]) {
        for tag in tags {
            put(self.bits.entry(*tag).or_default(), slot, true);
        }
    }

    pub(crate) fn clear(&mut self, slot: Slot) {
        for bits in self.bits.values_mut() {
            if get(bits, slot) {
                put(bits, slot, false);
            }
        }
    }

    pub(crate) fn test(&self, test: &Test, live: &Bits) -> Bits {
        let named = |fits: &dyn Fn(&str) -> bool| {
            let mut bits = vec![0; live.len()];
            for (tag, own) in &self.bits {
                if self.names.get(tag).is_some_and(|name| fits(name)) {
                    bits.iter_mut().zip(own).for_each(|(mine, theirs)| *mine |= theirs);
                }
            }
            bits
        };
        match test {
            Test::OneOf(words) => {
                let words: Vec<String> = words.iter().map(|word| text::fold(word)).collect();
                named(&|name| words.iter().any(|word| word == name))
            }
            Test::Contains(word) => {
                let word = text::fold(word);
                named(&|name| name.contains(&word))
            }
            Test::None => {
                let any = named(&|_| true);
                live.iter().zip(any).map(|(l, any)| l & !any).collect()
            }
            _ => named(&|_| true),
        }
    }

    pub(crate) fn search(&self, query: &Query, found: &mut Bits) {
        for (tag, own) in &self.bits {
            if self.names.get(tag).is_some_and(|name| query.fits(name)) {
                found.iter_mut().zip(own).for_each(|(mine, theirs)| *mine |= theirs);
            }
        }
    }
}
