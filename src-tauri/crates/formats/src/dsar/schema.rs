//! JSON Schemas (2020-12) of the files of a bundle, shipped in it. Those of rows are made from
//! the columns that the rows are made from, so that they cannot say anything else.

use serde_json::{Map, Value, json};

/// What is in a column.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Shape {
    /// A text, or nothing.
    Text,
    /// A number, or nothing.
    Number,
    /// A moment, or nothing.
    Time,
    /// Yes or no.
    Flag,
    /// A list.
    List,
}

/// Columns of one table: its name, and the name and shape of each.
pub type Columns = (String, Vec<(String, Shape)>);

/// In every row: the table it is kept in.
pub const KEPT_IN: &str = "kept_in";

/// Rows of tables, in one list.
pub fn rows(name: &str, tables: &[Columns]) -> Value {
    schema(name, json!({ "type": "array", "items": any_of(tables) }))
}

/// A conversation with its messages.
pub fn conversation(about: &Columns, messages: &Columns) -> Value {
    let mut whole = row(about);
    let list = json!({ "type": "array", "items": row(messages) });
    if let Some(properties) = whole.get_mut("properties").and_then(Value::as_object_mut) {
        properties.insert("message".into(), list);
    }
    if let Some(required) = whole.get_mut("required").and_then(Value::as_array_mut) {
        required.push("message".into());
    }
    schema("conversation", whole)
}

/// Which of the tables a row is from, it says itself.
fn any_of(tables: &[Columns]) -> Value {
    if tables.is_empty() {
        return json!({ "type": "object" });
    }
    json!({ "oneOf": tables.iter().map(row).collect::<Vec<_>>() })
}

fn row((table, columns): &Columns) -> Value {
    let mut properties = Map::new();
    properties.insert(KEPT_IN.into(), json!({ "const": table }));
    for (name, shape) in columns {
        properties.insert(name.clone(), of(*shape));
    }
    let required: Vec<&String> = properties.keys().collect();
    let required = json!(required);
    json!({ "type": "object", "properties": properties, "required": required, "additionalProperties": false })
}

fn of(shape: Shape) -> Value {
    match shape {
        Shape::Text => json!({ "type": ["string", "null"] }),
        Shape::Number => json!({ "type": ["number", "null"] }),
        Shape::Time => moment(),
        Shape::Flag => json!({ "type": "boolean" }),
        Shape::List => json!({ "type": "array" }),
    }
}

fn schema(name: &str, body: Value) -> Value {
    let mut all = Map::new();
    all.insert("$schema".into(), "https://json-schema.org/draft/2020-12/schema".into());
    all.insert("$id".into(), format!("{name}.schema.json").into());
    all.insert("title".into(), name.into());
    if let Value::Object(body) = body {
        all.extend(body);
    }
    Value::Object(all)
}

/// An object with exactly these members.
fn object(members: &[(&str, Value)]) -> Value {
    let properties: Map<String, Value> =
        members.iter().map(|(name, shape)| ((*name).to_owned(), shape.clone())).collect();
    let required: Vec<&str> = members.iter().map(|(name, _)| *name).collect();
    json!({ "type": "object", "properties": properties, "required": required, "additionalProperties": false })
}

fn list(items: Value) -> Value {
    json!({ "type": "array", "items": items })
}

fn text() -> Value {
    json!({ "type": "string" })
}

fn perhaps() -> Value {
    json!({ "type": ["string", "null"] })
}

fn moment() -> Value {
    json!({ "type": ["string", "null"], "format": "date-time" })
}

fn count() -> Value {
    json!({ "type": "integer", "minimum": 0 })
}

/// The fields of every card, each with where it comes from.
pub fn contact() -> Value {
    let field = object(&[
        ("value", json!(true)),
        ("class", json!({ "enum": ["provided", "observed", "inferred"] })),
        ("source", text()),
        ("first_seen", moment()),
        ("last_changed", moment()),
        ("purpose", list(text())),
        ("retention_until", moment()),
    ]);
    let card = object(&[
        (KEPT_IN, json!({ "const": "contact" })),
        ("id", text()),
        ("fields", json!({ "type": "object", "additionalProperties": field })),
        ("stored", json!({ "type": "object" })),
    ]);
    schema("contact", object(&[("cards", list(card))]))
}

/// What the law asks to be told.
pub fn information() -> Value {
    let names = ["controller", "purposes", "categories", "retention", "source", "automated", "transfers", "rights"];
    let mut members: Vec<(&str, Value)> = names.iter().map(|name| (*name, text())).collect();
    members.push(("complaint", text()));
    members.push(("recipients", json!({ "const": "recipients.json" })));
    members.push(("reviewed", json!({ "type": "boolean" })));
    schema("information", object(&members))
}

/// Who got what.
pub fn recipients() -> Value {
    let one = object(&[
        ("name", text()),
        ("kind", json!({ "enum": ["connection", "export"] })),
        ("country", perhaps()),
        ("safeguard", perhaps()),
        ("basis", perhaps()),
        ("fields", list(text())),
        ("first_sent", moment()),
        ("last_sent", moment()),
        ("certain", json!({ "type": "boolean" })),
    ]);
    schema("recipients", list(one))
}

/// What was left out.
pub fn redactions() -> Value {
    let one = object(&[
        ("file", text()),
        ("json_pointer", text()),
        ("reason", json!({ "enum": ["third_party", "trade_secret", "legal_privilege"] })),
        ("kind", text()),
        ("count", count()),
    ]);
    schema("redactions", list(one))
}

/// What was done, and what was changed.
pub fn activity(activities: &[Columns]) -> Value {
    let field = object(&[("field", text()), ("from", json!(true)), ("to", json!(true))]);
    let change = object(&[
        (KEPT_IN, json!({ "const": "change" })),
        ("seq", count()),
        ("operation", text()),
        ("at", moment()),
        ("by", text()),
        ("through", text()),
        ("did", text()),
        ("subject", text()),
        ("about", text()),
        ("action", json!({ "enum": ["insert", "update", "delete"] })),
        ("fields", list(field)),
    ]);
    let sync = object(&[("remote", text()), ("kind", text()), ("has_record", json!({ "type": "boolean" }))]);
    schema(
        "activity",
        object(&[("activities", list(any_of(activities))), ("changes", list(change)), ("syncs", list(sync))]),
    )
}

/// What was concluded.
pub fn inferences() -> Value {
    let one = object(&[("what", text()), ("value", json!(true)), ("by", text()), ("at", moment()), ("logic", text())]);
    schema("inferences", list(one))
}

/// What the bundle says of itself.
pub fn manifest() -> Value {
    let file = object(&[
        ("path", text()),
        ("bytes", count()),
        ("sha256", json!({ "type": "string", "pattern": "^[0-9a-f]{64}$" })),
        ("records", json!({ "type": ["integer", "null"], "minimum": 0 })),
        ("article", text()),
        ("schema", perhaps()),
    ]);
    let table = object(&[
        ("table", text()),
        ("rows_of_subject", count()),
        ("rows_exported", count()),
        ("rows_withheld", count()),
        ("reason", json!({ "enum": ["", "derived", "security", "internal", "third_party", "business"] })),
    ]);
    schema(
        "manifest",
        object(&[
            ("format", json!({ "const": super::manifest::FORMAT })),
            ("request", text()),
            ("subject_pseudonym", text()),
            ("generator", text()),
            ("created", moment()),
            ("as_of_db_change_seq", count()),
            ("language", text()),
            ("key_fingerprint", text()),
            ("files", list(file)),
            ("completeness", list(table)),
        ]),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_row_has_all_of_its_columns_and_nothing_else() {
        let columns = ("note".to_owned(), vec![("text".to_owned(), Shape::Text), ("internal".to_owned(), Shape::Flag)]);
        let schema = rows("notes", &[columns]);
        let one = &schema["items"]["oneOf"][0];
        assert_eq!(one["required"], json!(["kept_in", "text", "internal"]));
        assert_eq!(one["properties"]["kept_in"], json!({ "const": "note" }));
        assert_eq!(one["additionalProperties"], json!(false));
        assert_eq!(schema["$id"], "notes.schema.json");
    }

    #[test]
    fn the_manifest_fulfils_its_schema_by_its_members() {
        let manifest = super::super::Manifest {
            format: super::super::manifest::FORMAT.into(),
            request: String::new(),
            subject_pseudonym: String::new(),
            generator: String::new(),
            created: String::new(),
            as_of_db_change_seq: 0,
            language: String::new(),
            key_fingerprint: String::new(),
            files: Vec::new(),
            completeness: vec![super::super::TableLine::default()],
        };
        let said = serde_json::to_value(manifest).expect("json");
        let mut names: Vec<&String> = said.as_object().expect("an object").keys().collect();
        let schema = super::manifest();
        let mut asked: Vec<&str> =
            schema["required"].as_array().expect("a list").iter().filter_map(Value::as_str).collect();
        names.sort();
        asked.sort_unstable();
        assert_eq!(names, asked);
    }
}
