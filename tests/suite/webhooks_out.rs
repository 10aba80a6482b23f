//! Webhooks out: what another program is told, byte for byte, and what it never is.

use crate::{
    identity::{card, link, named},
    privacy_consent::{newsletter, record},
    remote_cli::cardfile,
    sync_scene,
};
use cardfile_core::{
    Code, Core, bin,
    combine::{self, Wish},
    contact, export,
    export::ExportRequest,
    history,
    import::{self, ImportRequest},
    privacy::{processing, purposes},
    progress::{Progress, Unwatched},
    recipes, sample,
    webhooks::{self, recipes as setups},
};
use cardfile_domain::{
    Contact, Identity, Item,
    webhook::{Event, FIELDS},
};
use cardfile_testkit::{
    Workspace,
    receiver::{Got, Receiver},
    who,
};
use serde_json::{Value, json};

/// What the webhook is called.
pub(crate) const NAME: &str = "CRM";

/// A workspace with a webhook that is on, what it tells, and the secret it signs with.
pub(crate) fn hooked(receiver: &Receiver, events: &[Event], fields: &[&str]) -> (Workspace, String) {
    let ws = Workspace::default();
    let secret = hook(&ws, NAME, &receiver.url("/catch/1"), events, fields);
    (ws, secret)
}

/// Adds a webhook and turns it on; gives its secret.
pub(crate) fn hook(ws: &Workspace, name: &str, url: &str, events: &[Event], fields: &[&str]) -> String {
    hook_at(&ws.core, name, url, events, fields)
}

/// The same in any workspace.
pub(crate) fn hook_at(core: &Core, name: &str, url: &str, events: &[Event], fields: &[&str]) -> String {
    let (known, secret) = webhooks::add(core, name, url, &who()).expect("a webhook");
    webhooks::set(core, &known.kept.id, &who(), |choice| {
        *choice.events = events.iter().copied().collect();
        for (field, rule) in &mut choice.mapping.0 {
            rule.approved = fields.contains(&field.as_str());
        }
    })
    .expect("set");
    webhooks::turn(core, name, true, &who()).expect("on");
    secret
}

pub(crate) fn every_event() -> Vec<Event> {
    Event::ALL.iter().map(|(event, _)| *event).collect()
}

pub(crate) fn every_field() -> Vec<&'static str> {
    FIELDS.iter().map(|field| field.key).collect()
}

/// Sends what is due; gives how many attempts.
pub(crate) fn deliver(ws: &Workspace) -> u32 {
    webhooks::deliver(&ws.core, &Unwatched).expect("sent")
}

pub(crate) fn ana() -> Contact {
    Contact {
        emails: vec![Item::new("Ana@x.example", "ana@x.example")],
        phones: vec![Item::new("+34 612 408 177", "+34612408177")],
        company: "Solvento".into(),
        source: "widget".into(),
        metadata: r#"{"plan":"pro"}"#.into(),
        description: "never leaves".into(),
        ..named("Ana Ruiz")
    }
}

pub(crate) fn edit(ws: &Workspace, id: &str, field: &str, value: Value) {
    let id = contact::find(&ws.core, id).expect("a contact").contact.id;
    contact::edit(&ws.core, &id, field, value, &who()).expect("an edit");
}

pub(crate) fn binned(ws: &Workspace, id: &str) {
    let row = contact::find(&ws.core, id).expect("a contact").row;
    contact::bin(&ws.core, &[row], &who()).expect("in the bin");
}

#[test]
fn a_new_contact_is_told_in_the_body_of_the_reference_and_signed() {
    let receiver = Receiver::start();
    let base = ["name", "email", "phone", "company", "source", "metadata", "created_at"];
    let (ws, secret) = hooked(&receiver, &[Event::Created], &base);
    let id = card(&ws.core, ana());
    let made = contact::find(&ws.core, &id).expect("she").contact.created_at.to_rfc3339();
    assert_eq!(deliver(&ws), 1);
    let [got] = &receiver.take()[..] else { panic!("one message") };
    let said = [
        r#""name":"Ana Ruiz","email":"Ana@x.example","phone":"+34 612 408 177","company":"Solvento""#,
        r#""source":"widget","metadata":{"plan":"pro"}"#,
    ];
    let data = format!(r#""id":"{id}",{},"created_at":"{made}""#, said.join(","));
    assert_eq!(got.body, format!(r#"{{"event":"contact.created","data":{{{data}}}}}"#));
    assert!(got.id.starts_with("msg_") && got.path == "/catch/1", "{got:?}");
    assert!(got.is_signed_with(&secret), "{got:?}");
    assert!(!got.is_signed_with("whsec_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"));
    assert_eq!(deliver(&ws), 0, "what was taken is told once");
}

#[test]
fn only_what_was_approved_leaves_and_the_rest_is_nothing() {
    let receiver = Receiver::start();
    let (ws, _) = hooked(&receiver, &[Event::Created, Event::Updated], &["name"]);
    let id = card(&ws.core, ana());
    deliver(&ws);
    let body = receiver.take()[0].json();
    let keys: Vec<&String> = body["data"].as_object().expect("an object").keys().collect();
    assert_eq!(keys, ["id", "name", "email", "phone", "company", "source", "metadata", "created_at"]);
    assert_eq!((&body["data"]["name"], &body["data"]["email"]), (&json!("Ana Ruiz"), &Value::Null));
    // A change of what may not leave is nothing to be told.
    edit(&ws, &id, "email", json!([{ "value": "ana@y.example" }]));
    edit(&ws, &id, "description", json!("Calls before ten"));
    assert_eq!(deliver(&ws), 0);
    edit(&ws, &id, "name", json!("Ana R. Ruiz"));
    deliver(&ws);
    assert_eq!(
        receiver.take()[0].body,
        format!(r#"{{"event":"contact.updated","data":{{"id":"{id}","name":"Ana R. Ruiz"}}}}"#)
    );
}

#[test]
fn everything_that_happens_to_a_contact_is_told_in_its_order() {
    let receiver = Receiver::start();
    let (ws, _) = hooked(&receiver, &every_event(), &every_field());
    let id = card(&ws.core, ana());
    deliver(&ws);
    edit(&ws, &id, "tags", json!(["vip"]));
    deliver(&ws);
    purposes::put(&ws.core, &newsletter(), &who()).expect("a purpose");
    record(&ws, &id, "newsletter", true);
    deliver(&ws);
    binned(&ws, &id);
    deliver(&ws);
    history::undo(&ws.core, None, &who()).expect("undone");
    deliver(&ws);
    binned(&ws, &id);
    deliver(&ws);
    bin::empty(&ws.core, &who(), &Unwatched).expect("emptied");
    assert_eq!(deliver(&ws), 0, "that it is gone was told when it went to the bin");
    let got = receiver.take();
    let events: Vec<String> = got.iter().map(Got::event).collect();
    assert_eq!(
        events,
        [
            "contact.created",
            "contact.updated",
            "contact.consent_changed",
            "contact.updated",
            "contact.deleted",
            "contact.restored",
            "contact.deleted"
        ]
    );
    assert!(got.iter().all(|one| one.subject() == id));
    assert_eq!(got[1].json()["data"], json!({ "id": id, "tags": ["vip"] }));
    let consent = &got[2].json()["data"]["consent"];
    assert_eq!((&consent["consent_given"], &consent["consents"]), (&json!(true), &json!(["newsletter"])));
    assert_eq!(got[4].json()["data"], json!({ "id": id }), "of who is gone no more than the id");
    assert_eq!(got[5].json()["data"]["name"], "Ana Ruiz", "who is back is told of as if new");
}

#[test]
fn a_merge_is_told_and_to_who_did_not_choose_it_that_one_is_gone() {
    let (chosen, usual) = (Receiver::start(), Receiver::start());
    let (ws, _) = hooked(&chosen, &every_event(), &["name"]);
    hook(&ws, "Usual", &usual.url("/"), &[Event::Created, Event::Deleted], &["name"]);
    let (stays, goes) = (card(&ws.core, ana()), card(&ws.core, named("Ana R.")));
    deliver(&ws);
    chosen.take();
    usual.take();
    let wish = Wish { survivor: stays.clone(), other: goes.clone(), ..Wish::default() };
    combine::run(&ws.core, &wish, None, &who()).expect("merged");
    deliver(&ws);
    let got = chosen.take();
    let merged = got.iter().find(|one| one.event() == "contact.merged").expect("it is told");
    assert_eq!(merged.json()["data"], json!({ "id": stays, "merged_id": goes }));
    assert!(got.iter().all(|one| one.event() != "contact.deleted"), "{got:?}");
    let [gone] = &usual.take()[..] else { panic!("one message") };
    assert_eq!((gone.event().as_str(), gone.subject()), ("contact.deleted", goes.clone()));
    history::undo(&ws.core, None, &who()).expect("undone");
    deliver(&ws);
    let [back] = &usual.take()[..] else { panic!("one message") };
    assert_eq!((back.event().as_str(), back.subject()), ("contact.created", goes));
}

#[test]
fn a_conflict_is_told_once_by_its_fields_and_without_their_values() {
    let receiver = Receiver::start();
    let (ws, fake) = sync_scene::linked(0..3);
    hook(&ws, NAME, &receiver.url("/"), &[Event::ConflictOpened], &[]);
    sync_scene::edit(&ws, 1, "job_title", "ours");
    fake.edit("1.vcf", |card| sync_scene::saying(card, "TITLE", "theirs"));
    sync_scene::sync(&ws);
    sync_scene::sync(&ws);
    deliver(&ws);
    let [got] = &receiver.take()[..] else { panic!("one message") };
    let id = sync_scene::person(&ws, 1).id.to_string();
    assert_eq!(got.json()["data"], json!({ "id": id, "remote": sync_scene::NAME, "fields": ["job_title"] }));
}

#[test]
fn visitors_and_made_up_people_are_nobody_elses_business() {
    let receiver = Receiver::start();
    let (ws, _) = hooked(&receiver, &every_event(), &every_field());
    sample::load(&ws.core, &who()).expect("loaded");
    let visitor = card(&ws.core, Contact { identity: Identity::Anonymous, ..named("Somebody") });
    assert_eq!(deliver(&ws), 0);
    edit(&ws, &visitor, "email", json!([{ "value": "ana@x.example" }]));
    deliver(&ws);
    assert_eq!(receiver.take_events(), ["contact.created"], "who says who it is is a contact");
}

#[test]
fn an_import_tells_of_each_contact_once_it_is_complete_and_one_that_is_stopped_of_nobody() {
    struct Stops;
    impl Progress for Stops {
        fn at(&self, done: u64, _: u64) -> bool {
            done == 0
        }
    }
    let receiver = Receiver::start();
    let (ws, _) = hooked(&receiver, &every_event(), &["email"]);
    let rows: String = (0..20_050).map(|n| format!("P {n},p{n}@x.example\n")).collect();
    let file = ws.file("many.csv", format!("name,email\n{rows}"));
    import::run(&ws.core, &ImportRequest::of(&file), &who(), &Stops).expect_err("stopped");
    assert_eq!(ws.count(), 0);
    assert_eq!((deliver(&ws), receiver.take().len()), (0, 0), "it never happened");
    let few = ws.file("few.csv", "name,email\nAna,ana@x.example\nBo,bo@x.example\n");
    import::run(&ws.core, &ImportRequest::of(&few), &who(), &Unwatched).expect("imported");
    assert_eq!(deliver(&ws), 2);
    let emails: Vec<Value> = receiver.take().iter().map(|got| got.json()["data"]["email"].clone()).collect();
    assert_eq!(emails, [json!("ana@x.example"), json!("bo@x.example")]);
}

#[test]
fn what_is_refused_here_is_told_to_nobody() {
    let receiver = Receiver::start();
    let (ws, _) = hooked(&receiver, &every_event(), &every_field());
    let id = card(&ws.core, ana());
    card(&ws.core, Contact { links: vec![link("crm", "7")], ..named("Bo") });
    deliver(&ws);
    receiver.take();
    // The same transaction writes the change and the message: without the one there is not the other.
    let row = contact::find(&ws.core, &id).expect("she").row;
    let op = cardfile_store::Op {
        kind: cardfile_store::OpKind::ContactEdit,
        subject: String::new(),
        actor: "tester".into(),
        origin: "test".into(),
    };
    let failed = ws.core.store().write(op, |tx| {
        tx.edit(row, |contact| contact.name = "Nobody".into())?;
        Err::<(), _>(cardfile_core::Error::bad_request(cardfile_domain::say!("not now")))
    });
    assert_eq!(failed.expect_err("refused").code, Code::BadRequest);
    assert_eq!(deliver(&ws), 0);
}

#[test]
fn a_webhook_is_off_until_it_is_turned_on_and_nothing_leaves_before_it_is_approved() {
    let receiver = Receiver::start();
    let ws = Workspace::default();
    let (known, _) = webhooks::add(&ws.core, NAME, &receiver.url("/"), &who()).expect("a webhook");
    assert!(!known.is_on() && every_field().iter().all(|field| !known.is_approved(field)));
    assert_eq!(
        webhooks::sentence(&known).to_string(),
        "is told of contact.created, contact.deleted; gets ids and nothing else"
    );
    card(&ws.core, ana());
    assert_eq!(deliver(&ws), 0);
    webhooks::turn(&ws.core, NAME, true, &who()).expect("on");
    assert_eq!(deliver(&ws), 0, "it hears of what happens from now on");
    card(&ws.core, named("Bo"));
    assert_eq!(deliver(&ws), 1);
    assert_eq!(receiver.take()[0].json()["data"]["name"], Value::Null);
    webhooks::add(&ws.core, NAME, &receiver.url("/"), &who()).expect_err("the name is taken");
    let audited = ws.core.store().read(|r| r.audit_log().latest(None, 10)).expect("readable");
    let audited: Vec<&str> = audited.iter().map(|entry| entry.event.as_str()).collect();
    assert_eq!(audited, ["webhook_on", "webhook_added"]);
    let register = processing::recipients(&ws.core).expect("the register of processing");
    let [one] = &register[..] else { panic!("one recipient: {register:?}") };
    assert_eq!((one.name.as_str(), one.kind.as_str(), one.fields.len()), (NAME, webhooks::KIND, 0));
    for url in ["http://hooks.example/x", "hooks", "https://ana:pw@hooks.example/"] {
        webhooks::add(&ws.core, "Other", url, &who()).expect_err(url);
    }
}

#[test]
fn a_test_is_signed_and_says_what_is_wrong() {
    let receiver = Receiver::start();
    let ws = Workspace::default();
    let (known, secret) = webhooks::add(&ws.core, NAME, &receiver.url("/x"), &who()).expect("a webhook");
    assert_eq!(webhooks::ping(&ws.core, NAME, &who()).expect("it answers"), 200);
    let [got] = &receiver.take()[..] else { panic!("one message") };
    assert_eq!((got.event().as_str(), got.subject()), ("ping", known.kept.id));
    assert!(got.is_signed_with(&secret));
    receiver.says(cardfile_testkit::receiver::Says::status(404));
    let refused = webhooks::ping(&ws.core, NAME, &who()).expect_err("refused");
    assert_eq!(
        (refused.code, refused.message.to_string().as_str()),
        (Code::Refused, "CRM answers with the status 404")
    );
    drop(receiver);
    assert_eq!(webhooks::ping(&ws.core, NAME, &who()).expect_err("nobody there").code, Code::Unreachable);
}

#[test]
fn for_a_day_both_secrets_sign() {
    let receiver = Receiver::start();
    let (ws, old) = hooked(&receiver, &[Event::Created], &[]);
    let new = webhooks::rotate(&ws.core, NAME, &who()).expect("another secret");
    card(&ws.core, named("Ana"));
    deliver(&ws);
    let got = receiver.take();
    assert!(got[0].is_signed_with(&old) && got[0].is_signed_with(&new));
    ws.clock.pass_days(1);
    card(&ws.core, named("Bo"));
    deliver(&ws);
    let got = receiver.take();
    assert!(!got[0].is_signed_with(&old) && got[0].is_signed_with(&new));
}

#[test]
fn each_recipe_fills_a_lead_from_what_a_receiver_really_gets() {
    let receiver = Receiver::start();
    for recipe in setups::all() {
        let (ws, secret) = hooked(&receiver, &[Event::Created], &setups::needs(&recipe));
        webhooks::ping(&ws.core, NAME, &who()).expect("the test of the second step");
        card(&ws.core, ana());
        deliver(&ws);
        let [test, created] = &receiver.take()[..] else { panic!("a test and a message") };
        assert!(test.is_signed_with(&secret) && created.is_signed_with(&secret));
        // The filter of the third step.
        let passes = |got: &Got| got.json()["event"] == "contact.created";
        assert!(!passes(test) && passes(created));
        let body = created.json();
        for (field, pointer) in recipe.fields {
            let value = body.pointer(pointer).and_then(Value::as_str).unwrap_or_default();
            assert!(!value.is_empty(), "{}: {field} gets nothing from {pointer}: {body}", recipe.name);
        }
        if recipe.fields.iter().any(|(field, _)| *field == "LastName") {
            let lead = |pointer: &str| body.pointer(pointer).cloned().unwrap_or_default();
            assert_eq!((lead("/data/first_name"), lead("/data/last_name")), (json!("Ana"), json!("Ruiz")));
        }
    }
}

#[test]
fn salesforce_knows_its_own_columns_of_a_lead() {
    let ws = Workspace::default();
    card(&ws.core, Contact { job_title: "Buyer".into(), ..ana() });
    let recipe = recipes::find(&ws.core, "Salesforce leads").expect("ours");
    let request: ExportRequest = recipes::request(&ws.core, &recipe, ws.files.join("leads.csv")).expect("a request");
    export::run(&ws.core, &request, &who(), &Unwatched).expect("an export");
    assert_eq!(
        std::fs::read_to_string(&request.file).expect("a file"),
        "First Name,Last Name,Company,Title,Email,Phone,Website,Lead Source,Description\n\
         Ana,Ruiz,Solvento,Buyer,Ana@x.example,+34 612 408 177,,widget,never leaves\n"
    );
}

#[test]
fn a_script_adds_one_sets_it_and_reads_what_it_was_told() {
    let receiver = Receiver::start();
    let temp = tempfile::tempdir().expect("a folder");
    let dir = temp.path().join("workspace");
    assert_eq!(cardfile(&dir, &["init", "--unprotected"]).code, 0);
    let secret = cardfile(&dir, &["webhook", "add", NAME, "--url", &receiver.url("/")]).out.trim().to_owned();
    assert!(secret.starts_with("whsec_"), "{secret}");
    assert_eq!(cardfile(&dir, &["webhook", "set", NAME, "--send", "hair"]).code, 2);
    assert_eq!(cardfile(&dir, &["webhook", "set", NAME, "--events", "contact.born"]).code, 2);
    let set = cardfile(&dir, &["webhook", "set", NAME, "--events", "contact.created", "--send", "name,email"]);
    assert_eq!(set.out.trim(), "CRM is told of contact.created; gets ids, name, email");
    assert_eq!(cardfile(&dir, &["webhook", "on", NAME]).code, 0);
    let file = temp.path().join("in.csv");
    std::fs::write(&file, "name,email\nAna,ana@x.example\n").expect("a file");
    cardfile(&dir, &["import", file.to_str().expect("a path")]);
    assert_eq!(cardfile(&dir, &["webhook", "deliver"]).out.trim(), "1 attempts");
    assert!(receiver.take()[0].is_signed_with(&secret));
    let log = cardfile(&dir, &["webhook", "log", NAME, "--json"]).only();
    assert_eq!(
        (&log["event"], &log["state"], &log["status"]),
        (&json!("contact.created"), &json!("done"), &json!(200))
    );
    let listed = cardfile(&dir, &["webhook", "list", "--json"]);
    assert_eq!(listed.only()["fields"], json!(["name", "email"]));
    assert!(!listed.out.contains("whsec_"), "a secret is shown once");
    assert_eq!(cardfile(&dir, &["webhook", "remove", NAME]).code, 0);
    assert_eq!(cardfile(&dir, &["webhook", "list"]).out, "");
}
