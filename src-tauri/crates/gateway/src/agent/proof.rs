//! What an agent shows of the person it talks with, held against the keys of the workspace.

use super::Shown;
use crate::proof::{self, Claimed};
use cardfile_core::{
    Core, Error, IdentityKey,
    agents::calls,
    identify::{self, Denied, Proof},
};

/// Why nothing is proven.
pub(super) enum Fault {
    /// What is shown does not hold.
    Bad,
    /// Something is wrong here.
    Failed(Error),
}

impl From<Error> for Fault {
    fn from(error: Error) -> Self {
        Self::Failed(error)
    }
}

/// Who is proven, and by which key; nothing where only an ID is said.
pub(super) fn check(core: &Core, client: &str, shown: &Shown) -> Result<Option<(IdentityKey, Proof)>, Fault> {
    let Shown { user_id, token, user_hash } = shown;
    let claimed = match (token.as_str(), user_hash.as_str()) {
        ("", "") => return Ok(None),
        (token, "") => Claimed::Token(token),
        ("", user_hash) => Claimed::Hash { user_id, user_hash },
        // Two proofs may be of two people.
        (_, _) => return Err(Fault::Bad),
    };
    let keys = candidates(core, &claimed)?;
    for key in &keys {
        let Some(proof) = proof::check(core, key, &claimed)? else { continue };
        // An ID that is said beside a token means whom the token is of.
        if user_id.is_empty() || *user_id == proof.user_id {
            return Ok(Some((key.clone(), proof)));
        }
    }
    if let Some(key) = keys.first() {
        calls::deny(core, client, key, Denied::Invalid, 0)?;
    }
    Err(Fault::Bad)
}

/// The keys that may have made it: the one that a token names, else each that makes such proofs.
/// Every key is used with its own algorithm alone.
fn candidates(core: &Core, claimed: &Claimed<'_>) -> Result<Vec<IdentityKey>, Error> {
    if let Some(key) = proof::find(core, None, claimed)? {
        return Ok(vec![key]);
    }
    let mut all = identify::keys(core)?;
    let is_hash = matches!(claimed, Claimed::Hash { .. });
    all.retain(|key| key.revoked_at.is_none() && (key.algorithm == "user_hash") == is_hash);
    Ok(all)
}
