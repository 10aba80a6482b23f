//! An erasure that stays (A-13): by whatever way somebody comes who was erased, they are turned
//! away, and that is seen; until they want to be here again.

use crate::{
    identity::{card, link, named},
    privacy_people::{Made, Needles, PASSPHRASE, Place, make},
    remote_cli::cardfile,
};
use cardfile_core::{
    Code, Core, Secret, SecretText, bin,
    cells::{self, Range},
    combine::{self, Wish},
    commands::dispatch,
    contact,
    export::{self, ExportFormat, ExportRequest},
    formats::minisign::PublicKey,
    history,
    import::{self, ImportRequest},
    ingest, mail, parts,
    privacy::{
        audit,
        erasure::{self, Reason, Receipt, delivery, suppression},
        requests::{self, Details},
        restriction, signing, subject,
    },
    progress::Unwatched,
    session::{ProtectBy, Session},
    spaces,
    sync::{
        check,
        directions::Direction,
        remotes::{self, NewRemote, Settings},
        running::{self, Report},
    },
    view::{self, ViewRequest},
};
use cardfile_domain::{
    Contact, ContactId, Item,
    part::{Memory, Note},
    request::{Ground, Request, Right, Step},
    restriction::{Restriction, Sort},
};
use cardfile_sync::run::End;
use cardfile_testkit::{Workspace, environment, fake_remote::FakeRemote, hash_of, who};
use rstest::rstest;
use serde_json::{Value, json};
use std::{
    collections::{BTreeSet, HashMap},
    path::Path,
};

const BOOK: &str = "Customers";

/// An address book that is kept in step with the workspace.
pub(crate) fn connect(core: &Core) -> FakeRemote {
    let fake = FakeRemote::start();
    for n in 0..40 {
        fake.put(&format!("{n}.vcf"), &record(&format!("u-{n}"), &format!("Person {n}"), &format!("p{n}@x.example")));
    }
    let new = NewRemote {
        name: BOOK.into(),
        kind: "carddav".into(),
        url: fake.url(),
        user: String::new(),
        password: SecretText::new(String::new()),
        place: String::new(),
    };
    remotes::add(core, new, &who()).expect("a connection");
    let approve = |settings: &mut Settings| {
        for rule in settings.mapping.0.values_mut() {
            rule.approved = rule.direction != Direction::Pull;
        }
    };
    remotes::set(core, BOOK, &who(), approve).expect("a field map");
    let looked_at = check::check(core, BOOK, &Unwatched).expect("a check");
    check::enable(core, BOOK, &looked_at, "", &who()).expect("the review says yes");
    sync(core);
    fake
}

pub(crate) fn record(uid: &str, name: &str, email: &str) -> String {
    format!("BEGIN:VCARD\r\nVERSION:3.0\r\nUID:{uid}\r\nFN:{name}\r\nN:;{name};;;\r\nEMAIL:{email}\r\nEND:VCARD\r\n")
}

pub(crate) fn sync(core: &Core) -> Report {
    let report = running::run(core, BOOK, false, &who(), &Unwatched).expect("a run");
    assert_eq!(report.end, End::Done);
    assert!(report.questions.is_empty(), "{:?}", report.questions);
    report
}

/// The record of somebody, with its name in the address book.
fn record_of(fake: &FakeRemote, made: &Made) -> Option<(String, String)> {
    fake.state().cards.into_iter().find(|(_, card)| card.contains(&made.email))
}

/// Where each recipient stands.
fn told(receipt: &Receipt) -> Vec<(&str, &'static str)> {
    receipt.recipients.iter().map(|one| (one.name.as_str(), one.state)).collect()
}

fn receipt(core: &Core, id: &str) -> Receipt {
    erasure::receipt(core, id).expect("a receipt")
}

fn with_email(email: &str) -> Contact {
    Contact { emails: vec![Item::new(email, "")], ..named("Somebody") }
}

#[test]
fn who_was_erased_is_turned_away_on_every_way_in_until_they_want_to_be_here_again() {
    let place = Place::new(true);
    let core = &place.core;
    let fake = connect(core);
    let made = make(core, &place.files, 1, None);
    let mut needles = Needles::default();
    needles.add(0, &made);
    sync(core);
    let (name, theirs) = record_of(&fake, &made).expect("the address book has them");
    core.store().empty_journal(&|| true).expect("nobody is in the way");
    assert!(needles.find_below(&place.dir).len() * 10 > needles.len() * 9, "the look finds what is there");

    // Erased here at once; the address book is told, and two letters are to be written.
    let first = place.erase(&made, &Unwatched);
    let id = first.erasure.as_str();
    assert_eq!(first.state, "local_done");
    assert_eq!(told(&first), [(BOOK, "queued"), ("crm", "manual"), ("crm", "manual")]);
    assert!(!place.is_here(&made) && record_of(&fake, &made).is_some());
    assert_eq!(delivery::deliver(core).expect("told"), 1);
    assert!(record_of(&fake, &made).is_none());
    let then = receipt(core, id);
    assert_eq!((then.state, told(&then)[0]), ("propagating", (BOOK, "acked")));
    assert_eq!(delivery::deliver(core).expect("not due"), 0, "it is looked at again after a day");
    place.clock.pass_days(1);
    assert_eq!(delivery::deliver(core).expect("looked"), 1);
    let then = receipt(core, id);
    assert_eq!((then.state, told(&then)[0]), ("done_with_exceptions", (BOOK, "confirmed")));
    for letter in then.recipients.iter().filter(|one| one.name == "crm") {
        delivery::told(core, &letter.delivery, &who()).expect("a letter was written");
    }
    assert_eq!(receipt(core, id).state, "done");
    assert_eq!(needles.find_below(&place.dir), HashMap::new());

    // Somebody's backup puts the record back: it goes again. One that only has their email
    // may be somebody else's: it stays there, and does not come here.
    fake.put(&name, &theirs);
    fake.put("else.vcf", &record("else-1", "Somebody", &made.email));
    let mut suppressed = 0;
    for _ in 0..3 {
        suppressed += sync(core).counts.suppressed;
    }
    assert!(suppressed >= 2, "{suppressed}");
    assert_eq!(record_of(&fake, &made).map(|(name, _)| name).as_deref(), Some("else.vcf"));
    assert_eq!(fake.card(&name), None);

    let old = format!("Name,Email,Phone\n{},{},\nCy,cy@x.example,\nDi,,{}\n", made.name, made.email, made.phone);
    let report = import::run(core, &ImportRequest::of(place.file("old.csv", &old)), &who(), &Unwatched);
    let counts = report.expect("an import").counts;
    assert_eq!((counts.records, counts.created, counts.suppressed), (3, 1, 2));

    let refused = contact::create(core, with_email(&made.email.to_uppercase()), &who()).expect_err("turned away");
    assert_eq!(refused.code, Code::Refused);
    assert!(!refused.message.to_string().contains(&made.email), "{}", refused.message);
    let cy = contact::find(core, "cy@x.example").expect("he").contact.id;
    let emails = json!([{ "value": made.email }]);
    let refused = contact::edit(core, &cy, "email", emails, &who()).expect_err("not by an edit either");
    assert_eq!(refused.code, Code::Refused);

    let lead = format!(r#"{{"kind":"lead","source":"widget","name":"X","phone":"{}"}}"#, made.phone);
    let (report, _) = ingest::file(core, &place.file("lead.json", &lead), &who()).expect("a file");
    assert_eq!((report.records, report.suppressed, report.created), (1, 1, 0));
    let letter = format!("From: X <{}>\r\nDate: Mon, 2 Mar 2026 10:00:00 +0000\r\n\r\nHello\r\n", made.email);
    let proposed = mail::propose(core, &place.file("one.eml", &letter), &Unwatched).expect("proposals");
    assert_eq!((proposed.senders.len(), proposed.suppressed), (0, 1));

    // Each of these is seen, and none left a word.
    assert!(receipt(core, id).returns >= 6, "{}", receipt(core, id).returns);
    assert!(!place.is_here(&made));
    assert_eq!(needles.find_below(&place.dir), HashMap::new());

    // They want to come back.
    assert_eq!(suppression::find(core, &made.email).expect("kept away"), [id]);
    assert!(suppression::lift(core, id, &who()).expect("lifted") > 3);
    assert!(receipt(core, id).lifted_at.is_some());
    assert!(suppression::find(core, &made.email).expect("nobody").is_empty());
    sync(core);
    assert_eq!(contact::find(core, &made.email).expect("from the address book").contact.name, "Somebody");
    contact::create(core, with_email(&made.email), &who()).expect("and by hand");
}

#[test]
fn a_receipt_names_the_exports_with_the_person_in_them_and_what_restores_put_aside() {
    let ws = Workspace::default();
    let core = &ws.core;
    let (ana, bo) = (card(core, named("Ana")), card(core, named("Bo")));
    let export = |name: &str, of: Option<&String>| {
        let rows = of.map(|id| contact::rows(core, std::slice::from_ref(id)).expect("a row"));
        let request = ExportRequest { rows, ..ExportRequest::all(ws.files.join(name), ExportFormat::Vcard) };
        export::run(core, &request, &who(), &Unwatched).expect("a file").sha256
    };
    let hers = export("ana.vcf", Some(&ana));
    export("bo.vcf", Some(&bo));
    let everybody = export("all.vcf", None);
    let aside = ws.dir.join("kept").join("2026-11-20T090000Z");
    std::fs::create_dir_all(&aside).expect("as a restore leaves it");
    let backup = ws.dir.join("backups").join("one.cardfile-backup");
    core.backup(&backup).expect("a backup");
    let ids = [ContactId::parse(&ana).expect("an id")];
    let facts = erasure::erase(core, &ids, Reason::Request(None), &who(), &Unwatched).expect("erased").facts;
    assert_eq!(facts.exports.iter().map(|one| &one.sha256).collect::<Vec<_>>(), [&hers, &everybody]);
    assert_eq!(facts.backups, ["one.cardfile-backup"]);
    assert_eq!((&facts.put_aside[..], facts.is_backing_up), (&["2026-11-20T090000Z".to_owned()][..], false));
}

#[test]
fn a_backup_from_before_brings_nobody_back_where_it_is_known_who_was_erased() {
    let place = Place::new(false);
    let made = make(&place.core, &place.files, 1, None);
    let bo = card(&place.core, named("Bo Lund"));
    let backup = place.dir.join("backups").join("yesterday.cardfile-backup");
    place.core.backup(&backup).expect("a backup");
    let elsewhere = place.files.join("yesterday.cardfile-backup");
    std::fs::copy(&backup, &elsewhere).expect("copied");
    let first = place.erase(&made, &Unwatched);
    assert_eq!(first.facts.backups, ["yesterday.cardfile-backup"], "the receipt names what still has them");

    let proof = Secret::Passphrase(PASSPHRASE.to_owned().into());
    let restore =
        |file: &Path, into: &Path| Core::restore(file, into, Some(&proof), environment()).expect("restored").0;
    let restored = restore(&backup, &place.files.join("here"));
    contact::find(&restored, &made.email).expect_err("erased again before anybody saw them");
    contact::find(&restored, &bo).expect("he was never erased");
    let again = &erasure::list(&restored, 10).expect("receipts")[0];
    assert_eq!((again.facts.reason.as_str(), again.facts.cards), ("replay", 1));
    assert!(again.facts.verification.as_ref().is_some_and(erasure::receipt::Verification::holds), "{}", again.text());
    let refused = contact::create(&restored, with_email(&made.email), &who()).expect_err("still kept away");
    assert_eq!(refused.code, Code::Refused);

    // The same backup where nobody can know: so it is worth something that it was known.
    let unaware = restore(&elsewhere, &place.files.join("unaware"));
    contact::find(&unaware, &made.email).expect("they are back");
    assert_eq!(erasure::replay_from(&unaware, &place.dir).expect("told"), 1);
    contact::find(&unaware, &made.email).expect_err("erased again");
    assert_eq!(erasure::replay_from(&unaware, &place.dir).expect("told"), 0, "once is enough");

    // Whoever may come back comes anew: what was erased stays so.
    suppression::lift(&place.core, &first.erasure, &who()).expect("lifted");
    let later = restore(&backup, &place.files.join("later"));
    contact::find(&later, &made.email).expect_err("that card was erased");
    contact::create(&later, with_email(&made.email), &who()).expect("they may be here");
}

#[test]
fn a_card_under_legal_hold_is_not_erased() {
    let ws = Workspace::default();
    let id = card(&ws.core, Contact { emails: vec![Item::new("ana@x.example", "ana@x.example")], ..named("Ana") });
    let ids = [ContactId::parse(&id).expect("an id")];
    let row = contact::find(&ws.core, &id).expect("she").row;
    let hold = |reason: &str| Restriction { sort: Sort::Held, reason: reason.into(), ..Restriction::default() };
    restriction::put(&ws.core, &[row], &hold(" "), &who()).expect_err("a hold says why");
    restriction::put(&ws.core, &[row], &hold("Lawsuit 17"), &who()).expect("held");
    let before = ws.hash();
    let held = erasure::preview(&ws.core, &ids).expect("a preview").held.expect("it says so");
    assert_eq!((held.reason.as_str(), held.author.as_str()), ("Lawsuit 17", "tester"));
    let refused = erasure::erase(&ws.core, &ids, Reason::Request(None), &who(), &Unwatched).expect_err("held");
    assert_eq!(refused.code, Code::Refused);
    assert!(refused.message.to_string().contains("Lawsuit 17"), "{}", refused.message);
    assert_eq!((ws.hash(), erasure::list(&ws.core, 10).expect("receipts").len()), (before, 0));
    // Nor does the bin let them go.
    contact::bin(&ws.core, &[row], &who()).expect("binned");
    assert_eq!(bin::empty(&ws.core, &who(), &Unwatched).expect("emptied").0, 0);
    ws.clock.pass_days(40);
    assert_eq!(bin::expire(&ws.core).expect("looked"), 0);
    assert!(restriction::lift(&ws.core, &held.id, "it was settled", &who()).expect("lifted").0);
    let request = asks(&ws.core, Right::Erasure, "ana@x.example");
    approve(&ws.core, &request);
    let done = erasure::erase(&ws.core, &ids, Reason::Request(Some(request.clone())), &who(), &Unwatched);
    assert_eq!(done.expect("erased").facts.request, Some(request));
}

/// Writes down what somebody asks for.
fn asks(core: &Core, right: Right, subject: &str) -> String {
    let request = Request { right, subject: subject.into(), name: "Ana Ruizmarker".into(), ..Request::default() };
    requests::add(core, &request, &who()).expect("written down")
}

fn step(core: &Core, request: &str, step: Step) {
    let ground = (step == Step::Refuse).then_some(Ground::LegalObligation);
    let details = Details { how: "signed in".into(), ground, ..Details::default() };
    requests::step(core, request, step, &details, &who()).expect("it may be done");
}

fn approve(core: &Core, request: &str) {
    step(core, request, Step::ProveIdentity);
    step(core, request, Step::Approve);
}

#[test]
fn nobody_is_erased_for_a_request_that_was_not_approved_or_asks_for_something_else() {
    let temp = tempfile::tempdir().expect("a folder");
    let session = Session::new(temp.path().join("ws"), Some(temp.path().to_owned()), environment(), |_| {});
    session.create(ProtectBy::Nothing).expect("made");
    let core = session.core().expect("open");
    let emails = vec![Item::new("ana@x.example", "ana@x.example")];
    let ana = card(&core, Contact { emails, ..named("Ana") });
    let run = |request: &str| {
        dispatch(&session, "erasure_run", json!({ "ids": [ana], "confirm": "Ana", "request": request }))
    };
    let refused = |request: &str, code: Code| {
        let before = hash_of(&core);
        assert_eq!(run(request).expect_err("not for this").code, code, "{request}");
        assert_eq!((hash_of(&core), erasure::list(&core, 10).expect("receipts").len()), (before, 0));
    };
    let request = asks(&core, Right::Erasure, "ana@x.example");
    refused(&request, Code::Refused);
    step(&core, &request, Step::ProveIdentity);
    refused(&request, Code::Refused);
    refused("req_nothing", Code::NotFound);
    let (access, no) = (asks(&core, Right::Access, "ana@x.example"), asks(&core, Right::Erasure, "ana@x.example"));
    approve(&core, &access);
    refused(&access, Code::Refused);
    step(&core, &no, Step::Refuse);
    refused(&no, Code::Refused);
    step(&core, &request, Step::Approve);
    // An approval is for the cards that were looked at, and for nobody else's.
    let bo = card(&core, named("Bo"));
    for ids in [vec![&bo], vec![&ana, &bo]] {
        let wrong = json!({ "ids": ids, "confirm": "Bo", "request": request });
        assert_eq!(dispatch(&session, "erasure_run", wrong).expect_err("not he").code, Code::Refused);
    }
    assert!(contact::find(&core, &bo).is_ok() && erasure::list(&core, 10).expect("receipts").is_empty());
    let detail = || dispatch(&session, "request_get", json!({ "id": request })).expect("it");
    assert_eq!(detail()["erasure"], Value::Null);
    let receipt = run(&request).expect("erased");
    assert_eq!(receipt["facts"]["request"], request.as_str());
    // The register knows what came of it, whoever closes it.
    assert_eq!((&detail()["erasure"], &detail()["request"]["outcome"]), (&receipt["erasure"], &receipt["erasure"]));
    step(&core, &request, Step::Finish);
    assert_eq!(detail()["request"]["outcome"], receipt["erasure"]);
}

#[test]
fn the_register_forgets_who_asked_and_the_audit_log_never_knew() {
    let ws = Workspace::default();
    let core = &ws.core;
    let phones = vec![Item::new("612 408 177", "+34612408177")];
    let emails = vec![Item::new("ana@x.example", "ana@x.example")];
    let id = card(core, Contact { emails, phones, ..named("Ana Ruizmarker") });
    let asks = |subject: &str, note: &str| {
        let (right, note) = (Right::Erasure, note.to_owned());
        let (name, reply_to) = ("Ana Ruizmarker".to_owned(), "ana@x.example".to_owned());
        let request = Request { right, subject: subject.into(), name, reply_to, note, ..Request::default() };
        requests::add(core, &request, &who()).expect("written down")
    };
    let own = ["Ana@X.example", "+34 612 408 177", &id].map(|subject| asks(subject, ""));
    // By something that is not on her card: only the erasure knows that it was hers.
    let by_letter = asks("customer 4711", "");
    step(core, &by_letter, Step::ProveIdentity);
    let meant = Details { cards: Some(vec![contact::find(core, &id).expect("she").row]), ..Details::default() };
    requests::step(core, &by_letter, Step::Approve, &meant, &who()).expect("approved");
    let other = asks("bo@x.example", "has the same name");
    let ids = [ContactId::parse(&id).expect("an id")];
    let rows = erasure::preview(core, &ids).expect("a preview").rows;
    assert_eq!(rows["request"], 3);
    let reason = Reason::Request(Some(by_letter.clone()));
    let done = erasure::erase(core, &ids, reason, &who(), &Unwatched).expect("erased");
    let kept = requests::find(core, &by_letter).expect("it").request;
    assert_eq!((kept.subject.as_str(), kept.name.as_str()), ("", "Ana Ruizmarker"), "she is still to be told");
    let raw = |id: &str| core.store().read(|r| Ok((r.requests().get(id)?, r.requests().draft(id)?))).expect("readable");
    let (in_table, sealed) = raw(&by_letter);
    assert_eq!(in_table.expect("it").name, "");
    assert!(sealed.is_some_and(|sealed| !sealed.contains("Ruizmarker")), "and in the file it is sealed");
    step(core, &by_letter, Step::Finish);
    assert_eq!(raw(&by_letter).1, None);
    for id in own.iter().chain([&by_letter]) {
        let left = requests::find(core, id).expect("that there was a request stays").request;
        assert_eq!((left.subject.as_str(), left.name.as_str(), left.right), ("", "", Right::Erasure));
        assert!(left.received_at.0 > 0);
    }
    assert_eq!(requests::find(core, &other).expect("it").request.subject, "bo@x.example", "he waits for his answer");

    let trail = core.store().read(|r| r.audit_log().about(&done.erasure)).expect("readable");
    let events: Vec<&str> = trail.iter().map(|entry| entry.event.as_str()).collect();
    assert_eq!(events, ["erased", "erasure_verified", "erasure_ended"]);
    assert_eq!((&trail[0].facts["cards"], &trail[0].facts["request"]), (&json!(1), &json!(by_letter)));
    let told: String =
        audit::latest(core, None, 100).expect("a log").iter().map(|one| audit::line(one).to_string()).collect();
    assert!(!told.contains("marker") && !told.contains("x.example") && !told.contains(&id), "{told}");
    assert_eq!(audit::check(core).expect("checked").broken, None);
}

/// All that the log says.
fn log(core: &Core) -> String {
    let said = core.store().read(|r| {
        let last = r.changes().last()?;
        let bodies = (1..=last).map(|seq| Ok(r.changes().get(seq)?.map(|change| change.body).unwrap_or_default()));
        bodies.collect::<Result<String, _>>()
    });
    let operations = history::list(core, 1_000).expect("a history");
    let subjects: String = operations.into_iter().map(|operation| format!("{} ", operation.subject)).collect();
    said.expect("readable") + &subjects
}

#[test]
fn no_undo_and_no_redo_brings_anybody_back() {
    let ws = Workspace::default();
    let core = &ws.core;
    let file = ws.file("in.csv", "Name,Email\nAna Ruizmarker,ana@x.example\nBo Lund,bo@x.example\n");
    import::run(core, &ImportRequest::of(file), &who(), &Unwatched).expect("an import");
    let ana = contact::find(core, "ana@x.example").expect("she");
    let id = ana.contact.id.to_string();
    let other = card(core, Contact { nick: "Ruizmarker".into(), ..named("A. R.") });
    parts::add(core, &other, &Note { text: "a notemarker".into(), ..Note::default() }, &who()).expect("a note");
    let wish = Wish { survivor: id.clone(), other, take: BTreeSet::new() };
    combine::run(core, &wish, None, &who()).expect("one card");
    contact::edit(core, &ana.contact.id, "job_title", "editmarker".into(), &who()).expect("an edit");
    let memory = Memory { text: "a memorymarker".into(), ..Memory::default() };
    parts::add(core, &id, &memory, &who()).expect("a memory");
    history::undo(core, None, &who()).expect("undone");
    contact::bin(core, &[ana.row], &who()).expect("binned");
    bin::empty(core, &who(), &Unwatched).expect("emptied");
    history::undo(core, None, &who()).expect("she is back");
    assert!(log(core).matches("marker").count() > 6);

    erasure::erase(core, &[ana.contact.id], Reason::Request(None), &who(), &Unwatched).expect("erased");
    let nobody = |when: &str| {
        for contact in ws.contacts() {
            assert!(!format!("{contact:?}").contains("marker"), "{when}: {contact:?}");
        }
        assert!(core.store().read(|r| r.texts().find("marker", 10)).expect("found").is_empty(), "{when}");
        assert!(!log(core).contains("marker"), "{when}: {}", log(core));
    };
    nobody("erased");
    let operations = history::list(core, 100).expect("a history");
    assert!(operations.len() > 8);
    for operation in &operations {
        let _ = history::undo(core, Some(&operation.id), &who());
        nobody(&format!("undone {}", operation.kind));
    }
    assert!(contact::find(core, "bo@x.example").is_err(), "an undo of the import still takes others back");
    for operation in operations.iter().rev() {
        let _ = history::redo(core, Some(&operation.id), &who());
        nobody(&format!("done again {}", operation.kind));
    }
    contact::find(core, "bo@x.example").expect("and a redo brings them");
    core.store().verify().expect("a sound workspace");
}

#[test]
fn somebody_whom_only_the_history_knows_is_erased_as_well() {
    let temp = tempfile::tempdir().expect("a folder");
    let session = Session::new(temp.path().join("ws"), Some(temp.path().to_owned()), environment(), |_| {});
    session.create(ProtectBy::Nothing).expect("made");
    let core = session.core().expect("open");
    let links = vec![link("crm", "crm-771"), link("shop", "shop-1")];
    let emails = vec![Item::new("Ana.Marker@x.example", "ana.marker@x.example")];
    let ana = card(&core, Contact { links, emails, ..named("Ana Marker") });
    let note = Note { text: "a notemarker".into(), ..Note::default() };
    parts::add(&core, &ana, &note, &who()).expect("a note");
    let row = contact::find(&core, &ana).expect("she").row;
    contact::bin(&core, &[row], &who()).expect("binned");
    bin::empty(&core, &who(), &Unwatched).expect("emptied");
    // Her number at the shop is somebody else's by now.
    card(&core, Contact { links: vec![link("shop", "shop-1")], ..named("Bo") });
    assert!(log(&core).matches("marker").count() > 1);

    let [found] = &subject::find(&core, "ana.marker@x.example").expect("looked up")[..] else { panic!("one card") };
    assert!(found.is_gone && found.is_sure && found.id == ana);
    let would = dispatch(&session, "erasure_preview", json!({ "ids": [ana] })).expect("looked at");
    assert_eq!((&would["cards"], &would["removed_cards"]), (&json!([]), &json!(1)));
    let wrong = json!({ "ids": [ana], "confirm": "Bo", "request": null });
    dispatch(&session, "erasure_run", wrong).expect_err("that is not her");
    let done = json!({ "ids": [ana], "confirm": "Ana.Marker@x.example", "request": null });
    let receipt = dispatch(&session, "erasure_run", done).expect("erased");
    assert_eq!((&receipt["facts"]["cards"], &receipt["facts"]["removed_cards"]), (&json!(0), &json!(1)));
    assert_eq!(receipt["facts"]["verification"]["rows_left"], 0);
    let told = receipt["recipients"].as_array().expect("a list");
    assert_eq!((told.len(), &told[0]["name"], &told[0]["state"]), (1, &json!("crm"), &json!("manual")));
    assert!(!log(&core).contains("marker"), "{}", log(&core));
    assert!(subject::find(&core, "ana.marker@x.example").expect("looked up").is_empty());
    let refused = contact::create(&core, with_email("ana.marker@x.example"), &who()).expect_err("kept away");
    assert_eq!(refused.code, Code::Refused);
    contact::find(&core, "shop-1").expect("Bo lost nothing");
    dispatch(&session, "erasure_run", json!({ "ids": [ana], "confirm": "x", "request": null })).expect_err("gone");
}

#[test]
fn people_who_share_a_phone_or_a_space_lose_nothing() {
    let ws = Workspace::default();
    let core = &ws.core;
    let phones = || vec![Item::new("+34 612 408 177", "+34612408177")];
    let ana = card(core, Contact { phones: phones(), ..named("Ana Ruiz") });
    let emails = vec![Item::new("bo@x.example", "bo@x.example")];
    let bo = card(core, Contact { emails, phones: phones(), ..named("Bo Lund") });
    let space = spaces::create(core, &ana, "Offer", &who()).expect("a space").0;
    spaces::add_files(core, &space, &[ws.file("a.txt", "an offer")], &who()).expect("copied");
    spaces::place(core, &space, &bo, &who()).expect("placed");

    let ids = [ContactId::parse(&ana).expect("an id")];
    let done = erasure::erase(core, &ids, Reason::Request(None), &who(), &Unwatched).expect("erased");
    // The space is named: somebody has to look whether it says something of her.
    assert_eq!((done.state, &done.exceptions[..]), ("done_with_exceptions", &["shared_spaces"][..]));
    let bo = contact::find(core, &bo).expect("he stays");
    assert_eq!(bo.contact.phone(), "+34 612 408 177");
    let placed = spaces::of(core, &bo).expect("spaces");
    assert_eq!((placed[0].files.len(), placed[0].cards), (1, 1));
    spaces::save(core, &placed[0].files[0].id, &ws.files.join("out.txt")).expect("its bytes are here");
    // His phone is his: it may be written anew, and a file of his is taken.
    contact::edit(core, &bo.contact.id, "job_title", "Owner".into(), &who()).expect("an edit");
    let phone = json!([{ "value": "+34612408177" }]);
    contact::edit(core, &bo.contact.id, "phone", phone, &who()).expect("an edit");
    let file = ws.file("bo.csv", "name,email,phone,company\nBo Lund,bo@x.example,+34 612 408 177,Lund\n");
    let counts = import::run(core, &ImportRequest::of(file), &who(), &Unwatched).expect("an import").counts;
    assert_eq!((counts.updated, counts.suppressed), (1, 0));
    contact::create(core, Contact { phones: phones(), ..named("Cy") }, &who()).expect_err("a new card with it is not");
}

#[test]
fn whose_time_is_over_goes_without_being_kept_away() {
    let ws = Workspace::default();
    let file = ws.file("in.csv", "Name,Email\nAna,ana@x.example\nBo,bo@x.example\nCy,cy@x.example\n");
    import::run(&ws.core, &ImportRequest::of(&file), &who(), &Unwatched).expect("an import");
    let ids: Vec<ContactId> = ws.contacts().into_iter().map(|contact| contact.id).collect();
    let done = erasure::erase(&ws.core, &ids[..2], Reason::Retention, &who(), &Unwatched).expect("erased");
    assert_eq!((done.state, done.facts.cards, done.facts.suppressed.len()), ("done", 2, 0));
    assert_eq!(ws.count(), 1);
    let counts = import::run(&ws.core, &ImportRequest::of(file), &who(), &Unwatched).expect("an import").counts;
    assert_eq!((counts.created, counts.suppressed), (2, 0));
    erasure::erase(&ws.core, &[], Reason::Retention, &who(), &Unwatched).expect_err("nobody was named");
}

#[test]
fn what_is_pasted_into_cells_brings_nobody_back() {
    let ws = Workspace::default();
    let file = ws.file("in.csv", "Name,Email\nAna,ana@x.example\nBo,bo@x.example\n");
    import::run(&ws.core, &ImportRequest::of(file), &who(), &Unwatched).expect("an import");
    let ana = contact::find(&ws.core, "ana@x.example").expect("she").contact.id;
    erasure::erase(&ws.core, &[ana], Reason::Request(None), &who(), &Unwatched).expect("erased");
    let opened = view::open(&ws.core, &ViewRequest::default()).expect("a view");
    let cell = Range { view: opened.view, from: 0, to: 1, columns: vec!["email".into()] };
    let paste = |text| cells::paste(&ws.core, &cell, text, &who(), &Unwatched).expect("pasted").0;
    let pasted = paste("Ana@X.example");
    assert_eq!((pasted.changed, pasted.refused, pasted.first.len()), (0, 1, 1));
    assert_eq!(ws.contacts()[0].email(), "bo@x.example");
    assert_eq!(paste("bo.lund@x.example").changed, 1);
    assert_eq!(erasure::list(&ws.core, 1).expect("receipts")[0].returns, 1);
}

#[rstest]
#[case("Ana Ruiz", true)]
#[case("  ana RUIZ ", true)]
#[case("ANA@x.example", true)]
#[case("+34 612 408 177", true)]
#[case("Bo", false)]
#[case("", false)]
#[case("@x.example", false)]
fn who_confirms_types_by_what_the_person_is_known(#[case] typed: &str, #[case] is_confirmed: bool) {
    let ws = Workspace::default();
    let contact = Contact {
        emails: vec![Item::new("ana@x.example", "ana@x.example")],
        phones: vec![Item::new("612 408 177", "+34612408177")],
        ..named("Ana Ruiz")
    };
    let stored = contact::find(&ws.core, &card(&ws.core, contact)).expect("she");
    assert_eq!(erasure::is_confirmed(&[stored.contact], typed), is_confirmed);
}

#[test]
fn a_script_erases_reads_the_receipt_and_lets_somebody_come_back() {
    let temp = tempfile::tempdir().expect("a folder");
    let dir = temp.path().join("workspace");
    let file = temp.path().join("in.csv");
    std::fs::write(&file, "Name,Email\nAna Ruiz,ana@x.example\nBo Lund,bo@x.example\n").expect("a file");
    let file = file.to_string_lossy();
    assert_eq!(cardfile(&dir, &["init", "--unprotected"]).code, 0);
    assert_eq!(cardfile(&dir, &["import", &file]).code, 0);

    let subject = ["erase", "--subject", "Ana@X.example"];
    let with = |more: &[&'static str]| cardfile(&dir, &[&subject[..], more].concat());
    assert_eq!(with(&["--confirm", "bo@x.example"]).code, 2);
    let would = with(&["--dry-run", "--json"]);
    assert_eq!((would.code, would.only()["cards"].as_array().map(Vec::len)), (0, Some(1)));
    assert_eq!(cardfile(&dir, &["list"]).out.lines().count(), 2, "nothing was deleted so far");

    let done = with(&["--confirm", "Ana@X.example", "--json"]);
    let receipt = done.only();
    assert_eq!((done.code, &receipt["format"], &receipt["state"]), (0, &"cardfile-erasure/1".into(), &"done".into()));
    assert_eq!(receipt["facts"]["verification"]["rows_left"], 0);
    assert!(!done.out.to_lowercase().contains("ana@x"), "{}", done.out);
    assert_eq!(cardfile(&dir, &["list"]).out.lines().count(), 1);
    assert_eq!(with(&["--confirm", "Ana@X.example"]).code, 2, "nobody is there any more");

    let again = cardfile(&dir, &["import", &file, "--json"]).only();
    assert_eq!((&again["suppressed"], &again["created"]), (&1.into(), &0.into()));
    let listed = cardfile(&dir, &["erasure", "list", "--json"]).only();
    assert_eq!(listed["erasure"], receipt["erasure"]);
    assert!(listed["returns"].as_u64() > Some(0), "{listed}");
    let id = receipt["erasure"].as_str().expect("an id");
    let shown: Value = serde_json::from_str(&cardfile(&dir, &["erasure", "show", id]).out).expect("json");
    assert_eq!(shown["erasure"], receipt["erasure"]);
    let out = temp.path().join("receipt.json");
    let path = out.to_string_lossy();
    let saved = cardfile(&dir, &["erasure", "save", id, "--out", &path]);
    assert!(saved.code == 0 && saved.out.contains("receipt.json.sig"), "{}", saved.all);
    let key = cardfile(&dir, &["dsar", "key", "--json"]).only();
    let key = PublicKey::parse(key["key"].as_str().expect("a key")).expect("as minisign takes it");
    let (text, signature) = (std::fs::read(&out), std::fs::read_to_string(temp.path().join("receipt.json.sig")));
    key.verify(&text.expect("readable"), &signature.expect("readable")).expect("it holds");
    assert_eq!(cardfile(&dir, &["erasure", "save", id, "--out", &path]).code, 3, "it is there already");

    assert_eq!(cardfile(&dir, &["erasure", "lift", "ana@x.example"]).code, 0);
    assert_eq!(cardfile(&dir, &["erasure", "lift", "ana@x.example"]).code, 2, "nobody is kept away");
    assert_eq!(cardfile(&dir, &["import", &file, "--json"]).only()["created"], 1);
    let bo = cardfile(&dir, &["restriction", "put", "bo@x.example", "held", "Lawsuit"]);
    assert_eq!(bo.code, 0);
    let held = cardfile(&dir, &["erase", "--subject", "bo@x.example", "--confirm", "bo@x.example"]);
    assert_eq!(held.code, 3);
    // Who was thrown away before is found in the history.
    let thrown = temp.path().join("thrown.csv");
    std::fs::write(&thrown, "Name,Email\nCy Berg,cy@x.example\n").expect("a file");
    assert_eq!(cardfile(&dir, &["import", &thrown.to_string_lossy()]).code, 0);
    assert_eq!(cardfile(&dir, &["bulk", "--filter", "email:cy@x.example", "bin"]).code, 0);
    assert_eq!(cardfile(&dir, &["empty-bin"]).code, 0);
    let cy = cardfile(&dir, &["erase", "--subject", "cy@x.example", "--confirm", "cy@x.example", "--json"]);
    assert_eq!((cy.code, &cy.only()["facts"]["removed_cards"]), (0, &1.into()));
}

#[test]
fn a_receipt_is_saved_with_a_signature_that_anybody_can_check() {
    let temp = tempfile::tempdir().expect("a folder");
    let session = Session::new(temp.path().join("ws"), Some(temp.path().to_owned()), environment(), |_| {});
    session.create(ProtectBy::Nothing).expect("made");
    let core = session.core().expect("open");
    let bo = card(&core, named("Bo"));
    let would = dispatch(&session, "erasure_preview", json!({ "ids": [bo] })).expect("looked at");
    assert_eq!(would["cards"][0]["name"], "Bo");
    let done = json!({ "ids": [bo], "confirm": "Bo", "request": null });
    let receipt = dispatch(&session, "erasure_run", done).expect("erased");
    let file = temp.path().join("receipt.json");
    let wanted = json!({ "id": receipt["erasure"], "file": file, "replace": false });
    let saved = dispatch(&session, "erasure_save", wanted.clone()).expect("saved");
    let mut text = std::fs::read(&file).expect("readable");
    let signature = std::fs::read_to_string(saved["signature"].as_str().expect("a path")).expect("readable");
    let public = signing::key(&core).expect("a key").public();
    assert_eq!(saved["fingerprint"], public.fingerprint());
    public.verify(&text, &signature).expect("it holds");
    text[0] ^= 1;
    public.verify(&text, &signature).expect_err("one bit is another");
    let refused = dispatch(&session, "erasure_save", wanted).expect_err("it is there");
    assert_eq!(refused.code, Code::NotEmpty);
}

#[test]
fn a_script_names_the_cards_where_two_people_share_an_address() {
    let temp = tempfile::tempdir().expect("a folder");
    let dir = temp.path().join("workspace");
    let file = temp.path().join("in.csv");
    let both = "Name,Email,Phone\nAna,ana@x.example,+34612408177\nBo,bo@x.example,+34612408177\n";
    std::fs::write(&file, both).expect("a file");
    assert_eq!(cardfile(&dir, &["init", "--unprotected"]).code, 0);
    assert_eq!(cardfile(&dir, &["import", &file.to_string_lossy()]).code, 0);
    let subject = ["erase", "--subject", "+34612408177", "--confirm", "+34612408177"];
    let ids = || -> Vec<String> {
        let listed = cardfile(&dir, &["list"]).out;
        listed.lines().filter_map(|line| line.split_whitespace().next()).map(str::to_owned).collect()
    };
    let refused = cardfile(&dir, &subject);
    assert!(refused.code == 2 && refused.all.contains("--card"), "{}", refused.all);
    let before = ids();
    assert_eq!(before.len(), 2, "nothing was deleted");
    assert_eq!(cardfile(&dir, &[&subject[..], &["--card", before[0].as_str()]].concat()).code, 0);
    assert_eq!(ids(), before[1..]);
}
