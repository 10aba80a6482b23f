//! The requests of a manifest, as they are written.

use super::pointer::Pointer;
use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::Value as Json;
use std::collections::BTreeMap;

macro_rules! ops {
    ($( $(#[$doc:meta])* $field:ident $name:ident; )*) => {
        /// The requests there are.
        #[derive(Debug, Clone, PartialEq, Default, Deserialize, JsonSchema)]
        #[serde(deny_unknown_fields, default)]
        pub struct Ops { $( $(#[$doc])* pub $field: Option<Op>, )* }

        /// Which request.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Deserialize, JsonSchema)]
        #[serde(rename_all = "snake_case")]
        pub enum OpName {
            $( $(#[$doc])* $name, )*
            /// What belongs to a contact.
            Parts,
        }

        impl OpName {
            /// As it is written.
            pub fn as_str(self) -> &'static str {
                match self { $( Self::$name => stringify!($field), )* Self::Parts => "parts" }
            }
        }

        impl Ops {
            /// Those that are there.
            pub fn all(&self) -> Vec<(OpName, &Op)> {
                let all = [ $( (OpName::$name, self.$field.as_ref()) ),* ];
                all.into_iter().filter_map(|(name, op)| Some((name, op?))).collect()
            }
        }
    };
}

ops! {
    /// Says which account it is.
    check Check;
    /// Lists everything.
    list List;
    /// Lists or finds what changed since.
    changes Changes;
    /// Lists what was deleted.
    archived Archived;
    /// Gives one record.
    read Read;
    /// Gives several.
    read_many ReadMany;
    /// Finds a record by its external ID; whatever else it finds is passed over.
    find Find;
    /// Finds several.
    find_many FindMany;
    /// Makes a record, or several.
    create Create;
    /// Changes a record, or several.
    update Update;
    /// Makes or changes records by their external IDs.
    upsert Upsert;
    /// Gives the record of an external ID, or makes it.
    ensure Ensure;
    /// Deletes a record, or several.
    delete Delete;
    /// Deletes the record of an erased person for good.
    purge Purge;
    /// Lists the attributes of an account.
    schema_list SchemaList;
    /// Makes an attribute.
    schema_create SchemaCreate;
    /// Takes attributes off a record.
    forget_keys ForgetKeys;
}

impl Ops {
    /// Whether nothing makes or changes a record.
    pub(super) fn is_read_only(&self) -> bool {
        [&self.create, &self.update, &self.upsert, &self.ensure].into_iter().all(Option::is_none)
    }
}

/// A request.
#[derive(Debug, Clone, PartialEq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Op {
    /// Its method.
    pub method: Method,
    /// Its path. `{config.NAME}`, `{remote_id}`, `{external_id}` and `{item}` may stand in it.
    pub path: String,
    /// What stands behind the `?`: fixed values, or nodes as in `body`.
    #[serde(default)]
    pub query: BTreeMap<String, Json>,
    /// Its body: JSON in which `{ from = "…" }`, `{ record = "…" }`, `{ names = "…" }`,
    /// `{ each = "…", make = … }` and `{ literal = … }` are replaced.
    pub body: Option<Json>,
    /// So many records in one request, at most.
    pub batch: Option<u32>,
    /// Statuses that mean that it was done; all of 2xx when none is named.
    #[serde(default)]
    pub ok: Vec<u16>,
    /// Statuses that mean that the record is not there; 404 and 410 when none is named.
    #[serde(default)]
    pub gone: Vec<u16>,
    /// Statuses that mean that another record has the same external ID.
    #[serde(default)]
    pub exists: Vec<u16>,
    /// Statuses that mean that the place in a list is not known any more.
    #[serde(default)]
    pub expired: Vec<u16>,
    /// Where the answer has its records.
    pub items: Option<Pointer>,
    /// Where it has its one record.
    pub record: Option<Pointer>,
    /// How it goes on after the first page.
    pub paging: Option<Paging>,
    /// What a batch says of each record.
    pub result: Option<BatchResult>,
    /// Of `check`: where the answer says which account it is.
    pub identity: Option<Pointer>,
    /// It is done only at the version that is known (`If-Match`).
    #[serde(default)]
    pub if_match: bool,
    /// It is verified otherwise than `[write]` says.
    pub verify: Option<super::format::Verify>,
    /// What is left of a record that was deleted.
    pub semantics: Option<Semantics>,
}

impl Op {
    /// Whether a status means that it was done.
    pub(super) fn is_ok(&self, status: u16) -> bool {
        if self.ok.is_empty() { (200..=299).contains(&status) } else { self.ok.contains(&status) }
    }

    /// Whether a status means that the record is not there.
    pub(super) fn is_gone(&self, status: u16) -> bool {
        if self.gone.is_empty() { matches!(status, 404 | 410) } else { self.gone.contains(&status) }
    }
}

/// The method of a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "UPPERCASE")]
pub enum Method {
    /// Reads.
    Get,
    /// Writes, or asks something long.
    Post,
    /// Writes.
    Put,
    /// Writes.
    Patch,
    /// Deletes.
    Delete,
}

impl Method {
    /// As it is sent.
    pub(super) fn as_str(self) -> &'static str {
        match self {
            Self::Get => "GET",
            Self::Post => "POST",
            Self::Put => "PUT",
            Self::Patch => "PATCH",
            Self::Delete => "DELETE",
        }
    }
}

/// How a list goes on.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Paging {
    /// In which way.
    pub kind: PagingKind,
    /// What it is called behind the `?`; a body names `page.cursor`, `page.number` or
    /// `page.offset` itself.
    pub param: Option<String>,
    /// Where the answer says the next cursor, or the next address. Of `link` without it the
    /// `Link` header counts.
    pub next: Option<Pointer>,
    /// Number of the first page.
    #[serde(default = "one")]
    pub first: u64,
    /// Of `page`: records of a full one.
    pub size: Option<u64>,
    /// Where the answer says how many pages there are.
    pub total_pages: Option<Pointer>,
    /// Where it says how many records there are.
    pub total: Option<Pointer>,
}

fn one() -> u64 {
    1
}

/// In which way a list goes on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum PagingKind {
    /// The answer has a word for the next page.
    Cursor,
    /// Pages are counted.
    Page,
    /// Records are counted.
    Offset,
    /// The answer has the address of the next page.
    Link,
}

/// What a batch says of each record.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct BatchResult {
    /// Where the records are that were done.
    pub items: Pointer,
    /// Where they are in another form of the answer, where the vendor has two.
    pub or_items: Option<Pointer>,
    /// By what each is known again; the first that fits counts.
    #[serde(default, rename = "match")]
    pub matches: Vec<Match>,
    /// Where the refusals are.
    pub errors: Option<Pointer>,
    /// Where a refusal says the trace of what it is about.
    pub error_trace: Option<Pointer>,
    /// Where it says why.
    pub error_message: Option<Pointer>,
}

/// By what a record of a batch is known again.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Match {
    /// Where it stands in the answer.
    pub remote: Pointer,
    /// What it is here.
    pub local: MatchBy,
}

/// What a record of a batch is known by here.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum MatchBy {
    /// A word that was sent with it.
    Trace,
    /// Its external ID.
    ExternalId,
    /// How the system calls it.
    RemoteId,
}

/// What is left of a record that was deleted.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Semantics {
    /// `archive`, `soft`, `hard` or `purge`.
    pub kind: DeleteKind,
    /// Days in which it can be brought back.
    pub restore_days: Option<u32>,
    /// What goes with it.
    #[serde(default)]
    pub cascades: String,
}

/// In which way a record is deleted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum DeleteKind {
    /// It can be brought back for a while.
    Archive,
    /// It is only hidden.
    Soft,
    /// It is gone.
    Hard,
    /// It is gone, with all that was known of it.
    Purge,
}
