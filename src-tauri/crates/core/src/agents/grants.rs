//! Whom a client may see: a grant for one card, for a while, because it was proven who asks, or
//! because somebody of the business said so. The verified ID is an external ID byte for byte, or
//! nobody is seen; the owner is told whose ID it nearly was.

use super::{Asked, Denied, calls, find};
use crate::{
    contact,
    core::{Core, Who},
    error::{Code, Error},
    identify,
    privacy::standing,
    resolve::{self, NearMiss},
};
use cardfile_domain::{
    Link, Millis,
    agent::{
        AgentCall, AgentClient, AgentGrant, AgentProposal, ClientSort, Proof, ProposalSort, ProposalState, Refusal,
        Tool,
    },
    say,
};
use cardfile_store::{Approval, ContactRow, IdentityKey, OpKind, Reader, SqlResult};
use serde_json::json;

/// A minute.
const MINUTE: i64 = 60_000;
/// Nearly the ID that was proven: shown to the owner who asks why nobody was found.
const NEAR: u32 = 5;

/// How a client names a card.
#[derive(Debug, Clone, Copy)]
enum Named<'a> {
    /// By an ID that a key proves.
    Proven(&'a IdentityKey, &'a str),
    /// By saying so.
    Said(&'a str),
}

/// Lets a client see the card of whoever proved their ID: what a key of this workspace signed, and
/// the door has checked. Nothing that the proof says of them is written.
pub fn verified(core: &Core, client: &str, key: &IdentityKey, proof: &identify::Proof) -> Result<AgentGrant, Denied> {
    let asked = Asked { client, tool: Tool::Identify, grant: None };
    let (known, row) = match look(core, &asked, Named::Proven(key, &proof.user_id))? {
        Ok(found) => found,
        Err((refusal, near)) => {
            deny(core, client, key, refusal, near)?;
            return Err(refused(core, &asked, refusal, near));
        }
    };
    let how = if key.algorithm == "user_hash" { Proof::Hash } else { Proof::Token };
    let mut grant = new_grant(core, &known, row, how);
    let longest = Millis(grant.at.0 + i64::from(key.grant_minutes) * MINUTE);
    grant.expires_at = grant.expires_at.min(longest);
    let once = proof.once.as_ref().map(|once| identify::once_tag(core, key, once));
    let (given, _) = core.store().write(calls::who(&known).op(OpKind::Privacy, ""), |tx| {
        if let Some(once) = &once
            && !tx.note_proof(&key.id, once, proof.expires_at.unwrap_or(grant.expires_at))?
        {
            return Ok(Err(Refusal::BadProof));
        }
        if !calls::keep(tx, &known, line(&known, Some(row)))? {
            return Ok(Err(Refusal::TooMany));
        }
        let id = tx.add_agent_grant(&grant)?;
        tx.audit("agent_granted", Some(&known.id), &json!({ "how": how.as_str() }))?;
        Ok::<_, Error>(Ok(AgentGrant { id, ..grant.clone() }))
    })?;
    match given {
        Ok(grant) => Ok(grant),
        // Its line is kept already.
        Err(Refusal::TooMany) => Err(Refusal::TooMany.into()),
        Err(refusal) => {
            deny(core, client, key, refusal, None)?;
            Err(calls::refused(core, &asked, refusal, None))
        }
    }
}

/// Keeps in the register that a proof was not enough, for the owner who asks why.
fn deny(core: &Core, client: &str, key: &IdentityKey, refusal: Refusal, near: Option<ContactRow>) -> Result<(), Error> {
    let why = match refusal {
        Refusal::BadProof => identify::Denied::Replayed,
        Refusal::Nobody => identify::Denied::Unknown,
        Refusal::Barred(_) => identify::Denied::Barred,
        // It is the client that may not ask, whoever it speaks with.
        _ => return Ok(()),
    };
    let near = if refusal == Refusal::Nobody { usize::from(near.is_some()) } else { 0 };
    calls::deny(core, client, key, why, near)
}

/// Whom somebody names who gives no proof: a client of staff sees them; any other one sees them
/// when a person said so, and else a person is asked.
pub fn named(core: &Core, client: &str, user_id: &str) -> Result<AgentGrant, Denied> {
    let asked = Asked { client, tool: Tool::Identify, grant: None };
    let (known, row) = match look(core, &asked, Named::Said(user_id))? {
        Ok(found) => found,
        // Whoever proves nothing learns nothing: neither that somebody is here, nor that nobody is.
        Err((Refusal::Nobody | Refusal::Barred(_), near)) if is_customer(core, client)? => {
            return Err(refused(core, &asked, Refusal::NotVerified, near));
        }
        Err((refusal, near)) => return Err(refused(core, &asked, refusal, near)),
    };
    if known.sort == ClientSort::Staff {
        return put(core, &known, row, Proof::Staff, &calls::who(&known));
    }
    let now = core.store().environment().clock.now();
    let held = core.store().read(|r| r.agents().grants_in_force(Some(&known.id), now))?;
    if let Some(grant) = held.into_iter().find(|grant| grant.contact == row && grant.how == Proof::Operator) {
        calls::write(core, &known, line(&known, Some(row)))?;
        return Ok(grant);
    }
    ask(core, &known, row)?;
    Err(refused(core, &asked, Refusal::NotVerified, Some(row)))
}

fn is_customer(core: &Core, client: &str) -> Result<bool, Error> {
    Ok(find(core, client).is_ok_and(|known| known.sort == ClientSort::Customer))
}

/// Asks the owner whether a client may see a card, once while that waits.
fn ask(core: &Core, client: &AgentClient, row: ContactRow) -> Result<(), Error> {
    core.store().write(calls::who(client).op(OpKind::Privacy, ""), |tx| {
        let waiting = tx.read().agents().waiting(Some(&client.id))?;
        let is_asked = waiting.iter().any(|one| one.sort == ProposalSort::Access && one.contact == row);
        if !is_asked && waiting.len() < super::proposals::MOST_WAITING {
            tx.add_agent_proposal(&AgentProposal {
                id: String::new(),
                client: client.id.clone(),
                contact: row,
                sort: ProposalSort::Access,
                field: String::new(),
                body: json!({ "minutes": client.grant_minutes }).to_string(),
                state: ProposalState::Waiting,
                at: tx.now(),
                decided_at: None,
                decided_by: String::new(),
            })?;
        }
        Ok::<_, Error>(())
    })?;
    Ok(())
}

/// A person lets a client see a card. `minutes`: nothing for those of the client.
pub fn confirm(core: &Core, client: &str, contact: &str, minutes: Option<u32>, who: &Who) -> Result<AgentGrant, Error> {
    let mut client = find(core, client)?;
    let row = contact::find(core, contact)?.row;
    client.grant_minutes = minutes.unwrap_or(client.grant_minutes).clamp(1, super::MOST_GRANT_MINUTES);
    let now = core.store().environment().clock.now();
    let barred = core.store().read(|r| {
        let purpose = calls::purpose(r, &client.purpose)?;
        standing::for_agents(r, row, purpose.as_ref())
    })?;
    if let Err(bar) = barred {
        return Err(Error::new(Code::Refused, bar.sentence()));
    }
    client.may_ask(now).map_err(|refusal| Error::new(Code::Refused, refusal.sentence()))?;
    match put(core, &client, row, Proof::Operator, who) {
        Ok(grant) => Ok(grant),
        Err(Denied::Failed(error)) => Err(error),
        Err(denied) => Err(Error::new(Code::Refused, denied.message())),
    }
}

fn put(core: &Core, client: &AgentClient, row: ContactRow, how: Proof, who: &Who) -> Result<AgentGrant, Denied> {
    let grant = new_grant(core, client, row, how);
    let (given, _) = core.store().write(who.op(OpKind::Privacy, ""), |tx| {
        // Of what a person does for it the client has no line.
        if how == Proof::Staff && !calls::keep(tx, client, line(client, Some(row)))? {
            return Ok(None);
        }
        let id = tx.add_agent_grant(&grant)?;
        tx.audit("agent_granted", Some(&client.id), &json!({ "how": how.as_str() }))?;
        Ok::<_, Error>(Some(AgentGrant { id, ..grant.clone() }))
    })?;
    given.ok_or_else(|| Refusal::TooMany.into())
}

/// Ends a grant before its time.
pub fn end(core: &Core, id: &str, who: &Who) -> Result<bool, Error> {
    let (ended, _) = core.store().write(who.op(OpKind::Privacy, ""), |tx| {
        let ended = tx.end_agent_grants(None, Some(id))?;
        if ended > 0 {
            tx.audit("agent_grant_ended", None, &json!({}))?;
        }
        Ok::<_, Error>(ended > 0)
    })?;
    Ok(ended)
}

/// A grant that holds, with the card that it is for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Held {
    /// The grant.
    pub grant: AgentGrant,
    /// Id of the card, and what to call it.
    pub card: (String, String),
}

/// The grants of a client that hold now.
pub fn held(core: &Core, client: &AgentClient) -> Result<Vec<Held>, Error> {
    let now = core.store().environment().clock.now();
    Ok(core.store().read(|r| {
        let mut all = Vec::new();
        for grant in r.agents().grants_in_force(Some(&client.id), now)? {
            let card = calls::called(r, Some(grant.contact))?;
            all.extend(card.map(|card| Held { grant, card }));
        }
        Ok(all)
    })?)
}

/// Whether an ID is one of the card of a grant: what a tool is told beside it must not mean
/// somebody else.
pub fn is_of(core: &Core, grant: &str, user_id: &str) -> Result<bool, Error> {
    Ok(core.store().read(|r| {
        let Some(grant) = r.agents().grant(grant)? else { return Ok(false) };
        let client = r.agents().named(&grant.client)?;
        let is_staff = client.is_some_and(|client| client.sort == ClientSort::Staff);
        Ok(row_of(r, Named::Said(user_id), is_staff)? == Some(grant.contact))
    })?)
}

/// The card with this external ID, byte for byte: where its key says, or where one card alone has
/// it. Somebody of the business may name a card by whatever names it.
fn row_of(reader: Reader<'_>, named: Named<'_>, is_staff: bool) -> SqlResult<Option<ContactRow>> {
    match named {
        Named::Proven(key, user_id) => reader.links().contact_of(&Link {
            connector: key.connector.clone(),
            scope: key.scope.clone(),
            external_id: user_id.to_owned(),
        }),
        Named::Said(name) if is_staff => Ok(match resolve::named(reader, name)? {
            resolve::Named::One(row) => Some(row),
            resolve::Named::Nobody | resolve::Named::Several => None,
        }),
        Named::Said(user_id) => {
            let mut rows = reader.links().contacts_of(user_id)?;
            rows.dedup();
            Ok(match &rows[..] {
                [row] => Some(*row),
                _ => None,
            })
        }
    }
}

type Found = Result<(AgentClient, ContactRow), (Refusal, Option<ContactRow>)>;

/// The card that a client asks for, if it may see it at all; else why not, and of a proven ID whose
/// it nearly was. Nothing of the card is read for it.
fn look(core: &Core, asked: &Asked<'_>, named: Named<'_>) -> Result<Found, Error> {
    let now = core.store().environment().clock.now();
    let (found, there) = core.store().read_narrowly(
        |r| {
            let found = find_card(r, asked, named, now)?;
            let approval = found.as_ref().ok().map(|(_, row)| Approval { card: *row, fields: Vec::new() });
            Ok((found, approval))
        },
        |reader| reader.is_there(),
    )?;
    Ok(match (found, there) {
        (Ok(_), Some(seen)) if !seen.value => Err((Refusal::Nobody, None)),
        (found, _) => found,
    })
}

fn find_card(r: Reader<'_>, asked: &Asked<'_>, named: Named<'_>, now: Millis) -> SqlResult<Found> {
    let client = match super::asking(r, asked.client, asked.tool, now)? {
        Ok(client) => client,
        Err(refusal) => return Ok(Err((refusal, None))),
    };
    let Some(row) = row_of(r, named, client.sort == ClientSort::Staff)? else {
        // All IDs are gone through for it: not for whoever only says one.
        let near = match named {
            Named::Proven(_, user_id) => resolve::near_misses(r, user_id, 1)?,
            Named::Said(_) => Vec::new(),
        };
        return Ok(Err((Refusal::Nobody, near.first().map(|miss| miss.contact))));
    };
    let purpose = calls::purpose(r, &client.purpose)?;
    Ok(match standing::for_agents(r, row, purpose.as_ref())? {
        Ok(()) => Ok((client, row)),
        Err(bar) => Err((Refusal::Barred(bar), Some(row))),
    })
}

/// Refuses, with the card in the line that it was nearly, or that may not be seen: the owner finds
/// the reason there, and the agent does not.
fn refused(core: &Core, asked: &Asked<'_>, refusal: Refusal, card: Option<ContactRow>) -> Denied {
    let Some(card) = card else { return calls::refused(core, asked, refusal, None) };
    let Ok(known) = find(core, asked.client) else { return refusal.into() };
    let call = AgentCall { result: "refused", why: refusal.as_str().to_owned(), ..line(&known, Some(card)) };
    match calls::keep_refused(core, &known, &call) {
        Ok(()) => refusal.into(),
        Err(error) => Denied::Failed(error),
    }
}

/// Why an ID was not found: the external IDs that are nearly it, for the owner.
pub fn why_not(core: &Core, user_id: &str) -> Result<Vec<NearMiss>, Error> {
    Ok(core.store().read(|r| resolve::near_misses(r, user_id, NEAR))?)
}

fn new_grant(core: &Core, client: &AgentClient, contact: ContactRow, how: Proof) -> AgentGrant {
    let at = core.store().environment().clock.now();
    let expires_at = Millis(at.0 + i64::from(client.grant_minutes) * MINUTE);
    AgentGrant { id: String::new(), client: client.id.clone(), contact, how, at, expires_at, ended_at: None }
}

fn line(client: &AgentClient, contact: Option<ContactRow>) -> AgentCall {
    AgentCall {
        client: client.id.clone(),
        tool: Tool::Identify.as_str().to_owned(),
        contact,
        result: "ok",
        ..AgentCall::default()
    }
}

/// A sentence for a person: how it is known who asks.
pub fn how_said(how: Proof) -> cardfile_domain::Sentence {
    match how {
        Proof::Token => say!("by a signed token"),
        Proof::Hash => say!("by a keyed hash of the ID"),
        Proof::Operator => say!("because somebody here said so"),
        Proof::Staff => say!("because somebody here asks"),
    }
}
