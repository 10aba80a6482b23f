//! The interpreter with a system in memory: what it asks, and what it makes of the answers.

use super::*;
use crate::Stop;
use cardfile_domain::Millis;
use cardfile_sync::{
    mapping::{Direction, Mapping, Rule},
    pair::Version,
    remote::{Paged, Record, Row, Write, WriteKind},
    run::Outcome,
    value::{Units, Value},
};
use rstest::rstest;
use serde_json::{Value as Json, json};
use std::{
    cell::{Cell, RefCell},
    rc::Rc,
};

#[test]
fn every_manifest_that_comes_with_the_program_can_be_used() {
    for (name, text) in FILES {
        let filled =
            if form::is_template(text) { filled_in(text, &form::sample(text)) } else { Ok((*text).to_owned()) };
        let faults = filled.and_then(|filled| Manifest::parse(&filled)).err().unwrap_or_default();
        let faults: Vec<String> = faults.iter().map(ToString::to_string).collect();
        assert_eq!(faults, Vec::<String>::new(), "{name}");
        let manifest = shipped(name).expect("it is called like its file");
        assert!(!manifest.cannot().is_empty(), "{name}: what it cannot do is said");
    }
}

#[test]
fn a_form_asks_for_what_has_to_be_known_and_no_more() {
    let required = |kind: &str| {
        let fields = form(kind).into_iter().filter(|field| field.is_required);
        fields.map(|field| field.config.name).collect::<Vec<_>>()
    };
    assert_eq!(required("hubspot"), ["token"]);
    assert_eq!(required("chatbase"), ["token", "chatbot"]);
    assert_eq!(required("chatwoot"), ["token", "account", "inbox"]);
    assert_eq!(required("generic"), ["base_url", "token", "list_path"]);
}

/// A system with as many people as it is given, fifteen on a page.
#[derive(Default)]
struct Acme {
    people: RefCell<Vec<Json>>,
    asked: RefCell<Vec<String>>,
    /// Answers that come in place of the next ones, the last one first.
    instead: RefCell<Vec<Result<Heard, Lost>>>,
    /// It takes a nick and does not keep it.
    strips: Cell<bool>,
    now: Cell<u64>,
}

/// The test keeps one, and the interpreter has the other.
struct Line(Rc<Acme>);

fn heard(status: u16, body: &Json) -> Result<Heard, Lost> {
    Ok(Heard { status, headers: Vec::new(), body: body.to_string().into_bytes() })
}

impl Acme {
    fn answer(&self, asked: &Asked) -> Result<Heard, Lost> {
        let path = asked.url.strip_prefix("https://api.acme.example/v1/people").expect("its own address");
        let version = asked.headers.iter().find(|(name, _)| name == "If-Match");
        let version = version.map(|(_, version)| format!(" at {version}")).unwrap_or_default();
        self.asked.borrow_mut().push(format!("{} {path}{version}", asked.method));
        assert!(asked.headers.contains(&("Authorization".into(), "Bearer s3".into())));
        assert!(!asked.url.contains("s3") && !asked.body.contains("s3"), "a secret stands in a header alone");
        if let Some(other) = self.instead.borrow_mut().pop() {
            return other;
        }
        let body: Json = serde_json::from_str(&asked.body).unwrap_or_default();
        let mut people = self.people.borrow_mut();
        let (path, query) = path.split_once('?').unwrap_or((path, ""));
        let id = path.strip_prefix('/');
        let place = id.and_then(|id| people.iter().position(|one| one["id"] == *id));
        match (asked.method, id, place) {
            ("GET", None, _) => {
                let page: usize = query.strip_prefix("page=").and_then(|page| page.parse().ok()).unwrap_or(1);
                let some: Vec<Json> = people.iter().skip((page - 1) * 15).take(15).cloned().collect();
                heard(200, &json!({ "people": some, "count": people.len() }))
            }
            ("GET", Some(_), Some(place)) => heard(200, &people[place]),
            ("POST", None, _) => {
                // One bad record spoils all of them.
                let rows = body["rows"].as_array().cloned().unwrap_or_default();
                if rows.iter().any(|row| row["email"] == "bad") {
                    return heard(422, &json!({ "message": "bad email" }));
                }
                let mut made = Vec::new();
                for mut row in rows {
                    row["id"] = format!("p{}", people.len()).into();
                    if self.strips.get() {
                        row["nick"] = Json::Null;
                    }
                    people.push(row.clone());
                    made.push(row);
                }
                made.reverse();
                heard(200, &json!({ "done": made }))
            }
            ("PATCH", Some(_), Some(place)) => {
                for (key, value) in body.as_object().expect("an object") {
                    people[place][key] = value.clone();
                }
                heard(200, &json!({}))
            }
            ("DELETE", Some(_), Some(place)) => {
                people.remove(place);
                heard(204, &Json::Null)
            }
            _ => heard(404, &json!({ "message": "nobody" })),
        }
    }
}

impl Exchange for Line {
    fn send(&self, asked: Asked) -> Coming<'_, Result<Heard, Lost>> {
        Box::pin(std::future::ready(self.0.answer(&asked)))
    }

    fn pause(&self, ms: u64) -> Coming<'_, ()> {
        self.0.now.set(self.0.now.get() + ms);
        Box::pin(std::future::ready(()))
    }

    fn now_ms(&self) -> u64 {
        self.0.now.get()
    }
}

const ACME: &str = r#"
format = "cardfile.connector/1"
connector = { id = "acme", label = "Acme", version = 1 }
config = [{ name = "token", label = "Token", kind = "secret" }]
auth = { kind = "bearer", token = "token" }
http = { base = "https://api.acme.example", hosts = ["api.acme.example"] }
limits = { budget = [{ n = 5, per = "1s" }] }
identity = { remote_id = "/id", external_id = "/ref", unique = true }
changes = { mode = "full_scan" }
errors = { message = ["/message"], moved_status = 410 }
[ops.list]
method = "GET"
path = "v1/people"
items = "/people"
paging = { kind = "page", param = "page", size = 15, total = "/count" }
expired = [409]
[ops.read]
method = "GET"
path = "v1/people/{remote_id}"
[ops.create]
method = "POST"
path = "v1/people"
batch = 8
body = { rows = { each = "writes", make = { record = "" } } }
result = { items = "/done", match = [{ remote = "/ref", local = "external_id" }] }
[ops.update]
method = "PATCH"
path = "v1/people/{remote_id}"
body = { record = "" }
[ops.delete]
method = "DELETE"
path = "v1/people/{remote_id}"
[[field]]
local = "name"
remote = "/name"
[[field]]
local = "email"
remote = "/email"
[[field]]
local = "nick"
remote = "/nick"
"#;

fn remote(acme: &Rc<Acme>) -> ManifestRemote {
    described(acme, ACME.into())
}

fn described(acme: &Rc<Acme>, manifest: String) -> ManifestRemote {
    let fields = BTreeMap::from([("token".to_owned(), "s3".to_owned())]);
    let opening = Opening { manifest, fields, now: Millis(1_000), ..Opening::default() };
    ManifestRemote::over(opening, Box::new(Line(Rc::clone(acme)))).expect("a remote")
}

fn acme(people: usize) -> Rc<Acme> {
    let person = |at: usize| json!({ "id": format!("p{at}"), "name": format!("Ana {at}"), "email": format!("a{at}@x.example"), "ref": format!("ctc_{at}") });
    Rc::new(Acme { people: RefCell::new((0..people).map(person).collect()), ..Acme::default() })
}

fn pages(remote: &mut ManifestRemote) -> Vec<cardfile_sync::remote::Page> {
    remote.begin(None);
    let mut pages = Vec::new();
    loop {
        let Ok(Paged::Page(page)) = remote.page(&|_| None) else { panic!("a page") };
        let more = page.more;
        pages.push(page);
        if !more {
            return pages;
        }
    }
}

fn approved(units: &[(&str, Value)]) -> cardfile_sync::mapping::Approved {
    let rule = || Rule { direction: Direction::Both, approved: true, ..Rule::default() };
    let units: Units = units.iter().map(|(unit, value)| ((*unit).to_owned(), value.clone())).collect();
    Mapping(units.keys().map(|unit| (unit.clone(), rule())).collect()).approve(units, &[])
}

fn create(op: u64, email: &str) -> Write {
    let set = approved(&[("name", Value::one("Bo")), ("email", Value::words([email])), ("nick", Value::one("B"))]);
    Write { op, stamp: 1, kind: WriteKind::Create { external_id: format!("ctc_n{op}"), set } }
}

fn read(remote: &mut ManifestRemote, key: &str) -> Record {
    let rows = remote.read(&[key.to_owned()]).expect("readable");
    let Some(Row::Live(record)) = rows.into_iter().next() else { panic!("it is there") };
    *record
}

#[test]
fn all_pages_are_read_and_the_last_one_says_who_is_there() {
    let acme = acme(31);
    let pages = pages(&mut remote(&acme));
    let rows: usize = pages.iter().map(|page| page.rows.len()).sum();
    assert_eq!((pages.len(), rows), (3, 31));
    let last = pages.last().expect("a page");
    assert_eq!(last.listed.as_ref().map(std::collections::BTreeSet::len), Some(31));
    assert!(last.cursor.as_ref().is_some_and(|cursor| cursor.starts_with("full:")));
    assert!(pages[0].cursor.is_none(), "a list that is cut off begins anew");
    assert_eq!(acme.asked.borrow().len(), 3, "no more requests than pages");
}

#[test]
fn a_record_that_is_as_it_was_is_not_told_again() {
    let acme = acme(1);
    let mut remote = remote(&acme);
    let version = read(&mut remote, "p0").version;
    remote.begin(None);
    let known = |_: &str| Some(Version { text: version.text.clone(), order: None });
    let Ok(Paged::Page(page)) = remote.page(&known) else { panic!("a page") };
    assert_eq!(page.rows, [Row::Same("p0".into())]);
}

#[test]
fn one_bad_record_of_a_batch_is_found_and_the_others_are_made() {
    let acme = acme(0);
    let mut remote = remote(&acme);
    let writes = (0..5).map(|op| create(op, if op == 3 { "bad" } else { "b@x.example" })).collect();
    let answers = remote.write(writes);
    assert_eq!(answers.failure, None);
    let outcome = |op: u64| answers.answers.iter().find(|one| one.op == op).map(|one| one.outcome.clone());
    for op in [0, 1, 2, 4] {
        assert_eq!(outcome(op), Some(Outcome::Done), "{op}");
    }
    assert_eq!(outcome(3), Some(Outcome::Rejected("422: bad email".into())));
    assert_eq!(acme.people.borrow().len(), 4);
}

#[test]
fn what_a_system_leaves_out_without_a_word_is_counted() {
    let acme = acme(0);
    acme.strips.set(true);
    let mut remote = remote(&acme);
    let answers = remote.write(vec![create(0, "b@x.example")]);
    let record = answers.answers[0].record.as_ref().expect("it was read back");
    assert_eq!(record.units.get("nick"), Some(&Value::Absent));
    assert_eq!(remote.left_out(), BTreeMap::from([("nick".to_owned(), 1)]));
}

fn patch(version: &Version) -> Write {
    let set = approved(&[("name", Value::one("Anna"))]);
    let kind = WriteKind::Patch { key: "p0".into(), expect: Some(version.clone()), set, body: String::new() };
    Write { op: 7, stamp: 2, kind }
}

#[test]
fn a_record_that_somebody_else_changed_is_not_written() {
    let acme = acme(1);
    let mut remote = remote(&acme);
    let version = read(&mut remote, "p0").version;
    acme.people.borrow_mut()[0]["email"] = "other@x.example".into();
    let answers = remote.write(vec![patch(&version)]);
    assert_eq!(answers.answers[0].outcome, Outcome::Precondition);
    assert_eq!(acme.people.borrow()[0]["name"], "Ana 0");
}

#[test]
fn only_what_changed_is_sent_and_what_became_of_it_is_read() {
    let acme = acme(1);
    let mut remote = remote(&acme);
    let version = read(&mut remote, "p0").version;
    let answers = remote.write(vec![patch(&version)]);
    let record = answers.answers[0].record.as_ref().expect("it was read back");
    assert_eq!(record.units.get("name"), Some(&Value::one("Anna")));
    assert_eq!(acme.people.borrow()[0]["email"], "a0@x.example");
    let asked = ["GET /p0", "GET /p0", "PATCH /p0", "GET /p0"];
    assert_eq!(*acme.asked.borrow(), asked);
}

#[test]
fn a_lost_answer_is_no_answer() {
    let acme = acme(1);
    let mut remote = remote(&acme);
    acme.instead.borrow_mut().push(Err(Lost::Sent("cut".into())));
    let answers = remote.write(vec![create(0, "b@x.example")]);
    assert_eq!(answers.answers[0].outcome, Outcome::Unknown);
    assert_eq!(remote.find(&["ctc_n0".into()]), Ok(vec![None]), "it is looked for, and not there");
    assert_eq!(acme.asked.borrow().last().map(String::as_str), Some("GET ?page=1"));
}

#[rstest]
#[case::of_a_page(429, Failure::Busy { after_ms: None })]
#[case::sign_in(401, Failure::SignInNeeded)]
#[case::broken(500, Failure::Unreachable("500: why".into()))]
#[case::forbidden(403, Failure::Refused("403: why".into()))]
fn a_page_that_fails_is_asked_for_again(#[case] status: u16, #[case] failure: Failure) {
    let acme = acme(1);
    let mut remote = remote(&acme);
    remote.begin(None);
    acme.instead.borrow_mut().push(heard(status, &json!({ "message": "why" })));
    assert_eq!(remote.page(&|_| None), Err(failure));
    let Ok(Paged::Page(page)) = remote.page(&|_| None) else { panic!("a page") };
    assert_eq!(page.rows.len(), 1);
}

#[test]
fn a_list_that_is_cut_off_begins_anew_and_not_for_ever() {
    let acme = acme(40);
    let mut remote = remote(&acme);
    for round in 0..4 {
        remote.begin(None);
        assert!(matches!(remote.page(&|_| None), Ok(Paged::Page(_))));
        acme.instead.borrow_mut().push(heard(409, &json!({})));
        let cut = remote.page(&|_| None);
        assert_eq!(matches!(cut, Ok(Paged::Expired)), round < 3, "{cut:?}");
    }
}

#[test]
fn a_record_that_became_part_of_another_is_given_as_that_one() {
    let acme = acme(2);
    let mut remote = remote(&acme);
    let link = vec![("link".to_owned(), "</v1/people/p1>; rel=\"canonical\"".to_owned())];
    acme.instead.borrow_mut().push(Ok(Heard { status: 410, headers: link, body: Vec::new() }));
    assert_eq!(read(&mut remote, "p0").key, "p1");
}

#[test]
fn what_was_read_before_a_failure_is_not_asked_for_again() {
    let acme = acme(3);
    let mut remote = remote(&acme);
    let keys: Vec<String> = (0..3).map(|at| format!("p{at}")).collect();
    acme.instead.borrow_mut().extend([heard(429, &json!({})), heard(200, &json!({ "id": "p0", "name": "Ana" }))]);
    assert_eq!(remote.read(&keys), Err(Failure::Busy { after_ms: None }));
    let before = acme.asked.borrow().len();
    assert_eq!(remote.read(&keys).map(|rows| rows.len()), Ok(3));
    assert!(acme.asked.borrow().len() - before < 3, "{:?}", acme.asked.borrow());
}

#[test]
fn after_a_complete_list_nobody_is_looked_for_in_vain() {
    let acme = acme(20);
    let mut remote = remote(&acme);
    pages(&mut remote);
    let before = acme.asked.borrow().len();
    assert_eq!(remote.find(&["ctc_new".into()]), Ok(vec![None]));
    assert_eq!(acme.asked.borrow().len(), before);
}

#[test]
fn a_cursor_of_another_kind_means_that_everything_is_listed() {
    let acme = acme(1);
    let mut remote = remote(&acme);
    remote.begin(Some("sync:2f7c"));
    assert_eq!(remote.page(&|_| None), Ok(Paged::Expired));
    assert!(matches!(remote.page(&|_| None), Ok(Paged::Page(_))));
}

#[test]
fn an_erasure_asks_for_no_version_and_what_is_gone_is_gone() {
    let acme = acme(1);
    let mut remote = remote(&acme);
    let delete = |expect| Write { op: 1, stamp: 1, kind: WriteKind::Delete { key: "p0".into(), expect } };
    let other = Version { text: "other".into(), order: None };
    assert_eq!(remote.write(vec![delete(Some(other))]).answers[0].outcome, Outcome::Precondition);
    assert_eq!(remote.write(vec![delete(None)]).answers[0].outcome, Outcome::Done);
    assert_eq!(remote.write(vec![delete(None)]).answers[0].outcome, Outcome::Gone);
    assert_eq!(remote.read(&["p0".into()]), Ok(vec![Row::Gone("p0".into())]));
}

#[test]
fn by_the_old_name_of_a_record_that_became_part_of_another_nothing_is_deleted() {
    let acme = acme(2);
    let mut remote = remote(&acme);
    // It knows that one by both names.
    acme.instead.borrow_mut().push(heard(200, &acme.people.borrow()[1]));
    let kind = WriteKind::Delete { key: "p0".into(), expect: None };
    assert_eq!(remote.write(vec![Write { op: 1, stamp: 1, kind }]).answers[0].outcome, Outcome::Gone);
    assert_eq!((acme.people.borrow().len(), &acme.asked.borrow()[..]), (2, &["GET /p0".to_owned()][..]));
}

#[test]
fn where_versions_are_compared_a_deletion_asks_for_the_one_that_was_read_and_an_erasure_for_none() {
    let text = ACME
        .replace("unique = true }", "unique = true, version = \"/rev\" }")
        .replace("[ops.update]\n", "[ops.update]\nif_match = true\n")
        .replace("[ops.delete]\n", "[ops.delete]\nif_match = true\n");
    let acme = acme(2);
    acme.people.borrow_mut().iter_mut().for_each(|one| one["rev"] = 7.into());
    let mut remote = described(&acme, text + "[write]\nguard = \"condition\"\n");
    let version = read(&mut remote, "p0").version;
    let delete = |key: &str, expect| Write { op: 1, stamp: 1, kind: WriteKind::Delete { key: key.into(), expect } };
    assert_eq!(remote.write(vec![delete("p0", Some(version))]).answers[0].outcome, Outcome::Done);
    assert_eq!(remote.write(vec![delete("p1", None)]).answers[0].outcome, Outcome::Done);
    assert_eq!(*acme.asked.borrow(), ["GET /p0", "GET /p0", "DELETE /p0 at 7", "GET /p1", "DELETE /p1"]);
}

#[test]
fn what_changed_while_a_list_was_read_is_looked_for_again() {
    let search = "mode = \"search_since\", field = \"/changed\", format = \"epoch_s\"";
    let changes = "[ops.changes]\nmethod = \"GET\"\npath = \"v1/people\"\nitems = \"/people\"\n\
                   paging = { kind = \"cursor\", param = \"after\", next = \"/next\" }\n";
    let acme = acme(0);
    let mut remote = described(&acme, ACME.replace("mode = \"full_scan\"", search) + changes);
    let page = |second: u64, changed: u64, next: Option<&str>| {
        let person = json!({ "id": "p0", "name": "Ana", "changed": changed });
        let body = json!({ "people": [person], "next": next }).to_string().into_bytes();
        let date = format!("Thu, 01 Jan 1970 00:{:02}:{:02} GMT", second / 60, second % 60);
        Ok(Heard { status: 200, headers: vec![("date".to_owned(), date)], body })
    };
    acme.instead.borrow_mut().extend([page(160, 150, None), page(100, 90, Some("2"))]);
    remote.begin(Some("since:50000/0"));
    assert!(matches!(remote.page(&|_| None), Ok(Paged::Page(page)) if page.more));
    let Ok(Paged::Page(last)) = remote.page(&|_| None) else { panic!("a page") };
    assert_eq!(last.cursor.as_deref(), Some("since:100000/0"));
}

#[test]
fn an_index_that_lags_within_the_second_of_an_edit_is_not_believed() {
    let search = "mode = \"search_since\", field = \"/changed\", format = \"epoch_s\", numbered = true";
    let text = ACME
        .replace("mode = \"full_scan\"", search)
        .replace("unique = true }", "unique = true, version = \"/changed\" }");
    let text = text + "[ops.changes]\nmethod = \"GET\"\npath = \"v1/people\"\nitems = \"/people\"\n";
    let acme = acme(1);
    acme.people.borrow_mut()[0]["changed"] = 100.into();
    let mut remote = described(&acme, text);
    let version = read(&mut remote, "p0").version;
    let before = json!({ "people": [{ "id": "p0", "name": "Anita", "email": "a0@x.example", "changed": 100 }] });
    // The page is there, and the record cannot be read at first.
    acme.instead.borrow_mut().extend([heard(429, &json!({})), heard(200, &before)]);
    remote.begin(Some("since:100000/0"));
    let known = |_: &str| Some(Version { text: version.text.clone(), order: None });
    assert_eq!(remote.page(&known), Err(Failure::Busy { after_ms: None }));
    let Ok(Paged::Page(page)) = remote.page(&known) else { panic!("a page") };
    let [Row::Live(record)] = &page.rows[..] else { panic!("a record: {page:?}") };
    assert_eq!(record.units.get("name"), Some(&Value::one("Ana 0")));
    assert_eq!(*acme.asked.borrow(), ["GET /p0", "GET ", "GET /p0", "GET /p0"]);
}

#[test]
fn a_link_to_another_host_is_not_followed() {
    let text = ACME.replace(
        "kind = \"page\", param = \"page\", size = 15, total = \"/count\"",
        "kind = \"link\", next = \"/next\"",
    );
    let acme = acme(1);
    let mut remote = described(&acme, text);
    let answer = json!({ "people": acme.people.borrow().clone(), "next": "https://evil.example/people" });
    acme.instead.borrow_mut().push(heard(200, &answer));
    remote.begin(None);
    assert!(matches!(remote.page(&|_| None), Ok(Paged::Page(_))));
    assert!(matches!(remote.page(&|_| None), Err(Failure::Refused(_))));
    assert_eq!(acme.asked.borrow().len(), 1, "nothing was sent there");
}

#[test]
fn who_is_stopped_asks_nothing_more() {
    let acme = acme(1);
    let stop = Stop::default();
    let fields = BTreeMap::from([("token".to_owned(), "s3".to_owned())]);
    let opening = Opening { manifest: ACME.into(), fields, stop: stop.clone(), ..Opening::default() };
    let mut remote = ManifestRemote::over(opening, Box::new(Line(Rc::clone(&acme)))).expect("a remote");
    stop.call();
    remote.begin(None);
    assert!(matches!(remote.page(&|_| None), Err(Failure::Unreachable(_))));
    assert!(acme.asked.borrow().is_empty());
}
