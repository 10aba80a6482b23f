//! What was proposed is written, as a deed like any other.

use super::kinds::{Proposed, ProposedConversation, ProposedTask, ProposedUpdate};
use crate::{
    agents::calls,
    conversations::{self, Incoming},
    core::{Core, Who},
    error::Error,
    parts,
    privacy::erasure::suppression,
    tasks,
};
use cardfile_domain::{
    Contact, Item, Millis, OperationId, email,
    part::{Conversation, Memory, Message, Role, Task},
    phone, say,
    time::DateOrder,
};
use cardfile_store::{ContactRow, OpKind, Tx};
use serde_json::Value;

/// Writes what was proposed, and in the same transaction what `settle` does.
pub(super) fn apply(
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
                // Its platform and ID are words of the agent: they do not give it a chat of a stranger.
                if is_of_nobody(tx, &talk.about)? {
                    return Err(Error::bad_request(say!("this conversation is here already, and it is of nobody yet")));
                }
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

/// Whether this conversation is here, and nobody said whose it is.
fn is_of_nobody(tx: &Tx<'_>, about: &Conversation) -> Result<bool, Error> {
    let parts = tx.read().parts();
    let Some(id) = parts.conversation_of(&about.platform, &about.external_id)? else { return Ok(false) };
    Ok(parts.get::<Conversation>(&id)?.is_some_and(|stored| stored.parent.is_none()))
}

pub(super) fn task(one: &ProposedTask, author: &str) -> Result<Task, Error> {
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

pub(super) fn incoming(one: &ProposedConversation, author: &str, now: Millis) -> Result<Incoming, Error> {
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
pub(super) struct Change {
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

pub(super) fn change(core: &Core, one: &ProposedUpdate) -> Result<Change, Error> {
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
