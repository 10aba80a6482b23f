//! The sockets of a server in memory: connections are taken one after the other, and each has a
//! thread of its own. What is said on them is another's matter.

use crate::http::{self, Message};
use std::{
    collections::BTreeMap,
    io::{self, BufReader, Read, Write},
    net::{Shutdown, SocketAddr, TcpListener, TcpStream},
    sync::{
        Arc, Condvar, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
    thread::{self, JoinHandle},
    time::Duration,
};

/// Until all of them have hung up.
const PATIENCE: Duration = Duration::from_secs(60);

/// Answers requests.
pub trait Speaks: Send + Sync + 'static {
    /// The bytes of the answer; nothing when the connection is to be closed without one.
    fn speak(&self, request: &Message) -> Option<Vec<u8>>;
}

/// A server on a port that was free. It ends when it is dropped.
pub struct Server {
    address: SocketAddr,
    open: Arc<Open>,
    accepts: Option<JoinHandle<()>>,
}

#[derive(Default)]
struct Open {
    /// Connections, by their numbers.
    streams: Mutex<BTreeMap<u64, TcpStream>>,
    /// One of them was closed.
    closed: Condvar,
    is_over: AtomicBool,
}

impl Open {
    fn streams(&self) -> MutexGuard<'_, BTreeMap<u64, TcpStream>> {
        self.streams.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Server {
    /// It listens when this returns.
    pub fn start(speaker: Arc<dyn Speaks>) -> Self {
        Self::at(0, speaker).expect("a free port")
    }

    /// The same on this port; 0 is any that is free.
    pub fn at(port: u16, speaker: Arc<dyn Speaks>) -> io::Result<Self> {
        let listener = TcpListener::bind(("127.0.0.1", port))?;
        let address = listener.local_addr()?;
        let open = Arc::<Open>::default();
        let accepts = thread::spawn({
            let open = Arc::clone(&open);
            move || accept(&listener, &open, &speaker)
        });
        Ok(Self { address, open, accepts: Some(accepts) })
    }

    /// `127.0.0.1:41234`
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Until somebody ends the process.
    pub fn wait(mut self) {
        if let Some(accepts) = self.accepts.take() {
            let _ = accepts.join();
        }
    }

    /// Waits until nobody is connected any more: all that was sent is carried out then.
    pub fn wait_until_alone(&self) {
        // Connections are taken in the order in which they came, and this is the last one.
        let mut last = TcpStream::connect(self.address).expect("it listens");
        last.shutdown(Shutdown::Write).expect("it is open");
        last.set_read_timeout(Some(PATIENCE)).expect("it is open");
        assert_eq!(last.read(&mut [0]).expect("it is closed"), 0, "nothing was asked");
        let streams = self.open.streams();
        let waited = self.open.closed.wait_timeout_while(streams, PATIENCE, |streams| !streams.is_empty());
        let waited = waited.unwrap_or_else(PoisonError::into_inner).1;
        assert!(!waited.timed_out(), "somebody is still connected after {PATIENCE:?}");
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.open.is_over.store(true, Ordering::SeqCst);
        // It waits for a connection: this is the last one.
        let _ = TcpStream::connect(self.address);
        if let Some(accepts) = self.accepts.take() {
            let _ = accepts.join();
        }
        for stream in self.open.streams().values() {
            let _ = stream.shutdown(Shutdown::Both);
        }
    }
}

fn accept(listener: &TcpListener, open: &Arc<Open>, speaker: &Arc<dyn Speaks>) {
    for (number, stream) in (0_u64..).zip(listener.incoming().map_while(Result::ok)) {
        if open.is_over.load(Ordering::SeqCst) {
            return;
        }
        open.streams().extend(stream.try_clone().map(|stream| (number, stream)));
        let (open, speaker) = (Arc::clone(open), Arc::clone(speaker));
        thread::spawn(move || {
            // Whoever hangs up is not answered.
            let _ = converse(&stream, &*speaker);
            let _ = stream.shutdown(Shutdown::Both);
            open.streams().remove(&number);
            open.closed.notify_all();
        });
    }
}

/// Answers on a connection until one of the two closes it.
fn converse(stream: &TcpStream, speaker: &dyn Speaks) -> io::Result<()> {
    stream.set_nodelay(true)?;
    let mut reader = BufReader::new(stream);
    while let Some(request) = http::read(&mut reader, None)? {
        let Some(answer) = speaker.speak(&request) else { return Ok(()) };
        let mut writer = stream;
        writer.write_all(&answer)?;
        if request.is_last {
            return Ok(());
        }
    }
    Ok(())
}

/// The bytes of an answer in JSON; without a body, of one that has none.
pub fn json(status: u16, headers: &[(&str, &str)], body: Option<&str>) -> Vec<u8> {
    let mut text = format!("HTTP/1.1 {status} {}\r\n", reason(status));
    for (name, value) in headers {
        text.push_str(&format!("{name}: {value}\r\n"));
    }
    match body {
        // A body of no length is one all the same, but for these.
        None if matches!(status, 204 | 304) => text.push_str("\r\n"),
        None => text.push_str("Content-Length: 0\r\n\r\n"),
        Some(body) => {
            text.push_str(&format!("Content-Type: application/json\r\nContent-Length: {}\r\n\r\n{body}", body.len()));
        }
    }
    text.into_bytes()
}

/// What a status is called.
pub(crate) fn reason(status: u16) -> &'static str {
    match status {
        200 => "OK",
        201 => "Created",
        204 => "No Content",
        207 => "Multi-Status",
        301 => "Moved Permanently",
        400 => "Bad Request",
        401 => "Unauthorized",
        403 => "Forbidden",
        404 => "Not Found",
        405 => "Method Not Allowed",
        409 => "Conflict",
        410 => "Gone",
        412 => "Precondition Failed",
        415 => "Unsupported Media Type",
        422 => "Unprocessable Content",
        429 => "Too Many Requests",
        _ => "Internal Server Error",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::http::Client;

    struct Echo;

    impl Speaks for Echo {
        fn speak(&self, request: &Message) -> Option<Vec<u8>> {
            (request.word(1) != "/silence").then(|| json(200, &[("X-Word", "yes")], Some(&request.text())))
        }
    }

    #[test]
    fn what_is_said_comes_back_and_who_gets_no_answer_is_hung_up_on() {
        let server = Server::start(Arc::new(Echo));
        let client = Client { address: server.address(), account: None };
        let answer = client.send("POST", "/", &[], "[1]");
        assert_eq!((answer.status(), answer.header("x-word"), answer.text().as_str()), (200, Some("yes"), "[1]"));
        let mut stream = TcpStream::connect(server.address()).expect("it listens");
        stream.write_all(b"GET /silence HTTP/1.1\r\n\r\n").expect("it is sent");
        assert_eq!(stream.read(&mut [0]).expect("it is closed"), 0);
        drop(stream);
        server.wait_until_alone();
    }
}
