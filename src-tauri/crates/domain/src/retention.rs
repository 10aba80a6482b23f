//! How long what is kept: rules by source and by how well it is known who a contact is.

use crate::{
    filter::{Filter, FilterField, Test},
    time::Millis,
};
use serde::{Deserialize, Serialize};

/// A rule by which something goes when its time is over.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct RetentionRule {
    /// `ret_…`
    pub id: String,
    /// What it is called.
    pub name: String,
    /// What goes.
    pub what: Kept,
    /// Only of this source; empty for all. Of a conversation it is the platform.
    pub source: String,
    /// Only at this level: `anonymous`, `identified`, `verified`; empty for all.
    pub identity: String,
    /// Days after the last sign of life.
    pub days: u32,
    /// By itself it takes no more than so many at once; above, it stops and asks.
    pub ceiling: u32,
    /// Whether it works by itself.
    pub state: RuleState,
    /// When it was made.
    pub created_at: Millis,
    /// When it last worked.
    pub last_run_at: Option<Millis>,
}

/// What a rule takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Kept {
    /// Whole contacts: they are erased.
    #[default]
    Contacts,
    /// Conversations with their messages.
    Conversations,
    /// Lines of the export log.
    Exports,
}

/// Whether a rule works by itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RuleState {
    /// It does nothing.
    #[default]
    Off,
    /// Once a day.
    On,
    /// It would have taken too many, and asks.
    Stopped,
}

/// One time that a rule worked.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct RetentionRun {
    /// `rrn_…`
    pub id: String,
    /// Its rule, `ret_…`.
    pub rule: String,
    /// When.
    pub at: Millis,
    /// Whose time was over.
    pub matched: u32,
    /// Those that went.
    pub deleted: u32,
    /// Those that stayed: on hold, restricted, or asked about in an open request.
    pub spared: u32,
    /// It stopped: there were too many.
    pub is_stopped: bool,
}

impl RetentionRule {
    /// The contacts whose time is over: by their last sign of life, or by when they were
    /// made where there was none. Those in the archive and visitors are among them.
    pub fn filter(&self) -> Filter {
        let is = |field: FilterField, test: Test| Filter::Is(field, test);
        let long_ago = || Test::NotWithinDays(self.days);
        let quiet = Filter::Any(vec![
            Filter::All(vec![is(FilterField::Seen, Test::Set), is(FilterField::Seen, long_ago())]),
            Filter::All(vec![is(FilterField::Seen, Test::None), is(FilterField::Created, long_ago())]),
        ]);
        let one_of = |word: &str| Test::OneOf(vec![word.to_owned()]);
        let identity = if self.identity.is_empty() { Test::Set } else { one_of(&self.identity) };
        let mut parts = vec![
            quiet,
            is(FilterField::Identity, identity),
            // A list leaves the archive out unless it is asked about.
            Filter::Any(vec![is(FilterField::Archived, Test::None), is(FilterField::Archived, Test::Set)]),
        ];
        if !self.source.is_empty() {
            parts.push(is(FilterField::Source, one_of(&self.source)));
        }
        Filter::All(parts)
    }

    /// What came before this moment goes.
    pub fn before(&self, now: Millis) -> Millis {
        Millis(now.0 - i64::from(self.days) * Millis::DAY)
    }
}

impl Kept {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Contacts, Self::Conversations, Self::Exports];

    /// The word that is stored.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Contacts => "contacts",
            Self::Conversations => "conversations",
            Self::Exports => "exports",
        }
    }

    /// Reads the word again.
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|one| one.as_str() == text)
    }
}

impl RuleState {
    /// The word that is stored.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Off => "off",
            Self::On => "on",
            Self::Stopped => "stopped",
        }
    }

    /// Reads the word again.
    pub fn parse(text: &str) -> Option<Self> {
        [Self::Off, Self::On, Self::Stopped].into_iter().find(|one| one.as_str() == text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_rule_is_a_filter_that_can_be_read() {
        let rule = RetentionRule {
            source: "web chat".into(),
            identity: "anonymous".into(),
            days: 30,
            ..RetentionRule::default()
        };
        let text = rule.filter().to_string();
        assert_eq!(
            text,
            "((seen:any seen:>30d) or (seen:none created:>30d)) identity:anonymous \
             (archived:none or archived:any) source:\"web chat\""
        );
        assert_eq!(Filter::parse(&text), Ok(rule.filter()));
    }
}
