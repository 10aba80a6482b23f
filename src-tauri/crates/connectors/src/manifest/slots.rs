//! How our fields stand in the places of a record: read into a contact, and written from the
//! values of units. A place that holds one value of several keeps the one it holds, as long as
//! the contact still has it.

use super::{
    mapped::{Field, FieldCodec, Way},
    pointer::{At, Pointer},
};
use cardfile_domain::{Contact, Item, NameParts, Region, email, name, phone};
use cardfile_sync::{
    fields,
    value::{Element, Units, Value},
};
use serde_json::{Map, Value as Json};
use std::collections::BTreeMap;

/// Fields that a manifest can map.
pub(super) const LOCALS: [&str; 13] = [
    "name",
    "nick",
    "email",
    "phone",
    "company",
    "job_title",
    "department",
    "stage",
    "tier",
    "tags",
    "description",
    "preferences",
    "url",
];
/// Those of which a contact may have several.
const SETS: [&str; 4] = ["email", "phone", "tags", "url"];
/// Those of which one may be first.
const WITH_FIRST: [&str; 2] = ["email", "phone"];

/// Whether it is written as a text and not as a list.
fn is_single(codec: FieldCodec) -> bool {
    matches!(codec, FieldCodec::Text | FieldCodec::E164)
}

impl Field {
    /// Whether a codec can write it, and into how many places.
    pub(super) fn places(&self) -> Option<usize> {
        let is_set = SETS.contains(&self.local.as_str());
        match (self.codec, self.local.as_str()) {
            (FieldCodec::Text, _) => Some(1),
            (FieldCodec::E164, "phone") => Some(1),
            (FieldCodec::List | FieldCodec::TagsCsv | FieldCodec::TagsSemicolon, _) if is_set => Some(1),
            (FieldCodec::NameSplit, "name") => Some(2),
            _ => None,
        }
    }

    /// The unit that says which of several stands in its one place.
    pub(super) fn hint(&self) -> Option<String> {
        let has_first = WITH_FIRST.contains(&self.local.as_str()) && self.direction != Way::Pull;
        (has_first && is_single(self.codec)).then(|| format!("{}.first", self.local))
    }

    /// Reads it into a contact; `false` when the record says nothing of it. Else why it cannot
    /// be read.
    pub(super) fn read(&self, record: &Json, contact: &mut Contact, region: Option<Region>) -> Result<bool, String> {
        let mut texts = Vec::new();
        let mut is_said = false;
        for pointer in self.remote.all() {
            let at = pointer.look(record);
            is_said |= at != At::Unsaid;
            texts.push(match at {
                At::Value(value) => self.texts(pointer, value)?,
                At::Empty | At::Unsaid => Vec::new(),
            });
        }
        if is_said {
            self.fill(contact, texts, region);
        }
        Ok(is_said)
    }

    fn texts(&self, pointer: &Pointer, value: &Json) -> Result<Vec<String>, String> {
        let text = |value: &Json| match value {
            Json::String(text) => Some(text.clone()),
            Json::Number(number) => Some(number.to_string()),
            Json::Bool(is) => Some(is.to_string()),
            _ => None,
        };
        let no_text = || format!("the value at {pointer} is no text");
        let split = |by: char| {
            let all = text(value).ok_or_else(no_text)?;
            let parts = all.split(by).map(|part| part.trim().to_owned());
            Ok(parts.filter(|part| !part.is_empty()).collect())
        };
        match self.codec {
            FieldCodec::Text | FieldCodec::E164 | FieldCodec::NameSplit => Ok(vec![text(value).ok_or_else(no_text)?]),
            FieldCodec::TagsCsv => split(','),
            FieldCodec::TagsSemicolon => split(';'),
            FieldCodec::List => {
                let all = value.as_array().ok_or_else(|| format!("the value at {pointer} is no list"))?;
                all.iter().map(|one| text(one).ok_or_else(no_text)).collect()
            }
        }
    }

    fn fill(&self, contact: &mut Contact, mut texts: Vec<Vec<String>>, region: Option<Region>) {
        let mut one = |at: usize| texts.get_mut(at).map(std::mem::take).unwrap_or_default();
        if self.codec == FieldCodec::NameSplit {
            let part = |all: Vec<String>| all.into_iter().next().map(|text| text.trim().to_owned()).unwrap_or_default();
            let (given, family) = (part(one(0)), part(one(1)));
            contact.name_parts = NameParts { given, family, ..NameParts::default() };
            contact.name = name::from_parts(&contact.name_parts);
            return;
        }
        let values: Vec<String> = one(0).into_iter().filter(|text| !text.trim().is_empty()).collect();
        let items = |key: &dyn Fn(&str) -> String| -> Vec<Item> {
            values.iter().map(|text| Item::new(text.as_str(), key(text))).collect()
        };
        match self.local.as_str() {
            "email" => contact.emails = items(&|text| email::key(text).unwrap_or_default()),
            "phone" => contact.phones = items(&|text| phone::key(text, region).unwrap_or_default()),
            "url" => contact.urls = items(&|_| String::new()),
            "tags" => contact.tags = values,
            other => {
                if let Some(text) = text_of(contact, other) {
                    *text = values.into_iter().next().unwrap_or_default();
                }
            }
        }
    }

    /// What stands in its places from now on; else why it cannot. `set` is what is written, and
    /// `now` what the record says.
    pub(super) fn write(&self, value: &Value, set: &Units, now: Option<&Units>) -> Result<Vec<Json>, String> {
        let texts: Vec<String> = match (self.codec, value) {
            (_, Value::Absent) => Vec::new(),
            (FieldCodec::NameSplit, _) => {
                let (given, family) = name::first_and_last(&of_unit("name", value));
                vec![given, family]
            }
            (_, Value::One(_)) if self.local == "name" => vec![of_unit("name", value).name],
            (_, Value::One(text)) => vec![text.clone()],
            (FieldCodec::E164, Value::Set(all)) => {
                self.chosen(all, set, now).map(|(key, _)| key.clone()).into_iter().collect()
            }
            (FieldCodec::Text, Value::Set(all)) => {
                self.chosen(all, set, now).map(|(_, one)| one.typed.clone()).into_iter().collect()
            }
            (FieldCodec::List | FieldCodec::TagsCsv | FieldCodec::TagsSemicolon, Value::Set(all)) => {
                all.values().map(|one| one.typed.clone()).collect()
            }
        };
        if self.codec == FieldCodec::E164 && texts.iter().any(|text| !text.starts_with('+')) {
            return Err(format!("{} needs its country code", self.local));
        }
        if let Some(max) = self.max
            && texts.iter().any(|text| text.chars().count() > max as usize)
        {
            return Err(format!("{} is longer than {max} characters", self.local));
        }
        let or_clear = |text: String| if text.is_empty() { self.clear.clone() } else { Json::String(text) };
        Ok(match self.codec {
            FieldCodec::List => vec![texts.into()],
            FieldCodec::TagsCsv => vec![or_clear(texts.join(","))],
            FieldCodec::TagsSemicolon => vec![or_clear(texts.join(";"))],
            FieldCodec::Text | FieldCodec::E164 | FieldCodec::NameSplit => {
                let mut texts = texts.into_iter();
                self.remote.all().iter().map(|_| or_clear(texts.next().unwrap_or_default())).collect()
            }
        })
    }

    /// Whether a value is read as it was written, and an empty one as empty.
    pub(super) fn comes_back(&self) -> bool {
        let sample = Contact {
            name: "Ana".into(),
            nick: "Ana".into(),
            emails: vec![Item::new("ana@x.example", "ana@x.example")],
            phones: vec![Item::new("+34612408177", "+34612408177")],
            urls: vec![Item::new("https://x.example", "")],
            company: "Acme".into(),
            job_title: "Ana".into(),
            department: "Ana".into(),
            stage: "Ana".into(),
            tier: "Ana".into(),
            description: "Ana".into(),
            preferences: "Ana".into(),
            tags: vec!["vip".into()],
            ..Contact::default()
        };
        let unit = |contact: &Contact| fields::units_of(contact).remove(&self.local).unwrap_or_default();
        [unit(&sample), Value::Absent].iter().all(|value| {
            let Ok(places) = self.write(value, &Units::new(), None) else { return false };
            let mut record = Json::Object(Map::new());
            self.remote.all().iter().zip(places).for_each(|(pointer, json)| pointer.put(&mut record, json));
            let mut contact = Contact::default();
            let is_said = self.read(&record, &mut contact, None).unwrap_or(false);
            let read = unit(&contact);
            is_said && (read == *value || value.is_part_of(&read))
        })
    }

    /// The one that stands in the one place: the one that stands there now, else the first as
    /// far as that is said, else any.
    fn chosen<'v>(
        &self,
        all: &'v BTreeMap<String, Element>,
        set: &Units,
        now: Option<&Units>,
    ) -> Option<(&'v String, &'v Element)> {
        let is_there = now.and_then(|now| now.get(&self.local)).and_then(Value::elements);
        let first = self.hint().and_then(|hint| set.get(&hint));
        let first = first.and_then(|first| match first {
            Value::One(key) => all.get_key_value(key),
            Value::Absent | Value::Set(_) => None,
        });
        let kept = is_there.and_then(|there| there.keys().find_map(|key| all.get_key_value(*key)));
        first.or(kept).or_else(|| all.iter().next())
    }
}

/// A contact that says this unit and nothing else.
fn of_unit(unit: &str, value: &Value) -> Contact {
    let mut contact = Contact::default();
    fields::put(&mut contact, &Units::from([(unit.to_owned(), value.clone())]));
    contact
}

/// The field of a contact that holds one text.
fn text_of<'c>(contact: &'c mut Contact, local: &str) -> Option<&'c mut String> {
    Some(match local {
        "name" => &mut contact.name,
        "nick" => &mut contact.nick,
        "company" => &mut contact.company,
        "job_title" => &mut contact.job_title,
        "department" => &mut contact.department,
        "stage" => &mut contact.stage,
        "tier" => &mut contact.tier,
        "description" => &mut contact.description,
        "preferences" => &mut contact.preferences,
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::manifest::mapped::Slots;
    use rstest::rstest;
    use serde_json::json;

    fn pointer(text: &str) -> Pointer {
        Pointer::try_from(text.to_owned()).expect("a pointer")
    }

    fn field(local: &str, codec: FieldCodec, remote: &[&str]) -> Field {
        Field {
            local: local.into(),
            remote: Slots::Several(remote.iter().map(|one| pointer(one)).collect()),
            codec,
            direction: Way::Both,
            clear: Json::Null,
            required: false,
            max: None,
        }
    }

    /// What a record says of a field.
    fn said(field: &Field, record: &Json) -> Option<Value> {
        let mut contact = Contact::default();
        let is_said = field.read(record, &mut contact, None).expect("readable");
        is_said.then(|| fields::units_of(&contact).remove(&field.local)).flatten()
    }

    /// The record that a value makes.
    fn written(field: &Field, value: &Value) -> Json {
        let places = field.write(value, &Units::new(), None).expect("writable");
        let mut record = json!({});
        field.remote.all().iter().zip(places).for_each(|(pointer, value)| pointer.put(&mut record, value));
        record
    }

    #[rstest]
    #[case::a_text(field("company", FieldCodec::Text, &["/company"]), json!("Acme"))]
    #[case::an_email(field("email", FieldCodec::Text, &["/email"]), json!("ana@x.example"))]
    #[case::a_phone(field("phone", FieldCodec::E164, &["/phone"]), json!("+34612408177"))]
    #[case::a_list(field("tags", FieldCodec::List, &["/tags"]), json!(["a", "b"]))]
    #[case::with_commas(field("tags", FieldCodec::TagsCsv, &["/tags"]), json!("a,b"))]
    #[case::with_semicolons(field("tags", FieldCodec::TagsSemicolon, &["/tags"]), json!("a;b"))]
    #[case::nothing(field("nick", FieldCodec::Text, &["/nick"]), Json::Null)]
    fn what_was_read_is_written_as_it_was(#[case] field: Field, #[case] value: Json) {
        let mut record = json!({});
        field.remote.all()[0].put(&mut record, value);
        let read = said(&field, &record).expect("it is said");
        assert_eq!(written(&field, &read), record);
    }

    #[test]
    fn a_number_comes_with_the_last_of_its_17_digits() {
        let record: Json = serde_json::from_str(r#"{"share": 31.245270191439438}"#).expect("JSON");
        let share = field("custom.share", FieldCodec::Text, &["/share"]);
        assert_eq!(share.texts(&pointer("/share"), &record["share"]), Ok(vec!["31.245270191439438".to_owned()]));
    }

    #[rstest]
    #[case::in_parts("Ana María\u{1f}Ana\u{1f}\u{1f}Ruiz\u{1f}\u{1f}", "Ana", "Ruiz")]
    #[case::in_one("Ana María Ruiz", "Ana María", "Ruiz")]
    #[case::in_one_word("Madonna", "", "Madonna")]
    fn a_name_is_cut_where_two_places_are_to_be_filled(#[case] name: &str, #[case] first: &str, #[case] last: &str) {
        let field = field("name", FieldCodec::NameSplit, &["/first", "/last"]);
        let or_null = |text: &str| if text.is_empty() { Json::Null } else { text.into() };
        let record = written(&field, &Value::one(name));
        assert_eq!(record, json!({ "first": or_null(first), "last": or_null(last) }));
    }

    #[test]
    fn one_place_keeps_the_value_it_has_as_long_as_the_contact_has_it() {
        let field = field("email", FieldCodec::Text, &["/email"]);
        let set = |all: &[&str]| Value::words(all.iter().copied());
        let now = Units::from([("email".to_owned(), set(&["b@x"]))]);
        let write = |value: &Value, hint: Option<&str>, now: Option<&Units>| {
            let hint = hint.map(|key| ("email.first".to_owned(), Value::one(key)));
            field.write(value, &hint.into_iter().collect(), now).expect("writable")
        };
        assert_eq!(write(&set(&["a@x", "b@x"]), None, Some(&now)), [json!("b@x")]);
        assert_eq!(write(&set(&["a@x", "c@x"]), None, Some(&now)), [json!("a@x")]);
        assert_eq!(write(&set(&["a@x", "c@x"]), Some("c@x"), None), [json!("c@x")]);
        assert_eq!(write(&Value::Absent, None, Some(&now)), [Json::Null]);
    }

    #[test]
    fn what_cannot_stand_there_is_refused_before_it_is_sent() {
        let phone = field("phone", FieldCodec::E164, &["/phone"]);
        assert!(phone.write(&Value::words(["612 408 177"]), &Units::new(), None).is_err());
        let short = Field { max: Some(3), ..field("nick", FieldCodec::Text, &["/nick"]) };
        assert!(short.write(&Value::one("Anita"), &Units::new(), None).is_err());
        assert!(short.write(&Value::one("Ana"), &Units::new(), None).is_ok());
    }

    #[test]
    fn a_value_of_another_kind_is_not_guessed() {
        let name = field("name", FieldCodec::Text, &["/name"]);
        let mut contact = Contact::default();
        assert!(name.read(&json!({ "name": { "first": "Ana" } }), &mut contact, None).is_err());
        assert_eq!(said(&field("name", FieldCodec::Text, &["/deep/name"]), &json!({})), None);
    }
}
