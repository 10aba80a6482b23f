//! Conversations and their messages.

use super::{
    Gives, Route, Takes,
    paged::{self, WORDS, down, page, page_of},
    part,
};
use crate::{
    answer::{Answer, Problem},
    asked::{Asked, flag, stale, text, time},
    listing::bad_cursor,
    shape::{ANY, Kind, Shape, any, may, must, null, shape},
};
use cardfile_core::{
    clients::Scope,
    conversations::{self, Incoming},
    domain::{
        Millis,
        part::{Conversation, Message, Role},
    },
    programs,
};
use http::{Method, StatusCode, header};
use serde_json::{Map, Value, json};

/// Messages that are added at once.
const MESSAGES: usize = 1_000;

static CONVERSATION: Shape = shape(
    "Conversation",
    "An exchange of messages.",
    &[
        must("id", Kind::Id("cnv_"), ""),
        null("contact_id", Kind::Id("ctc_"), "Null as long as nobody knows with whom it was held."),
        null("platform", Kind::Text(ANY), "widget, email, whatsapp or another word."),
        null("title", Kind::Text(ANY), ""),
        null("external_id", Kind::Text(ANY), "Its ID at the platform."),
        null("session_key", Kind::Text(ANY), ""),
        null("page_url", Kind::Text(ANY), ""),
        must("unread", Kind::Flag, ""),
        null("first_at", Kind::Time, ""),
        null("last_at", Kind::Time, ""),
        must("messages", Kind::Whole(0, 4_294_967_295), "How many there are."),
        must("created_at", Kind::Time, ""),
        must("updated_at", Kind::Time, ""),
        must("version", Kind::Whole(0, 9_007_199_254_740_991), ""),
    ],
);

static CONVERSATIONS: Shape = page!("ConversationPage", CONVERSATION);

const ROLES: Kind = Kind::Word(&["contact", "agent", "staff"]);

static MESSAGE: Shape = shape(
    "Message",
    "",
    &[
        must("id", Kind::Id("msg_"), ""),
        must("role", ROLES, "Who wrote."),
        null("author", Kind::Text(ANY), "Name of the writer; null for the contact."),
        null("text", Kind::Text(ANY), ""),
        null("external_id", Kind::Text(ANY), ""),
        must("at", Kind::Time, ""),
    ],
);

static MESSAGES_PAGE: Shape = page!("MessagePage", MESSAGE);

static MESSAGE_WRITE: Shape = shape(
    "MessageWrite",
    "",
    &[
        must("role", ROLES, "Who wrote."),
        must("text", Kind::Text(100_000), ""),
        must("at", Kind::Time, ""),
        may("author", Kind::Text(200), ""),
        may("external_id", Kind::Text(500), "One that is here already is not added again."),
    ],
);

static WRITE: Shape = shape(
    "ConversationWrite",
    "",
    &[
        must("platform", Kind::Said(100), "widget, email, whatsapp or another word."),
        may("title", Kind::Text(1_000), ""),
        may("external_id", Kind::Text(500), "One that is here already gets the messages it lacks."),
        may("page_url", Kind::Text(2_000), ""),
        may("unread", Kind::Flag, ""),
        may("messages", Kind::List(&Kind::Object(&MESSAGE_WRITE), MESSAGES), ""),
    ],
);

static MORE: Shape = shape(
    "MessagesWrite",
    "",
    &[must("messages", Kind::List(&Kind::Object(&MESSAGE_WRITE), MESSAGES), ""), any("unread", Kind::Flag, "")],
);

pub(super) static ROUTES: &[Route] = &[
    Route {
        method: Method::GET,
        path: "/v1/contacts/{id}/conversations",
        id: "listConversations",
        about: "The conversations with a contact, oldest first.",
        scope: Some(Scope::ConversationsRead),
        query: WORDS,
        takes: Takes::Nothing,
        gives: &[(200, Gives::Json(&CONVERSATIONS))],
        handler: |asked| page_of(asked, "conversations", part::of_card::<Conversation>(asked)?),
        again: None,
    },
    Route {
        method: Method::POST,
        path: "/v1/contacts/{id}/conversations",
        id: "createConversation",
        about: "Adds a conversation, or to one that is here the messages it lacks.",
        scope: Some(Scope::ConversationsWrite),
        query: &[],
        takes: Takes::Json(&WRITE),
        gives: &[(201, Gives::Json(&CONVERSATION))],
        handler: create,
        again: Some(|asked, outcome| part::made_again::<Conversation>(asked, outcome, "/v1/conversations")),
    },
    Route {
        method: Method::GET,
        path: "/v1/conversations",
        id: "listWaitingConversations",
        about: "Conversations of nobody known, and those with unread messages, the latest first.",
        scope: Some(Scope::ConversationsRead),
        query: WORDS,
        takes: Takes::Nothing,
        gives: &[(200, Gives::Json(&CONVERSATIONS))],
        handler: waiting,
        again: None,
    },
    Route {
        method: Method::GET,
        path: "/v1/conversations/{id}",
        id: "getConversation",
        about: "A conversation, without its messages.",
        scope: Some(Scope::ConversationsRead),
        query: &[],
        takes: Takes::Nothing,
        gives: &[(200, Gives::Json(&CONVERSATION))],
        handler: |asked| part::answer::<Conversation>(asked, StatusCode::OK, asked.param(0)),
        again: None,
    },
    Route {
        method: Method::DELETE,
        path: "/v1/conversations/{id}",
        id: "deleteConversation",
        about: "Takes a conversation away with its messages; an undo in the window brings it back.",
        scope: Some(Scope::ConversationsWrite),
        query: &[],
        takes: Takes::Nothing,
        gives: &[(204, Gives::Nothing)],
        handler: part::remove::<Conversation>,
        again: None,
    },
    Route {
        method: Method::GET,
        path: "/v1/conversations/{id}/messages",
        id: "listMessages",
        about: "The messages of a conversation, oldest first.",
        scope: Some(Scope::ConversationsRead),
        query: WORDS,
        takes: Takes::Nothing,
        gives: &[(200, Gives::Json(&MESSAGES_PAGE))],
        handler: messages,
        again: None,
    },
    Route {
        method: Method::POST,
        path: "/v1/conversations/{id}/messages",
        id: "addMessages",
        about: "Adds messages; those that are here already are not added again.",
        scope: Some(Scope::ConversationsWrite),
        query: &[],
        takes: Takes::Json(&MORE),
        gives: &[(200, Gives::Json(&CONVERSATION))],
        handler: add,
        again: None,
    },
    Route {
        method: Method::POST,
        path: "/v1/conversations/{id}/claim",
        id: "claimConversation",
        about: "Gives a conversation of nobody to the contact it was held with.",
        scope: Some(Scope::ConversationsWrite),
        query: &[],
        takes: Takes::Json(&CLAIM),
        gives: &[(200, Gives::Json(&CONVERSATION))],
        handler: claim,
        again: None,
    },
];

static CLAIM: Shape = shape("ConversationClaim", "", &[must("contact_id", Kind::Id("ctc_"), "")]);

fn create(asked: &Asked) -> Result<Answer, Problem> {
    let form = asked.form(&WRITE)?;
    let stored = programs::card(asked.core(), &asked.sight()?, asked.param(0))?;
    let string = |name: &str| text(&form, name).unwrap_or_default().trim().to_owned();
    let about = Conversation {
        platform: string("platform").to_lowercase(),
        title: string("title"),
        external_id: text(&form, "external_id").unwrap_or_default().to_owned(),
        page_url: string("page_url"),
        unread: flag(&form, "unread").unwrap_or_default(),
        ..Conversation::default()
    };
    let incoming = Incoming { about, messages: written(&form) };
    let (id, _) = conversations::add(asked.core(), Some(stored.contact.id.as_str()), &incoming, &asked.who)?;
    part::made::<Conversation>(asked, &id, "/v1/conversations")
}

/// Messages as a checked form has them.
fn written(form: &Map<String, Value>) -> Vec<Message> {
    let all = form.get("messages").and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_object);
    all.map(|one| Message {
        role: match text(one, "role") {
            Some("agent") => Role::Agent,
            Some("staff") => Role::Staff,
            _ => Role::Contact,
        },
        author: text(one, "author").unwrap_or_default().to_owned(),
        text: text(one, "text").unwrap_or_default().to_owned(),
        external_id: text(one, "external_id").unwrap_or_default().to_owned(),
        at: time(one, "at").unwrap_or_default(),
        ..Message::default()
    })
    .collect()
}

fn waiting(asked: &Asked) -> Result<Answer, Problem> {
    let mut all = conversations::all_waiting(asked.core())?;
    // Of whom the program does not see, it does not see the conversations either.
    let mut owners: Vec<u32> = all.iter().filter_map(|one| one.contact).collect();
    owners.sort_unstable();
    owners.dedup();
    let seen = programs::seen_of(asked.core(), &asked.sight()?, &owners)?;
    all.retain(|one| one.contact.is_none_or(|owner| seen.binary_search(&owner).is_ok()));
    let total = all.len();
    let latest = |at: Option<Millis>| at.map_or(i64::MIN, |at| at.0);
    let keyed = all.into_iter().map(|one| (down(latest(one.last_at)) + &down(one.row), one.id));
    let (page, next) = paged::cut(asked, "waiting", keyed.collect::<Vec<(String, String)>>())?;
    let mut data = Vec::with_capacity(page.len());
    for id in page {
        match part::find::<Conversation>(asked, &id) {
            Ok((_, map)) => data.push(Value::Object(map)),
            // It was taken away since.
            Err(problem) if problem.status == StatusCode::NOT_FOUND => {}
            Err(problem) => return Err(problem),
        }
    }
    Ok(paged::answer(asked, "waiting", data, next, total))
}

fn messages(asked: &Asked) -> Result<Answer, Problem> {
    let (stored, _) = part::find::<Conversation>(asked, asked.param(0))?;
    let past = paged::past(asked, "messages")?.map(|key| place(&key)).transpose()?;
    let limit = paged::limit(asked);
    let mut all = conversations::messages_past(asked.core(), stored.row, past, limit + 1)?;
    let more = all.len() > limit as usize;
    all.truncate(limit as usize);
    let next = all.last().filter(|_| more).map(|last| format!("{}.{}", last.value.at.0, last.row));
    let data = all.iter().map(|one| message(&one.value)).collect();
    Ok(paged::answer(asked, "messages", data, next, stored.value.messages as usize))
}

/// Time and place of a message, as its key in a list has them.
fn place(key: &str) -> Result<(Millis, i64), Problem> {
    let (at, row) = key.split_once('.').ok_or_else(bad_cursor)?;
    let number = |text: &str| text.parse::<i64>().map_err(|_| bad_cursor());
    Ok((Millis(number(at)?), number(row)?))
}

fn message(message: &Message) -> Value {
    let or_null = |text: &str| if text.is_empty() { Value::Null } else { text.into() };
    json!({
        "id": message.id, "role": message.role, "author": or_null(&message.author), "text": or_null(&message.text),
        "external_id": or_null(&message.external_id), "at": message.at.to_rfc3339(),
    })
}

fn add(asked: &Asked) -> Result<Answer, Problem> {
    let form = asked.form(&MORE)?;
    part::find::<Conversation>(asked, asked.param(0))?;
    let (id, seen, unread) = (asked.param(0), asked.version()?, flag(&form, "unread").unwrap_or_default());
    let added = conversations::add_messages(asked.core(), id, seen, &written(&form), unread, &asked.who)?;
    added.ok_or_else(stale)?;
    part::answer::<Conversation>(asked, StatusCode::OK, asked.param(0))
}

fn claim(asked: &Asked) -> Result<Answer, Problem> {
    let form = asked.form(&CLAIM)?;
    part::find::<Conversation>(asked, asked.param(0))?;
    let stored = programs::card(asked.core(), &asked.sight()?, text(&form, "contact_id").unwrap_or_default())?;
    let (id, seen, contact) = (asked.param(0), asked.version()?, stored.contact.id.as_str());
    conversations::claim_seen(asked.core(), id, seen, contact, &asked.who)?.ok_or_else(stale)?;
    let answer = part::answer::<Conversation>(asked, StatusCode::OK, asked.param(0))?;
    Ok(answer.with(header::CONTENT_LOCATION, format!("/v1/conversations/{}", asked.param(0))))
}
