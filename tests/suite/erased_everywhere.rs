//! Somebody is erased who is known to a system that a manifest describes and to two webhooks: each
//! is told once, and by whatever way she comes back she is turned away and nobody hears of her.

use crate::{
    vendor_scene::{connected, filled, sync},
    webhooks_out::{deliver, every_event, every_field, hook},
};
use cardfile_core::{
    Core,
    clients::{self, NewClient, Scope},
    contact,
    drop_folder::{self, DropFolder},
    import::{self, ImportRequest},
    ingest,
    privacy::erasure::{self, Reason, Receipt, suppression},
    progress::Unwatched,
    webhooks,
};
use cardfile_domain::{ContactId, Millis, import::Policy};
use cardfile_gateway::serve::{Server, Settings};
use cardfile_testkit::{
    Workspace, another_environment,
    door::Program,
    environment_at,
    receiver::{Got, Receiver},
    vendors::{Fake, Person, Vendor},
    who,
};
use serde_json::{Value, json};
use std::sync::Arc;

const HOOKS: [&str; 2] = ["Shop", "News"];

fn she() -> Person {
    Person::numbered(3)
}

fn is_here(core: &Core) -> bool {
    [she().external_id, she().email].iter().any(|known_by| contact::find(core, known_by).is_ok())
}

/// What came since then says nothing of her.
fn says_nothing(got: &[Got], id: &ContactId) {
    let Person { name, email, phone, .. } = she();
    for one in got {
        let body = one.body.to_lowercase();
        let says = [name.to_lowercase(), email.clone(), phone.clone()].iter().any(|word| body.contains(word.as_str()));
        assert!(!says && one.subject() != id.as_str(), "{}", one.body);
    }
}

/// Erased, with all recipients told and looked at again.
fn erased(ws: &Workspace, fake: &Fake, id: &ContactId) -> Receipt {
    let done = erasure::erase(&ws.core, std::slice::from_ref(id), Reason::Request(None), &who(), &Unwatched);
    let done = done.expect("erased");
    erasure::catch_up(&ws.core).expect("told");
    ws.clock.pass_days(2);
    fake.pass_ms(2 * Millis::DAY);
    erasure::catch_up(&ws.core).expect("looked at again");
    deliver(ws);
    erasure::receipt(&ws.core, &done.erasure).expect("a receipt")
}

#[test]
fn every_recipient_is_told_once_and_nobody_hears_of_her_again() {
    let fake = filled(Vendor::HubSpot, 5);
    let ws = connected(&fake);
    let receivers = [Receiver::start(), Receiver::start()];
    let secrets: Vec<String> = HOOKS
        .iter()
        .zip(&receivers)
        .map(|(name, receiver)| hook(&ws, name, &receiver.url("/"), &every_event(), &every_field()))
        .collect();
    sync(&ws);
    deliver(&ws);
    for receiver in &receivers {
        assert_eq!(receiver.take_events(), ["contact.created"; 5]);
    }
    let id = contact::find(&ws.core, &she().external_id).expect("she").contact.id;
    let backup = ws.dir.join("backups").join("yesterday.cardfile-backup");
    ws.core.backup(&backup).expect("a backup");

    // This waits when she is erased, and is never sent.
    contact::edit(&ws.core, &id, "company", "Goneville".into(), &who()).expect("an edit");
    let receipt = erased(&ws, &fake, &id);
    let mut told: Vec<(&str, &str)> = receipt.recipients.iter().map(|one| (one.kind.as_str(), one.state)).collect();
    told.sort_unstable();
    assert_eq!(told, [("hubspot", "confirmed"), ("webhook", "confirmed"), ("webhook", "confirmed")]);
    assert_eq!((receipt.state, receipt.proven), ("done", (4, 4)));
    assert!(!fake.people().contains(&she()));
    for (receiver, secret) in receivers.iter().zip(&secrets) {
        let [gone] = &receiver.take()[..] else { panic!("told once") };
        assert_eq!((gone.event().as_str(), gone.subject()), ("contact.deleted", id.to_string()));
        assert!(gone.is_signed_with(secret) && !gone.body.contains("Goneville") && !gone.body.contains(&she().email));
    }
    for name in HOOKS {
        let left = webhooks::log(&ws.core, name, false, 100).expect("a log");
        assert!(left.iter().all(|entry| entry.message.subject != id.as_str()), "{left:?}");
    }

    come_back(&ws, &fake);
    assert!(!is_here(&ws.core));
    deliver(&ws);
    for receiver in &receivers {
        says_nothing(&receiver.take(), &id);
    }

    let into = ws.files.join("restored");
    let (restored, _) = Core::restore(&backup, &into, None, another_environment()).expect("restored");
    assert!(!is_here(&restored), "erased again before anybody sees it");
    for name in HOOKS {
        webhooks::turn(&restored, name, true, &who()).expect("on");
    }
    erasure::catch_up(&restored).expect("what can be told is");
    webhooks::deliver(&restored, &Unwatched).expect("sent");
    assert!(receivers.iter().all(|receiver| receiver.take().is_empty()), "it was told before");

    suppression::lift(&ws.core, &receipt.erasure, &who()).expect("she wants to be here again");
    import_her(&ws, "again.csv");
    assert!(is_here(&ws.core));
    deliver(&ws);
    for receiver in &receivers {
        assert_eq!(receiver.take_events(), ["contact.created"]);
    }
}

fn import_her(ws: &Workspace, file: &str) {
    let Person { name, email, phone, .. } = she();
    let file = ws.file(file, format!("name,email,phone\n{name},{email},{phone}\n"));
    import::run(&ws.core, &ImportRequest::of(file), &who(), &Unwatched).expect("an import");
}

/// By every way in that there is here.
fn come_back(ws: &Workspace, fake: &Fake) {
    let Person { name, email, phone, .. } = she();
    // Somebody there has a copy, and makes the record again.
    fake.put(&she());
    sync(ws);
    sync(ws);
    import_her(ws, "old.csv");
    let folder = ws.files.join("leads");
    std::fs::create_dir(&folder).expect("a folder");
    let lead = json!([{ "name": name, "email": email.to_uppercase() }]);
    std::fs::write(folder.join("lead.json"), lead.to_string()).expect("a file");
    drop_folder::set(&ws.core, Some(&DropFolder { folder, policy: Policy::Fill }), &who()).expect("watched");
    assert_eq!(drop_folder::take(&ws.core, &Unwatched).expect("taken").len(), 1);
    let said = json!({ "platform": "widget", "conversation_id": "c9", "message": "Hello", "email": email,
        "phone": phone });
    ingest::file(&ws.core, &ws.file("told.json", said.to_string()), &who()).expect("a file");
    come_to_the_door(ws);
}

/// By the door for programs, which another process has open.
fn come_to_the_door(ws: &Workspace) {
    let Person { name, email, phone, .. } = she();
    let (core, _) = Core::open(&ws.dir, None, environment_at(Arc::clone(&ws.clock))).expect("a second program");
    let core = Arc::new(core);
    let (_, token) = clients::create(&core, &NewClient::new("shop", Scope::ALL), &who()).expect("a client");
    let server = Server::start(Arc::clone(&core), &Settings::default()).expect("an open door");
    let program = Program { address: server.place().address, token };
    for card in [json!({ "name": name, "email": email }), json!({ "name": name, "phone": phone })] {
        assert_eq!(program.refused("POST", "/v1/contacts", &card), (409, "refused".to_owned()), "{card}");
    }
    let line = json!({ "name": name, "email": email }).to_string();
    let kind = [("Content-Type", "application/x-ndjson")];
    let report = program.ask("POST", "/v1/contacts/import", &kind, line.as_bytes());
    let report: Value = serde_json::from_slice(&report.body).expect("JSON");
    assert_eq!(report["suppressed"], 1, "{report}");
    let told = program.send("POST", "/v1/ingest/lead", &json!({ "name": name, "phone": phone })).1;
    assert_eq!(told["results"][0]["outcome"], "suppressed", "{told}");
}
