//! Webhooks that are told of an erasure (GDPR, Art. 19): whoever wants to hear when a contact is
//! gone, and whoever ever got something of the person. They are told an id, that it was erased
//! and why, and nothing else. Nobody there can be asked whether it is gone: that they took it
//! is all there is to know.

use super::{KIND, Known, find, payload, secrets};
use crate::{
    core::Core,
    error::{Code as ErrorCode, Error},
};
use cardfile_connectors::{
    Stop,
    webhook::{Post, Sender},
};
use cardfile_domain::{
    Contact,
    erasure::{Attempt, Code},
    suppression::MarkKind,
    webhook::{Event, Heard, State, is_told_of},
};
use cardfile_store::{DeliveryRow, Person, Reader, SqlResult, Tag};
use serde_json::{Map, Value};
use std::collections::BTreeSet;

/// Who is to be told of one card.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Recipient {
    /// `whk_…`
    pub(crate) id: String,
    /// What people call it.
    pub(crate) name: String,
    /// Our id of the card, by which it knows the person.
    pub(crate) contact: String,
    /// It was taken away since it got something: somebody writes a letter.
    pub(crate) is_removed: bool,
}

/// Who is to be told of a person. Of a card that is not here any more those who got something
/// of it and did not take since that it is gone.
pub(crate) fn recipients(reader: Reader<'_>, person: &Person) -> SqlResult<Vec<Recipient>> {
    let known: Vec<Known> = reader.webhooks().all()?.into_iter().map(Known::of).collect();
    let mut all = BTreeSet::new();
    for card in person.all_cards() {
        let here = reader.contacts().get(card)?.map(|stored| stored.contact);
        let is_here = here.is_some();
        let Some(card_of) = here.map_or_else(|| reader.subjects().last_of(card), |here| Ok(Some(here)))? else {
            continue;
        };
        let contact = card_of.id.to_string();
        for got in reader.disclosures().of(card)?.into_iter().filter(|got| got.kind == KIND) {
            let one = known.iter().find(|one| one.kept.id == got.recipient);
            let knows = one.filter(|_| !is_here).map(|one| knows_it_is_gone(reader, one, &contact)).transpose()?;
            if knows != Some(true) {
                let is_removed = one.is_none();
                all.insert(Recipient { id: got.recipient, name: got.name, contact: contact.clone(), is_removed });
            }
        }
        // Of visitors and made-up people nobody is told anything; who is in the bin was told of.
        let is_seen = is_here && is_told_of(&Contact { binned_at: None, ..card_of });
        let hears = known.iter().filter(|one| is_seen && one.is_on() && one.events.contains(&Event::Deleted));
        for one in hears {
            let (id, name) = (one.kept.id.clone(), one.kept.name.clone());
            if !all.iter().any(|told| told.id == id && told.contact == contact) {
                all.insert(Recipient { id, name, contact: contact.clone(), is_removed: false });
            }
        }
    }
    Ok(all.into_iter().collect())
}

/// Whether the last that a webhook took of a card is that it is gone.
fn knows_it_is_gone(reader: Reader<'_>, webhook: &Known, contact: &str) -> SqlResult<bool> {
    let last = reader.webhooks().last_about(webhook.kept.row, contact)?;
    Ok(last.is_some_and(|last| {
        let is_deleted = last.event == Event::Deleted.as_str() && last.subject == contact;
        let is_joined = last.event == Event::Merged.as_str() && last.other.as_deref() == Some(contact);
        last.state == State::Done.as_str() && (is_deleted || is_joined)
    }))
}

/// Webhooks that an earlier erasure of these cards tells. A backup brought the cards back, and
/// nobody was told of that, so that nobody is told of their going twice.
pub(crate) fn told_before(reader: Reader<'_>, core: &Core, person: &Person) -> SqlResult<BTreeSet<String>> {
    let suppressor = core.store().suppressor();
    let tags: Vec<Tag> = person.ids.iter().map(|id| suppressor.tag(MarkKind::OwnId, id)).collect();
    let mut told = BTreeSet::new();
    for one in reader.suppressions().all()?.into_iter().filter(|one| tags.contains(&one.tag)) {
        let deliveries = reader.erasures().deliveries(&one.erasure)?;
        told.extend(deliveries.into_iter().filter(|row| row.kind == KIND).map(|row| row.recipient));
    }
    Ok(told)
}

/// Names of those who are to be told, for a preview.
pub(crate) fn names(reader: Reader<'_>, person: &Person) -> SqlResult<BTreeSet<String>> {
    Ok(recipients(reader, person)?.into_iter().map(|one| one.name).collect())
}

/// One attempt to tell a webhook that the contact it knows by this id was erased.
pub(crate) fn attempt(core: &Core, row: &DeliveryRow, contact: Option<&str>) -> Result<Attempt, Error> {
    let known = match find(core, &row.recipient) {
        Ok(known) => known,
        Err(error) if error.code == ErrorCode::NotFound => return Ok(Attempt::Lost),
        Err(error) => return Err(error),
    };
    let Some(contact) = contact else { return Ok(Attempt::Lost) };
    if known.kept.state == super::GONE {
        return Ok(Attempt::Lost);
    }
    // Who turned it off wants nothing to be sent there.
    if !known.is_on() {
        return Ok(Attempt::Failed(Code::Off));
    }
    let reason = core.store().read(|r| r.erasures().get(&row.erasure))?.map(|erasure| erasure.reason);
    let now = core.store().environment().clock.now();
    let data = [
        ("id", contact.to_owned()),
        ("erasure_id", row.erasure.clone()),
        ("requested_at", row.at.to_rfc3339()),
        ("basis", reason.unwrap_or_default()),
    ];
    let data: Map<String, Value> = data.into_iter().map(|(key, text)| (key.to_owned(), text.into())).collect();
    let post = Post {
        url: known.kept.url.clone(),
        // The same in every attempt.
        id: row.id.replacen("dlv_", "msg_", 1),
        at: now,
        body: payload::body(Event::Deleted.as_str(), data),
        secrets: secrets(core, &known.kept.id, now)?,
    };
    let Ok(sender) = Sender::new(Stop::default()) else { return Ok(Attempt::Failed(Code::Unreachable)) };
    Ok(match sender.send(&post).heard {
        Heard::Taken => Attempt::Taken,
        Heard::Gone => Attempt::Lost,
        Heard::Later(_) => Attempt::Failed(Code::Busy),
        Heard::Refused => Attempt::Failed(Code::Refused),
        Heard::Lost => Attempt::Failed(Code::Unreachable),
    })
}
