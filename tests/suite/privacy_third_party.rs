//! Third persons in conversations: everybody who is in the workspace is found, however they are
//! written, and ordinary text is left alone.

use crate::{
    identity::{card, named},
    privacy_dsar::{files, request},
};
use cardfile_core::{
    conversations::{self, Incoming},
    generate::Seeded,
    parts,
    privacy::{
        bundle::{self, Request},
        third_party::Decision,
    },
    progress::Unwatched,
};
use cardfile_domain::{
    Contact, Item, Millis,
    duplicate::Distinction,
    part::{Conversation, Message, Note, Role},
    text::fold,
};
use cardfile_testkit::{Workspace, who};
use serde_json::Value;
use std::collections::BTreeMap;

const ANA: &str = "ana@solvento.example";
const GIVEN: [&str; 10] = ["João", "Inês", "Zoë", "Łukasz", "Bo", "Ελένη", "Мария", "O'Neil", "Jean-Luc", "Thị"];
const FAMILY: [&str; 10] =
    ["Simões", "Müller", "Côté", "Wójcik", "Lindström", "Παπαδοπούλου", "Иванова", "de la Cruz", "Picard", "Nguyễn"];
/// What people write, with a place for somebody in the first ones.
const NAMING: [&str; 5] = [
    "Please ask {} about the invoice.",
    "I spoke to {}, who says it is late",
    "{} told me so.",
    "Send it to ({}) instead?",
    "cc: {}; thanks",
];
const ORDINARY: [&str; 10] = [
    "Where is order 4471234567? It was due on 2026-03-15 at 10:30.",
    "The price is 1,250.00 EUR plus 21 % tax, article 12-3.",
    "Can you call me before ten? My number is +34 612 408 177.",
    "I will write to you from ana@solvento.example tomorrow.",
    "Buenos días, ¿envían a Lanzarote también?",
    "Ticket #8812 / ref. ZX-77-2026 is closed, see page 14.",
    "您好，请问什么时候发货？",
    "The code is 0042 0017, room 3.14, floor 2",
    "Thanks a lot! Best regards, Ana Ruiz",
    "It costs between 100 and 200; between 8 and 9 in the morning is fine.",
];

/// Somebody with a name, an email, a phone and a handle of their own.
struct Person {
    name: (String, String),
    email: String,
    phone: String,
    handle: String,
}

fn people(ws: &Workspace) -> Vec<Person> {
    let mut all = Vec::new();
    for (at, given) in GIVEN.iter().enumerate() {
        for (n, family) in FAMILY.iter().enumerate() {
            let number = at * 10 + n;
            let one = Person {
                name: ((*given).to_owned(), (*family).to_owned()),
                email: format!("person.{number}@firma{n}.example"),
                phone: format!("+34 7{number:02} 5{n}1 {:03}", 100 + number),
                handle: format!("handle_{number}x"),
            };
            let key = one.phone.replace(' ', "");
            card(
                &ws.core,
                Contact {
                    emails: vec![Item::new(&*one.email, &*one.email)],
                    phones: vec![Item::new(&*one.phone, key)],
                    handles: vec![Item { label: "chat".into(), ..Item::new(&*one.handle, "") }],
                    ..named(&format!("{given} {family}"))
                },
            );
            all.push(one);
        }
    }
    all
}

/// One of the ways in which people write somebody.
fn written(one: &Person, way: u64) -> String {
    let (given, family) = &one.name;
    match way {
        0 => format!("{given} {family}"),
        1 => format!("{given} {family}").to_uppercase(),
        2 => fold(&format!("{given} {family}")),
        3 if !family.contains(' ') => format!("{family}, {given}"),
        4 => one.email.clone(),
        5 => one.email.to_uppercase(),
        6 => one.phone.clone(),
        7 => one.phone.replace("+34 ", "").replace(' ', "-"),
        8 => one.phone.replace('+', "00").replace(' ', ""),
        _ => one.handle.clone(),
    }
}

fn ana(ws: &Workspace) -> String {
    card(
        &ws.core,
        Contact {
            emails: vec![Item::new(ANA, ANA)],
            phones: vec![Item::new("+34 612 408 177", "+34612408177")],
            ..named("Ana Ruiz")
        },
    )
}

fn build(ws: &Workspace, request: &Request) -> BTreeMap<String, Vec<u8>> {
    let out = ws.files.join("ana.zip");
    bundle::build(&ws.core, request, &out, None, &who(), &Unwatched).expect("built");
    files(&out)
}

fn messages(files: &BTreeMap<String, Vec<u8>>) -> Vec<String> {
    let chats = files.iter().filter(|(path, _)| path.starts_with("data/conversations/") && path.ends_with(".json"));
    let mut all = Vec::new();
    for (_, bytes) in chats {
        let chat: Value = serde_json::from_slice(bytes).expect("json");
        let texts = chat["message"].as_array().expect("messages").iter();
        all.extend(texts.filter_map(|message| message["text"].as_str()).map(str::to_owned));
    }
    all
}

#[test]
fn five_hundred_planted_identifiers_are_all_found_and_ordinary_text_stays() {
    let ws = Workspace::default();
    let (people, ana, mut random) = (people(&ws), ana(&ws), Seeded::new(5));
    // Each message begins with its number, by which it is known again.
    let (mut planted, mut number) = (BTreeMap::new(), 0);
    for thread in 0..100 {
        let mut texts = Vec::new();
        for _ in 0..5 {
            let one = &people[random.below(people.len() as u64) as usize];
            let said = written(one, random.below(10));
            let frame = NAMING[random.below(NAMING.len() as u64) as usize];
            texts.push(frame.replace("{}", &said));
            planted.insert(number, said);
            number += 1;
        }
        for _ in 0..15 {
            texts.push(ORDINARY[random.below(ORDINARY.len() as u64) as usize].to_owned());
            number += 1;
        }
        let first = number - 20;
        let message = |(at, text): (usize, String)| Message {
            role: if at % 2 == 0 { Role::Contact } else { Role::Staff },
            text: format!("m{} {text}", first + at),
            at: Millis(1_000 + at as i64),
            ..Message::default()
        };
        let chat = Incoming {
            about: Conversation {
                platform: "widget".into(),
                title: format!("Chat {thread}"),
                ..Conversation::default()
            },
            messages: texts.into_iter().enumerate().map(message).collect(),
        };
        conversations::add(&ws.core, Some(&ana), &chat, &who()).expect("a chat");
    }
    assert_eq!((planted.len(), number), (500, 2_000));
    let shown = messages(&build(&ws, &request(&ws.core, ANA)));
    assert_eq!(shown.len(), 2_000);
    let mut falsely = Vec::new();
    for text in &shown {
        let (mark, rest) = text.split_once(' ').expect("a number first");
        let at: usize = mark[1..].parse().expect("a number");
        match planted.get(&at) {
            Some(said) => {
                assert!(rest.contains("[third person ") && !rest.contains(said.as_str()), "{said:?} in {rest:?}");
            }
            None if rest.contains("[third person ") => falsely.push(rest),
            None => {}
        }
    }
    assert!(falsely.len() * 100 < shown.len(), "{} were masked for nothing: {:?}", falsely.len(), falsely.first());
}

#[test]
fn one_person_has_one_number_however_they_are_called() {
    let ws = Workspace::default();
    let (people, ana) = (people(&ws), ana(&ws));
    let (one, other) = (&people[41], &people[77]);
    let text = [written(one, 0), written(other, 4), written(one, 6), written(other, 9), written(one, 5)].join(" | ");
    parts::add(&ws.core, &ana, &Note { text, ..Note::default() }, &who()).expect("a note");
    let files = build(&ws, &request(&ws.core, ANA));
    let notes: Value = serde_json::from_slice(&files["data/notes.json"]).expect("json");
    assert_eq!(
        notes[0]["text"],
        "[third person 1] | [third person 2] | [third person 1] | [third person 2] | [third person 1]"
    );
}

#[test]
fn what_is_a_question_is_left_out_until_somebody_lets_it_stand() {
    let ws = Workspace::default();
    let ana = ana(&ws);
    card(&ws.core, named("Will"));
    let text = "Will said: pay to DE89 3704 0044 0532 0130 00, or ask eva@unknown.example";
    parts::add(&ws.core, &ana, &Note { text: text.into(), ..Note::default() }, &who()).expect("a note");
    let plain = request(&ws.core, ANA);
    let shown = |request: &Request| {
        let files = build(&ws, request);
        let notes: Value = serde_json::from_slice(&files["data/notes.json"]).expect("json");
        notes[0]["text"].as_str().expect("a text").to_owned()
    };
    assert_eq!(shown(&plain), "[third person 1] said: pay to [third person 2], or ask [third person 3]");
    let seen = bundle::preview(&ws.core, &plain).expect("a preview").people;
    assert!(seen.len() == 3 && seen.iter().all(|one| !one.is_sure && one.decision.is_none()), "{seen:?}");
    let keys: Vec<&str> = seen.iter().map(|one| one.key.as_str()).collect();
    assert!(keys.contains(&"text:eva@unknown.example"), "{keys:?}");
    let decisions = seen.iter().map(|one| (one.key.clone(), Decision::Keep)).collect();
    assert_eq!(shown(&Request { decisions, ..plain }), text);
}

#[test]
fn ids_of_other_cards_are_nobodys_either() {
    let ws = Workspace::default();
    let ana = ana(&ws);
    let bo = card(&ws.core, named("Bo Ek"));
    let (one, other) = if ana < bo { (ana, bo.clone()) } else { (bo.clone(), ana) };
    let op = cardfile_store::Op {
        kind: cardfile_store::OpKind::ContactDistinguish,
        subject: String::new(),
        actor: "tester".into(),
        origin: "test".into(),
    };
    let told = Distinction { one, other, ..Distinction::default() };
    ws.core.store().write(op, |tx| Ok::<_, cardfile_core::Error>(tx.add_part(None, &told)?)).expect("told apart");
    let files = build(&ws, &request(&ws.core, ANA));
    let said: Value = serde_json::from_slice(&files["data/distinctions.json"]).expect("json");
    let whom = [&said[0]["one"], &said[0]["other"]];
    assert!(whom.contains(&&Value::from("[third person 1]")), "{said}");
    for (path, bytes) in &files {
        assert!(!String::from_utf8_lossy(bytes).contains(&bo), "{path}");
    }
}
