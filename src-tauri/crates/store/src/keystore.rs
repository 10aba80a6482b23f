//! The operating system's keychain.

use crate::error::StoreError;
/// What a keychain gives is wiped from memory when dropped.
pub use zeroize::Zeroizing;

/// A place of the operating system that keeps a 32-byte key per account.
pub trait Keystore: Send + Sync {
    /// Name of the backend, kept in the slot.
    fn name(&self) -> &str;
    /// The key of `account`, or `None` when there is none or it is not to be had.
    fn load(&self, account: &str) -> Option<Zeroizing<[u8; 32]>>;
    /// Keeps the key of `account`.
    fn save(&self, account: &str, key: &[u8; 32]) -> Result<(), StoreError>;
    /// Forgets the key of `account`.
    fn remove(&self, account: &str);
}

/// The keychain of this desktop, if one answers. `None` without a session bus
/// or a Secret Service: the caller then asks for a passphrase or for an
/// explicit "no protection", and never falls back to clear text by itself.
#[cfg(target_os = "linux")]
pub fn system() -> Option<Box<dyn Keystore>> {
    // Without a session bus the client library waits for one that never comes.
    std::env::var_os("DBUS_SESSION_BUS_ADDRESS")?;
    let store = zbus_secret_service_keyring_store::Store::new().ok()?;
    keyring_core::set_default_store(store);
    Some(Box::new(SecretService))
}

/// Keychains of other systems are added here; until then the passphrase serves.
#[cfg(not(target_os = "linux"))]
pub fn system() -> Option<Box<dyn Keystore>> {
    None
}

#[cfg(target_os = "linux")]
struct SecretService;

#[cfg(target_os = "linux")]
impl SecretService {
    const SERVICE: &str = "cardfile";

    fn entry(account: &str) -> keyring_core::Result<keyring_core::Entry> {
        keyring_core::Entry::new(Self::SERVICE, account)
    }
}

#[cfg(target_os = "linux")]
impl Keystore for SecretService {
    fn name(&self) -> &'static str {
        "secret-service"
    }

    fn load(&self, account: &str) -> Option<Zeroizing<[u8; 32]>> {
        let secret = Zeroizing::new(Self::entry(account).ok()?.get_secret().ok()?);
        let mut key = Zeroizing::new([0; 32]);
        key.copy_from_slice(secret.get(..32)?);
        Some(key)
    }

    fn save(&self, account: &str, key: &[u8; 32]) -> Result<(), StoreError> {
        Self::entry(account).and_then(|entry| entry.set_secret(key)).map_err(|_| StoreError::Io {
            what: "the keychain did not keep the key".into(),
            source: std::io::ErrorKind::PermissionDenied.into(),
        })
    }

    fn remove(&self, account: &str) {
        let _ = Self::entry(account).and_then(|entry| entry.delete_credential());
    }
}
