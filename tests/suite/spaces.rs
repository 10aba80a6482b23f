//! Files of cards: kept once, encrypted, with the backup, and never half.

use crate::identity::{card, named};
use cardfile_core::{Core, contact, history, spaces};
use cardfile_store::{Op, OpKind, StoreError};
use cardfile_testkit::{Workspace, environment, who};
use std::{path::PathBuf, sync::mpsc, time::Duration};

const MARKER: &[u8] = b"marker-in-a-file-7f3a";

fn big(size: usize) -> Vec<u8> {
    MARKER.iter().copied().cycle().take(size).collect()
}

fn blobs(ws: &Workspace) -> Vec<PathBuf> {
    std::fs::read_dir(ws.dir.join("files")).expect("a folder").map(|entry| entry.expect("an entry").path()).collect()
}

#[test]
fn a_file_goes_in_encrypted_and_comes_out_as_it_was() {
    for size in [0, 1, 65_535, 65_536, 65_537, 131_072, 300_000] {
        let ws = Workspace::default();
        let ana = card(&ws.core, named("Ana"));
        let space = spaces::create(&ws.core, &ana, "Contracts", &who()).expect("a space").0;
        let file = ws.file("contract.pdf", big(size));
        spaces::add_files(&ws.core, &space, &[file], &who()).expect("copied");
        let placed = spaces::of(&ws.core, &contact::find(&ws.core, &ana).expect("she")).expect("spaces");
        let kept = &placed[0].files[0];
        assert_eq!((kept.name.as_str(), kept.bytes), ("contract.pdf", size as u64));
        let out = ws.files.join("out.pdf");
        spaces::save(&ws.core, &kept.id, &out).expect("saved");
        assert_eq!(std::fs::read(&out).expect("readable"), big(size), "{size} bytes");
        spaces::save(&ws.core, &kept.id, &out).expect_err("a file that is there is not overwritten");
        for blob in blobs(&ws) {
            let bytes = std::fs::read(&blob).expect("readable");
            assert!(!bytes.windows(MARKER.len()).any(|part| part == MARKER), "it lies open");
        }
    }
}

#[test]
fn the_same_bytes_are_kept_once_and_one_space_stands_on_many_cards() {
    let ws = Workspace::default();
    let (ana, bo) = (card(&ws.core, named("Ana")), card(&ws.core, named("Bo")));
    let space = spaces::create(&ws.core, &ana, "Offer", &who()).expect("a space").0;
    let files = [ws.file("a.txt", big(1000)), ws.file("b.txt", big(1000))];
    spaces::add_files(&ws.core, &space, &files, &who()).expect("copied");
    assert_eq!(blobs(&ws).len(), 1);
    assert_eq!(spaces::room(&ws.core).expect("room").0, std::fs::metadata(&blobs(&ws)[0]).expect("a file").len());
    let before = ws.hash();
    assert!(spaces::place(&ws.core, &space, &bo, &who()).expect("placed").0);
    assert!(!spaces::place(&ws.core, &space, &bo, &who()).expect("placed").0, "once is enough");
    let on_bo = spaces::of(&ws.core, &contact::find(&ws.core, &bo).expect("he")).expect("spaces");
    assert_eq!((on_bo[0].files.len(), on_bo[0].cards), (2, 2));
    spaces::displace(&ws.core, &space, &bo, &who()).expect("taken off");
    assert_eq!(ws.hash(), before, "the files stay with the other card");
    spaces::displace(&ws.core, &space, &ana, &who()).expect("taken off");
    assert!(spaces::all(&ws.core).expect("spaces").is_empty(), "off its last card it goes");
    history::undo(&ws.core, None, &who()).expect("undone");
    assert_eq!(ws.hash(), before);
    let stored = contact::find(&ws.core, &ana).expect("she");
    let kept = spaces::of(&ws.core, &stored).expect("spaces")[0].files[0].id.clone();
    spaces::save(&ws.core, &kept, &ws.files.join("again.txt")).expect("its bytes are there again");
}

#[test]
fn bytes_that_somebody_has_come_to_need_are_not_taken_back() {
    let ws = Workspace::default();
    let ana = card(&ws.core, named("Ana"));
    let space = spaces::create(&ws.core, &ana, "Offer", &who()).expect("a space").0;
    let file = ws.file("a.txt", big(1000));
    let first = ws.core.store().put_blob(&file).expect("copied");
    spaces::add_files(&ws.core, &space, &[file], &who()).expect("copied");
    ws.core.store().drop_blob(&first);
    ws.core.store().remove_blobs(&[first.name]).expect("looked");
    assert_eq!(blobs(&ws).len(), 1);
}

#[test]
fn bytes_that_an_erasure_takes_meanwhile_are_copied_in_again() {
    let ws = Workspace::default();
    let ana = card(&ws.core, named("Ana"));
    let space = spaces::create(&ws.core, &ana, "Offer", &who()).expect("a space").0;
    let (same, new) = (ws.file("same.txt", big(1000)), ws.file("new.txt", "x"));
    spaces::add_files(&ws.core, &space, std::slice::from_ref(&same), &who()).expect("copied");
    let known = blobs(&ws).remove(0);
    let (core, on) = (&ws.core, &space);
    let op = Op { kind: OpKind::Erase, subject: String::new(), actor: "tester".into(), origin: "test".into() };
    std::thread::scope(|scope| {
        let taken = core.store().write(op, |_| {
            let adding = scope.spawn(move || spaces::add_files(core, on, &[same, new], &who()));
            // The first of them was found to be here, and waits for its row.
            let is_copied = || blobs(&ws).iter().filter(|path| path.extension().is_none()).count() == 2;
            let (_stop, never) = mpsc::channel::<()>();
            let mut looks = (0..2_000).take_while(|_| !is_copied());
            assert!(looks.all(|_| never.recv_timeout(Duration::from_millis(5)).is_err()) && is_copied(), "not copied");
            std::fs::remove_file(&known).expect("taken");
            Ok::<_, StoreError>(adding)
        });
        taken.expect("nothing was written").0.join().expect("no fault").expect("added");
    });
    let stored = contact::find(&ws.core, &ana).expect("she");
    for file in &spaces::of(&ws.core, &stored).expect("spaces")[0].files {
        spaces::save(&ws.core, &file.id, &ws.files.join(&file.id)).expect("its bytes are there");
    }
}

#[test]
fn what_cannot_be_copied_whole_leaves_nothing() {
    let ws = Workspace::default();
    let ana = card(&ws.core, named("Ana"));
    let space = spaces::create(&ws.core, &ana, "Offer", &who()).expect("a space").0;
    let before = ws.hash();
    let good = ws.file("good.txt", "x");
    let gone = ws.files.join("gone.txt");
    let refused = spaces::add_files(&ws.core, &space, &[good.clone(), gone], &who()).expect_err("it vanished");
    assert!(refused.message.to_string().contains("gone.txt"), "{}", refused.message);
    let refused = spaces::add_files(&ws.core, &space, std::slice::from_ref(&ws.files), &who()).expect_err("a folder");
    assert!(refused.message.to_string().contains("is not a file"), "{}", refused.message);
    ws.core.set_setting("files_quota", &10.into(), &who()).expect("set");
    let refused = spaces::add_files(&ws.core, &space, &[ws.file("big.txt", big(11))], &who()).expect_err("too much");
    assert!(refused.message.to_string().starts_with("files may take 0 MiB"), "{}", refused.message);
    assert_eq!(ws.hash(), before);
    assert!(blobs(&ws).is_empty(), "neither half a copy nor one of the others is left");
}

#[test]
fn a_damaged_file_is_found_out_and_not_handed_on() {
    let ws = Workspace::default();
    let ana = card(&ws.core, named("Ana"));
    let space = spaces::create(&ws.core, &ana, "Offer", &who()).expect("a space").0;
    spaces::add_files(&ws.core, &space, &[ws.file("a.txt", big(200_000))], &who()).expect("copied");
    let id = spaces::of(&ws.core, &contact::find(&ws.core, &ana).expect("she")).expect("spaces")[0].files[0].id.clone();
    let blob = blobs(&ws).remove(0);
    let whole = std::fs::read(&blob).expect("readable");
    let mut flipped = whole.clone();
    flipped[100_000] ^= 1;
    for (what, bytes) in [("a flipped bit", flipped), ("cut at a piece", whole[..27 + 65_552].to_vec())] {
        std::fs::write(&blob, bytes).expect("written");
        let out = ws.files.join("out.txt");
        spaces::save(&ws.core, &id, &out).expect_err(what);
        assert!(!out.exists(), "{what}: half a file is none");
    }
}

#[test]
fn what_may_run_is_opened_only_when_a_person_says_so() {
    let ws = Workspace::default();
    let ana = card(&ws.core, named("Ana"));
    let space = spaces::create(&ws.core, &ana, "Offer", &who()).expect("a space").0;
    spaces::add_files(&ws.core, &space, &[ws.file("setup.exe", "MZ"), ws.file("a.txt", "x")], &who()).expect("copied");
    let files = spaces::of(&ws.core, &contact::find(&ws.core, &ana).expect("she")).expect("spaces")[0].files.clone();
    let refused = spaces::open_copy(&ws.core, &files[0].id, false).expect_err("it may run");
    assert!(refused.message.to_string().contains("may run"), "{}", refused.message);
    spaces::open_copy(&ws.core, &files[0].id, true).expect("a person said so");
    let copy = spaces::open_copy(&ws.core, &files[1].id, false).expect("a text");
    assert_eq!(std::fs::read(&copy).expect("readable"), b"x");
    assert!(copy.starts_with(&ws.dir));
}

#[test]
fn a_backup_keeps_the_files() {
    let ws = Workspace::default();
    let ana = card(&ws.core, named("Ana"));
    let space = spaces::create(&ws.core, &ana, "Offer", &who()).expect("a space").0;
    spaces::add_files(&ws.core, &space, &[ws.file("a.txt", big(100_000))], &who()).expect("copied");
    let backup = ws.files.join("all.cardfile-backup");
    assert_eq!(ws.core.backup(&backup).expect("a backup").files, 1);
    let (restored, _) = Core::restore(&backup, &ws.files.join("restored"), None, environment()).expect("restored");
    let stored = contact::find(&restored, &ana).expect("she");
    let id = spaces::of(&restored, &stored).expect("spaces")[0].files[0].id.clone();
    let out = ws.files.join("out.txt");
    spaces::save(&restored, &id, &out).expect("saved");
    assert_eq!(std::fs::read(&out).expect("readable"), big(100_000));
}

#[test]
fn undoing_a_space_keeps_the_files_that_came_later() {
    let ws = Workspace::default();
    let (ana, bo) = (card(&ws.core, named("Ana")), card(&ws.core, named("Bo")));
    let (space, made) = spaces::create(&ws.core, &ana, "Offer", &who()).expect("a space");
    spaces::add_files(&ws.core, &space, &[ws.file("a.txt", "x")], &who()).expect("copied");
    let before = ws.hash();
    history::undo(&ws.core, made.as_ref().map(|id| id.as_str()), &who()).expect("undone");
    assert_eq!(ws.hash(), before, "it holds a file by now");
    spaces::place(&ws.core, &space, &bo, &who()).expect("placed");
    spaces::displace(&ws.core, &space, &ana, &who()).expect("taken off");
    let there = ws.hash();
    spaces::displace(&ws.core, &space, &bo, &who()).expect("taken off");
    history::undo(&ws.core, None, &who()).expect("undone");
    assert_eq!(ws.hash(), there);
    history::redo(&ws.core, None, &who()).expect("done again");
    assert!(spaces::all(&ws.core).expect("spaces").is_empty());
}
