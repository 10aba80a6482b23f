//! Proofs of who somebody is: a token that another system signed, or the hash of a user's ID.
//! Each key is used with one algorithm and no other; a token says for how long it counts, and
//! nothing in it is believed before its signature holds (RFC 8725).

mod jwt;
mod pem;

use cardfile_core::{
    Client, Code, Core, Error, IdentityKey, SecretText, Who,
    identify::{self, Admitted, Denied, Proof},
};
use ring::hmac;
use serde_json::Map;

pub use pem::is_public_key;

/// What a program brings.
#[derive(Debug, Clone, Copy)]
pub enum Claimed<'c> {
    /// A signed token (JWT).
    Token(&'c str),
    /// The ID of a user with its hash.
    Hash {
        /// The external ID, byte for byte.
        user_id: &'c str,
        /// HMAC-SHA256 of it, in hexadecimal digits.
        user_hash: &'c str,
    },
}

/// Checks a proof, and looks up whom it is about. `key` names the key; without a name a token
/// names it as its `kid`. Why somebody is denied stands in the audit log.
pub fn identify(
    core: &Core,
    key: Option<&str>,
    claimed: &Claimed<'_>,
    client: &Client,
    who: &Who,
) -> Result<Result<Admitted, Denied>, Error> {
    let Some(key) = find(core, key, claimed)? else { return Ok(Err(Denied::Invalid)) };
    match check(core, &key, claimed)? {
        Some(proof) => identify::admit(core, &key, &proof, client, who),
        None => {
            identify::deny(core, &key, Denied::Invalid, 0, who)?;
            Ok(Err(Denied::Invalid))
        }
    }
}

/// The key that is named, by the program or in a token.
pub(crate) fn find(core: &Core, named: Option<&str>, claimed: &Claimed<'_>) -> Result<Option<IdentityKey>, Error> {
    let named = match (named, claimed) {
        (Some(name), _) => Some(name.to_owned()),
        // A name in a token is no more than a name: it is looked up, and the key says the rest.
        (None, Claimed::Token(token)) => jwt::kid(token),
        (None, Claimed::Hash { .. }) => None,
    };
    let Some(name) = named else { return Ok(None) };
    match identify::find_key(core, &name) {
        Ok(key) => Ok(Some(key)),
        Err(error) if error.code == Code::NotFound => Ok(None),
        Err(error) => Err(error),
    }
}

/// What a proof says, if it holds.
pub(crate) fn check(core: &Core, key: &IdentityKey, claimed: &Claimed<'_>) -> Result<Option<Proof>, Error> {
    let secret = identify::secret(core, key)?.map(SecretText::show);
    let secret = secret.as_ref().map(|text| text.as_bytes());
    let now = core.store().environment().clock.now();
    Ok(match *claimed {
        Claimed::Token(token) => jwt::verify(token, key, secret, now),
        Claimed::Hash { user_id, user_hash } if key.algorithm == "user_hash" => secret
            .filter(|secret| is_hash(secret, user_id, user_hash))
            .map(|_| Proof { user_id: user_id.to_owned(), once: None, expires_at: None, claims: Map::new() }),
        Claimed::Hash { .. } => None,
    })
}

/// Compared in a time that says nothing about where two differ.
fn is_hash(secret: &[u8], user_id: &str, user_hash: &str) -> bool {
    let Some(hash) = bytes_of(user_hash) else { return false };
    let key = hmac::Key::new(hmac::HMAC_SHA256, secret);
    !user_id.is_empty() && hmac::verify(&key, user_id.as_bytes(), &hash).is_ok()
}

/// Bytes of hexadecimal digits.
fn bytes_of(digits: &str) -> Option<Vec<u8>> {
    let digits = digits.as_bytes();
    if !digits.len().is_multiple_of(2) {
        return None;
    }
    let value = |digit: u8| char::from(digit).to_digit(16);
    digits.chunks(2).map(|pair| u8::try_from(value(pair[0])? * 16 + value(pair[1])?).ok()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use rstest::rstest;

    const SECRET: &[u8] = b"a secret of thirty-two characters";

    fn hash_of(text: &str) -> String {
        let key = hmac::Key::new(hmac::HMAC_SHA256, SECRET);
        let tag = hmac::sign(&key, text.as_bytes());
        tag.as_ref().iter().fold(String::new(), |text, byte| format!("{text}{byte:02x}"))
    }

    #[test]
    fn a_hash_is_of_one_id_and_every_byte_counts() {
        let hash = hash_of("V-17");
        assert!(is_hash(SECRET, "V-17", &hash));
        assert!(is_hash(SECRET, "V-17", &hash.to_uppercase()));
        for other in ["v-17", " V-17", "V-17 ", "V-18", ""] {
            assert!(!is_hash(SECRET, other, &hash), "{other:?}");
        }
        assert!(!is_hash(b"another secret of thirty-two signs!", "V-17", &hash));
    }

    #[rstest]
    #[case("")]
    #[case("zz")]
    #[case("abc")]
    #[case("V-17")]
    fn what_is_no_hash_proves_nothing(#[case] hash: &str) {
        assert!(!is_hash(SECRET, "V-17", hash));
    }
}
