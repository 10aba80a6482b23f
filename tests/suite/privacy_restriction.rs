//! Restricted people are kept and not used: not in views with a name, files, rules and sync.
//! And it shows.

use crate::{
    identity::{card, named},
    sync_scene::{NAME, edit, linked, person, record, said, saying, sync},
};
use cardfile_core::{
    Code, automations, contact,
    export::{self, ExportFormat, ExportRequest},
    history, parts,
    privacy::{
        consent::{self, Saying},
        purposes, restriction,
    },
    progress::Unwatched,
    segments,
    sync::remotes,
    view::{self, ViewRequest},
};
use cardfile_domain::{
    Contact,
    automation::{Action, Automation, Trigger},
    restriction::{Restriction, Sort},
    segment::Segment,
};
use cardfile_store::ContactRow;
use cardfile_sync::run::End;
use cardfile_testkit::{Workspace, who};

fn restrict(ws: &Workspace, row: ContactRow, sort: Sort) -> Restriction {
    let one = Restriction { sort, reason: "she asked for it".into(), ..Restriction::default() };
    assert_eq!(restriction::put(&ws.core, &[row], &one, &who()).expect("restricted").0, 1);
    let stored = ws.core.store().read(|r| r.contacts().get(row)).expect("readable").expect("there");
    restriction::of(&ws.core, &stored).expect("all").remove(0)
}

#[test]
fn who_is_restricted_is_shown_with_a_lock_and_used_for_nothing() {
    let ws = Workspace::default();
    let core = &ws.core;
    let ids: Vec<String> =
        ["Ana", "Bo"].iter().map(|name| card(core, Contact { source: "widget".into(), ..named(name) })).collect();
    let rows = contact::rows(core, &ids).expect("rows");
    segments::put(core, &Segment { name: "All".into(), ..Segment::default() }, &who()).expect("saved");
    let asked = Segment { name: "Locked".into(), filter: "restriction:restricted".into(), ..Segment::default() };
    segments::put(core, &asked, &who()).expect("saved");
    let counts = || segments::counts(core, &segments::all(core).expect("all")).expect("counts");
    assert_eq!(counts(), [Some(2), Some(0)]);

    let one = restrict(&ws, rows[0], Sort::Restricted);
    assert_eq!(counts(), [Some(1), Some(1)], "shown where somebody asks about them");
    let request = ViewRequest { sort: vec!["name".into()], ..ViewRequest::default() };
    let opened = view::open(core, &request).expect("opened");
    let listed = view::rows(core, opened.view, 0, 2).expect("rows");
    let locks: Vec<Option<&str>> = listed.iter().flatten().map(|row| row.lock).collect();
    assert_eq!(locks, [Some("restricted"), None], "the list of everybody hides nobody");

    // A file leaves them out, also when somebody chose them one by one.
    for rows in [None, Some(rows.clone())] {
        let file = ws.files.join("out.csv");
        let request = ExportRequest { rows, ..ExportRequest::all(&file, ExportFormat::default()) };
        let report = export::run(core, &request, &who(), &Unwatched).expect("a file");
        assert_eq!((report.contacts, report.withheld), (1, 1));
        let text = std::fs::read_to_string(&file).expect("readable");
        assert!(text.contains("Bo") && !text.contains("Ana"), "{text}");
    }
    // A rule does nothing to them.
    let rule = Automation {
        name: "Tag".into(),
        trigger: Trigger::Change,
        filter: "source:widget".into(),
        actions: vec![Action::Tag { tag: "seen".into() }],
        ..Automation::default()
    };
    automations::put(core, &rule, &who()).expect("kept");
    assert_eq!(automations::turn_on(core, "Tag", &who(), &Unwatched).expect("on").0, 1);

    restriction::lift(core, &one.id, " ", &who()).expect_err("say why");
    assert!(restriction::lift(core, &one.id, "it was checked", &who()).expect("lifted").0);
    assert!(!restriction::lift(core, &one.id, "once more", &who()).expect("was so").0);
    assert_eq!(counts(), [Some(2), Some(0)]);
    parts::remove_any(core, &one.id, &who()).expect_err("what was so is not removed");
}

#[test]
fn a_restriction_needs_a_reason_and_is_not_undone() {
    let ws = Workspace::default();
    let core = &ws.core;
    let rows = contact::rows(core, &[card(core, named("Ana"))]).expect("a row");
    restriction::put(core, &rows, &Restriction::default(), &who()).expect_err("why?");
    let one = Restriction { reason: "asked".into(), ..Restriction::default() };
    let (_, operation) = restriction::put(core, &rows, &one, &who()).expect("restricted");
    let operation = operation.expect("it stands in the history");
    let refused = history::undo(core, Some(operation.as_str()), &who()).expect_err("it stands");
    assert_eq!(refused.code, Code::NothingToUndo);
    assert_eq!(restriction::put(core, &rows, &one, &who()).expect("was so").0, 0, "twice is once");
    let hold = Restriction { sort: Sort::Held, reason: "invoice".into(), ..Restriction::default() };
    restriction::put(core, &rows, &hold, &who()).expect("held");
    let refused = restriction::check_no_hold(core, &rows).expect_err("on hold");
    assert_eq!(refused.code, Code::Refused);
}

#[test]
fn of_who_is_restricted_nothing_goes_to_a_remote_or_comes_from_it_until_it_is_lifted() {
    let (ws, fake) = linked(0..4);
    let row = |n| contact::rows(&ws.core, &[person(&ws, n).id.to_string()]).expect("a row")[0];
    let one = restrict(&ws, row(1), Sort::Restricted);
    for n in [1, 2] {
        edit(&ws, n, "job_title", "Head of Screws");
        fake.edit(&format!("{n}.vcf"), |card| saying(card, "NOTE", "theirs"));
    }
    assert_eq!(sync(&ws).end, End::Done);
    assert_eq!((said(&record(&fake, 2), "TITLE"), person(&ws, 2).description.as_str()), ("Head of Screws", "theirs"));
    assert_eq!((said(&record(&fake, 1), "TITLE"), person(&ws, 1).description.as_str()), ("Title 1", "Note 1"));
    // Nor does a deletion.
    contact::bin(&ws.core, &[row(1)], &who()).expect("binned");
    sync(&ws);
    assert!(fake.card("1.vcf").is_some());
    contact::restore(&ws.core, &[row(1)], &who()).expect("back");

    restriction::lift(&ws.core, &one.id, "it was checked", &who()).expect("lifted");
    assert_eq!(sync(&ws).end, End::Done);
    assert_eq!((said(&record(&fake, 1), "TITLE"), person(&ws, 1).description.as_str()), ("Head of Screws", "theirs"));
}

#[test]
fn a_field_that_needs_a_purpose_leaves_of_who_agreed_alone() {
    let (ws, fake) = linked(0..2);
    purposes::put(&ws.core, &crate::privacy_consent::newsletter(), &who()).expect("a purpose");
    let needs = |purpose: &str| {
        let change = |settings: &mut remotes::Settings| {
            if let Some(rule) = settings.mapping.0.get_mut("job_title") {
                rule.purpose = Some(purpose.to_owned());
            }
        };
        remotes::set(&ws.core, NAME, &who(), change)
    };
    needs("nothing like it").expect_err("a word of no purpose would hold everybody back unsaid");
    needs("Our newsletter").expect("a field map");
    let says = |n: u32, given| {
        let saying = Saying { purpose: "newsletter".into(), given, ..Saying::default() };
        consent::record(&ws.core, person(&ws, n).id.as_str(), &saying, &who()).expect("written down");
    };
    says(0, true);
    for n in [0, 1] {
        edit(&ws, n, "job_title", "Head of Screws");
    }
    sync(&ws);
    assert_eq!(said(&record(&fake, 0), "TITLE"), "Head of Screws");
    assert_eq!(said(&record(&fake, 1), "TITLE"), "Title 1", "nobody asked");
    says(0, false);
    says(1, true);
    edit(&ws, 0, "job_title", "Head of Nails");
    sync(&ws);
    assert_eq!(said(&record(&fake, 0), "TITLE"), "Head of Screws", "not after a no");
    assert_eq!(said(&record(&fake, 1), "TITLE"), "Head of Screws", "a yes lets go what waited");
}
