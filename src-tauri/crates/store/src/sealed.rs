//! Values of secrets, sealed under a key of their own that is derived from the
//! workspace's: a copied or restored workspace keeps them, and whoever can only
//! read the database has not got them.
//!
//! There is one way in, [`Store::seal`], and one way out, [`Store::reveal`],
//! which asks for the passphrase or the recovery code each time. What comes out
//! is a type that nothing can write, print, copy or send:
//!
//! ```
//! let text = cardfile_store::SecretText::new("marker".to_owned());
//! assert_eq!(text.show().as_str(), "marker");
//! ```
//! ```compile_fail
//! fn export<T: serde::Serialize>(_: &T) {}
//! export(&cardfile_store::SecretText::new("marker".to_owned()));
//! ```
//! ```compile_fail
//! println!("{}", cardfile_store::SecretText::new("marker".to_owned()));
//! ```
//! ```compile_fail
//! println!("{:?}", cardfile_store::SecretText::new("marker".to_owned()));
//! ```
//! ```compile_fail
//! let one = cardfile_store::SecretText::new("marker".to_owned());
//! let other = one.clone();
//! ```

use crate::{
    connection,
    error::StoreError,
    inventory::{Table, sealed},
    key_use::{KeyUse, Renewal},
    keyslots::{DataKey, Secret, SlotKind},
    reader::Reader,
    store::Store,
    write::Tx,
};
use cardfile_domain::{id::Entropy, say};
use chacha20poly1305::{
    KeyInit, XChaCha20Poly1305,
    aead::{Aead, Payload},
};
use rusqlite::{Connection, OptionalExtension, params};
use zeroize::Zeroizing;

pub(crate) const TABLE: Table = Table {
    name: "sealed",
    migrations: &[(
        4,
        "CREATE TABLE sealed (
            secret TEXT PRIMARY KEY, -- sec_…
            nonce BLOB NOT NULL,
            value BLOB NOT NULL
        ) STRICT, WITHOUT ROWID",
    )],
    lookups: &[],
    columns: &[sealed("secret"), sealed("nonce"), sealed("value")],
};

/// The value of a secret. Wiped from memory when dropped; it can be shown to
/// the person who asked, and nothing else.
pub struct SecretText(Zeroizing<String>);

impl SecretText {
    /// What somebody typed.
    pub fn new(text: String) -> Self {
        Self(Zeroizing::new(text))
    }

    /// Whether nothing was typed.
    pub fn is_empty(&self) -> bool {
        self.0.trim().is_empty()
    }

    /// For the screen or the terminal of the person who asked, once.
    pub fn show(self) -> Zeroizing<String> {
        self.0
    }
}

/// A sealed value on its way into the database.
pub struct Sealed {
    secret: String,
    nonce: [u8; 24],
    value: Vec<u8>,
}

/// Nonce and value of a sealed text.
type Kept = (Vec<u8>, Vec<u8>);

fn unseal(key: &[u8; 32], secret: &str, nonce: &[u8], value: &[u8]) -> Result<SecretText, StoreError> {
    let damaged = || StoreError::Damaged(say!("the value of {secret} cannot be read", secret));
    let nonce: [u8; 24] = nonce.try_into().map_err(|_| damaged())?;
    let payload = Payload { msg: value, aad: secret.as_bytes() };
    let text = XChaCha20Poly1305::new(key.into()).decrypt((&nonce).into(), payload).map_err(|_| damaged())?;
    Ok(SecretText::new(String::from_utf8(text).map_err(|_| damaged())?))
}

/// Seals every value again, for another key of the workspace. The value of a row says by
/// what it opens with what it is for.
pub(crate) fn reseal(db: &Connection, old: &DataKey, new: &DataKey, entropy: &dyn Entropy) -> Result<(), StoreError> {
    let kept: Vec<(String, Vec<u8>, Vec<u8>)> = db
        .prepare("SELECT secret, nonce, value FROM sealed")?
        .query_map([], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))?
        .collect::<rusqlite::Result<_>>()?;
    for (secret, nonce, value) in kept {
        let mut sealed_for = KeyUse::ALL.iter().copied().filter(|one| one.renewal() == Renewal::Row);
        let opened = sealed_for.find_map(|key_use| {
            let text = unseal(&old.derive(key_use), &secret, &nonce, &value).ok()?;
            Some((key_use, text))
        });
        let (key_use, text) =
            opened.ok_or_else(|| StoreError::Damaged(say!("the value of {secret} cannot be read", secret)))?;
        let sealed = seal_with(&new.derive(key_use), &secret, &text, entropy)?;
        db.prepare_cached("UPDATE sealed SET nonce = ?2, value = ?3 WHERE secret = ?1")?.execute(params![
            sealed.secret,
            sealed.nonce,
            sealed.value
        ])?;
    }
    Ok(())
}

/// Brings the keys over that the program made for itself since a backup: what they signed is to
/// be checked with the same ones. Those that are there stay.
pub(crate) fn carry_keys(
    from: &Connection,
    old: &DataKey,
    to: &Connection,
    new: &DataKey,
    entropy: &dyn Entropy,
) -> Result<(), StoreError> {
    let kept: Vec<(String, Vec<u8>, Vec<u8>)> = from
        .prepare("SELECT secret, nonce, value FROM sealed WHERE secret GLOB 'key_*'")?
        .query_map([], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))?
        .collect::<rusqlite::Result<_>>()?;
    connection::check_whole(from)?;
    for (secret, nonce, value) in kept {
        let text = unseal(&old.derive(KeyUse::Credentials), &secret, &nonce, &value)?;
        let sealed = seal_with(&new.derive(KeyUse::Credentials), &secret, &text, entropy)?;
        to.prepare_cached("INSERT OR IGNORE INTO sealed (secret, nonce, value) VALUES (?1, ?2, ?3)")?
            .execute(params![sealed.secret, sealed.nonce, sealed.value])?;
    }
    Ok(())
}

fn seal_with(key: &[u8; 32], secret: &str, text: &SecretText, entropy: &dyn Entropy) -> Result<Sealed, StoreError> {
    let mut nonce = [0; 24];
    entropy.fill(&mut nonce);
    let payload = Payload { msg: text.0.as_bytes(), aad: secret.as_bytes() };
    let value =
        XChaCha20Poly1305::new(key.into()).encrypt((&nonce).into(), payload).map_err(|_| StoreError::WrongKey)?;
    Ok(Sealed { secret: secret.to_owned(), nonce, value })
}

fn kept(reader: Reader<'_>, secret: &str) -> rusqlite::Result<Option<Kept>> {
    reader
        .0
        .prepare_cached("SELECT nonce, value FROM sealed WHERE secret = ?1")?
        .query_row([secret], |row| Ok((row.get(0)?, row.get(1)?)))
        .optional()
}

impl Store {
    /// Seals a value for the secret with this id. A workspace whose key lies
    /// open refuses: anybody could unseal it.
    pub fn seal(&self, secret: &str, text: &SecretText) -> Result<Sealed, StoreError> {
        if self.slots().kinds().contains(&SlotKind::Unprotected) {
            return Err(StoreError::Unprotected);
        }
        seal_with(&self.key().derive(KeyUse::Secrets), secret, text, &*self.environment().entropy)
    }

    /// The value of a secret, for a person who proves to hold a key of the
    /// workspace. `None` when it was revoked.
    pub fn reveal(&self, secret: &str, proof: &Secret) -> Result<Option<SecretText>, StoreError> {
        let proven = self.slots().open_with(proof)?;
        let Some((nonce, value)) = self.sealed(secret)? else { return Ok(None) };
        unseal(&proven.derive(KeyUse::Secrets), secret, &nonce, &value).map(Some)
    }

    /// Seals what a remote asks for, under the id of the remote. A run needs it with nobody
    /// there, so that the key of the workspace alone unseals it: whoever left that open has
    /// left this open too, and is told so all the time.
    pub fn seal_credential(&self, remote: &str, text: &SecretText) -> Result<Sealed, StoreError> {
        seal_with(&self.key().derive(KeyUse::Credentials), remote, text, &*self.environment().entropy)
    }

    /// What a remote asks for; `None` when nothing was kept.
    pub fn credential(&self, remote: &str) -> Result<Option<SecretText>, StoreError> {
        self.read(|r| Ok(self.credential_in(r, remote)))?
    }

    /// The same inside a transaction, for who puts another one in its place.
    pub fn credential_in(&self, reader: Reader<'_>, remote: &str) -> Result<Option<SecretText>, StoreError> {
        let Some((nonce, value)) = kept(reader, remote)? else { return Ok(None) };
        unseal(&self.key().derive(KeyUse::Credentials), remote, &nonce, &value).map(Some)
    }

    fn sealed(&self, secret: &str) -> Result<Option<Kept>, StoreError> {
        self.read(|r| kept(r, secret))
    }

    /// Whether the value of a secret is still there.
    pub fn is_sealed(&self, secret: &str) -> Result<bool, StoreError> {
        self.read(|r| {
            r.0.prepare_cached("SELECT count(*) FROM sealed WHERE secret = ?1")?.query_row([secret], |row| row.get(0))
        })
    }
}

impl Tx<'_> {
    /// Keeps a sealed value. Not part of the history: the log holds no secret.
    pub fn put_sealed(&mut self, sealed: &Sealed) -> Result<(), StoreError> {
        self.db
            .prepare_cached("INSERT OR REPLACE INTO sealed (secret, nonce, value) VALUES (?1, ?2, ?3)")?
            .execute(params![sealed.secret, sealed.nonce, sealed.value])?;
        Ok(())
    }

    /// Keeps a sealed value unless there is one under its id already; then that one stays.
    pub fn put_sealed_once(&mut self, sealed: &Sealed) -> Result<(), StoreError> {
        self.db
            .prepare_cached("INSERT OR IGNORE INTO sealed (secret, nonce, value) VALUES (?1, ?2, ?3)")?
            .execute(params![sealed.secret, sealed.nonce, sealed.value])?;
        Ok(())
    }

    /// Destroys the value of a secret, for ever.
    pub fn destroy_sealed(&mut self, secret: &str) -> Result<(), StoreError> {
        self.db.prepare_cached("DELETE FROM sealed WHERE secret = ?1")?.execute([secret])?;
        Ok(())
    }
}
