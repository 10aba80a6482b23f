//! Who asks: the cards of a person by anything that names them. What a remote, an address or an
//! account says decides; a name, and what two cards share, is only shown, because an answer must
//! not hand one person's data to another.

use crate::{contact, core::Core, error::Error};
use cardfile_domain::{
    Contact, Link, Region, Sentence, email, phone, say,
    text::{fold, fold_label},
};
use cardfile_store::{ContactRow, Reader, SqlResult};
use std::collections::BTreeSet;

/// A card that may be the person's.
#[derive(Debug, Clone, PartialEq)]
pub struct Match {
    /// Its place.
    pub row: ContactRow,
    /// Its id.
    pub id: String,
    /// What to call it.
    pub name: String,
    /// Its first email.
    pub email: String,
    /// By what it was found.
    pub why: Sentence,
    /// It was named for certain; else a person decides.
    pub is_sure: bool,
    /// Only the history knows it any more.
    pub is_gone: bool,
}

/// A card that was chosen by its id.
#[derive(Debug, Clone, PartialEq)]
pub struct Chosen {
    /// Its place.
    pub row: ContactRow,
    /// What it says; of one that is gone what it said last.
    pub contact: Contact,
    /// Only the history knows it any more.
    pub is_gone: bool,
}

/// Cards by an email, a phone, an external ID, a handle, our id, or a name.
pub fn find(core: &Core, text: &str) -> Result<Vec<Match>, Error> {
    let text = text.trim();
    if text.is_empty() {
        return Err(Error::bad_request(say!("say who asks: an email, a phone, an ID or a name")));
    }
    let region = core.region()?;
    Ok(core.store().read(|r| matches(r, text, region))?)
}

/// The cards that are here and that a text names, be it that several people share it; in the order of the contacts.
pub fn cards(core: &Core, text: &str) -> Result<Vec<ContactRow>, Error> {
    let region = core.region()?;
    Ok(core.store().read(|r| cards_in(r, text, region))?)
}

/// The same inside a transaction.
pub(super) fn cards_in(reader: Reader<'_>, text: &str, region: Option<Region>) -> SqlResult<Vec<ContactRow>> {
    let text = text.trim();
    let mut found = Found { reader, all: Vec::new(), met: BTreeSet::new() };
    if !text.is_empty() {
        found.add_named(text, region)?;
    }
    let mut rows: Vec<ContactRow> = found.all.into_iter().map(|one| one.row).collect();
    rows.sort_unstable();
    Ok(rows)
}

/// The places of the cards that are the person's for certain, and of those that were chosen by id.
pub fn rows(core: &Core, text: &str, also: &[String]) -> Result<Vec<ContactRow>, Error> {
    let sure = find(core, text)?.into_iter().filter(|one| one.is_sure).map(|one| one.row);
    let mut rows: BTreeSet<ContactRow> = sure.collect();
    rows.extend(chosen(core, also)?.into_iter().map(|one| one.row));
    Ok(rows.into_iter().collect())
}

/// The cards with these ids, also such as only the history knows any more.
pub fn chosen<I: AsRef<str>>(core: &Core, ids: &[I]) -> Result<Vec<Chosen>, Error> {
    let found = core.store().read(|r| ids.iter().map(|id| known(r, id.as_ref())).collect::<SqlResult<Vec<_>>>())?;
    let missing = |id: &I| Error::not_found(say!("the contact {name}", name = id.as_ref()));
    found.into_iter().zip(ids).map(|(one, id)| one.ok_or_else(|| missing(id))).collect()
}

fn known(reader: Reader<'_>, id: &str) -> SqlResult<Option<Chosen>> {
    if let Some(row) = reader.contacts().row_of(id)?
        && let Some(stored) = reader.contacts().get(row)?
    {
        return Ok(Some(Chosen { row, contact: stored.contact, is_gone: false }));
    }
    // Others that are gone may only name it.
    let gone = reader.subjects().gone(id)?.into_iter().find(|(_, contact)| contact.id.as_str() == id);
    Ok(gone.map(|(row, contact)| Chosen { row, contact, is_gone: true }))
}

fn matches(reader: Reader<'_>, text: &str, region: Option<Region>) -> SqlResult<Vec<Match>> {
    let mut found = Found { reader, all: Vec::new(), met: BTreeSet::new() };
    found.add_named(text, region)?;
    for (row, contact) in reader.subjects().gone(text)? {
        // It may say the text anywhere; only an address or an ID of its own names it.
        let is_sure = names_itself(&contact, text, region);
        found.push(row, &contact, is_sure, true, || say!("a card that is gone, in the history"));
    }
    found.add_sharing()?;
    if found.all.iter().all(|one| !one.is_sure) {
        found.add_by_name(text)?;
    }
    Ok(found.all)
}

/// Whether no two of these cards have different names: what such cards share may be of several
/// people, and a person has to choose.
pub(super) fn is_one_person(reader: Reader<'_>, rows: &[ContactRow]) -> SqlResult<bool> {
    let mut names = BTreeSet::new();
    for row in rows {
        if let Some(stored) = reader.contacts().get(*row)? {
            names.insert(fold_label(&stored.contact.name));
        }
    }
    names.remove("");
    Ok(names.len() <= 1)
}

struct Found<'c> {
    reader: Reader<'c>,
    all: Vec<Match>,
    met: BTreeSet<ContactRow>,
}

impl Found<'_> {
    fn push(
        &mut self,
        row: ContactRow,
        contact: &Contact,
        is_sure: bool,
        is_gone: bool,
        why: impl FnOnce() -> Sentence,
    ) {
        if !self.met.insert(row) {
            return;
        }
        self.all.push(Match {
            row,
            id: contact.id.to_string(),
            name: contact::called(contact),
            email: contact.email().to_owned(),
            why: why(),
            is_sure,
            is_gone,
        });
    }

    fn add(&mut self, rows: &[ContactRow], is_sure: bool, why: impl Fn() -> Sentence) -> SqlResult<()> {
        for row in rows {
            if let Some(stored) = self.reader.contacts().get(*row)? {
                self.push(*row, &stored.contact, is_sure, false, &why);
            }
        }
        Ok(())
    }

    /// Cards that the text names by what only one person goes by.
    fn add_named(&mut self, text: &str, region: Option<Region>) -> SqlResult<()> {
        let reader = self.reader;
        if let Some(row) = reader.contacts().row_of(text)? {
            self.add(&[row], true, || say!("our own id"))?;
        }
        let rows = reader.links().contacts_of(text)?;
        self.add(&rows, is_one_person(reader, &rows)?, || say!("external ID {id}", id = text))?;
        if let Ok(key) = email::key(text) {
            let rows = reader.subjects().with_email(&key)?;
            self.add(&rows, is_one_person(reader, &rows)?, || say!("email {email}", email = text))?;
        }
        if let Some(key) = phone::key(text, region) {
            let rows = reader.subjects().with_phone(&key)?;
            // People share phones, also such as have one name.
            self.add(&rows, rows.len() == 1, || say!("phone {phone}", phone = text))?;
        }
        let rows = reader.subjects().with_handle(text)?;
        self.add(&rows, is_one_person(reader, &rows)?, || say!("handle {handle}", handle = text))
    }

    /// Cards that share an address or an ID with one that was found.
    fn add_sharing(&mut self) -> SqlResult<()> {
        let sure: Vec<ContactRow> =
            self.all.iter().filter(|one| one.is_sure && !one.is_gone).map(|one| one.row).collect();
        for row in sure {
            let Some(stored) = self.reader.contacts().get(row)? else { continue };
            for item in &stored.contact.emails {
                let rows = self.reader.subjects().with_email(&item.key)?;
                self.add(&rows, false, || say!("shares the email {email}", email = item.value))?;
            }
            for item in stored.contact.phones.iter().filter(|item| !item.key.is_empty()) {
                let rows = self.reader.subjects().with_phone(&item.key)?;
                self.add(&rows, false, || say!("shares the phone {phone}", phone = item.value))?;
            }
            for link in stored.contact.links.iter().filter(|link| link.connector != Link::SESSION) {
                let rows = self.reader.links().contacts_of(&link.external_id)?;
                self.add(&rows, false, || say!("shares the external ID {id}", id = link.external_id))?;
            }
        }
        Ok(())
    }

    fn add_by_name(&mut self, text: &str) -> SqlResult<()> {
        const MOST: usize = 50;
        let wanted = fold(text);
        let mut rows = Vec::new();
        self.reader.contacts().scan_brief(|brief| {
            if fold(brief.name).contains(&wanted) || fold(brief.nick).contains(&wanted) {
                rows.push(brief.row);
            }
            rows.len() < MOST
        })?;
        self.add(&rows, false, || say!("name {name}", name = text))
    }
}

/// Whether the text is an address or an ID of the card.
fn names_itself(contact: &Contact, text: &str, region: Option<Region>) -> bool {
    let (email, phone) = (email::key(text).ok(), phone::key(text, region));
    contact.id.as_str() == text
        || contact.links.iter().any(|link| link.external_id == text)
        || contact.handles.iter().any(|item| item.value == text)
        || email.is_some_and(|key| contact.emails.iter().any(|item| item.key == key))
        || phone.is_some_and(|key| contact.phones.iter().any(|item| item.key == key))
}
