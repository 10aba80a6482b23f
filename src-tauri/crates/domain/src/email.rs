//! Email addresses: the typed text is kept, a key is compared.

/// Why a text is not taken as an email address. The words are shown to people.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum InvalidEmail {
    /// `maria.lopez.correo.es`
    #[error("email has no @")]
    NoAt,
    /// `info@@taller.es`
    #[error("email has two @ signs")]
    TwoAts,
    /// `jose ibanez@ferre.mx`
    #[error("email has a space in it")]
    Space,
    /// `@ferre.mx`
    #[error("email has nothing before the @")]
    NoName,
    /// `jose@`, `jose@.mx`
    #[error("email has no domain after the @")]
    NoDomain,
    /// Longer than 254 characters (RFC 5321, 4.5.3.1.3).
    #[error("email is longer than 254 characters")]
    TooLong,
}

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
