//! On what a refusal may rest.

use super::Right;
use crate::{Sentence, say};
use serde::{Deserialize, Serialize};

/// Why the law lets a request be refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Ground {
    /// It is plainly without reason.
    Unfounded,
    /// It comes again and again.
    Excessive,
    /// It could not be made sure who asks.
    IdentityUnknown,
    /// It would harm others.
    RightsOfOthers,
    /// Freedom of expression and information.
    Expression,
    /// A law demands to keep it, or a public task.
    LegalObligation,
    /// Public health.
    PublicHealth,
    /// Archives, science, statistics.
    Archiving,
    /// It is needed in a dispute at law.
    LegalClaims,
    /// Reasons that weigh more than those of the person.
    CompellingGrounds,
}

impl Ground {
    /// All of them.
    pub const ALL: [Self; 10] = [
        Self::Unfounded,
        Self::Excessive,
        Self::IdentityUnknown,
        Self::RightsOfOthers,
        Self::Expression,
        Self::LegalObligation,
        Self::PublicHealth,
        Self::Archiving,
        Self::LegalClaims,
        Self::CompellingGrounds,
    ];

    /// The word that is stored.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Unfounded => "unfounded",
            Self::Excessive => "excessive",
            Self::IdentityUnknown => "identity_unknown",
            Self::RightsOfOthers => "rights_of_others",
            Self::Expression => "expression",
            Self::LegalObligation => "legal_obligation",
            Self::PublicHealth => "public_health",
            Self::Archiving => "archiving",
            Self::LegalClaims => "legal_claims",
            Self::CompellingGrounds => "compelling_grounds",
        }
    }

    /// Reads the word again.
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|one| one.as_str() == text)
    }

    /// Where it stands in the GDPR.
    pub fn article(self) -> &'static str {
        match self {
            Self::Unfounded | Self::Excessive => "12(5)",
            Self::IdentityUnknown => "11(2), 12(6)",
            Self::RightsOfOthers => "15(4), 20(4)",
            Self::Expression => "17(3)(a)",
            Self::LegalObligation => "17(3)(b)",
            Self::PublicHealth => "17(3)(c)",
            Self::Archiving => "17(3)(d)",
            Self::LegalClaims => "17(3)(e), 21(1)",
            Self::CompellingGrounds => "21(1)",
        }
    }

    /// What it says.
    pub fn sentence(self) -> Sentence {
        match self {
            Self::Unfounded => say!("the request is plainly unfounded"),
            Self::Excessive => say!("the request is excessive"),
            Self::IdentityUnknown => say!("it could not be made sure who asks"),
            Self::RightsOfOthers => say!("it would harm the rights of others"),
            Self::Expression => say!("freedom of expression and information"),
            Self::LegalObligation => say!("a law demands to keep it"),
            Self::PublicHealth => say!("public health"),
            Self::Archiving => say!("archives, science or statistics in the public interest"),
            Self::LegalClaims => say!("it is needed for a legal claim"),
            Self::CompellingGrounds => say!("there are compelling grounds that weigh more"),
        }
    }

    /// Whether a request of this kind can be refused on it. An objection to marketing never
    /// is on the last two: `is_marketing` says that it is one.
    pub fn fits(self, right: Right, is_marketing: bool) -> bool {
        match self {
            Self::Unfounded | Self::Excessive | Self::IdentityUnknown => true,
            Self::RightsOfOthers => matches!(right, Right::Access | Right::Portability),
            Self::Expression | Self::LegalObligation | Self::PublicHealth | Self::Archiving => right == Right::Erasure,
            Self::LegalClaims => right == Right::Erasure || right == Right::Objection && !is_marketing,
            Self::CompellingGrounds => right == Right::Objection && !is_marketing,
        }
    }
}
