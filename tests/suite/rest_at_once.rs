//! Several programs change the same at once. Of those who say what they have read one does it and
//! the others are told that they come too late; and what each of them changes alone stays.

use crate::webhooks_out::{NAME, hooked};
use cardfile_core::{
    Error, contact,
    conversations::{self, Incoming},
    parts,
    privacy::erasure,
    programs,
    progress::Unwatched,
    segments,
    webhooks::{self, Choice, IsSeen},
};
use cardfile_domain::{
    Sentence,
    part::{Conversation, Memory, Note},
    segment::Segment,
};
use cardfile_testkit::{
    door::{OpenDoor, Program, id},
    hash_of,
    receiver::Receiver,
    who,
};
use serde_json::{Value, json};
use std::{sync::Barrier, thread};

/// As many as the door works on at once.
const ALL: usize = 8;

/// The tag of what is there.
fn tag(program: &Program, path: &str) -> String {
    program.ask("GET", path, &[], b"").header("etag").expect("a tag").to_owned()
}

/// All of them ask for the same at once, each with the same tag; what they are answered, the best first.
fn at_once(program: &Program, method: &str, path: &str, tag: &str, body: &Value) -> Vec<u16> {
    let start = Barrier::new(ALL);
    let ask = || {
        start.wait();
        program.send_with(method, path, &[("If-Match", tag)], body).0
    };
    let mut answers: Vec<u16> = thread::scope(|scope| {
        let asking: Vec<_> = (0..ALL).map(|_| scope.spawn(ask)).collect();
        asking.into_iter().map(|one| one.join().expect("an answer")).collect()
    });
    answers.sort_unstable();
    answers
}

/// Two programs change the same at once, and neither says what it has read.
fn both(program: &Program, path: &str, changes: &[Value; 2]) {
    let start = &Barrier::new(changes.len());
    thread::scope(|scope| {
        for change in changes {
            scope.spawn(move || {
                start.wait();
                let (status, answer) = program.send("PATCH", path, change);
                assert_eq!(status, 200, "{path}: {answer}");
            });
        }
    });
}

/// A conversation of nobody known.
fn chat(door: &OpenDoor) -> String {
    let about = Conversation { platform: "widget".into(), title: "Shipping".into(), ..Conversation::default() };
    conversations::add(&door.core, None, &Incoming { about, messages: Vec::new() }, &who()).expect("a chat").0
}

/// A part of a card, made by a program; its path.
fn part(program: &Program, card: &str, kind: &str, body: &Value) -> String {
    format!("/v1/{kind}/{}", id(&program.make(&format!("{card}/{kind}"), body)))
}

#[test]
fn of_many_who_change_the_same_under_one_tag_one_does() {
    let door = OpenDoor::default();
    let program = door.owner();
    let ana = program.contact(&json!({ "name": "Ana" }));
    let card = format!("/v1/contacts/{ana}");
    let note = part(&program, &card, "notes", &json!({ "text": "Blue" }));
    let memory = part(&program, &card, "memories", &json!({ "text": "Likes tea" }));
    let task = part(&program, &card, "tasks", &json!({ "title": "Call" }));
    let view = format!("/v1/segments/{}", id(&program.make("/v1/segments", &json!({ "name": "All" }))));
    let talk = format!("/v1/conversations/{}", chat(&door));
    let messages = json!([{ "role": "contact", "text": "Hola", "at": "2026-04-01T09:00:00Z" }]);
    for (method, own, deed, body) in [
        ("PATCH", &card, "", json!({ "nick": "An" })),
        ("POST", &card, "/tags", json!({ "add": ["vip"] })),
        ("PATCH", &note, "", json!({ "text": "Red" })),
        ("PATCH", &memory, "", json!({ "pinned": true })),
        ("PATCH", &task, "", json!({ "title": "Write" })),
        ("POST", &task, "/done", Value::Null),
        ("POST", &task, "/cancel", Value::Null),
        ("PATCH", &view, "", json!({ "owner": "Bo" })),
        ("POST", &talk, "/messages", json!({ "messages": messages })),
        ("POST", &talk, "/claim", json!({ "contact_id": ana })),
        ("POST", &card, "/bin", Value::Null),
        ("POST", &card, "/restore", Value::Null),
    ] {
        let answers = at_once(&program, method, &format!("{own}{deed}"), &tag(&program, own), &body);
        assert_eq!((answers[0], &answers[1..]), (200, &[412; ALL - 1][..]), "{method} {own}{deed}");
    }
    assert_eq!(program.get(&card)["conversation_count"], 1, "claimed once");
    // Who comes too late for what is gone finds nothing.
    for own in [&note, &memory, &task, &view, &talk] {
        let answers = at_once(&program, "DELETE", own, &tag(&program, own), &Value::Null);
        assert_eq!((answers[0], &answers[1..]), (204, &[404; ALL - 1][..]), "DELETE {own}");
    }
    let answers = at_once(&program, "DELETE", &card, &tag(&program, &card), &Value::Null);
    assert!(answers[0] == 200 && answers[1] >= 400, "{answers:?}");
    assert_eq!(erasure::list(&door.core, 10).expect("erasures").len(), 1, "one person was erased once");
}

#[test]
fn a_conversation_of_nobody_is_claimed_for_one_card_and_no_other() {
    let door = OpenDoor::default();
    let program = door.owner();
    let cards: Vec<String> = (0..ALL).map(|n| program.contact(&json!({ "name": format!("P {n}") }))).collect();
    let path = format!("/v1/conversations/{}/claim", chat(&door));
    let (path, program, start) = (&path, &program, &Barrier::new(ALL));
    let mut answers: Vec<u16> = thread::scope(|scope| {
        let claim = |card: String| {
            start.wait();
            program.send("POST", path, &json!({ "contact_id": card })).0
        };
        let claims: Vec<_> = cards.into_iter().map(|card| scope.spawn(move || claim(card))).collect();
        claims.into_iter().map(|one| one.join().expect("an answer")).collect()
    });
    answers.sort_unstable();
    assert_eq!((answers[0], &answers[1..]), (200, &[422; ALL - 1][..]));
    let counted: u32 = door.contacts().iter().map(|contact| contact.conversation_count).sum();
    assert_eq!(counted, 1);
}

#[test]
fn what_each_of_two_programs_changes_alone_stays() {
    const ROUNDS: u32 = 20;
    let door = OpenDoor::default();
    let program = door.owner();
    let card = format!("/v1/contacts/{}", program.contact(&json!({ "name": "Ana" })));
    let note = part(&program, &card, "notes", &json!({ "text": "Blue" }));
    let memory = part(&program, &card, "memories", &json!({ "text": "Likes tea" }));
    let task = part(&program, &card, "tasks", &json!({ "title": "Call" }));
    let view = format!("/v1/segments/{}", id(&program.make("/v1/segments", &json!({ "name": "All" }))));
    for round in 0..ROUNDS {
        let (said, is_even) = (format!("Round {round}"), round % 2 == 0);
        for (path, changes) in [
            (&note, [json!({ "text": said }), json!({ "internal": is_even })]),
            (&memory, [json!({ "text": said }), json!({ "pinned": is_even })]),
            (&task, [json!({ "title": said }), json!({ "zone": if is_even { "UTC" } else { "Europe/Madrid" } })]),
            (&view, [json!({ "query": said }), json!({ "owner": said })]),
        ] {
            both(&program, path, &changes);
            let now = program.get(path);
            for (name, value) in changes.iter().filter_map(Value::as_object).flatten() {
                assert_eq!(&now[name], value, "{path} in round {round}");
            }
        }
    }
}

#[test]
fn what_is_not_as_somebody_read_it_is_left_alone() {
    let door = OpenDoor::default();
    let (core, who) = (&door.core, who());
    let ana = door.owner().contact(&json!({ "name": "Ana" }));
    let note = parts::add(core, &ana, &Note { text: "Blue".into(), ..Note::default() }, &who).expect("a note").0;
    let (talk, view) = (chat(&door), Segment { name: "All".into(), ..Segment::default() });
    let view = segments::put(core, &view, &who).expect("a view").0;
    let stored = contact::find(core, &ana).expect("she");
    let before = hash_of(core);
    let changed = |note: &mut Note| note.text = "Red".into();
    // No version of anything.
    let seen = Some(0);
    let edited = parts::edit_seen::<Note>(core, &note, seen, &who, |_, stored| {
        changed(&mut stored.value);
        Ok(())
    });
    assert_eq!(edited, Ok(None));
    assert_eq!(parts::remove_seen::<Note>(core, &note, seen, &who), Ok(None));
    assert_eq!(segments::change(core, &view, seen, &who, |view| view.owner = "Bo".into()), Ok(None));
    assert_eq!(conversations::add_messages(core, &talk, seen, &[], true, &who), Ok(None));
    assert_eq!(conversations::claim_seen(core, &talk, seen, &ana, &who), Ok(None));
    assert_eq!(programs::bin(core, stored.row, seen, &who), Ok(None));
    assert_eq!(programs::restore(core, stored.row, seen, &who), Ok(None));
    assert!(programs::erase(core, &stored, seen, &who, &Unwatched).expect("no fault").is_none());
    assert_eq!(hash_of(core), before);
    assert!(erasure::list(core, 10).expect("erasures").is_empty(), "nothing is kept of what was not done");
    // And what is as they read it is changed.
    let seen = Some(parts::get::<Note>(core, &note).expect("a note").version);
    let edited = parts::edit_seen::<Note>(core, &note, seen, &who, |_, stored| {
        changed(&mut stored.value);
        Ok(())
    });
    assert!(edited.expect("no fault").is_some_and(|(is_changed, _)| is_changed));
    let stored = contact::find(core, &ana).expect("she");
    let receipt = programs::erase(core, &stored, Some(stored.version), &who, &Unwatched).expect("no fault");
    assert_eq!(receipt.expect("erased").facts.cards, 1);
}

#[test]
fn a_memory_comes_from_a_conversation_of_the_same_card() {
    let door = OpenDoor::default();
    let program = door.owner();
    let [ana, bo] = ["Ana", "Bo"].map(|name| program.contact(&json!({ "name": name })));
    let card = format!("/v1/contacts/{ana}");
    let talk =
        |own: &str| id(&program.make(&format!("/v1/contacts/{own}/conversations"), &json!({ "platform": "widget" })));
    let (own, other) = (talk(&ana), talk(&bo));
    let memory = part(&program, &card, "memories", &json!({ "text": "Likes tea", "source": own }));
    assert_eq!(program.refused("PATCH", &memory, &json!({ "source": other })).0, 404);
    let unsaid = json!({ "text": "Likes tea", "source": other });
    assert_eq!(program.refused("POST", &format!("{card}/memories"), &unsaid).0, 404);
    assert_eq!(program.get(&memory)["source"], own.as_str());
    assert_eq!(program.send("PATCH", &memory, &json!({ "source": null })).1["source"], Value::Null);
    let stored = parts::get::<Memory>(&door.core, memory.rsplit('/').next().expect("an id")).expect("it is there");
    assert_eq!((stored.value.source, stored.value.text.as_str()), (None, "Likes tea"));
}

#[test]
fn of_many_who_change_a_webhook_under_one_tag_one_does() {
    let door = OpenDoor::default();
    let program = door.owner();
    let hook = json!({ "name": "Shop", "url": "https://shop.example/catch" });
    let path = format!("/v1/webhooks/{}", id(&program.make("/v1/webhooks", &hook)));
    for change in [json!({ "name": "Store", "on": true }), json!({ "url": "https://store.example/catch" })] {
        let answers = at_once(&program, "PATCH", &path, &tag(&program, &path), &change);
        assert_eq!((answers[0], &answers[1..]), (200, &[412; ALL - 1][..]), "{change}");
    }
    for round in 0..2 {
        let rotate = format!("{path}/rotate");
        let answers = at_once(&program, "POST", &rotate, &tag(&program, &path), &Value::Null);
        assert_eq!((answers[0], &answers[1..]), (200, &[412; ALL - 1][..]), "secret {round}");
    }
    let now = program.get(&path);
    let said = ["name", "state", "url"].map(|name| now[name].as_str().expect("a word"));
    assert_eq!(said, ["Store", "on", "https://store.example/catch"]);
    let answers = at_once(&program, "DELETE", &path, &tag(&program, &path), &Value::Null);
    assert_eq!((answers[0], &answers[1..]), (204, &[404; ALL - 1][..]));
}

#[test]
fn of_two_who_take_a_new_secret_at_once_each_has_one_that_signs() {
    const ROUNDS: u32 = 20;
    let receiver = Receiver::start();
    let (ws, _) = hooked(&receiver, &[], &[]);
    for round in 0..ROUNDS {
        let start = Barrier::new(2);
        let rotate = || {
            start.wait();
            webhooks::rotate(&ws.core, NAME, &who()).expect("another secret")
        };
        let secrets =
            thread::scope(|scope| [scope.spawn(rotate), scope.spawn(rotate)].map(|one| one.join().expect("a secret")));
        webhooks::ping(&ws.core, NAME, &who()).expect("it answers");
        let [got] = &receiver.take()[..] else { panic!("one message") };
        assert!(secrets.iter().all(|secret| got.is_signed_with(secret)), "round {round}");
    }
}

#[test]
fn what_a_person_approves_of_a_webhook_is_not_taken_back_by_a_program() {
    const ROUNDS: u32 = 20;
    let door = OpenDoor::default();
    let program = door.owner();
    let hook = json!({ "name": "Shop", "url": "https://shop.example/catch" });
    let own = id(&program.make("/v1/webhooks", &hook));
    let path = format!("/v1/webhooks/{own}");
    for round in 0..ROUNDS {
        let (start, name, approves) = (Barrier::new(2), format!("Shop {round}"), round % 2 == 0);
        let approve = |choice: &mut Choice<'_>| choice.mapping.0.entry("name".into()).or_default().approved = approves;
        thread::scope(|scope| {
            scope.spawn(|| {
                start.wait();
                webhooks::set(&door.core, &own, &who(), approve).expect("a person says so");
            });
            scope.spawn(|| {
                start.wait();
                assert_eq!(program.send("PATCH", &path, &json!({ "name": name })).0, 200);
            });
        });
        let (now, fields) = (program.get(&path), if approves { json!(["name"]) } else { json!([]) });
        assert_eq!((&now["name"], &now["fields"]), (&json!(name), &fields), "round {round}");
    }
}

#[test]
fn a_webhook_that_is_not_as_somebody_read_it_is_left_alone() {
    let door = OpenDoor::default();
    let (core, who) = (&door.core, who());
    let (known, _) = webhooks::add(core, "Shop", "https://shop.example/catch", &who).expect("a webhook");
    let own = known.kept.id.as_str();
    let is_not: &IsSeen<'_> = &|_, _| false;
    let seen = Some(is_not);
    let set = webhooks::set_seen(core, own, seen, &who, |choice| {
        choice.name.push('!');
        Ok(())
    });
    assert_eq!(set, Ok(None));
    assert_eq!(webhooks::rotate_seen(core, own, seen, &who), Ok(None));
    assert_eq!(webhooks::replay_seen(core, own, None, seen, &who), Ok(None));
    assert_eq!(webhooks::remove_seen(core, own, seen, &who), Ok(None));
    // And so is one that somebody may not change in this way.
    let refused = webhooks::set_seen(core, own, None, &who, |choice| {
        choice.name.push('!');
        Err(Error::bad_request(Sentence::verbatim("it has a name")))
    });
    refused.expect_err("refused");
    assert_eq!(webhooks::find(core, own), Ok(known.clone()));
    let is_known: &IsSeen<'_> = &|now, counts| *now == known && counts == (0, 0);
    assert_eq!(webhooks::remove_seen(core, own, Some(is_known), &who), Ok(Some(())));
}
