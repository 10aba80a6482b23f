//! How often a system may be asked: so many requests in so long, and what it says itself. Of
//! what was asked the end counts, not the beginning: by then the system has seen it, so that
//! no window of its clock has more in it than ours.
//!
//! Pure: the time comes in as a number.

use super::{exchange::Heard, format::Limits, ops::OpName};
use std::collections::VecDeque;

/// How often a system may be asked.
#[derive(Debug, Default)]
pub(super) struct Budgets {
    windows: Vec<Window>,
    /// The system asked for a pause until then.
    pause_until: u64,
}

#[derive(Debug)]
struct Window {
    most: usize,
    per_ms: u64,
    /// Of these alone; of none: of all.
    ops: Vec<OpName>,
    /// When the latest ones ended.
    ended: VecDeque<u64>,
    under_way: usize,
}

/// While others are under way it is looked again after so long.
const LOOK_MS: u64 = 5;

impl Budgets {
    pub(super) fn new(limits: &Limits) -> Self {
        let windows = limits.budget.iter().map(|budget| Window {
            most: budget.n.max(1) as usize,
            per_ms: budget.per.0,
            ops: budget.ops.clone(),
            ended: VecDeque::new(),
            under_way: 0,
        });
        Self { windows: windows.collect(), pause_until: 0 }
    }

    /// Takes the place of a request, or says for how long to wait first.
    pub(super) fn begin(&mut self, op: OpName, now: u64) -> Result<(), u64> {
        let windows = self.windows.iter_mut().filter(|window| window.is_of(op));
        let wait = windows.map(|window| window.wait(now)).max().unwrap_or(0).max(self.pause_until.saturating_sub(now));
        if wait > 0 {
            return Err(wait);
        }
        self.windows.iter_mut().filter(|window| window.is_of(op)).for_each(|window| window.under_way += 1);
        Ok(())
    }

    /// A request ended, whatever came of it.
    pub(super) fn end(&mut self, op: OpName, now: u64) {
        for window in self.windows.iter_mut().filter(|window| window.is_of(op)) {
            window.under_way = window.under_way.saturating_sub(1);
            window.ended.push_back(now);
        }
    }

    /// What an answer says of how often one may ask. `at` is the time of the server in seconds.
    pub(super) fn hear(&mut self, limits: &Limits, heard: &Heard, at: Option<i64>, now: u64) {
        let number = |name: &String| heard.header(name)?.parse::<i64>().ok();
        if !limits.remaining.iter().any(|name| number(name) == Some(0)) {
            return;
        }
        // Where it does not say how long, the shortest of the windows that all requests share is
        // a guess that a refusal would correct. What some questions have for themselves is
        // shorter, and not what the system speaks of.
        let shared = self.windows.iter().filter(|window| window.ops.is_empty());
        let least = shared.map(|window| window.per_ms).min().unwrap_or(1_000);
        let ms = limits.reset.as_ref().and_then(number).and_then(|reset| {
            // More than a day is a moment and no length.
            let seconds = if reset > 86_400 { reset - at? } else { reset };
            u64::try_from(seconds).ok()?.checked_mul(1_000)
        });
        self.pause(ms.unwrap_or(least), now);
    }

    /// The system asks for a pause.
    pub(super) fn pause(&mut self, ms: u64, now: u64) {
        self.pause_until = self.pause_until.max(now.saturating_add(ms));
    }
}

impl Window {
    fn is_of(&self, op: OpName) -> bool {
        self.ops.is_empty() || self.ops.contains(&op)
    }

    fn wait(&mut self, now: u64) -> u64 {
        while self.ended.front().is_some_and(|ended| now.saturating_sub(*ended) >= self.per_ms) {
            self.ended.pop_front();
        }
        if self.ended.len() + self.under_way < self.most {
            return 0;
        }
        // One of those that ended leaves the window, or one of those under way ends first.
        match self.ended.front() {
            Some(ended) => (ended + self.per_ms).saturating_sub(now).max(1),
            None => LOOK_MS,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::manifest::{format::Budget, span::Span};
    use rstest::rstest;

    fn limits() -> Limits {
        let budget = |n, per, ops: &[OpName]| Budget { n, per: Span(per), ops: ops.to_vec() };
        Limits {
            budget: vec![budget(3, 1_000, &[]), budget(1, 500, &[OpName::Changes])],
            remaining: vec!["X-Remaining".into(), "X-Remaining-Today".into()],
            reset: Some("X-Reset".into()),
            ..Limits::default()
        }
    }

    fn ask(budgets: &mut Budgets, op: OpName, begun: u64, ended: u64) -> Result<(), u64> {
        budgets.begin(op, begun)?;
        budgets.end(op, ended);
        Ok(())
    }

    #[test]
    fn no_window_of_time_has_more_requests_than_allowed() {
        let mut budgets = Budgets::new(&limits());
        let mut now = 0;
        let mut seen: Vec<u64> = Vec::new();
        while seen.len() < 50 {
            match budgets.begin(OpName::List, now) {
                Err(wait) => now += wait,
                Ok(()) => {
                    // The server sees it on the way.
                    seen.push(now + 3);
                    now += 7;
                    budgets.end(OpName::List, now);
                }
            }
        }
        for (at, first) in seen.iter().enumerate() {
            let within = seen[at..].iter().filter(|one| **one - first < 1_000).count();
            assert!(within <= 3, "{within} in one second");
        }
    }

    #[test]
    fn what_is_under_way_counts() {
        let mut budgets = Budgets::new(&limits());
        for _ in 0..3 {
            assert_eq!(budgets.begin(OpName::Read, 0), Ok(()));
        }
        assert_eq!(budgets.begin(OpName::Read, 100), Err(LOOK_MS));
        budgets.end(OpName::Read, 200);
        assert_eq!(budgets.begin(OpName::Read, 300), Err(900));
    }

    #[test]
    fn some_questions_have_a_budget_of_their_own() {
        let mut budgets = Budgets::new(&limits());
        assert_eq!(ask(&mut budgets, OpName::Changes, 0, 10), Ok(()));
        assert_eq!(ask(&mut budgets, OpName::Changes, 20, 30), Err(490));
        assert_eq!(ask(&mut budgets, OpName::Read, 20, 30), Ok(()));
    }

    #[rstest]
    #[case::some_are_left("1", None, 0)]
    #[case::none_and_no_word_of_when("0", None, 1_000)]
    #[case::seconds("0", Some("2"), 2_000)]
    #[case::a_moment("0", Some("1704067203"), 3_000)]
    #[case::a_moment_that_is_over("0", Some("1704067100"), 1_000)]
    #[case::nonsense("none", Some("2"), 0)]
    fn a_server_that_says_that_nothing_is_left_is_believed(
        #[case] left: &str,
        #[case] reset: Option<&str>,
        #[case] wait: u64,
    ) {
        let mut headers = vec![("x-remaining".to_owned(), left.to_owned())];
        headers.extend(reset.map(|reset| ("x-reset".to_owned(), reset.to_owned())));
        let mut budgets = Budgets::new(&limits());
        budgets.hear(&limits(), &Heard { headers, ..Heard::default() }, Some(1_704_067_200), 0);
        assert_eq!(budgets.begin(OpName::Read, 0).err().unwrap_or(0), wait);
    }

    #[test]
    fn any_of_the_headers_may_say_that_nothing_is_left() {
        let headers = [("x-remaining", "7"), ("x-remaining-today", "0")];
        let headers = headers.map(|(name, left)| (name.to_owned(), left.to_owned())).to_vec();
        let mut budgets = Budgets::new(&limits());
        budgets.hear(&limits(), &Heard { headers, ..Heard::default() }, None, 0);
        assert_eq!(budgets.begin(OpName::Read, 0), Err(1_000));
    }

    #[test]
    fn what_another_program_asked_just_before_is_heard_of_and_not_exceeded() {
        let mut budgets = Budgets::new(&limits());
        // It takes four in a second. The other program asked three, of which nobody here knows.
        let (mut now, mut since, mut count, mut most) = (0, 0, 3, 0);
        for _ in 0..20 {
            while let Err(wait) = budgets.begin(OpName::Read, now) {
                now += wait;
            }
            if now - since >= 1_000 {
                (since, count) = (now, 0);
            }
            count += 1;
            most = most.max(count);
            let headers = vec![("x-remaining".to_owned(), (4 - count).to_string())];
            now += 5;
            budgets.end(OpName::Read, now);
            budgets.hear(&limits(), &Heard { headers, ..Heard::default() }, None, now);
        }
        assert_eq!(most, 4);
    }

    #[test]
    fn a_pause_that_was_asked_for_is_kept() {
        let mut budgets = Budgets::new(&limits());
        budgets.pause(30_000, 1_000);
        assert_eq!(budgets.begin(OpName::Read, 2_000), Err(29_000));
        assert_eq!(budgets.begin(OpName::Read, 31_000), Ok(()));
    }
}
