//! Erasures: that somebody was erased, when and why, with a receipt that names nobody; and
//! what each recipient of their data was told.

use crate::{
    contact::unreadable,
    error::StoreError,
    inventory::{Table, technical},
    key_use::KeyUse,
    keyslots,
    store::Store,
    write::Tx,
};
use cardfile_domain::{Millis, say};
use chacha20poly1305::{
    KeyInit, XChaCha20Poly1305,
    aead::{Aead, Payload},
};
use rusqlite::{Connection, OptionalExtension, Row, params};
use serde_json::Value;
use zeroize::Zeroizing;

pub(crate) const TABLE: Table = Table {
    name: "erasure",
    migrations: &[(
        9,
        "CREATE TABLE erasure (
            erasure INTEGER PRIMARY KEY,
            id TEXT NOT NULL UNIQUE,
            request TEXT,                       -- of the register of requests
            reason TEXT NOT NULL,               -- request, retention or replay
            state TEXT NOT NULL,
            at INTEGER NOT NULL,
            ended_at INTEGER,
            rest TEXT,                          -- JSON: places to be looked at; nothing once that is done
            receipt TEXT NOT NULL               -- JSON without personal data
        ) STRICT;
        CREATE INDEX erasure_open ON erasure (state) WHERE ended_at IS NULL",
    )],
    lookups: &[],
    columns: &[
        technical("erasure"),
        technical("id"),
        technical("request"),
        technical("reason"),
        technical("state"),
        technical("at"),
        technical("ended_at"),
        technical("rest"),
        technical("receipt"),
    ],
};

pub(crate) const DELIVERY: Table = Table {
    name: "erasure_delivery",
    migrations: &[(
        9,
        "CREATE TABLE erasure_delivery (
            delivery INTEGER PRIMARY KEY,
            id TEXT NOT NULL UNIQUE,
            erasure TEXT NOT NULL REFERENCES erasure (id),
            recipient TEXT NOT NULL,            -- rem_…, or empty for one that is no connection
            kind TEXT NOT NULL,                 -- which connector
            name TEXT NOT NULL,                 -- what people call it
            state TEXT NOT NULL,
            code TEXT NOT NULL,                 -- what came of the last attempt
            came_back INTEGER NOT NULL,         -- the record was there again after it had gone
            attempts INTEGER NOT NULL,
            next_at INTEGER,
            at INTEGER NOT NULL,
            acked_at INTEGER,
            reference BLOB                      -- sealed: what the recipient knows the person by, until it is done
        ) STRICT;
        CREATE INDEX erasure_delivery_erasure ON erasure_delivery (erasure);
        CREATE INDEX erasure_delivery_next ON erasure_delivery (next_at) WHERE next_at IS NOT NULL",
    )],
    lookups: &[],
    columns: &[
        technical("delivery"),
        technical("id"),
        technical("erasure"),
        technical("recipient"),
        technical("kind"),
        technical("name"),
        technical("state"),
        technical("code"),
        technical("came_back"),
        technical("attempts"),
        technical("next_at"),
        technical("at"),
        technical("acked_at"),
        technical("reference"),
    ],
};

/// An erasure as it is kept.
#[derive(Debug, Clone, PartialEq)]
pub struct ErasureRow {
    /// `era_…`
    pub id: String,
    /// The request of the register that asked for it.
    pub request: Option<String>,
    /// `request`, `retention` or `replay`.
    pub reason: String,
    /// Where it stands.
    pub state: String,
    /// When it began.
    pub at: Millis,
    /// When nothing was left to be done.
    pub ended_at: Option<Millis>,
    /// What is left to be done here, as JSON.
    pub rest: Value,
    /// The receipt, as JSON.
    pub receipt: Value,
}

/// What one recipient is told.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct DeliveryRow {
    /// `dlv_…`
    pub id: String,
    /// `era_…`
    pub erasure: String,
    /// `rem_…`, or empty.
    pub recipient: String,
    /// Which connector.
    pub kind: String,
    /// What people call the recipient.
    pub name: String,
    /// Where it stands.
    pub state: String,
    /// What came of the last attempt.
    pub code: String,
    /// The record was there again after it had gone.
    pub came_back: bool,
    /// Attempts so far.
    pub attempts: u32,
    /// When the next one is due.
    pub next_at: Option<Millis>,
    /// Since when.
    pub at: Millis,
    /// When the record was gone.
    pub acked_at: Option<Millis>,
    /// Sealed: what the recipient knows the person by.
    pub reference: Option<Vec<u8>>,
}

const ERASURE: &str = "id, request, reason, state, at, ended_at, rest, receipt";
const DELIVERIES: &str = "id, erasure, recipient, kind, name, state, code, came_back, attempts, next_at, at, acked_at,
    reference";

/// Reads.
pub struct Erasures<'c>(pub(crate) &'c Connection);

impl Erasures<'_> {
    /// The latest, newest first.
    pub fn latest(&self, limit: u32) -> rusqlite::Result<Vec<ErasureRow>> {
        self.0
            .prepare_cached(&format!("SELECT {ERASURE} FROM erasure ORDER BY erasure DESC LIMIT ?1"))?
            .query_map([limit], read)?
            .collect()
    }

    /// One of them.
    pub fn get(&self, id: &str) -> rusqlite::Result<Option<ErasureRow>> {
        self.0.prepare_cached(&format!("SELECT {ERASURE} FROM erasure WHERE id = ?1"))?.query_row([id], read).optional()
    }

    /// The latest that was done for a request of the register.
    pub fn of_request(&self, request: &str) -> rusqlite::Result<Option<String>> {
        self.0
            .prepare_cached("SELECT id FROM erasure WHERE request = ?1 ORDER BY erasure DESC LIMIT 1")?
            .query_row([request], |row| row.get(0))
            .optional()
    }

    /// Those in which something is left to be done, here or elsewhere.
    pub fn open(&self) -> rusqlite::Result<Vec<ErasureRow>> {
        self.0
            .prepare_cached(&format!("SELECT {ERASURE} FROM erasure WHERE ended_at IS NULL ORDER BY erasure"))?
            .query_map([], read)?
            .collect()
    }

    /// What the recipients of one were told.
    pub fn deliveries(&self, erasure: &str) -> rusqlite::Result<Vec<DeliveryRow>> {
        self.0
            .prepare_cached(&format!("SELECT {DELIVERIES} FROM erasure_delivery WHERE erasure = ?1 ORDER BY delivery"))?
            .query_map([erasure], read_delivery)?
            .collect()
    }

    /// One delivery.
    pub fn delivery(&self, id: &str) -> rusqlite::Result<Option<DeliveryRow>> {
        self.0
            .prepare_cached(&format!("SELECT {DELIVERIES} FROM erasure_delivery WHERE id = ?1"))?
            .query_row([id], read_delivery)
            .optional()
    }

    /// Deliveries whose next attempt is due, the longest due first.
    pub fn due(&self, now: Millis) -> rusqlite::Result<Vec<DeliveryRow>> {
        self.0
            .prepare_cached(&format!(
                "SELECT {DELIVERIES} FROM erasure_delivery WHERE next_at <= ?1 ORDER BY next_at, delivery"
            ))?
            .query_map([now.0], read_delivery)?
            .collect()
    }
}

fn read(row: &Row<'_>) -> rusqlite::Result<ErasureRow> {
    let json = |at: usize| -> rusqlite::Result<Value> {
        let text: Option<String> = row.get(at)?;
        text.map_or(Ok(Value::Null), |text| serde_json::from_str(&text).map_err(|error| unreadable(at, error)))
    };
    Ok(ErasureRow {
        id: row.get(0)?,
        request: row.get(1)?,
        reason: row.get(2)?,
        state: row.get(3)?,
        at: Millis(row.get(4)?),
        ended_at: row.get::<_, Option<i64>>(5)?.map(Millis),
        rest: json(6)?,
        receipt: json(7)?,
    })
}

fn read_delivery(row: &Row<'_>) -> rusqlite::Result<DeliveryRow> {
    Ok(DeliveryRow {
        id: row.get(0)?,
        erasure: row.get(1)?,
        recipient: row.get(2)?,
        kind: row.get(3)?,
        name: row.get(4)?,
        state: row.get(5)?,
        code: row.get(6)?,
        came_back: row.get(7)?,
        attempts: row.get(8)?,
        next_at: row.get::<_, Option<i64>>(9)?.map(Millis),
        at: Millis(row.get(10)?),
        acked_at: row.get::<_, Option<i64>>(11)?.map(Millis),
        reference: row.get(12)?,
    })
}

/// Not part of the history: an erasure is not undone.
impl Tx<'_> {
    /// Keeps an erasure, in place of what was kept of it.
    pub fn put_erasure(&mut self, row: &ErasureRow) -> Result<(), StoreError> {
        let rest = (!row.rest.is_null()).then(|| row.rest.to_string());
        self.db
            .prepare_cached(&format!(
                "INSERT INTO erasure ({ERASURE}) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)
                 ON CONFLICT (id) DO UPDATE SET state = excluded.state, ended_at = excluded.ended_at,
                     rest = excluded.rest, receipt = excluded.receipt"
            ))?
            .execute(params![
                row.id,
                row.request,
                row.reason,
                row.state,
                row.at.0,
                row.ended_at.map(|at| at.0),
                rest,
                row.receipt.to_string()
            ])?;
        self.touched.sync = true;
        Ok(())
    }

    /// Keeps what became of a delivery.
    pub fn put_delivery(&mut self, row: &DeliveryRow) -> Result<(), StoreError> {
        self.db
            .prepare_cached(&format!(
                "INSERT INTO erasure_delivery ({DELIVERIES})
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13)
                 ON CONFLICT (id) DO UPDATE SET state = excluded.state, code = excluded.code,
                     came_back = excluded.came_back, attempts = excluded.attempts, next_at = excluded.next_at,
                     acked_at = excluded.acked_at, reference = excluded.reference"
            ))?
            .execute(params![
                row.id,
                row.erasure,
                row.recipient,
                row.kind,
                row.name,
                row.state,
                row.code,
                row.came_back,
                row.attempts,
                row.next_at.map(|at| at.0),
                row.at.0,
                row.acked_at.map(|at| at.0),
                row.reference
            ])?;
        self.touched.sync = true;
        Ok(())
    }
}

const NONCE: usize = 24;

impl Store {
    /// Seals what a recipient knows a person by, under the id of the delivery.
    pub fn seal_reference(&self, delivery: &str, text: &str) -> Result<Vec<u8>, StoreError> {
        let nonce: Zeroizing<[u8; NONCE]> = keyslots::random(&*self.environment().entropy);
        let payload = Payload { msg: text.as_bytes(), aad: delivery.as_bytes() };
        let sealed = XChaCha20Poly1305::new((&*self.suppressor().derive(KeyUse::Deliveries)).into())
            .encrypt((&*nonce).into(), payload)
            .map_err(|_| StoreError::WrongKey)?;
        Ok(nonce.iter().copied().chain(sealed).collect())
    }

    /// What was sealed.
    pub fn open_reference(&self, delivery: &str, sealed: &[u8]) -> Result<Zeroizing<String>, StoreError> {
        let damaged = || StoreError::Damaged(say!("what {delivery} is about cannot be read", delivery));
        let (nonce, sealed) = sealed.split_at_checked(NONCE).ok_or_else(damaged)?;
        let nonce: [u8; NONCE] = nonce.try_into().map_err(|_| damaged())?;
        let payload = Payload { msg: sealed, aad: delivery.as_bytes() };
        let text = XChaCha20Poly1305::new((&*self.suppressor().derive(KeyUse::Deliveries)).into())
            .decrypt((&nonce).into(), payload)
            .map_err(|_| damaged())?;
        Ok(Zeroizing::new(String::from_utf8(text).map_err(|_| damaged())?))
    }
}
