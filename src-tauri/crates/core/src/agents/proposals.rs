//! What agents want to be written. It waits until a person says yes or no, unless they said that
//! they need not be asked for this kind again. What was decided keeps no words of it.

use super::{
    Asked, Denied,
    calls::{self, Admitted, admit},
    find, grants, keep,
};
use crate::{
    contact,
    conversations::{self, Incoming},
    core::{Core, Who},
    error::{Code, Error},
    parts,
    privacy::erasure::suppression,
    tasks,
};
use cardfile_domain::{
    Contact, Field, FieldDef, Item, Millis, OperationId, Sentence,
    agent::{AgentCall, AgentProposal, ProposalSort, ProposalState, Refusal, word},
    custom, email,
    part::{Conversation, Memory, Message, Role, Task},
    phone, say,
    time::DateOrder,
};
use cardfile_store::{Approval, ContactRow, OpKind, Tx};
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// Proposals of one client that may wait at once.
pub(super) const MOST_WAITING: usize = 100;
/// Characters of a text, of a title, and messages of a conversation.
const MOST_TEXT: usize = 2_000;
const MOST_TITLE: usize = 300;
const MOST_MESSAGES: usize = 200;
/// Bytes of a proposal.
const MOST_BYTES: usize = 64 << 10;

/// What an agent proposes.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Proposed {
    /// To be kept in mind.
    Memory(ProposedMemory),
    /// To be done.
    Task(ProposedTask),
    /// Another value of a field.
    Update(ProposedUpdate),
    /// A conversation to be kept.
    Conversation(ProposedConversation),
}

/// Something to be kept in mind.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ProposedMemory {
    /// What.
    pub text: String,
    /// How sure the agent is, 0 to 1.
    #[serde(default)]
    pub confidence: Option<f64>,
}

/// Something to be done.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ProposedTask {
    /// What.
    pub title: String,
    /// When it is due first (RFC 3339).
    #[serde(default)]
    pub due: Option<String>,
    /// How it comes again (RFC 5545, without RRULE).
    #[serde(default)]
    pub rule: String,
    /// In which time zone that is counted (IANA).
    #[serde(default)]
    pub zone: String,
}

/// Another value of a field.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ProposedUpdate {
    /// Key of the field.
    pub field: String,
    /// The value, as a person would type it. Of an email or a phone: a further one.
    pub value: String,
}

/// A conversation to be kept.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ProposedConversation {
    /// What it was about.
    #[serde(default)]
    pub title: String,
    /// Where it was held.
    #[serde(default)]
    pub platform: String,
    /// Its ID there.
    #[serde(default)]
    pub external_id: String,
    /// Its messages, oldest first.
    pub messages: Vec<ProposedMessage>,
}

/// A message of it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ProposedMessage {
    /// Who wrote: `contact`, `agent` or `staff`.
    pub role: Role,
    /// What.
    pub text: String,
    /// When (RFC 3339); nothing for now.
    #[serde(default)]
    pub at: Option<String>,
}

impl Proposed {
    fn sort(&self) -> ProposalSort {
        match self {
            Self::Memory(_) => ProposalSort::Memory,
            Self::Task(_) => ProposalSort::Task,
            Self::Update(_) => ProposalSort::Update,
            Self::Conversation(_) => ProposalSort::Conversation,
        }
    }

    fn field(&self) -> &str {
        match self {
            Self::Update(update) => &update.field,
            Self::Memory(_) | Self::Task(_) | Self::Conversation(_) => "",
        }
    }

    /// As it is kept while it waits.
    fn body(&self) -> String {
        serde_json::to_string(self).unwrap_or_default()
    }

    fn read(sort: ProposalSort, body: &str) -> Result<Self, Error> {
        let unreadable = |error: serde_json::Error| Error::new(Code::Internal, Sentence::verbatim(error));
        match sort {
            ProposalSort::Memory => serde_json::from_str(body).map(Self::Memory).map_err(unreadable),
            ProposalSort::Task => serde_json::from_str(body).map(Self::Task).map_err(unreadable),
            ProposalSort::Update => serde_json::from_str(body).map(Self::Update).map_err(unreadable),
            ProposalSort::Conversation => serde_json::from_str(body).map(Self::Conversation).map_err(unreadable),
            ProposalSort::Access => Err(Error::new(Code::Internal, say!("this writes nothing on the card"))),
        }
    }

    /// Whether it is small enough.
    fn is_small(&self) -> bool {
        let short = |text: &str, most: usize| text.chars().nth(most).is_none();
        let is_short = match self {
            Self::Memory(one) => short(&one.text, MOST_TEXT),
            Self::Task(one) => short(&one.title, MOST_TITLE),
            Self::Update(one) => short(&one.value, MOST_TEXT),
            Self::Conversation(one) => short(&one.title, MOST_TITLE) && one.messages.len() <= MOST_MESSAGES,
        };
        is_short && self.body().len() <= MOST_BYTES
    }

    /// Refuses what could not be written, before anybody is asked about it.
    fn check(&self, core: &Core, author: &str) -> Result<(), Error> {
        match self {
            Self::Memory(one) if one.text.trim().is_empty() => {
                Err(Error::bad_request(say!("a memory says what is to be kept in mind")))
            }
            Self::Memory(one) if one.confidence.is_some_and(|sure| !(0.0..=1.0).contains(&sure)) => {
                Err(Error::bad_request(say!("how sure somebody is stands between 0 and 1")))
            }
            Self::Memory(_) => Ok(()),
            Self::Task(one) => task(one, author).map(drop),
            Self::Update(one) => change(core, one).map(drop),
            Self::Conversation(one) if one.messages.is_empty() => {
                Err(Error::bad_request(say!("a conversation has messages")))
            }
            Self::Conversation(one) => incoming(one, author, Millis(0)).map(drop),
        }
    }
}

/// Whether an agent may propose another value of a field. What decides who may see what is not
/// for them to say.
pub fn is_proposable(field: &str) -> bool {
    match FieldDef::find(field) {
        Some(known) => {
            let is_text = matches!(known.kind, Field::Text | Field::LongText);
            known.editable && field != "tier" && (is_text || matches!(field, "email" | "phone"))
        }
        None => field.strip_prefix(Contact::CUSTOM_PREFIX).is_some_and(|key| !key.is_empty()),
    }
}

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
/// deed of the client.
fn at_once(core: &Core, asked: &Asked<'_>, admitted: &Admitted, proposed: &Proposed) -> Result<Value, Denied> {
    calls::write(core, &admitted.client, line(asked, admitted, "applied"))?;
    let author = &admitted.client.name;
    let written = apply(core, admitted.grant.contact, proposed, author, &admitted.who(), |tx| {
        let done = row(admitted, proposed, ProposalState::Approved, tx.now());
        let decided = AgentProposal { body: String::new(), decided_at: Some(done.at), ..done };
        Ok(tx.add_agent_proposal(&AgentProposal { decided_by: author.clone(), ..decided })?)
    });
    Ok(told(&written?.0, "written"))
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

/// Decides a proposal. Gives the operation that wrote it, to be undone.
pub fn decide(core: &Core, id: &str, decision: Decision, who: &Who) -> Result<Option<OperationId>, Error> {
    let missing = || Error::not_found(say!("the proposal"));
    let proposal = core.store().read(|r| r.agents().proposal(id))?.ok_or_else(missing)?;
    if proposal.state != ProposalState::Waiting {
        return Err(Error::bad_request(say!("this proposal was decided already")));
    }
    let client = find(core, &proposal.client)?;
    if decision == Decision::Always && !proposal.sort.may_be_always() {
        return Err(Error::bad_request(say!("who may see whom is asked each time")));
    }
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
                if tx.decide_agent_proposal(id, ProposalState::Approved)? {
                    audit(tx, &proposal, ProposalState::Approved)?;
                    Ok(String::new())
                } else {
                    Err(Error::bad_request(say!("this proposal was decided already")))
                }
            })?
            .1
        }
    };
    if decision == Decision::Always && !client.always.contains(&proposal.word()) {
        let mut client = find(core, &client.id)?;
        client.always.push(proposal.word());
        keep(core, &client, "agent_always", who)?;
    }
    Ok(operation)
}

/// Takes back that a client need not ask: for one kind, or one field.
pub fn ask_again(core: &Core, client: &str, word: &str, who: &Who) -> Result<(), Error> {
    let mut client = find(core, client)?;
    client.always.retain(|one| one != word);
    keep(core, &client, "agent_put", who)?;
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

/// Writes what was proposed, and in the same transaction what `settle` does.
fn apply(
    core: &Core,
    card: ContactRow,
    proposed: &Proposed,
    author: &str,
    who: &Who,
    settle: impl FnOnce(&mut Tx<'_>) -> Result<String, Error>,
) -> Result<(String, Option<OperationId>), Error> {
    match proposed {
        Proposed::Memory(one) => {
            let memory = Memory {
                text: one.text.trim().to_owned(),
                author: author.to_owned(),
                confidence: one.confidence,
                ..Memory::default()
            };
            core.store().write(who.op(OpKind::PartChange, parts::subject(&memory)), |tx| {
                tx.add_part(Some(card.into()), &memory)?;
                settle(tx)
            })
        }
        Proposed::Task(one) => {
            let task = task(one, author)?;
            core.store().write(who.op(OpKind::PartChange, parts::subject(&task)), |tx| {
                tx.add_part(Some(card.into()), &task)?;
                settle(tx)
            })
        }
        Proposed::Conversation(one) => {
            let talk = incoming(one, author, core.store().environment().clock.now())?;
            core.store().write(who.op(OpKind::PartChange, parts::subject(&talk.about)), |tx| {
                conversations::put(tx, Some(card), &talk)?;
                settle(tx)
            })
        }
        Proposed::Update(one) => {
            let change = change(core, one)?;
            let subject = core.store().read(|r| calls::called(r, Some(card)))?.map(|(_, name)| name);
            core.store().write(who.op(OpKind::ContactEdit, subject.unwrap_or_default()), |tx| {
                let before = tx.read().contacts().get(card)?.ok_or_else(|| Error::not_found(say!("the contact")))?;
                let mut after = before.contact.clone();
                change.write(&mut after)?;
                after.settle_identity();
                suppression::refuse_anew(tx, &before.contact, &after)?;
                tx.update(&before, after)?;
                settle(tx)
            })
        }
    }
}

fn task(one: &ProposedTask, author: &str) -> Result<Task, Error> {
    let starts_at = match &one.due {
        None => None,
        Some(text) => Some(moment(text)?),
    };
    let mut task = Task {
        title: one.title.trim().to_owned(),
        starts_at,
        rule: one.rule.clone(),
        zone: one.zone.clone(),
        author: author.to_owned(),
        ..Task::default()
    };
    tasks::check(&mut task)?;
    Ok(task)
}

fn moment(text: &str) -> Result<Millis, Error> {
    Millis::parse(text, DateOrder::DayFirst).ok_or_else(|| Error::bad_request(say!("{text} is no time", text)))
}

fn incoming(one: &ProposedConversation, author: &str, now: Millis) -> Result<Incoming, Error> {
    let mut messages = Vec::with_capacity(one.messages.len());
    for (at, message) in one.messages.iter().enumerate() {
        messages.push(Message {
            role: message.role,
            author: if message.role == Role::Agent { author.to_owned() } else { String::new() },
            text: message.text.clone(),
            at: match &message.at {
                Some(text) => moment(text)?,
                // In the order in which they were told.
                None => Millis(now.0 + at as i64),
            },
            ..Message::default()
        });
    }
    let platform = if one.platform.trim().is_empty() { "agent" } else { one.platform.trim() };
    let about = Conversation {
        platform: platform.to_owned(),
        title: one.title.trim().to_owned(),
        external_id: one.external_id.clone(),
        ..Conversation::default()
    };
    Ok(Incoming { about, messages })
}

/// A value that was checked, for its field.
struct Change {
    field: String,
    value: Value,
    /// Of a list: the item is added to those that are there.
    item: Option<Item>,
}

impl Change {
    fn write(&self, card: &mut Contact) -> Result<(), Error> {
        if let Some(item) = &self.item {
            let all = card.items_mut(&self.field);
            if !all.iter().any(|known| known.same_value(item)) {
                all.push(item.clone());
            }
            return Ok(());
        }
        if card.set_value(&self.field, self.value.clone()) {
            Ok(())
        } else {
            let field = &self.field;
            Err(Error::bad_request(say!("{field} does not take such a value", field)))
        }
    }
}

fn change(core: &Core, one: &ProposedUpdate) -> Result<Change, Error> {
    let (field, text) = (one.field.clone(), one.value.trim());
    let (value, item) = match field.strip_prefix(Contact::CUSTOM_PREFIX) {
        Some(key) => {
            let known = core.custom_fields()?.into_iter().find(|known| known.key == key);
            let known = known.ok_or_else(|| Error::bad_request(say!("there is no field {field}", field)))?;
            (known.kind.read(text).map_err(Error::bad_request)?, None)
        }
        None if field == "email" => {
            let key = email::key(text).map_err(|error| Error::bad_request(error.sentence()))?;
            (Value::Null, Some(Item::new(text, key)))
        }
        None if field == "phone" => {
            let key =
                phone::key(text, core.region()?).ok_or_else(|| Error::bad_request(say!("this is no phone number")))?;
            (Value::Null, Some(Item::new(text, key)))
        }
        None => (Value::String(text.to_owned()), None),
    };
    Ok(Change { field, value, item })
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
    /// All of it, where that says more: lines of a conversation.
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
        Ok(Proposed::Task(one)) => match &one.due {
            Some(due) => (say!("Task: {title}, due {due}", title = one.title, due), Vec::new()),
            None => (say!("Task: {title}", title = one.title), Vec::new()),
        },
        Ok(Proposed::Update(one)) => {
            let was = match one.field.as_str() {
                // A further one is added.
                "email" | "phone" => String::new(),
                field => custom::text_of(&card.value(field).unwrap_or_default()),
            };
            let unit = one.field;
            let said = match was.as_str() {
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
            (said, one.messages.into_iter().map(|message| message.text).collect())
        }
        Err(_) => (say!("Asks to see this card"), Vec::new()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rstest::rstest;

    #[rstest]
    #[case("job_title", true)]
    #[case("description", true)]
    #[case("email", true)]
    #[case("custom.plan", true)]
    #[case::who_may_see_what("tier", false)]
    #[case::kept_by_the_program("verified_by", false)]
    #[case("external_id", false)]
    #[case("metadata", false)]
    #[case("tags", false)]
    #[case("custom.", false)]
    #[case("password", false)]
    fn agents_propose_values_that_a_person_would_type(#[case] field: &str, #[case] expected: bool) {
        assert_eq!(is_proposable(field), expected);
    }

    #[test]
    fn a_proposal_is_read_again_as_it_was_kept() {
        let memory = Proposed::Memory(ProposedMemory { text: "Calls before ten".into(), confidence: Some(0.8) });
        assert_eq!(Proposed::read(memory.sort(), &memory.body()).expect("readable"), memory);
        let update = Proposed::Update(ProposedUpdate { field: "job_title".into(), value: "Buyer".into() });
        assert_eq!(Proposed::read(update.sort(), &update.body()).expect("readable"), update);
        assert!(Proposed::read(ProposalSort::Access, "{}").is_err());
    }

    #[test]
    fn what_is_too_long_is_not_kept() {
        let memory =
            |length: usize| Proposed::Memory(ProposedMemory { text: "x".repeat(length), confidence: None }).is_small();
        assert!(memory(MOST_TEXT) && !memory(MOST_TEXT + 1));
    }
}
