//! The line to a remote that a manifest describes, with the system at its other end: it answers
//! the requests of `described.toml` in JSON. Its faults are those of the fake remote, and where
//! it compares versions, others write between a read and the write that follows it.
//!
//! Where it does not, what others write in that blink is lost, as the window says of such a
//! system; so nobody does.

use crate::{
    people::People,
    random::Random,
    remote::{Arrived, FakeRemote, Record, failure},
};
use cardfile_connectors::manifest::{Asked, Coming, Exchange, Heard, Lost};
use cardfile_sync::{
    run::{Failure, Outcome},
    value::{Units, Value},
};
use serde_json::{Map, Value as Json, json};
use std::{
    cell::{Cell, RefCell},
    collections::BTreeMap,
    future::ready,
    rc::Rc,
};

/// Where the system is.
const ADDRESS: &str = "https://people.example/";
/// Places of a record that are no units.
const OWN: [&str; 2] = ["ref", "seen"];

/// What happened, for a person who looks at a seed.
pub(crate) type Story = Rc<RefCell<Vec<String>>>;

/// The line of one run.
pub(crate) struct Line {
    pub(crate) remote: Rc<RefCell<FakeRemote>>,
    /// Which of the remotes it is.
    pub(crate) at: usize,
    pub(crate) random: Rc<RefCell<Random>>,
    pub(crate) people: Rc<RefCell<People>>,
    /// Where somebody listens.
    pub(crate) story: Option<Story>,
    /// Milliseconds that were waited.
    pub(crate) waited: Cell<u64>,
}

impl Exchange for Line {
    fn send(&self, asked: Asked) -> Coming<'_, Result<Heard, Lost>> {
        let heard = self.answer(&asked);
        if let Some(story) = &self.story {
            let what = match &heard {
                Ok(Heard { status, body, .. }) => format!("{status} {}", String::from_utf8_lossy(body)),
                Err(lost) => format!("{lost:?}"),
            };
            let Asked { method, url, body, .. } = &asked;
            story.borrow_mut().push(format!("remote {}: {method} {url} {body}: {what}", self.at));
        }
        Box::pin(ready(heard))
    }

    fn pause(&self, ms: u64) -> Coming<'_, ()> {
        self.waited.set(self.waited.get() + ms);
        Box::pin(ready(()))
    }

    fn now_ms(&self) -> u64 {
        self.waited.get()
    }
}

impl Line {
    fn answer(&self, asked: &Asked) -> Result<Heard, Lost> {
        let place = asked.url.strip_prefix(ADDRESS).expect("nobody else is asked");
        let (path, query) = place.split_once('?').unwrap_or((place, ""));
        let path: Vec<&str> = path.split('/').collect();
        let given: BTreeMap<&str, &str> = query.split('&').filter_map(|pair| pair.split_once('=')).collect();
        let said: Map<String, Json> = serde_json::from_str(&asked.body).unwrap_or_default();
        let text = |name: &str| said.get(name).and_then(Json::as_str).unwrap_or_default();
        let (external_id, stamps) = (text("ref").to_owned(), stamps(text("seen")));
        let expect = asked.headers.iter().find(|(name, _)| name == "If-Match").map(|(_, version)| version.clone());
        match (asked.method, path.as_slice()) {
            ("GET", ["people"]) => {
                let after = given.get("after").and_then(|after| after.parse().ok());
                // Before the first version there is nothing.
                let since = given.get("since").and_then(|since| since.parse().ok()).unwrap_or(0);
                self.page(after, since)
            }
            ("GET", ["gone"]) => self.look(gone),
            ("GET", ["search"]) => {
                let id = given.get("ref").copied().unwrap_or_default();
                self.look(|remote, _| found(remote, id))
            }
            ("GET", ["people", key]) => self.look(|remote, _| one(remote, key)),
            ("POST", ["people"]) => self.take(Arrived::Create { external_id, set: units(&said) }, stamps),
            ("PATCH", ["people", key]) => {
                self.take(Arrived::Patch { key: (*key).to_owned(), expect, set: units(&said) }, stamps)
            }
            ("DELETE", ["people", key]) => {
                self.take(Arrived::Delete { key: (*key).to_owned(), expect, is_erasure: false }, stamps)
            }
            ("POST", ["erased", key]) => {
                self.take(Arrived::Delete { key: (*key).to_owned(), expect: None, is_erasure: true }, stamps)
            }
            _ => panic!("nobody knows {} {}", asked.method, asked.url),
        }
    }

    /// A page of everything, or of what is of this version or a later one, in the order in
    /// which it moved.
    fn page(&self, after: Option<usize>, since: u64) -> Result<Heard, Lost> {
        let (remote, mut random) = (self.remote.borrow(), self.random.borrow_mut());
        let size = 1 + random.below(8);
        let (mut people, mut from, mut is_last): (Vec<Json>, _, _) = (Vec::new(), after, false);
        // An empty page is the last one for who asks, so there is none in between.
        while people.len() < size && !is_last {
            let (rows, to, last) = match remote.page(from, &mut random) {
                Ok(Some(moved)) => moved,
                _ if !people.is_empty() => break,
                // Nobody was told of this place yet, so that it cannot be unknown.
                Ok(None) if after.is_none() => continue,
                Ok(None) => return Ok(heard(&remote, 410, &Json::Null)),
                Err(failure) => return missed(&remote, failure),
            };
            let rows = rows.into_iter().filter_map(|(key, record)| Some((key, record?)));
            let rows = rows.filter(|(key, record)| record.version >= since && !remote.moves_after(key, to));
            // Where each run lists everything, one that is there may be on none of its pages.
            let rows = rows.filter(|_| !(remote.faulty && !remote.caps.tombstones && random.percent(3)));
            people.extend(rows.map(|(key, record)| said(&key, &record)));
            (from, is_last) = (Some(to), last);
        }
        let next = from.filter(|_| !is_last).map(|from| from.to_string());
        Ok(heard(&remote, 200, &json!({ "people": people, "next": next })))
    }

    /// The answer to any other question, if there is one.
    fn look(&self, answer: impl FnOnce(&FakeRemote, &mut Random) -> (u16, Json)) -> Result<Heard, Lost> {
        let (remote, mut random) = (self.remote.borrow(), self.random.borrow_mut());
        if remote.faulty && random.percent(4) {
            let failure = failure(&mut random);
            return missed(&remote, failure);
        }
        let (status, body) = answer(&remote, &mut random);
        Ok(heard(&remote, status, &body))
    }

    /// The answer to a write, if there is one.
    fn take(&self, write: Arrived, stamps: BTreeMap<String, u64>) -> Result<Heard, Lost> {
        self.blink(&write);
        let (mut remote, mut random) = (self.remote.borrow_mut(), self.random.borrow_mut());
        let (outcome, taken) = match remote.write(write, stamps, &mut random) {
            Ok(taken) => taken,
            Err(failure) => return missed(&remote, failure),
        };
        let status = match outcome {
            Outcome::Done => 200,
            Outcome::Precondition => 412,
            Outcome::Exists(_) => 409,
            Outcome::Gone => 404,
            Outcome::Rejected(_) => 422,
            Outcome::Unknown if random.percent(50) => return Err(Lost::Sent("no answer".to_owned())),
            Outcome::Unknown => 500,
        };
        let body = taken.map_or(Json::Null, |(key, record)| said(&key, &record));
        Ok(heard(&remote, status, &body))
    }

    /// Somebody else writes just before a write that asks for a version.
    fn blink(&self, write: &Arrived) {
        let (Arrived::Patch { key, expect: Some(_), .. } | Arrived::Delete { key, expect: Some(_), .. }) = write else {
            return;
        };
        let (mut remote, mut random) = (self.remote.borrow_mut(), self.random.borrow_mut());
        let is_now = remote.faulty && random.percent(5);
        let before = remote.records.get(key).map(|record| record.units.clone());
        let Some(before) = before.filter(|_| is_now) else { return };
        let mut units = before.clone();
        let mut people = self.people.borrow_mut();
        people.change(&mut units, &mut random);
        people.took_off(self.at, key, &before, &units);
        remote.edit(key, |record| *record = units);
    }
}

/// An answer. The clock of the system goes on by a second with each version.
fn heard(remote: &FakeRemote, status: u16, body: &Json) -> Heard {
    let at = remote.latest();
    let date = format!("Thu, 01 Jan 1970 {:02}:{:02}:{:02} GMT", at / 3_600, (at / 60) % 60, at % 60);
    Heard { status, headers: vec![("date".to_owned(), date)], body: body.to_string().into_bytes() }
}

/// No answer, or one that asks to wait.
fn missed(remote: &FakeRemote, failure: Failure) -> Result<Heard, Lost> {
    match failure {
        Failure::Busy { after_ms } => {
            let mut busy = heard(remote, 429, &Json::Null);
            busy.headers.extend(after_ms.map(|_| ("retry-after".to_owned(), "1".to_owned())));
            Ok(busy)
        }
        other => Err(Lost::Unsent(format!("{other:?}"))),
    }
}

/// All that were deleted. An index that lags behind has not heard of some.
fn gone(remote: &FakeRemote, random: &mut Random) -> (u16, Json) {
    let has_heard = |_: &&String| !(remote.faulty && remote.caps.lags && random.percent(20));
    let gone: Vec<Json> = remote.gone.iter().filter(has_heard).map(|key| json!({ "id": key })).collect();
    (200, json!({ "people": gone }))
}

/// Those whose ID begins as this one does: a search finds what is only alike.
fn found(remote: &FakeRemote, id: &str) -> (u16, Json) {
    let is_alike = |known: &String| known.get(..4) == id.get(..4);
    let alike = remote.records.iter().filter(|(_, record)| record.external_id.as_ref().is_some_and(is_alike));
    let alike: Vec<Json> = alike.map(|(key, record)| said(key, record)).collect();
    (200, json!({ "people": alike }))
}

fn one(remote: &FakeRemote, key: &str) -> (u16, Json) {
    remote.records.get(key).map_or((404, Json::Null), |record| (200, said(key, record)))
}

/// A record, as the system says it.
fn said(key: &str, record: &Record) -> Json {
    let seen: Vec<String> = record.stamps.iter().map(|(device, stamp)| format!("{device}={stamp}")).collect();
    let mut said = json!({
        "id": key,
        "ref": record.external_id,
        "version": format!("v{}", record.version),
        "changed": record.version,
        "seen": seen.join(" "),
    });
    for (unit, value) in &record.units {
        said[unit.as_str()] = match value {
            Value::Absent => Json::Null,
            Value::One(text) => Json::from(text.as_str()),
            Value::Set(all) => all.values().map(|one| one.typed.as_str()).collect(),
        };
    }
    if record.is_spoilt {
        // Nobody is called so.
        said["name"] = json!({});
    }
    said
}

/// What a request says of a record.
fn units(said: &Map<String, Json>) -> Units {
    let value = |json: &Json| match json {
        Json::String(text) => Value::one(text.as_str()),
        Json::Array(all) => Value::words(all.iter().filter_map(Json::as_str)),
        _ => Value::Absent,
    };
    let units = said.iter().filter(|(name, _)| !OWN.contains(&name.as_str()));
    units.map(|(name, json)| (name.clone(), value(json))).collect()
}

/// How many writes of each device a record has seen.
fn stamps(text: &str) -> BTreeMap<String, u64> {
    let pairs = text.split_whitespace().filter_map(|pair| pair.split_once('='));
    pairs.filter_map(|(device, stamp)| Some((device.to_owned(), stamp.parse().ok()?))).collect()
}
