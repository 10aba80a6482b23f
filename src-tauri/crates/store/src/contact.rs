//! Contacts: one row each, with the primary email and phone; further values,
//! tags and external IDs are in their own tables.

use crate::inventory::{Table, derived, subject};
use crate::{
    ahead::Ahead,
    item, link,
    statements::{Statement, Statements},
    tag,
};
use cardfile_domain::{
    Contact, ContactId, Identity, Item, Kind, Millis, NameParts, StageBy,
    privacy::Privacy::{About, Activity, Contact as Reach, Identifying},
    sort,
};
use rusqlite::{Connection, OptionalExtension, Row, params};

pub(crate) const TABLE: Table = Table {
    name: "contact",
    migrations: &[
        (
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
        ),
        (
            4,
            "ALTER TABLE contact ADD COLUMN tier TEXT;
            ALTER TABLE contact ADD COLUMN identity TEXT; -- anonymous or verified; NULL: identified
            ALTER TABLE contact ADD COLUMN verified_at INTEGER;
            ALTER TABLE contact ADD COLUMN verified_by TEXT",
        ),
        (
            6,
            "ALTER TABLE contact ADD COLUMN stage_by TEXT; -- hand; NULL: a rule
            ALTER TABLE contact ADD COLUMN stage_since INTEGER;
            ALTER TABLE contact ADD COLUMN archived_at INTEGER;
            UPDATE contact SET stage_by = 'hand' WHERE stage IS NOT NULL",
        ),
    ],
    lookups: &[
        ("contact_email", "CREATE INDEX contact_email ON contact (email_key) WHERE email_key IS NOT NULL"),
        ("contact_phone", "CREATE INDEX contact_phone ON contact (phone_key) WHERE phone_key IS NOT NULL"),
        ("contact_name", "CREATE INDEX contact_name ON contact (name_sort)"),
        ("contact_last_seen", "CREATE INDEX contact_last_seen ON contact (last_seen)"),
        ("contact_binned", "CREATE INDEX contact_binned ON contact (binned_at) WHERE binned_at IS NOT NULL"),
        (
            "contact_archived",
            "CREATE INDEX contact_archived ON contact (archived_at, binned_at, identity) WHERE archived_at IS NOT NULL",
        ),
        ("contact_visitor", "CREATE INDEX contact_visitor ON contact (last_seen) WHERE identity = 'anonymous'"),
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
        subject("tier", About),
        subject("identity", Identifying),
        subject("verified_at", Activity),
        subject("verified_by", Activity),
        subject("stage_by", About),
        subject("stage_since", Activity),
        subject("archived_at", Activity),
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

const COLUMNS: &str =
    "row, version, id, kind, name, given_name, additional_name, family_name, name_prefix, name_suffix,
    nick, description, preferences, company, company_id, job_title, department,
    email, email_key, email_label, phone, phone_key, phone_label, source, page_url, ip_country,
    first_seen, last_seen, conversation_count, stage, custom, metadata, created_at, updated_at, binned_at,
    tier, identity, verified_at, verified_by, stage_by, stage_since, archived_at";

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

    /// Number of the latest change of the contact at `row`.
    pub fn version_of(&self, row: ContactRow) -> rusqlite::Result<Option<i64>> {
        self.0
            .prepare_cached("SELECT version FROM contact WHERE row = ?1")?
            .query_row([row], |row| row.get(0))
            .optional()
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

    /// The oldest contact outside the bin with this name at a platform.
    pub fn row_of_handle(&self, platform: &str, handle: &str) -> rusqlite::Result<Option<ContactRow>> {
        self.0
            .prepare_cached(
                "SELECT min(c.row) FROM contact_item i JOIN contact c ON c.row = i.contact
                  WHERE i.field = 'handle' AND i.value = ?2 AND ifnull(i.label, '') = ?1 AND c.binned_at IS NULL",
            )?
            .query_row([platform, handle], |row| row.get(0))
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

    /// How many visitors there are outside the bin. They are not counted as contacts.
    pub fn count_visitors(&self) -> rusqlite::Result<u32> {
        self.0
            .prepare_cached("SELECT count(*) FROM contact WHERE identity = 'anonymous' AND binned_at IS NULL")?
            .query_row([], |row| row.get(0))
    }

    /// How many contacts are in the archive, those in the bin and visitors left out.
    pub fn count_archived(&self) -> rusqlite::Result<u32> {
        self.0
            .prepare_cached(
                "SELECT count(*) FROM contact
                  WHERE archived_at IS NOT NULL AND binned_at IS NULL AND identity IS NOT 'anonymous'",
            )?
            .query_row([], |row| row.get(0))
    }

    /// Contacts that are in the bin since before a moment.
    pub fn binned_before(&self, at: Millis) -> rusqlite::Result<Vec<ContactRow>> {
        self.0
            .prepare_cached("SELECT row FROM contact WHERE binned_at < ?1 ORDER BY row")?
            .query_map([at.0], |row| row.get(0))?
            .collect()
    }

    /// Visitors outside the bin that were last seen before a moment.
    pub fn visitors_before(&self, at: Millis) -> rusqlite::Result<Vec<ContactRow>> {
        self.0
            .prepare_cached(
                "SELECT row FROM contact WHERE identity = 'anonymous' AND binned_at IS NULL
                    AND ifnull(last_seen, created_at) < ?1 ORDER BY row",
            )?
            .query_map([at.0], |row| row.get(0))?
            .collect()
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
            .prepare_cached(
                "SELECT row FROM contact WHERE binned_at IS NULL AND archived_at IS NULL AND identity IS NOT 'anonymous' ORDER BY row LIMIT ?1",
            )?
            .query_map([limit], |row| row.get(0))?
            .collect()
    }

    /// The places of the contacts outside the bin that were seen last, at most `limit`.
    pub fn rows_seen_last(&self, limit: u32) -> rusqlite::Result<Vec<ContactRow>> {
        self.0
            .prepare_cached(
                "SELECT row FROM contact WHERE binned_at IS NULL AND archived_at IS NULL AND identity IS NOT 'anonymous'
                  ORDER BY last_seen DESC, row DESC LIMIT ?1",
            )?
            .query_map([limit], |row| row.get(0))?
            .collect()
    }

    /// The places of contacts whose id begins with this text, at most `limit`.
    pub fn rows_of_id_prefix(&self, prefix: &str, limit: u32) -> rusqlite::Result<Vec<ContactRow>> {
        self.0
            .prepare_cached("SELECT row FROM contact WHERE id >= ?1 AND id < ?1 || '~' ORDER BY row LIMIT ?2")?
            .query_map(params![prefix, limit], |row| row.get(0))?
            .collect()
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
        tier: text(35)?,
        identity: row.get_ref(36)?.as_str_or_null()?.and_then(Identity::parse).unwrap_or_default(),
        verified_at: row.get::<_, Option<i64>>(37)?.map(Millis),
        verified_by: text(38)?,
        stage_by: match row.get_ref(39)?.as_str_or_null()? {
            Some("hand") => StageBy::Hand,
            _ => StageBy::Rule,
        },
        stage_since: row.get::<_, Option<i64>>(40)?.map(Millis),
        archived_at: row.get::<_, Option<i64>>(41)?.map(Millis),
        ..Contact::default()
    };
    Ok(Stored { row: row.get(0)?, version: row.get(1)?, contact })
}

/// A JSON column that is not JSON.
pub(crate) fn unreadable(column: usize, error: serde_json::Error) -> rusqlite::Error {
    rusqlite::Error::FromSqlConversionFailure(column, rusqlite::types::Type::Text, error.into())
}

/// How a row is written.
enum Write {
    Insert,
    /// Over the old row, and in every index.
    Update,
    /// Nothing that an index knows changed: no index is touched. SQLite would write
    /// them all anew, each in another place of the file.
    UpdateUnindexed,
}

impl Write {
    fn of(before: Option<&Contact>, after: &Contact) -> Self {
        let Some(before) = before else { return Self::Insert };
        let key = |items: &[Item]| items.first().map(|item| item.key.clone());
        let same = before.id == after.id
            && before.name == after.name
            && key(&before.emails) == key(&after.emails)
            && key(&before.phones) == key(&after.phones)
            && before.last_seen == after.last_seen
            && before.binned_at == after.binned_at
            && before.archived_at == after.archived_at
            && before.identity == after.identity;
        if same { Self::UpdateUnindexed } else { Self::Update }
    }
}

/// Version and time of the last change.
pub(crate) fn version(statements: &mut Statements<'_>, row: ContactRow) -> rusqlite::Result<Option<(i64, Millis)>> {
    let sql = "SELECT version, updated_at FROM contact WHERE row = ?1";
    statements
        .of(Statement::ReadVersion, sql)?
        .query_row([row], |found| Ok((found.get(0)?, Millis(found.get(1)?))))
        .optional()
}

/// Writes only the version and the time of a change.
pub(crate) fn put_time(
    statements: &mut Statements<'_>,
    row: ContactRow,
    version: i64,
    at: Millis,
) -> rusqlite::Result<()> {
    let sql = "UPDATE contact SET version = ?2, updated_at = ?3 WHERE row = ?1";
    statements.of(Statement::TouchContact, sql)?.execute(params![row, version, at.0])?;
    Ok(())
}

/// Writes the contact's own row, new or over the old one.
pub(crate) fn put_row(
    statements: &mut Statements<'_>,
    row: ContactRow,
    version: i64,
    c: &Contact,
    before: Option<&Contact>,
) -> rusqlite::Result<()> {
    let write = Write::of(before, c);
    let sql = match write {
        Write::Insert => {
            const {
                "INSERT INTO contact (row, version, id, kind, name, name_sort, given_name, additional_name, family_name, name_prefix,
            name_suffix, nick, description, preferences, company, company_id, job_title, department, email, email_key,
            email_label, phone, phone_key, phone_label, source, page_url, ip_country, first_seen, last_seen,
            conversation_count, stage, custom, metadata, created_at, updated_at, binned_at,
            tier, identity, verified_at, verified_by, archived_at, stage_by, stage_since)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10,
            ?11, ?12, ?13, ?14, ?15, ?16, ?17, ?18, ?19, ?20,
            ?21, ?22, ?23, ?24, ?25, ?26, ?27, ?28, ?29,
            ?30, ?31, ?32, ?33, ?34, ?35, ?36, ?37, ?38, ?39, ?40,
            ?41, ?42, ?43)"
            }
        }
        Write::UpdateUnindexed => {
            const {
                "UPDATE contact SET version = ?2, kind = ?4,
            given_name = ?7, additional_name = ?8, family_name = ?9,
            name_prefix = ?10, name_suffix = ?11, nick = ?12, description = ?13,
            preferences = ?14, company = ?15, company_id = ?16, job_title = ?17,
            department = ?18, email = ?19, email_label = ?21,
            phone = ?22, phone_label = ?24, source = ?25,
            page_url = ?26, ip_country = ?27, first_seen = ?28,
            conversation_count = ?30, stage = ?31, custom = ?32, metadata = ?33,
            created_at = ?34, updated_at = ?35,
            tier = ?37, verified_at = ?39, verified_by = ?40, stage_by = ?42, stage_since = ?43
          WHERE row = ?1"
            }
        }
        Write::Update => {
            const {
                "UPDATE contact SET version = ?2, id = ?3, kind = ?4, name = ?5, name_sort = ?6,
            given_name = ?7, additional_name = ?8, family_name = ?9,
            name_prefix = ?10, name_suffix = ?11, nick = ?12, description = ?13,
            preferences = ?14, company = ?15, company_id = ?16, job_title = ?17,
            department = ?18, email = ?19, email_key = ?20, email_label = ?21,
            phone = ?22, phone_key = ?23, phone_label = ?24, source = ?25,
            page_url = ?26, ip_country = ?27, first_seen = ?28, last_seen = ?29,
            conversation_count = ?30, stage = ?31, custom = ?32, metadata = ?33,
            created_at = ?34, updated_at = ?35, binned_at = ?36,
            tier = ?37, identity = ?38, verified_at = ?39, verified_by = ?40,
            archived_at = ?41, stage_by = ?42, stage_since = ?43
          WHERE row = ?1"
            }
        }
    };
    let which = match write {
        Write::Insert => Statement::InsertContact,
        Write::Update => Statement::UpdateContact,
        Write::UpdateUnindexed => Statement::UpdateContactUnindexed,
    };
    let name_sort = sort::key(&c.name);
    let custom = (!c.custom.is_empty()).then(|| serde_json::to_string(&c.custom).unwrap_or_default());
    let (email, phone) = (c.emails.first(), c.phones.first());
    statements.of(which, sql)?.execute(params![
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
        some(&c.tier),
        (c.identity != Identity::Identified).then(|| c.identity.as_str()),
        c.verified_at.map(|t| t.0),
        some(&c.verified_by),
        c.archived_at.map(|t| t.0),
        (c.stage_by == StageBy::Hand).then(|| c.stage_by.as_str()),
        c.stage_since.map(|t| t.0),
    ])?;
    Ok(())
}

/// Empty text is stored as NULL.
pub(crate) fn some(text: &str) -> Option<&str> {
    (!text.is_empty()).then_some(text)
}
