//! Connections: how many there are, and which one goes when another one comes. Whoever only
//! holds one open keeps nobody out.

use super::{GRACE, request};
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
        atomic::{AtomicBool, AtomicU64, Ordering},
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
    /// A request of theirs is worked on, or its answer is on the way.
    is_busy: Arc<AtomicBool>,
    task: AbortHandle,
}

impl Guests {
    fn all(&self) -> MutexGuard<'_, VecDeque<Guest>> {
        self.all.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Sends away who waits longest, if there are too many. Whether there is room now.
    fn make_room(&self, most: usize) -> bool {
        let mut all = self.all();
        if all.len() < most {
            return true;
        }
        let waits = all.iter().position(|guest| !guest.is_busy.load(Ordering::SeqCst));
        let Some(guest) = waits.and_then(|place| all.remove(place)) else { return false };
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
        let is_busy = Arc::new(AtomicBool::new(false));
        let (guests, shared, telling) = (Arc::clone(self), Arc::clone(shared), telling.clone());
        let busy = Arc::clone(&is_busy);
        // Both under one lock, or a guest could leave before they are seated.
        let mut all = self.all();
        let task = tokio::spawn(async move {
            speak(stream, peer, busy, shared, telling).await;
            guests.leave(number);
        });
        all.push_back(Guest { number, is_busy, task: task.abort_handle() });
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
    is_busy: Arc<AtomicBool>,
    shared: Arc<Shared>,
    mut telling: watch::Receiver<bool>,
) {
    let service = service_fn(move |request: Request<Incoming>| {
        let (busy, shared) = (Busy::new(&is_busy), Arc::clone(&shared));
        async move {
            let response: Response<Payload> = request::answer(shared, request, peer).await;
            Ok::<_, Infallible>(response.map(|payload| Sent { payload, _busy: busy }))
        }
    });
    let mut http = http1::Builder::new();
    http.timer(TokioTimer::new()).header_read_timeout(HEAD).max_headers(HEADERS).max_buf_size(HEAD_BYTES);
    let mut connection = pin!(http.serve_connection(TokioIo::new(stream), service));
    let told = pin!(async move {
        telling.wait_for(|is_told| *is_told).await.ok();
    });
    if let Either::Left(_) = select(connection.as_mut(), told).await {
        return;
    }
    connection.as_mut().graceful_shutdown();
    timeout(GRACE, connection).await.ok();
}

/// Says that a guest is busy, for as long as it is there.
struct Busy(Arc<AtomicBool>);

impl Busy {
    fn new(is_busy: &Arc<AtomicBool>) -> Self {
        is_busy.store(true, Ordering::SeqCst);
        Self(Arc::clone(is_busy))
    }
}

impl Drop for Busy {
    fn drop(&mut self) {
        self.0.store(false, Ordering::SeqCst);
    }
}

/// An answer on the way.
struct Sent {
    payload: Payload,
    _busy: Busy,
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
    fn who_waits_longest_makes_room_and_nobody_whose_request_is_worked_on() {
        let runtime = Builder::new_current_thread().build().expect("a runtime");
        let guests = Guests::default();
        let mut tasks = Vec::new();
        for (number, is_busy) in [(0, true), (1, false), (2, false)] {
            let task = runtime.spawn(std::future::pending::<()>());
            let is_busy = Arc::new(AtomicBool::new(is_busy));
            guests.all().push_back(Guest { number, is_busy, task: task.abort_handle() });
            tasks.push(task);
        }
        assert!(guests.make_room(4), "there is room");
        assert!(guests.make_room(3));
        let here: Vec<u64> = guests.all().iter().map(|guest| guest.number).collect();
        assert_eq!(here, [0, 2]);
        let gone = runtime.block_on(tasks.remove(1)).expect_err("aborted");
        assert!(gone.is_cancelled());
        guests.leave(2);
        assert!(!guests.make_room(1), "whoever is busy stays");
    }

    #[test]
    fn a_guest_is_busy_until_the_answer_is_gone() {
        let is_busy = Arc::new(AtomicBool::new(false));
        let busy = Busy::new(&is_busy);
        assert!(is_busy.load(Ordering::SeqCst));
        drop(busy);
        assert!(!is_busy.load(Ordering::SeqCst));
    }
}
