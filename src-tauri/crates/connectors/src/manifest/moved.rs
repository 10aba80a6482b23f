//! What moved, page by page: everything, or what changed since, with some of it read again
//! because an index lags behind. What a complete list lacks is only named here; whoever asks
//! reads each of it before it is believed to be gone, because pages shift while they are read.

use super::{
    cursor::Cursor,
    format::{Deletes, Mode},
    ops::OpName,
    pager::{Pager, Topic, Turn},
    record::is_in_doubt,
    system::System,
};
use cardfile_sync::{
    pair::{Key, Version},
    remote::{Known, Page, Paged, Row},
    run::Failure,
};
use serde_json::Value as Json;
use std::collections::{BTreeMap, BTreeSet};

/// Where no clock of the server is known, so much of ours may be wrong.
const DAY_MS: i64 = 86_400_000;

/// What is being read.
pub(super) struct Listing {
    phase: Phase,
    pager: Pager,
    /// How far everything will have been read at the end.
    next: Cursor,
    /// When it began; nothing before the first answer.
    begun: Option<i64>,
    /// All that is there, of a complete list.
    listed: BTreeSet<Key>,
    /// The latest change that was seen.
    seen: Option<i64>,
    /// Since when this search looks, and how many it found.
    window: (i64, u64),
    /// A page of which something could not be read again yet.
    waiting: Option<Read>,
}

/// What a page says.
#[derive(Default)]
struct Read {
    rows: Vec<Row>,
    /// Records of which the page may say what was before.
    doubted: BTreeSet<Key>,
    /// Those that say an earlier time than the one they are known by, which is long ago: a
    /// clock was put back there.
    put_back: BTreeMap<Key, u64>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Phase {
    Everything,
    Since,
    Archived,
}

impl Listing {
    /// What moved after a cursor; everything without one.
    pub(super) fn after(system: &System, cursor: Option<Cursor>) -> Result<Self, Failure> {
        let changes = system.changes();
        let since = cursor.and_then(|cursor| cursor.since).filter(|_| changes.mode != Mode::FullScan);
        let age = cursor.map(|cursor| system.wire.now() - cursor.full);
        let is_old = age.is_some_and(|age| age >= ms(changes.full_every.0));
        let (phase, window) = match since {
            Some(since) if !is_old => (Phase::Since, since - ms(changes.overlap.0)),
            _ => (Phase::Everything, 0),
        };
        let next = cursor.unwrap_or_default();
        Ok(Self {
            phase,
            pager: pager(system, phase, window)?,
            next,
            begun: None,
            listed: BTreeSet::new(),
            seen: None,
            window: (window, 0),
            waiting: None,
        })
    }

    /// The next page.
    pub(super) async fn page(&mut self, system: &System, known: &Known<'_>) -> Result<Paged, Failure> {
        let mut read = match self.waiting.take() {
            Some(read) => read,
            None => match self.read(system, known).await? {
                Some(read) => read,
                None => return Ok(Paged::Expired),
            },
        };
        if let Err(failure) = read.again(system).await {
            self.waiting = Some(read);
            return Err(failure);
        }
        let rows = read.rows;
        if !self.pager.is_over() {
            return self.goes_on(system, rows);
        }
        if self.phase == Phase::Since && system.changes().deletes == Deletes::ArchivedList {
            self.phase = Phase::Archived;
            self.pager = pager(system, Phase::Archived, 0)?;
            return Ok(Paged::Page(Page { rows, cursor: None, more: true, listed: None }));
        }
        Ok(Paged::Page(self.last(system, rows)))
    }

    /// Asks for the next page; nothing when the place in the list is not known any more.
    async fn read(&mut self, system: &System, known: &Known<'_>) -> Result<Option<Read>, Failure> {
        let call = system.call(self.phase.op())?;
        let Turn::Page(items) = self.pager.next(&system.wire, call).await? else { return Ok(None) };
        // Of a list that took an hour, changes count from its beginning.
        let at = system.wire.server_ms.get().unwrap_or_else(|| system.wire.now() - DAY_MS);
        self.begun.get_or_insert(at);
        Ok(Some(match self.phase {
            Phase::Archived => Read { rows: self.archived(system, &items, known), ..Read::default() },
            Phase::Everything | Phase::Since => self.live(system, &items, known)?,
        }))
    }

    /// There is another page: perhaps of a search that begins anew, before it finds no more.
    fn goes_on(&mut self, system: &System, rows: Vec<Row>) -> Result<Paged, Failure> {
        let changes = system.changes();
        let (from, found) = self.window;
        let is_full = self.phase == Phase::Since && changes.cap.is_some_and(|cap| found >= u64::from(cap));
        if is_full {
            // More of one moment than one search gives: a complete list has no such end.
            let Some(seen) = self.seen.filter(|seen| *seen > from && changes.sorted) else { return Ok(Paged::Expired) };
            self.window = (seen, 0);
            self.pager = pager(system, Phase::Since, seen)?;
        }
        let is_kept = self.phase == Phase::Since && changes.sorted;
        let cursor = self.seen.filter(|_| is_kept);
        let cursor = cursor.map(|_| Cursor { since: self.since(system), ..self.next }.to_string());
        Ok(Paged::Page(Page { rows, cursor, more: true, listed: None }))
    }

    fn last(&mut self, system: &System, rows: Vec<Row>) -> Page {
        let begun = self.begun.unwrap_or_default();
        let keeps_since = system.changes().mode != Mode::FullScan;
        if self.phase != Phase::Everything {
            let cursor = Cursor { since: self.since(system), ..self.next }.to_string();
            return Page { rows, cursor: Some(cursor), more: false, listed: None };
        }
        let is_complete = self.pager.total.is_none_or(|total| self.listed.len() as u64 >= total);
        system.was_listed(self.listed.len() as u64, is_complete);
        let cursor = Cursor { since: keeps_since.then_some(begun), full: system.wire.now() }.to_string();
        Page { rows, cursor: Some(cursor), more: false, listed: Some(std::mem::take(&mut self.listed)) }
    }

    /// Up to when changes were read. Of what changed after the first answer came nobody knows
    /// whether something else of that time was still missing in an index that lags behind, so
    /// it is looked for again; only where the server says what time it is can that be told.
    fn since(&self, system: &System) -> Option<i64> {
        let begun = self.begun.filter(|_| system.wire.server_ms.get().is_some());
        let seen = self.seen.map(|seen| begun.map_or(seen, |begun| seen.min(begun)));
        self.next.since.into_iter().chain(seen).max()
    }

    fn live(&mut self, system: &System, items: &[Json], known: &Known<'_>) -> Result<Read, Failure> {
        let lags = self.phase == Phase::Since && system.changes().numbered;
        let mut read = Read { rows: Vec::with_capacity(items.len()), ..Read::default() };
        for json in items {
            self.seen = self.seen.max(system.shape.changed_at(json));
            let row = system.shape.row(json)?;
            let is_known = known(row.key());
            let row = match row {
                Row::Gone(key) if is_known.is_some() => Row::Gone(key),
                Row::Gone(_) => continue,
                Row::Live(record) if is_known.as_ref().is_some_and(|known| known.text == record.version.text) => {
                    Row::Same(record.key)
                }
                Row::Live(record) => {
                    if lags && is_known.as_ref().is_some_and(|known| is_in_doubt(known, &record.version)) {
                        read.doubted.insert(record.key.clone());
                    }
                    if let Some(since) = is_known.and_then(|known| self.put_back(system, &known, &record.version)) {
                        read.doubted.insert(record.key.clone());
                        read.put_back.insert(record.key.clone(), since);
                    }
                    Row::Live(record)
                }
                other => other,
            };
            if self.phase == Phase::Everything && !matches!(row, Row::Gone(_)) {
                self.listed.insert(row.key().clone());
            }
            read.rows.push(row);
        }
        self.window.1 += items.len() as u64;
        Ok(read)
    }

    /// Since when a record is known, if a complete list says that it is older than that and no
    /// index lags for so long.
    fn put_back(&self, system: &System, known: &Version, read: &Version) -> Option<u64> {
        let since = system.shape.known_at(known).filter(|_| self.phase == Phase::Everything)?;
        let now = system.wire.server_ms.get().unwrap_or_else(|| system.wire.now());
        let since = u64::try_from(since).ok().filter(|_| since < now - ms(system.changes().overlap.0))?;
        read.order.is_some_and(|order| order < since).then_some(since)
    }

    /// Whom we know of those that were deleted.
    fn archived(&self, system: &System, items: &[Json], known: &Known<'_>) -> Vec<Row> {
        let keys = items.iter().filter_map(|json| system.key_of(json));
        keys.filter(|key| known(key).is_some()).map(Row::Gone).collect()
    }
}

impl Read {
    /// Reads by themselves what the page may have from before: a record is not behind its index.
    async fn again(&mut self, system: &System) -> Result<(), Failure> {
        if self.doubted.is_empty() {
            return Ok(());
        }
        let keys: Vec<Key> = self.doubted.iter().cloned().collect();
        let fetched = system.fetch(&keys).await?;
        let now: BTreeMap<Key, Row> = keys.into_iter().zip(fetched.into_iter().map(|one| one.row)).collect();
        for row in &mut self.rows {
            let Some(read) = now.get(row.key()) else { continue };
            *row = read.clone();
            if let (Row::Live(record), Some(since)) = (&mut *row, self.put_back.get(read.key()))
                && record.version.order.is_some_and(|order| order < *since)
            {
                // It has its turn by what it says: by its time it would be from before.
                record.version = std::mem::take(&mut record.version).without_order();
            }
        }
        Ok(())
    }
}

impl Phase {
    fn op(self) -> OpName {
        match self {
            Self::Everything => OpName::List,
            Self::Since => OpName::Changes,
            Self::Archived => OpName::Archived,
        }
    }
}

fn pager(system: &System, phase: Phase, since: i64) -> Result<Pager, Failure> {
    let topic = Topic { since: Some(since), places: system.shape.places(), ..Topic::default() };
    Ok(Pager::new(system.call(phase.op())?, topic))
}

fn ms(span: u64) -> i64 {
    i64::try_from(span).unwrap_or(i64::MAX)
}
