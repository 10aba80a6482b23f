//! Custom fields: typed fields that a workspace defines for itself.

use crate::{
    Sentence, say,
    time::{DateOrder, partial_date},
};
use serde::{Deserialize, Serialize};
use serde_json::{Value, value::RawValue};
use std::collections::BTreeMap;

/// A field defined by the user of a workspace.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CustomField {
    /// Name in files and filters; snake case, never changed by a rename.
    pub key: String,
    /// Name on screen.
    pub label: String,
    /// Shape of the value.
    pub kind: CustomKind,
    /// The words to choose from, for [`CustomKind::Choice`].
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub options: Vec<String>,
}

/// The shape of a custom field's value.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CustomKind {
    /// Any text.
    Text,
    /// A number, `.` as the decimal mark.
    Number,
    /// Yes or no.
    Boolean,
    /// A day.
    Date,
    /// One of `options`.
    Choice,
}

impl CustomKind {
    /// The word that is stored.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Text => "text",
            Self::Number => "number",
            Self::Boolean => "boolean",
            Self::Date => "date",
            Self::Choice => "choice",
        }
    }

    /// Reads the word again.
    pub fn parse(text: &str) -> Option<Self> {
        [Self::Text, Self::Number, Self::Boolean, Self::Date, Self::Choice]
            .into_iter()
            .find(|kind| kind.as_str() == text)
    }

    /// Reads typed text. `Ok(Null)` when it is empty; `Err` says what is expected.
    pub fn read(self, text: &str) -> Result<Value, Sentence> {
        let trimmed = text.trim();
        if trimmed.is_empty() {
            return Ok(Value::Null);
        }
        match self {
            Self::Text | Self::Choice => Ok(Value::from(text)),
            Self::Number => number(trimmed).ok_or_else(|| say!("expected a number")),
            Self::Boolean => match trimmed.to_ascii_lowercase().as_str() {
                "true" | "yes" | "1" | "y" => Ok(Value::Bool(true)),
                "false" | "no" | "0" | "n" => Ok(Value::Bool(false)),
                _ => Err(say!("expected yes or no")),
            },
            Self::Date => {
                partial_date(trimmed, DateOrder::DayFirst).map(Value::from).ok_or_else(|| say!("expected a date"))
            }
        }
    }
}

/// Digits that a float cannot hold stay text, so that an account number read
/// as a number comes out as it went in.
fn number(text: &str) -> Option<Value> {
    if let Ok(whole) = text.parse::<i64>() {
        return Some(if whole.unsigned_abs() <= 1 << 53 { whole.into() } else { text.into() });
    }
    text.parse::<f64>().ok().filter(|n| n.is_finite()).map(Value::from)
}

/// A value as one cell of text.
pub fn text_of(value: &Value) -> String {
    match value {
        Value::Null => String::new(),
        Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}

/// The values of a contact, a JSON object, as cells of text by key.
pub fn texts(json: &str) -> Result<BTreeMap<String, String>, serde_json::Error> {
    let values: BTreeMap<String, &RawValue> = serde_json::from_str(json)?;
    let text = |raw: &RawValue| match raw.get().strip_prefix('"').and_then(|text| text.strip_suffix('"')) {
        // Nearly all values are plain text: no second reading.
        Some(plain) if !plain.contains('\\') => Ok(plain.to_owned()),
        _ => serde_json::from_str(raw.get()).map(|value| text_of(&value)),
    };
    values.into_iter().map(|(key, raw)| Ok((key, text(raw)?))).collect()
}

/// A key for a label: `Account manager` becomes `account_manager`. `None` when
/// nothing of the label can stand in a key.
pub fn key_for(label: &str) -> Option<String> {
    let mut key = String::new();
    for c in crate::text::fold(label).chars() {
        if c.is_alphanumeric() {
            key.push(c);
        } else if !key.is_empty() && !key.ends_with('_') {
            key.push('_');
        }
    }
    let key = key.trim_end_matches('_').to_owned();
    (!key.is_empty()).then_some(key)
}

/// A label for a key: `account_manager` becomes `Account manager`.
pub fn label_for(key: &str) -> String {
    let words = key.replace('_', " ");
    let mut letters = words.chars();
    letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use rstest::rstest;
    use serde_json::json;

    #[rstest]
    #[case(CustomKind::Number, "12", Ok(json!(12)))]
    #[case(CustomKind::Number, "12.50", Ok(json!(12.5)))]
    #[case::too_large_for_a_float(CustomKind::Number, "9007199254740993", Ok(json!("9007199254740993")))]
    #[case(CustomKind::Number, "twelve", Err("expected a number"))]
    #[case(CustomKind::Boolean, "Yes", Ok(json!(true)))]
    #[case(CustomKind::Boolean, "maybe", Err("expected yes or no"))]
    #[case(CustomKind::Date, "2024-02-30", Err("expected a date"))]
    #[case(CustomKind::Text, "", Ok(Value::Null))]
    #[case::leading_zeros_stay(CustomKind::Text, "007", Ok(json!("007")))]
    fn reads_typed_text(#[case] kind: CustomKind, #[case] text: &str, #[case] expected: Result<Value, &str>) {
        assert_eq!(kind.read(text).map_err(|why| why.to_string()), expected.map_err(str::to_owned));
    }

    #[rstest]
    #[case("Account manager", Some("account_manager"))]
    #[case("  Größe (cm) ", Some("grosse_cm"))]
    #[case("订单", Some("订单"))]
    #[case("!!", None)]
    fn makes_a_key(#[case] label: &str, #[case] expected: Option<&str>) {
        assert_eq!(key_for(label).as_deref(), expected);
    }
}
