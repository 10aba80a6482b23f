//! Shapes in the words of JSON Schema 2020-12, as OpenAPI 3.1 has them.

use super::{ANY, Kind, Member, Shape};
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;

/// Every shape that is named, by its name.
#[derive(Default)]
pub(crate) struct Schemas(BTreeMap<&'static str, Value>);

impl Schemas {
    /// A reference to a shape, which is described once.
    pub(crate) fn of(&mut self, shape: &Shape) -> Value {
        if !self.0.contains_key(shape.name) {
            // Before its members, which may name it again.
            self.0.insert(shape.name, Value::Null);
            let described = self.describe(shape);
            self.0.insert(shape.name, described);
        }
        json!({ "$ref": format!("#/components/schemas/{}", shape.name) })
    }

    fn describe(&mut self, shape: &Shape) -> Value {
        let mut properties = Map::new();
        for member in shape.members {
            properties.insert(member.name.to_owned(), self.member(member));
        }
        let required: Vec<&str> =
            shape.members.iter().filter(|member| member.is_required).map(|member| member.name).collect();
        let mut described = json!({ "type": "object", "properties": properties });
        if !shape.about.is_empty() {
            described["description"] = shape.about.into();
        }
        if !required.is_empty() {
            described["required"] = json!(required);
        }
        described["additionalProperties"] = shape.is_open.into();
        described
    }

    /// A member.
    pub(crate) fn member(&mut self, member: &Member) -> Value {
        let mut schema = self.kind(&member.kind);
        if member.is_nullable {
            schema = match schema.get("type").cloned() {
                Some(Value::String(kind)) => {
                    schema["type"] = json!([kind, "null"]);
                    if let Some(words) = schema.get_mut("enum").and_then(Value::as_array_mut) {
                        words.push(Value::Null);
                    }
                    schema
                }
                _ => json!({ "anyOf": [schema, { "type": "null" }] }),
            };
        }
        if !member.about.is_empty() {
            schema["description"] = member.about.into();
        }
        schema
    }

    /// A kind.
    pub(crate) fn kind(&mut self, kind: &Kind) -> Value {
        match kind {
            Kind::Text(ANY) => json!({ "type": "string" }),
            Kind::Text(most) => json!({ "type": "string", "maxLength": most }),
            Kind::Said(most) => json!({ "type": "string", "minLength": 1, "maxLength": most, "pattern": r"\S" }),
            Kind::Word(words) => json!({ "type": "string", "enum": words }),
            Kind::Id(prefix) => json!({ "type": "string", "pattern": format!("^{prefix}[0-9A-Za-z_]{{1,40}}$") }),
            Kind::Time => json!({ "type": "string", "format": "date-time" }),
            Kind::Whole(least, most) => json!({ "type": "integer", "minimum": least, "maximum": most }),
            Kind::Number(least, most) => json!({ "type": "number", "minimum": least, "maximum": most }),
            Kind::Flag => json!({ "type": "boolean" }),
            Kind::List(inner, most) => {
                json!({ "type": "array", "items": self.kind(inner), "maxItems": most })
            }
            Kind::Object(shape) => self.of(shape),
            Kind::Open => json!({ "type": "object" }),
        }
    }

    /// All of them, for the document.
    pub(crate) fn into_value(self) -> Value {
        Value::Object(self.0.into_iter().map(|(name, schema)| (name.to_owned(), schema)).collect())
    }
}

/// A kind that names no shape.
pub(crate) fn schema_of(kind: &Kind) -> Value {
    Schemas::default().kind(kind)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::shape::{any, may, must, shape};

    static LEAF: Shape = shape("Leaf", "A leaf.", &[must("value", Kind::Said(9), "What.")]);
    static TREE: Shape = shape(
        "Tree",
        "",
        &[
            any("leaf", Kind::Object(&LEAF), ""),
            any("word", Kind::Word(&["a"]), ""),
            may("all", Kind::List(&Kind::Object(&LEAF), 3), ""),
        ],
    );

    #[test]
    fn a_shape_is_described_once_and_named_elsewhere() {
        let mut schemas = Schemas::default();
        assert_eq!(schemas.of(&TREE), json!({ "$ref": "#/components/schemas/Tree" }));
        let all = schemas.into_value();
        assert_eq!(all["Leaf"]["required"], json!(["value"]));
        assert_eq!(all["Leaf"]["properties"]["value"]["description"], "What.");
        let tree = &all["Tree"]["properties"];
        assert_eq!(tree["leaf"]["anyOf"][1], json!({ "type": "null" }));
        assert_eq!(tree["word"], json!({ "type": ["string", "null"], "enum": ["a", null] }));
        assert_eq!(tree["all"]["items"], json!({ "$ref": "#/components/schemas/Leaf" }));
        assert_eq!(all["Tree"]["additionalProperties"], false);
    }
}
