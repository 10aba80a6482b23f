//! Contacts, written: made, changed, moved to the bin and back, tagged, erased.

use super::{Gives, Route, Takes, contacts};
use crate::{
    answer::{Answer, Problem},
    asked::{Asked, stale, words},
    card::{self, CONTACT, CONTACT_NEW, CONTACT_WRITE},
    shape::{Kind, Shape, may, must, null, shape},
};
use cardfile_core::{
    Core, Error, Stored, Who,
    clients::{self, Scope},
    programs::{self, Made},
    progress::Progress,
};
use http::{Method, StatusCode, header};
use serde_json::{Value, json};
use std::sync::atomic::{AtomicU32, Ordering};

static RECEIPT: Shape = Shape {
    name: "ErasureReceipt",
    about: "What was erased, how it was looked at, and what recipients were told. It names nobody.",
    members: &[
        must("format", Kind::Word(&["cardfile-erasure/1"]), ""),
        must("erasure", Kind::Id("era_"), ""),
        must(
            "state",
            Kind::Word(&["pending", "local_done", "propagating", "done", "done_with_exceptions"]),
            "pending: somebody else is still reading old pages.",
        ),
        null("ended_at", Kind::Time, ""),
        must("facts", Kind::Open, "Counts by table, and what a look at the files found."),
        must("recipients", Kind::List(&Kind::Open, 10_000), ""),
        must("exceptions", Kind::List(&Kind::Text(100), 100), ""),
        must("returns", Kind::Whole(0, 4_294_967_295), "How often the person was turned away since."),
        null("lifted_at", Kind::Time, ""),
    ],
    is_open: true,
};

static TAGGED: Shape = shape(
    "ContactTags",
    "",
    &[may("add", Kind::List(&Kind::Said(200), 100), ""), may("remove", Kind::List(&Kind::Said(200), 100), "")],
);

pub(super) static ROUTES: &[Route] = &[
    Route {
        method: Method::POST,
        path: "/v1/contacts",
        id: "createContact",
        about: "Makes a contact. One that is here already, by its external ID or email, is not made again.",
        scope: Some(Scope::ContactsWrite),
        query: &[may("allow_duplicate", Kind::Flag, "Also where an email is known already."), contacts::FIELDS_WORD],
        takes: Takes::Json(&CONTACT_NEW),
        gives: &[(201, Gives::Json(&CONTACT))],
        handler: create,
        again: Some(|asked, outcome| {
            let row = outcome["contact"].as_u64().and_then(|row| u32::try_from(row).ok()).unwrap_or_default();
            let seen = programs::seen_of(asked.core(), &asked.sight()?, &[row])?;
            let all = cardfile_core::view::contacts(asked.core(), &seen)?;
            made(asked, &all.into_iter().flatten().next().ok_or_else(Problem::not_found)?)
        }),
    },
    Route {
        method: Method::PATCH,
        path: "/v1/contacts/{id}",
        id: "updateContact",
        about: "Changes what a contact says (merge patch, RFC 7396), in one step of the history.",
        scope: Some(Scope::ContactsWrite),
        query: &[contacts::FIELDS_WORD],
        takes: Takes::Patch(&CONTACT_WRITE),
        gives: &[(200, Gives::Json(&CONTACT))],
        handler: update,
        again: None,
    },
    Route {
        method: Method::DELETE,
        path: "/v1/contacts/{id}",
        id: "eraseContact",
        about: "Erases a person for ever, with everything that is kept of them. Nothing of it can be undone.",
        scope: Some(Scope::Erase),
        query: &[],
        takes: Takes::Nothing,
        gives: &[(200, Gives::Json(&RECEIPT))],
        handler: erase,
        again: None,
    },
    Route::deed(
        "/v1/contacts/{id}/bin",
        "binContact",
        "Moves a contact to the bin, for 30 days.",
        Scope::ContactsWrite,
        &[(200, Gives::Json(&CONTACT))],
        |asked| moved(asked, programs::bin),
    ),
    Route::deed(
        "/v1/contacts/{id}/restore",
        "restoreContact",
        "Brings a contact back from the bin.",
        Scope::ContactsWrite,
        &[(200, Gives::Json(&CONTACT))],
        |asked| moved(asked, programs::restore),
    ),
    Route {
        method: Method::POST,
        path: "/v1/contacts/{id}/tags",
        id: "tagContact",
        about: "Gives a contact tags and takes tags from it.",
        scope: Some(Scope::ContactsWrite),
        query: &[],
        takes: Takes::Json(&TAGGED),
        gives: &[(200, Gives::Json(&CONTACT))],
        handler: tag,
        again: None,
    },
];

fn create(asked: &Asked) -> Result<Answer, Problem> {
    let form = asked.form(&CONTACT_NEW)?;
    let contact = card::from_form(&form, &asked.core().custom_fields()?)?;
    match programs::create(asked.core(), contact, asked.query.flag("allow_duplicate"), &asked.who)? {
        Made::New { stored, .. } => made(asked, &stored),
        Made::Here(row, rule) => Err(here(asked, row, &rule.sentence().to_string())?),
    }
}

fn made(asked: &Asked, stored: &Stored) -> Result<Answer, Problem> {
    let answer = contacts::answer(asked, StatusCode::CREATED, stored)?;
    let place = format!("/v1/contacts/{}", stored.contact.id);
    Ok(answer.with(header::LOCATION, place).made(json!({ "contact": stored.row })))
}

/// Somebody is here already. Who it is is said to a client that may read, and sees them.
fn here(asked: &Asked, row: u32, why: &str) -> Result<Problem, Problem> {
    let mut problem = Problem::new(StatusCode::CONFLICT, "conflict", "such a contact is here already")
        .hint("Change that one, or say allow_duplicate where only an email is the same.");
    if clients::may(&asked.client, Scope::ContactsRead) {
        let seen = programs::seen_of(asked.core(), &asked.sight()?, &[row])?;
        if let Some(stored) = cardfile_core::view::contacts(asked.core(), &seen)?.into_iter().flatten().next() {
            problem.detail = format!("such a contact is here already, by {why}");
            problem.more = Some(Box::new(("contact", stored.contact.id.as_str().into())));
        }
    }
    Ok(problem)
}

fn update(asked: &Asked) -> Result<Answer, Problem> {
    let form = asked.patch(&CONTACT_WRITE)?;
    let stored = programs::card(asked.core(), &asked.sight()?, asked.param(0))?;
    let fields = asked.core().custom_fields()?;
    let changed = programs::change(asked.core(), &stored, asked.version()?, &asked.who, |contact| {
        card::patched(contact, &form, &fields)
    })?;
    if changed.is_none() {
        return Err(stale());
    }
    read_again(asked)
}

fn read_again(asked: &Asked) -> Result<Answer, Problem> {
    let stored = programs::card(asked.core(), &asked.sight()?, asked.param(0))?;
    contacts::answer(asked, StatusCode::OK, &stored)
}

fn moved<T>(
    asked: &Asked,
    work: impl FnOnce(&Core, u32, Option<i64>, &Who) -> Result<Option<T>, Error>,
) -> Result<Answer, Problem> {
    let stored = programs::card(asked.core(), &asked.sight()?, asked.param(0))?;
    work(asked.core(), stored.row, asked.version()?, &asked.who)?.ok_or_else(stale)?;
    read_again(asked)
}

fn tag(asked: &Asked) -> Result<Answer, Problem> {
    let form = asked.form(&TAGGED)?;
    let stored = programs::card(asked.core(), &asked.sight()?, asked.param(0))?;
    let trimmed = |name: &str| -> Vec<String> {
        words(&form, name).unwrap_or_default().iter().map(|tag| tag.trim().to_owned()).collect()
    };
    let (add, remove) = (trimmed("add"), trimmed("remove"));
    if add.iter().any(|tag| tag.contains(',')) {
        return Err(Problem::invalid(vec![crate::shape::Issue::new("add", "a comma would make two tags of one")]));
    }
    let same = |one: &str, other: &str| one.to_lowercase() == other.to_lowercase();
    let changed = programs::change(asked.core(), &stored, asked.version()?, &asked.who, |contact| {
        contact.tags.retain(|known| !remove.iter().any(|tag| same(tag, known)));
        for tag in &add {
            if !contact.tags.iter().any(|known| same(known, tag)) {
                contact.tags.push(tag.clone());
            }
        }
        Ok(())
    })?;
    if changed.is_none() {
        return Err(stale());
    }
    read_again(asked)
}

/// Looks for readers that are in the way a few times, and does not make the program wait: what
/// is left is done soon, and the receipt says so.
struct Brief(AtomicU32);

/// The pauses between them grow: a second in all.
const LOOKS: u32 = 6;

impl Progress for Brief {
    fn at(&self, _: u64, _: u64) -> bool {
        self.0.fetch_add(1, Ordering::Relaxed) < LOOKS
    }
}

fn erase(asked: &Asked) -> Result<Answer, Problem> {
    let stored = programs::card(asked.core(), &asked.sight()?, asked.param(0))?;
    let brief = Brief(AtomicU32::new(0));
    let receipt = programs::erase(asked.core(), &stored, asked.version()?, &asked.who, &brief)?;
    let value: Value = serde_json::to_value(receipt.ok_or_else(stale)?).unwrap_or_default();
    Ok(Answer::json(StatusCode::OK, &value))
}
