//! Chatbase's contacts: pages of up to a thousand, a batch that makes as many and is taken as a
//! whole or not at all, fields and attributes that are not declared lost without a word, times in
//! seconds.
//!
//! It does not say what making somebody does who is there; here it is refused, unless a habit says
//! otherwise.

use super::{
    api::{Api, Kind},
    call::{Answer, Call, or_null, put_all, text},
    habits::Times,
    people::Person,
    shelf::{Gone, Record, Shelf, View},
};
use serde_json::{Map, Value, json};

/// Of a list, and of a batch.
pub(super) const LONGEST_PAGE: usize = 1_000;
const SHORTEST_PAGE: usize = 10;
const CHATBOT: &str = "ckl123abc456";
const FIELDS: [&str; 5] = ["external_id", "name", "email", "phonenumber", "stripe_accounts"];
const TYPES: [&str; 4] = ["text", "number", "boolean", "date"];

pub(super) struct Chatbase;

impl Api for Chatbase {
    fn settings(&self) -> &'static [(&'static str, &'static str)] {
        &[("token", "cb-secret"), ("chatbot", CHATBOT)]
    }

    fn sign_in(&self) -> (&'static str, &'static str) {
        ("authorization", "Bearer cb-secret")
    }

    fn looked_up(&self) -> &'static [&'static str] {
        &["/external_id", "/email"]
    }

    fn id_of(&self) -> fn(u64) -> String {
        |number| format!("{number:08x}-0000-4000-8000-{number:012x}")
    }

    fn phone_at(&self) -> &'static str {
        "/phonenumber"
    }

    fn kind(&self, call: &Call) -> Kind {
        match (call.method.as_str(), &call.parts()[..]) {
            ("GET", _) => Kind::Read,
            (_, [.., "custom-attributes"]) | (_, [.., "custom-attributes", _]) => Kind::Schema,
            _ => Kind::Write,
        }
    }

    fn refusal(&self, status: u16, _: &str, said: &str) -> Answer {
        Answer::of(status, &json!({ "message": said }))
    }

    fn answer(&self, call: &Call, shelf: &mut Shelf) -> Answer {
        match &call.parts()[..] {
            ["api", "v1", "chatbots", CHATBOT, "contacts", rest @ ..] => self.contacts(call, rest, shelf),
            ["api", "v1", "chatbots", CHATBOT, "custom-attributes", rest @ ..] => self.attributes(call, rest, shelf),
            ["api", "v1", "chatbots", _, ..] => self.refusal(404, "", "Chatbot not found"),
            _ => self.refusal(404, "", "Not found"),
        }
    }

    fn record_of(&self, person: &Person) -> Value {
        json!({
            "external_id": or_null(&person.external_id),
            "name": or_null(&person.name),
            "email": or_null(&person.email),
            "phonenumber": or_null(&person.phone),
            "custom_attributes": {},
        })
    }

    fn person_of(&self, said: &Value) -> Person {
        let of = |pointer: &str| text(said, pointer);
        Person { external_id: of("/external_id"), name: of("/name"), email: of("/email"), phone: of("/phonenumber") }
    }

    fn shown(&self, record: &Record, shelf: &Shelf) -> Value {
        shown(record, shelf.habits.times)
    }
}

fn shown(record: &Record, times: Option<Times>) -> Value {
    let mut row = json!({ "id": record.id });
    for name in FIELDS {
        row[name] = record.said[name].clone();
    }
    row["custom_attributes"] = record.said["custom_attributes"].clone();
    let time = |at_ms: i64| times.unwrap_or(Times::Seconds).written(at_ms);
    row["created_at"] = time(record.made_ms);
    row["updated_at"] = time(record.moved_ms);
    row
}

impl Chatbase {
    fn contacts(&self, call: &Call, rest: &[&str], shelf: &mut Shelf) -> Answer {
        let id = rest.first().copied();
        let number = id.and_then(|id| shelf.named(id)).map(|record| record.number);
        match (call.method.as_str(), rest, number) {
            ("GET", [], _) => self.list(call, shelf),
            ("POST", [], _) => self.create(call, shelf),
            ("GET", [_], Some(number)) => self.told(number, shelf),
            ("PATCH", [_], Some(number)) => self.update(call, number, shelf),
            ("DELETE", [_], Some(_)) if shelf.habits.refuse_delete => {
                self.refusal(422, "", "The contact is online and cannot be deleted now")
            }
            ("DELETE", [_], Some(number)) => {
                shelf.remove(number, Gone::Deleted);
                Answer::bare(204)
            }
            ("GET" | "PATCH" | "DELETE", [_], None) => self.refusal(404, "", "Contact not found"),
            _ => self.refusal(405, "", "Method not allowed"),
        }
    }

    fn list(&self, call: &Call, shelf: &mut Shelf) -> Answer {
        let size = call.number("per_page", 100).filter(|size| (SHORTEST_PAGE..=LONGEST_PAGE).contains(size));
        let page = call.number("page", 1).filter(|page| *page > 0);
        let (Some(size), Some(at)) = (size, page) else {
            return self.refusal(400, "", "page or per_page is out of its bounds");
        };
        // The newest first: who deletes one moves all that follow up.
        let numbers: Vec<u64> = shelf.records().rev().map(|record| record.number).collect();
        let (length, times) = (shelf.length(size), shelf.habits.times);
        let page = shelf.page(View::Now, &numbers, (at - 1) * length, size, |record| shown(record, times));
        let pages = json!({ "page": at, "per_page": length, "total_pages": page.total.div_ceil(length) });
        Answer::of(200, &json!({ "message": "Success", "data": page.rows, "total": page.total, "pages": pages }))
    }

    /// All of them, or nobody.
    fn create(&self, call: &Call, shelf: &mut Shelf) -> Answer {
        let users = call.body["users"].as_array().cloned().unwrap_or_default();
        if users.is_empty() || users.len() > LONGEST_PAGE {
            return self.invalid("users", "Array must contain between 1 and 1000 elements");
        }
        if shelf.is_full(users.len()) {
            return self.refusal(400, "", "Maximum contacts limit reached");
        }
        let mut checked = Vec::new();
        for (at, user) in users.iter().enumerate() {
            let known = shelf.saying("/external_id", &text(user, "/external_id")).map(|record| record.number);
            let known = known.filter(|_| !shelf.habits.duplicates);
            if known.is_some() && !shelf.habits.create_updates {
                return self.refusal(409, "", "A contact with this external ID already exists");
            }
            match self.checked(user, &format!("users.{at}."), known, shelf) {
                Ok(said) => checked.push((known, said)),
                Err(answer) => return answer,
            }
        }
        let mut rows = Vec::new();
        for (known, said) in checked {
            let number = known.unwrap_or_else(|| shelf.make(json!({ "custom_attributes": {} })));
            self.write(number, said, shelf);
            rows.extend(shelf.record(number).map(|record| shown(record, shelf.habits.times)));
        }
        if shelf.habits.reorder {
            rows.reverse();
        }
        let data = if shelf.habits.other_pages { json!({ "created": rows }) } else { Value::from(rows) };
        Answer::of(200, &json!({ "message": "Success", "data": data }))
    }

    fn update(&self, call: &Call, number: u64, shelf: &mut Shelf) -> Answer {
        if !call.body["data"].is_object() {
            return self.invalid("data", "Required");
        }
        match self.checked(&call.body["data"], "", Some(number), shelf) {
            Ok(said) => {
                self.write(number, said, shelf);
                self.told(number, shelf)
            }
            Err(answer) => answer,
        }
    }

    fn told(&self, number: u64, shelf: &Shelf) -> Answer {
        let row = shelf.record(number).map(|record| shown(record, shelf.habits.times));
        Answer::of(200, &json!({ "message": "Success", "data": row }))
    }

    fn invalid(&self, field: &str, said: &str) -> Answer {
        let issues = [json!({ "field": field, "message": said })];
        Answer::of(400, &json!({ "message": "Invalid request body", "issues": issues }))
    }

    /// What is left of a contact, if it can be taken.
    fn checked(
        &self,
        said: &Value,
        at: &str,
        number: Option<u64>,
        shelf: &Shelf,
    ) -> Result<Map<String, Value>, Answer> {
        let said = shelf.stripped(said);
        let mut left = Map::new();
        for name in FIELDS {
            let Some(value) = said.get(name) else { continue };
            let is_right = if name == "stripe_accounts" { value.is_array() } else { value.is_string() };
            if !is_right && !value.is_null() {
                return Err(self.invalid(&format!("{at}{name}"), "Expected string, received another type"));
            }
            left.insert(name.to_owned(), value.clone());
        }
        if let Some(email) = said["email"].as_str().filter(|email| !email.is_empty() && !email.contains('@')) {
            return Err(self.invalid(&format!("{at}email"), &format!("Invalid email: {email}")));
        }
        if let Some(word) = shelf.refused(&said) {
            return Err(self.invalid(&format!("{at}name"), &format!("{word} is not allowed")));
        }
        if shelf.is_taken("/email", &said, number).is_some() {
            return Err(self.refusal(409, "", "Email already exists"));
        }
        if number.is_some() && shelf.is_taken("/external_id", &said, number).is_some() {
            return Err(self.refusal(409, "", "A contact with this external ID already exists"));
        }
        if let Some(custom) = said["custom_attributes"].as_object() {
            left.insert("custom_attributes".to_owned(), self.declared(custom, at, shelf)?);
        }
        Ok(left)
    }

    /// Attributes that are declared; the others get lost.
    fn declared(&self, custom: &Map<String, Value>, at: &str, shelf: &Shelf) -> Result<Value, Answer> {
        let mut left = Map::new();
        for (name, value) in custom {
            let Some(attribute) = shelf.attributes.get(name) else { continue };
            let field = format!("{at}custom_attributes.{name}");
            if attribute["archived"] == true {
                return Err(self.invalid(&field, "The attribute is archived"));
            }
            let taken = match (attribute["type"].as_str().unwrap_or_default(), value) {
                (_, Value::Null) => Value::Null,
                ("text" | "date", Value::String(_)) | ("number" | "date", Value::Number(_)) => value.clone(),
                ("boolean", Value::Bool(_)) => value.clone(),
                ("boolean", Value::String(word)) if word == "true" || word == "false" => Value::from(word == "true"),
                (kind, _) => return Err(self.invalid(&field, &format!("Expected {kind}, received another type"))),
            };
            left.insert(name.clone(), taken);
        }
        Ok(Value::Object(left))
    }

    fn write(&self, number: u64, said: Map<String, Value>, shelf: &mut Shelf) {
        let merges = shelf.habits.maps_merge;
        shelf.change(number, |record| {
            for (name, value) in said {
                let place = &mut record[name.as_str()];
                if merges && place.is_object() && value.is_object() {
                    put_all(place, &value);
                } else {
                    *place = value;
                }
            }
        });
    }

    fn attributes(&self, call: &Call, rest: &[&str], shelf: &mut Shelf) -> Answer {
        match (call.method.as_str(), rest) {
            ("GET", []) => {
                let all: Vec<&Value> = shelf.attributes.values().collect();
                Answer::of(200, &json!({ "message": "Success", "data": all }))
            }
            ("POST", []) => {
                let (name, kind) = (text(&call.body, "/name"), text(&call.body, "/type"));
                let is_name = name.starts_with(|c: char| c.is_ascii_lowercase())
                    && name.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_');
                if !is_name || !TYPES.contains(&kind.as_str()) {
                    return self.invalid("name", "Invalid name or type");
                }
                if shelf.attributes.contains_key(&name) {
                    return self.refusal(409, "", "The attribute already exists");
                }
                let label = text(&call.body, "/label");
                let attribute = json!({ "name": name, "type": kind, "label": label, "archived": false });
                shelf.attributes.insert(name, attribute.clone());
                Answer::of(201, &json!({ "message": "Success", "data": attribute }))
            }
            _ => self.refusal(405, "", "Method not allowed"),
        }
    }
}
