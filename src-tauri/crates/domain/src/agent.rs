//! Agents: other programs that may know about one person at a time what somebody approved.
//! A client is one such program; a grant lets it see the card of one person, who was verified,
//! for a while; what it wants to write is a proposal until a person says yes.

use crate::{Sentence, consent::Bar, say, time::Millis};
use serde::{Deserialize, Serialize};

/// One program that may ask.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct AgentClient {
    /// `agc_…`
    pub id: String,
    /// What people call it.
    pub name: String,
    /// Whom it talks to.
    pub sort: ClientSort,
    /// Fields that it may read, by their keys.
    pub fields: Vec<String>,
    /// What it may do.
    pub tools: Vec<Tool>,
    /// Key of the purpose it reads for; empty for none.
    pub purpose: String,
    /// What connected tools of it get instead.
    pub actions: Vec<ActionGrant>,
    /// Proposals that are carried out at once, by [`AgentProposal::word`].
    pub always: Vec<String>,
    /// Calls a minute.
    pub per_minute: u32,
    /// How long it may see a person after they were verified.
    pub grant_minutes: u32,
    /// Until when it may ask at all.
    pub expires_at: Option<Millis>,
    /// Since when it may ask; nothing while it is paused.
    pub enabled_at: Option<Millis>,
    /// Why it was turned on although the review said no.
    pub reason: String,
    /// Since when it may not ask any more.
    pub revoked_at: Option<Millis>,
    /// When it was made.
    pub created_at: Millis,
}

/// Whom a client talks to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ClientSort {
    /// To the people on the cards: each has to prove who they are, and sees nobody else.
    #[default]
    Customer,
    /// To somebody of the business, who may name a card and read saved views.
    Staff,
}

/// What a connected tool gets of a person, and nothing else.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct ActionGrant {
    /// What it does: `refund`.
    pub tool: String,
    /// Fields that it needs.
    pub fields: Vec<String>,
    /// Key of the purpose; empty for none.
    pub purpose: String,
    /// Until when.
    pub expires_at: Option<Millis>,
}

macro_rules! tools {
    ($( $(#[$doc:meta])* $tool:ident = $word:literal; )*) => {
        /// What an agent can ask for.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
        pub enum Tool { $( $(#[$doc])* #[serde(rename = $word)] $tool, )* }

        impl Tool {
            /// All of them.
            pub const ALL: &[Self] = &[ $( Self::$tool ),* ];

            /// The name by which agents call it.
            pub fn as_str(self) -> &'static str {
                match self { $( Self::$tool => $word, )* }
            }
        }
    };
}

tools! {
    /// Says whom the conversation is with, and proves it.
    Identify = "identify";
    /// What is approved of them.
    GetContactContext = "get_contact_context";
    /// What is kept in mind about them.
    SearchMemories = "search_memories";
    /// Proposes something to be kept in mind.
    Remember = "remember";
    /// What is to be done for them.
    ListTasks = "list_tasks";
    /// Proposes something to be done.
    ProposeTask = "propose_task";
    /// Proposes another value of a field.
    ProposeUpdate = "propose_update";
    /// Proposes that a conversation is kept.
    LogConversation = "log_conversation";
}

impl Tool {
    /// Reads the name again.
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|one| one.as_str() == text)
    }

    /// Whether it wants to write.
    pub fn proposes(self) -> bool {
        matches!(self, Self::Remember | Self::ProposeTask | Self::ProposeUpdate | Self::LogConversation)
    }
}

impl ClientSort {
    /// The word that is stored.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Customer => "customer",
            Self::Staff => "staff",
        }
    }

    /// Reads the word again.
    pub fn parse(text: &str) -> Option<Self> {
        [Self::Customer, Self::Staff].into_iter().find(|one| one.as_str() == text)
    }
}

impl AgentClient {
    /// What a new one may read: the list of the reference product, and nothing else.
    pub const DEFAULT_FIELDS: [&str; 3] = ["name", "description", "preferences"];
    /// Calls a minute of a new one.
    pub const DEFAULT_PER_MINUTE: u32 = 60;
    /// How long a new one may see a person after they were verified.
    pub const DEFAULT_GRANT_MINUTES: u32 = 60;

    /// A new one, off, with the defaults.
    pub fn new(name: &str) -> Self {
        Self {
            name: name.to_owned(),
            fields: Self::DEFAULT_FIELDS.map(str::to_owned).to_vec(),
            tools: Tool::ALL.to_vec(),
            per_minute: Self::DEFAULT_PER_MINUTE,
            grant_minutes: Self::DEFAULT_GRANT_MINUTES,
            ..Self::default()
        }
    }

    /// Whether it may ask for anything now, and why not.
    pub fn may_ask(&self, now: Millis) -> Result<(), Refusal> {
        if self.revoked_at.is_some() {
            return Err(Refusal::Revoked);
        }
        if self.enabled_at.is_none() {
            return Err(Refusal::Paused);
        }
        if self.expires_at.is_some_and(|until| until <= now) { Err(Refusal::Expired) } else { Ok(()) }
    }

    /// The same for one tool.
    pub fn may_use(&self, tool: Tool, now: Millis) -> Result<(), Refusal> {
        self.may_ask(now)?;
        if self.tools.contains(&tool) { Ok(()) } else { Err(Refusal::NoTool) }
    }

    /// What a connected tool gets: its fields and the key of its purpose.
    pub fn action(&self, tool: &str, now: Millis) -> Result<&ActionGrant, Refusal> {
        let found = self.actions.iter().find(|one| one.tool == tool).ok_or(Refusal::NoAction)?;
        if found.expires_at.is_some_and(|until| until <= now) { Err(Refusal::Expired) } else { Ok(found) }
    }
}

/// That a client may see one card, because it is known who asks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AgentGrant {
    /// `agg_…`
    pub id: String,
    /// `agc_…`
    pub client: String,
    /// Place of the card.
    pub contact: u32,
    /// How it is known.
    pub how: Proof,
    /// Since when.
    pub at: Millis,
    /// Until when.
    pub expires_at: Millis,
    /// When somebody ended it before.
    pub ended_at: Option<Millis>,
}

impl AgentGrant {
    /// Whether it holds.
    pub fn is_in_force(&self, now: Millis) -> bool {
        self.ended_at.is_none() && now < self.expires_at
    }
}

/// How it is known who asks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Proof {
    /// A signed token.
    Token,
    /// A keyed hash of the ID.
    Hash,
    /// Somebody of the business said so.
    Operator,
    /// Somebody of the business asks.
    Staff,
}

impl Proof {
    const ALL: [Self; 4] = [Self::Token, Self::Hash, Self::Operator, Self::Staff];

    /// The word that is stored.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Token => "token",
            Self::Hash => "hash",
            Self::Operator => "operator",
            Self::Staff => "staff",
        }
    }

    /// Reads the word again.
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|one| one.as_str() == text)
    }
}

/// Something an agent wants to be written. Nothing is, until a person says yes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AgentProposal {
    /// `agp_…`
    pub id: String,
    /// `agc_…`
    pub client: String,
    /// Place of the card.
    pub contact: u32,
    /// What it is.
    pub sort: ProposalSort,
    /// Of an update: the key of the field.
    pub field: String,
    /// What is to be written, a JSON object; empty once it was decided.
    pub body: String,
    /// What became of it.
    pub state: ProposalState,
    /// When it was made.
    pub at: Millis,
    /// When somebody decided.
    pub decided_at: Option<Millis>,
    /// Who.
    pub decided_by: String,
}

impl AgentProposal {
    /// The word by which the client may be told to go on without asking: the field of an
    /// update, else what it is.
    pub fn word(&self) -> String {
        word(self.sort, &self.field)
    }
}

/// See [`AgentProposal::word`].
pub fn word(sort: ProposalSort, field: &str) -> String {
    match sort {
        ProposalSort::Update => format!("field:{field}"),
        sort => sort.as_str().to_owned(),
    }
}

/// What is proposed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ProposalSort {
    /// Something to be kept in mind.
    Memory,
    /// Something to be done.
    Task,
    /// Another value of a field.
    Update,
    /// A conversation.
    Conversation,
    /// To see the card, without a proof.
    Access,
}

impl ProposalSort {
    const ALL: [Self; 5] = [Self::Memory, Self::Task, Self::Update, Self::Conversation, Self::Access];

    /// The word that is stored.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Memory => "memory",
            Self::Task => "task",
            Self::Update => "update",
            Self::Conversation => "conversation",
            Self::Access => "access",
        }
    }

    /// Reads the word again.
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|one| one.as_str() == text)
    }

    /// Whether a person may say that they need not be asked again. Who may see whom is always
    /// asked.
    pub fn may_be_always(self) -> bool {
        self != Self::Access
    }
}

/// What became of a proposal.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ProposalState {
    /// Somebody has to decide.
    Waiting,
    /// It was written.
    Approved,
    /// It was not.
    Rejected,
}

impl ProposalState {
    const ALL: [Self; 3] = [Self::Waiting, Self::Approved, Self::Rejected];

    /// The word that is stored.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Waiting => "waiting",
            Self::Approved => "approved",
            Self::Rejected => "rejected",
        }
    }

    /// Reads the word again.
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|one| one.as_str() == text)
    }
}

/// One call, as it is kept.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct AgentCall {
    /// Its number, growing.
    pub call: i64,
    /// When.
    pub at: Millis,
    /// `agc_…`
    pub client: String,
    /// Which tool, or `segments`.
    pub tool: String,
    /// Place of the card it was about.
    pub contact: Option<u32>,
    /// `ok`, `proposal`, `applied` or `refused`.
    pub result: &'static str,
    /// Fields that were given out, by their keys.
    pub fields: Vec<String>,
    /// Rows that were given out: memories, tasks, contacts of a view.
    pub items: u32,
    /// Size of the answer.
    pub bytes: u32,
    /// Why it was refused, by [`Refusal::as_str`].
    pub why: String,
}

impl AgentCall {
    /// Words of [`AgentCall::result`].
    pub const RESULTS: [&str; 4] = ["ok", "proposal", "applied", "refused"];
}

/// Why an agent does not get what it asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Refusal {
    /// All agents are stopped.
    Stopped,
    /// There is no such client.
    Unknown,
    /// It was revoked.
    Revoked,
    /// It is paused, or was never turned on.
    Paused,
    /// Its time is over.
    Expired,
    /// It may not use this tool, or there is none of this name.
    NoTool,
    /// Nothing was approved for this action.
    NoAction,
    /// A field was not approved.
    NotApproved,
    /// It is not proven who asks.
    NotVerified,
    /// The proof is not one: signature, time, issuer, a second use.
    BadProof,
    /// The proof is good, and nobody here has this ID.
    Nobody,
    /// The conversation is with somebody else.
    AnotherCard,
    /// Lists are for staff only.
    NoLists,
    /// The card may not be used for it.
    Barred(Bar),
    /// Too many calls.
    TooMany,
    /// Too many proposals wait, or one is too large.
    TooMuch,
    /// The request itself makes no sense.
    BadRequest,
    /// Somebody of the business has to say yes first.
    Asked,
}

impl Refusal {
    const ALL: [Self; 22] = [
        Self::Stopped,
        Self::Unknown,
        Self::Revoked,
        Self::Paused,
        Self::Expired,
        Self::NoTool,
        Self::NoAction,
        Self::NotApproved,
        Self::NotVerified,
        Self::BadProof,
        Self::Nobody,
        Self::AnotherCard,
        Self::NoLists,
        Self::Barred(Bar::Restricted),
        Self::Barred(Bar::NotForAgents),
        Self::Barred(Bar::Retired),
        Self::Barred(Bar::Objection),
        Self::Barred(Bar::NoConsent),
        Self::TooMany,
        Self::TooMuch,
        Self::BadRequest,
        Self::Asked,
    ];

    /// The word that is stored and that agents are told.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Stopped => "stopped",
            Self::Unknown => "unknown_client",
            Self::Revoked => "revoked",
            Self::Paused => "paused",
            Self::Expired => "expired",
            Self::NoTool => "no_tool",
            Self::NoAction => "no_action",
            Self::NotApproved => "not_approved",
            Self::NotVerified => "not_verified",
            Self::BadProof => "bad_proof",
            Self::Nobody => "nobody",
            Self::AnotherCard => "another_card",
            Self::NoLists => "no_lists",
            Self::Barred(bar) => bar.as_str(),
            Self::TooMany => "too_many",
            Self::TooMuch => "too_much",
            Self::BadRequest => "bad_request",
            Self::Asked => "asked",
        }
    }

    /// Reads the word again.
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|one| one.as_str() == text)
    }

    /// What it says. Nothing of any card stands in it.
    pub fn sentence(self) -> Sentence {
        match self {
            Self::Stopped => say!("all agents are stopped"),
            Self::Unknown => say!("there is no such client"),
            Self::Revoked => say!("the client was revoked"),
            Self::Paused => say!("the client is paused"),
            Self::Expired => say!("its time is over"),
            Self::NoTool => say!("the client may not use this tool"),
            Self::NoAction => say!("nothing was approved for this action"),
            Self::NotApproved => say!("a field was not approved"),
            Self::NotVerified => say!("identity not verified, nothing read"),
            Self::BadProof => say!("the proof of identity does not hold"),
            Self::Nobody => say!("nobody here has this ID"),
            Self::AnotherCard => say!("the conversation is with somebody else"),
            Self::NoLists => say!("lists are for staff only"),
            Self::Barred(bar) => bar.sentence(),
            Self::TooMany => say!("too many calls in a minute"),
            Self::TooMuch => say!("too much at once"),
            Self::BadRequest => say!("the request makes no sense"),
            Self::Asked => say!("somebody of the business has to say yes first"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rstest::rstest;

    const NOW: Millis = Millis(1_000);

    fn on() -> AgentClient {
        AgentClient { enabled_at: Some(Millis(1)), ..AgentClient::new("bot") }
    }

    #[test]
    fn a_new_client_may_read_three_fields_and_is_off() {
        let client = AgentClient::new("bot");
        assert_eq!(client.fields, ["name", "description", "preferences"]);
        assert_eq!(client.may_ask(NOW), Err(Refusal::Paused));
    }

    #[rstest]
    #[case::on(on(), Ok(()))]
    #[case::revoked(AgentClient { revoked_at: Some(Millis(5)), ..on() }, Err(Refusal::Revoked))]
    #[case::over(AgentClient { expires_at: Some(NOW), ..on() }, Err(Refusal::Expired))]
    #[case::not_over(AgentClient { expires_at: Some(Millis(1_001)), ..on() }, Ok(()))]
    #[case::another_tool(AgentClient { tools: vec![Tool::Remember], ..on() }, Err(Refusal::NoTool))]
    fn whether_a_client_may_use_a_tool(#[case] client: AgentClient, #[case] expected: Result<(), Refusal>) {
        assert_eq!(client.may_use(Tool::GetContactContext, NOW), expected);
    }

    #[test]
    fn an_action_has_an_end() {
        let refund = ActionGrant { tool: "refund".into(), expires_at: Some(Millis(900)), ..ActionGrant::default() };
        let client = AgentClient { actions: vec![refund], ..on() };
        assert_eq!(client.action("refund", NOW), Err(Refusal::Expired));
        assert!(client.action("refund", Millis(899)).is_ok());
        assert_eq!(client.action("route", NOW), Err(Refusal::NoAction));
    }

    #[test]
    fn every_word_is_read_again() {
        for tool in Tool::ALL {
            assert_eq!(Tool::parse(tool.as_str()), Some(*tool));
        }
        for refusal in Refusal::ALL {
            assert_eq!(Refusal::parse(refusal.as_str()), Some(refusal));
        }
        for sort in ProposalSort::ALL {
            assert_eq!(ProposalSort::parse(sort.as_str()), Some(sort));
        }
        for state in ProposalState::ALL {
            assert_eq!(ProposalState::parse(state.as_str()), Some(state));
        }
        assert_eq!(serde_json::to_string(&Tool::ProposeTask).ok().as_deref(), Some("\"propose_task\""));
    }

    #[test]
    fn who_may_see_whom_is_always_asked() {
        assert!(!ProposalSort::Access.may_be_always());
        assert_eq!(word(ProposalSort::Update, "job_title"), "field:job_title");
        assert_eq!(word(ProposalSort::Memory, ""), "memory");
    }
}
