//! The drop folder: files of leads that anything puts there become contacts, and nothing of
//! what was put there is lost.

use crate::remote_cli::cardfile;
use cardfile_core::{
    drop_folder::{self, DropFolder, Watch},
    history,
    leads::{self, Choice},
    progress::Unwatched,
};
use cardfile_domain::{Contact, OperationId, import::Policy};
use cardfile_testkit::{Workspace, who};
use rstest::rstest;
use std::{
    fs,
    path::{Path, PathBuf},
};

/// A workspace with a drop folder.
fn watched(policy: Policy) -> (Workspace, PathBuf) {
    let ws = Workspace::default();
    let folder = ws.files.join("leads");
    fs::create_dir(&folder).expect("a folder");
    let wanted = DropFolder { folder: folder.clone(), policy };
    drop_folder::set(&ws.core, Some(&wanted), &who()).expect("watched");
    (ws, folder)
}

fn put(folder: &Path, name: &str, text: &str) {
    fs::write(folder.join(name), text).expect("a file");
}

/// Names of the files of a folder.
fn names(folder: &Path) -> Vec<String> {
    let mut names: Vec<String> = fs::read_dir(folder)
        .expect("a folder")
        .map(|entry| entry.expect("an entry"))
        .filter(|entry| entry.path().is_file())
        .map(|entry| entry.file_name().to_string_lossy().into_owned())
        .collect();
    names.sort();
    names
}

fn take(ws: &Workspace) -> Vec<String> {
    let taken = drop_folder::take(&ws.core, &Unwatched).expect("taken");
    taken.into_iter().map(|one| one.file).collect()
}

#[rstest]
#[case::csv("leads.csv", "name,email,company\nMarta Ruiz,marta@x.example,Solvento\n")]
#[case::json("leads.json", r#"[{"name":"Marta Ruiz","email":"marta@x.example","company":"Solvento"}]"#)]
#[case::one_json("lead.json", r#"{"name":"Marta Ruiz","email":"marta@x.example","company":"Solvento"}"#)]
#[case::vcard(
    "lead.vcf",
    "BEGIN:VCARD\r\nVERSION:3.0\r\nFN:Marta Ruiz\r\nEMAIL:marta@x.example\r\nORG:Solvento\r\nEND:VCARD\r\n"
)]
fn a_lead_of_any_form_becomes_a_contact_and_its_file_is_kept(#[case] name: &str, #[case] text: &str) {
    let (ws, folder) = watched(Policy::Fill);
    put(&folder, name, text);
    assert_eq!(take(&ws), [name]);
    let [Contact { name: called, company, .. }] = &ws.contacts()[..] else { panic!("one contact") };
    assert_eq!((called.as_str(), company.as_str()), ("Marta Ruiz", "Solvento"));
    assert_eq!((names(&folder).len(), names(&folder.join("imported"))), (0, vec![name.to_owned()]));
    assert_eq!(fs::read_to_string(folder.join("imported").join(name)).expect("kept"), text);
    // The same lead again is nothing new, and overwrites no file.
    put(&folder, name, text);
    take(&ws);
    assert_eq!((ws.contacts().len(), names(&folder.join("imported")).len()), (1, 2));
}

#[test]
fn records_that_are_not_taken_and_files_that_cannot_be_read_lie_aside_with_the_reason() {
    let (ws, folder) = watched(Policy::Fill);
    put(&folder, "leads.csv", "name,email\nAna,ana@x.example\nBo,no-email\n");
    put(&folder, "broken.csv", "");
    assert_eq!(take(&ws), ["broken.csv", "leads.csv"]);
    assert_eq!(ws.contacts().len(), 1);
    let failed = names(&folder.join("failed"));
    assert_eq!(failed, ["broken.csv", "broken.csv.reason.txt", "leads.rejected.csv"]);
    let rejected = fs::read_to_string(folder.join("failed/leads.rejected.csv")).expect("a file");
    assert!(rejected.contains("no-email"), "{rejected}");
    assert!(!fs::read_to_string(folder.join("failed/broken.csv.reason.txt")).expect("a reason").trim().is_empty());
    // Mended, it is put there again.
    put(&folder, "leads.csv", &rejected.replace("no-email", "bo@x.example"));
    assert_eq!((take(&ws), ws.contacts().len()), (vec!["leads.csv".to_owned()], 2));
}

#[test]
fn a_file_is_taken_once_nobody_writes_it_any_more() {
    let (ws, folder) = watched(Policy::Fill);
    let mut watch = Watch::default();
    let mut look = || watch.look(&ws.core, &Unwatched).expect("looked").len();
    put(&folder, "leads.csv", "name,email\nAna,ana@x.example\n");
    assert_eq!(look(), 0, "it was not there at the last look");
    put(&folder, "leads.csv", "name,email\nAna,ana@x.example\nBo,bo@x.example\n");
    assert_eq!(look(), 0, "somebody still writes it");
    assert_eq!((look(), look()), (1, 0));
    assert_eq!(ws.contacts().len(), 2);
}

#[test]
fn only_contact_files_of_the_folder_itself_are_taken() {
    let (ws, folder) = watched(Policy::Fill);
    let csv = "name,email\nAna,ana@x.example\n";
    for name in [".hidden.csv", "leads.csv.part", "notes.txt", "run.sh"] {
        put(&folder, name, csv);
    }
    fs::create_dir(folder.join("below")).expect("a folder");
    put(&folder.join("below"), "leads.csv", csv);
    let outside = ws.file("outside.csv", csv);
    #[cfg(unix)]
    std::os::unix::fs::symlink(&outside, folder.join("link.csv")).expect("a link");
    assert!(take(&ws).is_empty());
    assert!(ws.contacts().is_empty() && outside.exists());
}

#[rstest]
#[case::fill(Policy::Fill, "Solvento")]
#[case::newest(Policy::Newest, "Other")]
fn who_is_here_changes_as_the_folder_is_set(#[case] policy: Policy, #[case] company: &str) {
    let (ws, folder) = watched(policy);
    put(&folder, "a.csv", "name,email,company\nAna,ana@x.example,Solvento\n");
    take(&ws);
    put(&folder, "b.csv", "name,email,company\nAna,ana@x.example,Other\n");
    take(&ws);
    assert_eq!(ws.contacts()[0].company, company);
}

#[rstest]
#[case::fill(Policy::Fill, "Ana")]
#[case::newest(Policy::Newest, "A. Ruiz")]
fn who_may_be_here_by_a_phone_waits_in_the_inbox_with_all_that_the_file_says(
    #[case] policy: Policy,
    #[case] name: &str,
) {
    let (ws, folder) = watched(policy);
    put(&folder, "first.csv", "name,email,phone\nAna,ana@x.example,+34 612 408 177\n");
    take(&ws);
    let rows = "name,email,phone,company,job_title\nA. Ruiz,ruiz@x.example,+34612408177,Solvento,Buyer\n\
                Bo,bo@x.example,+34 612 000 002,,\nCy,cy@x.example,+34 612 000 002,,\n";
    for _ in 0..2 {
        put(&folder, "leads.csv", rows);
        let taken = drop_folder::take(&ws.core, &Unwatched).expect("taken").remove(0);
        let counts = taken.outcome.expect("it can be read");
        assert!(counts.held == 1 && counts.adds_up(), "{counts:?}");
        assert_eq!(ws.contacts().len(), 3, "people of one file may share a phone");
    }
    let [waiting] = &leads::waiting(&ws.core, 10).expect("an inbox")[..] else { panic!("the same file waits once") };
    assert_eq!((waiting.lead.source.as_str(), waiting.claims.email()), ("leads.csv", "ruiz@x.example"));
    let [perhaps] = &waiting.perhaps[..] else { panic!("one card") };
    let ana = perhaps.stored.contact.id.to_string();
    leads::decide(&ws.core, &waiting.lead.id, &Choice::Join(ana), &who()).expect("decided");
    let ana = &ws.contacts()[0];
    assert_eq!((ana.name.as_str(), ana.job_title.as_str(), ana.emails.len()), (name, "Buyer", 2));
    assert_eq!(leads::count(&ws.core).expect("a count"), 0);
}

#[test]
fn who_waits_and_is_somebody_new_gets_a_card_as_an_import_makes_it() {
    let (ws, folder) = watched(Policy::Fill);
    let rows = |name: &str| {
        format!("name,phone,tags,address\n{name},+34 612 408 177,\"lead,fair\",\"Calle Mayor 1, Madrid\"\n")
    };
    put(&folder, "ana.csv", &rows("Ana"));
    put(&folder, "bo.csv", &rows("Bo"));
    assert_eq!(take(&ws), ["ana.csv", "bo.csv"]);
    let lead = leads::waiting(&ws.core, 10).expect("an inbox").remove(0).lead.id;
    let made = leads::decide(&ws.core, &lead, &Choice::New, &who()).expect("decided");
    let (made, operation) = made.expect("a card");
    let [ana, bo] = &ws.contacts()[..] else { panic!("two cards") };
    assert_eq!((made.contact.id.as_str(), bo.name.as_str()), (bo.id.as_str(), "Bo"));
    let said = |card: &Contact| (card.source.clone(), card.tags.clone(), card.phones.clone(), card.addresses.clone());
    assert_eq!(said(bo), said(ana));
    history::undo(&ws.core, operation.as_ref().map(OperationId::as_str), &who()).expect("undone");
    assert_eq!(ws.contacts().len(), 1);
}

#[test]
fn what_a_file_brought_is_one_step_of_the_history_and_not_the_last_thing_a_person_did() {
    let (ws, folder) = watched(Policy::Fill);
    put(&folder, "leads.csv", "name,email\nAna,ana@x.example\n");
    take(&ws);
    let last = history::list(&ws.core, 1).expect("a history").remove(0);
    assert_eq!((last.kind, last.subject.as_str()), ("import", "leads.csv"));
    history::undo(&ws.core, None, &who()).expect_err("nothing that a person did");
    history::undo(&ws.core, Some(&last.id), &who()).expect("undone by name");
    assert!(ws.contacts().is_empty());
}

#[test]
fn a_folder_that_would_be_a_trap_is_refused() {
    let ws = Workspace::default();
    let set = |folder: &Path| {
        drop_folder::set(&ws.core, Some(&DropFolder { folder: folder.into(), policy: Policy::Fill }), &who())
    };
    set(&ws.dir).expect_err("the workspace");
    set(ws.dir.parent().expect("a parent")).expect_err("what holds the workspace");
    set(&ws.files.join("nowhere")).expect_err("it is not there");
    set(&ws.file("file.csv", "x")).expect_err("a file");
    assert_eq!(drop_folder::get(&ws.core).expect("readable"), None);
    drop_folder::take(&ws.core, &Unwatched).expect_err("there is none");
    set(&ws.files).expect("a folder");
    drop_folder::set(&ws.core, None, &who()).expect("off");
    assert_eq!(Watch::default().look(&ws.core, &Unwatched).expect("nothing").len(), 0);
}

#[test]
fn a_script_watches_a_folder_too() {
    let temp = tempfile::tempdir().expect("a folder");
    let (dir, folder) = (temp.path().join("workspace"), temp.path().join("leads"));
    fs::create_dir(&folder).expect("a folder");
    assert_eq!(cardfile(&dir, &["init", "--unprotected"]).code, 0);
    assert_eq!(cardfile(&dir, &["drop", "set", folder.to_str().expect("a path")]).code, 0);
    put(&folder, "leads.csv", "name,email\nAna,ana@x.example\nBo,no-email\n");
    let taken = cardfile(&dir, &["drop", "take", "--json"]);
    assert_eq!((taken.code, &taken.only()["counts"]["created"]), (1, &1.into()));
    assert_eq!(cardfile(&dir, &["drop", "take", "--json"]).out, "");
    assert_eq!(cardfile(&dir, &["drop", "off"]).code, 0);
    assert_eq!(cardfile(&dir, &["drop", "show"]).out.trim(), "no folder is watched");
}
