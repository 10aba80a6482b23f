//! Many contacts at once, in and out (A-15): what became of each record, one step of the history,
//! and a file that leaves out who may not be used.

use cardfile_core::{
    clients::{NewClient, Scope},
    history,
    privacy::{
        consent::{self, Saying},
        purposes, restriction,
    },
};
use cardfile_domain::{
    consent::Purpose,
    restriction::{Restriction, Sort},
};
use cardfile_testkit::{
    door::{OpenDoor, Program, id},
    hash_of,
    http::Message,
    who,
};
use serde_json::{Value, json};

/// Looks at a job that has not ended.
const LOOKS: u32 = 100_000;

fn import(program: &Program, query: &str, kind: &str, body: &str) -> (u16, Value) {
    let path = format!("/v1/contacts/import{query}");
    let answer = program.ask("POST", &path, &[("Content-Type", kind)], body.as_bytes());
    (answer.status(), serde_json::from_slice(&answer.body).expect("JSON"))
}

fn counts(report: &Value) -> [u64; 6] {
    ["created", "updated", "unchanged", "duplicate", "suppressed", "rejected"]
        .map(|name| report[name].as_u64().expect("a count"))
}

fn people(count: u32) -> String {
    let mut rows = "name,email,external_id:shop\n".to_owned();
    for n in 0..count {
        rows.push_str(&format!("Person {n},p{n}@x.example,V-{n}\n"));
    }
    rows
}

#[test]
fn five_thousand_come_in_one_call_and_go_in_one_step() {
    let door = OpenDoor::default();
    let program = door.owner();
    let before = hash_of(&door.core);
    let rows = people(5_000);
    let (status, plan) = import(&program, "?dry_run=true", "text/csv", &rows);
    assert_eq!((status, counts(&plan)), (200, [5_000, 0, 0, 0, 0, 0]));
    assert_eq!((&plan["dry_run"], &plan["operation"]), (&json!(true), &Value::Null));
    assert_eq!(hash_of(&door.core), before, "a dry run writes nothing");

    let (status, report) = import(&program, "", "text/csv", &rows);
    assert_eq!((status, counts(&report)), (200, [5_000, 0, 0, 0, 0, 0]));
    let results = report["results"].as_array().expect("results");
    assert_eq!((results.len(), &report["results_left_out"]), (5_000, &json!(0)));
    let last = &results[4_999];
    assert_eq!((&last["record"], &last["line"]), (&json!(5_000), &json!(5_001)));
    let own = last["contact_id"].as_str().expect("whom it made");
    assert_eq!(program.get(&format!("/v1/contacts/{own}"))["name"], "Person 4999");

    let (_, again) = import(&program, "", "text/csv", &rows);
    assert_eq!((counts(&again), &again["operation"]), ([0, 0, 5_000, 0, 0, 0], &Value::Null));
    let operation = report["operation"].as_str().expect("a step");
    history::undo(&door.core, Some(operation), &who()).expect("undone");
    assert_eq!(hash_of(&door.core), before);
}

#[test]
fn a_record_that_cannot_be_taken_is_named_and_the_others_are_taken() {
    let door = OpenDoor::default();
    let program = door.owner();
    let rows = "{\"name\":\"Ana\",\"email\":\"ana@x.example\"}\n{\"name\":\"Bo\",\"email\":\"bo\"}\n{\"name\":\"Cy\",\
                \"email\":\"cy@x.example\"}\n{\"email\":\"ANA@x.example\",\"company\":\"Solvento\"}\nno json\n";
    let (status, report) = import(&program, "", "application/x-ndjson", rows);
    assert_eq!((status, report["records"].as_u64()), (200, Some(5)), "{report}");
    let told: Vec<(&str, bool)> = report["results"]
        .as_array()
        .expect("results")
        .iter()
        .map(|one| (one["outcome"].as_str().expect("an outcome"), one["message"].is_string()))
        .collect();
    assert_eq!(told.iter().filter(|one| **one == ("rejected", true)).count(), 2, "{told:?}");
    assert_eq!(told.iter().filter(|(_, is_said)| *is_said).count(), 2, "{told:?}");
    let sum: u64 = counts(&report).iter().sum();
    assert_eq!(sum, 5, "the counts add up");
    assert_eq!(door.contacts().iter().map(|one| one.name.as_str()).collect::<Vec<_>>(), ["Ana", "Cy"]);
    assert_eq!(door.contacts()[0].company, "Solvento");
    let (_, list) = import(&program, "", "application/json", r#"[{"name":"Di","email":"di@x.example"}]"#);
    assert_eq!(counts(&list), [1, 0, 0, 0, 0, 0]);
}

#[test]
fn whom_a_record_was_about_is_told_to_who_may_read_contacts() {
    let door = OpenDoor::default();
    let loader = door.program("loader", &[Scope::Import]);
    let rows = "name,email\nAna,ana@x.example\n";
    for query in ["", "?dry_run=true"] {
        let (status, report) = import(&loader, query, "text/csv", rows);
        assert_eq!((status, &report["results"][0]["contact_id"]), (200, &Value::Null), "{report}");
    }
    let (_, report) = import(&door.owner(), "", "text/csv", rows);
    assert_eq!(report["results"][0]["contact_id"], door.contacts()[0].id.as_str());
}

#[test]
fn records_are_known_by_what_the_program_says() {
    let door = OpenDoor::default();
    let program = door.owner();
    let ana = program.contact(&json!({ "name": "Ana", "email": "ana@x.example",
        "external_ids": [{ "remote": "shop", "id": "V-1" }] }));
    // By the external ID alone: the email belongs to somebody else, and decides nothing.
    let rows = "name,email,external_id:shop,company\nAna,other@x.example,V-1,Solvento\n";
    let (status, report) = import(&program, "?key=external_id:shop&policy=newest", "text/csv", rows);
    assert_eq!((status, counts(&report)), (200, [0, 1, 0, 0, 0, 0]), "{report}");
    assert_eq!(report["results"][0]["contact_id"], ana.as_str());
    assert_eq!(door.contact(&ana).company, "Solvento");
    let rows = "name,email\nAna Ruiz,ana@x.example\n";
    let (_, report) = import(&program, "?key=email&policy=newest", "text/csv", rows);
    assert_eq!(counts(&report), [0, 1, 0, 0, 0, 0]);
    assert_eq!(door.contact(&ana).name, "Ana Ruiz");
    assert_eq!(import(&program, "?key=shoe", "text/csv", rows).0, 400);
    assert_eq!(import(&program, "?policy=best", "text/csv", rows).0, 400);
    assert_eq!(import(&program, "", "text/csv", "one,two\n1,2\n").0, 422);
}

#[test]
fn an_import_that_is_asked_again_is_not_done_twice() {
    let door = OpenDoor::default();
    let program = door.owner();
    let ask = || {
        let headers = [("Content-Type", "text/csv"), ("Idempotency-Key", "monday")];
        program.ask("POST", "/v1/contacts/import", &headers, people(10).as_bytes())
    };
    let (first, second) = (ask(), ask());
    assert_eq!(second.header("idempotency-replayed"), Some("true"));
    let body = |answer: &Message| serde_json::from_slice::<Value>(&answer.body).expect("JSON");
    assert_eq!(counts(&body(&first)), counts(&body(&second)));
    assert_eq!(body(&second)["results_left_out"], 10, "of the records nothing is kept");
    assert_eq!(door.contacts().len(), 10);
}

fn ended(program: &Program, job: &str) -> Value {
    for _ in 0..LOOKS {
        let job = program.get(&format!("/v1/jobs/{job}"));
        if job["status"] != "running" {
            return job;
        }
    }
    panic!("the job does not end");
}

fn export(program: &Program, wanted: &Value) -> (Value, Message) {
    let (status, job) = program.send("POST", "/v1/contacts/export", wanted);
    assert_eq!(status, 202, "{job}");
    let job = ended(program, &id(&job));
    assert_eq!(job["status"], "done", "{job}");
    let file = program.ask("GET", job["file"].as_str().expect("a file"), &[], b"");
    (job, file)
}

#[test]
fn an_export_is_a_job_whose_file_is_fetched_once() {
    let door = OpenDoor::default();
    let program = door.owner();
    import(&program, "", "text/csv", &people(100));
    for (format, kind) in [
        ("csv", "text/csv; charset=utf-8"),
        ("ndjson", "application/x-ndjson"),
        ("vcard", "text/vcard; charset=utf-8"),
        ("everything", "application/x-ndjson"),
        ("xlsx", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
    ] {
        let (job, file) = export(&program, &json!({ "format": format }));
        assert_eq!((file.status(), file.header("content-type")), (200, Some(kind)), "{format}");
        assert_eq!(job["result"]["contacts"], 100, "{format}");
        assert_eq!(job["result"]["bytes"].as_u64(), Some(file.body.len() as u64), "{format}");
        let gone = program.refused("GET", &format!("/v1/jobs/{}/file", id(&job)), &Value::Null);
        assert_eq!(gone, (404, "not_found".to_owned()), "{format}");
    }
    let (_, some) = export(&program, &json!({ "q": "Person 7", "columns": ["name", "email"], "sort": ["-name"] }));
    let text = some.text();
    let lines: Vec<&str> = text.lines().collect();
    assert_eq!((lines.len(), lines[1]), (20, "Person 97,p97@x.example"), "{text}");
    let jobs = program.get("/v1/jobs");
    assert_eq!(jobs["total"], 6);
    let other = door.program("other", Scope::ALL);
    let job = id(&jobs["data"][0]);
    assert_eq!(other.refused("GET", &format!("/v1/jobs/{job}"), &Value::Null).0, 404, "jobs are of one client");
    assert_eq!(program.send("DELETE", &format!("/v1/jobs/{job}"), &Value::Null).0, 202);
    let logged = door.core.store().read(|r| r.export_log().all()).expect("a log");
    assert_eq!(logged.len(), 6, "each file that left is in the log");
}

#[test]
fn a_file_is_not_handed_out_once_somebody_was_erased_or_restricted() {
    let door = OpenDoor::default();
    let program = door.owner();
    import(&program, "", "text/csv", &people(3));
    let own: Vec<String> = door.contacts().iter().map(|one| one.id.to_string()).collect();
    let erase = || assert_eq!(program.send("DELETE", &format!("/v1/contacts/{}", own[0]), &Value::Null).0, 200);
    let restrict = || {
        let one = Restriction { sort: Sort::Restricted, reason: "asked for it".into(), ..Restriction::default() };
        restriction::put(&door.core, &[door.row(&own[1])], &one, &who()).expect("restricted");
    };
    let deeds: [&dyn Fn(); 2] = [&erase, &restrict];
    for deed in deeds {
        let (status, job) = program.send("POST", "/v1/contacts/export", &json!({ "format": "csv" }));
        assert_eq!(status, 202, "{job}");
        let job = ended(&program, &id(&job));
        let file = job["file"].as_str().expect("a file");
        deed();
        for _ in 0..2 {
            assert_eq!(program.refused("GET", file, &Value::Null), (409, "refused".to_owned()));
        }
        assert_eq!(program.get(&format!("/v1/jobs/{}", id(&job)))["file"], Value::Null, "it is gone");
    }
    let (job, file) = export(&program, &json!({ "format": "csv" }));
    assert_eq!((&job["result"]["contacts"], file.status()), (&json!(1), 200), "another one has who is left");
}

#[test]
fn a_file_for_a_purpose_is_not_handed_out_once_somebody_took_their_consent_to_it_back() {
    let door = OpenDoor::default();
    let newsletter = crate::privacy_consent::newsletter();
    let survey = Purpose { key: "survey".into(), name: "Our survey".into(), ..newsletter.clone() };
    for purpose in [&newsletter, &survey] {
        purposes::put(&door.core, purpose, &who()).expect("a purpose");
    }
    let owner = door.owner();
    let ana = owner.contact(&json!({ "name": "Ana" }));
    owner.make("/v1/segments", &json!({ "name": "Letter", "purpose": "newsletter" }));
    let letters = NewClient { purpose: "newsletter".into(), ..NewClient::new("letters", Scope::ALL) };
    let letters = door.program_of(&letters);
    let say = |purpose: &str, given| {
        door.clock.pass_minutes(1);
        let saying = Saying { purpose: purpose.into(), given, channel: "email".into(), ..Saying::default() };
        consent::record(&door.core, &ana, &saying, &who()).expect("written down");
    };
    let made = |program: &Program, wanted: Value| {
        let (status, job) = program.send("POST", "/v1/contacts/export", &wanted);
        assert_eq!(status, 202, "{job}");
        let job = ended(program, &id(&job));
        (job["result"]["contacts"].clone(), job["file"].as_str().expect("a file").to_owned())
    };
    for (program, wanted) in [
        (&letters, json!({})),
        (&owner, json!({ "purpose": "newsletter" })),
        (&owner, json!({ "segment": "Letter" })),
        (&owner, json!({ "segment": "Letter", "purpose": "survey" })),
    ] {
        say("newsletter", true);
        say("survey", true);
        let ((count, file), (_, plain)) = (made(program, wanted.clone()), made(&owner, json!({})));
        assert_eq!(count, 1, "{wanted}");
        say("newsletter", false);
        for _ in 0..2 {
            assert_eq!(program.refused("GET", &file, &Value::Null), (409, "refused".to_owned()), "{wanted}");
        }
        assert_eq!(owner.ask("GET", &plain, &[], b"").status(), 200, "a file for nothing else is handed out");
    }
    // What is said of another purpose is no matter of this one.
    say("newsletter", true);
    let (_, file) = made(&letters, json!({}));
    say("survey", false);
    assert_eq!(letters.ask("GET", &file, &[], b"").status(), 200);
}

#[test]
fn notes_leave_with_a_file_only_where_they_may_be_read() {
    let door = OpenDoor::default();
    let program = door.program("backup", &[Scope::Export, Scope::ContactsRead, Scope::TasksRead]);
    assert_eq!(program.refused("POST", "/v1/contacts/export", &json!({ "format": "everything" })).0, 403);
    let newsletter = json!({ "purpose": "newsletter" });
    let (status, problem) = program.send("POST", "/v1/contacts/export", &newsletter);
    assert_eq!((status, &problem["issues"][0]["field"]), (422, &json!("purpose")));
}
