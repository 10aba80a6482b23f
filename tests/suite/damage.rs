//! A damaged file of a workspace: found before anything wrong is shown, brought back from the
//! newest whole backup, or saved as far as it can be read. What is damaged is not touched.
//!
//! `DAMAGES` sets how many (60 by default, 1,000 in `make damage`).

use crate::identity::{card, named};
use cardfile_core::{
    Code, Core, SecretText, backups,
    domain::{Contact, Item, Millis, part::Note},
    generate::Seeded,
    import::{self, ImportRequest},
    parts,
    progress::Unwatched,
    sync::remotes::{self, NewRemote},
};
use cardfile_store::DATABASE;
use cardfile_testkit::{Workspace, environment, hash_of, who};
use sha2::{Digest, Sha256};
use std::path::Path;

/// A closed workspace of some hundred contacts, with texts that are longer than a page, and a
/// backup of it. Gives what can be read of it.
fn workspace() -> (Workspace, String) {
    let ws = Workspace::default();
    let mut file = Vec::new();
    cardfile_core::generate::write_csv(&mut file, 400, 8).expect("memory");
    import::run(&ws.core, &ImportRequest::of(ws.file("in.csv", file)), &who(), &Unwatched).expect("an import");
    for n in 0..12 {
        let emails = vec![Item::new(format!("long{n}@x.example"), "")];
        let id = card(&ws.core, Contact { emails, ..named(&format!("Long {n}")) });
        let text = format!("{n} ").repeat(9_000 + n * 700);
        parts::add(&ws.core, &id, &Note { text, ..Note::default() }, &who()).expect("a note");
    }
    backups::write(&ws.core, None).expect("a backup");
    let read = read_all(&ws.core).expect("readable");
    (ws, read)
}

/// A hash of all contacts and their notes, or why they cannot be read.
fn read_all(core: &Core) -> Result<String, String> {
    let mut hash = Sha256::new();
    let read = core.store().read(|r| {
        let mut rows = Vec::new();
        r.contacts().scan(|stored| {
            hash.update(serde_json::to_vec(&stored.contact).expect("json"));
            rows.push(i64::from(stored.row));
            true
        })?;
        for row in rows {
            for note in r.parts().of::<Note>(row)? {
                hash.update(note.value.text.as_bytes());
            }
        }
        Ok(())
    });
    read.map_err(|error| error.to_string())?;
    Ok(hash.finalize().iter().map(|byte| format!("{byte:02x}")).collect())
}

/// Damages a file as disks do. Gives what was done, and where.
fn damage(bytes: &mut Vec<u8>, random: &mut Seeded) -> (&'static str, usize) {
    const PAGE: usize = 8192;
    let at = random.below(bytes.len() as u64) as usize;
    let spoil = |bytes: &mut [u8], random: &mut Seeded| {
        for byte in bytes {
            *byte ^= 1 + random.below(255) as u8;
        }
    };
    match random.below(5) {
        0 => spoil(&mut bytes[at..=at], random),
        1 => {
            let end = bytes.len().min(at + 16);
            spoil(&mut bytes[at..end], random);
        }
        2 => {
            let end = bytes.len().min(at + 512);
            spoil(&mut bytes[at..end], random);
        }
        3 => {
            bytes.truncate(at);
            return ("cut off", at);
        }
        _ => {
            let page = at / PAGE * PAGE;
            bytes[page..page + PAGE].fill(0);
            return ("a page of zeros", page);
        }
    }
    ("bytes", at)
}

#[test]
fn every_damage_is_found_before_anything_wrong_is_shown() {
    let rounds: u32 = std::env::var("DAMAGES").ok().and_then(|n| n.parse().ok()).unwrap_or(60);
    let (ws, whole_text) = workspace();
    let (dir, path) = (ws.dir.clone(), ws.dir.join(DATABASE));
    drop(ws.core);
    let whole = std::fs::read(&path).expect("readable");
    let mut random = Seeded::new(77);
    let mut at_once = 0;
    for round in 0..rounds {
        let mut bytes = whole.clone();
        let (what, at) = damage(&mut bytes, &mut random);
        std::fs::write(&path, &bytes).expect("writable");
        match Core::open(&dir, None, environment()) {
            Err(error) => {
                assert_eq!(error.code, Code::Damaged, "round {round}, {what} at {at}: {}", error.message);
                assert!(std::fs::read(&path).expect("readable") == bytes, "nothing was written: {what} at {at}");
                at_once += 1;
            }
            Ok((core, _)) => {
                // Read either as it was or not at all.
                if let Ok(read) = read_all(&core) {
                    assert_eq!(read, whole_text, "round {round}, {what} at {at}: something wrong was shown");
                }
                assert!(core.store().verify().is_err(), "round {round}: {what} at {at} was not found");
                core.backup(&ws.files.join(format!("{round}.cardfile-backup"))).expect_err("no backup of it is made");
            }
        }
        // A journal of the round before belongs to it.
        for journal in ["cardfile.db-wal", "cardfile.db-shm"] {
            let _ = std::fs::remove_file(dir.join(journal));
        }
    }
    assert!(at_once < rounds, "every damage met the first pages: the test damages the wrong places");
}

#[test]
fn the_newest_whole_backup_takes_the_place_of_a_damaged_workspace() {
    let (ws, text) = workspace();
    let (dir, path) = (ws.dir.clone(), ws.dir.join(DATABASE));
    let before = ws.hash();
    drop(ws.core);
    let mut bytes = std::fs::read(&path).expect("readable");
    bytes[100] ^= 1;
    std::fs::write(&path, &bytes).expect("writable");
    assert_eq!(Core::open(&dir, None, environment()).err().map(|error| error.code), Some(Code::Damaged));
    // The list is there although the workspace does not open.
    let newest = backups::list(&dir).newest_whole().expect("a backup").path(&dir);
    let restored = backups::over(&newest, &dir, None, None, environment()).expect("restored");
    assert!(restored.knows_since, "the list of erasures is no part of the database");
    assert!(restored.not_carried.iter().any(|table| table == "audit"), "and what did not come along is said");
    let (core, _) = Core::open(&dir, None, environment()).expect("opens");
    assert_eq!((read_all(&core).expect("readable"), hash_of(&core)), (text, before));
    let kept = restored.kept.expect("kept");
    assert!(std::fs::read(kept.join(DATABASE)).expect("readable") == bytes, "as it was, byte for byte");
}

#[test]
fn what_can_still_be_read_is_saved_into_a_new_workspace() {
    let (ws, text) = workspace();
    let (dir, path) = (ws.dir.clone(), ws.dir.join(DATABASE));
    drop(ws.core);
    // Nothing is damaged: everything is saved.
    let saved = backups::salvage(&dir, &ws.files.join("whole"), None, None, &environment()).expect("saved");
    assert_eq!((saved.contacts, saved.orphans), (412, 0));
    assert!(saved.tables.iter().all(|(_, _, gaps)| *gaps == 0), "{:?}", saved.tables);
    let (core, _) = Core::open(&ws.files.join("whole"), None, environment()).expect("opens");
    assert_eq!(read_all(&core).expect("readable"), text);
    drop(core);
    // Pages in the middle are lost, one after the other, until many are.
    let whole = std::fs::read(&path).expect("readable");
    let mut random = Seeded::new(5);
    let mut some_lost = 0;
    for round in 0..12 {
        let mut bytes = whole.clone();
        for _ in 0..=round {
            // Not the first ones, which hold the schema: without them there is only the backup.
            let at = bytes.len() / 4 + random.below(bytes.len() as u64 * 3 / 4) as usize;
            bytes[at] ^= 1;
        }
        std::fs::write(&path, &bytes).expect("writable");
        let into = ws.files.join(format!("saved-{round}"));
        let saved = match backups::salvage(&dir, &into, None, None, &environment()) {
            Ok(saved) => saved,
            Err(error) => {
                assert_eq!(error.code, Code::Damaged);
                assert!(!into.exists(), "nothing is left behind");
                continue;
            }
        };
        let gaps: u32 = saved.tables.iter().map(|(_, _, gaps)| gaps).sum();
        some_lost += u32::from(gaps > 0);
        let (core, _) = Core::open(&into, None, environment()).expect("opens");
        core.store().verify().expect("whole");
        read_all(&core).expect("all that is there can be read");
        assert!(std::fs::read(&path).expect("readable") == bytes, "the damaged one is not touched");
        backups::salvage(&dir, &into, None, None, &environment()).expect_err("never over a workspace");
    }
    assert!(some_lost > 3, "{some_lost}");
}

#[test]
fn a_backup_that_is_damaged_too_is_not_offered() {
    let (ws, _) = workspace();
    let good = backups::list(&ws.dir).backups[0].path(&ws.dir);
    let newer = backups::write(&ws.core, None).expect("a backup").0;
    let newest = |dir: &Path| backups::list(dir).newest_whole().map(|entry| entry.path(dir));
    assert_eq!(newest(&ws.dir), Some(newer.clone()));
    let bytes = std::fs::read(&newer).expect("readable");
    std::fs::write(&newer, &bytes[..bytes.len() - 1]).expect("writable");
    assert_eq!(newest(&ws.dir), Some(good));
}

#[test]
fn the_connections_of_what_was_saved_are_off() {
    let ws = Workspace::default();
    let book = NewRemote {
        name: "Book".into(),
        kind: "carddav".into(),
        url: "http://127.0.0.1:1".into(),
        user: "ana".into(),
        password: SecretText::new("letmein".into()),
        place: "/ana/".into(),
    };
    let book = remotes::add(&ws.core, book, &who()).expect("a connection").kept.id;
    let enabled_at = Some(Millis(1));
    remotes::set(&ws.core, &book, &who(), |settings| settings.enabled_at = enabled_at).expect("turned on");
    let (dir, into) = (ws.dir.clone(), ws.files.join("saved"));
    drop(ws.core);
    backups::salvage(&dir, &into, None, None, &environment()).expect("saved");
    let since = |dir: &Path| {
        let (core, _) = Core::open(dir, None, environment()).expect("opens");
        remotes::find(&core, "Book").expect("a connection").settings.enabled_at
    };
    // It knows less of the address book than the address book does of it.
    assert_eq!((since(&dir), since(&into)), (enabled_at, None));
}
