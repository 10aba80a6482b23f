//! The register of requests. No part of the history: an undo must not unmake what a person
//! demanded, and what an erasure leaves of a request stands in no other table.

use crate::{
    contact::some,
    error::StoreError,
    inventory::{Column, Erased, Exported, Table, history, technical},
    write::Tx,
};
use cardfile_domain::{
    Millis, Region, email, phone,
    request::{Ground, Request, Right, State},
};
use rusqlite::{Connection, OptionalExtension, Row, params};
use serde_json::Value;

pub(crate) const TABLE: Table = Table {
    name: "request",
    migrations: &[
        (
            11,
            "CREATE TABLE request (
            id TEXT PRIMARY KEY,
            demand TEXT NOT NULL,               -- access, erasure, …
            state TEXT NOT NULL,
            subject TEXT,                       -- by what the person is found
            subject_key TEXT,                   -- the same as it is compared
            name TEXT,
            reply_to TEXT,
            language TEXT NOT NULL,
            channel TEXT NOT NULL,
            purpose TEXT NOT NULL,
            note TEXT,
            received_at INTEGER NOT NULL,
            identity_how TEXT,
            identity_at INTEGER,
            extended_at INTEGER,
            extension_reason TEXT,
            decided_at INTEGER,
            decided_by TEXT NOT NULL,
            ground TEXT,
            decision TEXT,
            outcome TEXT NOT NULL,
            closed_at INTEGER,
            created_at INTEGER NOT NULL
        ) STRICT",
        ),
        // JSON: what was chosen and not used yet.
        (12, "ALTER TABLE request ADD COLUMN draft TEXT"),
    ],
    lookups: &[],
    columns: &[
        technical("id"),
        technical("demand"),
        technical("state"),
        history("subject", Erased::Blanked),
        // It is worked out from the subject.
        Column { exported: Exported::Never, ..history("subject_key", Erased::Blanked) },
        history("name", Erased::Blanked),
        history("reply_to", Erased::Blanked),
        technical("language"),
        technical("channel"),
        technical("purpose"),
        history("note", Erased::Blanked),
        technical("received_at"),
        history("identity_how", Erased::Blanked),
        technical("identity_at"),
        technical("extended_at"),
        history("extension_reason", Erased::Blanked),
        technical("decided_at"),
        technical("decided_by"),
        technical("ground"),
        history("decision", Erased::Blanked),
        technical("outcome"),
        technical("closed_at"),
        technical("created_at"),
        // It names other people, and is no answer yet.
        Column { exported: Exported::Never, ..history("draft", Erased::Blanked) },
    ],
};

const COLUMNS: &str = "id, demand, state, subject, name, reply_to, language, channel, purpose, note, received_at,
    identity_how, identity_at, extended_at, extension_reason, decided_at, decided_by, ground, decision, outcome,
    closed_at, created_at";

/// Reads.
pub struct Requests<'c>(pub(crate) &'c Connection);

impl Requests<'_> {
    /// All of them, those that came first at the top.
    pub fn all(&self) -> rusqlite::Result<Vec<Request>> {
        self.0
            .prepare_cached(&format!("SELECT {COLUMNS} FROM request ORDER BY received_at, id"))?
            .query_map([], read)?
            .collect()
    }

    /// One.
    pub fn get(&self, id: &str) -> rusqlite::Result<Option<Request>> {
        self.0.prepare_cached(&format!("SELECT {COLUMNS} FROM request WHERE id = ?1"))?.query_row([id], read).optional()
    }

    /// Those in which something is left to do.
    pub fn open(&self) -> rusqlite::Result<Vec<Request>> {
        let mut all = self.all()?;
        all.retain(|one| !one.state.is_closed());
        Ok(all)
    }

    /// What was chosen for a request and not used yet, as JSON.
    pub fn draft(&self, id: &str) -> rusqlite::Result<Option<String>> {
        let found = self.0.prepare_cached("SELECT draft FROM request WHERE id = ?1")?.query_row([id], |row| row.get(0));
        Ok(found.optional()?.flatten())
    }

    /// Those that are about somebody, and those of the past whose words name somebody: by their
    /// ids. `is_by` is asked about a subject as it was typed and as it is compared.
    pub(crate) fn naming(
        &self,
        is_by: impl Fn(&str) -> bool,
        mentions: impl Fn(&str) -> bool,
    ) -> rusqlite::Result<Vec<String>> {
        let mut statement = self.0.prepare_cached(
            "SELECT id, ifnull(subject, ''), ifnull(subject_key, ''), closed_at IS NOT NULL,
                    concat_ws(char(10), name, reply_to, note, identity_how, extension_reason, decision)
               FROM request ORDER BY id",
        )?;
        let mut rows = statement.query([])?;
        let mut ids = Vec::new();
        while let Some(row) = rows.next()? {
            let is_theirs = is_by(row.get_ref(1)?.as_str()?) || is_by(row.get_ref(2)?.as_str()?);
            if is_theirs || row.get::<_, bool>(3)? && mentions(row.get_ref(4)?.as_str()?) {
                ids.push(row.get(0)?);
            }
        }
        Ok(ids)
    }
}

/// A value without the texts that name somebody.
fn without(value: Value, names: &impl Fn(&str) -> bool) -> Value {
    match value {
        Value::String(text) if names(&text) => Value::String(String::new()),
        Value::Array(all) => {
            let others = all.into_iter().filter(|one| !one.as_str().is_some_and(names));
            others.map(|one| without(one, names)).collect()
        }
        Value::Object(map) => map.into_iter().map(|(key, one)| (key, without(one, names))).collect(),
        other => other,
    }
}

/// A subject as it is compared: an email in small letters, a phone as E.164, an ID as it is.
fn key(subject: &str, region: Option<Region>) -> String {
    let subject = subject.trim();
    email::key(subject).ok().or_else(|| phone::key(subject, region)).unwrap_or_else(|| subject.to_owned())
}

fn read(row: &Row<'_>) -> rusqlite::Result<Request> {
    let text = |at: usize| -> rusqlite::Result<String> { Ok(row.get::<_, Option<String>>(at)?.unwrap_or_default()) };
    let time = |at: usize| -> rusqlite::Result<Option<Millis>> { Ok(row.get::<_, Option<i64>>(at)?.map(Millis)) };
    Ok(Request {
        id: row.get(0)?,
        right: Right::parse(row.get_ref(1)?.as_str()?).unwrap_or_default(),
        state: State::parse(row.get_ref(2)?.as_str()?).unwrap_or_default(),
        subject: text(3)?,
        name: text(4)?,
        reply_to: text(5)?,
        language: row.get(6)?,
        channel: row.get(7)?,
        purpose: row.get(8)?,
        note: text(9)?,
        received_at: Millis(row.get(10)?),
        identity_how: text(11)?,
        identity_at: time(12)?,
        extended_at: time(13)?,
        extension_reason: text(14)?,
        decided_at: time(15)?,
        decided_by: row.get(16)?,
        ground: row.get_ref(17)?.as_str_or_null()?.and_then(Ground::parse),
        decision: text(18)?,
        outcome: row.get(19)?,
        closed_at: time(20)?,
        created_at: Millis(row.get(21)?),
    })
}

impl Tx<'_> {
    /// Keeps a request: a new one when it has no id, else in place of what was known. A phone
    /// without a country is one of the region. Gives its id.
    pub fn put_request(&mut self, request: &Request, region: Option<Region>) -> Result<String, StoreError> {
        let id = if request.id.is_empty() { self.new_id("req_") } else { request.id.clone() };
        let created_at = if request.created_at.0 == 0 { self.now() } else { request.created_at };
        let time = |at: Option<Millis>| at.map(|at| at.0);
        let subject_key = key(&request.subject, region);
        self.db
            .prepare_cached(
                "INSERT OR REPLACE INTO request (id, demand, state, subject, subject_key, name, reply_to, language,
                     channel, purpose, note, received_at, identity_how, identity_at, extended_at, extension_reason,
                     decided_at, decided_by, ground, decision, outcome, closed_at, created_at, draft)
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17, ?18, ?19, ?20,
                     ?21, ?22, ?23, (SELECT draft FROM request WHERE id = ?1))",
            )?
            .execute(params![
                id,
                request.right.as_str(),
                request.state.as_str(),
                some(&request.subject),
                some(&subject_key),
                some(&request.name),
                some(&request.reply_to),
                request.language,
                request.channel,
                request.purpose,
                some(&request.note),
                request.received_at.0,
                some(&request.identity_how),
                time(request.identity_at),
                time(request.extended_at),
                some(&request.extension_reason),
                time(request.decided_at),
                request.decided_by,
                request.ground.map(Ground::as_str),
                some(&request.decision),
                request.outcome,
                time(request.closed_at),
                created_at.0
            ])?;
        self.touched.settings = true;
        Ok(id)
    }

    /// Keeps what came of a request: an erasure, or the hash of a bundle.
    pub fn put_outcome(&mut self, id: &str, outcome: &str) -> Result<(), StoreError> {
        self.db.prepare_cached("UPDATE request SET outcome = ?2 WHERE id = ?1")?.execute([id, outcome])?;
        self.touched.settings = true;
        Ok(())
    }

    /// Keeps what was chosen for a request and not used yet, as JSON. It is no step of the request.
    pub fn put_draft(&mut self, id: &str, draft: &str) -> Result<(), StoreError> {
        self.db.prepare_cached("UPDATE request SET draft = ?2 WHERE id = ?1")?.execute([id, draft])?;
        self.touched.settings = true;
        Ok(())
    }

    /// Takes somebody out of what was chosen for the requests of others.
    pub(crate) fn forget_in_drafts(&mut self, names: impl Fn(&str) -> bool) -> Result<(), StoreError> {
        let drafts: Vec<(String, String)> = self
            .db
            .prepare_cached("SELECT id, draft FROM request WHERE draft IS NOT NULL")?
            .query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?
            .collect::<Result<_, _>>()?;
        for (id, draft) in drafts {
            let before: Value = serde_json::from_str(&draft).unwrap_or_default();
            let after = without(before.clone(), &names);
            if after != before {
                self.put_draft(&id, &after.to_string())?;
            }
        }
        Ok(())
    }

    /// Takes out of these requests who asked, because the person is erased. What was demanded,
    /// when, and what came of it stays. Gives how many it was.
    pub fn blank_requests(&mut self, ids: &[&str]) -> Result<u32, StoreError> {
        let mut blanked = 0;
        for id in ids {
            blanked += self
                .db
                .prepare_cached(
                    "UPDATE request SET subject = NULL, subject_key = NULL, name = NULL, reply_to = NULL, note = NULL,
                            identity_how = NULL, extension_reason = NULL, decision = NULL, draft = NULL
                      WHERE id = ?1",
                )?
                .execute([id])?;
        }
        self.touched.settings |= blanked > 0;
        Ok(blanked as u32)
    }
}
