//! A person's cards in an answer: every field with what it is, where it comes from and since when.

use super::{
    gather::Gathered,
    history::{is_empty, provenance, readable},
};
use crate::bin;
use cardfile_domain::{Contact, FIELDS, FieldDef, Millis, privacy::Origin};
use cardfile_formats::dsar::schema::{KEPT_IN, Shape};
use serde_json::{Map, Value, json};

/// Columns of a card that its fields show under another name.
const SHOWN_OTHERWISE: [&str; 9] = [
    "id",
    "given_name",
    "additional_name",
    "family_name",
    "name_prefix",
    "name_suffix",
    "email_label",
    "phone_label",
    "custom",
];

/// `data/contact.json`.
pub(super) fn value(held: &Gathered) -> Value {
    let cards: Vec<Value> = held
        .cards
        .iter()
        .map(|stored| {
            let contact = &stored.contact;
            json!({
                KEPT_IN: "contact",
                "id": contact.id.as_str(),
                "fields": fields(held, stored.row, contact),
                "stored": stored_beside(held, contact.id.as_str()),
            })
        })
        .collect();
    json!({ "cards": cards })
}

/// Every field that says something.
fn fields(held: &Gathered, row: u32, contact: &Contact) -> Map<String, Value> {
    let from = provenance(&held.deeds, row);
    let purposes = held.purposes.get(&row).cloned().unwrap_or_default();
    let until = contact.binned_at.map(|at| Millis(at.0 + bin::DAYS * Millis::DAY).to_rfc3339());
    let built_in = FIELDS.iter().map(|field| (field.key.to_owned(), (field.get)(contact)));
    let custom = contact.custom.iter().map(|(key, value)| (format!("{}{key}", Contact::CUSTOM_PREFIX), value.clone()));
    let said = built_in.chain(custom).filter(|(_, value)| !is_empty(value));
    said.map(|(key, value)| {
        let comes = from(&key);
        let class = Origin::of_field(&key).unwrap_or(Origin::Observed);
        let field = json!({
            "value": readable(&key, value),
            "class": class.as_str(),
            "source": comes.source,
            "first_seen": comes.first_seen.map(Millis::to_rfc3339),
            "last_changed": comes.last_changed.map(Millis::to_rfc3339),
            "purpose": purposes,
            "retention_until": until,
        });
        (key, field)
    })
    .collect()
}

/// Columns of the card that no field shows: none, until one is added that is not in the catalogue.
fn stored_beside(held: &Gathered, id: &str) -> Map<String, Value> {
    let row = held.rows("contact").iter().find(|row| row.get("id").and_then(Value::as_str) == Some(id));
    let columns = row.into_iter().flatten();
    columns
        .filter(|(name, value)| {
            !SHOWN_OTHERWISE.contains(&name.as_str()) && FieldDef::find(name).is_none() && !value.is_null()
        })
        .map(|(name, value)| (name.clone(), value.clone()))
        .collect()
}

/// What the metadata of a card says of consent where no ledger says it: another program put it
/// there. Else it is a mirror of the ledger.
pub(super) fn consents(held: &Gathered) -> Vec<Value> {
    let has_ledger = |id: &str| held.rows("consent").iter().any(|row| row.get("card").is_some_and(|card| card == id));
    let said = held.cards.iter().filter(|stored| !has_ledger(stored.contact.id.as_str())).filter_map(|stored| {
        let metadata: Value = serde_json::from_str(&stored.contact.metadata).ok()?;
        let text = |name: &str| match &metadata[name] {
            Value::Null => None,
            Value::String(text) => Some(text.clone()),
            other => Some(other.to_string()),
        };
        let (given, at) = (text("consent_given"), text("consent_at"));
        let purposes: Vec<&str> =
            metadata["consents"].as_array().into_iter().flatten().filter_map(Value::as_str).collect();
        (given.is_some() || at.is_some() || !purposes.is_empty()).then(|| {
            json!({
                KEPT_IN: "metadata",
                "card": stored.contact.id.as_str(),
                "given": given,
                "consent_at": at,
                "purposes": purposes,
            })
        })
    });
    said.collect()
}

/// The columns of [`consents`].
pub(super) fn consent_columns() -> Vec<(String, Shape)> {
    let columns =
        [("card", Shape::Text), ("given", Shape::Text), ("consent_at", Shape::Text), ("purposes", Shape::List)];
    columns.into_iter().map(|(name, shape)| (name.to_owned(), shape)).collect()
}

/// A card with what the person provided and nothing else: what they may take along (Art. 20).
pub(super) fn provided(contact: &Contact) -> Contact {
    // A card says when it was made and changed, whatever is on it.
    let (created_at, updated_at) = (contact.created_at, contact.updated_at);
    let mut own = Contact { id: contact.id.clone(), created_at, updated_at, ..Contact::default() };
    for field in FIELDS.iter().filter(|field| Origin::of_field(field.key) == Some(Origin::Provided)) {
        // The card of the company is somebody else's.
        if field.key != "company_id" {
            (field.set)(&mut own, (field.get)(contact));
        }
    }
    own.custom.clone_from(&contact.custom);
    own
}
