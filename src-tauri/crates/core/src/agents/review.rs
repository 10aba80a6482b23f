//! The review before a client is turned on: one condition each for personalization, actions,
//! segmentation and synchronization, evaluated with what is here. A review that says no is
//! overruled only with a reason, which is kept.

use super::fields;
use crate::{
    core::Core,
    error::{Code, Error},
    privacy::purposes,
    segments,
    sync::check::Reviewed,
};
use cardfile_domain::{
    Sentence,
    agent::{AgentClient, ClientSort},
    say, text,
};
use std::collections::HashMap;

/// The four rows.
pub fn review(core: &Core, client: &AgentClient) -> Result<Vec<Reviewed>, Error> {
    let row = |about, (is_met, evidence)| Reviewed { about, is_met, evidence };
    Ok(vec![
        row("personalization", personalization(core, client)?),
        row("actions", actions(core, client)?),
        row("segmentation", segmentation(core, client)?),
        row("synchronization", synchronization(core, client)?),
    ])
}

/// The reason that is kept when a client is turned on, or why it is not.
pub(super) fn pass(core: &Core, client: &AgentClient, reason: &str) -> Result<String, Error> {
    match (Reviewed::against(&review(core, client)?), reason.trim()) {
        (None, _) => Ok(String::new()),
        (Some(rows), "") => Err(Error::new(Code::Refused, say!("the review says no: {rows}", rows))
            .hint(say!("Mend it, or give a reason why it may be turned on anyway. Nothing was changed."))),
        (Some(_), reason) => Ok(reason.to_owned()),
    }
}

/// Every field that is approved is there, and what is close to a person has a purpose.
fn personalization(core: &Core, client: &AgentClient) -> Result<(bool, Sentence), Error> {
    let known = fields::approvable(core)?;
    let gone: Vec<&str> =
        client.fields.iter().filter(|field| !known.iter().any(|one| one.key == **field)).map(String::as_str).collect();
    if !gone.is_empty() {
        return Ok((false, say!("approved, and not there any more: {fields}", fields = gone.join(", "))));
    }
    if client.fields.is_empty() {
        return Ok((true, say!("no field is approved: nothing is read")));
    }
    let purpose = purposes::known(core, &client.purpose)?;
    if let Some(retired) = purpose.as_ref().filter(|purpose| purpose.retired_at.is_some()) {
        return Ok((false, say!("the purpose {name} is given up", name = retired.name)));
    }
    let of_class = |field: &&String| {
        let class = known.iter().find(|one| one.key == **field).map(|one| one.class);
        matches!(class, Some("contact" | "internal"))
    };
    let personal: Vec<&str> = client.fields.iter().filter(of_class).map(String::as_str).collect();
    // The first purpose is there from the beginning.
    let are_asked_for = purposes::all(core)?.iter().any(|one| one.key != purposes::DEFAULT);
    if purpose.is_none() && are_asked_for && !personal.is_empty() {
        return Ok((false, say!("approved without a purpose: {fields}", fields = personal.join(", "))));
    }
    let fields = client.fields.join(", ");
    Ok((true, say!("only what a person approved is read, once it is known who asks: {fields}", fields)))
}

/// Every action has what it needs, for a purpose, until a day that is to come.
fn actions(core: &Core, client: &AgentClient) -> Result<(bool, Sentence), Error> {
    let now = core.store().environment().clock.now();
    let over: Vec<&str> = client
        .actions
        .iter()
        .filter(|action| action.expires_at.is_some_and(|until| until <= now))
        .map(|action| action.tool.as_str())
        .collect();
    if !over.is_empty() {
        return Ok((false, say!("the time of these actions is over: {actions}", actions = over.join(", "))));
    }
    let loose: Vec<&str> = client
        .actions
        .iter()
        .filter(|action| action.expires_at.is_none() || action.purpose.is_empty())
        .map(|action| action.tool.as_str())
        .collect();
    if !loose.is_empty() {
        return Ok((false, say!("these actions have no purpose or no end: {actions}", actions = loose.join(", "))));
    }
    if client.actions.is_empty() {
        return Ok((true, say!("no action gets anything, and what the client writes waits for you")));
    }
    let actions: Vec<&str> = client.actions.iter().map(|action| action.tool.as_str()).collect();
    Ok((true, say!("each of these gets only what it needs, until its end: {actions}", actions = actions.join(", "))))
}

/// A customer sees one card. Whoever sees lists sees those that somebody looked at not long ago.
fn segmentation(core: &Core, client: &AgentClient) -> Result<(bool, Sentence), Error> {
    if client.sort == ClientSort::Customer {
        return Ok((true, say!("no lists: it sees the card of who was verified")));
    }
    let mut stale = Vec::new();
    for segment in segments::all(core)? {
        if segments::is_stale(core, &segment) {
            stale.push(segment.name);
        }
    }
    Ok(if stale.is_empty() {
        (true, say!("somebody looked at every saved view not long ago"))
    } else {
        (false, say!("nobody has looked at these views for too long: {views}", views = stale.join(", ")))
    })
}

/// The IDs by which people are found mean one person each, also to who mistypes them.
fn synchronization(core: &Core, client: &AgentClient) -> Result<(bool, Sentence), Error> {
    let (mut met, mut near) = (HashMap::new(), 0u32);
    let mut ids = 0u32;
    core.store().read(|r| {
        r.links().each(|contact, link| {
            ids = ids.saturating_add(1);
            match met.get(&bare(&link.external_id)) {
                Some(other) if *other != contact => near = near.saturating_add(1),
                Some(_) => {}
                None => {
                    met.insert(bare(&link.external_id), contact);
                }
            }
        })
    })?;
    if near > 0 {
        return Ok((
            false,
            say!("{near} of {ids} external IDs differ only a little from that of somebody else", near, ids),
        ));
    }
    Ok((
        true,
        match client.sort {
            ClientSort::Customer => say!("people are found by their external ID, byte for byte: {ids} of them", ids),
            ClientSort::Staff => say!("cards are named by somebody of the business"),
        },
    ))
}

/// An external ID without what people get wrong in it.
fn bare(id: &str) -> String {
    let folded = text::fold(id);
    let kept: String = folded.chars().filter(|c| c.is_alphanumeric()).collect();
    kept.trim_start_matches('0').to_owned()
}
