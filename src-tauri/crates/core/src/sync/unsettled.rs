//! What waits for a person between a contact and the database of a team. The others do not say
//! it, so that it is agreed on with nobody's contact but this one.

use super::known::Known;
use cardfile_store::{ContactRow, Reader, RemoteRow, StoreError};
use cardfile_sync::value::{Unit, Units};
use std::collections::BTreeSet;

/// What a contact here and the one of the team do not agree on, until a person decides.
#[derive(Default)]
pub(super) struct Unsettled {
    is_all: bool,
    units: BTreeSet<Unit>,
}

impl Unsettled {
    pub(super) fn of(reader: Reader<'_>, team: RemoteRow, contact: Option<ContactRow>) -> Result<Self, StoreError> {
        let in_team = contact.map(|contact| reader.pairs().of_contact(team, contact)).transpose()?.flatten();
        let Some(pair) = in_team.map(Known::of).transpose()?.map(|known| known.pair) else {
            return Ok(Self::default());
        };
        let units: BTreeSet<Unit> = pair.held.keys().cloned().collect();
        Ok(Self { is_all: pair.waits() && units.is_empty() || pair.held_deletion.is_some(), units })
    }

    pub(super) fn has(&self, unit: &Unit) -> bool {
        self.is_all || self.units.contains(unit)
    }

    pub(super) fn without(&self, units: &Units) -> Units {
        units.iter().filter(|(unit, _)| !self.has(unit)).map(|(unit, value)| (unit.clone(), value.clone())).collect()
    }
}
