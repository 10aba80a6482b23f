//! Tags of the workspace: rename, join, delete. Each is one operation that can
//! be undone, however many contacts it touches.

use crate::{
    bulk::each,
    core::{Core, Who},
    error::Error,
    progress::Unwatched,
};
use cardfile_domain::{OperationId, say, text::fold_label};
use cardfile_store::OpKind;

/// Gives a tag another name. When another tag has that name, the two become one.
pub fn rename(core: &Core, old: &str, new: &str, who: &Who) -> Result<(u32, Option<OperationId>), Error> {
    let new = new.trim();
    if new.is_empty() || new.contains(',') {
        return Err(Error::bad_request(say!("a tag needs a name, and a comma would make two of it")));
    }
    let (number, shown) = find(core, old)?;
    let other = core.store().read(|r| r.tags().find(new))?.filter(|(other, _)| *other != number);
    if let Some((_, other)) = other {
        return replace(core, number, &shown, Some(&other), who);
    }
    let subject = format!("{shown} to {new}");
    core.store().write(who.op(OpKind::TagChange, subject), |tx| {
        let contacts = tx.read().tags().contacts(number)?.len() as u32;
        tx.rename_tag(number, &shown, new)?;
        Ok(contacts)
    })
}

/// Takes a tag away from every contact and deletes it.
pub fn delete(core: &Core, name: &str, who: &Who) -> Result<(u32, Option<OperationId>), Error> {
    let (number, shown) = find(core, name)?;
    replace(core, number, &shown, None, who)
}

fn find(core: &Core, name: &str) -> Result<(i64, String), Error> {
    core.store().read(|r| r.tags().find(name))?.ok_or_else(|| Error::not_found(say!("the tag {name}", name)))
}

fn replace(
    core: &Core,
    number: i64,
    old: &str,
    new: Option<&str>,
    who: &Who,
) -> Result<(u32, Option<OperationId>), Error> {
    let subject = new.map_or_else(|| old.to_owned(), |new| format!("{old} to {new}"));
    let rows = core.store().read(|r| r.tags().contacts(number))?;
    let is_old = |tag: &String| fold_label(tag) == fold_label(old);
    each(
        core,
        who.op(OpKind::TagChange, subject),
        &rows,
        &Unwatched,
        |tx, row| {
            Ok(tx.edit(row, |contact| {
                let place = contact.tags.iter().position(is_old);
                contact.tags.retain(|tag| !is_old(tag));
                if let (Some(place), Some(new)) = (place, new)
                    && !contact.tags.iter().any(|tag| fold_label(tag) == fold_label(new))
                {
                    contact.tags.insert(place.min(contact.tags.len()), new.to_owned());
                }
            })?)
        },
        |tx| Ok(tx.delete_tag(number, old).map(|_| ())?),
    )
}
