//! Leads that wait for a person: another program told of somebody who may be here already, by a
//! phone or a name at a platform. Nobody is joined to anybody without a person.

use crate::{
    contact,
    core::{Core, Who},
    error::Error,
    ingest,
};
use cardfile_domain::{Contact, OperationId, Patch, Sentence, say};
use cardfile_store::{Lead, OpKind, Stored};

/// A lead that waits.
#[derive(Debug, Clone, PartialEq)]
pub struct Waiting {
    /// As it is kept.
    pub lead: Lead,
    /// What it says of who it is.
    pub claims: Contact,
    /// Whether the first of them is known by an ID or an email: that is who it is, and what
    /// the lead would replace waits.
    pub is_known: bool,
    /// Who it may be.
    pub perhaps: Vec<Candidate>,
}

/// Somebody of whom a lead may be.
#[derive(Debug, Clone, PartialEq)]
pub struct Candidate {
    /// Their card.
    pub stored: Stored,
    /// By what they were found.
    pub why: Sentence,
    /// What the card gets when the lead is theirs.
    pub changes: Patch,
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
    let looked = ingest::look_at(core, &lead)?;
    // Since it came, somebody may have got its ID or email: then they are the first.
    let known = looked.found.contact.zip(looked.found.rule.as_ref());
    let others = looked.found.suggestions.iter().map(|(row, rule)| (*row, rule));
    let mut perhaps = Vec::new();
    for (row, rule) in known.into_iter().chain(others) {
        let Some(stored) = core.store().read(|r| r.contacts().get(row))? else { continue };
        let changes = stored.contact.diff(&looked.joined(&stored.contact));
        perhaps.push(Candidate { stored, why: rule.sentence(), changes });
    }
    Ok(Waiting { is_known: known.is_some(), claims: looked.claims, lead, perhaps })
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
