//! The cards of a person: the chains of changes of those that are here, of those that became
//! part of them, and of removed ones that were known by the same.

use super::{Person, parts};
use crate::{
    change::{Action, Change, Changes, Entity},
    contact::{ContactRow, Contacts},
    link::Links,
    operation::{OpKind, OperationRow, Operations},
};
use cardfile_domain::{
    Contact, Item, Link, PartKind, Patch,
    suppression::{Mark, MarkKind, marks},
};
use rusqlite::{Connection, OptionalExtension};
use serde_json::Value;
use std::collections::{BTreeSet, HashSet};

/// Changes of one merge, at most.
const MOST: usize = 1_000_000;
/// Fields by which a contact is known.
const KNOWN_BY: [&str; 6] = ["name", "nick", "email", "phone", "handle", "external_id"];

/// A search under way.
pub(super) struct Search<'c> {
    pub(super) db: &'c Connection,
    pub(super) person: Person,
    /// Parts that the chains tell of; not all of them are the person's any more.
    pub(super) met: HashSet<(PartKind, i64)>,
    /// Spaces that stand, or stood, on the cards.
    pub(super) spaces: BTreeSet<String>,
    /// Operations that did something to the cards or their parts.
    pub(super) operations: BTreeSet<i64>,
    /// What cards said once and do not say any more. It may be somebody else's by now.
    said_once: BTreeSet<Mark>,
    /// Operations that were looked at.
    looked_at: BTreeSet<i64>,
    /// Cards that may have become part of one of these, and by which operation.
    joined: BTreeSet<(i64, i64)>,
}

pub(super) fn search(db: &Connection, cards: &[ContactRow]) -> rusqlite::Result<Person> {
    let mut search = Search {
        db,
        person: Person::default(),
        met: HashSet::new(),
        spaces: BTreeSet::new(),
        operations: BTreeSet::new(),
        said_once: BTreeSet::new(),
        looked_at: BTreeSet::new(),
        joined: BTreeSet::new(),
    };
    for row in cards {
        match Contacts(db).get(*row)? {
            Some(stored) => {
                search.person.cards.push(*row);
                search.learn(&stored.contact);
                search.walk(Some(stored.version))?;
            }
            // Only the log knows it any more.
            None => search.add_removed((*row).into())?,
        }
    }
    search.removed_cards()?;
    search.keep_what_is_theirs()?;
    parts::find(&mut search)?;
    Ok(search.person)
}

impl Search<'_> {
    fn learn(&mut self, contact: &Contact) {
        self.person.marks.extend(marks(contact));
        self.person.needles.learn(contact);
        let id = contact.id.as_str();
        if !id.is_empty() {
            self.person.ids.insert(id.to_owned());
        }
    }

    /// Takes the chain of a card from its latest change back.
    fn walk(&mut self, mut next: Option<i64>) -> rusqlite::Result<()> {
        while let Some(change) = next.map(|seq| Changes(self.db).get(seq)).transpose()?.flatten() {
            next = change.prev;
            self.person.changes.insert(change.seq);
            self.operations.insert(change.op);
            match change.entity {
                Entity::Contact => {
                    self.learn_from(&change);
                    self.see_what_went_before(&change)?;
                }
                Entity::Part(kind) => {
                    self.met.insert((kind, change.row));
                    match change.action {
                        Action::Insert => {}
                        Action::Update => self.see_where_it_was(&change),
                        Action::Delete => self.learn_of_part(kind, &change.body),
                    }
                }
                Entity::Tag | Entity::CustomField => {}
            }
        }
        Ok(())
    }

    /// A card that becomes part of another is removed right before its values join it.
    fn see_what_went_before(&mut self, change: &Change) -> rusqlite::Result<()> {
        if change.action == Action::Update
            && let Some(before) = Changes(self.db).get(change.seq - 1)?
            && before.op == change.op
            && before.entity == Entity::Contact
            && before.action == Action::Delete
        {
            self.joined.insert((before.row, before.op));
        }
        Ok(())
    }

    /// And its parts move before that.
    fn see_where_it_was(&mut self, change: &Change) {
        if !change.body.contains("\"parent\"") {
            return;
        }
        let body: Value = serde_json::from_str(&change.body).unwrap_or_default();
        self.joined.extend(body["parent"][0].as_i64().map(|from| (from, change.op)));
    }

    fn learn_from(&mut self, change: &Change) {
        match change.action {
            Action::Insert => {}
            Action::Delete => {
                if let Ok(contact) = serde_json::from_str::<Contact>(&change.body) {
                    self.learn(&contact);
                }
            }
            Action::Update => {
                for field in Patch::from_json(&change.body).unwrap_or_default().0 {
                    for value in [field.old, field.new] {
                        let mut said = Contact::default();
                        if KNOWN_BY.contains(&field.field.as_str()) && said.set_value(&field.field, value) {
                            self.said_once.extend(marks(&said));
                            self.person.needles.learn(&said);
                        }
                    }
                }
            }
        }
    }

    /// What a removed part said by which the person is known.
    fn learn_of_part(&mut self, kind: PartKind, body: &str) {
        let body: Value = serde_json::from_str(body).unwrap_or_default();
        let text = |field: &str| body["value"][field].as_str().unwrap_or_default().to_owned();
        match kind {
            PartKind::Placement => {
                self.spaces.insert(text("space"));
            }
            PartKind::Conversation => {
                let mark = Mark::conversation(&text("platform"), &text("external_id"));
                self.person.marks.extend(mark);
            }
            PartKind::PaymentAccount => self.learn_payment(&text("email"), &text("account")),
            _ => {}
        }
    }

    pub(super) fn learn_payment(&mut self, email: &str, account: &str) {
        let emails = if email.is_empty() { Vec::new() } else { vec![Item::new(email, "")] };
        self.learn(&Contact { emails, ..Contact::default() });
        self.person.needles.add(account);
    }

    /// Cards that are not here any more: those that became part of the others, and those
    /// that were known by the same. Each may lead to further ones.
    fn removed_cards(&mut self) -> rusqlite::Result<()> {
        loop {
            let known = self.person.removed.len();
            self.follow_joins()?;
            self.follow_merges()?;
            self.removed_alike()?;
            if self.person.removed.len() == known {
                return Ok(());
            }
        }
    }

    /// Cards that went with the operation that gave their values or parts to one of these.
    fn follow_joins(&mut self) -> rusqlite::Result<()> {
        for (row, op) in std::mem::take(&mut self.joined) {
            if self.removed_by(row)?.is_some_and(|change| change.op == op) {
                self.add_removed(row)?;
            }
        }
        Ok(())
    }

    /// The last thing that happened to a card that is not here: that it was removed.
    fn removed_by(&self, row: i64) -> rusqlite::Result<Option<Change>> {
        let last: Option<i64> = self
            .db
            .prepare_cached("SELECT max(seq) FROM change WHERE row = ?1 AND entity = 0 AND action = 2")?
            .query_row([row], |found| found.get(0))?;
        Ok(last.map(|seq| Changes(self.db).get(seq)).transpose()?.flatten())
    }

    fn follow_merges(&mut self) -> rusqlite::Result<()> {
        let fresh: Vec<i64> = self.operations.difference(&self.looked_at).copied().collect();
        for op in fresh {
            self.looked_at.insert(op);
            let Some(row) = Operations(self.db).get(op)? else { continue };
            let merge = self.began_as(&row)?;
            if !matches!(merge.kind, OpKind::ContactJoin | OpKind::ContactCombine) {
                continue;
            }
            // The values of both cards stand in each of its changes.
            for change in Changes(self.db).of_operation(op, row.first_change, row.last_change, MOST)? {
                self.person.changes.insert(change.seq);
                let is_gone = change.entity == Entity::Contact && change.action == Action::Delete;
                if is_gone && merge.reversed_by.is_none() {
                    self.add_removed(change.row)?;
                }
            }
        }
        Ok(())
    }

    /// What an undo takes back, or a redo does again; else the operation itself.
    fn began_as(&self, row: &OperationRow) -> rusqlite::Result<OperationRow> {
        let mut first = row.clone();
        while first.kind.is_reversal()
            && let Some(target) = first.reverses.map(|op| Operations(self.db).get(op)).transpose()?.flatten()
        {
            first = target;
        }
        Ok(first)
    }

    fn removed_alike(&mut self) -> rusqlite::Result<()> {
        for row in removed_like(self.db, &self.person.marks)? {
            self.add_removed(row)?;
        }
        Ok(())
    }

    fn add_removed(&mut self, place: i64) -> rusqlite::Result<()> {
        let Ok(row) = ContactRow::try_from(place) else { return Ok(()) };
        let is_known = self.person.removed.contains(&row) || self.person.cards.contains(&row);
        if is_known || self.is_here(row)? {
            return Ok(());
        }
        self.person.removed.push(row);
        let last = self.removed_by(place)?.map(|change| change.seq);
        self.walk(last)
    }

    fn is_here(&self, row: ContactRow) -> rusqlite::Result<bool> {
        let found: Option<i64> = self
            .db
            .prepare_cached("SELECT row FROM contact WHERE row = ?1")?
            .query_row([row], |found| found.get(0))
            .optional()?;
        Ok(found.is_some())
    }

    /// What the cards said once is theirs, unless a card that stays says it now: somebody
    /// may have put it on the wrong one.
    fn keep_what_is_theirs(&mut self) -> rusqlite::Result<()> {
        for mark in std::mem::take(&mut self.said_once) {
            let owner = match mark.kind {
                MarkKind::Email => Contacts(self.db).row_of_email(&mark.value)?,
                MarkKind::Phone => Contacts(self.db).row_of_phone(&format!("+{}", mark.value))?,
                MarkKind::OwnId => Contacts(self.db).row_of(&mark.value)?,
                MarkKind::ExternalId => Links(self.db).contact_of(&link_of(&mark.value))?,
                MarkKind::Conversation | MarkKind::ImportRow | MarkKind::Record => None,
            };
            if owner.is_none_or(|owner| self.person.cards.contains(&owner)) {
                self.person.marks.insert(mark);
            }
        }
        Ok(())
    }
}

/// Places of removed cards with the same email, external ID or id as one of these marks. A phone is
/// not enough: people share them.
pub(crate) fn removed_like(db: &Connection, known: &BTreeSet<Mark>) -> rusqlite::Result<Vec<i64>> {
    let is_strong = |mark: &&Mark| matches!(mark.kind, MarkKind::Email | MarkKind::ExternalId | MarkKind::OwnId);
    let strong: HashSet<&Mark> = known.iter().filter(is_strong).collect();
    // A quick look at the text, before it is read.
    let words: Vec<String> = strong.iter().filter_map(|mark| in_json(mark.value.rsplit('\0').next()?)).collect();
    let mut alike = Vec::new();
    let mut statement = db.prepare_cached(
        "SELECT row, body FROM change WHERE entity = 0 AND action = 2 AND body IS NOT NULL ORDER BY row",
    )?;
    let mut rows = statement.query([])?;
    while let Some(row) = rows.next()? {
        let body = row.get_ref(1)?.as_str()?;
        if words.iter().any(|word| body.contains(word.as_str()))
            && let Ok(contact) = serde_json::from_str::<Contact>(body)
            && marks(&contact).iter().any(|mark| strong.contains(mark))
        {
            alike.push(row.get::<_, i64>(0)?);
        }
    }
    Ok(alike)
}

/// The external ID behind a mark.
pub(super) fn link_of(value: &str) -> Link {
    let mut words = value.splitn(3, '\0').map(str::to_owned);
    let mut next = || words.next().unwrap_or_default();
    Link { connector: next(), scope: next(), external_id: next() }
}

/// A text as it stands inside the quotes of JSON.
fn in_json(text: &str) -> Option<String> {
    let quoted = serde_json::to_string(text).ok()?;
    Some(quoted.get(1..quoted.len() - 1)?.to_owned())
}
