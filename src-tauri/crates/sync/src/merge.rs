//! Three-way merge of one unit: what both sides last agreed on, what we have, what they
//! have. Pure and the same for any order of its inputs; it never makes a value that
//! nobody wrote.

use crate::{
    mutant::{self, Mutant},
    pair::Side,
    value::{Element, Value},
};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};

/// What becomes of a unit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Merged {
    /// Both sides say the same.
    Same,
    /// Only they moved: theirs is taken.
    Take(Value),
    /// Only we moved: ours is pushed.
    Push(Value),
    /// A set in which both moved: each side gets what it lacks.
    Both {
        /// What it is here from now on.
        here: Value,
        /// What it is to be there.
        there: Value,
        /// Elements of which both sides changed the label differently: each keeps its own
        /// until a person decides.
        held: BTreeSet<String>,
    },
    /// Both moved, differently: both keep their own until a person decides.
    Hold,
}

/// Merges one unit. `base` is what both sides last agreed on; nothing when they never did.
pub fn merge(base: Option<&Value>, here: &Value, there: &Value) -> Merged {
    if here == there {
        return Merged::Same;
    }
    let base = base.filter(|_| !mutant::is(Mutant::NoBase));
    let is_set = matches!(here, Value::Set(_)) || matches!(there, Value::Set(_));
    if is_set
        && !mutant::is(Mutant::TagsAsOneValue)
        && let (Some(ours), Some(theirs)) = (here.elements(), there.elements())
        && let Some(agreed) = base.map_or(Some(BTreeMap::new()), Value::elements)
    {
        return merge_sets(base.is_some().then_some(&agreed), &ours, &theirs);
    }
    match base {
        Some(base) if base == here => Merged::Take(there.clone()),
        Some(base) if base == there => Merged::Push(here.clone()),
        None if here.is_absent() => Merged::Take(there.clone()),
        None if there.is_absent() => Merged::Push(here.clone()),
        // A name without its parts says less of the same.
        None if here.is_part_of(there) => Merged::Take(there.clone()),
        None if there.is_part_of(here) => Merged::Push(here.clone()),
        // A two-way compare has nobody to ask: the mutant lets the other side win.
        _ if mutant::is(Mutant::NoBase) || mutant::is(Mutant::RemoteWins) => Merged::Take(there.clone()),
        _ => Merged::Hold,
    }
}

impl Merged {
    /// What waits for a person, decided for one side; whether anything was.
    pub fn settled(self, mine: &Value, theirs: &Value, side: Side) -> (Self, bool) {
        match (self, side) {
            (Self::Hold, Side::Here) => (Self::Push(mine.clone()), true),
            (Self::Hold, Side::There) => (Self::Take(theirs.clone()), true),
            (Self::Both { here, there, held }, side) if !held.is_empty() => {
                let held = Held { base: None, mine: mine.clone(), theirs: theirs.clone(), elements: held };
                let (here, there) = match side {
                    Side::Here => (here, held.masked(&there, Some(mine))),
                    Side::There => (held.masked(&here, Some(theirs)), there),
                };
                (Self::Both { here, there, held: BTreeSet::new() }, true)
            }
            (merged, _) => (merged, false),
        }
    }
}

type Elements<'e> = BTreeMap<&'e str, &'e Element>;

fn merge_sets(base: Option<&Elements<'_>>, ours: &Elements<'_>, theirs: &Elements<'_>) -> Merged {
    let (mut here, mut there, mut held) = (BTreeMap::new(), BTreeMap::new(), BTreeSet::new());
    let keys: BTreeSet<&str> = ours.keys().chain(theirs.keys()).copied().collect();
    for key in keys {
        let (agreed, mine, other) = (base.and_then(|base| base.get(key)), ours.get(key), theirs.get(key));
        let (mine, other) = match (agreed, mine, other) {
            // Removed on one side: gone, unless the other side changed it since.
            (Some(agreed), Some(one), None) | (Some(agreed), None, Some(one)) if agreed == one => (None, None),
            (_, Some(one), None) | (_, None, Some(one)) => (Some(*one), Some(*one)),
            (_, Some(mine), Some(other)) if mine == other => (Some(*mine), Some(*mine)),
            (Some(agreed), Some(mine), Some(other)) if agreed == mine => (Some(*other), Some(*other)),
            (Some(agreed), Some(mine), Some(other)) if agreed == other => (Some(*mine), Some(*mine)),
            // Both added it: one says less of it, or they say the same in words of their own.
            (None, Some(mine), Some(other)) if mine.label.is_empty() => (Some(*other), Some(*other)),
            (None, Some(mine), Some(other)) if other.label.is_empty() => (Some(*mine), Some(*mine)),
            (None, Some(mine), Some(other)) if mine.label == other.label && mine.label != key => {
                (Some(*mine), Some(*other))
            }
            (_, Some(mine), Some(other)) => {
                held.insert(key.to_owned());
                (Some(*mine), Some(*other))
            }
            (_, None, None) => (None, None),
        };
        here.extend(mine.map(|one| (key.to_owned(), one.clone())));
        there.extend(other.map(|one| (key.to_owned(), one.clone())));
    }
    Merged::Both { here: Value::set(here), there: Value::set(there), held }
}

/// A unit that waits for a person.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Held {
    /// What both sides last agreed on.
    pub base: Option<Value>,
    /// What it is here.
    pub mine: Value,
    /// What it is there.
    pub theirs: Value,
    /// The elements of a set that wait; none when all of the unit does.
    pub elements: BTreeSet<String>,
}

impl Held {
    /// A value of the unit in which what waits is as `other` has it, and the rest as it is:
    /// what waits is never decided by the way.
    pub fn masked(&self, value: &Value, other: Option<&Value>) -> Value {
        if self.elements.is_empty() {
            return other.cloned().unwrap_or_default();
        }
        let (Some(mut mixed), Some(other)) =
            (value.clone().into_elements(), other.map_or(Some(BTreeMap::new()), Value::elements))
        else {
            return value.clone();
        };
        for key in &self.elements {
            match other.get(key.as_str()) {
                Some(element) => mixed.insert(key.clone(), (*element).clone()),
                None => mixed.remove(key),
            };
        }
        Value::set(mixed)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use rstest::rstest;

    fn one(text: &str) -> Value {
        Value::one(text)
    }

    #[rstest]
    #[case::nothing_moved(Some("a"), "a", "a", Merged::Same)]
    #[case::both_say_the_same(Some("a"), "b", "b", Merged::Same)]
    #[case::they_moved(Some("a"), "a", "b", Merged::Take(one("b")))]
    #[case::we_moved(Some("a"), "b", "a", Merged::Push(one("b")))]
    #[case::they_emptied_it(Some("a"), "a", "", Merged::Take(Value::Absent))]
    #[case::we_emptied_it(Some("a"), "", "a", Merged::Push(Value::Absent))]
    #[case::both_moved(Some("a"), "b", "c", Merged::Hold)]
    #[case::emptied_against_edited(Some("a"), "", "c", Merged::Hold)]
    #[case::never_agreed_only_here(None, "a", "", Merged::Push(one("a")))]
    #[case::never_agreed_only_there(None, "", "a", Merged::Take(one("a")))]
    #[case::never_agreed_and_different(None, "a", "b", Merged::Hold)]
    #[case::agreed_on_nothing(Some(""), "a", "b", Merged::Hold)]
    fn one_value(#[case] base: Option<&str>, #[case] here: &str, #[case] there: &str, #[case] expected: Merged) {
        assert_eq!(merge(base.map(one).as_ref(), &one(here), &one(there)), expected);
    }

    #[rstest]
    #[case::each_added_one(Some("a"), "a b", "a c", "a b c")]
    #[case::one_removed_one_added(Some("a b"), "a", "a b c", "a c")]
    #[case::both_removed_another(Some("a b c"), "b c", "a b", "b")]
    #[case::never_agreed(None, "a b", "b c", "a b c")]
    #[case::all_removed_here(Some("a b"), "", "a b", "")]
    fn a_set(#[case] base: Option<&str>, #[case] here: &str, #[case] there: &str, #[case] both: &str) {
        let words = |text: &str| Value::words(text.split_whitespace());
        let Merged::Both { here, there, held } = merge(base.map(words).as_ref(), &words(here), &words(there)) else {
            panic!("sets are merged as sets")
        };
        assert_eq!((here, there, held.len()), (words(both), words(both), 0));
    }

    #[test]
    fn a_label_that_both_changed_waits_and_the_rest_goes_on() {
        let set = |all: &[(&str, &str)]| {
            let element = |(key, label): &(&str, &str)| {
                ((*key).to_owned(), Element { typed: (*key).to_owned(), label: (*label).to_owned() })
            };
            Value::set(all.iter().map(element).collect())
        };
        let base = set(&[("a@x", "work")]);
        let (mine, theirs) = (set(&[("a@x", "home"), ("b@x", "")]), set(&[("a@x", "old")]));
        let merged = merge(Some(&base), &mine, &theirs);
        let there = set(&[("a@x", "old"), ("b@x", "")]);
        assert_eq!(merged, Merged::Both { here: mine, there, held: BTreeSet::from(["a@x".to_owned()]) });
    }

    #[rstest]
    #[case::ours(Side::Here, "home", Merged::Push(one("b")))]
    #[case::theirs(Side::There, "old", Merged::Take(one("c")))]
    fn what_waits_is_settled_for_one_side_and_nothing_else_is(
        #[case] side: Side,
        #[case] label: &str,
        #[case] value: Merged,
    ) {
        let (mine, theirs) = (one("b"), one("c"));
        assert_eq!(merge(Some(&one("a")), &mine, &theirs).settled(&mine, &theirs, side), (value, true));
        let moved = merge(Some(&mine), &mine, &theirs);
        assert_eq!(moved.clone().settled(&mine, &theirs, side), (moved, false), "only they moved");
        let set = |all: &[(&str, &str)]| {
            let element = |(key, label): &(&str, &str)| {
                ((*key).to_owned(), Element { typed: (*key).to_owned(), label: (*label).to_owned() })
            };
            Value::set(all.iter().map(element).collect())
        };
        let (mine, theirs) = (set(&[("a@x", "home"), ("b@x", "")]), set(&[("a@x", "old")]));
        let both = set(&[("a@x", label), ("b@x", "")]);
        let settled = merge(Some(&set(&[("a@x", "work")])), &mine, &theirs).settled(&mine, &theirs, side);
        assert_eq!(settled, (Merged::Both { here: both.clone(), there: both, held: BTreeSet::new() }, true));
    }

    #[test]
    fn what_both_say_in_words_of_their_own_is_no_conflict() {
        let set = |key: &str, typed: &str, label: &str| {
            Value::set(BTreeMap::from([(key.to_owned(), Element { typed: typed.to_owned(), label: label.to_owned() })]))
        };
        let both = |here: &Value, there: &Value| Merged::Both {
            here: here.clone(),
            there: there.clone(),
            held: BTreeSet::new(),
        };
        let (spaced, plain) = (set("+34612", "+34 612", ""), set("+34612", "+34612", "work"));
        assert_eq!(merge(None, &spaced, &plain), both(&plain, &plain), "one of them says more");
        let spaced = set("+34612", "+34 612", "work");
        assert_eq!(merge(None, &spaced, &plain), both(&spaced, &plain), "each keeps its own");
        // A birthday is told by its name, and what it says is the day.
        let (one, other) = (set("birthday", "1980-01-01", "birthday"), set("birthday", "1980-01-02", "birthday"));
        let Merged::Both { held, .. } = merge(None, &one, &other) else { panic!("sets are merged as sets") };
        assert_eq!(held.len(), 1);
        let (short, full) = (Value::one("Ana Ruiz"), Value::one("Ana Ruiz\u{1f}Ana\u{1f}\u{1f}Ruiz\u{1f}\u{1f}"));
        assert_eq!(merge(None, &short, &full), Merged::Take(full.clone()));
        assert_eq!(merge(None, &full, &short), Merged::Push(full));
    }

    fn any_value() -> impl Strategy<Value = Value> {
        prop_oneof![
            Just(Value::Absent),
            "[a-c]".prop_map(Value::One),
            proptest::collection::btree_map(
                "[a-d]",
                "[xy]".prop_map(|label| Element { typed: "t".into(), label }),
                0..4
            )
            .prop_map(Value::set),
        ]
    }

    proptest! {
        #[test]
        fn what_is_equal_stays(base in proptest::option::of(any_value()), value in any_value()) {
            prop_assert_eq!(merge(base.as_ref(), &value, &value), Merged::Same);
        }

        #[test]
        fn no_side_is_the_better_one(base in proptest::option::of(any_value()), one in any_value(), other in any_value()) {
            let turned = match merge(base.as_ref(), &other, &one) {
                Merged::Take(value) => Merged::Push(value),
                Merged::Push(value) => Merged::Take(value),
                Merged::Both { here, there, held } => Merged::Both { here: there, there: here, held },
                same => same,
            };
            prop_assert_eq!(merge(base.as_ref(), &one, &other), turned);
        }

        #[test]
        fn nothing_is_invented(base in proptest::option::of(any_value()), one in any_value(), other in any_value()) {
            let written = |key: &str, element: &Element| [&one, &other].iter().any(|side| {
                side.elements().is_some_and(|all| all.get(key) == Some(&element))
            });
            match merge(base.as_ref(), &one, &other) {
                Merged::Take(value) => prop_assert_eq!(value, other),
                Merged::Push(value) => prop_assert_eq!(value, one),
                Merged::Both { here, there, .. } => for side in [here, there] {
                    let Value::Set(all) = side else { continue };
                    prop_assert!(all.iter().all(|(key, element)| written(key, element)));
                },
                Merged::Same | Merged::Hold => {}
            }
        }

        #[test]
        fn merging_again_changes_nothing(base in proptest::option::of(any_value()), one in any_value(), other in any_value()) {
            if let Merged::Both { here, there, held } = merge(base.as_ref(), &one, &other) && held.is_empty() {
                let keys = |value: &Value| value.elements().map(|all| all.into_keys().map(str::to_owned).collect::<Vec<_>>());
                prop_assert_eq!(keys(&here), keys(&there));
                prop_assert_eq!(merge(Some(&there), &there, &there), Merged::Same);
            }
        }
    }
}
