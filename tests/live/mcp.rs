//! An agent made with the official SDK of another language, and tokens made by PyJWT: it starts
//! our program and gets what was approved of whom the token names, and nothing else.

use crate::peers::{ended, peer};
use cardfile_core::{
    SecretText,
    agents::{self, calls},
    contact, identify,
};
use cardfile_domain::{Contact, Item, Link, agent::AgentClient};
use cardfile_store::IdentityKey;
use cardfile_testkit::{Workspace, project, who};
use rstest::rstest;
use serde_json::{Value, json};
use std::{
    io::Write,
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

/// The same as in the script.
const SECRET: &str = "a secret of the shop, long enough for HS256";

fn agent(mode: &str, folder: &Path) -> Command {
    let mut command = peer("python");
    command.arg(project().join("tests/live/agent.py")).arg(mode).arg(folder);
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    command
}

/// Runs the script to its end. Gives what it printed.
fn run(mut command: Command, told: &Value) -> String {
    let mut child = command.spawn().expect("python starts");
    child.stdin.take().expect("a pipe").write_all(told.to_string().as_bytes()).expect("it listens");
    let output = ended(child);
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).expect("text")
}

/// The program that make build made.
fn program() -> PathBuf {
    PathBuf::from(env!("CARGO_BIN_EXE_cardfile-crash-writer")).with_file_name("cardfile")
}

fn person(ws: &Workspace, name: &str, user_id: &str) {
    let link = Link { connector: "shop".into(), scope: String::new(), external_id: user_id.into() };
    let contact = Contact {
        name: name.into(),
        preferences: "tea".into(),
        phones: vec![Item::new("+34 600 000 001", "")],
        links: vec![link],
        ..Contact::default()
    };
    contact::create(&ws.core, contact, &who()).expect("a card");
}

#[rstest]
#[case::a_secret("HS256")]
#[case::rsa("RS256")]
#[case::a_curve("ES256")]
fn an_agent_of_another_language_gets_what_was_approved_of_whom_its_token_names(#[case] algorithm: &str) {
    let (ws, keys) = (Workspace::default(), tempfile::tempdir().expect("a folder"));
    run(agent("keys", keys.path()), &json!(null));
    person(&ws, "Ana", "u-1");
    person(&ws, "Bo", "u-2");
    let public = std::fs::read_to_string(keys.path().join(format!("{algorithm}.pub"))).unwrap_or_default();
    let secret = (algorithm == "HS256").then(|| SecretText::new(SECRET.to_owned()));
    let key = IdentityKey {
        name: "shop".into(),
        algorithm: algorithm.into(),
        public_key: public,
        connector: "shop".into(),
        issuer: "https://shop.example".into(),
        audience: "cardfile".into(),
        grant_minutes: 60,
        ..IdentityKey::default()
    };
    identify::put_key(&ws.core, &key, secret, &who()).expect("a key");
    let client = AgentClient { fields: vec!["name".into(), "preferences".into()], ..AgentClient::new("Bot") };
    let client = agents::approve(&ws.core, &client, "", &who()).expect("approved");

    let good = |user_id: &str, minutes: i64| {
        json!({ "algorithm": algorithm, "minutes": minutes,
            "claims": { "user_id": user_id, "iss": "https://shop.example", "aud": "cardfile" } })
    };
    // Signed as well as can be, and not with this key.
    let other = if algorithm == "HS256" { "RS256" } else { "HS256" };
    let wrong = json!({ "algorithm": other, "minutes": 5,
        "claims": { "user_id": "u-2", "iss": "https://shop.example", "aud": "cardfile" } });
    let elsewhere = json!({ "algorithm": algorithm, "minutes": 5,
        "claims": { "user_id": "u-2", "iss": "https://shop.example", "aud": "somebody else" } });
    let steps = json!([
        ["get_contact_context", {}],
        ["identify", { "user_id": "u-1", "token": good("u-1", 5) }],
        ["get_contact_context", {}],
        ["get_contact_context", { "fields": ["phone"] }],
        ["get_contact_context", { "user_id": "u-2" }],
        ["identify", { "token": wrong }],
        ["identify", { "token": elsewhere }],
        ["identify", { "token": good("u-2", -5) }],
        ["identify", { "user_id": "u-1", "token": good("u-2", 5) }],
        ["remember", { "text": "Calls before ten" }],
        ["list_contacts", {}],
        ["get_contact_context", { "token": good("u-2", 5), "fields": ["name"] }],
    ]);
    let mut command = agent("talk", keys.path());
    command.arg(program()).arg("--workspace").arg(&ws.dir).args(["mcp", "--client", &client.id]);
    let said: Value = serde_json::from_str(&run(command, &steps)).expect("json");
    assert_eq!(said["tools"].as_array().map(Vec::len), Some(8));
    assert_eq!(said["resources"], json!([]));
    let answers: Vec<&Value> =
        said["answers"].as_array().expect("answers").iter().map(|one| &one["structuredContent"]).collect();
    let codes: Vec<Option<&str>> = answers.iter().map(|one| one["error"]["code"].as_str()).collect();
    assert_eq!(
        codes,
        [
            Some("not_verified"),
            None,
            None,
            Some("not_approved"),
            Some("another_card"),
            Some("bad_proof"),
            Some("bad_proof"),
            Some("bad_proof"),
            Some("bad_proof"),
            None,
            Some("no_tool"),
            None,
        ]
    );
    assert_eq!(answers[2]["contact"], json!({ "name": "Ana", "preferences": "tea" }));
    assert_eq!(answers[9]["state"], "waiting");
    assert_eq!(answers[11]["contact"], json!({ "name": "Bo" }));
    assert!(!said.to_string().contains("+34"), "{said}");
    // Every call has its line, the proof of the last one too, and so has the list of resources.
    let lines = calls::list(&ws.core, Some(&client.id), None, 100).expect("lines");
    assert_eq!(lines.len(), steps.as_array().map_or(0, Vec::len) + 2);
}
