//! A keychain of the desktop that can fall silent, and forget.

use cardfile_store::{
    StoreError,
    keystore::{Keystore, Zeroizing},
};
use std::{
    collections::HashMap,
    sync::{
        Mutex, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
};

/// Keeps keys in memory, as long as it answers.
pub struct TestKeychain {
    name: &'static str,
    keys: Mutex<HashMap<String, [u8; 32]>>,
    is_silent: AtomicBool,
}

impl TestKeychain {
    /// A keychain of this name, with nothing in it.
    pub fn named(name: &'static str) -> Self {
        Self { name, keys: Mutex::default(), is_silent: AtomicBool::new(false) }
    }

    /// It gives nothing and keeps nothing from now on, as a locked one does; or answers again.
    pub fn fall_silent(&self, silent: bool) {
        self.is_silent.store(silent, Ordering::SeqCst);
    }

    /// It loses what it keeps.
    pub fn forget(&self) {
        self.keys.lock().unwrap_or_else(PoisonError::into_inner).clear();
    }

    /// How many keys it keeps.
    pub fn count(&self) -> usize {
        self.keys.lock().unwrap_or_else(PoisonError::into_inner).len()
    }

    fn answers(&self) -> bool {
        !self.is_silent.load(Ordering::SeqCst)
    }
}

impl Keystore for TestKeychain {
    fn name(&self) -> &str {
        self.name
    }

    fn load(&self, account: &str) -> Option<Zeroizing<[u8; 32]>> {
        let keys = self.keys.lock().unwrap_or_else(PoisonError::into_inner);
        keys.get(account).filter(|_| self.answers()).map(|key| (*key).into())
    }

    fn save(&self, account: &str, key: &[u8; 32]) -> Result<(), StoreError> {
        if !self.answers() {
            return Err(StoreError::NoKeychain);
        }
        self.keys.lock().unwrap_or_else(PoisonError::into_inner).insert(account.to_owned(), *key);
        Ok(())
    }

    fn remove(&self, account: &str) {
        self.keys.lock().unwrap_or_else(PoisonError::into_inner).remove(account);
    }
}
