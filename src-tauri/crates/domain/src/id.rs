//! Identifiers. Ours are `ctc_` (other records: their own prefix) and a
//! UUIDv7 (RFC 9562) in 26 characters of Crockford base32: made offline,
//! sortable by time, never the id of a remote.

use crate::{Sentence, say, time::Clock};
use serde::{Deserialize, Serialize};
use std::fmt;

/// The id of a contact, `ctc_…`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize)]
#[serde(transparent)]
pub struct ContactId(Box<str>);

/// The id of an operation, `opr_…`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct OperationId(Box<str>);

/// The text is not an id of the kind that was asked for.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{}", self.sentence())]
pub struct InvalidId {
    /// The prefix that was expected.
    pub prefix: &'static str,
}

impl InvalidId {
    /// What it says.
    pub fn sentence(&self) -> Sentence {
        say!("not an id of the form {prefix}… with small letters and digits", prefix = self.prefix)
    }
}

/// Randomness. Passed in; the product's comes from the operating system.
pub trait Entropy: Send + Sync {
    /// Fills all of `bytes`.
    fn fill(&self, bytes: &mut [u8]);
}

/// Makes new ids from a clock and randomness.
#[derive(Clone, Copy)]
pub struct Ids<'a> {
    /// Gives the leading 48 bits.
    pub clock: &'a dyn Clock,
    /// Gives the rest.
    pub entropy: &'a dyn Entropy,
}

impl Ids<'_> {
    /// A new contact id.
    pub fn contact(&self) -> ContactId {
        ContactId(self.next(ContactId::PREFIX).into())
    }

    /// A new operation id.
    pub fn operation(&self) -> OperationId {
        OperationId(self.next(OperationId::PREFIX).into())
    }

    /// A new id of any other record, with its own `prefix` (`wsp_`, `exp_`).
    pub fn next(&self, prefix: &str) -> String {
        let mut random = [0; 10];
        self.entropy.fill(&mut random);
        let millis = u64::try_from(self.clock.now().0).unwrap_or(0);
        let uuid = uuid::Builder::from_unix_timestamp_millis(millis, &random).into_uuid();
        let mut text = String::with_capacity(prefix.len() + 26);
        text.push_str(prefix);
        base32(uuid.as_u128(), &mut text);
        text
    }
}

/// 128 bits as 26 characters; the alphabet has no `i l o u`, so that an id
/// survives being read out on the phone.
fn base32(bits: u128, text: &mut String) {
    const ALPHABET: &[u8; 32] = b"0123456789abcdefghjkmnpqrstvwxyz";
    for shift in (0..26).rev().map(|n| n * 5) {
        text.push(char::from(ALPHABET[(bits >> shift) as usize & 31]));
    }
}

impl ContactId {
    const PREFIX: &'static str = "ctc_";

    /// Accepts our own ids and the reference product's (`ctc_8f3k2j1m`):
    /// `ctc_` and 8 to 32 characters of base 36.
    pub fn parse(text: &str) -> Result<Self, InvalidId> {
        parse(text, Self::PREFIX, 8..=32).map(Self)
    }

    /// Whether it has the length of an id that Cardfile made: base 32 of a UUID.
    pub fn is_made_here(&self) -> bool {
        self.0.len() == Self::PREFIX.len() + 26
    }

    /// For text that was checked before it was stored.
    pub fn from_stored(text: String) -> Self {
        Self(text.into())
    }

    /// The whole id with its prefix.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl OperationId {
    const PREFIX: &'static str = "opr_";

    /// `opr_` and 26 characters.
    pub fn parse(text: &str) -> Result<Self, InvalidId> {
        parse(text, Self::PREFIX, 26..=26).map(Self)
    }

    /// For text that was checked before it was stored.
    pub fn from_stored(text: String) -> Self {
        Self(text.into())
    }

    /// The whole id with its prefix.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

fn parse(text: &str, prefix: &'static str, length: std::ops::RangeInclusive<usize>) -> Result<Box<str>, InvalidId> {
    let body = text.strip_prefix(prefix).ok_or(InvalidId { prefix })?;
    let well_formed =
        length.contains(&body.len()) && body.bytes().all(|b| b.is_ascii_digit() || b.is_ascii_lowercase());
    if well_formed { Ok(text.into()) } else { Err(InvalidId { prefix }) }
}

impl fmt::Display for ContactId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Display for OperationId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::time::Millis;
    use rstest::rstest;

    struct At(i64);
    impl Clock for At {
        fn now(&self) -> Millis {
            Millis(self.0)
        }
    }
    struct Fixed(u8);
    impl Entropy for Fixed {
        fn fill(&self, bytes: &mut [u8]) {
            bytes.fill(self.0);
        }
    }

    #[test]
    fn ids_sort_by_the_time_they_were_made() {
        let early = Ids { clock: &At(1), entropy: &Fixed(255) }.contact();
        let late = Ids { clock: &At(2), entropy: &Fixed(0) }.contact();
        assert!(early < late);
        assert_eq!(ContactId::parse(early.as_str()), Ok(early));
    }

    #[rstest]
    #[case::ours("ctc_06fxq2y8p3rk5w0000000000gm", true)]
    #[case::the_reference_product("ctc_8f3k2j1m", true)]
    #[case::too_short("ctc_8f3", false)]
    #[case::capitals("ctc_8F3K2J1M", false)]
    #[case::another_prefix("usr_8f3k2j1m", false)]
    #[case::a_path("ctc_../../../x", false)]
    fn tells_a_contact_id_from_other_text(#[case] text: &str, #[case] good: bool) {
        assert_eq!(ContactId::parse(text).is_ok(), good);
    }
}
