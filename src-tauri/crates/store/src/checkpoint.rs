//! Moving the journal into the database and emptying it, so that no byte of what was deleted
//! is left in either. A reader that is at work would keep the old bytes: readers of this
//! program wait at a gate for a moment, and those of others are waited for.

use crate::{connection, error::StoreError, store::Store};
use std::{
    sync::{Condvar, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

/// So long a reader waits at the gate, and a checkpoint for readers. Short, because a reader
/// may be inside another one, which would wait for itself.
const PATIENCE: Duration = Duration::from_millis(250);
/// Tries of who waits, with pauses that grow: half a minute in all.
const TRIES: u32 = 24;
/// The longest pause between two tries.
const LONGEST: Duration = Duration::from_secs(1);

/// Where readers pass.
#[derive(Default)]
pub(crate) struct Gate {
    state: Mutex<State>,
    moved: Condvar,
}

#[derive(Default)]
struct State {
    readers: u32,
    is_closed: bool,
}

impl Gate {
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn wait_while(&self, condition: impl Fn(&mut State) -> bool) -> MutexGuard<'_, State> {
        let waited = self.moved.wait_timeout_while(self.state(), PATIENCE, condition);
        waited.unwrap_or_else(PoisonError::into_inner).0
    }

    /// Lets a reader in, a little later while the gate is closed.
    pub(crate) fn enter(&self) -> Inside<'_> {
        let mut state = self.wait_while(|state| state.is_closed);
        state.readers += 1;
        Inside(self)
    }

    /// Keeps readers out for a moment, and waits for those who are inside.
    fn close(&self) -> Closed<'_> {
        self.state().is_closed = true;
        let closed = Closed(self);
        drop(self.wait_while(|state| state.readers > 0));
        closed
    }
}

/// A reader that has passed.
pub(crate) struct Inside<'g>(&'g Gate);

impl Drop for Inside<'_> {
    fn drop(&mut self) {
        self.0.state().readers -= 1;
        self.0.moved.notify_all();
    }
}

struct Closed<'g>(&'g Gate);

impl Drop for Closed<'_> {
    fn drop(&mut self) {
        self.0.state().is_closed = false;
        self.0.moved.notify_all();
    }
}

/// What became of a checkpoint, in the words of SQLite.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Checkpoint {
    /// Somebody was reading or writing: the journal still has old bytes.
    pub is_busy: bool,
    /// Pages in the journal.
    pub pages: i64,
    /// Of those, how many were moved.
    pub moved: i64,
}

impl Store {
    /// Empties the journal. Who is in the way is waited for as long as `waits` says so, half
    /// a minute at most.
    pub fn empty_journal(&self, waits: &dyn Fn() -> bool) -> Result<Checkpoint, StoreError> {
        let mut pause = Duration::from_millis(20);
        for _ in 1..TRIES {
            let tried = self.try_to_empty_journal()?;
            if !tried.is_busy || !waits() {
                return Ok(tried);
            }
            std::thread::sleep(pause);
            pause = (pause * 2).min(LONGEST);
        }
        self.try_to_empty_journal()
    }

    /// Writes the database anew. SQLite wipes the rows that it deletes, and not what is left
    /// of rows that it moves from one page to another; nothing of that goes along. `false` when
    /// another program is in the way.
    pub fn write_anew(&self) -> Result<bool, StoreError> {
        let _closed = self.gate.close();
        match self.writer().execute_batch("VACUUM") {
            Err(error) if is_busy(&error) => Ok(false),
            other => Ok(other.map(|()| true)?),
        }
    }

    fn try_to_empty_journal(&self) -> Result<Checkpoint, StoreError> {
        if self.is_memory() {
            return Ok(Checkpoint { is_busy: false, pages: 0, moved: 0 });
        }
        let _closed = self.gate.close();
        let db = self.writer();
        db.busy_timeout(PATIENCE)?;
        let tried = db.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |row| {
            Ok(Checkpoint { is_busy: row.get::<_, i64>(0)? != 0, pages: row.get(1)?, moved: row.get(2)? })
        });
        db.busy_timeout(connection::BUSY_LIMIT)?;
        match tried {
            // Another program is just now writing.
            Err(error) if is_busy(&error) => Ok(Checkpoint { is_busy: true, pages: -1, moved: -1 }),
            other => Ok(other?),
        }
    }
}

fn is_busy(error: &rusqlite::Error) -> bool {
    use rusqlite::ErrorCode as Code;
    matches!(error.sqlite_error_code(), Some(Code::DatabaseBusy | Code::DatabaseLocked))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_gate_lets_readers_in_and_is_open_again_after_it_was_closed() {
        let gate = Gate::default();
        let (one, other) = (gate.enter(), gate.enter());
        assert_eq!(gate.state().readers, 2);
        drop((one, other));
        drop(gate.close());
        assert!(!gate.state().is_closed);
        assert_eq!(gate.state().readers, 0);
    }

    #[test]
    fn who_is_inside_holds_a_checkpoint_up_for_a_moment_only_and_may_enter_again() {
        let gate = Gate::default();
        let _outer = gate.enter();
        let closed = gate.close();
        let inner = gate.enter();
        assert_eq!(gate.state().readers, 2);
        drop((closed, inner));
        assert_eq!(gate.state().readers, 1);
    }
}
