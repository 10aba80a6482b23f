//! A contact as programs write it. The values were checked by their shape before.

use crate::asked::text;
use cardfile_core::{
    Error,
    domain::{Address, Contact, CustomField, Item, Kind, Link, NameParts, Sentence},
};
use serde_json::{Map, Value};

/// A new contact.
pub(crate) fn from_form(form: &Map<String, Value>, fields: &[CustomField]) -> Result<Contact, Error> {
    let mut contact = Contact::default();
    patched(&mut contact, form, fields)?;
    contact.source = text(form, "source").unwrap_or("api").trim().to_owned();
    Ok(contact)
}

/// Writes what a form says: what it does not name stays, and what is null is emptied.
pub(crate) fn patched(contact: &mut Contact, form: &Map<String, Value>, fields: &[CustomField]) -> Result<(), Error> {
    for (one, all) in [("email", "emails"), ("phone", "phones")] {
        if form.contains_key(one) && form.contains_key(all) {
            return Err(refused(format!("give {one} or {all}, not both")));
        }
    }
    for (name, value) in form {
        match name.as_str() {
            "kind" => contact.kind = value.as_str().and_then(Kind::parse).unwrap_or_default(),
            "name" => contact.name = string(value),
            "name_parts" => contact.name_parts = name_parts(value),
            "nick" => contact.nick = string(value),
            "description" => contact.description = string(value),
            "preferences" => contact.preferences = string(value),
            "company" => contact.company = string(value),
            "job_title" => contact.job_title = string(value),
            "department" => contact.department = string(value),
            "stage" => contact.stage = string(value),
            "tier" => contact.tier = string(value),
            "email" => primary(&mut contact.emails, value),
            "phone" => primary(&mut contact.phones, value),
            "emails" => contact.emails = items(value),
            "phones" => contact.phones = items(value),
            "handles" => contact.handles = items(value),
            "addresses" => contact.addresses = items(value),
            "urls" => contact.urls = items(value),
            "dates" => contact.dates = items(value),
            "tags" => contact.tags = tags(value)?,
            "external_ids" => put_links(contact, value),
            "custom" => put_custom(contact, value, fields)?,
            "metadata" => contact.metadata = merged(&contact.metadata, value),
            _ => {}
        }
    }
    Ok(())
}

fn refused(why: impl std::fmt::Display) -> Error {
    Error::bad_request(Sentence::verbatim(why))
}

fn string(value: &Value) -> String {
    value.as_str().unwrap_or_default().trim().to_owned()
}

/// The first value of a list; its label and the others stay.
fn primary(items: &mut Vec<Item>, value: &Value) {
    match (value.as_str().map(str::trim), items.first_mut()) {
        (Some(text), Some(first)) => *first = Item { label: std::mem::take(&mut first.label), ..Item::new(text, "") },
        (Some(text), None) => items.push(Item::new(text, "")),
        (None, Some(_)) => {
            items.remove(0);
        }
        (None, None) => {}
    }
}

fn items(value: &Value) -> Vec<Item> {
    let all = value.as_array().into_iter().flatten().filter_map(Value::as_object);
    all.map(|one| Item {
        label: text(one, "label").unwrap_or_default().trim().to_owned(),
        value: text(one, "value").unwrap_or_default().trim().to_owned(),
        key: String::new(),
        address: one.get("parts").map(|parts| Box::new(address(parts))),
    })
    .filter(|item| !item.value.is_empty() || item.address.is_some())
    .collect()
}

fn part(value: &Value, name: &str) -> String {
    value.get(name).map(string).unwrap_or_default()
}

fn address(value: &Value) -> Address {
    Address {
        street: part(value, "street"),
        extended: part(value, "extended"),
        po_box: part(value, "po_box"),
        city: part(value, "city"),
        region: part(value, "region"),
        postal_code: part(value, "postal_code"),
        country: part(value, "country"),
    }
}

fn name_parts(value: &Value) -> NameParts {
    NameParts {
        given: part(value, "given"),
        additional: part(value, "additional"),
        family: part(value, "family"),
        prefix: part(value, "prefix"),
        suffix: part(value, "suffix"),
    }
}

fn tags(value: &Value) -> Result<Vec<String>, Error> {
    let mut tags: Vec<String> = Vec::new();
    for tag in value.as_array().into_iter().flatten().filter_map(Value::as_str).map(str::trim) {
        if tag.contains(',') {
            return Err(refused("a comma would make two tags of one"));
        }
        if !tags.iter().any(|known| known == tag) {
            tags.push(tag.to_owned());
        }
    }
    Ok(tags)
}

/// All external IDs. By what a visitor's session is known no program is told, and none changes it.
fn put_links(contact: &mut Contact, value: &Value) {
    contact.links.retain(|link| link.connector == Link::SESSION);
    let all = value.as_array().into_iter().flatten().filter_map(Value::as_object);
    let links = all.map(|one| Link {
        connector: text(one, "remote").unwrap_or_default().trim().to_owned(),
        scope: text(one, "scope").unwrap_or_default().to_owned(),
        // Byte for byte, blanks included.
        external_id: text(one, "id").unwrap_or_default().to_owned(),
    });
    contact.links.extend(links.filter(|link| link.connector != Link::SESSION));
}

fn put_custom(contact: &mut Contact, value: &Value, fields: &[CustomField]) -> Result<(), Error> {
    let Value::Object(values) = value else {
        contact.custom.clear();
        return Ok(());
    };
    for (key, value) in values {
        let Some(field) = fields.iter().find(|field| field.key == *key) else {
            return Err(refused(format!("there is no custom field {}", shortened(key))));
        };
        let text = match value {
            Value::Null => String::new(),
            Value::String(text) => text.clone(),
            Value::Number(_) | Value::Bool(_) => value.to_string(),
            Value::Array(_) | Value::Object(_) => {
                return Err(refused(format!("the custom field {key} takes one value")));
            }
        };
        let typed = field.kind.read(&text).map_err(|why| refused(format!("the custom field {key}: {why}")))?;
        if !field.options.is_empty() && !typed.is_null() && !field.options.contains(&text) {
            return Err(refused(format!("the custom field {key} is one of {}", field.options.join(", "))));
        }
        if typed.is_null() {
            contact.custom.remove(key);
        } else {
            contact.custom.insert(key.clone(), typed);
        }
    }
    Ok(())
}

fn shortened(text: &str) -> String {
    text.chars().take(40).collect()
}

/// The text of an object after a patch (RFC 7396). What the patch does not name keeps its form.
fn merged(before: &str, patch: &Value) -> String {
    let Value::Object(patch) = patch else { return String::new() };
    let before: Value = serde_json::from_str(before).unwrap_or_default();
    let mut after = before.as_object().cloned().unwrap_or_default();
    merge(&mut after, patch);
    if after.is_empty() { String::new() } else { Value::Object(after).to_string() }
}

fn merge(target: &mut Map<String, Value>, patch: &Map<String, Value>) {
    for (key, value) in patch {
        match value {
            Value::Null => {
                target.shift_remove(key);
            }
            Value::Object(inner) => {
                let place = target.entry(key.clone()).or_insert(Value::Null);
                if !place.is_object() {
                    *place = Value::Object(Map::new());
                }
                if let Some(object) = place.as_object_mut() {
                    merge(object, inner);
                }
            }
            other => {
                target.insert(key.clone(), other.clone());
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use cardfile_core::domain::CustomKind;
    use serde_json::json;

    fn form(value: Value) -> Map<String, Value> {
        value.as_object().cloned().expect("an object")
    }

    #[test]
    fn a_patch_changes_what_it_names_and_empties_what_is_null() {
        let mut contact = Contact {
            name: "Ana".into(),
            company: "Solvento".into(),
            emails: vec![
                Item { label: "work".into(), ..Item::new("ana@old.example", "ana@old.example") },
                Item::new("ana@home.example", "ana@home.example"),
            ],
            metadata: r#"{"plan":"pro","deep":{"a":1,"b":2}}"#.into(),
            ..Contact::default()
        };
        let patch = json!({ "company": null, "email": "ana@new.example",
            "metadata": { "plan": null, "deep": { "a": null, "c": 3 } } });
        patched(&mut contact, &form(patch), &[]).expect("a patch");
        assert_eq!((contact.name.as_str(), contact.company.as_str()), ("Ana", ""));
        let emails: Vec<(&str, &str)> =
            contact.emails.iter().map(|item| (item.label.as_str(), item.value.as_str())).collect();
        assert_eq!(emails, [("work", "ana@new.example"), ("", "ana@home.example")]);
        assert_eq!(contact.metadata, r#"{"deep":{"b":2,"c":3}}"#);
        patched(&mut contact, &form(json!({ "email": null, "metadata": null })), &[]).expect("a patch");
        assert_eq!((contact.email(), contact.metadata.as_str()), ("ana@home.example", ""));
    }

    #[test]
    fn external_ids_keep_every_byte_and_sessions_are_nobodys_business() {
        let session = Link { connector: Link::SESSION.into(), scope: "widget".into(), external_id: "8f".into() };
        let mut contact = Contact { links: vec![session.clone()], ..Contact::default() };
        let patch = json!({ "external_ids": [{ "remote": "line", "id": " 17" }, { "remote": "session", "id": "x" }] });
        patched(&mut contact, &form(patch), &[]).expect("a patch");
        let line = Link { connector: "line".into(), scope: String::new(), external_id: " 17".into() };
        assert_eq!(contact.links, [session, line]);
    }

    #[test]
    fn custom_fields_are_typed_and_unknown_ones_are_refused() {
        let fields =
            [CustomField { key: "seats".into(), label: "Seats".into(), kind: CustomKind::Number, options: Vec::new() }];
        let mut contact = Contact::default();
        patched(&mut contact, &form(json!({ "custom": { "seats": "12" } })), &fields).expect("a number");
        assert_eq!(contact.custom["seats"], 12);
        patched(&mut contact, &form(json!({ "custom": { "seats": null } })), &fields).expect("emptied");
        assert!(contact.custom.is_empty());
        for wrong in [json!({ "seats": "many" }), json!({ "rows": 1 }), json!({ "seats": [1] })] {
            patched(&mut contact, &form(json!({ "custom": wrong })), &fields).expect_err("not taken");
        }
    }

    #[test]
    fn one_of_two_ways_to_say_the_same_is_taken() {
        let both = json!({ "email": "a@x.example", "emails": [] });
        patched(&mut Contact::default(), &form(both), &[]).expect_err("which one?");
        let twice = form(json!({ "tags": ["a", "a ", "b"] }));
        let mut contact = Contact::default();
        patched(&mut contact, &twice, &[]).expect("tags");
        assert_eq!(contact.tags, ["a", "b"]);
    }
}
