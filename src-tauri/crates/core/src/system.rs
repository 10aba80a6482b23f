//! The real clock, the real randomness, the real keychain.

use cardfile_domain::{Clock, Millis, id::Entropy, time};
use cardfile_store::{Environment, keystore};
use std::{
    path::{Path, PathBuf},
    sync::Arc,
    time::{SystemTime, UNIX_EPOCH},
};

/// The environment of the product; tests make their own.
pub fn environment() -> Environment {
    Environment {
        clock: Arc::new(SystemClock),
        entropy: Arc::new(SystemEntropy),
        keystore: keystore::system().map(Arc::from),
        app: env!("CARGO_PKG_VERSION"),
    }
}

/// The folder of this user's workspaces: the data folder of the system.
pub fn workspaces() -> Option<PathBuf> {
    directories::ProjectDirs::from("", "", "cardfile").map(|dirs| dirs.data_dir().to_owned())
}

/// The workspace when none is named.
pub fn default_workspace() -> PathBuf {
    workspaces().map_or_else(|| PathBuf::from("cardfile"), |dir| dir.join("default"))
}

/// Where files for the person go when nobody chooses: the documents folder, or
/// the home folder.
pub fn documents() -> PathBuf {
    let folders = directories::UserDirs::new();
    let home = || folders.as_ref().map_or_else(PathBuf::new, |user| user.home_dir().to_owned());
    folders.as_ref().and_then(|user| user.document_dir()).map_or_else(home, Path::to_owned)
}

/// The operating system's clock.
pub struct SystemClock;

impl Clock for SystemClock {
    fn now(&self) -> Millis {
        #[expect(clippy::disallowed_methods, reason = "the one place that asks the system for the time")]
        let now = SystemTime::now();
        Millis(now.duration_since(UNIX_EPOCH).map_or(0, |past| past.as_millis() as i64))
    }

    fn on_the_wall(&self, at: Millis) -> Millis {
        time::on_the_wall_here(at)
    }
}

/// The operating system's randomness.
pub struct SystemEntropy;

impl Entropy for SystemEntropy {
    fn fill(&self, bytes: &mut [u8]) {
        #[expect(clippy::disallowed_methods, reason = "the one place that asks the system for randomness")]
        getrandom::fill(bytes).expect("the operating system gives randomness");
    }
}
