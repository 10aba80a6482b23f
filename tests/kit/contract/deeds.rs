//! What is made, changed and deleted on either side, and on both.

use super::{Candidate, Keep, Kept, Scene};
use crate::{vendors::Person, who};
use cardfile_core::{
    domain::ContactId,
    privacy::erasure::{self, Reason, delivery},
    progress::{Progress, Unwatched},
};
use cardfile_sync::run::End;
use std::{
    collections::BTreeSet,
    sync::atomic::{AtomicBool, Ordering},
    thread,
    time::{Duration, Instant},
};

/// So many are there at first.
pub(super) const PEOPLE: u64 = 40;
/// Longer than a week, after which everything is listed at the latest.
const DAYS: i64 = 8;
/// After a person stopped it a run goes on for less than that.
const SOON: Duration = Duration::from_secs(1);

// Those that not every remote can be asked for.
pub(super) const TWINS: &str = "a second record with the same ID is no second contact";
pub(super) const MERGED: &str = "a record that became part of another is no deletion";
pub(super) const CONDITIONAL: &str = "the same field that somebody writes in the same moment is not lost";

pub(super) const PROMISES: &[(&str, Keep)] = &[
    ("a first run brings everybody and writes nothing", comes),
    ("what others make and change is so here", theirs),
    ("what others delete goes to the bin here", theirs_gone),
    ("what is made here is there once, under our ID", ours),
    ("what is changed here is so there, in one write", changed),
    ("what is emptied here is empty there", emptied),
    ("what is deleted here is deleted there", gone),
    ("two fields changed on two sides are both kept", both),
    ("one field changed on two sides waits for a person", disputed),
    ("what nobody mapped stays as it is there", unmapped),
    (TWINS, twins),
    (MERGED, merged),
    ("another field that somebody writes in the same moment stays", in_between),
    (CONDITIONAL, conditional),
    ("who stops a run is not kept waiting", stopped),
    ("an erased person is deleted there and stays away", erased),
];

fn comes(candidate: &Candidate) -> Kept {
    let scene = Scene::linked(candidate, 0..PEOPLE);
    assert_eq!(scene.there.writes(), 0);
    assert!(scene.agrees(), "{:?}", scene.both());
    scene.rests();
    Kept::Yes
}

fn theirs(candidate: &Candidate) -> Kept {
    let scene = Scene::linked(candidate, 0..PEOPLE);
    scene.there.put(&Person::numbered(PEOPLE));
    scene.there.put(&Person { name: "Nora New".into(), ..Person::numbered(1) });
    scene.there.put(&Person { phone: "+34600000999".into(), ..Person::numbered(2) });
    scene.done();
    assert_eq!(scene.contact("u-1").name, "Nora New");
    assert!(scene.is_here(&format!("u-{PEOPLE}")) && scene.agrees(), "{:?}", scene.both());
    assert_eq!(scene.there.writes(), 0);
    scene.rests();
    Kept::Yes
}

fn theirs_gone(candidate: &Candidate) -> Kept {
    let scene = Scene::linked(candidate, 0..PEOPLE);
    scene.there.delete("u-2");
    scene.pass_days(DAYS);
    scene.done();
    assert!(!scene.is_here("u-2") && scene.agrees(), "{:?}", scene.both());
    assert_eq!(scene.there.writes(), 0);
    scene.rests();
    Kept::Yes
}

fn somebody(name: &str) -> Person {
    let email = format!("{}@new.example", name.to_lowercase().replace(' ', "."));
    Person { external_id: String::new(), name: name.to_owned(), email, phone: "+34600000777".to_owned() }
}

fn ours(candidate: &Candidate) -> Kept {
    let scene = Scene::linked(candidate, 0..PEOPLE);
    let nora = somebody("Nora New");
    let id = scene.make(&nora);
    scene.done();
    let record = scene.record(&id).expect("a record with our ID");
    assert_eq!((&record.name, &record.email), (&nora.name, &nora.email));
    assert!(scene.agrees(), "{:?}", scene.both());
    scene.rests();
    assert_eq!(scene.there.people().len() as u64, PEOPLE + 1);
    Kept::Yes
}

fn changed(candidate: &Candidate) -> Kept {
    let scene = Scene::linked(candidate, 0..PEOPLE);
    let before = scene.there.writes();
    scene.call("u-1", "+34600000999");
    scene.done();
    assert_eq!(scene.there.writes(), before + 1);
    let record = scene.record("u-1").expect("a record");
    assert_eq!((record.name, record.email), (Person::numbered(1).name, Person::numbered(1).email));
    assert!(scene.agrees(), "{:?}", scene.both());
    scene.rests();
    Kept::Yes
}

fn emptied(candidate: &Candidate) -> Kept {
    let scene = Scene::linked(candidate, 0..PEOPLE);
    scene.call("u-1", "");
    scene.done();
    assert_eq!(scene.record("u-1").expect("a record").phone, "");
    scene.rests();
    Kept::Yes
}

fn gone(candidate: &Candidate) -> Kept {
    let scene = Scene::linked(candidate, 0..PEOPLE);
    scene.bin("u-3");
    scene.done();
    assert_eq!(scene.record("u-3"), None);
    scene.pass_days(DAYS);
    scene.rests();
    Kept::Yes
}

fn both(candidate: &Candidate) -> Kept {
    let scene = Scene::linked(candidate, 0..PEOPLE);
    scene.call("u-1", "+34600000999");
    scene.there.put(&Person { name: "Nora New".into(), ..Person::numbered(1) });
    scene.done();
    assert_eq!((scene.contact("u-1").name.as_str(), scene.waiting()), ("Nora New", 0));
    assert!(scene.record("u-1").expect("a record").phone.ends_with("999"));
    assert!(scene.agrees(), "{:?}", scene.both());
    scene.rests();
    Kept::Yes
}

fn disputed(candidate: &Candidate) -> Kept {
    let scene = Scene::linked(candidate, 0..PEOPLE);
    scene.rename("u-1", "Ours", "Here");
    scene.there.put(&Person { name: "Theirs There".into(), ..Person::numbered(1) });
    scene.done();
    assert_eq!((scene.contact("u-1").name.as_str(), scene.waiting()), ("Ours Here", 1));
    assert_eq!(scene.record("u-1").expect("a record").name, "Theirs There");
    scene.rests();
    assert_eq!(scene.waiting(), 1, "what waits goes on waiting");
    Kept::Yes
}

fn unmapped(candidate: &Candidate) -> Kept {
    let scene = Scene::linked(candidate, 0..PEOPLE);
    if !scene.there.mark("u-1") {
        return Kept::NoCase;
    }
    scene.done();
    scene.call("u-1", "+34600000999");
    scene.rename("u-1", "Nora", "New");
    scene.done();
    assert!(scene.there.is_marked("u-1") && scene.agrees(), "{:?}", scene.both());
    Kept::Yes
}

fn twins(candidate: &Candidate) -> Kept {
    let scene = Scene::linked(candidate, 0..PEOPLE);
    if !scene.there.put_twin(&Person { name: "Twin Twin".into(), ..Person::numbered(1) }) {
        return Kept::NoCase;
    }
    scene.done();
    assert_eq!((u64::from(scene.ws.count()), scene.there.writes()), (PEOPLE, 0));
    assert_eq!(scene.contact("u-1").name, Person::numbered(1).name, "the one that was known first is theirs");
    scene.rests();
    Kept::Yes
}

fn merged(candidate: &Candidate) -> Kept {
    let scene = Scene::linked(candidate, 0..PEOPLE);
    if !scene.there.merge("u-1", "u-2") {
        return Kept::NoCase;
    }
    scene.pass_days(DAYS);
    scene.done();
    assert!(scene.is_here("u-1") && scene.is_here("u-2"), "nobody deleted them");
    assert_eq!((u64::from(scene.ws.count()), scene.there.people().len() as u64), (PEOPLE, PEOPLE - 1));
    scene.rests();
    Kept::Yes
}

/// Somebody changes the name there while our write is on its way.
fn meanwhile(scene: &Scene, name: &str) -> Option<()> {
    let other = scene.there.other()?;
    let held = scene.there.hold(true)?;
    let changed = Person { name: name.to_owned(), ..Person::numbered(1) };
    thread::scope(|scope| {
        scope.spawn(move || {
            held.wait();
            other(&changed);
            held.go_on();
        });
        scene.run();
    });
    Some(())
}

fn in_between(candidate: &Candidate) -> Kept {
    let scene = Scene::linked(candidate, 0..PEOPLE);
    scene.call("u-1", "+34600000999");
    if meanwhile(&scene, "Theirs There").is_none() {
        return Kept::NoCase;
    }
    scene.until(Scene::agrees);
    let record = scene.record("u-1").expect("a record");
    assert_eq!((record.name.as_str(), record.phone.ends_with("999")), ("Theirs There", true));
    Kept::Yes
}

fn conditional(candidate: &Candidate) -> Kept {
    let scene = Scene::linked(candidate, 0..PEOPLE);
    scene.rename("u-1", "Ours", "Here");
    if meanwhile(&scene, "Theirs There").is_none() {
        return Kept::NoCase;
    }
    scene.until(|scene| scene.waiting() == 1);
    assert_eq!(scene.record("u-1").expect("a record").name, "Theirs There");
    assert_eq!(scene.contact("u-1").name, "Ours Here");
    Kept::Yes
}

/// A person, who may stop a run.
#[derive(Default)]
struct Watcher {
    has_stopped_it: AtomicBool,
}

impl Progress for Watcher {
    fn at(&self, _: u64, _: u64) -> bool {
        !self.has_stopped_it.load(Ordering::SeqCst)
    }
}

#[expect(clippy::disallowed_methods, reason = "how long it takes is what is asked")]
fn stopped(candidate: &Candidate) -> Kept {
    let scene = Scene::linked(candidate, 0..PEOPLE);
    for writes in [false, true] {
        scene.call("u-1", if writes { "+34600000888" } else { "+34600000999" });
        let Some(held) = scene.there.hold(writes) else { return Kept::NoCase };
        let watcher = Watcher::default();
        let (report, took) = thread::scope(|scope| {
            let stops = scope.spawn(|| {
                held.wait();
                watcher.has_stopped_it.store(true, Ordering::SeqCst);
                Instant::now()
            });
            let report = scene.run_with(&watcher);
            (report, stops.join().expect("the request came").elapsed())
        });
        assert_eq!(report.end, End::Cancelled);
        assert!(took < SOON, "{took:?}");
        drop(held);
        scene.until(Scene::agrees);
    }
    scene.rests();
    Kept::Yes
}

fn erased(candidate: &Candidate) -> Kept {
    let scene = Scene::linked(candidate, 0..PEOPLE);
    let core = &scene.ws.core;
    let found = erasure::subject(core, "u-5").expect("they are here");
    let ids: Vec<ContactId> = found.into_iter().map(|contact| contact.id).collect();
    erasure::erase(core, &ids, Reason::Request(None), &who(), &Unwatched).expect("erased");
    delivery::deliver(core).expect("kept");
    assert_eq!(scene.record("u-5"), None);
    // Somebody has a copy and makes the record again.
    scene.there.put(&Person::numbered(5));
    scene.done();
    let names: BTreeSet<String> = scene.ws.contacts().into_iter().map(|contact| contact.name).collect();
    assert!(!names.contains(&Person::numbered(5).name), "they stay away");
    Kept::Yes
}
