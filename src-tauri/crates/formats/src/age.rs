//! Encryption in the format of age (C2SP, version 1) for one person's key, `age1…`: `age -d`
//! opens it. Only writing, and only X25519: what is sent is opened by its receiver, with a
//! program that nobody here wrote.
//!
//! The crate `age` brings half a hundred others, for forms of keys that are not needed here.

use aead_stream::EncryptorBE32;
use base64::{Engine, engine::general_purpose::STANDARD_NO_PAD};
use cardfile_domain::id::Entropy;
use chacha20poly1305::{ChaCha20Poly1305, KeyInit, aead::Aead};
use curve25519_dalek::MontgomeryPoint;
use hkdf::Hkdf;
use hmac::{Hmac, Mac};
use sha2::Sha256;
use std::io::{self, Write};
use zeroize::Zeroizing;

/// Bytes of a piece before it is sealed.
const PIECE: usize = 64 << 10;

/// The public key of who is to read it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Recipient([u8; 32]);

impl Recipient {
    /// Reads `age1…` (Bech32, BIP 173).
    pub fn parse(text: &str) -> Option<Self> {
        const LETTERS: &[u8; 32] = b"qpzry9x8gf2tvdw0s3jn54khce6mua7l";
        let data = text.trim().strip_prefix("age1")?;
        let fives: Vec<u8> = data
            .bytes()
            .map(|byte| LETTERS.iter().position(|letter| *letter == byte).and_then(|at| u8::try_from(at).ok()))
            .collect::<Option<_>>()?;
        // 256 bits in groups of five, and a checksum of six.
        if fives.len() != 52 + 6 || checksum(&fives) != 1 {
            return None;
        }
        let (mut key, mut held, mut bits, mut at) = ([0; 32], 0u32, 0, 0);
        for five in &fives[..52] {
            held = ((held << 5) | u32::from(*five)) & 0xfff;
            bits += 5;
            if bits >= 8 {
                bits -= 8;
                key[at] = u8::try_from((held >> bits) & 0xff).ok()?;
                at += 1;
            }
        }
        // What fills up the last group is nothing.
        (held & 0xf == 0).then_some(Self(key))
    }
}

/// The checksum of Bech32 over `age` and what follows; 1 when it is right.
fn checksum(fives: &[u8]) -> u32 {
    const GENERATOR: [u32; 5] = [0x3b6a_57b2, 0x2650_8e6d, 0x1ea1_19fa, 0x3d42_33dd, 0x2a14_62b3];
    let name = b"age";
    let expanded = name.iter().map(|c| c >> 5).chain([0]).chain(name.iter().map(|c| c & 31));
    expanded.chain(fives.iter().copied()).fold(1, |sum: u32, value| {
        let top = sum >> 25;
        let next = ((sum & 0x1ff_ffff) << 5) ^ u32::from(value);
        GENERATOR.iter().enumerate().fold(next, |sum, (at, part)| if (top >> at) & 1 == 1 { sum ^ part } else { sum })
    })
}

/// A file that is being encrypted. Without [`Encrypting::finish`] it cannot be opened.
pub struct Encrypting<W> {
    out: W,
    sealer: EncryptorBE32<ChaCha20Poly1305>,
    /// A piece must be known to be the last one before it is sealed.
    piece: Zeroizing<Vec<u8>>,
}

impl<W: Write> Encrypting<W> {
    /// Begins a file for one receiver.
    pub fn new(mut out: W, to: &Recipient, entropy: &dyn Entropy) -> io::Result<Self> {
        let key: Zeroizing<[u8; 16]> = random(entropy);
        let secret: Zeroizing<[u8; 32]> = random(entropy);
        let share = MontgomeryPoint::mul_base_clamped(*secret).0;
        let shared = Zeroizing::new(MontgomeryPoint(to.0).mul_clamped(*secret).0);
        if *shared == [0; 32] {
            return Err(io::Error::new(io::ErrorKind::InvalidInput, "the key of the receiver is none"));
        }
        let wrapping = derive(&*shared, &[share, to.0].concat(), "age-encryption.org/v1/X25519")?;
        let wrapped = cipher(&wrapping).encrypt((&[0u8; 12]).into(), &key[..]).map_err(|_| too_large())?;
        let head = format!(
            "age-encryption.org/v1\n-> X25519 {}\n{}\n---",
            STANDARD_NO_PAD.encode(share),
            STANDARD_NO_PAD.encode(wrapped)
        );
        let mut mac = Hmac::<Sha256>::new_from_slice(&derive(&*key, &[], "header")?[..]).map_err(|_| too_large())?;
        mac.update(head.as_bytes());
        let nonce: Zeroizing<[u8; 16]> = random(entropy);
        writeln!(out, "{head} {}", STANDARD_NO_PAD.encode(mac.finalize().into_bytes()))?;
        out.write_all(&nonce[..])?;
        let payload = derive(&*key, &nonce[..], "payload")?;
        let sealer = EncryptorBE32::from_aead(cipher(&payload), (&[0u8; 7]).into());
        Ok(Self { out, sealer, piece: Zeroizing::new(Vec::with_capacity(PIECE)) })
    }

    /// Seals the last piece and gives the output back.
    pub fn finish(mut self) -> io::Result<W> {
        let sealed = self.sealer.encrypt_last(&self.piece[..]).map_err(|_| too_large())?;
        self.out.write_all(&sealed)?;
        self.out.flush()?;
        Ok(self.out)
    }
}

impl<W: Write> Write for Encrypting<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if self.piece.len() == PIECE && !bytes.is_empty() {
            let sealed = self.sealer.encrypt_next(&self.piece[..]).map_err(|_| too_large())?;
            self.out.write_all(&sealed)?;
            self.piece.clear();
        }
        let taken = bytes.len().min(PIECE - self.piece.len());
        self.piece.extend_from_slice(&bytes[..taken]);
        Ok(taken)
    }

    fn flush(&mut self) -> io::Result<()> {
        // Sealing early would make other pieces.
        self.out.flush()
    }
}

fn cipher(key: &[u8; 32]) -> ChaCha20Poly1305 {
    ChaCha20Poly1305::new(key.into())
}

fn derive(from: &[u8], salt: &[u8], purpose: &str) -> io::Result<Zeroizing<[u8; 32]>> {
    let mut key = Zeroizing::new([0; 32]);
    Hkdf::<Sha256>::new(Some(salt), from).expand(purpose.as_bytes(), &mut *key).map_err(|_| too_large())?;
    Ok(key)
}

fn random<const N: usize>(entropy: &dyn Entropy) -> Zeroizing<[u8; N]> {
    let mut bytes = Zeroizing::new([0; N]);
    entropy.fill(&mut *bytes);
    bytes
}

/// What the ciphers say of more than they can take.
fn too_large() -> io::Error {
    io::Error::new(io::ErrorKind::FileTooLarge, "too large to be encrypted")
}

#[cfg(test)]
mod tests {
    use super::*;
    use rstest::rstest;
    use sha2::Digest;
    use std::sync::atomic::{AtomicU8, Ordering};

    /// 1, 2, 3 … for the first ask, 2, 3, 4 … for the second.
    #[derive(Default)]
    struct Counting(AtomicU8);

    impl Entropy for Counting {
        fn fill(&self, bytes: &mut [u8]) {
            let first = self.0.fetch_add(1, Ordering::Relaxed) + 1;
            bytes.iter_mut().zip(first..).for_each(|(byte, value)| *byte = value);
        }
    }

    const ANA: &str = "age12ld5kdvlywh9u9rwfcj3ypt8q3ez2p353s2sc9r485xfx0gy6sss5uskuv";

    /// The hashes are of files that the age of others (pyrage) opened.
    #[rstest]
    #[case::nothing(0, "040592d5b3c2fd0b9fd888a34e91018aec5c5f09fbfed188d6ecb408f47aa677")]
    #[case::a_part_of_a_piece(5, "69372de8a227c9f63829586deff7f88631076bfebd1b82796cf93a42800e64c9")]
    #[case::a_whole_piece(65_536, "c646dcc194fb5b3463fadc8075d987306d2dcc64b895ddeeac89df2cd14a6a6f")]
    #[case::several(131_077, "31a8acc14d076429b849ea7d6527808803e82a9939eae2172bf8d51e2a53324a")]
    fn a_file_is_the_one_that_age_opens(#[case] size: usize, #[case] expected: &str) {
        let plain: Vec<u8> = (0..size).map(|at| (at % 251) as u8).collect();
        let to = Recipient::parse(ANA).expect("a key");
        for step in [1_000, 65_536, 200_000] {
            let mut out = Encrypting::new(Vec::new(), &to, &Counting::default()).expect("memory");
            for part in plain.chunks(step) {
                out.write_all(part).expect("memory");
            }
            let sealed = out.finish().expect("memory");
            let hash: String = Sha256::digest(&sealed).iter().map(|byte| format!("{byte:02x}")).collect();
            assert_eq!(hash, expected, "written {step} by {step}");
        }
    }

    #[rstest]
    #[case::one_letter_is_another("age12ld5kdvlywh9u9rwfcj3ypt8q3ez2p353s2sc9r485xfx0gy6sss5uskuu")]
    #[case::cut_off("age12ld5kdvlywh9u9rwfcj3ypt8q3ez2p353s2sc9r485xfx0gy6sss5usku")]
    #[case::a_secret_key("AGE-SECRET-KEY-1PYYSJZGFPYYSJZGFPYYSJZGFPYYSJZGFPYYSJZGFPYYSJZGFPYYSTFVYXW")]
    #[case::another_kind("ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAI")]
    fn what_is_no_key_is_refused(#[case] text: &str) {
        assert_eq!(Recipient::parse(text), None);
    }
}
