//! A contact as one JSON object: what an NDJSON export holds and the command
//! line prints. Times are RFC 3339; empty values are left out.

use crate::{
    mapping::{Reading, keyed},
    record::RejectCode,
};
use cardfile_domain::{Contact, Item, Millis, Sentence, email, say, time::DateOrder};
use serde::de::{Deserializer, MapAccess, Visitor};
use serde_json::{Map, Value, value::RawValue};
use std::{
    fmt,
    io::{self, Write},
};

/// Most members of one object.
const MEMBER_LIMIT: usize = 10_000;
const TIMES: [&str; 8] =
    ["first_seen", "last_seen", "created_at", "updated_at", "binned_at", "verified_at", "stage_since", "archived_at"];
const ITEMS: [&str; 6] = ["email", "phone", "handle", "address", "url", "date"];

/// Writes contacts as NDJSON: one object a line.
pub struct NdjsonWriter<W> {
    out: W,
}

impl<W: Write> NdjsonWriter<W> {
    /// Begins a file.
    pub fn new(out: W) -> Self {
        Self { out }
    }

    /// Writes one contact.
    pub fn write(&mut self, contact: &Contact) -> io::Result<()> {
        self.out.write_all(to_json(contact).as_bytes())?;
        self.out.write_all(b"\n")
    }

    /// Writes one contact with all its parts, by the word of their kind.
    pub fn write_everything(&mut self, contact: &Contact, parts: &Map<String, Value>) -> io::Result<()> {
        let mut text = to_json(contact);
        text.truncate(text.len() - 1);
        let parts = serde_json::to_string(parts)?;
        writeln!(self.out, "{text},\"parts\":{parts}}}")
    }

    /// Flushes and gives the output back.
    pub fn finish(mut self) -> io::Result<W> {
        self.out.flush()?;
        Ok(self.out)
    }
}

/// One line of JSON. The metadata stands in it as it was sent, byte for byte.
pub fn to_json(contact: &Contact) -> String {
    let mut value = to_value(contact);
    let metadata = value.as_object_mut().and_then(|map| map.shift_remove("metadata"));
    let mut text = value.to_string();
    if metadata.is_some() {
        text.truncate(text.len() - 1);
        // NDJSON ends a record at a line end; inside JSON they are blanks.
        text.push_str(",\"metadata\":");
        text.extend(contact.metadata.chars().map(|c| if matches!(c, '\n' | '\r') { ' ' } else { c }));
        text.push('}');
    }
    text
}

/// The same as a value.
pub fn to_value(contact: &Contact) -> Value {
    let mut value = serde_json::to_value(contact).unwrap_or_default();
    let Some(map) = value.as_object_mut() else { return value };
    for key in TIMES {
        if let Some(at) = map.get(key).and_then(Value::as_i64) {
            map[key] = Value::from(Millis(at).to_rfc3339());
        }
    }
    for key in ITEMS {
        // Keys are worked out again where the file is read.
        for item in map.get_mut(key).and_then(Value::as_array_mut).into_iter().flatten() {
            item.as_object_mut().and_then(|item| item.shift_remove("key"));
        }
    }
    if let Ok(metadata) = serde_json::from_str(&contact.metadata) {
        map.insert("metadata".into(), metadata);
    }
    value
}

/// What is wrong with one value of an object.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Fault {
    /// JSON Pointer (RFC 6901) inside the record.
    pub(crate) pointer: String,
    pub(crate) code: RejectCode,
    pub(crate) message: Sentence,
    pub(crate) value: String,
}

impl Fault {
    pub(crate) fn new(pointer: &str, code: RejectCode, message: Sentence) -> Self {
        Self { pointer: format!("/{pointer}"), code, message, value: String::new() }
    }
}

/// The members of an object in order, each as it stands in the text.
pub(crate) struct Members<'t>(pub(crate) Vec<(String, &'t RawValue)>);

impl<'t> serde::Deserialize<'t> for Members<'t> {
    fn deserialize<D: Deserializer<'t>>(deserializer: D) -> Result<Self, D::Error> {
        struct Collect;
        impl<'t> Visitor<'t> for Collect {
            type Value = Members<'t>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object")
            }

            fn visit_map<A: MapAccess<'t>>(self, mut map: A) -> Result<Self::Value, A::Error> {
                let mut members: Vec<(String, &'t RawValue)> = Vec::new();
                while let Some((key, value)) = map.next_entry::<String, &'t RawValue>()? {
                    if members.iter().any(|(known, _)| *known == key) {
                        return Err(serde::de::Error::custom(format!("the key {key:?} is there twice")));
                    }
                    members.push((key, value));
                    if members.len() > MEMBER_LIMIT {
                        return Err(serde::de::Error::custom("an object has more than 10,000 members"));
                    }
                }
                Ok(Members(members))
            }
        }
        deserializer.deserialize_map(Collect)
    }
}

/// Whether an object is one of ours.
pub(crate) fn is_own(members: &Members<'_>) -> bool {
    let text = |key: &str| members.0.iter().find(|(name, _)| name == key).map(|(_, raw)| raw.get());
    text("id").is_some_and(|id| id.starts_with("\"ctc_")) && text("created_at").is_some()
}

/// Reads an object of ours again; what is not ours in it joins the metadata.
pub(crate) fn from_members(members: &Members<'_>, reading: &Reading) -> Result<Contact, Fault> {
    let mut map = Map::new();
    let (mut metadata, mut more) = (String::new(), Map::new());
    for (key, raw) in &members.0 {
        let value: Value =
            serde_json::from_str(raw.get()).map_err(|e| Fault::new(key, RejectCode::Syntax, Sentence::verbatim(e)))?;
        match key.as_str() {
            "metadata" if value.is_object() => raw.get().clone_into(&mut metadata),
            "metadata" => return Err(Fault::new(key, RejectCode::Syntax, say!("metadata is not a JSON object"))),
            time if TIMES.contains(&time) => {
                let text = cardfile_domain::custom::text_of(&value);
                let at = Millis::parse(&text, DateOrder::DayFirst).ok_or_else(|| Fault {
                    value: text,
                    ..Fault::new(key, RejectCode::Date, say!("expected a date and time"))
                })?;
                map.insert(key.clone(), Value::from(at.0));
            }
            // The parts of a card, in an export of everything, are for reading only.
            own if key.starts_with("_cardfile_") || matches!(own, "key" | "parts") => {}
            own if own == "id" || own == "custom" || cardfile_domain::field::FieldDef::find(own).is_some() => {
                let mut probe = Contact::default();
                if !matches!(own, "id" | "custom") && !probe.set_value(own, value.clone()) {
                    return Err(Fault::new(key, RejectCode::Type, say!("the value has another shape than the field")));
                }
                map.insert(key.clone(), value);
            }
            _ => {
                more.insert(key.clone(), value);
            }
        }
    }
    let mut contact: Contact = serde_json::from_value(Value::Object(map))
        .map_err(|e| Fault::new("", RejectCode::Type, Sentence::verbatim(e)))?;
    for field in ITEMS {
        for (at, item) in contact.items_mut(field).iter_mut().enumerate() {
            *item = keyed(field, std::mem::take(item), reading.region);
            check(field, at, item)?;
        }
    }
    if !more.is_empty() {
        let mut all: Map<String, Value> = serde_json::from_str(&metadata).unwrap_or_default();
        for (key, value) in more {
            all.entry(key).or_insert(value);
        }
        metadata = Value::Object(all).to_string();
    }
    contact.metadata = metadata;
    Ok(contact)
}

fn check(field: &str, at: usize, item: &Item) -> Result<(), Fault> {
    if field == "email"
        && let Err(error) = email::key(&item.value)
    {
        let fault = Fault::new(&format!("email/{at}/value"), RejectCode::Email, error.sentence());
        return Err(Fault { value: item.value.clone(), ..fault });
    }
    Ok(())
}
