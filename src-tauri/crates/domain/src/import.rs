//! Rules of an import: what becomes of a record, and how it joins a contact.

use crate::{
    Sentence,
    contact::{Contact, Item, Link},
    name, say,
};
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// How a record may change a contact that is already here.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Policy {
    /// Only what is empty is filled; further emails and phones are added.
    #[default]
    Fill,
    /// A value in the file replaces the one on the card; empty cells do not.
    Newest,
    /// As `Fill`, but for the records a person decided for: as `Newest`.
    Ask,
}

/// What became of one record. Every record ends in exactly one of these, and
/// their counts add up to the records read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// A new contact.
    Created,
    /// A contact got new values.
    Updated,
    /// The contact already says all of it.
    Unchanged,
    /// Another record of the same file already said all of it.
    Duplicate,
    /// The person was erased and does not come back.
    Suppressed,
    /// It may be about somebody who is here: it waits for a person who says so.
    Held,
    /// Not taken; kept aside with the reason.
    Rejected,
}

/// How many records ended in each outcome.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Counts {
    /// Records read from the file.
    pub records: u32,
    /// See [`Outcome::Created`].
    pub created: u32,
    /// See [`Outcome::Updated`].
    pub updated: u32,
    /// See [`Outcome::Unchanged`].
    pub unchanged: u32,
    /// See [`Outcome::Duplicate`].
    pub duplicate: u32,
    /// See [`Outcome::Suppressed`].
    pub suppressed: u32,
    /// See [`Outcome::Held`]; of files that a person imports there are none.
    #[serde(default, skip_serializing_if = "is_none")]
    pub held: u32,
    /// See [`Outcome::Rejected`].
    pub rejected: u32,
}

fn is_none(count: &u32) -> bool {
    *count == 0
}

impl Counts {
    /// Counts one record.
    pub fn add(&mut self, outcome: Outcome) {
        self.records += 1;
        *match outcome {
            Outcome::Created => &mut self.created,
            Outcome::Updated => &mut self.updated,
            Outcome::Unchanged => &mut self.unchanged,
            Outcome::Duplicate => &mut self.duplicate,
            Outcome::Suppressed => &mut self.suppressed,
            Outcome::Held => &mut self.held,
            Outcome::Rejected => &mut self.rejected,
        } += 1;
    }

    /// Whether every record is accounted for.
    pub fn adds_up(&self) -> bool {
        let written = [self.created, self.updated, self.unchanged, self.duplicate];
        let others = [self.suppressed, self.held, self.rejected];
        written.iter().chain(&others).sum::<u32>() == self.records
    }
}

/// Joins a record to the contact it belongs to. `None` when the record says
/// nothing new. An empty value in the record never erases one on the card, and
/// no email, phone, tag or external ID is ever dropped. `source` and
/// `created_at` stay: they say where the contact first came from.
pub fn merge(base: &Contact, record: &Contact, policy: Policy) -> Option<Contact> {
    let mut after = base.clone();
    let mut changed = false;
    let newest = policy == Policy::Newest;

    let texts: [(&mut String, &String); 10] = [
        (&mut after.name, &record.name),
        (&mut after.nick, &record.nick),
        (&mut after.description, &record.description),
        (&mut after.preferences, &record.preferences),
        (&mut after.company, &record.company),
        (&mut after.job_title, &record.job_title),
        (&mut after.department, &record.department),
        (&mut after.stage, &record.stage),
        (&mut after.tier, &record.tier),
        (&mut after.page_url, &record.page_url),
    ];
    for (mine, theirs) in texts {
        changed |= take(mine, theirs, newest);
    }
    changed |= take(&mut after.ip_country, &record.ip_country, newest);
    // The parts of a name are one group: half of one name and half of another
    // would be a name nobody typed.
    changed |= take(&mut after.name_parts, &record.name_parts, newest);

    for (mine, theirs) in [
        (&mut after.emails, &record.emails),
        (&mut after.phones, &record.phones),
        (&mut after.handles, &record.handles),
        (&mut after.addresses, &record.addresses),
        (&mut after.urls, &record.urls),
        (&mut after.dates, &record.dates),
    ] {
        changed |= take_items(mine, theirs, newest);
    }
    for tag in &record.tags {
        if !after.tags.iter().any(|mine| mine.to_lowercase() == tag.to_lowercase()) {
            after.tags.push(tag.clone());
            changed = true;
        }
    }
    for link in &record.links {
        if !after.links.contains(link) {
            after.links.push(link.clone());
            changed = true;
        }
    }
    for (key, value) in &record.custom {
        let mine = after.custom.entry(key.clone()).or_insert(Value::Null);
        if mine.is_null() || (newest && mine != value) {
            *mine = value.clone();
            changed = true;
        }
    }
    changed |= take_metadata(&mut after.metadata, &record.metadata, newest);

    // First and last seen only ever move apart.
    if let Some(seen) = record.first_seen
        && after.first_seen.is_none_or(|mine| seen < mine)
    {
        after.first_seen = Some(seen);
        changed = true;
    }
    if let Some(seen) = record.last_seen
        && after.last_seen.is_none_or(|mine| seen > mine)
    {
        after.last_seen = Some(seen);
        changed = true;
    }
    if record.conversation_count > after.conversation_count {
        after.conversation_count = record.conversation_count;
        changed = true;
    }
    if changed {
        after.settle_identity();
    }
    changed.then_some(after)
}

fn take<T: Clone + Default + PartialEq>(mine: &mut T, theirs: &T, newest: bool) -> bool {
    let wanted = *theirs != T::default() && (newest || *mine == T::default());
    if wanted && mine != theirs {
        *mine = theirs.clone();
        return true;
    }
    false
}

fn take_items(mine: &mut Vec<Item>, theirs: &[Item], newest: bool) -> bool {
    let mut changed = false;
    for item in theirs {
        if !mine.iter().any(|known| known.same_value(item)) {
            mine.push(item.clone());
            changed = true;
        }
    }
    // The newest file also decides which value is the primary one.
    if newest
        && let Some(first) = theirs.first()
        && let Some(place) = mine.iter().position(|known| known.same_value(first))
        && place > 0
    {
        let item = mine.remove(place);
        mine.insert(0, item);
        changed = true;
    }
    changed
}

fn take_metadata(mine: &mut String, theirs: &str, newest: bool) -> bool {
    if theirs.is_empty() || mine == theirs {
        return false;
    }
    if mine.is_empty() {
        theirs.clone_into(mine);
        return true;
    }
    let (Ok(Value::Object(mut object)), Ok(Value::Object(other))) =
        (serde_json::from_str(mine), serde_json::from_str(theirs))
    else {
        return false;
    };
    let mut changed = false;
    for (key, value) in other {
        match object.get(&key) {
            Some(known) if !newest || *known == value => {}
            _ => {
                object.insert(key, value);
                changed = true;
            }
        }
    }
    if changed {
        *mine = Value::Object(object).to_string();
    }
    changed
}

/// Finishes a record that a file gave: a name from its parts, and nothing that
/// has no meaning. `Err` when there is nothing to know the contact by.
pub fn complete(record: &mut Contact) -> Result<(), NothingToKeep> {
    if record.name.is_empty() {
        record.name = name::from_parts(&record.name_parts);
    }
    let known = !record.name.is_empty()
        || !record.emails.is_empty()
        || !record.phones.is_empty()
        || !record.company.is_empty()
        || !record.nick.is_empty()
        || !record.handles.is_empty()
        || !record.links.is_empty();
    if known { Ok(()) } else { Err(NothingToKeep) }
}

/// A record by which nobody could be found again.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("{}", self.sentence())]
pub struct NothingToKeep;

impl NothingToKeep {
    /// What it says.
    pub fn sentence(self) -> Sentence {
        say!("no name, email, phone, company or external ID")
    }
}

/// The keys by which a record is known, best first: its own id (in our own
/// layout), its external IDs, its emails. Phone and name are left out on
/// purpose: they suggest a duplicate and never decide one.
pub fn keys(record: &Contact) -> impl Iterator<Item = Key<'_>> {
    let own = (!record.id.as_str().is_empty()).then_some(Key::Own(record.id.as_str()));
    own.into_iter()
        .chain(record.links.iter().map(Key::Link))
        .chain(record.emails.iter().filter(|item| !item.key.is_empty()).map(|item| Key::Email(&item.key)))
}

/// One way to recognise a contact.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Key<'a> {
    /// Our own id.
    Own(&'a str),
    /// An external ID.
    Link(&'a Link),
    /// The key of an email.
    Email(&'a str),
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::time::Millis;

    fn ana() -> Contact {
        Contact {
            name: "Ana García".into(),
            company: "Solvento".into(),
            phones: vec![Item::new("612 408 177", "+34612408177")],
            tags: vec!["lead".into()],
            first_seen: Some(Millis(5)),
            last_seen: Some(Millis(9)),
            ..Contact::default()
        }
    }

    #[test]
    fn filling_blanks_keeps_what_is_there() {
        let record = Contact {
            name: "A. García".into(),
            job_title: "Buyer".into(),
            phones: vec![Item::new("912 044 177", "+34912044177")],
            tags: vec!["Lead".into(), "Clientes".into()],
            ..Contact::default()
        };
        let after = merge(&ana(), &record, Policy::Fill).expect("a change");
        assert_eq!((after.name.as_str(), after.job_title.as_str()), ("Ana García", "Buyer"));
        assert_eq!(after.phone(), "612 408 177");
        assert_eq!(after.phones.len(), 2);
        assert_eq!(after.tags, ["lead", "Clientes"]);
    }

    #[test]
    fn the_newest_file_wins_but_an_empty_cell_does_not() {
        let record = Contact {
            name: "Ana García Llorente".into(),
            phones: vec![Item::new("912 044 177", "+34912044177")],
            ..Contact::default()
        };
        let after = merge(&ana(), &record, Policy::Newest).expect("a change");
        assert_eq!((after.name.as_str(), after.company.as_str()), ("Ana García Llorente", "Solvento"));
        assert_eq!(after.phone(), "912 044 177");
        assert_eq!(after.phones.len(), 2, "the old phone is kept");
    }

    #[test]
    fn a_record_that_says_nothing_new_changes_nothing() {
        for policy in [Policy::Fill, Policy::Newest] {
            assert_eq!(merge(&ana(), &ana(), policy), None);
            assert_eq!(merge(&ana(), &Contact::default(), policy), None);
        }
    }

    #[test]
    fn the_same_phone_typed_another_way_is_the_same_phone() {
        let record = Contact { phones: vec![Item::new("+34 612-408-177", "+34612408177")], ..Contact::default() };
        assert_eq!(merge(&ana(), &record, Policy::Newest), None);
    }

    #[test]
    fn seen_times_only_move_apart() {
        let record = Contact { first_seen: Some(Millis(7)), last_seen: Some(Millis(12)), ..Contact::default() };
        let after = merge(&ana(), &record, Policy::Newest).expect("a change");
        assert_eq!((after.first_seen, after.last_seen), (Some(Millis(5)), Some(Millis(12))));
    }
}
