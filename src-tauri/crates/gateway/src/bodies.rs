//! Room for the bodies of requests. Whoever announces bodies and does not send them takes the room
//! from themselves: of each client only so many are awaited, and no client has all of it.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};
use tokio::{
    sync::{OwnedSemaphorePermit, Semaphore},
    time::timeout,
};

/// KiB of bodies that are held at once.
const ROOM: usize = 192 << 10;
/// And of one client: the longest body fits.
const ROOM_OF_ONE: usize = ROOM / 2;
/// Bodies of one client that are awaited at once.
const AWAITED: usize = 8;
/// How long a body may wait for its turn.
const PATIENCE: Duration = Duration::from_secs(2);

/// All bodies that are held.
pub(crate) struct Bodies {
    room: Arc<Semaphore>,
    clients: Mutex<HashMap<String, Place>>,
    patience: Duration,
}

impl Default for Bodies {
    fn default() -> Self {
        Self { room: Arc::new(Semaphore::new(ROOM)), clients: Mutex::default(), patience: PATIENCE }
    }
}

impl Bodies {
    /// Those of one client.
    pub(crate) fn of(&self, client: &str) -> Place {
        let mut clients = self.clients.lock().unwrap_or_else(PoisonError::into_inner);
        let new = || Place {
            turns: Arc::new(Semaphore::new(AWAITED)),
            own: Arc::new(Semaphore::new(ROOM_OF_ONE)),
            all: Arc::clone(&self.room),
            patience: self.patience,
        };
        clients.entry(client.to_owned()).or_insert_with(new).clone()
    }
}

/// The bodies of one client.
#[derive(Clone)]
pub(crate) struct Place {
    turns: Arc<Semaphore>,
    own: Arc<Semaphore>,
    all: Arc<Semaphore>,
    patience: Duration,
}

impl Place {
    /// The turn of a body, for as long as it is awaited; nothing when it does not come soon. Many
    /// that do come follow each other quickly.
    pub(crate) async fn turn(&self) -> Option<OwnedSemaphorePermit> {
        timeout(self.patience, Arc::clone(&self.turns).acquire_owned()).await.ok()?.ok()
    }

    /// Room for a body of so many bytes, for as long as it is held; nothing when there is none now.
    pub(crate) fn room(&self, bytes: u64) -> Option<Room> {
        let kib = u32::try_from(bytes.div_ceil(1024)).unwrap_or(u32::MAX);
        let take = |from: &Arc<Semaphore>| Arc::clone(from).try_acquire_many_owned(kib).ok();
        Some(Room { _own: take(&self.own)?, _all: take(&self.all)? })
    }
}

/// Room for one body, until it is dropped.
pub(crate) struct Room {
    _own: OwnedSemaphorePermit,
    _all: OwnedSemaphorePermit,
}

#[cfg(test)]
mod tests {
    use super::*;
    use tokio::runtime::Builder;

    #[test]
    fn so_many_bodies_of_a_client_are_awaited_and_the_next_one_has_its_turn_after_one_of_them() {
        let runtime = Builder::new_current_thread().enable_time().build().expect("a runtime");
        let bodies = Bodies { patience: Duration::from_millis(1), ..Bodies::default() };
        runtime.block_on(async {
            let mut turns = Vec::new();
            for _ in 0..AWAITED {
                turns.push(bodies.of("cli_1").turn().await.expect("a turn"));
            }
            assert!(bodies.of("cli_1").turn().await.is_none(), "all are taken");
            assert!(bodies.of("cli_2").turn().await.is_some(), "each client has its own");
            turns.pop();
            assert!(bodies.of("cli_1").turn().await.is_some());
        });
    }

    #[test]
    fn no_client_has_all_the_room_and_the_longest_body_fits() {
        const LONGEST: u64 = 64 << 20;
        let bodies = Bodies::default();
        let held = bodies.of("cli_1").room(LONGEST).expect("room");
        assert!(bodies.of("cli_1").room(LONGEST).is_none(), "the rest is for others");
        let other = bodies.of("cli_2").room(LONGEST).expect("they have theirs");
        let third = bodies.of("cli_3").room(LONGEST).expect("and they");
        assert!(bodies.of("cli_4").room(1).is_none(), "there is none left");
        drop((other, third));
        assert!(bodies.of("cli_4").room(LONGEST).is_some());
        drop(held);
        assert!(bodies.of("cli_1").room(LONGEST).is_some());
    }
}
