//! Saved views: what they show is counted as it is listed, and they grow stale.

use crate::identity::{card, named};
use cardfile_core::{
    history, parts, segments,
    view::{self, ViewRequest},
};
use cardfile_domain::{
    Contact, Millis,
    segment::{REVIEW_DAYS, Segment},
};
use cardfile_testkit::{Workspace, who};

fn segment(name: &str, filter: &str) -> Segment {
    Segment { name: name.into(), filter: filter.into(), ..Segment::default() }
}

#[test]
fn a_view_is_counted_as_it_is_listed_and_undone_as_everything() {
    let ws = Workspace::default();
    let core = &ws.core;
    for n in 0..30 {
        let tags = if n % 3 == 0 { vec!["vip".to_owned()] } else { Vec::new() };
        card(
            core,
            Contact { tags, source: if n % 2 == 0 { "widget" } else { "api" }.into(), ..named(&format!("P {n}")) },
        );
    }
    let filters = ["tag:vip", "source:widget (tag:vip or name:~2)", "not (tag:vip or source:api)", "name:~nobody"];
    for (at, filter) in filters.iter().enumerate() {
        segments::put(core, &segment(&format!("view {at}"), filter), &who()).expect("saved");
    }
    let searched = Segment { query: "P 1".into(), ..segment("searched", "") };
    segments::put(core, &searched, &who()).expect("saved");
    let all = segments::all(core).expect("segments");
    let counts = segments::counts(core, &all).expect("counts");
    for (one, count) in all.iter().zip(counts) {
        let (_, rows) = view::resolve(core, &segments::view(one)).expect("listed");
        assert_eq!(count, Some(rows.len() as u32), "{}", one.name);
    }
    segments::put(core, &segment("VIEW 0", ""), &who()).expect_err("the name is taken");
    segments::put(core, &segment("broken", "source:"), &who()).expect_err("no filter");
    segments::put(core, &segment("  ", ""), &who()).expect_err("no name");
    let before = ws.hash();
    parts::remove::<Segment>(core, &segments::find(core, "View 0").expect("found").id, &who()).expect("removed");
    assert_eq!(segments::all(core).expect("segments").len(), 4);
    history::undo(core, None, &who()).expect("undone");
    assert_eq!((ws.hash(), segments::all(core).expect("segments")), (before, all));
}

#[test]
fn a_view_that_nobody_looks_at_grows_stale_and_a_look_makes_it_fresh() {
    let at = |days: i64| Millis(days * Millis::DAY);
    let one = Segment { created_at: at(0), ..segment("leads", "") };
    assert!(!one.is_stale(at(REVIEW_DAYS)) && one.is_stale(at(REVIEW_DAYS + 1)));
    let looked = Segment { reviewed_at: Some(at(100)), ..one };
    assert!(!looked.is_stale(at(REVIEW_DAYS + 1)));
    let ws = Workspace::default();
    let id = segments::put(&ws.core, &segment("leads", ""), &who()).expect("saved").0;
    segments::review(&ws.core, &id, &who()).expect("looked");
    assert!(segments::find(&ws.core, "leads").expect("found").reviewed_at.is_some());
}

#[test]
fn a_filter_that_makes_no_sense_any_more_has_no_count() {
    let ws = Workspace::default();
    let counts = view::counts(&ws.core, &[("", "source:"), ("", "")]).expect("counts");
    assert_eq!(counts, [None, Some(0)]);
    let (_, rows) = view::resolve(&ws.core, &ViewRequest::default()).expect("listed");
    assert!(rows.is_empty());
}
