//! The way to a remote: what a connector does, with the faults of networks.

use crate::{
    random::Random,
    remote::{FakeRemote, LAG, Record},
    team::{Registry, Sending},
};
use cardfile_store::ContactRow;
use cardfile_sync::{
    pair::Key,
    remote::{self, Answers, Caps, Known, Page, Paged, Remote, Row, Traffic, Write, WriteKind},
    run::Failure,
    value::Units,
};
use std::{
    cell::RefCell,
    collections::{BTreeMap, BTreeSet},
    rc::Rc,
};

/// Who sends, and what has to be true of that.
pub(crate) struct Sender {
    /// What records call it.
    pub(crate) name: String,
    /// Contacts of people who were erased before what is sent was kept.
    pub(crate) erased: Rc<RefCell<BTreeSet<ContactRow>>>,
    /// Everything is to be read before anything is sent: remotes of which that is so.
    pub(crate) anew: Rc<RefCell<BTreeSet<usize>>>,
    /// Which of the remotes this is.
    pub(crate) at: usize,
    /// Where a team shares the remote: its leases, what the team calls the remote, and who
    /// holds the lease.
    pub(crate) lease: Option<(Rc<RefCell<Registry>>, String, String)>,
}

impl Sender {
    /// Looks at what is sent, before it is.
    pub(crate) fn look_at(&self, remote: &RefCell<FakeRemote>, write: &Write) {
        let mut remote = remote.borrow_mut();
        if self.anew.borrow().contains(&self.at) {
            remote.blame("a copy reads everything before it writes", format!("{write:?}"));
        }
        let is_erased = ContactRow::try_from(write.op).is_ok_and(|row| self.erased.borrow().contains(&row));
        if is_erased && !matches!(write.kind, WriteKind::Delete { .. }) {
            remote.blame("of who was erased nothing leaves", format!("{write:?}"));
        }
        let Some((registry, name, holder)) = &self.lease else { return };
        match registry.borrow().sending(name, holder, write.stamp) {
            Sending::Told => {}
            Sending::Untold => remote.blame("what is sent is known to the team first", format!("{write:?}")),
            Sending::NotOurs => remote.blame("who lost a remote sends nothing", format!("{write:?}")),
            Sending::Late => {
                // What is changed or deleted is at the version it was read at, or it is not.
                if let WriteKind::Create { set, .. } = &write.kind {
                    remote.late.push(set.units().clone());
                }
            }
        }
    }

    /// All of the remote was read.
    pub(crate) fn has_read(&self) {
        self.anew.borrow_mut().remove(&self.at);
    }
}

/// One device at one remote, for the length of a run.
pub(crate) struct Wire {
    remote: Rc<RefCell<FakeRemote>>,
    random: Rc<RefCell<Random>>,
    sender: Sender,
    /// Where the next page begins.
    at: Option<usize>,
    /// Everything is being listed.
    lists: bool,
    /// From here on what is read now may lag behind.
    lags_from: usize,
    requests: u64,
}

impl Wire {
    pub(crate) fn new(remote: Rc<RefCell<FakeRemote>>, random: Rc<RefCell<Random>>, sender: Sender) -> Self {
        Self { remote, random, sender, at: None, lists: false, lags_from: 0, requests: 0 }
    }

    fn row(&self, remote: &FakeRemote, key: Key, record: Option<Record>) -> Row {
        match record {
            None => Row::Gone(key),
            Some(record) if record.is_spoilt => {
                Row::Unreadable { version: remote.version(&record), reason: "spoilt".into(), body: key.clone(), key }
            }
            Some(record) => Row::Live(Box::new(self.record(remote, key, &record))),
        }
    }

    fn record(&self, remote: &FakeRemote, key: Key, record: &Record) -> remote::Record {
        // A whole record was read: what it does not say is empty.
        let said = |unit: &String| (unit.clone(), record.units.get(unit).cloned().unwrap_or_default());
        let units: Units = remote.mapping.units().map(said).collect();
        let stamp = remote.caps.stamp.then(|| record.stamps.get(&self.sender.name).copied().unwrap_or(0));
        remote::Record {
            version: remote.version(record),
            units,
            stamp,
            external_id: record.external_id.clone(),
            body: format!("{key} at {}", record.version),
            key,
        }
    }
}

impl Remote for Wire {
    fn caps(&self) -> Caps {
        let caps = self.remote.borrow().caps;
        Caps {
            stamp: caps.stamp,
            creates_once: caps.creates_once,
            bound_cursor: false,
            needs_body: false,
            numbered: caps.numbered,
            batch: caps.batch,
        }
    }

    fn identity(&mut self) -> Result<String, Failure> {
        Ok("fake".into())
    }

    fn begin(&mut self, cursor: Option<&str>) {
        self.at = cursor.and_then(|text| text.parse().ok());
        self.lists = self.at.is_none();
        self.lags_from = self.remote.borrow().now().saturating_sub(LAG);
    }

    fn page(&mut self, known: &Known<'_>) -> Result<Paged, Failure> {
        self.requests += 1;
        let remote = self.remote.borrow();
        let mut random = self.random.borrow_mut();
        let Some((rows, to, last)) = remote.page(self.at, &mut random)? else { return Ok(Paged::Expired) };
        let rows: Vec<Row> = rows
            .into_iter()
            .map(|(key, record)| match record {
                // Who asks for versions first does not fetch what is known.
                Some(record) if random.percent(50) && known(&key) == Some(remote.version(&record).without_order()) => {
                    Row::Same(key)
                }
                record => self.row(&remote, key, record),
            })
            .collect();
        self.at = Some(to);
        if last {
            self.sender.has_read();
        }
        // Without tombstones a full listing says what is gone, by leaving it out.
        let lists = last && (self.lists || !remote.caps.tombstones);
        let listed = lists.then(|| remote.listing(&mut random));
        // What may have lagged behind is read again.
        let cursor = if remote.caps.lags { to.min(self.lags_from) } else { to };
        Ok(Paged::Page(Page { rows, cursor: Some(cursor.to_string()), more: !last, listed }))
    }

    fn read(&mut self, keys: &[Key]) -> Result<Vec<Row>, Failure> {
        self.requests += 1;
        let remote = self.remote.borrow();
        Ok(keys.iter().map(|key| self.row(&remote, key.clone(), remote.records.get(key).cloned())).collect())
    }

    fn find(&mut self, external_ids: &[String]) -> Result<Vec<Option<Key>>, Failure> {
        self.requests += 1;
        let (remote, mut random) = (self.remote.borrow(), self.random.borrow_mut());
        Ok(external_ids.iter().map(|id| remote.find(id, &mut random)).collect())
    }

    fn find_proves(&self) -> bool {
        !self.remote.borrow().caps.lags
    }

    fn write(&mut self, writes: Vec<Write>) -> Answers {
        self.requests += 1;
        let mut answers = Answers::default();
        for write in writes {
            self.sender.look_at(&self.remote, &write);
            let stamps = BTreeMap::from([(self.sender.name.clone(), write.stamp)]);
            let taken = self.remote.borrow_mut().write(write.kind.into(), stamps, &mut self.random.borrow_mut());
            match taken {
                Err(failure) => {
                    answers.failure = Some(failure);
                    break;
                }
                Ok((outcome, taken)) => {
                    let remote = self.remote.borrow();
                    let record = taken.map(|(key, record)| self.record(&remote, key, &record));
                    answers.answers.push(remote::Answer { op: write.op, outcome, record });
                }
            }
        }
        answers
    }

    fn traffic(&self) -> Traffic {
        Traffic { requests: self.requests, ..Traffic::default() }
    }
}
