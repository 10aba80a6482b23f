//! The format of a manifest, `cardfile.connector/1`, as types. The JSON Schema is made from
//! them, so that an editor knows what may stand where. Whether it makes sense is the matter
//! of [`super::check`].

use super::{
    mapped::{Field, Parts},
    ops::Ops,
    pointer::Pointer,
    span::Span,
};
use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::Value as Json;
use std::collections::BTreeMap;

/// A manifest as it is written.
#[derive(Debug, Clone, PartialEq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Written {
    /// Which format this is.
    pub format: Format,
    /// What it connects to.
    pub connector: About,
    /// What is asked when a connection is set up, in the order of the form.
    #[serde(default)]
    pub config: Vec<Config>,
    /// How requests say who asks. Secrets stand nowhere else.
    pub auth: Auth,
    /// Where the system is.
    pub http: Http,
    /// How often it may be asked.
    #[serde(default)]
    pub limits: Limits,
    /// How a record is told from others.
    pub identity: Identity,
    /// The requests there are.
    pub ops: Ops,
    /// How it is found out what moved.
    pub changes: Changes,
    /// How records are written.
    #[serde(default)]
    pub write: Writing,
    /// Attributes that each account defines for itself.
    pub custom: Option<Custom>,
    /// What a refusal looks like.
    #[serde(default)]
    pub errors: Errors,
    /// How many contacts the plan of an account allows.
    pub quota: Option<Quota>,
    /// Which of our fields stand where.
    #[serde(default, rename = "field")]
    pub fields: Vec<Field>,
    /// What belongs to a contact there and can be fetched.
    #[serde(default, rename = "part")]
    pub parts: Vec<Parts>,
}

/// A version of the format.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, JsonSchema)]
pub enum Format {
    /// The first.
    #[serde(rename = "cardfile.connector/1")]
    V1,
}

/// What a manifest connects to.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct About {
    /// Its name in settings and external IDs: small letters, digits and `_`.
    pub id: String,
    /// What people call it.
    pub label: String,
    /// Counts up whenever the manifest says something else.
    pub version: u32,
    /// What the vendor does not document and is taken to be so.
    #[serde(default)]
    pub assumed: Vec<String>,
    /// The window's form writes a manifest from it: each text that is `{config.NAME}` and nothing
    /// else is replaced by what was filled in.
    #[serde(default)]
    pub template: bool,
}

/// A field of the form by which a connection is set up.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Config {
    /// By which the manifest refers to it: `{config.NAME}`.
    pub name: String,
    /// What people call it.
    pub label: String,
    /// What is to be written there, in a sentence.
    #[serde(default)]
    pub help: String,
    /// What it holds.
    #[serde(default)]
    pub kind: ConfigKind,
    /// What it is when nobody fills it in. Without one it has to be filled in.
    pub default: Option<String>,
    /// What can be chosen.
    #[serde(default)]
    pub choices: Vec<String>,
    /// Only shown to who asks for it.
    #[serde(default)]
    pub advanced: bool,
    /// The vendor does not document it; the form says so.
    #[serde(default)]
    pub assumed: bool,
}

/// What a field of the form holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum ConfigKind {
    /// A text.
    #[default]
    Text,
    /// A text that is sealed, and leaves in the headers of `[auth]` alone.
    Secret,
    /// An address of a server.
    Url,
    /// Parts of a path, with slashes between them.
    Path,
    /// A number.
    Number,
    /// `yes` or `no`.
    Toggle,
    /// One of `choices`.
    Choice,
}

/// How requests say who asks.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Auth {
    /// In which way.
    pub kind: AuthKind,
    /// The secret field of the form that holds the token, or the password.
    pub token: Option<String>,
    /// The field of the form that holds the user, of `basic`.
    pub user: Option<String>,
    /// Of `header`: its name. `{config.NAME}` may stand in it.
    #[serde(default)]
    pub header: String,
    /// Of `header`: the word before the token, with a blank after it; `none` for none.
    #[serde(default)]
    pub prefix: String,
    /// A person may sign in instead of pasting a token.
    pub oauth: Option<OAuth>,
}

/// A way to say who asks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum AuthKind {
    /// Not at all.
    None,
    /// `Authorization: Bearer …`
    Bearer,
    /// A header of its own.
    Header,
    /// `Authorization: Basic …`
    Basic,
}

/// Signing in with OAuth 2: the browser, PKCE, and an answer to this computer (RFC 8252).
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct OAuth {
    /// What the browser opens.
    pub authorize: String,
    /// Where the answer is exchanged for tokens. One of the hosts of `[http]`.
    pub token: String,
    /// What is asked for.
    #[serde(default)]
    pub scopes: Vec<String>,
    /// The field of the form that holds the ID of the app.
    pub client_id: String,
    /// The secret field of the form that holds the secret of the app, where it has one.
    pub client_secret: Option<String>,
}

/// Where a system is.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Http {
    /// Address without a path, or `{config.base_url}`. What was typed as `base_url` stands in
    /// its place.
    pub base: String,
    /// Hosts that may be talked to. `{config.base_url.host}` is the one that was typed.
    pub hosts: Vec<String>,
    /// Sent with each request. Nothing of the form stands here.
    #[serde(default)]
    pub headers: BTreeMap<String, String>,
}

/// How often a system may be asked.
#[derive(Debug, Clone, PartialEq, Eq, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Limits {
    /// All of them hold.
    #[serde(default)]
    pub budget: Vec<Budget>,
    /// The field of the form that says how many requests a minute are allowed, where the vendor
    /// does not: it stands in place of `budget`.
    pub per_minute: Option<String>,
    /// Header that says how many more requests it takes.
    pub remaining: Option<String>,
    /// Header that says when that starts again: a Unix time in seconds, or seconds from now.
    pub reset: Option<String>,
    /// Further statuses after which the same question may be asked later.
    #[serde(default)]
    pub retry_status: Vec<u16>,
}

/// So many requests in so long.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Budget {
    /// How many.
    pub n: u32,
    /// In how long.
    pub per: Span,
    /// Of these alone; else of all.
    #[serde(default)]
    pub ops: Vec<super::ops::OpName>,
}

/// How a record is told from others.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Identity {
    /// How the system calls it.
    pub remote_id: Pointer,
    /// Where it holds the ID of the person.
    pub external_id: Option<Pointer>,
    /// The system makes no second record with the same.
    #[serde(default)]
    pub unique: bool,
    /// What is another with each change: a time or an ETag.
    pub version: Option<Pointer>,
    /// True in a record that is not there any more.
    pub gone_when: Option<Pointer>,
    /// Where it can hold how many of our writes it has seen.
    pub stamp: Option<Pointer>,
    /// Fields of the form that say which part of an account is meant.
    #[serde(default)]
    pub scope: Vec<String>,
    /// The attribute that holds the ID has to be made first.
    pub ensure: Option<Ensure>,
}

/// An attribute that has to be there.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Ensure {
    /// Its name.
    pub attribute: String,
    /// The toggle of the form by which a person lets it be made.
    pub toggle: String,
    /// What makes it, sent with `schema_create` in place of its body.
    pub body: Json,
}

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

/// What a refusal looks like.
#[derive(Debug, Clone, PartialEq, Eq, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Errors {
    /// Where it says why; the first that is there counts.
    #[serde(default)]
    pub message: Vec<Pointer>,
    /// Status of a record that became part of another, which the `Link` header with
    /// `rel="canonical"` names.
    pub moved_status: Option<u16>,
}

/// How many contacts the plan of an account allows.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Quota {
    /// The field of the form that says how many.
    pub limit: String,
}

/// The JSON Schema of the format, for editors.
pub fn schema() -> Json {
    schemars::schema_for!(Written).to_value()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_schema_knows_every_section_and_what_each_is_for() {
        let schema = schema();
        let sections = schema["properties"].as_object().expect("sections");
        for section in ["format", "connector", "auth", "http", "identity", "ops", "changes", "custom", "field", "part"]
        {
            let about = &sections[section];
            assert!(about["description"].is_string() || about["$ref"].is_string(), "{section}: {about}");
        }
        assert_eq!(schema["additionalProperties"], Json::Bool(false));
    }
}
