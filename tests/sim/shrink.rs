//! Which actions of a schedule it takes to break a promise.

use std::collections::BTreeSet;

/// Actions of a schedule are fewer.
pub(crate) const MOST: usize = 26;

/// Some actions of a schedule.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Actions {
    /// How many from the beginning.
    pub(crate) first: usize,
    /// But for these.
    pub(crate) without: BTreeSet<usize>,
}

impl Actions {
    /// All of them.
    pub(crate) const ALL: Self = Self { first: MOST, without: BTreeSet::new() };

    /// Whether an action is among them.
    pub(crate) fn has(&self, action: usize) -> bool {
        action < self.first && !self.without.contains(&action)
    }
}

/// The shortest beginning that still breaks a promise, without whatever it does not take.
pub(crate) fn shrink(breaks: impl Fn(&Actions) -> bool) -> Actions {
    let beginning = |first| Actions { first, without: BTreeSet::new() };
    let mut some = (0..MOST).map(beginning).find(&breaks).unwrap_or(Actions::ALL);
    for action in (0..some.first).rev() {
        let mut less = some.clone();
        less.without.insert(action);
        if breaks(&less) {
            some = less;
        }
    }
    some
}

#[test]
fn what_is_left_of_a_schedule_is_what_it_takes() {
    let some = shrink(|some| some.has(2) && some.has(5));
    assert_eq!(some, Actions { first: 6, without: BTreeSet::from([0, 1, 3, 4]) });
}
