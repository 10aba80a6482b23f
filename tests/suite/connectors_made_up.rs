//! A system that nobody at Cardfile has heard of. All that is known of it is one file of TOML,
//! `tests/fixtures/manifests/tallybook.toml`; with that every promise is kept that its interface
//! allows.

use cardfile_testkit::{
    Workspace,
    contract::{self, Candidate, Counterpart, Habit, Write},
    fake_remote::{Held, Hold, Moment},
    http::Message,
    server::{Server, Speaks, json as answer},
    setup,
    vendors::Person,
};
use serde_json::{Value, json};
use std::{
    collections::BTreeMap,
    io::Write as _,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

const MANIFEST: &str = include_str!("../fixtures/manifests/tallybook.toml");
const KEY: &str = "tally-secret";
const SHOP: &str = "main street";
/// The same in a path.
const SHOP_IN_PATH: &str = "main%20street";

/// Customers of the one shop, by their numbers.
#[derive(Default)]
struct Book {
    customers: BTreeMap<u64, Value>,
    last: u64,
    rev: u64,
    writes: u64,
    habit: Option<Habit>,
    requests: u64,
}

/// The made-up system.
#[derive(Default)]
struct Tallybook {
    book: Mutex<Book>,
    /// A request that is to be held up.
    hold: Mutex<Option<Hold>>,
}

impl Tallybook {
    fn book(&self) -> MutexGuard<'_, Book> {
        self.book.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn hold(&self) -> MutexGuard<'_, Option<Hold>> {
        self.hold.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Speaks for Tallybook {
    fn speak(&self, request: &Message) -> Option<Vec<u8>> {
        // While it waits, others write into the book.
        let hold = self.hold().take_if(|hold| hold.is_due(request.word(0)));
        if hold.is_some_and(|hold| !hold.passes(Moment::Before)) {
            return None;
        }
        let (status, body) = self.book().answer(request);
        let text = (status != 204).then(|| body.to_string());
        let wait = if status == 429 { &[("Retry-After", "1")][..] } else { &[] };
        Some(answer(status, wait, text.as_deref()))
    }
}

impl Book {
    fn put(&mut self, number: u64, said: &Value) {
        self.rev += 1;
        let rev = self.rev;
        let customer = self.customers.entry(number).or_insert_with(|| json!({ "no": number, "points": 7 }));
        if let (Some(customer), Some(said)) = (customer.as_object_mut(), said.as_object()) {
            customer.extend(said.iter().map(|(name, value)| (name.clone(), value.clone())));
            customer.insert("rev".into(), rev.into());
        }
    }

    fn make(&mut self, said: &Value) -> u64 {
        self.last += 1;
        self.put(self.last, said);
        self.last
    }

    fn answer(&mut self, request: &Message) -> (u16, Value) {
        let sorry = |status: u16, why: &str| (status, json!({ "sorry": why }));
        self.requests += 1;
        let is_due = self.requests.is_multiple_of(4);
        if request.header("x-tally-key") != Some(KEY) {
            return sorry(401, "this key fits no shop");
        }
        match self.habit {
            Some(Habit::Busy) if is_due => return sorry(429, "not so fast"),
            Some(Habit::Faults) if is_due => return sorry(500, "the till is stuck"),
            _ => {}
        }
        let (path, query) = request.word(1).split_once('?').unwrap_or((request.word(1), ""));
        let Some(rest) = path.strip_prefix(&format!("/shops/{SHOP_IN_PATH}/customers")) else {
            return sorry(404, "there is no such shop");
        };
        let number = rest.strip_prefix('/').and_then(|number| number.parse::<u64>().ok());
        let known = number.filter(|number| self.customers.contains_key(number));
        let said: Value = serde_json::from_slice(&request.body).unwrap_or_default();
        let is_refused = said.to_string().contains("Captain") && self.habit == Some(Habit::RefusesCaptains);
        self.writes += u64::from(request.word(0) != "GET");
        match (request.word(0), rest, known) {
            ("GET", "", _) => (200, self.list(path, query)),
            ("POST", "", _) if is_refused => sorry(422, "we serve no captains"),
            ("POST", "", _) => {
                let number = self.make(&said);
                (201, self.customers[&number].clone())
            }
            ("GET", _, Some(number)) => (200, self.customers[&number].clone()),
            ("PATCH", _, Some(number)) if !self.is_as_it_was(number, request) => {
                sorry(412, "somebody wrote into the book meanwhile")
            }
            ("PATCH", _, Some(number)) => {
                self.put(number, &said);
                (200, self.customers[&number].clone())
            }
            ("DELETE", _, Some(number)) => {
                self.customers.remove(&number);
                (204, Value::Null)
            }
            _ => sorry(404, "nobody has this number"),
        }
    }

    /// Whether a customer is as whoever writes knows it, where they say so.
    fn is_as_it_was(&self, number: u64, request: &Message) -> bool {
        let known = request.header("if-match");
        let is = self.customers[&number]["rev"].to_string();
        known.is_none_or(|known| is == known)
    }

    /// Some of them, and the way to the others; or those with a reference.
    fn list(&self, path: &str, query: &str) -> Value {
        let asked = |name: &str| query.split('&').find_map(|pair| pair.strip_prefix(name)?.strip_prefix('='));
        if let Some(wanted) = asked("ref") {
            let found: Vec<&Value> = self.customers.values().filter(|one| one["ref"] == wanted).collect();
            return json!({ "customers": found });
        }
        let number = |name: &str, otherwise: u64| asked(name).and_then(|text| text.parse().ok()).unwrap_or(otherwise);
        let (count, after) = (number("count", 10), number("after", 0));
        let mut rest = self.customers.range(after + 1..);
        let page: Vec<(&u64, &Value)> = rest.by_ref().take(count as usize).collect();
        let last = page.last().map(|(number, _)| **number);
        let more = rest.next().and(last).map(|last| format!("{path}?count={count}&after={last}"));
        let rows: Vec<&Value> = page.iter().map(|(_, customer)| *customer).collect();
        json!({ "customers": rows, "more": more })
    }

    /// Somebody at the till writes it down.
    fn say(&mut self, person: &Person) {
        match self.number_of(&person.external_id) {
            Some(number) => self.put(number, &said_of(person)),
            None => {
                self.make(&said_of(person));
            }
        }
    }

    fn number_of(&self, external_id: &str) -> Option<u64> {
        self.customers.iter().find(|(_, one)| one["ref"] == external_id).map(|(number, _)| *number)
    }
}

fn reads(method: &str) -> bool {
    method == "GET"
}

fn writes(method: &str) -> bool {
    !reads(method)
}

fn said_of(person: &Person) -> Value {
    let (given, surname) = person.name.rsplit_once(' ').unwrap_or((&person.name, ""));
    let (reference, mail, tel) = (&person.external_id, &person.email, &person.phone);
    json!({ "ref": reference, "given": given, "surname": surname, "mail": mail, "tel": tel })
}

fn person_of(customer: &Value) -> Person {
    let of = |name: &str| customer[name].as_str().unwrap_or_default().to_owned();
    let name = format!("{} {}", of("given"), of("surname")).trim().to_owned();
    Person { external_id: of("ref"), name, email: of("mail"), phone: of("tel") }
}

/// The system, as a remote that promises are tried on.
struct Shop {
    tallybook: Arc<Tallybook>,
    server: Server,
}

impl Shop {
    fn start() -> Self {
        let tallybook = Arc::<Tallybook>::default();
        let speaker: Arc<dyn Speaks> = Arc::<Tallybook>::clone(&tallybook);
        Self { server: Server::start(speaker), tallybook }
    }
}

impl Counterpart for Shop {
    fn connect(&self, ws: &Workspace, name: &str) {
        let address = format!("http://{}", self.server.address());
        let settings = [("base_url", address), ("key", KEY.to_owned()), ("shop", SHOP.to_owned())];
        setup::connect_by(&ws.core, name, MANIFEST, &settings);
    }

    fn put(&self, person: &Person) {
        self.tallybook.book().say(person);
    }

    fn delete(&self, external_id: &str) {
        let mut book = self.tallybook.book();
        let number = book.number_of(external_id).expect("a customer");
        book.customers.remove(&number);
    }

    fn people(&self) -> Vec<Person> {
        let mut people: Vec<Person> = self.tallybook.book().customers.values().map(person_of).collect();
        people.sort();
        people
    }

    fn writes(&self) -> u64 {
        self.tallybook.book().writes
    }

    fn behave(&self, habit: Habit) -> bool {
        self.tallybook.book().habit = Some(habit);
        matches!(habit, Habit::None | Habit::Busy | Habit::Faults | Habit::RefusesCaptains)
    }

    fn hold(&self, is_write: bool) -> Option<Held> {
        let (hold, held) = Hold::new(1, if is_write { writes } else { reads }, Moment::Before);
        *self.tallybook.hold() = Some(hold);
        Some(held)
    }

    fn other(&self) -> Option<Write> {
        let tallybook = Arc::clone(&self.tallybook);
        Some(Box::new(move |person: &Person| tallybook.book().say(person)))
    }

    fn mark(&self, external_id: &str) -> bool {
        let mut book = self.tallybook.book();
        let number = book.number_of(external_id).expect("a customer");
        book.put(number, &json!({ "points": 12 }));
        true
    }

    fn is_marked(&self, external_id: &str) -> bool {
        let book = self.tallybook.book();
        book.number_of(external_id).is_some_and(|number| book.customers[&number]["points"] == 12)
    }

    fn put_twin(&self, person: &Person) -> bool {
        self.tallybook.book().make(&said_of(person));
        true
    }
}

#[test]
fn a_system_that_nobody_has_heard_of_takes_one_file() {
    let candidate = Candidate { name: "Tallybook", start: || Box::new(Shop::start()), cannot: |_| None };
    let table = contract::tried(&[candidate]);
    // Beside the captured output of a test, so that it is seen.
    let _ = writeln!(std::io::stderr(), "{}", table.text());
    assert_eq!(table.broken(), [""; 0]);
    for promise in [
        "a first run brings everybody and writes nothing",
        "what others delete goes to the bin here",
        "what is made here is there once, under our ID",
        "two fields changed on two sides are both kept",
        "another field that somebody writes in the same moment stays",
        "the same field that somebody writes in the same moment is not lost",
        "a record that is not taken holds up no other",
        "faults of the server cost only time",
    ] {
        assert!(table.is_kept("Tallybook", promise), "{promise}");
    }
}
