//! Webhooks in: a hint begins a run and says nothing else. Whoever cannot sign is not heard.

use crate::sync_scene;
use cardfile_connectors::webhook::{Asked, Door, Secret, sign};
use cardfile_core::{
    progress::Unwatched,
    sync::{remotes, running},
    webhooks::hints::{self, Judge},
};
use cardfile_domain::Clock;
use cardfile_testkit::{Workspace, fake_remote::FakeRemote, http::Client, who};
use rstest::rstest;
use std::{
    net::SocketAddr,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    thread,
    time::Duration,
};

/// The moment, in seconds.
fn now(ws: &Workspace) -> i64 {
    ws.clock.now().0 / 1_000
}

/// A workspace whose connection may give hints: its id, and their secret.
fn hinted() -> (Workspace, FakeRemote, String, Secret) {
    let (ws, fake) = sync_scene::linked(0..3);
    let id = remotes::find(&ws.core, sync_scene::NAME).expect("a connection").kept.id;
    let port = Door::open(0).and_then(|door| door.port()).expect("a free port");
    let (url, secret) = hints::turn_on(&ws.core, &id, Some(port), &who()).expect("on");
    assert_eq!(url, format!("http://127.0.0.1:{port}/hints/{id}"));
    (ws, fake, id, Secret::parse(&secret).expect("a secret"))
}

fn hint(remote: &str, secret: &Secret, id: &str, seconds: i64) -> Asked {
    let body = br#"{"event":"contact.updated","data":{"name":"Never taken"}}"#.to_vec();
    let signatures = sign(secret, id, seconds, &body);
    Asked { path: format!("/hints/{remote}"), id: id.into(), seconds, signatures, body }
}

#[test]
fn a_signed_hint_names_the_connection_and_the_run_finds_what_changed() {
    let (ws, fake, id, secret) = hinted();
    let mut judge = Judge::default();
    let asked = hint(&id, &secret, "msg_1", now(&ws));
    assert_eq!(judge.judge(&ws.core, &asked), (204, Some(id.clone())));
    assert_eq!(judge.judge(&ws.core, &asked), (204, None), "said again it is no news");
    assert!(ws.contacts().iter().all(|contact| contact.name != "Never taken"), "nothing of it is taken");
    fake.edit("1.vcf", |card| sync_scene::saying(card, "TITLE", "theirs"));
    running::run(&ws.core, &id, false, &who(), &Unwatched).expect("a run");
    assert_eq!(sync_scene::person(&ws, 1).job_title, "theirs");
}

#[rstest]
#[case::of_another_connection("rem_other", "msg_1", 0, true, 404)]
#[case::signed_by_nobody("", "msg_1", 0, false, 401)]
#[case::too_old("", "msg_1", -400, true, 401)]
#[case::from_the_future("", "msg_1", 400, true, 401)]
#[case::without_an_id("", "", 0, true, 401)]
fn any_other_hint_is_not_heard(
    #[case] remote: &str,
    #[case] message: &str,
    #[case] late: i64,
    #[case] is_signed: bool,
    #[case] status: u16,
) {
    let (ws, _fake, id, secret) = hinted();
    let remote = if remote.is_empty() { id.as_str() } else { remote };
    let mut asked = hint(remote, &secret, message, now(&ws) + late);
    if !is_signed {
        asked.signatures = sign(&Secret::new([7; Secret::LENGTH]), message, asked.seconds, &asked.body);
    }
    assert_eq!(Judge::default().judge(&ws.core, &asked), (status, None));
}

#[test]
fn nobody_is_heard_before_a_person_says_so_and_after_they_took_it_back() {
    let (ws, _fake) = sync_scene::linked(0..1);
    let id = remotes::find(&ws.core, sync_scene::NAME).expect("a connection").kept.id;
    let stranger = Secret::new([1; Secret::LENGTH]);
    let asked = hint(&id, &stranger, "msg_1", now(&ws));
    assert_eq!(Judge::default().judge(&ws.core, &asked).0, 404);
    let (ws, _fake, id, secret) = hinted();
    hints::turn_off(&ws.core, &id, &who()).expect("off");
    assert_eq!(Judge::default().judge(&ws.core, &hint(&id, &secret, "msg_1", now(&ws))).0, 404);
    assert!(!ws.core.store().is_sealed(&format!("hnt_{id}")).expect("readable"), "its secret is gone");
}

#[test]
fn a_second_secret_takes_the_place_of_the_first_over_a_day() {
    let (ws, _fake, id, old) = hinted();
    let (_, new) = hints::turn_on(&ws.core, &id, None, &who()).expect("another");
    let new = Secret::parse(&new).expect("a secret");
    let mut judge = Judge::default();
    assert_eq!(judge.judge(&ws.core, &hint(&id, &old, "msg_1", now(&ws))).0, 204);
    assert_eq!(judge.judge(&ws.core, &hint(&id, &new, "msg_2", now(&ws))).0, 204);
    ws.clock.pass_days(1);
    assert_eq!(judge.judge(&ws.core, &hint(&id, &old, "msg_3", now(&ws))).0, 401);
    assert_eq!(judge.judge(&ws.core, &hint(&id, &new, "msg_4", now(&ws))).0, 204);
}

#[test]
fn a_port_that_somebody_has_is_said_when_it_is_chosen() {
    let (ws, _fake) = sync_scene::linked(0..1);
    let door = Door::open(0).expect("a door");
    let port = door.port().expect("a port");
    let refused = hints::turn_on(&ws.core, sync_scene::NAME, Some(port), &who()).expect_err("taken");
    assert_eq!(refused.code, cardfile_core::Code::InUse);
}

#[test]
fn a_knock_over_the_loopback_address_is_answered_and_says_nothing() {
    let (ws, _fake, id, secret) = hinted();
    let door = Door::open(0).expect("a door");
    let address = SocketAddr::from(([127, 0, 0, 1], door.port().expect("a port")));
    let (is_over, seconds) = (Arc::new(AtomicBool::new(false)), now(&ws));
    let client = thread::spawn({
        let (is_over, id) = (Arc::clone(&is_over), id.clone());
        move || {
            let client = Client { address, account: None };
            let body = r#"{"event":"ping"}"#;
            let signature = sign(&secret, "msg_9", seconds, body.as_bytes());
            let moment = seconds.to_string();
            let headers = [
                ("webhook-id", "msg_9"),
                ("webhook-timestamp", moment.as_str()),
                ("webhook-signature", signature.as_str()),
            ];
            let path = format!("/hints/{id}");
            let heard = client.send("POST", &path, &headers, body);
            let unsigned = client.send("POST", &path, &headers[..2], body);
            let asked = client.send("GET", &path, &[], "");
            let page = client.send("POST", &path, &[("Origin", "https://x.example")], body);
            is_over.store(true, Ordering::SeqCst);
            [heard, unsigned, asked, page].map(|answer| (answer.status(), answer.text()))
        }
    });
    let (mut judge, mut remotes) = (Judge::default(), Vec::new());
    // As long as it takes, and not for ever.
    for _ in 0..600 {
        let attended = door.attend(Duration::from_millis(100), &mut |asked| {
            let (status, remote) = judge.judge(&ws.core, asked);
            remotes.extend(remote);
            status
        });
        attended.expect("the door stays open");
        if is_over.load(Ordering::SeqCst) {
            break;
        }
    }
    let answers = client.join().expect("it was answered");
    assert_eq!(answers.map(|(status, text)| (status, text.len())), [(204, 0), (401, 0), (405, 0), (403, 0)]);
    assert_eq!(remotes, [id]);
}
