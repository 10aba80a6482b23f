//! The session of a window: opened once, locked until a person opens it again.

use cardfile_core::session::{ProtectBy, Session, SessionState};
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
