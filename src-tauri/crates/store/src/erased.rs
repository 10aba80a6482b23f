//! How an erasure goes through each table: one line for each, in the order of the schema. A
//! table without a line is refused, by a test and by the erasure itself; nothing is erased in
//! part because somebody forgot a table.

use crate::{error::StoreError, inventory::Table};
use cardfile_domain::{PartKind, say};

/// How a table is cleared of a person.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum How {
    /// The card itself, last: others refer to it.
    Card,
    /// Its column `contact` names the card.
    OfCard,
    /// A part that belongs to another part or to the workspace: found before it goes.
    Part(PartKind),
    /// Values of secrets, by the ids of these.
    Sealed,
    /// An index that follows the texts of its table by triggers.
    Texts,
    /// Only what it takes to delete the records there is kept, until that is done.
    Pairs,
    /// Keys of records, and records that could not be taken, where they say who it is.
    Mentions,
    /// Values are blanked, and that something happened stays.
    Blanked,
    /// It holds nothing of a person.
    Nothing,
}

/// Each table.
pub static WAYS: &[(&str, How)] = &[
    ("schema_step", How::Nothing),
    ("counter", How::Nothing),
    ("contact", How::Card),
    ("contact_item", How::OfCard),
    ("tag", How::Nothing),
    ("contact_tag", How::OfCard),
    ("link", How::OfCard),
    ("custom_field", How::Nothing),
    ("setting", How::Nothing),
    ("import_memory", How::OfCard),
    ("export_log", How::Blanked),
    ("note", How::OfCard),
    ("task", How::OfCard),
    ("memory", How::OfCard),
    ("conversation", How::OfCard),
    ("message", How::Part(PartKind::Message)),
    ("rating", How::OfCard),
    ("activity", How::OfCard),
    ("payment_account", How::OfCard),
    ("avatar", How::OfCard),
    ("space", How::Part(PartKind::Space)),
    ("placement", How::OfCard),
    ("file", How::Part(PartKind::File)),
    ("secret", How::OfCard),
    ("sealed", How::Sealed),
    ("knowledge_base", How::Nothing),
    ("rule", How::OfCard),
    ("distinction", How::Part(PartKind::Distinction)),
    ("segment", How::Nothing),
    ("recipe", How::Nothing),
    ("automation", How::Nothing),
    ("consent", How::OfCard),
    ("restriction", How::OfCard),
    ("purpose", How::Nothing),
    ("wording", How::Nothing),
    ("request", How::Blanked),
    ("retention_rule", How::Nothing),
    ("retention_run", How::Nothing),
    ("audit", How::Nothing),
    ("remote", How::Nothing),
    ("pair", How::Pairs),
    ("tombstone", How::Mentions),
    ("quarantine", How::Mentions),
    ("bridge_change", How::Nothing),
    ("bridge_end", How::Mentions),
    ("sync_run", How::Nothing),
    ("disclosure", How::OfCard),
    ("webhook", How::Nothing),
    ("webhook_message", How::Mentions),
    ("client_token", How::Nothing),
    ("client_deed", How::Nothing),
    ("identity_key", How::Nothing),
    ("identity_seen", How::Nothing),
    ("identity_grant", How::OfCard),
    ("lead", How::Mentions),
    ("message_text", How::Texts),
    ("note_text", How::Texts),
    ("memory_text", How::Texts),
    ("operation", How::Blanked),
    ("change", How::Blanked),
    ("suppression", How::Nothing),
    ("erasure", How::Nothing),
    ("erasure_delivery", How::Nothing),
    ("agent_client", How::Nothing),
    ("agent_grant", How::OfCard),
    ("agent_proposal", How::OfCard),
    ("agent_call", How::OfCard),
];

/// Every table with its way. A table that has none is an error that names it.
pub fn ways(tables: &[&'static Table]) -> Result<Vec<(&'static Table, How)>, StoreError> {
    tables
        .iter()
        .map(|table| match WAYS.iter().find(|(name, _)| *name == table.name) {
            Some((_, how)) => Ok((*table, *how)),
            None => Err(StoreError::Unreadable(say!("the table {table} has no way to be erased", table = table.name))),
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        inventory::{Erased, subject},
        schema::TABLES,
    };
    use cardfile_domain::privacy::Privacy::About;

    #[test]
    fn every_table_has_a_way_and_every_way_a_table() {
        assert_eq!(ways(TABLES).expect("every table has a way").len(), TABLES.len());
        for (name, _) in WAYS {
            assert!(TABLES.iter().any(|table| table.name == *name), "there is no table {name}");
        }
    }

    #[test]
    fn a_new_table_is_refused_until_it_has_a_way() {
        static NEW: Table = Table { name: "diary", migrations: &[], lookups: &[], columns: &[subject("text", About)] };
        let mut tables = TABLES.to_vec();
        tables.push(&NEW);
        let refused = ways(&tables).err().map(|error| error.to_string()).unwrap_or_default();
        assert!(refused.contains("diary"), "{refused}");
    }

    #[test]
    fn the_way_of_a_table_is_what_the_inventory_says_of_its_columns() {
        let says = |table: &Table, erased| table.columns.iter().any(|column| column.erased == erased);
        for (table, how) in ways(TABLES).expect("every table has a way") {
            let (goes, is_blanked) = (says(table, Erased::WithContact), says(table, Erased::Blanked));
            let expected = match how {
                How::Nothing => (false, false),
                How::Blanked => (false, true),
                How::Card | How::OfCard | How::Part(_) | How::Sealed | How::Texts | How::Pairs | How::Mentions => {
                    (true, false)
                }
            };
            assert_eq!((goes, is_blanked), expected, "{}", table.name);
        }
    }
}
