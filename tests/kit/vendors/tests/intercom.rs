//! Intercom.

use super::{Fake, Habits, Vendor, ask, get, send, with};
use crate::http::Client;
use serde_json::{Value, json};

fn id(fake: &Fake, external_id: &str) -> String {
    fake.raw(external_id)["id"].as_str().expect("an id").to_owned()
}

#[test]
fn a_contact_that_was_merged_says_where_it_went() {
    let fake = with(Vendor::Intercom, 3);
    let [first, second, third] = ["u-0", "u-1", "u-2"].map(|external_id| id(&fake, external_id));
    fake.merge("u-0", "u-1");
    fake.merge("u-1", "u-2");
    let link = format!("</contacts/{third}>; rel=\"canonical\"");
    let found = "/contacts/find_by_external_id/u-0";
    for path in [format!("/contacts/{first}"), format!("/contacts/{second}"), found.to_owned()] {
        let answer = send(&fake, "GET", &path, &Value::Null);
        assert_eq!((answer.status(), answer.header("link")), (410, Some(link.as_str())), "{path}");
        assert!(answer.text().contains("contact_merged"));
    }
    assert_eq!(get(&fake, "/contacts").1["total_count"], json!(1));
    fake.habits(Habits { merged_is_gone: true, ..Habits::default() });
    assert_eq!(get(&fake, &format!("/contacts/{first}")).0, 404);
}

#[test]
fn a_search_knows_days_and_no_hours() {
    let fake = with(Vendor::Intercom, 2);
    let at = fake.raw("u-0")["updated_at"].as_i64().expect("seconds");
    let search = |operator: &str, value: i64| {
        let query = json!({ "field": "updated_at", "operator": operator, "value": value });
        ask(&fake, "POST", "/contacts/search", &json!({ "query": query }))
    };
    assert_eq!(search(">", at - 3_600).1["total_count"], json!(0), "later on the same day is not later");
    assert_eq!(search(">", at - 86_400).1["total_count"], json!(2));
    assert_eq!(search("=", at).1["total_count"], json!(2));
    assert_eq!(search(">=", at).0, 400);
    fake.pass_ms(86_400_000);
    fake.edit("u-1", |person| person.phone = "+34600000099".into());
    assert_eq!(search(">", at).1["total_count"], json!(1));
}

#[test]
fn a_search_is_told_page_by_page_in_the_order_that_was_asked_for() {
    let fake = with(Vendor::Intercom, 5);
    let mut body = json!({
        "query": { "field": "role", "operator": "=", "value": "user" },
        "sort": { "field": "created_at", "order": "ascending" },
        "pagination": { "per_page": 2 },
    });
    let mut seen = Vec::new();
    loop {
        let (_, said) = ask(&fake, "POST", "/contacts/search", &body);
        let rows = said["data"].as_array().cloned().unwrap_or_default();
        seen.extend(rows.iter().map(|row| row["external_id"].as_str().unwrap_or_default().to_owned()));
        match said["pages"]["next"]["starting_after"].as_str() {
            Some(cursor) => body["pagination"]["starting_after"] = json!(cursor),
            None => break,
        }
    }
    assert_eq!(seen, ["u-0", "u-1", "u-2", "u-3", "u-4"]);
    body["sort"]["order"] = json!("desc");
    assert_eq!(ask(&fake, "POST", "/contacts/search", &body).1["errors"][0]["code"], json!("invalid_sort_order"));
}

#[test]
fn a_second_user_with_the_same_id_is_refused_and_a_lead_has_none() {
    let fake = with(Vendor::Intercom, 1);
    let (status, said) = ask(&fake, "POST", "/contacts", &json!({ "external_id": "u-0" }));
    assert_eq!((status, &said["errors"][0]["code"]), (409, &json!("conflict")));
    assert_eq!(ask(&fake, "POST", "/contacts", &json!({ "role": "user", "name": "Ana" })).0, 400);
    assert_eq!(ask(&fake, "POST", "/contacts", &json!({ "external_id": 5 })).0, 400);
    let lead = json!({ "role": "lead", "external_id": "l-1", "name": "Ana" });
    assert_eq!(ask(&fake, "POST", "/contacts", &lead).0, 200);
    assert_eq!(get(&fake, "/contacts/find_by_external_id/l-1").0, 404);
    assert_eq!(get(&fake, "/contacts/find_by_external_id/u-0").0, 200);
}

#[test]
fn an_attribute_is_declared_before_it_is_written_and_others_stay() {
    let fake = with(Vendor::Intercom, 1);
    let path = format!("/contacts/{}", id(&fake, "u-0"));
    let write = |attributes: Value| ask(&fake, "PUT", &path, &json!({ "custom_attributes": attributes }));
    assert_eq!(write(json!({ "plan": "gold" })).0, 400);
    let declared = json!({ "name": "plan", "model": "contact", "data_type": "string" });
    assert_eq!([0, 1].map(|_| ask(&fake, "POST", "/data_attributes", &declared).0), [200, 400]);
    fake.plant("u-0", "/custom_attributes/since", json!(2020));
    let (status, said) = write(json!({ "plan": "gold" }));
    assert_eq!((status, &said["custom_attributes"]), (200, &json!({ "since": 2020, "plan": "gold" })));
}

#[test]
fn a_version_is_named_and_answers_say_how_much_is_left() {
    let fake = with(Vendor::Intercom, 0);
    let client = Client { address: fake.address(), account: None };
    assert_eq!(client.send("GET", "/contacts", &[("Authorization", "Bearer ic-secret")], "").status(), 400);
    let answer = send(&fake, "GET", "/contacts", &Value::Null);
    let [limit, left] = ["x-ratelimit-limit", "x-ratelimit-remaining"].map(|name| answer.header(name));
    assert_eq!((limit, left), (Some("167"), Some("165")));
    assert!(answer.header("x-ratelimit-reset").is_some_and(|text| text.parse::<u64>().is_ok()));
}
