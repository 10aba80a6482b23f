//! To whom the last letter of a request goes. An erasure takes away who asked, and they are to be
//! told that it was done (GDPR, Art. 12(3)): so their name and where the answer goes stay with the
//! one request that asked for it, sealed, until it is closed.

use crate::{core::Core, error::Error};
use cardfile_domain::request::Request;
use cardfile_store::Tx;
use serde::{Deserialize, Serialize};

/// Who is told.
#[derive(Serialize, Deserialize)]
struct Addressee {
    name: String,
    reply_to: String,
}

/// What stands in the place of what was chosen for the request, which is not needed any more.
#[derive(Serialize, Deserialize)]
struct Kept {
    addressee: Vec<u8>,
}

/// Keeps who is told, in the transaction that takes everything else of them away.
pub(super) fn keep(tx: &mut Tx<'_>, core: &Core, request: &Request) -> Result<(), Error> {
    let Request { id, name, reply_to, .. } = request.clone();
    if name.is_empty() && reply_to.is_empty() {
        return Ok(());
    }
    let text = serde_json::to_string(&Addressee { name, reply_to }).unwrap_or_default();
    let kept = Kept { addressee: core.store().seal_reference(&id, &text)? };
    Ok(tx.put_draft(&id, &serde_json::to_string(&kept).unwrap_or_default())?)
}

/// Says again who is told, of a request that is open and whose person was erased. What cannot be
/// read is not known any more.
pub(super) fn fill(core: &Core, request: &mut Request) -> Result<(), Error> {
    if request.state.is_closed() || !request.subject.is_empty() {
        return Ok(());
    }
    let kept = core.store().read(|r| r.requests().draft(&request.id))?;
    let kept = kept.and_then(|json| serde_json::from_str::<Kept>(&json).ok());
    let text = kept.and_then(|kept| core.store().open_reference(&request.id, &kept.addressee).ok());
    if let Some(known) = text.and_then(|text| serde_json::from_str::<Addressee>(&text).ok()) {
        (request.name, request.reply_to) = (known.name, known.reply_to);
    }
    Ok(())
}
