//! One contact and one record of a remote: what is to be done with both.

use crate::{
    mapping::{Approved, Mapping},
    merge::{Held, Merged, merge},
    mutant::{self, Mutant},
    pair::{Key, Local, Pair, Refusal, Remote, Side, Version},
    relink::Relink,
    value::{Unit, Units, Value},
};
use serde::Serialize;
use std::collections::{BTreeMap, BTreeSet};

/// What becomes of one pair. Everything here but `push` is applied in one transaction.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize)]
pub struct RecordPlan {
    /// Units of the contact that get another value; of a new contact, all of them.
    pub take: Units,
    /// A contact is made.
    pub creates_contact: bool,
    /// The contact goes to the bin.
    pub bins_contact: bool,
    /// What both sides agree on from now on, where that changed.
    pub base: Units,
    /// How we say what is agreed on, where that is not as the remote does.
    pub ours: Units,
    /// The version both sides agree at, when one was read.
    pub version: Option<Version>,
    /// Both are gone: nothing of the pair is kept.
    pub forgets: bool,
    /// Conflicts as they are now, all of them.
    pub held: BTreeMap<Unit, Held>,
    /// On which side a deletion waits that is against an edit of the other.
    pub held_deletion: Option<Side>,
    /// Whether the record is still theirs waits for a person.
    pub relink: Option<Relink>,
    /// The record waits with that question about another one, of which this is the key: no
    /// contact is made of it.
    pub aside: Option<Key>,
    /// What would be written was refused too often, and is not sent.
    pub is_parked: bool,
    /// A write without an answer stands in the way: the record is to be read by its key
    /// before anything is written.
    pub reads: bool,
    /// What is written to the remote.
    pub push: Option<Push>,
}

/// A write to the remote.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub enum Push {
    /// A record is made, unless one with our ID is there.
    Create {
        /// Its values.
        set: Approved,
    },
    /// Units of a record get values; an absent one is emptied.
    Patch {
        /// Which record.
        key: Key,
        /// Only at this version.
        expect: Option<Version>,
        /// Their values.
        set: Approved,
    },
    /// A record is deleted.
    Delete {
        /// Which record.
        key: Key,
        /// Only at this version; an erasure asks for none.
        expect: Option<Version>,
    },
}

impl RecordPlan {
    /// The plan of a pair in which nothing is to be done.
    pub fn at_rest(pair: &Pair) -> Self {
        Self {
            version: pair.version.clone(),
            held: pair.held.clone(),
            held_deletion: pair.held_deletion,
            relink: pair.relink.clone(),
            is_parked: pair.refused.as_ref().is_some_and(Refusal::is_final),
            ..Self::default()
        }
    }
}

static NOTHING: Units = Units::new();

impl Push {
    /// What is to be written; nothing for a deletion.
    pub fn set(&self) -> &Units {
        match self {
            Self::Create { set } | Self::Patch { set, .. } => set.units(),
            Self::Delete { .. } => &NOTHING,
        }
    }
}

/// Decides what to do with one pair.
///
/// Of a record that may be another person's nothing is decided before somebody said whose it
/// is. Else an erasure beats everything: it is a promise to a person. A deletion against an edit
/// waits for a person, with the live side as it is: a lost edit is gone, and a deletion
/// can be repeated.
pub fn plan_record(pair: &Pair, mapping: &Mapping) -> RecordPlan {
    if pair.relink.is_some() {
        return RecordPlan { reads: pair.remote == Remote::Doubtful, ..RecordPlan::at_rest(pair) };
    }
    let mut plan = decide(pair, mapping);
    // A deletion is repeated until it is done: it may be a promise.
    let sent = plan.push.as_ref().filter(|push| !matches!(push, Push::Delete { .. })).map(Push::set);
    plan.is_parked = match (&pair.refused, sent) {
        (Some(refused), Some(sent)) => refused.parks(sent),
        (Some(_), None) | (None, _) => false,
    };
    if plan.is_parked {
        plan.push = None;
    }
    plan
}

fn decide(pair: &Pair, mapping: &Mapping) -> RecordPlan {
    if pair.remote == Remote::Doubtful {
        let unheard = decide(&Pair { remote: Remote::Unheard, ..pair.clone() }, mapping);
        // Whatever moved here waits for the read.
        return RecordPlan { reads: true, push: None, ..unheard };
    }
    // While its deletion waits the record is not there.
    if pair.remote == Remote::Unheard && pair.held_deletion == Some(Side::There) {
        return decide(&Pair { remote: Remote::Gone, ..pair.clone() }, mapping);
    }
    let (base, version) = (&pair.base, pair.version.clone());
    let unchanged = RecordPlan::at_rest(pair);
    let forgotten = RecordPlan { forgets: true, ..RecordPlan::default() };
    let delete = |expect: Option<Version>| pair.key.clone().map(|key| Push::Delete { key, expect });
    let deleted_here = |expect| RecordPlan { push: delete(expect), held_deletion: None, ..unchanged.clone() };
    let waits = |side| RecordPlan { held_deletion: Some(side), ..unchanged.clone() };
    let differs_there = |there: &Units| !same_there(base, there, mapping);
    match (&pair.local, &pair.remote) {
        (_, Remote::Doubtful) => unchanged,
        // A record that was perhaps made is looked for first.
        (Local::Deleted { .. } | Local::Erased { .. }, Remote::Unheard) if pair.is_in_doubt() => {
            RecordPlan { reads: true, ..unchanged }
        }
        (Local::Absent | Local::Deleted { .. } | Local::Erased { .. }, Remote::Gone) => forgotten,
        (Local::Erased { there }, Remote::Unheard | Remote::Live { .. })
            if !there || mutant::is(Mutant::ErasesHereOnly) =>
        {
            forgotten
        }
        (Local::Erased { .. }, Remote::Unheard | Remote::Live { .. }) if pair.key.is_none() => forgotten,
        (Local::Erased { .. }, Remote::Unheard | Remote::Live { .. }) => {
            RecordPlan { held: BTreeMap::new(), ..deleted_here(None) }
        }
        (Local::Absent, Remote::Unheard) => unchanged,
        (Local::Absent, Remote::Live { .. }) if !mapping.comes() => unchanged,
        // Nobody is in it.
        (Local::Absent, Remote::Live { units, .. }) if pulled(units, mapping).values().all(Value::is_absent) => {
            unchanged
        }
        (Local::Absent, Remote::Live { version, units, .. }) => RecordPlan {
            creates_contact: true,
            take: pulled(units, mapping),
            // What does not come is not agreed on either.
            base: pulled(units, mapping),
            version: Some(version.clone()),
            ..RecordPlan::default()
        },
        (Local::Deleted { .. }, Remote::Unheard) if pair.key.is_none() => forgotten,
        (Local::Deleted { .. }, _) if !mapping.leaves() => forgotten,
        // What waits there was never seen here.
        (Local::Deleted { .. }, Remote::Unheard) if !pair.held.is_empty() || pair.held_deletion == Some(Side::Here) => {
            waits(Side::Here)
        }
        (Local::Deleted { .. }, Remote::Unheard) => deleted_here(version),
        (Local::Deleted { units: mine }, Remote::Live { units: there, version, .. }) => {
            if !differs_there(there) || mutant::is(Mutant::DeleteBeatsEdit) {
                // What waited was taken back there.
                let version = Some(version.clone());
                return RecordPlan { version: version.clone(), held: BTreeMap::new(), ..deleted_here(version) };
            }
            // What they wrote is kept, for whoever brings the contact back.
            let moved = there
                .iter()
                .filter(|(unit, value)| mapping.pulls(unit) && base.get(*unit).unwrap_or(&ABSENT) != *value);
            let held = moved.map(|(unit, theirs)| {
                let (base, mine) = (base.get(unit).cloned(), mine.get(unit).cloned().unwrap_or_default());
                (unit.clone(), Held { base, mine, theirs: theirs.clone(), elements: BTreeSet::new() })
            });
            RecordPlan { held: held.collect(), version: Some(version.clone()), ..waits(Side::Here) }
        }
        (Local::Live { .. }, Remote::Gone) if !mapping.comes() => forgotten,
        (Local::Live { units, consents }, Remote::Gone) => {
            if same_here(pair, units, mapping, consents) || mutant::is(Mutant::DeleteBeatsEdit) {
                RecordPlan { bins_contact: true, forgets: true, ..RecordPlan::default() }
            } else {
                waits(Side::There)
            }
        }
        (Local::Live { .. }, Remote::Unheard) if pair.is_in_doubt() && pair.key.is_some() => {
            RecordPlan { reads: true, ..unchanged }
        }
        (Local::Live { units, consents }, Remote::Unheard) => {
            merged(pair, mapping, units, consents, pair.key.is_some().then(Units::new).as_ref(), unchanged)
        }
        (Local::Live { units, consents }, Remote::Live { units: there, .. }) => {
            merged(pair, mapping, units, consents, Some(there), unchanged)
        }
    }
}

const ABSENT: Value = Value::Absent;

/// Merges both sides unit by unit. `there` is nothing for a record that is not made yet.
fn merged(
    pair: &Pair,
    mapping: &Mapping,
    here: &Units,
    consents: &[String],
    there: Option<&Units>,
    mut plan: RecordPlan,
) -> RecordPlan {
    let (base, known) = (&pair.base, pair.known_there());
    plan.held_deletion = None;
    let mut push = Units::new();
    for unit in mapping.units() {
        let mine = pair.spelled(unit, here.get(unit).unwrap_or(&ABSENT));
        let Some(record) = there else {
            if !mine.is_absent() {
                push.insert(unit.clone(), mine.clone());
            }
            continue;
        };
        let (pulls, pushes) = (mapping.pulls(unit), mapping.pushes(unit, consents));
        // A remote that does not say a unit cannot have changed it.
        let agreed = base.get(unit);
        let theirs = record.get(unit).or_else(|| known.get(unit)).unwrap_or(&ABSENT);
        let mut waiting = None;
        let mut outcome = merge(agreed, mine, theirs);
        // What both sides agree on from now on: never more than the remote truly holds.
        let mut agree = None;
        if let Some(side) = mapping.prefers(unit).filter(|_| pulls) {
            let (settled, is_ruled) = outcome.settled(mine, theirs, side);
            outcome = settled;
            // As when a person decides: theirs was seen.
            agree = is_ruled.then(|| theirs.clone());
        }
        match outcome {
            Merged::Same => agree = Some(theirs.clone()),
            // A field that only leaves is ours to say, once we said anything.
            Merged::Take(_) | Merged::Push(_) | Merged::Both { .. } | Merged::Hold if !pulls && pushes => {
                if !mine.is_absent() || agreed.is_some_and(|agreed| !agreed.is_absent()) {
                    push.insert(unit.clone(), mine.clone());
                }
            }
            Merged::Take(value) if pulls => {
                agree = Some(value.clone());
                plan.take.insert(unit.clone(), value);
            }
            Merged::Push(value) if pushes => {
                push.insert(unit.clone(), value);
            }
            Merged::Both { here, there, held } if pulls => {
                // Of what is still to be sent the answer says how the remote puts it.
                if held.is_empty() && here != there && there == *theirs {
                    plan.ours.insert(unit.clone(), here.clone());
                }
                if here != *mine {
                    plan.take.insert(unit.clone(), here);
                }
                if there != *theirs && pushes {
                    push.insert(unit.clone(), there);
                }
                let held = Held { base: agreed.cloned(), mine: mine.clone(), theirs: theirs.clone(), elements: held };
                agree = Some(if held.elements.is_empty() { theirs.clone() } else { held.masked(theirs, agreed) });
                waiting = (!held.elements.is_empty()).then_some(held);
            }
            Merged::Hold if pulls => {
                let elements = BTreeSet::new();
                waiting = Some(Held { base: agreed.cloned(), mine: mine.clone(), theirs: theirs.clone(), elements });
            }
            // It goes no way: each side keeps its own.
            Merged::Take(_) | Merged::Push(_) | Merged::Both { .. } | Merged::Hold => {}
        }
        if let Some(value) = agree.filter(|value| base.get(unit) != Some(value)) {
            plan.base.insert(unit.clone(), value);
        }
        match waiting {
            Some(held) => {
                plan.held.insert(unit.clone(), held);
                if mutant::is(Mutant::PushHeld) {
                    push.insert(unit.clone(), mine.clone());
                }
            }
            None => {
                plan.held.remove(unit);
            }
        }
    }
    // A field that goes no way any more waits for nobody.
    plan.held.retain(|unit, _| mapping.units().any(|known| known == unit));
    let set = mapping.approve(push, consents);
    let expect = match &pair.remote {
        Remote::Live { version, .. } => Some(version.clone()),
        Remote::Unheard | Remote::Doubtful | Remote::Gone => plan.version.clone().or_else(|| pair.version.clone()),
    };
    plan.push = match (&pair.key, set.is_empty()) {
        (_, true) => None,
        (None, false) => Some(Push::Create { set }),
        (Some(key), false) => Some(Push::Patch { key: key.clone(), expect, set }),
    };
    if let Remote::Live { version, .. } = &pair.remote {
        plan.version = Some(version.clone());
    }
    plan
}

fn pulled(units: &Units, mapping: &Mapping) -> Units {
    units.iter().filter(|(unit, _)| mapping.pulls(unit)).map(|(unit, value)| (unit.clone(), value.clone())).collect()
}

/// Whether the record says what both sides agreed on.
fn same_there(base: &Units, there: &Units, mapping: &Mapping) -> bool {
    let mut told = there.iter().filter(|(unit, _)| mapping.pulls(unit));
    told.all(|(unit, value)| base.get(unit).unwrap_or(&ABSENT) == value)
}

/// Whether the contact says what both sides agreed on, as far as the remote may know it.
fn same_here(pair: &Pair, here: &Units, mapping: &Mapping, consents: &[String]) -> bool {
    let base = &pair.base;
    let mut shared = mapping.units().filter(|unit| base.contains_key(*unit) || mapping.pushes(unit, consents));
    shared.all(|unit| pair.spelled(unit, here.get(unit).unwrap_or(&ABSENT)) == base.get(unit).unwrap_or(&ABSENT))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        mapping::{Direction, Rule},
        pair::Intent,
    };
    use rstest::rstest;

    fn mapping() -> Mapping {
        let rule = |direction| Rule { direction, approved: true, ..Rule::default() };
        let rules = [
            ("name", Direction::Both),
            ("tags", Direction::Both),
            ("seen", Direction::Pull),
            ("stage", Direction::Push),
        ];
        Mapping(rules.into_iter().map(|(unit, direction)| (unit.to_owned(), rule(direction))).collect())
    }

    fn units(all: &[(&str, &str)]) -> Units {
        all.iter().map(|(unit, text)| ((*unit).to_owned(), Value::one(*text))).collect()
    }

    fn version(number: u64) -> Version {
        Version { text: format!("v{number}"), order: Some(number) }
    }

    fn live(name: &str) -> Local {
        Local::Live { units: units(&[("name", name)]), consents: Vec::new() }
    }

    fn read(name: &str) -> Remote {
        Remote::Live { version: version(2), units: units(&[("name", name)]), stamp: None }
    }

    /// Both agreed on `a` at version 1.
    fn linked(local: Local, remote: Remote) -> Pair {
        let base = units(&[("name", "a")]);
        Pair { key: Some("r1".into()), version: Some(version(1)), local, base, remote, ..Pair::default() }
    }

    /// What a plan does, in a word for each effect.
    fn said(plan: &RecordPlan) -> String {
        let mut words = Vec::new();
        if plan.creates_contact {
            words.push("create here".to_owned());
        } else if let Some(Value::One(name)) = plan.take.get("name") {
            words.push(format!("take {name}"));
        }
        let flags = [
            (plan.bins_contact, "bin"),
            (plan.forgets, "forget"),
            (plan.reads, "read"),
            (!plan.held.is_empty(), "hold"),
        ];
        words.extend(flags.into_iter().filter(|(is, _)| *is).map(|(_, word)| word.to_owned()));
        words.extend(plan.held_deletion.map(|side| format!("hold the deletion {side:?}")));
        words.extend(plan.push.as_ref().map(|push| match push {
            Push::Create { .. } => "create there".to_owned(),
            Push::Patch { expect, .. } => {
                format!("patch at {}", expect.as_ref().map_or("any", |version| &version.text))
            }
            Push::Delete { expect, .. } => {
                format!("delete at {}", expect.as_ref().map_or("any", |version| &version.text))
            }
        }));
        if words.is_empty() { "nothing".to_owned() } else { words.join(", ") }
    }

    #[rstest]
    #[case::nothing_moved(live("a"), Remote::Unheard, "nothing")]
    #[case::we_moved(live("b"), Remote::Unheard, "patch at v1")]
    #[case::they_moved(live("a"), read("b"), "take b")]
    #[case::both_moved_alike(live("b"), read("b"), "nothing")]
    #[case::both_moved(live("b"), read("c"), "hold")]
    #[case::deleted_here(Local::Deleted { units: units(&[("name", "a")]) }, Remote::Unheard, "delete at v1")]
    #[case::deleted_here_and_read(Local::Deleted { units: units(&[("name", "a")]) }, read("a"), "delete at v2")]
    #[case::deleted_here_against_an_edit(Local::Deleted { units: units(&[("name", "a")]) }, read("b"), "hold, hold the deletion Here")]
    #[case::deleted_there(live("a"), Remote::Gone, "bin, forget")]
    #[case::deleted_there_against_an_edit(live("b"), Remote::Gone, "hold the deletion There")]
    #[case::deleted_on_both(Local::Deleted { units: Units::new() }, Remote::Gone, "forget")]
    #[case::only_said_to_be_gone(live("a"), Remote::Doubtful, "read")]
    #[case::erased(Local::Erased { there: true }, read("b"), "delete at any")]
    #[case::erased_and_gone(Local::Erased { there: true }, Remote::Gone, "forget")]
    fn one_linked_record(#[case] local: Local, #[case] remote: Remote, #[case] expected: &str) {
        assert_eq!(said(&plan_record(&linked(local, remote), &mapping())), expected);
    }

    #[rstest]
    #[case::new_there(Local::Absent, read("a"), "create here")]
    #[case::new_here(live("a"), Remote::Unheard, "create there")]
    #[case::new_here_without_a_value(Local::Live { units: Units::new(), consents: Vec::new() }, Remote::Unheard, "nothing")]
    #[case::made_and_deleted_before_anybody_knew(Local::Deleted { units: Units::new() }, Remote::Unheard, "forget")]
    fn one_unlinked_record(#[case] local: Local, #[case] remote: Remote, #[case] expected: &str) {
        assert_eq!(said(&plan_record(&Pair { local, remote, ..Pair::default() }, &mapping())), expected);
    }

    #[test]
    fn a_field_that_only_leaves_is_ours_to_say_and_one_that_only_comes_is_never_sent() {
        let here = units(&[("stage", "lead"), ("seen", "mine")]);
        let there = units(&[("stage", "theirs"), ("seen", "later")]);
        let pair = Pair {
            base: units(&[("stage", "lead"), ("seen", "mine")]),
            remote: Remote::Live { version: version(2), units: there, stamp: None },
            ..linked(Local::Live { units: here, consents: Vec::new() }, Remote::Unheard)
        };
        let plan = plan_record(&pair, &mapping());
        assert_eq!(plan.take, units(&[("seen", "later")]));
        let Some(Push::Patch { set, .. }) = plan.push else { panic!("it is sent") };
        assert_eq!(*set.units(), units(&[("stage", "lead")]));
    }

    #[test]
    fn what_waits_is_not_pushed_by_a_later_edit() {
        let mut pair = linked(live("b"), read("c"));
        let first = plan_record(&pair, &mapping());
        pair.held = first.held;
        (pair.remote, pair.local) = (Remote::Unheard, live("d"));
        assert_eq!(said(&plan_record(&pair, &mapping())), "hold");
    }

    fn waiting(stamp: Option<u64>, read_version: u64, name: &str) -> Pair {
        let mut pair = linked(live("c"), Remote::Unheard);
        pair.intents = vec![Intent { sent: units(&[("name", "b")]), expected: Some(version(1)), stamp: 7 }];
        pair.observe(Remote::Live { version: version(read_version), units: units(&[("name", name)]), stamp });
        pair
    }

    #[rstest]
    #[case::seen_by_its_stamp(Some(7), 2, "b", "b", 0)]
    #[case::seen_and_overwritten_since(Some(7), 3, "x", "b", 0)]
    #[case::not_seen_and_another_wrote(Some(6), 2, "x", "a", 0)]
    #[case::not_seen_yet(Some(6), 1, "a", "a", 1)]
    #[case::no_stamp_and_it_says_what_was_sent(None, 2, "b", "b", 0)]
    #[case::no_stamp_and_it_says_another_thing(None, 2, "x", "a", 0)]
    fn a_write_without_an_answer_is_settled_by_a_read(
        #[case] stamp: Option<u64>,
        #[case] read_version: u64,
        #[case] name: &str,
        #[case] agreed: &str,
        #[case] open: usize,
    ) {
        let pair = waiting(stamp, read_version, name);
        assert_eq!((pair.base, pair.intents.len()), (units(&[("name", agreed)]), open));
    }

    #[test]
    fn nothing_is_sent_while_a_write_is_without_an_answer() {
        let mut pair = linked(live("c"), Remote::Unheard);
        pair.intents = vec![Intent { sent: units(&[("name", "b")]), expected: Some(version(1)), stamp: 1 }];
        assert_eq!(said(&plan_record(&pair, &mapping())), "read");
    }

    #[test]
    fn a_read_that_lags_behind_changes_nothing() {
        let mut pair = linked(live("a"), Remote::Unheard);
        pair.version = Some(version(5));
        let before = pair.clone();
        pair.observe(Remote::Live { version: version(4), units: units(&[("name", "old")]), stamp: None });
        assert_eq!(pair, before);
        assert!(!pair.relink("r2".into(), &version(3)));
        assert_eq!(pair, before);
    }

    #[test]
    fn what_the_remote_rewrites_is_no_news_from_anybody() {
        let mut pair = linked(live("Ana"), Remote::Unheard);
        pair.write_done(1, version(2), &units(&[("name", "Ana")]), &units(&[("name", "ana")]));
        assert_eq!(said(&plan_record(&pair, &mapping())), "nothing");
        // Not when it is read again either, and what somebody writes then is.
        pair.observe(read("ana"));
        assert_eq!(said(&plan_record(&pair, &mapping())), "nothing");
        pair.observe(read("anna"));
        assert_eq!(said(&plan_record(&pair, &mapping())), "take anna");
        pair.local = live("Anne");
        pair.observe(read("ana"));
        assert_eq!(said(&plan_record(&pair, &mapping())), "patch at v2");
    }

    #[rstest]
    #[case::twice(2, "b", "patch at v1")]
    #[case::three_times(3, "b", "nothing")]
    #[case::changed_since(3, "c", "patch at v1")]
    fn what_is_refused_three_times_waits_for_another_value(
        #[case] times: usize,
        #[case] name: &str,
        #[case] then: &str,
    ) {
        let mut pair = linked(live(name), Remote::Unheard);
        for _ in 0..times {
            pair.write_refused(&units(&[("name", "b")]), "too long".into());
        }
        assert_eq!(said(&plan_record(&pair, &mapping())), then);
    }

    #[test]
    fn what_was_refused_is_forgotten_once_nothing_of_it_is_left_to_be_sent() {
        let mut pair = linked(live("b"), Remote::Unheard);
        for _ in 0..3 {
            pair.write_refused(&units(&[("name", "b")]), "too long".into());
        }
        assert!(pair.waits());
        let parked = plan_record(&pair, &mapping());
        pair.apply(&parked);
        let parked = plan_record(&pair, &mapping());
        assert_eq!(parked, RecordPlan::at_rest(&pair), "nothing is to be done");
        assert!(pair.waits());
        pair.local = live("a");
        let plan = plan_record(&pair, &mapping());
        assert_ne!(plan, RecordPlan::at_rest(&pair));
        pair.apply(&plan);
        assert_eq!((pair.refused.is_none(), pair.waits()), (true, false));
    }

    #[rstest]
    #[case::ours(Side::Here, "patch at v2")]
    #[case::theirs(Side::There, "take c")]
    fn a_rule_decides_a_conflict_as_a_person_would(#[case] side: Side, #[case] then: &str) {
        let mut ruled = mapping();
        ruled.0.entry("name".to_owned()).or_default().prefers = Some(side);
        let mut pair = linked(live("b"), read("c"));
        let plan = plan_record(&pair, &ruled);
        assert_eq!((said(&plan).as_str(), plan.base.get("name")), (then, Some(&Value::one("c"))));
        // One that waits already is settled too, and what only one side changed is not asked.
        pair.held = plan_record(&pair, &mapping()).held;
        pair.remote = Remote::Unheard;
        let plan = plan_record(&pair, &ruled);
        assert_eq!((plan.held.len(), plan.take.is_empty()), (0, side == Side::Here));
        assert_eq!(said(&plan_record(&linked(live("a"), read("c")), &ruled)), "take c");
    }

    #[test]
    fn a_definite_answer_settles_all_older_writes() {
        let intent = |stamp| Intent { sent: units(&[("name", "old")]), expected: None, stamp };
        let mut pair = Pair { intents: vec![intent(1), intent(2), intent(3)], ..linked(live("b"), Remote::Unheard) };
        pair.write_done(2, version(9), &units(&[("name", "b")]), &Units::new());
        assert_eq!(
            (pair.intents, pair.version, pair.base),
            (vec![intent(3)], Some(version(9)), units(&[("name", "b")]))
        );
    }

    fn labelled(all: &[(&str, &str)]) -> Value {
        let element = |(key, label): &(&str, &str)| {
            ((*key).to_owned(), crate::value::Element { typed: (*key).to_owned(), label: (*label).to_owned() })
        };
        Value::set(all.iter().map(element).collect())
    }

    #[test]
    fn what_was_not_sent_yet_is_sent_again_also_beside_what_both_spell_in_their_own_way() {
        let element = |key: &str, typed: &str| {
            (key.to_owned(), crate::value::Element { typed: typed.to_owned(), label: "work".to_owned() })
        };
        let set = |all: &[(&str, &str)]| {
            let all = all.iter().map(|(key, typed)| element(key, typed)).collect();
            Units::from([("tags".to_owned(), Value::set(all))])
        };
        let here = set(&[("34612", "612"), ("34613", "613")]);
        let there = Remote::Live { version: version(2), units: set(&[("34612", "+34 612")]), stamp: None };
        let mut pair = linked(Local::Live { units: here, consents: Vec::new() }, there);
        let sent = |pair: &Pair| match plan_record(pair, &mapping()).push {
            Some(Push::Patch { set, .. }) => set.units()["tags"].elements().map(|all| all.contains_key("34613")),
            Some(Push::Create { .. } | Push::Delete { .. }) | None => None,
        };
        assert_eq!(sent(&pair), Some(true));
        // The plan is carried out here, and the write was refused or cut off.
        let plan = plan_record(&pair, &mapping());
        pair.apply(&plan);
        assert_eq!(sent(&pair), Some(true));
    }

    #[test]
    fn an_element_that_waits_is_decided_by_nobody_but_a_person() {
        let set = |all: &[(&str, &str)]| Units::from([("tags".to_owned(), labelled(all))]);
        let mut pair = Pair {
            base: set(&[("a", "work")]),
            ..linked(Local::Live { units: set(&[("a", "home"), ("b", "")]), consents: Vec::new() }, Remote::Unheard)
        };
        pair.remote = Remote::Live { version: version(2), units: set(&[("a", "old")]), stamp: None };
        let first = plan_record(&pair, &mapping());
        let Some(Push::Patch { set: sent, .. }) = first.push else { panic!("b is sent") };
        assert_eq!(*sent.units(), set(&[("a", "old"), ("b", "")]));
        pair.base.extend(first.base);
        (pair.held, pair.remote) = (first.held, Remote::Unheard);
        pair.write_done(1, version(3), sent.units(), sent.units());
        // The answer is no decision, and what was just added is not removed.
        let second = plan_record(&pair, &mapping());
        assert_eq!((second.take, second.push, second.held.len()), (Units::new(), None, 1));
        let mine = labelled(&[("a", "home"), ("b", "")]);
        let theirs = pair.clone().decide("tags", &mine, true);
        assert_eq!(theirs, Some(labelled(&[("a", "old"), ("b", "")])));
        assert_eq!(pair.decide("tags", &mine, false), None);
        let Some(Push::Patch { set: sent, .. }) = plan_record(&pair, &mapping()).push else { panic!("ours is sent") };
        assert_eq!(*sent.units(), set(&[("a", "home"), ("b", "")]));
    }

    #[rstest]
    #[case::live(live("b"))]
    #[case::deleted(Local::Deleted { units: units(&[("name", "b")]) })]
    fn a_record_that_was_never_read_is_read_first(#[case] local: Local) {
        let pair = Pair { key: Some("r1".into()), local, ..Pair::default() };
        assert_eq!(said(&plan_record(&pair, &mapping())), "read");
    }

    #[test]
    fn a_read_that_does_not_say_what_waits_frees_nothing() {
        let mut pair = linked(live("b"), read("c"));
        pair.held = plan_record(&pair, &mapping()).held;
        pair.remote = Remote::Live { version: version(3), units: units(&[("seen", "later")]), stamp: None };
        let plan = plan_record(&pair, &mapping());
        assert_eq!((plan.push, plan.held.len()), (None, 1));
    }

    #[test]
    fn a_write_that_another_of_ours_overtook_never_happened() {
        // Both asked for version 1, and only the later one is in the record.
        let intent = |name: &str, stamp| Intent { sent: units(&[("name", name)]), expected: Some(version(1)), stamp };
        let mut pair = linked(live("b"), Remote::Unheard);
        pair.intents = vec![intent("b", 1), Intent { sent: units(&[("tags", "t")]), ..intent("", 2) }];
        let there = units(&[("name", "a"), ("tags", "t")]);
        pair.observe(Remote::Live { version: version(2), units: there, stamp: Some(2) });
        assert_eq!(pair.base.get("name"), Some(&Value::one("a")));
        assert_eq!(said(&plan_record(&pair, &mapping())), "patch at v2");
    }

    #[test]
    fn what_they_wrote_is_there_when_a_deleted_contact_comes_back() {
        let mut pair = linked(Local::Deleted { units: units(&[("name", "a")]) }, read("b"));
        let plan = plan_record(&pair, &mapping());
        (pair.held, pair.held_deletion, pair.version) = (plan.held, plan.held_deletion, plan.version);
        (pair.remote, pair.local) = (Remote::Unheard, live("a"));
        assert_eq!(said(&plan_record(&pair, &mapping())), "take b");
    }

    #[test]
    fn a_deletion_waits_no_more_once_the_edit_was_taken_back() {
        let mut pair = linked(Local::Deleted { units: units(&[("name", "a")]) }, read("b"));
        let waits = plan_record(&pair, &mapping());
        (pair.held, pair.held_deletion) = (waits.held, waits.held_deletion);
        pair.remote = Remote::Live { version: version(3), units: units(&[("name", "a")]), stamp: None };
        let plan = plan_record(&pair, &mapping());
        assert_eq!(said(&plan), "delete at v3");
        // Not even when the power goes out before it is sent.
        (pair.held, pair.held_deletion, pair.version) = (plan.held, plan.held_deletion, plan.version);
        pair.remote = Remote::Unheard;
        assert_eq!(said(&plan_record(&pair, &mapping())), "delete at v3");
    }

    #[rstest]
    #[case::it_stands_here(Side::Here, true, "delete at v1")]
    #[case::it_stands_there(Side::There, true, "forget")]
    #[case::the_contact_stays_and_gets_a_new_record(Side::There, false, "create there")]
    fn a_deletion_is_decided(#[case] side: Side, #[case] stands: bool, #[case] then: &str) {
        let local = if stands { Local::Deleted { units: units(&[("name", "a")]) } } else { live("b") };
        let mut pair = Pair { held_deletion: Some(side), ..linked(local, Remote::Unheard) };
        pair.decide_deletion(stands);
        assert_eq!(said(&plan_record(&pair, &mapping())), then);
    }

    #[rstest]
    #[case::pulled_only_and_deleted_here(Direction::Pull, Local::Deleted { units: Units::new() }, Remote::Unheard, "forget")]
    #[case::pushed_only_and_deleted_there(Direction::Push, live("a"), Remote::Gone, "forget")]
    fn what_goes_one_way_is_deleted_no_other(
        #[case] direction: Direction,
        #[case] local: Local,
        #[case] remote: Remote,
        #[case] expected: &str,
    ) {
        let rule = Rule { direction, approved: true, ..Rule::default() };
        let one = Mapping(BTreeMap::from([("name".to_owned(), rule)]));
        assert_eq!(said(&plan_record(&linked(local, remote), &one)), expected);
    }

    #[test]
    fn a_mapping_that_only_pushes_makes_no_contacts() {
        let one = Mapping(BTreeMap::from([(
            "name".to_owned(),
            Rule { direction: Direction::Push, approved: true, ..Rule::default() },
        )]));
        let pair = Pair { remote: read("a"), ..Pair::default() };
        assert_eq!(said(&plan_record(&pair, &one)), "nothing");
    }
}
