//! What other programs may see and do beyond the use cases of the window. A program sees
//! nobody whose data may be kept and not used, and where it serves a purpose only who may be
//! used for that. Whom it does not see is for it as if they were not here.

use crate::{
    core::{Core, Who},
    error::Error,
    index::{Search, Seen, SortKey},
    privacy::{
        erasure::{self, Reason, Receipt, suppression},
        purposes, standing,
    },
    progress::Progress,
    resolve::{self, Rule},
    segments, view,
};
use cardfile_domain::{
    Contact, Filter, Link, OperationId, PartKind,
    consent::{MIRRORED, Purpose},
    restriction::Sort,
    say,
    suppression::marks,
};
use cardfile_store::{ContactRow, Op, OpKind, Outline, Reader, SqlResult, Stored, Tx};
use serde_json::Value;

/// Whom a program may see.
#[derive(Debug, Clone, Default)]
pub struct Sight {
    /// The purpose it serves, if it serves one.
    pub purpose: Option<Purpose>,
}

impl Sight {
    /// Of a program that serves the purpose with this key; an empty one means none.
    pub fn of(core: &Core, purpose: &str) -> Result<Self, Error> {
        let purpose = (!purpose.is_empty()).then(|| purposes::find(core, purpose)).transpose()?;
        Ok(Self { purpose })
    }

    fn sees(&self, reader: Reader<'_>, contact: ContactRow) -> SqlResult<bool> {
        match &self.purpose {
            None => Ok(!reader.restrictions().has(contact, Sort::Restricted)?),
            Some(purpose) => Ok(purpose.may_use(standing::of(reader, contact, purpose)?).is_ok()),
        }
    }
}

/// Up to where it is known whom nothing may be told of. Whoever keeps what was told asks whether
/// there are more by now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Bars {
    entry: i64,
    restriction: i64,
    /// Ids of the purposes for which it is told.
    purposes: Vec<String>,
}

impl Bars {
    /// Up to now, for what is told for the purposes with these keys.
    pub fn now(core: &Core, keys: &[String]) -> Result<Self, Error> {
        Ok(core.store().read(|r| {
            let (entry, restriction) = (r.audit_log().last_entry()?, r.restrictions().last_version()?);
            let mut purposes = Vec::with_capacity(keys.len());
            for key in keys {
                purposes.extend(purposes::known_in(r, key)?.map(|purpose| purpose.id));
            }
            Ok(Self { entry, restriction, purposes })
        })?)
    }

    /// Whether somebody was erased or restricted since, objects to something, or may not be used
    /// any more for one of the purposes.
    pub fn has_more(&self, core: &Core) -> Result<bool, Error> {
        const ENDS: [&str; 3] = ["consent_withdrawn", "purpose_retired", "purpose_put"];
        Ok(core.store().read(|r| {
            let log = r.audit_log();
            let is_restricted = r.restrictions().last_version()? > self.restriction;
            if is_restricted || log.has_since(self.entry, "erased", None)? {
                return Ok(true);
            }
            for (purpose, event) in self.purposes.iter().flat_map(|purpose| ENDS.map(|event| (purpose, event))) {
                if log.has_since(self.entry, event, Some(purpose.as_str()))? {
                    return Ok(true);
                }
            }
            Ok(false)
        })?)
    }
}

/// What a program lists.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Asked {
    /// Search text as typed.
    pub query: String,
    /// Filter in its text form.
    pub filter: String,
    /// Keys of columns, the first first; `-` in front means descending.
    pub sort: Vec<String>,
    /// The bin instead of everything else.
    pub in_bin: bool,
    /// Id or name of a saved view; empty for none. Its purpose binds too.
    pub segment: String,
}

/// Contacts one after the other.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Listing {
    /// Their places.
    pub rows: Vec<ContactRow>,
    /// How many there are in all.
    pub total: u32,
    /// Whether others follow.
    pub more: bool,
}

/// The contact with this id of ours, if the program sees it.
pub fn card(core: &Core, sight: &Sight, id: &str) -> Result<Stored, Error> {
    let found = core.store().read(|r| match r.contacts().row_of(id)? {
        Some(row) if sight.sees(r, row)? => r.contacts().get(row),
        _ => Ok(None),
    })?;
    found.ok_or_else(|| Error::not_found(say!("the contact")))
}

/// Whose part this is: nothing for a part of nobody. A part of somebody the program does not
/// see is not here.
pub fn owner(core: &Core, sight: &Sight, kind: PartKind, parent: Option<i64>) -> Result<Option<Stored>, Error> {
    let Some(row) = parent.and_then(|row| ContactRow::try_from(row).ok()) else { return Ok(None) };
    let found = core.store().read(|r| if sight.sees(r, row)? { r.contacts().get(row) } else { Ok(None) })?;
    found.map(Some).ok_or_else(|| Error::not_found(say!("{kind} with this id", kind = kind.as_str().replace('_', " "))))
}

/// Those of some contacts whom the program sees now.
pub fn seen_of(core: &Core, sight: &Sight, rows: &[ContactRow]) -> Result<Vec<ContactRow>, Error> {
    Ok(core.store().read(|r| {
        if sight.purpose.is_none() && !r.restrictions().any_in_force()? {
            return Ok(rows.to_vec());
        }
        let mut seen = Vec::with_capacity(rows.len());
        for row in rows {
            if sight.sees(r, *row)? {
                seen.push(*row);
            }
        }
        Ok(seen)
    })?)
}

/// What is asked for, understood once.
struct Understood {
    query: String,
    filter: Filter,
    sort: Vec<(SortKey, bool)>,
    purposes: Vec<Purpose>,
    in_bin: bool,
}

impl Understood {
    fn of(core: &Core, sight: &Sight, asked: &Asked) -> Result<Self, Error> {
        let read = |text: &str| Filter::parse(text).map_err(|e| Error::bad_request(e.sentence()));
        let mut filter = read(&asked.filter)?;
        let (mut query, mut sort) = (asked.query.clone(), asked.sort.clone());
        let mut purposes: Vec<Purpose> = sight.purpose.iter().cloned().collect();
        if !asked.segment.is_empty() {
            let segment = segments::find(core, &asked.segment)?;
            purposes.extend(segments::purpose_of(core, &segment)?);
            filter = filter.and(read(&segment.filter)?);
            match (query.is_empty(), segment.query.is_empty()) {
                (true, _) => query = segment.query,
                (false, true) => {}
                (false, false) => {
                    return Err(Error::bad_request(say!("this view searches for a text already")));
                }
            }
            if sort.is_empty() {
                sort = segment.sort;
            }
        }
        let key = |key: &String| match key.strip_prefix('-') {
            Some(key) => (SortKey::parse(key), true),
            None => (SortKey::parse(key), false),
        };
        Ok(Self { query, filter, sort: sort.iter().map(key).collect(), purposes, in_bin: asked.in_bin })
    }

    fn with<T>(&self, core: &Core, work: impl FnOnce(&Seen<'_>) -> T) -> T {
        let now = core.store().environment().clock.now();
        let search = Search { text: &self.query, in_texts: false };
        let (filter, purposes, in_bin) = (&self.filter, self.purposes.as_slice(), self.in_bin);
        work(&Seen { search, filter, purposes, in_bin, now })
    }
}

/// Those after a place in the order they were made, at most so many. Whoever goes on with the
/// last place meets nobody twice and misses nobody who was there all the time.
pub fn page(core: &Core, sight: &Sight, asked: &Asked, after: ContactRow, limit: usize) -> Result<Listing, Error> {
    let understood = Understood::of(core, sight, asked)?;
    let page =
        understood.with(core, |seen| view::with_index(core, |index, reader| index.page(reader, seen, after, limit)))?;
    Ok(Listing { rows: page.rows, total: page.total, more: page.more })
}

/// Keys of the purposes for which whoever is listed may be used.
pub fn purposes(core: &Core, sight: &Sight, asked: &Asked) -> Result<Vec<String>, Error> {
    Ok(Understood::of(core, sight, asked)?.purposes.into_iter().map(|purpose| purpose.key).collect())
}

/// How many there are.
pub fn count(core: &Core, sight: &Sight, asked: &Asked) -> Result<u32, Error> {
    Ok(page(core, sight, asked, ContactRow::MAX, 0)?.total)
}

/// All of them in the order that was asked for.
pub fn in_order(core: &Core, sight: &Sight, asked: &Asked) -> Result<Vec<ContactRow>, Error> {
    let understood = Understood::of(core, sight, asked)?;
    let sort = &understood.sort;
    understood.with(core, |seen| view::with_index(core, |index, reader| index.seen_in_order(reader, seen, sort)))
}

/// Those of a list that was kept who may be in it now: nobody who was moved to the bin, or back,
/// and nobody who may not be used any more. Search and filter are not asked again.
pub fn still(core: &Core, sight: &Sight, asked: &Asked, rows: &[ContactRow]) -> Result<Vec<ContactRow>, Error> {
    let Understood { purposes, in_bin, .. } = Understood::of(core, sight, asked)?;
    view::with_index(core, |index, reader| index.still(reader, rows, &purposes, in_bin))
}

/// Calls `each` with what a program is told of these contacts in a list, and their tags;
/// those that are gone are left out.
pub fn outlines(core: &Core, rows: &[ContactRow], mut each: impl FnMut(Outline<'_>, Vec<String>)) -> Result<(), Error> {
    // The index knows the tags: reading them would double the time.
    view::with_index(core, |index, reader| {
        let tags = index.tags();
        reader.contacts().outlines(rows, |row, outline| {
            each(outline, tags(row));
            Ok(())
        })
    })
}

/// What became of a new contact.
#[derive(Debug, Clone, PartialEq)]
pub enum Made {
    /// It is here now.
    New {
        /// As it is stored.
        stored: Box<Stored>,
        /// To undo just this.
        operation: Option<OperationId>,
    },
    /// It was here already, by this.
    Here(ContactRow, Rule),
}

/// Makes a contact, unless one is here that the same would find. `twice` makes another one
/// also where an email is known already; an id or an external ID is never there twice.
pub fn create(core: &Core, mut contact: Contact, twice: bool, who: &Who) -> Result<Made, Error> {
    cardfile_domain::import::complete(&mut contact).map_err(|e| Error::bad_request(e.sentence()))?;
    crate::contact::key_items(core, &mut contact)?;
    check_mirror("", &contact.metadata)?;
    suppression::refuse(core, &marks(&contact), OpKind::ContactCreate, who)?;
    let subject = contact.display_name().to_owned();
    let (made, operation) = core.store().write(who.op(OpKind::ContactCreate, subject), |tx| {
        let found = resolve::resolve(tx.read(), &contact)?;
        if let (Some(row), Some(rule)) = (found.contact, found.rule) {
            let is_email = matches!(rule, Rule::Email(_) | Rule::VerifiedEmail(_));
            if !(twice && is_email) {
                return Ok(Made::Here(row, rule));
            }
        }
        refuse_taken(tx.read(), None, &contact.links)?;
        let row = tx.insert(contact)?;
        let stored = tx.read().contacts().get(row)?.ok_or_else(|| Error::not_found(say!("the contact")))?;
        Ok::<_, Error>(Made::New { stored: Box::new(stored), operation: None })
    })?;
    Ok(match made {
        Made::New { stored, .. } => Made::New { stored, operation },
        here => here,
    })
}

/// Changes several fields of a contact in one operation; with `seen` only if it is at that
/// version still. Gives whether anything changed; nothing when somebody was faster.
pub fn change(
    core: &Core,
    stored: &Stored,
    seen: Option<i64>,
    who: &Who,
    change: impl FnOnce(&mut Contact) -> Result<(), Error>,
) -> Result<Option<(bool, Option<OperationId>)>, Error> {
    let region = core.region()?;
    let subject = stored.contact.display_name().to_owned();
    let (changed, operation) = core.store().write(who.op(OpKind::ContactEdit, subject), |tx| {
        let before = tx.read().contacts().get(stored.row)?.ok_or_else(|| Error::not_found(say!("the contact")))?;
        if seen.is_some_and(|seen| seen != before.version) {
            return Ok(None);
        }
        let mut after = before.contact.clone();
        change(&mut after)?;
        crate::contact::key_with(region, &mut after)?;
        cardfile_domain::import::complete(&mut after).map_err(|e| Error::bad_request(e.sentence()))?;
        after.settle_identity();
        check_mirror(&before.contact.metadata, &after.metadata)?;
        refuse_taken(tx.read(), Some(before.row), &after.links)?;
        suppression::refuse_anew(tx, &before.contact, &after)?;
        Ok::<_, Error>(Some(tx.update(&before, after)?))
    })?;
    Ok(changed.map(|changed| (changed, operation)))
}

/// Moves a contact to the bin; with `seen` only if it is at that version still. Gives whether it
/// was not there yet; nothing when somebody was faster.
pub fn bin(
    core: &Core,
    row: ContactRow,
    seen: Option<i64>,
    who: &Who,
) -> Result<Option<(bool, Option<OperationId>)>, Error> {
    moved(core, row, seen, who.op(OpKind::ContactBin, ""), crate::contact::bin_in)
}

/// Brings a contact back from the bin, in the same way.
pub fn restore(
    core: &Core,
    row: ContactRow,
    seen: Option<i64>,
    who: &Who,
) -> Result<Option<(bool, Option<OperationId>)>, Error> {
    moved(core, row, seen, who.op(OpKind::ContactRestore, ""), crate::contact::restore_in)
}

fn moved(
    core: &Core,
    row: ContactRow,
    seen: Option<i64>,
    op: Op,
    work: fn(&mut Tx<'_>, ContactRow) -> Result<bool, Error>,
) -> Result<Option<(bool, Option<OperationId>)>, Error> {
    let (moved, operation) = core.store().write(op, |tx| {
        if !is_as_seen(tx.read(), row, seen)? {
            return Ok(None);
        }
        work(tx, row).map(Some)
    })?;
    Ok(moved.map(|moved| (moved, operation)))
}

/// Erases a person for ever, at their own request; with `seen` only if their card is at that
/// version still. Nothing when somebody was faster.
pub fn erase(
    core: &Core,
    stored: &Stored,
    seen: Option<i64>,
    who: &Who,
    progress: &dyn Progress,
) -> Result<Option<Receipt>, Error> {
    let goes = |reader: Reader<'_>, people: &[Vec<ContactRow>]| -> Result<Vec<Vec<ContactRow>>, Error> {
        Ok(if is_as_seen(reader, stored.row, seen)? { people.to_vec() } else { Vec::new() })
    };
    let ids = std::slice::from_ref(&stored.contact.id);
    let (erasure, gone) = erasure::erase_some(core, ids, Reason::Request(None), who, progress, &goes)?;
    if gone == 0 { Ok(None) } else { erasure::receipt(core, &erasure).map(Some) }
}

/// Whether a contact is at the version that somebody has seen, where they say which.
fn is_as_seen(reader: Reader<'_>, row: ContactRow, seen: Option<i64>) -> Result<bool, Error> {
    let stored = reader.contacts().get(row)?.ok_or_else(|| Error::not_found(say!("the contact")))?;
    Ok(seen.is_none_or(|seen| seen == stored.version))
}

/// What the ledger of consents keeps in the metadata is written by nobody else.
fn check_mirror(before: &str, after: &str) -> Result<(), Error> {
    match mirrored(before, after) {
        Some(key) => Err(Error::bad_request(say!("{key} is what the ledger of consents says", key))
            .hint(say!("Tell what the person said to the ledger: as consent of a lead, or in the card."))),
        None => Ok(()),
    }
}

/// What of the ledger's words would be another in the metadata.
pub(crate) fn mirrored(before: &str, after: &str) -> Option<&'static str> {
    let of = |metadata: &str| serde_json::from_str::<Value>(metadata).unwrap_or_default();
    let (was, is) = (of(before), of(after));
    MIRRORED.into_iter().find(|key| was[*key] != is[*key])
}

/// An external ID is of one contact.
fn refuse_taken(reader: Reader<'_>, own: Option<ContactRow>, links: &[Link]) -> Result<(), Error> {
    for (at, link) in links.iter().enumerate() {
        if link.external_id.is_empty() || link.connector.trim().is_empty() {
            return Err(Error::bad_request(say!("an external ID has its remote and its text")));
        }
        let is_taken = reader.links().contact_of(link)?.is_some_and(|owner| Some(owner) != own);
        if is_taken || links[..at].contains(link) {
            return Err(Error::bad_request(say!(
                "the external ID {id} at {remote} is somebody's already",
                id = link.external_id,
                remote = link.connector
            )));
        }
    }
    Ok(())
}
