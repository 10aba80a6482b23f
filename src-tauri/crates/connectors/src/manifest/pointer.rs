//! A place in JSON (RFC 6901): read, and written into what is being made.

use schemars::{JsonSchema, Schema, SchemaGenerator};
use serde::Deserialize;
use serde_json::{Map, Value as Json};
use std::{borrow::Cow, fmt};

/// A place in JSON: `/properties/email`; all of it is the empty text.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Default, Deserialize)]
#[serde(try_from = "String")]
pub struct Pointer(String);

impl TryFrom<String> for Pointer {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        if !text.is_empty() && !text.starts_with('/') {
            return Err(format!("a JSON Pointer begins with a slash: {text}"));
        }
        let is_escaped = |part: &str| part.split('~').skip(1).all(|rest| rest.starts_with(['0', '1']));
        if !is_escaped(&text) {
            return Err(format!("~ stands as ~0 in a JSON Pointer: {text}"));
        }
        Ok(Self(text))
    }
}

impl JsonSchema for Pointer {
    fn schema_name() -> Cow<'static, str> {
        "Pointer".into()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        String::json_schema(generator)
    }
}

impl fmt::Display for Pointer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// What is at a place of a record.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum At<'j> {
    /// A value that is not null.
    Value(&'j Json),
    /// Null, or left out by what could hold it.
    Empty,
    /// What could hold it is left out: nothing was said.
    Unsaid,
}

impl Pointer {
    /// The value there.
    pub(super) fn of<'j>(&self, json: &'j Json) -> Option<&'j Json> {
        json.pointer(&self.0)
    }

    /// The value there, taken out; null where there is none.
    pub(super) fn take(&self, json: &mut Json) -> Json {
        json.pointer_mut(&self.0).map(Json::take).unwrap_or_default()
    }

    /// What a record says there.
    pub(super) fn look<'j>(&self, record: &'j Json) -> At<'j> {
        match (self.of(record), self.0.rsplit_once('/')) {
            (Some(Json::Null), _) => At::Empty,
            (Some(value), _) => At::Value(value),
            (None, Some((holder, _))) if record.pointer(holder).is_some_and(Json::is_object) => At::Empty,
            (None, _) => At::Unsaid,
        }
    }

    /// The text there, or the number as a text; nothing for what is empty or neither.
    pub(super) fn text(&self, json: &Json) -> Option<String> {
        match self.of(json)? {
            Json::String(text) if !text.is_empty() => Some(text.clone()),
            Json::Number(number) => Some(number.to_string()),
            _ => None,
        }
    }

    /// Writes a value there. What holds it is made.
    pub(super) fn put(&self, into: &mut Json, value: Json) {
        let mut place = into;
        for part in self.parts() {
            if !place.is_object() {
                *place = Json::Object(Map::new());
            }
            let Json::Object(map) = place else { return };
            place = map.entry(part).or_insert(Json::Null);
        }
        *place = value;
    }

    /// One step further down.
    pub(super) fn down(&self, name: &str) -> Self {
        Self(format!("{}/{}", self.0, name.replace('~', "~0").replace('/', "~1")))
    }

    /// Whether it is this place, or one below it.
    pub(super) fn is_within(&self, other: &Self) -> bool {
        self.0.strip_prefix(&other.0).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
    }

    /// The first step below another place.
    pub(super) fn first_below(&self, other: &Self) -> Option<String> {
        let rest = self.0.strip_prefix(&other.0)?.strip_prefix('/')?;
        Some(unescaped(rest.split('/').next().unwrap_or_default()))
    }

    fn parts(&self) -> impl Iterator<Item = String> {
        self.0.split('/').skip(1).map(unescaped)
    }
}

fn unescaped(part: &str) -> String {
    part.replace("~1", "/").replace("~0", "~")
}

#[cfg(test)]
mod tests {
    use super::*;
    use rstest::rstest;
    use serde_json::json;

    fn pointer(text: &str) -> Pointer {
        Pointer::try_from(text.to_owned()).expect("a pointer")
    }

    #[rstest]
    #[case::no_slash("email")]
    #[case::a_bare_tilde("/a~b")]
    fn other_texts_are_no_pointers(#[case] text: &str) {
        assert!(Pointer::try_from(text.to_owned()).is_err());
    }

    #[test]
    fn what_is_left_out_is_empty_where_it_could_stand_and_unsaid_elsewhere() {
        let record = json!({ "properties": { "email": "a@x", "phone": null } });
        assert_eq!(pointer("/properties/email").look(&record), At::Value(&json!("a@x")));
        assert_eq!(pointer("/properties/phone").look(&record), At::Empty);
        assert_eq!(pointer("/properties/name").look(&record), At::Empty);
        assert_eq!(pointer("/custom/plan").look(&record), At::Unsaid);
    }

    #[test]
    fn what_is_written_is_found_there() {
        let mut record = Json::Null;
        pointer("/properties/a~1b").put(&mut record, json!("x"));
        pointer("/properties/c").put(&mut record, json!(1));
        assert_eq!(record, json!({ "properties": { "a/b": "x", "c": 1 } }));
        assert_eq!(pointer("/properties/a~1b").text(&record), Some("x".into()));
        assert_eq!(pointer("/properties/c").text(&record), Some("1".into()));
    }

    #[test]
    fn a_place_below_another_is_within_it() {
        let properties = pointer("/properties");
        assert!(pointer("/properties/email").is_within(&properties) && properties.is_within(&properties));
        assert!(!pointer("/properties2").is_within(&properties));
        assert_eq!(pointer("/properties/email/0").first_below(&properties), Some("email".into()));
        assert_eq!(properties.down("a/b"), pointer("/properties/a~1b"));
    }
}
