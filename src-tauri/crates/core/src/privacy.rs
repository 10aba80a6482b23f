//! The privacy of people: what contacts are used for and what they said of it, what may not
//! be done with their data, what they demand, how long what is kept, and the proof of it.

pub mod audit;
pub mod breach;
pub mod consent;
pub mod letters;
mod output;
pub mod processing;
pub mod purposes;
pub mod requests;
pub mod restriction;
pub mod retention;
mod sheet;
pub(crate) mod standing;

pub use standing::{Said, may_use};
