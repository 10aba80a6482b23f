//! Views: search, filters and sorting answer what SQL-free people expect, and
//! follow every write, also those of another program.

use cardfile_core::{
    Core, contact, history, import, import::ImportRequest, progress::Unwatched, view, view::ViewRequest,
};
use cardfile_testkit::{Workspace, environment, who};
use rstest::rstest;

const PEOPLE: &str = "id,name,email,phone,company,source,first_seen,last_seen,conversation_count,tags,page_url,ip_country,custom.plan,custom.mrr\n\
ctc_00000001,José García,jose@solvento.example,+34 612 408 177,Solvento,widget,2026-10-01T00:00:00Z,2026-11-20T08:00:00Z,7,\"lead,vip\",,ES,pro,90\n\
ctc_00000002,张志强,zhang@linghai.example,+86 138 1027 4416,Linghai Trading,api,2025-01-01T00:00:00Z,2026-11-01T00:00:00Z,2,,,CN,free,0\n\
ctc_00000003,Łukasz Wójcik,lukasz@dachy.example,,Wójcik Dachy,widget,2024-01-01T00:00:00Z,2026-01-01T00:00:00Z,4,\"lead\",,PL,pro,120\n\
ctc_00000004,Ängel Müller,,0771 612 000,,import,,,0,,,,,\n\
ctc_00000005,,info@garcia.example,,Garcia & Co,api,2026-11-21T00:00:00Z,2026-11-21T07:00:00Z,1,\"big customer\",,ES,free,9\n";

fn workspace() -> Workspace {
    let ws = Workspace::default();
    let file = ws.file("people.csv", PEOPLE);
    import::run(&ws.core, &ImportRequest::of(&file), &who(), &Unwatched).expect("an import");
    ws
}

/// The last digits of the ids, in order.
fn list(core: &Core, query: &str, filter: &str, sort: &str) -> String {
    let sort = sort.split(',').filter(|key| !key.is_empty()).map(str::to_owned).collect();
    let request = ViewRequest { query: query.into(), filter: filter.into(), sort, ..ViewRequest::default() };
    let (_, rows) = view::resolve(core, &request).expect("a view");
    let contacts = view::contacts(core, &rows).expect("contacts");
    contacts.iter().flatten().map(|s| s.contact.id.as_str().chars().last().expect("an id")).collect()
}

#[rstest]
#[case("jose", "1")]
#[case("garcia", "15")]
#[case("志强", "2")]
#[case("强", "2")]
#[case("lukasz wojcik", "3")]
#[case("612408", "1")]
#[case("0771", "4")]
#[case("612", "14")]
#[case("linghai", "2")]
#[case("big cust", "5")]
#[case("ctc_00000003", "3")]
#[case("ctc_0000", "12345")]
#[case("@solvento", "1")]
#[case("", "12345")]
#[case("nobody", "")]
fn finds_by_any_part_of_what_people_know(#[case] query: &str, #[case] expected: &str) {
    assert_eq!(list(&workspace().core, query, "", ""), expected);
}

#[rstest]
#[case("source:widget,api", "1235")]
#[case("source:Widget", "13")]
#[case("seen:<30d", "125")]
#[case("seen:>90d", "34")]
#[case("seen:today", "5")]
#[case("created:today", "12345")]
#[case("first_seen:2025-01-01..2026-10-02", "12")]
#[case("conversations:>3", "13")]
#[case("conversations:1..4", "235")]
#[case("tag:lead", "13")]
#[case("tag:vip,\"big customer\"", "15")]
#[case("not tag:lead", "245")]
#[case("tag:none", "24")]
#[case("email:none", "4")]
#[case("phone:none", "35")]
#[case("company:~garcia", "5")]
#[case("company:none", "4")]
#[case("name:none", "5")]
#[case("plan:pro", "13")]
#[case("custom.mrr:>=90", "13")]
#[case("mrr:none", "4")]
#[case("country:es", "15")]
#[case("source:widget seen:<90d conversations:>3", "1")]
#[case("(tag:vip or company:~linghai) not source:api", "1")]
fn filters(#[case] filter: &str, #[case] expected: &str) {
    assert_eq!(list(&workspace().core, "", filter, ""), expected);
}

#[rstest]
#[case("name", "41325")]
#[case("-name", "52314")]
#[case("-last_seen", "51234")]
#[case("conversation_count", "45231")]
#[case("-mrr", "43152")]
#[case("company", "52134")]
#[case("source,-name", "52431")]
fn sorts_by_any_column(#[case] sort: &str, #[case] expected: &str) {
    assert_eq!(list(&workspace().core, "", "", sort), expected);
}

#[test]
fn a_view_follows_every_write_also_of_another_program() {
    let ws = workspace();
    assert_eq!(list(&ws.core, "garcia", "", ""), "15");
    let id = contact::find(&ws.core, "ctc_00000001").expect("there").contact.id;
    contact::edit(&ws.core, &id, "name", "José Pérez".into(), &who()).expect("an edit");
    assert_eq!(list(&ws.core, "garcia", "", ""), "5");
    history::undo(&ws.core, None, &who()).expect("an undo");
    assert_eq!(list(&ws.core, "garcia", "", ""), "15");

    let (other, _) = Core::open(&ws.dir, None, environment()).expect("another program");
    let row = contact::find(&other, "ctc_00000005").expect("there").row;
    contact::bin(&other, &[row], &who()).expect("binned");
    assert_eq!(list(&ws.core, "garcia", "", ""), "1");
    assert_eq!(list(&ws.core, "", "source:api", ""), "2");
    contact::restore(&other, &[row], &who()).expect("restored");
    assert_eq!(list(&ws.core, "garcia", "", "-last_seen"), "51");
}

#[test]
fn an_open_view_is_a_snapshot_and_a_window_of_it_is_a_slice() {
    let ws = workspace();
    let request = ViewRequest { sort: vec!["name".into()], ..ViewRequest::default() };
    let opened = view::open(&ws.core, &request).expect("a view");
    assert_eq!((opened.total, opened.sentence.to_string().as_str()), (5, "All contacts"));
    let window = view::rows(&ws.core, opened.view, 1, 3).expect("rows");
    let names: Vec<&str> = window.iter().flatten().map(|row| row.name.as_str()).collect();
    assert_eq!(names, ["José García", "Łukasz Wójcik"]);
    assert!(view::rows(&ws.core, opened.view, 4, 99).expect("rows").len() == 1, "a window ends with the view");
}
