//! Addresses and numbers in a text: emails, phones, IBANs and card numbers, with their places.
//! What only looks like one (an order number, a date) is left alone.

use crate::{email, text::digits};
use std::ops::Range;

/// Something that looks like an address or a number.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Found {
    pub(super) place: Range<usize>,
    /// In the form in which it is compared.
    pub(super) key: String,
}

/// Email addresses, by their keys.
pub(super) fn emails(text: &str) -> Vec<Found> {
    let is_of_name = |c: char| c.is_alphanumeric() || "._%+-'&".contains(c);
    let is_of_domain = |c: char| c.is_alphanumeric() || ".-".contains(c);
    let mut all = Vec::new();
    for (at, _) in text.match_indices('@') {
        let name = text[..at].chars().rev().take_while(|c| is_of_name(*c)).map(char::len_utf8).sum::<usize>();
        let domain = text[at + 1..].chars().take_while(|c| is_of_domain(*c)).map(char::len_utf8).sum::<usize>();
        // A sentence ends with a dot, a quotation begins with a mark.
        let end = at + 1 + text[at + 1..at + 1 + domain].trim_end_matches(['.', '-']).len();
        let start = at - text[at - name..at].trim_start_matches(['.', '\'', '-', '&']).len();
        let found = &text[start..end];
        let has_dot = found[found.find('@').unwrap_or(0)..].contains('.');
        if let (true, Ok(key)) = (has_dot, email::key(found)) {
            all.push(Found { place: start..end, key });
        }
    }
    all
}

/// Fewest and most digits of a phone number.
const PHONE: std::ops::RangeInclusive<usize> = 7..=15;

/// What may be a phone number, by its digits: each run of groups of digits that has as many as
/// one. `+` and `00` at the start are kept as `+`.
pub(super) fn phones(text: &str) -> Vec<Found> {
    let mut all = Vec::new();
    for groups in runs(text) {
        for first in 0..groups.len() {
            let mut key = String::new();
            for (at, group) in groups.iter().enumerate().skip(first) {
                // Another plus begins another number.
                if at > first && text[..group.start].ends_with('+') {
                    break;
                }
                key.push_str(&digits(&text[group.clone()]));
                let has_plus = text[..groups[first].start].ends_with('+');
                let is_abroad = has_plus || key.starts_with("00");
                if PHONE.contains(&key.trim_start_matches('0').len()) {
                    let start = groups[first].start - usize::from(has_plus);
                    let bare = key.strip_prefix("00").unwrap_or(&key);
                    let key = if is_abroad { format!("+{bare}") } else { key.clone() };
                    all.push(Found { place: start..group.end, key });
                } else if key.len() > *PHONE.end() + 2 {
                    break;
                }
            }
        }
    }
    all
}

/// What may stand between two groups of digits of one number.
const BETWEEN: &str = " .-/()+\u{a0}";

/// Groups of digits that stand together, with at most three signs between two of them. Digits
/// that touch a letter are part of a word, as in the number of an order.
fn runs(text: &str) -> Vec<Vec<Range<usize>>> {
    let mut all = Vec::new();
    let mut run: Vec<Range<usize>> = Vec::new();
    let mut is_in_word = false;
    for (at, c) in text.char_indices() {
        if c.is_numeric() && !digits(c.encode_utf8(&mut [0; 4])).is_empty() {
            match run.last_mut() {
                _ if is_in_word => {}
                Some(group) if group.end == at => group.end = at + c.len_utf8(),
                _ => run.push(at..at + c.len_utf8()),
            }
            continue;
        }
        is_in_word = c.is_alphabetic();
        if is_in_word && run.last().is_some_and(|group| group.end == at) {
            run.pop();
        }
        let goes_on = BETWEEN.contains(c) && run.last().is_some_and(|group| at - group.end < 3);
        if !goes_on {
            all.push(std::mem::take(&mut run));
        }
    }
    all.push(run);
    all.retain(|groups| !groups.is_empty());
    all
}

/// Bank accounts (ISO 13616), by their letters and digits; their check digits are right.
pub(super) fn ibans(text: &str) -> Vec<Found> {
    let mut all = Vec::new();
    let mut from = 0;
    for (at, c) in text.char_indices() {
        let is_start = at >= from
            && c.is_ascii_uppercase()
            && !text[..at].ends_with(|c: char| c.is_alphanumeric())
            && text.as_bytes().get(at + 1).is_some_and(u8::is_ascii_uppercase)
            && text.as_bytes().get(at + 2..at + 4).is_some_and(|two| two.iter().all(u8::is_ascii_digit));
        if !is_start {
            continue;
        }
        let (mut key, mut best) = (String::new(), None);
        for (offset, c) in text[at..].char_indices() {
            match c {
                'A'..='Z' | '0'..='9' => key.push(c),
                ' ' | '\u{a0}' => continue,
                _ => break,
            }
            if key.len() > 34 {
                break;
            }
            let end = at + offset + 1;
            let is_whole = !text[end..].starts_with(|c: char| c.is_ascii_alphanumeric());
            if key.len() >= 15 && is_whole && is_checked(&key) {
                best = Some(Found { place: at..end, key: key.clone() });
            }
        }
        if let Some(found) = best {
            from = found.place.end;
            all.push(found);
        }
    }
    all
}

/// ISO 7064, MOD 97-10.
fn is_checked(iban: &str) -> bool {
    let moved = iban[4..].bytes().chain(iban[..4].bytes());
    let rest = moved.fold(0u32, |rest, byte| match byte {
        b'0'..=b'9' => (rest * 10 + u32::from(byte - b'0')) % 97,
        _ => (rest * 100 + u32::from(byte - b'A') + 10) % 97,
    });
    rest == 1
}

/// Numbers of payment cards (ISO/IEC 7812), by their digits; their check digit is right.
pub(super) fn cards(text: &str) -> Vec<Found> {
    let mut all = Vec::new();
    for groups in runs(text) {
        for first in 0..groups.len() {
            let mut key = String::new();
            for group in &groups[first..] {
                key.push_str(&digits(&text[group.clone()]));
                if (13..=19).contains(&key.len()) && key.starts_with(['3', '4', '5', '6']) && is_luhn(&key) {
                    all.push(Found { place: groups[first].start..group.end, key: key.clone() });
                }
            }
        }
    }
    all
}

fn is_luhn(digits: &str) -> bool {
    let sum: u32 = digits
        .bytes()
        .rev()
        .map(|byte| u32::from(byte - b'0'))
        .enumerate()
        .map(|(at, digit)| match (at % 2, digit * 2) {
            (0, _) => digit,
            (_, double) if double > 9 => double - 9,
            (_, double) => double,
        })
        .sum();
    sum.is_multiple_of(10)
}

#[cfg(test)]
mod tests {
    use super::*;
    use rstest::rstest;

    fn keys(found: Vec<Found>) -> Vec<String> {
        found.into_iter().map(|one| one.key).collect()
    }

    #[rstest]
    #[case("Write to Bo.Lee@X.example.", &["bo.lee@x.example"])]
    #[case("<bo@x.example>,ana+1@y.example;", &["bo@x.example", "ana+1@y.example"])]
    #[case("'bo@x.example'", &["bo@x.example"])]
    #[case("at @home and a@b", &[])]
    #[case("müller@bücher.example", &["müller@bücher.example"])]
    fn emails_are_found(#[case] text: &str, #[case] expected: &[&str]) {
        assert_eq!(keys(emails(text)), expected);
    }

    #[rstest]
    #[case("+34 612 408 177", "+34612408177")]
    #[case("tel. 0034 612 40 81 77!", "+34612408177")]
    #[case("(020) 7946-0000", "02079460000")]
    #[case("٠٢٠٧٩٤٦٠٠٠٠", "02079460000")]
    #[case("612408177 or 612408178", "612408178")]
    fn phones_are_among_what_is_found(#[case] text: &str, #[case] expected: &str) {
        assert!(keys(phones(text)).contains(&expected.to_owned()), "{:?}", phones(text));
    }

    #[rstest]
    #[case("order A4471234567")]
    #[case("4471234567b")]
    #[case("at 10:30 on the 3rd")]
    fn a_number_that_is_part_of_a_word_is_no_phone(#[case] text: &str) {
        assert!(phones(text).is_empty(), "{:?}", phones(text));
    }

    #[rstest]
    #[case("to DE89 3704 0044 0532 0130 00 please", &["DE89370400440532013000"])]
    #[case("GB82WEST12345698765432.", &["GB82WEST12345698765432"])]
    #[case("DE89 3704 0044 0532 0130 01", &[])]
    fn accounts_have_the_right_check_digits(#[case] text: &str, #[case] expected: &[&str]) {
        assert_eq!(keys(ibans(text)), expected);
    }

    #[rstest]
    #[case("4111 1111 1111 1111", true)]
    #[case("4111-1111-1111-1112", false)]
    #[case("378282246310005", true)]
    #[case("1234567890123456", false)]
    fn cards_have_the_right_check_digit(#[case] text: &str, #[case] is_card: bool) {
        assert_eq!(!cards(text).is_empty(), is_card);
    }
}
