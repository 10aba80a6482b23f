//! Records that stand beside each other: of two that mean one contact the second waits, and so
//! does one that perhaps came in place of another.

use super::{
    engine::put,
    known::Known,
    place::{self, At, Placed},
};
use crate::error::Error;
use cardfile_domain::{Sentence, say};
use cardfile_store::{Reader, Tx};
use cardfile_sync::{
    pair::{Key, Remote as Observed},
    remote::Record,
};

/// A record whose contact had another that is gone takes its place.
pub(super) fn promote(tx: &mut Tx<'_>, at: &At) -> Result<(), Error> {
    for row in tx.read().pairs().rivals(at.row)? {
        let mut rival = Known::of(row)?;
        let key = rival.row.rival.clone().unwrap_or_default();
        let own_key = rival.pair.key.clone().unwrap_or_default();
        let owner = tx.read().pairs().of_key(at.row, &key)?.map(Known::of).transpose()?;
        let Some(mut owner) = owner else {
            rival.row.rival = None;
            // Its contact may be another's by now, or free.
            if let Observed::Live { .. } = &rival.pair.remote
                && let Some(external_id) = &rival.row.external_id
                && let Placed::Contact(contact) = place::of_id(tx.read(), at, rival.row.pair, external_id)?
            {
                rival.row.contact = Some(contact);
            }
            rival.row.is_open = true;
            put(tx, rival)?;
            tx.set_quarantine(at.row, &own_key, None)?;
            continue;
        };
        let is_asked = rival.pair.key.as_ref().is_some_and(|key| owner.pair.is_replaced_by(key));
        if rival.pair.remote == Observed::Gone {
            tx.delete_pair(&rival.row, true)?;
            tx.set_quarantine(at.row, &own_key, None)?;
            if is_asked {
                owner.pair.relink = None;
                owner.row.is_open = true;
                put(tx, owner)?;
            }
        } else if is_asked {
            // Their own record is there again: the other one is somebody else's.
            if matches!(owner.pair.remote, Observed::Live { .. } | Observed::Unheard) {
                owner.pair.relink = None;
                (owner.row.is_open, rival.row.is_open, rival.row.rival) = (true, true, None);
                put(tx, owner)?;
                put(tx, rival)?;
            }
        } else if owner.pair.remote == Observed::Gone
            && let (Some(new), Some(version)) = (rival.pair.key.clone(), rival.pair.version.clone())
        {
            tx.delete_pair(&rival.row, false)?;
            tx.set_quarantine(at.row, &own_key, None)?;
            owner.pair.version = None;
            owner.pair.relink(new, &version);
            owner.pair.observe(rival.pair.remote);
            owner.row.body = rival.row.body;
            // They may go by several.
            owner.row.external_id = rival.row.external_id.or(owner.row.external_id);
            owner.row.is_open = true;
            put(tx, owner)?;
        }
    }
    Ok(())
}

/// Why a record is not taken that waits beside another, as it is kept; nothing when it does
/// not, or when a person is asked about the two.
pub(super) fn beside(reader: Reader<'_>, known: &Known) -> Result<Option<String>, Error> {
    let Some(other) = known.row.rival.as_ref().filter(|_| known.row.contact.is_none()) else { return Ok(None) };
    let owner = reader.pairs().of_key(known.row.remote, other)?.map(Known::of).transpose()?;
    let is_asked = owner.is_some_and(|owner| known.pair.key.as_ref().is_some_and(|key| owner.pair.is_replaced_by(key)));
    Ok((!is_asked).then(|| same_contact(other).to_string()))
}

/// Why a record waits beside the one of this key. It is kept in these words: others would leave
/// what older versions kept in English.
fn same_contact(other: &str) -> Sentence {
    say!("it means the same contact as {other}, and a contact has one record", other)
}

/// A reason that is kept, for a person: ours is said in any language, and the words of whoever
/// else could not take the record stay as they are.
pub(super) fn said(reason: &str) -> Sentence {
    let around = same_contact("").template().split_once("{other}");
    let other = around.and_then(|(before, after)| reason.strip_prefix(before)?.strip_suffix(after));
    other.map_or_else(|| Sentence::verbatim(reason), same_contact)
}

/// A record that says another ID than it was known by may be another person's, unless the
/// contact goes by that ID too.
pub(super) fn ask_whose(reader: Reader<'_>, at: &At, known: &mut Known, record: &Record) -> Result<(), Error> {
    if known.pair.version.as_ref().is_some_and(|version| record.version.is_before(version)) {
        return Ok(());
    }
    let other = known.pair.other_id(known.row.external_id.as_deref(), record);
    let renamed = match (other, known.row.contact) {
        (Some(id), Some(contact)) if !place::is_known_by(reader, at, contact, id)? => Some(id.to_owned()),
        (Some(_), _) | (None, _) => None,
    };
    known.pair.ask_renamed(renamed);
    Ok(())
}

/// A record that perhaps came in place of the one of this key waits beside it, once that is
/// asked; `false` when it is not.
pub(super) fn put_aside(tx: &mut Tx<'_>, known: &Known, key: Key) -> Result<bool, Error> {
    let owner = tx.read().pairs().of_key(known.row.remote, &key)?.map(Known::of).transpose()?;
    let now = tx.read().pairs().get(known.row.pair)?.map(Known::of).transpose()?;
    let (Some(owner), Some(mut now)) = (owner, now) else { return Ok(false) };
    if now.row.contact.is_some() || !now.pair.key.as_ref().is_some_and(|own| owner.pair.is_replaced_by(own)) {
        return Ok(false);
    }
    now.row.rival = Some(key);
    tx.set_quarantine(now.row.remote, &now.pair.key.clone().unwrap_or_default(), None)?;
    put(tx, now)?;
    Ok(true)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_kept_reason_of_ours_is_said_in_any_language_and_other_words_stay() {
        let kept = "it means the same contact as /book/1.vcf, and a contact has one record";
        assert_eq!(said(kept), same_contact("/book/1.vcf"));
        assert_eq!(said(kept).to_string(), kept);
        for other in ["email has no @", "it means the same contact as another", ""] {
            assert_eq!(said(other), Sentence::verbatim(other));
        }
    }
}
