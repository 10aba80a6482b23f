//! Hints: an outside system that can reach this computer says that something changed there, and
//! the next run of its connection begins at once. Nothing of what it says is taken: a hint that
//! never comes only makes it later, and a false one makes a run that finds nothing.
//!
//! Off until a person turns it on. Only a hint that is signed (Standard Webhooks) is heard, once.

use super::{renew, secrets};
use crate::{
    core::{Core, Who},
    error::{Code, Error},
    sync::remotes,
};
use cardfile_connectors::webhook::{Asked, Door, is_signed};
use cardfile_domain::{Millis, say};
use cardfile_store::OpKind;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeSet, HashMap};

/// Setting under which it is kept who may give hints.
pub(crate) const SETTING: &str = "hints";
/// Where the door is when nobody chose.
const PORT: u16 = 47_630;
/// Before the id of a connection in the path of its hints.
const PATH: &str = "/hints/";
/// How far the clock of who gives a hint may be from ours, in seconds.
const TOLERANCE: u64 = 5 * 60;
/// So long a hint is known again.
const MEMORY: i64 = Millis::DAY;
/// So many hints are remembered, at most.
const MOST: usize = 10_000;

/// Who may give hints, and where.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Hints {
    /// On this computer.
    pub port: u16,
    /// `rem_…` of connections that may give some.
    pub remotes: BTreeSet<String>,
}

impl Default for Hints {
    fn default() -> Self {
        Self { port: PORT, remotes: BTreeSet::new() }
    }
}

impl Hints {
    /// Where hints about a connection go.
    pub fn url(&self, remote: &str) -> String {
        format!("http://127.0.0.1:{}{PATH}{remote}", self.port)
    }
}

/// Under which id the secret of a connection's hints is kept.
pub(crate) fn secret_of(remote: &str) -> String {
    format!("hnt_{remote}")
}

/// Who may give hints.
pub fn get(core: &Core) -> Result<Hints, Error> {
    let kept = core.setting(SETTING)?.unwrap_or_default();
    let mut hints: Hints = serde_json::from_value(kept).unwrap_or_default();
    let known: BTreeSet<String> = remotes::all(core)?.into_iter().map(|known| known.kept.id).collect();
    hints.remotes.retain(|id| known.contains(id));
    Ok(hints)
}

fn put(core: &Core, hints: &Hints, who: &Who) -> Result<(), Error> {
    core.set_setting(SETTING, &serde_json::to_value(hints).unwrap_or_default(), who)
}

/// Lets a connection give hints. Gives the address and the secret; the secret is shown once,
/// and who asks again gets a new one, beside which the old one counts a day longer.
pub fn turn_on(core: &Core, remote: &str, port: Option<u16>, who: &Who) -> Result<(String, String), Error> {
    let known = remotes::find(core, remote)?;
    let mut hints = get(core)?;
    if hints.remotes.is_empty() || port.is_some_and(|port| port != hints.port) {
        hints.port = port.unwrap_or(hints.port);
        // Whoever waits at a door that cannot be opened waits for ever.
        if let Err(error) = Door::open(hints.port) {
            let (port, why) = (u64::from(hints.port), error.to_string());
            return Err(Error::new(Code::InUse, say!("port {port} cannot be used: {why}", port, why))
                .hint(say!("Choose another number between 1024 and 65535.")));
        }
    }
    hints.remotes.insert(known.kept.id.clone());
    let secret = renew(core, &secret_of(&known.kept.id), who, &known.kept.name)?;
    put(core, &hints, who)?;
    Ok((hints.url(&known.kept.id), secret))
}

/// Hears no hints of a connection any more.
pub fn turn_off(core: &Core, remote: &str, who: &Who) -> Result<(), Error> {
    let known = remotes::find(core, remote)?;
    let mut hints = get(core)?;
    hints.remotes.remove(&known.kept.id);
    put(core, &hints, who)?;
    core.store().write(who.op(OpKind::SyncDecide, known.kept.name.as_str()), |tx| {
        Ok::<_, Error>(tx.destroy_sealed(&secret_of(&known.kept.id))?)
    })?;
    Ok(())
}

/// Says which hints are believed.
#[derive(Default)]
pub struct Judge {
    /// Hints that were heard, and when.
    heard: HashMap<String, Millis>,
}

impl Judge {
    /// The status of the answer, and the connection that is to be looked at.
    pub fn judge(&mut self, core: &Core, asked: &Asked) -> (u16, Option<String>) {
        self.weigh(core, asked).unwrap_or((404, None))
    }

    fn weigh(&mut self, core: &Core, asked: &Asked) -> Result<(u16, Option<String>), Error> {
        let remote = asked.path.strip_prefix(PATH).unwrap_or_default();
        if !get(core)?.remotes.contains(remote) {
            return Ok((404, None));
        }
        let now = core.store().environment().clock.now();
        let secrets = secrets(core, &secret_of(remote), now)?;
        let is_now = now.0.div_euclid(1000).saturating_sub(asked.seconds).unsigned_abs() <= TOLERANCE;
        let is_theirs = is_signed(&secrets, &asked.id, asked.seconds, &asked.body, &asked.signatures);
        if asked.id.is_empty() || !is_now || !is_theirs {
            return Ok((401, None));
        }
        if self.heard.len() >= MOST {
            self.heard.clear();
        }
        self.heard.retain(|_, at| now.0 - at.0 < MEMORY);
        let is_new = self.heard.insert(format!("{remote} {}", asked.id), now).is_none();
        // Whoever says it again is content that it was heard.
        Ok((204, is_new.then(|| remote.to_owned())))
    }
}
