//! Lists that are short enough to be read whole, given page by page.

use crate::{
    answer::{Answer, Problem},
    asked::Asked,
    listing::{Cursor, bad_cursor},
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

/// A page of a list of which everything is at hand, each under its key and in the order of the keys.
pub(crate) fn page_of(asked: &Asked, about: &str, all: Vec<(String, Value)>) -> Result<Answer, Problem> {
    let total = all.len();
    let (data, next) = cut(asked, about, all)?;
    Ok(answer(asked, about, data, next, total))
}

/// Those of a list that are asked for, and after which key others follow.
pub(crate) fn cut<T>(asked: &Asked, about: &str, all: Vec<(String, T)>) -> Result<(Vec<T>, Option<String>), Problem> {
    let past = past(asked, about)?;
    let mut rest = all.into_iter().skip_while(|(key, _)| past.as_ref().is_some_and(|past| key <= past));
    let page: Vec<(String, T)> = rest.by_ref().take(limit(asked) as usize).collect();
    let last = page.last().map(|(key, _)| key.clone());
    let next = last.filter(|_| rest.next().is_some());
    Ok((page.into_iter().map(|(_, one)| one).collect(), next))
}

/// After which key a page begins; nothing for the first one.
pub(crate) fn past(asked: &Asked, about: &str) -> Result<Option<String>, Problem> {
    match asked.query.text("cursor") {
        "" => Ok(None),
        cursor => match Cursor::read(cursor, &named(asked, about))? {
            Cursor::Past(key) => Ok(Some(key)),
            Cursor::After(_) | Cursor::In { .. } => Err(bad_cursor()),
        },
    }
}

/// How many a page has at most.
pub(crate) fn limit(asked: &Asked) -> u32 {
    asked.query.number("limit", LIMIT)
}

/// A number as a key: the least comes first.
pub(crate) fn up(number: i64) -> String {
    format!("{:016x}", number.cast_unsigned() ^ (1 << 63))
}

/// The same where the largest comes first.
pub(crate) fn down(number: i64) -> String {
    up(!number)
}

/// A page, and the key after which others follow.
pub(crate) fn answer(asked: &Asked, about: &str, data: Vec<Value>, next: Option<String>, total: usize) -> Answer {
    let (more, next) = (next.is_some(), next.map(|key| Cursor::Past(key).write(&named(asked, about))));
    let page = json!({ "data": data, "next_cursor": next, "has_more": more, "total": total });
    Answer::json(StatusCode::OK, &page).tagged_by_body(asked.known())
}

/// A cursor is of one list of one client.
fn named(asked: &Asked, about: &str) -> String {
    format!("{} {about} {:?}", asked.client.id, asked.params)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_are_in_the_order_of_their_numbers() {
        let numbers = [i64::MIN, -10, -9, 0, 9, 10, i64::MAX];
        assert!(numbers.map(up).is_sorted());
        assert!(numbers.map(down).iter().rev().is_sorted());
    }
}
