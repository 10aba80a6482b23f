//! vCard files (2.1, 3.0, 4.0), card by card. A card that lacks its END ends
//! where the next begins; what stands outside any card is a reject.

use crate::{
    encoding,
    file::{Bytes, Choices, Format, Layout, Open, RejectWriter, Shape},
    lines::{Line, Lines},
    mapping::Reading,
    record::{Position, ReadError, Record, RecordReader, Refusal, Reject, RejectCode, shorten},
    vcard_property::{Card, Fit, KEPT, KEPT_AS, is_label, line},
};
use calcard::vcard::{VCard as Parsed, VCardEntry, VCardProperty};
use cardfile_domain::{Sentence, say};
use serde_json::Value;
use std::{
    borrow::Cow,
    io::{self, Write},
    sync::Arc,
};

/// Cards.
pub(crate) struct VCard;

/// Longest line, folded: a photo.
const LINE_LIMIT: usize = 8 << 20;
/// Largest card.
const CARD_LIMIT: usize = 32 << 20;
/// Most properties of a card.
const PROPERTY_LIMIT: usize = 10_000;

#[derive(Debug)]
struct Cards(encoding::Text);

impl Format for VCard {
    fn fits(&self, head: &[u8]) -> bool {
        // UTF-16 has a zero beside every letter.
        let letters: Vec<u8> = head.iter().copied().filter(|byte| *byte != 0).take(4096).collect();
        String::from_utf8_lossy(&letters)
            .lines()
            .any(|line| is(line.trim_start_matches('\u{feff}').as_bytes(), b"BEGIN"))
    }

    fn look(&self, open: Open<'_>, choices: &Choices, _: &[String]) -> Result<Shape, Refusal> {
        let found = encoding::detect(open)?;
        let text = match &choices.encoding {
            Some(label) => found.with(label).ok_or_else(|| Refusal::UnknownEncoding(label.clone()))?,
            None => found,
        };
        Ok(Shape::without_columns("vCard", text, Arc::new(Cards(text))))
    }
}

/// `BEGIN:VCARD` and `END:VCARD`, in any case and with blanks.
pub(crate) fn is(line: &[u8], word: &[u8]) -> bool {
    // A line that begins with a blank goes on with the one before.
    if line.starts_with(b" ") || line.starts_with(b"\t") {
        return false;
    }
    let Some(colon) = line.iter().position(|byte| *byte == b':') else { return false };
    line[..colon].trim_ascii().eq_ignore_ascii_case(word)
        && line[colon + 1..].trim_ascii().eq_ignore_ascii_case(b"VCARD")
}

impl Layout for Cards {
    fn records<'s>(
        &'s self,
        _: &'s Shape,
        file: Box<dyn Bytes>,
        reading: Reading,
    ) -> io::Result<Box<dyn RecordReader + 's>> {
        let lines = Lines::new(file, self.0)?;
        Ok(Box::new(Records { lines, reading, record: 0, raw: Vec::new(), properties: Vec::new(), begun: None }))
    }

    fn rejects(&self, _: &Shape) -> Box<dyn RejectWriter> {
        Box::new(Rejects)
    }
}

/// The card as it stands, with the reason before its end.
struct Rejects;

impl RejectWriter for Rejects {
    fn write(&mut self, out: &mut dyn Write, reject: &Reject, raw: &[u8]) -> io::Result<()> {
        let text = String::from_utf8_lossy(raw);
        let body = text.trim_end();
        let end = body.rfind('\n').map_or(0, |at| at + 1);
        let (card, last) = if is(&body.as_bytes()[end..], b"END") { body.split_at(end) } else { (body, "END:VCARD") };
        let start =
            if is(card.lines().next().unwrap_or_default().as_bytes(), b"BEGIN") { "" } else { "BEGIN:VCARD\r\n" };
        let message = reject.message.to_string().replace(['\r', '\n'], " ");
        let gap = if card.is_empty() || card.ends_with('\n') { "" } else { "\r\n" };
        let line = reject.position.line;
        write!(out, "{start}{card}{gap}X-CARDFILE-ERROR:{message}\r\nX-CARDFILE-LINE:{line}\r\n{last}\r\n")
    }
}

/// Cards of a file, in order.
struct Records {
    lines: Lines<Box<dyn Bytes>>,
    reading: Reading,
    record: u32,
    /// The card as it stands.
    raw: Vec<u8>,
    /// Line numbers of its properties.
    properties: Vec<u32>,
    /// The BEGIN line that ended the card before, which had no END.
    begun: Option<(u32, u64, Vec<u8>)>,
}

/// What ended the lines of a record.
enum Ended {
    Card,
    /// Lines outside any card.
    Stray,
    TooLong(Sentence),
}

impl Records {
    /// Collects the lines of the next card.
    fn collect(&mut self) -> io::Result<Option<(Position, Ended)>> {
        self.raw.clear();
        self.properties.clear();
        self.record += 1;
        let mut position = Position { record: self.record, ..Position::default() };
        let mut inside = false;
        let mut too_long = None;
        if let Some((number, byte, line)) = self.begun.take() {
            inside = true;
            (position.line, position.byte) = (number, byte);
            self.raw.extend_from_slice(&line);
            self.raw.extend_from_slice(b"\r\n");
            self.properties.push(number);
        }
        let mut line = Vec::new();
        let (mut quoted, mut folded) = (false, 0);
        while let Some(cut) = self.lines.next(&mut line, LINE_LIMIT)? {
            if !inside && self.raw.is_empty() && line.trim_ascii().is_empty() {
                continue;
            }
            if is(&line, b"BEGIN") && (inside || !self.raw.is_empty()) {
                // The card before has no END: it ends here.
                self.begun = Some((self.lines.number, self.lines.byte, line));
                return Ok(Some((position, too_long.unwrap_or(if inside { Ended::Card } else { Ended::Stray }))));
            }
            if self.raw.is_empty() {
                (position.line, position.byte) = (self.lines.number, self.lines.byte);
                inside = is(&line, b"BEGIN");
            }
            let goes_on = quoted || line.first().is_some_and(|byte| matches!(byte, b' ' | b'\t'));
            folded = if goes_on { folded + line.len() } else { line.len() };
            if !goes_on && !line.trim_ascii().is_empty() && self.properties.len() <= PROPERTY_LIMIT {
                self.properties.push(self.lines.number);
            }
            if self.properties.len() > PROPERTY_LIMIT {
                too_long.get_or_insert(Ended::TooLong(say!("a card has more than 10,000 properties")));
            }
            // vCard 2.1: a quoted-printable value goes on after a line that ends in `=`.
            quoted = line.ends_with(b"=") && (quoted || is_quoted_printable(&line));
            if cut == Line::Cut || folded > LINE_LIMIT {
                too_long.get_or_insert(Ended::TooLong(say!("a line is larger than 8 MiB")));
            }
            if self.raw.len() + line.len() > CARD_LIMIT {
                too_long.get_or_insert(Ended::TooLong(say!("a card is larger than 32 MiB")));
            } else {
                self.raw.extend_from_slice(&line);
                self.raw.extend_from_slice(b"\r\n");
            }
            if inside && is(&line, b"END") {
                return Ok(Some((position, too_long.unwrap_or(Ended::Card))));
            }
        }
        if self.raw.is_empty() {
            return Ok(None);
        }
        Ok(Some((position, too_long.unwrap_or(if inside { Ended::Card } else { Ended::Stray }))))
    }

    fn record(&self, position: Position) -> Result<Record, ReadError> {
        let text = std::str::from_utf8(&self.raw)
            .map_err(|_| Reject::new(position, RejectCode::Encoding, say!("text is not valid UTF-8")))?;
        let parsed = Parsed::parse(short_dates(text))
            .map_err(|_| Reject::new(position, RejectCode::Syntax, say!("the card cannot be read")))?;
        // One line of the file for each property, unless a line is none.
        let lines_match = parsed.entries.len() + 2 >= self.properties.len();
        if let (false, Some(line)) = (lines_match, first_without_colon(text, position.line)) {
            let message = say!("the line is no property: it has no colon");
            return Err(Reject::new(Position { line, ..position }, RejectCode::Syntax, message).into());
        }
        let mut card = Card::new(parsed.entries.iter(), &self.reading);
        let mut fits = Vec::with_capacity(parsed.entries.len());
        for (at, entry) in parsed.entries.iter().enumerate() {
            let fit = card.apply(entry).map_err(|fault| {
                let line = self.properties.get(at + usize::from(parsed.entries[0].name != VCardProperty::Begin));
                let position = Position { line: line.copied().unwrap_or(position.line), ..position };
                Reject {
                    column_name: Some(entry.name.as_str().to_owned()),
                    value: shorten(&fault.value),
                    ..Reject::new(position, fault.code, fault.message)
                }
            })?;
            fits.push(fit);
        }
        let mut contact = Box::new(card.contact);
        keep(&mut contact.metadata, &parsed.entries, &fits);
        cardfile_domain::import::complete(&mut contact)
            .map_err(|e| Reject::new(position, RejectCode::Empty, e.sentence()))?;
        Ok(Record { position, contact })
    }
}

/// `BDAY:--02-29` as `BDAY:--0229`: the long form (RFC 2426) is read without
/// its day by the parser.
pub(crate) fn short_dates(text: &str) -> Cow<'_, str> {
    if !text.contains(":--") {
        return Cow::Borrowed(text);
    }
    let is_date = |name: &str| {
        let name = name.split(';').next().unwrap_or_default().to_ascii_uppercase();
        ["BDAY", "ANNIVERSARY", "X-ABDATE", "DEATHDATE"].iter().any(|date| name.ends_with(date))
    };
    let digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    let lines = text.split_inclusive('\n').map(|line| match line.trim_end().split_once(":--") {
        Some((name, date))
            if is_date(name)
                && date.len() == 5
                && date.is_ascii()
                && date.as_bytes()[2] == b'-'
                && digits(&date[..2])
                && digits(&date[3..]) =>
        {
            format!("{name}:--{}{}\r\n", &date[..2], &date[3..])
        }
        _ => line.to_owned(),
    });
    Cow::Owned(lines.collect())
}

/// Puts what no field holds into the metadata.
fn keep(metadata: &mut String, entries: &[VCardEntry], fits: &[Fit]) {
    // A group with a property that is kept is kept as a whole: its lines speak
    // about each other.
    let kept_group = |entry: &VCardEntry| {
        entry.group.is_some()
            && entries.iter().zip(fits).any(|(other, fit)| *fit != Fit::Whole && other.group == entry.group)
    };
    let (mut kept, mut kept_as) = (Vec::new(), Vec::new());
    for (entry, fit) in entries.iter().zip(fits) {
        match fit {
            Fit::None => kept.push(Value::from(line(entry))),
            Fit::Whole if is_label(entry) && kept_group(entry) => kept.push(Value::from(line(entry))),
            Fit::Whole if !kept_group(entry) => {}
            _ => kept_as.push(Value::from(line(entry))),
        }
    }
    if kept.is_empty() && kept_as.is_empty() {
        return;
    }
    let mut all: serde_json::Map<String, Value> = serde_json::from_str(metadata).unwrap_or_default();
    for (key, lines) in [(KEPT, kept), (KEPT_AS, kept_as)] {
        if !lines.is_empty() {
            all.insert(key.to_owned(), Value::Array(lines));
        }
    }
    *metadata = Value::Object(all).to_string();
}

pub(crate) fn is_quoted_printable(line: &[u8]) -> bool {
    let name = line.split(|byte| *byte == b':').next().unwrap_or_default();
    name.to_ascii_uppercase().windows(16).any(|window| window == b"QUOTED-PRINTABLE")
}

/// Number of the first line that begins a property and has no colon.
fn first_without_colon(text: &str, first: u32) -> Option<u32> {
    let mut quoted = false;
    for (at, line) in text.lines().enumerate() {
        let goes_on = quoted || line.starts_with([' ', '\t']) || line.trim().is_empty();
        if !goes_on && !line.contains(':') {
            return Some(first + at as u32);
        }
        quoted = line.ends_with('=') && (quoted || is_quoted_printable(line.as_bytes()));
    }
    None
}

impl RecordReader for Records {
    fn next(&mut self) -> Option<Result<Record, ReadError>> {
        match self.collect() {
            Ok(None) => None,
            Err(error) => Some(Err(ReadError::Refusal(error.into()))),
            Ok(Some((position, Ended::Card))) => Some(self.record(position)),
            Ok(Some((position, Ended::Stray))) => {
                let message = say!("this stands outside any card");
                let value = shorten(&String::from_utf8_lossy(&self.raw));
                Some(Err(Reject { value, ..Reject::new(position, RejectCode::Syntax, message) }.into()))
            }
            Ok(Some((position, Ended::TooLong(message)))) => {
                Some(Err(Reject::new(position, RejectCode::TooLong, message).into()))
            }
        }
    }

    fn raw(&self) -> &[u8] {
        &self.raw
    }
}
