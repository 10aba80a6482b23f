//! A device: a real workspace in memory, in which people do things and the real engine
//! carries out runs.

use crate::{random::Random, remote::FakeRemote, wire::Wire};
use cardfile_core::sync::{self, Decision, Waiting};
use cardfile_domain::{
    Clock, Contact, Millis,
    consent::{Consent, Purpose},
    id::Entropy,
};
use cardfile_store::{ContactRow, Environment, Op, OpKind, Protection, Remote as Configured, Store};
use cardfile_sync::{
    fields,
    mapping::{Direction, Mapping, Rule},
    pair::Key,
    value::{Units, Value},
};
use std::{
    cell::RefCell,
    collections::{BTreeMap, BTreeSet},
    path::Path,
    rc::Rc,
    sync::{
        Arc,
        atomic::{AtomicI64, AtomicU64, Ordering},
    },
};

/// A clock that goes as it likes: no decision may look at it.
#[derive(Default)]
struct WildClock(AtomicI64);

impl Clock for WildClock {
    fn now(&self) -> Millis {
        let at = self.0.load(Ordering::Relaxed);
        self.0.store((at ^ (at << 7)).wrapping_add(0x1234_5677) & 0xff_ffff_ffff, Ordering::Relaxed);
        Millis(at)
    }
}

/// Ids that are the same for the same seed.
#[derive(Default)]
struct Seeded(AtomicU64);

impl Entropy for Seeded {
    fn fill(&self, bytes: &mut [u8]) {
        for chunk in bytes.chunks_mut(8) {
            let number = Random(self.0.fetch_add(1, Ordering::Relaxed)).any().to_le_bytes();
            chunk.copy_from_slice(&number[..chunk.len()]);
        }
    }
}

/// A workspace that serves many schedules, one after the other.
pub(crate) struct Workspace {
    store: Rc<Store>,
    clock: Arc<WildClock>,
    entropy: Arc<Seeded>,
}

impl Workspace {
    /// In memory, or encrypted in a folder.
    pub(crate) fn new(folder: Option<&Path>) -> Self {
        let (clock, entropy) = (Arc::new(WildClock::default()), Arc::new(Seeded::default()));
        let environment =
            Environment { clock: clock.clone(), entropy: entropy.clone(), keystore: None, app: "simulator" };
        let store = match folder {
            None => Store::in_memory(environment),
            Some(folder) => Store::create(folder, &Protection::Passphrase("a".to_owned().into()), environment)
                .map(|(store, _)| store),
        };
        Self { store: Rc::new(store.expect("a workspace can be made")), clock, entropy }
    }

    /// As if it were new.
    pub(crate) fn reset(&self, seed: u64) -> Rc<Store> {
        self.store.empty().expect("a workspace can be emptied");
        self.clock.0.store((seed % 1_000_000_007) as i64, Ordering::Relaxed);
        self.entropy.0.store(seed << 20, Ordering::Relaxed);
        Rc::clone(&self.store)
    }
}

pub(crate) fn mapping() -> Mapping {
    let rule =
        |direction, approved, purpose: Option<&str>| Rule { direction, approved, purpose: purpose.map(str::to_owned) };
    let both = || rule(Direction::Both, true, None);
    let rules = [
        ("name", both()),
        ("description", both()),
        ("tags", both()),
        // It only comes.
        ("job_title", rule(Direction::Pull, true, None)),
        // Nobody approved it.
        ("company", rule(Direction::Both, false, None)),
        // Only of who wants news.
        ("nick", rule(Direction::Push, true, Some("news"))),
    ];
    Mapping(rules.into_iter().map(|(unit, rule)| (unit.to_owned(), rule)).collect())
}

pub(crate) struct Device {
    pub(crate) store: Rc<Store>,
    /// Its numbers of the remotes.
    pub(crate) remotes: Vec<Configured>,
    /// Contacts of people who were erased.
    pub(crate) erased: BTreeSet<ContactRow>,
    pub(crate) number: usize,
    /// IDs of contacts that were made here.
    made: BTreeSet<String>,
}

impl Device {
    pub(crate) fn new(store: Rc<Store>, number: usize, remotes: usize) -> Self {
        let kept = store.write(op(OpKind::FieldChange), |tx| {
            let mut all = Vec::new();
            for at in 0..remotes {
                let name = format!("r{at}");
                let mut remote =
                    Configured { id: format!("rem_{at}"), name, kind: "fake".into(), ..Configured::default() };
                remote.row = tx.put_remote(&remote)?;
                all.push(remote);
            }
            Ok::<_, cardfile_store::StoreError>(all)
        });
        let (remotes, _) = kept.expect("a store in memory takes a remote");
        Self { store, remotes, erased: BTreeSet::new(), number, made: BTreeSet::new() }
    }

    fn write<T>(
        &self,
        kind: OpKind,
        write: impl FnOnce(&mut cardfile_store::Tx<'_>) -> Result<T, cardfile_core::Error>,
    ) -> T {
        self.store.write(op(kind), write).expect("a store in memory takes what a person does").0
    }

    fn read<T>(&self, read: impl FnOnce(cardfile_store::Reader<'_>) -> cardfile_store::SqlResult<T>) -> T {
        self.store.read(read).expect("a store in memory can be read")
    }

    /// The contact of this number, those in the bin too.
    pub(crate) fn contact(&self, row: ContactRow) -> Option<Contact> {
        self.read(|r| r.contacts().get(row)).map(|stored| stored.contact)
    }

    /// All contacts with what they say, and whether they were deleted.
    pub(crate) fn contacts(&self) -> BTreeMap<ContactRow, (Units, bool)> {
        let mut all = BTreeMap::new();
        self.read(|r| {
            r.contacts().scan(|stored| {
                all.insert(stored.row, (said(&stored.contact), stored.contact.binned_at.is_some()));
                true
            })
        });
        all
    }

    /// Contacts that were not deleted.
    pub(crate) fn live(&self) -> Vec<ContactRow> {
        let mut rows = self.read(|r| r.contacts().first_rows(1_000));
        rows.sort_unstable();
        rows
    }

    pub(crate) fn units(&self, row: ContactRow) -> Units {
        self.contact(row).map(|contact| said(&contact)).unwrap_or_default()
    }

    /// A person makes a contact.
    pub(crate) fn create(&mut self, units: &Units) -> ContactRow {
        let number = self.made.len() + 1;
        let mut contact =
            Contact { company: format!("internal {number}"), nick: format!("promo {number}"), ..Contact::default() };
        fields::put(&mut contact, units);
        let row = self.write(OpKind::ContactCreate, |tx| {
            let row = tx.insert(contact)?;
            // Every other person wants news.
            if number.is_multiple_of(2) {
                tx.put_purpose(&Purpose { key: "news".into(), ..Purpose::default() })?;
                tx.say_consent(row, &Consent { purpose: "news".into(), given: true, ..Consent::default() })?;
            }
            Ok(row)
        });
        self.made.extend(self.contact(row).map(|contact| contact.id.as_str().to_owned()));
        row
    }

    /// A person changes what a contact says.
    pub(crate) fn edit(&self, row: ContactRow, units: &Units) {
        let mut all: Units = mapping().units().map(|unit| (unit.clone(), Value::Absent)).collect();
        all.extend(units.clone());
        self.write(OpKind::ContactEdit, |tx| Ok(tx.edit(row, |contact| fields::put(contact, &all))?));
    }

    /// A person moves a contact to the bin.
    pub(crate) fn delete(&self, row: ContactRow) {
        self.write(OpKind::ContactBin, |tx| {
            let now = tx.now();
            Ok(tx.edit(row, |contact| contact.binned_at = Some(now))?)
        });
    }

    /// The bin is emptied.
    pub(crate) fn empty_bin(&self) {
        let binned: Vec<ContactRow> =
            self.contacts().into_iter().filter(|(_, (_, is))| *is).map(|(row, _)| row).collect();
        self.write(OpKind::BinEmpty, |tx| {
            for row in binned {
                tx.remove_contact(row)?;
            }
            Ok(())
        });
    }

    /// Somebody wants to be forgotten.
    pub(crate) fn erase(&mut self, row: ContactRow) {
        self.write(OpKind::ContactEdit, |tx| {
            sync::erase_pairs(tx, row, true)?;
            tx.remove_contact(row)?;
            Ok(())
        });
        self.erased.insert(row);
    }

    /// The contact of a record.
    pub(crate) fn contact_of(&self, at: usize, key: &Key) -> Option<ContactRow> {
        self.read(|r| r.pairs().of_key(self.remotes[at].row, key)).and_then(|row| row.contact)
    }

    /// Whether a record is one that this device made and knows.
    pub(crate) fn knows_own(&self, at: usize, key: &Key, external_id: &str) -> bool {
        let row = self.read(|r| r.pairs().of_key(self.remotes[at].row, key));
        self.made.contains(external_id) && row.is_some()
    }

    /// What is known of a contact at a remote, for a person who looks at a seed.
    pub(crate) fn known(&self, at: usize, row: ContactRow) -> String {
        format!("{:?}", self.read(|r| r.pairs().of_contact(self.remotes[at].row, row)))
    }

    /// The same of a record.
    pub(crate) fn known_key(&self, at: usize, key: &Key) -> String {
        format!("{:?}", self.read(|r| r.pairs().of_key(self.remotes[at].row, key)))
    }

    pub(crate) fn waiting(&self, at: usize) -> Vec<Waiting> {
        let row = self.remotes[at].row;
        self.read(|r| Ok(sync::waiting(r, row))).expect("what waits can be read")
    }

    pub(crate) fn decide(&self, pair: i64, unit: &str, take_theirs: bool) {
        let decision = if take_theirs { Decision::Theirs } else { Decision::Mine };
        self.write(OpKind::SyncDecide, |tx| sync::decide(tx, pair, unit, &decision));
    }

    pub(crate) fn decide_deletion(&self, pair: i64, stands: bool) {
        self.write(OpKind::SyncDecide, |tx| sync::decide_deletion(tx, pair, stands));
    }

    /// Number of the latest change.
    pub(crate) fn changes(&self) -> i64 {
        self.read(|r| r.changes().last())
    }

    /// The remote as a run of this device meets it.
    pub(crate) fn wire(&self, remote: &Rc<RefCell<FakeRemote>>, random: &Rc<RefCell<Random>>) -> Wire {
        Wire::new(Rc::clone(remote), Rc::clone(random), self.number)
    }
}

/// What a contact says of what is mapped, without what is empty.
fn said(contact: &Contact) -> Units {
    let mapped = mapping();
    let mut units = fields::units_of(contact);
    units.retain(|unit, value| mapped.0.contains_key(unit) && !value.is_absent());
    units
}

pub(crate) fn op(kind: OpKind) -> Op {
    Op { kind, subject: String::new(), actor: "somebody".into(), origin: "window".into() }
}
