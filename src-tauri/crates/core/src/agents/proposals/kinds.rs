//! What agents propose: its shapes, how large it may be, and what may be proposed at all.

use super::writing::{change, incoming, task};
use crate::{
    core::Core,
    error::{Code, Error},
};
use cardfile_domain::{Contact, Field, FieldDef, Millis, Sentence, agent::ProposalSort, part::Role, say};
use serde::{Deserialize, Serialize};

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
    pub(super) fn sort(&self) -> ProposalSort {
        match self {
            Self::Memory(_) => ProposalSort::Memory,
            Self::Task(_) => ProposalSort::Task,
            Self::Update(_) => ProposalSort::Update,
            Self::Conversation(_) => ProposalSort::Conversation,
        }
    }

    pub(super) fn field(&self) -> &str {
        match self {
            Self::Update(update) => &update.field,
            Self::Memory(_) | Self::Task(_) | Self::Conversation(_) => "",
        }
    }

    /// As it is kept while it waits.
    pub(super) fn body(&self) -> String {
        serde_json::to_string(self).unwrap_or_default()
    }

    pub(super) fn read(sort: ProposalSort, body: &str) -> Result<Self, Error> {
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
    pub(super) fn is_small(&self) -> bool {
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
    pub(super) fn check(&self, core: &Core, author: &str) -> Result<(), Error> {
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
