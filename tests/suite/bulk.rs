//! Bulk work: everything that matches, but for some; counted, stopped, undone.

use cardfile_core::{
    bulk::{self, Deed, Done},
    contact,
    domain::{Contact, ContactId},
    generate, history,
    import::{self, ImportRequest},
    progress::{Progress, Unwatched},
    view::{self, ViewRequest},
};
use cardfile_testkit::{Workspace, who};
use rstest::rstest;
use std::sync::atomic::{AtomicU64, Ordering};

fn filled(rows: u64) -> Workspace {
    let ws = Workspace::default();
    let mut csv = Vec::new();
    generate::write_csv(&mut csv, rows, 7).expect("people");
    let file = ws.file("people.csv", csv);
    import::run(&ws.core, &ImportRequest::of(file), &who(), &Unwatched).expect("an import");
    ws
}

#[rstest]
#[case::a_tag(Deed::Tag("newsletter".into()))]
#[case::no_tag(Deed::Untag("vip".into()))]
#[case::a_field(Deed::Set("stage".into(), "qualified".into()))]
#[case::an_empty_field(Deed::Set("company".into(), "".into()))]
#[case::the_bin(Deed::Bin)]
fn a_deed_counts_every_contact_and_one_undo_brings_all_back(#[case] deed: Deed) {
    let ws = filled(3_000);
    let before = ws.hash();
    let rows = bulk::of_filter(&ws.core, "conversations:>1").expect("rows");
    let (done, operation) = bulk::run(&ws.core, &rows, &deed, &who(), &Unwatched).expect("done");
    assert_eq!((done.changed + done.unchanged) as usize, rows.len());
    assert!(done.changed > 0, "{done:?}");
    let (again, nothing) = bulk::run(&ws.core, &rows, &deed, &who(), &Unwatched).expect("done");
    assert_eq!((again, nothing), (Done { changed: 0, unchanged: rows.len() as u32 }, None), "it is so already");
    let after = ws.hash();
    history::undo(&ws.core, operation.as_ref().map(|id| id.as_str()), &who()).expect("undone");
    assert_eq!(ws.hash(), before);
    history::redo(&ws.core, None, &who()).expect("done again");
    assert_eq!(ws.hash(), after);
}

#[test]
fn all_that_match_but_for_some_is_what_the_list_shows() {
    let ws = filled(500);
    let request = ViewRequest { filter: "tag:vip".into(), ..ViewRequest::default() };
    let opened = view::open(&ws.core, &request).expect("a view");
    let shown = view::rows(&ws.core, opened.view, 0, 2).expect("rows");
    let two: Vec<String> = shown.into_iter().flatten().map(|row| row.id).collect();
    let rows = bulk::of_view(&ws.core, opened.view, &two).expect("rows");
    assert_eq!(rows.len() as u32, opened.total - 2);
    bulk::run(&ws.core, &rows, &Deed::Untag("VIP".into()), &who(), &Unwatched).expect("done");
    assert_eq!(view::open(&ws.core, &request).expect("a view").total, 2);
}

/// Stops at the second look.
struct Impatient(AtomicU64);

impl Progress for Impatient {
    fn at(&self, _: u64, _: u64) -> bool {
        self.0.fetch_add(1, Ordering::SeqCst) == 0
    }
}

#[test]
fn a_deed_that_is_stopped_leaves_nothing() {
    let ws = filled(3_000);
    let before = ws.hash();
    let rows = bulk::of_filter(&ws.core, "").expect("rows");
    let stopped = Impatient(AtomicU64::new(0));
    bulk::run(&ws.core, &rows, &Deed::Tag("x".into()), &who(), &stopped).expect_err("stopped");
    assert_eq!(ws.hash(), before);
}

#[test]
fn what_cannot_be_the_same_for_all_is_refused() {
    let ws = filled(10);
    let before = ws.hash();
    let rows = bulk::of_filter(&ws.core, "").expect("rows");
    for deed in [
        Deed::Tag("a,b".into()),
        Deed::Tag(" ".into()),
        Deed::Set("email".into(), serde_json::json!([])),
        Deed::Set("external_id".into(), serde_json::json!([])),
        Deed::Set("identity".into(), "verified".into()),
        Deed::Set("nonsense".into(), "x".into()),
        Deed::Set("stage".into(), 7.into()),
    ] {
        bulk::run(&ws.core, &rows, &deed, &who(), &Unwatched).expect_err("no such deed");
    }
    assert_eq!(ws.hash(), before);
    assert!(contact::find(&ws.core, "nobody").is_err());
}

#[test]
fn a_tag_put_on_many_is_logged_like_one_that_is_typed() {
    let ws = filled(2);
    let rows = bulk::of_filter(&ws.core, "").expect("rows");
    let [typed, many] = [0, 1].map(|at| ws.contacts()[at].id.clone());
    let mut tags = ws.contacts()[0].tags.clone();
    tags.push("new".into());
    contact::edit(&ws.core, &typed, "tags", serde_json::json!(tags), &who()).expect("typed");
    bulk::run(&ws.core, &rows, &Deed::Tag("new".into()), &who(), &Unwatched).expect("done");
    let last = |id: &ContactId| {
        let stored = contact::find(&ws.core, id.as_str()).expect("a contact");
        let change = ws.core.store().read(|r| r.changes().get(stored.version)).expect("a log").expect("a change");
        let body: serde_json::Value = serde_json::from_str(&change.body).expect("a patch");
        let names = |side: usize| body["tags"][side].as_array().map(Vec::len);
        let fields: Vec<String> = body.as_object().expect("fields").keys().cloned().collect();
        (
            fields,
            names(1).zip(names(0)).map(|(after, before)| after - before),
            body["updated_at"][1] == stored_time(&stored.contact),
        )
    };
    assert_eq!(last(&typed), last(&many));
}

fn stored_time(contact: &Contact) -> serde_json::Value {
    contact.value("updated_at").expect("a field")
}

#[test]
fn a_tag_in_another_spelling_is_taken_back_too() {
    let ws = filled(3);
    let rows = bulk::of_filter(&ws.core, "").expect("rows");
    bulk::run(&ws.core, &rows[..1], &Deed::Tag("VIP".into()), &who(), &Unwatched).expect("done");
    let before = ws.hash();
    for deed in [Deed::Tag("vip".into()), Deed::Set("tags".into(), serde_json::json!(["Vip"]))] {
        let Ok((done, operation)) = bulk::run(&ws.core, &rows[1..], &deed, &who(), &Unwatched) else { continue };
        assert!(done.changed > 0);
        history::undo(&ws.core, operation.as_ref().map(|id| id.as_str()), &who()).expect("undone");
        assert_eq!(ws.hash(), before, "{deed:?}");
    }
    let id = ws.contacts()[2].id.clone();
    let (_, operation) = contact::edit(&ws.core, &id, "tags", serde_json::json!(["vip"]), &who()).expect("typed");
    history::undo(&ws.core, operation.as_ref().map(|id| id.as_str()), &who()).expect("undone");
    assert_eq!(ws.hash(), before);
}
