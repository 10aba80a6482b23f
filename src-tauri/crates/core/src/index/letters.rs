//! Who has which letter: sets for queries of one character, and for the pairs
//! of letters that so many lines have that a scan would stop at every line.

use super::{Bits, Slot, put};
use std::collections::HashMap;

/// A pair is kept when more than one line in this many has it.
const OFTEN: u32 = 8;
/// Pairs of the letters that are one byte.
const PAIRS: usize = 1 << 14;

/// Slots by letter and by frequent pair.
#[derive(Default)]
pub(crate) struct Letters {
    /// Letters of one byte: nearly all lines have some of them.
    ascii: HashMap<u8, Bits>,
    /// The others, as lists: thousands of them have a few lines each.
    others: HashMap<char, Vec<Slot>>,
    pairs: HashMap<[u8; 2], Bits>,
}

impl Letters {
    /// Reads all lines once to count and once to keep.
    pub(crate) fn of<'l>(lines: impl Iterator<Item = &'l str> + Clone) -> Self {
        let mut letters = Self::default();
        let mut ascii: Vec<Bits> = vec![Bits::new(); 128];
        let mut counts = vec![0u32; PAIRS];
        let mut last_line = vec![Slot::MAX; PAIRS];
        let mut total = 0;
        for (slot, line) in (0u32..).zip(lines.clone()) {
            total = slot + 1;
            let mut before = 0u8;
            for byte in line.bytes() {
                if byte.is_ascii() {
                    put(&mut ascii[byte as usize], slot, true);
                    let pair = usize::from(before) << 7 | usize::from(byte);
                    if before != 0 && last_line[pair] != slot {
                        last_line[pair] = slot;
                        counts[pair] += 1;
                    }
                    before = byte;
                } else {
                    before = 0;
                }
            }
            if !line.is_ascii() {
                for c in line.chars().filter(|c| !c.is_ascii()) {
                    let slots = letters.others.entry(c).or_default();
                    if slots.last() != Some(&slot) {
                        slots.push(slot);
                    }
                }
            }
        }
        letters.ascii = (0u8..).zip(ascii).filter(|(_, bits)| !bits.is_empty()).collect();
        let mut frequent: Vec<Bits> = counts
            .iter()
            .map(|n| if *n > total / OFTEN { vec![0; total as usize / 64 + 1] } else { Bits::new() })
            .collect();
        for (slot, line) in (0u32..).zip(lines) {
            for pair in line.as_bytes().windows(2) {
                if pair[0].is_ascii()
                    && pair[1].is_ascii()
                    && let bits = &mut frequent[usize::from(pair[0]) << 7 | usize::from(pair[1])]
                    && !bits.is_empty()
                {
                    put(bits, slot, true);
                }
            }
        }
        let kept = (0..PAIRS).zip(frequent).filter(|(_, bits)| !bits.is_empty());
        letters.pairs = kept.map(|(pair, bits)| ([(pair >> 7) as u8, (pair & 127) as u8], bits)).collect();
        letters.others.values_mut().for_each(Vec::shrink_to_fit);
        letters
    }

    /// Adds the slots whose line contains `text`. `false` when that has to be
    /// found by a scan.
    pub(crate) fn find(&self, text: &str, found: &mut Bits) -> bool {
        let bytes = text.as_bytes();
        let set = match bytes {
            [one] => self.ascii.get(one),
            [one, two] if text.is_ascii() => match self.pairs.get(&[*one, *two]) {
                Some(set) => Some(set),
                None => return false,
            },
            _ => {
                let mut chars = text.chars();
                let (Some(c), None) = (chars.next(), chars.next()) else { return false };
                for slot in self.others.get(&c).into_iter().flatten() {
                    put(found, *slot, true);
                }
                return true;
            }
        };
        if let Some(set) = set {
            if found.len() < set.len() {
                found.resize(set.len(), 0);
            }
            found.iter_mut().zip(set).for_each(|(all, some)| *all |= some);
        }
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn letters_and_frequent_pairs_are_known_without_a_scan() {
        let lines = ["anna\u{1f}x", "张强", "hanna", ""];
        let letters = Letters::of(lines.into_iter());
        let slots = |text: &str| {
            let mut found = Bits::new();
            letters
                .find(text, &mut found)
                .then(|| (0..4u32).filter(|slot| super::super::get(&found, *slot)).collect::<Vec<_>>())
        };
        assert_eq!(slots("a"), Some(vec![0, 2]));
        assert_eq!(slots("强"), Some(vec![1]));
        assert_eq!(slots("q"), Some(vec![]));
        assert_eq!(slots("nn"), Some(vec![0, 2]));
        assert_eq!(slots("zz"), None, "a rare pair is left to the scan");
        assert_eq!(slots("张强"), None);
    }
}
