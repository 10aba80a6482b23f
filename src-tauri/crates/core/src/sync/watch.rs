//! A run that waits for its remote, and may be stopped meanwhile.

use crate::progress::Progress;
use cardfile_connectors::Stop;
use std::{
    sync::{
        Condvar, Mutex, PoisonError,
        atomic::{AtomicU64, Ordering::Relaxed},
    },
    thread,
    time::Duration,
};

/// Between two looks whether a run is to stop.
const LOOK: Duration = Duration::from_millis(100);

/// Who looks while the run itself waits for an answer.
#[derive(Default)]
pub(crate) struct Watch {
    /// Ends the wait.
    pub(crate) stop: Stop,
    done: AtomicU64,
    has_ended: Mutex<bool>,
    ended: Condvar,
}

impl Watch {
    /// Requests so far.
    pub(crate) fn done(&self) -> u64 {
        self.done.load(Relaxed)
    }

    pub(crate) fn is_at(&self, done: u64) {
        self.done.store(done, Relaxed);
    }

    /// Runs something, and stops its waiting once `progress` says so.
    pub(crate) fn over<T>(&self, progress: &dyn Progress, run: impl FnOnce() -> T) -> T {
        thread::scope(|scope| {
            scope.spawn(|| self.look(progress));
            let _ended = Ended(self);
            run()
        })
    }

    fn look(&self, progress: &dyn Progress) {
        let mut has_ended = self.has_ended.lock().unwrap_or_else(PoisonError::into_inner);
        while !*has_ended {
            has_ended = self.ended.wait_timeout(has_ended, LOOK).unwrap_or_else(PoisonError::into_inner).0;
            if !*has_ended && !progress.at(self.done(), 0) {
                return self.stop.call();
            }
        }
    }
}

/// Nobody has to look any more, however the run ended.
struct Ended<'w>(&'w Watch);

impl Drop for Ended<'_> {
    fn drop(&mut self) {
        *self.0.has_ended.lock().unwrap_or_else(PoisonError::into_inner) = true;
        self.0.ended.notify_all();
    }
}
