//! What a run did, as it is told and kept.

use super::known::Known;
use cardfile_sync::{
    pair::Remote,
    record::{Push, RecordPlan},
    remote::Traffic,
    run::Op,
};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};
use ts_rs::TS;

/// What a run did. Each count but the last four is of records.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(default)]
pub struct Counts {
    /// Came as new or changed.
    pub pulled: u32,
    /// Made a contact.
    pub created: u32,
    /// Were made or changed there, with nothing to take from them.
    pub pushed: u32,
    /// Were changed there, and changed the contact.
    pub merged: u32,
    /// Have a value that waits for a person since this run.
    pub conflicts: u32,
    /// Have a deletion against an edit that waits since this run.
    pub held: u32,
    /// May be another person's, which waits since this run.
    pub relinks: u32,
    /// Were deleted there, or their contacts went to the bin.
    pub deleted: u32,
    /// Cannot be taken.
    pub quarantined: u32,
    /// Of people who were erased: not taken, or deleted there again.
    pub suppressed: u32,
    /// Requests.
    #[ts(type = "number")]
    pub requests: u64,
    /// Bytes of bodies that came.
    #[ts(type = "number")]
    pub bytes_down: u64,
    /// Bytes of bodies that were sent.
    #[ts(type = "number")]
    pub bytes_up: u64,
    /// Milliseconds that were waited because the remote asked for it, or did not answer.
    #[ts(type = "number")]
    pub waited_ms: u64,
    /// Units that the remote left out of what it was given without a word, and how often.
    pub left_out: BTreeMap<String, u32>,
    /// Pairs whose record came.
    #[serde(skip)]
    heard: BTreeSet<Op>,
    /// Pairs of which both sides moved.
    #[serde(skip)]
    both: BTreeSet<Op>,
}

impl Counts {
    /// Adds what a plan does here with one pair, as it was before.
    pub(crate) fn plan(&mut self, op: Op, known: &Known, record: &RecordPlan) {
        let before = &known.pair;
        // What waits whose it is came with an earlier run.
        let came = matches!(before.remote, Remote::Live { .. }) && known.relink_since.is_none();
        self.pulled += u32::from(came && self.heard.insert(op));
        self.relinks += u32::from(record.relink.is_some() && known.relink_since.is_none());
        let is_new = |unit| !before.held.contains_key(unit);
        self.conflicts += u32::from(record.held_deletion.is_none() && record.held.keys().any(is_new));
        self.held += u32::from(record.held_deletion.is_some() && record.held_deletion != before.held_deletion);
        self.created += u32::from(record.creates_contact);
        self.deleted += u32::from(record.bins_contact);
        if is_merge(record) {
            self.both.insert(op);
        }
    }

    /// Adds a write that was done.
    pub(crate) fn done(&mut self, op: Op, push: &Push) {
        match push {
            Push::Delete { .. } => self.deleted += 1,
            Push::Create { .. } | Push::Patch { .. } if self.both.remove(&op) => self.merged += 1,
            Push::Create { .. } | Push::Patch { .. } => self.pushed += 1,
        }
    }

    /// What went over the wire so far.
    pub(crate) fn carried(&mut self, traffic: Traffic) {
        (self.requests, self.bytes_down, self.bytes_up) = (traffic.requests, traffic.bytes_down, traffic.bytes_up);
    }
}

fn is_merge(record: &RecordPlan) -> bool {
    !record.take.is_empty() && record.push.is_some()
}
