//! The order of names. Root collation of the Unicode CLDR: right for mixed
//! scripts and accents (`Ängel` beside `Angel`), the same on every machine.

use icu_collator::{CollatorBorrowed, CollatorPreferences, options::CollatorOptions};
use std::sync::LazyLock;

static COLLATOR: LazyLock<CollatorBorrowed<'static>> = LazyLock::new(|| {
    CollatorBorrowed::try_new(CollatorPreferences::default(), CollatorOptions::default())
        .expect("the root collation is compiled in")
});

/// Bytes that compare as the texts do in the alphabet. Empty for empty text.
pub fn key(text: &str) -> Vec<u8> {
    let mut key = Vec::with_capacity(text.len() + 16);
    if !text.is_empty() {
        let Ok(()) = COLLATOR.write_sort_key_to(text, &mut key);
    }
    key
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn accents_and_case_stand_beside_their_letter() {
        let mut names = ["Zoë", "élan", "Edgar", "eda", "Öhm", "Ohm", "陈", "Ägid"];
        names.sort_by_key(|name| key(name));
        assert_eq!(names, ["Ägid", "eda", "Edgar", "élan", "Ohm", "Öhm", "Zoë", "陈"]);
    }
}
