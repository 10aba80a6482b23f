//! Chatbase, ChatBotKit, MaiAgent, Chatsby and Chatwoot.

use super::{Fake, Habits, Person, Vendor, ask, get, send, with};
use crate::vendors::Times;
use serde_json::{Value, json};

const CHATBASE: &str = "/api/v1/chatbots/ckl123abc456";
const CHATWOOT: &str = "/api/v1/accounts/1/contacts";

fn id(fake: &Fake, external_id: &str) -> String {
    let raw = fake.raw(external_id);
    raw["id"].as_str().map_or_else(|| raw["id"].to_string(), str::to_owned)
}

#[test]
fn chatbase_loses_what_is_not_declared_and_refuses_what_is_of_another_type() {
    let fake = with(Vendor::Chatbase, 1);
    let path = format!("{CHATBASE}/contacts/{}", id(&fake, "u-0"));
    let write = |data: Value| ask(&fake, "PATCH", &path, &json!({ "data": data }));
    let (status, said) = write(json!({ "shoe_size": 7, "custom_attributes": { "plan": "gold" }, "name": "Ana" }));
    assert_eq!((status, &said["data"]["name"]), (200, &json!("Ana")));
    assert_eq!((&said["data"]["custom_attributes"], said["data"].get("shoe_size")), (&json!({}), None));

    let declared = json!({ "name": "age", "type": "number", "label": "Age" });
    assert_eq!(ask(&fake, "POST", &format!("{CHATBASE}/custom-attributes"), &declared).0, 201);
    let (status, said) = write(json!({ "custom_attributes": { "age": "old" } }));
    assert_eq!((status, &said["issues"][0]["field"]), (400, &json!("custom_attributes.age")));
    assert_eq!(write(json!({ "custom_attributes": { "age": 7 } })).1["data"]["custom_attributes"], json!({ "age": 7 }));
    assert_eq!(write(json!({ "name": 5 })).0, 400);
}

#[test]
fn chatbase_takes_a_batch_as_a_whole_or_not_at_all() {
    let fake = with(Vendor::Chatbase, 1);
    let create = |users: Value| ask(&fake, "POST", &format!("{CHATBASE}/contacts"), &json!({ "users": users }));
    let person = |id: &str, email: &str| json!({ "external_id": id, "email": email });
    assert_eq!(create(json!([person("a", "a@x.example"), person("b", "nowhere")])).0, 400);
    assert_eq!(create(json!([person("a", "a@x.example"), person("b", "p0@x.example")])).0, 409);
    assert_eq!(fake.count(), 1);
    let (status, said) = create(json!([person("a", "a@x.example")]));
    assert_eq!((status, &said["data"][0]["external_id"]), (200, &json!("a")));
    assert_eq!(create(json!([person("a", "b@x.example")])).0, 409, "somebody is there");
    fake.habits(Habits { create_updates: true, other_pages: true, ..Habits::default() });
    let (status, said) = create(json!([person("a", "b@x.example")]));
    assert_eq!((status, &said["data"]["created"][0]["email"], fake.count()), (200, &json!("b@x.example"), 2));
    fake.habits(Habits { plan: Some(2), ..Habits::default() });
    assert_eq!(create(json!([person("c", "")])).1["message"], json!("Maximum contacts limit reached"));
}

#[test]
fn chatbase_pages_count_from_one_and_a_deletion_moves_the_rest_up() {
    let fake = with(Vendor::Chatbase, 25);
    fake.habits(Habits { shift: 1, ..Habits::default() });
    let page = |at: u32| get(&fake, &format!("{CHATBASE}/contacts?page={at}&per_page=10")).1;
    let ids = |body: &Value| -> Vec<String> {
        let rows = body["data"].as_array().cloned().unwrap_or_default();
        rows.iter().map(|row| row["external_id"].as_str().unwrap_or_default().to_owned()).collect()
    };
    let first = page(1);
    assert_eq!((ids(&first)[0].as_str(), &first["pages"]["total_pages"]), ("u-24", &json!(3)));
    assert_eq!(ids(&page(2))[0], "u-13", "u-14 is still there, and in no page");
    assert!(first["data"][0]["created_at"].as_i64().is_some_and(|at| at < 10_000_000_000), "seconds");
    for path in ["?per_page=9", "?per_page=1001", "?page=0"] {
        assert_eq!(get(&fake, &format!("{CHATBASE}/contacts{path}")).0, 400, "{path}");
    }
    assert_eq!(get(&fake, "/api/v1/chatbots/another/contacts").1["message"], json!("Chatbot not found"));
}

#[test]
fn chatbotkit_ensures_by_fingerprint_and_answers_the_id_alone() {
    let fake = with(Vendor::ChatBotKit, 1);
    let ensure = |body: Value| ask(&fake, "POST", "/v1/contact/ensure", &body);
    assert_eq!(ensure(json!({ "name": "Ana" })).0, 400);
    let known = ensure(json!({ "fingerprint": "u-0", "name": "Somebody" }));
    assert_eq!((known, fake.people()[0].name.as_str()), ((200, json!({ "id": id(&fake, "u-0") })), "Given0 Family0"));
    let (status, said) = ensure(json!({ "fingerprint": "ctc_1", "name": "Ana" }));
    assert_eq!((status, said.as_object().map(|said| said.len()), fake.count()), (200, Some(1), 2));

    let path = |verb: &str| format!("/v1/contact/{}/{verb}", id(&fake, "ctc_1"));
    assert_eq!(ask(&fake, "POST", &path("update"), &json!({ "name": "Bo", "meta": { "a": 1 } })).0, 200);
    let fetched = get(&fake, &path("fetch")).1;
    assert_eq!((&fetched["name"], &fetched["meta"]), (&json!("Bo"), &json!({ "a": 1 })));
    assert!(fetched["updatedAt"].as_i64().is_some_and(|at| at > 1_000_000_000_000), "milliseconds");
    fake.add("ctc_1", "task", json!({ "id": "t-1", "name": "Call" }));
    assert_eq!(get(&fake, &path("task/list")).1["items"][0]["id"], json!("t-1"));
    assert_eq!(get(&fake, &path("memory/list")).1["items"], json!([]));
    let deleted = path("delete");
    assert_eq!(ask(&fake, "POST", &deleted, &json!({})).0, 200);
    assert_eq!(ask(&fake, "POST", &deleted, &json!({})).0, 404);
}

#[test]
fn chatbotkit_lists_the_newest_first_from_cursor_to_cursor() {
    let fake = with(Vendor::ChatBotKit, 5);
    let (_, first) = get(&fake, "/v1/contact/list?take=3");
    assert_eq!(first["items"][0]["fingerprint"], json!("u-4"));
    let cursor = first["cursor"].as_str().expect("there is more").replace('+', "%2B").replace('=', "%3D");
    let (_, second) = get(&fake, &format!("/v1/contact/list?take=3&cursor={cursor}"));
    assert_eq!((&second["items"][1]["fingerprint"], second.get("cursor")), (&json!("u-0"), None));
    fake.expire();
    assert_eq!(get(&fake, &format!("/v1/contact/list?take=3&cursor={cursor}")).0, 400);
}

#[test]
fn maiagent_finds_whatever_has_the_words_in_it() {
    let fake = with(Vendor::MaiAgent, 12);
    let (_, body) = get(&fake, "/api/v1/contacts/?query=u-1");
    assert_eq!(body["count"], json!(3), "u-1, u-10 and u-11: {body}");
    let next = get(&fake, "/api/v1/contacts/?limit=5&offset=5").1["next"].clone();
    assert!(next.as_str().is_some_and(|next| next.ends_with("/api/v1/contacts/?limit=5&offset=10")), "{next}");
    assert_eq!(get(&fake, "/api/v1/contacts").0, 404, "its paths end in a stroke");
}

#[test]
fn maiagent_knows_a_source_id_within_its_inbox_alone() {
    let fake = with(Vendor::MaiAgent, 1);
    let inbox = fake.raw("u-0")["inboxes"][0]["id"].clone();
    let create = |inbox: &Value| {
        let body = json!({ "name": "Twin", "source_id": "u-0", "inboxes": [{ "id": inbox }] });
        ask(&fake, "POST", "/api/v1/contacts/", &body).0
    };
    assert_eq!((create(&inbox), create(&json!("another"))), (400, 201));
    assert_eq!(get(&fake, "/api/v1/contacts/?inboxes=another").1["count"], json!(1));
    assert_eq!(ask(&fake, "POST", "/api/v1/contacts/", &json!({ "name": "Ana" })).0, 400);
    let path = format!("/api/v1/contacts/{}/", fake.raw("u-0")["id"].as_str().expect("an id"));
    assert_eq!(ask(&fake, "PATCH", &path, &json!({ "name": "" })).0, 400);
    assert_eq!(ask(&fake, "PATCH", &path, &json!({ "phone_number": null })).0, 200);
}

#[test]
fn maiagent_has_two_spellings_and_times_in_three_forms() {
    let fake = with(Vendor::MaiAgent, 1);
    assert!(fake.raw("u-0")["created_at"].as_str().is_some_and(|at| at.starts_with("2026-11-21T09:00:00")));
    fake.habits(Habits { other_pages: true, times: Some(Times::Millis), ..Habits::default() });
    let body = get(&fake, "/api/v1/contacts/?page=1&pageSize=5").1;
    assert_eq!(body["results"][0]["sourceId"], json!("u-0"));
    assert!(body["results"][0]["createdAt"].is_i64(), "{body}");
    let made = json!({ "name": "Ana", "sourceId": "u-9", "inboxes": [{ "id": "i" }] });
    assert_eq!(ask(&fake, "POST", "/api/v1/contacts/", &made).0, 201);
    assert_eq!(fake.people()[1].external_id, "u-9");
}

#[test]
fn chatsby_keeps_two_with_one_id_and_replaces_its_metadata() {
    let fake = with(Vendor::Chatsby, 1);
    let twin = json!({ "name": "Twin", "metadata": { "external_id": "u-0" } });
    assert_eq!((ask(&fake, "POST", "/v1/contacts", &twin).0, fake.count()), (201, 2));
    let fake = with(Vendor::Chatsby, 1);
    let path = format!("/v1/contacts/{}", id(&fake, "u-0"));
    let write = |metadata: Value| ask(&fake, "PATCH", &path, &json!({ "metadata": metadata })).1["metadata"].clone();
    assert_eq!(write(json!({ "external_id": "u-0", "a": 1 })), json!({ "external_id": "u-0", "a": 1 }));
    assert_eq!(write(json!({ "external_id": "u-0", "b": 2 })), json!({ "external_id": "u-0", "b": 2 }));
    fake.habits(Habits { maps_merge: true, ..Habits::default() });
    assert_eq!(write(json!({ "a": 1 })), json!({ "external_id": "u-0", "b": 2, "a": 1 }));
    assert_eq!(ask(&fake, "DELETE", &path, &Value::Null).0, 204);
    assert_eq!(get(&fake, &path).0, 404);
}

#[test]
fn chatwoot_adds_to_its_maps_and_takes_keys_away_by_another_route() {
    let fake = with(Vendor::Chatwoot, 1);
    let path = format!("{CHATWOOT}/{}", id(&fake, "u-0"));
    fake.plant("u-0", "/custom_attributes/old", json!("kept"));
    let (status, said) = ask(&fake, "PUT", &path, &json!({ "custom_attributes": { "new": 1 } }));
    assert_eq!((status, &said["payload"]["custom_attributes"]), (200, &json!({ "old": "kept", "new": 1 })));
    let gone = json!({ "custom_attributes": ["old"] });
    let (_, said) = ask(&fake, "POST", &format!("{path}/destroy_custom_attributes"), &gone);
    assert_eq!(said["payload"]["custom_attributes"], json!({ "new": 1 }));
    assert!(said["payload"].get("updated_at").is_none(), "it does not say when");
}

#[test]
fn chatwoot_lists_fifteen_who_can_be_reached_and_finds_parts_of_words() {
    let fake = with(Vendor::Chatwoot, 17);
    fake.put(&Person { name: "Visitor".into(), ..Person::default() });
    let (_, body) = get(&fake, &format!("{CHATWOOT}?page=1"));
    assert_eq!((body["payload"].as_array().map(Vec::len), &body["meta"]["count"]), (Some(15), &json!(17)));
    assert_eq!(get(&fake, &format!("{CHATWOOT}?page=3")).1["payload"], json!([]));
    assert_eq!(get(&fake, &format!("{CHATWOOT}/search?q=u-1")).1["meta"]["count"], json!(8));
    let filter = json!({ "payload": [{
        "attribute_key": "identifier", "filter_operator": "equal_to", "values": ["u-1"], "query_operator": null,
    }] });
    assert_eq!(ask(&fake, "POST", &format!("{CHATWOOT}/filter"), &filter).1["meta"]["count"], json!(1));
}

#[test]
fn chatwoot_refuses_twins_strange_phones_and_the_deletion_of_who_is_online() {
    let fake = with(Vendor::Chatwoot, 1);
    let create = |body: Value| ask(&fake, "POST", CHATWOOT, &body);
    assert_eq!(create(json!({ "identifier": "u-0" })).1["attributes"], json!(["identifier"]));
    assert_eq!(create(json!({ "name": "Ana", "phone_number": "600 100" })).0, 422);
    let path = format!("{CHATWOOT}/{}", id(&fake, "u-0"));
    fake.habits(Habits { refuse_delete: true, ..Habits::default() });
    assert_eq!(send(&fake, "DELETE", &path, &Value::Null).status(), 422);
    fake.habits(Habits::default());
    assert_eq!(send(&fake, "DELETE", &path, &Value::Null).status(), 200);
}
