//! Notes, tasks, memories, conversations: every part of a card comes back when
//! what happened to it is undone, and a reminder is given once at its time.

use cardfile_core::{
    Core, Environment, Protection, contact,
    conversations::{self, Incoming},
    generate::Seeded,
    history,
    import::{self, ImportRequest},
    parts,
    progress::Unwatched,
    tasks,
};
use cardfile_domain::{
    Clock, Millis,
    part::{Conversation, Memory, Message, Note, Rating, Role, Task},
    time::DateOrder,
};
use cardfile_testkit::{Workspace, english, environment, hash_of, who};
use std::sync::{
    Arc,
    atomic::{AtomicI64, Ordering},
};

const TWO: &str = "Name,Email\nAna,ana@x.example\nBo,bo@x.example\n";

fn filled() -> (Workspace, String, String) {
    let ws = Workspace::default();
    let file = ws.file("in.csv", TWO);
    import::run(&ws.core, &ImportRequest::of(file), &who(), &Unwatched).expect("an import");
    let ids: Vec<String> = ws.contacts().iter().map(|one| one.id.to_string()).collect();
    (ws, ids[0].clone(), ids[1].clone())
}

fn at(text: &str) -> Millis {
    Millis::parse(text, DateOrder::DayFirst).expect(text)
}

fn message(text: &str, time: &str) -> Message {
    Message { text: text.into(), at: at(time), ..Message::default() }
}

fn chat(title: &str) -> Incoming {
    Incoming {
        about: Conversation { platform: "widget".into(), title: title.into(), ..Conversation::default() },
        messages: vec![
            message("Do you ship to Tenerife?", "2026-04-02T10:00:00Z"),
            message("¿Y a Lanzarote?", "2026-04-01T09:00:00Z"),
        ],
    }
}

#[test]
fn any_series_of_changes_to_parts_is_undone_step_by_step_and_done_again() {
    for seed in 0..40 {
        let (ws, ana, bo) = filled();
        let mut random = Seeded::new(seed);
        let mut states = vec![ws.hash()];
        let (mut notes, mut todo, mut memories, mut chats) = (vec![], vec![], vec![], vec![]);
        for step in 0..14 {
            let who = who();
            let card = if random.below(2) == 0 { &ana } else { &bo };
            let text = format!("step {step}");
            match random.below(9) {
                0 => notes.push(parts::add(&ws.core, card, &Note { text, ..Note::default() }, &who).expect("a note").0),
                1 => todo
                    .push(tasks::add(&ws.core, card, Task { title: text, ..Task::default() }, &who).expect("a task").0),
                2 => memories
                    .push(parts::add(&ws.core, card, &Memory { text, ..Memory::default() }, &who).expect("a memory").0),
                3 => {
                    let owner = (random.below(2) == 0).then_some(card.as_str());
                    chats.push(conversations::add(&ws.core, owner, &chat(&text), &who).expect("a chat").0);
                }
                4 if !notes.is_empty() => {
                    let id = &notes[random.below(notes.len() as u64) as usize];
                    let _ = parts::edit::<Note>(&ws.core, id, &who, |note| note.text.clone_from(&text));
                }
                5 if !notes.is_empty() => {
                    let _ = parts::remove::<Note>(&ws.core, &notes[random.below(notes.len() as u64) as usize], &who);
                }
                6 if !todo.is_empty() => {
                    let _ = tasks::done(&ws.core, &todo[random.below(todo.len() as u64) as usize], &who);
                }
                7 if !chats.is_empty() => {
                    let id = &chats[random.below(chats.len() as u64) as usize];
                    let _ = conversations::claim(&ws.core, id, card, &who);
                }
                8 if !chats.is_empty() => {
                    let id = &chats[random.below(chats.len() as u64) as usize];
                    let _ = parts::remove::<Conversation>(&ws.core, id, &who);
                }
                _ => {}
            }
            let now = ws.hash();
            if states.last() != Some(&now) {
                states.push(now);
            }
        }
        for state in states.iter().rev().skip(1) {
            history::undo(&ws.core, None, &who()).expect("undone");
            assert_eq!(&ws.hash(), state, "seed {seed}");
        }
        for state in states.iter().skip(1) {
            history::redo(&ws.core, None, &who()).expect("done again");
            assert_eq!(&ws.hash(), state, "seed {seed}, again");
        }
    }
}

#[test]
fn the_bin_keeps_every_part_and_a_note_keeps_the_card_when_its_import_is_undone() {
    let (ws, ana, _) = filled();
    parts::add(&ws.core, &ana, &Note { text: "Calls before ten".into(), ..Note::default() }, &who()).expect("a note");
    let row = contact::find(&ws.core, &ana).expect("she").row;
    contact::bin(&ws.core, &[row], &who()).expect("binned");
    contact::restore(&ws.core, &[row], &who()).expect("restored");
    let after = contact::find(&ws.core, &ana).expect("she");
    assert_eq!(parts::of::<Note>(&ws.core, &after).expect("notes")[0].value.text, "Calls before ten");
    let operations = history::list(&ws.core, 10).expect("the history");
    let import = operations.iter().find(|one| one.kind == "import").expect("it is there");
    let undone = history::undo(&ws.core, Some(&import.id), &who()).expect("undone");
    assert_eq!((undone.removed, undone.kept.len()), (1, 1), "Bo goes, Ana has a note");
    assert_eq!(undone.kept[0].id, ana);
}

#[test]
fn the_timeline_of_a_card_tells_of_its_parts() {
    let (ws, ana, _) = filled();
    parts::add(&ws.core, &ana, &Note { text: "Calls before ten".into(), ..Note::default() }, &who()).expect("a note");
    let timeline = contact::timeline(&ws.core, &contact::find(&ws.core, &ana).expect("she")).expect("a timeline");
    assert_eq!(
        (timeline[0].operation.kind.as_str(), timeline[0].operation.subject.as_str()),
        ("part_change", "note: Calls before ten")
    );
    assert_eq!(timeline[1].operation.kind.as_str(), "import");
}

#[test]
fn what_a_conversation_says_about_its_contact_is_worked_out_and_never_less() {
    let (ws, ana, _) = filled();
    let id = conversations::add(&ws.core, None, &chat("Shipping"), &who()).expect("a chat").0;
    let waiting = conversations::waiting(&ws.core, 10).expect("an inbox");
    assert_eq!((waiting.len(), waiting[0].value.messages), (1, 2));
    conversations::claim(&ws.core, &id, &ana, &who()).expect("claimed");
    let card = contact::find(&ws.core, &ana).expect("she").contact;
    assert_eq!(card.conversation_count, 1);
    assert_eq!((card.first_seen, card.last_seen), (Some(at("2026-04-01T09:00:00Z")), Some(at("2026-04-02T10:00:00Z"))));
    assert!(conversations::waiting(&ws.core, 10).expect("an inbox").is_empty());
    conversations::claim(&ws.core, &id, &ana, &who()).expect_err("it has an owner");
    // In the order they were written, found with accents aside.
    let all = conversations::messages(&ws.core, &id, 0, 10).expect("messages");
    assert_eq!(all[0].text, "¿Y a Lanzarote?");
    assert_eq!(conversations::search(&ws.core, &id, "lanzaroté").expect("found"), [0]);
    history::undo(&ws.core, None, &who()).expect("undone");
    let card = contact::find(&ws.core, &ana).expect("she").contact;
    assert_eq!((card.conversation_count, card.last_seen), (0, None));
}

const CHATS: &str = r#"{"contact":"ana@x.example","platform":"widget","external_id":"c1","title":"Price","messages":[{"role":"contact","text":"Hola","at":"2026-04-01T09:00:00Z","external_id":"m1"},{"role":"agent","author":"Pricing bot","text":"Buenos días","at":"2026-04-01T09:00:05Z","external_id":"m2"}]}
{"platform":"line","session_key":"8f2c","messages":[{"role":"contact","text":"Anybody?","at":"2026-04-02T09:00:00Z"}]}
{"contact":"nobody@x.example","platform":"widget","messages":[]}
{"platform":"widget","messages":[{"role":"boss","text":"x","at":"2026-04-02T09:00:00Z"}]}
not json
{"platform":"widget","messages":[{"role":"staff","text":"x","at":"soon"}]}
"#;

#[test]
fn conversations_come_in_from_a_file_and_the_counts_add_up() {
    let (ws, ana, _) = filled();
    let before = ws.hash();
    let file = ws.file("chats.ndjson", CHATS);
    let (report, operation) = conversations::import(&ws.core, &file, &who()).expect("an import");
    assert_eq!((report.records, report.created, report.unattached, report.known), (6, 1, 1, 0));
    let rejected: Vec<(u32, &str)> = report.rejected.iter().map(|one| (one.line, english(&one.message))).collect();
    assert_eq!(rejected[0], (3, "nobody@x.example is nobody here"));
    assert!(
        rejected[1].1.starts_with("unknown variant `boss`, expected one of `contact`, `agent`, `staff`"),
        "{rejected:?}"
    );
    assert_eq!((rejected[2].0, rejected[3]), (5, (6, "soon is no time")));
    assert_eq!(contact::find(&ws.core, &ana).expect("she").contact.conversation_count, 1);
    // The same again brings nothing new; one more message is added to its conversation.
    let first = ws.hash();
    let again = ws.file("again.ndjson", CHATS.lines().next().expect("a line"));
    assert_eq!(conversations::import(&ws.core, &again, &who()).expect("an import").0.known, 1);
    assert_eq!(ws.hash(), first);
    let longer = CHATS.lines().next().expect("a line").replace(
        "]}",
        r#",{"role":"staff","author":"Marta","text":"Le llamo","at":"2026-04-03T09:00:00Z","external_id":"m3"}]}"#,
    );
    let longer = ws.file("longer.ndjson", longer);
    conversations::import(&ws.core, &longer, &who()).expect("an import");
    let card = contact::find(&ws.core, &ana).expect("she");
    let chats = parts::of::<Conversation>(&ws.core, &card).expect("chats");
    assert_eq!((chats.len(), chats[0].value.messages, card.contact.conversation_count), (1, 3, 1));
    assert_eq!(card.contact.last_seen, Some(at("2026-04-03T09:00:00Z")));
    let role = conversations::messages(&ws.core, &chats[0].value.id, 1, 2).expect("messages")[0].role;
    assert_eq!(role, Role::Agent);
    history::undo(&ws.core, None, &who()).expect("undone");
    history::undo(&ws.core, operation.as_ref().map(|id| id.as_str()), &who()).expect("undone");
    assert_eq!(ws.hash(), before);
}

/// A clock that a test sets.
struct SetClock(AtomicI64);

impl Clock for SetClock {
    fn now(&self) -> Millis {
        Millis(self.0.load(Ordering::SeqCst))
    }
}

#[test]
fn a_reminder_is_given_once_at_its_time_across_sleep_restart_and_a_change_of_clocks() {
    let temp = tempfile::tempdir().expect("a folder");
    let dir = temp.path().join("ws");
    let clock = Arc::new(SetClock(AtomicI64::new(at("2026-03-20T07:00:00Z").0)));
    let environment = || Environment { clock: Arc::clone(&clock) as Arc<dyn Clock>, ..environment() };
    let go_to = |time: &str| clock.0.store(at(time).0, Ordering::SeqCst);
    let (core, _) = Core::create(&dir, &Protection::None, environment()).expect("made");
    let (ana, _) = contact::create(&core, named("Ana"), &who()).expect("made");
    // Fridays at nine in Madrid; the clocks change on 29 March.
    let friday = Task {
        title: "Call Ana".into(),
        starts_at: Some(at("2026-03-20T08:00:00Z")),
        rule: "FREQ=WEEKLY".into(),
        zone: "Europe/Madrid".into(),
        ..Task::default()
    };
    let id = tasks::add(&core, ana.as_str(), friday, &who()).expect("a task").0;
    let titles = |core: &Core| -> Vec<String> {
        let due = tasks::remind(core).expect("reminders");
        due.into_iter().map(|due| format!("{} ({})", due.task.title, due.contact)).collect()
    };
    assert!(titles(&core).is_empty(), "an hour too early");
    go_to("2026-03-20T08:00:00Z");
    assert_eq!(titles(&core), ["Call Ana (Ana)"]);
    assert!(titles(&core).is_empty(), "once is enough");
    tasks::done(&core, &id, &who()).expect("done");
    drop(core);
    // Not running on Friday the 27th: it is given at the next start.
    go_to("2026-03-28T12:00:00Z");
    let (core, _) = Core::open(&dir, None, environment()).expect("opened");
    assert_eq!(titles(&core), ["Call Ana (Ana)"]);
    drop(core);
    let (core, _) = Core::open(&dir, None, environment()).expect("opened");
    assert!(titles(&core).is_empty(), "a restart does not repeat it");
    tasks::done(&core, &id, &who()).expect("done");
    // Nine in Madrid is seven in UTC now.
    go_to("2026-04-03T06:59:59Z");
    assert!(titles(&core).is_empty());
    go_to("2026-04-03T07:00:00Z");
    assert_eq!(titles(&core), ["Call Ana (Ana)"]);
    // Not done: it is due again a week later all the same.
    go_to("2026-04-10T06:59:59Z");
    assert!(titles(&core).is_empty());
    go_to("2026-04-10T07:00:00Z");
    assert_eq!(titles(&core), ["Call Ana (Ana)"]);
    assert!(titles(&core).is_empty());
    // What is written down late is not forgotten, and said once.
    go_to("2026-04-10T07:00:01Z");
    let late = Task { title: "Late".into(), starts_at: Some(at("2026-04-09T00:00:00Z")), ..Task::default() };
    tasks::add(&core, ana.as_str(), late, &who()).expect("a task");
    go_to("2026-04-10T07:00:02Z");
    assert!(titles(&core).contains(&"Late (Ana)".to_owned()));
    assert!(titles(&core).is_empty());
    // A card in the bin reminds nobody.
    tasks::done(&core, &id, &who()).expect("done");
    contact::bin(&core, &[contact::find(&core, ana.as_str()).expect("she").row], &who()).expect("binned");
    go_to("2026-05-01T00:00:00Z");
    assert!(titles(&core).is_empty());
}

fn named(name: &str) -> cardfile_domain::Contact {
    cardfile_domain::Contact { name: name.into(), ..cardfile_domain::Contact::default() }
}

#[test]
fn what_is_no_task_is_refused_and_nothing_is_written() {
    let (ws, ana, _) = filled();
    let before = hash_of(&ws.core);
    for (task, why) in [
        (Task::default(), "says what"),
        (Task { title: "x".into(), rule: "FREQ=DAILY".into(), ..Task::default() }, "first run"),
        (
            Task {
                title: "x".into(),
                starts_at: Some(at("2026-03-20T08:00:00Z")),
                rule: "FREQ=DAILY".into(),
                zone: "Mars/Olympus".into(),
                ..Task::default()
            },
            "no time zone",
        ),
    ] {
        let refused = tasks::add(&ws.core, &ana, task, &who()).expect_err(why);
        assert!(refused.message.to_string().contains(why), "{}", refused.message);
    }
    assert_eq!(hash_of(&ws.core), before);
}

#[test]
fn ratings_have_an_average() {
    let (ws, ana, _) = filled();
    for value in [5.0, 4.0] {
        parts::add(&ws.core, &ana, &Rating { value, ..Rating::default() }, &who()).expect("a rating");
    }
    let card = contact::find(&ws.core, &ana).expect("she");
    assert_eq!(parts::average(&parts::of(&ws.core, &card).expect("ratings")), Some(4.5));
}

#[test]
fn a_conversation_that_was_claimed_keeps_its_messages_when_its_import_is_undone() {
    let (ws, ana, _) = filled();
    let file = ws.file("chats.ndjson", CHATS.lines().nth(1).expect("the visitor's"));
    let (_, import) = conversations::import(&ws.core, &file, &who()).expect("an import");
    let id = conversations::waiting(&ws.core, 1).expect("an inbox")[0].value.id.clone();
    conversations::claim(&ws.core, &id, &ana, &who()).expect("claimed");
    let undone = history::undo(&ws.core, import.as_ref().map(|id| id.as_str()), &who()).expect("undone");
    assert_eq!(undone.kept[0].id, ana);
    let chat = parts::get::<Conversation>(&ws.core, &id).expect("it is there").value;
    assert_eq!((chat.messages, chat.last_at), (1, Some(at("2026-04-02T09:00:00Z"))));
    assert_eq!(conversations::messages(&ws.core, &id, 0, 9).expect("messages").len(), 1);
}

#[test]
fn chats_are_counted_right_whichever_claim_is_undone_first() {
    let (ws, ana, _) = filled();
    let claims: Vec<_> = ["one", "two"]
        .map(|title| {
            let id = conversations::add(&ws.core, None, &chat(title), &who()).expect("a chat").0;
            conversations::claim(&ws.core, &id, &ana, &who()).expect("claimed").expect("an operation")
        })
        .into();
    let chats = || contact::find(&ws.core, &ana).expect("she").contact.conversation_count;
    assert_eq!(chats(), 2);
    history::undo(&ws.core, Some(claims[0].as_str()), &who()).expect("undone");
    assert_eq!(chats(), 1);
    history::undo(&ws.core, Some(claims[1].as_str()), &who()).expect("undone");
    assert_eq!(chats(), 0);
}

#[test]
fn new_messages_of_a_known_conversation_wait_to_be_read_and_it_never_changes_its_owner() {
    let (ws, ana, _) = filled();
    let line = |contact: &str, messages: &str| {
        format!(
            r#"{{"contact":"{contact}","platform":"widget","external_id":"c9","unread":true,"messages":[{messages}]}}"#
        )
    };
    let hello = r#"{"role":"contact","text":"Hello","at":"2026-04-01T09:00:00Z"}"#;
    let again = r#"{"role":"contact","text":"Hello again","at":"2026-04-02T09:00:00Z"}"#;
    let import =
        |text: String| conversations::import(&ws.core, &ws.file("c.ndjson", text), &who()).expect("an import").0;
    // The same message twice in one line is one message.
    import(line("ana@x.example", &format!("{hello},{hello}")));
    let chats =
        |id: &str| parts::of::<Conversation>(&ws.core, &contact::find(&ws.core, id).expect("one")).expect("chats");
    let id = chats(&ana)[0].value.id.clone();
    assert_eq!(chats(&ana)[0].value.messages, 1);
    conversations::mark_read(&ws.core, &id, &who()).expect("read");
    import(line("ana@x.example", hello));
    assert!(!chats(&ana)[0].value.unread, "nothing new came");
    import(line("ana@x.example", &format!("{hello},{again}")));
    assert!(chats(&ana)[0].value.unread);
    let refused = import(line("bo@x.example", hello));
    assert_eq!(refused.rejected[0].message.to_string(), "this conversation belongs to somebody else here");
}

#[test]
fn undoing_anything_in_any_order_leaves_conversations_that_are_their_messages() {
    for seed in 100..130 {
        let (ws, ana, bo) = filled();
        let mut random = Seeded::new(seed);
        let mut chats: Vec<String> = Vec::new();
        for step in 0..10 {
            let card = if random.below(2) == 0 { &ana } else { &bo };
            match random.below(3) {
                0 => {
                    let mut incoming = chat(&format!("step {step}"));
                    incoming.about.external_id = format!("c{}", random.below(3));
                    incoming.messages.push(message(&format!("more {step}"), "2026-05-01T09:00:00Z"));
                    if let Ok((id, _)) = conversations::add(&ws.core, None, &incoming, &who()) {
                        chats.push(id);
                    }
                }
                1 if !chats.is_empty() => {
                    let id = &chats[random.below(chats.len() as u64) as usize];
                    let _ = conversations::claim(&ws.core, id, card, &who());
                }
                _ => {
                    let done = history::list(&ws.core, 30).expect("the history");
                    let open: Vec<_> =
                        done.iter().filter(|one| one.state == "done" && one.kind == "part_change").collect();
                    if !open.is_empty() {
                        let id = &open[random.below(open.len() as u64) as usize].id;
                        history::undo(&ws.core, Some(id), &who()).expect("undone");
                    }
                }
            }
            for id in &chats {
                if let Ok(stored) = parts::get::<Conversation>(&ws.core, id) {
                    let messages = conversations::messages(&ws.core, id, 0, 500).expect("messages");
                    assert_eq!(stored.value.messages as usize, messages.len(), "seed {seed}, step {step}");
                    assert_eq!(stored.value.last_at, messages.last().map(|message| message.at));
                }
            }
        }
    }
}
