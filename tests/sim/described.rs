//! A remote that a manifest describes: the real interpreter asks, and `line.rs` answers from
//! the state of the same fake remote as everywhere.

use crate::{
    line::Line,
    remote::{Caps as Can, FakeRemote, Way},
    wire::Sender,
};
use cardfile_connectors::{
    Opening,
    manifest::{Manifest, ManifestRemote},
};
use cardfile_domain::Millis;
use cardfile_sync::{
    pair::Key,
    remote::{Answers, Caps, Known, Paged, Remote, Row, Traffic, Write},
    run::Failure,
};
use std::{
    cell::RefCell,
    collections::BTreeMap,
    rc::Rc,
    sync::{Arc, Mutex},
};

/// Of a remote that can do everything.
const WRITTEN: &str = include_str!("described.toml");

/// What else is written of one that cannot do something.
const LACKS: [&[(&str, &str)]; 3] = [
    // It compares no versions, and does not say what it made of a write.
    &[
        ("guard = \"condition\"", "guard = \"read\""),
        ("if_match = true", "if_match = false"),
        ("verify = \"echo\"", "verify = \"read_back\""),
    ],
    // It cannot say what changed or went: each run lists everything.
    &[("mode = \"list_since\"", "mode = \"full_scan\"")],
    // What is read is never from before.
    &[("numbered = true", "numbered = false")],
];

/// Each is read once.
static MANIFESTS: Mutex<BTreeMap<[bool; 3], Arc<Manifest>>> = Mutex::new(BTreeMap::new());

fn manifest(can: Can) -> Arc<Manifest> {
    let compares = matches!(can.way, Way::Described { compares: true });
    let lacks = [!compares, !can.tombstones, !can.numbered];
    let mut all = MANIFESTS.lock().expect("not poisoned");
    Arc::clone(all.entry(lacks).or_insert_with(|| Arc::new(without(lacks))))
}

fn without(lacks: [bool; 3]) -> Manifest {
    let mut text = WRITTEN.to_owned();
    for (lines, _) in LACKS.into_iter().zip(lacks).filter(|(_, lacks)| *lacks) {
        for (can, cannot) in lines {
            assert!(text.contains(can), "{can} is not in described.toml");
            text = text.replace(can, cannot);
        }
    }
    Manifest::parse(&text).expect("described.toml is a manifest")
}

/// One device at one remote, for the length of a run.
pub(crate) struct Described {
    interpreter: ManifestRemote,
    remote: Rc<RefCell<FakeRemote>>,
    sender: Sender,
}

impl Described {
    pub(crate) fn new(line: Line, sender: Sender, now: Millis) -> Self {
        let remote = Rc::clone(&line.remote);
        let can = remote.borrow().caps;
        let opening = Opening {
            fields: BTreeMap::from([("token".to_owned(), "s3".to_owned())]),
            now,
            device: sender.name.clone(),
            stamps: can.stamp,
            ..Opening::default()
        };
        let interpreter = ManifestRemote::read_over(manifest(can), opening, Box::new(line));
        Self { interpreter: interpreter.expect("a manifest that was read can be used"), remote, sender }
    }
}

impl Remote for Described {
    fn caps(&self) -> Caps {
        self.interpreter.caps()
    }

    fn identity(&mut self) -> Result<String, Failure> {
        self.interpreter.identity()
    }

    fn begin(&mut self, cursor: Option<&str>) {
        self.interpreter.begin(cursor);
    }

    fn page(&mut self, known: &Known<'_>) -> Result<Paged, Failure> {
        let paged = self.interpreter.page(known);
        if matches!(&paged, Ok(Paged::Page(page)) if !page.more) {
            self.sender.has_read();
        }
        paged
    }

    fn read(&mut self, keys: &[Key]) -> Result<Vec<Row>, Failure> {
        self.interpreter.read(keys)
    }

    fn find(&mut self, external_ids: &[String]) -> Result<Vec<Option<Key>>, Failure> {
        self.interpreter.find(external_ids)
    }

    fn find_proves(&self) -> bool {
        self.interpreter.find_proves()
    }

    fn write(&mut self, writes: Vec<Write>) -> Answers {
        writes.iter().for_each(|write| self.sender.look_at(&self.remote, write));
        self.interpreter.write(writes)
    }

    fn traffic(&self) -> Traffic {
        self.interpreter.traffic()
    }
}
