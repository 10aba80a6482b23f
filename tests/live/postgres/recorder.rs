//! Stands between the product and a database, passes every byte on and keeps it. It reads no
//! protocol: what is encrypted it keeps as it came. On this computer nothing is, because the
//! connector encrypts only what leaves it.

use std::{
    io::{self, Read as _, Write as _},
    net::{Shutdown, SocketAddr, TcpListener, TcpStream},
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
    thread,
};

/// What went over one connection: up to the server, and down from it.
type Conversation = [Vec<u8>; 2];

const UP: usize = 0;
const DOWN: usize = 1;

/// It ends with its last user.
pub(super) struct Recorder {
    address: SocketAddr,
    shared: Arc<Shared>,
}

struct Shared {
    server: SocketAddr,
    conversations: Mutex<Vec<Conversation>>,
    has_ended: AtomicBool,
}

impl Recorder {
    /// Before the server at this port.
    pub(super) fn before(port: u16) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let address = listener.local_addr().expect("a port");
        let shared = Arc::new(Shared {
            server: SocketAddr::from(([127, 0, 0, 1], port)),
            conversations: Mutex::default(),
            has_ended: AtomicBool::new(false),
        });
        let ours = Arc::clone(&shared);
        thread::spawn(move || {
            for client in listener.incoming().map_while(Result::ok) {
                if ours.has_ended.load(Ordering::SeqCst) {
                    return;
                }
                // A connection that breaks is the matter of those at its ends.
                let _ = ours.begin(client);
            }
        });
        Self { address, shared }
    }

    pub(super) fn port(&self) -> u16 {
        self.address.port()
    }

    /// All that was sent so far.
    pub(super) fn sent(&self) -> Vec<u8> {
        self.shared.all(UP)
    }

    /// All that the server answered so far.
    pub(super) fn answered(&self) -> Vec<u8> {
        self.shared.all(DOWN)
    }
}

impl Drop for Recorder {
    fn drop(&mut self) {
        self.shared.has_ended.store(true, Ordering::SeqCst);
        // The listener looks up.
        let _ = TcpStream::connect(self.address);
    }
}

impl Shared {
    fn conversations(&self) -> MutexGuard<'_, Vec<Conversation>> {
        self.conversations.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// One connection after the other, so that nothing is torn apart by another one.
    fn all(&self, way: usize) -> Vec<u8> {
        self.conversations().iter().flat_map(|one| &one[way]).copied().collect()
    }

    fn begin(self: &Arc<Self>, client: TcpStream) -> io::Result<()> {
        let server = TcpStream::connect(self.server)?;
        for stream in [&client, &server] {
            stream.set_nodelay(true)?;
        }
        let number = {
            let mut conversations = self.conversations();
            conversations.push(Conversation::default());
            conversations.len() - 1
        };
        let up = (client.try_clone()?, server.try_clone()?, UP);
        for (from, to, way) in [up, (server, client, DOWN)] {
            let shared = Arc::clone(self);
            thread::spawn(move || shared.carry(number, way, from, to));
        }
        Ok(())
    }

    /// What is passed on is kept before, so that whoever hears an answer finds the question.
    fn carry(&self, number: usize, way: usize, mut from: TcpStream, mut to: TcpStream) {
        let mut part = [0; 16 << 10];
        while let Ok(length @ 1..) = from.read(&mut part) {
            self.conversations()[number][way].extend_from_slice(&part[..length]);
            if to.write_all(&part[..length]).is_err() {
                break;
            }
        }
        let _ = to.shutdown(Shutdown::Write);
    }
}
