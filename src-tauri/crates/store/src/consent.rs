//! The ledger of consents: what contacts said of purposes. Rows are added and go with
//! their contact; there is no statement here that changes one.

use crate::{
    contact::{ContactRow, Contacts},
    error::StoreError,
    inventory::{Table, derived, subject},
    part::{
        Parent, PartTable, Parts,
        Shape::{Flag, Number, Text},
    },
    write::Tx,
};
use cardfile_domain::{
    PartKind,
    consent::{self, Consent},
    privacy::Privacy::{About, Activity, Identifying},
};
use rusqlite::Connection;

pub(crate) const TABLE: Table = Table {
    name: "consent",
    migrations: &[(
        11,
        "CREATE TABLE consent (
            part INTEGER PRIMARY KEY,            -- never used twice, over all kinds of parts
            contact INTEGER NOT NULL REFERENCES contact (row) ON DELETE CASCADE,
            version INTEGER NOT NULL,           -- latest change of this part
            id TEXT NOT NULL UNIQUE,
            purpose TEXT NOT NULL,              -- key of the purpose
            given INTEGER NOT NULL CHECK (given IN (0, 1)),
            wording INTEGER NOT NULL,           -- version of the text that was shown; 0: not known
            sha256 TEXT NOT NULL,               -- of that text
            channel TEXT NOT NULL,
            proof TEXT NOT NULL,
            author TEXT NOT NULL,
            at INTEGER NOT NULL,
            created_at INTEGER NOT NULL
        ) STRICT;
        -- What programs told before there was a ledger stood in the metadata alone.
        INSERT INTO consent (part, contact, version, id, purpose, given, wording, sha256, channel, proof, author, at,
                             created_at)
        SELECT (SELECT next FROM counter WHERE name = 'part') - 1 + row_number() OVER (ORDER BY row, purpose),
               row, version, 'con_' || substr(lower(hex(randomblob(16))), 1, 26), purpose, given, 0, '', 'metadata',
               '', 'cardfile', ifnull(unixepoch(metadata ->> '$.consent_at'), updated_at / 1000) * 1000, updated_at
          FROM (SELECT row, version, metadata, updated_at, 'contact' AS purpose,
                       metadata ->> '$.consent_given' = 1 AS given
                  FROM contact
                 WHERE CASE WHEN json_valid(metadata) THEN json_type(metadata, '$.consent_given') END
                       IN ('true', 'false')
                UNION ALL
                SELECT c.row, c.version, c.metadata, c.updated_at, word.value, 1
                  FROM contact c, json_each(iif(json_valid(c.metadata), c.metadata, '{}'), '$.consents') word
                 WHERE c.metadata LIKE '%consents%' AND word.type = 'text' AND word.value NOT IN ('', 'contact'));
        UPDATE counter SET next = max(next, ifnull((SELECT max(part) + 1 FROM consent), 1)) WHERE name = 'part'",
    )],
    lookups: &[("consent_contact", "CREATE INDEX consent_contact ON consent (contact)")],
    columns: &[
        derived("part"),
        derived("contact"),
        derived("version"),
        subject("id", Identifying),
        subject("purpose", About),
        subject("given", About),
        subject("wording", About),
        subject("sha256", About),
        subject("channel", Activity),
        subject("proof", About),
        subject("author", About),
        subject("at", Activity),
        subject("created_at", Activity),
    ],
};

pub(crate) const PART: PartTable = PartTable {
    kind: PartKind::Consent,
    table: &TABLE,
    parent: Parent::Contact,
    fields: &[
        ("id", Text),
        ("purpose", Text),
        ("given", Flag),
        ("wording", Number),
        ("sha256", Text),
        ("channel", Text),
        ("proof", Text),
        ("author", Text),
        ("at", Number),
        ("created_at", Number),
    ],
};

/// Reads.
pub struct Consents<'c>(pub(crate) &'c Connection);

impl Consents<'_> {
    /// All that a contact said, in the order it was written down.
    pub fn of(&self, contact: ContactRow) -> rusqlite::Result<Vec<Consent>> {
        Ok(Parts(self.0).of::<Consent>(contact.into())?.into_iter().map(|stored| stored.value).collect())
    }

    /// Calls `each` with what every contact last said of every purpose.
    pub fn each_last(&self, mut each: impl FnMut(ContactRow, &str, bool)) -> rusqlite::Result<()> {
        let mut statement =
            self.0.prepare_cached("SELECT contact, purpose, given FROM consent ORDER BY contact, purpose, at, part")?;
        let mut rows = statement.query([])?;
        let mut last: Option<(ContactRow, String, bool)> = None;
        while let Some(row) = rows.next()? {
            let (contact, purpose, given) = (row.get(0)?, row.get_ref(1)?.as_str()?, row.get(2)?);
            match &mut last {
                Some((known, of, said)) if *known == contact && of.as_str() == purpose => *said = given,
                other => {
                    if let Some((contact, purpose, given)) = other.replace((contact, purpose.to_owned(), given)) {
                        each(contact, &purpose, given);
                    }
                }
            }
        }
        if let Some((contact, purpose, given)) = last {
            each(contact, &purpose, given);
        }
        Ok(())
    }

    /// How many last said yes to each purpose, and how many no.
    pub fn count(&self) -> rusqlite::Result<Vec<(String, u32, u32)>> {
        let mut counts: Vec<(String, u32, u32)> = Vec::new();
        self.each_last(|_, purpose, given| {
            let place = counts.iter().position(|(known, ..)| known == purpose).unwrap_or_else(|| {
                counts.push((purpose.to_owned(), 0, 0));
                counts.len() - 1
            });
            if given {
                counts[place].1 += 1;
            } else {
                counts[place].2 += 1;
            }
        })?;
        Ok(counts)
    }
}

/// The metadata of a contact with what the ledger says.
pub(crate) fn mirrored(db: &Connection, contact: ContactRow, metadata: &str) -> rusqlite::Result<String> {
    Ok(consent::mirror(metadata, &Consents(db).of(contact)?))
}

impl Tx<'_> {
    /// Writes down what a contact said, and mirrors it. `false` when exactly that was
    /// written down already.
    pub fn say_consent(&mut self, contact: ContactRow, said: &Consent) -> Result<bool, StoreError> {
        let is_new = self.keep_consent(contact, said)?;
        self.mirror_consents(contact)?;
        Ok(is_new)
    }

    /// The ledger alone; who calls it mirrors with what else it changes of the contact.
    pub fn keep_consent(&mut self, contact: ContactRow, said: &Consent) -> Result<bool, StoreError> {
        let is_known = Consents(self.db).of(contact)?.iter().any(|known| {
            (&known.purpose, known.given, known.at, known.wording) == (&said.purpose, said.given, said.at, said.wording)
        });
        if is_known {
            return Ok(false);
        }
        let author = if said.author.is_empty() { self.op().actor.clone() } else { said.author.clone() };
        // What was said in the future would hold against all that is said before.
        let at = if said.at.0 == 0 { self.now() } else { said.at.min(self.now()) };
        self.add_part(Some(contact.into()), &Consent { id: String::new(), author, at, ..said.clone() })?;
        Ok(true)
    }

    /// Puts what the ledger says into the metadata of a contact.
    pub fn mirror_consents(&mut self, contact: ContactRow) -> Result<bool, StoreError> {
        let Some(before) = Contacts(self.db).get(contact)? else { return Ok(false) };
        let metadata = mirrored(self.db, contact, &before.contact.metadata)?;
        if metadata == before.contact.metadata {
            return Ok(false);
        }
        let after = cardfile_domain::Contact { metadata, ..before.contact.clone() };
        self.update(&before, after)
    }
}
