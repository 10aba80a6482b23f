//! Signing in and changing tokens, with a server of tokens in memory and a browser that visits.

use super::*;
use crate::{
    Opening,
    manifest::{Coming, ManifestRemote},
};
use cardfile_sync::remote::Remote as _;
use rstest::rstest;
use serde_json::json;
use std::{
    cell::RefCell,
    io::{Read as _, Write as _},
    net::TcpStream as Visit,
    rc::Rc,
    thread,
};

const TOKENS: &str = "https://api.hubapi.com/oauth/v1/token";

/// A server of tokens.
#[derive(Default)]
struct Tokens {
    /// The next answers, the last one first.
    answers: RefCell<Vec<Result<Heard, Lost>>>,
    /// Bodies of what it was asked.
    asked: RefCell<Vec<String>>,
}

/// The test keeps one, and the interpreter has the other.
struct Line(Rc<Tokens>);

impl Exchange for Line {
    fn send(&self, asked: Asked) -> Coming<'_, Result<Heard, Lost>> {
        assert_eq!((asked.method, asked.url.as_str()), ("POST", TOKENS), "secrets stand in the body alone");
        self.0.asked.borrow_mut().push(asked.body);
        let answer = self.0.answers.borrow_mut().pop();
        Box::pin(std::future::ready(answer.unwrap_or_else(|| Err(Lost::Unsent("nobody is there".into())))))
    }

    fn pause(&self, _: u64) -> Coming<'_, ()> {
        Box::pin(std::future::ready(()))
    }

    fn now_ms(&self) -> u64 {
        0
    }
}

fn tokens(answers: impl IntoIterator<Item = Result<Heard, Lost>>) -> Rc<Tokens> {
    let mut answers: Vec<Result<Heard, Lost>> = answers.into_iter().collect();
    answers.reverse();
    Rc::new(Tokens { answers: RefCell::new(answers), ..Tokens::default() })
}

fn given(token: &str, refresh: &str) -> Result<Heard, Lost> {
    let body = json!({ "access_token": token, "refresh_token": refresh, "expires_in": 1_800 });
    Ok(Heard { status: 200, body: body.to_string().into_bytes(), ..Heard::default() })
}

fn lost() -> Result<Heard, Lost> {
    Err(Lost::Sent("the line was cut".into()))
}

/// A connection whose token has ended.
fn ended(tokens: &Rc<Tokens>) -> ManifestRemote {
    let fields =
        [("token", "a1"), ("client_id", "app"), ("client_secret", "s3"), (REFRESH_TOKEN, "r1"), (EXPIRES_AT, "1000")];
    let fields = fields.map(|(name, value)| (name.to_owned(), value.to_owned()));
    let opening = Opening { kind: "hubspot".into(), fields: fields.into(), now: Millis(2_000), ..Opening::default() };
    ManifestRemote::over(opening, Box::new(Line(Rc::clone(tokens)))).expect("a remote")
}

#[test]
fn a_token_that_ends_is_changed_once_and_whoever_did_not_hear_the_answer_asks_again() {
    let tokens = tokens([lost(), given("a2", "r2")]);
    let mut remote = ended(&tokens);
    let kept = remote.renew().expect("another token").expect("it was due");
    let kept: BTreeMap<String, String> = serde_json::from_str(&kept).expect("json");
    let said = [kept["token"].as_str(), &kept[REFRESH_TOKEN], &kept["client_secret"], &kept[EXPIRES_AT]];
    assert_eq!(said, ["a2", "r2", "s3", "1802000"]);
    assert!(!kept.contains_key("client_id"), "only secrets are sealed");
    let asked = "grant_type=refresh_token&refresh_token=r1&client_id=app&client_secret=s3";
    assert_eq!(*tokens.asked.borrow(), [asked, asked]);
    assert_eq!(remote.renew(), Ok(None), "it holds");
}

#[rstest]
#[case::nobody_answers(vec![lost(), lost()], Failure::Unreachable("the line was cut".into()))]
#[case::the_first_answer_counted(
    vec![lost(), Ok(Heard { status: 400, ..Heard::default() })],
    Failure::SignInNeeded
)]
#[case::no_network(vec![], Failure::Unreachable("nobody is there".into()))]
fn without_another_token_nothing_is_kept(#[case] answers: Vec<Result<Heard, Lost>>, #[case] expected: Failure) {
    let tokens = tokens(answers);
    assert_eq!(ended(&tokens).renew(), Err(expected));
}

fn signing_in() -> SignIn {
    let manifest = crate::manifest::shipped("hubspot").expect("a manifest");
    let fields = BTreeMap::from([("client_id".to_owned(), "app".to_owned())]);
    SignIn::begin(&manifest, &fields, &[7; 64], Millis(0)).expect("somebody listens")
}

fn wait<T>(coming: impl Future<Output = T>) -> T {
    Builder::new_current_thread().enable_all().build().expect("a runtime").block_on(coming)
}

#[test]
fn the_code_of_the_browser_is_exchanged_with_what_only_we_know() {
    let tokens = tokens([given("a1", "r1")]);
    let sign_in = signing_in();
    let fields = wait(sign_in.exchanged(&Line(Rc::clone(&tokens)), "c1")).expect("tokens");
    assert_eq!((fields["token"].as_str(), fields[REFRESH_TOKEN].as_str()), ("a1", "r1"));
    let asked = tokens.asked.borrow();
    let pairs: BTreeMap<String, String> = Url::parse(&format!("{TOKENS}?{}", asked[0]))
        .map(|url| url.query_pairs().into_owned().collect())
        .expect("a form");
    assert_eq!((pairs["code"].as_str(), &pairs["code_verifier"]), ("c1", &sign_in.verifier));
    assert_eq!(pairs["redirect_uri"], sign_in.redirect, "the same as the browser was sent back to");
}

#[test]
fn whoever_else_visits_is_sent_away_and_waited_behind() {
    let sign_in = signing_in();
    let host = sign_in.redirect.trim_start_matches("http://").trim_end_matches('/').to_owned();
    let state = sign_in.state.clone();
    let visits = thread::spawn(move || {
        let paths =
            ["/favicon.ico".to_owned(), "/?code=c0&state=guessed".to_owned(), format!("/?code=c1&state={state}")];
        paths.map(|path| {
            let mut visit = Visit::connect(&host).expect("somebody listens");
            write!(visit, "GET {path} HTTP/1.1\r\nHost: {host}\r\n\r\n").expect("said");
            let mut answer = String::new();
            visit.read_to_string(&mut answer).expect("an answer");
            answer.split(' ').nth(1).unwrap_or_default().to_owned()
        })
    });
    assert_eq!(wait(sign_in.code()), Ok("c1".to_owned()));
    assert_eq!(visits.join().expect("three visits"), ["404", "404", "200"]);
}
