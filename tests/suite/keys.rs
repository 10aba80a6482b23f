//! What opens a workspace and what does not: a keychain that is lost or another one now, a
//! recovery code that is renewed, a key that is replaced. And that nothing can be read
//! without one, in any file.

use crate::{
    identity::{card, named},
    workspace::{MARKERS, contains, marker_file},
};
use cardfile_core::{
    Code, Core, Environment, Protection, Secret, SecretText, backups, contact,
    domain::{Contact, ContactId, Item, part::Note},
    import::{self, ImportRequest},
    keys, parts,
    privacy::{
        erasure::{self, Reason, suppression},
        signing,
    },
    progress::Unwatched,
    secrets,
    session::{Event, Session, SessionState},
    spaces,
    sync::remotes::{self, NewRemote},
};
use cardfile_store::{DATABASE, keystore::Keystore};
use cardfile_testkit::{another_environment, environment, hash_of, keychain::TestKeychain, who};
use std::{
    path::{Path, PathBuf},
    process::{Command, Stdio},
    sync::Arc,
};

const PASSPHRASE: &str = "correct horse battery";

fn protected(dir: &Path) -> (Core, String) {
    let protection = Protection::Passphrase(PASSPHRASE.to_owned().into());
    let (core, code) = Core::create(dir, &protection, environment()).expect("made");
    (core, code.expect("a code").as_str().to_owned())
}

fn secret(text: &str) -> Secret {
    Secret::Passphrase(text.to_owned().into())
}

fn with(keychain: &Arc<TestKeychain>) -> Environment {
    let keystore: Arc<dyn Keystore> = keychain.clone();
    Environment { keystore: Some(keystore), ..environment() }
}

/// A workspace that a keychain opens, with Ana in it.
fn behind_a_keychain(dir: &Path, keychain: &Arc<TestKeychain>) -> (String, String) {
    let (core, code) = Core::create(dir, &Protection::Keychain, with(keychain)).expect("made");
    card(&core, named("Ana"));
    (hash_of(&core), code.expect("a code").as_str().to_owned())
}

#[test]
fn a_lost_keychain_asks_for_the_recovery_code_and_opens_by_itself_again() {
    let temp = tempfile::tempdir().expect("a folder");
    let dir = temp.path().join("ws");
    let keychain = Arc::new(TestKeychain::named("one"));
    let (before, code) = behind_a_keychain(&dir, &keychain);
    assert_eq!(Core::open(&dir, None, with(&keychain)).map(|(core, _)| hash_of(&core)).ok(), Some(before.clone()));
    keychain.forget();
    assert_eq!(Core::open(&dir, None, with(&keychain)).err().map(|error| error.code), Some(Code::Locked));
    let (core, opening) = Core::open(&dir, Some(&secret(&code)), with(&keychain)).expect("the code opens it");
    assert!(opening.keychain_mended);
    assert_eq!(hash_of(&core), before);
    drop(core);
    assert_eq!(Core::open(&dir, None, with(&keychain)).map(|(core, _)| hash_of(&core)).ok(), Some(before));
}

#[test]
fn another_keychain_or_none_never_keeps_anybody_out() {
    let temp = tempfile::tempdir().expect("a folder");
    let dir = temp.path().join("ws");
    let (one, other) = (Arc::new(TestKeychain::named("one")), Arc::new(TestKeychain::named("other")));
    let (before, code) = behind_a_keychain(&dir, &one);
    // The window says why it asks.
    let why = |environment: Environment| {
        let view = Session::new(dir.clone(), None, environment, |_: Event| {}).view().expect("a view");
        assert_eq!(view.state, SessionState::Locked);
        serde_json::to_string(&view.why_locked).expect("json")
    };
    assert!(why(with(&other)).contains("This computer has another keychain than before"));
    assert!(why(environment()).contains("does not answer"));
    one.forget();
    assert!(why(with(&one)).contains("has lost the key"));
    // None at all: each start asks, and nothing else changes.
    for _ in 0..2 {
        let (core, opening) = Core::open(&dir, Some(&secret(&code)), environment()).expect("opens");
        assert_eq!((hash_of(&core), opening.keychain_mended), (before.clone(), false));
    }
    // One that keeps nothing is as good as none.
    other.fall_silent(true);
    assert!(!Core::open(&dir, Some(&secret(&code)), with(&other)).expect("opens").1.keychain_mended);
    other.fall_silent(false);
    assert!(Core::open(&dir, Some(&secret(&code)), with(&other)).expect("opens").1.keychain_mended);
    assert_eq!(Core::open(&dir, None, with(&other)).map(|(core, _)| hash_of(&core)).ok(), Some(before));
}

#[test]
fn two_copies_of_a_workspace_share_the_keychain_of_a_computer() {
    let temp = tempfile::tempdir().expect("a folder");
    let (dir, copy) = (temp.path().join("ws"), temp.path().join("copy"));
    let keychain = Arc::new(TestKeychain::named("one"));
    let (before, code) = behind_a_keychain(&dir, &keychain);
    let backup = temp.path().join("all.cardfile-backup");
    Core::open(&dir, None, with(&keychain)).expect("opens").0.backup(&backup).expect("a backup");
    Core::restore(&backup, &copy, None, with(&keychain)).expect("the keychain opens the backup too");
    keychain.forget();
    for dir in [&dir, &copy] {
        assert!(Core::open(dir, Some(&secret(&code)), with(&keychain)).expect("opens").1.keychain_mended);
    }
    // The second did not take the key from the first.
    assert_eq!(keychain.count(), 1);
    for dir in [&dir, &copy] {
        assert_eq!(Core::open(dir, None, with(&keychain)).map(|(core, _)| hash_of(&core)).ok(), Some(before.clone()));
    }
}

#[test]
fn a_wrong_key_is_not_called_damage_nor_damage_a_wrong_key() {
    let temp = tempfile::tempdir().expect("a folder");
    let (dir, other) = (temp.path().join("ws"), temp.path().join("other"));
    drop(protected(&dir).0);
    let protection = Protection::Passphrase("another horse".to_owned().into());
    drop(Core::create(&other, &protection, another_environment()).expect("made"));
    let code = |dir: &Path, typed: &str| Core::open(dir, Some(&secret(typed)), environment()).err().map(|e| e.code);
    assert_eq!(code(&dir, "wrong"), Some(Code::WrongKey));
    assert_eq!(code(&dir, "AAAA-AAAA-AAAA-AAAA-AAAA-AAAA"), Some(Code::WrongKey));
    // Another workspace's database under this one's slots: the key is right and does not fit.
    std::fs::copy(other.join(DATABASE), dir.join(DATABASE)).expect("copied");
    let error = Core::open(&dir, Some(&secret(PASSPHRASE)), environment()).err().expect("refused");
    assert_eq!(error.code, Code::Damaged);
    assert!(error.message.to_string().contains("or of another workspace"), "{}", error.message);
}

#[test]
fn a_renewed_recovery_code_is_the_only_one_whoever_wrote_last() {
    let temp = tempfile::tempdir().expect("a folder");
    let dir = temp.path().join("ws");
    let (core, old) = protected(&dir);
    // Another program had the workspace open before.
    let (other, _) = Core::open(&dir, Some(&secret(PASSPHRASE)), environment()).expect("a second program");
    let new = core.store().renew_recovery().expect("another code").as_str().to_owned();
    other.store().set_passphrase("quite another one").expect("set");
    let opens = |text: &str| keys::is_opened_by(&dir, &secret(text)).expect("readable");
    assert!(opens(&new) && opens("quite another one"));
    assert!(!opens(&old) && !opens(PASSPHRASE), "what was replaced opens nothing");
    // Small letters and blanks do not matter.
    assert!(opens(&new.to_lowercase().replace('-', " ")));
}

#[test]
fn one_way_stays_beside_the_recovery_code() {
    let temp = tempfile::tempdir().expect("a folder");
    let dir = temp.path().join("ws");
    let keychain = Arc::new(TestKeychain::named("one"));
    behind_a_keychain(&dir, &keychain);
    let (core, _) = Core::open(&dir, None, with(&keychain)).expect("opens");
    let remove = |way| core.store().remove_way(way).map_err(cardfile_core::Error::from).err().map(|e| e.code);
    assert_eq!(remove(cardfile_core::SlotKind::Keychain), Some(Code::Refused));
    assert_eq!(remove(cardfile_core::SlotKind::Recovery), Some(Code::Refused));
    core.store().set_passphrase(PASSPHRASE).expect("set");
    assert_eq!(remove(cardfile_core::SlotKind::Keychain), None);
    drop(core);
    assert_eq!(Core::open(&dir, None, with(&keychain)).err().map(|e| e.code), Some(Code::Locked));
    let (core, opening) = Core::open(&dir, Some(&secret(PASSPHRASE)), with(&keychain)).expect("opens");
    assert!(!opening.keychain_mended, "a way that was taken away does not come back by itself");
    assert_eq!(core.store().add_keychain().expect("a person wants it again").map(|_| ()), None);
    drop(core);
    Core::open(&dir, None, with(&keychain)).expect("opens by itself");
}

#[test]
fn another_key_keeps_everything_and_makes_the_old_one_useless() {
    let temp = tempfile::tempdir().expect("a folder");
    let dir = temp.path().join("ws");
    let (core, old_code) = protected(&dir);
    let ana = card(&core, named("Ana"));
    parts::add(&core, &ana, &Note { text: "Prefers mornings".into(), ..Note::default() }, &who()).expect("a note");
    let space = spaces::create(&core, &ana, "Offer", &who()).expect("a space").0;
    let source = temp.path().join("a.txt");
    std::fs::write(&source, vec![b'x'; 200_000]).expect("written");
    spaces::add_files(&core, &space, std::slice::from_ref(&source), &who()).expect("copied");
    let sealed = SecretText::new("token-17".to_owned());
    let token = secrets::add(&core, &ana, "Shop", "token", &sealed, &who()).expect("sealed").0;
    let book = NewRemote {
        name: "Book".into(),
        kind: "carddav".into(),
        url: "http://127.0.0.1:1".into(),
        user: "ana".into(),
        password: SecretText::new("letmein".into()),
        place: "/ana/".into(),
    };
    let book = remotes::add(&core, book, &who()).expect("a connection").kept.id;
    let emails = vec![Item::new("bo@x.example", "bo@x.example")];
    let bo = ContactId::parse(&card(&core, Contact { emails, ..named("Bo") })).expect("an id");
    erasure::erase(&core, &[bo], Reason::Request(None), &who(), &Unwatched).expect("erased");
    let told = core.store().seal_reference("dlv_x", "5.vcf").expect("sealed");
    let (signs, called) = (signing::key(&core).expect("made").public(), core.store().pseudonym("Bo"));
    let before = hash_of(&core);
    let old_slots = std::fs::read(dir.join("keyslots.json")).expect("readable");
    // The passphrase must be right; nothing is changed when it is not.
    let (again, _) = Core::open(&dir, Some(&secret(PASSPHRASE)), environment()).expect("a second program");
    drop(core);
    assert_eq!(keys::renew(again, "wrong").err().map(|error| error.code), Some(Code::WrongKey));
    assert_eq!(std::fs::read(dir.join("keyslots.json")).expect("readable"), old_slots);
    let (core, _) = Core::open(&dir, Some(&secret(PASSPHRASE)), environment()).expect("opens as before");
    let new_code = keys::renew(core, PASSPHRASE).expect("another key").expect("a code").as_str().to_owned();

    let opens = |text: &str| keys::is_opened_by(&dir, &secret(text)).expect("readable");
    assert!(opens(PASSPHRASE) && opens(&new_code) && !opens(&old_code));
    let (core, _) = Core::open(&dir, Some(&secret(&new_code)), environment()).expect("opens");
    core.store().verify().expect("whole");
    assert_eq!(hash_of(&core), before);
    let shown = secrets::reveal(&core, &token, &secret(PASSPHRASE)).expect("shown");
    assert_eq!(shown.show().as_str(), "token-17");
    let password = core.store().credential(&book).expect("readable").expect("kept");
    assert_eq!(password.show().as_str(), "letmein");
    // Answers are signed by the same hand, and who was erased stays away.
    assert_eq!(signing::key(&core).expect("kept").public(), signs);
    assert_eq!(suppression::find(&core, "bo@x.example").expect("readable").len(), 1);
    assert_eq!(core.store().open_reference("dlv_x", &told).expect("readable").as_str(), "5.vcf");
    assert_eq!(core.store().pseudonym("Bo"), called);
    let stored = contact::find(&core, &ana).expect("she");
    let file = spaces::of(&core, &stored).expect("spaces")[0].files[0].id.clone();
    let out = temp.path().join("out.txt");
    spaces::save(&core, &file, &out).expect("saved");
    assert_eq!(std::fs::read(&out).expect("readable"), vec![b'x'; 200_000]);
    // The same file is added again: its name is not the old one, and both can be read.
    spaces::add_files(&core, &space, &[source], &who()).expect("copied");
    drop(core);
    // Who kept the old slots has a key that opens nothing any more.
    std::fs::write(dir.join("keyslots.json"), old_slots).expect("writable");
    assert_eq!(Core::open(&dir, Some(&secret(&old_code)), environment()).err().map(|e| e.code), Some(Code::Damaged));
}

#[test]
fn nothing_can_be_read_in_any_file_whatever_was_done() {
    let temp = tempfile::tempdir().expect("a folder");
    let (dir, input) = (temp.path().join("ws"), temp.path().join("in.csv"));
    std::fs::write(&input, marker_file()).expect("written");
    let (core, _) = protected(&dir);
    let report = import::run(&core, &ImportRequest::of(&input), &who(), &Unwatched).expect("an import");
    assert_eq!((report.counts.created, report.counts.rejected), (1, 0));
    let id = ContactId::parse("ctc_8f3k2j1m").expect("an id");
    contact::edit(&core, &id, "name", "Renamed".into(), &who()).expect("an edit");
    let backup = backups::write(&core, None).expect("a backup").0;
    keys::renew(core, PASSPHRASE).expect("another key");
    backups::over(&backup, &dir, None, Some(&secret(PASSPHRASE)), environment()).expect("restored");
    let (core, _) = Core::open(&dir, Some(&secret(PASSPHRASE)), environment()).expect("opens");
    // The search finds what is there to be found.
    assert!(contains(temp.path(), MARKERS[1]).is_some());
    std::fs::remove_file(&input).expect("removed");
    // Open, with its journal, and after closing; the backup and what was put aside too.
    assert!(dir.join("kept").is_dir() && backup.is_file());
    for text in MARKERS.into_iter().chain(["CREATE TABLE", "SQLite format 3"]) {
        assert_eq!(contains(temp.path(), text), None, "{text}");
    }
    drop(core);
    for marker in MARKERS {
        assert_eq!(contains(temp.path(), marker), None, "{marker}, closed");
    }
    for file in [dir.join(DATABASE), backup] {
        let bits = entropy(&std::fs::read(&file).expect("readable"));
        assert!(bits > 7.9, "{} has {bits} bits a byte", file.display());
    }
    assert!(entropy(marker_file().as_bytes()) < 6.0, "a text has fewer");
}

/// Bits that a byte tells, by how often each value occurs.
fn entropy(bytes: &[u8]) -> f64 {
    let mut counts = [0_u32; 256];
    for byte in bytes {
        counts[usize::from(*byte)] += 1;
    }
    let whole = bytes.len() as f64;
    let shares = counts.iter().filter(|count| **count > 0).map(|count| f64::from(*count) / whole);
    shares.map(|share| -share * share.log2()).sum()
}

#[test]
fn the_terminal_renews_a_code_and_a_key_and_never_waits_for_a_keychain() {
    let temp = tempfile::tempdir().expect("a folder");
    let dir = temp.path().join("ws");
    let keychain = Arc::new(TestKeychain::named("one"));
    let (_, code) = behind_a_keychain(&dir, &keychain);
    // This keychain is in the memory of the test: the program meets none.
    assert_eq!(cardfile(&dir, &["list"], None).0, 3);
    let (status, printed) = cardfile(&dir, &["key", "code"], Some(&code));
    let new = printed.lines().find(|line| line.len() == 29).expect("a code").to_owned();
    assert_eq!(status, 0);
    assert_eq!(cardfile(&dir, &["key", "try"], Some(&code)).0, 1, "the old one opens nothing");
    assert_eq!(cardfile(&dir, &["key", "try"], Some(&new)).0, 0);
    let (status, printed) = cardfile(&dir, &["key", "renew"], Some(&new));
    assert_eq!(status, 3, "the keychain has to be there, or taken away first: {printed}");
    assert!(printed.contains("no keychain answers"), "{printed}");
    assert_eq!(cardfile(&dir, &["list"], Some(&new)).0, 0, "nothing was changed");
}

#[expect(clippy::disallowed_methods, reason = "the product starts no programs, its tests do")]
fn cardfile(dir: &Path, arguments: &[&str], typed: Option<&str>) -> (i32, String) {
    use std::io::Write;
    let program = PathBuf::from(env!("CARGO_BIN_EXE_cardfile-crash-writer")).with_file_name("cardfile");
    let mut command = Command::new(program);
    command.arg("--workspace").arg(dir).args(arguments);
    // An address where nobody is: what asks there must give up by itself.
    let nobody = format!("unix:path={}", dir.join("nobody").display());
    command.env("DBUS_SESSION_BUS_ADDRESS", nobody).env_remove("CARDFILE_PASSPHRASE_FD");
    if typed.is_some() {
        command.env("CARDFILE_PASSPHRASE_FD", "0");
    }
    let mut child = command
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("the program that make build made");
    let line = format!("{}\n", typed.unwrap_or_default());
    // It may end before it reads.
    let _ = child.stdin.take().expect("a pipe").write_all(line.as_bytes());
    let output = child.wait_with_output().expect("it ends");
    let printed = String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr);
    (output.status.code().unwrap_or(-1), printed)
}
