//! The workspace as files: private, encrypted, refused politely when it must be.

use cardfile_core::{Code, Core, Protection, Secret, contact, import, import::ImportRequest, progress::Unwatched};
use cardfile_store::{DATABASE, Store};
use cardfile_testkit::{Workspace, environment, hash_of, who};
use std::path::Path;

/// Texts that must not be found in any file of the workspace.
pub(crate) const MARKERS: [&str; 20] = [
    "Quaggamarker",
    "zebrafinch.marker@example.org",
    "+34699123987",
    "Okapi Holdings",
    "Wombatville",
    "Numbat Street 17",
    "pangolin-handle",
    "axolotl-tag",
    "Tapir notes",
    "Greet like a lemur",
    "kinkajou-order",
    "cus_markhor_81",
    "https://serval.example/page",
    "Fossa Department",
    "Chief Dugong",
    "gharial-stage",
    "\"saola\":\"metadata\"",
    "ibex-source",
    "1987-05-14",
    "Quoll Junior",
];

pub(crate) fn marker_file() -> String {
    let m = MARKERS;
    format!(
        "id,name,email,phone,company,source,first_seen,last_seen,conversation_count,tags,page_url,ip_country,job_title,\
department,stage,description,preferences,nick,addresses,handles,dates,external_ids,metadata,custom.order_ref\n\
ctc_8f3k2j1m,{} {},{},{},{},{},,,0,{},{},,{},{},{},{},{},{},\"[{{\"\"value\"\":\"\"{}\"\"}},{{\"\"value\"\":\"\"{}\"\"}}]\",\
\"[{{\"\"value\"\":\"\"{}\"\"}}]\",\"[{{\"\"value\"\":\"\"{}\"\"}}]\",\"[{{\"\"connector\"\":\"\"x\"\",\"\"external_id\"\":\"\"{}\"\"}}]\",\
\"{{\"\"saola\"\":\"\"metadata\"\"}}\",{}\n",
        m[0],
        m[19],
        m[1],
        m[2],
        m[3],
        m[17],
        m[7],
        m[12],
        m[14],
        m[13],
        m[15],
        m[8],
        m[9],
        m[0],
        m[4],
        m[5],
        m[6],
        m[18],
        m[11],
        m[10]
    )
}

pub(crate) fn contains(dir: &Path, needle: &str) -> Option<std::path::PathBuf> {
    for entry in std::fs::read_dir(dir).expect("a folder") {
        let path = entry.expect("an entry").path();
        if path.is_dir() {
            if let Some(found) = contains(&path, needle) {
                return Some(found);
            }
        } else {
            let bytes = std::fs::read(&path).expect("readable");
            if bytes.windows(needle.len()).any(|window| window == needle.as_bytes()) {
                return Some(path);
            }
        }
    }
    None
}

#[test]
fn no_text_of_a_contact_stands_in_any_file_of_the_workspace() {
    let ws = Workspace::default();
    let file = ws.file("in.csv", marker_file());
    let report = import::run(&ws.core, &ImportRequest::of(&file), &who(), &Unwatched).expect("an import");
    assert_eq!((report.counts.created, report.counts.rejected), (1, 0), "{report:?}");
    contact::edit(&ws.core, &id("ctc_8f3k2j1m"), "name", "Renamed".into(), &who()).expect("an edit");
    ws.core.backup(&ws.dir.join("backups/one.cardfile-backup")).expect("a backup");
    // The check can fail: the same search finds the markers in the input.
    for marker in &MARKERS[1..] {
        let quoted = marker.replace('"', "\"\"");
        assert!(contains(&ws.files, &quoted).is_some(), "{marker}");
    }
    // Open, with its journal, and after closing.
    for closed in [false, true] {
        for marker in MARKERS {
            assert_eq!(contains(&ws.dir, marker), None, "{marker}, closed: {closed}");
        }
    }
}

fn id(text: &str) -> cardfile_domain::ContactId {
    cardfile_domain::ContactId::parse(text).expect("an id")
}

#[cfg(unix)]
#[test]
fn only_the_owner_can_read_the_files() {
    use std::os::unix::fs::PermissionsExt;
    let ws = Workspace::default();
    contact::create(&ws.core, named("Ana"), &who()).expect("a contact");
    let mut todo = vec![ws.dir.clone()];
    while let Some(path) = todo.pop() {
        let mode = std::fs::metadata(&path).expect("there").permissions().mode();
        assert_eq!(mode & 0o077, 0, "{} has mode {mode:o}", path.display());
        if path.is_dir() {
            todo.extend(std::fs::read_dir(&path).expect("a folder").map(|e| e.expect("an entry").path()));
        }
    }
    let dir = ws.dir.clone();
    std::fs::set_permissions(&dir, std::fs::Permissions::from_mode(0o755)).expect("chmod");
    assert!(Core::open(&dir, None, environment()).is_err(), "a folder others can read is refused");
}

#[test]
fn the_passphrase_and_the_recovery_code_open_it_and_nothing_else_does() {
    let temp = tempfile::tempdir().expect("a folder");
    let dir = temp.path().join("ws");
    let protection = Protection::Passphrase("correct horse".to_owned().into());
    let (core, code) = Core::create(&dir, &protection, environment()).expect("a workspace");
    contact::create(&core, named("Ana"), &who()).expect("a contact");
    let hash = hash_of(&core);
    drop(core);
    let open = |text: &str| Core::open(&dir, Some(&Secret::Passphrase(text.to_owned().into())), environment());
    assert_eq!(open("correct horse").map(|(core, _)| hash_of(&core)).ok(), Some(hash.clone()));
    let code = code.expect("a recovery code").as_str().to_lowercase();
    assert_eq!(open(&code).map(|(core, _)| hash_of(&core)).ok(), Some(hash));
    assert_eq!(open("correct horsf").err().map(|e| e.code), Some(Code::WrongKey));
    assert_eq!(Core::open(&dir, None, environment()).err().map(|e| e.code), Some(Code::Locked));
}

#[test]
fn damage_is_said_and_nothing_is_written() {
    let ws = Workspace::default();
    contact::create(&ws.core, named("Ana"), &who()).expect("a contact");
    let dir = ws.dir.clone();
    drop(ws.core);
    let path = dir.join(DATABASE);
    let mut bytes = std::fs::read(&path).expect("readable");
    bytes[100] ^= 1;
    std::fs::write(&path, &bytes).expect("writable");
    let error = Core::open(&dir, None, environment()).err().expect("refused");
    assert_eq!(error.code, Code::Damaged);
    assert_eq!(std::fs::read(&path).expect("readable"), bytes);
    std::fs::write(dir.join("keyslots.json"), "{").expect("writable");
    assert_eq!(Core::open(&dir, None, environment()).err().map(|e| e.code), Some(Code::Damaged));
}

#[test]
fn a_single_flipped_bit_anywhere_is_found_by_verify() {
    let ws = Workspace::default();
    let mut file = Vec::new();
    cardfile_core::generate::write_csv(&mut file, 500, 3).expect("memory");
    import::run(&ws.core, &ImportRequest::of(ws.file("in.csv", file)), &who(), &Unwatched).expect("an import");
    let dir = ws.dir.clone();
    drop(ws.core);
    let path = dir.join(DATABASE);
    let whole = std::fs::read(&path).expect("readable");
    let mut random = cardfile_core::generate::Seeded::new(17);
    for _ in 0..12 {
        let mut bytes = whole.clone();
        let at = random.below(bytes.len() as u64) as usize;
        bytes[at] ^= 1 << random.below(8);
        std::fs::write(&path, &bytes).expect("writable");
        let found = match Core::open(&dir, None, environment()) {
            Err(_) => true,
            Ok((core, _)) => core.store().verify().is_err(),
        };
        assert!(found, "byte {at} of {}", bytes.len());
    }
}

#[test]
fn a_workspace_of_a_later_version_is_refused_by_name() {
    let ws = Workspace::default();
    let dir = ws.dir.clone();
    ws.core.store().pretend_schema(99, "9.9.0").expect("a test workspace");
    drop(ws.core);
    let before = std::fs::read(dir.join(DATABASE)).expect("readable");
    let error = Core::open(&dir, None, environment()).err().expect("refused");
    assert_eq!(error.code, Code::NewerSchema);
    assert!(error.message.to_string().contains("Cardfile 9.9.0"), "{}", error.message);
    assert_eq!(std::fs::read(dir.join(DATABASE)).expect("readable"), before, "nothing was written");
}

#[test]
fn a_backup_comes_back_whole_and_a_damaged_one_is_refused() {
    let ws = Workspace::default();
    let mut file = Vec::new();
    cardfile_core::generate::write_csv(&mut file, 2_000, 4).expect("memory");
    import::run(&ws.core, &ImportRequest::of(ws.file("in.csv", file)), &who(), &Unwatched).expect("an import");
    let backup = ws.files.join("one.cardfile-backup");
    let manifest = ws.core.backup(&backup).expect("a backup");
    assert_eq!(manifest.contacts, 2_000);
    assert_eq!(ws.core.backup(&backup).err().map(|e| e.code), Some(Code::NotEmpty), "it overwrites nothing");

    let into = ws.files.join("restored");
    let (restored, _) = Core::restore(&backup, &into, None, environment()).expect("restored");
    assert_eq!(hash_of(&restored), ws.hash());
    assert_eq!(
        Core::restore(&backup, &into, None, environment()).err().map(|e| e.code),
        Some(Code::NotEmpty),
        "never over a workspace"
    );

    let whole = std::fs::read(&backup).expect("readable");
    for at in [whole.len() / 2, whole.len() / 3] {
        let mut bytes = whole.clone();
        bytes[at] ^= 1;
        let damaged = ws.file("damaged.cardfile-backup", bytes);
        let into = ws.files.join("elsewhere");
        assert!(Core::restore(&damaged, &into, None, environment()).is_err());
        assert!(!into.exists(), "nothing is left behind");
    }
    let cut = ws.file("cut.cardfile-backup", &whole[..whole.len() - 4096]);
    assert!(Core::restore(&cut, &ws.files.join("cut"), None, environment()).is_err());
}

#[test]
fn a_backup_made_while_an_import_runs_comes_back_without_the_half_done_import() {
    struct BackUpAt<'w>(&'w Workspace, std::path::PathBuf);
    impl cardfile_core::progress::Progress for BackUpAt<'_> {
        fn at(&self, done: u64, total: u64) -> bool {
            if done > 0 && done < total {
                assert!(self.0.core.backup(&self.1).expect("a backup").contacts > 1);
            }
            true
        }
    }
    let ws = Workspace::default();
    contact::create(&ws.core, named("Ana"), &who()).expect("a contact");
    let before = ws.hash();
    let mut file = Vec::new();
    cardfile_core::generate::write_csv(&mut file, 25_000, 4).expect("memory");
    let backup = ws.files.join("running.cardfile-backup");
    let request = ImportRequest::of(ws.file("in.csv", file));
    import::run(&ws.core, &request, &who(), &BackUpAt(&ws, backup.clone())).expect("an import");
    let (restored, _) = Core::restore(&backup, &ws.files.join("back"), None, environment()).expect("restored");
    assert_eq!(hash_of(&restored), before);
}

#[test]
fn backup_and_restore_leave_the_files_beside_them_alone() {
    let ws = Workspace::default();
    let beside = ["one.copy", "one.draft", "one.check", "back.restoring"];
    for name in beside {
        ws.file(name, "mine");
    }
    let backup = ws.files.join("one.cardfile-backup");
    ws.core.backup(&backup).expect("a backup");
    Core::restore(&backup, &ws.files.join("back"), None, environment()).expect("restored");
    let mut left: Vec<String> = std::fs::read_dir(&ws.files)
        .expect("a folder")
        .map(|entry| entry.expect("an entry").file_name().to_string_lossy().into_owned())
        .collect();
    left.sort();
    assert_eq!(left, ["back", "back.restoring", "one.cardfile-backup", "one.check", "one.copy", "one.draft"]);
}

#[test]
fn another_program_writes_to_the_same_workspace() {
    let ws = Workspace::default();
    let (other, _) = Core::open(&ws.dir, None, environment()).expect("a second program");
    let (id, _) = contact::create(&other, named("Ana"), &who()).expect("a contact");
    assert_eq!(contact::find(&ws.core, id.as_str()).expect("seen here").contact.name, "Ana");
    contact::edit(&ws.core, &id, "name", "Ana Ruiz".into(), &who()).expect("an edit");
    assert_eq!(contact::find(&other, id.as_str()).expect("seen there").contact.name, "Ana Ruiz");
}

fn named(name: &str) -> cardfile_domain::Contact {
    cardfile_domain::Contact { name: name.into(), ..Default::default() }
}

#[test]
fn room_is_kept_for_a_full_disk_and_what_does_not_fit_is_refused_before_it_begins() {
    let temp = tempfile::tempdir().expect("a folder");
    let dir = temp.path().join("ws");
    let (store, _) = Store::create(&dir, &Protection::None, environment()).expect("made");
    assert_eq!(std::fs::metadata(dir.join("reserve")).expect("kept").len(), 8 << 20);
    let refused = store.check_room(1 << 60).expect_err("nobody has that");
    assert!(refused.to_string().contains("needs about 1099511627777 MiB"), "{refused}");
    store.check_room(1).expect("one byte fits");
}
