//! The suppression list: keyed hashes of what erased persons are known by, so that the next
//! import or sync does not bring them back. The key is random, wrapped in the key slots and
//! never in the database: a plain hash of a phone is found by trying all phones.

use crate::{
    error::StoreError,
    inventory::{Table, technical},
    key_use::KeyUse,
    keyslots::{self, DataKey, KeySlots, hex, unhex},
    reader::Reader,
    remote::RemoteRow,
    write::Tx,
};
use cardfile_domain::{
    Millis,
    id::Entropy,
    say,
    suppression::{Mark, MarkKind},
};
use chacha20poly1305::{
    KeyInit, XChaCha20Poly1305,
    aead::{Aead, Payload},
};
use hmac::{Hmac, Mac};
use rusqlite::{Connection, Row, params};
use serde::{Deserialize, Serialize};
use sha2::Sha256;
use std::collections::HashSet;
use zeroize::Zeroizing;

pub(crate) const TABLE: Table = Table {
    name: "suppression",
    migrations: &[(
        9,
        "CREATE TABLE suppression (
            tag BLOB NOT NULL,                  -- HMAC-SHA-256 of what an erased person is known by
            kind TEXT NOT NULL,                 -- what that is: email, phone
            erasure TEXT NOT NULL,              -- era_…
            at INTEGER NOT NULL,
            lifted_at INTEGER,
            returns INTEGER NOT NULL,           -- how often it was turned away since
            returned_at INTEGER,
            returned_by TEXT,                   -- by which kind of operation, the last time
            PRIMARY KEY (tag, erasure)
        ) STRICT, WITHOUT ROWID;
        CREATE INDEX suppression_erasure ON suppression (erasure)",
    )],
    lookups: &[],
    columns: &[
        technical("tag"),
        technical("kind"),
        technical("erasure"),
        technical("at"),
        technical("lifted_at"),
        technical("returns"),
        technical("returned_at"),
        technical("returned_by"),
    ],
};

/// A keyed hash.
pub type Tag = [u8; 32];

/// Makes tags. Holds the key, so it has no `Debug`.
#[derive(Clone)]
pub struct Suppressor(Zeroizing<[u8; 32]>);

impl Suppressor {
    pub(crate) fn generate(entropy: &dyn Entropy) -> Self {
        Self(keyslots::random(entropy))
    }

    pub(crate) fn is(&self, other: &Self) -> bool {
        *self.0 == *other.0
    }

    /// A key for one other use. It stays when the workspace gets another key, and goes
    /// with the list to a restored copy.
    pub(crate) fn derive(&self, key_use: KeyUse) -> Zeroizing<[u8; 32]> {
        DataKey(self.0.clone()).derive(key_use)
    }

    /// The tag of something in its canonical form.
    pub fn tag(&self, kind: MarkKind, value: &str) -> Tag {
        // A key of 32 bytes, filled up to a block as HMAC does it (RFC 2104, 2).
        let mut block = Zeroizing::new([0; 64]);
        block[..32].copy_from_slice(&*self.0);
        let mut mac = <Hmac<Sha256> as KeyInit>::new((&*block).into());
        mac.update(kind.as_str().as_bytes());
        mac.update(&[0]);
        mac.update(value.as_bytes());
        mac.finalize().into_bytes().into()
    }

    /// Those of these marks that are suppressed.
    pub fn hits(&self, reader: Reader<'_>, marks: &[Mark]) -> rusqlite::Result<Vec<Tag>> {
        let mut hits = Vec::new();
        for mark in marks {
            let tag = self.tag(mark.kind, &mark.value);
            if reader.suppressions().has(&tag)? {
                hits.push(tag);
            }
        }
        Ok(hits)
    }

    /// The list as it is now; nothing when nobody is on it.
    pub fn watch(self, reader: Reader<'_>) -> rusqlite::Result<Option<Watch>> {
        if !reader.suppressions().any()? {
            return Ok(None);
        }
        let all = reader.suppressions().all()?.into_iter();
        let tags = all.filter(|one| one.lifted_at.is_none()).map(|one| one.tag).collect();
        Ok(Some(Watch { suppressor: self, tags }))
    }
}

/// The list in memory: an import asks it a million times.
pub struct Watch {
    suppressor: Suppressor,
    tags: HashSet<Tag>,
}

impl Watch {
    /// Those of these marks that are suppressed.
    pub fn hits(&self, marks: &[Mark]) -> Vec<Tag> {
        let tags = marks.iter().map(|mark| self.suppressor.tag(mark.kind, &mark.value));
        tags.filter(|tag| self.tags.contains(tag)).collect()
    }
}

/// The key of the list as it lies in the key slots.
#[derive(Clone, Serialize, Deserialize)]
pub(crate) struct WrappedKey {
    nonce: String,
    wrapped: String,
}

impl WrappedKey {
    pub(crate) fn seal(
        workspace: &str,
        key: &DataKey,
        suppressor: &Suppressor,
        entropy: &dyn Entropy,
    ) -> Result<Self, StoreError> {
        let nonce: Zeroizing<[u8; 24]> = keyslots::random(entropy);
        let payload = Payload { msg: &*suppressor.0, aad: workspace.as_bytes() };
        let wrapped = XChaCha20Poly1305::new((&*key.derive(KeyUse::Suppression)).into())
            .encrypt((&*nonce).into(), payload)
            .map_err(|_| StoreError::WrongKey)?;
        Ok(Self { nonce: hex(&*nonce), wrapped: hex(&wrapped) })
    }

    pub(crate) fn open(&self, workspace: &str, key: &DataKey) -> Result<Suppressor, StoreError> {
        let damaged = || StoreError::Damaged(say!("the key of the list of erasures cannot be read"));
        let nonce: Zeroizing<[u8; 24]> = unhex(&self.nonce).ok_or_else(damaged)?;
        let wrapped: Zeroizing<[u8; 48]> = unhex(&self.wrapped).ok_or_else(damaged)?;
        let payload = Payload { msg: &*wrapped, aad: workspace.as_bytes() };
        let plain = XChaCha20Poly1305::new((&*key.derive(KeyUse::Suppression)).into())
            .decrypt((&*nonce).into(), payload)
            .map_err(|_| damaged())?;
        let plain = Zeroizing::new(plain);
        let mut own = Zeroizing::new([0; 32]);
        own.copy_from_slice(plain.get(..32).ok_or_else(damaged)?);
        Ok(Suppressor(own))
    }
}

impl KeySlots {
    /// The key of the suppression list; nothing in slots from before there was one.
    pub(crate) fn suppressor(&self, key: &DataKey) -> Result<Option<Suppressor>, StoreError> {
        self.suppression.as_ref().map(|kept| kept.open(&self.workspace, key)).transpose()
    }

    /// Keeps the key of the suppression list, wrapped by the key of the workspace. Whoever
    /// gives the workspace another key wraps it anew.
    pub(crate) fn put_suppressor(
        &mut self,
        key: &DataKey,
        suppressor: &Suppressor,
        entropy: &dyn Entropy,
    ) -> Result<(), StoreError> {
        self.suppression = Some(WrappedKey::seal(&self.workspace, key, suppressor, entropy)?);
        Ok(())
    }
}

/// An entry of the list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Suppressed {
    /// The keyed hash.
    pub tag: Tag,
    /// What it is of.
    pub kind: String,
    /// By which erasure, `era_…`.
    pub erasure: String,
    /// Since when.
    pub at: Millis,
    /// When it was lifted.
    pub lifted_at: Option<Millis>,
    /// How often it was turned away.
    pub returns: u32,
    /// When that was last.
    pub returned_at: Option<Millis>,
    /// By which kind of operation.
    pub returned_by: Option<String>,
}

const COLUMNS: &str = "tag, kind, erasure, at, lifted_at, returns, returned_at, returned_by";

/// Reads.
pub struct Suppressions<'c>(pub(crate) &'c Connection);

impl Suppressions<'_> {
    /// Whether anything is suppressed at all: mostly nothing is, and then nobody asks further.
    pub fn any(&self) -> rusqlite::Result<bool> {
        self.0
            .prepare_cached("SELECT EXISTS (SELECT 1 FROM suppression WHERE lifted_at IS NULL)")?
            .query_row([], |row| row.get(0))
    }

    /// Whether this is suppressed.
    pub fn has(&self, tag: &Tag) -> rusqlite::Result<bool> {
        self.0
            .prepare_cached("SELECT EXISTS (SELECT 1 FROM suppression WHERE tag = ?1 AND lifted_at IS NULL)")?
            .query_row([&tag[..]], |row| row.get(0))
    }

    /// The erasures that suppress this.
    pub fn erasures_of(&self, tag: &Tag) -> rusqlite::Result<Vec<String>> {
        self.0
            .prepare_cached("SELECT erasure FROM suppression WHERE tag = ?1 AND lifted_at IS NULL ORDER BY erasure")?
            .query_map([&tag[..]], |row| row.get(0))?
            .collect()
    }

    /// What an erasure suppresses, lifted or not.
    pub fn of_erasure(&self, erasure: &str) -> rusqlite::Result<Vec<Suppressed>> {
        self.0
            .prepare_cached(&format!("SELECT {COLUMNS} FROM suppression WHERE erasure = ?1 ORDER BY kind, tag"))?
            .query_map([erasure], read)?
            .collect()
    }

    /// The whole list.
    pub fn all(&self) -> rusqlite::Result<Vec<Suppressed>> {
        self.0
            .prepare_cached(&format!("SELECT {COLUMNS} FROM suppression ORDER BY erasure, tag"))?
            .query_map([], read)?
            .collect()
    }
}

fn read(row: &Row<'_>) -> rusqlite::Result<Suppressed> {
    Ok(Suppressed {
        tag: row.get(0)?,
        kind: row.get(1)?,
        erasure: row.get(2)?,
        at: Millis(row.get(3)?),
        lifted_at: row.get::<_, Option<i64>>(4)?.map(Millis),
        returns: row.get(5)?,
        returned_at: row.get::<_, Option<i64>>(6)?.map(Millis),
        returned_by: row.get(7)?,
    })
}

/// The list is no part of the history: an undo must not bring anybody back.
impl Tx<'_> {
    /// Those of these marks that are suppressed. Costs nothing as long as nobody was erased.
    pub fn suppressed(&self, marks: &[Mark]) -> Result<Vec<Tag>, StoreError> {
        if !self.suppresses {
            return Ok(Vec::new());
        }
        Ok(self.suppressor.hits(self.read(), marks)?)
    }

    /// Whether anybody is: who has to work for the question asks this first.
    pub fn suppresses(&self) -> bool {
        self.suppresses
    }

    /// Whoever is known by these does not come back.
    pub fn suppress(&mut self, marks: &[Mark], erasure: &str) -> Result<(), StoreError> {
        for mark in marks {
            let tag = self.suppressor.tag(mark.kind, &mark.value);
            self.put_suppressed(&Suppressed {
                tag,
                kind: mark.kind.as_str().to_owned(),
                erasure: erasure.to_owned(),
                at: self.now(),
                lifted_at: None,
                returns: 0,
                returned_at: None,
                returned_by: None,
            })?;
        }
        Ok(())
    }

    /// An entry as it is. One that is there stays, and what was lifted anywhere is lifted.
    pub(crate) fn put_suppressed(&mut self, entry: &Suppressed) -> Result<(), StoreError> {
        self.db
            .prepare_cached(&format!(
                "INSERT INTO suppression ({COLUMNS}) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)
                 ON CONFLICT (tag, erasure) DO UPDATE
                     SET lifted_at = ifnull(suppression.lifted_at, excluded.lifted_at)"
            ))?
            .execute(params![
                &entry.tag[..],
                entry.kind,
                entry.erasure,
                entry.at.0,
                entry.lifted_at.map(|at| at.0),
                entry.returns,
                entry.returned_at.map(|at| at.0),
                entry.returned_by
            ])?;
        self.suppresses |= entry.lifted_at.is_none();
        Ok(())
    }

    /// Somebody who was erased was turned away: counted, so that it can be seen.
    pub fn note_return(&mut self, tags: &[Tag]) -> Result<(), StoreError> {
        let by = self.op().kind.as_str();
        for tag in tags {
            self.db
                .prepare_cached(
                    "UPDATE suppression SET returns = returns + 1, returned_at = ?2, returned_by = ?3
                      WHERE tag = ?1 AND lifted_at IS NULL",
                )?
                .execute(params![&tag[..], self.now().0, by])?;
        }
        self.returns += u32::from(!tags.is_empty());
        Ok(())
    }

    /// How many were turned away in this transaction.
    pub fn returns(&self) -> u32 {
        self.returns
    }

    /// The person of an erasure may come back: they want to. How many entries that lifts.
    pub fn lift_suppression(&mut self, erasure: &str) -> Result<u32, StoreError> {
        let lifted = self
            .db
            .prepare_cached("UPDATE suppression SET lifted_at = ?2 WHERE erasure = ?1 AND lifted_at IS NULL")?
            .execute(params![erasure, self.now().0])?;
        self.suppresses = self.read().suppressions().any()?;
        Ok(u32::try_from(lifted).unwrap_or(u32::MAX))
    }

    /// How the key of a record of an erased person is kept: it may hold their name.
    pub(crate) fn buried(&self, remote: RemoteRow, key: &str) -> String {
        format!("#{}", hex(&self.suppressor.tag(MarkKind::Record, &format!("{remote}\0{key}"))))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Fixed(u8);
    impl Entropy for Fixed {
        fn fill(&self, bytes: &mut [u8]) {
            bytes.fill(self.0);
        }
    }

    #[test]
    fn the_same_is_the_same_under_one_key_only_and_kinds_are_told_apart() {
        let (one, other) = (Suppressor::generate(&Fixed(1)), Suppressor::generate(&Fixed(2)));
        let tag = one.tag(MarkKind::Email, "ana@x.example");
        assert_eq!(tag, one.tag(MarkKind::Email, "ana@x.example"));
        assert_ne!(tag, other.tag(MarkKind::Email, "ana@x.example"));
        assert_ne!(tag, one.tag(MarkKind::Phone, "ana@x.example"));
    }

    #[test]
    fn the_key_is_opened_by_the_workspace_that_wrapped_it_and_no_other() {
        let (key, other) = (DataKey(Zeroizing::new([7; 32])), DataKey(Zeroizing::new([8; 32])));
        let suppressor = Suppressor::generate(&Fixed(1));
        let wrapped = WrappedKey::seal("wsp_1", &key, &suppressor, &Fixed(3)).expect("sealed");
        assert!(wrapped.open("wsp_1", &key).is_ok_and(|opened| opened.is(&suppressor)));
        assert!(wrapped.open("wsp_2", &key).is_err());
        assert!(wrapped.open("wsp_1", &other).is_err());
    }
}
