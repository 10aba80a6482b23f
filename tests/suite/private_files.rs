//! Files are for their owner only, whatever the shell of that person allows: made so, not
//! corrected afterwards. Nothing goes to the shared folder for temporary files, and a link
//! where a file is to be put leads nowhere.

use crate::{
    identity::{card, named},
    workspace::marker_file,
};
use cardfile_core::{
    Code, Core, backups,
    export::{self, ExportFormat, ExportRequest},
    progress::Unwatched,
};
use cardfile_testkit::{Workspace, environment, files_below, who};
use std::{
    io::Write,
    os::unix::fs::{MetadataExt, PermissionsExt},
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

const PASSPHRASE: &str = "correct horse battery";

#[test]
fn every_file_is_for_its_owner_only_under_an_open_umask() {
    let temp = tempfile::tempdir().expect("a folder");
    // What the program makes lies in `made`, which others may enter.
    let (made, shared) = (temp.path().join("made"), temp.path().join("shared"));
    for folder in [&made, &shared] {
        std::fs::create_dir(folder).expect("a folder");
        std::fs::set_permissions(folder, std::fs::Permissions::from_mode(0o777)).expect("a mode");
    }
    let input = temp.path().join("in.csv");
    std::fs::write(&input, marker_file() + "no,email,at,all\n").expect("written");
    let at = |name: &str| made.join(name).display().to_string();
    let input = input.display().to_string();
    let changed = || std::fs::metadata(&shared).and_then(|about| about.modified()).expect("there");
    let before = changed();
    let run = |workspace: &str, arguments: &[&str]| {
        let (status, printed) = cardfile(Path::new(workspace), &shared, arguments);
        assert!(matches!(status, 0 | 1), "{arguments:?}: {status} {printed}");
        walk(&made);
    };
    // Folders on the way to the workspace are made too.
    let ws = at("deep/er/ws");
    run(&ws, &["init"]);
    run(&ws, &["import", &input, "--rejects", &at("rejected.csv")]);
    for (name, format) in [("a.csv", "csv"), ("a.xlsx", "xlsx"), ("a.parquet", "parquet"), ("a.vcf", "vcard")] {
        run(&ws, &["export", &at(name), "--format", format]);
    }
    run(&ws, &["export", &at("a.ndjson"), "--format", "everything"]);
    let backup = at("one.cardfile-backup");
    run(&ws, &["backup", &backup]);
    run(&ws, &["backup"]);
    run(&ws, &["backups", "plan", "--every", "24"]);
    run(&ws, &["backups", "check"]);
    run(&ws, &["restore", &backup, "--into", &at("restored/ws")]);
    run(&ws, &["restore", &backup, "--replace"]);
    run(&ws, &["key", "code"]);
    run(&ws, &["key", "renew"]);
    run(&ws, &["salvage", "--into", &at("salvaged")]);
    run(&ws, &["check"]);
    assert_eq!(before, changed(), "something was made in the shared folder, if only for a moment");
    // The walk finds what it looks for.
    assert!(files_below(&made, &["db", "json", "csv", "xlsx", "vcf", "parquet", "cardfile-backup"]).len() > 12);
    assert!(PathBuf::from(&ws).join("kept").is_dir());
}

/// Every folder and file below: no bit for anybody else.
fn walk(made: &Path) {
    let mut todo: Vec<PathBuf> =
        std::fs::read_dir(made).expect("a folder").map(|entry| entry.expect("an entry").path()).collect();
    while let Some(path) = todo.pop() {
        let about = std::fs::symlink_metadata(&path).expect("there");
        assert_eq!(about.mode() & 0o077, 0, "{} has mode {:o}", path.display(), about.mode());
        if about.is_dir() {
            todo.extend(std::fs::read_dir(&path).expect("a folder").map(|entry| entry.expect("an entry").path()));
        }
    }
}

#[expect(clippy::disallowed_methods, reason = "the product starts no programs, its tests do")]
fn cardfile(workspace: &Path, shared: &Path, arguments: &[&str]) -> (i32, String) {
    let program = PathBuf::from(env!("CARGO_BIN_EXE_cardfile-crash-writer")).with_file_name("cardfile");
    let mut child = Command::new("sh")
        .args(["-c", "umask 000; exec \"$0\" \"$@\""])
        .arg(program)
        .arg("--workspace")
        .arg(workspace)
        .args(arguments)
        .current_dir(shared.parent().expect("a folder"))
        .env("TMPDIR", shared)
        .env("CARDFILE_PASSPHRASE_FD", "0")
        .env_remove("DBUS_SESSION_BUS_ADDRESS")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("the program that make build made");
    // It may end before it reads.
    let _ = child.stdin.take().expect("a pipe").write_all(format!("{PASSPHRASE}\n").as_bytes());
    let output = child.wait_with_output().expect("it ends");
    let printed = String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr);
    (output.status.code().unwrap_or(-1), printed)
}

#[test]
fn a_link_where_a_file_is_to_be_put_leads_nowhere() {
    use std::os::unix::fs::symlink;
    let ws = Workspace::default();
    card(&ws.core, named("Ana"));
    let somebodys = ws.file("somebodys.txt", "theirs");
    let folder = ws.files.join("somebodys");
    std::fs::create_dir(&folder).expect("a folder");
    let (to_file, to_nothing, to_folder) = (ws.files.join("one"), ws.files.join("two"), ws.files.join("three"));
    symlink(&somebodys, &to_file).expect("a link");
    symlink(ws.files.join("nothing yet"), &to_nothing).expect("a link");
    symlink(&folder, &to_folder).expect("a link");
    for link in [&to_file, &to_nothing] {
        assert_eq!(ws.core.backup(link).err().map(|error| error.code), Some(Code::NotEmpty));
        // An export takes the place of the link, and what that led to stays as it is.
        export::run(&ws.core, &ExportRequest::all(link, ExportFormat::Vcard), &who(), &Unwatched).expect("an export");
        assert!(!std::fs::symlink_metadata(link).expect("there").is_symlink());
    }
    let backup = ws.files.join("one.cardfile-backup");
    ws.core.backup(&backup).expect("a backup");
    let refused = Core::restore(&backup, &to_folder, None, environment()).err().expect("refused");
    assert_eq!(refused.code, Code::BadRequest);
    assert!(refused.message.to_string().contains("is a link"), "{}", refused.message);
    assert_eq!(std::fs::read(&somebodys).expect("readable"), b"theirs");
    assert!(!ws.files.join("nothing yet").exists());
    assert_eq!(std::fs::read_dir(&folder).expect("a folder").count(), 0);
    // A database that is a link is not opened, and a backup is not made through one.
    let dir = ws.dir.clone();
    drop(ws.core);
    let (database, moved) = (dir.join("cardfile.db"), ws.files.join("moved.db"));
    std::fs::rename(&database, &moved).expect("moved");
    symlink(&moved, &database).expect("a link");
    assert_eq!(Core::open(&dir, None, environment()).err().map(|error| error.code), Some(Code::BadRequest));
    assert!(backups::list(&dir).backups.iter().any(|entry| entry.path(&dir) == backup));
}
