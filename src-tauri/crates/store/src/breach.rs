//! What a remote was sent of whom: a reading of the disclosures for who has to be told when
//! something is lost there.

use crate::{
    contact::{ContactRow, unreadable},
    reader::Reader,
};
use cardfile_domain::Millis;
use std::collections::BTreeMap;

/// Fields with the first and the last time each was sent.
pub type Sent = BTreeMap<String, (Millis, Millis)>;

impl Reader<'_> {
    /// The contacts of whom a remote (`rem_…`) was sent anything, and what.
    pub fn disclosed_to(self, remote: &str) -> rusqlite::Result<Vec<(ContactRow, Sent)>> {
        self.0
            .prepare_cached("SELECT contact, fields FROM disclosure WHERE recipient = ?1 ORDER BY contact")?
            .query_map([remote], |row| {
                let fields = row.get_ref(1)?.as_str()?;
                Ok((row.get(0)?, serde_json::from_str(fields).map_err(|error| unreadable(1, error))?))
            })?
            .collect()
    }
}
