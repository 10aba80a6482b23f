//! Words of a text with their places, folded. Scripts that are written without blanks give
//! one word for each sign, so that a name is found in the middle of a sentence.

use crate::text::fold_into;
use std::ops::Range;
use unicode_normalization::char::is_combining_mark;

/// One word of a text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Word {
    /// As it is compared.
    pub(super) folded: String,
    /// Where it stands.
    pub(super) place: Range<usize>,
}

/// What stood before a character.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Before {
    Nothing,
    Letter,
    Sign,
}

/// The words of a text in their order.
pub(super) fn words(text: &str) -> Vec<Word> {
    let mut all: Vec<Word> = Vec::new();
    let mut before = Before::Nothing;
    for (at, c) in text.char_indices() {
        let is_mark = is_combining_mark(c);
        let now = match (is_mark, c.is_alphanumeric(), is_unspaced(c)) {
            // What is set on a letter belongs to it, in every script.
            (true, ..) => before,
            (_, false, _) => Before::Nothing,
            (_, _, true) => Before::Sign,
            (_, _, false) => Before::Letter,
        };
        let goes_on = is_mark || (before == Before::Letter && now == Before::Letter);
        let place = at..at + c.len_utf8();
        match all.last_mut() {
            _ if now == Before::Nothing => {}
            Some(word) if goes_on => word.place.end = place.end,
            _ => all.push(Word { folded: String::new(), place }),
        }
        before = now;
    }
    for word in &mut all {
        fold_into(&text[word.place.clone()], &mut word.folded);
    }
    all
}

/// Han, kana, Hangul, Thai, Lao, Khmer, Burmese: written without blanks between words, or with
/// endings set to the name.
fn is_unspaced(c: char) -> bool {
    matches!(u32::from(c),
        0xe00..=0xeff | 0x1000..=0x109f | 0x1780..=0x17ff | 0x3040..=0x30ff | 0x3400..=0x4dbf | 0x4e00..=0x9fff
        | 0xac00..=0xd7af | 0xf900..=0xfaff | 0x20000..=0x323af)
}

/// What stands between two words of a name: a blank, a comma, a dot, a hyphen, or nothing
/// between two signs. Not the end of a line.
pub(super) fn joins(text: &str, left: &Word, right: &Word) -> bool {
    let between = &text[left.place.end..right.place.start];
    between.len() <= 3 && !between.contains(['\n', '\r', '!', '?', ';', ':', '@', '/'])
}

#[cfg(test)]
mod tests {
    use super::*;
    use rstest::rstest;

    #[rstest]
    #[case("Ask María-José O'Brien!", &["ask", "maria", "jose", "o", "brien"])]
    #[case::marks_set_apart("Jose\u{301} Ruiz", &["jose", "ruiz"])]
    #[case::signs("请联系张伟 now", &["请", "联", "系", "张", "伟", "now"])]
    #[case::mixed("张ab伟", &["张", "ab", "伟"])]
    #[case::nothing(" -- ", &[])]
    fn a_text_has_words_in_every_script(#[case] text: &str, #[case] expected: &[&str]) {
        let found: Vec<String> = words(text).into_iter().map(|word| word.folded).collect();
        assert_eq!(found, expected);
    }

    #[test]
    fn a_word_stands_where_it_says() {
        let text = "¡Hola, Zoë!";
        let last = words(text).pop().expect("words");
        assert_eq!(&text[last.place], "Zoë");
    }
}
