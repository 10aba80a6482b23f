//! The session of a window: opened once, locked until a person opens it again.

use cardfile_core::{
    Code,
    session::{ProtectBy, Session, SessionState},
    workspaces,
};
use cardfile_testkit::environment;
use std::path::Path;

fn session(dir: &Path) -> Session {
    Session::new(dir.to_owned(), dir.parent().map(Path::to_owned), environment(), |_| {})
}

#[test]
fn a_locked_workspace_stays_locked_until_a_person_opens_it() {
    let temp = tempfile::tempdir().expect("a folder");
    let dir = temp.path().join("ws");
    let session = session(&dir);
    assert_eq!(session.view().expect("a view").state, SessionState::FirstRun);
    session.create(ProtectBy::Nothing).expect("made");
    assert_eq!(session.view().expect("a view").state, SessionState::Open);
    session.lock();
    // Looking at it does not open it, although nothing needs to be asked.
    assert_eq!(session.view().expect("a view").state, SessionState::Locked);
    assert!(session.core().is_err());
    session.open(None).expect("opened");
    assert_eq!(session.view().expect("a view").state, SessionState::Open);
}

#[test]
fn two_looks_at_once_open_it_once() {
    let temp = tempfile::tempdir().expect("a folder");
    let dir = temp.path().join("ws");
    session(&dir).create(ProtectBy::Nothing).expect("made");
    let session = session(&dir);
    std::thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| assert_eq!(session.view().expect("a view").state, SessionState::Open));
        }
    });
}

#[test]
fn a_window_goes_to_another_workspace_and_back() {
    let temp = tempfile::tempdir().expect("a folder");
    let (first, elsewhere) = (temp.path().join("first"), tempfile::tempdir().expect("a folder"));
    let session = session(&first);
    session.create(ProtectBy::Nothing).expect("made");
    let second = workspaces::folder_for(&session, "Harbour & Vale").expect("a folder");
    assert_eq!(second, temp.path().join("Harbour-Vale"));
    workspaces::switch(&session, &second).expect("switched");
    // There is none yet: the window asks how to protect it.
    assert_eq!(session.view().expect("a view").state, SessionState::FirstRun);
    session.create(ProtectBy::Nothing).expect("made");
    workspaces::switch(&session, &elsewhere.path().join("far away")).expect("switched");
    session.create(ProtectBy::Nothing).expect("made");
    workspaces::switch(&session, &first).expect("back");
    // A workspace outside the data folder stays in the menu when it is left.
    let names: Vec<(String, bool)> =
        workspaces::list(&session).into_iter().map(|one| (one.name, one.is_current)).collect();
    assert_eq!(names, [("far away".into(), false), ("first".into(), true), ("Harbour Vale".into(), false)]);
    assert_eq!(session.view().expect("a view").name, "first");
}

#[test]
fn a_folder_with_other_files_is_no_workspace() {
    let temp = tempfile::tempdir().expect("a folder");
    let session = session(&temp.path().join("ws"));
    session.create(ProtectBy::Nothing).expect("made");
    let photos = temp.path().join("photos");
    std::fs::create_dir(&photos).expect("a folder");
    std::fs::write(photos.join("beach.jpg"), "x").expect("written");
    let refused = workspaces::switch(&session, &photos).expect_err("no workspace");
    assert_eq!(refused.code, Code::NoWorkspace);
    // The window stays where it was, open.
    assert_eq!(session.view().expect("a view").state, SessionState::Open);
    assert!(std::fs::read_dir(&photos).expect("readable").count() == 1, "nothing was written there");
}
