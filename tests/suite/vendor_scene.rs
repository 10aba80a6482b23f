//! A workspace that is connected with the fake of a vendor.

use cardfile_core::{
    contact,
    domain::Contact,
    progress::Unwatched,
    sync::{
        check,
        directions::Direction,
        remotes,
        running::{self, Report},
    },
};
use cardfile_sync::{mapping::Rule, run::End};
use cardfile_testkit::{
    Workspace, setup,
    vendors::{Fake, Person, Vendor},
    who,
};
use serde_json::Value;

/// What the connection is called.
pub(crate) const NAME: &str = "Vendor";
/// Runs until everything is as it should be.
const MOST_RUNS: u32 = 12;

/// A fake with so many people.
pub(crate) fn filled(vendor: Vendor, count: u64) -> Fake {
    let fake = Fake::start(vendor);
    (0..count).for_each(|number| fake.put(&Person::numbered(number)));
    fake
}

/// A workspace that may write there all that it can, the custom field `order_ref` among it.
pub(crate) fn connected(fake: &Fake) -> Workspace {
    let ws = Workspace::default();
    setup::connect(&ws.core, NAME, fake.vendor().kind(), &fake.settings());
    turned_on(ws)
}

/// The same by a manifest of a person's own.
pub(crate) fn connected_by(manifest: &str, fake: &Fake) -> Workspace {
    let ws = Workspace::default();
    setup::connect_by(&ws.core, NAME, manifest, &fake.settings());
    turned_on(ws)
}

fn turned_on(ws: Workspace) -> Workspace {
    let approve = |settings: &mut remotes::Settings| {
        let custom = Rule { direction: Direction::Both, ..Rule::default() };
        settings.mapping.0.insert("custom.order_ref".into(), custom);
        for rule in settings.mapping.0.values_mut() {
            rule.approved = rule.direction != Direction::Pull;
        }
    };
    remotes::set(&ws.core, NAME, &who(), approve).expect("a field map");
    let found = check::check(&ws.core, NAME, &Unwatched).expect("a check");
    check::enable(&ws.core, NAME, &found, "it is a test", &who()).expect("turned on");
    ws
}

/// A run, whatever becomes of it.
pub(crate) fn run(ws: &Workspace) -> Report {
    running::run(&ws.core, NAME, false, &who(), &Unwatched).expect("a run")
}

/// A run that does all that can be done.
pub(crate) fn sync(ws: &Workspace) -> Report {
    let report = run(ws);
    assert_eq!(report.end, End::Done, "{report:?}");
    report
}

/// Runs until this is so.
pub(crate) fn sync_until(ws: &Workspace, is_so: impl Fn() -> bool) -> Vec<Report> {
    let mut reports = Vec::new();
    while !is_so() {
        assert!((reports.len() as u32) < MOST_RUNS, "{MOST_RUNS} runs are not enough: {reports:?}");
        reports.push(run(ws));
    }
    reports
}

/// Another run writes nothing, on no side.
pub(crate) fn is_at_rest(ws: &Workspace, fake: &Fake) {
    let (hash, writes) = (ws.hash(), fake.state().writes);
    let report = sync(ws);
    assert_eq!((fake.state().writes, ws.hash()), (writes, hash), "{report:?}");
}

/// Somebody by their external ID.
pub(crate) fn person(ws: &Workspace, id: &str) -> Contact {
    contact::find(&ws.core, id).expect("they are here").contact
}

pub(crate) fn edit(ws: &Workspace, id: &str, field: &str, value: Value) {
    contact::edit(&ws.core, &person(ws, id).id, field, value, &who()).expect("an edit");
}
