//! What a person says of a record that may be another person's: it is theirs, and goes on under
//! its new ID, or it is somebody else's, and makes a contact of its own.

use super::{
    known::Known,
    place::{self, At, Placed},
    waiting,
};
use crate::{
    error::{Code, Error},
    privacy::erasure::suppression,
};
use cardfile_domain::{Link, say};
use cardfile_store::{ContactRow, PairRow, Reader, StoreError, Tx};
use cardfile_sync::{
    pair::{Local, Pair, Remote},
    relink::Relink,
};

/// Decides whose record it is. `false` when it waits no more.
pub fn decide_relink(tx: &mut Tx<'_>, pair: i64, is_theirs: bool) -> Result<bool, Error> {
    let mut known = waiting::known(tx, pair)?;
    let at = At::of(&tx.read().remotes().get(known.row.remote)?.unwrap_or_default());
    match known.pair.relink.clone() {
        None => return Ok(false),
        Some(Relink::Renamed { to }) if is_theirs => take_name(tx, &at, known, to)?,
        Some(Relink::Renamed { to }) => part(tx, known, to)?,
        Some(Relink::Replaced { by }) => match other(tx.read(), &known.row, &by)? {
            None => {
                known.pair.relink = None;
                open(tx, known)?;
                return Ok(false);
            }
            Some(other) if is_theirs => take_record(tx, &at, known, other)?,
            Some(other) => leave_record(tx, known, other)?,
        },
    }
    Ok(true)
}

/// The record that came in place of another, while it waits beside it.
fn other(reader: Reader<'_>, row: &PairRow, key: &str) -> Result<Option<Known>, StoreError> {
    let found = reader.pairs().of_key(row.remote, key)?.filter(|other| other.rival == row.key);
    found.map(Known::of).transpose()
}

/// The name of another contact that goes by an ID, empty where it has none; nothing when the ID
/// is free for the record of `pair` and its contact.
pub(super) fn taken_by(
    reader: Reader<'_>,
    at: &At,
    pair: i64,
    contact: Option<ContactRow>,
    id: &str,
) -> Result<Option<String>, StoreError> {
    let owner = match place::of_id(reader, at, pair, id)? {
        Placed::Nobody => return Ok(None),
        Placed::Contact(owner) => Some(owner),
        Placed::Pair(other) if other.pair == pair => return Ok(None),
        Placed::Pair(other) => other.contact,
    };
    if owner.is_some() && owner == contact {
        return Ok(None);
    }
    let stored = owner.map(|row| reader.contacts().get(row)).transpose()?.flatten();
    Ok(Some(stored.map(|stored| stored.contact.display_name().to_owned()).unwrap_or_default()))
}

fn refuse_if_taken(reader: Reader<'_>, at: &At, pair: i64, contact: Option<ContactRow>, id: &str) -> Result<(), Error> {
    match taken_by(reader, at, pair, contact, id)? {
        None => Ok(()),
        Some(_) => Err(Error::new(Code::Refused, say!("another contact goes by the external ID {id}", id))
            .hint(say!("Merge the two cards first, or say that it is another person."))),
    }
}

/// The record is theirs under its new ID; what both sides agreed on holds.
fn take_name(tx: &mut Tx<'_>, at: &At, mut known: Known, to: String) -> Result<(), Error> {
    refuse_if_taken(tx.read(), at, known.row.pair, known.row.contact, &to)?;
    rename(tx, at, &known.row, &to)?;
    let twin = twin(tx.read(), &known.row)?;
    known.pair.decide_renamed(true);
    known.row.external_id = Some(to);
    open(tx, known)?;
    twin.map_or(Ok(()), |twin| free(tx, twin))
}

/// The record is another person's: it is read again and makes a contact of its own. The contact
/// stays, and gets a record like any other that has none.
fn part(tx: &mut Tx<'_>, mut known: Known, to: String) -> Result<(), Error> {
    let twin = twin(tx.read(), &known.row)?;
    let is_live = matches!(known.local(tx.read())?.0, Local::Live { .. });
    let own = Known {
        row: PairRow { remote: known.row.remote, external_id: Some(to), ..PairRow::default() },
        pair: Pair { key: known.pair.key.clone(), remote: Remote::Doubtful, is_apart: true, ..Pair::default() },
        ..Known::default()
    };
    if is_live {
        known.pair.decide_renamed(false);
        (known.row.external_id, known.row.body) = (None, String::new());
        if let Some(twin) = twin {
            tx.delete_pair(&twin.row, false)?;
            take_over(&mut known, twin);
        }
        open(tx, known)?;
    } else {
        // It was deleted here, and is not there: nothing is left to be kept in step.
        tx.delete_pair(&known.row, false)?;
        twin.map_or(Ok(()), |twin| free(tx, twin))?;
    }
    open(tx, own)
}

/// The record that came is theirs. The one that is gone leaves its key behind: a read that lags
/// must not bring it back as somebody new.
fn take_record(tx: &mut Tx<'_>, at: &At, mut known: Known, other: Known) -> Result<(), Error> {
    if let Some(to) = &other.row.external_id {
        refuse_if_taken(tx.read(), at, other.row.pair, known.row.contact, to)?;
        rename(tx, at, &known.row, to)?;
    }
    tx.delete_pair(&other.row, false)?;
    tx.delete_pair(&known.row, true)?;
    known.row.pair = 0;
    take_over(&mut known, other);
    open(tx, known)
}

/// The record that came is another person's, and the one that is gone was deleted.
fn leave_record(tx: &mut Tx<'_>, mut known: Known, mut other: Known) -> Result<(), Error> {
    known.pair.relink = None;
    open(tx, known)?;
    other.pair.is_apart = true;
    free(tx, other)
}

fn take_over(known: &mut Known, other: Known) {
    known.row.external_id = other.row.external_id.or(known.row.external_id.take());
    known.row.body = other.row.body;
    known.pair.take_over(other.pair);
}

/// A record under the ID that was known, which waits beside the one that has another now.
fn twin(reader: Reader<'_>, row: &PairRow) -> Result<Option<Known>, StoreError> {
    let is_twin =
        |rival: &PairRow| rival.rival == row.key && rival.external_id.is_some() && rival.external_id == row.external_id;
    reader.pairs().rivals(row.remote)?.into_iter().find(is_twin).map(Known::of).transpose()
}

/// It waits beside no other.
fn free(tx: &mut Tx<'_>, mut known: Known) -> Result<(), Error> {
    known.row.rival = None;
    open(tx, known)
}

/// Keeps a pair that the next run looks at.
fn open(tx: &mut Tx<'_>, mut known: Known) -> Result<(), Error> {
    known.row.is_open = true;
    tx.put_pair(&known.into_row())?;
    Ok(())
}

/// The contact goes by another ID at the remote.
fn rename(tx: &mut Tx<'_>, at: &At, row: &PairRow, to: &str) -> Result<(), Error> {
    let (Some(contact), new) = (row.contact, at.link(to)) else { return Ok(()) };
    let old = row.external_id.as_deref().map(|from| at.link(from));
    let Some(stored) = tx.read().contacts().get(contact)? else { return Ok(()) };
    let mut after = stored.contact.clone();
    after.links.retain(|link: &Link| Some(link) != old.as_ref());
    if after.id.as_str() != to && !after.links.contains(&new) {
        after.links.push(new);
    }
    suppression::refuse_anew(tx, &stored.contact, &after)?;
    tx.update(&stored, after)?;
    Ok(())
}
