//! The life of the door. One program at a time has it; it listens on the loopback address alone,
//! says where it is in a file that only its owner reads, and goes when it is told to.

mod chores;
mod guests;
mod line;
mod request;

use crate::{asked::Shared, door::Door};
use cardfile_core::{Code, Core, Error, Lock, domain::Sentence};
use guests::Guests;
use serde_json::json;
use std::{
    fs,
    io::{self, ErrorKind},
    net::{Ipv4Addr, Ipv6Addr, SocketAddr, TcpListener},
    path::PathBuf,
    pin::Pin,
    process,
    sync::Arc,
    thread::{self, JoinHandle},
    time::Duration,
};
use tokio::{
    runtime::{Builder, Runtime},
    sync::{oneshot, watch},
    time::timeout,
};

/// Where the door is to be, and for whom.
#[derive(Debug, Clone, Default)]
pub struct Settings {
    /// Its port; 0 for any that is free.
    pub port: u16,
    /// Origins that the owner lets in besides programs, as they say it: `https://shop.example`.
    pub origins: Vec<String>,
}

/// Where the door is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Place {
    /// Its address on this computer.
    pub address: SocketAddr,
    /// The process that has it.
    pub pid: u32,
}

/// The file in the workspace that says where the door is.
const WORD: &str = "door.json";
/// Requests that are worked on at once; the others wait.
const HANDS: usize = 8;
/// How long requests may go on when the door is told to go.
const GRACE: Duration = Duration::from_secs(2);
/// Ports that are tried where any will do.
const TRIES: u32 = 20;

/// An open door of this process; it goes when this does.
#[derive(Debug)]
pub struct Server {
    place: Place,
    stop: Option<oneshot::Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

impl Server {
    /// Opens the door of a workspace.
    pub fn start(core: Arc<Core>, settings: &Settings) -> Result<Self, Error> {
        let open = Open::new(core, settings)?;
        let (place, runtime) = (open.place, runtime()?);
        let (stop, stopped) = oneshot::channel::<()>();
        let live = move || {
            // Who drops the other end stops it as well.
            let told = Box::pin(async move {
                stopped.await.ok();
            });
            runtime.block_on(serve(&open, told));
            runtime.shutdown_timeout(GRACE);
        };
        let thread = thread::Builder::new().name("door".into()).spawn(live).map_err(|error| broken(&error))?;
        Ok(Self { place, stop: Some(stop), thread: Some(thread) })
    }

    /// Where it is.
    pub fn place(&self) -> Place {
        self.place
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        drop(self.stop.take());
        if let Some(thread) = self.thread.take() {
            thread.join().ok();
        }
    }
}

/// Opens the door of a workspace, calls `opened`, and stays until this process is told to end.
pub fn run(core: Arc<Core>, settings: &Settings, opened: impl FnOnce(Place)) -> Result<(), Error> {
    let open = Open::new(core, settings)?;
    let runtime = runtime()?;
    runtime.block_on(async {
        // Before anybody knows that it is open: who is told may stop it at once.
        let told = told_to_end().map_err(|error| broken(&error))?;
        opened(open.place);
        serve(&open, told).await;
        Ok::<_, Error>(())
    })?;
    runtime.shutdown_timeout(GRACE);
    Ok(())
}

type Told = Pin<Box<dyn Future<Output = ()> + Send>>;

#[cfg(unix)]
fn told_to_end() -> io::Result<Told> {
    use futures_util::future::select;
    use tokio::signal::unix::{SignalKind, signal};
    let (mut end, mut break_off) = (signal(SignalKind::terminate())?, signal(SignalKind::interrupt())?);
    Ok(Box::pin(async move {
        let _ended = select(Box::pin(end.recv()), Box::pin(break_off.recv())).await;
    }))
}

#[cfg(not(unix))]
fn told_to_end() -> io::Result<Told> {
    Ok(Box::pin(async {
        tokio::signal::ctrl_c().await.ok();
    }))
}

fn runtime() -> Result<Runtime, Error> {
    let mut builder = Builder::new_current_thread();
    builder.enable_all().max_blocking_threads(HANDS).build().map_err(|error| broken(&error))
}

/// A door that is open and lets nobody in yet.
struct Open {
    // What is dropped first: the word of a door that is gone leads nobody astray.
    _word: Word,
    listeners: Vec<TcpListener>,
    place: Place,
    shared: Arc<Shared>,
    _lock: Lock,
}

/// The word of where the door is; it goes with it.
struct Word(PathBuf);

impl Drop for Word {
    fn drop(&mut self) {
        fs::remove_file(&self.0).ok();
    }
}

impl Open {
    fn new(core: Arc<Core>, settings: &Settings) -> Result<Self, Error> {
        settings.origins.iter().try_for_each(|origin| check_origin(origin))?;
        let lock = core.store().lock_door()?;
        let lock = lock.ok_or_else(|| {
            Error::new(Code::InUse, Sentence::verbatim("another program has opened the door of this workspace"))
                .hint(Sentence::verbatim(format!("{WORD} in the folder of the workspace says where it is.")))
        })?;
        let listeners = listen(settings.port)?;
        let first = listeners.first().map(TcpListener::local_addr);
        let address = first.unwrap_or_else(|| Err(ErrorKind::NotConnected.into())).map_err(|error| broken(&error))?;
        let place = Place { address, pid: process::id() };
        let said = json!({ "address": address.to_string(), "pid": place.pid }).to_string();
        let word = Word(core.store().leave_word(WORD, &said)?);
        let door = Door { port: address.port(), origins: settings.origins.clone() };
        let shared = Arc::new(Shared {
            core,
            door,
            rates: Default::default(),
            lists: Default::default(),
            jobs: Default::default(),
            repeats: Default::default(),
            seen: Default::default(),
            bodies: Default::default(),
        });
        Ok(Self { _word: word, listeners, place, shared, _lock: lock })
    }
}

/// An origin is a scheme, a host and perhaps a port, as a browser writes it.
fn check_origin(origin: &str) -> Result<(), Error> {
    let is_sign = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || b"-.:[]".contains(&byte);
    let is_word = |text: &str| !text.is_empty() && text.bytes().all(is_sign);
    if origin.split_once("://").is_some_and(|(scheme, host)| is_word(scheme) && is_word(host)) {
        return Ok(());
    }
    let said = format!("{origin} is no origin: write it like https://shop.example, in small letters");
    Err(Error::bad_request(Sentence::verbatim(said)))
}

/// Both loopback addresses under one port: a name of this computer leads to either, and behind
/// the other one nobody else may answer in our place.
fn listen(port: u16) -> Result<Vec<TcpListener>, Error> {
    for _ in 0..TRIES {
        let first = TcpListener::bind((Ipv4Addr::LOCALHOST, port)).map_err(|error| taken(port, &error))?;
        let own = first.local_addr().map_err(|error| broken(&error))?.port();
        match TcpListener::bind((Ipv6Addr::LOCALHOST, own)) {
            Ok(second) => return Ok(vec![first, second]),
            Err(error) if error.kind() == ErrorKind::AddrInUse && port == 0 => {}
            Err(error) if error.kind() == ErrorKind::AddrInUse => return Err(taken(own, &error)),
            // This computer has no such address.
            Err(_) => return Ok(vec![first]),
        }
    }
    Err(taken(port, &ErrorKind::AddrInUse.into()))
}

fn taken(port: u16, error: &io::Error) -> Error {
    let code = match error.kind() {
        ErrorKind::AddrInUse => Code::InUse,
        ErrorKind::PermissionDenied => Code::Refused,
        _ => Code::Internal,
    };
    Error::new(code, Sentence::verbatim(format!("port {port} of this computer cannot be had: {error}")))
}

fn broken(error: &io::Error) -> Error {
    Error::new(Code::Internal, Sentence::verbatim(format!("the door does not open: {error}")))
}

/// Lets guests in until it is told to end.
async fn serve(open: &Open, told: Told) {
    let guests = Arc::new(Guests::default());
    let (tell, telling) = watch::channel(false);
    let doors: Vec<_> = open
        .listeners
        .iter()
        .filter_map(|listener| listener.try_clone().ok())
        .map(|listener| {
            let (guests, shared, telling) = (Arc::clone(&guests), Arc::clone(&open.shared), telling.clone());
            tokio::spawn(guests::let_in(listener, guests, shared, telling))
        })
        .collect();
    drop(telling);
    let chores = chores::begin(&open.shared);
    told.await;
    doors.iter().for_each(tokio::task::JoinHandle::abort);
    open.shared.jobs.stop_all();
    drop(chores);
    tell.send_replace(true);
    // Each guest has an end of it and drops it when it goes.
    timeout(GRACE, tell.closed()).await.ok();
    chores::keep_seen(&open.shared);
}

#[cfg(test)]
mod tests {
    use super::*;
    use rstest::rstest;

    #[rstest]
    #[case("https://shop.example", true)]
    #[case("http://localhost:5173", true)]
    #[case("tauri://localhost", true)]
    #[case("http://[::1]:8080", true)]
    #[case("null", false)]
    #[case("*", false)]
    #[case("https://", false)]
    #[case("https://shop.example/", false)]
    #[case("https://Shop.example", false)]
    #[case("https://*.example", false)]
    fn an_origin_is_written_as_a_browser_writes_it(#[case] origin: &str, #[case] is_one: bool) {
        assert_eq!(check_origin(origin).is_ok(), is_one, "{origin}");
    }

    #[test]
    fn both_addresses_of_this_computer_have_one_port_and_a_taken_one_is_told() {
        let listeners = listen(0).expect("a port");
        let ports: Vec<u16> =
            listeners.iter().map(|listener| listener.local_addr().expect("an address").port()).collect();
        assert!(ports.iter().all(|port| *port == ports[0]));
        assert!(listeners.iter().all(|listener| listener.local_addr().expect("an address").ip().is_loopback()));
        assert_eq!(listen(ports[0]).expect_err("taken").code, Code::InUse);
    }
}
