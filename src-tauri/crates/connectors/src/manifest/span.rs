//! Lengths of time as manifests write them: `500ms`, `10s`, `3m`, `1h`, `7d`.

use schemars::{JsonSchema, Schema, SchemaGenerator};
use serde::Deserialize;
use std::borrow::Cow;

/// A length of time in milliseconds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default, Deserialize)]
#[serde(try_from = "String")]
pub struct Span(pub u64);

impl JsonSchema for Span {
    fn schema_name() -> Cow<'static, str> {
        "Span".into()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        String::json_schema(generator)
    }
}

impl TryFrom<String> for Span {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        let units = [("ms", 1), ("s", 1_000), ("m", 60_000), ("h", 3_600_000), ("d", 86_400_000)];
        let read = units.iter().find_map(|(unit, ms)| {
            let number = text.strip_suffix(unit)?.parse::<u64>().ok()?;
            number.checked_mul(*ms)
        });
        read.map(Self).ok_or_else(|| format!("a length of time is like 500ms, 10s, 3m, 1h or 7d: {text}"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rstest::rstest;

    #[rstest]
    #[case("500ms", Some(500))]
    #[case("10s", Some(10_000))]
    #[case("3m", Some(180_000))]
    #[case("7d", Some(604_800_000))]
    #[case::no_unit("10", None)]
    #[case::no_number("s", None)]
    #[case::negative("-1s", None)]
    fn a_length_of_time_has_a_unit(#[case] text: &str, #[case] ms: Option<u64>) {
        assert_eq!(Span::try_from(text.to_owned()).ok(), ms.map(Span));
    }
}
