//! A mailbox becomes cards: senders are proposed, nothing is made before
//! somebody says so, and no text of a message is kept.

use cardfile_core::{
    contact,
    formats::mail::{Automatic, letters},
    history,
    import::{self, ImportRequest},
    mail, parts,
    progress::Unwatched,
};
use cardfile_domain::part::Conversation;
use cardfile_testkit::{Workspace, project, who};
use std::{collections::HashSet, fmt::Write as _, io::Write as _, path::PathBuf};

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
    let (kept, _) = mail::keep(&ws.core, &file, &found, &people, false, &who()).expect("kept");
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
    assert_eq!(mail::keep(&ws.core, &file, &again, &people, false, &who()).expect("kept").0.unchanged, 240);
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
        assert!(refused.message.to_string().contains(why), "{}", refused.message);
    }
    assert!(mail::propose(&ws.core, &ws.files, &Unwatched).is_err(), "a folder without mail");
    assert!(mail::propose(&ws.core, &ws.files.join("none"), &Unwatched).is_err());
}

#[test]
fn texts_become_conversations_only_when_that_is_switched_on() {
    let ws = Workspace::default();
    let file = ws.file(
        "in.mbox",
        format!(
            "From x\nFrom: ana@x.example\nDate: 2 Mar 2026 10:00:00 +0000\nSubject: Prices\nMessage-ID: <1@x>\n\n{MARKER}\n\nFrom x\nFrom: ana@x.example\nDate: 3 Mar 2026 10:00:00 +0000\nSubject: Re: Prices\nMessage-ID: <2@x>\nIn-Reply-To: <1@x>\n\nThank you\n\nFrom x\nFrom: bo@x.example\n\nNot kept\n"
        ),
    );
    let before = ws.hash();
    let found = mail::propose(&ws.core, &file, &Unwatched).expect("proposals");
    let ana: HashSet<String> = ["ana@x.example".to_owned()].into();
    let (_, operation) = mail::keep(&ws.core, &file, &found, &ana, true, &who()).expect("kept");
    let card = contact::find(&ws.core, ws.contacts()[0].id.as_str()).expect("she");
    let chats = parts::of::<Conversation>(&ws.core, &card).expect("chats");
    assert_eq!((chats.len(), chats[0].value.title.as_str(), chats[0].value.messages), (1, "Prices", 2));
    assert_eq!(card.contact.conversation_count, 1);
    let hits = ws.core.store().read(|r| r.texts().find(MARKER, 10)).expect("found");
    assert_eq!(hits.len(), 1);
    // The same again brings nothing new.
    let once = ws.hash();
    let found = mail::propose(&ws.core, &file, &Unwatched).expect("proposals");
    mail::keep(&ws.core, &file, &found, &ana, true, &who()).expect("kept");
    assert_eq!(ws.hash(), once);
    history::undo(&ws.core, operation.as_ref().map(|id| id.as_str()), &who()).expect("undone");
    assert_eq!(ws.hash(), before);
    assert!(ws.core.store().read(|r| r.texts().find(MARKER, 10)).expect("found").is_empty(), "nor is it found");
}

#[test]
fn legacy_malformed_and_large_mails_each_end_in_one_outcome() {
    let folder = project().join("tests/fixtures/mail");
    let mut files: Vec<_> =
        std::fs::read_dir(&folder).expect("fixtures").map(|one| one.expect("a file").path()).collect();
    files.sort();
    assert!(files.len() >= 8, "{files:?}");
    for file in files {
        for texts in [false, true] {
            let (mut read, mut taken, mut rejected) = (0, 0, 0);
            let refused = letters(&file, texts, |one| {
                read += 1;
                match one {
                    Ok(letter) => {
                        taken += 1;
                        assert_eq!(letter.text.is_some(), texts);
                    }
                    Err(reject) => {
                        rejected += 1;
                        assert!(reject.position.line > 0 && !reject.message.to_string().is_empty());
                    }
                }
                true
            })
            .is_err();
            assert_eq!(taken + rejected, read, "{}", file.display());
            assert!(refused || read > 0, "{}", file.display());
        }
    }
}

#[test]
#[expect(clippy::disallowed_methods, reason = "the product starts no programs, its tests do")]
fn a_mailbox_of_a_gigabyte_streams_through_little_memory() {
    let ws = Workspace::default();
    let file = ws.files.join("huge.mbox");
    let mut out = std::io::BufWriter::new(std::fs::File::create(&file).expect("a file"));
    let line = "QUJDREVGR0hJSktMTU5PUFFSU1RVVldYWVpBQkNERUZHSElKS0xNTk9QUVJTVFVWV1hZWjAxMjM0NTY3\n";
    let attachment = line.repeat((1 << 20) / line.len() + 1);
    for number in 0..1024 {
        write!(out, "From x\nFrom: Person {number} <p{number}@x.example>\nSubject: {number}\n\n{attachment}\n")
            .expect("room");
    }
    out.into_inner().expect("written").sync_all().expect("written");
    assert!(std::fs::metadata(&file).expect("a file").len() > 1 << 30);
    // All the memory that a process may ask for is less than the bound.
    let program = PathBuf::from(env!("CARGO_BIN_EXE_cardfile-crash-writer")).with_file_name("cardfile");
    let output = std::process::Command::new("sh")
        .args(["-c", "ulimit -v 204800; exec \"$0\" --workspace \"$1\" mail propose \"$2\""])
        .args([&program, &ws.dir, &file])
        .output()
        .expect("sh");
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(output.status.success(), "{said}");
    assert_eq!(String::from_utf8_lossy(&output.stdout).lines().count(), 1024);
}
