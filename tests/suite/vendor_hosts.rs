//! Whom a connection talks to is what a person agreed to. A new version of the program may bring
//! a manifest that names a further host: nothing is sent before a person has looked at it.

use crate::vendor_scene::NAME;
use cardfile_core::{
    Code,
    progress::Unwatched,
    sync::{check, remotes, running, setup as core_setup},
};
use cardfile_domain::Millis;
use cardfile_sync::run::{End, Reason};
use cardfile_testkit::{
    Workspace, setup,
    vendors::{Fake, Vendor},
    who,
};
use std::collections::BTreeMap;

/// The last one that the manifest of Intercom names.
const FURTHER: &str = "api.au.intercom.io";

fn hosts(ws: &Workspace) -> Vec<String> {
    remotes::find(&ws.core, NAME).expect("a connection").settings.hosts
}

#[test]
fn a_host_that_a_new_version_of_a_manifest_adds_is_asked_about_before_anything_is_sent() {
    let ws = Workspace::default();
    // Nobody signs in here, so that nothing would get as far as the network.
    setup::connect(&ws.core, NAME, "intercom", &[]);
    let named = hosts(&ws);
    assert_eq!(named.last().map(String::as_str), Some(FURTHER), "{named:?}");
    // A person agreed while the manifest had one less.
    remotes::set(&ws.core, NAME, &who(), |settings| {
        settings.hosts.retain(|host| host != FURTHER);
        settings.enabled_at = Some(Millis(1));
    })
    .expect("as it was before");

    let said = format!("{NAME} would talk to {FURTHER} from now on");
    let looked = check::check(&ws.core, NAME, &Unwatched).expect_err("refused");
    let ran = running::run(&ws.core, NAME, false, &who(), &Unwatched).expect_err("refused");
    for error in [looked, ran] {
        assert_eq!((error.code, error.message.to_string()), (Code::Refused, said.clone()));
        assert!(error.hint.is_some(), "it says what to do");
    }
    let known = remotes::find(&ws.core, NAME).expect("a connection");
    let past = running::past(&ws.core, &known, 1).expect("runs");
    assert_eq!(past[0].end, Some(End::Paused(Reason::Ours(said.clone()))));
    assert_eq!(running::said(past[0].end.as_ref().expect("an end")).to_string(), said, "and blames no server");

    // Who saves it as it is agrees, and it goes on to the next question.
    core_setup::fill(&ws.core, NAME, &BTreeMap::new(), &who()).expect("agreed");
    assert_eq!(hosts(&ws), named);
    let next = check::check(&ws.core, NAME, &Unwatched).expect_err("nobody signed in");
    assert_eq!(next.code, Code::SignIn);
}

#[test]
fn a_connection_that_may_not_talk_to_its_system_any_more_sends_nothing_there() {
    let (ws, fake) = (Workspace::default(), Fake::start(Vendor::HubSpot));
    setup::connect(&ws.core, NAME, "hubspot", &fake.settings());
    fake.forget();
    let agreed = hosts(&ws);
    assert_eq!(agreed, [fake.address().to_string()], "who types an address means that one and no other");
    remotes::set(&ws.core, NAME, &who(), |settings| settings.hosts = vec!["api.hubapi.com".into()]).expect("set");
    let refused = check::check(&ws.core, NAME, &Unwatched).expect_err("refused");
    assert_eq!((refused.code, fake.state().asked.len()), (Code::Refused, 0));
    core_setup::fill(&ws.core, NAME, &BTreeMap::new(), &who()).expect("agreed");
    check::check(&ws.core, NAME, &Unwatched).expect("it is looked at");
    assert!(!fake.state().asked.is_empty());
}
