//! Who does not come back, and how that is lifted.

use crate::{
    core::{Core, Who},
    error::{Code, Error},
    sync::remotes,
};
use cardfile_domain::{
    Contact, phone, say,
    suppression::{Mark, MarkKind, marks},
    text::digits,
};
use cardfile_store::{OpKind, StoreError, Tag, Tx};
use serde_json::json;
use std::collections::BTreeSet;

/// The erasures that keep whoever has this email or phone away.
pub fn find(core: &Core, typed: &str) -> Result<Vec<String>, Error> {
    let mut marks = Mark::typed(typed.trim());
    let key = phone::key(typed, core.region()?);
    marks.extend(key.map(|key| Mark::new(MarkKind::Phone, digits(&key))));
    if marks.is_empty() {
        return Err(Error::bad_request(say!("give an email or a phone")));
    }
    let suppressor = core.store().suppressor();
    let tags: Vec<Tag> = marks.iter().map(|mark| suppressor.tag(mark.kind, &mark.value)).collect();
    erasures_of(core, &tags)
}

fn erasures_of(core: &Core, tags: &[Tag]) -> Result<Vec<String>, Error> {
    let all = core.store().read(|r| {
        let mut all = BTreeSet::new();
        for tag in tags {
            all.extend(r.suppressions().erasures_of(tag)?);
        }
        Ok(all)
    })?;
    Ok(all.into_iter().collect())
}

/// The person of an erasure wants to come back: nothing by which they were known is turned
/// away any more, also where another erasure was of the same. Gives how many entries that
/// lifts. Remotes are listed anew, so that what was not taken then is taken now.
pub fn lift(core: &Core, erasure: &str, who: &Who) -> Result<u32, Error> {
    let own = core.store().read(|r| r.suppressions().of_erasure(erasure))?;
    let tags: Vec<Tag> = own.iter().filter(|one| one.lifted_at.is_none()).map(|one| one.tag).collect();
    if tags.is_empty() {
        return Err(Error::new(Code::NotFound, say!("nobody is kept away by this erasure")));
    }
    let erasures = erasures_of(core, &tags)?;
    let remotes = remotes::all(core)?;
    let (lifted, _) = core.store().write(who.op(OpKind::Erase, ""), |tx| {
        let mut lifted = 0;
        for erasure in &erasures {
            lifted += tx.lift_suppression(erasure)?;
        }
        for known in &remotes {
            if let Some(mut kept) = tx.read().remotes().get(known.kept.row)? {
                kept.cursor = None;
                tx.put_remote(&kept)?;
            }
        }
        tx.audit("suppression_lifted", Some(erasure), &json!({ "entries": lifted }))?;
        Ok::<_, Error>(lifted)
    })?;
    core.store().write_suppression_list()?;
    Ok(lifted)
}

/// By what a contact would be known after a change and was not before, as far as that is
/// suppressed. What it has already is its own: people share phones.
pub(crate) fn anew(tx: &Tx<'_>, before: &Contact, after: &Contact) -> Result<Vec<Tag>, Error> {
    if !tx.suppresses() {
        return Ok(Vec::new());
    }
    let known = marks(before);
    let fresh: Vec<Mark> = marks(after).into_iter().filter(|mark| !known.contains(mark)).collect();
    Ok(tx.suppressed(&fresh)?)
}

/// The same as a refusal, for a person who types.
pub(crate) fn refuse_anew(tx: &Tx<'_>, before: &Contact, after: &Contact) -> Result<(), Error> {
    if anew(tx, before, after)?.is_empty() { Ok(()) } else { Err(StoreError::Suppressed.into()) }
}

/// Refuses whoever was erased, and counts it. For ways in on which one card is made at a
/// time; where many come, each is turned away by itself.
pub(crate) fn refuse(core: &Core, marks: &[Mark], kind: OpKind, who: &Who) -> Result<(), Error> {
    let suppressor = core.store().suppressor();
    let tags =
        core.store().read(|r| if r.suppressions().any()? { suppressor.hits(r, marks) } else { Ok(Vec::new()) })?;
    if tags.is_empty() {
        return Ok(());
    }
    // In a transaction of its own: what is refused leaves nothing else.
    core.store().write(who.op(kind, ""), |tx| Ok::<_, Error>(tx.note_return(&tags)?))?;
    Err(StoreError::Suppressed.into())
}
