//! Contacts that were made of a record of a shared remote and deleted here before the team heard
//! of them. Whoever serves the remote next may make the same one of the record and tell the team:
//! here that is who was deleted, and no new contact. It is known as long as the record is.

use super::known::Known;
use cardfile_store::{ContactRow, Fate, PairRow, Reader, StoreError};
use cardfile_sync::value::Units;
use std::collections::BTreeMap;

/// The number that each of them had, and what was agreed on with it at the shared remote, by
/// their IDs; looked up once, and only if somebody new comes.
#[derive(Default)]
pub(super) struct Doomed(Option<BTreeMap<String, (ContactRow, Units)>>);

impl Doomed {
    /// The one of this ID; nothing where nobody was deleted under it.
    pub(super) fn of(&mut self, reader: Reader<'_>, id: &str) -> Result<Option<(ContactRow, Units)>, StoreError> {
        let all = match &mut self.0 {
            Some(all) => all,
            none => none.insert(read(reader)?),
        };
        Ok(all.get(id).cloned())
    }
}

fn read(reader: Reader<'_>) -> Result<BTreeMap<String, (ContactRow, Units)>, StoreError> {
    let mut all = BTreeMap::new();
    let mut look = |row: PairRow| {
        // One that another device told of may be back there by now.
        if let (Some(contact), Fate::Deleted) = (row.contact, row.fate) {
            let known = Known::of(row)?;
            all.extend(known.made_as.map(|id| (id, (contact, known.pair.base))));
        }
        Ok::<_, StoreError>(())
    };
    for remote in reader.remotes().all()?.iter().filter(|remote| remote.epoch.is_some()) {
        reader.pairs().each_open(remote.row, &mut look)?;
        reader.pairs().waiting(remote.row)?.into_iter().filter(|row| !row.is_open).try_for_each(&mut look)?;
    }
    Ok(all)
}
