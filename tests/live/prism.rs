//! Would the vendor take it? Prism knows from the vendor's own description what a request looks
//! like. Everything that the product asks and writes at the fakes of Intercom and Chatwoot is
//! shown to it, and so are requests that are wrong on purpose.
//!
//! The descriptions are not ours, and are read from `CARDFILE_EXTRA_DATA/specs`.

use cardfile_core::{
    Core, contact,
    domain::{Contact, Item},
    progress::Unwatched,
    sync::{check, remotes, running},
};
use cardfile_sync::{
    mapping::{Direction, Rule},
    run::End,
};
use cardfile_testkit::{
    Workspace, more_data,
    program::Program,
    setup,
    vendors::{Asked, Fake, Person, Vendor},
    who,
};
use serde_json::{Value, json};
use std::collections::BTreeSet;

const NAME: &str = "Vendor";
/// Headers of the way and not of the request.
const OF_THE_WAY: [&str; 5] = ["host", "connection", "content-length", "accept-encoding", "transfer-encoding"];

/// Everything that our connection ever asks: it lists, searches, makes, changes, empties and
/// deletes, with a field of the account's own.
fn all_asked(vendor: Vendor) -> Vec<Asked> {
    let (ws, fake) = (Workspace::default(), Fake::start(vendor));
    (0..20).for_each(|number| fake.put(&Person::numbered(number)));
    setup::connect(&ws.core, NAME, vendor.kind(), &fake.settings());
    let approve = |settings: &mut remotes::Settings| {
        let custom = Rule { direction: Direction::Both, ..Rule::default() };
        settings.mapping.0.insert("custom.order_ref".into(), custom);
        for rule in settings.mapping.0.values_mut() {
            rule.approved = rule.direction != Direction::Pull;
        }
    };
    remotes::set(&ws.core, NAME, &who(), approve).expect("a field map");
    let found = check::check(&ws.core, NAME, &Unwatched).expect("a check");
    check::enable(&ws.core, NAME, &found, "it is a test", &who()).expect("turned on");
    let run = || {
        let report = running::run(&ws.core, NAME, false, &who(), &Unwatched).expect("a run");
        assert_eq!(report.end, End::Done, "{report:?}");
    };
    run();
    let core: &Core = &ws.core;
    let id = |external_id: &str| contact::find(core, external_id).expect("a contact").contact.id;
    let edit = |external_id: &str, field: &str, value: Value| {
        contact::edit(core, &id(external_id), field, value, &who()).expect("an edit");
    };
    for name in ["Bo Lund", "Ines Vale"] {
        let emails = vec![Item::new(format!("{}@new.example", &name[..2].to_lowercase()), "")];
        let new = Contact { name: name.into(), emails, ..Contact::default() };
        contact::create(core, new, &who()).expect("made");
    }
    edit("u-1", "phone", json!([{ "value": "+34600000999" }]));
    edit("u-2", "phone", json!([]));
    edit("u-3", "name", json!("Nora New"));
    edit("u-4", "custom.order_ref", json!("gold"));
    run();
    edit("u-4", "custom.order_ref", Value::Null);
    let row = contact::find(core, "u-5").expect("a contact").row;
    contact::bin(core, &[row], &who()).expect("binned");
    run();
    fake.state().asked
}

/// Shows a request to Prism; what it says against it.
fn shown(prism: &Program, asked: &Asked) -> Result<(), String> {
    let headers = asked.headers.iter().filter(|(name, _)| !OF_THE_WAY.contains(&name.as_str()));
    let headers: Vec<(&str, &str)> = headers
        .map(|(name, value)| (name.as_str(), value.as_str()))
        .filter(|(name, _)| *name != "content-type")
        .collect();
    let body = serde_json::from_str(&asked.body).unwrap_or_default();
    let answer = prism.ask(&asked.method, &asked.path, &headers, &body);
    let said: Vec<Value> = serde_json::from_str(answer.header("sl-violations").unwrap_or("[]")).expect("a list");
    // Some examples of a vendor's own answers break its description.
    let against_us = said.iter().any(|one| one["location"][0] != "response");
    match answer.status() {
        200..=399 if !against_us => Ok(()),
        status => Err(format!("{status}: {said:?} {}", answer.text())),
    }
}

/// The form of a request: its method, its path without ids, and the names in its body.
fn form(asked: &Asked) -> String {
    let path = asked.path.split('?').next().unwrap_or_default();
    let is_id = |part: &str| part.chars().any(|sign| sign.is_ascii_digit()) && part != "v1";
    let path: Vec<&str> = path.split('/').map(|part| if is_id(part) { "*" } else { part }).collect();
    let body: Value = serde_json::from_str(&asked.body).unwrap_or_default();
    let names: Vec<&str> = body.as_object().into_iter().flatten().map(|(name, _)| name.as_str()).collect();
    format!("{} {} {}", asked.method, path.join("/"), names.join(","))
}

/// One request of each form.
fn each_form(all: Vec<Asked>) -> Vec<Asked> {
    let mut seen = BTreeSet::new();
    all.into_iter().filter(|asked| seen.insert(form(asked))).collect()
}

fn change(asked: &Asked, change: impl FnOnce(&mut Value)) -> Asked {
    let mut body: Value = serde_json::from_str(&asked.body).expect("a body");
    change(&mut body);
    Asked { body: body.to_string(), ..asked.clone() }
}

fn without_header(asked: &Asked, name: &str) -> Asked {
    let headers = asked.headers.iter().filter(|(known, _)| known != name).cloned().collect();
    Asked { headers, ..asked.clone() }
}

fn first<'a>(all: &'a [Asked], method: &str, end: &str) -> &'a Asked {
    let found = all.iter().find(|asked| asked.method == method && asked.path.ends_with(end));
    found.unwrap_or_else(|| panic!("nothing like {method} {end}"))
}

#[test]
fn intercom_would_take_what_we_send_and_refuses_what_is_planted() {
    let Some(folder) = more_data("specs", "what we send to Intercom, against its description") else { return };
    let prism = Program::prism(&folder.join("intercom-contacts-2.16.json"));
    let all = each_form(all_asked(Vendor::Intercom));
    for asked in &all {
        assert_eq!(shown(&prism, asked), Ok(()), "{}", form(asked));
    }
    for (method, end) in [("POST", "/contacts"), ("POST", "/contacts/search")] {
        first(&all, method, end);
    }
    let create = first(&all, "POST", "/contacts");
    for wrong in [
        change(create, |body| body["external_id"] = json!(5)),
        change(create, |body| body["signed_up_at"] = json!("yesterday")),
        change(create, |body| body["custom_attributes"] = json!("gold")),
        without_header(create, "authorization"),
    ] {
        assert!(shown(&prism, &wrong).is_err(), "{}", wrong.body);
    }
}

/// What the part of the description that is there says nothing of.
fn is_described(asked: &Asked) -> bool {
    !["/destroy_custom_attributes", "/search"].iter().any(|end| form(asked).contains(end))
}

#[test]
fn chatwoot_would_take_what_we_send_and_refuses_what_is_planted() {
    let Some(folder) = more_data("specs", "what we send to Chatwoot, against its description") else { return };
    let prism = Program::prism(&folder.join("chatwoot-contacts.yaml"));
    let all = each_form(all_asked(Vendor::Chatwoot));
    for asked in all.iter().filter(|asked| is_described(asked)) {
        assert_eq!(shown(&prism, asked), Ok(()), "{}", form(asked));
    }
    let create = first(&all, "POST", "/contacts");
    for wrong in [
        change(create, |body| {
            body.as_object_mut().expect("an object").shift_remove("inbox_id");
        }),
        change(create, |body| body["identifier"] = json!(5)),
        change(create, |body| body["custom_attributes"] = json!([])),
        without_header(create, "api_access_token"),
    ] {
        assert!(shown(&prism, &wrong).is_err(), "{}", wrong.body);
    }
}
