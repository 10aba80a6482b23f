//! Webhooks: a message is one signed request (Standard Webhooks), and what comes back is a
//! status. Nothing of an answer is kept or shown: it may say anything about anybody.
//!
//! No redirect is followed, because what was approved was approved for one address.

mod door;
mod signature;

pub use door::{Asked, Door};
pub use signature::{Secret, is_signed, sign};

use crate::{
    Stop,
    client::{Limits, client},
};
use cardfile_domain::{Millis, webhook::Heard};
use http::{HeaderMap, HeaderName, header};
use reqwest::{Client, Response, Url};
use std::{net::IpAddr, time::Duration};
use tokio::runtime::{Builder, Runtime};

/// For one message with its answer, as the specification proposes it.
const LIMITS: Limits =
    Limits { connect: Duration::from_secs(10), silence: Duration::from_secs(20), request: Duration::from_secs(20) };
/// Bytes of an answer that are read, so that its connection can be used again.
const READ: usize = 64 << 10;

/// A message on its way. Has no `Debug`: it holds secrets, and what it says of somebody.
pub struct Post {
    /// Where it goes.
    pub url: String,
    /// `msg_…`, the same in every attempt.
    pub id: String,
    /// The moment of this attempt.
    pub at: Millis,
    /// All that is said.
    pub body: String,
    /// Each signs it: while one takes the place of another, both do.
    pub secrets: Vec<Secret>,
}

/// What came of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Told {
    /// What it means.
    pub heard: Heard,
    /// The status of the answer, when one came.
    pub status: Option<u16>,
}

/// Why an address cannot be one of a webhook.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BadAddress {
    /// It is no address of the web.
    Unreadable,
    /// What is sent there could be read on the way.
    Open,
    /// It holds a user or a password, which everybody who sees it would see.
    HoldsPassword,
}

/// The address as it is used. Without encryption only on this computer.
pub fn address(typed: &str) -> Result<String, BadAddress> {
    let url = Url::parse(typed.trim()).map_err(|_| BadAddress::Unreadable)?;
    let host = url.host_str().ok_or(BadAddress::Unreadable)?;
    match url.scheme() {
        "https" => {}
        "http" if is_here(host) => {}
        "http" => return Err(BadAddress::Open),
        _ => return Err(BadAddress::Unreadable),
    }
    if !url.username().is_empty() || url.password().is_some() {
        return Err(BadAddress::HoldsPassword);
    }
    Ok(url.to_string())
}

/// Whether a host is this computer.
fn is_here(host: &str) -> bool {
    let host = host.trim_start_matches('[').trim_end_matches(']');
    host == "localhost" || host.parse::<IpAddr>().is_ok_and(|address| address.is_loopback())
}

/// Sends messages one after the other, over connections that it keeps.
pub struct Sender {
    runtime: Runtime,
    client: Client,
    stop: Stop,
}

impl Sender {
    /// Asks nothing yet; `stop` ends the wait for an answer. The error says what is wrong with
    /// this computer.
    pub fn new(stop: Stop) -> Result<Self, String> {
        let runtime = Builder::new_current_thread().enable_all().build().map_err(|error| error.to_string())?;
        let client = client(&LIMITS)?;
        Ok(Self { runtime, client, stop })
    }

    /// Sends a message.
    pub fn send(&self, post: &Post) -> Told {
        let lost = Told { heard: Heard::Lost, status: None };
        if self.stop.is_called() {
            return lost;
        }
        let Ok(url) = Url::parse(&post.url) else { return lost };
        let seconds = post.at.0.div_euclid(1000);
        let signatures: Vec<String> =
            post.secrets.iter().map(|secret| sign(secret, &post.id, seconds, post.body.as_bytes())).collect();
        let request = self
            .client
            .post(url)
            .header(header::CONTENT_TYPE, "application/json")
            .header("webhook-id", &post.id)
            .header("webhook-timestamp", seconds.to_string())
            .header("webhook-signature", signatures.join(" "))
            .body(post.body.clone());
        let answer = async {
            let mut answer = request.send().await.ok()?;
            let told = told(answer.status().as_u16(), answer.headers());
            drain(&mut answer).await;
            Some(told)
        };
        self.runtime.block_on(self.stop.or(answer)).flatten().unwrap_or(lost)
    }
}

/// Reads a short answer to its end. A long one is not read: its connection is closed.
async fn drain(answer: &mut Response) {
    let mut read = 0;
    while let Ok(Some(part)) = answer.chunk().await {
        read += part.len();
        if read > READ {
            return;
        }
    }
}

/// What a status means.
fn told(status: u16, headers: &HeaderMap) -> Told {
    let heard = match status {
        200..=299 => Heard::Taken,
        410 => Heard::Gone,
        // What is wrong is wrong for all that is sent there.
        300..=399 | 401 | 403..=405 | 408 | 425 | 429 | 500..=599 => Heard::Later(retry_after_ms(headers)),
        _ => Heard::Refused,
    };
    Told { heard, status: Some(status) }
}

/// How long we are asked to wait. A date is compared with the clock of who says it: ours may
/// be wrong.
fn retry_after_ms(headers: &HeaderMap) -> Option<u64> {
    let said = |name: HeaderName| headers.get(name).and_then(|value| value.to_str().ok()).map(str::trim);
    let asked = said(header::RETRY_AFTER)?;
    if let Ok(seconds) = asked.parse::<u64>() {
        return Some(seconds.saturating_mul(1_000));
    }
    let moment = |date: &str| jiff::fmt::rfc2822::parse(date).ok().map(|date| date.timestamp().as_millisecond());
    let wait = moment(asked)? - moment(said(header::DATE)?)?;
    Some(u64::try_from(wait).unwrap_or(0))
}

#[cfg(test)]
mod tests {
    use super::*;
    use http::HeaderValue;
    use rstest::rstest;

    #[rstest]
    #[case::encrypted("https://hooks.example/catch/1", Ok("https://hooks.example/catch/1"))]
    #[case::blanks_around(" https://hooks.example ", Ok("https://hooks.example/"))]
    #[case::on_this_computer("http://127.0.0.1:5678/webhook/x", Ok("http://127.0.0.1:5678/webhook/x"))]
    #[case::on_this_computer_by_name("http://localhost:5678/", Ok("http://localhost:5678/"))]
    #[case::on_this_computer_in_six("http://[::1]:5678/", Ok("http://[::1]:5678/"))]
    #[case::readable_on_the_way("http://hooks.example/", Err(BadAddress::Open))]
    #[case::readable_on_the_way_at_home("http://192.168.1.7/", Err(BadAddress::Open))]
    #[case::looks_like_this_computer("http://127.0.0.1.example/", Err(BadAddress::Open))]
    #[case::another_way("ftp://hooks.example/", Err(BadAddress::Unreadable))]
    #[case::a_word("hooks", Err(BadAddress::Unreadable))]
    #[case::with_a_password("https://ana:secret@hooks.example/", Err(BadAddress::HoldsPassword))]
    fn an_address_is_looked_at(#[case] typed: &str, #[case] expected: Result<&str, BadAddress>) {
        assert_eq!(address(typed), expected.map(str::to_owned));
    }

    #[rstest]
    #[case::taken(204, None, Heard::Taken)]
    #[case::sent_elsewhere(302, None, Heard::Later(None))]
    #[case::nothing_at_this_address(404, None, Heard::Later(None))]
    #[case::not_this_one(422, None, Heard::Refused)]
    #[case::nobody_there_any_more(410, None, Heard::Gone)]
    #[case::too_many(429, Some("120"), Heard::Later(Some(120_000)))]
    #[case::too_many_without_a_word(429, None, Heard::Later(None))]
    #[case::broken(500, None, Heard::Later(None))]
    #[case::not_now(503, Some("soon"), Heard::Later(None))]
    fn a_status_says_what_to_do(#[case] status: u16, #[case] asked: Option<&str>, #[case] expected: Heard) {
        let mut headers = HeaderMap::new();
        if let Some(asked) = asked {
            headers.insert(header::RETRY_AFTER, HeaderValue::from_str(asked).expect("a value"));
        }
        assert_eq!(told(status, &headers), Told { heard: expected, status: Some(status) });
    }
}
