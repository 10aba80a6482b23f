//! Lists that are short enough to be read whole, given page by page.

use crate::{
    answer::{Answer, Problem},
    asked::Asked,
    listing::Cursor,
    shape::{Kind, Member, may},
};
use http::StatusCode;
use serde_json::{Value, json};

/// Rows of a page, until a program says otherwise.
pub(crate) const LIMIT: u32 = 100;

/// The words of every list.
pub(crate) const LIMIT_WORD: Member =
    may("limit", Kind::Whole(1, 1000), "How many at most, 100 where nothing is said.");
pub(crate) const CURSOR_WORD: Member =
    may("cursor", Kind::Text(2_000), "Where the list goes on: next_cursor of the page before.");

/// The words of a list that has no others.
pub(crate) const WORDS: &[Member] = &[LIMIT_WORD, CURSOR_WORD];

/// The shape of a page of something.
macro_rules! page {
    ($name:literal, $of:expr) => {
        $crate::shape::shape(
            $name,
            "A page of a list.",
            &[
                $crate::shape::must("data", $crate::shape::Kind::List(&$crate::shape::Kind::Object(&$of), 1_000), ""),
                $crate::shape::null(
                    "next_cursor",
                    $crate::shape::Kind::Text(2_000),
                    "Where the list goes on; null at its end.",
                ),
                $crate::shape::must("has_more", $crate::shape::Kind::Flag, ""),
                $crate::shape::must(
                    "total",
                    $crate::shape::Kind::Whole(0, 4_294_967_295),
                    "How many there are in all.",
                ),
            ],
        )
    };
}
pub(crate) use page;

/// A page of a list of which everything is at hand.
pub(crate) fn page_of(asked: &Asked, about: &str, all: Vec<Value>) -> Result<Answer, Problem> {
    let total = all.len();
    let (from, to) = window(asked, about, total)?;
    let data: Vec<Value> = all.into_iter().skip(from).take(to - from).collect();
    Ok(answer(asked, about, data, to, total))
}

/// Which of so many are asked for.
pub(crate) fn window(asked: &Asked, about: &str, total: usize) -> Result<(usize, usize), Problem> {
    let from = match asked.query.text("cursor") {
        "" => 0,
        cursor => match Cursor::read(cursor, &named(asked, about))? {
            Cursor::At(at) => at as usize,
            Cursor::After(_) | Cursor::In { .. } => 0,
        },
    };
    let limit = asked.query.number("limit", LIMIT) as usize;
    let from = from.min(total);
    Ok((from, (from + limit).min(total)))
}

/// A page that ends at a place.
pub(crate) fn answer(asked: &Asked, about: &str, data: Vec<Value>, to: usize, total: usize) -> Answer {
    let more = to < total;
    let next = u32::try_from(to).ok().filter(|_| more).map(|at| Cursor::At(at).write(&named(asked, about)));
    let page = json!({ "data": data, "next_cursor": next, "has_more": more, "total": total });
    Answer::json(StatusCode::OK, &page).tagged_by_body(asked.known())
}

/// A cursor is of one list of one client.
fn named(asked: &Asked, about: &str) -> String {
    format!("{} {about} {:?}", asked.client.id, asked.params)
}
