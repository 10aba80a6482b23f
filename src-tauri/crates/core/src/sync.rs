//! Sync: a remote is read, planned and written in runs that can be cut off anywhere. The
//! rules are in `cardfile_sync`; here they meet the store.

pub mod aside;
pub mod belongings;
mod bridge;
pub mod check;
mod counts;
mod doomed;
mod engine;
pub(crate) mod erased;
mod known;
mod opening;
mod place;
mod relinking;
pub mod remotes;
mod rivals;
pub mod rules;
pub mod running;
pub mod schedule;
pub mod setup;
mod shared;
mod unmet;
mod unsettled;
mod waiting;
pub mod waits;
pub(crate) mod watch;

pub use bridge::{Answer, Bridge, SharedRemote, Team, tell_links};
pub use counts::Counts;
pub use engine::Engine;
pub use erased::erase_pairs;
pub(crate) use known::look_again;
pub use relinking::decide_relink;
pub use waiting::{Decision, Waiting, decide, decide_deletion, waiting};

/// Which way a field goes.
pub mod directions {
    pub use cardfile_sync::mapping::{Direction, Rule};
}
