//! An access request from the first email to the file in hand: everything that is held, nothing of
//! anybody else, and a proof that neither was changed.

use crate::{
    identity::{base, card, fill, link, named},
    sync_scene::{approve_all, connect},
};
use cardfile_core::{
    Code, Core, Protection, SecretText, avatar, bin,
    combine::{self, Wish},
    contact,
    conversations::{self, Incoming},
    export::{self, ExportFormat, ExportRequest},
    formats::dsar::{Language, Verified},
    generate::Seeded,
    parts,
    privacy::{
        audit,
        bundle::{self, Built, Request},
        check,
        consent::{self, Saying},
        erasure::{self, Reason},
        processing::{self, Controller, Location},
        purposes,
        requests::{self, Details},
        restriction, subject,
        third_party::Decision,
    },
    progress::Unwatched,
    secrets, spaces,
    sync::{remotes, running},
};
use cardfile_domain::{
    Contact, ContactId, Item, Millis,
    consent::Purpose,
    part::{Conversation, Message, Note, Role},
    request::{Right, Step},
    restriction::{Restriction, Sort},
};
use cardfile_store::schema::TABLES;
use cardfile_testkit::{Workspace, environment, fake_remote::FakeRemote, project, who};
use serde_json::{Value, json};
use std::{collections::BTreeMap, io::Read, path::Path};

pub(crate) const ANA: &str = "ana@solvento.example";
const INTERNAL: &str = "internal-marker-77";

/// Ana, whose second card became part of her first; Bo, who is named in her texts; an address book
/// that got her card, and two exports, of which one has her in it.
pub(crate) struct Story {
    pub(crate) ws: Workspace,
    pub(crate) ana: String,
    _fake: FakeRemote,
}

pub(crate) fn story() -> Story {
    let (ws, fake) = (Workspace::default(), FakeRemote::start());
    let core = &ws.core;
    base(core);
    let ana = card(
        core,
        Contact {
            emails: vec![Item::new("Ana@Solvento.example", ANA)],
            phones: vec![Item::new("+34 612 408 177", "+34612408177")],
            urls: vec![Item::new("https://solvento.example", "")],
            company: "Solvento".into(),
            stage: "customer".into(),
            tags: vec!["lead".into(), "vip".into()],
            links: vec![link("line", "V-17")],
            metadata: r#"{"consent_given":true,"consent_at":"2026-03-01T00:00:00Z"}"#.into(),
            ..named("Ana Ruiz")
        },
    );
    let second =
        card(core, Contact { emails: vec![Item::new("ana@old.example", "ana@old.example")], ..named("Ana R.") });
    let bo = card(
        core,
        Contact {
            emails: vec![Item::new("bo@lind.example", "bo@lind.example")],
            phones: vec![Item::new("+46 70 123 45 67", "+46701234567")],
            ..named("Bo Lindström")
        },
    );
    for one in [&ana, &second] {
        fill(&ws, one, &mut Seeded::new(3));
    }
    let note = |text: &str, internal| Note { text: text.into(), internal, ..Note::default() };
    parts::add(core, &second, &note("Prefers to be called before ten", false), &who()).expect("a note");
    parts::add(core, &ana, &note(INTERNAL, true), &who()).expect("a note");
    let wish = Wish { survivor: ana.clone(), other: second, ..Wish::default() };
    combine::run(core, &wish, None, &who()).expect("merged");
    for n in 0..31 {
        let message = |role, text: String, at| Message { role, text, at: Millis(at), ..Message::default() };
        let chat = Incoming {
            about: Conversation { platform: "widget".into(), title: format!("Order {n}"), ..Conversation::default() },
            messages: vec![
                message(Role::Contact, format!("Where is order {n}?"), 1_000 + n),
                message(Role::Staff, "Ask Bo Lindström, bo@lind.example or +46 70 123 45 67".into(), 2_000 + n),
            ],
        };
        conversations::add(core, Some(&ana), &chat, &who()).expect("a chat");
    }
    let picture = project().join("src-tauri/icons/icon.png");
    avatar::set(core, &ana, &picture, &who()).expect("a picture");
    contact::edit(core, &contact::find(core, &ana).expect("she").contact.id, "company", "Solvento SA".into(), &who())
        .expect("an edit");
    connect(&ws, &fake);
    approve_all(&ws);
    remotes::set(core, "Customers", &who(), |settings| settings.enabled_at = Some(Millis(1))).expect("turned on");
    running::run(core, "Customers", false, &who(), &Unwatched).expect("a run");
    let csv = |name: &str| ExportRequest::all(ws.files.join(name), ExportFormat::default());
    export::run(core, &csv("everybody.csv"), &who(), &Unwatched).expect("an export");
    let yes = Saying { purpose: "contact".into(), given: true, proof: "form 17".into(), ..Saying::default() };
    consent::record(core, &ana, &yes, &who()).expect("written down");
    let objects = Restriction { sort: Sort::Objected, reason: "no letters".into(), ..Restriction::default() };
    restriction::put(core, &contact::rows(core, std::slice::from_ref(&ana)).expect("she"), &objects, &who())
        .expect("put");
    let asks = cardfile_domain::request::Request { subject: ANA.into(), ..Default::default() };
    requests::add(core, &asks, &who()).expect("written down");
    let rows = Some(contact::rows(core, &[bo]).expect("he is there"));
    export::run(core, &ExportRequest { rows, ..csv("only-bo.csv") }, &who(), &Unwatched).expect("an export");
    Story { ws, ana, _fake: fake }
}

pub(crate) fn request(core: &Core, text: &str) -> Request {
    let cards = subject::rows(core, text, &[]).expect("looked up");
    Request { identifier: text.into(), cards, ..Request::default() }
}

pub(crate) fn build(core: &Core, request: &Request, file: &Path) -> Built {
    bundle::build(core, request, file, None, &who(), &Unwatched).expect("built")
}

pub(crate) fn verify(file: &Path) -> Verified {
    check::verify(file, None).expect("readable")
}

/// The files of a bundle, read by another program's ZIP.
pub(crate) fn files(bundle: &Path) -> BTreeMap<String, Vec<u8>> {
    let mut zip = zip::ZipArchive::new(std::fs::File::open(bundle).expect("there")).expect("a ZIP");
    let mut all = BTreeMap::new();
    for at in 0..zip.len() {
        let mut entry = zip.by_index(at).expect("an entry");
        let name = entry.name().expect("a name").into_owned();
        let mut bytes = Vec::new();
        entry.read_to_end(&mut bytes).expect("readable");
        all.insert(name.split_once('/').expect("in a folder").1.to_owned(), bytes);
    }
    all
}

pub(crate) fn json_of(files: &BTreeMap<String, Vec<u8>>, path: &str) -> Value {
    serde_json::from_slice(files.get(path).unwrap_or_else(|| panic!("{path} is there"))).expect("json")
}

fn holds_text(files: &BTreeMap<String, Vec<u8>>, text: &str) -> Vec<String> {
    let has = |bytes: &[u8]| bytes.windows(text.len()).any(|part| part == text.as_bytes());
    files.iter().filter(|(_, bytes)| has(bytes)).map(|(path, _)| path.clone()).collect()
}

/// How often each table is named as where a row is kept.
fn rows_by_table(value: &Value, counts: &mut BTreeMap<String, u64>) {
    match value {
        Value::Array(all) => all.iter().for_each(|one| rows_by_table(one, counts)),
        Value::Object(map) => {
            if let Some(table) = map.get("kept_in").and_then(Value::as_str) {
                *counts.entry(table.to_owned()).or_default() += 1;
            }
            map.values().for_each(|one| rows_by_table(one, counts));
        }
        _ => {}
    }
}

#[test]
fn an_answer_holds_every_row_or_says_why_not() {
    let story = story();
    let out = story.ws.files.join("ana.zip");
    let built = build(&story.ws.core, &request(&story.ws.core, ANA), &out);
    let found = verify(&out);
    assert!(found.holds(), "{:?}", found.faults);
    let manifest = found.manifest.expect("readable");
    let lines: BTreeMap<&str, _> = manifest.completeness.iter().map(|line| (line.table.as_str(), line)).collect();
    for table in TABLES {
        let line = lines.get(table.name).unwrap_or_else(|| panic!("{} is accounted for", table.name));
        assert_eq!(line.rows_exported + line.rows_withheld, line.rows_of_subject, "{}", table.name);
        assert!(line.rows_withheld == 0 || !line.reason.is_empty(), "{}", table.name);
    }
    // What was planted is counted: a table that is not asked would be zero.
    for table in [
        "contact",
        "contact_item",
        "contact_tag",
        "link",
        "pair",
        "note",
        "task",
        "memory",
        "conversation",
        "message",
        "rating",
        "activity",
        "payment_account",
        "avatar",
        "placement",
        "space",
        "file",
        "rule",
        "consent",
        "restriction",
        "request",
        "disclosure",
        "export_log",
        "change",
        "operation",
        "message_text",
        "note_text",
        "memory_text",
    ] {
        assert!(lines[table].rows_of_subject > 0, "{table}");
    }
    assert_eq!((lines["contact"].rows_of_subject, lines["export_log"].rows_of_subject), (1, 1));
    assert_eq!((lines["note"].rows_withheld, lines["note"].reason.as_str()), (1, "internal"));
    assert!(lines["conversation"].rows_of_subject >= 33 && lines["message"].rows_of_subject >= 64);
    // Rows that are shown one by one are all there.
    let files = files(&out);
    let mut counts = BTreeMap::new();
    for (path, bytes) in files.iter().filter(|(path, _)| path.starts_with("data/") && path.ends_with(".json")) {
        rows_by_table(&serde_json::from_slice(bytes).unwrap_or_else(|_| panic!("{path} is JSON")), &mut counts);
    }
    for (table, count) in counts.iter().filter(|(table, _)| *table != "metadata") {
        assert_eq!(lines[table.as_str()].rows_exported, *count, "{table}");
    }
    let shown: u64 = manifest.completeness.iter().map(|line| line.rows_exported).sum();
    assert_eq!(built.rows.0, shown);
}

#[test]
fn what_is_hers_is_there_and_what_is_somebody_elses_is_not() {
    let story = story();
    let out = story.ws.files.join("ana.zip");
    build(&story.ws.core, &request(&story.ws.core, ANA), &out);
    let files = files(&out);
    for hers in ["ana@old.example", "+34 612 408 177", "Prefers to be called before ten", "Solvento SA", "V-17"] {
        assert!(!holds_text(&files, hers).is_empty(), "{hers} is missing");
    }
    for not_hers in ["bo@lind.example", "Lindström", "123 45 67", INTERNAL, "only-bo.csv"] {
        assert_eq!(holds_text(&files, not_hers), Vec::<String>::new(), "{not_hers}");
    }
    let chats = files.keys().filter(|path| path.starts_with("data/conversations/") && path.ends_with(".json"));
    let first = chats.map(|path| json_of(&files, path)).find(|chat| chat["title"] == "Order 0").expect("it is there");
    assert_eq!(
        first["message"][1]["text"], "Ask [third person 1], [third person 1] or [third person 1]",
        "one person has one number"
    );
    let left_out = json_of(&files, "redactions.json");
    let of = |kind: &str| left_out.as_array().expect("a list").iter().filter(|one| one["kind"] == kind).count();
    // The note itself, and what the history says of it.
    assert_eq!((of("email"), of("phone"), of("internal_note")), (31, 31, 2));
    let receivers = json_of(&files, "recipients.json");
    let names: Vec<&str> =
        receivers.as_array().expect("a list").iter().filter_map(|one| one["name"].as_str()).collect();
    assert_eq!(names, ["Customers", "everybody.csv"]);
    assert!(receivers[0]["fields"].as_array().expect("fields").contains(&json!("email")));
    assert!(receivers[0]["first_sent"].is_string() && receivers[0]["certain"] == true, "{receivers}");
    let card = json_of(&files, "data/contact.json");
    let company = &card["cards"][0]["fields"]["company"];
    assert_eq!((&company["value"], &company["class"]), (&json!("Solvento SA"), &json!("provided")));
    assert!(company["first_seen"].as_str() < company["last_changed"].as_str(), "{company}");
    // Files of both cards, and the picture.
    assert_eq!(files.keys().filter(|path| path.starts_with("attachments/")).count(), 3);
    // What she said herself she takes along, and nothing that was concluded.
    let taken: String = ["contact.jcard.json", "contact.vcf", "contact.csv"]
        .map(|name| String::from_utf8_lossy(&files[&format!("portability/{name}")]).into_owned())
        .concat();
    assert!(taken.contains("Ana Ruiz") && !taken.contains("vip") && !taken.contains("customer"), "{taken}");
}

#[test]
fn a_person_keeps_what_was_released_and_staff_has_no_name() {
    let story = story();
    let core = &story.ws.core;
    let plain = request(core, ANA);
    let seen = bundle::preview(core, &plain).expect("a preview");
    let bo = seen.people.iter().find(|one| one.name == "Bo Lindström").expect("he is met");
    assert!(bo.is_sure && bo.decision.is_none() && bo.found.values().sum::<u32>() >= 93, "{bo:?}");
    let [(note, text)] = &seen.internal_notes[..] else { panic!("{:?}", seen.internal_notes) };
    assert_eq!(text, INTERNAL);
    let released = Request {
        decisions: BTreeMap::from([(bo.key.clone(), Decision::Keep)]),
        internal_notes: [note.clone()].into(),
        ..plain.clone()
    };
    let out = story.ws.files.join("released.zip");
    let built = build(core, &released, &out);
    assert_eq!(built.masked, 0);
    let opened = files(&out);
    assert!(!holds_text(&opened, "bo@lind.example").is_empty() && !holds_text(&opened, INTERNAL).is_empty());
    assert_eq!(holds_text(&opened, "tester"), Vec::<String>::new());
    let named = Request { staff_names: true, language: Language::Spanish, ..plain };
    build(core, &named, &out);
    let opened = files(&out);
    assert!(!holds_text(&opened, "tester").is_empty());
    assert!(!holds_text(&opened, "[tercera persona 1]").is_empty());
    assert!(String::from_utf8_lossy(&opened["START-HERE.html"]).contains("<html lang=\"es\">"));
}

#[test]
fn a_conversation_that_was_removed_names_nobody_of_the_team_either() {
    let ws = Workspace::default();
    let core = &ws.core;
    let ana = card(core, Contact { emails: vec![Item::new(ANA, ANA)], ..named("Ana Ruiz") });
    let message = |role, author: &str, text: &str| Message {
        role,
        author: author.into(),
        text: text.into(),
        at: Millis(1_000),
        ..Message::default()
    };
    let messages =
        vec![message(Role::Contact, "Anita", "Where is it?"), message(Role::Staff, "Carla Deskmarker", "It is sent.")];
    let chat = Incoming { about: Conversation { platform: "widget".into(), ..Conversation::default() }, messages };
    let id = conversations::add(core, Some(&ana), &chat, &who()).expect("a chat").0;
    parts::remove::<Conversation>(core, &id, &who()).expect("removed");
    let out = ws.files.join("ana.zip");
    build(core, &request(core, ANA), &out);
    let opened = files(&out);
    assert_eq!(holds_text(&opened, "Carla Deskmarker"), Vec::<String>::new());
    for shown in ["It is sent.", "[staff 2]", "Anita"] {
        assert!(!holds_text(&opened, shown).is_empty(), "{shown}");
    }
}

#[test]
fn a_removed_card_that_an_erasure_would_take_stands_in_the_answer() {
    let ws = Workspace::default();
    let core = &ws.core;
    let ana = |name: &str| Contact { emails: vec![Item::new(ANA, ANA)], ..named(name) };
    let old = card(core, Contact { company: "Oldco-marker".into(), ..ana("Ana R.") });
    contact::bin(core, &contact::rows(core, &[old]).expect("a row"), &who()).expect("binned");
    bin::empty(core, &who(), &Unwatched).expect("emptied");
    let now = card(core, ana("Ana Ruiz"));
    // Only the card that is here was named.
    let cards = contact::rows(core, &[now]).expect("a row");
    let out = ws.files.join("ana.zip");
    build(core, &Request { identifier: ANA.into(), cards, ..Request::default() }, &out);
    assert!(!holds_text(&files(&out), "Oldco-marker").is_empty());
    assert!(verify(&out).holds());
}

#[test]
fn an_answer_and_a_receipt_call_the_same_person_the_same() {
    let ws = Workspace::default();
    let core = &ws.core;
    let ana = card(core, Contact { emails: vec![Item::new(ANA, ANA)], ..named("Ana Ruiz") });
    let out = ws.files.join("ana.zip");
    build(core, &request(core, ANA), &out);
    let called = verify(&out).manifest.expect("readable").subject_pseudonym;
    let ids = [ContactId::parse(&ana).expect("an id")];
    let receipt = erasure::erase(core, &ids, Reason::Request(None), &who(), &Unwatched).expect("erased");
    assert_eq!(receipt.facts.subject, called);
}

#[test]
fn a_secret_is_told_of_and_its_value_is_not() {
    const VALUE: &str = "marker-of-a-secret-55e1";
    let temp = tempfile::tempdir().expect("a folder");
    let protection = Protection::Passphrase("correct horse battery".to_owned().into());
    let (core, _) = Core::create(&temp.path().join("ws"), &protection, environment()).expect("made");
    let ana = card(&core, Contact { emails: vec![Item::new(ANA, ANA)], ..named("Ana") });
    secrets::add(&core, &ana, "Shop API", "token", &SecretText::new(VALUE.into()), &who()).expect("sealed");
    let out = temp.path().join("ana.zip");
    build(&core, &request(&core, ANA), &out);
    let opened = files(&out);
    assert!(!holds_text(&opened, "Shop API").is_empty());
    assert_eq!(holds_text(&opened, VALUE), Vec::<String>::new());
    let manifest = verify(&out).manifest.expect("readable");
    let line = manifest.completeness.iter().find(|line| line.table == "sealed").expect("accounted for");
    assert_eq!((line.rows_of_subject, line.rows_withheld, line.reason.as_str()), (1, 1, "security"));
}

#[test]
fn a_card_that_is_gone_is_found_in_the_history_and_answered_from_it() {
    let ws = Workspace::default();
    let core = &ws.core;
    let ana = card(core, Contact { emails: vec![Item::new(ANA, ANA)], ..named("Ana Ruiz") });
    parts::add(core, &ana, &Note { text: "likes tea".into(), ..Note::default() }, &who()).expect("a note");
    let row = contact::find(core, &ana).expect("she").row;
    contact::bin(core, &[row], &who()).expect("binned");
    bin::empty(core, &who(), &Unwatched).expect("emptied");
    let [found] = &subject::find(core, ANA).expect("looked up")[..] else { panic!("one card") };
    assert!(found.is_sure && found.is_gone && found.id == ana);
    let out = ws.files.join("ana.zip");
    build(core, &request(core, ANA), &out);
    let opened = files(&out);
    assert!(!holds_text(&opened, "likes tea").is_empty(), "what the log still has is told");
    assert!(verify(&out).holds());
}

#[test]
fn whoever_only_shares_something_is_not_taken_for_the_person() {
    let ws = Workspace::default();
    let core = &ws.core;
    let phone = || vec![Item::new("+34 612 408 177", "+34612408177")];
    card(core, Contact { emails: vec![Item::new(ANA, ANA)], phones: phone(), ..named("Ana Ruiz") });
    card(core, Contact { phones: phone(), ..named("Eva Sol") });
    let found = subject::find(core, " ANA@solvento.example ").expect("looked up");
    let said: Vec<(&str, bool)> = found.iter().map(|one| (one.name.as_str(), one.is_sure)).collect();
    assert_eq!(said, [("Ana Ruiz", true), ("Eva Sol", false)]);
    assert_eq!(subject::rows(core, ANA, &[]).expect("rows").len(), 1);
    assert!(subject::rows(core, "+34 612 408 177", &[]).expect("rows").is_empty(), "a number that two have");
    let found = subject::find(core, "+34 612 408 177").expect("looked up");
    assert!(found.len() == 2 && found.iter().all(|one| !one.is_sure), "{found:?}");
    let eva = [found[1].id.clone()];
    assert_eq!(subject::rows(core, "+34 612 408 177", &eva).expect("rows"), [found[1].row], "whoever was chosen");
    assert!(subject::rows(core, "Ana Ruiz", &[]).expect("rows").is_empty(), "a name decides nothing");
    assert_eq!(subject::find(core, "ana ru").expect("looked up").len(), 1);
}

#[test]
fn nobody_gets_an_answer_too_that_says_so() {
    let ws = Workspace::default();
    card(&ws.core, named("Bo"));
    let out = ws.files.join("nobody.zip");
    let built = build(&ws.core, &request(&ws.core, "nobody@x.example"), &out);
    assert_eq!(built.rows, (0, 0));
    assert!(verify(&out).holds());
    let page = String::from_utf8(files(&out)["START-HERE.html"].clone()).expect("text");
    assert!(page.contains("No personal data are kept about you under what you told: nobody@x.example"), "{page}");
}

#[test]
fn texts_that_the_law_asks_for_are_said_or_nothing_is_built() {
    let ws = Workspace::default();
    card(&ws.core, Contact { emails: vec![Item::new(ANA, ANA)], ..named("Ana") });
    let out = ws.files.join("ana.zip");
    assert!(build(&ws.core, &request(&ws.core, ANA), &out).is_unreviewed, "general words are said to be general");
    let mut own = Controller { name: "Solvento SA".into(), ..Controller::default() };
    processing::set_controller(&ws.core, &own, &who()).expect("begun");
    let refused = bundle::build(&ws.core, &request(&ws.core, ANA), &out, None, &who(), &Unwatched);
    assert_eq!(refused.expect_err("half of it").code, Code::Refused);
    own.address = "Bilbao".into();
    own.authority = "AEPD, Madrid".into();
    processing::set_controller(&ws.core, &own, &who()).expect("kept");
    let purpose = purposes::find(&ws.core, "contact").expect("it is there from the beginning");
    let (description, kept_for) = ("Orders".into(), "six years".into());
    let purpose =
        Purpose { description, kept_for, subjects: "customers".into(), data: "name, email".into(), ..purpose };
    purposes::put(&ws.core, &purpose, &who()).expect("said");
    assert!(!build(&ws.core, &request(&ws.core, ANA), &out).is_unreviewed);
    let told = json_of(&files(&out), "information.json");
    assert_eq!((&told["controller"], &told["complaint"]), (&json!("Solvento SA\nBilbao"), &json!("AEPD, Madrid")));
    assert_eq!(told["purposes"], "Contact data: Orders (6(1)(a))");
    assert_eq!(told["retention"], "Contact data: six years");
    let last = audit::latest(&ws.core, None, 1).expect("a log").remove(0);
    assert_eq!((last.event.as_str(), &last.facts["files"].is_u64()), ("dsar_built", &true));
}

#[test]
fn the_register_says_which_file_was_the_answer() {
    let ws = Workspace::default();
    let core = &ws.core;
    card(core, Contact { emails: vec![Item::new(ANA, ANA)], ..named("Ana") });
    let asks = |right| {
        let request = cardfile_domain::request::Request { right, subject: ANA.into(), ..Default::default() };
        requests::add(core, &request, &who()).expect("written down")
    };
    let (id, other) = (asks(Right::Access), asks(Right::Erasure));
    let step = |step| {
        let details = Details { how: "signed in".into(), ..Details::default() };
        requests::step(core, &id, step, &details, &who()).expect("it may be done").request
    };
    step(Step::ProveIdentity);
    step(Step::Approve);
    let out = ws.files.join("ana.zip");
    let answer = |reference: &str| build(core, &Request { reference: reference.into(), ..request(core, ANA) }, &out);
    let built = answer(&id);
    let outcome = |id: &str| requests::find(core, id).expect("it").request.outcome;
    assert_eq!(outcome(&id), built.sha256);
    let trail = requests::trail(core, &id).expect("a trail");
    let last = trail.last().expect("an entry");
    assert_eq!((last.event.as_str(), &last.facts["sha256"]), ("dsar_built", &json!(built.sha256)));
    assert_eq!(answer(&id).sha256, built.sha256, "that it was built is no part of the answer");
    assert_eq!(step(Step::Finish).outcome, built.sha256, "who closes it need not know it");
    assert_ne!(answer(&id).sha256, built.sha256, "it says now that the request was done");
    assert_eq!(outcome(&id), built.sha256, "what was answered is answered");
    answer(&other);
    assert_eq!(outcome(&other), "", "a file is not what an erasure asks for");
}

#[test]
fn an_answer_says_where_those_are_who_got_data_what_was_agreed_to_and_what_was_asked_before() {
    let story = story();
    let core = &story.ws.core;
    let place = Location { country: "Iceland".into(), safeguard: String::new() };
    processing::set_location(core, "Customers", &place, &who()).expect("kept");
    remotes::set(core, "Customers", &who(), |settings| {
        if let Some(rule) = settings.mapping.0.get_mut("email") {
            rule.purpose = Some("contact".into());
        }
    })
    .expect("a field map");
    let out = story.ws.files.join("ana.zip");
    build(core, &request(core, ANA), &out);
    let files = files(&out);
    let receivers = json_of(&files, "recipients.json");
    assert_eq!((&receivers[0]["country"], &receivers[0]["basis"]), (&json!("Iceland"), &json!("6(1)(a)")));
    let card = json_of(&files, "data/contact.json");
    assert_eq!(card["cards"][0]["fields"]["company"]["purpose"], json!(["contact"]));
    let said = json_of(&files, "data/consents.json");
    assert_eq!(said.as_array().map(Vec::len), Some(1), "the ledger, and not its mirror as well");
    let told = ["purpose", "given", "proof", "author"].map(|key| said[0][key].clone());
    assert_eq!(told, [json!("contact"), json!(true), json!("form 17"), json!("[staff 1]")]);
    let asked = json_of(&files, "data/requests.json");
    let told = [("kept_in", 0_usize), ("reason", 0), ("kept_in", 1), ("subject", 1), ("demand", 1)];
    let told = told.map(|(key, row)| asked[row][key].clone());
    assert_eq!(told, ["restriction", "no letters", "request", ANA, "access"].map(Value::from));
}

#[test]
fn a_file_on_another_card_too_stays_until_somebody_releases_it() {
    let ws = Workspace::default();
    let core = &ws.core;
    let ana = card(core, Contact { emails: vec![Item::new(ANA, ANA)], ..named("Ana Ruiz") });
    let bo = card(core, named("Bo Ek"));
    let space = spaces::create(core, &ana, "Contract", &who()).expect("a space").0;
    spaces::add_files(core, &space, &[ws.file("both.pdf", "marker-both")], &who()).expect("a file");
    spaces::place(core, &space, &bo, &who()).expect("placed");
    let out = ws.files.join("ana.zip");
    build(core, &request(core, ANA), &out);
    assert_eq!(holds_text(&files(&out), "marker-both"), Vec::<String>::new());
    let [(file, name)] = &bundle::preview(core, &request(core, ANA)).expect("a preview").shared_files[..] else {
        panic!("one file")
    };
    assert_eq!(name, "both.pdf");
    let released = Request { shared_files: [file.clone()].into(), ..request(core, ANA) };
    build(core, &released, &out);
    assert_eq!(holds_text(&files(&out), "marker-both").len(), 1);
}
