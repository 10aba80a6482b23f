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

pub(super) use super::ways::{
    Changes, Custom, CustomValues, Deletes, Guard, MapMerge, Mode, Strategy, TimeFormat, Verify, Writing,
};

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
    /// Headers that say how many more requests it takes.
    #[serde(default)]
    pub remaining: Vec<String>,
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
    use crate::manifest::form;
    use std::{fs, path::Path};

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

    /// Makes a manifest wrong.
    type Plant = fn(&mut Json);

    /// A manifest as the editor of whoever writes one sees it; of a form what it writes.
    fn read(path: &Path) -> Json {
        let mut text = fs::read_to_string(path).expect("a manifest");
        if form::is_template(&text) {
            text = form::filled_in(&text, &form::sample(&text)).expect("a form that is filled in");
        }
        let table: toml::Table = text.parse().unwrap_or_else(|fault| panic!("{}: {fault}", path.display()));
        serde_json::to_value(table).expect("a document")
    }

    #[test]
    fn the_schema_takes_each_manifest_that_is_there_and_nothing_that_is_wrong() {
        let schema = jsonschema::validator_for(&schema()).expect("a schema");
        let here = Path::new(env!("CARGO_MANIFEST_DIR"));
        let mut read_files = 0;
        for folder in ["manifests", "../../../tests/fixtures/manifests"] {
            for file in fs::read_dir(here.join(folder)).expect("a folder") {
                let path = file.expect("a file").path();
                let faults: Vec<String> = schema.iter_errors(&read(&path)).map(|fault| fault.to_string()).collect();
                assert_eq!(faults, Vec::<String>::new(), "{}", path.display());
                read_files += 1;
            }
        }
        assert!(read_files >= 10, "{read_files} manifests");
        let planted: [(&str, Plant); 4] = [
            ("a section of another format", |it| it["script"] = Json::from("x")),
            ("a name that is no text", |it| it["connector"]["name"] = Json::from(5)),
            ("a codec that nobody knows", |it| it["field"][0]["codec"] = Json::from("rot13")),
            ("no way to sign in", |it| drop(it.as_object_mut().expect("a table").remove("auth"))),
        ];
        for (what, plant) in planted {
            let mut wrong = read(&here.join("manifests/intercom.toml"));
            plant(&mut wrong);
            assert!(!schema.is_valid(&wrong), "{what}");
        }
    }
}
