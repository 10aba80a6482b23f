//! Email addresses: the typed text is kept, a key is compared.

use crate::{Sentence, say};

/// Why a text is not taken as an email address. The words are shown to people.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum InvalidEmail {
    /// `maria.lopez.correo.es`
    NoAt,
    /// `info@@taller.es`
    TwoAts,
    /// `jose ibanez@ferre.mx`
    Space,
    /// `@ferre.mx`
    NoName,
    /// `jose@`, `jose@.mx`
    NoDomain,
    /// Longer than 254 characters (RFC 5321, 4.5.3.1.3).
    TooLong,
}

impl InvalidEmail {
    /// What it says.
    pub fn sentence(&self) -> Sentence {
        match self {
            Self::NoAt => say!("email has no @"),
            Self::TwoAts => say!("email has two @ signs"),
            Self::Space => say!("email has a space in it"),
            Self::NoName => say!("email has nothing before the @"),
            Self::NoDomain => say!("email has no domain after the @"),
            Self::TooLong => say!("email is longer than 254 characters"),
        }
    }
}

impl std::fmt::Display for InvalidEmail {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.sentence().fmt(f)
    }
}

impl std::error::Error for InvalidEmail {}

/// The key of an address: lower case, IDN domains in the form they are typed
/// (NFC). Checks only what no working address can break, because a filter that
/// is too clever loses real people.
///
/// RFC 5321 lets the part before the `@` differ by case; no provider does, and
/// two cards for one mailbox is the mistake people complain about.
pub fn key(typed: &str) -> Result<String, InvalidEmail> {
    let typed = typed.trim();
    if typed.len() > 254 {
        return Err(InvalidEmail::TooLong);
    }
    let Some((name, domain)) = typed.rsplit_once('@') else { return Err(InvalidEmail::NoAt) };
    if typed.chars().any(|c| c.is_whitespace() || c.is_control()) && !name.starts_with('"') {
        return Err(InvalidEmail::Space);
    }
    if name.contains('@') && !name.starts_with('"') {
        return Err(InvalidEmail::TwoAts);
    }
    if name.is_empty() {
        return Err(InvalidEmail::NoName);
    }
    if domain.is_empty() || domain.starts_with('.') || domain.ends_with('.') || domain.contains("..") {
        return Err(InvalidEmail::NoDomain);
    }
    Ok(if typed.is_ascii() {
        typed.to_ascii_lowercase()
    } else {
        use unicode_normalization::UnicodeNormalization;
        typed.to_lowercase().nfc().collect()
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use rstest::rstest;

    #[rstest]
    #[case("Ana.Garcia@Solvento.ES", Ok("ana.garcia@solvento.es"))]
    #[case(" ana@x.example ", Ok("ana@x.example"))]
    #[case("müller@bücher.example", Ok("müller@bücher.example"))]
    #[case("root@localhost", Ok("root@localhost"))]
    #[case("maria.lopez.correo.es", Err(InvalidEmail::NoAt))]
    #[case("info@@taller-ruiz.es", Err(InvalidEmail::TwoAts))]
    #[case("josé ibáñez@ferre.mx", Err(InvalidEmail::Space))]
    #[case("@ferre.mx", Err(InvalidEmail::NoName))]
    #[case("jose@", Err(InvalidEmail::NoDomain))]
    fn reads_an_address(#[case] typed: &str, #[case] expected: Result<&str, InvalidEmail>) {
        assert_eq!(key(typed).as_deref(), expected.as_deref());
    }
}
