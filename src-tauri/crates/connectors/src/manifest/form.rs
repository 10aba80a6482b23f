//! The form by which a connection is set up, and the manifest that the window's form writes:
//! a template is a manifest in which texts that are `{config.NAME}` and nothing else are
//! replaced by what was filled in. What stays empty takes its request or its field with it.

use super::{
    fault::Fault,
    format::{About, Config, ConfigKind},
    place::BASE_URL,
};
use serde::Deserialize;
use std::collections::BTreeMap;
use toml::{Table, Value};

/// A field of the form, as the window shows it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FormField {
    /// As it is written.
    pub config: Config,
    /// It has to be filled in.
    pub is_required: bool,
}

impl FormField {
    pub(super) fn of(config: &Config) -> Self {
        Self { config: config.clone(), is_required: config.default.is_none() && !config.advanced }
    }
}

/// The part of a template that can be read before it is filled in.
#[derive(Deserialize)]
struct Head {
    connector: About,
    #[serde(default)]
    config: Vec<Config>,
}

/// The form of a manifest, template or not.
pub(super) fn of_text(text: &str) -> Vec<FormField> {
    let head: Result<Head, toml::de::Error> = toml::from_str(text);
    head.map(|head| head.config.iter().map(FormField::of).collect()).unwrap_or_default()
}

/// Whether the form writes a manifest from it.
pub(super) fn is_template(text: &str) -> bool {
    let head: Result<Head, toml::de::Error> = toml::from_str(text);
    head.is_ok_and(|head| head.connector.template)
}

/// Something for every field that has to be filled in, to see what a template becomes.
pub(super) fn sample(text: &str) -> BTreeMap<String, String> {
    let required = of_text(text).into_iter().filter(|field| field.is_required);
    required.map(|field| (field.config.name, "contacts".to_owned())).collect()
}

/// Without these a request, a field or a list is none.
const VITAL: [&str; 5] = ["path", "remote", "at", "kind", "mode"];
/// In a choice: not at all.
const NONE: &str = "none";

/// The manifest that a template becomes; else what is wrong with it.
pub fn filled_in(text: &str, fields: &BTreeMap<String, String>) -> Result<String, Vec<Fault>> {
    let wrong = |error: toml::de::Error| vec![Fault::of_reader(text, &error)];
    let mut table: Table = toml::from_str(text).map_err(wrong)?;
    let Head { config, .. } = toml::from_str(text).map_err(wrong)?;
    let mut values = BTreeMap::new();
    for one in config.iter().filter(|one| !stays(one)) {
        let filled = fields.get(&one.name).map(|filled| filled.trim()).filter(|filled| !filled.is_empty());
        let filled = filled.or(one.default.as_deref()).unwrap_or_default();
        let value = match one.kind {
            ConfigKind::Number => filled.parse().map_or_else(|_| Value::String(filled.to_owned()), Value::Integer),
            _ => Value::String(filled.to_owned()),
        };
        values.insert(format!("{{config.{}}}", one.name), value);
    }
    keep(&mut table, &values);
    let stay: Vec<&str> = config.iter().filter(|one| stays(one)).map(|one| one.name.as_str()).collect();
    if let Some(Value::Array(all)) = table.get_mut("config") {
        all.retain(|one| one.get("name").and_then(Value::as_str).is_some_and(|name| stay.contains(&name)));
    }
    if let Some(Value::Table(about)) = table.get_mut("connector") {
        about.remove("template");
    }
    toml::to_string(&table).map_err(|error| vec![Fault::at(text, "", error.to_string())])
}

/// What is only known when a request is made.
fn stays(config: &Config) -> bool {
    config.kind == ConfigKind::Secret || config.name == BASE_URL
}

/// Puts values into a table; `false` when something is missing without which it is none.
fn keep(table: &mut Table, values: &BTreeMap<String, Value>) -> bool {
    let mut is_whole = true;
    let keys: Vec<String> = table.keys().cloned().collect();
    for key in keys {
        let Some(value) = table.get_mut(&key) else { continue };
        if !keep_value(value, values) {
            table.remove(&key);
            is_whole &= !VITAL.contains(&key.as_str());
        }
    }
    is_whole
}

fn keep_value(value: &mut Value, values: &BTreeMap<String, Value>) -> bool {
    match value {
        Value::String(text) => match values.get(text.as_str()) {
            Some(Value::String(filled)) if filled.is_empty() || filled == NONE => false,
            Some(filled) => {
                *value = filled.clone();
                true
            }
            None => true,
        },
        Value::Table(table) => keep(table, values),
        Value::Array(all) => {
            all.retain_mut(|one| keep_value(one, values));
            true
        }
        Value::Integer(_) | Value::Float(_) | Value::Boolean(_) | Value::Datetime(_) => true,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEMPLATE: &str = r#"
[connector]
id = "generic"
label = "Generic"
version = 1
template = true
[[config]]
name = "token"
label = "Token"
kind = "secret"
[[config]]
name = "list_path"
label = "Path"
[[config]]
name = "delete_path"
label = "Path"
default = ""
[[config]]
name = "size"
label = "Size"
kind = "number"
default = "100"
[[config]]
name = "paging"
label = "Pages"
default = "page"
[ops.list]
path = "{config.list_path}"
[ops.list.paging]
kind = "{config.paging}"
size = "{config.size}"
[ops.delete]
path = "{config.delete_path}"
method = "DELETE"
"#;

    fn filled(fields: &[(&str, &str)]) -> Table {
        let fields = fields.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        toml::from_str(&filled_in(TEMPLATE, &fields).expect("a manifest")).expect("TOML")
    }

    #[test]
    fn what_was_filled_in_stands_in_the_manifest_and_secrets_do_not() {
        let table = filled(&[("list_path", "v1/people"), ("token", "s3")]);
        let list = &table["ops"]["list"];
        assert_eq!(list["path"].as_str(), Some("v1/people"));
        assert_eq!(list["paging"]["size"].as_integer(), Some(100));
        let names: Vec<&str> =
            table["config"].as_array().expect("a form").iter().filter_map(|one| one["name"].as_str()).collect();
        assert_eq!(names, ["token"]);
        assert!(table["connector"].get("template").is_none());
        assert!(!toml::to_string(&table).expect("TOML").contains("s3"));
    }

    #[test]
    fn what_stays_empty_takes_its_request_with_it() {
        let table = filled(&[("list_path", "v1/people"), ("paging", "none")]);
        assert!(table["ops"].get("delete").is_none());
        assert!(table["ops"]["list"].get("paging").is_none());
        let table = filled(&[("list_path", "v1/people"), ("delete_path", "v1/people/{remote_id}")]);
        assert_eq!(table["ops"]["delete"]["path"].as_str(), Some("v1/people/{remote_id}"));
    }
}
