//! What must not be done twice. A program that lost an answer asks again under the same key and
//! gets the answer that was made; of what was done only places are kept, and the answer is made
//! from what these say now. A deed that was cut off is not begun again: the program is told to
//! look first.

use crate::{
    answer::{Answer, Problem},
    asked::Asked,
    routes::Route,
};
use cardfile_core::clients::deeds;
use http::{HeaderName, StatusCode, header::RETRY_AFTER};
use std::{
    collections::HashSet,
    sync::{Mutex, PoisonError},
};

/// The header by which a program says it.
pub(crate) static KEY: HeaderName = HeaderName::from_static("idempotency-key");
/// The header of an answer that was made before.
static REPLAYED: HeaderName = HeaderName::from_static("idempotency-replayed");
const LONGEST: usize = 255;

/// What is being done now.
#[derive(Default)]
pub(crate) struct Repeats(Mutex<HashSet<[u8; 32]>>);

impl Repeats {
    fn begin(&self, key: [u8; 32]) -> bool {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).insert(key)
    }

    fn end(&self, key: &[u8; 32]) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).remove(key);
    }
}

/// Gives a key back, however the deed ends.
struct Held<'r>(&'r Repeats, [u8; 32]);

impl Drop for Held<'_> {
    fn drop(&mut self) {
        self.0.end(&self.1);
    }
}

/// Does what a route does, once for each key.
pub(crate) fn once(asked: &Asked, route: &Route) -> Result<Answer, Problem> {
    let (Some(again), Some(said)) = (route.again, asked.headers.get(&KEY)) else { return (route.handler)(asked) };
    let said = said.to_str().ok().filter(|said| (1..=LONGEST).contains(&said.len()));
    let said = said.ok_or_else(|| Problem::bad_request("a key is text of 1 to 255 characters"))?;
    let (core, client) = (asked.core(), asked.client.id.as_str());
    let key = deeds::mark(core, &format!("deed\0{client}\0{said}"));
    let body = ring::digest::digest(&ring::digest::SHA256, &asked.body);
    let request = format!("{} {:?} {:?} {:?}", route.id, asked.params, asked.query, body.as_ref());
    let request = deeds::mark(core, &request);
    if !asked.shared.repeats.begin(key) {
        return Err(conflict("a request with this key is at work").with(RETRY_AFTER, "1"));
    }
    let _held = Held(&asked.shared.repeats, key);
    match deeds::begin(core, client, &key, &request)? {
        Some(deed) if deed.request != request => {
            let detail = "the key was used for another request";
            return Err(Problem::new(StatusCode::UNPROCESSABLE_ENTITY, "repeat", detail));
        }
        Some(deed) => {
            let cut_off = || {
                conflict("a request with this key was cut off").hint("Look whether it was done; then use another key.")
            };
            let outcome = deed.outcome.ok_or_else(cut_off)?;
            return Ok(again(asked, &outcome)?.with(REPLAYED.clone(), "true"));
        }
        None => {}
    }
    let answer = (route.handler)(asked);
    match &answer {
        Ok(Answer { outcome: Some(outcome), .. }) => deeds::end(core, client, &key, outcome)?,
        // Nothing came of it that could be done twice.
        Ok(_) | Err(_) => deeds::forget(core, client, &key)?,
    }
    answer
}

fn conflict(detail: &str) -> Problem {
    Problem::new(StatusCode::CONFLICT, "repeat", detail)
}
