//! What privacy law asks of whoever keeps people's data: one folder, one use case a file. What
//! contacts are used for and what they said of it, what may not be done with their data, what
//! they demand, how long what is kept, and the proof of it.

mod addressee;
mod attachments;
pub mod audit;
pub mod breach;
mod built;
pub mod bundle;
mod cards;
pub mod check;
pub mod consent;
mod documents;
pub mod draft;
pub mod erasure;
mod facts;
mod gather;
mod history;
pub mod identity;
mod inferences;
pub mod letters;
mod output;
mod pages;
mod portability;
pub mod processing;
pub mod purposes;
mod reading;
mod recipients;
pub mod requests;
pub mod restriction;
pub mod retention;
mod sheet;
pub mod signing;
pub(crate) mod standing;
pub mod subject;
pub mod third_party;
pub(crate) mod told;

pub use standing::{Said, may_use};

use crate::{
    core::Core,
    error::{Code, Error},
};
use cardfile_domain::say;

/// Refuses while there is a table or a column of which nobody said whose data it holds and how it
/// leaves: an answer or a copy without it would not be complete, and nobody would see that.
pub fn mapped(core: &Core) -> Result<(), Error> {
    match core.store().read(|r| r.holdings().unmapped())? {
        None => Ok(()),
        Some(name) => {
            Err(Error::new(Code::Refused, say!("{name} is not in the data inventory, so nothing is made", name))
                .hint(say!("This is a fault of the program: whatever it made would not be complete.")))
        }
    }
}
