//! Erasures: what one would take away, doing it, the receipts, and who stays away.

use super::{
    answer::{Changed, Nothing},
    privacy_consent::RestrictionView,
};
use crate::{
    error::Error,
    jobs::Job,
    privacy::erasure::{self, Reason, Receipt, delivery, suppression},
    session::Session,
};
use cardfile_domain::{ContactId, say};
use cardfile_store::Stored;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use ts_rs::TS;

/// Somebody who is looked for.
#[derive(Debug, Deserialize, TS)]
pub(super) struct ErasureSubject {
    /// An email, a phone, an external ID or an id.
    pub text: String,
}

/// What erasing would take away.
#[derive(Debug, Serialize, TS)]
pub(super) struct ErasurePreview {
    /// Their cards.
    pub cards: Vec<ErasureCard>,
    /// Cards of which only the history still knows.
    pub removed_cards: u32,
    /// Rows by table.
    pub rows: BTreeMap<String, u32>,
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
}

/// An erasure.
#[derive(Debug, Deserialize, TS)]
pub(super) struct ErasureRef {
    /// `era_…`
    pub id: String,
}

/// What one recipient is told.
#[derive(Debug, Deserialize, TS)]
pub(super) struct DeliveryRef {
    /// `dlv_…`
    pub id: String,
}

/// What a letter to a recipient says.
#[derive(Debug, Serialize, TS)]
pub(super) struct LetterView {
    /// Who is written to.
    pub name: String,
    /// By what they know the person; nothing once they were told.
    pub external_id: Option<String>,
    /// How they call the record.
    pub key: Option<String>,
}

/// Erasures that keep somebody away.
#[derive(Debug, Serialize, TS)]
pub(super) struct SuppressedView {
    /// `era_…`
    pub erasures: Vec<String>,
}

/// Receipts that are shown.
const SHOWN: u32 = 200;

pub(super) fn erasure_preview(session: &Session, request: ErasureSubject) -> Result<ErasurePreview, Error> {
    let core = session.core()?;
    let ids = ids_of(&erasure::subject(&core, &request.text)?);
    let found = erasure::preview(&core, &ids)?;
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
        rows: found.rows,
        recipients: found.recipients,
        shared_spaces: found.shared_spaces,
        held: found.held.map(RestrictionView::from),
    })
}

fn ids_of(cards: &[Stored]) -> Vec<ContactId> {
    cards.iter().map(|stored| stored.contact.id.clone()).collect()
}

pub(super) fn erasure_run(session: &Session, request: EraseRequest) -> Result<Receipt, Error> {
    let core = session.core()?;
    let mut cards = Vec::with_capacity(request.ids.len());
    for id in &request.ids {
        cards.push(crate::contact::find(&core, id)?);
    }
    if !erasure::is_confirmed(&cards, &request.confirm) {
        return Err(Error::bad_request(say!("what was typed is not by what this person is known"))
            .hint(say!("Nothing was deleted.")));
    }
    let job = Job::begin(session, "Erasing");
    erasure::erase(&core, &ids_of(&cards), Reason::Request(request.request), &session.who(), &job)
}

pub(super) fn erasure_list(session: &Session, _: Nothing) -> Result<ErasuresView, Error> {
    Ok(ErasuresView { erasures: erasure::list(&*session.core()?, SHOWN)? })
}

pub(super) fn erasure_get(session: &Session, request: ErasureRef) -> Result<Receipt, Error> {
    erasure::receipt(&*session.core()?, &request.id)
}

pub(super) fn erasure_retry(session: &Session, request: ErasureRef) -> Result<Receipt, Error> {
    erasure::retry(&*session.core()?, &request.id, &session.who())
}

pub(super) fn erasure_letter(session: &Session, request: DeliveryRef) -> Result<LetterView, Error> {
    let core = session.core()?;
    let row = core.store().read(|r| r.erasures().delivery(&request.id))?;
    let row = row.ok_or_else(|| Error::not_found(say!("the recipient")))?;
    let known_by = delivery::known_by(&core, &row)?;
    Ok(LetterView { name: row.name, external_id: known_by.external_id, key: known_by.key })
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
