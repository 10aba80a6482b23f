//! What people call a request or an erasure: a running number that begins anew every year.

use super::day_of;
use crate::time::Millis;
use std::collections::BTreeMap;

/// The number of each by its id: `DSR-2026-014`. Given in the order in which they were written
/// down, so that one that is written down late takes the number of no other.
pub fn numbers<'a>(prefix: &str, all: impl IntoIterator<Item = (Millis, &'a str)>) -> BTreeMap<String, String> {
    let mut all: Vec<(Millis, &str)> = all.into_iter().collect();
    all.sort_unstable();
    let (mut year, mut count) = (0_i16, 0_u32);
    let mut numbers = BTreeMap::new();
    for (at, id) in all {
        let own = day_of(at).year();
        count = if own == year { count + 1 } else { 1 };
        year = own;
        numbers.insert(id.to_owned(), format!("{prefix}-{year}-{count:03}"));
    }
    numbers
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::time::DateOrder;

    #[test]
    fn a_number_runs_through_a_year_and_begins_anew_with_the_next() {
        let at = |text: &str| Millis::parse(text, DateOrder::DayFirst).expect("a day");
        let all = [(at("2026-11-20"), "c"), (at("2025-12-31"), "a"), (at("2026-01-01"), "b")];
        let numbers = numbers("DSR", all);
        let of = |id: &str| numbers.get(id).map(String::as_str);
        assert_eq!([of("a"), of("b"), of("c")], [Some("DSR-2025-001"), Some("DSR-2026-001"), Some("DSR-2026-002")]);
    }
}
