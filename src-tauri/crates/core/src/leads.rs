//! Leads that wait for a person: another program told of somebody who may be here already, by a
//! phone or a name at a platform. Nobody is joined to anybody without a person.

use crate::{
    contact,
    core::{Core, Who},
    error::Error,
    ingest,
};
use cardfile_domain::{Contact, OperationId, Sentence, say};
use cardfile_store::{Lead, OpKind, Stored};

/// A lead that waits.
#[derive(Debug, Clone, PartialEq)]
pub struct Waiting {
    /// As it is kept.
    pub lead: Lead,
    /// What it says of who it is.
    pub claims: Contact,
    /// Who it may be, and why.
    pub perhaps: Vec<(Stored, Sentence)>,
}

/// Who a lead is of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Choice {
    /// Of this contact.
    Join(String),
    /// Of somebody who is not here yet.
    New,
    /// Of nobody who is wanted here: nothing of it is kept.
    Dismiss,
}

/// The leads that wait, the latest first.
pub fn waiting(core: &Core, limit: u32) -> Result<Vec<Waiting>, Error> {
    let leads = core.store().read(|r| r.leads().waiting(limit))?;
    leads.into_iter().map(|lead| look_at(core, lead)).collect()
}

/// How many wait.
pub fn count(core: &Core) -> Result<u32, Error> {
    Ok(core.store().read(|r| r.leads().count())?)
}

fn look_at(core: &Core, lead: Lead) -> Result<Waiting, Error> {
    let (claims, found) = ingest::look_at(core, &lead)?;
    // Since it came, somebody may have got its ID or email: then they are the first.
    let known = found.contact.zip(found.rule);
    let mut perhaps = Vec::new();
    for (row, rule) in known.into_iter().chain(found.suggestions) {
        let stored = core.store().read(|r| r.contacts().get(row))?;
        perhaps.extend(stored.map(|stored| (stored, rule.sentence())));
    }
    Ok(Waiting { lead, claims, perhaps })
}

/// Decides a lead. Gives the contact, and the operation, so that it can be undone; the lead
/// itself does not come back by that.
pub fn decide(
    core: &Core,
    id: &str,
    choice: &Choice,
    who: &Who,
) -> Result<Option<(Stored, Option<OperationId>)>, Error> {
    let lead = core.store().read(|r| r.leads().get(id))?.ok_or_else(|| Error::not_found(say!("the lead")))?;
    let owner = match choice {
        Choice::Dismiss => {
            core.store().write(who.op(OpKind::Ingest, ""), |tx| Ok::<_, Error>(tx.drop_lead(id)?))?;
            return Ok(None);
        }
        Choice::Join(contact) => Some(contact::find(core, contact)?.row),
        Choice::New => None,
    };
    let (row, operation) = ingest::decided(core, &lead, owner, who)?;
    let stored = core.store().read(|r| r.contacts().get(row))?;
    Ok(stored.map(|stored| (stored, operation)))
}
