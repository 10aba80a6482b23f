//! Saved views for agents of the business: which there are, and who is in one, with the approved
//! fields of each. Nobody is in it whom agents may not be told of, only so many are given in ten
//! minutes, and no answer is larger than an agent can take.

use super::{
    calls::{self, Denied, LISTS},
    find, pack,
};
use crate::{core::Core, error::Error, privacy::standing, segments, view};
use cardfile_domain::agent::{AgentCall, AgentClient, ClientSort, Refusal};
use cardfile_store::{Approval, OpKind};
use serde_json::{Value, json};

/// Bytes of the cards of an answer, at most.
const MOST_BYTES: usize = 64 << 10;

/// A saved view as an agent sees it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Offered {
    /// `seg_…`
    pub id: String,
    /// What it is called.
    pub name: String,
}

/// The saved views, for a client of staff.
pub fn list(core: &Core, client: &str) -> Result<Vec<Offered>, Denied> {
    let known = admitted(core, client)?;
    let all = segments::all(core)?.into_iter().map(|one| Offered { id: one.id, name: one.name }).collect();
    calls::write(core, &known, line(&known, 0, 0, Vec::new()))?;
    Ok(all)
}

/// Who is in a saved view, with the approved fields.
pub fn read(core: &Core, client: &str, segment: &str) -> Result<Value, Denied> {
    let known = admitted(core, client)?;
    let now = core.store().environment().clock.now();
    let Ok(segment) = segments::find(core, segment) else {
        return Err(calls::refused_call(core, client, LISTS, Refusal::BadRequest));
    };
    let (_, rows) = view::resolve(core, &segments::view(&segment))?;
    let left = core.store().read(|r| calls::listable(r, &known, now))?;
    if left == 0 {
        return Err(calls::refused_call(core, client, LISTS, Refusal::TooMuch));
    }
    let mut cards = Vec::new();
    let mut told = Vec::new();
    let (mut bytes, mut more) = (0, false);
    for row in rows.iter().copied() {
        if cards.len() >= left as usize {
            more = true;
            break;
        }
        let (_, seen) = core.store().read_narrowly(
            |r| {
                let purpose = calls::purpose(r, &known.purpose)?;
                let may = standing::for_agents(r, row, purpose.as_ref())?;
                Ok(((), may.ok().map(|()| Approval { card: row, fields: known.fields.clone() })))
            },
            pack::row,
        )?;
        if let Some(card) = seen.and_then(|seen| seen.value) {
            bytes += card.to_string().len();
            if bytes > MOST_BYTES {
                more = true;
                break;
            }
            cards.push(card);
            told.push(row);
        }
    }
    let shown = u32::try_from(cards.len()).unwrap_or(u32::MAX);
    let packed = json!({ "segment": segment.name, "contacts": cards, "shown": shown, "more": more,
        "kind": pack::KIND });
    let is_given = |field: &&String| {
        packed["contacts"].as_array().is_some_and(|all| all.iter().any(|card| card.get(field.as_str()).is_some()))
    };
    let given: Vec<String> = known.fields.iter().filter(is_given).cloned().collect();
    calls::write(core, &known, line(&known, shown, pack::size(&packed), given.clone()))?;
    core.store().write(calls::who(&known).op(OpKind::Privacy, ""), |tx| {
        for row in told {
            tx.disclose_to_agent(row, &known, &given)?;
        }
        Ok::<_, Error>(())
    })?;
    Ok(packed)
}

/// A client of staff that may ask now.
fn admitted(core: &Core, client: &str) -> Result<AgentClient, Denied> {
    let now = core.store().environment().clock.now();
    let known = find(core, client)?;
    let refusal = match known.may_ask(now) {
        Err(refusal) => Some(refusal),
        Ok(()) if super::is_stopped(core)? => Some(Refusal::Stopped),
        Ok(()) if known.sort != ClientSort::Staff => Some(Refusal::NoLists),
        Ok(()) => None,
    };
    match refusal {
        Some(refusal) => Err(calls::refused_call(core, client, LISTS, refusal)),
        None => Ok(known),
    }
}

fn line(client: &AgentClient, items: u32, bytes: u32, fields: Vec<String>) -> AgentCall {
    AgentCall {
        client: client.id.clone(),
        tool: LISTS.to_owned(),
        result: "ok",
        fields,
        items,
        bytes,
        ..AgentCall::default()
    }
}
