//! Parts of cards: add, edit, move, remove. One operation each, undoable.

use crate::{
    contact,
    core::{Core, Who},
    error::Error,
    permissions, secrets,
};
use cardfile_domain::{
    OperationId, Part, PartKind, Sentence,
    part::{self, Rating},
    say,
    text::fold_label,
};
use cardfile_formats::record::shorten;
use cardfile_store::{OpKind, Reader, Stored, StoredPart, Tx};

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
    core.store().read(|r| r.parts().get(id))?.ok_or_else(|| Error::not_found(the(T::KIND)))
}

/// Parts of the workspace itself that have names, in the order they were made.
pub(crate) fn of_workspace<T: Part>(core: &Core) -> Result<Vec<T>, Error> {
    let all = core.store().read(|r| r.parts().of_nobody::<T>())?;
    Ok(all.into_iter().map(|stored| stored.value).collect())
}

/// The one of them with this id or name.
pub(crate) fn named<T: Part>(core: &Core, name: &str) -> Result<T, Error> {
    let wanted = fold_label(name);
    let all = of_workspace::<T>(core)?;
    let found =
        all.iter().find(|one| one.id() == name).or_else(|| all.iter().find(|one| fold_label(one.title()) == wanted));
    found.cloned().ok_or_else(|| Error::not_found(say!("{what} {name}", what = the(T::KIND), name)))
}

/// The name of one of them, trimmed; refused when it is empty or another has it.
pub(crate) fn free_name<'n, T: Part>(core: &Core, id: &str, name: &'n str) -> Result<&'n str, Error> {
    free_among(&core.store().read(|r| r.parts().of_nobody::<T>())?, id, name)
}

/// The same inside a transaction.
pub(crate) fn free_name_in<'n, T: Part>(reader: Reader<'_>, id: &str, name: &'n str) -> Result<&'n str, Error> {
    free_among(&reader.parts().of_nobody::<T>()?, id, name)
}

fn free_among<'n, T: Part>(all: &[StoredPart<T>], id: &str, name: &'n str) -> Result<&'n str, Error> {
    let name = name.trim();
    if name.is_empty() {
        return Err(Error::bad_request(needs_name(T::KIND)));
    }
    let wanted = fold_label(name);
    let is_taken = all.iter().any(|known| known.value.id() != id && fold_label(known.value.title()) == wanted);
    if is_taken { Err(Error::bad_request(is_there(T::KIND, name))) } else { Ok(name) }
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

/// Changes a part as it is inside the write; with `seen` only if it is at that version still. Gives
/// whether anything changed; nothing when somebody was faster.
pub fn edit_seen<T: Part>(
    core: &Core,
    id: &str,
    seen: Option<i64>,
    who: &Who,
    change: impl FnOnce(Reader<'_>, &mut StoredPart<T>) -> Result<(), Error>,
) -> Result<Option<(bool, Option<OperationId>)>, Error> {
    let subject = subject(&get::<T>(core, id)?.value);
    let (edited, operation) = core.store().write(who.op(OpKind::PartChange, subject), |tx| {
        let Some(mut stored) = as_seen::<T>(tx.read(), id, seen)? else { return Ok(None) };
        change(tx.read(), &mut stored)?;
        let after = stored.value;
        Ok::<_, Error>(Some(tx.edit_part::<T>(id, |part, _| *part = after)?))
    })?;
    Ok(edited.map(|edited| (edited, operation)))
}

/// Inside a transaction: the part with this id; nothing when it is at another version than
/// somebody has seen, where they say which.
pub(crate) fn as_seen<T: Part>(
    reader: Reader<'_>,
    id: &str,
    seen: Option<i64>,
) -> Result<Option<StoredPart<T>>, Error> {
    let stored = reader.parts().get::<T>(id)?.ok_or_else(|| Error::not_found(the(T::KIND)))?;
    Ok(seen.is_none_or(|seen| seen == stored.version).then_some(stored))
}

/// Adds a part, or changes the one with its id. Gives its id.
pub(crate) fn put<T: Part>(
    core: &Core,
    parent: Option<i64>,
    part: &T,
    who: &Who,
) -> Result<(String, Option<OperationId>), Error> {
    core.store().write(who.op(OpKind::PartChange, subject(part)), |tx| put_in(tx, parent, part))
}

/// The same inside a transaction.
pub(crate) fn put_in<T: Part>(tx: &mut Tx<'_>, parent: Option<i64>, part: &T) -> Result<String, Error> {
    match part.id() {
        "" => Ok(tx.add_part(parent, part)?.0),
        id => {
            if tx.read().parts().get::<T>(id)?.is_none() {
                return Err(Error::not_found(the(T::KIND)));
            }
            tx.edit_part::<T>(id, |value, place| {
                value.clone_from(part);
                *place = parent;
            })?;
            Ok(id.to_owned())
        }
    }
}

/// Removes a part, a conversation with its messages.
pub fn remove<T: Part>(core: &Core, id: &str, who: &Who) -> Result<(bool, Option<OperationId>), Error> {
    Ok(remove_seen::<T>(core, id, None, who)?.unwrap_or_default())
}

/// The same; with `seen` only if it is at that version still. Nothing when somebody was faster.
pub fn remove_seen<T: Part>(
    core: &Core,
    id: &str,
    seen: Option<i64>,
    who: &Who,
) -> Result<Option<(bool, Option<OperationId>)>, Error> {
    let subject = subject(&get::<T>(core, id)?.value);
    let (removed, operation) = core.store().write(who.op(OpKind::PartChange, subject), |tx| {
        if as_seen::<T>(tx.read(), id, seen)?.is_none() {
            return Ok(None);
        }
        Ok::<_, Error>(Some(tx.remove_part::<T>(id)?))
    })?;
    Ok(removed.map(|removed| (removed, operation)))
}

/// Adds what a contact thought of a reply, now.
pub fn rate(core: &Core, contact: &str, rating: Rating, who: &Who) -> Result<(String, Option<OperationId>), Error> {
    if !(1.0..=5.0).contains(&rating.value) {
        return Err(Error::bad_request(say!("a rating is from 1 to 5")));
    }
    let at = core.store().environment().clock.now();
    add(core, contact, &Rating { at, ..rating }, who)
}

/// Removes a part of any kind by its id.
pub fn remove_any(core: &Core, id: &str, who: &Who) -> Result<(bool, Option<OperationId>), Error> {
    match PartKind::of_id(id) {
        Some(PartKind::Note) => remove::<part::Note>(core, id, who),
        Some(PartKind::Task) => remove::<part::Task>(core, id, who),
        Some(PartKind::Memory) => remove::<part::Memory>(core, id, who),
        Some(PartKind::Conversation) => remove::<part::Conversation>(core, id, who),
        Some(PartKind::Message) => remove::<part::Message>(core, id, who),
        Some(PartKind::Rating) => remove::<Rating>(core, id, who),
        Some(PartKind::Activity) => remove::<part::Activity>(core, id, who),
        Some(PartKind::PaymentAccount) => remove::<part::PaymentAccount>(core, id, who),
        Some(PartKind::Avatar) => remove::<part::Avatar>(core, id, who),
        Some(PartKind::File) => remove::<part::File>(core, id, who),
        Some(PartKind::Rule) => remove::<cardfile_domain::permission::Rule>(core, id, who),
        Some(PartKind::Distinction) => remove::<cardfile_domain::duplicate::Distinction>(core, id, who),
        Some(PartKind::Segment) => remove::<cardfile_domain::segment::Segment>(core, id, who),
        Some(PartKind::Recipe) => remove::<cardfile_domain::segment::Recipe>(core, id, who),
        Some(PartKind::Automation) => remove::<cardfile_domain::automation::Automation>(core, id, who),
        Some(PartKind::Secret) => secrets::remove(core, id, who),
        Some(PartKind::KnowledgeBase) => permissions::remove_base(core, id, who).map(|op| (true, op)),
        Some(PartKind::Consent) => Err(Error::bad_request(say!("a consent is taken back, never removed"))),
        Some(PartKind::Restriction) => Err(Error::bad_request(say!("a restriction is lifted, never removed"))),
        Some(PartKind::Space | PartKind::Placement) => Err(Error::bad_request(say!("a space is taken off a card"))),
        None => Err(Error::bad_request(say!("{id} is the id of no part", id))),
    }
}

fn needs_name(kind: PartKind) -> Sentence {
    match kind {
        PartKind::Segment => say!("a view needs a name"),
        PartKind::Automation => say!("a rule needs a name"),
        kind => say!("{what} needs a name", what = the(kind)),
    }
}

fn is_there(kind: PartKind, name: &str) -> Sentence {
    match kind {
        PartKind::Segment => say!("there is a view {name} already", name),
        PartKind::Automation => say!("there is a rule {name} already", name),
        kind => say!("{what} {name} is there already", what = the(kind), name),
    }
}

/// A kind of part with its article.
fn the(kind: PartKind) -> Sentence {
    match kind {
        PartKind::Note => say!("the note"),
        PartKind::Task => say!("the task"),
        PartKind::Memory => say!("the memory"),
        PartKind::Conversation => say!("the conversation"),
        PartKind::Message => say!("the message"),
        PartKind::Rating => say!("the rating"),
        PartKind::Activity => say!("the activity"),
        PartKind::PaymentAccount => say!("the payment account"),
        PartKind::Avatar => say!("the picture"),
        PartKind::Space | PartKind::Placement => say!("the space"),
        PartKind::File => say!("the file"),
        PartKind::Secret => say!("the secret"),
        PartKind::KnowledgeBase => say!("the knowledge base"),
        PartKind::Rule => say!("the permission rule"),
        PartKind::Distinction => say!("the distinction"),
        PartKind::Segment => say!("the view"),
        PartKind::Recipe => say!("the recipe"),
        PartKind::Automation => say!("the automation rule"),
        PartKind::Consent => say!("the consent"),
        PartKind::Restriction => say!("the restriction"),
    }
}

/// The average of ratings; nothing when there are none.
pub fn average(ratings: &[StoredPart<Rating>]) -> Option<f64> {
    let sum: f64 = ratings.iter().map(|rating| rating.value.value).sum();
    (!ratings.is_empty()).then(|| sum / ratings.len() as f64)
}

/// `note: Call back on Friday`
pub(crate) fn subject<T: Part>(part: &T) -> String {
    called(T::KIND, part.title())
}

/// The same for any kind with its title. What is known by an id only has none.
pub(crate) fn called(kind: PartKind, title: &str) -> String {
    let word = match kind {
        PartKind::Placement => "space on this card".to_owned(),
        PartKind::Avatar => "picture".to_owned(),
        PartKind::Segment => "view".to_owned(),
        PartKind::Automation => "automation rule".to_owned(),
        PartKind::Distinction => "two people".to_owned(),
        kind => kind.as_str().replace('_', " "),
    };
    match title.lines().next() {
        Some(title) if !title.is_empty() && PartKind::of_id(title).is_none() => format!("{word}: {}", shorten(title)),
        _ => word,
    }
}
