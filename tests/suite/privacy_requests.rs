//! The register of requests: days, decisions and letters, and what a decision does at once.

use crate::{
    identity::{card, link, named},
    privacy_consent::{newsletter, record},
};
use cardfile_core::{
    Code, Core, Protection, bin,
    commands::dispatch,
    contact,
    privacy::{
        audit,
        erasure::{self, Reason, delivery},
        letters::{self, Letter},
        processing::{self, Controller},
        purposes,
        requests::{self, Details},
        restriction,
    },
    progress::Unwatched,
    segments,
    session::{ProtectBy, Session},
};
use cardfile_domain::{
    Clock, Contact, Item, Millis,
    request::{Ground, Light, Request, Right, State, Step},
    restriction::{Restriction, Sort},
    segment::Segment,
    time::DateOrder,
};
use cardfile_store::Environment;
use cardfile_testkit::{Workspace, environment, who};
use rstest::rstest;
use serde_json::{Value, json};
use std::sync::Arc;

const ANA: &str = "ana@x.example";

fn ana(ws: &Workspace) -> String {
    let other = Item::new("Ana@y.example", "ana@y.example");
    card(&ws.core, Contact { emails: vec![Item::new(ANA, ANA), other], ..named("Ana Ruiz") })
}

fn asks(ws: &Workspace, right: Right, received: &str) -> String {
    let received_at = Millis::parse(received, DateOrder::DayFirst).expect("a day");
    let request = Request {
        right,
        subject: ANA.into(),
        name: "Ana Ruiz".into(),
        language: "es".into(),
        received_at,
        ..Request::default()
    };
    requests::add(&ws.core, &request, &who()).expect("written down")
}

fn how(text: &str) -> Details {
    Details { how: text.into(), ..Details::default() }
}

/// It is known who asks, and it is approved.
fn approved(ws: &Workspace, id: &str) {
    requests::step(&ws.core, id, Step::ProveIdentity, &how("wrote from the address we know"), &who()).expect("known");
    requests::step(&ws.core, id, Step::Approve, &Details::default(), &who()).expect("approved");
}

#[test]
fn a_request_has_a_day_goes_its_way_and_leaves_a_trail_without_a_name() {
    let ws = Workspace::default();
    let core = &ws.core;
    ana(&ws);
    // The clock of the tests begins on 2026-11-21.
    let access = asks(&ws, Right::Access, "2026-11-20");
    let late = asks(&ws, Right::Rectification, "2026-10-01");
    let all = requests::all(core).expect("all");
    assert_eq!(all.iter().map(|one| one.request.id.as_str()).collect::<Vec<_>>(), [late.as_str(), &access]);
    assert_eq!((all[0].deadline.day.as_str(), all[0].deadline.light), ("2026-11-01", Light::Red));
    assert_eq!((all[1].deadline.day.as_str(), all[1].deadline.light), ("2026-12-20", Light::Green));
    assert_eq!(requests::lights(core).expect("counts"), (1, 0, 1));
    requests::extend(core, &late, "much to read", &who()).expect_err("the month is over");
    requests::extend(core, &access, " ", &who()).expect_err("without a reason");
    let longer = requests::extend(core, &access, "much to read", &who()).expect("made longer");
    assert_eq!((longer.deadline.day.as_str(), longer.deadline.can_extend), ("2027-02-20", false));

    let refused = requests::step(core, &access, Step::Approve, &Details::default(), &who()).expect_err("who is it?");
    assert_eq!(refused.code, Code::Refused);
    requests::step(core, &access, Step::ProveIdentity, &how(" "), &who()).expect_err("say how");
    approved(&ws, &access);
    let undone =
        requests::step(core, &access, Step::Finish, &Details::default(), &who()).expect_err("nothing was done");
    assert_eq!(undone.code, Code::Refused);
    let hash = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
    let done = Details { outcome: hash.into(), ..Details::default() };
    let closed = requests::step(core, &access, Step::Finish, &done, &who()).expect("done");
    assert_eq!((closed.request.state, closed.deadline.light), (State::Done, Light::Done));
    requests::step(core, &access, Step::Withdraw, &Details::default(), &who()).expect_err("over is over");

    let trail = requests::trail(core, &access).expect("a trail");
    let events: Vec<&str> = trail.iter().map(|entry| entry.event.as_str()).collect();
    assert_eq!(events, ["request_received", "request_extended", "prove_identity", "approve", "finish"]);
    let told: Vec<String> = trail.iter().map(|entry| audit::line(entry).to_string()).collect();
    for name in ["ana", "Ana", "Ruiz", "wrote from"] {
        assert!(!told.concat().contains(name), "{name}: {told:?}");
    }
    assert_eq!(audit::check(core).expect("checked").broken, None);
}

#[rstest]
#[case::a_sunday("2026-11-20", "2026-12-20", 29, Some("2026-12-21"), "green")]
#[case::today("", "2026-12-21", 30, None, "green")]
#[case::late("2026-10-01", "2026-11-01", -20, Some("2026-11-02"), "red")]
fn a_form_that_is_not_sent_yet_says_by_when_it_would_be_due(
    #[case] received: &str,
    #[case] due: &str,
    #[case] days_left: i64,
    #[case] law_gives_until: Option<&str>,
    #[case] light: &str,
) {
    let temp = tempfile::tempdir().expect("a folder");
    let session = Session::new(temp.path().join("ws"), Some(temp.path().to_owned()), environment(), |_| {});
    session.create(ProtectBy::Nothing).expect("made");
    let would = |received: &str| dispatch(&session, "request_due", json!({ "received": received }));
    let told = json!({ "due": due, "daysLeft": days_left, "lawGivesUntil": law_gives_until, "light": light });
    assert_eq!(would(received).expect("a day"), told);
    for wrong in ["2027-01-01", "some day"] {
        assert_eq!(would(wrong).expect_err(wrong).code, Code::BadRequest);
    }
    assert!(requests::all(&session.core().expect("open")).expect("all").is_empty(), "nothing is written down");
}

/// Half past eleven in the evening in London, where the people are it is the next day.
struct East;

impl Clock for East {
    fn now(&self) -> Millis {
        Millis::parse("2026-11-21T23:30:00Z", DateOrder::DayFirst).expect("a moment")
    }

    fn on_the_wall(&self, at: Millis) -> Millis {
        Millis(at.0 + 2 * 3_600_000)
    }
}

#[test]
fn the_days_of_a_request_are_those_of_the_people_here() {
    let temp = tempfile::tempdir().expect("a folder");
    let environment = Environment { clock: Arc::new(East), ..environment() };
    let (core, _) = Core::create(&temp.path().join("ws"), &Protection::None, environment).expect("made");
    let today = Millis::parse("2026-11-22", DateOrder::DayFirst).expect("a day");
    for received_at in [Millis(0), today] {
        let request = Request { subject: ANA.into(), received_at, ..Request::default() };
        let id = requests::add(&core, &request, &who()).expect("today is not the future");
        let found = requests::find(&core, &id).expect("it");
        assert_eq!((found.request.received_at, found.deadline.day.as_str()), (today, "2026-12-22"));
        assert_eq!(found.deadline.days_left, 30);
    }
    assert_eq!(requests::due(&core, Millis(0)).expect("a day").day, "2026-12-22");
}

#[test]
fn a_refusal_rests_on_a_ground_that_fits() {
    let ws = Workspace::default();
    let core = &ws.core;
    purposes::put(core, &newsletter(), &who()).expect("a purpose");
    let request = Request {
        right: Right::Objection,
        subject: ANA.into(),
        purpose: "Our newsletter".into(),
        ..Request::default()
    };
    let id = requests::add(core, &request, &who()).expect("written down");
    let on = |ground| Details { ground, text: "as we told you".into(), ..Details::default() };
    for wrong in [None, Some(Ground::LegalObligation), Some(Ground::CompellingGrounds)] {
        requests::step(core, &id, Step::Refuse, &on(wrong), &who()).expect_err("marketing has no excuse");
    }
    let refused = requests::step(core, &id, Step::Refuse, &on(Some(Ground::IdentityUnknown)), &who()).expect("refused");
    assert_eq!((refused.request.state, refused.request.ground), (State::Refused, Some(Ground::IdentityUnknown)));
    for wrong in [
        Request { subject: " ".into(), ..request.clone() },
        Request { purpose: "nothing".into(), ..request.clone() },
        Request { language: "tlh".into(), ..request.clone() },
        Request { received_at: Millis(i64::MAX), ..request },
    ] {
        requests::add(core, &wrong, &who()).expect_err("not written down");
    }
}

#[test]
fn an_objection_to_everything_is_one_to_marketing_too() {
    let ws = Workspace::default();
    let core = &ws.core;
    let request = Request { right: Right::Objection, subject: ANA.into(), ..Request::default() };
    let refuse = |id: &str| {
        let on = Details { ground: Some(Ground::CompellingGrounds), ..Details::default() };
        requests::step(core, id, Step::Refuse, &on, &who())
    };
    let before = requests::add(core, &request, &who()).expect("written down");
    refuse(&before).expect("there is no marketing");
    purposes::put(core, &newsletter(), &who()).expect("a purpose");
    let id = requests::add(core, &request, &who()).expect("written down");
    assert_eq!(refuse(&id).expect_err("it stops in any case").code, Code::BadRequest);
}

#[test]
fn an_objection_that_is_approved_holds_at_once_and_one_that_is_taken_back_does_not() {
    let ws = Workspace::default();
    let core = &ws.core;
    let id = ana(&ws);
    purposes::put(core, &newsletter(), &who()).expect("a purpose");
    record(&ws, &id, "newsletter", true);
    let letter = Segment { name: "Letter".into(), purpose: "newsletter".into(), ..Segment::default() };
    segments::put(core, &letter, &who()).expect("saved");
    let count = || segments::counts(core, &segments::all(core).expect("all")).expect("counts")[0];
    assert_eq!(count(), Some(1));
    let request = asks(&ws, Right::Objection, "2026-11-20");
    approved(&ws, &request);
    assert_eq!(count(), Some(0), "an objection beats a consent");
    requests::step(core, &request, Step::Withdraw, &Details::default(), &who()).expect("taken back");
    assert_eq!(count(), Some(1));
    let stored = contact::find(core, &id).expect("she");
    let all = restriction::of(core, &stored).expect("all");
    assert_eq!((all.len(), all[0].is_in_force(), &all[0].request), (1, false, &request));
}

#[test]
fn who_is_to_be_erased_is_frozen_and_who_is_on_hold_is_not_approved() {
    let ws = Workspace::default();
    let core = &ws.core;
    let id = ana(&ws);
    // The same person under another email of hers, and in the bin.
    let second = card(core, Contact { emails: vec![Item::new(ANA, ANA)], ..named("A. Ruiz") });
    let rows = contact::rows(core, &[id.clone(), second.clone()]).expect("rows");
    contact::bin(core, &rows[1..], &who()).expect("binned");
    let hold = Restriction { sort: Sort::Held, reason: "invoice 17".into(), ..Restriction::default() };
    restriction::put(core, &rows[..1], &hold, &who()).expect("held");
    let request = asks(&ws, Right::Erasure, "2026-11-20");
    let found = requests::find(core, &request).expect("it").request;
    assert_eq!(requests::cards(core, &found).expect("cards"), rows, "both cards are hers");
    let by_second = Request { subject: "ana@Y.example".into(), ..found.clone() };
    assert_eq!(requests::cards(core, &by_second).expect("cards"), rows[..1]);
    requests::step(core, &request, Step::ProveIdentity, &how("signed in"), &who()).expect("known");
    // Their names differ: the officer says that both are hers.
    let hers = Details { cards: Some(rows.clone()), ..Details::default() };
    let refused = requests::step(core, &request, Step::Approve, &hers, &who()).expect_err("on hold");
    assert_eq!(refused.code, Code::Refused);
    let stored = contact::find(core, &id).expect("she");
    let held = restriction::of(core, &stored).expect("all").remove(0);
    restriction::lift(core, &held.id, "the invoice is paid", &who()).expect("lifted");
    requests::step(core, &request, Step::Approve, &hers, &who()).expect("approved");
    for row in rows {
        assert!(core.store().read(|r| r.restrictions().has(row, Sort::Restricted)).expect("readable"));
    }
}

#[test]
fn the_bin_lets_nobody_go_by_itself_who_is_restricted_or_asked_about() {
    let ws = Workspace::default();
    let core = &ws.core;
    let ids = [ana(&ws), card(core, named("Bo")), card(core, named("Cy"))];
    let rows = contact::rows(core, &ids).expect("rows");
    let disputed = Restriction { reason: "it is disputed".into(), ..Restriction::default() };
    restriction::put(core, &rows[1..2], &disputed, &who()).expect("restricted");
    let request = asks(&ws, Right::Access, "2026-11-20");
    contact::bin(core, &rows, &who()).expect("binned");
    ws.clock.pass_days(31);
    let is_here = |row: &u32| core.store().read(|r| r.contacts().get(*row)).expect("readable").is_some();
    let are_here = || rows.iter().map(is_here).collect::<Vec<bool>>();
    assert_eq!(bin::expire(core).expect("looked"), 1);
    assert_eq!(are_here(), [true, true, false]);
    requests::step(core, &request, Step::Withdraw, &Details::default(), &who()).expect("taken back");
    assert_eq!(bin::expire(core).expect("looked"), 1);
    assert_eq!(are_here(), [false, true, false]);
    assert_eq!(bin::empty(core, &who(), &Unwatched).expect("emptied").0, 1, "a person may");
}

#[test]
fn an_approval_freezes_the_cards_that_were_chosen_and_no_others() {
    let ws = Workspace::default();
    let core = &ws.core;
    let with_email = |name: &str| Contact { emails: vec![Item::new(ANA, ANA)], ..named(name) };
    let (first, second) = (card(core, with_email("Ana Ruiz")), card(core, with_email("Another Ana")));
    // Hers too, as the officer knows, and nothing on it says so.
    let third = card(core, named("A. R."));
    let request = asks(&ws, Right::Erasure, "2026-11-20");
    requests::step(core, &request, Step::ProveIdentity, &how("signed in"), &who()).expect("known");
    let refused = requests::step(core, &request, Step::Approve, &Details::default(), &who()).expect_err("of whom");
    assert_eq!(refused.code, Code::BadRequest, "their names differ, so somebody chooses");
    let rows = |ids: &[&String]| -> Vec<u32> {
        contact::rows(core, &ids.iter().map(|id| (*id).clone()).collect::<Vec<_>>()).expect("rows")
    };
    let chosen = Details { cards: Some(rows(&[&first, &third])), ..Details::default() };
    requests::step(core, &request, Step::Approve, &chosen, &who()).expect("approved");
    // It came after the officer looked.
    let later = card(core, with_email("Ana Ruiz"));
    let frozen =
        |id: &String| core.store().read(|r| r.restrictions().has(rows(&[id])[0], Sort::Restricted)).expect("readable");
    assert_eq!([&first, &second, &third, &later].map(frozen), [true, false, true, false]);
    let of_request = || requests::cards(core, &requests::find(core, &request).expect("it").request).expect("cards");
    assert_eq!(of_request(), rows(&[&first, &third]));
    requests::step(core, &request, Step::Withdraw, &Details::default(), &who()).expect("taken back");
    assert_eq!([&first, &third].map(frozen), [false, false], "also what nothing would find");
    assert_eq!(of_request(), rows(&[&first, &second, &later]));

    let again = asks(&ws, Right::Restriction, "2026-11-20");
    requests::step(core, &again, Step::ProveIdentity, &how("signed in"), &who()).expect("known");
    let nobody = Details { cards: Some(Vec::new()), ..Details::default() };
    requests::step(core, &again, Step::Approve, &nobody, &who()).expect("approved");
    assert_eq!([&first, &second, &third, &later].map(frozen), [false; 4], "none was chosen");
}

#[test]
fn an_erasure_is_done_when_nothing_is_held_and_not_while_its_cards_are_there() {
    let ws = Workspace::default();
    let core = &ws.core;
    let approved = |request: &str| {
        requests::step(core, request, Step::ProveIdentity, &how("signed in"), &who()).expect("known");
        requests::step(core, request, Step::Approve, &Details::default(), &who()).expect("approved");
    };
    let finish = |request: &str| requests::step(core, request, Step::Finish, &Details::default(), &who());
    let nobody = asks(&ws, Right::Erasure, "2026-11-20");
    approved(&nobody);
    assert_eq!(finish(&nobody).expect("nothing is held").request.state, State::Done);
    ana(&ws);
    let held = asks(&ws, Right::Erasure, "2026-11-20");
    approved(&held);
    assert_eq!(finish(&held).expect_err("she is here").code, Code::Refused);
    let but = Details { text: "an invoice has to stay".into(), ..Details::default() };
    requests::step(core, &held, Step::FinishWithExceptions, &but, &who()).expect("said what stays");
}

#[test]
fn an_objection_to_direct_marketing_is_offered_no_ground_that_the_law_does_not_know() {
    let temp = tempfile::tempdir().expect("a folder");
    let session = Session::new(temp.path().join("ws"), Some(temp.path().to_owned()), environment(), |_| {});
    session.create(ProtectBy::Nothing).expect("made");
    let core = session.core().expect("open");
    let grounds = |purpose: &str| {
        let new = Request { right: Right::Objection, subject: "ana@x.example".into(), ..Request::default() };
        let id = requests::add(&core, &Request { purpose: purpose.into(), ..new }, &who()).expect("written down");
        let found = dispatch(&session, "request_get", json!({ "id": id })).expect("found");
        let all = found["grounds"].as_array().cloned().unwrap_or_default();
        (all.iter().filter_map(|one| one[0].as_str()).any(|one| one == "compelling_grounds"), found["request"].clone())
    };
    let (is_offered, request) = grounds("");
    assert!(is_offered, "{request}");
    assert_eq!((&request["mayChoose"], &request["needsOutcome"]), (&json!(true), &json!(false)));
    purposes::put(&core, &newsletter(), &who()).expect("a purpose");
    for purpose in ["newsletter", ""] {
        assert!(!grounds(purpose).0, "of direct marketing nobody has to be convinced: {purpose}");
    }
}

#[test]
fn a_letter_says_the_day_in_the_persons_language_and_needs_a_sender() {
    let ws = Workspace::default();
    let core = &ws.core;
    let id = asks(&ws, Right::Access, "2026-11-20");
    let standing = requests::find(core, &id).expect("it");
    letters::write(core, &standing, Letter::Received).expect_err("from nobody");
    let controller =
        Controller { name: "Ferretería Ruiz".into(), authority: "AEPD, Madrid".into(), ..Controller::default() };
    processing::set_controller(core, &controller, &who()).expect("kept");
    for letter in Letter::ALL {
        let text = letters::write(core, &standing, letter).expect("a letter");
        assert!(!text.contains(['{', '}']), "{text}");
        assert!(text.contains("Estimada/o Ana Ruiz") && text.contains("Ferretería Ruiz"), "{text}");
    }
    let text = letters::write(core, &standing, Letter::Received).expect("a letter");
    assert!(text.contains("2026-12-20") && text.contains("acceso a sus datos"), "{text}");
    assert_eq!(standing.number, "DSR-2026-001");
    assert!(text.contains(&standing.number), "{text}");
    let kept = || -> Vec<Value> {
        let trail = requests::trail(core, &id).expect("a trail").into_iter();
        trail.filter(|entry| entry.event.starts_with("letter")).map(|entry| entry.facts["letter"].clone()).collect()
    };
    assert!(kept().is_empty(), "a letter that is only looked at leaves nothing");
    letters::sent(core, &standing.request, Letter::Received, &who()).expect("sent");
    assert_eq!(kept(), ["received"]);
}

#[test]
fn a_letter_is_offered_when_there_is_something_to_write_about() {
    let ws = Workspace::default();
    let core = &ws.core;
    let id = asks(&ws, Right::Access, "2026-11-20");
    let offered = |id: &str| -> Vec<&str> {
        let request = requests::find(core, id).expect("it").request;
        Letter::ALL.into_iter().filter(|one| one.fits(&request)).map(Letter::as_str).collect()
    };
    assert_eq!(offered(&id), ["received", "identity"]);
    requests::extend(core, &id, "many files", &who()).expect("more time");
    assert_eq!(offered(&id), ["received", "identity", "extension"]);
    requests::step(core, &id, Step::ProveIdentity, &how("signed in"), &who()).expect("known");
    assert_eq!(offered(&id), ["received", "extension"]);
    requests::step(core, &id, Step::Approve, &Details::default(), &who()).expect("approved");
    assert_eq!(offered(&id), ["received", "extension", "done"]);
    let outcome = Details { outcome: "built and handed over".into(), ..Details::default() };
    requests::step(core, &id, Step::Finish, &outcome, &who()).expect("done");
    assert_eq!(offered(&id), ["done"]);

    let other = asks(&ws, Right::Restriction, "2026-11-20");
    let refusal = Details { ground: Some(Ground::IdentityUnknown), ..Details::default() };
    requests::step(core, &other, Step::Refuse, &refusal, &who()).expect("refused");
    assert_eq!(offered(&other), ["refusal"]);
}

#[test]
fn a_letter_to_a_recipient_names_the_record_in_their_language_and_not_the_person() {
    let ws = Workspace::default();
    let core = &ws.core;
    let links = vec![link("crm", "crm-771")];
    let ana = card(core, Contact { emails: vec![Item::new(ANA, ANA)], links, ..named("Ana Ruiz") });
    let id = contact::find(core, &ana).expect("she").contact.id;
    let receipt = erasure::erase(core, &[id], Reason::Request(None), &who(), &Unwatched).expect("erased");
    let [told] = &receipt.recipients[..] else { panic!("{:?}", receipt.recipients) };
    let letter = |language: &str| letters::to_recipient(core, &told.delivery, language);
    assert_eq!(letter("en").expect_err("from nobody").code, Code::BadRequest);
    let controller = Controller { name: "Ferretería Ruiz".into(), ..Controller::default() };
    processing::set_controller(core, &controller, &who()).expect("kept");
    letter("tlh").expect_err("nobody here writes it");
    for (language, words) in
        [("en", "Your number for the record: crm-771"), ("es", "Su número para el registro: crm-771")]
    {
        let (name, text) = letter(language).expect("a letter");
        assert_eq!(name, "crm");
        for said in [words, "2026-11-21", "Ferretería Ruiz", &receipt.erasure] {
            assert!(text.contains(said), "{said}: {text}");
        }
        assert!(!text.contains("Ana") && !text.contains(ANA) && !text.contains(['{', '}']), "{text}");
    }
    delivery::told(core, &told.delivery, &who()).expect("it was sent");
    let (_, text) = letter("en").expect("a letter");
    assert!(!text.contains("crm-771") && text.contains("not kept here any more"), "{text}");
}

#[test]
fn what_an_erasure_leaves_of_a_request_names_nobody() {
    let ws = Workspace::default();
    let core = &ws.core;
    let id = asks(&ws, Right::Erasure, "2026-11-20");
    let other = requests::add(core, &Request { subject: "bo@x.example".into(), ..Request::default() }, &who());
    let other = other.expect("written down");
    let op = cardfile_store::Op {
        kind: cardfile_store::OpKind::Privacy,
        subject: String::new(),
        actor: "tester".into(),
        origin: "test".into(),
    };
    let blanked = core.store().write(op, |tx| Ok::<_, cardfile_core::Error>(tx.blank_requests(&[id.as_str()])?));
    assert_eq!(blanked.expect("written").0, 1);
    let left = requests::find(core, &id).expect("it").request;
    assert_eq!([left.subject, left.name, left.note], [""; 3].map(str::to_owned));
    assert_eq!((left.right, left.language.as_str()), (Right::Erasure, "es"));
    assert_eq!(requests::find(core, &other).expect("it").request.subject, "bo@x.example");
}
