//! What is to be done now and then while the door is open.

use crate::asked::Shared;
use cardfile_core::{clients, domain::Millis, identify, privacy::erasure, progress::Unwatched, webhooks};
use std::{
    mem,
    sync::{
        Arc, PoisonError,
        mpsc::{self, RecvTimeoutError, Sender},
    },
    thread,
    time::Duration,
};

const ROUND: Duration = Duration::from_secs(10);
/// Rounds between two looks at what is kept for minutes and hours.
const ROUNDS: u64 = 6;

/// Begins them; they end when what this gives is dropped.
///
/// Nobody waits for that end: whoever speaks with the recipient of an erasure or with a webhook
/// just now may take longer than a door may.
pub(super) fn begin(shared: &Arc<Shared>) -> Option<Sender<()>> {
    let (end, ended) = mpsc::channel::<()>();
    let shared = Arc::clone(shared);
    let live = move || {
        let mut rounds = 0_u64;
        while matches!(ended.recv_timeout(ROUND), Err(RecvTimeoutError::Timeout)) {
            round(&shared, rounds);
            rounds += 1;
        }
    };
    thread::Builder::new().name("door chores".into()).spawn(live).ok().map(|_| end)
}

/// What fails is tried in the next round.
fn round(shared: &Shared, number: u64) {
    let now = shared.core.store().environment().clock.now();
    shared.lists.expire(now);
    shared.jobs.expire(&shared.core, now);
    if number.is_multiple_of(ROUNDS) {
        keep_seen(shared);
        identify::expire(&shared.core).ok();
    }
    // A client may have erased or changed somebody while no window is open.
    erasure::catch_up(&shared.core).ok();
    webhooks::deliver(&shared.core, &Unwatched).ok();
}

/// Keeps when clients were here last.
pub(super) fn keep_seen(shared: &Shared) {
    let take = || mem::take(&mut *shared.seen.lock().unwrap_or_else(PoisonError::into_inner));
    let seen: Vec<(String, Millis)> = take().into_iter().collect();
    if seen.is_empty() || clients::note(&shared.core, &seen).is_ok() {
        return;
    }
    let mut later = shared.seen.lock().unwrap_or_else(PoisonError::into_inner);
    for (client, at) in seen {
        later.entry(client).or_insert(at);
    }
}
