//! Keeping a workspace in order: tags, fields, mappings, the export log, older
//! schemas. Everything here can be undone.

use cardfile_core::{
    contact,
    export::{self, ExportFormat, ExportRequest},
    fields,
    formats::mapping::Target,
    history,
    import::{self, ImportRequest},
    parts,
    progress::Unwatched,
    sample,
    sync::{remotes, running},
    tags,
};
use cardfile_domain::{CustomKind, import::Policy};
use cardfile_testkit::{Workspace, environment, project, who};
use rstest::rstest;
use std::path::Path;

fn filled(csv: &str) -> Workspace {
    let ws = Workspace::default();
    let file = ws.file("in.csv", csv);
    import::run(&ws.core, &ImportRequest::of(file), &who(), &Unwatched).expect("an import");
    ws
}

fn undo(ws: &Workspace) {
    history::undo(&ws.core, None, &who()).expect("undone");
}

const TAGGED: &str =
    "Name,Email,Tags\nAna,a@x.example,\"lead,vip\"\nBo,b@x.example,\"vip,north\"\nCy,c@x.example,lead\n";

#[test]
fn a_tag_is_renamed_joined_and_deleted_and_each_comes_back() {
    let ws = filled(TAGGED);
    let before = ws.hash();
    assert_eq!(tags::rename(&ws.core, "vip", "VIP client", &who()).expect("renamed").0, 2);
    assert_eq!(ws.contacts()[1].tags, ["VIP client", "north"]);
    undo(&ws);
    assert_eq!(ws.hash(), before);
    // The name of another tag joins the two; nobody has it twice.
    assert_eq!(tags::rename(&ws.core, "vip", "Lead", &who()).expect("joined").0, 2);
    let all = ws.contacts();
    assert_eq!((all[0].tags.join(","), all[1].tags.join(",")), ("lead".into(), "lead,north".into()));
    assert_eq!(ws.core.store().read(|r| r.tags().all()).expect("readable").len(), 2);
    undo(&ws);
    assert_eq!(ws.contacts()[0].tags, ["lead", "vip"]);
    assert_eq!(tags::delete(&ws.core, "lead", &who()).expect("deleted").0, 2);
    assert!(ws.contacts()[2].tags.is_empty());
    undo(&ws);
    assert_eq!(ws.contacts()[2].tags, ["lead"]);
    tags::rename(&ws.core, "nothing", "x", &who()).expect_err("there is no such tag");
}

#[test]
fn a_field_is_made_retyped_and_deleted_and_its_values_come_back() {
    let ws = filled("Name,Email,Seats\nAna,a@x.example,12\nBo,b@x.example,many\n");
    let promoted = fields::promote(&ws.core, "Seats", "Seats", &who()).expect("promoted");
    assert_eq!(promoted.0, 2);
    let all = ws.contacts();
    assert_eq!((&all[0].custom["seats"], all[0].metadata.as_str()), (&"12".into(), ""));
    let before = ws.hash();
    let changed = fields::change(&ws.core, "seats", "Licences", CustomKind::Number, &who()).expect("retyped");
    assert_eq!((changed.changed, changed.kept), (1, 1), "a word is no number and stays");
    assert_eq!((&ws.contacts()[0].custom["seats"], &ws.contacts()[1].custom["seats"]), (&12.into(), &"many".into()));
    undo(&ws);
    assert_eq!(ws.hash(), before);
    assert_eq!(fields::delete(&ws.core, "seats", &who()).expect("deleted").0, 2);
    assert!(ws.contacts().iter().all(|contact| contact.custom.is_empty()));
    undo(&ws);
    assert_eq!(ws.hash(), before);
    undo(&ws);
    assert!(ws.contacts()[0].metadata.contains("Seats"), "the metadata is as it was");
    let taken = fields::create(&ws.core, "Order ref", CustomKind::Text, &who()).expect_err("it is predefined");
    assert_eq!(taken.message.to_string(), "there is a field order_ref already");
}

#[test]
fn a_chosen_mapping_is_known_again_by_its_header() {
    let ws = Workspace::default();
    let first = ws.file("january.csv", "Who,Mail,Kundennummer\nAna,a@x.example,7\n");
    let mut request = ImportRequest::of(first);
    let found = import::plan(&ws.core, &request, &Unwatched).expect("a plan");
    assert!(!found.is_remembered);
    let chosen = ["name", "email", "new:Customer number"].map(|text| Target::parse(text).expect(text));
    request.targets = Some(chosen.to_vec());
    import::run(&ws.core, &request, &who(), &Unwatched).expect("an import");
    let second = ws.file("february.csv", "Who,Mail,Kundennummer\nBo,b@x.example,8\n");
    let plan = import::plan(&ws.core, &ImportRequest::of(&second), &Unwatched).expect("a plan");
    let targets: Vec<String> = plan.shape.targets.iter().map(ToString::to_string).collect();
    assert_eq!((targets.join(" "), plan.is_remembered), ("name email custom:customer_number".into(), true));
    let other = ws.file("other.csv", "Who,Mail,Other\nBo,b@x.example,8\n");
    assert!(!import::plan(&ws.core, &ImportRequest::of(other), &Unwatched).expect("a plan").is_remembered);
}

#[test]
fn ask_me_changes_only_what_was_decided_for() {
    let ws = filled("Name,Email,Company\nAna,a@x.example,Old\nBo,b@x.example,\nCy,c@x.example,Old\n");
    let file = ws.file("new.csv", "Name,Email,Company\nAna,a@x.example,New\nBo,b@x.example,New\nCy,c@x.example,New\n");
    let mut request = ImportRequest { policy: Policy::Ask, ..ImportRequest::of(file) };
    let plan = import::plan(&ws.core, &request, &Unwatched).expect("a plan");
    assert_eq!((plan.counts.updated, plan.counts.unchanged), (1, 2), "only the blank is filled");
    let contested: Vec<u32> = plan
        .updates
        .iter()
        .filter(|update| !update.contested.is_empty())
        .map(|update| update.position.record)
        .collect();
    assert_eq!(contested, [1, 3], "the others are there to be decided");
    request.wins.insert(3);
    let report = import::run(&ws.core, &request, &who(), &Unwatched).expect("an import");
    assert_eq!((report.counts.updated, report.counts.unchanged), (2, 1));
    let companies: Vec<String> = ws.contacts().into_iter().map(|contact| contact.company).collect();
    assert_eq!(companies, ["Old", "New", "New"]);
}

#[test]
fn every_export_is_in_the_log_with_its_hash() {
    let ws = filled(TAGGED);
    let request =
        ExportRequest { what: "tag:lead".into(), ..ExportRequest::all(ws.files.join("o.vcf"), ExportFormat::Vcard) };
    let report = export::run(&ws.core, &request, &who(), &Unwatched).expect("an export");
    let log = ws.core.store().read(|r| r.export_log().latest(10)).expect("readable");
    let [entry] = &log[..] else { panic!("{log:?}") };
    assert_eq!((entry.format.as_str(), entry.what.as_str(), entry.contacts), ("vcard", "tag:lead", 3));
    assert_eq!((&entry.sha256, entry.actor.as_str()), (&report.sha256, "tester"));
}

#[test]
fn a_preview_says_how_the_file_begins_and_writes_nothing() {
    let ws = filled(TAGGED);
    let file = ws.files.join("o.csv");
    let text = export::preview(&ws.core, &ExportRequest::all(&file, ExportFormat::default()), 2).expect("a preview");
    assert_eq!(text.lines().count(), 3);
    assert!(text.contains(",Ana,a@x.example,"));
    assert!(!file.exists());
}

#[test]
fn the_sample_people_go_with_one_click_and_leave_the_others() {
    let ws = filled(TAGGED);
    sample::load(&ws.core, &who()).expect("loaded");
    assert_eq!(ws.count(), 503);
    assert_eq!(sample::remove(&ws.core, &who()).expect("removed").0, 500);
    assert_eq!(ws.count(), 3);
}

/// A workspace of the first schema, as its version of the program wrote it.
pub(crate) fn older_workspace(dir: &Path, version: u32) {
    use std::os::unix::fs::PermissionsExt;
    let only_mine = |path: &Path, mode| {
        std::fs::set_permissions(path, std::fs::Permissions::from_mode(mode)).expect("a mode");
    };
    std::fs::create_dir(dir).expect("a folder");
    only_mine(dir, 0o700);
    for file in ["cardfile.db", "keyslots.json"] {
        let from = project().join(format!("tests/fixtures/workspace-{version}")).join(file);
        std::fs::copy(from, dir.join(file)).expect("copied");
        only_mine(&dir.join(file), 0o600);
    }
}

#[test]
fn an_older_workspace_is_backed_up_brought_up_to_date_and_whole() {
    let temp = tempfile::tempdir().expect("a folder");
    let dir = temp.path().join("older");
    older_workspace(&dir, 1);
    let (core, opening) = cardfile_core::Core::open(&dir, None, environment()).expect("opened");
    let backup = opening.backup.expect("a backup of the old state");
    let (all, _) = core.store().read(|r| r.contacts().count()).expect("readable");
    assert_eq!(all, 2);
    core.store().verify().expect("whole");
    assert!(core.store().read(|r| r.export_log().latest(1)).expect("the new table").is_empty());
    drop(core);
    // The backup is the old state: restored, it is brought up to date again.
    let restored = temp.path().join("restored");
    let (core, manifest) = cardfile_core::Core::restore(&backup, &restored, None, environment()).expect("restored");
    assert_eq!(manifest.contacts, 2);
    assert_eq!(core.store().read(|r| r.contacts().count()).expect("readable").0, 2);
}

#[test]
fn a_workspace_of_schema_12_is_brought_up_to_date_with_everything_in_it() {
    let temp = tempfile::tempdir().expect("a folder");
    let dir = temp.path().join("kept");
    older_workspace(&dir, 12);
    let (core, opening) = cardfile_core::Core::open(&dir, None, environment()).expect("opened");
    assert!(opening.backup.is_some(), "it was brought up to date");
    core.store().verify().expect("whole");
    ana_is_there(&core);
    let leads = cardfile_core::segments::find(&core, "leads").expect("a view");
    assert_eq!((leads.filter.as_str(), leads.purpose.as_str()), ("tier:VIP", "Spring offer"));
    let apart = core.store().read(|r| r.parts().of_nobody::<cardfile_domain::duplicate::Distinction>());
    assert_eq!(apart.expect("readable").len(), 1);
    let rule = cardfile_core::automations::find(&core, "engaged after 3 chats").expect("a rule");
    assert_eq!(rule.filter, "conversations:>=3");
    let bo = contact::find(&core, "bo@nordvik.example").expect("he").contact;
    assert_eq!((bo.stage.as_str(), bo.stage_by), ("customer", cardfile_domain::StageBy::Hand));
    assert!(contact::find(&core, "other@x.example").expect("it").contact.archived_at.is_some());
    let friends = remotes::find(&core, "Friends").expect("a connection");
    assert_eq!(friends.settings.mapping.0["phone"].purpose.as_deref(), Some("sales"));
    let runs = running::past(&core, &friends, 5).expect("runs");
    assert_eq!((runs.len(), runs[0].end.as_ref()), (1, Some(&cardfile_sync::run::End::Done)));
    let linked = core.store().read(|r| r.pairs().count_linked(friends.kept.row)).expect("readable");
    assert_eq!(linked, runs[0].counts.pushed);
}

#[rstest]
#[case(4)]
#[case(5)]
#[case(6)]
#[case(7)]
#[case(8)]
#[case(9)]
#[case(12)]
#[case(13)]
fn a_workspace_of_a_schema_before_keeps_every_part(#[case] version: u32) {
    let temp = tempfile::tempdir().expect("a folder");
    let dir = temp.path().join("kept");
    older_workspace(&dir, version);
    let (core, opening) = cardfile_core::Core::open(&dir, None, environment()).expect("opened");
    assert!(opening.backup.is_some(), "it was brought up to date");
    core.store().verify().expect("whole");
    ana_is_there(&core);
}

fn ana_is_there(core: &cardfile_core::Core) {
    let ana = contact::find(core, "V-17").expect("she");
    assert_eq!((ana.contact.name.as_str(), ana.contact.tier.as_str()), ("Ana García", "VIP"));
    assert_eq!(ana.contact.verified_by, "passport seen");
    let parts: Vec<(&str, u32)> =
        parts::count(core, &ana).expect("counts").into_iter().map(|(kind, n)| (kind.as_str(), n)).collect();
    for kind in ["note", "task", "memory", "conversation", "placement"] {
        assert!(parts.contains(&(kind, 1)), "{kind}: {parts:?}");
    }
}
