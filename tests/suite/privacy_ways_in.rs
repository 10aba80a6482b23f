//! Ways on which a card that is here would get by what an erased person was known.

use crate::{
    identity::{card, link, named},
    privacy_erasure::{connect, record, sync},
};
use cardfile_core::{
    Core, bin, contact, history,
    import::{self, ImportRequest},
    ingest,
    privacy::erasure::{self, Reason},
    progress::Unwatched,
};
use cardfile_domain::{Contact, ContactId, Item};
use cardfile_testkit::{Workspace, who};
use serde_json::json;

const ANA: &str = "ana@x.example";

/// Somebody who was here and was erased.
fn erased(core: &Core) {
    let ana = card(core, Contact { emails: vec![Item::new(ANA, ANA)], ..named("Ana") });
    let ids = [ContactId::parse(&ana).expect("an id")];
    erasure::erase(core, &ids, Reason::Request(None), &who(), &Unwatched).expect("erased");
}

fn is_nowhere(core: &Core) {
    assert!(contact::find(core, ANA).is_err(), "nobody has her email");
}

#[test]
fn a_record_that_is_linked_already_brings_nobody_to_its_card() {
    let ws = Workspace::default();
    let core = &ws.core;
    let fake = connect(core);
    erased(core);
    fake.put("3.vcf", &record("u-3", "Person Three", ANA));
    for _ in 0..2 {
        sync(core);
        is_nowhere(core);
    }
    let card = contact::find(core, "p3@x.example").expect("what was here stands").contact;
    assert_eq!(card.name, "Person Three", "what is nobody else's is taken");
    assert!(erasure::list(core, 1).expect("receipts")[0].returns > 0, "it is seen");
}

#[test]
fn a_conversation_that_is_here_brings_nobody_to_its_contact() {
    let ws = Workspace::default();
    let core = &ws.core;
    card(core, Contact { links: vec![link("widget", "bo-1")], ..named("Bo") });
    let told = |text: &serde_json::Value| {
        ingest::file(core, &ws.file("told.json", text.to_string()), &who()).expect("a file").0
    };
    let talk = |more: serde_json::Value| {
        let mut all = json!({ "platform": "widget", "conversation_id": "c1", "message": "Hello" });
        let members = all.as_object_mut().expect("an object");
        members.extend(more.as_object().expect("an object").clone());
        all
    };
    // Of a visitor, and of Bo.
    told(&talk(json!({ "session_key": "8f2c" })));
    told(&talk(json!({ "external_id": "bo-1", "conversation_id": "c2" })));
    erased(core);
    let report = told(&json!([
        talk(json!({ "session_key": "8f2c", "email": ANA })),
        talk(json!({ "external_id": "bo-1", "conversation_id": "c2", "email": ANA })),
        talk(json!({ "external_id": "bo-1", "conversation_id": "c2", "message": "I am Bo" })),
    ]));
    // Each by itself: the last one is nobody else's, and comes in.
    assert_eq!((report.records, report.suppressed, report.matched, report.rejected.len()), (3, 2, 1, 0));
    is_nowhere(core);
}

#[test]
fn what_an_import_remembers_of_a_removed_card_goes_with_it() {
    let ws = Workspace::default();
    let core = &ws.core;
    let file = ws.file("in.csv", "Name,Notes\nAna Marker,a note\n");
    import::run(core, &ImportRequest::of(file), &who(), &Unwatched).expect("an import");
    let ana = ws.contacts().remove(0).id;
    let row = contact::find(core, ana.as_str()).expect("she").row;
    contact::bin(core, &[row], &who()).expect("binned");
    bin::empty(core, &who(), &Unwatched).expect("emptied");
    let done = erasure::erase(core, std::slice::from_ref(&ana), Reason::Request(None), &who(), &Unwatched);
    let facts = done.expect("erased").facts;
    assert_eq!((facts.removed_cards, facts.rows.get("import_memory")), (1, Some(&1)));
    assert!(facts.verification.is_some_and(|looked| looked.holds()));
}

#[test]
fn a_short_name_is_taken_out_of_what_the_history_calls_an_import() {
    for (name, email) in [("陈雨桐", "a@b.co"), ("Ana Ng", "c@d.co")] {
        let ws = Workspace::default();
        let core = &ws.core;
        let file = ws.file(&format!("{name}.csv"), format!("Name,Email\n{name},{email}\n"));
        import::run(core, &ImportRequest::of(file), &who(), &Unwatched).expect("an import");
        let subjects = || -> String {
            history::list(core, 10).expect("a history").into_iter().map(|operation| operation.subject).collect()
        };
        assert!(subjects().contains(name));
        let id = ws.contacts().remove(0).id;
        let done = erasure::erase(core, std::slice::from_ref(&id), Reason::Request(None), &who(), &Unwatched);
        assert!(done.expect("erased").facts.verification.is_some_and(|looked| looked.holds()));
        assert!(!subjects().contains(name), "{name}: {}", subjects());
    }
}
