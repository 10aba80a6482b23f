//! Telling the recipients of an erased person's data: who they are, what they know the person
//! by, and what came of each attempt. A deletion is believed when the record was looked for
//! and is not there, and once more a day later. One that became part of another needs a letter.

use super::receipt;
use crate::{
    core::{Core, Who},
    error::{Code as ErrorCode, Error},
    sync::{
        erased::{RecordAt, records_of},
        remotes::{self, Known},
    },
    webhooks::{self, erased::Recipient},
};
use cardfile_connectors::Stop;
use cardfile_domain::{
    Link, Millis,
    erasure::{Attempt, Code, DeliveryState, Standing, State, state_of},
    say,
};
use cardfile_store::{ContactRow, DeliveryRow, Fate, OpKind, Person, Reader, SqlResult, Tx};
use cardfile_sync::{
    pair::Key,
    remote::{Remote, Row, Write, WriteKind},
    run::{Failure, Outcome},
};
use serde::{Deserialize, Serialize};
use serde_json::json;
use std::collections::{BTreeMap, BTreeSet};

/// What a recipient knows the person by. Kept sealed, and only as long as it is needed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reference {
    /// How a connection calls the record.
    pub key: Option<String>,
    /// The external ID.
    pub external_id: Option<String>,
}

/// External IDs that are of no system that could be told.
const NO_SYSTEM: [&str; 4] = [Link::SESSION, crate::sample::CONNECTOR, "vcard", "external"];

/// Queues what every recipient of a person is to be told; in the transaction that erases
/// them, so that a crash cannot come between the two. `is_replay`: they were erased before.
pub(crate) fn queue(
    tx: &mut Tx<'_>,
    core: &Core,
    person: &Person,
    erasure: &str,
    is_replay: bool,
) -> Result<(), Error> {
    let now = tx.now();
    let mut connected = BTreeSet::new();
    for card in person.all_cards() {
        for RecordAt { remote, key, external_id } in records_of(tx.read(), card)? {
            let Some(remote) = tx.read().remotes().get(remote)? else { continue };
            connected.insert((remote.kind.clone(), remote.name.clone()));
            let known_by = Reference { key, external_id };
            let row =
                DeliveryRow { recipient: remote.id, kind: remote.kind, name: remote.name, ..DeliveryRow::default() };
            put(tx, core, erasure, row, Standing::queued(now), &known_by)?;
        }
    }
    let told = if is_replay { webhooks::erased::told_before(tx.read(), core, person)? } else { BTreeSet::new() };
    let hooks = webhooks::erased::recipients(tx.read(), person)?;
    for Recipient { id, name, contact, is_removed } in hooks.into_iter().filter(|one| !told.contains(&one.id)) {
        let known_by = Reference { key: Some(contact), external_id: None };
        let row = DeliveryRow { recipient: id, kind: webhooks::KIND.to_owned(), name, ..DeliveryRow::default() };
        let standing = if is_removed { Standing::manual(now, Code::Removed) } else { Standing::queued(now) };
        put(tx, core, erasure, row, standing, &known_by)?;
    }
    let mut met = BTreeSet::new();
    for card in person.all_cards() {
        for Link { connector, scope, external_id } in links_of(tx.read(), card, person)? {
            let is_told = connected.contains(&(connector.clone(), scope.clone()));
            if is_told || NO_SYSTEM.contains(&connector.as_str()) {
                continue;
            }
            let name = if scope.is_empty() { connector.clone() } else { format!("{connector} ({scope})") };
            if met.insert((name.clone(), external_id.clone())) {
                let known_by = Reference { key: None, external_id: Some(external_id) };
                let row = DeliveryRow { kind: connector, name, ..DeliveryRow::default() };
                put(tx, core, erasure, row, Standing::manual(now, Code::NotConnected), &known_by)?;
            }
        }
    }
    Ok(())
}

/// The external IDs of a card; of one that is gone those that nobody else has got since.
fn links_of(reader: Reader<'_>, card: ContactRow, person: &Person) -> SqlResult<Vec<Link>> {
    if let Some(stored) = reader.contacts().get(card)? {
        return Ok(stored.contact.links);
    }
    let mut links = reader.subjects().last_of(card)?.map(|contact| contact.links).unwrap_or_default();
    let mut owners = Vec::with_capacity(links.len());
    for link in &links {
        owners.push(reader.links().contact_of(link)?);
    }
    let mut owners = owners.into_iter();
    links.retain(|_| owners.next().flatten().is_none_or(|owner| person.cards.contains(&owner)));
    Ok(links)
}

fn put(
    tx: &mut Tx<'_>,
    core: &Core,
    erasure: &str,
    row: DeliveryRow,
    standing: Standing,
    known_by: &Reference,
) -> Result<(), Error> {
    let id = tx.new_id("dlv_");
    let text = serde_json::to_string(known_by).unwrap_or_default();
    let reference = Some(core.store().seal_reference(&id, &text)?);
    let row = DeliveryRow { id, erasure: erasure.to_owned(), reference, ..row };
    Ok(tx.put_delivery(&with(row, standing))?)
}

pub(crate) fn standing(row: &DeliveryRow) -> Standing {
    Standing {
        state: DeliveryState::parse(&row.state).unwrap_or(DeliveryState::Manual),
        code: Code::parse(&row.code).unwrap_or_default(),
        came_back: row.came_back,
        attempts: row.attempts,
        next_at: row.next_at,
        since: row.at,
        acked_at: row.acked_at,
    }
}

fn with(row: DeliveryRow, standing: Standing) -> DeliveryRow {
    DeliveryRow {
        state: standing.state.as_str().to_owned(),
        code: standing.code.as_str().to_owned(),
        came_back: standing.came_back,
        attempts: standing.attempts,
        next_at: standing.next_at,
        at: standing.since,
        acked_at: standing.acked_at,
        ..row
    }
}

/// Opens a connection, for the length of one attempt.
pub type Opens<'o> = dyn FnMut(&Core, &Known) -> Result<Box<dyn Remote>, Error> + 'o;

/// After so long the rest is for the next look: whoever waits for this has other work.
const BUDGET_MS: i64 = 60_000;

/// Makes every attempt that is due, as far as there is time. Gives how many.
pub fn deliver(core: &Core) -> Result<u32, Error> {
    deliver_with(core, &mut |core, known| remotes::open(core, known, &Stop::default()))
}

/// Only one program at a time tells recipients: two who look at the same moment would tell one
/// of them twice.
const LOCK: &str = "erasures";

/// The same with connections that somebody else opens.
pub fn deliver_with(core: &Core, open: &mut Opens<'_>) -> Result<u32, Error> {
    let Some(_lock) = core.store().lock_remote(LOCK)? else { return Ok(0) };
    let now = core.store().environment().clock.now();
    let due = core.store().read(|r| r.erasures().due(now))?;
    let (mut made, mut down) = (0, BTreeMap::<String, Code>::new());
    for row in due {
        if made > 0 && core.store().environment().clock.now().0 - now.0 >= BUDGET_MS {
            break;
        }
        let (attempt, key) = match (down.get(&row.recipient), known_by(core, &row)) {
            // One that cannot be read must not keep the others from being made.
            (_, Err(error)) if error.code == ErrorCode::Damaged => (Attempt::Unreadable, None),
            (_, Err(error)) => return Err(error),
            // Who did not answer a moment ago is not waited for again.
            (Some(code), Ok(_)) => (Attempt::Failed(*code), None),
            (None, Ok(known_by)) => attempt(core, &row, &known_by, open)?,
        };
        if let Attempt::Failed(code) = attempt
            && code.is_of_recipient()
        {
            down.insert(row.recipient.clone(), code);
        }
        keep(core, &row, attempt, key.as_deref())?;
        made += 1;
    }
    Ok(made)
}

/// What a recipient knows the person by; nothing once that is not needed any more.
pub fn known_by(core: &Core, row: &DeliveryRow) -> Result<Reference, Error> {
    let unknown = Reference { key: None, external_id: None };
    let Some(sealed) = &row.reference else { return Ok(unknown) };
    let text = core.store().open_reference(&row.id, sealed)?;
    Ok(serde_json::from_str(&text).unwrap_or(unknown))
}

/// One attempt, and by what the record is called there.
fn attempt(
    core: &Core,
    row: &DeliveryRow,
    known_by: &Reference,
    open: &mut Opens<'_>,
) -> Result<(Attempt, Option<String>), Error> {
    if row.kind == webhooks::KIND {
        return Ok((webhooks::erased::attempt(core, row, known_by.key.as_deref())?, None));
    }
    let failed = |code| Ok((Attempt::Failed(code), None));
    let known = match remotes::find(core, &row.recipient) {
        Ok(known) => known,
        Err(error) if error.code == ErrorCode::NotFound => return Ok((Attempt::Lost, None)),
        Err(error) => return Err(error),
    };
    // Who turned it off wants nothing to be written there.
    if known.settings.enabled_at.is_none() {
        return failed(Code::Off);
    }
    let Some(_lock) = core.store().lock_remote(&known.kept.id)? else { return failed(Code::Busy) };
    let mut remote = match open(core, &known) {
        Ok(remote) => remote,
        Err(error) => return failed(code_of(error.code)),
    };
    match remote.identity() {
        Err(failure) => return failed(code_of_failure(&failure)),
        Ok(identity) if known.kept.identity.as_ref().is_some_and(|kept| *kept != identity) => {
            return failed(Code::OtherStore);
        }
        Ok(_) => {}
    }
    let key = match (&known_by.key, &known_by.external_id) {
        (Some(key), _) => key.clone(),
        (None, None) => return Ok((Attempt::Lost, None)),
        // Perhaps it was made, and nobody heard the answer.
        (None, Some(external_id)) => match remote.find(std::slice::from_ref(external_id)) {
            Err(failure) => return failed(code_of_failure(&failure)),
            Ok(found) => match found.into_iter().next().flatten() {
                Some(key) => key,
                None if remote.find_proves() => return Ok((Attempt::Gone, None)),
                None => return failed(Code::Unreachable),
            },
        },
    };
    if standing(row).state == DeliveryState::Queued {
        let kind = WriteKind::Delete { key: key.clone(), expect: None };
        let answers = remote.write(vec![Write { op: 0, stamp: 0, kind }]);
        if let Some(failure) = &answers.failure {
            return failed(code_of_failure(failure));
        }
        if answers.answers.iter().any(|answer| matches!(answer.outcome, Outcome::Rejected(_))) {
            return failed(Code::Refused);
        }
    }
    // Whatever it answered: what is not there is gone.
    let found = look(core, row, &mut *remote, &key, known_by)?;
    Ok((found, Some(key)))
}

/// What a recipient has at a key.
fn look(
    core: &Core,
    row: &DeliveryRow,
    remote: &mut dyn Remote,
    key: &Key,
    known_by: &Reference,
) -> Result<Attempt, Error> {
    let rows = match remote.read(std::slice::from_ref(key)) {
        Err(failure) => return Ok(Attempt::Failed(code_of_failure(&failure))),
        Ok(rows) => rows,
    };
    Ok(match rows.first() {
        None => Attempt::Failed(Code::Unreachable),
        Some(Row::Gone(_)) => Attempt::Gone,
        Some(found) if is_another(found, key, known_by) && !is_theirs_too(core, row, found.key())? => Attempt::Joined,
        Some(Row::Live(_) | Row::Same(_) | Row::Unreadable { .. }) => Attempt::StillThere,
    })
}

/// Whether it is not the record that was asked for, but the one that this became part of. One
/// of which no key was known was found by its ID, and says it.
fn is_another(found: &Row, key: &Key, known_by: &Reference) -> bool {
    let says_another = |external_id: &String| known_by.external_id.as_ref().is_some_and(|known| known != external_id);
    let is_of_another = match found {
        Row::Live(record) if known_by.key.is_none() => record.external_id.as_ref().is_some_and(says_another),
        Row::Live(_) | Row::Same(_) | Row::Gone(_) | Row::Unreadable { .. } => false,
    };
    found.key() != key || is_of_another
}

/// Whether the same person is told of by this key as well: then that record goes by itself.
fn is_theirs_too(core: &Core, row: &DeliveryRow, key: &Key) -> Result<bool, Error> {
    let all = core.store().read(|r| r.erasures().deliveries(&row.erasure))?;
    let mut others = all.iter().filter(|other| other.id != row.id && other.recipient == row.recipient);
    Ok(others.any(|other| known_by(core, other).is_ok_and(|known| known.key.as_ref() == Some(key))))
}

/// Keeps what came of an attempt, and where the erasure stands with it.
fn keep(core: &Core, row: &DeliveryRow, attempt: Attempt, key: Option<&str>) -> Result<(), Error> {
    let mut jitter = [0];
    core.store().environment().entropy.fill(&mut jitter);
    let who = Who { actor: "cardfile".into(), origin: "sync".into() };
    core.store().write(who.op(OpKind::Erase, ""), |tx| {
        let Some(now) = tx.read().erasures().delivery(&row.id)? else { return Ok(()) };
        let before = standing(&now);
        let after = before.after(attempt, tx.now(), jitter[0]);
        let mut row = with(now, after);
        if after.state == DeliveryState::Confirmed {
            row.reference = None;
        }
        tx.put_delivery(&row)?;
        if attempt == Attempt::Gone {
            forget_pair(tx, &row.recipient, key)?;
        }
        settle(tx, &row.erasure)
    })?;
    Ok(())
}

/// What the sync knew of the record is not needed any more.
fn forget_pair(tx: &mut Tx<'_>, remote: &str, key: Option<&str>) -> Result<(), Error> {
    let Some(remote) = tx.read().remotes().named(remote)? else { return Ok(()) };
    let Some(key) = key else { return Ok(()) };
    let pair = tx.read().pairs().of_key(remote.row, key)?;
    if let Some(pair) = pair.filter(|pair| matches!(pair.fate, Fate::Erased | Fate::ErasedThere)) {
        tx.delete_pair(&pair, true)?;
    }
    Ok(())
}

/// Works out where an erasure stands, and whether it ended.
pub(crate) fn settle(tx: &mut Tx<'_>, erasure: &str) -> Result<(), Error> {
    let Some(mut row) = tx.read().erasures().get(erasure)? else { return Ok(()) };
    let deliveries = tx.read().erasures().deliveries(erasure)?;
    let standings: Vec<Standing> = deliveries.iter().map(standing).collect();
    let has_exceptions = receipt::Facts::read(&row).has_exceptions() || receipt::reaches_a_team(&deliveries);
    let state = state_of(row.rest.is_null(), has_exceptions, &standings);
    let is_done = matches!(state, State::Done | State::DoneWithExceptions);
    if is_done && row.ended_at.is_none() {
        tx.audit("erasure_ended", Some(erasure), &json!({ "state": state.as_str() }))?;
    }
    row.state = state.as_str().to_owned();
    row.ended_at = if is_done { row.ended_at.or(Some(tx.now())) } else { None };
    Ok(tx.put_erasure(&row)?)
}

/// A person wrote a letter, or told the recipient in another way.
pub fn told(core: &Core, delivery: &str, who: &Who) -> Result<(), Error> {
    core.store().write(who.op(OpKind::Erase, ""), |tx| {
        let row = tx.read().erasures().delivery(delivery)?;
        let row = row.ok_or_else(|| Error::not_found(say!("the recipient")))?;
        let before = standing(&row);
        if before.state != DeliveryState::Manual {
            return Err(Error::bad_request(say!("this recipient is told by the program")));
        }
        let after = Standing { state: DeliveryState::Told, acked_at: Some(tx.now()), next_at: None, ..before };
        let row = DeliveryRow { reference: None, ..with(row, after) };
        tx.put_delivery(&row)?;
        settle(tx, &row.erasure)
    })?;
    Ok(())
}

/// Every attempt of an erasure that waits is made at the next look.
pub(crate) fn hurry(core: &Core, erasure: &str, who: &Who) -> Result<(), Error> {
    core.store().write(who.op(OpKind::Erase, ""), |tx| {
        let now: Millis = tx.now();
        for row in tx.read().erasures().deliveries(erasure)? {
            if standing(&row).state == DeliveryState::Queued {
                tx.put_delivery(&DeliveryRow { next_at: Some(now), ..row })?;
            }
        }
        Ok::<_, Error>(())
    })?;
    Ok(())
}

fn code_of(code: ErrorCode) -> Code {
    match code {
        ErrorCode::SignIn => Code::SignIn,
        ErrorCode::Refused => Code::Refused,
        _ => Code::Unreachable,
    }
}

fn code_of_failure(failure: &Failure) -> Code {
    match failure {
        Failure::Busy { .. } => Code::Busy,
        Failure::Unreachable(_) => Code::Unreachable,
        Failure::SignInNeeded => Code::SignIn,
        Failure::Refused(_) => Code::Refused,
    }
}
