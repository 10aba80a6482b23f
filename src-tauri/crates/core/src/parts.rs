//! Parts of cards: add, edit, move, remove. One operation each, undoable.

use crate::{
    contact,
    core::{Core, Who},
    error::Error,
};
use cardfile_domain::{OperationId, Part, PartKind, part::Rating};
use cardfile_formats::record::shorten;
use cardfile_store::{OpKind, Stored, StoredPart};

/// The parts of one kind of a contact, oldest first.
pub fn of<T: Part>(core: &Core, contact: &Stored) -> Result<Vec<StoredPart<T>>, Error> {
    Ok(core.store().read(|r| r.parts().of(contact.row.into()))?)
}

/// How many parts of each kind a contact has.
pub fn count(core: &Core, contact: &Stored) -> Result<Vec<(PartKind, u32)>, Error> {
    Ok(core.store().read(|r| r.parts().count(contact.row))?)
}

/// The part with this id.
pub fn get<T: Part>(core: &Core, id: &str) -> Result<StoredPart<T>, Error> {
    core.store().read(|r| r.parts().get(id))?.ok_or_else(|| Error::not_found(&format!("the {}", T::KIND.as_str())))
}

/// Adds a part to a contact; gives its id.
pub fn add<T: Part>(core: &Core, contact: &str, part: &T, who: &Who) -> Result<(String, Option<OperationId>), Error> {
    let stored = contact::find(core, contact)?;
    let subject = subject(part);
    core.store().write(who.op(OpKind::PartChange, subject), |tx| Ok(tx.add_part(Some(stored.row.into()), part)?.0))
}

/// Changes a part. `false` when it is so already.
pub fn edit<T: Part>(
    core: &Core,
    id: &str,
    who: &Who,
    change: impl FnOnce(&mut T),
) -> Result<(bool, Option<OperationId>), Error> {
    let subject = subject(&get::<T>(core, id)?.value);
    core.store().write(who.op(OpKind::PartChange, subject), |tx| Ok(tx.edit_part::<T>(id, |part, _| change(part))?))
}

/// Removes a part, a conversation with its messages.
pub fn remove<T: Part>(core: &Core, id: &str, who: &Who) -> Result<(bool, Option<OperationId>), Error> {
    let subject = subject(&get::<T>(core, id)?.value);
    core.store().write(who.op(OpKind::PartChange, subject), |tx| Ok(tx.remove_part::<T>(id)?))
}

/// The average of ratings; nothing when there are none.
pub fn average(ratings: &[StoredPart<Rating>]) -> Option<f64> {
    let sum: f64 = ratings.iter().map(|rating| rating.value.value).sum();
    (!ratings.is_empty()).then(|| sum / ratings.len() as f64)
}

/// `note: Call back on Friday`
pub(crate) fn subject<T: Part>(part: &T) -> String {
    match part.title().lines().next() {
        Some(title) if !title.is_empty() => format!("{}: {}", T::KIND.as_str(), shorten(title)),
        _ => T::KIND.as_str().to_owned(),
    }
}
