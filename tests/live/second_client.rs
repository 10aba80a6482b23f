//! vdirsyncer as a second client of the same address book, with a folder of cards of its own:
//! both see what the other did, nothing is there twice, and our cards survive it.

use crate::{
    peers::{Kind, ended, peer, second_client_config},
    proxy::{Proxy, Seen},
    scene::{Scene, email, people, person, with_line, writes},
};
use cardfile_core::{contact, domain::Contact};
use cardfile_testkit::who;
use rstest::rstest;
use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
    process::Stdio,
};
use tempfile::TempDir;

struct Second {
    proxy: Proxy,
    folder: TempDir,
}

impl Second {
    fn of(scene: &Scene) -> Self {
        let (proxy, folder) = (Proxy::before(scene.peer.address()), tempfile::tempdir().expect("a folder"));
        std::fs::create_dir(folder.path().join("cards")).expect("a folder");
        let there = format!("{}{}", proxy.url().trim_end_matches('/'), scene.book);
        let config = second_client_config(folder.path(), &there);
        std::fs::write(folder.path().join("config"), config).expect("a configuration");
        let second = Self { proxy, folder };
        second.run("discover");
        second
    }

    fn run(&self, what: &str) {
        let mut command = peer("vdirsyncer");
        command.arg("--config").arg(self.folder.path().join("config")).arg(what).env("HOME", self.folder.path());
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let output = ended(command.spawn().expect("vdirsyncer starts"));
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(output.status.success(), "vdirsyncer {what}: {said}");
    }

    /// A run; what went over the wire.
    fn sync(&self) -> Vec<Seen> {
        self.run("sync");
        self.proxy.take()
    }

    /// All of its cards by their UID, with their files.
    fn cards(&self) -> BTreeMap<String, (PathBuf, String)> {
        let mut cards = BTreeMap::new();
        for entry in std::fs::read_dir(self.folder.path().join("cards")).expect("a folder") {
            let path = entry.expect("a file").path();
            let text = std::fs::read_to_string(&path).expect("a card");
            let uid = text.lines().find_map(|line| line.strip_prefix("UID:")).expect("a UID").to_owned();
            assert!(cards.insert(uid.clone(), (path, text)).is_none(), "{uid} is there twice");
        }
        cards
    }

    fn edit(&self, uid: &str, edit: impl FnOnce(&str) -> String) {
        let (path, text) = &self.cards()[uid];
        std::fs::write(path, edit(text)).expect("edited");
    }

    fn make(&self, name: &str, text: &str) {
        std::fs::write(self.folder.path().join("cards").join(name), text).expect("made");
    }
}

fn delete(path: &Path) {
    std::fs::remove_file(path).expect("deleted");
}

#[rstest]
fn edits_of_both_clients_meet_and_nothing_is_there_twice(#[values(Kind::Radicale, Kind::Xandikos)] kind: Kind) {
    let scene = Scene::open(kind, &people(10));
    scene.set(|settings| settings.stamps = true);
    scene.sync();
    let second = Second::of(&scene);
    second.sync();
    assert_eq!(second.cards().len(), 10);

    // Each makes one, edits one of its own, and both edit the same one.
    let made = Contact { name: "Nora New".into(), ..Contact::default() };
    let (ours, _) = contact::create(&scene.ws.core, made, &who()).expect("made");
    scene.edit(&email(5), "job_title", "Ours");
    scene.edit(&email(7), "company", "Acme");
    second.make("theirs.vcf", &person(10).1);
    second.edit("foreign-3", |card| with_line(card, "TITLE:Theirs"));
    second.edit("foreign-7", |card| with_line(card, "TITLE:Theirs"));
    second.sync();
    let (report, _) = scene.sync();
    assert_eq!((report.counts.merged, report.counts.conflicts, report.counts.held), (1, 0, 0));
    second.sync();
    assert_eq!((scene.ws.count(), scene.there().len(), second.cards().len()), (12, 12, 12));
    assert_eq!(scene.contact(&email(3)).job_title, "Theirs");
    assert_eq!(scene.contact(&email(7)).job_title, "Theirs");
    assert_eq!(scene.contact(&email(10)).name, "Given10 Family10");
    let cards = second.cards();
    assert!(cards["foreign-5"].1.contains("TITLE:Ours"));
    assert!(cards["foreign-7"].1.contains("ORG:Acme") && cards["foreign-7"].1.contains("TITLE:Theirs"));
    assert!(cards[ours.as_str()].1.contains("FN:Nora New"));

    // A card of ours that it edits stays ours, with the stamp in it.
    second.edit(ours.as_str(), |card| with_line(card, "TITLE:Theirs"));
    second.sync();
    scene.sync();
    let stored = contact::find(&scene.ws.core, ours.as_str()).expect("it is there");
    assert_eq!(stored.contact.job_title, "Theirs");
    assert!(scene.card(&format!("{ours}.vcf")).contains("X-CARDFILE-STAMP"));

    // Deletions too.
    delete(&second.cards()["foreign-1"].0);
    scene.bin(&email(2));
    second.sync();
    scene.sync();
    second.sync();
    assert_eq!((scene.ws.count(), scene.there().len(), second.cards().len()), (10, 10, 10));
    assert!(scene.contact(&email(1)).binned_at.is_some());

    // And both are at rest.
    scene.sync_quietly();
    assert!(writes(&second.sync()).is_empty());
}
