//! Cursors: where a list goes on. In the order contacts were made a cursor is a place, which
//! holds for ever; in any other order it is a place in a list that is kept for a while, because
//! nothing else meets everybody once while others write. Of any other list it is the key of what
//! was given last: what is added before it, or taken away, moves nothing.

use crate::answer::Problem;
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use cardfile_core::domain::Millis;
use http::StatusCode;
use std::{
    collections::VecDeque,
    sync::{Arc, Mutex, PoisonError},
};

/// Where a list goes on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Cursor {
    /// After a place, in the order contacts were made.
    After(u32),
    /// At a place of a list that is kept.
    In {
        /// Which list.
        list: u64,
        /// Where in it.
        at: u32,
    },
    /// After a key, of what is read anew each time.
    Past(String),
}

/// A cursor that is none, or of something else.
pub(crate) fn bad_cursor() -> Problem {
    Problem::new(StatusCode::BAD_REQUEST, "bad_cursor", "this cursor is of no such list")
}

impl Cursor {
    /// As a program gets it. `about` says of what list it is: with another one it is refused.
    pub(crate) fn write(&self, about: &str) -> String {
        let said = match self {
            Self::After(row) => format!("r.{row}"),
            Self::In { list, at } => format!("s.{list}.{at}"),
            Self::Past(key) => format!("k.{key}"),
        };
        URL_SAFE_NO_PAD.encode(format!("{said}.{}", mark(about)))
    }

    /// As it was written for the same list.
    pub(crate) fn read(text: &str, about: &str) -> Result<Self, Problem> {
        let bytes = URL_SAFE_NO_PAD.decode(text).map_err(|_| bad_cursor())?;
        let said = String::from_utf8(bytes).map_err(|_| bad_cursor())?;
        let (place, own) = said.rsplit_once('.').ok_or_else(bad_cursor)?;
        if own != mark(about) {
            return Err(bad_cursor());
        }
        if let Some(key) = place.strip_prefix("k.") {
            return Ok(Self::Past(key.to_owned()));
        }
        let parts: Vec<&str> = place.split('.').collect();
        let number = |text: &str| text.parse::<u32>().map_err(|_| bad_cursor());
        match parts[..] {
            ["r", row] => Ok(Self::After(number(row)?)),
            ["s", list, at] => Ok(Self::In { list: list.parse().map_err(|_| bad_cursor())?, at: number(at)? }),
            _ => Err(bad_cursor()),
        }
    }
}

fn mark(about: &str) -> String {
    let digest = ring::digest::digest(&ring::digest::SHA256, about.as_bytes());
    URL_SAFE_NO_PAD.encode(&digest.as_ref()[..9])
}

/// Lists that are kept, the one that was used last at the end.
#[derive(Default)]
pub(crate) struct Lists(Mutex<Kept>);

#[derive(Default)]
struct Kept {
    made: u64,
    lists: VecDeque<List>,
}

struct List {
    number: u64,
    /// Of whom and of what it is: a number alone is guessed.
    about: String,
    rows: Arc<Vec<u32>>,
    used_at: Millis,
}

/// Rows of all lists together (32 MiB).
const ROWS: usize = 8 << 20;
/// Lists of one contact are as much work as lists of many.
const LISTS: usize = 256;
/// How long a list is kept that nobody asks for.
const KEPT_MS: i64 = 15 * 60_000;

impl Lists {
    /// Keeps a list; gives its number. The oldest give way.
    pub(crate) fn keep(&self, about: &str, rows: Vec<u32>, now: Millis) -> u64 {
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        kept.made += 1;
        let number = kept.made;
        kept.lists.push_back(List { number, about: about.to_owned(), rows: Arc::new(rows), used_at: now });
        let is_too_much = |lists: &VecDeque<List>| {
            lists.len() > LISTS || lists.iter().map(|list| list.rows.len()).sum::<usize>() > ROWS
        };
        while kept.lists.len() > 1 && is_too_much(&kept.lists) {
            kept.lists.pop_front();
        }
        number
    }

    /// A list of this that is still kept.
    pub(crate) fn get(&self, about: &str, number: u64, now: Millis) -> Result<Arc<Vec<u32>>, Problem> {
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let is_it = |list: &List| list.number == number && list.about == about && now.0 - list.used_at.0 < KEPT_MS;
        let place = kept.lists.iter().position(is_it);
        let Some(mut list) = place.and_then(|place| kept.lists.remove(place)) else {
            return Err(Problem::new(
                StatusCode::GONE,
                "cursor_expired",
                "the list this cursor is of is not kept any more",
            )
            .hint("Ask again without a cursor; without sort a cursor holds for ever."));
        };
        list.used_at = now;
        let rows = Arc::clone(&list.rows);
        kept.lists.push_back(list);
        Ok(rows)
    }

    /// Drops what nobody asked for in a while.
    pub(crate) fn expire(&self, now: Millis) {
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        kept.lists.retain(|list| now.0 - list.used_at.0 < KEPT_MS);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cursor_is_read_as_it_was_written_and_for_the_same_list_only() {
        for cursor in [Cursor::After(7), Cursor::In { list: 3, at: 200 }, Cursor::Past("a. b".to_owned())] {
            let text = cursor.write("cli_1 filter");
            assert_eq!(Cursor::read(&text, "cli_1 filter"), Ok(cursor));
            assert_eq!(Cursor::read(&text, "cli_2 filter").expect_err("another client").code, "bad_cursor");
        }
        for text in ["", "x", "!!", "ci4xLg", &URL_SAFE_NO_PAD.encode("r.1")] {
            Cursor::read(text, "").expect_err(text);
        }
    }

    #[test]
    fn the_oldest_lists_give_way_and_nobody_waits_for_ever() {
        let lists = Lists::default();
        let first = lists.keep("", vec![1; ROWS / 2], Millis(0));
        let second = lists.keep("", vec![2; ROWS / 2], Millis(0));
        assert_eq!(lists.get("", first, Millis(1)).map(|rows| rows[0]), Ok(1));
        lists.keep("", vec![3], Millis(1));
        assert_eq!(lists.get("", second, Millis(1)).expect_err("it gave way").status, StatusCode::GONE);
        lists.expire(Millis(KEPT_MS + 1));
        assert!(lists.get("", first, Millis(0)).is_err());
    }

    #[test]
    fn a_list_is_found_by_its_number_only_by_whose_it_is() {
        let lists = Lists::default();
        let number = lists.keep("cli_1 filter", vec![1], Millis(0));
        let refused = lists.get("cli_2 filter", number, Millis(1)).expect_err("of another client");
        assert_eq!(refused.status, StatusCode::GONE);
        assert_eq!(lists.get("cli_1 filter", number, Millis(1)).map(|rows| rows[0]), Ok(1));
    }
}
