//! Chatwoot's contacts of an account: pages of fifteen and never more, a list that leaves out
//! whoever has no identifier, email or phone, a search that finds parts of words, maps that a
//! write adds to and does not replace, no deletion of somebody who is online, and no word of when
//! a contact changed.

use super::{
    api::{Api, Kind},
    call::{Answer, Call, or_null, put_all, text},
    habits::{Limit, Times},
    people::Person,
    shelf::{Gone, Record, Shelf, View},
};
use serde_json::{Value, json};

/// Of a list; nobody can ask for another.
pub(super) const PAGE: usize = 15;
const ACCOUNT: &str = "1";
const INBOX: &str = "3";
const TEXTS: [&str; 4] = ["name", "email", "phone_number", "identifier"];
const MAPS: [&str; 2] = ["additional_attributes", "custom_attributes"];
const LONGEST_PHONE: usize = 15;

pub(super) struct Chatwoot;

impl Api for Chatwoot {
    fn settings(&self) -> &'static [(&'static str, &'static str)] {
        &[("token", "cw-secret"), ("account", ACCOUNT), ("inbox", INBOX)]
    }

    fn sign_in(&self) -> (&'static str, &'static str) {
        ("api_access_token", "cw-secret")
    }

    fn looked_up(&self) -> &'static [&'static str] {
        &["/identifier", "/email"]
    }

    fn id_of(&self) -> fn(u64) -> String {
        |number| number.to_string()
    }

    fn phone_at(&self) -> &'static str {
        "/phone_number"
    }

    fn limits(&self) -> Vec<Limit> {
        vec![Limit::of_all(3_000, 60_000)]
    }

    fn kind(&self, call: &Call) -> Kind {
        match (call.method.as_str(), &call.parts()[..]) {
            (_, [.., "search" | "filter"]) => Kind::Search,
            ("GET", _) => Kind::Read,
            _ => Kind::Write,
        }
    }

    fn refusal(&self, status: u16, _: &str, said: &str) -> Answer {
        match status {
            401 => Answer::of(status, &json!({ "errors": ["You need to sign in or sign up before continuing."] })),
            404 => Answer::of(status, &json!({ "error": said })),
            _ => Answer::of(status, &json!({ "message": said })),
        }
    }

    fn answer(&self, call: &Call, shelf: &mut Shelf) -> Answer {
        let parts = call.parts();
        let ["api", "v1", "accounts", ACCOUNT, "contacts", rest @ ..] = &parts[..] else {
            return self.not_found();
        };
        match (call.method.as_str(), rest) {
            ("GET", []) => self.list(call, shelf),
            ("POST", []) => self.create(call, shelf),
            ("GET", ["search"]) => self.search(call, shelf),
            ("POST", ["filter"]) => self.filter(call, shelf),
            (method, [id, rest @ ..]) => match shelf.named(id).map(|record| record.number) {
                Some(number) => self.one(method, rest, call, number, shelf),
                None => self.not_found(),
            },
            _ => self.not_found(),
        }
    }

    fn record_of(&self, person: &Person) -> Value {
        json!({
            "name": person.name,
            "email": or_null(&person.email),
            "phone_number": or_null(&person.phone),
            "identifier": or_null(&person.external_id),
            "additional_attributes": {},
            "custom_attributes": {},
        })
    }

    fn person_of(&self, said: &Value) -> Person {
        let of = |pointer: &str| text(said, pointer);
        Person { external_id: of("/identifier"), name: of("/name"), email: of("/email"), phone: of("/phone_number") }
    }

    fn shown(&self, record: &Record, shelf: &Shelf) -> Value {
        shown(record, shelf.habits.times)
    }
}

fn shown(record: &Record, times: Option<Times>) -> Value {
    let time = |at_ms: i64| times.unwrap_or(Times::Seconds).written(at_ms);
    let mut row = json!({
        "id": record.number,
        "thumbnail": "",
        "blocked": false,
        "availability_status": "offline",
        "created_at": time(record.made_ms),
        "last_activity_at": null,
    });
    put_all(&mut row, &record.said);
    row
}

impl Chatwoot {
    fn list(&self, call: &Call, shelf: &mut Shelf) -> Answer {
        let mut records: Vec<&Record> = shelf.records().rev().filter(|record| is_resolved(record)).collect();
        let sort = call.asked("sort").unwrap_or_default();
        let (field, is_down) = sort.strip_prefix('-').map_or((sort, false), |field| (field, true));
        match field {
            "name" | "email" | "phone_number" => {
                records.sort_by_key(|record| (text(&record.said, &format!("/{field}")), record.number));
            }
            "last_activity_at" | "created_at" => records.sort_by_key(|record| record.number),
            // The newest first.
            "" => {}
            _ => return self.refusal(400, "", "There is no such order"),
        }
        if is_down {
            records.reverse();
        }
        let numbers: Vec<u64> = records.into_iter().map(|record| record.number).collect();
        self.listed(call, &numbers, shelf)
    }

    /// `LIKE '%words%'` in four places.
    fn search(&self, call: &Call, shelf: &mut Shelf) -> Answer {
        let words = call.asked("q").unwrap_or_default().to_lowercase();
        if words.is_empty() {
            return self.refusal(422, "", "Specify search string with parameter q");
        }
        let is_like = |record: &&Record| {
            let mut places = TEXTS.iter().map(|name| text(&record.said, &format!("/{name}")).to_lowercase());
            is_resolved(record) && places.any(|place| place.contains(&words))
        };
        let numbers: Vec<u64> = shelf.records().rev().filter(is_like).map(|record| record.number).collect();
        self.listed(call, &numbers, shelf)
    }

    fn filter(&self, call: &Call, shelf: &mut Shelf) -> Answer {
        let filters = call.body["payload"].as_array().cloned().unwrap_or_default();
        let mut numbers = Vec::new();
        for record in shelf.records().rev() {
            let (mut is_meant, mut joins_by_or) = (true, false);
            for filter in &filters {
                let known = text(&record.said, &format!("/{}", text(filter, "/attribute_key"))).to_lowercase();
                let values = filter["values"].as_array().into_iter().flatten().filter_map(Value::as_str);
                let values: Vec<String> = values.map(str::to_lowercase).collect();
                let fits = match text(filter, "/filter_operator").as_str() {
                    "equal_to" => values.contains(&known),
                    "not_equal_to" => !values.contains(&known),
                    "contains" => values.iter().any(|value| known.contains(value)),
                    "does_not_contain" => !values.iter().any(|value| known.contains(value)),
                    _ => return self.refusal(422, "", "Invalid operator"),
                };
                is_meant = if joins_by_or { is_meant || fits } else { is_meant && fits };
                joins_by_or = text(filter, "/query_operator").eq_ignore_ascii_case("or");
            }
            if is_meant {
                numbers.push(record.number);
            }
        }
        self.listed(call, &numbers, shelf)
    }

    fn listed(&self, call: &Call, numbers: &[u64], shelf: &mut Shelf) -> Answer {
        let Some(at) = call.number("page", 1).filter(|page| *page > 0) else {
            return self.refusal(400, "", "page is no number");
        };
        let (length, times) = (shelf.length(PAGE), shelf.habits.times);
        let page = shelf.page(View::Now, numbers, (at - 1) * length, PAGE, |record| shown(record, times));
        let meta = json!({ "count": page.total, "current_page": at.to_string() });
        Answer::of(200, &json!({ "meta": meta, "payload": page.rows }))
    }

    fn create(&self, call: &Call, shelf: &mut Shelf) -> Answer {
        let said = shelf.stripped(&call.body);
        if let Some(answer) = self.problem(&said, None, shelf) {
            return answer;
        }
        let number = shelf.make(json!({ "additional_attributes": {}, "custom_attributes": {} }));
        write(number, &said, shelf);
        let row = shelf.record(number).map(|record| shown(record, shelf.habits.times));
        let inbox = call.body.get("inbox_id").map(|id| json!({ "inbox": { "id": id }, "source_id": "web" }));
        Answer::of(200, &json!({ "payload": { "contact": row, "contact_inbox": inbox } }))
    }

    fn one(&self, method: &str, rest: &[&str], call: &Call, number: u64, shelf: &mut Shelf) -> Answer {
        match (method, rest) {
            ("GET", []) => told(number, shelf),
            ("PUT" | "PATCH", []) => {
                let said = shelf.stripped(&call.body);
                if let Some(answer) = self.problem(&said, Some(number), shelf) {
                    return answer;
                }
                write(number, &said, shelf);
                told(number, shelf)
            }
            ("DELETE", []) if shelf.habits.refuse_delete => {
                self.refusal(422, "", "Contact is online, and cannot be deleted. Please try again later.")
            }
            ("DELETE", []) => {
                shelf.remove(number, Gone::Deleted);
                Answer::bare(200)
            }
            ("POST", ["destroy_custom_attributes"]) => {
                let names = call.body["custom_attributes"].as_array().cloned().unwrap_or_default();
                shelf.change(number, |record| {
                    if let Some(custom) = record["custom_attributes"].as_object_mut() {
                        custom.retain(|name, _| !names.iter().any(|gone| gone == name.as_str()));
                    }
                });
                told(number, shelf)
            }
            _ => self.not_found(),
        }
    }

    fn problem(&self, said: &Value, number: Option<u64>, shelf: &Shelf) -> Option<Answer> {
        let wrong = |name: &str, words: &str| {
            let said = format!("{name} {words}");
            Some(Answer::of(422, &json!({ "message": said, "attributes": [name] })))
        };
        let is_text = |value: &Value| value.is_string() || value.is_null();
        if let Some(name) = TEXTS.iter().find(|name| said.get(**name).is_some_and(|value| !is_text(value))) {
            return wrong(name, "is no text");
        }
        if let Some(name) = MAPS.iter().find(|name| said.get(**name).is_some_and(|value| !value.is_object())) {
            return wrong(name, "is no object");
        }
        let phone = text(said, "/phone_number");
        let digits = phone.strip_prefix('+').unwrap_or_default();
        let is_phone = !digits.is_empty()
            && digits.len() <= LONGEST_PHONE
            && !digits.starts_with('0')
            && digits.chars().all(|digit| digit.is_ascii_digit());
        if !phone.is_empty() && !is_phone {
            return wrong("phone_number", "should be in e164 format");
        }
        let email = text(said, "/email");
        if !email.is_empty() && !email.contains('@') {
            return wrong("email", "is invalid");
        }
        if let Some(word) = shelf.refused(said) {
            return wrong("name", &format!("cannot be {word}"));
        }
        for name in ["identifier", "email"] {
            if shelf.is_taken(&format!("/{name}"), said, number).is_some() {
                return wrong(name, "has already been taken");
            }
        }
        if number.is_none() && shelf.is_full(1) {
            return Some(self.refusal(403, "", "The plan has no room for more contacts"));
        }
        None
    }

    fn not_found(&self) -> Answer {
        self.refusal(404, "", "Resource could not be found")
    }
}

/// Visitors of whom nothing is known are in no list.
fn is_resolved(record: &Record) -> bool {
    ["/identifier", "/email", "/phone_number"].iter().any(|place| !text(&record.said, place).is_empty())
}

fn told(number: u64, shelf: &Shelf) -> Answer {
    let row = shelf.record(number).map(|record| shown(record, shelf.habits.times));
    Answer::of(200, &json!({ "payload": row }))
}

/// A record says what is written, and what it said beside that, also within its maps.
fn write(number: u64, said: &Value, shelf: &mut Shelf) {
    shelf.change(number, |record| {
        for name in TEXTS {
            if let Some(value) = said.get(name) {
                record[name] = value.clone();
            }
        }
        for name in MAPS {
            put_all(&mut record[name], &said[name]);
        }
    });
}
