//! What the remote says is asked for and kept, with a page its cursor.

use super::{Engine, change_remote, put};
use crate::error::Error;
use crate::sync::{
    doomed::Doomed,
    erased::{self, Returned},
    known::Known,
    place::{self, Placed},
    rivals,
};
use cardfile_store::{Fate, Reader, StoreError, Tx};
use cardfile_sync::{
    mutant::{self, Mutant},
    pair::{Key, Remote as Observed, Version},
    remote::{Paged, Record, Row},
    run::{Event, Op},
};
use std::collections::BTreeSet;

impl Engine<'_> {
    pub(super) fn pull(&mut self) -> Result<Event, Error> {
        if !self.has_begun {
            self.remote.begin(self.known_remote()?.cursor.as_deref());
            self.has_begun = true;
        }
        let (store, row) = (self.store, self.row);
        let known = |key: &str| {
            let text = store.read(|r| r.pairs().version_of(row, key)).ok().flatten();
            text.map(|text| Version { text, order: None })
        };
        Ok(match self.remote.page(&known) {
            Err(failure) => Event::Failed(failure),
            Ok(Paged::Expired) => Event::CursorExpired,
            Ok(Paged::Page(page)) => {
                self.page = page;
                Event::Read
            }
        })
    }

    /// Reads records by their keys, and looks for those of which no key is known.
    pub(super) fn read(&mut self, ops: &BTreeSet<Op>) -> Result<Event, Error> {
        let known: Vec<(Op, Known)> = self.store.read(|r| {
            let found =
                ops.iter().map(|op| Known::of_op(r, self.row, *op).map(|known| known.map(|known| (*op, known))));
            Ok(found.filter_map(Result::transpose).collect::<Result<_, StoreError>>())
        })??;
        let mut keys: Vec<Key> = known.iter().filter_map(|(_, known)| known.pair.key.clone()).collect();
        let lost: Vec<&(Op, Known)> = known.iter().filter(|(_, known)| known.pair.key.is_none()).collect();
        let lost: Vec<(Op, String)> =
            lost.into_iter().filter_map(|(op, known)| Some((*op, known.row.external_id.clone()?))).collect();
        let mut absent = Vec::new();
        if !lost.is_empty() {
            let ids: Vec<String> = lost.iter().map(|(_, id)| id.clone()).collect();
            match self.remote.find(&ids) {
                Err(failure) => return Ok(Event::Failed(failure)),
                Ok(found) => {
                    for ((op, _), key) in lost.iter().zip(found) {
                        match key {
                            Some(key) => keys.push(key),
                            // A search that may lag proves nothing.
                            None if self.remote.find_proves() => absent.push(*op),
                            None => {}
                        }
                    }
                }
            }
        }
        let rows = if keys.is_empty() { Ok(Vec::new()) } else { self.remote.read(&keys) };
        match rows {
            Err(failure) => return Ok(Event::Failed(failure)),
            Ok(rows) => {
                let asked = keys.into_iter().zip(&rows).filter(|(key, row)| key != row.key());
                self.joined = asked.map(|(key, row)| (key, row.key().clone())).collect();
                self.exact = rows;
            }
        }
        self.absent = absent;
        Ok(Event::Read)
    }

    /// Keeps what was read, and with a page its cursor.
    pub(super) fn stage(&mut self) -> Result<Event, Error> {
        let (mut page, exact, absent) =
            (std::mem::take(&mut self.page), std::mem::take(&mut self.exact), std::mem::take(&mut self.absent));
        let more = page.more;
        let joined = std::mem::take(&mut self.joined);
        if mutant::is(Mutant::CursorBeforeRows) {
            // A transaction of its own: what comes after it may never happen.
            self.write_remote(|remote| remote.cursor = page.cursor.clone().or_else(|| remote.cursor.clone()))?;
            if mutant::is_cut() {
                page.rows.clear();
            }
        }
        let (doubtful, quarantined, suppressed) = self.write(|tx| {
            let (mut quarantined, mut doomed) = (0, Doomed::default());
            for (key, to) in &joined {
                self.stage_joined(tx, key, to)?;
            }
            for row in &exact {
                quarantined += u32::from(self.stage_row(tx, row, true, &mut doomed)?);
            }
            for op in &absent {
                if let Some(mut known) = Known::of_op(tx.read(), self.row, *op)? {
                    known.pair.not_found();
                    put(tx, known)?;
                }
            }
            for row in &page.rows {
                quarantined += u32::from(self.stage_row(tx, row, false, &mut doomed)?);
            }
            if let Some(listed) = &page.listed {
                self.doubt_missing(tx, listed)?;
            }
            rivals::promote(tx, &self.at)?;
            if page.cursor.is_some() && self.is_set_as_it_was(tx.read())? {
                change_remote(tx, self.row, |remote| remote.cursor.clone_from(&page.cursor))?;
            }
            let doubtful = if more { BTreeSet::new() } else { self.doubtful(tx.read())? };
            Ok((doubtful, quarantined, tx.returns()))
        })?;
        self.counts.quarantined += quarantined;
        self.counts.suppressed += suppressed;
        Ok(Event::Staged { more, doubtful })
    }

    /// A record became part of another one: the contact has that one from now on. When that one
    /// is somebody else's, nothing is agreed on with this contact any more, so that nobody is
    /// deleted here before a person was asked. For who was erased that one is not deleted: it
    /// may be somebody's whom nobody here knows.
    fn stage_joined(&self, tx: &mut Tx<'_>, key: &Key, to: &Key) -> Result<(), Error> {
        let Some(mut known) = tx.read().pairs().of_key(self.row, key)?.map(Known::of).transpose()? else {
            return Ok(());
        };
        if known.is_erased() || tx.read().pairs().of_key(self.row, to)?.is_some() {
            known.pair.base.clear();
            known.pair.team_base.clear();
            known.pair.ours.clear();
            known.pair.observe(Observed::Gone);
        } else {
            known.pair.version = None;
            known.pair.relink(to.clone(), &Version::default());
        }
        known.row.is_open = true;
        put(tx, known)
    }

    /// Keeps one row; `true` when it cannot be taken.
    fn stage_row(&self, tx: &mut Tx<'_>, row: &Row, is_exact: bool, doomed: &mut Doomed) -> Result<bool, Error> {
        if matches!(row, Row::Same(_)) && !is_exact {
            return Ok(false);
        }
        let found = tx.read().pairs().of_key(self.row, row.key())?.map(Known::of).transpose()?;
        match (row, found) {
            (Row::Live(record), found) => self.stage_record(tx, record, found, is_exact, doomed)?,
            (Row::Gone(_), Some(mut known)) => {
                // A feed may lag: what it says is gone is read before it is believed.
                let is_believed = is_exact || mutant::is(Mutant::AbsenceIsDeletion);
                if is_believed {
                    known.pair.observe(Observed::Gone);
                } else {
                    known.pair.remote = Observed::Doubtful;
                }
                known.row.is_open = true;
                put(tx, known)?;
                tx.set_quarantine(self.row, row.key(), None)?;
            }
            (Row::Same(_), Some(mut known)) => {
                if is_exact && known.pair.remote == Observed::Doubtful {
                    known.pair.remote = Observed::Unheard;
                    put(tx, known)?;
                }
            }
            (Row::Gone(key), None) => {
                tx.set_quarantine(self.row, key, None)?;
                // Another remote may still have a record of whom was never met here.
                if !mutant::is(Mutant::StrangersForgotten) {
                    tx.put_tombstone(self.row, key)?;
                }
            }
            (Row::Same(_), None) => {}
            (Row::Unreadable { key, reason, body, .. }, found) => {
                // It was read again because somebody wanted it, and cannot be taken yet.
                if let Some(known) = found.filter(|known| known.row.contact.is_none() && known.pair.version.is_none()) {
                    tx.delete_pair(&known.row, false)?;
                }
                tx.set_quarantine(self.row, key, Some((reason, body)))?;
                return Ok(true);
            }
        }
        Ok(false)
    }

    fn stage_record(
        &self,
        tx: &mut Tx<'_>,
        record: &Record,
        found: Option<Known>,
        is_exact: bool,
        doomed: &mut Doomed,
    ) -> Result<(), Error> {
        let is_new = found.is_none();
        if is_exact {
            tx.lift_tombstone(self.row, &record.key)?;
        }
        let mut known = found.unwrap_or_else(|| Known::new(self.row, None));
        let is_unread = is_new || known.is_unread();
        if is_unread && !is_exact && !mutant::is(Mutant::AbsenceIsDeletion) && tx.is_tombstone(self.row, &record.key)? {
            // Known to be gone, and listed, perhaps twice: read before it is believed.
            known.pair.key = Some(record.key.clone());
            known.pair.remote = Observed::Doubtful;
            known.row.is_open = true;
            return put(tx, known);
        }
        if known.row.contact.is_none() && known.row.rival.is_none() && !known.is_erased() {
            match place::of_record(tx.read(), &self.at, known.row.pair, record, known.pair.is_apart)? {
                Placed::Nobody => {
                    let returned = erased::look(tx, &self.at, &record.units, record.external_id.as_deref())?;
                    if returned != Returned::No {
                        tx.set_quarantine(self.row, &record.key, None)?;
                        known.observe(record);
                        return Ok(erased::turn_away(tx, known, returned)?);
                    }
                    // Once both sides knew that they are gone, one that is there again is there.
                    if is_new
                        && self.is_team
                        && let Some(id) = &record.external_id
                        && let Some((contact, base)) = doomed.of(tx.read(), id)?
                        && tx.read().pairs().of_contact(self.row, contact)?.is_none()
                    {
                        (known.row.contact, known.row.fate, known.pair.base) = (Some(contact), Fate::Deleted, base);
                    }
                }
                Placed::Contact(contact) => known.row.contact = Some(contact),
                Placed::Pair(other) => {
                    let mut other = Known::of(*other)?;
                    if other.pair.key.as_ref().is_none_or(|key| *key == record.key) {
                        // What was perhaps made is there.
                        if !is_new {
                            tx.delete_pair(&known.row, false)?;
                        }
                        if other.pair.key.is_none() {
                            other.pair.relink(record.key.clone(), &record.version);
                        }
                        other.observe(record);
                        tx.set_quarantine(self.row, &record.key, None)?;
                        return put(tx, other);
                    }
                    // A second record of somebody who was erased goes with the first.
                    if other.is_erased() {
                        known.row.fate = other.row.fate;
                        known.observe(record);
                        tx.set_quarantine(self.row, &record.key, None)?;
                        return put(tx, known);
                    }
                    // One contact has one record: which of the two it is shows when the
                    // one that is known is read.
                    known.row.rival.clone_from(&other.pair.key);
                    if other.pair.remote != Observed::Gone {
                        other.pair.remote = Observed::Doubtful;
                    }
                    other.row.is_open = true;
                    put(tx, other)?;
                }
            }
        }
        rivals::ask_whose(tx.read(), &self.at, &mut known, record)?;
        known.observe(record);
        let beside = rivals::beside(tx.read(), &known)?;
        let fault = beside.as_ref().map(|other| (other.as_str(), record.body.as_str()));
        tx.set_quarantine(self.row, &record.key, fault)?;
        put(tx, known)
    }

    /// What a complete listing leaves out is read before it is believed to be gone.
    fn doubt_missing(&self, tx: &mut Tx<'_>, listed: &BTreeSet<Key>) -> Result<(), Error> {
        for (pair, key) in tx.read().pairs().keys(self.row)? {
            if listed.contains(&key) {
                continue;
            }
            if let Some(mut known) = tx.read().pairs().get(pair)?.map(Known::of).transpose()? {
                if mutant::is(Mutant::AbsenceIsDeletion) {
                    known.pair.observe(Observed::Gone);
                } else if known.pair.remote != Observed::Gone {
                    known.pair.remote = Observed::Doubtful;
                }
                known.row.is_open = true;
                put(tx, known)?;
            }
        }
        Ok(())
    }

    fn doubtful(&self, reader: Reader<'_>) -> Result<BTreeSet<Op>, Error> {
        let mut doubtful = BTreeSet::new();
        reader.pairs().each_open(self.row, |row| {
            let known = Known::of(row)?;
            if known.pair.remote == Observed::Doubtful {
                doubtful.insert(known.op());
            }
            Ok::<_, StoreError>(())
        })?;
        Ok(doubtful)
    }
}
