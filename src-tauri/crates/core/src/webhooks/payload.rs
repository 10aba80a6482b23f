//! What a message says: read from the contact when it is sent, and only what a person approved.
//! A contact that others do not see any more is said nothing of. Of one that is restricted
//! nothing leaves (GDPR, Art. 18): what is to be said of it waits until that is lifted. Only
//! that it is gone is told, by its id, because whoever has it must not go on using it.

use super::Known;
use crate::privacy::standing;
use cardfile_domain::{
    Contact,
    restriction::Sort,
    webhook::{Event, FIELDS, is_told_of},
};
use cardfile_store::{ContactRow, Reader, SqlResult, Stored, WebhookMessage};
use cardfile_sync::value::{Unit, Value as Kept};
use serde_json::{Map, Value, json};
use std::collections::{BTreeMap, BTreeSet};

/// The field that says what a contact consented to.
const CONSENT: &str = "consent";

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

/// What becomes of a message.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Built {
    /// It says this.
    Said(Said),
    /// It has nothing to say any more.
    Nothing,
    /// Its contact is restricted: it waits.
    Held,
}

/// Builds a message.
pub(super) fn build(reader: Reader<'_>, known: &Known, message: &WebhookMessage) -> SqlResult<Built> {
    let Some(event) = Event::parse(&message.event) else { return Ok(Built::Nothing) };
    let row = reader.contacts().row_of(&message.subject)?;
    let stored = row.map(|row| reader.contacts().get(row)).transpose()?.flatten();
    let seen = stored.filter(|stored| is_told_of(&stored.contact));
    if event != Event::Deleted
        && let Some(stored) = &seen
        && reader.restrictions().has(stored.row, Sort::Restricted)?
    {
        return Ok(Built::Held);
    }
    Ok(said_of(reader, known, message, event, seen)?.map_or(Built::Nothing, Built::Said))
}

/// What is said of a contact that nothing stands in the way of; nothing when there is nothing.
fn said_of(
    reader: Reader<'_>,
    known: &Known,
    message: &WebhookMessage,
    event: Event,
    seen: Option<Stored>,
) -> SqlResult<Option<Said>> {
    let may_leave = |stored: &Stored| -> SqlResult<BTreeMap<Unit, Value>> {
        let mut approved = approved(&stored.contact, known, &standing::purposes_of(reader, stored.row)?);
        // What the metadata alone says of it proves nothing.
        if let Some(consent) = approved.get_mut(CONSENT)
            && reader.consents().of(stored.row)?.is_empty()
        {
            *consent = json!({});
        }
        Ok(approved)
    };
    let mut data = Map::from_iter([("id".to_owned(), Value::from(message.subject.as_str()))]);
    let mut fields = BTreeSet::new();
    match (event, &seen) {
        (Event::Deleted, _) => return Ok(Some(said(event, data, None, fields))),
        (_, None) => return Ok(None),
        (Event::Created | Event::Restored, Some(stored)) => {
            let mut approved = may_leave(stored)?;
            for field in FIELDS {
                let value = approved.remove(field.key);
                fields.extend(value.is_some().then(|| field.key.to_owned()));
                if field.is_base || value.is_some() {
                    data.insert(field.key.to_owned(), value.unwrap_or_default());
                }
            }
        }
        (Event::Updated, Some(stored)) => {
            let approved = may_leave(stored)?;
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
            if reader.consents().of(stored.row)?.is_empty() {
                return Ok(None);
            }
            if let Some(value) = may_leave(stored)?.remove(CONSENT) {
                data.insert(CONSENT.to_owned(), value);
                fields.insert(CONSENT.to_owned());
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

/// What of a contact that may be used for these purposes may leave. Only the mapping can say so.
fn approved(contact: &Contact, known: &Known, purposes: &[String]) -> BTreeMap<Unit, Value> {
    let kept = |value: Value| if value.is_null() { Kept::Absent } else { Kept::one(value.to_string()) };
    let all = FIELDS.iter().map(|field| (field.key.to_owned(), kept(field.of(contact))));
    let approved = known.mapping.approve(all, purposes);
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
            created_at: Millis(1_795_251_600_000),
            ..Contact::default()
        }
    }

    #[test]
    fn only_what_was_approved_is_said() {
        let known = known(&[("name", true, None), ("email", false, None), ("hair", true, None)]);
        let said = approved(&ana(), &known, &[]);
        assert_eq!(said, BTreeMap::from([("name".to_owned(), json!("Ana Ruiz"))]));
    }

    #[test]
    fn what_needs_a_purpose_is_said_of_whom_may_be_used_for_it() {
        let rules = [("name", true, Some("news")), ("email", true, Some("sales"))];
        let said = approved(&ana(), &known(&rules), &["news".to_owned()]);
        assert_eq!(said.keys().collect::<Vec<_>>(), ["name"]);
    }

    #[test]
    fn the_event_comes_first_and_then_its_data() {
        let data = Map::from_iter([("id".to_owned(), json!("ctc_ana")), ("a".to_owned(), Value::Null)]);
        assert_eq!(body("contact.created", data), r#"{"event":"contact.created","data":{"id":"ctc_ana","a":null}}"#);
    }
}
