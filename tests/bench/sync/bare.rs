//! A bare CardDAV client: it sends the requests that the product sends, reads the answers to
//! their ends and keeps nothing. It keeps its connections where the server does, and lets no
//! server wait with an `Expect`.

use cardfile_testkit::{http, peers::ACCOUNT};
use serde_json::{Value, json};
use std::{
    io::{BufReader, Write},
    net::{SocketAddr, TcpStream},
    sync::{
        Mutex,
        atomic::{AtomicUsize, Ordering::Relaxed},
    },
    thread,
    time::{Duration, Instant},
};

/// Writes under way, as many as the product has.
const AT_ONCE: usize = 6;
/// Writes after which what came of them is read, as the product does it.
const BATCH: usize = 50;
/// Cards that are read in one request, as the product does it.
const READ_AT_ONCE: usize = 1_000;
/// Attempts on connections: one that was kept may be closed by now.
const TRIES: usize = 2;
/// For one read. A large address book lets a small server think for long.
const PATIENCE: Duration = Duration::from_secs(3_600);
/// Another write was in the way.
const LOCKED: u16 = 423;

/// A card to be written, and under which condition.
pub(super) struct Put {
    pub(super) path: String,
    pub(super) condition: (&'static str, String),
    pub(super) card: String,
}

/// The client, at one address book.
pub(super) struct Bare {
    book: String,
    lanes: Vec<Lane>,
    started: Instant,
}

impl Bare {
    /// Its clock starts.
    pub(super) fn at(address: SocketAddr, book: &str) -> Self {
        let lanes = (0..AT_ONCE).map(|_| Lane { address, kept: None, requests: 0, bytes: 0 }).collect();
        Self { book: book.to_owned(), lanes, started: Instant::now() }
    }

    /// What it took.
    pub(super) fn took(&self) -> Value {
        let wall_ms = self.started.elapsed().as_secs_f64() * 1e3;
        let requests: u64 = self.lanes.iter().map(|lane| lane.requests).sum();
        let bytes: usize = self.lanes.iter().map(|lane| lane.bytes).sum();
        json!({ "wall_ms": wall_ms, "requests": requests, "bytes": bytes })
    }

    /// Whether the address book is there.
    pub(super) fn look(&mut self) {
        self.ask("PROPFIND", "0", r#"<propfind xmlns="DAV:"><prop><resourcetype/></prop></propfind>"#);
    }

    /// Lets the server work out what it says of the whole address book.
    pub(super) fn warm(&mut self) {
        self.ask("PROPFIND", "0", r#"<propfind xmlns="DAV:"><prop><sync-token/></prop></propfind>"#);
    }

    /// The paths of what moved after a token; of everything after none.
    pub(super) fn moved(&mut self, token: &str) -> Vec<String> {
        let begin = r#"<sync-collection xmlns="DAV:"><sync-token>"#;
        let end = "</sync-token><sync-level>1</sync-level><prop><getetag/></prop></sync-collection>";
        let text = self.ask("REPORT", "0", &format!("{begin}{token}{end}"));
        // What follows a tag that ends in `href>` is a path, or the next tag.
        let paths = text.split("href>").filter_map(|part| part.split('<').next());
        paths.filter(|path| path.ends_with(".vcf")).map(str::to_owned).collect()
    }

    /// Reads these cards; how many came.
    pub(super) fn read(&mut self, paths: &[String]) -> usize {
        let begin = r#"<C:addressbook-multiget xmlns="DAV:" xmlns:C="urn:ietf:params:xml:ns:carddav">"#;
        let wanted = "<prop><getetag/><C:address-data/></prop>";
        let mut count = 0;
        for some in paths.chunks(READ_AT_ONCE) {
            let hrefs: String = some.iter().map(|path| format!("<href>{path}</href>")).collect();
            let body = format!("{begin}{wanted}{hrefs}</C:addressbook-multiget>");
            count += self.ask("REPORT", "1", &body).matches("BEGIN:VCARD").count();
        }
        count
    }

    /// Writes cards, and reads what came of them.
    pub(super) fn write(&mut self, puts: &[Put]) {
        for some in puts.chunks(BATCH) {
            self.write_together(some);
            let paths: Vec<String> = some.iter().map(|put| put.path.clone()).collect();
            assert_eq!(self.read(&paths), paths.len(), "what was written is there");
        }
    }

    /// A card with its version.
    pub(super) fn get(&mut self, path: &str) -> (String, String) {
        let answer = self.lanes[0].send("GET", path, &[], "");
        assert_eq!(answer.status(), 200, "{path}");
        (answer.header("etag").unwrap_or_default().to_owned(), answer.text())
    }

    fn write_together(&mut self, puts: &[Put]) {
        let (next, locked) = (&AtomicUsize::new(0), &Mutex::new(Vec::new()));
        thread::scope(|scope| {
            for lane in &mut self.lanes {
                scope.spawn(move || {
                    while let Some(put) = puts.get(next.fetch_add(1, Relaxed)) {
                        if lane.put(put) == LOCKED {
                            locked.lock().expect("not poisoned").push(put);
                        }
                    }
                });
            }
        });
        // Some servers let one write at a time in: what met another one goes by itself.
        for put in locked.lock().expect("not poisoned").drain(..) {
            let status = self.lanes[0].put(put);
            assert_ne!(status, LOCKED, "nobody else writes");
        }
    }

    fn ask(&mut self, method: &str, depth: &str, body: &str) -> String {
        let headers = [("Depth", depth), ("Content-Type", "application/xml; charset=utf-8")];
        let answer = self.lanes[0].send(method, &self.book, &headers, body);
        let text = answer.text();
        assert_eq!(answer.status(), 207, "{method}: {}", text.chars().take(300).collect::<String>());
        text
    }
}

/// A connection that is kept where the server keeps it.
struct Lane {
    address: SocketAddr,
    kept: Option<BufReader<TcpStream>>,
    requests: u64,
    /// Of bodies, both ways.
    bytes: usize,
}

impl Lane {
    /// The status; what is refused otherwise than by a lock is a fault of the bench.
    fn put(&mut self, put: &Put) -> u16 {
        let (name, value) = &put.condition;
        let headers = [("Content-Type", "text/vcard; charset=utf-8"), (*name, value.as_str())];
        let status = self.send("PUT", &put.path, &headers, &put.card).status();
        assert!(matches!(status, 200..=204 | LOCKED), "{}: {status}", put.path);
        status
    }

    fn send(&mut self, method: &str, path: &str, headers: &[(&str, &str)], body: &str) -> http::Message {
        let mut request = format!("{method} {path} HTTP/1.1\r\nHost: {}\r\n", self.address);
        request.push_str(&format!("Authorization: Basic {ACCOUNT}\r\nContent-Length: {}\r\n", body.len()));
        for (name, value) in headers {
            request.push_str(&format!("{name}: {value}\r\n"));
        }
        request.push_str("\r\n");
        request.push_str(body);
        self.requests += 1;
        for _ in 0..TRIES {
            let mut stream = match self.kept.take() {
                Some(kept) => kept,
                None => BufReader::new(connect(self.address)),
            };
            let sent = stream.get_mut().write_all(request.as_bytes());
            if let Ok(Some(answer)) = sent.and_then(|()| http::read(&mut stream, Some(method))) {
                self.bytes += body.len() + answer.body.len();
                if !answer.is_last {
                    self.kept = Some(stream);
                }
                return answer;
            }
        }
        panic!("{method} {path}: no answer");
    }
}

fn connect(address: SocketAddr) -> TcpStream {
    let stream = http::connect(address).expect("the server is there");
    stream.set_read_timeout(Some(PATIENCE)).expect("a time limit");
    stream
}
