//! Everything that moved is planned, and the plan is carried out here.

use super::{Engine, Planned, Seen, change_remote, put};
use crate::error::Error;
use crate::sync::{
    bridge::Bridge,
    erased::{self, Returned},
    known::{Known, look_again_at},
    rivals,
};
use cardfile_domain::Contact;
use cardfile_store::{CHUNK, ContactRow, Fate, Reader, StoreError, Tx};
use cardfile_sync::{
    fields,
    mutant::{self, Mutant},
    pair::Remote as Observed,
    plan::{Limits, Planner},
    record::{Push, RecordPlan},
    relink::Relink,
    run::{Event, Kind, Op},
};
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};

impl Engine<'_> {
    /// Plans everything that moved: here, by the change log, or there, by what was kept.
    pub(super) fn make_plan(&mut self) -> Result<Event, Error> {
        if let Some(bridge) = &self.bridge {
            bridge.meet(self.store)?;
        }
        let remote = self.known_remote()?;
        let needs_body = self.remote.caps().needs_body;
        let (planned, reads) = self.store.read(|r| Ok(self.collect(r, &remote, needs_body)))??;
        let questions = planned.plan.questions.clone();
        self.plan = Some(planned);
        Ok(Event::Planned { questions, reads })
    }

    fn collect(
        &self,
        r: Reader<'_>,
        remote: &cardfile_store::Remote,
        needs_body: bool,
    ) -> Result<(Planned, BTreeSet<Op>), StoreError> {
        let (mut planner, mut from, mut reads) = (Planner::new(&self.mapping), BTreeMap::new(), BTreeSet::new());
        let mut awaited = BTreeSet::new();
        let mut take = |mut known: Known| -> Result<(), StoreError> {
            let is_awaited = |bridge: &Bridge<'_>| bridge.is_awaited(r, &known);
            if self.bridge.as_ref().map_or(Ok(false), is_awaited)? {
                awaited.extend(known.row.contact);
                return Ok(());
            }
            if known.is_frozen(r)? {
                return Ok(());
            }
            let (local, version) = known.local(r)?;
            let seen = Seen::of(&known, version);
            known.pair.local = local;
            let op = known.op();
            let record = planner.take(op, &known.pair);
            let is_bare = needs_body && known.row.body.is_empty() && matches!(record.push, Some(Push::Patch { .. }));
            if record.reads || is_bare {
                reads.insert(op);
            }
            from.insert(op, seen);
            Ok(())
        };
        r.pairs().each_open(self.row, |row| {
            // Two records of one contact: neither is made a contact of its own.
            if row.rival.is_none() { take(Known::of(row)?) } else { Ok(()) }
        })?;
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
        let room = match self.quota {
            Some(quota) => {
                let linked = r.pairs().count_linked(self.row)?;
                let there = self.remote.records().and_then(|records| u32::try_from(records).ok()).unwrap_or(linked);
                Some(quota.saturating_sub(there))
            }
            None => None,
        };
        let limits = Limits { room, ..self.limits };
        let plan = planner.finish(limits, self.done, || r.pairs().count_linked(self.row))?;
        Ok((Planned { plan, from, awaited, seen }, reads))
    }

    pub(super) fn apply(&mut self) -> Result<Event, Error> {
        let Some(Planned { plan, from, awaited, seen }) = self.plan.take() else {
            return Ok(Event::Applied { writes: Vec::new(), batch: 1, moved: BTreeSet::new() });
        };
        self.done.add(&plan.totals);
        self.writes.clear();
        let (mut writes, mut moved) = (Vec::new(), BTreeSet::new());
        let mut ops: Vec<(Op, Seen)> = from.into_iter().collect();
        loop {
            let rest = ops.split_off(ops.len().min(CHUNK));
            let is_last = rest.is_empty();
            let chunk = std::mem::replace(&mut ops, rest);
            let operation = self.operation;
            let mut counts = self.counts.clone();
            let mut suppressed = 0;
            let (pushes, operation) = self.store.write_on(self.who.clone(), operation, |tx| {
                let mut pushes = Vec::new();
                if !self.is_set_as_it_was(tx.read())? {
                    return Ok((pushes, Value::Null));
                }
                for (op, seen) in chunk {
                    let Some(now) = self.is_as_it_was(tx.read(), seen)? else {
                        moved.insert(op);
                        continue;
                    };
                    let has_news = |bridge: &Bridge<'_>| bridge.has_news(tx, &now);
                    if self.bridge.as_ref().map_or(Ok(false), has_news)? {
                        moved.insert(op);
                        if let Some(contact) = now.row.contact {
                            look_again_at(tx, self.row, contact)?;
                        }
                        continue;
                    }
                    let record = plan.record(op, &now.pair, &self.mapping);
                    if let Some(key) = record.aside.clone() {
                        if !rivals::put_aside(tx, &now, key)? {
                            moved.insert(op);
                        }
                        continue;
                    }
                    counts.plan(op, &now, &record);
                    pushes.extend(self.apply_one(tx, op, now, record)?);
                }
                if is_last {
                    // What moved of them meanwhile is looked at once they can be read.
                    awaited.iter().try_for_each(|contact| look_again_at(tx, self.row, *contact))?;
                    self.look_on_from(tx, seen)?;
                }
                suppressed = tx.returns();
                Ok::<_, Error>((pushes, serde_json::to_value(&counts).unwrap_or_default()))
            })?;
            (self.operation, self.counts) = (operation, counts);
            self.counts.suppressed += suppressed;
            writes.extend(pushes);
            if is_last {
                break;
            }
        }
        if let Some(bridge) = &mut self.bridge {
            bridge.is_behind();
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
        let is_alone = changes.is_alone_after(seen, tx.operation())? || mutant::is(Mutant::LooksTooFar);
        let seen = if is_alone { changes.last()? } else { seen };
        change_remote(tx, self.row, |remote| {
            remote.seen = Some(seen);
            // What was asked of an older plan is asked no more, and nobody agreed to a later one.
            (remote.asked, remote.agreed) = (Value::Null, Value::Null);
        })
    }

    /// The pair as it is now, when neither it nor its contact moved since the plan was made.
    pub(super) fn is_as_it_was(&self, reader: Reader<'_>, seen: Seen) -> Result<Option<Known>, Error> {
        let mut now = match (seen.pair, seen.contact) {
            (0, Some(contact)) => match reader.pairs().of_contact(self.row, contact)? {
                Some(_) => return Ok(None),
                None => Known::new(self.row, Some(contact)),
            },
            (pair, _) => match reader.pairs().get(pair)? {
                Some(row) => Known::of(row)?,
                None => return Ok(None),
            },
        };
        let (local, version) = now.local(reader)?;
        now.pair.local = local;
        Ok((Seen::of(&now, version).print == seen.print).then_some(now))
    }

    fn apply_one(
        &self,
        tx: &mut Tx<'_>,
        op: Op,
        mut known: Known,
        record: RecordPlan,
    ) -> Result<Option<(Op, Push)>, Error> {
        if record.creates_contact {
            // They may have been erased since the record was read.
            let returned = erased::look(tx, &self.at, &record.take, known.row.external_id.as_deref())?;
            if returned != Returned::No {
                erased::turn_away(tx, known, returned)?;
                return Ok(None);
            }
            known.row.contact = Some(self.create_contact(tx, &known, &record)?);
            known.row.fate = Fate::None;
        } else if !record.take.is_empty()
            && let Some(contact) = known.row.contact
        {
            let take = erased::welcome(tx, contact, &record.take)?;
            tx.edit(contact, |contact| fields::put(contact, &take))?;
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
        if known.pair.relink.is_some() {
            known.relink_since = known.relink_since.or(Some(now));
        }
        // Beside a record that came in its place it is looked at by each plan.
        let is_asked = matches!(known.pair.relink, Some(Relink::Replaced { .. }));
        let is_doubtful = known.pair.remote == Observed::Doubtful;
        known.row.is_open = record.push.is_some() || record.reads || is_doubtful || is_asked;
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
        if let Some(id) = known.made_as.as_deref().and_then(|id| cardfile_domain::ContactId::parse(id).ok())
            && tx.read().contacts().row_of(id.as_str())?.is_none()
        {
            contact.id = id;
        }
        Ok(tx.insert(contact)?)
    }
}
