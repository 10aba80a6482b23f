//! Restrictions of cards: kept and not used (Art. 18), not used for a purpose (Art. 21), not
//! deleted (a legal hold). They are enforced where contacts are read to be used: in views with
//! a name, exports, rules and sync.

use super::purposes;
use crate::{
    core::{Core, Who},
    error::{Code, Error},
    sync,
};
use cardfile_domain::{
    OperationId,
    restriction::{Restriction, Sort},
    say,
};
use cardfile_store::{ContactRow, OpKind, Reader, SqlResult, Stored, Tx};
use serde_json::json;

/// Puts a restriction on contacts. Those that have the same already are left as they are.
/// Gives how many got it.
pub fn put(
    core: &Core,
    contacts: &[ContactRow],
    restriction: &Restriction,
    who: &Who,
) -> Result<(u32, Option<OperationId>), Error> {
    let restriction = checked(core, restriction)?;
    core.store().write(who.op(OpKind::Privacy, restriction.sort.as_str()), |tx| put_in(tx, contacts, &restriction))
}

/// With a reason, and with the key of its purpose.
pub(crate) fn checked(core: &Core, restriction: &Restriction) -> Result<Restriction, Error> {
    if restriction.reason.trim().is_empty() {
        return Err(Error::bad_request(say!("say why: a restriction without a reason cannot be lifted rightly")));
    }
    let purpose = match (restriction.sort, restriction.purpose.trim()) {
        (Sort::Objected, "") | (Sort::Restricted | Sort::Held | Sort::NoAgents, _) => String::new(),
        (Sort::Objected, name) => purposes::find(core, name)?.key,
    };
    Ok(Restriction { purpose, reason: restriction.reason.trim().to_owned(), ..restriction.clone() })
}

/// The same inside a transaction.
pub(crate) fn put_in(tx: &mut Tx<'_>, contacts: &[ContactRow], restriction: &Restriction) -> Result<u32, Error> {
    let (now, mut count) = (tx.now(), 0);
    for contact in contacts {
        let here = tx.read().restrictions().of(*contact)?;
        let is_known = here.iter().any(|one| {
            one.is_in_force()
                && (one.sort, &one.purpose, &one.request)
                    == (restriction.sort, &restriction.purpose, &restriction.request)
        });
        if is_known || tx.read().contacts().get(*contact)?.is_none() {
            continue;
        }
        let at = if restriction.at.0 == 0 { now } else { restriction.at };
        let author = if restriction.author.is_empty() { tx.actor().to_owned() } else { restriction.author.clone() };
        tx.add_part(Some((*contact).into()), &Restriction { id: String::new(), at, author, ..restriction.clone() })?;
        count += 1;
    }
    if count > 0 {
        let facts = json!({ "sort": restriction.sort.as_str(), "purpose": restriction.purpose, "contacts": count });
        let request = (!restriction.request.is_empty()).then_some(restriction.request.as_str());
        tx.audit("restriction_put", request, &facts)?;
    }
    Ok(count)
}

/// Lifts a restriction by its id. Whoever asked for it is to be told before (Art. 18(3)).
pub fn lift(core: &Core, id: &str, because: &str, who: &Who) -> Result<(bool, Option<OperationId>), Error> {
    let because = because.trim();
    if because.is_empty() {
        return Err(Error::bad_request(say!("say why it is lifted")));
    }
    core.store().write(who.op(OpKind::Privacy, "lifted"), |tx| {
        let stored = tx.read().parts().get::<Restriction>(id)?;
        let stored = stored.ok_or_else(|| Error::not_found(say!("the restriction")))?;
        if !stored.value.is_in_force() {
            return Ok(false);
        }
        lift_in(tx, id, because)?;
        if let Some(Ok(contact)) = stored.parent.map(ContactRow::try_from) {
            look_again(tx, contact)?;
        }
        let request = (!stored.value.request.is_empty()).then_some(stored.value.request.as_str());
        tx.audit("restriction_lifted", request, &json!({ "sort": stored.value.sort.as_str() }))?;
        Ok(true)
    })
}

fn lift_in(tx: &mut Tx<'_>, id: &str, because: &str) -> Result<(), Error> {
    let (now, by) = (tx.now(), tx.actor().to_owned());
    tx.edit_part::<Restriction>(id, |restriction, _| {
        restriction.lifted_at = Some(now);
        restriction.lifted_by = by;
        because.clone_into(&mut restriction.lifted_because);
    })?;
    Ok(())
}

/// What moved meanwhile was looked at by no connection, and told to nobody.
fn look_again(tx: &mut Tx<'_>, contact: ContactRow) -> Result<(), Error> {
    sync::look_again(tx, contact)?;
    Ok(tx.release_webhook_messages(contact)?)
}

/// Lifts what a request brought. Gives how many restrictions it was.
pub(crate) fn lift_of_request(tx: &mut Tx<'_>, request: &str, because: &str) -> Result<u32, Error> {
    let mut count = 0;
    for contact in tx.read().restrictions().of_request(request)? {
        for one in tx.read().restrictions().of(contact)? {
            if one.is_in_force() && one.request == request {
                lift_in(tx, &one.id, because)?;
                count += 1;
                look_again(tx, contact)?;
                tx.audit("restriction_lifted", Some(request), &json!({ "sort": one.sort.as_str() }))?;
            }
        }
    }
    Ok(count)
}

/// All restrictions of a contact, those in force first.
pub fn of(core: &Core, contact: &Stored) -> Result<Vec<Restriction>, Error> {
    let mut all = core.store().read(|r| r.restrictions().of(contact.row))?;
    all.sort_by_key(|one| !one.is_in_force());
    Ok(all)
}

/// Every contact with a restriction in force, and those, in the order of the contacts.
pub fn all(core: &Core) -> Result<Vec<(Stored, Vec<Restriction>)>, Error> {
    Ok(core.store().read(|r| {
        let mut contacts = std::collections::BTreeSet::new();
        r.restrictions().each_in_force(|contact, _, _| {
            contacts.insert(contact);
        })?;
        let mut all = Vec::new();
        for contact in contacts {
            if let Some(stored) = r.contacts().get(contact)? {
                let mut own = r.restrictions().of(contact)?;
                own.retain(Restriction::is_in_force);
                all.push((stored, own));
            }
        }
        Ok(all)
    })?)
}

/// The hold because of which one of these contacts must not be deleted; nothing when none is
/// on hold. The bin, an erasure and every retention rule ask here.
pub fn hold_of(reader: Reader<'_>, contacts: &[ContactRow]) -> SqlResult<Option<Restriction>> {
    let is_hold = |one: &Restriction| one.sort == Sort::Held && one.is_in_force();
    for contact in contacts {
        if reader.restrictions().has(*contact, Sort::Held)? {
            return Ok(reader.restrictions().of(*contact)?.into_iter().find(is_hold));
        }
    }
    Ok(None)
}

/// Refuses to go on with contacts that must not be deleted (GDPR, Art. 17(3)).
pub fn check_no_hold(core: &Core, contacts: &[ContactRow]) -> Result<(), Error> {
    refuse_held(core.store().read(|r| hold_of(r, contacts))?)
}

/// The same inside a transaction: somebody may have held one of them meanwhile.
pub(crate) fn check_no_hold_in(tx: &Tx<'_>, contacts: &[ContactRow]) -> Result<(), Error> {
    refuse_held(hold_of(tx.read(), contacts)?)
}

fn refuse_held(hold: Option<Restriction>) -> Result<(), Error> {
    match hold {
        None => Ok(()),
        Some(Restriction { reason, .. }) => {
            Err(Error::new(Code::Refused, say!("the card is under legal hold: {reason}", reason))
                .hint(say!("Refuse the request with this reason, or lift the hold first. Nothing was deleted.")))
        }
    }
}
