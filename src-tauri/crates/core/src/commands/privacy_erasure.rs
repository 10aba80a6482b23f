//! Erasures: what one would take away, doing it, the receipts, and who stays away.

use super::{
    answer::{Changed, Nothing},
    privacy_consent::RestrictionView,
};
use crate::{
    core::Core,
    error::Error,
    jobs::Job,
    privacy::{
        erasure::{self, Reason, Receipt, delivery, suppression},
        letters, subject,
    },
    said::Said,
    session::Session,
};
use cardfile_domain::{Contact, ContactId, say};
use cardfile_store::Stored;
use serde::{Deserialize, Serialize};
use std::{collections::BTreeMap, path::PathBuf};
use ts_rs::TS;

/// Somebody who is looked for.
#[derive(Debug, Deserialize, TS)]
pub(super) struct ErasureSubject {
    /// An email or a phone.
    pub text: String,
}

/// Cards that would go as one person: those that an officer chose among what was found, also
/// such as only the history knows any more.
#[derive(Debug, Deserialize, TS)]
pub(super) struct ErasureCards {
    /// `ctc_…`
    pub ids: Vec<String>,
}

/// What erasing would take away.
#[derive(Debug, Serialize, TS)]
pub(super) struct ErasurePreview {
    /// Their cards that are here.
    pub cards: Vec<ErasureCard>,
    /// Cards of which only the history still knows.
    pub removed_cards: u32,
    /// What is on them, by kind: how many of each.
    pub kinds: Vec<(Said, u32)>,
    /// Connections that have a record of them.
    pub recipients: Vec<String>,
    /// Spaces that stay, because they stand on cards of others as well.
    pub shared_spaces: u32,
    /// The hold because of which it would be refused.
    pub held: Option<RestrictionView>,
}

/// A card of somebody who is to be erased.
#[derive(Debug, Serialize, TS)]
pub(super) struct ErasureCard {
    /// `ctc_…`
    pub id: String,
    /// What to call it.
    pub name: String,
    /// Primary email.
    pub email: String,
    /// Primary phone as typed.
    pub phone: String,
    /// Whether it is in the bin.
    pub in_bin: bool,
}

/// Somebody is to be erased.
#[derive(Debug, Deserialize, TS)]
pub(super) struct EraseRequest {
    /// `ctc_…` of all their cards.
    pub ids: Vec<String>,
    /// What the person typed who confirms it: a name, an email or a phone of theirs.
    pub confirm: String,
    /// The request of the register, if there is one.
    pub request: Option<String>,
}

/// Receipts, newest first.
#[derive(Debug, Serialize, TS)]
pub(super) struct ErasuresView {
    /// Newest first.
    pub erasures: Vec<Receipt>,
    /// What people call each, by its id: `ERA-2026-003`.
    pub numbers: BTreeMap<String, String>,
}

/// An erasure.
#[derive(Debug, Deserialize, TS)]
pub(super) struct ErasureRef {
    /// `era_…`
    pub id: String,
}

/// A receipt to be saved.
#[derive(Debug, Deserialize, TS)]
pub(super) struct SaveReceipt {
    /// `era_…`
    pub id: String,
    /// The whole path of the file.
    pub file: String,
    /// Whether files of these names may be replaced: a dialog asked.
    pub replace: bool,
}

/// A receipt that was saved.
#[derive(Debug, Serialize, TS)]
pub(super) struct SavedReceipt {
    /// The receipt as JSON.
    pub file: String,
    /// Its signature, as minisign takes it.
    pub signature: String,
    /// Fingerprint of the key it is checked with.
    pub fingerprint: String,
}

/// What one recipient is told.
#[derive(Debug, Deserialize, TS)]
pub(super) struct DeliveryRef {
    /// `dlv_…`
    pub id: String,
}

/// A letter to one recipient.
#[derive(Debug, Deserialize, TS)]
pub(super) struct LetterTo {
    /// `dlv_…`
    pub id: String,
    /// Their language: `en`, `es`.
    pub language: String,
}

/// What a letter to a recipient says.
#[derive(Debug, Serialize, TS)]
pub(super) struct LetterView {
    /// Who is written to.
    pub name: String,
    /// To be looked over and sent.
    pub text: String,
}

/// Erasures that keep somebody away.
#[derive(Debug, Serialize, TS)]
pub(super) struct SuppressedView {
    /// `era_…`
    pub erasures: Vec<String>,
}

/// Receipts that are shown.
const SHOWN: u32 = 200;

pub(super) fn erasure_preview(session: &Session, request: ErasureCards) -> Result<ErasurePreview, Error> {
    let core = session.core()?;
    let found = erasure::preview(&core, &ids_of(&cards_of(&core, &request.ids)?))?;
    let card = |stored: Stored| ErasureCard {
        name: crate::contact::called(&stored.contact),
        email: stored.contact.email().to_owned(),
        phone: stored.contact.phone().to_owned(),
        in_bin: stored.contact.binned_at.is_some(),
        id: stored.contact.id.to_string(),
    };
    Ok(ErasurePreview {
        cards: found.cards.into_iter().map(card).collect(),
        removed_cards: found.removed_cards,
        kinds: erasure::kinds(&found.rows).into_iter().map(|(kind, count)| (kind.into(), count)).collect(),
        recipients: found.recipients,
        shared_spaces: found.shared_spaces,
        held: found.held.map(RestrictionView::from),
    })
}

fn cards_of(core: &Core, ids: &[String]) -> Result<Vec<Contact>, Error> {
    Ok(subject::chosen(core, ids)?.into_iter().map(|one| one.contact).collect())
}

fn ids_of(cards: &[Contact]) -> Vec<ContactId> {
    cards.iter().map(|contact| contact.id.clone()).collect()
}

pub(super) fn erasure_run(session: &Session, request: EraseRequest) -> Result<Receipt, Error> {
    let core = session.core()?;
    let cards = cards_of(&core, &request.ids)?;
    if !erasure::is_confirmed(&cards, &request.confirm) {
        return Err(Error::bad_request(say!("that does not match this person")).hint(say!("Nothing was deleted.")));
    }
    let job = Job::begin(session, "Erasing");
    erasure::erase(&core, &ids_of(&cards), Reason::Request(request.request), &session.who(), &job)
}

pub(super) fn erasure_list(session: &Session, _: Nothing) -> Result<ErasuresView, Error> {
    let core = session.core()?;
    Ok(ErasuresView { erasures: erasure::list(&core, SHOWN)?, numbers: erasure::numbers(&core)? })
}

pub(super) fn erasure_get(session: &Session, request: ErasureRef) -> Result<Receipt, Error> {
    erasure::receipt(&*session.core()?, &request.id)
}

pub(super) fn erasure_save(session: &Session, request: SaveReceipt) -> Result<SavedReceipt, Error> {
    let file = PathBuf::from(&request.file);
    if !file.is_absolute() {
        return Err(Error::bad_request(say!("give the whole path of the file, beginning with its folder")));
    }
    let saved = erasure::save(&*session.core()?, &request.id, &file, request.replace)?;
    Ok(SavedReceipt {
        file: saved.file.display().to_string(),
        signature: saved.signature.display().to_string(),
        fingerprint: saved.fingerprint,
    })
}

pub(super) fn erasure_retry(session: &Session, request: ErasureRef) -> Result<Receipt, Error> {
    erasure::retry(&*session.core()?, &request.id, &session.who())
}

pub(super) fn erasure_letter(session: &Session, request: LetterTo) -> Result<LetterView, Error> {
    let (name, text) = letters::to_recipient(&*session.core()?, &request.id, &request.language)?;
    Ok(LetterView { name, text })
}

pub(super) fn erasure_told(session: &Session, request: DeliveryRef) -> Result<Nothing, Error> {
    delivery::told(&*session.core()?, &request.id, &session.who())?;
    Ok(Nothing {})
}

pub(super) fn suppression_find(session: &Session, request: ErasureSubject) -> Result<SuppressedView, Error> {
    Ok(SuppressedView { erasures: suppression::find(&*session.core()?, &request.text)? })
}

pub(super) fn suppression_lift(session: &Session, request: ErasureRef) -> Result<Changed, Error> {
    let count = suppression::lift(&*session.core()?, &request.id, &session.who())?;
    Ok(Changed { count, operation: None })
}
