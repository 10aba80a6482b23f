//! A table that Datasette serves, with a manifest of twenty lines or so: a backend of somebody's
//! own, made or changed by its key.

use crate::proxy::Proxy;
use cardfile_testkit::{Workspace, contract::Counterpart, program::Program, setup, vendors::Person};
use rusqlite::Connection;
use serde_json::{Value, json};
use std::{path::Path, sync::Mutex};

const MANIFEST: &str = include_str!("../fixtures/manifests/datasette.toml");
/// An upsert of Datasette touches no time by itself.
const SCHEMA: &str = "
    CREATE TABLE people (
        external_id TEXT PRIMARY KEY,
        name TEXT, email TEXT, phone TEXT, company TEXT, points INTEGER DEFAULT 7,
        updated_at TEXT NOT NULL DEFAULT (strftime('%Y-%m-%dT%H:%M:%fZ', 'now'))
    );
    CREATE TRIGGER moved AFTER UPDATE ON people WHEN new.updated_at IS old.updated_at BEGIN
        UPDATE people SET updated_at = strftime('%Y-%m-%dT%H:%M:%fZ', 'now') WHERE external_id = new.external_id;
    END;
";

pub(crate) struct Table {
    datasette: Program,
    token: String,
    proxy: Proxy,
    writes: Mutex<u64>,
}

fn fill(database: &Path) {
    Connection::open(database).and_then(|made| made.execute_batch(SCHEMA)).expect("a table");
}

impl Table {
    pub(crate) fn start() -> Self {
        let (datasette, token) = Program::datasette(fill);
        let proxy = Proxy::before(datasette.address());
        Self { datasette, token, proxy, writes: Mutex::new(0) }
    }

    /// Somebody else asks, who does not go through the proxy.
    fn ask(&self, method: &str, path: &str, body: &Value) -> (u16, Value) {
        let bearer = format!("Bearer {}", self.token);
        let answer = self.datasette.ask(method, path, &[("Authorization", &bearer)], body);
        (answer.status(), serde_json::from_slice(&answer.body).unwrap_or_default())
    }

    fn upsert(&self, row: &Value) {
        let (status, said) = self.ask("POST", "/crm/people/-/upsert", &json!({ "rows": [row] }));
        assert!(matches!(status, 200 | 201), "{said}");
    }

    fn rows(&self) -> Vec<Value> {
        let (status, said) = self.ask("GET", "/crm/people.json?_size=max", &Value::Null);
        assert_eq!(status, 200, "{said}");
        said["rows"].as_array().cloned().unwrap_or_default()
    }

    fn row(&self, external_id: &str) -> Option<Value> {
        self.rows().into_iter().find(|row| row["external_id"] == external_id)
    }
}

/// Nothing where there is no text.
fn or_null(text: &str) -> Value {
    if text.is_empty() { Value::Null } else { Value::from(text) }
}

impl Counterpart for Table {
    fn connect(&self, ws: &Workspace, name: &str) {
        let address = self.proxy.url().trim_end_matches('/').to_owned();
        setup::connect_by(&ws.core, name, MANIFEST, &[("base_url", address), ("token", self.token.clone())]);
    }

    fn put(&self, person: &Person) {
        self.upsert(&json!({
            "external_id": person.external_id,
            "name": or_null(&person.name),
            "email": or_null(&person.email),
            "phone": or_null(&person.phone),
        }));
    }

    fn delete(&self, external_id: &str) {
        let (status, said) = self.ask("POST", &format!("/crm/people/{external_id}/-/delete"), &json!({}));
        assert_eq!(status, 200, "{said}");
    }

    fn people(&self) -> Vec<Person> {
        let of = |row: &Value, name: &str| row[name].as_str().unwrap_or_default().to_owned();
        let person = |row: &Value| Person {
            external_id: of(row, "external_id"),
            name: of(row, "name"),
            email: of(row, "email"),
            phone: of(row, "phone"),
        };
        let mut people: Vec<Person> = self.rows().iter().map(person).collect();
        people.sort();
        people
    }

    fn writes(&self) -> u64 {
        let mut writes = self.writes.lock().expect("not poisoned");
        *writes += self.proxy.take().iter().filter(|seen| seen.is_write()).count() as u64;
        *writes
    }

    fn mark(&self, external_id: &str) -> bool {
        self.upsert(&json!({ "external_id": external_id, "points": 12 }));
        true
    }

    fn is_marked(&self, external_id: &str) -> bool {
        self.row(external_id).is_some_and(|row| row["points"] == 12)
    }
}

#[test]
fn a_row_that_is_not_taken_leaves_the_others_as_they_were() {
    let table = Table::start();
    table.put(&Person::numbered(1));
    let rows = json!({ "rows": [{ "external_id": "u-1", "name": "Nora New" }, { "name": "Nobody" }] });
    let (status, said) = table.ask("POST", "/crm/people/-/upsert", &rows);
    // What our manifest takes for granted of it.
    assert_eq!((status, said["ok"].as_bool()), (400, Some(false)), "{said}");
    assert_eq!(table.people(), [Person::numbered(1)]);
    let answer = table.datasette.ask("POST", "/crm/people/-/upsert", &[], &rows);
    assert_eq!(answer.status(), 403, "not without a token");
}
