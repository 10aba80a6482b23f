//! Carries out the effects of a run, each write as one transaction. It decides nothing:
//! what becomes of a pair is said by `cardfile_sync`.

mod applying;
mod reading;
mod sending;

use super::{bridge::Bridge, counts::Counts, known::Known, place::At};
use crate::error::Error;
use cardfile_store::{ContactRow, Lock, Op as WriteOp, Reader, RemoteRow, SecretText, Store, Tx};
use cardfile_sync::{
    mapping::Mapping,
    pair::Key,
    plan::{Limits, Plan, Question, Totals},
    record::{Push, RecordPlan},
    remote::{Page, Record, Remote, Row},
    run::{Effect, Event, Failure, Op},
};
use serde_json::Value;
use std::{
    collections::{BTreeMap, BTreeSet, HashMap},
    hash::{DefaultHasher, Hash as _, Hasher as _},
};

/// What a run works on.
pub struct Engine<'e> {
    store: &'e Store,
    remote: &'e mut dyn Remote,
    row: RemoteRow,
    at: At,
    /// What the remote was set to when the run began.
    settings: Value,
    mapping: Mapping,
    limits: Limits,
    /// Records that the remote takes.
    quota: Option<u32>,
    who: WriteOp,
    lock: Option<Lock>,
    /// Where a team shares the remote.
    bridge: Option<Bridge<'e>>,
    /// It is the database of the team.
    is_team: bool,
    /// What was read and is not kept yet.
    page: Page,
    exact: Vec<Row>,
    /// Records that became part of another one: how they were called, and how that one is.
    joined: Vec<(Key, Key)>,
    /// Pairs without a record, of which it was looked for and not found.
    absent: Vec<Op>,
    has_begun: bool,
    plan: Option<Planned>,
    writes: BTreeMap<Op, (Push, u64)>,
    records: HashMap<Op, Record>,
    /// What plans of this run did already.
    done: Totals,
    /// To what a person agreed in this run.
    agreed: Vec<Question>,
    /// The operation of what was changed here.
    operation: Option<i64>,
    counts: Counts,
}

/// A plan, and what it was made from.
struct Planned {
    plan: Plan,
    from: BTreeMap<Op, Seen>,
    /// Contacts of which nothing is planned before they can be read in the team's database.
    awaited: BTreeSet<ContactRow>,
    /// The latest change then.
    seen: i64,
}

/// Which pair was planned, and how it was then.
#[derive(Clone, Copy)]
struct Seen {
    /// 0 where none is kept yet.
    pair: i64,
    contact: Option<ContactRow>,
    /// Of the pair and the version of its contact.
    print: u64,
}

impl Seen {
    fn of(known: &Known, version: i64) -> Self {
        let mut print = DefaultHasher::new();
        (&known.row, version).hash(&mut print);
        Self { pair: known.row.pair, contact: known.row.contact, print: print.finish() }
    }
}

impl<'e> Engine<'e> {
    /// For a run of a remote that is configured in the store; `who` is whose deed it is.
    pub fn new(
        store: &'e Store,
        remote: &'e mut dyn Remote,
        configured: &cardfile_store::Remote,
        mapping: Mapping,
        who: WriteOp,
    ) -> Self {
        let row = configured.row;
        Self {
            store,
            remote,
            row,
            at: At::of(configured),
            settings: configured.settings.clone(),
            mapping,
            limits: Limits::default(),
            quota: None,
            who,
            lock: None,
            bridge: None,
            is_team: false,
            page: Page::default(),
            exact: Vec::new(),
            joined: Vec::new(),
            absent: Vec::new(),
            has_begun: false,
            plan: None,
            writes: BTreeMap::new(),
            records: HashMap::new(),
            done: Totals::default(),
            agreed: Vec::new(),
            operation: None,
            counts: Counts::default(),
        }
    }

    /// Of a remote that a team shares: nothing leaves for there that the team's database does
    /// not hold.
    #[must_use]
    pub fn bridged(self, bridge: Option<Bridge<'e>>) -> Self {
        match &bridge {
            Some(shared) => Self { mapping: shared.rules().clone(), bridge, ..self },
            None => self,
        }
    }

    /// Of the database of the team, if it `is` that one: who was deleted before it heard of them
    /// is not taken for somebody new.
    #[must_use]
    pub fn of_team(self, is: bool) -> Self {
        Self { is_team: is, ..self }
    }

    /// What the run did so far.
    pub fn counts(&self) -> Counts {
        let mut counts = self.counts.clone();
        counts.carried(self.remote.traffic());
        counts.left_out = self.remote.left_out();
        counts
    }

    /// The remote takes so many records and no more.
    #[must_use]
    pub fn within(self, quota: Option<u32>) -> Self {
        Self { quota, ..self }
    }

    /// With the lock of the remote, for whoever has it already.
    #[must_use]
    pub(crate) fn locked(self, lock: Lock) -> Self {
        Self { lock: Some(lock), ..self }
    }

    /// So long was waited.
    pub(crate) fn waited(&mut self, ms: u64) {
        self.counts.waited_ms += ms;
    }

    /// Requests so far.
    pub fn requests(&self) -> u64 {
        self.remote.traffic().requests
    }

    /// The operation of what was changed here.
    pub fn operation(&self) -> Option<i64> {
        self.operation
    }

    /// The plan that was made last and is not applied.
    pub fn planned(&self) -> Option<&Plan> {
        self.plan.as_ref().map(|planned| &planned.plan)
    }

    /// What that plan does with each pair that is as it was when the plan was made.
    pub fn decided(&self) -> Result<BTreeMap<Op, RecordPlan>, Error> {
        let Some(Planned { plan, from, .. }) = &self.plan else { return Ok(BTreeMap::new()) };
        self.store.read(|r| {
            let one = |(op, seen): (&Op, &Seen)| -> Result<Option<(Op, RecordPlan)>, Error> {
                let now = self.is_as_it_was(r, *seen)?;
                Ok(now.map(|now| (*op, plan.record(*op, &now.pair, &self.mapping))))
            };
            Ok(from.iter().filter_map(|seen| one(seen).transpose()).collect())
        })?
    }

    /// Carries out one effect and says what happened. Waiting is the matter of the caller.
    pub fn perform(&mut self, effect: Effect) -> Result<Option<Event>, Error> {
        let asks = matches!(effect, Effect::Pull | Effect::ReadRecords(_) | Effect::Find(_) | Effect::Send(_));
        if let Some(bridge) = self.bridge.as_mut().filter(|_| asks) {
            match (bridge.hold(self.store.environment().clock.now()), &effect) {
                (Ok(true), _) => {}
                (Ok(false), _) => return Ok(Some(Event::Leased(false))),
                (Err(failure), Effect::Send(_)) => {
                    return Ok(Some(Event::Written { outcomes: Vec::new(), failure: Some(failure) }));
                }
                (Err(failure), _) => return Ok(Some(Event::Failed(failure))),
            }
        }
        if asks && let Err(failure) = self.renew()? {
            return Ok(Some(match effect {
                Effect::Send(_) => Event::Written { outcomes: Vec::new(), failure: Some(failure) },
                _ => Event::Failed(failure),
            }));
        }
        Ok(Some(match effect {
            Effect::TakeLease => {
                if self.lock.is_none() {
                    let id = self.known_remote()?.id;
                    self.lock = self.store.lock_remote(&id)?;
                }
                Event::Leased(self.lock.is_some())
            }
            Effect::Identify => self.identify()?,
            Effect::Wait { .. } => Event::Waited,
            Effect::Release => {
                if let Some(bridge) = &mut self.bridge {
                    bridge.end(self.store)?;
                }
                self.lock = None;
                return Ok(None);
            }
            Effect::Ask(questions) => Event::Answered(self.ask(&questions)?),
            Effect::Pull => self.pull()?,
            Effect::ForgetCursor => {
                self.write_remote(|remote| remote.cursor = None)?;
                self.has_begun = false;
                Event::Staged { more: true, doubtful: BTreeSet::new() }
            }
            Effect::Stage => self.stage()?,
            Effect::ReadRecords(ops) => self.read(&ops)?,
            Effect::Plan => self.make_plan()?,
            Effect::Apply => self.apply()?,
            Effect::Find(ops) => self.find(&ops)?,
            Effect::Keep(ops) => self.keep_for_all(&ops)?,
            Effect::Send(ops) => self.send(&ops)?,
            Effect::Settle(outcomes) => {
                self.settle(&outcomes)?;
                Event::Settled
            }
        }))
    }

    fn known_remote(&self) -> Result<cardfile_store::Remote, Error> {
        Ok(self.store.read(|r| r.remotes().get(self.row))?.unwrap_or_default())
    }

    fn write_remote(&self, change: impl FnOnce(&mut cardfile_store::Remote)) -> Result<(), Error> {
        self.write(|tx| change_remote(tx, self.row, change))
    }

    fn write<T>(&self, write: impl FnOnce(&mut Tx<'_>) -> Result<T, Error>) -> Result<T, Error> {
        Ok(self.store.write(self.who.clone(), write)?.0)
    }

    /// Another credential is kept before anything is asked with it: one that gives another
    /// one ends the one before.
    fn renew(&mut self) -> Result<Result<(), Failure>, Error> {
        let credential = match self.remote.renew() {
            Ok(Some(credential)) => SecretText::new(credential),
            Ok(None) => return Ok(Ok(())),
            Err(failure) => return Ok(Err(failure)),
        };
        let sealed = self.store.seal_credential(&self.known_remote()?.id, &credential)?;
        self.write(|tx| Ok(tx.put_sealed(&sealed)?))?;
        Ok(Ok(()))
    }

    /// Whether the store behind the address is the one it was.
    fn identify(&mut self) -> Result<Event, Error> {
        let known = self.known_remote()?;
        if known.identity.is_some() && known.cursor.is_some() && self.remote.caps().bound_cursor {
            return Ok(Event::Identified(true));
        }
        Ok(match (self.remote.identity(), known.identity) {
            (Err(failure), _) => Event::Failed(failure),
            (Ok(identity), Some(known)) => Event::Identified(known == identity),
            (Ok(identity), None) => {
                self.write_remote(|remote| remote.identity = Some(identity))?;
                Event::Identified(true)
            }
        })
    }

    /// Whether a person agreed to this much; else it is kept until one does.
    fn ask(&mut self, questions: &[Question]) -> Result<bool, Error> {
        let agreed: Vec<Question> = serde_json::from_value(self.known_remote()?.agreed).unwrap_or_default();
        self.agreed.extend(agreed);
        let is_agreed = questions.iter().all(|question| question.is_covered(&self.agreed));
        self.write_remote(|remote| {
            remote.agreed = Value::Null;
            remote.asked = if is_agreed { Value::Null } else { serde_json::to_value(questions).unwrap_or_default() };
        })?;
        Ok(is_agreed)
    }

    /// Whether the remote is set to what it was when the run began: who turns it off, or takes
    /// an approval back, means this run too.
    fn is_set_as_it_was(&self, reader: Reader<'_>) -> Result<bool, Error> {
        Ok(reader.remotes().get(self.row)?.is_some_and(|remote| remote.settings == self.settings))
    }
}

/// Keeps a pair.
pub(super) fn put(tx: &mut Tx<'_>, known: Known) -> Result<(), Error> {
    tx.put_pair(&known.into_row())?;
    Ok(())
}

fn change_remote(
    tx: &mut Tx<'_>,
    row: RemoteRow,
    change: impl FnOnce(&mut cardfile_store::Remote),
) -> Result<(), Error> {
    if let Some(mut remote) = tx.read().remotes().get(row)? {
        change(&mut remote);
        tx.put_remote(&remote)?;
    }
    Ok(())
}
