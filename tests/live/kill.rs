//! The script at which a whole run lost its memory elsewhere: 300 contacts, killed after 101
//! uploads, one of the uploaded edited, synced again; then 298 of 300 deleted.
//!
//! The program is the one of the command line, because only a process can be killed:
//! `CARDFILE` names it, else it is the one that `make build` makes.

use crate::{
    http::Client,
    peers::{Kind, PASSWORD, Peer, USER, ended, program_at},
    proxy::{Proxy, Seen},
    scene::{BOOK, writes},
};
use cardfile_core::{Core, bulk, contact, system};
use cardfile_testkit::{project, who};
use rstest::rstest;
use serde_json::Value;
use std::{
    collections::BTreeSet,
    fmt::Write as _,
    io::Write as _,
    path::PathBuf,
    process::{Child, Stdio},
};
use tempfile::TempDir;

/// Contacts.
const ALL: usize = 300;
/// Uploads before the kill.
const UPLOADS: usize = 101;
/// How the program says that a person has to agree first.
const ASKS: i32 = 4;

struct Program {
    folder: TempDir,
}

impl Program {
    fn start(&self, words: &[&str], input: &str) -> Child {
        let built = || project().join("target/release/cardfile");
        let program = std::env::var_os("CARDFILE").map_or_else(built, PathBuf::from);
        assert!(program.exists(), "the command line is missing: make build makes it");
        let mut command = program_at(&program);
        command.arg("--workspace").arg(self.workspace()).args(words);
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().expect("the program starts");
        child.stdin.take().expect("piped").write_all(input.as_bytes()).expect("it listens");
        child
    }

    /// How it ended, and what it said.
    fn run(&self, words: &[&str], input: &str) -> (Option<i32>, String) {
        let output = ended(self.start(words, input));
        let said = String::from_utf8(output.stdout).expect("UTF-8");
        let code = output.status.code();
        assert!(
            code.is_some_and(|code| code == 0 || code == ASKS),
            "{words:?}: {}",
            String::from_utf8_lossy(&output.stderr)
        );
        (code, said)
    }

    fn sync(&self) -> (Option<i32>, Value) {
        let (code, said) = self.run(&["sync", BOOK, "--json"], "");
        (code, serde_json::from_str(said.trim()).expect("one object"))
    }

    fn workspace(&self) -> PathBuf {
        self.folder.path().join("workspace")
    }

    /// What a person does in the window meanwhile.
    fn open(&self) -> Core {
        Core::open(&self.workspace(), None, system::environment()).expect("it opens").0
    }
}

/// A workspace of [`ALL`] contacts that is connected, with everything approved.
fn connected(proxy: &Proxy) -> Program {
    let program = Program { folder: tempfile::tempdir().expect("a folder") };
    let mut people = "name,email,company\n".to_owned();
    for number in 0..ALL {
        let _ = writeln!(people, "Person {number},p{number}@x.example,Company {number}");
    }
    let file = program.folder.path().join("people.csv");
    std::fs::write(&file, people).expect("a file");
    let (file, url) = (file.to_str().expect("a path"), proxy.url());
    program.run(&["init", "--unprotected"], "");
    program.run(&["import", file], "");
    let add = ["remote", "add", BOOK, "--kind", "carddav", "--url", &url, "--user", USER, "--password-fd", "0"];
    program.run(&add, PASSWORD);
    program.run(&["remote", "map", BOOK, "--send", "all"], "");
    program.run(&["remote", "enable", BOOK], "");
    proxy.take();
    program
}

/// Cards that were made or changed, as the server said.
fn done(seen: &[Seen]) -> usize {
    seen.iter().filter(|seen| seen.method() == "PUT" && matches!(seen.status, 201 | 204)).count()
}

/// What the cards of an address book say in lines of this kind; each may be there once.
fn all_of(client: &Client, book: &str, property: &str) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    for path in client.list(book) {
        let (_, card) = client.get(&path).expect("listed");
        let line = card.lines().find(|line| line.starts_with(property)).unwrap_or_default().to_owned();
        assert!(found.insert(line.clone()), "{line} is there twice");
    }
    found
}

#[rstest]
fn a_run_that_is_killed_goes_on_where_it_was(#[values(Kind::Radicale, Kind::Xandikos)] kind: Kind) {
    let peer = Peer::start(kind, &[]);
    let (proxy, client, book) = (Proxy::before(peer.address()), peer.client(), kind.book());
    let program = connected(&proxy);

    let mut run = program.start(&["sync", BOOK, "--json"], "");
    proxy.wait_for("PUT", UPLOADS);
    run.kill().expect("killed");
    run.wait().expect("gone");
    // What was on its way arrives.
    proxy.wait_for_answers();
    let seen = proxy.take();
    let there = client.list(book).len();
    assert_eq!(there, done(&seen));
    assert!((UPLOADS..ALL).contains(&there), "it was killed in the middle: {there}");

    let path = seen.iter().find(|seen| seen.status == 201).expect("an upload").path().to_owned();
    let id = path.trim_start_matches(book).trim_end_matches(".vcf");
    let core = program.open();
    let edited = contact::find(&core, id).expect("uploaded").contact.id;
    contact::edit(&core, &edited, "company", "Edited by hand".into(), &who()).expect("edited");
    drop(core);

    let (code, report) = program.sync();
    assert_eq!((code, &report["conflicts"], &report["held"]), (Some(0), &Value::from(0), &Value::from(0)), "{report}");
    assert_eq!(program.run(&["conflicts", "list", "--json"], "").1, "", "nothing waits for a person");
    let seen = proxy.take();
    assert_eq!(done(&seen), ALL - there + 1, "what was done is not done again");
    assert!(seen.iter().all(|seen| seen.method() != "DELETE"));
    assert_eq!(all_of(&client, book, "UID").len(), ALL);
    assert_eq!(all_of(&client, book, "EMAIL").len(), ALL);
    let (_, card) = client.get(&path).expect("uploaded");
    assert!(card.contains("Edited by hand"), "{card}");
    let (code, report) = program.sync();
    assert_eq!((code, writes(&proxy.take()).len()), (Some(0), 0), "{report}");

    let core = program.open();
    let rows = bulk::of_filter(&core, "").expect("contacts");
    contact::bin(&core, &rows[..ALL - 2], &who()).expect("binned");
    drop(core);
    let (code, report) = program.sync();
    assert_eq!(code, Some(ASKS), "{report}");
    assert!(report["questions"].to_string().contains("298 of 300"), "{report}");
    assert_eq!((writes(&proxy.take()).len(), client.list(book).len()), (0, ALL));
}
