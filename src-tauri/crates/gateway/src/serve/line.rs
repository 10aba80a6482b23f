//! The line to a guest. Whoever takes nothing of what is written to them, or next to nothing, is
//! hung up on after a while: an answer that is on its way for ever would keep a place for ever.

use std::{
    io::{self, ErrorKind, IoSlice},
    pin::Pin,
    task::{Context, Poll},
    time::Duration,
};
use tokio::{
    io::{AsyncRead, AsyncWrite, ReadBuf},
    time::{Instant, Sleep, sleep},
};

/// For how long a guest is waited for who takes nothing.
const PATIENCE: Duration = Duration::from_secs(30);
/// So much longer for each byte that is taken: some 60 KB a second keep a guest for as long as it takes.
const A_BYTE: Duration = Duration::from_micros(16);

pub(super) struct Line<S> {
    stream: S,
    patience: Patience,
    wait: Option<Wait>,
}

/// For how long a guest is still waited for.
struct Patience {
    left: Duration,
}

impl Patience {
    /// So long nothing was taken, and then so many bytes.
    fn took(&mut self, waited: Duration, bytes: usize) {
        let given_back = A_BYTE.saturating_mul(u32::try_from(bytes).unwrap_or(u32::MAX));
        self.left = self.left.saturating_sub(waited).saturating_add(given_back).min(PATIENCE);
    }
}

/// The guest is to take something, and does not yet.
struct Wait {
    since: Instant,
    end: Pin<Box<Sleep>>,
}

impl<S> Line<S> {
    pub(super) fn new(stream: S) -> Self {
        Self { stream, patience: Patience { left: PATIENCE }, wait: None }
    }

    /// What came of writing, or that the guest was waited for too long. Only while something waits
    /// for them: what passes between two answers does not count.
    fn in_time(&mut self, written: Poll<io::Result<usize>>, cx: &mut Context<'_>) -> Poll<io::Result<usize>> {
        let Poll::Ready(outcome) = written else {
            let left = self.patience.left;
            let wait = self.wait.get_or_insert_with(|| Wait { since: Instant::now(), end: Box::pin(sleep(left)) });
            return wait.end.as_mut().poll(cx).map(|()| Err(ErrorKind::TimedOut.into()));
        };
        let waited = self.wait.take().map_or(Duration::ZERO, |wait| wait.since.elapsed());
        self.patience.took(waited, *outcome.as_ref().unwrap_or(&0));
        Poll::Ready(outcome)
    }
}

impl<S: AsyncRead + Unpin> AsyncRead for Line<S> {
    fn poll_read(mut self: Pin<&mut Self>, cx: &mut Context<'_>, into: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_read(cx, into)
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for Line<S> {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        let written = Pin::new(&mut self.stream).poll_write(cx, bytes);
        self.in_time(written, cx)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        pieces: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let written = Pin::new(&mut self.stream).poll_write_vectored(cx, pieces);
        self.in_time(written, cx)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(cx)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A guest who takes so many bytes each time, after a pause: how often, until nobody waits for
    /// them any more or all is taken.
    fn times(all: usize, piece: usize, pause: Duration) -> (usize, Patience) {
        let (mut patience, mut taken) = (Patience { left: PATIENCE }, 0);
        while taken < all && pause < patience.left {
            patience.took(pause, piece);
            taken += piece;
        }
        (taken / piece, patience)
    }

    #[test]
    fn who_takes_nothing_or_a_byte_now_and_then_is_hung_up_on() {
        for (pause, most) in [(1, 30), (7, 5), (20, 2), (3_600, 0)] {
            let (times, _) = times(1_000, 1, Duration::from_secs(pause));
            assert!(times <= most, "{times} bytes, one each {pause} seconds");
        }
    }

    #[test]
    fn who_takes_an_answer_slowly_gets_all_of_it_and_a_pause_is_made_up_for() {
        let (times, patience) = times(64 << 20, 1 << 20, Duration::from_secs(15));
        assert_eq!(times, 64);
        assert!(patience.left > PATIENCE / 2, "{:?} left", patience.left);
    }
}
