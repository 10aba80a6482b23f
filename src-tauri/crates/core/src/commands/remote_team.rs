//! What a team narrows of a connection that it shares: only what may leave for its database may
//! leave for the connection (`Mapping::within`).

use crate::sync::remotes::Known;
use serde::Serialize;
use ts_rs::TS;

/// The database of a team that shares a connection.
#[derive(Debug, Serialize, TS)]
pub(super) struct TeamView {
    /// What people call it.
    pub name: String,
    /// What may leave for there.
    pub fields: Vec<TeamField>,
}

/// A field that may leave for the database of a team.
#[derive(Debug, Serialize, TS)]
pub(super) struct TeamField {
    /// Its key: `email`.
    pub field: String,
    /// The purpose to which a contact must have consented before it leaves; empty for none.
    pub purpose: String,
}

impl TeamView {
    /// Of a connection that `team` shares; nothing of the team's database itself.
    pub(super) fn of(team: Option<&Known>, known: &Known) -> Option<Self> {
        let team = team.filter(|_| !known.is_team())?;
        let held = team.settings.mapping.0.iter().filter(|(_, rule)| rule.leaves());
        let fields = held
            .map(|(unit, rule)| TeamField { field: unit.clone(), purpose: rule.purpose.clone().unwrap_or_default() });
        Some(Self { name: team.kept.name.clone(), fields: fields.collect() })
    }
}
