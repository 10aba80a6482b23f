//! Whom a webhook is told of: only who may be used for what it is told for, and nobody who is
//! restricted.

use crate::{
    identity::{card, named},
    privacy_consent::{newsletter, record},
    webhooks_out::{NAME, ana, binned, deliver, edit, every_event, every_field, hooked},
};
use cardfile_core::{
    contact,
    privacy::{purposes, restriction},
    webhooks,
};
use cardfile_domain::{Contact, Item, restriction::Restriction, webhook::Event};
use cardfile_testkit::{receiver::Receiver, who};
use serde_json::{Value, json};

#[test]
fn a_field_that_needs_a_consent_leaves_of_who_gave_it() {
    let receiver = Receiver::start();
    let (ws, _) = hooked(&receiver, &[Event::Created], &["name", "email"]);
    let need = |purpose: &str| {
        webhooks::set(&ws.core, NAME, &who(), |choice| {
            choice.mapping.0.get_mut("email").expect("a field").purpose = Some(purpose.into());
        })
    };
    need("newsletter").expect_err("a word of no purpose would hold everybody back");
    purposes::put(&ws.core, &newsletter(), &who()).expect("a purpose");
    let known = need("Our newsletter").expect("set");
    assert_eq!(known.mapping.0["email"].purpose.as_deref(), Some("newsletter"), "by its key, which never changes");
    let id = card(&ws.core, ana());
    // What the metadata says proves nothing.
    let metadata = r#"{"consents":["newsletter"]}"#.to_owned();
    card(&ws.core, Contact { metadata, emails: vec![Item::new("bo@x.example", "")], ..named("Bo") });
    record(&ws, &id, "newsletter", true);
    deliver(&ws);
    let emails: Vec<Value> = receiver.take().iter().map(|got| got.json()["data"]["email"].clone()).collect();
    assert_eq!(emails, [json!("Ana@x.example"), Value::Null]);
}

#[test]
fn nothing_is_told_of_who_is_restricted_until_that_is_lifted_but_that_they_are_gone() {
    let receiver = Receiver::start();
    let (ws, _) = hooked(&receiver, &every_event(), &every_field());
    let (stays, goes) = (card(&ws.core, ana()), card(&ws.core, named("Bo")));
    let rows = contact::rows(&ws.core, &[stays.clone(), goes.clone()]).expect("rows");
    let one = Restriction { reason: "she asked for it".into(), ..Restriction::default() };
    restriction::put(&ws.core, &rows, &one, &who()).expect("restricted");
    edit(&ws, &stays, "company", json!("Other"));
    assert_eq!((deliver(&ws), receiver.take().len()), (0, 0));
    ws.clock.pass_days(3);
    assert_eq!((deliver(&ws), receiver.take().len()), (0, 0), "however long it lasts");
    let she = contact::find(&ws.core, &stays).expect("she");
    let put = restriction::of(&ws.core, &she).expect("all").remove(0);
    restriction::lift(&ws.core, &put.id, "it was right", &who()).expect("lifted");
    assert_eq!(deliver(&ws), 1);
    let [told] = &receiver.take()[..] else { panic!("one message") };
    assert_eq!((told.event().as_str(), &told.json()["data"]["company"]), ("contact.created", &json!("Other")));
    // Whoever has them must not go on using them: of that the id is told, and nothing else.
    binned(&ws, &goes);
    assert_eq!(deliver(&ws), 1);
    let [gone] = &receiver.take()[..] else { panic!("one message") };
    assert_eq!((gone.event().as_str(), &gone.json()["data"]), ("contact.deleted", &json!({ "id": goes })));
}
