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
    /// For how long the guest is still waited for.
    left: Duration,
    wait: Option<Wait>,
}

/// The guest is to take something, and does not yet.
struct Wait {
    since: Instant,
    end: Pin<Box<Sleep>>,
}

impl<S> Line<S> {
    pub(super) fn new(stream: S) -> Self {
        Self { stream, left: PATIENCE, wait: None }
    }

    /// What came of writing, or that the guest was waited for too long. Only while something waits
    /// for them: what passes between two answers does not count.
    fn in_time(&mut self, written: Poll<io::Result<usize>>, cx: &mut Context<'_>) -> Poll<io::Result<usize>> {
        let Poll::Ready(outcome) = written else {
            let left = self.left;
            let wait = self.wait.get_or_insert_with(|| Wait { since: Instant::now(), end: Box::pin(sleep(left)) });
            return wait.end.as_mut().poll(cx).map(|()| Err(ErrorKind::TimedOut.into()));
        };
        if let Some(wait) = self.wait.take() {
            self.left = self.left.saturating_sub(wait.since.elapsed());
        }
        let taken = outcome.as_ref().map_or(0, |bytes| u32::try_from(*bytes).unwrap_or(u32::MAX));
        self.left = self.left.saturating_add(A_BYTE.saturating_mul(taken)).min(PATIENCE);
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
    use tokio::{
        io::{AsyncReadExt, AsyncWriteExt, DuplexStream, duplex},
        runtime::Builder,
    };

    /// Writes so much to a guest who takes so many bytes each time, after a pause. What came of it,
    /// after how long, and how long the guest would still be waited for.
    fn told(bytes: usize, piece: usize, pause: Duration) -> (io::Result<()>, Duration, Duration) {
        let runtime = Builder::new_current_thread().enable_time().start_paused(true).build().expect("a runtime");
        runtime.block_on(async {
            let (own, other) = duplex(piece);
            tokio::spawn(take(other, piece, pause));
            let (mut line, begin) = (Line::new(own), Instant::now());
            let outcome = line.write_all(&vec![0; bytes]).await;
            (outcome, begin.elapsed(), line.left)
        })
    }

    async fn take(mut from: DuplexStream, piece: usize, pause: Duration) {
        let mut taken = vec![0; piece];
        loop {
            sleep(pause).await;
            if from.read_exact(&mut taken).await.is_err() {
                return;
            }
        }
    }

    #[test]
    fn who_takes_nothing_or_a_byte_now_and_then_is_hung_up_on() {
        for pause in [1, 7, 20, 3_600] {
            let (outcome, after, _) = told(1_000, 1, Duration::from_secs(pause));
            assert_eq!(outcome.expect_err("too slow").kind(), ErrorKind::TimedOut, "each {pause} seconds");
            assert!((PATIENCE..PATIENCE * 2).contains(&after), "after {after:?}");
        }
    }

    #[test]
    fn who_takes_an_answer_slowly_gets_all_of_it_and_a_pause_is_made_up_for() {
        let (outcome, after, left) = told(64 << 20, 1 << 20, Duration::from_secs(15));
        outcome.expect("all of it");
        assert!(after > Duration::from_secs(900) && left > PATIENCE / 2, "after {after:?}, {left:?} left");
    }
}
