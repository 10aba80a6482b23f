//! The receipt of an erasure: what was done, when, how it was looked at, and what every
//! recipient was told. It names nobody but by a pseudonym that only this workspace can make.

use super::delivery;
use cardfile_domain::{
    Millis,
    erasure::{DeliveryState, Standing, State, state_of},
};
use cardfile_store::{DeliveryRow, ErasureRow, Person, Suppressed};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use ts_rs::TS;

/// The format of the receipt.
pub(crate) const FORMAT: &str = "cardfile-erasure/1";

/// A receipt.
#[derive(Debug, Clone, PartialEq, Serialize, TS)]
pub struct Receipt {
    /// `cardfile-erasure/1`
    pub format: &'static str,
    /// `era_…`
    pub erasure: String,
    /// `pending`, `local_done`, `propagating`, `done` or `done_with_exceptions`.
    pub state: &'static str,
    /// When nothing was left to be done (RFC 3339).
    pub ended_at: Option<String>,
    /// What was done here.
    pub facts: Facts,
    /// Who had the data, and what they were told.
    pub recipients: Vec<Recipient>,
    /// Places that have proven that the person is gone there, of how many: this computer and
    /// every recipient.
    pub proven: (u32, u32),
    /// What stays, and why: `shared_spaces`, `letters`.
    pub exceptions: Vec<&'static str>,
    /// How often the person was turned away since.
    pub returns: u32,
    /// When the suppression was lifted (RFC 3339).
    pub lifted_at: Option<String>,
}

/// What was done here. Kept as it is.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize, TS)]
#[serde(default)]
pub struct Facts {
    /// A pseudonym of the person.
    pub subject: String,
    /// When it began (RFC 3339).
    pub erased_at: String,
    /// By whom.
    pub by: String,
    /// `request`, `retention` or `replay`.
    pub reason: String,
    /// The request of the register.
    pub request: Option<String>,
    /// Cards that were here.
    pub cards: u32,
    /// Cards of which only the history still knew.
    pub removed_cards: u32,
    /// Rows by table; of the log those that say nothing any more.
    pub rows: BTreeMap<String, u32>,
    /// Keyed hashes by kind that stop the person from coming back.
    pub suppressed: BTreeMap<String, u32>,
    /// Spaces that stay, because they stand on cards of others as well.
    pub shared_spaces: u32,
    /// Exports whose files may still be somewhere, by hash; nobody knows who was in them.
    pub exports: Vec<Export>,
    /// Backups from before, by name. A restore erases the person again.
    pub backups: Vec<String>,
    /// How it was looked at whether everything is gone; nothing before that.
    pub verification: Option<Verification>,
}

/// An export that may hold the person.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct Export {
    /// When it was written (RFC 3339).
    pub at: String,
    /// `csv`, `vcard`.
    pub format: String,
    /// SHA-256 of the file.
    pub sha256: String,
}

/// How it was looked at whether everything is gone.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct Verification {
    /// When (RFC 3339).
    pub at: String,
    /// What SQLite said of emptying the journal: busy, pages, moved pages.
    #[ts(type = "[number, number, number]")]
    pub checkpoint: (i64, i64, i64),
    /// Rows of the person that were found.
    pub rows_left: u32,
    /// Their texts that a search found; nothing after a crash, when nobody knows them.
    pub texts_found: Option<u32>,
    /// Their words in the bytes of files; nothing after a crash.
    pub bytes_found: Option<u32>,
    /// Files that were looked through.
    pub files_scanned: u32,
    /// Deleting wipes, in the database and in each index of texts.
    pub wipes: bool,
    /// `cipher`: bytes of the file say nothing without the key. `clear`: they were looked at.
    pub database: String,
}

impl Verification {
    /// Whether the person is gone.
    pub fn holds(&self) -> bool {
        let found = self.rows_left + self.texts_found.unwrap_or_default() + self.bytes_found.unwrap_or_default();
        self.checkpoint.0 == 0 && found == 0 && self.wipes
    }

    /// Whether texts and files were looked through for what the person was. Nobody knows that
    /// any more after a crash.
    pub fn is_whole(&self) -> bool {
        self.texts_found.is_some() && self.bytes_found.is_some()
    }
}

/// Who had the data.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, TS)]
pub struct Recipient {
    /// `dlv_…`
    pub delivery: String,
    /// What people call it.
    pub name: String,
    /// Which connector.
    pub kind: String,
    /// `queued`, `acked`, `confirmed`, `manual` or `told`.
    pub state: &'static str,
    /// What came of the last attempt; empty when nothing is wrong.
    pub code: &'static str,
    /// The record was there again after it had gone.
    pub came_back: bool,
    /// Attempts in this state.
    pub attempts: u32,
    /// When it is tried next (RFC 3339).
    pub next_at: Option<String>,
    /// When the record was gone (RFC 3339).
    pub acked_at: Option<String>,
}

impl Facts {
    pub(crate) fn read(row: &ErasureRow) -> Self {
        serde_json::from_value(row.receipt.clone()).unwrap_or_default()
    }

    /// Adds what is known of a person before they are forgotten.
    pub(crate) fn add(&mut self, person: &Person) {
        self.cards += person.cards.len() as u32;
        self.removed_cards += person.removed.len() as u32;
        self.shared_spaces += person.shared_spaces;
        for (table, rows) in &person.rows {
            *self.rows.entry((*table).to_owned()).or_default() += rows;
        }
    }

    /// Whether something stays that is not the matter of a recipient.
    pub(crate) fn has_exceptions(&self) -> bool {
        self.shared_spaces > 0
    }
}

impl Receipt {
    /// From what is kept of an erasure.
    pub(crate) fn of(row: &ErasureRow, deliveries: &[DeliveryRow], suppressed: &[Suppressed]) -> Self {
        let facts = Facts::read(row);
        let standings: Vec<_> = deliveries.iter().map(delivery::standing).collect();
        let state = state_of(row.rest.is_null(), facts.has_exceptions(), &standings);
        let mut exceptions = Vec::new();
        if facts.has_exceptions() {
            exceptions.push("shared_spaces");
        }
        if standings.iter().any(|one| one.state == DeliveryState::Manual) {
            exceptions.push("letters");
        }
        Self {
            format: FORMAT,
            erasure: row.id.clone(),
            state: state.as_str(),
            ended_at: row.ended_at.map(Millis::to_rfc3339),
            recipients: deliveries.iter().map(recipient).collect(),
            proven: proven(facts.verification.as_ref().filter(|_| row.rest.is_null()), &standings),
            exceptions,
            returns: suppressed.iter().map(|one| one.returns).sum(),
            lifted_at: suppressed.iter().filter_map(|one| one.lifted_at).max().map(Millis::to_rfc3339),
            facts,
        }
    }

    /// Whether nothing is left to be done.
    pub fn is_done(&self) -> bool {
        [State::Done, State::DoneWithExceptions].iter().any(|state| state.as_str() == self.state)
    }

    /// The receipt as text, the same for the same receipt: this is what is signed.
    pub fn text(&self) -> String {
        serde_json::to_string_pretty(self).unwrap_or_default()
    }
}

/// How many places have proven it, of how many. What nobody looked for is not proven.
fn proven(here: Option<&Verification>, recipients: &[Standing]) -> (u32, u32) {
    let is_proven = |one: &&Standing| matches!(one.state, DeliveryState::Confirmed | DeliveryState::Told);
    let told = recipients.iter().filter(is_proven).count() as u32;
    (told + u32::from(here.is_some_and(|one| one.holds() && one.is_whole())), recipients.len() as u32 + 1)
}

fn recipient(row: &DeliveryRow) -> Recipient {
    let standing = delivery::standing(row);
    Recipient {
        delivery: row.id.clone(),
        name: row.name.clone(),
        kind: row.kind.clone(),
        state: standing.state.as_str(),
        code: standing.code.as_str(),
        came_back: standing.came_back,
        attempts: standing.attempts,
        next_at: standing.next_at.map(Millis::to_rfc3339),
        acked_at: standing.acked_at.map(Millis::to_rfc3339),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_where_nobody_looked_has_proven_nothing() {
        let looked = Verification {
            at: String::new(),
            checkpoint: (0, 0, 0),
            rows_left: 0,
            texts_found: Some(0),
            bytes_found: Some(0),
            files_scanned: 3,
            wipes: true,
            database: "cipher".into(),
        };
        let told = |state| Standing { state, ..Standing::queued(Millis(0)) };
        let recipients = [told(DeliveryState::Told), told(DeliveryState::Confirmed), told(DeliveryState::Acked)];
        assert_eq!(proven(Some(&looked), &recipients), (3, 4));
        assert_eq!(proven(None, &recipients), (2, 4), "it is not finished here");
        let after_a_crash = Verification { texts_found: None, bytes_found: None, ..looked.clone() };
        assert_eq!(proven(Some(&after_a_crash), &[]), (0, 1), "nobody looked");
        let left = Verification { rows_left: 1, ..looked };
        assert_eq!(proven(Some(&left), &[]), (0, 1));
    }
}
