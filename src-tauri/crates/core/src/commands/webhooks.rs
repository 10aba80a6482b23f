//! Webhooks, hints and the drop folder.

use super::answer::{Changed, Nothing};
use crate::{
    drop_folder::{self, DropFolder},
    error::Error,
    jobs::Job,
    said::Said,
    session::Session,
    sync::remotes,
    webhooks::{self, Entry, Known, hints, recipes},
};
use cardfile_domain::{
    import::{Counts, Policy},
    webhook::{Event, FIELDS},
};
use cardfile_sync::mapping::{Direction, Rule};
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;
use ts_rs::TS;

/// The webhooks, and what one can be told.
#[derive(Debug, Serialize, TS)]
pub(super) struct WebhooksView {
    /// In the order of their names.
    pub webhooks: Vec<WebhookView>,
    /// Words of the events that one can be told of.
    pub events: Vec<&'static str>,
    /// How other programs are set up.
    pub recipes: Vec<WebhookRecipe>,
}

/// A webhook.
#[derive(Debug, Serialize, TS)]
#[serde(rename_all = "camelCase")]
pub(super) struct WebhookView {
    /// `whk_…`
    pub id: String,
    /// What people call it.
    pub name: String,
    /// Where it is.
    pub url: String,
    /// `on`, `off`, `gone`, or `failing` when the last attempts did not get through.
    pub state: &'static str,
    /// Words of the events it is told of.
    pub events: Vec<String>,
    /// What may be in it.
    pub fields: Vec<WebhookField>,
    /// Messages that wait.
    pub waiting: u32,
    /// Messages that were given up.
    pub dead: u32,
    /// When something was last taken (RFC 3339).
    pub heard_at: Option<String>,
    /// Since when nothing gets through (RFC 3339).
    pub failing_since: Option<String>,
    /// When it is tried next, if it does not answer (RFC 3339).
    pub next_at: Option<String>,
    /// Status of the last answer; null when none came.
    pub status: Option<u16>,
}

/// A field of what is told.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
pub(super) struct WebhookField {
    /// Its name.
    pub field: String,
    /// It may leave.
    pub approved: bool,
    /// The purpose to which a contact must have consented before it leaves; empty for none.
    pub purpose: String,
}

/// How another program is set up.
#[derive(Debug, Serialize, TS)]
pub(super) struct WebhookRecipe {
    /// Its name.
    pub name: &'static str,
    /// What a person does, in order.
    pub steps: Vec<Said>,
    /// Fields there, and the parts of a message that they take.
    pub fields: Vec<(&'static str, &'static str)>,
}

/// A new webhook.
#[derive(Debug, Deserialize, TS)]
pub(super) struct AddWebhook {
    /// What people will call it.
    pub name: String,
    /// Where it is.
    pub url: String,
}

/// A secret that is shown once.
#[derive(Serialize, TS)]
pub(super) struct WebhookSecret {
    /// `whk_…`, or `rem_…` for hints.
    pub id: String,
    /// Where messages go.
    pub url: String,
    /// `whsec_…`
    pub secret: String,
}

/// A webhook.
#[derive(Debug, Deserialize, TS)]
pub(super) struct WebhookRef {
    /// `whk_…`
    pub id: String,
}

/// What a webhook is told from now on.
#[derive(Debug, Deserialize, TS)]
pub(super) struct SetWebhook {
    /// `whk_…`
    pub id: String,
    /// What people call it.
    pub name: String,
    /// Where it is.
    pub url: String,
    /// Words of all events it is told of.
    pub events: Vec<String>,
    /// What may be in it; the others stay.
    pub fields: Vec<WebhookField>,
}

/// Turns a webhook on or off.
#[derive(Debug, Deserialize, TS)]
pub(super) struct TurnWebhook {
    /// `whk_…`
    pub id: String,
    /// Whether it is told.
    pub on: bool,
}

/// The answer to a test.
#[derive(Debug, Serialize, TS)]
pub(super) struct Pinged {
    /// Its status.
    pub status: u16,
}

/// Which messages.
#[derive(Debug, Deserialize, TS)]
pub(super) struct WebhookLogRequest {
    /// `whk_…`
    pub id: String,
    /// Only those that were given up.
    pub dead: bool,
}

/// Messages.
#[derive(Debug, Serialize, TS)]
pub(super) struct WebhookLog {
    /// Newest first, at most 100.
    pub messages: Vec<WebhookMessageView>,
}

/// A message.
#[derive(Debug, Serialize, TS)]
#[serde(rename_all = "camelCase")]
pub(super) struct WebhookMessageView {
    /// `msg_…`
    pub id: String,
    /// The word of the event.
    pub event: String,
    /// `ctc_…`
    pub contact_id: String,
    /// What the contact is called; null when it is not there.
    pub contact: Option<String>,
    /// When it happened (RFC 3339).
    pub at: String,
    /// `waiting`, `done` or `dead`.
    pub state: String,
    /// Attempts so far.
    pub attempts: u32,
    /// Status of the last answer; null when none came.
    pub status: Option<u16>,
    /// When it is tried next (RFC 3339).
    pub next_at: Option<String>,
}

/// What is to be tried again.
#[derive(Debug, Deserialize, TS)]
pub(super) struct ReplayWebhook {
    /// `whk_…`
    pub id: String,
    /// `msg_…`; null for everything that was given up.
    pub message: Option<String>,
}

/// Connections that may give hints.
#[derive(Debug, Serialize, TS)]
pub(super) struct HintsView {
    /// On this computer.
    pub port: u16,
    /// In the order of their names.
    pub remotes: Vec<HintView>,
}

/// A connection that may give hints.
#[derive(Debug, Serialize, TS)]
pub(super) struct HintView {
    /// `rem_…`
    pub id: String,
    /// What people call it.
    pub name: String,
    /// Hints of it are heard.
    pub on: bool,
    /// Where they go.
    pub url: String,
}

/// Hears hints of a connection, or does not.
#[derive(Debug, Deserialize, TS)]
pub(super) struct SetHint {
    /// `rem_…`
    pub id: String,
    /// Whether they are heard.
    pub on: bool,
    /// On another port; null for the one there is.
    pub port: Option<u16>,
}

/// The drop folder.
#[derive(Debug, Serialize, Deserialize, TS)]
pub(super) struct DropView {
    /// Its path; null for none.
    pub folder: Option<String>,
    /// How contacts that are here may change.
    #[ts(type = "\"fill\" | \"newest\" | \"ask\"")]
    pub policy: Policy,
}

/// Files that were taken.
#[derive(Debug, Serialize, TS)]
pub(super) struct DropTaken {
    /// By their names.
    pub files: Vec<DroppedFile>,
}

/// A file that was taken.
#[derive(Debug, Serialize, TS)]
pub(super) struct DroppedFile {
    /// Its name.
    pub file: String,
    /// Outcomes of its records; null when it could not be read.
    #[ts(
        type = "Record<\"records\" | \"created\" | \"updated\" | \"unchanged\" | \"duplicate\" | \"suppressed\" | \"rejected\", number> | null"
    )]
    pub counts: Option<Counts>,
    /// Records that may be of somebody who is here: they wait in the Inbox.
    pub held: u32,
    /// Why it could not be read.
    pub message: Option<Said>,
}

pub(super) fn webhook_list(session: &Session, _: Nothing) -> Result<WebhooksView, Error> {
    let core = session.core()?;
    let mut views = Vec::new();
    for known in webhooks::all(&core)? {
        let counts = webhooks::counts(&core, &known)?;
        views.push(view(&known, counts));
    }
    let recipes = recipes::all().into_iter().map(|recipe| WebhookRecipe {
        name: recipe.name,
        steps: recipe.steps.iter().map(Said::from).collect(),
        fields: recipe.fields.to_vec(),
    });
    let events = Event::ALL.iter().map(|(_, word)| *word).collect();
    Ok(WebhooksView { webhooks: views, events, recipes: recipes.collect() })
}

fn view(known: &Known, (waiting, dead): (u32, u32)) -> WebhookView {
    let kept = &known.kept;
    let fields = FIELDS.iter().map(|field| {
        let rule = known.mapping.0.get(field.key).cloned().unwrap_or_default();
        WebhookField { field: field.key.to_owned(), approved: rule.approved, purpose: rule.purpose.unwrap_or_default() }
    });
    WebhookView {
        id: kept.id.clone(),
        name: kept.name.clone(),
        url: kept.url.clone(),
        state: match kept.state.as_str() {
            webhooks::ON if kept.failures > 0 => "failing",
            webhooks::ON => webhooks::ON,
            webhooks::GONE => webhooks::GONE,
            _ => webhooks::OFF,
        },
        events: known.events.iter().map(|event| event.as_str().to_owned()).collect(),
        fields: fields.collect(),
        waiting,
        dead,
        heard_at: kept.heard_at.map(|at| at.to_rfc3339()),
        failing_since: kept.failing_since.map(|at| at.to_rfc3339()),
        next_at: kept.next_at.map(|at| at.to_rfc3339()),
        status: kept.status,
    }
}

pub(super) fn webhook_add(session: &Session, request: AddWebhook) -> Result<WebhookSecret, Error> {
    let (known, secret) = webhooks::add(&*session.core()?, &request.name, &request.url, &session.who())?;
    Ok(WebhookSecret { id: known.kept.id, url: known.kept.url, secret })
}

pub(super) fn webhook_set(session: &Session, request: SetWebhook) -> Result<Nothing, Error> {
    let events: BTreeSet<Event> = request.events.iter().filter_map(|word| Event::parse(word)).collect();
    webhooks::set(&*session.core()?, &request.id, &session.who(), |choice| {
        choice.name.clone_from(&request.name);
        choice.url.clone_from(&request.url);
        *choice.events = events;
        for WebhookField { field, approved, purpose } in request.fields {
            let purpose = Some(purpose.trim().to_owned()).filter(|purpose| !purpose.is_empty());
            choice.mapping.0.insert(field, Rule { direction: Direction::Push, approved, purpose, prefers: None });
        }
    })?;
    Ok(Nothing {})
}

pub(super) fn webhook_turn(session: &Session, request: TurnWebhook) -> Result<Nothing, Error> {
    webhooks::turn(&*session.core()?, &request.id, request.on, &session.who())?;
    Ok(Nothing {})
}

pub(super) fn webhook_rotate(session: &Session, request: WebhookRef) -> Result<WebhookSecret, Error> {
    let core = session.core()?;
    let secret = webhooks::rotate(&core, &request.id, &session.who())?;
    let known = webhooks::find(&core, &request.id)?;
    Ok(WebhookSecret { id: known.kept.id, url: known.kept.url, secret })
}

pub(super) fn webhook_remove(session: &Session, request: WebhookRef) -> Result<Nothing, Error> {
    webhooks::remove(&*session.core()?, &request.id, &session.who())?;
    Ok(Nothing {})
}

pub(super) fn webhook_ping(session: &Session, request: WebhookRef) -> Result<Pinged, Error> {
    Ok(Pinged { status: webhooks::ping(&*session.core()?, &request.id, &session.who())? })
}

pub(super) fn webhook_log(session: &Session, request: WebhookLogRequest) -> Result<WebhookLog, Error> {
    const SHOWN: u32 = 100;
    let entries = webhooks::log(&*session.core()?, &request.id, request.dead, SHOWN)?;
    Ok(WebhookLog { messages: entries.into_iter().map(WebhookMessageView::from).collect() })
}

impl From<Entry> for WebhookMessageView {
    fn from(Entry { message, contact }: Entry) -> Self {
        Self {
            id: message.id,
            event: message.event,
            contact_id: message.subject,
            contact,
            at: message.at.to_rfc3339(),
            state: message.state,
            attempts: message.attempts,
            status: message.status,
            next_at: message.next_at.map(|at| at.to_rfc3339()),
        }
    }
}

pub(super) fn webhook_replay(session: &Session, request: ReplayWebhook) -> Result<Changed, Error> {
    let count = webhooks::replay(&*session.core()?, &request.id, request.message.as_deref(), &session.who())?;
    Ok(Changed { count, operation: None })
}

pub(super) fn hint_list(session: &Session, _: Nothing) -> Result<HintsView, Error> {
    let core = session.core()?;
    let hints = hints::get(&core)?;
    let remotes = remotes::all(&core)?.into_iter().map(|known| HintView {
        on: hints.remotes.contains(&known.kept.id),
        url: hints.url(&known.kept.id),
        id: known.kept.id,
        name: known.kept.name,
    });
    Ok(HintsView { port: hints.port, remotes: remotes.collect() })
}

pub(super) fn hint_set(session: &Session, request: SetHint) -> Result<WebhookSecret, Error> {
    let (core, who) = (session.core()?, session.who());
    let SetHint { id, on, port } = request;
    let (url, secret) = if on {
        hints::turn_on(&core, &id, port, &who)?
    } else {
        hints::turn_off(&core, &id, &who)?;
        (String::new(), String::new())
    };
    Ok(WebhookSecret { id, url, secret })
}

pub(super) fn drop_get(session: &Session, _: Nothing) -> Result<DropView, Error> {
    let kept = drop_folder::get(&*session.core()?)?;
    let policy = kept.as_ref().map(|kept| kept.policy).unwrap_or_default();
    Ok(DropView { folder: kept.map(|kept| kept.folder.display().to_string()), policy })
}

pub(super) fn drop_set(session: &Session, request: DropView) -> Result<Nothing, Error> {
    let DropView { folder, policy } = request;
    let wanted = folder.map(|folder| DropFolder { folder: folder.into(), policy });
    drop_folder::set(&*session.core()?, wanted.as_ref(), &session.who())?;
    Ok(Nothing {})
}

pub(super) fn drop_take(session: &Session, _: Nothing) -> Result<DropTaken, Error> {
    let taken = drop_folder::take(&*session.core()?, &Job::begin(session, "drop"))?;
    let file = |taken: drop_folder::Taken| {
        let (counts, message) = match taken.outcome {
            Ok(counts) => (Some(counts), None),
            Err(error) => (None, Some(Said::from(error.message))),
        };
        let held = counts.map_or(0, |counts: Counts| counts.held);
        DroppedFile { file: taken.file, counts, held, message }
    };
    Ok(DropTaken { files: taken.into_iter().map(file).collect() })
}
