//! What an officer has chosen for a request and not used yet: which cards are meant, who else may
//! stand in the answer, what is given out beside. Kept with the request, so that whoever closes
//! the window goes on where they were; it goes with the request when the person is erased, and
//! whoever else is erased goes out of it.

use super::built::Built;
use crate::{
    core::{Core, Who},
    error::{Code, Error},
};
use cardfile_domain::say;
use cardfile_store::{OpKind, Tx};
use serde::{Deserialize, Serialize};
use std::path::PathBuf;

/// What was chosen.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Draft {
    /// Ids of the cards; nothing as long as those hold that are the person's for certain.
    pub cards: Option<Vec<String>>,
    /// Keys of third persons who may stand in the answer.
    pub keep: Vec<String>,
    /// Keys of third persons who are left out.
    pub mask: Vec<String>,
    /// Ids of internal notes that are given out.
    pub internal_notes: Vec<String>,
    /// Ids of files on other cards too that are given out.
    pub shared_files: Vec<String>,
    /// Names of the team stay.
    pub staff_names: bool,
    /// The answer that was built last. Only who builds one writes it.
    pub built: Option<Built>,
}

/// What was chosen for a request; nothing of one for which nobody chose.
pub fn get(core: &Core, request: &str) -> Result<Draft, Error> {
    Ok(read(core.store().read(|r| r.requests().draft(request))?))
}

fn read(kept: Option<String>) -> Draft {
    kept.and_then(|json| serde_json::from_str(&json).ok()).unwrap_or_default()
}

/// Keeps what was chosen. It is no step of the request, and leaves no entry anywhere.
pub fn put(core: &Core, request: &str, draft: &Draft, who: &Who) -> Result<(), Error> {
    core.store().write(who.op(OpKind::Privacy, ""), |tx| {
        let kept = tx.read().requests().get(request)?;
        let kept = kept.ok_or_else(|| Error::not_found(say!("the request {id}", id = request)))?;
        // What is written late must not bring back what an erasure took away.
        if kept.subject.is_empty() {
            return Err(Error::new(Code::Refused, say!("the person of this request was erased")));
        }
        let mut before = read(tx.read().requests().draft(request)?);
        let built = before.built.take();
        // An answer that was built from something else is not the answer any more.
        let built = built.filter(|_| before == Draft { built: None, ..draft.clone() });
        write(tx, request, &Draft { built, ..draft.clone() })
    })?;
    Ok(())
}

/// That an answer was built from it.
pub(super) fn note(tx: &mut Tx<'_>, request: &str, built: &Built) -> Result<(), Error> {
    let kept = read(tx.read().requests().draft(request)?);
    // A path that is no text is shown as well as it can be.
    let file = PathBuf::from(built.file.display().to_string());
    write(tx, request, &Draft { built: Some(Built { file, ..built.clone() }), ..kept })
}

fn write(tx: &mut Tx<'_>, request: &str, draft: &Draft) -> Result<(), Error> {
    Ok(tx.put_draft(request, &serde_json::to_string(draft).unwrap_or_default())?)
}
