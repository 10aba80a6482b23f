//! Who is erased: their cards by what somebody typed or by the ids of cards, those included of
//! which only the history knows any more; whether that is confirmed, and whether it was approved.

use crate::{
    core::Core,
    error::{Code, Error},
    privacy::{requests, subject as finder},
    resolve::{self, Named},
};
use cardfile_domain::{
    Contact, ContactId, phone,
    request::{Request, Right, State},
    say,
    suppression::{Mark, MarkKind, marks},
    text::{digits, fold_label},
};
use cardfile_store::{ContactRow, Reader, SqlResult};

/// The cards of the person who has this email or phone in any of their values, or this id or
/// external ID; where nobody here has it, those that were removed and had it.
pub fn subject(core: &Core, typed: &str) -> Result<Vec<Contact>, Error> {
    let mut marks = Mark::typed(typed.trim());
    let key = phone::key(typed, core.region()?);
    marks.extend(key.map(|key| Mark::new(MarkKind::Phone, digits(&key))));
    let found = core.store().read(|r| {
        let mut rows = r.persons().cards_of(&marks)?;
        if rows.is_empty()
            && let Named::One(row) = resolve::named(r, typed.trim())?
        {
            rows.push(row);
        }
        rows.into_iter().map(|row| r.contacts().get(row)).collect::<Result<Vec<_>, _>>()
    })?;
    let mut found: Vec<Contact> = found.into_iter().flatten().map(|stored| stored.contact).collect();
    if found.is_empty() {
        let gone = finder::find(core, typed)?.into_iter().filter(|one| one.is_sure && one.is_gone);
        let rows: Vec<ContactRow> = gone.map(|one| one.row).collect();
        let gone = core
            .store()
            .read(|r| rows.iter().map(|row| r.subjects().last_of(*row)).collect::<SqlResult<Vec<Option<Contact>>>>())?;
        found.extend(gone.into_iter().flatten());
    }
    if found.is_empty() { Err(Error::not_found(say!("this person"))) } else { Ok(found) }
}

/// Refuses cards that were found by what several people may share: their names differ, and a
/// person has to say which are meant.
pub fn check_one_person(core: &Core, cards: &[Contact]) -> Result<(), Error> {
    let ids: Vec<ContactId> = cards.iter().map(|contact| contact.id.clone()).collect();
    let rows = rows(core, &ids)?;
    if core.store().read(|r| finder::is_one_person(r, &rows))? {
        return Ok(());
    }
    Err(Error::bad_request(requests::several()).hint(say!("Choose the person's cards.")))
}

/// The cards with these ids, which somebody named one by one.
pub fn chosen<I: AsRef<str>>(core: &Core, ids: &[I]) -> Result<Vec<Contact>, Error> {
    Ok(finder::chosen(core, ids)?.into_iter().map(|one| one.contact).collect())
}

/// The places of the cards with these ids.
pub(super) fn rows(core: &Core, ids: &[ContactId]) -> Result<Vec<ContactRow>, Error> {
    let ids: Vec<&str> = ids.iter().map(ContactId::as_str).collect();
    let mut rows: Vec<ContactRow> = finder::chosen(core, &ids)?.into_iter().map(|one| one.row).collect();
    rows.sort_unstable();
    rows.dedup();
    Ok(rows)
}

/// Whether what a person typed is by what these cards are known: their name, one of their
/// emails or phones, or an id.
pub fn is_confirmed(cards: &[Contact], typed: &str) -> bool {
    let typed = typed.trim();
    let wanted = Mark::typed(typed);
    cards.iter().any(|contact| {
        let own = marks(contact);
        let is_name = !typed.is_empty() && fold_label(contact.display_name()) == fold_label(typed);
        is_name || contact.id.as_str() == typed || wanted.iter().any(|mark| own.contains(mark))
    })
}

/// Refuses to erase for a request that asks for something else, or that nobody approved: by
/// whatever way somebody came here, what is gone does not come back.
pub(super) fn check_approved(id: &str, request: Option<&Request>) -> Result<(), Error> {
    match request {
        None => Err(Error::not_found(say!("the request {id}", id))),
        Some(Request { right: Right::Erasure, state: State::Approved, .. }) => Ok(()),
        Some(Request { right: Right::Erasure, state, .. }) => {
            Err(Error::new(Code::Refused, say!("the request is not approved: it {is}", is = state.sentence()))
                .hint(say!("Approve it first. Nothing was deleted.")))
        }
        Some(_) => Err(Error::new(Code::Refused, say!("the request does not ask for an erasure"))
            .hint(say!("Nothing was deleted."))),
    }
}

/// Cards that are gone and that a request names for certain: nothing can be frozen on these.
pub(super) fn gone_named_by(core: &Core, request: &str) -> Result<Vec<ContactRow>, Error> {
    match core.store().read(|r| r.requests().get(request))? {
        Some(Request { subject, .. }) if !subject.trim().is_empty() => {
            let found = finder::find(core, &subject)?.into_iter();
            Ok(found.filter(|one| one.is_sure && one.is_gone).map(|one| one.row).collect())
        }
        Some(_) | None => Ok(Vec::new()),
    }
}

/// Refuses to erase whom a request was not approved for: all cards are among those that were
/// frozen for it then, or they are gone and the request names them, or they are gone and of the
/// person who was frozen.
pub(super) fn check_covered(
    reader: Reader<'_>,
    request: &str,
    cards: &[ContactRow],
    named: &[ContactRow],
) -> Result<(), Error> {
    let frozen = reader.restrictions().of_request(request)?;
    let rest = cards.iter().filter(|card| !frozen.contains(card) && !named.contains(card));
    let rest: Vec<ContactRow> = rest.copied().collect();
    if rest.is_empty() {
        return Ok(());
    }
    let theirs = reader.persons().of(&frozen)?.removed;
    if rest.iter().all(|card| theirs.contains(card)) {
        return Ok(());
    }
    Err(Error::new(Code::Refused, say!("the request was not approved for this card"))
        .hint(say!("Choose the cards when you approve it. Nothing was deleted.")))
}
