//! Purposes, what contacts said of them, and what may not be done with a card.

use super::{
    answer::{Changed, Made, Nothing},
    contacts::ContactRef,
};
use crate::{
    contact,
    error::Error,
    privacy::{
        consent::{self, Saying, Stands},
        purposes, restriction,
    },
    said::Said,
    session::Session,
};
use cardfile_domain::{
    Millis,
    consent::{Basis, Consent, Purpose, Wording},
    restriction::{Restriction, Sort},
    say,
    time::DateOrder,
};
use serde::{Deserialize, Serialize};
use ts_rs::TS;

/// All purposes.
#[derive(Debug, Serialize, TS)]
pub(super) struct PurposesView {
    /// In the order they were made.
    pub purposes: Vec<PurposeView>,
    /// Words for why the law lets a purpose be, each with its article.
    pub bases: Vec<(String, String)>,
}

/// A purpose with what was said of it.
#[derive(Debug, Serialize, TS)]
#[serde(rename_all = "camelCase")]
pub(super) struct PurposeView {
    /// What it is.
    #[serde(flatten)]
    pub purpose: PurposeParts,
    /// Given up: nobody may be used for it.
    pub retired: bool,
    /// Contacts that last said yes.
    pub given: u32,
    /// Contacts that last said no.
    pub refused: u32,
    /// Contacts that object.
    pub objected: u32,
    /// The texts people are asked with, newest first.
    pub wordings: Vec<WordingView>,
}

/// What a purpose is made of.
#[derive(Debug, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub(super) struct PurposeParts {
    /// `pur_…`; empty for a new one.
    pub id: String,
    /// A small word that never changes.
    pub key: String,
    /// What people call it.
    pub name: String,
    /// Why the law lets it be.
    #[ts(type = "\"consent\" | \"contract\" | \"legal_obligation\" | \"vital_interest\" | \"public_task\" \
                | \"legitimate_interest\"")]
    pub basis: String,
    /// Direct marketing.
    pub marketing: bool,
    /// What is done.
    pub description: String,
    /// The law, the contract or the interest it rests on.
    pub ground: String,
    /// Whose data.
    pub subjects: String,
    /// Which data.
    pub data: String,
    /// How long it is kept.
    pub kept_for: String,
}

/// A text people are asked with.
#[derive(Debug, Serialize, TS)]
pub(super) struct WordingView {
    /// Counted from 1.
    pub version: u32,
    /// `en`, `es`.
    pub language: String,
    /// Word for word.
    pub text: String,
    /// SHA-256 of the text.
    pub sha256: String,
    /// Since when (RFC 3339).
    pub at: String,
}

/// A purpose.
#[derive(Debug, Deserialize, TS)]
pub(super) struct PurposeRef {
    /// `pur_…`
    pub id: String,
    /// Given up, or taken up again.
    pub retired: bool,
}

/// A text to be asked with from now on.
#[derive(Debug, Deserialize, TS)]
pub(super) struct NewWording {
    /// `pur_…`
    pub purpose: String,
    /// `en`, `es`.
    pub language: String,
    /// Word for word.
    pub text: String,
}

/// The privacy of one card.
#[derive(Debug, Serialize, TS)]
pub(super) struct PrivacyCardView {
    /// How the contact stands to every purpose.
    pub purposes: Vec<StandsView>,
    /// All that was said, the latest first.
    pub ledger: Vec<ConsentView>,
    /// Those in force first.
    pub restrictions: Vec<RestrictionView>,
}

/// How a contact stands to a purpose.
#[derive(Debug, Serialize, TS)]
#[serde(rename_all = "camelCase")]
pub(super) struct StandsView {
    /// Key of the purpose.
    pub purpose: String,
    /// What people call it.
    pub name: String,
    /// Why the law lets it be.
    pub basis: &'static str,
    /// What was last said; null when nothing was.
    pub given: Option<bool>,
    /// When (RFC 3339).
    pub at: Option<String>,
    /// Whether the contact may be used for it.
    pub may_use: bool,
    /// Why not.
    pub why_not: Option<Said>,
}

/// What was said of a purpose.
#[derive(Debug, Serialize, TS)]
pub(super) struct ConsentView {
    /// `con_…`
    pub id: String,
    /// Key of the purpose.
    pub purpose: String,
    /// Yes or no.
    pub given: bool,
    /// Version of the text; 0 when it is not known.
    pub wording: u32,
    /// SHA-256 of the text.
    pub sha256: String,
    /// How it was said.
    pub channel: String,
    /// What shows it.
    pub proof: String,
    /// Who wrote it down.
    pub author: String,
    /// When it was said (RFC 3339).
    pub at: String,
}

/// What a contact says of a purpose.
#[derive(Debug, Deserialize, TS)]
pub(super) struct ConsentRequest {
    /// `ctc_…`
    pub contact: String,
    /// Id, key or name of the purpose.
    pub purpose: String,
    /// Yes or no.
    pub given: bool,
    /// Version of the text; null for the one in use, 0 when it is not known.
    pub wording: Option<u32>,
    /// How it was said.
    pub channel: String,
    /// What shows it.
    pub proof: String,
    /// When it was said; empty for now.
    pub at: String,
}

/// Something that may not be done with a card.
#[derive(Debug, Serialize, TS)]
#[serde(rename_all = "camelCase")]
pub(super) struct RestrictionView {
    /// `rst_…`
    pub id: String,
    /// What may not be done.
    #[ts(type = "\"restricted\" | \"objected\" | \"held\" | \"no_agents\"")]
    pub sort: &'static str,
    /// The same in words.
    pub says: Said,
    /// Of an objection: key of the purpose; empty for all.
    pub purpose: String,
    /// Why.
    pub reason: String,
    /// `req_…`; empty when it came from none.
    pub request: String,
    /// By whom.
    pub author: String,
    /// Since when (RFC 3339).
    pub at: String,
    /// Since when it does not hold any more (RFC 3339).
    pub lifted_at: Option<String>,
    /// Why.
    pub lifted_because: String,
}

/// Cards with a restriction in force.
#[derive(Debug, Serialize, TS)]
pub(super) struct RestrictionsView {
    /// In the order of the contacts.
    pub cards: Vec<RestrictedView>,
}

/// A card with a restriction in force.
#[derive(Debug, Serialize, TS)]
pub(super) struct RestrictedView {
    /// `ctc_…`
    pub contact: String,
    /// What to call it.
    pub name: String,
    /// Those in force.
    pub restrictions: Vec<RestrictionView>,
}

/// A restriction to put on cards.
#[derive(Debug, Deserialize, TS)]
pub(super) struct RestrictRequest {
    /// `ctc_…`
    pub contacts: Vec<String>,
    /// What may not be done.
    #[ts(type = "\"restricted\" | \"objected\" | \"held\" | \"no_agents\"")]
    pub sort: String,
    /// Of an objection: the purpose; empty for all.
    pub purpose: String,
    /// Why.
    pub reason: String,
}

/// A restriction to lift.
#[derive(Debug, Deserialize, TS)]
pub(super) struct LiftRequest {
    /// `rst_…`
    pub id: String,
    /// Why.
    pub because: String,
}

pub(super) fn purpose_list(session: &Session, _: Nothing) -> Result<PurposesView, Error> {
    let core = session.core()?;
    let all = purposes::all(&core)?;
    let counts = purposes::counts(&core, &all)?;
    let mut views = Vec::with_capacity(all.len());
    for purpose in all {
        let said = counts.get(&purpose.key).copied().unwrap_or_default();
        let wordings = purposes::wordings(&core, &purpose)?.into_iter().map(WordingView::from).collect();
        views.push(PurposeView {
            retired: purpose.retired_at.is_some(),
            given: said.given,
            refused: said.refused,
            objected: said.objected,
            wordings,
            purpose: purpose.into(),
        });
    }
    let bases = Basis::ALL.into_iter().map(|one| (one.as_str().to_owned(), one.article().to_owned())).collect();
    Ok(PurposesView { purposes: views, bases })
}

pub(super) fn purpose_put(session: &Session, request: PurposeParts) -> Result<Made, Error> {
    let basis = Basis::parse(&request.basis).ok_or_else(|| Error::bad_request(say!("there is no such legal basis")))?;
    let purpose = Purpose {
        id: request.id,
        key: request.key,
        name: request.name,
        basis,
        is_marketing: request.marketing,
        description: request.description,
        ground: request.ground,
        subjects: request.subjects,
        data: request.data,
        kept_for: request.kept_for,
        ..Purpose::default()
    };
    Ok(Made { id: purposes::put(&*session.core()?, &purpose, &session.who())?, operation: None })
}

pub(super) fn purpose_retire(session: &Session, request: PurposeRef) -> Result<Nothing, Error> {
    purposes::retire(&*session.core()?, &request.id, request.retired, &session.who())?;
    Ok(Nothing {})
}

pub(super) fn wording_add(session: &Session, request: NewWording) -> Result<WordingView, Error> {
    let NewWording { purpose, language, text } = request;
    Ok(purposes::add_wording(&*session.core()?, &purpose, &language, &text, &session.who())?.into())
}

pub(super) fn privacy_card(session: &Session, request: ContactRef) -> Result<PrivacyCardView, Error> {
    let core = session.core()?;
    let stored = contact::find(&core, &request.id)?;
    Ok(PrivacyCardView {
        purposes: consent::standings(&core, &stored)?.into_iter().map(StandsView::from).collect(),
        ledger: consent::ledger(&core, &stored)?.into_iter().map(ConsentView::from).collect(),
        restrictions: restriction::of(&core, &stored)?.into_iter().map(RestrictionView::from).collect(),
    })
}

pub(super) fn consent_put(session: &Session, request: ConsentRequest) -> Result<Changed, Error> {
    let at = match request.at.trim() {
        "" => None,
        at => Some(
            Millis::parse(at, DateOrder::DayFirst)
                .ok_or_else(|| Error::bad_request(say!("{text} is no time", text = at)))?,
        ),
    };
    let ConsentRequest { contact, purpose, given, wording, channel, proof, .. } = request;
    let saying = Saying { purpose, given, wording, channel, proof, at };
    let (is_new, _) = consent::record(&*session.core()?, &contact, &saying, &session.who())?;
    // Nothing to undo: who changes their mind says so anew.
    Ok(Changed { count: is_new.into(), operation: None })
}

pub(super) fn restriction_list(session: &Session, _: Nothing) -> Result<RestrictionsView, Error> {
    let view = |(stored, restrictions): (cardfile_store::Stored, Vec<Restriction>)| RestrictedView {
        contact: stored.contact.id.to_string(),
        name: contact::called(&stored.contact),
        restrictions: restrictions.into_iter().map(RestrictionView::from).collect(),
    };
    Ok(RestrictionsView { cards: restriction::all(&*session.core()?)?.into_iter().map(view).collect() })
}

pub(super) fn restriction_put(session: &Session, request: RestrictRequest) -> Result<Changed, Error> {
    let core = session.core()?;
    let sort = Sort::parse(&request.sort).ok_or_else(|| Error::bad_request(say!("there is no such restriction")))?;
    let rows = contact::rows(&core, &request.contacts)?;
    let (purpose, reason) = (request.purpose, request.reason);
    let new = Restriction { sort, purpose, reason, ..Restriction::default() };
    let (count, _) = restriction::put(&core, &rows, &new, &session.who())?;
    Ok(Changed { count, operation: None })
}

pub(super) fn restriction_lift(session: &Session, request: LiftRequest) -> Result<Changed, Error> {
    let (is_lifted, _) = restriction::lift(&*session.core()?, &request.id, &request.because, &session.who())?;
    Ok(Changed { count: is_lifted.into(), operation: None })
}

impl From<Purpose> for PurposeParts {
    fn from(one: Purpose) -> Self {
        Self {
            id: one.id,
            key: one.key,
            name: one.name,
            basis: one.basis.as_str().to_owned(),
            marketing: one.is_marketing,
            description: one.description,
            ground: one.ground,
            subjects: one.subjects,
            data: one.data,
            kept_for: one.kept_for,
        }
    }
}

impl From<Wording> for WordingView {
    fn from(Wording { version, language, text, sha256, at }: Wording) -> Self {
        Self { version, language, text, sha256, at: at.to_rfc3339() }
    }
}

impl From<Stands> for StandsView {
    fn from(Stands { purpose, last, may }: Stands) -> Self {
        Self {
            purpose: purpose.key,
            name: purpose.name,
            basis: purpose.basis.as_str(),
            given: last.as_ref().map(|last| last.given),
            at: last.map(|last| last.at.to_rfc3339()),
            may_use: may.is_ok(),
            why_not: may.err().map(|bar| bar.sentence().into()),
        }
    }
}

impl From<Consent> for ConsentView {
    fn from(one: Consent) -> Self {
        let Consent { id, purpose, given, wording, sha256, channel, proof, author, at, .. } = one;
        Self { id, purpose, given, wording, sha256, channel, proof, author, at: at.to_rfc3339() }
    }
}

impl From<Restriction> for RestrictionView {
    fn from(one: Restriction) -> Self {
        Self {
            id: one.id,
            sort: one.sort.as_str(),
            says: one.sort.sentence().into(),
            purpose: one.purpose,
            reason: one.reason,
            request: one.request,
            author: one.author,
            at: one.at.to_rfc3339(),
            lifted_at: one.lifted_at.map(|at| at.to_rfc3339()),
            lifted_because: one.lifted_because,
        }
    }
}
