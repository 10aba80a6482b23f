//! Whether a record is still the one it was: its ID is another, or it is gone and another
//! came that says the same email. A person decides. Until then nothing goes either way, and
//! no second contact is made of it: a wrong guess would write one person into another.

use crate::{
    pair::{Key, Local, Pair, Remote, Side, Version},
    plan::Share,
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

/// What is asked about a pair instead of what was decided.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Asked {
    /// Whose the record is.
    Whose(Relink),
    /// It waits beside the record of this key.
    Aside(Key),
}

/// Asks about contacts that would go because their record is gone, while a record would make
/// a contact that says the same email: neither happens. Of several the first one counts,
/// in the order of the pairs, because a question is no decision.
#[derive(Debug, Default)]
pub(crate) struct Relinks<'m> {
    coming: BTreeMap<Op, Coming<'m>>,
    going: BTreeMap<Op, Going<'m>>,
}

#[derive(Debug)]
struct Coming<'m> {
    key: Key,
    emails: Vec<String>,
    share: Share<'m>,
}

#[derive(Debug)]
struct Going<'m> {
    key: Key,
    /// It was asked before, and waits for this record.
    waits_for: Option<Key>,
    emails: BTreeSet<String>,
    share: Share<'m>,
}

impl<'m> Relinks<'m> {
    /// Remembers a pair of which something was decided, where it matters.
    pub(crate) fn take(&mut self, op: Op, pair: &Pair, record: &RecordPlan, share: Share<'m>) {
        let Some(key) = pair.key.clone() else { return };
        match &pair.remote {
            Remote::Live { units, .. } if record.creates_contact && !pair.is_apart => {
                let emails = emails(units).into_iter().map(str::to_owned).collect();
                self.coming.insert(op, Coming { key, emails, share });
            }
            _ if goes(pair, record) => {
                let emails = said(pair).into_iter().map(str::to_owned).collect();
                self.going.insert(op, Going { key, waits_for: None, emails, share });
            }
            _ => {}
        }
    }

    /// Remembers a pair that waits for a person.
    pub(crate) fn wait(&mut self, op: Op, pair: &Pair) {
        if let (Some(key), Some(Relink::Replaced { by })) = (pair.key.clone(), &pair.relink) {
            let waits_for = Some(by.clone());
            self.going.insert(op, Going { key, waits_for, emails: BTreeSet::new(), share: Share::default() });
        }
    }

    /// What is asked, and what these pairs added to the plan before.
    pub(crate) fn into_asked(mut self) -> Vec<(Op, Asked, Share<'m>)> {
        let mut all = Vec::new();
        if self.going.is_empty() {
            return all;
        }
        let mut by_email: BTreeMap<String, Vec<Op>> = BTreeMap::new();
        let mut by_key: BTreeMap<Key, Op> = BTreeMap::new();
        for (op, coming) in &mut self.coming {
            by_key.insert(coming.key.clone(), *op);
            for email in coming.emails.drain(..) {
                by_email.entry(email).or_default().push(*op);
            }
        }
        for (op, going) in self.going {
            let other = match &going.waits_for {
                Some(key) => by_key.get(key).copied(),
                None => {
                    let same = going.emails.iter().filter_map(|email| by_email.get(email)).flatten();
                    same.copied().find(|other| self.coming.contains_key(other))
                }
            };
            // A record that is asked about already is taken.
            let Some((other, coming)) = other.and_then(|other| Some((other, self.coming.remove(&other)?))) else {
                continue;
            };
            all.push((other, Asked::Aside(going.key), coming.share));
            if going.waits_for.is_none() {
                all.push((op, Asked::Whose(Relink::Replaced { by: coming.key }), going.share));
            }
        }
        all
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
        plan::{Limits, Planner, Totals},
        record::plan_record,
    };
    use rstest::rstest;
    use std::convert::Infallible;

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

    /// The plan of these pairs, and what becomes of each.
    fn planned(pairs: &[Pair]) -> (Totals, Vec<RecordPlan>) {
        let mapping = mapping();
        let mut planner = Planner::new(&mapping);
        for (op, pair) in (0..).zip(pairs) {
            planner.take(op, pair);
        }
        let Ok::<_, Infallible>(plan) = planner.finish(Limits::default(), Totals::default(), || Ok(9));
        let records = (0..).zip(pairs).map(|(op, pair)| plan.record(op, pair, &mapping)).collect();
        (plan.totals, records)
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
        let (totals, records) = planned(&[linked("r1", "a@x", Remote::Gone), new("r2", "a@x")]);
        let (going, coming) = (&records[0], &records[1]);
        assert_eq!(going.relink, Some(Relink::Replaced { by: "r2".into() }));
        assert_eq!(coming.aside.as_deref(), Some("r1"));
        let Totals { created_here, deleted_here, held, .. } = totals;
        assert_eq!((created_here, deleted_here, held), (0, 0, 1));
    }

    #[rstest]
    #[case::another_email(linked("r1", "a@x", Remote::Gone), new("r2", "b@x"))]
    #[case::both_are_there(linked("r1", "a@x", Remote::Unheard), new("r2", "a@x"))]
    #[case::a_person_said_they_are_two(linked("r1", "a@x", Remote::Gone), Pair { is_apart: true, ..new("r2", "a@x") })]
    fn other_new_records_make_contacts(#[case] known: Pair, #[case] other: Pair) {
        let (_, records) = planned(&[known, other]);
        assert!(records[1].creates_contact);
        assert!(records.iter().all(|record| record.relink.is_none() && record.aside.is_none()));
    }

    #[test]
    fn each_record_is_asked_about_once_and_what_waits_goes_on_waiting() {
        let gone = linked("r1", "a@x", Remote::Gone);
        let mut asked = linked("r4", "a@x", Remote::Gone);
        asked.relink = Some(Relink::Replaced { by: "r3".into() });
        let (_, records) = planned(&[gone.clone(), gone, new("r2", "a@x"), new("r3", "a@x"), asked]);
        let relinks: Vec<bool> = (0..2).map(|op: usize| records[op].relink.is_some()).collect();
        assert_eq!(relinks, [true, true]);
        assert!(records[2].aside.is_some() && records[3].aside.is_some());
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

    /// Of two records of a person somebody may have deleted the one that was known.
    #[test]
    fn a_record_that_came_under_their_id_takes_nothing_off() {
        let mut pair = linked("r1", "a@x", Remote::Gone);
        assert!(pair.relink("r2".into(), &version(2)));
        pair.observe(read(units("Bo", "b@x")));
        let decided = plan_record(&pair, &mapping());
        assert_eq!(decided.held.keys().collect::<Vec<_>>(), ["name"], "nobody is overwritten");
        let both = Units::from([(EMAIL.to_owned(), Value::words(["a@x", "b@x"]))]);
        assert_eq!(decided.take, both);
        assert_eq!(decided.push.map(|push| push.set().clone()), Some(both));
    }
}
