//! Privacy from a script: what the commands print and what they end with.

use crate::remote_cli::cardfile;
use serde_json::json;

#[test]
fn a_request_is_registered_decided_and_audited_from_a_script() {
    let temp = tempfile::tempdir().expect("a folder");
    let dir = temp.path().join("workspace");
    let run = |arguments: &[&str]| cardfile(&dir, arguments);
    assert_eq!(run(&["init", "--unprotected"]).code, 0);
    let list = temp.path().join("people.csv");
    std::fs::write(&list, "name,email\nAna,ana@x.example\nBo,bo@x.example\n").expect("writable");
    assert_eq!(run(&["import", list.to_str().expect("a path")]).code, 0);

    assert_eq!(run(&["purpose", "put", "newsletter", "--name", "Our newsletter", "--marketing", "true"]).code, 0);
    let text = temp.path().join("wording.txt");
    std::fs::write(&text, "May we write to you?").expect("writable");
    let wording = run(&["purpose", "wording", "newsletter", text.to_str().expect("a path")]);
    assert!(wording.out.starts_with("version 1, SHA-256 "), "{}", wording.all);
    assert_eq!(run(&["consent", "give", "ana@x.example", "newsletter", "--channel", "paper"]).code, 0);
    let shown = run(&["consent", "show", "ana@x.example", "--json"]).only();
    let entry = &shown["ledger"][0];
    assert_eq!((&entry["given"], &entry["wording"], &entry["channel"]), (&json!(true), &json!(1), &json!("paper")));
    assert_eq!(run(&["consent", "give", "ana@x.example", "letters"]).code, 2, "a purpose that is not there");

    let added = run(&["request", "add", "objection", "ana@x.example", "--purpose", "newsletter"]);
    let id = added.out.trim();
    assert!(id.starts_with("req_"), "{}", added.all);
    assert_eq!(run(&["request", "approve", id]).code, 3, "who asks is not known");
    assert_eq!(run(&["request", "identity", id, "wrote from her address"]).code, 0);
    assert_eq!(run(&["request", "approve", id]).code, 0);
    assert_eq!(run(&["request", "done", id]).code, 0);
    let detail = run(&["request", "show", id, "--json"]).only();
    assert_eq!((&detail["request"]["state"], &detail["cards"]), (&json!("done"), &json!(1)));
    let out = temp.path().join("out.csv");
    let export = ["export", out.to_str().expect("a path"), "--purpose", "newsletter", "--json"];
    let report = run(&export).only();
    assert_eq!((&report["contacts"], &report["withheld"]), (&json!(0), &json!(2)));

    let verified = run(&["audit", "verify"]);
    assert_eq!(verified.code, 0, "{}", verified.all);
    assert!(!run(&["audit", "list"]).out.contains("ana@"));
    let log = temp.path().join("audit.jsonl");
    let log = log.to_str().expect("a path");
    assert_eq!(run(&["audit", "export", log]).code, 0);
    assert_eq!(run(&["audit", "verify", log]).code, 0);
    let text = std::fs::read_to_string(log).expect("readable").replacen("consent_given", "consent_taken", 1);
    std::fs::write(log, text).expect("writable");
    assert_eq!(run(&["audit", "verify", log]).code, 3);
}
