//! A remote that a team shares, for the length of one run: the lease, and what is known of
//! the remote, which is kept in the team's database for whoever serves it next.
//!
//! What is passed on is never ahead of the contacts in the team's database: who took over
//! would else find them older than what was agreed, and write that back to the remote. So
//! the team's database is brought in step first, and before anything is sent.

use super::{
    known::Known,
    unmet,
    unsettled::{self, Unsettled},
};
use crate::{error::Error, privacy::standing};
use cardfile_domain::Millis;
use cardfile_store::{Changed, ContactRow, Fate, Op, PairRow, Reader, RemoteRow, Store, StoreError, Tx};
use cardfile_sync::{
    bridge::{Epoch, Leases, Owner, Part, Parts, Progress, Shared},
    mapping::Mapping,
    mutant::{self, Mutant},
    pair::{Pair, Remote as Observed},
    run::Failure,
    value::{Unit, Units},
};
use std::collections::{BTreeMap, BTreeSet, btree_map::Entry};

/// For so long a lease is taken: a device that vanished is waited for no longer.
const LEASE_SECONDS: u32 = 300;
/// A lease that was held for so long is renewed.
const RENEWED_AFTER_MS: i64 = 60_000;
/// Parts that are passed on together.
const AT_ONCE: usize = 500;
/// The name of the part that says how far the remote was read.
const PROGRESS: &str = "progress";

/// What the team's database says, or why it says nothing.
pub type Answer<T> = Result<Result<T, Failure>, Error>;

/// What it takes to serve a shared remote.
pub struct Team<'b> {
    /// Of the team's database.
    pub leases: Box<dyn Leases + 'b>,
    /// The team's database, as it is configured here.
    pub row: RemoteRow,
    /// What may leave for there.
    pub mapping: Mapping,
    /// What goes which way at the remote.
    pub rules: Mapping,
    /// Exchanges contacts with it, both ways.
    pub in_step: Box<dyn FnMut() -> Answer<()> + 'b>,
}

/// A shared remote that is ours for now.
pub struct Bridge<'b> {
    team: Team<'b>,
    /// What goes which way at the remote while a team shares it.
    rules: Mapping,
    /// What the team calls the remote.
    name: String,
    remote: RemoteRow,
    epoch: Epoch,
    who: Op,
    held_at: Millis,
    /// Contacts may have changed since the team's database was in step.
    is_behind: bool,
    /// How far the next device was told that the remote is read.
    told: Option<Progress>,
}

impl<'b> Bridge<'b> {
    /// Takes the lease of a remote, and what others learned of it since it was ours last;
    /// nothing while another device has it. `device` is what records call us, if the team
    /// has no name there yet.
    pub fn take(
        store: &Store,
        mut team: Team<'b>,
        name: String,
        remote: &cardfile_store::Remote,
        device: &str,
        who: Op,
    ) -> Answer<Option<Self>> {
        let held_at = store.environment().clock.now();
        let epoch = match team.leases.take(&name, LEASE_SECONDS) {
            Ok(Some(epoch)) => epoch,
            Ok(None) => return Ok(Ok(None)),
            Err(failure) => return Ok(Err(failure)),
        };
        let remote_row = remote.row;
        let rules = team.rules.within(&team.mapping);
        let mut bridge =
            Self { team, rules, name, remote: remote_row, epoch, who, held_at, is_behind: false, told: None };
        let is_alone = remote.epoch.is_some_and(|known| known + 1 == epoch.0);
        if is_alone {
            // Nobody was there in between, whatever comes of this run.
            let device = remote.device.clone().unwrap_or_else(|| device.to_owned());
            bridge.write(store, |tx| Ok(tx.bridge(remote_row, epoch.0, &device)?))?;
            match bridge.pass_on_links(store)? {
                Ok(true) => {}
                Ok(false) => return Ok(Ok(None)),
                Err(failure) => return Ok(Err(bridge.give_back(failure))),
            }
        }
        if let Err(failure) = (bridge.team.in_step)()? {
            return Ok(Err(bridge.give_back(failure)));
        }
        if is_alone {
            unsettled::recall(store, &bridge.who, remote_row, bridge.team.row)?;
            return Ok(Ok(Some(bridge)));
        }
        let parts = match bridge.team.leases.parts(&bridge.name) {
            Ok(parts) => parts,
            Err(failure) => return Ok(Err(bridge.give_back(failure))),
        };
        if parts.is_empty() {
            bridge.write(store, |tx| {
                tx.bridge(remote_row, epoch.0, device)?;
                Ok(tx.mark_pairs(remote_row)?)
            })?;
        } else {
            bridge.adopt(store, parts, device)?;
        }
        Ok(Ok(Some(bridge)))
    }

    /// Others need not wait for a run that comes to nothing.
    fn give_back(&mut self, failure: Failure) -> Failure {
        let _ = self.team.leases.release(&self.name, self.epoch);
        failure
    }

    fn write<T>(&self, store: &Store, write: impl FnOnce(&mut Tx<'_>) -> Result<T, Error>) -> Result<T, Error> {
        Ok(store.write(self.who.clone(), write)?.0)
    }

    /// Goes on where another device stopped.
    fn adopt(&self, store: &Store, parts: BTreeMap<String, Part>, device: &str) -> Result<(), Error> {
        // A record of which two devices told: who says more of it comes first.
        let mut parts: Vec<(String, Part)> = parts.into_iter().collect();
        parts.sort_by_key(|(_, part)| matches!(part, Part::Pair(shared) if shared.is_link()));
        self.write(store, |tx| {
            let mut progress = Progress { device: device.to_owned(), ..Progress::default() };
            let (mut rows, mut gone, mut told_twice) = (Vec::new(), Vec::new(), Vec::new());
            let (mut contacts, mut keys, mut latest) = (BTreeSet::new(), BTreeSet::new(), 0_u64);
            for (name, part) in parts {
                match part {
                    Part::Gone(key) => gone.push(key),
                    Part::Progress(known) => progress = known,
                    Part::Pair(shared) => {
                        latest = latest.max(shared.latest_write());
                        let row = self.taken_over(tx, *shared, &mut contacts)?;
                        if row.key.as_ref().is_none_or(|key| keys.insert(key.clone())) {
                            rows.push((name, row));
                        } else {
                            told_twice.push(name);
                        }
                    }
                }
            }
            tx.forget_pairs(self.remote)?;
            for key in gone {
                tx.put_tombstone(self.remote, &key)?;
            }
            for (name, row) in rows {
                let pair = tx.put_pair(&row)?;
                tx.name_pair(pair, &name)?;
            }
            if let Some(mut remote) = tx.read().remotes().get(self.remote)? {
                (remote.cursor, remote.seen) = (progress.cursor, None);
                // How far it was read is told after its pairs, so that no cursor is ahead of them:
                // who did not come to tell it left writes with later numbers. A number that two
                // writes of a record have would say of both that they arrived.
                let is_broken = mutant::is(Mutant::NumbersAgain);
                remote.stamp = if is_broken { progress.stamp } else { remote.stamp.max(progress.stamp).max(latest) };
                tx.put_remote(&remote)?;
            }
            tx.bridge(self.remote, self.epoch.0, &progress.device)?;
            tx.settle_bridge(self.remote)?;
            for name in told_twice {
                tx.end_part(self.remote, &name)?;
            }
            Ok(())
        })
    }

    /// A pair as this workspace keeps it. Each is looked at: the contacts here have moved
    /// on since.
    fn taken_over(
        &self,
        tx: &Tx<'_>,
        shared: Shared,
        contacts: &mut BTreeSet<ContactRow>,
    ) -> Result<PairRow, StoreError> {
        let reader = tx.read();
        let owner = shared.owner.clone();
        let mut pair = shared.into_pair();
        let mut fate = match owner.fate {
            1 => Fate::Deleted,
            2 => Fate::Erased,
            3 => Fate::ErasedThere,
            _ => Fate::None,
        };
        let ours = pair.key.as_ref().map(|key| reader.pairs().of_key(self.remote, key)).transpose()?.flatten();
        // Whom this device erased stays so.
        if let Some(ours) = ours.as_ref().filter(|ours| matches!(ours.fate, Fate::Erased | Fate::ErasedThere)) {
            fate = ours.fate;
        }
        let (mut contact, mut made_as) = (None, None);
        if let Some(id) = &owner.contact {
            if let Some((row, of_team)) = unmet::contact_of(reader, self.team.row, id)? {
                contact = Some(row);
                // It is gone here, and the team's database does not know yet.
                if fate == Fate::None {
                    fate = of_team;
                }
            } else if fate == Fate::None {
                // Nor did the team hear of one that was made and deleted here meanwhile.
                let deleted = ours.as_ref().filter(|ours| ours.fate == Fate::Deleted);
                if let Some(deleted) = deleted {
                    (contact, fate) = (deleted.contact, Fate::Deleted);
                } else if tx.is_tombstone(self.team.row, id)? {
                    fate = Fate::Deleted;
                } else if pair.key.is_some() {
                    // It was made by a device that did not come to tell of it: whoever reads the
                    // record makes the same one. Or it cannot be read there, and is waited for.
                    pair.remote = Observed::Doubtful;
                }
                // Until they come, or the record is gone, they are known by the ID.
                made_as = Some(id.clone());
            }
            // Two contacts of the team may be one here.
            if let Some(row) = contact
                && !contacts.insert(row)
            {
                (contact, pair.remote) = (None, Observed::Doubtful);
            }
        }
        let unsettled = Unsettled::of(reader, self.team.row, contact)?;
        let ours = ours.filter(|ours| contact.is_some() && ours.contact == contact).map(Known::of).transpose()?;
        self.remember(&mut pair, ours.map(|ours| ours.pair).unwrap_or_default(), &unsettled);
        if !pair.intents.is_empty() {
            let own = contact.map(|contact| reader.pairs().of_contact(self.remote, contact)).transpose()?.flatten();
            let own = own.map(Known::of).transpose()?.map(|own| own.pair).unwrap_or_default();
            pair.doubt_writes(&own, |unit| unsettled.has(unit) || owner.unsettled.contains(unit));
        }
        if contact.is_some() && !unsettled.is_all {
            pair.recall(|unit| !unsettled.has(unit));
        }
        let row = PairRow {
            remote: self.remote,
            contact,
            external_id: owner.external_id,
            rival: owner.rival,
            fate,
            is_open: true,
            ..PairRow::default()
        };
        Ok(Known { row, pair, made_as, ..Known::default() }.into_row())
    }

    /// What was agreed on with this contact, where it is not the one of the team: what the
    /// team's database does not hold, and what is unsettled with it, or was when it was told.
    /// What nobody here saw is read again, and so is what was emptied since: of nothing there is
    /// nothing to be told. What the team agreed on waits while it is asked whether a deletion here
    /// stands.
    fn remember(&self, pair: &mut Pair, seen: Pair, unsettled: &Unsettled) {
        // Nothing happened to the record since: what was agreed on here still is.
        let is_latest = seen.version.is_some() && seen.version == pair.version;
        let is_ours = |unit: &Unit| is_latest || self.rules.only_comes(unit) || unsettled.has(unit);
        let (of_team, told): (Units, Units) =
            std::mem::take(&mut pair.base).into_iter().partition(|(unit, _)| unsettled.has(unit));
        let is_told = !of_team.is_empty();
        pair.base = told;
        if unsettled.is_deleted_here {
            pair.team_base.extend(of_team);
        } else if unsettled.is_all {
            // Nobody says that it will be the team's again.
            pair.team_base.clear();
        }
        // A record need not be read again when all that is left out of what is told of it is empty
        // there: whoever still knows something of that has missed how it went.
        let mut is_known = false;
        for (unit, value) in seen.base.into_iter().filter(|(unit, _)| is_ours(unit)) {
            if let Entry::Vacant(place) = pair.base.entry(unit) {
                is_known |= self.rules.pulls(place.key()) && !value.is_absent();
                place.insert(value);
            }
        }
        if (is_told || is_known) && pair.remote != Observed::Gone {
            pair.remote = Observed::Doubtful;
        }
    }

    /// Whether the contact of a record is to come from the team's database first.
    pub(crate) fn is_awaited(&self, reader: Reader<'_>, known: &Known) -> Result<bool, StoreError> {
        unmet::is_awaited(reader, self.team.row, known)
    }

    /// Whether something was heard of the contact of a record since it was planned.
    pub(crate) fn has_news(&self, tx: &Tx<'_>, known: &Known) -> Result<bool, StoreError> {
        unmet::has_news(tx, self.team.row, known)
    }

    /// Contacts that came, or went, since their records were taken over.
    pub(crate) fn meet(&self, store: &Store) -> Result<(), Error> {
        let (team, remote) = (self.team.row, self.remote);
        let pairs = store.read(|r| Ok(unmet::all(r, team, remote)))??;
        if pairs.is_empty() {
            return Ok(());
        }
        self.write(store, |tx| {
            for pair in pairs {
                unmet::meet(tx, team, pair)?;
            }
            Ok(())
        })
    }

    /// What goes which way at the remote while a team shares it.
    pub(crate) fn rules(&self) -> &Mapping {
        &self.rules
    }

    /// Holds the lease; `false` when it is another device's by now.
    pub(crate) fn hold(&mut self, now: Millis) -> Result<bool, Failure> {
        if now.0 - self.held_at.0 < RENEWED_AFTER_MS {
            return Ok(true);
        }
        self.held_at = now;
        self.team.leases.renew(&self.name, self.epoch, LEASE_SECONDS)
    }

    /// Contacts were changed here.
    pub(crate) fn is_behind(&mut self) {
        self.is_behind = true;
    }

    /// Passes on what is known by now; `false` when the remote is another device's.
    pub(crate) fn pass_on(&mut self, store: &Store) -> Answer<bool> {
        if self.is_behind && !mutant::is(Mutant::PartsBeforeContacts) {
            match self.pass_on_links(store)? {
                Ok(true) => {}
                other => return Ok(other),
            }
            if let Err(failure) = (self.team.in_step)()? {
                return Ok(Err(failure));
            }
            self.is_behind = false;
        }
        loop {
            let (changed, ended, mut parts) = self.next_parts(store)?;
            let is_last = parts.is_empty();
            let progress = self.progress(store)?;
            if is_last {
                if self.told.as_ref() == Some(&progress) {
                    return Ok(Ok(true));
                }
                parts.insert(PROGRESS.to_owned(), Some(Part::Progress(progress.clone())));
            }
            match self.team.leases.put(&self.name, self.epoch, &parts) {
                Ok(true) => {}
                Ok(false) if mutant::is(Mutant::LeaseUnfenced) => {}
                other => return Ok(other),
            }
            self.write(store, |tx| {
                for change in &changed {
                    tx.unmark_pair(self.remote, change.pair.pair, change.times)?;
                }
                for name in &ended {
                    tx.unmark_end(self.remote, name)?;
                }
                Ok(())
            })?;
            if is_last {
                self.told = Some(progress);
                return Ok(Ok(true));
            }
        }
    }

    /// Tells whose records new ones are, before the contacts that were made of them are there
    /// for everybody.
    fn pass_on_links(&mut self, store: &Store) -> Answer<bool> {
        let shared = SharedRemote { row: self.remote, name: self.name.clone(), epoch: self.epoch };
        tell_links(store, &mut *self.team.leases, self.team.row, &shared, &self.who)
    }

    fn progress(&self, store: &Store) -> Result<Progress, Error> {
        let remote = store.read(|r| r.remotes().get(self.remote))?.unwrap_or_default();
        Ok(Progress { cursor: remote.cursor, stamp: remote.stamp, device: remote.device.unwrap_or_default() })
    }

    /// What is passed on next. A part has its name before it leaves, so that it is the same
    /// one when nobody hears whether it arrived.
    fn next_parts(&self, store: &Store) -> Result<(Vec<Changed>, Vec<String>, Parts), Error> {
        let ended = store.read(|r| r.bridges().ended(self.remote))?;
        let mut parts: Parts = ended.into_iter().take(AT_ONCE).map(|end| (end.part, end.key.map(Part::Gone))).collect();
        let ended: Vec<String> = parts.keys().cloned().collect();
        let unnamed = store.read(|r| r.bridges().changed(self.remote, AT_ONCE))?;
        let unnamed: Vec<i64> =
            unnamed.into_iter().filter(|change| change.pair.part.is_none()).map(|change| change.pair.pair).collect();
        if !unnamed.is_empty() {
            self.write(store, |tx| {
                for pair in unnamed {
                    let name = tx.new_id("prt_");
                    tx.name_pair(pair, &name)?;
                }
                Ok(())
            })?;
        }
        let changed = store.read(|r| {
            let changed = r.bridges().changed(self.remote, AT_ONCE)?;
            let shared = changed.iter().map(|change| self.shared(r, change)).collect::<Result<Vec<_>, StoreError>>();
            Ok(shared.map(|shared| (changed, shared)))
        })??;
        let (changed, shared) = changed;
        for (change, shared) in changed.iter().zip(shared) {
            // One that was made in between has its turn with the next ones.
            let Some(name) = change.pair.part.clone() else { continue };
            parts.insert(name, Some(Part::Pair(Box::new(shared))));
        }
        let changed = changed.into_iter().filter(|change| change.pair.part.is_some()).collect();
        Ok((changed, ended, parts))
    }

    fn shared(&self, reader: Reader<'_>, change: &Changed) -> Result<Shared, StoreError> {
        let known = Known::of(change.pair.clone())?;
        let row = &known.row;
        let mut owner = owner(reader, self.team.row, row)?;
        // Who is not here yet is the same one for the next device.
        owner.contact = owner.contact.or_else(|| known.made_as.clone());
        if known.is_frozen(reader)? {
            // Of who is restricted no value goes anywhere, to the team neither.
            return Ok(Shared::of(owner, &known.pair, &self.rules, &Mapping::default(), &[]));
        }
        let consents = row.contact.map(|contact| standing::purposes_of(reader, contact)).transpose()?;
        let consents = consents.unwrap_or_default();
        // The team's contact does not say what is unsettled with it: the next device would take
        // its own for an edit. Of what was sent it is only said which that is: we go on from it
        // when we are the next.
        let unsettled = Unsettled::of(reader, self.team.row, row.contact)?;
        let sent = known.pair.intents.iter().flat_map(|intent| intent.sent.keys());
        owner.unsettled = sent.filter(|unit| unsettled.has(unit)).cloned().collect();
        let pair = Pair { base: unsettled.without(&known.pair.base), ..known.pair.clone() };
        Ok(Shared::of(owner, &pair, &self.rules, &self.team.mapping, &consents))
    }

    /// Passes on what is known and gives the lease back. What cannot be passed on now is
    /// so by the next run: the lease says whether anybody was there in between.
    pub(crate) fn end(&mut self, store: &Store) -> Result<(), Error> {
        if let Ok(true) = self.pass_on(store)? {
            // Who does not hear of it waits until the lease is over.
            let _ = self.team.leases.release(&self.name, self.epoch);
        }
        Ok(())
    }
}

/// A remote that the team shares, as it was ours last.
pub struct SharedRemote {
    /// As it is configured here.
    pub row: RemoteRow,
    /// What the team calls it.
    pub name: String,
    /// Of the lease.
    pub epoch: Epoch,
}

/// Tells the team whose records new ones of a remote are; `false` when the remote is another
/// device's by now. `team` is its database, as it is configured here.
///
/// Contacts that were made of records wait for nothing more: a run that was cut off leaves
/// them behind, and whoever serves the remote next would make them again.
pub fn tell_links(
    store: &Store,
    leases: &mut dyn Leases,
    team: RemoteRow,
    remote: &SharedRemote,
    who: &Op,
) -> Answer<bool> {
    loop {
        let unnamed = store.read(|r| {
            let unnamed = r.bridges().unnamed(remote.row, AT_ONCE)?;
            let owned = unnamed.into_iter().map(|row| Ok((owner(r, team, &row)?, row)));
            Ok(owned.collect::<Result<Vec<_>, StoreError>>())
        })??;
        if unnamed.is_empty() {
            return Ok(Ok(true));
        }
        let (mut parts, mut names) = (Parts::new(), Vec::new());
        for (owner, row) in unnamed {
            let Some(key) = row.key else { continue };
            let name = store.new_id("prt_");
            names.push((row.pair, name.clone()));
            parts.insert(name, Some(Part::Pair(Box::new(Shared::link(owner, key)))));
        }
        match leases.put(&remote.name, remote.epoch, &parts) {
            Ok(true) => {}
            // One that arrived all the same is told twice, which is told apart later.
            other => return Ok(other),
        }
        store.write(who.clone(), |tx| {
            for (pair, name) in &names {
                tx.name_pair(*pair, name)?;
            }
            Ok::<_, Error>(())
        })?;
    }
}

/// Whose a pair is.
fn owner(reader: Reader<'_>, team: RemoteRow, row: &PairRow) -> Result<Owner, StoreError> {
    let in_team = row.contact.map(|contact| reader.pairs().of_contact(team, contact)).transpose()?;
    let in_team = in_team.flatten().and_then(|pair| pair.external_id);
    let stored = row.contact.map(|contact| reader.contacts().get(contact)).transpose()?.flatten();
    Ok(Owner {
        contact: in_team.or_else(|| stored.map(|stored| stored.contact.id.as_str().to_owned())),
        external_id: row.external_id.clone(),
        rival: row.rival.clone(),
        fate: row.fate as u8,
        ..Owner::default()
    })
}
