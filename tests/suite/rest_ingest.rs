//! Leads, events and actions through the door: the right card is found, nothing is kept that may
//! not be, and whoever may be somebody waits for a person.

use crate::identity::named;
use cardfile_core::{
    Core, IdentityKey, Protection, SecretText,
    clients::Scope,
    commands::dispatch,
    contact,
    formats::signals::Signal,
    history, identify,
    ingest::{self, Doubtful},
    leads::{self, Choice},
    parts,
    session::{Event, Session},
    visitors,
};
use cardfile_domain::{
    Contact, Item,
    import::Policy,
    part::{Activity, Conversation},
};
use cardfile_testkit::{
    door::{OpenDoor, Program},
    environment, who,
};
use serde_json::{Value, json};

fn told(program: &Program, route: &str, body: &Value) -> Value {
    let (status, report) = program.send("POST", &format!("/v1/ingest/{route}"), body);
    assert_eq!(status, 200, "{report}");
    report
}

fn outcomes(report: &Value) -> Vec<&str> {
    let all = report["results"].as_array().expect("results");
    all.iter().map(|one| one["outcome"].as_str().expect("an outcome")).collect()
}

#[test]
fn a_lead_an_event_and_an_action_stand_on_one_card() {
    let door = OpenDoor::default();
    let program = door.program("receiver", &[Scope::Ingest]);
    let lead = json!({ "source": "widget", "name": "Ana Ruiz", "email": "ana@x.example", "session_key": "8f2c",
        "page_url": "https://x.example/precios?token=s3cret&utm_source=mail#top", "plan": "pro", "ip": "203.0.113.9",
        "message": "Do you ship to the islands?", "at": "2026-04-01T09:00:00Z" });
    let report = told(&program, "lead", &lead);
    assert_eq!(outcomes(&report), ["created"]);
    assert!(report["results"][0]["contact_id"].is_null(), "this client may not read");
    let chat = json!({ "source": "widget", "email": "ana@x.example", "conversation_id": "c1", "title": "Shipping",
        "messages": [{ "role": "contact", "text": "Hola", "at": "2026-04-01T09:00:00Z" },
                     { "role": "agent", "text": "Buenos días", "at": "2026-04-01T09:00:30Z" }],
        "at": "2026-04-01T09:00:30Z" });
    let event = json!({ "event": "page_viewed", "email": "ANA@x.example", "properties": { "page": "/precios" } });
    assert_eq!(outcomes(&told(&program, "event", &json!([chat, event]))), ["matched", "matched"]);
    let action = json!({ "action": "open_ticket", "email": "ana@x.example", "properties": { "priority": "high" } });
    assert_eq!(outcomes(&told(&program, "action", &action)), ["matched"]);

    let [ana] = &door.contacts()[..] else { panic!("one card") };
    assert_eq!((ana.source.as_str(), ana.page_url.as_str()), ("widget", "https://x.example/precios?utm_source=mail"));
    assert!(ana.metadata.contains("\"plan\":\"pro\"") && !ana.metadata.contains("203.0.113"), "{}", ana.metadata);
    let stored = contact::find(&door.core, ana.id.as_str()).expect("she");
    let activities = parts::of::<Activity>(&door.core, &stored).expect("activities");
    let names: Vec<&str> = activities.iter().map(|one| one.value.name.as_str()).collect();
    assert!(names.contains(&"page_viewed") && names.contains(&"action.triggered open_ticket"), "{names:?}");
    let chats = parts::of::<Conversation>(&door.core, &stored).expect("chats");
    let chat = chats.iter().find(|chat| chat.value.title == "Shipping").expect("the chat");
    assert_eq!(chat.value.messages, 2);
}

#[test]
fn who_may_be_somebody_by_a_phone_waits_for_a_person() {
    let door = OpenDoor::default();
    let program = door.owner();
    let ana = program.contact(&json!({ "name": "Ana", "phone": "+34 612 408 177" }));
    let lead = |email: &str| {
        json!({ "source": "form", "name": "A. Ruiz", "phone": "+34612408177", "email": email,
            "at": "2026-04-01T09:00:00Z" })
    };
    let all = json!([lead("one@x.example"), lead("two@x.example"), lead("three@x.example")]);
    assert_eq!(outcomes(&told(&program, "lead", &all)), ["held", "held", "held"]);
    assert_eq!(outcomes(&told(&program, "lead", &lead("one@x.example"))), ["held"]);
    assert_eq!(door.contacts().len(), 1, "nobody is made and nobody is changed");
    let waiting = leads::waiting(&door.core, 10).expect("an inbox");
    assert_eq!(waiting.len(), 3, "the same told again waits once");
    let of = |email: &str| {
        let one = waiting.iter().find(|one| one.claims.email() == email).expect("it waits");
        let perhaps: Vec<&str> = one.perhaps.iter().map(|one| one.stored.contact.id.as_str()).collect();
        assert_eq!((perhaps, one.is_known), (vec![ana.as_str()], false));
        one.lead.id.clone()
    };
    let decide = |id: &str, choice: Choice| leads::decide(&door.core, id, &choice, &who()).expect("decided");
    let joined = decide(&of("one@x.example"), Choice::Join(ana.clone())).expect("a card");
    assert_eq!(joined.0.contact.id.as_str(), ana);
    assert_eq!(door.contact(&ana).email(), "one@x.example");
    let (made, operation) = decide(&of("two@x.example"), Choice::New).expect("a card");
    assert_eq!((made.contact.email(), door.contacts().len()), ("two@x.example", 2));
    assert!(decide(&of("three@x.example"), Choice::Dismiss).is_none());
    assert_eq!(leads::count(&door.core).expect("a count"), 0);
    let operation = operation.expect("a step");
    history::undo(&door.core, Some(operation.as_str()), &who()).expect("undone");
    assert_eq!(door.contacts().len(), 1);
}

/// Whoever proves an ID is told of its card, and anybody can type an email.
#[test]
fn an_id_that_a_key_proves_comes_to_a_card_by_an_email_only_through_a_person() {
    let door = OpenDoor::default();
    let program = door.owner();
    let key = IdentityKey {
        name: "shop".into(),
        algorithm: "user_hash".into(),
        connector: "shop".into(),
        grant_minutes: 60,
        ..IdentityKey::default()
    };
    let secret = SecretText::new("a secret of thirty-two characters".to_owned());
    identify::put_key(&door.core, &key, Some(secret), &who()).expect("a key");
    let ana = program.contact(&json!({ "name": "Ana", "email": "ana@x.example" }));
    let ids = || door.contact(&ana).links.into_iter().map(|link| link.external_id).collect::<Vec<_>>();
    let lead = |platform: &str, user_id: &str| {
        json!({ "source": "form", "platform": platform, "user_id": user_id, "email": "ana@x.example",
            "at": "2026-04-01T09:00:00Z" })
    };
    let decide = |choice: Choice| {
        let [waiting] = &leads::waiting(&door.core, 10).expect("an inbox")[..] else { panic!("one waits") };
        leads::decide(&door.core, &waiting.lead.id, &choice, &who()).expect("decided");
    };
    assert_eq!(outcomes(&told(&program, "lead", &lead("shop", "A-1"))), ["held"]);
    // Where nobody can be asked, all but the ID is taken.
    let Value::Object(members) = lead("shop", "A-2") else { panic!("an object") };
    let signals = vec![Signal { line: 1, members: Ok(members) }];
    let (report, _) = ingest::all(&door.core, "a file", signals, &who()).expect("told");
    assert_eq!((report.matched, ids().len()), (1, 0));
    // With this one nobody proves anything.
    assert_eq!(outcomes(&told(&program, "lead", &lead("chat", "C-1"))), ["matched"]);
    assert_eq!(ids(), ["C-1"]);
    decide(Choice::New);
    assert_eq!(ids(), ["C-1"], "nobody said that the ID is hers");
    assert_eq!(outcomes(&told(&program, "lead", &lead("shop", "A-3"))), ["held"]);
    decide(Choice::Join(ana.clone()));
    assert_eq!(ids(), ["C-1", "A-3"]);
    // Of who is not here yet the ID is the word of the receiver, as it is of a card that has it.
    let new = |email: &str| json!({ "source": "form", "platform": "shop", "user_id": "N-1", "email": email });
    assert_eq!(outcomes(&told(&program, "lead", &new("bo@x.example"))), ["created"]);
    assert_eq!(outcomes(&told(&program, "lead", &new("bo@home.example"))), ["matched"]);
}

#[test]
fn what_is_wrong_with_a_record_is_told_and_the_others_are_taken() {
    let door = OpenDoor::default();
    let program = door.owner();
    let all = json!([
        { "source": "shop", "user_id": "u1", "external_id": "u1", "name": "Ana" },
        { "source": "shop", "user_id": "u1", "external_id": "u2", "name": "Bo" },
        { "source": "shop", "email": "not an email" },
        { "source": "shop", "event": "page_viewed", "session_key": "nobody" },
    ]);
    let report = told(&program, "event", &all);
    assert_eq!(report["results"].as_array().map(Vec::len), Some(4));
    assert_eq!(outcomes(&report)[1..3], ["rejected", "rejected"]);
    assert!(report["results"][1]["message"].as_str().is_some_and(|why| why.contains("differ")), "{report}");
    // One record alone is refused as a whole.
    let (status, problem) = program.send("POST", "/v1/ingest/lead", &json!({ "email": "not an email" }));
    assert_eq!((status, &problem["code"]), (422, &json!("invalid")), "{problem}");
    for body in [json!({ "action": 7 }), json!([{}]), json!("text"), json!([1])] {
        assert_eq!(program.refused("POST", "/v1/ingest/action", &body), (422, "invalid".to_owned()), "{body}");
    }
    let many = Value::Array(vec![json!({ "action": "a", "email": "a@x.example" }); 1_001]);
    assert_eq!(program.refused("POST", "/v1/ingest/action", &many).0, 422);
}

#[test]
fn visitors_and_policies_are_those_of_the_source() {
    let door = OpenDoor::default();
    let program = door.owner();
    visitors::set_source(&door.core, "widget", true, &who()).expect("set");
    let seen = json!({ "source": "widget", "session_key": "8f2c", "event": "page_viewed" });
    assert_eq!(outcomes(&told(&program, "event", &seen)), ["visitor"]);
    assert_eq!(program.get("/v1/contacts")["total"], 0, "a visitor is nobody's contact");
    let who_it_is = json!({ "source": "widget", "session_key": "8f2c", "email": "ana@x.example", "name": "Ana" });
    told(&program, "lead", &who_it_is);
    assert_eq!(program.get("/v1/contacts")["total"], 1);
    ingest::set_policy(&door.core, "crm", Policy::Newest, &who()).expect("set");
    told(&program, "lead", &json!({ "source": "form", "email": "ana@x.example", "name": "A. R." }));
    assert_eq!(program.get("/v1/contacts")["data"][0]["name"], "Ana", "blanks only");
    told(&program, "lead", &json!({ "source": "crm", "email": "ana@x.example", "name": "Ana Ruiz" }));
    assert_eq!(program.get("/v1/contacts")["data"][0]["name"], "Ana Ruiz");
}

#[test]
fn what_would_win_over_a_card_waits_where_its_source_is_to_ask() {
    let door = OpenDoor::default();
    let program = door.owner();
    let ana = program.contact(&json!({ "name": "Ana", "company": "Solvento", "email": "ana@x.example" }));
    ingest::set_policy(&door.core, "form", Policy::Ask, &who()).expect("set");
    let lead = |more: Value| {
        let mut lead = json!({ "source": "form", "email": "ana@x.example", "at": "2026-04-01T09:00:00Z" });
        let (Some(lead), Value::Object(more)) = (lead.as_object_mut(), more) else { panic!("objects") };
        lead.extend(more);
        Value::Object(lead.clone())
    };
    let blank = lead(json!({ "name": "Ana", "job_title": "Buyer" }));
    assert_eq!(outcomes(&told(&program, "lead", &blank)), ["matched"], "what fills a blank asks nobody");
    let other = lead(json!({ "name": "Ana Ruiz", "company": "Northwind", "tier": "gold" }));
    assert_eq!(outcomes(&told(&program, "lead", &other)), ["held"]);
    let card = door.contact(&ana);
    assert_eq!((card.job_title.as_str(), card.name.as_str(), card.tier.as_str()), ("Buyer", "Ana", ""));
    let [waiting] = &leads::waiting(&door.core, 10).expect("an inbox")[..] else { panic!("one waits") };
    let [she] = &waiting.perhaps[..] else { panic!("one card") };
    let fields: Vec<&str> = she.changes.0.iter().map(|change| change.field.as_str()).collect();
    assert!(waiting.is_known && ["name", "company"].iter().all(|field| fields.contains(field)), "{fields:?}");
    assert!(!fields.contains(&"tier"), "what somebody may have is said by people: {fields:?}");
    let decided = leads::decide(&door.core, &waiting.lead.id, &Choice::Join(ana.clone()), &who()).expect("decided");
    let card = door.contact(&ana);
    assert_eq!((card.name.as_str(), card.company.as_str(), card.tier.as_str()), ("Ana Ruiz", "Northwind", ""));
    assert!(!card.metadata.contains("gold"), "{}", card.metadata);
    let operation = decided.and_then(|(_, operation)| operation).expect("a step");
    history::undo(&door.core, Some(operation.as_str()), &who()).expect("undone");
    assert_eq!(door.contact(&ana).company, "Solvento");
}

#[test]
fn the_window_lists_what_waits_and_decides_it() {
    let temp = tempfile::tempdir().expect("a folder");
    let dir = temp.path().join("workspace");
    let (core, _) = Core::create(&dir, &Protection::None, environment()).expect("a workspace");
    let card = Contact { phones: vec![Item::new("+34 612 408 177", "")], ..named("Ana") };
    let (ana, _) = contact::create(&core, card, &who()).expect("a card");
    let lead = |name: &str| json!({ "source": "form", "name": name, "phone": "+34612408177", "email": format!("{name}@x.example") });
    let signals = ["bo", "cy", "di"].map(lead).into_iter().zip(1..).map(|(value, line)| {
        let Value::Object(members) = value else { panic!("an object") };
        Signal { line, members: Ok(members) }
    });
    let (report, _) = ingest::all_told(&core, "form", signals.collect(), Doubtful::Held, &who()).expect("told");
    assert_eq!((report.held, report.created), (3, 0));
    drop(core);
    let session = Session::new(dir, None, environment(), |_: Event| {});
    session.open(None).expect("open");
    let call = |name: &str, payload: Value| dispatch(&session, name, payload);
    let listed = call("lead_list", json!({})).expect("a list");
    assert_eq!(listed["total"], 3);
    let of = |name: &str| {
        let all = listed["leads"].as_array().expect("leads");
        all.iter().find(|one| one["name"] == name).expect("it waits").clone()
    };
    let bo = of("bo");
    assert_eq!((&bo["perhaps"][0]["card"]["id"], &bo["known"]), (&json!(ana), &json!(false)));
    let fields: Vec<&Value> =
        bo["perhaps"][0]["changes"].as_array().expect("changes").iter().map(|one| &one["field"]).collect();
    assert!(fields.contains(&&json!("email")) && !fields.contains(&&json!("last_seen")), "{fields:?}");
    assert!(bo["told"].as_str().is_some_and(|text| text.contains("bo@x.example")), "{bo}");
    let decide = |lead: &Value, choice: &str, contact: Option<&str>| {
        call("lead_decide", json!({ "id": lead["id"], "choice": choice, "contact": contact }))
    };
    assert!(decide(&bo, "join", None).is_err(), "nobody says of whom");
    assert_eq!(decide(&bo, "join", Some(ana.as_str())).expect("joined")["count"], 1);
    assert!(decide(&of("cy"), "new", None).expect("made")["operation"].is_string());
    assert_eq!(decide(&of("di"), "dismiss", None).expect("gone"), json!({ "count": 0, "operation": null }));
    assert_eq!(call("lead_list", json!({})).expect("a list")["total"], 0);
    assert!(decide(&bo, "dismiss", None).is_err(), "it is decided");
}
