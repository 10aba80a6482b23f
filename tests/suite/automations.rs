//! Automation rules: what they say they will do is what they do; a person's word
//! stands above theirs; no rule wakes another.

use crate::identity::{card, named};
use cardfile_core::{
    automations::{self, Preview},
    board,
    bulk::{self, Deed},
    contact, history, ingest, parts,
    progress::Unwatched,
    view::{self, ViewRequest},
};
use cardfile_domain::{
    Contact, ContactId, Millis, StageBy,
    automation::{Action, Automation, AutomationState, Trigger},
    part::Task,
};
use cardfile_testkit::{Workspace, who};
use serde_json::json;

fn rule(name: &str, trigger: Trigger, filter: &str, actions: &[Action]) -> Automation {
    let name = name.to_owned();
    Automation {
        name,
        trigger,
        filter: filter.into(),
        actions: actions.to_vec(),
        ceiling: 100,
        ..Automation::default()
    }
}

fn stage(stage: &str) -> Action {
    Action::Stage { stage: stage.into() }
}

fn tag(tag: &str) -> Action {
    Action::Tag { tag: tag.into() }
}

fn on(ws: &Workspace, rule: &Automation) -> u32 {
    automations::put(&ws.core, rule, &who()).expect("a rule");
    automations::turn_on(&ws.core, &rule.name, &who(), &Unwatched).expect("on").0
}

fn of(ws: &Workspace, id: &str) -> Contact {
    contact::find(&ws.core, id).expect(id).contact
}

fn edit(ws: &Workspace, id: &str, field: &str, value: serde_json::Value) {
    contact::edit(&ws.core, &ContactId::parse(id).expect("an id"), field, value, &who()).expect("edited");
}

fn listed(ws: &Workspace, filter: &str) -> usize {
    let request = ViewRequest { filter: filter.into(), ..ViewRequest::default() };
    view::resolve(&ws.core, &request).expect(filter).1.len()
}

#[test]
fn a_dry_run_adds_up_writes_nothing_and_is_what_then_happens() {
    let ws = Workspace::default();
    for n in 0..40 {
        card(&ws.core, Contact { conversation_count: n, ..named(&format!("P {n}")) });
    }
    let people = ws.contacts();
    for one in &people[20..25] {
        edit(&ws, one.id.as_str(), "stage", json!("lead"));
    }
    let qualified = rule(
        "Qualified",
        Trigger::Change,
        "conversations:>9",
        &[stage("qualified"), Action::Task { title: "Call".into(), days: 2 }],
    );
    automations::put(&ws.core, &rule("Tagged", Trigger::Daily, "conversations:>29", &[tag("busy")]), &who())
        .expect("a rule");
    let before = ws.hash();
    let found = automations::preview(&ws.core, &qualified).expect("a dry run");
    assert_eq!(ws.hash(), before);
    // A task is made for everybody; the stage of five is left alone.
    assert_eq!((found.matching, found.changing, found.tasks), (30, 30, 30));
    assert_eq!(found.stages, [(String::new(), 25)]);
    let only_stage = Automation { actions: vec![stage("qualified")], ..qualified.clone() };
    let found = automations::preview(&ws.core, &only_stage).expect("a dry run");
    let expected = Preview { matching: 30, changing: 25, by_hand: 5, ..Preview::default() };
    assert_eq!(Preview { stages: Vec::new(), first: Vec::new(), ..found }, expected);
    assert_eq!(on(&ws, &only_stage), 25);
    assert_eq!((listed(&ws, "stage:qualified"), listed(&ws, "stage:lead stage_by:hand")), (25, 5));
    let again = automations::preview(&ws.core, &only_stage).expect("a dry run");
    assert_eq!((again.changing, again.by_hand, again.already), (0, 5, 25));
    assert_eq!(automations::find(&ws.core, "Qualified").expect("it").state, AutomationState::On);
    // One step back: the stages, their marks, and that it is on.
    let after = ws.hash();
    history::undo(&ws.core, None, &who()).expect("undone");
    history::redo(&ws.core, None, &who()).expect("done again");
    assert_eq!(ws.hash(), after);
    history::undo(&ws.core, None, &who()).expect("undone");
    assert_eq!(listed(&ws, "stage:qualified"), 0);
    assert_eq!(automations::find(&ws.core, "Qualified").expect("it").state, AutomationState::Off);
}

#[test]
fn a_stage_set_by_a_person_stands_until_the_person_empties_it() {
    let ws = Workspace::default();
    let ana = card(&ws.core, named("Ana"));
    on(&ws, &rule("New", Trigger::Change, "stage:none", &[stage("new")]));
    let card = of(&ws, &ana);
    assert_eq!((card.stage.as_str(), card.stage_by), ("new", StageBy::Rule));
    assert!(card.stage_since.is_some());
    edit(&ws, &ana, "stage", json!("customer"));
    on(&ws, &rule("Back", Trigger::Change, "stage:customer", &[stage("returning")]));
    assert_eq!(of(&ws, &ana).stage, "customer", "a rule does not overrule a person");
    edit(&ws, &ana, "stage", json!(""));
    automations::catch_up(&ws.core).expect("the rules look");
    assert_eq!((of(&ws, &ana).stage.as_str(), of(&ws, &ana).stage_by), ("new", StageBy::Rule));
}

#[test]
fn no_rule_wakes_another_and_what_is_taken_back_wakes_none() {
    let ws = Workspace::default();
    on(&ws, &rule("One", Trigger::Change, "tag:a", &[tag("b")]));
    on(&ws, &rule("Two", Trigger::Change, "tag:b", &[tag("c")]));
    let ana = card(&ws.core, Contact { tags: vec!["a".into()], ..named("Ana") });
    let ran = automations::catch_up(&ws.core).expect("the rules look");
    // The second looks at the same event after the first: in their order, and once.
    assert_eq!(ran.iter().map(|ran| ran.rule.as_str()).collect::<Vec<_>>(), ["One", "Two"]);
    assert_eq!(of(&ws, &ana).tags, ["a", "b", "c"]);
    assert_eq!(automations::catch_up(&ws.core).expect("the rules look"), [], "their deeds are nothing that happened");
    for ran in ran.iter().rev() {
        let operation = ran.operation.as_ref().expect("an operation");
        history::undo(&ws.core, Some(operation.as_str()), &who()).expect("undone");
    }
    assert_eq!(automations::catch_up(&ws.core).expect("the rules look"), [], "nor is an undo");
    assert_eq!(of(&ws, &ana).tags, ["a"]);
    // Ctrl+Z is for what the person did, not for what a rule did since.
    edit(&ws, &ana, "company", json!("Solvento"));
    automations::catch_up(&ws.core).expect("the rules look");
    history::undo(&ws.core, None, &who()).expect("undone");
    assert_eq!((of(&ws, &ana).company, of(&ws, &ana).tags.len()), (String::new(), 3));
}

#[test]
fn a_guard_lets_a_rule_act_once_in_its_days() {
    let ws = Workspace::default();
    let call = Action::Task { title: "Call".into(), days: 1 };
    let ana = card(&ws.core, named("Ana"));
    on(&ws, &Automation { guard_days: 30, ..rule("Call", Trigger::Change, "tag:hot", &[call]) });
    let tasks = || parts::of::<Task>(&ws.core, &contact::find(&ws.core, &ana).expect("Ana")).expect("tasks").len();
    edit(&ws, &ana, "tags", json!(["hot"]));
    automations::catch_up(&ws.core).expect("the rules look");
    assert_eq!(tasks(), 1);
    edit(&ws, &ana, "company", json!("Solvento"));
    automations::catch_up(&ws.core).expect("the rules look");
    assert_eq!(tasks(), 1, "it was done within the last 30 days");
    let found = automations::preview(&ws.core, &automations::find(&ws.core, "call").expect("it")).expect("a dry run");
    assert_eq!((found.matching, found.guarded, found.changing), (1, 1, 0));
    ws.clock.pass_days(31);
    edit(&ws, &ana, "company", json!("Nordvik"));
    automations::catch_up(&ws.core).expect("the rules look");
    assert_eq!(tasks(), 2);
}

#[test]
fn a_rule_that_would_touch_too_many_stops_and_asks() {
    let ws = Workspace::default();
    on(&ws, &Automation { ceiling: 3, ..rule("All", Trigger::Arrival, "", &[tag("new")]) });
    for n in 0..4 {
        card(&ws.core, named(&format!("P {n}")));
    }
    let ran = automations::catch_up(&ws.core).expect("the rules look");
    assert_eq!((ran.len(), ran[0].changed, ran[0].operation.is_none()), (1, 4, true));
    assert_eq!(listed(&ws, "tag:new"), 0);
    assert_eq!(automations::find(&ws.core, "All").expect("it").state, AutomationState::Stopped);
    let (changed, _) = automations::turn_on(&ws.core, "All", &who(), &Unwatched).expect("on");
    assert_eq!(changed, 4);
}

#[test]
fn the_archive_takes_the_longest_unseen_and_gives_back_who_is_seen_again() {
    let ws = Workspace::default();
    for day in 1..=10 {
        card(&ws.core, Contact { last_seen: Some(Millis(day * Millis::DAY)), ..named(&format!("Day {day}")) });
    }
    let cap = rule("Cap", Trigger::Daily, "", &[Action::Archive { keep: 4 }]);
    automations::put(&ws.core, &cap, &who()).expect("a rule");
    assert_eq!(automations::catch_up(&ws.core).expect("the rules look"), [], "nothing before it is turned on");
    let (changed, _) = automations::turn_on(&ws.core, "Cap", &who(), &Unwatched).expect("on");
    assert_eq!(
        (changed, listed(&ws, ""), listed(&ws, "archived:any"), ws.core.count().expect("a count")),
        (6, 4, 6, 4)
    );
    assert!(
        ws.contacts()
            .iter()
            .filter(|one| one.archived_at.is_some())
            .all(|one| one.last_seen < Some(Millis(7 * Millis::DAY)))
    );
    assert_eq!(listed(&ws, "archived:any or archived:none"), 10);
    // Of an archived card everything is there, and its email still finds it.
    let old = ws.contacts()[0].clone();
    let told = json!({ "platform": "web", "source_id": "7", "name": "Day 1", "email": "one@x.example", "at": "2026-11-20T10:00:00Z" });
    edit(&ws, old.id.as_str(), "email", json!([{ "value": "one@x.example" }]));
    ingest::file(&ws.core, &ws.file("told.json", told.to_string()), &who()).expect("told");
    assert_eq!(of(&ws, old.id.as_str()).archived_at, None, "who writes again is in the list again");
    // The next day the cap holds again: the one seen last stays.
    ws.clock.pass_days(1);
    let ran = automations::catch_up(&ws.core).expect("the rules look");
    assert_eq!((ran.len(), ran[0].changed, listed(&ws, "")), (1, 1, 4));
    assert_eq!(automations::catch_up(&ws.core).expect("the rules look"), [], "once a day");
    let rows = bulk::of_filter(&ws.core, "archived:any").expect("rows");
    bulk::run(&ws.core, &rows, &Deed::Unarchive, &who(), &Unwatched).expect("back");
    assert_eq!(listed(&ws, ""), 10);
    history::undo(&ws.core, None, &who()).expect("undone");
    assert_eq!(listed(&ws, ""), 4);
}

#[test]
fn every_template_is_a_rule_and_those_of_the_lifecycle_fill_the_board() {
    let ws = Workspace::default();
    let told = json!([
        { "platform": "web", "source_id": "1", "name": "Ana", "email": "ana@x.example", "page_url": "https://x.example/pricing", "at": "2026-11-20T10:00:00Z" },
        { "platform": "web", "source_id": "1", "action": "request_demo", "at": "2026-11-20T10:01:00Z" },
    ]);
    let lines: Vec<String> = told.as_array().expect("a list").iter().map(ToString::to_string).collect();
    ingest::file(&ws.core, &ws.file("told.ndjson", lines.join("\n")), &who()).expect("told");
    for count in [2, 3, 4, 9] {
        card(&ws.core, Contact { conversation_count: count, ..named(&format!("P {count}")) });
    }
    card(&ws.core, Contact { tags: vec!["customer".into()], ..named("C") });
    for template in automations::templates() {
        on(&ws, &template);
    }
    let lanes: Vec<(String, u32)> =
        board::lanes(&ws.core).expect("a board").into_iter().map(|lane| (lane.stage, lane.count)).collect();
    let expected = [("new", 1), ("returning", 2), ("qualified", 2), ("customer", 1)];
    assert_eq!(lanes, expected.map(|(stage, count)| (stage.to_owned(), count)));
    let ana = ws.contacts().into_iter().find(|one| one.name == "Ana").expect("Ana");
    assert_eq!(ana.tags, ["pricing-intent", "demo-requested"]);
    assert_eq!(listed(&ws, "tag:engaged"), 3);
    assert_eq!((listed(&ws, "page:~pric"), listed(&ws, "action:~demo"), listed(&ws, "action:none")), (1, 1, 5));
}

#[test]
fn a_daily_rule_does_not_run_again_on_the_day_it_was_turned_on() {
    let ws = Workspace::default();
    let ana = card(&ws.core, named("Ana"));
    let call = Action::Task { title: "Call".into(), days: 1 };
    on(&ws, &rule("Daily", Trigger::Daily, "", &[call]));
    let tasks = || parts::of::<Task>(&ws.core, &contact::find(&ws.core, &ana).expect("Ana")).expect("tasks").len();
    automations::catch_up(&ws.core).expect("the rules look");
    assert_eq!(tasks(), 1);
    ws.clock.pass_days(1);
    automations::catch_up(&ws.core).expect("the rules look");
    assert_eq!(tasks(), 2);
}

#[test]
fn a_rule_about_conversations_leaves_alone_who_never_talked() {
    let ws = Workspace::default();
    on(&ws, &rule("Answer", Trigger::Conversation, "", &[tag("answer")]));
    card(&ws.core, named("Ana"));
    card(&ws.core, Contact { conversation_count: 1, ..named("Bo") });
    automations::catch_up(&ws.core).expect("the rules look");
    assert_eq!((listed(&ws, "tag:answer"), listed(&ws, "tag:answer name:bo")), (1, 1));
}

#[test]
fn a_cap_keeps_who_was_made_lately_and_never_seen() {
    let ws = Workspace::default();
    for day in 1..=3 {
        card(&ws.core, Contact { last_seen: Some(Millis(day * Millis::DAY)), ..named(&format!("Day {day}")) });
    }
    let new = card(&ws.core, named("New"));
    assert_eq!(on(&ws, &rule("Cap", Trigger::Daily, "", &[Action::Archive { keep: 1 }])), 3);
    assert_eq!(of(&ws, &new).archived_at, None);
}

#[test]
fn a_guard_counts_a_task_that_was_taken_back() {
    let ws = Workspace::default();
    let call = Action::Task { title: "Call".into(), days: 1 };
    let ana = card(&ws.core, named("Ana"));
    on(&ws, &Automation { guard_days: 30, ..rule("Call", Trigger::Change, "tag:hot", &[call]) });
    edit(&ws, &ana, "tags", json!(["hot"]));
    let ran = automations::catch_up(&ws.core).expect("the rules look");
    let operation = ran[0].operation.as_ref().expect("an operation");
    history::undo(&ws.core, Some(operation.as_str()), &who()).expect("undone");
    edit(&ws, &ana, "company", json!("Solvento"));
    assert_eq!(automations::catch_up(&ws.core).expect("the rules look"), []);
}
