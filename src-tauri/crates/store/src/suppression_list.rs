//! The erasures of a workspace in a file beside its database. A backup knows nothing of who
//! was erased after it was made: whoever restores it reads this file, and the people of it
//! are erased again before anybody sees them. It holds keyed hashes and nothing else.

use crate::{
    error::StoreError,
    files,
    keyslots::{DataKey, KeySlots, hex, unhex},
    operation::OpKind,
    store::Store,
    suppression::{Suppressed, Suppressions, Suppressor, WrappedKey},
    write::Op,
};
use cardfile_domain::{Millis, id::Entropy, say};
use rusqlite::Connection;
use serde::{Deserialize, Serialize};
use std::path::Path;

const FORMAT: &str = "cardfile-erasures/1";
/// The file's name beside the database.
pub(crate) const FILE: &str = "erasures.json";

/// The content of the file.
#[derive(Clone, Serialize, Deserialize)]
pub struct SuppressionList {
    format: String,
    /// Id of the workspace, `wsp_…`.
    pub workspace: String,
    key: WrappedKey,
    entries: Vec<Entry>,
}

#[derive(Clone, Serialize, Deserialize)]
struct Entry {
    tag: String,
    kind: String,
    erasure: String,
    at: i64,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    lifted_at: Option<i64>,
}

impl SuppressionList {
    /// Reads the list of the workspace in a folder; nothing where nobody was erased, or where
    /// there is no workspace.
    pub fn read(dir: &Path) -> Result<Option<Self>, StoreError> {
        let path = dir.join(FILE);
        let text = match std::fs::read_to_string(&path) {
            Ok(text) => text,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(StoreError::io(path.display().to_string())(error)),
        };
        let list: Self = serde_json::from_str(&text).map_err(|_| unreadable())?;
        if list.format == FORMAT { Ok(Some(list)) } else { Err(unreadable()) }
    }

    /// Writes the list of a workspace into another folder, for the day when the workspace
    /// has another key. Nothing happens where nobody was erased.
    pub(crate) fn rewrap(
        dir: &Path,
        to: &Path,
        old: &DataKey,
        new: &DataKey,
        entropy: &dyn Entropy,
    ) -> Result<(), StoreError> {
        let Some(mut list) = Self::read(dir)? else { return Ok(()) };
        list.key = WrappedKey::seal(&list.workspace, new, &list.key.open(&list.workspace, old)?, entropy)?;
        let text = serde_json::to_string_pretty(&list).unwrap_or_default();
        files::put(&to.join(FILE), text.as_bytes())
    }

    /// How many entries it has.
    pub fn len(&self) -> usize {
        self.entries.len()
    }

    /// Whether nobody is on it.
    pub fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }
}

fn unreadable() -> StoreError {
    StoreError::Damaged(say!("the list of erasures cannot be read"))
}

impl Store {
    /// Writes the list of this workspace beside its database.
    pub fn write_suppression_list(&self) -> Result<(), StoreError> {
        if self.is_memory() {
            return Ok(());
        }
        let all = self.read(|r| r.suppressions().all())?;
        let (workspace, key) = {
            let slots = self.slots();
            (slots.workspace.clone(), slots.suppression.clone())
        };
        let entry = |one: Suppressed| Entry {
            tag: hex(&one.tag),
            kind: one.kind,
            erasure: one.erasure,
            at: one.at.0,
            lifted_at: one.lifted_at.map(|at| at.0),
        };
        let entries = all.into_iter().map(entry).collect();
        let list = SuppressionList { format: FORMAT.into(), workspace, key: key.ok_or_else(unreadable)?, entries };
        let text = serde_json::to_string_pretty(&list).unwrap_or_default();
        files::put(&self.dir().join(FILE), text.as_bytes())
    }

    /// Takes over what another copy of this workspace knows of erasures; how many entries
    /// that is. The list of another workspace is none of ours.
    pub fn adopt(&self, list: &SuppressionList) -> Result<u32, StoreError> {
        self.adopt_with(list, self.key())
    }

    /// The same from a copy that has another key by now.
    pub(crate) fn adopt_with(&self, list: &SuppressionList, key: &DataKey) -> Result<u32, StoreError> {
        if list.workspace != self.slots().workspace {
            return Ok(0);
        }
        let theirs = list.key.open(&list.workspace, key)?;
        let entry = |entry: &Entry| -> Result<Suppressed, StoreError> {
            Ok(Suppressed {
                tag: *unhex::<32>(&entry.tag).ok_or_else(unreadable)?,
                kind: entry.kind.clone(),
                erasure: entry.erasure.clone(),
                at: Millis(entry.at),
                lifted_at: entry.lifted_at.map(Millis),
                returns: 0,
                returned_at: None,
                returned_by: None,
            })
        };
        let entries: Vec<Suppressed> = list.entries.iter().map(entry).collect::<Result<_, _>>()?;
        self.take_over(theirs, &entries)
    }

    /// The same from the database of a copy: it knows more than the list beside it when the
    /// program ended right after an erasure.
    pub(crate) fn adopt_from(&self, from: &Connection, slots: &KeySlots, key: &DataKey) -> Result<u32, StoreError> {
        let entries = Suppressions(from).all()?;
        if entries.is_empty() {
            return Ok(0);
        }
        slots.suppressor(key)?.map_or(Ok(0), |theirs| self.take_over(theirs, &entries))
    }

    fn take_over(&self, theirs: Suppressor, entries: &[Suppressed]) -> Result<u32, StoreError> {
        if !theirs.is(&self.suppressor()) {
            // From before this copy had a key of its own for the list.
            if !self.read(|r| r.suppressions().all())?.is_empty() {
                return Err(StoreError::Damaged(say!("two lists of erasures have two keys")));
            }
            self.keep_suppressor(theirs)?;
        }
        let (actor, origin) = ("cardfile".into(), "recovery".into());
        let op = Op { kind: OpKind::Erase, subject: String::new(), actor, origin };
        let (taken, _) = self.write(op, |tx| {
            let mut taken = 0;
            for entry in entries {
                tx.put_suppressed(entry)?;
                taken += 1;
            }
            Ok::<_, StoreError>(taken)
        })?;
        Ok(taken)
    }
}
