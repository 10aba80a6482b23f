//! People who are erased: what was not told yet is never told, and every webhook hears once
//! that the contact is gone, by its id alone (A-13, M-91).

use crate::{
    identity::{card, named},
    privacy_people::{PASSPHRASE, Place},
    webhooks_out::{NAME, binned, deliver, every_event, every_field, hook, hook_at, hooked},
};
use cardfile_core::{
    Core, Secret, bin, contact,
    privacy::{
        bundle::Request,
        erasure::{self, Reason, Receipt},
    },
    progress::Unwatched,
    webhooks,
};
use cardfile_domain::{Contact, ContactId, Item, webhook::Event};
use cardfile_testkit::{
    Workspace, another_environment,
    receiver::{Got, Receiver, Says},
    who,
};
use serde_json::{Value, json};
use std::collections::BTreeSet;

const MARKERS: [&str; 4] = ["Marta", "marta@gone.example", "Goneville", "611000111"];

fn marta() -> Contact {
    Contact {
        emails: vec![Item::new("marta@gone.example", "marta@gone.example")],
        phones: vec![Item::new("+34611000111", "+34611000111")],
        company: "Goneville".into(),
        ..named("Marta Ruiz")
    }
}

fn erase(ws: &Workspace, id: &str) -> Receipt {
    let id = ContactId::parse(id).expect("an id");
    let done = erasure::erase(&ws.core, &[id], Reason::Request(None), &who(), &Unwatched).expect("erased");
    erasure::catch_up(&ws.core).expect("told");
    erasure::receipt(&ws.core, &done.erasure).expect("a receipt")
}

fn says_nobody(got: &[Got]) {
    for one in got {
        assert!(MARKERS.iter().all(|marker| !one.body.contains(marker)), "{}", one.body);
    }
}

#[test]
fn every_webhook_hears_once_that_somebody_is_gone_and_nothing_else_of_them() {
    let (one, two) = (Receiver::start(), Receiver::start());
    let (ws, first) = hooked(&one, &every_event(), &every_field());
    let second = hook(&ws, "Other", &two.url("/"), &[Event::Deleted], &[]);
    let id = card(&ws.core, marta());
    deliver(&ws);
    assert_eq!((one.take_events(), two.take().len()), (vec!["contact.created".to_owned()], 0));
    // This is not told any more.
    let known = ContactId::parse(&id).expect("an id");
    contact::edit(&ws.core, &known, "name", "Marta R. Ruiz".into(), &who()).expect("an edit");
    let receipt = erase(&ws, &id);
    deliver(&ws);
    ws.clock.pass_days(2);
    erasure::catch_up(&ws.core).expect("nothing is left to be told");
    deliver(&ws);
    for (receiver, secret) in [(&one, &first), (&two, &second)] {
        let [gone] = &receiver.take()[..] else { panic!("told once") };
        assert!(gone.is_signed_with(secret));
        says_nobody(std::slice::from_ref(gone));
        let body = gone.json();
        assert_eq!((gone.event().as_str(), gone.subject()), ("contact.deleted", id.clone()));
        let keys: Vec<&String> = body["data"].as_object().expect("an object").keys().collect();
        assert_eq!(keys, ["id", "erasure_id", "requested_at", "basis"]);
        assert_eq!((&body["data"]["erasure_id"], &body["data"]["basis"]), (&json!(receipt.erasure), &json!("request")));
    }
    let told: Vec<(&str, &str)> = receipt.recipients.iter().map(|one| (one.kind.as_str(), one.state)).collect();
    assert_eq!(told, [("webhook", "confirmed"), ("webhook", "confirmed")]);
    assert_eq!(receipt.state, "done");
    let left = webhooks::log(&ws.core, NAME, false, 100).expect("a log");
    assert!(left.is_empty(), "the log names nobody who was erased: {left:?}");
}

#[test]
fn who_does_not_answer_is_told_later_under_the_same_id_and_then_by_letter() {
    let receiver = Receiver::start();
    let (ws, _) = hooked(&receiver, &[Event::Deleted], &[]);
    receiver.says(Says::status(503));
    let id = card(&ws.core, marta());
    let receipt = erase(&ws, &id);
    assert_eq!((receipt.recipients[0].state, receipt.recipients[0].code), ("queued", "busy"));
    for _ in 0..32 {
        ws.clock.pass_days(1);
        erasure::catch_up(&ws.core).expect("tried");
    }
    let receipt = erasure::receipt(&ws.core, &receipt.erasure).expect("a receipt");
    assert_eq!((receipt.recipients[0].state, receipt.state), ("manual", "done_with_exceptions"));
    let got = receiver.take();
    assert!(got.len() > 20 && got.iter().all(|one| one.id == got[0].id), "{}", got.len());
    says_nobody(&got);
}

#[test]
fn who_got_something_is_told_whatever_it_wants_to_hear_and_who_is_gone_gets_a_letter() {
    let (receiver, removed) = (Receiver::start(), Receiver::start());
    let (ws, _) = hooked(&receiver, &[Event::Created], &["name"]);
    hook(&ws, "Removed", &removed.url("/"), &[Event::Created], &["name"]);
    let (marta, bo) = (card(&ws.core, marta()), card(&ws.core, named("Bo")));
    deliver(&ws);
    receiver.take();
    removed.take();
    webhooks::remove(&ws.core, "Removed", &who()).expect("removed");
    let receipt = erase(&ws, &marta);
    let told: Vec<(&str, &str)> = receipt.recipients.iter().map(|one| (one.name.as_str(), one.state)).collect();
    assert_eq!(told, [(NAME, "confirmed"), ("Removed", "manual")]);
    assert_eq!(receiver.take_events(), ["contact.deleted"]);
    // Of somebody who was never told of and whose going nobody asked for, nothing is said.
    let other = card(&ws.core, named("Cy"));
    webhooks::turn(&ws.core, NAME, false, &who()).expect("off");
    assert!(erase(&ws, &other).recipients.is_empty());
    assert_eq!(erase(&ws, &bo).recipients[0].code, "off", "who turned it off wants nothing sent there");
}

#[test]
fn who_knows_nothing_but_an_id_is_told_that_it_is_erased() {
    let receiver = Receiver::start();
    let (ws, _) = hooked(&receiver, &[Event::Created], &[]);
    let id = card(&ws.core, marta());
    deliver(&ws);
    says_nobody(&receiver.take());
    assert_eq!(erase(&ws, &id).recipients[0].state, "confirmed");
    assert_eq!(receiver.take().remove(0).subject(), id);
}

#[test]
fn of_a_card_that_went_before_is_told_who_has_it_and_does_not_know_that_it_is_gone() {
    let (one, two) = (Receiver::start(), Receiver::start());
    let (ws, _) = hooked(&one, &[Event::Created, Event::Deleted], &["name"]);
    hook(&ws, "Other", &two.url("/"), &[Event::Created], &["name"]);
    let (first, second) = (card(&ws.core, marta()), card(&ws.core, marta()));
    deliver(&ws);
    binned(&ws, &first);
    bin::empty(&ws.core, &who(), &Unwatched).expect("emptied");
    deliver(&ws);
    assert_eq!(one.take_events(), ["contact.created", "contact.created", "contact.deleted"]);
    assert_eq!(two.take_events(), ["contact.created", "contact.created"]);
    let receipt = erase(&ws, &second);
    assert_eq!((receipt.facts.removed_cards, receipt.state), (1, "done"));
    let told = |receiver: &Receiver| receiver.take().iter().map(Got::subject).collect::<BTreeSet<_>>();
    assert_eq!(told(&one), BTreeSet::from([second.clone()]), "of the other it was told when it went");
    assert_eq!(told(&two), BTreeSet::from([first, second]));
}

#[test]
fn who_was_told_of_an_erasure_is_not_told_again_when_a_backup_comes_back() {
    let receiver = Receiver::start();
    let place = Place::new(false);
    let core = &place.core;
    hook_at(core, NAME, &receiver.url("/"), &[Event::Created, Event::Deleted], &["name"]);
    let id = card(core, marta());
    webhooks::deliver(core, &Unwatched).expect("told");
    let backup = place.dir.join("backups").join("yesterday.cardfile-backup");
    core.backup(&backup).expect("a backup");
    let ids = [ContactId::parse(&id).expect("an id")];
    erasure::erase(core, &ids, Reason::Request(None), &who(), &Unwatched).expect("erased");
    erasure::catch_up(core).expect("told");
    assert_eq!(receiver.take_events(), ["contact.created", "contact.deleted"]);

    let proof = Secret::Passphrase(PASSPHRASE.to_owned().into());
    let into = place.files.join("restored");
    let (restored, _) = Core::restore(&backup, &into, Some(&proof), another_environment()).expect("restored");
    contact::find(&restored, &id).expect_err("erased again");
    assert!(!webhooks::find(&restored, NAME).expect("it is there").is_on(), "nobody is told before a person says so");
    webhooks::turn(&restored, NAME, true, &who()).expect("on");
    erasure::catch_up(&restored).expect("nothing is left to be told");
    webhooks::deliver(&restored, &Unwatched).expect("nothing waits");
    assert!(receiver.take().is_empty());
}

#[test]
fn an_access_request_names_the_webhook_and_the_fields_it_got() {
    let receiver = Receiver::start();
    let (ws, _) = hooked(&receiver, &[Event::Created, Event::Updated], &["name", "metadata"]);
    let id = card(&ws.core, marta());
    deliver(&ws);
    let stored = contact::find(&ws.core, &id).expect("she");
    let told = ws.core.store().read(|r| r.disclosures().of(stored.row)).expect("readable");
    let [one] = &told[..] else { panic!("one recipient: {told:?}") };
    assert_eq!((one.name.as_str(), one.kind.as_str()), (NAME, webhooks::KIND));
    assert_eq!(one.fields.keys().collect::<Vec<_>>(), ["id", "metadata", "name"]);
    let request: Request = crate::privacy_dsar::request(&ws.core, "marta@gone.example");
    let file = ws.files.join("answer.zip");
    crate::privacy_dsar::build(&ws.core, &request, &file);
    let files = crate::privacy_dsar::files(&file);
    let recipients: Value = serde_json::from_slice(&files["recipients.json"]).expect("json");
    assert!(recipients.to_string().contains(NAME), "{recipients}");
    let manifest: Value = serde_json::from_slice(&files["manifest.json"]).expect("json");
    let tables = manifest["completeness"].as_array().expect("tables");
    let messages = tables.iter().find(|table| table["table"] == "webhook_message").expect("its line");
    assert_eq!((&messages["rows_of_subject"], &messages["rows_withheld"]), (&json!(1), &json!(1)));
}
