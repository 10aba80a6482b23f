//! A request as a fake looks at it, and the answer to it.

use crate::{http::Message, server};
use serde_json::Value;

/// A request.
pub(super) struct Call {
    pub(super) method: String,
    /// As it was sent, without the query.
    pub(super) path: String,
    parts: Vec<String>,
    query: Vec<(String, String)>,
    headers: Vec<(String, String)>,
    /// Null when there is none, and when it is no JSON.
    pub(super) body: Value,
    /// As it was sent.
    pub(super) text: String,
}

impl Call {
    pub(super) fn of(message: &Message) -> Self {
        let target = message.word(1);
        let (path, query) = target.split_once('?').unwrap_or((target, ""));
        let parts = path.split('/').filter(|part| !part.is_empty()).map(|part| decoded(part, false)).collect();
        let pair = |pair: &str| {
            let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
            (decoded(name, true), decoded(value, true))
        };
        let query = query.split('&').filter(|pair| !pair.is_empty()).map(pair).collect();
        let (headers, text) = (message.headers.clone(), message.text());
        let body = serde_json::from_str(&text).unwrap_or_default();
        Self { method: message.word(0).to_owned(), path: path.to_owned(), parts, query, headers, body, text }
    }

    /// The parts of the path, decoded.
    pub(super) fn parts(&self) -> Vec<&str> {
        self.parts.iter().map(String::as_str).collect()
    }

    /// A parameter of the query.
    pub(super) fn asked(&self, name: &str) -> Option<&str> {
        self.query.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }

    /// All values of a parameter that may be there more than once, or has commas in it.
    pub(super) fn all_asked(&self, name: &str) -> Vec<&str> {
        let values = self.query.iter().filter(|(known, _)| known == name);
        values.flat_map(|(_, value)| value.split(',')).filter(|value| !value.is_empty()).collect()
    }

    /// A number in the query; nothing when it is none.
    pub(super) fn number(&self, name: &str, otherwise: usize) -> Option<usize> {
        self.asked(name).map_or(Some(otherwise), |text| text.parse().ok())
    }

    /// A header, by its name in small letters.
    pub(super) fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }

    /// All headers, names in small letters.
    pub(super) fn headers(&self) -> &[(String, String)] {
        &self.headers
    }

    /// Whether it has a body that does not say it is JSON, or is none.
    pub(super) fn is_no_json(&self) -> bool {
        let says = self.header("content-type").unwrap_or_default();
        !self.text.is_empty() && (!says.starts_with("application/json") || self.body.is_null())
    }
}

/// Without the signs of a path or a query.
fn decoded(text: &str, has_plus: bool) -> String {
    let (bytes, mut out, mut at) = (text.as_bytes(), Vec::new(), 0);
    while let Some(byte) = bytes.get(at) {
        let hex = bytes.get(at + 1..at + 3).and_then(|hex| std::str::from_utf8(hex).ok());
        match (byte, hex.and_then(|hex| u8::from_str_radix(hex, 16).ok())) {
            (b'%', Some(value)) => {
                out.push(value);
                at += 2;
            }
            (b'+', _) if has_plus => out.push(b' '),
            _ => out.push(*byte),
        }
        at += 1;
    }
    String::from_utf8_lossy(&out).into_owned()
}

/// An answer.
pub(super) struct Answer {
    pub(super) status: u16,
    pub(super) headers: Vec<(&'static str, String)>,
    body: Option<String>,
}

impl Answer {
    pub(super) fn of(status: u16, body: &Value) -> Self {
        Self { status, headers: Vec::new(), body: Some(body.to_string()) }
    }

    /// Without a body.
    pub(super) fn bare(status: u16) -> Self {
        Self { status, headers: Vec::new(), body: None }
    }

    pub(super) fn with(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.headers.push((name, value.into()));
        self
    }

    pub(super) fn bytes(&self) -> Vec<u8> {
        let headers: Vec<(&str, &str)> = self.headers.iter().map(|(name, value)| (*name, value.as_str())).collect();
        server::json(self.status, &headers, self.body.as_deref())
    }
}

/// The text at a place of a value; empty when none is there.
pub(super) fn text(value: &Value, pointer: &str) -> String {
    match value.pointer(pointer) {
        Some(Value::String(text)) => text.clone(),
        Some(Value::Number(number)) => number.to_string(),
        Some(Value::Bool(is)) => is.to_string(),
        _ => String::new(),
    }
}

/// Null for an empty text.
pub(super) fn or_null(text: &str) -> Value {
    if text.is_empty() { Value::Null } else { Value::from(text) }
}

/// Takes what is at a place out of a value.
pub(super) fn take(value: &mut Value, pointer: &str) {
    let Some((parent, name)) = pointer.rsplit_once('/') else { return };
    if let Some(object) = value.pointer_mut(parent).and_then(Value::as_object_mut) {
        object.shift_remove(name);
    }
}

/// Puts the fields of one value into another, each as a whole.
pub(super) fn put_all(into: &mut Value, from: &Value) {
    if let (Some(into), Some(from)) = (into.as_object_mut(), from.as_object()) {
        into.extend(from.iter().map(|(name, value)| (name.clone(), value.clone())));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::http::read;

    fn call(text: &str) -> Call {
        Call::of(&read(&mut text.as_bytes(), None).expect("readable").expect("a request"))
    }

    #[test]
    fn a_path_and_a_query_are_read_as_they_were_meant() {
        let call = call("GET /v1/a%2Fb/c?q=x%20y+z&p=1,2&p=3&n=4&after=A%2B0%2F7%3D%3D HTTP/1.1\r\n\r\n");
        assert_eq!((call.path.as_str(), call.parts()), ("/v1/a%2Fb/c", vec!["v1", "a/b", "c"]));
        assert_eq!((call.asked("q"), call.all_asked("p")), (Some("x y z"), vec!["1", "2", "3"]));
        assert_eq!((call.number("n", 1), call.number("m", 1), call.number("q", 1)), (Some(4), Some(1), None));
        assert_eq!(call.asked("after"), Some("A+0/7=="));
    }

    #[test]
    fn a_body_says_that_it_is_json_and_is() {
        let head = "POST / HTTP/1.1\r\nContent-Length: 2\r\n";
        assert!(!call(&format!("{head}Content-Type: application/json; charset=utf-8\r\n\r\n{{}}")).is_no_json());
        assert!(call(&format!("{head}\r\n{{}}")).is_no_json());
        assert!(call(&format!("{head}Content-Type: application/json\r\n\r\n{{[")).is_no_json());
        assert!(!call("GET / HTTP/1.1\r\n\r\n").is_no_json());
    }
}
