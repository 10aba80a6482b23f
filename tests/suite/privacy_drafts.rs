//! What an officer chose for a request and did not use yet: it is there again when the window is,
//! it goes with whoever asked, and whoever else is erased goes out of it.

use crate::{
    identity::{card, named},
    privacy_dsar::{ANA, build, request},
};
use cardfile_core::{
    Code, Core, Protection,
    commands::dispatch,
    conversations::{self, Incoming},
    privacy::{
        bundle::{self, Request},
        draft::{self, Draft},
        erasure::{self, Reason},
        requests::{self, Details},
    },
    progress::Unwatched,
    session::{ProtectBy, Session},
};
use cardfile_domain::{
    Contact, ContactId, Item, Millis,
    part::{Conversation, Message},
    request::{Right, Step},
};
use cardfile_testkit::{environment, who};
use serde_json::json;
use std::path::Path;

const BO: &str = "bo@lind.example";

fn made(dir: &Path) -> Core {
    Core::create(dir, &Protection::None, environment()).expect("made").0
}

fn with_email(name: &str, email: &str) -> Contact {
    Contact { emails: vec![Item::new(email, email)], ..named(name) }
}

fn asks(core: &Core, right: Right) -> String {
    let request = cardfile_domain::request::Request { right, subject: ANA.into(), ..Default::default() };
    let id = requests::add(core, &request, &who()).expect("written down");
    for step in [Step::ProveIdentity, Step::Approve] {
        let details = Details { how: "signed in".into(), ..Details::default() };
        requests::step(core, &id, step, &details, &who()).expect("it may be done");
    }
    id
}

fn erase(core: &Core, id: &str, request: Option<&str>) {
    let ids = [ContactId::parse(id).expect("an id")];
    let reason = Reason::Request(request.map(str::to_owned));
    erasure::erase(core, &ids, reason, &who(), &Unwatched).expect("erased");
}

/// Whether a word stands in what is kept for a request.
fn says(core: &Core, id: &str, word: &str) -> bool {
    let kept = core.store().read(|r| r.requests().draft(id)).expect("readable");
    kept.is_some_and(|kept| kept.contains(word))
}

#[test]
fn what_was_chosen_and_built_is_there_again_after_the_window_was_closed() {
    let temp = tempfile::tempdir().expect("a folder");
    let dir = temp.path().join("ws");
    let core = made(&dir);
    let ana = card(&core, with_email("Ana Ruiz", ANA));
    let id = asks(&core, Right::Access);
    let chosen = Draft {
        cards: Some(vec![ana]),
        keep: vec!["card:ctc_x".into()],
        internal_notes: vec!["nte_x".into()],
        staff_names: true,
        ..Draft::default()
    };
    draft::put(&core, &id, &chosen, &who()).expect("kept");
    draft::put(&core, &id, &Draft { mask: vec!["text:bo".into()], ..chosen.clone() }, &who()).expect("kept");
    let out = temp.path().join("ana.zip");
    let built = build(&core, &Request { reference: id.clone(), ..request(&core, ANA) }, &out);
    drop(core);

    let (core, _) = Core::open(&dir, None, environment()).expect("opened");
    let kept = draft::get(&core, &id).expect("kept");
    assert_eq!(kept.built.as_ref().map(|built| built.sha256.clone()), Some(built.sha256));
    assert_eq!(Draft { built: None, ..kept }, Draft { mask: vec!["text:bo".into()], ..chosen });
    // A step of the request leaves it where it is, and it leaves the history as it is.
    requests::step(&core, &id, Step::Finish, &Details::default(), &who()).expect("done");
    assert!(draft::get(&core, &id).expect("kept").staff_names);
    assert_eq!(draft::get(&core, "req_other").expect("nothing"), Draft::default());
    let unknown = draft::put(&core, "req_other", &Draft::default(), &who()).expect_err("there is none");
    assert_eq!(unknown.code, Code::NotFound);
}

#[test]
fn it_goes_with_whoever_asked_and_does_not_come_back() {
    let temp = tempfile::tempdir().expect("a folder");
    let core = made(&temp.path().join("ws"));
    let ana = card(&core, with_email("Ana Ruiz", ANA));
    let id = asks(&core, Right::Erasure);
    draft::put(&core, &id, &Draft { cards: Some(vec![ana.clone()]), ..Draft::default() }, &who()).expect("kept");
    assert!(says(&core, &id, &ana));
    erase(&core, &ana, Some(&id));
    assert_eq!(core.store().read(|r| r.requests().draft(&id)).expect("readable"), None);
    // A window that was slow.
    let late = draft::put(&core, &id, &Draft { cards: Some(vec![ana]), ..Draft::default() }, &who());
    assert_eq!(late.expect_err("she is gone").code, Code::Refused);
}

#[test]
fn whoever_else_is_erased_goes_out_of_it_and_the_rest_stays() {
    let temp = tempfile::tempdir().expect("a folder");
    let core = made(&temp.path().join("ws"));
    let ana = card(&core, with_email("Ana Ruiz", ANA));
    let bo = card(&core, with_email("Bo Lindström", BO));
    let text = format!("Ask Bo Lindström, {BO}, or Eva Sol");
    let chat = Incoming {
        about: Conversation { platform: "widget".into(), ..Conversation::default() },
        messages: vec![Message { text, at: Millis(1_000), ..Message::default() }],
    };
    conversations::add(&core, Some(&ana), &chat, &who()).expect("a chat");
    let id = asks(&core, Right::Access);
    let people = bundle::preview(&core, &request(&core, ANA)).expect("a preview").people;
    let keys: Vec<String> = people.into_iter().map(|one| one.key).collect();
    assert!(keys.contains(&format!("card:{bo}")), "{keys:?}");
    let mask = [&keys[..], &["text:eva sol".to_owned(), format!("text:{BO}")]].concat();
    let chosen = Draft { cards: Some(vec![ana.clone()]), mask, keep: vec![format!("card:{bo}")], ..Draft::default() };
    draft::put(&core, &id, &chosen, &who()).expect("kept");
    assert!(says(&core, &id, &bo) && says(&core, &id, BO));
    erase(&core, &bo, None);
    let kept = draft::get(&core, &id).expect("kept");
    assert!(!says(&core, &id, &bo) && !says(&core, &id, "lind"), "{kept:?}");
    assert!(kept.mask.contains(&"text:eva sol".to_owned()) && kept.keep.is_empty());
    assert_eq!(kept.cards, Some(vec![ana]));
}

#[test]
fn the_window_is_told_of_cards_that_the_request_does_not_find_itself() {
    let temp = tempfile::tempdir().expect("a folder");
    let session = Session::new(temp.path().join("ws"), Some(temp.path().to_owned()), environment(), |_| {});
    session.create(ProtectBy::Nothing).expect("made");
    let core = session.core().expect("open");
    let (ana, other) = (card(&core, with_email("Ana Ruiz", ANA)), card(&core, named("A. R.")));
    let id = asks(&core, Right::Access);
    let chosen = json!({ "cards": [ana, other], "keep": [], "mask": ["text:bo"], "internalNotes": [],
        "sharedFiles": [], "staffNames": false });
    dispatch(&session, "dsar_draft_put", json!({ "id": id, "chosen": chosen })).expect("kept");
    let get = || dispatch(&session, "dsar_draft_get", json!({ "id": id })).expect("kept");
    let kept = get();
    assert_eq!((&kept["chosen"], &kept["built"]), (&chosen, &json!(null)));
    let added = kept["added"].as_array().expect("a list");
    assert_eq!((added.len(), &added[0]["id"], &added[0]["name"]), (1, &json!(other), &json!("A. R.")));
    let asked = json!({ "reference": id, "identifier": ANA, "cards": [ana, other], "language": "en", "keep": [],
        "mask": ["text:bo"], "internalNotes": [], "sharedFiles": [], "staffNames": false });
    let file = temp.path().join("ana.zip");
    let wanted = |replace: bool, recipient: &str| json!({ "request": asked, "file": file, "replace": replace, "recipient": recipient });
    let to = "age12ld5kdvlywh9u9rwfcj3ypt8q3ez2p353s2sc9r485xfx0gy6sss5uskuv";
    dispatch(&session, "dsar_build", wanted(false, to)).expect("built");
    assert_eq!(get()["built"]["isEncrypted"], json!(true), "also when the window has forgotten for whom it was");
    let built = dispatch(&session, "dsar_build", wanted(true, "")).expect("built");
    assert_eq!(built["isEncrypted"], json!(false));
    assert_eq!(get()["built"], built);
    assert_eq!(get()["chosen"], chosen, "and what was chosen is as it was");
    dispatch(&session, "dsar_draft_put", json!({ "id": id, "chosen": chosen })).expect("kept");
    assert_eq!(get()["built"], built, "nothing else was chosen");
    let mut other = chosen.clone();
    other["mask"] = json!([]);
    dispatch(&session, "dsar_draft_put", json!({ "id": id, "chosen": other })).expect("kept");
    assert_eq!(get()["built"], json!(null), "it is not the answer to what is chosen now");
}
