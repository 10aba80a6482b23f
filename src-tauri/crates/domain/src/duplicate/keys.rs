//! What cards are compared by: names, addresses, numbers and companies as far as
//! two ways of writing one of them have it in common.

use crate::text::{digits, fold_into};
use std::hash::{DefaultHasher, Hash, Hasher};

/// An email address, as it is compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Mailbox {
    /// The address.
    pub exact: u64,
    /// The mailbox behind it: without `+news`, and without dots where they do not count.
    pub bare: u64,
    /// `info@`, `sales@`: read by several people.
    pub shared: bool,
}

/// The words of a name for comparing, one blank between them.
pub fn name_of(name: &str) -> String {
    let mut folded = String::with_capacity(name.len());
    fold_into(name, &mut folded);
    words(&folded, |c| c.is_alphanumeric() || !c.is_ascii() && !c.is_whitespace())
}

/// A name of [`name_of`] in plain Latin letters: `jurgen hos` for `Jürgen Höß`
/// and for `Juergen Hoess`. Other scripts are written in Latin letters.
pub fn plain_of(name: &str) -> String {
    let latin = if name.is_ascii() { name.to_owned() } else { deunicode::deunicode(name).to_ascii_lowercase() };
    let mut out = String::with_capacity(latin.len());
    let mut letters = latin.bytes().filter(|b| b.is_ascii_alphanumeric() || *b == b' ').peekable();
    while let Some(letter) = letters.next() {
        // German writes ü as ue; a doubled letter is the first to be lost.
        if letters.peek() == Some(&b'e') && matches!(letter, b'a' | b'o' | b'u') {
            letters.next();
        }
        if letter.is_ascii_digit() || out.as_bytes().last() != Some(&letter) {
            out.push(char::from(letter));
        }
    }
    out.truncate(out.trim_end().len());
    out
}

/// How plain letters sound, however a language writes them in Latin letters:
/// `sh` and `sch`, `y`, `i` and `j`, `w` and `v`. For keys, and for names that
/// were written in another script.
pub fn sound_of(plain: &str) -> String {
    const SOUNDS: [(&str, &str); 28] = [
        ("shch", "s"),
        ("sch", "s"),
        ("sh", "s"),
        ("zh", "z"),
        ("kh", "h"),
        ("ch", "c"),
        ("ph", "f"),
        ("th", "t"),
        ("ts", "c"),
        ("tz", "c"),
        ("ck", "k"),
        ("ks", "x"),
        ("ou", "u"),
        ("yu", "u"),
        ("iu", "u"),
        ("ju", "u"),
        ("ya", "a"),
        ("ia", "a"),
        ("ja", "a"),
        ("yo", "o"),
        ("io", "o"),
        ("jo", "o"),
        ("ye", "e"),
        ("ie", "e"),
        ("y", "i"),
        ("j", "i"),
        ("w", "v"),
        ("g", "k"),
    ];
    let mut out = String::with_capacity(plain.len());
    let mut rest = plain;
    while let Some(first) = rest.chars().next() {
        let (sound, length) = SOUNDS
            .iter()
            .find(|(written, _)| rest.starts_with(written))
            .map_or((&rest[..first.len_utf8()], first.len_utf8()), |(written, sound)| (*sound, written.len()));
        if !out.ends_with(sound) {
            out.push_str(sound);
        }
        rest = &rest[length..];
    }
    out
}

/// The company for comparing, without `GmbH`, `Ltd` and the like; 0 for none.
pub fn company_of(company: &str) -> u64 {
    const FORMS: [&str; 26] = [
        "gmbh",
        "mbh",
        "ag",
        "kg",
        "ug",
        "se",
        "inc",
        "llc",
        "ltd",
        "limited",
        "co",
        "corp",
        "corporation",
        "company",
        "plc",
        "sa",
        "sl",
        "slu",
        "srl",
        "spa",
        "bv",
        "nv",
        "ab",
        "oy",
        "as",
        "the",
    ];
    // `S.L.` is `SL`.
    let name = name_of(&company.replace('.', ""));
    if name.is_empty() {
        return 0;
    }
    let mut kept = name.split(' ').filter(|word| !FORMS.contains(word)).peekable();
    if kept.peek().is_none() {
        return hash_of(&name);
    }
    hash_of(&kept.collect::<Vec<_>>().join(" "))
}

/// A phone for comparing: the last nine digits, which every way of writing a
/// number has in common. Nothing when there are too few to tell people apart.
pub fn phone_of(phone: &str) -> Option<u64> {
    // `x 12`, `ext. 12`: the number of the switchboard is everybody's there.
    let number = phone.split(['x', 'X', ';', '#']).next().unwrap_or_default();
    let digits = digits(number);
    let digits = digits.trim_start_matches('0');
    let tail = &digits[digits.len().saturating_sub(9)..];
    if tail.len() < 7 { None } else { tail.parse().ok() }
}

impl Mailbox {
    /// Reads an address; nothing for what is none.
    pub fn of(email: &str) -> Option<Self> {
        const SHARED: [&str; 22] = [
            "info",
            "contact",
            "contacto",
            "kontakt",
            "office",
            "sales",
            "ventas",
            "support",
            "hello",
            "hola",
            "hallo",
            "admin",
            "mail",
            "team",
            "service",
            "help",
            "billing",
            "accounting",
            "buchhaltung",
            "jobs",
            "press",
            "noreply",
        ];
        const DOTS_DO_NOT_COUNT: [&str; 2] = ["gmail.com", "googlemail.com"];
        let email = email.trim().to_lowercase();
        let (name, domain) = email.rsplit_once('@')?;
        let box_name = name.split('+').next().filter(|name| !name.is_empty()).unwrap_or(name);
        let bare = if DOTS_DO_NOT_COUNT.contains(&domain) { box_name.replace('.', "") } else { box_name.to_owned() };
        Some(Self {
            exact: hash_of(&email),
            bare: hash_of(&(&bare, domain)),
            shared: SHARED.contains(&box_name.trim_end_matches(|c: char| c.is_ascii_digit())),
        })
    }
}

fn words(text: &str, belongs: impl Fn(char) -> bool) -> String {
    let mut out = String::with_capacity(text.len());
    let mut gap = false;
    for c in text.chars() {
        if matches!(c, '\'' | '\u{2019}' | '\u{2bc}') {
            continue;
        }
        if belongs(c) {
            if gap && !out.is_empty() {
                out.push(' ');
            }
            out.push(c);
            gap = false;
        } else {
            gap = true;
        }
    }
    out
}

/// A number for a value, the same within one run of the program.
pub fn hash_of(value: &(impl Hash + ?Sized)) -> u64 {
    let mut hasher = DefaultHasher::new();
    value.hash(&mut hasher);
    // 0 stands for nothing.
    hasher.finish().max(1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn few_digits_and_extensions_do_not_make_a_phone() {
        assert_eq!(phone_of("12345"), None);
        assert_eq!(phone_of("+44 20 7946 0958 x 12"), phone_of("020 7946 0958"));
    }
}
