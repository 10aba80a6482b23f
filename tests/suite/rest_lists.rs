//! Lists through the door: who goes on with a cursor meets nobody twice and misses nobody
//! who was there all the time, whatever others write meanwhile.

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use cardfile_core::{
    clients::Scope,
    contact, conversations, generate,
    import::{self, ImportRequest},
    privacy::{
        consent::{self, Saying},
        purposes,
    },
    progress::Unwatched,
    view::{self, ViewRequest},
};
use cardfile_testkit::{
    door::{OpenDoor, Program, id},
    who,
};
use rstest::rstest;
use serde_json::{Value, json};
use std::{
    collections::BTreeSet,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    thread,
};

const PEOPLE: u64 = 100_000;
/// Looks at a job that has not ended: three jobs fit into what a client may ask in a minute.
const LOOKS: u32 = 1_900;

fn filled(people: u64) -> OpenDoor {
    let door = OpenDoor::default();
    let file = door.dir.with_file_name("people.csv");
    let mut bytes = Vec::new();
    generate::write_csv(&mut bytes, people, 7).expect("made up");
    std::fs::write(&file, bytes).expect("a file");
    let report = import::run(&door.core, &ImportRequest::of(file), &who(), &Unwatched).expect("an import");
    assert_eq!(report.counts.rejected, 0);
    door
}

fn ids(page: &Value) -> Vec<String> {
    let all = page["data"].as_array().expect("a list");
    all.iter().map(|one| one["id"].as_str().expect("an id").to_owned()).collect()
}

/// Everybody, page by page.
fn walk(program: &Program, query: &str) -> Vec<String> {
    walk_of(program, &format!("/v1/contacts?{query}"))
}

/// All of any list, page by page.
fn walk_of(program: &Program, path: &str) -> Vec<String> {
    let (mut all, mut cursor) = (Vec::new(), String::new());
    loop {
        let page = program.get(&format!("{path}{cursor}"));
        all.extend(ids(&page));
        let Some(next) = page["next_cursor"].as_str() else {
            assert_eq!(page["has_more"], false);
            return all;
        };
        assert_eq!(page["has_more"], true);
        cursor = format!("&cursor={next}");
    }
}

#[rstest]
#[case::in_the_order_they_were_made("limit=1000")]
#[case::by_name("limit=1000&sort=name,-created_at")]
fn nobody_is_met_twice_or_missed_while_another_client_writes(#[case] query: &str) {
    let door = filled(PEOPLE);
    let reader = door.program("reader", &[Scope::ContactsRead]);
    let writer = door.program("writer", &[Scope::ContactsRead, Scope::ContactsWrite]);
    let before = walk(&reader, "limit=1000");
    assert_eq!(u32::try_from(before.len()), Ok(door.core.count().expect("a count")));
    assert!(before.len() as u64 > PEOPLE / 10 * 9, "{} of {PEOPLE}", before.len());
    // Every hundredth is changed, moved to the bin or brought back.
    let touched: Vec<String> = before.iter().step_by(100).cloned().collect();
    let (is_over, others) = (Arc::new(AtomicBool::new(false)), touched.clone());
    let over = Arc::clone(&is_over);
    let writing = thread::spawn(move || {
        let mut written = 0;
        for (number, id) in others.iter().cycle().enumerate() {
            if over.load(Ordering::SeqCst) {
                return written;
            }
            let path = format!("/v1/contacts/{id}");
            let status = match number % 3 {
                0 => writer.send("PATCH", &path, &json!({ "name": format!("Aaa {number}") })).0,
                1 => {
                    assert_eq!(writer.send("POST", &format!("{path}/bin"), &Value::Null).0, 200);
                    writer.send("POST", &format!("{path}/restore"), &Value::Null).0
                }
                _ => writer.send("POST", "/v1/contacts", &json!({ "name": format!("New {number}") })).0,
            };
            assert!(matches!(status, 200 | 201), "{status}");
            written += 1;
        }
        written
    });
    let met = walk(&reader, query);
    is_over.store(true, Ordering::SeqCst);
    let written = writing.join().expect("a writer");
    assert!(written > 0, "somebody wrote meanwhile");
    let once: BTreeSet<&String> = met.iter().collect();
    assert_eq!(once.len(), met.len(), "nobody twice");
    let touched: BTreeSet<&String> = touched.iter().collect();
    let missed: Vec<&String> = before.iter().filter(|id| !touched.contains(id) && !once.contains(id)).collect();
    assert_eq!(missed, Vec::<&String>::new(), "nobody is missed after {written} writes");
}

#[rstest]
#[case("")]
#[case("source:widget")]
#[case("seen:<400d conversations:>3")]
#[case("(stage:qualified or tag:vip) not company:none")]
#[case("email:none")]
fn a_filter_of_the_window_shows_programs_the_same_people(#[case] filter: &str) {
    let door = filled(2_000);
    let program = door.program("reader", &[Scope::ContactsRead]);
    for sort in ["", "name", "-last_seen"] {
        let sorted = if sort.is_empty() { Vec::new() } else { vec![sort.to_owned()] };
        let request = ViewRequest { filter: filter.into(), sort: sorted, ..ViewRequest::default() };
        let (_, rows) = view::resolve(&door.core, &request).expect("a view");
        let shown = view::contacts(&door.core, &rows).expect("contacts");
        let mut shown: Vec<String> = shown.iter().flatten().map(|one| one.contact.id.to_string()).collect();
        let encoded: String = filter.bytes().map(|byte| format!("%{byte:02X}")).collect();
        let sort_word = if sort.is_empty() { String::new() } else { format!("&sort={sort}") };
        let mut listed = walk(&program, &format!("limit=300&filter={encoded}{sort_word}"));
        if sort.is_empty() {
            shown.sort();
            listed.sort();
        }
        assert_eq!(listed, shown, "{filter} by {sort}");
    }
}

#[test]
fn a_row_of_a_list_says_what_the_contact_says() {
    let door = filled(50);
    let program = door.program("reader", &[Scope::ContactsRead]);
    let listed = program.get("/v1/contacts?limit=50");
    for row in listed["data"].as_array().expect("a list") {
        let whole = program.get(&format!("/v1/contacts/{}", row["id"].as_str().expect("an id")));
        for (name, value) in row.as_object().expect("an object") {
            assert_eq!(value, &whole[name], "{name}");
        }
    }
    let some = program.get("/v1/contacts?limit=1&fields=external_ids,version");
    let names: Vec<&String> = some["data"][0].as_object().expect("an object").keys().collect();
    assert_eq!(names, ["id", "external_ids", "version"]);
}

#[test]
fn a_page_is_not_sent_again_and_a_cursor_is_of_one_list() {
    let door = filled(50);
    let program = door.program("reader", &[Scope::ContactsRead]);
    let page = program.ask("GET", "/v1/contacts?limit=10", &[], b"");
    let etag = page.header("etag").expect("a tag").to_owned();
    assert_eq!(program.ask("GET", "/v1/contacts?limit=10", &[("If-None-Match", &etag)], b"").status(), 304);
    let next = |query: &str| program.get(&format!("/v1/contacts?{query}"))["next_cursor"].as_str().map(str::to_owned);
    let plain = next("limit=10").expect("a cursor");
    // It goes on also in steps of another size.
    assert_eq!(ids(&program.get(&format!("/v1/contacts?limit=40&cursor={plain}"))).len(), 40);
    for query in ["limit=10&filter=source:widget", "limit=10&sort=name", "limit=10&in=bin"] {
        let refused = program.refused("GET", &format!("/v1/contacts?{query}&cursor={plain}"), &Value::Null);
        assert_eq!(refused, (400, "bad_cursor".to_owned()), "{query}");
    }
    let other = door.program("other", &[Scope::ContactsRead]);
    assert_eq!(other.refused("GET", &format!("/v1/contacts?limit=10&cursor={plain}"), &Value::Null).0, 400);
    // A list in another order is kept for a while.
    let sorted = next("limit=10&sort=name").expect("a cursor");
    let path = format!("/v1/contacts?limit=10&sort=name&cursor={sorted}");
    assert_eq!(ids(&program.get(&path)).len(), 10);
    door.clock.pass_minutes(16);
    assert_eq!(program.refused("GET", &path, &Value::Null), (410, "cursor_expired".to_owned()));
}

#[test]
fn a_kept_list_is_of_one_client_whatever_number_another_writes() {
    let door = OpenDoor::default();
    let [mine, other] = ["mine", "other"].map(|name| door.program(name, &[Scope::ContactsRead, Scope::ContactsWrite]));
    for name in ["Ana", "Bo"] {
        mine.contact(&json!({ "name": name }));
    }
    let path = "/v1/contacts?limit=1&sort=name";
    let kept = |program: &Program| {
        let cursor = program.get(path)["next_cursor"].as_str().expect("a cursor").to_owned();
        String::from_utf8(URL_SAFE_NO_PAD.decode(cursor).expect("a cursor")).expect("text")
    };
    let (first, second) = (kept(&mine), kept(&other));
    let number = |cursor: &str| cursor.split('.').nth(1).expect("a number").to_owned();
    let forged = second.replacen(&format!("s.{}.", number(&second)), &format!("s.{}.", number(&first)), 1);
    let ask = |cursor: &str| format!("{path}&cursor={}", URL_SAFE_NO_PAD.encode(cursor));
    assert_ne!(forged, second);
    assert_eq!(other.refused("GET", &ask(&forged), &Value::Null), (410, "cursor_expired".to_owned()));
    assert_eq!(ids(&other.get(&ask(&second))).len(), 1, "its own goes on");
}

#[test]
fn who_left_a_kept_list_meanwhile_is_on_none_of_its_pages() {
    let door = OpenDoor::default();
    purposes::put(&door.core, &crate::privacy_consent::newsletter(), &who()).expect("a purpose");
    let program = door.owner();
    let own = ["Ana", "Bo", "Cy", "Di"].map(|name| program.contact(&json!({ "name": name })));
    let say = |id: &str, given| {
        let saying = Saying { purpose: "newsletter".into(), given, channel: "email".into(), ..Saying::default() };
        consent::record(&door.core, id, &saying, &who()).expect("written down");
    };
    own.iter().for_each(|id| say(id, true));
    program.make("/v1/segments", &json!({ "name": "Letter", "purpose": "newsletter", "sort": ["name"] }));
    let page = program.get("/v1/contacts?limit=1&segment=Letter");
    assert_eq!((ids(&page), &page["total"]), (vec![own[0].clone()], &json!(4)));
    let next = page["next_cursor"].as_str().expect("a cursor");
    say(&own[1], false);
    contact::bin(&door.core, &[door.row(&own[2])], &who()).expect("binned");
    let rest = program.get(&format!("/v1/contacts?limit=3&segment=Letter&cursor={next}"));
    assert_eq!(ids(&rest), [own[3].as_str()], "one withdrew and one is in the bin");
}

/// A member of all that the first page of a list has, and of what follows once something was done.
fn across(program: &Program, path: &str, (limit, member): (u32, &str), deed: impl FnOnce()) -> [String; 2] {
    let values = |page: &Value| {
        let all = page["data"].as_array().expect("a list");
        all.iter().map(|one| one[member].as_str().expect("a word")).collect::<Vec<_>>().join(" ")
    };
    let page = program.get(&format!("{path}?limit={limit}"));
    let next = page["next_cursor"].as_str().expect("a cursor");
    deed();
    [values(&page), values(&program.get(&format!("{path}?cursor={next}")))]
}

#[test]
fn what_is_added_or_taken_away_between_two_pages_moves_nothing_else() {
    let door = OpenDoor::default();
    let program = door.owner();
    let card = format!("/v1/contacts/{}", program.contact(&json!({ "name": "Ana", "tags": ["b", "c"] })));
    let said = |text: &str, hour: u32| json!({ "role": "contact", "text": text, "at": format!("2026-04-01T{hour:02}:00:00Z") });
    let talk = |title: &str, hour: u32| {
        let messages = json!([said(title, hour)]);
        let body = json!({ "platform": "widget", "title": title, "unread": true, "messages": messages });
        format!("/v1/conversations/{}", id(&program.make(&format!("{card}/conversations"), &body)))
    };
    let remove = |path: &str| assert_eq!(program.ask("DELETE", path, &[], b"").status(), 204);
    let (first, second) = (talk("first", 9), talk("second", 10));
    talk("third", 11);
    // The latest first, and one comes that is later still.
    let waiting = across(&program, "/v1/conversations", (2, "title"), || drop(talk("fourth", 12)));
    assert_eq!(waiting, ["third second", "first"]);
    // The oldest first, and the oldest goes.
    let own = across(&program, &format!("{card}/conversations"), (1, "title"), || remove(&first));
    assert_eq!(own, ["first", "second third fourth"]);
    let add = |all: Value| {
        let (status, answer) = program.send("POST", &format!("{second}/messages"), &json!({ "messages": all }));
        assert_eq!(status, 200, "{answer}");
    };
    add(json!([said("later", 11), said("last", 12)]));
    let messages = across(&program, &format!("{second}/messages"), (2, "text"), || add(json!([said("before", 8)])));
    assert_eq!(messages, ["second later", "last"]);
    let note = |text: &str| id(&program.make(&format!("{card}/notes"), &json!({ "text": text })));
    let [one, _, _] = ["one", "two", "three"].map(note);
    let notes = across(&program, &format!("{card}/notes"), (1, "text"), || remove(&format!("/v1/notes/{one}")));
    assert_eq!(notes, ["one", "two three"]);

    let tags = across(&program, "/v1/tags", (1, "name"), || {
        program.contact(&json!({ "name": "Bo", "tags": ["a"] }));
    });
    assert_eq!(tags, ["b", "c"], "in the alphabet");
    let hook = |name: &str| id(&program.make("/v1/webhooks", &json!({ "name": name, "url": "https://x.example/in" })));
    let [_, told] = ["C", "B"].map(hook);
    assert_eq!(across(&program, "/v1/webhooks", (1, "name"), || drop(hook("A"))), ["B", "C"]);
    assert_eq!(program.send("PATCH", &format!("/v1/webhooks/{told}"), &json!({ "on": true })).0, 200);
    let [cy, di] = ["Cy", "Di"].map(|name| program.contact(&json!({ "name": name })));
    let messages = across(&program, &format!("/v1/webhooks/{told}/messages"), (1, "contact_id"), || {
        program.contact(&json!({ "name": "Ed" }));
    });
    assert_eq!(messages, [di, cy], "the newest first");
    let exporter = door.program("exporter", Scope::ALL);
    let export = || {
        let (status, job) = exporter.send("POST", "/v1/contacts/export", &json!({}));
        assert_eq!(status, 202, "{job}");
        let path = format!("/v1/jobs/{}", id(&job));
        assert!((0..LOOKS).any(|_| exporter.get(&path)["status"] != "running"), "the job does not end");
        id(&job)
    };
    let [older, newer] = [export(), export()];
    assert_eq!(across(&exporter, "/v1/jobs", (1, "id"), || drop(export())), [newer, older]);
}

#[test]
fn how_many_conversations_wait_is_told_in_full_and_each_of_them_once() {
    const WAITING: usize = 10_001;
    let door = OpenDoor::default();
    let file = door.dir.with_file_name("chats.ndjson");
    let line =
        |n: usize| format!("{}\n", json!({ "platform": "widget", "external_id": format!("c{n}"), "messages": [] }));
    std::fs::write(&file, (0..WAITING).map(line).collect::<String>()).expect("a file");
    conversations::import(&door.core, &file, &who()).expect("an import");
    let program = door.program("reader", &[Scope::ConversationsRead]);
    assert_eq!(program.get("/v1/conversations?limit=1")["total"], WAITING);
    let met = walk_of(&program, "/v1/conversations?limit=1000");
    assert_eq!((met.len(), met.iter().collect::<BTreeSet<_>>().len()), (WAITING, WAITING));
}
