//! What must be refused at the door: forty ways to come in that are none, each with six ways to
//! ask, over bare connections. Each is answered with 4xx or with nothing, before a body was sent,
//! and nothing is another than before.

use cardfile_core::{
    clients::{self, Scope},
    history, leads,
};
use cardfile_testkit::{
    door::{OpenDoor, Program},
    hash_of, http, who,
};
use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
use serde_json::json;
use std::{
    collections::VecDeque,
    io::{BufReader, Write},
    net::{SocketAddr, TcpStream},
};

/// A way to ask.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Way {
    Get,
    Post,
    Delete,
    Options,
    WebSocket,
    Events,
}

const WAYS: [Way; 6] = [Way::Get, Way::Post, Way::Delete, Way::Options, Way::WebSocket, Way::Events];

/// A request, line by line.
#[derive(Clone)]
struct Raw {
    method: &'static str,
    target: String,
    version: &'static str,
    host: Vec<String>,
    token: Option<String>,
    headers: Vec<String>,
    /// How long the body is said to be.
    length: Option<String>,
    /// What is sent of it, where anything is.
    body: Vec<u8>,
}

struct Scene {
    door: OpenDoor,
    /// Who may do all of it.
    program: Program,
    reader: Program,
    writer: Program,
    revoked: Program,
    ana: String,
    port: u16,
}

impl Scene {
    fn new() -> Self {
        let door = OpenDoor::default();
        let program = door.owner();
        let ana = program.contact(&json!({ "name": "Ana", "email": "ana@x.example" }));
        let (reader, writer) = (door.program("r", &[Scope::ContactsRead]), door.program("w", &[Scope::ContactsWrite]));
        let revoked = door.program("gone", Scope::ALL);
        clients::revoke(&door.core, "gone", &who()).expect("revoked");
        let port = door.address.port();
        Self { door, program, reader, writer, revoked, ana, port }
    }

    /// A request of this kind that is let in, unless something about it is changed.
    fn good(&self, way: Way) -> Raw {
        let path = if way == Way::Delete { format!("/v1/contacts/{}", self.ana) } else { "/v1/contacts".to_owned() };
        let lines = |lines: &[&str]| lines.iter().map(|line| (*line).to_owned()).collect::<Vec<_>>();
        let (method, headers) = match way {
            Way::Get => ("GET", lines(&[])),
            Way::Post => ("POST", lines(&["Content-Type: application/json"])),
            Way::Delete => ("DELETE", lines(&[])),
            Way::Options => ("OPTIONS", lines(&[])),
            Way::WebSocket => {
                let key = "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==";
                ("GET", lines(&["Connection: Upgrade", "Upgrade: websocket", "Sec-WebSocket-Version: 13", key]))
            }
            Way::Events => ("GET", lines(&["Accept: text/event-stream"])),
        };
        let body = if way == Way::Post { br#"{"name":"Eve"}"#.to_vec() } else { Vec::new() };
        Raw {
            method,
            target: path,
            version: "HTTP/1.1",
            host: vec![format!("127.0.0.1:{}", self.port)],
            token: Some(format!("Bearer {}", self.program.token)),
            headers,
            length: (!body.is_empty()).then(|| body.len().to_string()),
            body,
        }
    }

    /// All that could have been changed.
    fn state(&self) -> String {
        let core = &self.door.core;
        let names: Vec<String> =
            clients::all(core).expect("clients").iter().map(|one| format!("{} {:?}", one.id, one.revoked_at)).collect();
        let (steps, leads) = (history::list(core, 10_000).expect("a history").len(), leads::count(core));
        format!("{} {names:?} {steps} {:?}", hash_of(core), leads.expect("a count"))
    }
}

impl Raw {
    fn head(&self) -> String {
        let mut head = format!("{} {} {}\r\n", self.method, self.target, self.version);
        let host = self.host.iter().map(|host| format!("Host: {host}"));
        let token = self.token.iter().map(|token| format!("Authorization: {token}"));
        let length = self.length.iter().map(|length| format!("Content-Length: {length}"));
        for line in host.chain(token).chain(self.headers.iter().cloned()).chain(length) {
            head.push_str(&line);
            head.push_str("\r\n");
        }
        head + "\r\n"
    }

    fn without(mut self, name: &str) -> Self {
        self.headers.retain(|line| !line.starts_with(name));
        self
    }

    fn with(mut self, line: impl Into<String>) -> Self {
        self.headers.push(line.into());
        self
    }

    /// The same with a body of another kind; none where `kind` is empty.
    fn of_kind(self, kind: &str) -> Self {
        let mut other = self.without("Content-Type");
        if !kind.is_empty() {
            other = other.with(format!("Content-Type: {kind}"));
        }
        other.length = Some("14".to_owned());
        other
    }
}

/// Sends a head, and of the body what is there; the status, or nothing where the connection ends.
fn sent(address: SocketAddr, raw: &Raw, with_body: bool) -> Option<u16> {
    let mut stream = http::connect(address).expect("the door is open");
    stream.write_all(raw.head().as_bytes()).ok()?;
    if with_body {
        stream.write_all(&raw.body).ok()?;
    }
    let answer = http::read(&mut BufReader::new(stream), Some(raw.method)).ok().flatten()?;
    let is_for_pages = |name: &str| name.starts_with("access-control-") || name == "set-cookie";
    assert!(!answer.headers.iter().any(|(name, _)| is_for_pages(name)), "{}", answer.first);
    Some(answer.status())
}

/// Sends a head, and hears that the body is awaited.
fn awaited(scene: &Scene, raw: &Raw) -> (TcpStream, BufReader<TcpStream>) {
    let mut stream = http::connect(scene.door.address).expect("the door is open");
    let mut answers = BufReader::new(stream.try_clone().expect("the same connection"));
    stream.write_all(raw.head().as_bytes()).expect("written");
    let waits = http::read(&mut answers, Some(raw.method)).expect("readable").expect("an answer");
    assert_eq!(waits.status(), 100, "the body is awaited");
    (stream, answers)
}

/// Lets this process hold as many files as this computer lets one; how many that are.
fn hold_many() -> Option<u64> {
    let maximum = getrlimit(Resource::Nofile).maximum;
    setrlimit(Resource::Nofile, Rlimit { current: maximum, maximum }).expect("a limit");
    getrlimit(Resource::Nofile).current
}

/// A case: what it is, and the requests that it makes of a good one.
type Case = (&'static str, fn(&Scene, Raw, Way) -> Vec<Raw>);

fn hosts(raw: &Raw, hosts: &[String]) -> Vec<Raw> {
    hosts.iter().map(|host| Raw { host: vec![host.clone()], ..raw.clone() }).collect()
}

fn token(raw: Raw, token: &str) -> Vec<Raw> {
    vec![Raw { token: Some(token.to_owned()), ..raw }]
}

fn origin(raw: Raw, origin: &str) -> Vec<Raw> {
    vec![raw.with(format!("Origin: {origin}"))]
}

fn json_body(raw: Raw, body: Vec<u8>) -> Vec<Raw> {
    let raw = raw.of_kind("application/json");
    vec![Raw { length: Some(body.len().to_string()), body, ..raw }]
}

const CASES: [Case; 39] = [
    ("1 no token", |_, raw, _| vec![Raw { token: None, ..raw }]),
    ("2 wrong token", |_, raw, _| token(raw, "Bearer cardfile_01jz_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA")),
    ("3 token with one character changed", |scene, raw, _| {
        let mut own = scene.program.token.clone();
        let last = if own.ends_with('A') { "B" } else { "A" };
        own.replace_range(own.len() - 1.., last);
        token(raw, &format!("Bearer {own}"))
    }),
    ("4 token of a revoked client", |scene, raw, _| token(raw, &format!("Bearer {}", scene.revoked.token))),
    ("5 token for something else", |scene, raw, way| {
        let other = if matches!(way, Way::Post | Way::Delete) { &scene.reader } else { &scene.writer };
        token(raw, &format!("Bearer {}", other.token))
    }),
    ("6 foreign host", |_, raw, _| hosts(&raw, &["evil.example".into()])),
    ("7 foreign host with the port", |scene, raw, _| hosts(&raw, &[format!("evil.example:{}", scene.port)])),
    ("8 host that begins like ours", |scene, raw, _| hosts(&raw, &[format!("127.0.0.1.evil.example:{}", scene.port)])),
    ("9 host without the port", |_, raw, _| hosts(&raw, &["127.0.0.1".into()])),
    ("10 host with another port", |scene, raw, _| hosts(&raw, &[format!("127.0.0.1:{}", scene.port ^ 1)])),
    ("11 any address", |scene, raw, _| hosts(&raw, &[format!("0.0.0.0:{}", scene.port)])),
    ("12 our address in other forms", |scene, raw, _| {
        hosts(&raw, &["127.1", "2130706433", "0x7f000001"].map(|host| format!("{host}:{}", scene.port)))
    }),
    ("13 host with a point at its end", |scene, raw, _| hosts(&raw, &[format!("localhost.:{}", scene.port)])),
    ("14 no host", |_, raw, _| {
        vec![Raw { host: Vec::new(), version: "HTTP/1.0", ..raw.clone() }, Raw { host: Vec::new(), ..raw }]
    }),
    ("15 two hosts", |scene, raw, _| {
        let own = raw.host[0].clone();
        vec![
            Raw { host: vec![own.clone(), own.clone()], ..raw.clone() },
            Raw { host: vec![own, format!("evil.example:{}", scene.port)], ..raw },
        ]
    }),
    ("16 whole address of somebody else", |_, raw, _| {
        vec![Raw { target: format!("http://evil.example{}", raw.target), ..raw }]
    }),
    ("17 passed on", |_, raw, _| {
        vec![
            raw.clone().with("X-Forwarded-Host: evil.example"),
            raw.with("Forwarded: for=203.0.113.9;host=evil.example"),
        ]
    }),
    ("18 foreign origin", |_, raw, _| origin(raw, "https://evil.example")),
    ("19 origin of nobody", |_, raw, _| origin(raw, "null")),
    ("20 origin with another port", |scene, raw, _| origin(raw, &format!("http://localhost:{}", scene.port ^ 1))),
    ("21 origin that begins like ours", |_, raw, _| origin(raw, "http://127.0.0.1.evil.example")),
    ("22 origin with our port in its name", |scene, raw, _| {
        origin(raw, &format!("http://localhost:{}.evil.example", scene.port))
    }),
    ("23 two origins", |_, raw, _| vec![raw.with("Origin: https://evil.example").with("Origin: https://evil.example")]),
    ("24 origin of a window without a token", |_, raw, _| origin(Raw { token: None, ..raw }, "tauri://localhost")),
    ("25 a body of plain text", |_, raw, _| vec![raw.of_kind("text/plain")]),
    ("26 a form", |_, raw, _| vec![raw.of_kind("application/x-www-form-urlencoded")]),
    ("27 a form in parts", |_, raw, _| vec![raw.of_kind("multipart/form-data; boundary=x")]),
    ("28 a body of no kind", |_, raw, _| vec![raw.of_kind("")]),
    ("29 asked before by a browser", |_, raw, _| {
        let raw = raw.with("Origin: https://evil.example").with("Access-Control-Request-Method: POST");
        vec![raw.with("Access-Control-Request-Private-Network: true")]
    }),
    ("30 another site", |_, raw, _| vec![raw.with("Sec-Fetch-Site: cross-site")]),
    ("31 token in the address", |scene, raw, _| {
        let asked = |word: &str| format!("{}?{word}={}", raw.target, scene.program.token);
        ["token", "access_token"].map(|word| Raw { token: None, target: asked(word), ..raw.clone() }).to_vec()
    }),
    ("32 token as a cookie", |scene, raw, _| {
        vec![Raw { token: None, ..raw }.with(format!("Cookie: token={}", scene.program.token))]
    }),
    ("33 name and password", |_, raw, _| token(raw, "Basic b3duZXI6c2VjcmV0")),
    ("34 a body longer than any", |_, raw, _| {
        vec![Raw { length: Some((100_u64 << 20).to_string()), ..raw.of_kind("application/json") }]
    }),
    ("35 two lengths", |_, raw, _| vec![raw.of_kind("application/json").with("Transfer-Encoding: chunked")]),
    ("36 a body without an end", |_, raw, _| {
        let body = b"5\r\n{\"nam\r\n".repeat(100);
        let raw = raw.of_kind("application/json").with("Transfer-Encoding: chunked");
        vec![Raw { length: None, body, ..raw }]
    }),
    ("38 a way out of the tree", |_, raw, _| {
        ["/v1/../v1/contacts", "/v1/%2e%2e/v1/contacts", "/v1//contacts", "/v1/..%2fcontacts"]
            .map(|target| Raw { target: target.to_owned(), ..raw.clone() })
            .to_vec()
    }),
    ("39 a key twice", |_, raw, _| json_body(raw, br#"{"name":"Eve","name":"Mallory"}"#.to_vec())),
    ("40 a body ten thousand deep", |_, raw, _| {
        let body = format!("{{\"metadata\":{}1{}}}", "{\"a\":".repeat(10_000), "}".repeat(10_000));
        json_body(raw, body.into_bytes())
    }),
];

#[test]
fn forty_ways_to_come_in_are_refused_each_with_six_ways_to_ask() {
    let scene = Scene::new();
    let before = scene.state();
    let mut refused = 0;
    for (name, make) in CASES {
        for way in WAYS {
            for raw in make(&scene, scene.good(way), way) {
                // Whoever is refused by the head is answered without the body.
                let with_body = name.starts_with("39") || name.starts_with("40") || name.starts_with("36");
                let status = sent(scene.door.address, &raw, with_body);
                let is_refused = status.is_none_or(|status| (400..500).contains(&status));
                assert!(is_refused, "{name} {way:?}: {status:?}\n{}", raw.head());
                refused += 1;
            }
            assert_eq!(scene.state(), before, "{name} {way:?} changed something");
        }
    }
    assert!(refused >= 39 * 6, "{refused}");
    // Positive controls: the same requests without anything wrong.
    for host in ["127.0.0.1", "localhost", "[::1]"] {
        let host = vec![format!("{host}:{}", scene.port)];
        for (way, expected) in [
            (Way::Get, 200..300),
            (Way::Post, 200..300),
            (Way::Options, 400..500),
            (Way::WebSocket, 400..500),
            (Way::Events, 400..500),
        ] {
            let status = sent(scene.door.address, &Raw { host: host.clone(), ..scene.good(way) }, true);
            assert!(status.is_some_and(|status| expected.contains(&status)), "{host:?} {way:?}: {status:?}");
        }
        let target = format!("/v1/contacts/{}", scene.program.contact(&json!({ "name": "Bo" })));
        let status = sent(scene.door.address, &Raw { host, target, ..scene.good(Way::Delete) }, true);
        assert_eq!(status, Some(200));
    }
}

/// The head is let in, the body is awaited, and only then the token is taken away.
#[test]
fn who_is_turned_out_while_their_body_is_awaited_does_nothing_with_it() {
    let scene = Scene::new();
    let raw = scene.good(Way::Post).with("Expect: 100-continue");
    let (mut stream, mut answers) = awaited(&scene, &raw);
    clients::revoke(&scene.door.core, "owner", &who()).expect("revoked");
    let before = scene.state();
    stream.write_all(&raw.body).expect("written");
    let answer = http::read(&mut answers, Some("POST")).expect("readable").expect("an answer");
    assert_eq!(answer.status(), 401, "{}", answer.text());
    assert_eq!(scene.state(), before);
}

#[test]
fn who_announces_bodies_and_sends_none_takes_the_turns_of_nobody_else() {
    /// Bodies of one client that are awaited at once.
    const TURNS: usize = 8;
    let scene = Scene::new();
    let address = scene.door.address;
    let raw = scene.good(Way::Post).with("Expect: 100-continue");
    let mut held: Vec<_> = (0..TURNS).map(|_| awaited(&scene, &raw)).collect();
    assert_eq!(sent(address, &raw, false), Some(503), "no turn is left");
    assert_eq!(sent(address, &scene.good(Way::Get), true), Some(200), "what has no body needs none");
    awaited(&scene, &Raw { token: Some(format!("Bearer {}", scene.writer.token)), ..raw.clone() });
    // A body that comes is taken, and the next one has its turn.
    let (mut stream, mut answers) = held.remove(0);
    stream.write_all(&raw.body).expect("written");
    let answer = http::read(&mut answers, Some("POST")).expect("readable").expect("an answer");
    assert_eq!(answer.status(), 201, "{}", answer.text());
    awaited(&scene, &raw);
}

#[test]
fn bodies_that_are_announced_and_do_not_come_keep_nobody_out() {
    /// More than there are places at the door.
    const ALL: usize = 300;
    let scene = Scene::new();
    hold_many();
    let (before, raw) = (scene.state(), scene.good(Way::Post));
    let mut held = Vec::new();
    for number in 0..ALL {
        let mut stream = http::connect(scene.door.address).expect("a connection");
        // It may have been sent away already, which is what it came for.
        let _ = stream.write_all(raw.head().as_bytes());
        held.push(stream);
        if number % 50 == 49 {
            assert_eq!(sent(scene.door.address, &scene.good(Way::Get), true), Some(200), "after {number}");
        }
    }
    assert_eq!(scene.state(), before);
}

/// The other loopback address is the same door.
#[test]
fn both_loopback_addresses_lead_to_the_door_and_no_other_address() {
    let scene = Scene::new();
    let six: SocketAddr = format!("[::1]:{}", scene.port).parse().expect("an address");
    if TcpStream::connect(six).is_ok() {
        assert_eq!(sent(six, &scene.good(Way::Get), true), Some(200));
    }
    for other in ["127.0.0.2", "0.0.0.0"] {
        let address: SocketAddr = format!("{other}:{}", scene.port).parse().expect("an address");
        // 0.0.0.0 leads to this computer as well; what it leads to has another name.
        if let Ok(mut stream) = TcpStream::connect(address) {
            let raw = Raw { host: vec![address.to_string()], ..scene.good(Way::Get) };
            stream.write_all(raw.head().as_bytes()).expect("written");
            let answer = http::read(&mut BufReader::new(stream), Some("GET")).expect("readable").expect("an answer");
            assert_eq!(answer.status(), 403, "{other}");
        }
    }
}

/// Case 37: whoever only holds connections open keeps nobody out.
#[test]
fn ten_thousand_half_open_connections_keep_nobody_out() {
    const ALL: usize = 10_000;
    let scene = Scene::new();
    // As many as this computer lets one process hold, and room for everybody else.
    let most = hold_many().map_or(ALL, |most| usize::try_from(most).unwrap_or(ALL));
    let held_at_once = ALL.min(most.saturating_sub(2_000).max(500));
    let before = scene.state();
    let mut held = VecDeque::new();
    for number in 0..ALL {
        let mut stream = http::connect(scene.door.address).expect("a connection");
        // It may have been sent away already, which is what it came for.
        let _ = stream.write_all(b"GET /v1/contacts HTTP/1.1\r\nHost: 127");
        held.push_back(stream);
        if held.len() > held_at_once {
            held.pop_front();
        }
        if number % 2_500 == 2_499 {
            assert_eq!(sent(scene.door.address, &scene.good(Way::Get), true), Some(200), "after {number}");
        }
    }
    assert_eq!(scene.state(), before);
    drop(held);
    assert_eq!(sent(scene.door.address, &scene.good(Way::Get), true), Some(200));
}
