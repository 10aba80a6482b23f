//! HubSpot.

use super::{Fake, Habits, Vendor, ask, get, send, with};
use serde_json::{Value, json};

const CONTACTS: &str = "/crm/v3/objects/contacts";

fn upsert(fake: &Fake, inputs: &Value) -> (u16, Value) {
    ask(fake, "POST", &format!("{CONTACTS}/batch/upsert"), &json!({ "inputs": inputs }))
}

fn input(id: &str, properties: &Value) -> Value {
    json!({ "id": id, "idProperty": "cardfile_external_id", "objectWriteTraceId": id, "properties": properties })
}

#[test]
fn only_a_few_properties_are_told_without_being_asked_for() {
    let fake = with(Vendor::HubSpot, 1);
    let (_, body) = get(&fake, CONTACTS);
    assert!(body["results"][0]["properties"].get("phone").is_none(), "{body}");
    let (_, body) = get(&fake, &format!("{CONTACTS}?properties=phone,cardfile_external_id&properties=company"));
    let said = &body["results"][0]["properties"];
    assert_eq!((&said["phone"], &said["cardfile_external_id"]), (&json!("+34600000000"), &json!("u-0")));
    assert!(said["company"].is_null());
}

#[test]
fn a_list_goes_on_behind_a_cursor_that_has_to_be_sent_as_it_was_given() {
    let fake = with(Vendor::HubSpot, 5);
    let (_, body) = get(&fake, &format!("{CONTACTS}?limit=3"));
    let after = body["paging"]["next"]["after"].as_str().expect("there is more");
    let encoded = after.replace('+', "%2B").replace('/', "%2F").replace('=', "%3D");
    let (_, body) = get(&fake, &format!("{CONTACTS}?limit=3&after={encoded}"));
    assert_eq!((body["results"].as_array().map(Vec::len), body.get("paging")), (Some(2), None));
    fake.expire();
    assert_eq!(get(&fake, &format!("{CONTACTS}?limit=3&after={encoded}")).0, 400);
    assert_eq!(get(&fake, &format!("{CONTACTS}?limit=101")).0, 400);
}

#[test]
fn answers_say_how_much_is_left_and_a_search_counts_and_does_not() {
    let fake = with(Vendor::HubSpot, 1);
    let left = |method: &str, path: &str, body: &Value| {
        let answer = send(&fake, method, path, body);
        assert_eq!(answer.status(), 200);
        answer.header("x-hubspot-ratelimit-remaining").map(str::to_owned)
    };
    let search = format!("{CONTACTS}/search");
    assert_eq!(left("GET", CONTACTS, &Value::Null).as_deref(), Some("99"));
    assert_eq!(left("POST", &search, &json!({ "limit": 1 })), None);
    assert_eq!(left("GET", CONTACTS, &Value::Null).as_deref(), Some("97"));
}

#[test]
fn a_batch_makes_and_changes_and_may_be_taken_in_part() {
    let fake = with(Vendor::HubSpot, 2);
    let inputs = json!([
        input("u-0", &json!({ "firstname": "Ana" })),
        input("ctc_1", &json!({ "email": "nowhere" })),
        input("ctc_2", &json!({ "email": "bo@x.example", "phone": "" })),
    ]);
    let (status, body) = upsert(&fake, &inputs);
    assert_eq!((status, &body["numErrors"]), (207, &json!(1)));
    let told = [0_usize, 1].map(|at| [&body["results"][at]["new"], &body["results"][at]["objectWriteTraceId"]]);
    assert_eq!(told, [[&json!(false), &json!("u-0")], [&json!(true), &json!("ctc_2")]]);
    assert_eq!(body["errors"][0]["context"]["objectWriteTraceId"], json!(["ctc_1"]));
    let names: Vec<String> = fake.people().into_iter().map(|person| person.name).collect();
    assert_eq!(names, ["", "Ana Family0", "Given1 Family1"]);

    fake.habits(Habits { refuse_whole: true, ..Habits::default() });
    assert_eq!((upsert(&fake, &inputs).0, fake.count()), (400, 3));
    let same = json!([input("u-0", &json!({})), input("u-0", &json!({}))]);
    assert_eq!(upsert(&fake, &same).0, 400);
}

#[test]
fn values_are_texts_and_properties_are_declared() {
    let fake = with(Vendor::HubSpot, 1);
    for properties in [json!({ "phone": 7 }), json!({ "shoe_size": "7" }), json!({ "hs_object_id": "7" })] {
        assert_eq!(upsert(&fake, &json!([input("u-0", &properties)])).0, 400, "{properties}");
    }
    let declared = json!({
        "name": "shoe_size", "label": "Shoes", "type": "string", "fieldType": "text", "groupName": "contactinformation",
    });
    assert_eq!(ask(&fake, "POST", "/crm/v3/properties/contacts", &json!({ "name": "shoe_size" })).0, 400);
    let statuses = [0, 1].map(|_| ask(&fake, "POST", "/crm/v3/properties/contacts", &declared).0);
    assert_eq!(statuses, [201, 409]);
    assert_eq!(upsert(&fake, &json!([input("u-0", &json!({ "shoe_size": "7" }))])).0, 200);
    assert_eq!(fake.state().writes, 4, "what is declared is no record");
}

#[test]
fn a_search_lags_behind() {
    let fake = with(Vendor::HubSpot, 6);
    let search = |body: Value| ask(&fake, "POST", &format!("{CONTACTS}/search"), &body);
    let since = fake.raw("u-3")["properties"]["lastmodifieddate"].clone();
    let filter = json!({ "propertyName": "lastmodifieddate", "operator": "GTE", "value": since });
    let asked = json!({ "filterGroups": [{ "filters": [filter] }], "sorts": ["lastmodifieddate"], "limit": 2 });
    let (_, body) = search(asked.clone());
    assert_eq!((&body["total"], &body["paging"]["next"]["after"]), (&json!(3), &json!("2")));

    fake.habits(Habits { index_lag: true, ..Habits::default() });
    fake.edit("u-0", |person| person.phone = "+34600000099".into());
    assert_eq!(search(asked.clone()).1["total"], json!(3));
    fake.index();
    assert_eq!(search(asked).1["total"], json!(4));
}

#[test]
fn a_search_ends_at_its_cap() {
    let fake = with(Vendor::HubSpot, 6);
    fake.habits(Habits { cap: Some(4), ..Habits::default() });
    let search = |body: Value| ask(&fake, "POST", &format!("{CONTACTS}/search"), &body);
    assert_eq!(search(json!({ "limit": 2, "after": "2" })).0, 200);
    assert_eq!(search(json!({ "limit": 2, "after": "3" })).0, 400);
    assert_eq!(search(json!({ "limit": 201 })).0, 400);
}

#[test]
fn a_deletion_archives_and_forgetting_by_an_unknown_email_blocks_it_for_ever() {
    let fake = with(Vendor::HubSpot, 3);
    let id = fake.raw("u-0")["id"].as_str().expect("an id").to_owned();
    assert_eq!(send(&fake, "DELETE", &format!("{CONTACTS}/{id}"), &Value::Null).status(), 204);
    assert_eq!(get(&fake, &format!("{CONTACTS}/{id}")).0, 404);
    let (_, body) = get(&fake, &format!("{CONTACTS}?archived=true"));
    assert_eq!((&body["results"][0]["id"], &body["results"][0]["archived"]), (&json!(id), &json!(true)));

    let forget = |body: Value| ask(&fake, "POST", &format!("{CONTACTS}/gdpr-delete"), &body).0;
    assert_eq!(forget(json!({ "objectId": id })), 204);
    assert_eq!(get(&fake, &format!("{CONTACTS}?archived=true")).1["results"], json!([]));
    assert_eq!(fake.state().blocked, 0);
    assert_eq!(forget(json!({ "objectId": "new@x.example", "idProperty": "email" })), 204);
    assert_eq!(fake.state().blocked, 1);
    assert_eq!(upsert(&fake, &json!([input("ctc_1", &json!({ "email": "new@x.example" }))])).0, 207);
}

#[test]
fn records_are_read_together_as_far_as_they_are_there() {
    let fake = with(Vendor::HubSpot, 4);
    let body = json!({
        "idProperty": "cardfile_external_id",
        "properties": ["phone"],
        "inputs": [{ "id": "u-0" }, { "id": "nobody" }, { "id": "u-1" }, { "id": "u-2" }],
    });
    let read = || ask(&fake, "POST", &format!("{CONTACTS}/batch/read"), &body);
    let (status, said) = read();
    assert_eq!((status, &said["errors"][0]["context"]["ids"]), (207, &json!(["nobody"])));
    assert_eq!(said["results"][2]["properties"]["phone"], json!("+34600000002"));
    fake.habits(Habits { half_pages: true, ..Habits::default() });
    assert_eq!(read().1["results"].as_array().map(Vec::len), Some(1), "half of what was asked for, less nobody");
    assert_eq!(fake.state().writes, 0);
}
