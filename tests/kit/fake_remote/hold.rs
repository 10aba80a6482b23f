//! A request that waits at the server until a test says what becomes of it.

use std::{
    sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

/// Until the request has come.
const PATIENCE: Duration = Duration::from_secs(60);
/// A request that nobody says a word about goes on after so long.
const LONGEST: Duration = Duration::from_secs(20);

/// When a request is held up.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Moment {
    /// Before it is carried out.
    Before,
    /// After it was carried out, and before it is answered.
    After,
}

/// A request that is held up, or will be once it comes. Dropped without a word, it is over:
/// nothing more is done for it, and its connection is closed without an answer.
pub struct Held(Arc<Door>);

impl Held {
    /// Waits until the request has come.
    pub fn wait(&self) {
        let state = self.0.state();
        let waited = self.0.moved.wait_timeout_while(state, PATIENCE, |state| !state.has_come);
        let waited = waited.unwrap_or_else(PoisonError::into_inner).1;
        assert!(!waited.timed_out(), "the request did not come in {PATIENCE:?}");
    }

    /// It goes on as if nothing had been.
    pub fn go_on(self) {
        self.0.say(true);
    }
}

impl Drop for Held {
    fn drop(&mut self) {
        self.0.say(false);
    }
}

/// Between a request and the test that holds it up.
#[derive(Default)]
struct Door {
    state: Mutex<State>,
    moved: Condvar,
}

#[derive(Default)]
struct State {
    has_come: bool,
    /// Once somebody said so.
    goes_on: Option<bool>,
}

impl Door {
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The first word counts.
    fn say(&self, goes_on: bool) {
        let mut state = self.state();
        state.goes_on = state.goes_on.or(Some(goes_on));
        self.moved.notify_all();
    }
}

/// Which request is held up, and when: what the server knows of it.
pub struct Hold {
    left: u64,
    is_meant: fn(&str) -> bool,
    moment: Moment,
    door: Arc<Door>,
}

impl Hold {
    /// Of the so-manieth request of those that are meant, by what [`Hold::is_due`] is given.
    pub fn new(nth: u64, is_meant: fn(&str) -> bool, moment: Moment) -> (Self, Held) {
        let door = Arc::<Door>::default();
        (Self { left: nth, is_meant, moment, door: Arc::clone(&door) }, Held(door))
    }

    /// Counts a request with this method; whether it is the one.
    pub fn is_due(&mut self, method: &str) -> bool {
        let is_meant = (self.is_meant)(method);
        self.left = self.left.saturating_sub(u64::from(is_meant));
        is_meant && self.left == 0
    }

    /// Holds the request up, when this is the moment; whether it goes on.
    pub fn passes(&self, moment: Moment) -> bool {
        if moment != self.moment {
            return true;
        }
        let mut state = self.door.state();
        state.has_come = true;
        self.door.moved.notify_all();
        let waited = self.door.moved.wait_timeout_while(state, LONGEST, |state| state.goes_on.is_none());
        let (state, _) = waited.unwrap_or_else(PoisonError::into_inner);
        state.goes_on != Some(false)
    }
}
