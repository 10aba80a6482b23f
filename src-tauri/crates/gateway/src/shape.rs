//! The shapes of what goes in and out, as tables. A request is checked by its shape, the
//! document is made from it, and tests hold the answers to it: none of the three can say
//! anything else than the others.

mod schema;

pub(crate) use schema::{Schemas, schema_of};

use cardfile_core::domain::{Millis, time::DateOrder};
use serde_json::{Map, Value};

/// What a value is.
#[derive(Debug)]
pub(crate) enum Kind {
    /// Text of at most so many characters.
    Text(usize),
    /// Text that says something.
    Said(usize),
    /// One of these words.
    Word(&'static [&'static str]),
    /// An id that begins like this.
    Id(&'static str),
    /// A moment (RFC 3339).
    Time,
    /// A whole number between two, both included.
    Whole(i64, i64),
    /// A number between two, both included.
    Number(f64, f64),
    /// True or false.
    Flag,
    /// At most so many of a kind.
    List(&'static Self, usize),
    /// An object of a shape.
    Object(&'static Shape),
    /// An object with whatever members.
    Open,
}

/// Text of any length: what is here already is shown whole.
pub(crate) const ANY: usize = usize::MAX;

/// One member of an object.
#[derive(Debug)]
pub(crate) struct Member {
    pub(crate) name: &'static str,
    pub(crate) kind: Kind,
    /// It is always there.
    pub(crate) is_required: bool,
    /// It may be null: nothing is known, or nothing is to be there.
    pub(crate) is_nullable: bool,
    pub(crate) about: &'static str,
}

/// An object.
#[derive(Debug)]
pub(crate) struct Shape {
    pub(crate) name: &'static str,
    pub(crate) about: &'static str,
    pub(crate) members: &'static [Member],
    /// Other members may be there, too.
    pub(crate) is_open: bool,
}

/// A member that is always there.
pub(crate) const fn must(name: &'static str, kind: Kind, about: &'static str) -> Member {
    Member { name, kind, is_required: true, is_nullable: false, about }
}

/// A member that is always there and may be null.
pub(crate) const fn null(name: &'static str, kind: Kind, about: &'static str) -> Member {
    Member { name, kind, is_required: true, is_nullable: true, about }
}

/// A member that may be left out.
pub(crate) const fn may(name: &'static str, kind: Kind, about: &'static str) -> Member {
    Member { name, kind, is_required: false, is_nullable: false, about }
}

/// A member that may be left out, or be null.
pub(crate) const fn any(name: &'static str, kind: Kind, about: &'static str) -> Member {
    Member { name, kind, is_required: false, is_nullable: true, about }
}

/// An object with these members and no others.
pub(crate) const fn shape(name: &'static str, about: &'static str, members: &'static [Member]) -> Shape {
    Shape { name, about, members, is_open: false }
}

/// What is wrong with one member.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Issue {
    /// Where, with points between names: `emails.0.value`.
    pub(crate) field: String,
    pub(crate) message: String,
}

impl Issue {
    pub(crate) fn new(field: impl Into<String>, message: impl Into<String>) -> Self {
        Self { field: field.into(), message: message.into() }
    }
}

/// Members that are named in one answer.
const ISSUES: usize = 50;

/// What is wrong with a value; nothing when it is of this shape.
pub(crate) fn issues(shape: &Shape, value: &Value) -> Vec<Issue> {
    let mut issues = Vec::new();
    object(shape, value, "", &mut issues);
    issues
}

/// The same for a patch: any member may be left out, and one that may be missing may be null.
pub(crate) fn issues_of_patch(shape: &Shape, value: &Value) -> Vec<Issue> {
    let mut issues = issues(shape, value);
    issues.retain(|issue| issue.message != MISSING || issue.field.contains('.'));
    issues
}

const MISSING: &str = "is missing";

fn object(shape: &Shape, value: &Value, at: &str, issues: &mut Vec<Issue>) {
    let Value::Object(map) = value else {
        issues.push(Issue::new(at, "is no object"));
        return;
    };
    for member in shape.members {
        let place = || if at.is_empty() { member.name.to_owned() } else { format!("{at}.{}", member.name) };
        match map.get(member.name) {
            None if member.is_required => issues.push(Issue::new(place(), MISSING)),
            None => {}
            Some(Value::Null) if member.is_nullable => {}
            Some(value) => check(&member.kind, value, &place(), issues),
        }
    }
    if !shape.is_open {
        unknown(shape, map, at, issues);
    }
    issues.truncate(ISSUES);
}

fn unknown(shape: &Shape, map: &Map<String, Value>, at: &str, issues: &mut Vec<Issue>) {
    for name in map.keys().filter(|name| !shape.members.iter().any(|member| member.name == name.as_str())) {
        let name: String = name.chars().take(80).collect();
        let place = if at.is_empty() { name } else { format!("{at}.{name}") };
        issues.push(Issue::new(place, "is not known here"));
        if issues.len() >= ISSUES {
            return;
        }
    }
}

/// Says what is wrong with a value of a kind.
pub(crate) fn check(kind: &Kind, value: &Value, at: &str, issues: &mut Vec<Issue>) {
    let wrong = match (kind, value) {
        (Kind::Text(most), Value::String(text)) => text_fault(text, *most),
        (Kind::Said(_), Value::String(text)) if text.trim().is_empty() => Some("says nothing".to_owned()),
        (Kind::Said(most), Value::String(text)) => text_fault(text, *most),
        (Kind::Word(words), Value::String(text)) => {
            (!words.contains(&text.as_str())).then(|| format!("is none of {}", words.join(", ")))
        }
        (Kind::Id(prefix), Value::String(text)) => (!is_id(text, prefix)).then(|| format!("is no id like {prefix}…")),
        (Kind::Time, Value::String(text)) => time(text).is_none().then(|| "is no moment (RFC 3339)".to_owned()),
        (Kind::Whole(least, most), Value::Number(number)) => match number.as_i64() {
            Some(number) if (*least..=*most).contains(&number) => None,
            _ => Some(format!("is no whole number from {least} to {most}")),
        },
        (Kind::Number(least, most), Value::Number(number)) => match number.as_f64() {
            Some(number) if (*least..=*most).contains(&number) => None,
            _ => Some(format!("is no number from {least} to {most}")),
        },
        (Kind::Flag, Value::Bool(_)) | (Kind::Open, Value::Object(_)) => None,
        (Kind::List(_, most), Value::Array(all)) if all.len() > *most => Some(format!("has more than {most} values")),
        (Kind::List(inner, _), Value::Array(all)) => {
            for (place, value) in all.iter().enumerate() {
                check(inner, value, &format!("{at}.{place}"), issues);
                if issues.len() >= ISSUES {
                    return;
                }
            }
            None
        }
        (Kind::Object(shape), value) => {
            object(shape, value, at, issues);
            None
        }
        (Kind::Text(_) | Kind::Said(_) | Kind::Word(_) | Kind::Id(_) | Kind::Time, _) => Some("is no text".to_owned()),
        (Kind::Whole(..) | Kind::Number(..), _) => Some("is no number".to_owned()),
        (Kind::Flag, _) => Some("is neither true nor false".to_owned()),
        (Kind::List(..), _) => Some("is no list".to_owned()),
        (Kind::Open, _) => Some("is no object".to_owned()),
    };
    issues.extend(wrong.map(|message| Issue::new(at, message)));
}

fn text_fault(text: &str, most: usize) -> Option<String> {
    if text.contains('\0') {
        return Some("holds a sign that ends texts".to_owned());
    }
    // Counting is the slow part of a text that is surely short enough.
    (text.len() > most && text.chars().count() > most).then(|| format!("is longer than {most} characters"))
}

/// Whether a text is an id that begins like this.
pub(crate) fn is_id(text: &str, prefix: &str) -> bool {
    text.strip_prefix(prefix).is_some_and(|rest| {
        (1..=40).contains(&rest.len()) && rest.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
    })
}

/// A moment as RFC 3339 writes it, with its offset.
pub(crate) fn time(text: &str) -> Option<Millis> {
    let bytes = text.as_bytes();
    let is_whole = bytes.len() >= 20 && matches!(bytes[10], b'T' | b't') && bytes[4] == b'-';
    let has_offset = text.ends_with(['Z', 'z']) || text.get(19..).is_some_and(|rest| rest.contains(['+', '-']));
    if is_whole && has_offset { Millis::parse(text, DateOrder::DayFirst) } else { None }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rstest::rstest;
    use serde_json::json;

    static INNER: Shape = shape("Inner", "", &[must("value", Kind::Said(5), ""), may("label", Kind::Text(5), "")]);
    static OUTER: Shape = shape(
        "Outer",
        "",
        &[
            must("title", Kind::Said(10), ""),
            any("at", Kind::Time, ""),
            may("many", Kind::List(&Kind::Object(&INNER), 2), ""),
            may("grade", Kind::Number(1.0, 5.0), ""),
            may("word", Kind::Word(&["one", "two"]), ""),
            may("meta", Kind::Open, ""),
        ],
    );

    fn said(value: &Value) -> Vec<String> {
        issues(&OUTER, value).into_iter().map(|issue| format!("{} {}", issue.field, issue.message)).collect()
    }

    #[test]
    fn what_fits_has_no_issue() {
        let whole = json!({ "title": "x", "at": "2026-03-15T10:30:00Z", "many": [{ "value": "a" }], "grade": 4.5,
            "word": "two", "meta": { "any": [1] } });
        assert_eq!(said(&whole), Vec::<String>::new());
        assert_eq!(said(&json!({ "title": "x", "at": null })), Vec::<String>::new());
    }

    #[rstest]
    #[case(json!([]), " is no object")]
    #[case(json!({}), "title is missing")]
    #[case(json!({ "title": " " }), "title says nothing")]
    #[case(json!({ "title": "a\u{0}b" }), "title holds a sign that ends texts")]
    #[case(json!({ "title": "0123456789ab" }), "title is longer than 10 characters")]
    #[case(json!({ "title": 1 }), "title is no text")]
    #[case(json!({ "title": "x", "at": "yesterday" }), "at is no moment (RFC 3339)")]
    #[case(json!({ "title": "x", "at": "2026-03-15T10:30:00" }), "at is no moment (RFC 3339)")]
    #[case(json!({ "title": "x", "many": [{}] }), "many.0.value is missing")]
    #[case(json!({ "title": "x", "many": [1, 2, 3] }), "many has more than 2 values")]
    #[case(json!({ "title": "x", "grade": 6 }), "grade is no number from 1 to 5")]
    #[case(json!({ "title": "x", "word": "three" }), "word is none of one, two")]
    #[case(json!({ "title": "x", "meta": null }), "meta is no object")]
    #[case(json!({ "title": "x", "more": 1 }), "more is not known here")]
    fn what_does_not_fit_is_named(#[case] value: Value, #[case] issue: &str) {
        assert_eq!(said(&value), [issue]);
    }

    #[test]
    fn a_patch_may_leave_everything_out_and_nothing_in_it_may_be_wrong() {
        for (patch, faults) in [(json!({ "grade": 2 }), 0), (json!({ "title": null }), 1), (json!({ "many": [{}] }), 1)]
        {
            assert_eq!(issues_of_patch(&OUTER, &patch).len(), faults, "{patch}");
        }
    }

    #[test]
    fn not_every_fault_of_a_thousand_is_named() {
        let many: Vec<Value> = (0..1000).map(|_| json!({ "x": 1 })).collect();
        static MANY: Shape = shape("Many", "", &[must("many", Kind::List(&Kind::Object(&INNER), 5000), "")]);
        assert!(issues(&MANY, &json!({ "many": many })).len() <= ISSUES);
    }
}
