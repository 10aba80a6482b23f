//! The promises that every connector keeps, at servers that nobody here wrote.

use crate::{
    http::Client,
    peers::{Card, Kind, PASSWORD, Peer, USER},
    proxy::Proxy,
    tables::Table,
};
use cardfile_core::{
    SecretText,
    domain::{Contact, Item},
    sync::remotes::{self, NewRemote},
};
use cardfile_sync::{fields, value::BETWEEN};
use cardfile_testkit::{
    Workspace,
    contract::{self, Candidate, Counterpart, card_of, person_of},
    postgres::{Database, Server},
    vendors::Person,
    who,
};
use serde_json::{Value, json};
use std::{
    io::Write as _,
    sync::{
        Mutex,
        atomic::{AtomicU64, Ordering},
    },
};

/// An address book, with somebody between us and it who counts.
struct AddressBook {
    _peer: Peer,
    proxy: Proxy,
    other: Client,
    book: &'static str,
    writes: Mutex<u64>,
}

impl AddressBook {
    fn start(kind: Kind) -> Self {
        let peer = Peer::start(kind, &[]);
        let (proxy, other) = (Proxy::before(peer.address()), peer.client());
        Self { _peer: peer, proxy, other, book: kind.book(), writes: Mutex::new(0) }
    }

    fn cards(&self) -> Vec<Card> {
        let paths = self.other.list(self.book);
        paths.into_iter().filter_map(|path| self.other.get(&path).map(|(_, card)| (path, card))).collect()
    }

    fn path_of(&self, external_id: &str) -> Option<String> {
        let card = self.cards().into_iter().find(|(_, card)| person_of(card).external_id == external_id);
        card.map(|(path, _)| path)
    }
}

impl Counterpart for AddressBook {
    fn connect(&self, ws: &Workspace, name: &str) {
        let new = NewRemote {
            name: name.into(),
            kind: "carddav".into(),
            url: self.proxy.url(),
            user: USER.into(),
            password: SecretText::new(PASSWORD.into()),
            place: String::new(),
        };
        remotes::add(&ws.core, new, &who()).expect("a connection");
    }

    fn put(&self, person: &Person) {
        let card = card_of(person, "");
        let status = match self.path_of(&person.external_id) {
            Some(path) => {
                let (etag, _) = self.other.get(&path).expect("a card");
                self.other.put(&path, ("If-Match", &etag), &card)
            }
            None => {
                let path = format!("{}{}.vcf", self.book, person.external_id);
                self.other.put(&path, ("If-None-Match", "*"), &card)
            }
        };
        assert!(matches!(status, 200..=204), "{status}");
    }

    fn delete(&self, external_id: &str) {
        self.other.delete(&self.path_of(external_id).expect("a card"));
    }

    fn people(&self) -> Vec<Person> {
        let mut people: Vec<Person> = self.cards().iter().map(|(_, card)| person_of(card)).collect();
        people.sort();
        people
    }

    fn writes(&self) -> u64 {
        let mut writes = self.writes.lock().expect("not poisoned");
        *writes += self.proxy.take().iter().filter(|seen| seen.is_write()).count() as u64;
        *writes
    }

    fn put_twin(&self, person: &Person) -> bool {
        let path = format!("{}twin.vcf", self.book);
        self.other.put(&path, ("If-None-Match", "*"), &card_of(person, "")) == 201
    }
}

/// A team's database, as its administrator sees it.
struct Team {
    database: Database,
    /// Changes that were not ours.
    others: AtomicU64,
}

const WORKSPACE: &str = "sales";

impl Team {
    fn start() -> Self {
        let database = Server::start().database("team");
        database.person("ana", &[WORKSPACE]);
        Self { database, others: AtomicU64::new(0) }
    }

    fn run(&self, sql: &str) {
        self.database.admin().run(sql);
        self.others.fetch_add(1, Ordering::Relaxed);
    }
}

/// A text of SQL.
fn quoted(text: &str) -> String {
    format!("'{}'", text.replace('\'', "''"))
}

fn units_of(person: &Person) -> Value {
    let item = |value: &str| if value.is_empty() { Vec::new() } else { vec![Item::new(value, "")] };
    let contact = Contact {
        name: person.name.clone(),
        emails: item(&person.email),
        phones: item(&person.phone),
        ..Contact::default()
    };
    let mut units = fields::units_of(&contact);
    units.retain(|_, value| !value.is_absent());
    json!(units)
}

fn person_in(row: &Value) -> Person {
    let units = &row["units"];
    let name = units["name"]["one"].as_str().unwrap_or_default();
    let first = |unit: &str| {
        let all = units[unit]["set"].as_object();
        let typed = all.and_then(|all| all.values().next()).and_then(|one| one["typed"].as_str());
        typed.unwrap_or_default().to_owned()
    };
    Person {
        external_id: row["id"].as_str().unwrap_or_default().to_owned(),
        name: name.split(BETWEEN).next().unwrap_or_default().to_owned(),
        email: first("email"),
        phone: first("phone"),
    }
}

impl Counterpart for Team {
    fn connect(&self, ws: &Workspace, name: &str) {
        remotes::add(&ws.core, crate::postgres::new_remote(&self.database, name, "ana"), &who()).expect("a connection");
    }

    fn put(&self, person: &Person) {
        let (id, units) = (quoted(&person.external_id), quoted(&units_of(person).to_string()));
        self.run(&format!(
            "INSERT INTO cardfile.contact AS contact (workspace, external_id, units)
             VALUES ('{WORKSPACE}', {id}, {units}) ON CONFLICT (workspace, external_id) DO UPDATE
             SET units = contact.units || excluded.units, deleted_at = NULL"
        ));
    }

    fn delete(&self, external_id: &str) {
        let id = quoted(external_id);
        self.run(&format!(
            "UPDATE cardfile.contact SET units = '{{}}', deleted_at = clock_timestamp() WHERE external_id = {id}"
        ));
    }

    fn people(&self) -> Vec<Person> {
        let rows = self.database.admin().one(
            "SELECT coalesce(json_agg(json_build_object('id', external_id, 'units', units)), '[]')
               FROM cardfile.contact WHERE deleted_at IS NULL",
        );
        let rows: Vec<Value> = serde_json::from_str(&rows).expect("rows");
        let mut people: Vec<Person> = rows.iter().map(person_in).collect();
        people.sort();
        people
    }

    fn writes(&self) -> u64 {
        let all = self.database.admin().one("SELECT coalesce(sum(version), 0)::text FROM cardfile.contact");
        let all: u64 = all.parse().expect("a number");
        all - self.others.load(Ordering::Relaxed)
    }

    fn mark(&self, external_id: &str) -> bool {
        let (id, mark) = (quoted(external_id), json!({ "custom.old": { "one": "\"kept\"" } }).to_string());
        self.run(&format!("UPDATE cardfile.contact SET units = units || {} WHERE external_id = {id}", quoted(&mark)));
        true
    }

    fn is_marked(&self, external_id: &str) -> bool {
        let id = quoted(external_id);
        let sql = format!("SELECT units -> 'custom.old' ->> 'one' FROM cardfile.contact WHERE external_id = {id}");
        self.database.admin().one(&sql) == "\"kept\""
    }
}

/// What a real server cannot be brought to is in no case here: it has no switches.
#[test]
fn every_connection_with_a_real_server_keeps_what_is_promised() {
    let candidates = [
        Candidate { name: "Radicale", start: || Box::new(AddressBook::start(Kind::Radicale)), cannot: |_| None },
        Candidate { name: "Xandikos", start: || Box::new(AddressBook::start(Kind::Xandikos)), cannot: |_| None },
        Candidate { name: "PostgreSQL", start: || Box::new(Team::start()), cannot: |_| None },
        Candidate { name: "Datasette", start: || Box::new(Table::start()), cannot: |_| None },
    ];
    let table = contract::tried(&candidates);
    // Beside the captured output of a test, so that it is seen.
    let _ = writeln!(std::io::stderr(), "{}", table.text());
    assert_eq!(table.broken(), [""; 0]);
    for candidate in &candidates {
        for promise in [
            "a first run brings everybody and writes nothing",
            "what others make and change is so here",
            "what others delete goes to the bin here",
            "what is made here is there once, under our ID",
            "two fields changed on two sides are both kept",
            "one field changed on two sides waits for a person",
        ] {
            assert!(table.is_kept(candidate.name, promise), "{}: {promise}", candidate.name);
        }
    }
}
