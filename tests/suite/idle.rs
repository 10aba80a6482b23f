//! The lock that closes by itself: by the clock of the wall, not while somebody is there,
//! not while a job runs, and not where there is nothing to lock with.

use cardfile_core::{
    Core, Environment, Protection,
    session::{Event, LOCK_AFTER, Session, SessionState},
};
use cardfile_testkit::{TestClock, environment_at, who};
use std::{
    path::Path,
    sync::{Arc, Mutex},
};

fn open(dir: &Path, environment: Environment, minutes: i64, told: &Arc<Mutex<Vec<String>>>) -> Session {
    let protection = Protection::Passphrase("correct horse".to_owned().into());
    let (core, _) = Core::create(dir, &protection, environment.clone()).expect("made");
    core.set_setting(LOCK_AFTER, &minutes.into(), &who()).expect("set");
    drop(core);
    let told = Arc::clone(told);
    let session = Session::new(dir.to_owned(), None, environment, move |event: Event| {
        told.lock().expect("nobody panics").push(serde_json::to_string(&event).expect("json"));
    });
    session.open(Some("correct horse".into())).expect("open");
    session
}

#[test]
fn it_locks_when_nobody_was_there_for_so_long() {
    let temp = tempfile::tempdir().expect("a folder");
    let (clock, told) = (Arc::<TestClock>::default(), Arc::default());
    let session = open(&temp.path().join("ws"), environment_at(Arc::clone(&clock)), 15, &told);
    clock.pass_minutes(10);
    assert!(!session.lock_when_idle().expect("looked"));
    session.touch();
    clock.pass_minutes(10);
    assert!(!session.lock_when_idle().expect("looked"), "somebody was there in between");
    told.lock().expect("nobody panics").clear();
    // A computer that slept: the clock of the wall went on.
    clock.pass_minutes(60 * 8);
    assert!(session.lock_when_idle().expect("looked"));
    assert_eq!(session.view().expect("a view").state, SessionState::Locked);
    assert!(told.lock().expect("nobody panics").iter().any(|event| event.contains("workspace")), "the window is told");
    assert!(!session.lock_when_idle().expect("looked"), "once is enough");
    // Opening it is a sign of somebody.
    session.open(Some("correct horse".into())).expect("open");
    assert!(!session.lock_when_idle().expect("looked"));
}

#[test]
fn it_never_locks_by_itself_unless_somebody_wants_that() {
    let temp = tempfile::tempdir().expect("a folder");
    let (clock, told) = (Arc::<TestClock>::default(), Arc::default());
    let session = open(&temp.path().join("ws"), environment_at(Arc::clone(&clock)), 0, &told);
    clock.pass_days(30);
    assert!(!session.lock_when_idle().expect("looked"));
    // Without protection it would open by itself again: there is nothing to lock with.
    let dir = temp.path().join("open");
    let environment = environment_at(Arc::clone(&clock));
    let (core, _) = Core::create(&dir, &Protection::None, environment.clone()).expect("made");
    core.set_setting(LOCK_AFTER, &5.into(), &who()).expect("set");
    drop(core);
    let session = Session::new(dir, None, environment, |_: Event| {});
    session.open(None).expect("open");
    clock.pass_days(1);
    assert!(!session.lock_when_idle().expect("looked"));
    assert_eq!(session.view().expect("a view").state, SessionState::Open);
}
