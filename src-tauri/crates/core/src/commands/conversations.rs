//! Conversations: reading, searching, claiming, and what waits in the inbox.

use super::{
    answer::{Changed, Nothing},
    parts::{PartRef, text},
};
use crate::{contact, conversations, error::Error, session::Session};
use cardfile_domain::part::{Conversation, Message, Role};
use serde::{Deserialize, Serialize};
use ts_rs::TS;

/// A conversation.
#[derive(Debug, Serialize, TS)]
#[serde(rename_all = "camelCase")]
pub(super) struct ConversationView {
    /// `cnv_…`
    pub id: String,
    /// `widget`, `email`, …
    pub platform: String,
    /// What it is about.
    pub title: String,
    /// Where it was held.
    pub page_url: String,
    /// Nobody looked at it.
    pub unread: bool,
    /// RFC 3339.
    pub first_at: Option<String>,
    /// RFC 3339.
    pub last_at: Option<String>,
    /// How many messages.
    pub messages: u32,
}

/// A message.
#[derive(Debug, Serialize, TS)]
pub(super) struct MessageView {
    /// `msg_…`
    pub id: String,
    /// Who wrote.
    #[ts(type = "\"contact\" | \"agent\" | \"staff\"")]
    pub role: Role,
    /// Name of the writer; empty for the contact.
    pub author: String,
    /// Text.
    pub text: String,
    /// RFC 3339.
    pub at: String,
}

/// A text to look for in all long texts.
#[derive(Debug, Deserialize, TS)]
pub(super) struct SearchTexts {
    /// Text; accents and capitals do not matter.
    pub text: String,
}

/// Where it was found.
#[derive(Debug, Serialize, TS)]
pub(super) struct HitsView {
    /// The newest first, at most 200.
    pub hits: Vec<HitView>,
}

/// A message, a note or a memory that contains the text.
#[derive(Debug, Serialize, TS)]
pub(super) struct HitView {
    /// `message`, `note` or `memory`.
    pub kind: &'static str,
    /// Its id.
    pub id: String,
    /// `cnv_…` of a message.
    pub conversation: Option<String>,
    /// `ctc_…`; nothing when nobody knows whose it is.
    pub contact: Option<String>,
    /// What to call the contact.
    pub name: String,
    /// The text around the place, before, at and after it.
    pub excerpt: (String, String, String),
    /// RFC 3339.
    pub at: String,
}

/// A window of messages.
#[derive(Debug, Deserialize, TS)]
pub(super) struct MessagesRequest {
    /// `cnv_…`
    pub id: String,
    /// First message.
    pub from: u32,
    /// Message after the last; at most 500 are given.
    pub to: u32,
}

/// Messages in their order.
#[derive(Debug, Serialize, TS)]
pub(super) struct MessagesView {
    /// Oldest first.
    pub messages: Vec<MessageView>,
}

/// A text to look for in a conversation.
#[derive(Debug, Deserialize, TS)]
pub(super) struct SearchMessages {
    /// `cnv_…`
    pub id: String,
    /// Text; accents and capitals do not matter.
    pub text: String,
}

/// Where a text was found.
#[derive(Debug, Serialize, TS)]
pub(super) struct FoundView {
    /// Places of messages, from 0.
    pub places: Vec<u32>,
}

/// Conversations that wait for somebody.
#[derive(Debug, Serialize, TS)]
pub(super) struct WaitingView {
    /// The latest first, at most 500.
    pub conversations: Vec<WaitingConversation>,
    /// How many wait in all.
    pub total: u32,
}

/// A conversation that waits, and whose it is.
#[derive(Debug, Serialize, TS)]
pub(super) struct WaitingConversation {
    /// `ctc_…`; nothing when nobody knows who it is.
    pub contact: Option<String>,
    /// What to call the contact; empty when nobody knows who it is.
    pub name: String,
    /// The conversation.
    pub conversation: ConversationView,
}

/// A conversation and its contact.
#[derive(Debug, Deserialize, TS)]
pub(super) struct Claim {
    /// `cnv_…`
    pub id: String,
    /// `ctc_…`
    pub contact: String,
}

pub(super) fn text_search(session: &Session, request: SearchTexts) -> Result<HitsView, Error> {
    const SHOWN: u32 = 200;
    let core = session.core()?;
    let mut hits = core.store().read(|r| r.texts().find(&request.text, SHOWN))?;
    hits.truncate(SHOWN as usize);
    let hits = hits.into_iter().map(|hit| {
        let (contact, name) = hit.contact.unzip();
        HitView {
            kind: hit.kind.as_str(),
            excerpt: cardfile_domain::text::excerpt(&hit.text, &request.text),
            id: hit.id,
            conversation: hit.conversation,
            contact,
            name: name.unwrap_or_default(),
            at: hit.at.to_rfc3339(),
        }
    });
    Ok(HitsView { hits: hits.collect() })
}

pub(super) fn conversation_messages(session: &Session, request: MessagesRequest) -> Result<MessagesView, Error> {
    let messages = conversations::messages(&*session.core()?, &request.id, request.from, request.to)?;
    Ok(MessagesView { messages: messages.into_iter().map(MessageView::from).collect() })
}

pub(super) fn conversation_search(session: &Session, request: SearchMessages) -> Result<FoundView, Error> {
    Ok(FoundView { places: conversations::search(&*session.core()?, &request.id, &request.text)? })
}

pub(super) fn conversation_read(session: &Session, request: PartRef) -> Result<Nothing, Error> {
    conversations::mark_read(&*session.core()?, &request.id, &session.who())?;
    Ok(Nothing {})
}

pub(super) fn conversation_claim(session: &Session, request: Claim) -> Result<Changed, Error> {
    let operation = conversations::claim(&*session.core()?, &request.id, &request.contact, &session.who())?;
    Ok(Changed::of((1, operation)))
}

pub(super) fn inbox_list(session: &Session, _: Nothing) -> Result<WaitingView, Error> {
    let core = session.core()?;
    let mut all = Vec::new();
    for stored in conversations::waiting(&core, 500)? {
        let owner = stored.parent.and_then(|row| u32::try_from(row).ok());
        let owner = owner.map(|row| core.store().read(|r| r.contacts().get(row))).transpose()?.flatten();
        all.push(WaitingConversation {
            contact: owner.as_ref().map(|owner| owner.contact.id.to_string()),
            name: owner.map(|owner| contact::called(&owner.contact)).unwrap_or_default(),
            conversation: stored.value.into(),
        });
    }
    let total = core.store().read(|r| r.parts().count_waiting())?;
    Ok(WaitingView { conversations: all, total })
}

impl From<Conversation> for ConversationView {
    fn from(conversation: Conversation) -> Self {
        Self {
            first_at: text(conversation.first_at),
            last_at: text(conversation.last_at),
            id: conversation.id,
            platform: conversation.platform,
            title: conversation.title,
            page_url: conversation.page_url,
            unread: conversation.unread,
            messages: conversation.messages,
        }
    }
}

impl From<Message> for MessageView {
    fn from(message: Message) -> Self {
        let Message { id, role, author, text, at, .. } = message;
        Self { id, role, author, text, at: at.to_rfc3339() }
    }
}
