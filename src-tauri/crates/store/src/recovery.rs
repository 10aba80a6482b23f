//! The recovery code: 24 characters that open a workspace when the keychain
//! and the passphrase are lost.
//!
//! Six groups of four: three characters of Crockford base32 that carry the
//! secret and one that checks the group at its place, so that a typing mistake
//! is shown at the group where it was made. 90 bits, stretched by Argon2id.

use cardfile_domain::id::Entropy;
use zeroize::Zeroizing;

const ALPHABET: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";
const GROUPS: usize = 6;

/// A recovery code; wiped from memory when dropped.
#[derive(Clone)]
pub struct RecoveryCode(Zeroizing<String>);

/// What the typed groups tell so far.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Typed {
    /// All six groups are right in themselves.
    Complete,
    /// No mistake yet; this many characters are missing.
    Missing(usize),
    /// The first group (from 1) with a typing mistake.
    Mistake(usize),
}

impl RecoveryCode {
    /// A new random code.
    pub fn generate(entropy: &dyn Entropy) -> Self {
        let mut bytes = Zeroizing::new([0u8; GROUPS * 3]);
        entropy.fill(&mut *bytes);
        let mut text = Zeroizing::new(String::with_capacity(GROUPS * 5));
        for (group, symbols) in bytes.chunks(3).enumerate() {
            if group > 0 {
                text.push('-');
            }
            let values = [symbols[0] & 31, symbols[1] & 31, symbols[2] & 31];
            for value in values.into_iter().chain([check(group, values)]) {
                text.push(char::from(ALPHABET[usize::from(value)]));
            }
        }
        Self(text)
    }

    /// Reads a typed code. Small letters, blanks and dashes do not matter, and
    /// `O`, `I`, `L` are read as the digits they look like.
    pub fn parse(typed: &str) -> Result<Self, Typed> {
        match Self::check(typed) {
            Typed::Complete => {
                let symbols: Vec<u8> = symbols(typed).map(|v| ALPHABET[usize::from(v.unwrap_or(0))]).collect();
                let groups: Vec<&str> =
                    symbols.chunks(4).map(|group| std::str::from_utf8(group).unwrap_or("")).collect();
                Ok(Self(Zeroizing::new(groups.join("-"))))
            }
            other => Err(other),
        }
    }

    /// Checks as it is typed, group by group.
    pub fn check(typed: &str) -> Typed {
        let symbols: Vec<Option<u8>> = symbols(typed).collect();
        for (group, chunk) in symbols.chunks(4).enumerate() {
            let right = match *chunk {
                [Some(a), Some(b), Some(c), Some(d)] => d == check(group, [a, b, c]),
                _ => chunk.len() < 4 && chunk.iter().all(Option::is_some),
            };
            if !right || group >= GROUPS {
                return Typed::Mistake(group + 1);
            }
        }
        match GROUPS * 4 - symbols.len() {
            0 => Typed::Complete,
            missing => Typed::Missing(missing),
        }
    }

    /// `KQ7F-2MWD-…`, to be shown once.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

fn symbols(typed: &str) -> impl Iterator<Item = Option<u8>> + '_ {
    typed.chars().filter(|c| !c.is_whitespace() && *c != '-').map(|c| {
        let c = match c.to_ascii_uppercase() {
            'O' => '0',
            'I' | 'L' => '1',
            other => other,
        };
        ALPHABET.iter().position(|symbol| char::from(*symbol) == c).map(|at| at as u8)
    })
}

/// Odd weights catch every single wrong character and every swap of two
/// neighbours that differ by anything but 16; the place catches swapped groups.
fn check(group: usize, [a, b, c]: [u8; 3]) -> u8 {
    let sum = usize::from(a) * 3 + usize::from(b) * 5 + usize::from(c) * 11 + (group + 1) * 7;
    (sum % 32) as u8
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Counting;
    impl Entropy for Counting {
        fn fill(&self, bytes: &mut [u8]) {
            for (n, byte) in bytes.iter_mut().enumerate() {
                *byte = (n * 41 + 7) as u8;
            }
        }
    }

    #[test]
    fn a_code_is_read_however_it_is_typed() {
        let code = RecoveryCode::generate(&Counting);
        assert_eq!(code.as_str().len(), 29);
        let sloppy = code.as_str().to_lowercase().replace('-', " ").replace('0', "o").replace('1', "l");
        let read = RecoveryCode::parse(&sloppy).unwrap_or_else(|typed| panic!("{typed:?}"));
        assert_eq!(read.as_str(), code.as_str());
    }

    #[test]
    fn every_wrong_character_is_found_in_its_group() {
        let code = RecoveryCode::generate(&Counting);
        let plain: Vec<char> = code.as_str().chars().filter(|c| *c != '-').collect();
        for place in 0..plain.len() {
            for wrong in ALPHABET.iter().map(|b| char::from(*b)).filter(|c| *c != plain[place]) {
                let mut typed = plain.clone();
                typed[place] = wrong;
                let typed: String = typed.into_iter().collect();
                assert_eq!(RecoveryCode::check(&typed), Typed::Mistake(place / 4 + 1), "{typed}");
            }
        }
    }

    #[test]
    fn tells_how_much_is_missing() {
        let code = RecoveryCode::generate(&Counting);
        assert_eq!(RecoveryCode::check(&code.as_str()[..9]), Typed::Missing(16));
        assert_eq!(RecoveryCode::check(""), Typed::Missing(24));
        assert_eq!(RecoveryCode::check(&format!("{}0", code.as_str())), Typed::Mistake(7));
    }
}
