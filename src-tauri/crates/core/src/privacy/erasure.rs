//! Erasure (GDPR, Art. 17): one person goes, with everything the workspace holds of them, and
//! stays away. The steps: refused when a card is held; deleted through every table in one
//! transaction, with what recipients are to be told; the journal emptied; files removed; a
//! look whether everything is gone; a receipt. Nothing of it can be undone.
//!
//! What comes before, from the request to the decision, is the matter of the register.

pub mod delivery;
mod kinds;
pub mod receipt;
mod replay;
mod save;
mod scan;
pub mod suppression;
mod whom;

pub use kinds::kinds;
pub use receipt::Receipt;
pub use replay::{replay, replay_from};
pub use save::{Saved, save};
pub use whom::{check_one_person, chosen, is_confirmed, subject};

use super::{addressee, restriction};
use crate::{
    core::{Core, Who},
    error::Error,
    progress::{self, Progress},
    spaces, sync, webhooks,
};
use cardfile_domain::{ContactId, erasure::State, request, restriction::Restriction, say, suppression::Mark};
use cardfile_store::{ContactRow, ErasureRow, Left, Needles, OpKind, Person, Reader, Store, Stored, Tx};
use receipt::{Facts, Verification};
use serde_json::json;
use std::{collections::BTreeMap, path::Path};

/// Why somebody is erased.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Reason {
    /// They asked for it; the request of the register, if there is one. They do not come back.
    Request(Option<String>),
    /// Their time is over, by a rule of retention. They may come back.
    Retention,
    /// They were erased before, and a backup brought them back.
    Replay {
        /// They may come back since: this card goes, and nobody is kept away by it.
        is_lifted: bool,
    },
}

impl Reason {
    fn word(&self) -> &'static str {
        match self {
            Self::Request(_) => "request",
            Self::Retention => "retention",
            Self::Replay { .. } => "replay",
        }
    }

    fn request(&self) -> Option<String> {
        match self {
            Self::Request(request) => request.clone(),
            Self::Retention | Self::Replay { .. } => None,
        }
    }

    fn suppresses(&self) -> bool {
        match self {
            Self::Request(_) => true,
            Self::Retention => false,
            Self::Replay { is_lifted } => !is_lifted,
        }
    }

    fn is_replay(&self) -> bool {
        matches!(self, Self::Replay { .. })
    }
}

/// Cards of a retention rule that are erased in one transaction.
const AT_ONCE: usize = 100;

/// What erasing would take away.
#[derive(Debug, Clone, PartialEq)]
pub struct Preview {
    /// The cards.
    pub cards: Vec<Stored>,
    /// Cards of the same person of which only the history still knows.
    pub removed_cards: u32,
    /// Rows by table.
    pub rows: BTreeMap<String, u32>,
    /// Connections that have a record of them, and webhooks that are told.
    pub recipients: Vec<String>,
    /// Spaces that stay, because they stand on cards of others as well.
    pub shared_spaces: u32,
    /// Why it would be refused.
    pub held: Option<Restriction>,
}

/// Says what erasing these cards would take away. Writes nothing.
pub fn preview(core: &Core, ids: &[ContactId]) -> Result<Preview, Error> {
    let rows = whom::rows(core, ids)?;
    let (cards, person, recipients, held) = core.store().read(|r| {
        let cards = rows.iter().map(|row| r.contacts().get(*row)).collect::<Result<Vec<_>, _>>()?;
        let person = r.persons().of(&rows)?;
        let mut recipients = Vec::new();
        for card in person.all_cards() {
            for pair in r.pairs().with_contact(card)? {
                recipients.extend(r.remotes().get(pair.remote)?.map(|remote| remote.name));
            }
        }
        recipients.extend(webhooks::erased::names(r, &person)?);
        Ok((cards, person, recipients, restriction::hold_of(r, &rows)?))
    })?;
    Ok(Preview {
        cards: cards.into_iter().flatten().collect(),
        removed_cards: person.removed.len() as u32,
        rows: person.rows.iter().map(|(table, rows)| ((*table).to_owned(), *rows)).collect(),
        recipients,
        shared_spaces: person.shared_spaces,
        held,
    })
}

/// Erases people: all these cards as one person, or with a retention rule each card by
/// itself. While other programs read old pages of the file the receipt says `pending`; who
/// stops the progress stops only the waiting for them.
pub fn erase(
    core: &Core,
    ids: &[ContactId],
    reason: Reason,
    who: &Who,
    progress: &dyn Progress,
) -> Result<Receipt, Error> {
    let (erasure, _) = erase_some(core, ids, reason, who, progress, &|_, people| Ok(people.to_vec()))?;
    receipt(core, &erasure)
}

/// The same as far as it is said of them when it is done that they go. Gives the id of the
/// erasure and how many went; when nobody did, nothing is kept of it.
pub(crate) fn erase_some(
    core: &Core,
    ids: &[ContactId],
    reason: Reason,
    who: &Who,
    progress: &dyn Progress,
    goes: &Goes<'_>,
) -> Result<(String, u32), Error> {
    let rows = whom::rows(core, ids)?;
    if rows.is_empty() {
        return Err(Error::bad_request(say!("nobody was named")));
    }
    // A hold that a backup brings back was over when they were erased.
    if !reason.is_replay() {
        restriction::check_no_hold(core, &rows)?;
    }
    progress::check(progress, 0, rows.len() as u64)?;
    let people: Vec<Vec<ContactRow>> = match reason {
        Reason::Request(_) | Reason::Replay { .. } => vec![rows],
        Reason::Retention => rows.into_iter().map(|row| vec![row]).collect(),
    };
    let mut deed = Deed::begin(core, reason, who, ids)?;
    let mut gone = 0;
    deed.run(core, &people, who, progress, goes, &mut gone)?;
    Ok((deed.id, gone))
}

/// Says inside the transaction which people of a list go.
pub(crate) type Goes<'g> = dyn Fn(Reader<'_>, &[Vec<ContactRow>]) -> Result<Vec<Vec<ContactRow>>, Error> + 'g;

/// Erases cards of a retention rule, each by itself, as far as it is said of them when it is
/// done that they go. `gone` counts them, also when it fails on the way.
pub(crate) fn erase_old(
    core: &Core,
    rows: &[ContactRow],
    who: &Who,
    progress: &dyn Progress,
    goes: &Goes<'_>,
    gone: &mut u32,
) -> Result<(), Error> {
    progress::check(progress, 0, rows.len() as u64)?;
    let first = match rows.first() {
        Some(row) => core.store().read(|r| r.contacts().get(*row))?.map(|stored| stored.contact.id),
        None => None,
    };
    let people: Vec<Vec<ContactRow>> = rows.iter().map(|row| vec![*row]).collect();
    Deed::begin(core, Reason::Retention, who, first.as_slice())?.run(core, &people, who, progress, goes, gone)
}

/// An erasure while it is done.
struct Deed {
    id: String,
    reason: Reason,
    facts: Facts,
    left: Left,
    /// Cards that are gone and that the request names.
    named: Vec<ContactRow>,
    /// Whoever was erased last.
    person: Option<Person>,
}

impl Deed {
    fn begin(core: &Core, reason: Reason, who: &Who, ids: &[ContactId]) -> Result<Self, Error> {
        let first = ids.first().map(ContactId::as_str).unwrap_or_default();
        let facts = Facts {
            subject: core.store().pseudonym(first),
            erased_at: core.store().environment().clock.now().to_rfc3339(),
            by: who.actor.clone(),
            reason: reason.word().to_owned(),
            request: reason.request(),
            ..Facts::default()
        };
        let id = core.store().new_id("era_");
        let named = reason.request().map(|request| whom::gone_named_by(core, &request)).transpose()?;
        Ok(Self { id, reason, facts, left: Left::default(), named: named.unwrap_or_default(), person: None })
    }

    fn run(
        &mut self,
        core: &Core,
        people: &[Vec<ContactRow>],
        who: &Who,
        progress: &dyn Progress,
        goes: &Goes<'_>,
        gone: &mut u32,
    ) -> Result<(), Error> {
        let mut done = 0;
        for some in people.chunks(AT_ONCE) {
            let (went, _) = core.store().write(who.op(OpKind::Erase, ""), |tx| {
                let going = goes(tx.read(), some)?;
                if !going.is_empty() {
                    self.erase(tx, core, &going)?;
                }
                Ok::<_, Error>(going.len() as u32)
            })?;
            *gone += went;
            done += some.len() as u64;
            progress.at(done, people.len() as u64);
        }
        if self.person.is_some() {
            let only = (people.len() == 1).then_some(self.person.as_ref()).flatten();
            finish(core, &self.id, only, &|| progress.at(done, done))?;
        }
        Ok(())
    }

    fn erase(&mut self, tx: &mut Tx<'_>, core: &Core, people: &[Vec<ContactRow>]) -> Result<(), Error> {
        if let Some(id) = self.reason.request() {
            whom::check_approved(&id, tx.read().requests().get(&id)?.as_ref())?;
            for cards in people {
                whom::check_covered(tx.read(), &id, cards, &self.named)?;
            }
        }
        let asked = self.reason.request().map(|id| tx.read().requests().get(&id)).transpose()?.flatten();
        // First, because what recipients are told refers to it.
        self.keep(tx)?;
        let exports = tx.read().export_log().all()?;
        let mut gone = 0;
        for cards in people {
            if !self.reason.is_replay() {
                restriction::check_no_hold_in(tx, cards)?;
            }
            let person = tx.read().persons().of(cards)?;
            if self.reason != Reason::Retention {
                // As an answer to the same person calls them.
                let ids: Vec<&str> = person.ids.iter().map(String::as_str).collect();
                self.facts.subject = core.store().pseudonym(&ids.join(" "));
            }
            delivery::queue(tx, core, &person, &self.id, self.reason.is_replay())?;
            for card in person.all_cards() {
                sync::erase_pairs(tx, card, true)?;
            }
            if self.reason.suppresses() {
                let marks: Vec<Mark> = person.marks.iter().cloned().collect();
                tx.suppress(&marks, &self.id)?;
                for mark in &marks {
                    *self.facts.suppressed.entry(mark.kind.as_str().to_owned()).or_default() += 1;
                }
            }
            let left = tx.forget(&person)?;
            self.left.cards.extend(left.cards);
            self.left.removed.extend(left.removed);
            self.left.blobs.extend(left.blobs);
            self.left.files.extend(left.files);
            self.facts.add(&person);
            self.facts.add_exports(&exports, &person);
            gone += person.cards.len();
            self.person = Some(person);
        }
        // The request by which they asked says who it was, however it names them.
        if let Some(request) = &asked {
            tx.blank_requests(&[request.id.as_str()])?;
            // But they are still to be told that it was done.
            addressee::keep(tx, core, request)?;
            tx.put_outcome(&request.id, &self.id)?;
        }
        let facts = json!({ "reason": self.reason.word(), "people": people.len(), "cards": gone,
            "request": asked.map(|request| request.id) });
        tx.audit("erased", Some(&self.id), &facts)?;
        self.keep(tx)
    }

    fn keep(&self, tx: &mut Tx<'_>) -> Result<(), Error> {
        let row = ErasureRow {
            id: self.id.clone(),
            request: self.reason.request(),
            reason: self.reason.word().to_owned(),
            state: State::Pending.as_str().to_owned(),
            at: tx.now(),
            ended_at: None,
            rest: serde_json::to_value(&self.left).unwrap_or_default(),
            receipt: serde_json::to_value(&self.facts).unwrap_or_default(),
        };
        Ok(tx.put_erasure(&row)?)
    }
}

/// Does what is left of an erasure here, once no reader is in the way: bytes go, and it is
/// looked at whether everything is gone. A person is as they were found; after a crash nobody
/// knows them any more. `false` when something is still left.
fn finish(core: &Core, id: &str, person: Option<&Person>, waits: &dyn Fn() -> bool) -> Result<bool, Error> {
    let store = core.store();
    let row = store.read(|r| r.erasures().get(id))?.ok_or_else(|| Error::not_found(say!("the erasure")))?;
    if row.rest.is_null() {
        return Ok(true);
    }
    let left: Left = serde_json::from_value(row.rest.clone()).unwrap_or_default();
    // Before anything can be in the way: a restore asks the list who was erased since.
    store.write_suppression_list()?;
    let checkpoint = store.empty_journal(waits)?;
    if checkpoint.is_busy && Facts::read(&row).verification.is_some() {
        // Somebody is still in the way: that is said already.
        return Ok(false);
    }
    if !checkpoint.is_busy {
        store.remove_blobs(&left.blobs)?;
        spaces::forget_copies_of(store.dir(), &left.files);
    }
    let proof = store.prove(&left, person)?;
    let looked_for = person.filter(|_| !checkpoint.is_busy).map(|person| &person.needles);
    let found = looked_for.map(|needles| look(core, needles, proof.is_in_clear)).transpose()?;
    let verification = Verification {
        at: store.environment().clock.now().to_rfc3339(),
        checkpoint: (i64::from(checkpoint.is_busy), checkpoint.pages, checkpoint.moved),
        rows_left: proof.rows_left,
        texts_found: proof.texts_found,
        bytes_found: found.map(|found| found.found),
        files_scanned: found.map_or(0, |found| found.files),
        wipes: proof.wipes,
        database: if proof.is_in_clear { "clear" } else { "cipher" }.to_owned(),
    };
    let is_gone = verification.holds();
    let who = Who { actor: "cardfile".into(), origin: "retention".into() };
    let looked = json!({ "gone": is_gone, "rows_left": verification.rows_left,
        "texts_found": verification.texts_found, "bytes_found": verification.bytes_found });
    store.write(who.op(OpKind::Erase, ""), |tx| {
        let Some(mut row) = tx.read().erasures().get(id)? else { return Ok(()) };
        tx.audit("erasure_verified", Some(id), &looked)?;
        let mut facts = Facts::read(&row);
        if facts.verification.is_none() {
            name_copies(&mut facts, store);
        }
        facts.verification = Some(verification);
        row.receipt = serde_json::to_value(facts).unwrap_or_default();
        if is_gone {
            row.rest = serde_json::Value::Null;
        }
        tx.put_erasure(&row)?;
        delivery::settle(tx, id)
    })?;
    Ok(is_gone)
}

/// Looks for words of a person in the files. What a page of the database still has of rows
/// that are no longer in it goes when that is written anew.
fn look(core: &Core, needles: &Needles, is_in_clear: bool) -> Result<scan::Scan, Error> {
    let store = core.store();
    let found = scan::scan(store.dir(), needles, is_in_clear)?;
    if found.found == 0 || !is_in_clear || !store.write_anew()? {
        return Ok(found);
    }
    store.empty_journal(&|| false)?;
    scan::scan(store.dir(), needles, is_in_clear)
}

/// Erasures that a reader or a crash held up are finished, as far as nobody is in the way
/// now. Gives how many are done.
pub fn finish_pending(core: &Core) -> Result<u32, Error> {
    let open = core.store().read(|r| r.erasures().open())?;
    let mut finished = 0;
    for row in open.into_iter().filter(|row| !row.rest.is_null()) {
        finished += u32::from(finish(core, &row.id, None, &|| false)?);
    }
    Ok(finished)
}

/// What a window that stays open does now and then: what was held up, and what recipients
/// are to be told. Gives how many attempts that were.
pub fn catch_up(core: &Core) -> Result<u32, Error> {
    Ok(finish_pending(core)? + delivery::deliver(core)?)
}

/// Tries everything of one erasure at once.
pub fn retry(core: &Core, id: &str, who: &Who) -> Result<Receipt, Error> {
    receipt(core, id)?;
    delivery::hurry(core, id, who)?;
    catch_up(core)?;
    receipt(core, id)
}

/// The receipt of an erasure as it stands.
pub fn receipt(core: &Core, id: &str) -> Result<Receipt, Error> {
    let found = core.store().read(|r| {
        let Some(row) = r.erasures().get(id)? else { return Ok(None) };
        Ok(Some((row, r.erasures().deliveries(id)?, r.suppressions().of_erasure(id)?)))
    })?;
    let (row, deliveries, suppressed) = found.ok_or_else(|| Error::not_found(say!("the erasure {id}", id)))?;
    Ok(Receipt::of(&row, &deliveries, &suppressed))
}

/// The latest erasures, newest first.
pub fn list(core: &Core, limit: u32) -> Result<Vec<Receipt>, Error> {
    let rows = core.store().read(|r| r.erasures().latest(limit))?;
    rows.iter().map(|row| receipt(core, &row.id)).collect()
}

/// What people call each erasure, by its id.
pub fn numbers(core: &Core) -> Result<BTreeMap<String, String>, Error> {
    let rows = core.store().read(|r| r.erasures().latest(u32::MAX))?;
    Ok(request::numbers("ERA", rows.iter().map(|row| (row.at, row.id.as_str()))))
}

/// Copies of the workspace that may hold the person, by name: backups, wherever they are, and
/// what restores put aside. Asked after the person was deleted: a backup may have been written
/// meanwhile, or be written still.
fn name_copies(facts: &mut Facts, store: &Store) {
    let dir = store.dir();
    let name = |path: &Path| path.file_name().unwrap_or_default().to_string_lossy().into_owned();
    facts.backups = crate::backups::list(dir).backups.iter().map(|one| name(&one.path(dir))).collect();
    facts.backups.sort();
    facts.put_aside = crate::backups::kept(dir).into_iter().map(|one| one.name).collect();
    facts.put_aside.sort();
    facts.is_backing_up = store.is_backing_up();
}
