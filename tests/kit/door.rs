//! A door that is open, and the programs that come in through it. Every answer is held to the
//! document and to what is promised of all of them.

use crate::{
    TestClock, environment_at,
    http::{Message, connect, read},
    who,
};
use cardfile_core::{
    Core, Protection,
    clients::{self, NewClient, Scope},
};
use cardfile_domain::Contact;
use cardfile_gateway::{
    misfits,
    serve::{Server, Settings},
};
use serde_json::Value;
use std::{
    io::{BufReader, Write},
    net::SocketAddr,
    path::PathBuf,
    sync::Arc,
};
use tempfile::TempDir;

/// A workspace with its door open; both go with it.
pub struct OpenDoor {
    /// The workspace.
    pub core: Arc<Core>,
    /// Its folder.
    pub dir: PathBuf,
    /// Its clock.
    pub clock: Arc<TestClock>,
    /// Where the door is.
    pub address: SocketAddr,
    /// The door; without it, it is closed.
    pub server: Option<Server>,
    _temp: TempDir,
}

impl Default for OpenDoor {
    fn default() -> Self {
        Self::with(&Settings::default())
    }
}

impl OpenDoor {
    /// A door that opens like this.
    pub fn with(settings: &Settings) -> Self {
        let temp = tempfile::tempdir().expect("a temporary folder");
        let dir = temp.path().join("workspace");
        let clock = Arc::<TestClock>::default();
        let environment = environment_at(Arc::clone(&clock));
        let core = Arc::new(Core::create(&dir, &Protection::None, environment).expect("a new workspace").0);
        let server = Server::start(Arc::clone(&core), settings).expect("an open door");
        Self { core, dir, clock, address: server.place().address, server: Some(server), _temp: temp }
    }

    /// A program that may do these things.
    pub fn program(&self, name: &str, scopes: &[Scope]) -> Program {
        self.program_of(&NewClient::new(name, scopes))
    }

    /// A program that may do everything.
    pub fn owner(&self) -> Program {
        self.program("owner", Scope::ALL)
    }

    /// A program of a client like this.
    pub fn program_of(&self, new: &NewClient) -> Program {
        let (_, token) = clients::create(&self.core, new, &who()).expect("a client");
        Program { address: self.address, token }
    }

    /// A contact by its id, as it is kept.
    pub fn contact(&self, id: &str) -> Contact {
        cardfile_core::contact::find(&self.core, id).expect("it is there").contact
    }

    /// All contacts in the order they were made.
    pub fn contacts(&self) -> Vec<Contact> {
        let mut all = Vec::new();
        let scanned = self.core.store().read(|r| {
            r.contacts().scan(|stored| {
                all.push(stored.contact);
                true
            })
        });
        scanned.expect("readable");
        all
    }

    /// The place of a contact.
    pub fn row(&self, id: &str) -> u32 {
        self.core.store().read(|r| r.contacts().row_of(id)).expect("readable").expect("it is there")
    }
}

/// A program with a token.
#[derive(Debug, Clone)]
pub struct Program {
    /// Where the door is.
    pub address: SocketAddr,
    /// What it shows.
    pub token: String,
}

impl Program {
    /// Asks, and gives the answer as it came. It fits the document, or the test fails.
    pub fn ask(&self, method: &str, path: &str, headers: &[(&str, &str)], body: &[u8]) -> Message {
        let (address, token) = (self.address, &self.token);
        let mut head = format!(
            "{method} {path} HTTP/1.1\r\nHost: {address}\r\nAuthorization: Bearer {token}\r\nConnection: close\r\n"
        );
        for (name, value) in headers {
            head.push_str(&format!("{name}: {value}\r\n"));
        }
        if !body.is_empty() {
            head.push_str(&format!("Content-Length: {}\r\n", body.len()));
        }
        head.push_str("\r\n");
        let answer = connect(address).and_then(|mut stream| {
            stream.write_all(head.as_bytes())?;
            stream.write_all(body)?;
            read(&mut BufReader::new(stream), Some(method))
        });
        let answer = answer.expect("the door is open").expect("an answer");
        check(method, path, &answer);
        answer
    }

    /// Sends JSON, or nothing where it is null; the status and what was said.
    pub fn send(&self, method: &str, path: &str, body: &Value) -> (u16, Value) {
        self.send_with(method, path, &[], body)
    }

    /// The same with headers.
    pub fn send_with(&self, method: &str, path: &str, headers: &[(&str, &str)], body: &Value) -> (u16, Value) {
        let answer = if body.is_null() {
            self.ask(method, path, headers, b"")
        } else {
            let headers: Vec<_> = headers.iter().copied().chain([("Content-Type", "application/json")]).collect();
            self.ask(method, path, &headers, body.to_string().as_bytes())
        };
        (answer.status(), serde_json::from_slice(&answer.body).unwrap_or_default())
    }

    /// Reads what has to be there.
    pub fn get(&self, path: &str) -> Value {
        let (status, value) = self.send("GET", path, &Value::Null);
        assert_eq!(status, 200, "{path}: {value}");
        value
    }

    /// Makes something, and gives it as it is.
    pub fn make(&self, path: &str, body: &Value) -> Value {
        let (status, value) = self.send("POST", path, body);
        assert_eq!(status, 201, "{path}: {value}");
        value
    }

    /// The id of a new contact.
    pub fn contact(&self, body: &Value) -> String {
        id(&self.make("/v1/contacts", body))
    }

    /// Asks for what is refused: the status, and the code of the problem.
    pub fn refused(&self, method: &str, path: &str, body: &Value) -> (u16, String) {
        let (status, value) = self.send(method, path, body);
        (status, value["code"].as_str().unwrap_or_default().to_owned())
    }
}

/// The id of what an answer is about.
pub fn id(value: &Value) -> String {
    value["id"].as_str().unwrap_or_else(|| panic!("an id: {value}")).to_owned()
}

/// What is promised of every answer.
fn check(method: &str, path: &str, answer: &Message) {
    let said = || format!("{method} {path}: {}\n{}", answer.first, answer.text());
    let misfits = misfits(method, path, answer.status(), &answer.body);
    assert!(misfits.is_empty(), "{misfits:?}\n{}", said());
    assert_eq!(answer.header("cache-control"), Some("no-store"), "{}", said());
    assert_eq!(answer.header("x-content-type-options"), Some("nosniff"), "{}", said());
    let is_for_pages = |name: &str| name.starts_with("access-control-") || name == "set-cookie";
    assert!(!answer.headers.iter().any(|(name, _)| is_for_pages(name)), "{}", said());
    if answer.status() >= 400 {
        assert_eq!(answer.header("content-type"), Some("application/problem+json"), "{}", said());
    }
    if answer.status() < 400 {
        let left = answer.header("ratelimit-remaining").and_then(|left| left.parse::<u32>().ok());
        assert!(left.is_some() && answer.header("ratelimit-limit").is_some(), "{}", said());
    }
}
