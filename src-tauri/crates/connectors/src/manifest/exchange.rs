//! The way to a system: one request, one answer, and waits. Over HTTP, or whatever a test puts
//! in its place.
//!
//! It follows no redirect: only who asked knows whether the token may go there.

use crate::client::{Limits, cause, client};
use cardfile_sync::run::Failure;
use reqwest::{Client, Method, Url};
use std::{pin::Pin, sync::LazyLock, time::Duration};
use tokio::time::Instant;

const LIMITS: Limits =
    Limits { connect: Duration::from_secs(20), silence: Duration::from_secs(60), request: Duration::from_secs(300) };
/// No page of contacts is longer.
const LONGEST: usize = 64 << 20;

/// A request. Has no `Debug`, so that no token gets into a log.
#[derive(Clone)]
pub struct Asked {
    /// `GET`
    pub method: &'static str,
    /// Where.
    pub url: String,
    /// Names and values.
    pub headers: Vec<(String, String)>,
    /// JSON, a form, or nothing.
    pub body: String,
}

/// An answer, whatever it says.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Heard {
    /// `200`
    pub status: u16,
    /// Names in small letters, and values.
    pub headers: Vec<(String, String)>,
    /// As it came.
    pub body: Vec<u8>,
}

impl Heard {
    /// A header, by its name in letters of any size.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(known, _)| known.eq_ignore_ascii_case(name)).map(|(_, value)| value.trim())
    }
}

/// No answer came.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Lost {
    /// The request did not leave.
    Unsent(String),
    /// It left, and perhaps was done.
    Sent(String),
}

/// What comes later, on the thread that waits for it.
pub type Coming<'c, T> = Pin<Box<dyn Future<Output = T> + 'c>>;

/// The way to a system.
pub trait Exchange {
    /// Sends a request, and waits for its answer.
    fn send(&self, asked: Asked) -> Coming<'_, Result<Heard, Lost>>;

    /// Waits so many milliseconds.
    fn pause(&self, ms: u64) -> Coming<'_, ()>;

    /// Milliseconds since some moment; never fewer than before.
    fn now_ms(&self) -> u64;
}

/// Over HTTP.
pub(super) struct Http(Client);

impl Http {
    /// Asks nothing yet.
    pub(super) fn new() -> Result<Self, Failure> {
        client(&LIMITS).map(Self).map_err(Failure::Unreachable)
    }

    async fn answer(&self, asked: Asked) -> Result<Heard, Lost> {
        let url = Url::parse(&asked.url).map_err(|error| Lost::Unsent(error.to_string()))?;
        let method = Method::from_bytes(asked.method.as_bytes()).map_err(|error| Lost::Unsent(error.to_string()))?;
        let mut builder = self.0.request(method, url);
        for (name, value) in &asked.headers {
            builder = builder.header(name.as_str(), value.as_str());
        }
        if !asked.body.is_empty() {
            builder = builder.body(asked.body);
        }
        let lost = |error: reqwest::Error| {
            let is_unsent = error.is_connect() || error.is_builder();
            if is_unsent { Lost::Unsent(cause(&error)) } else { Lost::Sent(cause(&error)) }
        };
        let mut answer = builder.send().await.map_err(lost)?;
        let headers = answer.headers().iter().map(|(name, value)| {
            let value = String::from_utf8_lossy(value.as_bytes()).into_owned();
            (name.as_str().to_owned(), value)
        });
        let (status, headers) = (answer.status().as_u16(), headers.collect());
        let mut body = Vec::new();
        while let Some(part) = answer.chunk().await.map_err(lost)? {
            if body.len() + part.len() > LONGEST {
                return Err(Lost::Sent("the answer does not come to its end".into()));
            }
            body.extend_from_slice(&part);
        }
        Ok(Heard { status, headers, body })
    }
}

impl Exchange for Http {
    fn send(&self, asked: Asked) -> Coming<'_, Result<Heard, Lost>> {
        Box::pin(self.answer(asked))
    }

    fn pause(&self, ms: u64) -> Coming<'_, ()> {
        Box::pin(tokio::time::sleep(Duration::from_millis(ms)))
    }

    fn now_ms(&self) -> u64 {
        static BEGIN: LazyLock<Instant> = LazyLock::new(Instant::now);
        u64::try_from(BEGIN.elapsed().as_millis()).unwrap_or(u64::MAX)
    }
}
