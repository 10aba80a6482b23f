//! How a run that waits for a server learns that nobody wants it any more.

use futures_util::future::{Either, select};
use std::{pin::pin, sync::Arc};
use tokio::sync::watch;

/// Ends what waits for an answer, from any thread. Once called it stays so.
#[derive(Clone)]
pub struct Stop(Arc<watch::Sender<bool>>);

impl Default for Stop {
    fn default() -> Self {
        Self(Arc::new(watch::Sender::new(false)))
    }
}

impl Stop {
    /// Nobody waits any longer.
    pub fn call(&self) {
        self.0.send_replace(true);
    }

    /// Whether it was called.
    pub fn is_called(&self) -> bool {
        *self.0.borrow()
    }

    /// What comes of it; nothing when it was stopped first.
    pub(crate) async fn or<T>(&self, answer: impl Future<Output = T>) -> Option<T> {
        let mut heard = self.0.subscribe();
        let (answer, stopped) = (pin!(answer), pin!(heard.wait_for(|is_called| *is_called)));
        match select(stopped, answer).await {
            Either::Left(_) => None,
            Either::Right((answer, _)) => Some(answer),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::future::{pending, ready};
    use tokio::runtime::Builder;

    fn waited<T>(stop: &Stop, answer: impl Future<Output = T>) -> Option<T> {
        Builder::new_current_thread().build().expect("a runtime").block_on(stop.or(answer))
    }

    #[test]
    fn who_is_not_stopped_hears_the_answer() {
        assert_eq!(waited(&Stop::default(), ready(7)), Some(7));
    }

    #[test]
    fn a_call_from_another_thread_ends_the_wait() {
        let stop = Stop::default();
        let other = stop.clone();
        let caller = std::thread::spawn(move || other.call());
        assert_eq!(waited(&stop, pending::<()>()), None);
        caller.join().expect("it called");
    }

    #[test]
    fn after_the_call_nothing_is_begun() {
        let stop = Stop::default();
        stop.call();
        assert!(stop.is_called());
        assert_eq!(waited(&stop, ready(7)), None);
    }
}
