//! The key that this workspace signs with. It is made at its first use and sealed in the workspace,
//! so that it moves with a backup; its public half is for everybody.

use crate::{
    core::{Core, Who},
    error::{Code, Error},
};
use cardfile_domain::say;
use cardfile_formats::minisign::KeyPair;
use cardfile_store::{OpKind, SecretText};
use zeroize::Zeroizing;

/// Under what it is sealed.
const SEALED_AS: &str = "key_controller";

/// The key of this workspace, made when there is none yet. Making it is no change of any data: it
/// leaves no trace in the history, and an answer that is made next says the same as before.
pub fn key(core: &Core) -> Result<KeyPair, Error> {
    if let Some(known) = kept(core)? {
        return Ok(known);
    }
    let new = KeyPair::generate(&*core.store().environment().entropy);
    let text: String = new.seed().iter().map(|byte| format!("{byte:02x}")).collect();
    let sealed = core.store().seal_credential(SEALED_AS, &SecretText::new(text))?;
    let who = Who { actor: "cardfile".to_owned(), origin: "privacy".to_owned() };
    core.store().write(who.op(OpKind::FieldChange, ""), |tx| Ok::<_, Error>(tx.put_sealed_once(&sealed)?))?;
    // Another program may have been first.
    kept(core)?.ok_or_else(damaged)
}

fn kept(core: &Core) -> Result<Option<KeyPair>, Error> {
    let Some(text) = core.store().credential(SEALED_AS)? else { return Ok(None) };
    let text = text.show();
    let mut seed = Zeroizing::new([0; 32]);
    if text.len() != 64 || !text.is_ascii() {
        return Err(damaged());
    }
    for (byte, at) in seed.iter_mut().zip((0..64).step_by(2)) {
        *byte = u8::from_str_radix(&text[at..at + 2], 16).map_err(|_| damaged())?;
    }
    Ok(Some(KeyPair::from_seed(&seed)))
}

fn damaged() -> Error {
    Error::new(Code::Damaged, say!("the key that this workspace signs with cannot be read"))
}
