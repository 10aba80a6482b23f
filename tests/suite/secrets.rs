//! Secrets: sealed, shown to who proves to hold a key, and nowhere else. Every
//! command, every verb of the terminal and every format is tried.

use crate::identity::{card, named};
use cardfile_core::{
    Code, Core, Protection, Secret, SecretText, agents,
    commands::{COMMANDS, dispatch},
    contact,
    export::{self, ExportFormat, ExportRequest},
    formats::csv_export::{Options, Preset},
    history, parts,
    privacy::{
        erasure::{self, Reason},
        requests,
    },
    progress::Unwatched,
    secrets,
    session::Session,
    sync::remotes::{self, NewRemote},
    webhooks,
};
use cardfile_domain::{Contact, ContactId, agent::AgentClient, part::Note, request::Request};
use cardfile_testkit::{environment, who};
use serde_json::{Value, json};
use std::{
    io::Write,
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

const PASSPHRASE: &str = "correct horse battery";
const MARKER: &str = "marker-of-a-secret-91c4";

fn protected(dir: &Path) -> Core {
    Core::create(dir, &Protection::Passphrase(PASSPHRASE.to_owned().into()), environment()).expect("made").0
}

fn proof(text: &str) -> Secret {
    Secret::Passphrase(text.to_owned().into())
}

#[test]
fn a_secret_is_shown_after_the_passphrase_and_gone_when_revoked() {
    let temp = tempfile::tempdir().expect("a folder");
    let core = protected(&temp.path().join("ws"));
    let ana = card(&core, named("Ana"));
    let add =
        |name: &str, value: &str| secrets::add(&core, &ana, name, "token", &SecretText::new(value.to_owned()), &who());
    let id = add("Shop API", MARKER).expect("sealed").0;
    add("Shop API", " ").expect_err("an empty one");
    assert_eq!(secrets::reveal(&core, &id, &proof("wrong horse")).err().expect("refused").code, Code::WrongKey);
    assert_eq!(secrets::reveal(&core, &id, &proof(PASSPHRASE)).expect("shown").show().as_str(), MARKER);
    secrets::verify(&core, &id, &who()).expect("verified");
    secrets::remove(&core, &id, &who()).expect_err("it still has its value");
    secrets::revoke(&core, &id, &who()).expect("revoked");
    let stored = contact::find(&core, &ana).expect("she");
    let known = &secrets::of(&core, &stored).expect("secrets")[0];
    assert!(known.secret.revoked_at.is_some() && known.secret.verified_at.is_some() && !known.is_sealed);
    secrets::reveal(&core, &id, &proof(PASSPHRASE)).err().expect("its value is gone");
    history::undo(&core, None, &who()).expect("undone");
    assert!(!secrets::of(&core, &stored).expect("secrets")[0].is_sealed, "an undo brings no value back");
    secrets::remove(&core, &id, &who()).expect("taken off the card");
    // A secret that was never there leaves no value that nobody could revoke.
    let id = add("Shop API", MARKER).expect("sealed").0;
    history::undo(&core, None, &who()).expect("undone");
    assert!(!core.store().is_sealed(&id).expect("readable"));
}

#[test]
fn a_workspace_without_protection_keeps_no_secret() {
    let temp = tempfile::tempdir().expect("a folder");
    let (core, _) = Core::create(&temp.path().join("ws"), &Protection::None, environment()).expect("made");
    let ana = card(&core, named("Ana"));
    let refused = secrets::add(&core, &ana, "Shop API", "token", &SecretText::new(MARKER.into()), &who());
    assert!(refused.expect_err("refused").message.to_string().contains("without protection"));
    assert!(secrets::of(&core, &contact::find(&core, &ana).expect("she")).expect("secrets").is_empty());
}

#[test]
fn a_backup_and_a_move_keep_secrets() {
    let temp = tempfile::tempdir().expect("a folder");
    let core = protected(&temp.path().join("ws"));
    let ana = card(&core, named("Ana"));
    let id = secrets::add(&core, &ana, "Shop", "token", &SecretText::new(MARKER.into()), &who()).expect("sealed").0;
    let backup = temp.path().join("all.cardfile-backup");
    core.backup(&backup).expect("a backup");
    let (restored, _) =
        Core::restore(&backup, &temp.path().join("there"), Some(&proof(PASSPHRASE)), environment()).expect("restored");
    assert_eq!(secrets::reveal(&restored, &id, &proof(PASSPHRASE)).expect("shown").show().as_str(), MARKER);
}

/// A backup that is there before any command is called.
const BACKUP: &str = "before.cardfile-backup";

/// Everything that a command may ask for, in one object: each takes what it knows.
fn anything(id: &str, ana: &str, dir: &Path, number: usize) -> Value {
    let out = dir.join(format!("out-{number}")).display().to_string();
    let rule = json!({ "id": "", "axis": "card", "name": "", "platform": "LINE", "base": "kbs_x", "everything": true,
        "documents": [], "faqs": [], "labels": [], "anyLabel": false, "confirmed": false });
    let mut all = json!({
        "id": id, "ids": [ana], "contact": ana, "from": 0, "to": 50, "line": "Bo bo@x.example", "view": null,
        "query": "", "filter": "", "sort": ["name"], "inBin": false, "field": "company", "value": "Solvento",
        "text": "Shop", "internal": false, "title": "Call", "startsAt": null, "rule": rule, "zone": "", "pinned": false,
        "file": out, "files": [out], "target": out, "space": id, "name": "Shop API", "key": "plan", "texts": true,
        "label": "Plan", "kind": "text", "options": [], "reason": "", "conversation": null, "message": null,
        "account": "cus_1", "email": "", "evenAProgram": true, "platform": "LINE", "externalId": "kb",
        "documents": [], "faqs": [], "proof": "wrong", "operation": id, "how": "seen", "source": "widget", "on": false,
        "limit": 100, "job": "x", "tag": "x", "into": "y", "new": "y", "old": "x", "dir": out, "passphrase": "short",
        "keys": [], "format": "everything", "columns": [["complete", ""]], "one": ana, "other": id, "survivor": ana, "take": [], "except": [],
        "views": [["", ""]], "density": "", "purpose": "contact", "owner": "", "reviewedAt": null, "link": null, "by": "nothing", "targets": null,
        "seen": null, "deed": { "kind": "tag", "tag": "x" }, "replace": true, "spreadsheet": false, "separator": ",",
        "bom": false, "what": "", "wins": [], "policy": "fill",
    });
    let more = json!({
        "url": "http://127.0.0.1:1", "user": "ana", "password": "wrong", "place": "/ana/", "fields": [],
        "everyMinutes": 0, "onChange": false, "stamps": false, "decisions": [], "events": [], "dead": false,
        "manifest": "",
        "everyHours": 0, "keepDays": 30, "folder": null, "way": "keychain", "port": null,
        "right": "access", "subject": "bo@x.example", "replyTo": "", "language": "en", "channel": "email", "note": "",
        "received": "", "given": true, "wording": null, "at": "", "contacts": [ana], "days": 30, "ceiling": 0,
        "identity": "", "address": "", "officer": "", "authority": "", "security": "", "country": "DE",
        "safeguard": "", "countries": ["ES"], "until": "2030-01-01", "found": "", "step": "prove_identity",
        "outcome": "", "reference": "", "identifier": "bo@x.example", "cards": [ana], "keep": [], "mask": [],
        "internalNotes": [], "sharedFiles": [], "staffNames": false, "letter": "received", "check": "channel",
        "chosen": { "cards": [ana], "keep": [], "mask": [], "internalNotes": [], "sharedFiles": [],
            "staffNames": true },
        "stopped": false, "choice": "reject", "word": "task", "before": null, "minutes": null,
        "client": { "id": "", "name": format!("Client {number}"), "sort": "customer", "fields": ["name"],
            "tools": ["identify"], "purpose": "", "actions": [], "always": [], "perMinute": 1, "grantMinutes": 1,
            "expiresAt": null },
    });
    let more = more.as_object().expect("an object").clone();
    all.as_object_mut().expect("an object").extend(more);
    if number % 2 == 1 {
        // The same word is a text in one request and a number or an object in another.
        all["text"] = if number == 1 { "bo@x.example" } else { ana }.into();
        all["rule"] = "".into();
        all["value"] = 5.into();
        all["view"] = 1.into();
        all["columns"] = json!(["name"]);
        all["format"] = "xlsx".into();
        all["sort"] = "restricted".into();
        all["reason"] = "asked".into();
        all["from"] = "2020-01-01".into();
        all["decisions"] = "".into();
        all["what"] = if number == 1 { "everything" } else { "contacts" }.into();
    }
    if number == 8 {
        all["client"] = id.into();
    }
    if number == 4 {
        // What is asked of a backup is asked of one that there is.
        all["file"] = dir.join(BACKUP).display().to_string().into();
    }
    all
}

#[test]
fn no_command_ever_answers_with_a_secret() {
    let temp = tempfile::tempdir().expect("a folder");
    let dir = temp.path().join("ws");
    let core = protected(&dir);
    let ana = card(&core, Contact { company: "Solvento".into(), ..named("Ana") });
    let note = parts::add(&core, &ana, &Note { text: "Shop".into(), ..Note::default() }, &who()).expect("a note").0;
    let operation = history::list(&core, 1).expect("a history")[0].id.clone();
    let book = NewRemote {
        name: "Book".into(),
        kind: "carddav".into(),
        url: "http://127.0.0.1:1".into(),
        user: "ana".into(),
        password: SecretText::new(MARKER.into()),
        place: "/ana/".into(),
    };
    let book = remotes::add(&core, book, &who()).expect("a connection").kept.id;
    let hook = webhooks::add(&core, "Hook", "http://127.0.0.1:1/", &who()).expect("a webhook").0.kept.id;
    let bo = ContactId::parse(&card(&core, named("Bo"))).expect("an id");
    let erased = erasure::erase(&core, &[bo], Reason::Retention, &who(), &Unwatched).expect("erased").erasure;
    let asks = Request { subject: "bo@x.example".into(), ..Request::default() };
    let asked = requests::add(&core, &asks, &who()).expect("written down");
    let bot = agents::approve(&core, &AgentClient::new("Bot"), "", &who()).expect("a client").id;
    core.backup(&temp.path().join(BACKUP)).expect("a backup");
    drop(core);
    let session = Session::new(dir, Some(temp.path().join("home")), environment(), |event| {
        let text = serde_json::to_string(&event).expect("json");
        assert!(!text.contains(MARKER), "{text}");
    });
    // In by its own door, as the window does it.
    session.open(Some(PASSPHRASE.into())).expect("open");
    let sealed = json!({ "contact": ana, "name": "Shop", "sort": "token", "value": MARKER });
    let secret = dispatch(&session, "secret_add", sealed).expect("sealed")["id"].as_str().expect("an id").to_owned();
    // Those that lock, switch or make a workspace come last.
    let (last, first): (Vec<_>, Vec<_>) = COMMANDS.iter().partition(|(name, _)| name.starts_with("workspace_"));
    let mut done: Vec<&str> = Vec::new();
    for (name, _) in first.into_iter().chain(last) {
        let all = [ana.as_str(), &secret, &note, &operation, &book, &erased, &hook, &asked, &bot];
        for (number, id) in all.into_iter().enumerate() {
            session.open(Some(PASSPHRASE.into())).expect("open");
            let answer = dispatch(&session, name, anything(id, &ana, temp.path(), number));
            let text = match &answer {
                Ok(value) => value.to_string(),
                Err(error) => serde_json::to_string(error).expect("json"),
            };
            assert!(!text.contains(MARKER), "{name}: {text}");
            if answer.is_ok() {
                done.push(name);
            }
        }
    }
    done.dedup();
    // The test is worth something only while commands get somewhere.
    assert!(done.len() * 2 > COMMANDS.len(), "only these were done: {done:?}");
    assert!(!done.contains(&"secret_reveal"), "the passphrase was wrong");
    for name in ["dsar_preview", "dsar_draft_get", "dsar_draft_put", "request_get", "request_letter_sent"] {
        assert!(done.contains(&name), "{name} was not done");
    }
    nowhere(temp.path());
}

#[test]
fn no_format_ever_holds_a_secret() {
    let temp = tempfile::tempdir().expect("a folder");
    let core = protected(&temp.path().join("ws"));
    let ana = card(&core, named("Ana"));
    secrets::add(&core, &ana, "Shop", "token", &SecretText::new(MARKER.into()), &who()).expect("sealed");
    let csv = |preset| ExportFormat::Csv(Options { preset, ..Options::default() });
    for (name, format) in [
        ("a.csv", csv(Preset::Reference)),
        ("b.csv", csv(Preset::Complete)),
        ("c.vcf", ExportFormat::Vcard),
        ("d.ndjson", ExportFormat::Ndjson),
        ("e.ndjson", ExportFormat::Everything),
    ] {
        let request = ExportRequest::all(temp.path().join(name), format);
        export::run(&core, &request, &who(), &Unwatched).expect("an export");
    }
    // A workbook is packed: its cells are read as a person reads them.
    let book = temp.path().join("f.xlsx");
    let request = ExportRequest::all(&book, ExportFormat::Xlsx(Preset::Complete));
    export::run(&core, &request, &who(), &Unwatched).expect("an export");
    let mut book: calamine::Xlsx<_> = calamine::open_workbook(book).expect("readable");
    let sheet = calamine::Reader::worksheet_range(&mut book, "Contacts").expect("a sheet");
    assert_eq!(sheet.height(), 2);
    assert!(sheet.rows().flatten().all(|cell| !cell.to_string().contains(MARKER)));
    core.backup(&temp.path().join("all.cardfile-backup")).expect("a backup");
    nowhere(temp.path());
}

#[test]
fn no_verb_of_the_terminal_ever_prints_a_secret() {
    let temp = tempfile::tempdir().expect("a folder");
    let dir = temp.path().join("ws");
    let core = protected(&dir);
    let ana = card(&core, named("Ana"));
    drop(core);
    let printed = cardfile(&dir, &["secret", "add", &ana, "Shop"], &format!("{PASSPHRASE}\n{MARKER}"));
    let secret = printed.trim().to_owned();
    assert!(secret.starts_with("sec_"), "{printed}");
    let verbs = verbs(&[]);
    assert!(verbs.len() > 40, "{verbs:?}");
    let out = temp.path().join("out").display().to_string();
    // The door stays open until it is closed; all that it prints is where it is.
    for verb in verbs.iter().filter(|verb| **verb != ["serve"]) {
        for arguments in [vec![ana.as_str()], vec![&secret], vec![&ana, &out], vec![&out, &out], vec![]] {
            let mut call: Vec<&str> = verb.iter().map(String::as_str).collect();
            call.extend(arguments);
            // Whoever holds the passphrase is shown it by this one verb, and only then.
            let passphrase = if call.starts_with(&["secret", "reveal"]) { "wrong" } else { PASSPHRASE };
            let printed = cardfile(&dir, &call, passphrase);
            assert!(!printed.contains(MARKER), "{call:?}: {printed}");
        }
    }
    nowhere(temp.path());
}

/// The verbs that the program's own help lists, down to the last.
fn verbs(of: &[String]) -> Vec<Vec<String>> {
    let mut call: Vec<&str> = of.iter().map(String::as_str).collect();
    call.push("--help");
    let help = cardfile(Path::new("/nowhere"), &call, "");
    let listed = help.split("Commands:").nth(1).and_then(|rest| rest.split("\n\n").next());
    let Some(listed) = listed else { return vec![of.to_vec()] };
    let names = listed.lines().filter_map(|line| line.strip_prefix("  ")).filter(|line| !line.starts_with(' '));
    let names = names.filter_map(|line| line.split_whitespace().next()).filter(|name| *name != "help");
    names
        .flat_map(|name| {
            let mut deeper = of.to_vec();
            deeper.push(name.to_owned());
            verbs(&deeper)
        })
        .collect()
}

#[expect(clippy::disallowed_methods, reason = "the product starts no programs, its tests do")]
fn cardfile(dir: &Path, arguments: &[&str], passphrase: &str) -> String {
    let program = PathBuf::from(env!("CARGO_BIN_EXE_cardfile-crash-writer")).with_file_name("cardfile");
    let mut child = Command::new(program)
        // What it writes beside itself is looked through too.
        .current_dir(dir.parent().expect("a folder"))
        .arg("--workspace")
        .arg(dir)
        .args(arguments)
        .env("CARDFILE_PASSPHRASE_FD", "0")
        // Nothing of a test goes into the keychain of who runs it.
        .env_remove("DBUS_SESSION_BUS_ADDRESS")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("the program that make build made");
    // It may end before it reads.
    let _ = child.stdin.take().expect("a pipe").write_all(format!("{passphrase}\n").as_bytes());
    let output = child.wait_with_output().expect("it ends");
    String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr)
}

/// No file below a folder holds the marker, whatever it is.
fn nowhere(dir: &Path) {
    for entry in std::fs::read_dir(dir).expect("a folder") {
        let path = entry.expect("an entry").path();
        if path.is_dir() {
            nowhere(&path);
        } else {
            let bytes = std::fs::read(&path).expect("readable");
            assert!(!bytes.windows(MARKER.len()).any(|part| part == MARKER.as_bytes()), "{}", path.display());
        }
    }
}
