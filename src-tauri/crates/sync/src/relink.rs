//! Whether a record is still the one it was: its ID is another, or it is gone and another
//! came that says the same email. A person decides. Until then nothing goes either way, and
//! no second contact is made of it: a wrong guess would write one person into another.

use crate::{
    pair::{Key, Local, Pair, Remote, Side, Version},
    record::RecordPlan,
    remote::Record,
    run::Op,
    value::{Units, Value},
};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};

/// What records of one person have in common when their IDs differ.
const EMAIL: &str = "email";

/// Why it is in doubt whose a record is.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Relink {
    /// The record says another ID than it was known by.
    Renamed {
        /// The ID in it now.
        to: String,
    },
    /// The record is gone, and another came that says the same email.
    Replaced {
        /// How the remote calls that one.
        by: Key,
    },
}

impl Pair {
    /// The ID in a record that was read and is known by another one. Of a record that was
    /// never read before, or that says none, nobody has to be asked.
    pub fn other_id<'r>(&self, known: Option<&str>, record: &'r Record) -> Option<&'r str> {
        let was_read = self.version.is_some() && self.key.as_deref() == Some(record.key.as_str());
        let read = record.external_id.as_deref()?;
        (was_read && known.is_some_and(|known| known != read)).then_some(read)
    }

    /// The record says another ID, or the one it was known by, again.
    pub fn ask_renamed(&mut self, to: Option<String>) {
        if !matches!(self.relink, Some(Relink::Replaced { .. })) {
            self.relink = to.map(|to| Relink::Renamed { to });
        }
    }

    /// Whether a person is asked if this record came in place of theirs.
    pub fn is_replaced_by(&self, key: &str) -> bool {
        matches!(&self.relink, Some(Relink::Replaced { by }) if by == key)
    }

    /// A person said whose the record under another ID is. When it is theirs, what both
    /// sides agreed on holds. When it is not, nothing is known of theirs but that it is not
    /// there any more.
    pub fn decide_renamed(&mut self, is_theirs: bool) {
        self.relink = None;
        if !is_theirs {
            *self = Self { local: std::mem::take(&mut self.local), ..Self::default() };
        }
    }

    /// A person said that the other record is theirs. Nothing was agreed on with it, so that
    /// what differs waits for a person and nothing is overwritten.
    pub fn take_over(&mut self, other: Self) {
        if let Some(key) = other.key {
            self.version = None;
            self.relink(key, &Version::default());
            self.observe(other.remote);
        }
    }
}

/// Asks about contacts that would go because their record is gone, while a record would make
/// a contact that says the same email: neither happens. Of several the first one counts,
/// in the order of the pairs, because a question is no decision.
pub(crate) fn ask(pairs: &BTreeMap<Op, &Pair>, plans: &mut BTreeMap<Op, RecordPlan>) {
    let mut by_email: BTreeMap<&str, Vec<Op>> = BTreeMap::new();
    let mut by_key: BTreeMap<&str, Op> = BTreeMap::new();
    for (op, pair) in pairs {
        let (Remote::Live { units, .. }, Some(key)) = (&pair.remote, &pair.key) else { continue };
        if pair.is_apart || !plans.get(op).is_some_and(|plan| plan.creates_contact) {
            continue;
        }
        by_key.insert(key, *op);
        for email in emails(units) {
            by_email.entry(email).or_default().push(*op);
        }
    }
    if by_key.is_empty() {
        return;
    }
    let mut taken = BTreeSet::new();
    for (op, pair) in pairs {
        let other = match &pair.relink {
            // It was asked before, and waits.
            Some(Relink::Replaced { by }) => by_key.get(by.as_str()).copied(),
            Some(Relink::Renamed { .. }) => None,
            None if plans.get(op).is_some_and(|plan| goes(pair, plan)) => {
                let same = said(pair).into_iter().filter_map(|email| by_email.get(email)).flatten();
                same.copied().find(|other| !taken.contains(other))
            }
            None => None,
        };
        let Some((other, new)) = other.and_then(|other| Some((other, pairs.get(&other)?))) else { continue };
        let (Some(key), Some(by)) = (pair.key.clone(), new.key.clone()) else { continue };
        taken.insert(other);
        plans.insert(other, RecordPlan { aside: Some(key), ..RecordPlan::at_rest(new) });
        if pair.relink.is_none() {
            plans.insert(*op, RecordPlan { relink: Some(Relink::Replaced { by }), ..RecordPlan::at_rest(pair) });
        }
    }
}

/// Whether the contact is there, and its record was read and is gone.
fn goes(pair: &Pair, plan: &RecordPlan) -> bool {
    let is_there = matches!(pair.local, Local::Live { .. });
    is_there && pair.remote == Remote::Gone && (plan.bins_contact || plan.held_deletion == Some(Side::There))
}

/// The emails of a contact, and those that its record had.
fn said(pair: &Pair) -> BTreeSet<&str> {
    let here = match &pair.local {
        Local::Live { units, .. } => emails(units),
        Local::Absent | Local::Deleted { .. } | Local::Erased { .. } => Vec::new(),
    };
    emails(&pair.base).into_iter().chain(here).collect()
}

fn emails(units: &Units) -> Vec<&str> {
    match units.get(EMAIL) {
        Some(Value::Set(all)) => all.keys().map(String::as_str).collect(),
        Some(Value::One(_) | Value::Absent) | None => Vec::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        mapping::{Direction, Mapping, Rule},
        plan::{Limits, Totals, plan},
        record::plan_record,
    };
    use rstest::rstest;

    fn mapping() -> Mapping {
        let rule = || Rule { direction: Direction::Both, approved: true, ..Rule::default() };
        Mapping(["name", EMAIL].into_iter().map(|unit| (unit.to_owned(), rule())).collect())
    }

    fn units(name: &str, email: &str) -> Units {
        Units::from([("name".to_owned(), Value::one(name)), (EMAIL.to_owned(), Value::words([email]))])
    }

    fn version(number: u64) -> Version {
        Version { text: format!("v{number}"), order: Some(number) }
    }

    fn read(units: Units) -> Remote {
        Remote::Live { version: version(2), units, stamp: None }
    }

    fn live(name: &str, email: &str) -> Local {
        Local::Live { units: units(name, email), consents: Vec::new() }
    }

    /// A contact and its record, which agreed on a name and an email.
    fn linked(key: &str, email: &str, remote: Remote) -> Pair {
        Pair {
            key: Some(key.into()),
            version: Some(version(1)),
            local: live("Ana", email),
            base: units("Ana", email),
            remote,
            ..Pair::default()
        }
    }

    /// A record of nobody who is known.
    fn new(key: &str, email: &str) -> Pair {
        Pair { key: Some(key.into()), version: Some(version(2)), remote: read(units("Ana", email)), ..Pair::default() }
    }

    fn planned(pairs: &[Pair]) -> crate::plan::Plan {
        let pairs: BTreeMap<Op, Pair> = (0..).zip(pairs.iter().cloned()).collect();
        plan(&pairs, &mapping(), 9, Limits::default(), Totals::default())
    }

    fn record(key: &str, id: Option<&str>) -> Record {
        Record { key: key.into(), external_id: id.map(str::to_owned), ..Record::default() }
    }

    #[rstest]
    #[case::another(Some("a"), "r1", Some("b"), Some("b"))]
    #[case::the_same(Some("a"), "r1", Some("a"), None)]
    #[case::none_was_known(None, "r1", Some("b"), None)]
    #[case::none_is_said(Some("a"), "r1", None, None)]
    #[case::of_another_record(Some("a"), "r2", Some("b"), None)]
    fn a_record_that_says_another_id_is_asked_about(
        #[case] known: Option<&str>,
        #[case] key: &str,
        #[case] read: Option<&str>,
        #[case] asked: Option<&str>,
    ) {
        let pair = linked("r1", "a@x", Remote::Unheard);
        assert_eq!(pair.other_id(known, &record(key, read)), asked);
        let unread = Pair { version: None, ..pair };
        assert_eq!(unread.other_id(known, &record(key, read)), None, "it was never read");
    }

    #[rstest]
    #[case::edited_there(live("Ana", "a@x"), read(units("Bo", "b@x")))]
    #[case::edited_here(live("Anne", "a@x"), Remote::Unheard)]
    #[case::deleted_here(Local::Deleted { units: units("Ana", "a@x") }, Remote::Unheard)]
    #[case::erased(Local::Erased { there: true }, Remote::Unheard)]
    fn nothing_goes_either_way_until_a_person_said_whose_it_is(#[case] local: Local, #[case] remote: Remote) {
        let mut pair = Pair { local, ..linked("r1", "a@x", remote.clone()) };
        pair.ask_renamed(Some("b".into()));
        let decided = plan_record(&pair, &mapping());
        assert_eq!(decided, RecordPlan::at_rest(&pair));
        pair.apply(&decided);
        assert_eq!((pair.remote, pair.relink.is_some()), (remote, true), "what was read is kept");
    }

    #[test]
    fn a_record_that_is_still_theirs_is_merged_from_what_was_agreed() {
        let mut pair = linked("r1", "a@x", read(units("Anna", "a@x")));
        pair.ask_renamed(Some("b".into()));
        pair.decide_renamed(true);
        assert_eq!(plan_record(&pair, &mapping()).take.get("name"), Some(&Value::one("Anna")));
    }

    #[test]
    fn of_a_record_that_is_another_persons_nothing_is_kept() {
        let mut pair = linked("r1", "a@x", read(units("Bo", "b@x")));
        pair.ask_renamed(Some("b".into()));
        pair.decide_renamed(false);
        assert_eq!(pair, Pair { local: live("Ana", "a@x"), ..Pair::default() });
    }

    #[test]
    fn who_says_the_id_that_is_known_again_or_goes_is_asked_about_no_more() {
        let mut pair = linked("r1", "a@x", Remote::Unheard);
        pair.ask_renamed(Some("b".into()));
        let mut gone = pair.clone();
        pair.ask_renamed(None);
        assert_eq!(pair.relink, None);
        gone.observe(Remote::Gone);
        assert_eq!(gone.relink, None);
    }

    #[test]
    fn a_record_that_came_as_another_went_makes_no_contact_and_bins_none() {
        let made = planned(&[linked("r1", "a@x", Remote::Gone), new("r2", "a@x")]);
        let (going, coming) = (&made.records[&0], &made.records[&1]);
        assert_eq!(going.relink, Some(Relink::Replaced { by: "r2".into() }));
        assert_eq!(coming.aside.as_deref(), Some("r1"));
        let Totals { created_here, deleted_here, held, .. } = made.totals;
        assert_eq!((created_here, deleted_here, held), (0, 0, 1));
    }

    #[rstest]
    #[case::another_email(linked("r1", "a@x", Remote::Gone), new("r2", "b@x"))]
    #[case::both_are_there(linked("r1", "a@x", Remote::Unheard), new("r2", "a@x"))]
    #[case::a_person_said_they_are_two(linked("r1", "a@x", Remote::Gone), Pair { is_apart: true, ..new("r2", "a@x") })]
    fn other_new_records_make_contacts(#[case] known: Pair, #[case] other: Pair) {
        let made = planned(&[known, other]);
        assert!(made.records[&1].creates_contact);
        assert!(made.records.values().all(|record| record.relink.is_none() && record.aside.is_none()));
    }

    #[test]
    fn each_record_is_asked_about_once_and_what_waits_goes_on_waiting() {
        let gone = linked("r1", "a@x", Remote::Gone);
        let mut asked = linked("r4", "a@x", Remote::Gone);
        asked.relink = Some(Relink::Replaced { by: "r3".into() });
        let made = planned(&[gone.clone(), gone, new("r2", "a@x"), new("r3", "a@x"), asked]);
        let relinks: Vec<bool> = (0..2).map(|op| made.records[&op].relink.is_some()).collect();
        assert_eq!(relinks, [true, true]);
        assert!(made.records[&2].aside.is_some() && made.records[&3].aside.is_some());
    }

    #[test]
    fn what_differs_from_the_record_that_came_waits_for_a_person() {
        let mut pair = linked("r1", "a@x", Remote::Gone);
        let mut other = new("r2", "a@x");
        other.remote = read(units("Anna", "a@x"));
        pair.take_over(other);
        let decided = plan_record(&pair, &mapping());
        assert_eq!((decided.held.len(), decided.push, decided.bins_contact), (1, None, false));
        assert_eq!(pair.key.as_deref(), Some("r2"));
    }
}
