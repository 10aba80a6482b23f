//! What agents say with a call.

use serde::{Deserialize, de::DeserializeOwned};
use serde_json::{Map, Value};

/// With whom an agent says that it talks, and what shows it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Shown {
    /// The ID of the person; empty where a token says it.
    pub user_id: String,
    /// A signed token.
    pub token: String,
    /// A keyed hash of the ID.
    pub user_hash: String,
}

impl Shown {
    /// The names of its arguments.
    pub const NAMES: [&str; 3] = ["user_id", "token", "user_hash"];

    /// Takes it out of the arguments of a call. Nothing where one of them is no text.
    pub(super) fn take(arguments: &mut Map<String, Value>) -> Option<Self> {
        let mut said = Self::NAMES.map(|name| match arguments.remove(name) {
            None | Some(Value::Null) => Some(String::new()),
            Some(Value::String(text)) => Some(text),
            Some(_) => None,
        });
        let [user_id, token, user_hash] = &mut said;
        Some(Self { user_id: user_id.take()?, token: token.take()?, user_hash: user_hash.take()? })
    }

    /// Whether nothing is said at all.
    pub(super) fn is_nothing(&self) -> bool {
        self.user_id.is_empty() && !self.is_proof()
    }

    /// Whether something is shown that can be checked.
    pub(super) fn is_proof(&self) -> bool {
        !self.token.is_empty() || !self.user_hash.is_empty()
    }
}

/// Arguments of `get_contact_context`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Context {
    #[serde(default)]
    pub(super) fields: Option<Vec<String>>,
    #[serde(default)]
    pub(super) action: Option<String>,
}

/// Arguments of `search_memories`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Search {
    #[serde(default)]
    pub(super) query: String,
    #[serde(default)]
    pub(super) limit: Option<u32>,
}

/// No arguments.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Nothing {}

/// Reads the arguments of a tool. One that it does not have is a mistake.
pub(super) fn read<T: DeserializeOwned>(arguments: Map<String, Value>) -> Result<T, serde_json::Error> {
    serde_json::from_value(Value::Object(arguments))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn map(value: Value) -> Map<String, Value> {
        value.as_object().cloned().unwrap_or_default()
    }

    #[test]
    fn who_is_shown_is_taken_out_of_what_a_tool_is_told() {
        let mut arguments = map(json!({ "user_id": "u-1", "query": "tea", "token": null }));
        let shown = Shown::take(&mut arguments).expect("texts");
        assert_eq!(shown, Shown { user_id: "u-1".into(), ..Shown::default() });
        assert!(!shown.is_proof() && !shown.is_nothing());
        assert_eq!(read::<Search>(arguments).expect("read").query, "tea");
    }

    #[test]
    fn an_id_is_a_text_and_nothing_else() {
        assert!(Shown::take(&mut map(json!({ "user_id": 7 }))).is_none());
        assert!(Shown::take(&mut map(json!({ "user_id": ["u-1", "u-2"] }))).is_none());
    }

    #[test]
    fn an_argument_that_a_tool_does_not_have_is_a_mistake() {
        assert!(read::<Context>(map(json!({ "contact": "u-1" }))).is_err());
        assert!(read::<Nothing>(map(json!({ "all": true }))).is_err());
    }
}
