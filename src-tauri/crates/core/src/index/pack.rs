//! The packed text: one folded line per contact, scanned by SIMD substring
//! search in one pass. No index over substrings is needed: the memory of a
//! million contacts is read in a few milliseconds.

use super::{
    Bits, Slot, get,
    letters::{Known, Letters},
    put, slots,
};
use cardfile_domain::text;
use memchr::{memmem, memrchr};
use std::collections::HashMap;

/// Between the parts of a line: name, email, phone.
pub(crate) const PART: char = '\u{1f}';
/// Between the values of one part.
pub(crate) const VALUE: char = '\u{1e}';

/// A part of a line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Part {
    Name = 0,
    Email = 1,
    Phone = 2,
}

/// So few lines are looked at one by one for a second word.
const FEW_LINES: usize = 20_000;

/// What is searched: words that must all be there, folded; and digits, when
/// all that was typed could be a phone number.
pub(crate) struct Query {
    words: Vec<String>,
    digits: Option<String>,
}

impl Query {
    pub(crate) fn of(typed: &str) -> Self {
        let folded = text::fold(typed.trim());
        let digits = text::digits(typed);
        let like_a_phone = digits.len() >= 2 && typed.trim().chars().all(|c| c.is_numeric() || " +-./()".contains(c));
        Self {
            words: folded.split_whitespace().map(str::to_owned).collect(),
            digits: (like_a_phone && folded != digits).then_some(digits),
        }
    }

    /// Whether a folded text has all words.
    pub(crate) fn fits(&self, folded: &str) -> bool {
        !self.words.is_empty() && self.words.iter().all(|word| folded.contains(word.as_str()))
    }
}

/// The last part of a line.
fn phones(line: &str) -> &str {
    memrchr(PART as u8, line.as_bytes()).map_or("", |at| &line[at + 1..])
}

/// Lines of all slots. Lines that changed since the last [`Pack::seal`] are kept
/// beside the packed ones.
#[derive(Default)]
pub(crate) struct Pack {
    text: String,
    /// Where each slot's line begins, and the end of the last.
    offsets: Vec<u32>,
    sealed: bool,
    stale: Bits,
    changed: HashMap<Slot, String>,
    letters: Letters,
}

impl Pack {
    /// Sets the line of a slot.
    pub(crate) fn put(&mut self, slot: Slot, line: &str) {
        if !self.sealed && self.offsets.len() == slot as usize {
            self.offsets.push(self.text.len() as u32);
            self.text.push_str(line);
            self.text.push('\n');
        } else {
            put(&mut self.stale, slot, true);
            self.changed.insert(slot, line.to_owned());
        }
    }

    /// Forgets the line of a slot.
    pub(crate) fn remove(&mut self, slot: Slot) {
        put(&mut self.stale, slot, true);
        self.changed.remove(&slot);
    }

    /// Whether so many lines lie beside the pack that it should be made anew.
    pub(crate) fn is_ragged(&self) -> bool {
        self.changed.len() > 1_000 + self.offsets.len() / 100
    }

    /// Packs all lines together.
    pub(crate) fn seal(&mut self) {
        if self.sealed && !self.changed.is_empty() {
            let slots = self.slots().max(self.changed.keys().max().map_or(0, |slot| slot + 1));
            let mut packed = Self::default();
            for slot in 0..slots {
                packed.put(slot, self.line(slot));
            }
            *self = packed;
        }
        if !self.sealed {
            self.offsets.push(self.text.len() as u32);
            self.sealed = true;
            self.letters = Letters::of(self.text.split_terminator('\n'));
        }
    }

    fn slots(&self) -> Slot {
        (self.offsets.len().saturating_sub(1)) as Slot
    }

    fn line(&self, slot: Slot) -> &str {
        if let Some(line) = self.changed.get(&slot) {
            return line;
        }
        if get(&self.stale, slot) || slot >= self.slots() {
            return "";
        }
        let (from, to) = (self.offsets[slot as usize] as usize, self.offsets[slot as usize + 1] as usize);
        &self.text[from..to - 1]
    }

    /// Marks the slots whose line fits.
    pub(crate) fn search(&self, query: &Query, found: &mut Bits) {
        // The longest word first: it leaves the fewest lines.
        let mut words: Vec<&str> = query.words.iter().map(String::as_str).collect();
        words.sort_by_key(|word| std::cmp::Reverse(word.len()));
        if let [longest, others @ ..] = &words[..] {
            let mut all = vec![0; found.len()];
            self.search_word(longest, &mut all);
            for word in others {
                let left: usize = all.iter().map(|bits: &u64| bits.count_ones() as usize).sum();
                if left < FEW_LINES {
                    let finder = memmem::Finder::new(word);
                    for slot in slots(&all).collect::<Vec<_>>() {
                        if finder.find(self.line(slot).as_bytes()).is_none() {
                            put(&mut all, slot, false);
                        }
                    }
                } else {
                    let mut has = vec![0; all.len()];
                    self.search_word(word, &mut has);
                    all.iter_mut().zip(has).for_each(|(all, has)| *all &= has);
                }
            }
            if found.len() < all.len() {
                found.resize(all.len(), 0);
            }
            found.iter_mut().zip(all).for_each(|(found, all)| *found |= all);
        }
        if let Some(digits) = &query.digits {
            self.scan(digits, |slot, line| {
                if phones(line).contains(digits.as_str()) {
                    put(found, slot, true);
                }
            });
        }
    }

    /// Marks the slots whose line contains one word.
    fn search_word(&self, word: &str, found: &mut Bits) {
        let known = self.letters.find(word, found);
        if matches!(known, Known::Nothing) {
            self.scan(word, |slot, _| put(found, slot, true));
            return;
        }
        // What changed since the lines were packed.
        found.iter_mut().zip(&self.stale).for_each(|(all, stale)| *all &= !stale);
        if matches!(known, Known::Among) {
            let finder = memmem::Finder::new(word);
            let bytes = self.text.as_bytes();
            for (word, bits) in found.iter_mut().enumerate() {
                let mut left = *bits;
                while left != 0 {
                    let slot = word * 64 + left.trailing_zeros() as usize;
                    left &= left - 1;
                    let line = &bytes[self.offsets[slot] as usize..self.offsets[slot + 1] as usize];
                    if finder.find(line).is_none() {
                        *bits &= !(1 << (slot % 64));
                    }
                }
            }
        }
        for (slot, line) in &self.changed {
            if line.contains(word) {
                put(found, *slot, true);
            }
        }
    }

    /// Calls `hit` once for each line that contains the needle.
    fn scan(&self, needle: &str, mut hit: impl FnMut(Slot, &str)) {
        let bytes = self.text.as_bytes();
        let finder = memmem::Finder::new(needle);
        let (mut at, mut slot) = (0usize, 0usize);
        while let Some(next) = finder.find(&bytes[at..]) {
            let place = at + next;
            // Gallop to the line of the hit.
            let mut step = 1;
            while self.offsets.get(slot + step).is_some_and(|end| *end as usize <= place) {
                slot += step;
                step *= 2;
            }
            while step > 0 {
                while self.offsets.get(slot + step).is_some_and(|start| *start as usize <= place) {
                    slot += step;
                }
                step /= 2;
            }
            let end = self.offsets[slot + 1] as usize;
            if !get(&self.stale, slot as Slot) {
                hit(slot as Slot, &self.text[self.offsets[slot] as usize..end - 1]);
            }
            at = end;
        }
        self.scan_changed(needle, hit);
    }

    fn scan_changed(&self, needle: &str, mut hit: impl FnMut(Slot, &str)) {
        for (slot, line) in &self.changed {
            if line.contains(needle) {
                hit(*slot, line);
            }
        }
    }

    /// The slots of which one part has one of these values, whole or inside.
    pub(crate) fn find(&self, part: Part, values: &[String], whole: bool, words: usize) -> Bits {
        let mut found = vec![0; words];
        for value in values {
            let needle = if part == Part::Phone { text::digits(value) } else { text::fold(value) };
            if needle.is_empty() {
                continue;
            }
            self.scan(&needle, |slot, line| {
                let text = line.split(PART).nth(part as usize).unwrap_or_default();
                let fits = if whole { text.split(VALUE).any(|one| one == needle) } else { text.contains(&needle) };
                if fits {
                    put(&mut found, slot, true);
                }
            });
        }
        found
    }

    /// Ranks of one part's first value for sorting; empty ones come last.
    pub(crate) fn ranks(&self, part: Part, slots: usize) -> Vec<u32> {
        let text = |slot: Slot| {
            let part = self.line(slot).split(PART).nth(part as usize).unwrap_or_default();
            part.split(VALUE).next().unwrap_or_default()
        };
        let mut order: Vec<Slot> = (0..slots as Slot).collect();
        order.sort_by_cached_key(|slot| {
            let value = text(*slot);
            (value.is_empty(), value.to_owned())
        });
        let mut ranks = vec![0; slots];
        for (rank, slot) in (0u32..).zip(order) {
            ranks[slot as usize] = rank;
        }
        ranks
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rstest::rstest;

    fn pack(lines: &[&str]) -> Pack {
        let mut pack = Pack::default();
        for (slot, line) in (0u32..).zip(lines) {
            pack.put(slot, line);
        }
        pack.seal();
        pack
    }

    fn hits(pack: &Pack, typed: &str) -> Vec<Slot> {
        let mut found = vec![0; 4];
        pack.search(&Query::of(typed), &mut found);
        (0..256).filter(|slot| get(&found, *slot)).collect()
    }

    const LINES: [&str; 4] = [
        "jose garcia\u{1f}jose@x.example\u{1f}34612408177",
        "张志强\u{1f}zhang@x.example\u{1f}8613810274416",
        "garcia lopez\u{1e}pepe\u{1f}\u{1f}",
        "\u{1f}info@garcia.example\u{1f}0771612",
    ];

    #[rstest]
    #[case("José", &[0])]
    #[case("garcia", &[0, 2, 3])]
    #[case("GARCIA jo", &[0])]
    #[case("志强", &[1])]
    #[case("强", &[1])]
    #[case("612 408", &[0])]
    #[case("+34 612-408-177", &[0])]
    #[case("612", &[0, 3])]
    #[case("pepe", &[2])]
    #[case("garcia lopez", &[2])]
    #[case("nobody", &[])]
    fn finds_from_the_first_character(#[case] typed: &str, #[case] expected: &[Slot]) {
        assert_eq!(hits(&pack(&LINES), typed), expected);
    }

    #[test]
    fn changed_lines_are_found_and_their_old_text_is_not() {
        let mut pack = pack(&LINES);
        pack.put(0, "ana ruiz\u{1f}\u{1f}");
        pack.put(4, "garcia nuevo\u{1f}\u{1f}");
        pack.remove(2);
        for _ in 0..2 {
            assert_eq!(hits(&pack, "garcia"), [3, 4]);
            assert_eq!(hits(&pack, "jose"), [] as [Slot; 0]);
            assert_eq!(hits(&pack, "ana"), [0]);
            pack.seal();
        }
    }
}
