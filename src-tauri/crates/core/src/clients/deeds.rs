//! Deeds of clients that must not be done twice: begun under a key, and kept with what came of
//! them for a day.

use crate::{
    core::{Core, Who},
    error::Error,
};
use cardfile_domain::suppression::MarkKind;
use cardfile_store::{ClientDeed, OpKind, StoreError, Tx};
use serde_json::Value;

/// A key or a request as it is kept: nobody learns from it what it was.
pub type Mark = [u8; 32];

/// The mark of a text.
pub fn mark(core: &Core, text: &str) -> Mark {
    core.store().suppressor().tag(MarkKind::Record, text)
}

/// Begins a deed under a key, unless one was begun under it before; gives that one.
pub fn begin(core: &Core, client: &str, key: &Mark, request: &Mark) -> Result<Option<ClientDeed>, Error> {
    write(core, |tx| {
        let known = tx.read().client_deeds().get(client, key)?;
        if known.is_none() {
            tx.begin_client_deed(client, key, request)?;
        }
        Ok(known)
    })
}

/// What came of it.
pub fn end(core: &Core, client: &str, key: &Mark, outcome: &Value) -> Result<(), Error> {
    write(core, |tx| tx.end_client_deed(client, key, outcome))
}

/// Nothing came of it that could be done twice.
pub fn forget(core: &Core, client: &str, key: &Mark) -> Result<(), Error> {
    write(core, |tx| tx.drop_client_deed(client, key))
}

fn write<T>(core: &Core, work: impl FnOnce(&mut Tx<'_>) -> Result<T, StoreError>) -> Result<T, Error> {
    let who = Who { actor: "cardfile".into(), origin: "api".into() };
    let (value, _) = core.store().write(who.op(OpKind::FieldChange, ""), work)?;
    Ok(value)
}
