//! What people said of purposes: who declines leaves no trace, who consents is proven, and
//! nobody is used for what they did not agree to.

use crate::identity::{card, named};
use cardfile_core::{
    contact, conversations,
    domain::OperationId,
    export::{self, ExportFormat, ExportRequest},
    generate::Seeded,
    history,
    ingest::{self, DECLINED, IngestReport},
    join::{self, Target},
    privacy::{
        self,
        consent::{self, Saying},
        purposes, restriction,
    },
    progress::Unwatched,
    segments,
    view::{self, ViewRequest},
};
use cardfile_domain::{
    Contact, Item,
    consent::{Basis, Purpose},
    restriction::{Restriction, Sort},
    segment::Segment,
};
use cardfile_store::ContactRow;
use cardfile_testkit::{Workspace, who};
use serde_json::{Value, json};
use std::collections::BTreeSet;

pub(crate) fn newsletter() -> Purpose {
    Purpose { key: "newsletter".into(), name: "Our newsletter".into(), is_marketing: true, ..Purpose::default() }
}

fn said(purpose: &str, given: bool) -> Saying {
    Saying { purpose: purpose.into(), given, channel: "email".into(), ..Saying::default() }
}

/// Says it, and that it was new.
pub(crate) fn record(ws: &Workspace, contact: &str, purpose: &str, given: bool) {
    let (is_new, _) = consent::record(&ws.core, contact, &said(purpose, given), &who()).expect("written down");
    assert!(is_new);
}

fn told(ws: &Workspace, json: &Value) -> (IngestReport, Option<OperationId>) {
    ingest::file(&ws.core, &ws.file("told.json", json.to_string()), &who()).expect("a file")
}

fn shown(ws: &Workspace, filter: &str) -> BTreeSet<ContactRow> {
    let request = ViewRequest { filter: filter.into(), ..ViewRequest::default() };
    view::resolve(&ws.core, &request).expect(filter).1.into_iter().collect()
}

fn with_email(name: &str, email: &str) -> Contact {
    Contact { emails: vec![Item::new(email, email)], ..named(name) }
}

/// The part of A-14 about a lead who says no and then yes.
#[test]
fn who_declines_leaves_no_trace_and_who_consents_is_proven() {
    let ws = Workspace::default();
    let core = &ws.core;
    let text = "Puede guardar mis datos para contestarme.";
    let wording = purposes::add_wording(core, "contact", "es", text, &who()).expect("a wording");
    let lead = |given: bool| {
        json!({ "platform": "widget", "conversation_id": "c1", "session_key": "8f2c", "name": "Ana Ruiz",
            "email": "ana@x.example", "phone": "+34 612 408 177", "ip_country": "ES", "consent_given": given,
            "consent_proof": "form 17", "at": "2026-04-01T09:00:00Z",
            "messages": [{ "text": "Soy Ana Ruiz, ana@x.example, +34 612 408 177. ¿Envían a Lanzarote?",
                "author": "Ana Ruiz", "external_id": "m1", "at": "2026-04-01T09:00:00Z" }] })
    };
    let (report, _) = told(&ws, &lead(false));
    assert_eq!((report.records, report.declined, report.created, report.countries_left_out), (1, 1, 0, 1));
    assert!(ws.contacts().is_empty());
    let waiting = conversations::waiting(core, 10).expect("an inbox");
    let [kept] = &waiting[..] else { panic!("what was said is kept: {waiting:?}") };
    let about = &kept.value;
    assert_eq!((about.platform.as_str(), about.messages), ("widget", 1));
    assert_eq!([&about.external_id, &about.session_key, &about.page_url, &about.title], [""; 4]);
    let messages = conversations::messages(core, &about.id, 0, 10).expect("messages");
    assert_eq!(messages[0].text, "Soy […] […], […], […]. ¿Envían a Lanzarote?");
    assert_eq!([&messages[0].author, &messages[0].external_id], ["", ""]);
    for (needle, hits) in [("ana@", 0), ("612", 0), ("Ruiz", 0), ("Lanzarote", 1)] {
        let found = core.store().read(|r| r.texts().find(needle, 10)).expect("readable");
        assert_eq!(found.len(), hits, "{needle}");
    }
    assert_eq!(core.setting(DECLINED).expect("readable"), Some(json!({ "": 1, "widget": 1 })));

    let (report, _) = told(&ws, &lead(true));
    assert_eq!((report.declined, report.created), (0, 1));
    let ana = contact::find(core, "ana@x.example").expect("she");
    assert_eq!(ana.contact.ip_country, "ES");
    let metadata: Value = serde_json::from_str(&ana.contact.metadata).expect("json");
    assert_eq!((&metadata["consent_given"], &metadata["consents"]), (&json!(true), &json!(["contact"])));
    let ledger = consent::ledger(core, &ana).expect("a ledger");
    let [entry] = &ledger[..] else { panic!("one entry: {ledger:?}") };
    assert!(entry.given);
    assert_eq!((entry.wording, &entry.sha256, entry.channel.as_str()), (1, &wording.sha256, "widget"));
    assert_eq!((entry.proof.as_str(), entry.at.to_rfc3339().as_str()), ("form 17", "2026-04-01T09:00:00Z"));
    // The same again says nothing new.
    told(&ws, &lead(true));
    assert_eq!(consent::ledger(core, &ana).expect("a ledger"), ledger);
}

/// The part of A-14 about a view with a purpose, and what leaves of it.
#[test]
fn a_view_with_a_purpose_and_a_file_for_one_hold_only_who_agreed() {
    let ws = Workspace::default();
    let core = &ws.core;
    purposes::put(core, &newsletter(), &who()).expect("a purpose");
    let ids: Vec<String> =
        (0..4).map(|n| card(core, with_email(&format!("P {n}"), &format!("p{n}@x.example")))).collect();
    let letter = Segment { name: "Letter".into(), purpose: "our NEWSLETTER".into(), ..Segment::default() };
    let free = Segment { name: "Words".into(), purpose: "to have a look".into(), ..Segment::default() };
    for segment in [&letter, &free] {
        segments::put(core, segment, &who()).expect("saved");
    }
    let letter = segments::find(core, "Letter").expect("found");
    assert_eq!(letter.purpose, "newsletter", "kept by its key");
    let counts = || segments::counts(core, &segments::all(core).expect("all")).expect("counts");
    assert_eq!(counts(), [Some(0), Some(4)], "nobody was asked; words of one's own bind nobody");
    record(&ws, &ids[0], "newsletter", true);
    record(&ws, &ids[1], "newsletter", true);
    record(&ws, &ids[1], "newsletter", false);
    record(&ws, &ids[2], "contact", true);
    assert_eq!(counts(), [Some(1), Some(4)]);
    let opened = view::open(core, &segments::view(&letter)).expect("opened");
    assert_eq!((opened.total, opened.purpose.as_deref()), (1, Some("newsletter")));

    let file = |purpose: Option<&str>| {
        let all = ExportRequest::all(ws.files.join("out.csv"), ExportFormat::default());
        let request = ExportRequest { purpose: purpose.map(str::to_owned), ..all };
        let report = export::run(core, &request, &who(), &Unwatched).expect("a file");
        let lines = std::fs::read_to_string(&request.file).expect("readable").lines().count() as u64 - 1;
        assert_eq!(
            (lines, export::withheld(core, &request).expect("a count")),
            (report.contacts, report.withheld as u32)
        );
        (report.contacts, report.withheld)
    };
    assert_eq!(file(None), (4, 0));
    assert_eq!(file(Some("newsletter")), (1, 3));
    purposes::retire(core, "newsletter", true, &who()).expect("given up");
    assert_eq!((file(Some("newsletter")), counts()[0]), ((0, 4), Some(0)));
    purposes::retire(core, "newsletter", false, &who()).expect("taken up again");
    assert_eq!(counts()[0], Some(1), "what was said of it stayed");
    let request =
        ExportRequest { purpose: Some("news".into()), ..ExportRequest::all("x.csv", ExportFormat::default()) };
    export::run(core, &request, &who(), &Unwatched).expect_err("a purpose that is not there lets nobody out");
}

#[test]
fn an_undo_takes_back_what_a_program_told_and_not_what_the_person_said() {
    let ws = Workspace::default();
    let core = &ws.core;
    let (_, arrival) = told(&ws, &json!({ "email": "ana@x.example", "name": "Ana", "at": "2026-04-01T09:00:00Z" }));
    let before = contact::find(core, "ana@x.example").expect("she").contact;
    let yes = json!({ "email": "ana@x.example", "company": "Solvento", "plan": "pro", "consent_given": true,
        "at": "2026-04-02T09:00:00Z" });
    let (_, second) = told(&ws, &yes);
    history::undo(core, second.as_ref().map(OperationId::as_str), &who()).expect("undone");
    let ana = contact::find(core, "ana@x.example").expect("she");
    assert_eq!((ana.contact.company.as_str(), ana.contact.last_seen), ("", before.last_seen));
    assert_eq!(consent::ledger(core, &ana).expect("a ledger").len(), 1, "she said it");
    assert!(ana.contact.metadata.contains(r#""consent_given":true"#), "{}", ana.contact.metadata);
    assert!(!ana.contact.metadata.contains("plan"), "{}", ana.contact.metadata);
    // Her card takes its ledger with it, and brings it back.
    let full = ws.hash();
    history::undo(core, arrival.as_ref().map(OperationId::as_str), &who()).expect("undone");
    assert!(ws.contacts().is_empty());
    history::redo(core, arrival.as_ref().map(OperationId::as_str), &who()).expect("done again");
    assert_eq!(ws.hash(), full);
}

#[test]
fn a_word_that_was_written_down_is_not_undone_but_said_anew() {
    let ws = Workspace::default();
    let core = &ws.core;
    let id = card(core, named("Ana"));
    contact::edit(core, &contact::find(core, &id).expect("she").contact.id, "company", "Solvento".into(), &who())
        .expect("edited");
    purposes::put(core, &newsletter(), &who()).expect("a purpose");
    let (_, operation) = consent::record(core, &id, &said("newsletter", true), &who()).expect("written down");
    let operation = operation.expect("it stands in the history");
    history::undo(core, Some(operation.as_str()), &who()).expect_err("it stands");
    history::undo(core, None, &who()).expect("what was done before is undone");
    let ana = contact::find(core, &id).expect("she");
    assert_eq!((ana.contact.company.as_str(), consent::ledger(core, &ana).expect("a ledger").len()), ("", 1));
    // Nobody writes the mirror past the ledger.
    let refused = contact::edit(core, &ana.contact.id, "metadata", r#"{"consent_given":false}"#.into(), &who());
    assert!(refused.expect_err("refused").message.to_string().contains("consent_given"));
    let mut metadata: Value = serde_json::from_str(&ana.contact.metadata).expect("json");
    metadata["plan"] = json!("pro");
    contact::edit(core, &ana.contact.id, "metadata", metadata.to_string().into(), &who()).expect("the rest is free");
}

#[test]
fn two_cards_of_one_person_have_one_ledger_and_the_undo_parts_them_again() {
    let ws = Workspace::default();
    let core = &ws.core;
    purposes::put(core, &newsletter(), &who()).expect("a purpose");
    let (stays, goes) = (card(core, with_email("Ana", "ana@x.example")), card(core, named("A. Ruiz")));
    record(&ws, &stays, "newsletter", true);
    record(&ws, &goes, "newsletter", false);
    restriction::put(core, &contact::rows(core, std::slice::from_ref(&goes)).expect("a row"), &restricted(), &who())
        .expect("restricted");
    let before = ws.hash();
    join::link(core, &goes, &Target::Contact(stays.clone()), None, &who()).expect("linked");
    let one = contact::find(core, &stays).expect("one");
    assert!(one.contact.metadata.contains(r#""consent_given":false"#), "{}", one.contact.metadata);
    assert_eq!(consent::ledger(core, &one).expect("a ledger").len(), 2);
    assert!(restriction::of(core, &one).expect("all")[0].is_in_force(), "what holds for one holds for both");
    history::undo(core, None, &who()).expect("undone");
    assert_eq!(ws.hash(), before);
    assert_eq!(shown(&ws, "purpose:newsletter").len(), 1);
}

fn restricted() -> Restriction {
    Restriction { reason: "she asked for it".into(), ..Restriction::default() }
}

#[test]
fn a_list_by_purpose_is_what_the_rule_says_of_each_contact() {
    let ws = Workspace::default();
    let core = &ws.core;
    let contract = Purpose { basis: Basis::Contract, ground: "the order".into(), ..purpose("orders") };
    let interest = Purpose { basis: Basis::LegitimateInterest, ground: "security".into(), ..purpose("fraud") };
    for one in [newsletter(), contract, interest] {
        purposes::put(core, &one, &who()).expect("a purpose");
    }
    let all = purposes::all(core).expect("purposes");
    let mut random = Seeded::new(7);
    let ids: Vec<String> = (0..40).map(|n| card(core, named(&format!("P {n}")))).collect();
    let rows = contact::rows(core, &ids).expect("rows");
    for (id, row) in ids.iter().zip(&rows) {
        for _ in 0..random.below(4) {
            let purpose = &all[random.below(all.len() as u64) as usize].key;
            consent::record(core, id, &said(purpose, random.below(2) == 0), &who()).expect("written down");
        }
        let sort = [Sort::Restricted, Sort::Objected, Sort::Objected, Sort::Held][random.below(4) as usize];
        let about = ["", "newsletter", "orders"][random.below(3) as usize];
        if random.below(3) == 0 {
            let one = Restriction { sort, purpose: about.into(), ..restricted() };
            restriction::put(core, &[*row], &one, &who()).expect("restricted");
        }
    }
    for purpose in &all {
        let by_rule: BTreeSet<ContactRow> =
            rows.iter().copied().filter(|row| privacy::may_use(core, *row, purpose).expect("known").is_ok()).collect();
        assert!(!by_rule.is_empty() && by_rule.len() < rows.len(), "{}: somebody, not everybody", purpose.key);
        assert_eq!(shown(&ws, &format!("purpose:{}", purpose.key)), by_rule, "{}", purpose.key);
        let others: BTreeSet<ContactRow> = rows.iter().copied().filter(|row| !by_rule.contains(row)).collect();
        assert_eq!(shown(&ws, &format!("not purpose:{}", purpose.key)), others);
    }
    assert_eq!(shown(&ws, "purpose:nothing-like-it"), BTreeSet::new(), "a word of no purpose lets nobody through");
    for sort in Sort::ALL {
        let own: BTreeSet<ContactRow> = rows
            .iter()
            .copied()
            .filter(|row| core.store().read(|r| r.restrictions().has(*row, sort)).expect("readable"))
            .collect();
        assert_eq!(shown(&ws, &format!("restriction:{}", sort.as_str())), own);
    }
}

fn purpose(key: &str) -> Purpose {
    Purpose { key: key.into(), name: key.to_uppercase(), ..Purpose::default() }
}

#[test]
fn a_purpose_is_known_by_a_key_that_never_changes_and_rests_on_something() {
    let ws = Workspace::default();
    let core = &ws.core;
    let id = purposes::put(core, &newsletter(), &who()).expect("a purpose");
    for wrong in [
        Purpose { key: "News Letter".into(), ..purpose("x") },
        purpose("newsletter"),
        Purpose { name: "OUR newsletter".into(), ..purpose("other") },
        Purpose { basis: Basis::LegitimateInterest, ..purpose("fraud") },
        Purpose { id: id.clone(), key: "letters".into(), ..newsletter() },
        Purpose { name: " ".into(), ..purpose("blank") },
    ] {
        purposes::put(core, &wrong, &who()).expect_err(&wrong.key);
    }
    purposes::put(core, &Purpose { id, name: "Letters".into(), ..newsletter() }, &who()).expect("another name");
    let first = purposes::add_wording(core, "newsletter", "en", "May we write to you?", &who()).expect("a text");
    let second =
        purposes::add_wording(core, "Letters", "en", "May we write to you once a week?", &who()).expect("a text");
    let again = purposes::add_wording(core, "newsletter", "en", " May we write to you? ", &who()).expect("a text");
    assert_eq!((first.version, second.version, again.version), (1, 2, 1));
    assert_ne!(first.sha256, second.sha256);
    let id = card(core, named("Ana"));
    let saying = |wording| Saying { wording, ..said("newsletter", true) };
    consent::record(core, &id, &saying(Some(9)), &who()).expect_err("a text that was never there proves nothing");
    consent::record(core, &id, &saying(None), &who()).expect("written down");
    let ana = contact::find(core, &id).expect("she");
    let entry = &consent::ledger(core, &ana).expect("a ledger")[0];
    assert_eq!((entry.wording, &entry.sha256), (2, &second.sha256), "the text in use");
}

#[test]
fn who_takes_a_yes_back_that_was_told_with_a_wrong_clock_is_heard() {
    let ws = Workspace::default();
    let yes = json!({ "email": "ana@x.example", "consent_given": true, "consent_at": "2099-01-01T00:00:00Z" });
    assert_eq!(told(&ws, &yes).0.created, 1);
    ws.clock.pass_days(1);
    let ana = contact::find(&ws.core, "ana@x.example").expect("she");
    let no = Saying { purpose: "contact".into(), given: false, ..Saying::default() };
    consent::record(&ws.core, ana.contact.id.as_str(), &no, &who()).expect("written down");
    let stands = consent::standings(&ws.core, &ana).expect("readable");
    let last = stands.iter().find(|one| one.purpose.key == "contact").and_then(|one| one.last.as_ref());
    assert_eq!(last.map(|last| last.given), Some(false));
    let metadata = contact::find(&ws.core, "ana@x.example").expect("she").contact.metadata;
    assert!(metadata.contains(r#""consent_given":false"#), "{metadata}");
}
