//! The receipt of an erasure: what was done, when, how it was looked at, and what every
//! recipient was told. It names nobody but by a pseudonym that only this workspace can make.

use super::delivery;
use cardfile_domain::{
    Millis,
    erasure::{DeliveryState, Standing, State, state_of},
};
use cardfile_store::{DeliveryRow, ErasureRow, ExportEntry, Members, Person, Suppressed};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use ts_rs::TS;

/// The format of the receipt.
pub(crate) const FORMAT: &str = "cardfile-erasure/1";

/// The connector of a hub, behind which are the devices of a team.
const HUB: &str = "postgres";

/// Whether a hub was told. Its other devices take the deletion as one of the bin: what their
/// histories keep is not erased by it.
pub(crate) fn reaches_a_team(deliveries: &[DeliveryRow]) -> bool {
    deliveries.iter().any(|row| row.kind == HUB)
}

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
    /// What stays, and why: `shared_spaces`, `team_devices`, `letters`.
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
    /// Exports that hold the person, or of which nobody knows, and whose files may still be
    /// somewhere.
    pub exports: Vec<Export>,
    /// Backups, by name. A restore beside or over this workspace erases the person again.
    pub backups: Vec<String>,
    /// Workspaces that restores put aside, by name. They open with the person in them.
    pub put_aside: Vec<String>,
    /// A backup was being written when this was looked at. It may hold the person.
    pub is_backing_up: bool,
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

    /// Adds the exports that may hold a person. Who stood in the list is not known one by one
    /// where everybody was taken.
    pub(crate) fn add_exports(&mut self, all: &[(i64, ExportEntry)], person: &Person) {
        for (_, entry) in all.iter().filter(|(_, entry)| entry.deleted_at.is_none()) {
            let holds = match &entry.members {
                Members::These(rows) => person.all_cards().any(|card| rows.binary_search(&card).is_ok()),
                Members::Everybody | Members::Unknown => true,
            };
            let (format, sha256) = (entry.format.clone(), entry.sha256.clone());
            let one = Export { at: entry.at.to_rfc3339(), format, sha256 };
            if holds && !self.exports.contains(&one) {
                self.exports.push(one);
            }
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
        let on_team_devices = reaches_a_team(deliveries);
        let state = state_of(row.rest.is_null(), facts.has_exceptions() || on_team_devices, &standings);
        let mut exceptions = Vec::new();
        if facts.has_exceptions() {
            exceptions.push("shared_spaces");
        }
        if on_team_devices {
            exceptions.push("team_devices");
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
    fn a_deletion_at_a_hub_does_not_say_that_the_devices_of_a_team_are_done() {
        let row = ErasureRow {
            id: "era_1".into(),
            request: None,
            reason: "request".into(),
            state: String::new(),
            at: Millis(1),
            ended_at: None,
            rest: serde_json::Value::Null,
            receipt: serde_json::json!({}),
        };
        let confirmed = |kind: &str| DeliveryRow {
            kind: kind.into(),
            state: DeliveryState::Confirmed.as_str().into(),
            ..DeliveryRow::default()
        };
        let of = |deliveries: &[DeliveryRow]| {
            let receipt = Receipt::of(&row, deliveries, &[]);
            (receipt.state, receipt.exceptions)
        };
        assert_eq!(of(&[confirmed("carddav")]), ("done", Vec::new()));
        let team = [confirmed("carddav"), confirmed("postgres")];
        assert_eq!(of(&team), ("done_with_exceptions", vec!["team_devices"]));
    }

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
