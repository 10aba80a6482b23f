//! Pairs: what is known of one contact and one record of a remote. What it means is the
//! matter of the sync engine; here it is a row with a few columns to find it by.

use crate::{
    contact::ContactRow,
    error::StoreError,
    inventory::{Table, derived, history, technical},
    remote::RemoteRow,
    write::Tx,
};
use cardfile_domain::{Contact, Millis};
use rusqlite::{Connection, OptionalExtension, Row, ToSql, params};

pub(crate) const TABLE: Table = Table {
    name: "pair",
    migrations: &[(
        7,
        "CREATE TABLE pair (
            pair INTEGER PRIMARY KEY,
            remote INTEGER NOT NULL REFERENCES remote (remote) ON DELETE CASCADE,
            contact INTEGER,                    -- no reference: it may be gone while the record is not
            external_id TEXT,                   -- the ID in the record, ours where we made it
            key TEXT,                           -- how the remote calls the record
            version TEXT,                       -- of the record, when it was last read
            state TEXT NOT NULL,                -- JSON: base, writes without an answer, conflicts
            body TEXT NOT NULL,                 -- the record as the remote wrote it, or nothing
            is_open INTEGER NOT NULL,           -- something is to be looked at
            waits INTEGER NOT NULL,             -- for a person
            rival TEXT,                         -- key of the record that has the contact meant by this one
            fate INTEGER NOT NULL,              -- of a contact that is gone: see Fate
            UNIQUE (remote, contact),
            UNIQUE (remote, key)
        ) STRICT;
        CREATE INDEX pair_open ON pair (remote) WHERE is_open = 1;
        CREATE INDEX pair_waits ON pair (remote) WHERE waits = 1;
        CREATE INDEX pair_external ON pair (external_id, remote) WHERE external_id IS NOT NULL;
        CREATE INDEX pair_contact ON pair (contact) WHERE contact IS NOT NULL;
        CREATE INDEX pair_rival ON pair (remote, rival) WHERE rival IS NOT NULL",
    )],
    lookups: &[],
    columns: &[
        technical("pair"),
        technical("remote"),
        derived("contact"),
        derived("external_id"),
        derived("key"),
        derived("version"),
        derived("state"),
        derived("body"),
        technical("is_open"),
        technical("waits"),
        derived("rival"),
        technical("fate"),
        technical("part"),
    ],
};

/// Keys of records that both sides know to be gone: a read that lags behind must not bring
/// them back.
pub(crate) const TOMBSTONE: Table = Table {
    name: "tombstone",
    migrations: &[(
        7,
        "CREATE TABLE tombstone (
            remote INTEGER NOT NULL REFERENCES remote (remote) ON DELETE CASCADE,
            key TEXT NOT NULL,
            PRIMARY KEY (remote, key)
        ) STRICT, WITHOUT ROWID",
    )],
    lookups: &[],
    // A record may be called by the name of a person.
    columns: &[technical("remote"), derived("key")],
};

/// Records that cannot be taken, as the remote wrote them.
pub(crate) const QUARANTINE: Table = Table {
    name: "quarantine",
    migrations: &[(
        7,
        "CREATE TABLE quarantine (
            remote INTEGER NOT NULL REFERENCES remote (remote) ON DELETE CASCADE,
            key TEXT NOT NULL,
            reason TEXT NOT NULL,
            body TEXT NOT NULL,
            at INTEGER NOT NULL,
            PRIMARY KEY (remote, key)
        ) STRICT, WITHOUT ROWID",
    )],
    lookups: &[],
    columns: &[
        technical("remote"),
        technical("key"),
        technical("reason"),
        history("body", crate::inventory::Erased::WithContact),
        technical("at"),
    ],
};

/// What became of the contact of a pair, once it is gone.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum Fate {
    /// It is as if it had never been: an undo did that.
    #[default]
    None = 0,
    /// It was deleted.
    Deleted = 1,
    /// The person was erased.
    Erased = 2,
    /// The person was erased, and the record is to go too.
    ErasedThere = 3,
}

/// A pair as it is kept.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Default)]
pub struct PairRow {
    /// Its number; 0 before it is kept.
    pub pair: i64,
    /// Which remote.
    pub remote: RemoteRow,
    /// Which contact; nothing before there is one.
    pub contact: Option<ContactRow>,
    /// The ID in the record: ours where we made it.
    pub external_id: Option<String>,
    /// How the remote calls the record.
    pub key: Option<String>,
    /// Its version when it was last read.
    pub version: Option<String>,
    /// What the engine knows, as JSON.
    pub state: String,
    /// The record as the remote wrote it.
    pub body: String,
    /// Something is to be looked at.
    pub is_open: bool,
    /// Something waits for a person.
    pub waits: bool,
    /// The record means a contact that has another record; its key.
    pub rival: Option<String>,
    /// What became of the contact, once it is gone.
    pub fate: Fate,
    /// What the database of the team calls it, where one shares the remote: given by
    /// [`Tx::name_pair`] alone.
    pub part: Option<String>,
}

/// A record that cannot be taken.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Quarantined {
    /// Which.
    pub key: String,
    /// Why.
    pub reason: String,
    /// As the remote wrote it.
    pub body: String,
    /// Since when.
    pub at: Millis,
}

const COLUMNS: &str =
    "pair, remote, contact, external_id, key, version, state, body, is_open, waits, rival, fate, part";

/// Reads.
pub struct Pairs<'c>(pub(crate) &'c Connection);

impl Pairs<'_> {
    fn one(&self, condition: &str, values: &[&dyn ToSql]) -> rusqlite::Result<Option<PairRow>> {
        self.0
            .prepare_cached(&format!("SELECT {COLUMNS} FROM pair WHERE {condition}"))?
            .query_row(values, read)
            .optional()
    }

    fn several(&self, condition: &str, values: &[&dyn ToSql]) -> rusqlite::Result<Vec<PairRow>> {
        self.0
            .prepare_cached(&format!("SELECT {COLUMNS} FROM pair WHERE {condition}"))?
            .query_map(values, read)?
            .collect()
    }

    /// By its number.
    pub fn get(&self, pair: i64) -> rusqlite::Result<Option<PairRow>> {
        self.one("pair = ?1", &[&pair])
    }

    /// Of a record.
    pub fn of_key(&self, remote: RemoteRow, key: &str) -> rusqlite::Result<Option<PairRow>> {
        self.one("remote = ?1 AND key = ?2", &[&remote, &key])
    }

    /// Of a contact.
    pub fn of_contact(&self, remote: RemoteRow, contact: ContactRow) -> rusqlite::Result<Option<PairRow>> {
        self.one("remote = ?1 AND contact = ?2", &[&remote, &contact])
    }

    /// The one whose record has this ID, but for the pair `other`.
    pub fn of_external_id(
        &self,
        remote: RemoteRow,
        external_id: &str,
        other: i64,
    ) -> rusqlite::Result<Option<PairRow>> {
        self.one(
            "remote = ?1 AND external_id = ?2 AND pair <> ?3 AND rival IS NULL ORDER BY pair LIMIT 1",
            &[&remote, &external_id, &other],
        )
    }

    /// Those of a contact, at all remotes.
    pub fn with_contact(&self, contact: ContactRow) -> rusqlite::Result<Vec<PairRow>> {
        self.several("contact = ?1 ORDER BY remote", &[&contact])
    }

    /// Those in which something is to be looked at.
    pub fn open(&self, remote: RemoteRow) -> rusqlite::Result<Vec<PairRow>> {
        self.several("remote = ?1 AND is_open = 1 ORDER BY pair", &[&remote])
    }

    /// The same, one after the other: after a first listing that is all of them.
    pub fn each_open<E: From<rusqlite::Error>>(
        &self,
        remote: RemoteRow,
        mut each: impl FnMut(PairRow) -> Result<(), E>,
    ) -> Result<(), E> {
        let mut statement = self
            .0
            .prepare_cached(&format!("SELECT {COLUMNS} FROM pair WHERE remote = ?1 AND is_open = 1 ORDER BY pair"))?;
        let mut rows = statement.query([remote])?;
        while let Some(row) = rows.next()? {
            each(read(row)?)?;
        }
        Ok(())
    }

    /// Those that wait for a person, of one remote.
    pub fn waiting(&self, remote: RemoteRow) -> rusqlite::Result<Vec<PairRow>> {
        self.several("remote = ?1 AND waits = 1 ORDER BY pair", &[&remote])
    }

    /// Those whose record has the ID of a contact with another record.
    pub fn rivals(&self, remote: RemoteRow) -> rusqlite::Result<Vec<PairRow>> {
        self.several("remote = ?1 AND rival IS NOT NULL ORDER BY pair", &[&remote])
    }

    /// All of a remote.
    pub fn all(&self, remote: RemoteRow) -> rusqlite::Result<Vec<PairRow>> {
        self.several("remote = ?1 ORDER BY pair", &[&remote])
    }

    /// Numbers and keys of those with a record, for a comparison with a listing.
    pub fn keys(&self, remote: RemoteRow) -> rusqlite::Result<Vec<(i64, String)>> {
        self.0
            .prepare_cached("SELECT pair, key FROM pair WHERE remote = ?1 AND key IS NOT NULL")?
            .query_map([remote], |row| Ok((row.get(0)?, row.get(1)?)))?
            .collect()
    }

    /// The version at which a record was last read.
    pub fn version_of(&self, remote: RemoteRow, key: &str) -> rusqlite::Result<Option<String>> {
        let found: Option<Option<String>> = self
            .0
            .prepare_cached("SELECT version FROM pair WHERE remote = ?1 AND key = ?2")?
            .query_row(params![remote, key], |row| row.get(0))
            .optional()?;
        Ok(found.flatten())
    }

    /// How many have a record.
    pub fn count_linked(&self, remote: RemoteRow) -> rusqlite::Result<u32> {
        self.0
            .prepare_cached("SELECT count(*) FROM pair WHERE remote = ?1 AND key IS NOT NULL")?
            .query_row([remote], |row| row.get(0))
    }

    /// Contacts that have no pair at a remote.
    pub fn unlinked(&self, remote: RemoteRow) -> rusqlite::Result<Vec<ContactRow>> {
        self.0
            .prepare_cached(
                "SELECT row FROM contact c
                  WHERE NOT EXISTS (SELECT 1 FROM pair p WHERE p.remote = ?1 AND p.contact = c.row) ORDER BY row",
            )?
            .query_map([remote], |row| row.get(0))?
            .collect()
    }

    /// Records that cannot be taken.
    pub fn quarantined(&self, remote: RemoteRow) -> rusqlite::Result<Vec<Quarantined>> {
        self.0
            .prepare_cached("SELECT key, reason, body, at FROM quarantine WHERE remote = ?1 ORDER BY key")?
            .query_map([remote], quarantined)?
            .collect()
    }

    /// A record that cannot be taken, by its key.
    pub fn in_quarantine(&self, remote: RemoteRow, key: &str) -> rusqlite::Result<Option<Quarantined>> {
        self.0
            .prepare_cached("SELECT key, reason, body, at FROM quarantine WHERE remote = ?1 AND key = ?2")?
            .query_row(params![remote, key], quarantined)
            .optional()
    }
}

fn quarantined(row: &Row<'_>) -> rusqlite::Result<Quarantined> {
    Ok(Quarantined { key: row.get(0)?, reason: row.get(1)?, body: row.get(2)?, at: Millis(row.get(3)?) })
}

fn read(row: &Row<'_>) -> rusqlite::Result<PairRow> {
    Ok(PairRow {
        pair: row.get(0)?,
        remote: row.get(1)?,
        contact: row.get(2)?,
        external_id: row.get(3)?,
        key: row.get(4)?,
        version: row.get(5)?,
        state: row.get(6)?,
        body: row.get(7)?,
        is_open: row.get(8)?,
        waits: row.get(9)?,
        rival: row.get(10)?,
        fate: match row.get::<_, u8>(11)? {
            1 => Fate::Deleted,
            2 => Fate::Erased,
            3 => Fate::ErasedThere,
            _ => Fate::None,
        },
        part: row.get(12)?,
    })
}

/// What is known of pairs is not part of the history: it is about the remote. The contacts
/// that a run changes are logged like everything else.
impl Tx<'_> {
    /// Keeps a pair: a new one when its number is 0, else in place of what was known.
    /// Gives its number.
    pub fn put_pair(&mut self, row: &PairRow) -> Result<i64, StoreError> {
        self.touched.sync = true;
        self.note_conflict(row)?;
        if row.pair == 0 {
            self.db
                .prepare_cached(
                    "INSERT INTO pair (remote, contact, external_id, key, version, state, body, is_open, waits, rival,
                                       fate)
                     VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11)",
                )?
                .execute(params![
                    row.remote,
                    row.contact,
                    row.external_id,
                    row.key,
                    row.version,
                    row.state,
                    row.body,
                    row.is_open,
                    row.waits,
                    row.rival,
                    row.fate as u8
                ])?;
            return Ok(self.db.last_insert_rowid());
        }
        self.db
            .prepare_cached(
                "UPDATE pair SET contact = ?2, external_id = ?3, key = ?4, version = ?5, state = ?6, body = ?7,
                                 is_open = ?8, waits = ?9, rival = ?10, fate = ?11
                  WHERE pair = ?1",
            )?
            .execute(params![
                row.pair,
                row.contact,
                row.external_id,
                row.key,
                row.version,
                row.state,
                row.body,
                row.is_open,
                row.waits,
                row.rival,
                row.fate as u8
            ])?;
        Ok(row.pair)
    }

    /// A contact is gone for good, so its records are to go too. At a shared remote its ID is
    /// known until they are: the team may not have heard of it, and hear of it from another device.
    pub(crate) fn doom_pairs(&mut self, contact: ContactRow, id: &str) -> Result<(), StoreError> {
        let marked = self
            .db
            .prepare_cached(
                "UPDATE pair SET fate = 1, is_open = 1,
                                 state = CASE WHEN remote IN (SELECT remote FROM remote WHERE epoch IS NOT NULL)
                                              THEN json_set(state, '$.made_as', ?2) ELSE state END
                  WHERE contact = ?1 AND fate = 0",
            )?
            .execute(params![contact, id])?;
        self.touched.sync |= marked > 0;
        Ok(())
    }

    /// A contact comes back under its id: what is known of its records is its own again.
    pub(crate) fn regain_pairs(&mut self, contact: ContactRow, id: &str) -> Result<(), StoreError> {
        let regained = self
            .db
            .prepare_cached(
                "UPDATE OR IGNORE pair SET contact = ?1, fate = 0, is_open = 1
                  WHERE external_id = ?2
                    AND (fate = 1 OR fate = 0 AND contact IS NOT NULL
                                     AND NOT EXISTS (SELECT 1 FROM contact WHERE contact.row = pair.contact))",
            )?
            .execute(params![contact, id])?;
        self.touched.sync |= regained > 0;
        Ok(())
    }

    /// A contact that was removed comes back: the records that were its own are so again,
    /// also those that went to the contact it had become part of.
    pub(crate) fn reclaim_pairs(&mut self, row: ContactRow, contact: &Contact) -> Result<(), StoreError> {
        let ids =
            std::iter::once(contact.id.as_str()).chain(contact.links.iter().map(|link| link.external_id.as_str()));
        for id in ids {
            let reclaimed = self
                .db
                .prepare_cached(
                    "UPDATE OR IGNORE pair SET contact = ?1, fate = 0, is_open = 1
                      WHERE external_id = ?2 AND contact IS NOT NULL AND fate < 2",
                )?
                .execute(params![row, id])?;
            self.touched.sync |= reclaimed > 0;
        }
        Ok(())
    }

    /// A contact became part of another: a record that only it had is the other's from now
    /// on, and where both have one, its own goes.
    pub fn join_pairs(&mut self, from: ContactRow, to: ContactRow) -> Result<(), StoreError> {
        self.outbox.joins(from, to);
        for pair in Pairs(self.db).with_contact(from)? {
            let taken = Pairs(self.db).of_contact(pair.remote, to)?.is_some();
            let (contact, fate) = if taken { (pair.contact, Fate::Deleted) } else { (Some(to), Fate::None) };
            self.put_pair(&PairRow { contact, fate, is_open: true, ..pair })?;
        }
        Ok(())
    }

    /// Says that what waits for a person at a remote is to be looked at: who wins is another.
    pub fn open_waiting(&mut self, remote: RemoteRow) -> Result<(), StoreError> {
        self.touched.sync = true;
        self.db.execute("UPDATE pair SET is_open = 1 WHERE remote = ?1 AND waits = 1", [remote])?;
        Ok(())
    }

    /// Says that all pairs of a remote are to be looked at, and their records to be read
    /// anew whatever their version: its mapping is another.
    pub fn open_pairs(&mut self, remote: RemoteRow) -> Result<(), StoreError> {
        self.db.execute("UPDATE pair SET is_open = 1, version = NULL WHERE remote = ?1", [remote])?;
        Ok(())
    }

    /// Whether both sides know that the record is gone.
    pub fn is_tombstone(&self, remote: RemoteRow, key: &str) -> Result<bool, StoreError> {
        Ok(self
            .db
            .prepare_cached("SELECT EXISTS (SELECT 1 FROM tombstone WHERE remote = ?1 AND key IN (?2, ?3))")?
            .query_row(params![remote, key, self.buried(remote, key)], |row| row.get(0))?)
    }

    /// Forgets a pair. A record that is gone leaves its key behind, one of an erased person
    /// no more than a hash of it.
    pub fn delete_pair(&mut self, row: &PairRow, is_gone: bool) -> Result<(), StoreError> {
        self.touched.sync = true;
        self.db.prepare_cached("DELETE FROM pair WHERE pair = ?1")?.execute([row.pair])?;
        if let Some(key) = row.key.as_ref().filter(|_| is_gone) {
            let is_erased = matches!(row.fate, Fate::Erased | Fate::ErasedThere);
            // The team forgets the part, and hears nothing of whom it was about.
            let told = (!is_erased).then_some(key);
            self.db
                .prepare_cached("UPDATE bridge_end SET key = ?3 WHERE remote = ?1 AND part = ?2")?
                .execute(params![row.remote, row.part, told])?;
            let key = if is_erased { self.buried(row.remote, key) } else { key.clone() };
            self.put_tombstone(row.remote, &key)?;
        }
        Ok(())
    }

    /// Keeps a record that cannot be taken, or says that it can by now.
    pub fn set_quarantine(
        &mut self,
        remote: RemoteRow,
        key: &str,
        fault: Option<(&str, &str)>,
    ) -> Result<(), StoreError> {
        match fault {
            Some((reason, body)) => self
                .db
                .prepare_cached(
                    "INSERT INTO quarantine (remote, key, reason, body, at) VALUES (?1, ?2, ?3, ?4, ?5)
                     ON CONFLICT (remote, key) DO UPDATE SET reason = excluded.reason, body = excluded.body",
                )?
                .execute(params![remote, key, reason, body, self.now().0])?,
            None => self
                .db
                .prepare_cached("DELETE FROM quarantine WHERE remote = ?1 AND key = ?2")?
                .execute(params![remote, key])?,
        };
        self.touched.sync = true;
        Ok(())
    }
}
