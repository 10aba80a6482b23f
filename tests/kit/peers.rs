//! Radicale and Xandikos, each with one address book in a folder of its own, on a port that
//! was free. They are there when [`Peer::start`] returns and gone when it is dropped.

use crate::{http::Client, project};
use std::{
    net::{SocketAddr, TcpListener, TcpStream},
    path::{Path, PathBuf},
    process::{Child, Command, Output, Stdio},
    sync::atomic::{AtomicU16, Ordering},
    thread::sleep,
    time::Duration,
};
use tempfile::TempDir;

/// Who has the address book.
pub const USER: &str = "ana";
/// With what she signs in.
pub const PASSWORD: &str = "secret";
/// Both, as Basic authentication has them.
pub const ACCOUNT: &str = "YW5hOnNlY3JldA==";

/// Between two looks.
const LOOK: Duration = Duration::from_millis(25);
/// Looks for what takes a server some seconds.
const LOOKS: u32 = 2_400;
/// Ports that are tried: another program may take one first.
pub(crate) const PORTS: u32 = 5;

/// Which server.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// HTTP/1.0; asks for a password; writes cards anew in an order of its own; refuses a
    /// second card with the same UID.
    Radicale,
    /// HTTP/1.1; asks for nothing; keeps every byte, in a git repository; takes a second
    /// card with the same UID.
    Xandikos,
}

impl Kind {
    /// Where its address book is.
    pub fn book(self) -> &'static str {
        match self {
            Self::Radicale => "/ana/people/",
            Self::Xandikos => "/ana/contacts/addressbook/",
        }
    }
}

/// A card with its file name.
pub type Card = (String, String);

/// A server that runs.
pub struct Peer {
    kind: Kind,
    address: SocketAddr,
    child: Child,
    asks_for_password: bool,
    folder: TempDir,
}

impl Peer {
    /// Radicale asks for the password. Xandikos would do so only over TLS, and asks for none.
    pub fn start(kind: Kind, cards: &[Card]) -> Self {
        Self::new(kind, cards, kind == Kind::Radicale)
    }

    /// The same with an address book of any size: its folder is in this one, and it knows all
    /// of its cards before it is asked.
    pub fn start_large(place: &Path, kind: Kind, cards: &[Card]) -> Self {
        let folder = tempfile::tempdir_in(place).expect("a folder");
        fill_collection(folder.path(), kind, cards);
        if kind == Kind::Radicale {
            look_at_all(folder.path(), cards.len());
        }
        Self::serve(kind, kind == Kind::Radicale, folder)
    }

    /// A Radicale that lets everybody in.
    pub fn radicale_without_password(cards: &[Card]) -> Self {
        Self::new(Kind::Radicale, cards, false)
    }

    fn new(kind: Kind, cards: &[Card], asks_for_password: bool) -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        fill_collection(folder.path(), kind, cards);
        Self::serve(kind, asks_for_password, folder)
    }

    fn serve(kind: Kind, asks_for_password: bool, folder: TempDir) -> Self {
        for _ in 0..PORTS {
            let address = free_address();
            let mut child = match kind {
                Kind::Radicale => radicale(folder.path(), address, asks_for_password),
                Kind::Xandikos => xandikos(folder.path(), address),
            };
            if is_there(&mut child, address) {
                return Self { kind, address, child, asks_for_password, folder };
            }
        }
        panic!("{kind:?} does not start: {}", std::fs::read_to_string(folder.path().join("log")).unwrap_or_default());
    }

    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Somebody else with the same account.
    pub fn client(&self) -> Client {
        Client { address: self.address, account: self.asks_for_password.then_some(ACCOUNT) }
    }

    /// Makes the server forget the state that a sync token stands for.
    pub fn forget(&self, token: &str) {
        let collection = collection(self.folder.path(), self.kind);
        match self.kind {
            Kind::Radicale => {
                let tokens = collection.join(".Radicale.cache/sync-token");
                std::fs::remove_dir_all(tokens).expect("tokens");
            }
            Kind::Xandikos => {
                // It is the tree of that state in git.
                let (start, rest) = token.split_at(2);
                std::fs::remove_file(collection.join(".git/objects").join(start).join(rest)).expect("a tree");
            }
        }
    }
}

impl Drop for Peer {
    fn drop(&mut self) {
        // It fails only when the server has ended by itself.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn collection(folder: &Path, kind: Kind) -> PathBuf {
    let root = match kind {
        Kind::Radicale => "store/collection-root",
        Kind::Xandikos => "store",
    };
    folder.join(root).join(kind.book().trim_matches('/'))
}

fn fill_collection(folder: &Path, kind: Kind, cards: &[Card]) {
    let collection = collection(folder, kind);
    match kind {
        Kind::Radicale => fill_radicale(&collection, cards),
        Kind::Xandikos => fill_xandikos(&collection, cards),
    }
}

fn fill(collection: &Path, cards: &[Card]) {
    for (name, text) in cards {
        std::fs::write(collection.join(name), text).expect("a card");
    }
}

fn fill_radicale(collection: &Path, cards: &[Card]) {
    std::fs::create_dir_all(collection).expect("a folder");
    let properties = r#"{"tag": "VADDRESSBOOK", "D:displayname": "People"}"#;
    std::fs::write(collection.join(".Radicale.props"), properties).expect("properties");
    fill(collection, cards);
}

/// It reads the index of the repository alone: nothing has to be committed.
fn fill_xandikos(collection: &Path, cards: &[Card]) {
    std::fs::create_dir_all(collection).expect("a folder");
    let git = |words: &[&str]| {
        let child = peer("dulwich").args(words).current_dir(collection).stdout(Stdio::piped()).spawn();
        let output = ended_within(child.expect("dulwich starts"), patience(cards.len()));
        assert!(output.status.success(), "dulwich {words:?}: {}", output.status);
    };
    git(&["init", "."]);
    let config = collection.join(".git/config");
    let mut text = std::fs::read_to_string(&config).expect("a repository");
    text.push_str("[xandikos]\n\ttype = addressbook\n\tdisplayname = People\n");
    std::fs::write(config, text).expect("a repository");
    if !cards.is_empty() {
        fill(collection, cards);
        git(&["add", "."]);
    }
}

fn radicale(folder: &Path, address: SocketAddr, asks_for_password: bool) -> Child {
    let (users, store) = (folder.join("users"), folder.join("store"));
    std::fs::write(&users, format!("{USER}:{PASSWORD}\n")).expect("users");
    let auth = if asks_for_password {
        let users = users.display();
        format!("type = htpasswd\nhtpasswd_filename = {users}\nhtpasswd_encryption = plain\ndelay = 0")
    } else {
        "type = none".to_owned()
    };
    let store = store.display();
    let config = format!("[server]\nhosts = {address}\n[auth]\n{auth}\n[storage]\nfilesystem_folder = {store}\n");
    std::fs::write(folder.join("config"), config).expect("a configuration");
    start(peer("radicale").arg("--config").arg(folder.join("config")), folder)
}

/// Radicale looks at every card before it is started, and keeps what it needs to know of it.
/// Else whoever asks first waits for that.
fn look_at_all(folder: &Path, cards: usize) {
    let config = format!("[storage]\nfilesystem_folder = {}\n", folder.join("store").display());
    std::fs::write(folder.join("config"), config).expect("a configuration");
    let mut command = peer("radicale");
    command.arg("--config").arg(folder.join("config")).arg("--verify-storage");
    let child = command.env("HOME", folder).stdout(Stdio::null()).stderr(Stdio::null()).spawn();
    let output = ended_within(child.expect("Radicale starts"), patience(cards));
    assert!(output.status.success(), "Radicale does not like its cards: {}", output.status);
}

fn xandikos(folder: &Path, address: SocketAddr) -> Child {
    let port = address.port().to_string();
    let mut command = peer("xandikos");
    command.arg("serve").arg("--directory").arg(folder.join("store")).arg("--state-dir").arg(folder.join("state"));
    command.args(["--defaults", "--current-user-principal", "/ana/", "--no-detect-systemd"]);
    command.args(["--listen-address", "127.0.0.1", "--port", &port]);
    start(&mut command, folder)
}

/// Starts a server, and keeps what it says in `log`.
pub(crate) fn start(command: &mut Command, folder: &Path) -> Child {
    let log = std::fs::File::create(folder.join("log")).expect("a log");
    let copy = log.try_clone().expect("a log");
    command.env("HOME", folder).stdin(Stdio::null()).stdout(log).stderr(copy).spawn().expect("the server starts")
}

/// Where a program that has to be told a port can listen. Nobody takes it before the program does: it
/// is below those that Linux gives to whoever asks for any, this process says it once, and another
/// one begins elsewhere.
pub(crate) fn free_address() -> SocketAddr {
    static SAID: AtomicU16 = AtomicU16::new(0);
    let first = 20_000 + std::process::id() % 120 * 100;
    loop {
        let port = first as u16 + SAID.fetch_add(1, Ordering::Relaxed);
        assert!(port < 32_768, "no free port");
        let address = SocketAddr::from(([127, 0, 0, 1], port));
        if TcpListener::bind(address).is_ok() {
            return address;
        }
    }
}

/// Waits until the server takes connections; `false` when it has ended.
pub(crate) fn is_there(child: &mut Child, address: SocketAddr) -> bool {
    for _ in 0..LOOKS {
        if child.try_wait().expect("a process").is_some() {
            return false;
        }
        if TcpStream::connect(address).is_ok() {
            return true;
        }
        sleep(LOOK);
    }
    let _ = child.kill();
    let _ = child.wait();
    false
}

/// One of the programs that `.ci/install peers` brings.
pub fn peer(name: &str) -> Command {
    program_at(&path_of(name))
}

/// Where such a program is.
pub fn path_of(name: &str) -> PathBuf {
    let program = project().join("target/peers/bin").join(name);
    assert!(program.exists(), "{name} is missing: .ci/install peers brings it");
    program
}

/// A program to be started.
pub fn program_at(path: &Path) -> Command {
    #[expect(clippy::disallowed_methods, reason = "live peers are processes")]
    Command::new(path)
}

/// What a program said, once it has ended.
pub fn ended(child: Child) -> Output {
    ended_within(child, LOOKS)
}

/// The same with a limit of its own.
pub fn ended_in(child: Child, limit: Duration) -> Output {
    ended_within(child, u32::try_from(limit.as_millis() / LOOK.as_millis()).unwrap_or(u32::MAX))
}

/// Looks for what takes a moment for each card.
fn patience(cards: usize) -> u32 {
    LOOKS + cards as u32
}

fn ended_within(mut child: Child, looks: u32) -> Output {
    for _ in 0..looks {
        if child.try_wait().expect("a process").is_some() {
            return child.wait_with_output().expect("what it said");
        }
        sleep(LOOK);
    }
    let _ = child.kill();
    panic!("a program did not end in {:?}", LOOK * looks);
}

/// What vdirsyncer is told: the cards of a folder and the address book at `url` are to be the
/// same. It keeps what it knows in the folder.
pub fn second_client_config(folder: &Path, url: &str) -> String {
    let here = folder.display();
    format!(
        r#"[general]
status_path = "{here}/status/"

[pair book]
a = "here"
b = "there"
collections = null

[storage here]
type = "filesystem"
path = "{here}/cards"
fileext = ".vcf"

[storage there]
type = "carddav"
url = "{url}"
username = "{USER}"
password = "{PASSWORD}"
"#
    )
}
