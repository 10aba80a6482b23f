//! The closed list of codecs: how a value is written in a request, and how times are read.

use super::format::TimeFormat;
use serde_json::{Number, Value as Json};

/// How a value of a node is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum ValueCodec {
    /// A time as `2026-03-15T10:30:00Z`.
    Iso8601,
    /// A time as seconds since 1970.
    EpochS,
    /// As milliseconds.
    EpochMs,
    /// The same in quotes.
    EpochMsString,
    /// A number that was typed.
    Number,
    /// A number in quotes.
    NumberString,
    /// `yes` as `true` in quotes.
    BoolString,
    /// JSON in quotes.
    JsonString,
}

const CODECS: [(&str, ValueCodec); 8] = [
    ("iso8601", ValueCodec::Iso8601),
    ("epoch_s", ValueCodec::EpochS),
    ("epoch_ms", ValueCodec::EpochMs),
    ("epoch_ms_string", ValueCodec::EpochMsString),
    ("number", ValueCodec::Number),
    ("number_string", ValueCodec::NumberString),
    ("bool_string", ValueCodec::BoolString),
    ("json_string", ValueCodec::JsonString),
];

impl ValueCodec {
    /// Understands the word; else says what there is.
    pub(super) fn parse(word: &str) -> Result<Self, String> {
        let known = CODECS.iter().find(|(known, _)| *known == word).map(|(_, codec)| *codec);
        known.ok_or_else(|| {
            let words: Vec<&str> = CODECS.iter().map(|(word, _)| *word).collect();
            format!("there is no codec {word:?}; there are {}", words.join(", "))
        })
    }

    /// The value as it is sent; nothing when it is of another kind.
    pub(super) fn write(self, value: &Json) -> Option<Json> {
        let ms = || value.as_i64();
        match self {
            Self::Iso8601 => time(ms()?, TimeFormat::Iso8601),
            Self::EpochS => time(ms()?, TimeFormat::EpochS),
            Self::EpochMs => time(ms()?, TimeFormat::EpochMs),
            Self::EpochMsString => Some(ms()?.to_string().into()),
            Self::Number => match value {
                Json::Number(_) => Some(value.clone()),
                Json::String(text) => number(text),
                _ => None,
            },
            Self::NumberString => value.is_number().then(|| value.to_string().into()),
            Self::BoolString => Some(matches!(value.as_str(), Some("yes" | "true")).to_string().into()),
            Self::JsonString => Some(value.to_string().into()),
        }
    }
}

fn number(text: &str) -> Option<Json> {
    let text = text.trim();
    text.parse::<i64>().map(Json::from).ok().or_else(|| Some(Number::from_f64(text.parse().ok()?)?.into()))
}

/// A moment as a system writes it.
pub(super) fn time(ms: i64, format: TimeFormat) -> Option<Json> {
    match format {
        TimeFormat::Iso8601 => Some(jiff::Timestamp::from_millisecond(ms).ok()?.to_string().into()),
        TimeFormat::EpochS => Some(ms.div_euclid(1_000).into()),
        TimeFormat::EpochMs => Some(ms.into()),
    }
}

/// Milliseconds since 1970 of a time that a system wrote. Numbers may stand in quotes.
pub(super) fn moment(value: &Json, format: TimeFormat) -> Option<i64> {
    let text = match value {
        Json::String(text) => text.trim().to_owned(),
        Json::Number(number) => number.to_string(),
        _ => return None,
    };
    match (format, text.parse::<f64>()) {
        (TimeFormat::Iso8601, Err(_)) => Some(text.parse::<jiff::Timestamp>().ok()?.as_millisecond()),
        // Some write a text here and a number there.
        (TimeFormat::Iso8601 | TimeFormat::EpochMs, Ok(ms)) => whole(ms),
        (TimeFormat::EpochS, Ok(seconds)) => whole(seconds * 1_000.0),
        (TimeFormat::EpochS | TimeFormat::EpochMs, Err(_)) => None,
    }
}

fn whole(ms: f64) -> Option<i64> {
    // Beyond these a number is no time.
    (ms.is_finite() && ms.abs() < 1e15).then_some(ms as i64)
}

#[cfg(test)]
mod tests {
    use super::*;
    use rstest::rstest;
    use serde_json::json;

    const AT: i64 = 1_704_067_200_000;

    #[rstest]
    #[case::iso8601(TimeFormat::Iso8601, json!("2024-01-01T00:00:00Z"))]
    #[case::seconds(TimeFormat::EpochS, json!(1_704_067_200))]
    #[case::milliseconds(TimeFormat::EpochMs, json!(1_704_067_200_000_i64))]
    fn a_time_comes_back_as_it_was_written(#[case] format: TimeFormat, #[case] written: Json) {
        assert_eq!(time(AT, format), Some(written.clone()));
        assert_eq!(moment(&written, format), Some(AT));
    }

    #[rstest]
    #[case::in_quotes(TimeFormat::EpochMs, json!("1704067200000"), Some(AT))]
    #[case::with_a_fraction(TimeFormat::EpochS, json!(1_704_067_200.5), Some(AT + 500))]
    #[case::a_number_for_a_text(TimeFormat::Iso8601, json!("1704067200000"), Some(AT))]
    #[case::words(TimeFormat::Iso8601, json!("yesterday"), None)]
    #[case::nothing(TimeFormat::EpochS, Json::Null, None)]
    fn a_time_is_read_as_far_as_it_is_one(
        #[case] format: TimeFormat,
        #[case] value: Json,
        #[case] expected: Option<i64>,
    ) {
        assert_eq!(moment(&value, format), expected);
    }

    #[rstest]
    #[case::a_number("number", json!("12"), Some(json!(12)))]
    #[case::a_fraction("number", json!("1.5"), Some(json!(1.5)))]
    #[case::no_number("number", json!("twelve"), None)]
    #[case::a_number_in_quotes("number_string", json!(12), Some(json!("12")))]
    #[case::yes("bool_string", json!("yes"), Some(json!("true")))]
    #[case::no("bool_string", json!("no"), Some(json!("false")))]
    #[case::json("json_string", json!({ "a": 1 }), Some(json!("{\"a\":1}")))]
    #[case::a_time("epoch_ms_string", json!(AT), Some(json!("1704067200000")))]
    fn a_value_is_written_as_the_system_wants_it(
        #[case] codec: &str,
        #[case] value: Json,
        #[case] expected: Option<Json>,
    ) {
        assert_eq!(ValueCodec::parse(codec).expect("a codec").write(&value), expected);
    }
}
