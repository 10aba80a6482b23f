//! Saved views. Whom one shows is listed as contacts: `/v1/contacts?segment=…`.

use super::{
    Gives, Route, Takes,
    paged::{WORDS, page, page_of, up},
    part,
};
use crate::{
    answer::{Answer, Problem},
    asked::{Asked, stale, text, words},
    shape::{ANY, Kind, Shape, any, must, null, shape},
};
use cardfile_core::{
    Code, StoredPart,
    clients::{self, Scope},
    domain::{Part, segment::Segment},
    parts,
    programs::{self, Asked as Wanted, Sight},
    segments,
};
use http::{Method, StatusCode, header};
use serde_json::{Map, Value, json};

static SEGMENT: Shape = shape(
    "Segment",
    "A view with a name.",
    &[
        must("id", Kind::Id("seg_"), ""),
        null("name", Kind::Text(ANY), ""),
        null("filter", Kind::Text(ANY), "Whom it shows, as the window writes filters."),
        null("query", Kind::Text(ANY), "What is searched for."),
        must("sort", Kind::List(&Kind::Text(ANY), 100), ""),
        null("purpose", Kind::Text(ANY), "Key of the purpose the people in it are kept together for."),
        null("owner", Kind::Text(ANY), "Who answers for it."),
        null("reviewed_at", Kind::Time, ""),
        must("created_at", Kind::Time, ""),
        null(
            "contacts",
            Kind::Whole(0, 4_294_967_295),
            "How many it shows of those the client sees; null without contacts:read, and for a filter without sense.",
        ),
        must("stale", Kind::Flag, "Nobody has looked at it for half a year."),
        must("version", Kind::Whole(0, 9_007_199_254_740_991), ""),
    ],
);

static SEGMENTS: Shape = page!("SegmentPage", SEGMENT);

static WRITE: Shape = shape(
    "SegmentWrite",
    "",
    &[
        must("name", Kind::Said(200), ""),
        any("filter", Kind::Text(5_000), "source:widget seen:<30d"),
        any("query", Kind::Text(500), ""),
        any("sort", Kind::List(&Kind::Text(100), 2), "Keys of columns; - in front means descending."),
        any("purpose", Kind::Text(200), "Key or name of a purpose."),
        any("owner", Kind::Text(200), ""),
    ],
);

pub(super) static ROUTES: &[Route] = &[
    Route {
        method: Method::GET,
        path: "/v1/segments",
        id: "listSegments",
        about: "All saved views, with how many each shows.",
        scope: Some(Scope::SegmentsRead),
        query: WORDS,
        takes: Takes::Nothing,
        gives: &[(200, Gives::Json(&SEGMENTS))],
        handler: list,
        again: None,
    },
    Route {
        method: Method::POST,
        path: "/v1/segments",
        id: "createSegment",
        about: "Saves a view.",
        scope: Some(Scope::SegmentsWrite),
        query: &[],
        takes: Takes::Json(&WRITE),
        gives: &[(201, Gives::Json(&SEGMENT))],
        handler: create,
        again: Some(|asked, outcome| {
            let row = outcome["part"].as_i64().unwrap_or_default();
            let id = asked.core().store().read(|r| r.parts().id_at(Segment::KIND, row));
            made(asked, &id.map_err(cardfile_core::Error::from)?.ok_or_else(Problem::not_found)?)
        }),
    },
    Route {
        method: Method::GET,
        path: "/v1/segments/{id}",
        id: "getSegment",
        about: "A saved view.",
        scope: Some(Scope::SegmentsRead),
        query: &[],
        takes: Takes::Nothing,
        gives: &[(200, Gives::Json(&SEGMENT))],
        handler: |asked| answer(asked, StatusCode::OK, &find(asked, asked.param(0))?),
        again: None,
    },
    Route {
        method: Method::PATCH,
        path: "/v1/segments/{id}",
        id: "updateSegment",
        about: "Changes a saved view.",
        scope: Some(Scope::SegmentsWrite),
        query: &[],
        takes: Takes::Patch(&WRITE),
        gives: &[(200, Gives::Json(&SEGMENT))],
        handler: update,
        again: None,
    },
    Route {
        method: Method::DELETE,
        path: "/v1/segments/{id}",
        id: "deleteSegment",
        about: "Takes a saved view away; its contacts stay.",
        scope: Some(Scope::SegmentsWrite),
        query: &[],
        takes: Takes::Nothing,
        gives: &[(204, Gives::Nothing)],
        handler: part::remove::<Segment>,
        again: None,
    },
];

fn find(asked: &Asked, id: &str) -> Result<StoredPart<Segment>, Problem> {
    Ok(parts::get::<Segment>(asked.core(), id)?)
}

fn values(asked: &Asked, all: &[StoredPart<Segment>]) -> Result<Vec<Value>, Problem> {
    // A number tells of people too: by what is searched for they are found letter by letter.
    let sight = if clients::may(&asked.client, Scope::ContactsRead) { Some(asked.sight()?) } else { None };
    let mut values = Vec::with_capacity(all.len());
    for stored in all {
        let mut map = part::value(stored);
        map.retain(|name, _| !matches!(name.as_str(), "columns" | "density"));
        map.insert("contacts".to_owned(), json!(count(asked, sight.as_ref(), &stored.value)?));
        map.insert("stale".to_owned(), segments::is_stale(asked.core(), &stored.value).into());
        values.push(Value::Object(map));
    }
    Ok(values)
}

/// How many of those the client sees a view shows; nothing where it sees nobody, or where the
/// filter makes no sense any more.
fn count(asked: &Asked, sight: Option<&Sight>, segment: &Segment) -> Result<Option<u32>, Problem> {
    let Some(sight) = sight else { return Ok(None) };
    let wanted = Wanted { segment: segment.id.clone(), ..Wanted::default() };
    match programs::count(asked.core(), sight, &wanted) {
        Ok(count) => Ok(Some(count)),
        Err(error) if matches!(error.code, Code::BadRequest | Code::NotFound) => Ok(None),
        Err(error) => Err(error.into()),
    }
}

fn list(asked: &Asked) -> Result<Answer, Problem> {
    let all = asked.core().store().read(|r| r.parts().of_nobody::<Segment>()).map_err(cardfile_core::Error::from)?;
    let keys = all.iter().map(|stored| up(stored.row));
    page_of(asked, "segments", keys.zip(values(asked, &all)?).collect())
}

fn answer(asked: &Asked, status: StatusCode, stored: &StoredPart<Segment>) -> Result<Answer, Problem> {
    let value = values(asked, std::slice::from_ref(stored))?.pop();
    let known = if status == StatusCode::OK { asked.known() } else { None };
    Ok(Answer::json(status, &value).tagged(&part::tag(stored.version), known))
}

fn create(asked: &Asked) -> Result<Answer, Problem> {
    let form = asked.form(&WRITE)?;
    let mut segment = Segment::default();
    put(&mut segment, &form);
    let (id, _) = segments::put(asked.core(), &segment, &asked.who)?;
    made(asked, &id)
}

fn made(asked: &Asked, id: &str) -> Result<Answer, Problem> {
    let stored = find(asked, id)?;
    let answer = answer(asked, StatusCode::CREATED, &stored)?;
    Ok(answer.with(header::LOCATION, format!("/v1/segments/{id}")).made(json!({ "part": stored.row })))
}

fn update(asked: &Asked) -> Result<Answer, Problem> {
    let form = asked.patch(&WRITE)?;
    let seen = asked.version()?;
    let changed = segments::change(asked.core(), asked.param(0), seen, &asked.who, |segment| put(segment, &form))?;
    changed.ok_or_else(stale)?;
    answer(asked, StatusCode::OK, &find(asked, asked.param(0))?)
}

/// Writes what a form says on a view.
fn put(segment: &mut Segment, form: &Map<String, Value>) {
    let places = [
        ("name", &mut segment.name),
        ("filter", &mut segment.filter),
        ("query", &mut segment.query),
        ("purpose", &mut segment.purpose),
        ("owner", &mut segment.owner),
    ];
    for (name, place) in places {
        if form.contains_key(name) {
            text(form, name).unwrap_or_default().trim().clone_into(place);
        }
    }
    if form.contains_key("sort") {
        segment.sort = words(form, "sort").unwrap_or_default();
    }
}
