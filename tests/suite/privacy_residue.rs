//! What is left of people who were erased, in the bytes of every file (R4): nothing. Each look
//! is shown to find something where there is something.
//!
//! `CARDFILE_ERASED` says how many people are erased; `make erasure` takes a thousand.

use crate::{
    identity::{card, named},
    privacy_people::{Made, Needles, Place, fresh_words, make},
};
use cardfile_core::{
    Core, contact,
    conversations::{self, Incoming},
    parts,
    privacy::erasure::{self, Reason},
    progress::{Progress, Unwatched},
    spaces,
};
use cardfile_domain::{
    Contact, Millis, PartKind,
    part::{Conversation, Message},
};
use cardfile_store::DATABASE;
use cardfile_testkit::{Workspace, who};
use rstest::rstest;
use rusqlite::Connection;
use rustix::time::{ClockId, clock_gettime};
use std::{
    collections::{HashMap, HashSet},
    path::{Path, PathBuf},
    sync::mpsc,
};

/// Texts in an index: of rows that are there, and of rows that are not.
fn indexed(dir: &Path) -> Vec<(u64, u64)> {
    let db = Connection::open(dir.join(DATABASE)).expect("a file without a cipher");
    let of = |index: &str, table: &str| {
        db.execute_batch(&format!("CREATE VIRTUAL TABLE temp.{index}_seen USING fts5vocab(main, {index}, instance)"))
            .expect("a list of what is in the index");
        let sql = format!(
            "SELECT count(DISTINCT doc) FILTER (WHERE doc IN (SELECT part FROM {table})),
                    count(DISTINCT doc) FILTER (WHERE doc NOT IN (SELECT part FROM {table}))
               FROM temp.{index}_seen"
        );
        db.query_row(&sql, [], |row| Ok((row.get(0)?, row.get(1)?))).expect("counts")
    };
    vec![of("message_text", "message"), of("note_text", "note"), of("memory_text", "memory")]
}

fn as_they_are(core: &Core, made: &[Made]) -> Vec<(Contact, Vec<(PartKind, u32)>)> {
    let one = |made: &Made| {
        let stored = contact::find(core, &made.id).expect("a neighbor stays");
        let counts = parts::count(core, &stored).expect("counts");
        (stored.contact, counts)
    };
    made.iter().map(one).collect()
}

#[rstest]
#[case::in_clear(true)]
#[case::under_a_cipher(false)]
fn of_people_who_were_erased_no_byte_is_left_and_of_their_neighbors_everything(#[case] in_clear: bool) {
    let amount = std::env::var("CARDFILE_ERASED").ok().and_then(|text| text.parse().ok()).unwrap_or(100_u64);
    let place = Place::new(in_clear);
    let (mut gone, mut stay): (Vec<Made>, Vec<Made>) = (Vec::new(), Vec::new());
    for n in 0..amount {
        if n % 10 == 0 {
            stay.push(make(&place.core, &place.files, amount + n, None));
        }
        let neighbor = stay.last().map(|made| made.id.as_str());
        gone.push(make(&place.core, &place.files, n, neighbor));
    }
    let (mut theirs, mut others, mut sealed) = (Needles::default(), Needles::default(), Needles::default());
    for (n, made) in gone.iter().enumerate() {
        theirs.add(n, made);
        sealed.add_words(n, &made.sealed);
    }
    for (n, made) in stay.iter().enumerate() {
        others.add(n, made);
    }
    place.core.store().empty_journal(&|| true).expect("nobody is in the way");

    // First that the looks find what is there: nearly every word without a cipher, some lie
    // across two pages; with one the names of opened copies.
    let before = theirs.find_below(&place.dir);
    let people: HashSet<usize> = before.values().copied().collect();
    assert_eq!(people.len(), gone.len());
    if in_clear {
        assert!(before.len() * 10 > theirs.len() * 9, "{} of {} words", before.len(), theirs.len());
    } else {
        assert_eq!(before.len(), gone.len());
    }
    assert_eq!(sealed.find_below(&place.dir).len(), gone.len(), "what is in opened copies, and no secret");
    let index = if in_clear { indexed(&place.dir) } else { Vec::new() };
    assert!(index.iter().all(|(there, gone)| *there > amount && *gone == 0), "{index:?}");
    let (around, neighbors) = (others.find_below(&place.dir), as_they_are(&place.core, &stay));

    for made in &gone {
        let receipt = place.erase(made, &Unwatched);
        let text = receipt.text();
        let looked = receipt.facts.verification.as_ref().expect("it was looked at");
        assert!(looked.holds() && looked.texts_found == Some(0) && looked.bytes_found == Some(0), "{text}");
        assert_eq!((receipt.facts.cards, receipt.facts.removed_cards), (1, 2), "{text}");
        // Their system "crm" is no connection: somebody writes a letter.
        assert_eq!((receipt.state, &receipt.exceptions[..]), ("done_with_exceptions", &["letters"][..]), "{text}");
        let mut named = HashMap::new();
        theirs.find(text.as_bytes(), &mut named);
        assert!(named.is_empty(), "a receipt names nobody: {text}");
        assert!(!place.is_here(made));
    }

    assert_eq!(theirs.find_below(&place.dir), HashMap::new());
    assert_eq!(sealed.find_below(&place.dir), HashMap::new());
    assert_eq!(as_they_are(&place.core, &stay), neighbors);
    // What neighbors say may have moved across the end of a page.
    let left = others.find_below(&place.dir);
    assert!(left.len() * 100 >= around.len() * 99, "{} of {} words", left.len(), around.len());
    place.core.store().verify().expect("a sound workspace");
    if in_clear {
        let rest = indexed(&place.dir);
        assert!(rest.iter().zip(&index).all(|(now, then)| now.0 < then.0 && now.1 == 0), "{rest:?} {index:?}");
    }
}

/// Shows that the look is worth something: what the files would hold without our settings.
#[rstest]
#[case::as_most_are_set("OFF", false)]
#[case::as_ours_is_set("ON", true)]
fn bytes_of_deleted_rows_are_found_unless_deleting_wipes(#[case] setting: &str, #[case] is_gone: bool) {
    let temp = tempfile::tempdir().expect("a folder");
    let db = Connection::open(temp.path().join("plain.db")).expect("a database");
    db.execute_batch(&format!("PRAGMA journal_mode = WAL; PRAGMA secure_delete = {setting}")).expect("set");
    db.execute_batch("CREATE TABLE note (part INTEGER PRIMARY KEY, text TEXT); BEGIN").expect("a table");
    let words = fresh_words(7, 1_000);
    for word in &words {
        db.execute("INSERT INTO note (text) VALUES (?1)", [word]).expect("a row");
    }
    db.execute_batch("COMMIT; PRAGMA wal_checkpoint(TRUNCATE)").expect("moved");
    let mut needles = Needles::default();
    needles.add_words(0, &words);
    assert!(needles.find_below(temp.path()).len() > 990, "they are there");
    db.execute_batch("DELETE FROM note; PRAGMA wal_checkpoint(TRUNCATE)").expect("deleted");
    assert_eq!(needles.find_below(temp.path()).is_empty(), is_gone);
}

/// Does not wait for readers.
struct InAHurry;

impl Progress for InAHurry {
    fn at(&self, done: u64, _: u64) -> bool {
        done == 0
    }
}

#[test]
fn while_somebody_reads_old_pages_it_is_pending_and_afterwards_it_is_finished() {
    let place = &Place::new(true);
    let made = &make(&place.core, &place.files, 1, None);
    let mut needles = Needles::default();
    needles.add(0, made);
    let needles = &needles;
    let (reads, it_reads) = mpsc::channel();
    let (go_on, may_go_on) = mpsc::channel::<()>();
    // The other end goes with this closure, also when something in it is not as expected.
    let id = std::thread::scope(move |threads| {
        threads.spawn(move || {
            let read = place.core.store().read(|r| {
                let people = r.contacts().count()?;
                reads.send(people).expect("somebody waits for it");
                let _ = may_go_on.recv();
                Ok(())
            });
            read.expect("readable");
        });
        it_reads.recv().expect("it reads");
        let receipt = place.erase(made, &InAHurry);
        let looked = receipt.facts.verification.as_ref().expect("it was looked at");
        assert_eq!((receipt.state, looked.checkpoint.0, looked.holds()), ("pending", 1, false));
        assert!(!receipt.is_done() && receipt.ended_at.is_none());
        assert!(!place.is_here(made), "for everybody else they are gone");
        assert_eq!(erasure::finish_pending(&place.core).expect("tried"), 0, "it still reads");
        assert!(!needles.find_below(&place.dir).is_empty(), "the old bytes are still there");
        go_on.send(()).expect("it waits for it");
        receipt.erasure
    });
    assert_eq!(erasure::finish_pending(&place.core).expect("tried"), 1);
    let receipt = erasure::receipt(&place.core, &id).expect("a receipt");
    let looked = receipt.facts.verification.as_ref().expect("it was looked at");
    assert_eq!((receipt.state, looked.checkpoint.0, looked.holds()), ("done_with_exceptions", 0, true));
    // Who finishes it does not know any more whom it is about.
    assert_eq!((looked.rows_left, looked.texts_found, looked.bytes_found), (0, None, None));
    assert_eq!(receipt.proven.0, 0, "texts and files were not looked through for them");
    assert_eq!(needles.find_below(&place.dir), HashMap::new());
    assert_eq!(erasure::finish_pending(&place.core).expect("nothing to do"), 0);
}

/// Milliseconds of this thread's CPU that `work` took.
fn timed<T>(work: impl FnOnce() -> T) -> (T, f64) {
    let now = || {
        let at = clock_gettime(ClockId::ThreadCPUTime);
        at.tv_sec as f64 * 1e3 + at.tv_nsec as f64 / 1e6
    };
    let before = now();
    let value = work();
    (value, now() - before)
}

#[test]
fn somebody_with_five_thousand_messages_and_two_hundred_files_is_erased_within_a_second() {
    let ws = Workspace::default();
    let id = card(&ws.core, named("Ana Ruiz"));
    let words = fresh_words(3, 50_000);
    let messages = words.chunks(10).zip(0..).map(|(words, n)| Message {
        text: words.join(" "),
        at: Millis(1_000 * n),
        ..Message::default()
    });
    let about = Conversation { platform: "widget".into(), ..Conversation::default() };
    let chat = Incoming { about, messages: messages.collect() };
    conversations::add(&ws.core, Some(&id), &chat, &who()).expect("a chat");
    let files: Vec<PathBuf> = (0..200).map(|n| ws.file(&format!("{n}.txt"), &words[n])).collect();
    let space = spaces::create(&ws.core, &id, "Contracts", &who()).expect("a space").0;
    spaces::add_files(&ws.core, &space, &files, &who()).expect("copied");
    let blobs = || std::fs::read_dir(ws.dir.join("files")).expect("a folder").count();
    assert_eq!(blobs(), 200);

    let ids: Vec<_> = vec![contact::find(&ws.core, &id).expect("she").contact.id];
    let (receipt, spent) =
        timed(|| erasure::erase(&ws.core, &ids, Reason::Request(None), &who(), &Unwatched).expect("erased"));
    let text = receipt.text();
    assert_eq!(receipt.state, "done", "{text}");
    assert_eq!((receipt.facts.rows.get("message"), receipt.facts.rows.get("file")), (Some(&5_000), Some(&200)));
    assert_eq!(blobs(), 0);
    assert!(spent < 1_000.0, "{spent:.0} ms");
}
