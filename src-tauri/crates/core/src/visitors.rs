//! Visitors: people of whom nothing is known. No source makes cards of them
//! unless it is told to; those that are there are shown apart, are not counted
//! as contacts, and go to the bin when their time is over.

use crate::{
    contact,
    core::{Core, Who},
    error::Error,
};
use cardfile_domain::{Millis, OperationId};
use serde_json::{Value, json};

/// Setting: sources that make cards of visitors.
const SOURCES: &str = "visitor_sources";
/// Setting: days a visitor is kept after the last sign of life; 0 is for ever.
const DAYS: &str = "visitor_days";
/// What holds until somebody says otherwise.
const DEFAULT_DAYS: i64 = 30;

/// The sources that make cards of visitors; none until somebody says so.
pub fn sources(core: &Core) -> Result<Vec<String>, Error> {
    let setting = core.setting(SOURCES)?;
    let all = setting.as_ref().and_then(Value::as_array).into_iter().flatten();
    Ok(all.filter_map(Value::as_str).map(str::to_owned).collect())
}

/// Switches cards of visitors on or off for a source.
pub fn set_source(core: &Core, source: &str, on: bool, who: &Who) -> Result<(), Error> {
    let mut all = sources(core)?;
    all.retain(|known| known != source);
    if on {
        all.push(source.to_owned());
    }
    core.set_setting(SOURCES, &json!(all), who)
}

/// Moves visitors to the bin whose time is over; gives how many. Undoable as
/// every move to the bin.
pub fn expire(core: &Core) -> Result<(u32, Option<OperationId>), Error> {
    let days = core.setting(DAYS)?.as_ref().and_then(Value::as_i64).unwrap_or(DEFAULT_DAYS);
    if days <= 0 {
        return Ok((0, None));
    }
    let before = Millis(core.store().environment().clock.now().0 - days * Millis::DAY);
    let rows = core.store().read(|r| r.contacts().visitors_before(before))?;
    if rows.is_empty() {
        return Ok((0, None));
    }
    contact::bin(core, &rows, &Who { actor: "cardfile".into(), origin: "retention".into() })
}
