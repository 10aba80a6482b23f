//! What agents want to be written. It waits until a person says yes or no, unless they said that
//! they need not be asked for this kind again. What was decided keeps no words of it.

mod kinds;
mod writing;

pub use kinds::{
    Proposed, ProposedConversation, ProposedMemory, ProposedMessage, ProposedTask, ProposedUpdate, is_proposable,
};

use super::{
    Asked, Denied,
    calls::{self, Admitted, admit},
    change, find, grants,
};
use crate::{
    contact,
    core::{Core, Who},
    error::{Code, Error},
};
use cardfile_domain::{
    Contact, Millis, OperationId, Sentence,
    agent::{AgentCall, AgentProposal, ProposalSort, ProposalState, Refusal, word},
    custom,
    part::Role,
    say,
};
use cardfile_store::{Approval, OpKind, Tx};
use serde_json::Value;
use writing::apply;

/// Proposals of one client that may wait at once.
pub(super) const MOST_WAITING: usize = 100;

/// An agent proposes something for the card of its grant. Gives what it is told: that it waits, or
/// that it was written because a person said so once.
pub fn propose(core: &Core, asked: &Asked<'_>, proposed: &Proposed) -> Result<Value, Denied> {
    let now = core.store().environment().clock.now();
    let (admitted, there) = core.store().read_narrowly(
        |r| {
            let admitted = admit(r, asked, now)?;
            let approval = admitted.as_ref().ok().map(|one| Approval { card: one.grant.contact, fields: Vec::new() });
            Ok((admitted, approval))
        },
        |reader| reader.is_there(),
    )?;
    let admitted = match (admitted, there) {
        (Err(refusal), _) => return Err(calls::refused(core, asked, refusal, None)),
        (Ok(_), Some(seen)) if !seen.value => {
            return Err(calls::refused(core, asked, Refusal::NotVerified, None));
        }
        (Ok(admitted), _) => admitted,
    };
    if !proposed.is_small() {
        return Err(calls::refused(core, asked, Refusal::TooMuch, None));
    }
    let field = proposed.field();
    if proposed.sort() == ProposalSort::Update
        && !(is_proposable(field) && admitted.client.fields.iter().any(|one| one == field))
    {
        return Err(calls::refused(core, asked, Refusal::NotApproved, None));
    }
    if let Err(error) = proposed.check(core, &admitted.client.name) {
        return Err(match error.code {
            Code::BadRequest => calls::refused(core, asked, Refusal::BadRequest, Some(error.message)),
            _ => Denied::Failed(error),
        });
    }
    if admitted.client.always.contains(&word(proposed.sort(), field)) {
        return at_once(core, asked, &admitted, proposed);
    }
    let (id, _) = core.store().write(admitted.who().op(OpKind::Privacy, ""), |tx| {
        if tx.read().agents().waiting(Some(&admitted.client.id))?.len() >= MOST_WAITING {
            return Ok(Err(Refusal::TooMuch));
        }
        if !calls::keep(tx, &admitted.client, line(asked, &admitted, "proposal"))? {
            return Ok(Err(Refusal::TooMany));
        }
        let waits = row(&admitted, proposed, ProposalState::Waiting, tx.now());
        Ok::<_, Error>(Ok(tx.add_agent_proposal(&waits)?))
    })?;
    match id {
        Ok(id) => Ok(told(&id, "waiting")),
        Err(Refusal::TooMany) => Err(Refusal::TooMany.into()),
        Err(refusal) => Err(calls::refused(core, asked, refusal, None)),
    }
}

fn told(id: &str, state: &str) -> Value {
    serde_json::json!({ "proposal": id, "state": state, "kind": super::pack::KIND })
}

/// A person said once that they need not be asked: it is written, and stands in the history as a
/// deed of the client. Its line is kept with it, or neither is.
fn at_once(core: &Core, asked: &Asked<'_>, admitted: &Admitted, proposed: &Proposed) -> Result<Value, Denied> {
    let author = &admitted.client.name;
    let mut refused = None;
    let written = apply(core, admitted.grant.contact, proposed, author, &admitted.who(), |tx| {
        // What it may can be otherwise by now.
        let may = admit(tx.read(), asked, tx.now())?;
        let refusal = match &may {
            Err(refusal) => Some(*refusal),
            Ok(now) if !now.client.always.contains(&word(proposed.sort(), proposed.field())) => Some(Refusal::Asked),
            Ok(now) => (!calls::keep(tx, &now.client, line(asked, now, "applied"))?).then_some(Refusal::TooMany),
        };
        if let Some(refusal) = refusal {
            refused = Some(refusal);
            return Err(Error::new(Code::Refused, refusal.sentence()));
        }
        let done = row(admitted, proposed, ProposalState::Approved, tx.now());
        let decided = AgentProposal { body: String::new(), decided_at: Some(done.at), ..done };
        Ok(tx.add_agent_proposal(&AgentProposal { decided_by: author.clone(), ..decided })?)
    });
    match (written, refused) {
        (Ok((id, _)), _) => Ok(told(&id, "written")),
        (Err(_), Some(refusal)) => Err(calls::refused(core, asked, refusal, None)),
        // It says what is here of others, or who was erased: that is not for the agent.
        (Err(error), None) if matches!(error.code, Code::BadRequest | Code::Refused) => {
            Err(calls::refused(core, asked, Refusal::BadRequest, None))
        }
        (Err(error), None) => Err(error.into()),
    }
}

fn line(asked: &Asked<'_>, admitted: &Admitted, result: &'static str) -> AgentCall {
    AgentCall {
        client: admitted.client.id.clone(),
        tool: asked.tool.as_str().to_owned(),
        contact: Some(admitted.grant.contact),
        result,
        ..AgentCall::default()
    }
}

fn row(admitted: &Admitted, proposed: &Proposed, state: ProposalState, at: Millis) -> AgentProposal {
    AgentProposal {
        id: String::new(),
        client: admitted.client.id.clone(),
        contact: admitted.grant.contact,
        sort: proposed.sort(),
        field: proposed.field().to_owned(),
        body: proposed.body(),
        state,
        at,
        decided_at: None,
        decided_by: String::new(),
    }
}

/// What a person says of a proposal.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Decision {
    /// Yes.
    Approve,
    /// No.
    Reject,
    /// Yes, and this client need not ask for this kind, or this field, again.
    Always,
}

impl Decision {
    /// Reads the word of commands.
    pub fn parse(text: &str) -> Option<Self> {
        match text {
            "approve" => Some(Self::Approve),
            "reject" => Some(Self::Reject),
            "always" => Some(Self::Always),
            _ => None,
        }
    }
}

/// What a decision changed: an undo takes back so much, and nothing that was so before.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Decided {
    /// The operation that wrote what was proposed.
    pub operation: Option<OperationId>,
    /// For what the client need not ask from now on, as [`ask_again`] takes it; nothing when it had
    /// not to before.
    pub allowed: Option<String>,
}

/// Decides a proposal.
pub fn decide(core: &Core, id: &str, decision: Decision, who: &Who) -> Result<Decided, Error> {
    let missing = || Error::not_found(say!("the proposal"));
    let proposal = core.store().read(|r| r.agents().proposal(id))?.ok_or_else(missing)?;
    if proposal.state != ProposalState::Waiting {
        return Err(Error::bad_request(say!("this proposal was decided already")));
    }
    let client = find(core, &proposal.client)?;
    if decision == Decision::Always && !proposal.sort.may_be_always() {
        return Err(Error::bad_request(say!("who may see whom is asked each time")));
    }
    let mut allowed = None;
    let operation = match (decision, proposal.sort) {
        (Decision::Reject, _) => {
            settle(core, &proposal, ProposalState::Rejected, who)?;
            None
        }
        (_, ProposalSort::Access) => {
            let card = core.store().read(|r| calls::called(r, Some(proposal.contact)))?.ok_or_else(missing)?;
            let body: Value = serde_json::from_str(&proposal.body).unwrap_or_default();
            let minutes = body["minutes"].as_u64().and_then(|minutes| u32::try_from(minutes).ok());
            grants::confirm(core, &client.id, &card.0, minutes, who)?;
            settle(core, &proposal, ProposalState::Approved, who)?;
            None
        }
        (Decision::Approve | Decision::Always, _) => {
            let proposed = Proposed::read(proposal.sort, &proposal.body)?;
            apply(core, proposal.contact, &proposed, &client.name, who, |tx| {
                if !tx.decide_agent_proposal(id, ProposalState::Approved)? {
                    return Err(Error::bad_request(say!("this proposal was decided already")));
                }
                audit(tx, &proposal, ProposalState::Approved)?;
                if decision == Decision::Always {
                    allowed = need_not_ask(tx, &client.id, proposal.word())?;
                }
                Ok(String::new())
            })?
            .1
        }
    };
    Ok(Decided { operation, allowed })
}

/// From now on a client need not ask for what this word is for. Gives the word when it had to until
/// now.
fn need_not_ask(tx: &mut Tx<'_>, client: &str, word: String) -> Result<Option<String>, Error> {
    if tx.read().agents().named(client)?.is_some_and(|known| known.always.contains(&word)) {
        return Ok(None);
    }
    change(tx, client, "agent_always", |client| client.always.push(word.clone()))?;
    Ok(Some(word))
}

/// Takes back that a client need not ask: for one kind, or one field.
pub fn ask_again(core: &Core, client: &str, word: &str, who: &Who) -> Result<(), Error> {
    let id = find(core, client)?.id;
    core.store().write(who.op(OpKind::Privacy, ""), |tx| {
        change(tx, &id, "agent_put", |client| client.always.retain(|one| one != word))
    })?;
    Ok(())
}

fn settle(core: &Core, proposal: &AgentProposal, state: ProposalState, who: &Who) -> Result<(), Error> {
    core.store().write(who.op(OpKind::Privacy, ""), |tx| {
        if tx.decide_agent_proposal(&proposal.id, state)? {
            audit(tx, proposal, state)?;
        }
        Ok::<_, Error>(())
    })?;
    Ok(())
}

fn audit(tx: &mut Tx<'_>, proposal: &AgentProposal, state: ProposalState) -> Result<(), Error> {
    let facts = serde_json::json!({ "sort": proposal.sort.as_str(), "state": state.as_str() });
    Ok(tx.audit("agent_decided", Some(&proposal.id), &facts)?)
}

/// A proposal as a person looks at it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Listed {
    /// As it is kept.
    pub proposal: AgentProposal,
    /// What the client is called.
    pub client: String,
    /// Id of the card, and what to call it.
    pub card: (String, String),
    /// What would be written.
    pub says: Sentence,
    /// All of it, where that says more: how a task comes again; of a conversation where it was
    /// held, and each message under the word of who is said to have written it.
    pub more: Vec<String>,
}

/// The proposals that wait, of one client or of all, the oldest first.
pub fn waiting(core: &Core, client: Option<&str>) -> Result<Vec<Listed>, Error> {
    let client = client.map(|name| find(core, name)).transpose()?;
    Ok(core.store().read(|r| {
        let clients = r.agents().clients()?;
        let mut all = Vec::new();
        for proposal in r.agents().waiting(client.as_ref().map(|one| one.id.as_str()))? {
            let Some(stored) = r.contacts().get(proposal.contact)? else { continue };
            let name = clients.iter().find(|one| one.id == proposal.client).map(|one| one.name.clone());
            let (says, more) = says(&proposal, &stored.contact);
            all.push(Listed {
                client: name.unwrap_or_default(),
                card: (stored.contact.id.to_string(), contact::called(&stored.contact)),
                says,
                more,
                proposal,
            });
        }
        Ok(all)
    })?)
}

/// How many wait.
pub fn count(core: &Core) -> Result<u32, Error> {
    Ok(core.store().read(|r| r.agents().count_waiting(None))?)
}

fn says(proposal: &AgentProposal, card: &Contact) -> (Sentence, Vec<String>) {
    match Proposed::read(proposal.sort, &proposal.body) {
        Ok(Proposed::Memory(one)) => (say!("Remember: {text}", text = one.text), Vec::new()),
        Ok(Proposed::Task(one)) => {
            let said = match &one.due {
                Some(due) => say!("Task: {title}, due {due}", title = one.title, due),
                None => say!("Task: {title}", title = one.title),
            };
            (said, told_of([("rule", &one.rule), ("zone", &one.zone)]))
        }
        Ok(Proposed::Update(one)) => {
            let was = match one.field.as_str() {
                // A further one is added.
                "email" | "phone" => String::new(),
                field => custom::text_of(&card.value(field).unwrap_or_default()),
            };
            let unit = one.field;
            let said = match was.as_str() {
                "" if matches!(unit.as_str(), "email" | "phone") => say!("{unit}: add {to}", unit, to = one.value),
                "" => say!("{unit}: empty to {to}", unit, to = one.value),
                was => say!("{unit}: {was} to {to}", unit, was, to = one.value),
            };
            (said, Vec::new())
        }
        Ok(Proposed::Conversation(one)) => {
            let count = one.messages.len() as u32;
            let said = say!(
                "{count, plural, one {Keep a conversation of # message} other {Keep a conversation of # messages}}",
                count
            );
            let mut more =
                told_of([("title", &one.title), ("platform", &one.platform), ("external_id", &one.external_id)]);
            more.extend(one.messages.iter().map(|message| under(role(message.role), &message.text)));
            (said, more)
        }
        Err(_) => (say!("Asks to see this card"), Vec::new()),
    }
}

/// What else is said of it, as far as anything is.
fn told_of<const N: usize>(all: [(&str, &String); N]) -> Vec<String> {
    all.into_iter().filter(|(_, text)| !text.trim().is_empty()).map(|(word, text)| under(word, text)).collect()
}

fn role(role: Role) -> &'static str {
    match role {
        Role::Contact => "contact",
        Role::Agent => "agent",
        Role::Staff => "staff",
    }
}

/// A text with its word before each of its lines: none of them passes for the words of somebody else.
fn under(word: &str, text: &str) -> String {
    const BREAKS: [char; 7] = ['\n', '\r', '\u{b}', '\u{c}', '\u{85}', '\u{2028}', '\u{2029}'];
    let text = text.replace("\r\n", "\n");
    let lines: Vec<String> = text.split(BREAKS).map(|line| format!("{word}: {line}")).collect();
    lines.join("\n")
}
