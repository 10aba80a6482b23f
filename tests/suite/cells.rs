//! Cells of the list: a block lands on the rows it was meant for, and a cell that
//! cannot be taken is named.

use crate::identity::{card, named};
use cardfile_core::{
    bin,
    bulk::{self, Deed},
    cells::{self, Range},
    contact,
    export::{self, ExportFormat, ExportRequest},
    history,
    progress::Unwatched,
    view::{self, ViewRequest},
};
use cardfile_domain::{Contact, Item};
use cardfile_testkit::{Workspace, who};

fn people(ws: &Workspace, names: &[&str]) -> Vec<String> {
    let email = |name: &str| vec![Item::new(format!("{name}@x.example"), format!("{name}@x.example"))];
    names.iter().map(|name| card(&ws.core, Contact { emails: email(name), ..named(name) })).collect()
}

fn range(ws: &Workspace, rows: u32, columns: &[&str]) -> Range {
    let opened =
        view::open(&ws.core, &ViewRequest { sort: vec!["name".into()], ..ViewRequest::default() }).expect("a view");
    Range { view: opened.view, from: 0, to: rows, columns: columns.iter().map(|key| (*key).to_owned()).collect() }
}

fn companies(ws: &Workspace) -> Vec<String> {
    ws.contacts().into_iter().map(|one| one.company).collect()
}

#[test]
fn an_empty_cell_in_the_middle_stays_in_the_middle() {
    let ws = Workspace::default();
    people(&ws, &["ana", "bo", "cy"]);
    let all = range(&ws, 3, &["company"]);
    cells::paste(&ws.core, &all, "Solvento\n\nNordvik\n", &who(), &Unwatched).expect("pasted");
    assert_eq!(companies(&ws), ["Solvento", "", "Nordvik"]);
    let copied = cells::copy(&ws.core, &all).expect("copied");
    cells::paste(&ws.core, &all, &copied, &who(), &Unwatched).expect("pasted");
    assert_eq!(companies(&ws), ["Solvento", "", "Nordvik"], "what was copied comes back as it was");
}

#[test]
fn a_contact_that_is_gone_does_not_move_the_others() {
    let ws = Workspace::default();
    let ids = people(&ws, &["ana", "bo", "cy"]);
    let all = range(&ws, 3, &["company"]);
    let gone = contact::rows(&ws.core, &ids[..1]).expect("a row");
    bulk::run(&ws.core, &gone, &Deed::Bin, &who(), &Unwatched).expect("binned");
    bin::empty(&ws.core, &who(), &Unwatched).expect("emptied");
    cells::paste(&ws.core, &all, "one\ntwo\nthree", &who(), &Unwatched).expect("pasted");
    assert_eq!(companies(&ws), ["two", "three"]);
}

#[test]
fn a_short_line_leaves_the_rest_of_its_row_empty() {
    let ws = Workspace::default();
    people(&ws, &["ana", "bo"]);
    let all = range(&ws, 2, &["company", "stage"]);
    cells::paste(&ws.core, &all, "Solvento\tlead\nNordvik\n", &who(), &Unwatched).expect("pasted");
    let stages: Vec<String> = ws.contacts().into_iter().map(|one| one.stage).collect();
    assert_eq!(
        (companies(&ws), stages),
        (vec!["Solvento".into(), "Nordvik".into()], vec!["lead".into(), String::new()])
    );
}

#[test]
fn what_cannot_be_taken_is_named_and_the_rest_is_one_step() {
    let ws = Workspace::default();
    people(&ws, &["ana", "bo", "cy"]);
    let before = ws.hash();
    let all = range(&ws, 3, &["email", "name"]);
    let block = "a@y.example\tAna\nno email\tBo\n\t\n";
    let (done, operation) = cells::paste(&ws.core, &all, block, &who(), &Unwatched).expect("pasted");
    assert_eq!((done.changed, done.unchanged, done.refused), (2, 1, 2));
    let named: Vec<(u32, &str, &str)> =
        done.first.iter().map(|one| (one.row, one.column.as_str(), one.text.as_str())).collect();
    assert_eq!(named, [(1, "email", "no email"), (2, "", "")], "nobody is left without anything to know them by");
    history::undo(&ws.core, operation.as_ref().map(|id| id.as_str()), &who()).expect("undone");
    assert_eq!(ws.hash(), before);
    cells::paste(&ws.core, &range(&ws, 1, &["last_seen"]), "2026-01-01", &who(), &Unwatched)
        .expect_err("kept by the program");
}

#[test]
fn who_was_brought_back_is_not_removed_with_the_bin() {
    let ws = Workspace::default();
    let ids = people(&ws, &["ana", "bo"]);
    let rows = contact::rows(&ws.core, &ids).expect("rows");
    bulk::run(&ws.core, &rows, &Deed::Bin, &who(), &Unwatched).expect("binned");
    contact::restore(&ws.core, &rows[..1], &who()).expect("back");
    assert_eq!(bin::expire(&ws.core).expect("looked"), 0, "it is not 30 days yet");
    ws.clock.pass_days(31);
    assert_eq!(bin::expire(&ws.core).expect("looked"), 1);
    assert_eq!(ws.contacts().len(), 1);
}

#[test]
fn a_file_that_is_to_go_goes_unless_it_is_another_by_then() {
    let ws = Workspace::default();
    people(&ws, &["ana"]);
    let export = |name: &str, hours| {
        let request = ExportRequest { hours, ..ExportRequest::all(ws.files.join(name), ExportFormat::default()) };
        export::run(&ws.core, &request, &who(), &Unwatched).expect("an export").file
    };
    let (goes, changed, again, stays) =
        (export("a.csv", 24), export("b.csv", 24), export("c.csv", 24), export("d.csv", 0));
    std::fs::write(&changed, "mended by hand").expect("written");
    export("c.csv", 0);
    assert_eq!(export::expire(&ws.core).expect("looked"), 0, "not before its time");
    ws.clock.pass_days(2);
    assert_eq!(export::expire(&ws.core).expect("looked"), 1);
    assert_eq!([&goes, &changed, &again, &stays].map(|file| file.exists()), [false, true, true, true]);
    let log = ws.core.store().read(|r| r.export_log().latest(9)).expect("a log");
    assert_eq!(log.iter().filter(|entry| entry.deleted_at.is_some()).count(), 1);
}

#[test]
fn a_file_that_gets_no_name_is_not_in_the_log_and_says_nothing_of_the_older_one() {
    let ws = Workspace::default();
    people(&ws, &["ana"]);
    let file = ws.files.join("a.csv");
    let request = ExportRequest { hours: 24, ..ExportRequest::all(&file, ExportFormat::default()) };
    export::run(&ws.core, &request, &who(), &Unwatched).expect("an export");
    std::fs::remove_file(&file).expect("removed");
    std::fs::create_dir(&file).expect("a folder of this name");
    export::run(&ws.core, &request, &who(), &Unwatched).expect_err("a folder is not replaced");
    let log = ws.core.store().read(|r| r.export_log().latest(9)).expect("a log");
    assert_eq!(log.iter().map(|entry| entry.expires_at.is_some()).collect::<Vec<_>>(), [true]);
    let left = std::fs::read_dir(&ws.files).expect("a folder").count();
    assert_eq!(left, 1, "nor is a draft left");
}
