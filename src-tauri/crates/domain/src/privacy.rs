//! Privacy classes. Every stored column and every field has one; exports,
//! access requests, erasure and agent grants are decided by class.

use serde::{Deserialize, Serialize};

/// How close a value is to a person.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Privacy {
    /// Who the person is: names, ids.
    Identifying,
    /// How the person is reached: emails, phones, addresses.
    Contact,
    /// What the business knows or thinks about the person.
    About,
    /// What the person did: times, counts, pages.
    Activity,
    /// No personal data: counters, keys of tables.
    Technical,
    /// Never leaves the workspace: keys, credentials.
    Secret,
}

/// Where a value comes from. A person may take along what they provided (GDPR, Art. 20), and is
/// told by which logic anything was inferred (Art. 15(1)(h)).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Origin {
    /// Said by the person, or for them.
    Provided,
    /// Noticed while they used something.
    Observed,
    /// Concluded by the business or by a rule.
    Inferred,
}

impl Origin {
    /// Of a field of the catalogue or, with its prefix, a custom one; nothing for an unknown word.
    pub fn of_field(key: &str) -> Option<Self> {
        Some(match key {
            "kind" | "name" | "name_parts" | "nick" | "email" | "phone" | "company" | "company_id" | "job_title"
            | "department" | "preferences" | "handle" | "address" | "url" | "date" => Self::Provided,
            "external_id" | "source" | "page_url" | "ip_country" | "first_seen" | "last_seen"
            | "conversation_count" | "metadata" | "created_at" | "updated_at" | "binned_at" | "archived_at"
            | "verified_at" | "verified_by" => Self::Observed,
            "stage" | "stage_by" | "stage_since" | "tier" | "identity" | "tags" | "description" => Self::Inferred,
            custom if custom.starts_with(crate::Contact::CUSTOM_PREFIX) => Self::Provided,
            _ => return None,
        })
    }

    /// The word of files.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Provided => "provided",
            Self::Observed => "observed",
            Self::Inferred => "inferred",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_field_has_an_origin() {
        for field in crate::FIELDS {
            assert!(Origin::of_field(field.key).is_some(), "{}", field.key);
        }
        assert_eq!(Origin::of_field("custom.plan"), Some(Origin::Provided));
        assert_eq!(Origin::of_field("weather"), None);
    }
}
