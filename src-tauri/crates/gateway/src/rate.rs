//! How many requests a client may make: a minute's worth at once, and then as they come back
//! bit by bit. Kept in memory: a restart forgives.

use cardfile_core::domain::Millis;
use std::{
    collections::HashMap,
    sync::{Mutex, PoisonError},
};

/// What is left of each client's minute.
#[derive(Default)]
pub(crate) struct Rates(Mutex<HashMap<String, Left>>);

#[derive(Clone, Copy)]
struct Left {
    requests: f64,
    at: Millis,
}

/// Where a client stands after a request, in the words of its headers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Standing {
    pub(crate) is_allowed: bool,
    /// Requests of a minute.
    pub(crate) limit: u32,
    /// Requests that may be made now.
    pub(crate) remaining: u32,
    /// Seconds until all of them may be made again; where none may be, until one may.
    pub(crate) reset_seconds: u64,
}

const MINUTE_MS: f64 = 60_000.0;

impl Rates {
    /// A client makes a request.
    pub(crate) fn take(&self, client: &str, per_minute: u32, now: Millis) -> Standing {
        let most = f64::from(per_minute.max(1));
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let left = all.entry(client.to_owned()).or_insert(Left { requests: most, at: now });
        // A clock that goes back gives nothing and takes nothing.
        let passed = (now.0 - left.at.0).max(0) as f64;
        left.requests = (left.requests + passed * most / MINUTE_MS).min(most);
        left.at = now;
        let is_allowed = left.requests >= 1.0;
        if is_allowed {
            left.requests -= 1.0;
        }
        let missing = if is_allowed { most - left.requests } else { 1.0 - left.requests };
        Standing {
            is_allowed,
            limit: per_minute.max(1),
            remaining: left.requests as u32,
            reset_seconds: (missing * MINUTE_MS / most / 1000.0).ceil() as u64,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_minutes_worth_may_be_made_at_once_and_comes_back_bit_by_bit() {
        let rates = Rates::default();
        let at = |ms: i64| rates.take("cli_1", 3, Millis(ms));
        assert_eq!([at(0), at(0), at(0)].map(|one| one.remaining), [2, 1, 0]);
        let refused = at(0);
        assert_eq!((refused.is_allowed, refused.limit, refused.reset_seconds), (false, 3, 20));
        assert!(!at(19_000).is_allowed);
        assert!(at(21_000).is_allowed);
        assert!(rates.take("cli_2", 3, Millis(0)).is_allowed, "each client has its own");
        assert!(at(-1).reset_seconds > 0, "a clock that goes back");
    }
}
