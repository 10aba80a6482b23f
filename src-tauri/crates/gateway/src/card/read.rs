//! A contact as programs read it.

use cardfile_core::{
    Outline, Stored,
    domain::{Contact, Item, Link, Millis},
};
use serde::{Serialize, Serializer};
use serde_json::{Map, Value, json, value::RawValue};
use std::collections::BTreeSet;

/// All that may be asked for. The first fifteen are what a list shows, in the order of the
/// reference product.
pub(crate) const FIELDS: [&str; 41] = [
    "id",
    "name",
    "email",
    "phone",
    "company",
    "source",
    "first_seen",
    "last_seen",
    "conversation_count",
    "tags",
    "page_url",
    "ip_country",
    "metadata",
    "created_at",
    "updated_at",
    "kind",
    "name_parts",
    "nick",
    "description",
    "preferences",
    "company_id",
    "job_title",
    "department",
    "emails",
    "phones",
    "handles",
    "addresses",
    "urls",
    "dates",
    "stage",
    "stage_by",
    "stage_since",
    "tier",
    "identity",
    "verified_at",
    "verified_by",
    "external_ids",
    "custom",
    "binned_at",
    "archived_at",
    "version",
];

/// A contact of a list, written without going through a value: a thousand of them are a page.
#[derive(Serialize)]
pub(crate) struct Row {
    id: String,
    #[serde(serialize_with = "or_null")]
    name: String,
    #[serde(serialize_with = "or_null")]
    email: String,
    #[serde(serialize_with = "or_null")]
    phone: String,
    #[serde(serialize_with = "or_null")]
    company: String,
    #[serde(serialize_with = "or_null")]
    source: String,
    #[serde(serialize_with = "moment")]
    first_seen: Option<Millis>,
    #[serde(serialize_with = "moment")]
    last_seen: Option<Millis>,
    conversation_count: u32,
    tags: Vec<String>,
    #[serde(serialize_with = "or_null")]
    page_url: String,
    #[serde(serialize_with = "or_null")]
    ip_country: String,
    metadata: Box<RawValue>,
    #[serde(serialize_with = "moment")]
    created_at: Option<Millis>,
    #[serde(serialize_with = "moment")]
    updated_at: Option<Millis>,
}

impl Row {
    pub(crate) fn of(outline: &Outline<'_>, mut tags: Vec<String>) -> Self {
        tags.sort_unstable();
        let owned = str::to_owned;
        Self {
            id: owned(outline.id),
            name: owned(outline.name),
            email: owned(outline.email),
            phone: owned(outline.phone),
            company: owned(outline.company),
            source: owned(outline.source),
            first_seen: outline.first_seen,
            last_seen: outline.last_seen,
            conversation_count: outline.conversation_count,
            tags,
            page_url: owned(outline.page_url),
            ip_country: owned(outline.ip_country),
            metadata: metadata(outline.metadata),
            created_at: Some(outline.created_at),
            updated_at: Some(outline.updated_at),
        }
    }
}

/// What a source sent, byte for byte; an empty object where it sent nothing.
fn metadata(text: &str) -> Box<RawValue> {
    let said = RawValue::from_string(text.to_owned()).ok().filter(|raw| raw.get().starts_with('{'));
    said.unwrap_or_else(|| RawValue::from_string("{}".to_owned()).expect("an empty object is JSON"))
}

fn or_null<S: Serializer>(text: &str, serializer: S) -> Result<S::Ok, S::Error> {
    if text.is_empty() { serializer.serialize_none() } else { serializer.serialize_str(text) }
}

fn moment<S: Serializer>(at: &Option<Millis>, serializer: S) -> Result<S::Ok, S::Error> {
    match at {
        Some(at) => serializer.serialize_str(&at.to_rfc3339()),
        None => serializer.serialize_none(),
    }
}

/// The whole contact.
pub(crate) fn value(stored: &Stored) -> Map<String, Value> {
    let c = &stored.contact;
    let mut map = Map::new();
    for name in FIELDS {
        map.insert(name.to_owned(), field(c, stored.version, name));
    }
    map
}

/// These fields of it, and its id.
pub(crate) fn pick(stored: &Stored, fields: &[String]) -> Map<String, Value> {
    let mut map = Map::new();
    map.insert("id".to_owned(), stored.contact.id.as_str().into());
    for name in fields {
        map.insert(name.clone(), field(&stored.contact, stored.version, name));
    }
    map
}

fn field(c: &Contact, version: i64, name: &str) -> Value {
    match name {
        "id" => c.id.as_str().into(),
        "kind" => c.kind.as_str().into(),
        "name" => text(&c.name),
        "name_parts" => serde_json::to_value(&c.name_parts).unwrap_or_default(),
        "nick" => text(&c.nick),
        "description" => text(&c.description),
        "preferences" => text(&c.preferences),
        "email" => text(c.email()),
        "phone" => text(c.phone()),
        "company" => text(&c.company),
        "company_id" => c.company_id.as_ref().map_or(Value::Null, |id| id.as_str().into()),
        "job_title" => text(&c.job_title),
        "department" => text(&c.department),
        "emails" => items(&c.emails),
        "phones" => items(&c.phones),
        "handles" => items(&c.handles),
        "addresses" => items(&c.addresses),
        "urls" => items(&c.urls),
        "dates" => items(&c.dates),
        "source" => text(&c.source),
        "page_url" => text(&c.page_url),
        "ip_country" => text(&c.ip_country),
        "first_seen" => time(c.first_seen),
        "last_seen" => time(c.last_seen),
        "conversation_count" => c.conversation_count.into(),
        "stage" => text(&c.stage),
        "stage_by" => c.stage_by.as_str().into(),
        "stage_since" => time(c.stage_since),
        "tier" => text(&c.tier),
        "identity" => c.identity.as_str().into(),
        "verified_at" => time(c.verified_at),
        "verified_by" => text(&c.verified_by),
        "tags" => c.tags.iter().map(String::as_str).collect::<BTreeSet<_>>().into_iter().collect(),
        "external_ids" => c.links.iter().filter(|link| link.connector != Link::SESSION).map(link).collect(),
        "custom" => c.custom.iter().map(|(key, value)| (key.clone(), value.clone())).collect(),
        "metadata" => serde_json::from_str(&c.metadata).ok().filter(Value::is_object).unwrap_or_else(|| json!({})),
        "created_at" => time(Some(c.created_at)),
        "updated_at" => time(Some(c.updated_at)),
        "binned_at" => time(c.binned_at),
        "archived_at" => time(c.archived_at),
        "version" => version.into(),
        _ => Value::Null,
    }
}

fn text(text: &str) -> Value {
    if text.is_empty() { Value::Null } else { text.into() }
}

fn time(at: Option<Millis>) -> Value {
    at.map_or(Value::Null, |at| at.to_rfc3339().into())
}

fn items(items: &[Item]) -> Value {
    items
        .iter()
        .map(|item| {
            let mut one = json!({ "value": item.value });
            if !item.label.is_empty() {
                one["label"] = item.label.as_str().into();
            }
            if let Some(parts) = &item.address {
                one["parts"] = serde_json::to_value(parts).unwrap_or_default();
            }
            one
        })
        .collect()
}

fn link(link: &Link) -> Value {
    json!({ "remote": link.connector, "scope": link.scope, "id": link.external_id })
}

#[cfg(test)]
mod tests {
    use super::*;
    use cardfile_core::domain::ContactId;

    fn stored() -> Stored {
        let contact = Contact {
            id: ContactId::from_stored("ctc_8f3k2j1m".into()),
            name: "Sarah Johnson".into(),
            emails: vec![Item::new("sarah@acme.example", "sarah@acme.example")],
            first_seen: Some(Millis(1_773_570_600_000)),
            tags: vec!["lead".into()],
            metadata: r#"{"plan":"pro"}"#.into(),
            ..Contact::default()
        };
        Stored { row: 1, version: 7, contact }
    }

    #[test]
    fn a_row_says_what_the_whole_contact_says() {
        let stored = stored();
        let c = &stored.contact;
        let outline = Outline {
            id: c.id.as_str(),
            name: &c.name,
            email: c.email(),
            phone: c.phone(),
            company: &c.company,
            source: &c.source,
            first_seen: c.first_seen,
            last_seen: c.last_seen,
            conversation_count: c.conversation_count,
            page_url: &c.page_url,
            ip_country: &c.ip_country,
            metadata: &c.metadata,
            created_at: c.created_at,
            updated_at: c.updated_at,
        };
        let row = serde_json::to_value(Row::of(&outline, c.tags.clone())).expect("JSON");
        let whole = value(&stored);
        let names: Vec<&str> = row.as_object().expect("an object").keys().map(String::as_str).collect();
        assert_eq!(names, FIELDS[..15]);
        for name in names {
            assert_eq!(row[name], whole[name], "{name}");
        }
        assert_eq!(row["phone"], Value::Null);
        assert_eq!(row["first_seen"], "2026-03-15T10:30:00Z");
    }

    #[test]
    fn every_field_that_may_be_asked_for_says_something() {
        let whole = value(&stored());
        for name in FIELDS {
            let described = crate::card::CONTACT.members.iter().find(|member| member.name == name);
            let described = described.unwrap_or_else(|| panic!("{name} is not described"));
            assert!(described.is_nullable || !whole[name].is_null(), "{name}");
        }
        assert!(crate::shape::issues(&crate::card::CONTACT, &Value::Object(whole)).is_empty());
    }

    #[test]
    fn metadata_that_is_no_object_is_shown_as_none() {
        for text in ["", "[1]", "{\"a\":"] {
            assert_eq!(metadata(text).get(), "{}");
        }
        assert_eq!(metadata("{ \"a\": 1.0 }").get(), "{ \"a\": 1.0 }");
    }
}
