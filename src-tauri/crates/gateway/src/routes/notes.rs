//! Notes of the team.

use super::{
    Gives, Route, Takes,
    paged::{WORDS, page, page_of},
    part,
};
use crate::{
    answer::{Answer, Problem},
    asked::{Asked, flag, text},
    shape::{ANY, Kind, Shape, may, must, null, shape},
};
use cardfile_core::{clients::Scope, domain::part::Note, parts, programs};
use http::{Method, StatusCode};

static NOTE: Shape = shape(
    "Note",
    "Free text of the team.",
    &[
        must("id", Kind::Id("nte_"), ""),
        null("contact_id", Kind::Id("ctc_"), ""),
        null("text", Kind::Text(ANY), "Markdown."),
        must("internal", Kind::Flag, "Left out of answers to access requests unless an officer decides otherwise."),
        null("author", Kind::Text(ANY), ""),
        must("created_at", Kind::Time, ""),
        must("updated_at", Kind::Time, ""),
        must("version", Kind::Whole(0, 9_007_199_254_740_991), ""),
    ],
);

static NOTES: Shape = page!("NotePage", NOTE);

static WRITE: Shape =
    shape("NoteWrite", "", &[must("text", Kind::Said(100_000), "Markdown."), may("internal", Kind::Flag, "")]);

pub(super) static ROUTES: &[Route] = &[
    Route {
        method: Method::GET,
        path: "/v1/contacts/{id}/notes",
        id: "listNotes",
        about: "The notes on a card, oldest first.",
        scope: Some(Scope::NotesRead),
        query: WORDS,
        takes: Takes::Nothing,
        gives: &[(200, Gives::Json(&NOTES))],
        handler: |asked| page_of(asked, "notes", part::of_card::<Note>(asked)?),
        again: None,
    },
    Route {
        method: Method::POST,
        path: "/v1/contacts/{id}/notes",
        id: "createNote",
        about: "Writes a note on a card.",
        scope: Some(Scope::NotesWrite),
        query: &[],
        takes: Takes::Json(&WRITE),
        gives: &[(201, Gives::Json(&NOTE))],
        handler: create,
        again: Some(|asked, outcome| part::made_again::<Note>(asked, outcome, "/v1/notes")),
    },
    Route {
        method: Method::GET,
        path: "/v1/notes/{id}",
        id: "getNote",
        about: "A note.",
        scope: Some(Scope::NotesRead),
        query: &[],
        takes: Takes::Nothing,
        gives: &[(200, Gives::Json(&NOTE))],
        handler: |asked| part::answer::<Note>(asked, StatusCode::OK, asked.param(0)),
        again: None,
    },
    Route {
        method: Method::PATCH,
        path: "/v1/notes/{id}",
        id: "updateNote",
        about: "Changes a note.",
        scope: Some(Scope::NotesWrite),
        query: &[],
        takes: Takes::Patch(&WRITE),
        gives: &[(200, Gives::Json(&NOTE))],
        handler: update,
        again: None,
    },
    Route {
        method: Method::DELETE,
        path: "/v1/notes/{id}",
        id: "deleteNote",
        about: "Takes a note away; an undo in the window brings it back.",
        scope: Some(Scope::NotesWrite),
        query: &[],
        takes: Takes::Nothing,
        gives: &[(204, Gives::Nothing)],
        handler: part::remove::<Note>,
        again: None,
    },
];

fn create(asked: &Asked) -> Result<Answer, Problem> {
    let form = asked.form(&WRITE)?;
    let stored = programs::card(asked.core(), &asked.sight()?, asked.param(0))?;
    let note = Note {
        text: text(&form, "text").unwrap_or_default().to_owned(),
        internal: flag(&form, "internal").unwrap_or_default(),
        author: asked.who.actor.clone(),
        ..Note::default()
    };
    let (id, _) = parts::add(asked.core(), stored.contact.id.as_str(), &note, &asked.who)?;
    part::made::<Note>(asked, &id, "/v1/notes")
}

fn update(asked: &Asked) -> Result<Answer, Problem> {
    let form = asked.patch(&WRITE)?;
    part::edit::<Note>(asked, |_, stored| {
        let note = &mut stored.value;
        if let Some(text) = text(&form, "text") {
            text.clone_into(&mut note.text);
        }
        note.internal = flag(&form, "internal").unwrap_or(note.internal);
        Ok(())
    })
}
