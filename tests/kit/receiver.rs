//! Another program that is told things: it keeps every request that comes, answers as a test
//! says, and checks signatures by the words of the specification. No line of it is the
//! product's.

use crate::http;
use base64::{Engine, engine::general_purpose::STANDARD};
use serde_json::Value;
use sha2::{Digest, Sha256};
use std::{
    collections::VecDeque,
    io::{self, BufReader, Write},
    net::{SocketAddr, TcpListener, TcpStream},
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
    thread::{self, JoinHandle},
};

/// What it answers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Says {
    /// 200
    pub status: u16,
    /// Seconds after which it may be asked again.
    pub retry_after: Option<u32>,
}

impl Says {
    /// Only a status.
    pub fn status(status: u16) -> Self {
        Self { status, retry_after: None }
    }
}

/// A request that came.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Got {
    /// `/catch/1`
    pub path: String,
    /// `webhook-id`
    pub id: String,
    /// `webhook-timestamp`
    pub timestamp: String,
    /// `webhook-signature`
    pub signatures: String,
    /// Byte for byte.
    pub body: String,
    /// The status of the answer.
    pub status: u16,
}

impl Got {
    /// The body.
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.body).expect("a body is JSON")
    }

    /// The word of the event.
    pub fn event(&self) -> String {
        self.json()["event"].as_str().expect("an event").to_owned()
    }

    /// Whom it is about.
    pub fn subject(&self) -> String {
        self.json()["data"]["id"].as_str().unwrap_or_default().to_owned()
    }

    /// Whether it is signed with this secret.
    pub fn is_signed_with(&self, secret: &str) -> bool {
        let key = STANDARD.decode(secret.strip_prefix("whsec_").expect("a secret")).expect("base64");
        let signed = format!("{}.{}.{}", self.id, self.timestamp, self.body);
        let expected = format!("v1,{}", STANDARD.encode(hmac_sha256(&key, signed.as_bytes())));
        self.signatures.split(' ').any(|one| one == expected)
    }
}

/// HMAC (RFC 2104) by its definition.
fn hmac_sha256(key: &[u8], text: &[u8]) -> Vec<u8> {
    assert!(key.len() <= 64, "longer keys are hashed first, and no secret is longer");
    let padded = |pad: u8| {
        let mut block = [pad; 64];
        block.iter_mut().zip(key).for_each(|(byte, key)| *byte ^= key);
        block
    };
    let inner = Sha256::new().chain_update(padded(0x36)).chain_update(text).finalize();
    Sha256::new().chain_update(padded(0x5c)).chain_update(inner).finalize().to_vec()
}

/// It ends when it is dropped.
pub struct Receiver {
    shared: Arc<Shared>,
    address: SocketAddr,
    accepts: Option<JoinHandle<()>>,
}

#[derive(Default)]
struct Shared {
    state: Mutex<State>,
    is_over: AtomicBool,
}

struct State {
    got: Vec<Got>,
    /// The next answers, and then always this one.
    next: VecDeque<Says>,
    always: Says,
    /// A body that says one of these is answered so.
    refuses: Vec<(String, u16)>,
}

impl Default for State {
    fn default() -> Self {
        Self { got: Vec::new(), next: VecDeque::new(), always: Says::status(200), refuses: Vec::new() }
    }
}

impl Shared {
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Receiver {
    /// On a port that is free.
    pub fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let address = listener.local_addr().expect("a port");
        let shared = Arc::<Shared>::default();
        let accepts = thread::spawn({
            let shared = Arc::clone(&shared);
            move || accept(&listener, &shared)
        });
        Self { shared, address, accepts: Some(accepts) }
    }

    /// An address at which it is told things.
    pub fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.address)
    }

    /// Everything that came, the first first.
    pub fn got(&self) -> Vec<Got> {
        self.shared.state().got.clone()
    }

    /// What came since this was asked the last time.
    pub fn take(&self) -> Vec<Got> {
        std::mem::take(&mut self.shared.state().got)
    }

    /// Words of the events that came since then.
    pub fn take_events(&self) -> Vec<String> {
        self.take().iter().map(Got::event).collect()
    }

    /// What it answers from now on.
    pub fn says(&self, says: Says) {
        self.shared.state().always = says;
    }

    /// What it answers next, one after the other.
    pub fn says_next(&self, all: impl IntoIterator<Item = Says>) {
        self.shared.state().next.extend(all);
    }

    /// Answers a body that says this with a status, from now on.
    pub fn refuses(&self, text: &str, status: u16) {
        self.shared.state().refuses.push((text.to_owned(), status));
    }

    /// Refuses nothing any more.
    pub fn takes_all(&self) {
        self.shared.state().refuses.clear();
    }
}

impl Drop for Receiver {
    fn drop(&mut self) {
        self.shared.is_over.store(true, Ordering::SeqCst);
        // It waits for a connection: this is the last one.
        let _ = TcpStream::connect(self.address);
        if let Some(accepts) = self.accepts.take() {
            let _ = accepts.join();
        }
    }
}

/// One connection after the other: each has one request.
fn accept(listener: &TcpListener, shared: &Shared) {
    for stream in listener.incoming().map_while(Result::ok) {
        if shared.is_over.load(Ordering::SeqCst) {
            return;
        }
        // Whoever hangs up is not answered.
        let _ = answer(&stream, shared);
    }
}

fn answer(stream: &TcpStream, shared: &Shared) -> io::Result<()> {
    stream.set_read_timeout(Some(http::LIMIT))?;
    let Some(request) = http::read(&mut BufReader::new(stream), None)? else { return Ok(()) };
    let says = {
        let mut state = shared.state();
        let body = request.text();
        let refused = state.refuses.iter().find(|(text, _)| body.contains(text.as_str())).map(|(_, status)| *status);
        let next = state.next.pop_front();
        let says = refused.map(Says::status).or(next).unwrap_or(state.always);
        let header = |name| request.header(name).unwrap_or_default().to_owned();
        state.got.push(Got {
            path: request.word(1).to_owned(),
            id: header("webhook-id"),
            timestamp: header("webhook-timestamp"),
            signatures: header("webhook-signature"),
            body,
            status: says.status,
        });
        says
    };
    let retry = says.retry_after.map(|seconds| format!("Retry-After: {seconds}\r\n")).unwrap_or_default();
    let head = format!("HTTP/1.1 {} Said\r\n{retry}Content-Length: 0\r\nConnection: close\r\n\r\n", says.status);
    let mut writer = stream;
    writer.write_all(head.as_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_signature_is_checked_as_the_specification_says() {
        let got = Got {
            path: String::new(),
            id: "msg_p5jXN8AQM9LWM0D4loKWxJek".into(),
            timestamp: "1614265330".into(),
            signatures: "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=".into(),
            body: r#"{"test": 2432232314}"#.into(),
            status: 200,
        };
        assert!(got.is_signed_with("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"));
        assert!(!got.is_signed_with("whsec_AAAA9r8GKYqrTwjUPD8ILPZIo2LaLaSw"));
    }
}
