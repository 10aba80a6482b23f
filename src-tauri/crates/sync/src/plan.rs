//! The plan of a run: every pair decided, counted, and questioned when it would delete or
//! empty too much. The same observations give the same plan, in whatever order they come.

use crate::{
    mapping::Mapping,
    mutant::{self, Mutant},
    pair::{Local, Pair, Side},
    record::{Push, RecordPlan, plan_record},
    relink::{Asked, Relinks},
    run::Op,
    value::{Unit, Value},
};
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};
use std::collections::BTreeMap;

/// What a run does. What becomes of one pair is decided again when it is applied
/// ([`Plan::record`]): a first sync has too many of them to keep.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize)]
pub struct Plan {
    /// Pairs of which a person is asked whose record it is.
    asked: BTreeMap<Op, Asked>,
    /// How much is done.
    pub totals: Totals,
    /// What a person is asked before any of it is applied.
    pub questions: Vec<Question>,
    /// Of all that is decided, in any order.
    decided: [u8; 32],
}

/// How much a plan does. Each count is of records.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Totals {
    /// Contacts that get values from the remote.
    pub pulled: u32,
    /// Contacts that are made.
    pub created_here: u32,
    /// Contacts that go to the bin.
    pub deleted_here: u32,
    /// Records that get values from us.
    pub pushed: u32,
    /// Records that are made.
    pub created_there: u32,
    /// Records that are deleted.
    pub deleted_there: u32,
    /// Records of which something waits for a person.
    pub held: u32,
}

/// Above these a plan is questioned.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// So many deletions are never questioned.
    pub deletions: u32,
    /// Nor is this share of the linked contacts, in percent.
    pub deletions_percent: u32,
    /// This share of the linked contacts may lose the same unit, in percent.
    pub emptied_percent: u32,
    /// So many records may still be made at the remote; nothing where nobody counts.
    pub room: Option<u32>,
}

impl Default for Limits {
    fn default() -> Self {
        Self { deletions: 5, deletions_percent: 2, emptied_percent: 10, room: None }
    }
}

/// What a person is asked.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Question {
    /// So many contacts would go to the bin, of so many that are linked.
    DeletesHere {
        /// How many.
        count: u32,
        /// Of how many.
        linked: u32,
    },
    /// So many records would be deleted at the remote.
    DeletesThere {
        /// How many.
        count: u32,
        /// Of how many.
        linked: u32,
    },
    /// So many would lose this unit.
    Empties {
        /// Where.
        side: Side,
        /// Which.
        unit: Unit,
        /// How many.
        count: u32,
        /// Of how many.
        linked: u32,
    },
    /// More records would be made at the remote than it takes.
    Overflows {
        /// How many.
        count: u32,
        /// For how many there is room.
        room: u32,
    },
}

/// Decides pair after pair, in any order, and remembers of each no more than what the whole
/// plan depends on.
pub struct Planner<'m> {
    mapping: &'m Mapping,
    plan: Plan,
    relinks: Relinks<'m>,
    emptied: BTreeMap<(Side, &'m Unit), u32>,
    /// Deletions that wait for a person from now on.
    waiting: u32,
}

/// What one pair adds to a plan.
#[derive(Debug, Clone, Default)]
pub(crate) struct Share<'m> {
    totals: Totals,
    emptied: Vec<(Side, &'m Unit)>,
    waits: bool,
}

impl<'m> Share<'m> {
    fn of(pair: &Pair, record: &RecordPlan, mapping: &'m Mapping) -> Self {
        let mut totals = Totals::default();
        totals.count(record);
        let waits = record.held_deletion == Some(Side::There) && pair.held_deletion.is_none();
        Self { totals, emptied: units_emptied(pair, record, mapping), waits }
    }
}

impl<'m> Planner<'m> {
    /// Nothing is decided yet.
    pub fn new(mapping: &'m Mapping) -> Self {
        Self { mapping, plan: Plan::default(), relinks: Relinks::default(), emptied: BTreeMap::new(), waiting: 0 }
    }

    /// Decides a pair.
    pub fn take(&mut self, op: Op, pair: &Pair) -> RecordPlan {
        let record = plan_record(pair, self.mapping);
        if record == RecordPlan::at_rest(pair) {
            self.plan.totals.count(&record);
        } else {
            let share = Share::of(pair, &record, self.mapping);
            self.plan.totals.add(&share.totals);
            self.waiting += u32::from(share.waits);
            for lost in &share.emptied {
                *self.emptied.entry(*lost).or_default() += 1;
            }
            let text = serde_json::to_vec(&(op, &record)).expect("a plan is numbers, texts and maps with keys of text");
            for (all, one) in self.plan.decided.iter_mut().zip(Sha256::digest(text)) {
                *all ^= one;
            }
            self.relinks.take(op, pair, &record, share);
        }
        self.relinks.wait(op, pair);
        record
    }

    /// The plan. `linked` says how many contacts the remote knows in all, where that matters,
    /// and `before` is what plans of the same run did already: a mass deletion in parts is one.
    pub fn finish<E>(
        mut self,
        limits: Limits,
        before: Totals,
        linked: impl FnOnce() -> Result<u32, E>,
    ) -> Result<Plan, E> {
        for (op, asked, share) in std::mem::take(&mut self.relinks).into_asked() {
            self.plan.totals.subtract(&share.totals);
            self.plan.totals.held += u32::from(matches!(asked, Asked::Whose(_)));
            self.waiting -= u32::from(share.waits);
            for lost in share.emptied {
                self.emptied.entry(lost).and_modify(|count| *count -= 1);
            }
            self.plan.asked.insert(op, asked);
        }
        // Of nobody it would be the fewest that are asked about.
        if !mutant::is(Mutant::NoBrake) && !self.questions(0, limits, before).is_empty() {
            self.plan.questions = self.questions(linked()?, limits, before);
        }
        Ok(self.plan)
    }

    fn questions(&self, linked: u32, limits: Limits, before: Totals) -> Vec<Question> {
        let mut questions = Vec::new();
        let share = |percent: u32| linked.saturating_mul(percent) / 100;
        let most = limits.deletions.max(share(limits.deletions_percent));
        let Totals { mut deleted_here, mut deleted_there, .. } = self.plan.totals;
        // Of a small deletion that goes on nobody is asked; of one that grew large, all count.
        deleted_here += if deleted_here > 0 { before.deleted_here } else { 0 };
        deleted_there += if deleted_there > 0 { before.deleted_there } else { 0 };
        // A deletion that waits for a person is one of many all the same.
        if deleted_here + self.waiting > most {
            questions.push(Question::DeletesHere { count: deleted_here + self.waiting, linked });
        }
        if deleted_there > most {
            questions.push(Question::DeletesThere { count: deleted_there, linked });
        }
        let created = self.plan.totals.created_there;
        let all = created.saturating_add(before.created_there);
        if let Some(room) = limits.room.filter(|room| created > 0 && all > *room) {
            questions.push(Question::Overflows { count: all, room });
        }
        let most = limits.deletions.max(share(limits.emptied_percent));
        for ((side, unit), count) in self.emptied.iter().filter(|(_, count)| **count > most) {
            questions.push(Question::Empties { side: *side, unit: (*unit).clone(), count: *count, linked });
        }
        questions
    }
}

impl Question {
    /// Whether somebody who agreed to these agreed to this: the same, and no more of it.
    pub fn is_covered(&self, agreed: &[Self]) -> bool {
        agreed.iter().any(|other| match (self, other) {
            (Self::DeletesHere { count, .. }, Self::DeletesHere { count: most, .. })
            | (Self::DeletesThere { count, .. }, Self::DeletesThere { count: most, .. }) => count <= most,
            (Self::Empties { side, unit, count, .. }, Self::Empties { side: at, unit: of, count: most, .. }) => {
                side == at && unit == of && count <= most
            }
            (Self::Overflows { count, .. }, Self::Overflows { count: most, .. }) => count <= most,
            _ => false,
        })
    }
}

impl Plan {
    /// What becomes of a pair that is as it was when the plan was made.
    pub fn record(&self, op: Op, pair: &Pair, mapping: &Mapping) -> RecordPlan {
        match self.asked.get(&op) {
            None => plan_record(pair, mapping),
            Some(Asked::Whose(relink)) => RecordPlan { relink: Some(relink.clone()), ..RecordPlan::at_rest(pair) },
            Some(Asked::Aside(key)) => RecordPlan { aside: Some(key.clone()), ..RecordPlan::at_rest(pair) },
        }
    }

    /// What binds a preview to what is applied: equal for equal plans, of 64 hex digits.
    pub fn digest(&self) -> String {
        let text = serde_json::to_vec(self).expect("a plan is numbers, texts and maps with keys of text");
        Sha256::digest(text).iter().map(|byte| format!("{byte:02x}")).collect()
    }
}

impl Totals {
    /// Adds what another plan does.
    pub fn add(&mut self, other: &Self) {
        self.pulled += other.pulled;
        self.created_here += other.created_here;
        self.deleted_here += other.deleted_here;
        self.pushed += other.pushed;
        self.created_there += other.created_there;
        self.deleted_there += other.deleted_there;
        self.held += other.held;
    }

    fn subtract(&mut self, other: &Self) {
        self.pulled -= other.pulled;
        self.created_here -= other.created_here;
        self.deleted_here -= other.deleted_here;
        self.pushed -= other.pushed;
        self.created_there -= other.created_there;
        self.deleted_there -= other.deleted_there;
        self.held -= other.held;
    }

    fn count(&mut self, record: &RecordPlan) {
        self.created_here += u32::from(record.creates_contact);
        self.pulled += u32::from(!record.creates_contact && !record.take.is_empty());
        self.deleted_here += u32::from(record.bins_contact);
        let waits = !record.held.is_empty() || record.held_deletion.is_some() || record.relink.is_some();
        self.held += u32::from(waits);
        match record.push {
            Some(Push::Create { .. }) => self.created_there += 1,
            Some(Push::Patch { .. }) => self.pushed += 1,
            Some(Push::Delete { .. }) => self.deleted_there += 1,
            None => {}
        }
    }
}

/// Units that one side loses, and which side: a value becomes nothing.
fn units_emptied<'m>(pair: &Pair, record: &RecordPlan, mapping: &'m Mapping) -> Vec<(Side, &'m Unit)> {
    let here = match &pair.local {
        Local::Live { units, .. } => Some(units),
        Local::Absent | Local::Deleted { .. } | Local::Erased { .. } => None,
    };
    let taken = |unit: &Unit| {
        record.take.get(unit).is_some_and(Value::is_absent)
            && here.and_then(|units| units.get(unit)).is_some_and(|value| !value.is_absent())
    };
    let sent = |unit: &Unit| match &record.push {
        Some(Push::Patch { set, .. }) => set.units().get(unit).is_some_and(Value::is_absent),
        Some(Push::Create { .. } | Push::Delete { .. }) | None => false,
    };
    let here = mapping.units().filter(|unit| taken(unit)).map(|unit| (Side::Here, unit));
    here.chain(mapping.units().filter(|unit| sent(unit)).map(|unit| (Side::There, unit))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        mapping::{Direction, Rule},
        pair::{Remote, Version},
        value::Units,
    };
    use rstest::rstest;

    fn mapping() -> Mapping {
        let rule = Rule { direction: Direction::Both, approved: true, ..Rule::default() };
        Mapping(BTreeMap::from([("name".to_owned(), rule)]))
    }

    fn name(text: &str) -> Units {
        BTreeMap::from([("name".to_owned(), Value::one(text))])
    }

    fn plan(pairs: &BTreeMap<u64, Pair>, mapping: &Mapping, linked: u32, limits: Limits, before: Totals) -> Plan {
        let mut planner = Planner::new(mapping);
        for (op, pair) in pairs {
            planner.take(*op, pair);
        }
        let Ok::<_, std::convert::Infallible>(plan) = planner.finish(limits, before, || Ok(linked));
        plan
    }

    /// So many linked contacts that agree on a name, all with the same news.
    fn pairs(count: u64, local: &Local, remote: &Remote) -> BTreeMap<u64, Pair> {
        let pair = |at: u64| Pair {
            key: Some(format!("r{at}")),
            version: Some(Version { text: "v1".into(), order: None }),
            local: local.clone(),
            base: name("a"),
            remote: remote.clone(),
            ..Pair::default()
        };
        (0..count).map(|at| (at, pair(at))).collect()
    }

    fn live(text: &str) -> Local {
        Local::Live { units: name(text), consents: Vec::new() }
    }

    #[rstest]
    #[case::few_of_few(5, 20, 0)]
    #[case::more_than_five_of_few(6, 20, 1)]
    #[case::two_in_a_hundred(20, 1_000, 0)]
    #[case::more_than_that(21, 1_000, 1)]
    #[case::nearly_all_of_them(298, 300, 1)]
    fn a_mass_deletion_is_asked_about_on_either_side(
        #[case] deleted: u64,
        #[case] linked: u32,
        #[case] questions: usize,
    ) {
        let gone =
            plan(&pairs(deleted, &live("a"), &Remote::Gone), &mapping(), linked, Limits::default(), Totals::default());
        let here = Local::Deleted { units: name("a") };
        let ours =
            plan(&pairs(deleted, &here, &Remote::Unheard), &mapping(), linked, Limits::default(), Totals::default());
        assert_eq!((gone.questions.len(), ours.questions.len()), (questions, questions));
        assert_eq!((gone.totals.deleted_here, ours.totals.deleted_there), (deleted as u32, deleted as u32));
    }

    #[rstest]
    #[case::a_tenth(10, 100, 0)]
    #[case::more_than_a_tenth(11, 100, 1)]
    fn a_field_that_many_would_lose_is_asked_about(
        #[case] emptied: u64,
        #[case] linked: u32,
        #[case] questions: usize,
    ) {
        let made = plan(
            &pairs(emptied, &live(""), &Remote::Unheard),
            &mapping(),
            linked,
            Limits::default(),
            Totals::default(),
        );
        assert_eq!(made.questions.len(), questions, "{:?}", made.questions);
    }

    #[test]
    fn a_pair_at_rest_is_no_part_of_the_plan() {
        let made = plan(&pairs(3, &live("a"), &Remote::Unheard), &mapping(), 3, Limits::default(), Totals::default());
        assert_eq!(made, Plan::default());
    }

    #[test]
    fn a_mass_deletion_in_parts_is_one() {
        let pairs = pairs(3, &live("a"), &Remote::Gone);
        let before = Totals { deleted_here: 3, ..Totals::default() };
        let made = plan(&pairs, &mapping(), 20, Limits::default(), before);
        assert_eq!(made.questions, vec![Question::DeletesHere { count: 6, linked: 20 }]);
    }

    #[test]
    fn who_agreed_to_so_many_did_not_agree_to_more() {
        let agreed = [Question::DeletesHere { count: 10, linked: 20 }];
        assert!(Question::DeletesHere { count: 9, linked: 19 }.is_covered(&agreed));
        assert!(!Question::DeletesHere { count: 11, linked: 20 }.is_covered(&agreed));
        assert!(!Question::DeletesThere { count: 1, linked: 20 }.is_covered(&agreed));
    }

    #[rstest]
    #[case::nobody_counts(None, 0, true)]
    #[case::there_is_room(Some(3), 0, true)]
    #[case::too_many(Some(2), 0, false)]
    #[case::too_many_with_those_before(Some(3), 1, false)]
    fn more_records_than_a_remote_takes_are_asked_about(
        #[case] room: Option<u32>,
        #[case] made_before: u32,
        #[case] is_quiet: bool,
    ) {
        let local = Local::Live { units: Units::from([("name".to_owned(), Value::one("Ana"))]), consents: Vec::new() };
        let mapping = mapping();
        let mut planner = Planner::new(&mapping);
        for op in 0..3 {
            planner.take(op, &Pair { local: local.clone(), ..Pair::default() });
        }
        let before = Totals { created_there: made_before, ..Totals::default() };
        let limits = Limits { room, ..Limits::default() };
        let Ok::<_, std::convert::Infallible>(plan) = planner.finish(limits, before, || Ok(0));
        assert_eq!(plan.questions.is_empty(), is_quiet, "{:?}", plan.questions);
        let asked = plan.questions.first().cloned();
        assert!(asked.is_none_or(|asked| asked.is_covered(&[Question::Overflows { count: 4, room: 0 }])));
    }

    #[test]
    fn the_digest_tells_plans_apart_and_is_the_same_for_the_same() {
        let of = |text| {
            plan(&pairs(3, &live(text), &Remote::Unheard), &mapping(), 3, Limits::default(), Totals::default()).digest()
        };
        let mapping = mapping();
        let mut backwards = Planner::new(&mapping);
        for (op, pair) in pairs(3, &live("b"), &Remote::Unheard).iter().rev() {
            backwards.take(*op, pair);
        }
        let Ok::<_, std::convert::Infallible>(backwards) =
            backwards.finish(Limits::default(), Totals::default(), || Ok(3));
        assert_eq!(backwards.digest(), of("b"), "in whatever order they come");
        assert_eq!(of("b"), of("b"));
        assert_ne!(of("b"), of("c"));
        assert_eq!(of("b").len(), 64);
    }
}
