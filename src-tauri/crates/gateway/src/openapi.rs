//! The document that describes the interface (OpenAPI 3.1), made from the table of routes. It
//! lies in the repository as well, and a test holds both to each other.

use crate::{
    answer::{CODES, JSON, PROBLEM as PROBLEM_TYPE},
    repeat,
    routes::{self, Gives, Route, Takes},
    shape::{ANY, Kind, Member, Schemas, Shape, may, must, schema_of, shape},
};
use cardfile_core::clients::Scope;
use http::Method;
use serde_json::{Map, Value, json};

static ISSUE: Shape = shape(
    "Issue",
    "What is wrong with one value.",
    &[
        must("field", Kind::Text(ANY), "Where, with points between names: emails.0.value."),
        must("message", Kind::Text(ANY), ""),
    ],
);

/// Why something was not done (RFC 9457).
pub(crate) static PROBLEM: Shape = Shape {
    name: "Problem",
    about: "Why something was not done (RFC 9457).",
    members: &[
        must("type", Kind::Text(ANY), ""),
        must("title", Kind::Text(ANY), ""),
        must("status", Kind::Whole(400, 599), ""),
        must("detail", Kind::Text(ANY), ""),
        must("code", Kind::Text(100), "For programs; from a closed list."),
        may("hint", Kind::Text(ANY), "What can be done."),
        may("issues", Kind::List(&Kind::Object(&ISSUE), 50), ""),
        may("contact", Kind::Id("ctc_"), "Who is here already."),
    ],
    is_open: false,
};

/// Statuses of problems, with what they mean. Any of them may come of any request.
pub(crate) const PROBLEMS: [u16; 19] =
    [400, 401, 403, 404, 405, 406, 408, 409, 410, 411, 412, 413, 415, 422, 429, 431, 500, 503, 507];

const fn meaning(status: u16) -> &'static str {
    match status {
        400 => "The request makes no sense.",
        401 => "A token that counts is needed.",
        403 => "This token may not do it, or who asks is not let in.",
        404 => "Nothing is here for you.",
        405 => "This cannot be done here.",
        406 => "There is no such form of it.",
        408 => "The request took too long.",
        409 => "It is here already, is refused, or somebody else is at it.",
        410 => "The list has to be asked for anew.",
        411 => "The length of the body has to be said.",
        412 => "It was changed since it was read.",
        413 => "The body is too large.",
        415 => "The body has another form than is taken here.",
        422 => "Some values cannot be taken.",
        429 => "Too many requests.",
        431 => "The head is too large.",
        507 => "The disk is full.",
        _ => "A fault of the program or of the machine.",
    }
}

/// The document, as it is served and kept.
pub fn document() -> String {
    let mut schemas = Schemas::default();
    let problem = schemas.of(&PROBLEM);
    let mut paths: Map<String, Value> = Map::new();
    for route in routes::all() {
        let operation = operation(route, &mut schemas);
        let path = paths.entry(route.path.to_owned()).or_insert_with(|| json!({}));
        path[route.method.as_str().to_ascii_lowercase()] = operation;
    }
    let scopes: Vec<String> =
        Scope::ALL.iter().map(|scope| format!("- `{}`: {}", scope.as_str(), scope.about())).collect();
    let codes: Vec<String> = CODES.iter().map(|(code, title)| format!("- `{code}`: {title}.")).collect();
    let about = format!(
        "Contacts of a workspace for programs of the same computer.\n\nA token is made with `cardfile token create` \
         and shown once. It may do what its scopes say:\n\n{}\n\nA problem says why something was not done, by \
         `code`:\n\n{}\n\nEvery answer says how many requests are left (`RateLimit-Limit`, `RateLimit-Remaining`, \
         `RateLimit-Reset`). Whoever is restricted (GDPR, Art. 18) or was erased is not here for any program.",
        scopes.join("\n"),
        codes.join("\n"),
    );
    let responses: Map<String, Value> = PROBLEMS
        .iter()
        .map(|status| {
            let content = json!({ PROBLEM_TYPE: { "schema": problem } });
            (name_of(*status), json!({ "description": meaning(*status), "content": content }))
        })
        .collect();
    let document = json!({
        "openapi": "3.1.0",
        "info": { "title": "Cardfile", "version": "1", "description": about },
        "servers": [{ "url": "http://127.0.0.1:{port}", "variables": { "port": { "default": "8123" } } }],
        "security": [{ "token": [] }],
        "paths": paths,
        "components": {
            "securitySchemes": { "token": { "type": "http", "scheme": "bearer" } },
            "responses": responses,
            "schemas": schemas.into_value(),
        },
    });
    serde_json::to_string_pretty(&document).unwrap_or_default() + "\n"
}

fn name_of(status: u16) -> String {
    format!("Problem{status}")
}

fn operation(route: &Route, schemas: &mut Schemas) -> Value {
    let mut parameters: Vec<Value> = route
        .path
        .split('/')
        .filter_map(|part| part.strip_prefix('{')?.strip_suffix('}'))
        .map(|name| {
            let text = json!({ "type": "string", "minLength": 1 });
            json!({ "name": name, "in": "path", "required": true, "schema": text })
        })
        .collect();
    parameters.extend(route.query.iter().map(word));
    parameters.extend(headers(route));
    let mut responses: Map<String, Value> =
        route.gives.iter().map(|(status, gives)| (status.to_string(), given(*status, gives, schemas))).collect();
    if route.method == Method::GET {
        responses.insert("304".to_owned(), json!({ "description": "It is as If-None-Match says." }));
    }
    for status in PROBLEMS {
        let name = name_of(status);
        responses.insert(status.to_string(), json!({ "$ref": format!("#/components/responses/{name}") }));
    }
    let mut operation = json!({
        "operationId": route.id, "summary": route.about, "parameters": parameters, "responses": responses,
    });
    if let Some(scope) = route.scope {
        operation["description"] = format!("Needs the scope `{}`.", scope.as_str()).into();
    }
    if let Some(body) = body(&route.takes, schemas) {
        operation["requestBody"] = body;
    }
    operation
}

/// A word of the query.
fn word(member: &Member) -> Value {
    let mut word = json!({ "name": member.name, "in": "query", "description": member.about,
        "required": member.is_required, "schema": schema_of(&member.kind) });
    if matches!(member.kind, Kind::List(..)) {
        // With commas between them.
        (word["style"], word["explode"]) = ("form".into(), false.into());
    }
    word
}

/// Headers that mean something to a route.
fn headers(route: &Route) -> Vec<Value> {
    let header = |name: &str, about: &str| {
        json!({ "name": name, "in": "header", "required": false, "description": about,
            "schema": { "type": "string", "maxLength": 255 } })
    };
    let mut all = Vec::new();
    if route.method == Method::GET {
        all.push(header("If-None-Match", "Tags that are known: an answer that has one of them is not sent again."));
    }
    let changes_one = route.path.contains("{id}") && !matches!(route.gives, [(201, _)]);
    if changes_one && route.method != Method::GET && !route.path.contains("/jobs/") {
        all.push(header("If-Match", "The ETag of what was read: a change of something else is refused with 412."));
    }
    if route.again.is_some() {
        let about = "A name for this request: asked again under it, it is not done twice. Kept for a day.";
        all.push(header(repeat::KEY.as_str(), about));
    }
    if route.path == "/v1/me" {
        all.push(header("Cardfile-Grant", "The grant of /v1/identify."));
    }
    all
}

fn given(status: u16, gives: &Gives, schemas: &mut Schemas) -> Value {
    let about = match status {
        201 => "It was made.",
        202 => "It was begun.",
        204 => "It was done.",
        _ => "All is well.",
    };
    let string = json!({ "schema": { "type": "string" } });
    let number = json!({ "schema": { "type": "integer" } });
    let mut headers = json!({ "RateLimit-Limit": number, "RateLimit-Remaining": number, "RateLimit-Reset": number });
    if status == 201 || status == 202 {
        headers["Location"] = string.clone();
    }
    let content = match gives {
        Gives::Nothing => None,
        Gives::Json(shape) => Some(json!({ JSON: { "schema": schemas.of(shape) } })),
        Gives::Document => Some(json!({ JSON: { "schema": { "type": "object" } } })),
        Gives::File => Some(json!({ "*/*": { "schema": { "type": "string", "format": "binary" } } })),
    };
    let mut given = json!({ "description": about, "headers": headers });
    if let Some(content) = content {
        given["content"] = content;
    }
    given
}

fn body(takes: &Takes, schemas: &mut Schemas) -> Option<Value> {
    let content = match takes {
        Takes::Nothing => return None,
        Takes::Json(shape) => json!({ JSON: { "schema": schemas.of(shape) } }),
        Takes::Patch(shape) => {
            let patch = patch_of(shape, schemas);
            json!({ JSON: { "schema": patch }, "application/merge-patch+json": { "schema": patch } })
        }
        Takes::Records => {
            let text = json!({ "schema": { "type": "string" } });
            json!({ "text/csv": text, "application/x-ndjson": text,
                JSON: { "schema": { "type": "array", "items": { "type": "object" } } } })
        }
        Takes::OneOrMany(shape, most) => {
            let one = schemas.of(shape);
            json!({ JSON: { "schema": { "anyOf": [one, { "type": "array", "items": one, "maxItems": most }] } } })
        }
    };
    Some(json!({ "required": true, "content": content }))
}

/// The same shape with nothing that has to be there.
fn patch_of(shape: &Shape, schemas: &mut Schemas) -> Value {
    let mut properties = Map::new();
    for member in shape.members {
        properties.insert(member.name.to_owned(), schemas.member(member));
    }
    json!({ "type": "object", "properties": properties, "additionalProperties": shape.is_open,
        "description": shape.about })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_document_names_every_route_and_refers_to_nothing_that_is_not_there() {
        let text = document();
        let value: Value = serde_json::from_str(&text).expect("JSON");
        for route in routes::all() {
            let method = route.method.as_str().to_ascii_lowercase();
            assert_eq!(value["paths"][route.path][method.as_str()]["operationId"], route.id);
        }
        for reference in text.split("\"$ref\": \"#").skip(1).filter_map(|rest| rest.split('"').next()) {
            assert!(value.pointer(reference).is_some(), "{reference}");
        }
    }

    #[test]
    fn every_problem_that_is_answered_is_described() {
        for status in PROBLEMS {
            assert!(!meaning(status).is_empty());
        }
        assert!(PROBLEMS.is_sorted());
    }
}
