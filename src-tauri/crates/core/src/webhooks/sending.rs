//! Messages are sent one after the other: each is taken, built and kept as being tried in one
//! transaction, sent, and settled in another. A crash in between sends it again, under the same
//! id. What was not taken waits, and with it what comes after it about the same contact.

use super::{
    KIND, Known, all, find, keep,
    payload::{self, Built},
    secrets,
};
use crate::{
    core::{Core, Who},
    error::{Code, Error},
    progress::Progress,
    sync::watch::Watch,
};
use cardfile_connectors::{
    Stop,
    webhook::{Post, Sender, Told},
};
use cardfile_domain::{
    Millis, say,
    webhook::{Event, Heard, PATIENCE_DAYS, PING, Standing, State, is_over, pause},
};
use cardfile_store::{OpKind, OpState, Remote, Tx, Webhook, WebhookMessage};
use serde_json::{Map, Value};

/// Messages that are looked for at once.
const AT_ONCE: u32 = 100;
/// So long nobody else takes a message that is under way: longer than one attempt may last.
const UNDER_WAY: i64 = 120_000;
/// Between two looks whether a contact is still restricted; lifting does not wait for it.
const HELD: i64 = Millis::DAY;
/// Days for which what was taken stays in the log.
const LOG_DAYS: i64 = 30;
/// Messages of each webhook that were taken and stay in the log.
const LOG_MOST: u32 = 1_000;
/// What every message says of a contact.
const ID: &str = "id";
/// Held by whoever sends.
const LOCK: &str = "webhooks";

/// Sends one message.
pub type Sends<'s> = dyn FnMut(&Post) -> Told + 's;

/// Sends everything that is due. Gives how many attempts that were. `progress` stops it.
pub fn deliver(core: &Core, progress: &dyn Progress) -> Result<u32, Error> {
    let now = core.store().environment().clock.now();
    let (any_due, any_void) = core.store().read(|r| Ok((r.webhooks().any_due(now)?, r.webhooks().any_void()?)))?;
    if !any_due && !any_void {
        return Ok(0);
    }
    let watch = Watch::default();
    let sender = Sender::new(watch.stop.clone()).map_err(no_network)?;
    watch.over(progress, || deliver_with(core, &mut |post| sender.send(post), progress))
}

fn no_network(why: String) -> Error {
    Error::new(Code::Internal, say!("nothing can be sent from this computer: {why}", why))
}

/// The same over a way that somebody else gives.
pub fn deliver_with(core: &Core, send: &mut Sends<'_>, progress: &dyn Progress) -> Result<u32, Error> {
    let Some(_lock) = core.store().lock_remote(LOCK)? else { return Ok(0) };
    if core.store().read(|r| r.webhooks().any_void())? {
        core.store().write(own().op(OpKind::SyncDecide, ""), |tx| Ok::<_, Error>(tx.void_webhook_messages()?))?;
    }
    // What is to be tried again is not due before the next time.
    let until = core.store().environment().clock.now();
    let mut made = 0;
    for known in all(core)?.into_iter().filter(Known::is_on) {
        let told = tell(core, &known, until, send, progress)?;
        if told > 0 {
            core.store().write(own().op(OpKind::SyncDecide, ""), |tx| {
                let before = Millis(tx.now().0 - LOG_DAYS * Millis::DAY);
                Ok::<_, Error>(tx.thin_webhook_messages(known.kept.row, before, LOG_MOST)?)
            })?;
        }
        made += told;
    }
    Ok(made)
}

fn own() -> Who {
    Who { actor: "cardfile".into(), origin: "sync".into() }
}

/// Sends what one webhook is to be told, until nothing is due or it does not answer.
fn tell(
    core: &Core,
    known: &Known,
    until: Millis,
    send: &mut Sends<'_>,
    progress: &dyn Progress,
) -> Result<u32, Error> {
    let mut made = 0;
    if known.kept.next_at.is_some_and(|at| at > until) {
        return Ok(0);
    }
    loop {
        let due = core.store().read(|r| r.webhooks().due(known.kept.row, until, AT_ONCE))?;
        let mut is_moving = false;
        for number in due {
            if !progress.at(made.into(), 0) {
                return Ok(made);
            }
            let taken = match take(core, known, number, until)? {
                Taken::Message(taken) => taken,
                Taken::Nothing { moved } => {
                    is_moving |= moved;
                    continue;
                }
            };
            is_moving = true;
            let told = send(&taken.post);
            made += 1;
            // Whoever stopped it did not wait for the answer: it is tried again.
            if told.heard == Heard::Lost && !progress.at(made.into(), 0) {
                return Ok(made);
            }
            if !settle(core, known, &taken, told)? {
                return Ok(made);
            }
        }
        if !is_moving {
            return Ok(made);
        }
    }
}

/// A message that is about to be sent.
struct UnderWay {
    number: i64,
    post: Post,
}

enum Taken {
    Message(Box<UnderWay>),
    /// It is somebody else's by now, or `moved` when it had nothing to say.
    Nothing {
        moved: bool,
    },
}

/// Takes a message, if it may still be sent, and keeps that its contact's fields leave.
fn take(core: &Core, known: &Known, number: i64, until: Millis) -> Result<Taken, Error> {
    let now = core.store().environment().clock.now();
    let secrets = secrets(core, &known.kept.id, now)?;
    let (taken, _) = core.store().write(own().op(OpKind::SyncDecide, ""), |tx| {
        let webhook = tx.read().webhooks().named(&known.kept.id)?.map(Known::of);
        let message = tx.read().webhooks().message(number)?;
        let is_due = |one: &WebhookMessage| {
            one.webhook == known.kept.row
                && one.state == State::Waiting.as_str()
                && one.next_at.is_some_and(|at| at <= until)
        };
        let (Some(known), Some(mut message)) = (webhook.filter(Known::is_on), message.filter(is_due)) else {
            return Ok(Taken::Nothing { moved: false });
        };
        join_behind(tx, &mut message)?;
        let said = match payload::build(tx.read(), &known, &message)? {
            Built::Said(said) => said,
            Built::Nothing => {
                tx.delete_webhook_message(number)?;
                return Ok(Taken::Nothing { moved: true });
            }
            Built::Held => {
                message.next_at = Some(Millis(now.0 + HELD));
                tx.put_webhook_message(&message)?;
                return Ok(Taken::Nothing { moved: false });
            }
        };
        if let Some(contact) = said.contact {
            let mut got = said.fields;
            // Whoever knows nothing but the id has something of the person.
            got.insert(ID.to_owned());
            tx.disclose(contact, &recipient(&known), &got)?;
        }
        message.tried_at = message.tried_at.or(Some(now));
        message.next_at = Some(Millis(now.0 + UNDER_WAY));
        tx.put_webhook_message(&message)?;
        let post = Post { url: known.kept.url, id: message.id, at: now, body: said.body, secrets };
        Ok::<_, Error>(Taken::Message(Box::new(UnderWay { number, post })))
    })?;
    Ok(taken)
}

/// Edits that wait right behind a message that was never tried say nothing that it does not
/// say as well: it is built from the contact as it is now.
fn join_behind(tx: &mut Tx<'_>, message: &mut WebhookMessage) -> Result<(), Error> {
    let updated = Event::Updated.as_str();
    let whole = [Event::Created.as_str(), Event::Restored.as_str(), updated];
    // Whoever has got it once, and answered in vain, would pass the rest over.
    if message.tried_at.is_some() || !whole.contains(&message.event.as_str()) {
        return Ok(());
    }
    for other in tx.read().webhooks().behind(message)? {
        let operation = other.op.map(|op| tx.read().operations().get(op)).transpose()?.flatten();
        let is_written = operation.is_none_or(|operation| operation.state == OpState::Done);
        if other.event != updated || !is_written {
            return Ok(());
        }
        tx.delete_webhook_message(other.message)?;
        if message.event == updated {
            message.fields.extend(other.fields);
            message.fields.sort();
            message.fields.dedup();
        }
    }
    Ok(())
}

/// A webhook among those who got data.
pub(super) fn recipient(known: &Known) -> Remote {
    Remote { id: known.kept.id.clone(), name: known.kept.name.clone(), kind: KIND.to_owned(), ..Remote::default() }
}

/// Keeps what came of an attempt. `false` when the webhook is told nothing more for now.
fn settle(core: &Core, known: &Known, sent: &UnderWay, told: Told) -> Result<bool, Error> {
    let mut jitter = [0];
    core.store().environment().entropy.fill(&mut jitter);
    let jitter = jitter[0];
    core.store().write(own().op(OpKind::SyncDecide, ""), |tx| {
        let now = tx.now();
        let Some(webhook) = tx.read().webhooks().named(&known.kept.id)? else { return Ok(()) };
        let message = tx.read().webhooks().message(sent.number)?;
        // The person may have been erased meanwhile.
        if let Some(message) = message.filter(|message| message.id == sent.post.id) {
            tx.put_webhook_message(&after(message, told, now, jitter))?;
        }
        let had_failed = webhook.failures > 0;
        let webhook = heard(webhook, told, now, jitter);
        tx.put_webhook(&webhook)?;
        if had_failed && told.heard == Heard::Taken {
            tx.hurry_webhook_messages(webhook.row)?;
        }
        if webhook.failing_since.is_some_and(|since| is_over(since, now)) {
            tx.bury_webhook_messages(webhook.row, Millis(now.0 - PATIENCE_DAYS * Millis::DAY))?;
        }
        Ok::<_, Error>(())
    })?;
    Ok(!told.heard.is_of_all())
}

fn after(message: WebhookMessage, told: Told, now: Millis, jitter: u8) -> WebhookMessage {
    let before = Standing {
        state: State::parse(&message.state).unwrap_or(State::Waiting),
        attempts: message.attempts,
        tried_at: message.tried_at,
        next_at: message.next_at,
    };
    let Standing { state, attempts, tried_at, next_at } = before.after(told.heard, now, jitter);
    let ended_at = (state != State::Waiting).then_some(now);
    let state = state.as_str().to_owned();
    WebhookMessage { state, attempts, tried_at, next_at, ended_at, status: told.status, ..message }
}

/// What an answer says of all that is told there.
fn heard(webhook: Webhook, told: Told, now: Millis, jitter: u8) -> Webhook {
    let webhook = Webhook { status: told.status, ..webhook };
    let answers = Webhook { failures: 0, failing_since: None, next_at: None, ..webhook.clone() };
    let asked = match told.heard {
        Heard::Taken => return Webhook { heard_at: Some(now), ..answers },
        Heard::Refused => return answers,
        Heard::Gone => return Webhook { state: super::GONE.to_owned(), ..answers },
        Heard::Later(asked) => asked,
        Heard::Lost => None,
    };
    Webhook {
        failures: webhook.failures.saturating_add(1),
        failing_since: webhook.failing_since.or(Some(now)),
        next_at: Some(Millis(now.0 + pause(webhook.failures, asked, jitter))),
        ..webhook
    }
}

/// Sends a test, now and whether it is on or off: it is about nobody. Gives the status of the
/// answer.
pub fn ping(core: &Core, id: &str, who: &Who) -> Result<u16, Error> {
    let known = find(core, id)?;
    let now = core.store().environment().clock.now();
    let data = [("id", Value::from(known.kept.id.as_str())), ("sent_at", Value::from(now.to_rfc3339()))];
    let data: Map<String, Value> = data.into_iter().map(|(key, value)| (key.to_owned(), value)).collect();
    let post = Post {
        url: known.kept.url.clone(),
        id: core.store().new_id("msg_"),
        at: now,
        body: payload::body(PING, data),
        secrets: secrets(core, &known.kept.id, now)?,
    };
    let told = Sender::new(Stop::default()).map_err(no_network)?.send(&post);
    let name = known.kept.name.as_str();
    match (told.heard, told.status) {
        (Heard::Taken, Some(status)) => {
            keep(core, &known.kept.id, who, name, |kept| {
                (kept.failures, kept.failing_since, kept.next_at) = (0, None, None);
                (kept.heard_at, kept.status) = (Some(now), Some(status));
            })?;
            Ok(status)
        }
        (_, Some(status)) => Err(Error::new(
            Code::Refused,
            say!("{name} answers with the status {status}", name, status = u64::from(status)),
        )
        .hint(say!("Check the address there. Only an answer between 200 and 299 means that it was taken."))),
        (_, None) => Err(Error::new(Code::Unreachable, say!("{name} does not answer", name))
            .hint(say!("Check the address and the network."))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rstest::rstest;

    const NOW: Millis = Millis(100 * Millis::DAY);

    fn failing(failures: u32) -> Webhook {
        Webhook {
            state: super::super::ON.to_owned(),
            failures,
            failing_since: (failures > 0).then_some(Millis(NOW.0 - Millis::DAY)),
            next_at: (failures > 0).then_some(NOW),
            ..Webhook::default()
        }
    }

    #[rstest]
    #[case::taken(Heard::Taken, Some(200), 0, None, "on")]
    #[case::one_is_refused(Heard::Refused, Some(422), 0, None, "on")]
    #[case::no_answer(Heard::Lost, None, 3, Some(1_800_000), "on")]
    #[case::busy(Heard::Later(Some(3_600_000)), Some(429), 3, Some(3_600_000), "on")]
    #[case::gone(Heard::Gone, Some(410), 0, None, "gone")]
    fn an_answer_is_about_all_that_is_told_there(
        #[case] said: Heard,
        #[case] status: Option<u16>,
        #[case] failures: u32,
        #[case] waits: Option<i64>,
        #[case] state: &str,
    ) {
        let after = heard(failing(2), Told { heard: said, status }, NOW, 0);
        assert_eq!((after.failures, after.next_at.map(|at| at.0 - NOW.0)), (failures, waits));
        assert_eq!((after.state.as_str(), after.status), (state, status));
        assert_eq!(after.heard_at, (said == Heard::Taken).then_some(NOW));
    }
}
