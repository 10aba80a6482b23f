//! A CardDAV server of one address book in memory, with the bad habits of real ones as
//! switches. Nobody but the tests uses it.
//!
//! It reads no XML: it looks for the few words that it needs, and of a card it reads the UID.
//! Paths are compared as they are written.

pub(crate) mod hold;

pub use hold::{Held, Hold, Moment};

use crate::{
    http::Message,
    server::{Server, Speaks, reason},
};

use serde_json::{Value, json};
use std::{
    collections::BTreeMap,
    fmt::Write as _,
    io,
    net::SocketAddr,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    thread,
    time::Duration,
};

/// Where the account is described, and where its address books are.
const HOME: &str = "/ana/";
/// The address book.
const BOOK: &str = "/ana/customers/";
/// What its owner calls it.
const NAME: &str = "Customers";
/// Before the number of a token.
const TOKEN: &str = "http://cardfile.example/sync/";
/// What it does worse than it should, from now on.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Habits {
    /// Each so-manieth request is sent away; after how many seconds it may come again, where
    /// that is said.
    pub busy: Option<(u64, Option<u64>)>,
    /// Each so-manieth request meets a fault.
    pub error_500: Option<u64>,
    /// Of the cards that are asked for together the second half is not in the answer.
    pub half_pages: bool,
    /// Properties that a written card loses.
    pub strip: Vec<String>,
    /// A card that lost something has a version in the answer, as if it were what was sent.
    pub hides_loss: bool,
    /// A list begins with the end of the one before, and each card is in it twice.
    pub repeat_page: bool,
    /// Each so-manieth write is done, and the connection closed without an answer.
    pub lose_answers: Option<u64>,
    /// A card that says one of these is not taken.
    pub refuse: Vec<String>,
    /// A list is cut off after so many.
    pub truncate: Option<usize>,
    /// Milliseconds before each answer.
    pub slow_ms: u64,
}

/// A request, and what became of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Asked {
    /// `PUT`
    pub method: String,
    /// As it was sent.
    pub path: String,
    /// All of it.
    pub body: String,
    /// Nothing when the answer was lost.
    pub status: Option<u16>,
}

/// What it holds, and what it was asked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct State {
    /// By their names in the address book.
    pub cards: BTreeMap<String, String>,
    /// Requests that would have changed something, refused or not.
    pub writes: u64,
    /// Those that changed something, whether anybody heard of it or not.
    pub done: u64,
    /// All requests, the first one first.
    pub asked: Vec<Asked>,
}

/// An address book as it was, to be put back.
pub struct Snapshot(Book);

/// The server. It ends when it is dropped.
pub struct FakeRemote {
    shared: Arc<Shared>,
    server: Server,
}

#[derive(Default)]
struct Shared {
    book: Mutex<Book>,
    /// A request that is to be held up.
    hold: Mutex<Option<Hold>>,
}

impl Shared {
    fn book(&self) -> MutexGuard<'_, Book> {
        self.book.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn hold(&self) -> MutexGuard<'_, Option<Hold>> {
        self.hold.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl FakeRemote {
    /// On a port that is free.
    pub fn start() -> Self {
        Self::at(0).expect("a free port")
    }

    /// On this port.
    pub fn at(port: u16) -> io::Result<Self> {
        let shared = Arc::<Shared>::default();
        let speaker: Arc<dyn Speaks> = Arc::clone(&shared) as _;
        Ok(Self { server: Server::at(port, speaker)?, shared })
    }

    /// `127.0.0.1:41234`
    pub fn address(&self) -> SocketAddr {
        self.server.address()
    }

    /// What a person would type.
    pub fn url(&self) -> String {
        format!("http://{}/", self.address())
    }

    /// Until somebody ends the process.
    pub fn wait(self) {
        self.server.wait();
    }

    /// Somebody else puts a card there, by its name in the address book.
    pub fn put(&self, name: &str, card: &str) {
        self.shared.book().put(&path_of(name), card.to_owned());
    }

    /// Somebody else changes a card that is there.
    pub fn edit(&self, name: &str, change: impl FnOnce(&str) -> String) {
        let mut book = self.shared.book();
        let path = path_of(name);
        let card = change(&book.cards.get(&path).expect("a card of this name").text);
        book.put(&path, card);
    }

    /// Somebody else deletes a card.
    pub fn delete(&self, name: &str) {
        self.shared.book().delete(&path_of(name));
    }

    /// No cursor that was given so far is known any more.
    pub fn expire(&self) {
        self.shared.book().expire();
    }

    /// How it behaves from now on. Counting begins anew.
    pub fn habits(&self, habits: Habits) {
        self.shared.book().behave(habits);
    }

    /// Holds up the so-manieth request from now on of those with a method that is meant.
    pub fn hold(&self, nth: u64, is_meant: fn(&str) -> bool, moment: Moment) -> Held {
        let (hold, held) = Hold::new(nth, is_meant, moment);
        *self.shared.hold() = Some(hold);
        held
    }

    /// Waits until nobody is connected any more: all that was sent is carried out then.
    pub fn wait_until_alone(&self) {
        self.server.wait_until_alone();
    }

    /// What it holds, with all versions and cursors, and how it behaves.
    pub fn snapshot(&self) -> Snapshot {
        let book = self.shared.book().clone();
        Snapshot(Book { requests: 0, written: 0, writes: 0, done: 0, asked: Vec::new(), ..book })
    }

    /// Is again as it was then, and was asked nothing since.
    pub fn restore(&self, snapshot: &Snapshot) {
        *self.shared.book() = snapshot.0.clone();
    }

    /// As it is now.
    pub fn state(&self) -> State {
        let book = self.shared.book();
        let cards = book.cards.iter().map(|(path, card)| (name_of(path).to_owned(), card.text.clone()));
        State { cards: cards.collect(), writes: book.writes, done: book.done, asked: book.asked.clone() }
    }

    /// A card, by its name in the address book.
    pub fn card(&self, name: &str) -> Option<String> {
        self.shared.book().cards.get(&path_of(name)).map(|card| card.text.clone())
    }

    /// Requests that would have changed something.
    pub fn writes(&self) -> u64 {
        self.shared.book().writes
    }
}

fn path_of(name: &str) -> String {
    if name.starts_with('/') { name.to_owned() } else { format!("{BOOK}{name}") }
}

fn name_of(path: &str) -> &str {
    path.strip_prefix(BOOK).unwrap_or(path)
}

impl Speaks for Shared {
    fn speak(&self, request: &Message) -> Option<Vec<u8>> {
        let request = Request::of(request);
        if request.is_control() {
            return self.book().answer(&request).map(|answer| answer.text(&request.method).into_bytes());
        }
        let slow_ms = self.book().habits.slow_ms;
        if slow_ms > 0 {
            thread::sleep(Duration::from_millis(slow_ms));
        }
        let hold = self.hold().take_if(|hold| hold.is_due(&request.method));
        let passes = |moment| hold.as_ref().is_none_or(|hold| hold.passes(moment));
        if !passes(Moment::Before) {
            return None;
        }
        let answer = self.book().answer(&request)?;
        if !passes(Moment::After) {
            self.book().unheard(&request);
            return None;
        }
        Some(answer.text(&request.method).into_bytes())
    }
}

struct Request {
    method: String,
    path: String,
    /// Names in lower case.
    headers: BTreeMap<String, String>,
    body: String,
}

impl Request {
    fn of(message: &Message) -> Self {
        let (method, path) = (message.word(0).to_owned(), message.word(1).to_owned());
        let headers = message.headers.iter().cloned().collect();
        Self { method, path, headers, body: message.text() }
    }

    fn is_control(&self) -> bool {
        self.path.starts_with("/control/")
    }

    fn is_write(&self) -> bool {
        matches!(self.method.as_str(), "PUT" | "DELETE")
    }

    fn lists(&self) -> bool {
        self.headers.get("depth").is_some_and(|depth| depth == "1")
    }
}

struct Answer {
    status: u16,
    headers: Vec<(&'static str, String)>,
    body: String,
}

impl Answer {
    fn of(status: u16, body: impl Into<String>) -> Self {
        Self { status, headers: Vec::new(), body: body.into() }
    }

    fn with(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.headers.push((name, value.into()));
        self
    }

    fn refusal(status: u16, reason: &str) -> Self {
        Self::of(status, format!("<d:error xmlns:d=\"DAV:\" xmlns:c=\"{CARDDAV}\">{reason}</d:error>"))
            .with("Content-Type", XML)
    }

    fn json(value: &Value) -> Self {
        Self::of(200, value.to_string()).with("Content-Type", "application/json")
    }

    /// In one piece, so that no part of it waits for the other side.
    fn text(&self, method: &str) -> String {
        let mut text = format!("HTTP/1.1 {} {}\r\n", self.status, reason(self.status));
        for (name, value) in &self.headers {
            let _ = write!(text, "{name}: {value}\r\n");
        }
        if self.status != 204 {
            let _ = write!(text, "Content-Length: {}\r\n", self.body.len());
        }
        text.push_str("\r\n");
        if method != "HEAD" {
            text.push_str(&self.body);
        }
        text
    }
}

const XML: &str = "application/xml; charset=utf-8";
const CARDDAV: &str = "urn:ietf:params:xml:ns:carddav";

#[derive(Clone)]
struct Card {
    text: String,
    /// The revision of the address book that brought it: its version.
    revision: u64,
}

impl Card {
    fn etag(&self) -> String {
        format!("\"{}\"", self.revision)
    }
}

/// The address book, by paths.
#[derive(Clone, Default)]
struct Book {
    cards: BTreeMap<String, Card>,
    /// What was deleted, and by which revision.
    gone: BTreeMap<String, u64>,
    revision: u64,
    /// Cursors of before are not known any more.
    oldest: u64,
    habits: Habits,
    /// Requests and writes since the habits are as they are.
    requests: u64,
    written: u64,
    writes: u64,
    done: u64,
    asked: Vec<Asked>,
}

/// Something that is listed: a path, and its version unless it is gone.
type Member = (u64, String, Option<String>);

impl Book {
    fn put(&mut self, path: &str, text: String) {
        self.revision += 1;
        self.gone.remove(path);
        self.cards.insert(path.to_owned(), Card { text, revision: self.revision });
    }

    fn delete(&mut self, path: &str) -> bool {
        let is_there = self.cards.remove(path).is_some();
        if is_there {
            self.revision += 1;
            self.gone.insert(path.to_owned(), self.revision);
        }
        is_there
    }

    fn expire(&mut self) {
        self.revision += 1;
        self.oldest = self.revision;
    }

    fn behave(&mut self, habits: Habits) {
        (self.habits, self.requests, self.written) = (habits, 0, 0);
    }

    /// Nothing when the answer gets lost.
    fn answer(&mut self, request: &Request) -> Option<Answer> {
        if request.is_control() {
            return Some(self.control(request));
        }
        let is_due =
            |every: Option<u64>, count: u64| every.is_some_and(|every| every > 0 && count.is_multiple_of(every));
        self.requests += 1;
        self.writes += u64::from(request.is_write());
        let (busy, after) = self.habits.busy.unzip();
        let answer = if is_due(busy, self.requests) {
            let answer = Answer::of(429, "too many");
            match after.flatten() {
                Some(seconds) => answer.with("Retry-After", seconds.to_string()),
                None => answer,
            }
        } else if is_due(self.habits.error_500, self.requests) {
            Answer::of(500, "a fault")
        } else {
            self.serve(request)
        };
        let is_done = request.is_write() && answer.status < 300;
        self.written += u64::from(is_done);
        self.done += u64::from(is_done);
        let is_lost = is_done && is_due(self.habits.lose_answers, self.written);
        self.asked.push(Asked {
            method: request.method.clone(),
            path: request.path.clone(),
            body: request.body.clone(),
            status: (!is_lost).then_some(answer.status),
        });
        (!is_lost).then_some(answer)
    }

    /// The answer to this request gets lost all the same.
    fn unheard(&mut self, request: &Request) {
        let is_it = |asked: &&mut Asked| asked.method == request.method && asked.path == request.path;
        if let Some(asked) = self.asked.iter_mut().rev().find(is_it) {
            asked.status = None;
        }
    }

    fn serve(&mut self, request: &Request) -> Answer {
        let path = request.path.as_str();
        match request.method.as_str() {
            "OPTIONS" => Answer::of(200, "").with("DAV", "1, 3, addressbook"),
            "PROPFIND" => self.describe(request),
            "REPORT" if path == BOOK && request.body.contains("sync-collection") => self.moved(&request.body),
            "REPORT" if path == BOOK && request.body.contains("addressbook-multiget") => self.together(&request.body),
            "REPORT" if path == BOOK && request.body.contains("addressbook-query") => self.search(&request.body),
            "REPORT" => Answer::refusal(403, "<d:supported-report/>"),
            "GET" | "HEAD" => match self.cards.get(path) {
                Some(card) => {
                    Answer::of(200, card.text.clone()).with("ETag", card.etag()).with("Content-Type", "text/vcard")
                }
                None => Answer::of(404, "not there"),
            },
            "PUT" => self.write(request),
            "DELETE" if !self.allows(request) => Answer::of(412, "another version"),
            "DELETE" if self.delete(path) => Answer::of(204, ""),
            "DELETE" => Answer::of(404, "not there"),
            _ => Answer::of(405, "it does not know how"),
        }
    }

    /// The way to the address book, and what is in it.
    fn describe(&self, request: &Request) -> Answer {
        let collection = "<d:resourcetype><d:collection/></d:resourcetype>";
        let principal = format!("<d:current-user-principal><d:href>{HOME}</d:href></d:current-user-principal>");
        let book = resource(
            BOOK,
            &format!(
                "<d:resourcetype><d:collection/><c:addressbook/></d:resourcetype>\
                 <d:displayname>{NAME}</d:displayname>{principal}"
            ),
        );
        match request.path.as_str() {
            "/.well-known/carddav" => Answer::of(301, "").with("Location", "/"),
            "/" => multistatus(&resource("/", &format!("{collection}{principal}"))),
            HOME => {
                let homes = format!("<c:addressbook-home-set><d:href>{HOME}</d:href></c:addressbook-home-set>");
                let home = resource(HOME, &format!("{collection}{principal}{homes}"));
                multistatus(&if request.lists() { home + &book } else { home })
            }
            BOOK => {
                let members = self.cards.iter().map(|(path, card)| member(path, Some(&card.etag())));
                let members: String = if request.lists() { members.collect() } else { String::new() };
                multistatus(&(book + &members))
            }
            _ => Answer::of(404, "not there"),
        }
    }

    /// What moved after a cursor; without one, everything that is there.
    fn moved(&self, body: &str) -> Answer {
        let token = texts(body, "sync-token").pop().filter(|token| !token.is_empty());
        let since = match token.as_deref().map(|token| token.strip_prefix(TOKEN).and_then(|end| end.parse().ok())) {
            None => None,
            Some(Some(since)) if since >= self.oldest && since <= self.revision => Some(since),
            Some(_) => return Answer::refusal(403, "<d:valid-sync-token/>"),
        };
        let mut all: Vec<Member> =
            self.cards.iter().map(|(path, card)| (card.revision, path.clone(), Some(card.etag()))).collect();
        if since.is_some() {
            all.extend(self.gone.iter().map(|(path, revision)| (*revision, path.clone(), None)));
        }
        all.sort();
        let (before, mut moved): (Vec<Member>, Vec<Member>) =
            all.into_iter().partition(|(revision, ..)| since.is_some_and(|since| *revision <= since));
        let mut next = self.revision;
        let is_cut_off = self.habits.truncate.is_some_and(|most| most > 0 && moved.len() > most);
        if is_cut_off {
            moved.truncate(self.habits.truncate.unwrap_or_default());
            next = moved.last().map_or(next, |(revision, ..)| *revision);
        }
        let mut listed = String::new();
        if self.habits.repeat_page {
            let again = before.iter().rev().take(self.habits.truncate.unwrap_or(0)).chain(&moved);
            listed.extend(again.map(|(_, path, etag)| member(path, etag.as_deref())));
        }
        listed.extend(moved.iter().map(|(_, path, etag)| member(path, etag.as_deref())));
        if is_cut_off {
            let _ = write!(
                listed,
                "<d:response><d:href>{BOOK}</d:href><d:status>HTTP/1.1 507 Insufficient Storage</d:status></d:response>"
            );
        }
        let _ = write!(listed, "<d:sync-token>{TOKEN}{next}</d:sync-token>");
        multistatus(&listed)
    }

    /// Cards that are asked for together.
    fn together(&self, body: &str) -> Answer {
        let mut paths = texts(body, "href");
        if self.habits.half_pages {
            paths.truncate(paths.len().div_ceil(2));
        }
        let times = if self.habits.repeat_page { 2 } else { 1 };
        let rows = paths.iter().map(|path| match self.cards.get(path) {
            Some(card) => whole(path, card),
            None => member(path, None),
        });
        multistatus(&rows.map(|row| row.repeat(times)).collect::<String>())
    }

    /// Cards with this UID.
    fn search(&self, body: &str) -> Answer {
        let wanted = texts(body, "text-match");
        let has = |card: &Card| wanted.iter().any(|wanted| uid_of(&card.text) == Some(wanted.as_str()));
        let found = self.cards.iter().filter(|(_, card)| has(card));
        multistatus(&found.map(|(path, card)| whole(path, card)).collect::<String>())
    }

    fn write(&mut self, request: &Request) -> Answer {
        let path = request.path.as_str();
        if !path.starts_with(BOOK) {
            return Answer::of(404, "no address book");
        }
        if !self.allows(request) {
            return Answer::of(412, "another version");
        }
        let uid = uid_of(&request.body);
        if let Some((other, _)) =
            self.cards.iter().find(|(other, card)| *other != path && uid.is_some() && uid_of(&card.text) == uid)
        {
            let reason = format!("<c:no-uid-conflict><d:href>{}</d:href></c:no-uid-conflict>", escaped(other));
            return Answer::refusal(409, &reason);
        }
        if let Some(word) = self.habits.refuse.iter().find(|word| request.body.contains(word.as_str())) {
            return Answer::of(403, format!("nobody is called {word} here"));
        }
        let text = without(&request.body, &self.habits.strip);
        let is_whole = text == request.body;
        let status = if self.cards.contains_key(path) { 204 } else { 201 };
        self.put(path, text);
        let answer = Answer::of(status, "");
        // A version in the answer says that the card is what was sent (RFC 6352, 6.3.2.3).
        if is_whole || self.habits.hides_loss { answer.with("ETag", format!("\"{}\"", self.revision)) } else { answer }
    }

    /// Whether the conditions of a write hold.
    fn allows(&self, request: &Request) -> bool {
        let known = self.cards.get(&request.path).map(Card::etag);
        let asked = |name: &str| request.headers.get(name).map(String::as_str);
        let is_wanted = match asked("if-match") {
            None => true,
            Some("*") => known.is_some(),
            Some(etag) => known.as_deref() == Some(etag),
        };
        is_wanted && !(asked("if-none-match") == Some("*") && known.is_some())
    }

    /// What the tests of the window say and ask.
    fn control(&mut self, request: &Request) -> Answer {
        let body: Value = serde_json::from_str(&request.body).unwrap_or_default();
        let all = body.as_array().map(Vec::as_slice).unwrap_or_default();
        match (request.method.as_str(), request.path.as_str()) {
            ("GET", "/control/state") => {
                let cards: Vec<Value> = self
                    .cards
                    .iter()
                    .map(|(path, card)| json!({ "href": name_of(path), "etag": card.etag(), "card": card.text }))
                    .collect();
                let asked: Vec<Value> = self
                    .asked
                    .iter()
                    .map(
                        |one| json!({ "method": one.method, "path": one.path, "body": one.body, "status": one.status }),
                    )
                    .collect();
                return Answer::json(&json!({ "cards": cards, "writes": self.writes, "requests": asked }));
            }
            ("POST", "/control/cards") => {
                for one in all {
                    let (Some(name), Some(card)) = (one["href"].as_str(), one["card"].as_str()) else {
                        return Answer::of(400, "a card has an href and a card");
                    };
                    self.put(&path_of(name), card.to_owned());
                }
            }
            ("POST", "/control/delete") => {
                for name in all.iter().filter_map(Value::as_str) {
                    self.delete(&path_of(name));
                }
            }
            ("POST", "/control/expire") => self.expire(),
            ("POST", "/control/habits") => self.behave(Habits::of(&body)),
            _ => return Answer::of(404, "there is no such control"),
        }
        Answer::json(&json!({ "cards": self.cards.len() }))
    }
}

impl Habits {
    /// From the words of [`Book::control`]: `{"busy": {"every": 3, "retryAfter": 1}}`.
    fn of(said: &Value) -> Self {
        let every = |name: &str| said[name]["every"].as_u64();
        let words = |name: &str| -> Vec<String> {
            let all = said[name].as_array().into_iter().flatten();
            all.filter_map(Value::as_str).map(str::to_owned).collect()
        };
        Self {
            busy: every("busy").map(|every| (every, said["busy"]["retryAfter"].as_u64())),
            error_500: every("error500"),
            half_pages: said["half_pages"] == true,
            strip: words("strip"),
            refuse: words("refuse"),
            hides_loss: said["hides_loss"] == true,
            repeat_page: said["repeat_page"] == true,
            lose_answers: every("lose_answers"),
            truncate: said["truncate"].as_u64().map(|most| most as usize),
            slow_ms: said["slow_ms"].as_u64().unwrap_or(0),
        }
    }
}

fn multistatus(rows: &str) -> Answer {
    Answer::of(
        207,
        format!(
            "<?xml version=\"1.0\" encoding=\"utf-8\"?>\n\
             <d:multistatus xmlns:d=\"DAV:\" xmlns:c=\"{CARDDAV}\">{rows}</d:multistatus>"
        ),
    )
    .with("Content-Type", XML)
}

fn resource(path: &str, properties: &str) -> String {
    let path = escaped(path);
    format!(
        "<d:response><d:href>{path}</d:href><d:propstat><d:prop>{properties}</d:prop>\
         <d:status>HTTP/1.1 200 OK</d:status></d:propstat></d:response>"
    )
}

/// A path with its version; without one, it is gone.
fn member(path: &str, etag: Option<&str>) -> String {
    match etag {
        Some(etag) => resource(path, &format!("<d:getetag>{}</d:getetag>", escaped(etag))),
        None => {
            let path = escaped(path);
            format!("<d:response><d:href>{path}</d:href><d:status>HTTP/1.1 404 Not Found</d:status></d:response>")
        }
    }
}

fn whole(path: &str, card: &Card) -> String {
    let (etag, text) = (escaped(&card.etag()), escaped(&card.text));
    resource(path, &format!("<d:getetag>{etag}</d:getetag><c:address-data>{text}</c:address-data>"))
}

fn escaped(text: &str) -> String {
    // XML takes a bare carriage return for a line end.
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('\r', "&#13;")
}

/// The texts of all elements of this name, whatever their prefix.
fn texts(xml: &str, name: &str) -> Vec<String> {
    let mut found = Vec::new();
    for piece in xml.split('<').skip(1) {
        let Some((tag, text)) = piece.split_once('>') else { continue };
        let tag = tag.split_whitespace().next().unwrap_or_default();
        if tag == name || tag.rsplit_once(':').is_some_and(|(_, local)| local == name) && !tag.starts_with('/') {
            let plain = text.replace("&lt;", "<").replace("&gt;", ">").replace("&quot;", "\"").replace("&apos;", "'");
            found.push(plain.replace("&amp;", "&"));
        }
    }
    found
}

/// The name of the property of a line: `NOTE` of `item1.note;LANGUAGE=en:Calls`.
fn property(line: &str) -> &str {
    let name = line.split([':', ';']).next().unwrap_or_default();
    name.rsplit('.').next().unwrap_or_default()
}

fn uid_of(card: &str) -> Option<&str> {
    let line = card.lines().find(|line| property(line).eq_ignore_ascii_case("UID"))?;
    line.split_once(':').map(|(_, uid)| uid)
}

/// A card without these properties, and the lines that go on with them.
fn without(card: &str, properties: &[String]) -> String {
    let mut is_dropped = false;
    let keeps = |line: &&str| {
        if !line.starts_with([' ', '\t']) {
            is_dropped = properties.iter().any(|name| name.eq_ignore_ascii_case(property(line)));
        }
        !is_dropped
    };
    card.split_inclusive('\n').filter(keeps).collect()
}
