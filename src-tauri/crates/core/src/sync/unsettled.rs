//! What a contact here and the one of the team do not agree on, until a person decides. The others
//! do not say it, so that it is agreed on with nobody's contact but this one.

use super::known::Known;
use crate::error::Error;
use cardfile_store::{ContactRow, Op, PairRow, Reader, RemoteRow, Store, StoreError};
use cardfile_sync::{
    pair::Side,
    value::{Unit, Units},
};
use std::collections::BTreeSet;

/// What is unsettled of one contact.
#[derive(Default)]
pub(super) struct Unsettled {
    /// Everything.
    pub(super) is_all: bool,
    /// It was deleted here and changed in the team: should it stay, it is what the team has.
    pub(super) is_deleted_here: bool,
    units: BTreeSet<Unit>,
}

impl Unsettled {
    /// With the team's database, as it is configured here.
    pub(super) fn of(reader: Reader<'_>, team: RemoteRow, contact: Option<ContactRow>) -> Result<Self, StoreError> {
        let in_team = contact.map(|contact| reader.pairs().of_contact(team, contact)).transpose()?.flatten();
        let Some(pair) = in_team.map(Known::of).transpose()?.map(|known| known.pair) else {
            return Ok(Self::default());
        };
        let units: BTreeSet<Unit> = pair.held.keys().cloned().collect();
        let is_all = pair.waits() && units.is_empty() || pair.held_deletion.is_some();
        // What the team has may be another person's.
        let is_deleted_here = pair.held_deletion == Some(Side::Here) && pair.relink.is_none();
        Ok(Self { is_all, is_deleted_here, units })
    }

    /// Whether this unit is.
    pub(super) fn has(&self, unit: &Unit) -> bool {
        self.is_all || self.units.contains(unit)
    }

    /// Of these only what is settled.
    pub(super) fn without(&self, units: &Units) -> Units {
        units.iter().filter(|(unit, _)| !self.has(unit)).map(|(unit, value)| (unit.clone(), value.clone())).collect()
    }
}

/// Of contacts of which a person decided since whether they stay deleted, the base at a shared
/// remote is what the team agreed on there. Without one, what the team took off meanwhile would
/// come back from the record as something new.
pub(super) fn recall(store: &Store, who: &Op, remote: RemoteRow, team: RemoteRow) -> Result<(), Error> {
    if store.read(|r| Ok(asked_about(r, remote)))??.is_empty() {
        return Ok(());
    }
    store.write(who.clone(), |tx| {
        for mut known in asked_about(tx.read(), remote)? {
            let unsettled = Unsettled::of(tx.read(), team, known.row.contact)?;
            if known.row.contact.is_some() && !unsettled.is_all {
                known.pair.recall(|unit| !unsettled.has(unit));
                known.row.is_open = true;
                tx.put_pair(&known.into_row())?;
            }
        }
        Ok::<_, StoreError>(())
    })?;
    Ok(())
}

/// Pairs of contacts that a person is asked about, or was until now: each waits, or is looked at
/// by the next plan.
fn asked_about(reader: Reader<'_>, remote: RemoteRow) -> Result<Vec<Known>, StoreError> {
    let mut asked = Vec::new();
    let mut look = |row: PairRow| {
        let known = Known::of(row)?;
        if !known.pair.team_base.is_empty() {
            asked.push(known);
        }
        Ok::<_, StoreError>(())
    };
    reader.pairs().each_open(remote, &mut look)?;
    reader.pairs().waiting(remote)?.into_iter().filter(|row| !row.is_open).try_for_each(look)?;
    Ok(asked)
}
