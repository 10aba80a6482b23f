//! Intercom's contacts, 2.16: a search that knows only days and lags behind, users and leads, a
//! contact that was merged answers 410 and says where it went, attributes that have to be
//! declared, times in seconds, so many requests in ten seconds.

mod search;

use super::{
    api::{Api, Kind, Window},
    call::{Answer, Call, or_null, put_all, text},
    habits::{Limit, Times},
    people::Person,
    shelf::{Gone, Record, Shelf, View},
};
use serde_json::{Value, json};

/// Of a list.
pub(super) const LONGEST_PAGE: usize = 150;
const PAGE: usize = 50;
const VERSION: &str = "2.16";
/// Merges one after the other that an answer looks through.
const HOPS: usize = 3;
const TEXTS: [&str; 6] = ["role", "external_id", "email", "phone", "name", "avatar"];
const TIMES: [&str; 2] = ["signed_up_at", "last_seen_at"];
const OTHERS: [&str; 2] = ["owner_id", "unsubscribed_from_emails"];
const TYPES: [&str; 7] = ["string", "integer", "float", "boolean", "datetime", "date", "options"];

pub(super) struct Intercom;

impl Api for Intercom {
    fn settings(&self) -> &'static [(&'static str, &'static str)] {
        &[("token", "ic-secret")]
    }

    fn sign_in(&self) -> (&'static str, &'static str) {
        ("authorization", "Bearer ic-secret")
    }

    fn looked_up(&self) -> &'static [&'static str] {
        &["/external_id", "/email"]
    }

    fn id_of(&self) -> fn(u64) -> String {
        |number| format!("6762f0dd{number:016x}")
    }

    fn phone_at(&self) -> &'static str {
        "/phone"
    }

    fn limits(&self) -> Vec<Limit> {
        // A thousand in a minute, dealt out in tenths of it.
        vec![Limit::of_all(167, 10_000)]
    }

    fn rate_headers(&self, _: Kind, windows: &[Window], now_s: i64) -> Vec<(&'static str, String)> {
        windows.first().map_or_else(Vec::new, |window| {
            let reset = now_s.saturating_add_unsigned(window.left_ms.div_ceil(1_000));
            vec![
                ("X-RateLimit-Limit", window.limit.most.to_string()),
                ("X-RateLimit-Remaining", window.left.to_string()),
                ("X-RateLimit-Reset", reset.to_string()),
            ]
        })
    }

    fn kind(&self, call: &Call) -> Kind {
        match (call.method.as_str(), &call.parts()[..]) {
            ("GET", _) => Kind::Read,
            (_, ["contacts", "search"]) => Kind::Search,
            (_, ["data_attributes", ..]) => Kind::Schema,
            _ => Kind::Write,
        }
    }

    fn refusal(&self, status: u16, code: &str, said: &str) -> Answer {
        let body = json!({
            "type": "error.list",
            "request_id": "0004a0b1c2d3e4f5a6b7",
            "errors": [{ "code": code, "message": said }],
        });
        Answer::of(status, &body)
    }

    fn answer(&self, call: &Call, shelf: &mut Shelf) -> Answer {
        if call.header("intercom-version") != Some(VERSION) {
            return self.refusal(400, "intercom_version_invalid", "The version is not the one that is described here");
        }
        match (call.method.as_str(), &call.parts()[..]) {
            ("GET", ["contacts"]) => self.list(call, shelf),
            ("POST", ["contacts"]) => self.create(call, shelf),
            ("POST", ["contacts", "search"]) => self.search(call, shelf),
            ("GET", ["contacts", "find_by_external_id", id]) => self.by_external_id(id, shelf),
            ("POST", ["contacts", "merge"]) => self.merge(call, shelf),
            ("GET", ["contacts", id]) => match shelf.named(id) {
                Some(record) => Answer::of(200, &shown(record, shelf.habits.times)),
                None => self.missing(id, shelf),
            },
            (method, ["contacts", id, rest @ ..]) => match shelf.named(id).map(|record| record.number) {
                Some(number) => self.one(method, rest, call, number, shelf),
                None => self.refusal(404, "not_found", "User Not Found"),
            },
            ("GET", ["data_attributes"]) => {
                let all: Vec<&Value> = shelf.attributes.values().collect();
                Answer::of(200, &json!({ "type": "list", "data": all }))
            }
            ("POST", ["data_attributes"]) => self.declare(call, shelf),
            _ => self.refusal(404, "not_found", "The requested resource was not found"),
        }
    }

    fn record_of(&self, person: &Person) -> Value {
        json!({
            "role": "user",
            "external_id": or_null(&person.external_id),
            "email": or_null(&person.email),
            "phone": or_null(&person.phone),
            "name": or_null(&person.name),
            "custom_attributes": {},
        })
    }

    fn person_of(&self, said: &Value) -> Person {
        let of = |pointer: &str| text(said, pointer);
        Person { external_id: of("/external_id"), name: of("/name"), email: of("/email"), phone: of("/phone") }
    }

    fn shown(&self, record: &Record, shelf: &Shelf) -> Value {
        shown(record, shelf.habits.times)
    }
}

fn shown(record: &Record, times: Option<Times>) -> Value {
    let list = |what: &str| {
        let url = format!("/contacts/{}/{what}", record.id);
        json!({ "type": "list", "data": [], "url": url, "total_count": 0, "has_more": false })
    };
    let time = |at_ms: i64| times.unwrap_or(Times::Seconds).written(at_ms);
    let mut row = json!({
        "type": "contact",
        "id": record.id,
        "workspace_id": "ecahpwf5",
        "owner_id": null,
        "unsubscribed_from_emails": false,
        "has_hard_bounced": false,
        "marked_email_as_spam": false,
        "custom_attributes": {},
        "tags": list("tags"),
        "notes": list("notes"),
        "companies": list("companies"),
    });
    for name in TEXTS.iter().chain(&TIMES) {
        row[*name] = Value::Null;
    }
    put_all(&mut row, &record.said);
    row["created_at"] = time(record.made_ms);
    row["updated_at"] = time(record.moved_ms);
    row
}

impl Intercom {
    fn list(&self, call: &Call, shelf: &mut Shelf) -> Answer {
        let Some(size) = call.number("per_page", PAGE).filter(|size| (1..=LONGEST_PAGE).contains(size)) else {
            return self.refusal(400, "parameter_invalid", "per_page has to be between 1 and 150");
        };
        let numbers: Vec<u64> = shelf.records().rev().map(|record| record.number).collect();
        let start = match call.asked("starting_after").map(|cursor| shelf.place(cursor)) {
            None => 0,
            Some(Some(place)) => numbers.partition_point(|number| *number >= place),
            Some(None) => return self.refusal(400, "parameter_invalid", "starting_after is not known"),
        };
        let times = shelf.habits.times;
        let page = shelf.page(View::Now, &numbers, start, size, |record| shown(record, times));
        let next = (!page.is_last()).then(|| shelf.cursor(page.last));
        Answer::of(200, &listed(page.rows, page.total, size, start, next))
    }

    fn by_external_id(&self, id: &str, shelf: &Shelf) -> Answer {
        if let Some(record) = shelf.saying("/external_id", id).filter(|record| record.said["role"] == "user") {
            return Answer::of(200, &shown(record, shelf.habits.times));
        }
        let merged = shelf.merged().find(|(record, _)| text(&record.said, "/external_id") == id);
        match merged.map(|(record, _)| record.id.clone()) {
            Some(id) => self.missing(&id, shelf),
            None => self.refusal(404, "not_found", "User Not Found"),
        }
    }

    /// What is said of a contact that is not there: where it went, when it was merged.
    fn missing(&self, id: &str, shelf: &Shelf) -> Answer {
        let mut target = id.to_owned();
        for _ in 0..HOPS {
            match shelf.gone(&target) {
                Some(Gone::Merged(into)) => target.clone_from(into),
                _ => break,
            }
        }
        if target == id || shelf.habits.merged_is_gone {
            return self.refusal(404, "not_found", "User Not Found");
        }
        self.refusal(410, "contact_merged", "This contact has been merged. See the 'Link' header.")
            .with("Link", format!("</contacts/{target}>; rel=\"canonical\""))
    }

    fn create(&self, call: &Call, shelf: &mut Shelf) -> Answer {
        let mut said = shelf.stripped(&call.body);
        if let Some(answer) = self.problem(&said, None, shelf) {
            return answer;
        }
        if said.get("role").is_none() {
            said["role"] = Value::from("user");
        }
        let is_user = said["role"] == "user";
        if is_user && text(&said, "/external_id").is_empty() && text(&said, "/email").is_empty() {
            return self.refusal(400, "parameter_invalid", "A user has an external_id or an email");
        }
        let number = shelf.make(json!({ "custom_attributes": {} }));
        write(number, &said, shelf);
        told(number, shelf)
    }

    fn one(&self, method: &str, rest: &[&str], call: &Call, number: u64, shelf: &mut Shelf) -> Answer {
        let record = shelf.record(number);
        let id = record.map(|record| record.id.clone()).unwrap_or_default();
        let external_id = record.map(|record| record.said["external_id"].clone()).unwrap_or_default();
        let mut reference = json!({ "type": "contact", "id": id, "external_id": external_id });
        match (method, rest) {
            ("PUT", []) => {
                let said = shelf.stripped(&call.body);
                if let Some(answer) = self.problem(&said, Some(number), shelf) {
                    return answer;
                }
                write(number, &said, shelf);
                told(number, shelf)
            }
            ("DELETE", []) if shelf.habits.refuse_delete => {
                self.refusal(409, "conflict", "The contact cannot be deleted now")
            }
            ("DELETE", []) => {
                shelf.remove(number, Gone::Deleted);
                reference["deleted"] = Value::from(true);
                Answer::of(200, &reference)
            }
            ("POST", ["archive"]) => {
                shelf.remove(number, Gone::Archived);
                reference["archived"] = Value::from(true);
                Answer::of(200, &reference)
            }
            _ => self.refusal(404, "not_found", "The requested resource was not found"),
        }
    }

    fn merge(&self, call: &Call, shelf: &mut Shelf) -> Answer {
        let (from, into) = (text(&call.body, "/from"), text(&call.body, "/into"));
        match (shelf.named(&from).map(|record| record.number), shelf.named(&into).map(|record| record.number)) {
            (Some(from), Some(number)) if from != number => {
                shelf.remove(from, Gone::Merged(into));
                told(number, shelf)
            }
            _ => self.refusal(404, "not_found", "User Not Found"),
        }
    }

    /// Why what somebody writes is not taken.
    fn problem(&self, said: &Value, number: Option<u64>, shelf: &Shelf) -> Option<Answer> {
        let wrong = |words: &str| Some(self.refusal(400, "parameter_invalid", words));
        let is_wrong = |name: &str, is_right: fn(&Value) -> bool| {
            said.get(name).is_some_and(|value| !value.is_null() && !is_right(value))
        };
        if let Some(name) = TEXTS.iter().find(|name| is_wrong(name, Value::is_string)) {
            return wrong(&format!("{name} has to be a string"));
        }
        if let Some(name) = TIMES.iter().find(|name| is_wrong(name, Value::is_i64)) {
            return wrong(&format!("{name} has to be a time"));
        }
        if is_wrong("custom_attributes", Value::is_object) {
            return wrong("custom_attributes has to be an object");
        }
        if !matches!(said["role"].as_str(), None | Some("user" | "lead")) {
            return wrong("there is no such role");
        }
        let mut names = said["custom_attributes"].as_object().into_iter().flat_map(|custom| custom.keys());
        if let Some(name) = names.find(|name| !shelf.attributes.contains_key(*name)) {
            return wrong(&format!("Custom attribute '{name}' does not exist"));
        }
        if let Some(word) = shelf.refused(said) {
            return wrong(&format!("{word} is not allowed"));
        }
        for place in ["/external_id", "/email"] {
            if let Some(taken) = shelf.is_taken(place, said, number) {
                let said = format!("A contact matching those details already exists with id={}", taken.id);
                return Some(self.refusal(409, "conflict", &said));
            }
        }
        if number.is_none() && shelf.is_full(1) {
            return Some(self.refusal(403, "plan_limit", "The plan has no room for more contacts"));
        }
        None
    }

    fn declare(&self, call: &Call, shelf: &mut Shelf) -> Answer {
        let of = |name: &str| text(&call.body, &format!("/{name}"));
        let (name, model, kind) = (of("name"), of("model"), of("data_type"));
        if name.is_empty() || !["contact", "company"].contains(&model.as_str()) || !TYPES.contains(&kind.as_str()) {
            return self.refusal(400, "parameter_invalid", "name, model or data_type is missing or wrong");
        }
        if shelf.attributes.contains_key(&name) {
            let said = format!("You already have '{name}' in your people data.");
            return self.refusal(400, "parameter_invalid", &said);
        }
        let attribute = json!({
            "type": "data_attribute",
            "id": shelf.attributes.len() + 1,
            "model": model,
            "name": name,
            "full_name": format!("custom_attributes.{name}"),
            "label": name,
            "data_type": kind,
            "api_writable": true,
            "custom": true,
            "archived": false,
        });
        shelf.attributes.insert(name, attribute.clone());
        Answer::of(200, &attribute)
    }
}

fn told(number: u64, shelf: &Shelf) -> Answer {
    let row = shelf.record(number).map(|record| shown(record, shelf.habits.times));
    Answer::of(200, &row.unwrap_or_default())
}

/// A record says what is written, and what it said beside that; attributes one by one.
fn write(number: u64, said: &Value, shelf: &mut Shelf) {
    shelf.change(number, |record| {
        for (name, value) in said.as_object().into_iter().flatten() {
            if name == "custom_attributes" {
                put_all(&mut record["custom_attributes"], value);
            } else if TEXTS.iter().chain(&TIMES).chain(&OTHERS).any(|one| one == name) {
                record[name.as_str()] = value.clone();
            }
        }
    });
}

/// A list with the place where it goes on.
fn listed(rows: Vec<Value>, total: usize, size: usize, start: usize, next: Option<String>) -> Value {
    let page = start / size + 1;
    let next = next.map(|cursor| json!({ "page": page + 1, "per_page": size, "starting_after": cursor }));
    let pages = json!({
        "type": "pages",
        "page": page,
        "next": next,
        "per_page": size,
        "total_pages": total.div_ceil(size),
    });
    json!({ "type": "list", "data": rows, "total_count": total, "pages": pages })
}
