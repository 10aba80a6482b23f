//! How a long job tells where it stands, and learns that it should stop.

use crate::error::{Code, Error};
use cardfile_domain::say;

/// Told about a job's progress.
pub trait Progress: Sync {
    /// `done` of `total` records. `false` stops the job, which then takes back
    /// what it wrote.
    fn at(&self, done: u64, total: u64) -> bool;
}

/// Nobody looks and nobody stops it.
pub struct Unwatched;

impl Progress for Unwatched {
    fn at(&self, _: u64, _: u64) -> bool {
        true
    }
}

/// Asks; the error is the person's own wish.
pub(crate) fn check(progress: &dyn Progress, done: u64, total: u64) -> Result<(), Error> {
    if progress.at(done, total) {
        Ok(())
    } else {
        Err(Error::new(Code::Cancelled, say!("stopped; nothing was changed")))
    }
}
