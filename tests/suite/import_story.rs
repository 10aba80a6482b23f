//! The owner's first five minutes: a spreadsheet goes in, everything adds up,
//! and all of it can be undone.

use cardfile_core::{contact, history, import, import::ImportRequest, progress::Unwatched};
use cardfile_domain::import::{Counts, Policy};
use cardfile_testkit::{Workspace, files, who};
use serde_json::Value;

#[test]
fn the_owners_spreadsheet_adds_up_before_and_after() {
    let ws = Workspace::default();
    let file = ws.file("clientes.csv", files::owners_spreadsheet());
    let request = ImportRequest::of(&file);

    let plan = import::plan(&ws.core, &request, &Unwatched).expect("a plan");
    let expected = Counts { records: 20_000, created: 19_648, duplicate: 312, rejected: 40, ..Counts::default() };
    assert_eq!(plan.counts, expected);
    assert_eq!(plan.shape.text.expect("a text").encoding.name(), "windows-1252");
    assert_eq!(plan.shape.separator, Some(b';'));
    assert_eq!(plan.rejects.len(), 40);
    assert!(plan.rejects.iter().all(|r| r.position.line > 1 && r.column_name.as_deref() == Some("E-mail")));
    assert_eq!(ws.count(), 0, "a plan writes nothing");

    let report = import::run(&ws.core, &request, &who(), &Unwatched).expect("an import");
    assert_eq!(report.counts, plan.counts, "the run does what the plan said");
    assert_eq!(ws.count(), 19_648);

    let rejects = std::fs::read(report.rejects_file.expect("a rejects file")).expect("readable");
    let lines: Vec<&[u8]> = rejects.split(|b| *b == b'\n').filter(|line| !line.is_empty()).collect();
    assert_eq!(lines.len(), 41, "a header and 40 rows");
    let input = files::owners_spreadsheet();
    for line in &lines[1..] {
        let original = &line[..line.windows(2).position(|w| w == b";\"").expect("the error column")];
        assert!(input.windows(original.len()).any(|w| w == original), "the original bytes are kept");
    }

    let found = ws.core.store().read(|r| r.contacts().row_of_email("cliente0@exemplo.pt")).expect("readable");
    let stored = ws.core.store().read(|r| r.contacts().get(found.expect("there"))).expect("readable").expect("there");
    assert!(stored.contact.phone().starts_with('0'), "leading zeros stay");
    assert!(!stored.contact.name.is_ascii() || stored.contact.company.contains('º'));
    assert_eq!(stored.contact.company, "Empresa nº 0");
}

#[test]
fn the_rejects_can_be_mended_and_dropped_again() {
    let ws = Workspace::default();
    let file = ws.file("clientes.csv", files::owners_spreadsheet());
    let report = import::run(&ws.core, &ImportRequest::of(&file), &who(), &Unwatched).expect("an import");
    let rejects = report.rejects_file.expect("a rejects file");
    let mended: Vec<u8> = {
        let bytes = std::fs::read(&rejects).expect("readable");
        let text: String = bytes.iter().map(|b| char::from(*b)).collect();
        files::windows_1252(&text.replace(".exemplo.pt", "@exemplo.pt"))
    };
    let file = ws.file("mended.csv", mended);
    let report = import::run(&ws.core, &ImportRequest::of(&file), &who(), &Unwatched).expect("an import");
    assert_eq!(report.counts, Counts { records: 40, created: 40, ..Counts::default() });
    assert_eq!(ws.count(), 19_688);
}

#[test]
fn dropping_the_same_file_again_writes_nothing() {
    let ws = Workspace::default();
    let file = ws.file("clientes.csv", files::owners_spreadsheet());
    import::run(&ws.core, &ImportRequest::of(&file), &who(), &Unwatched).expect("an import");
    let (hash, seq) = (ws.hash(), ws.core.store().read(|r| r.changes().last()).expect("readable"));
    for policy in [Policy::Fill, Policy::Newest] {
        let request = ImportRequest { policy, ..ImportRequest::of(&file) };
        let report = import::run(&ws.core, &request, &who(), &Unwatched).expect("an import");
        let expected = Counts { records: 20_000, unchanged: 19_648, duplicate: 312, rejected: 40, ..Counts::default() };
        assert_eq!(report.counts, expected);
        assert!(report.operation.is_none(), "it leaves no trace in the history");
    }
    assert_eq!(ws.hash(), hash);
    assert_eq!(ws.core.store().read(|r| r.changes().last()).expect("readable"), seq, "the log did not grow");
}

#[test]
fn records_without_any_key_are_not_made_twice() {
    let ws = Workspace::default();
    let file = ws.file("names.csv", "Name,Phone\nAna,0612\nBo,\nAna,0612\n");
    let first = import::run(&ws.core, &ImportRequest::of(&file), &who(), &Unwatched).expect("an import");
    assert_eq!(first.counts, Counts { records: 3, created: 2, duplicate: 1, ..Counts::default() });
    let again = import::run(&ws.core, &ImportRequest::of(&file), &who(), &Unwatched).expect("an import");
    assert_eq!((again.counts.created, again.counts.updated), (0, 0));
    assert!(again.operation.is_none());
}

#[test]
fn an_import_is_undone_but_what_was_edited_since_is_kept() {
    let ws = Workspace::default();
    let before = ws.hash();
    let first = ws.file("clientes.csv", files::owners_spreadsheet());
    let import_1 = import::run(&ws.core, &ImportRequest::of(&first), &who(), &Unwatched).expect("an import");
    let import_1 = import_1.operation.expect("an operation").id.to_string();

    let mut edited = Vec::new();
    for n in [100, 200, 300] {
        let row =
            ws.core.store().read(|r| r.contacts().row_of_email(&format!("cliente{n}@exemplo.pt"))).expect("readable");
        let stored = ws.core.store().read(|r| r.contacts().get(row.expect("there"))).expect("readable").expect("there");
        contact::edit(&ws.core, &stored.contact.id, "description", Value::from("called"), &who()).expect("an edit");
        edited.push(stored.contact.id.to_string());
    }
    // The corrected file changes 500 contacts, one of the edited among them.
    let mut corrected = String::from("Nome;E-mail;Cargo\n");
    for n in 1000..1499 {
        corrected.push_str(&format!("X;cliente{n}@exemplo.pt;Compras\n"));
    }
    corrected.push_str("X;cliente300@exemplo.pt;Compras\n");
    let corrected = corrected.replace("cliente1486@", "cliente1999@");
    let second = ws.file("corrigido.csv", corrected);
    let import_2 = import::run(&ws.core, &ImportRequest::of(&second), &who(), &Unwatched).expect("an import");
    assert_eq!((import_2.counts.updated, import_2.counts.records), (500, 500), "{:?}", import_2.counts);
    let import_2 = import_2.operation.expect("an operation").id.to_string();
    let full = ws.hash();

    let report = history::undo(&ws.core, Some(&import_1), &who()).expect("an undo");
    assert_eq!((report.removed, report.kept.len(), report.gone), (19_645, 3, 0));
    let mut kept: Vec<String> = report.kept.iter().map(|kept| kept.id.clone()).collect();
    kept.sort();
    edited.sort();
    assert_eq!(kept, edited);
    assert_eq!(ws.count(), 3);
    let stored = ws.core.store().read(|r| r.contacts().row_of_email("cliente300@exemplo.pt")).expect("readable");
    let stored = ws.core.store().read(|r| r.contacts().get(stored.expect("kept"))).expect("readable").expect("there");
    assert_eq!(stored.contact.job_title, "Compras", "what the second import wrote on a kept card stays");

    let report = history::redo(&ws.core, Some(&import_1), &who()).expect("a redo");
    assert_eq!(report.restored, 19_645);
    assert_eq!(ws.hash(), full, "redo brings everything back");

    history::undo(&ws.core, Some(&import_2), &who()).expect("an undo");
    for operation in history::list(&ws.core, 20).expect("a history") {
        if operation.kind == "contact_edit" {
            history::undo(&ws.core, Some(&operation.id), &who()).expect("an undo");
        }
    }
    let report = history::undo(&ws.core, Some(&import_1), &who()).expect("an undo");
    assert_eq!((report.removed, report.kept.len()), (19_648, 0));
    assert_eq!(ws.hash(), before, "nothing is left of either import");
}

#[test]
fn undo_and_redo_walk_the_history_in_order() {
    let ws = Workspace::default();
    let empty = ws.hash();
    let (id, _) = contact::create(&ws.core, named("Ana"), &who()).expect("a contact");
    let made = ws.hash();
    contact::edit(&ws.core, &id, "name", Value::from("Ana Ruiz"), &who()).expect("an edit");
    let edited = ws.hash();
    let row = contact::find(&ws.core, id.as_str()).expect("there").row;
    contact::bin(&ws.core, &[row], &who()).expect("binned");
    assert_eq!(ws.count(), 0);

    history::undo(&ws.core, None, &who()).expect("undo the bin");
    assert_eq!(ws.hash(), edited);
    history::undo(&ws.core, None, &who()).expect("undo the edit");
    assert_eq!(ws.hash(), made);
    history::undo(&ws.core, None, &who()).expect("undo the creation");
    assert_eq!(ws.hash(), empty);
    assert!(history::undo(&ws.core, None, &who()).is_err(), "there is nothing more");
    history::redo(&ws.core, None, &who()).expect("make it again");
    assert_eq!(ws.hash(), made);
    history::redo(&ws.core, None, &who()).expect("edit it again");
    assert_eq!(ws.hash(), edited);
    contact::edit(&ws.core, &id, "name", Value::from("Ana R."), &who()).expect("an edit");
    assert!(history::redo(&ws.core, None, &who()).is_err(), "something else was done since");
}

#[test]
fn a_stopped_import_leaves_nothing_behind() {
    struct StopAt(u64);
    impl cardfile_core::progress::Progress for StopAt {
        fn at(&self, done: u64, _: u64) -> bool {
            done < self.0
        }
    }
    let ws = Workspace::default();
    let before = ws.hash();
    let mut file = Vec::new();
    cardfile_core::generate::write_csv(&mut file, 45_000, 5).expect("memory");
    let file = ws.file("many.csv", file);
    let error = import::run(&ws.core, &ImportRequest::of(&file), &who(), &StopAt(40_000)).expect_err("stopped");
    assert_eq!(error.code, cardfile_core::Code::Cancelled);
    assert_eq!(ws.hash(), before);
    assert_eq!(history::list(&ws.core, 5).expect("a history")[1].state, "rolled_back");
}

#[test]
fn an_import_with_tags_is_done_again_although_another_tag_took_its_place() {
    let ws = Workspace::default();
    let file = ws.file("a.csv", "Name,Email,Tags\nAna,a@x.example,Clientes\n");
    let report = import::run(&ws.core, &ImportRequest::of(&file), &who(), &Unwatched).expect("an import");
    let import = report.operation.expect("an operation").id.to_string();
    let imported = ws.hash();
    history::undo(&ws.core, Some(&import), &who()).expect("an undo");
    let other = cardfile_domain::Contact { tags: vec!["lead".into()], ..named("Bo") };
    let (bo, made) = contact::create(&ws.core, other, &who()).expect("a contact");
    history::redo(&ws.core, Some(&import), &who()).expect("a redo");
    assert_eq!(contact::find(&ws.core, bo.as_str()).expect("there").contact.tags, ["lead"]);
    history::undo(&ws.core, made.map(|id| id.to_string()).as_deref(), &who()).expect("an undo");
    assert_eq!(ws.hash(), imported);
}

#[test]
fn a_contact_binned_while_an_import_runs_stays_in_the_bin() {
    /// Bins the contact between two chunks, as a person at the window may.
    struct BinMeanwhile<'w>(&'w Workspace);
    impl cardfile_core::progress::Progress for BinMeanwhile<'_> {
        fn at(&self, done: u64, total: u64) -> bool {
            if done > 0 && done < total {
                let row = self.0.core.store().read(|r| r.contacts().row_of_email("a@x.example"));
                contact::bin(&self.0.core, &[row.expect("readable").expect("there")], &who()).expect("binned");
            }
            true
        }
    }
    let ws = Workspace::default();
    contact::create(&ws.core, cardfile_core::quick_add::parse("Ana a@x.example"), &who()).expect("a contact");
    let mut text = String::from("Name,Email,Company\nAna,a@x.example,\n");
    for n in 0..25_000 {
        text.push_str(&format!("P{n},p{n}@x.example,\n"));
    }
    text.push_str("Ana,a@x.example,Solvento\n");
    let file = ws.file("in.csv", text);
    let report = import::run(&ws.core, &ImportRequest::of(&file), &who(), &BinMeanwhile(&ws)).expect("an import");
    assert_eq!(report.counts.updated, 1);
    let row = ws.core.store().read(|r| r.contacts().row_of_email("a@x.example")).expect("readable").expect("there");
    let ana = ws.core.store().read(|r| r.contacts().get(row)).expect("readable").expect("there").contact;
    assert_eq!((ana.company.as_str(), ana.binned_at.is_some()), ("Solvento", true));
}

fn named(name: &str) -> cardfile_domain::Contact {
    cardfile_domain::Contact { name: name.into(), ..Default::default() }
}
