//! CSV and TSV files: encoding, separator, header, dialect and mapping found,
//! and then their rows as records.

use crate::{
    columns::{self, LOOKED_AT},
    csv::{Cells, CsvReader, Source, find_separator},
    encoding::{self, Text},
    file::{Bytes, Choices, Format, Layout, Open, RejectWriter, Shape},
    mapping::{Reading, Target},
    record::{ReadError, Record, RecordReader, Refusal, Reject, shorten},
};
use std::{
    borrow::Cow,
    io::{self, Read, Write},
    sync::Arc,
};

/// Rows of cells with a byte between them.
pub(crate) struct Table;

/// Bytes looked at for separator, header and samples.
const HEAD: u64 = 1 << 18;

/// How the rows of one file are found.
#[derive(Debug)]
struct Rows {
    text: Text,
    separator: u8,
    /// Records before the first row, the header included.
    skip: u32,
    /// The header's bytes, for the rejects file.
    header: Vec<u8>,
}

impl Format for Table {
    fn fits(&self, _: &[u8]) -> bool {
        true
    }

    fn look(&self, open: Open<'_>, choices: &Choices, custom: &[String]) -> Result<Shape, Refusal> {
        let found = encoding::detect(open)?;
        let text = match &choices.encoding {
            Some(label) => found.with(label).ok_or_else(|| Refusal::UnknownEncoding(label.clone()))?,
            None => found,
        };
        let mut head = Vec::new();
        open()?.take(HEAD).read_to_end(&mut head)?;
        let separator = choices.separator.unwrap_or_else(|| find_separator(&head, text));
        let head = read_head(&head, text, separator)?;
        let rows: Vec<Vec<String>> = head.iter().map(|row| row.cells.clone()).collect();
        let found = columns::find(&rows, choices.header, custom)?;
        let header = found.header_at.map(|at| &head[at]);
        Ok(Shape {
            format: if separator == b'\t' { "TSV" } else { "CSV" },
            text: Some(text),
            separator: Some(separator),
            header_line: header.map_or(0, |row| row.line),
            header: found.header,
            samples: found.samples,
            targets: found.targets,
            dialect: found.dialect,
            layout: Arc::new(Rows {
                text,
                separator,
                skip: found.header_at.map_or(0, |at| at as u32 + 1),
                header: header.map(|row| row.raw.clone()).unwrap_or_default(),
            }),
        })
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
    while rows.len() < LOOKED_AT
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

impl Layout for Rows {
    fn records<'s>(
        &'s self,
        shape: &'s Shape,
        file: Box<dyn Bytes>,
        reading: Reading,
    ) -> io::Result<Box<dyn RecordReader + 's>> {
        let mut reader = CsvReader::new(file, self.text, self.separator);
        let mut cells = Cells::default();
        for _ in 0..self.skip {
            let _ = reader.next(&mut cells);
        }
        reader.expect_columns(shape.header.len());
        let keys_only = shape.targets.iter().map(|t| if t.is_key() { t.clone() } else { Target::Skip }).collect();
        Ok(Box::new(Records { shape, keys_only, reader, cells, reading }))
    }

    fn rejects(&self, shape: &Shape) -> Box<dyn RejectWriter> {
        let separator = char::from(self.separator);
        let mut header = self.header.clone();
        if header.is_empty() {
            // The file had no header: the mapping is one.
            let names: Vec<String> = shape.targets.iter().map(ToString::to_string).collect();
            header = names.join(&String::from(separator)).into_bytes();
        }
        header.extend_from_slice(format!("{separator}_cardfile_error{separator}_cardfile_line\n").as_bytes());
        Box::new(Rejects { header: Some(header), separator })
    }
}

/// The header again, and the rows with two more cells.
struct Rejects {
    header: Option<Vec<u8>>,
    separator: char,
}

impl RejectWriter for Rejects {
    fn write(&mut self, out: &mut dyn Write, reject: &Reject, raw: &[u8]) -> io::Result<()> {
        if let Some(header) = self.header.take() {
            out.write_all(&header)?;
        }
        let message = reject.message.to_string().replace('"', "\"\"");
        out.write_all(raw)?;
        writeln!(out, "{0}\"{message}\"{0}{1}", self.separator, reject.position.line)
    }
}

/// Records of a table file, in order.
struct Records<'s> {
    shape: &'s Shape,
    /// The mapping without what is no key.
    keys_only: Vec<Target>,
    reader: CsvReader<Source<Box<dyn Bytes>>>,
    cells: Cells,
    reading: Reading,
}

impl RecordReader for Records<'_> {
    fn next(&mut self) -> Option<Result<Record, ReadError>> {
        let result = self.reader.next(&mut self.cells)?;
        Some(result.and_then(|()| self.record(&self.shape.targets)))
    }

    fn next_keys(&mut self) -> Option<Result<Record, ReadError>> {
        let result = self.reader.next(&mut self.cells)?;
        Some(result.and_then(|()| match self.record(&self.keys_only) {
            Ok(record) if cardfile_domain::import::keys(&record.contact).next().is_some() => Ok(record),
            _ => self.record(&self.shape.targets),
        }))
    }

    fn raw(&self) -> &[u8] {
        &self.cells.raw
    }
}

impl Records<'_> {
    fn record(&self, targets: &[Target]) -> Result<Record, ReadError> {
        let cells = &self.cells;
        let mut decoded: Vec<Cow<'_, str>> = Vec::with_capacity(cells.len());
        for at in 0..cells.len() {
            if matches!(targets.get(at), Some(Target::Skip)) {
                decoded.push(Cow::Borrowed(""));
                continue;
            }
            decoded.push(self.reader.decode(cells, at).map_err(|mut reject| {
                reject.column_name = reject.column.and_then(|n| self.shape.header.get(n as usize - 1)).cloned();
                reject.value = shorten(&reject.value);
                *reject
            })?);
        }
        let texts = decoded.iter().map(|cell| &**cell);
        columns::record(&self.shape.header, targets, texts, cells.position, &self.reading)
    }
}
