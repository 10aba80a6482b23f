//! Which encoding a text file is in.

use crate::record::Refusal;
use encoding_rs::{Encoding, UTF_8, UTF_16BE, UTF_16LE};
use std::io::Read;

/// What was found about a file's text.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Text {
    /// How its bytes are read.
    pub encoding: &'static Encoding,
    /// Bytes of the byte order mark.
    pub bom: usize,
    /// Whether the encoding follows from the bytes; else it is the best guess,
    /// and a person should look at the samples.
    pub certain: bool,
}

impl Text {
    /// Plain UTF-8.
    pub const UTF_8: Self = Self { encoding: UTF_8, bom: 0, certain: true };

    /// The same file read as another encoding that the person chose.
    pub fn with(self, label: &str) -> Option<Self> {
        let encoding = Encoding::for_label(label.as_bytes())?;
        let bom = if encoding == self.encoding { self.bom } else { 0 };
        Some(Self { encoding, bom, certain: true })
    }

    /// Whether quotes, separators and line ends are the ASCII bytes.
    pub fn is_ascii_compatible(&self) -> bool {
        self.encoding.is_ascii_compatible()
    }
}

/// Reads the whole file: a single accented letter on the last line decides. The
/// guess between other encodings costs more than all of that, so it is made
/// only for a file that is no UTF-8.
pub fn detect<R: Read>(open: impl Fn() -> std::io::Result<R>) -> Result<Text, Refusal> {
    let (accented, broken) = match read_as_utf8(open()?)? {
        Utf8::Known(text) => return Ok(text),
        Utf8::Counted { accented, broken } => (accented, broken),
    };
    // A few broken bytes in a text full of good UTF-8 are broken records, not
    // another encoding.
    if broken == 0 || accented > broken * 4 {
        return Ok(Text { certain: broken == 0, ..Text::UTF_8 });
    }
    let mut detector = chardetng::EncodingDetector::new(chardetng::Iso2022JpDetection::Deny);
    let (mut file, mut buffer) = (open()?, vec![0; 1 << 18]);
    loop {
        let read = file.read(&mut buffer)?;
        detector.feed(&buffer[..read], read == 0);
        if read == 0 {
            break;
        }
    }
    let encoding = detector.guess(None, chardetng::Utf8Detection::Deny);
    Ok(Text { encoding, bom: 0, certain: false })
}

/// What a file says about itself, or how well it reads as UTF-8.
enum Utf8 {
    Known(Text),
    Counted { accented: u64, broken: u64 },
}

fn read_as_utf8(mut file: impl Read) -> Result<Utf8, Refusal> {
    let mut buffer = vec![0; 1 << 18];
    let (mut filled, mut first, mut blank) = (0, true, true);
    let (mut accented, mut broken) = (0u64, 0u64);
    loop {
        let read = file.read(&mut buffer[filled..])?;
        let end = filled + read;
        if first {
            if end < 4096 && read > 0 {
                filled = end;
                continue;
            }
            first = false;
            if let Some(text) = by_signature(&buffer[..end])? {
                return Ok(Utf8::Known(text));
            }
        }
        let bytes = &buffer[..end];
        blank &= bytes.iter().all(u8::is_ascii_whitespace);
        let mut rest = 0;
        if !bytes.is_ascii() {
            for chunk in bytes.utf8_chunks() {
                accented += chunk.valid().chars().filter(|c| !c.is_ascii()).count() as u64;
                let invalid = chunk.invalid();
                // The last character may go on in the next block.
                let at_end = invalid.as_ptr_range().end == bytes.as_ptr_range().end;
                if at_end && !invalid.is_empty() && read > 0 && invalid.len() < 4 {
                    rest = invalid.len();
                } else if !invalid.is_empty() {
                    broken += 1;
                }
            }
        }
        if read == 0 {
            break;
        }
        buffer.copy_within(end - rest..end, 0);
        filled = rest;
    }
    if blank {
        return Err(Refusal::Empty);
    }
    Ok(Utf8::Counted { accented, broken })
}

fn by_signature(head: &[u8]) -> Result<Option<Text>, Refusal> {
    let bom = |encoding, bom| Ok(Some(Text { encoding, bom, certain: true }));
    match head {
        [] => return Err(Refusal::Empty),
        [0xef, 0xbb, 0xbf, ..] => return bom(UTF_8, 3),
        [0xff, 0xfe, ..] => return bom(UTF_16LE, 2),
        [0xfe, 0xff, ..] => return bom(UTF_16BE, 2),
        [b'P', b'K', 3, 4, ..] => return Err(Refusal::Zip),
        [0xd0, 0xcf, 0x11, 0xe0, ..] => return Err(Refusal::OldOffice),
        _ => {}
    }
    let head = &head[..head.len().min(8192)];
    let zeros = |parity: usize| head.iter().skip(parity).step_by(2).filter(|b| **b == 0).count();
    let (even, odd) = (zeros(0), zeros(1));
    if even + odd == 0 {
        return Ok(None);
    }
    // Text of western languages in UTF-16 has a zero in every other byte.
    let half = head.len() / 2;
    if odd > half * 4 / 5 && even == 0 {
        return bom(UTF_16LE, 0);
    }
    if even > half * 4 / 5 && odd == 0 {
        return bom(UTF_16BE, 0);
    }
    Err(Refusal::Binary)
}

/// Gives any encoding as UTF-8, for formats and encodings that cannot be split
/// byte by byte.
pub struct Utf8Reader<R> {
    file: R,
    decoder: encoding_rs::Decoder,
    input: Vec<u8>,
    from: usize,
    to: usize,
    ended: bool,
    /// The decoder gave its last character and must not be asked again.
    done: bool,
}

impl<R: Read> Utf8Reader<R> {
    /// Reads `file`, which is in `encoding`; a byte order mark is taken away.
    pub fn new(file: R, encoding: &'static Encoding) -> Self {
        let decoder = encoding.new_decoder_with_bom_removal();
        Self { file, decoder, input: vec![0; 1 << 16], from: 0, to: 0, ended: false, done: false }
    }
}

impl<R: Read> Read for Utf8Reader<R> {
    fn read(&mut self, out: &mut [u8]) -> std::io::Result<usize> {
        // The decoder needs room for one character.
        debug_assert!(out.len() >= 8);
        if self.done {
            return Ok(0);
        }
        loop {
            if self.from == self.to && !self.ended {
                self.to = self.file.read(&mut self.input)?;
                self.from = 0;
                self.ended = self.to == 0;
            }
            let (result, read, written, _) =
                self.decoder.decode_to_utf8(&self.input[self.from..self.to], out, self.ended);
            self.from += read;
            self.done = self.ended && result == encoding_rs::CoderResult::InputEmpty;
            if written > 0 || self.done {
                return Ok(written);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use encoding_rs::WINDOWS_1252;
    use rstest::rstest;

    fn utf16(text: &str, bom: bool) -> Vec<u8> {
        let mut bytes: Vec<u8> = if bom { vec![0xff, 0xfe] } else { Vec::new() };
        bytes.extend(text.encode_utf16().flat_map(u16::to_le_bytes));
        bytes
    }

    #[rstest]
    #[case(b"Name,Email\nAna,a@x\n".to_vec(), UTF_8)]
    #[case("Name\nJosé\n".as_bytes().to_vec(), UTF_8)]
    #[case(b"Nome;Telefone\nJo\xe3o;1\nConcei\xe7\xe3o;2\n".to_vec(), WINDOWS_1252)]
    #[case(utf16("Name,Email\nAna,a@x\n", true), UTF_16LE)]
    #[case(utf16("Name,Email\nAna,a@x\n", false), UTF_16LE)]
    fn finds_the_encoding(#[case] bytes: Vec<u8>, #[case] expected: &'static Encoding) {
        assert_eq!(detect(|| Ok(&*bytes)).expect("text").encoding, expected);
    }

    #[test]
    fn one_broken_byte_does_not_turn_utf8_into_something_else() {
        let mut bytes = "Name\nJosé\nZoë\nŁukasz\nЕлена\n".repeat(20).into_bytes();
        bytes.extend(b"Bad \xff byte\n");
        let text = detect(|| Ok(&*bytes)).expect("text");
        assert_eq!((text.encoding, text.certain), (UTF_8, false));
    }

    #[test]
    fn a_letter_cut_by_the_block_is_whole() {
        let bytes = format!("{}é\n", "a".repeat((1 << 18) - 1));
        assert_eq!(detect(|| Ok(bytes.as_bytes())).expect("text"), Text::UTF_8);
    }

    #[rstest]
    #[case(b"".to_vec(), Refusal::Empty)]
    #[case(b" \r\n ".to_vec(), Refusal::Empty)]
    #[case(b"PK\x03\x04\x14\0\0\0".to_vec(), Refusal::Zip)]
    #[case(b"\x7fELF\x02\x01\x01\0\0\0\0\0\0".to_vec(), Refusal::Binary)]
    fn refuses_what_is_no_text(#[case] bytes: Vec<u8>, #[case] expected: Refusal) {
        assert_eq!(detect(|| Ok(&*bytes)), Err(expected));
    }

    #[test]
    fn a_utf16_file_that_is_cut_off_is_read_to_its_end() {
        for cut in 1..=3 {
            let bytes = utf16("Ana,\u{1f600}", true);
            let mut reader = Utf8Reader::new(&bytes[..bytes.len() - cut], UTF_16LE);
            let (mut text, mut buffer) = (Vec::new(), [0; 64]);
            loop {
                let read = reader.read(&mut buffer).expect("text");
                if read == 0 {
                    break;
                }
                text.extend_from_slice(&buffer[..read]);
            }
            assert!(text.starts_with(b"Ana,"), "{cut}: {text:?}");
            assert_eq!(reader.read(&mut buffer).expect("the end"), 0, "also when it is asked again");
        }
    }

    #[test]
    fn gives_utf16_as_utf8() {
        let bytes = utf16("Ñandú;雨桐\n", true);
        let mut text = String::new();
        Utf8Reader::new(&*bytes, UTF_16LE).read_to_string(&mut text).expect("text");
        assert_eq!(text, "Ñandú;雨桐\n");
    }
}
