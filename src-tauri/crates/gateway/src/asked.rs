//! A request that was let in, understood: who asks, for what, with which words.

use crate::{
    answer::Problem,
    bodies::Bodies,
    door::{Door, unsupported},
    jobs::Jobs,
    json,
    listing::Lists,
    rate::Rates,
    repeat::Repeats,
    shape::{self, Issue, Kind, Member, Shape},
};
use cardfile_core::{
    Client, Core, Who,
    clients::{self, Scope},
    domain::Millis,
    programs::Sight,
};
use http::{HeaderMap, HeaderName, StatusCode, header};
use hyper::body::Bytes;
use serde_json::{Map, Value};
use std::{
    collections::HashMap,
    sync::{Arc, Mutex},
};

/// What all requests share.
pub(crate) struct Shared {
    pub(crate) core: Arc<Core>,
    pub(crate) door: Door,
    pub(crate) rates: Rates,
    pub(crate) lists: Lists,
    pub(crate) jobs: Jobs,
    pub(crate) repeats: Repeats,
    /// When clients were here since that was last kept.
    pub(crate) seen: Mutex<HashMap<String, Millis>>,
    pub(crate) bodies: Bodies,
}

/// One request.
pub(crate) struct Asked {
    pub(crate) shared: Arc<Shared>,
    pub(crate) client: Client,
    pub(crate) who: Who,
    /// What stands in the places of the path.
    pub(crate) params: Vec<String>,
    pub(crate) query: Query,
    pub(crate) headers: HeaderMap,
    /// Which form the body has.
    pub(crate) kind: Option<&'static str>,
    pub(crate) body: Bytes,
}

impl Asked {
    pub(crate) fn core(&self) -> &Core {
        &self.shared.core
    }

    pub(crate) fn now(&self) -> Millis {
        self.core().store().environment().clock.now()
    }

    /// Whom the client sees.
    pub(crate) fn sight(&self) -> Result<Sight, Problem> {
        Ok(Sight::of(self.core(), &self.client.purpose)?)
    }

    /// What stands in a place of the path.
    pub(crate) fn param(&self, place: usize) -> &str {
        self.params.get(place).map(String::as_str).unwrap_or_default()
    }

    /// A header, if it is text.
    pub(crate) fn header(&self, name: &HeaderName) -> Option<&str> {
        self.headers.get(name).and_then(|value| value.to_str().ok())
    }

    /// The tags that the program has already.
    pub(crate) fn known(&self) -> Option<&str> {
        self.header(&header::IF_NONE_MATCH)
    }

    /// Refuses a client that may not do something.
    pub(crate) fn need(&self, scope: Scope) -> Result<(), Problem> {
        need(&self.client, scope)
    }

    /// The version that the program changes, where it says one: `If-Match: "v12"`.
    pub(crate) fn version(&self) -> Result<Option<i64>, Problem> {
        let Some(said) = self.header(&header::IF_MATCH) else { return Ok(None) };
        let said = said.trim();
        if said == "*" {
            return Ok(None);
        }
        let number =
            said.strip_prefix("\"v").and_then(|rest| rest.strip_suffix('"')).and_then(|text| text.parse().ok());
        // What is no tag of ours is a tag that it has not.
        number.map(Some).ok_or_else(stale)
    }

    /// The body as JSON.
    pub(crate) fn json(&self) -> Result<Value, Problem> {
        json::read(&self.body).map_err(|why| Problem::bad_request(format!("the body is no JSON: {why}")))
    }

    /// The body as an object of a shape.
    pub(crate) fn form(&self, shape: &Shape) -> Result<Map<String, Value>, Problem> {
        object(self.json()?, |value| shape::issues(shape, value))
    }

    /// The same for a patch (RFC 7396).
    pub(crate) fn patch(&self, shape: &Shape) -> Result<Map<String, Value>, Problem> {
        object(self.json()?, |value| shape::issues_of_patch(shape, value))
    }

    /// Refuses a body of another form.
    pub(crate) fn need_kind(&self, kinds: &[&str]) -> Result<(), Problem> {
        match self.kind {
            Some(kind) if kinds.contains(&kind) => Ok(()),
            Some(_) => Err(unsupported(&format!("this takes {}", kinds.join(" or ")))),
            None => Err(Problem::bad_request("this needs a body")),
        }
    }
}

/// Refuses a client that may not do something.
pub(crate) fn need(client: &Client, scope: Scope) -> Result<(), Problem> {
    if clients::may(client, scope) {
        return Ok(());
    }
    let word = scope.as_str();
    Err(Problem::new(StatusCode::FORBIDDEN, "forbidden", format!("this token has not got the scope {word}")))
}

fn object(value: Value, issues: impl Fn(&Value) -> Vec<Issue>) -> Result<Map<String, Value>, Problem> {
    let found = issues(&value);
    match value {
        Value::Object(map) if found.is_empty() => Ok(map),
        _ => Err(Problem::invalid(found)),
    }
}

/// Somebody was faster.
pub(crate) fn stale() -> Problem {
    Problem::new(StatusCode::PRECONDITION_FAILED, "stale", "it was changed since it was read")
        .hint("Read it again, and change what it says now.")
}

/// A member of a checked object that is text.
pub(crate) fn text<'v>(map: &'v Map<String, Value>, name: &str) -> Option<&'v str> {
    map.get(name).and_then(Value::as_str)
}

/// A member of a checked object that is a moment.
pub(crate) fn time(map: &Map<String, Value>, name: &str) -> Option<Millis> {
    text(map, name).and_then(shape::time)
}

/// A member of a checked object that is yes or no.
pub(crate) fn flag(map: &Map<String, Value>, name: &str) -> Option<bool> {
    map.get(name).and_then(Value::as_bool)
}

/// A member of a checked object that is a list of texts.
pub(crate) fn words(map: &Map<String, Value>, name: &str) -> Option<Vec<String>> {
    let all = map.get(name)?.as_array()?;
    Some(all.iter().filter_map(Value::as_str).map(str::to_owned).collect())
}

/// The words behind the question mark, checked.
#[derive(Debug, Default, PartialEq)]
pub(crate) struct Query(Map<String, Value>);

impl Query {
    /// Reads the words that a route knows; any other word is a mistake that is told.
    pub(crate) fn read(raw: Option<&str>, known: &[Member]) -> Result<Self, Problem> {
        let (mut all, mut issues) = (Map::new(), Vec::new());
        for pair in raw.unwrap_or_default().split('&').filter(|pair| !pair.is_empty()) {
            let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
            let (Some(name), Some(value)) = (decoded(name, true), decoded(value, true)) else {
                return Err(Problem::bad_request("the query is no text"));
            };
            let Some(member) = known.iter().find(|member| member.name == name) else {
                issues.push(Issue::new(name.chars().take(80).collect::<String>(), "is not known here"));
                continue;
            };
            if all.contains_key(&name) {
                issues.push(Issue::new(name, "is said twice"));
                continue;
            }
            let value = typed(&member.kind, value);
            shape::check(&member.kind, &value, member.name, &mut issues);
            all.insert(name, value);
        }
        if issues.is_empty() {
            return Ok(Self(all));
        }
        issues.truncate(20);
        let mut problem = Problem::invalid(issues);
        problem.status = StatusCode::BAD_REQUEST;
        Err(problem)
    }

    /// A text; empty where nothing is said.
    pub(crate) fn text(&self, name: &str) -> &str {
        text(&self.0, name).unwrap_or_default()
    }

    /// Yes or no; no where nothing is said.
    pub(crate) fn flag(&self, name: &str) -> bool {
        flag(&self.0, name).unwrap_or_default()
    }

    /// A number, or this one where none is said.
    pub(crate) fn number(&self, name: &str, otherwise: u32) -> u32 {
        let said = self.0.get(name).and_then(Value::as_u64);
        said.and_then(|number| u32::try_from(number).ok()).unwrap_or(otherwise)
    }

    /// Words with commas between them; none where nothing is said.
    pub(crate) fn words(&self, name: &str) -> Vec<String> {
        words(&self.0, name).unwrap_or_default()
    }
}

/// A word of a query as the value that it stands for.
fn typed(kind: &Kind, text: String) -> Value {
    match kind {
        Kind::Whole(..) | Kind::Number(..) => text.parse::<i64>().map_or(Value::String(text), Value::from),
        Kind::Flag => match text.as_str() {
            "true" => true.into(),
            "false" => false.into(),
            _ => Value::String(text),
        },
        Kind::List(..) => text.split(',').map(str::trim).filter(|word| !word.is_empty()).collect(),
        _ => Value::String(text),
    }
}

/// Text as addresses write it; nothing for what is no text.
pub(crate) fn decoded(text: &str, is_query: bool) -> Option<String> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.bytes();
    while let Some(byte) = rest.next() {
        bytes.push(match byte {
            b'%' => {
                let digit = |byte: Option<u8>| char::from(byte?).to_digit(16);
                let (high, low) = (digit(rest.next())?, digit(rest.next())?);
                u8::try_from(high * 16 + low).ok()?
            }
            b'+' if is_query => b' ',
            other => other,
        });
    }
    String::from_utf8(bytes).ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::shape::may;
    use rstest::rstest;

    const KNOWN: &[Member] = &[
        may("filter", Kind::Text(100), ""),
        may("limit", Kind::Whole(1, 1000), ""),
        may("dry_run", Kind::Flag, ""),
        may("fields", Kind::List(&Kind::Text(40), 50), ""),
    ];

    #[test]
    fn a_query_is_read_by_what_a_route_knows() {
        let query =
            Query::read(Some("filter=source%3Awidget+seen:%3C30d&limit=50&dry_run=true&fields=id,+name"), KNOWN);
        let query = query.expect("a query");
        assert_eq!(query.text("filter"), "source:widget seen:<30d");
        assert_eq!((query.number("limit", 100), query.flag("dry_run")), (50, true));
        assert_eq!(query.words("fields"), ["id", "name"]);
        let none = Query::read(None, KNOWN).expect("none");
        assert_eq!((none.text("filter"), none.number("limit", 100), none.flag("dry_run")), ("", 100, false));
    }

    #[rstest]
    #[case("limit=0", "limit")]
    #[case("limit=many", "limit")]
    #[case("limit=1&limit=2", "limit")]
    #[case("dry_run=yes", "dry_run")]
    #[case("offset=3", "offset")]
    fn what_makes_no_sense_in_a_query_is_told(#[case] raw: &str, #[case] field: &str) {
        let problem = Query::read(Some(raw), KNOWN).expect_err(raw);
        assert_eq!((problem.status, problem.issues[0].field.as_str()), (StatusCode::BAD_REQUEST, field));
    }

    #[rstest]
    #[case("a%20b", Some("a b"))]
    #[case("%C3%B1", Some("ñ"))]
    #[case("100%", None)]
    #[case("%zz", None)]
    #[case("%ff", None)]
    fn addresses_are_text(#[case] written: &str, #[case] read: Option<&str>) {
        assert_eq!(decoded(written, false).as_deref(), read);
    }
}
