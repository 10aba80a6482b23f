//! Connections from a script: what the commands print, what they end with, and what they
//! never say.

use cardfile_testkit::fake_remote::FakeRemote;
use serde_json::Value;
use std::{
    io::Write,
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

const PASSWORD: &str = "tin-drum-4711";

pub(crate) struct Said {
    pub(crate) code: i32,
    pub(crate) out: String,
    /// All of it, for what must not be in it.
    pub(crate) all: String,
}

impl Said {
    /// Each line of the output.
    pub(crate) fn json(&self) -> Vec<Value> {
        self.out.lines().map(|line| serde_json::from_str(line).unwrap_or_else(|_| panic!("{line}"))).collect()
    }

    pub(crate) fn only(&self) -> Value {
        let [one] = &self.json()[..] else { panic!("one line: {}", self.out) };
        one.clone()
    }
}

/// The program that `make build` made.
#[expect(clippy::disallowed_methods, reason = "the product starts no programs, its tests do")]
pub(crate) fn cardfile(dir: &Path, arguments: &[&str]) -> Said {
    let program = PathBuf::from(env!("CARGO_BIN_EXE_cardfile-crash-writer")).with_file_name("cardfile");
    let mut child = Command::new(program)
        .arg("--workspace")
        .arg(dir)
        .args(arguments)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("the program that make build made");
    // It may end before it reads.
    let _ = child.stdin.take().expect("a pipe").write_all(format!("{PASSWORD}\n").as_bytes());
    let output = child.wait_with_output().expect("it ends");
    let out = String::from_utf8_lossy(&output.stdout).into_owned();
    let all = out.clone() + &String::from_utf8_lossy(&output.stderr);
    assert!(!all.contains(PASSWORD), "{arguments:?} prints the password");
    Said { code: output.status.code().unwrap_or(-1), out, all }
}

fn card(n: u32, title: &str) -> String {
    format!(
        "BEGIN:VCARD\r\nVERSION:3.0\r\nUID:u-{n}\r\nFN:Person {n}\r\nEMAIL:p{n}@x.example\r\n\
         TITLE:{title}\r\nEND:VCARD\r\n"
    )
}

/// A workspace that is connected to forty people, and not turned on.
fn connected() -> (tempfile::TempDir, PathBuf, FakeRemote) {
    let temp = tempfile::tempdir().expect("a folder");
    let (dir, fake) = (temp.path().join("workspace"), FakeRemote::start());
    for n in 0..40 {
        fake.put(&format!("{n}.vcf"), &card(n, "Buyer"));
    }
    assert_eq!(cardfile(&dir, &["init", "--unprotected"]).code, 0);
    let url = fake.url();
    let add = ["remote", "add", "Customers", "--kind", "carddav", "--url", &url, "--user", "ana", "--password-fd", "0"];
    assert_eq!(cardfile(&dir, &add).code, 0);
    (temp, dir, fake)
}

fn turned_on() -> (tempfile::TempDir, PathBuf, FakeRemote) {
    let (temp, dir, fake) = connected();
    assert_eq!(cardfile(&dir, &["remote", "map", "Customers", "--send", "all"]).code, 0);
    assert_eq!(cardfile(&dir, &["remote", "enable", "Customers"]).code, 0);
    assert_eq!(cardfile(&dir, &["sync", "Customers"]).code, 0);
    (temp, dir, fake)
}

#[test]
fn a_check_is_one_object_and_nothing_may_be_synced_before_it_was_turned_on() {
    let (_temp, dir, fake) = connected();
    let found = cardfile(&dir, &["remote", "check", "Customers", "--json"]).only();
    assert_eq!((&found["read"], &found["match_percent"], &found["unknown"]), (&40.into(), &0.0.into(), &40.into()));
    assert_eq!((&found["would"]["created_here"], &found["passed"]), (&40.into(), &true.into()));
    let about: Vec<&str> =
        found["review"].as_array().expect("rows").iter().filter_map(|row| row["about"].as_str()).collect();
    assert_eq!(about, ["personalization", "actions", "segmentation", "synchronization"]);
    let refused = cardfile(&dir, &["sync", "Customers", "--json"]);
    assert_eq!(refused.code, 3);
    assert!(refused.all.contains("was not reviewed yet"), "{}", refused.all);
    let [remote] = &cardfile(&dir, &["remote", "list", "--json"]).json()[..] else { panic!("one connection") };
    assert_eq!((&remote["name"], &remote["on"]), (&"Customers".into(), &false.into()));
    assert!(remote["sentence"].as_str().is_some_and(|text| text.starts_with("sends nothing")), "{remote}");
    assert_eq!((fake.writes(), cardfile(&dir, &["list"]).out.as_str()), (0, ""));
}

#[test]
fn a_dry_run_says_what_would_happen_and_the_run_does_it() {
    let (_temp, dir, fake) = connected();
    cardfile(&dir, &["remote", "map", "Customers", "--send", "email,name", "--only-receive", "job_title"]);
    cardfile(&dir, &["remote", "enable", "Customers"]);
    let dry = cardfile(&dir, &["sync", "Customers", "--dry-run", "--json"]);
    let would = dry.only();
    assert_eq!(
        (dry.code, &would["would"]["created_here"], &would["would"]["created_there"]),
        (0, &40.into(), &0.into())
    );
    assert_eq!(would["digest"].as_str().map(str::len), Some(64));
    assert_eq!(cardfile(&dir, &["list"]).out, "");
    let run = cardfile(&dir, &["sync", "Customers", "--json"]);
    assert_eq!((run.code, &run.only()["created"]), (0, &40.into()));
    assert_eq!(cardfile(&dir, &["list"]).out.lines().count(), 40);
    // What only comes is never sent.
    cardfile(&dir, &["bulk", "--filter", "email:p3@x.example", "set", "job_title", "Owner"]);
    assert_eq!(cardfile(&dir, &["sync", "Customers", "--json"]).only()["pushed"], 0);
    assert_eq!(fake.writes(), 0);
}

#[test]
fn a_run_that_has_a_question_ends_with_four_until_a_person_agrees() {
    let (_temp, dir, fake) = turned_on();
    for n in 0..10 {
        fake.delete(&format!("{n}.vcf"));
    }
    for arguments in
        [&["sync", "Customers", "--dry-run", "--json"][..], &["sync", "Customers", "--json"], &["sync", "--json"]]
    {
        let asks = cardfile(&dir, arguments);
        assert_eq!(asks.code, 4, "{arguments:?}");
        assert_eq!(asks.only()["questions"], serde_json::json!(["10 of 40 contacts would go to the bin here"]));
    }
    assert_eq!(cardfile(&dir, &["list"]).out.lines().count(), 40);
    let agreed = cardfile(&dir, &["remote", "agree", "Customers"]);
    assert_eq!((agreed.code, agreed.out.trim()), (0, "Agreed: 10 of 40 contacts would go to the bin here"));
    let run = cardfile(&dir, &["sync", "Customers", "--json"]);
    assert_eq!((run.code, &run.only()["deleted"]), (0, &10.into()));
    assert_eq!(cardfile(&dir, &["list"]).out.lines().count(), 30);
    // The run is one step, named by itself.
    let run = run.only()["run"].as_str().expect("a run").to_owned();
    assert_eq!(cardfile(&dir, &["undo", &run]).code, 0);
    assert_eq!(cardfile(&dir, &["list"]).out.lines().count(), 40);
    let last = cardfile(&dir, &["remote", "runs", "Customers", "--limit", "1", "--json"]).only();
    assert_eq!((&last["run"], &last["undone"]), (&run.into(), &true.into()));
}

#[test]
fn a_conflict_is_listed_and_resolved_by_its_number() {
    let (_temp, dir, fake) = turned_on();
    for (n, field) in [(1, "Owner"), (2, "Partner"), (3, "Driver")] {
        cardfile(&dir, &["bulk", "--filter", &format!("email:p{n}@x.example"), "set", "job_title", field]);
        fake.put(&format!("{n}.vcf"), &card(n, "Head of sales"));
    }
    let run = cardfile(&dir, &["sync", "Customers", "--json"]);
    assert_eq!((run.code, &run.only()["conflicts"], fake.writes()), (0, &3.into(), 0));
    let waiting = cardfile(&dir, &["conflicts", "list", "--json"]).json();
    assert_eq!(waiting.len(), 3);
    for (conflict, choice) in waiting.iter().zip(["mine", "theirs", "edit"]) {
        let held = &conflict["fields"][0];
        assert_eq!(
            (&held["field"], &held["base"], &held["theirs"]),
            (&"job_title".into(), &"Buyer".into(), &"Head of sales".into())
        );
        let number = conflict["pair"].to_string();
        let mut resolve = vec!["conflicts", "resolve", &number, choice];
        if choice == "edit" {
            resolve.extend(["--field", "job_title", "--text", "Captain"]);
        }
        assert_eq!(cardfile(&dir, &resolve).code, 0, "{choice}");
        assert_ne!(cardfile(&dir, &resolve).code, 0, "{choice} was decided already");
    }
    assert_eq!(cardfile(&dir, &["conflicts", "list", "--json"]).out, "");
    assert_eq!(cardfile(&dir, &["sync", "Customers", "--json"]).only()["pushed"], 2);
    let mut titles: Vec<String> = (1..4)
        .filter_map(|n| fake.card(&format!("{n}.vcf")))
        .filter_map(|card| card.lines().find_map(|line| line.strip_prefix("TITLE:").map(str::to_owned)))
        .collect();
    titles.sort();
    assert_eq!(titles.len(), 3);
    assert!(titles.contains(&"Captain".to_owned()) && titles.contains(&"Head of sales".to_owned()), "{titles:?}");
}

#[test]
fn all_that_waits_is_listed_with_its_kind_and_decided_once_or_by_a_rule() {
    let (_temp, dir, fake) = turned_on();
    fake.put("1.vcf", &card(1, "Buyer").replace("UID:u-1", "UID:made-anew"));
    fake.put("99.vcf", &card(99, "Buyer").replace("EMAIL:p99@x.example", "EMAIL:nowhere"));
    for n in [2, 3] {
        cardfile(&dir, &["bulk", "--filter", &format!("email:p{n}@x.example"), "set", "job_title", "Owner"]);
        fake.put(&format!("{n}.vcf"), &card(n, "Head of sales"));
    }
    let run = cardfile(&dir, &["sync", "Customers", "--json"]).only();
    let counts = ["relinks", "quarantined", "conflicts", "created"].map(|count| run[count].as_u64());
    assert_eq!((counts, fake.writes()), ([Some(1), Some(1), Some(2), Some(0)], 0));

    let waiting = cardfile(&dir, &["conflicts", "list", "--json"]).json();
    let of_kind = |kind: &str| waiting.iter().filter(|one| one["kind"] == kind).collect::<Vec<_>>();
    let kinds = ["relink", "set_aside", "values", "refused"].map(|kind| of_kind(kind).len());
    assert_eq!((kinds, waiting.len()), ([1, 1, 2, 0], 4));
    let relink = of_kind("relink")[0];
    assert_eq!((&relink["relink"]["from"], &relink["relink"]["to"]), (&"u-1".into(), &"made-anew".into()));
    let number = relink["pair"].to_string();
    assert_eq!(cardfile(&dir, &["conflicts", "resolve", &number, "relink"]).code, 0);
    assert_ne!(cardfile(&dir, &["conflicts", "resolve", &number, "relink"]).code, 0, "it was decided already");

    let key = of_kind("set_aside")[0]["key"].as_str().expect("a key");
    let shown = cardfile(&dir, &["conflicts", "show", key, "--at", "Customers"]);
    assert!(shown.code == 0 && shown.out.contains("EMAIL:nowhere"), "{}", shown.all);
    assert_ne!(cardfile(&dir, &["conflicts", "resolve", key, "dismiss"]).code, 0, "at which connection?");
    assert_eq!(cardfile(&dir, &["conflicts", "resolve", key, "dismiss", "--at", "Customers"]).code, 0);

    let rule = ["conflicts", "rule", "Customers", "job_title", "theirs", "--json"];
    let dry = cardfile(&dir, &[&rule[..], &["--dry-run"]].concat()).only();
    assert_eq!((&dry["settles"], &dry["values"][0]["mine"]), (&2.into(), &"Owner".into()));
    let kept = cardfile(&dir, &rule).only();
    assert_eq!(kept["settled"], 2);
    assert_eq!(cardfile(&dir, &["conflicts", "list", "--json"]).out, "");
    let [rule] = &cardfile(&dir, &["conflicts", "rules", "--json"]).json()[..] else { panic!("one rule") };
    let said = ["remote", "field", "keep"].map(|what| rule[what].as_str().unwrap_or_default());
    assert_eq!(said, ["Customers", "job_title", "theirs"]);
    assert_eq!(cardfile(&dir, &["undo", kept["operation"].as_str().expect("one step")]).code, 0);
    assert_eq!(cardfile(&dir, &["conflicts", "rule", "Customers", "job_title", "ask"]).code, 0);
    assert_eq!(cardfile(&dir, &["conflicts", "rules", "--json"]).out, "");
}
