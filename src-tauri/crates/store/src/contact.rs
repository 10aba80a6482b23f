//! Contacts: one row each, with the primary email and phone; further values,
//! tags and external IDs are in their own tables.

use crate::inventory::{Table, derived, subject};
use crate::{
    item, link,
    statements::{Statement, Statements},
    tag,
};
use cardfile_domain::{
    Contact, ContactId, Item, Kind, Line, Millis, NameParts,
    privacy::Privacy::{About, Activity, Contact as Reach, Identifying},
    sort,
};
use rusqlite::{Connection, OptionalExtension, Row, params};
use std::{
    borrow::Cow,
    collections::{BTreeMap, HashMap, HashSet},
};

pub(crate) const TABLE: Table = Table {
    name: "contact",
    migrations: &[(
        1,
        "CREATE TABLE contact (
            row INTEGER PRIMARY KEY,            -- dense and never used twice: views are lists of these
            id TEXT NOT NULL UNIQUE,
            version INTEGER NOT NULL,           -- latest change of this contact; the log is a chain from here
            kind TEXT NOT NULL CHECK (kind IN ('person', 'organization')),
            name TEXT,
            name_sort BLOB,                     -- collation key of name
            given_name TEXT, additional_name TEXT, family_name TEXT, name_prefix TEXT, name_suffix TEXT,
            nick TEXT, description TEXT, preferences TEXT,
            company TEXT, company_id TEXT, job_title TEXT, department TEXT,
            email TEXT, email_key TEXT, email_label TEXT,
            phone TEXT, phone_key TEXT, phone_label TEXT,
            source TEXT NOT NULL, page_url TEXT, ip_country TEXT,
            first_seen INTEGER, last_seen INTEGER, conversation_count INTEGER NOT NULL, stage TEXT,
            custom TEXT, metadata TEXT,         -- JSON objects
            created_at INTEGER NOT NULL, updated_at INTEGER NOT NULL, binned_at INTEGER
        ) STRICT",
    )],
    lookups: &[
        ("contact_email", "CREATE INDEX contact_email ON contact (email_key) WHERE email_key IS NOT NULL"),
        ("contact_phone", "CREATE INDEX contact_phone ON contact (phone_key) WHERE phone_key IS NOT NULL"),
        ("contact_name", "CREATE INDEX contact_name ON contact (name_sort)"),
        ("contact_last_seen", "CREATE INDEX contact_last_seen ON contact (last_seen)"),
        ("contact_binned", "CREATE INDEX contact_binned ON contact (binned_at) WHERE binned_at IS NOT NULL"),
    ],
    columns: &[
        derived("row"),
        subject("id", Identifying),
        derived("version"),
        subject("kind", About),
        subject("name", Identifying),
        derived("name_sort"),
        subject("given_name", Identifying),
        subject("additional_name", Identifying),
        subject("family_name", Identifying),
        subject("name_prefix", Identifying),
        subject("name_suffix", Identifying),
        subject("nick", Identifying),
        subject("description", About),
        subject("preferences", About),
        subject("company", About),
        subject("company_id", About),
        subject("job_title", About),
        subject("department", About),
        subject("email", Reach),
        derived("email_key"),
        subject("email_label", Reach),
        subject("phone", Reach),
        derived("phone_key"),
        subject("phone_label", Reach),
        subject("source", Activity),
        subject("page_url", Activity),
        subject("ip_country", Activity),
        subject("first_seen", Activity),
        subject("last_seen", Activity),
        subject("conversation_count", Activity),
        subject("stage", About),
        subject("custom", About),
        subject("metadata", About),
        subject("created_at", Activity),
        subject("updated_at", Activity),
        subject("binned_at", Activity),
    ],
};

/// A contact's place in the database: a dense number, never used twice.
pub type ContactRow = u32;

/// A contact as it is stored, with its place and its version.
#[derive(Debug, Clone, PartialEq)]
pub struct Stored {
    /// Its place.
    pub row: ContactRow,
    /// Number of its latest change; grows with every write.
    pub version: i64,
    /// The contact.
    pub contact: Contact,
}

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
    pub ip_country: &'r str,
    pub first_seen: Option<Millis>,
    pub last_seen: Option<Millis>,
    pub conversation_count: u32,
    pub created_at: Millis,
    pub updated_at: Millis,
    pub binned: bool,
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
    pub custom: BTreeMap<String, serde_json::Value>,
}

const COLUMNS: &str =
    "row, version, id, kind, name, given_name, additional_name, family_name, name_prefix, name_suffix,
    nick, description, preferences, company, company_id, job_title, department,
    email, email_key, email_label, phone, phone_key, phone_label, source, page_url, ip_country,
    first_seen, last_seen, conversation_count, stage, custom, metadata, created_at, updated_at, binned_at";

/// Reads. Built from `&Connection`, so it can never write.
pub struct Contacts<'c>(pub(crate) &'c Connection);

impl Contacts<'_> {
    /// The contact at `row`.
    pub fn get(&self, row: ContactRow) -> rusqlite::Result<Option<Stored>> {
        let mut statement = self.0.prepare_cached(&format!("SELECT {COLUMNS} FROM contact WHERE row = ?1"))?;
        let Some(mut stored) = statement.query_row([row], stored).optional()? else { return Ok(None) };
        item::read_into(self.0, &mut stored)?;
        stored.contact.tags = tag::names_of(self.0, row)?;
        stored.contact.links = link::of(self.0, row)?;
        Ok(Some(stored))
    }

    /// Calls `each` with what a list shows of these contacts, in their order, or
    /// with nothing for one that is gone.
    pub fn listed<'a>(
        &self,
        places: &'a [ContactRow],
        mut each: impl FnMut(&'a ContactRow, Option<&Listed<'_>>) -> rusqlite::Result<()>,
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
            let text =
                |at: usize| -> rusqlite::Result<&str> { Ok(row.get_ref(at)?.as_str_or_null()?.unwrap_or_default()) };
            let custom = match row.get_ref(12)?.as_str_or_null()? {
                Some(json) => serde_json::from_str(json).map_err(|e| unreadable(12, e))?,
                None => BTreeMap::new(),
            };
            let listed = Listed {
                id: text(0)?,
                is_organization: row.get(1)?,
                name: text(2)?,
                nick: text(3)?,
                company: text(4)?,
                email: text(5)?,
                phone: text(6)?,
                source: text(7)?,
                first_seen: row.get::<_, Option<i64>>(8)?.map(Millis),
                last_seen: row.get::<_, Option<i64>>(9)?.map(Millis),
                conversation_count: row.get(10)?,
                stage: text(11)?,
                custom,
                created_at: Millis(row.get(13)?),
            };
            each(place, Some(&listed))?;
        }
        Ok(())
    }

    /// The place of the contact with our id `id`.
    pub fn row_of(&self, id: &str) -> rusqlite::Result<Option<ContactRow>> {
        self.0.prepare_cached("SELECT row FROM contact WHERE id = ?1")?.query_row([id], |row| row.get(0)).optional()
    }

    /// The oldest contact with this email key in any of its emails; one in the
    /// bin only when there is no other.
    pub fn row_of_email(&self, key: &str) -> rusqlite::Result<Option<ContactRow>> {
        self.0
            .prepare_cached(
                "SELECT row FROM (
                    SELECT row, binned_at FROM contact WHERE email_key = ?1
                    UNION ALL
                    SELECT c.row, c.binned_at FROM contact_item i JOIN contact c ON c.row = i.contact
                     WHERE i.key = ?1 AND i.field = 'email')
                  ORDER BY binned_at IS NOT NULL, row LIMIT 1",
            )?
            .query_row([key], |row| row.get(0))
            .optional()
    }

    /// The oldest contact outside the bin with this phone key as its primary phone.
    pub fn row_of_phone(&self, key: &str) -> rusqlite::Result<Option<ContactRow>> {
        self.0
            .prepare_cached("SELECT min(row) FROM contact WHERE phone_key = ?1 AND binned_at IS NULL")?
            .query_row([key], |row| row.get(0))
    }

    /// How many contacts there are, and how many of them are in the bin.
    pub fn count(&self) -> rusqlite::Result<(u32, u32)> {
        // Each half of it walks an index, not the table.
        self.0.query_row(
            "SELECT (SELECT count(*) FROM contact), (SELECT count(*) FROM contact WHERE binned_at IS NOT NULL)",
            [],
            |row| Ok((row.get(0)?, row.get(1)?)),
        )
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
                    first_seen, last_seen, conversation_count, created_at, updated_at, binned_at IS NOT NULL
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
            let text =
                |at: usize| -> rusqlite::Result<&str> { Ok(row.get_ref(at)?.as_str_or_null()?.unwrap_or_default()) };
            let brief = Brief {
                row: contact,
                name: text(1)?,
                nick: text(2)?,
                email: text(3)?,
                phone: text(4)?,
                company: text(5)?,
                source: text(6)?,
                stage: text(7)?,
                is_organization: row.get(8)?,
                ip_country: text(9)?,
                first_seen: row.get::<_, Option<i64>>(10)?.map(Millis),
                last_seen: row.get::<_, Option<i64>>(11)?.map(Millis),
                conversation_count: row.get(12)?,
                created_at: Millis(row.get(13)?),
                updated_at: Millis(row.get(14)?),
                binned: row.get(15)?,
                more: &more,
                tags: &tag_numbers,
            };
            if !each(&brief) {
                break;
            }
        }
        Ok(())
    }

    /// The places of all contacts in the order of their names, nameless ones
    /// last. Two walks along the index; one over both would sort.
    pub fn rows_by_name(&self) -> rusqlite::Result<Vec<ContactRow>> {
        let mut rows = Vec::new();
        for sql in [
            "SELECT row FROM contact WHERE name_sort IS NOT NULL ORDER BY name_sort, row",
            "SELECT row FROM contact WHERE name_sort IS NULL ORDER BY row",
        ] {
            for row in self.0.prepare(sql)?.query_map([], |row| row.get(0))? {
                rows.push(row?);
            }
        }
        Ok(rows)
    }

    /// The places of the contacts outside the bin in the order they were made, at most `limit`.
    pub fn first_rows(&self, limit: u32) -> rusqlite::Result<Vec<ContactRow>> {
        self.0
            .prepare_cached("SELECT row FROM contact WHERE binned_at IS NULL ORDER BY row LIMIT ?1")?
            .query_map([limit], |row| row.get(0))?
            .collect()
    }

    /// The places of the contacts outside the bin that were seen last, at most `limit`.
    pub fn rows_seen_last(&self, limit: u32) -> rusqlite::Result<Vec<ContactRow>> {
        self.0
            .prepare_cached(
                "SELECT row FROM contact WHERE binned_at IS NULL ORDER BY last_seen DESC, row DESC LIMIT ?1",
            )?
            .query_map([limit], |row| row.get(0))?
            .collect()
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

    /// The places of contacts whose id begins with this text, at most `limit`.
    pub fn rows_of_id_prefix(&self, prefix: &str, limit: u32) -> rusqlite::Result<Vec<ContactRow>> {
        self.0
            .prepare_cached("SELECT row FROM contact WHERE id >= ?1 AND id < ?1 || '~' ORDER BY row LIMIT ?2")?
            .query_map(params![prefix, limit], |row| row.get(0))?
            .collect()
    }

    /// Calls `each` with every contact outside the bin in one line, in order of
    /// place, until it answers `false`.
    pub fn scan_lines(&self, mut each: impl FnMut(&Line<'_>) -> bool) -> rusqlite::Result<()> {
        let names: HashMap<i64, String> = tag::Tags(self.0).all()?.into_iter().collect();
        let mut contacts = self.0.prepare(
            "SELECT row, id, name, email, phone, company, source, first_seen, last_seen, conversation_count,
                    page_url, ip_country
               FROM contact ORDER BY row",
        )?;
        // From its index: reading it with the row would cost as much as all the rest.
        let binned: HashSet<ContactRow> = self
            .0
            .prepare("SELECT row FROM contact WHERE binned_at IS NOT NULL")?
            .query_map([], |row| row.get(0))?
            .collect::<Result<_, _>>()?;
        let mut tags = self.0.prepare("SELECT contact, tag FROM contact_tag ORDER BY contact, pos")?;
        let (mut rows, mut tags) = (contacts.query([])?, Ahead::new(tags.query([])?)?);
        let mut joined = String::new();
        while let Some(row) = rows.next()? {
            joined.clear();
            let place = row.get(0)?;
            tags.take(place, |tag| {
                if !joined.is_empty() {
                    joined.push(',');
                }
                joined.push_str(names.get(&tag.get(1)?).map_or("", String::as_str));
                Ok(())
            })?;
            if !binned.is_empty() && binned.contains(&place) {
                continue;
            }
            let text =
                |at: usize| -> rusqlite::Result<&str> { Ok(row.get_ref(at)?.as_str_or_null()?.unwrap_or_default()) };
            let line = Line {
                id: text(1)?,
                name: text(2)?,
                email: text(3)?,
                phone: text(4)?,
                company: text(5)?,
                source: text(6)?,
                first_seen: row.get::<_, Option<i64>>(7)?.map(Millis),
                last_seen: row.get::<_, Option<i64>>(8)?.map(Millis),
                conversation_count: row.get(9)?,
                tags: Cow::Borrowed(&joined),
                page_url: text(10)?,
                ip_country: text(11)?,
            };
            if !each(&line) {
                break;
            }
        }
        Ok(())
    }

    /// Calls `each` with every contact in order of place, until it answers `false`.
    ///
    /// One pass over each table side by side: a look-up per contact would cost
    /// three times as much.
    pub fn scan(&self, mut each: impl FnMut(Stored) -> bool) -> rusqlite::Result<()> {
        let mut contacts = self.0.prepare(&format!("SELECT {COLUMNS} FROM contact ORDER BY row"))?;
        let mut items = self.0.prepare(item::SCAN)?;
        let mut tags = self.0.prepare(tag::SCAN)?;
        let mut links = self.0.prepare(link::SCAN)?;
        let (mut contacts, mut items) = (contacts.query([])?, Ahead::new(items.query([])?)?);
        let (mut tags, mut links) = (Ahead::new(tags.query([])?)?, Ahead::new(links.query([])?)?);
        while let Some(row) = contacts.next()? {
            let mut one = stored(row)?;
            items.take(one.row, |row| item::push(&mut one.contact, row))?;
            tags.take(one.row, |row| {
                one.contact.tags.push(row.get(1)?);
                Ok(())
            })?;
            links.take(one.row, |row| {
                one.contact.links.push(link::read(row, 1)?);
                Ok(())
            })?;
            if !each(one) {
                break;
            }
        }
        Ok(())
    }
}

/// A cursor over a table of parts that waits for its contact to come by.
struct Ahead<'s> {
    rows: rusqlite::Rows<'s>,
    contact: Option<ContactRow>,
}

impl<'s> Ahead<'s> {
    fn new(mut rows: rusqlite::Rows<'s>) -> rusqlite::Result<Self> {
        let contact = rows.next()?.map(|row| row.get(0)).transpose()?;
        Ok(Self { rows, contact })
    }

    fn take(
        &mut self,
        contact: ContactRow,
        mut part: impl FnMut(&Row<'_>) -> rusqlite::Result<()>,
    ) -> rusqlite::Result<()> {
        while self.contact.is_some_and(|at| at <= contact) {
            if self.contact == Some(contact)
                && let Some(row) = self.rows.get_ref_current()
            {
                part(row)?;
            }
            self.contact = self.rows.next()?.map(|row| row.get(0)).transpose()?;
        }
        Ok(())
    }
}

trait Current<'s> {
    fn get_ref_current(&self) -> Option<&Row<'s>>;
}

impl<'s> Current<'s> for rusqlite::Rows<'s> {
    fn get_ref_current(&self) -> Option<&Row<'s>> {
        use rusqlite::fallible_streaming_iterator::FallibleStreamingIterator;
        FallibleStreamingIterator::get(self)
    }
}

fn stored(row: &Row<'_>) -> rusqlite::Result<Stored> {
    let text = |at: usize| -> rusqlite::Result<String> { Ok(row.get::<_, Option<String>>(at)?.unwrap_or_default()) };
    let primary = |at: usize| -> rusqlite::Result<Vec<Item>> {
        let Some(value) = row.get::<_, Option<String>>(at)? else { return Ok(Vec::new()) };
        Ok(vec![Item { value, key: text(at + 1)?, label: text(at + 2)?, address: None }])
    };
    let custom: Option<String> = row.get(30)?;
    let contact = Contact {
        id: ContactId::from_stored(row.get(2)?),
        kind: Kind::parse(row.get_ref(3)?.as_str()?).unwrap_or_default(),
        name: text(4)?,
        name_parts: NameParts {
            given: text(5)?,
            additional: text(6)?,
            family: text(7)?,
            prefix: text(8)?,
            suffix: text(9)?,
        },
        nick: text(10)?,
        description: text(11)?,
        preferences: text(12)?,
        company: text(13)?,
        company_id: row.get::<_, Option<String>>(14)?.map(ContactId::from_stored),
        job_title: text(15)?,
        department: text(16)?,
        emails: primary(17)?,
        phones: primary(20)?,
        source: text(23)?,
        page_url: text(24)?,
        ip_country: text(25)?,
        first_seen: row.get::<_, Option<i64>>(26)?.map(Millis),
        last_seen: row.get::<_, Option<i64>>(27)?.map(Millis),
        conversation_count: row.get(28)?,
        stage: text(29)?,
        custom: match custom {
            Some(json) => serde_json::from_str(&json).map_err(|error| unreadable(30, error))?,
            None => Default::default(),
        },
        metadata: text(31)?,
        created_at: Millis(row.get(32)?),
        updated_at: Millis(row.get(33)?),
        binned_at: row.get::<_, Option<i64>>(34)?.map(Millis),
        ..Contact::default()
    };
    Ok(Stored { row: row.get(0)?, version: row.get(1)?, contact })
}

/// A JSON column that is not JSON.
pub(crate) fn unreadable(column: usize, error: serde_json::Error) -> rusqlite::Error {
    rusqlite::Error::FromSqlConversionFailure(column, rusqlite::types::Type::Text, error.into())
}

/// Writes the contact's own row, new or over the old one.
pub(crate) fn put_row(
    statements: &mut Statements<'_>,
    row: ContactRow,
    version: i64,
    c: &Contact,
    new: bool,
) -> rusqlite::Result<()> {
    let sql = if new {
        const {
            "INSERT INTO contact (row, version, id, kind, name, name_sort, given_name, additional_name, family_name, name_prefix,
            name_suffix, nick, description, preferences, company, company_id, job_title, department, email, email_key,
            email_label, phone, phone_key, phone_label, source, page_url, ip_country, first_seen, last_seen,
            conversation_count, stage, custom, metadata, created_at, updated_at, binned_at)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10,
            ?11, ?12, ?13, ?14, ?15, ?16, ?17, ?18, ?19, ?20,
            ?21, ?22, ?23, ?24, ?25, ?26, ?27, ?28, ?29,
            ?30, ?31, ?32, ?33, ?34, ?35, ?36)"
        }
    } else {
        const {
            "UPDATE contact SET version = ?2, id = ?3, kind = ?4, name = ?5, name_sort = ?6,
            given_name = ?7, additional_name = ?8, family_name = ?9,
            name_prefix = ?10, name_suffix = ?11, nick = ?12, description = ?13,
            preferences = ?14, company = ?15, company_id = ?16, job_title = ?17,
            department = ?18, email = ?19, email_key = ?20, email_label = ?21,
            phone = ?22, phone_key = ?23, phone_label = ?24, source = ?25,
            page_url = ?26, ip_country = ?27, first_seen = ?28, last_seen = ?29,
            conversation_count = ?30, stage = ?31, custom = ?32, metadata = ?33,
            created_at = ?34, updated_at = ?35, binned_at = ?36
          WHERE row = ?1"
        }
    };
    let name_sort = sort::key(&c.name);
    let custom = (!c.custom.is_empty()).then(|| serde_json::to_string(&c.custom).unwrap_or_default());
    let (email, phone) = (c.emails.first(), c.phones.first());
    statements.of(if new { Statement::InsertContact } else { Statement::UpdateContact }, sql)?.execute(params![
        row,
        version,
        c.id.as_str(),
        c.kind.as_str(),
        some(&c.name),
        (!name_sort.is_empty()).then_some(name_sort),
        some(&c.name_parts.given),
        some(&c.name_parts.additional),
        some(&c.name_parts.family),
        some(&c.name_parts.prefix),
        some(&c.name_parts.suffix),
        some(&c.nick),
        some(&c.description),
        some(&c.preferences),
        some(&c.company),
        c.company_id.as_ref().map(ContactId::as_str),
        some(&c.job_title),
        some(&c.department),
        email.map(|i| &i.value),
        email.and_then(|i| some(&i.key)),
        email.and_then(|i| some(&i.label)),
        phone.map(|i| &i.value),
        phone.and_then(|i| some(&i.key)),
        phone.and_then(|i| some(&i.label)),
        c.source,
        some(&c.page_url),
        some(&c.ip_country),
        c.first_seen.map(|t| t.0),
        c.last_seen.map(|t| t.0),
        c.conversation_count,
        some(&c.stage),
        custom,
        some(&c.metadata),
        c.created_at.0,
        c.updated_at.0,
        c.binned_at.map(|t| t.0),
    ])?;
    Ok(())
}

/// Empty text is stored as NULL.
pub(crate) fn some(text: &str) -> Option<&str> {
    (!text.is_empty()).then_some(text)
}
