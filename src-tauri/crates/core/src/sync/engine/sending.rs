//! What is to be written there is kept first, sent, and settled by the answers.

use super::{Engine, change_remote, put};
use crate::error::Error;
use crate::sync::{known::Known, rivals};
use cardfile_store::{ContactRow, PairRow, Tx};
use cardfile_sync::{
    mutant::{self, Mutant},
    pair::Refusal,
    record::{Push, RecordPlan, plan_record},
    remote::{Write, WriteKind},
    run::{Event, Op, Outcome},
    value::{self as units, Unit},
    write::{After, may_leave},
};
use std::collections::{BTreeMap, BTreeSet};

impl Engine<'_> {
    pub(super) fn find(&mut self, ops: &[Op]) -> Result<Event, Error> {
        let ids: Vec<(Op, String)> = self.store.read(|r| {
            let mut ids = Vec::new();
            for op in ops {
                let known = r.pairs().of_contact(self.row, *op as ContactRow)?;
                ids.extend(known.and_then(|row| row.external_id).map(|id| (*op, id)));
            }
            Ok(ids)
        })?;
        let only: Vec<String> = ids.iter().map(|(_, id)| id.clone()).collect();
        Ok(match self.remote.find(&only) {
            Err(failure) => Event::Failed(failure),
            Ok(found) => {
                let found = ids.into_iter().zip(found).filter_map(|((op, _), key)| Some((op, key?)));
                Event::Found(found.collect())
            }
        })
    }

    /// Keeps what will be sent, also for the device that serves the remote next.
    pub(super) fn keep_for_all(&mut self, ops: &[Op]) -> Result<Event, Error> {
        let stale = self.keep(ops)?;
        let Some(bridge) = self.bridge.as_mut().filter(|_| !mutant::is(Mutant::SendsUntold)) else {
            return Ok(Event::Kept { stale });
        };
        Ok(match bridge.pass_on(self.store)? {
            Ok(true) => Event::Kept { stale },
            Ok(false) => Event::Leased(false),
            Err(failure) => Event::Failed(failure),
        })
    }

    /// Keeps what will be sent; gives what may not leave any more.
    fn keep(&mut self, ops: &[Op]) -> Result<BTreeSet<Op>, Error> {
        let mut stale = BTreeSet::new();
        let mut stamps = Vec::new();
        let needs_body = self.remote.caps().needs_body;
        self.write(|tx| {
            if !self.is_set_as_it_was(tx.read())? {
                stale.extend(ops);
                return Ok(());
            }
            let remote = tx.read().remotes().get(self.row)?.unwrap_or_default();
            let mut stamp = remote.stamp;
            for op in ops {
                let known = Known::of_op(tx.read(), self.row, *op)?;
                let (Some(mut known), Some((push, _))) = (known, self.writes.get(op)) else {
                    stale.insert(*op);
                    continue;
                };
                let local = known.local(tx.read())?.0;
                // Without the record as it was, what we have no field for would be lost.
                let is_bare = needs_body && known.row.body.is_empty() && matches!(push, Push::Patch { .. });
                let may_leave = may_leave(push, &local, &self.mapping) || mutant::is(Mutant::SendsStale);
                // Restricted since it was planned.
                if is_bare || !may_leave || known.is_frozen(tx.read())? {
                    stale.insert(*op);
                    continue;
                }
                stamp += 1;
                known.pair.begin_write(push, stamp);
                stamps.push((*op, stamp));
                if let Some(contact) = known.row.contact {
                    tx.disclose(contact, &remote, push.set().keys())?;
                }
                put(tx, known)?;
            }
            change_remote(tx, self.row, |remote| remote.stamp = stamp)
        })?;
        for (op, stamp) in stamps {
            if let Some((_, number)) = self.writes.get_mut(&op) {
                *number = stamp;
            }
        }
        Ok(stale)
    }

    pub(super) fn send(&mut self, ops: &[Op]) -> Result<Event, Error> {
        let known: BTreeMap<Op, PairRow> = self.store.read(|r| {
            let mut all = BTreeMap::new();
            for op in ops {
                let row = Known::of_op(r, self.row, *op);
                all.extend(row.ok().flatten().map(|known| (*op, known.row)));
            }
            Ok(all)
        })?;
        let write = |op: &Op| {
            let (row, (push, stamp)) = (known.get(op)?, self.writes.get(op)?);
            let kind = match push.clone() {
                Push::Create { set } => WriteKind::Create { external_id: row.external_id.clone()?, set },
                Push::Patch { key, expect, set } => WriteKind::Patch { key, expect, set, body: row.body.clone() },
                Push::Delete { key, expect } => WriteKind::Delete { key, expect },
            };
            Some(Write { op: *op, stamp: *stamp, kind })
        };
        let writes = ops.iter().filter_map(write).collect();
        let answers = self.remote.write(writes);
        let mut outcomes = Vec::new();
        for answer in answers.answers {
            if let Some(record) = answer.record {
                self.records.insert(answer.op, record);
            }
            outcomes.push((answer.op, answer.outcome));
        }
        Ok(Event::Written { outcomes, failure: answers.failure })
    }

    pub(super) fn settle(&mut self, outcomes: &[(Op, Outcome)]) -> Result<(), Error> {
        let mut done = Vec::new();
        self.write(|tx| {
            for (op, outcome) in outcomes {
                let (Some((push, stamp)), Some(mut known)) =
                    (self.writes.get(op), Known::of_op(tx.read(), self.row, *op)?)
                else {
                    continue;
                };
                let record = self.records.get(op);
                if known.pair.end_write(push, *stamp, outcome, record) == After::Gone {
                    tx.delete_pair(&known.row, true)?;
                    done.push((*op, push.clone()));
                    continue;
                }
                if *outcome == Outcome::Done
                    && let Some(record) = record
                {
                    done.push((*op, push.clone()));
                    known.row.body.clone_from(&record.body);
                    // A remote may give what we made an ID of its own.
                    if matches!(push, Push::Create { .. }) && record.external_id.is_some() {
                        known.row.external_id.clone_from(&record.external_id);
                    }
                    rivals::ask_whose(tx.read(), &self.at, &mut known, record)?;
                    // What somebody else wrote by the way is news like any other.
                    let news = |(unit, value): (&Unit, &units::Value)| {
                        let agreed = known.pair.base.get(unit).is_none_or(|agreed| agreed == value);
                        self.mapping.pulls(unit) && !push.set().contains_key(unit) && !agreed
                    };
                    if known.pair.relink.is_some() || record.units.iter().any(news) {
                        known.observe(record);
                    }
                    // Nothing is left to be looked at, unless the contact moved.
                    known.pair.local = known.local(tx.read())?.0;
                    let is_at_rest = plan_record(&known.pair, &self.mapping) == RecordPlan::at_rest(&known.pair);
                    known.row.is_open = known.pair.relink.is_some() || !is_at_rest;
                }
                self.yield_key(tx, &mut known, push)?;
                if known.pair.refused.as_ref().is_some_and(Refusal::is_final) {
                    known.refused_since = known.refused_since.or(Some(tx.now()));
                }
                put(tx, known)?;
            }
            Ok(())
        })?;
        for (op, push) in &done {
            self.counts.done(*op, push);
        }
        for (op, _) in outcomes {
            self.records.remove(op);
        }
        Ok(())
    }

    /// A record that is there already may be another pair's. Where the contact of that one is
    /// gone it is ours; else one record means two contacts, and ours is not made.
    fn yield_key(&self, tx: &mut Tx<'_>, known: &mut Known, push: &Push) -> Result<(), Error> {
        let Some(key) = known.pair.key.clone() else { return Ok(()) };
        let Some(other) = tx.read().pairs().of_key(self.row, &key)? else { return Ok(()) };
        if other.pair == known.row.pair {
            return Ok(());
        }
        let is_there = other.contact.map(|contact| tx.read().contacts().get(contact)).transpose()?.flatten().is_some();
        if is_there {
            known.pair.key = None;
            known.pair.refused = Some(Refusal {
                sent: push.set().clone(),
                times: Refusal::MOST,
                reason: "the record is another contact's".to_owned(),
                is_dismissed: false,
            });
        } else {
            tx.delete_pair(&other, false)?;
        }
        Ok(())
    }
}
