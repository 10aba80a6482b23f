//! What the product does, each in a process of its own: a connection is made, contacts are
//! edited, and a run brings both sides into step. Only the run is measured.

use super::people::{self, Edit};
use crate::{floor::workspace, process::peak_mib};
use cardfile_core::{
    Error, SecretText, Who, contact,
    progress::Unwatched,
    sync::{
        remotes::{self, NewRemote, Settings},
        running,
    },
};
use cardfile_domain::Millis;
use cardfile_store::{Op, OpKind};
use cardfile_sync::run::End;
use rustix::time::{ClockId, clock_gettime};
use serde_json::{Value, json};
use std::{path::Path, time::Instant};

/// What the connection is called.
pub(super) const NAME: &str = "Bench";

fn who() -> Who {
    Who { actor: "bench".into(), origin: "bench".into() }
}

/// A new workspace, connected: everything may go both ways.
pub(super) fn connect(dir: &Path, kind: &str, url: &str, user: &str, password: &str) -> Value {
    let core = workspace(dir);
    let new = NewRemote {
        name: NAME.into(),
        kind: kind.into(),
        url: url.into(),
        user: user.into(),
        password: SecretText::new(password.into()),
        // The only one there is.
        place: String::new(),
    };
    remotes::add(&core, new, &who()).expect("the server is there");
    let open = |settings: &mut Settings| {
        settings.mapping.0.values_mut().for_each(|rule| rule.approved = true);
        settings.enabled_at = Some(Millis(1));
    };
    remotes::set(&core, NAME, &who(), open).expect("it is kept");
    json!({})
}

/// So many people are here already.
pub(super) fn fill(dir: &Path, count: usize) -> Value {
    let core = workspace(dir);
    let op = Op { kind: OpKind::Import, subject: "people".into(), actor: "bench".into(), origin: "bench".into() };
    let written = core.store().write(op, |tx| {
        for number in 0..count {
            tx.insert(people::contact(number))?;
        }
        Ok::<_, Error>(())
    });
    written.expect("they are kept");
    json!({})
}

/// A person edits some of them.
pub(super) fn edit(dir: &Path, edit: &Edit) -> Value {
    let core = workspace(dir);
    for number in edit.numbers() {
        let id = contact::find(&core, &people::email(number)).expect("they are there").contact.id;
        let title = edit.title.as_str().into();
        let (is_changed, _) = contact::edit(&core, &id, "job_title", title, &who()).expect("edited");
        assert!(is_changed, "an edit changes something");
    }
    json!({})
}

/// A run, from the connection that is opened for it to the row in its history.
pub(super) fn run(dir: &Path) -> Value {
    let core = workspace(dir);
    let (started, used) = (Instant::now(), cpu_ms());
    let report = running::run(&core, NAME, false, &who(), &Unwatched).expect("a run");
    let (engine_ms, wall_ms) = (cpu_ms() - used, started.elapsed().as_secs_f64() * 1e3);
    let peak_mib = peak_mib();
    assert_eq!(report.end, End::Done, "{report:?}");
    let counts = &report.counts;
    json!({
        "engine_ms": engine_ms,
        "wall_ms": wall_ms,
        "peak_mib": peak_mib,
        "requests": counts.requests,
        "bytes": counts.bytes_up + counts.bytes_down,
        "created": counts.created,
        "pulled": counts.pulled,
        "pushed": counts.pushed,
        "cursor": remotes::find(&core, NAME).expect("it is there").kept.cursor,
    })
}

/// CPU that this process used so far, with all of its threads, in milliseconds.
fn cpu_ms() -> f64 {
    let at = clock_gettime(ClockId::ProcessCPUTime);
    at.tv_sec as f64 * 1e3 + at.tv_nsec as f64 / 1e6
}
