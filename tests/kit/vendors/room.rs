//! Where a fake stands: who may come in, how often, what gets lost on the way, and what was asked.

use super::{
    api::{Api, Kind, Window},
    call::{Answer, Call},
    habits::{Habits, Limit},
    shelf::Shelf,
};
use jiff::{Timestamp, tz::TimeZone};
use std::time::{Duration, Instant};

/// Other requests that may have been under way already when somebody was told to wait.
const UNDER_WAY: usize = 8;

/// A request, and what became of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Asked {
    /// `POST`
    pub method: String,
    /// As it was sent, with the query.
    pub path: String,
    /// All of them, names in small letters.
    pub headers: Vec<(String, String)>,
    /// All of it.
    pub body: String,
    /// It would have changed a record, or what records may say.
    pub is_write: bool,
    /// Nothing when the answer was lost.
    pub status: Option<u16>,
}

/// What a fake was asked since it was last told to forget that.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct State {
    /// All requests, the first one first.
    pub asked: Vec<Asked>,
    /// Those that would have changed records, refused or not.
    pub writes: u64,
    /// Those that changed something, whether anybody heard of it or not.
    pub done: u64,
    /// Those that came without the right to.
    pub strangers: u64,
    /// Those that were more than may be asked.
    pub over_limit: u64,
    /// Those that came although they had been told to wait.
    pub impatient: u64,
    /// Emails that nobody may have any more, because somebody wanted them gone who was not there.
    pub blocked: u64,
}

/// One of the limits, while it runs.
struct Running {
    limit: Limit,
    since: Instant,
    count: u32,
}

/// Somebody was told to wait.
struct Told {
    until: Instant,
    /// With which requests, and until when each of them.
    requests: Vec<(String, Instant)>,
    /// How many others have come since.
    others: usize,
}

pub(super) struct Room {
    pub(super) api: Box<dyn Api>,
    pub(super) shelf: Shelf,
    pub(super) state: State,
    running: Vec<Running>,
    /// Requests and writes since the habits are as they are.
    requests: u64,
    written: u64,
    told: Option<Told>,
}

impl Room {
    pub(super) fn new(api: Box<dyn Api>) -> Self {
        let mut shelf = Shelf::new(api.id_of(), api.looked_up());
        api.furnish(&mut shelf);
        let mut room =
            Self { api, shelf, state: State::default(), running: Vec::new(), requests: 0, written: 0, told: None };
        room.behave(Habits::default());
        room
    }

    pub(super) fn behave(&mut self, habits: Habits) {
        let limits = habits.limits.clone().unwrap_or_else(|| self.api.limits());
        let since = now();
        self.running = limits.into_iter().map(|limit| Running { limit, since, count: 0 }).collect();
        (self.requests, self.written, self.told) = (0, 0, None);
        self.shelf.behave(habits);
    }

    /// Nothing when the answer gets lost.
    pub(super) fn answer(&mut self, call: &Call, path: &str) -> Option<Answer> {
        let kind = self.api.kind(call);
        let is_write = matches!(kind, Kind::Write | Kind::Schema);
        self.requests += 1;
        self.state.writes += u64::from(kind == Kind::Write);
        let request = format!("{} {path} {}", call.method, call.text);
        self.state.impatient += u64::from(self.is_impatient(&request));
        let mut answer = self.decided(call, kind, request);
        let windows: Vec<Window> = self.running.iter().map(Running::window).collect();
        let now_s = self.shelf.now_ms().div_euclid(1_000);
        answer.headers.extend(self.api.rate_headers(kind, &windows, now_s));
        answer.headers.push(("Date", date(now_s)));
        let is_done = kind == Kind::Write && answer.status < 300;
        self.written += u64::from(is_done);
        self.state.done += u64::from(is_done);
        let is_lost = is_done && is_due(self.shelf.habits.lose_answers, self.written);
        self.state.asked.push(Asked {
            method: call.method.clone(),
            path: path.to_owned(),
            headers: call.headers().to_vec(),
            body: call.text.clone(),
            is_write,
            status: (!is_lost).then_some(answer.status),
        });
        (!is_lost).then_some(answer)
    }

    /// The answer to the latest request gets lost all the same.
    pub(super) fn unheard(&mut self, path: &str) {
        if let Some(asked) = self.state.asked.iter_mut().rev().find(|asked| asked.path == path) {
            asked.status = None;
        }
    }

    fn decided(&mut self, call: &Call, kind: Kind, request: String) -> Answer {
        let (header, word) = self.api.sign_in();
        if call.header(header) != Some(word) {
            self.state.strangers += 1;
            return self.api.refusal(401, "unauthorized", "Unauthorized access");
        }
        if let Some(wait_ms) = self.over_limit(kind) {
            self.state.over_limit += 1;
            return self.busy(Some(wait_ms.div_ceil(1_000)), request);
        }
        let (busy, after) = self.shelf.habits.busy.unzip();
        if is_due(busy, self.requests) {
            return self.busy(after.flatten(), request);
        }
        if is_due(self.shelf.habits.error_500, self.requests) {
            return self.api.refusal(500, "server_error", "Something went wrong on our side");
        }
        if call.is_no_json() {
            return self.api.refusal(415, "media_type", "The body is no JSON, or does not say so");
        }
        self.api.answer(call, &mut self.shelf)
    }

    fn busy(&mut self, after: Option<u64>, request: String) -> Answer {
        let answer = self.api.refusal(429, "rate_limit_exceeded", "Rate limit exceeded");
        let Some(seconds) = after else { return answer };
        let at = now();
        let until = at + Duration::from_secs(seconds);
        match &mut self.told {
            Some(told) if at < told.until => {
                told.until = told.until.max(until);
                told.requests.push((request, until));
            }
            told => *told = Some(Told { until, requests: vec![(request, until)], others: 0 }),
        }
        answer.with("Retry-After", seconds.to_string())
    }

    /// Whether it comes too early: again what was told to wait, or more than was under way then.
    fn is_impatient(&mut self, request: &str) -> bool {
        let at = now();
        let Some(told) = self.told.as_mut().filter(|told| at < told.until) else { return false };
        told.others += 1;
        told.others > UNDER_WAY || told.requests.iter().any(|(one, until)| one == request && at < *until)
    }

    /// Counts a request; how long whoever sent it has to wait when that was one too many.
    fn over_limit(&mut self, kind: Kind) -> Option<u64> {
        let at = now();
        let mut wait_ms = None;
        for running in &mut self.running {
            if running.limit.searches && kind != Kind::Search {
                continue;
            }
            if at.duration_since(running.since) >= Duration::from_millis(running.limit.per_ms) {
                (running.since, running.count) = (at, 0);
            }
            running.count += 1;
            if running.count > running.limit.most {
                wait_ms = wait_ms.max(Some(running.left_ms()));
            }
        }
        wait_ms
    }
}

impl Running {
    fn left_ms(&self) -> u64 {
        let spent = now().duration_since(self.since).as_millis();
        self.limit.per_ms.saturating_sub(u64::try_from(spent).unwrap_or(u64::MAX))
    }

    fn window(&self) -> Window {
        let left = self.limit.most.saturating_sub(self.count);
        Window { limit: self.limit, left, left_ms: self.left_ms() }
    }
}

/// A moment as headers write it (RFC 9110, 5.6.7).
fn date(at_s: i64) -> String {
    let at = Timestamp::from_second(at_s).unwrap_or_default().to_zoned(TimeZone::UTC);
    at.strftime("%a, %d %b %Y %H:%M:%S GMT").to_string()
}

fn is_due(every: Option<u64>, count: u64) -> bool {
    every.is_some_and(|every| every > 0 && count.is_multiple_of(every))
}

#[expect(clippy::disallowed_methods, reason = "a limit of a server is one of real time")]
fn now() -> Instant {
    Instant::now()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_moment_is_written_as_headers_write_it() {
        assert_eq!(date(784_111_777), "Sun, 06 Nov 1994 08:49:37 GMT");
    }
}
