//! Servers that are busy, broken, forgetful or mistaken.

use super::{Candidate, Habit, Keep, Kept, Scene, deeds::PEOPLE};
use crate::vendors::Person;
use cardfile_core::sync::aside;
use std::collections::BTreeSet;

// Those that not every remote can be asked for.
pub(super) const SHORT: &str = "short pages lose nobody";
pub(super) const SHIFTS: &str = "a list that moves up while it is read loses nobody";
pub(super) const REORDERS: &str = "results in another order are not mixed up";
pub(super) const WHOLE: &str = "not even where it makes the whole batch fail";
pub(super) const LAGS: &str = "what a search does not know yet is found, and made once";
pub(super) const EXPIRES: &str = "a cursor that is forgotten costs a listing and nothing else";

pub(super) const PROMISES: &[(&str, Keep)] = &[
    ("who is told for how long to wait waits so long", |candidate| costs_only_time(candidate, Habit::Busy)),
    ("who is only sent away comes again later", |candidate| costs_only_time(candidate, Habit::BusyWithoutAWord)),
    ("faults of the server cost only time", |candidate| costs_only_time(candidate, Habit::Faults)),
    (SHORT, |candidate| costs_only_time(candidate, Habit::HalfPages)),
    ("repeated pages double nobody", |candidate| costs_only_time(candidate, Habit::RepeatsPages)),
    (REORDERS, |candidate| costs_only_time(candidate, Habit::Reorders)),
    (SHIFTS, shifts),
    ("a lost answer makes nothing twice", loses_answers),
    ("what is dropped there without a word is kept here", drops),
    ("a record that is not taken holds up no other", |candidate| refuses(candidate, Habit::RefusesCaptains)),
    (WHOLE, |candidate| refuses(candidate, Habit::RefusesBatchesOfCaptains)),
    ("a deletion that is not taken is tried again", refuses_deletions),
    (LAGS, lags),
    (EXPIRES, expires),
];

/// Both sides changed something, and both have all of it in the end.
fn costs_only_time(candidate: &Candidate, habit: Habit) -> Kept {
    let scene = Scene::open(candidate, 0..PEOPLE);
    if !scene.there.behave(habit) {
        return Kept::NoCase;
    }
    scene.until(|scene| u64::from(scene.ws.count()) == PEOPLE);
    scene.there.put(&Person { name: "Nora New".into(), ..Person::numbered(1) });
    scene.there.put(&Person::numbered(PEOPLE));
    scene.call("u-2", "+34600000999");
    for name in ["Bo Lund", "Ines Vale", "Rui Mota"] {
        scene.make(&Person { name: name.into(), ..Person::default() });
    }
    scene.until(Scene::agrees);
    assert!(!scene.there.was_hurried(), "who is told to wait waits");
    assert_eq!((u64::from(scene.ws.count()), scene.waiting()), (PEOPLE + 4, 0));
    let here = scene.contact("u-2");
    assert!(here.phone().ends_with("999") && here.binned_at.is_none());
    scene.there.behave(Habit::None);
    // Of a write whose answer was a fault nobody knew.
    scene.done();
    scene.rests();
    Kept::Yes
}

fn shifts(candidate: &Candidate) -> Kept {
    let scene = Scene::linked(candidate, 0..PEOPLE);
    if !scene.there.behave(Habit::Shifts) {
        return Kept::NoCase;
    }
    for _ in 0..3 {
        scene.run();
        for person in scene.there.people() {
            assert!(scene.is_here(&person.external_id), "{} is still there", person.external_id);
        }
    }
    scene.there.behave(Habit::None);
    scene.pass_days(8);
    scene.until(Scene::agrees);
    assert_eq!(scene.there.writes(), 0);
    Kept::Yes
}

fn loses_answers(candidate: &Candidate) -> Kept {
    let scene = Scene::linked(candidate, 0..PEOPLE);
    if !scene.there.behave(Habit::LosesAnswers) {
        return Kept::NoCase;
    }
    for name in ["Bo Lund", "Ines Vale", "Rui Mota"] {
        scene.make(&Person { name: name.into(), ..Person::default() });
    }
    scene.call("u-1", "+34600000999");
    scene.call("u-2", "+34600000888");
    scene.until(Scene::agrees);
    scene.there.behave(Habit::None);
    scene.done();
    scene.rests();
    let people = scene.there.people();
    let ids: BTreeSet<&str> = people.iter().map(|person| person.external_id.as_str()).collect();
    assert_eq!((people.len() as u64, ids.len()), (PEOPLE + 3, people.len()), "{people:?}");
    Kept::Yes
}

fn drops(candidate: &Candidate) -> Kept {
    let scene = Scene::linked(candidate, 0..PEOPLE);
    if !scene.there.behave(Habit::DropsPhones) {
        return Kept::NoCase;
    }
    scene.call("u-1", "+34600000999");
    scene.done();
    let mut record = scene.record("u-1").expect("a record");
    assert!(!record.phone.ends_with("999"), "it got lost");
    scene.rests();
    record.name = "Theirs There".into();
    scene.there.put(&record);
    scene.done();
    let here = scene.contact("u-1");
    assert_eq!((here.name.as_str(), here.phone().ends_with("999")), ("Theirs There", true));
    Kept::Yes
}

fn refuses(candidate: &Candidate, habit: Habit) -> Kept {
    let scene = Scene::linked(candidate, 0..PEOPLE);
    if !scene.there.behave(habit) {
        return Kept::NoCase;
    }
    let names = ["Bo Lund", "Captain Hook", "Ines Vale", "Rui Mota"];
    let ids = names.map(|name| scene.make(&Person { name: name.into(), ..Person::default() }));
    scene.done();
    let is_there = [0, 1, 2, 3].map(|at: usize| scene.record(&ids[at]).is_some());
    assert_eq!(is_there, [true, false, true, true]);
    let parked = || aside::writes(&scene.ws.core).expect("readable");
    scene.until(|_| parked().len() == 1);
    assert_eq!(parked()[0].name, "Captain Hook");
    assert!(!parked()[0].reason.is_empty() && scene.is_here(&ids[1]));
    scene.rests();
    Kept::Yes
}

fn refuses_deletions(candidate: &Candidate) -> Kept {
    let scene = Scene::linked(candidate, 0..PEOPLE);
    if !scene.there.behave(Habit::RefusesDeletions) {
        return Kept::NoCase;
    }
    scene.bin("u-3");
    scene.run();
    assert!(scene.record("u-3").is_some() && !scene.is_here("u-3"));
    scene.there.behave(Habit::None);
    scene.until(|scene| scene.record("u-3").is_none());
    scene.rests();
    Kept::Yes
}

fn lags(candidate: &Candidate) -> Kept {
    let scene = Scene::linked(candidate, 0..PEOPLE);
    if !scene.there.behave(Habit::Lags) {
        return Kept::NoCase;
    }
    scene.there.put(&Person { name: "Nora New".into(), ..Person::numbered(1) });
    scene.make(&Person { name: "Bo Lund".into(), ..Person::default() });
    scene.run();
    // Others go on, and are known at once; what was late is known after them.
    scene.call("u-3", "+34600000999");
    scene.run();
    scene.there.index();
    scene.until(Scene::agrees);
    assert_eq!(scene.contact("u-1").name, "Nora New");
    assert_eq!(scene.there.people().len() as u64, PEOPLE + 1);
    scene.there.behave(Habit::None);
    scene.done();
    scene.rests();
    Kept::Yes
}

fn expires(candidate: &Candidate) -> Kept {
    let scene = Scene::linked(candidate, 0..PEOPLE);
    if !scene.there.expire() {
        return Kept::NoCase;
    }
    scene.there.put(&Person { name: "Nora New".into(), ..Person::numbered(1) });
    scene.call("u-2", "+34600000999");
    scene.until(Scene::agrees);
    assert_eq!((u64::from(scene.ws.count()), scene.there.people().len() as u64), (PEOPLE, PEOPLE));
    scene.rests();
    Kept::Yes
}
