//! Recipients are told of an erasure (R17): a server that is down, busy, broken or lies, and a
//! crash at each step. At no time does the receipt say more than what is so.

use crate::identity::{card, named};
use cardfile_core::{
    Core, SecretText, contact,
    privacy::erasure::{self, Reason, Receipt, delivery, receipt::Recipient},
    progress::{Progress, Unwatched},
    sync::remotes::{self, NewRemote},
};
use cardfile_domain::{ContactId, Millis};
use cardfile_store::{Op, OpKind, PairRow};
use cardfile_sync::{
    pair::{Intent, Key, Pair},
    remote::{Answer, Answers, Caps, Known, Paged, Record, Remote, Row, Traffic, Write, WriteKind},
    run::{Failure, Outcome},
    value::Units,
};
use cardfile_testkit::{Workspace, environment_at, who};
use rstest::rstest;
use std::{
    cell::{RefCell, RefMut},
    collections::BTreeMap,
    panic::{AssertUnwindSafe, catch_unwind, resume_unwind},
    rc::Rc,
    sync::Arc,
};

const NAME: &str = "Customers";
const KEY: &str = "7.vcf";
/// Another record there.
const OTHER: &str = "8.vcf";
const EXTERNAL_ID: &str = "u-7";

/// How a server takes requests.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
enum Mood {
    #[default]
    Works,
    /// Nobody answers.
    Down,
    /// It asks to sign in again.
    SignIn,
    /// 429.
    Busy,
    /// 500, and nothing happened.
    Breaks,
    /// It does it, and the answer is lost.
    Mumbles,
    /// 200, and the record is still there.
    Lies,
    /// 403.
    SaysNo,
}

#[derive(Default)]
struct Shelf {
    /// Keys of records by their external IDs.
    records: BTreeMap<String, Key>,
    /// Records that became part of others, by what they were called.
    joined: BTreeMap<Key, Key>,
    mood: Mood,
    deletions: u32,
    /// Calls so far, and at which of them the program dies.
    calls: u32,
    dies_at: u32,
}

/// An address book, for as long as a test.
#[derive(Clone, Default)]
struct Book(Rc<RefCell<Shelf>>);

impl Book {
    fn shelf(&self) -> RefMut<'_, Shelf> {
        self.0.borrow_mut()
    }

    fn put(&self) {
        self.shelf().records.insert(EXTERNAL_ID.into(), KEY.into());
    }

    /// Their record becomes part of the other one.
    fn join(&self) {
        let mut shelf = self.shelf();
        shelf.records.clear();
        shelf.records.insert("u-8".into(), OTHER.into());
        shelf.joined.insert(KEY.into(), OTHER.into());
    }

    fn has(&self) -> bool {
        !self.shelf().records.is_empty()
    }

    /// A step, of which one may be the last of this program.
    fn step(&self) -> Mood {
        let (mood, dies) = {
            let mut shelf = self.shelf();
            shelf.calls += 1;
            (shelf.mood, shelf.calls == shelf.dies_at)
        };
        if dies {
            // Nobody is told: it is no fault of the test.
            resume_unwind(Box::new("the program dies"));
        }
        mood
    }
}

impl Remote for Book {
    fn caps(&self) -> Caps {
        Caps { stamp: false, creates_once: true, bound_cursor: true, needs_body: false, numbered: false, batch: 10 }
    }

    fn identity(&mut self) -> Result<String, Failure> {
        match self.step() {
            Mood::Down => Err(Failure::Unreachable("no route to host".into())),
            Mood::SignIn => Err(Failure::SignInNeeded),
            _ => Ok("book".into()),
        }
    }

    fn begin(&mut self, _: Option<&str>) {}

    fn page(&mut self, _: &Known<'_>) -> Result<Paged, Failure> {
        Err(Failure::Refused("an erasure lists nothing".into()))
    }

    fn read(&mut self, keys: &[Key]) -> Result<Vec<Row>, Failure> {
        self.step();
        let shelf = self.shelf();
        let row = |key: &Key| {
            let key = shelf.joined.get(key).unwrap_or(key);
            match shelf.records.values().any(|known| known == key) {
                true => Row::Live(Box::new(Record { key: key.clone(), ..Record::default() })),
                false => Row::Gone(key.clone()),
            }
        };
        Ok(keys.iter().map(row).collect())
    }

    fn find(&mut self, external_ids: &[String]) -> Result<Vec<Option<Key>>, Failure> {
        self.step();
        let shelf = self.shelf();
        Ok(external_ids.iter().map(|id| shelf.records.get(id).cloned()).collect())
    }

    fn write(&mut self, writes: Vec<Write>) -> Answers {
        let mut answers = Answers::default();
        for Write { op, kind, .. } in writes {
            let WriteKind::Delete { key, expect: None } = kind else { panic!("an erasure only deletes") };
            let outcome = {
                let mut shelf = self.shelf();
                let was_there = shelf.records.values().any(|known| *known == key);
                if matches!(shelf.mood, Mood::Works | Mood::Mumbles) {
                    shelf.records.retain(|_, known| *known != key);
                    shelf.deletions += u32::from(was_there);
                }
                match shelf.mood {
                    Mood::Busy => {
                        answers.failure = Some(Failure::Busy { after_ms: None });
                        break;
                    }
                    Mood::Breaks | Mood::Mumbles => Outcome::Unknown,
                    Mood::SaysNo => Outcome::Rejected("403".into()),
                    Mood::Works if !was_there => Outcome::Gone,
                    _ => Outcome::Done,
                }
            };
            answers.answers.push(Answer { op, outcome, record: None });
        }
        // After it was done, which is when it hurts.
        self.step();
        answers
    }

    fn traffic(&self) -> Traffic {
        Traffic::default()
    }
}

/// Somebody who was erased and has a record in an address book.
struct Story {
    ws: Workspace,
    book: Book,
    /// `era_…`
    id: String,
}

/// A workspace with somebody who has a record; nothing is asked of the network.
fn linked(key: Option<&str>) -> (Workspace, Book, ContactId) {
    let (ws, book) = (Workspace::default(), Book::default());
    book.put();
    let id = card(&ws.core, named("Ana Ruiz"));
    let new = NewRemote {
        name: NAME.into(),
        kind: "carddav".into(),
        url: "http://127.0.0.1:1/".into(),
        user: String::new(),
        password: SecretText::new(String::new()),
        place: "http://127.0.0.1:1/ana/customers/".into(),
    };
    let known = remotes::add(&ws.core, new, &who()).expect("a connection");
    turn(&ws, true);
    // Without a key the record was perhaps made, and nobody heard the answer.
    let mut pair = Pair { key: key.map(str::to_owned), ..Pair::default() };
    if key.is_none() {
        pair.intents.push(Intent { sent: Units::new(), expected: None, stamp: 1 });
    }
    let row = PairRow {
        remote: known.kept.row,
        contact: Some(contact::find(&ws.core, &id).expect("she").row),
        external_id: Some(EXTERNAL_ID.into()),
        key: pair.key.clone(),
        state: serde_json::to_string(&pair).expect("json"),
        ..PairRow::default()
    };
    ws.core.store().write(op(), |tx| tx.put_pair(&row)).expect("kept");
    (ws, book, ContactId::parse(&id).expect("an id"))
}

fn op() -> Op {
    Op { kind: OpKind::SyncDecide, subject: String::new(), actor: "tester".into(), origin: "test".into() }
}

fn turn(ws: &Workspace, is_on: bool) {
    let at = is_on.then_some(Millis(1));
    remotes::set(&ws.core, NAME, &who(), |settings| settings.enabled_at = at).expect("set");
}

fn erased() -> Story {
    erased_with(Some(KEY))
}

fn erased_with(key: Option<&str>) -> Story {
    let (ws, book, id) = linked(key);
    let receipt = erasure::erase(&ws.core, &[id], Reason::Request(None), &who(), &Unwatched).expect("erased");
    assert_eq!((receipt.state, receipt.recipients.len()), ("local_done", 1), "{}", receipt.text());
    Story { ws, book, id: receipt.erasure }
}

impl Story {
    /// Makes the attempts that are due.
    fn deliver(&self) -> u32 {
        delivery::deliver_with(&self.ws.core, &mut |_, _| Ok(Box::new(self.book.clone()))).expect("kept")
    }

    fn said(&self) -> Receipt {
        erasure::receipt(&self.ws.core, &self.id).expect("a receipt")
    }

    /// One day with what is due on it; what the receipt says then is so.
    fn a_day(&self, mood: Mood) -> (Receipt, Recipient) {
        self.book.shelf().mood = mood;
        self.deliver();
        let receipt = self.said();
        let one = receipt.recipients[0].clone();
        let is_gone = matches!(one.state, "acked" | "confirmed");
        assert!(!(is_gone && self.book.has()), "{}", receipt.text());
        assert!(!(receipt.state == "done" && self.book.has()), "{}", receipt.text());
        self.ws.clock.pass_days(1);
        (receipt, one)
    }

    fn is_confirmed_in_two_days(&self) {
        let (receipt, one) = self.a_day(Mood::Works);
        assert_eq!((receipt.state, one.state, one.code), ("propagating", "acked", ""));
        let (receipt, one) = self.a_day(Mood::Works);
        assert_eq!((receipt.state, one.state, one.code), ("done", "confirmed", ""));
        assert!(receipt.ended_at.is_some() && one.acked_at.is_some() && !self.book.has());
        let row = self.ws.core.store().read(|r| r.erasures().delivery(&one.delivery)).expect("readable");
        assert_eq!(row.expect("it is there").reference, None, "what they were known by is not needed any more");
        assert_eq!(self.deliver(), 0);
    }
}

#[rstest]
#[case::down(Mood::Down, "unreachable")]
#[case::to_sign_in(Mood::SignIn, "sign_in")]
#[case::busy(Mood::Busy, "busy")]
#[case::broken(Mood::Breaks, "still_there")]
#[case::lying(Mood::Lies, "still_there")]
#[case::saying_no(Mood::SaysNo, "refused")]
fn a_server_that_is_not_well_for_three_days_is_told_on_the_fourth(#[case] mood: Mood, #[case] code: &str) {
    let story = erased();
    for _ in 0..3 {
        let (receipt, one) = story.a_day(mood);
        assert_eq!((receipt.state, one.state, one.code), ("propagating", "queued", code));
        assert!(one.next_at.is_some() && story.book.has());
    }
    story.is_confirmed_in_two_days();
    assert_eq!(story.book.shelf().deletions, 1);
}

#[test]
fn an_answer_that_is_lost_is_not_needed() {
    let story = erased();
    let (_, one) = story.a_day(Mood::Mumbles);
    assert_eq!((one.state, story.book.shelf().deletions), ("acked", 1));
    let (receipt, _) = story.a_day(Mood::Works);
    assert_eq!(receipt.state, "done");
}

#[test]
fn a_record_that_nobody_knows_whether_it_was_made_is_found_by_its_id() {
    let story = erased_with(None);
    story.is_confirmed_in_two_days();
    let story = erased_with(None);
    story.book.shelf().records.clear();
    story.is_confirmed_in_two_days();
}

#[rstest]
#[case::down(Mood::Down, "unreachable")]
#[case::lying(Mood::Lies, "still_there")]
fn after_thirty_days_a_person_writes_a_letter(#[case] mood: Mood, #[case] code: &str) {
    let story = erased();
    let mut days = 0;
    let (receipt, one) = loop {
        let (receipt, one) = story.a_day(mood);
        if one.state != "queued" {
            break (receipt, one);
        }
        days += 1;
        assert!(days <= 31, "{}", receipt.text());
    };
    assert_eq!((days, one.state, one.code), (30, "manual", code));
    assert_eq!((receipt.state, &receipt.exceptions[..]), ("done_with_exceptions", &["letters"][..]));
    assert!(story.book.has(), "and the receipt does not hide it");

    let core = &story.ws.core;
    let row = core.store().read(|r| r.erasures().delivery(&one.delivery)).expect("readable").expect("it is there");
    let known_by = delivery::known_by(core, &row).expect("opened");
    assert_eq!((known_by.key.as_deref(), known_by.external_id.as_deref()), (Some(KEY), Some(EXTERNAL_ID)));
    delivery::told(core, &one.delivery, &who()).expect("a letter was written");
    let receipt = story.said();
    assert_eq!((receipt.state, receipt.recipients[0].state), ("done", "told"));
    delivery::told(core, &one.delivery, &who()).expect_err("once is enough");
}

#[test]
fn a_record_that_comes_back_within_the_day_is_deleted_again_and_that_is_said() {
    let story = erased();
    let (_, one) = story.a_day(Mood::Works);
    assert_eq!(one.state, "acked");
    story.book.put();
    let (receipt, one) = story.a_day(Mood::Works);
    assert_eq!((receipt.state, one.state, one.code, one.came_back), ("propagating", "queued", "still_there", true));
    story.is_confirmed_in_two_days();
    assert!(story.said().recipients[0].came_back);
}

#[test]
fn a_connection_that_is_off_waits_and_one_that_is_gone_needs_a_letter() {
    let story = erased();
    turn(&story.ws, false);
    let (_, one) = story.a_day(Mood::Works);
    assert_eq!((one.state, one.code, story.book.has()), ("queued", "off", true));
    turn(&story.ws, true);
    story.is_confirmed_in_two_days();

    let story = erased();
    remotes::remove(&story.ws.core, NAME, &who()).expect("taken away");
    let (receipt, one) = story.a_day(Mood::Works);
    assert_eq!((receipt.state, one.state, one.code), ("done_with_exceptions", "manual", "removed"));
    assert_eq!(story.book.shelf().calls, 0);
}

#[test]
fn a_record_that_became_part_of_another_is_left_there_and_needs_a_letter_at_once() {
    let story = erased();
    story.book.join();
    let (receipt, one) = story.a_day(Mood::Works);
    assert_eq!((receipt.state, one.state, one.code), ("done_with_exceptions", "manual", "joined"));
    assert_eq!((one.next_at, story.book.has(), story.book.shelf().deletions), (None, true, 0));
    assert_eq!(story.deliver(), 0, "asking again would change nothing");
    delivery::told(&story.ws.core, &one.delivery, &who()).expect("a letter was written");
    assert_eq!(story.said().state, "done");

    // The same when it shows on the second look alone.
    let story = erased();
    let (_, one) = story.a_day(Mood::Works);
    assert_eq!(one.state, "acked");
    story.book.join();
    let (receipt, one) = story.a_day(Mood::Works);
    assert_eq!((receipt.state, one.state, one.code), ("done_with_exceptions", "manual", "joined"));
}

#[test]
fn two_records_of_one_person_that_became_one_need_no_letter() {
    let (ws, book, id) = linked(Some(KEY));
    let second = with_record(&ws, "Ana R.");
    let done = erasure::erase(&ws.core, &[id, second], Reason::Request(None), &who(), &Unwatched).expect("erased");
    assert_eq!(done.recipients.len(), 2, "{}", done.text());
    book.join();
    let story = Story { ws, book, id: done.erasure };
    for _ in 0..4 {
        story.deliver();
        assert!(story.said().recipients.iter().all(|one| one.state != "manual"), "{}", story.said().text());
        story.ws.clock.pass_days(1);
    }
    assert_eq!((story.said().state, story.book.has()), ("done", false));
}

/// Somebody else with a record there, erased as well.
fn another(story: &Story) -> String {
    let core = &story.ws.core;
    let ids = [with_record(&story.ws, "Bo Larsen")];
    erasure::erase(core, &ids, Reason::Request(None), &who(), &Unwatched).expect("erased").erasure
}

/// A second card, of which there is a record as well.
fn with_record(ws: &Workspace, name: &str) -> ContactId {
    let core = &ws.core;
    let id = card(core, named(name));
    let pair = Pair { key: Some(OTHER.into()), ..Pair::default() };
    let row = PairRow {
        remote: remotes::find(core, NAME).expect("there").kept.row,
        contact: Some(contact::find(core, &id).expect("they").row),
        external_id: Some("u-8".into()),
        key: pair.key.clone(),
        state: serde_json::to_string(&pair).expect("json"),
        ..PairRow::default()
    };
    core.store().write(op(), |tx| tx.put_pair(&row)).expect("kept");
    ContactId::parse(&id).expect("an id")
}

#[test]
fn a_server_that_is_down_is_asked_once_and_not_for_everybody() {
    let story = erased();
    let second = another(&story);
    story.book.shelf().mood = Mood::Down;
    let mut opened = 0;
    let made = delivery::deliver_with(&story.ws.core, &mut |_, _| {
        opened += 1;
        Ok(Box::new(story.book.clone()))
    });
    assert_eq!((made.expect("kept"), opened), (2, 1));
    for id in [&story.id, &second] {
        let one = erasure::receipt(&story.ws.core, id).expect("a receipt").recipients.remove(0);
        assert_eq!((one.state, one.code), ("queued", "unreachable"));
    }
}

#[test]
fn one_that_cannot_be_read_needs_a_letter_and_keeps_nobody_else_from_being_told() {
    let story = erased();
    let second = another(&story);
    let core = &story.ws.core;
    let mut row = core.store().read(|r| r.erasures().deliveries(&story.id)).expect("readable").remove(0);
    row.reference = Some(vec![1, 2, 3]);
    core.store().write(op(), |tx| tx.put_delivery(&row)).expect("kept");
    assert_eq!(story.deliver(), 2);
    let one = story.said().recipients.remove(0);
    assert_eq!((one.state, one.code, one.next_at), ("manual", "unreadable", None));
    let other = erasure::receipt(core, &second).expect("a receipt").recipients.remove(0);
    assert_eq!((other.state, other.code), ("acked", ""));
}

#[test]
fn another_store_behind_the_address_is_left_alone() {
    let story = erased();
    let known = remotes::find(&story.ws.core, NAME).expect("there");
    let mut kept = known.kept;
    kept.identity = Some("the book before".into());
    story.ws.core.store().write(op(), |tx| tx.put_remote(&kept)).expect("kept");
    let (_, one) = story.a_day(Mood::Works);
    assert_eq!((one.state, one.code, story.book.has()), ("queued", "other_store", true));
}

#[test]
fn while_one_program_tells_recipients_another_tells_nobody() {
    let story = erased();
    let other = Core::open(&story.ws.dir, None, environment_at(Arc::clone(&story.ws.clock))).expect("opened").0;
    let mut found = None;
    let made = delivery::deliver_with(&story.ws.core, &mut |_, _| {
        found = Some(delivery::deliver(&other).expect("nothing to do"));
        Ok(Box::new(story.book.clone()))
    });
    assert_eq!((made.expect("kept"), found), (1, Some(0)));
}

#[test]
fn a_crash_at_any_step_of_telling_changes_nothing_in_the_end() {
    for step in 1.. {
        let story = erased();
        story.book.shelf().dies_at = step;
        let mut deaths = 0;
        for _ in 0..4 {
            deaths += u32::from(catch_unwind(AssertUnwindSafe(|| story.a_day(Mood::Works))).is_err());
            story.ws.clock.pass_days(1);
        }
        let receipt = story.said();
        assert_eq!((receipt.state, story.book.has()), ("done", false), "it died at step {step}");
        assert_eq!(story.book.shelf().deletions, 1);
        if deaths == 0 {
            // Two attempts, of three steps and of two.
            assert_eq!(step, 6);
            return;
        }
    }
}

/// The program dies once the person is deleted.
struct Dies;

impl Progress for Dies {
    fn at(&self, done: u64, _: u64) -> bool {
        if done > 0 {
            resume_unwind(Box::new("the program dies"));
        }
        true
    }
}

#[test]
fn an_erasure_that_a_crash_cut_off_is_pending_and_finished_later_and_recipients_are_told() {
    let (ws, book, id) = linked(Some(KEY));
    let ids = [id];
    let died = catch_unwind(AssertUnwindSafe(|| erasure::erase(&ws.core, &ids, Reason::Request(None), &who(), &Dies)));
    assert!(died.is_err());
    contact::find(&ws.core, ids[0].as_str()).expect_err("she is deleted");
    let receipt = erasure::list(&ws.core, 1).expect("receipts").remove(0);
    assert_eq!((receipt.state, receipt.recipients[0].state), ("pending", "queued"));
    assert_eq!(receipt.facts.verification, None, "nobody has looked yet");
    assert_eq!(erasure::finish_pending(&ws.core).expect("finished"), 1);
    let story = Story { ws, book, id: receipt.erasure };
    assert!(story.said().facts.verification.is_some_and(|looked| looked.holds()));
    story.is_confirmed_in_two_days();
}
