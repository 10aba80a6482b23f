//! vCard 4 out (RFC 6350). What vCard has no word for goes into `X-CARDFILE-`
//! properties, so that a card comes back as it was; lines that an import kept
//! are written again.

use crate::{
    mapping::Reading,
    vcard_property::{Card, KEPT, KEPT_AS, OWN, UID, entry, is_scheme, line, types_of_label},
};
use calcard::vcard::{VCardEntry, VCardParameter, VCardParameterName, VCardParameterValue, VCardProperty, VCardValue};
use cardfile_domain::{Address, Contact, Identity, Item, Kind, Millis, NameParts, StageBy};
use serde_json::{Map, Value};
use std::io::{self, Write};

/// Longest line in bytes (RFC 6350, 3.2).
const FOLD_AT: usize = 75;

/// Writes contacts as cards.
pub struct VcardWriter<W> {
    out: W,
    reading: Reading,
}

impl<W: Write> VcardWriter<W> {
    /// Begins a file.
    pub fn new(out: W) -> Self {
        Self { out, reading: Reading::new(None, &[]) }
    }

    /// Writes one contact.
    pub fn write(&mut self, contact: &Contact) -> io::Result<()> {
        let mut text = String::from("BEGIN:VCARD\r\nVERSION:4.0\r\n");
        for line in lines(contact, &self.reading) {
            fold(&line, &mut text);
        }
        text.push_str("END:VCARD\r\n");
        self.out.write_all(text.as_bytes())
    }

    /// Flushes and gives the output back.
    pub fn finish(mut self) -> io::Result<W> {
        self.out.flush()?;
        Ok(self.out)
    }
}

/// Lines of at most 75 bytes, never cut inside a character.
pub(crate) fn fold(line: &str, out: &mut String) {
    let (mut rest, mut room) = (line, FOLD_AT);
    while rest.len() > room {
        let end = (1..=room).rev().find(|at| rest.is_char_boundary(*at)).unwrap_or(rest.len());
        out.push_str(&rest[..end]);
        out.push_str("\r\n ");
        rest = &rest[end..];
        room = FOLD_AT - 1;
    }
    out.push_str(rest);
    out.push_str("\r\n");
}

/// One value of a contact: the contact that says only this, and its lines.
pub(crate) struct Piece {
    pub(crate) alone: Contact,
    pub(crate) entries: Vec<VCardEntry>,
}

/// The properties of a card, one line each, not folded.
fn lines(contact: &Contact, reading: &Reading) -> Vec<String> {
    let mut metadata: Map<String, Value> = Map::new();
    let mut own_metadata = contact.metadata.clone();
    if contact.metadata.contains("\"vcard") {
        metadata = serde_json::from_str(&contact.metadata).unwrap_or_default();
    }
    let mut take = |key: &str| -> Vec<String> {
        let taken = metadata.shift_remove(key);
        if taken.is_some() {
            own_metadata =
                if metadata.is_empty() { String::new() } else { Value::Object(metadata.clone()).to_string() };
        }
        let list = taken.as_ref().and_then(Value::as_array).cloned().unwrap_or_default();
        // Nobody but an import writes them, but a metadata column may say anything.
        list.iter().filter_map(Value::as_str).map(|line| line.replace(['\r', '\n'], " ")).collect()
    };
    let (kept, kept_as) = (take(KEPT), take(KEPT_AS));
    let parsed: Vec<(String, Option<VCardEntry>)> =
        kept_as.into_iter().map(|line| (line.clone(), entry(&line))).collect();
    let labels: Vec<VCardEntry> = kept.iter().filter_map(|line| entry(line)).collect();
    let mut said: Vec<(String, Contact)> = parsed
        .into_iter()
        .filter_map(|(line, entry)| {
            let mut card = Card::new(labels.iter(), reading);
            card.apply(&entry?).ok()?;
            Some((line, without_keys(card.contact)))
        })
        .collect();

    let mut next_group = first_free_group(&kept, &said);
    let mut out = Vec::new();
    for mut piece in pieces(contact) {
        let alone = without_keys(piece.alone);
        if let Some(at) = said.iter().position(|(_, contact)| *contact == alone) {
            out.push(said.remove(at).0);
            continue;
        }
        if piece.entries.len() > 1 {
            // A label of the person's own: Apple's way, which most programs read.
            for entry in &mut piece.entries {
                entry.group = Some(format!("item{next_group}"));
            }
            next_group += 1;
        }
        out.extend(piece.entries.iter().map(line));
    }
    out.extend(own_lines(contact, &own_metadata));
    out.extend(kept);
    out
}

fn first_free_group(kept: &[String], said: &[(String, Contact)]) -> u32 {
    let lines = kept.iter().chain(said.iter().map(|(line, _)| line));
    let used = lines.filter_map(|line| line.strip_prefix("item")?.split('.').next()?.parse::<u32>().ok());
    // A number this high is nobody's count of groups.
    used.filter(|number| *number < 1_000_000).max().unwrap_or(0) + 1
}

pub(crate) fn without_keys(mut contact: Contact) -> Contact {
    for field in ["email", "phone", "handle", "address", "url", "date"] {
        contact.items_mut(field).iter_mut().for_each(|item| item.key.clear());
    }
    contact
}

pub(crate) fn property(name: VCardProperty, values: Vec<VCardValue>) -> VCardEntry {
    VCardEntry { group: None, name, params: Vec::new(), values }
}

pub(crate) fn text(name: VCardProperty, value: &str) -> VCardEntry {
    property(name, vec![VCardValue::Text(value.to_owned())])
}

fn own(name: &str, value: &str) -> VCardEntry {
    text(VCardProperty::Other(format!("{OWN}{name}")), value)
}

/// All values that vCard has a word for, in the order of the standard.
pub(crate) fn pieces(contact: &Contact) -> Vec<Piece> {
    let mut all = Vec::new();
    let mut one = |alone: Contact, entry: VCardEntry| all.push(Piece { alone, entries: vec![entry] });
    let empty = Contact::default;
    if contact.kind == Kind::Organization {
        one(Contact { kind: contact.kind, ..empty() }, text(VCardProperty::Kind, "org"));
    }
    // RFC 6350, 6.2.1: a card has a formatted name, whatever else it lacks.
    let name = if contact.name.is_empty() { "" } else { &contact.name };
    one(Contact { name: name.to_owned(), ..empty() }, text(VCardProperty::Fn, name));
    let parts = &contact.name_parts;
    if *parts != NameParts::default() {
        let values = [&parts.family, &parts.given, &parts.additional, &parts.prefix, &parts.suffix];
        let values = values.into_iter().map(|part| VCardValue::Text(part.clone())).collect();
        one(Contact { name_parts: parts.clone(), ..empty() }, property(VCardProperty::N, values));
    }
    if !contact.nick.is_empty() {
        one(Contact { nick: contact.nick.clone(), ..empty() }, text(VCardProperty::Nickname, &contact.nick));
    }
    for (field, items) in [
        ("email", &contact.emails),
        ("phone", &contact.phones),
        ("address", &contact.addresses),
        ("url", &contact.urls),
        ("handle", &contact.handles),
        ("date", &contact.dates),
    ] {
        for (at, item) in items.iter().enumerate() {
            let mut alone = empty();
            alone.items_mut(field).push(item.clone());
            all.push(Piece { alone, entries: item_entries(field, item, at == 0 && items.len() > 1) });
        }
    }
    let mut one = |alone: Contact, entry: VCardEntry| all.push(Piece { alone, entries: vec![entry] });
    if !contact.company.is_empty() || !contact.department.is_empty() {
        let mut values = vec![VCardValue::Text(contact.company.clone())];
        if !contact.department.is_empty() {
            values.push(VCardValue::Text(contact.department.clone()));
        }
        let alone = Contact { company: contact.company.clone(), department: contact.department.clone(), ..empty() };
        one(alone, property(VCardProperty::Org, values));
    }
    if !contact.job_title.is_empty() {
        one(
            Contact { job_title: contact.job_title.clone(), ..empty() },
            text(VCardProperty::Title, &contact.job_title),
        );
    }
    if !contact.tags.is_empty() {
        let values = contact.tags.iter().map(|tag| VCardValue::Text(tag.clone())).collect();
        one(Contact { tags: contact.tags.clone(), ..empty() }, property(VCardProperty::Categories, values));
    }
    if !contact.description.is_empty() {
        let alone = Contact { description: contact.description.clone(), ..empty() };
        one(alone, text(VCardProperty::Note, &contact.description));
    }
    let uid = contact.links.iter().find(|link| link.connector == UID && link.scope.is_empty());
    match uid {
        Some(link) => {
            one(Contact { links: vec![link.clone()], ..empty() }, text(VCardProperty::Uid, &link.external_id));
        }
        None => one(Contact { id: contact.id.clone(), ..empty() }, text(VCardProperty::Uid, contact.id.as_str())),
    }
    for (name, at) in [(VCardProperty::Created, contact.created_at), (VCardProperty::Rev, contact.updated_at)] {
        let alone = match name {
            VCardProperty::Created => Contact { created_at: at, ..empty() },
            _ => Contact { updated_at: at, ..empty() },
        };
        // 20260315T103000Z (RFC 6350, 4.3.5)
        one(alone, text(name, &at.to_rfc3339_seconds().replace(['-', ':'], "")));
    }
    all
}

/// The lines of one item: its property, and the label when it is no TYPE.
fn item_entries(field: &str, item: &Item, preferred: bool) -> Vec<VCardEntry> {
    let mut label = item.label.as_str();
    let mut entry = match field {
        "email" => text(VCardProperty::Email, &item.value),
        "phone" => text(VCardProperty::Tel, &item.value),
        "url" => text(VCardProperty::Url, &item.value),
        "handle" => {
            if !is_scheme(label) {
                let bare = Item { key: String::new(), ..item.clone() };
                return vec![own("HANDLE", &serde_json::to_string(&bare).unwrap_or_default())];
            }
            let value = format!("{}:{}", std::mem::take(&mut label), item.value);
            text(VCardProperty::Impp, &value)
        }
        "date" => {
            let date = if item.value.starts_with("--") {
                format!("--{}", item.value.trim_start_matches("--").replace('-', ""))
            } else {
                item.value.replace('-', "")
            };
            match std::mem::take(&mut label) {
                "birthday" => text(VCardProperty::Bday, &date),
                "anniversary" => text(VCardProperty::Anniversary, &date),
                "" => {
                    let bare = Item { key: String::new(), ..item.clone() };
                    return vec![own("DATE", &serde_json::to_string(&bare).unwrap_or_default())];
                }
                other => {
                    label = other;
                    text(VCardProperty::Other("X-ABDATE".into()), &item.value)
                }
            }
        }
        _ => {
            let parts = item.address.as_deref().cloned().unwrap_or_default();
            let Address { po_box, extended, street, city, region, postal_code, country } = &parts;
            let values = [po_box, extended, street, city, region, postal_code, country];
            let values = values.into_iter().map(|part| VCardValue::Text(part.clone())).collect();
            let mut entry = property(VCardProperty::Adr, values);
            if item.value != parts.formatted() {
                entry.params.push(parameter(VCardParameterName::Label, &item.value));
            }
            entry
        }
    };
    let types = types_of_label(label).filter(|_| field != "date" || label.is_empty());
    for word in types.iter().flatten() {
        entry.params.push(parameter(VCardParameterName::Type, word));
    }
    if preferred {
        entry.params.push(VCardParameter { name: VCardParameterName::Pref, value: VCardParameterValue::Integer(1) });
    }
    match types {
        Some(_) => vec![entry],
        None => vec![entry, text(VCardProperty::Other("X-ABLabel".into()), label)],
    }
}

pub(crate) fn parameter(name: VCardParameterName, value: &str) -> VCardParameter {
    VCardParameter { name, value: VCardParameterValue::Text(value.to_owned()) }
}

/// What vCard has no word for.
fn own_lines(contact: &Contact, metadata: &str) -> Vec<String> {
    let uid_is_foreign = contact.links.iter().any(|link| link.connector == UID && link.scope.is_empty());
    let mut out = Vec::new();
    let mut put = |name: &str, value: &str| {
        if !value.is_empty() {
            out.push(line(&own(name, value)));
        }
    };
    if uid_is_foreign {
        put("ID", contact.id.as_str());
    }
    let mut uid_written = false;
    for link in &contact.links {
        if link.connector == UID && link.scope.is_empty() && !std::mem::replace(&mut uid_written, true) {
            continue;
        }
        put("EXTERNAL-ID", &serde_json::to_string(link).unwrap_or_default());
    }
    put("COMPANY-ID", contact.company_id.as_ref().map_or("", |id| id.as_str()));
    put("PREFERENCES", &contact.preferences);
    put("STAGE", &contact.stage);
    if contact.stage_by != StageBy::Rule {
        put("STAGE-BY", contact.stage_by.as_str());
    }
    put("STAGE-SINCE", &contact.stage_since.map(Millis::to_rfc3339).unwrap_or_default());
    put("TIER", &contact.tier);
    if contact.identity != Identity::Identified {
        put("IDENTITY", contact.identity.as_str());
    }
    put("VERIFIED-AT", &contact.verified_at.map(Millis::to_rfc3339).unwrap_or_default());
    put("VERIFIED-BY", &contact.verified_by);
    put("SOURCE", &contact.source);
    put("PAGE-URL", &contact.page_url);
    put("IP-COUNTRY", &contact.ip_country);
    put("FIRST-SEEN", &contact.first_seen.map(Millis::to_rfc3339).unwrap_or_default());
    put("LAST-SEEN", &contact.last_seen.map(Millis::to_rfc3339).unwrap_or_default());
    if contact.conversation_count > 0 {
        put("CONVERSATION-COUNT", &contact.conversation_count.to_string());
    }
    // REV and CREATED have no milliseconds.
    for (name, at) in [("CREATED-AT", contact.created_at), ("UPDATED-AT", contact.updated_at)] {
        if at.0 % 1000 != 0 {
            put(name, &at.to_rfc3339());
        }
    }
    put("ARCHIVED-AT", &contact.archived_at.map(Millis::to_rfc3339).unwrap_or_default());
    put("BINNED-AT", &contact.binned_at.map(Millis::to_rfc3339).unwrap_or_default());
    if !contact.custom.is_empty() {
        put("CUSTOM", &serde_json::to_string(&contact.custom).unwrap_or_default());
    }
    put("METADATA", metadata);
    out
}
