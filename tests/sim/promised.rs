//! What a plan says that it does to contacts is what it does.

use crate::{device::Device, world::Broken};
use cardfile_store::ContactRow;
use cardfile_sync::{
    record::RecordPlan,
    run::Op,
    value::{Unit, Units, Value},
};
use std::collections::{BTreeMap, BTreeSet};

/// What a plan says.
pub(crate) struct Promised {
    /// Units that contacts take.
    takes: BTreeMap<ContactRow, Units>,
    /// Contacts that go to the bin.
    bins: BTreeSet<ContactRow>,
    /// Contacts that are made, at most.
    makes: usize,
    /// The latest change before.
    after: i64,
}

impl Promised {
    pub(crate) fn of(device: &Device, decided: &BTreeMap<Op, RecordPlan>) -> Self {
        let mut promised = Self { takes: BTreeMap::new(), bins: BTreeSet::new(), makes: 0, after: device.changes() };
        for (op, record) in decided {
            promised.makes += usize::from(record.creates_contact);
            let Ok(row) = ContactRow::try_from(*op) else { continue };
            if record.bins_contact {
                promised.bins.insert(row);
            }
            if !record.take.is_empty() && !record.creates_contact {
                promised.takes.insert(row, record.take.clone());
            }
        }
        promised
    }

    /// Looks at what became of it, but for what moved since the plan was made.
    pub(crate) fn is_kept(&self, device: &Device, moved: &BTreeSet<Op>) -> Result<(), Broken> {
        let changed = device.changed_after(self.after);
        let is_named = |row: &ContactRow| self.takes.contains_key(row) || self.bins.contains(row);
        let others = changed.iter().filter(|row| !is_named(row)).count();
        if others > self.makes {
            return broken(format!("{others} contacts changed that the plan does not name"));
        }
        let has_moved = |row: &ContactRow| moved.contains(&Op::from(*row));
        for (row, take) in self.takes.iter().filter(|(row, _)| !has_moved(row)) {
            let says = device.units(*row);
            if let Some((unit, value)) = take.iter().find(|(unit, value)| !is_said(&says, unit, value)) {
                return broken(format!("contact {row}: {unit} is not {value:?} in {says:?}"));
            }
        }
        let is_there = |row: &ContactRow| device.contact(*row).is_some_and(|contact| contact.binned_at.is_none());
        match self.bins.iter().find(|row| !has_moved(row) && is_there(row)) {
            Some(row) => broken(format!("contact {row} is not in the bin")),
            None => Ok(()),
        }
    }
}

fn broken(what: String) -> Result<(), Broken> {
    Err(("a run does what its plan says", what))
}

/// Tags have one spelling in a workspace.
fn is_said(says: &Units, unit: &Unit, value: &Value) -> bool {
    match (says.get(unit), value) {
        (Some(Value::Set(says)), Value::Set(value)) => says.keys().eq(value.keys()),
        (says, value) => says.unwrap_or(&Value::Absent) == value,
    }
}
