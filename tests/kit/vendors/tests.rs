//! What each fake does that its vendor documents, and what it does by habit.

mod hubspot;
mod intercom;
mod others;

use super::{Fake, Habits, Limit, Person, Vendor};
use crate::http::{Client, Message};
use rstest::rstest;
use serde_json::{Value, json};

/// The status of an answer, and what it says.
type Said = (u16, Value);

fn send(fake: &Fake, method: &str, path: &str, body: &Value) -> Message {
    let (header, word) = fake.vendor().api().sign_in();
    let headers = [(header, word), ("Content-Type", "application/json"), ("Intercom-Version", "2.16")];
    let client = Client { address: fake.address(), account: None };
    let body = if body.is_null() { String::new() } else { body.to_string() };
    client.send(method, path, &headers, &body)
}

fn ask(fake: &Fake, method: &str, path: &str, body: &Value) -> Said {
    let answer = send(fake, method, path, body);
    (answer.status(), serde_json::from_slice(&answer.body).unwrap_or_default())
}

fn get(fake: &Fake, path: &str) -> Said {
    ask(fake, "GET", path, &Value::Null)
}

/// A fake with so many people in it.
fn with(vendor: Vendor, count: u64) -> Fake {
    let fake = Fake::start(vendor);
    (0..count).for_each(|number| fake.put(&Person::numbered(number)));
    fake
}

/// A list of everybody, which is short.
fn list_of(vendor: Vendor) -> &'static str {
    match vendor {
        Vendor::HubSpot => "/crm/v3/objects/contacts",
        Vendor::Chatbase => "/api/v1/chatbots/ckl123abc456/contacts",
        Vendor::ChatBotKit => "/v1/contact/list",
        Vendor::MaiAgent => "/api/v1/contacts/",
        Vendor::Chatsby => "/v1/contacts",
        Vendor::Intercom => "/contacts",
        Vendor::Chatwoot => "/api/v1/accounts/1/contacts",
    }
}

/// Where its rows are.
fn rows_of(vendor: Vendor, body: &Value) -> usize {
    let name = match vendor {
        Vendor::HubSpot | Vendor::MaiAgent => "results",
        Vendor::Chatbase | Vendor::Chatsby | Vendor::Intercom => "data",
        Vendor::ChatBotKit => "items",
        Vendor::Chatwoot => "payload",
    };
    body[name].as_array().map_or(0, Vec::len)
}

#[rstest]
fn everybody_who_was_put_there_is_there_and_in_the_list(
    #[values(
        Vendor::HubSpot,
        Vendor::Chatbase,
        Vendor::ChatBotKit,
        Vendor::MaiAgent,
        Vendor::Chatsby,
        Vendor::Intercom,
        Vendor::Chatwoot
    )]
    vendor: Vendor,
) {
    let fake = with(vendor, 5);
    let people: Vec<Person> = (0..5).map(Person::numbered).collect();
    assert_eq!((fake.people(), fake.count()), (people, 5));
    let (status, body) = get(&fake, list_of(vendor));
    assert_eq!((status, rows_of(vendor, &body)), (200, 5), "{body}");

    fake.edit("u-2", |person| person.phone = "+34600000099".into());
    fake.put(&Person { name: "Nora New".into(), ..Person::numbered(3) });
    fake.delete("u-4");
    let people = fake.people();
    assert_eq!((people.len(), people[2].phone.as_str(), people[3].name.as_str()), (4, "+34600000099", "Nora New"));
    let state = fake.state();
    assert_eq!((state.asked.len(), state.writes, state.strangers), (1, 0, 0), "what others do is not counted");
}

#[rstest]
fn who_does_not_sign_in_learns_nothing(
    #[values(Vendor::HubSpot, Vendor::Chatbase, Vendor::MaiAgent, Vendor::Intercom, Vendor::Chatwoot)] vendor: Vendor,
) {
    let fake = with(vendor, 1);
    let client = Client { address: fake.address(), account: None };
    assert_eq!(client.send("GET", list_of(vendor), &[], "").status(), 401);
    assert_eq!(fake.state().strangers, 1);
}

#[test]
fn who_asks_too_often_is_sent_away_and_told_for_how_long() {
    let fake = with(Vendor::Chatwoot, 1);
    fake.habits(Habits { limits: Some(vec![Limit::of_all(2, 60_000)]), ..Habits::default() });
    let path = list_of(Vendor::Chatwoot);
    let statuses = [0, 1, 2].map(|_| send(&fake, "GET", path, &Value::Null).status());
    assert_eq!((statuses, fake.state().over_limit), ([200, 200, 429], 1));
    let answer = send(&fake, "GET", path, &Value::Null);
    let wait: u64 = answer.header("retry-after").and_then(|text| text.parse().ok()).expect("seconds");
    assert!((1..=60).contains(&wait), "{wait}");
}

#[test]
fn answers_get_lost_after_the_deed_and_faults_come_before_it() {
    let fake = with(Vendor::Chatsby, 0);
    fake.habits(Habits { error_500: Some(2), ..Habits::default() });
    let person = json!({ "name": "Ana", "metadata": { "external_id": "u-1" } });
    let statuses = [0, 1].map(|_| ask(&fake, "POST", "/v1/contacts", &person).0);
    assert_eq!((statuses, fake.count(), fake.state().done), ([201, 500], 1, 1));

    fake.habits(Habits { lose_answers: Some(1), ..Habits::default() });
    let client = Client { address: fake.address(), account: None };
    let headers = [("Authorization", "Bearer csb-secret"), ("Content-Type", "application/json")];
    let lost = std::panic::catch_unwind(|| client.send("POST", "/v1/contacts", &headers, &person.to_string()));
    assert!(lost.is_err(), "nobody answered");
    assert_eq!((fake.count(), fake.state().asked.last().and_then(|asked| asked.status)), (2, None));
}

#[rstest]
#[case::hubspot(Vendor::HubSpot, "POST", "/crm/v3/objects/contacts", json!({ "properties": { "phone": "1" } }))]
#[case::chatbase(
    Vendor::Chatbase,
    "POST",
    "/api/v1/chatbots/ckl123abc456/contacts",
    json!({ "users": [{ "external_id": "a", "phonenumber": "1" }] })
)]
#[case::chatbotkit(Vendor::ChatBotKit, "POST", "/v1/contact/create", json!({ "fingerprint": "a", "phone": "1" }))]
#[case::maiagent(
    Vendor::MaiAgent,
    "POST",
    "/api/v1/contacts/",
    json!({ "name": "A", "phone_number": "1", "inboxes": [{ "id": "i" }] })
)]
#[case::chatsby(Vendor::Chatsby, "POST", "/v1/contacts", json!({ "name": "A", "phone": "1" }))]
#[case::intercom(Vendor::Intercom, "POST", "/contacts", json!({ "external_id": "a", "phone": "1" }))]
#[case::chatwoot(
    Vendor::Chatwoot,
    "POST",
    "/api/v1/accounts/1/contacts",
    json!({ "inbox_id": 3, "name": "A", "phone_number": "+3461" })
)]
fn a_field_may_get_lost_without_a_word(
    #[case] vendor: Vendor,
    #[case] method: &str,
    #[case] path: &str,
    #[case] body: Value,
) {
    let fake = with(vendor, 0);
    fake.habits(Habits { strip: vec![fake.phone_at().to_owned()], ..Habits::default() });
    let (status, said) = ask(&fake, method, path, &body);
    assert!(matches!(status, 200 | 201), "{said}");
    assert_eq!(fake.people()[0].phone, "");
    fake.habits(Habits { refuse: vec!["A".into(), "a".into(), "1".into()], ..Habits::default() });
    assert!((400..500).contains(&ask(&fake, method, path, &body).0));
}

#[test]
fn a_body_that_does_not_say_that_it_is_json_is_not_read() {
    let fake = with(Vendor::Chatsby, 0);
    let client = Client { address: fake.address(), account: None };
    let answer = client.send("POST", "/v1/contacts", &[("Authorization", "Bearer csb-secret")], "{}");
    assert_eq!((answer.status(), fake.count()), (415, 0));
}
