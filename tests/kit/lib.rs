//! The test kit: workspaces in temporary folders, a clock that stands still
//! until it is told, repeatable randomness, files with planted faults, servers
//! that nobody here wrote.

use cardfile_core::{Core, Environment, Protection, Who};
use cardfile_domain::{
    Clock, Contact, Millis, Part, Sentence,
    automation::Automation,
    consent::Consent,
    id::Entropy,
    part::{
        Activity, Avatar, Conversation, File, Memory, Message, Note, PaymentAccount, Placement, Rating, Secret, Space,
        Task,
    },
    permission::{KnowledgeBase, Rule},
    restriction::Restriction,
    segment::{Recipe, Segment},
};
use cardfile_store::StoredPart;
use sha2::{Digest, Sha256};
use std::{
    fmt::Write as _,
    io::Write as _,
    path::{Path, PathBuf},
    sync::{
        Arc,
        atomic::{AtomicI64, AtomicU64, Ordering},
    },
};
use tempfile::TempDir;

pub mod contract;
pub mod door;
pub mod fake_remote;
pub mod files;
pub mod http;
pub mod keychain;
pub mod peers;
pub mod postgres;
pub mod program;
pub mod receiver;
pub mod server;
pub mod setup;
pub mod vendors;

/// A sentence written out, to stand in what a test expects; it lives as long as the tests.
pub fn english(sentence: &Sentence) -> &'static str {
    sentence.to_string().leak()
}

/// Every file below a folder whose name ends in one of these.
pub fn files_below(dir: &Path, extensions: &[&str]) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(dir).into_iter().flatten() {
        let path = entry.expect("an entry").path();
        if path.is_dir() {
            found.extend(files_below(&path, extensions));
        } else if path.extension().is_some_and(|e| extensions.iter().any(|one| e == *one)) {
            found.push(path);
        }
    }
    found
}

/// A clock that moves one second at every look, from 2026-11-21T09:00:00Z.
pub struct TestClock(AtomicI64);

impl Default for TestClock {
    fn default() -> Self {
        Self(AtomicI64::new(1_795_251_600_000))
    }
}

impl TestClock {
    /// Lets so many days go by.
    pub fn pass_days(&self, days: i64) {
        self.0.fetch_add(days * Millis::DAY, Ordering::Relaxed);
    }

    /// Lets so many minutes go by.
    pub fn pass_minutes(&self, minutes: i64) {
        self.0.fetch_add(minutes * 60_000, Ordering::Relaxed);
    }
}

impl Clock for TestClock {
    fn now(&self) -> Millis {
        Millis(self.0.fetch_add(1000, Ordering::Relaxed))
    }
}

/// Randomness that is the same in every run.
#[derive(Default)]
pub struct TestEntropy(AtomicU64);

impl Entropy for TestEntropy {
    fn fill(&self, bytes: &mut [u8]) {
        let mut random = cardfile_core::generate::Seeded::new(self.0.fetch_add(1, Ordering::Relaxed));
        for byte in bytes {
            *byte = random.bits() as u8;
        }
    }
}

/// An environment without a keychain.
pub fn environment() -> Environment {
    environment_at(Arc::default())
}

/// The same with other randomness: ids and keys are not those of [`environment`].
pub fn another_environment() -> Environment {
    let environment = environment();
    environment.entropy.fill(&mut [0; 1]);
    environment
}

/// The same with a clock that the test can move.
pub fn environment_at(clock: Arc<TestClock>) -> Environment {
    Environment { clock, entropy: Arc::new(TestEntropy::default()), keystore: None, app: "0.0.0-test" }
}

/// A new workspace in a folder that goes with it.
pub struct Workspace {
    /// The workspace, open.
    pub core: Core,
    /// Its folder.
    pub dir: PathBuf,
    /// Where a test puts its own files.
    pub files: PathBuf,
    /// Its clock.
    pub clock: Arc<TestClock>,
    _temp: TempDir,
}

impl Default for Workspace {
    fn default() -> Self {
        let temp = tempfile::tempdir().expect("a temporary folder");
        let (dir, files) = (temp.path().join("workspace"), temp.path().join("files"));
        std::fs::create_dir(&files).expect("a temporary folder");
        let clock = Arc::<TestClock>::default();
        let (core, _) =
            Core::create(&dir, &Protection::None, environment_at(Arc::clone(&clock))).expect("a new workspace");
        Self { core, dir, files, clock, _temp: temp }
    }
}

impl Workspace {
    /// Writes a file for the test.
    pub fn file(&self, name: &str, bytes: impl AsRef<[u8]>) -> PathBuf {
        let path = self.files.join(name);
        std::fs::write(&path, bytes).expect("a temporary file");
        path
    }

    /// Contacts outside the bin.
    pub fn count(&self) -> u32 {
        let (all, binned) = self.core.store().read(|r| r.contacts().count()).expect("readable");
        all - binned
    }

    /// All contacts in the order they were made.
    pub fn contacts(&self) -> Vec<Contact> {
        let mut all = Vec::new();
        let scanned = self.core.store().read(|r| {
            r.contacts().scan(|stored| {
                all.push(stored.contact);
                true
            })
        });
        scanned.expect("readable");
        all
    }

    /// A hash of everything the user has: contacts with all their parts, tags,
    /// definitions of fields. The history is left out.
    pub fn hash(&self) -> String {
        hash_of(&self.core)
    }
}

/// See [`Workspace::hash`].
pub fn hash_of(core: &Core) -> String {
    let mut hash = Sha256::new();
    core.store()
        .read(|r| {
            let mut rows = Vec::new();
            r.contacts().scan(|stored| {
                rows.push(i64::from(stored.row));
                hash.update(stored.row.to_le_bytes());
                hash.update(serde_json::to_vec(&stored.contact).expect("json"));
                true
            })?;
            for row in rows {
                hash.update(json(&r.parts().of::<Note>(row)?));
                hash.update(json(&r.parts().of::<Task>(row)?));
                hash.update(json(&r.parts().of::<Memory>(row)?));
                hash.update(json(&r.parts().of::<Rating>(row)?));
                hash.update(json(&r.parts().of::<Activity>(row)?));
                hash.update(json(&r.parts().of::<PaymentAccount>(row)?));
                hash.update(json(&r.parts().of::<Avatar>(row)?));
                hash.update(json(&r.parts().of::<Placement>(row)?));
                hash.update(json(&r.parts().of::<Secret>(row)?));
                hash.update(json(&r.parts().of::<Rule>(row)?));
                hash.update(json(&r.parts().of::<Consent>(row)?));
                hash.update(json(&r.parts().of::<Restriction>(row)?));
                for conversation in r.parts().of::<Conversation>(row)? {
                    hash.update(json(std::slice::from_ref(&conversation)));
                    hash.update(json(&r.parts().of::<Message>(conversation.row)?));
                }
            }
            for conversation in r.parts().conversations_waiting(u32::MAX)? {
                hash.update(json(std::slice::from_ref(&conversation)));
                hash.update(json(&r.parts().of::<Message>(conversation.row)?));
            }
            for space in r.parts().of_nobody::<Space>()? {
                hash.update(json(std::slice::from_ref(&space)));
                hash.update(json(&r.parts().of::<File>(space.row)?));
            }
            hash.update(json(&r.parts().of_nobody::<KnowledgeBase>()?));
            hash.update(json(&r.parts().of_nobody::<Rule>()?));
            hash.update(json(&r.parts().of_nobody::<Segment>()?));
            hash.update(json(&r.parts().of_nobody::<Recipe>()?));
            hash.update(json(&r.parts().of_nobody::<Automation>()?));
            for (_, name) in r.tags().all()? {
                hash.update(format!("{name}\n"));
            }
            for field in r.custom_fields().all()? {
                hash.update(serde_json::to_vec(&field).expect("json"));
            }
            Ok(())
        })
        .expect("readable");
    hash.finalize().iter().fold(String::new(), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}

fn json<T: Part>(parts: &[StoredPart<T>]) -> Vec<u8> {
    let values: Vec<&T> = parts.iter().map(|part| &part.value).collect();
    serde_json::to_vec(&values).expect("json")
}

/// The person who does everything in tests.
pub fn who() -> Who {
    Who { actor: "tester".into(), origin: "test".into() }
}

/// A folder of files from outside, which the project does not hold. Without
/// them one line says what was not run.
pub fn more_data(folder: &str, what: &str) -> Option<PathBuf> {
    let path = std::env::var_os("CARDFILE_EXTRA_DATA").map(|root| PathBuf::from(root).join(folder));
    let found = path.filter(|path| path.is_dir());
    if found.is_none() {
        // Beside the captured output of a test, so that it is seen.
        let _ = writeln!(std::io::stderr(), "not run without CARDFILE_EXTRA_DATA/{folder}: {what}");
    }
    found
}

/// The project's folder.
pub fn project() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("tests/ lies in the project")
}
