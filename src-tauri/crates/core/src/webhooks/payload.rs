//! What a message says: read from the contact when it is sent, and only what a person approved.
//! A contact that others do not see any more is said nothing of.

use super::Known;
use crate::sync::consents_of;
use cardfile_domain::{
    Contact,
    webhook::{Event, FIELDS, is_told_of},
};
use cardfile_store::{ContactRow, Reader, SqlResult, WebhookMessage};
use cardfile_sync::value::{Unit, Value as Kept};
use serde_json::{Map, Value, json};
use std::collections::{BTreeMap, BTreeSet};

/// What is said.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Said {
    /// The whole body.
    pub(super) body: String,
    /// Whom it says something of.
    pub(super) contact: Option<ContactRow>,
    /// Fields of them that are in it.
    pub(super) fields: BTreeSet<Unit>,
}

/// Builds a message; nothing when it has nothing to say any more.
pub(super) fn build(reader: Reader<'_>, known: &Known, message: &WebhookMessage) -> SqlResult<Option<Said>> {
    let Some(event) = Event::parse(&message.event) else { return Ok(None) };
    let row = reader.contacts().row_of(&message.subject)?;
    let stored = row.map(|row| reader.contacts().get(row)).transpose()?.flatten();
    let seen = stored.filter(|stored| is_told_of(&stored.contact));
    let mut data = Map::from_iter([("id".to_owned(), Value::from(message.subject.as_str()))]);
    let mut fields = BTreeSet::new();
    match (event, &seen) {
        (Event::Deleted, _) => return Ok(Some(said(event, data, None, fields))),
        (_, None) => return Ok(None),
        (Event::Created | Event::Restored, Some(stored)) => {
            let mut approved = approved(&stored.contact, known);
            for field in FIELDS {
                let value = approved.remove(field.key);
                fields.extend(value.is_some().then(|| field.key.to_owned()));
                if field.is_base || value.is_some() {
                    data.insert(field.key.to_owned(), value.unwrap_or_default());
                }
            }
        }
        (Event::Updated, Some(stored)) => {
            let approved = approved(&stored.contact, known);
            for field in FIELDS.iter().filter(|field| message.fields.iter().any(|changed| changed == field.key)) {
                if let Some(value) = approved.get(field.key) {
                    data.insert(field.key.to_owned(), value.clone());
                    fields.insert(field.key.to_owned());
                }
            }
            if fields.is_empty() {
                return Ok(None);
            }
        }
        (Event::ConsentChanged, Some(stored)) => {
            if let Some(value) = approved(&stored.contact, known).remove("consent") {
                data.insert("consent".to_owned(), value);
                fields.insert("consent".to_owned());
            }
        }
        (Event::Merged, Some(_)) => {
            data.insert("merged_id".to_owned(), json!(message.other));
        }
        (Event::ConflictOpened, Some(stored)) => {
            let Some(waiting) = conflict(reader, stored.row, message.other.as_deref())? else { return Ok(None) };
            data.extend(waiting);
        }
    }
    let contact = seen.map(|stored| stored.row);
    Ok(Some(said(event, data, contact, fields)))
}

/// The body of any message.
pub(super) fn body(event: &str, data: Map<String, Value>) -> String {
    json!({ "event": event, "data": data }).to_string()
}

fn said(event: Event, data: Map<String, Value>, contact: Option<ContactRow>, fields: BTreeSet<Unit>) -> Said {
    Said { body: body(event.as_str(), data), contact, fields }
}

/// What of a contact may leave. Only the mapping can say so.
fn approved(contact: &Contact, known: &Known) -> BTreeMap<Unit, Value> {
    let kept = |value: Value| if value.is_null() { Kept::Absent } else { Kept::one(value.to_string()) };
    let all = FIELDS.iter().map(|field| (field.key.to_owned(), kept(field.of(contact))));
    let approved = known.mapping.approve(all, &consents_of(contact));
    let value = |kept: &Kept| match kept {
        Kept::One(json) => serde_json::from_str(json).unwrap_or_default(),
        Kept::Absent | Kept::Set(_) => Value::Null,
    };
    approved.units().iter().map(|(field, kept)| (field.clone(), value(kept))).collect()
}

/// At which connection something waits for a person, and which fields: names, no values.
fn conflict(reader: Reader<'_>, contact: ContactRow, remote: Option<&str>) -> SqlResult<Option<Map<String, Value>>> {
    let Some(remote) = remote.map(|id| reader.remotes().named(id)).transpose()?.flatten() else { return Ok(None) };
    let pair = reader.pairs().of_contact(remote.row, contact)?.filter(|pair| pair.waits);
    let Some(pair) = pair else { return Ok(None) };
    let state: Value = serde_json::from_str(&pair.state).unwrap_or_default();
    let held = state["held"].as_object();
    let fields: Vec<&String> = held.map(|held| held.keys().collect()).unwrap_or_default();
    let data = [("remote".to_owned(), json!(remote.name)), ("fields".to_owned(), json!(fields))];
    Ok(Some(Map::from_iter(data)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use cardfile_domain::{ContactId, Item, Millis};
    use cardfile_store::Webhook;
    use cardfile_sync::mapping::{Direction, Mapping, Rule};

    fn known(rules: &[(&str, bool, Option<&str>)]) -> Known {
        let rule = |(field, approved, purpose): &(&str, bool, Option<&str>)| {
            let purpose = purpose.map(str::to_owned);
            let rule = Rule { direction: Direction::Push, approved: *approved, purpose, ..Rule::default() };
            ((*field).to_owned(), rule)
        };
        Known { kept: Webhook::default(), events: BTreeSet::new(), mapping: Mapping(rules.iter().map(rule).collect()) }
    }

    fn ana() -> Contact {
        Contact {
            id: ContactId::from_stored("ctc_ana".into()),
            name: "Ana Ruiz".into(),
            emails: vec![Item::new("ana@x.example", "ana@x.example")],
            metadata: r#"{"consents":["news"]}"#.into(),
            created_at: Millis(1_795_251_600_000),
            ..Contact::default()
        }
    }

    #[test]
    fn only_what_was_approved_is_said() {
        let said = approved(&ana(), &known(&[("name", true, None), ("email", false, None), ("hair", true, None)]));
        assert_eq!(said, BTreeMap::from([("name".to_owned(), json!("Ana Ruiz"))]));
    }

    #[test]
    fn what_needs_a_consent_is_said_of_who_gave_it() {
        let rules = [("name", true, Some("news")), ("email", true, Some("sales"))];
        let said = approved(&ana(), &known(&rules));
        assert_eq!(said.keys().collect::<Vec<_>>(), ["name"]);
    }

    #[test]
    fn the_event_comes_first_and_then_its_data() {
        let data = Map::from_iter([("id".to_owned(), json!("ctc_ana")), ("a".to_owned(), Value::Null)]);
        assert_eq!(body("contact.created", data), r#"{"event":"contact.created","data":{"id":"ctc_ana","a":null}}"#);
    }
}
