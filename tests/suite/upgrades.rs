//! From an older schema to this one, killed on the way: the file is the old one or the new
//! one and never between, and opens either way.
//!
//! `UPGRADE_POINTS` sets how many kills (6 by default, 50 in `make upgrades`).

use crate::upkeep::older_workspace;
use cardfile_core::{Core, backups, contact, generate::Seeded, system};
use cardfile_store::{DATABASE, schema::VERSION};
use std::{
    io::{BufRead, BufReader},
    path::Path,
    process::{Command, Stdio},
    sync::mpsc,
    time::Duration,
};

#[test]
fn an_upgrade_that_is_killed_leaves_the_old_file_or_the_new_one() {
    let points: u32 = std::env::var("UPGRADE_POINTS").ok().and_then(|n| n.parse().ok()).unwrap_or(6);
    let temp = tempfile::tempdir().expect("a folder");
    let mut random = Seeded::new(15);
    let (mut old, mut new) = (0, 0);
    for point in 0..points {
        // Schemas that were released; 1 has the longest way.
        let version = [1, 4, 5, 6, 7, 8, 9, 12, 13][random.below(9) as usize];
        let dir = temp.path().join(format!("ws-{point}"));
        older_workspace(&dir, version);
        let before = schema(&dir);
        kill_while_opening(&dir, &mut random);
        let (found, tables) = schema(&dir);
        if found == version {
            assert_eq!((found, &tables), (before.0, &before.1), "point {point}: the old one is as it was");
            old += 1;
        } else {
            assert_eq!(found, VERSION, "point {point}: between the two");
            new += 1;
        }
        let (core, opening) = Core::open(&dir, None, system::environment()).expect("it opens");
        assert_eq!(opening.backup.is_some(), found == version, "a backup is made before each try");
        core.store().verify().expect("whole");
        assert!(core.store().read(|r| r.contacts().count()).expect("readable").0 >= 2);
        if version > 1 {
            contact::find(&core, "V-17").expect("she is there");
        }
        let known = backups::list(&dir).backups;
        assert!(!known.is_empty(), "the old state is in a backup");
        drop(core);
        // It restores, and is brought up to date again.
        let restored = temp.path().join(format!("restored-{point}"));
        Core::restore(&known[0].path(&dir), &restored, None, system::environment()).expect("restored");
        assert_eq!(schema(&restored).0, VERSION);
    }
    assert!(points < 20 || (old > 0 && new > 0), "{old} old and {new} new: the test kills at the wrong moments");
}

/// Starts a program that opens the workspace, and kills it some milliseconds later.
fn kill_while_opening(dir: &Path, random: &mut Seeded) {
    #[expect(clippy::disallowed_methods, reason = "the upgrade suite needs a process to kill")]
    let mut child = Command::new(env!("CARGO_BIN_EXE_cardfile-crash-writer"))
        .arg(dir)
        .arg("open")
        .stdout(Stdio::piped())
        .spawn()
        .expect("the writer starts");
    let out = child.stdout.take().expect("piped");
    let (send, receive) = mpsc::channel();
    let reader = std::thread::spawn(move || {
        for line in BufReader::new(out).lines().map_while(Result::ok) {
            let _ = send.send(line);
        }
    });
    assert_eq!(receive.recv_timeout(Duration::from_secs(60)).expect("the writer gets on"), "opening");
    // The end of the opening, or the moment before it.
    let _ = receive.recv_timeout(Duration::from_millis(random.below(120)));
    child.kill().expect("killed");
    child.wait().expect("gone");
    reader.join().expect("read");
}

/// The schema version of a closed workspace without protection, and all that was created in
/// it. Looked at in a copy: a look must not finish what was cut off.
fn schema(dir: &Path) -> (u32, Vec<String>) {
    let temp = tempfile::tempdir().expect("a folder");
    for name in [DATABASE, "cardfile.db-wal"] {
        if dir.join(name).is_file() {
            std::fs::copy(dir.join(name), temp.path().join(name)).expect("copied");
        }
    }
    let slots = std::fs::read_to_string(dir.join("keyslots.json")).expect("readable");
    let slots: serde_json::Value = serde_json::from_str(&slots).expect("json");
    let key = slots["slots"][0]["key"].as_str().expect("the key lies open").to_owned();
    let db = rusqlite::Connection::open(temp.path().join(DATABASE)).expect("a database");
    db.execute_batch(&format!(
        "PRAGMA key = \"x'{key}'\"; PRAGMA cipher_page_size = 8192; PRAGMA cipher_hmac_algorithm = HMAC_SHA256"
    ))
    .expect("a key");
    let version = db.pragma_query_value(None, "user_version", |row| row.get(0)).expect("the first page");
    let mut created = db.prepare("SELECT ifnull(sql, name) FROM sqlite_master ORDER BY 1").expect("sql");
    let created = created.query_map([], |row| row.get(0)).expect("rows").collect::<Result<_, _>>().expect("rows");
    (version, created)
}

#[test]
fn a_later_schema_is_refused_by_name_and_not_a_byte_is_written() {
    let temp = tempfile::tempdir().expect("a folder");
    let dir = temp.path().join("ws");
    let (core, _) =
        Core::create(&dir, &cardfile_core::Protection::None, cardfile_testkit::environment()).expect("made");
    core.store().pretend_schema(VERSION + 1, "9.9.0").expect("a test workspace");
    drop(core);
    let files = |dir: &Path| -> Vec<(String, Vec<u8>)> {
        let mut all: Vec<(String, Vec<u8>)> = std::fs::read_dir(dir)
            .expect("a folder")
            .map(|entry| entry.expect("an entry").path())
            .filter(|path| path.is_file())
            .map(|path| (path.display().to_string(), std::fs::read(path).expect("readable")))
            .collect();
        all.sort();
        all
    };
    let before = files(&dir);
    let error = Core::open(&dir, None, cardfile_testkit::environment()).err().expect("refused");
    assert_eq!(error.code, cardfile_core::Code::NewerSchema);
    assert!(error.message.to_string().contains("made by Cardfile 9.9.0"), "{}", error.message);
    assert!(files(&dir) == before, "something was written");
}
