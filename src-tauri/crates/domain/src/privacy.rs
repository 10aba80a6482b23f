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
