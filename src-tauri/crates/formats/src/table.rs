//! A table file opened: encoding, separator, header, dialect and mapping found,
//! and then its rows as records.

use crate::csv::{Cells, CsvReader, Source, find_separator};
use crate::dialect::{self, Dialect};
use crate::encoding::{self, Text};
use crate::mapping::{Reading, Target};
use crate::record::{ReadError, Record, RecordReader, Refusal, Reject, RejectCode, shorten};
use crate::{csv, mapping};
use std::borrow::Cow;
use std::io::Read;

/// What a look at a table file found. Everything in it can be changed by the
/// person before the import.
#[derive(Debug, Clone)]
pub struct Shape {
    /// Encoding.
    pub text: Text,
    /// Byte between cells.
    pub separator: u8,
    /// Records before the header, the header included; 0 when there is none.
    pub skip: u32,
    /// Physical line of the header, 0 when there is none.
    pub header_line: u32,
    /// Headings; made up when there is no header.
    pub header: Vec<String>,
    /// The header's bytes, for the rejects file.
    pub header_raw: Vec<u8>,
    /// The program it comes from, if known.
    pub dialect: Option<&'static str>,
    /// First values of each column, at most three, empty ones left out.
    pub samples: Vec<Vec<String>>,
    /// Where each column goes.
    pub targets: Vec<Target>,
}

/// Bytes looked at for separator, header and samples.
const HEAD: u64 = 1 << 18;

impl Shape {
    /// Looks at a file. `open` opens it anew each time it is called.
    pub fn find<R: Read>(open: impl Fn() -> std::io::Result<R>, custom: &[String]) -> Result<Self, Refusal> {
        let text = encoding::detect(open()?)?;
        let mut head = Vec::new();
        open()?.take(HEAD).read_to_end(&mut head)?;
        let separator = find_separator(&head, text);
        Self::with(&head, text, separator, custom)
    }

    /// The same, with an encoding and a separator that the person chose.
    pub fn with(head: &[u8], text: Text, separator: u8, custom: &[String]) -> Result<Self, Refusal> {
        let mut rows = read_head(head, text, separator)?;
        // A header identifies contacts by at least one column and holds no values.
        let scored = rows.iter().take(20).enumerate().map(|(at, row)| {
            let values = row.cells.iter().any(|cell| cell.contains('@') && cell.contains('.'));
            (at, if values { (0, 0) } else { dialect::header_score(&row.cells) })
        });
        let best = scored.filter(|(_, score)| score.0 > 0).max_by_key(|(at, score)| (*score, std::cmp::Reverse(*at)));
        let shape = match best {
            Some((at, _)) => {
                let header = rows.remove(at);
                let samples = samples(&rows[at.min(rows.len())..], header.cells.len());
                let dialect = dialect::find(&header.cells);
                let targets = dialect::map(&header.cells, dialect, custom);
                Self {
                    text,
                    separator,
                    skip: at as u32 + 1,
                    header_line: header.line,
                    header: header.cells,
                    header_raw: header.raw,
                    dialect: dialect.map(|d| d.key),
                    samples,
                    targets,
                }
            }
            None => Self::headless(&rows, text, separator),
        };
        if shape.targets.iter().any(Target::identifies) {
            Ok(shape)
        } else {
            let columns = if shape.header.is_empty() { "none".to_owned() } else { shape.header.join(", ") };
            Err(Refusal::NoContactColumns(shorten(&columns)))
        }
    }

    /// A file without a header: columns are told by what is in them.
    fn headless(rows: &[HeadRow], text: Text, separator: u8) -> Self {
        let columns = rows.iter().map(|row| row.cells.len()).max().unwrap_or(0);
        let samples = samples(rows, columns);
        let mut name_taken = false;
        let has_email = (0..columns).any(|at| looks(rows, at, is_email));
        let targets = (0..columns)
            .map(|at| {
                if looks(rows, at, is_email) {
                    Target::item("email", "")
                } else if looks(rows, at, is_phone) {
                    Target::item("phone", "")
                } else if !name_taken && has_email && looks(rows, at, is_words) {
                    name_taken = true;
                    Target::Field("name")
                } else {
                    Target::Meta(format!("Column {}", at + 1))
                }
            })
            .collect();
        // With nothing to go by, the first line is more likely a header of
        // another thing than data: the refusal names what stands there.
        let header = match rows.first() {
            Some(row) if !has_email => row.cells.clone(),
            _ => (1..=columns).map(|n| format!("Column {n}")).collect(),
        };
        Self {
            text,
            separator,
            skip: 0,
            header_line: 0,
            header,
            header_raw: Vec::new(),
            dialect: None,
            samples,
            targets,
        }
    }

    /// The dialect's entry.
    pub fn dialect(&self) -> Option<&'static Dialect> {
        self.dialect.and_then(dialect::by_key)
    }

    /// Whether the file carries the mark of guarded formulas.
    pub fn is_guarded(&self) -> bool {
        self.header.iter().any(|heading| heading == crate::csv_export::GUARD_MARK)
    }

    /// The records of the file.
    pub fn records<R: Read>(&self, file: R, reading: Reading) -> Records<'_, R> {
        let mut reader = CsvReader::new(file, self.text, self.separator);
        let mut cells = Cells::default();
        for _ in 0..self.skip {
            let _ = reader.next(&mut cells);
        }
        reader.expect_columns(self.header.len());
        Records { shape: self, reader, cells, reading }
    }
}

struct HeadRow {
    line: u32,
    raw: Vec<u8>,
    cells: Vec<String>,
}

fn read_head(head: &[u8], text: Text, separator: u8) -> Result<Vec<HeadRow>, Refusal> {
    let mut reader = CsvReader::new(head, text, separator);
    let mut cells = Cells::default();
    let mut rows = Vec::new();
    while rows.len() < 60
        && let Some(result) = reader.next(&mut cells)
    {
        match result {
            Ok(()) => rows.push(HeadRow {
                line: cells.position.line,
                raw: cells.raw.clone(),
                cells: (0..cells.len())
                    .map(|at| reader.decode(&cells, at).map_or_else(|r| r.value, Cow::into_owned))
                    .collect(),
            }),
            Err(ReadError::Reject(_)) => {}
            Err(ReadError::Refusal(refusal)) => return Err(refusal),
        }
    }
    Ok(rows)
}

fn samples(rows: &[HeadRow], columns: usize) -> Vec<Vec<String>> {
    (0..columns)
        .map(|at| {
            let cells = rows.iter().filter_map(|row| row.cells.get(at));
            cells.filter(|cell| !cell.is_empty()).take(3).map(|cell| shorten(cell)).collect()
        })
        .collect()
}

fn looks(rows: &[HeadRow], at: usize, test: fn(&str) -> bool) -> bool {
    let filled: Vec<&str> =
        rows.iter().filter_map(|row| row.cells.get(at)).map(|c| c.trim()).filter(|c| !c.is_empty()).collect();
    !filled.is_empty() && filled.iter().filter(|cell| test(cell)).count() * 10 >= filled.len() * 8
}

fn is_email(cell: &str) -> bool {
    cardfile_domain::email::key(cell).is_ok_and(|key| key.contains('.'))
}

fn is_phone(cell: &str) -> bool {
    let digits = cell.chars().filter(char::is_ascii_digit).count();
    (7..=15).contains(&digits) && cell.chars().all(|c| c.is_ascii_digit() || " +-./()".contains(c))
}

fn is_words(cell: &str) -> bool {
    cell.chars().any(char::is_alphabetic) && !cell.chars().any(|c| c.is_ascii_digit())
}

/// Records of a table file, in order.
pub struct Records<'s, R: Read> {
    shape: &'s Shape,
    reader: CsvReader<Source<R>>,
    cells: Cells,
    reading: Reading,
}

impl<R: Read> RecordReader for Records<'_, R> {
    fn next(&mut self) -> Option<Result<Record, ReadError>> {
        let result = self.reader.next(&mut self.cells)?;
        Some(result.and_then(|()| self.record()))
    }

    fn raw(&self) -> &[u8] {
        &self.cells.raw
    }
}

impl<R: Read> Records<'_, R> {
    fn record(&self) -> Result<Record, ReadError> {
        let cells = &self.cells;
        let mut decoded: Vec<Cow<'_, str>> = Vec::with_capacity(cells.len());
        for at in 0..cells.len() {
            decoded.push(self.reader.decode(cells, at).map_err(|reject| self.name_column(*reject))?);
        }
        let built = mapping::record(&self.shape.targets, decoded.iter().map(|cell| &**cell), &self.reading);
        let mut contact = built.map_err(|fault| {
            let mut reject = csv::reject(cells, Some(fault.column), fault.code, fault.message);
            reject.value = shorten(&decoded[fault.column]);
            self.name_column(reject)
        })?;
        cardfile_domain::import::complete(&mut contact)
            .map_err(|e| csv::reject(cells, None, RejectCode::Empty, e.to_string()))?;
        Ok(Record { position: cells.position, contact })
    }

    fn name_column(&self, mut reject: Reject) -> Reject {
        reject.column_name = reject.column.and_then(|n| self.shape.header.get(n as usize - 1)).cloned();
        reject
    }
}
