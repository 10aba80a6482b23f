//! What an erasure takes away, by what a person would call it, and not by tables.

use cardfile_domain::{Sentence, say};
use std::collections::BTreeMap;

/// How many of each kind, the closest to the person first; a kind of which there is nothing is
/// left out. The cards themselves are counted elsewhere.
pub fn kinds(rows: &BTreeMap<String, u32>) -> Vec<(Sentence, u32)> {
    let mut counts = [0_u32; 6];
    for (table, count) in rows.iter().filter(|(table, _)| *table != "contact") {
        counts[kind_of(table)] += count;
    }
    let words = [
        say!("card details"),
        say!("messages"),
        say!("files"),
        say!("notes and memories"),
        say!("history"),
        say!("other systems"),
    ];
    words.into_iter().zip(counts).filter(|(_, count)| *count > 0).collect()
}

fn kind_of(table: &str) -> usize {
    match table {
        "conversation" | "message" => 1,
        "file" | "space" | "placement" | "avatar" => 2,
        "note" | "memory" | "task" => 3,
        "change" | "operation" | "activity" | "import_memory" | "export_log" => 4,
        "agent_call" | "agent_grant" | "agent_proposal" | "identity_grant" => 4,
        "pair" | "tombstone" | "quarantine" | "disclosure" | "webhook_message" | "lead" => 5,
        // What stands on a card itself; a table of tomorrow begins here.
        _ => 0,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tables_are_counted_by_what_people_call_them() {
        let rows = [("contact", 1), ("contact_item", 3), ("link", 1), ("message", 30), ("conversation", 2)];
        let rows: BTreeMap<String, u32> = rows.map(|(table, count)| (table.to_owned(), count)).into();
        let said: Vec<_> = kinds(&rows).into_iter().map(|(kind, count)| (kind.to_string(), count)).collect();
        let expected = [("card details", 4), ("messages", 32)];
        assert_eq!(said, expected.map(|(kind, count)| (kind.to_owned(), count)));
    }
}
