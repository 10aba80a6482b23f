//! Carries out the effects of a run, each write as one transaction. It decides nothing:
//! what becomes of a pair is said by `cardfile_sync`.

use super::{
    counts::Counts,
    known::Known,
    place::{self, At, Placed},
};
use crate::error::Error;
use cardfile_domain::Contact;
use cardfile_store::{CHUNK, ContactRow, Fate, Lock, Op as WriteOp, PairRow, Reader, RemoteRow, Store, StoreError, Tx};
use cardfile_sync::{
    fields,
    mapping::Mapping,
    mutant::{self, Mutant},
    pair::{Key, Refusal, Remote as Observed, Version},
    plan::{Limits, Plan, Question, Totals, plan},
    record::{Push, RecordPlan, plan_record},
    remote::{Page, Paged, Record, Remote, Row, Write, WriteKind},
    run::{Effect, Event, Kind, Op, Outcome},
    value::{self as units, Unit},
    write::{After, may_leave},
};
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet, HashMap};

/// What a run works on.
pub struct Engine<'e> {
    store: &'e Store,
    remote: &'e mut dyn Remote,
    row: RemoteRow,
    at: At,
    /// What the remote was set to when the run began.
    settings: Value,
    mapping: Mapping,
    limits: Limits,
    who: WriteOp,
    lock: Option<Lock>,
    /// What was read and is not kept yet.
    page: Page,
    exact: Vec<Row>,
    /// Pairs without a record, of which it was looked for and not found.
    absent: Vec<Op>,
    has_begun: bool,
    plan: Option<Planned>,
    writes: BTreeMap<Op, (Push, u64)>,
    records: HashMap<Op, Record>,
    /// What plans of this run did already.
    done: Totals,
    /// To what a person agreed in this run.
    agreed: Vec<Question>,
    /// The operation of what was changed here.
    operation: Option<i64>,
    counts: Counts,
}

/// A plan, and what it was made from.
struct Planned {
    plan: Plan,
    /// The pair as it was then, and the version of its contact.
    from: BTreeMap<Op, (Known, i64)>,
    /// The latest change then.
    seen: i64,
}

impl<'e> Engine<'e> {
    /// For a run of a remote that is configured in the store; `who` is whose deed it is.
    pub fn new(
        store: &'e Store,
        remote: &'e mut dyn Remote,
        configured: &cardfile_store::Remote,
        mapping: Mapping,
        who: WriteOp,
    ) -> Self {
        let row = configured.row;
        Self {
            store,
            remote,
            row,
            at: At { row, kind: configured.kind.clone(), scope: configured.name.clone() },
            settings: configured.settings.clone(),
            mapping,
            limits: Limits::default(),
            who,
            lock: None,
            page: Page::default(),
            exact: Vec::new(),
            absent: Vec::new(),
            has_begun: false,
            plan: None,
            writes: BTreeMap::new(),
            records: HashMap::new(),
            done: Totals::default(),
            agreed: Vec::new(),
            operation: None,
            counts: Counts::default(),
        }
    }

    /// What the run did so far.
    pub fn counts(&self) -> Counts {
        let mut counts = self.counts.clone();
        counts.carried(self.remote.traffic());
        counts
    }

    /// Requests so far.
    pub fn requests(&self) -> u64 {
        self.remote.traffic().requests
    }

    /// The operation of what was changed here.
    pub fn operation(&self) -> Option<i64> {
        self.operation
    }

    /// The plan that was made last and is not applied.
    pub fn planned(&self) -> Option<&Plan> {
        self.plan.as_ref().map(|planned| &planned.plan)
    }

    /// Carries out one effect and says what happened. Waiting is the matter of the caller.
    pub fn perform(&mut self, effect: Effect) -> Result<Option<Event>, Error> {
        Ok(Some(match effect {
            Effect::TakeLease => {
                let id = self.known_remote()?.id;
                self.lock = self.store.lock_remote(&id)?;
                Event::Leased(self.lock.is_some())
            }
            Effect::Identify => self.identify()?,
            Effect::Wait { .. } => Event::Waited,
            Effect::Release => {
                self.lock = None;
                return Ok(None);
            }
            Effect::Ask(questions) => Event::Answered(self.ask(&questions)?),
            Effect::Pull => self.pull()?,
            Effect::ForgetCursor => {
                self.write_remote(|remote| remote.cursor = None)?;
                self.has_begun = false;
                Event::Staged { more: true, doubtful: BTreeSet::new() }
            }
            Effect::Stage => self.stage()?,
            Effect::ReadRecords(ops) => self.read(&ops)?,
            Effect::Plan => self.make_plan()?,
            Effect::Apply => self.apply()?,
            Effect::Find(ops) => self.find(&ops)?,
            Effect::Keep(ops) => Event::Kept { stale: self.keep(&ops)? },
            Effect::Send(ops) => self.send(&ops)?,
            Effect::Settle(outcomes) => {
                self.settle(&outcomes)?;
                Event::Settled
            }
        }))
    }

    fn known_remote(&self) -> Result<cardfile_store::Remote, Error> {
        Ok(self.store.read(|r| r.remotes().get(self.row))?.unwrap_or_default())
    }

    fn write_remote(&self, change: impl FnOnce(&mut cardfile_store::Remote)) -> Result<(), Error> {
        self.write(|tx| change_remote(tx, self.row, change))
    }

    fn write<T>(&self, write: impl FnOnce(&mut Tx<'_>) -> Result<T, Error>) -> Result<T, Error> {
        Ok(self.store.write(self.who.clone(), write)?.0)
    }

    /// Whether the store behind the address is the one it was.
    fn identify(&mut self) -> Result<Event, Error> {
        let known = self.known_remote()?;
        if known.identity.is_some() && known.cursor.is_some() && self.remote.caps().bound_cursor {
            return Ok(Event::Identified(true));
        }
        Ok(match (self.remote.identity(), known.identity) {
            (Err(failure), _) => Event::Failed(failure),
            (Ok(identity), Some(known)) => Event::Identified(known == identity),
            (Ok(identity), None) => {
                self.write_remote(|remote| remote.identity = Some(identity))?;
                Event::Identified(true)
            }
        })
    }

    /// Whether a person agreed to this much; else it is kept until one does.
    fn ask(&mut self, questions: &[Question]) -> Result<bool, Error> {
        let agreed: Vec<Question> = serde_json::from_value(self.known_remote()?.agreed).unwrap_or_default();
        self.agreed.extend(agreed);
        let is_agreed = questions.iter().all(|question| question.is_covered(&self.agreed));
        self.write_remote(|remote| {
            remote.agreed = Value::Null;
            remote.asked = if is_agreed { Value::Null } else { serde_json::to_value(questions).unwrap_or_default() };
        })?;
        Ok(is_agreed)
    }

    fn pull(&mut self) -> Result<Event, Error> {
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
    fn read(&mut self, ops: &BTreeSet<Op>) -> Result<Event, Error> {
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
            Ok(rows) => self.exact = rows,
        }
        self.absent = absent;
        Ok(Event::Read)
    }

    /// Keeps what was read, and with a page its cursor.
    fn stage(&mut self) -> Result<Event, Error> {
        let (mut page, exact, absent) =
            (std::mem::take(&mut self.page), std::mem::take(&mut self.exact), std::mem::take(&mut self.absent));
        let more = page.more;
        if mutant::is(Mutant::CursorBeforeRows) {
            // A transaction of its own: what comes after it may never happen.
            self.write_remote(|remote| remote.cursor = page.cursor.clone().or_else(|| remote.cursor.clone()))?;
            if mutant::is_cut() {
                page.rows.clear();
            }
        }
        let (doubtful, quarantined) = self.write(|tx| {
            let mut quarantined = 0;
            for row in &exact {
                quarantined += u32::from(self.stage_row(tx, row, true)?);
            }
            for op in &absent {
                if let Some(mut known) = Known::of_op(tx.read(), self.row, *op)? {
                    known.pair.not_found();
                    put(tx, known)?;
                }
            }
            for row in &page.rows {
                quarantined += u32::from(self.stage_row(tx, row, false)?);
            }
            if let Some(listed) = &page.listed {
                self.doubt_missing(tx, listed)?;
            }
            self.promote(tx)?;
            if page.cursor.is_some() && self.is_set_as_it_was(tx.read())? {
                change_remote(tx, self.row, |remote| remote.cursor.clone_from(&page.cursor))?;
            }
            Ok((if more { BTreeSet::new() } else { self.doubtful(tx.read())? }, quarantined))
        })?;
        self.counts.quarantined += quarantined;
        Ok(Event::Staged { more, doubtful })
    }

    /// Whether the remote is set to what it was when the run began: who turns it off, or takes
    /// an approval back, means this run too.
    fn is_set_as_it_was(&self, reader: Reader<'_>) -> Result<bool, Error> {
        Ok(reader.remotes().get(self.row)?.is_some_and(|remote| remote.settings == self.settings))
    }

    /// Keeps one row; `true` when it cannot be taken.
    fn stage_row(&self, tx: &mut Tx<'_>, row: &Row, is_exact: bool) -> Result<bool, Error> {
        if matches!(row, Row::Same(_)) && !is_exact {
            return Ok(false);
        }
        let found = tx.read().pairs().of_key(self.row, row.key())?.map(Known::of).transpose()?;
        match (row, found) {
            (Row::Live(record), found) => self.stage_record(tx, record, found, is_exact)?,
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
            (Row::Gone(key), None) => tx.set_quarantine(self.row, key, None)?,
            (Row::Same(_), None) => {}
            (Row::Unreadable { key, reason, body, .. }, _) => {
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
    ) -> Result<(), Error> {
        let is_new = found.is_none();
        let mut known = found.unwrap_or_else(|| Known::new(self.row, None));
        if is_new
            && !is_exact
            && !mutant::is(Mutant::AbsenceIsDeletion)
            && tx.read().pairs().is_tombstone(self.row, &record.key)?
        {
            // Known to be gone, and listed: read before it is believed.
            known.pair.key = Some(record.key.clone());
            known.pair.remote = Observed::Doubtful;
            known.row.is_open = true;
            return put(tx, known);
        }
        if known.row.contact.is_none() && known.row.rival.is_none() {
            match place::of_record(tx.read(), &self.at, known.row.pair, record)? {
                Placed::Nobody => {}
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
                        return put(tx, other);
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
        known.observe(record);
        tx.set_quarantine(self.row, &record.key, None)?;
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

    /// A record whose contact had another that is gone takes its place.
    fn promote(&self, tx: &mut Tx<'_>) -> Result<(), Error> {
        for row in tx.read().pairs().rivals(self.row)? {
            let mut rival = Known::of(row)?;
            let key = rival.row.rival.clone().unwrap_or_default();
            let owner = tx.read().pairs().of_key(self.row, &key)?.map(Known::of).transpose()?;
            let Some(mut owner) = owner else {
                rival.row.rival = None;
                // Its contact may be another's by now, or free.
                if let Observed::Live { .. } = &rival.pair.remote
                    && let Some(external_id) = &rival.row.external_id
                    && let Placed::Contact(contact) = place::of_id(tx.read(), &self.at, rival.row.pair, external_id)?
                {
                    rival.row.contact = Some(contact);
                }
                rival.row.is_open = true;
                put(tx, rival)?;
                continue;
            };
            if rival.pair.remote == Observed::Gone {
                tx.delete_pair(&rival.row, true)?;
            } else if owner.pair.remote == Observed::Gone
                && let (Some(new), Some(version)) = (rival.pair.key.clone(), rival.pair.version.clone())
            {
                tx.delete_pair(&rival.row, false)?;
                owner.pair.version = None;
                owner.pair.relink(new, &version);
                owner.pair.observe(rival.pair.remote);
                owner.row.body = rival.row.body;
                owner.row.is_open = true;
                put(tx, owner)?;
            }
        }
        Ok(())
    }

    fn doubtful(&self, reader: Reader<'_>) -> Result<BTreeSet<Op>, Error> {
        let mut doubtful = BTreeSet::new();
        for row in reader.pairs().open(self.row)? {
            let known = Known::of(row)?;
            if known.pair.remote == Observed::Doubtful {
                doubtful.insert(known.op());
            }
        }
        Ok(doubtful)
    }

    /// Plans everything that moved: here, by the change log, or there, by what was kept.
    fn make_plan(&mut self) -> Result<Event, Error> {
        let remote = self.known_remote()?;
        let (from, linked, seen) = self.store.read(|r| Ok(self.collect(r, &remote)))??;
        let mut pairs = BTreeMap::new();
        for (op, (known, _)) in &from {
            pairs.insert(*op, known.pair.clone());
        }
        let made = plan(&pairs, &self.mapping, linked, self.limits, self.done);
        let reads = made.records.iter().filter(|(_, record)| record.reads).map(|(op, _)| *op).collect();
        let questions = made.questions.clone();
        self.plan = Some(Planned { plan: made, from, seen });
        Ok(Event::Planned { questions, reads })
    }

    #[expect(clippy::type_complexity, reason = "what a plan is made from, in one reading")]
    fn collect(
        &self,
        r: Reader<'_>,
        remote: &cardfile_store::Remote,
    ) -> Result<(BTreeMap<Op, (Known, i64)>, u32, i64), StoreError> {
        let mut from = BTreeMap::new();
        let mut take = |mut known: Known| -> Result<(), StoreError> {
            if known.is_frozen(r)? {
                return Ok(());
            }
            let (local, version) = known.local(r)?;
            known.pair.local = local;
            from.insert(known.op(), (known, version));
            Ok(())
        };
        for row in r.pairs().open(self.row)? {
            // Two records of one contact: neither is made a contact of its own.
            if row.rival.is_none() {
                take(Known::of(row)?)?;
            }
        }
        let (changed, seen) = match remote.seen {
            Some(seen) => r.changes().contacts_after(seen)?,
            None => (r.pairs().unlinked(self.row)?, r.changes().last()?),
        };
        let renamed = remote.seen.map(|seen| r.changes().contacts_with_renamed_tags(seen)).transpose()?;
        let changed: BTreeSet<ContactRow> = changed.into_iter().chain(renamed.into_iter().flatten()).collect();
        for contact in changed {
            match r.pairs().of_contact(self.row, contact)? {
                Some(row) if row.is_open => {}
                Some(row) => take(Known::of(row)?)?,
                None => take(Known::new(self.row, Some(contact)))?,
            }
        }
        Ok((from, r.pairs().count_linked(self.row)?, seen))
    }

    fn apply(&mut self) -> Result<Event, Error> {
        let Some(Planned { mut plan, from, seen }) = self.plan.take() else {
            return Ok(Event::Applied { writes: Vec::new(), batch: 1, moved: BTreeSet::new() });
        };
        self.done.add(&plan.totals);
        self.counts.plan(&plan, &from);
        self.writes.clear();
        let (mut writes, mut moved) = (Vec::new(), BTreeSet::new());
        let mut ops: Vec<(Op, (Known, i64))> = from.into_iter().collect();
        loop {
            let rest = ops.split_off(ops.len().min(CHUNK));
            let is_last = rest.is_empty();
            let chunk = std::mem::replace(&mut ops, rest);
            let operation = self.operation;
            let (pushes, operation) = self.store.write_on(self.who.clone(), operation, |tx| {
                let mut pushes = Vec::new();
                if !self.is_set_as_it_was(tx.read())? {
                    return Ok((pushes, Value::Null));
                }
                for (op, (known, version)) in chunk {
                    let Some(now) = self.is_as_it_was(tx.read(), &known, version)? else {
                        moved.insert(op);
                        continue;
                    };
                    let record = plan.records.remove(&op).unwrap_or_else(|| RecordPlan::at_rest(&known.pair));
                    pushes.extend(self.apply_one(tx, op, now, record)?);
                }
                if is_last {
                    self.look_on_from(tx, seen)?;
                }
                Ok::<_, Error>((pushes, serde_json::to_value(&self.counts).unwrap_or_default()))
            })?;
            self.operation = operation;
            writes.extend(pushes);
            if is_last {
                break;
            }
        }
        let caps = self.remote.caps();
        let kinds = writes.into_iter().map(|(op, push)| {
            let looks = matches!(push, Push::Create { .. }) && !caps.creates_once;
            self.writes.insert(op, (push, 0));
            (op, if looks { Kind::Create } else { Kind::Change })
        });
        Ok(Event::Applied { writes: kinds.collect(), batch: caps.batch, moved })
    }

    /// What others changed since the plan was made is looked at by the next one.
    fn look_on_from(&self, tx: &mut Tx<'_>, seen: i64) -> Result<(), Error> {
        let changes = tx.read().changes();
        let seen = if changes.is_alone_after(seen, tx.operation())? { changes.last()? } else { seen };
        change_remote(tx, self.row, |remote| {
            remote.seen = Some(seen);
            // What was asked of an older plan is asked no more, and nobody agreed to a later one.
            (remote.asked, remote.agreed) = (Value::Null, Value::Null);
        })
    }

    /// The pair as it is now, when neither it nor its contact moved since the plan was made.
    fn is_as_it_was(&self, reader: Reader<'_>, known: &Known, version: i64) -> Result<Option<Known>, Error> {
        let now = match (known.row.pair, known.row.contact) {
            (0, Some(contact)) => match reader.pairs().of_contact(self.row, contact)? {
                Some(_) => return Ok(None),
                None => Known::new(self.row, Some(contact)),
            },
            (pair, _) => match reader.pairs().get(pair)? {
                Some(row) => Known::of(row)?,
                None => return Ok(None),
            },
        };
        Ok((now.row == known.row && now.local(reader)?.1 == version).then_some(now))
    }

    fn apply_one(
        &self,
        tx: &mut Tx<'_>,
        op: Op,
        mut known: Known,
        record: RecordPlan,
    ) -> Result<Option<(Op, Push)>, Error> {
        if record.creates_contact {
            known.row.contact = Some(self.create_contact(tx, &known, &record)?);
            known.row.fate = Fate::None;
        } else if !record.take.is_empty()
            && let Some(contact) = known.row.contact
        {
            tx.edit(contact, |contact| fields::put(contact, &record.take))?;
        }
        if record.bins_contact
            && let Some(contact) = known.row.contact
        {
            let now = tx.now();
            tx.edit(contact, |contact| contact.binned_at = Some(now))?;
        }
        if record.forgets {
            if known.row.pair != 0 {
                tx.delete_pair(&known.row, true)?;
            }
            return Ok(None);
        }
        known.pair.apply(&record);
        let now = tx.now();
        for unit in known.pair.held.keys() {
            known.since.entry(unit.clone()).or_insert(now);
        }
        known.row.is_open = record.push.is_some() || record.reads || known.pair.remote == Observed::Doubtful;
        // A write under way looks for the record under the ID it was sent with.
        if matches!(record.push, Some(Push::Create { .. }))
            && known.pair.intents.is_empty()
            && let Some(contact) = known.row.contact
            && let Some(stored) = tx.read().contacts().get(contact)?
        {
            known.row.external_id = Some(stored.contact.id.as_str().to_owned());
        }
        // A contact that has nothing to say there has no pair.
        if known.row.pair != 0 || known.row.is_open || known.pair.key.is_some() {
            put(tx, known)?;
        }
        Ok(record.push.map(|push| (op, push)))
    }

    fn create_contact(&self, tx: &mut Tx<'_>, known: &Known, record: &RecordPlan) -> Result<ContactRow, Error> {
        let mut contact = Contact { source: self.at.scope.clone(), ..Contact::default() };
        fields::put(&mut contact, &record.take);
        if let Some(external_id) = &known.row.external_id {
            match cardfile_domain::ContactId::parse(external_id) {
                // Made by another device of ours.
                Ok(id) if tx.read().contacts().row_of(id.as_str())?.is_none() => contact.id = id,
                _ => {
                    let link = self.at.link(external_id);
                    if tx.read().links().contact_of(&link)?.is_none() {
                        contact.links.push(link);
                    }
                }
            }
        }
        Ok(tx.insert(contact)?)
    }

    fn find(&mut self, ops: &[Op]) -> Result<Event, Error> {
        let ids: Vec<(Op, String)> = self.store.read(|r| {
            let mut ids = Vec::new();
            for op in ops {
                let known = r.pairs().of_contact(self.row, *op as ContactRow)?;
                ids.extend(known.and_then(|row| row.external_id).map(|id| (*op, id)));
            }
            Ok(ids)
        })?;
        let only: Vec<String> = ids.iter().map(|(_, id)| id.clone()).collect();
        Ok(match self.remote.find(&only) {
            Err(failure) => Event::Failed(failure),
            Ok(found) => {
                let found = ids.into_iter().zip(found).filter_map(|((op, _), key)| Some((op, key?)));
                Event::Found(found.collect())
            }
        })
    }

    /// Keeps what will be sent; gives what may not leave any more.
    fn keep(&mut self, ops: &[Op]) -> Result<BTreeSet<Op>, Error> {
        let mut stale = BTreeSet::new();
        let mut stamps = Vec::new();
        self.write(|tx| {
            if !self.is_set_as_it_was(tx.read())? {
                stale.extend(ops);
                return Ok(());
            }
            let mut stamp = tx.read().remotes().get(self.row)?.unwrap_or_default().stamp;
            for op in ops {
                let known = Known::of_op(tx.read(), self.row, *op)?;
                let (Some(mut known), Some((push, _))) = (known, self.writes.get(op)) else {
                    stale.insert(*op);
                    continue;
                };
                let local = known.local(tx.read())?.0;
                // Restricted since it was planned.
                if known.is_frozen(tx.read())? || !may_leave(push, &local, &self.mapping) {
                    stale.insert(*op);
                    continue;
                }
                stamp += 1;
                known.pair.begin_write(push, stamp);
                stamps.push((*op, stamp));
                put(tx, known)?;
            }
            change_remote(tx, self.row, |remote| remote.stamp = stamp)
        })?;
        for (op, stamp) in stamps {
            if let Some((_, number)) = self.writes.get_mut(&op) {
                *number = stamp;
            }
        }
        Ok(stale)
    }

    fn send(&mut self, ops: &[Op]) -> Result<Event, Error> {
        let known: BTreeMap<Op, PairRow> = self.store.read(|r| {
            let mut all = BTreeMap::new();
            for op in ops {
                let row = Known::of_op(r, self.row, *op);
                all.extend(row.ok().flatten().map(|known| (*op, known.row)));
            }
            Ok(all)
        })?;
        let write = |op: &Op| {
            let (row, (push, stamp)) = (known.get(op)?, self.writes.get(op)?);
            let kind = match push.clone() {
                Push::Create { set } => WriteKind::Create { external_id: row.external_id.clone()?, set },
                Push::Patch { key, expect, set } => WriteKind::Patch { key, expect, set, body: row.body.clone() },
                Push::Delete { key, expect } => WriteKind::Delete { key, expect },
            };
            Some(Write { op: *op, stamp: *stamp, kind })
        };
        let writes = ops.iter().filter_map(write).collect();
        let answers = self.remote.write(writes);
        let mut outcomes = Vec::new();
        for answer in answers.answers {
            if let Some(record) = answer.record {
                self.records.insert(answer.op, record);
            }
            outcomes.push((answer.op, answer.outcome));
        }
        Ok(Event::Written { outcomes, failure: answers.failure })
    }

    fn settle(&mut self, outcomes: &[(Op, Outcome)]) -> Result<(), Error> {
        let mut done = Vec::new();
        self.write(|tx| {
            for (op, outcome) in outcomes {
                let (Some((push, stamp)), Some(mut known)) =
                    (self.writes.get(op), Known::of_op(tx.read(), self.row, *op)?)
                else {
                    continue;
                };
                let record = self.records.get(op);
                if known.pair.end_write(push, *stamp, outcome, record) == After::Gone {
                    tx.delete_pair(&known.row, true)?;
                    done.push((*op, push.clone()));
                    continue;
                }
                if *outcome == Outcome::Done
                    && let Some(record) = record
                {
                    done.push((*op, push.clone()));
                    known.row.body.clone_from(&record.body);
                    // What somebody else wrote by the way is news like any other.
                    let news = |(unit, value): (&Unit, &units::Value)| {
                        let agreed = known.pair.base.get(unit).is_none_or(|agreed| agreed == value);
                        self.mapping.pulls(unit) && !push.set().contains_key(unit) && !agreed
                    };
                    if record.units.iter().any(news) {
                        known.observe(record);
                    }
                    // Nothing is left to be looked at, unless the contact moved.
                    known.pair.local = known.local(tx.read())?.0;
                    known.row.is_open = plan_record(&known.pair, &self.mapping) != RecordPlan::at_rest(&known.pair);
                }
                self.yield_key(tx, &mut known, push)?;
                put(tx, known)?;
            }
            Ok(())
        })?;
        for (op, push) in &done {
            self.counts.done(*op, push);
        }
        for (op, _) in outcomes {
            self.records.remove(op);
        }
        Ok(())
    }
}

impl Engine<'_> {
    /// A record that is there already may be another pair's. Where the contact of that one is
    /// gone it is ours; else one record means two contacts, and ours is not made.
    fn yield_key(&self, tx: &mut Tx<'_>, known: &mut Known, push: &Push) -> Result<(), Error> {
        let Some(key) = known.pair.key.clone() else { return Ok(()) };
        let Some(other) = tx.read().pairs().of_key(self.row, &key)? else { return Ok(()) };
        if other.pair == known.row.pair {
            return Ok(());
        }
        let is_there = other.contact.map(|contact| tx.read().contacts().get(contact)).transpose()?.flatten().is_some();
        if is_there {
            known.pair.key = None;
            known.pair.refused = Some(Refusal {
                sent: push.set().clone(),
                times: Refusal::MOST,
                reason: "the record is another contact's".to_owned(),
            });
        } else {
            tx.delete_pair(&other, false)?;
        }
        Ok(())
    }
}

fn put(tx: &mut Tx<'_>, known: Known) -> Result<(), Error> {
    tx.put_pair(&known.into_row())?;
    Ok(())
}

fn change_remote(
    tx: &mut Tx<'_>,
    row: RemoteRow,
    change: impl FnOnce(&mut cardfile_store::Remote),
) -> Result<(), Error> {
    if let Some(mut remote) = tx.read().remotes().get(row)? {
        change(&mut remote);
        tx.put_remote(&remote)?;
    }
    Ok(())
}
