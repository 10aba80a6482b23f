//! Parts of a card: what belongs to a contact beside its fields. A new part is
//! a type here, a table in `store` and a line in each of their lists.

use crate::{
    automation::Automation,
    consent::Consent,
    duplicate::Distinction,
    permission::{KnowledgeBase, Rule},
    restriction::Restriction,
    segment::{Recipe, Segment},
    time::Millis,
};
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

macro_rules! kinds {
    ($( $(#[$doc:meta])* $kind:ident = $number:literal, $word:literal, $prefix:literal; )*) => {
        /// The kinds of parts. The numbers are stored.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        pub enum PartKind { $( $(#[$doc])* $kind = $number, )* }

        impl PartKind {
            /// All kinds.
            pub const ALL: &[Self] = &[ $( Self::$kind ),* ];

            /// The word of files, commands and tables.
            pub fn as_str(self) -> &'static str {
                match self { $( Self::$kind => $word, )* }
            }

            /// How its ids begin.
            pub fn prefix(self) -> &'static str {
                match self { $( Self::$kind => $prefix, )* }
            }
        }
    };
}

kinds! {
    /// Free text of the team.
    Note = 3, "note", "nte_";
    /// Something to be done at a time.
    Task = 4, "task", "tsk_";
    /// What an agent or a person keeps in mind about the contact.
    Memory = 5, "memory", "mem_";
    /// An exchange of messages.
    Conversation = 6, "conversation", "cnv_";
    /// One message of a conversation.
    Message = 7, "message", "msg_";
    /// What the contact thought of a reply.
    Rating = 8, "rating", "rat_";
    /// What the contact did, or what an action did for it.
    Activity = 9, "activity", "act_";
    /// The contact's account at a payment provider.
    PaymentAccount = 10, "payment_account", "pay_";
    /// The contact's picture.
    Avatar = 11, "avatar", "ava_";
    /// Files that belong together.
    Space = 12, "space", "spc_";
    /// That a space stands on a card.
    Placement = 13, "placement", "plc_";
    /// A file of a space.
    File = 14, "file", "fil_";
    /// What is known about a credential.
    Secret = 15, "secret", "sec_";
    /// What an agent of a platform can look things up in.
    KnowledgeBase = 16, "knowledge_base", "kbs_";
    /// What may be looked up for whom.
    Rule = 17, "rule", "rul_";
    /// That two cards are not one person.
    Distinction = 18, "distinction", "dst_";
    /// A saved view.
    Segment = 19, "segment", "seg_";
    /// A saved export.
    Recipe = 20, "recipe", "rcp_";
    /// An automation rule.
    Automation = 21, "automation", "aut_";
    /// What the contact said of a purpose.
    Consent = 22, "consent", "con_";
    /// What may not be done with the contact's data.
    Restriction = 23, "restriction", "rst_";
}

impl PartKind {
    /// Whether it is a statement that stands: an undo of something else does not take it
    /// back, and who changes their mind says so anew.
    pub fn is_statement(self) -> bool {
        matches!(self, Self::Consent | Self::Restriction)
    }

    /// The kind of a part by its id.
    pub fn of_id(id: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|kind| id.starts_with(kind.prefix()))
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

/// What the contact did, or what an action did for it.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Activity {
    /// `act_…`
    pub id: String,
    /// What: `page_viewed`, `action.triggered open_ticket`.
    pub name: String,
    /// What came with it: the text of a JSON object, or empty.
    pub detail: String,
    /// Which system told it.
    pub source: String,
    /// When.
    pub at: Millis,
}

/// A reference to the contact's account at a payment provider. No card number,
/// no key: only what the provider needs to find it.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct PaymentAccount {
    /// `pay_…`
    pub id: String,
    /// What to call it: `Stripe, live`.
    pub label: String,
    /// Its id at the provider: `cus_81F3K2`.
    pub account: String,
    /// Email it is kept under there.
    pub email: String,
}

/// The contact's picture, made again from what was given.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Avatar {
    /// `ava_…`
    pub id: String,
    /// A square PNG in base64 (RFC 4648, 4).
    pub png: String,
}

/// Files that belong together; stands on one card or on several.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Space {
    /// `spc_…`
    pub id: String,
    /// What to call it.
    pub name: String,
    /// When it was made.
    pub created_at: Millis,
}

/// That a space stands on a card.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Placement {
    /// `plc_…`
    pub id: String,
    /// `spc_…`
    pub space: String,
}

/// A file of a space. Its bytes are kept encrypted under the name of what is in
/// them, once for however many files say the same.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct File {
    /// `fil_…`
    pub id: String,
    /// Its name, without folders.
    pub name: String,
    /// Under which name its bytes are kept.
    pub blob: String,
    /// How long it is.
    pub bytes: u64,
    /// By whom it was added.
    pub author: String,
    /// When it was added.
    pub created_at: Millis,
}

/// What is known about a credential, never the credential itself: that is
/// sealed, and no part of any type that can be read, written or sent.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Secret {
    /// `sec_…`
    pub id: String,
    /// What it opens: `Shop API`.
    pub name: String,
    /// What it is: `token`, `password`, `key`.
    pub sort: String,
    /// When it was last seen to work.
    pub verified_at: Option<Millis>,
    /// Since when it is revoked; its value is gone.
    pub revoked_at: Option<Millis>,
    /// When it was stored.
    pub created_at: Millis,
}

macro_rules! parts {
    ($( $part:ident called $title:ident; )*) => {
    $(
        impl Part for $part {
            const KIND: PartKind = PartKind::$part;

            fn id(&self) -> &str {
                &self.id
            }

            fn title(&self) -> &str {
                &self.$title
            }
        }
    )*

        impl PartKind {
            /// The field that says what to call a part of this kind.
            pub fn title_field(self) -> &'static str {
                match self { $( Self::$part => stringify!($title), )* }
            }
        }
    };
}

parts! {
    Note called text;
    Task called title;
    Memory called text;
    Conversation called title;
    Message called text;
    Rating called reason;
    Activity called name;
    PaymentAccount called account;
    Avatar called id;
    Space called name;
    Placement called space;
    File called name;
    Secret called name;
    KnowledgeBase called name;
    Rule called name;
    Distinction called one;
    Segment called name;
    Recipe called name;
    Automation called name;
    Consent called purpose;
    Restriction called reason;
}
