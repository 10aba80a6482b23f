//! What may not be done with a contact's data although it is kept: it is restricted, the
//! person objects to a purpose, it must not be deleted, or it is not told to agents.

use crate::{Sentence, say, time::Millis};
use serde::{Deserialize, Serialize};

/// One thing that may not be done. Never taken away while the contact is there: it is lifted.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Restriction {
    /// `rst_…`
    pub id: String,
    /// What may not be done.
    pub sort: Sort,
    /// Of an objection: the key of the purpose; empty for all that can be objected to.
    pub purpose: String,
    /// Why.
    pub reason: String,
    /// The request it comes from, `req_…`.
    pub request: String,
    /// By whom it was written down.
    pub author: String,
    /// Since when it holds.
    pub at: Millis,
    /// Since when it does not hold any more.
    pub lifted_at: Option<Millis>,
    /// By whom it was lifted.
    pub lifted_by: String,
    /// Why.
    pub lifted_because: String,
    /// When it was written down.
    pub created_at: Millis,
}

/// What may not be done.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Sort {
    /// It may be kept and not used (GDPR, Art. 18).
    #[default]
    Restricted,
    /// It may not be used for a purpose (Art. 21).
    Objected,
    /// It may not be deleted: a law or a dispute demands that it is kept.
    Held,
    /// It is not told to agents, whatever they are approved for.
    NoAgents,
}

impl Restriction {
    /// Whether it holds.
    pub fn is_in_force(&self) -> bool {
        self.lifted_at.is_none()
    }
}

impl Sort {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::Restricted, Self::Objected, Self::Held, Self::NoAgents];

    /// The word that is stored.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Restricted => "restricted",
            Self::Objected => "objected",
            Self::Held => "held",
            Self::NoAgents => "no_agents",
        }
    }

    /// Reads the word again.
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|one| one.as_str() == text)
    }

    /// What it says of a contact.
    pub fn sentence(self) -> Sentence {
        match self {
            Self::Restricted => say!("restricted: kept and not used"),
            Self::Objected => say!("objects to a purpose"),
            Self::Held => say!("on hold: not deleted"),
            Self::NoAgents => say!("not shared with AI agents"),
        }
    }
}
