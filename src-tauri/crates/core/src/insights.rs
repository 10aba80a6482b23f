//! What a workspace looks like as a whole. Every figure is the count of a filter,
//! so that a click shows exactly those contacts.

use crate::{board, core::Core, duplicates, error::Error, view};
use cardfile_domain::{
    Filter, Millis,
    filter::{FilterField, Test},
};

/// A number of contacts, and the filter that shows them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Figure {
    /// What is counted: a source, a stage, a key of [`QUALITY`].
    pub what: String,
    /// How many.
    pub count: u32,
    /// Filter text.
    pub filter: String,
}

/// A month of growth.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Month {
    /// `2026-11`
    pub month: String,
    /// Contacts first seen in it.
    pub new: Figure,
    /// Contacts that were known at its end, of those that are here now.
    pub at_end: u32,
}

/// The whole picture.
#[derive(Debug, Clone)]
pub struct Insights {
    /// All contacts of the picture.
    pub total: Figure,
    /// Those seen in the last 30 days.
    pub active: Figure,
    /// Those with a conversation.
    pub talked: Figure,
    /// Those who proved who they are.
    pub verified: Figure,
    /// Pairs that most likely are one person; nothing when nobody looked.
    pub duplicates: Option<u32>,
    /// Twelve months, the latest last.
    pub growth: Vec<Month>,
    /// Where they first came from, most first.
    pub sources: Vec<Figure>,
    /// Lifecycle stages in their order, then words of one's own.
    pub stages: Vec<Figure>,
    /// What is missing, by the keys of [`QUALITY`].
    pub quality: Vec<Figure>,
}

/// What a card should have: key, and the filter of those that lack it.
pub const QUALITY: [(&str, &str); 6] = [
    ("email", "email:none"),
    ("phone", "phone:none"),
    ("name", "name:none"),
    ("company", "company:none"),
    ("reachable", "email:none phone:none"),
    ("recent", "not seen:<730d"),
];
const MONTHS: u32 = 12;

/// Counts everything within a filter; an empty one means everybody.
pub fn all(core: &Core, within: &str) -> Result<Insights, Error> {
    let base = Filter::parse(within).map_err(|e| Error::bad_request(e.sentence()))?;
    let now = core.store().environment().clock.now();
    let sources = view::with_index(core, |index, _| Ok(index.sources()))?;
    let is = |field: FilterField, value: &str| {
        let test = if value.is_empty() { Test::None } else { Test::OneOf(vec![value.to_owned()]) };
        Filter::Is(field, test)
    };
    let months = now.months(MONTHS);
    let mut wanted: Vec<(String, Filter)> = vec![
        (String::new(), Filter::default()),
        ("active".into(), Filter::Is(FilterField::Seen, Test::WithinDays(30))),
        ("talked".into(), Filter::Is(FilterField::Conversations, Test::Number(Some(1.0), None))),
        ("verified".into(), is(FilterField::Identity, "verified")),
    ];
    for (_, from, to) in &months {
        let between = |from: Option<Millis>, to| Filter::Is(FilterField::FirstSeen, Test::Between(from, to));
        wanted.push(("new".into(), between(Some(*from), Some(*to))));
        wanted.push(("later".into(), between(Some(*to), None)));
    }
    let quality = wanted.len();
    for (key, filter) in QUALITY {
        wanted.push((key.into(), Filter::parse(filter).map_err(|e| Error::bad_request(e.sentence()))?));
    }
    let first_source = wanted.len();
    wanted.extend(sources.iter().map(|(value, _)| (value.clone(), is(FilterField::Source, value))));
    let first_stage = wanted.len();
    let stages = board::stages(core)?;
    wanted.extend(stages.iter().map(|value| (value.clone(), is(FilterField::Stage, value))));

    let texts: Vec<String> = wanted.iter().map(|(_, filter)| both(&base, filter).to_string()).collect();
    let views: Vec<(&str, &str)> = texts.iter().map(|text| ("", text.as_str())).collect();
    let counts = view::counts(core, &views)?;
    let figure = |at: usize| Figure {
        what: wanted[at].0.clone(),
        count: counts[at].unwrap_or_default(),
        filter: texts[at].clone(),
    };
    let total = figure(0);
    let growth = months.into_iter().enumerate().map(|(at, (month, ..))| Month {
        month,
        new: figure(4 + at * 2),
        at_end: total.count - figure(5 + at * 2).count,
    });
    let mut sources: Vec<Figure> = (first_source..first_stage).map(figure).collect();
    sources.retain(|one| one.count > 0);
    sources.sort_by_key(|one| std::cmp::Reverse(one.count));
    let standing = duplicates::standing(core)?;
    Ok(Insights {
        active: figure(1),
        talked: figure(2),
        verified: figure(3),
        duplicates: standing.at.map(|_| standing.likely),
        growth: growth.collect(),
        sources,
        stages: (first_stage..wanted.len()).map(figure).filter(|one| one.count > 0).collect(),
        quality: (quality..first_source).map(figure).collect(),
        total,
    })
}

fn both(one: &Filter, other: &Filter) -> Filter {
    let parts = [one, other].into_iter().filter(|part| !part.is_everything());
    let mut parts: Vec<Filter> =
        parts.flat_map(|part| if let Filter::All(all) = part { all.clone() } else { vec![part.clone()] }).collect();
    if parts.len() == 1 { parts.remove(0) } else { Filter::All(parts) }
}
