//! Whose data is where: the cards of a person by anything that names them, also cards that are
//! gone and stand in the log only, and everything that belongs to them.

use crate::{
    change::{Action, Change, Changes, Entity},
    contact::{ContactRow, Contacts, unreadable},
    key_use::KeyUse,
    keyslots::hex,
    person::removed_like,
    store::Store,
};
use cardfile_domain::{
    Contact, Millis, PartKind,
    suppression::{Mark, marks},
};
use hmac::{Hmac, KeyInit, Mac};
use rusqlite::{Connection, OptionalExtension, params};
use serde_json::Value;
use sha2::Sha256;
use std::collections::BTreeSet;

/// A person, as far as the workspace knows one.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Subject {
    /// Places of their cards.
    pub cards: Vec<ContactRow>,
    /// Places of cards that became part of these, or that are gone and were named or known by the same.
    pub former: Vec<ContactRow>,
    /// The ids of all these.
    pub ids: Vec<String>,
    /// Changes of the log that are about them, ascending.
    pub changes: Vec<i64>,
    /// Exports in which they were; the caller knows which.
    pub exports: Vec<i64>,
    /// Texts that name them, in small letters.
    pub naming: Vec<String>,
}

/// Reads.
pub struct Subjects<'c>(pub(crate) &'c Connection);

impl Subjects<'_> {
    /// Contacts with this email key in any of their emails, in a payment account, in the bin too.
    pub fn with_email(&self, key: &str) -> rusqlite::Result<Vec<ContactRow>> {
        self.rows(
            "SELECT row FROM contact WHERE email_key = ?1
             UNION SELECT contact FROM contact_item WHERE key = ?1 AND field = 'email'
             UNION SELECT contact FROM payment_account WHERE lower(email) = ?1",
            key,
        )
    }

    /// Contacts with this phone key in any of their phones.
    pub fn with_phone(&self, key: &str) -> rusqlite::Result<Vec<ContactRow>> {
        self.rows(
            "SELECT row FROM contact WHERE phone_key = ?1
             UNION SELECT contact FROM contact_item WHERE key = ?1 AND field = 'phone'",
            key,
        )
    }

    /// Contacts with this name at any platform, or this account at a payment provider.
    pub fn with_handle(&self, handle: &str) -> rusqlite::Result<Vec<ContactRow>> {
        self.rows(
            "SELECT contact FROM contact_item WHERE field = 'handle' AND value = ?1
             UNION SELECT contact FROM payment_account WHERE account = ?1",
            handle,
        )
    }

    fn rows(&self, sql: &str, value: &str) -> rusqlite::Result<Vec<ContactRow>> {
        self.0.prepare_cached(&format!("{sql} ORDER BY 1"))?.query_map([value], |row| row.get(0))?.collect()
    }

    /// Cards that are gone and whose last state says this text: what the log keeps of a bin that
    /// was emptied, until it is erased.
    pub fn gone(&self, text: &str) -> rusqlite::Result<Vec<(ContactRow, Contact)>> {
        let mut statement = self.0.prepare_cached(
            "SELECT row, body FROM change
              WHERE action = 2 AND entity = 0 AND instr(lower(body), lower(?1)) > 0
                AND NOT EXISTS (SELECT 1 FROM contact WHERE contact.row = change.row)
              ORDER BY row, seq",
        )?;
        let mut rows = statement.query([text])?;
        let mut found: Vec<(ContactRow, Contact)> = Vec::new();
        while let Some(row) = rows.next()? {
            let place: ContactRow = row.get(0)?;
            let contact = serde_json::from_str(row.get_ref(1)?.as_str()?).map_err(|error| unreadable(1, error))?;
            // Who went twice is told as it went last.
            found.retain(|(known, _)| *known != place);
            found.push((place, contact));
        }
        Ok(found)
    }

    /// Calls `each` with the id of every card that is gone and of which the log still says who
    /// it was, and with when it was made.
    pub fn each_gone(&self, mut each: impl FnMut(&str, Millis)) -> rusqlite::Result<()> {
        let mut statement = self.0.prepare_cached(
            "SELECT nullif(body, '') ->> '$.id', ifnull(nullif(body, '') ->> '$.created_at', 0) FROM change
              WHERE action = 2 AND entity = 0 AND nullif(body, '') ->> '$.id' IS NOT NULL
                AND NOT EXISTS (SELECT 1 FROM contact WHERE contact.row = change.row)
              ORDER BY seq",
        )?;
        let mut rows = statement.query([])?;
        while let Some(row) = rows.next()? {
            each(row.get_ref(0)?.as_str()?, Millis(row.get(1)?));
        }
        Ok(())
    }

    /// All cards that are gone: what the log says of each last, nothing once it was erased, and
    /// when it went.
    pub fn all_gone(&self) -> rusqlite::Result<Vec<(ContactRow, Option<Contact>, Millis)>> {
        let mut statement = self.0.prepare_cached(
            "SELECT c.row, c.body, o.at FROM change c JOIN operation o ON o.op = c.op
              WHERE c.action = 2 AND c.entity = 0
                AND NOT EXISTS (SELECT 1 FROM contact WHERE contact.row = c.row)
              ORDER BY c.row, c.seq",
        )?;
        let mut rows = statement.query([])?;
        let mut found: Vec<(ContactRow, Option<Contact>, Millis)> = Vec::new();
        while let Some(row) = rows.next()? {
            let place: ContactRow = row.get(0)?;
            let body: Option<String> = row.get(1)?;
            let contact = body.and_then(|body| serde_json::from_str(&body).ok());
            // Who went twice is told as it went last.
            found.pop_if(|(known, ..)| *known == place);
            found.push((place, contact, Millis(row.get(2)?)));
        }
        Ok(found)
    }

    /// A card that is gone, as it was last; nothing once the log says nothing of it any more.
    pub fn last_of(&self, row: ContactRow) -> rusqlite::Result<Option<Contact>> {
        Ok(self.last_state(row)?.1)
    }

    /// Everything that belongs to a person with these cards.
    pub fn of(&self, cards: &[ContactRow]) -> rusqlite::Result<Subject> {
        let mut subject = Subject::default();
        let (mut waiting, mut met): (Vec<ContactRow>, BTreeSet<ContactRow>) = (cards.to_vec(), BTreeSet::new());
        let (mut changes, mut talks) = (BTreeSet::new(), BTreeSet::new());
        let (mut ids, mut naming, mut known_by) = (BTreeSet::new(), BTreeSet::new(), BTreeSet::new());
        while let Some(row) = self.next_of(&mut waiting, &met, &known_by)? {
            if !met.insert(row) {
                continue;
            }
            let (last, contact) = match Contacts(self.0).get(row)? {
                Some(stored) => {
                    subject.cards.push(row);
                    (Some(stored.version), Some(stored.contact))
                }
                None => {
                    subject.former.push(row);
                    self.last_state(row)?
                }
            };
            if let Some(contact) = contact {
                naming.extend(names_of(&contact));
                known_by.extend(marks(&contact));
                ids.insert(contact.id.to_string());
            }
            let mut next = last;
            while let Some(change) = next.map(|seq| Changes(self.0).get(seq)).transpose()?.flatten() {
                waiting.extend(self.became_part(&change, row)?);
                if change.entity == Entity::Part(PartKind::Conversation) {
                    talks.insert(change.row);
                }
                changes.insert(change.seq);
                next = change.prev;
            }
        }
        subject.cards.sort_unstable();
        subject.former.sort_unstable();
        self.add_inner(&subject, &talks, &mut changes)?;
        subject.changes = changes.into_iter().collect();
        subject.ids = ids.into_iter().collect();
        subject.naming = naming.into_iter().collect();
        Ok(subject)
    }

    /// The next card that waits; when none does, a removed one that was known by the same, as an
    /// erasure takes it too.
    fn next_of(
        &self,
        waiting: &mut Vec<ContactRow>,
        met: &BTreeSet<ContactRow>,
        known_by: &BTreeSet<Mark>,
    ) -> rusqlite::Result<Option<ContactRow>> {
        if waiting.is_empty() {
            for place in removed_like(self.0, known_by)? {
                let Ok(row) = ContactRow::try_from(place) else { continue };
                if !met.contains(&row) && Contacts(self.0).get(row)?.is_none() {
                    waiting.push(row);
                }
            }
        }
        Ok(waiting.pop())
    }

    /// What the log says last of a card that is gone: the number of that change, and the card.
    fn last_state(&self, row: ContactRow) -> rusqlite::Result<(Option<i64>, Option<Contact>)> {
        let found: Option<(i64, Option<String>)> = self
            .0
            .prepare_cached(
                "SELECT seq, body FROM change WHERE action = 2 AND entity = 0 AND row = ?1 ORDER BY seq DESC LIMIT 1",
            )?
            .query_row([row], |row| Ok((row.get(0)?, row.get(1)?)))
            .optional()?;
        let Some((seq, body)) = found else { return Ok((None, None)) };
        let contact = body.map(|json| serde_json::from_str(&json)).transpose().map_err(|error| unreadable(1, error))?;
        Ok((Some(seq), contact))
    }

    /// Cards that became part of the one that a change is about: a part that came from another
    /// card which is gone, or a card that was removed right before, by the same operation, to give
    /// this one its values.
    fn became_part(&self, change: &Change, row: ContactRow) -> rusqlite::Result<Vec<ContactRow>> {
        if change.action != Action::Update {
            return Ok(Vec::new());
        }
        let from = match change.entity {
            Entity::Part(_) => {
                let body: Value = serde_json::from_str(&change.body).unwrap_or_default();
                body["parent"][0].as_i64().and_then(|from| ContactRow::try_from(from).ok())
            }
            Entity::Contact => Changes(self.0)
                .get(change.seq - 1)?
                .filter(|before| {
                    before.op == change.op && before.entity == Entity::Contact && before.action == Action::Delete
                })
                .and_then(|before| ContactRow::try_from(before.row).ok()),
            Entity::Tag | Entity::CustomField => None,
        };
        let Some(from) = from.filter(|from| *from != row) else { return Ok(Vec::new()) };
        // One that is here is somebody else: the two were taken apart again.
        let is_gone = Contacts(self.0).version_of(from)?.is_none();
        Ok(if is_gone { vec![from] } else { Vec::new() })
    }

    /// Changes of what is inside of a part: messages of conversations, files of spaces.
    fn add_inner(
        &self,
        subject: &Subject,
        gone_talks: &BTreeSet<i64>,
        changes: &mut BTreeSet<i64>,
    ) -> rusqlite::Result<()> {
        let cards = serde_json::to_string(&subject.cards).unwrap_or_default();
        let mut versions: Vec<i64> = Vec::new();
        let mut parents: BTreeSet<i64> = gone_talks.clone();
        for (sql, is_parent) in [
            (
                "SELECT m.version FROM message m JOIN conversation v ON v.part = m.conversation
                  WHERE v.contact IN (SELECT value FROM json_each(?1))",
                false,
            ),
            (
                "SELECT f.version FROM file f JOIN space s ON s.part = f.space JOIN placement p ON p.space = s.id
                  WHERE p.contact IN (SELECT value FROM json_each(?1))",
                false,
            ),
            ("SELECT part FROM conversation WHERE contact IN (SELECT value FROM json_each(?1))", true),
            (
                "SELECT s.part FROM space s JOIN placement p ON p.space = s.id
                  WHERE p.contact IN (SELECT value FROM json_each(?1))",
                true,
            ),
        ] {
            let mut statement = self.0.prepare_cached(sql)?;
            for found in statement.query_map([&cards], |row| row.get::<_, i64>(0))? {
                if is_parent {
                    parents.insert(found?);
                } else {
                    versions.push(found?);
                }
            }
        }
        // Those that were taken out again.
        let parents = serde_json::to_string(&parents).unwrap_or_default();
        let mut statement = self.0.prepare_cached(
            "SELECT seq FROM change
              WHERE action = 2 AND entity IN (?2, ?3) AND body ->> 'parent' IN (SELECT value FROM json_each(?1))",
        )?;
        let kinds = (PartKind::Message as i64, PartKind::File as i64);
        for found in statement.query_map(params![parents, kinds.0, kinds.1], |row| row.get(0))? {
            versions.push(found?);
        }
        for version in versions {
            let mut next = Some(version);
            while let Some(change) = next.map(|seq| Changes(self.0).get(seq)).transpose()?.flatten() {
                if !changes.insert(change.seq) {
                    break;
                }
                next = change.prev;
            }
        }
        Ok(())
    }
}

/// Texts by which a record elsewhere is recognised as this person's: their addresses as they were
/// typed and as they are compared, and ids at remotes, where they are long enough to mean nobody
/// else.
fn names_of(contact: &Contact) -> Vec<String> {
    const SHORTEST: usize = 6;
    let items = contact.emails.iter().chain(&contact.phones).flat_map(|item| [&item.value, &item.key]);
    let ids = contact.links.iter().map(|link| &link.external_id);
    items.chain(ids).filter(|text| text.chars().count() >= SHORTEST).map(|text| text.to_lowercase()).collect()
}

impl Store {
    /// What to call a person where nobody may read who it is: the same for the same text in this
    /// workspace, also after it got another key, and nothing that could be worked back.
    pub fn pseudonym(&self, text: &str) -> String {
        let mut mac = <Hmac<Sha256> as KeyInit>::new_from_slice(&*self.suppressor().derive(KeyUse::Pseudonyms))
            .expect("HMAC takes a key of any length");
        mac.update(text.as_bytes());
        hex(&mac.finalize().into_bytes()[..8])
    }
}
