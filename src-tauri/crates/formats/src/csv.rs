//! CSV and TSV in: separators, quotes and headers found by themselves, every
//! record with its line, and one broken quote never swallows the rest of a file.
//!
//! Rules of RFC 4180, and of the programs that do not keep to it.

use crate::encoding::{Text, Utf8Reader};
use crate::record::{Position, ReadError, Refusal, Reject, RejectCode, shorten};
use cardfile_domain::{Sentence, say};
use memchr::{memchr, memchr2, memchr3};
use std::io::Read;

/// Largest field.
pub const FIELD_LIMIT: usize = 1 << 20;
/// Largest record.
const RECORD_LIMIT: usize = 8 << 20;
/// Most columns.
pub const COLUMN_LIMIT: usize = 2_000;

/// A record's cells and its bytes.
#[derive(Debug, Default)]
pub struct Cells {
    /// Where it stands.
    pub position: Position,
    /// Cells, unquoted, still in the file's encoding.
    text: Vec<u8>,
    ends: Vec<usize>,
    /// Bytes as they stand in the file, without the line end.
    pub raw: Vec<u8>,
}

impl Cells {
    /// Number of cells.
    pub fn len(&self) -> usize {
        self.ends.len()
    }

    /// Whether there is no cell.
    pub fn is_empty(&self) -> bool {
        self.ends.is_empty()
    }

    /// One cell's bytes; nothing beyond the last.
    pub fn bytes(&self, at: usize) -> &[u8] {
        let Some(end) = self.ends.get(at) else { return &[] };
        let start = if at == 0 { 0 } else { self.ends[at - 1] };
        &self.text[start..*end]
    }
}

/// Reads a CSV file record by record.
pub struct CsvReader<R> {
    file: R,
    text: Text,
    separator: u8,
    core: csv_core::Reader,
    buffer: Vec<u8>,
    from: usize,
    to: usize,
    ended: bool,
    byte: u64,
    line: u32,
    record: u32,
    /// Cells every record must have; 0 until the header is known.
    columns: usize,
    /// The record given last was only the beginning of its line.
    cut: bool,
}

/// A file given as UTF-8 or as it is.
pub enum Source<R: Read> {
    /// Split byte by byte, decoded cell by cell.
    Plain(R),
    /// Transcoded while reading.
    Transcoded(Box<Utf8Reader<R>>),
}

impl<R: Read> Read for Source<R> {
    fn read(&mut self, out: &mut [u8]) -> std::io::Result<usize> {
        match self {
            Self::Plain(file) => file.read(out),
            Self::Transcoded(file) => file.read(out),
        }
    }
}

impl<R: Read> CsvReader<Source<R>> {
    /// Reads `file`, whose text and separator are known.
    pub fn new(file: R, text: Text, separator: u8) -> Self {
        let (file, text) = if text.is_ascii_compatible() {
            (Source::Plain(file), text)
        } else {
            (Source::Transcoded(Box::new(Utf8Reader::new(file, text.encoding))), Text::UTF_8)
        };
        Self {
            file,
            text,
            separator,
            core: csv_core::ReaderBuilder::new().delimiter(separator).build(),
            buffer: vec![0; 1 << 16],
            from: 0,
            to: 0,
            ended: false,
            byte: 0,
            line: 1,
            record: 0,
            columns: 0,
            cut: false,
        }
    }
}

enum Found {
    /// Length of the record and of the record with its line end.
    Record(usize, usize),
    /// A quote is open at the end of what was read.
    Open,
    /// No line end yet.
    More,
}

impl<R: Read> CsvReader<R> {
    /// From here on every record must have as many cells, and is counted from 1.
    pub fn expect_columns(&mut self, columns: usize) {
        self.columns = columns;
        self.record = 0;
    }

    /// The text of a cell.
    pub fn decode<'c>(&self, cells: &'c Cells, at: usize) -> Result<std::borrow::Cow<'c, str>, Box<Reject>> {
        let bytes = cells.bytes(at);
        self.text.encoding.decode_without_bom_handling_and_without_replacement(bytes).ok_or_else(|| {
            let message = say!("text is not valid {encoding}", encoding = self.text.encoding.name());
            Box::new(reject(cells, Some(at), RejectCode::Encoding, message))
        })
    }

    /// Reads the next record into `cells`; blank lines are no records. `None` at
    /// the end; a record that cannot be split is a reject, and reading goes on
    /// with the line after it.
    pub fn next(&mut self, cells: &mut Cells) -> Option<Result<(), ReadError>> {
        loop {
            match self.next_raw(cells)? {
                Err(error) => return Some(Err(error)),
                Ok(()) if cells.raw.iter().all(|b| b.is_ascii_whitespace()) && self.separator != b'\t' => {}
                Ok(()) if cells.raw.is_empty() => {}
                Ok(()) => {
                    self.record += 1;
                    cells.position.record = self.record;
                    return Some(self.split(cells));
                }
            }
        }
    }

    fn next_raw(&mut self, cells: &mut Cells) -> Option<Result<(), ReadError>> {
        if self.byte == 0 && self.from == self.to {
            if let Err(error) = self.fill() {
                return Some(Err(error));
            }
            let bom = self.text.bom.min(self.to);
            self.take(bom);
        }
        if std::mem::take(&mut self.cut)
            && let Err(error) = self.skip_line()
        {
            return Some(Err(error));
        }
        loop {
            let (length, total) = match self.find_end() {
                Found::Record(length, total) => (length, total),
                Found::More | Found::Open if !self.ended && self.to - self.from < RECORD_LIMIT => {
                    if let Err(error) = self.fill() {
                        return Some(Err(error));
                    }
                    continue;
                }
                Found::More if self.to == self.from => return None,
                Found::More if self.ended => (self.to - self.from, self.to - self.from),
                // A quote that is not closed within the limit, or in the whole
                // file, is a mistake on its first line.
                Found::More | Found::Open => {
                    let (length, total) = self.first_line();
                    // A line longer than the limit: the rest of it is no record.
                    self.cut = length == total && !self.ended;
                    (length, total)
                }
            };
            cells.position = Position { record: 0, line: self.line, byte: self.byte };
            cells.raw.clear();
            cells.raw.extend_from_slice(&self.buffer[self.from..self.from + length]);
            self.take(total);
            return Some(Ok(()));
        }
    }

    /// Cuts the record into cells, and takes it back to its first line when a
    /// quote has swallowed the lines after it.
    fn split(&mut self, cells: &mut Cells) -> Result<(), ReadError> {
        cells.ends.clear();
        let quoted = memchr(b'"', &cells.raw).is_some();
        if !quoted {
            // Nothing to unquote: the cells are the bytes between separators.
            cells.text.clear();
            for cell in cells.raw.split(|byte| *byte == self.separator) {
                cells.text.extend_from_slice(cell);
                cells.ends.push(cells.text.len());
            }
            return self.check(cells, false);
        }
        self.core.reset();
        cells.text.resize(cells.raw.len() + 8, 0);
        let (mut input, mut out, mut used) = (&cells.raw[..], 0, 0);
        let mut ends = [0usize; 64];
        let mut closed = false;
        loop {
            let (result, read, written, ended) = self.core.read_record(input, &mut cells.text[out..], &mut ends);
            input = &input[read..];
            // Ends count from the start of this record's text.
            cells.ends.extend(&ends[..ended]);
            (out, used) = (out + written, used + ended);
            match result {
                csv_core::ReadRecordResult::Record | csv_core::ReadRecordResult::End => break,
                // No line end is left in the input: an empty one ends the record.
                csv_core::ReadRecordResult::InputEmpty if closed => break,
                csv_core::ReadRecordResult::InputEmpty => closed = true,
                csv_core::ReadRecordResult::OutputEndsFull => {}
                csv_core::ReadRecordResult::OutputFull => cells.text.resize(cells.text.len() * 2, 0),
            }
        }
        debug_assert_eq!(used, cells.ends.len());
        let torn = self.is_torn(&cells.raw);
        self.check(cells, torn)
    }

    /// Whether the cells are as many and as large as they may be.
    fn check(&mut self, cells: &mut Cells, torn: bool) -> Result<(), ReadError> {
        if cells.ends.len() > COLUMN_LIMIT {
            return Err(ReadError::Refusal(Refusal::TooManyColumns {
                line: cells.position.line,
                found: cells.ends.len(),
                limit: COLUMN_LIMIT,
            }));
        }
        if self.columns > 0 {
            // Spreadsheets pad short rows; cells without a heading and without text say nothing.
            while cells.ends.len() > self.columns && cells.bytes(cells.ends.len() - 1).is_empty() {
                cells.ends.pop();
            }
            if cells.ends.len() != self.columns || torn {
                return Err(self.mend(cells, torn).into());
            }
        }
        if let Some(at) = (0..cells.len()).find(|at| cells.bytes(*at).len() > FIELD_LIMIT) {
            return Err(reject(cells, Some(at), RejectCode::TooLong, say!("a field is larger than 1 MiB")).into());
        }
        Ok(())
    }

    /// A record with the wrong number of cells or a torn quote. A torn quote is
    /// the fault of its first line only: reading goes on after that.
    fn mend(&mut self, cells: &mut Cells, torn: bool) -> Reject {
        if !torn {
            let message =
                say!("expected {expected} columns, found {found}", expected = self.columns, found = cells.ends.len());
            return reject(cells, None, RejectCode::Ragged, message);
        }
        if let Some(first) = memchr2(b'\n', b'\r', &cells.raw) {
            self.give_back(cells, first);
            cells.raw.truncate(first);
        }
        let message = say!("a quote is opened on line {line} and not closed", line = cells.position.line);
        reject(cells, None, RejectCode::Quote, message)
    }

    /// Puts the lines after the first back in front of what is still to be read.
    fn give_back(&mut self, cells: &Cells, first_line: usize) {
        let ending = if cells.raw[first_line..].starts_with(b"\r\n") { 2 } else { 1 };
        let mut rest = cells.raw[first_line + ending..].to_vec();
        let lost_ending = (self.byte - cells.position.byte) as usize - cells.raw.len();
        rest.extend_from_slice(match lost_ending {
            0 => b"",
            1 => b"\n",
            _ => b"\r\n",
        });
        self.byte = cells.position.byte + (first_line + ending) as u64;
        self.line = cells.position.line + 1;
        let unread = self.buffer[self.from..self.to].to_vec();
        rest.extend_from_slice(&unread);
        (self.from, self.to) = (0, rest.len());
        if rest.len() < self.buffer.len() {
            self.buffer[..rest.len()].copy_from_slice(&rest);
        } else {
            self.buffer = rest;
        }
    }

    /// Whether a quote is open at the end of the record, or was closed by a
    /// quote that began another cell some lines later (`"Pe\nc,d\n"e"`).
    fn is_torn(&self, raw: &[u8]) -> bool {
        let mut rest = raw;
        loop {
            if let Some(cell) = rest.strip_prefix(b"\"") {
                let mut at = 0;
                loop {
                    let Some(quote) = memchr(b'"', &cell[at..]) else { return true };
                    at += quote + 1;
                    if cell.get(at) != Some(&b'"') {
                        break;
                    }
                    at += 1;
                }
                let many_lines = memchr2(b'\n', b'\r', &cell[..at]).is_some();
                if many_lines && cell.get(at).is_some_and(|next| *next != self.separator) {
                    return true;
                }
                rest = &cell[at..];
            }
            match memchr(self.separator, rest) {
                Some(next) => rest = &rest[next + 1..],
                None => return false,
            }
        }
    }

    fn find_end(&self) -> Found {
        end_of(&self.buffer[self.from..self.to], self.separator, self.ended)
    }

    /// The first physical line of the buffer, without and with its end.
    fn first_line(&self) -> (usize, usize) {
        let bytes = &self.buffer[self.from..self.to];
        match memchr2(b'\n', b'\r', bytes) {
            Some(at) => (at, at + if bytes[at..].starts_with(b"\r\n") { 2 } else { 1 }),
            None => (bytes.len(), bytes.len()),
        }
    }

    fn fill(&mut self) -> Result<(), ReadError> {
        if self.from > 0 {
            self.buffer.copy_within(self.from..self.to, 0);
            self.to -= self.from;
            self.from = 0;
        }
        if self.to + 4096 > self.buffer.len() {
            self.buffer.resize(self.buffer.len() * 2, 0);
        }
        let read = self.file.read(&mut self.buffer[self.to..]).map_err(|e| ReadError::Refusal(e.into()))?;
        self.to += read;
        self.ended = read == 0;
        Ok(())
    }

    /// Drops what is left of a line.
    fn skip_line(&mut self) -> Result<(), ReadError> {
        loop {
            let rest = &self.buffer[self.from..self.to];
            if let Some(end) = memchr(b'\n', rest) {
                self.take(end + 1);
                return Ok(());
            }
            self.take(rest.len());
            if self.ended {
                return Ok(());
            }
            self.fill()?;
        }
    }

    fn take(&mut self, bytes: usize) {
        let taken = &self.buffer[self.from..self.from + bytes];
        self.line += count_lines(taken);
        self.byte += bytes as u64;
        self.from += bytes;
    }
}

/// Finds where the record at the start of `bytes` ends. Quotes matter only at
/// the start of a cell.
fn end_of(bytes: &[u8], separator: u8, ended: bool) -> Found {
    // Most lines hold no quote and end where they end.
    if let Some(end) = memchr(b'\n', bytes)
        && memchr2(b'"', b'\r', &bytes[..end.saturating_sub(1)]).is_none()
        && !matches!(bytes[end.saturating_sub(1)..end], [b'"'])
    {
        let carriage_return = usize::from(bytes[..end].ends_with(b"\r"));
        return Found::Record(end - carriage_return, end + 1);
    }
    let mut at = 0;
    loop {
        if bytes.get(at) == Some(&b'"') {
            at += 1;
            loop {
                let Some(quote) = memchr(b'"', &bytes[at..]) else { return Found::Open };
                at += quote + 1;
                match bytes.get(at) {
                    Some(b'"') => at += 1,
                    None if !ended => return Found::Open,
                    _ => break,
                }
            }
        }
        let Some(next) = memchr3(separator, b'\n', b'\r', &bytes[at.min(bytes.len())..]) else { return Found::More };
        let end = at + next;
        match bytes[end] {
            b'\r' if bytes.get(end + 1) == Some(&b'\n') => return Found::Record(end, end + 2),
            b'\r' if end + 1 == bytes.len() && !ended => return Found::More,
            b'\n' | b'\r' => return Found::Record(end, end + 1),
            _ => at = end + 1,
        }
    }
}

fn count_lines(bytes: &[u8]) -> u32 {
    // One line is the usual case.
    if let [line @ .., b'\n'] = bytes
        && memchr2(b'\n', b'\r', line.strip_suffix(b"\r").unwrap_or(line)).is_none()
    {
        return 1;
    }
    let feeds = memchr::memchr_iter(b'\n', bytes).count();
    let lone_returns = memchr::memchr_iter(b'\r', bytes).filter(|at| bytes.get(at + 1) != Some(&b'\n')).count();
    (feeds + lone_returns) as u32
}

/// A reject of these cells.
fn reject(cells: &Cells, column: Option<usize>, code: RejectCode, message: Sentence) -> Reject {
    let value = column.map_or(&cells.raw[..], |at| cells.bytes(at));
    Reject {
        column: column.map(|at| at as u32 + 1),
        value: shorten(&String::from_utf8_lossy(value)),
        raw: cells.raw.clone(),
        ..Reject::new(cells.position, code, message)
    }
}

/// The separator of a file, from its first records: the one that cuts most
/// lines into the same number of cells, more than one.
pub fn find_separator(head: &[u8], text: Text) -> u8 {
    let score = |separator: u8| {
        let mut reader = CsvReader::new(head, text, separator);
        let mut cells = Cells::default();
        let mut counts = Vec::new();
        while counts.len() < 50
            && let Some(result) = reader.next(&mut cells)
        {
            if result.is_ok() {
                counts.push(cells.len());
            }
        }
        // The last record may be cut off by the end of the sample.
        if counts.len() > 2 {
            counts.pop();
        }
        let most = counts.iter().copied().filter(|n| *n > 1).max_by_key(|n| counts.iter().filter(|m| *m == n).count());
        most.map_or(0, |most| {
            let agreeing = counts.iter().filter(|n| **n == most).count();
            agreeing * 1000 / counts.len() * 10 + most.min(9)
        })
    };
    // In a draw the earlier one wins: a comma is the more likely separator.
    [b',', b';', b'\t', b'|'].into_iter().rev().max_by_key(|separator| score(*separator)).unwrap_or(b',')
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use rstest::rstest;

    type Read = Vec<Result<Vec<String>, (u32, RejectCode)>>;

    fn read_all(bytes: &[u8], columns: usize) -> Read {
        let mut reader = CsvReader::new(bytes, Text::UTF_8, b',');
        reader.expect_columns(columns);
        let mut cells = Cells::default();
        let mut all = Vec::new();
        while let Some(result) = reader.next(&mut cells) {
            all.push(match result {
                Ok(()) => {
                    Ok((0..cells.len()).map(|at| reader.decode(&cells, at).expect("utf-8").into_owned()).collect())
                }
                Err(ReadError::Reject(reject)) => Err((reject.position.line, reject.code)),
                Err(ReadError::Refusal(refusal)) => panic!("{refusal}"),
            });
        }
        all
    }

    fn row(cells: &[&str]) -> Result<Vec<String>, (u32, RejectCode)> {
        Ok(cells.iter().map(|cell| (*cell).to_owned()).collect())
    }

    #[rstest]
    #[case::plain("a,b\nc,d\n", vec![row(&["a", "b"]), row(&["c", "d"])])]
    #[case::no_last_line_end("a,b", vec![row(&["a", "b"])])]
    #[case::windows("a,b\r\nc,d\r\n", vec![row(&["a", "b"]), row(&["c", "d"])])]
    #[case::old_mac("a,b\rc,d\r", vec![row(&["a", "b"]), row(&["c", "d"])])]
    #[case::comma_in_quotes("\"a,1\",b\n", vec![row(&["a,1", "b"])])]
    #[case::quotes_in_quotes("\"a \"\"x\"\"\",b\n", vec![row(&["a \"x\"", "b"])])]
    #[case::line_end_in_quotes("\"a\nb\",c\nd,e\n", vec![row(&["a\nb", "c"]), row(&["d", "e"])])]
    #[case::quote_inside_a_cell("5\" pipe,b\n", vec![row(&["5\" pipe", "b"])])]
    #[case::blank_lines_are_no_records("a,b\n\n\nc,d\n", vec![row(&["a", "b"]), row(&["c", "d"])])]
    #[case::empty_cells(",\n\"\",\n", vec![row(&["", ""]), row(&["", ""])])]
    #[case::padding_is_cut("a,b,,\n", vec![row(&["a", "b"])])]
    #[case::ragged_over_two_lines("\"a\nb\"\nc,d\n", vec![Err((1, RejectCode::Ragged)), row(&["c", "d"])])]
    #[case::ragged("a\nb,c\n", vec![Err((1, RejectCode::Ragged)), row(&["b", "c"])])]
    #[case::too_many("a,b,c\n", vec![Err((1, RejectCode::Ragged))])]
    #[case::an_open_quote_costs_one_line(
        "a,b\n\"Pena, Hnos. y Cia\nc,d\n\"e\",f\n",
        vec![row(&["a", "b"]), Err((2, RejectCode::Quote)), row(&["c", "d"]), row(&["e", "f"])]
    )]
    #[case::an_open_quote_at_the_end("a,b\nc,\"d\n", vec![row(&["a", "b"]), Err((2, RejectCode::Quote))])]
    fn reads_records(#[case] text: &str, #[case] expected: Read) {
        assert_eq!(read_all(text.as_bytes(), 2), expected);
    }

    #[test]
    fn lines_and_bytes_are_those_of_the_file() {
        let text = "\u{feff}a,b\n\"c\nd\",e\nf,g\n";
        let mut reader = CsvReader::new(text.as_bytes(), Text { bom: 3, ..Text::UTF_8 }, b',');
        let mut cells = Cells::default();
        let mut places = Vec::new();
        while let Some(result) = reader.next(&mut cells) {
            result.expect("good records");
            places.push((cells.position.line, cells.position.byte));
        }
        assert_eq!(places, [(1, 3), (2, 7), (4, 15)]);
    }

    #[test]
    fn a_huge_open_quote_is_one_reject_and_the_rest_is_read() {
        let mut text = b"a,b\n\"oops,b\n".to_vec();
        for n in 0..200_000 {
            text.extend(format!("x{n},y\n").bytes());
        }
        let all = read_all(&text, 2);
        assert_eq!(all.len(), 200_002);
        assert_eq!(all.iter().filter(|r| r.is_err()).count(), 1);
        assert_eq!(all[1], Err((2, RejectCode::Quote)));
    }

    #[rstest]
    #[case("Nome;Telefone;E-mail\nJoao;1,5;a@x\nAna;2,5;b@x\n", b';')]
    #[case("a,b,c\n1,2,3\n", b',')]
    #[case("a\tb\n1,5\t2\n", b'\t')]
    #[case("name|email\nAna|a@x\n", b'|')]
    #[case("email\na@x\nb@x\n", b',')]
    #[case::preamble("Notes:\n\"long, line\"\n\nFirst Name,Last Name,URL\nA,B,C\nD,E,F\n", b',')]
    fn finds_the_separator(#[case] text: &str, #[case] expected: u8) {
        assert_eq!(find_separator(text.as_bytes(), Text::UTF_8), expected);
    }

    proptest! {
        #[test]
        fn what_a_csv_writer_writes_is_read_back(
            rows in prop::collection::vec(prop::collection::vec("[a-c\",\n\r é]{0,6}", 3), 1..8)
        ) {
            let mut writer = ::csv::WriterBuilder::new().quote_style(::csv::QuoteStyle::Always).from_writer(Vec::new());
            for row in &rows { writer.write_record(row).expect("memory"); }
            let bytes = writer.into_inner().expect("memory");
            let read = read_all(&bytes, 3);
            let expected: Read = rows.into_iter().map(Ok).collect();
            prop_assert_eq!(read, expected);
        }

        #[test]
        fn any_bytes_are_read_to_the_end(bytes in prop::collection::vec(prop::sample::select(b"a,\"\n\r;".to_vec()), 0..60)) {
            let all = read_all(&bytes, 2);
            prop_assert!(all.len() <= bytes.len() + 1);
        }
    }
}
