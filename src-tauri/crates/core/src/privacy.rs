//! What privacy law asks of whoever keeps people's data: one folder, one use case a file.

mod attachments;
pub mod bundle;
mod cards;
pub mod check;
mod documents;
pub mod erasure;
pub mod facts;
mod gather;
mod history;
pub mod hold;
mod inferences;
mod pages;
mod portability;
mod recipients;
pub mod signing;
pub mod subject;
pub mod third_party;

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
