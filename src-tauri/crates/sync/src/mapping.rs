//! What may go where: the direction of each field, whether a person approved that it leaves,
//! and whose consent it needs. A value that may not leave cannot get into a write, because
//! only [`Mapping::approve`] makes what a write is built from.

use crate::{
    fields,
    mutant::{self, Mutant},
    pair::Side,
    value::{Unit, Units, Value},
};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// Which way a field goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Direction {
    /// Not at all.
    #[default]
    Off,
    /// From the remote to us.
    Pull,
    /// From us to the remote.
    Push,
    /// Both ways.
    Both,
}

/// The rule of one field at one remote.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Rule {
    /// Which way it goes.
    pub direction: Direction,
    /// A person approved that it leaves. Without that it does not.
    pub approved: bool,
    /// The purpose to which the contact must have consented before it leaves.
    pub purpose: Option<String>,
    /// Which side a conflict takes, where a person said so once and for all; else it waits.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub prefers: Option<Side>,
}

impl Rule {
    /// Whether what it is about may leave, for whomever.
    pub fn leaves(&self) -> bool {
        matches!(self.direction, Direction::Push | Direction::Both) && self.approved
    }
}

/// The rules of a remote, by unit. What has none stays where it is.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Mapping(pub BTreeMap<Unit, Rule>);

/// What may leave. Made by [`Mapping::approve`] alone.
#[derive(Debug, Clone, PartialEq, Eq, Default, PartialOrd, Ord, Serialize)]
pub struct Approved(Units);

impl Approved {
    /// What is to be written.
    pub fn units(&self) -> &Units {
        &self.0
    }

    /// Whether nothing is.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl Mapping {
    /// Whether the unit comes from the remote.
    pub fn pulls(&self, unit: &str) -> bool {
        self.0.get(unit).is_some_and(|rule| matches!(rule.direction, Direction::Pull | Direction::Both))
    }

    /// Whether the unit of a contact with these consents may leave. Which phone is the first
    /// says the phone, so it leaves only where the phones may.
    pub fn pushes(&self, unit: &str, consents: &[String]) -> bool {
        let may = self.0.get(unit).is_some_and(|rule| {
            matches!(rule.direction, Direction::Push | Direction::Both)
                && (rule.approved || mutant::is(Mutant::SendUnapproved))
                && rule.purpose.as_ref().is_none_or(|purpose| consents.contains(purpose))
        });
        may && fields::whole_of(unit).is_none_or(|whole| self.pushes(whole, consents))
    }

    /// Which side a conflict about the unit takes; nothing when it waits for a person.
    pub fn prefers(&self, unit: &str) -> Option<Side> {
        self.0.get(unit).and_then(|rule| rule.prefers)
    }

    /// Whether the same goes the same ways, whichever side a conflict takes.
    pub fn goes_like(&self, other: &Self) -> bool {
        let ways = |mapping: &Self| {
            let mut ways = mapping.clone();
            ways.0.values_mut().for_each(|rule| rule.prefers = None);
            ways
        };
        ways(self) == ways(other)
    }

    /// Whether anything comes: else no record makes a contact, and none is binned.
    pub fn comes(&self) -> bool {
        self.0.keys().any(|unit| self.pulls(unit))
    }

    /// Whether anything may leave, for whomever: else no record is made or deleted there.
    pub fn leaves(&self) -> bool {
        self.0.values().any(Rule::leaves)
    }

    /// Whether the unit comes from the remote, and leaves for nobody.
    pub fn only_comes(&self, unit: &str) -> bool {
        let leaves = |rule: &Rule| rule.direction == Direction::Both && rule.approved;
        self.pulls(unit) && !self.0.get(unit).is_some_and(leaves)
    }

    /// The rules of a remote that a team shares, where `team` says what may leave for the team's
    /// database. Only what that holds may leave for the remote: the next device that serves it
    /// would else not know what was agreed on, and undo it. The rest only comes.
    #[must_use]
    pub fn within(&self, team: &Self) -> Self {
        let mut rules = self.clone();
        for (unit, rule) in &mut rules.0 {
            let held = team.0.get(unit).filter(|held| held.leaves());
            let purposes = held.map(|held| (rule.purpose.clone(), held.purpose.clone()));
            match purposes {
                Some((Some(ours), Some(theirs))) if ours != theirs => rule.approved = false,
                Some((ours, theirs)) => rule.purpose = ours.or(theirs),
                None => rule.approved = false,
            }
        }
        rules
    }

    /// Units that go either way.
    pub fn units(&self) -> impl Iterator<Item = &Unit> {
        self.0.iter().filter(|(_, rule)| rule.direction != Direction::Off).map(|(unit, _)| unit)
    }

    /// What of these may leave for a contact with these consents; the rest is left out.
    pub fn approve(&self, units: impl IntoIterator<Item = (Unit, Value)>, consents: &[String]) -> Approved {
        Approved(units.into_iter().filter(|(unit, _)| self.pushes(unit, consents)).collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rstest::rstest;

    #[rstest]
    #[case::approved(Direction::Both, true, None, &[], true)]
    #[case::push_only(Direction::Push, true, None, &[], true)]
    #[case::not_approved(Direction::Both, false, None, &[], false)]
    #[case::pull_only(Direction::Pull, true, None, &[], false)]
    #[case::off(Direction::Off, true, None, &[], false)]
    #[case::consented(Direction::Both, true, Some("news"), &["news"], true)]
    #[case::not_consented(Direction::Both, true, Some("news"), &["service"], false)]
    fn only_what_was_approved_leaves(
        #[case] direction: Direction,
        #[case] approved: bool,
        #[case] purpose: Option<&str>,
        #[case] consents: &[&str],
        #[case] leaves: bool,
    ) {
        let rule = Rule { direction, approved, purpose: purpose.map(str::to_owned), prefers: None };
        let mapping = Mapping(BTreeMap::from([("name".to_owned(), rule)]));
        let consents: Vec<String> = consents.iter().map(|one| (*one).to_owned()).collect();
        let units = [("name".to_owned(), Value::one("Ana")), ("secret".to_owned(), Value::one("x"))];
        let left = mapping.approve(units, &consents);
        assert_eq!(left.units().contains_key("name"), leaves);
        assert!(!left.units().contains_key("secret"), "what has no rule stays");
    }

    #[rstest]
    #[case::may_leave(Direction::Both, true, None, true)]
    #[case::not_approved(Direction::Both, false, None, false)]
    #[case::only_come(Direction::Pull, true, None, false)]
    #[case::not_consented(Direction::Both, true, Some("news"), false)]
    fn which_phone_is_the_first_leaves_where_the_phones_may(
        #[case] direction: Direction,
        #[case] approved: bool,
        #[case] purpose: Option<&str>,
        #[case] leaves: bool,
    ) {
        let phones = Rule { direction, approved, purpose: purpose.map(str::to_owned), ..Rule::default() };
        let first = Rule { direction: Direction::Both, approved: true, ..Rule::default() };
        let rules = [("phone", phones), ("phone.first", first.clone()), ("custom.first", first)];
        let mapping = Mapping(rules.into_iter().map(|(unit, rule)| (unit.to_owned(), rule)).collect());
        assert_eq!(mapping.pushes("phone.first", &[]), leaves);
        assert!(mapping.pushes("custom.first", &[]), "a field that somebody called so is one by itself");
    }

    #[rstest]
    #[case::held_by_the_team(rule(Direction::Both, true, None), rule(Direction::Both, true, None), true, None)]
    #[case::not_approved_for_it(rule(Direction::Both, true, None), rule(Direction::Both, false, None), false, None)]
    #[case::it_only_comes_from_it(rule(Direction::Both, true, None), rule(Direction::Pull, true, None), false, None)]
    #[case::not_approved_here(rule(Direction::Both, false, None), rule(Direction::Both, true, None), false, None)]
    #[case::the_team_wants_a_consent(
        rule(Direction::Both, true, None),
        rule(Direction::Both, true, Some("news")),
        true,
        Some("news")
    )]
    #[case::the_remote_wants_one(
        rule(Direction::Push, true, Some("news")),
        rule(Direction::Both, true, None),
        true,
        Some("news")
    )]
    #[case::both_want_the_same(
        rule(Direction::Both, true, Some("news")),
        rule(Direction::Both, true, Some("news")),
        true,
        Some("news")
    )]
    #[case::each_wants_another(
        rule(Direction::Both, true, Some("news")),
        rule(Direction::Both, true, Some("care")),
        false,
        Some("news")
    )]
    fn only_what_the_team_holds_leaves_for_a_remote_that_it_shares(
        #[case] remote: Rule,
        #[case] team: Rule,
        #[case] leaves: bool,
        #[case] purpose: Option<&str>,
    ) {
        let of = |rule| Mapping(BTreeMap::from([("name".to_owned(), rule)]));
        let rules = of(remote.clone()).within(&of(team));
        let (approved, wants) = (rules.0["name"].approved, rules.0["name"].purpose.as_deref());
        assert_eq!((approved, wants), (leaves, purpose));
        assert_eq!(rules.only_comes("name"), rules.pulls("name") && !leaves);
        assert!(!of(remote).within(&Mapping::default()).leaves(), "what the team does not know stays");
    }

    fn rule(direction: Direction, approved: bool, purpose: Option<&str>) -> Rule {
        Rule { direction, approved, purpose: purpose.map(str::to_owned), prefers: None }
    }

    #[test]
    fn who_wins_a_conflict_changes_nothing_of_what_goes_where() {
        let rule = |prefers, approved| Rule { direction: Direction::Both, approved, prefers, ..Rule::default() };
        let of = |rule| Mapping(BTreeMap::from([("name".to_owned(), rule)]));
        let (none, theirs) = (of(rule(None, true)), of(rule(Some(Side::There), true)));
        assert!(none.goes_like(&theirs) && none != theirs);
        assert!(!none.goes_like(&of(rule(None, false))));
        assert_eq!((theirs.prefers("name"), theirs.prefers("phone")), (Some(Side::There), None));
    }
}
