//! What had its time goes, and nothing of it stays in the history; what has to stay stays.

use crate::identity::{card, named};
use cardfile_core::{
    Code, bin, contact,
    conversations::{self, Incoming},
    export::{self, ExportFormat, ExportRequest},
    history, parts,
    privacy::{
        requests::{self, Details},
        restriction, retention,
    },
    progress::{Progress, Unwatched},
};
use cardfile_domain::{
    Contact, Item, Millis,
    part::{Conversation, Message},
    request::{Request, Right, Step},
    restriction::{Restriction, Sort},
    retention::{Kept, RetentionRule, RuleState},
    time::DateOrder,
};
use cardfile_testkit::{Workspace, who};

fn at(text: &str) -> Millis {
    Millis::parse(text, DateOrder::DayFirst).expect("a time")
}

fn rule(what: Kept, days: u32) -> RetentionRule {
    RetentionRule { name: "Old".into(), what, days, ..RetentionRule::default() }
}

/// A conversation at a platform in which somebody said this on a day.
fn talk(ws: &Workspace, owner: Option<&str>, text: &str, day: &str) -> (String, String) {
    let incoming = Incoming {
        about: Conversation { platform: "widget".into(), title: text.into(), ..Conversation::default() },
        messages: vec![Message { text: text.into(), at: at(day), ..Message::default() }],
    };
    let (id, operation) = conversations::add(&ws.core, owner, &incoming, &who()).expect("kept");
    (id, operation.expect("it stands in the history").to_string())
}

fn found(ws: &Workspace, text: &str) -> usize {
    ws.core.store().read(|r| r.texts().find(text, 100)).expect("readable").len()
}

/// All that the history says, of everything that was ever done.
fn logged(ws: &Workspace) -> String {
    let read = ws.core.store().read(|r| {
        let mut all = String::new();
        for seq in 1..=r.changes().last()? {
            all.push_str(&r.changes().get(seq)?.map(|change| change.body).unwrap_or_default());
        }
        Ok(all)
    });
    read.expect("readable")
}

#[test]
fn conversations_go_with_their_messages_and_with_what_the_history_said_of_them() {
    let ws = Workspace::default();
    let core = &ws.core;
    let (ana, bo) = (card(core, named("Ana")), card(core, named("Bo")));
    let (_, added) = talk(&ws, Some(&ana), "quagga", "2026-01-05");
    talk(&ws, Some(&ana), "okapi", "2026-12-25");
    talk(&ws, Some(&bo), "gaur", "2026-01-05");
    talk(&ws, None, "saola", "2026-01-05");
    let (removed, _) = talk(&ws, Some(&ana), "bongo", "2026-01-05");
    let (_, removal) = parts::remove::<Conversation>(core, &removed, &who()).expect("removed");
    let removal = removal.expect("it stands in the history").to_string();
    let rows = contact::rows(core, std::slice::from_ref(&bo)).expect("a row");
    let hold = Restriction { sort: Sort::Held, reason: "dispute".into(), ..Restriction::default() };
    restriction::put(core, &rows, &hold, &who()).expect("held");
    ws.clock.pass_days(40);

    let id = retention::put(core, &rule(Kept::Conversations, 30), &who()).expect("kept");
    let preview = retention::preview(core, &retention::find(core, "Old").expect("it")).expect("a preview");
    assert_eq!((preview.matched, preview.going, preview.held, preview.in_history), (3, 2, 1, true));
    for animal in ["quagga", "okapi", "gaur", "saola"] {
        assert_eq!(found(&ws, animal), 1, "{animal} is there before");
    }
    assert!(logged(&ws).contains("bongo"), "what was removed stands in the history");
    let refused = retention::run(core, &id, 99, &who(), &Unwatched).expect_err("it was told another number");
    assert_eq!((refused.code, found(&ws, "quagga")), (Code::Refused, 1));

    let run = retention::run(core, &id, 2, &who(), &Unwatched).expect("worked");
    assert_eq!((run.matched, run.deleted, run.spared), (3, 2, 1));
    for (animal, left) in [("quagga", 0), ("saola", 0), ("gaur", 1), ("okapi", 1)] {
        assert_eq!(found(&ws, animal), left, "{animal}");
    }
    let log = logged(&ws);
    for animal in ["quagga", "saola", "bongo"] {
        assert!(!log.contains(animal), "{animal} stands in the history");
    }
    for operation in [added, removal] {
        history::undo(core, Some(&operation), &who()).expect("nothing is left to take back");
    }
    assert_eq!((found(&ws, "quagga"), found(&ws, "bongo")), (0, 0));
    let runs = retention::runs(core, 10).expect("runs");
    assert_eq!((runs.len(), runs[0].id.as_str(), runs[0].rule.as_str()), (1, run.id.as_str(), id.as_str()));
}

#[test]
fn a_rule_is_about_a_source_and_about_how_well_it_is_known_who_it_is() {
    let ws = Workspace::default();
    let core = &ws.core;
    let ana = card(core, named("Ana"));
    talk(&ws, Some(&ana), "of her", "2026-01-05");
    talk(&ws, None, "of nobody", "2026-01-05");
    let going = |identity: &str, source: &str| {
        let one = RetentionRule { identity: identity.into(), source: source.into(), ..rule(Kept::Conversations, 30) };
        retention::preview(core, &one).expect("a preview").going
    };
    assert_eq!(["", "anonymous", "identified", "verified"].map(|level| going(level, "")), [2, 1, 1, 0]);
    assert_eq!((going("", "widget"), going("", "email")), (2, 0));
    for wrong in [
        RetentionRule { days: 0, ..rule(Kept::Contacts, 1) },
        RetentionRule { identity: "known".into(), ..rule(Kept::Contacts, 1) },
        RetentionRule { name: " ".into(), ..rule(Kept::Contacts, 1) },
    ] {
        retention::put(core, &wrong, &who()).expect_err("not kept");
    }
}

#[test]
fn a_rule_works_once_a_day_and_one_that_would_take_too_many_stops_and_asks() {
    let ws = Workspace::default();
    let core = &ws.core;
    let few = RetentionRule { ceiling: 2, ..rule(Kept::Conversations, 30) };
    retention::put(core, &few, &who()).expect("kept");
    assert!(retention::catch_up(core).expect("looked").is_empty(), "it is off");
    retention::turn_on(core, "Old", 0, &who(), &Unwatched).expect("on");
    talk(&ws, None, "quagga", "2026-01-05");
    assert!(retention::catch_up(core).expect("looked").is_empty(), "not twice a day");
    ws.clock.pass_days(1);
    let ran = retention::catch_up(core).expect("looked");
    assert_eq!((ran.len(), ran[0].deleted, found(&ws, "quagga")), (1, 1, 0));
    for _ in 0..3 {
        talk(&ws, None, "quagga", "2026-01-05");
    }
    ws.clock.pass_days(1);
    let ran = retention::catch_up(core).expect("looked");
    assert_eq!((ran[0].is_stopped, ran[0].deleted, found(&ws, "quagga")), (true, 0, 3));
    assert_eq!(retention::find(core, "Old").expect("it").state, RuleState::Stopped);
    ws.clock.pass_days(1);
    assert!(retention::catch_up(core).expect("looked").is_empty(), "until somebody turns it on again");
    retention::turn_on(core, "Old", 3, &who(), &Unwatched).expect("on");
    assert_eq!(found(&ws, "quagga"), 0);
}

#[test]
fn contacts_are_erased_but_for_those_that_have_to_stay() {
    let ws = Workspace::default();
    let core = &ws.core;
    let old = |name: &str, seen: &str| {
        let email = format!("{name}@x.example");
        card(
            core,
            Contact {
                emails: vec![Item::new(email.clone(), email)],
                source: "widget".into(),
                last_seen: Some(at(seen)),
                ..named(name)
            },
        )
    };
    let ids = [("gone", "2025-01-05"), ("held", "2025-01-05"), ("locked", "2025-01-05"), ("asks", "2025-01-05")]
        .map(|(name, seen)| old(name, seen));
    old("young", "2026-11-01");
    let rows = contact::rows(core, &ids).expect("rows");
    for (row, sort) in [(rows[1], Sort::Held), (rows[2], Sort::Restricted)] {
        let one = Restriction { sort, reason: "it has to stay".into(), ..Restriction::default() };
        restriction::put(core, &[row], &one, &who()).expect("restricted");
    }
    let asks = Request { subject: "asks@x.example".into(), ..Request::default() };
    requests::add(core, &asks, &who()).expect("written down");
    let one = RetentionRule { source: "widget".into(), ..rule(Kept::Contacts, 365) };
    let id = retention::put(core, &one, &who()).expect("kept");
    let preview = retention::preview(core, &retention::find(core, &id).expect("it")).expect("a preview");
    assert_eq!((preview.matched, preview.going), (4, 1));
    assert_eq!((preview.held, preview.restricted, preview.asked_about), (1, 1, 1));
    assert_eq!(preview.first, rows[..1]);
    let run = retention::run(core, &id, 1, &who(), &Unwatched).expect("worked");
    assert_eq!((run.deleted, run.spared), (1, 3));
    let mut names: Vec<String> = ws.contacts().into_iter().map(|contact| contact.name).collect();
    names.sort();
    assert_eq!(names, ["asks", "held", "locked", "young"]);
    assert!(!logged(&ws).contains("gone@x.example"));
}

/// Somebody who is at work when the rule begins.
struct AtWork<F: Fn() + Sync>(F);

impl<F: Fn() + Sync> Progress for AtWork<F> {
    fn at(&self, done: u64, _: u64) -> bool {
        if done == 0 {
            self.0();
        }
        true
    }
}

#[test]
fn what_was_held_or_used_since_the_list_was_made_stays_and_stops_nobody() {
    let ws = Workspace::default();
    let core = &ws.core;
    let ids = ["gone", "held", "used", "asks"].map(|name| {
        let email = format!("{name}@x.example");
        let emails = vec![Item::new(email.clone(), email)];
        card(core, Contact { emails, last_seen: Some(at("2025-01-05")), ..named(name) })
    });
    let rows = contact::rows(core, &ids).expect("rows");
    let id = retention::put(core, &rule(Kept::Contacts, 365), &who()).expect("kept");
    let meanwhile = AtWork(|| {
        let hold = Restriction { sort: Sort::Held, reason: "dispute".into(), ..Restriction::default() };
        restriction::put(core, &rows[1..2], &hold, &who()).expect("held");
        let used = contact::find(core, &ids[2]).expect("there").contact.id;
        contact::edit(core, &used, "job_title", "Owner".into(), &who()).expect("an edit");
        let asks = Request { subject: "asks@x.example".into(), ..Request::default() };
        requests::add(core, &asks, &who()).expect("written down");
    });
    let run = retention::run(core, &id, 4, &who(), &meanwhile).expect("worked");
    assert_eq!((run.matched, run.deleted, run.spared), (4, 1, 3));
    let mut names: Vec<String> = ws.contacts().into_iter().map(|contact| contact.name).collect();
    names.sort();
    assert_eq!(names, ["asks", "held", "used"]);
    assert_eq!(retention::runs(core, 10).expect("runs").len(), 1);
}

#[test]
fn lines_of_the_export_log_go_but_for_those_whose_file_is_still_to_be_deleted() {
    let ws = Workspace::default();
    let core = &ws.core;
    card(core, named("Ana"));
    for (name, hours) in [("stays.csv", 24 * 365), ("goes.csv", 0)] {
        let all = ExportRequest::all(ws.files.join(name), ExportFormat::default());
        export::run(core, &ExportRequest { hours, ..all }, &who(), &Unwatched).expect("a file");
    }
    ws.clock.pass_days(40);
    let id = retention::put(core, &rule(Kept::Exports, 30), &who()).expect("kept");
    let run = retention::run(core, &id, 1, &who(), &Unwatched).expect("worked");
    assert_eq!((run.matched, run.deleted), (1, 1));
    let left = core.store().read(|r| r.export_log().latest(10)).expect("readable");
    assert!(left.len() == 1 && left[0].file.ends_with("stays.csv"), "{left:?}");
}

#[test]
fn what_an_open_request_asks_about_is_there_until_it_is_answered() {
    let ws = Workspace::default();
    let core = &ws.core;
    let emails = vec![Item::new("ana@x.example", "ana@x.example")];
    let ana = card(core, Contact { emails, ..named("Ana") });
    talk(&ws, Some(&ana), "quagga", "2026-01-05");
    let (removed, _) = talk(&ws, Some(&ana), "bongo", "2026-01-05");
    parts::remove::<Conversation>(core, &removed, &who()).expect("removed");
    let file = ExportRequest::all(ws.files.join("out.csv"), ExportFormat::default());
    export::run(core, &ExportRequest { hours: 0, ..file }, &who(), &Unwatched).expect("a file");
    ws.clock.pass_days(40);
    let asks = Request { subject: "ana@x.example".into(), right: Right::Access, ..Request::default() };
    let asks = requests::add(core, &asks, &who()).expect("written down");

    let conversations = retention::put(core, &rule(Kept::Conversations, 30), &who()).expect("kept");
    let exports = RetentionRule { name: "Log".into(), ..rule(Kept::Exports, 30) };
    let exports = retention::put(core, &exports, &who()).expect("kept");
    for id in [&conversations, &exports] {
        let preview = retention::preview(core, &retention::find(core, id).expect("it")).expect("a preview");
        assert_eq!((preview.matched, preview.going, preview.asked_about), (1, 0, 1), "{id}");
        let run = retention::run(core, id, 0, &who(), &Unwatched).expect("worked");
        assert_eq!((run.matched, run.deleted, run.spared), (1, 0, 1), "{id}");
    }
    assert!(found(&ws, "quagga") == 1 && logged(&ws).contains("bongo"));
    assert_eq!(core.store().read(|r| r.export_log().latest(10)).expect("readable").len(), 1);

    requests::step(core, &asks, Step::Withdraw, &Details::default(), &who()).expect("taken back");
    for id in [&conversations, &exports] {
        assert_eq!(retention::run(core, id, 1, &who(), &Unwatched).expect("worked").deleted, 1, "{id}");
    }
    assert!(found(&ws, "quagga") == 0 && !logged(&ws).contains("bongo"));
}

#[test]
fn who_left_the_bin_goes_from_the_history_when_the_time_is_over() {
    let ws = Workspace::default();
    let core = &ws.core;
    let ids = ["quagga", "bongo"].map(|name| {
        let email = format!("{name}@x.example");
        card(core, Contact { emails: vec![Item::new(email.clone(), email)], ..named(name) })
    });
    contact::bin(core, &contact::rows(core, &ids).expect("rows"), &who()).expect("binned");
    bin::empty(core, &who(), &Unwatched).expect("emptied");
    let id = retention::put(core, &rule(Kept::Contacts, 30), &who()).expect("kept");
    let going = || retention::preview(core, &retention::find(core, &id).expect("it")).expect("a preview");
    assert_eq!((going().matched, going().going), (0, 0), "they left just now");
    ws.clock.pass_days(40);
    let asks = Request { subject: "bongo@x.example".into(), ..Request::default() };
    requests::add(core, &asks, &who()).expect("written down");
    assert_eq!((going().matched, going().going, going().asked_about), (2, 1, 1));
    let run = retention::run(core, &id, 1, &who(), &Unwatched).expect("worked");
    assert_eq!((run.matched, run.deleted, run.spared), (2, 1, 1));
    assert!(!logged(&ws).contains("quagga") && logged(&ws).contains("bongo"));
    assert_eq!(going().matched, 1, "once is enough");
}
