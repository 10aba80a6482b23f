//! Agents: clients and what each may, what it would see of a card, what it proposed, whom it may
//! see now, and every call.

use super::answer::{Made, Nothing};
use crate::{
    agents::{self, calls, configuration, fields, grants, pack, proposals, review},
    core::Core,
    error::Error,
    identify,
    said::Said,
    session::Session,
};
use cardfile_domain::{
    Millis,
    agent::{ActionGrant, AgentCall, AgentClient, ClientSort, Refusal, Tool},
    say,
    time::DateOrder,
};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::path::PathBuf;
use ts_rs::TS;

/// All clients, and what can be approved.
#[derive(Debug, Serialize, TS)]
#[serde(rename_all = "camelCase")]
pub(super) struct AgentsView {
    /// No agent gets anything.
    pub stopped: bool,
    /// In the order of their names.
    pub clients: Vec<AgentView>,
    /// What can be approved, in the order of a form.
    pub fields: Vec<ApprovableView>,
    /// Names of all tools.
    pub tools: Vec<&'static str>,
    /// Whether there is a key by which people prove who they are.
    pub has_key: bool,
    /// Clients that asked today.
    pub asked_today: u32,
    /// Proposals that wait, of all clients.
    pub waiting: u32,
}

/// A client with what it did.
#[derive(Debug, Serialize, TS)]
#[serde(rename_all = "camelCase")]
pub(super) struct AgentView {
    /// What it may.
    pub client: AgentParts,
    /// `on`, `paused`, `revoked` or `expired`.
    #[ts(type = "\"on\" | \"paused\" | \"revoked\" | \"expired\"")]
    pub state: &'static str,
    /// Why it is on although the review said no.
    pub reason: String,
    /// When it asked last (RFC 3339).
    pub last_call: Option<String>,
    /// Calls that were answered in 30 days.
    pub calls: u32,
    /// Calls that were refused in 30 days.
    pub refused: u32,
    /// Calls of its busiest minute.
    pub busiest: u32,
    /// Proposals that wait.
    pub waiting: u32,
    /// Whom it may see now.
    pub grants: Vec<AgentGrantView>,
}

/// What a client may.
#[derive(Debug, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub(super) struct AgentParts {
    /// `agc_…`; empty for a new one.
    pub id: String,
    /// What people call it.
    pub name: String,
    /// Whom it talks to.
    #[ts(type = "\"customer\" | \"staff\"")]
    pub sort: ClientSort,
    /// Approved fields, by their keys.
    pub fields: Vec<String>,
    /// Names of its tools.
    pub tools: Vec<String>,
    /// Key of its purpose; empty for none.
    pub purpose: String,
    /// What connected tools of it get.
    pub actions: Vec<AgentActionParts>,
    /// What it need not ask for: `task`, `memory`, `conversation`, `field:job_title`.
    pub always: Vec<String>,
    /// Calls a minute.
    pub per_minute: u32,
    /// How long it may see a person after they were verified.
    pub grant_minutes: u32,
    /// Until when it may ask (RFC 3339).
    pub expires_at: Option<String>,
}

/// What a connected tool gets.
#[derive(Debug, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub(super) struct AgentActionParts {
    /// What it does.
    pub tool: String,
    /// Fields that it needs.
    pub fields: Vec<String>,
    /// Key of its purpose.
    pub purpose: String,
    /// Until when (RFC 3339).
    pub expires_at: Option<String>,
}

/// A field that can be approved.
#[derive(Debug, Serialize, TS)]
#[serde(rename_all = "camelCase")]
pub(super) struct ApprovableView {
    /// Its key.
    pub key: String,
    /// What a list of parts, or a custom field, is called.
    pub label: Said,
    /// How close it is to a person.
    #[ts(type = "\"identifying\" | \"contact\" | \"about\" | \"internal\"")]
    pub class: &'static str,
    /// Whether a new client has it.
    pub standard: bool,
    /// Whether it is a list of parts.
    pub parts: bool,
}

/// A card that a client may see now.
#[derive(Debug, Serialize, TS)]
#[serde(rename_all = "camelCase")]
pub(super) struct AgentGrantView {
    /// `agg_…`
    pub id: String,
    /// `ctc_…`
    pub contact: String,
    /// What to call the contact.
    pub name: String,
    /// How it is known who asks.
    pub how: Said,
    /// Until when (RFC 3339).
    pub until: String,
}

/// A client.
#[derive(Debug, Deserialize, TS)]
pub(super) struct AgentRef {
    /// `agc_…`
    pub id: String,
}

/// What a client may, and why although the review says no.
#[derive(Debug, Deserialize, TS)]
pub(super) struct PutAgent {
    /// What it may.
    pub client: AgentParts,
    /// As it was shown to who changed it; null for a new one. What others changed since stays.
    pub seen: Option<AgentParts>,
    /// Empty when the review says yes.
    pub reason: String,
}

/// A client to be turned on.
#[derive(Debug, Deserialize, TS)]
pub(super) struct AgentOn {
    /// `agc_…`
    pub id: String,
    /// Empty when the review says yes.
    pub reason: String,
}

/// Whether agents get anything.
#[derive(Debug, Deserialize, TS)]
pub(super) struct StopAgents {
    /// None does.
    pub stopped: bool,
}

/// What a client would see of a card.
#[derive(Debug, Deserialize, TS)]
pub(super) struct AgentPreviewRequest {
    /// What it may; not kept.
    pub client: AgentParts,
    /// `ctc_…`
    pub contact: String,
}

/// Exactly the answer that an agent would get.
#[derive(Debug, Default, Serialize, TS)]
pub(super) struct AgentPreviewView {
    /// The card is in the bin or gone: there is nothing to look at.
    pub gone: bool,
    /// As it would be sent.
    #[ts(type = "unknown")]
    pub json: Value,
    /// Its size.
    pub bytes: u32,
    /// Fields and lists in it.
    pub given: Vec<String>,
    /// Columns that were read for it.
    pub columns: Vec<String>,
    /// Fields that were not read.
    pub withheld: u32,
    /// Why the agent would see nothing of this card.
    pub barred: Option<Said>,
}

/// The review of a client.
#[derive(Debug, Serialize, TS)]
pub(super) struct AgentReviewView {
    /// Four rows.
    pub rows: Vec<AgentReviewRow>,
}

/// One condition of it.
#[derive(Debug, Serialize, TS)]
pub(super) struct AgentReviewRow {
    /// What it is about.
    #[ts(type = "\"personalization\" | \"actions\" | \"segmentation\" | \"synchronization\"")]
    pub about: &'static str,
    /// Whether it holds.
    pub met: bool,
    /// What was found.
    pub evidence: Said,
}

/// A person lets a client see a card.
#[derive(Debug, Deserialize, TS)]
pub(super) struct LetAgentSee {
    /// `agc_…`
    pub client: String,
    /// `ctc_…`
    pub contact: String,
    /// For how long; null for what the client has.
    pub minutes: Option<u32>,
}

/// A grant.
#[derive(Debug, Deserialize, TS)]
pub(super) struct AgentGrantRef {
    /// `agg_…`
    pub id: String,
}

/// Which calls.
#[derive(Debug, Deserialize, TS)]
pub(super) struct AgentCallsRequest {
    /// `agc_…`; null for all clients.
    pub client: Option<String>,
    /// Calls before this one; null for the latest.
    #[ts(type = "number | null")]
    pub before: Option<i64>,
}

/// Calls, newest first.
#[derive(Debug, Serialize, TS)]
pub(super) struct AgentCallsView {
    /// At most 100.
    pub calls: Vec<AgentCallView>,
}

/// One call.
#[derive(Debug, Serialize, TS)]
pub(super) struct AgentCallView {
    /// Its number.
    #[ts(type = "number")]
    pub call: i64,
    /// When (RFC 3339).
    pub at: String,
    /// What the client is called.
    pub client: String,
    /// Which tool.
    pub tool: String,
    /// `ctc_…`; null when it was about nobody, or they are gone.
    pub contact: Option<String>,
    /// What to call the contact.
    pub name: String,
    /// What became of it.
    #[ts(type = "\"ok\" | \"proposal\" | \"applied\" | \"refused\"")]
    pub result: &'static str,
    /// Fields that left.
    pub fields: Vec<String>,
    /// Rows that left.
    pub items: u32,
    /// Size of the answer.
    pub bytes: u32,
    /// Why it was refused.
    pub why: Option<Said>,
}

/// A file for the calls.
#[derive(Debug, Deserialize, TS)]
pub(super) struct AgentCallsFile {
    /// Where it goes.
    pub file: String,
}

/// How many calls were written.
#[derive(Debug, Serialize, TS)]
pub(super) struct AgentCallsWritten {
    /// Calls.
    pub count: u32,
}

/// Proposals that wait.
#[derive(Debug, Serialize, TS)]
pub(super) struct ProposalsView {
    /// The oldest first.
    pub proposals: Vec<ProposalView>,
}

/// Something an agent wants to be written.
#[derive(Debug, Serialize, TS)]
#[serde(rename_all = "camelCase")]
pub(super) struct ProposalView {
    /// `agp_…`
    pub id: String,
    /// `agc_…`
    pub client: String,
    /// What the client is called.
    pub client_name: String,
    /// `ctc_…`
    pub contact: String,
    /// What to call the contact.
    pub name: String,
    /// What it is.
    #[ts(type = "\"memory\" | \"task\" | \"update\" | \"conversation\" | \"access\"")]
    pub sort: &'static str,
    /// Of an update: the key of the field.
    pub field: String,
    /// What would be written.
    pub says: Said,
    /// All of it, where that says more.
    pub more: Vec<String>,
    /// When it was made (RFC 3339).
    pub at: String,
}

/// What a person says of a proposal.
#[derive(Debug, Deserialize, TS)]
pub(super) struct DecideProposal {
    /// `agp_…`
    pub id: String,
    /// Yes, no, or yes and do not ask again.
    #[ts(type = "\"approve\" | \"reject\" | \"always\"")]
    pub choice: String,
}

/// What a decision changed.
#[derive(Debug, Serialize, TS)]
pub(super) struct DecidedView {
    /// `opr_…`, to undo just what was written; null when nothing was.
    pub operation: Option<String>,
    /// For what the client need not ask from now on; null when it had not to before.
    pub allowed: Option<String>,
}

/// A client has to ask again.
#[derive(Debug, Deserialize, TS)]
pub(super) struct AskAgain {
    /// `agc_…`
    pub client: String,
    /// For what: `task`, `field:job_title`.
    pub word: String,
}

/// What to paste where.
#[derive(Debug, Serialize, TS)]
pub(super) struct AgentConfigView {
    /// One for each kind of program.
    pub snippets: Vec<SnippetView>,
}

/// The configuration of one kind of program.
#[derive(Debug, Serialize, TS)]
pub(super) struct SnippetView {
    /// Which.
    pub program: &'static str,
    /// What it is called.
    pub label: Said,
    /// In which file of it this belongs.
    pub file: &'static str,
    /// What to paste.
    pub text: String,
}

pub(super) fn agent_list(session: &Session, _: Nothing) -> Result<AgentsView, Error> {
    let core = session.core()?;
    let now = session.now();
    let mut clients = Vec::new();
    let mut asked_today = 0;
    for client in agents::all(&core)? {
        let view = view(&core, client, now)?;
        let today = now.0 - now.0.rem_euclid(Millis::DAY);
        let is_of_today = |at: &String| Millis::parse(at, DateOrder::DayFirst).is_some_and(|at| at.0 >= today);
        asked_today += u32::from(view.last_call.as_ref().is_some_and(is_of_today));
        clients.push(view);
    }
    Ok(AgentsView {
        stopped: agents::is_stopped(&core)?,
        waiting: proposals::count(&core)?,
        clients,
        asked_today,
        fields: fields::approvable(&core)?
            .into_iter()
            .map(|one| ApprovableView {
                key: one.key,
                label: one.label.into(),
                class: one.class,
                standard: one.is_default,
                parts: one.is_parts,
            })
            .collect(),
        tools: Tool::ALL.iter().map(|tool| tool.as_str()).collect(),
        has_key: identify::keys(&core)?.iter().any(|key| key.revoked_at.is_none()),
    })
}

/// Days of the figures of a client.
const FIGURES: i64 = 30;

fn view(core: &Core, client: AgentClient, now: Millis) -> Result<AgentView, Error> {
    let since = Millis(now.0 - FIGURES * Millis::DAY);
    let (figures, waiting) = core
        .store()
        .read(|r| Ok((r.agents().figures(&client.id, since)?, r.agents().count_waiting(Some(&client.id))?)))?;
    let held = grants::held(core, &client)?;
    Ok(AgentView {
        state: match client.may_ask(now) {
            Ok(()) => "on",
            Err(Refusal::Revoked) => "revoked",
            Err(Refusal::Expired) => "expired",
            Err(_) => "paused",
        },
        reason: client.reason.clone(),
        last_call: figures.last.map(Millis::to_rfc3339),
        calls: figures.calls,
        refused: figures.refused,
        busiest: figures.busiest,
        waiting,
        grants: held
            .into_iter()
            .map(|one| AgentGrantView {
                id: one.grant.id,
                contact: one.card.0,
                name: one.card.1,
                how: grants::how_said(one.grant.how).into(),
                until: one.grant.expires_at.to_rfc3339(),
            })
            .collect(),
        client: client.into(),
    })
}

pub(super) fn agent_put(session: &Session, request: PutAgent) -> Result<Made, Error> {
    let core = session.core()?;
    let seen = request.seen.map(|parts| kept(&core, parts)).transpose()?;
    let client = kept(&core, request.client)?;
    let client = agents::put_seen(&core, seen.as_ref(), &client, &request.reason, &session.who())?;
    Ok(Made { id: client.id, operation: None })
}

pub(super) fn agent_on(session: &Session, request: AgentOn) -> Result<Nothing, Error> {
    agents::turn_on(&*session.core()?, &request.id, &request.reason, &session.who())?;
    Ok(Nothing {})
}

pub(super) fn agent_off(session: &Session, request: AgentRef) -> Result<Nothing, Error> {
    agents::turn_off(&*session.core()?, &request.id, &session.who())?;
    Ok(Nothing {})
}

pub(super) fn agent_revoke(session: &Session, request: AgentRef) -> Result<Nothing, Error> {
    agents::revoke(&*session.core()?, &request.id, &session.who())?;
    Ok(Nothing {})
}

pub(super) fn agent_stop(session: &Session, request: StopAgents) -> Result<Nothing, Error> {
    agents::stop(&*session.core()?, request.stopped, &session.who())?;
    Ok(Nothing {})
}

pub(super) fn agent_preview(session: &Session, request: AgentPreviewRequest) -> Result<AgentPreviewView, Error> {
    let core = session.core()?;
    let Some(seen) = pack::preview_of(&core, &kept(&core, request.client)?, &request.contact)? else {
        return Ok(AgentPreviewView { gone: true, ..AgentPreviewView::default() });
    };
    Ok(AgentPreviewView {
        gone: false,
        json: seen.packed,
        bytes: seen.bytes,
        given: seen.given,
        columns: seen.columns,
        withheld: seen.withheld,
        barred: seen.barred.map(|bar| bar.sentence().into()),
    })
}

pub(super) fn agent_review(session: &Session, request: AgentRef) -> Result<AgentReviewView, Error> {
    let core = session.core()?;
    let rows = review::review(&core, &agents::find(&core, &request.id)?)?;
    let row = |one: crate::sync::check::Reviewed| AgentReviewRow {
        about: one.about,
        met: one.is_met,
        evidence: one.evidence.into(),
    };
    Ok(AgentReviewView { rows: rows.into_iter().map(row).collect() })
}

pub(super) fn agent_grant(session: &Session, request: LetAgentSee) -> Result<Made, Error> {
    let core = session.core()?;
    let grant = grants::confirm(&core, &request.client, &request.contact, request.minutes, &session.who())?;
    Ok(Made { id: grant.id, operation: None })
}

pub(super) fn agent_grant_end(session: &Session, request: AgentGrantRef) -> Result<Nothing, Error> {
    grants::end(&*session.core()?, &request.id, &session.who())?;
    Ok(Nothing {})
}

pub(super) fn agent_calls(session: &Session, request: AgentCallsRequest) -> Result<AgentCallsView, Error> {
    const SHOWN: u32 = 100;
    let all = calls::list(&*session.core()?, request.client.as_deref(), request.before, SHOWN)?;
    Ok(AgentCallsView { calls: all.into_iter().map(AgentCallView::from).collect() })
}

pub(super) fn agent_calls_export(session: &Session, request: AgentCallsFile) -> Result<AgentCallsWritten, Error> {
    Ok(AgentCallsWritten { count: calls::export(&*session.core()?, &PathBuf::from(request.file))? })
}

pub(super) fn agent_config(session: &Session, request: AgentRef) -> Result<AgentConfigView, Error> {
    let core = session.core()?;
    let client = agents::find(&core, &request.id)?;
    let all = configuration::snippets(&client, core.store().dir(), &configuration::command());
    let snippets = all.into_iter().map(|one| SnippetView {
        program: one.program,
        label: one.label.into(),
        file: one.file,
        text: one.text,
    });
    Ok(AgentConfigView { snippets: snippets.collect() })
}

pub(super) fn proposal_list(session: &Session, _: Nothing) -> Result<ProposalsView, Error> {
    let all = proposals::waiting(&*session.core()?, None)?;
    let view = |one: proposals::Listed| ProposalView {
        id: one.proposal.id,
        client: one.proposal.client,
        client_name: one.client,
        contact: one.card.0,
        name: one.card.1,
        sort: one.proposal.sort.as_str(),
        field: one.proposal.field,
        says: one.says.into(),
        more: one.more,
        at: one.proposal.at.to_rfc3339(),
    };
    Ok(ProposalsView { proposals: all.into_iter().map(view).collect() })
}

pub(super) fn proposal_decide(session: &Session, request: DecideProposal) -> Result<DecidedView, Error> {
    let decision = proposals::Decision::parse(&request.choice)
        .ok_or_else(|| Error::bad_request(say!("there is no such decision")))?;
    let done = proposals::decide(&*session.core()?, &request.id, decision, &session.who())?;
    Ok(DecidedView { operation: done.operation.map(|id| id.to_string()), allowed: done.allowed })
}

pub(super) fn proposal_ask_again(session: &Session, request: AskAgain) -> Result<Nothing, Error> {
    proposals::ask_again(&*session.core()?, &request.client, &request.word, &session.who())?;
    Ok(Nothing {})
}

/// With what the window does not know of a client that is kept.
fn kept(core: &Core, parts: AgentParts) -> Result<AgentClient, Error> {
    let known = if parts.id.is_empty() { AgentClient::default() } else { agents::find(core, &parts.id)? };
    let mut tools = Vec::new();
    for name in &parts.tools {
        tools.push(Tool::parse(name).ok_or_else(|| Error::bad_request(say!("there is no tool {name}", name)))?);
    }
    let mut actions = Vec::new();
    for action in parts.actions {
        actions.push(ActionGrant {
            tool: action.tool,
            fields: action.fields,
            purpose: action.purpose,
            expires_at: until(action.expires_at)?,
        });
    }
    Ok(AgentClient {
        name: parts.name,
        sort: parts.sort,
        fields: parts.fields,
        tools,
        purpose: parts.purpose,
        actions,
        per_minute: parts.per_minute,
        grant_minutes: parts.grant_minutes,
        expires_at: until(parts.expires_at)?,
        // What it need not ask for too: that is decided with proposals, and a form may be older.
        ..known
    })
}

fn until(text: Option<String>) -> Result<Option<Millis>, Error> {
    let Some(text) = text.filter(|text| !text.trim().is_empty()) else { return Ok(None) };
    let at = Millis::parse(&text, DateOrder::DayFirst);
    at.map(Some).ok_or_else(|| Error::bad_request(say!("{text} is no time", text)))
}

impl From<AgentClient> for AgentParts {
    fn from(client: AgentClient) -> Self {
        let action = |one: ActionGrant| AgentActionParts {
            tool: one.tool,
            fields: one.fields,
            purpose: one.purpose,
            expires_at: one.expires_at.map(Millis::to_rfc3339),
        };
        Self {
            id: client.id,
            name: client.name,
            sort: client.sort,
            fields: client.fields,
            tools: client.tools.iter().map(|tool| tool.as_str().to_owned()).collect(),
            purpose: client.purpose,
            actions: client.actions.into_iter().map(action).collect(),
            always: client.always,
            per_minute: client.per_minute,
            grant_minutes: client.grant_minutes,
            expires_at: client.expires_at.map(Millis::to_rfc3339),
        }
    }
}

impl From<calls::Listed> for AgentCallView {
    fn from(one: calls::Listed) -> Self {
        let AgentCall { call, at, tool, result, fields, items, bytes, why, .. } = one.call;
        let (contact, name) = one.card.unzip();
        Self {
            call,
            at: at.to_rfc3339(),
            client: one.client,
            tool,
            contact,
            name: name.unwrap_or_default(),
            result,
            fields,
            items,
            bytes,
            why: Refusal::parse(&why).map(|refusal| refusal.sentence().into()),
        }
    }
}
