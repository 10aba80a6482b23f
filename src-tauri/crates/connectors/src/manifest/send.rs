//! Writes. Each one is read just before, so that what somebody else wrote meanwhile is not
//! overwritten, sent alone or with others, and compared with what the system made of it:
//! systems leave out, cut and fold what they are given, and say that all is well.

use super::{
    exchange::Heard,
    fetch::Fetched,
    format::{Guard, Strategy, Verify},
    given::{Given, Item},
    ops::OpName,
    record::{Shape, is_hint, says_the_same, version_of},
    system::System,
    wire::Missed,
};
use cardfile_domain::text::fold;
use cardfile_sync::{
    pair::Key,
    remote::{Answer, Answers, Record, Row, Write, WriteKind},
    run::{Failure, Outcome},
    value::{BETWEEN, Units, Value},
};
use futures_util::stream::{self, StreamExt as _};
use serde_json::Value as Json;
use std::{
    collections::{BTreeMap, BTreeSet},
    pin::pin,
};

/// A write that is ready to be sent.
#[derive(Debug, Clone)]
pub(super) struct Job<'w> {
    pub(super) write: &'w Write,
    pub(super) item: Item,
    /// Attributes that a request of its own takes off.
    forget: Vec<String>,
}

/// What became of a write.
pub(super) struct Tried<'w> {
    pub(super) write: &'w Write,
    pub(super) outcome: Outcome,
    /// The record that was written.
    pub(super) key: Option<Key>,
    /// What the answer says of it, where it says all.
    pub(super) echo: Option<Json>,
}

impl<'w> Tried<'w> {
    pub(super) fn new(write: &'w Write, outcome: Outcome) -> Self {
        Self { write, outcome, key: None, echo: None }
    }

    /// It was done, and nobody said what the record is now.
    fn is_unread(&self) -> bool {
        self.outcome == Outcome::Done && self.echo.is_none() && self.key.is_some()
    }
}

/// Answers, until a failure that meets all the others.
pub(super) type Sofar = Result<(), Failure>;

impl System {
    /// Sends writes. After a failure that meets them all no other is begun.
    pub(super) async fn write(&self, writes: &[Write]) -> Answers {
        let (mut answers, mut failure) = (Answers::default(), None);
        let is = |kind: fn(&WriteKind) -> bool| writes.iter().filter(|write| kind(&write.kind)).collect::<Vec<_>>();
        let creates = is(|kind| matches!(kind, WriteKind::Create { .. }));
        let patches = is(|kind| matches!(kind, WriteKind::Patch { .. }));
        let deletes = is(|kind| matches!(kind, WriteKind::Delete { .. }));
        for (step, some) in [creates, patches, deletes].into_iter().enumerate() {
            if some.is_empty() || failure.is_some() {
                continue;
            }
            let mut tried = Vec::new();
            let done = match step {
                0 => self.creates(&some, &mut tried).await,
                1 => self.patches(&some, &mut tried).await,
                _ => self.deletes(&some, &mut tried).await,
            };
            failure = done.err();
            self.verified(tried, &mut answers.answers).await;
        }
        answers.failure = failure;
        answers
    }

    async fn creates<'w>(&self, writes: &[&'w Write], tried: &mut Vec<Tried<'w>>) -> Sofar {
        self.ensure_identity().await?;
        let unwritable = self.unwritable(&wanted(writes)).await?;
        let mut jobs = Vec::new();
        for write in writes {
            let WriteKind::Create { external_id, set } = &write.kind else { continue };
            let draft = match refused(set.units(), &unwritable) {
                Some(reason) => Err(reason),
                None => self.shape.new_record(set.units(), external_id, write.stamp),
            };
            match draft {
                Err(reason) => tried.push(Tried::new(write, Outcome::Rejected(reason))),
                Ok(draft) => {
                    let item = Item {
                        external_id: external_id.clone(),
                        trace: trace(write),
                        record: draft.record,
                        ..Item::default()
                    };
                    jobs.push(Job { write, item, forget: Vec::new() });
                }
            }
        }
        let name = match self.shape.manifest.written().write.strategy {
            Strategy::Upsert => OpName::Upsert,
            Strategy::EnsureThenUpdate => OpName::Ensure,
            Strategy::FindThenWrite => OpName::Create,
        };
        let begun = tried.len();
        let sent = self.sent(name, jobs, tried).await;
        for one in tried.get(begun..).unwrap_or_default() {
            if let (Outcome::Unknown, WriteKind::Create { external_id, .. }) = (&one.outcome, &one.write.kind) {
                self.unsure.borrow_mut().insert(external_id.clone());
            }
        }
        sent
    }

    async fn patches<'w>(&self, writes: &[&'w Write], tried: &mut Vec<Tried<'w>>) -> Sofar {
        let unwritable = self.unwritable(&wanted(writes)).await?;
        let is_conditional = self.shape.manifest.written().write.guard == Guard::Condition;
        let keys: Vec<Key> = writes.iter().filter_map(|write| key_of(write).cloned()).collect();
        let mut jobs = Vec::new();
        for (write, fetched) in writes.iter().zip(self.fetch(&keys).await?) {
            let WriteKind::Patch { key, expect, set, .. } = &write.kind else { continue };
            let Fetched { row, json } = fetched;
            let now = match row {
                Row::Live(record) if record.key == *key => *record,
                // It is part of another one by now, which is read before anything is said.
                Row::Live(_) | Row::Gone(_) => {
                    tried.push(Tried::new(write, Outcome::Gone));
                    continue;
                }
                Row::Same(_) | Row::Unreadable { .. } => {
                    tried.push(Tried::new(write, Outcome::Precondition));
                    continue;
                }
            };
            if expect.as_ref().is_some_and(|expect| !says_the_same(expect, &now.version)) {
                tried.push(Tried::new(write, Outcome::Precondition));
                continue;
            }
            // Which of several is first is said with the others alone.
            if set.units().keys().all(|unit| is_hint(unit)) {
                let done = Tried { key: Some(key.clone()), echo: Some(json), ..Tried::new(write, Outcome::Done) };
                tried.push(done);
                continue;
            }
            let draft = match refused(set.units(), &unwritable) {
                Some(reason) => Err(reason),
                None => self.shape.change(set.units(), &json, &now.units, write.stamp),
            };
            match draft {
                Err(reason) => tried.push(Tried::new(write, Outcome::Rejected(reason))),
                Ok(draft) => {
                    let version = if is_conditional { version_of(&now.version).to_owned() } else { String::new() };
                    let item = Item {
                        remote_id: key.clone(),
                        external_id: now.external_id.unwrap_or_default(),
                        version,
                        trace: trace(write),
                        record: draft.record,
                    };
                    jobs.push(Job { write, item, forget: draft.forget });
                }
            }
        }
        let name = if self.call(OpName::Update).is_ok() { OpName::Update } else { OpName::Upsert };
        self.sent(name, jobs, tried).await
    }

    /// Sends jobs with a request that makes or changes records: together, or each by itself.
    async fn sent<'w>(&self, name: OpName, jobs: Vec<Job<'w>>, tried: &mut Vec<Tried<'w>>) -> Sofar {
        if jobs.is_empty() {
            return Ok(());
        }
        let call = self.call(name)?;
        if call.is_batch() {
            return self.batches(call, jobs, tried).await;
        }
        let mut failure = None;
        let sent = stream::iter(jobs).map(|job| self.send_one(name, job));
        let mut sent = pin!(sent.buffered(self.at_once()));
        while let Some(one) = sent.next().await {
            match one {
                Ok(one) => tried.push(one),
                // Those that are under way are heard of, and no other is begun.
                Err(reason) => {
                    failure.get_or_insert(reason);
                    self.wire.close();
                }
            }
        }
        self.wire.open();
        failure.map_or(Ok(()), Err)
    }

    async fn send_one<'w>(&self, name: OpName, job: Job<'w>) -> Result<Tried<'w>, Failure> {
        let call = self.call(name)?;
        if let Some(failed) = self.forget_keys(&job).await? {
            return Ok(failed);
        }
        let given = Given { record: Some(&job.item.record), ..Given::default() };
        let given = given.of_write(&job.item);
        let heard = match self.wire.ask(call, &given).await {
            Ok(heard) => heard,
            Err(Missed::Not(failure)) => return Err(failure),
            Err(Missed::Perhaps(_)) => return Ok(Tried::new(job.write, Outcome::Unknown)),
        };
        let outcome = self.outcome(name, &heard, &job.item).await?;
        let mut done = Tried::new(job.write, outcome);
        if done.outcome == Outcome::Done {
            let json = self.wire.json(&heard).unwrap_or_default();
            let pointer = call.op.record.clone().unwrap_or_default();
            let record = pointer.of(&json);
            let named = record.and_then(|record| self.key_of(record));
            let known = Some(job.item.remote_id.clone()).filter(|key| !key.is_empty());
            done.key = known.or(named);
            done.echo = record.filter(|_| self.echoes(name)).cloned();
            // Whoever was there already kept what it said.
            if done.key.is_none() {
                done.outcome = Outcome::Unknown;
            }
        }
        Ok(done)
    }

    /// Takes attributes off a record first, where that is a request of its own. What became of
    /// the write, when that is its end.
    async fn forget_keys<'w>(&self, job: &Job<'w>) -> Result<Option<Tried<'w>>, Failure> {
        if job.forget.is_empty() {
            return Ok(None);
        }
        let call = self.call(OpName::ForgetKeys)?;
        let given = Given { remote_id: &job.item.remote_id, keys: &job.forget, ..Given::default() };
        Ok(match self.wire.ask(call, &given).await {
            Err(Missed::Not(failure)) => return Err(failure),
            Err(Missed::Perhaps(_)) => Some(Tried::new(job.write, Outcome::Unknown)),
            Ok(heard) if call.op.is_ok(heard.status) => None,
            Ok(heard) => Some(Tried::new(job.write, self.outcome(OpName::ForgetKeys, &heard, &job.item).await?)),
        })
    }

    /// Whether the answer has the whole record as it was kept.
    pub(super) fn echoes(&self, name: OpName) -> bool {
        let op = self.call(name).ok().and_then(|call| call.op.verify);
        op.unwrap_or(self.shape.manifest.written().write.verify) == Verify::Echo
    }

    /// What became of a write; a failure when nothing did, and nothing will of the others.
    pub(super) async fn outcome(&self, name: OpName, heard: &Heard, item: &Item) -> Result<Outcome, Failure> {
        let op = &self.call(name)?.op;
        let status = heard.status;
        let is_new = matches!(name, OpName::Create | OpName::Upsert | OpName::Ensure);
        Ok(match status {
            202 | 207 if !op.ok.contains(&status) => Outcome::Unknown,
            _ if op.is_ok(status) => Outcome::Done,
            _ if is_new && op.exists.contains(&status) => {
                // It may be another of its values that is taken.
                let found = self.find_anew(&item.external_id).await?;
                found.map_or_else(|| Outcome::Rejected(self.wire.words(heard)), Outcome::Exists)
            }
            _ if self.moved_to(heard).is_some() => Outcome::Gone,
            _ if op.is_gone(status) && !is_new => Outcome::Gone,
            412 if !is_new => Outcome::Precondition,
            300..=399 | 403 | 404 | 410 => return Err(self.wire.failure(heard)),
            // Perhaps it was done before something broke.
            408 | 425 | 500.. => Outcome::Unknown,
            _ => Outcome::Rejected(self.wire.words(heard)),
        })
    }

    async fn find_anew(&self, external_id: &str) -> Result<Option<Key>, Failure> {
        self.unsure.borrow_mut().insert(external_id.to_owned());
        Ok(self.find(&[external_id.to_owned()]).await?.into_iter().next().flatten())
    }

    /// What the records are now that were written: as the answer had them, or read again. When
    /// that fails they are written all the same, and the next run tells.
    async fn verified(&self, mut tried: Vec<Tried<'_>>, answers: &mut Vec<Answer>) {
        let unread = tried.iter().filter(|one| one.is_unread());
        let keys: Vec<Key> = unread.filter_map(|one| one.key.clone()).collect();
        if !keys.is_empty()
            && let Ok(fetched) = self.fetch(&keys).await
        {
            let unread = tried.iter_mut().filter(|one| one.is_unread());
            for (one, Fetched { json, .. }) in unread.zip(fetched) {
                one.echo = (!json.is_null()).then_some(json);
            }
        }
        for Tried { write, mut outcome, key, echo } in tried {
            let row = echo.and_then(|json| self.shape.row(&json).ok());
            let record = match row {
                Some(Row::Live(record)) if key.as_ref().is_none_or(|key| *key == record.key) => Some(*record),
                _ => None,
            };
            if let (Some(record), Some(set)) = (&record, set_of(write)) {
                if matches!(write.kind, WriteKind::Create { .. }) && self.was_there(set, record) {
                    outcome = Outcome::Exists(record.key.clone());
                } else {
                    let mut counts = self.left_out.borrow_mut();
                    for unit in self.shape.left_out(set, record) {
                        *counts.entry(unit).or_default() += 1;
                    }
                }
            }
            answers.push(Answer { op: write.op, outcome, record });
        }
    }

    /// Of a system that gives the record that is there, or makes it: whether it gave one that
    /// says something else.
    fn was_there(&self, set: &Units, record: &Record) -> bool {
        let is_ensured = self.shape.manifest.written().write.strategy == Strategy::EnsureThenUpdate;
        is_ensured
            && set.iter().filter(|(unit, _)| !is_hint(unit)).any(|(unit, sent)| differs(sent, record.units.get(unit)))
    }
}

/// Whether a record says something else, and not only less or in other letters.
fn differs(sent: &Value, read: Option<&Value>) -> bool {
    let bare = |text: &str| fold(text.split(BETWEEN).next().unwrap_or(text));
    match (sent, read) {
        (_, None | Some(Value::Absent)) => false,
        (Value::Absent, Some(_)) => true,
        (Value::One(one), Some(Value::One(other))) => bare(one) != bare(other),
        (Value::Set(one), Some(Value::Set(other))) => !other.keys().all(|key| one.contains_key(key)),
        (Value::One(_), Some(Value::Set(_))) | (Value::Set(_), Some(Value::One(_))) => true,
    }
}

/// Which record a write is about.
pub(super) fn key_of(write: &Write) -> Option<&Key> {
    match &write.kind {
        WriteKind::Patch { key, .. } | WriteKind::Delete { key, .. } => Some(key),
        WriteKind::Create { .. } => None,
    }
}

fn set_of(write: &Write) -> Option<&Units> {
    match &write.kind {
        WriteKind::Create { set, .. } | WriteKind::Patch { set, .. } => Some(set.units()),
        WriteKind::Delete { .. } => None,
    }
}

/// By what a record of a batch is known again.
fn trace(write: &Write) -> String {
    format!("{}-{}", write.op, write.stamp)
}

/// Attributes that these writes need, each with a value that shows its kind.
fn wanted(writes: &[&Write]) -> BTreeMap<String, Value> {
    let mut wanted = BTreeMap::new();
    for set in writes.iter().filter_map(|write| set_of(write)) {
        for (name, value) in Shape::attribute_names(set) {
            let known: &mut Value = wanted.entry(name).or_default();
            if known.is_absent() {
                *known = value;
            }
        }
    }
    wanted
}

/// Why a record cannot be written: one of its attributes cannot.
fn refused(set: &Units, unwritable: &BTreeMap<String, String>) -> Option<String> {
    let names: BTreeSet<String> = Shape::attribute_names(set).into_keys().collect();
    unwritable.iter().find(|(name, _)| names.contains(*name)).map(|(_, reason)| reason.clone())
}
