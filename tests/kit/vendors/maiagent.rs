//! MaiAgent's contacts: each belongs to an inbox, and is known there by a source id that may be
//! another person's in another inbox; the only search is a fuzzy one; lists by offset with the
//! newest first; a deletion hides.
//!
//! Two of its pages differ in spelling and paging. How long a page may be it does not say; here
//! it is a hundred.

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
const PAGE: usize = 20;
const INBOX: &str = "9f1c7a52-0b7e-4c1a-9d57-3d1f5a0c0001";
const LONGEST_NAME: usize = 255;
const TEXTS: [&str; 5] = ["name", "email", "phone_number", "avatar", "source_id"];
/// As the other page spells them.
const SPELLINGS: [(&str, &str); 6] = [
    ("phone_number", "phoneNumber"),
    ("source_id", "sourceId"),
    ("query_metadata", "queryMetadata"),
    ("mcp_credentials", "mcpCredentials"),
    ("created_at", "createdAt"),
    ("updated_at", "updatedAt"),
];

pub(super) struct MaiAgent;

impl Api for MaiAgent {
    fn settings(&self) -> &'static [(&'static str, &'static str)] {
        &[("token", "mai-secret"), ("inbox", INBOX)]
    }

    fn sign_in(&self) -> (&'static str, &'static str) {
        ("authorization", "Api-Key mai-secret")
    }

    fn looked_up(&self) -> &'static [&'static str] {
        &["/source_id"]
    }

    fn id_of(&self) -> fn(u64) -> String {
        |number| format!("{number:08x}-5e1f-4d2a-8a6b-{number:012x}")
    }

    fn phone_at(&self) -> &'static str {
        "/phone_number"
    }

    fn kind(&self, call: &Call) -> Kind {
        match call.method.as_str() {
            "GET" if call.asked("query").is_some() || call.asked("search").is_some() => Kind::Search,
            "GET" => Kind::Read,
            _ => Kind::Write,
        }
    }

    fn refusal(&self, status: u16, _: &str, said: &str) -> Answer {
        Answer::of(status, &json!({ "detail": said }))
    }

    fn answer(&self, call: &Call, shelf: &mut Shelf) -> Answer {
        let parts = call.parts();
        match &parts[..] {
            ["api", "v1", "contacts", rest @ ..] => {
                // Its paths end so, and nothing answers at others.
                if !call.path.ends_with('/') && !parts.contains(&"conversations") {
                    return self.refusal(404, "", "Not found.");
                }
                self.contacts(call, rest, shelf)
            }
            ["api", "v1", "messages"] if call.method == "GET" => {
                let talk = call.asked("conversation").unwrap_or_default();
                listed(&beside(talk, "message", shelf))
            }
            _ => self.refusal(404, "", "Not found."),
        }
    }

    fn record_of(&self, person: &Person) -> Value {
        json!({
            "name": person.name,
            "email": or_null(&person.email),
            "phone_number": or_null(&person.phone),
            "source_id": or_null(&person.external_id),
            "inboxes": [{ "id": INBOX, "name": "Web" }],
        })
    }

    fn person_of(&self, said: &Value) -> Person {
        let of = |pointer: &str| text(said, pointer);
        Person { external_id: of("/source_id"), name: of("/name"), email: of("/email"), phone: of("/phone_number") }
    }

    fn shown(&self, record: &Record, shelf: &Shelf) -> Value {
        shown(record, shelf.habits.times, shelf.habits.other_pages)
    }
}

fn shown(record: &Record, times: Option<Times>, is_other_page: bool) -> Value {
    let mut row = json!({ "id": record.id });
    for name in TEXTS {
        row[name] = record.said[name].clone();
    }
    row["inboxes"] = record.said["inboxes"].clone();
    row["query_metadata"] = match &record.said["query_metadata"] {
        Value::Null => json!({}),
        metadata => metadata.clone(),
    };
    row["mcp_credentials"] = json!([]);
    let time = |at_ms: i64| times.unwrap_or(Times::Iso).written(at_ms);
    row["created_at"] = time(record.made_ms);
    row["updated_at"] = time(record.moved_ms);
    if is_other_page { spelled(&row, |(ours, theirs)| (ours, theirs)) } else { row }
}

/// The same with names spelled otherwise.
fn spelled(row: &Value, way: fn((&'static str, &'static str)) -> (&'static str, &'static str)) -> Value {
    let mut other = Map::new();
    for (name, value) in row.as_object().into_iter().flatten() {
        let spelling = SPELLINGS.iter().map(|pair| way(*pair)).find(|(from, _)| from == name);
        other.insert(spelling.map_or(name.as_str(), |(_, to)| to).to_owned(), value.clone());
    }
    Value::Object(other)
}

impl MaiAgent {
    fn contacts(&self, call: &Call, rest: &[&str], shelf: &mut Shelf) -> Answer {
        let number = rest.first().and_then(|id| shelf.named(id)).map(|record| record.number);
        match (call.method.as_str(), rest, number) {
            ("GET", [], _) => self.list(call, shelf),
            ("POST", [], _) => self.write(call, None, shelf),
            (_, [_, ..], None) => self.refusal(404, "", "No Contact matches the given query."),
            ("GET", [_], Some(number)) => told(200, number, shelf),
            ("PATCH" | "PUT", [_], Some(number)) => self.write(call, Some(number), shelf),
            ("DELETE", [_], Some(_)) if shelf.habits.refuse_delete => {
                self.refusal(409, "", "The contact cannot be deleted now.")
            }
            ("DELETE", [_], Some(number)) => {
                shelf.remove(number, Gone::Archived);
                Answer::bare(204)
            }
            ("GET", [id, "conversations"], Some(_)) => listed(&beside(id, "conversation", shelf)),
            ("GET", [id, "conversations", "latest"], Some(_)) => match beside(id, "conversation", shelf).last() {
                Some(talk) => Answer::of(200, talk),
                None => self.refusal(404, "", "There is none."),
            },
            _ => self.refusal(405, "", "Method not allowed."),
        }
    }

    fn list(&self, call: &Call, shelf: &mut Shelf) -> Answer {
        let is_other = shelf.habits.other_pages;
        let name = if is_other { "pageSize" } else { "limit" };
        let Some(asked) = call.number(name, PAGE).filter(|limit| *limit > 0) else {
            return self.refusal(400, "", "The limit is no number.");
        };
        let size = asked.min(LONGEST_PAGE);
        let length = shelf.length(size);
        let start = if is_other {
            call.number("page", 1).and_then(|page| page.checked_sub(1)).map(|page| page * length)
        } else {
            call.number("offset", 0)
        };
        let Some(start) = start else { return self.refusal(400, "", "The offset is no number.") };
        let words = call.asked("query").or(call.asked("search")).unwrap_or_default().to_lowercase();
        let inboxes = call.all_asked("inboxes");
        let is_meant = |record: &&Record| {
            let is_here = inboxes.is_empty() || inboxes.iter().any(|inbox| is_in(&record.said, inbox));
            is_here && is_like(record, &words)
        };
        let view = if words.is_empty() { View::Now } else { View::Index };
        let numbers: Vec<u64> = match view {
            View::Now => shelf.records().rev().filter(is_meant).map(|record| record.number).collect(),
            View::Index => shelf.indexed().rev().filter(is_meant).map(|record| record.number).collect(),
        };
        let times = shelf.habits.times;
        let page = shelf.page(view, &numbers, start, size, |record| shown(record, times, is_other));
        let host = call.header("host").unwrap_or_default();
        let link = |offset: usize| match is_other {
            true => format!("http://{host}{}?page={}&pageSize={asked}", call.path, offset / length + 1),
            false => format!("http://{host}{}?limit={asked}&offset={offset}", call.path),
        };
        let next = (!page.is_last()).then(|| link(page.end));
        let previous = (start > 0).then(|| link(start.saturating_sub(length)));
        let body = json!({ "count": page.total, "next": next, "previous": previous, "results": page.rows });
        Answer::of(200, &body)
    }

    fn write(&self, call: &Call, number: Option<u64>, shelf: &mut Shelf) -> Answer {
        let said = if shelf.habits.other_pages {
            spelled(&call.body, |(ours, theirs)| (theirs, ours))
        } else {
            call.body.clone()
        };
        match self.checked(&shelf.stripped(&said), number, call.method != "PATCH", shelf) {
            Ok(said) => match number {
                Some(number) => {
                    shelf.change(number, |record| put_all(record, &said));
                    told(200, number, shelf)
                }
                None => {
                    let number = shelf.make(said);
                    told(201, number, shelf)
                }
            },
            Err(answer) => answer,
        }
    }

    /// What is left of a contact, if it can be taken. `is_whole`: it has to be all of it.
    fn checked(&self, said: &Value, number: Option<u64>, is_whole: bool, shelf: &Shelf) -> Result<Value, Answer> {
        let wrong = |field: &str, words: &str| Answer::of(400, &json!({ field: [words] }));
        let mut left = json!({});
        for name in TEXTS {
            let Some(value) = said.get(name) else { continue };
            if !value.is_string() && (name == "name" || !value.is_null()) {
                return Err(wrong(name, "Not a valid string."));
            }
            left[name] = value.clone();
        }
        let name = text(&left, "/name");
        if (is_whole || left.get("name").is_some()) && name.is_empty() {
            return Err(wrong("name", "This field is required."));
        }
        if name.chars().count() > LONGEST_NAME {
            return Err(wrong("name", "Ensure this field has no more than 255 characters."));
        }
        match said.get("inboxes").map(Value::as_array) {
            Some(Some(all)) if !all.is_empty() && all.iter().all(|inbox| inbox["id"].is_string()) => {
                left["inboxes"] = said["inboxes"].clone();
            }
            None if !is_whole => {}
            _ => return Err(wrong("inboxes", "This field is required.")),
        }
        if let Some(metadata) = said.get("query_metadata") {
            if !metadata.is_object() && !metadata.is_null() {
                return Err(wrong("query_metadata", "Expected an object."));
            }
            left["query_metadata"] = metadata.clone();
        }
        if let Some(word) = shelf.refused(&left) {
            return Err(wrong("name", &format!("{word} is not allowed.")));
        }
        if self.is_taken(&left, number, shelf) {
            return Err(wrong("source_id", "Contact with this source id already exists in the inbox."));
        }
        if number.is_none() && shelf.is_full(1) {
            return Err(self.refusal(403, "", "The plan has no room for more contacts."));
        }
        Ok(left)
    }

    /// Whether somebody else in one of the inboxes has the same source id.
    fn is_taken(&self, said: &Value, number: Option<u64>, shelf: &Shelf) -> bool {
        let id = text(said, "/source_id");
        let own = number.and_then(|number| shelf.record(number)).map(|record| &record.said["inboxes"]);
        let inboxes = said.get("inboxes").or(own).and_then(Value::as_array).into_iter().flatten();
        let inboxes: Vec<String> = inboxes.map(|inbox| text(inbox, "/id")).collect();
        let others = shelf.all_saying("/source_id", &id).into_iter().filter(|record| Some(record.number) != number);
        let mut same = others.filter(|record| inboxes.iter().any(|inbox| is_in(&record.said, inbox)));
        !id.is_empty() && !shelf.habits.duplicates && same.next().is_some()
    }
}

fn beside(of: &str, kind: &str, shelf: &Shelf) -> Vec<Value> {
    shelf.parts.get(&(of.to_owned(), kind.to_owned())).cloned().unwrap_or_default()
}

/// All of them, on one page.
fn listed(all: &[Value]) -> Answer {
    Answer::of(200, &json!({ "count": all.len(), "next": null, "previous": null, "results": all }))
}

fn told(status: u16, number: u64, shelf: &Shelf) -> Answer {
    let row = shelf.record(number).map(|record| shown(record, shelf.habits.times, shelf.habits.other_pages));
    Answer::of(status, &row.unwrap_or_default())
}

fn is_in(said: &Value, inbox: &str) -> bool {
    said["inboxes"].as_array().into_iter().flatten().any(|one| one["id"] == inbox)
}

/// The search finds whatever has the words in it anywhere.
fn is_like(record: &Record, words: &str) -> bool {
    let places = [record.id.clone(), text(&record.said, "/name"), text(&record.said, "/source_id")];
    words.is_empty() || places.iter().any(|place| place.to_lowercase().contains(words))
}
