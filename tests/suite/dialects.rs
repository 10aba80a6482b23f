//! Every dialect is recognised by itself and every record of it is accounted for.

use cardfile_core::{contact, import, import::ImportRequest, progress::Unwatched};
use cardfile_testkit::{Workspace, project, who};
use rstest::rstest;
use std::path::PathBuf;

fn fixture(name: &str) -> PathBuf {
    project().join("tests/fixtures/csv").join(name)
}

#[rstest]
#[case("cardfile.csv", "cardfile", 2)]
#[case("google.csv", "google", 2)]
#[case("google_legacy.csv", "google_legacy", 2)]
#[case("google_outlook.csv", "google_outlook", 1)]
#[case("outlook_com.csv", "outlook_com", 1)]
#[case("outlook.csv", "outlook", 1)]
#[case("hubspot.csv", "hubspot", 2)]
#[case("salesforce.csv", "salesforce", 1)]
#[case("linkedin.csv", "linkedin", 2)]
#[case("mailchimp.csv", "mailchimp", 1)]
#[case("thunderbird.csv", "thunderbird", 1)]
fn a_programs_file_needs_no_click(#[case] name: &str, #[case] dialect: &str, #[case] records: u32) {
    let ws = Workspace::default();
    let request = ImportRequest { rejects: Some(ws.files.join("rejects")), ..ImportRequest::of(fixture(name)) };
    let plan = import::plan(&ws.core, &request, &Unwatched).expect("a plan");
    assert_eq!(plan.shape.dialect, Some(dialect));
    let report = import::run(&ws.core, &request, &who(), &Unwatched).expect("an import");
    assert_eq!((report.counts.records, report.counts.created), (records, records), "{:?}", plan.rejects);
    let again = import::run(&ws.core, &request, &who(), &Unwatched).expect("an import");
    assert_eq!((again.counts.unchanged, again.operation.is_none()), (records, true), "the same file writes nothing");
}

/// The contact with this external ID or email, as JSON.
fn imported(name: &str, email: &str) -> serde_json::Value {
    let ws = Workspace::default();
    let request = ImportRequest { rejects: Some(ws.files.join("rejects")), ..ImportRequest::of(fixture(name)) };
    import::run(&ws.core, &request, &who(), &Unwatched).expect("an import");
    let row = ws.core.store().read(|r| r.contacts().row_of_email(email)).expect("readable").expect("there");
    let stored = ws.core.store().read(|r| r.contacts().get(row)).expect("readable").expect("there");
    assert_eq!(contact::find(&ws.core, stored.contact.id.as_str()).expect("found"), stored);
    serde_json::to_value(stored.contact).expect("json")
}

#[test]
fn google_gives_every_value_with_its_label() {
    let ines = imported("google.csv", "ines@azulejaria.example");
    assert_eq!(ines["name"], "Inês Conceição");
    assert_eq!(ines["email"][0]["label"], "work");
    assert_eq!(ines["email"][1]["value"], "ines.c@correio.example");
    assert_eq!(ines["address"][0]["address"]["city"], "Porto");
    assert_eq!(ines["tags"], serde_json::json!(["Clientes"]));
    assert_eq!(ines["date"][0], serde_json::json!({ "label": "birthday", "value": "1987-05-14" }));
    assert_eq!(ines["date"][1]["label"], "Anniversary");
    assert_eq!(ines["description"], "Likes tiles.\nCalls on Mondays");
    let chen = imported("google.csv", "chen@linghai.example");
    assert_eq!(chen["name"], "陈雨桐", "the family name comes first");
    assert_eq!(chen["date"][0]["value"], "--02-29", "a birthday may lack its year");
}

#[test]
fn other_programs_keep_what_we_have_no_field_for() {
    let hannah = imported("hubspot.csv", "hannah@gronli.example");
    assert_eq!(hannah["external_id"], serde_json::json!([{ "connector": "hubspot", "external_id": "3051" }]));
    assert_eq!(hannah["stage"], "Customer");
    assert!(hannah["metadata"].as_str().expect("json").contains("Marta Ruiz"), "the owner is kept");
    let siobhan = imported("outlook.csv", "siobhan@briain.example");
    assert_eq!(siobhan["address"][0]["address"]["street"], "1 Quay Street\nFloor 2");
    assert_eq!(siobhan["tags"], serde_json::json!(["Clients", "Golf"]));
    let ella = imported("mailchimp.csv", "ella@finch.example");
    assert_eq!(ella["tags"], serde_json::json!(["VIP", "Blog"]));
    assert!(!ella.to_string().contains("203.0.113.9"), "an IP address is not kept");
    let sarka = imported("thunderbird.csv", "sarka@novakova.example");
    assert_eq!(sarka["email"][1]["value"], "sarka@doma.example");
    assert_eq!(sarka["address"][0]["label"], "home");
}
