//! What an open window does by itself, each on a thread of its own, because others may take
//! their time: webhooks are told, the drop folder is looked at, and hints are heard.

use super::{
    deliver,
    hints::{self, Judge},
};
use crate::{
    core::Core,
    drop_folder,
    session::{Event, Tag},
    sync::schedule::{self, WhileOpen},
};
use cardfile_connectors::webhook::Door;
use std::{
    sync::{
        Arc, Weak,
        mpsc::{self, Receiver, Sender},
    },
    thread,
    time::Duration,
};

/// Between two looks at what is to be told.
const LOOK: Duration = Duration::from_secs(1);
/// Looks between two looks at the drop folder: a file that did not change meanwhile is whole.
const FOLDER: u64 = 3;

/// Tells the window.
type Tells = Arc<dyn Fn(Event) + Send + Sync>;

/// Begins all of it; it ends with the workspace.
pub(crate) fn begin(core: &Arc<Core>, tell: &Tells) {
    let (own, told) = (Arc::downgrade(core), Arc::clone(tell));
    thread::spawn(move || work(&own, &told));
    let (say, heard) = mpsc::channel();
    let own = Arc::downgrade(core);
    thread::spawn(move || attend(&own, &say));
    let (own, told) = (Arc::downgrade(core), Arc::clone(tell));
    thread::spawn(move || follow(&own, &heard, &told));
}

fn work(core: &Weak<Core>, tell: &Tells) {
    let mut folder = drop_folder::Watch::default();
    let mut looks = 0_u64;
    loop {
        thread::sleep(LOOK);
        let Some(core) = core.upgrade() else { return };
        // A fault shows in the log of the webhook, or when it is asked for.
        if deliver(&core, &WhileOpen(&core)).is_ok_and(|made| made > 0) {
            tell(Event::Stale { tags: vec![Tag::Webhooks] });
        }
        looks += 1;
        if !looks.is_multiple_of(FOLDER) {
            continue;
        }
        if folder.look(&core, &WhileOpen(&core)).is_ok_and(|taken| !taken.is_empty()) {
            let tags = vec![Tag::Webhooks, Tag::Parts, Tag::Contacts, Tag::Facets, Tag::History, Tag::Workspace];
            tell(Event::Stale { tags });
        }
    }
}

/// Opens the door while somebody may knock.
fn attend(core: &Weak<Core>, say: &Sender<String>) {
    let mut judge = Judge::default();
    let mut door: Option<(u16, Door)> = None;
    loop {
        let Some(hints) = core.upgrade().map(|core| hints::get(&core).unwrap_or_default()) else { return };
        if hints.remotes.is_empty() {
            door = None;
        } else if door.as_ref().is_none_or(|(port, _)| *port != hints.port) {
            door = Door::open(hints.port).ok().map(|door| (hints.port, door));
        }
        let Some((_, open)) = &door else {
            thread::sleep(LOOK);
            continue;
        };
        let attended = open.attend(LOOK, &mut |asked| {
            let Some(core) = core.upgrade() else { return 404 };
            let (status, remote) = judge.judge(&core, asked);
            if let Some(remote) = remote {
                // Nobody hears it only when the workspace is closed.
                let _ = say.send(remote);
            }
            status
        });
        if attended.is_err() {
            door = None;
        }
    }
}

/// Looks at a connection of which a hint came. Those that come meanwhile are one.
fn follow(core: &Weak<Core>, heard: &Receiver<String>, tell: &Tells) {
    while let Ok(remote) = heard.recv() {
        let mut remotes: Vec<String> = std::iter::once(remote).chain(heard.try_iter()).collect();
        remotes.sort();
        remotes.dedup();
        for remote in remotes {
            let Some(core) = core.upgrade() else { return };
            if schedule::hinted(&core, &remote).is_some() {
                let tags = vec![Tag::Remotes, Tag::Contacts, Tag::Facets, Tag::History, Tag::Workspace];
                tell(Event::Stale { tags });
            }
        }
    }
}
