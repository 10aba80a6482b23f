//! Whom may be used for what: one reading of the ledger and of the restrictions, which
//! lists, exports and sync share. The rule itself is [`Purpose::may_use`].

use crate::{core::Core, error::Error};
use cardfile_domain::{
    consent::{Bar, Consent, Purpose, Standing, last_said},
    restriction::{Restriction, Sort},
};
use cardfile_store::{ContactRow, Reader, SqlResult};
use std::collections::{HashMap, HashSet};

/// Whether a contact may be used for a purpose, and why not.
pub fn may_use(core: &Core, contact: ContactRow, purpose: &Purpose) -> Result<Result<(), Bar>, Error> {
    Ok(core.store().read(|r| Ok(purpose.may_use(of(r, contact, purpose)?)))?)
}

/// What is known of one contact for a purpose.
pub(crate) fn of(reader: Reader<'_>, contact: ContactRow, purpose: &Purpose) -> SqlResult<Standing> {
    Ok(stands(&reader.consents().of(contact)?, &reader.restrictions().of(contact)?, purpose))
}

/// The keys of all purposes for which a contact may be used.
pub(crate) fn purposes_of(reader: Reader<'_>, contact: ContactRow) -> SqlResult<Vec<String>> {
    let mut purposes = reader.purposes().all()?;
    if !purposes.is_empty() {
        let (consents, restrictions) = (reader.consents().of(contact)?, reader.restrictions().of(contact)?);
        purposes.retain(|purpose| purpose.may_use(stands(&consents, &restrictions, purpose)).is_ok());
    }
    Ok(purposes.into_iter().map(|purpose| purpose.key).collect())
}

fn stands(consents: &[Consent], restrictions: &[Restriction], purpose: &Purpose) -> Standing {
    let holding = || restrictions.iter().filter(|one| one.is_in_force());
    Standing {
        given: last_said(consents).get(purpose.key.as_str()).is_some_and(|last| last.given),
        objects: holding().any(|one| one.sort == Sort::Objected && purpose.is_objected(&one.purpose)),
        is_restricted: holding().any(|one| one.sort == Sort::Restricted),
    }
}

/// Whether agents may be told of a contact, for a purpose if they ask for one, and why not.
pub(crate) fn for_agents(
    reader: Reader<'_>,
    contact: ContactRow,
    purpose: Option<&Purpose>,
) -> SqlResult<Result<(), Bar>> {
    let restrictions = reader.restrictions();
    if restrictions.has(contact, Sort::Restricted)? {
        return Ok(Err(Bar::Restricted));
    }
    if restrictions.has(contact, Sort::NoAgents)? {
        return Ok(Err(Bar::NotForAgents));
    }
    match purpose {
        None => Ok(Ok(())),
        Some(purpose) => Ok(purpose.may_use(of(reader, contact, purpose)?)),
    }
}

/// Who is left out of what leaves: whoever is restricted, and with a purpose whoever may not
/// be used for it. Read once for all contacts.
pub(crate) struct Barred {
    purpose: Option<Purpose>,
    given: HashSet<ContactRow>,
    objected: HashSet<ContactRow>,
    restricted: HashSet<ContactRow>,
}

impl Barred {
    pub(crate) fn read(reader: Reader<'_>, purpose: Option<&Purpose>) -> SqlResult<Self> {
        let mut barred = Self {
            purpose: purpose.cloned(),
            given: HashSet::new(),
            objected: HashSet::new(),
            restricted: HashSet::new(),
        };
        reader.restrictions().each_in_force(|contact, sort, about| match sort {
            Sort::Restricted => {
                barred.restricted.insert(contact);
            }
            Sort::Objected if purpose.is_some_and(|purpose| purpose.is_objected(about)) => {
                barred.objected.insert(contact);
            }
            Sort::Objected | Sort::Held | Sort::NoAgents => {}
        })?;
        if let Some(purpose) = purpose {
            reader.consents().each_last(|contact, about, given| {
                if given && about == purpose.key {
                    barred.given.insert(contact);
                }
            })?;
        }
        Ok(barred)
    }

    /// Whether nobody can be left out, so that nobody has to be looked at.
    pub(crate) fn is_nobody(&self) -> bool {
        self.purpose.is_none() && self.restricted.is_empty()
    }

    pub(crate) fn has(&self, contact: ContactRow) -> bool {
        let is_restricted = self.restricted.contains(&contact);
        match &self.purpose {
            None => is_restricted,
            Some(purpose) => {
                let (given, objects) = (self.given.contains(&contact), self.objected.contains(&contact));
                purpose.may_use(Standing { given, objects, is_restricted }).is_err()
            }
        }
    }
}

/// How many consents and objections there are, by purpose.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Said {
    /// Contacts that last said yes.
    pub given: u32,
    /// Contacts that last said no.
    pub refused: u32,
    /// Contacts that object to it.
    pub objected: u32,
}

/// The same for each of these purposes, by key.
pub(crate) fn count(reader: Reader<'_>, purposes: &[Purpose]) -> SqlResult<HashMap<String, Said>> {
    let mut counts: HashMap<String, Said> = HashMap::new();
    for (key, given, refused) in reader.consents().count()? {
        counts.insert(key, Said { given, refused, objected: 0 });
    }
    let mut objected: HashSet<(usize, ContactRow)> = HashSet::new();
    reader.restrictions().each_in_force(|contact, sort, about| {
        if sort == Sort::Objected {
            let about = purposes.iter().enumerate().filter(|(_, purpose)| purpose.is_objected(about));
            objected.extend(about.map(|(place, _)| (place, contact)));
        }
    })?;
    for (place, _) in objected {
        counts.entry(purposes[place].key.clone()).or_default().objected += 1;
    }
    Ok(counts)
}
