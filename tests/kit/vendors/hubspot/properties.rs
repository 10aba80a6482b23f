//! What a contact at HubSpot may say: each property is declared, and its value is a text.

use super::{EMAIL_AT, HubSpot, UNIQUE, UNIQUE_AT};
use crate::vendors::{
    api::Api,
    call::{Answer, Call, put_all, text},
    shelf::Shelf,
};
use serde_json::{Map, Value, json};

/// Properties that are there from the beginning.
const OWN: [&str; 16] = [
    "firstname",
    "lastname",
    "email",
    "phone",
    "mobilephone",
    "company",
    "jobtitle",
    "website",
    "address",
    "city",
    "state",
    "zip",
    "country",
    "lifecyclestage",
    "hs_lead_status",
    "notes_last_contacted",
];
/// Of those that nobody may write.
const READ_ONLY: [&str; 3] = ["createdate", "lastmodifieddate", "hs_object_id"];
const TYPES: [&str; 7] = ["bool", "date", "datetime", "enumeration", "number", "phone_number", "string"];

/// Why a record is not taken.
pub(super) struct Problem {
    pub(super) status: u16,
    pub(super) category: &'static str,
    pub(super) said: String,
    /// It is the form of the request that is wrong, so that nothing of it is looked at.
    pub(super) is_form: bool,
}

impl Problem {
    pub(super) fn of(status: u16, category: &'static str, said: String) -> Self {
        Self { status, category, said, is_form: false }
    }

    fn form(category: &'static str, said: String) -> Self {
        Self { status: 400, category, said, is_form: true }
    }
}

pub(super) fn furnish(shelf: &mut Shelf) {
    for name in OWN {
        shelf.attributes.insert(name.to_owned(), declared(name, false, false));
    }
    for name in READ_ONLY {
        shelf.attributes.insert(name.to_owned(), declared(name, false, true));
    }
    // Somebody set it up before.
    shelf.attributes.insert(UNIQUE.to_owned(), declared(UNIQUE, true, false));
}

fn declared(name: &str, is_unique: bool, is_read_only: bool) -> Value {
    json!({
        "name": name,
        "label": name,
        "type": "string",
        "fieldType": "text",
        "groupName": "contactinformation",
        "hasUniqueValue": is_unique,
        "modificationMetadata": { "readOnlyValue": is_read_only },
    })
}

/// What is left of the properties that somebody writes, if they can be taken. `number` is the
/// record they are for, where there is one.
pub(super) fn checked(said: &Value, number: Option<u64>, shelf: &Shelf) -> Result<Map<String, Value>, Problem> {
    let stripped = shelf.stripped(&json!({ "properties": said }));
    let Some(properties) = stripped["properties"].as_object() else {
        return Err(Problem::form("VALIDATION_ERROR", "properties are missing".to_owned()));
    };
    for (name, value) in properties {
        match shelf.attributes.get(name) {
            None => {
                let said = format!("Property \"{name}\" does not exist");
                return Err(Problem::form("VALIDATION_ERROR", said));
            }
            Some(property) if property["modificationMetadata"]["readOnlyValue"] == true => {
                return Err(Problem::form("VALIDATION_ERROR", format!("\"{name}\" is a read only property")));
            }
            Some(_) if !value.is_string() => {
                return Err(Problem::form("VALIDATION_ERROR", format!("the value of \"{name}\" is no text")));
            }
            Some(_) => {}
        }
    }
    if let Some(word) = shelf.refused(&stripped) {
        return Err(Problem::of(400, "VALIDATION_ERROR", format!("Property values were not valid: {word}")));
    }
    let email = text(&stripped, EMAIL_AT);
    if !email.is_empty() && !email.contains('@') {
        return Err(Problem::of(400, "VALIDATION_ERROR", "Email address is invalid".to_owned()));
    }
    if shelf.blocked.contains(&email) {
        return Err(Problem::of(400, "VALIDATION_ERROR", "Email address is on the blocklist".to_owned()));
    }
    for place in [UNIQUE_AT, EMAIL_AT] {
        if let Some(taken) = shelf.is_taken(place, &stripped, number) {
            let said = format!("Contact already exists. Existing ID: {}", taken.id);
            return Err(Problem::of(409, "CONFLICT", said));
        }
    }
    if number.is_none() && shelf.is_full(1) {
        return Err(Problem::of(400, "LIMIT_EXCEEDED", "The limit of contacts is reached".to_owned()));
    }
    Ok(properties.clone())
}

impl HubSpot {
    pub(super) fn properties(&self, call: &Call, rest: &[&str], shelf: &mut Shelf) -> Answer {
        match (call.method.as_str(), rest) {
            ("GET", []) => {
                let all: Vec<&Value> = shelf.attributes.values().collect();
                Answer::of(200, &json!({ "results": all }))
            }
            ("GET", [name]) => match shelf.attributes.get(*name) {
                Some(property) => Answer::of(200, property),
                None => self.refusal(404, "OBJECT_NOT_FOUND", "Property does not exist"),
            },
            ("DELETE", [name]) => {
                shelf.attributes.remove(*name);
                Answer::bare(204)
            }
            ("POST", []) => self.declare(call, shelf),
            _ => self.refusal(405, "METHOD_NOT_ALLOWED", "This cannot be done here"),
        }
    }

    fn declare(&self, call: &Call, shelf: &mut Shelf) -> Answer {
        for needed in ["name", "label", "type", "fieldType", "groupName"] {
            if text(&call.body, &format!("/{needed}")).is_empty() {
                return self.refusal(400, "VALIDATION_ERROR", &format!("{needed} is missing"));
            }
        }
        if !TYPES.contains(&text(&call.body, "/type").as_str()) {
            return self.refusal(400, "VALIDATION_ERROR", "there is no such type");
        }
        let name = text(&call.body, "/name");
        if shelf.attributes.contains_key(&name) {
            return self.refusal(409, "OBJECT_ALREADY_EXISTS", &format!("A property named '{name}' already exists"));
        }
        let mut property = declared(&name, false, false);
        put_all(&mut property, &call.body);
        let answer = Answer::of(201, &property);
        shelf.attributes.insert(name, property);
        answer
    }
}
