//! What the privacy of people asks of every door: whoever is restricted, on hold, erased or not
//! to be used for a purpose is so in every route (A-13, A-14, M-99).

use cardfile_core::{
    IdentityKey, SecretText,
    clients::{NewClient, Scope},
    contact, conversations, identify, leads,
    privacy::{
        consent::{self, Saying},
        erasure::{self, Reason, suppression},
        purposes, restriction,
    },
    progress::Unwatched,
};
use cardfile_domain::restriction::{Restriction, Sort};
use cardfile_testkit::{
    door::{OpenDoor, Program, id},
    hash_of, who,
};
use serde_json::{Value, json};

const SECRET: &str = "a secret of thirty-two characters";

fn restrict(door: &OpenDoor, own: &str, sort: Sort) -> String {
    let one = Restriction { sort, reason: "she asked for it".into(), ..Restriction::default() };
    restriction::put(&door.core, &[door.row(own)], &one, &who()).expect("restricted");
    let stored = contact::find(&door.core, own).expect("she");
    restriction::of(&door.core, &stored).expect("all").remove(0).id
}

fn proof_key(door: &OpenDoor, creates: bool) {
    let key = IdentityKey {
        name: "shop".into(),
        algorithm: "user_hash".into(),
        connector: "shop".into(),
        creates,
        grant_minutes: 60,
        ..IdentityKey::default()
    };
    identify::put_key(&door.core, &key, Some(SecretText::new(SECRET.to_owned())), &who()).expect("a key");
}

fn identified(program: &Program, user_id: &str) -> (u16, Value) {
    let key = ring::hmac::Key::new(ring::hmac::HMAC_SHA256, SECRET.as_bytes());
    let tag = ring::hmac::sign(&key, user_id.as_bytes());
    let hash: String = tag.as_ref().iter().map(|byte| format!("{byte:02x}")).collect();
    program.send("POST", "/v1/identify", &json!({ "key": "shop", "user_id": user_id, "user_hash": hash }))
}

/// A card with one of everything, and the paths to all of it.
fn full(program: &Program, name: &str, user_id: &str) -> (String, Vec<String>) {
    let own = program.contact(&json!({ "name": name, "email": format!("{user_id}@x.example"), "source": "widget",
        "phone": "+34 612 408 177", "external_ids": [{ "remote": "shop", "id": user_id }] }));
    let mut paths = vec![format!("/v1/contacts/{own}")];
    let messages = json!([{ "role": "contact", "text": "Hola", "at": "2026-04-01T09:00:00Z" }]);
    for (kind, body) in [
        ("notes", json!({ "text": "Blue" })),
        ("memories", json!({ "text": "Likes tea" })),
        ("tasks", json!({ "title": "Call" })),
        ("conversations", json!({ "platform": "widget", "unread": true, "messages": messages })),
    ] {
        let made = program.make(&format!("/v1/contacts/{own}/{kind}"), &body);
        paths.push(format!("/v1/contacts/{own}/{kind}"));
        paths.push(format!("/v1/{kind}/{}", id(&made)));
        if kind == "conversations" {
            paths.push(format!("/v1/conversations/{}/messages", id(&made)));
        }
    }
    (own, paths)
}

#[test]
fn who_is_restricted_is_here_for_no_program_until_it_is_lifted() {
    let door = OpenDoor::default();
    let program = door.owner();
    proof_key(&door, false);
    let (ana, paths) = full(&program, "Ana", "V-1");
    full(&program, "Bo", "V-2");
    for path in &paths {
        program.get(path);
    }
    assert_eq!(identified(&program, "V-1").0, 200);
    let lock = restrict(&door, &ana, Sort::Restricted);
    let before = hash_of(&door.core);
    for path in &paths {
        assert_eq!(program.refused("GET", path, &Value::Null), (404, "not_found".to_owned()), "{path}");
        assert_eq!(program.refused("DELETE", path, &Value::Null).0 / 100, 4, "{path}");
    }
    for (method, path, body) in [
        ("PATCH", format!("/v1/contacts/{ana}"), json!({ "nick": "x" })),
        ("POST", format!("/v1/contacts/{ana}/bin"), Value::Null),
        ("POST", format!("/v1/contacts/{ana}/tags"), json!({ "add": ["x"] })),
        ("POST", format!("/v1/contacts/{ana}/notes"), json!({ "text": "x" })),
        ("POST", format!("/v1/contacts/{ana}/tasks"), json!({ "title": "x" })),
        ("POST", format!("/v1/contacts/{ana}/memories"), json!({ "text": "x" })),
        ("POST", format!("/v1/contacts/{ana}/conversations"), json!({ "platform": "widget" })),
    ] {
        assert_eq!(program.refused(method, &path, &body), (404, "not_found".to_owned()), "{method} {path}");
    }
    for query in ["", "?sort=name", "?filter=source:widget", "?q=ana"] {
        let listed = program.get(&format!("/v1/contacts{query}"));
        assert!(!listed.to_string().contains(&ana), "{query}: {listed}");
    }
    assert_eq!(program.get("/v1/contacts")["total"], 1);
    assert_eq!(program.get("/v1/conversations")["total"], 1, "nor are conversations with her");
    assert_eq!(identified(&program, "V-1").0, 403);
    // Who tries to make her again learns that somebody is here, and not who.
    let (status, problem) = program.send("POST", "/v1/contacts", &json!({ "email": "V-1@x.example" }));
    assert_eq!((status, problem.get("contact")), (409, None), "{problem}");
    assert_eq!(hash_of(&door.core), before, "and nothing of her was changed");
    restriction::lift(&door.core, &lock, "it was checked", &who()).expect("lifted");
    for path in &paths {
        program.get(path);
    }
}

#[test]
fn who_is_not_shared_with_agents_is_proven_to_no_program_until_it_is_lifted() {
    let door = OpenDoor::default();
    let program = door.owner();
    proof_key(&door, false);
    let (ana, _) = full(&program, "Ana", "V-1");
    let (_, proven) = identified(&program, "V-1");
    let grant = proven["grant"].as_str().expect("a grant").to_owned();
    let me = || program.ask("GET", "/v1/me", &[("Cardfile-Grant", &grant)], b"").status();
    assert_eq!(me(), 200);
    let lock = restrict(&door, &ana, Sort::NoAgents);
    assert_eq!((identified(&program, "V-1").0, me()), (403, 403));
    // Who works with all cards speaks with nobody.
    program.get(&format!("/v1/contacts/{ana}"));
    restriction::lift(&door.core, &lock, "she agreed", &who()).expect("lifted");
    assert_eq!((identified(&program, "V-1").0, me()), (200, 200));
}

#[test]
fn a_client_that_serves_a_purpose_sees_only_who_may_be_used_for_it() {
    let door = OpenDoor::default();
    purposes::put(&door.core, &crate::privacy_consent::newsletter(), &who()).expect("a purpose");
    let owner = door.owner();
    let [ana, bo] = ["Ana", "Bo"].map(|name| owner.contact(&json!({ "name": name, "source": "widget" })));
    let letters = NewClient { purpose: "newsletter".into(), ..NewClient::new("letters", Scope::ALL) };
    let letters = door.program_of(&letters);
    assert_eq!(letters.get("/v1/contacts")["total"], 0);
    let saying = |given| Saying { purpose: "newsletter".into(), given, channel: "email".into(), ..Saying::default() };
    consent::record(&door.core, &ana, &saying(true), &who()).expect("written down");
    let listed = letters.get("/v1/contacts");
    assert_eq!((&listed["total"], &listed["data"][0]["id"]), (&json!(1), &json!(ana)));
    letters.get(&format!("/v1/contacts/{ana}"));
    assert_eq!(letters.refused("GET", &format!("/v1/contacts/{bo}"), &Value::Null).0, 404);
    let (status, problem) = letters.send("POST", "/v1/contacts/export", &json!({ "purpose": "contact" }));
    assert_eq!((status, &problem["issues"][0]["field"]), (422, &json!("purpose")), "its purpose binds");
    consent::record(&door.core, &ana, &saying(false), &who()).expect("written down");
    assert_eq!(letters.refused("GET", &format!("/v1/contacts/{ana}"), &Value::Null).0, 404);
    assert_eq!(owner.get("/v1/contacts")["total"], 2);
}

#[test]
fn how_many_a_view_shows_is_told_only_of_whom_a_client_sees() {
    let door = OpenDoor::default();
    purposes::put(&door.core, &crate::privacy_consent::newsletter(), &who()).expect("a purpose");
    let owner = door.owner();
    let [ana, bo] =
        ["ana", "bo"].map(|name| owner.contact(&json!({ "name": name, "email": format!("{name}@x.example") })));
    // Letter by letter an address would be found.
    let views = door.program("views", &[Scope::SegmentsRead, Scope::SegmentsWrite]);
    let view = views.make("/v1/segments", &json!({ "name": "All", "query": "ana@" }));
    let path = format!("/v1/segments/{}", id(&view));
    let (status, changed) = views.send("PATCH", &path, &json!({ "query": "ana@x" }));
    assert_eq!((status, &view["contacts"], &changed["contacts"]), (200, &Value::Null, &Value::Null));
    assert_eq!(views.get("/v1/segments")["data"][0]["contacts"], Value::Null);
    let shown = |program: &Program| program.get(&path)["contacts"].clone();
    assert_eq!((shown(&views), shown(&owner)), (Value::Null, json!(1)));
    // A client that serves a purpose is told of those alone.
    owner.send("PATCH", &path, &json!({ "query": null }));
    let scopes = [Scope::SegmentsRead, Scope::ContactsRead];
    let letters = door.program_of(&NewClient { purpose: "newsletter".into(), ..NewClient::new("letters", &scopes) });
    let saying = Saying { purpose: "newsletter".into(), given: true, channel: "email".into(), ..Saying::default() };
    consent::record(&door.core, &bo, &saying, &who()).expect("written down");
    assert_eq!((shown(&letters), shown(&owner)), (json!(1), json!(2)));
    // Whoever is restricted is counted for nobody, whatever the filter asks about.
    restrict(&door, &ana, Sort::Restricted);
    owner.send("PATCH", &path, &json!({ "filter": "restriction:restricted" }));
    assert_eq!(shown(&owner), json!(0));
}

#[test]
fn who_is_on_hold_is_not_erased_through_the_door() {
    let door = OpenDoor::default();
    let program = door.owner();
    let ana = program.contact(&json!({ "name": "Ana" }));
    restrict(&door, &ana, Sort::Held);
    let before = hash_of(&door.core);
    assert_eq!(program.refused("DELETE", &format!("/v1/contacts/{ana}"), &Value::Null), (409, "refused".to_owned()));
    assert_eq!(hash_of(&door.core), before);
}

/// The part of A-13 that comes through the door.
#[test]
fn who_was_erased_does_not_come_back_through_any_route() {
    let door = OpenDoor::default();
    let program = door.owner();
    proof_key(&door, true);
    let ana = program.contact(&json!({ "name": "Ana Ruiz", "email": "ana@x.example", "phone": "+34 612 408 177",
        "external_ids": [{ "remote": "shop", "id": "V-17" }] }));
    // What waits of her, and the grant to ask about her, go too.
    let held = program.send("POST", "/v1/ingest/lead", &json!({ "name": "A. R.", "phone": "+34612408177" })).1;
    assert_eq!(held["results"][0]["outcome"], "held", "{held}");
    let (_, proven) = identified(&program, "V-17");
    let grant = proven["grant"].as_str().expect("a grant").to_owned();
    let me = |status: u16| {
        let answer = program.ask("GET", "/v1/me", &[("Cardfile-Grant", &grant)], b"");
        assert_eq!(answer.status(), status, "{}", answer.text());
    };
    me(200);
    let (status, receipt) = program.send("DELETE", &format!("/v1/contacts/{ana}"), &Value::Null);
    assert_eq!(status, 200, "{receipt}");
    me(403);
    assert_eq!(leads::count(&door.core).expect("a count"), 0);
    let before = hash_of(&door.core);
    let refused = program.refused("POST", "/v1/contacts", &json!({ "name": "Ana", "email": "ANA@X.example" }));
    assert_eq!(refused, (409, "refused".to_owned()));
    let rows = b"name,email\nAna Ruiz,ana@x.example\nBo,bo@x.example\n";
    let report = program.ask("POST", "/v1/contacts/import?dry_run=true", &[("Content-Type", "text/csv")], rows);
    let report: Value = serde_json::from_slice(&report.body).expect("JSON");
    assert_eq!((&report["suppressed"], &report["created"]), (&json!(1), &json!(1)));
    for (path, body) in [
        ("/v1/ingest/lead", json!({ "name": "Ana", "phone": "+34 612-408-177" })),
        ("/v1/ingest/action", json!({ "action": "open_ticket", "email": "ana@x.example" })),
        ("/v1/ingest/event", json!({ "event": "page_viewed", "user_id": "V-17", "source": "shop" })),
    ] {
        let (_, told) = program.send("POST", path, &body);
        assert_eq!(told["results"][0]["outcome"], "suppressed", "{path}: {told}");
    }
    assert_eq!(identified(&program, "V-17").0, 403);
    assert_eq!(hash_of(&door.core), before, "nothing of her is kept");
    let receipt = erasure::receipt(&door.core, receipt["erasure"].as_str().expect("an id")).expect("a receipt");
    assert!(receipt.returns > 0, "the receipt says that she came back");

    suppression::lift(&door.core, &receipt.erasure, &who()).expect("lifted");
    program.make("/v1/contacts", &json!({ "name": "Ana", "email": "ana@x.example" }));
}

/// A window that erases while the door is open.
#[test]
fn who_is_erased_in_the_window_is_gone_for_programs_at_once() {
    let door = OpenDoor::default();
    let program = door.owner();
    let ana = program.contact(&json!({ "name": "Ana" }));
    let page = program.get("/v1/contacts?sort=name&limit=1");
    assert_eq!(page["total"], 1);
    let own = door.contact(&ana).id;
    erasure::erase(&door.core, &[own], Reason::Request(None), &who(), &Unwatched).expect("erased");
    assert_eq!(program.get("/v1/contacts?sort=name")["total"], 0);
    assert_eq!(program.refused("GET", &format!("/v1/contacts/{ana}"), &Value::Null).0, 404);
}

/// The part of A-14 that comes through the door.
#[test]
fn a_lead_that_declines_leaves_no_trace_and_one_that_consents_is_proven() {
    let door = OpenDoor::default();
    let program = door.owner();
    let lead = |given: bool| {
        json!({ "source": "widget", "conversation_id": "c1", "session_key": "8f2c", "name": "Ana Ruiz",
            "email": "ana@x.example", "ip_country": "ES", "consent_given": given, "at": "2026-04-01T09:00:00Z",
            "messages": [{ "text": "Soy Ana Ruiz, ana@x.example.", "role": "contact", "at": "2026-04-01T09:00:00Z" }] })
    };
    let (_, told) = program.send("POST", "/v1/ingest/event", &lead(false));
    assert_eq!((&told["results"][0]["outcome"], &told["countries_left_out"]), (&json!("declined"), &json!(1)));
    assert!(door.contacts().is_empty());
    let waiting = conversations::waiting(&door.core, 10).expect("an inbox");
    assert_eq!((waiting.len(), waiting[0].value.session_key.as_str()), (1, ""), "what was said, of nobody");
    let (_, told) = program.send("POST", "/v1/ingest/event", &lead(true));
    assert_eq!(told["results"][0]["outcome"], "created", "{told}");
    let ana = contact::find(&door.core, "ana@x.example").expect("she");
    let ledger = consent::ledger(&door.core, &ana).expect("a ledger");
    assert!(ledger.len() == 1 && ledger[0].given, "{ledger:?}");
    let shown = program.get(&format!("/v1/contacts/{}", ana.contact.id));
    assert_eq!((&shown["ip_country"], &shown["metadata"]["consent_given"]), (&json!("ES"), &json!(true)));
}

#[test]
fn what_the_ledger_of_consents_says_is_written_by_no_program() {
    let door = OpenDoor::default();
    let program = door.owner();
    let ana = program.contact(&json!({ "name": "Ana", "email": "ana@x.example", "metadata": { "plan": "pro" } }));
    let before = hash_of(&door.core);
    let path = format!("/v1/contacts/{ana}");
    for key in ["consent_given", "consent_at", "consents"] {
        for (method, path, body) in [
            ("PATCH", path.as_str(), json!({ "metadata": { key: true } })),
            ("POST", "/v1/contacts", json!({ "name": "Bo", "metadata": { key: "2026-01-01" } })),
        ] {
            let (status, problem) = program.send(method, path, &body);
            assert_eq!(status, 422, "{method} {key}");
            let why = problem["detail"].as_str().expect("an explanation");
            assert!(why.starts_with(key) && problem["hint"].is_string(), "{problem}");
        }
        for record in [json!({ "email": "ana@x.example" }), json!({ "name": "Cy" })] {
            let mut record = record;
            record["metadata"] = json!({ key: true });
            let line = record.to_string();
            let kind = [("Content-Type", "application/x-ndjson")];
            let answer = program.ask("POST", "/v1/contacts/import?policy=newest", &kind, line.as_bytes());
            let report: Value = serde_json::from_slice(&answer.body).expect("JSON");
            assert_eq!(report["rejected"], 1, "{line}: {report}");
        }
    }
    // Told as what a person said it goes to the ledger.
    assert_eq!(hash_of(&door.core), before);
    program.send("POST", "/v1/ingest/lead", &json!({ "email": "ana@x.example", "consent_given": true }));
    let mirrored = program.get(&path);
    assert_eq!(mirrored["metadata"]["consent_given"], true);
    // A patch of something else leaves it alone.
    let (status, changed) = program.send("PATCH", &path, &json!({ "metadata": { "plan": null } }));
    assert_eq!((status, &changed["metadata"]["consent_given"]), (200, &json!(true)));
    assert_eq!(program.send("PATCH", &path, &json!({ "metadata": null })).0, 422, "nor is it emptied");
}
