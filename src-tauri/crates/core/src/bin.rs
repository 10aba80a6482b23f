//! The bin: what is in it stays for 30 days, and can be emptied before.

use crate::{
    bulk,
    core::{Core, Who},
    error::Error,
    privacy::requests,
    progress::{Progress, Unwatched},
    view::{self, ViewRequest},
};
use cardfile_domain::{Millis, OperationId, restriction::Sort};
use cardfile_store::{ContactRow, OpKind};

/// Days after which what is in the bin goes.
pub const DAYS: i64 = 30;

/// Removes everything that is in the bin, as one operation. Until it is erased,
/// the history can bring it back. Who is on hold stays in the bin.
pub fn empty(core: &Core, who: &Who, progress: &dyn Progress) -> Result<(u32, Option<OperationId>), Error> {
    let rows = view::resolve(core, &ViewRequest { in_bin: true, ..ViewRequest::default() })?.1;
    remove(core, &rows, Millis(i64::MAX), &[Sort::Held], who, progress)
}

/// Removes what has been in the bin for longer than its days. Nobody looks at it then, so that
/// who is restricted stays as well (GDPR, Art. 18), and who an open request asks about.
pub fn expire(core: &Core) -> Result<u32, Error> {
    let before = Millis(core.store().environment().clock.now().0 - DAYS * Millis::DAY);
    let mut rows = core.store().read(|r| r.contacts().binned_before(before))?;
    if rows.is_empty() {
        return Ok(0);
    }
    let asked = requests::asked_about(core)?;
    rows.retain(|row| !asked.contains(row));
    let who = Who { actor: "cardfile".to_owned(), origin: "retention".to_owned() };
    Ok(remove(core, &rows, before, &[Sort::Held, Sort::Restricted], &who, &Unwatched)?.0)
}

fn remove(
    core: &Core,
    rows: &[ContactRow],
    before: Millis,
    spared: &[Sort],
    who: &Who,
    progress: &dyn Progress,
) -> Result<(u32, Option<OperationId>), Error> {
    let edit = |tx: &mut cardfile_store::Tx<'_>, row| {
        // Somebody may have brought it back meanwhile.
        let binned_at = tx.read().contacts().get(row)?.and_then(|stored| stored.contact.binned_at);
        let mut goes = binned_at.is_some_and(|at| at < before);
        for sort in spared {
            goes = goes && !tx.read().restrictions().has(row, *sort)?;
        }
        Ok(goes && tx.remove_contact(row)?)
    };
    bulk::each(core, who.op(OpKind::BinEmpty, String::new()), rows, progress, edit, |_| Ok(()))
}
