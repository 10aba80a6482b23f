//! What a fake does worse, or otherwise, than its maker would have it. Everything is off at
//! first; what a vendor documents of itself (a search that finds too much, a page of fifteen) is
//! no habit and always so.

use cardfile_domain::Millis;
use serde_json::Value;

/// What a fake does from now on.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Habits {
    /// Each so-manieth request is sent away; after how many seconds it may come again, where
    /// that is said.
    pub busy: Option<(u64, Option<u64>)>,
    /// Each so-manieth request meets a fault.
    pub error_500: Option<u64>,
    /// Each so-manieth write is done, and the connection closed without an answer.
    pub lose_answers: Option<u64>,
    /// Milliseconds before each answer.
    pub slow_ms: u64,
    /// Pages are half as long as asked, though more is there; of records that are asked for
    /// together the second half is not in the answer.
    pub half_pages: bool,
    /// Pages have so many records at most, though more are asked for and there.
    pub short_pages: Option<usize>,
    /// A page begins with the end of the one before.
    pub repeat_page: bool,
    /// So often still somebody else deletes the first record of a page that was given, when it is
    /// not the last page: what follows moves up by one.
    pub shift: u32,
    /// What is written from now on is found by no search before [`super::Fake::index`].
    pub index_lag: bool,
    /// A search gives so many at most, where a vendor has such a limit at all.
    pub cap: Option<usize>,
    /// Fields that a write loses without a word, as JSON Pointers into a record.
    pub strip: Vec<String>,
    /// A record that says one of these is not taken.
    pub refuse: Vec<String>,
    /// One record that is not taken makes a batch fail as a whole.
    pub refuse_whole: bool,
    /// Results of a batch come in another order.
    pub reorder: bool,
    /// No deletion is taken: the person is online just now.
    pub refuse_delete: bool,
    /// A second record with the same external ID, or email, is taken.
    pub duplicates: bool,
    /// Where a made record with a known external ID changes the one that is there, and the vendor
    /// does not say whether it does.
    pub create_updates: bool,
    /// A map that is written takes the place of the one that was there, or is added to it, where
    /// the vendor does not say which.
    pub maps_merge: bool,
    /// How times are written, instead of how this vendor writes them.
    pub times: Option<Times>,
    /// Spelling and forms are those of the other page, where two pages of a vendor differ:
    /// `sourceId` and not `source_id`, `page` and not `offset`, `data.created` and not `data`.
    pub other_pages: bool,
    /// What was merged is not there (404), without a word of where it went.
    pub merged_is_gone: bool,
    /// So many records may be there at most.
    pub plan: Option<usize>,
    /// How much may be asked in which time, instead of what this vendor documents.
    pub limits: Option<Vec<Limit>>,
}

/// How a time is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Times {
    /// `2026-11-21T09:00:00.007Z`
    Iso,
    /// Seconds since 1970.
    Seconds,
    /// Milliseconds since 1970.
    Millis,
}

impl Times {
    /// A time, so written.
    pub(super) fn written(self, at_ms: i64) -> Value {
        match self {
            Self::Iso => Value::from(Millis(at_ms).to_rfc3339()),
            Self::Seconds => Value::from(at_ms.div_euclid(1_000)),
            Self::Millis => Value::from(at_ms),
        }
    }
}

/// How much may be asked in which time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limit {
    /// So many requests.
    pub most: u32,
    /// In so many milliseconds; then it is counted anew.
    pub per_ms: u64,
    /// Only searches count.
    pub searches: bool,
}

impl Limit {
    /// Of requests of every kind.
    pub const fn of_all(most: u32, per_ms: u64) -> Self {
        Self { most, per_ms, searches: false }
    }

    /// Of searches.
    pub const fn of_searches(most: u32, per_ms: u64) -> Self {
        Self { most, per_ms, searches: true }
    }
}
