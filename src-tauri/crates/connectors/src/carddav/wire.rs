//! Requests over HTTP: one client that keeps its connections, signs in, counts, and waits
//! for nothing without end.
//!
//! It follows no redirect: only who asked knows whether the password may go there.

use crate::{
    Account, Stop,
    client::{Limits, cause, client},
};
use cardfile_sync::{remote::Traffic, run::Failure};
use http::{HeaderMap, HeaderName, Request, StatusCode, header};
use reqwest::{Client, RequestBuilder};
use std::{
    sync::atomic::{AtomicU64, Ordering::Relaxed},
    time::Duration,
};

/// Small servers think long before they list a large address book.
const LIMITS: Limits =
    Limits { connect: Duration::from_secs(20), silence: Duration::from_secs(120), request: Duration::from_secs(600) };
/// Why a request that somebody stopped has no answer.
const STOPPED: &str = "stopped";
/// Characters of an answer that a person is shown.
const WORDS: usize = 300;

/// The way to a server.
pub(super) struct Wire {
    client: Client,
    user: String,
    password: String,
    stop: Stop,
    counts: Counts,
}

impl Wire {
    /// Asks nothing yet.
    pub(super) fn new(account: &Account, stop: Stop) -> Result<Self, Failure> {
        let client = client(&LIMITS).map_err(Failure::Unreachable)?;
        let (user, password) = (account.user.clone(), account.password.clone());
        Ok(Self { client, user, password, stop, counts: Counts::default() })
    }

    /// Sends a request. A refusal is an answer like any other. A body is read to its end, so
    /// that a cut connection is one kind of error wherever it was cut.
    pub(super) async fn send(&self, request: Request<String>) -> Result<Heard, Lost> {
        if self.stop.is_called() {
            return Err(Lost::Unsent(STOPPED.to_owned()));
        }
        self.counts.requests.fetch_add(1, Relaxed);
        self.counts.bytes_up.fetch_add(request.body().len() as u64, Relaxed);
        let heard = self.stop.or(self.answer(request)).await.ok_or_else(|| Lost::Sent(STOPPED.to_owned()))?;
        let heard = heard.map_err(|error| {
            let unsent = error.is_connect() || error.is_builder();
            if unsent { Lost::Unsent(cause(&error)) } else { Lost::Sent(cause(&error)) }
        })?;
        self.counts.bytes_down.fetch_add(heard.body.len() as u64, Relaxed);
        Ok(heard)
    }

    async fn answer(&self, request: Request<String>) -> Result<Heard, reqwest::Error> {
        let mut builder = RequestBuilder::from_parts(self.client.clone(), reqwest::Request::try_from(request)?);
        if !self.user.is_empty() {
            builder = builder.basic_auth(&self.user, Some(&self.password));
        }
        let answer = builder.send().await?;
        let (status, headers) = (answer.status(), answer.headers().clone());
        Ok(Heard { status, headers, body: answer.bytes().await?.into() })
    }

    /// What went over it so far.
    pub(super) fn traffic(&self) -> Traffic {
        Traffic {
            requests: self.counts.requests.load(Relaxed),
            bytes_down: self.counts.bytes_down.load(Relaxed),
            bytes_up: self.counts.bytes_up.load(Relaxed),
        }
    }
}

/// An answer, whatever it says.
pub(super) struct Heard {
    pub(super) status: StatusCode,
    headers: HeaderMap,
    body: Vec<u8>,
}

impl Heard {
    /// Its body.
    pub(super) fn body(&self) -> &[u8] {
        &self.body
    }

    /// Its body as text; where it is none, what can be shown of it.
    pub(super) fn into_text(self) -> Result<String, String> {
        String::from_utf8(self.body).map_err(|broken| String::from_utf8_lossy(broken.as_bytes()).into_owned())
    }

    /// The version of the record it is about.
    pub(super) fn etag(&self) -> Option<String> {
        self.header(header::ETAG).filter(|etag| !etag.is_empty()).map(str::to_owned)
    }

    /// Where it sends us.
    pub(super) fn location(&self) -> Option<String> {
        let location = self.header(header::LOCATION).filter(|_| self.status.is_redirection());
        location.map(str::to_owned)
    }

    /// Whether a refusal gives this reason.
    pub(super) fn mentions(&self, reason: &str) -> bool {
        !self.status.is_success() && String::from_utf8_lossy(&self.body).contains(reason)
    }

    /// In the server's own words, for a person.
    pub(super) fn words(&self) -> String {
        // More than is shown, because blanks are put together.
        let start = String::from_utf8_lossy(self.body.get(..8 * WORDS).unwrap_or(&self.body));
        let words: Vec<&str> = start.split_whitespace().collect();
        let words: String = words.join(" ").chars().take(WORDS).collect();
        if words.is_empty() { self.status.to_string() } else { format!("{}: {words}", self.status) }
    }

    /// A refusal that says nothing of what was asked: the same question may be answered
    /// later.
    pub(super) fn passing(&self) -> Option<Failure> {
        match self.status.as_u16() {
            401 => Some(Failure::SignInNeeded),
            429 | 503 => Some(Failure::Busy { after_ms: retry_after_ms(&self.headers) }),
            408 | 425 | 502 | 504 => Some(Failure::Unreachable(self.words())),
            _ => None,
        }
    }

    /// What it means for everything else that was to be asked, when this was not the answer
    /// that was needed.
    pub(super) fn failure(&self) -> Failure {
        self.passing().unwrap_or_else(|| match self.status.as_u16() {
            501 | 505 | 507 => Failure::Refused(self.words()),
            500..=599 => Failure::Unreachable(self.words()),
            _ => Failure::Refused(self.words()),
        })
    }

    fn header(&self, name: HeaderName) -> Option<&str> {
        header_of(&self.headers, name)
    }
}

/// No answer came.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Lost {
    /// The request did not leave.
    Unsent(String),
    /// It left, and perhaps was done.
    Sent(String),
}

impl From<Lost> for Failure {
    fn from(lost: Lost) -> Self {
        match lost {
            Lost::Unsent(reason) | Lost::Sent(reason) => Self::Unreachable(reason),
        }
    }
}

#[derive(Default)]
struct Counts {
    requests: AtomicU64,
    bytes_down: AtomicU64,
    bytes_up: AtomicU64,
}

fn header_of(headers: &HeaderMap, name: HeaderName) -> Option<&str> {
    headers.get(name).and_then(|value| value.to_str().ok()).map(str::trim)
}

/// How long the server asks us to wait. A date is compared with the server's own clock:
/// ours may be wrong.
fn retry_after_ms(headers: &HeaderMap) -> Option<u64> {
    let asked = header_of(headers, header::RETRY_AFTER)?;
    if let Ok(seconds) = asked.parse::<u64>() {
        return Some(seconds.saturating_mul(1_000));
    }
    let wait = moment(asked)? - moment(header_of(headers, header::DATE)?)?;
    Some(u64::try_from(wait).unwrap_or(0))
}

/// Milliseconds since 1970 of a date in a header.
fn moment(date: &str) -> Option<i64> {
    jiff::fmt::rfc2822::parse(date).ok().map(|date| date.timestamp().as_millisecond())
}

#[cfg(test)]
impl Heard {
    /// An answer without headers.
    pub(super) fn of(status: u16, body: &str) -> Self {
        let status = StatusCode::from_u16(status).expect("a status");
        Self { status, headers: HeaderMap::new(), body: body.into() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use http::HeaderValue;
    use rstest::rstest;

    const DATE: &str = "Sun, 06 Nov 1994 08:49:37 GMT";

    #[rstest]
    #[case::seconds(Some("120"), None, Some(120_000))]
    #[case::at_once(Some("0"), None, Some(0))]
    #[case::blanks(Some(" 3 "), None, Some(3_000))]
    #[case::a_date(Some("Sun, 06 Nov 1994 08:50:07 GMT"), Some(DATE), Some(30_000))]
    #[case::a_date_that_is_over(Some("Sun, 06 Nov 1994 08:49:07 GMT"), Some(DATE), Some(0))]
    #[case::a_date_by_an_unknown_clock(Some("Sun, 06 Nov 1994 08:50:07 GMT"), None, None)]
    #[case::no_word(None, Some(DATE), None)]
    #[case::nonsense(Some("soon"), Some(DATE), None)]
    fn the_server_says_how_long_to_wait(
        #[case] asked: Option<&str>,
        #[case] date: Option<&str>,
        #[case] expected: Option<u64>,
    ) {
        let mut headers = HeaderMap::new();
        for (name, value) in [(header::RETRY_AFTER, asked), (header::DATE, date)] {
            if let Some(value) = value {
                headers.insert(name, HeaderValue::from_str(value).unwrap());
            }
        }
        assert_eq!(retry_after_ms(&headers), expected);
    }

    #[rstest]
    #[case::sign_in(401, Some(Failure::SignInNeeded))]
    #[case::too_many(429, Some(Failure::Busy { after_ms: None }))]
    #[case::down_for_a_while(503, Some(Failure::Busy { after_ms: None }))]
    #[case::no_way_to_the_server(502, Some(Failure::Unreachable("502 Bad Gateway".into())))]
    #[case::forbidden(403, None)]
    #[case::broken(500, None)]
    fn some_refusals_pass(#[case] status: u16, #[case] expected: Option<Failure>) {
        assert_eq!(Heard::of(status, "").passing(), expected);
    }

    #[rstest]
    #[case::not_there(404, Failure::Refused("404 Not Found: gone".into()))]
    #[case::no_such_method(501, Failure::Refused("501 Not Implemented: gone".into()))]
    #[case::broken(500, Failure::Unreachable("500 Internal Server Error: gone".into()))]
    #[case::another_kind_of_answer(200, Failure::Refused("200 OK: gone".into()))]
    fn a_refusal_that_stays_is_told_in_the_words_of_the_server(#[case] status: u16, #[case] expected: Failure) {
        assert_eq!(Heard::of(status, " \n gone ").failure(), expected);
    }

    #[test]
    fn nobody_reads_a_whole_page_of_words() {
        let words = Heard::of(403, &"a b\n".repeat(1_000)).words();
        assert_eq!(words.chars().count(), "403 Forbidden: ".len() + WORDS);
    }
}
