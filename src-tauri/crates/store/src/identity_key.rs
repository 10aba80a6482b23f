//! Keys with which other systems prove who somebody is, what was proven with them already, and
//! for how long a proof lets a client ask about its card. The secrets lie among the sealed
//! values, under the ids of the keys.

use crate::{
    contact::{ContactRow, unreadable},
    error::StoreError,
    inventory::{Table, business, derived, technical},
    write::Tx,
};
use cardfile_domain::{Millis, import::Policy};
use rusqlite::{Connection, OptionalExtension, Row, params};

pub(crate) const TABLE: Table = Table {
    name: "identity_key",
    migrations: &[(
        14,
        "CREATE TABLE identity_key (
            id TEXT PRIMARY KEY,                -- idk_…
            name TEXT NOT NULL,
            algorithm TEXT NOT NULL,            -- the only one it is used with
            public_key TEXT NOT NULL,           -- PEM; empty where the key is a secret
            connector TEXT NOT NULL,            -- whose external IDs it proves
            scope TEXT NOT NULL,
            issuer TEXT NOT NULL,
            audience TEXT NOT NULL,
            claims TEXT NOT NULL,               -- JSON list of fields that a proof may write
            policy TEXT NOT NULL,
            creates INTEGER NOT NULL,           -- whoever is not here gets a card
            grant_minutes INTEGER NOT NULL,
            created_at INTEGER NOT NULL,
            revoked_at INTEGER
        ) STRICT;
        CREATE UNIQUE INDEX identity_key_name ON identity_key (name) WHERE revoked_at IS NULL",
    )],
    lookups: &[],
    columns: &[
        technical("id"),
        business("name"),
        business("algorithm"),
        business("public_key"),
        business("connector"),
        business("scope"),
        business("issuer"),
        business("audience"),
        business("claims"),
        business("policy"),
        business("creates"),
        business("grant_minutes"),
        technical("created_at"),
        technical("revoked_at"),
    ],
};

/// Proofs that count once, until they would not count any more.
pub(crate) const SEEN: Table = Table {
    name: "identity_seen",
    migrations: &[(
        14,
        "CREATE TABLE identity_seen (
            key TEXT NOT NULL,                  -- idk_…
            proof BLOB NOT NULL,                -- keyed hash of what the proof calls itself
            expires_at INTEGER NOT NULL,
            PRIMARY KEY (key, proof)
        ) STRICT, WITHOUT ROWID",
    )],
    lookups: &[],
    columns: &[technical("key"), technical("proof"), technical("expires_at")],
};

/// For how long a proof lets a client ask about a card.
pub(crate) const GRANT: Table = Table {
    name: "identity_grant",
    migrations: &[(
        14,
        "CREATE TABLE identity_grant (
            id TEXT PRIMARY KEY,                -- idg_…
            hash TEXT NOT NULL,                 -- SHA-256 of what the client holds
            contact INTEGER NOT NULL REFERENCES contact (row) ON DELETE CASCADE,
            client TEXT NOT NULL,               -- cli_…
            key TEXT NOT NULL,                  -- idk_…
            at INTEGER NOT NULL,
            expires_at INTEGER NOT NULL
        ) STRICT;
        CREATE INDEX identity_grant_contact ON identity_grant (contact)",
    )],
    lookups: &[],
    columns: &[
        technical("id"),
        technical("hash"),
        derived("contact"),
        technical("client"),
        technical("key"),
        technical("at"),
        technical("expires_at"),
    ],
};

/// A key with which another system proves who somebody is.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct IdentityKey {
    /// `idk_…`
    pub id: String,
    /// What people call it; a token may name it as its `kid`.
    pub name: String,
    /// `HS256`, `RS256`, `ES256` or `user_hash`. Never another than this one.
    pub algorithm: String,
    /// PEM; empty where the key is a secret.
    pub public_key: String,
    /// Whose external IDs it proves.
    pub connector: String,
    /// Account, inbox or bot there.
    pub scope: String,
    /// What a token must say of who made it; empty where it need not say so.
    pub issuer: String,
    /// What it must say of whom it is for; empty where it need not say so.
    pub audience: String,
    /// Fields that what it says may be written to.
    pub claims: Vec<String>,
    /// How they may change a card.
    pub policy: Policy,
    /// Whether somebody who is not here gets a card.
    pub creates: bool,
    /// How long a proof counts.
    pub grant_minutes: u32,
    /// When it was made.
    pub created_at: Millis,
    /// Since when it proves nothing any more.
    pub revoked_at: Option<Millis>,
}

/// That a client proved with whom it speaks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IdentityGrant {
    /// `idg_…`
    pub id: String,
    /// SHA-256 of what the client holds, in hexadecimal digits.
    pub hash: String,
    /// The card.
    pub contact: ContactRow,
    /// Which client.
    pub client: String,
    /// With which key.
    pub key: String,
    /// When.
    pub at: Millis,
    /// From when on it does not count.
    pub expires_at: Millis,
}

const COLUMNS: &str = "id, name, algorithm, public_key, connector, scope, issuer, audience, claims, policy, creates,
    grant_minutes, created_at, revoked_at";
const GRANT_COLUMNS: &str = "id, hash, contact, client, key, at, expires_at";

/// Reads.
pub struct IdentityKeys<'c>(pub(crate) &'c Connection);

impl IdentityKeys<'_> {
    /// All of them, those that are gone too, in the order they were made.
    pub fn all(&self) -> rusqlite::Result<Vec<IdentityKey>> {
        self.0
            .prepare_cached(&format!("SELECT {COLUMNS} FROM identity_key ORDER BY created_at, id"))?
            .query_map([], read)?
            .collect()
    }

    /// The one with this id or name that still proves something.
    pub fn named(&self, name: &str) -> rusqlite::Result<Option<IdentityKey>> {
        self.0
            .prepare_cached(&format!(
                "SELECT {COLUMNS} FROM identity_key WHERE (id = ?1 OR name = ?1) AND revoked_at IS NULL
                  ORDER BY id = ?1 DESC LIMIT 1"
            ))?
            .query_row([name], read)
            .optional()
    }

    /// A grant by its id.
    pub fn grant(&self, id: &str) -> rusqlite::Result<Option<IdentityGrant>> {
        self.0
            .prepare_cached(&format!("SELECT {GRANT_COLUMNS} FROM identity_grant WHERE id = ?1"))?
            .query_row([id], grant)
            .optional()
    }

    /// The grants for a card, newest first.
    pub fn grants_of(&self, contact: ContactRow) -> rusqlite::Result<Vec<IdentityGrant>> {
        self.0
            .prepare_cached(&format!(
                "SELECT {GRANT_COLUMNS} FROM identity_grant WHERE contact = ?1 ORDER BY at DESC, id DESC"
            ))?
            .query_map([contact], grant)?
            .collect()
    }
}

fn read(row: &Row<'_>) -> rusqlite::Result<IdentityKey> {
    Ok(IdentityKey {
        id: row.get(0)?,
        name: row.get(1)?,
        algorithm: row.get(2)?,
        public_key: row.get(3)?,
        connector: row.get(4)?,
        scope: row.get(5)?,
        issuer: row.get(6)?,
        audience: row.get(7)?,
        claims: serde_json::from_str(row.get_ref(8)?.as_str()?).map_err(|error| unreadable(8, error))?,
        // A word of a later version changes as little as can be.
        policy: if row.get_ref(9)?.as_str()? == "newest" { Policy::Newest } else { Policy::Fill },
        creates: row.get(10)?,
        grant_minutes: row.get(11)?,
        created_at: Millis(row.get(12)?),
        revoked_at: row.get::<_, Option<i64>>(13)?.map(Millis),
    })
}

fn grant(row: &Row<'_>) -> rusqlite::Result<IdentityGrant> {
    Ok(IdentityGrant {
        id: row.get(0)?,
        hash: row.get(1)?,
        contact: row.get(2)?,
        client: row.get(3)?,
        key: row.get(4)?,
        at: Millis(row.get(5)?),
        expires_at: Millis(row.get(6)?),
    })
}

impl Tx<'_> {
    /// Keeps a key: a new one, or what is said of the one with its id.
    pub fn put_identity_key(&mut self, key: &IdentityKey) -> Result<(), StoreError> {
        let policy = if key.policy == Policy::Newest { "newest" } else { "fill" };
        self.db
            .prepare_cached(&format!(
                "INSERT OR REPLACE INTO identity_key ({COLUMNS})
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14)"
            ))?
            .execute(params![
                key.id,
                key.name,
                key.algorithm,
                key.public_key,
                key.connector,
                key.scope,
                key.issuer,
                key.audience,
                serde_json::to_string(&key.claims).unwrap_or_default(),
                policy,
                key.creates,
                key.grant_minutes,
                key.created_at.0,
                key.revoked_at.map(|at| at.0)
            ])?;
        self.touched.settings = true;
        Ok(())
    }

    /// Notes a proof that counts once; `false` when it was seen before.
    pub fn note_proof(&mut self, key: &str, proof: &[u8], expires_at: Millis) -> Result<bool, StoreError> {
        let added = self
            .db
            .prepare_cached("INSERT OR IGNORE INTO identity_seen (key, proof, expires_at) VALUES (?1, ?2, ?3)")?
            .execute(params![key, proof, expires_at.0])?;
        Ok(added > 0)
    }

    /// Keeps that a client proved with whom it speaks.
    pub fn put_identity_grant(&mut self, grant: &IdentityGrant) -> Result<(), StoreError> {
        self.db
            .prepare_cached(&format!(
                "INSERT INTO identity_grant ({GRANT_COLUMNS}) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)"
            ))?
            .execute(params![
                grant.id,
                grant.hash,
                grant.contact,
                grant.client,
                grant.key,
                grant.at.0,
                grant.expires_at.0
            ])?;
        Ok(())
    }

    /// Forgets proofs and grants whose time is over.
    pub fn expire_identity(&mut self, now: Millis) -> Result<(), StoreError> {
        self.db.prepare_cached("DELETE FROM identity_seen WHERE expires_at < ?1")?.execute([now.0])?;
        self.db.prepare_cached("DELETE FROM identity_grant WHERE expires_at < ?1")?.execute([now.0])?;
        Ok(())
    }
}
