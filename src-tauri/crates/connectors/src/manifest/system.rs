//! A system that is asked, and what was learned of it in this run.

use super::{
    attributes::Attribute, call::Call, fetch::Fetched, format::Changes, ops::OpName, record::Shape, wire::Wire,
};
use cardfile_sync::{pair::Key, run::Failure, value::Unit};
use serde_json::Value as Json;
use std::{
    cell::{Cell, RefCell},
    collections::{BTreeMap, BTreeSet, HashMap},
};

/// Requests under way at a time, where the manifest does not say.
const AT_ONCE: u8 = 4;

/// A system that is asked.
pub(super) struct System {
    pub(super) shape: Shape,
    pub(super) wire: Wire,
    /// What was read before a failure.
    pub(super) partial: RefCell<HashMap<Key, Fetched>>,
    /// Attributes of the account, once they were asked for.
    pub(super) attributes: RefCell<Option<BTreeMap<String, Attribute>>>,
    /// The attribute that holds the ID is there.
    pub(super) is_ensured: Cell<bool>,
    /// Units that the system left out of what it was given, and how often.
    pub(super) left_out: RefCell<BTreeMap<Unit, u32>>,
    /// A complete list was read in this run, and nothing was missed.
    has_listed: Cell<bool>,
    /// How many records there are, as far as is known.
    pub(super) records: Cell<Option<u64>>,
    /// IDs of records that were perhaps made in this run.
    pub(super) unsure: RefCell<BTreeSet<String>>,
}

impl System {
    pub(super) fn new(shape: Shape, wire: Wire) -> Self {
        Self {
            shape,
            wire,
            partial: RefCell::default(),
            attributes: RefCell::default(),
            is_ensured: Cell::default(),
            left_out: RefCell::default(),
            has_listed: Cell::default(),
            records: Cell::default(),
            unsure: RefCell::default(),
        }
    }

    /// A request; a failure when the manifest has none.
    pub(super) fn call(&self, name: OpName) -> Result<&Call, Failure> {
        let call = self.shape.manifest.call(name);
        call.ok_or_else(|| Failure::Refused(format!("the manifest does not say how to {}", name.as_str())))
    }

    pub(super) fn changes(&self) -> &Changes {
        &self.shape.manifest.written().changes
    }

    /// How the system calls a record.
    pub(super) fn key_of(&self, json: &Json) -> Option<Key> {
        self.shape.manifest.written().identity.remote_id.text(json)
    }

    /// Requests under way at a time, where each record is one of its own.
    pub(super) fn at_once(&self) -> usize {
        usize::from(self.shape.manifest.written().write.at_once.unwrap_or(AT_ONCE).max(1))
    }

    /// A complete list came to its end.
    pub(super) fn was_listed(&self, records: u64, is_complete: bool) {
        self.has_listed.set(is_complete);
        self.records.set(Some(records));
    }

    /// Whether a record with one of these IDs would have been seen by now.
    pub(super) fn has_seen_all(&self, ids: &[String]) -> bool {
        let unsure = self.unsure.borrow();
        self.has_listed.get() && !ids.iter().any(|id| unsure.contains(id))
    }
}
