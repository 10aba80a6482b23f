//! What was set aside: records that cannot be taken, and writes that the remote does not take.
//! Both say why in the words of who refused them, and are tried again when a person wants it.

use super::{
    known::Known,
    remotes::{self, Known as Configured},
    rivals, waiting,
    waits::shown,
};
use crate::{
    core::{Core, Who},
    error::Error,
};
use cardfile_domain::{Sentence, say};
use cardfile_store::{OpKind, Quarantined, Reader, RemoteRow, StoreError, Tx};
use cardfile_sync::{
    pair::Remote,
    value::{Unit, Value},
};
use serde::Serialize;
use ts_rs::TS;

/// A record that cannot be taken.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct SetAside {
    /// `rem_…`
    pub remote: String,
    /// What people call the remote.
    pub remote_name: String,
    /// How the remote calls it; decisions name it.
    pub key: String,
    /// Why.
    pub reason: Sentence,
    /// Since when (RFC 3339).
    pub since: String,
    /// Whether it is kept as the remote wrote it.
    pub has_body: bool,
}

/// A write that the remote does not take, and that is sent no more.
#[derive(Debug, Clone, PartialEq, Serialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct Refused {
    /// Which pair; decisions name it.
    #[ts(type = "number")]
    pub pair: i64,
    /// `rem_…`
    pub remote: String,
    /// What people call the remote.
    pub remote_name: String,
    /// `ctc_…`; empty when the contact is gone.
    pub contact: String,
    /// Its name.
    pub name: String,
    /// Why, in the words of the remote.
    pub reason: String,
    /// How often it was sent.
    pub times: u8,
    /// Since when (RFC 3339).
    pub since: String,
    /// What was to be written; nothing for a deletion.
    pub values: Vec<RefusedValue>,
}

/// A value that was to be written.
#[derive(Debug, Clone, PartialEq, Serialize, TS)]
pub struct RefusedValue {
    /// Key of the field: `email`.
    pub field: String,
    /// What it was to say; empty to empty it.
    pub value: String,
}

/// Records that cannot be taken, the oldest first.
pub fn records(core: &Core) -> Result<Vec<SetAside>, Error> {
    let mut all = Vec::new();
    for remote in remotes::all(core)? {
        for one in core.store().read(|r| r.pairs().quarantined(remote.kept.row))? {
            all.push(SetAside {
                remote: remote.kept.id.clone(),
                remote_name: remote.kept.name.clone(),
                reason: why(&one),
                key: one.key,
                since: one.at.to_rfc3339(),
                has_body: !one.body.is_empty(),
            });
        }
    }
    all.sort_by(|one, other| (&one.since, &one.key).cmp(&(&other.since, &other.key)));
    Ok(all)
}

/// Why a record cannot be taken, for a person.
pub(crate) fn why(record: &Quarantined) -> Sentence {
    rivals::said(&record.reason)
}

/// A record that cannot be taken, as the remote wrote it.
pub fn record(core: &Core, remote: &str, key: &str) -> Result<Quarantined, Error> {
    let known = remotes::find(core, remote)?;
    let found = core.store().read(|r| r.pairs().in_quarantine(known.kept.row, key))?;
    found.ok_or_else(|| Error::not_found(say!("this record")))
}

/// Has the next run read a record again, or forgets it until it is read again by itself. Either
/// way it is shown no more, and comes back if it still cannot be taken. `false` when it is not
/// set aside.
pub fn decide_record(core: &Core, remote: &str, key: &str, again: bool, who: &Who) -> Result<bool, Error> {
    let known = remotes::find(core, remote)?;
    let (is_done, _) = core.store().write(who.op(OpKind::SyncDecide, known.kept.name.as_str()), |tx| {
        if tx.read().pairs().in_quarantine(known.kept.row, key)?.is_none() {
            return Ok::<_, Error>(false);
        }
        if again {
            read_again(tx, known.kept.row, key)?;
        }
        tx.set_quarantine(known.kept.row, key, None)?;
        Ok(true)
    })?;
    Ok(is_done)
}

/// The next run reads a record by its key, whatever the remote says that moved.
fn read_again(tx: &mut Tx<'_>, remote: RemoteRow, key: &str) -> Result<(), Error> {
    let found = tx.read().pairs().of_key(remote, key)?.map(Known::of).transpose()?;
    let mut known = found.unwrap_or_else(|| Known::new(remote, None));
    known.pair.key = Some(key.to_owned());
    known.pair.remote = Remote::Doubtful;
    known.row.is_open = true;
    tx.put_pair(&known.into_row())?;
    Ok(())
}

/// Writes that are sent no more, the oldest first.
pub fn writes(core: &Core) -> Result<Vec<Refused>, Error> {
    let mut all = Vec::new();
    for remote in &remotes::all(core)? {
        core.store().read(|r| Ok(of_remote(r, remote, &mut all)))??;
    }
    all.sort_by(|one, other| (&one.since, one.pair).cmp(&(&other.since, other.pair)));
    Ok(all)
}

fn of_remote(r: Reader<'_>, remote: &Configured, all: &mut Vec<Refused>) -> Result<(), StoreError> {
    for waiting in waiting::waiting(r, remote.kept.row)? {
        let Some((refused, since)) = waiting.refused else { continue };
        let stored = waiting.contact.map(|row| r.contacts().get(row)).transpose()?.flatten();
        let contact = stored.as_ref().map(|stored| &stored.contact);
        let value = |(field, value): (&Unit, &Value)| RefusedValue { field: field.clone(), value: shown(value) };
        let values = refused.sent.iter().map(value);
        all.push(Refused {
            pair: waiting.pair,
            remote: remote.kept.id.clone(),
            remote_name: remote.kept.name.clone(),
            contact: contact.map(|contact| contact.id.as_str().to_owned()).unwrap_or_default(),
            name: contact.map(|contact| contact.display_name().to_owned()).unwrap_or_default(),
            reason: refused.reason,
            times: refused.times,
            since: since.to_rfc3339(),
            values: values.collect(),
        });
    }
    Ok(())
}

/// Has the next run send a write again as it is, or leaves it until the contact says something
/// else. `false` when it waits no more.
pub fn decide_write(tx: &mut Tx<'_>, pair: i64, again: bool) -> Result<bool, Error> {
    let mut known = waiting::known(tx, pair)?;
    let Some(refused) = known.pair.refused.as_mut().filter(|refused| refused.is_final() && !refused.is_dismissed)
    else {
        return Ok(false);
    };
    if again {
        known.pair.refused = None;
        known.row.is_open = true;
    } else {
        refused.is_dismissed = true;
    }
    tx.put_pair(&known.into_row())?;
    Ok(true)
}
