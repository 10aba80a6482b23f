//! Full-text search over the long texts: messages, notes and memories. The
//! index follows its tables by triggers, so that nothing is found that is gone
//! and nothing is missed.
//!
//! By trigrams: a part of a word is found in every script. What is deleted is
//! deleted in the index too (`secure-delete`).

use crate::contact::ContactRow;
use crate::inventory::{Table, derived};
use cardfile_domain::{Millis, PartKind, text};
use rusqlite::{Connection, Row, params};

macro_rules! indexed {
    ($table:literal, $index:literal) => {
        Table {
            name: $index,
            migrations: &[(
                4,
                concat!(
                    "CREATE VIRTUAL TABLE ",
                    $index,
                    " USING fts5(text, content='",
                    $table,
                    "', content_rowid='part',
                        tokenize='trigram remove_diacritics 1');
                    INSERT INTO ",
                    $index,
                    " (",
                    $index,
                    ", rank) VALUES ('secure-delete', 1);
                    INSERT INTO ",
                    $index,
                    " (",
                    $index,
                    ") VALUES ('rebuild');
                    CREATE TRIGGER ",
                    $index,
                    "_insert AFTER INSERT ON ",
                    $table,
                    " BEGIN
                        INSERT INTO ",
                    $index,
                    " (rowid, text) VALUES (new.part, new.text);
                    END;
                    CREATE TRIGGER ",
                    $index,
                    "_delete AFTER DELETE ON ",
                    $table,
                    " BEGIN
                        INSERT INTO ",
                    $index,
                    " (",
                    $index,
                    ", rowid, text) VALUES ('delete', old.part, old.text);
                    END;
                    CREATE TRIGGER ",
                    $index,
                    "_update AFTER UPDATE OF text ON ",
                    $table,
                    " WHEN old.text <> new.text BEGIN
                        INSERT INTO ",
                    $index,
                    " (",
                    $index,
                    ", rowid, text) VALUES ('delete', old.part, old.text);
                        INSERT INTO ",
                    $index,
                    " (rowid, text) VALUES (new.part, new.text);
                    END"
                ),
            )],
            lookups: &[],
            columns: &[derived("text")],
        }
    };
}

pub(crate) const MESSAGE: Table = indexed!("message", "message_text");
pub(crate) const NOTE: Table = indexed!("note", "note_text");
pub(crate) const MEMORY: Table = indexed!("memory", "memory_text");

/// Where a text was found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Hit {
    /// A message, a note or a memory.
    pub kind: PartKind,
    /// Its id.
    pub id: String,
    /// The conversation of a message, `cnv_…`.
    pub conversation: Option<String>,
    /// The contact's id and what to call it; nothing when nobody knows whose it is.
    pub contact: Option<(String, String)>,
    /// The whole text.
    pub text: String,
    /// When it was written.
    pub at: Millis,
}

/// Reads.
pub struct Texts<'c>(pub(crate) &'c Connection);

/// What is read of each kind: its index, and the columns of a [`Hit`].
const SOURCES: [(PartKind, &str, &str); 3] = [
    (
        PartKind::Message,
        "message_text",
        "SELECT x.id, v.id, c.id, coalesce(c.name, c.nick, c.email, c.phone, c.company), x.text, x.at
           FROM message x JOIN conversation v ON v.part = x.conversation LEFT JOIN contact c ON c.row = v.contact",
    ),
    (
        PartKind::Note,
        "note_text",
        "SELECT x.id, NULL, c.id, coalesce(c.name, c.nick, c.email, c.phone, c.company), x.text, x.updated_at
           FROM note x JOIN contact c ON c.row = x.contact",
    ),
    (
        PartKind::Memory,
        "memory_text",
        "SELECT x.id, NULL, c.id, coalesce(c.name, c.nick, c.email, c.phone, c.company), x.text, x.updated_at
           FROM memory x JOIN contact c ON c.row = x.contact",
    ),
];

impl Texts<'_> {
    /// Messages, notes and memories that contain a text, accents and capitals
    /// aside, outside the bin; the newest first, at most `limit` of each kind.
    pub fn find(&self, wanted: &str, limit: u32) -> rusqlite::Result<Vec<Hit>> {
        let folded = text::fold(wanted.trim());
        if folded.is_empty() {
            return Ok(Vec::new());
        }
        let mut hits = Vec::new();
        for (kind, index, select) in SOURCES {
            // Fewer than three characters have no trigram; two are a word in Chinese.
            if folded.chars().count() < 3 {
                self.scan(kind, select, &folded, limit, &mut hits)?;
                continue;
            }
            let sql = format!(
                "{select} WHERE x.part IN (SELECT rowid FROM {index} WHERE {index} MATCH ?1) AND c.binned_at IS NULL
                  ORDER BY x.part DESC LIMIT ?2"
            );
            let quoted = format!("\"{}\"", wanted.trim().replace('"', "\"\""));
            let mut statement = self.0.prepare_cached(&sql)?;
            for hit in statement.query_map(params![quoted, limit], |row| hit(kind, row))? {
                hits.push(hit?);
            }
        }
        hits.sort_by_key(|hit| std::cmp::Reverse(hit.at));
        Ok(hits)
    }

    /// The places of contacts whose messages, notes or memories contain a text of at
    /// least three characters.
    pub fn contacts_of(&self, wanted: &str) -> rusqlite::Result<Vec<ContactRow>> {
        let wanted = wanted.trim();
        if wanted.chars().count() < 3 {
            return Ok(Vec::new());
        }
        let quoted = format!("\"{}\"", wanted.replace('"', "\"\""));
        self.0
            .prepare_cached(
                "SELECT v.contact FROM message x JOIN conversation v ON v.part = x.conversation
                  WHERE v.contact IS NOT NULL
                    AND x.part IN (SELECT rowid FROM message_text WHERE message_text MATCH ?1)
                 UNION SELECT contact FROM note
                  WHERE part IN (SELECT rowid FROM note_text WHERE note_text MATCH ?1)
                 UNION SELECT contact FROM memory
                  WHERE part IN (SELECT rowid FROM memory_text WHERE memory_text MATCH ?1)",
            )?
            .query_map([quoted], |row| row.get(0))?
            .collect()
    }

    fn scan(
        &self,
        kind: PartKind,
        select: &str,
        folded: &str,
        limit: u32,
        hits: &mut Vec<Hit>,
    ) -> rusqlite::Result<()> {
        let sql = format!("{select} WHERE c.binned_at IS NULL ORDER BY x.part DESC");
        let mut statement = self.0.prepare_cached(&sql)?;
        let mut rows = statement.query([])?;
        let mut found = 0;
        while let Some(row) = rows.next()? {
            if text::fold(row.get_ref(4)?.as_str()?).contains(folded) {
                hits.push(hit(kind, row)?);
                found += 1;
                if found == limit {
                    break;
                }
            }
        }
        Ok(())
    }
}

fn hit(kind: PartKind, row: &Row<'_>) -> rusqlite::Result<Hit> {
    let contact: Option<String> = row.get(2)?;
    let name: Option<String> = row.get(3)?;
    Ok(Hit {
        kind,
        id: row.get(0)?,
        conversation: row.get(1)?,
        contact: contact.map(|id| (id, name.unwrap_or_default())),
        text: row.get(4)?,
        at: Millis(row.get(5)?),
    })
}
