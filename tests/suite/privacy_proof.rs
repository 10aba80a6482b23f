//! The proof that an answer is whole and unchanged: the same bytes for the same request, every
//! changed byte found, nothing left out unseen, and other people's programs to check it.

use crate::{
    identity::{base, card, fill, named},
    privacy_dsar::{ANA, build, files, json_of, request, story, verify},
};
use cardfile_core::{
    Code, Core,
    conversations::{self, Incoming},
    export::{self, ExportFormat, ExportRequest},
    formats::minisign::PublicKey,
    generate::Seeded,
    parts,
    privacy::{bundle, check, mapped, signing},
    progress::Unwatched,
    spaces,
};
use cardfile_domain::{
    Contact, Item, Millis,
    part::{Conversation, Message, Note},
};
use cardfile_testkit::{Workspace, environment, who};
use rustix::time::{ClockId, clock_gettime};
use serde_json::{Value, json};
use std::{
    io::Write as _,
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

#[test]
fn two_answers_to_one_request_are_the_same_and_building_changes_nothing() {
    let story = story();
    let core = &story.ws.core;
    let last = || core.store().read(|r| r.changes().last()).expect("readable");
    let (one, two) = (story.ws.files.join("one.zip"), story.ws.files.join("two.zip"));
    let (before, hash) = (last(), story.ws.hash());
    let first = build(core, &request(core, ANA), &one);
    let second = build(core, &request(core, ANA), &two);
    assert_eq!((last(), story.ws.hash()), (before, hash));
    assert_eq!((&first.sha256, &first.reference), (&second.sha256, &second.reference));
    assert!(std::fs::read(&one).expect("a file") == std::fs::read(&two).expect("a file"), "byte for byte");
    assert_eq!(verify(&one).manifest.expect("readable").as_of_db_change_seq, before);
    parts::add(core, &story.ana, &Note { text: "new".into(), ..Note::default() }, &who()).expect("a note");
    assert_ne!(build(core, &request(core, ANA), &two).sha256, first.sha256, "another state, another answer");
}

#[test]
fn one_changed_byte_anywhere_is_found_and_names_the_file() {
    let story = story();
    let out = story.ws.files.join("ana.zip");
    build(&story.ws.core, &request(&story.ws.core, ANA), &out);
    let bytes = std::fs::read(&out).expect("a file");
    let mut zip = zip::ZipArchive::new(std::fs::File::open(&out).expect("there")).expect("a ZIP");
    let mut places: Vec<(u64, u64, String)> = Vec::new();
    for at in 0..zip.len() {
        let entry = zip.by_index(at).expect("an entry");
        let name = entry.name().expect("a name").into_owned();
        let start = entry.data_start().expect("it has a place");
        places.push((start, start + entry.size(), name.split_once('/').expect("in a folder").1.to_owned()));
    }
    let broken = story.ws.files.join("broken.zip");
    let step = bytes.len() / 400;
    for at in (0..bytes.len()).step_by(step.max(1)).chain(bytes.len() - 60..bytes.len()) {
        let mut changed = bytes.clone();
        changed[at] ^= 0x20;
        std::fs::write(&broken, changed).expect("writable");
        let found = verify(&broken);
        assert!(!found.holds(), "byte {at}");
        if let Some((_, _, name)) = places.iter().find(|(start, end, _)| (*start..*end).contains(&(at as u64))) {
            assert!(found.faults.iter().any(|fault| fault.file == *name), "byte {at} of {name}: {:?}", found.faults);
        }
    }
    let stranger = "RWQf6LRCGA9i53mlYecO4IzT51TGPpvWucNSCh1CBM0QTaLn73Y7GFO3";
    assert!(!check::verify(&out, Some(stranger)).expect("readable").holds(), "another key is expected");
    let own = signing::key(&story.ws.core).expect("a key").public();
    assert!(check::verify(&out, Some(&own.file())).expect("readable").holds());
}

#[test]
fn pages_have_nothing_from_elsewhere_and_files_name_their_schemas() {
    let story = story();
    let out = story.ws.files.join("ana.zip");
    build(&story.ws.core, &request(&story.ws.core, ANA), &out);
    let files = files(&out);
    let pages: Vec<&String> = files.keys().filter(|path| path.ends_with(".html")).collect();
    assert!(pages.len() > 30, "{pages:?}");
    for path in pages {
        let html = String::from_utf8(files[path].clone()).expect("text");
        for mark in ["<script", "<link", "<img", "<iframe", "src=", "@import", "url(", "href=\"http", "href=\"//"] {
            assert!(!html.contains(mark), "{path} has {mark}");
        }
        // Every link leads to a file of the bundle or to a part of the page.
        for target in html.split("href=\"").skip(1).filter_map(|rest| rest.split('"').next()) {
            assert!(target.starts_with('#') || files.contains_key(target), "{path} leads to {target}");
        }
    }
    let manifest = json_of(&files, "manifest.json");
    for line in manifest["files"].as_array().expect("a list") {
        let (path, schema) = (line["path"].as_str().expect("a path"), line["schema"].as_str());
        assert_eq!(
            schema.is_some(),
            path.ends_with(".json") && !path.starts_with("schema/") && !path.starts_with("portability/"),
            "{path}"
        );
        if let Some(schema) = schema {
            assert!(json_of(&files, schema)["$schema"].as_str().is_some_and(|one| one.contains("2020-12")), "{schema}");
        }
    }
}

#[test]
fn a_table_that_nobody_mapped_stops_answers_exports_and_all_that_asks() {
    let story = story();
    let core = &story.ws.core;
    let out = story.ws.files.join("ana.zip");
    let everything = ExportRequest::all(story.ws.files.join("all.ndjson"), ExportFormat::Everything);
    mapped(core).expect("all is mapped");
    let db = database(&story.ws.dir);
    for sql in ["CREATE TABLE diary (contact INTEGER, text TEXT) STRICT", "ALTER TABLE note ADD COLUMN mood TEXT"] {
        db.execute_batch(sql).expect("a change of the schema");
        let refused = bundle::build(core, &request(core, ANA), &out, None, &who(), &Unwatched).expect_err("refused");
        assert_eq!(refused.code, Code::Refused);
        let said = refused.message.to_string();
        assert!(said.starts_with("diary.contact") || said.starts_with("note.mood"), "{said}");
        assert!(!out.exists(), "nothing is made");
        assert_eq!(mapped(core).expect_err("refused").code, Code::Refused);
        export::run(core, &everything, &who(), &Unwatched).expect_err("refused");
        db.execute_batch("DROP TABLE IF EXISTS diary").expect("gone again");
    }
    db.execute_batch("ALTER TABLE note DROP COLUMN mood").expect("gone again");
    build(core, &request(core, ANA), &out);
    export::run(core, &everything, &who(), &Unwatched).expect("an export");
}

/// The database of a workspace without protection, as another program would open it.
fn database(dir: &Path) -> rusqlite::Connection {
    let slots = std::fs::read_to_string(dir.join("keyslots.json")).expect("slots");
    let slots: Value = serde_json::from_str(&slots).expect("json");
    let key = slots["slots"][0]["key"].as_str().expect("it lies open").to_owned();
    let db = rusqlite::Connection::open(dir.join("cardfile.db")).expect("a database");
    let pragmas = format!(
        "PRAGMA key = \"x'{key}'\"; PRAGMA cipher_page_size = 8192; PRAGMA cipher_hmac_algorithm = HMAC_SHA256;"
    );
    db.execute_batch(&pragmas).expect("the key fits");
    db
}

#[test]
fn the_key_is_made_once_and_moves_with_a_backup() {
    let ws = Workspace::default();
    let key = signing::key(&ws.core).expect("made").public();
    assert_eq!(signing::key(&ws.core).expect("kept").public(), key);
    let backup = ws.files.join("all.cardfile-backup");
    ws.core.backup(&backup).expect("a backup");
    let (restored, _) = Core::restore(&backup, &ws.files.join("there"), None, environment()).expect("restored");
    assert_eq!(signing::key(&restored).expect("kept").public(), key);
    assert_eq!(PublicKey::parse(&key.line()), Some(key));
}

#[expect(clippy::disallowed_methods, reason = "the product starts no programs, its tests do")]
fn run(program: &Path, arguments: &[&str], inside: &Path) -> Option<(i32, String)> {
    let started = Command::new(program)
        .args(arguments)
        .current_dir(inside)
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn();
    let output = started.ok()?.wait_with_output().expect("it ends");
    let said = String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr);
    Some((output.status.code().unwrap_or(-1), said))
}

fn cardfile(dir: &Path, arguments: &[&str]) -> (i32, String) {
    let program = PathBuf::from(env!("CARGO_BIN_EXE_cardfile-crash-writer")).with_file_name("cardfile");
    let whole = [&["--workspace", dir.to_str().expect("a path")][..], arguments].concat();
    run(&program, &whole, dir.parent().expect("a folder")).expect("the program that make build made")
}

#[test]
fn a_script_finds_reviews_builds_and_verifies() {
    let story = story();
    let (dir, out) = (&story.ws.dir, story.ws.files.join("ana.zip"));
    let path = out.to_str().expect("a path");
    let (code, said) = cardfile(dir, &["dsar", "find", ANA, "--json"]);
    let found: Value = serde_json::from_str(said.trim()).unwrap_or_else(|_| panic!("{said}"));
    assert_eq!((code, &found["id"], &found["sure"]), (0, &json!(story.ana), &json!(true)));
    let (code, said) = cardfile(dir, &["dsar", "review", "--subject", ANA, "--json"]);
    let seen: Value = serde_json::from_str(said.trim()).unwrap_or_else(|_| panic!("{said}"));
    assert_eq!((code, &seen["people"][0]["name"]), (0, &json!("Bo Lindström")));
    let (code, said) = cardfile(dir, &["dsar", "build", "--subject", ANA, "--out", path, "--json"]);
    assert_eq!(code, 0, "{said}");
    let built: Value =
        serde_json::from_str(said.lines().find(|line| line.starts_with('{')).expect("json")).expect("json");
    let key = built["key"].as_str().expect("a key").to_owned();
    for arguments in [&["verify", path][..], &["verify", path, "--key", &key], &["verify", path, "--json"]] {
        assert_eq!(cardfile(dir, arguments).0, 0, "{arguments:?}");
    }
    let mut bytes = std::fs::read(&out).expect("a file");
    let at = bytes.windows(10).position(|part| part == b"\"kept_in\":").expect("a row");
    bytes[at + 1] ^= 1;
    std::fs::write(&out, bytes).expect("writable");
    let (code, said) = cardfile(dir, &["verify", path]);
    assert!(code == 3 && said.contains("data/") && said.contains("was changed"), "{code}: {said}");
    let (code, said) = cardfile(dir, &["dsar", "build", "--subject", "nobody@x.example", "--out", path]);
    assert!(code == 2 && said.contains("--nothing"), "{code}: {said}");
    let (code, said) = cardfile(dir, &["dsar", "build", "--subject", ANA, "--out", path, "--age-recipient", "age1x"]);
    assert!(code == 2 && said.contains("age"), "{code}: {said}");
}

#[test]
fn programs_that_nobody_here_wrote_check_and_open_it() {
    let story = story();
    let (dir, files_dir) = (&story.ws.dir, &story.ws.files);
    let (zip, sealed) = (files_dir.join("ana.zip"), files_dir.join("ana.zip.age"));
    let built = build(&story.ws.core, &request(&story.ws.core, ANA), &zip);
    let root = files_dir.join("unpacked");
    for (path, bytes) in files(&zip) {
        let target = root.join(path);
        std::fs::create_dir_all(target.parent().expect("a folder")).expect("a folder");
        std::fs::write(target, bytes).expect("writable");
    }
    let missing = |program: &str| {
        let _ = writeln!(std::io::stderr(), "not run without {program}: what it makes of an answer");
    };
    match run(Path::new("sha256sum"), &["-c", "--quiet", "SHA256SUMS"], &root) {
        Some((code, said)) => assert_eq!(code, 0, "{said}"),
        None => missing("sha256sum"),
    }
    let minisign = ["-V", "-P", &built.key.0, "-m", "manifest.json", "-x", "manifest.json.sig"];
    match run(Path::new("minisign"), &minisign, &root) {
        Some((code, said)) => assert_eq!(code, 0, "{said}"),
        None => missing("minisign"),
    }
    let identity = files_dir.join("identity.txt");
    // Of the bytes 9, 9, 9 …; its public half is below.
    std::fs::write(&identity, "AGE-SECRET-KEY-1PYYSJZGFPYYSJZGFPYYSJZGFPYYSJZGFPYYSJZGFPYYSJZGFPYYSTFVYXW\n")
        .expect("writable");
    // By the same program: its version stands in the answer.
    let plain = files_dir.join("plain.zip");
    let plain_path = plain.to_str().expect("a path");
    assert_eq!(cardfile(dir, &["dsar", "build", "--subject", ANA, "--out", plain_path]).0, 0);
    let to = "age12ld5kdvlywh9u9rwfcj3ypt8q3ez2p353s2sc9r485xfx0gy6sss5uskuv";
    let sealed_path = sealed.to_str().expect("a path");
    let (code, said) = cardfile(dir, &["dsar", "build", "--subject", ANA, "--out", sealed_path, "--age-recipient", to]);
    assert_eq!(code, 0, "{said}");
    assert!(check::verify(&sealed, None).expect("readable").faults[0].sentence().to_string().contains("age -d"));
    let opened = files_dir.join("opened.zip");
    let (identity, opened_path) = (identity.to_str().expect("a path"), opened.to_str().expect("a path"));
    match run(Path::new("age"), &["-d", "-i", identity, "-o", opened_path, sealed_path], files_dir) {
        Some((code, said)) => {
            assert_eq!(code, 0, "{said}");
            assert!(
                std::fs::read(&opened).expect("a file") == std::fs::read(&plain).expect("a file"),
                "the same answer"
            );
        }
        None => missing("age"),
    }
}

#[test]
fn a_person_with_everything_is_answered_in_two_seconds_of_one_processor() {
    let ws = Workspace::default();
    let core = &ws.core;
    base(core);
    let ana = card(core, Contact { emails: vec![Item::new(ANA, ANA)], ..named("Ana Ruiz") });
    fill(&ws, &ana, &mut Seeded::new(1));
    for n in 0..50 {
        let message = |at: i64| Message {
            text: format!("Message {at} of chat {n}: where is order {at}, and who is Person {at}?"),
            at: Millis(1_000 + at),
            ..Message::default()
        };
        let about = Conversation { platform: "widget".into(), title: format!("Chat {n}"), ..Conversation::default() };
        let chat = Incoming { about, messages: (0..100).map(message).collect() };
        conversations::add(core, Some(&ana), &chat, &who()).expect("a chat");
    }
    let space = spaces::create(core, &ana, "Contracts", &who()).expect("a space").0;
    let many: Vec<PathBuf> =
        (0..200).map(|n| ws.file(&format!("{n}.pdf"), format!("contract {n} ").repeat(2_000))).collect();
    spaces::add_files(core, &space, &many, &who()).expect("files");
    for n in 0..500 {
        card(
            core,
            Contact {
                emails: vec![Item::new(format!("p{n}@x.example"), format!("p{n}@x.example"))],
                ..named(&format!("Person {n}"))
            },
        );
    }
    let out = ws.files.join("ana.zip");
    let asked = request(core, ANA);
    let now = || {
        let at = clock_gettime(ClockId::ThreadCPUTime);
        at.tv_sec as f64 + at.tv_nsec as f64 / 1e9
    };
    let before = now();
    let built = build(core, &asked, &out);
    let took = now() - before;
    assert!(built.rows.0 > 5_200, "{built:?}");
    assert!(verify(&out).holds());
    assert!(took < 2.0, "{took} seconds");
    // For whoever looks at it with other programs.
    if let Some(folder) = std::env::var_os("DSAR_OUT").map(PathBuf::from) {
        std::fs::create_dir_all(&folder).expect("a folder");
        std::fs::copy(&out, folder.join("everything.zip")).expect("copied");
        let story = story();
        build(&story.ws.core, &request(&story.ws.core, ANA), &folder.join("story.zip"));
    }
}
