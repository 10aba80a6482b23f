//! The hostile system of the acceptance story A-08, on a connection that a manifest describes: it
//! sends away with and without a word of when, breaks, cuts pages, gives them twice, loses an
//! attribute and calls a person otherwise. It costs time, and nothing else.

use crate::vendor_scene::{NAME, connected, edit, filled, is_at_rest, person, sync, sync_until};
use cardfile_core::{
    progress::Progress,
    sync::{remotes, running, waits},
};
use cardfile_sync::run::End;
use cardfile_testkit::{
    Workspace,
    vendors::{Fake, Habits, Vendor},
    who,
};
use serde_json::json;
use std::{
    sync::atomic::{AtomicU64, Ordering},
    time::{Duration, Instant},
};

const PEOPLE: u64 = 60;

/// A workspace that has everybody, after a first run at a system in its worst mood.
fn after_the_worst() -> (Workspace, Fake) {
    let fake = filled(Vendor::Chatbase, PEOPLE);
    let ws = connected(&fake);
    fake.forget();
    fake.habits(Habits {
        busy: Some((5, Some(1))),
        error_500: Some(7),
        half_pages: true,
        short_pages: Some(20),
        repeat_page: true,
        ..Habits::default()
    });
    let reports = sync_until(&ws, || u64::from(ws.count()) == PEOPLE);
    let waited_ms: u64 = reports.iter().map(|report| report.counts.waited_ms).sum();
    let refusals = fake.state().asked.iter().filter(|asked| asked.status == Some(429)).count() as u64;
    assert!(refusals > 0 && waited_ms >= refusals * 1_000, "all waits are told: {waited_ms} for {refusals}");
    let known = remotes::find(&ws.core, NAME).expect("a connection");
    let kept = running::past(&ws.core, &known, reports.len() as u32).expect("runs");
    let kept_ms: u64 = kept.iter().map(|past| past.counts.waited_ms).sum();
    assert_eq!((kept_ms, fake.state().impatient), (waited_ms, 0), "and kept; nobody came too early");
    fake.habits(Habits::default());
    sync(&ws);
    is_at_rest(&ws, &fake);
    (ws, fake)
}

#[test]
fn a_system_in_its_worst_mood_costs_time_and_brings_everybody_once() {
    let (ws, fake) = after_the_worst();
    assert_eq!((u64::from(ws.count()), fake.state().writes), (PEOPLE, 0));
    fake.habits(Habits { busy: Some((3, None)), ..Habits::default() });
    fake.edit("u-1", |one| one.phone = "+34600000999".into());
    edit(&ws, "u-2", "phone", json!([{ "value": "+34600000888" }]));
    sync_until(&ws, || {
        let there = fake.people().into_iter().find(|one| one.external_id == "u-2").expect("a record");
        person(&ws, "u-1").phone().ends_with("999") && there.phone.ends_with("888")
    });
    fake.habits(Habits::default());
    sync(&ws);
    is_at_rest(&ws, &fake);
}

#[test]
fn an_attribute_that_is_lost_there_is_not_lost_here() {
    let (ws, fake) = after_the_worst();
    fake.habits(Habits { strip: vec!["/custom_attributes/order_ref".into()], ..Habits::default() });
    edit(&ws, "u-3", "custom.order_ref", json!("gold"));
    sync(&ws);
    assert!(fake.raw("u-3")["custom_attributes"].get("order_ref").is_none(), "it got lost");
    is_at_rest(&ws, &fake);
    fake.edit("u-3", |one| one.phone = "+34600000999".into());
    sync(&ws);
    let here = person(&ws, "u-3");
    assert_eq!((here.custom.get("order_ref"), here.phone().ends_with("999")), (Some(&json!("gold")), true));
    is_at_rest(&ws, &fake);
}

#[test]
fn a_person_under_another_id_is_asked_about_and_no_second_card() {
    let (ws, fake) = after_the_worst();
    fake.edit("u-7", |one| one.external_id = "made-anew".into());
    let report = sync(&ws);
    assert_eq!((report.counts.relinks, report.counts.created, u64::from(ws.count())), (1, 0, PEOPLE));
    let waiting = waits::all(&ws.core).expect("what waits");
    let [asked] = &waiting[..] else { panic!("one thing waits: {waiting:?}") };
    let relink = asked.relink.as_ref().expect("a question");
    assert_eq!((asked.kind, relink.from.as_str(), relink.to.as_str()), ("relink", "u-7", "made-anew"));
    assert_eq!(fake.state().writes, 0);
    is_at_rest(&ws, &fake);
}

#[test]
#[expect(clippy::disallowed_methods, reason = "how long it takes is what is asked")]
fn who_stops_a_run_that_waits_does_not_wait() {
    /// Stops it at the third look.
    struct Stop(AtomicU64);
    impl Progress for Stop {
        fn at(&self, _: u64, _: u64) -> bool {
            self.0.fetch_add(1, Ordering::Relaxed) < 2
        }
    }
    let (ws, fake) = after_the_worst();
    fake.habits(Habits { busy: Some((1, Some(30))), ..Habits::default() });
    let begun = Instant::now();
    let report = running::run(&ws.core, NAME, false, &who(), &Stop(AtomicU64::default())).expect("a run");
    assert_eq!(report.end, End::Cancelled);
    assert!(begun.elapsed() < Duration::from_secs(1), "{:?}", begun.elapsed());
}
