//! The key of a workspace and the ways to it.
//!
//! The database is encrypted with a random 256-bit key. That key is stored only
//! wrapped, once per *slot*, in `keyslots.json` beside the database: by a key
//! in the operating system's keychain, by the recovery code, by a passphrase.
//! Losing one way leaves the others; losing all of them loses the data. A
//! workspace without protection holds the key in the open and says so.

mod ways;

pub use ways::KeychainState;

use crate::{error::StoreError, key_use::KeyUse, keystore::Keystore, recovery::RecoveryCode, suppression::WrappedKey};
use argon2::{Algorithm, Argon2, Params, Version};
use cardfile_domain::{id::Entropy, say};
use chacha20poly1305::{
    KeyInit, XChaCha20Poly1305,
    aead::{Aead, Payload},
};
use hmac::{Hmac, Mac};
use serde::{Deserialize, Serialize};
use sha2::Sha256;
use std::path::Path;
use zeroize::Zeroizing;

/// The database's key. Wiped from memory when dropped; has no `Debug`.
#[derive(Clone)]
pub struct DataKey(pub(crate) Zeroizing<[u8; 32]>);

impl DataKey {
    /// A new one.
    pub(crate) fn random(entropy: &dyn Entropy) -> Self {
        Self(random(entropy))
    }

    /// A key for one use only (HMAC-SHA-256 of its name, as HKDF expands one block).
    pub(crate) fn derive(&self, key_use: KeyUse) -> Zeroizing<[u8; 32]> {
        // A key of 32 bytes, filled up to a block as HMAC does it (RFC 2104, 2).
        let mut block = Zeroizing::new([0; 64]);
        block[..32].copy_from_slice(&*self.0);
        let mut mac = <Hmac<Sha256> as KeyInit>::new((&*block).into());
        mac.update(key_use.name().as_bytes());
        Zeroizing::new(mac.finalize().into_bytes().into())
    }
}

/// What a person offers to open a workspace.
pub enum Secret {
    /// A passphrase; text that is a well-formed recovery code is tried as one too.
    Passphrase(Zeroizing<String>),
    /// The recovery code.
    Recovery(RecoveryCode),
}

/// How a new workspace is protected. The recovery code is added to the first two.
pub enum Protection {
    /// The keychain of this computer opens it.
    Keychain,
    /// A passphrase, asked at every start.
    Passphrase(Zeroizing<String>),
    /// None: anyone at this computer can open it.
    None,
}

/// A way to the key, without the key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SlotKind {
    /// Operating system's keychain.
    Keychain,
    /// Recovery code.
    Recovery,
    /// Passphrase.
    Passphrase,
    /// The key lies open.
    Unprotected,
}

impl SlotKind {
    /// The word on screen and in reports.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Keychain => "keychain",
            Self::Recovery => "recovery",
            Self::Passphrase => "passphrase",
            Self::Unprotected => "unprotected",
        }
    }
}

/// The content of `keyslots.json`.
#[derive(Clone, Serialize, Deserialize)]
pub struct KeySlots {
    format: String,
    /// Id of the workspace, `wsp_…`; also the account name in the keychain.
    pub workspace: String,
    slots: Vec<Slot>,
    /// The key of the suppression list, wrapped: whoever has the database alone cannot
    /// try emails and phones on that list.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) suppression: Option<WrappedKey>,
}

#[derive(Clone, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
enum Slot {
    /// `backend` is kept because a changed desktop may bring another keychain,
    /// and then the person must be told why the recovery code is asked.
    Keychain {
        backend: String,
        nonce: String,
        wrapped: String,
    },
    Recovery {
        kdf: Kdf,
        nonce: String,
        wrapped: String,
    },
    Passphrase {
        kdf: Kdf,
        nonce: String,
        wrapped: String,
    },
    Unprotected {
        key: String,
    },
}

/// Parameters of Argon2id (RFC 9106) for one slot.
#[derive(Serialize, Deserialize, Clone)]
struct Kdf {
    m_kib: u32,
    t: u32,
    p: u32,
    salt: String,
}

const FORMAT: &str = "cardfile-keyslots/1";
/// The file's name beside the database.
pub(crate) const FILE: &str = "keyslots.json";

impl KeySlots {
    /// Makes a key and its slots. The recovery code is to be shown once.
    pub fn create(
        workspace: String,
        protection: &Protection,
        keystore: Option<&dyn Keystore>,
        entropy: &dyn Entropy,
    ) -> Result<(Self, DataKey, Option<RecoveryCode>), StoreError> {
        let key = DataKey(random(entropy));
        let mut slots = Self { format: FORMAT.into(), workspace, slots: Vec::new(), suppression: None };
        if let Protection::None = protection {
            slots.slots.push(Slot::Unprotected { key: hex(&*key.0) });
            return Ok((slots, key, None));
        }
        match protection {
            Protection::Keychain => {
                let keystore = keystore.ok_or(StoreError::Locked)?;
                slots.add_keychain(&key, keystore, entropy)?;
            }
            Protection::Passphrase(passphrase) => slots.set_passphrase(&key, passphrase, entropy)?,
            Protection::None => {}
        }
        let code = slots.renew_recovery(&key, entropy)?;
        Ok((slots, key, Some(code)))
    }

    /// The ways that exist, in the order they are tried.
    pub fn kinds(&self) -> Vec<SlotKind> {
        self.slots.iter().map(Slot::kind).collect()
    }

    /// Finds the key without asking anybody: an open slot, or the keychain.
    pub fn open_unasked(&self, keystore: Option<&dyn Keystore>) -> Option<DataKey> {
        self.slots.iter().find_map(|slot| match slot {
            Slot::Unprotected { key } => unhex(key).map(DataKey),
            Slot::Keychain { nonce, wrapped, .. } => {
                let kek = keystore?.load(&self.workspace)?;
                self.unwrap_key(SlotKind::Keychain, &kek, nonce, wrapped)
            }
            Slot::Recovery { .. } | Slot::Passphrase { .. } => None,
        })
    }

    /// Finds the key by what a person typed.
    pub fn open_with(&self, secret: &Secret) -> Result<DataKey, StoreError> {
        let (passphrase, code) = match secret {
            Secret::Passphrase(text) => (Some(text.as_str()), RecoveryCode::parse(text).ok()),
            Secret::Recovery(code) => (None, Some(code.clone())),
        };
        for slot in &self.slots {
            let found = match slot {
                Slot::Recovery { kdf, nonce, wrapped } => code
                    .as_ref()
                    .and_then(|code| self.unwrap_key(SlotKind::Recovery, &*kdf.derive(code.as_str())?, nonce, wrapped)),
                Slot::Passphrase { kdf, nonce, wrapped } => passphrase
                    .and_then(|text| self.unwrap_key(SlotKind::Passphrase, &*kdf.derive(text)?, nonce, wrapped)),
                Slot::Keychain { .. } | Slot::Unprotected { .. } => None,
            };
            if let Some(key) = found {
                return Ok(key);
            }
        }
        Err(StoreError::WrongKey)
    }

    /// Lets the keychain of this computer open the workspace from now on.
    pub fn add_keychain(
        &mut self,
        key: &DataKey,
        keystore: &dyn Keystore,
        entropy: &dyn Entropy,
    ) -> Result<(), StoreError> {
        // The one it has stays: copies of this workspace on this computer share it.
        let kek = match keystore.load(&self.workspace) {
            Some(kek) => kek,
            None => {
                let kek: Zeroizing<[u8; 32]> = random(entropy);
                keystore.save(&self.workspace, &kek)?;
                kek
            }
        };
        let (nonce, wrapped) = self.wrap(SlotKind::Keychain, &kek, key, entropy)?;
        self.replace(Slot::Keychain { backend: keystore.name().to_owned(), nonce, wrapped });
        Ok(())
    }

    /// Sets or changes the passphrase. The data is not written again.
    pub fn set_passphrase(&mut self, key: &DataKey, passphrase: &str, entropy: &dyn Entropy) -> Result<(), StoreError> {
        let kdf = Kdf::new(entropy);
        let kek = kdf.derive(passphrase).ok_or(StoreError::WrongKey)?;
        let (nonce, wrapped) = self.wrap(SlotKind::Passphrase, &kek, key, entropy)?;
        self.replace(Slot::Passphrase { kdf, nonce, wrapped });
        Ok(())
    }

    /// Makes a new recovery code; the old one stops working.
    pub fn renew_recovery(&mut self, key: &DataKey, entropy: &dyn Entropy) -> Result<RecoveryCode, StoreError> {
        let code = RecoveryCode::generate(entropy);
        let kdf = Kdf::new(entropy);
        let kek = kdf.derive(code.as_str()).ok_or(StoreError::WrongKey)?;
        let (nonce, wrapped) = self.wrap(SlotKind::Recovery, &kek, key, entropy)?;
        self.replace(Slot::Recovery { kdf, nonce, wrapped });
        Ok(code)
    }

    /// Takes the key away that lay open beside the file. Copies of the file that
    /// were made before still hold it.
    pub fn remove_unprotected(&mut self) {
        self.slots.retain(|slot| slot.kind() != SlotKind::Unprotected);
    }

    /// Reads the file of a workspace.
    pub fn read(dir: &Path) -> Result<Self, StoreError> {
        let path = dir.join(FILE);
        let text = std::fs::read_to_string(&path).map_err(|error| match error.kind() {
            std::io::ErrorKind::NotFound => StoreError::NotAWorkspace(dir.to_owned()),
            _ => StoreError::io(path.display().to_string())(error),
        })?;
        Self::from_json(&text)
    }

    /// Reads the text of the file.
    pub fn from_json(text: &str) -> Result<Self, StoreError> {
        let slots: Self = serde_json::from_str(text).map_err(|error| {
            StoreError::Damaged(say!("{file} line {line}: not readable", file = FILE, line = error.line()))
        })?;
        if slots.format != FORMAT {
            return Err(StoreError::Damaged(say!(
                "{file}: unknown format {format}",
                file = FILE,
                format = slots.format
            )));
        }
        Ok(slots)
    }

    /// The text of the file.
    pub fn to_json(&self) -> String {
        serde_json::to_string_pretty(self).unwrap_or_default()
    }

    fn replace(&mut self, slot: Slot) {
        self.slots.retain(|other| other.kind() != slot.kind());
        self.slots.push(slot);
        self.slots.sort_by_key(|slot| slot.kind() as u8);
    }

    fn wrap(
        &self,
        kind: SlotKind,
        kek: &[u8; 32],
        key: &DataKey,
        entropy: &dyn Entropy,
    ) -> Result<(String, String), StoreError> {
        let nonce: Zeroizing<[u8; 24]> = random(entropy);
        let aad = self.aad(kind);
        let payload = Payload { msg: &*key.0, aad: aad.as_bytes() };
        let wrapped =
            XChaCha20Poly1305::new(kek.into()).encrypt((&*nonce).into(), payload).map_err(|_| StoreError::WrongKey)?;
        Ok((hex(&*nonce), hex(&wrapped)))
    }

    fn unwrap_key(&self, kind: SlotKind, kek: &[u8; 32], nonce: &str, wrapped: &str) -> Option<DataKey> {
        let nonce: Zeroizing<[u8; 24]> = unhex(nonce)?;
        let wrapped: Zeroizing<[u8; 48]> = unhex(wrapped)?;
        let aad = self.aad(kind);
        let payload = Payload { msg: &*wrapped, aad: aad.as_bytes() };
        let plain = Zeroizing::new(XChaCha20Poly1305::new(kek.into()).decrypt((&*nonce).into(), payload).ok()?);
        let mut key = Zeroizing::new([0; 32]);
        key.copy_from_slice(plain.get(..32)?);
        Some(DataKey(key))
    }

    /// Binds a wrapped key to its workspace and slot, so that slots cannot be
    /// moved between files.
    fn aad(&self, kind: SlotKind) -> String {
        format!("{FORMAT} {} {kind:?}", self.workspace)
    }
}

impl Slot {
    fn kind(&self) -> SlotKind {
        match self {
            Self::Keychain { .. } => SlotKind::Keychain,
            Self::Recovery { .. } => SlotKind::Recovery,
            Self::Passphrase { .. } => SlotKind::Passphrase,
            Self::Unprotected { .. } => SlotKind::Unprotected,
        }
    }
}

impl Kdf {
    /// 64 MiB, 3 passes: the second recommended option of RFC 9106, 4.
    fn new(entropy: &dyn Entropy) -> Self {
        let salt: Zeroizing<[u8; 16]> = random(entropy);
        Self { m_kib: 64 * 1024, t: 3, p: 1, salt: hex(&*salt) }
    }

    /// `None` when the file asks for more than 1 GiB or for nonsense: the
    /// parameters come from a file that anybody may have written.
    fn derive(&self, secret: &str) -> Option<Zeroizing<[u8; 32]>> {
        if self.m_kib > 1024 * 1024 || self.t > 64 || self.p > 16 {
            return None;
        }
        let salt: Zeroizing<[u8; 16]> = unhex(&self.salt)?;
        let params = Params::new(self.m_kib, self.t, self.p, Some(32)).ok()?;
        let mut kek = Zeroizing::new([0; 32]);
        Argon2::new(Algorithm::Argon2id, Version::V0x13, params)
            .hash_password_into(secret.as_bytes(), &*salt, &mut *kek)
            .ok()?;
        Some(kek)
    }
}

pub(crate) fn random<const N: usize>(entropy: &dyn Entropy) -> Zeroizing<[u8; N]> {
    let mut bytes = Zeroizing::new([0; N]);
    entropy.fill(&mut *bytes);
    bytes
}

/// Lower-case hexadecimal.
pub(crate) fn hex(bytes: &[u8]) -> String {
    use std::fmt::Write;
    bytes.iter().fold(String::with_capacity(bytes.len() * 2), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}

pub(crate) fn unhex<const N: usize>(text: &str) -> Option<Zeroizing<[u8; N]>> {
    if text.len() != N * 2 || !text.is_ascii() {
        return None;
    }
    let mut bytes = Zeroizing::new([0; N]);
    for (byte, pair) in bytes.iter_mut().zip(text.as_bytes().chunks(2)) {
        *byte = u8::from_str_radix(std::str::from_utf8(pair).ok()?, 16).ok()?;
    }
    Some(bytes)
}
