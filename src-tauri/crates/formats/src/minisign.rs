//! Signatures as minisign makes them: Ed25519 (RFC 8032) over the BLAKE2b hash of a message,
//! with a comment that is signed too. Whoever got a file of ours checks it with a program
//! that nobody here wrote: `minisign -V -P KEY -m FILE -x FILE.sig`.
//!
//! A signature is taken only in the form in which it is written here. The format leaves a
//! comment unsigned and lets a text be written in several ways; a byte that somebody changed
//! there would otherwise pass.

use base64::{Engine, engine::general_purpose::STANDARD};
use blake2::{Blake2b512, Digest};
use cardfile_domain::id::Entropy;
use ed25519_dalek::{Signature, Signer, SigningKey, VerifyingKey};
use std::fmt;
use zeroize::Zeroizing;

/// The comment above a signature, which is not signed.
const UNSIGNED: &str = "untrusted comment: signature of Cardfile";
const SIGNED: &str = "trusted comment: ";
/// Of a key, and of a signature over a hash.
const KEY: &[u8; 2] = b"Ed";
const HASHED: &[u8; 2] = b"ED";

/// A key that signs. Wiped from memory when dropped; has no `Debug`.
pub struct KeyPair(SigningKey);

/// The key that a signature is checked with.
#[derive(Debug, Clone, PartialEq)]
pub struct PublicKey {
    id: [u8; 8],
    key: VerifyingKey,
}

/// Why a signature does not hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Invalid {
    /// It is no signature, or not in the form it was written in.
    Malformed,
    /// Another key made it.
    AnotherKey,
    /// The message or its comment is not what was signed.
    Changed,
}

impl KeyPair {
    /// A new key.
    pub fn generate(entropy: &dyn Entropy) -> Self {
        let mut seed = Zeroizing::new([0; 32]);
        entropy.fill(&mut *seed);
        Self::from_seed(&seed)
    }

    /// The key that was made from these bytes.
    pub fn from_seed(seed: &[u8; 32]) -> Self {
        Self(SigningKey::from_bytes(seed))
    }

    /// What the key is made from, to be sealed.
    pub fn seed(&self) -> Zeroizing<[u8; 32]> {
        Zeroizing::new(self.0.to_bytes())
    }

    /// Its public half.
    pub fn public(&self) -> PublicKey {
        PublicKey::of(self.0.verifying_key())
    }

    /// Signs a message and a comment of one line; gives the text of the signature file. The same
    /// message gives the same text.
    pub fn sign(&self, message: &[u8], comment: &str) -> String {
        let comment = comment.replace(['\r', '\n'], " ");
        let signature = self.0.sign(&hash(message)).to_bytes();
        let both = self.0.sign(&[&signature[..], comment.as_bytes()].concat()).to_bytes();
        written(&self.public().id, &signature, &comment, &both)
    }
}

impl PublicKey {
    fn of(key: VerifyingKey) -> Self {
        let mut id = [0; 8];
        id.copy_from_slice(&hash(key.as_bytes())[..8]);
        Self { id, key }
    }

    /// The key in one line, `RW…`, as `minisign -P` takes it.
    pub fn line(&self) -> String {
        STANDARD.encode([&KEY[..], &self.id, self.key.as_bytes()].concat())
    }

    /// The key as a file, as `minisign -p` takes it.
    pub fn file(&self) -> String {
        let number = u64::from_le_bytes(self.id);
        format!("untrusted comment: minisign public key {number:016X}\n{}\n", self.line())
    }

    /// Reads a line or a file.
    pub fn parse(text: &str) -> Option<Self> {
        let line = text.trim().lines().last()?.trim();
        let bytes: [u8; 42] = STANDARD.decode(line).ok()?.try_into().ok()?;
        let (mut id, mut key) = ([0; 8], [0; 32]);
        id.copy_from_slice(&bytes[2..10]);
        key.copy_from_slice(&bytes[10..]);
        let key = VerifyingKey::from_bytes(&key).ok()?;
        (bytes[..2] == KEY[..]).then_some(Self { id, key })
    }

    /// What people compare: 128 bits in groups of four. Made of the key, and not of its id, which
    /// anybody may choose.
    pub fn fingerprint(&self) -> String {
        let hash = hash(self.key.as_bytes());
        let groups: Vec<String> = hash[8..24].chunks(2).map(|two| format!("{:02x}{:02x}", two[0], two[1])).collect();
        groups.join(" ")
    }

    /// Checks a signature file; gives its signed comment.
    pub fn verify(&self, message: &[u8], text: &str) -> Result<String, Invalid> {
        let lines: Vec<&str> = text.lines().collect();
        let [_, first, comment, second] = lines[..] else { return Err(Invalid::Malformed) };
        let comment = comment.strip_prefix(SIGNED).ok_or(Invalid::Malformed)?;
        let head: [u8; 74] = decoded(first)?;
        let both: [u8; 64] = decoded(second)?;
        let (mut id, mut signature) = ([0; 8], [0; 64]);
        id.copy_from_slice(&head[2..10]);
        signature.copy_from_slice(&head[10..]);
        if head[..2] != HASHED[..] || written(&id, &signature, comment, &both) != text {
            return Err(Invalid::Malformed);
        }
        if id != self.id {
            return Err(Invalid::AnotherKey);
        }
        let holds = |message: &[u8], signature: &[u8; 64]| {
            self.key.verify_strict(message, &Signature::from_bytes(signature)).map_err(|_| Invalid::Changed)
        };
        holds(&hash(message), &signature)?;
        holds(&[&signature[..], comment.as_bytes()].concat(), &both)?;
        Ok(comment.to_owned())
    }
}

impl fmt::Display for PublicKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.line())
    }
}

fn decoded<const N: usize>(line: &str) -> Result<[u8; N], Invalid> {
    STANDARD.decode(line).ok().and_then(|bytes| bytes.try_into().ok()).ok_or(Invalid::Malformed)
}

fn written(id: &[u8; 8], signature: &[u8; 64], comment: &str, both: &[u8; 64]) -> String {
    let head = STANDARD.encode([&HASHED[..], id, signature].concat());
    format!("{UNSIGNED}\n{head}\n{SIGNED}{comment}\n{}\n", STANDARD.encode(both))
}

fn hash(bytes: &[u8]) -> [u8; 64] {
    Blake2b512::digest(bytes).into()
}

#[cfg(test)]
mod tests {
    use super::*;

    const COMMENT: &str = "timestamp:1633700835\tfile:test\thashed";

    fn key() -> KeyPair {
        KeyPair::from_seed(&std::array::from_fn(|at| at as u8))
    }

    /// Worked out with another library (pyca/cryptography) from the format's description.
    #[test]
    fn a_signature_is_the_one_that_others_make() {
        let signed = key().sign(b"test", COMMENT);
        assert_eq!(
            signed,
            "untrusted comment: signature of Cardfile\n\
             RUSMHBdIrUUaT+7bfJOJZsqfCwXF+z0sQ1VXJkH6b3IX+R7jgIZiK0baMSQj5407he+UPkHYBXBmR29ayQO7Zj5oIfpnYdZXcAQ=\n\
             trusted comment: timestamp:1633700835\tfile:test\thashed\n\
             XtlGTzz+FThMpEZiXdKgeMwHW409znqrYf3BYkRGIlzC1Jmn8ZmsculyfCW9+LK3FSMdB5slJqWPNvTfO56aCQ==\n"
        );
        let public = key().public();
        assert_eq!(public.line(), "RWSMHBdIrUUaTwOhB7/zzhC+HXDdGOdLwJln5NYwm6UNXx3chmQSVTG4");
        assert_eq!(public.file().lines().next(), Some("untrusted comment: minisign public key 4F1A45AD48171C8C"));
        assert_eq!(public.fingerprint(), "3d0b 0e04 67df a3e0 749c 43b7 e68f 708f");
        assert_eq!(public.verify(b"test", &signed).as_deref(), Ok(COMMENT));
    }

    #[test]
    fn a_key_is_read_from_its_line_and_from_its_file() {
        let public = key().public();
        for text in [public.line(), public.file(), format!(" {}\n", public.line())] {
            assert_eq!(PublicKey::parse(&text), Some(public.clone()), "{text}");
        }
        for text in ["", "RW", "untrusted comment: x\n", "RWQf6LRCGA9i53mlYecO4IzT51TGPpvWucNSCh1CBM0QTaLn73Y7GFO"] {
            assert_eq!(PublicKey::parse(text), None, "{text}");
        }
        assert_eq!(KeyPair::from_seed(&key().seed()).public(), public);
    }

    #[test]
    fn no_byte_of_a_signature_can_be_changed() {
        let (signed, public) = (key().sign(b"test", COMMENT), key().public());
        for at in 0..signed.len() {
            for flip in [1, 2, 32] {
                let mut bytes = signed.clone().into_bytes();
                bytes[at] ^= flip;
                let Ok(text) = String::from_utf8(bytes) else { continue };
                assert!(public.verify(b"test", &text).is_err(), "byte {at} with {flip}");
            }
        }
        assert_eq!(public.verify(b"tesT", &signed), Err(Invalid::Changed));
        assert_eq!(KeyPair::from_seed(&[7; 32]).public().verify(b"test", &signed), Err(Invalid::AnotherKey));
        assert_eq!(public.verify(b"test", "hello"), Err(Invalid::Malformed));
    }
}
