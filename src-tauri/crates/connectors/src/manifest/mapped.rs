//! Which of our fields stand where in a record, and what belongs to a contact beside it.

use super::{format::TimeFormat, ops::Op, pointer::Pointer};
use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::Value as Json;
use std::collections::BTreeMap;

/// One of our fields, and where it stands there.
#[derive(Debug, Clone, PartialEq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Field {
    /// Its key: `email`.
    pub local: String,
    /// Where.
    pub remote: Slots,
    /// How its value is written.
    #[serde(default)]
    pub codec: FieldCodec,
    /// Which ways it can go.
    #[serde(default)]
    pub direction: Way,
    /// What an empty one is written as.
    #[serde(default)]
    pub clear: Json,
    /// No record is made without it.
    #[serde(default)]
    pub required: bool,
    /// Characters, at most.
    pub max: Option<u32>,
}

/// One place in a record, or several that hold a value together.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(untagged)]
pub enum Slots {
    /// One.
    One(Pointer),
    /// Several.
    Several(Vec<Pointer>),
}

impl Slots {
    /// All of them.
    pub fn all(&self) -> &[Pointer] {
        match self {
            Self::One(one) => std::slice::from_ref(one),
            Self::Several(all) => all,
        }
    }
}

/// Which ways a field can go.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Way {
    /// Both.
    #[default]
    Both,
    /// It only comes.
    Pull,
    /// It only leaves.
    Push,
}

/// How the value of a field is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum FieldCodec {
    /// A text; of several values one.
    #[default]
    Text,
    /// A phone with its country code, and no other.
    E164,
    /// A list of texts.
    List,
    /// Texts with commas between them.
    TagsCsv,
    /// Texts with semicolons between them.
    TagsSemicolon,
    /// First and last name, in two places.
    NameSplit,
}

/// What belongs to a contact there.
#[derive(Debug, Clone, PartialEq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Parts {
    /// What it is here.
    pub kind: PartsKind,
    /// What lists it; `{remote_id}` is the record.
    pub list: Op,
    /// Of a conversation: what lists its messages; `{item}` is the conversation.
    pub messages: Option<Op>,
    /// Where its values stand, by what they are called here.
    pub fields: BTreeMap<String, Pointer>,
    /// Where values of a message stand.
    #[serde(default)]
    pub message_fields: BTreeMap<String, Pointer>,
    /// What writers are called there: `contact`, `agent` or `staff`.
    #[serde(default)]
    pub roles: BTreeMap<String, String>,
    /// How times are written.
    #[serde(default)]
    pub format: TimeFormat,
}

/// What a part is here.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum PartsKind {
    /// An exchange of messages.
    Conversation,
    /// Something to be done.
    Task,
    /// What is kept in mind.
    Memory,
    /// What the contact thought of a reply.
    Rating,
    /// Files that belong together: its name alone.
    Space,
    /// A credential: its name alone.
    Secret,
}
