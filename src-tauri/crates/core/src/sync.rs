//! Sync: a remote is read, planned and written in runs that can be cut off anywhere. The
//! rules are in `cardfile_sync`; here they meet the store.

pub mod check;
mod counts;
mod engine;
mod known;
mod place;
pub mod remotes;
pub mod running;
pub mod schedule;
mod waiting;
pub mod waits;

pub use counts::Counts;
pub use engine::Engine;
pub(crate) use known::look_again;
pub use waiting::{Decision, Waiting, decide, decide_deletion, erase_pairs, waiting};

/// Which way a field goes.
pub mod directions {
    pub use cardfile_sync::mapping::Direction;
}
