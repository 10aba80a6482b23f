//! The size of an answer: long texts are cut, long lists end early, and the answer says so.

use serde_json::{Map, Value, json};

/// Bytes of an answer, at most.
const MOST_BYTES: usize = 16 << 10;
/// Characters of one text, at most; and when everything is too much, fewer and fewer.
const MOST_CHARS: [usize; 6] = [2_000, 1_000, 500, 200, 80, 20];

/// Cuts an answer until it fits: first its lists, from their ends, then its texts.
pub(super) fn fit(mut packed: Value) -> Value {
    packed = shortened(packed, MOST_CHARS[0]);
    let mut left_out: Map<String, Value> = Map::new();
    while size(&packed) > MOST_BYTES {
        let Some(list) = longest(&packed) else { break };
        if let Some(all) = packed[&list].as_array_mut() {
            all.pop();
        }
        let count = left_out.get(&list).and_then(Value::as_u64).unwrap_or_default() + 1;
        left_out.insert(list, count.into());
        packed = said(packed, &left_out);
    }
    for most in MOST_CHARS {
        if size(&packed) <= MOST_BYTES {
            break;
        }
        packed = shortened(packed, most);
    }
    // So many fields that their names alone are too much.
    while size(&packed) > MOST_BYTES && drop_last(&mut packed, "provenance") + drop_last(&mut packed, "contact") > 0 {
        let count = left_out.get("contact").and_then(Value::as_u64).unwrap_or_default() + 1;
        left_out.insert("contact".into(), count.into());
        packed = said(packed, &left_out);
    }
    packed
}

/// Takes the last entry off an object inside of an answer. Gives how many it took.
fn drop_last(packed: &mut Value, name: &str) -> usize {
    let Some(all) = packed.get_mut(name).and_then(Value::as_object_mut) else { return 0 };
    let last = all.keys().next_back().cloned();
    last.and_then(|key| all.shift_remove(&key)).map_or(0, |_| 1)
}

/// With what was left out, before the words of what it is.
fn said(mut packed: Value, left_out: &Map<String, Value>) -> Value {
    if let Some(all) = packed.as_object_mut() {
        let kind = all.shift_remove("kind");
        all.insert("left_out".into(), json!(left_out));
        if let Some(kind) = kind {
            all.insert("kind".into(), kind);
        }
    }
    packed
}

/// The list that takes most room, of those that still have rows.
fn longest(packed: &Value) -> Option<String> {
    let lists = packed.as_object()?.iter().filter(|(name, value)| {
        // What is known and missing is said in full.
        !matches!(name.as_str(), "known" | "missing") && value.as_array().is_some_and(|all| !all.is_empty())
    });
    lists.max_by_key(|(_, value)| size(value)).map(|(name, _)| name.clone())
}

fn size(value: &Value) -> usize {
    value.to_string().len()
}

/// The same with every text cut after so many characters.
pub(super) fn shortened(value: Value, most: usize) -> Value {
    match value {
        Value::String(text) => match text.char_indices().nth(most) {
            Some((at, _)) => Value::String(format!("{}…", &text[..at])),
            None => Value::String(text),
        },
        Value::Array(all) => all.into_iter().map(|one| shortened(one, most)).collect(),
        Value::Object(all) => all.into_iter().map(|(key, one)| (key, shortened(one, most))).collect(),
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_long_list_ends_early_and_the_answer_says_so() {
        let memories: Vec<Value> = (0..40).map(|n| json!({ "text": format!("{n} {}", "x".repeat(1_000)) })).collect();
        let packed = fit(json!({ "contact": { "name": "Ana" }, "memories": memories, "kind": "data" }));
        assert!(size(&packed) <= MOST_BYTES);
        let kept = packed["memories"].as_array().map_or(0, Vec::len);
        assert_eq!(packed["left_out"]["memories"], json!(40 - kept));
        assert!(kept > 5 && packed["memories"][0]["text"].as_str().is_some_and(|text| text.starts_with("0 ")));
        assert_eq!(packed.as_object().and_then(|all| all.keys().next_back()).map(String::as_str), Some("kind"));
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(48))]
        #[test]
        fn whatever_a_card_says_the_answer_has_a_limit(
            texts in prop::collection::btree_map("[a-z]{1,8}", ".{0,3000}", 0..16),
            rows in prop::collection::vec(".{0,200}", 0..60),
        ) {
            let contact: Map<String, Value> = texts.into_iter().map(|(key, text)| (key, text.into())).collect();
            let packed = fit(json!({ "contact": contact, "notes": rows, "kind": "data" }));
            prop_assert!(size(&packed) <= MOST_BYTES, "{}", size(&packed));
            prop_assert_eq!(&packed["kind"], "data");
        }
    }
}
