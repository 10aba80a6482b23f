//! Reads of many contacts at once: what a list, the search index, a filter or an
//! export needs of each, borrowed, because a million of them pass by.

use crate::{
    ahead::Ahead,
    contact::{ContactRow, Contacts, unreadable},
    tag,
};
use cardfile_domain::{Line, Link, Millis};
use rusqlite::{OptionalExtension, Row};
use std::{
    borrow::Cow,
    collections::{BTreeMap, HashSet},
};

/// What lists, search and filters need of a contact.
#[derive(Debug)]
#[expect(missing_docs, reason = "they are the fields of the contact")]
pub struct Brief<'r> {
    pub row: ContactRow,
    pub name: &'r str,
    pub nick: &'r str,
    pub email: &'r str,
    pub phone: &'r str,
    pub company: &'r str,
    pub source: &'r str,
    pub stage: &'r str,
    pub is_organization: bool,
    pub tier: &'r str,
    /// Empty for identified.
    pub identity: &'r str,
    pub ip_country: &'r str,
    pub first_seen: Option<Millis>,
    pub last_seen: Option<Millis>,
    pub conversation_count: u32,
    pub created_at: Millis,
    pub updated_at: Millis,
    pub binned: bool,
    pub archived_at: Option<Millis>,
    /// A person set the stage.
    pub stage_by_hand: bool,
    /// Further emails, phones and handles: field and value.
    pub more: &'r [(String, String)],
    /// Numbers of its tags.
    pub tags: &'r [i64],
}

/// What a list shows of a contact; its tags are known elsewhere.
#[derive(Debug)]
#[expect(missing_docs, reason = "they are the fields of the contact")]
pub struct Listed<'r> {
    pub id: &'r str,
    pub is_organization: bool,
    pub name: &'r str,
    pub nick: &'r str,
    pub company: &'r str,
    pub email: &'r str,
    pub phone: &'r str,
    pub source: &'r str,
    pub stage: &'r str,
    pub first_seen: Option<Millis>,
    pub last_seen: Option<Millis>,
    pub created_at: Millis,
    pub conversation_count: u32,
    /// Custom fields as text by key.
    pub custom: BTreeMap<String, String>,
}

/// What another program is told of a contact in a list; its tags are known elsewhere.
#[derive(Debug)]
#[expect(missing_docs, reason = "they are the fields of the contact")]
pub struct Outline<'r> {
    pub id: &'r str,
    pub name: &'r str,
    pub email: &'r str,
    pub phone: &'r str,
    pub company: &'r str,
    pub source: &'r str,
    pub first_seen: Option<Millis>,
    pub last_seen: Option<Millis>,
    pub conversation_count: u32,
    pub page_url: &'r str,
    pub ip_country: &'r str,
    /// The text of a JSON object, or empty.
    pub metadata: &'r str,
    pub created_at: Millis,
    pub updated_at: Millis,
}

impl Contacts<'_> {
    /// Calls `each` with what another program is told of these contacts, in their order; those
    /// that are gone are left out.
    pub fn outlines(
        &self,
        places: &[ContactRow],
        mut each: impl FnMut(ContactRow, Outline<'_>) -> rusqlite::Result<()>,
    ) -> rusqlite::Result<()> {
        let mut statement = self.0.prepare_cached(
            "SELECT id, name, email, phone, company, source, first_seen, last_seen, conversation_count, page_url,
                    ip_country, metadata, created_at, updated_at
               FROM contact WHERE row = ?1",
        )?;
        for place in places {
            let mut rows = statement.query([place])?;
            let Some(row) = rows.next()? else { continue };
            let outline = Outline {
                id: text(row, 0)?,
                name: text(row, 1)?,
                email: text(row, 2)?,
                phone: text(row, 3)?,
                company: text(row, 4)?,
                source: text(row, 5)?,
                first_seen: time(row, 6)?,
                last_seen: time(row, 7)?,
                conversation_count: row.get(8)?,
                page_url: text(row, 9)?,
                ip_country: text(row, 10)?,
                metadata: text(row, 11)?,
                created_at: Millis(row.get(12)?),
                updated_at: Millis(row.get(13)?),
            };
            each(*place, outline)?;
        }
        Ok(())
    }

    /// The ids of these contacts, in their order; nothing for one that is gone.
    pub fn ids_of(&self, places: &[ContactRow]) -> rusqlite::Result<Vec<Option<String>>> {
        let mut statement = self.0.prepare_cached("SELECT id FROM contact WHERE row = ?1")?;
        places.iter().map(|place| statement.query_row([place], |row| row.get(0)).optional()).collect()
    }

    /// Calls `each` with what a list shows of these contacts, in their order, or
    /// with nothing for one that is gone.
    pub fn listed<'a>(
        &self,
        places: &'a [ContactRow],
        mut each: impl FnMut(&'a ContactRow, Option<Listed<'_>>) -> rusqlite::Result<()>,
    ) -> rusqlite::Result<()> {
        let mut statement = self.0.prepare_cached(
            "SELECT id, kind = 'organization', name, nick, company, email, phone, source, first_seen, last_seen,
                    conversation_count, stage, custom, created_at
               FROM contact WHERE row = ?1",
        )?;
        for place in places {
            let mut rows = statement.query([place])?;
            let Some(row) = rows.next()? else {
                each(place, None)?;
                continue;
            };
            let custom = match row.get_ref(12)?.as_str_or_null()? {
                Some(json) => cardfile_domain::custom::texts(json).map_err(|e| unreadable(12, e))?,
                None => BTreeMap::new(),
            };
            let listed = Listed {
                id: text(row, 0)?,
                is_organization: row.get(1)?,
                name: text(row, 2)?,
                nick: text(row, 3)?,
                company: text(row, 4)?,
                email: text(row, 5)?,
                phone: text(row, 6)?,
                source: text(row, 7)?,
                first_seen: time(row, 8)?,
                last_seen: time(row, 9)?,
                conversation_count: row.get(10)?,
                stage: text(row, 11)?,
                custom,
                created_at: Millis(row.get(13)?),
            };
            each(place, Some(listed))?;
        }
        Ok(())
    }

    /// Calls `each` with what lists, search and filters need of every contact,
    /// in order of place; borrowed, because a million of them pass by.
    pub fn scan_brief(&self, each: impl FnMut(&Brief<'_>) -> bool) -> rusqlite::Result<()> {
        self.brief("", each)
    }

    /// The same for these contacts only; those that are gone are left out.
    pub fn brief_of(&self, rows: &[ContactRow], mut each: impl FnMut(&Brief<'_>)) -> rusqlite::Result<()> {
        for chunk in rows.chunks(500) {
            let list: Vec<String> = chunk.iter().map(ToString::to_string).collect();
            self.brief(&format!("IN ({})", list.join(",")), |brief| {
                each(brief);
                true
            })?;
        }
        Ok(())
    }

    fn brief(&self, which: &str, mut each: impl FnMut(&Brief<'_>) -> bool) -> rusqlite::Result<()> {
        let (of_row, of_contact) = match which {
            "" => (String::new(), String::new()),
            which => (format!("WHERE row {which}"), format!("AND contact {which}")),
        };
        let mut contacts = self.0.prepare(&format!(
            "SELECT row, name, nick, email, phone, company, source, stage, kind = 'organization', ip_country,
                    first_seen, last_seen, conversation_count, created_at, updated_at, binned_at IS NOT NULL,
                    tier, identity, archived_at, stage_by IS NOT NULL
               FROM contact {of_row} ORDER BY row"
        ))?;
        let mut items = self.0.prepare(&format!(
            "SELECT contact, field, value FROM contact_item WHERE field IN ('email', 'phone', 'handle') {of_contact}
              ORDER BY contact, field, pos"
        ))?;
        let mut tags = self
            .0
            .prepare(&format!("SELECT contact, tag FROM contact_tag WHERE true {of_contact} ORDER BY contact, pos"))?;
        let mut items = Ahead::new(items.query([])?)?;
        let mut tags = Ahead::new(tags.query([])?)?;
        let mut rows = contacts.query([])?;
        let (mut more, mut tag_numbers) = (Vec::new(), Vec::new());
        while let Some(row) = rows.next()? {
            let contact: ContactRow = row.get(0)?;
            more.clear();
            tag_numbers.clear();
            items.take(contact, |item| {
                more.push((item.get::<_, String>(1)?, item.get::<_, String>(2)?));
                Ok(())
            })?;
            tags.take(contact, |tag| {
                tag_numbers.push(tag.get(1)?);
                Ok(())
            })?;
            let brief = Brief {
                row: contact,
                name: text(row, 1)?,
                nick: text(row, 2)?,
                email: text(row, 3)?,
                phone: text(row, 4)?,
                company: text(row, 5)?,
                source: text(row, 6)?,
                stage: text(row, 7)?,
                is_organization: row.get(8)?,
                ip_country: text(row, 9)?,
                first_seen: time(row, 10)?,
                last_seen: time(row, 11)?,
                conversation_count: row.get(12)?,
                created_at: Millis(row.get(13)?),
                updated_at: Millis(row.get(14)?),
                binned: row.get(15)?,
                tier: text(row, 16)?,
                identity: text(row, 17)?,
                archived_at: time(row, 18)?,
                stage_by_hand: row.get(19)?,
                more: &more,
                tags: &tag_numbers,
            };
            if !each(&brief) {
                break;
            }
        }
        Ok(())
    }

    /// A custom field's text for every contact that has one.
    pub fn scan_custom(&self, key: &str, mut each: impl FnMut(ContactRow, &str)) -> rusqlite::Result<()> {
        let mut statement = self.0.prepare(
            "SELECT row, CAST(custom ->> ?1 AS TEXT) AS value FROM contact WHERE custom IS NOT NULL AND value IS NOT NULL",
        )?;
        // Quoted, so that a key with a dot is one key and not a path.
        let mut rows = statement.query([format!("$.\"{}\"", key.replace('"', ""))])?;
        while let Some(row) = rows.next()? {
            each(row.get(0)?, row.get_ref(1)?.as_str()?);
        }
        Ok(())
    }

    /// The page of the first contact, for everybody who has one.
    pub fn scan_page(&self, mut each: impl FnMut(ContactRow, &str)) -> rusqlite::Result<()> {
        let mut statement = self.0.prepare("SELECT row, page_url FROM contact WHERE page_url IS NOT NULL")?;
        let mut rows = statement.query([])?;
        while let Some(row) = rows.next()? {
            each(row.get(0)?, row.get_ref(1)?.as_str()?);
        }
        Ok(())
    }

    /// The names of activities of everybody who has one.
    pub fn scan_actions(&self, mut each: impl FnMut(ContactRow, &str)) -> rusqlite::Result<()> {
        let mut statement = self.0.prepare("SELECT contact, name FROM activity WHERE contact IS NOT NULL")?;
        let mut rows = statement.query([])?;
        while let Some(row) = rows.next()? {
            each(row.get(0)?, row.get_ref(1)?.as_str()?);
        }
        Ok(())
    }

    /// Calls `each` for every contact that has a record or an external ID somewhere: with the
    /// kind of system, and with the name of the connection.
    pub fn scan_remotes(&self, mut each: impl FnMut(ContactRow, &str)) -> rusqlite::Result<()> {
        let mut statement = self.0.prepare(
            "SELECT pair.contact, remote.kind, remote.name FROM pair JOIN remote USING (remote)
              WHERE pair.contact IS NOT NULL AND pair.key IS NOT NULL
              UNION SELECT contact, connector, scope FROM link WHERE connector <> ?1",
        )?;
        let mut rows = statement.query([Link::SESSION])?;
        while let Some(row) = rows.next()? {
            let contact = row.get(0)?;
            each(contact, row.get_ref(1)?.as_str()?);
            each(contact, row.get_ref(2)?.as_str()?);
        }
        Ok(())
    }

    /// Calls `each` for every contact whose metadata has this key.
    pub fn scan_metadata(&self, key: &str, mut each: impl FnMut(ContactRow)) -> rusqlite::Result<()> {
        let mut statement = self.0.prepare(
            "SELECT row FROM contact WHERE metadata IS NOT NULL AND json_type(metadata, ?1) IS NOT NULL ORDER BY row",
        )?;
        let mut rows = statement.query([format!("$.\"{}\"", key.replace('"', ""))])?;
        while let Some(row) = rows.next()? {
            each(row.get(0)?);
        }
        Ok(())
    }

    /// Calls `each` with every contact of the list in one line, in order of place,
    /// until it answers `false`: the bin, the archive and visitors are left out.
    pub fn scan_lines(&self, mut each: impl FnMut(&Line<'_>) -> bool) -> rusqlite::Result<()> {
        // By number: tags are numbered from 1 without large gaps.
        let mut names: Vec<String> = Vec::new();
        for (number, name) in tag::Tags(self.0).all()? {
            let at = number as usize;
            names.resize(names.len().max(at + 1), String::new());
            names[at] = name;
        }
        let mut contacts = self.0.prepare(
            "SELECT row, id, name, email, phone, company, source, first_seen, last_seen, conversation_count,
                    page_url, ip_country
               FROM contact ORDER BY row",
        )?;
        // From its index: reading it with the row would cost as much as all the rest.
        let hidden: HashSet<ContactRow> = self
            .0
            .prepare(
                "SELECT row FROM contact WHERE binned_at IS NOT NULL
                 UNION ALL SELECT row FROM contact WHERE archived_at IS NOT NULL
                 UNION ALL SELECT row FROM contact WHERE identity = 'anonymous'",
            )?
            .query_map([], |row| row.get(0))?
            .collect::<Result<_, _>>()?;
        let mut tags = self.0.prepare("SELECT contact, tag FROM contact_tag ORDER BY contact, pos")?;
        let (mut rows, mut tags) = (contacts.query([])?, Ahead::new(tags.query([])?)?);
        let mut joined = Vec::new();
        while let Some(row) = rows.next()? {
            joined.clear();
            let place = row.get(0)?;
            tags.take(place, |tag| {
                if !joined.is_empty() {
                    joined.push(b',');
                }
                joined.extend_from_slice(names.get(tag.get::<_, usize>(1)?).map_or(b"", String::as_bytes));
                Ok(())
            })?;
            if !hidden.is_empty() && hidden.contains(&place) {
                continue;
            }
            let line = Line {
                id: bytes(row, 1)?,
                name: bytes(row, 2)?,
                email: bytes(row, 3)?,
                phone: bytes(row, 4)?,
                company: bytes(row, 5)?,
                source: bytes(row, 6)?,
                first_seen: time(row, 7)?,
                last_seen: time(row, 8)?,
                conversation_count: row.get(9)?,
                tags: Cow::Borrowed(&joined),
                page_url: bytes(row, 10)?,
                ip_country: bytes(row, 11)?,
            };
            if !each(&line) {
                break;
            }
        }
        Ok(())
    }
}

fn text<'r>(row: &'r Row<'_>, at: usize) -> rusqlite::Result<&'r str> {
    Ok(row.get_ref(at)?.as_str_or_null()?.unwrap_or_default())
}

/// Not looked at again whether it is UTF-8: it was written as text.
fn bytes<'r>(row: &'r Row<'_>, at: usize) -> rusqlite::Result<&'r [u8]> {
    Ok(row.get_ref(at)?.as_bytes_or_null()?.unwrap_or_default())
}

fn time(row: &Row<'_>, at: usize) -> rusqlite::Result<Option<Millis>> {
    Ok(row.get::<_, Option<i64>>(at)?.map(Millis))
}
