//! Exports with a name, and workbooks that lose nothing.

use crate::identity::{card, named};
use cardfile_core::{
    Core,
    export::{self, ExportFormat, ExportRequest},
    formats::csv_export::Preset,
    history,
    import::{self, ImportRequest},
    parts,
    progress::Unwatched,
    recipes,
};
use cardfile_domain::{Contact, Item, segment::Recipe};
use cardfile_testkit::{Workspace, who};
use std::path::Path;

fn run(core: &Core, request: &ExportRequest) -> String {
    export::run(core, request, &who(), &Unwatched).expect("an export");
    String::from_utf8_lossy(&std::fs::read(&request.file).expect("a file")).into_owned()
}

/// Everything that spreadsheets are known to spoil.
pub(crate) fn hostile() -> Vec<Contact> {
    let items = |value: &str| vec![Item::new(value, "")];
    [
        ("Sarah Johnson", "+15551234567", "=HYPERLINK(\"http://x.example\",\"y\")"),
        ("李雷 😀", "00441632960961", "ZIP 01234"),
        ("ليلى حدّاد", "0034 612", "2024-03-01"),
        ("\"Quote\" O'Neil", "1e5", "line one\nline two, with a comma"),
        ("@cmd", "-5", "+1+2"),
        ("'already quoted", "007", "TRUE"),
    ]
    .into_iter()
    .map(|(name, phone, description)| Contact {
        phones: items(phone),
        description: description.into(),
        tags: vec!["lead".into(), "01".into()],
        ..named(name)
    })
    .collect()
}

#[test]
fn a_workbook_comes_back_without_one_changed_field() {
    let ws = Workspace::default();
    for contact in hostile() {
        card(&ws.core, contact);
    }
    let before = ws.hash();
    let file = ws.files.join("all.xlsx");
    run(&ws.core, &ExportRequest::all(&file, ExportFormat::Xlsx(Preset::Complete)));
    let report = import::run(&ws.core, &ImportRequest::of(&file), &who(), &Unwatched).expect("an import");
    assert_eq!((report.counts.unchanged, report.counts.updated, report.counts.rejected), (6, 0, 0));
    assert_eq!(ws.hash(), before);
    // Into an empty workspace it is everybody again.
    let other = Workspace::default();
    import::run(&other.core, &ImportRequest::of(&file), &who(), &Unwatched).expect("an import");
    let names = |ws: &Workspace| {
        ws.contacts()
            .into_iter()
            .map(|c| (c.name, c.phones[0].value.clone(), c.description, c.tags))
            .collect::<Vec<_>>()
    };
    assert_eq!(names(&other), names(&ws));
}

#[test]
fn hubspot_knows_its_own_columns_in_the_recipe() {
    let ws = Workspace::default();
    let ana = Contact {
        emails: vec![Item::new("ana@x.example", "ana@x.example")],
        company: "Solvento".into(),
        job_title: "Buyer".into(),
        urls: vec![Item::new("https://solvento.example", "")],
        stage: "customer".into(),
        ..named("Ana María Ruiz")
    };
    card(&ws.core, ana);
    let recipe = recipes::find(&ws.core, "hubspot IMPORT").expect("ours");
    let request = recipes::request(&ws.core, &recipe, ws.files.join("hubspot.csv")).expect("a request");
    assert_eq!(
        run(&ws.core, &request),
        "First Name,Last Name,Email,Phone Number,Company Name,Job Title,Website URL,Lifecycle Stage\n\
         Ana María,Ruiz,ana@x.example,,Solvento,Buyer,https://solvento.example,customer\n"
    );
}

#[test]
fn a_recipe_is_saved_run_again_and_undone_and_the_log_names_it() {
    let ws = Workspace::default();
    let core = &ws.core;
    card(core, Contact { tags: vec!["vip".into()], ..named("Ana") });
    card(core, named("Bo"));
    let recipe = Recipe {
        name: " Monthly ".into(),
        format: "csv".into(),
        columns: vec![("name".into(), "Who".into()), ("tags".into(), String::new())],
        filter: "tag:vip".into(),
        separator: ";".into(),
        ..Recipe::default()
    };
    recipes::put(core, &recipe, &who()).expect("saved");
    recipes::put(core, &recipe, &who()).expect_err("the name is taken");
    recipes::put(core, &Recipe { name: "Mail merge".into(), ..recipe.clone() }, &who()).expect_err("that one is ours");
    for (format, columns) in [("csv", "complete"), ("csv", "reference"), ("vcard", "reference")] {
        let columns = vec![(columns.to_owned(), String::new())];
        let whole = Recipe { name: format!("{format} {columns:?}"), format: format.into(), columns, ..recipe.clone() };
        recipes::put(core, &whole, &who()).expect("a layout as a whole");
    }
    recipes::put(core, &Recipe { name: "Arrow".into(), separator: "→".into(), ..recipe.clone() }, &who())
        .expect_err("no byte");
    let wrong = Recipe { columns: vec![("hair".into(), String::new())], name: "Hair".into(), ..recipe.clone() };
    recipes::put(core, &wrong, &who()).expect_err("no such column");
    recipes::put(core, &Recipe { format: "pdf".into(), name: "Pdf".into(), ..recipe }, &who())
        .expect_err("no such format");
    let saved = recipes::find(core, "monthly").expect("found");
    let request = recipes::request(core, &saved, ws.files.join("monthly.csv")).expect("a request");
    assert_eq!(run(core, &request), "Who;tags\nAna;\"vip\"\n");
    let entry = core.store().read(|r| r.export_log().latest(1)).expect("a log").remove(0);
    assert_eq!((entry.what.as_str(), entry.columns.as_str(), entry.contacts), ("Monthly: tag:vip", "Who,tags", 1));
    parts::remove::<Recipe>(core, &saved.id, &who()).expect("removed");
    recipes::find(core, "Monthly").expect_err("it is gone");
    history::undo(core, None, &who()).expect("undone");
    assert_eq!(recipes::find(core, "Monthly").expect("back"), saved);
}

#[test]
fn a_workbook_that_is_stopped_leaves_no_file() {
    struct Stop;
    impl cardfile_core::progress::Progress for Stop {
        fn at(&self, _: u64, _: u64) -> bool {
            false
        }
    }
    let ws = Workspace::default();
    card(&ws.core, named("Ana"));
    let file = ws.files.join("stopped.xlsx");
    let request = ExportRequest::all(&file, ExportFormat::Xlsx(Preset::Reference));
    export::run(&ws.core, &request, &who(), &Stop).expect_err("stopped");
    let left = |dir: &Path| {
        std::fs::read_dir(dir)
            .expect("a folder")
            .filter(|e| e.as_ref().is_ok_and(|e| e.file_name().to_string_lossy().contains("stopped")))
            .count()
    };
    assert_eq!(left(&ws.files), 0);
}
