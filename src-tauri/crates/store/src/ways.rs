//! The ways to the key of an open workspace, changed one at a time. Another program may
//! have changed them meanwhile: what is on the disk counts.

use crate::{
    error::StoreError,
    files::{self, Lock},
    keyslots::{self, DataKey, KeySlots, Secret, SlotKind},
    recovery::RecoveryCode,
    store::Store,
};
use cardfile_domain::say;

impl Store {
    /// Sets or changes the passphrase. A workspace that had no protection gets a
    /// recovery code with it, to be shown once, and loses its open key.
    pub fn set_passphrase(&self, passphrase: &str) -> Result<Option<RecoveryCode>, StoreError> {
        self.change_slots(|slots| {
            slots.set_passphrase(self.key(), passphrase, &*self.environment().entropy)?;
            self.protect(slots)
        })
    }

    /// Lets the keychain of this computer open the workspace. See [`Store::set_passphrase`]
    /// for what comes back.
    pub fn add_keychain(&self) -> Result<Option<RecoveryCode>, StoreError> {
        let keystore = self.environment().keystore.as_deref().ok_or(StoreError::NoKeychain)?;
        self.change_slots(|slots| {
            slots.add_keychain(self.key(), keystore, &*self.environment().entropy)?;
            self.protect(slots)
        })
    }

    fn protect(&self, slots: &mut KeySlots) -> Result<Option<RecoveryCode>, StoreError> {
        if !slots.kinds().contains(&SlotKind::Unprotected) {
            return Ok(None);
        }
        slots.remove_unprotected();
        slots.renew_recovery(self.key(), &*self.environment().entropy).map(Some)
    }

    /// Makes a new recovery code, to be shown once; the old one opens nothing.
    pub fn renew_recovery(&self) -> Result<RecoveryCode, StoreError> {
        self.change_slots(|slots| slots.renew_recovery(self.key(), &*self.environment().entropy))
    }

    /// Takes a way away. What the keychain keeps for it stays there: a copy of this
    /// workspace on this computer may need it.
    pub fn remove_way(&self, kind: SlotKind) -> Result<(), StoreError> {
        self.change_slots(|slots| slots.remove(kind))
    }

    /// Whether this opens the workspace, without opening anything: a person tries what they
    /// wrote down.
    pub fn is_opened_by(&self, secret: &Secret) -> bool {
        self.slots().open_with(secret).is_ok()
    }

    /// The key, to go on with when the workspace is closed and taken alone.
    pub fn held_key(&self) -> DataKey {
        self.key().clone()
    }

    /// Gives a keychain that has lost its key, or is another one now, a key again. `false`
    /// when nobody chose the keychain, none answers, or it keeps nothing.
    pub(crate) fn mend_keychain(&self) -> bool {
        let is_chosen = self.slots().kinds().contains(&SlotKind::Keychain);
        is_chosen && self.add_keychain().is_ok()
    }

    pub(crate) fn change_slots<T>(
        &self,
        change: impl FnOnce(&mut KeySlots) -> Result<T, StoreError>,
    ) -> Result<T, StoreError> {
        let _one = Lock::take_late(&self.dir().join("keyslots.lock"))?
            .ok_or(StoreError::InUse(say!("another program is changing what opens the workspace")))?;
        let mut changed = KeySlots::read(self.dir())?;
        let value = change(&mut changed)?;
        files::put(&self.dir().join(keyslots::FILE), changed.to_json().as_bytes())?;
        *self.slots() = changed;
        Ok(value)
    }
}
