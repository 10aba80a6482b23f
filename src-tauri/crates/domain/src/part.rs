//! Parts of a card: what belongs to a contact beside its fields. A new part is
//! a type here, a table in `store` and a line in each of their lists.

use crate::time::Millis;
use serde::{Deserialize, Serialize, de::DeserializeOwned};

/// One kind of part. Its fields are the columns of its table, by name.
pub trait Part: Clone + PartialEq + Default + Serialize + DeserializeOwned {
    /// Which kind.
    const KIND: PartKind;

    /// Its own id; empty until it is stored.
    fn id(&self) -> &str;

    /// What to call it in the history, in a few words.
    fn title(&self) -> &str;
}

/// The kinds of parts. The numbers are stored.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum PartKind {
    /// Free text of the team.
    Note = 3,
    /// Something to be done at a time.
    Task = 4,
    /// What an agent or a person keeps in mind about the contact.
    Memory = 5,
    /// An exchange of messages.
    Conversation = 6,
    /// One message of a conversation.
    Message = 7,
    /// What the contact thought of a reply.
    Rating = 8,
}

impl PartKind {
    /// All kinds.
    pub const ALL: [Self; 6] = [Self::Note, Self::Task, Self::Memory, Self::Conversation, Self::Message, Self::Rating];

    /// The word of files, commands and tables.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Note => "note",
            Self::Task => "task",
            Self::Memory => "memory",
            Self::Conversation => "conversation",
            Self::Message => "message",
            Self::Rating => "rating",
        }
    }

    /// How its ids begin.
    pub fn prefix(self) -> &'static str {
        match self {
            Self::Note => "nte_",
            Self::Task => "tsk_",
            Self::Memory => "mem_",
            Self::Conversation => "cnv_",
            Self::Message => "msg_",
            Self::Rating => "rat_",
        }
    }
}

/// Free text of the team, in Markdown.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Note {
    /// `nte_…`
    pub id: String,
    /// Markdown.
    pub text: String,
    /// Whether an access request leaves it out unless the privacy officer decides otherwise.
    pub internal: bool,
    /// By whom.
    pub author: String,
    /// When it was written.
    pub created_at: Millis,
    /// When it last changed.
    pub updated_at: Millis,
}

/// Something to be done: once, or again and again.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Task {
    /// `tsk_…`
    pub id: String,
    /// What is to be done.
    pub title: String,
    /// First time it is due; nothing for a task without a time.
    pub starts_at: Option<Millis>,
    /// Recurrence (RFC 5545, 3.3.10) without `RRULE:`; empty for once.
    pub rule: String,
    /// IANA time zone in which `rule` counts days and hours.
    pub zone: String,
    /// Where it stands.
    pub status: TaskStatus,
    /// How its latest run ended.
    pub outcome: TaskOutcome,
    /// When it was last done or run.
    pub last_run_at: Option<Millis>,
    /// When it is due next; nothing when it will not be due again.
    pub next_run_at: Option<Millis>,
    /// By whom.
    pub author: String,
    /// When it was made.
    pub created_at: Millis,
    /// When it last changed.
    pub updated_at: Millis,
}

/// Where a task stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TaskStatus {
    /// Waits for its time, or is over.
    #[default]
    Idle,
    /// An agent is at it.
    Running,
    /// Will not be done.
    Canceled,
}

/// How a run of a task ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TaskOutcome {
    /// It did not run yet.
    #[default]
    Pending,
    /// It was done.
    Success,
    /// It was tried and failed.
    Failure,
}

/// What is kept in mind about the contact.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Memory {
    /// `mem_…`
    pub id: String,
    /// What.
    pub text: String,
    /// By whom: a person, or the name of an agent.
    pub author: String,
    /// Conversation it comes from, `cnv_…`.
    pub source: Option<String>,
    /// How sure its author is, 0 to 1.
    pub confidence: Option<f64>,
    /// Kept at the top, and given to agents first.
    pub pinned: bool,
    /// When it was written.
    pub created_at: Millis,
    /// When it last changed.
    pub updated_at: Millis,
}

/// An exchange of messages. May belong to nobody yet.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Conversation {
    /// `cnv_…`
    pub id: String,
    /// `web`, `widget`, `email`, `whatsapp`, `line`, `messenger`, `telegram`, `slack` or another word.
    pub platform: String,
    /// What it is about.
    pub title: String,
    /// Id at the system it comes from; empty when it has none.
    pub external_id: String,
    /// What a visitor is known by until somebody says who it is.
    pub session_key: String,
    /// Where it was held.
    pub page_url: String,
    /// Nobody looked at its latest messages.
    pub unread: bool,
    /// Time of its first message.
    pub first_at: Option<Millis>,
    /// Time of its latest message.
    pub last_at: Option<Millis>,
    /// Messages in it.
    pub messages: u32,
    /// When it was stored.
    pub created_at: Millis,
    /// When it last changed.
    pub updated_at: Millis,
}

/// One message of a conversation.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Message {
    /// `msg_…`
    pub id: String,
    /// Who wrote.
    pub role: Role,
    /// Name of the writer; empty for the contact.
    pub author: String,
    /// Text.
    pub text: String,
    /// Id at the system it comes from; empty when it has none.
    pub external_id: String,
    /// When it was written.
    pub at: Millis,
}

/// Who wrote a message.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// The contact.
    #[default]
    Contact,
    /// A program that answers.
    Agent,
    /// Somebody of the team.
    Staff,
}

/// What the contact thought of a reply.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Rating {
    /// `rat_…`
    pub id: String,
    /// From 1 (bad) to 5 (good).
    pub value: f64,
    /// Why, in the contact's words.
    pub reason: String,
    /// Message that was rated, `msg_…`.
    pub message: Option<String>,
    /// Conversation of that message, `cnv_…`.
    pub conversation: Option<String>,
    /// When.
    pub at: Millis,
}

macro_rules! parts {
    ($( $part:ident called $title:ident; )*) => { $(
        impl Part for $part {
            const KIND: PartKind = PartKind::$part;

            fn id(&self) -> &str {
                &self.id
            }

            fn title(&self) -> &str {
                &self.$title
            }
        }
    )* };
}

parts! {
    Note called text;
    Task called title;
    Memory called text;
    Conversation called title;
    Message called text;
    Rating called reason;
}
