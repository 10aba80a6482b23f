//! Automation rules: when something happens, if a filter lets the contact through,
//! then tag it, set its stage, make a task or archive it (M-101, M-102).

use crate::{
    Sentence,
    filter::{Filter, FilterField, Test},
    say,
    time::Millis,
};
use serde::{Deserialize, Serialize};

/// An automation rule.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Automation {
    /// `aut_…`
    pub id: String,
    /// What it is called; its effects carry this name in the timeline.
    pub name: String,
    /// What wakes it.
    pub trigger: Trigger,
    /// Filter text: whom it is about.
    pub filter: String,
    /// What it does, in this order.
    pub actions: Vec<Action>,
    /// It does it at most once for a contact in so many days; 0 means every time.
    pub guard_days: u32,
    /// Above so many contacts at once it stops and asks.
    pub ceiling: u32,
    /// Whether it works.
    pub state: AutomationState,
    /// When it was made.
    pub created_at: Millis,
}

/// What wakes a rule.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Trigger {
    /// A contact arrives or changes.
    #[default]
    Change,
    /// A contact arrives.
    Arrival,
    /// A conversation comes in.
    Conversation,
    /// A day begins (UTC).
    Daily,
}

/// Whether a rule works.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AutomationState {
    /// It does nothing.
    #[default]
    Off,
    /// It works.
    On,
    /// It would have touched more contacts at once than its ceiling, and asks.
    Stopped,
}

/// What a rule does.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "kind")]
pub enum Action {
    /// Puts a tag.
    Tag {
        /// Its name.
        tag: String,
    },
    /// Takes a tag off.
    Untag {
        /// Its name.
        tag: String,
    },
    /// Sets the stage, unless a person did.
    Stage {
        /// Its name.
        stage: String,
    },
    /// Makes a task.
    Task {
        /// What is to be done.
        title: String,
        /// Days until it is due.
        days: u32,
    },
    /// Archives, but not those seen last.
    Archive {
        /// So many of those seen last stay; 0 means none.
        keep: u32,
    },
}

impl Action {
    /// Whom it would still change, of those that the rule is about.
    pub fn would_change(&self) -> Filter {
        let is = |field, word: &str| Filter::Is(field, Test::OneOf(vec![word.to_owned()]));
        let not = |filter| Filter::Not(Box::new(filter));
        match self {
            Self::Tag { tag } => not(is(FilterField::Tag, tag)),
            Self::Untag { tag } => is(FilterField::Tag, tag),
            Self::Stage { stage } => {
                Filter::All(vec![not(is(FilterField::Stage, stage)), not(is(FilterField::StageBy, "hand"))])
            }
            // Each run makes one; the guard says how often. Who is archived is not in the list.
            Self::Task { .. } | Self::Archive { .. } => Filter::default(),
        }
    }

    /// Whom it leaves alone because a person set the stage.
    pub fn held_by_hand(&self) -> Option<Filter> {
        let Self::Stage { stage } = self else { return None };
        let is = |field, word: &str| Filter::Is(field, Test::OneOf(vec![word.to_owned()]));
        let other = Filter::Not(Box::new(is(FilterField::Stage, stage)));
        Some(Filter::All(vec![is(FilterField::StageBy, "hand"), other]))
    }

    /// As the end of a sentence: `becomes Qualified`.
    fn sentence(&self) -> Sentence {
        match self {
            Self::Tag { tag } => say!("gets the tag {tag}", tag),
            Self::Untag { tag } => say!("loses the tag {tag}", tag),
            Self::Stage { stage } => say!("becomes {stage}, unless a person set the stage", stage),
            Self::Task { title, days: 0 } => say!("gets the task “{title}”, due at once", title),
            Self::Task { title, days } => {
                say!("gets the task “{title}”, due in {days, plural, one {a day} other {# days}}", title, days)
            }
            Self::Archive { keep: 0 } => say!("is archived"),
            Self::Archive { keep } => say!("is archived, but for the {keep} seen last", keep),
        }
    }
}

impl Automation {
    /// The rule as a sentence.
    pub fn sentence(&self) -> Sentence {
        let when = match self.trigger {
            Trigger::Change => say!("When a contact arrives or changes"),
            Trigger::Arrival => say!("When a contact arrives"),
            Trigger::Conversation => say!("When a conversation comes in"),
            Trigger::Daily => say!("Every day"),
        };
        let whom = match Filter::parse(&self.filter) {
            Ok(filter) if filter.is_everything() => say!("everybody"),
            Ok(filter) => say!("whose {filter}", filter = filter.sentence()),
            Err(_) => say!("nobody, because the filter makes no sense"),
        };
        let does = self.actions.iter().map(Action::sentence).collect();
        match Sentence::joined(does, |left, right| say!("{left} and {right}", left, right)) {
            None => say!("{when}: {whom}. Nothing is done yet.", when, whom),
            Some(does) => say!("{when}: {whom} {does}.", when, whom, does),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_rule_reads_as_a_sentence() {
        let rule = Automation {
            trigger: Trigger::Conversation,
            filter: "stage:lead conversations:>3".into(),
            actions: vec![Action::Stage { stage: "qualified".into() }, Action::Task { title: "Call".into(), days: 2 }],
            ..Automation::default()
        };
        assert_eq!(
            rule.sentence().to_string(),
            "When a conversation comes in: whose Stage is lead and Conversations is at least 4 becomes qualified, \
             unless a person set the stage and gets the task “Call”, due in 2 days."
        );
    }
}
