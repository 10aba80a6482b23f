//! What a connector is: the contract between the engine and a remote. A connector knows
//! its protocol and no rule; the engine knows the rules and no protocol.
//!
//! Calls block and are made one after the other. A connector lives for one run.

use crate::{
    mapping::Approved,
    pair::{Key, Version},
    run::{Failure, Op, Outcome},
    value::{Unit, Units},
};
use std::collections::{BTreeMap, BTreeSet};

/// What a remote can do. It drives what the engine asks for, never who wins.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Caps {
    /// A record can hold how many of our writes it has seen.
    pub stamp: bool,
    /// A record that is made under an ID that is there already is refused, so that nobody
    /// has to look first.
    pub creates_once: bool,
    /// A cursor of another store is refused, so that nobody has to ask which store it is.
    pub bound_cursor: bool,
    /// A change is made from the record as it was last read ([`Record::body`]).
    pub needs_body: bool,
    /// Later versions have higher numbers, because reads may lag behind.
    pub numbered: bool,
    /// Writes that are sent together, at most.
    pub batch: usize,
}

/// A record as it was read.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Record {
    /// How the remote calls it.
    pub key: Key,
    /// Its version.
    pub version: Version,
    /// Its values. A unit that is missing was not said; one that is empty is
    /// [`crate::value::Value::Absent`].
    pub units: Units,
    /// How many of our writes it has seen; nothing where the remote cannot hold that.
    pub stamp: Option<u64>,
    /// The ID of the person in it, byte for byte.
    pub external_id: Option<String>,
    /// The record as the remote wrote it, where a write must not lose what we have no
    /// field for; else empty.
    pub body: String,
}

/// What a read says of one record.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Row {
    /// It is there.
    Live(Box<Record>),
    /// It is there, at the version that is known.
    Same(Key),
    /// It is not there.
    Gone(Key),
    /// It is there and cannot be read.
    Unreadable {
        /// Which.
        key: Key,
        /// Its version.
        version: Version,
        /// Why, for a person.
        reason: String,
        /// As the remote wrote it.
        body: String,
    },
}

impl Row {
    /// Which record it is about.
    pub fn key(&self) -> &Key {
        match self {
            Self::Live(record) => &record.key,
            Self::Same(key) | Self::Gone(key) | Self::Unreadable { key, .. } => key,
        }
    }
}

/// A page of what moved.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Page {
    /// Rows, in any order, and perhaps more than once.
    pub rows: Vec<Row>,
    /// Where to go on once these rows are kept; nothing while a listing is under way that
    /// has to begin anew when it is cut off.
    pub cursor: Option<String>,
    /// Whether there is another page.
    pub more: bool,
    /// All keys that are there, with the last page of a complete listing.
    pub listed: Option<BTreeSet<Key>>,
}

/// The answer to the question for a page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Paged {
    /// A page.
    Page(Page),
    /// The remote does not know the cursor any more.
    Expired,
}

/// A write that is about to be sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Write {
    /// Which pair it is about.
    pub op: Op,
    /// The number of the write, for the stamp.
    pub stamp: u64,
    /// What it does.
    pub kind: WriteKind,
}

/// What a write does.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum WriteKind {
    /// A record is made, unless one with this ID is there.
    Create {
        /// The ID it gets: ours, the same at every try.
        external_id: String,
        /// Its values.
        set: Approved,
    },
    /// Units of a record get values.
    Patch {
        /// Which record.
        key: Key,
        /// Only at this version.
        expect: Option<Version>,
        /// Their values.
        set: Approved,
        /// [`Record::body`] as it was last read.
        body: String,
    },
    /// A record is deleted.
    Delete {
        /// Which record.
        key: Key,
        /// Only at this version.
        expect: Option<Version>,
    },
}

/// An answer to one write.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answer {
    /// To which.
    pub op: Op,
    /// What became of it.
    pub outcome: Outcome,
    /// What the record is now, where the remote said so or was asked.
    pub record: Option<Record>,
}

/// Answers to writes that were sent together.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Answers {
    /// To those that were tried.
    pub answers: Vec<Answer>,
    /// Why the others were not tried, and certainly did not happen.
    pub failure: Option<Failure>,
}

/// What went over the wire since the connector was made.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Traffic {
    /// Requests.
    pub requests: u64,
    /// Bytes of bodies that came.
    pub bytes_down: u64,
    /// Bytes of bodies that were sent.
    pub bytes_up: u64,
}

/// The version at which a record is known, by its key.
pub type Known<'k> = dyn Fn(&str) -> Option<Version> + 'k;

/// One remote, for the length of one run.
pub trait Remote {
    /// What it can do.
    fn caps(&self) -> Caps;

    /// A word for the store behind the address: another one means another store.
    fn identity(&mut self) -> Result<String, Failure>;

    /// From where the next page is read; without a cursor, from the beginning. Asks nothing.
    fn begin(&mut self, cursor: Option<&str>);

    /// The next page of what moved. One that failed is asked for again.
    fn page(&mut self, known: &Known<'_>) -> Result<Paged, Failure>;

    /// Records by their keys, as they are now; one row for each, in their order. A record that
    /// became part of another one is given as that one, under its key.
    fn read(&mut self, keys: &[Key]) -> Result<Vec<Row>, Failure>;

    /// The keys of records with these IDs, in their order; nothing for one that was not
    /// found.
    fn find(&mut self, external_ids: &[String]) -> Result<Vec<Option<Key>>, Failure>;

    /// Whether a search that finds nothing proves that nothing is there.
    fn find_proves(&self) -> bool {
        !self.caps().numbered
    }

    /// Sends writes.
    fn write(&mut self, writes: Vec<Write>) -> Answers;

    /// Gets another credential in place of one that ends, to be kept before anything else is
    /// asked; nothing when the one it was opened with holds.
    fn renew(&mut self) -> Result<Option<String>, Failure> {
        Ok(None)
    }

    /// Units that the remote left out of what it was given without a word, and how often.
    fn left_out(&self) -> BTreeMap<Unit, u32> {
        BTreeMap::new()
    }

    /// How many records there are, as far as is known.
    fn records(&self) -> Option<u64> {
        None
    }

    /// What went over the wire so far.
    fn traffic(&self) -> Traffic;
}
