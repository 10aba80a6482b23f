//! Answers: JSON with an ETag, problems (RFC 9457) with what is wrong field by field, files in
//! pieces. None of them is kept by anybody on the way, and none may be taken for a page.

use crate::shape::Issue;
use cardfile_core::{Code, Error};
use http::{
    HeaderMap, HeaderName, HeaderValue, Response, StatusCode,
    header::{self, CACHE_CONTROL, CONTENT_TYPE, ETAG, X_CONTENT_TYPE_OPTIONS},
};
use hyper::body::{Body, Bytes, Frame, SizeHint};
use ring::digest::{Context as Digest, SHA256};
use serde::Serialize;
use serde_json::{Value, json};
use std::{
    io::{self, Read},
    pin::Pin,
    task::{Context, Poll},
};

pub(crate) const JSON: &str = "application/json";
pub(crate) const PROBLEM: &str = "application/problem+json";

/// What goes back to a program.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Payload,
    /// Places and numbers from which the answer can be made again; for what must not be done
    /// twice.
    pub(crate) outcome: Option<Box<Value>>,
}

impl Answer {
    /// A JSON value.
    pub(crate) fn json(status: StatusCode, value: &impl Serialize) -> Self {
        Self::text(status, JSON, serde_json::to_vec(value).unwrap_or_default())
    }

    /// JSON that is written already.
    pub(crate) fn text(status: StatusCode, kind: &'static str, text: Vec<u8>) -> Self {
        let mut answer = Self::empty(status);
        answer.headers.insert(CONTENT_TYPE, HeaderValue::from_static(kind));
        answer.body = Payload::Whole(Bytes::from(text));
        answer
    }

    /// Nothing but a status.
    pub(crate) fn empty(status: StatusCode) -> Self {
        Self { status, headers: HeaderMap::new(), body: Payload::Whole(Bytes::new()), outcome: None }
    }

    /// With a header; one whose value cannot be a header is left out.
    pub(crate) fn with(mut self, name: HeaderName, value: impl AsRef<str>) -> Self {
        if let Ok(value) = HeaderValue::from_str(value.as_ref()) {
            self.headers.insert(name, value);
        }
        self
    }

    /// With what it takes to make it again.
    pub(crate) fn made(mut self, outcome: Value) -> Self {
        self.outcome = Some(Box::new(outcome));
        self
    }

    /// With a tag that changes when the answer does; nothing but the tag where the program has
    /// this one already.
    pub(crate) fn tagged(self, tag: &str, known: Option<&str>) -> Self {
        let is_known = known.is_some_and(|known| known.trim() == "*" || lists(known, tag));
        if is_known {
            return Self::empty(StatusCode::NOT_MODIFIED).with(ETAG, tag);
        }
        self.with(ETAG, tag)
    }

    /// The same with a tag that is worked out from the body.
    pub(crate) fn tagged_by_body(self, known: Option<&str>) -> Self {
        self.tagged_by_body_and("", known)
    }

    /// The same where something counts that is not told.
    pub(crate) fn tagged_by_body_and(self, untold: &str, known: Option<&str>) -> Self {
        let Payload::Whole(bytes) = &self.body else { return self };
        let mut digest = Digest::new(&SHA256);
        digest.update(bytes);
        digest.update(untold.as_bytes());
        let digest = digest.finish();
        let tag = digest.as_ref()[..12].iter().fold(String::from("\""), |tag, byte| format!("{tag}{byte:02x}")) + "\"";
        self.tagged(&tag, known)
    }

    pub(crate) fn into_response(mut self) -> Response<Payload> {
        self.headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
        self.headers.insert(X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
        let mut response = Response::new(self.body);
        *response.status_mut() = self.status;
        *response.headers_mut() = self.headers;
        response
    }
}

/// Whether a list of tags, as `If-None-Match` has it, names one. Weak ones count: what they
/// stand for is the same.
fn lists(tags: &str, tag: &str) -> bool {
    tags.split(',').any(|one| one.trim().trim_start_matches("W/") == tag)
}

/// Why a program does not get what it asked for.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Problem {
    pub(crate) status: StatusCode,
    /// From a closed list, for programs.
    pub(crate) code: &'static str,
    pub(crate) detail: String,
    pub(crate) hint: Option<Box<str>>,
    pub(crate) issues: Vec<Issue>,
    pub(crate) headers: Vec<(HeaderName, String)>,
    /// Beside the standard members.
    pub(crate) more: Option<Box<(&'static str, Value)>>,
}

/// The codes of problems, with the titles that go with them.
pub(crate) const CODES: &[(&str, &str)] = &[
    ("bad_cursor", "The cursor does not belong to this list"),
    ("bad_file", "The records cannot be read"),
    ("bad_request", "The request makes no sense"),
    ("conflict", "It is here already"),
    ("cursor_expired", "The list has to be asked for anew"),
    ("forbidden", "This may not be done"),
    ("in_use", "Somebody else is at it"),
    ("internal", "A fault of the program or of the machine"),
    ("invalid", "Some values cannot be taken"),
    ("length_required", "The length of the body has to be said"),
    ("method_not_allowed", "This cannot be done here"),
    ("not_acceptable", "There is no such form of it"),
    ("not_found", "It was not found"),
    ("not_proven", "It was not proven who this is"),
    ("refused", "It was refused"),
    ("repeat", "The key was used before"),
    ("stale", "It was changed meanwhile"),
    ("timeout", "The request took too long"),
    ("too_large", "It is too large"),
    ("too_many", "Too many requests"),
    ("turned_away", "Who asks is not let in"),
    ("unauthorized", "Who asks is not known"),
    ("unsupported_type", "The body has another form than is taken here"),
];

impl Problem {
    pub(crate) fn new(status: StatusCode, code: &'static str, detail: impl Into<String>) -> Self {
        debug_assert!(CODES.iter().any(|(known, _)| *known == code), "{code} is in the list");
        Self { status, code, detail: detail.into(), hint: None, issues: Vec::new(), headers: Vec::new(), more: None }
    }

    pub(crate) fn bad_request(detail: impl Into<String>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, "bad_request", detail)
    }

    pub(crate) fn not_found() -> Self {
        Self::new(StatusCode::NOT_FOUND, "not_found", "nothing with this id is here for you")
    }

    /// Some values cannot be taken.
    pub(crate) fn invalid(issues: Vec<Issue>) -> Self {
        let detail = match &issues[..] {
            [only] => format!("{} {}", only.field, only.message).trim().to_owned(),
            all => format!("{} values cannot be taken", all.len()),
        };
        Self { issues, ..Self::new(StatusCode::UNPROCESSABLE_ENTITY, "invalid", detail) }
    }

    pub(crate) fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into().into_boxed_str());
        self
    }

    pub(crate) fn with(mut self, name: HeaderName, value: impl Into<String>) -> Self {
        self.headers.push((name, value.into()));
        self
    }

    pub(crate) fn answer(&self) -> Answer {
        let title = CODES.iter().find(|(code, _)| *code == self.code).map_or("", |(_, title)| title);
        let mut body = json!({
            "type": format!("urn:cardfile:problem:{}", self.code), "title": title, "status": self.status.as_u16(),
            "detail": self.detail, "code": self.code,
        });
        if let Some(hint) = &self.hint {
            body["hint"] = hint.as_ref().into();
        }
        if !self.issues.is_empty() {
            let issue = |issue: &Issue| json!({ "field": issue.field, "message": issue.message });
            body["issues"] = self.issues.iter().map(issue).collect();
        }
        if let Some(more) = &self.more {
            body[more.0] = more.1.clone();
        }
        let mut answer = Answer::text(self.status, PROBLEM, body.to_string().into_bytes());
        for (name, value) in &self.headers {
            answer = answer.with(name.clone(), value);
        }
        answer
    }
}

impl From<Error> for Problem {
    fn from(error: Error) -> Self {
        let (status, code) = match error.code {
            Code::BadRequest => (StatusCode::UNPROCESSABLE_ENTITY, "invalid"),
            Code::BadFile => (StatusCode::UNPROCESSABLE_ENTITY, "bad_file"),
            Code::NotFound => return Self::not_found(),
            Code::Refused => (StatusCode::CONFLICT, "refused"),
            Code::InUse => (StatusCode::CONFLICT, "in_use"),
            Code::Cancelled | Code::NothingToUndo => (StatusCode::CONFLICT, "conflict"),
            Code::DiskFull => (StatusCode::INSUFFICIENT_STORAGE, "internal"),
            Code::Damaged
            | Code::Internal
            | Code::Locked
            | Code::NewerSchema
            | Code::NoWorkspace
            | Code::NotEmpty
            | Code::ReadOnly
            | Code::SignIn
            | Code::Unreachable
            | Code::WrongKey => (StatusCode::INTERNAL_SERVER_ERROR, "internal"),
        };
        let mut problem = Self::new(status, code, error.message.to_string());
        problem.hint = error.hint.map(|hint| hint.to_string().into_boxed_str());
        if code == "in_use" {
            problem = problem.with(header::RETRY_AFTER, "1");
        }
        problem
    }
}

/// The bytes of an answer.
pub(crate) enum Payload {
    /// All of them.
    Whole(Bytes),
    /// Read piece by piece: how many are left.
    Pieces(Box<dyn Read + Send>, u64),
}

impl std::fmt::Debug for Payload {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Payload")
    }
}

/// Bytes that are read at once.
const PIECE: usize = 64 << 10;

impl Body for Payload {
    type Data = Bytes;
    type Error = io::Error;

    fn poll_frame(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Option<io::Result<Frame<Bytes>>>> {
        let piece = match self.get_mut() {
            Self::Whole(bytes) if bytes.is_empty() => None,
            Self::Whole(bytes) => Some(Ok(std::mem::take(bytes))),
            Self::Pieces(_, 0) => None,
            Self::Pieces(from, left) => Some(read_piece(from, left)),
        };
        Poll::Ready(piece.map(|piece| piece.map(Frame::data)))
    }

    fn is_end_stream(&self) -> bool {
        match self {
            Self::Whole(bytes) => bytes.is_empty(),
            Self::Pieces(_, left) => *left == 0,
        }
    }

    fn size_hint(&self) -> SizeHint {
        SizeHint::with_exact(match self {
            Self::Whole(bytes) => bytes.len() as u64,
            Self::Pieces(_, left) => *left,
        })
    }
}

/// A piece of a file of this computer: reading it takes no longer than answering from memory.
fn read_piece(from: &mut Box<dyn Read + Send>, left: &mut u64) -> io::Result<Bytes> {
    let mut piece = vec![0; PIECE.min(usize::try_from(*left).unwrap_or(PIECE))];
    from.read_exact(&mut piece)?;
    *left -= piece.len() as u64;
    Ok(Bytes::from(piece))
}

#[cfg(test)]
mod tests {
    use super::*;
    use rstest::rstest;

    #[rstest]
    #[case(None, StatusCode::OK)]
    #[case(Some("\"v1\""), StatusCode::NOT_MODIFIED)]
    #[case(Some("\"v0\", W/\"v1\""), StatusCode::NOT_MODIFIED)]
    #[case(Some("*"), StatusCode::NOT_MODIFIED)]
    #[case(Some("\"v2\""), StatusCode::OK)]
    fn who_has_an_answer_already_gets_its_tag(#[case] known: Option<&str>, #[case] status: StatusCode) {
        let answer = Answer::json(StatusCode::OK, &1).tagged("\"v1\"", known);
        assert_eq!(answer.status, status);
        assert_eq!(answer.headers[ETAG], "\"v1\"");
    }

    #[test]
    fn a_problem_says_which_fields_and_what_to_do() {
        let problem = Problem::invalid(vec![Issue::new("email", "is no email")]).hint("Look at it.");
        let answer = problem.answer();
        assert_eq!(answer.headers[CONTENT_TYPE], PROBLEM);
        let Payload::Whole(bytes) = &answer.body else { panic!("a whole body") };
        let body: Value = serde_json::from_slice(bytes).expect("JSON");
        assert_eq!(body["issues"], json!([{ "field": "email", "message": "is no email" }]));
        assert_eq!((&body["status"], &body["code"]), (&json!(422), &json!("invalid")));
        assert_eq!((&body["detail"], &body["hint"]), (&json!("email is no email"), &json!("Look at it.")));
    }

    #[test]
    fn every_answer_is_kept_by_nobody() {
        let response = Answer::empty(StatusCode::NO_CONTENT).into_response();
        assert_eq!(response.headers()[CACHE_CONTROL], "no-store");
        assert_eq!(response.headers()[X_CONTENT_TYPE_OPTIONS], "nosniff");
        assert!(response.headers().keys().all(|name| !name.as_str().starts_with("access-control")));
    }

    #[test]
    fn codes_are_in_the_alphabet() {
        assert!(CODES.is_sorted());
    }
}
