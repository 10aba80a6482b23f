//! One call of an agent: who asks, whether it may, what it read, and the line that is kept of it.
//! Nothing is answered before its line is kept.

use super::{asking, find};
use crate::{
    contact,
    core::{Core, Who},
    error::Error,
    identify,
    privacy::{output, standing},
};
use cardfile_domain::{
    Millis, Sentence,
    agent::{AgentCall, AgentClient, AgentGrant, ClientSort, Refusal, Tool},
    consent::Purpose,
};
use cardfile_store::{
    Approval, ContactRow, IdentityKey, NarrowReader, OpKind, Reader, Seen, SqlResult, StoreError, Tx,
};
use std::{io::Write, path::Path};

/// A minute.
const MINUTE: i64 = 60_000;
/// Rows of lists that a client of staff may get in [`LIST_MINUTES`].
pub(super) const MOST_LISTED: u32 = 200;
/// See [`MOST_LISTED`].
pub(super) const LIST_MINUTES: i64 = 10;
/// Days that calls are kept: two years.
const KEPT_DAYS: i64 = 731;
/// The word of calls that read a saved view.
pub(super) const LISTS: &str = "segments";

/// Why an agent does not get what it asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Denied {
    /// It may not; the line of it is kept.
    Refused(Refusal, Option<Sentence>),
    /// Something is wrong here.
    Failed(Error),
}

impl Denied {
    /// The word that the agent is told.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Refused(refusal, _) => refusal.as_str(),
            Self::Failed(_) => "failed",
        }
    }

    /// One sentence without anything of a card.
    pub fn message(&self) -> Sentence {
        match self {
            Self::Refused(_, Some(more)) => more.clone(),
            Self::Refused(refusal, None) => refusal.sentence(),
            Self::Failed(error) => error.message.clone(),
        }
    }
}

impl From<Error> for Denied {
    fn from(error: Error) -> Self {
        Self::Failed(error)
    }
}

impl From<StoreError> for Denied {
    fn from(error: StoreError) -> Self {
        Self::Failed(error.into())
    }
}

impl From<Refusal> for Denied {
    fn from(refusal: Refusal) -> Self {
        Self::Refused(refusal, None)
    }
}

/// Who asks for what.
#[derive(Debug, Clone, Copy)]
pub struct Asked<'a> {
    /// Id of the client.
    pub client: &'a str,
    /// Which tool.
    pub tool: Tool,
    /// The grant by which it sees a card, if it has one.
    pub grant: Option<&'a str>,
}

/// A client that may ask, and the card that it may see.
#[derive(Debug, Clone)]
pub(crate) struct Admitted {
    pub(crate) client: AgentClient,
    pub(crate) grant: AgentGrant,
}

impl Admitted {
    /// Who does what the client asks for.
    pub(crate) fn who(&self) -> Who {
        who(&self.client)
    }
}

/// Who does what a client asks for.
pub(crate) fn who(client: &AgentClient) -> Who {
    Who { actor: client.name.clone(), origin: "agent".into() }
}

/// Refuses a client that may not use a tool whatever it shows, so that nothing of that is looked at.
pub fn may_ask(core: &Core, asked: &Asked<'_>) -> Result<(), Denied> {
    let now = core.store().environment().clock.now();
    match core.store().read(|r| asking(r, asked.client, asked.tool, now))? {
        Ok(_) => Ok(()),
        Err(refusal) => Err(refused(core, asked, refusal, None)),
    }
}

/// Whether a client may use a tool on the card of its grant, by everything but its fields.
pub(super) fn admit(reader: Reader<'_>, asked: &Asked<'_>, now: Millis) -> SqlResult<Result<Admitted, Refusal>> {
    let client = match asking(reader, asked.client, asked.tool, now)? {
        Ok(client) => client,
        Err(refusal) => return Ok(Err(refusal)),
    };
    let Some(id) = asked.grant else { return Ok(Err(Refusal::NotVerified)) };
    let grant = reader.agents().grant(id)?;
    let Some(grant) = grant.filter(|grant| grant.client == client.id && grant.is_in_force(now)) else {
        return Ok(Err(Refusal::NotVerified));
    };
    let purpose = purpose(reader, &client.purpose)?;
    Ok(standing::for_agents(reader, grant.contact, purpose.as_ref())?
        .map(|()| Admitted { client, grant })
        .map_err(Refusal::Barred))
}

/// The purpose with this key, if one is named.
pub(super) fn purpose(reader: Reader<'_>, key: &str) -> SqlResult<Option<Purpose>> {
    if key.is_empty() { Ok(None) } else { reader.purposes().named(key) }
}

/// What a tool may read once it is admitted: which fields, or why not.
pub(super) type Fields = Result<Vec<String>, (Refusal, Option<Sentence>)>;

/// One call that reads: looks whether it may, reads exactly `fields`, and keeps the line. `line`
/// says of the answer which fields it gives out, and how many rows and bytes it has.
pub(super) fn reading<T>(
    core: &Core,
    asked: &Asked<'_>,
    fields: impl FnOnce(Reader<'_>, &Admitted) -> SqlResult<Fields>,
    read: impl FnOnce(&NarrowReader<'_>) -> SqlResult<T>,
    line: impl FnOnce(&T) -> (Vec<String>, u32, u32),
) -> Result<T, Denied> {
    let now = core.store().environment().clock.now();
    let (admitted, seen): (_, Option<Seen<Option<T>>>) = core.store().read_narrowly(
        |r| {
            let admitted = match admit(r, asked, now)? {
                Ok(admitted) => admitted,
                Err(refusal) => return Ok((Err((refusal, None)), None)),
            };
            match fields(r, &admitted)? {
                Ok(fields) => {
                    let approval = Approval { card: admitted.grant.contact, fields };
                    Ok((Ok(admitted), Some(approval)))
                }
                Err(refusal) => Ok((Err(refusal), None)),
            }
        },
        // Whoever went to the bin since is nobody.
        |reader| if reader.is_there()? { read(reader).map(Some) } else { Ok(None) },
    )?;
    let admitted = match admitted {
        Ok(admitted) => admitted,
        Err((refusal, more)) => return Err(refused(core, asked, refusal, more)),
    };
    let Some(value) = seen.and_then(|seen| seen.value) else {
        return Err(refused(core, asked, Refusal::NotVerified, None));
    };
    let (given, items, bytes) = line(&value);
    let kept = AgentCall {
        client: admitted.client.id.clone(),
        tool: asked.tool.as_str().to_owned(),
        contact: Some(admitted.grant.contact),
        result: "ok",
        fields: given,
        items,
        bytes,
        ..AgentCall::default()
    };
    write(core, &admitted.client, kept)?;
    Ok(value)
}

/// Keeps the line of a call that is answered, unless the client asks too often; then that is kept.
pub(super) fn write(core: &Core, client: &AgentClient, call: AgentCall) -> Result<(), Denied> {
    let (is_answered, _) = core.store().write(who(client).op(OpKind::Privacy, ""), |tx| keep(tx, client, call))?;
    if is_answered { Ok(()) } else { Err(Refusal::TooMany.into()) }
}

/// The same inside a transaction. `false` when the client asks too often.
pub(super) fn keep(tx: &mut Tx<'_>, client: &AgentClient, call: AgentCall) -> Result<bool, Error> {
    let pace = pace(tx, client)?;
    if pace.answered >= client.per_minute || pace.is_over {
        if !pace.is_over {
            tx.add_agent_call(&AgentCall {
                result: "refused",
                fields: Vec::new(),
                items: 0,
                bytes: 0,
                why: Refusal::TooMany.as_str().to_owned(),
                ..call
            })?;
        }
        return Ok(false);
    }
    if let Some(contact) = call.contact {
        tx.disclose_to_agent(contact, client, &call.fields)?;
    }
    tx.add_agent_call(&call)?;
    Ok(true)
}

/// What a client asked for in the last minute.
struct Pace {
    answered: u32,
    /// It goes on and on: no line is kept any more, or it would fill the disk.
    is_over: bool,
}

fn pace(tx: &Tx<'_>, client: &AgentClient) -> Result<Pace, Error> {
    let pace = tx.read().agents().since(&client.id, Millis(tx.now().0 - MINUTE))?;
    Ok(Pace { answered: pace.answered, is_over: pace.lines >= client.per_minute.saturating_mul(2) })
}

/// Keeps that a call was refused, and says so.
pub fn refused(core: &Core, asked: &Asked<'_>, refusal: Refusal, more: Option<Sentence>) -> Denied {
    match refuse(core, asked.client, asked.tool.as_str(), asked.grant, refusal) {
        Ok(()) => Denied::Refused(refusal, more),
        Err(error) => Denied::Failed(error),
    }
}

/// Keeps that something was refused which is no tool: a list, or a name that there is not.
pub fn refused_call(core: &Core, client: &str, what: &'static str, refusal: Refusal) -> Denied {
    match refuse(core, client, what, None, refusal) {
        Ok(()) => refusal.into(),
        Err(error) => Denied::Failed(error),
    }
}

fn refuse(core: &Core, client: &str, tool: &str, grant: Option<&str>, refusal: Refusal) -> Result<(), Error> {
    let (known, grant) = core.store().read(|r| {
        let grant = grant.map(|id| r.agents().grant(id)).transpose()?.flatten();
        Ok((r.agents().named(client)?, grant))
    })?;
    // Whoever is no client leaves no line: anybody could fill the disk by that.
    let Some(known) = known else { return Ok(()) };
    let call = AgentCall {
        client: known.id.clone(),
        tool: tool.to_owned(),
        contact: grant.map(|grant| grant.contact),
        result: "refused",
        why: refusal.as_str().to_owned(),
        ..AgentCall::default()
    };
    keep_refused(core, &known, &call)
}

/// Keeps the line of a refused call, unless the client asks much too often.
pub(super) fn keep_refused(core: &Core, client: &AgentClient, call: &AgentCall) -> Result<(), Error> {
    core.store().write(who(client).op(OpKind::Privacy, ""), |tx| {
        if !pace(tx, client)?.is_over {
            tx.add_agent_call(call)?;
        }
        Ok::<_, Error>(())
    })?;
    Ok(())
}

/// Keeps in the register that a proof was not enough, unless the client asks much too often.
pub fn deny(core: &Core, client: &str, key: &IdentityKey, why: identify::Denied, near: usize) -> Result<(), Error> {
    let client = find(core, client)?;
    core.store().write(who(&client).op(OpKind::Privacy, ""), |tx| {
        if pace(tx, &client)?.is_over { Ok(()) } else { identify::note_denied(tx, key, why, near) }
    })?;
    Ok(())
}

/// How many rows of lists a client of staff may still get.
pub(super) fn listable(reader: Reader<'_>, client: &AgentClient, now: Millis) -> SqlResult<u32> {
    if client.sort != ClientSort::Staff {
        return Ok(0);
    }
    let pace = reader.agents().since(&client.id, Millis(now.0 - LIST_MINUTES * MINUTE))?;
    Ok(MOST_LISTED.saturating_sub(pace.listed))
}

/// A call as a person looks at it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Listed {
    /// As it is kept.
    pub call: AgentCall,
    /// What the client is called; its id when it is not known any more.
    pub client: String,
    /// The card it was about, if it is here: its id and what to call it.
    pub card: Option<(String, String)>,
}

/// The latest calls, of one client or of all, newest first; `before` pages on.
pub fn list(core: &Core, client: Option<&str>, before: Option<i64>, limit: u32) -> Result<Vec<Listed>, Error> {
    Ok(core.store().read(|r| {
        let clients = r.agents().clients()?;
        let wanted = client.map(|name| {
            let known = clients.iter().find(|one| one.id == name || one.name == name);
            known.map_or(name, |known| known.id.as_str())
        });
        let mut all = Vec::new();
        for call in r.agents().calls(wanted, before, limit)? {
            let name = clients.iter().find(|one| one.id == call.client).map(|one| one.name.clone());
            let card = called(r, call.contact)?;
            all.push(Listed { client: name.unwrap_or_else(|| call.client.clone()), card, call });
        }
        Ok(all)
    })?)
}

/// The id of a card, and what to call it; nothing when it is not here.
pub(crate) fn called(reader: Reader<'_>, row: Option<ContactRow>) -> SqlResult<Option<(String, String)>> {
    let Some(row) = row else { return Ok(None) };
    let stored = reader.contacts().get(row)?;
    Ok(stored.map(|stored| (stored.contact.id.to_string(), contact::called(&stored.contact))))
}

/// Writes all calls that are kept to a file, one JSON object a line. Gives how many.
pub fn export(core: &Core, file: &Path) -> Result<u32, Error> {
    const PAGE: u32 = 1_000;
    let fail = |error: std::io::Error| Error::io(file, &error);
    let mut out = std::io::BufWriter::new(output::create(file).map_err(fail)?);
    let (mut before, mut written) = (None, 0);
    loop {
        let page = list(core, None, before, PAGE)?;
        for one in &page {
            writeln!(out, "{}", to_json(one)).map_err(fail)?;
            written += 1;
        }
        match page.last() {
            Some(last) => before = Some(last.call.call),
            None => break,
        }
    }
    out.flush().map_err(fail)?;
    Ok(written)
}

/// A call for scripts and files.
pub fn to_json(one: &Listed) -> serde_json::Value {
    let AgentCall { at, tool, result, fields, items, bytes, why, .. } = &one.call;
    serde_json::json!({ "at": at.to_rfc3339(), "client": one.client, "tool": tool,
        "card": one.card.as_ref().map(|(id, _)| id), "result": result, "fields": fields, "items": items,
        "bytes": bytes, "why": why })
}

/// Calls from before are forgotten.
pub(super) fn kept_since(now: Millis) -> Millis {
    Millis(now.0 - KEPT_DAYS * Millis::DAY)
}
