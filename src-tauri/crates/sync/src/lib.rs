//! Who wins: what a sync run does to the contacts here and to the records of a remote.
//!
//! Pure: no files, no network, no SQL, no clock, no randomness, and no word about any
//! vendor. Whatever is observed comes in as a value; whatever is to be done goes out as
//! one. The simulator drives exactly this code.
//!
//! Three observations are kept of each unit: what it is here, what it was read there, and
//! what both sides last agreed on ([`pair::Pair::base`]). Writes without an answer are
//! kept as [`pair::Intent`]s, because only a later read can say whether they happened.

pub mod bridge;
pub mod fields;
pub mod mapping;
pub mod merge;
pub mod mutant;
pub mod pair;
pub mod plan;
pub mod record;
pub mod relink;
pub mod remote;
pub mod run;
pub mod value;
pub mod write;
