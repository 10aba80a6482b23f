//! The program as an agent starts it: the Model Context Protocol over its standard input and
//! output, one JSON object a line, and no socket.

use crate::remote_cli::cardfile;
use serde_json::{Value, json};
use std::{
    io::{BufRead, BufReader, Write},
    path::{Path, PathBuf},
    process::{Child, ChildStdin, ChildStdout, Command, Stdio},
};

/// A client that speaks the protocol as it is written, and nothing else.
struct Client {
    child: Child,
    input: Option<ChildStdin>,
    output: BufReader<ChildStdout>,
    asked: u64,
}

impl Client {
    #[expect(clippy::disallowed_methods, reason = "the product starts no programs, its tests do")]
    fn start(dir: &Path, name: &str) -> Self {
        let program = PathBuf::from(env!("CARGO_BIN_EXE_cardfile-crash-writer")).with_file_name("cardfile");
        let mut child = Command::new(program)
            .arg("--workspace")
            .arg(dir)
            .args(["mcp", "--client", name])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::inherit())
            .spawn()
            .expect("the program that make build made");
        let (input, output) = (child.stdin.take(), BufReader::new(child.stdout.take().expect("a pipe")));
        let mut client = Self { child, input, output, asked: 0 };
        let hello = json!({ "protocolVersion": "2025-06-18", "capabilities": {},
            "clientInfo": { "name": "a test", "version": "1" } });
        let told = client.ask("initialize", hello);
        assert_eq!(told["result"]["serverInfo"]["name"], "cardfile", "{told}");
        client.send(&json!({ "jsonrpc": "2.0", "method": "notifications/initialized" }));
        client
    }

    fn send(&mut self, message: &Value) {
        let input = self.input.as_mut().expect("open");
        writeln!(input, "{message}").and_then(|()| input.flush()).expect("it listens");
    }

    fn ask(&mut self, method: &str, params: Value) -> Value {
        self.asked += 1;
        self.send(&json!({ "jsonrpc": "2.0", "id": self.asked, "method": method, "params": params }));
        loop {
            let mut line = String::new();
            assert!(self.output.read_line(&mut line).expect("readable") > 0, "it ended");
            let told: Value = serde_json::from_str(&line).expect("one JSON object a line");
            if told["id"] == self.asked {
                return told;
            }
        }
    }

    fn tool(&mut self, name: &str, arguments: Value) -> Value {
        self.ask("tools/call", json!({ "name": name, "arguments": arguments }))["result"].clone()
    }

    /// Lets go of its input: the program ends by itself, and well.
    fn end(mut self) {
        drop(self.input.take());
        assert!(self.child.wait().expect("it ends").success());
    }
}

impl Drop for Client {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn text(path: &Path) -> &str {
    path.to_str().expect("a path")
}

/// A workspace with Ana and Bo, and a desk that may be told of anybody.
fn workspace() -> (tempfile::TempDir, PathBuf) {
    let temp = tempfile::tempdir().expect("a folder");
    let dir = temp.path().join("workspace");
    assert_eq!(cardfile(&dir, &["init", "--unprotected"]).code, 0);
    let list = temp.path().join("people.csv");
    std::fs::write(&list, "name,email,preferences\nAna,ana@x.example,tea\nBo,bo@x.example,\n").expect("writable");
    assert_eq!(cardfile(&dir, &["import", text(&list)]).code, 0);
    (temp, dir)
}

#[test]
fn an_agent_speaks_the_protocol_and_gets_what_was_approved() {
    let (_temp, dir) = workspace();
    let approve = ["agent", "approve", "Desk", "--fields", "name,preferences", "--staff", "--json"];
    let kept = cardfile(&dir, &approve).only();
    assert_eq!(kept["fields"], json!(["name", "preferences"]));
    let id = kept["id"].as_str().expect("an id").to_owned();

    let mut client = Client::start(&dir, "Desk");
    let tools = client.ask("tools/list", json!({}));
    let tools = tools["result"]["tools"].as_array().expect("tools").clone();
    assert_eq!(tools.len(), 8);
    assert!(tools.iter().all(|tool| tool["inputSchema"]["type"] == "object" && tool["annotations"].is_object()));
    let told = client.tool("get_contact_context", json!({ "user_id": "ana@x.example" }));
    assert_eq!(told["isError"], false);
    assert_eq!(told["structuredContent"]["contact"], json!({ "name": "Ana", "preferences": "tea" }));
    // The words are the same, for programs that know no structure.
    let words: Value = serde_json::from_str(told["content"][0]["text"].as_str().expect("a text")).expect("json");
    assert_eq!(words, told["structuredContent"]);
    let told = client.tool("get_contact_context", json!({ "user_id": "bo@x.example", "fields": ["email"] }));
    assert_eq!((&told["isError"], &told["structuredContent"]["error"]["code"]), (&json!(true), &json!("not_approved")));
    let told = client.tool("remember", json!({ "user_id": "bo@x.example", "text": "Calls before ten" }));
    assert_eq!(told["structuredContent"]["state"], "waiting");
    assert_eq!(client.ask("resources/list", json!({}))["result"]["resources"], json!([]));

    // What a person does meanwhile counts at once.
    let waiting = cardfile(&dir, &["agent", "proposals", "--json"]).only();
    assert_eq!(waiting["says"], "Remember: Calls before ten");
    let proposal = waiting["id"].as_str().expect("an id");
    assert_eq!(cardfile(&dir, &["agent", "decide", proposal, "approve"]).code, 0);
    assert_eq!(cardfile(&dir, &["agent", "stop"]).code, 0);
    let told = client.tool("get_contact_context", json!({}));
    assert_eq!(told["structuredContent"]["error"]["code"], "stopped");
    assert_eq!(client.ask("tools/list", json!({}))["result"]["tools"], json!([]));
    client.end();

    let calls = cardfile(&dir, &["agent", "calls", &id, "--json"]).json();
    let told: Vec<(&str, &str)> =
        calls.iter().rev().filter_map(|one| Some((one["tool"].as_str()?, one["result"].as_str()?))).collect();
    assert_eq!(
        told,
        [
            ("identify", "ok"),
            ("get_contact_context", "ok"),
            ("identify", "ok"),
            ("get_contact_context", "refused"),
            ("remember", "proposal"),
            ("segments", "ok"),
            ("get_contact_context", "refused"),
        ]
    );
    assert!(cardfile(&dir, &["show", "bo@x.example"]).out.contains("Bo"));
}

#[test]
fn a_program_that_sends_rubbish_is_answered_or_dropped_and_nothing_is_written() {
    let (_temp, dir) = workspace();
    assert_eq!(cardfile(&dir, &["agent", "approve", "Bot"]).code, 0);
    let mut client = Client::start(&dir, "Bot");
    for rubbish in ["not json", "[]", "{\"jsonrpc\":\"2.0\"}", &format!("\"{}\"", "x".repeat(300_000))] {
        let input = client.input.as_mut().expect("open");
        writeln!(input, "{rubbish}").expect("it listens");
    }
    let told = client.tool("get_contact_context", json!({ "user_id": "ana@x.example" }));
    assert_eq!(told["structuredContent"]["error"]["code"], "not_verified");
    let told = client.ask("tools/call", json!({ "name": "remember", "arguments": { "text": ["x"] } }));
    assert_eq!(told["result"]["structuredContent"]["error"]["code"], "bad_request");
    client.end();
    assert_eq!(cardfile(&dir, &["agent", "proposals", "--json"]).out, "");
}

#[test]
fn who_is_no_client_is_not_served() {
    let (_temp, dir) = workspace();
    let said = cardfile(&dir, &["mcp", "--client", "nobody"]);
    assert_eq!((said.code, said.out.as_str()), (2, ""));
    let fields = cardfile(&dir, &["agent", "approve", "Bot", "--fields", "name,password"]);
    assert_eq!(fields.code, 2, "{}", fields.all);
    assert!(fields.all.contains("password"));
}

#[cfg(target_os = "linux")]
#[test]
fn no_socket_is_open_while_an_agent_is_served() {
    let (_temp, dir) = workspace();
    assert_eq!(cardfile(&dir, &["agent", "approve", "Bot"]).code, 0);
    let mut client = Client::start(&dir, "Bot");
    client.ask("tools/list", json!({}));
    let process = PathBuf::from(format!("/proc/{}", client.child.id()));
    let mut inodes = Vec::new();
    for entry in std::fs::read_dir(process.join("fd")).expect("its files").flatten() {
        if let Ok(target) = std::fs::read_link(entry.path())
            && let Some(inode) = target.to_string_lossy().strip_prefix("socket:[")
        {
            inodes.push(inode.trim_end_matches(']').to_owned());
        }
    }
    for table in ["tcp", "tcp6", "udp", "udp6", "raw", "raw6"] {
        let Ok(text) = std::fs::read_to_string(process.join("net").join(table)) else { continue };
        for line in text.lines().skip(1) {
            let inode = line.split_whitespace().nth(9).unwrap_or_default();
            assert!(!inodes.iter().any(|ours| ours == inode), "{table}: {line}");
        }
    }
    client.end();
}
