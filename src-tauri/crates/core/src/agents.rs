//! Agents: which programs may ask about people, and what each of them gets. Only the fields that
//! a person approved are read, of the card that was verified, for a while; what an agent wants to
//! write waits for a person. Every call is kept with the fields that left.

pub mod calls;
mod changes;
pub mod configuration;
pub mod fields;
pub mod grants;
pub mod pack;
mod pack_text;
pub mod proposals;
pub mod review;
pub mod segments;

pub use calls::{Asked, Denied};

use crate::{
    core::{Core, Who},
    error::{Code, Error},
    privacy::purposes,
};
use cardfile_domain::{
    agent::{ActionGrant, AgentClient, ClientSort, ProposalSort, Refusal, Tool, word},
    say,
};
use cardfile_store::{OpKind, Reader, SqlResult, StoreError, Tx};
use serde_json::{Value, json};

/// Setting: no agent gets anything.
const STOPPED: &str = "agents_stopped";
/// Entry of the audit log: a person approved a client.
const APPROVED: &str = "agent_approved";
/// How often a change is put on what a client is by now, when others change it at the same time.
const TRIES: u32 = 8;
/// Calls a minute, at most.
const MOST_PER_MINUTE: u32 = 600;
/// Minutes of a grant, at most: a day.
const MOST_GRANT_MINUTES: u32 = 1_440;

/// All clients, in the order of their names.
pub fn all(core: &Core) -> Result<Vec<AgentClient>, Error> {
    Ok(core.store().read(|r| r.agents().clients())?)
}

/// The client with this id or name.
pub fn find(core: &Core, name: &str) -> Result<AgentClient, Error> {
    let found = core.store().read(|r| r.agents().named(name))?;
    found.ok_or_else(|| Error::not_found(say!("the client {name}", name)))
}

/// Keeps what a client may. One that is on has to pass the review again, or `reason` says why it
/// stays on anyway.
pub fn put(core: &Core, client: &AgentClient, reason: &str, who: &Who) -> Result<AgentClient, Error> {
    put_seen(core, None, client, reason, who)
}

/// The same of what is otherwise than somebody has seen it: what others changed meanwhile stays.
pub fn put_seen(
    core: &Core,
    seen: Option<&AgentClient>,
    client: &AgentClient,
    reason: &str,
    who: &Who,
) -> Result<AgentClient, Error> {
    keep(core, seen, client, "agent_put", who, |client| {
        if client.enabled_at.is_some() {
            client.reason = review::pass(core, client, reason)?;
        }
        Ok(())
    })
}

/// Keeps what a client may and turns it on: what a person does who approves it in one step. A
/// review that says no is overruled only with a reason, which is kept.
pub fn approve(core: &Core, client: &AgentClient, reason: &str, who: &Who) -> Result<AgentClient, Error> {
    approve_seen(core, None, client, reason, who)
}

/// The same of what is otherwise than somebody has seen it: what others changed meanwhile stays.
pub fn approve_seen(
    core: &Core,
    seen: Option<&AgentClient>,
    client: &AgentClient,
    reason: &str,
    who: &Who,
) -> Result<AgentClient, Error> {
    if client.revoked_at.is_some() {
        return Err(was_revoked());
    }
    keep(core, seen, client, APPROVED, who, |client| {
        client.reason = review::pass(core, client, reason)?;
        client.enabled_at = client.enabled_at.or(Some(core.store().environment().clock.now()));
        Ok(())
    })
}

fn was_revoked() -> Error {
    Error::new(Code::Refused, say!("the client was revoked"))
        .hint(say!("Make a new one: whatever still starts this one must not come back unseen."))
}

/// Turns a client on, as [`approve`] does.
pub fn turn_on(core: &Core, name: &str, reason: &str, who: &Who) -> Result<AgentClient, Error> {
    let client = find(core, name)?;
    approve_seen(core, Some(&client), &client, reason, who)
}

/// Pauses a client: it gets nothing until it is turned on again. What it could see ends.
pub fn turn_off(core: &Core, name: &str, who: &Who) -> Result<(), Error> {
    end(core, name, "agent_paused", who, |client| client.enabled_at = None)
}

/// Revokes a client for good.
pub fn revoke(core: &Core, name: &str, who: &Who) -> Result<(), Error> {
    let now = core.store().environment().clock.now();
    end(core, name, "agent_revoked", who, |client| {
        client.enabled_at = None;
        client.revoked_at = client.revoked_at.or(Some(now));
    })
}

fn end(core: &Core, name: &str, event: &str, who: &Who, change: impl FnOnce(&mut AgentClient)) -> Result<(), Error> {
    let id = find(core, name)?.id;
    core.store().write(who.op(OpKind::Privacy, ""), |tx| {
        let mut client = here(tx.read(), &id)?;
        change(&mut client);
        tx.put_agent_client(&client)?;
        let grants = tx.end_agent_grants(Some(&client.id), None)?;
        Ok::<_, Error>(tx.audit(event, Some(&client.id), &json!({ "grants_ended": grants }))?)
    })?;
    Ok(())
}

/// Whether no agent gets anything.
pub fn is_stopped(core: &Core) -> Result<bool, Error> {
    Ok(core.store().read(stopped)?)
}

pub(crate) fn stopped(reader: Reader<'_>) -> SqlResult<bool> {
    Ok(reader.settings().get(STOPPED)?.as_ref().and_then(Value::as_bool).unwrap_or(false))
}

/// Stops all agents at once, or lets them ask again. What they could see ends.
pub fn stop(core: &Core, is_stopped: bool, who: &Who) -> Result<(), Error> {
    core.store().write(who.op(OpKind::Privacy, ""), |tx| {
        tx.set_setting(STOPPED, &is_stopped.into())?;
        let grants = if is_stopped { tx.end_agent_grants(None, None)? } else { 0 };
        let event = if is_stopped { "agents_stopped" } else { "agents_started" };
        Ok::<_, Error>(tx.audit(event, None, &json!({ "grants_ended": grants }))?)
    })?;
    Ok(())
}

/// A backup knows less of what agents may than the workspace it takes the place of: none gets
/// anything before a person lets them.
pub(crate) fn after_restore(core: &Core) -> Result<(), Error> {
    if all(core)?.is_empty() {
        return Ok(());
    }
    stop(core, true, &Who { actor: "cardfile".into(), origin: "restore".into() })
}

/// Forgets calls that are older than two years.
pub(crate) fn expire(core: &Core) -> Result<u32, Error> {
    if all(core)?.is_empty() {
        return Ok(0);
    }
    let before = calls::kept_since(core.store().environment().clock.now());
    let who = Who { actor: "cardfile".into(), origin: "retention".into() };
    let (forgotten, _) =
        core.store().write(who.op(OpKind::Privacy, ""), |tx| Ok::<_, Error>(tx.forget_agent_calls(before)?))?;
    Ok(forgotten)
}

/// With everything it names there.
pub(crate) fn checked(core: &Core, client: &AgentClient) -> Result<AgentClient, Error> {
    let name = client.name.trim();
    if name.is_empty() {
        return Err(Error::bad_request(say!("a client needs a name")));
    }
    let known = core.store().read(|r| r.agents().named(name))?;
    // The name of one that was revoked is free again.
    if known.is_some_and(|known| known.id != client.id && known.revoked_at.is_none()) {
        return Err(Error::bad_request(say!("there is a client {name} already", name)));
    }
    let known = fields::approvable(core)?;
    let kept_fields = |wanted: &[String]| fields::in_order(&known, wanted);
    let purpose = key_of(core, &client.purpose)?;
    let mut actions = Vec::new();
    for action in &client.actions {
        let tool = action.tool.trim();
        if tool.is_empty() || actions.iter().any(|one: &ActionGrant| one.tool == tool) {
            return Err(Error::bad_request(say!("every action needs a name of its own")));
        }
        let (fields, purpose) = (kept_fields(&action.fields)?, key_of(core, &action.purpose)?);
        actions.push(ActionGrant { tool: tool.to_owned(), fields, purpose, expires_at: action.expires_at });
    }
    let fields = kept_fields(&client.fields)?;
    let mut always: Vec<String> = client.always.clone();
    always.retain(|one| is_word(one));
    always.sort();
    always.dedup();
    Ok(AgentClient {
        name: name.to_owned(),
        fields,
        tools: Tool::ALL.iter().copied().filter(|tool| client.tools.contains(tool)).collect(),
        purpose,
        actions,
        always,
        per_minute: client.per_minute.clamp(1, MOST_PER_MINUTE),
        grant_minutes: client.grant_minutes.clamp(1, MOST_GRANT_MINUTES),
        ..client.clone()
    })
}

/// Whether a proposal can be called so.
fn is_word(text: &str) -> bool {
    match text.strip_prefix("field:") {
        Some(field) => proposals::is_proposable(field),
        None => ProposalSort::parse(text).is_some_and(|sort| sort.may_be_always() && text == word(sort, "")),
    }
}

fn key_of(core: &Core, purpose: &str) -> Result<String, Error> {
    match purpose.trim() {
        "" => Ok(String::new()),
        name => Ok(purposes::find(core, name)?.key),
    }
}

/// Keeps what is wanted of a client, on what it is by now. That is looked at by `pass`, which reads too
/// much for a write; if somebody was faster, all of it is done again on what they left.
fn keep(
    core: &Core,
    seen: Option<&AgentClient>,
    wanted: &AgentClient,
    event: &str,
    who: &Who,
    pass: impl Fn(&mut AgentClient) -> Result<(), Error>,
) -> Result<AgentClient, Error> {
    let wanted = checked(core, wanted)?;
    for _ in 0..TRIES {
        let known = core.store().read(|r| at(r, &wanted.id))?;
        let mut client = match (&known, seen) {
            (None, _) if !wanted.id.is_empty() => return Err(gone()),
            (Some(known), Some(seen)) => checked(core, &changes::onto(known, seen, &wanted))?,
            (None, _) | (Some(_), None) => wanted.clone(),
        };
        // Who was paused or revoked since stays so. Only an approval turns one on.
        match &known {
            Some(known) if event == APPROVED && known.revoked_at.is_some() => return Err(was_revoked()),
            Some(known) if event != APPROVED => client.enabled_at = client.enabled_at.and(known.enabled_at),
            Some(_) | None => {}
        }
        pass(&mut client)?;
        let (kept, _) = core.store().write(who.op(OpKind::Privacy, ""), |tx| {
            if at(tx.read(), &wanted.id)? != known {
                return Ok(None);
            }
            keep_in(tx, &client, event).map(Some)
        })?;
        if let Some(id) = kept {
            return find(core, &id);
        }
    }
    Err(StoreError::InUse(say!("another program is writing to it")).into())
}

/// Changes what a client may as it is inside the write: what others change of it meanwhile stays.
fn change(tx: &mut Tx<'_>, id: &str, event: &str, change: impl FnOnce(&mut AgentClient)) -> Result<(), Error> {
    let mut client = here(tx.read(), id)?;
    change(&mut client);
    keep_in(tx, &client, event)?;
    Ok(())
}

/// The client with this id, inside a transaction.
fn here(reader: Reader<'_>, id: &str) -> Result<AgentClient, Error> {
    at(reader, id)?.ok_or_else(gone)
}

/// The same, if it is there.
fn at(reader: Reader<'_>, id: &str) -> SqlResult<Option<AgentClient>> {
    Ok(reader.agents().named(id)?.filter(|known| known.id == id))
}

fn gone() -> Error {
    Error::new(Code::NotFound, say!("there is no such client"))
}

/// Gives its id.
fn keep_in(tx: &mut Tx<'_>, client: &AgentClient, event: &str) -> Result<String, Error> {
    let id = tx.put_agent_client(client)?;
    // Names of custom fields may say anything: they are counted.
    let (custom, own): (Vec<&String>, Vec<&String>) =
        client.fields.iter().partition(|field| field.starts_with(cardfile_domain::Contact::CUSTOM_PREFIX));
    let tools: Vec<&str> = client.tools.iter().map(|tool| tool.as_str()).collect();
    let facts = json!({ "fields": own, "custom_fields": custom.len(), "tools": tools, "purpose": client.purpose,
        "actions": client.actions.len(), "staff": client.sort == ClientSort::Staff,
        "overruled": !client.reason.is_empty() });
    tx.audit(event, Some(&id), &facts)?;
    Ok(id)
}

/// The client with this id, if it may use a tool now. Reads inside a look that goes on with it.
pub(crate) fn asking(
    reader: Reader<'_>,
    id: &str,
    tool: Tool,
    now: cardfile_domain::Millis,
) -> SqlResult<Result<AgentClient, Refusal>> {
    let Some(client) = reader.agents().named(id)? else { return Ok(Err(Refusal::Unknown)) };
    if stopped(reader)? {
        return Ok(Err(Refusal::Stopped));
    }
    Ok(client.may_use(tool, now).map(|()| client))
}
