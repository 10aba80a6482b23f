//! The pages of an answer: whoever asked reads them, and knows nothing of how the program works.

use crate::{
    identity::named,
    privacy_dsar::{ANA, build, files, json_of, request},
};
use cardfile_core::{
    Core,
    combine::{self, Wish},
    contact,
    conversations::{self, Incoming},
    export::{self, ExportFormat, ExportRequest},
    formats::dsar::Language,
    import::{self, ImportRequest},
    parts,
    privacy::{
        bundle::Request,
        consent::{self, Saying},
        requests, restriction,
    },
    progress::Unwatched,
    tasks,
};
use cardfile_domain::{
    Contact, Item, Millis,
    part::{Conversation, Memory, Message, Note, Task},
    restriction::{Restriction, Sort},
};
use cardfile_store::{OpKind, schema::TABLES};
use cardfile_testkit::{Workspace, who};
use rstest::rstest;

/// Ana came by a file, was edited, and is one card out of two.
fn with_ana(ws: &Workspace) {
    let core = &ws.core;
    let csv = "name,email,phone,stage,tags\nAna Ruiz,ana@solvento.example,+34 612 408 177,customer,vip\n";
    import::run(core, &ImportRequest::of(ws.file("people.csv", csv)), &who(), &Unwatched).expect("an import");
    let id = contact::find(core, ANA).expect("she").contact.id;
    contact::edit(core, &id, "job_title", "Buyer".into(), &who()).expect("an edit");
    let ana = id.to_string();
    let other = Contact { emails: vec![Item::new("ana@old.example", "")], ..named("Ana R.") };
    let other = contact::create(core, other, &who()).expect("a card").0.to_string();
    combine::run(core, &Wish { survivor: ana.clone(), other, ..Wish::default() }, None, &who()).expect("one card");
    fill(core, &ana);
    let everybody = ExportRequest::all(ws.files.join("everybody.csv"), ExportFormat::default());
    export::run(core, &everybody, &who(), &Unwatched).expect("an export");
}

fn fill(core: &Core, ana: &str) {
    let note = Note { text: "Likes tea".into(), ..Note::default() };
    let note = parts::add(core, ana, &note, &who()).expect("a note").0;
    parts::edit::<Note>(core, &note, &who(), |note| note.text = "Likes green tea".into()).expect("an edit");
    let memory = Memory { text: "Buys tea".into(), confidence: Some(0.8), ..Memory::default() };
    parts::add(core, ana, &memory, &who()).expect("a memory");
    let starts_at = Some(Millis(1_795_338_000_000));
    let (rule, zone) = ("FREQ=WEEKLY".into(), "Europe/Madrid".into());
    tasks::add(core, ana, Task { title: "Call her".into(), starts_at, rule, zone, ..Task::default() }, &who())
        .expect("a task");
    let message = Message { text: "Where is my tea?".into(), at: Millis(1_795_251_600_000), ..Message::default() };
    let about = Conversation { platform: "widget".into(), title: "Tea".into(), ..Conversation::default() };
    conversations::add(core, Some(ana), &Incoming { about, messages: vec![message] }, &who()).expect("a chat");
    let yes = Saying { purpose: "contact".into(), given: true, channel: "phone".into(), ..Saying::default() };
    consent::record(core, ana, &yes, &who()).expect("written down");
    let objects = Restriction { sort: Sort::Objected, reason: "no letters".into(), ..Restriction::default() };
    let row = contact::find(core, ana).expect("she").row;
    restriction::put(core, &[row], &objects, &who()).expect("put");
    let asks = cardfile_domain::request::Request { subject: ANA.into(), ..Default::default() };
    requests::add(core, &asks, &who()).expect("written down");
}

/// What a page says, but for the commands on it and the names of files.
fn said(html: &str) -> String {
    let body = html.split("<body>").nth(1).expect("a body");
    let (mut text, mut is_told) = (String::new(), true);
    for part in body.split('<') {
        let (tag, rest) = part.split_once('>').unwrap_or(("", part));
        match tag.split(' ').next() {
            Some("pre" | "a") => is_told = false,
            Some("/pre" | "/a") => is_told = true,
            _ => {}
        }
        if is_told {
            text.push_str(rest);
            text.push('\n');
        }
    }
    text
}

const ENGLISH: [&str; 15] = [
    "21 Nov 2026, 09:",
    "a file we imported: people.csv",
    "changed by us",
    "merged from two cards",
    "written down by us",
    "a person",
    "said, and not proven",
    "set by the team, by a file or by another program",
    "your data are not used for a purpose",
    "access to your data",
    "by phone",
    "every week",
    "80 %",
    "Index of the words in messages",
    "worked out from the rest",
];
const SPANISH: [&str; 15] = [
    "21 nov 2026, 09:",
    "un archivo que importamos: people.csv",
    "lo cambiamos nosotros",
    "se unieron dos fichas",
    "lo anotamos nosotros",
    "una persona",
    "declarada, sin comprobar",
    "lo fijó el equipo, un archivo u otro programa",
    "sus datos no se usan para una finalidad",
    "acceso a sus datos",
    "por teléfono",
    "cada semana",
    "80 %",
    "Índice de palabras de los mensajes",
    "se calcula a partir del resto",
];

#[rstest]
#[case(Language::English, ENGLISH)]
#[case(Language::Spanish, SPANISH)]
fn the_pages_speak_to_the_person_and_not_to_an_engineer(#[case] language: Language, #[case] words: [&str; 15]) {
    let ws = Workspace::default();
    with_ana(&ws);
    let out = ws.files.join("ana.zip");
    build(&ws.core, &Request { language, ..request(&ws.core, ANA) }, &out);
    let opened = files(&out);
    let pages = opened.iter().filter(|(path, _)| path.ends_with(".html"));
    let pages: Vec<(&str, String)> =
        pages.map(|(path, bytes)| (path.as_str(), String::from_utf8_lossy(bytes).into_owned())).collect();
    assert!(pages.len() > 2, "the beginning, what has to be known, and a conversation");
    for (path, html) in &pages {
        for word in said(html).split_whitespace() {
            let word = word.trim_matches(|c: char| !c.is_alphanumeric());
            assert!(!word.contains('_'), "{path} says {word}");
            assert_eq!(language.moment(word), None, "{path} says {word}");
        }
    }
    let start = &pages.iter().find(|(path, _)| *path == "START-HERE.html").expect("the first page").1;
    for word in words {
        assert!(said(start).contains(word), "{word} is not said: {}", said(start));
    }
    let chat = &pages.iter().find(|(path, _)| path.starts_with("data/conversations/")).expect("a page").1;
    assert!(chat.contains("<time datetime=\"2026-11-21T09:00:00Z\">21 "), "{chat}");
    // What programs read is as it was.
    let card = &json_of(&opened, "data/contact.json")["cards"][0]["fields"];
    assert_eq!((&card["name"]["source"], &card["kind"]["value"]), (&"contact combine".into(), &"person".into()));
    assert!(card["name"]["first_seen"].as_str().is_some_and(|at| at.starts_with("2026-11-21T09:")), "{card}");
}

#[rstest]
#[case(Language::English)]
#[case(Language::Spanish)]
fn whatever_can_be_done_and_held_has_words_for_the_person(#[case] language: Language) {
    for kind in OpKind::all() {
        let way = kind.as_str().replace('_', " ");
        assert!(language.value("way", &way).is_some(), "{way}");
    }
    for table in TABLES {
        assert!(language.value("table", table.name).is_some(), "{}", table.name);
    }
    for kind in cardfile_domain::PartKind::ALL {
        assert!(language.value("about", kind.as_str()).is_some(), "{}", kind.as_str());
    }
}
