//! How a system says what moved, how its records are written, and what is to be known of the
//! attributes that each account defines for itself: parts of [`super::format`].

use super::{pointer::Pointer, span::Span};
use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::Value as Json;
use std::collections::BTreeMap;

/// How it is found out what moved.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Changes {
    /// How.
    pub mode: Mode,
    /// Where a record says when it changed.
    pub field: Option<Pointer>,
    /// How times are written there and in questions.
    #[serde(default)]
    pub format: TimeFormat,
    /// So much is read again, because the index lags behind.
    #[serde(default)]
    pub overlap: Span,
    /// The most that one search gives; before that it begins anew from what was seen last.
    pub cap: Option<u32>,
    /// Rows come in the order of their changes.
    #[serde(default)]
    pub sorted: bool,
    /// What is read may be from before the latest change; times tell which is later.
    #[serde(default)]
    pub numbered: bool,
    /// How deletions show.
    #[serde(default)]
    pub deletes: Deletes,
    /// So often everything is listed, because a deletion shows in no other way.
    #[serde(default = "week")]
    pub full_every: Span,
}

fn week() -> Span {
    Span(7 * 86_400_000)
}

/// How it is found out what moved.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Mode {
    /// `changes` finds what changed since.
    SearchSince,
    /// `changes` lists what changed since.
    ListSince,
    /// Everything is listed each time.
    FullScan,
}

/// How a time is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum TimeFormat {
    /// `2026-03-15T10:30:00Z`
    #[default]
    Iso8601,
    /// Seconds since 1970.
    EpochS,
    /// Milliseconds since 1970.
    EpochMs,
}

/// How deletions show.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Deletes {
    /// A complete listing lacks them. Each is read before it is believed.
    #[default]
    AbsentInFullScan,
    /// `archived` lists them, and a complete listing lacks them as well.
    ArchivedList,
}

/// How records are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Writing {
    /// How a new record is made.
    pub strategy: Strategy,
    /// How it is found out what became of a write.
    pub verify: Verify,
    /// How it is found out that nobody else wrote in between.
    pub guard: Guard,
    /// Requests under way at a time, where each record is one of its own.
    pub at_once: Option<u8>,
}

/// How a new record is made.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Strategy {
    /// It is looked for by its external ID; if it is not there, `create` makes it.
    #[default]
    FindThenWrite,
    /// It is looked for; `upsert` makes it, or changes the one that came in between.
    Upsert,
    /// `ensure` gives the one that is there, or makes it.
    EnsureThenUpdate,
}

/// How it is found out what became of a write.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Verify {
    /// The record is read and compared.
    #[default]
    ReadBack,
    /// The answer has the whole record as it was kept.
    Echo,
}

/// How it is found out that nobody else wrote in between.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Guard {
    /// The record is read just before. What is written in the blink between the two is lost.
    #[default]
    Read,
    /// The system compares the version (`if_match` of the request).
    Condition,
}

/// Attributes that each account defines for itself.
#[derive(Debug, Clone, PartialEq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Custom {
    /// The object that holds them.
    pub at: Pointer,
    /// What becomes of those that a write does not name.
    #[serde(default)]
    pub map_merge: MapMerge,
    /// How values are written.
    #[serde(default)]
    pub values: CustomValues,
    /// What an empty one is written as.
    #[serde(default)]
    pub clear: Json,
    /// Where `schema_list` says the name of an attribute.
    pub name: Option<Pointer>,
    /// Where it says that it is archived.
    pub archived: Option<Pointer>,
    /// What kinds of values are called there: `text`, `number`, `boolean`, `date`.
    #[serde(default)]
    pub kinds: BTreeMap<String, String>,
}

/// What becomes of attributes that a write does not name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum MapMerge {
    /// They stay.
    #[default]
    MergeKeys,
    /// They are gone: all of the object is sent.
    Replace,
    /// They stay, and one goes by `forget_keys` alone.
    MergeKeysWithDeleteOp,
}

/// How values of attributes are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum CustomValues {
    /// As what they are.
    #[default]
    Json,
    /// As texts, whatever they are.
    Strings,
}
