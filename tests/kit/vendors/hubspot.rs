//! HubSpot's contacts: all values are texts, only a few properties are told unless asked for, a
//! batch may be taken in part, a search knows no more than 10,000 and lags behind, a deletion
//! archives, and who is to be forgotten by an email that is not there can never use it again.

mod batch;
mod properties;
mod search;

use super::{
    api::{Api, Kind, Window},
    call::{Answer, Call, or_null, text},
    habits::{Limit, Times},
    people::Person,
    shelf::{Gone, Record, Shelf, View},
};
use properties::Problem;
use serde_json::{Map, Value, json};

/// Of a list; searches may have twice as much.
pub(super) const LONGEST_PAGE: usize = 100;
/// Records of a batch.
pub(super) const LARGEST_BATCH: usize = 100;
/// The property for the ID that we give, and where it is in a record.
const UNIQUE: &str = "cardfile_external_id";
const UNIQUE_AT: &str = "/properties/cardfile_external_id";
const EMAIL_AT: &str = "/properties/email";
/// Told without being asked for.
const TOLD: [&str; 6] = ["createdate", "email", "firstname", "hs_object_id", "lastmodifieddate", "lastname"];

pub(super) struct HubSpot;

impl Api for HubSpot {
    fn settings(&self) -> &'static [(&'static str, &'static str)] {
        &[("token", "pat-na1-secret")]
    }

    fn sign_in(&self) -> (&'static str, &'static str) {
        ("authorization", "Bearer pat-na1-secret")
    }

    fn looked_up(&self) -> &'static [&'static str] {
        &[UNIQUE_AT, EMAIL_AT]
    }

    fn id_of(&self) -> fn(u64) -> String {
        |number| format!("{}", 50_100 + number)
    }

    fn phone_at(&self) -> &'static str {
        "/properties/phone"
    }

    fn furnish(&self, shelf: &mut Shelf) {
        properties::furnish(shelf);
    }

    fn limits(&self) -> Vec<Limit> {
        vec![Limit::of_all(100, 10_000), Limit::of_searches(4, 1_000)]
    }

    fn rate_headers(&self, kind: Kind, windows: &[Window], _: i64) -> Vec<(&'static str, String)> {
        // Searches say nothing of it, although they count.
        let window = windows.iter().find(|window| kind != Kind::Search && !window.limit.searches);
        window.map_or_else(Vec::new, |window| {
            vec![
                ("X-HubSpot-RateLimit-Daily", "250000".to_owned()),
                ("X-HubSpot-RateLimit-Daily-Remaining", "249000".to_owned()),
                ("X-HubSpot-RateLimit-Interval-Milliseconds", window.limit.per_ms.to_string()),
                ("X-HubSpot-RateLimit-Max", window.limit.most.to_string()),
                ("X-HubSpot-RateLimit-Remaining", window.left.to_string()),
            ]
        })
    }

    fn kind(&self, call: &Call) -> Kind {
        match (call.method.as_str(), &call.parts()[..]) {
            ("GET", _) | (_, [.., "batch", "read"]) => Kind::Read,
            (_, [.., "search"]) => Kind::Search,
            (_, ["crm", "v3", "properties", ..]) => Kind::Schema,
            _ => Kind::Write,
        }
    }

    fn refusal(&self, status: u16, code: &str, said: &str) -> Answer {
        let category = match code {
            "unauthorized" => "INVALID_AUTHENTICATION".to_owned(),
            "rate_limit_exceeded" => "RATE_LIMITS".to_owned(),
            code => code.to_owned(),
        };
        let body = json!({
            "status": "error",
            "message": said,
            "correlationId": "aeb5f871-7f07-4993-9211-075dc63e7cbf",
            "category": category,
        });
        Answer::of(status, &body)
    }

    fn answer(&self, call: &Call, shelf: &mut Shelf) -> Answer {
        match &call.parts()[..] {
            ["crm", "v3", "objects", "contacts", rest @ ..]
            | ["crm", "objects", "2026-03" | "2026-09", "contacts", rest @ ..] => self.contacts(call, rest, shelf),
            ["crm", "v3", "properties", "contacts", rest @ ..] => self.properties(call, rest, shelf),
            _ => self.refusal(404, "NOT_FOUND", "There is nothing at this address"),
        }
    }

    fn record_of(&self, person: &Person) -> Value {
        let (first, last) = person.name.rsplit_once(' ').unwrap_or((&person.name, ""));
        let said = json!({
            UNIQUE: person.external_id,
            "firstname": first,
            "lastname": last,
            "email": person.email,
            "phone": person.phone,
        });
        json!({ "properties": said })
    }

    fn person_of(&self, said: &Value) -> Person {
        let of = |name: &str| text(said, &format!("/properties/{name}"));
        let name = format!("{} {}", of("firstname"), of("lastname")).trim().to_owned();
        Person { external_id: of(UNIQUE), name, email: of("email"), phone: of("phone") }
    }

    fn shown(&self, record: &Record, shelf: &Shelf) -> Value {
        let names: Vec<&str> = shelf.attributes.keys().map(String::as_str).collect();
        self.telling(record, &names, shelf.habits.times)
    }
}

impl HubSpot {
    fn contacts(&self, call: &Call, rest: &[&str], shelf: &mut Shelf) -> Answer {
        match (call.method.as_str(), rest) {
            ("GET", []) => self.list(call, shelf),
            ("POST", []) => self.create(call, shelf),
            ("POST", ["search"]) => self.search(call, shelf),
            ("POST", ["gdpr-delete"]) => self.forget(call, shelf),
            ("POST", ["batch", what]) => self.batch(call, what, shelf),
            ("GET", [id]) => match self.find(call, id, shelf) {
                Some(record) => {
                    let names = call.all_asked("properties");
                    Answer::of(200, &self.telling(record, &names, shelf.habits.times))
                }
                None => self.not_found(),
            },
            ("PATCH", [id]) => match self.find(call, id, shelf).map(|record| record.number) {
                Some(number) => self.update(call, number, shelf),
                None => self.not_found(),
            },
            ("DELETE", [_]) if shelf.habits.refuse_delete => {
                self.refusal(403, "FORBIDDEN", "This record cannot be deleted now")
            }
            ("DELETE", [id]) => {
                // It says the same whether somebody was there or not.
                if let Some(number) = self.find(call, id, shelf).map(|record| record.number) {
                    shelf.remove(number, Gone::Archived);
                }
                Answer::bare(204)
            }
            _ => self.refusal(405, "METHOD_NOT_ALLOWED", "This cannot be done here"),
        }
    }

    fn list(&self, call: &Call, shelf: &mut Shelf) -> Answer {
        let Some(limit) = call.number("limit", 10).filter(|limit| (1..=LONGEST_PAGE).contains(limit)) else {
            return self.refusal(400, "VALIDATION_ERROR", "limit has to be between 1 and 100");
        };
        let names = call.all_asked("properties");
        if call.asked("archived") == Some("true") {
            let after = call.number("after", 0).unwrap_or(0);
            let archived = shelf.archived();
            let shown = archived.iter().skip(after).take(limit).map(|record| {
                let mut row = self.telling(record, &names, None);
                row["archived"] = Value::from(true);
                row["archivedAt"] = Times::Iso.written(record.moved_ms);
                row
            });
            let mut body = json!({ "results": shown.collect::<Vec<_>>() });
            if after + limit < archived.len() {
                body["paging"] = json!({ "next": { "after": (after + limit).to_string() } });
            }
            return Answer::of(200, &body);
        }
        let place = call.asked("after").map_or(Some(0), |after| shelf.place(after));
        let Some(place) = place else {
            return self.refusal(400, "VALIDATION_ERROR", "after is no place that was given");
        };
        let numbers: Vec<u64> = shelf.records().map(|record| record.number).collect();
        let start = numbers.partition_point(|number| *number <= place);
        let times = shelf.habits.times;
        let page = shelf.page(View::Now, &numbers, start, limit, |record| self.telling(record, &names, times));
        let mut body = json!({ "results": page.rows });
        if !page.is_last() {
            body["paging"] = json!({ "next": { "after": shelf.cursor(page.last), "link": "https://hubspot.example" } });
        }
        Answer::of(200, &body)
    }

    fn create(&self, call: &Call, shelf: &mut Shelf) -> Answer {
        match properties::checked(&call.body["properties"], None, shelf) {
            Ok(said) => {
                let number = shelf.make(json!({ "properties": said }));
                self.told(201, number, shelf)
            }
            Err(problem) => self.refused(&problem),
        }
    }

    fn update(&self, call: &Call, number: u64, shelf: &mut Shelf) -> Answer {
        match properties::checked(&call.body["properties"], Some(number), shelf) {
            Ok(said) => {
                put(number, &said, shelf);
                self.told(200, number, shelf)
            }
            Err(problem) => self.refused(&problem),
        }
    }

    /// Who asks by an email that is not there puts it on a list for ever.
    fn forget(&self, call: &Call, shelf: &mut Shelf) -> Answer {
        let id = text(&call.body, "/objectId");
        let by_email = text(&call.body, "/idProperty") == "email";
        let found = if by_email { shelf.saying(EMAIL_AT, &id) } else { shelf.named(&id) };
        match found.map(|record| (record.number, record.id.clone())) {
            Some((number, id)) => {
                shelf.remove(number, Gone::Deleted);
                shelf.forget(&id);
            }
            None if by_email => {
                shelf.blocked.insert(id);
            }
            // It may be in the archive.
            None => shelf.forget(&id),
        }
        Answer::bare(204)
    }

    fn find<'s>(&self, call: &Call, id: &str, shelf: &'s Shelf) -> Option<&'s Record> {
        match call.asked("idProperty") {
            None | Some("hs_object_id") => shelf.named(id),
            Some(name) => shelf.saying(&format!("/properties/{name}"), id),
        }
    }

    /// A record with the properties that somebody asked for, and a few that they always get.
    fn telling(&self, record: &Record, names: &[&str], times: Option<Times>) -> Value {
        let time = |at_ms: i64| times.unwrap_or(Times::Iso).written(at_ms);
        // Within the properties it is a text like all others.
        let property = |at_ms: i64| match time(at_ms) {
            Value::Number(number) => Value::from(number.to_string()),
            text => text,
        };
        let mut said = Map::new();
        for name in TOLD.iter().chain(names) {
            let value = match *name {
                "createdate" => property(record.made_ms),
                "lastmodifieddate" => property(record.moved_ms),
                "hs_object_id" => Value::from(record.id.as_str()),
                name => or_null(&text(&record.said, &format!("/properties/{name}"))),
            };
            said.insert((*name).to_owned(), value);
        }
        json!({
            "id": record.id,
            "properties": said,
            "createdAt": time(record.made_ms),
            "updatedAt": time(record.moved_ms),
            "archived": false,
        })
    }

    fn told(&self, status: u16, number: u64, shelf: &Shelf) -> Answer {
        let record = shelf.record(number);
        let names: Vec<&str> = shelf.attributes.keys().map(String::as_str).collect();
        let body = record.map(|record| self.telling(record, &names, shelf.habits.times));
        Answer::of(status, &body.unwrap_or_default())
    }

    fn refused(&self, problem: &Problem) -> Answer {
        self.refusal(problem.status, problem.category, &problem.said)
    }

    fn not_found(&self) -> Answer {
        self.refusal(404, "OBJECT_NOT_FOUND", "resource not found")
    }
}

/// A record gets these properties; one that is empty goes.
fn put(number: u64, said: &Map<String, Value>, shelf: &mut Shelf) {
    shelf.change(number, |record| {
        if let Some(properties) = record["properties"].as_object_mut() {
            for (name, value) in said {
                properties.insert(name.clone(), value.clone());
            }
        }
    });
}
