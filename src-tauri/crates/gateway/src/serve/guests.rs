//! Connections: how many there are, and which one goes when another one comes. Whoever only
//! holds one open keeps nobody out, nor who announces a body and does not send it.

use super::{GRACE, line::Line, request};
use crate::{answer::Payload, asked::Shared};
use futures_util::future::{Either, select};
use http::{Request, Response};
use hyper::{
    body::{Body, Bytes, Frame, Incoming, SizeHint},
    server::conn::http1,
    service::service_fn,
};
use hyper_util::rt::{TokioIo, TokioTimer};
use std::{
    collections::VecDeque,
    convert::Infallible,
    io,
    net::{self, IpAddr},
    pin::{Pin, pin},
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicU8, AtomicU64, Ordering},
    },
    task::{Context, Poll},
    time::Duration,
};
use tokio::{
    net::{TcpListener, TcpStream},
    sync::watch,
    task::AbortHandle,
    time::{sleep, timeout},
};

/// Connections at once.
const MOST: usize = 256;
/// How long the head of a request may take, the time before it included.
const HEAD: Duration = Duration::from_secs(15);
/// Headers of a request.
const HEADERS: usize = 64;
/// Bytes of its head.
const HEAD_BYTES: usize = 64 << 10;
/// After how long it is tried again when no connection can be taken.
const PAUSE: Duration = Duration::from_millis(50);

/// Who is here, whoever came first at the front.
#[derive(Default)]
pub(super) struct Guests {
    came: AtomicU64,
    all: Mutex<VecDeque<Guest>>,
}

struct Guest {
    number: u64,
    /// What is done for them.
    deed: Arc<AtomicU8>,
    task: AbortHandle,
}

/// Nothing: they hold a connection open, or no more than a head was heard.
const NOTHING: u8 = 0;
/// The body of a request is awaited; of each client so many, and for a while.
const AWAITED: u8 = 1;
/// A request is worked on, or its answer is on the way.
const SERVED: u8 = 2;

impl Guests {
    fn all(&self) -> MutexGuard<'_, VecDeque<Guest>> {
        self.all.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Sends away who is here longest with nothing done for them, then whose body is awaited
    /// longest, if there are too many. Whether there is room now.
    fn make_room(&self, most: usize) -> bool {
        let mut all = self.all();
        if all.len() < most {
            return true;
        }
        let who = |deed: u8| all.iter().position(|guest| guest.deed.load(Ordering::SeqCst) == deed);
        let goes = who(NOTHING).or_else(|| who(AWAITED));
        let Some(guest) = goes.and_then(|place| all.remove(place)) else { return false };
        guest.task.abort();
        true
    }

    fn leave(&self, number: u64) {
        self.all().retain(|guest| guest.number != number);
    }

    fn seat(self: &Arc<Self>, stream: TcpStream, peer: IpAddr, shared: &Arc<Shared>, telling: &watch::Receiver<bool>) {
        if !self.make_room(MOST) {
            return;
        }
        let number = self.came.fetch_add(1, Ordering::SeqCst);
        let deed = Arc::new(AtomicU8::new(NOTHING));
        let (guests, shared, telling) = (Arc::clone(self), Arc::clone(shared), telling.clone());
        let own = Arc::clone(&deed);
        // Both under one lock, or a guest could leave before they are seated.
        let mut all = self.all();
        let task = tokio::spawn(async move {
            speak(stream, peer, own, shared, telling).await;
            guests.leave(number);
        });
        all.push_back(Guest { number, deed, task: task.abort_handle() });
    }
}

/// Takes connections as they come.
pub(super) async fn let_in(
    listener: net::TcpListener,
    guests: Arc<Guests>,
    shared: Arc<Shared>,
    telling: watch::Receiver<bool>,
) {
    let listener = listener.set_nonblocking(true).and_then(|()| TcpListener::from_std(listener));
    let Ok(listener) = listener else { return };
    loop {
        match listener.accept().await {
            Ok((stream, peer)) => {
                stream.set_nodelay(true).ok();
                guests.seat(stream, peer.ip(), &shared, &telling);
            }
            Err(_) => {
                // This process has too many files open, as it seems: one guest less helps.
                guests.make_room(1);
                sleep(PAUSE).await;
            }
        }
    }
}

async fn speak(
    stream: TcpStream,
    peer: IpAddr,
    deed: Arc<AtomicU8>,
    shared: Arc<Shared>,
    mut telling: watch::Receiver<bool>,
) {
    let service = service_fn(move |request: Request<Incoming>| {
        let (errand, shared) = (Errand::new(&deed, request.body().is_end_stream()), Arc::clone(&shared));
        async move {
            let response: Response<Payload> = request::answer(shared, request, peer, &errand).await;
            errand.serve();
            Ok::<_, Infallible>(response.map(|payload| Sent { payload, _errand: errand }))
        }
    });
    let mut http = http1::Builder::new();
    http.timer(TokioTimer::new()).header_read_timeout(HEAD).max_headers(HEADERS).max_buf_size(HEAD_BYTES);
    let mut connection = pin!(http.serve_connection(TokioIo::new(Line::new(stream)), service));
    let told = pin!(async move {
        telling.wait_for(|is_told| *is_told).await.ok();
    });
    if let Either::Left(_) = select(connection.as_mut(), told).await {
        return;
    }
    connection.as_mut().graceful_shutdown();
    timeout(GRACE, connection).await.ok();
}

/// A request of a guest, until its answer is gone. Says what is done for them.
pub(super) struct Errand(Arc<AtomicU8>);

impl Errand {
    fn new(deed: &Arc<AtomicU8>, is_whole: bool) -> Self {
        deed.store(if is_whole { SERVED } else { NOTHING }, Ordering::SeqCst);
        Self(Arc::clone(deed))
    }

    /// Its body is awaited now.
    pub(super) fn await_body(&self) {
        self.0.store(AWAITED, Ordering::SeqCst);
    }

    /// All of it is here that will be heard: its guest stays until they are answered.
    pub(super) fn serve(&self) {
        self.0.store(SERVED, Ordering::SeqCst);
    }
}

impl Drop for Errand {
    fn drop(&mut self) {
        self.0.store(NOTHING, Ordering::SeqCst);
    }
}

/// An answer on the way.
struct Sent {
    payload: Payload,
    _errand: Errand,
}

impl Body for Sent {
    type Data = Bytes;
    type Error = io::Error;

    fn poll_frame(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<io::Result<Frame<Bytes>>>> {
        Pin::new(&mut self.payload).poll_frame(cx)
    }

    fn is_end_stream(&self) -> bool {
        self.payload.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.payload.size_hint()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use tokio::runtime::Builder;

    #[test]
    fn who_does_nothing_longest_makes_room_then_whose_body_is_awaited_and_nobody_who_is_served() {
        let runtime = Builder::new_current_thread().build().expect("a runtime");
        let guests = Guests::default();
        let mut tasks = Vec::new();
        for (number, deed) in [(0, SERVED), (1, AWAITED), (2, NOTHING), (3, NOTHING)] {
            let task = runtime.spawn(std::future::pending::<()>());
            let deed = Arc::new(AtomicU8::new(deed));
            guests.all().push_back(Guest { number, deed, task: task.abort_handle() });
            tasks.push(task);
        }
        assert!(guests.make_room(5), "there is room");
        let here = || guests.all().iter().map(|guest| guest.number).collect::<Vec<u64>>();
        for (most, left) in [(4, vec![0, 1, 3]), (3, vec![0, 1]), (2, vec![0])] {
            assert!(guests.make_room(most));
            assert_eq!(here(), left);
        }
        assert!(!guests.make_room(1), "whoever is served stays");
        let gone = runtime.block_on(tasks.remove(1)).expect_err("aborted");
        assert!(gone.is_cancelled());
        guests.leave(0);
        assert!(guests.make_room(1));
    }

    #[test]
    fn a_guest_is_served_from_the_end_of_the_body_until_the_answer_is_gone() {
        let deed = Arc::new(AtomicU8::new(NOTHING));
        let now = || deed.load(Ordering::SeqCst);
        let errand = Errand::new(&deed, false);
        assert_eq!(now(), NOTHING, "anybody can say a head");
        errand.await_body();
        assert_eq!(now(), AWAITED);
        errand.serve();
        assert_eq!(now(), SERVED);
        drop(errand);
        assert_eq!(now(), NOTHING);
        let errand = Errand::new(&deed, true);
        assert_eq!(now(), SERVED, "there is no body to await");
        drop(errand);
    }
}
