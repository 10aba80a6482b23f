//! JSON as other programs send it, read strictly. A key that is there twice means two things to
//! two readers, and nobody means what is nested without end: both are refused.

use serde::{
    Deserializer,
    de::{DeserializeSeed, Error, MapAccess, SeqAccess, Visitor},
};
use serde_json::{Map, Value};
use std::fmt;

/// Objects and lists inside each other.
pub(crate) const DEPTH: usize = 32;

/// Reads one value, and nothing after it. The error says what is wrong and where.
pub(crate) fn read(bytes: &[u8]) -> Result<Value, String> {
    let mut from = serde_json::Deserializer::from_slice(bytes);
    let value = Strict(DEPTH).deserialize(&mut from).map_err(|error| error.to_string())?;
    from.end().map_err(|error| error.to_string())?;
    Ok(value)
}

/// How much deeper it may go.
#[derive(Clone, Copy)]
struct Strict(usize);

impl Strict {
    fn deeper<E: Error>(self) -> Result<Self, E> {
        self.0.checked_sub(1).map(Self).ok_or_else(|| E::custom(format!("nested deeper than {DEPTH}")))
    }
}

impl<'de> DeserializeSeed<'de> for Strict {
    type Value = Value;

    fn deserialize<D: Deserializer<'de>>(self, from: D) -> Result<Value, D::Error> {
        from.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Strict {
    type Value = Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("JSON")
    }

    fn visit_unit<E: Error>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_bool<E: Error>(self, value: bool) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_i64<E: Error>(self, value: i64) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_u64<E: Error>(self, value: u64) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_f64<E: Error>(self, value: f64) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_str<E: Error>(self, value: &str) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_string<E: Error>(self, value: String) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Value, A::Error> {
        let (inner, mut all) = (self.deeper()?, Vec::new());
        while let Some(value) = list.next_element_seed(inner)? {
            all.push(value);
        }
        Ok(Value::Array(all))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut object: A) -> Result<Value, A::Error> {
        let (inner, mut all) = (self.deeper()?, Map::new());
        while let Some(key) = object.next_key::<String>()? {
            if all.contains_key(&key) {
                return Err(A::Error::custom("a key is there twice"));
            }
            let value = object.next_value_seed(inner)?;
            all.insert(key, value);
        }
        Ok(Value::Object(all))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rstest::rstest;
    use serde_json::json;

    #[test]
    fn what_is_json_is_read_as_it_is() {
        let text = r#"{"a":[1,-2,0.5,true,null,"x\n"],"b":{"c":18446744073709551615}}"#;
        let expected = json!({ "a": [1, -2, 0.5, true, null, "x\n"], "b": { "c": 18_446_744_073_709_551_615_u64 } });
        assert_eq!(read(text.as_bytes()), Ok(expected));
    }

    #[rstest]
    #[case::a_key_twice(r#"{"a":1,"a":2}"#, "twice")]
    #[case::a_key_twice_deep_inside(r#"[{"x":{"a":1,"b":2,"a":1}}]"#, "twice")]
    #[case::two_values("{} {}", "trailing")]
    #[case::half_of_it(r#"{"a":"#, "EOF")]
    #[case::no_text("{\"a\":\"\u{1}\"}", "control character")]
    #[case::nothing("", "EOF")]
    fn what_is_doubtful_is_refused(#[case] text: &str, #[case] why: &str) {
        let error = read(text.as_bytes()).expect_err(text);
        assert!(error.contains(why), "{error}");
    }

    #[test]
    fn what_is_nested_without_end_is_refused_before_it_is_read() {
        for (open, close) in [("[", "]"), ("{\"a\":", "}")] {
            let nested = |depth: usize| format!("{}1{}", open.repeat(depth), close.repeat(depth));
            read(nested(DEPTH).as_bytes()).expect("deep enough");
            for depth in [DEPTH + 1, 10_000] {
                let error = read(nested(depth).as_bytes()).expect_err("too deep");
                assert!(error.contains("nested deeper"), "{error}");
            }
        }
    }

    #[test]
    fn bytes_that_are_no_text_are_refused() {
        read(b"\"\xff\"").expect_err("no UTF-8");
    }
}
