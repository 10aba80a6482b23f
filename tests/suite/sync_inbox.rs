//! What a connection leaves to a person: records that may be another person's, writes and
//! records that are not taken, and conflicts that are decided once and for all.

use crate::sync_scene::{NAME, card, edit, is_at_rest, linked, person, record, said, saying, sync};
use cardfile_core::{
    Code,
    commands::dispatch,
    contact,
    domain::{Contact, OperationId},
    history,
    session::{Event, Session},
    sync::{
        Counts, aside,
        remotes::{self, Known},
        rules,
        waits::{self, Conflict, Decided, RelinkView},
    },
};
use cardfile_sync::run::End;
use cardfile_testkit::{
    Workspace, another_environment,
    fake_remote::{FakeRemote, Habits},
    who,
};
use rstest::rstest;
use serde_json::json;

fn waiting(ws: &Workspace) -> Vec<Conflict> {
    waits::all(&ws.core).expect("what waits")
}

/// The only thing that waits: whether a record is still theirs.
fn asked(ws: &Workspace) -> (i64, RelinkView) {
    let [conflict] = &waiting(ws)[..] else { panic!("one thing waits: {:?}", waiting(ws)) };
    assert_eq!((conflict.kind, conflict.fields.len(), conflict.deleted), ("relink", 0, None));
    (conflict.pair, conflict.relink.clone().expect("a question"))
}

fn decide(ws: &Workspace, pair: i64, choice: &str) {
    let decided = Decided::parse(pair, None, choice, String::new()).expect("a decision");
    let (count, _) = waits::decide(&ws.core, &[decided], &who()).expect("decided");
    assert_eq!(count, 1, "{choice}");
}

fn named(ws: &Workspace, name: &str) -> Contact {
    let mut all = ws.contacts().into_iter().filter(|contact| contact.name == name);
    all.next().unwrap_or_else(|| panic!("{name} is there"))
}

/// The external IDs of a contact.
fn ids(contact: &Contact) -> Vec<&str> {
    contact.links.iter().map(|link| link.external_id.as_str()).collect()
}

/// Six people, of whom one has another UID and title there, and another note here.
fn renamed() -> (Workspace, FakeRemote) {
    let (ws, fake) = linked(0..6);
    fake.edit("3.vcf", |card| saying(&saying(card, "UID", "made-anew"), "TITLE", "theirs"));
    edit(&ws, 3, "description", "ours");
    let run = sync(&ws);
    let Counts { relinks, conflicts, created, pushed, .. } = run.counts;
    assert_eq!((run.end, relinks, conflicts, created, pushed), (End::Done, 1, 0, 0, 0));
    (ws, fake)
}

/// Six people, of whom one is there no more, and another record with the same email is.
fn replaced() -> (Workspace, FakeRemote) {
    let (ws, fake) = linked(0..6);
    let lines = ["EMAIL:p3@x.example", "TITLE:theirs", "NOTE:Note 3"].map(str::to_owned);
    fake.delete("3.vcf");
    fake.put("new.vcf", &card("made-anew", "Person 3", &lines));
    let run = sync(&ws);
    let Counts { relinks, created, deleted, .. } = run.counts;
    assert_eq!((run.end, relinks, created, deleted), (End::Done, 1, 0, 0));
    (ws, fake)
}

#[test]
fn a_record_under_another_id_waits_and_nothing_goes_either_way() {
    let (ws, fake) = renamed();
    let (pair, relink) = asked(&ws);
    assert_eq!((relink.how, relink.from.as_str(), relink.to.as_str()), ("renamed", "u-3", "made-anew"));
    assert_eq!((relink.name.as_str(), relink.email.as_str()), ("Person 3", "p3@x.example"));
    assert_eq!(relink.taken_by, None);
    for _ in 0..2 {
        assert_eq!((ws.count(), fake.writes()), (6, 0));
        assert_eq!((person(&ws, 3).job_title.as_str(), said(&record(&fake, 3), "NOTE")), ("Title 3", "Note 3"));
        is_at_rest(&ws, &fake);
        // The same when everything is listed again.
        fake.expire();
        sync(&ws);
    }
    let other = Decided::parse(pair, Some("job_title".into()), "mine", String::new()).expect("a decision");
    assert_eq!(waits::decide(&ws.core, &[other], &who()).expect("nothing").0, 0, "nothing else is decided before");
}

#[test]
fn a_record_that_is_still_theirs_goes_on_under_its_new_id() {
    let (ws, fake) = renamed();
    decide(&ws, asked(&ws).0, "relink");
    assert_eq!((waiting(&ws).len(), fake.writes()), (0, 0), "the next run carries it out");
    let run = sync(&ws);
    assert_eq!((run.end, run.counts.merged, run.counts.created, ws.count()), (End::Done, 1, 0, 6));
    let (theirs, there) = (named(&ws, "Person 3"), record(&fake, 3));
    assert_eq!((theirs.job_title.as_str(), said(&there, "NOTE"), said(&there, "UID")), ("theirs", "ours", "made-anew"));
    assert_eq!(ids(&theirs), ["made-anew"], "it is known by its new ID");
    is_at_rest(&ws, &fake);
    // Nobody is asked again.
    fake.edit("3.vcf", |card| saying(card, "TITLE", "later"));
    assert_eq!((sync(&ws).counts.relinks, named(&ws, "Person 3").job_title.as_str()), (0, "later"));
}

#[test]
fn a_record_that_is_another_persons_makes_a_contact_and_theirs_gets_a_record() {
    let (ws, fake) = linked(0..6);
    fake.put("3.vcf", &card("u-99", "Nora", &["EMAIL:nora@x.example".to_owned()]));
    assert_eq!(sync(&ws).counts.relinks, 1);
    let (pair, relink) = asked(&ws);
    assert_eq!((relink.name.as_str(), relink.email.as_str()), ("Nora", "nora@x.example"));
    decide(&ws, pair, "apart");
    let run = sync(&ws);
    assert_eq!((run.end, run.counts.created, run.counts.pushed, ws.count()), (End::Done, 1, 1, 7));
    let nora = named(&ws, "Nora");
    assert_eq!((ids(&nora), nora.job_title.as_str()), (vec!["u-99"], ""));
    assert_eq!(person(&ws, 3).job_title, "Title 3");
    let cards = fake.state().cards;
    let again = cards.values().find(|card| said(card, "FN") == "Person 3").expect("a record of theirs");
    assert_eq!((said(again, "TITLE"), said(&cards["3.vcf"], "FN")), ("Title 3", "Nora"));
    is_at_rest(&ws, &fake);
}

#[test]
fn an_id_that_another_contact_has_is_not_given_to_a_second_one() {
    let (ws, fake) = linked(0..6);
    fake.edit("3.vcf", |card| saying(card, "UID", "u-5"));
    sync(&ws);
    let (pair, relink) = asked(&ws);
    assert_eq!(relink.taken_by.as_deref(), Some("Person 5"));
    let decided = [Decided::parse(pair, None, "relink", String::new()).expect("a decision")];
    let refused = waits::decide(&ws.core, &decided, &who()).expect_err("it is another's");
    assert_eq!((refused.code, waiting(&ws).len()), (Code::Refused, 1));
    assert_eq!(ids(&person(&ws, 5)), ["u-5"]);
}

#[rstest]
#[case::it_says_the_old_id_again(false, 6, "theirs")]
#[case::it_is_gone(true, 5, "Title 3")]
fn a_question_that_settles_itself_is_asked_no_more(#[case] is_gone: bool, #[case] left: u32, #[case] title: &str) {
    let (ws, fake) = linked(0..6);
    fake.edit("3.vcf", |card| saying(card, "UID", "made-anew"));
    sync(&ws);
    asked(&ws);
    if is_gone {
        fake.delete("3.vcf");
    } else {
        fake.edit("3.vcf", |card| saying(&saying(card, "UID", "u-3"), "TITLE", "theirs"));
    }
    assert_eq!((sync(&ws).end, waiting(&ws).len(), ws.count()), (End::Done, 0, left));
    assert_eq!(person(&ws, 3).job_title, title);
    is_at_rest(&ws, &fake);
}

#[test]
fn a_record_that_came_as_another_went_is_no_second_contact_before_a_person_said_so() {
    let (ws, fake) = replaced();
    let (_, relink) = asked(&ws);
    assert_eq!((relink.how, relink.from.as_str(), relink.to.as_str()), ("replaced", "u-3", "made-anew"));
    assert_eq!((ws.count(), person(&ws, 3).binned_at), (6, None));
    for _ in 0..2 {
        is_at_rest(&ws, &fake);
        fake.expire();
        sync(&ws);
    }
    assert_eq!((ws.count(), fake.writes()), (6, 0));
    asked(&ws);
}

#[test]
fn with_a_record_that_came_in_its_place_nothing_is_agreed_and_nothing_overwritten() {
    let (ws, fake) = replaced();
    decide(&ws, asked(&ws).0, "relink");
    let run = sync(&ws);
    assert_eq!((run.end, run.counts.created, run.counts.deleted, ws.count()), (End::Done, 0, 0, 6));
    let [conflict] = &waiting(&ws)[..] else { panic!("the title waits") };
    let [title] = &conflict.fields[..] else { panic!("{conflict:?}") };
    let said = [&title.field, &title.mine, &title.theirs].map(String::as_str);
    assert_eq!((conflict.kind, said), ("values", ["job_title", "Title 3", "theirs"]));
    assert_eq!((ids(&named(&ws, "Person 3")), fake.writes()), (vec!["made-anew"], 0));
    is_at_rest(&ws, &fake);
}

#[test]
fn a_record_that_came_and_is_another_persons_makes_a_contact_and_the_deletion_counts() {
    let (ws, fake) = replaced();
    decide(&ws, asked(&ws).0, "apart");
    let run = sync(&ws);
    assert_eq!((run.end, run.counts.created, run.counts.deleted, ws.count()), (End::Done, 1, 1, 6));
    assert!(person(&ws, 3).binned_at.is_some(), "the record was deleted there");
    let other = contact::find(&ws.core, "made-anew").expect("another person").contact;
    assert_eq!((other.job_title.as_str(), waiting(&ws).len()), ("theirs", 0));
    is_at_rest(&ws, &fake);
}

#[test]
fn when_their_own_record_comes_back_the_other_one_is_somebody_elses() {
    let (ws, fake) = replaced();
    let lines = ["EMAIL:p3@x.example", "TITLE:Title 3", "NOTE:Note 3"].map(str::to_owned);
    fake.put("3.vcf", &card("u-3", "Person 3", &lines));
    let run = sync(&ws);
    assert_eq!((run.end, run.counts.created, run.counts.deleted), (End::Done, 1, 0));
    assert_eq!((ws.count(), waiting(&ws).len()), (7, 0));
    is_at_rest(&ws, &fake);
}

/// A server that takes no captains, and one contact that is one. It was told so three times.
fn refused() -> (Workspace, FakeRemote) {
    let (ws, fake) = linked(0..3);
    fake.habits(Habits { refuse: vec!["Captain".into()], ..Habits::default() });
    edit(&ws, 1, "job_title", "Captain");
    for times in 1..=3 {
        assert_eq!(aside::writes(&ws.core).expect("readable").len(), 0, "it is tried {times} times");
        assert_eq!((sync(&ws).end, fake.writes()), (End::Done, times));
    }
    (ws, fake)
}

#[test]
fn a_write_that_is_not_taken_is_shown_with_the_servers_words_and_sent_no_more() {
    let (ws, fake) = refused();
    let [write] = &aside::writes(&ws.core).expect("readable")[..] else { panic!("one write") };
    assert_eq!((write.name.as_str(), write.remote_name.as_str(), write.times), ("Person 1", NAME, 3));
    assert_eq!(write.reason, "403 Forbidden: nobody is called Captain here");
    let [value] = &write.values[..] else { panic!("{write:?}") };
    assert_eq!((value.field.as_str(), value.value.as_str()), ("job_title", "Captain"));
    assert_eq!(waiting(&ws), [], "it is no conflict");
    is_at_rest(&ws, &fake);

    // The server has changed its mind, and hears of it when a person wants that.
    fake.habits(Habits::default());
    is_at_rest(&ws, &fake);
    decide(&ws, write.pair, "retry");
    assert_eq!(aside::writes(&ws.core).expect("readable"), []);
    assert_eq!((sync(&ws).counts.pushed, said(&record(&fake, 1), "TITLE")), (1, "Captain"));
    is_at_rest(&ws, &fake);
}

#[test]
fn a_write_that_a_person_leaves_is_shown_no_more_until_it_says_something_else() {
    let (ws, fake) = refused();
    let pair = aside::writes(&ws.core).expect("readable")[0].pair;
    decide(&ws, pair, "dismiss");
    assert_eq!(aside::writes(&ws.core).expect("readable"), []);
    is_at_rest(&ws, &fake);
    edit(&ws, 1, "job_title", "Pilot");
    assert_eq!((sync(&ws).counts.pushed, said(&record(&fake, 1), "TITLE")), (1, "Pilot"));
}

#[test]
fn a_write_that_was_taken_back_here_is_shown_no_more() {
    let (ws, fake) = refused();
    edit(&ws, 1, "job_title", "Title 1");
    sync(&ws);
    assert_eq!(aside::writes(&ws.core).expect("readable"), []);
    is_at_rest(&ws, &fake);
}

/// A record that cannot be taken, beside three that can.
fn set_aside() -> (Workspace, FakeRemote, String) {
    let (ws, fake) = linked(0..3);
    let broken = card("u-9", "Nora", &["EMAIL:nowhere".to_owned()]);
    fake.put("9.vcf", &broken);
    assert_eq!(sync(&ws).counts.quarantined, 1);
    (ws, fake, broken)
}

/// The key of the only record that is set aside.
fn key(ws: &Workspace) -> String {
    let [one] = &aside::records(&ws.core).expect("readable")[..] else { panic!("one record") };
    one.key.clone()
}

fn times_asked_for(fake: &FakeRemote, name: &str) -> usize {
    fake.state().asked.iter().filter(|asked| asked.body.contains(&format!("{name}</"))).count()
}

#[test]
fn a_record_that_cannot_be_taken_is_shown_with_its_reason_and_as_it_is() {
    let (ws, fake, broken) = set_aside();
    let [one] = &aside::records(&ws.core).expect("readable")[..] else { panic!("one record") };
    assert!(one.key.ends_with("9.vcf") && one.has_body, "{one:?}");
    assert!(one.reason.to_string().contains("email has no @"), "{}", one.reason);
    assert_eq!(aside::record(&ws.core, NAME, &one.key).expect("kept").body, broken);
    assert_eq!((ws.count(), fake.writes()), (3, 0));
    is_at_rest(&ws, &fake);
}

#[test]
fn a_record_is_tried_again_by_the_next_run_and_set_aside_again_while_it_cannot_be_taken() {
    let (ws, fake, _) = set_aside();
    let (key, before) = (key(&ws), times_asked_for(&fake, "9.vcf"));
    sync(&ws);
    assert_eq!(times_asked_for(&fake, "9.vcf"), before, "it is not asked for by itself");
    assert!(aside::decide_record(&ws.core, NAME, &key, true, &who()).expect("decided"));
    assert_eq!(aside::records(&ws.core).expect("readable"), []);
    assert_eq!(sync(&ws).counts.quarantined, 1);
    assert_eq!(times_asked_for(&fake, "9.vcf"), before + 1);
    assert_eq!(aside::records(&ws.core).expect("readable").len(), 1);
    is_at_rest(&ws, &fake);
    // Once it is mended there it is taken by itself.
    fake.put("9.vcf", &card("u-9", "Nora", &["EMAIL:nora@x.example".to_owned()]));
    assert_eq!((sync(&ws).counts.created, ws.count()), (1, 4));
    assert_eq!(aside::records(&ws.core).expect("readable"), []);
}

#[test]
fn a_record_that_a_person_leaves_is_forgotten_until_it_changes() {
    let (ws, fake, broken) = set_aside();
    let key = key(&ws);
    assert!(aside::decide_record(&ws.core, NAME, &key, false, &who()).expect("decided"));
    assert!(!aside::decide_record(&ws.core, NAME, &key, false, &who()).expect("decided"), "it is there no more");
    is_at_rest(&ws, &fake);
    assert_eq!(aside::records(&ws.core).expect("readable"), []);
    fake.put("9.vcf", &saying(&broken, "TITLE", "Buyer"));
    assert_eq!(sync(&ws).counts.quarantined, 1);
}

/// The window is given the sentence, which its catalogues know, and scripts its English.
#[test]
fn a_second_record_of_a_contact_says_beside_which_it_waits_in_the_language_of_the_window() {
    let (ws, fake) = linked(0..3);
    fake.put("twin.vcf", &card("u-1", "Twin", &[]));
    assert_eq!((sync(&ws).end, ws.count()), (End::Done, 3));
    let [one] = &aside::records(&ws.core).expect("readable")[..] else { panic!("one record") };
    let first = one.key.replace("twin.vcf", "1.vcf");
    assert_ne!(one.key, first);
    let english = format!("it means the same contact as {first}, and a contact has one record");
    assert_eq!(json!(one)["reason"], english.as_str());

    let session = Session::new(ws.dir.clone(), None, another_environment(), |_: Event| {});
    session.open(None).expect("open");
    let view = |name: &str| dispatch(&session, name, json!({})).expect("a view");
    let template = "it means the same contact as {other}, and a contact has one record";
    let said = json!({ "template": template, "arguments": { "other": first } });
    assert_eq!(view("conflict_list")["aside"][0]["reason"], said);
    assert_eq!(view("remote_list")["remotes"][0]["quarantined"][0]["reason"], said);
}

/// Titles of three people and a note of a fourth were changed on both sides.
fn conflicts() -> (Workspace, FakeRemote) {
    let (ws, fake) = linked(0..6);
    for n in 0..3 {
        both_retitle(&ws, &fake, n);
    }
    edit(&ws, 4, "description", "ours 4");
    fake.edit("4.vcf", |card| saying(card, "NOTE", "theirs 4"));
    assert_eq!(sync(&ws).counts.conflicts, 4);
    (ws, fake)
}

fn both_retitle(ws: &Workspace, fake: &FakeRemote, n: u32) {
    edit(ws, n, "job_title", &format!("ours {n}"));
    fake.edit(&format!("{n}.vcf"), |card| saying(card, "TITLE", &format!("theirs {n}")));
}

fn titles(ws: &Workspace) -> [String; 3] {
    [0, 1, 2].map(|n| person(ws, n).job_title)
}

fn keep(ws: &Workspace, side: &str, seen: Option<&str>) -> (u32, Option<OperationId>) {
    let side = rules::parse(side).expect("a side");
    rules::set(&ws.core, NAME, "job_title", side, seen, &who()).expect("a rule")
}

fn rules_of(ws: &Workspace) -> Vec<(String, &'static str)> {
    let known: Known = remotes::find(&ws.core, NAME).expect("a connection");
    rules::of(&known).into_iter().map(|rule| (rule.field, rule.keep)).collect()
}

#[test]
fn a_rule_is_shown_before_it_is_kept_and_changes_nothing_until_then() {
    let (ws, fake) = conflicts();
    let found = rules::preview(&ws.core, NAME, "job_title").expect("a preview");
    assert_eq!((found.settles, found.waiting), (3, 4));
    let values: Vec<[&str; 3]> =
        found.values.iter().map(|value| [&value.name, &value.mine, &value.theirs].map(String::as_str)).collect();
    assert_eq!(
        values,
        [["Person 0", "ours 0", "theirs 0"], ["Person 1", "ours 1", "theirs 1"], ["Person 2", "ours 2", "theirs 2"]]
    );
    assert_eq!((waiting(&ws).len(), rules_of(&ws), fake.writes()), (4, Vec::new(), 0));
    // What was shown is what is done, or nothing.
    decide_field(&ws, 0, "mine");
    let side = rules::parse("theirs").expect("a side");
    let refused = rules::set(&ws.core, NAME, "job_title", side, Some(&found.seen), &who()).expect_err("it is another");
    assert_eq!((refused.code, rules_of(&ws)), (Code::Refused, Vec::new()));
    assert_eq!(rules::preview(&ws.core, NAME, "shoe_size").expect_err("no field").code, Code::BadRequest);
}

fn decide_field(ws: &Workspace, n: u32, choice: &str) {
    let all = waiting(ws);
    let conflict = all.iter().find(|one| one.name == format!("Person {n}")).expect("it waits");
    let decided = Decided::parse(conflict.pair, Some("job_title".into()), choice, String::new()).expect("a decision");
    assert_eq!(waits::decide(&ws.core, &[decided], &who()).expect("decided").0, 1);
}

#[test]
fn a_rule_for_theirs_settles_what_waits_in_one_step_that_can_be_taken_back() {
    let (ws, fake) = conflicts();
    let seen = rules::preview(&ws.core, NAME, "job_title").expect("a preview").seen;
    let (settled, operation) = keep(&ws, "theirs", Some(&seen));
    assert_eq!((settled, titles(&ws)), (3, ["theirs 0", "theirs 1", "theirs 2"].map(str::to_owned)));
    assert_eq!((waiting(&ws).len(), rules_of(&ws)), (1, vec![("job_title".to_owned(), "theirs")]));
    history::undo(&ws.core, operation.as_ref().map(|id| id.as_str()), &who()).expect("one step back");
    assert_eq!(titles(&ws), ["ours 0", "ours 1", "ours 2"].map(str::to_owned));
    assert_eq!(fake.writes(), 0);
}

#[test]
fn a_rule_decides_later_conflicts_by_itself_until_it_is_taken_away() {
    let (ws, fake) = conflicts();
    keep(&ws, "theirs", None);
    both_retitle(&ws, &fake, 5);
    let run = sync(&ws);
    assert_eq!((run.end, run.counts.conflicts, person(&ws, 5).job_title.as_str()), (End::Done, 0, "theirs 5"));
    is_at_rest(&ws, &fake);
    rules::remove(&ws.core, NAME, "job_title", &who()).expect("taken away");
    assert_eq!(rules_of(&ws), []);
    edit(&ws, 5, "job_title", "ours again");
    fake.edit("5.vcf", |card| saying(card, "TITLE", "theirs again"));
    let run = sync(&ws);
    assert_eq!((run.end, run.counts.conflicts, person(&ws, 5).job_title.as_str()), (End::Done, 1, "ours again"));
}

#[test]
fn a_rule_for_mine_sends_ours_with_the_next_run_and_before_it_all_is_as_it_was() {
    let (ws, fake) = conflicts();
    let before = waiting(&ws);
    assert_eq!(keep(&ws, "mine", None), (3, None), "nothing changes here");
    assert_eq!((waiting(&ws).len(), titles(&ws)), (1, ["ours 0", "ours 1", "ours 2"].map(str::to_owned)));
    rules::remove(&ws.core, NAME, "job_title", &who()).expect("taken away");
    assert_eq!(waiting(&ws), before);
    keep(&ws, "mine", None);
    let run = sync(&ws);
    assert_eq!((run.end, run.counts.pushed, run.counts.conflicts), (End::Done, 3, 0));
    for n in 0..3 {
        assert_eq!(said(&record(&fake, n), "TITLE"), format!("ours {n}"));
    }
    is_at_rest(&ws, &fake);
}
