//! Requests: addressed, signed, within the budget, counted, and stopped when nobody wants
//! them any more.

use super::{
    auth::Signer,
    budget::Budgets,
    call::Call,
    exchange::{Asked, Exchange, Heard, Lost},
    format::{Errors, Limits},
    given::Given,
    oauth,
    ops::OpName,
    place::Place,
};
use crate::Stop;
use cardfile_sync::{remote::Traffic, run::Failure};
use serde_json::Value as Json;
use std::{
    cell::Cell,
    collections::BTreeMap,
    sync::{Arc, Mutex, PoisonError},
};

/// Why a request that somebody stopped has no answer.
const STOPPED: &str = "stopped";
/// Characters of an answer that a person is shown.
const WORDS: usize = 300;
/// Longer pauses are the matter of the run, which may end meanwhile.
const LONGEST_PAUSE_MS: u64 = 60_000;

/// The way to a system, for whom it is open.
pub(super) struct Wire {
    pub(super) exchange: Box<dyn Exchange>,
    pub(super) place: Place,
    pub(super) signer: Signer,
    pub(super) budgets: Arc<Mutex<Budgets>>,
    pub(super) limits: Limits,
    pub(super) errors: Errors,
    /// Sent with each request.
    pub(super) headers: Vec<(String, String)>,
    /// What was filled in and is no secret.
    pub(super) config: BTreeMap<String, String>,
    pub(super) stop: Stop,
    /// When it was opened, in milliseconds since 1970, and by the clock of the exchange.
    pub(super) opened: (i64, u64),
    pub(super) counts: Cell<Traffic>,
    /// What the clock of the server last said.
    pub(super) server_ms: Cell<Option<i64>>,
    /// A failure met all: no other request is begun.
    pub(super) is_closed: Cell<bool>,
}

/// No answer that says anything.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Missed {
    /// It certainly was not done.
    Not(Failure),
    /// Perhaps it was.
    Perhaps(String),
}

impl From<Missed> for Failure {
    fn from(missed: Missed) -> Self {
        match missed {
            Missed::Not(failure) => failure,
            Missed::Perhaps(reason) => Self::Unreachable(reason),
        }
    }
}

impl From<Failure> for Missed {
    fn from(failure: Failure) -> Self {
        Self::Not(failure)
    }
}

impl Wire {
    /// Sends a request. A refusal of what was asked is an answer like any other; one that says
    /// nothing of it is none.
    pub(super) async fn ask(&self, call: &Call, given: &Given<'_>) -> Result<Heard, Missed> {
        self.ask_at(call, given, None).await
    }

    /// The same at a place of a list: a parameter with its value.
    pub(super) async fn ask_at(
        &self,
        call: &Call,
        given: &Given<'_>,
        at: Option<(String, String)>,
    ) -> Result<Heard, Missed> {
        let given = Given { config: Some(&self.config), ..*given };
        let mut query = call.query(&given);
        query.extend(at);
        let url = self.place.url(&call.path, &given, &query)?;
        let headers = if call.op.if_match && !given.version.is_empty() {
            vec![("If-Match".to_owned(), given.version.to_owned())]
        } else {
            Vec::new()
        };
        self.send(call.name, call.op.method.as_str(), url.into(), headers, call.body(&given)).await
    }

    /// Asks for the page that an answer named.
    pub(super) async fn follow(&self, call: &Call, link: &str) -> Result<Heard, Missed> {
        let url = self.place.follow(link)?;
        self.send(call.name, call.op.method.as_str(), url.into(), Vec::new(), None).await
    }

    async fn send(
        &self,
        op: OpName,
        method: &'static str,
        url: String,
        mut headers: Vec<(String, String)>,
        body: Option<Json>,
    ) -> Result<Heard, Missed> {
        let body = body.map(|body| body.to_string()).unwrap_or_default();
        headers.push(("Accept".to_owned(), "application/json".to_owned()));
        if !body.is_empty() {
            headers.push(("Content-Type".to_owned(), "application/json".to_owned()));
        }
        headers.extend(self.headers.iter().cloned());
        headers.extend(self.signer.headers()?);
        self.turn(op).await?;
        let heard = self.exchanged(Asked { method, url, headers, body }).await;
        let now = self.exchange.now_ms();
        let mut budgets = self.budgets.lock().unwrap_or_else(PoisonError::into_inner);
        budgets.end(op, now);
        let heard = heard?;
        if let Some(date) = heard.header("date").and_then(moment) {
            self.server_ms.set(Some(date));
        }
        let server = self.server_ms.get().map(|ms| ms.div_euclid(1_000));
        budgets.hear(&self.limits, &heard, server, now);
        match heard.status {
            401 if self.signer.is_refused() => return Err(Failure::Busy { after_ms: Some(0) }.into()),
            401 => return Err(Failure::SignInNeeded.into()),
            429 | 503 => {
                let after_ms = retry_after_ms(&heard);
                if let Some(ms) = after_ms {
                    budgets.pause(ms, now);
                }
                return Err(Failure::Busy { after_ms }.into());
            }
            status if self.limits.retry_status.contains(&status) && status < 500 => {
                return Err(Failure::Busy { after_ms: retry_after_ms(&heard) }.into());
            }
            _ => {}
        }
        self.signer.is_taken();
        Ok(heard)
    }

    /// No other request is begun, until it is opened again.
    pub(super) fn close(&self) {
        self.is_closed.set(true);
    }

    /// Requests are begun again.
    pub(super) fn open(&self) {
        self.is_closed.set(false);
    }

    /// Waits until the budget lets one more request go.
    async fn turn(&self, op: OpName) -> Result<(), Failure> {
        loop {
            if self.stop.is_called() || self.is_closed.get() {
                return Err(Failure::Unreachable(STOPPED.to_owned()));
            }
            let begun = {
                let now = self.exchange.now_ms();
                self.budgets.lock().unwrap_or_else(PoisonError::into_inner).begin(op, now)
            };
            match begun {
                Ok(()) => return Ok(()),
                Err(ms) if ms > LONGEST_PAUSE_MS => return Err(Failure::Busy { after_ms: Some(ms) }),
                // Who is stopped meanwhile is told by the next look.
                Err(ms) => {
                    self.stop.or(self.exchange.pause(ms)).await;
                }
            }
        }
    }

    /// One request and its answer, counted.
    pub(super) async fn exchanged(&self, asked: Asked) -> Result<Heard, Missed> {
        let mut counts = self.counts.get();
        counts.requests += 1;
        counts.bytes_up += asked.body.len() as u64;
        self.counts.set(counts);
        let heard = self.stop.or(self.exchange.send(asked)).await;
        let heard = heard.ok_or_else(|| Missed::Perhaps(STOPPED.to_owned()))?;
        let heard = heard.map_err(|lost| match lost {
            Lost::Unsent(reason) => Missed::Not(Failure::Unreachable(reason)),
            Lost::Sent(reason) => Missed::Perhaps(reason),
        })?;
        let mut counts = self.counts.get();
        counts.bytes_down += heard.body.len() as u64;
        self.counts.set(counts);
        Ok(heard)
    }

    /// Gets another token, where one is due. Everything that was filled in, to be kept.
    pub(super) async fn renew(&self) -> Result<Option<BTreeMap<String, String>>, Failure> {
        if !self.signer.is_due(self.now()) {
            return Ok(None);
        }
        let fields = oauth::renew(self).await?;
        self.signer.renew(fields.clone());
        Ok(Some(fields))
    }

    /// Milliseconds since 1970, by the clock of this computer.
    pub(super) fn now(&self) -> i64 {
        let (at, then) = self.opened;
        let since = self.exchange.now_ms().saturating_sub(then);
        at.saturating_add(i64::try_from(since).unwrap_or(i64::MAX))
    }

    /// The JSON of an answer.
    pub(super) fn json(&self, heard: &Heard) -> Result<Json, Failure> {
        let unreadable = |error| Failure::Unreachable(format!("an answer of the server cannot be read: {error}"));
        serde_json::from_slice(&heard.body).map_err(unreadable)
    }

    /// Why something was refused, in the words of the system.
    pub(super) fn words(&self, heard: &Heard) -> String {
        let json: Option<Json> = serde_json::from_slice(&heard.body).ok();
        let said = json.and_then(|json| self.errors.message.iter().find_map(|pointer| pointer.text(&json)));
        let said = said.unwrap_or_else(|| String::from_utf8_lossy(&heard.body).into_owned());
        let words: String = said.split_whitespace().collect::<Vec<_>>().join(" ").chars().take(WORDS).collect();
        if words.is_empty() { heard.status.to_string() } else { format!("{}: {words}", heard.status) }
    }

    /// What a refusal means for everything else that was to be asked.
    pub(super) fn failure(&self, heard: &Heard) -> Failure {
        match heard.status {
            408 | 425 | 500 | 502 | 504 | 520..=599 => Failure::Unreachable(self.words(heard)),
            300..=399 => Failure::Refused(format!("{}: the server sends us elsewhere", heard.status)),
            _ => Failure::Refused(self.words(heard)),
        }
    }
}

/// How long the server asks us to wait. A date is compared with the server's own clock: ours
/// may be wrong.
fn retry_after_ms(heard: &Heard) -> Option<u64> {
    let asked = heard.header("retry-after")?;
    if let Ok(seconds) = asked.parse::<u64>() {
        return Some(seconds.saturating_mul(1_000));
    }
    let wait = moment(asked)? - moment(heard.header("date")?)?;
    Some(u64::try_from(wait).unwrap_or(0))
}

/// Milliseconds since 1970 of a date in a header.
fn moment(date: &str) -> Option<i64> {
    jiff::fmt::rfc2822::parse(date).ok().map(|date| date.timestamp().as_millisecond())
}

#[cfg(test)]
mod tests {
    use super::*;
    use rstest::rstest;

    #[rstest]
    #[case::seconds(Some("2"), None, Some(2_000))]
    #[case::a_date(Some("Sun, 06 Nov 1994 08:50:07 GMT"), Some("Sun, 06 Nov 1994 08:49:37 GMT"), Some(30_000))]
    #[case::a_date_by_an_unknown_clock(Some("Sun, 06 Nov 1994 08:50:07 GMT"), None, None)]
    #[case::no_word(None, None, None)]
    fn the_server_says_how_long_to_wait(
        #[case] asked: Option<&str>,
        #[case] date: Option<&str>,
        #[case] expected: Option<u64>,
    ) {
        let header = |name: &str, value: Option<&str>| value.map(|value| (name.to_owned(), value.to_owned()));
        let headers = header("retry-after", asked).into_iter().chain(header("date", date)).collect();
        assert_eq!(retry_after_ms(&Heard { headers, ..Heard::default() }), expected);
    }
}
