//! Webhooks: who is told when something happens to a contact, of what, and what may be said.
//! A message is queued by the write door beside the change itself; here it is built, from what
//! the contact says at that moment and a person approved, and sent.

mod changes;
pub(crate) mod erased;
pub mod hints;
mod payload;
pub mod recipes;
mod sending;
pub(crate) mod working;

pub use changes::{Choice, IsSeen, remove, remove_seen, replay, replay_seen, set, set_seen, turn};
pub use sending::{Sends, deliver, deliver_with, ping};

use crate::{
    contact,
    core::{Core, Who},
    error::Error,
};
use cardfile_connectors::webhook::{self, BadAddress, Secret};
use cardfile_domain::{
    Millis, Sentence, say,
    webhook::{Event, FIELDS, State},
};
use cardfile_store::{OpKind, Reader, Sealed, SecretText, SqlResult, Tx, Webhook, WebhookMessage};
use cardfile_sync::mapping::{Direction, Mapping, Rule};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use std::collections::BTreeSet;

/// What webhooks are called among those who got data.
pub const KIND: &str = "webhook";
/// It is told.
pub const ON: &str = "on";
/// It is not, because a person said so.
pub const OFF: &str = "off";
/// It is not, because it said that nobody is there any more.
pub const GONE: &str = "gone";
/// A secret that was replaced signs so much longer beside the new one.
const ROTATION: i64 = Millis::DAY;

/// A configured webhook.
#[derive(Debug, Clone, PartialEq)]
pub struct Known {
    /// As it is kept.
    pub kept: Webhook,
    /// What it is told of.
    pub events: BTreeSet<Event>,
    /// What may be in it.
    pub mapping: Mapping,
}

impl Known {
    fn of(kept: Webhook) -> Self {
        let events = kept.events.iter().filter_map(|word| Event::parse(word)).collect();
        let mapping = serde_json::from_value(kept.mapping.clone()).unwrap_or_default();
        Self { kept, events, mapping }
    }

    /// Whether it is told.
    pub fn is_on(&self) -> bool {
        self.kept.state == ON
    }

    /// Whether a field may leave, for anybody.
    pub fn is_approved(&self, field: &str) -> bool {
        self.mapping.0.get(field).is_some_and(|rule| rule.approved)
    }
}

/// Its secrets as they are kept, sealed.
#[derive(Serialize, Deserialize)]
struct Secrets {
    secret: String,
    /// The one before, and until when it signs too.
    before: Option<(String, Millis)>,
}

/// All webhooks, in the order of their names.
pub fn all(core: &Core) -> Result<Vec<Known>, Error> {
    Ok(core.store().read(|r| r.webhooks().all())?.into_iter().map(Known::of).collect())
}

/// The webhook with this name or id.
pub fn find(core: &Core, name: &str) -> Result<Known, Error> {
    let kept = core.store().read(|r| r.webhooks().named(name))?;
    kept.map(Known::of).ok_or_else(|| Error::not_found(say!("the webhook {name}", name)))
}

/// Makes a webhook. It is off, and nothing but ids may leave, until a person says otherwise.
/// Gives its secret too, which is shown once.
pub fn add(core: &Core, name: &str, url: &str, who: &Who) -> Result<(Known, String), Error> {
    let name = name.trim();
    if name.is_empty() {
        return Err(Error::bad_request(say!("the webhook has no name")));
    }
    if core.store().read(|r| r.webhooks().named(name))?.is_some() {
        return Err(Error::bad_request(say!("there is a webhook {name} already", name)));
    }
    let id = core.store().new_id("whk_");
    let secret = new_secret(core).show();
    let sealed = seal(core, &id, &Secrets { secret: secret.clone(), before: None })?;
    let rule = Rule { direction: Direction::Push, ..Rule::default() };
    let mapping = Mapping(FIELDS.iter().map(|field| (field.key.to_owned(), rule.clone())).collect());
    let usual = Event::ALL.iter().filter(|(event, _)| event.is_usual()).map(|(_, word)| (*word).to_owned());
    let kept = Webhook {
        id,
        name: name.to_owned(),
        url: address(url)?,
        events: usual.collect(),
        mapping: serde_json::to_value(&mapping).unwrap_or_default(),
        state: OFF.to_owned(),
        created_at: core.store().environment().clock.now(),
        ..Webhook::default()
    };
    core.store().write(who.op(OpKind::SyncDecide, name), |tx| {
        tx.put_sealed(&sealed)?;
        tx.put_webhook(&kept)?;
        Ok::<_, Error>(tx.audit("webhook_added", Some(&kept.id), &json!({}))?)
    })?;
    Ok((find(core, name)?, secret))
}

/// An address that somebody typed, as it is used.
fn address(typed: &str) -> Result<String, Error> {
    webhook::address(typed).map_err(|bad| match bad {
        BadAddress::Unreadable => Error::bad_request(say!("this is no address of a webhook"))
            .hint(say!("Copy it from the other program; it begins with https://")),
        BadAddress::Open => Error::bad_request(say!("this address is not encrypted"))
            .hint(say!("What is sent there could be read on the way. Only on this computer http:// will do.")),
        BadAddress::HoldsPassword => Error::bad_request(say!("this address holds a user or a password"))
            .hint(say!("Everybody who sees the address would see it. Messages are signed instead.")),
    })
}

fn new_secret(core: &Core) -> Secret {
    let mut bytes = [0; Secret::LENGTH];
    core.store().environment().entropy.fill(&mut bytes);
    Secret::new(bytes)
}

fn seal(core: &Core, id: &str, secrets: &Secrets) -> Result<Sealed, Error> {
    let text = SecretText::new(serde_json::to_string(secrets).unwrap_or_default());
    Ok(core.store().seal_credential(id, &text)?)
}

fn opened(kept: Option<SecretText>) -> Option<Secrets> {
    serde_json::from_str(&kept?.show()).ok()
}

/// With what is signed, or believed, at a moment.
fn secrets(core: &Core, id: &str, now: Millis) -> Result<Vec<Secret>, Error> {
    let Some(kept) = opened(core.store().credential(id)?) else { return Ok(Vec::new()) };
    let before = kept.before.filter(|(_, until)| *until > now).map(|(secret, _)| secret);
    Ok(std::iter::once(kept.secret).chain(before).filter_map(|text| Secret::parse(&text)).collect())
}

/// A new secret under an id. The one before counts a day longer: the one that is there in the write,
/// so that of two who ask at once neither is given what counts for nothing.
fn renew_in(core: &Core, tx: &mut Tx<'_>, id: &str) -> Result<String, Error> {
    let secret = new_secret(core).show();
    let until = Millis(tx.now().0 + ROTATION);
    let before = opened(core.store().credential_in(tx.read(), id)?).map(|kept| (kept.secret, until));
    tx.put_sealed(&seal(core, id, &Secrets { secret: secret.clone(), before })?)?;
    Ok(secret)
}

/// The same in a write of its own.
fn renew(core: &Core, id: &str, who: &Who, subject: &str) -> Result<String, Error> {
    Ok(core.store().write(who.op(OpKind::SyncDecide, subject), |tx| renew_in(core, tx, id))?.0)
}

/// A new secret. For a day messages are signed with both.
pub fn rotate(core: &Core, id: &str, who: &Who) -> Result<String, Error> {
    rotate_seen(core, id, None, who)?.ok_or_else(gone)
}

/// The same, if it is as somebody read it. Nothing when somebody was faster.
pub fn rotate_seen(core: &Core, id: &str, seen: Option<&IsSeen<'_>>, who: &Who) -> Result<Option<String>, Error> {
    changes::within(core, id, seen, who, |tx, known| renew_in(core, tx, &known.kept.id))
}

fn gone() -> Error {
    Error::not_found(say!("the webhook"))
}

/// Changes what is kept of a webhook, as it is by now.
fn keep(core: &Core, id: &str, who: &Who, subject: &str, change: impl FnOnce(&mut Webhook)) -> Result<(), Error> {
    core.store().write(who.op(OpKind::SyncDecide, subject), |tx| keep_in(tx, id, change))?;
    Ok(())
}

/// The same inside a transaction.
fn keep_in(tx: &mut Tx<'_>, id: &str, change: impl FnOnce(&mut Webhook)) -> Result<(), Error> {
    let mut kept = tx.read().webhooks().named(id)?.ok_or_else(gone)?;
    change(&mut kept);
    tx.put_webhook(&kept)?;
    Ok(())
}

/// A message, for a person.
#[derive(Debug, Clone, PartialEq)]
pub struct Entry {
    /// As it is kept.
    pub message: WebhookMessage,
    /// What the contact is called; nothing when it is not there.
    pub contact: Option<String>,
}

/// The latest messages of a webhook, newest first; `dead` only those that were given up.
pub fn log(core: &Core, id: &str, dead: bool, limit: u32) -> Result<Vec<Entry>, Error> {
    let known = find(core, id)?;
    let state = dead.then_some(State::Dead.as_str());
    Ok(core.store().read(|r| {
        let messages = r.webhooks().log(known.kept.row, state, limit)?;
        let entry = |message: WebhookMessage| -> SqlResult<Entry> {
            let row = r.contacts().row_of(&message.subject)?;
            let stored = row.map(|row| r.contacts().get(row)).transpose()?.flatten();
            Ok(Entry { contact: stored.map(|stored| contact::called(&stored.contact)), message })
        };
        messages.into_iter().map(entry).collect()
    })?)
}

/// How many messages of a webhook wait, and how many were given up.
pub fn counts(core: &Core, known: &Known) -> Result<(u32, u32), Error> {
    Ok(core.store().read(|r| counts_in(r, known))?)
}

/// The same inside a transaction.
fn counts_in(reader: Reader<'_>, known: &Known) -> SqlResult<(u32, u32)> {
    let count = |state: State| reader.webhooks().count(known.kept.row, state.as_str());
    Ok((count(State::Waiting)?, count(State::Dead)?))
}

/// A copy of a workspace says nothing that the other one says already: every webhook is off
/// until a person turns it on, and what waited is given up until a person wants it sent.
pub(crate) fn after_restore(core: &Core) -> Result<(), Error> {
    let who = Who { actor: "cardfile".into(), origin: "recovery".into() };
    for known in all(core)? {
        core.store().write(who.op(OpKind::SyncDecide, known.kept.name.as_str()), |tx| {
            tx.put_webhook(&Webhook { state: OFF.to_owned(), ..known.kept.clone() })?;
            tx.bury_webhook_messages(known.kept.row, Millis(i64::MAX))?;
            Ok::<_, Error>(())
        })?;
    }
    core.set_setting(hints::SETTING, &Value::Null, &who)
}

/// What is told, in one sentence.
pub fn sentence(known: &Known) -> Sentence {
    let words: Vec<&str> = known.events.iter().map(|event| event.as_str()).collect();
    let fields = FIELDS.iter().map(|field| field.key).filter(|field| known.is_approved(field));
    telling(&words, &fields.collect::<Vec<_>>())
}

/// The same of events and fields, by their words.
pub(crate) fn telling(events: &[&str], fields: &[&str]) -> Sentence {
    let (events, fields) = (events.join(", "), fields.join(", "));
    match (events.is_empty(), fields.is_empty()) {
        (true, _) => say!("is told of nothing"),
        (false, true) => say!("is told of {events}; gets ids and nothing else", events),
        (false, false) => say!("is told of {events}; gets ids, {fields}", events, fields),
    }
}
