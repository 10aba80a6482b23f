//! What the store keeps of a pair, as the engine thinks of it, and the contact beside it.

use crate::{privacy::standing, sample};
use cardfile_domain::{Contact, Identity, Millis, restriction::Sort, say};
use cardfile_store::{ContactRow, Fate, PairRow, Reader, RemoteRow, StoreError, Tx};
use cardfile_sync::{
    fields,
    pair::{Local, Pair, Refusal, Remote},
    relink::Relink,
    remote::Record,
    run::Op,
    value::{Unit, Units},
};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// What is set where there is no contact yet: numbers of contacts have 32 bits.
const WITHOUT_CONTACT: Op = 1 << 40;

/// A pair with the row it is kept in.
#[derive(Debug, Clone, PartialEq, Default)]
pub(crate) struct Known {
    pub(crate) row: PairRow,
    pub(crate) pair: Pair,
    /// Since when each unit waits.
    pub(crate) since: BTreeMap<Unit, Millis>,
    /// Since when it waits whose the record is.
    pub(crate) relink_since: Option<Millis>,
    /// Since when a write is sent no more.
    pub(crate) refused_since: Option<Millis>,
    /// The ID of the contact that another device of the team made of the record, or that was
    /// made of it here and is deleted.
    pub(crate) made_as: Option<String>,
}

/// The part of a pair that is one text in the store.
#[derive(Serialize, Deserialize, Default)]
struct State {
    #[serde(flatten)]
    pair: Pair,
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    since: BTreeMap<Unit, Millis>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    relink_since: Option<Millis>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    refused_since: Option<Millis>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    made_as: Option<String>,
}

impl Known {
    /// Nothing is known yet of a contact, or of a record, at a remote.
    pub(crate) fn new(remote: RemoteRow, contact: Option<ContactRow>) -> Self {
        Self { row: PairRow { remote, contact, ..PairRow::default() }, ..Self::default() }
    }

    pub(crate) fn of(row: PairRow) -> Result<Self, StoreError> {
        let State { pair, since, relink_since, refused_since, made_as } = serde_json::from_str(&row.state)
            .map_err(|_| StoreError::Unreadable(say!("pair {number}", number = row.pair as u64)))?;
        Ok(Self { row, pair, since, relink_since, refused_since, made_as })
    }

    /// The row to be kept.
    pub(crate) fn into_row(mut self) -> PairRow {
        self.pair.local = Local::Absent;
        if self.is_erased() {
            self.strip();
        }
        self.since.retain(|unit, _| self.pair.held.contains_key(unit));
        self.row.key.clone_from(&self.pair.key);
        self.row.version = self.pair.version.as_ref().map(|version| version.text.clone());
        self.row.waits = self.pair.waits();
        let relink_since = self.relink_since.filter(|_| self.pair.relink.is_some());
        let refused_since = self.refused_since.filter(|_| self.pair.refused.as_ref().is_some_and(Refusal::is_final));
        let made_as = self.made_as.filter(|_| self.row.contact.is_none() || self.row.fate == Fate::Deleted);
        let state = State { pair: self.pair, since: self.since, relink_since, refused_since, made_as };
        self.row.state = serde_json::to_string(&state).unwrap_or_default();
        self.row
    }

    /// What the engine calls it.
    pub(crate) fn op(&self) -> Op {
        match self.row.contact {
            Some(contact) => contact.into(),
            None => WITHOUT_CONTACT | self.row.pair as Op,
        }
    }

    /// The pair behind a number of the engine.
    pub(crate) fn of_op(reader: Reader<'_>, remote: RemoteRow, op: Op) -> Result<Option<Self>, StoreError> {
        let row = if op & WITHOUT_CONTACT == 0 {
            reader.pairs().of_contact(remote, op as ContactRow)?
        } else {
            reader.pairs().get((op & !WITHOUT_CONTACT) as i64)?
        };
        row.map(Self::of).transpose()
    }

    /// Whether nothing of it goes either way: its contact is restricted. What the remote says
    /// meanwhile is kept aside.
    pub(crate) fn is_frozen(&self, reader: Reader<'_>) -> Result<bool, StoreError> {
        match self.row.contact {
            Some(contact) if !self.is_erased() => Ok(reader.restrictions().has(contact, Sort::Restricted)?),
            Some(_) | None => Ok(false),
        }
    }

    /// Whether it is of a record alone, and waits until that is read for the first time.
    pub(crate) fn is_unread(&self) -> bool {
        self.row.contact.is_none() && self.pair.version.is_none() && self.pair.remote == Remote::Doubtful
    }

    pub(crate) fn is_erased(&self) -> bool {
        matches!(self.row.fate, Fate::Erased | Fate::ErasedThere)
    }

    /// Takes what was read of the record, its text with it; of a person who was erased no
    /// more than that it is there.
    pub(crate) fn observe(&mut self, record: &Record) {
        let units = if self.is_erased() { Units::new() } else { record.units.clone() };
        self.pair.key = Some(record.key.clone());
        let (version, stamp) = (record.version.clone(), record.stamp);
        self.pair.observe(Remote::Live { version, units, stamp });
        let is_taken = self.pair.version.as_ref() == Some(&record.version);
        if is_taken && !self.is_erased() {
            self.row.body.clone_from(&record.body);
        }
        // While it is asked whose it is, it is known by the ID that it was known by.
        let is_asked = matches!(self.pair.relink, Some(Relink::Renamed { .. }));
        if is_taken && record.external_id.is_some() && !is_asked {
            self.row.external_id.clone_from(&record.external_id);
        }
        self.row.is_open = true;
    }

    /// The record alone, as if nothing of it had been read yet.
    pub(crate) fn without_contact(self) -> Self {
        let pair = Pair { key: self.pair.key, remote: Remote::Doubtful, ..Pair::default() };
        Self { row: PairRow { contact: None, fate: Fate::None, ..self.row }, pair, ..Self::default() }
    }

    /// The person is erased.
    pub(crate) fn erase(mut self, there: bool) -> PairRow {
        self.row.fate = if there { Fate::ErasedThere } else { Fate::Erased };
        // A second record of the same person does not wait for the first.
        self.row.rival = None;
        self.row.is_open = true;
        self.into_row()
    }

    /// What it takes to delete the record is kept, and whose it is if that is asked, and
    /// nothing else.
    fn strip(&mut self) {
        let pair = std::mem::take(&mut self.pair);
        let remote = match pair.remote {
            Remote::Live { version, stamp, .. } => Remote::Live { version, units: Units::new(), stamp },
            other => other,
        };
        let mut intents = pair.intents;
        intents.iter_mut().for_each(|intent| intent.sent.clear());
        let relink = pair.relink;
        self.pair = Pair { key: pair.key, version: pair.version, remote, intents, relink, ..Pair::default() };
        self.row.body.clear();
    }

    /// The contact as it is now, and its version; 0 for one that is not there.
    pub(crate) fn local(&self, reader: Reader<'_>) -> Result<(Local, i64), StoreError> {
        let stored = self.row.contact.map(|row| reader.contacts().get(row)).transpose()?.flatten();
        if self.is_erased() {
            return Ok((Local::Erased { there: self.row.fate == Fate::ErasedThere }, -1));
        }
        Ok(match stored {
            // A visitor is no contact, and a made-up person nobody's.
            Some(stored) if self.pair.key.is_none() && is_nobody(&stored.contact) => (Local::Absent, stored.version),
            Some(stored) if stored.contact.binned_at.is_none() => {
                let consents = standing::purposes_of(reader, stored.row)?;
                (Local::Live { units: fields::units_of(&stored.contact), consents }, stored.version)
            }
            // Deleted before the remote knew it: nothing to tell.
            Some(stored) if self.row.pair == 0 => (Local::Absent, stored.version),
            Some(stored) => (Local::Deleted { units: fields::units_of(&stored.contact) }, stored.version),
            None if self.row.fate == Fate::Deleted => (Local::Deleted { units: self.pair.base.clone() }, 0),
            None => (Local::Absent, 0),
        })
    }
}

fn is_nobody(contact: &Contact) -> bool {
    contact.identity == Identity::Anonymous || contact.links.iter().any(|link| link.connector == sample::CONNECTOR)
}

/// What moved of a contact while it was restricted is looked at by the next run of every
/// remote, also where no pair of it is known yet.
pub(crate) fn look_again(tx: &mut Tx<'_>, contact: ContactRow) -> Result<(), StoreError> {
    for remote in tx.read().remotes().all()? {
        look_again_at(tx, remote.row, contact)?;
    }
    Ok(())
}

/// The same for one remote.
pub(super) fn look_again_at(tx: &mut Tx<'_>, remote: RemoteRow, contact: ContactRow) -> Result<(), StoreError> {
    let row = match tx.read().pairs().of_contact(remote, contact)? {
        Some(row) if row.is_open => return Ok(()),
        Some(row) => row,
        None => Known::new(remote, Some(contact)).into_row(),
    };
    tx.put_pair(&PairRow { is_open: true, ..row })?;
    Ok(())
}
