//! The life of the door: closed until somebody opens it, of one program at a time, and gone
//! without a trace when it is told to go.

use crate::remote_cli::cardfile;
use cardfile_core::{Code, Core, Protection, clients, contact};
use cardfile_gateway::serve::{Server, Settings};
use cardfile_testkit::{
    door::{OpenDoor, Program},
    environment, http,
    peers::program_at,
};
use rustix::process::{Pid, Signal, kill_process};
use serde_json::{Value, json};
use std::{
    collections::BTreeMap,
    io::{BufRead, BufReader, Write},
    net::{SocketAddr, TcpStream},
    path::{Path, PathBuf},
    process::{Child, Stdio},
    sync::Arc,
    thread,
};

/// The program that `make build` made, serving.
struct Serving {
    child: Child,
    address: SocketAddr,
    pid: i64,
}

impl Serving {
    fn start(dir: &Path) -> Self {
        let program = PathBuf::from(env!("CARGO_BIN_EXE_cardfile-crash-writer")).with_file_name("cardfile");
        let mut child = program_at(&program)
            .arg("--workspace")
            .arg(dir)
            .args(["serve", "--json"])
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .expect("the program that make build made");
        let mut line = String::new();
        BufReader::new(child.stdout.take().expect("a pipe")).read_line(&mut line).expect("a line");
        let said: Value = serde_json::from_str(&line).expect("one line of JSON");
        let names: Vec<&String> = said.as_object().expect("an object").keys().collect();
        assert_eq!(names, ["address", "pid"]);
        let address = said["address"].as_str().expect("an address").parse().expect("an address");
        Self { child, address, pid: said["pid"].as_i64().expect("a process") }
    }
}

impl Drop for Serving {
    fn drop(&mut self) {
        // It fails only when the program has ended by itself.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// The sockets of a process, as the kernel writes them: with their addresses, and whether they
/// listen (`0A`). Each once: while others open and close theirs the kernel may tell of one twice.
#[cfg(target_os = "linux")]
fn sockets(pid: i64) -> Vec<String> {
    let inode = |line: &str| line.split_whitespace().nth(9).unwrap_or_default().to_owned();
    let files = std::fs::read_dir(format!("/proc/{pid}/fd")).expect("its files");
    let own: Vec<PathBuf> = files.filter_map(|entry| std::fs::read_link(entry.ok()?.path()).ok()).collect();
    let table = |name: &str| std::fs::read_to_string(format!("/proc/{pid}/net/{name}")).unwrap_or_default();
    let lines: String = ["tcp", "tcp6", "udp", "udp6"].map(table).concat();
    let is_own = |line: &&str| {
        let name = format!("socket:[{}]", inode(line));
        own.iter().any(|own| own.to_str() == Some(&name))
    };
    let found: BTreeMap<String, String> =
        lines.lines().filter(is_own).map(|line| (inode(line), line.to_owned())).collect();
    found.into_values().collect()
}

#[test]
#[cfg(target_os = "linux")]
fn nothing_listens_but_the_door_and_only_while_it_is_open() {
    let temp = tempfile::tempdir().expect("a folder");
    let dir = temp.path().join("workspace");
    assert_eq!(cardfile(&dir, &["init", "--unprotected"]).code, 0);
    let serving = Serving::start(&dir);
    let open = sockets(serving.pid);
    assert!((1..=2).contains(&open.len()), "{open:?}");
    for line in &open {
        let is_here = line.contains(" 0100007F:") || line.contains(" 00000000000000000000000001000000:");
        assert!(is_here && line.contains(" 0A "), "127.0.0.1 or ::1: {line}");
    }
    drop(serving);
    // A workspace that is open with its door closed.
    let program = env!("CARGO_BIN_EXE_cardfile-crash-writer");
    let mut other =
        program_at(Path::new(program)).arg(&dir).arg("open").stdout(Stdio::piped()).spawn().expect("it starts");
    let lines = BufReader::new(other.stdout.take().expect("a pipe")).lines();
    lines.map(|line| line.expect("a line")).find(|line| line == "opened").expect("it is open");
    let found = sockets(other.id().into());
    other.kill().expect("it runs");
    other.wait().expect("it ends");
    assert_eq!(found, Vec::<String>::new());
}

#[test]
fn it_says_where_it_is_and_goes_without_a_trace_when_it_is_told_to() {
    let temp = tempfile::tempdir().expect("a folder");
    let dir = temp.path().join("workspace");
    assert_eq!(cardfile(&dir, &["init", "--unprotected"]).code, 0);
    let made = cardfile(&dir, &["token", "create", "shop", "--scopes", "contacts:read,contacts:write", "--json"]);
    let token = made.only()["token"].as_str().expect("a token").to_owned();
    let mut serving = Serving::start(&dir);
    assert_eq!(serving.pid, i64::from(serving.child.id()));
    let word = dir.join("door.json");
    let said: Value = serde_json::from_slice(&std::fs::read(&word).expect("a word")).expect("JSON");
    assert_eq!(
        (said["address"].as_str(), said["pid"].as_i64()),
        (Some(&*serving.address.to_string()), Some(serving.pid))
    );
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        assert_eq!(std::fs::metadata(&word).expect("a file").permissions().mode() & 0o777, 0o600);
    }
    let program = Program { address: serving.address, token };
    program.make("/v1/contacts", &json!({ "name": "Ana" }));
    assert_eq!(cardfile(&dir, &["serve"]).code, 3, "one door at a time");
    // The terminal goes on beside it, and what it does is seen at once.
    assert!(cardfile(&dir, &["list"]).out.contains("Ana"));
    let people = temp.path().join("people.csv");
    std::fs::write(&people, "name,email\nBo,bo@x.example\n").expect("a file");
    assert_eq!(cardfile(&dir, &["import", people.to_str().expect("a path")]).code, 0);
    assert_eq!(program.get("/v1/contacts")["total"], 2);
    let kept = TcpStream::connect(serving.address).expect("a guest who only waits");

    let pid = Pid::from_raw(i32::try_from(serving.pid).expect("a process")).expect("a process");
    kill_process(pid, Signal::TERM).expect("told");
    let status = serving.child.wait().expect("it ends");
    assert!(status.success(), "{status}");
    assert!(!word.exists(), "the word goes with the door");
    assert!(TcpStream::connect(serving.address).is_err(), "nobody answers");
    drop(kept);
    let listed = cardfile(&dir, &["token", "list", "--json"]).only();
    assert!(listed["last_used_at"].is_string(), "{listed}");
    assert_eq!(cardfile(&dir, &["token", "revoke", "shop"]).code, 0);
    assert!(cardfile(&dir, &["token", "list"]).out.contains("revoked"));
    assert_eq!(cardfile(&dir, &["token", "create", "x", "--scopes", "everything"]).code, 2);
    assert_eq!(cardfile(&dir, &["serve", "--origin", "evil"]).code, 2);
}

#[test]
fn a_token_is_nowhere_in_the_workspace() {
    let door = OpenDoor::default();
    let program = door.owner();
    program.make("/v1/contacts", &json!({ "name": "Ana" }));
    let secret = program.token.rsplit('_').next().expect("a secret");
    let shown = format!("{:?}", clients::all(&door.core).expect("clients"));
    assert!(!shown.contains(secret), "only a hash of it is kept");
}

#[test]
fn a_door_is_of_one_program_and_a_taken_port_is_told() {
    let door = OpenDoor::default();
    let again = Server::start(Arc::clone(&door.core), &Settings::default()).expect_err("it is open");
    assert_eq!(again.code, Code::InUse);
    let settings = Settings { port: door.address.port(), origins: Vec::new() };
    let temp = tempfile::tempdir().expect("a folder");
    let (core, _) = Core::create(&temp.path().join("ws"), &Protection::None, environment()).expect("a workspace");
    assert_eq!(Server::start(Arc::new(core), &settings).expect_err("taken").code, Code::InUse);
}

#[test]
fn an_origin_that_the_owner_wrote_down_is_let_in_and_gets_no_leave_for_pages() {
    let door = OpenDoor::with(&Settings { port: 0, origins: vec!["https://shop.example".into()] });
    let program = door.owner();
    let answer = program.ask("GET", "/v1/contacts", &[("Origin", "https://shop.example")], b"");
    assert_eq!(answer.status(), 200);
    assert_eq!(program.ask("GET", "/v1/contacts", &[("Origin", "https://shop.example:444")], b"").status(), 403);
    assert_eq!(program.ask("OPTIONS", "/v1/contacts", &[("Origin", "https://shop.example")], b"").status(), 403);
}

#[test]
fn many_programs_at_once_are_served_and_one_connection_serves_many_requests() {
    let door = OpenDoor::default();
    let program = door.owner();
    program.contact(&json!({ "name": "Ana" }));
    let all: Vec<_> = (0..32)
        .map(|number| {
            let program = program.clone();
            thread::spawn(move || {
                program.contact(&json!({ "name": format!("P {number}"), "email": format!("p{number}@x.example") }));
                program.get("/v1/contacts?limit=1")["total"].as_u64().expect("a count")
            })
        })
        .collect();
    assert!(all.into_iter().map(|one| one.join().expect("served")).all(|total| total >= 2));
    assert_eq!(program.get("/v1/contacts")["total"], 33);
    let mut stream = http::connect(door.address).expect("a connection");
    let mut from = BufReader::new(stream.try_clone().expect("both ways"));
    for _ in 0..100 {
        let (address, token) = (door.address, &program.token);
        let head =
            format!("GET /v1/contacts?limit=1 HTTP/1.1\r\nHost: {address}\r\nAuthorization: Bearer {token}\r\n\r\n");
        stream.write_all(head.as_bytes()).expect("written");
        let answer = http::read(&mut from, Some("GET")).expect("readable").expect("an answer");
        assert_eq!((answer.status(), answer.is_last), (200, false));
    }
}

#[test]
fn a_lead_that_waits_is_decided_from_a_terminal() {
    let temp = tempfile::tempdir().expect("a folder");
    let dir = temp.path().join("workspace");
    assert_eq!(cardfile(&dir, &["init", "--unprotected"]).code, 0);
    let token = cardfile(&dir, &["token", "create", "form", "--scopes", "ingest,contacts:write", "--json"]).only();
    let serving = Serving::start(&dir);
    let program = Program { address: serving.address, token: token["token"].as_str().expect("a token").to_owned() };
    let ana = program.contact(&json!({ "name": "Ana", "phone": "+34 612 408 177" }));
    for name in ["A. Ruiz", "Bo", "Cy"] {
        let lead = json!({ "name": name, "phone": "+34612408177", "source": "form" });
        assert_eq!(program.send("POST", "/v1/ingest/lead", &lead).1["results"][0]["outcome"], "held");
    }
    let waiting = cardfile(&dir, &["lead", "list", "--json"]).json();
    assert_eq!(waiting.len(), 3);
    assert!(waiting.iter().all(|one| one["perhaps"][0]["contact"] == ana.as_str()), "{waiting:?}");
    let ids: Vec<&str> = waiting.iter().map(|one| one["id"].as_str().expect("an id")).collect();
    assert!(cardfile(&dir, &["lead", "list"]).out.contains("perhaps"));
    assert_eq!(cardfile(&dir, &["lead", "join", ids[0], &ana]).out.trim(), ana);
    assert!(cardfile(&dir, &["lead", "new", ids[1]]).out.starts_with("ctc_"));
    assert_eq!(cardfile(&dir, &["lead", "dismiss", ids[2]]).code, 0);
    assert!(cardfile(&dir, &["lead", "list", "--json"]).out.is_empty());
    assert_eq!(cardfile(&dir, &["lead", "dismiss", ids[2]]).code, 2, "it is gone");
    // What a source tells of somebody who is here for sure waits too, where it is to ask.
    assert_eq!(cardfile(&dir, &["lead", "policy", "form", "ask"]).code, 0);
    assert!(cardfile(&dir, &["lead", "policy", "form"]).out.contains("ask"));
    let lead = |name: &str| json!({ "name": name, "source": "form", "external_id": "f-1" });
    assert_eq!(program.send("POST", "/v1/ingest/lead", &lead("Di")).1["results"][0]["outcome"], "created");
    assert_eq!(program.send("POST", "/v1/ingest/lead", &lead("Dina")).1["results"][0]["outcome"], "held");
    assert!(cardfile(&dir, &["lead", "list"]).out.contains("it is ctc_"));
    let (core, _) = Core::open(&dir, None, environment()).expect("open");
    assert!(contact::find(&core, &ana).is_ok());
}

#[test]
fn keys_of_proofs_are_kept_from_a_terminal() {
    let temp = tempfile::tempdir().expect("a folder");
    let dir = temp.path().join("workspace");
    assert_eq!(cardfile(&dir, &["init", "--unprotected"]).code, 0);
    // What is piped in is the secret of the tests; it is too short for a key.
    let add = ["identity", "key", "add", "shop", "--alg", "user_hash", "--remote", "shop", "--secret-fd", "0"];
    assert_eq!(cardfile(&dir, &add).code, 2, "a secret anybody guesses");
    let pem = temp.path().join("key.pem");
    std::fs::write(&pem, "no key").expect("a file");
    let pem = pem.to_str().expect("a path");
    let add = ["identity", "key", "add", "shop", "--alg", "ES256", "--remote", "shop", "--public-key", pem];
    assert_eq!(cardfile(&dir, &add).code, 2, "no public key");
    assert_eq!(cardfile(&dir, &["identity", "key", "add", "x", "--alg", "none", "--remote", "shop"]).code, 2);
    assert!(cardfile(&dir, &["identity", "key", "list", "--json"]).out.is_empty());
    assert_eq!(cardfile(&dir, &["identity", "key", "revoke", "shop"]).code, 2, "there is none");
}
