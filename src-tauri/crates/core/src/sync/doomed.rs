//! Contacts that were made of a record of a shared remote and deleted here before the team heard
//! of them. Whoever serves the remote next makes the same one of the record and tells the team:
//! here that is who was deleted, and no new contact.

use super::known::Known;
use cardfile_store::{Reader, StoreError};
use cardfile_sync::value::Units;
use std::collections::BTreeMap;

/// What was agreed on with each of them at the shared remote, by their IDs; looked up once, and
/// only if somebody new comes.
#[derive(Default)]
pub(super) struct Doomed(Option<BTreeMap<String, Units>>);

impl Doomed {
    /// What was agreed on with the one of this ID; nothing where nobody was deleted under it.
    pub(super) fn base_of(&mut self, reader: Reader<'_>, id: &str) -> Result<Option<Units>, StoreError> {
        let all = match &mut self.0 {
            Some(all) => all,
            none => none.insert(read(reader)?),
        };
        Ok(all.get(id).cloned())
    }
}

fn read(reader: Reader<'_>) -> Result<BTreeMap<String, Units>, StoreError> {
    let mut all = BTreeMap::new();
    for row in reader.pairs().doomed()? {
        let known = Known::of(row)?;
        all.extend(known.made_as.map(|id| (id, known.pair.base)));
    }
    Ok(all)
}
