//! Agents: which clients there are, whom each may see, what they proposed, and every call. No
//! part of the history: what was told stays told, and what a client may is its setting. What
//! they propose and whom they saw goes with the card.

use crate::{
    contact::{ContactRow, unreadable},
    error::StoreError,
    inventory::{Table, business, derived, subject, technical},
    remote::Remote,
    write::Tx,
};
use cardfile_domain::{
    Millis,
    agent::{
        ActionGrant, AgentCall, AgentClient, AgentGrant, AgentProposal, ClientSort, Proof, ProposalSort, ProposalState,
        Tool,
    },
    privacy::Privacy::Activity,
};
use rusqlite::{Connection, OptionalExtension, Row, params};
use serde::{Deserialize, Serialize};

pub(crate) const CLIENT: Table = Table {
    name: "agent_client",
    migrations: &[(
        14,
        "CREATE TABLE agent_client (
            id TEXT PRIMARY KEY,
            name TEXT NOT NULL,
            settings TEXT NOT NULL,             -- JSON: fields, tools, purpose, actions, limits
            enabled_at INTEGER,
            revoked_at INTEGER,
            created_at INTEGER NOT NULL
        ) STRICT, WITHOUT ROWID;
        CREATE UNIQUE INDEX agent_client_name ON agent_client (name) WHERE revoked_at IS NULL",
    )],
    lookups: &[],
    columns: &[
        technical("id"),
        business("name"),
        business("settings"),
        technical("enabled_at"),
        technical("revoked_at"),
        technical("created_at"),
    ],
};

pub(crate) const GRANT: Table = Table {
    name: "agent_grant",
    migrations: &[(
        14,
        "CREATE TABLE agent_grant (
            id TEXT PRIMARY KEY,
            client TEXT NOT NULL REFERENCES agent_client (id) ON DELETE CASCADE,
            contact INTEGER NOT NULL REFERENCES contact (row) ON DELETE CASCADE,
            how TEXT NOT NULL CHECK (how IN ('token', 'hash', 'operator', 'staff')),
            at INTEGER NOT NULL,
            expires_at INTEGER NOT NULL,
            ended_at INTEGER
        ) STRICT, WITHOUT ROWID;
        CREATE INDEX agent_grant_contact ON agent_grant (contact)",
    )],
    lookups: &[],
    columns: &[
        derived("id"),
        subject("client", Activity),
        derived("contact"),
        subject("how", Activity),
        subject("at", Activity),
        subject("expires_at", Activity),
        subject("ended_at", Activity),
    ],
};

pub(crate) const PROPOSAL: Table = Table {
    name: "agent_proposal",
    migrations: &[(
        14,
        "CREATE TABLE agent_proposal (
            id TEXT PRIMARY KEY,
            client TEXT NOT NULL,               -- agc_…; no reference: a restore writes clients anew
            contact INTEGER NOT NULL REFERENCES contact (row) ON DELETE CASCADE,
            sort TEXT NOT NULL CHECK (sort IN ('memory', 'task', 'update', 'conversation', 'access')),
            field TEXT NOT NULL,                -- of an update
            body TEXT NOT NULL,                 -- JSON; empty once it was decided
            state TEXT NOT NULL CHECK (state IN ('waiting', 'approved', 'rejected')),
            at INTEGER NOT NULL,
            decided_at INTEGER,
            decided_by TEXT NOT NULL
        ) STRICT, WITHOUT ROWID;
        CREATE INDEX agent_proposal_contact ON agent_proposal (contact);
        CREATE INDEX agent_proposal_waiting ON agent_proposal (at) WHERE state = 'waiting'",
    )],
    lookups: &[],
    columns: &[
        derived("id"),
        subject("client", Activity),
        derived("contact"),
        subject("sort", Activity),
        subject("field", Activity),
        subject("body", Activity),
        subject("state", Activity),
        subject("at", Activity),
        subject("decided_at", Activity),
        subject("decided_by", Activity),
    ],
};

pub(crate) const CALL: Table = Table {
    name: "agent_call",
    migrations: &[(
        14,
        "CREATE TABLE agent_call (
            call INTEGER PRIMARY KEY,
            at INTEGER NOT NULL,
            client TEXT NOT NULL,               -- agc_…
            tool TEXT NOT NULL,
            contact INTEGER,                    -- no reference: it may be part of another by now
            result TEXT NOT NULL CHECK (result IN ('ok', 'proposal', 'applied', 'refused')),
            fields TEXT NOT NULL,               -- JSON: keys of the fields that were given out, never values
            items INTEGER NOT NULL,
            bytes INTEGER NOT NULL,
            why TEXT NOT NULL
        ) STRICT;
        CREATE INDEX agent_call_client ON agent_call (client, at);
        CREATE INDEX agent_call_contact ON agent_call (contact) WHERE contact IS NOT NULL",
    )],
    lookups: &[],
    columns: &[
        derived("call"),
        subject("at", Activity),
        subject("client", Activity),
        subject("tool", Activity),
        derived("contact"),
        subject("result", Activity),
        subject("fields", Activity),
        subject("items", Activity),
        subject("bytes", Activity),
        subject("why", Activity),
    ],
};

/// What a client is set to, beside what has columns of its own.
#[derive(Serialize, Deserialize, Default)]
#[serde(default)]
struct Settings {
    sort: ClientSort,
    fields: Vec<String>,
    tools: Vec<Tool>,
    purpose: String,
    actions: Vec<ActionGrant>,
    always: Vec<String>,
    per_minute: u32,
    grant_minutes: u32,
    expires_at: Option<Millis>,
    reason: String,
}

/// What a client did since a moment.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct AgentFigures {
    /// Calls that were answered.
    pub calls: u32,
    /// Calls that were refused.
    pub refused: u32,
    /// Calls of its busiest minute.
    pub busiest: u32,
    /// When it asked last, since ever.
    pub last: Option<Millis>,
}

/// How fast a client asks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct AgentPace {
    /// Calls that are kept, refused ones too.
    pub lines: u32,
    /// Calls that were answered.
    pub answered: u32,
    /// Rows of lists that it got by them.
    pub listed: u32,
}

const CLIENTS: &str = "SELECT id, name, settings, enabled_at, revoked_at, created_at FROM agent_client";
const GRANTS: &str = "SELECT id, client, contact, how, at, expires_at, ended_at FROM agent_grant";
const PROPOSALS: &str =
    "SELECT id, client, contact, sort, field, body, state, at, decided_at, decided_by FROM agent_proposal";
const CALLS: &str = "SELECT call, at, client, tool, contact, result, fields, items, bytes, why FROM agent_call";

/// Reads.
pub struct Agents<'c>(pub(crate) &'c Connection);

impl Agents<'_> {
    /// All clients, in the order of their names.
    pub fn clients(&self) -> rusqlite::Result<Vec<AgentClient>> {
        self.0.prepare_cached(&format!("{CLIENTS} ORDER BY name, id"))?.query_map([], client)?.collect()
    }

    /// The one with this id or name; of those with a name the one that was not revoked.
    pub fn named(&self, name: &str) -> rusqlite::Result<Option<AgentClient>> {
        self.0
            .prepare_cached(&format!(
                "{CLIENTS} WHERE id = ?1 OR name = ?1
                  ORDER BY id <> ?1, revoked_at IS NOT NULL, created_at DESC LIMIT 1"
            ))?
            .query_row([name], client)
            .optional()
    }

    /// One grant.
    pub fn grant(&self, id: &str) -> rusqlite::Result<Option<AgentGrant>> {
        self.0.prepare_cached(&format!("{GRANTS} WHERE id = ?1"))?.query_row([id], grant).optional()
    }

    /// The grants that hold at a moment, of one client or of all, the latest first.
    pub fn grants_in_force(&self, client: Option<&str>, now: Millis) -> rusqlite::Result<Vec<AgentGrant>> {
        self.0
            .prepare_cached(&format!(
                "{GRANTS} WHERE expires_at > ?2 AND ended_at IS NULL AND (?1 IS NULL OR client = ?1)
                  ORDER BY at DESC, id"
            ))?
            .query_map(params![client, now.0], grant)?
            .collect()
    }

    /// One proposal.
    pub fn proposal(&self, id: &str) -> rusqlite::Result<Option<AgentProposal>> {
        self.0.prepare_cached(&format!("{PROPOSALS} WHERE id = ?1"))?.query_row([id], proposal).optional()
    }

    /// The proposals that wait, of one client or of all, the oldest first.
    pub fn waiting(&self, client: Option<&str>) -> rusqlite::Result<Vec<AgentProposal>> {
        self.0
            .prepare_cached(&format!(
                "{PROPOSALS} WHERE state = 'waiting' AND (?1 IS NULL OR client = ?1) ORDER BY at, id"
            ))?
            .query_map([client], proposal)?
            .collect()
    }

    /// How many wait.
    pub fn count_waiting(&self, client: Option<&str>) -> rusqlite::Result<u32> {
        self.0
            .prepare_cached(
                "SELECT count(*) FROM agent_proposal WHERE state = 'waiting' AND (?1 IS NULL OR client = ?1)",
            )?
            .query_row([client], |row| row.get(0))
    }

    /// The latest calls, of one client or of all, newest first; `before` pages on.
    pub fn calls(&self, client: Option<&str>, before: Option<i64>, limit: u32) -> rusqlite::Result<Vec<AgentCall>> {
        self.0
            .prepare_cached(&format!(
                "{CALLS} WHERE call < ?2 AND (?1 IS NULL OR client = ?1) ORDER BY call DESC LIMIT ?3"
            ))?
            .query_map(params![client, before.unwrap_or(i64::MAX), limit], call)?
            .collect()
    }

    /// What a client asked for since a moment.
    pub fn since(&self, client: &str, at: Millis) -> rusqlite::Result<AgentPace> {
        self.0
            .prepare_cached(
                "SELECT count(*), count(*) FILTER (WHERE result <> 'refused'),
                        ifnull(sum(iif(tool = 'segments', items, 0)), 0)
                   FROM agent_call WHERE client = ?1 AND at > ?2",
            )?
            .query_row(params![client, at.0], |row| {
                Ok(AgentPace { lines: row.get(0)?, answered: row.get(1)?, listed: row.get(2)? })
            })
    }

    /// What a client did since a moment.
    pub fn figures(&self, client: &str, since: Millis) -> rusqlite::Result<AgentFigures> {
        let (calls, refused) = self
            .0
            .prepare_cached(
                "SELECT count(*) FILTER (WHERE result <> 'refused'), count(*) FILTER (WHERE result = 'refused')
                   FROM agent_call WHERE client = ?1 AND at > ?2",
            )?
            .query_row(params![client, since.0], |row| Ok((row.get(0)?, row.get(1)?)))?;
        let busiest = self
            .0
            .prepare_cached(
                "SELECT ifnull(max(calls), 0) FROM
                    (SELECT count(*) AS calls FROM agent_call WHERE client = ?1 AND at > ?2 GROUP BY at / 60000)",
            )?
            .query_row(params![client, since.0], |row| row.get(0))?;
        let last: Option<i64> = self
            .0
            .prepare_cached("SELECT max(at) FROM agent_call WHERE client = ?1")?
            .query_row([client], |row| row.get(0))?;
        Ok(AgentFigures { calls, refused, busiest, last: last.map(Millis) })
    }

    /// Number of the latest call: it grows with each, so that a window sees that there was one.
    pub fn last_call(&self) -> rusqlite::Result<i64> {
        self.0.prepare_cached("SELECT ifnull(max(call), 0) FROM agent_call")?.query_row([], |row| row.get(0))
    }
}

fn time(row: &Row<'_>, at: usize) -> rusqlite::Result<Option<Millis>> {
    Ok(row.get::<_, Option<i64>>(at)?.map(Millis))
}

fn client(row: &Row<'_>) -> rusqlite::Result<AgentClient> {
    let settings: Settings = serde_json::from_str(row.get_ref(2)?.as_str()?).map_err(|error| unreadable(2, error))?;
    Ok(AgentClient {
        id: row.get(0)?,
        name: row.get(1)?,
        sort: settings.sort,
        fields: settings.fields,
        tools: settings.tools,
        purpose: settings.purpose,
        actions: settings.actions,
        always: settings.always,
        per_minute: settings.per_minute,
        grant_minutes: settings.grant_minutes,
        expires_at: settings.expires_at,
        enabled_at: time(row, 3)?,
        reason: settings.reason,
        revoked_at: time(row, 4)?,
        created_at: Millis(row.get(5)?),
    })
}

fn grant(row: &Row<'_>) -> rusqlite::Result<AgentGrant> {
    Ok(AgentGrant {
        id: row.get(0)?,
        client: row.get(1)?,
        contact: row.get(2)?,
        // The table takes no other word.
        how: Proof::parse(row.get_ref(3)?.as_str()?).unwrap_or(Proof::Operator),
        at: Millis(row.get(4)?),
        expires_at: Millis(row.get(5)?),
        ended_at: time(row, 6)?,
    })
}

fn proposal(row: &Row<'_>) -> rusqlite::Result<AgentProposal> {
    Ok(AgentProposal {
        id: row.get(0)?,
        client: row.get(1)?,
        contact: row.get(2)?,
        // The table takes no other words.
        sort: ProposalSort::parse(row.get_ref(3)?.as_str()?).unwrap_or(ProposalSort::Memory),
        field: row.get(4)?,
        body: row.get(5)?,
        state: ProposalState::parse(row.get_ref(6)?.as_str()?).unwrap_or(ProposalState::Rejected),
        at: Millis(row.get(7)?),
        decided_at: time(row, 8)?,
        decided_by: row.get(9)?,
    })
}

fn call(row: &Row<'_>) -> rusqlite::Result<AgentCall> {
    let result = row.get_ref(5)?.as_str()?;
    Ok(AgentCall {
        call: row.get(0)?,
        at: Millis(row.get(1)?),
        client: row.get(2)?,
        tool: row.get(3)?,
        contact: row.get(4)?,
        result: AgentCall::RESULTS.into_iter().find(|word| *word == result).unwrap_or("refused"),
        fields: serde_json::from_str(row.get_ref(6)?.as_str()?).map_err(|error| unreadable(6, error))?,
        items: row.get(7)?,
        bytes: row.get(8)?,
        why: row.get(9)?,
    })
}

impl Tx<'_> {
    /// Keeps a client: a new one when it has no id, else in place of what was known; one that was
    /// revoked stays so. Gives its id.
    pub fn put_agent_client(&mut self, client: &AgentClient) -> Result<String, StoreError> {
        let id = if client.id.is_empty() { self.new_id("agc_") } else { client.id.clone() };
        let created_at = if client.created_at.0 == 0 { self.now() } else { client.created_at };
        let settings = Settings {
            sort: client.sort,
            fields: client.fields.clone(),
            tools: client.tools.clone(),
            purpose: client.purpose.clone(),
            actions: client.actions.clone(),
            always: client.always.clone(),
            per_minute: client.per_minute,
            grant_minutes: client.grant_minutes,
            expires_at: client.expires_at,
            reason: client.reason.clone(),
        };
        self.db
            .prepare_cached(
                "INSERT INTO agent_client (id, name, settings, enabled_at, revoked_at, created_at)
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6)
                 ON CONFLICT (id) DO UPDATE SET name = excluded.name, settings = excluded.settings,
                     enabled_at = iif(agent_client.revoked_at IS NULL, excluded.enabled_at, NULL),
                     revoked_at = ifnull(agent_client.revoked_at, excluded.revoked_at)",
            )?
            .execute(params![
                id,
                client.name,
                serde_json::to_string(&settings).unwrap_or_default(),
                client.enabled_at.map(|at| at.0),
                client.revoked_at.map(|at| at.0),
                created_at.0
            ])?;
        self.touched.agents = true;
        Ok(id)
    }

    /// Lets a client see a card.
    pub fn add_agent_grant(&mut self, grant: &AgentGrant) -> Result<String, StoreError> {
        let id = if grant.id.is_empty() { self.new_id("agg_") } else { grant.id.clone() };
        self.db
            .prepare_cached(
                "INSERT INTO agent_grant (id, client, contact, how, at, expires_at, ended_at)
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6, NULL)",
            )?
            .execute(params![id, grant.client, grant.contact, grant.how.as_str(), grant.at.0, grant.expires_at.0])?;
        self.touched.agents = true;
        Ok(id)
    }

    /// Ends grants before their time: one by its id, those of a client, or all. Gives how many.
    pub fn end_agent_grants(&mut self, client: Option<&str>, id: Option<&str>) -> Result<u32, StoreError> {
        let now = self.now();
        let ended = self
            .db
            .prepare_cached(
                "UPDATE agent_grant SET ended_at = ?3
                  WHERE ended_at IS NULL AND (?1 IS NULL OR client = ?1) AND (?2 IS NULL OR id = ?2)",
            )?
            .execute(params![client, id, now.0])?;
        self.touched.agents |= ended > 0;
        Ok(u32::try_from(ended).unwrap_or(u32::MAX))
    }

    /// Keeps what an agent proposes. Gives its id.
    pub fn add_agent_proposal(&mut self, proposal: &AgentProposal) -> Result<String, StoreError> {
        let id = self.new_id("agp_");
        self.db
            .prepare_cached(
                "INSERT INTO agent_proposal (id, client, contact, sort, field, body, state, at, decided_at, decided_by)
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)",
            )?
            .execute(params![
                id,
                proposal.client,
                proposal.contact,
                proposal.sort.as_str(),
                proposal.field,
                proposal.body,
                proposal.state.as_str(),
                proposal.at.0,
                proposal.decided_at.map(|at| at.0),
                proposal.decided_by
            ])?;
        self.touched.agents = true;
        Ok(id)
    }

    /// A proposal was decided. What it said is on the card now, or is to be nowhere: it goes.
    /// `false` when it was decided already.
    pub fn decide_agent_proposal(&mut self, id: &str, state: ProposalState) -> Result<bool, StoreError> {
        let (now, by) = (self.now(), self.actor().to_owned());
        let decided = self
            .db
            .prepare_cached(
                "UPDATE agent_proposal SET state = ?2, body = '', decided_at = ?3, decided_by = ?4
                  WHERE id = ?1 AND state = 'waiting'",
            )?
            .execute(params![id, state.as_str(), now.0, by])?;
        self.touched.agents |= decided > 0;
        Ok(decided > 0)
    }

    /// Keeps that a client asked, and what it got.
    pub fn add_agent_call(&mut self, call: &AgentCall) -> Result<i64, StoreError> {
        let now = self.now();
        self.db
            .prepare_cached(
                "INSERT INTO agent_call (at, client, tool, contact, result, fields, items, bytes, why)
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)",
            )?
            .execute(params![
                now.0,
                call.client,
                call.tool,
                call.contact,
                call.result,
                serde_json::to_string(&call.fields).unwrap_or_default(),
                call.items,
                call.bytes,
                call.why
            ])?;
        self.touched.agents = true;
        Ok(self.db.last_insert_rowid())
    }

    /// Keeps that a client was told fields of a card: what an access request says of recipients.
    pub fn disclose_to_agent<'f>(
        &mut self,
        contact: ContactRow,
        client: &AgentClient,
        fields: impl IntoIterator<Item = &'f String>,
    ) -> Result<(), StoreError> {
        let recipient =
            Remote { id: client.id.clone(), name: client.name.clone(), kind: "agent".into(), ..Remote::default() };
        self.disclose(contact, &recipient, fields)
    }

    /// Forgets calls and grants from before a moment. Gives how many calls.
    pub fn forget_agent_calls(&mut self, before: Millis) -> Result<u32, StoreError> {
        // Calls stand in the order of their numbers: the first that is young enough ends the look.
        let gone = self
            .db
            .prepare_cached(
                "DELETE FROM agent_call
                  WHERE call < ifnull((SELECT call FROM agent_call WHERE at >= ?1 ORDER BY call LIMIT 1),
                                      9223372036854775807)",
            )?
            .execute([before.0])?;
        self.db.prepare_cached("DELETE FROM agent_grant WHERE expires_at < ?1")?.execute([before.0])?;
        self.db
            .prepare_cached("DELETE FROM agent_proposal WHERE state <> 'waiting' AND decided_at < ?1")?
            .execute([before.0])?;
        self.touched.agents |= gone > 0;
        Ok(u32::try_from(gone).unwrap_or(u32::MAX))
    }

    /// What waits of one card waits of the one that it became part of. Who may see the one may
    /// not see the other.
    pub fn join_agent_rows(&mut self, from: ContactRow, to: ContactRow) -> Result<(), StoreError> {
        self.db
            .prepare_cached("UPDATE agent_proposal SET contact = ?2 WHERE contact = ?1 AND state = 'waiting'")?
            .execute([from, to])?;
        self.db.prepare_cached("DELETE FROM agent_grant WHERE contact = ?1")?.execute([from])?;
        Ok(())
    }
}
