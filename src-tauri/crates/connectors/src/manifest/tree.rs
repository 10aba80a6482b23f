//! Bodies and queries: JSON in which some nodes stand for what is only known when a request
//! is made. There are no expressions and no text templates, so that nothing can be injected
//! and everything can be checked before it is used.

use super::{
    codec::ValueCodec,
    given::{Given, Source},
    pointer::Pointer,
};
use serde_json::{Map, Value as Json};

/// JSON with nodes.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Tree {
    /// As it is.
    Fixed(Json),
    /// A value; nothing where there is none.
    From { source: Source, codec: Option<ValueCodec>, default: Option<Json> },
    /// What is written of a record, below a place of it, with what always goes with it.
    Record { at: Pointer, with: Vec<(String, Self)> },
    /// The names of the places below one that are mapped, as a list or with something between.
    Names { below: Pointer, join: Option<String> },
    /// One for each.
    Each { of: Many, make: Box<Self> },
    /// An object.
    Object(Vec<(String, Self)>),
    /// A list.
    List(Vec<Self>),
}

/// Of what there may be several.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Many {
    /// Records that are written.
    Writes,
    /// Keys of records that are read or deleted, or external IDs that are looked for.
    Ids,
    /// Attributes that are taken off a record.
    Keys,
}

/// How deep a body may be.
const DEEPEST: usize = 16;

impl Tree {
    /// Understands what is written; else says why not.
    pub(super) fn parse(json: &Json) -> Result<Self, String> {
        Self::at_depth(json, 0)
    }

    fn at_depth(json: &Json, depth: usize) -> Result<Self, String> {
        if depth > DEEPEST {
            return Err("it is nested too deep".into());
        }
        match json {
            Json::Object(map) if map.keys().any(|key| key.starts_with("$__toml")) => {
                Err("a time stands in quotes".into())
            }
            Json::Object(map) => match NODES.iter().find(|node| map.contains_key(**node)) {
                Some(node) => Self::node(node, map, depth),
                None => {
                    let parts = map.iter().map(|(key, json)| Ok((key.clone(), Self::at_depth(json, depth + 1)?)));
                    parts.collect::<Result<_, String>>().map(Self::Object)
                }
            },
            Json::Array(all) => {
                all.iter().map(|json| Self::at_depth(json, depth + 1)).collect::<Result<_, _>>().map(Self::List)
            }
            fixed => Ok(Self::Fixed(fixed.clone())),
        }
    }

    fn node(node: &str, map: &Map<String, Json>, depth: usize) -> Result<Self, String> {
        let allowed: &[&str] = match node {
            "from" => &["codec", "default"],
            "record" => &["with"],
            "names" => &["join"],
            "each" => &["make"],
            _ => &[],
        };
        if let Some(other) = map.keys().find(|key| *key != node && !allowed.contains(&key.as_str())) {
            return Err(format!("{other} cannot stand beside {node}"));
        }
        let text = |key: &str| match map.get(key) {
            Some(Json::String(text)) => Ok(Some(text.as_str())),
            Some(_) => Err(format!("{key} is a text")),
            None => Ok(None),
        };
        let pointer = || Pointer::try_from(text(node)?.unwrap_or_default().to_owned());
        Ok(match node {
            "literal" => Self::Fixed(map[node].clone()),
            "from" => Self::From {
                source: Source::parse(text("from")?.unwrap_or_default())?,
                codec: text("codec")?.map(ValueCodec::parse).transpose()?,
                default: map.get("default").cloned(),
            },
            "record" => {
                let with = map.get("with").map(|with| Self::at_depth(with, depth + 1)).transpose()?;
                let with = match with {
                    None => Vec::new(),
                    Some(Self::Object(with)) => with,
                    Some(_) => return Err("with is an object".into()),
                };
                Self::Record { at: pointer()?, with }
            }
            "names" => Self::Names { below: pointer()?, join: text("join")?.map(str::to_owned) },
            _ => {
                let of = match text("each")?.unwrap_or_default() {
                    "writes" => Many::Writes,
                    "ids" => Many::Ids,
                    "keys" => Many::Keys,
                    other => return Err(format!("there are writes, ids and keys, and no {other}")),
                };
                let make = map.get("make").ok_or("each needs make")?;
                Self::Each { of, make: Box::new(Self::at_depth(make, depth + 1)?) }
            }
        })
    }

    /// The JSON; nothing where a node has no value.
    pub(super) fn make(&self, given: &Given<'_>) -> Option<Json> {
        match self {
            Self::Fixed(json) => Some(json.clone()),
            Self::From { source, codec, default } => {
                let value = given.value(source).and_then(|value| match codec {
                    Some(codec) => codec.write(&value),
                    None => Some(value),
                });
                value.or_else(|| default.clone())
            }
            Self::Record { at, with } => {
                let mut record = at.of(given.record?).cloned().unwrap_or_else(|| Json::Object(Map::new()));
                if let Json::Object(map) = &mut record {
                    map.extend(with.iter().filter_map(|(key, tree)| Some((key.clone(), tree.make(given)?))));
                }
                Some(record)
            }
            Self::Names { below, join } => {
                let names = given.names_below(below);
                Some(match join {
                    Some(join) => Json::String(names.join(join)),
                    None => names.into(),
                })
            }
            Self::Each { of, make } => Some(Json::Array(match of {
                Many::Writes => given.writes.iter().filter_map(|item| make.make(&given.of_write(item))).collect(),
                Many::Ids => given.ids.iter().filter_map(|id| make.make(&given.of_item(id))).collect(),
                Many::Keys => given.keys.iter().filter_map(|key| make.make(&given.of_item(key))).collect(),
            })),
            Self::Object(parts) => {
                let parts = parts.iter().filter_map(|(key, tree)| Some((key.clone(), tree.make(given)?)));
                Some(Json::Object(parts.collect()))
            }
            Self::List(all) => Some(Json::Array(all.iter().filter_map(|tree| tree.make(given)).collect())),
        }
    }

    /// All values that it needs.
    pub(super) fn sources(&self) -> Vec<&Source> {
        match self {
            Self::From { source, .. } => vec![source],
            Self::Record { with: parts, .. } | Self::Object(parts) => {
                parts.iter().flat_map(|(_, tree)| tree.sources()).collect()
            }
            Self::Each { make, .. } => make.sources(),
            Self::List(all) => all.iter().flat_map(Self::sources).collect(),
            Self::Fixed(_) | Self::Names { .. } => Vec::new(),
        }
    }

    /// Whether a node of this kind is in it.
    pub(super) fn has(&self, is_it: &dyn Fn(&Self) -> bool) -> bool {
        is_it(self)
            || match self {
                Self::Record { with: parts, .. } | Self::Object(parts) => parts.iter().any(|(_, tree)| tree.has(is_it)),
                Self::Each { make, .. } => make.has(is_it),
                Self::List(all) => all.iter().any(|tree| tree.has(is_it)),
                Self::From { .. } | Self::Fixed(_) | Self::Names { .. } => false,
            }
    }
}

/// Keys that make an object a node. What a system itself calls so stands in `literal`.
const NODES: [&str; 5] = ["from", "record", "names", "each", "literal"];

#[cfg(test)]
mod tests {
    use super::*;
    use crate::manifest::given::Item;
    use rstest::rstest;
    use serde_json::json;

    fn made(tree: Json, given: &Given<'_>) -> Option<Json> {
        Tree::parse(&tree).expect("a tree").make(given)
    }

    #[test]
    fn nodes_are_replaced_and_what_has_no_value_is_left_out() {
        let record = json!({ "properties": { "email": "a@x" } });
        let given = Given { remote_id: "7", record: Some(&record), ..Given::default() };
        let tree = json!({
            "id": { "from": "remote_id" },
            "ext": { "from": "external_id" },
            "after": { "from": "page.cursor", "default": "0" },
            "properties": { "record": "/properties", "with": { "lead": true } },
            "sorts": ["updated"],
        });
        let expected = json!({
            "id": "7",
            "after": "0",
            "properties": { "email": "a@x", "lead": true },
            "sorts": ["updated"],
        });
        assert_eq!(made(tree, &given), Some(expected));
    }

    #[test]
    fn each_record_of_a_batch_has_its_own_values() {
        let item = |external_id: &str| Item {
            external_id: external_id.into(),
            record: json!({ "name": external_id }),
            ..Item::default()
        };
        let (writes, ids) = ([item("a"), item("b")], ["1".to_owned()]);
        let given = Given { writes: &writes, ids: &ids, ..Given::default() };
        let tree = json!({ "rows": { "each": "writes", "make": { "record": "" } },
            "ids": { "each": "ids", "make": { "id": { "from": "item" } } } });
        let expected = json!({ "rows": [{ "name": "a" }, { "name": "b" }], "ids": [{ "id": "1" }] });
        assert_eq!(made(tree, &given), Some(expected));
    }

    #[test]
    fn what_a_person_wrote_stays_a_value() {
        let record = json!({ "name": "\", \"admin\": true, \"x\": \"{from}" });
        let given = Given { record: Some(&record), ..Given::default() };
        assert_eq!(made(json!({ "data": { "record": "" } }), &given), Some(json!({ "data": record })));
    }

    #[rstest]
    #[case::an_expression(json!({ "from": "email | upper" }))]
    #[case::a_word_of_the_machine(json!({ "from": "env.HOME" }))]
    #[case::a_foreign_key(json!({ "from": "item", "if": "x" }))]
    #[case::an_unknown_list(json!({ "each": "contacts", "make": {} }))]
    #[case::an_unknown_codec(json!({ "from": "item", "codec": "exec" }))]
    #[case::no_pointer(json!({ "record": "properties" }))]
    fn there_is_no_language_beyond_these_nodes(#[case] tree: Json) {
        assert!(Tree::parse(&tree).is_err());
    }

    #[test]
    fn a_body_without_end_is_refused() {
        let deep = (0..100).fold(json!(1), |inner, _| json!({ "a": inner }));
        assert!(Tree::parse(&deep).is_err());
    }
}
