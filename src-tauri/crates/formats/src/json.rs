//! JSON files: a list of objects, NDJSON, or an object that holds such a list
//! (what programming interfaces send). Every object is cut out of the stream
//! before it is parsed (`json_cut`), so that a broken one costs only itself.

use crate::{
    columns::{self, LOOKED_AT},
    encoding::{self, Text, Utf8Reader},
    file::{Bytes, Choices, Format, Layout, Open, RejectWriter, Shape},
    json_contact::{Members, from_members, is_own},
    json_cut::{Cutter, Place},
    mapping::{Reading, Target},
    record::{Position, ReadError, Record, RecordReader, Refusal, Reject, RejectCode, shorten},
};
use cardfile_domain::{Sentence, say};
use serde_json::{Map, Value, value::RawValue};
use std::{
    io::{self, Read, Write},
    sync::Arc,
};

/// Objects.
pub(crate) struct Json;

/// Longest text (5.2 of the bad-input contract).
const TEXT_LIMIT: usize = 8 << 20;
/// Between the values of a list in one cell.
const SEVERAL: &str = " ::: ";

/// How the objects of one file are read.
#[derive(Debug)]
struct Objects {
    text: Text,
    place: Place,
    /// Objects as our own export writes them.
    own: bool,
}

impl Format for Json {
    fn fits(&self, head: &[u8]) -> bool {
        let mut letters = head.iter().copied().filter(|byte| *byte != 0 && !byte.is_ascii_whitespace());
        let mut next = letters.next();
        if matches!(next, Some(0xef | 0xff | 0xfe)) {
            next = letters.find(|byte| byte.is_ascii());
        }
        match next {
            Some(b'{') => true,
            Some(b'[') => matches!(letters.next(), Some(b'{' | b']')),
            _ => false,
        }
    }

    fn look(&self, open: Open<'_>, choices: &Choices, custom: &[String]) -> Result<Shape, Refusal> {
        let text = encoding::detect(open)?;
        let place = Place::find(utf8(open()?, text)?)?;
        let mut layout = Objects { text, place, own: false };
        let mut cutter = Cutter::new(utf8(open()?, text)?, place)?;
        let mut rows: Vec<Vec<(String, String)>> = Vec::new();
        let mut own = true;
        while rows.len() < LOOKED_AT
            && let Some(cut) = cutter.next()?
        {
            if cut.fault.is_none()
                && let Ok(members) = serde_json::from_slice::<Members<'_>>(cutter.raw())
                && !is_remark(&members)
            {
                own &= is_own(&members);
                rows.push(flatten(&members).unwrap_or_default());
            }
        }
        layout.own = own && !rows.is_empty();
        let format = if place == Place::Lines { "NDJSON" } else { "JSON" };
        let mut shape = Shape::without_columns(format, text, Arc::new(layout));
        if own && !rows.is_empty() {
            return Ok(shape);
        }
        let mut header: Vec<String> = Vec::new();
        for (key, _) in rows.iter().flatten() {
            if !header.contains(key) {
                header.push(key.clone());
            }
        }
        if header.is_empty() {
            return Err(Refusal::NoList(say!("no object was found in it")));
        }
        let cells: Vec<Vec<String>> = rows
            .iter()
            .map(|row| {
                let cell = |key: &String| row.iter().find(|(name, _)| name == key).map(|(_, v)| v.clone());
                header.iter().map(|key| cell(key).unwrap_or_default()).collect()
            })
            .collect();
        let words = header.iter().map(|key| words_of(key)).collect();
        let found = columns::with_header(words, &cells, None, custom);
        if choices.header.is_none() && !found.targets.iter().any(Target::identifies) {
            return Err(Refusal::NoContactColumns(shorten(&header.join(", "))));
        }
        // What nobody knows keeps its own key in the metadata.
        let targets = found.targets.into_iter().zip(&header).map(|(target, key)| match target {
            Target::Meta(_) => Target::Meta(key.clone()),
            known => known,
        });
        shape.targets = targets.collect();
        (shape.header, shape.samples, shape.dialect) = (header, found.samples, found.dialect);
        Ok(shape)
    }
}

fn utf8(mut file: Box<dyn Bytes>, text: Text) -> io::Result<Box<dyn Read>> {
    if text.encoding == encoding_rs::UTF_8 {
        file.seek(io::SeekFrom::Start(text.bom as u64))?;
        return Ok(Box::new(file));
    }
    Ok(Box::new(Utf8Reader::new(file, text.encoding)))
}

/// Whether the line only says what was wrong with the next one, in a file of
/// rejects.
fn is_remark(members: &Members<'_>) -> bool {
    !members.0.is_empty() && members.0.iter().all(|(key, _)| key.starts_with("_cardfile_"))
}

impl Layout for Objects {
    fn records<'s>(
        &'s self,
        shape: &'s Shape,
        file: Box<dyn Bytes>,
        reading: Reading,
    ) -> io::Result<Box<dyn RecordReader + 's>> {
        let cutter = Cutter::new(utf8(file, self.text)?, self.place)?;
        Ok(Box::new(Records { shape, objects: self, cutter, reading, skipped: 0 }))
    }

    fn rejects(&self, _: &Shape) -> Box<dyn RejectWriter> {
        Box::new(Rejects { list: self.place.is_list(), written: 0 })
    }
}

/// The objects with two more members. A line that is no object gets a line of
/// its own above it that says why.
struct Rejects {
    list: bool,
    written: u32,
}

impl RejectWriter for Rejects {
    fn write(&mut self, out: &mut dyn Write, reject: &Reject, raw: &[u8]) -> io::Result<()> {
        let about = format!(
            "\"_cardfile_error\":{},\"_cardfile_line\":{}",
            Value::from(reject.message.to_string()),
            reject.position.line
        );
        let start = match (self.list, self.written) {
            (true, 0) => "[\n",
            (true, _) => ",\n",
            (false, _) => "",
        };
        self.written += 1;
        out.write_all(start.as_bytes())?;
        let whole = serde_json::from_slice::<Members<'_>>(raw);
        match (&whole, raw.strip_suffix(b"}")) {
            (Ok(members), Some(open)) => {
                let comma = if members.0.is_empty() { "" } else { "," };
                out.write_all(open.trim_ascii_end())?;
                write!(out, "{comma}{about}}}")?;
            }
            _ => {
                writeln!(out, "{{{about}}}{}", if self.list { "," } else { "" })?;
                out.write_all(raw)?;
            }
        }
        if self.list { Ok(()) } else { out.write_all(b"\n") }
    }

    fn finish(&mut self, out: &mut dyn Write) -> io::Result<()> {
        if self.list { out.write_all(b"\n]\n") } else { Ok(()) }
    }
}

struct Records<'s> {
    shape: &'s Shape,
    objects: &'s Objects,
    cutter: Cutter,
    reading: Reading,
    /// Lines that were no records.
    skipped: u32,
}

impl RecordReader for Records<'_> {
    fn next(&mut self) -> Option<Result<Record, ReadError>> {
        loop {
            let cut = match self.cutter.next() {
                Ok(cut) => cut?,
                Err(error) => return Some(Err(ReadError::Refusal(error.into()))),
            };
            let position = Position { record: cut.position.record - self.skipped, ..cut.position };
            let value = shorten(&String::from_utf8_lossy(self.cutter.raw()));
            if let Some((code, message)) = cut.fault {
                return Some(Err(Reject { value, ..Reject::new(position, code, message) }.into()));
            }
            let text = self.cutter.raw();
            let members = match serde_json::from_slice::<Members<'_>>(text) {
                Ok(members) if is_remark(&members) => {
                    self.skipped += 1;
                    continue;
                }
                Ok(members) => members,
                Err(error) => return Some(Err(syntax(position, cut.column, &error, value).into())),
            };
            return Some(self.record(&members, position));
        }
    }

    fn raw(&self) -> &[u8] {
        self.cutter.raw()
    }
}

/// A fault in the text itself, with its line and column in the file.
fn syntax(position: Position, column: u32, error: &serde_json::Error, value: String) -> Reject {
    let line = position.line + (error.line() as u32).saturating_sub(1);
    let column =
        if error.line() <= 1 { column + (error.column() as u32).saturating_sub(1) } else { error.column() as u32 };
    // "… at line 1 column 12" counts from the record, not from the file.
    let said = error.to_string();
    let message = Sentence::verbatim(said.split(" at line ").next().unwrap_or(&said));
    let place = Some(format!("{line}:{column}"));
    Reject { place, value, ..Reject::new(Position { line, ..position }, RejectCode::Syntax, message) }
}

impl Records<'_> {
    fn record(&self, members: &Members<'_>, position: Position) -> Result<Record, ReadError> {
        let place = |pointer: &str| Some(format!("/{}{pointer}", position.record - 1));
        if self.objects.own && is_own(members) {
            let read = from_members(members, &self.reading).map_err(|fault| Reject {
                column_name: Some(
                    fault.pointer.trim_start_matches('/').split('/').next().unwrap_or_default().to_owned(),
                ),
                place: place(&fault.pointer),
                value: shorten(&fault.value),
                ..Reject::new(position, fault.code, fault.message)
            })?;
            let mut contact = Box::new(read);
            cardfile_domain::import::complete(&mut contact)
                .map_err(|e| Reject::new(position, RejectCode::Empty, e.sentence()))?;
            return Ok(Record { position, contact });
        }
        let cells = flatten(members).map_err(|fault| Reject {
            place: place(&fault.0),
            ..Reject::new(position, RejectCode::TooLong, fault.1)
        })?;
        let shape = self.shape;
        let in_columns = |key: &str| cells.iter().find(|(name, _)| name == key).map_or("", |(_, value)| value.as_str());
        // What goes into the metadata keeps its JSON; the cells of it are left out.
        let mapped: Vec<Target> = shape
            .targets
            .iter()
            .map(|target| if matches!(target, Target::Meta(_)) { Target::Skip } else { target.clone() })
            .collect();
        let row: Vec<&str> = shape.header.iter().map(|key| in_columns(key)).collect();
        let read = columns::record(&shape.header, &mapped, row.iter().copied(), position, &self.reading);
        let mut record = read.map_err(|error| match error {
            ReadError::Reject(reject) => {
                let place = reject.column_name.as_ref().and_then(|name| place(&format!("/{}", name.replace('.', "/"))));
                ReadError::Reject(Box::new(Reject { place, ..*reject }))
            }
            refusal => refusal,
        })?;
        let mut metadata: Map<String, Value> = serde_json::from_str(&record.contact.metadata).unwrap_or_default();
        for (key, raw) in &members.0 {
            let taken = |name: &str| {
                let at = shape.header.iter().position(|heading| heading == name);
                at.is_some_and(|at| !matches!(shape.targets[at], Target::Meta(_)))
            };
            let nested: Vec<&(String, String)> = cells
                .iter()
                .filter(|(name, _)| {
                    name == key || name.strip_prefix(key.as_str()).is_some_and(|rest| rest.starts_with('.'))
                })
                .collect();
            if nested.is_empty() || key.starts_with("_cardfile_") {
                continue;
            }
            // Of a list of objects a column takes one member each: the rest is kept.
            let objects = raw.get().starts_with('[') && raw.get()[1..].trim_start().starts_with('{');
            if objects || nested.iter().all(|(name, _)| !taken(name)) {
                match exact(raw) {
                    // It is the metadata, not a member of it.
                    Value::Object(own) if key == "metadata" => {
                        for (key, value) in own {
                            metadata.entry(key).or_insert(value);
                        }
                    }
                    value => {
                        metadata.entry(key.clone()).or_insert(value);
                    }
                }
                continue;
            }
            for (name, value) in nested.into_iter().filter(|(name, _)| !taken(name)) {
                metadata.entry(name.clone()).or_insert_with(|| Value::from(value.as_str()));
            }
        }
        if !metadata.is_empty() {
            record.contact.metadata = Value::Object(metadata).to_string();
        }
        Ok(record)
    }
}

/// A value as it is; whole numbers that a float cannot hold stay text.
fn exact(raw: &RawValue) -> Value {
    let text = raw.get();
    let digits = text.trim_start_matches('-');
    if digits.bytes().all(|byte| byte.is_ascii_digit()) && !digits.is_empty() {
        let number = text.parse::<i64>().ok().filter(|number| number.unsigned_abs() <= 1 << 53);
        return number.map_or_else(|| Value::from(text), Value::from);
    }
    if let Ok(list) = serde_json::from_str::<Vec<&RawValue>>(text) {
        return Value::Array(list.into_iter().map(exact).collect());
    }
    if let Ok(members) = serde_json::from_str::<Members<'_>>(text) {
        return Value::Object(members.0.into_iter().map(|(key, raw)| (key, exact(raw))).collect());
    }
    serde_json::from_str(text).unwrap_or_default()
}

/// An object as columns: `address.city`. A list of texts is one cell, a list of
/// objects the cell of their values. `Err` is a pointer and what is wrong there.
fn flatten(members: &Members<'_>) -> Result<Vec<(String, String)>, (String, Sentence)> {
    let mut cells = Vec::new();
    for (key, raw) in &members.0 {
        flatten_into(key, raw, &mut cells)?;
    }
    Ok(cells)
}

fn flatten_into(path: &str, raw: &RawValue, cells: &mut Vec<(String, String)>) -> Result<(), (String, Sentence)> {
    let text = raw.get();
    if text.len() > TEXT_LIMIT {
        return Err((format!("/{}", path.replace('.', "/")), say!("a value is larger than 8 MiB")));
    }
    match text.as_bytes().first() {
        Some(b'{') => {
            let fault = |error: serde_json::Error| {
                let said = error.to_string();
                let said = Sentence::verbatim(said.split(" at line ").next().unwrap_or(&said));
                (format!("/{}", path.replace('.', "/")), said)
            };
            for (key, raw) in &serde_json::from_str::<Members<'_>>(text).map_err(fault)?.0 {
                flatten_into(&format!("{path}.{key}"), raw, cells)?;
            }
        }
        Some(b'[') => {
            let list: Vec<&RawValue> = serde_json::from_str(text).unwrap_or_default();
            let values: Vec<String> = list.into_iter().filter_map(one_value).collect();
            cells.push((path.to_owned(), values.join(SEVERAL)));
        }
        _ => cells.push((path.to_owned(), scalar(raw))),
    }
    Ok(())
}

/// What an item of a list stands for: itself, or its value, email or number.
fn one_value(raw: &RawValue) -> Option<String> {
    if !raw.get().starts_with('{') {
        return Some(scalar(raw)).filter(|text| !text.is_empty());
    }
    let members: Members<'_> = serde_json::from_str(raw.get()).ok()?;
    let named = |name: &&str| members.0.iter().find(|(key, _)| key == *name).map(|(_, raw)| scalar(raw));
    ["value", "email", "address", "number", "phone", "name", "url", "id"].iter().find_map(named)
}

fn scalar(raw: &RawValue) -> String {
    match raw.get() {
        "null" => String::new(),
        text if text.starts_with('"') => serde_json::from_str(text).unwrap_or_default(),
        text => text.to_owned(),
    }
}

/// `firstName`, `first_name` and `properties.firstname` as words of a heading.
fn words_of(key: &str) -> String {
    // Our own columns are written with an underscore.
    let last = key.rsplit('.').next().unwrap_or(key);
    let mut words = String::new();
    let mut before = ' ';
    for c in last.chars() {
        if c.is_uppercase() && before.is_lowercase() {
            words.push(' ');
        }
        words.push(c);
        before = c;
    }
    let spaced = words.replace(['_', '-'], " ");
    let known = |words: &String| {
        !matches!(columns::with_header(vec![words.clone()], &[], None, &[]).targets[..], [Target::Meta(_)])
    };
    if known(&spaced) { spaced } else { last.to_owned() }
}
