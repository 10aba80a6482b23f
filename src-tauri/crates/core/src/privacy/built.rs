//! An answer that was built, and where that is written down.

use super::{draft, gather::Gathered};
use crate::{
    core::{Core, Who},
    error::Error,
};
use cardfile_store::{ExportEntry, Members, OpKind};
use serde::{Deserialize, Serialize};
use serde_json::json;
use std::path::PathBuf;

/// What the export log calls it.
pub(super) const FORMAT: &str = "dsar";

/// What was built.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Built {
    /// The file.
    pub file: PathBuf,
    /// What it is called.
    pub reference: String,
    /// How long it is.
    pub bytes: u64,
    /// Its SHA-256.
    pub sha256: String,
    /// How many files are in it.
    pub files: u32,
    /// Rows of the person that it shows, and those that it does not.
    pub rows: (u64, u64),
    /// Places where somebody else was left out.
    pub masked: u64,
    /// Third persons of whom nobody decided anything; they are masked.
    pub undecided: u32,
    /// The public key it is signed with, and its fingerprint for the letter.
    pub key: (String, String),
    /// Nobody has written yet what the law asks to be told; general words stand there.
    pub is_unreviewed: bool,
    /// Only whoever has the key can open it.
    pub is_encrypted: bool,
}

/// How an answer stands in the export log: under its reference and without a name.
pub(super) fn entry(core: &Core, built: &Built, held: &Gathered, who: &Who) -> ExportEntry {
    let path = std::path::absolute(&built.file).unwrap_or_else(|_| built.file.clone());
    ExportEntry {
        at: core.store().environment().clock.now(),
        actor: who.actor.clone(),
        origin: who.origin.clone(),
        file: path.display().to_string(),
        format: FORMAT.to_owned(),
        what: built.reference.clone(),
        columns: String::new(),
        contacts: held.cards.len() as u64,
        bytes: built.bytes,
        sha256: built.sha256.clone(),
        expires_at: None,
        deleted_at: None,
        members: Members::These(held.subject.cards.clone()),
    }
}

/// That an answer left, under this number of the export log, stands in the audit log; and with the
/// request that it answers, as long as that is open.
pub(super) fn keep(core: &Core, built: &Built, number: i64, who: &Who) -> Result<(), Error> {
    let facts = json!({ "files": built.files, "shown": built.rows.0, "withheld": built.rows.1,
        "masked": built.masked, "undecided": built.undecided, "encrypted": built.is_encrypted, "sha256": built.sha256 });
    core.store().write(who.op(OpKind::FieldChange, ""), |tx| {
        tx.settle_export(number)?;
        // Any other reference is somebody's words.
        let asked = tx.read().requests().get(&built.reference)?;
        // What was answered is answered: a file that is built later is not what the person got.
        if let Some(request) = asked.as_ref().filter(|one| one.right.is_answered() && !one.state.is_closed()) {
            tx.put_outcome(&request.id, &built.sha256)?;
            draft::note(tx, &request.id, built)?;
        }
        Ok::<_, Error>(tx.audit("dsar_built", asked.map(|request| request.id).as_deref(), &facts)?)
    })?;
    Ok(())
}
