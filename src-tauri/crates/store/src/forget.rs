//! Forgetting a person: what was found of them goes, table by table, and the log keeps that
//! there was something and not what. One transaction, and nothing of it can be undone.

use crate::{
    change::{Action, Entity},
    erased::{How, ways},
    error::StoreError,
    person::Person,
    schema::TABLES,
    write::Tx,
};
use rusqlite::params;
use serde::{Deserialize, Serialize};

/// What is left to be done once it is committed: bytes beside the database, and the look
/// whether everything is gone. Places only; it may be kept.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Left {
    /// Places of the cards that were here.
    pub cards: Vec<u32>,
    /// Places of the cards that the history alone knew.
    pub removed: Vec<u32>,
    /// Names of bytes that no file needs any more.
    pub blobs: Vec<String>,
    /// `fil_…` whose opened copies go.
    pub files: Vec<String>,
}

/// Full-text indices with the tables whose texts are in them.
pub(crate) const INDICES: [(&str, &str); 3] =
    [("message_text", "message"), ("note_text", "note"), ("memory_text", "memory")];
/// So many texts are taken out of an index one by one, which costs much for each.
const FEW: u32 = 300;
/// When a person has more than one of so many of all texts, making the index anew is cheaper.
const SHARE: u64 = 20;

impl Tx<'_> {
    /// Takes everything of a person out of every table. Their records at remotes are the
    /// matter of who calls this.
    pub fn forget(&mut self, person: &Person) -> Result<Left, StoreError> {
        let ways = ways(TABLES)?;
        let anew = self.loosen_indices(person)?;
        for (table, how) in &ways {
            match how {
                How::OfCard => {
                    let sql = format!("DELETE FROM {} WHERE contact = ?1", table.name);
                    let mut statement = self.db.prepare_cached(&sql)?;
                    // Not every table lets its rows go with a card that is removed.
                    for card in person.all_cards() {
                        statement.execute([card])?;
                    }
                }
                How::Part(kind) => {
                    let sql = format!("DELETE FROM {} WHERE part = ?1", table.name);
                    let mut statement = self.db.prepare_cached(&sql)?;
                    for part in person.parts_of(*kind) {
                        statement.execute([part])?;
                    }
                }
                How::Sealed => {
                    for secret in &person.secrets {
                        self.destroy_sealed(secret)?;
                    }
                }
                // Texts go by triggers, pairs by the sync, and the others below.
                How::Card | How::Texts | How::Pairs | How::Mentions | How::Blanked | How::Nothing => {}
            }
        }
        self.forget_mentions(person)?;
        for card in &person.cards {
            self.forget_card(*card, person)?;
        }
        self.blank(person)?;
        self.tighten_indices(&anew)?;
        self.touched.parts = true;
        self.touched.sync = true;
        Ok(Left {
            cards: person.cards.clone(),
            removed: person.removed.clone(),
            blobs: self.unused_blobs(person)?,
            files: person.files.iter().cloned().collect(),
        })
    }

    fn forget_card(&mut self, card: u32, person: &Person) -> Result<(), StoreError> {
        let is_organization: bool = self
            .db
            .prepare_cached("SELECT EXISTS (SELECT 1 FROM contact WHERE row = ?1 AND kind = 'organization')")?
            .query_row([card], |row| row.get(0))?;
        // Only companies are named by the cards of others, and finding that out reads all cards.
        for id in person.ids.iter().filter(|_| is_organization) {
            self.db.prepare_cached("UPDATE contact SET company_id = NULL WHERE company_id = ?1")?.execute([id])?;
        }
        self.db.prepare_cached("DELETE FROM contact WHERE row = ?1")?.execute([card])?;
        // That it is gone, for whoever follows the log: it says no more than the number.
        self.log(Entity::Contact, Action::Delete, card.into(), None, String::new())?;
        self.touched.contacts.push(card);
        Ok(())
    }

    fn forget_mentions(&mut self, person: &Person) -> Result<(), StoreError> {
        self.forget_webhook_messages(person.ids.iter())?;
        for (remote, key) in &person.quarantined {
            self.set_quarantine(*remote, key, None)?;
        }
        for lead in &person.leads {
            self.drop_lead(lead)?;
        }
        for (remote, key) in &person.tombstones {
            let buried = self.buried(*remote, key);
            self.db
                .prepare_cached("UPDATE OR REPLACE tombstone SET key = ?3 WHERE remote = ?1 AND key = ?2")?
                .execute(params![remote, key, buried])?;
            self.db
                .prepare_cached("UPDATE bridge_end SET key = NULL WHERE remote = ?1 AND key = ?2")?
                .execute(params![remote, key])?;
        }
        Ok(())
    }

    /// The log keeps its rows: others are counted and chained by them.
    fn blank(&mut self, person: &Person) -> Result<(), StoreError> {
        let sql = "UPDATE change SET body = NULL WHERE seq = ?1 AND body IS NOT NULL";
        let mut statement = self.db.prepare_cached(sql)?;
        for seq in &person.changes {
            statement.execute([seq])?;
        }
        let mut statement = self.db.prepare_cached("UPDATE operation SET subject = NULL WHERE op = ?1")?;
        for op in &person.subjects {
            statement.execute([op])?;
        }
        let mut statement =
            self.db.prepare_cached("UPDATE export_log SET what = '', file = iif(?2, '', file) WHERE export = ?1")?;
        for (export, forgets_file) in &person.exports {
            statement.execute(params![export, forgets_file])?;
        }
        let requests: Vec<&str> = person.requests.iter().map(String::as_str).collect();
        self.blank_requests(&requests)?;
        let is_of = |text: &str| person.ids.iter().any(|id| text.contains(id.as_str()));
        self.forget_in_drafts(|text| is_of(text) || person.needles.mentions(text))
    }

    /// Bytes that neither a file that is here needs, nor one that an undo may bring back.
    fn unused_blobs(&self, person: &Person) -> Result<Vec<String>, StoreError> {
        let mut unused = Vec::new();
        for blob in person.blobs.iter().filter(|blob| !blob.is_empty()) {
            let is_used: bool = self
                .db
                .prepare_cached(
                    "SELECT EXISTS (SELECT 1 FROM file WHERE blob = ?1)
                         OR EXISTS (SELECT 1 FROM change
                                     WHERE entity = 14 AND entity > 2 AND action = 2 AND instr(body, ?1) > 0)",
                )?
                .query_row([blob], |row| row.get(0))?;
            if !is_used {
                unused.push(blob.clone());
            }
        }
        Ok(unused)
    }

    /// Indices in which the person has many texts are not cleared one by one: they are made
    /// anew, which leaves as little behind.
    fn loosen_indices(&mut self, person: &Person) -> Result<Vec<&'static str>, StoreError> {
        let mut anew = Vec::new();
        for (index, table) in INDICES {
            let theirs = person.rows.get(table).copied().unwrap_or_default();
            if theirs <= FEW {
                continue;
            }
            let all: u64 = self.db.query_row(&format!("SELECT count(*) FROM {table}"), [], |row| row.get(0))?;
            if u64::from(theirs) * SHARE > all {
                self.set_secure_delete(index, false)?;
                anew.push(index);
            }
        }
        Ok(anew)
    }

    fn tighten_indices(&mut self, anew: &[&str]) -> Result<(), StoreError> {
        for index in anew {
            self.db.execute(&format!("INSERT INTO {index} ({index}) VALUES ('rebuild')"), [])?;
            self.set_secure_delete(index, true)?;
        }
        Ok(())
    }

    fn set_secure_delete(&self, index: &str, is_on: bool) -> Result<(), StoreError> {
        let sql = format!("INSERT INTO {index} ({index}, rank) VALUES ('secure-delete', ?1)");
        self.db.execute(&sql, [i64::from(is_on)])?;
        Ok(())
    }
}
