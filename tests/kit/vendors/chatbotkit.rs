//! ChatBotKit's contacts: verbs in the paths, an `ensure` that finds or makes by a fingerprint and
//! keeps what is there, answers to writes that give the id alone, lists by cursor with the newest
//! first, times in milliseconds.
//!
//! What belongs to a contact (conversations with their messages, tasks, memories, ratings, spaces,
//! secrets by their names) is listed beside it. How long a page may be it does not say; here it is a hundred.

use super::{
    api::{Api, Kind},
    call::{Answer, Call, or_null, put_all, text},
    habits::Times,
    people::Person,
    shelf::{Gone, Record, Shelf, View},
};
use serde_json::{Map, Value, json};

/// Of a list.
pub(super) const LONGEST_PAGE: usize = 100;
const PAGE: usize = 25;
const TEXTS: [&str; 7] = ["fingerprint", "name", "description", "email", "phone", "nick", "preferences"];
/// What is listed beside a contact.
const PARTS: [&str; 6] = ["conversation", "task", "memory", "rating", "space", "secret"];

pub(super) struct ChatBotKit;

impl Api for ChatBotKit {
    fn settings(&self) -> &'static [(&'static str, &'static str)] {
        &[("token", "cbk-secret")]
    }

    fn sign_in(&self) -> (&'static str, &'static str) {
        ("authorization", "Bearer cbk-secret")
    }

    fn looked_up(&self) -> &'static [&'static str] {
        &["/fingerprint"]
    }

    fn id_of(&self) -> fn(u64) -> String {
        |number| format!("ckb{number:021}")
    }

    fn phone_at(&self) -> &'static str {
        "/phone"
    }

    fn kind(&self, call: &Call) -> Kind {
        if call.method == "GET" { Kind::Read } else { Kind::Write }
    }

    fn refusal(&self, status: u16, code: &str, said: &str) -> Answer {
        Answer::of(status, &json!({ "code": code.to_uppercase(), "message": said }))
    }

    fn answer(&self, call: &Call, shelf: &mut Shelf) -> Answer {
        match &call.parts()[..] {
            ["v1", "contact", rest @ ..] | ["api", "v1", "contact", rest @ ..] => self.contact(call, rest, shelf),
            ["v1", "conversation", id, "message", "list"] | ["api", "v1", "conversation", id, "message", "list"] => {
                Answer::of(200, &json!({ "items": beside(id, "message", shelf) }))
            }
            _ => self.refusal(404, "not_found", "There is no such operation"),
        }
    }

    fn record_of(&self, person: &Person) -> Value {
        json!({
            "fingerprint": or_null(&person.external_id),
            "name": or_null(&person.name),
            "email": or_null(&person.email),
            "phone": or_null(&person.phone),
            "meta": {},
        })
    }

    fn person_of(&self, said: &Value) -> Person {
        let of = |pointer: &str| text(said, pointer);
        Person { external_id: of("/fingerprint"), name: of("/name"), email: of("/email"), phone: of("/phone") }
    }

    fn shown(&self, record: &Record, shelf: &Shelf) -> Value {
        shown(record, shelf.habits.times)
    }
}

fn shown(record: &Record, times: Option<Times>) -> Value {
    let mut row = json!({ "id": record.id });
    put_all(&mut row, &record.said);
    let time = |at_ms: i64| times.unwrap_or(Times::Millis).written(at_ms);
    row["createdAt"] = time(record.made_ms);
    row["updatedAt"] = time(record.moved_ms);
    row
}

impl ChatBotKit {
    fn contact(&self, call: &Call, rest: &[&str], shelf: &mut Shelf) -> Answer {
        match (call.method.as_str(), rest) {
            ("GET", ["list"]) => self.list(call, shelf),
            ("POST", ["create"]) => self.create(call, shelf),
            ("POST", ["ensure"]) => self.ensure(call, shelf),
            ("GET" | "POST", [id, rest @ ..]) => match shelf.named(id).map(|record| record.number) {
                Some(number) => self.one(call, number, rest, shelf),
                None => self.refusal(404, "not_found", "Contact not found"),
            },
            _ => self.refusal(404, "not_found", "There is no such operation"),
        }
    }

    fn one(&self, call: &Call, number: u64, rest: &[&str], shelf: &mut Shelf) -> Answer {
        match (call.method.as_str(), rest) {
            ("GET", ["fetch"]) => {
                let row = shelf.record(number).map(|record| shown(record, shelf.habits.times));
                Answer::of(200, &row.unwrap_or_default())
            }
            ("POST", ["update"]) => match self.checked(&call.body, Some(number), shelf) {
                Ok(said) => {
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
                    id_alone(number, shelf)
                }
                Err(answer) => answer,
            },
            ("POST", ["delete"]) if shelf.habits.refuse_delete => {
                self.refusal(422, "conflict", "The contact cannot be deleted now")
            }
            ("POST", ["delete"]) => {
                let answer = id_alone(number, shelf);
                shelf.remove(number, Gone::Deleted);
                answer
            }
            ("GET", [part, "list"]) if PARTS.contains(part) => {
                let id = shelf.record(number).map(|record| record.id.clone()).unwrap_or_default();
                Answer::of(200, &json!({ "items": beside(&id, part, shelf) }))
            }
            _ => self.refusal(404, "not_found", "There is no such operation"),
        }
    }

    fn list(&self, call: &Call, shelf: &mut Shelf) -> Answer {
        let Some(take) = call.number("take", PAGE).filter(|take| *take > 0) else {
            return self.refusal(400, "bad_request", "take is no number");
        };
        let is_down = call.asked("order") != Some("asc");
        let mut numbers: Vec<u64> = shelf.records().map(|record| record.number).collect();
        if is_down {
            numbers.reverse();
        }
        let start = match call.asked("cursor").map(|cursor| shelf.place(cursor)) {
            None => 0,
            Some(Some(place)) if is_down => numbers.partition_point(|number| *number >= place),
            Some(Some(place)) => numbers.partition_point(|number| *number <= place),
            Some(None) => return self.refusal(400, "bad_request", "The cursor is not known"),
        };
        let times = shelf.habits.times;
        let page = shelf.page(View::Now, &numbers, start, take.min(LONGEST_PAGE), |record| shown(record, times));
        let mut body = json!({ "items": page.rows });
        if !page.is_last() {
            body["cursor"] = Value::from(shelf.cursor(page.last));
        }
        Answer::of(200, &body)
    }

    fn create(&self, call: &Call, shelf: &mut Shelf) -> Answer {
        match self.checked(&call.body, None, shelf) {
            Ok(said) => {
                let number = shelf.make(Value::Object(said));
                id_alone(number, shelf)
            }
            Err(answer) => answer,
        }
    }

    /// Whoever has this fingerprint stays as they are.
    fn ensure(&self, call: &Call, shelf: &mut Shelf) -> Answer {
        let fingerprint = text(&call.body, "/fingerprint");
        if fingerprint.is_empty() {
            return self.refusal(400, "bad_request", "fingerprint is required");
        }
        match shelf.saying("/fingerprint", &fingerprint).map(|record| record.number) {
            Some(number) => id_alone(number, shelf),
            None => self.create(call, shelf),
        }
    }

    fn checked(&self, said: &Value, number: Option<u64>, shelf: &Shelf) -> Result<Map<String, Value>, Answer> {
        let said = shelf.stripped(said);
        let mut left = Map::new();
        for name in TEXTS {
            let Some(value) = said.get(name) else { continue };
            if !value.is_string() && !value.is_null() {
                return Err(self.refusal(400, "bad_request", &format!("{name} is no text")));
            }
            left.insert(name.to_owned(), value.clone());
        }
        if let Some(meta) = said.get("meta") {
            if !meta.is_object() && !meta.is_null() {
                return Err(self.refusal(400, "bad_request", "meta is no object"));
            }
            left.insert("meta".to_owned(), meta.clone());
        }
        if let Some(word) = shelf.refused(&said) {
            return Err(self.refusal(400, "bad_request", &format!("{word} is not allowed")));
        }
        if shelf.is_taken("/fingerprint", &said, number).is_some() {
            return Err(self.refusal(409, "conflict", "The fingerprint belongs to another contact"));
        }
        if number.is_none() && shelf.is_full(1) {
            return Err(self.refusal(403, "limit", "The plan has no room for more contacts"));
        }
        Ok(left)
    }
}

fn beside(of: &str, kind: &str, shelf: &Shelf) -> Vec<Value> {
    shelf.parts.get(&(of.to_owned(), kind.to_owned())).cloned().unwrap_or_default()
}

fn id_alone(number: u64, shelf: &Shelf) -> Answer {
    let id = shelf.record(number).map(|record| record.id.clone()).unwrap_or_default();
    Answer::of(200, &json!({ "id": id }))
}
