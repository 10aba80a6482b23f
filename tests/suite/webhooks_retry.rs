//! Receivers that are down, busy, broken or gone: nothing is lost, nothing overtakes what comes
//! before it about the same contact, and nobody is asked too often.

use crate::{
    identity::{card, named},
    webhooks_out::{NAME, deliver, every_field, hook, hooked},
};
use cardfile_connectors::webhook::Told;
use cardfile_core::{
    Core, contact,
    progress::{Progress, Unwatched},
    webhooks::{self, Entry},
};
use cardfile_domain::{
    ContactId,
    webhook::{Event, Heard},
};
use cardfile_testkit::{
    Workspace, environment,
    receiver::{Got, Receiver, Says},
    who,
};
use std::{cell::RefCell, path::Path};

const EDITS: [Event; 2] = [Event::Created, Event::Updated];

fn rename(ws: &Workspace, id: &str, name: &str) {
    let id = ContactId::parse(id).expect("an id");
    contact::edit(&ws.core, &id, "name", name.into(), &who()).expect("an edit");
}

fn log(core: &Core) -> Vec<Entry> {
    webhooks::log(core, NAME, false, 100).expect("a log")
}

fn names(got: &[Got]) -> Vec<String> {
    got.iter().map(|one| one.json()["data"]["name"].as_str().unwrap_or_default().to_owned()).collect()
}

fn state(ws: &Workspace) -> (String, u32) {
    let known = webhooks::find(&ws.core, NAME).expect("it is there");
    (known.kept.state, known.kept.failures)
}

#[test]
fn what_one_contact_waits_for_keeps_nobody_else_and_is_not_overtaken() {
    let receiver = Receiver::start();
    let (ws, _) = hooked(&receiver, &EDITS, &["name"]);
    receiver.refuses("Ana", 422);
    let ana = card(&ws.core, named("Ana"));
    assert_eq!(deliver(&ws), 1);
    ws.clock.pass_days(1);
    assert_eq!(deliver(&ws), 1);
    rename(&ws, &ana, "Ana Ruiz");
    card(&ws.core, named("Bo"));
    assert_eq!(deliver(&ws), 1, "the edit waits behind the contact that was not taken");
    assert_eq!(names(&receiver.take()), ["Ana", "Ana", "Bo"]);
    receiver.takes_all();
    ws.clock.pass_days(1);
    assert_eq!(deliver(&ws), 2);
    let got = receiver.take();
    let events: Vec<String> = got.iter().map(Got::event).collect();
    assert_eq!(events, ["contact.created", "contact.updated"]);
    assert_eq!(names(&got), ["Ana Ruiz", "Ana Ruiz"], "what is said is what is so when it is sent");
}

#[test]
fn edits_that_were_never_tried_are_one_message() {
    let receiver = Receiver::start();
    let (ws, _) = hooked(&receiver, &EDITS, &every_field());
    let ana = card(&ws.core, named("Ana"));
    deliver(&ws);
    receiver.take();
    for name in ["Ana R.", "Ana Ru.", "Ana Ruiz"] {
        rename(&ws, &ana, name);
    }
    let id = ContactId::parse(&ana).expect("an id");
    contact::edit(&ws.core, &id, "company", "Solvento".into(), &who()).expect("an edit");
    assert_eq!(deliver(&ws), 1);
    let body = receiver.take()[0].json();
    let keys: Vec<&String> = body["data"].as_object().expect("an object").keys().collect();
    assert_eq!(keys, ["id", "name", "company", "first_name", "last_name"]);
    assert_eq!((&body["data"]["name"], &body["data"]["company"]), (&"Ana Ruiz".into(), &"Solvento".into()));
}

#[test]
fn the_same_message_keeps_its_id_and_a_lost_answer_hides_no_later_edit() {
    let receiver = Receiver::start();
    let (ws, secret) = hooked(&receiver, &EDITS, &["name"]);
    let ana = card(&ws.core, named("Ana"));
    deliver(&ws);
    receiver.take();
    rename(&ws, &ana, "Ana R.");
    receiver.says_next([Says::status(500)]);
    deliver(&ws);
    rename(&ws, &ana, "Ana Ruiz");
    ws.clock.pass_days(1);
    assert_eq!(deliver(&ws), 2);
    let got = receiver.take();
    assert_eq!(names(&got), ["Ana R.", "Ana Ruiz", "Ana Ruiz"]);
    assert_eq!(got[0].id, got[1].id, "whoever took it the first time knows it again");
    assert_ne!(got[1].id, got[2].id, "and gets what came after it");
    assert!(got.iter().all(|one| one.is_signed_with(&secret)), "each attempt is signed anew");
    assert_ne!(got[0].timestamp, got[1].timestamp);
}

#[test]
fn who_does_not_answer_is_asked_once_and_gets_everything_when_it_does() {
    let receiver = Receiver::start();
    let (ws, _) = hooked(&receiver, &EDITS, &["name"]);
    receiver.says(Says::status(503));
    for n in 0..20 {
        card(&ws.core, named(&format!("P{n}")));
    }
    assert_eq!(deliver(&ws), 1, "what is wrong for one is wrong for all");
    assert_eq!((deliver(&ws), state(&ws)), (0, ("on".to_owned(), 1)));
    ws.clock.pass_days(1);
    assert_eq!((deliver(&ws), state(&ws)), (1, ("on".to_owned(), 2)));
    receiver.says(Says::status(200));
    ws.clock.pass_days(1);
    assert_eq!((deliver(&ws), state(&ws)), (20, ("on".to_owned(), 0)));
    let taken = log(&ws.core).into_iter().filter(|entry| entry.message.state == "done").count();
    assert_eq!(taken, 20);
}

#[test]
fn who_asks_for_time_gets_it() {
    let receiver = Receiver::start();
    let (ws, _) = hooked(&receiver, &EDITS, &["name"]);
    receiver.says_next([Says { status: 429, retry_after: Some(3_600) }]);
    card(&ws.core, named("Ana"));
    deliver(&ws);
    let known = webhooks::find(&ws.core, NAME).expect("it is there");
    let message = &log(&ws.core)[0].message;
    let tried = message.tried_at.expect("it was tried").0;
    for next in [known.kept.next_at, message.next_at] {
        let waits = next.expect("it is tried again").0 - tried;
        assert!((3_600_000..4_400_000).contains(&waits), "{waits}");
    }
}

#[test]
fn who_says_that_nobody_is_there_is_told_nothing_until_a_person_says_otherwise() {
    let receiver = Receiver::start();
    let (ws, _) = hooked(&receiver, &EDITS, &["name"]);
    receiver.says_next([Says::status(410)]);
    card(&ws.core, named("Ana"));
    assert_eq!(deliver(&ws), 1);
    assert_eq!(state(&ws).0, "gone");
    card(&ws.core, named("Bo"));
    ws.clock.pass_days(30);
    assert_eq!(deliver(&ws), 0);
    receiver.take();
    webhooks::turn(&ws.core, NAME, true, &who()).expect("on");
    assert_eq!(deliver(&ws), 1);
    assert_eq!(names(&receiver.take()), ["Ana"], "what happened while it was gone it never asked for");
}

#[test]
fn what_is_given_up_can_be_tried_again() {
    let receiver = Receiver::start();
    let (ws, _) = hooked(&receiver, &EDITS, &["name"]);
    receiver.refuses("Ana", 400);
    card(&ws.core, named("Ana"));
    card(&ws.core, named("Bo"));
    for _ in 0..7 {
        deliver(&ws);
        ws.clock.pass_days(1);
    }
    let dead = webhooks::log(&ws.core, NAME, true, 10).expect("a log");
    let [entry] = &dead[..] else { panic!("one was given up: {dead:?}") };
    assert_eq!((entry.contact.as_deref(), entry.message.status), (Some("Ana"), Some(400)));
    assert!(entry.message.attempts >= 4, "{entry:?}");
    let tried = receiver.take().len() as u32;
    assert_eq!(deliver(&ws), 0, "nobody tries any more: {tried}");
    receiver.takes_all();
    assert_eq!(webhooks::replay(&ws.core, NAME, Some(&entry.message.id), &who()).expect("again"), 1);
    assert_eq!((deliver(&ws), names(&receiver.take())), (1, vec!["Ana".to_owned()]));
    assert_eq!(webhooks::replay(&ws.core, NAME, None, &who()).expect("nothing is dead"), 0);
    webhooks::replay(&ws.core, NAME, Some("msg_x"), &who()).expect_err("there is none");
}

#[test]
fn who_was_down_for_days_finds_what_was_given_up() {
    let receiver = Receiver::start();
    let (ws, _) = hooked(&receiver, &EDITS, &["name"]);
    receiver.says(Says::status(500));
    for n in 0..10 {
        card(&ws.core, named(&format!("P{n}")));
    }
    for _ in 0..7 {
        deliver(&ws);
        ws.clock.pass_days(1);
    }
    assert!(receiver.take().len() < 12, "one attempt a day is enough");
    let counts = |ws: &Workspace| webhooks::counts(&ws.core, &webhooks::find(&ws.core, NAME).expect("there"));
    assert_eq!(counts(&ws).expect("counts"), (0, 10));
    receiver.says(Says::status(200));
    assert_eq!(webhooks::replay(&ws.core, NAME, None, &who()).expect("again"), 10);
    assert_eq!((deliver(&ws), counts(&ws).expect("counts")), (10, (0, 0)));
}

#[test]
fn several_are_told_each_at_its_own_pace() {
    let (up, down) = (Receiver::start(), Receiver::start());
    let (ws, one) = hooked(&up, &EDITS, &["name"]);
    let other = hook(&ws, "Other", &down.url("/"), &EDITS, &["name"]);
    down.says(Says::status(500));
    card(&ws.core, named("Ana"));
    card(&ws.core, named("Bo"));
    assert_eq!(deliver(&ws), 3);
    let (first, second) = (up.take(), down.take());
    assert_eq!((first.len(), second.len()), (2, 1));
    assert!(first.iter().all(|got| got.is_signed_with(&one)) && second[0].is_signed_with(&other));
    assert!(!second[0].is_signed_with(&one), "no two share a secret");
}

#[test]
fn who_dies_at_any_step_tells_it_again_under_the_same_id_and_loses_nothing() {
    let receiver = Receiver::start();
    let (ws, _) = hooked(&receiver, &EDITS, &["name"]);
    card(&ws.core, named("Ana"));
    // It is sent, and the program dies before it keeps what came of it.
    let sent = RefCell::new(Vec::new());
    let died = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
        let mut send = |post: &cardfile_connectors::webhook::Post| -> Told {
            sent.borrow_mut().push(post.id.clone());
            std::panic::resume_unwind(Box::new("the program dies"));
        };
        webhooks::deliver_with(&ws.core, &mut send, &Unwatched)
    }));
    assert!(died.is_err());
    assert_eq!(deliver(&ws), 0, "for a moment it may still be under way");
    ws.clock.pass_days(1);
    assert_eq!(deliver(&ws), 1);
    assert_eq!(receiver.take()[0].id, sent.borrow()[0]);
}

#[test]
fn who_locks_the_workspace_is_not_waited_for() {
    struct Locked;
    impl Progress for Locked {
        fn at(&self, _: u64, _: u64) -> bool {
            false
        }
    }
    let receiver = Receiver::start();
    let (ws, _) = hooked(&receiver, &EDITS, &["name"]);
    card(&ws.core, named("Ana"));
    let mut lost = |_: &cardfile_connectors::webhook::Post| Told { heard: Heard::Lost, status: None };
    assert_eq!(webhooks::deliver_with(&ws.core, &mut lost, &Locked).expect("stopped"), 0);
    assert_eq!(deliver(&ws), 1);
    assert_eq!(names(&receiver.take()), ["Ana"]);
}

fn restored(ws: &Workspace, into: &Path) -> Core {
    let backup = ws.files.join("all.cardfile-backup");
    ws.core.backup(&backup).expect("a backup");
    Core::restore(&backup, into, None, environment()).expect("restored").0
}

#[test]
fn a_copy_of_a_workspace_tells_nobody_what_the_other_one_tells() {
    let receiver = Receiver::start();
    let (ws, _) = hooked(&receiver, &EDITS, &["name"]);
    card(&ws.core, named("Ana"));
    let there = restored(&ws, &ws.files.join("there"));
    assert_eq!(webhooks::deliver(&there, &Unwatched).expect("nothing"), 0);
    assert_eq!(webhooks::find(&there, NAME).expect("it is there").kept.state, "off");
    webhooks::turn(&there, NAME, true, &who()).expect("on");
    assert_eq!(webhooks::deliver(&there, &Unwatched).expect("nothing"), 0);
    assert_eq!(webhooks::replay(&there, NAME, None, &who()).expect("wanted"), 1);
    assert_eq!(webhooks::deliver(&there, &Unwatched).expect("told"), 1, "with the secret that it had");
}
