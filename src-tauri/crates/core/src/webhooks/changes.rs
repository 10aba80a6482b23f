//! What is changed of a webhook. It is read, looked at and changed in one write, so that nobody
//! takes back what somebody else has just said of it.

use super::{Known, OFF, ON, address, counts_in, find, gone};
use crate::{
    core::{Core, Who},
    error::Error,
    privacy::purposes,
};
use cardfile_domain::{
    say,
    webhook::{Event, FIELDS, Standing, State},
};
use cardfile_store::{OpKind, Tx, Webhook, WebhookMessage};
use cardfile_sync::mapping::Mapping;
use serde_json::json;
use std::collections::BTreeSet;

/// Says of a webhook, and of how many of its messages wait and were given up, whether that is what
/// somebody has read.
pub type IsSeen<'s> = dyn Fn(&Known, (u32, u32)) -> bool + 's;

/// What a person may change of a webhook.
pub struct Choice<'c> {
    /// What people call it.
    pub name: &'c mut String,
    /// Where it is.
    pub url: &'c mut String,
    /// What it is told of.
    pub events: &'c mut BTreeSet<Event>,
    /// What may be in it.
    pub mapping: &'c mut Mapping,
    /// Turns it on or off, where that is said.
    pub turn: &'c mut Option<bool>,
}

/// Changes what a webhook is told.
pub fn set(core: &Core, id: &str, who: &Who, change: impl FnOnce(&mut Choice<'_>)) -> Result<Known, Error> {
    let set = set_seen(core, id, None, who, |choice| {
        change(choice);
        Ok(())
    })?;
    set.ok_or_else(gone)
}

/// The same, if it is as somebody read it and the change is not refused. Nothing when somebody was
/// faster.
pub fn set_seen(
    core: &Core,
    id: &str,
    seen: Option<&IsSeen<'_>>,
    who: &Who,
    change: impl FnOnce(&mut Choice<'_>) -> Result<(), Error>,
) -> Result<Option<Known>, Error> {
    within(core, id, seen, who, |tx, mut known| {
        let (before, mut turn) = (known.clone(), None);
        change(&mut Choice {
            name: &mut known.kept.name,
            url: &mut known.kept.url,
            events: &mut known.events,
            mapping: &mut known.mapping,
            turn: &mut turn,
        })?;
        if known != before {
            put(tx, &mut known)?;
        }
        if let Some(on) = turn {
            turn_in(tx, &mut known, on)?;
        }
        Ok(known)
    })
}

/// Does something to a webhook as it is inside the write, if that is as somebody read it. Nothing
/// when somebody was faster.
pub(super) fn within<T>(
    core: &Core,
    id: &str,
    seen: Option<&IsSeen<'_>>,
    who: &Who,
    work: impl FnOnce(&mut Tx<'_>, Known) -> Result<T, Error>,
) -> Result<Option<T>, Error> {
    let Webhook { id, name, .. } = find(core, id)?.kept;
    let (done, _) = core.store().write(who.op(OpKind::SyncDecide, name), |tx| {
        let known = tx.read().webhooks().named(&id)?.map(Known::of).ok_or_else(gone)?;
        if let Some(is_seen) = seen
            && !is_seen(&known, counts_in(tx.read(), &known)?)
        {
            return Ok(None);
        }
        work(tx, known).map(Some)
    })?;
    Ok(done)
}

/// Keeps what was changed of a webhook, unless it makes no sense.
fn put(tx: &mut Tx<'_>, known: &mut Known) -> Result<(), Error> {
    known.kept.name = known.kept.name.trim().to_owned();
    let name = known.kept.name.as_str();
    if name.is_empty() {
        return Err(Error::bad_request(say!("the webhook has no name")));
    }
    let taken = tx.read().webhooks().named(name)?;
    if taken.is_some_and(|other| other.id != known.kept.id) {
        return Err(Error::bad_request(say!("there is a webhook {name} already", name)));
    }
    known.kept.url = address(&known.kept.url)?;
    known.mapping.0.retain(|field, _| FIELDS.iter().any(|known| known.key == field));
    for rule in known.mapping.0.values_mut() {
        if let Some(name) = rule.purpose.take() {
            // By its key, which never changes; a word of no purpose would hold everybody back unsaid.
            rule.purpose = Some(purposes::find_in(tx.read(), &name)?.key);
        }
    }
    known.kept.events = known.events.iter().map(|event| event.as_str().to_owned()).collect();
    known.kept.mapping = serde_json::to_value(&known.mapping).unwrap_or_default();
    tx.put_webhook(&known.kept)?;
    let approved: Vec<&str> = FIELDS.iter().map(|field| field.key).filter(|field| known.is_approved(field)).collect();
    let facts = json!({ "events": &known.kept.events, "fields": approved });
    Ok(tx.audit("webhook_changed", Some(&known.kept.id), &facts)?)
}

/// Turns a webhook on or off. What waits for one that is on again is sent at once.
pub fn turn(core: &Core, id: &str, on: bool, who: &Who) -> Result<(), Error> {
    within(core, id, None, who, |tx, mut known| turn_in(tx, &mut known, on))?;
    Ok(())
}

fn turn_in(tx: &mut Tx<'_>, known: &mut Known, on: bool) -> Result<(), Error> {
    known.kept.state = if on { ON } else { OFF }.to_owned();
    hurry(tx, known)?;
    let event = if on { "webhook_on" } else { "webhook_off" };
    Ok(tx.audit(event, Some(&known.kept.id), &json!({}))?)
}

/// Forgets that nobody answered: it is tried again at once.
fn hurry(tx: &mut Tx<'_>, known: &mut Known) -> Result<(), Error> {
    (known.kept.failures, known.kept.failing_since, known.kept.next_at) = (0, None, None);
    tx.put_webhook(&known.kept)?;
    Ok(())
}

/// Takes a webhook away, with its secret and what waits for it. What it got, it got: that it
/// did is kept.
pub fn remove(core: &Core, id: &str, who: &Who) -> Result<(), Error> {
    remove_seen(core, id, None, who)?.ok_or_else(gone)
}

/// The same, if it is as somebody read it. Nothing when somebody was faster.
pub fn remove_seen(core: &Core, id: &str, seen: Option<&IsSeen<'_>>, who: &Who) -> Result<Option<()>, Error> {
    within(core, id, seen, who, |tx, known| {
        tx.destroy_sealed(&known.kept.id)?;
        tx.delete_webhook(known.kept.row)?;
        Ok(tx.audit("webhook_removed", Some(&known.kept.id), &json!({}))?)
    })
}

/// Tries again what was given up: one message, or all. Gives how many.
pub fn replay(core: &Core, id: &str, message: Option<&str>, who: &Who) -> Result<u32, Error> {
    replay_seen(core, id, message, None, who)?.ok_or_else(gone)
}

/// The same, if it is as somebody read it. Nothing when somebody was faster.
pub fn replay_seen(
    core: &Core,
    id: &str,
    message: Option<&str>,
    seen: Option<&IsSeen<'_>>,
    who: &Who,
) -> Result<Option<u32>, Error> {
    within(core, id, seen, who, |tx, mut known| {
        let revived = revive(tx, &known, message)?;
        if revived > 0 && known.is_on() {
            // Whoever asks for it does not want to wait.
            hurry(tx, &mut known)?;
        }
        Ok(revived)
    })
}

fn revive(tx: &mut Tx<'_>, known: &Known, message: Option<&str>) -> Result<u32, Error> {
    let Some(message) = message else { return Ok(tx.revive_webhook_messages(known.kept.row)?) };
    let found = tx.read().webhooks().message_named(known.kept.row, message)?;
    let found = found.ok_or_else(|| Error::not_found(say!("the message")))?;
    if found.state == State::Waiting.as_str() {
        return Ok(0);
    }
    let Standing { attempts, tried_at, next_at, .. } = Standing::queued(tx.now());
    let state = State::Waiting.as_str().to_owned();
    tx.put_webhook_message(&WebhookMessage { state, attempts, tried_at, next_at, ended_at: None, ..found })?;
    Ok(1)
}
