//! Who is affected when something was lost or read by strangers (GDPR, Art. 33 and 34): the
//! contacts whose data was there at any time between two moments. Where it cannot be known,
//! somebody too many is named rather than somebody too few, and that is said.

use super::output;
use crate::{
    contact,
    core::{Core, Who},
    error::{Code, Error},
    sync::remotes,
    view::{self, ViewRequest},
    webhooks,
};
use cardfile_domain::{Contact, Filter, Millis, Sentence, say};
use cardfile_formats::csv_export::list_line;
use cardfile_store::{ContactRow, Members, OpKind, Reader, SqlResult};
use serde_json::json;
use std::{
    collections::{BTreeMap, BTreeSet},
    path::Path,
};

/// What was lost, or read by strangers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum What {
    /// The whole workspace, or a backup of it.
    Everything,
    /// What a remote holds, or whoever a webhook tells, by its name or id.
    Remote(String),
    /// A file that was exported: the end of its path, or the beginning of its SHA-256.
    Export(String),
    /// The contacts a filter lets through.
    Filter(String),
}

/// What happened, as far as it is known.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Incident {
    /// What.
    pub what: What,
    /// From when.
    pub from: Millis,
    /// Until when.
    pub until: Millis,
    /// When it was found out: from then on there are 72 hours to tell the authority.
    pub found_at: Millis,
}

/// A contact that is affected.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Person {
    /// `ctc_…`
    pub id: String,
    /// What to call them.
    pub name: String,
    /// Where to tell them.
    pub email: String,
    /// Where to tell them.
    pub phone: String,
    /// Which fields, where that is known; empty for all that is kept.
    pub fields: Vec<String>,
}

/// Who is affected.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Affected {
    /// In the order of the contacts.
    pub people: Vec<Person>,
    /// Contacts that were there and were erased since: nobody knows any more who they were.
    pub gone: u32,
    /// Those who have neither an email nor a phone.
    pub unreachable: u32,
    /// Why there may be somebody too many.
    pub remarks: Vec<Sentence>,
    /// When the authority is to be told at the latest.
    pub tell_by: Millis,
}

/// Hours to tell the authority.
const HOURS: i64 = 72;

/// Contacts with the fields that are known to have been there; none means all.
type Hits = BTreeMap<ContactRow, BTreeSet<String>>;

/// Who is affected. Writes nothing.
pub fn affected(core: &Core, incident: &Incident) -> Result<Affected, Error> {
    if incident.from > incident.until {
        return Err(Error::bad_request(say!("the end comes before the beginning")));
    }
    let mut remarks = Vec::new();
    let hits = match &incident.what {
        What::Everything => core.store().read(|r| {
            let mut hits = here_before(r, incident.until, |_| true)?;
            // What was taken away is in the history until it is erased.
            gone_since(r, incident.until, |at, is_told| is_told || at >= incident.from, &mut hits)?;
            Ok(hits)
        })?,
        What::Remote(name) => of_remote(core, name, incident, &mut remarks)?,
        What::Export(name) => of_exports(core, name, incident, &mut remarks)?,
        What::Filter(filter) => {
            Filter::parse(filter).map_err(|e| Error::bad_request(e.sentence()))?;
            let mut rows = BTreeSet::new();
            for in_bin in [false, true] {
                let request = ViewRequest { filter: filter.clone(), in_bin, ..ViewRequest::default() };
                rows.extend(view::resolve(core, &request)?.1);
            }
            remarks.push(say!("who was removed since is not found by a filter"));
            core.store().read(|r| here_before(r, incident.until, |row| rows.contains(&row)))?
        }
    };
    let mut found = Affected {
        people: Vec::with_capacity(hits.len()),
        gone: 0,
        unreachable: 0,
        remarks,
        tell_by: Millis(incident.found_at.0 + HOURS * 3_600_000),
    };
    core.store().read(|r| {
        for (row, fields) in hits {
            let contact = match r.contacts().get(row)? {
                Some(stored) => Some(stored.contact),
                None => r.subjects().last_of(row)?,
            };
            match contact {
                Some(contact) => found.people.push(person(&contact, fields)),
                None => found.gone += 1,
            }
        }
        Ok(())
    })?;
    let cannot = |one: &&Person| one.email.is_empty() && one.phone.is_empty();
    found.unreachable = found.people.iter().filter(cannot).count() as u32;
    Ok(found)
}

fn person(contact: &Contact, fields: BTreeSet<String>) -> Person {
    Person {
        id: contact.id.to_string(),
        name: contact::called(contact),
        email: contact.email().to_owned(),
        phone: contact.phone().to_owned(),
        fields: fields.into_iter().collect(),
    }
}

/// Contacts that were made here before a moment.
fn here_before(r: Reader<'_>, until: Millis, also: impl Fn(ContactRow) -> bool) -> SqlResult<Hits> {
    let mut hits = Hits::new();
    r.contacts().scan_brief(|brief| {
        if brief.created_at <= until && also(brief.row) {
            hits.insert(brief.row, BTreeSet::new());
        }
        true
    })?;
    Ok(hits)
}

/// Adds contacts that were made before a moment and are gone now. `was_there` is asked by when one
/// went and whether it is known who it was; where it is not, nor is since when they were here.
fn gone_since(
    r: Reader<'_>,
    until: Millis,
    was_there: impl Fn(Millis, bool) -> bool,
    hits: &mut Hits,
) -> SqlResult<()> {
    for (row, contact, at) in r.subjects().all_gone()? {
        let is_earlier = contact.as_ref().is_none_or(|contact| contact.created_at <= until);
        if is_earlier && was_there(at, contact.is_some()) {
            hits.entry(row).or_default();
        }
    }
    Ok(())
}

/// What a remote or a webhook was sent until then, and what it has by itself. One that was taken
/// away since is known by its id.
fn of_remote(core: &Core, name: &str, incident: &Incident, remarks: &mut Vec<Sentence>) -> Result<Hits, Error> {
    let (id, row) = match remotes::find(core, name) {
        Ok(known) => (known.kept.id, Some(known.kept.row)),
        Err(error) if error.code == Code::NotFound => match webhooks::find(core, name) {
            Ok(known) => (known.kept.id, None),
            Err(_) if core.store().read(|r| r.disclosures().to(name))?.is_empty() => return Err(error),
            Err(_) => (name.to_owned(), None),
        },
        Err(error) => return Err(error),
    };
    remarks.push(say!("a record that was deleted there before is counted as well: nobody can know what they kept"));
    Ok(core.store().read(|r| {
        let mut hits = Hits::new();
        for told in r.disclosures().to(&id)? {
            let sent = told.fields.into_iter().filter(|(_, (first, _))| *first <= incident.until);
            let sent: BTreeSet<String> = sent.map(|(field, _)| field).collect();
            if !sent.is_empty() {
                hits.entry(told.contact).or_default().extend(sent);
            }
        }
        let pairs = row.map(|row| r.pairs().all(row)).transpose()?.unwrap_or_default();
        for pair in pairs {
            if let (Some(contact), Some(_)) = (pair.contact, pair.key) {
                hits.entry(contact).or_default();
            }
        }
        Ok(hits)
    })?)
}

/// The contacts of files that were there at any time between the two moments.
fn of_exports(core: &Core, name: &str, incident: &Incident, remarks: &mut Vec<Sentence>) -> Result<Hits, Error> {
    let all = core.store().read(|r| r.export_log().all())?;
    let is_meant = |file: &str, sha256: &str| !name.is_empty() && (file.ends_with(name) || sha256.starts_with(name));
    let mut hits = Hits::new();
    let mut any = false;
    for (_, entry) in all {
        let was_there = entry.at <= incident.until && entry.deleted_at.is_none_or(|at| at >= incident.from);
        if !was_there || !is_meant(&entry.file, &entry.sha256) {
            continue;
        }
        any = true;
        let fields: BTreeSet<String> =
            entry.columns.split(',').filter(|column| !column.is_empty()).map(str::to_owned).collect();
        let rows: Vec<ContactRow> = match entry.members {
            Members::These(rows) => rows,
            Members::Everybody | Members::Unknown => {
                remarks.push(say!(
                    "{file}: who stood in it was not kept, so everybody of that time is named",
                    file = entry.file
                ));
                let everybody = core.store().read(|r| {
                    let mut hits = here_before(r, entry.at, |_| true)?;
                    gone_since(r, entry.at, |at, _| at >= entry.at, &mut hits)?;
                    Ok(hits)
                })?;
                everybody.into_keys().collect()
            }
        };
        for row in rows {
            hits.entry(row).or_default().extend(fields.iter().cloned());
        }
    }
    if any { Ok(hits) } else { Err(Error::not_found(say!("an export {name} of that time", name))) }
}

/// Writes who is affected to a file as CSV, for whoever has to tell them. Where it is not known
/// which of their fields, that cell is empty.
pub fn export(core: &Core, incident: &Incident, file: &Path, who: &Who) -> Result<Affected, Error> {
    let found = affected(core, incident)?;
    let mut text = list_line(["id", "name", "email", "phone", "fields"]);
    for Person { id, name, email, phone, fields } in &found.people {
        let fields = fields.join(", ");
        text.push_str(&list_line([id, name, email, phone, &fields].map(String::as_str)));
    }
    output::write(file, &text).map_err(|e| Error::io(file, &e))?;
    core.store().write(who.op(OpKind::Privacy, ""), |tx| {
        let what = match &incident.what {
            What::Everything => "everything",
            What::Remote(_) => "remote",
            What::Export(_) => "export",
            What::Filter(_) => "filter",
        };
        let facts = json!({ "what": what, "people": found.people.len(), "gone": found.gone,
            "from": incident.from.to_rfc3339_seconds(), "until": incident.until.to_rfc3339_seconds(),
            "found": incident.found_at.to_rfc3339_seconds() });
        Ok::<_, Error>(tx.audit("breach_listed", None, &facts)?)
    })?;
    Ok(found)
}
