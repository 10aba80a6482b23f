//! What an open window hears of writes: another program's, and not its own.

use cardfile_core::{
    Core, Protection,
    commands::dispatch,
    contact,
    knock::{Wish, knock},
    session::{Event, Session},
};
use cardfile_domain::Contact;
use cardfile_testkit::{environment, who};
use serde_json::json;
use std::{
    path::Path,
    sync::mpsc::{Receiver, channel},
    time::Duration,
};

/// Until an event has come.
const LIMIT: Duration = Duration::from_secs(30);

/// Everything that is told until a look that began after now is over.
fn told_until_looked(dir: &Path, heard: &Receiver<Event>) -> Vec<Event> {
    let mut told = Vec::new();
    // The first knock is heard before that look asks who wrote, the second one after.
    for _ in 0..2 {
        assert!(knock(dir, &Wish { file: None, contact: None }), "a window is open");
        loop {
            match heard.recv_timeout(LIMIT).expect("the window is told") {
                Event::Knocked { .. } => break,
                event => told.push(event),
            }
        }
    }
    told
}

fn are_all_stale(told: &[Event]) -> bool {
    told.iter().any(|event| matches!(event, Event::Stale { tags } if tags.len() > 10))
}

#[test]
fn a_window_reads_everything_again_when_another_program_wrote_and_not_when_it_did() {
    let temp = tempfile::tempdir().expect("a folder");
    let dir = temp.path().join("ws");
    drop(Core::create(&dir, &Protection::None, environment()).expect("made"));
    let (tell, heard) = channel();
    let session = Session::new(dir.clone(), None, environment(), move |event| {
        let _ = tell.send(event);
    });
    session.open(None).expect("open");
    told_until_looked(&dir, &heard);

    dispatch(&session, "contact_create", json!({ "line": "Ana Ruiz ana@x.example" })).expect("made");
    assert!(!are_all_stale(&told_until_looked(&dir, &heard)), "the window knows what it did");

    let (other, _) = Core::open(&dir, None, environment()).expect("opened");
    contact::create(&other, Contact { name: "Bo Lund".into(), ..Contact::default() }, &who()).expect("made");
    assert!(are_all_stale(&told_until_looked(&dir, &heard)), "somebody else may have written anything");
}
