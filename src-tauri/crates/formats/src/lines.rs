//! Physical lines of a text file with their numbers, for the formats that are
//! made of lines. A line end is LF, CRLF or CR.

use crate::encoding::{Text, Utf8Reader};
use std::io::{self, BufRead, BufReader, Read};

/// Reads line by line.
pub(crate) struct Lines<R: Read> {
    file: BufReader<Decoded<R>>,
    /// Number of the line given last, from 1.
    pub(crate) number: u32,
    /// Offset of its first byte; of the decoded text when the file is not UTF-8.
    pub(crate) byte: u64,
    next_byte: u64,
    /// The line before ended with CR.
    after_return: bool,
}

enum Decoded<R: Read> {
    Plain(R),
    Transcoded(Box<Utf8Reader<R>>),
}

impl<R: Read> Read for Decoded<R> {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        match self {
            Self::Plain(file) => file.read(out),
            Self::Transcoded(file) => file.read(out),
        }
    }
}

/// What was left of a line that is longer than the limit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Line {
    /// All of it.
    Whole,
    /// Its beginning; the rest was read and dropped.
    Cut,
}

impl<R: Read> Lines<R> {
    pub(crate) fn new(mut file: R, text: Text) -> io::Result<Self> {
        let file = if text.encoding == encoding_rs::UTF_8 {
            let mut mark = vec![0; text.bom];
            file.read_exact(&mut mark)?;
            Decoded::Plain(file)
        } else {
            Decoded::Transcoded(Box::new(Utf8Reader::new(file, text.encoding)))
        };
        let next_byte = text.bom as u64;
        Ok(Self { file: BufReader::with_capacity(1 << 16, file), number: 0, byte: 0, next_byte, after_return: false })
    }

    /// Reads the next line into `line`, without its end; `None` after the last.
    pub(crate) fn next(&mut self, line: &mut Vec<u8>, limit: usize) -> io::Result<Option<Line>> {
        line.clear();
        if !self.skip_rest_of_end()? {
            // A CR by itself: an empty line.
            self.number += 1;
            return Ok(Some(Line::Whole));
        }
        self.byte = self.next_byte;
        let (mut seen, mut cut) = (false, Line::Whole);
        loop {
            let buffer = self.file.fill_buf()?;
            if buffer.is_empty() {
                if !seen {
                    return Ok(None);
                }
                break;
            }
            seen = true;
            let end = memchr::memchr2(b'\n', b'\r', buffer);
            let text = &buffer[..end.unwrap_or(buffer.len())];
            let room = limit.saturating_sub(line.len()).min(text.len());
            line.extend_from_slice(&text[..room]);
            if room < text.len() {
                cut = Line::Cut;
            }
            let (used, ended_by) = (text.len() + usize::from(end.is_some()), end.map(|at| buffer[at]));
            self.consume(used);
            if let Some(byte) = ended_by {
                self.after_return = byte == b'\r';
                break;
            }
        }
        self.number += 1;
        Ok(Some(cut))
    }

    /// What may follow the CR that ended the line before: LF, or CR LF, which
    /// some phones write after every line of a photo. `false` when it is a CR
    /// and nothing else.
    fn skip_rest_of_end(&mut self) -> io::Result<bool> {
        if !std::mem::take(&mut self.after_return) {
            return Ok(true);
        }
        match self.file.fill_buf()?.first() {
            Some(b'\n') => self.consume(1),
            Some(b'\r') => {
                self.byte = self.next_byte;
                self.consume(1);
                if self.file.fill_buf()?.first() != Some(&b'\n') {
                    self.after_return = true;
                    return Ok(false);
                }
                self.consume(1);
            }
            _ => {}
        }
        Ok(true)
    }

    fn consume(&mut self, bytes: usize) {
        self.file.consume(bytes);
        self.next_byte += bytes as u64;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_end_as_any_system_ends_them() {
        let mut lines =
            Lines::new(&b"\xef\xbb\xbfa\r\r\nb\r\rc\n\nlong line"[..], Text { bom: 3, ..Text::UTF_8 }).expect("text");
        let (mut line, mut all) = (Vec::new(), Vec::new());
        while let Some(cut) = lines.next(&mut line, 4).expect("readable") {
            all.push((lines.number, lines.byte, String::from_utf8(line.clone()).expect("text"), cut));
        }
        let whole = |number, byte, text: &str| (number, byte, text.to_owned(), Line::Whole);
        let expected = [whole(1, 3, "a"), whole(2, 7, "b"), whole(3, 9, ""), whole(4, 10, "c"), whole(5, 12, "")];
        assert_eq!(all[..5], expected);
        assert_eq!(all[5], (6, 13, "long".to_owned(), Line::Cut));
    }
}
