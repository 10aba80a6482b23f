//! Webhooks: who is told when something happens to a contact. A program sets one up and sees what
//! became of its messages; which fields of contacts may leave a person says in the window, and
//! where they go no program changes after that.

use super::{
    Gives, Route, Takes,
    paged::{WORDS, down, page, page_of},
};
use crate::{
    answer::{Answer, Problem},
    asked::{Asked, flag, stale, text, words},
    shape::{ANY, Issue, Kind, Shape, any, may, must, null, shape},
};
use cardfile_core::{
    Code, Error,
    clients::Scope,
    domain::{
        Sentence,
        webhook::{Event, FIELDS},
    },
    programs,
    webhooks::{self, Choice, IsSeen, Known},
};
use http::{Method, StatusCode, header};
use serde_json::{Map, Value, json};
use std::collections::BTreeSet;

static WEBHOOK: Shape = shape(
    "Webhook",
    "Who is told when something happens to a contact.",
    &[
        must("id", Kind::Id("whk_"), ""),
        must("name", Kind::Text(ANY), ""),
        must("url", Kind::Text(ANY), ""),
        must("events", Kind::List(&Kind::Text(100), 100), "What it is told of: contact.created"),
        must("fields", Kind::List(&Kind::Text(100), 100), "Fields that a person approved; ids always leave."),
        must("state", Kind::Word(&["on", "off", "gone"]), "gone: it said that nobody is there any more."),
        must("waiting", Kind::Whole(0, 4_294_967_295), "Messages that are still to be sent."),
        must("dead", Kind::Whole(0, 4_294_967_295), "Messages that were given up."),
        null("heard_at", Kind::Time, "When something was last taken."),
        null("status", Kind::Whole(0, 999), "Of the last answer."),
        must("created_at", Kind::Time, ""),
        may("secret", Kind::Text(200), "Shown once, where it is new: with it messages are signed."),
    ],
);

static WEBHOOKS: Shape = page!("WebhookPage", WEBHOOK);

static NEW: Shape = shape(
    "WebhookNew",
    "",
    &[
        must("name", Kind::Said(200), ""),
        must("url", Kind::Said(2_000), "https, or http on this computer."),
        may("events", Kind::List(&Kind::Said(100), 20), "contact.created and contact.deleted where nothing is said."),
    ],
);

static WRITE: Shape = shape(
    "WebhookWrite",
    "",
    &[
        may("name", Kind::Said(200), ""),
        may("url", Kind::Said(2_000), "Not any more when a person approved fields for it."),
        may("events", Kind::List(&Kind::Said(100), 20), ""),
        may("on", Kind::Flag, "Whether it is told."),
    ],
);

static MESSAGE: Shape = shape(
    "WebhookMessage",
    "One thing that a webhook is told of.",
    &[
        must("id", Kind::Id("msg_"), "The same in every attempt."),
        must("event", Kind::Text(100), ""),
        null("contact_id", Kind::Id("ctc_"), "Null where the client does not see them."),
        must("at", Kind::Time, ""),
        must("state", Kind::Word(&["waiting", "done", "dead"]), ""),
        must("attempts", Kind::Whole(0, 4_294_967_295), ""),
        null("status", Kind::Whole(0, 999), "Of the last answer."),
        null("next_at", Kind::Time, "When the next attempt is due."),
        null("ended_at", Kind::Time, "When it was taken, or given up."),
    ],
);

static MESSAGES: Shape = page!("WebhookMessagePage", MESSAGE);

static REPLAYED: Shape =
    shape("WebhookReplayed", "", &[must("messages", Kind::Whole(0, 4_294_967_295), "Tried again.")]);
static REPLAY: Shape = shape(
    "WebhookReplay",
    "",
    &[any("message", Kind::Id("msg_"), "This one alone; without it all that were given up.")],
);

pub(super) static ROUTES: &[Route] = &[
    Route {
        method: Method::GET,
        path: "/v1/webhooks",
        id: "listWebhooks",
        about: "All webhooks.",
        scope: Some(Scope::WebhooksRead),
        query: WORDS,
        takes: Takes::Nothing,
        gives: &[(200, Gives::Json(&WEBHOOKS))],
        handler: list,
        again: None,
    },
    Route {
        method: Method::POST,
        path: "/v1/webhooks",
        id: "createWebhook",
        about: "Sets a webhook up. It is off, and of contacts nothing leaves but ids until a person approves fields.",
        scope: Some(Scope::WebhooksWrite),
        query: &[],
        takes: Takes::Json(&NEW),
        gives: &[(201, Gives::Json(&WEBHOOK))],
        handler: create,
        again: Some(|asked, outcome| {
            let known = webhooks::find(asked.core(), outcome["webhook"].as_str().unwrap_or_default())?;
            made(asked, &known, None)
        }),
    },
    Route {
        method: Method::GET,
        path: "/v1/webhooks/{id}",
        id: "getWebhook",
        about: "A webhook.",
        scope: Some(Scope::WebhooksRead),
        query: &[],
        takes: Takes::Nothing,
        gives: &[(200, Gives::Json(&WEBHOOK))],
        handler: |asked| {
            let known = find(asked)?;
            Ok(tagged(&known, webhooks::counts(asked.core(), &known)?, asked.known()))
        },
        again: None,
    },
    Route {
        method: Method::PATCH,
        path: "/v1/webhooks/{id}",
        id: "updateWebhook",
        about: "Changes a webhook, or turns it on or off.",
        scope: Some(Scope::WebhooksWrite),
        query: &[],
        takes: Takes::Patch(&WRITE),
        gives: &[(200, Gives::Json(&WEBHOOK))],
        handler: update,
        again: None,
    },
    Route {
        method: Method::DELETE,
        path: "/v1/webhooks/{id}",
        id: "deleteWebhook",
        about: "Takes a webhook away, with what waits for it.",
        scope: Some(Scope::WebhooksWrite),
        query: &[],
        takes: Takes::Nothing,
        gives: &[(204, Gives::Nothing)],
        handler: |asked| {
            as_seen(asked, |id, seen| webhooks::remove_seen(asked.core(), id, seen, &asked.who))?;
            Ok(Answer::empty(StatusCode::NO_CONTENT))
        },
        again: None,
    },
    Route::deed(
        "/v1/webhooks/{id}/rotate",
        "rotateWebhook",
        "Gives a webhook a new secret; for a day messages are signed with both.",
        Scope::WebhooksWrite,
        &[(200, Gives::Json(&WEBHOOK))],
        |asked| {
            let secret = as_seen(asked, |id, seen| webhooks::rotate_seen(asked.core(), id, seen, &asked.who))?;
            let mut map = value(asked, &find(asked)?)?;
            map.insert("secret".to_owned(), secret.into());
            Ok(Answer::json(StatusCode::OK, &map))
        },
    ),
    Route {
        method: Method::GET,
        path: "/v1/webhooks/{id}/messages",
        id: "listWebhookMessages",
        about: "What a webhook was told of, the latest thousand, newest first.",
        scope: Some(Scope::WebhooksRead),
        query: WORDS,
        takes: Takes::Nothing,
        gives: &[(200, Gives::Json(&MESSAGES))],
        handler: messages,
        again: None,
    },
    Route {
        method: Method::POST,
        path: "/v1/webhooks/{id}/replay",
        id: "replayWebhook",
        about: "Tries messages again that were given up.",
        scope: Some(Scope::WebhooksWrite),
        query: &[],
        takes: Takes::Json(&REPLAY),
        gives: &[(200, Gives::Json(&REPLAYED))],
        handler: |asked| {
            let form = if asked.body.is_empty() { Map::new() } else { asked.form(&REPLAY)? };
            let message = text(&form, "message");
            let count = as_seen(asked, |id, seen| webhooks::replay_seen(asked.core(), id, message, seen, &asked.who))?;
            Ok(Answer::json(StatusCode::OK, &json!({ "messages": count })))
        },
        again: None,
    },
];

/// By its id alone: a name may change.
fn find(asked: &Asked) -> Result<Known, Problem> {
    let known = webhooks::find(asked.core(), asked.param(0))?;
    if known.kept.id == asked.param(0) { Ok(known) } else { Err(Problem::not_found()) }
}

/// Does something to a webhook where it is as the program read it, if it says so: that is looked
/// at inside the write. Every member counts, the figures too, and which secret it has.
fn as_seen<T>(
    asked: &Asked,
    work: impl FnOnce(&str, Option<&IsSeen<'_>>) -> Result<Option<T>, Error>,
) -> Result<T, Problem> {
    let known = find(asked)?;
    let said = asked.header(&header::IF_MATCH);
    let is_seen: &IsSeen<'_> = &|known, counts| {
        // It has the tag that was said: nothing would be sent.
        tagged(known, counts, said).status == StatusCode::NOT_MODIFIED
    };
    work(&known.kept.id, said.map(|_| is_seen))?.ok_or_else(stale)
}

/// What is told of a webhook, with its tag; nothing but the tag where the program has this one.
fn tagged(known: &Known, counts: (u32, u32), has: Option<&str>) -> Answer {
    Answer::json(StatusCode::OK, &told(known, counts)).tagged_by_body_and(&known.kept.seal, has)
}

fn approved(known: &Known) -> Vec<&'static str> {
    FIELDS.iter().map(|field| field.key).filter(|field| known.is_approved(field)).collect()
}

fn value(asked: &Asked, known: &Known) -> Result<Map<String, Value>, Problem> {
    Ok(told(known, webhooks::counts(asked.core(), known)?))
}

/// What is told of a webhook, with how many of its messages wait and were given up.
fn told(known: &Known, (waiting, dead): (u32, u32)) -> Map<String, Value> {
    let kept = &known.kept;
    let events: Vec<&str> = known.events.iter().map(|event| event.as_str()).collect();
    let value = json!({
        "id": kept.id, "name": kept.name, "url": kept.url, "events": events, "fields": approved(known),
        "state": kept.state, "waiting": waiting, "dead": dead, "heard_at": kept.heard_at.map(|at| at.to_rfc3339()),
        "status": kept.status, "created_at": kept.created_at.to_rfc3339(),
    });
    match value {
        Value::Object(map) => map,
        _ => Map::new(),
    }
}

fn list(asked: &Asked) -> Result<Answer, Problem> {
    let all = webhooks::all(asked.core())?;
    let keyed = |known: &Known| Ok::<_, Problem>((known.kept.name.clone(), Value::Object(value(asked, known)?)));
    page_of(asked, "webhooks", all.iter().map(keyed).collect::<Result<Vec<_>, _>>()?)
}

/// The events of a form; nothing where it says none.
fn events(form: &Map<String, Value>) -> Result<Option<BTreeSet<Event>>, Problem> {
    let Some(said) = words(form, "events") else { return Ok(None) };
    let mut events = BTreeSet::new();
    for (place, word) in said.iter().enumerate() {
        let known = || Event::ALL.map(|(_, word)| word).join(", ");
        let issue = || Issue::new(format!("events.{place}"), format!("is none of {}", known()));
        events.insert(Event::parse(word.trim()).ok_or_else(|| Problem::invalid(vec![issue()]))?);
    }
    Ok(Some(events))
}

fn create(asked: &Asked) -> Result<Answer, Problem> {
    let form = asked.form(&NEW)?;
    let events = events(&form)?;
    let said = |name: &str| text(&form, name).unwrap_or_default();
    let (mut known, secret) = webhooks::add(asked.core(), said("name"), said("url"), &asked.who)?;
    if let Some(events) = events {
        known = webhooks::set(asked.core(), &known.kept.id, &asked.who, |choice| *choice.events = events)?;
    }
    made(asked, &known, Some(secret))
}

fn made(asked: &Asked, known: &Known, secret: Option<String>) -> Result<Answer, Problem> {
    let mut map = value(asked, known)?;
    if let Some(secret) = secret {
        map.insert("secret".to_owned(), secret.into());
    }
    let place = format!("/v1/webhooks/{}", known.kept.id);
    let answer = Answer::json(StatusCode::CREATED, &map).with(header::LOCATION, place);
    Ok(answer.made(json!({ "webhook": known.kept.id })))
}

fn update(asked: &Asked) -> Result<Answer, Problem> {
    let form = asked.patch(&WRITE)?;
    let events = events(&form)?;
    let change = |choice: &mut Choice<'_>| put(choice, &form, events);
    let known = as_seen(asked, |id, seen| webhooks::set_seen(asked.core(), id, seen, &asked.who, change))?;
    Ok(Answer::json(StatusCode::OK, &value(asked, &known)?))
}

/// Writes what a form says on a webhook, unless it is to go elsewhere with what a person approved.
fn put(choice: &mut Choice<'_>, form: &Map<String, Value>, events: Option<BTreeSet<Event>>) -> Result<(), Error> {
    if let Some(url) = text(form, "url").filter(|url| url.trim() != choice.url.as_str()) {
        if choice.mapping.0.values().any(|rule| rule.approved) {
            let why = "a person approved what goes to this address; another one needs another webhook";
            return Err(Error::new(Code::Refused, Sentence::verbatim(why)));
        }
        url.clone_into(choice.url);
    }
    if let Some(name) = text(form, "name") {
        name.clone_into(choice.name);
    }
    if let Some(events) = events {
        *choice.events = events;
    }
    *choice.turn = flag(form, "on");
    Ok(())
}

fn messages(asked: &Asked) -> Result<Answer, Problem> {
    const MOST: u32 = 1_000;
    let known = find(asked)?;
    let sight = asked.sight()?;
    let all = webhooks::log(asked.core(), &known.kept.id, false, MOST)?;
    let mut told = Vec::with_capacity(all.len());
    for entry in all {
        let message = entry.message;
        let is_seen = programs::card(asked.core(), &sight, &message.subject).is_ok();
        let time = |at: Option<cardfile_core::domain::Millis>| at.map(|at| at.to_rfc3339());
        let one = json!({
            "id": message.id, "event": message.event, "contact_id": is_seen.then_some(message.subject),
            "at": message.at.to_rfc3339(), "state": message.state, "attempts": message.attempts,
            "status": message.status, "next_at": time(message.next_at), "ended_at": time(message.ended_at),
        });
        told.push((down(message.message), one));
    }
    page_of(asked, "messages", told)
}
