//! A mailbox becomes cards: senders are proposed, nothing is made before
//! somebody says so, and no text of a message is kept.

use cardfile_core::{
    contact,
    formats::mail::Automatic,
    history,
    import::{self, ImportRequest},
    mail,
    progress::Unwatched,
};
use cardfile_testkit::{Workspace, who};
use std::{collections::HashSet, fmt::Write as _};

const MARKER: &str = "quokka-in-a-body";

/// 1,200 messages: 240 people with four each, a list with 200, 40 without a sender.
fn mailbox() -> String {
    let mut text = String::new();
    for round in 0..4 {
        for person in 0..240 {
            let _ = write!(
                text,
                "From x\nFrom: Person {person} <person{person}@x.example>\nDate: {} Mar 2026 10:00:00 +0000\nSubject: {round}\n\n{MARKER}\n\n",
                1 + round * 7
            );
        }
    }
    for _ in 0..200 {
        text.push_str("From x\nFrom: News <news@y.example>\nList-Id: <news.y.example>\n\nBuy\n\n");
    }
    for _ in 0..40 {
        text.push_str("From x\nSubject: who\n\n?\n\n");
    }
    text
}

#[test]
fn senders_are_proposed_kept_and_taken_back_and_no_text_of_theirs_is_stored() {
    let ws = Workspace::default();
    let known = ws.file("known.csv", "Name,Email,Last seen\nPerson Seven,PERSON7@x.example,2026-05-01T00:00:00Z\n");
    import::run(&ws.core, &ImportRequest::of(known), &who(), &Unwatched).expect("an import");
    let before = ws.hash();
    let file = ws.file("in.mbox", mailbox());
    let found = mail::propose(&ws.core, &file, &Unwatched).expect("proposals");
    assert_eq!((found.messages, found.rejected, found.senders.len()), (1200, 40, 241));
    assert_eq!(found.senders.iter().map(|sender| sender.messages).sum::<u32>() + found.rejected, found.messages);
    let last = found.senders.last().expect("the list");
    assert_eq!((last.key.as_str(), last.automatic), ("news@y.example", Some(Automatic::List)), "people first");
    assert!(found.senders[239].contact.is_some(), "those who are here after the new ones");
    assert_eq!(ws.hash(), before, "a proposal writes nothing");
    let people: HashSet<String> =
        found.senders.iter().filter(|one| one.automatic.is_none()).map(|one| one.key.clone()).collect();
    let (kept, _) = mail::keep(&ws.core, &found, &people, &who()).expect("kept");
    assert_eq!((kept.created, kept.updated, kept.unchanged), (239, 1, 0));
    let all = ws.contacts();
    let three = all.iter().find(|one| one.email() == "person3@x.example").expect("a card");
    assert_eq!((three.name.as_str(), three.source.as_str()), ("Person 3", "email"));
    let time = |at: Option<cardfile_domain::Millis>| at.map(|at| at.to_rfc3339()).unwrap_or_default();
    assert_eq!(
        (time(three.first_seen), time(three.last_seen)),
        ("2026-03-01T10:00:00Z".into(), "2026-03-22T10:00:00Z".into())
    );
    let seven = contact::find(&ws.core, all[0].id.as_str()).expect("he").contact;
    assert_eq!(time(seven.last_seen), "2026-05-01T00:00:00Z", "never earlier than it was");
    // The same mailbox again says the same.
    let again = mail::propose(&ws.core, &file, &Unwatched).expect("proposals");
    assert_eq!(mail::keep(&ws.core, &again, &people, &who()).expect("kept").0.unchanged, 240);
    history::undo(&ws.core, None, &who()).expect("undone");
    assert_eq!(ws.hash(), before);
    let log = ws.core.store().read(|r| r.changes().last()).expect("readable");
    let bodies = ws.core.store().read(|r| {
        (1..=log)
            .map(|seq| Ok(r.changes().get(seq)?.map(|change| change.body).unwrap_or_default()))
            .collect::<Result<String, _>>()
    });
    assert!(!bodies.expect("readable").contains(MARKER));
}

#[test]
fn one_message_and_a_mail_folder_are_read_too() {
    let ws = Workspace::default();
    let one = ws.file("one.eml", "From: Ana <ana@x.example>\r\nDate: Mon, 2 Mar 2026 10:00:00 +0000\r\n\r\nHola\r\n");
    assert_eq!(mail::propose(&ws.core, &one, &Unwatched).expect("a letter").senders[0].name, "Ana");
    let folder = ws.files.join("Maildir");
    for (part, name) in [("cur", "1:2,S"), ("new", "2")] {
        std::fs::create_dir_all(folder.join(part)).expect("a folder");
        std::fs::write(folder.join(part).join(name), format!("From: {part}@x.example\n\n")).expect("written");
    }
    let found = mail::propose(&ws.core, &folder, &Unwatched).expect("letters");
    assert_eq!((found.messages, found.senders.len()), (2, 2));
}

#[test]
fn what_is_no_mail_says_so() {
    let ws = Workspace::default();
    for (name, bytes, why) in [
        ("empty.mbox", &b""[..], "the file is empty"),
        ("people.csv", b"Name,Email\nAna,a@x.example\n", "it begins like no mail"),
    ] {
        let file = ws.file(name, bytes);
        let refused = mail::propose(&ws.core, &file, &Unwatched).expect_err(why);
        assert!(refused.message.contains(why), "{}", refused.message);
    }
    assert!(mail::propose(&ws.core, &ws.files, &Unwatched).is_err(), "a folder without mail");
    assert!(mail::propose(&ws.core, &ws.files.join("none"), &Unwatched).is_err());
}
