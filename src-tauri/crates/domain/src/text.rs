//! The one folding function: what is searched and what is compared.

use unicode_normalization::{UnicodeNormalization, char::is_combining_mark};

/// Folds text so that `jose` finds `José`, `strasse` finds `Straße` and
/// `lodz` finds `Łódź`: NFKD, marks on Latin, Greek and Cyrillic letters
/// removed, lower case. Marks of other scripts stay, because removing them
/// changes the word in Thai and Hindi. Query and stored text go through the
/// same function.
pub fn fold(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    fold_into(text, &mut out);
    out
}

/// [`fold`], appended to a buffer that the caller keeps.
pub fn fold_into(text: &str, out: &mut String) {
    if text.is_ascii() {
        let start = out.len();
        out.push_str(text);
        out[start..].make_ascii_lowercase();
        return;
    }
    let mut after_european = false;
    for c in text.nfkd() {
        if is_combining_mark(c) {
            if !after_european {
                out.push(c);
            }
            continue;
        }
        after_european = c < '\u{530}' || ('\u{1e00}'..'\u{2000}').contains(&c);
        match c {
            'ł' | 'Ł' => out.push('l'),
            'đ' | 'Đ' | 'ð' | 'Ð' => out.push('d'),
            'ø' | 'Ø' => out.push('o'),
            'ı' => out.push('i'),
            'ß' | 'ẞ' => out.push_str("ss"),
            'æ' | 'Æ' => out.push_str("ae"),
            'œ' | 'Œ' => out.push_str("oe"),
            'þ' | 'Þ' => out.push_str("th"),
            'ς' => out.push('σ'),
            _ => out.extend(c.to_lowercase().filter(|c| !is_combining_mark(*c))),
        }
    }
}

/// Folds for comparing labels and headers: [`fold`], and runs of white space
/// become one blank.
pub fn fold_label(text: &str) -> String {
    fold(text.trim_start_matches('\u{feff}')).split_whitespace().collect::<Vec<_>>().join(" ")
}

/// The first place of a text that contains another when both are folded, with
/// some of what stands around it, in one line. The beginning when it is not there.
pub fn excerpt(text: &str, wanted: &str) -> (String, String, String) {
    const BEFORE: usize = 40;
    const AFTER: usize = 90;
    let wanted = fold(wanted.trim());
    // Each byte of the folded text with the character it comes from.
    let (mut folded, mut origin, chars) = (String::new(), Vec::new(), text.chars().collect::<Vec<char>>());
    for (at, c) in chars.iter().enumerate() {
        if !is_combining_mark(*c) {
            fold_into(c.encode_utf8(&mut [0; 4]), &mut folded);
        }
        origin.resize(folded.len(), at);
    }
    let line = |part: &[char]| part.iter().map(|c| if c.is_control() { ' ' } else { *c }).collect::<String>();
    let found = if wanted.is_empty() { None } else { folded.find(&wanted) };
    let Some(place) = found else {
        return (line(&chars[..chars.len().min(BEFORE + AFTER)]), String::new(), String::new());
    };
    let (from, to) = (origin[place], origin[place + wanted.len() - 1] + 1);
    let (start, end) = (from.saturating_sub(BEFORE), chars.len().min(to + AFTER));
    let dots = |cut: bool| if cut { "…" } else { "" };
    (
        format!("{}{}", dots(start > 0), line(&chars[start..from])),
        line(&chars[from..to]),
        format!("{}{}", line(&chars[to..end]), dots(end < chars.len())),
    )
}

/// The digits of a text, as search compares phones. Digits of other scripts
/// count as the ASCII ones.
pub fn digits(text: &str) -> String {
    text.chars().filter_map(|c| decimal(c).map(|d| char::from(b'0' + d))).collect()
}

fn decimal(c: char) -> Option<u8> {
    // Zero of each block of ten that people type phone numbers in.
    const ZEROS: [u32; 8] = [0x30, 0x660, 0x6f0, 0x966, 0x9e6, 0xe50, 0xff10, 0x7c0];
    let code = c as u32;
    ZEROS.iter().find(|zero| (**zero..**zero + 10).contains(&code)).map(|zero| (code - zero) as u8)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use rstest::rstest;

    #[rstest]
    #[case("José", "jose")]
    #[case("GARCÍA Llorente", "garcia llorente")]
    #[case("Łukasz Wójcik", "lukasz wojcik")]
    #[case("Straße", "strasse")]
    #[case("Þórsdóttir", "thorsdottir")]
    #[case("Nguyễn Thị Minh", "nguyen thi minh")]
    #[case("Ελένη Παπαδοπούλου", "ελενη παπαδοπουλου")]
    #[case("Мария Й", "мария и")]
    #[case::chinese_is_kept("张志强", "张志强")]
    #[case::hindi_keeps_its_vowels("शर्मा", "शर्मा")]
    #[case::full_width("ＡＢＣ１", "abc1")]
    fn folds_for_search(#[case] text: &str, #[case] expected: &str) {
        assert_eq!(fold(text), expected);
    }

    #[test]
    fn an_excerpt_shows_the_place_as_it_is_written() {
        let text = "Buenos días.\n¿Envían a LANZAROTE también?";
        let (before, found, after) = excerpt(text, "lanzaroté");
        assert_eq!(
            (before.as_str(), found.as_str(), after.as_str()),
            ("Buenos días. ¿Envían a ", "LANZAROTE", " también?")
        );
        assert_eq!(excerpt("Straße 5", "strasse").1, "Straße");
        assert_eq!(excerpt("x", "y"), ("x".into(), String::new(), String::new()));
    }

    #[test]
    fn digits_of_every_script_count() {
        assert_eq!(digits("+44 (0)7911-123456"), "4407911123456");
        assert_eq!(digits("٠٧٧١"), "0771");
    }

    proptest! {
        #[test]
        fn an_excerpt_of_anything_is_found(
            text in "[a-zA-Zà-žß一-三 ]{1,200}", from in 0usize..40, length in 1usize..6,
        ) {
            let wanted: String = text.chars().skip(from).take(length).collect();
            let (before, found, after) = excerpt(&text, &wanted);
            prop_assert!(wanted.trim().is_empty() || fold(&found).contains(&fold(wanted.trim())));
            let place = [before.trim_start_matches('…'), &found, after.trim_end_matches('…')].concat();
            prop_assert!(text.contains(&place), "{}", place);
        }

        #[test]
        fn folding_twice_changes_nothing_more(text in ".{0,40}") {
            let once = fold(&text);
            prop_assert_eq!(fold(&once), once);
        }
    }
}
