//! Bulk work: the same deed on every contact of a selection. One operation that
//! is counted, can be stopped, and is undone in one step.

use crate::{
    core::{Core, Who},
    error::Error,
    progress::{self, Progress},
    view::{self, ViewRequest},
};
use cardfile_domain::{Contact, FieldDef, Millis, OperationId, say, text::fold_label};
use cardfile_store::{CHUNK, ContactRow, Op, OpKind, Tx};
use serde_json::{Value, json};

/// What is done to each contact.
#[derive(Debug, Clone, PartialEq)]
pub enum Deed {
    /// It gets a tag.
    Tag(String),
    /// It loses a tag.
    Untag(String),
    /// A field gets a value; nothing empties it.
    Set(String, Value),
    /// It goes to the bin.
    Bin,
    /// It goes to the archive.
    Archive,
    /// It comes back from there.
    Unarchive,
}

/// What was done.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Done {
    /// Contacts that changed.
    pub changed: u32,
    /// Contacts that were so already.
    pub unchanged: u32,
}

/// The contacts of an open view, but for these.
pub fn of_view(core: &Core, number: u32, except: &[String]) -> Result<Vec<ContactRow>, Error> {
    let left_out = crate::contact::rows(core, except)?;
    let mut rows = view::snapshot(core, number)?.to_vec();
    rows.retain(|row| !left_out.contains(row));
    Ok(rows)
}

/// The contacts that a filter lets through.
pub fn of_filter(core: &Core, filter: &str) -> Result<Vec<ContactRow>, Error> {
    Ok(view::resolve(core, &ViewRequest { filter: filter.to_owned(), ..ViewRequest::default() })?.1)
}

/// Does it to all of them, as one operation.
pub fn run(
    core: &Core,
    rows: &[ContactRow],
    deed: &Deed,
    who: &Who,
    progress: &dyn Progress,
) -> Result<(Done, Option<OperationId>), Error> {
    let (kind, subject) = check(deed)?;
    let edit = |tx: &mut Tx<'_>, row| {
        match deed {
            Deed::Tag(tag) => return Ok(tx.edit_tags(row, |tags| put_tag(tags, tag))?),
            Deed::Untag(tag) => return Ok(tx.edit_tags(row, |tags| take_tag(tags, tag))?),
            Deed::Set(..) | Deed::Bin | Deed::Archive | Deed::Unarchive => {}
        }
        let now = tx.now();
        let mut taken = true;
        let changed = tx.edit(row, |contact| taken = deed.apply(contact, now))?;
        if !taken {
            return Err(Error::bad_request(say!("the field does not take such a value")));
        }
        Ok(changed)
    };
    let (changed, operation) = each(core, who.op(kind, subject), rows, progress, edit, |_| Ok(()))?;
    Ok((Done { changed, unchanged: rows.len() as u32 - changed }, operation))
}

impl Deed {
    /// Does it to a contact. `false` when the field does not take such a value.
    pub(crate) fn apply(&self, contact: &mut Contact, now: Millis) -> bool {
        match self {
            Self::Tag(tag) => put_tag(&mut contact.tags, tag),
            Self::Untag(tag) => take_tag(&mut contact.tags, tag),
            Self::Set(field, value) => return contact.set_value(field, value.clone()),
            Self::Bin => contact.binned_at = contact.binned_at.or(Some(now)),
            Self::Archive => contact.archived_at = contact.archived_at.or(Some(now)),
            Self::Unarchive => contact.archived_at = None,
        }
        true
    }
}

fn put_tag(tags: &mut Vec<String>, tag: &str) {
    let wanted = fold_label(tag);
    if tags.iter().all(|mine| fold_label(mine) != wanted) {
        tags.push(tag.trim().to_owned());
    }
}

fn take_tag(tags: &mut Vec<String>, tag: &str) {
    let wanted = fold_label(tag);
    tags.retain(|mine| fold_label(mine) != wanted);
}

/// What the history calls it, or why it makes no sense.
pub(crate) fn check(deed: &Deed) -> Result<(OpKind, String), Error> {
    match deed {
        Deed::Tag(tag) | Deed::Untag(tag) if tag.trim().is_empty() || tag.contains(',') => {
            Err(Error::bad_request(say!("a tag needs a name, and a comma would make two of it")))
        }
        Deed::Tag(tag) => Ok((OpKind::ContactTag, format!("+ {}", tag.trim()))),
        Deed::Untag(tag) => Ok((OpKind::ContactTag, format!("- {}", tag.trim()))),
        Deed::Set(field, value) => {
            let known = FieldDef::find(field);
            // Lists are added to one by one; the same list for all would lose what they have.
            if known.is_some_and(|field| !field.editable || field.is_list()) {
                return Err(Error::bad_request(say!("{field} cannot be the same for all", field)));
            }
            if known.is_none() && !field.starts_with(Contact::CUSTOM_PREFIX) {
                return Err(Error::bad_request(say!("there is no field {field}", field)));
            }
            Ok((OpKind::ContactEdit, format!("{field}: {}", cardfile_domain::custom::text_of(value))))
        }
        Deed::Bin => Ok((OpKind::ContactBin, String::new())),
        Deed::Archive => Ok((OpKind::ContactArchive, String::new())),
        Deed::Unarchive => Ok((OpKind::ContactUnarchive, String::new())),
    }
}

/// Rows between two looks at the progress.
const STEP: usize = 1_000;

/// Edits contacts as one large operation, then does the `last` of it. Returns
/// how many changed.
pub(crate) fn each(
    core: &Core,
    op: Op,
    rows: &[ContactRow],
    progress: &dyn Progress,
    mut edit: impl FnMut(&mut Tx<'_>, ContactRow) -> Result<bool, Error>,
    last: impl FnOnce(&mut Tx<'_>) -> Result<(), Error>,
) -> Result<(u32, Option<OperationId>), Error> {
    let mut operation = core.store().begin(op)?;
    let (mut changed, mut done) = (0, 0);
    let written = rows.chunks(CHUNK).try_for_each(|chunk| {
        operation.chunk(|tx| {
            for row in chunk {
                if done % STEP == 0 {
                    progress::check(progress, done as u64, rows.len() as u64)?;
                }
                changed += u32::from(edit(tx, *row)?);
                done += 1;
            }
            Ok::<_, Error>(())
        })
    });
    match written.and_then(|()| operation.chunk(last)) {
        Ok(()) => {
            progress.at(rows.len() as u64, rows.len() as u64);
            let counts = json!({ "updated": changed, "unchanged": rows.len() as u32 - changed });
            Ok((changed, operation.finish(&counts)?.map(|operation| operation.id)))
        }
        Err(error) => {
            operation.roll_back()?;
            Err(error)
        }
    }
}
