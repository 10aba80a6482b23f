//! Phone numbers: the typed text is kept, an E.164 key is compared.

use rlibphonenumber::{PHONE_NUMBER_UTIL, PhoneNumberFormat};
use std::str::FromStr;

/// A country for numbers typed without their country code (ISO 3166-1 alpha-2).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Region(rlibphonenumber::Region);

impl Region {
    /// `ES`, `us`; `None` for a code that has no phone numbers.
    pub fn parse(code: &str) -> Option<Self> {
        rlibphonenumber::Region::from_str(&code.trim().to_ascii_uppercase()).ok().map(Self)
    }
}

/// The E.164 key (ITU-T E.164: `+`, country code, number; 15 digits at most)
/// of a typed number. `None` when the text is no number, or is national and
/// `region` is not known: such a text is kept and searched by its digits, and
/// never guessed into another country.
pub fn key(typed: &str, region: Option<Region>) -> Option<String> {
    plain_international(typed).or_else(|| {
        let number = PHONE_NUMBER_UTIL.parse(typed, region.map(|r| r.0)).ok()?;
        Some(number.format_as(PhoneNumberFormat::E164).into_owned())
    })
}

/// `+34 612 408 177` needs no country tables: its digits are the key. Numbers
/// with a trunk zero (`+44 (0)20 …`) or an extension do need them.
fn plain_international(typed: &str) -> Option<String> {
    let rest = typed.trim().strip_prefix('+')?;
    let mut digits = String::with_capacity(16);
    digits.push('+');
    let mut after_gap = true;
    for c in rest.chars() {
        match c {
            '0' if after_gap => return None,
            '0'..='9' => {
                digits.push(c);
                after_gap = false;
            }
            ' ' | '-' | '.' | '\u{a0}' => after_gap = digits.len() < 5,
            _ => return None,
        }
    }
    (9..=16).contains(&digits.len()).then_some(digits)
}

#[cfg(test)]
mod tests {
    use super::*;
    use rstest::rstest;

    #[rstest]
    #[case("+34 612 408 177", None, Some("+34612408177"))]
    #[case("612 408 177", Some("ES"), Some("+34612408177"))]
    #[case("612 408 177", None, None)]
    #[case::trunk_zero("+44 (0)20 7946 0000", None, Some("+442079460000"))]
    #[case::trunk_zero_without_brackets("+44 020 7946 0000", None, Some("+442079460000"))]
    #[case::national("020 7946 0000", Some("gb"), Some("+442079460000"))]
    #[case::leading_zero_of_italy("+39 06 1234 5678", None, Some("+390612345678"))]
    #[case::international_prefix("0034612408177", Some("DE"), Some("+34612408177"))]
    #[case::words("call Ana", Some("ES"), None)]
    fn derives_a_key(#[case] typed: &str, #[case] region: Option<&str>, #[case] expected: Option<&str>) {
        let region = region.map(|code| Region::parse(code).expect("a country"));
        assert_eq!(key(typed, region).as_deref(), expected);
    }

    #[test]
    fn the_short_way_agrees_with_the_country_tables() {
        for typed in ["+1 514 555 0142", "+354 661 4417", "+86 138 1027 4416", "+91 98204 11873"] {
            let long = PHONE_NUMBER_UTIL.parse(typed, None).expect("a number");
            assert_eq!(plain_international(typed).as_deref(), Some(&*long.format_as(PhoneNumberFormat::E164)));
        }
    }
}
