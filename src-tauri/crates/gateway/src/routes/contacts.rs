//! Contacts, read: a list that goes on, and one with what belongs to it.

use super::{
    Gives, Route, Takes,
    paged::{CURSOR_WORD, LIMIT, LIMIT_WORD, page},
    part,
};
use crate::{
    answer::{Answer, JSON, Problem},
    asked::Asked,
    card::{self, CONTACT, FIELDS, Row},
    listing::{Cursor, bad_cursor},
    shape::{Issue, Kind, Member, Shape, may},
};
use cardfile_core::{
    Stored,
    clients::Scope,
    domain::{
        Part, PartKind,
        part::{Activity, Conversation, Memory, Note, Rating, Task},
    },
    parts,
    programs::{self, Asked as Wanted, Listing},
    view,
};
use http::{Method, StatusCode};
use serde_json::{Map, Value, json};

pub(super) static CONTACTS: Shape = page!("ContactPage", CONTACT);

pub(super) const FIELDS_WORD: Member =
    may("fields", Kind::List(&Kind::Word(&FIELDS), 60), "Only these members, with commas between them, and the id.");

/// The words that say which contacts are meant.
pub(super) const QUERY_WORD: Member =
    may("q", Kind::Text(500), "Part of a name, an email, a phone, a company or a tag, or how an id begins.");
pub(super) const FILTER_WORD: Member =
    may("filter", Kind::Text(5_000), "source:widget,api seen:<30d (stage:qualified or tag:vip) not company:none");
pub(super) const SEGMENT_WORD: Member = may("segment", Kind::Text(200), "Id or name of a saved view.");

const SORT_WORD: Member = may(
    "sort",
    Kind::List(&Kind::Text(100), 2),
    "Keys of columns, - in front means descending. Without it contacts come in the order they were made, and a \
     cursor holds for ever; with it for fifteen minutes.",
);

/// What may stand beside a contact, and what it takes to see it.
const INCLUDES: [(&str, Scope); 6] = [
    ("conversations", Scope::ConversationsRead),
    ("tasks", Scope::TasksRead),
    ("memories", Scope::MemoriesRead),
    ("notes", Scope::NotesRead),
    ("ratings", Scope::ContactsRead),
    ("activities", Scope::ContactsRead),
];

const INCLUDE_WORD: Member = may(
    "include",
    Kind::List(&Kind::Word(&["conversations", "tasks", "memories", "notes", "ratings", "activities"]), 6),
    "What belongs to the contact, the latest thousand of each.",
);

pub(super) static ROUTES: &[Route] = &[
    Route {
        method: Method::GET,
        path: "/v1/contacts",
        id: "listContacts",
        about: "Contacts page by page. Whoever goes on with the cursor meets nobody twice and misses nobody who was \
                there all the time, whatever others write meanwhile.",
        scope: Some(Scope::ContactsRead),
        query: &[
            QUERY_WORD,
            FILTER_WORD,
            SEGMENT_WORD,
            SORT_WORD,
            FIELDS_WORD,
            may("in", Kind::Word(&["bin"]), "The bin instead of everything else."),
            LIMIT_WORD,
            CURSOR_WORD,
        ],
        takes: Takes::Nothing,
        gives: &[(200, Gives::Json(&CONTACTS))],
        handler: list,
        again: None,
    },
    Route {
        method: Method::GET,
        path: "/v1/contacts/{id}",
        id: "getContact",
        about: "A contact with everything that it says.",
        scope: Some(Scope::ContactsRead),
        query: &[FIELDS_WORD, INCLUDE_WORD],
        takes: Takes::Nothing,
        gives: &[(200, Gives::Json(&CONTACT))],
        handler: get,
        again: None,
    },
];

/// What a request says of which contacts.
pub(super) fn wanted(asked: &Asked) -> Wanted {
    Wanted {
        query: asked.query.text("q").to_owned(),
        filter: asked.query.text("filter").to_owned(),
        sort: asked.query.words("sort"),
        in_bin: asked.query.text("in") == "bin",
        segment: asked.query.text("segment").to_owned(),
    }
}

/// A kept list, and a cursor, is of one client and of these words.
fn about(asked: &Asked, wanted: &Wanted) -> String {
    format!("{} {wanted:?}", asked.client.id)
}

fn list(asked: &Asked) -> Result<Answer, Problem> {
    let (core, sight, wanted) = (asked.core(), asked.sight()?, wanted(asked));
    check_sort(asked, &wanted.sort)?;
    let limit = asked.query.number("limit", LIMIT) as usize;
    let about = about(asked, &wanted);
    let cursor = match asked.query.text("cursor") {
        "" => None,
        text => Some(Cursor::read(text, &about)?),
    };
    // A view brings its own order.
    let in_order = !wanted.sort.is_empty() || !wanted.segment.is_empty();
    let (listing, next) = match cursor {
        None if !in_order => first(programs::page(core, &sight, &wanted, 0, limit)),
        Some(Cursor::After(row)) if !in_order => first(programs::page(core, &sight, &wanted, row, limit)),
        None => {
            let rows = programs::in_order(core, &sight, &wanted).map_err(in_query)?;
            let list = asked.shared.lists.keep(&about, rows, asked.now());
            slice(asked, &sight, &wanted, (list, 0), limit)
        }
        Some(Cursor::In { list, at }) if in_order => slice(asked, &sight, &wanted, (list, at as usize), limit),
        Some(Cursor::After(_) | Cursor::In { .. } | Cursor::Past(_)) => Err(bad_cursor()),
    }?;
    let next = next.map(|next| next.write(&about));
    let fields = asked.query.words("fields");
    let text = if fields.is_empty() {
        let mut data = Vec::with_capacity(listing.rows.len());
        programs::outlines(core, &listing.rows, |outline, tags| data.push(Row::of(&outline, tags)))?;
        written(&data, next.as_ref(), &listing)
    } else {
        let all = view::contacts(core, &listing.rows)?;
        let data: Vec<Map<String, Value>> = all.iter().flatten().map(|stored| card::pick(stored, &fields)).collect();
        written(&data, next.as_ref(), &listing)
    };
    Ok(Answer::text(StatusCode::OK, JSON, text).tagged_by_body(asked.known()))
}

fn written<T: serde::Serialize>(data: &[T], next: Option<&String>, listing: &Listing) -> Vec<u8> {
    #[derive(serde::Serialize)]
    struct Page<'p, T> {
        data: &'p [T],
        next_cursor: Option<&'p String>,
        has_more: bool,
        total: u32,
    }
    let page = Page { data, next_cursor: next, has_more: listing.more, total: listing.total };
    serde_json::to_vec(&page).unwrap_or_default()
}

/// A page, and where it goes on: after its last place.
fn first(page: Result<Listing, cardfile_core::Error>) -> Result<(Listing, Option<Cursor>), Problem> {
    let listing = page.map_err(in_query)?;
    let next = listing.rows.last().filter(|_| listing.more).map(|row| Cursor::After(*row));
    Ok((listing, next))
}

/// A page of a list that is kept, without those who may not be in it any more.
fn slice(
    asked: &Asked,
    sight: &programs::Sight,
    wanted: &Wanted,
    (list, at): (u64, usize),
    limit: usize,
) -> Result<(Listing, Option<Cursor>), Problem> {
    let rows = asked.shared.lists.get(&about(asked, wanted), list, asked.now())?;
    let (from, to) = (at.min(rows.len()), (at + limit).min(rows.len()));
    let seen = programs::still(asked.core(), sight, wanted, &rows[from..to]).map_err(in_query)?;
    let more = to < rows.len();
    let next = u32::try_from(to).ok().filter(|_| more).map(|at| Cursor::In { list, at });
    Ok((Listing { rows: seen, total: u32::try_from(rows.len()).unwrap_or(u32::MAX), more }, next))
}

/// A filter or a view that makes no sense is a fault of the words, not of a body.
pub(super) fn in_query(error: cardfile_core::Error) -> Problem {
    Problem::bad_request(error.message.to_string())
}

/// A column that is not there would be an order by nothing.
fn check_sort(asked: &Asked, sort: &[String]) -> Result<(), Problem> {
    const COLUMNS: [&str; 11] = [
        "name",
        "email",
        "phone",
        "company",
        "source",
        "stage",
        "conversation_count",
        "first_seen",
        "last_seen",
        "created_at",
        "updated_at",
    ];
    for key in sort {
        let bare = key.strip_prefix('-').unwrap_or(key);
        let is_custom = || -> Result<bool, Problem> {
            let fields = asked.core().custom_fields()?;
            Ok(bare.strip_prefix("custom.").is_some_and(|bare| fields.iter().any(|field| field.key == bare)))
        };
        if !COLUMNS.contains(&bare) && !is_custom()? {
            let mut problem = Problem::invalid(vec![Issue::new("sort", format!("there is no column {bare}"))]);
            problem.status = StatusCode::BAD_REQUEST;
            return Err(problem);
        }
    }
    Ok(())
}

fn get(asked: &Asked) -> Result<Answer, Problem> {
    let stored = programs::card(asked.core(), &asked.sight()?, asked.param(0))?;
    answer(asked, StatusCode::OK, &stored)
}

/// A contact as an answer, with what the request asks for.
pub(super) fn answer(asked: &Asked, status: StatusCode, stored: &Stored) -> Result<Answer, Problem> {
    let fields = asked.query.words("fields");
    let mut map = if fields.is_empty() { card::value(stored) } else { card::pick(stored, &fields) };
    for (name, scope) in INCLUDES {
        if asked.query.words("include").iter().any(|word| word == name) {
            asked.need(scope)?;
            map.insert(name.to_owned(), included(asked, stored, name)?);
        }
    }
    let known = if status == StatusCode::OK { asked.known() } else { None };
    Ok(Answer::json(status, &map).tagged(&part::tag(stored.version), known))
}

fn included(asked: &Asked, stored: &Stored, name: &str) -> Result<Value, Problem> {
    match name {
        "conversations" => latest::<Conversation>(asked, stored),
        "tasks" => latest::<Task>(asked, stored),
        "memories" => latest::<Memory>(asked, stored),
        "notes" => latest::<Note>(asked, stored),
        "ratings" => latest::<Rating>(asked, stored),
        _ => latest::<Activity>(asked, stored),
    }
}

fn latest<T: Part>(asked: &Asked, stored: &Stored) -> Result<Value, Problem> {
    const MOST: usize = 1_000;
    let all = parts::of::<T>(asked.core(), stored)?;
    let latest = &all[all.len().saturating_sub(MOST)..];
    let mut values: Vec<Value> = latest.iter().map(|one| Value::Object(part::value(one))).collect();
    if T::KIND == PartKind::Activity {
        // What came with an activity is JSON as text; a program reads it as what it is.
        for value in &mut values {
            let detail = value["detail"].as_str().and_then(|text| serde_json::from_str::<Value>(text).ok());
            value["detail"] = detail.unwrap_or_else(|| json!(null));
        }
    }
    Ok(values.into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn everything_that_may_be_included_is_a_word_and_is_described() {
        let Kind::List(Kind::Word(words), _) = INCLUDE_WORD.kind else { panic!("a list of words") };
        assert_eq!(INCLUDES.map(|(name, _)| name).to_vec(), words.to_vec());
        for word in words.iter() {
            assert!(CONTACT.members.iter().any(|member| member.name == *word), "{word}");
        }
    }
}
