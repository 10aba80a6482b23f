//! Runs with an address book that others write to as well: what is compared before the first
//! write, what both sides changed while they were apart, and servers with bad habits.

use crate::sync_scene::{
    NAME, approve_all, card, connect, connected, edit, is_at_rest, linked, looked_at, people, person, record, said,
    saying, sync, sync_with, three_weeks_apart,
};
use cardfile_core::{
    Code, Core, SecretText, contact,
    domain::Contact,
    generate::Seeded,
    history,
    import::{self, ImportRequest},
    join::{self, Target},
    progress::{Progress, Unwatched},
    sample,
    sync::{
        Counts, check,
        remotes::{self, NewRemote},
        running,
        waits::{self, Decided},
    },
};
use cardfile_sync::run::{End, Reason};
use cardfile_testkit::{
    Workspace, environment,
    fake_remote::{FakeRemote, Habits},
    who,
};
use rstest::rstest;
use std::{
    collections::BTreeSet,
    sync::atomic::{AtomicU64, Ordering},
    time::{Duration, Instant},
};

#[test]
fn external_ids_that_nearly_match_are_shown_and_nothing_is_turned_on_or_written() {
    let (ws, fake) = (Workspace::default(), FakeRemote::start());
    let mut csv = "name,email,external_id\n".to_owned();
    for n in 0..5_000 {
        let ours = format!("KD {n:05}");
        csv.push_str(&format!("Person {n},p{n}@x.example,{ours}\n"));
        let email = [format!("EMAIL:p{n}@x.example")];
        // Four of a hundred; an email would tell whose they are.
        let (theirs, lines) = match n % 50 {
            7 => (ours.to_lowercase(), &[][..]),
            31 => (ours.replace(' ', ""), &[][..]),
            _ => (ours, &email[..]),
        };
        fake.put(&format!("{n}.vcf"), &card(&theirs, &format!("Person {n}"), lines));
    }
    let file = ws.file("customers.csv", csv);
    import::run(&ws.core, &ImportRequest::of(file), &who(), &Unwatched).expect("an import");
    connect(&ws, &fake);
    approve_all(&ws);
    let before = (ws.hash(), ws.core.store().read(|r| r.changes().last()).expect("readable"));

    let found = looked_at(&ws);
    assert_eq!((found.read, found.by_id, found.by_email, found.unknown), (5_000, 4_800, 0, 200));
    assert_eq!((found.match_percent(), found.near, found.is_sample), (96.0, 200, false));
    assert_eq!(found.near_misses.len(), 200, "each of them is shown");
    for near in &found.near_misses {
        let n: u32 = near.theirs.chars().filter(char::is_ascii_digit).collect::<String>().parse().expect("a number");
        let ours = format!("KD {n:05}");
        let (theirs, difference) = match n % 50 {
            7 => (ours.to_lowercase(), "capitals differ"),
            _ => (ours.replace(' ', ""), "blanks differ"),
        };
        assert_eq!((&near.theirs, &near.ours), (&theirs, &ours));
        assert_eq!(near.difference.to_string(), difference);
        let stored = ws.core.store().read(|r| r.contacts().get(near.contact)).expect("readable").expect("there");
        assert_eq!(stored.contact.name, format!("Person {n}"));
    }
    let review: Vec<(&str, bool)> = found.review.iter().map(|row| (row.about, row.is_met)).collect();
    assert_eq!(
        review,
        [("personalization", true), ("actions", true), ("segmentation", true), ("synchronization", false)]
    );

    for reason in ["", "  \n"] {
        let refused = check::enable(&ws.core, NAME, &found, reason, &who()).expect_err("the review says no");
        assert_eq!(refused.code, Code::Refused);
    }
    let refused = running::run(&ws.core, NAME, false, &who(), &Unwatched).expect_err("it is not on");
    assert_eq!(refused.code, Code::Refused);
    assert_eq!(remotes::find(&ws.core, NAME).expect("there").settings.enabled_at, None);
    assert_eq!(fake.writes(), 0);
    assert_eq!((ws.hash(), ws.core.store().read(|r| r.changes().last()).expect("readable")), before);

    let reason = "The old system wrote its ids by hand.";
    let known = check::enable(&ws.core, NAME, &found, reason, &who()).expect("a person said why");
    assert_eq!((known.settings.enabled_at.is_some(), known.settings.reason.as_str()), (true, reason));
}

#[test]
fn what_both_sides_changed_while_they_were_apart_adds_up_and_no_edit_is_overwritten() {
    let (ws, fake) = three_weeks_apart();
    let run = sync(&ws);
    let Counts { pulled, pushed, merged, conflicts, held, created, deleted, .. } = run.counts;
    assert_eq!((run.end, run.questions), (End::Done, Vec::new()));
    assert_eq!((pulled, pushed, merged, conflicts, held), (300, 240, 25, 15, 5));
    assert_eq!((created, deleted, fake.writes()), (0, 0, 265));
    for n in 0..700 {
        let (ours, theirs, title, note) =
            (format!("ours {n}"), format!("theirs {n}"), format!("Title {n}"), format!("Note {n}"));
        // What is here: title, note; what is there, unless it was deleted: title, note.
        let (here, there) = match n {
            0..15 => ([&ours, &note], Some([&theirs, &note])),
            15..40 => ([&theirs, &ours], Some([&theirs, &ours])),
            40..300 => ([&theirs, &note], Some([&theirs, &note])),
            300..540 => ([&title, &ours], Some([&title, &ours])),
            540..545 => ([&title, &ours], None),
            _ => ([&title, &note], Some([&title, &note])),
        };
        let contact = person(&ws, n);
        assert_eq!([&contact.job_title, &contact.description], here, "{n} here");
        assert!(contact.binned_at.is_none());
        let record = fake.card(&format!("{n}.vcf"));
        let record = record.as_deref().map(|card| [said(card, "TITLE"), said(card, "NOTE")]);
        assert_eq!(record, there.map(|pair| pair.map(String::as_str)), "{n} there");
    }

    let waiting = waits::all(&ws.core).expect("what waits");
    assert_eq!(waiting.len(), 20);
    for conflict in &waiting {
        let n: u32 = conflict.name.strip_prefix("Person ").and_then(|end| end.parse().ok()).expect("a number");
        assert_eq!((conflict.remote_name.as_str(), conflict.contact.as_str()), (NAME, person(&ws, n).id.as_str()));
        if (540..545).contains(&n) {
            assert_eq!((conflict.deleted, conflict.fields.len()), (Some("there"), 0));
            continue;
        }
        let [title] = &conflict.fields[..] else { panic!("{conflict:?}") };
        assert_eq!((title.field.as_str(), title.mine_by.as_str(), title.editable), ("job_title", "tester", true));
        let values = [&title.base, &title.mine, &title.theirs];
        assert_eq!(values, [&format!("Title {n}"), &format!("ours {n}"), &format!("theirs {n}")]);
        // Who and when: before the three weeks, and it waits since after them.
        assert!(!title.mine_at.is_empty() && title.mine_at < title.since, "{title:?}");
    }
    is_at_rest(&ws, &fake);
    assert_eq!(waits::all(&ws.core).expect("what waits"), waiting, "what waits goes on waiting");
}

#[test]
fn what_waited_is_decided_by_a_person_and_then_the_same_on_both_sides() {
    let (ws, fake) = three_weeks_apart();
    sync(&ws);
    let mut decisions = Vec::new();
    for conflict in waits::all(&ws.core).expect("what waits") {
        let n: u32 = conflict.name.strip_prefix("Person ").and_then(|end| end.parse().ok()).expect("a number");
        let (field, choice) = match n {
            0..5 => (Some("job_title"), "mine"),
            5..10 => (Some("job_title"), "theirs"),
            10..15 => (Some("job_title"), "edit"),
            540..543 => (None, "keep"),
            _ => (None, "delete"),
        };
        let field = field.map(str::to_owned);
        decisions.push(Decided::parse(conflict.pair, field, choice, format!("both {n}")).expect("a decision"));
    }
    let before = fake.writes();
    assert_eq!(waits::decide(&ws.core, &decisions, &who()).expect("decided").0, 20);
    assert_eq!(waits::all(&ws.core).expect("what waits"), []);
    assert_eq!(fake.writes(), before, "it leaves with the next run");
    let run = sync(&ws);
    // Five of ours, five of neither, three records that are made again.
    assert_eq!((run.end, run.counts.pushed, run.counts.conflicts, run.counts.held), (End::Done, 13, 0, 0));
    for n in 0..15 {
        let title = match n {
            0..5 => format!("ours {n}"),
            5..10 => format!("theirs {n}"),
            _ => format!("both {n}"),
        };
        assert_eq!(
            (person(&ws, n).job_title.as_str(), said(&record(&fake, n), "TITLE")),
            (title.as_str(), title.as_str())
        );
    }
    let cards = fake.state().cards;
    for n in 540..545 {
        let contact = person(&ws, n);
        let record = cards.values().find(|card| said(card, "FN") == format!("Person {n}"));
        assert_eq!((contact.binned_at.is_some(), record.is_none()), (n >= 543, n >= 543), "{n}");
        assert_eq!(
            record.map_or("", |card| said(card, "NOTE")),
            if n < 543 { contact.description.as_str() } else { "" }
        );
    }
    is_at_rest(&ws, &fake);
}

/// Stops a run after so many requests.
struct StopAfter(u64);

impl Progress for StopAfter {
    fn at(&self, done: u64, _: u64) -> bool {
        done < self.0
    }
}

/// Both sides made, changed and deleted contacts.
fn busy_sides() -> (Workspace, FakeRemote) {
    let (ws, fake) = linked(0..30);
    let mut csv = "name,email,job_title\n".to_owned();
    for n in 100..125 {
        csv.push_str(&format!("New {n},n{n}@x.example,Title {n}\n"));
    }
    let file = ws.file("new.csv", csv);
    import::run(&ws.core, &ImportRequest::of(file), &who(), &Unwatched).expect("an import");
    for n in 0..12 {
        edit(&ws, n, "description", &format!("ours {n}"));
        fake.edit(&format!("{}.vcf", n + 6), |card| saying(card, "TITLE", &format!("theirs {n}")));
    }
    let gone: Vec<_> = (20..23).map(|n| contact::find(&ws.core, &format!("u-{n}")).expect("there").row).collect();
    contact::bin(&ws.core, &gone, &who()).expect("binned");
    fake.delete("25.vcf");
    people(&fake, 30..34);
    (ws, fake)
}

/// What each side says of everybody: name, title and note.
fn sides(ws: &Workspace, fake: &FakeRemote) -> [Vec<[String; 3]>; 2] {
    let cards = fake.state().cards;
    let there = cards.values().map(|card| ["FN", "TITLE", "NOTE"].map(|property| said(card, property).to_owned()));
    let here = ws.contacts().into_iter().filter(|contact| contact.binned_at.is_none());
    let mut sides = [here.map(|one| [one.name, one.job_title, one.description]).collect::<Vec<_>>(), there.collect()];
    sides.iter_mut().for_each(|side| side.sort());
    sides
}

#[test]
fn a_run_that_is_cut_off_at_any_request_makes_nothing_twice() {
    let (ws, fake) = busy_sides();
    let whole = sync(&ws);
    assert_eq!(whole.end, End::Done);
    let [expected, there] = sides(&ws, &fake);
    assert_eq!(expected, there);
    assert_eq!(expected.len(), 30 + 25 + 4 - 3 - 1);

    let mut random = Seeded::new(7);
    for _ in 0..20 {
        let point = 1 + random.below(whole.counts.requests);
        let (ws, fake) = busy_sides();
        // Of some writes nobody hears that they were done.
        fake.habits(Habits { lose_answers: Some(3), ..Habits::default() });
        let cut = sync_with(&ws, &StopAfter(point));
        assert!(matches!(cut.end, End::Cancelled | End::Done), "{:?}", cut.end);
        let mut runs = 0;
        while sides(&ws, &fake) != [expected.clone(), expected.clone()] {
            runs += 1;
            assert!(runs < 10, "cut off after {point} requests it never comes to its end: {:?}", sides(&ws, &fake));
            assert_eq!(sync(&ws).end, End::Done, "cut off after {point} requests");
        }
        fake.habits(Habits::default());
        // What nobody heard of is read, and then there is nothing left.
        assert_eq!(sync(&ws).end, End::Done);
        is_at_rest(&ws, &fake);
        let cards = fake.state().cards;
        let uids: BTreeSet<&str> = cards.values().map(|card| said(card, "UID")).collect();
        assert_eq!(uids.len(), cards.len(), "cut off after {point} requests");
    }
}

#[rstest]
#[case::says_for_how_long(Habits { busy: Some((4, Some(1))), ..Habits::default() })]
#[case::does_not_say(Habits { busy: Some((3, None)), ..Habits::default() })]
#[case::meets_faults(Habits { error_500: Some(2), ..Habits::default() })]
#[case::answers_half(Habits { half_pages: true, ..Habits::default() })]
#[case::cuts_lists_off(Habits { truncate: Some(7), ..Habits::default() })]
#[case::repeats_pages(Habits { truncate: Some(7), repeat_page: true, ..Habits::default() })]
fn a_server_with_a_bad_habit_costs_time_and_nothing_else(#[case] habits: Habits) {
    let (ws, fake) = connected(0..40);
    fake.habits(habits.clone());
    let first = sync(&ws);
    assert_eq!((first.end, first.counts.created, ws.count()), (End::Done, 40, 40));
    for n in 0..2 {
        edit(&ws, n, "description", &format!("ours {n}"));
        fake.edit(&format!("{n}.vcf"), |card| saying(card, "TITLE", &format!("theirs {n}")));
    }
    fake.delete("9.vcf");
    fake.habits(habits);
    assert_eq!(sync(&ws).end, End::Done);
    // Perhaps a fault came in place of the answer to a write.
    fake.habits(Habits::default());
    sync(&ws);
    let [here, there] = sides(&ws, &fake);
    assert_eq!((here.len(), &here), (39, &there));
    assert_eq!(said(&record(&fake, 1), "NOTE"), "ours 1");
    assert_eq!(person(&ws, 1).job_title, "theirs 1");
    is_at_rest(&ws, &fake);
}

#[test]
fn a_server_that_asks_for_a_long_wait_is_left_until_another_time() {
    let (ws, fake) = connected(0..3);
    fake.habits(Habits { busy: Some((1, Some(120))), ..Habits::default() });
    let run = sync(&ws);
    assert_eq!(run.end, End::Paused(Reason::Busy { after_ms: 120_000 }));
    assert_eq!(running::said(&run.end).to_string(), "the server asks to wait for 120 seconds");
    fake.habits(Habits::default());
    assert_eq!(sync(&ws).counts.created, 3);
}

#[test]
#[expect(clippy::disallowed_methods, reason = "how long it takes is what is asked")]
fn who_stops_a_run_that_waits_does_not_wait() {
    /// Stops it at the third look.
    struct Stop(AtomicU64);
    impl Progress for Stop {
        fn at(&self, _: u64, _: u64) -> bool {
            self.0.fetch_add(1, Ordering::Relaxed) < 2
        }
    }
    let (ws, fake) = connected(0..3);
    fake.habits(Habits { busy: Some((1, Some(30))), ..Habits::default() });
    let begun = Instant::now();
    let run = sync_with(&ws, &Stop(AtomicU64::default()));
    assert_eq!(run.end, End::Cancelled);
    assert!(begun.elapsed() < Duration::from_secs(1), "{:?}", begun.elapsed());
}

/// Our notes went to a server that keeps none; then somebody else writes another title there.
fn after_a_loss(hides_loss: bool) -> Workspace {
    let (ws, fake) = linked(0..4);
    fake.habits(Habits { strip: vec!["NOTE".into()], hides_loss, ..Habits::default() });
    for n in 0..4 {
        edit(&ws, n, "description", &format!("ours {n}"));
    }
    sync(&ws);
    assert_eq!(said(&record(&fake, 0), "NOTE"), "");
    is_at_rest(&ws, &fake);
    for n in 0..4 {
        fake.edit(&format!("{n}.vcf"), |card| saying(card, "TITLE", &format!("theirs {n}")));
    }
    sync(&ws);
    ws
}

#[test]
fn a_property_that_the_server_drops_is_not_dropped_here() {
    let ws = after_a_loss(false);
    for n in 0..4 {
        let contact = person(&ws, n);
        assert_eq!((contact.job_title, contact.description), (format!("theirs {n}"), format!("ours {n}")));
    }
}

#[test]
fn a_property_that_the_server_drops_without_a_word_is_not_lost_here() {
    let ws = after_a_loss(true);
    for n in 0..4 {
        let contact = person(&ws, n);
        assert_eq!((contact.job_title, contact.description), (format!("theirs {n}"), format!("ours {n}")));
    }
}

#[test]
fn a_name_without_its_parts_is_the_same_name() {
    let (ws, fake) = (Workspace::default(), FakeRemote::start());
    let file = ws.file("in.csv", "name,email\nAna Vidal,ana@x.example\n");
    import::run(&ws.core, &ImportRequest::of(file), &who(), &Unwatched).expect("an import");
    let card = card("u-1", "Ana Vidal", &["EMAIL:ana@x.example".to_owned()]);
    fake.put("1.vcf", &saying(&card, "N", "Vidal;Ana;;;"));
    connect(&ws, &fake);
    approve_all(&ws);
    check::enable(&ws.core, NAME, &looked_at(&ws), "", &who()).expect("the review says yes");
    assert_eq!(sync(&ws).counts.conflicts, 0);
    let ana = contact::find(&ws.core, "ana@x.example").expect("a contact").contact;
    assert_eq!((ana.name.as_str(), ana.name_parts.family.as_str()), ("Ana Vidal", "Vidal"));
}

#[test]
fn a_run_after_a_preview_counts_what_the_preview_read() {
    let (ws, fake) = connected(0..20);
    let preview = running::run(&ws.core, NAME, true, &who(), &Unwatched).expect("a preview");
    assert_eq!((preview.end, preview.totals.created_here, ws.count(), fake.writes()), (End::Previewed, 20, 0, 0));
    let run = sync(&ws);
    assert_eq!((run.counts.pulled, run.counts.created, ws.count()), (20, 20, 20));
}

#[test]
fn a_card_whose_uid_changed_is_no_second_contact() {
    let (ws, fake) = linked(0..6);
    fake.edit("3.vcf", |card| saying(&saying(card, "UID", "made-anew"), "TITLE", "theirs"));
    let run = sync(&ws);
    assert_eq!((run.end, run.counts.created, ws.count()), (End::Done, 0, 6));
    assert_eq!(person(&ws, 3).job_title, "Title 3", "whose it is waits for a person");
    // The same with a cursor that is too old, when everything is listed again.
    fake.expire();
    sync(&ws);
    assert_eq!((ws.count(), fake.writes()), (6, 0));
    is_at_rest(&ws, &fake);
}

#[test]
fn a_cursor_that_is_too_old_brings_everything_again_and_doubles_nothing() {
    let (ws, fake) = linked(0..20);
    edit(&ws, 3, "description", "ours");
    fake.edit("4.vcf", |card| saying(card, "TITLE", "theirs"));
    fake.delete("5.vcf");
    fake.expire();
    let run = sync(&ws);
    assert_eq!((run.end, run.counts.created, ws.count()), (End::Done, 0, 19));
    assert_eq!((said(&record(&fake, 3), "NOTE"), person(&ws, 4).job_title.as_str()), ("ours", "theirs"));
    is_at_rest(&ws, &fake);
}

#[test]
fn after_a_join_and_its_undo_each_has_the_record_it_had() {
    let (ws, fake) = linked(0..2);
    let other = Contact { name: "Bo".into(), ..Contact::default() };
    let (bo, _) = contact::create(&ws.core, other, &who()).expect("made");
    let target = Target::Contact(bo.as_str().to_owned());
    let ana = person(&ws, 0).id;
    let (_, operation) = join::link(&ws.core, ana.as_str(), &target, None, &who()).expect("joined");
    sync(&ws);
    history::undo(&ws.core, operation.as_ref().map(|id| id.as_str()), &who()).expect("undone");
    sync(&ws);
    assert_eq!(said(&record(&fake, 0), "FN"), "Person 0");
    assert_eq!(person(&ws, 0).name, "Person 0");
    is_at_rest(&ws, &fake);
}

#[test]
fn an_import_that_is_undone_and_done_again_finds_its_records() {
    let (ws, fake) = connected(0..0);
    let header = "id,name,email,phone,company,source,first_seen,last_seen,conversation_count,tags,page_url,ip_country";
    let file = ws.file("in.csv", format!("{header}\nctc_8f3k2j1m,Ana,ana@x.example,,,,,,0,,,\n"));
    import::run(&ws.core, &ImportRequest::of(file.clone()), &who(), &Unwatched).expect("an import");
    sync(&ws);
    history::undo(&ws.core, None, &who()).expect("undone");
    sync(&ws);
    import::run(&ws.core, &ImportRequest::of(file), &who(), &Unwatched).expect("an import");
    sync(&ws);
    assert_eq!((ws.count(), fake.state().cards.len()), (1, 1), "one contact, one record");
    is_at_rest(&ws, &fake);
}

#[test]
fn who_agreed_to_a_deletion_did_not_agree_to_a_later_one() {
    let (ws, fake) = linked(0..100);
    for n in 0..50 {
        fake.delete(&format!("{n}.vcf"));
    }
    assert_eq!(sync(&ws).end, End::Paused(Reason::Asked));
    remotes::agree(&ws.core, NAME, &who()).expect("agreed");
    // It was put right meanwhile.
    people(&fake, 0..50);
    assert_eq!((sync(&ws).end, ws.count()), (End::Done, 100));
    for n in 50..80 {
        fake.delete(&format!("{n}.vcf"));
    }
    assert_eq!((sync(&ws).end, ws.count()), (End::Paused(Reason::Asked), 100));
}

#[test]
fn a_restored_workspace_writes_nothing_before_somebody_turns_it_on() {
    let (ws, fake) = linked(0..3);
    let backup = ws.files.join("copy.cardfile-backup");
    ws.core.backup(&backup).expect("a backup");
    edit(&ws, 0, "job_title", "Later");
    sync(&ws);
    let into = ws.files.join("restored");
    let (restored, _) = Core::restore(&backup, &into, None, environment()).expect("restored");
    let refused = running::run(&restored, NAME, false, &who(), &Unwatched).expect_err("it is off");
    assert_eq!(refused.code, Code::Refused);
    let found = check::check(&restored, NAME, &Unwatched).expect("a check");
    check::enable(&restored, NAME, &found, "it is ours", &who()).expect("turned on");
    let writes = fake.writes();
    running::run(&restored, NAME, false, &who(), &Unwatched).expect("a run");
    assert_eq!(fake.writes(), writes, "everything is read first");
    let title = contact::find(&restored, "u-0").expect("they").contact.job_title;
    assert_eq!(title, "Later");
}

#[test]
fn visitors_and_made_up_people_stay_here() {
    let (ws, fake) = connected(0..0);
    sample::load(&ws.core, &who()).expect("made-up people");
    sync(&ws);
    assert_eq!(fake.writes(), 0);
}

#[test]
fn a_second_connection_needs_a_team_where_another_cardfile_writes_too() {
    let (ws, fake) = (Workspace::default(), FakeRemote::start());
    fake.put("a.vcf", &card("ctc_01m8anvtkbfmnttj7b70560bvq", "Ana", &[]));
    connect(&ws, &fake);
    approve_all(&ws);
    assert!(looked_at(&ws).is_met(), "the only connection of this workspace may be another device's too");
    let first = FakeRemote::start();
    let new = NewRemote {
        name: "First".into(),
        kind: "carddav".into(),
        url: first.url(),
        user: String::new(),
        password: SecretText::new(String::new()),
        place: String::new(),
    };
    remotes::add(&ws.core, new, &who()).expect("a connection");
    let found = check::check(&ws.core, "First", &Unwatched).expect("a check");
    check::enable(&ws.core, "First", &found, "", &who()).expect("nobody else writes there");

    let found = looked_at(&ws);
    let said = found.review.iter().find(|row| !row.is_met).expect("a condition").evidence.to_string();
    assert!(said.contains("another Cardfile") && said.contains("database of the team"), "{said}");
    let refused = check::enable(&ws.core, NAME, &found, "", &who()).expect_err("the review says no");
    assert_eq!(refused.code, Code::Refused);
}
