//! Chatsby's contacts: five routes, a permanent deletion, and no place for the ID of another
//! system but the metadata, where nothing keeps two from being the same.
//!
//! How it signs in, pages, wraps and refuses it does not publish. Here: a bearer token, pages by
//! number with the rows in `data`, one contact bare, refusals in `error`.

use super::{
    api::{Api, Kind},
    call::{Answer, Call, or_null, put_all, text},
    habits::Times,
    people::Person,
    shelf::{Gone, Record, Shelf, View},
};
use serde_json::{Value, json};

/// Of a list.
pub(super) const LONGEST_PAGE: usize = 100;
const PAGE: usize = 20;
const TEXTS: [&str; 5] = ["name", "email", "phone", "company", "source"];

pub(super) struct Chatsby;

impl Api for Chatsby {
    fn settings(&self) -> &'static [(&'static str, &'static str)] {
        &[("token", "csb-secret")]
    }

    fn sign_in(&self) -> (&'static str, &'static str) {
        ("authorization", "Bearer csb-secret")
    }

    fn looked_up(&self) -> &'static [&'static str] {
        &["/metadata/external_id"]
    }

    fn id_of(&self) -> fn(u64) -> String {
        |number| format!("con_{number:010}")
    }

    fn phone_at(&self) -> &'static str {
        "/phone"
    }

    fn kind(&self, call: &Call) -> Kind {
        if call.method == "GET" { Kind::Read } else { Kind::Write }
    }

    fn refusal(&self, status: u16, code: &str, said: &str) -> Answer {
        Answer::of(status, &json!({ "error": { "code": code, "message": said } }))
    }

    fn answer(&self, call: &Call, shelf: &mut Shelf) -> Answer {
        let parts = call.parts();
        let ["v1", "contacts", rest @ ..] = &parts[..] else {
            return self.refusal(404, "not_found", "There is nothing at this address");
        };
        let number = rest.first().and_then(|id| shelf.named(id)).map(|record| record.number);
        match (call.method.as_str(), rest, number) {
            ("GET", [], _) => self.list(call, shelf),
            ("POST", [], _) => self.write(call, None, shelf),
            (_, [_], None) => self.refusal(404, "not_found", "Contact not found"),
            ("GET", [_], Some(number)) => told(200, number, shelf),
            ("PATCH", [_], Some(number)) => self.write(call, Some(number), shelf),
            ("DELETE", [_], Some(_)) if shelf.habits.refuse_delete => {
                self.refusal(409, "conflict", "The contact is in a conversation just now")
            }
            ("DELETE", [_], Some(number)) => {
                shelf.remove(number, Gone::Deleted);
                Answer::bare(204)
            }
            _ => self.refusal(405, "method_not_allowed", "This cannot be done here"),
        }
    }

    fn record_of(&self, person: &Person) -> Value {
        let metadata = match person.external_id.as_str() {
            "" => json!({}),
            id => json!({ "external_id": id }),
        };
        json!({
            "name": or_null(&person.name),
            "email": or_null(&person.email),
            "phone": or_null(&person.phone),
            "metadata": metadata,
        })
    }

    fn person_of(&self, said: &Value) -> Person {
        let of = |pointer: &str| text(said, pointer);
        let external_id = of("/metadata/external_id");
        Person { external_id, name: of("/name"), email: of("/email"), phone: of("/phone") }
    }

    fn shown(&self, record: &Record, shelf: &Shelf) -> Value {
        shown(record, shelf.habits.times)
    }
}

fn shown(record: &Record, times: Option<Times>) -> Value {
    let mut row = json!({ "id": record.id, "tags": [], "conversation_count": 0 });
    for name in TEXTS {
        row[name] = Value::Null;
    }
    put_all(&mut row, &record.said);
    let time = |at_ms: i64| times.unwrap_or(Times::Iso).written(at_ms);
    for name in ["first_seen", "created_at"] {
        row[name] = time(record.made_ms);
    }
    for name in ["last_seen", "updated_at"] {
        row[name] = time(record.moved_ms);
    }
    row
}

impl Chatsby {
    fn list(&self, call: &Call, shelf: &mut Shelf) -> Answer {
        let limit = call.number("limit", PAGE).filter(|limit| *limit > 0);
        let page = call.number("page", 1).filter(|page| *page > 0);
        let (Some(limit), Some(at)) = (limit, page) else {
            return self.refusal(400, "invalid", "page or limit is no number");
        };
        let mut records: Vec<&Record> = shelf.records().rev().collect();
        match call.asked("sort") {
            Some("updated_at") => records.sort_by_key(|record| (record.moved_ms, record.number)),
            Some("created_at") => records.sort_by_key(|record| record.number),
            // The newest first.
            _ => {}
        }
        let numbers: Vec<u64> = records.into_iter().map(|record| record.number).collect();
        let (size, times) = (limit.min(LONGEST_PAGE), shelf.habits.times);
        let length = shelf.length(size);
        let page = shelf.page(View::Now, &numbers, (at - 1) * length, size, |record| shown(record, times));
        let pagination = json!({
            "page": at,
            "limit": length,
            "total": page.total,
            "total_pages": page.total.div_ceil(length),
        });
        Answer::of(200, &json!({ "data": page.rows, "pagination": pagination }))
    }

    fn write(&self, call: &Call, number: Option<u64>, shelf: &mut Shelf) -> Answer {
        let said = shelf.stripped(&call.body);
        if let Some(answer) = self.problem(&said, number, shelf) {
            return answer;
        }
        let mut left = json!({});
        for name in TEXTS.iter().chain(&["tags", "metadata"]) {
            if let Some(value) = said.get(*name) {
                left[*name] = value.clone();
            }
        }
        match number {
            Some(number) => {
                let merges = shelf.habits.maps_merge;
                shelf.change(number, |record| {
                    let metadata = left.get("metadata").filter(|_| merges).cloned();
                    let before = record["metadata"].clone();
                    put_all(record, &left);
                    if let Some(metadata) = metadata {
                        record["metadata"] = before;
                        put_all(&mut record["metadata"], &metadata);
                    }
                });
                told(200, number, shelf)
            }
            None => {
                if left.get("metadata").is_none() {
                    left["metadata"] = json!({});
                }
                let number = shelf.make(left);
                told(201, number, shelf)
            }
        }
    }

    fn problem(&self, said: &Value, number: Option<u64>, shelf: &Shelf) -> Option<Answer> {
        let is_text = |value: &Value| value.is_string() || value.is_null();
        let wrong = |words: &str| Some(self.refusal(422, "invalid", words));
        if let Some(name) = TEXTS.iter().find(|name| said.get(**name).is_some_and(|value| !is_text(value))) {
            return wrong(&format!("{name} is no text"));
        }
        if said.get("metadata").is_some_and(|metadata| !metadata.is_object()) {
            return wrong("metadata is no object");
        }
        if said.get("tags").is_some_and(|tags| !tags.is_array()) {
            return wrong("tags are no list");
        }
        if let Some(word) = shelf.refused(said) {
            return wrong(&format!("{word} is not allowed"));
        }
        if number.is_none() && shelf.is_full(1) {
            return Some(self.refusal(403, "plan_limit", "The plan has no room for more contacts"));
        }
        None
    }
}

fn told(status: u16, number: u64, shelf: &Shelf) -> Answer {
    let row = shelf.record(number).map(|record| shown(record, shelf.habits.times));
    Answer::of(status, &row.unwrap_or_default())
}
