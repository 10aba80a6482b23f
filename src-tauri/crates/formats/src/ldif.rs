//! LDIF (RFC 2849), as Thunderbird and directories export address books:
//! entries with blank lines between them, an attribute a line.

use crate::{
    columns,
    encoding::{self, Text},
    file::{Bytes, Choices, Format, Layout, Open, RejectWriter, Shape},
    lines::{Line, Lines},
    mapping::{Reading, Target},
    record::{Position, ReadError, Record, RecordReader, Refusal, Reject, RejectCode, shorten},
};
use base64::{Engine, prelude::BASE64_STANDARD as BASE64};
use cardfile_domain::{Sentence, say};
use std::{
    io::{self, Write},
    sync::Arc,
};

/// Entries.
pub(crate) struct Ldif;

/// Entries looked at for the columns; attributes that occur later only go into
/// the metadata under their own name.
const LOOKED_AT: usize = 1_000;
const LINE_LIMIT: usize = 1 << 20;
const ENTRY_LIMIT: usize = 8 << 20;
/// Most attributes of an entry.
const ATTRIBUTE_LIMIT: usize = 10_000;
/// Between several values of one attribute in a cell.
const SEVERAL: &str = " ::: ";
/// Attributes that say how the entry is stored and nothing about the person.
const TECHNICAL: [&str; 4] = ["objectclass", "modifytimestamp", "version", "changetype"];

#[derive(Debug)]
struct Entries(Text);

impl Format for Ldif {
    fn fits(&self, head: &[u8]) -> bool {
        let text = String::from_utf8_lossy(head);
        let mut lines = text
            .trim_start_matches('\u{feff}')
            .lines()
            .filter(|line| !line.trim().is_empty() && !line.starts_with(['#', ' ']));
        let first = lines.next().unwrap_or_default().to_lowercase();
        let starts = |line: &str| line.starts_with("dn:");
        starts(&first)
            || (first.starts_with("version:") && lines.next().is_some_and(|line| starts(&line.to_lowercase())))
    }

    fn look(&self, open: Open<'_>, choices: &Choices, custom: &[String]) -> Result<Shape, Refusal> {
        let found = encoding::detect(open)?;
        let text = match &choices.encoding {
            Some(label) => found.with(label).ok_or_else(|| Refusal::UnknownEncoding(label.clone()))?,
            None => found,
        };
        let mut reader = EntryReader::new(open()?, text)?;
        let mut rows: Vec<Vec<(String, String)>> = Vec::new();
        let mut header: Vec<String> = Vec::new();
        while rows.len() < LOOKED_AT
            && let Some(entry) = reader.next()?
        {
            let attributes = entry.1.unwrap_or_default();
            for (name, _) in &attributes {
                if !header.iter().any(|known| known.eq_ignore_ascii_case(name)) {
                    header.push(name.clone());
                }
            }
            rows.push(attributes);
        }
        let cells: Vec<Vec<String>> =
            rows.iter().map(|row| header.iter().map(|name| cell(row, name)).collect()).collect();
        let mut found = columns::with_header(header, &cells, None, custom);
        for (heading, target) in found.header.iter().zip(&mut found.targets) {
            if TECHNICAL.contains(&heading.to_lowercase().as_str()) {
                *target = Target::Skip;
            }
        }
        if !found.targets.iter().any(Target::identifies) {
            return Err(Refusal::NoContactColumns(shorten(&found.header.join(", "))));
        }
        Ok(Shape {
            format: "LDIF",
            text: Some(text),
            separator: None,
            header_line: 0,
            header: found.header,
            samples: found.samples,
            targets: found.targets,
            dialect: found.dialect,
            layout: Arc::new(Entries(text)),
        })
    }
}

/// All values of an attribute as one cell.
fn cell(attributes: &[(String, String)], name: &str) -> String {
    let values: Vec<&str> = attributes
        .iter()
        .filter(|(other, _)| other.eq_ignore_ascii_case(name))
        .map(|(_, value)| value.as_str())
        .collect();
    values.join(SEVERAL)
}

impl Layout for Entries {
    fn records<'s>(
        &'s self,
        shape: &'s Shape,
        file: Box<dyn Bytes>,
        reading: Reading,
    ) -> io::Result<Box<dyn RecordReader + 's>> {
        Ok(Box::new(Records { shape, entries: EntryReader::new(file, self.0)?, reading }))
    }

    fn rejects(&self, _: &Shape) -> Box<dyn RejectWriter> {
        Box::new(Rejects)
    }
}

/// The entry as it stands, with two more attributes.
struct Rejects;

impl RejectWriter for Rejects {
    fn write(&mut self, out: &mut dyn Write, reject: &Reject, raw: &[u8]) -> io::Result<()> {
        out.write_all(raw.trim_ascii_end())?;
        let message = reject.message.to_string().replace(['\r', '\n'], " ");
        write!(out, "\n_cardfile_error: {message}\n_cardfile_line: {}\n\n", reject.position.line)
    }
}

type Attributes = Vec<(String, String)>;
/// Where an entry stands, and what it says.
type Entry = (Position, Result<Attributes, Box<Reject>>);

/// Cuts a file into entries and those into attributes.
struct EntryReader {
    lines: Lines<Box<dyn Bytes>>,
    record: u32,
    raw: Vec<u8>,
}

impl EntryReader {
    fn new(file: Box<dyn Bytes>, text: Text) -> io::Result<Self> {
        Ok(Self { lines: Lines::new(file, text)?, record: 0, raw: Vec::new() })
    }

    fn next(&mut self) -> io::Result<Option<Entry>> {
        self.raw.clear();
        let mut position = Position::default();
        let (mut line, mut too_long, mut in_comment) = (Vec::new(), false, false);
        // Attribute lines with their numbers, unfolded.
        let mut logical: Vec<(u32, Vec<u8>)> = Vec::new();
        while let Some(cut) = self.lines.next(&mut line, LINE_LIMIT)? {
            if line.trim_ascii().is_empty() {
                if self.raw.is_empty() {
                    continue;
                }
                break;
            }
            // A comment goes on over folded lines too (RFC 2849, note 2).
            let comment = line.starts_with(b"#") || (in_comment && line.starts_with(b" "));
            in_comment = comment;
            let version = self.record == 0 && logical.is_empty() && line.to_ascii_lowercase().starts_with(b"version:");
            if self.raw.is_empty() && (comment || version) {
                continue;
            }
            if self.raw.is_empty() {
                position = Position { record: self.record + 1, line: self.lines.number, byte: self.lines.byte };
            }
            too_long |= cut == Line::Cut || self.raw.len() > ENTRY_LIMIT;
            if !too_long {
                self.raw.extend_from_slice(&line);
                self.raw.push(b'\n');
            }
            match (line.first(), logical.last_mut()) {
                (Some(b' '), Some((_, last))) if !too_long && !comment => last.extend_from_slice(&line[1..]),
                _ if comment || too_long => {}
                _ => logical.push((self.lines.number, line.clone())),
            }
        }
        if self.raw.is_empty() {
            return Ok(None);
        }
        self.record += 1;
        if too_long {
            let reject =
                Reject::new(position, RejectCode::TooLong, say!("a line is larger than 1 MiB or the entry than 8 MiB"));
            return Ok(Some((position, Err(Box::new(reject)))));
        }
        if logical.len() > ATTRIBUTE_LIMIT {
            let reject = Reject::new(position, RejectCode::TooLong, say!("an entry has more than 10,000 attributes"));
            return Ok(Some((position, Err(Box::new(reject)))));
        }
        let mut attributes = Attributes::new();
        for (number, line) in &logical {
            match attribute(line) {
                Ok(read) => attributes.push(read),
                Err((code, message)) => {
                    let at = Position { line: *number, ..position };
                    let value = shorten(&String::from_utf8_lossy(line));
                    return Ok(Some((position, Err(Box::new(Reject { value, ..Reject::new(at, code, message) })))));
                }
            }
        }
        Ok(Some((position, Ok(attributes))))
    }
}

/// `mail: ana@x.example`, `cn:: Sm9zw6k=`.
fn attribute(line: &[u8]) -> Result<(String, String), (RejectCode, Sentence)> {
    let text = std::str::from_utf8(line).map_err(|_| (RejectCode::Encoding, say!("text is not valid UTF-8")))?;
    let (name, value) =
        text.split_once(':').ok_or((RejectCode::Syntax, say!("the line is no attribute: it has no colon")))?;
    // Options of an attribute (`cn;lang-fr`) are another attribute to us.
    let name = name.trim().to_owned();
    if let Some(encoded) = value.strip_prefix(':') {
        let bytes = BASE64.decode(encoded.trim());
        let bytes = bytes.map_err(|_| (RejectCode::Encoding, say!("the value is not valid base64")))?;
        // Pictures and certificates: kept as the base64 they are.
        let value = String::from_utf8(bytes).unwrap_or_else(|_| format!("base64:{}", encoded.trim()));
        return Ok((name, value));
    }
    Ok((name, value.trim_start().to_owned()))
}

struct Records<'s> {
    shape: &'s Shape,
    entries: EntryReader,
    reading: Reading,
}

impl RecordReader for Records<'_> {
    fn next(&mut self) -> Option<Result<Record, ReadError>> {
        match self.entries.next() {
            Ok(entry) => {
                entry.map(|(position, attributes)| self.record(position, attributes.map_err(ReadError::Reject)?))
            }
            Err(error) => Some(Err(ReadError::Refusal(error.into()))),
        }
    }

    fn raw(&self) -> &[u8] {
        &self.entries.raw
    }
}

impl Records<'_> {
    fn record(&self, position: Position, attributes: Attributes) -> Result<Record, ReadError> {
        let change = cell(&attributes, "changetype");
        if !matches!(change.as_str(), "" | "add") {
            let message = say!("changetype {change} is a command to a directory, not a contact", change);
            return Err(Reject::new(position, RejectCode::Syntax, message).into());
        }
        let (mut header, mut targets) = (self.shape.header.clone(), self.shape.targets.clone());
        for (name, _) in &attributes {
            if !name.starts_with("_cardfile_") && !header.iter().any(|known| known.eq_ignore_ascii_case(name)) {
                header.push(name.clone());
                targets.push(Target::Meta(name.clone()));
            }
        }
        let cells: Vec<String> = header.iter().map(|name| cell(&attributes, name)).collect();
        columns::record(&header, &targets, cells.iter().map(String::as_str), position, &self.reading)
    }
}
