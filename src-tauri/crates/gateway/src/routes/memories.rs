//! Memories: what is kept in mind about a contact.

use super::{
    Gives, Route, Takes,
    paged::{WORDS, page, page_of},
    part,
};
use crate::{
    answer::{Answer, Problem},
    asked::{Asked, flag, text},
    shape::{ANY, Kind, Shape, any, may, must, null, shape},
};
use cardfile_core::{
    Error, StoredPart,
    clients::Scope,
    domain::{
        Sentence,
        part::{Conversation, Memory},
    },
    parts, programs,
};
use http::{Method, StatusCode};
use serde_json::{Map, Value};

static MEMORY: Shape = shape(
    "Memory",
    "What is kept in mind about a contact.",
    &[
        must("id", Kind::Id("mem_"), ""),
        null("contact_id", Kind::Id("ctc_"), ""),
        null("text", Kind::Text(ANY), ""),
        null("author", Kind::Text(ANY), "A person, or the name of a program."),
        null("source", Kind::Id("cnv_"), "The conversation it comes from."),
        null("confidence", Kind::Number(0.0, 1.0), "How sure its author is."),
        must("pinned", Kind::Flag, "Kept at the top, and given to agents first."),
        must("created_at", Kind::Time, ""),
        must("updated_at", Kind::Time, ""),
        must("version", Kind::Whole(0, 9_007_199_254_740_991), ""),
    ],
);

static MEMORIES: Shape = page!("MemoryPage", MEMORY);

static WRITE: Shape = shape(
    "MemoryWrite",
    "",
    &[
        must("text", Kind::Said(10_000), ""),
        any("source", Kind::Id("cnv_"), "A conversation of the same card."),
        any("confidence", Kind::Number(0.0, 1.0), ""),
        may("pinned", Kind::Flag, ""),
    ],
);

pub(super) static ROUTES: &[Route] = &[
    Route {
        method: Method::GET,
        path: "/v1/contacts/{id}/memories",
        id: "listMemories",
        about: "What is kept in mind about a contact, oldest first.",
        scope: Some(Scope::MemoriesRead),
        query: WORDS,
        takes: Takes::Nothing,
        gives: &[(200, Gives::Json(&MEMORIES))],
        handler: |asked| page_of(asked, "memories", part::of_card::<Memory>(asked)?),
        again: None,
    },
    Route {
        method: Method::POST,
        path: "/v1/contacts/{id}/memories",
        id: "createMemory",
        about: "Keeps something in mind.",
        scope: Some(Scope::MemoriesWrite),
        query: &[],
        takes: Takes::Json(&WRITE),
        gives: &[(201, Gives::Json(&MEMORY))],
        handler: create,
        again: Some(|asked, outcome| part::made_again::<Memory>(asked, outcome, "/v1/memories")),
    },
    Route {
        method: Method::GET,
        path: "/v1/memories/{id}",
        id: "getMemory",
        about: "A memory.",
        scope: Some(Scope::MemoriesRead),
        query: &[],
        takes: Takes::Nothing,
        gives: &[(200, Gives::Json(&MEMORY))],
        handler: |asked| part::answer::<Memory>(asked, StatusCode::OK, asked.param(0)),
        again: None,
    },
    Route {
        method: Method::PATCH,
        path: "/v1/memories/{id}",
        id: "updateMemory",
        about: "Changes a memory.",
        scope: Some(Scope::MemoriesWrite),
        query: &[],
        takes: Takes::Patch(&WRITE),
        gives: &[(200, Gives::Json(&MEMORY))],
        handler: update,
        again: None,
    },
    Route {
        method: Method::DELETE,
        path: "/v1/memories/{id}",
        id: "deleteMemory",
        about: "Forgets a memory; an undo in the window brings it back.",
        scope: Some(Scope::MemoriesWrite),
        query: &[],
        takes: Takes::Nothing,
        gives: &[(204, Gives::Nothing)],
        handler: part::remove::<Memory>,
        again: None,
    },
];

fn create(asked: &Asked) -> Result<Answer, Problem> {
    let form = asked.form(&WRITE)?;
    let stored = programs::card(asked.core(), &asked.sight()?, asked.param(0))?;
    let mut memory = Memory { author: asked.who.actor.clone(), ..Memory::default() };
    put(&mut memory, &form);
    let store = asked.core().store();
    check_source(&form, Some(stored.row.into()), |id| Ok(store.read(|r| r.parts().get(id))?))?;
    let (id, _) = parts::add(asked.core(), stored.contact.id.as_str(), &memory, &asked.who)?;
    part::made::<Memory>(asked, &id, "/v1/memories")
}

fn update(asked: &Asked) -> Result<Answer, Problem> {
    let form = asked.patch(&WRITE)?;
    part::edit::<Memory>(asked, |reader, stored| {
        put(&mut stored.value, &form);
        check_source(&form, stored.parent, |id| Ok(reader.parts().get(id)?))
    })
}

/// Writes what a form says on a memory.
fn put(memory: &mut Memory, form: &Map<String, Value>) {
    if let Some(text) = text(form, "text") {
        text.clone_into(&mut memory.text);
    }
    if let Some(confidence) = form.get("confidence") {
        memory.confidence = confidence.as_f64();
    }
    if form.contains_key("source") {
        memory.source = text(form, "source").map(str::to_owned);
    }
    memory.pinned = flag(form, "pinned").unwrap_or(memory.pinned);
}

/// Refuses a source that is not a conversation of the same card: a memory must not say that
/// another one was there.
fn check_source(
    form: &Map<String, Value>,
    card: Option<i64>,
    find: impl FnOnce(&str) -> Result<Option<StoredPart<Conversation>>, Error>,
) -> Result<(), Error> {
    let Some(id) = text(form, "source") else { return Ok(()) };
    let is_of_card = find(id)?.is_some_and(|conversation| conversation.parent == card);
    if is_of_card { Ok(()) } else { Err(Error::not_found(Sentence::verbatim("the conversation"))) }
}
