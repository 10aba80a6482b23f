//! What every reader gives: records or rejects, each with its position.

use cardfile_domain::{Contact, Sentence, say};
use serde::Serialize;

/// Where a record stands in its file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize)]
pub struct Position {
    /// Number of the record, from 1; the header is not counted.
    pub record: u32,
    /// Physical line on which it begins, from 1.
    pub line: u32,
    /// Offset of its first byte.
    pub byte: u64,
}

/// One contact as the file has it.
#[derive(Debug, Clone, PartialEq)]
pub struct Record {
    /// Where it stands.
    pub position: Position,
    /// Its values; what the file does not say is empty.
    pub contact: Box<Contact>,
}

/// Gives the records of a file one by one. Every format has one.
pub trait RecordReader {
    /// The next record; a reject does not end the file, a refusal does.
    fn next(&mut self) -> Option<Result<Record, ReadError>>;

    /// The same, when only the keys are wanted: what is no key may be left out
    /// of a record that has one.
    fn next_keys(&mut self) -> Option<Result<Record, ReadError>> {
        self.next()
    }

    /// The bytes of the record that was given last, for the rejects file.
    fn raw(&self) -> &[u8];
}

/// A record that was not taken, or a file that cannot be read on.
#[derive(Debug, Clone, PartialEq)]
pub enum ReadError {
    /// This record only.
    Reject(Box<Reject>),
    /// The whole file.
    Refusal(Refusal),
}

impl From<Reject> for ReadError {
    fn from(reject: Reject) -> Self {
        Self::Reject(Box::new(reject))
    }
}

/// A record that was not taken.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Reject {
    /// Where it stands.
    pub position: Position,
    /// Number of the column from 1, when one cell is at fault.
    pub column: Option<u32>,
    /// Name of that column or property.
    pub column_name: Option<String>,
    /// The place in the words of the format (`Contacts!C17`, `/3/email`), where
    /// a line number says too little.
    pub place: Option<String>,
    /// What is wrong, for programs.
    pub code: RejectCode,
    /// What is wrong, in a few words.
    pub message: Sentence,
    /// The cell or line, shortened to 80 characters.
    pub value: String,
    /// The record's bytes as they stand in the file.
    #[serde(skip)]
    pub raw: Vec<u8>,
}

impl Reject {
    /// A reject of a whole record.
    pub fn new(position: Position, code: RejectCode, message: Sentence) -> Self {
        Self {
            position,
            column: None,
            column_name: None,
            place: None,
            code,
            message,
            value: String::new(),
            raw: Vec::new(),
        }
    }
}

/// Kinds of faults.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum RejectCode {
    /// An email that cannot be one.
    Email,
    /// A date or time that cannot be read.
    Date,
    /// A number that cannot be read.
    Number,
    /// A value of the wrong type for its custom field.
    Type,
    /// An id that is not of our form.
    Id,
    /// Nothing to know the contact by.
    Empty,
    /// Another number of cells than the header has.
    Ragged,
    /// A quote was opened and not closed.
    Quote,
    /// Bytes that are no text in the file's encoding.
    Encoding,
    /// Longer than the limit.
    TooLong,
    /// Broken in the file's own syntax.
    Syntax,
}

/// Why a whole file cannot be read. One clear sentence each.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{}", self.sentence())]
pub enum Refusal {
    /// No bytes, or only blanks.
    Empty,
    /// Not text and nothing else we know.
    Binary,
    /// A ZIP archive with another name.
    Zip,
    /// A workbook that cannot be read.
    Workbook(Sentence),
    /// A workbook behind a password.
    Protected,
    /// An archive that unpacks to more than anybody means.
    Bomb(u64),
    /// An encoding nobody knows.
    UnknownEncoding(String),
    /// JSON, but nowhere a list of objects.
    NoList(Sentence),
    /// An old spreadsheet.
    OldOffice,
    /// No column or property of it is about a contact.
    NoContactColumns(String),
    /// More columns than the limit.
    TooManyColumns {
        /// Physical line.
        line: u32,
        /// Columns found.
        found: usize,
        /// The limit.
        limit: usize,
    },
    /// A single field larger than the limit, in a file that is no CSV otherwise.
    FieldTooLong {
        /// Physical line.
        line: u32,
    },
    /// Larger than the limit.
    TooLarge,
    /// The medium failed.
    Unreadable(Sentence),
}

impl Refusal {
    /// What it says.
    pub fn sentence(&self) -> Sentence {
        match self {
            Self::Empty => say!("the file is empty"),
            Self::Binary => say!("this is not a text file; contacts come as CSV, TSV, vCard, LDIF, JSON or XLSX"),
            Self::Zip => say!("this is a ZIP archive, not a text file; unpack it and choose the contact file inside"),
            Self::Workbook(why) => say!("this Excel workbook cannot be read: {why}", why),
            Self::Protected => say!("this Excel workbook is protected by a password; save it without one"),
            Self::Bomb(times) => {
                say!("this workbook unpacks to {times} times its size or more than 2 GiB; it was not opened", times)
            }
            Self::UnknownEncoding(name) => say!("there is no encoding named {name}", name),
            Self::NoList(why) => say!("this JSON file holds no list of contacts; {why}", why),
            Self::OldOffice => {
                say!("this is an old Excel file (.xls) or another Office document; save it as .xlsx or CSV first")
            }
            Self::NoContactColumns(columns) => {
                say!("no column looks like a name, an email, a phone or a company; columns found: {columns}", columns)
            }
            Self::TooManyColumns { line, found, limit } => {
                say!("line {line} has {found} columns; the limit is {limit}", line, found, limit)
            }
            Self::FieldTooLong { line } => say!("line {line} has a field larger than 1 MiB", line),
            Self::TooLarge => say!("the file is larger than 4 GiB"),
            Self::Unreadable(why) => say!("the file could not be read: {why}", why),
        }
    }
}

impl From<std::io::Error> for Refusal {
    fn from(error: std::io::Error) -> Self {
        Self::Unreadable(Sentence::verbatim(error))
    }
}

/// At most 80 characters of a value, for a message.
pub fn shorten(text: &str) -> String {
    match text.char_indices().nth(80) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text.to_owned(),
    }
}
