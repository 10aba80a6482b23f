//! A contact file of any format: recognised by its first bytes, looked at, and
//! read record by record. A new format is a file and a line in `FORMATS`.

use crate::{
    csv_table, dialect,
    dialect::Dialect,
    encoding::Text,
    json, ldif,
    mapping::{Reading, Target},
    record::{RecordReader, Refusal, Reject},
    vcard, xlsx,
};
use std::{
    fmt::Debug,
    io::{self, Read, Seek, Write},
    sync::Arc,
};

/// Bytes of a file.
pub trait Bytes: Read + Seek {}
impl<T: Read + Seek> Bytes for T {}

/// Opens the file anew, from its beginning.
pub type Open<'o> = &'o dyn Fn() -> io::Result<Box<dyn Bytes>>;

/// What a person chose about a file instead of what was found.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Choices {
    /// Name of the encoding (WHATWG label).
    pub encoding: Option<String>,
    /// Byte between cells.
    pub separator: Option<u8>,
    /// Whether there is a header.
    pub header: Option<bool>,
}

/// One kind of contact file.
pub trait Format: Sync {
    /// Whether a file that begins like this is of this kind.
    fn fits(&self, head: &[u8]) -> bool;

    /// Finds out everything that reading it needs. `custom` are the keys of the
    /// workspace's custom fields.
    fn look(&self, open: Open<'_>, choices: &Choices, custom: &[String]) -> Result<Shape, Refusal>;
}

/// All formats; the first that fits is taken, a table fits anything.
static FORMATS: &[&dyn Format] = &[&xlsx::Xlsx, &vcard::VCard, &ldif::Ldif, &json::Json, &csv_table::Table];

/// What a look at a file found. Everything in it can be changed by the person
/// before the import.
#[derive(Debug, Clone)]
pub struct Shape {
    /// Name on screen: `CSV`, `vCard`.
    pub format: &'static str,
    /// Encoding, where the file is text.
    pub text: Option<Text>,
    /// Byte between cells, where there are cells.
    pub separator: Option<u8>,
    /// Physical line of the header, 0 when there is none.
    pub header_line: u32,
    /// Headings, made up when there is no header; empty where fields are fixed.
    pub header: Vec<String>,
    /// First values of each column, at most three, empty ones left out.
    pub samples: Vec<Vec<String>>,
    /// Where each column goes.
    pub targets: Vec<Target>,
    /// The program it comes from, if known.
    pub dialect: Option<&'static str>,
    /// How its records are found.
    pub layout: Arc<dyn Layout>,
}

/// How the records of one file are found, and how those not taken are written.
pub trait Layout: Debug + Send + Sync {
    /// The records of the file.
    fn records<'s>(
        &'s self,
        shape: &'s Shape,
        file: Box<dyn Bytes>,
        reading: Reading,
    ) -> io::Result<Box<dyn RecordReader + 's>>;

    /// A writer of a file of the same format for the records not taken.
    fn rejects(&self, shape: &Shape) -> Box<dyn RejectWriter>;
}

/// Writes the records that were not taken, as they stand in the input, with
/// the reason beside them.
pub trait RejectWriter {
    /// One more. `raw` is the record as the reader gave it.
    fn write(&mut self, out: &mut dyn Write, reject: &Reject, raw: &[u8]) -> io::Result<()>;

    /// What stands at the end of such a file.
    fn finish(&mut self, _: &mut dyn Write) -> io::Result<()> {
        Ok(())
    }
}

/// Looks at a file of any format.
pub fn look(open: Open<'_>, choices: &Choices, custom: &[String]) -> Result<Shape, Refusal> {
    let mut head = Vec::new();
    open()?.take(1 << 16).read_to_end(&mut head)?;
    let format = FORMATS.iter().find(|format| format.fits(&head));
    format.ok_or(Refusal::Binary)?.look(open, choices, custom)
}

impl Shape {
    /// Of a text file whose records say themselves what their values are.
    pub(crate) fn without_columns(format: &'static str, text: Text, layout: Arc<dyn Layout>) -> Self {
        Self {
            format,
            text: Some(text),
            separator: None,
            header_line: 0,
            header: Vec::new(),
            samples: Vec::new(),
            targets: Vec::new(),
            dialect: None,
            layout,
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
    pub fn records(&self, file: Box<dyn Bytes>, mut reading: Reading) -> io::Result<Box<dyn RecordReader + '_>> {
        reading.guarded = self.is_guarded();
        if let Some(dialect) = self.dialect() {
            reading.dates = dialect.dates;
        }
        self.layout.records(self, file, reading)
    }

    /// A writer for the records that are not taken.
    pub fn rejects(&self) -> Box<dyn RejectWriter> {
        self.layout.rejects(self)
    }

    /// What the columns of the header are called, for a mapping that is to be
    /// known again when the next file has the same ones.
    pub fn header_key(&self) -> Option<String> {
        // Made-up headings say nothing about the file.
        let made_up = self.header_line == 0 && self.header.first().is_some_and(|first| first == "Column 1");
        (!self.header.is_empty() && !made_up).then(|| self.header.join("\u{1f}"))
    }
}
