//! The register of requests: what people demand of their data, by when they are to be
//! answered, and what was decided. Each step is an entry of the audit log.

use super::{addressee, letters, purposes, restriction, subject};
use crate::{
    core::{Core, Who},
    error::{Code, Error},
};
use cardfile_domain::{
    Millis, Region, Sentence,
    request::{Deadline, Ground, Light, Request, Right, Step, numbers},
    restriction::{Restriction, Sort},
    say,
};
use cardfile_store::{AuditEntry, ContactRow, OpKind, Reader, SqlResult, Tx};
use serde_json::json;
use std::collections::{BTreeMap, HashSet};

/// A request with what follows from the day.
#[derive(Debug, Clone)]
pub struct Standing {
    /// As it is kept.
    pub request: Request,
    /// By when it is to be answered.
    pub deadline: Deadline,
    /// What people call it: `DSR-2026-014`.
    pub number: String,
}

/// What a step needs to be told.
#[derive(Debug, Clone, Default)]
pub struct Details {
    /// How it was made sure who asks.
    pub how: String,
    /// On what a refusal rests.
    pub ground: Option<Ground>,
    /// A decision or an exception in words.
    pub text: String,
    /// What came of it: an erasure, or the hash of a bundle.
    pub outcome: String,
    /// Of an approval: the cards that are meant; nothing for all that are the person's for certain.
    pub cards: Option<Vec<ContactRow>>,
}

/// All requests: those in which something is left to do first, the most urgent at the top.
pub fn all(core: &Core) -> Result<Vec<Standing>, Error> {
    let (requests, numbers) = numbered(core)?;
    let mut all: Vec<Standing> = requests.into_iter().map(|request| standing(core, request, &numbers)).collect();
    all.sort_by_key(|one| (one.request.state.is_closed(), one.deadline.days_left));
    Ok(all)
}

/// How many are open at each light: green, amber, red.
pub fn lights(core: &Core) -> Result<(u32, u32, u32), Error> {
    let mut counts = (0, 0, 0);
    for one in all(core)? {
        match one.deadline.light {
            Light::Done => {}
            Light::Green => counts.0 += 1,
            Light::Amber => counts.1 += 1,
            Light::Red => counts.2 += 1,
        }
    }
    Ok(counts)
}

/// All requests, and what each is called.
fn numbered(core: &Core) -> Result<(Vec<Request>, BTreeMap<String, String>), Error> {
    let all = core.store().read(|r| r.requests().all())?;
    let numbers = numbers("DSR", all.iter().map(|one| (one.created_at, one.id.as_str())));
    Ok((all, numbers))
}

fn standing(core: &Core, request: Request, numbers: &BTreeMap<String, String>) -> Standing {
    let deadline = request.deadline(today(core));
    let number = numbers.get(&request.id).cloned().unwrap_or_default();
    Standing { request, deadline, number }
}

/// The present moment by the clock on the wall: the days of a request are those of the people here.
fn today(core: &Core) -> Millis {
    let clock = &core.store().environment().clock;
    clock.on_the_wall(clock.now())
}

/// One request.
pub fn find(core: &Core, id: &str) -> Result<Standing, Error> {
    let (all, numbers) = numbered(core)?;
    let request = all.into_iter().find(|one| one.id == id);
    let mut request = request.ok_or_else(|| Error::not_found(missing(id)))?;
    addressee::fill(core, &mut request)?;
    Ok(standing(core, request, &numbers))
}

fn missing(id: &str) -> Sentence {
    say!("the request {id}", id)
}

/// What was done with a request, oldest first.
pub fn trail(core: &Core, id: &str) -> Result<Vec<AuditEntry>, Error> {
    Ok(core.store().read(|r| r.audit_log().about(id))?)
}

/// Writes a request down. Gives its id.
pub fn add(core: &Core, request: &Request, who: &Who) -> Result<String, Error> {
    let now = today(core);
    let subject = request.subject.trim();
    if subject.is_empty() {
        return Err(Error::bad_request(say!("say by what the person is found: an email, a phone or an ID")));
    }
    let received_at = received(request.received_at, now)?;
    let language = match request.language.as_str() {
        "" => letters::LANGUAGES[0].to_owned(),
        known if letters::LANGUAGES.contains(&known) => known.to_owned(),
        other => return Err(Error::bad_request(say!("there are no letters in the language {other}", other))),
    };
    let purpose = match (request.right, request.purpose.trim()) {
        (Right::Objection, name) if !name.is_empty() => purposes::find(core, name)?.key,
        _ => String::new(),
    };
    let new = Request {
        right: request.right,
        subject: subject.to_owned(),
        name: request.name.trim().to_owned(),
        reply_to: request.reply_to.trim().to_owned(),
        language,
        channel: request.channel.trim().to_owned(),
        purpose,
        note: request.note.clone(),
        received_at,
        ..Request::default()
    };
    let region = core.region()?;
    let (id, _) = core.store().write(who.op(OpKind::Privacy, ""), |tx| {
        let id = tx.put_request(&new, region)?;
        let facts = json!({ "right": new.right.as_str(), "received": new.received_at.to_rfc3339_seconds(),
            "due": new.deadline(now).day, "purpose": new.purpose });
        tx.audit("request_received", Some(&id), &facts)?;
        Ok::<_, Error>(id)
    })?;
    Ok(id)
}

/// The cards of a request: those that were frozen for it when it was approved; before that, those
/// of whoever asks, also in the bin and in the archive.
pub fn cards(core: &Core, request: &Request) -> Result<Vec<ContactRow>, Error> {
    let frozen = frozen(core, request)?;
    if frozen.is_empty() { subject::cards(core, &request.subject) } else { Ok(frozen) }
}

fn frozen(core: &Core, request: &Request) -> Result<Vec<ContactRow>, Error> {
    Ok(core.store().read(|r| r.restrictions().of_request(&request.id))?)
}

/// Takes a request one step on. What was approved takes effect at once as far as this
/// program can carry it out here: a restriction and an objection are put on the cards, and
/// the cards of who is to be erased are frozen until that is done.
pub fn step(core: &Core, id: &str, step: Step, details: &Details, who: &Who) -> Result<Standing, Error> {
    let before = find(core, id)?.request;
    let cards = match (step, &details.cards) {
        // Exactly what the officer looked at: who asks may have got another card since.
        (Step::Approve, Some(chosen)) => chosen.clone(),
        (Step::Approve, None) => {
            let cards = cards(core, &before)?;
            if !core.store().read(|r| subject::is_one_person(r, &cards))? {
                return Err(Error::bad_request(several()).hint(say!("Choose the person's cards.")));
            }
            cards
        }
        _ => cards(core, &before)?,
    };
    let region = core.region()?;
    check(core, &before, step, details, &cards)?;
    core.store().write(who.op(OpKind::Privacy, before.right.as_str()), |tx| {
        // Read again: somebody else may have decided meanwhile.
        let mut request = tx.read().requests().get(id)?.ok_or_else(|| Error::not_found(missing(id)))?;
        request.state = request.state.after(step).map_err(|wrong| refused(wrong.sentence()))?;
        let now = tx.now();
        match step {
            Step::ProveIdentity => {
                details.how.trim().clone_into(&mut request.identity_how);
                request.identity_at = Some(now);
            }
            Step::Approve | Step::Refuse => {
                request.decided_at = Some(now);
                tx.actor().clone_into(&mut request.decided_by);
                details.text.trim().clone_into(&mut request.decision);
                request.ground = details.ground;
            }
            Step::Finish | Step::FinishWithExceptions => {
                if !details.text.trim().is_empty() {
                    details.text.trim().clone_into(&mut request.decision);
                }
                // What was built or erased for it stands there already.
                if !details.outcome.trim().is_empty() {
                    details.outcome.trim().clone_into(&mut request.outcome);
                }
            }
            Step::Withdraw => {}
        }
        if request.state.is_closed() {
            request.closed_at = Some(now);
            // Of who was erased nothing is needed any more.
            if request.subject.is_empty() {
                tx.blank_requests(&[id])?;
            }
        }
        tx.put_request(&request, region)?;
        take_effect(tx, &request, step, &cards)?;
        let facts = json!({ "right": request.right.as_str(), "state": request.state.as_str(),
            "ground": details.ground.map(Ground::as_str), "cards": cards.len() });
        Ok::<_, Error>(tx.audit(step.as_str(), Some(id), &facts)?)
    })?;
    find(core, id)
}

/// Whether a step is told what it needs, and may be taken at all.
fn check(core: &Core, request: &Request, step: Step, details: &Details, cards: &[ContactRow]) -> Result<(), Error> {
    request.state.after(step).map_err(|wrong| refused(wrong.sentence()))?;
    match step {
        Step::ProveIdentity if details.how.trim().is_empty() => {
            Err(Error::bad_request(say!("say how it was made sure who asks")))
        }
        Step::Refuse => {
            let is_marketing = purposes::is_marketing(core, &request.purpose)?;
            match details.ground {
                None => Err(Error::bad_request(say!("say on what the refusal rests"))),
                Some(ground) if !ground.fits(request.right, is_marketing) => {
                    let why = say!("this request cannot be refused on: {ground}", ground = ground.sentence());
                    Err(Error::bad_request(why))
                }
                Some(_) => Ok(()),
            }
        }
        // A hold is a reason to refuse, not to forget it.
        Step::Approve if request.right == Right::Erasure => restriction::check_no_hold(core, cards),
        // What was promised is a file: without one nothing was answered.
        Step::Finish
            if request.right.is_answered()
                && details.outcome.trim().is_empty()
                && request.outcome.trim().is_empty() =>
        {
            Err(refused(say!("no answer was built for this request yet"))
                .hint(say!("Build the answer first, or say what was not done, and why.")))
        }
        // Where nothing is held there is nothing to erase; what was frozen for it has to go first.
        Step::Finish if request.right == Right::Erasure && !frozen(core, request)?.is_empty() => {
            Err(refused(say!("the cards of this request are not erased yet"))
                .hint(say!("Erase them first, or say what was not done, and why.")))
        }
        Step::FinishWithExceptions if details.text.trim().is_empty() => {
            Err(Error::bad_request(say!("say what was not done, and why")))
        }
        Step::ProveIdentity | Step::Approve | Step::Finish | Step::FinishWithExceptions | Step::Withdraw => Ok(()),
    }
}

/// What several people have decides nothing.
pub(super) fn several() -> Sentence {
    say!("cards with different names have this")
}

fn refused(why: Sentence) -> Error {
    Error::new(Code::Refused, why)
}

fn take_effect(tx: &mut Tx<'_>, request: &Request, step: Step, cards: &[ContactRow]) -> Result<(), Error> {
    let put = |tx: &mut Tx<'_>, sort: Sort, reason: &str| {
        let (purpose, reason) = (request.purpose.clone(), reason.to_owned());
        let restriction = Restriction { sort, purpose, reason, request: request.id.clone(), ..Restriction::default() };
        restriction::put_in(tx, cards, &restriction)
    };
    match (step, request.right) {
        (Step::Approve, Right::Restriction) => put(tx, Sort::Restricted, "the person asked for it")?,
        (Step::Approve, Right::Objection) => put(tx, Sort::Objected, "the person objects")?,
        (Step::Approve, Right::Erasure) => put(tx, Sort::Restricted, "is to be erased")?,
        (Step::Withdraw, _) => restriction::lift_of_request(tx, &request.id, "the request was taken back")?,
        // What could not be done after all froze the cards when it was approved.
        (Step::Refuse, _) => restriction::lift_of_request(tx, &request.id, "the request was refused")?,
        (Step::Approve, Right::Access | Right::Rectification | Right::Portability)
        | (Step::ProveIdentity | Step::Finish | Step::FinishWithExceptions, _) => 0,
    };
    Ok(())
}

/// Adds two months to the time for an answer. The person is to be told why within the first.
pub fn extend(core: &Core, id: &str, reason: &str, who: &Who) -> Result<Standing, Error> {
    let reason = reason.trim();
    if reason.is_empty() {
        return Err(Error::bad_request(say!("say why the answer takes longer: the person has to be told")));
    }
    let region = core.region()?;
    core.store().write(who.op(OpKind::Privacy, ""), |tx| {
        let now = tx.now();
        let mut request = tx.read().requests().get(id)?.ok_or_else(|| Error::not_found(missing(id)))?;
        let today = core.store().environment().clock.on_the_wall(now);
        if !request.deadline(today).can_extend {
            return Err(refused(say!("the time can be made longer once, and within the first month only")));
        }
        request.extended_at = Some(now);
        reason.clone_into(&mut request.extension_reason);
        tx.put_request(&request, region)?;
        Ok(tx.audit("request_extended", Some(id), &json!({ "due": request.deadline(today).day }))?)
    })?;
    find(core, id)
}

/// Whether somebody's cards are asked about in a request that is open: nothing of them goes
/// before it is answered.
pub(crate) fn asked_about(core: &Core) -> Result<HashSet<ContactRow>, Error> {
    let region = core.region()?;
    Ok(core.store().read(|r| asked_about_in(r, region))?)
}

/// The same inside a transaction.
pub(crate) fn asked_about_in(reader: Reader<'_>, region: Option<Region>) -> SqlResult<HashSet<ContactRow>> {
    let mut asked = HashSet::new();
    for request in reader.requests().open()? {
        asked.extend(subject::cards_in(reader, &request.subject, region)?);
        asked.extend(reader.restrictions().of_request(&request.id)?);
    }
    Ok(asked)
}

/// Cards that are gone and of which the history says by what an open request asks.
pub(crate) fn asked_about_gone(reader: Reader<'_>) -> SqlResult<HashSet<ContactRow>> {
    let mut asked = HashSet::new();
    for request in reader.requests().open()?.iter().filter(|request| !request.subject.trim().is_empty()) {
        asked.extend(reader.subjects().gone(request.subject.trim())?.into_iter().map(|(row, _)| row));
    }
    Ok(asked)
}

/// When a request that came at some moment is due, for a form that is not sent yet; now when the
/// moment is 0.
pub fn due(core: &Core, received_at: Millis) -> Result<Deadline, Error> {
    let now = today(core);
    Ok(Request { received_at: received(received_at, now)?, ..Request::default() }.deadline(now))
}

fn received(at: Millis, now: Millis) -> Result<Millis, Error> {
    match at {
        // The day, as when somebody names it.
        Millis(0) => Ok(Millis(now.0 - now.0.rem_euclid(Millis::DAY))),
        future if future > now => Err(Error::bad_request(say!("a request cannot have come in the future"))),
        past => Ok(past),
    }
}

/// The erasure that was done for a request, `era_…`.
pub fn erasure(core: &Core, id: &str) -> Result<Option<String>, Error> {
    Ok(core.store().read(|r| r.erasures().of_request(id))?)
}
