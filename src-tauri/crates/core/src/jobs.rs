//! Jobs of the window: long commands with progress that can be stopped.

use crate::{
    progress::Progress,
    session::{Event, Session},
};
use std::{
    collections::HashMap,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
};

/// The jobs that run, by name.
#[derive(Default)]
pub(crate) struct Jobs(Mutex<HashMap<&'static str, Arc<AtomicBool>>>);

impl Jobs {
    /// Stops a job at its next look at the progress. Nothing happens when it
    /// does not run any more.
    pub(crate) fn stop(&self, name: &str) {
        if let Some(stopped) = self.0.lock().unwrap_or_else(PoisonError::into_inner).get(name) {
            stopped.store(true, Ordering::SeqCst);
        }
    }

    /// Whether one runs.
    pub(crate) fn any(&self) -> bool {
        !self.0.lock().unwrap_or_else(PoisonError::into_inner).is_empty()
    }
}

/// A job that runs: tells the window where it stands, as long as it lives.
pub(crate) struct Job<'s> {
    session: &'s Session,
    name: &'static str,
    stopped: Arc<AtomicBool>,
}

impl<'s> Job<'s> {
    pub(crate) fn begin(session: &'s Session, name: &'static str) -> Self {
        let stopped = Arc::new(AtomicBool::new(false));
        let mut running = session.jobs().0.lock().unwrap_or_else(PoisonError::into_inner);
        running.insert(name, Arc::clone(&stopped));
        Self { session, name, stopped }
    }
}

impl Progress for Job<'_> {
    fn at(&self, done: u64, total: u64) -> bool {
        self.session.tell(Event::Progress { job: self.name.into(), done, total });
        !self.stopped.load(Ordering::SeqCst)
    }
}

impl Drop for Job<'_> {
    fn drop(&mut self) {
        let mut running = self.session.jobs().0.lock().unwrap_or_else(PoisonError::into_inner);
        // A later job of the same name has its own mark.
        if running.get(self.name).is_some_and(|stopped| Arc::ptr_eq(stopped, &self.stopped)) {
            running.remove(self.name);
        }
    }
}
