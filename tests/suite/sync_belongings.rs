//! What belongs to contacts at a system beside their records: it comes when somebody asks for it,
//! once, and is one step back.

use crate::vendor_scene::{NAME, connected, filled, person, sync};
use cardfile_core::{
    contact, history,
    privacy::restriction,
    progress::Unwatched,
    sync::belongings::{self, Fetched},
};
use cardfile_domain::{
    OperationId, Part,
    part::{Conversation, Memory, Message, Placement, Rating, Role, Secret, Task},
    restriction::Restriction,
};
use cardfile_testkit::{
    Workspace,
    vendors::{Fake, Vendor},
    who,
};
use serde_json::{Value, json};

/// 2026-11-20T09:00:00Z
const AT: i64 = 1_795_165_200_000;

fn fetch(ws: &Workspace, of: Option<&str>) -> (Fetched, Option<OperationId>) {
    belongings::fetch(&ws.core, NAME, of, &who(), &Unwatched).expect("fetched")
}

/// Parts of one kind that are on the card of somebody.
fn parts<T: Part>(ws: &Workspace, id: &str) -> Vec<T> {
    let row = contact::find(&ws.core, id).expect("they are here").row;
    let all = ws.core.store().read(|r| r.parts().of::<T>(row.into())).expect("readable");
    all.into_iter().map(|stored| stored.value).collect()
}

/// Who wrote what, in a conversation that is on the card of somebody.
fn said(ws: &Workspace, id: &str) -> Vec<(Role, String)> {
    let row = contact::find(&ws.core, id).expect("they are here").row;
    let talks = ws.core.store().read(|r| r.parts().of::<Conversation>(row.into())).expect("readable");
    let [talk] = &talks[..] else { panic!("one conversation") };
    let messages = ws.core.store().read(|r| r.parts().of::<Message>(talk.row)).expect("readable");
    messages.into_iter().map(|stored| (stored.value.role, stored.value.text)).collect()
}

/// Three people at ChatBotKit, of whom one has something of everything.
fn everything() -> (Workspace, Fake) {
    let fake = filled(Vendor::ChatBotKit, 3);
    let parts: [(&str, Value); 6] = [
        ("conversation", json!({ "id": "c1", "name": "Broken heater", "createdAt": AT })),
        ("task", json!({ "id": "t1", "name": "Call back", "status": "idle", "outcome": "pending" })),
        ("memory", json!({ "id": "y1", "text": "Prefers mornings", "createdAt": AT })),
        ("rating", json!({ "id": "r1", "value": 4, "reason": "quick", "conversationId": "c1", "createdAt": AT })),
        ("space", json!({ "id": "s1", "name": "Contracts", "createdAt": AT })),
        ("secret", json!({ "id": "k1", "name": "Portal", "type": "password", "value": "hunter2" })),
    ];
    for (kind, part) in parts {
        fake.add("u-1", kind, part);
    }
    fake.say("c1", json!({ "id": "m1", "type": "user", "text": "It is cold", "createdAt": AT }));
    fake.say("c1", json!({ "id": "m2", "type": "bot", "text": "I am sorry", "createdAt": AT + 1_000 }));
    let ws = connected(&fake);
    sync(&ws);
    (ws, fake)
}

#[test]
fn everything_that_belongs_to_a_contact_comes_once_and_is_one_step_back() {
    let (ws, fake) = everything();
    let (fetched, operation) = fetch(&ws, None);
    let one_each = Fetched {
        contacts: 3,
        conversations: 1,
        tasks: 1,
        memories: 1,
        ratings: 1,
        spaces: 1,
        secrets: 1,
        left_out: 0,
    };
    assert_eq!(fetched, one_each);
    let expected = [(Role::Contact, "It is cold".to_owned()), (Role::Agent, "I am sorry".to_owned())];
    assert_eq!(said(&ws, "u-1"), expected);
    assert_eq!(parts::<Task>(&ws, "u-1")[0].title, "Call back");
    assert_eq!(
        (parts::<Memory>(&ws, "u-1")[0].text.as_str(), parts::<Placement>(&ws, "u-1").len()),
        ("Prefers mornings", 1)
    );
    let rating = &parts::<Rating>(&ws, "u-1")[0];
    assert!(rating.value > 3.9 && rating.conversation.is_some(), "{rating:?}");
    let secret = format!("{:?}", parts::<Secret>(&ws, "u-1"));
    assert!(secret.contains("Portal") && !secret.contains("hunter2"), "its name and not its value: {secret}");

    assert_eq!(fetch(&ws, None).0, Fetched { contacts: 3, ..Fetched::default() }, "the same again is nothing new");
    let operation = operation.expect("it is in the history").to_string();
    history::undo(&ws.core, Some(&operation), &who()).expect("undone");
    assert!(parts::<Memory>(&ws, "u-1").is_empty() && parts::<Conversation>(&ws, "u-1").is_empty());
    assert_eq!(person(&ws, "u-1").conversation_count, 0);

    assert_eq!(fetch(&ws, None).0, one_each);
    fake.say("c1", json!({ "id": "m3", "type": "user", "text": "Thank you", "createdAt": AT + 2_000 }));
    assert_eq!(fetch(&ws, Some("u-1")).0, Fetched { contacts: 1, conversations: 1, ..Fetched::default() });
    assert_eq!(said(&ws, "u-1").len(), 3);
}

#[test]
fn of_who_is_restricted_nothing_is_fetched() {
    let (ws, fake) = everything();
    let row = contact::find(&ws.core, "u-1").expect("they are here").row;
    let put = Restriction { reason: "they asked for it".into(), ..Restriction::default() };
    restriction::put(&ws.core, &[row], &put, &who()).expect("restricted");
    fake.forget();
    belongings::fetch(&ws.core, NAME, Some("u-1"), &who(), &Unwatched).expect_err("what is kept stays as it is");
    assert_eq!(fetch(&ws, None).0, Fetched { contacts: 2, ..Fetched::default() });
    let own = fake.raw("u-1")["id"].as_str().expect("an id").to_owned();
    assert!(fake.state().asked.iter().all(|asked| !asked.path.contains(&own)), "nobody asks for it either");
}

#[test]
fn conversations_of_an_inbox_come_with_who_wrote_what() {
    let fake = filled(Vendor::MaiAgent, 2);
    let talk = json!({ "id": "c1", "title": "An order", "created_at": "2026-11-20T09:00:00Z" });
    fake.add("u-1", "conversation", talk);
    for (id, writer, text) in [("m1", "contact", "Where is it?"), ("m2", "bot", "On its way"), ("m3", "member", "Here")]
    {
        let at = format!("2026-11-20T09:00:0{}Z", &id[1..]);
        fake.say("c1", json!({ "id": id, "sender_type": writer, "content": text, "created_at": at }));
    }
    let ws = connected(&fake);
    sync(&ws);
    assert_eq!(fetch(&ws, None).0, Fetched { contacts: 2, conversations: 1, ..Fetched::default() });
    let writers: Vec<Role> = said(&ws, "u-1").into_iter().map(|(role, _)| role).collect();
    assert_eq!(writers, [Role::Contact, Role::Agent, Role::Staff]);
}

#[test]
fn a_system_that_has_nothing_beside_its_records_says_so() {
    let fake = filled(Vendor::Chatbase, 1);
    let ws = connected(&fake);
    sync(&ws);
    let refused = belongings::fetch(&ws.core, NAME, None, &who(), &Unwatched).expect_err("there is nothing");
    assert_eq!(refused.message.to_string(), "Vendor has nothing beside its records");
}
