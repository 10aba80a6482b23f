//! What programs read and write through the door: every route, with what holds for all
//! of them. Each answer is held to the document by the kit.

use cardfile_core::{
    clients::{self, NewClient, Scope},
    fields as custom_fields, history,
    privacy::{audit, restriction},
    progress::Unwatched,
    webhooks,
};
use cardfile_domain::{CustomKind, restriction::Restriction};
use cardfile_testkit::{
    door::{OpenDoor, id},
    project,
    receiver::Receiver,
    who,
};
use rstest::rstest;
use serde_json::{Value, json};

fn fields(value: &Value, names: &[&str]) -> Vec<Value> {
    names.iter().map(|name| value[*name].clone()).collect()
}

#[test]
fn the_kept_document_is_the_one_that_is_served() {
    let path = project().join("src-tauri/crates/gateway/openapi.json");
    let fresh = cardfile_gateway::document();
    if std::env::var_os("CARDFILE_ACCEPT").is_some() {
        std::fs::write(&path, &fresh).expect("writable");
    }
    let kept = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(kept == fresh, "{} is out of date: make bindings", path.display());
    let served = OpenDoor::default().program("reader", &[Scope::ContactsRead]).ask("GET", "/v1/openapi.json", &[], b"");
    assert_eq!(served.text(), kept);
}

#[test]
fn a_contact_is_made_read_changed_binned_and_erased() {
    let door = OpenDoor::default();
    let program = door.owner();
    let made = program.make(
        "/v1/contacts",
        &json!({ "name": "Ana Ruiz",
            "emails": [{ "value": "ana@x.example", "label": "work" }, { "value": "a@y.example" }],
            "addresses": [{ "label": "home", "parts": { "street": "Calle Mayor 1", "city": "Madrid" } }],
            "dates": [{ "label": "birthday", "value": "1990-02-28" }], "nick": "An" }),
    );
    let own = id(&made);
    assert_eq!(
        fields(&made, &["email", "source", "kind", "nick"]),
        [json!("ana@x.example"), json!("api"), json!("person"), json!("An")]
    );
    assert_eq!(made["emails"][0]["label"], "work");
    assert_eq!(made["addresses"][0]["parts"]["city"], "Madrid");
    let stored = door.contact(&own);
    assert_eq!((stored.emails[1].key.as_str(), stored.nick.as_str()), ("a@y.example", "An"));

    let path = format!("/v1/contacts/{own}");
    let read = program.ask("GET", &path, &[], b"");
    let etag = read.header("etag").expect("a tag").to_owned();
    let again = program.ask("GET", &path, &[("If-None-Match", &etag)], b"");
    assert_eq!((again.status(), again.body.len()), (304, 0));

    let (status, changed) =
        program.send_with("PATCH", &path, &[("If-Match", &etag)], &json!({ "nick": null, "email": "new@x.example" }));
    assert_eq!(status, 200, "{changed}");
    assert_eq!(changed["emails"][0], json!({ "value": "new@x.example", "label": "work" }));
    assert_eq!((&changed["nick"], &changed["emails"][1]["value"]), (&Value::Null, &json!("a@y.example")));
    let stale = program.send_with("PATCH", &path, &[("If-Match", &etag)], &json!({ "nick": "Anita" }));
    assert_eq!((stale.0, &stale.1["code"]), (412, &json!("stale")));
    let all = history::list(&door.core, 10).expect("a history");
    let edit = all.iter().find(|operation| operation.kind == "contact_edit").expect("one step");
    assert_eq!((edit.actor.as_str(), edit.origin.as_str()), ("owner", "api"), "the history names the client");

    assert_eq!(program.send("POST", &format!("{path}/bin"), &Value::Null).0, 200);
    assert_eq!(program.get("/v1/contacts")["total"], 0);
    assert_eq!(program.get("/v1/contacts?in=bin")["data"][0]["id"], own.as_str());
    assert_eq!(program.send("POST", &format!("{path}/restore"), &Value::Null).0, 200);
    assert_eq!(program.get("/v1/contacts")["total"], 1);

    let (status, receipt) = program.send("DELETE", &path, &Value::Null);
    assert_eq!((status, &receipt["facts"]["cards"]), (200, &json!(1)), "{receipt}");
    assert!(!receipt.to_string().contains("example"), "a receipt names nobody: {receipt}");
    for (method, path, body) in [
        ("GET", path.clone(), Value::Null),
        ("PATCH", path.clone(), json!({ "nick": "x" })),
        ("DELETE", path.clone(), Value::Null),
        ("POST", format!("{path}/bin"), Value::Null),
        ("GET", "/v1/contacts/ctc_nobody".to_owned(), Value::Null),
    ] {
        assert_eq!(program.refused(method, &path, &body), (404, "not_found".to_owned()), "{method} {path}");
    }
    let entries = audit::latest(&door.core, None, 100).expect("a log");
    assert!(entries.iter().any(|entry| entry.event == "client_made"), "a client is made in the open");
}

#[test]
fn what_is_wrong_with_a_contact_is_named_field_by_field_and_nothing_is_kept() {
    let door = OpenDoor::default();
    let program = door.owner();
    let (status, problem) = program.send(
        "POST",
        "/v1/contacts",
        &json!({ "name": 7, "emails": [{ "label": "work" }], "age": 3, "kind": "robot", "tags": [" "] }),
    );
    let named: Vec<&str> =
        problem["issues"].as_array().expect("issues").iter().filter_map(|issue| issue["field"].as_str()).collect();
    assert_eq!((status, named), (422, vec!["kind", "name", "emails.0.value", "tags.0", "age"]));
    for (body, why) in [
        (json!({}), "no name, email, phone, company or external ID"),
        (json!({ "email": "nobody" }), "email has no @"),
        (json!({ "email": "a@x.example", "emails": [] }), "give email or emails, not both"),
        (json!({ "name": "A", "tags": ["a,b"] }), "a comma would make two tags of one"),
        (json!({ "name": "A", "custom": { "seats": 3 } }), "there is no custom field seats"),
        (
            json!({ "name": "A", "metadata": { "consent_given": true } }),
            "consent_given is what the ledger of consents says",
        ),
    ] {
        let (status, problem) = program.send("POST", "/v1/contacts", &body);
        assert_eq!((status, problem["detail"].as_str()), (422, Some(why)), "{body}");
    }
    assert!(door.contacts().is_empty());
}

#[test]
fn parts_of_a_card_are_made_read_changed_and_taken_away() {
    let door = OpenDoor::default();
    let program = door.owner();
    let ana = program.contact(&json!({ "name": "Ana" }));
    let chat = program.make(
        &format!("/v1/contacts/{ana}/conversations"),
        &json!({ "platform": "Widget", "external_id": "c1", "messages": [
            { "role": "contact", "text": "Hola", "at": "2026-04-01T09:00:00Z", "external_id": "m1" }] }),
    );
    assert_eq!(fields(&chat, &["platform", "messages", "contact_id"]), [json!("widget"), json!(1), json!(ana)]);
    let chat = format!("/v1/conversations/{}", id(&chat));
    // What is here already is not added again.
    let more = json!({ "unread": true, "messages": [
        { "role": "contact", "text": "Hola", "at": "2026-04-01T09:00:00Z", "external_id": "m1" },
        { "role": "agent", "text": "Buenos días", "at": "2026-04-01T09:01:00Z", "author": "bot", "external_id": "m2" }] });
    let (status, grown) = program.send("POST", &format!("{chat}/messages"), &more);
    assert_eq!((status, fields(&grown, &["messages", "unread"])), (200, vec![json!(2), json!(true)]));
    let messages = program.get(&format!("{chat}/messages?limit=1"));
    assert_eq!((&messages["data"][0]["text"], &messages["total"]), (&json!("Hola"), &json!(2)));
    let next = messages["next_cursor"].as_str().expect("a cursor");
    let last = program.get(&format!("{chat}/messages?limit=1&cursor={next}"));
    assert_eq!(fields(&last["data"][0], &["author", "role"]), [json!("bot"), json!("agent")]);
    assert_eq!(program.get("/v1/conversations")["data"][0]["id"], chat.rsplit('/').next().expect("an id"));

    for (kind, body, patch, name) in [
        ("notes", json!({ "text": "Blue" }), json!({ "text": "Red", "internal": true }), "text"),
        ("memories", json!({ "text": "Likes tea", "confidence": 0.5 }), json!({ "text": "Likes coffee" }), "text"),
        (
            "tasks",
            json!({ "title": "Call", "starts_at": "2027-01-01T09:00:00Z" }),
            json!({ "title": "Write" }),
            "title",
        ),
    ] {
        let made = program.make(&format!("/v1/contacts/{ana}/{kind}"), &body);
        let (own, tag) = (id(&made), format!("\"v{}\"", made["version"]));
        let path = format!("/v1/{kind}/{own}");
        assert_eq!(program.get(&path)["contact_id"], ana.as_str());
        let (status, changed) = program.send_with("PATCH", &path, &[("If-Match", &tag)], &patch);
        assert_eq!((status, &changed[name]), (200, &patch[name]), "{kind}: {changed}");
        assert_eq!(program.send_with("PATCH", &path, &[("If-Match", &tag)], &patch).0, 412, "{kind}");
        assert_eq!(program.get(&format!("/v1/contacts/{ana}/{kind}"))["total"], 1);
        assert_eq!(program.send("PATCH", &path, &json!({ name: null })).0, 422, "{kind} needs its {name}");
        if kind == "tasks" {
            assert_eq!(program.send("POST", &format!("{path}/done"), &Value::Null).1["outcome"], "success");
            assert_eq!(program.send("POST", &format!("{path}/cancel"), &Value::Null).1["status"], "canceled");
        }
        assert_eq!(program.ask("DELETE", &path, &[], b"").status(), 204);
        assert_eq!(program.refused("GET", &path, &Value::Null).0, 404);
    }
    let whole = program.get(&format!("/v1/contacts/{ana}?include=conversations,notes,activities&fields=name"));
    assert_eq!((whole["conversations"].as_array().map(Vec::len), &whole["notes"]), (Some(1), &json!([])));
    assert_eq!(program.ask("DELETE", &chat, &[], b"").status(), 204);
    let last = history::list(&door.core, 1).expect("a history").remove(0);
    history::undo(&door.core, Some(&last.id), &who()).expect("undone");
    assert_eq!(program.get(&chat)["messages"], 2, "an undo brings it back");
}

#[test]
fn views_and_tags_are_those_of_the_window() {
    let door = OpenDoor::default();
    let program = door.owner();
    for (name, tags) in [("Ana", vec!["vip"]), ("Bo", vec!["vip", "lead"]), ("Cy", vec![])] {
        program.contact(&json!({ "name": name, "tags": tags }));
    }
    let view = program.make("/v1/segments", &json!({ "name": "Best", "filter": "tag:vip", "sort": ["-name"] }));
    assert_eq!(fields(&view, &["contacts", "stale"]), [json!(2), json!(false)]);
    let listed = program.get("/v1/contacts?segment=Best&fields=name");
    let names: Vec<&str> =
        listed["data"].as_array().expect("a list").iter().filter_map(|one| one["name"].as_str()).collect();
    assert_eq!(names, ["Bo", "Ana"]);
    let path = format!("/v1/segments/{}", id(&view));
    assert_eq!(program.send("PATCH", &path, &json!({ "filter": "tag:" })).0, 422);
    assert_eq!(program.send("PATCH", &path, &json!({ "filter": "tag:lead" })).1["contacts"], 1);
    assert_eq!(program.get("/v1/segments")["total"], 1);

    assert_eq!(program.get("/v1/tags")["data"][1], json!({ "name": "vip", "contacts": 2 }));
    assert_eq!(program.send("PATCH", "/v1/tags/vip", &json!({ "name": "best" })).1["changed"], 2);
    let ana = &door.contacts()[0];
    assert_eq!(ana.tags, ["best"]);
    let (status, tagged) = program.send(
        "POST",
        &format!("/v1/contacts/{}/tags", ana.id),
        &json!({ "add": ["new", "BEST"], "remove": ["Nobody"] }),
    );
    assert_eq!((status, &tagged["tags"]), (200, &json!(["best", "new"])));
    assert_eq!(program.ask("DELETE", "/v1/tags/best", &[], b"").status(), 204);
    assert_eq!(program.ask("DELETE", &path, &[], b"").status(), 204);
    assert_eq!(program.get("/v1/segments")["total"], 0);
}

#[test]
fn a_program_sets_a_webhook_up_and_a_person_approves_what_leaves() {
    let door = OpenDoor::default();
    let program = door.owner();
    let receiver = Receiver::start();
    let wanted = json!({ "name": "Shop", "url": receiver.url("/catch"), "events": ["contact.created"] });
    let key = [("Idempotency-Key", "hook-1")];
    let (status, made) = program.send_with("POST", "/v1/webhooks", &key, &wanted);
    assert_eq!((status, fields(&made, &["state", "fields"])), (201, vec![json!("off"), json!([])]), "{made}");
    let again = program.send_with("POST", "/v1/webhooks", &key, &wanted).1;
    assert_eq!((&again["id"], again.get("secret")), (&made["id"], None), "a secret is shown once");
    let (own, path) = (id(&made), format!("/v1/webhooks/{}", id(&made)));
    let tag = program.ask("GET", &path, &[], b"").header("etag").expect("a tag").to_owned();
    let on = program.send_with("PATCH", &path, &[("If-Match", &tag)], &json!({ "on": true }));
    assert_eq!((on.0, &on.1["state"]), (200, &json!("on")));
    let stale = program.send_with("PATCH", &path, &[("If-Match", &tag)], &json!({ "name": "Store" }));
    assert_eq!((stale.0, &stale.1["code"]), (412, &json!("stale")));

    let ana = program.contact(&json!({ "name": "Ana", "email": "ana@x.example" }));
    webhooks::deliver(&door.core, &Unwatched).expect("sent");
    let [told] = &receiver.take()[..] else { panic!("told once") };
    assert_eq!((told.event().as_str(), told.subject()), ("contact.created", ana.clone()));
    assert!(told.is_signed_with(made["secret"].as_str().expect("a secret")) && !told.body.contains("ana@x.example"));
    let messages = program.get(&format!("{path}/messages"));
    assert_eq!(fields(&messages["data"][0], &["contact_id", "state"]), [json!(ana), json!("done")]);
    let lock = Restriction { reason: "she asked".into(), ..Restriction::default() };
    restriction::put(&door.core, &[door.row(&ana)], &lock, &who()).expect("restricted");
    assert_eq!(program.get(&format!("{path}/messages"))["data"][0]["contact_id"], Value::Null);

    let approve =
        |choice: &mut webhooks::Choice<'_>| choice.mapping.0.entry("name".into()).or_default().approved = true;
    webhooks::set(&door.core, &own, &who(), approve).expect("approved");
    assert_eq!(program.get(&path)["fields"], json!(["name"]));
    let elsewhere = json!({ "url": receiver.url("/other") });
    assert_eq!(program.refused("PATCH", &path, &elsewhere), (409, "refused".to_owned()));
    for body in [json!({ "events": ["contact.sold"] }), json!({ "fields": ["email"] }), json!({ "name": " " })] {
        assert_eq!(program.refused("PATCH", &path, &body).0, 422, "{body}");
    }
    let open = json!({ "name": "Other", "url": "http://shop.example/catch" });
    assert_eq!(program.refused("POST", "/v1/webhooks", &open).0, 422, "everybody on the way could read it");
    assert_ne!(program.send("POST", &format!("{path}/rotate"), &Value::Null).1["secret"], made["secret"]);
    assert_eq!(program.send("POST", &format!("{path}/replay"), &json!({})).1["messages"], 0);
    assert_eq!(program.get("/v1/webhooks")["total"], 1);
    assert_eq!(program.ask("DELETE", &path, &[], b"").status(), 204);
    assert_eq!(program.refused("GET", &path, &Value::Null).0, 404);
}

#[test]
fn what_makes_something_is_done_once_for_each_key() {
    let door = OpenDoor::default();
    let program = door.owner();
    let key = [("Idempotency-Key", "order-17")];
    let body = json!({ "name": "Ana" });
    let (status, first) = program.send_with("POST", "/v1/contacts", &key, &body);
    assert_eq!(status, 201);
    let again = program.ask(
        "POST",
        "/v1/contacts",
        &[key[0], ("Content-Type", "application/json")],
        body.to_string().as_bytes(),
    );
    assert_eq!((again.status(), again.header("idempotency-replayed")), (201, Some("true")));
    assert_eq!(serde_json::from_slice::<Value>(&again.body).expect("JSON")["id"], first["id"]);
    assert_eq!(door.contacts().len(), 1);
    let other = program.send_with("POST", "/v1/contacts", &key, &json!({ "name": "Bo" }));
    assert_eq!((other.0, &other.1["code"]), (422, &json!("repeat")));
    // Another client's key is another key.
    let second = door.program("second", &[Scope::ContactsWrite]);
    assert_eq!(second.send_with("POST", "/v1/contacts", &key, &json!({ "name": "Cy" })).0, 201);
    // What came to nothing may be tried again.
    let retry = [("Idempotency-Key", "order-18")];
    assert_eq!(program.send_with("POST", "/v1/contacts", &retry, &json!({ "email": "x" })).0, 422);
    assert_eq!(program.send_with("POST", "/v1/contacts", &retry, &json!({ "email": "x@y.example" })).0, 201);
    let lead = json!({ "email": "di@x.example", "source": "widget" });
    let told = |_| program.send_with("POST", "/v1/ingest/lead", &[("Idempotency-Key", "lead-1")], &lead).1;
    let [first, second] = [(), ()].map(told);
    assert_eq!(
        (&first["results"][0]["outcome"], &second["results"][0]["outcome"]),
        (&json!("created"), &json!("created"))
    );
    assert!(second["results"][0]["contact_id"].is_null(), "whom it was about is not kept: {second}");
}

#[test]
fn a_token_does_what_it_was_made_for_and_nothing_else() {
    let door = OpenDoor::default();
    let ana = door.owner().contact(&json!({ "name": "Ana" }));
    let document: Value = serde_json::from_str(&cardfile_gateway::document()).expect("JSON");
    let paths = document["paths"].as_object().expect("paths");
    let mut looked_at = 0;
    for scope in Scope::ALL {
        let others: Vec<Scope> = Scope::ALL.iter().copied().filter(|other| other != scope).collect();
        let program = door.program(&format!("not {}", scope.as_str()), &others);
        for (path, operations) in paths {
            for (method, operation) in operations.as_object().expect("operations") {
                let needs = operation["description"].as_str().unwrap_or_default();
                if !needs.contains(&format!("`{}`", scope.as_str())) {
                    continue;
                }
                looked_at += 1;
                let path = path.replace("{id}", &ana).replace("{name}", "x");
                let body = if method == "post" || method == "patch" { json!({}) } else { Value::Null };
                let takes_body = operation.get("requestBody").is_some();
                let body = if takes_body { body } else { Value::Null };
                let refused = program.refused(&method.to_uppercase(), &path, &body);
                assert_eq!(refused, (403, "forbidden".to_owned()), "{method} {path} without {}", scope.as_str());
            }
        }
    }
    assert!(looked_at >= 40, "{looked_at} routes");
    // What stands beside a contact is read with the scope of its own.
    let program = door.program("contacts alone", &[Scope::ContactsRead]);
    assert_eq!(program.refused("GET", &format!("/v1/contacts/{ana}?include=notes"), &Value::Null).0, 403);
    assert_eq!(program.get(&format!("/v1/contacts/{ana}?include=ratings"))["ratings"], json!([]));
}

#[test]
fn a_client_that_is_revoked_or_whose_time_is_over_is_not_let_in() {
    let door = OpenDoor::default();
    let program = door.program("shop", &[Scope::ContactsRead]);
    assert_eq!(program.get("/v1/contacts")["total"], 0);
    clients::revoke(&door.core, "shop", &who()).expect("revoked");
    assert_eq!(program.refused("GET", "/v1/contacts", &Value::Null), (401, "unauthorized".to_owned()));
    // Its name is free again, and its token is not.
    door.program("shop", &[Scope::ContactsRead]).get("/v1/contacts");
    let brief = door.program_of(&NewClient { days: 1, ..NewClient::new("brief", &[Scope::ContactsRead]) });
    brief.get("/v1/contacts");
    door.clock.pass_days(2);
    assert_eq!(brief.refused("GET", "/v1/contacts", &Value::Null).0, 401);
}

#[test]
fn a_client_that_asks_too_often_waits() {
    let door = OpenDoor::default();
    let eager = door.program_of(&NewClient { per_minute: 2, ..NewClient::new("eager", &[Scope::ContactsRead]) });
    let answer = (0..20).map(|_| eager.ask("GET", "/v1/contacts", &[], b"")).find(|answer| answer.status() == 429);
    let answer = answer.expect("refused at last");
    let wait = answer.header("retry-after").and_then(|wait| wait.parse::<u64>().ok());
    assert!((1..=60).contains(&wait.expect("how long to wait")), "{wait:?}");
    door.program("other", &[Scope::ContactsRead]).get("/v1/contacts");
    door.clock.pass_minutes(1);
    eager.get("/v1/contacts");
}

#[rstest]
#[case("limit=0")]
#[case("limit=1001")]
#[case("limit=ten")]
#[case("page=2")]
#[case("sort=shoe_size")]
#[case("filter=source%3A")]
#[case("fields=password")]
#[case("cursor=abc")]
#[case("filter=%ff")]
#[case("segment=Nobody")]
fn a_query_that_makes_no_sense_is_refused(#[case] query: &str) {
    let door = OpenDoor::default();
    let (status, problem) = door.owner().send("GET", &format!("/v1/contacts?{query}"), &Value::Null);
    assert_eq!(status, 400, "{query}: {problem}");
}

#[test]
fn nothing_is_here_and_nothing_else_can_be_done_with_it() {
    let door = OpenDoor::default();
    let program = door.owner();
    for path in ["/", "/v1", "/v1/contacts/", "/v2/contacts", "/v1/contacts/x/y/z", "/v1/secrets"] {
        assert_eq!(program.refused("GET", path, &Value::Null), (404, "not_found".to_owned()), "{path}");
    }
    let put = program.ask("PUT", "/v1/contacts", &[], b"");
    assert_eq!((put.status(), put.header("allow")), (405, Some("GET, POST")));
    assert_eq!(program.ask("HEAD", "/v1/contacts", &[], b"").status(), 405);
    let sealed = program.ask("GET", "/v1/contacts", &[("Accept", "text/html")], b"");
    assert_eq!(sealed.status(), 406);
    for (kind, body) in [("application/x-ndjson", "{}"), ("text/csv", "name\nAna"), ("application/json", "{")] {
        let answer = program.ask("POST", "/v1/contacts", &[("Content-Type", kind)], body.as_bytes());
        assert!(matches!(answer.status(), 400 | 415), "{kind}: {}", answer.text());
    }
    assert!(door.contacts().is_empty());
}

#[test]
fn a_custom_field_is_typed_and_an_external_id_is_of_one_contact() {
    let door = OpenDoor::default();
    custom_fields::create(&door.core, "Seats", CustomKind::Number, &who()).expect("a field");
    let program = door.owner();
    let ana = program.contact(&json!({ "name": "Ana", "custom": { "seats": "12" },
        "external_ids": [{ "remote": "shop", "id": "V-17" }] }));
    assert_eq!(program.get(&format!("/v1/contacts/{ana}"))["custom"], json!({ "seats": 12 }));
    let (status, problem) =
        program.send("PATCH", &format!("/v1/contacts/{ana}"), &json!({ "custom": { "seats": "many" } }));
    assert_eq!(status, 422, "{problem}");
    let taken = json!({ "name": "Bo", "external_ids": [{ "remote": "shop", "id": "V-17" }] });
    assert_eq!(program.refused("POST", "/v1/contacts", &taken), (409, "conflict".to_owned()));
    let bo = program.contact(&json!({ "name": "Bo", "external_ids": [{ "remote": "shop", "id": "v-17" }] }));
    let (status, problem) = program.send(
        "PATCH",
        &format!("/v1/contacts/{bo}"),
        &json!({ "external_ids": [{ "remote": "shop", "id": "V-17" }] }),
    );
    assert_eq!((status, problem["detail"].as_str()), (422, Some("the external ID V-17 at shop is somebody's already")));
    // A second contact with one email only where the program says so, and then it is another person.
    let same = json!({ "name": "Cy", "email": "cy@x.example" });
    program.contact(&same);
    assert_eq!(program.refused("POST", "/v1/contacts", &same).0, 409);
    program.make("/v1/contacts?allow_duplicate=true", &same);
    // A client that may not read is not told who is here.
    let blind = door.program("blind", &[Scope::ContactsWrite]);
    let (status, problem) = blind.send("POST", "/v1/contacts", &same);
    assert_eq!((status, problem.get("contact")), (409, None), "{problem}");
}
