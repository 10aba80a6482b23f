//! Systems that a manifest describes, from a script: forms, faults with their places, and what
//! belongs to contacts.

use crate::{remote_cli::cardfile, vendor_scene::filled};
use cardfile_testkit::{project, vendors::Vendor};
use serde_json::{Value, json};

#[test]
fn a_vendor_is_connected_by_its_form_and_what_belongs_to_contacts_is_fetched() {
    let fake = filled(Vendor::ChatBotKit, 3);
    fake.add("u-1", "memory", json!({ "id": "y1", "text": "Prefers mornings", "createdAt": 1_795_165_200_000_i64 }));
    let temp = tempfile::tempdir().expect("a folder");
    let dir = temp.path().join("workspace");
    assert_eq!(cardfile(&dir, &["init", "--unprotected"]).code, 0);
    let fields: Vec<String> = fake.settings().iter().map(|(name, value)| format!("{name}={value}")).collect();
    let mut add = vec!["remote", "add", "Bots", "--kind", "chatbotkit"];
    for field in &fields {
        add.extend(["--field", field.as_str()]);
    }
    let added = cardfile(&dir, &add);
    assert_eq!(added.code, 0, "{}", added.all);
    assert!(!added.all.contains("cbk-secret"), "{}", added.all);
    assert_eq!(cardfile(&dir, &["remote", "map", "Bots", "--send", "all"]).code, 0);
    assert_eq!(cardfile(&dir, &["remote", "enable", "Bots", "--override", "it is a test"]).code, 0);
    assert_eq!(cardfile(&dir, &["sync", "Bots"]).code, 0);
    assert_eq!(cardfile(&dir, &["list"]).out.lines().count(), 3);
    let fetched = cardfile(&dir, &["remote", "fetch", "Bots", "--json"]).only();
    assert_eq!((&fetched["fetched"]["contacts"], &fetched["fetched"]["memories"]), (&json!(3), &json!(1)));
    let operation = fetched["operation"].as_str().expect("one step");
    assert_eq!(cardfile(&dir, &["undo", operation]).code, 0);
    let filled = cardfile(&dir, &["remote", "fill", "Bots", "--field", "requests=600"]);
    assert_eq!(filled.out.trim(), format!("Bots talks to {}", fake.address()));
}

#[test]
fn a_manifest_is_looked_at_before_it_is_used_and_each_fault_has_its_place() {
    let temp = tempfile::tempdir().expect("a folder");
    let dir = temp.path().join("workspace");
    let kinds = cardfile(&dir, &["remote", "kinds"]).out;
    for kind in Vendor::ALL.map(Vendor::kind).iter().chain(&["generic", "carddav", "postgres"]) {
        assert!(kinds.lines().any(|line| line.starts_with(&format!("{kind}  "))), "{kind}: {kinds}");
    }
    let schema: Value = serde_json::from_str(&cardfile(&dir, &["remote", "manifest"]).out).expect("a JSON Schema");
    assert!(schema["properties"]["connector"].is_object(), "{schema}");

    let file = project().join("tests/fixtures/manifests/tallybook.toml");
    let looked = cardfile(&dir, &["remote", "manifest", file.to_str().expect("a path")]);
    assert_eq!(looked.code, 0, "{}", looked.all);
    for said in ["Tallybook (version 1) can be used", "shop, has to be filled in", "Taken to be so: limits"] {
        assert!(looked.out.contains(said), "{said}: {}", looked.out);
    }
    let text = std::fs::read_to_string(&file).expect("a manifest");
    let wrong = text.replace("token = \"key\"", "token = \"shop\"");
    let line = wrong.lines().position(|line| line == "token = \"shop\"").expect("it is there") + 1;
    let file = temp.path().join("wrong.toml");
    std::fs::write(&file, wrong).expect("a file");
    let looked = cardfile(&dir, &["remote", "manifest", file.to_str().expect("a path")]);
    assert_eq!(looked.code, 2);
    assert!(looked.all.contains(&format!("line {line}, column 1: auth.token: ")), "{}", looked.all);
}
