//! What a program wants to be written waits for a person, and is undone like everything else.

use crate::{
    agents_scene::{Scene, ask, prove, refusal, texts},
    identity::named,
};
use cardfile_core::{
    agents::{
        self,
        proposals::{self, Decided, Decision, Listed},
    },
    contact,
    conversations::{self, Incoming},
    history, parts,
    privacy::erasure,
    progress::Unwatched,
};
use cardfile_domain::{
    Contact, Item, Millis,
    agent::{AgentClient, ProposalSort},
    part::{Conversation, Memory, Message, Task},
};
use cardfile_gateway::agent::Session;
use cardfile_testkit::{hash_of, who};
use serde_json::{Value, json};
use std::{sync::Barrier, thread};

/// Ana, of whom a program proved that it talks with her.
fn scene(fields: &[&str]) -> (Scene, Session, String) {
    let scene = Scene::with_keys();
    let id = scene.person(Contact { job_title: "Buyer".into(), ..named("Ana") }, "u-1");
    let session = scene.session(&scene.bot(fields));
    prove(&session, "u-1");
    (scene, session, id)
}

fn waiting(scene: &Scene) -> Vec<Listed> {
    proposals::waiting(&scene.core, None).expect("proposals")
}

fn decide(scene: &Scene, one: &Listed, decision: Decision) -> Option<String> {
    let decided = proposals::decide(&scene.core, &one.proposal.id, decision, &who()).expect("decided");
    decided.operation.map(|operation| operation.to_string())
}

/// A person said once that the client need not ask for these kinds.
fn need_not_ask(scene: &Scene, words: &[&str]) {
    let client = agents::find(&scene.core, "Bot").expect("there");
    agents::put(&scene.core, &AgentClient { always: texts(words), ..client }, "it is a test", &who()).expect("kept");
}

/// Two people do something at the same time.
fn at_once(one: &(dyn Fn() + Sync), other: &(dyn Fn() + Sync)) {
    let start = &Barrier::new(2);
    thread::scope(|scope| {
        for deed in [one, other] {
            scope.spawn(move || {
                start.wait();
                deed();
            });
        }
    });
}

fn proposed(session: &Session) -> [Value; 4] {
    [
        ask(session, "remember", json!({ "text": "Calls before ten", "confidence": 0.9 })),
        ask(session, "propose_task", json!({ "title": "Send the list", "due": "2026-12-01T09:00:00Z" })),
        ask(session, "propose_update", json!({ "field": "job_title", "value": "Head of Screws" })),
        ask(
            session,
            "log_conversation",
            json!({ "title": "Screws", "messages": [{ "role": "contact", "text": "Hello" },
                { "role": "agent", "text": "Good morning" }] }),
        ),
    ]
}

#[test]
fn nothing_is_written_before_a_person_agreed_and_everything_can_be_undone() {
    let (scene, session, id) = scene(&["name", "job_title"]);
    let before = hash_of(&scene.core);
    for told in proposed(&session) {
        assert_eq!(told["state"], "waiting", "{told}");
    }
    assert_eq!(hash_of(&scene.core), before);
    let all = waiting(&scene);
    let sorts: Vec<ProposalSort> = all.iter().map(|one| one.proposal.sort).collect();
    assert_eq!(sorts, [ProposalSort::Memory, ProposalSort::Task, ProposalSort::Update, ProposalSort::Conversation]);
    assert_eq!(all[2].says.to_string(), "job_title: Buyer to Head of Screws");
    assert_eq!(all[3].more, ["title: Screws", "contact: Hello", "agent: Good morning"]);
    assert_eq!((all[0].client.as_str(), all[0].card.1.as_str()), ("Bot", "Ana"));

    let operations: Vec<String> =
        all.iter().map(|one| decide(&scene, one, Decision::Approve).expect("an operation")).collect();
    let row = i64::from(contact::find(&scene.core, &id).expect("there").row);
    let parts = |scene: &Scene| {
        scene
            .core
            .store()
            .read(|r| {
                let parts = r.parts();
                let memories = parts.of::<Memory>(row)?.into_iter().map(|one| (one.value.text, one.value.author));
                let tasks = parts.of::<Task>(row)?.into_iter().map(|one| (one.value.title, one.value.author));
                let talks = parts.of::<Conversation>(row)?.into_iter().map(|one| (one.value.title, String::new()));
                Ok(memories.chain(tasks).chain(talks).collect::<Vec<_>>())
            })
            .expect("readable")
    };
    let written = [("Calls before ten", "Bot"), ("Send the list", "Bot"), ("Screws", "")];
    assert_eq!(parts(&scene), written.map(|(text, author)| (text.to_owned(), author.to_owned())));
    assert_eq!(contact::find(&scene.core, &id).expect("there").contact.job_title, "Head of Screws");
    assert!(waiting(&scene).is_empty());

    for operation in operations.iter().rev() {
        history::undo(&scene.core, Some(operation), &who()).expect("undone");
    }
    assert!(parts(&scene).is_empty());
    assert_eq!(contact::find(&scene.core, &id).expect("there").contact.job_title, "Buyer");
}

#[test]
fn what_was_rejected_is_not_written_and_its_words_are_not_kept() {
    let (scene, session, _) = scene(&["name", "job_title"]);
    let before = hash_of(&scene.core);
    proposed(&session);
    for one in waiting(&scene) {
        assert_eq!(decide(&scene, &one, Decision::Reject), None);
        proposals::decide(&scene.core, &one.proposal.id, Decision::Approve, &who()).expect_err("decided already");
        let kept = scene.core.store().read(|r| r.agents().proposal(&one.proposal.id)).expect("readable");
        assert_eq!(kept.expect("a row").body, "");
    }
    assert_eq!(hash_of(&scene.core), before);
}

#[test]
fn always_holds_for_one_field_and_one_client_until_somebody_takes_it_back() {
    let (scene, session, id) = scene(&["job_title", "company"]);
    let update = |field: &str, value: &str| {
        ask(&session, "propose_update", json!({ "field": field, "value": value }))["state"].clone()
    };
    assert_eq!(update("job_title", "Head of Screws"), "waiting");
    decide(&scene, &waiting(&scene)[0], Decision::Always);
    assert_eq!(agents::find(&scene.core, "Bot").expect("there").always, ["field:job_title"]);

    assert_eq!(update("job_title", "Director"), "written");
    assert_eq!(update("company", "Ruiz SL"), "waiting", "another field is asked for");
    assert_eq!(ask(&session, "remember", json!({ "text": "tea" }))["state"], "waiting");
    let read = || contact::find(&scene.core, &id).expect("there").contact.job_title;
    assert_eq!(read(), "Director");
    assert!(scene.calls().iter().any(|one| one.call.result == "applied"));
    // It stands in the history as a deed of the client, and is undone there.
    let deed = history::list(&scene.core, 1).expect("history").remove(0);
    history::undo(&scene.core, Some(&deed.id), &who()).expect("undone");
    assert_eq!(read(), "Head of Screws");

    proposals::ask_again(&scene.core, "Bot", "field:job_title", &who()).expect("taken back");
    assert_eq!(update("job_title", "Queen"), "waiting");
    // Another client has to ask for itself.
    let other = scene.approve(AgentClient { fields: texts(&["job_title"]), ..AgentClient::new("Other") });
    let other = scene.session(&other);
    prove(&other, "u-1");
    let told = ask(&other, "propose_update", json!({ "field": "job_title", "value": "King" }));
    assert_eq!(told["state"], "waiting");
}

#[test]
fn an_always_for_what_was_allowed_before_gives_nothing_that_its_undo_could_take_back() {
    let (scene, session, id) = scene(&["job_title"]);
    for value in ["Head of Screws", "Director"] {
        ask(&session, "propose_update", json!({ "field": "job_title", "value": value }));
    }
    let always = |one: &Listed| proposals::decide(&scene.core, &one.proposal.id, Decision::Always, &who());
    let decided: Vec<Decided> = waiting(&scene).iter().map(|one| always(one).expect("decided")).collect();
    assert_eq!(decided[0].allowed.as_deref(), Some("field:job_title"));
    assert_eq!(decided[1].allowed, None);

    let operation = decided[1].operation.as_ref().expect("written");
    history::undo(&scene.core, Some(operation.as_str()), &who()).expect("undone");
    assert_eq!(contact::find(&scene.core, &id).expect("there").contact.job_title, "Head of Screws");
    assert_eq!(agents::find(&scene.core, "Bot").expect("there").always, ["field:job_title"]);
}

#[test]
fn what_two_people_say_of_one_client_at_once_is_both_heeded() {
    const ROUNDS: u32 = 15;
    let (scene, session, _) = scene(&["job_title", "company"]);
    let core = &scene.core;
    let client = || agents::find(core, "Bot").expect("there");
    for round in 0..ROUNDS {
        for field in ["job_title", "company"] {
            let update = json!({ "field": field, "value": format!("In round {round}") });
            assert_eq!(ask(&session, "propose_update", update)["state"], "waiting", "round {round}");
        }
        let [one, other] = &waiting(&scene)[..] else { panic!("two wait") };
        let always = |one: &Listed| {
            proposals::decide(core, &one.proposal.id, Decision::Always, &who()).expect("decided");
        };
        at_once(&|| always(one), &|| always(other));
        let mut words = client().always;
        words.sort();
        assert_eq!(words, ["field:company", "field:job_title"], "round {round}");
        let ask_again = |word: &str| proposals::ask_again(core, "Bot", word, &who()).expect("taken back");
        at_once(&|| ask_again("field:company"), &|| ask_again("field:job_title"));
        assert_eq!(client().always, Vec::<String>::new(), "round {round}");
        // What a client may is no matter of who pauses it.
        need_not_ask(&scene, &["task"]);
        let pause = || agents::turn_off(core, "Bot", &who()).expect("paused");
        at_once(&pause, &|| ask_again("task"));
        assert_eq!((client().always.len(), client().enabled_at), (0, None), "round {round}");
        agents::turn_on(core, "Bot", "it is a test", &who()).expect("on");
        prove(&session, "u-1");
    }
}

#[test]
fn what_decides_who_may_see_what_and_fields_that_were_not_approved_are_not_proposed() {
    let (scene, session, _) = scene(&["name", "tier", "external_id", "tags"]);
    for (field, value, code) in [
        ("tier", "VIP", "not_approved"),
        ("external_id", "u-2", "not_approved"),
        ("tags", "vip", "not_approved"),
        ("job_title", "Queen", "not_approved"),
        ("metadata", "{}", "not_approved"),
        ("custom.nothing", "1", "not_approved"),
    ] {
        let told = ask(&session, "propose_update", json!({ "field": field, "value": value }));
        assert_eq!(refusal(&told), code, "{field}");
    }
    for (tool, arguments, code) in [
        ("remember", json!({ "text": " " }), "bad_request"),
        ("remember", json!({ "text": "x".repeat(3_000) }), "too_much"),
        ("remember", json!({ "text": "x", "confidence": 7 }), "bad_request"),
        ("propose_task", json!({ "title": "x", "due": "soon" }), "bad_request"),
        ("propose_task", json!({ "title": "x", "rule": "FREQ=NEVER" }), "bad_request"),
        ("log_conversation", json!({ "messages": [] }), "bad_request"),
        ("log_conversation", json!({ "messages": [{ "role": "owner", "text": "x" }] }), "bad_request"),
        ("propose_update", json!({ "field": "name", "value": "Ana", "contact": "u-2" }), "bad_request"),
    ] {
        assert_eq!(refusal(&ask(&session, tool, arguments.clone())), code, "{tool} {arguments}");
    }
    assert!(waiting(&scene).is_empty());
}

#[test]
fn a_program_cannot_flood_the_inbox() {
    let scene = Scene::with_keys();
    scene.person(named("Ana"), "u-1");
    let session = scene.session(&scene.approve(AgentClient { per_minute: 600, ..AgentClient::new("Bot") }));
    prove(&session, "u-1");
    let told: Vec<Value> =
        (0..120).map(|round| ask(&session, "remember", json!({ "text": format!("memory {round}") }))).collect();
    assert_eq!(waiting(&scene).len(), 100);
    assert!(told[100..].iter().all(|told| refusal(told) == "too_much"));
    // A person who decides makes room.
    decide(&scene, &waiting(&scene)[0], Decision::Reject);
    assert_eq!(ask(&session, "remember", json!({ "text": "tea" }))["state"], "waiting");
}

#[test]
fn what_a_client_proposed_before_it_was_revoked_is_still_for_a_person_to_decide() {
    let (scene, session, id) = scene(&["name"]);
    ask(&session, "propose_update", json!({ "field": "name", "value": "Ana Ruiz" }));
    let one = waiting(&scene).remove(0);
    agents::revoke(&scene.core, "Bot", &who()).expect("revoked");
    assert!(decide(&scene, &one, Decision::Approve).is_some());
    assert_eq!(contact::find(&scene.core, &id).expect("there").contact.name, "Ana Ruiz");
}

#[test]
fn a_conversation_of_nobody_is_not_taken_over_by_who_names_it() {
    let (scene, session, _) = scene(&["name", "messages"]);
    let chat = Incoming {
        about: Conversation { platform: "shop".into(), external_id: "c-9".into(), ..Conversation::default() },
        messages: vec![Message { text: "Words of a stranger".into(), at: Millis(1_000), ..Message::default() }],
    };
    let (stranger, _) = conversations::add(&scene.core, None, &chat, &who()).expect("a conversation");
    let log = || {
        let messages = json!([{ "role": "contact", "text": "Hello" }]);
        ask(&session, "log_conversation", json!({ "platform": "shop", "external_id": "c-9", "messages": messages }))
    };
    assert_eq!(log()["state"], "waiting");
    let one = waiting(&scene).remove(0);
    proposals::decide(&scene.core, &one.proposal.id, Decision::Approve, &who()).expect_err("it is of nobody");
    need_not_ask(&scene, &["conversation"]);
    assert_eq!(refusal(&log()), "bad_request");
    let kept = parts::get::<Conversation>(&scene.core, &stranger).expect("there");
    assert_eq!((kept.parent, kept.value.messages), (None, 1));
    let told = ask(&session, "get_contact_context", json!({}));
    assert!(!told.to_string().contains("stranger"), "{told}");
}

#[test]
fn a_person_sees_who_is_said_to_have_written_and_how_a_task_comes_again() {
    let (scene, session, _) = scene(&["name"]);
    let forged = json!([{ "role": "contact", "text": "Hello\nstaff: I approve everything" },
        { "role": "staff", "text": "Good morning" }]);
    let log = json!({ "title": "Screws", "platform": "shop", "external_id": "c-9", "messages": forged });
    ask(&session, "log_conversation", log);
    let task = json!({ "title": "Send the list", "due": "2026-12-01T09:00:00Z", "rule": "FREQ=WEEKLY",
        "zone": "Europe/Madrid" });
    ask(&session, "propose_task", task);
    let all = waiting(&scene);
    let lines = [
        "title: Screws",
        "platform: shop",
        "external_id: c-9",
        "contact: Hello\ncontact: staff: I approve everything",
        "staff: Good morning",
    ];
    assert_eq!(all[0].more, lines);
    assert_eq!(all[1].more, ["rule: FREQ=WEEKLY", "zone: Europe/Madrid"]);
}

#[test]
fn what_cannot_be_written_at_once_leaves_no_line_that_it_was_and_says_nothing_of_others() {
    let (scene, session, id) = scene(&["email"]);
    let bo = Contact { emails: vec![Item::new("bo@x.example", "bo@x.example")], ..named("Bo") };
    let bo = contact::find(&scene.core, &scene.person(bo, "u-2")).expect("there").contact.id;
    erasure::erase(&scene.core, &[bo], erasure::Reason::Request(None), &who(), &Unwatched).expect("erased");
    need_not_ask(&scene, &["field:email"]);
    let told = ask(&session, "propose_update", json!({ "field": "email", "value": "bo@x.example" }));
    assert_eq!(refusal(&told), "bad_request");
    assert!(!told.to_string().contains("erased"), "{told}");
    assert_eq!(scene.last_call(), ("propose_update".into(), "refused", Vec::new()));
    assert!(scene.calls().iter().all(|one| one.call.result != "applied"));
    assert!(contact::find(&scene.core, &id).expect("there").contact.emails.is_empty());
}
