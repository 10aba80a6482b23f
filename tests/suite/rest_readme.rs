//! The examples of the README are run: what stands there is what is answered.

use cardfile_core::{IdentityKey, SecretText, clients::Scope, identify};
use cardfile_testkit::{door::OpenDoor, http::Message, project, who};
use serde_json::Value;
use std::collections::BTreeMap;

/// Looks at a job that has not ended.
const LOOKS: u32 = 10_000;

/// A request of the README, and the answer that stands under it.
struct Example {
    method: String,
    path: String,
    headers: Vec<(String, String)>,
    body: String,
    status: u16,
    said: Vec<(String, String)>,
    answer: Option<Value>,
}

fn examples() -> Vec<Example> {
    let text = std::fs::read_to_string(project().join("src-tauri/crates/gateway/README.md")).expect("a README");
    let mut blocks = text.split("```http\n").skip(1).map(|rest| rest.split_once("\n```").expect("a block ends").0);
    let mut examples = Vec::new();
    while let (Some(request), Some(answer)) = (blocks.next(), blocks.next()) {
        let (first, headers, body) = parts(request);
        let (method, path) = first.split_once(' ').expect("a method and a path");
        let (status, said, answer) = parts(answer);
        let status = status.split(' ').nth(1).and_then(|status| status.parse().ok()).expect("a status");
        let answer = (!answer.is_empty()).then(|| serde_json::from_str(&answer).expect("an answer is JSON"));
        let (method, path) = (method.to_owned(), path.to_owned());
        examples.push(Example { method, path, headers, body, status, said, answer });
    }
    examples
}

fn parts(block: &str) -> (String, Vec<(String, String)>, String) {
    let (head, body) = block.split_once("\n\n").unwrap_or((block, ""));
    let mut lines = head.lines();
    let first = lines.next().expect("a first line").to_owned();
    let headers = lines.map(|line| line.split_once(": ").expect("a header"));
    (first, headers.map(|(name, value)| (name.to_owned(), value.to_owned())).collect(), body.trim().to_owned())
}

/// What stands for ids and tags that nobody knows before.
#[derive(Default)]
struct Names(BTreeMap<String, String>);

/// Members whose values nobody knows before.
const FREE: [&str; 7] = ["bytes", "done", "facts", "recipients", "sha256", "total", "version"];

impl Names {
    /// What was found so far in the place of what stands for it.
    fn put_in(&self, text: &str) -> String {
        let mut rest = text;
        let mut whole = String::new();
        while !rest.is_empty() {
            let known = self.0.iter().filter(|(known, _)| rest.starts_with(known.as_str()));
            let step = match known.max_by_key(|(known, _)| known.len()) {
                Some((known, own)) => {
                    whole.push_str(own);
                    known.len()
                }
                None => {
                    whole.extend(rest.chars().next());
                    rest.chars().next().map_or(rest.len(), char::len_utf8)
                }
            };
            rest = &rest[step..];
        }
        whole
    }

    /// Whether a text says the same, ids, tags and times aside.
    fn is_same(&mut self, expected: &str, found: &str) -> bool {
        let (parts, others): (Vec<&str>, Vec<&str>) = (expected.split('/').collect(), found.split('/').collect());
        parts.len() == others.len() && parts.into_iter().zip(others).all(|(one, other)| self.is_one(one, other))
    }

    fn is_one(&mut self, expected: &str, found: &str) -> bool {
        if expected == found || is_time(expected) && is_time(found) {
            return true;
        }
        let kind = |text: &str| {
            let prefix = text.split_once('_').map(|(prefix, _)| prefix).filter(|prefix| prefix.len() == 3);
            prefix.map(str::to_owned).or_else(|| text.starts_with("\"v").then(|| "tag".to_owned()))
        };
        if kind(expected).is_none() || kind(expected) != kind(found) {
            return false;
        }
        self.0.entry(expected.to_owned()).or_insert_with(|| found.to_owned()) == found
    }

    fn compare(&mut self, at: &str, expected: &Value, found: &Value) {
        match (expected, found) {
            (Value::Object(one), Value::Object(other)) => {
                let names = |map: &serde_json::Map<String, Value>| -> Vec<String> {
                    let mut names: Vec<String> = map.keys().cloned().collect();
                    names.sort();
                    names
                };
                assert_eq!(names(one), names(other), "members at {at}: {found}");
                // Counts of a page are known; those of a job are not.
                let is_page = one.contains_key("has_more");
                for (name, value) in one.iter().filter(|(name, _)| is_page || !FREE.contains(&name.as_str())) {
                    self.compare(&format!("{at}.{name}"), value, &other[name]);
                }
            }
            (Value::Array(one), Value::Array(other)) => {
                assert_eq!(one.len(), other.len(), "{at}: {found}");
                for (number, (one, other)) in one.iter().zip(other).enumerate() {
                    self.compare(&format!("{at}.{number}"), one, other);
                }
            }
            (Value::String(one), Value::String(other)) => {
                assert!(self.is_same(one, other), "{at}: {one} and not {other}");
            }
            _ => assert_eq!(expected, found, "{at}"),
        }
    }
}

fn is_time(text: &str) -> bool {
    text.len() >= 20 && text.as_bytes()[10] == b'T' && text.ends_with('Z')
}

#[test]
fn the_examples_of_the_readme_are_answered_as_they_stand_there() {
    let door = OpenDoor::default();
    let key = IdentityKey {
        name: "shop".into(),
        algorithm: "user_hash".into(),
        connector: "shop".into(),
        claims: vec!["name".into(), "email".into()],
        grant_minutes: 60,
        ..IdentityKey::default()
    };
    let secret = SecretText::new("a secret of thirty-two characters".to_owned());
    identify::put_key(&door.core, &key, Some(secret), &who()).expect("a key");
    let program = door.program("docs", Scope::ALL);
    let mut names = Names::default();
    let examples = examples();
    assert!(examples.len() >= 20, "{} examples", examples.len());
    for example in &examples {
        let (path, body) = (names.put_in(&example.path), names.put_in(&example.body));
        let headers: Vec<(String, String)> =
            example.headers.iter().map(|(name, value)| (name.clone(), names.put_in(value))).collect();
        let headers: Vec<(&str, &str)> = headers.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
        let ask = || program.ask(&example.method, &path, &headers, body.as_bytes());
        let answer = ended(ask);
        let place = format!("{} {path}", example.method);
        assert_eq!(answer.status(), example.status, "{place}: {}", answer.text());
        for (name, value) in &example.said {
            let found = answer.header(&name.to_ascii_lowercase()).unwrap_or_default();
            assert!(names.is_same(value, found), "{place}: {name} is {found} and not {value}");
        }
        let Some(expected) = &example.answer else { continue };
        let found: Value = serde_json::from_slice(&answer.body).expect("JSON");
        if example.status == 202 {
            // How far it is nobody knows; that it is one is enough.
            assert!(names.is_same(expected["id"].as_str().expect("an id"), found["id"].as_str().expect("an id")));
            continue;
        }
        names.compare(&place, expected, &found);
    }
}

/// Asks again for a job that is still running.
fn ended(ask: impl Fn() -> Message) -> Message {
    let mut answer = ask();
    for _ in 0..LOOKS {
        if answer.status() != 200 || !answer.text().contains("\"status\":\"running\"") {
            return answer;
        }
        answer = ask();
    }
    panic!("a job does not end: {}", answer.text());
}
