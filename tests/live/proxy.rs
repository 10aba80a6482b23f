//! A proxy between the product and a server. It keeps every request byte for byte, passes
//! bytes on as they came in both directions, and is unkind where a test says so.

use crate::http::{self, LIMIT, Message};
use std::{
    io::{self, BufReader, Write},
    net::{Shutdown, SocketAddr, TcpListener, TcpStream},
    sync::{Arc, Condvar, Mutex, MutexGuard},
    time::Duration,
};

/// Until what a test waits for has happened.
const PATIENCE: Duration = Duration::from_secs(240);

/// What becomes of a request instead of being carried out and answered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Fault {
    /// It is carried out, and nobody hears of it.
    LoseAnswer,
    /// It is not carried out.
    Refuse {
        status: u16,
        /// Seconds the server asks to wait.
        retry_after: Option<u32>,
    },
}

/// A request that came.
#[derive(Debug, Clone)]
pub(crate) struct Seen {
    number: u64,
    pub(crate) request: Message,
    /// 0 while there is no answer, and when it came from us.
    pub(crate) status: u16,
    /// Bytes in the body of the answer.
    pub(crate) answered: usize,
}

impl Seen {
    pub(crate) fn method(&self) -> &str {
        self.request.word(0)
    }

    pub(crate) fn path(&self) -> &str {
        self.request.word(1)
    }

    /// Whether it would change something.
    pub(crate) fn is_write(&self) -> bool {
        !matches!(self.method(), "GET" | "HEAD" | "OPTIONS" | "PROPFIND" | "REPORT")
    }
}

#[derive(Default)]
struct State {
    seen: Vec<Seen>,
    number: u64,
    under_way: u32,
    /// At the so-manieth request with this method from now on.
    faults: Vec<(&'static str, u32, Fault)>,
    has_ended: bool,
}

struct Shared {
    state: Mutex<State>,
    moved: Condvar,
    server: SocketAddr,
}

/// It ends with its last user.
pub(crate) struct Proxy {
    address: SocketAddr,
    shared: Arc<Shared>,
}

impl Proxy {
    pub(crate) fn before(server: SocketAddr) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let address = listener.local_addr().expect("a port");
        let shared = Arc::new(Shared { state: Mutex::default(), moved: Condvar::new(), server });
        let ours = Arc::clone(&shared);
        std::thread::spawn(move || {
            for client in listener.incoming().map_while(Result::ok) {
                if ours.state().has_ended {
                    return;
                }
                let shared = Arc::clone(&ours);
                // A connection that breaks is the matter of those at its ends.
                std::thread::spawn(move || serve(&shared, client));
            }
        });
        Self { address, shared }
    }

    /// The bare address of what looks like the server.
    pub(crate) fn url(&self) -> String {
        format!("http://{}/", self.address)
    }

    /// Does this to the `nth` request with this method from now on.
    pub(crate) fn when(&self, method: &'static str, nth: u32, fault: Fault) {
        self.shared.state().faults.push((method, nth, fault));
    }

    /// What came since the last look.
    pub(crate) fn take(&self) -> Vec<Seen> {
        std::mem::take(&mut self.shared.state().seen)
    }

    /// Waits until so many requests with this method have come.
    pub(crate) fn wait_for(&self, method: &str, count: usize) {
        self.wait(|state| state.seen.iter().filter(|seen| seen.method() == method).count() >= count);
    }

    /// Waits until the server has answered everything.
    pub(crate) fn wait_for_answers(&self) {
        self.wait(|state| state.under_way == 0);
    }

    fn wait(&self, is_there: impl Fn(&State) -> bool) {
        let state = self.shared.state();
        let waited = self.shared.moved.wait_timeout_while(state, PATIENCE, |state| !is_there(state));
        assert!(!waited.expect("not poisoned").1.timed_out(), "it did not happen in {PATIENCE:?}");
    }
}

impl Drop for Proxy {
    fn drop(&mut self) {
        self.shared.state().has_ended = true;
        // The listener looks up.
        let _ = TcpStream::connect_timeout(&self.address, LIMIT);
    }
}

impl Shared {
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().expect("not poisoned")
    }

    fn begins(&self, request: &Message) -> (u64, Option<Fault>) {
        let mut state = self.state();
        state.number += 1;
        state.under_way += 1;
        let number = state.number;
        state.seen.push(Seen { number, request: request.clone(), status: 0, answered: 0 });
        let mut fault = None;
        state.faults.retain_mut(|(method, nth, what)| {
            *nth -= u32::from(*method == request.word(0));
            if *nth == 0 {
                fault = Some(*what);
            }
            *nth > 0
        });
        self.moved.notify_all();
        (number, fault)
    }

    fn ends(&self, number: u64, answer: Option<&Message>) {
        let mut state = self.state();
        state.under_way -= 1;
        if let (Some(seen), Some(answer)) = (state.seen.iter_mut().find(|seen| seen.number == number), answer) {
            (seen.status, seen.answered) = (answer.status(), answer.body.len());
        }
        self.moved.notify_all();
    }
}

/// One connection: a connection to the server stands behind it for as long.
fn serve(shared: &Shared, client: TcpStream) -> io::Result<()> {
    client.set_read_timeout(Some(LIMIT))?;
    client.set_nodelay(true)?;
    let mut client = BufReader::new(client);
    let mut server = None;
    while let Some(request) = http::read(&mut client, None)? {
        let (number, fault) = shared.begins(&request);
        if let Some(Fault::Refuse { status, retry_after }) = fault {
            shared.ends(number, None);
            let wait = retry_after.map(|seconds| format!("Retry-After: {seconds}\r\n")).unwrap_or_default();
            let refusal = format!("HTTP/1.1 {status} Not Now\r\n{wait}Content-Length: 0\r\n\r\n");
            client.get_mut().write_all(refusal.as_bytes())?;
            continue;
        }
        let answer = ask(&mut server, shared.server, &request);
        shared.ends(number, answer.as_ref().ok());
        let answer = answer?;
        if fault == Some(Fault::LoseAnswer) {
            return client.get_ref().shutdown(Shutdown::Both);
        }
        client.get_mut().write_all(&answer.raw)?;
        if answer.is_last {
            return Ok(());
        }
    }
    Ok(())
}

fn ask(server: &mut Option<BufReader<TcpStream>>, address: SocketAddr, request: &Message) -> io::Result<Message> {
    let stream = match server {
        Some(stream) => stream,
        None => server.insert(BufReader::new(http::connect(address)?)),
    };
    stream.get_mut().write_all(&request.raw)?;
    let answer = http::read(stream, Some(request.word(0)))?;
    answer.ok_or_else(|| io::ErrorKind::UnexpectedEof.into())
}
