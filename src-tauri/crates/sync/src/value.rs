//! What two sides are compared by: units and their values, in one form whatever the
//! remote calls them, so that an echo of ours is equal to what we sent.

use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// Between the whole of a value and its parts, as of a name. No text has one in it.
pub const BETWEEN: char = '\u{1f}';

/// A unit of merging: a field, or fields that mean something only together (the name with
/// its parts). A merge never makes a value of a unit that nobody wrote.
pub type Unit = String;

/// A record as one side has it. A unit that is missing is not known to be anything there,
/// which is not the same as [`Value::Absent`].
pub type Units = BTreeMap<Unit, Value>;

/// The value of a unit.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Value {
    /// Empty.
    #[default]
    Absent,
    /// One value in its canonical text.
    One(String),
    /// Several, by the key that tells them apart: a folded tag, an email in lower case, a
    /// phone in E.164. Never empty: nothing in it is [`Value::Absent`].
    Set(BTreeMap<String, Element>),
}

/// One of several values.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize)]
pub struct Element {
    /// As it was typed.
    pub typed: String,
    /// What it is called: `work`.
    pub label: String,
}

impl Value {
    /// A set, or nothing when it is empty.
    pub fn set(elements: BTreeMap<String, Element>) -> Self {
        if elements.is_empty() { Self::Absent } else { Self::Set(elements) }
    }

    /// One value, or nothing when the text is empty.
    pub fn one(text: impl Into<String>) -> Self {
        let text = text.into();
        if text.is_empty() { Self::Absent } else { Self::One(text) }
    }

    /// A set of words without labels, as tags are.
    pub fn words<'w>(words: impl IntoIterator<Item = &'w str>) -> Self {
        let element = |word: &str| (word.to_lowercase(), Element { typed: word.to_owned(), label: String::new() });
        Self::set(words.into_iter().map(element).collect())
    }

    /// Its elements; one value has none.
    pub fn elements(&self) -> Option<BTreeMap<&str, &Element>> {
        match self {
            Self::Absent => Some(BTreeMap::new()),
            Self::Set(elements) => Some(elements.iter().map(|(key, one)| (key.as_str(), one)).collect()),
            Self::One(_) => None,
        }
    }

    /// Its elements, to be changed; one value has none.
    pub fn into_elements(self) -> Option<BTreeMap<String, Element>> {
        match self {
            Self::Absent => Some(BTreeMap::new()),
            Self::Set(elements) => Some(elements),
            Self::One(_) => None,
        }
    }

    /// Whether the other says the same and more: parts beside the whole, as of a name.
    pub fn is_part_of(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::One(short), Self::One(full)) => {
                full.strip_prefix(short.as_str()).is_some_and(|rest| rest.starts_with(BETWEEN))
                    && !short.contains(BETWEEN)
            }
            _ => false,
        }
    }

    /// Whether nothing is in it.
    pub fn is_absent(&self) -> bool {
        matches!(self, Self::Absent)
    }
}
