//! What may go where, and whether something went that may not.

use cardfile_sync::{
    mapping::{Direction, Mapping, Rule},
    value::{Units, Value},
};
use std::{collections::BTreeMap, sync::LazyLock};

/// Of every remote, but for some databases of a team.
pub(crate) static MAPPING: LazyLock<Mapping> = LazyLock::new(|| {
    let both = || rule(Direction::Both, true, None);
    let rules = [
        ("name", both()),
        ("description", both()),
        ("tags", both()),
        // It only comes.
        ("job_title", rule(Direction::Pull, true, None)),
        // Nobody approved it.
        ("company", rule(Direction::Both, false, None)),
        // Only of who wants news.
        ("nick", rule(Direction::Push, true, Some("news"))),
    ];
    Mapping(rules.into_iter().map(|(unit, rule)| (unit.to_owned(), rule)).collect())
});

/// Of the database of a team that may not know everything that the remotes may.
pub(crate) static NARROW: LazyLock<Mapping> = LazyLock::new(|| {
    let mut rules = MAPPING.0.clone();
    rules.insert("description".to_owned(), rule(Direction::Both, false, None));
    Mapping(rules)
});

fn rule(direction: Direction, approved: bool, purpose: Option<&str>) -> Rule {
    Rule { direction, approved, purpose: purpose.map(str::to_owned), prefers: None }
}

/// What was sent and may not leave.
pub(crate) fn leaked(set: &Units, mapping: &Mapping) -> Option<String> {
    let may_leave = |unit: &String| {
        let rule = mapping.0.get(unit);
        rule.is_some_and(|rule| rule.approved && matches!(rule.direction, Direction::Push | Direction::Both))
    };
    if let Some(unit) = set.keys().find(|unit| !may_leave(unit)) {
        return Some(unit.clone());
    }
    match set.get("nick") {
        Some(Value::One(text)) if !wants_news(text) => Some(text.clone()),
        Some(_) | None => None,
    }
}

/// Every other person wants news.
fn wants_news(nick: &str) -> bool {
    let number = nick.rsplit(' ').next().and_then(|number| number.parse::<u64>().ok());
    number.is_none_or(|number| number.is_multiple_of(2))
}

/// The units that go both ways.
fn both_ways(mapping: &Mapping) -> impl Iterator<Item = &String> {
    mapping.0.iter().filter(|(_, rule)| rule.approved && rule.direction == Direction::Both).map(|(unit, _)| unit)
}

/// What goes both ways, as a remote that rewrites descriptions says it; what is empty is left
/// out.
pub(crate) fn shared(units: &Units, mapping: &Mapping) -> BTreeMap<String, Value> {
    let said = both_ways(mapping).filter_map(|unit| Some((unit.clone(), units.get(unit)?.clone())));
    let folded = said.map(|(unit, value)| match value {
        Value::One(text) if unit == "description" => (unit, Value::One(text.to_lowercase())),
        value => (unit, value),
    });
    folded.filter(|(_, value)| !value.is_absent()).collect()
}
