//! Conversations: brought in, read, given to the person they were held with.

use crate::{
    contact,
    core::{Core, Who},
    error::{Code, Error},
    parts,
    resolve::{self, Named},
};
use cardfile_domain::{
    Contact, Millis, OperationId, Sentence,
    part::{Conversation, Message, Role},
    say,
    suppression::Mark,
    time::DateOrder,
};
use cardfile_store::{ContactRow, OpKind, StoredPart, Tx, Waits};
use serde::{Deserialize, Serialize};
use serde_json::json;
use std::{
    collections::HashSet,
    fs::File,
    io::{BufRead, BufReader, Read},
    path::Path,
};

/// A conversation as it comes from outside.
#[derive(Debug, Clone, Default)]
pub struct Incoming {
    /// What is known about it as a whole; times and the number of messages are worked out.
    pub about: Conversation,
    /// Its messages in any order.
    pub messages: Vec<Message>,
}

/// Adds a conversation, to a contact or to nobody yet. One that is here by its
/// platform and external ID gets the messages it lacks.
pub fn add(
    core: &Core,
    contact: Option<&str>,
    incoming: &Incoming,
    who: &Who,
) -> Result<(String, Option<OperationId>), Error> {
    let owner = contact.map(|id| contact::find(core, id)).transpose()?.map(|stored| stored.row);
    core.store().write(who.op(OpKind::PartChange, parts::subject(&incoming.about)), |tx| put(tx, owner, incoming))
}

/// The same inside a transaction.
pub(crate) fn put(tx: &mut Tx<'_>, owner: Option<ContactRow>, incoming: &Incoming) -> Result<String, Error> {
    let known = tx.read().parts().conversation_of(&incoming.about.platform, &incoming.about.external_id)?;
    let known = known.map(|id| tx.read().parts().get::<Conversation>(&id)).transpose()?.flatten();
    let (id, place, owner, is_new) = match known {
        Some(stored) => {
            let here = stored.parent.and_then(|row| u32::try_from(row).ok());
            if here.is_some() && owner.is_some() && here != owner {
                return Err(Error::bad_request(say!("this conversation belongs to somebody else here")));
            }
            let is_found = here.is_none() && owner.is_some();
            if is_found {
                tx.edit_part::<Conversation>(&stored.value.id, |_, parent| *parent = owner.map(i64::from))?;
            }
            (stored.value.id, stored.row, here.or(owner), is_found)
        }
        None => {
            let mark = Mark::conversation(&incoming.about.platform, &incoming.about.external_id);
            let tags = tx.suppressed(mark.as_slice())?;
            if !tags.is_empty() {
                tx.note_return(&tags)?;
                return Err(Error::bad_request(say!("this conversation is of somebody who was erased")));
            }
            let (id, place) = tx.add_part(owner.map(i64::from), &incoming.about)?;
            (id, place, owner, true)
        }
    };
    let Incoming { about, messages } = incoming;
    fill(tx, (&id, place), owner.map(|owner| (owner, u32::from(is_new))), messages, about.unread)?;
    Ok(id)
}

/// Adds messages to a conversation; those that are here already are not added again. With `seen`
/// only if it is at that version still; nothing when somebody was faster.
pub fn add_messages(
    core: &Core,
    id: &str,
    seen: Option<i64>,
    messages: &[Message],
    unread: bool,
    who: &Who,
) -> Result<Option<()>, Error> {
    let subject = parts::subject(&parts::get::<Conversation>(core, id)?.value);
    let (added, _) = core.store().write(who.op(OpKind::PartChange, subject), |tx| {
        let Some(stored) = parts::as_seen::<Conversation>(tx.read(), id, seen)? else { return Ok(None) };
        let owner = stored.parent.and_then(|row| u32::try_from(row).ok());
        fill(tx, (id, stored.row), owner.map(|owner| (owner, 0)), messages, unread)?;
        Ok::<_, Error>(Some(()))
    })?;
    Ok(added)
}

/// Adds the messages that a conversation lacks, and what they say of it and of its contact,
/// who has so many conversations more.
fn fill(
    tx: &mut Tx<'_>,
    (id, place): (&str, i64),
    owner: Option<(ContactRow, u32)>,
    messages: &[Message],
    unread: bool,
) -> Result<(), Error> {
    let mut here = tx.read().parts().of::<Message>(place)?;
    // By id where there is one, else by time and text; a line may repeat itself.
    let key = |message: &Message| match message.external_id.as_str() {
        "" => (Some(message.at), message.text.clone()),
        id => (None, id.to_owned()),
    };
    let mut met: HashSet<(Option<Millis>, String)> = here.iter().map(|known| key(&known.value)).collect();
    let mut fresh: Vec<&Message> = messages.iter().filter(|message| met.insert(key(message))).collect();
    fresh.sort_by_key(|message| message.at);
    let brought_new = !fresh.is_empty();
    for message in fresh {
        let (id, row) = tx.add_part(Some(place), message)?;
        let value = Message { id, ..message.clone() };
        here.push(StoredPart { row, parent: Some(place), version: 0, value });
    }
    let times = || here.iter().map(|message| message.value.at);
    let (first, last) = (times().min(), times().max());
    tx.edit_part::<Conversation>(id, |conversation, _| {
        (conversation.first_at, conversation.last_at) = (first, last);
        conversation.messages = here.len() as u32;
        conversation.unread |= unread && brought_new;
    })?;
    if let Some((owner, more)) = owner {
        tx.edit(owner, |contact| seen(contact, first, last, more))?;
    }
    Ok(())
}

/// What a conversation says about its contact: never less than before.
fn seen(contact: &mut Contact, first: Option<Millis>, last: Option<Millis>, more: u32) {
    contact.conversation_count += more;
    contact.first_seen = [contact.first_seen, first].into_iter().flatten().min();
    contact.last_seen = contact.last_seen.max(last);
}

/// Gives a conversation of nobody to the contact it was held with.
pub fn claim(core: &Core, id: &str, contact: &str, who: &Who) -> Result<Option<OperationId>, Error> {
    Ok(claim_seen(core, id, None, contact, who)?.flatten())
}

/// The same; with `seen` only if it is at that version still. Nothing when somebody was faster,
/// else the operation.
pub fn claim_seen(
    core: &Core,
    id: &str,
    seen: Option<i64>,
    contact: &str,
    who: &Who,
) -> Result<Option<Option<OperationId>>, Error> {
    let subject = parts::subject(&parts::get::<Conversation>(core, id)?.value);
    let owner = contact::find(core, contact)?;
    let (claimed, operation) = core.store().write(who.op(OpKind::PartChange, subject), |tx| {
        let Some(stored) = parts::as_seen::<Conversation>(tx.read(), id, seen)? else { return Ok(None) };
        // Looked at here, where nobody else can give it away meanwhile.
        if stored.parent.is_some() {
            return Err(Error::bad_request(say!("this conversation belongs to somebody already")));
        }
        tx.mark_read(id)?;
        give(tx, id, owner.row)?;
        Ok(Some(()))
    })?;
    Ok(claimed.map(|()| operation))
}

/// The same inside a transaction.
pub(crate) fn give(tx: &mut Tx<'_>, id: &str, owner: ContactRow) -> Result<(), Error> {
    let Some(stored) = tx.read().parts().get::<Conversation>(id)? else { return Ok(()) };
    tx.edit_part::<Conversation>(id, |_, parent| *parent = Some(owner.into()))?;
    tx.edit(owner, |contact| seen(contact, stored.value.first_at, stored.value.last_at, 1))?;
    Ok(())
}

/// Somebody looked at it.
pub fn mark_read(core: &Core, id: &str, who: &Who) -> Result<(), Error> {
    core.store().write(who.op(OpKind::PartChange, ""), |tx| Ok::<_, Error>(tx.mark_read(id)?))?;
    Ok(())
}

/// A window of the messages of a conversation, oldest first.
pub fn messages(core: &Core, id: &str, from: u32, to: u32) -> Result<Vec<Message>, Error> {
    let stored = parts::get::<Conversation>(core, id)?;
    Ok(core.store().read(|r| r.parts().messages(stored.row, from, to.saturating_sub(from).min(500)))?)
}

/// Messages of the conversation at a place, oldest first, after the one of a time and a place:
/// what is added before it meanwhile moves none of them.
pub fn messages_past(
    core: &Core,
    conversation: i64,
    past: Option<(Millis, i64)>,
    limit: u32,
) -> Result<Vec<StoredPart<Message>>, Error> {
    Ok(core.store().read(|r| r.parts().messages_past(conversation, past, limit))?)
}

/// Places of the messages that contain a text, accents and capitals aside.
pub fn search(core: &Core, id: &str, text: &str) -> Result<Vec<u32>, Error> {
    let stored = parts::get::<Conversation>(core, id)?;
    Ok(core.store().read(|r| r.parts().messages_with(stored.row, text))?)
}

/// Conversations of nobody known, and those with unread messages; the latest first.
pub fn waiting(core: &Core, limit: u32) -> Result<Vec<StoredPart<Conversation>>, Error> {
    Ok(core.store().read(|r| r.parts().conversations_waiting(limit))?)
}

/// All of them in the same order, in short.
pub fn all_waiting(core: &Core) -> Result<Vec<Waits>, Error> {
    Ok(core.store().read(|r| r.parts().all_waiting())?)
}

/// What an import of conversations did; the counts add up to `records`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct ImportedConversations {
    /// Lines read.
    pub records: u32,
    /// New, with a contact.
    pub created: u32,
    /// New, of nobody known; they wait in the inbox.
    pub unattached: u32,
    /// Here already; they got the messages they lacked.
    pub known: u32,
    /// Not taken.
    pub rejected: Vec<RejectedLine>,
}

/// A line that was not taken.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct RejectedLine {
    /// Physical line.
    pub line: u32,
    /// Why.
    pub message: Sentence,
}

/// A line of a conversation file.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Line {
    /// Our id, an external ID or an email of the contact; nothing for a visitor.
    contact: Option<String>,
    platform: String,
    #[serde(default)]
    title: String,
    #[serde(default)]
    external_id: String,
    #[serde(default)]
    session_key: String,
    #[serde(default)]
    page_url: String,
    #[serde(default)]
    unread: bool,
    messages: Vec<MessageLine>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct MessageLine {
    role: Role,
    #[serde(default)]
    author: String,
    text: String,
    at: String,
    #[serde(default)]
    external_id: String,
}

/// Longest line of a file.
const LINE_LIMIT: u64 = 64 << 20;
/// Conversations of one transaction.
const STEP: usize = 100;

/// Imports conversations from NDJSON, one object a line: one operation. Bad
/// lines are named with their number, the others are kept.
pub fn import(core: &Core, file: &Path, who: &Who) -> Result<(ImportedConversations, Option<OperationId>), Error> {
    let fail = |error: std::io::Error| Error::io(file, &error);
    let mut lines = BufReader::new(File::open(file).map_err(fail)?);
    let name = file.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
    let mut operation = core.store().begin(who.op(OpKind::Import, name))?;
    let mut report = ImportedConversations::default();
    let (mut number, mut more) = (0, true);
    let written = (|| {
        while more {
            operation.chunk(|tx| {
                for _ in 0..STEP {
                    let mut text = Vec::new();
                    let read = (&mut lines).take(LINE_LIMIT + 1).read_until(b'\n', &mut text).map_err(fail)?;
                    if read == 0 {
                        more = false;
                        break;
                    }
                    number += 1;
                    if text.trim_ascii().is_empty() {
                        continue;
                    }
                    report.records += 1;
                    if read as u64 > LINE_LIMIT {
                        return Err(Error::new(Code::BadFile, say!("line {number} is longer than 64 MiB", number)));
                    }
                    match take(tx, &text) {
                        Ok(Taken::Created) => report.created += 1,
                        Ok(Taken::Unattached) => report.unattached += 1,
                        Ok(Taken::Known) => report.known += 1,
                        Err(error) if error.code == Code::BadRequest => {
                            report.rejected.push(RejectedLine { line: number, message: error.message });
                        }
                        Err(error) => return Err(error),
                    }
                }
                Ok(())
            })?;
        }
        Ok(())
    })();
    match written {
        Ok(()) => {
            let counts = json!({ "records": report.records, "created": report.created, "unattached": report.unattached,
                "known": report.known, "rejected": report.rejected.len() });
            Ok((report, operation.finish(&counts)?.map(|row| row.id)))
        }
        Err(error) => {
            operation.roll_back()?;
            Err(error)
        }
    }
}

enum Taken {
    Created,
    Unattached,
    Known,
}

fn take(tx: &mut Tx<'_>, text: &[u8]) -> Result<Taken, Error> {
    let line: Line = serde_json::from_slice(text).map_err(|error| Error::bad_request(Sentence::verbatim(error)))?;
    if line.platform.trim().is_empty() {
        return Err(Error::bad_request(say!("a conversation needs its platform")));
    }
    let mut messages = Vec::with_capacity(line.messages.len());
    for message in line.messages {
        let at = Millis::parse(&message.at, DateOrder::DayFirst)
            .ok_or_else(|| Error::bad_request(say!("{text} is no time", text = message.at)))?;
        let MessageLine { role, author, text, external_id, .. } = message;
        messages.push(Message { role, author, text, external_id, at, ..Message::default() });
    }
    let owner = match &line.contact {
        Some(name) => match resolve::named(tx.read(), name)? {
            Named::One(row) => Some(row),
            Named::Nobody => return Err(Error::bad_request(say!("{name} is nobody here", name))),
            Named::Several => return Err(Error::bad_request(say!("several remotes know {name}", name))),
        },
        None => None,
    };
    let about = Conversation {
        platform: line.platform,
        title: line.title,
        external_id: line.external_id,
        session_key: line.session_key,
        page_url: line.page_url,
        unread: line.unread,
        ..Conversation::default()
    };
    let is_known = tx.read().parts().conversation_of(&about.platform, &about.external_id)?.is_some();
    put(tx, owner, &Incoming { about, messages })?;
    Ok(match (is_known, owner) {
        (true, _) => Taken::Known,
        (false, Some(_)) => Taken::Created,
        (false, None) => Taken::Unattached,
    })
}
