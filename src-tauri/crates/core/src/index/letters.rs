//! Who has which letter: sets for queries of one character, and for the pairs
//! and threes of letters that so many lines have that a scan would stop at
//! every line.

use super::{Bits, Slot, put};
use std::collections::HashMap;

/// A pair or a three is kept when more than one line in this many has it.
const OFTEN: u32 = 8;
/// Letters of one byte.
const ASCII: usize = 128;

/// Slots by letter, and by frequent pair and three.
#[derive(Default)]
pub(crate) struct Letters {
    /// Letters of one byte: nearly all lines have some of them.
    ascii: HashMap<u8, Bits>,
    /// The others, as lists: thousands of them have a few lines each.
    others: HashMap<char, Vec<Slot>>,
    pairs: HashMap<[u8; 2], Bits>,
    threes: HashMap<[u8; 3], Bits>,
}

/// What is known about a text without a scan.
pub(crate) enum Known {
    /// Exactly these slots have it.
    These,
    /// Some of these; each has to be looked at.
    Among,
    /// Nothing: it has to be found by a scan, which is quick, because few have it.
    Nothing,
}

/// Counts in how many lines something occurs.
struct Lines {
    counts: Vec<u32>,
    last: Vec<Slot>,
}

impl Lines {
    fn of(things: usize) -> Self {
        Self { counts: vec![0; things], last: vec![Slot::MAX; things] }
    }

    fn add(&mut self, thing: usize, slot: Slot) {
        if self.last[thing] != slot {
            self.last[thing] = slot;
            self.counts[thing] += 1;
        }
    }

    /// Numbers the frequent ones from 0; the others are `None`.
    fn frequent(&self, total: u32) -> Vec<Option<u16>> {
        let mut next = 0;
        let number = |count: &u32| {
            (*count > total / OFTEN && next < u16::MAX).then(|| {
                next += 1;
                next - 1
            })
        };
        self.counts.iter().map(number).collect()
    }
}

impl Letters {
    /// Reads all lines: once for letters, once for pairs, once for threes.
    pub(crate) fn of<'l>(lines: impl Iterator<Item = &'l str> + Clone) -> Self {
        let mut letters = Self::default();
        let mut ascii: Vec<Bits> = vec![Bits::new(); ASCII];
        let mut pairs = Lines::of(ASCII * ASCII);
        let mut total = 0;
        for (slot, line) in (0u32..).zip(lines.clone()) {
            total = slot + 1;
            for byte in line.bytes().filter(u8::is_ascii) {
                put(&mut ascii[usize::from(byte)], slot, true);
            }
            each_pair(line, |pair, _| pairs.add(pair, slot));
            if !line.is_ascii() {
                for c in line.chars().filter(|c| !c.is_ascii()) {
                    let slots = letters.others.entry(c).or_default();
                    if slots.last() != Some(&slot) {
                        slots.push(slot);
                    }
                }
            }
        }
        letters.others.values_mut().for_each(Vec::shrink_to_fit);
        letters.ascii = (0u8..).zip(ascii).filter(|(_, bits)| !bits.is_empty()).collect();

        // A three is frequent only when both its pairs are.
        let pair_numbers = pairs.frequent(total);
        let kept = pair_numbers.iter().flatten().count();
        let mut pair_sets = vec![vec![0u64; total as usize / 64 + 1]; kept];
        let mut threes = Lines::of(kept * ASCII);
        for (slot, line) in (0u32..).zip(lines.clone()) {
            let mut before = None;
            each_pair(line, |pair, at| {
                let number = pair_numbers[pair];
                if let Some(number) = number {
                    put(&mut pair_sets[usize::from(number)], slot, true);
                    if let Some((first, first_at)) = before
                        && first_at + 1 == at
                    {
                        threes.add(usize::from(first) * ASCII + pair % ASCII, slot);
                    }
                }
                before = number.map(|number| (number, at));
            });
        }
        let three_numbers = threes.frequent(total);
        let kept = three_numbers.iter().flatten().count();
        let mut three_sets = vec![vec![0u64; total as usize / 64 + 1]; kept];
        let names: Vec<[u8; 2]> = (0..ASCII * ASCII)
            .filter(|pair| pair_numbers[*pair].is_some())
            .map(|pair| [(pair / ASCII) as u8, (pair % ASCII) as u8])
            .collect();
        for (slot, line) in (0u32..).zip(lines) {
            let mut before: Option<(u16, usize)> = None;
            each_pair(line, |pair, at| {
                if let Some((first, first_at)) = before
                    && first_at + 1 == at
                    && let Some(number) = three_numbers[usize::from(first) * ASCII + pair % ASCII]
                {
                    put(&mut three_sets[usize::from(number)], slot, true);
                }
                before = pair_numbers[pair].map(|number| (number, at));
            });
        }
        let three_names = three_numbers.iter().enumerate().filter(|(_, number)| number.is_some());
        letters.threes = three_names
            .map(|(three, _)| [names[three / ASCII][0], names[three / ASCII][1], (three % ASCII) as u8])
            .zip(three_sets)
            .collect();
        letters.pairs = names.into_iter().zip(pair_sets).collect();
        letters
    }

    /// Adds the slots that have `text`, or may have it.
    pub(crate) fn find(&self, text: &str, found: &mut Bits) -> Known {
        let bytes = text.as_bytes();
        if let [one] = bytes {
            add(found, self.ascii.get(one));
            return Known::These;
        }
        if !text.is_ascii() {
            let mut chars = text.chars();
            let (Some(c), None) = (chars.next(), chars.next()) else { return Known::Nothing };
            for slot in self.others.get(&c).into_iter().flatten() {
                put(found, *slot, true);
            }
            return Known::These;
        }
        let sets: Option<Vec<&Bits>> = if bytes.len() == 2 {
            Some(self.pairs.get(&[bytes[0], bytes[1]]).into_iter().collect())
        } else {
            bytes.windows(3).map(|three| self.threes.get(&[three[0], three[1], three[2]])).collect()
        };
        let Some([first, others @ ..]) = sets.as_deref() else { return Known::Nothing };
        let mut all = (*first).clone();
        for set in others {
            all.iter_mut().zip(*set).for_each(|(all, some)| *all &= some);
        }
        add(found, Some(&all));
        if bytes.len() <= 3 { Known::These } else { Known::Among }
    }
}

fn add(found: &mut Bits, set: Option<&Bits>) {
    let Some(set) = set else { return };
    if found.len() < set.len() {
        found.resize(set.len(), 0);
    }
    found.iter_mut().zip(set).for_each(|(all, some)| *all |= some);
}

/// Calls `each` with the number and the place of every pair of one-byte letters.
fn each_pair(line: &str, mut each: impl FnMut(usize, usize)) {
    for (at, pair) in line.as_bytes().windows(2).enumerate() {
        if pair[0].is_ascii() && pair[1].is_ascii() {
            each(usize::from(pair[0]) * ASCII + usize::from(pair[1]), at);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn known(letters: &Letters, text: &str) -> Option<Vec<Slot>> {
        let mut found = Bits::new();
        match letters.find(text, &mut found) {
            Known::These => Some(super::super::slots(&found).collect()),
            Known::Among | Known::Nothing => None,
        }
    }

    #[test]
    fn letters_and_frequent_pairs_and_threes_are_known_without_a_scan() {
        let letters = Letters::of(["anna\u{1f}x", "张强", "hanna", ""].into_iter());
        assert_eq!(known(&letters, "a"), Some(vec![0, 2]));
        assert_eq!(known(&letters, "强"), Some(vec![1]));
        assert_eq!(known(&letters, "q"), Some(vec![]));
        assert_eq!(known(&letters, "nn"), Some(vec![0, 2]));
        assert_eq!(known(&letters, "ann"), Some(vec![0, 2]));
        assert_eq!(known(&letters, "zz"), None, "a rare pair is left to the scan");
        assert_eq!(known(&letters, "anna"), None, "four letters have to be looked at");
        assert_eq!(known(&letters, "张强"), None);
    }

    proptest! {
        #[test]
        fn what_is_known_is_what_a_scan_finds(lines in prop::collection::vec("[ab5é]{0,6}", 1..40), text in "[ab5é]{1,4}") {
            let letters = Letters::of(lines.iter().map(String::as_str));
            let expected: Vec<Slot> = (0u32..).zip(&lines).filter(|(_, line)| line.contains(&text)).map(|(slot, _)| slot).collect();
            let mut found = Bits::new();
            match letters.find(&text, &mut found) {
                Known::These => prop_assert_eq!(super::super::slots(&found).collect::<Vec<_>>(), expected),
                Known::Among => prop_assert!(expected.iter().all(|slot| super::super::get(&found, *slot))),
                Known::Nothing => {}
            }
        }
    }
}
