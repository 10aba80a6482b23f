//! vCard properties and the fields of a contact (RFC 6350, RFC 2426, vCard
//! 2.1). What has no field, and what a field cannot hold all of, is kept in the
//! metadata as the line it was, and written again by the export.

use crate::{
    mapping::{Reading, keyed, tidy_label},
    record::RejectCode,
};
use calcard::{
    common::{IanaString, PartialDateTime},
    vcard::{VCard, VCardEntry, VCardParameterName, VCardParameterValue, VCardProperty, VCardValue, VCardValueType},
};
use cardfile_domain::{
    Address, Contact, ContactId, Identity, Item, Kind, Link, Millis, NameParts, Sentence, StageBy, say,
    time::DateOrder, time::partial_date,
};
use serde_json::Value;
use std::collections::HashMap;

/// Connector of the external ID that a card's UID is.
pub(crate) const UID: &str = "vcard";
/// In the metadata: lines without a field.
pub(crate) const KEPT: &str = "vcard";
/// In the metadata: lines of fields that say more than the field. The export
/// writes them as long as the field still says the same.
pub(crate) const KEPT_AS: &str = "vcard_as";
/// What our own properties begin with.
pub(crate) const OWN: &str = "X-CARDFILE-";

/// TYPE values that are words of a label; the others are kept as a line.
const TYPES: [&str; 22] = [
    "home",
    "work",
    "cell",
    "fax",
    "pager",
    "text",
    "video",
    "textphone",
    "msg",
    "car",
    "isdn",
    "modem",
    "bbs",
    "pcs",
    "other",
    "main",
    "dom",
    "intl",
    "postal",
    "parcel",
    "billing",
    "delivery",
];

/// Whether a label can be written as TYPE values; gives them.
pub(crate) fn types_of_label(label: &str) -> Option<Vec<&'static str>> {
    if label.is_empty() {
        return Some(Vec::new());
    }
    let word = |word: &str| if word == "mobile" { "cell".to_owned() } else { word.to_owned() };
    label.split(' ').map(|w| TYPES.iter().find(|known| **known == word(w)).copied()).collect()
}

/// How much of a property its field holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Fit {
    /// All of it.
    Whole,
    /// The value, but not all its parameters.
    Partly,
    /// There is no field, or it is taken.
    None,
}

/// A value that its field cannot take.
#[derive(Debug)]
pub(crate) struct Fault {
    pub(crate) code: RejectCode,
    pub(crate) message: Sentence,
    pub(crate) value: String,
}

/// A contact that is being put together from the properties of a card.
pub(crate) struct Card<'r> {
    pub(crate) contact: Contact,
    /// `X-ABLabel` of each group.
    labels: HashMap<String, String>,
    /// Fields whose first value was said to be the preferred one.
    preferred: Vec<&'static str>,
    reading: &'r Reading,
}

/// What a property's parameters say about its value.
struct Parameters {
    /// `home fax`, `mobile`.
    label: String,
    preferred: bool,
    /// Whether that is all they say.
    exact: bool,
    /// Formatted text of an address.
    formatted: Option<String>,
}

impl<'r> Card<'r> {
    /// For the properties of these entries.
    pub(crate) fn new<'e>(entries: impl Iterator<Item = &'e VCardEntry>, reading: &'r Reading) -> Self {
        let labels = entries
            .filter(|entry| is_label(entry))
            .filter_map(|entry| Some((entry.group.clone()?, tidy_label(&text_of(entry)))))
            .collect();
        Self { contact: Contact::default(), labels, preferred: Vec::new(), reading }
    }

    /// Puts a property into its field.
    pub(crate) fn apply(&mut self, entry: &VCardEntry) -> Result<Fit, Fault> {
        // Pictures and keys, and text whose bytes are none in its own encoding.
        if entry.values.iter().any(|value| matches!(value, VCardValue::Binary(_))) {
            return Ok(Fit::None);
        }
        let about = self.parameters(entry);
        let text = text_of(entry);
        let whole = |exact: bool| if exact { Fit::Whole } else { Fit::Partly };
        // A field for one value takes the first; a further one is kept.
        let single = |field: &mut String| {
            if text.is_empty() {
                return Fit::Whole;
            }
            if !field.is_empty() {
                return Fit::None;
            }
            field.clone_from(&text);
            whole(about.exact && about.label.is_empty() && !about.preferred)
        };
        let contact = &mut self.contact;
        Ok(match &entry.name {
            VCardProperty::Begin | VCardProperty::End | VCardProperty::Version => Fit::Whole,
            VCardProperty::Fn => single(&mut contact.name),
            VCardProperty::Title => single(&mut contact.job_title),
            VCardProperty::Note => single(&mut contact.description),
            VCardProperty::Nickname => {
                let fit = single(&mut contact.nick);
                if entry.values.len() > 1 && fit == Fit::Whole { Fit::Partly } else { fit }
            }
            VCardProperty::N => {
                if contact.name_parts != NameParts::default() {
                    return Ok(Fit::None);
                }
                let part = |at: usize| entry.values.get(at).map(value_text).unwrap_or_default();
                contact.name_parts = NameParts {
                    family: part(0),
                    given: part(1),
                    additional: part(2),
                    prefix: part(3),
                    suffix: part(4),
                };
                let more = entry.values.iter().skip(5).any(|value| !value_text(value).is_empty());
                whole(about.exact && about.label.is_empty() && !more)
            }
            VCardProperty::Org => {
                if !contact.company.is_empty() || !contact.department.is_empty() {
                    return Ok(Fit::None);
                }
                let part = |at: usize| entry.values.get(at).map(value_text).unwrap_or_default();
                (contact.company, contact.department) = (part(0), part(1));
                let more = entry.values.iter().skip(2).any(|value| !value_text(value).is_empty());
                whole(about.exact && about.label.is_empty() && !more)
            }
            VCardProperty::Categories => {
                for tag in entry.values.iter().map(value_text).filter(|tag| !tag.trim().is_empty()) {
                    if !contact.tags.iter().any(|known| known.to_lowercase() == tag.trim().to_lowercase()) {
                        contact.tags.push(tag.trim().to_owned());
                    }
                }
                whole(about.exact && about.label.is_empty())
            }
            VCardProperty::Kind => match text.to_lowercase().as_str() {
                "individual" => Fit::Whole,
                "org" | "organization" => {
                    contact.kind = Kind::Organization;
                    Fit::Whole
                }
                _ => Fit::None,
            },
            VCardProperty::Uid => match ContactId::parse(&text) {
                Ok(id) => {
                    contact.id = id;
                    Fit::Whole
                }
                Err(_) if text.is_empty() || contact.links.iter().any(|link| link.connector == UID) => Fit::None,
                Err(_) => {
                    contact.links.push(Link { connector: UID.into(), scope: String::new(), external_id: text });
                    whole(about.exact)
                }
            },
            VCardProperty::Rev => match moment(entry) {
                Some(at) => {
                    contact.updated_at = at;
                    whole(about.exact)
                }
                None => Fit::None,
            },
            VCardProperty::Created => match moment(entry) {
                Some(at) => {
                    contact.created_at = at;
                    whole(about.exact)
                }
                None => Fit::None,
            },
            VCardProperty::Email => {
                cardfile_domain::email::key(&text).map_err(|e| Fault {
                    code: RejectCode::Email,
                    message: e.sentence(),
                    value: text.clone(),
                })?;
                self.push("email", about, text, None)
            }
            VCardProperty::Tel => {
                let number = text.strip_prefix("tel:").unwrap_or(&text).to_owned();
                self.push("phone", about, number, None)
            }
            VCardProperty::Url => self.push("url", about, text, None),
            VCardProperty::Impp => match text.split_once(':') {
                Some((scheme, name)) if about.label.is_empty() && is_scheme(scheme) && !name.is_empty() => {
                    let about = Parameters { label: scheme.to_owned(), ..about };
                    self.push("handle", about, name.to_owned(), None)
                }
                _ => Fit::None,
            },
            VCardProperty::Adr => {
                let part = |at: usize| entry.values.get(at).map(value_text).unwrap_or_default();
                let address = Address {
                    po_box: part(0),
                    extended: part(1),
                    street: part(2),
                    city: part(3),
                    region: part(4),
                    postal_code: part(5),
                    country: part(6),
                };
                let formatted = about.formatted.clone().unwrap_or_else(|| address.formatted());
                if entry.values.iter().skip(7).any(|value| !value_text(value).is_empty()) {
                    return Ok(Fit::None);
                }
                let parts = (address != Address::default()).then(|| Box::new(address));
                self.push("address", about, formatted, parts)
            }
            VCardProperty::Bday => self.date("birthday", entry, about, true),
            VCardProperty::Anniversary => self.date("anniversary", entry, about, true),
            VCardProperty::Other(name) => {
                let name = name.to_ascii_uppercase();
                match (name.as_str(), name.strip_prefix(OWN)) {
                    ("X-ABDATE", _) if !about.label.is_empty() => {
                        let label = about.label.clone();
                        self.date(&label, entry, about, true)
                    }
                    ("X-ANNIVERSARY" | "X-EVOLUTION-ANNIVERSARY" | "X-MS-ANNIVERSARY", _) => {
                        self.date("anniversary", entry, about, false)
                    }
                    ("X-ABSHOWAS", _) if text.eq_ignore_ascii_case("COMPANY") => {
                        contact.kind = Kind::Organization;
                        Fit::None
                    }
                    ("X-ABLABEL", _) => Fit::Whole,
                    (_, Some(own)) => {
                        return self.own(own, &text).ok_or_else(|| Fault {
                            code: RejectCode::Syntax,
                            message: say!("{name} cannot be read", name),
                            value: text.clone(),
                        });
                    }
                    _ => Fit::None,
                }
            }
            _ => Fit::None,
        })
    }

    /// Our own properties, for what vCard has no word for.
    fn own(&mut self, name: &str, text: &str) -> Option<Fit> {
        let contact = &mut self.contact;
        let moment = || Millis::parse(text, DateOrder::DayFirst);
        match name {
            "ID" => contact.id = ContactId::parse(text).ok()?,
            "EXTERNAL-ID" => contact.links.push(serde_json::from_str(text).ok()?),
            "HANDLE" => contact.handles.push(serde_json::from_str(text).ok()?),
            "DATE" => contact.dates.push(serde_json::from_str(text).ok()?),
            "CUSTOM" => contact.custom = serde_json::from_str(text).ok()?,
            "METADATA" => {
                serde_json::from_str::<serde_json::Map<String, Value>>(text).ok()?;
                text.clone_into(&mut contact.metadata);
            }
            "COMPANY-ID" => contact.company_id = Some(ContactId::parse(text).ok()?),
            "CONVERSATION-COUNT" => contact.conversation_count = text.parse().ok()?,
            "FIRST-SEEN" => contact.first_seen = Some(moment()?),
            "LAST-SEEN" => contact.last_seen = Some(moment()?),
            "CREATED-AT" => contact.created_at = moment()?,
            "UPDATED-AT" => contact.updated_at = moment()?,
            "BINNED-AT" => contact.binned_at = Some(moment()?),
            "PREFERENCES" => text.clone_into(&mut contact.preferences),
            "STAGE" => text.clone_into(&mut contact.stage),
            "STAGE-BY" => contact.stage_by = if text == StageBy::Hand.as_str() { StageBy::Hand } else { StageBy::Rule },
            "STAGE-SINCE" => contact.stage_since = Some(moment()?),
            "ARCHIVED-AT" => contact.archived_at = Some(moment()?),
            "TIER" => text.clone_into(&mut contact.tier),
            "IDENTITY" => contact.identity = Identity::parse(text)?,
            "VERIFIED-AT" => contact.verified_at = Some(moment()?),
            "VERIFIED-BY" => text.clone_into(&mut contact.verified_by),
            "SOURCE" => text.clone_into(&mut contact.source),
            "PAGE-URL" => text.clone_into(&mut contact.page_url),
            "IP-COUNTRY" => text.clone_into(&mut contact.ip_country),
            // What a rejects file says about the card.
            "ERROR" | "LINE" => {}
            _ => return Some(Fit::None),
        }
        Some(Fit::Whole)
    }

    fn push(&mut self, field: &'static str, about: Parameters, value: String, address: Option<Box<Address>>) -> Fit {
        if value.trim().is_empty() {
            return Fit::Whole;
        }
        let exact = about.exact;
        let item = Item { label: about.label, value, key: String::new(), address };
        let item = keyed(field, item, self.reading.region);
        let items = self.contact.items_mut(field);
        if let Some(known) = items.iter().find(|known| known.same_value(&item)) {
            return if *known == item && exact { Fit::Whole } else { Fit::None };
        }
        if about.preferred && !self.preferred.contains(&field) {
            self.preferred.push(field);
            items.insert(0, item);
        } else {
            items.push(item);
        }
        if exact { Fit::Whole } else { Fit::Partly }
    }

    fn date(&mut self, label: &str, entry: &VCardEntry, about: Parameters, exact: bool) -> Fit {
        let (date, has_time) = match entry.values.first() {
            Some(VCardValue::PartialDateTime(at)) => (date_of(at), at.hour.is_some()),
            Some(value) => (partial_date(&value_text(value), DateOrder::DayFirst), false),
            None => (None, false),
        };
        // Apple writes a birthday without its year in the year 1604.
        let omits_year = entry.params.iter().any(|param| param.name.as_str().eq_ignore_ascii_case("X-APPLE-OMIT-YEAR"));
        let date = date.map(|date| match date.strip_prefix("1604-") {
            Some(day) if omits_year => format!("--{day}"),
            _ => date,
        });
        let Some(value) = date else { return Fit::None };
        let exact = exact && about.exact && !has_time;
        self.push("date", Parameters { label: label.to_owned(), exact, ..about }, value, None)
    }

    fn parameters(&self, entry: &VCardEntry) -> Parameters {
        let mut words: Vec<String> = Vec::new();
        let (mut preferred, mut exact, mut formatted) = (false, true, None);
        for param in &entry.params {
            let word = match (&param.name, &param.value) {
                (VCardParameterName::Type, VCardParameterValue::Type(kind)) => kind.as_str().to_lowercase(),
                (VCardParameterName::Type, VCardParameterValue::Text(text)) => text.to_lowercase(),
                // vCard 2.1 writes the type without its name: TEL;HOME:
                (VCardParameterName::Other(name), VCardParameterValue::Null) => name.to_lowercase(),
                (VCardParameterName::Pref, VCardParameterValue::Integer(1)) => "pref".to_owned(),
                (VCardParameterName::Label, VCardParameterValue::Text(text)) if entry.name == VCardProperty::Adr => {
                    formatted = Some(text.clone());
                    continue;
                }
                (
                    VCardParameterName::Value,
                    VCardParameterValue::ValueType(VCardValueType::Text | VCardValueType::Date),
                ) if !matches!(entry.name, VCardProperty::Tel) => continue,
                _ => {
                    exact = false;
                    continue;
                }
            };
            match word.as_str() {
                "pref" => preferred = true,
                "voice" | "internet" => {}
                "cell" => words.push("mobile".into()),
                known if TYPES.contains(&known) => words.push(word),
                _ => exact = false,
            }
        }
        words.dedup();
        let mut label = words.join(" ");
        if let Some(given) = entry.group.as_ref().and_then(|group| self.labels.get(group)) {
            exact &= label.is_empty() && types_of_label(given).is_none_or(|types| types.is_empty());
            label.clone_from(given);
        }
        Parameters { label, preferred, exact, formatted }
    }
}

/// Whether the property only names its group.
pub(crate) fn is_label(entry: &VCardEntry) -> bool {
    matches!(&entry.name, VCardProperty::Other(name) if name.eq_ignore_ascii_case("X-ABLABEL"))
}

/// `xmpp`, `skype`: what a URI may begin with (RFC 3986, 3.1).
pub(crate) fn is_scheme(text: &str) -> bool {
    text.starts_with(|c: char| c.is_ascii_lowercase())
        && text.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || "+.-".contains(c))
}

/// The property as one line of vCard 4, not folded.
pub(crate) fn line(entry: &VCardEntry) -> String {
    let mut text = String::new();
    // Writing to a string cannot fail.
    let _ = entry.write_to(&mut text, true);
    text.replace("\r\n ", "").trim_end_matches("\r\n").to_owned()
}

/// Reads a line of [`line`] again.
pub(crate) fn entry(line: &str) -> Option<VCardEntry> {
    let card = VCard::parse(format!("BEGIN:VCARD\r\nVERSION:4.0\r\n{line}\r\nEND:VCARD\r\n")).ok()?;
    card.entries
        .into_iter()
        .find(|entry| !matches!(entry.name, VCardProperty::Begin | VCardProperty::End | VCardProperty::Version))
}

fn text_of(entry: &VCardEntry) -> String {
    match &entry.values[..] {
        [] => String::new(),
        [one] => value_text(one),
        many => many.iter().map(value_text).collect::<Vec<_>>().join(", "),
    }
}

fn value_text(value: &VCardValue) -> String {
    match value {
        VCardValue::Integer(number) => number.to_string(),
        VCardValue::Float(number) => number.to_string(),
        VCardValue::Boolean(yes) => yes.to_string(),
        VCardValue::PartialDateTime(at) => date_of(at).unwrap_or_default(),
        VCardValue::Binary(data) => data.to_unwrapped_string(),
        VCardValue::Component(parts) => parts.join(","),
        text => text.as_text().unwrap_or_default().to_owned(),
    }
}

/// `1980-03-22`, or `--03-22` without a year.
fn date_of(at: &PartialDateTime) -> Option<String> {
    let text = match (at.year, at.month?, at.day?) {
        (Some(year), month, day) => format!("{year:04}-{month:02}-{day:02}"),
        (None, month, day) => format!("--{month:02}-{day:02}"),
    };
    partial_date(&text, DateOrder::DayFirst)
}

fn moment(entry: &VCardEntry) -> Option<Millis> {
    match entry.values.first()? {
        VCardValue::PartialDateTime(at) if at.hour.is_some() => at.to_timestamp().map(|seconds| Millis(seconds * 1000)),
        VCardValue::PartialDateTime(at) => Millis::parse(&date_of(at)?, DateOrder::DayFirst),
        value => Millis::parse(&value_text(value), DateOrder::DayFirst),
    }
}
