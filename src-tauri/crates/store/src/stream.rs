//! Bytes sealed piece by piece (STREAM, Hoang et al. 2015): what was cut off, put into
//! another order or given another name is found out, at the piece where it was done.

use aead_stream::{DecryptorBE32, EncryptorBE32};
use cardfile_domain::id::Entropy;
use chacha20poly1305::{KeyInit, XChaCha20Poly1305, aead::Payload};
use std::io::{self, Read, Write};
use zeroize::Zeroizing;

const MAGIC: &[u8; 8] = b"CFFILE1\n";
const NONCE: usize = 19;
/// Bytes of a piece before it is sealed.
pub(crate) const PIECE: usize = 64 << 10;
/// What sealing adds to a piece.
pub(crate) const TAG: usize = 16;

/// Seals what is written to it. Nothing can be opened before it is finished.
pub(crate) struct Sealer<W: Write> {
    out: W,
    cipher: EncryptorBE32<XChaCha20Poly1305>,
    name: Vec<u8>,
    piece: Zeroizing<Vec<u8>>,
}

impl<W: Write> Sealer<W> {
    /// `name` is sealed with every piece: under another one it cannot be opened.
    pub(crate) fn begin(mut out: W, key: &[u8; 32], name: &str, entropy: &dyn Entropy) -> io::Result<Self> {
        let mut nonce = [0; NONCE];
        entropy.fill(&mut nonce);
        out.write_all(MAGIC)?;
        out.write_all(&nonce)?;
        Ok(Self {
            out,
            cipher: EncryptorBE32::from_aead(XChaCha20Poly1305::new(key.into()), (&nonce).into()),
            name: name.as_bytes().to_vec(),
            piece: Zeroizing::new(Vec::with_capacity(PIECE)),
        })
    }

    /// Seals the last piece.
    pub(crate) fn finish(self) -> io::Result<W> {
        let Self { mut out, cipher, name, piece } = self;
        let sealed = cipher.encrypt_last(Payload { msg: &piece, aad: &name }).map_err(|_| too_large())?;
        out.write_all(&sealed)?;
        Ok(out)
    }
}

impl<W: Write> Write for Sealer<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        // A piece must be known not to be the last one before it is sealed.
        if self.piece.len() == PIECE && !bytes.is_empty() {
            let payload = Payload { msg: &self.piece, aad: &self.name };
            let sealed = self.cipher.encrypt_next(payload).map_err(|_| too_large())?;
            self.out.write_all(&sealed)?;
            self.piece.clear();
        }
        let length = bytes.len().min(PIECE - self.piece.len());
        self.piece.extend_from_slice(&bytes[..length]);
        Ok(length)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.out.flush()
    }
}

fn too_large() -> io::Error {
    io::Error::new(io::ErrorKind::FileTooLarge, "too large to be sealed")
}

/// Opens what a [`Sealer`] wrote. A damaged piece is an error of the kind
/// `InvalidData`, before any byte of it is given out.
pub(crate) struct Opener<R: Read> {
    from: R,
    left: u64,
    cipher: Option<DecryptorBE32<XChaCha20Poly1305>>,
    name: Vec<u8>,
    piece: Zeroizing<Vec<u8>>,
    at: usize,
}

impl<R: Read> Opener<R> {
    /// `sealed` is how many bytes there are in all: the last piece is known by its place.
    pub(crate) fn begin(mut from: R, sealed: u64, key: &[u8; 32], name: &str) -> io::Result<Self> {
        let (mut magic, mut nonce) = ([0; MAGIC.len()], [0; NONCE]);
        from.read_exact(&mut magic)?;
        from.read_exact(&mut nonce)?;
        if magic != *MAGIC {
            return Err(io::Error::new(io::ErrorKind::InvalidData, "not sealed by Cardfile"));
        }
        Ok(Self {
            from,
            left: sealed.saturating_sub((MAGIC.len() + NONCE) as u64),
            cipher: Some(DecryptorBE32::from_aead(XChaCha20Poly1305::new(key.into()), (&nonce).into())),
            name: name.as_bytes().to_vec(),
            piece: Zeroizing::default(),
            at: 0,
        })
    }
}

impl<R: Read> Read for Opener<R> {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        if self.at == self.piece.len() && self.cipher.is_some() {
            let length = self.left.min((PIECE + TAG) as u64);
            let mut sealed = vec![0; length as usize];
            self.from.read_exact(&mut sealed)?;
            self.left -= length;
            let payload = Payload { msg: &sealed, aad: &self.name };
            let opened = match (self.left, &mut self.cipher) {
                (0, cipher) => cipher.take().map(|cipher| cipher.decrypt_last(payload)),
                (_, Some(cipher)) => Some(cipher.decrypt_next(payload)),
                (_, None) => None,
            };
            let damaged = |_| io::Error::new(io::ErrorKind::InvalidData, "a sealed piece is damaged");
            self.piece = Zeroizing::new(opened.transpose().map_err(damaged)?.unwrap_or_default());
            self.at = 0;
        }
        let length = out.len().min(self.piece.len() - self.at);
        out[..length].copy_from_slice(&self.piece[self.at..self.at + length]);
        self.at += length;
        Ok(length)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rstest::rstest;

    struct Sevens;
    impl Entropy for Sevens {
        fn fill(&self, bytes: &mut [u8]) {
            bytes.fill(7);
        }
    }

    const KEY: [u8; 32] = [3; 32];

    fn sealed(text: &[u8]) -> Vec<u8> {
        let mut sealer = Sealer::begin(Vec::new(), &KEY, "one", &Sevens).expect("memory");
        // In bits that fit no piece.
        for part in text.chunks(50_001) {
            sealer.write_all(part).expect("memory");
        }
        sealer.finish().expect("memory")
    }

    fn opened(sealed: &[u8], name: &str) -> io::Result<Vec<u8>> {
        let mut text = Vec::new();
        Opener::begin(sealed, sealed.len() as u64, &KEY, name)?.read_to_end(&mut text)?;
        Ok(text)
    }

    #[rstest]
    fn what_was_sealed_is_opened(#[values(0, 1, PIECE - 1, PIECE, PIECE + 1, 3 * PIECE, 200_000)] length: usize) {
        let text: Vec<u8> = (0..length).map(|n| (n % 251) as u8).collect();
        let sealed = sealed(&text);
        assert_eq!(opened(&sealed, "one").expect("whole"), text);
        opened(&sealed, "other").expect_err("it was not sealed under this name");
    }

    #[test]
    fn what_was_changed_cut_off_or_moved_is_found() {
        let text = vec![1; 3 * PIECE];
        let whole = sealed(&text);
        for at in (0..whole.len()).step_by(997).chain([whole.len() - 1]) {
            let mut changed = whole.clone();
            changed[at] ^= 1;
            assert!(opened(&changed, "one").is_err(), "byte {at}");
        }
        let head = MAGIC.len() + NONCE;
        for cut in [head, head + PIECE + TAG, whole.len() - 1] {
            assert!(opened(&whole[..cut], "one").is_err(), "cut at {cut}");
        }
        let mut moved = whole.clone();
        let (first, second) = moved[head..head + 2 * (PIECE + TAG)].split_at_mut(PIECE + TAG);
        first.swap_with_slice(second);
        assert!(opened(&moved, "one").is_err(), "two pieces changed places");
    }
}
