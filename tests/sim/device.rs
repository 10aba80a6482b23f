//! A device: a real workspace in memory, in which people do things and the real engine
//! carries out runs.

use crate::{mapping::MAPPING, random::Random, world::HUB};
use cardfile_core::sync::{self, Decision, Waiting, remotes};
use cardfile_domain::{
    Clock, Contact, Millis,
    consent::{Consent, Purpose},
    id::Entropy,
};
use cardfile_store::{
    ContactRow, Environment, Op, OpKind, PairRow, Protection, Remote as Configured, RemoteRow, Snapshot, Store,
};
use cardfile_sync::{
    fields,
    pair::{Key, Pair},
    value::{Units, Value},
};
use std::{
    cell::{Cell, RefCell},
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

/// To what a device may fall back.
struct Copied {
    store: Snapshot,
    erased: BTreeSet<ContactRow>,
    made: BTreeSet<String>,
}

pub(crate) struct Device {
    pub(crate) store: Rc<Store>,
    number: usize,
    /// Its numbers of the remotes.
    remotes: Vec<RemoteRow>,
    /// Contacts of people who were erased.
    pub(crate) erased: Rc<RefCell<BTreeSet<ContactRow>>>,
    /// IDs of contacts that were made here.
    made: RefCell<BTreeSet<String>>,
    copied: RefCell<Option<Copied>>,
    /// How often it did.
    falls: Cell<u32>,
    /// Remotes of which everything is to be read before anything is written.
    pub(crate) anew: Rc<RefCell<BTreeSet<usize>>>,
}

impl Device {
    pub(crate) fn new(store: Rc<Store>, number: usize, remotes: usize) -> Self {
        let kept = store.write(op(OpKind::FieldChange), |tx| {
            let mut all = Vec::new();
            for at in 0..remotes {
                let (id, name) = (format!("rem_{at}"), format!("r{at}"));
                all.push(tx.put_remote(&Configured { id, name, kind: "fake".into(), ..Configured::default() })?);
            }
            Ok::<_, cardfile_store::StoreError>(all)
        });
        let (remotes, _) = kept.expect("a store in memory takes a remote");
        Self {
            store,
            number,
            remotes,
            erased: Rc::default(),
            made: RefCell::default(),
            copied: RefCell::default(),
            falls: Cell::default(),
            anew: Rc::default(),
        }
    }

    /// What records and leases call it. A copy is another device.
    pub(crate) fn name(&self) -> String {
        format!("dev_{}_{}", self.number, self.falls.get())
    }

    /// Its number of a remote.
    pub(crate) fn row(&self, at: usize) -> RemoteRow {
        self.remotes[at]
    }

    /// A remote as it is configured here.
    pub(crate) fn remote(&self, at: usize) -> Configured {
        self.read(|r| r.remotes().get(self.remotes[at])).expect("the remote is there")
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
    pub(crate) fn create(&self, units: &Units) -> ContactRow {
        let number = self.made.borrow().len() + 1;
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
        let id = self.contact(row).map(|contact| contact.id.as_str().to_owned());
        self.made.borrow_mut().extend(id);
        row
    }

    /// A person changes what a contact says.
    pub(crate) fn edit(&self, row: ContactRow, units: &Units) {
        let mut all: Units = MAPPING.units().map(|unit| (unit.clone(), Value::Absent)).collect();
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
    pub(crate) fn erase(&self, row: ContactRow) {
        self.write(OpKind::ContactEdit, |tx| {
            sync::erase_pairs(tx, row, true)?;
            tx.remove_contact(row)?;
            Ok(())
        });
        self.erased.borrow_mut().insert(row);
    }

    /// Whether the person of a contact was erased.
    pub(crate) fn is_erased(&self, row: ContactRow) -> bool {
        self.erased.borrow().contains(&row)
    }

    /// A copy is made, to fall back to; a file has backups instead.
    pub(crate) fn copy(&self) {
        let store = self.store.snapshot().expect("a store in memory can be copied");
        let (erased, made) = (self.erased.borrow().clone(), self.made.borrow().clone());
        *self.copied.borrow_mut() = store.map(|store| Copied { store, erased, made });
    }

    /// The copy comes back, as from a backup; `false` when there is none.
    pub(crate) fn fall_back(&self) -> bool {
        let copied = self.copied.borrow();
        let Some(Copied { store, erased, made }) = copied.as_ref() else { return false };
        self.store.fall_back(store).expect("a copy of a store in memory is one");
        self.erased.borrow_mut().clone_from(erased);
        self.made.borrow_mut().clone_from(made);
        self.falls.set(self.falls.get() + 1);
        self.write(OpKind::SyncDecide, |tx| self.remotes.iter().try_for_each(|row| remotes::read_anew(tx, *row)));
        self.anew.borrow_mut().extend(0..self.remotes.len());
        true
    }

    /// What is known of a record.
    pub(crate) fn pair_of_key(&self, at: usize, key: &Key) -> Option<PairRow> {
        self.read(|r| r.pairs().of_key(self.remotes[at], key))
    }

    /// Whether a record waits beside another of the same contact, and is shown as not taken.
    pub(crate) fn is_set_aside(&self, at: usize, key: &Key) -> bool {
        let waits = self.pair_of_key(at, key).is_some_and(|pair| pair.contact.is_none() && pair.rival.is_some());
        waits && self.read(|r| r.pairs().in_quarantine(self.remotes[at], key)).is_some()
    }

    /// What is known of the contact of a record in the database of a team.
    pub(crate) fn in_team(&self, at: usize, key: &Key) -> Option<PairRow> {
        self.pair_of(HUB, self.pair_of_key(at, key)?.contact?)
    }

    /// What is known of a contact at a remote.
    pub(crate) fn pair_of(&self, at: usize, row: ContactRow) -> Option<PairRow> {
        self.read(|r| r.pairs().of_contact(self.remotes[at], row))
    }

    /// What was sent of the contact of this ID to a remote, and not answered.
    pub(crate) fn unanswered(&self, at: usize, id: &str) -> Vec<Units> {
        let row = self.read(|r| r.contacts().row_of(id));
        let pair = row.and_then(|row| self.pair_of(at, row));
        let state = pair.map(|pair| serde_json::from_str::<Pair>(&pair.state).expect("a pair"));
        state.into_iter().flat_map(|pair| pair.intents).map(|intent| intent.sent).collect()
    }

    /// Whether a record is one that this device made and knows.
    pub(crate) fn knows_own(&self, at: usize, key: &Key, external_id: &str) -> bool {
        self.made.borrow().contains(external_id) && self.pair_of_key(at, key).is_some()
    }

    /// How many contacts have a record at a remote.
    pub(crate) fn linked(&self, at: usize) -> u32 {
        self.read(|r| r.pairs().count_linked(self.remotes[at]))
    }

    /// The contacts that were changed after a change.
    pub(crate) fn changed_after(&self, change: i64) -> Vec<ContactRow> {
        self.read(|r| r.changes().contacts_after(change)).0
    }

    pub(crate) fn waiting(&self, at: usize) -> Vec<Waiting> {
        let row = self.remotes[at];
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
}

/// What a contact says of what is mapped, without what is empty.
fn said(contact: &Contact) -> Units {
    let mut units = fields::units_of(contact);
    units.retain(|unit, value| MAPPING.0.contains_key(unit) && !value.is_absent());
    units
}

pub(crate) fn op(kind: OpKind) -> Op {
    Op { kind, subject: String::new(), actor: "somebody".into(), origin: "window".into() }
}
