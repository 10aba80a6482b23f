//! Who a contact is: external IDs, linking one card to another, verification,
//! visitors, and values that come back from the timeline.

use super::answer::{Changed, FieldChangeView, Made, Nothing, changes};
use crate::{
    contact,
    core::Core,
    error::Error,
    join::{self, Target},
    resolve::NearMiss,
    said::Said,
    session::Session,
    visitors,
};
use cardfile_domain::{Link, say};
use cardfile_store::Stored;
use serde::{Deserialize, Serialize};
use ts_rs::TS;

/// An external ID.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
pub(super) struct LinkView {
    /// Kind of remote, or a free word.
    pub connector: String,
    /// Account, inbox or bot; empty when there is one.
    #[serde(default)]
    pub scope: String,
    /// Byte for byte as the remote has it.
    pub external_id: String,
}

/// Where a card is to be linked to.
#[derive(Debug, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub(super) struct JoinRequest {
    /// `ctc_…` of the card that goes.
    pub from: String,
    /// Our id, an external ID or an email of the card that stays; or …
    pub contact: Option<String>,
    /// … the external ID of whoever has it; the card gets it itself when nobody has.
    pub link: Option<LinkView>,
    /// `ctc_…` of the card that the preview named; nothing when it named none.
    pub seen: Option<String>,
}

/// What linking will do.
#[derive(Debug, Serialize, TS)]
pub(super) struct JoinView {
    /// The card that goes.
    pub from: CardRef,
    /// The card that stays; nothing when nobody has the external ID.
    pub to: Option<CardRef>,
    /// What the card that stays will say.
    pub changes: Vec<FieldChangeView>,
    /// How many parts of each kind move.
    pub moves: Vec<(String, u32)>,
    /// External IDs that are nearly the one that was asked for.
    pub near: Vec<NearView>,
}

/// A card in a few words.
#[derive(Debug, Serialize, TS)]
pub(super) struct CardRef {
    /// `ctc_…`
    pub id: String,
    /// What to call it.
    pub name: String,
    /// Company, email or phone.
    pub about: String,
}

/// An external ID that is nearly another.
#[derive(Debug, Serialize, TS)]
pub(super) struct NearView {
    /// Whose it is.
    pub card: CardRef,
    /// As it is stored.
    pub link: LinkView,
    /// How the two differ.
    pub difference: Said,
}

/// An external ID to change: from nothing it is added, to nothing taken away.
#[derive(Debug, Deserialize, TS)]
pub(super) struct ChangeLink {
    /// `ctc_…`
    pub contact: String,
    /// As it is.
    pub from: Option<LinkView>,
    /// As it is to be.
    pub to: Option<LinkView>,
}

/// What that will do.
#[derive(Debug, Serialize, TS)]
#[serde(rename_all = "camelCase")]
pub(super) struct LinkChangeView {
    /// The card that has the new one already; then it cannot be taken.
    pub owner: Option<CardRef>,
    /// External IDs that are nearly the new one.
    pub near: Vec<NearView>,
    /// The card was verified, and will be no more.
    pub loses_verification: bool,
}

/// Whether it is sure who a contact is.
#[derive(Debug, Deserialize, TS)]
pub(super) struct Verify {
    /// `ctc_…`
    pub id: String,
    /// How that was made sure; nothing takes it back.
    pub how: Option<String>,
}

/// A value to bring back.
#[derive(Debug, Deserialize, TS)]
pub(super) struct RestoreField {
    /// `ctc_…`
    pub id: String,
    /// The operation that changed it, `opr_…`.
    pub operation: String,
    /// Key in the catalogue, or `custom.` and a key.
    pub field: String,
}

/// Sources whose visitors get cards.
#[derive(Debug, Serialize, TS)]
pub(super) struct VisitorsView {
    /// Words.
    pub sources: Vec<String>,
}

/// A source whose visitors are to get cards, or not.
#[derive(Debug, Deserialize, TS)]
pub(super) struct VisitorSource {
    /// Word.
    pub source: String,
    /// Whether.
    pub on: bool,
}

pub(super) fn join_preview(session: &Session, request: JoinRequest) -> Result<JoinView, Error> {
    let core = session.core()?;
    let plan = join::preview(&core, &request.from.clone(), &target(request)?)?;
    let before = plan.to.as_ref().map_or(&plan.from.contact, |to| &to.contact);
    Ok(JoinView {
        changes: changes(&before.diff(&plan.after)),
        moves: plan.moves.iter().filter(|(_, n)| *n > 0).map(|(kind, n)| (kind.as_str().to_owned(), *n)).collect(),
        near: near(&core, plan.near)?,
        to: plan.to.as_ref().map(CardRef::of),
        from: CardRef::of(&plan.from),
    })
}

pub(super) fn join_run(session: &Session, request: JoinRequest) -> Result<Made, Error> {
    let (from, seen) = (request.from.clone(), request.seen.clone());
    let target = target(request)?;
    let (id, operation) = join::link(&*session.core()?, &from, &target, Some(seen.as_deref()), &session.who())?;
    Ok(Made { id, operation: operation.map(|id| id.to_string()) })
}

pub(super) fn link_preview(session: &Session, request: ChangeLink) -> Result<LinkChangeView, Error> {
    let core = session.core()?;
    let (from, to) = (request.from.map(Link::from), request.to.map(Link::from));
    let plan = join::preview_change(&core, &request.contact, from.as_ref(), to.as_ref())?;
    Ok(LinkChangeView {
        owner: plan.owner.as_ref().map(CardRef::of),
        near: near(&core, plan.near)?,
        loses_verification: plan.loses_verification,
    })
}

pub(super) fn link_change(session: &Session, request: ChangeLink) -> Result<Changed, Error> {
    let (from, to) = (request.from.map(Link::from), request.to.map(Link::from));
    let core = session.core()?;
    let (changed, operation) = join::change(&core, &request.contact, from.as_ref(), to.as_ref(), &session.who())?;
    Ok(Changed::of((changed.into(), operation)))
}

pub(super) fn contact_verify(session: &Session, request: Verify) -> Result<Changed, Error> {
    let (core, who) = (session.core()?, session.who());
    let (changed, operation) = match request.how {
        Some(how) => contact::verify(&core, &request.id, &how, &who)?,
        None => contact::unverify(&core, &request.id, &who)?,
    };
    Ok(Changed::of((changed.into(), operation)))
}

pub(super) fn field_restore(session: &Session, request: RestoreField) -> Result<Changed, Error> {
    let RestoreField { id, operation, field } = request;
    let (changed, operation) = contact::restore_field(&*session.core()?, &id, &operation, &field, &session.who())?;
    Ok(Changed::of((changed.into(), operation)))
}

pub(super) fn visitor_get(session: &Session, _: Nothing) -> Result<VisitorsView, Error> {
    Ok(VisitorsView { sources: visitors::sources(&*session.core()?)? })
}

pub(super) fn visitor_set(session: &Session, request: VisitorSource) -> Result<Nothing, Error> {
    visitors::set_source(&*session.core()?, &request.source, request.on, &session.who())?;
    Ok(Nothing {})
}

fn target(request: JoinRequest) -> Result<Target, Error> {
    match (request.contact, request.link) {
        (Some(contact), None) => Ok(Target::Contact(contact)),
        (None, Some(link)) => Ok(Target::ExternalId(link.into())),
        _ => Err(Error::bad_request(say!("a card is linked to a contact or to an external ID"))),
    }
}

fn near(core: &Core, misses: Vec<NearMiss>) -> Result<Vec<NearView>, Error> {
    let mut all = Vec::new();
    for miss in misses {
        if let Some(stored) = core.store().read(|r| r.contacts().get(miss.contact))? {
            let link = miss.link.into();
            all.push(NearView { card: CardRef::of(&stored), link, difference: miss.difference.into() });
        }
    }
    Ok(all)
}

impl CardRef {
    fn of(stored: &Stored) -> Self {
        let contact = &stored.contact;
        let about = [contact.company.as_str(), contact.email(), contact.phone()];
        Self {
            id: contact.id.to_string(),
            name: contact::called(contact),
            about: about.into_iter().find(|text| !text.is_empty()).unwrap_or_default().to_owned(),
        }
    }
}

impl From<LinkView> for Link {
    fn from(view: LinkView) -> Self {
        Self { connector: view.connector, scope: view.scope, external_id: view.external_id }
    }
}

impl From<Link> for LinkView {
    fn from(link: Link) -> Self {
        Self { connector: link.connector, scope: link.scope, external_id: link.external_id }
    }
}
