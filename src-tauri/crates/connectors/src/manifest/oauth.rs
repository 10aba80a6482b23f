//! Signing in with OAuth 2: the person's own browser, PKCE (RFC 7636), and an answer to this
//! computer alone (RFC 8252). Nothing that was typed in the browser is ever seen here.

use super::{
    Manifest,
    auth::{EXPIRES_AT, REFRESH_TOKEN},
    exchange::{Asked, Exchange, Heard, Http, Lost},
    format::OAuth,
    place::Place,
    wire::{Missed, Wire},
};
use crate::Stop;
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use cardfile_domain::Millis;
use cardfile_sync::run::Failure;
use reqwest::Url;
use serde_json::Value as Json;
use sha2::{Digest as _, Sha256};
use std::{
    collections::BTreeMap,
    io,
    net::{Ipv4Addr, TcpListener as Socket},
    time::Duration,
};
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::{TcpListener, TcpStream},
    runtime::Builder,
    time::timeout,
};

/// The field of the form by which a port is chosen, for systems that want to know it before.
const PORT: &str = "redirect_port";
/// Nobody's browser asks for a longer address.
const LONGEST: usize = 8 << 10;
/// Visits before the one that is waited for: browsers ask for pictures of pages, too.
const VISITS: usize = 20;
/// For one visitor to say what it wants.
const PATIENCE: Duration = Duration::from_secs(10);
/// A token that does not say when it ends holds so long.
const UNSAID_S: i64 = 1_800;

/// A person is signing in.
pub struct SignIn {
    listener: Socket,
    oauth: OAuth,
    place: Place,
    token_name: String,
    fields: BTreeMap<String, String>,
    verifier: String,
    state: String,
    redirect: String,
    url: String,
    now: Millis,
}

impl SignIn {
    /// Begins to listen on this computer. `random` is fresh for each.
    pub fn begin(
        manifest: &Manifest,
        fields: &BTreeMap<String, String>,
        random: &[u8; 64],
        now: Millis,
    ) -> Result<Self, Failure> {
        let auth = &manifest.written().auth;
        let Some(oauth) = auth.oauth.clone() else {
            return Err(Failure::Refused("nobody signs in there: a token is pasted".into()));
        };
        let fields = manifest.filled(fields);
        let place = Place::new(&manifest.written().http, &fields)?;
        let client_id = fields.get(&oauth.client_id).map(|id| id.trim()).filter(|id| !id.is_empty());
        let Some(client_id) = client_id.map(str::to_owned) else {
            return Err(Failure::Refused("the ID of the app is missing".into()));
        };
        let port = fields.get(PORT).and_then(|port| port.trim().parse().ok()).unwrap_or(0);
        let failed = |error: io::Error| Failure::Refused(format!("nobody can answer to this computer: {error}"));
        let listener = Socket::bind((Ipv4Addr::LOCALHOST, port)).map_err(failed)?;
        listener.set_nonblocking(true).map_err(failed)?;
        let redirect = format!("http://{}/", listener.local_addr().map_err(failed)?);
        let (verifier, state) = random.split_at(32);
        let (verifier, state) = (URL_SAFE_NO_PAD.encode(verifier), URL_SAFE_NO_PAD.encode(state));
        let challenge = URL_SAFE_NO_PAD.encode(Sha256::digest(verifier.as_bytes()));
        let mut url = Url::parse(&oauth.authorize).map_err(|error| Failure::Refused(error.to_string()))?;
        url.query_pairs_mut().extend_pairs([
            ("response_type", "code"),
            ("client_id", client_id.as_str()),
            ("redirect_uri", redirect.as_str()),
            ("scope", oauth.scopes.join(" ").as_str()),
            ("state", state.as_str()),
            ("code_challenge", challenge.as_str()),
            ("code_challenge_method", "S256"),
        ]);
        let token_name = auth.token.clone().unwrap_or_default();
        Ok(Self { listener, oauth, place, token_name, fields, verifier, state, redirect, url: url.into(), now })
    }

    /// What the browser of the person opens.
    pub fn url(&self) -> &str {
        &self.url
    }

    /// Waits for the browser, once, and exchanges what it brings for tokens. Everything that
    /// was filled in, tokens among it.
    pub fn finish(self, limit: Duration, stop: &Stop) -> Result<BTreeMap<String, String>, Failure> {
        let runtime = Builder::new_current_thread().enable_all().build();
        let runtime = runtime.map_err(|error| Failure::Unreachable(error.to_string()))?;
        runtime.block_on(async {
            let code = timeout(limit, stop.or(self.code())).await;
            let code = code.map_err(|_| Failure::Refused("nobody signed in in time".into()))?;
            let code = code.ok_or_else(|| Failure::Refused("stopped".into()))??;
            let http = Http::new()?;
            self.exchanged(&http, &code).await
        })
    }

    /// The code that the browser brings.
    async fn code(&self) -> Result<String, Failure> {
        let failed = |error: io::Error| Failure::Refused(format!("nobody can answer to this computer: {error}"));
        let listener = TcpListener::from_std(self.listener.try_clone().map_err(failed)?).map_err(failed)?;
        for _ in 0..VISITS {
            let (visitor, _) = listener.accept().await.map_err(failed)?;
            // Who says nothing, or something else, is not the one.
            if let Ok(Ok(Some(said))) = timeout(PATIENCE, self.visited(visitor)).await {
                return said;
            }
        }
        Err(Failure::Refused("the answer of the browser did not come".into()))
    }

    async fn visited(&self, mut visitor: TcpStream) -> io::Result<Option<Result<String, Failure>>> {
        let mut head = Vec::new();
        let mut part = [0; 1024];
        while !head.windows(4).any(|end| end == b"\r\n\r\n") && head.len() < LONGEST {
            let read = visitor.read(&mut part).await?;
            if read == 0 {
                break;
            }
            head.extend_from_slice(&part[..read]);
        }
        let said = self.said(&String::from_utf8_lossy(&head));
        let (status, words) = match &said {
            None => ("404 Not Found", "There is nothing here."),
            Some(Ok(_)) => ("200 OK", "Signed in. You can close this page and go back to Cardfile."),
            Some(Err(_)) => ("400 Bad Request", "This did not work. Go back to Cardfile and try again."),
        };
        let length = words.len();
        let answer = format!(
            "HTTP/1.1 {status}\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Length: {length}\r\n\
             Cache-Control: no-store\r\nConnection: close\r\n\r\n{words}"
        );
        visitor.write_all(answer.as_bytes()).await?;
        visitor.shutdown().await?;
        Ok(said)
    }

    /// What a request says: nothing when it is another one.
    fn said(&self, head: &str) -> Option<Result<String, Failure>> {
        let mut lines = head.lines();
        let path = lines.next()?.strip_prefix("GET ")?.split(' ').next()?;
        let hosts: Vec<&str> = lines
            .filter_map(|line| line.split_once(':'))
            .filter(|(name, _)| name.eq_ignore_ascii_case("host"))
            .map(|(_, host)| host.trim())
            .collect();
        let own = self.redirect.trim_start_matches("http://").trim_end_matches('/');
        // A page elsewhere that calls itself this computer is not asked.
        if hosts != [own] {
            return None;
        }
        let url = Url::parse(&self.redirect).ok()?.join(path).ok()?;
        let value = |name: &str| url.query_pairs().find(|(key, _)| key == name).map(|(_, value)| value.into_owned());
        let state = value("state")?;
        if state != self.state {
            return None;
        }
        // A system that names itself is the one that was asked (RFC 9207).
        let is_other = value("iss").is_some_and(|issuer| !is_of(&issuer, &self.oauth.authorize));
        Some(match (value("code"), value("error")) {
            _ if is_other => Err(Failure::Refused("somebody else answered than was asked".into())),
            (Some(code), None) if !code.is_empty() => Ok(code),
            (_, Some(error)) => Err(Failure::Refused(format!("the system did not let you in: {error}"))),
            (_, None) => Err(Failure::Refused("the system sent no code".into())),
        })
    }

    async fn exchanged(&self, exchange: &dyn Exchange, code: &str) -> Result<BTreeMap<String, String>, Failure> {
        let mut pairs = vec![
            ("grant_type", "authorization_code"),
            ("code", code),
            ("redirect_uri", self.redirect.as_str()),
            ("code_verifier", self.verifier.as_str()),
        ];
        pairs.extend(client(&self.oauth, &self.fields));
        let asked = form(self.place.own(&self.oauth.token)?, &pairs);
        let heard = exchange.send(asked).await.map_err(|lost| match lost {
            Lost::Unsent(reason) | Lost::Sent(reason) => Failure::Unreachable(reason),
        })?;
        granted(&heard, &self.token_name, &self.fields, self.now.0)
    }
}

/// Whether an issuer is where a person was sent.
fn is_of(issuer: &str, authorize: &str) -> bool {
    let host = |address: &str| Url::parse(address).ok().and_then(|url| url.host_str().map(str::to_owned));
    host(issuer).is_some() && host(issuer) == host(authorize)
}

/// Asks for another token. An answer that is lost may have ended the token that asked: it is
/// tried once more, because systems take it again for a moment; else a person signs in anew.
pub(super) async fn renew(wire: &Wire) -> Result<BTreeMap<String, String>, Failure> {
    let Some(oauth) = wire.signer.oauth() else { return Err(Failure::SignInNeeded) };
    let fields = wire.signer.fields();
    let token = fields.get(REFRESH_TOKEN).cloned().unwrap_or_default();
    let mut pairs = vec![("grant_type", "refresh_token"), ("refresh_token", token.as_str())];
    pairs.extend(client(oauth, &fields));
    let url = wire.place.own(&oauth.token)?;
    let heard = match wire.exchanged(form(url.clone(), &pairs)).await {
        Err(Missed::Perhaps(_)) => wire.exchanged(form(url, &pairs)).await,
        other => other,
    };
    granted(&heard?, wire.signer.token_name(), &fields, wire.now())
}

/// Who asks: the app.
fn client<'f>(oauth: &OAuth, fields: &'f BTreeMap<String, String>) -> Vec<(&'static str, &'f str)> {
    let filled = |name: &String| fields.get(name).map(|value| value.trim()).filter(|value| !value.is_empty());
    let id = filled(&oauth.client_id).map(|id| ("client_id", id));
    let secret = oauth.client_secret.as_ref().and_then(filled).map(|secret| ("client_secret", secret));
    id.into_iter().chain(secret).collect()
}

fn form(url: Url, pairs: &[(&str, &str)]) -> Asked {
    let mut body = url.clone();
    body.set_query(None);
    body.query_pairs_mut().extend_pairs(pairs);
    let header = |name: &str, value: &str| (name.to_owned(), value.to_owned());
    Asked {
        method: "POST",
        headers: vec![
            header("Content-Type", "application/x-www-form-urlencoded"),
            header("Accept", "application/json"),
        ],
        body: body.query().unwrap_or_default().to_owned(),
        url: url.into(),
    }
}

/// The fields with the tokens that were given.
fn granted(
    heard: &Heard,
    token_name: &str,
    fields: &BTreeMap<String, String>,
    now: i64,
) -> Result<BTreeMap<String, String>, Failure> {
    match heard.status {
        200..=299 => {}
        400 | 401 | 403 => return Err(Failure::SignInNeeded),
        429 | 503 => return Err(Failure::Busy { after_ms: None }),
        status => return Err(Failure::Unreachable(format!("{status}: the system gives no token"))),
    }
    let json: Json = serde_json::from_slice(&heard.body).unwrap_or_default();
    let Some(token) = json["access_token"].as_str().filter(|token| !token.is_empty()) else {
        return Err(Failure::Refused("the system gives no token".into()));
    };
    let mut fields = fields.clone();
    fields.insert(token_name.to_owned(), token.to_owned());
    // Who gives no other one lets the same be used again.
    if let Some(refresh) = json["refresh_token"].as_str().filter(|token| !token.is_empty()) {
        fields.insert(REFRESH_TOKEN.to_owned(), refresh.to_owned());
    }
    let seconds = json["expires_in"].as_i64().or_else(|| json["expires_in"].as_str()?.parse().ok());
    if seconds.is_some() || fields.contains_key(REFRESH_TOKEN) {
        let until = now.saturating_add(seconds.unwrap_or(UNSAID_S).saturating_mul(1_000));
        fields.insert(EXPIRES_AT.to_owned(), until.to_string());
    }
    Ok(fields)
}

#[cfg(test)]
mod tests {
    use super::*;
    use rstest::rstest;
    use serde_json::json;

    fn sign_in() -> SignIn {
        let manifest = crate::manifest::shipped("hubspot").expect("a manifest");
        let fields = BTreeMap::from([("client_id".to_owned(), "app 1".to_owned())]);
        SignIn::begin(&manifest, &fields, &std::array::from_fn(|at| at as u8), Millis(0)).expect("somebody listens")
    }

    #[test]
    fn the_browser_is_sent_with_a_challenge_and_to_this_computer_alone() {
        let sign_in = sign_in();
        let url = Url::parse(sign_in.url()).expect("an address");
        let pairs: BTreeMap<String, String> = url.query_pairs().into_owned().collect();
        assert_eq!(pairs["client_id"], "app 1");
        assert_eq!(pairs["code_challenge_method"], "S256");
        let challenge = URL_SAFE_NO_PAD.encode(Sha256::digest(sign_in.verifier.as_bytes()));
        assert_eq!(pairs["code_challenge"], challenge);
        assert!(pairs["redirect_uri"].starts_with("http://127.0.0.1:"));
        assert_eq!(sign_in.verifier.len(), 43);
        assert_ne!(pairs["state"], sign_in.verifier);
    }

    #[test]
    fn only_the_browser_that_was_sent_is_believed() {
        let sign_in = sign_in();
        let host = sign_in.redirect.trim_start_matches("http://").trim_end_matches('/').to_owned();
        let state = &sign_in.state;
        let said = |path: &str, host: &str| sign_in.said(&format!("GET {path} HTTP/1.1\r\nHost: {host}\r\n\r\n"));
        assert_eq!(said(&format!("/?code=c1&state={state}"), &host), Some(Ok("c1".into())));
        assert_eq!(said("/?code=c1&state=other", &host), None);
        assert_eq!(said("/favicon.ico", &host), None);
        assert_eq!(said(&format!("/?code=c1&state={state}"), "evil.example"), None);
        let refused = said(&format!("/?error=access_denied&state={state}"), &host);
        assert!(matches!(refused, Some(Err(Failure::Refused(_)))));
        let foreign = said(&format!("/?code=c1&state={state}&iss=https%3A%2F%2Fevil.example"), &host);
        assert!(matches!(foreign, Some(Err(Failure::Refused(_)))));
    }

    fn heard(status: u16, json: &Json) -> Heard {
        Heard { status, body: json.to_string().into_bytes(), ..Heard::default() }
    }

    #[test]
    fn tokens_are_kept_and_one_that_is_not_given_anew_stays() {
        let fields = BTreeMap::from([(REFRESH_TOKEN.to_owned(), "r1".to_owned())]);
        let answer = json!({ "access_token": "a2", "expires_in": 60 });
        let kept = granted(&heard(200, &answer), "token", &fields, 1_000).expect("tokens");
        assert_eq!((kept["token"].as_str(), kept[REFRESH_TOKEN].as_str()), ("a2", "r1"));
        assert_eq!(kept[EXPIRES_AT], "61000");
        let answer = json!({ "access_token": "a3", "refresh_token": "r2" });
        let kept = granted(&heard(200, &answer), "token", &kept, 0).expect("tokens");
        assert_eq!(kept[REFRESH_TOKEN], "r2");
    }

    #[rstest]
    #[case::it_was_used_before(400, Failure::SignInNeeded)]
    #[case::busy(429, Failure::Busy { after_ms: None })]
    #[case::no_token(200, Failure::Refused("the system gives no token".into()))]
    fn without_a_token_it_is_said_what_to_do(#[case] status: u16, #[case] expected: Failure) {
        let answer = json!({ "error": "invalid_grant" });
        assert_eq!(granted(&heard(status, &answer), "token", &BTreeMap::new(), 0), Err(expected));
    }
}

#[cfg(test)]
#[path = "oauth_tests.rs"]
mod exchange_tests;
