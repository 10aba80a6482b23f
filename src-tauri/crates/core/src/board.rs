//! The lifecycle as a board: a lane for each stage, in the order a business goes through them.

use crate::{
    core::Core,
    error::Error,
    view::{self, ViewRequest},
};
use cardfile_domain::{
    Contact, Filter,
    filter::{FilterField, Test},
    text::fold_label,
};
use serde_json::Value;

/// Stages in their order when nobody said otherwise (M-101).
const STAGES: [&str; 4] = ["new", "returning", "qualified", "customer"];
/// The setting that says otherwise: a list of names.
pub const SETTING: &str = "stages";
/// Cards that are shown of a lane.
const SHOWN: usize = 25;

/// Contacts of one stage.
#[derive(Debug, Clone)]
pub struct Lane {
    /// Its name; empty for those without one.
    pub stage: String,
    /// How many there are.
    pub count: u32,
    /// The filter that shows them.
    pub filter: String,
    /// Those seen last, the latest first.
    pub first: Vec<Contact>,
}

/// The stages in their order: those of the setting or ours, then others that are in use.
pub fn stages(core: &Core) -> Result<Vec<String>, Error> {
    let mut stages: Vec<String> = match core.setting(SETTING)? {
        Some(Value::Array(names)) => names.iter().filter_map(|name| name.as_str().map(str::to_owned)).collect(),
        _ => STAGES.iter().map(|name| (*name).to_owned()).collect(),
    };
    let used = view::with_index(core, |index, _| Ok(index.stages()))?;
    for (stage, _) in used {
        if !stage.is_empty() && !stages.iter().any(|known| fold_label(known) == fold_label(&stage)) {
            stages.push(stage);
        }
    }
    Ok(stages)
}

/// All lanes; those without a stage come first, if there are any.
pub fn lanes(core: &Core) -> Result<Vec<Lane>, Error> {
    let mut lanes = Vec::new();
    let without = lane(core, String::new(), Test::None)?;
    lanes.extend((without.count > 0).then_some(without));
    for stage in stages(core)? {
        let test = Test::OneOf(vec![stage.clone()]);
        lanes.push(lane(core, stage, test)?);
    }
    Ok(lanes)
}

fn lane(core: &Core, stage: String, test: Test) -> Result<Lane, Error> {
    let filter = Filter::Is(FilterField::Stage, test).to_string();
    let request = ViewRequest { filter: filter.clone(), sort: vec!["-last_seen".to_owned()], ..ViewRequest::default() };
    let rows = view::resolve(core, &request)?.1;
    let first = view::contacts(core, &rows[..rows.len().min(SHOWN)])?;
    let first = first.into_iter().flatten().map(|stored| stored.contact).collect();
    Ok(Lane { stage, count: rows.len() as u32, filter, first })
}
