//! The ways to the key, looked at and changed: a keychain that is another one now or has
//! lost its key, a way that is taken away, a new key behind the same ways.

use super::{DataKey, KeySlots, Slot, SlotKind, hex};
use crate::{error::StoreError, keystore::Keystore, recovery::RecoveryCode};
use cardfile_domain::id::Entropy;

/// What the keychain of this computer does for a workspace.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum KeychainState {
    /// Nobody chose it.
    Unused,
    /// It opens the workspace.
    Opens,
    /// None answers, although one was chosen.
    Silent,
    /// Another one answers than the one that was chosen.
    Other {
        /// The one that was chosen.
        was: String,
        /// The one that answers.
        is: String,
    },
    /// It has no key for this workspace, or not the right one.
    Lost,
}

impl KeySlots {
    /// What the keychain does for this workspace.
    pub fn keychain(&self, keystore: Option<&dyn Keystore>) -> KeychainState {
        let chosen = self.slots.iter().find_map(|slot| match slot {
            Slot::Keychain { backend, nonce, wrapped } => Some((backend, nonce, wrapped)),
            Slot::Recovery { .. } | Slot::Passphrase { .. } | Slot::Unprotected { .. } => None,
        });
        let Some((backend, nonce, wrapped)) = chosen else { return KeychainState::Unused };
        let Some(keystore) = keystore else { return KeychainState::Silent };
        let kek = keystore.load(&self.workspace);
        if kek.is_some_and(|kek| self.unwrap_key(SlotKind::Keychain, &kek, nonce, wrapped).is_some()) {
            KeychainState::Opens
        } else if backend == keystore.name() {
            KeychainState::Lost
        } else {
            KeychainState::Other { was: backend.clone(), is: keystore.name().to_owned() }
        }
    }

    /// Takes a way away. One of them stays beside the recovery code, which is for the day
    /// when the others fail and cannot be taken away.
    pub(crate) fn remove(&mut self, kind: SlotKind) -> Result<(), StoreError> {
        let mut others = self.slots.iter().map(Slot::kind).filter(|other| *other != kind);
        if kind == SlotKind::Recovery || others.all(|other| other == SlotKind::Recovery) {
            return Err(StoreError::LastWay);
        }
        self.slots.retain(|slot| slot.kind() != kind);
        Ok(())
    }

    /// The same ways to another key. The passphrase stays and is asked for, because only
    /// who knows it can wrap the new key with it; the recovery code is a new one.
    pub(crate) fn rekeyed(
        &self,
        old: &DataKey,
        new: &DataKey,
        passphrase: Option<&str>,
        keystore: Option<&dyn Keystore>,
        entropy: &dyn Entropy,
    ) -> Result<(Self, Option<RecoveryCode>), StoreError> {
        let (format, workspace) = (self.format.clone(), self.workspace.clone());
        let mut changed = Self { format, workspace, slots: Vec::new(), suppression: None };
        // The list of erasures stays what it is, under its own key.
        if let Some(suppressor) = self.suppressor(old)? {
            changed.put_suppressor(new, &suppressor, entropy)?;
        }
        let mut code = None;
        for kind in self.kinds() {
            match kind {
                SlotKind::Unprotected => changed.replace(Slot::Unprotected { key: hex(&*new.0) }),
                SlotKind::Keychain => changed.add_keychain(new, keystore.ok_or(StoreError::NoKeychain)?, entropy)?,
                SlotKind::Passphrase => {
                    let typed = passphrase.filter(|typed| self.has_passphrase(typed, old));
                    changed.set_passphrase(new, typed.ok_or(StoreError::WrongKey)?, entropy)?;
                }
                SlotKind::Recovery => code = Some(changed.renew_recovery(new, entropy)?),
            }
        }
        Ok((changed, code))
    }

    /// Whether this is the passphrase.
    fn has_passphrase(&self, typed: &str, key: &DataKey) -> bool {
        self.slots.iter().any(|slot| match slot {
            Slot::Passphrase { kdf, nonce, wrapped } => {
                let opened =
                    kdf.derive(typed).and_then(|kek| self.unwrap_key(SlotKind::Passphrase, &kek, nonce, wrapped));
                opened.is_some_and(|found| *found.0 == *key.0)
            }
            Slot::Keychain { .. } | Slot::Recovery { .. } | Slot::Unprotected { .. } => false,
        })
    }
}
