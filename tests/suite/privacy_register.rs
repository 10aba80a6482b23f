//! The register of processing, the audit log as a file that anybody can check, and who is
//! affected when something is lost.

use crate::{
    identity::{card, named},
    privacy_consent::{newsletter, record},
    sync_scene::{NAME, edit, linked, sync},
};
use cardfile_core::{
    Code, bin,
    commands::dispatch,
    contact,
    export::{self, ExportFormat, ExportRequest},
    privacy::{
        audit,
        breach::{self, Incident, What},
        erasure::{self, Reason},
        processing::{self, Controller, Location},
        purposes, restriction,
    },
    progress::Unwatched,
    session::{ProtectBy, Session},
    sync::remotes,
};
use cardfile_domain::{Contact, ContactId, Item, Millis, consent::Purpose, restriction::Restriction, time::DateOrder};
use cardfile_testkit::{Workspace, english, environment, who};
use serde_json::{Value, json};

fn at(text: &str) -> Millis {
    Millis::parse(text, DateOrder::DayFirst).expect("a time")
}

#[test]
fn an_audit_log_that_was_exported_shows_every_byte_that_was_changed() {
    let ws = Workspace::default();
    let core = &ws.core;
    let id = card(core, named("Ana Ruiz"));
    purposes::put(core, &newsletter(), &who()).expect("a purpose");
    record(&ws, &id, "newsletter", true);
    record(&ws, &id, "newsletter", false);
    let one = Restriction { reason: "asked".into(), ..Restriction::default() };
    restriction::put(core, &contact::rows(core, &[id]).expect("a row"), &one, &who()).expect("restricted");
    let file = ws.files.join("audit.jsonl");
    let written = audit::export(core, &file, &who()).expect("a file");
    assert_eq!((written.entries, written.broken), (4, None));
    assert_eq!(audit::check_file(&file).expect("checked"), written);
    let checked = audit::check(core).expect("checked");
    assert_eq!((checked.entries, checked.broken), (5, None), "that it was exported is an entry as well");

    let text = std::fs::read_to_string(&file).expect("readable");
    assert!(!text.contains("Ana") && !text.contains("ctc_"), "{text}");
    let lines: Vec<&str> = text.lines().collect();
    let fails = |what: &str, text: String| {
        let passes = audit::check_file(&ws.file("damaged.jsonl", text)).is_ok_and(|check| check.broken.is_none());
        assert!(!passes, "{what}");
    };
    for (number, line) in lines[..4].iter().enumerate() {
        let mut entry: Value = serde_json::from_str(line).expect("json");
        for field in ["actor", "event", "hash"] {
            entry[field] = "somebody".into();
            let mut all = lines.clone();
            let changed = entry.to_string();
            all[number] = &changed;
            fails(field, all.join("\n"));
        }
        let mut without = lines.clone();
        without.remove(number);
        fails("an entry is missing", without.join("\n"));
    }
    fails("the end is missing", lines[..3].join("\n"));
    let mut swapped = lines.clone();
    swapped.swap(0, 1);
    fails("two are swapped", swapped.join("\n"));
}

#[test]
fn the_register_says_what_is_missing_until_everything_is_said_and_prints_without_a_script() {
    let (ws, _fake) = linked(0..2);
    let core = &ws.core;
    let missing = || -> Vec<String> {
        processing::register(core).expect("a register").missing.iter().map(ToString::to_string).collect()
    };
    assert!(missing().contains(&"who answers for the data".to_owned()), "{:?}", missing());
    assert!(missing().contains(&"in which country Customers is".to_owned()), "{:?}", missing());
    let controller = Controller {
        name: "<b>Ruiz & Co</b>".into(),
        email: "privacy@ruiz.example".into(),
        authority: "AEPD".into(),
        ..Controller::default()
    };
    processing::set_controller(core, &controller, &who()).expect("kept");
    let place = Location { country: "Germany".into(), ..Location::default() };
    processing::set_location(core, NAME, &place, &who()).expect("kept");
    let seeded = purposes::find(core, "contact").expect("it is there from the beginning");
    let said = Purpose {
        description: "answer questions".into(),
        subjects: "people who asked".into(),
        data: "name, email".into(),
        kept_for: "two years".into(),
        ..seeded
    };
    purposes::put(core, &said, &who()).expect("said");
    assert_eq!(missing(), [""; 0]);
    let register = processing::register(core).expect("a register");
    assert_eq!(register.sources, [("Customers".to_owned(), 2)]);
    assert!(register.recipients[0].fields.iter().any(|(field, _)| field == "name"));

    let page = ws.files.join("register.html");
    processing::write(core, &page, "es", &who()).expect("a page");
    let text = std::fs::read_to_string(&page).expect("readable");
    for outside in ["http", "<script", "src=", "href=", "url(", "<b>"] {
        assert!(!text.contains(outside), "{outside}: {text}");
    }
    assert!(text.contains("lang=\"es\"") && text.contains("&lt;b&gt;Ruiz &amp; Co") && text.contains("Germany"));
    let json = ws.files.join("register.json");
    processing::write(core, &json, "en", &who()).expect("a file");
    let value: Value = serde_json::from_str(&std::fs::read_to_string(&json).expect("readable")).expect("json");
    assert_eq!(value["activities"][0]["key"], "contact");
    assert_eq!(value["recipients"][0]["country"], "Germany");
}

fn with_email(name: &str, source: &str) -> Contact {
    let email = format!("{name}@x.example");
    Contact { emails: vec![Item::new(email.clone(), email)], source: source.into(), ..named(name) }
}

fn names(affected: &breach::Affected) -> Vec<&str> {
    affected.people.iter().map(|one| one.name.as_str()).collect()
}

#[test]
fn a_breach_names_who_was_removed_since_and_counts_who_was_erased() {
    let ws = Workspace::default();
    let core = &ws.core;
    let ids = ["ana", "bo", "cy"].map(|name| card(core, with_email(name, "widget")));
    let rows = contact::rows(core, &ids).expect("rows");
    let file = ws.files.join("all.csv");
    export::run(core, &ExportRequest::all(&file, ExportFormat::default()), &who(), &Unwatched).expect("a file");
    ws.clock.pass_days(2);
    contact::bin(core, &rows[..1], &who()).expect("binned");
    bin::empty(core, &who(), &Unwatched).expect("emptied");
    let bo = ContactId::parse(&ids[1]).expect("an id");
    erasure::erase(core, &[bo], Reason::Request(None), &who(), &Unwatched).expect("erased");
    let found = |what: What, from: &str, until: &str| {
        let incident = Incident { what, from: at(from), until: at(until), found_at: at("2026-11-25T10:00:00Z") };
        let found = breach::affected(core, &incident).expect("an answer");
        (names(&found).join(" "), found.gone)
    };
    assert_eq!(found(What::Everything, "2026-11-21", "2026-11-22"), ("ana cy".into(), 1));
    assert_eq!(found(What::Everything, "2026-11-24", "2026-11-25"), ("ana cy".into(), 0), "she is in the history");
    assert_eq!(found(What::Everything, "2026-11-19", "2026-11-20"), (String::new(), 1), "nobody knows since when");
    assert_eq!(found(What::Export("all.csv".into()), "2026-11-21", "2026-11-30"), ("ana cy".into(), 1));
}

#[test]
fn a_breach_of_a_remote_that_was_taken_away_is_found_by_its_id() {
    let (ws, _fake) = linked(0..2);
    let core = &ws.core;
    edit(&ws, 1, "job_title", "Head of Screws");
    sync(&ws);
    let id = remotes::find(core, NAME).expect("there").kept.id;
    remotes::remove(core, NAME, &who()).expect("taken away");
    let incident = |name: &str| Incident {
        what: What::Remote(name.into()),
        from: at("2026-11-20"),
        until: at("2026-12-20"),
        found_at: at("2026-12-20"),
    };
    assert_eq!(breach::affected(core, &incident(&id)).expect("an answer").people.len(), 1);
    breach::affected(core, &incident("rem_nothing")).expect_err("nobody was told there");
}

#[test]
fn a_breach_names_who_was_there_between_two_moments() {
    let ws = Workspace::default();
    let core = &ws.core;
    let ana = card(core, with_email("ana", "widget"));
    let quiet = card(core, Contact { source: "widget".into(), ..named("bo") });
    contact::bin(core, &contact::rows(core, &[quiet]).expect("a row"), &who()).expect("binned");
    let file = ws.files.join("list.csv");
    let rows = Some(contact::rows(core, &[ana]).expect("a row"));
    let request = ExportRequest { rows, ..ExportRequest::all(&file, ExportFormat::default()) };
    export::run(core, &request, &who(), &Unwatched).expect("a file");
    ws.clock.pass_days(2);
    card(core, with_email("cy", "widget"));
    let incident = |what: What, from: &str, until: &str| Incident {
        what,
        from: at(from),
        until: at(until),
        found_at: at("2026-11-25T10:00:00Z"),
    };
    let all = breach::affected(core, &incident(What::Everything, "2026-11-20", "2026-11-22")).expect("an answer");
    assert_eq!((names(&all), all.unreachable), (vec!["ana", "bo"], 1), "who was in the bin was there; cy was not yet");
    assert_eq!(all.tell_by.to_rfc3339(), "2026-11-28T10:00:00Z");
    let some = incident(What::Filter("source:widget".into()), "2026-11-20", "2026-11-30");
    assert_eq!(names(&breach::affected(core, &some).expect("an answer")), ["ana", "bo", "cy"]);
    let lost = incident(What::Export("list.csv".into()), "2026-11-22", "2026-11-30");
    let lost = breach::affected(core, &lost).expect("an answer");
    assert_eq!(names(&lost), ["ana"], "who stood in the file, and nobody else");
    assert!(lost.people[0].fields.contains(&"email".to_owned()));
    let other = incident(What::Export("other.csv".into()), "2026-11-20", "2026-11-30");
    breach::affected(core, &other).expect_err("no such file");
    breach::affected(core, &incident(What::Everything, "2026-11-22", "2026-11-20")).expect_err("backwards");
    let out = ws.files.join("affected.csv");
    let query = incident(What::Everything, "2026-11-20", "2026-11-22");
    let written = breach::export(core, &query, &out, &who()).expect("a file");
    let text = std::fs::read_to_string(&out).expect("readable");
    let lines: Vec<&str> = text.lines().collect();
    assert_eq!((lines[0], lines.len()), ("id,name,email,phone,fields", written.people.len() + 1));
    assert!(lines[1].starts_with(&format!("{},ana,", written.people[0].id)), "{text}");
}

#[test]
fn a_list_of_affected_people_is_opened_in_a_spreadsheet_and_nothing_in_it_is_evaluated() {
    let ws = Workspace::default();
    card(&ws.core, named("=cmd|' /C calc'!A0, Ltd"));
    let incident = Incident {
        what: What::Everything,
        from: at("2026-11-20"),
        until: at("2026-11-30"),
        found_at: at("2026-11-25T10:00:00Z"),
    };
    let out = ws.files.join("affected.csv");
    breach::export(&ws.core, &incident, &out, &who()).expect("a file");
    let text = std::fs::read_to_string(&out).expect("readable");
    assert!(text.contains(",\"'=cmd|' /C calc'!A0, Ltd\","), "{text}");
}

#[test]
fn what_the_window_writes_replaces_nothing_that_nobody_was_asked_about() {
    let temp = tempfile::tempdir().expect("a folder");
    let session = Session::new(temp.path().join("ws"), Some(temp.path().to_owned()), environment(), |_| {});
    session.create(ProtectBy::Nothing).expect("made");
    let controller = json!({ "name": "Ferretería Ruiz", "address": "", "email": "", "officer": "", "authority": "",
        "security": "", "decisions": "" });
    dispatch(&session, "controller_set", controller).expect("kept");
    let file = temp.path().join("mine.txt");
    for name in ["processing_write", "audit_export", "breach_query"] {
        let write = |replace: bool| {
            let request = json!({ "file": file, "replace": replace, "language": "en", "what": "everything", "name": "",
                "from": "2026-11-20", "until": "2026-11-30", "found": "" });
            dispatch(&session, name, request)
        };
        std::fs::write(&file, "mine").expect("written");
        assert_eq!(write(false).expect_err("it is there").code, Code::NotEmpty, "{name}");
        assert_eq!(std::fs::read_to_string(&file).expect("readable"), "mine", "{name}");
        write(true).expect("asked about");
        assert_ne!(std::fs::read_to_string(&file).expect("readable"), "mine", "{name}");
    }
}

#[test]
fn a_breach_at_a_remote_names_whom_it_holds_and_what_it_was_sent() {
    let (ws, _fake) = linked(0..2);
    edit(&ws, 1, "job_title", "Head of Screws");
    sync(&ws);
    card(&ws.core, with_email("never-sent", "manual"));
    let (from, until) = (at("2026-11-20"), at("2026-12-20"));
    let what = What::Remote(NAME.into());
    let found = breach::affected(&ws.core, &Incident { what, from, until, found_at: until }).expect("an answer");
    assert_eq!(names(&found), ["Person 0", "Person 1"]);
    assert_eq!(found.people[1].fields, ["job_title"], "what it was sent of her");
    assert!(english(&found.remarks[0]).contains("deleted there before"));
}
