//! Link to...: a contact becomes part of another, with its whole history. What
//! will be moved is shown before, and one undo takes it back.

use crate::{
    contact,
    core::{Core, Who},
    error::Error,
    privacy::erasure::suppression,
    resolve,
};
use cardfile_domain::{
    Contact, Identity, Link, OperationId, PartKind, Sentence,
    import::{Policy, merge},
    part::{Avatar, Placement},
    say,
};
use cardfile_store::{ContactRow, OpKind, Stored, Tx};

/// Where a contact is to be linked to.
#[derive(Debug, Clone)]
pub enum Target {
    /// To the contact with our id, with this external ID at any remote, or with this email.
    Contact(String),
    /// To whoever has this external ID; nobody there: the contact gets it itself.
    ExternalId(Link),
}

/// What linking will do.
#[derive(Debug, Clone)]
pub struct Preview {
    /// The contact that goes.
    pub from: Stored,
    /// The one that stays; nothing when nobody has the external ID.
    pub to: Option<Stored>,
    /// The one that stays, as it will be.
    pub after: Contact,
    /// How many parts of each kind move.
    pub moves: Vec<(PartKind, u32)>,
    /// External IDs that are nearly the one that was asked for.
    pub near: Vec<resolve::NearMiss>,
}

/// Says what linking will do. Writes nothing.
pub fn preview(core: &Core, from: &str, target: &Target) -> Result<Preview, Error> {
    let mut plan = plan(core, from, target)?;
    if let (None, Target::ExternalId(link)) = (&plan.to, target) {
        plan.near = core.store().read(|r| resolve::near_misses(r, &link.external_id, 20))?;
    }
    Ok(plan)
}

fn plan(core: &Core, from: &str, target: &Target) -> Result<Preview, Error> {
    let from = contact::find(core, from)?;
    let row = match target {
        Target::Contact(name) => Some(core.store().read(|r| resolve::named(r, name))?.one(Sentence::verbatim(name))?),
        Target::ExternalId(link) => core.store().read(|r| r.links().contact_of(link))?,
    };
    let (to, moves) = core.store().read(|r| {
        let to = row.map(|row| r.contacts().get(row)).transpose()?.flatten();
        Ok((to, if row.is_some() { r.parts().count(from.row)? } else { Vec::new() }))
    })?;
    let after = match (&to, target) {
        (Some(to), _) if to.row == from.row => return Err(Error::bad_request(say!("this is the same contact"))),
        (Some(to), _) if to.contact.binned_at.is_some() && from.contact.binned_at.is_none() => {
            return Err(Error::bad_request(say!("{name} is in the bin", name = contact::called(&to.contact)))
                .hint(say!("Bring it back first, or link that one to this.")));
        }
        (Some(to), _) => joined(&to.contact, &from.contact),
        (None, Target::ExternalId(link)) => with_link(&from.contact, link)?,
        (None, Target::Contact(name)) => return Err(Error::not_found(say!("the contact {name}", name))),
    };
    Ok(Preview { from, to, after, moves, near: Vec::new() })
}

/// Links a contact to another, or gives it the external ID that nobody has. One
/// operation. Gives the id of the contact that stays. `seen` is whom a preview
/// named: when it is somebody else by now, nothing is done.
pub fn link(
    core: &Core,
    from: &str,
    target: &Target,
    seen: Option<Option<&str>>,
    who: &Who,
) -> Result<(String, Option<OperationId>), Error> {
    let plan = plan(core, from, target)?;
    let to = plan.to.as_ref().map(|to| to.contact.id.as_str());
    if seen.is_some_and(|seen| seen != to) {
        return Err(Error::bad_request(say!("somebody else has this external ID by now; look again")));
    }
    let subject = plan.after.display_name().to_owned();
    let from = plan.from.row;
    match plan.to.map(|to| to.row) {
        Some(to) => core.store().write(who.op(OpKind::ContactJoin, subject), |tx| {
            put(tx, from, to)?;
            Ok(tx.read().contacts().get(to)?.map(|stored| stored.contact.id.to_string()).unwrap_or_default())
        }),
        None => core.store().write(who.op(OpKind::ContactEdit, subject), |tx| {
            let stored = tx.read().contacts().get(from)?.ok_or_else(|| Error::not_found(say!("the contact")))?;
            if let Target::ExternalId(link) = target {
                if tx.read().links().contact_of(link)?.is_some() {
                    return Err(Error::bad_request(say!("somebody got this external ID just now; look again")));
                }
                let after = with_link(&stored.contact, link)?;
                suppression::refuse_anew(tx, &stored.contact, &after)?;
                tx.update(&stored, after)?;
            }
            Ok(stored.contact.id.to_string())
        }),
    }
}

/// What changing an external ID will do.
#[derive(Debug, Clone)]
pub struct LinkChange {
    /// The contact.
    pub contact: Stored,
    /// The one who has the new external ID already; then it cannot be taken.
    pub owner: Option<Stored>,
    /// External IDs that are nearly the new one.
    pub near: Vec<resolve::NearMiss>,
    /// The contact was verified, and will be no more.
    pub loses_verification: bool,
}

/// Says what changing an external ID of a contact will do: from nothing it is
/// added, to nothing it is taken away. Writes nothing.
pub fn preview_change(core: &Core, contact: &str, from: Option<&Link>, to: Option<&Link>) -> Result<LinkChange, Error> {
    let mut plan = plan_change(core, contact, from, to)?;
    if let Some(to) = to.filter(|to| !to.external_id.is_empty()) {
        plan.near = core.store().read(|r| resolve::near_misses(r, &to.external_id, 20))?;
        plan.near.retain(|miss| miss.link != *to && Some(&miss.link) != from);
    }
    Ok(plan)
}

fn plan_change(core: &Core, contact: &str, from: Option<&Link>, to: Option<&Link>) -> Result<LinkChange, Error> {
    let contact = contact::find(core, contact)?;
    if let Some(from) = from
        && !contact.contact.links.contains(from)
    {
        return Err(Error::not_found(say!("this external ID")));
    }
    let owner = core.store().read(|r| {
        let Some(to) = to else { return Ok(None) };
        let owner = r.links().contact_of(to)?.filter(|row| *row != contact.row);
        Ok(owner.map(|row| r.contacts().get(row)).transpose()?.flatten())
    })?;
    let loses_verification = contact.contact.identity == Identity::Verified && from.is_some();
    Ok(LinkChange { contact, owner, near: Vec::new(), loses_verification })
}

/// Changes an external ID, adds one or takes one away. A contact that was
/// verified by the old one is verified no more.
pub fn change(
    core: &Core,
    contact: &str,
    from: Option<&Link>,
    to: Option<&Link>,
    who: &Who,
) -> Result<(bool, Option<OperationId>), Error> {
    let plan = plan_change(core, contact, from, to)?;
    if let Some(owner) = &plan.owner {
        let name = owner.contact.display_name();
        return Err(Error::bad_request(say!("{name} has this external ID", name))
            .hint(say!("Link this card to it, if the two are one person.")));
    }
    if to.is_some_and(|to| to.external_id.is_empty() || to.connector.trim().is_empty()) {
        return Err(Error::bad_request(say!("an external ID needs its text and its remote")));
    }
    let subject = plan.contact.contact.display_name().to_owned();
    core.store().write(who.op(OpKind::ContactEdit, subject), |tx| {
        if let Some(to) = to
            && tx.read().links().contact_of(to)?.is_some_and(|row| row != plan.contact.row)
        {
            return Err(Error::bad_request(say!("somebody got this external ID just now; look again")));
        }
        if let Some(to) = to {
            let after = Contact { links: vec![to.clone()], ..Contact::default() };
            suppression::refuse_anew(tx, &plan.contact.contact, &after)?;
        }
        Ok(tx.edit(plan.contact.row, |contact| {
            let place = from.and_then(|from| contact.links.iter().position(|link| link == from));
            if let Some(place) = place {
                contact.links.remove(place);
                contact::doubt(contact);
            }
            if let Some(to) = to.filter(|to| !contact.links.contains(to)) {
                contact.links.insert(place.unwrap_or(contact.links.len()).min(contact.links.len()), to.clone());
            }
            contact.settle_identity();
        })?)
    })
}

/// Links inside a transaction: parts move, values join, the card goes.
pub(crate) fn put(tx: &mut Tx<'_>, from: ContactRow, to: ContactRow) -> Result<(), Error> {
    put_as(tx, from, to, joined)
}

/// The same with another way to make one card of two: `(stays, goes)`.
pub(crate) fn put_as(
    tx: &mut Tx<'_>,
    from: ContactRow,
    to: ContactRow,
    one_of_two: impl FnOnce(&Contact, &Contact) -> Contact,
) -> Result<(), Error> {
    let missing = || Error::not_found(say!("a contact"));
    drop_doubles(tx, from, to)?;
    tx.move_parts(from, to)?;
    let source = tx.read().contacts().get(from)?.ok_or_else(missing)?.contact;
    // Before its external IDs and its id are anybody else's.
    tx.join_pairs(from, to)?;
    tx.join_agent_rows(from, to)?;
    tx.remove_contact(from)?;
    let target = tx.read().contacts().get(to)?.ok_or_else(missing)?;
    let after = one_of_two(&target.contact, &source);
    tx.update(&target, after)?;
    // What both said is one ledger now.
    tx.mirror_consents(to)?;
    Ok(())
}

/// What the contact that stays has already: its picture, and spaces on both.
fn drop_doubles(tx: &mut Tx<'_>, from: ContactRow, to: ContactRow) -> Result<(), Error> {
    if !tx.read().parts().of::<Avatar>(to.into())?.is_empty() {
        for avatar in tx.read().parts().of::<Avatar>(from.into())? {
            tx.remove_part::<Avatar>(&avatar.value.id)?;
        }
    }
    let there: Vec<String> =
        tx.read().parts().of::<Placement>(to.into())?.into_iter().map(|place| place.value.space).collect();
    for place in tx.read().parts().of::<Placement>(from.into())? {
        if there.contains(&place.value.space) {
            tx.remove_part::<Placement>(&place.value.id)?;
        }
    }
    Ok(())
}

/// The contact that stays keeps what it says; blanks are filled, lists joined,
/// conversations added up.
pub(crate) fn joined(to: &Contact, from: &Contact) -> Contact {
    let mut record = Contact { conversation_count: 0, ..from.clone() };
    record.links.retain(|link| link.connector != Link::SESSION);
    let mut after = merge(to, &record, Policy::Fill).unwrap_or_else(|| to.clone());
    after.conversation_count = to.conversation_count.saturating_add(from.conversation_count);
    if after.identity == Identity::Anonymous && from.identity != Identity::Anonymous {
        after.identity = Identity::Identified;
    }
    after
}

fn with_link(contact: &Contact, link: &Link) -> Result<Contact, Error> {
    if link.external_id.is_empty() || link.connector.trim().is_empty() {
        return Err(Error::bad_request(say!("an external ID needs its text and its remote")));
    }
    let mut after = contact.clone();
    if !after.links.contains(link) {
        after.links.push(link.clone());
    }
    after.settle_identity();
    Ok(after)
}
