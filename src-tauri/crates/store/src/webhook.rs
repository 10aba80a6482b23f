//! Webhooks: who is told when something happens to a contact, and the messages that are to be
//! sent or were. A message says what happened to whom; what it will say of them is read when
//! it is sent, so that nobody who was erased since is in it.

mod write;

use crate::{
    contact::unreadable,
    inventory::{Table, business, derived, technical},
};
use cardfile_domain::Millis;
use rusqlite::{Connection, OptionalExtension, Row, params};
use serde_json::Value;

pub(crate) const TABLE: Table = Table {
    name: "webhook",
    migrations: &[(
        13,
        "CREATE TABLE webhook (
            webhook INTEGER PRIMARY KEY,
            id TEXT NOT NULL UNIQUE,
            name TEXT NOT NULL UNIQUE,
            url TEXT NOT NULL,
            events TEXT NOT NULL,               -- JSON: what it is told of
            mapping TEXT NOT NULL,              -- JSON: what may be in it
            state TEXT NOT NULL,                -- on, off or gone
            failures INTEGER NOT NULL,          -- attempts since the last one that got through
            failing_since INTEGER,
            next_at INTEGER,                    -- nothing is sent before
            heard_at INTEGER,                   -- when somebody last took something
            status INTEGER,                     -- of the last answer
            created_at INTEGER NOT NULL
        ) STRICT",
    )],
    lookups: &[],
    columns: &[
        technical("webhook"),
        technical("id"),
        business("name"),
        business("url"),
        business("events"),
        business("mapping"),
        technical("state"),
        technical("failures"),
        technical("failing_since"),
        technical("next_at"),
        technical("heard_at"),
        technical("status"),
        technical("created_at"),
    ],
};

pub(crate) const MESSAGE: Table = Table {
    name: "webhook_message",
    migrations: &[(
        13,
        "CREATE TABLE webhook_message (
            message INTEGER PRIMARY KEY,
            id TEXT NOT NULL UNIQUE,            -- the same in every attempt
            webhook INTEGER NOT NULL REFERENCES webhook (webhook) ON DELETE CASCADE,
            event TEXT NOT NULL,
            subject TEXT NOT NULL,              -- ctc_…
            other TEXT,                         -- what else it is about: ctc_… or rem_…
            fields TEXT NOT NULL,               -- JSON: what changed
            op INTEGER,                         -- nothing is sent of an operation that is still being written
            at INTEGER NOT NULL,
            state TEXT NOT NULL,                -- waiting, done or dead
            attempts INTEGER NOT NULL,
            tried_at INTEGER,                   -- for the first time
            next_at INTEGER,
            status INTEGER,                     -- of the last answer; nothing when there was none
            ended_at INTEGER
        ) STRICT;
        CREATE INDEX webhook_message_due ON webhook_message (webhook, next_at, message) WHERE state = 'waiting';
        CREATE INDEX webhook_message_subject ON webhook_message (subject, message);
        CREATE INDEX webhook_message_other ON webhook_message (other) WHERE other IS NOT NULL;
        CREATE INDEX webhook_message_webhook ON webhook_message (webhook, message)",
    )],
    lookups: &[],
    columns: &[
        technical("message"),
        technical("id"),
        technical("webhook"),
        technical("event"),
        derived("subject"),
        derived("other"),
        technical("fields"),
        technical("op"),
        technical("at"),
        technical("state"),
        technical("attempts"),
        technical("tried_at"),
        technical("next_at"),
        technical("status"),
        technical("ended_at"),
    ],
};

/// Number of a webhook in this workspace.
pub type WebhookRow = i64;

/// Who is told.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Webhook {
    /// Its number; 0 before it is kept.
    pub row: WebhookRow,
    /// Its id, `whk_…`.
    pub id: String,
    /// What people call it.
    pub name: String,
    /// Where it is.
    pub url: String,
    /// Words of the events it is told of.
    pub events: Vec<String>,
    /// What may be in it.
    pub mapping: Value,
    /// `on`, `off`, or `gone` when it said that nobody is there any more.
    pub state: String,
    /// Attempts since the last one that got through.
    pub failures: u32,
    /// When the first of these was.
    pub failing_since: Option<Millis>,
    /// Nothing is sent before.
    pub next_at: Option<Millis>,
    /// When something was last taken.
    pub heard_at: Option<Millis>,
    /// Status of the last answer; nothing when none came.
    pub status: Option<u16>,
    /// Since when it is configured.
    pub created_at: Millis,
    /// Says nothing, and is another word after its secret was replaced. Only read.
    pub seal: String,
}

/// One thing that one webhook is told of.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct WebhookMessage {
    /// Its number; 0 before it is kept. Messages about one contact are sent in this order.
    pub message: i64,
    /// `msg_…`, the same in every attempt.
    pub id: String,
    /// Who is told.
    pub webhook: WebhookRow,
    /// The word of the event.
    pub event: String,
    /// Whom it is about, `ctc_…`.
    pub subject: String,
    /// What else: the card that became part of it, or the connection.
    pub other: Option<String>,
    /// Fields that changed.
    pub fields: Vec<String>,
    /// The operation in which it happened.
    pub op: Option<i64>,
    /// When.
    pub at: Millis,
    /// `waiting`, `done` or `dead`.
    pub state: String,
    /// Attempts so far.
    pub attempts: u32,
    /// When the first one was.
    pub tried_at: Option<Millis>,
    /// When the next one is due.
    pub next_at: Option<Millis>,
    /// Status of the last answer.
    pub status: Option<u16>,
    /// When it was taken, or given up.
    pub ended_at: Option<Millis>,
}

const WEBHOOK: &str =
    "webhook, id, name, url, events, mapping, state, failures, failing_since, next_at, heard_at, status, created_at";
/// By what its secret was sealed: that is never used twice.
const SEAL: &str = "(SELECT hex(nonce) FROM sealed WHERE secret = webhook.id)";
const MESSAGES: &str =
    "message, id, webhook, event, subject, other, fields, op, at, state, attempts, tried_at, next_at,
    status, ended_at";

/// Reads.
pub struct Webhooks<'c>(pub(crate) &'c Connection);

impl Webhooks<'_> {
    /// All, in the order of their names.
    pub fn all(&self) -> rusqlite::Result<Vec<Webhook>> {
        self.0
            .prepare_cached(&format!("SELECT {WEBHOOK}, {SEAL} FROM webhook ORDER BY name"))?
            .query_map([], read)?
            .collect()
    }

    /// The one with this name or id.
    pub fn named(&self, name: &str) -> rusqlite::Result<Option<Webhook>> {
        self.0
            .prepare_cached(&format!("SELECT {WEBHOOK}, {SEAL} FROM webhook WHERE name = ?1 OR id = ?1"))?
            .query_row([name], read)
            .optional()
    }

    /// One message, by its number.
    pub fn message(&self, message: i64) -> rusqlite::Result<Option<WebhookMessage>> {
        self.0
            .prepare_cached(&format!("SELECT {MESSAGES} FROM webhook_message WHERE message = ?1"))?
            .query_row([message], read_message)
            .optional()
    }

    /// One message of a webhook, by its id.
    pub fn message_named(&self, webhook: WebhookRow, id: &str) -> rusqlite::Result<Option<WebhookMessage>> {
        self.0
            .prepare_cached(&format!("SELECT {MESSAGES} FROM webhook_message WHERE webhook = ?1 AND id = ?2"))?
            .query_row(params![webhook, id], read_message)
            .optional()
    }

    /// Numbers of messages that may be sent now: of each contact the first that waits, and
    /// none while an operation that did something to the contact is still being written.
    pub fn due(&self, webhook: WebhookRow, now: Millis, limit: u32) -> rusqlite::Result<Vec<i64>> {
        self.0
            .prepare_cached(
                "SELECT m.message FROM webhook_message m
                  WHERE m.webhook = ?1 AND m.state = 'waiting' AND m.next_at <= ?2
                    AND NOT EXISTS (
                        SELECT 1 FROM webhook_message e
                         WHERE e.subject = m.subject AND e.webhook = m.webhook AND e.state = 'waiting'
                           AND (e.message < m.message
                                OR EXISTS (SELECT 1 FROM operation o WHERE o.op = e.op AND o.state = 'open')))
                  ORDER BY m.next_at, m.message LIMIT ?3",
            )?
            .query_map(params![webhook, now.0, limit], |row| row.get(0))?
            .collect()
    }

    /// Whether anything may have to be sent to anybody now.
    pub fn any_due(&self, now: Millis) -> rusqlite::Result<bool> {
        self.0
            .prepare_cached(
                "SELECT EXISTS (SELECT 1 FROM webhook w
                                  JOIN webhook_message m ON m.webhook = w.webhook
                                 WHERE w.state = 'on' AND ifnull(w.next_at, 0) <= ?1
                                   AND m.state = 'waiting' AND m.next_at <= ?1)",
            )?
            .query_row([now.0], |row| row.get(0))
    }

    /// Messages about the same contact that wait behind one, in their order.
    pub fn behind(&self, message: &WebhookMessage) -> rusqlite::Result<Vec<WebhookMessage>> {
        self.0
            .prepare_cached(&format!(
                "SELECT {MESSAGES} FROM webhook_message
                  WHERE subject = ?1 AND message > ?2 AND webhook = ?3 AND state = 'waiting' ORDER BY message"
            ))?
            .query_map(params![message.subject, message.message, message.webhook], read_message)?
            .collect()
    }

    /// The latest message of a webhook about a contact, or about one that this became part of.
    pub fn last_about(&self, webhook: WebhookRow, contact: &str) -> rusqlite::Result<Option<WebhookMessage>> {
        self.0
            .prepare_cached(&format!(
                "SELECT {MESSAGES} FROM webhook_message
                  WHERE webhook = ?1 AND (subject = ?2 OR other = ?2) ORDER BY message DESC LIMIT 1"
            ))?
            .query_row(params![webhook, contact], read_message)
            .optional()
    }

    /// The latest messages of a webhook, newest first; with a state only those in it.
    pub fn log(&self, webhook: WebhookRow, state: Option<&str>, limit: u32) -> rusqlite::Result<Vec<WebhookMessage>> {
        self.0
            .prepare_cached(&format!(
                "SELECT {MESSAGES} FROM webhook_message
                  WHERE webhook = ?1 AND (?2 IS NULL OR state = ?2) ORDER BY message DESC LIMIT ?3"
            ))?
            .query_map(params![webhook, state, limit], read_message)?
            .collect()
    }

    /// How many messages of a webhook are in a state.
    pub fn count(&self, webhook: WebhookRow, state: &str) -> rusqlite::Result<u32> {
        self.0
            .prepare_cached("SELECT count(*) FROM webhook_message WHERE webhook = ?1 AND state = ?2")?
            .query_row(params![webhook, state], |row| row.get(0))
    }

    /// Whether messages wait of an operation that was taken back since.
    pub fn any_void(&self) -> rusqlite::Result<bool> {
        self.0
            .prepare_cached(&format!("SELECT EXISTS (SELECT 1 FROM webhook_message m WHERE {VOID})"))?
            .query_row([], |row| row.get(0))
    }
}

const VOID: &str =
    "m.state = 'waiting' AND EXISTS (SELECT 1 FROM operation o WHERE o.op = m.op AND o.state = 'rolled_back')";

fn read(row: &Row<'_>) -> rusqlite::Result<Webhook> {
    let json = |at: usize| serde_json::from_str::<Value>(row.get_ref(at)?.as_str()?).map_err(|e| unreadable(at, e));
    Ok(Webhook {
        row: row.get(0)?,
        id: row.get(1)?,
        name: row.get(2)?,
        url: row.get(3)?,
        events: words(row, 4)?,
        mapping: json(5)?,
        state: row.get(6)?,
        failures: row.get(7)?,
        failing_since: row.get::<_, Option<i64>>(8)?.map(Millis),
        next_at: row.get::<_, Option<i64>>(9)?.map(Millis),
        heard_at: row.get::<_, Option<i64>>(10)?.map(Millis),
        status: row.get(11)?,
        created_at: Millis(row.get(12)?),
        seal: row.get::<_, Option<String>>(13)?.unwrap_or_default(),
    })
}

fn read_message(row: &Row<'_>) -> rusqlite::Result<WebhookMessage> {
    Ok(WebhookMessage {
        message: row.get(0)?,
        id: row.get(1)?,
        webhook: row.get(2)?,
        event: row.get(3)?,
        subject: row.get(4)?,
        other: row.get(5)?,
        fields: words(row, 6)?,
        op: row.get(7)?,
        at: Millis(row.get(8)?),
        state: row.get(9)?,
        attempts: row.get(10)?,
        tried_at: row.get::<_, Option<i64>>(11)?.map(Millis),
        next_at: row.get::<_, Option<i64>>(12)?.map(Millis),
        status: row.get(13)?,
        ended_at: row.get::<_, Option<i64>>(14)?.map(Millis),
    })
}

/// A list of words.
fn words(row: &Row<'_>, at: usize) -> rusqlite::Result<Vec<String>> {
    serde_json::from_str(row.get_ref(at)?.as_str()?).map_err(|error| unreadable(at, error))
}

/// Keeps a message.
pub(crate) fn put(db: &Connection, message: &WebhookMessage) -> rusqlite::Result<()> {
    db.prepare_cached(&format!(
        "INSERT INTO webhook_message ({MESSAGES})
         VALUES (nullif(?1, 0), ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15)
         ON CONFLICT (message) DO UPDATE SET fields = excluded.fields, state = excluded.state,
             attempts = excluded.attempts, tried_at = excluded.tried_at, next_at = excluded.next_at,
             status = excluded.status, ended_at = excluded.ended_at"
    ))?
    .execute(params![
        message.message,
        message.id,
        message.webhook,
        message.event,
        message.subject,
        message.other,
        listed(&message.fields),
        message.op,
        message.at.0,
        message.state,
        message.attempts,
        message.tried_at.map(|at| at.0),
        message.next_at.map(|at| at.0),
        message.status,
        message.ended_at.map(|at| at.0)
    ])?;
    Ok(())
}

/// Looks at once at what waits of a contact and was never tried.
pub(crate) fn release(db: &Connection, subject: &str, now: Millis) -> rusqlite::Result<()> {
    db.prepare_cached(
        "UPDATE webhook_message SET next_at = ?2
          WHERE subject = ?1 AND state = 'waiting' AND attempts = 0 AND next_at > ?2",
    )?
    .execute(params![subject, now.0])?;
    Ok(())
}

fn listed(words: &[String]) -> String {
    Value::from(words.to_vec()).to_string()
}
