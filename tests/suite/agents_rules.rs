//! What holds for all programs that ask: the review before one is turned on, the switch that stops
//! all, how often and how much, and what a restored or combined card means for them.

use crate::{
    agents_scene::{Scene, ask, prove, refusal, shown, texts, user_hash},
    identity::named,
};
use cardfile_core::{
    Code, Core, agents,
    agents::{grants, review},
    combine::{self, Wish},
    contact, parts,
    privacy::{audit, erasure, purposes, restriction},
    progress::Unwatched,
    segments,
};
use cardfile_domain::{
    Contact, Item, Millis,
    agent::{ActionGrant, AgentClient, ClientSort},
    part::Memory,
    restriction::{Restriction, Sort},
    segment::Segment,
};
use cardfile_testkit::{environment_at, who};
use serde_json::json;
use std::{
    collections::BTreeSet,
    sync::{Arc, Barrier},
    thread,
};

/// Which of the four conditions hold.
fn met(core: &Core, client: &AgentClient) -> [bool; 4] {
    let rows = review::review(core, client).expect("rows");
    let about: Vec<&str> = rows.iter().map(|row| row.about).collect();
    assert_eq!(about, ["personalization", "actions", "segmentation", "synchronization"]);
    std::array::from_fn(|row| rows[row].is_met)
}

#[test]
fn each_of_the_four_conditions_is_looked_at_and_only_a_reason_overrules_them() {
    let scene = Scene::new();
    let core = &scene.core;
    let client = AgentClient { fields: texts(&["name", "email"]), ..AgentClient::new("Bot") };
    assert_eq!(met(core, &client), [true; 4]);

    purposes::put(core, &crate::privacy_consent::newsletter(), &who()).expect("a purpose");
    assert_eq!(met(core, &client), [false, true, true, true], "an email without a purpose");
    let with_purpose = AgentClient { purpose: "newsletter".into(), ..client.clone() };
    assert_eq!(met(core, &with_purpose), [true; 4]);

    let refund = ActionGrant { tool: "refund".into(), ..ActionGrant::default() };
    let acting = AgentClient { actions: vec![refund], ..with_purpose.clone() };
    assert_eq!(met(core, &acting), [true, false, true, true], "an action without an end");

    segments::put(core, &Segment { name: "Everybody".into(), ..Segment::default() }, &who()).expect("saved");
    let staff = AgentClient { sort: ClientSort::Staff, ..with_purpose.clone() };
    assert_eq!(met(core, &staff), [true; 4]);
    scene.clock.pass_days(400);
    assert_eq!(met(core, &staff), [true, true, false, true], "nobody looked at the view for a year");
    assert_eq!(met(core, &with_purpose), [true; 4], "who sees no lists needs no look at them");

    scene.person(named("Ana"), "007");
    scene.person(named("Bo"), "7");
    assert_eq!(met(core, &with_purpose), [true, true, true, false], "two IDs that are nearly one");

    // Turned on only with a reason, which is kept.
    let refused = agents::approve(core, &with_purpose, " ", &who()).expect_err("the review says no");
    assert_eq!(refused.code, Code::Refused);
    assert!(agents::all(core).expect("clients").is_empty(), "nothing was changed");
    let kept = agents::approve(core, &with_purpose, "the shop has both", &who()).expect("with a reason");
    assert_eq!(kept.reason, "the shop has both");
    let entry = audit::latest(core, None, 1).expect("entries").remove(0);
    assert_eq!((entry.event.as_str(), &entry.facts["overruled"]), ("agent_approved", &json!(true)));
    assert!(audit::check(core).expect("checked").broken.is_none());
}

#[test]
fn one_switch_stops_every_program_at_its_next_call_and_ends_what_they_could_see() {
    let scene = Scene::with_keys();
    scene.person(named("Ana"), "u-1");
    let client = scene.bot(&["name"]);
    let session = scene.session(&client);
    prove(&session, "u-1");
    let context = || ask(&session, "get_contact_context", json!({}));
    agents::stop(&scene.core, true, &who()).expect("stopped");
    assert_eq!(refusal(&context()), "stopped");
    assert!(session.tools().is_empty());
    agents::stop(&scene.core, false, &who()).expect("started");
    assert_eq!(refusal(&context()), "not_verified", "what was proven before does not count any more");
    prove(&session, "u-1");
    agents::turn_off(&scene.core, "Bot", &who()).expect("paused");
    assert_eq!(refusal(&context()), "paused");
    agents::turn_on(&scene.core, "Bot", "", &who()).expect("on");
    prove(&session, "u-1");
    assert_eq!(context()["contact"]["name"], "Ana");

    agents::revoke(&scene.core, "Bot", &who()).expect("revoked");
    assert_eq!(refusal(&context()), "revoked");
    agents::turn_on(&scene.core, "Bot", "", &who()).expect_err("for good");
    // Another one of its name is not the one that was revoked.
    let other = scene.bot(&["name"]);
    assert_ne!(other.id, client.id);
    assert_eq!(refusal(&context()), "revoked");
}

#[test]
fn a_save_that_was_under_way_does_not_undo_that_a_client_was_paused_or_revoked() {
    let scene = Scene::with_keys();
    scene.person(named("Ana"), "u-1");
    let read = scene.bot(&["name"]);
    let session = scene.session(&read);
    let save = || agents::put(&scene.core, &read, "it is a test", &who()).expect("saved");
    agents::turn_off(&scene.core, "Bot", &who()).expect("paused");
    assert_eq!(save().enabled_at, None);
    assert_eq!(refusal(&ask(&session, "identify", shown("u-1"))), "paused");
    agents::revoke(&scene.core, "Bot", &who()).expect("revoked");
    assert!(save().revoked_at.is_some());
    agents::approve(&scene.core, &read, "it is a test", &who()).expect_err("for good");
    assert_eq!(refusal(&ask(&session, "identify", shown("u-1"))), "revoked");
}

#[test]
fn of_two_who_change_a_client_neither_takes_back_what_the_other_did() {
    const ROUNDS: u32 = 20;
    let scene = Scene::new();
    let (core, seen) = (&scene.core, scene.bot(&["name", "email"]));
    let put = |seen: &AgentClient, client: AgentClient| {
        agents::put_seen(core, Some(seen), &client, "it is a test", &who()).expect("kept")
    };
    // Both look at it, and one keeps what they want after the other.
    put(&seen, AgentClient { fields: texts(&["name"]), ..seen.clone() });
    put(&seen, AgentClient { per_minute: 7, ..seen.clone() });
    let kept = put(&seen, AgentClient { fields: texts(&["name", "email", "description"]), ..seen.clone() });
    assert_eq!((&kept.fields, kept.per_minute), (&texts(&["name", "description"]), 7), "the email stays taken back");
    let kept = agents::approve_seen(core, Some(&seen), &seen, "it is a test", &who()).expect("on");
    assert_eq!((&kept.fields, kept.per_minute), (&texts(&["name", "description"]), 7));
    // And at the same moment.
    for round in 1..=ROUNDS {
        let (seen, start) = (&agents::find(core, "Bot").expect("it is there"), &Barrier::new(2));
        let calls = AgentClient { per_minute: 10 + round, ..seen.clone() };
        thread::scope(|scope| {
            scope.spawn(move || {
                start.wait();
                put(seen, calls);
            });
            scope.spawn(move || {
                start.wait();
                put(seen, AgentClient { grant_minutes: 10 + round, ..seen.clone() });
            });
        });
        let kept = agents::find(core, "Bot").expect("it is there");
        assert_eq!((kept.per_minute, kept.grant_minutes), (10 + round, 10 + round), "round {round}");
    }
}

#[test]
fn a_client_that_is_not_there_is_not_made_by_who_changes_it_and_no_id_is_told() {
    let scene = Scene::new();
    let client = AgentClient { id: "agc_1".into(), ..AgentClient::new("Bot") };
    let gone = agents::put(&scene.core, &client, "", &who()).expect_err("not there");
    assert_eq!((gone.code, gone.message.to_string().as_str()), (Code::NotFound, "there is no such client"));
    assert!(agents::all(&scene.core).expect("clients").is_empty());
}

#[test]
fn false_proofs_do_not_fill_the_register_and_are_not_looked_at_of_a_paused_client() {
    let scene = Scene::with_keys();
    scene.person(named("Ana"), "u-1");
    let session = scene.session(&scene.approve(AgentClient { per_minute: 1, ..AgentClient::new("Bot") }));
    let crossed = || ask(&session, "identify", json!({ "user_id": "u-2", "user_hash": user_hash("u-1") }));
    let denied = || {
        let kept = audit::latest(&scene.core, None, 1_000).expect("entries");
        kept.iter().filter(|entry| entry.event == "identity_denied").count()
    };
    for _ in 0..100 {
        assert_eq!(refusal(&crossed()), "bad_proof");
    }
    let lines = scene.calls().len();
    assert!(lines < 100 && (1..=lines).contains(&denied()), "{} entries, {lines} lines", denied());
    let before = denied();
    scene.clock.pass_minutes(2);
    agents::turn_off(&scene.core, "Bot", &who()).expect("paused");
    assert_eq!(refusal(&crossed()), "paused");
    assert_eq!(denied(), before);
}

#[test]
fn a_client_has_an_end_and_what_it_may_changes_with_its_next_call() {
    let scene = Scene::with_keys();
    scene.person(Contact { preferences: "tea".into(), ..named("Ana") }, "u-1");
    let now = scene.core.store().environment().clock.now();
    let until = Millis(now.0 + 3 * Millis::DAY);
    let client = scene.approve(AgentClient { expires_at: Some(until), ..AgentClient::new("Bot") });
    let session = scene.session(&client);
    prove(&session, "u-1");
    let less = AgentClient { fields: texts(&["preferences"]), ..client };
    agents::put(&scene.core, &less, "", &who()).expect("less");
    assert_eq!(ask(&session, "get_contact_context", json!({}))["contact"], json!({ "preferences": "tea" }));
    scene.clock.pass_days(3);
    assert_eq!(refusal(&ask(&session, "get_contact_context", json!({}))), "expired");
}

#[test]
fn a_program_that_asks_too_often_waits_and_does_not_fill_the_disk() {
    let scene = Scene::with_keys();
    scene.person(named("Ana"), "u-1");
    let client = scene.approve(AgentClient { per_minute: 5, ..AgentClient::new("Bot") });
    let session = scene.session(&client);
    prove(&session, "u-1");
    let told: Vec<_> = (0..100).map(|_| ask(&session, "get_contact_context", json!({}))).collect();
    let answered = told.iter().filter(|told| told["error"].is_null()).count();
    let refused = told.iter().filter(|told| told["error"]["code"] == "too_many").count();
    assert_eq!(answered + refused, 100);
    // The clock of the test goes on at each look: a minute has some of these calls.
    assert!(refused > 0 && answered > 0);
    let calls = scene.calls();
    let in_a_minute = |from: Millis| {
        let within = calls.iter().filter(|one| (from.0..from.0 + 60_000).contains(&one.call.at.0));
        let (refused, given): (Vec<_>, Vec<_>) = within.partition(|one| one.call.result == "refused");
        (given.len(), refused.len() + given.len())
    };
    for one in &calls {
        let (given, all) = in_a_minute(one.call.at);
        assert!(given <= 5 && all <= 10, "{given} answered, {all} lines");
    }
}

#[test]
fn an_answer_is_never_larger_than_an_agent_can_take_and_says_what_was_left_out() {
    let scene = Scene::with_keys();
    let id = scene.person(Contact { description: "d".repeat(60_000), ..named("Ana") }, "u-1");
    for round in 0..60 {
        let memory = Memory { text: format!("{round} {}", "é\"".repeat(1_500)), ..Memory::default() };
        parts::add(&scene.core, &id, &memory, &who()).expect("a memory");
    }
    let session = scene.session(&scene.bot(&["name", "description", "memories"]));
    prove(&session, "u-1");
    let told = ask(&session, "get_contact_context", json!({}));
    assert!(told.to_string().len() <= 16 << 10, "{} bytes", told.to_string().len());
    assert_eq!(told["contact"]["name"], "Ana");
    assert!(told["left_out"]["memories"].as_u64().is_some_and(|count| count > 0), "{told}");
    let line = scene.calls().pop().expect("a line").call;
    assert_eq!(line.bytes as usize, told.to_string().len());
}

#[test]
fn lists_are_for_staff_with_the_approved_fields_and_without_who_may_not_be_told_of() {
    let scene = Scene::new();
    let ids: Vec<String> = (0..250)
        .map(|n| {
            let email = format!("p{n}@x.example");
            let contact = Contact { tags: vec!["vip".into()], ..named(&format!("Person {n}")) };
            scene.person(Contact { emails: vec![Item::new(&email, &email)], ..contact }, &format!("customer {n}"))
        })
        .collect();
    let vip = Segment { name: "VIP".into(), filter: "tag:vip".into(), ..Segment::default() };
    segments::put(&scene.core, &vip, &who()).expect("saved");
    let hidden = contact::rows(&scene.core, &ids[..1]).expect("a row");
    let one = Restriction { sort: Sort::NoAgents, reason: "she asked".into(), ..Restriction::default() };
    restriction::put(&scene.core, &hidden, &one, &who()).expect("put");

    let customer = scene.session(&scene.bot(&["name"]));
    assert_eq!(customer.segments().expect_err("no lists").code(), "no_lists");
    let client =
        AgentClient { sort: ClientSort::Staff, fields: texts(&["name", "memories"]), ..AgentClient::new("Desk") };
    let desk = scene.session(&scene.approve(client));
    let all = desk.segments().expect("views");
    assert_eq!(all.len(), 1);
    assert_eq!(customer.segment(&all[0].id).expect_err("no lists").code(), "no_lists");
    let told = desk.segment(&all[0].id).expect("contacts");
    let cards = told["contacts"].as_array().expect("a list");
    assert_eq!((cards.len(), &told["more"]), (200, &json!(true)));
    for card in cards {
        let keys: Vec<&String> = card.as_object().expect("a card").keys().collect();
        assert_eq!(keys, ["id", "name"]);
        assert_ne!(card["id"], ids[0].as_str());
    }
    assert_eq!(scene.last_call(), ("segments".into(), "ok", texts(&["name"])));
    // So many in ten minutes, and not one more.
    assert_eq!(desk.segment(&all[0].id).expect_err("too much").code(), "too_much");
    scene.clock.pass_minutes(11);
    assert!(desk.segment(&all[0].id).is_ok());
}

#[test]
fn a_list_is_never_larger_than_an_agent_can_take_and_says_that_there_is_more() {
    let scene = Scene::new();
    let mut tags = vec!["vip".to_owned()];
    tags.extend((0..100).map(|n| format!("{n} {}", "t".repeat(40))));
    for n in 0..60 {
        scene.person(Contact { tags: tags.clone(), ..named(&format!("Person {n}")) }, &format!("customer {n}"));
    }
    let vip = Segment { name: "VIP".into(), filter: "tag:vip".into(), ..Segment::default() };
    segments::put(&scene.core, &vip, &who()).expect("saved");
    let client = AgentClient { sort: ClientSort::Staff, fields: texts(&["name", "tags"]), ..AgentClient::new("Desk") };
    let desk = scene.session(&scene.approve(client));
    let told = desk.segment(&desk.segments().expect("views")[0].id).expect("contacts");
    let count = told["contacts"].as_array().expect("a list").len();
    assert!((1..60).contains(&count), "{count} cards");
    assert_eq!((&told["shown"], &told["more"]), (&json!(count), &json!(true)));
    assert!(told.to_string().len() <= 65 << 10, "{} bytes", told.to_string().len());
}

#[test]
fn an_erased_person_leaves_calls_that_name_nobody() {
    let scene = Scene::with_keys();
    let id = scene.person(Contact { emails: vec![Item::new("ana@x.example", "ana@x.example")], ..named("Ana") }, "u-1");
    let client = scene.bot(&["name"]);
    let session = scene.session(&client);
    prove(&session, "u-1");
    ask(&session, "remember", json!({ "text": "Calls before ten" }));
    let stored = contact::find(&scene.core, &id).expect("there");
    erasure::erase(&scene.core, &[stored.contact.id], erasure::Reason::Request(None), &who(), &Unwatched)
        .expect("erased");
    assert_eq!(refusal(&ask(&session, "get_contact_context", json!({}))), "not_verified");
    assert!(scene.calls().iter().all(|one| one.card.is_none()));
    assert!(agents::proposals::waiting(&scene.core, None).expect("all").is_empty());
    assert_eq!(scene.core.store().read(|r| r.agents().count_waiting(None)).expect("readable"), 0);
}

#[test]
fn who_became_part_of_another_card_is_proven_again() {
    let scene = Scene::with_keys();
    let survivor = scene.person(named("Ana Ruiz"), "u-1");
    let other = scene.person(named("Ana"), "u-2");
    let client = scene.bot(&["name"]);
    let session = scene.session(&client);
    prove(&session, "u-2");
    ask(&session, "remember", json!({ "text": "Calls before ten" }));
    let wish = Wish { survivor: survivor.clone(), other, take: BTreeSet::new() };
    combine::run(&scene.core, &wish, None, &who()).expect("one card");
    assert_eq!(refusal(&ask(&session, "get_contact_context", json!({}))), "not_verified");
    let waiting = agents::proposals::waiting(&scene.core, None).expect("all");
    assert_eq!(waiting.iter().map(|one| one.card.0.as_str()).collect::<Vec<_>>(), [survivor.as_str()]);
    assert!(grants::held(&scene.core, &client).expect("grants").is_empty());
}

#[test]
fn after_a_restore_no_program_gets_anything_before_somebody_lets_them() {
    let scene = Scene::with_keys();
    scene.person(named("Ana"), "u-1");
    scene.bot(&["name"]);
    let file = scene.files.join("a.cardfile-backup");
    scene.core.backup(&file).expect("a backup");
    let environment = environment_at(Arc::clone(&scene.clock));
    let (core, _) = Core::restore(&file, &scene.files.join("again"), None, environment).expect("restored");
    assert!(agents::is_stopped(&core).expect("readable"));
    assert!(!agents::is_stopped(&scene.core).expect("readable"));
}
