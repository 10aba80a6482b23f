//! Tags of the workspace.

use super::{
    Gives, Route, Takes,
    paged::{WORDS, page, page_of},
};
use crate::{
    answer::{Answer, Problem},
    asked::{Asked, text},
    shape::{ANY, Kind, Shape, must, shape},
};
use cardfile_core::{
    clients::Scope,
    domain::text::fold_label,
    facets::{self, Facet},
    tags,
};
use http::{Method, StatusCode};
use serde_json::json;

static TAG: Shape = shape(
    "Tag",
    "",
    &[must("name", Kind::Text(ANY), ""), must("contacts", Kind::Whole(0, 4_294_967_295), "How many have it.")],
);

static TAGS: Shape = page!("TagPage", TAG);

static WRITE: Shape = shape("TagWrite", "", &[must("name", Kind::Said(200), "No comma.")]);

static CHANGED: Shape = shape(
    "TagChanged",
    "",
    &[must("name", Kind::Text(ANY), ""), must("changed", Kind::Whole(0, 4_294_967_295), "Contacts that had it.")],
);

pub(super) static ROUTES: &[Route] = &[
    Route {
        method: Method::GET,
        path: "/v1/tags",
        id: "listTags",
        about: "All tags, in the alphabet, with how many contacts have them.",
        scope: Some(Scope::ContactsRead),
        query: WORDS,
        takes: Takes::Nothing,
        gives: &[(200, Gives::Json(&TAGS))],
        handler: list,
        again: None,
    },
    Route {
        method: Method::PATCH,
        path: "/v1/tags/{name}",
        id: "renameTag",
        about: "Gives a tag another name; where another tag has that name the two become one.",
        scope: Some(Scope::SegmentsWrite),
        query: &[],
        takes: Takes::Json(&WRITE),
        gives: &[(200, Gives::Json(&CHANGED))],
        handler: rename,
        again: None,
    },
    Route {
        method: Method::DELETE,
        path: "/v1/tags/{name}",
        id: "deleteTag",
        about: "Takes a tag away from everybody; an undo in the window brings it back.",
        scope: Some(Scope::SegmentsWrite),
        query: &[],
        takes: Takes::Nothing,
        gives: &[(204, Gives::Nothing)],
        handler: |asked| {
            tags::delete(asked.core(), asked.param(0), &asked.who)?;
            Ok(Answer::empty(StatusCode::NO_CONTENT))
        },
        again: None,
    },
];

fn list(asked: &Asked) -> Result<Answer, Problem> {
    let all = facets::all(asked.core())?.tags;
    let keyed = |tag: Facet| (fold_label(&tag.value), json!({ "name": tag.value, "contacts": tag.count }));
    page_of(asked, "tags", all.into_iter().map(keyed).collect())
}

fn rename(asked: &Asked) -> Result<Answer, Problem> {
    let form = asked.form(&WRITE)?;
    let name = text(&form, "name").unwrap_or_default().trim();
    let (changed, _) = tags::rename(asked.core(), asked.param(0), name, &asked.who)?;
    Ok(Answer::json(StatusCode::OK, &json!({ "name": name, "changed": changed })))
}
