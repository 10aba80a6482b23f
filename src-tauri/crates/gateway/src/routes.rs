//! What may be asked, as one table: the way to it, who may ask, which words there are, what is
//! taken and what is given. The table finds the way, checks the words and makes the document.

mod contacts;
mod conversations;
mod export;
mod identify;
mod import;
mod ingest;
mod jobs;
mod memories;
mod notes;
mod paged;
mod part;
mod segments;
mod tags;
mod tasks;
mod webhooks;
mod writing;

use crate::{
    answer::{Answer, Problem},
    asked::{Asked, decoded},
    shape::{self, Member, Shape},
};
use cardfile_core::clients::Scope;
use http::{Method, StatusCode, header};
use serde_json::Value;

/// What a route takes beside its words.
pub(crate) enum Takes {
    /// No body.
    Nothing,
    /// An object.
    Json(&'static Shape),
    /// What of an object changes (RFC 7396).
    Patch(&'static Shape),
    /// Contacts as a file has them.
    Records,
    /// An object, or a list of at most so many.
    OneOrMany(&'static Shape, usize),
}

/// What a route gives when all is well.
pub(crate) enum Gives {
    /// Nothing but the status.
    Nothing,
    /// An object.
    Json(&'static Shape),
    /// A file.
    File,
    /// The document.
    Document,
}

type Handler = fn(&Asked) -> Result<Answer, Problem>;
/// Makes an answer again from what was kept of it.
type Again = fn(&Asked, &Value) -> Result<Answer, Problem>;

/// One thing that may be asked.
pub(crate) struct Route {
    pub(crate) method: Method,
    pub(crate) path: &'static str,
    pub(crate) id: &'static str,
    pub(crate) about: &'static str,
    /// What a client must be allowed; nothing where a token is enough.
    pub(crate) scope: Option<Scope>,
    pub(crate) query: &'static [Member],
    pub(crate) takes: Takes,
    pub(crate) gives: &'static [(u16, Gives)],
    pub(crate) handler: Handler,
    /// For what must not be done twice.
    pub(crate) again: Option<Again>,
}

impl Route {
    /// Something that is done to one thing, of which a program has nothing more to say: the way to it
    /// says all.
    const fn deed(
        path: &'static str,
        id: &'static str,
        about: &'static str,
        scope: Scope,
        gives: &'static [(u16, Gives)],
        handler: Handler,
    ) -> Self {
        Self {
            method: Method::POST,
            path,
            id,
            about,
            scope: Some(scope),
            query: &[],
            takes: Takes::Nothing,
            gives,
            handler,
            again: None,
        }
    }
}

/// All of them, topic by topic.
pub(crate) static ROUTES: &[&[Route]] = &[
    contacts::ROUTES,
    writing::ROUTES,
    export::ROUTES,
    import::ROUTES,
    conversations::ROUTES,
    tasks::ROUTES,
    memories::ROUTES,
    notes::ROUTES,
    tags::ROUTES,
    segments::ROUTES,
    webhooks::ROUTES,
    jobs::ROUTES,
    ingest::ROUTES,
    identify::ROUTES,
    &[DOCUMENT],
];

const DOCUMENT: Route = Route {
    method: Method::GET,
    path: "/v1/openapi.json",
    id: "getDocument",
    about: "This document (OpenAPI 3.1).",
    scope: None,
    query: &[],
    takes: Takes::Nothing,
    gives: &[(200, Gives::Document)],
    handler: |asked| {
        let text = crate::openapi::document().into_bytes();
        Ok(Answer::text(StatusCode::OK, crate::answer::JSON, text).tagged_by_body(asked.known()))
    },
    again: None,
};

/// Every route.
pub(crate) fn all() -> impl Iterator<Item = &'static Route> {
    ROUTES.iter().copied().flatten()
}

/// The route of a request, and what stands in the places of its path.
pub(crate) fn find(method: &Method, path: &str) -> Result<(&'static Route, Vec<String>), Problem> {
    let mut others: Vec<&str> = Vec::new();
    // A word is nearer than a place for any word.
    let mut found: Option<(&'static Route, Vec<String>)> = None;
    for route in all() {
        let Some(params) = matched(route.path, path) else { continue };
        if route.method != *method {
            others.push(route.method.as_str());
            continue;
        }
        if found.as_ref().is_none_or(|(_, known)| params.len() < known.len()) {
            found = Some((route, params));
        }
    }
    if let Some(found) = found {
        return Ok(found);
    }
    if others.is_empty() {
        return Err(Problem::new(StatusCode::NOT_FOUND, "not_found", "nothing is here"));
    }
    others.sort_unstable();
    others.dedup();
    Err(Problem::new(StatusCode::METHOD_NOT_ALLOWED, "method_not_allowed", "this cannot be done here")
        .with(header::ALLOW, others.join(", ")))
}

/// What stands in the places of a path, if it is of this form.
fn matched(form: &str, path: &str) -> Option<Vec<String>> {
    let (mut forms, mut parts) = (form.split('/'), path.split('/'));
    let mut params = Vec::new();
    loop {
        match (forms.next(), parts.next()) {
            (None, None) => return Some(params),
            (Some(form), Some(part)) if form.starts_with('{') => {
                params.push(decoded(part, false).filter(|part| !part.is_empty())?);
            }
            (Some(form), Some(part)) if form == part => {}
            _ => return None,
        }
    }
}

/// What of an answer is not as the document says; nothing when it fits.
pub fn misfits(method: &str, path: &str, status: u16, body: &[u8]) -> Vec<String> {
    let Ok(method) = Method::from_bytes(method.as_bytes()) else { return vec!["no method".to_owned()] };
    let path = path.split('?').next().unwrap_or_default();
    let Ok((route, _)) = find(&method, path) else { return Vec::new() };
    let value: Value = serde_json::from_slice(body).unwrap_or_default();
    if status >= 400 {
        let is_known = crate::openapi::PROBLEMS.contains(&status);
        let issues = shape::issues(&crate::openapi::PROBLEM, &value);
        let said = issues.into_iter().map(|issue| format!("{} {}", issue.field, issue.message));
        return said.chain((!is_known).then(|| format!("{status} is not documented"))).collect();
    }
    if status == 304 {
        return Vec::new();
    }
    match route.gives.iter().find(|(known, _)| *known == status) {
        None => vec![format!("{status} is not documented for {}", route.id)],
        Some((_, Gives::Json(shape))) => {
            let issues = shape::issues(shape, &value);
            issues.into_iter().map(|issue| format!("{}: {} {}", route.id, issue.field, issue.message)).collect()
        }
        Some((_, Gives::Nothing)) if !body.is_empty() => vec![format!("{} gives a body", route.id)],
        Some((_, Gives::Nothing | Gives::File | Gives::Document)) => Vec::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rstest::rstest;
    use std::collections::BTreeSet;

    #[rstest]
    #[case("GET", "/v1/contacts", Some(("listContacts", 0)))]
    #[case("GET", "/v1/contacts/ctc_1", Some(("getContact", 1)))]
    #[case("POST", "/v1/contacts/export", Some(("exportContacts", 0)))]
    #[case("POST", "/v1/contacts/ctc_1/bin", Some(("binContact", 1)))]
    #[case("GET", "/v1/contacts/", None)]
    #[case("GET", "/v1/contacts/a/b/c", None)]
    #[case("GET", "/", None)]
    fn a_way_is_found_and_a_word_is_nearer_than_a_place(
        #[case] method: &str,
        #[case] path: &str,
        #[case] expected: Option<(&str, usize)>,
    ) {
        let method = Method::from_bytes(method.as_bytes()).expect("a method");
        let found = find(&method, path).ok().map(|(route, params)| (route.id, params.len()));
        assert_eq!(found, expected);
    }

    #[test]
    fn what_cannot_be_done_says_what_can() {
        let problem = find(&Method::PUT, "/v1/contacts/ctc_1").err().expect("no such deed");
        assert_eq!(problem.status, StatusCode::METHOD_NOT_ALLOWED);
        assert_eq!(problem.headers[0].1, "DELETE, GET, PATCH");
    }

    #[test]
    fn every_route_has_a_name_of_its_own_and_what_reads_changes_nothing() {
        let (mut names, mut ways) = (BTreeSet::new(), BTreeSet::new());
        for route in all() {
            assert!(names.insert(route.id), "{} is there twice", route.id);
            assert!(ways.insert((route.method.as_str(), route.path)), "{} is there twice", route.path);
            assert!(!route.about.is_empty() && !route.gives.is_empty(), "{}", route.id);
            assert!(route.path.starts_with("/v1/"), "{}", route.path);
            let takes_nothing = matches!(route.takes, Takes::Nothing);
            assert!(takes_nothing || route.method == Method::POST || route.method == Method::PATCH, "{}", route.id);
            assert!(route.again.is_none() || route.method == Method::POST, "{}", route.id);
        }
    }
}
