//! Backups: made while others write, refused when they are damaged, brought back without
//! losing what is there, made by themselves and given up.
//!
//! `BACKUP_ROWS` sets how many contacts the large one has (2,000 by default, 500,000 in
//! `make backups`).

use crate::identity::{card, named};
use cardfile_core::{
    BackupPlan, BackupReason, BackupState, Code, Core, Protection, Secret, backups, contact,
    domain::{
        ContactId, Millis,
        part::Note,
        restriction::{Restriction, Sort},
    },
    export::{self, ExportFormat, ExportRequest},
    generate::Seeded,
    import::{self, ImportRequest},
    keys, parts,
    privacy::{
        erasure::{self, Reason},
        restriction, signing,
    },
    progress::Unwatched,
    session::{Event, Session, SessionState},
    spaces,
};
use cardfile_store::{DATABASE, Store};
use cardfile_testkit::{Workspace, another_environment, environment, hash_of, who};
use rstest::rstest;
use std::{
    io::Write,
    path::{Path, PathBuf},
    sync::atomic::{AtomicBool, AtomicU32, Ordering},
};

fn filled(rows: u64) -> Workspace {
    let ws = Workspace::default();
    let mut file = Vec::new();
    cardfile_core::generate::write_csv(&mut file, rows, 4).expect("memory");
    import::run(&ws.core, &ImportRequest::of(ws.file("in.csv", file)), &who(), &Unwatched).expect("an import");
    ws
}

/// A hash of all that leaves with every contact, as a file has it.
fn content(core: &Core, file: &Path) -> String {
    let request = ExportRequest::all(file, ExportFormat::Everything);
    export::run(core, &request, &who(), &Unwatched).expect("an export").sha256
}

#[test]
fn a_large_backup_that_was_made_while_others_wrote_comes_back_whole() {
    let rows = std::env::var("BACKUP_ROWS").ok().and_then(|n| n.parse().ok()).unwrap_or(2_000);
    let ws = filled(rows);
    let before = content(&ws.core, &ws.files.join("before.ndjson"));
    let quiet = ws.files.join("quiet.cardfile-backup");
    assert_eq!(u64::from(ws.core.backup(&quiet).expect("a backup").contacts), rows);
    let (restored, _) = Core::restore(&quiet, &ws.files.join("quiet"), None, environment()).expect("restored");
    assert_eq!(content(&restored, &ws.files.join("restored.ndjson")), before);
    drop(restored);
    // Another program writes one contact after the other, until the backup is there.
    let (written, is_done) = (AtomicU32::new(0), AtomicBool::new(false));
    let busy = ws.files.join("busy.cardfile-backup");
    let manifest = std::thread::scope(|scope| {
        scope.spawn(|| {
            let (other, _) = Core::open(&ws.dir, None, environment()).expect("a second program");
            for n in 0..100_000 {
                if is_done.load(Ordering::SeqCst) {
                    break;
                }
                contact::create(&other, named(&format!("Meanwhile {n}")), &who()).expect("a contact");
                written.fetch_add(1, Ordering::SeqCst);
            }
        });
        // It has begun to write.
        wait(|| written.load(Ordering::SeqCst) > 2);
        let manifest = ws.core.backup(&busy);
        is_done.store(true, Ordering::SeqCst);
        manifest.expect("a backup")
    });
    let (restored, _) = Core::restore(&busy, &ws.files.join("busy"), None, environment()).expect("restored");
    restored.store().verify().expect("whole");
    let there = restored.store().read(|r| r.contacts().count()).expect("readable").0;
    assert_eq!(there, manifest.contacts);
    let meanwhile = u64::from(written.load(Ordering::SeqCst));
    assert!(u64::from(there) > rows && u64::from(there) <= rows + meanwhile, "{there} of {rows} and {meanwhile}");
}

/// Looks again and again, and gives up after some seconds.
fn wait(is_there: impl Fn() -> bool) {
    let (_stop, never) = std::sync::mpsc::channel::<()>();
    for _ in 0..2_000 {
        if is_there() {
            return;
        }
        let _ = never.recv_timeout(std::time::Duration::from_millis(5));
    }
    panic!("it did not come");
}

#[test]
fn a_damaged_backup_is_refused_by_its_name_and_its_page() {
    let ws = filled(500);
    let ana = card(&ws.core, named("Ana"));
    let space = spaces::create(&ws.core, &ana, "Offer", &who()).expect("a space").0;
    spaces::add_files(&ws.core, &space, &[ws.file("a.txt", vec![b'x'; 100_000])], &who()).expect("copied");
    let backup = ws.files.join("one.cardfile-backup");
    ws.core.backup(&backup).expect("a backup");
    let whole = std::fs::read(&backup).expect("readable");
    let before = ws.hash();
    let mut random = Seeded::new(9);
    let (mut refused, mut with_page) = (0, 0);
    for round in 0..60 {
        let mut bytes = whole.clone();
        let at = random.below(bytes.len() as u64) as usize;
        bytes[at] ^= 1 << random.below(8);
        let damaged = ws.file("damaged.cardfile-backup", bytes);
        let into = ws.files.join(format!("damaged-{round}"));
        match Core::restore(&damaged, &into, None, environment()) {
            Err(error) => {
                let said = error.message.to_string();
                assert!(said.contains("damaged.cardfile-backup") || error.code == Code::NewerSchema, "{at}: {said}");
                with_page += u32::from(said.contains("page"));
                refused += 1;
                assert!(!into.exists(), "nothing is left behind");
            }
            // A byte that says nothing about the content, such as a time in the archive.
            Ok((restored, _)) => assert_eq!(hash_of(&restored), before, "byte {at}"),
        }
    }
    assert!(refused > 50 && with_page > 30, "{refused} refused, {with_page} with their page");
    for length in [whole.len() / 2, whole.len() - 4096, 100, 0] {
        let cut = ws.file("cut.cardfile-backup", &whole[..length]);
        let error = Core::restore(&cut, &ws.files.join("cut"), None, environment()).err().expect("refused");
        assert_eq!(error.code, Code::Damaged);
        assert!(error.message.to_string().contains("cut.cardfile-backup"));
    }
}

#[test]
fn the_list_tells_a_backup_that_was_changed_moved_or_never_listed() {
    let ws = filled(50);
    let path = backups::write(&ws.core, None).expect("a backup").0;
    assert!(path.starts_with(&ws.dir), "without a file it goes where backups go by themselves");
    let elsewhere = ws.files.join("two.cardfile-backup");
    backups::write(&ws.core, Some(&elsewhere)).expect("a backup");
    let states =
        |dir: &Path| -> Vec<BackupState> { backups::list(dir).backups.iter().map(|entry| entry.state).collect() };
    assert_eq!(states(&ws.dir), [BackupState::Whole, BackupState::Whole]);
    // One bit: only who reads it sees that.
    let mut bytes = std::fs::read(&elsewhere).expect("readable");
    bytes[2_000] ^= 1;
    std::fs::write(&elsewhere, &bytes).expect("writable");
    assert_eq!(backups::check(&ws.dir, &elsewhere, Millis(7)).expect("looked at").state, BackupState::Changed);
    assert_eq!(states(&ws.dir), [BackupState::Whole, BackupState::Changed]);
    std::fs::write(&elsewhere, &bytes[1..]).expect("writable");
    assert_eq!(states(&ws.dir), [BackupState::Whole, BackupState::Changed]);
    std::fs::remove_file(&elsewhere).expect("removed");
    assert_eq!(states(&ws.dir), [BackupState::Whole, BackupState::Missing]);
    assert_eq!(backups::list(&ws.dir).newest_whole().map(|entry| entry.path(&ws.dir)), Some(path.clone()));
    // The list is made again from what lies there.
    let list = ws.dir.join("backups/catalogue.json");
    std::fs::write(&list, "{").expect("writable");
    let found = backups::list(&ws.dir).backups;
    assert_eq!((found.len(), found[0].contacts, found[0].path(&ws.dir)), (1, 50, path.clone()));
    backups::delete(&ws.dir, &path).expect("deleted");
    assert!(!path.exists() && backups::list(&ws.dir).backups.is_empty());
    assert_eq!(backups::delete(&ws.dir, &list).expect_err("it is no backup").code, Code::NotFound);
    assert!(list.exists());
}

#[test]
fn a_restore_in_place_keeps_what_was_there() {
    let ws = filled(20);
    let before = ws.hash();
    let backup = backups::write(&ws.core, None).expect("a backup").0;
    contact::create(&ws.core, named("Later"), &who()).expect("a contact");
    let later = ws.hash();
    // Nobody may have it open.
    let refused = backups::over(&backup, &ws.dir, None, None, environment()).expect_err("it is open");
    assert_eq!(refused.code, Code::InUse);
    assert_eq!(ws.hash(), later);
    let dir = ws.dir.clone();
    drop(ws.core);
    let restored = backups::over(&backup, &dir, None, None, environment()).expect("restored");
    assert!(restored.knows_since, "the workspace itself knows what was promised since");
    assert_eq!(restored.not_carried, [""; 0]);
    let (core, _) = Core::open(&dir, None, environment()).expect("opens");
    assert_eq!(hash_of(&core), before);
    assert_eq!(backups::list(&dir).backups.len(), 1, "the list is not taken back");
    let kept = backups::kept(&dir);
    assert_eq!(kept.iter().map(|one| Some(&one.dir)).collect::<Vec<_>>(), [restored.kept.as_ref()]);
    let (old, _) = Core::open(&kept[0].dir, None, environment()).expect("what was there opens");
    assert_eq!(hash_of(&old), later);
    drop(old);
    // A second one does not replace what the first put aside.
    drop(core);
    backups::over(&backup, &dir, None, None, environment()).expect("restored");
    assert_eq!(backups::kept(&dir).len(), 2);
    backups::delete_kept(&dir, &kept[0].name).expect("deleted");
    assert_eq!(backups::delete_kept(&dir, "../backups").expect_err("no such name").code, Code::NotFound);
    assert_eq!(backups::kept(&dir).len(), 1);
}

#[cfg(unix)]
#[test]
fn what_a_restore_left_that_was_cut_off_goes_with_the_next_one() {
    let ws = filled(3);
    let backup = backups::write(&ws.core, None).expect("a backup").0;
    let left = |name: &str, days: i64| {
        let folder = ws.files.join(name);
        std::fs::create_dir(&folder).expect("a folder");
        // The clock of the tests stands at the beginning of 2026-11-21.
        let order = cardfile_core::domain::time::DateOrder::DayFirst;
        let at = Millis::parse("2026-11-21", order).expect("a day").0 - days * Millis::DAY;
        let at = std::time::UNIX_EPOCH + std::time::Duration::from_millis(at as u64);
        std::fs::File::open(&folder).expect("a folder").set_modified(at).expect("made older");
        folder
    };
    let id = "01jd6m0000zzzzzzzzzzzzzzzz";
    let old = left(&format!(".ws.{id}.restoring"), 3);
    let others = [left(&format!(".new.{id}.restoring"), 0), left(".mine.restoring", 3), left("restoring", 3)];
    Core::restore(&backup, &ws.files.join("again"), None, environment()).expect("restored");
    assert!(!old.exists());
    assert!(others.iter().all(|folder| folder.exists()), "{others:?}");
}

#[test]
fn a_backup_of_another_workspace_takes_nobodys_place() {
    let ws = filled(3);
    let (other, _) =
        Core::create(&ws.files.join("other"), &Protection::None, another_environment()).expect("another workspace");
    let backup = backups::write(&other, None).expect("a backup").0;
    let (dir, before) = (ws.dir.clone(), ws.hash());
    drop(ws.core);
    assert_eq!(backups::over(&backup, &dir, None, None, environment()).expect_err("refused").code, Code::BadRequest);
    assert_eq!(hash_of(&Core::open(&dir, None, environment()).expect("opens").0), before);
}

#[test]
fn a_window_brings_a_backup_back_and_stays_open_without_asking() {
    let temp = tempfile::tempdir().expect("a folder");
    let dir = temp.path().join("ws");
    let protection = Protection::Passphrase("correct horse".to_owned().into());
    let (core, _) = Core::create(&dir, &protection, environment()).expect("made");
    card(&core, named("Ana"));
    let (before, backup) = (hash_of(&core), backups::write(&core, None).expect("a backup").0);
    drop(core);
    let session = Session::new(dir.clone(), None, environment(), |_: Event| {});
    session.open(Some("correct horse".into())).expect("open");
    card(&session.core().expect("open"), named("Bo"));
    let restored = session.restore_over(&backup, "").expect("restored");
    assert_eq!(restored.manifest.contacts, 1);
    assert_eq!(session.view().expect("a view").state, SessionState::Open);
    assert_eq!(hash_of(&session.core().expect("open")), before);
    // What cannot be restored leaves it as it was, and open.
    session.restore_over(Path::new("/nowhere.cardfile-backup"), "").expect_err("there is none");
    assert_eq!(hash_of(&session.core().expect("open")), before);
}

#[test]
fn a_backup_from_before_a_new_key_opens_with_what_opened_the_workspace_then() {
    let temp = tempfile::tempdir().expect("a folder");
    let dir = temp.path().join("ws");
    let protection = Protection::Passphrase("correct horse".to_owned().into());
    let (core, code) = Core::create(&dir, &protection, environment()).expect("made");
    card(&core, named("Ana"));
    let (before, backup) = (hash_of(&core), backups::write(&core, None).expect("a backup").0);
    let new_code = keys::renew(core, "correct horse").expect("another key").expect("another code");
    let secret = |text: &str| Secret::Passphrase(text.to_owned().into());
    let old = code.expect("a code");
    let into = |name: &str, secret: &Secret| {
        Core::restore(&backup, &temp.path().join(name), Some(secret), environment()).map(|(core, _)| hash_of(&core))
    };
    assert_eq!(into("then", &secret(old.as_str())).expect("the code of then"), before);
    assert_eq!(into("now", &secret(new_code.as_str())).expect_err("the code of now").code, Code::WrongKey);
    // In its place the workspace keeps its new key, and the old code opens nothing.
    backups::over(&backup, &dir, None, Some(&secret("correct horse")), environment()).expect("restored");
    assert!(keys::is_opened_by(&dir, &secret(new_code.as_str())).expect("readable"));
    assert!(!keys::is_opened_by(&dir, &secret(old.as_str())).expect("readable"));
    let (core, _) = Core::open(&dir, Some(&secret(new_code.as_str())), environment()).expect("opens");
    assert_eq!(hash_of(&core), before);
}

#[test]
fn who_was_erased_since_is_erased_again_wherever_the_backup_comes_back() {
    let temp = tempfile::tempdir().expect("a folder");
    let dir = temp.path().join("ws");
    let protection = Protection::Passphrase("correct horse".to_owned().into());
    let (core, _) = Core::create(&dir, &protection, environment()).expect("made");
    let (ana, bo) = (card(&core, named("Ana")), card(&core, named("Bo")));
    // The backup knows of a hold that was over when she was erased.
    let row = contact::find(&core, &ana).expect("she").row;
    let hold = Restriction { sort: Sort::Held, reason: "Lawsuit 17".into(), ..Restriction::default() };
    restriction::put(&core, &[row], &hold, &who()).expect("held");
    let beside = backups::write(&core, None).expect("a backup").0;
    let elsewhere = temp.path().join("elsewhere.cardfile-backup");
    std::fs::copy(&beside, &elsewhere).expect("copied");
    let held = core.store().read(|r| restriction::hold_of(r, &[row])).expect("readable").expect("on hold");
    restriction::lift(&core, &held.id, "it was settled", &who()).expect("lifted");
    let signs = signing::key(&core).expect("made").public();
    let id = ContactId::parse(&ana).expect("an id");
    erasure::erase(&core, &[id], Reason::Request(None), &who(), &Unwatched).expect("erased");
    drop(core);
    let secret = Secret::Passphrase("correct horse".to_owned().into());
    let into = |file: &Path, name: &str, since: Option<&Path>| {
        backups::into(file, &temp.path().join(name), Some(&secret), since, environment()).expect("restored")
    };
    let check = |(core, restored): (Core, cardfile_core::Restored), knows: bool| {
        assert_eq!((restored.manifest.contacts, restored.knows_since), (2, knows));
        assert_eq!(contact::find(&core, &ana).is_err(), knows);
        // Receipts and answers since were signed with it.
        assert!(!knows || signing::key(&core).expect("there").public() == signs);
        contact::find(&core, &bo).expect("he is there");
    };
    check(into(&beside, "one", None), true);
    check(into(&elsewhere, "two", None), false);
    check(into(&elsewhere, "three", Some(&dir)), true);
    // Also when the workspace has another key by now, and in its place.
    let (core, _) = Core::open(&dir, Some(&secret), environment()).expect("opens");
    keys::renew(core, "correct horse").expect("another key");
    check(into(&elsewhere, "four", Some(&dir)), true);
    let restored = backups::over(&elsewhere, &dir, None, Some(&secret), environment()).expect("restored");
    let (core, _) = Core::open(&dir, Some(&secret), environment()).expect("opens");
    check((core, restored), true);
    // Nobody else tells: the list of that workspace says it once more.
    check(into(&elsewhere, "five", Some(&dir)), true);
}

#[test]
fn backups_are_made_when_their_time_has_come_and_given_up_when_it_is_over() {
    let ws = filled(5);
    let plan = BackupPlan { every_hours: 24, ..BackupPlan::default() };
    assert_eq!(backups::catch_up(&ws.core).expect("nothing").written, None, "nobody wanted any");
    backups::set_plan(&ws.dir, plan.clone()).expect("set");
    let first = backups::catch_up(&ws.core).expect("caught up").written.expect("a first one");
    assert_eq!(backups::catch_up(&ws.core).expect("caught up"), backups::CaughtUp::default());
    backups::write(&ws.core, Some(&ws.files.join("mine.cardfile-backup"))).expect("by hand");
    ws.clock.pass_days(2);
    let second = backups::catch_up(&ws.core).expect("caught up").written.expect("the next one");
    ws.clock.pass_days(29);
    assert_eq!(backups::catch_up(&ws.core).expect("caught up").given_up, 1);
    assert!(!first.exists() && second.exists() && ws.files.join("mine.cardfile-backup").exists());
    // Turned off, the last one stays, however old it gets.
    backups::set_plan(&ws.dir, BackupPlan { every_hours: 0, ..plan.clone() }).expect("set");
    ws.clock.pass_days(400);
    backups::catch_up(&ws.core).expect("caught up");
    let left: Vec<BackupReason> = backups::list(&ws.dir).backups.iter().map(|entry| entry.reason).collect();
    assert_eq!(left, [BackupReason::Hand, BackupReason::Plan]);
    let holding = backups::holding(&ws.dir, Millis(0));
    assert_eq!(holding.iter().filter(|one| one.goes_at.is_none()).count(), 1, "a person has to delete theirs");
}

#[test]
fn a_disk_that_is_not_there_is_said_and_not_made_up() {
    let ws = filled(5);
    let disk = ws.files.join("disk");
    std::fs::create_dir(&disk).expect("a folder");
    backups::set_plan(&ws.dir, BackupPlan { every_hours: 24, folder: Some(disk.clone()), keep_days: 30 }).expect("set");
    let first = backups::catch_up(&ws.core).expect("caught up").written.expect("a first one");
    assert!(first.starts_with(&disk));
    std::fs::rename(&disk, ws.files.join("taken away")).expect("taken away");
    ws.clock.pass_days(60);
    assert_eq!(backups::catch_up(&ws.core).expect("caught up"), backups::CaughtUp::default());
    assert!(!disk.exists());
    let known = backups::list(&ws.dir);
    let failed = known.failed.expect("it is said");
    assert_eq!(backups::sentence(failed.why).to_string(), "the folder for backups is not there");
    assert_eq!(known.backups.len(), 1, "nobody can say that it is gone");
    // It is tried again, not every minute.
    ws.clock.pass_minutes(10);
    backups::catch_up(&ws.core).expect("caught up");
    assert_eq!(backups::list(&ws.dir).failed.map(|failed| failed.at), Some(failed.at));
    std::fs::rename(ws.files.join("taken away"), &disk).expect("back");
    ws.clock.pass_minutes(60);
    let done = backups::catch_up(&ws.core).expect("caught up");
    assert!(done.written.is_some() && done.given_up == 1, "{done:?}");
    assert_eq!(backups::list(&ws.dir).failed, None);
}

#[test]
fn what_the_first_versions_wrote_comes_back_too() {
    let ws = filled(30);
    let (dir, before) = (ws.dir.clone(), ws.hash());
    drop(ws.core);
    let file = ws.files.join("first.cardfile-backup");
    first_format(&dir, &file, 30);
    let (restored, manifest) = Core::restore(&file, &ws.files.join("restored"), None, environment()).expect("restored");
    assert_eq!((manifest.format.as_str(), hash_of(&restored)), ("cardfile-backup/1", before));
}

/// A backup in the format without a key of its own.
fn first_format(dir: &Path, file: &Path, contacts: u32) {
    use sha2::{Digest, Sha256};
    let database = std::fs::read(dir.join(DATABASE)).expect("readable");
    let slots = std::fs::read_to_string(dir.join("keyslots.json")).expect("readable");
    let sha256: String = Sha256::digest(&database).iter().map(|byte| format!("{byte:02x}")).collect();
    let manifest = serde_json::json!({
        "format": "cardfile-backup/1", "workspace": "wsp_x", "app": "0.0.0", "schema": 7,
        "created_at": "2026-11-20T08:00:00Z", "contacts": contacts, "bytes": database.len(), "sha256": sha256,
    });
    let mut archive = zip::ZipWriter::new(std::fs::File::create(file).expect("a file"));
    let plain = zip::write::SimpleFileOptions::default().compression_method(zip::CompressionMethod::Stored);
    for (name, bytes) in [
        ("manifest.json", manifest.to_string().as_bytes()),
        ("keyslots.json", slots.as_bytes()),
        (DATABASE, database.as_slice()),
    ] {
        archive.start_file(name, plain).expect("an entry");
        archive.write_all(bytes).expect("written");
    }
    archive.finish().expect("an archive");
}

#[rstest]
#[case::a_copy_that_was_not_sealed_yet(".database.x.copy", false)]
#[case::a_draft(".cardfile-x.cardfile-backup.y.draft", false)]
#[case::a_file_of_somebody("notes.txt", true)]
fn what_a_killed_backup_left_is_removed(#[case] name: &str, #[case] stays: bool) {
    let ws = filled(1);
    let left = ws.dir.join("backups").join(name);
    std::fs::write(&left, "x").expect("written");
    let dir = ws.dir.clone();
    drop(ws.core);
    Core::open(&dir, None, environment()).expect("opens");
    assert_eq!(left.exists(), stays);
}

#[test]
fn a_backup_keeps_its_promise_when_the_workspace_is_gone() {
    let temp = tempfile::tempdir().expect("a folder");
    let dir = temp.path().join("ws");
    let protection = Protection::Passphrase("correct horse".to_owned().into());
    let (core, code) = Core::create(&dir, &protection, environment()).expect("made");
    let ana = card(&core, named("Ana"));
    parts::add(&core, &ana, &Note { text: "Prefers mornings".into(), ..Note::default() }, &who()).expect("a note");
    let backup: PathBuf = temp.path().join("all.cardfile-backup");
    core.backup(&backup).expect("a backup");
    let before = hash_of(&core);
    drop(core);
    std::fs::remove_dir_all(&dir).expect("the computer is lost");
    let code = Secret::Recovery(code.expect("a code"));
    let (restored, _) = Core::restore(&backup, &dir, Some(&code), environment()).expect("restored");
    assert_eq!(hash_of(&restored), before);
    drop(restored);
    let (store, _) = Store::open(&dir, Some(&code), environment()).expect("opens");
    store.verify().expect("whole");
}
