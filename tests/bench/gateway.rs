//! The door for other programs at a million contacts, beside the least that answers the same over
//! HTTP: hyper and rusqlite on the same tables and cipher, which ask for no token, know no filter
//! and hold nobody back.
//!
//! Both are processes of their own with one client on one connection. What a request costs is the
//! CPU of the server; how long it takes is the clock of the client.

use crate::{
    floor::{self, connection},
    number,
    process::{median, quantile, resident_mib, run_self},
    report::{Goal, Line, table},
};
use cardfile_core::clients::{self, NewClient, Scope};
use cardfile_gateway::serve::{Server, Settings};
use cardfile_testkit::http::{self, Message};
use http_body_util::Full;
use hyper::{Request, Response, body::Bytes, body::Incoming, server::conn::http1, service::service_fn};
use hyper_util::rt::TokioIo;
use rusqlite::Connection;
use serde_json::{Value, json};
use std::{
    collections::HashMap,
    convert::Infallible,
    io::{BufRead, BufReader, Read, Write},
    net::{SocketAddr, TcpStream},
    path::Path,
    process::{Child, ChildStdout, Command, Stdio},
    rc::Rc,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    thread,
    time::Instant,
};

/// Requests of one measurement.
const REQUESTS: usize = 5_000;
const LISTS: usize = 1_000;
/// Rows of one call.
const ROWS: usize = 5_000;
/// Ticks of a second in /proc.
const TICKS: f64 = 100.0;

/// One job, in a process of its own; nothing when there is none of this name.
pub(crate) fn job(name: &str, args: &[String]) -> Option<Value> {
    Some(match name {
        "door" => door(Path::new(&args[0])),
        "floor-door" => bare_door(Path::new(&args[0])),
        _ => return None,
    })
}

/// Opens the door of a workspace until nobody listens any more.
fn door(dir: &Path) -> Value {
    let core = Arc::new(floor::workspace(dir));
    core.count().expect("readable");
    let before = resident_mib();
    let server = Server::start(Arc::clone(&core), &Settings::default()).expect("an open door");
    let address = server.place().address;
    let guests: Vec<TcpStream> = (0..50).map(|_| TcpStream::connect(address).expect("a guest")).collect();
    let name = format!("bench {}", std::process::id());
    let new = NewClient { per_minute: u32::MAX, ..NewClient::new(&*name, Scope::ALL) };
    let who = cardfile_core::Who::cli();
    let (_, token) = clients::create(&core, &new, &who).expect("a client");
    let idle_mib = resident_mib() - before;
    drop(guests);
    println!("{}", json!({ "address": address.to_string(), "token": token, "idle_mib": idle_mib }));
    std::io::stdin().read_to_end(&mut Vec::new()).expect("until nobody listens");
    clients::revoke(&core, &name, &who).expect("revoked");
    json!({})
}

const COLUMNS: &str = "id, name, email, phone, company, source, first_seen, last_seen, conversation_count, page_url,
    ip_country, metadata, created_at, updated_at, row";

/// A contact as the bare server says it: nothing is looked up but its row and its tags.
fn bare_contact(db: &Connection, row: &rusqlite::Row<'_>, tags: &HashMap<i64, String>) -> rusqlite::Result<Value> {
    let text = |at: usize| row.get::<_, Option<String>>(at);
    let number = |at: usize| row.get::<_, Option<i64>>(at);
    let mut own = db.prepare_cached("SELECT tag FROM contact_tag WHERE contact = ?1 ORDER BY pos")?;
    let own: Vec<String> = own
        .query_map([row.get::<_, i64>(14)?], |row| row.get::<_, i64>(0))?
        .map(|tag| Ok(tags.get(&tag?).cloned().unwrap_or_default()))
        .collect::<rusqlite::Result<_>>()?;
    Ok(json!({
        "id": text(0)?, "name": text(1)?, "email": text(2)?, "phone": text(3)?, "company": text(4)?,
        "source": text(5)?, "first_seen": number(6)?, "last_seen": number(7)?, "conversation_count": number(8)?,
        "page_url": text(9)?, "ip_country": text(10)?, "metadata": text(11)?, "created_at": number(12)?,
        "updated_at": number(13)?, "tags": own,
    }))
}

/// `/get/ID` and `/list/ROW`.
fn bare_answer(db: &Connection, tags: &HashMap<i64, String>, path: &str) -> rusqlite::Result<Value> {
    let mut parts = path.rsplit('/');
    let what = parts.next().unwrap_or_default();
    if parts.next() == Some("get") {
        let mut one = db.prepare_cached(&format!("SELECT {COLUMNS} FROM contact WHERE id = ?1"))?;
        return one.query_row([what], |row| bare_contact(db, row, tags));
    }
    let mut some =
        db.prepare_cached(&format!("SELECT {COLUMNS} FROM contact WHERE row > ?1 AND binned_at IS NULL LIMIT 100"))?;
    let all = some.query_map([what.parse::<i64>().unwrap_or(0)], |row| bare_contact(db, row, tags))?;
    Ok(json!({ "data": all.collect::<rusqlite::Result<Vec<Value>>>()? }))
}

fn bare_door(file: &Path) -> Value {
    let db = Rc::new(connection(file, 65_536));
    let tags: HashMap<i64, String> = db
        .prepare("SELECT tag, name FROM tag")
        .and_then(|mut all| all.query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?.collect())
        .expect("tags");
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
    tokio::task::LocalSet::new().block_on(&runtime, bare_guests(db, Rc::new(tags)))
}

/// Until it is killed.
async fn bare_guests(db: Rc<Connection>, tags: Rc<HashMap<i64, String>>) -> Value {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a port");
    println!("{}", json!({ "address": listener.local_addr().expect("an address").to_string() }));
    loop {
        let (stream, _) = listener.accept().await.expect("a client");
        stream.set_nodelay(true).expect("a socket");
        let (db, tags) = (Rc::clone(&db), Rc::clone(&tags));
        tokio::task::spawn_local(async move {
            let service = service_fn(move |request: Request<Incoming>| {
                let said = bare_answer(&db, &tags, request.uri().path()).expect("an answer");
                let bytes = serde_json::to_vec(&said).expect("JSON");
                async move { Ok::<_, Infallible>(Response::new(Full::new(Bytes::from(bytes)))) }
            });
            // It ends when the client has enough.
            let _ = http1::Builder::new().serve_connection(TokioIo::new(stream), service).await;
        });
    }
}

/// A server in a process of its own, and a connection with it.
struct Running {
    child: Child,
    /// Kept, because it says something at its end as well.
    _out: BufReader<ChildStdout>,
    address: SocketAddr,
    said: Value,
    stream: TcpStream,
    from: BufReader<TcpStream>,
}

impl Running {
    fn start(job: &str, place: &Path) -> Self {
        let own = std::env::current_exe().expect("this program");
        let mut command = Command::new(own);
        command.arg(job).arg(place).stdin(Stdio::piped()).stdout(Stdio::piped());
        let mut child = command.spawn().expect("it starts");
        let mut line = String::new();
        let mut out = BufReader::new(child.stdout.take().expect("a pipe"));
        out.read_line(&mut line).expect("a line");
        let said: Value = serde_json::from_str(&line).expect("JSON");
        let address = said["address"].as_str().and_then(|text| text.parse().ok()).expect("an address");
        let stream = http::connect(address).expect("a connection");
        let from = BufReader::new(stream.try_clone().expect("both ways"));
        Self { child, _out: out, address, said, stream, from }
    }

    fn ask(&mut self, method: &str, path: &str, kind: &str, body: &[u8]) -> Message {
        let token = self.said["token"].as_str().unwrap_or_default();
        let mut head =
            format!("{method} {path} HTTP/1.1\r\nHost: {}\r\nAuthorization: Bearer {token}\r\n", self.address);
        if !body.is_empty() {
            head.push_str(&format!("Content-Type: {kind}\r\nContent-Length: {}\r\n", body.len()));
        }
        head.push_str("\r\n");
        self.stream.write_all(head.as_bytes()).and_then(|()| self.stream.write_all(body)).expect("written");
        let answer = http::read(&mut self.from, Some(method)).expect("readable").expect("an answer");
        assert!(answer.status() < 300, "{method} {path}: {}", answer.text());
        answer
    }

    fn get(&mut self, path: &str) -> Value {
        serde_json::from_slice(&self.ask("GET", path, "", b"").body).expect("JSON")
    }

    /// User and system time of the server.
    fn cpu_seconds(&self) -> f64 {
        let stat = std::fs::read_to_string(format!("/proc/{}/stat", self.child.id())).expect("a process");
        let fields: Vec<&str> = stat.rsplit(')').next().unwrap_or_default().split_whitespace().collect();
        let ticks = |at: usize| fields[at].parse::<f64>().expect("ticks");
        (ticks(11) + ticks(12)) / TICKS
    }

    /// Milliseconds that each request took, and milliseconds of CPU that one costs.
    fn measure(&mut self, paths: &[String]) -> (Vec<f64>, f64) {
        let before = self.cpu_seconds();
        let mut took = Vec::with_capacity(paths.len());
        for path in paths {
            let started = Instant::now();
            self.ask("GET", path, "", b"");
            took.push(started.elapsed().as_secs_f64() * 1000.0);
        }
        (took, (self.cpu_seconds() - before) * 1000.0 / paths.len() as f64)
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        drop(self.child.stdin.take());
        // The bare one does not listen to that.
        if self.said.get("token").is_none() {
            let _ = self.child.kill();
        }
        let _ = self.child.wait();
    }
}

/// Measures, and keeps the result in this folder.
pub(crate) fn bench(out: &Path, pairs: usize) {
    let rows = number("BENCH_ROWS", 1_000_000);
    let temp = tempfile::tempdir_in(out).expect("a temporary folder");
    let dir = temp.path();
    let (csv, ours, bare) = (dir.join("people.csv"), dir.join("ours"), dir.join("bare.db"));
    eprintln!("bench: the door, {rows} made-up people");
    run_self("generate", &[&csv, Path::new(&rows.to_string())]);
    run_self("import", &[&ours, &csv]);
    run_self("floor-import", &[&bare, &csv]);
    let (lines, raw) = measure(&ours, &bare, rows, pairs);
    let heading = format!("The door at {rows} contacts, {pairs} pairs. Ratio: the other divided by ours.");
    let table = table(&heading, &lines);
    std::fs::write(out.join("gateway.json"), format!("{raw:#}\n")).expect("writable");
    std::fs::write(out.join("gateway.md"), &table).expect("writable");
    println!("{table}");
}

/// Numbers that are spread over all rows, the same in every run.
fn spread(count: usize, rows: usize) -> impl Iterator<Item = usize> {
    (0..count).map(move |n| n.wrapping_mul(7_919_777) % rows.max(1))
}

fn measure(ours: &Path, bare: &Path, rows: usize, pairs: usize) -> (Vec<Line>, Value) {
    let mut door = Running::start("door", ours);
    let mut floor = Running::start("floor-door", bare);
    let idle_mib = door.said["idle_mib"].as_f64().unwrap_or(f64::NAN);
    eprintln!("bench: the door, everybody page by page while another client writes");
    let (ids, cursors, faults, walk_seconds) = walk(&mut door);
    let theirs: Vec<String> =
        (0..rows).step_by(100).flat_map(|row| names(&floor.get(&format!("/list/{row}")))).collect();
    let gets = |way: &str, ids: &[String]| -> Vec<String> {
        spread(REQUESTS, ids.len()).map(|at| format!("{way}{}", ids[at])).collect()
    };
    let our_gets = gets("/v1/contacts/", &ids);
    let our_lists: Vec<String> =
        spread(LISTS, cursors.len()).map(|at| format!("/v1/contacts?limit=100&cursor={}", cursors[at])).collect();
    let filtered: Vec<String> = (0..LISTS / 10)
        .map(|n| format!("/v1/contacts?limit=100&filter=source:widget%20conversations:%3E{}", n % 9))
        .collect();
    let their_gets = gets("/get/", &theirs);
    let their_lists: Vec<String> = spread(LISTS, rows).map(|row| format!("/list/{row}")).collect();
    // Once, so that neither reads what it will know.
    for (running, paths) in [(&mut door, [&our_gets, &our_lists]), (&mut floor, [&their_gets, &their_lists])] {
        for paths in paths {
            running.measure(paths);
        }
    }
    let mut all: HashMap<&str, Vec<(f64, f64)>> = HashMap::new();
    let mut wall: HashMap<&str, Vec<f64>> = HashMap::new();
    for pair in 1..=pairs {
        eprintln!("bench: the door, requests, pair {pair} of {pairs}");
        for (what, own, other) in [("get", &our_gets, &their_gets), ("list", &our_lists, &their_lists)] {
            let ((took, cost), (_, floor_cost)) = (door.measure(own), floor.measure(other));
            wall.entry(what).or_default().extend(took);
            all.entry(what).or_default().push((floor_cost, cost));
        }
        wall.entry("filter").or_default().extend(door.measure(&filtered).0);
    }
    let import_seconds = median((0..pairs).map(|pair| import(&mut door, pair)).collect());
    let p99 = |what: &str| quantile(wall[what].clone(), 0.99);
    let cost = |what: &str| median(all[what].iter().map(|(_, ours)| *ours).collect());
    let pair = |name, what: &str, goal| Line {
        paired: Some(median(all[what].iter().map(|(floor, ours)| floor / ours).collect())),
        ..Line::new(
            name,
            "ms CPU",
            Some(("bare hyper and rusqlite", median(all[what].iter().map(|(floor, _)| *floor).collect()))),
            cost(what),
            goal,
            "",
        )
    };
    let lines = vec![
        Line::new("List of 100, p99", "ms", None, p99("list"), Goal::Below(5.0), "one connection"),
        Line::new("List of 100 with a filter, p99", "ms", None, p99("filter"), Goal::None, "one connection"),
        Line::new("Read one, p99", "ms", None, p99("get"), Goal::Below(2.0), "one connection"),
        pair("Read one, a request", "get", Goal::AtLeast(0.5)),
        pair("List of 100, a request", "list", Goal::AtLeast(0.5)),
        Line::new("Requests a second on one core", "", None, 1000.0 / cost("get"), Goal::From(1000.0), "read one"),
        Line::new(
            "Met twice or missed",
            "contacts",
            None,
            faults as f64,
            Goal::Below(0.0),
            "while another client writes",
        ),
        Line::new("Everybody, 1,000 a page", "s", None, walk_seconds, Goal::None, "while another client writes"),
        Line::new("Import of 5,000 in one call", "s", None, import_seconds, Goal::Below(1.0), ""),
        Line::new("Idle, with 50 guests", "MiB", None, idle_mib, Goal::Below(10.0), ""),
    ];
    let raw = json!({ "rows": rows, "pairs": pairs, "cpu_ms": all.iter().map(|(what, runs)| json!({ "what": what,
        "floor_and_ours": runs })).collect::<Vec<_>>(), "p99_ms": { "get": p99("get"), "list": p99("list"),
        "filter": p99("filter") }, "import_seconds": import_seconds, "idle_mib": idle_mib, "faults": faults });
    (lines, raw)
}

fn names(page: &Value) -> Vec<String> {
    let all = page["data"].as_array().into_iter().flatten();
    all.filter_map(|one| one["id"].as_str().map(str::to_owned)).collect()
}

/// Everybody, with the cursors on the way, how many of those who were there all the time were met
/// twice or missed, and how long it took.
fn walk(door: &mut Running) -> (Vec<String>, Vec<String>, usize, f64) {
    let all = |door: &mut Running| {
        let (mut ids, mut cursors, mut cursor) = (Vec::new(), Vec::new(), String::new());
        loop {
            let page = door.get(&format!("/v1/contacts?limit=1000{cursor}"));
            ids.extend(names(&page));
            let Some(next) = page["next_cursor"].as_str() else { return (ids, cursors) };
            cursors.push(next.to_owned());
            cursor = format!("&cursor={next}");
        }
    };
    let (before, cursors) = all(door);
    let (is_over, address, token) = (Arc::new(AtomicBool::new(false)), door.address, door.said["token"].clone());
    let over = Arc::clone(&is_over);
    let others: Vec<String> = before.iter().step_by(1_000).cloned().collect();
    let writing = thread::spawn(move || {
        let program = cardfile_testkit::door::Program { address, token: token.as_str().expect("a token").to_owned() };
        for (number, id) in others.iter().cycle().enumerate() {
            if over.load(Ordering::SeqCst) {
                break;
            }
            let (status, said) =
                program.send("PATCH", &format!("/v1/contacts/{id}"), &json!({ "nick": number.to_string() }));
            assert_eq!(status, 200, "{said}");
            program.make("/v1/contacts", &json!({ "name": format!("New {number}") }));
        }
    });
    let started = Instant::now();
    let (met, _) = all(door);
    let seconds = started.elapsed().as_secs_f64();
    is_over.store(true, Ordering::SeqCst);
    writing.join().expect("a writer");
    let mut times: HashMap<&str, usize> = HashMap::new();
    met.iter().for_each(|id| *times.entry(id).or_default() += 1);
    let twice = times.values().filter(|times| **times > 1).count();
    let missed = before.iter().filter(|id| !times.contains_key(id.as_str())).count();
    (before, cursors, twice + missed, seconds)
}

/// Seconds that so many new people take in one call.
fn import(door: &mut Running, round: usize) -> f64 {
    let mut rows = "name,email\n".to_owned();
    for n in 0..ROWS {
        rows.push_str(&format!("Bench {round} {n},bench.{round}.{n}@x.example\n"));
    }
    let started = Instant::now();
    let answer = door.ask("POST", "/v1/contacts/import", "text/csv", rows.as_bytes());
    let seconds = started.elapsed().as_secs_f64();
    assert!(answer.text().contains(&format!("\"created\":{ROWS}")), "all of them are new");
    seconds
}
