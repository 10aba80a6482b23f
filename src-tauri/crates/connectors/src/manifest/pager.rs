//! One list, page by page, however a system goes on. A page that failed is asked for again.

use super::{
    call::Call,
    exchange::Heard,
    given::Given,
    ops::{Paging, PagingKind},
    pointer::Pointer,
    wire::Wire,
};
use cardfile_sync::run::Failure;
use serde_json::Value as Json;

/// No list has more pages.
const MOST: u32 = 500_000;

/// Where a list goes on.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Position {
    Cursor(String),
    Number(u64),
    Offset(u64),
    Link(String),
    End,
}

/// What a list is about, beside the contacts themselves.
#[derive(Debug, Clone, Default)]
pub(super) struct Topic {
    pub(super) remote_id: String,
    pub(super) external_id: String,
    pub(super) item: String,
    /// Milliseconds since 1970.
    pub(super) since: Option<i64>,
    /// Places that are mapped.
    pub(super) places: Vec<Pointer>,
}

/// A list, and how far it was read.
pub(super) struct Pager {
    topic: Topic,
    position: Position,
    pages: u32,
    /// Of a list in which records are counted: the page before.
    before: Vec<Json>,
    /// How many there are, as far as the system says so.
    pub(super) total: Option<u64>,
}

/// A page of a list.
pub(super) enum Turn {
    /// Its records.
    Page(Vec<Json>),
    /// The place in the list is not known any more.
    Expired,
}

impl Pager {
    /// From the beginning.
    pub(super) fn new(call: &Call, topic: Topic) -> Self {
        let position = match call.op.paging.as_ref() {
            Some(Paging { kind: PagingKind::Page, first, .. }) => Position::Number(*first),
            Some(Paging { kind: PagingKind::Offset, .. }) => Position::Offset(0),
            Some(Paging { kind: PagingKind::Cursor | PagingKind::Link, .. }) | None => Position::Cursor(String::new()),
        };
        Self { topic, position, pages: 0, before: Vec::new(), total: None }
    }

    /// Whether all of it was read.
    pub(super) fn is_over(&self) -> bool {
        self.position == Position::End
    }

    /// The next page.
    pub(super) async fn next(&mut self, wire: &Wire, call: &Call) -> Result<Turn, Failure> {
        if self.pages >= MOST {
            return Err(Failure::Refused("the system never comes to the end of its list".into()));
        }
        let mut given = Given {
            remote_id: &self.topic.remote_id,
            external_id: &self.topic.external_id,
            item: &self.topic.item,
            since: self.topic.since,
            places: &self.topic.places,
            ..Given::default()
        };
        let value = match &self.position {
            Position::Cursor(cursor) => {
                given.cursor = cursor;
                cursor.clone()
            }
            Position::Number(number) => {
                given.number = Some(*number);
                number.to_string()
            }
            Position::Offset(offset) => {
                given.offset = Some(*offset);
                offset.to_string()
            }
            Position::Link(_) | Position::End => String::new(),
        };
        let heard = match &self.position {
            Position::Link(link) => wire.follow(call, link).await?,
            _ => {
                let config = Given { config: Some(&wire.config), ..given };
                let at = call.param(&config).filter(|_| !value.is_empty()).map(|param| (param, value));
                wire.ask_at(call, &given, at).await?
            }
        };
        if call.op.expired.contains(&heard.status) && self.pages > 0 {
            return Ok(Turn::Expired);
        }
        if !call.op.is_ok(heard.status) {
            return Err(wire.failure(&heard));
        }
        let json = wire.json(&heard)?;
        let next = self.after(call.op.paging.as_ref(), &heard, &json, listed(call, &json)?);
        if next == self.position {
            return Err(Failure::Refused("the system never comes to the end of its list".into()));
        }
        self.position = next;
        self.pages += 1;
        Ok(Turn::Page(items(call, json)?))
    }

    fn after(&mut self, paging: Option<&Paging>, heard: &Heard, json: &Json, items: &[Json]) -> Position {
        let Some(paging) = paging else { return Position::End };
        let number = |pointer: &Option<Pointer>| pointer.as_ref()?.of(json)?.as_u64();
        self.total = number(&paging.total).or(self.total);
        let is_empty = items.is_empty();
        match (paging.kind, &self.position) {
            (PagingKind::Cursor, _) => match paging.next.as_ref().and_then(|next| next.text(json)) {
                Some(cursor) if !is_empty => Position::Cursor(cursor),
                _ => Position::End,
            },
            (PagingKind::Link, _) => {
                let said = match &paging.next {
                    Some(next) => next.text(json),
                    None => link(heard, "next"),
                };
                said.map_or(Position::End, Position::Link)
            }
            (PagingKind::Page, Position::Number(at)) => {
                let read = at.saturating_sub(paging.first).saturating_add(1);
                let by_pages = number(&paging.total_pages).map(|pages| read >= pages);
                let by_records = self.total.zip(paging.size).map(|(total, size)| read.saturating_mul(size) >= total);
                let is_last = is_empty || by_pages.or(by_records).unwrap_or(false);
                if is_last { Position::End } else { Position::Number(at + 1) }
            }
            (PagingKind::Offset, Position::Offset(at)) => {
                // By what came and was not in the page before: pages may be shorter than was asked
                // for, and may begin with the end of the one before.
                let new = items.len() - repeated(&self.before, items);
                let next = at.saturating_add(new as u64);
                let is_last = is_empty || self.total.is_some_and(|total| next >= total);
                self.before = items.to_vec();
                if is_last { Position::End } else { Position::Offset(next) }
            }
            (PagingKind::Page | PagingKind::Offset, _) => Position::End,
        }
    }
}

/// With how much of the end of one page another one begins.
fn repeated(before: &[Json], now: &[Json]) -> usize {
    let most = before.len().min(now.len());
    (1..=most).rev().find(|count| before[before.len() - count..] == now[..*count]).unwrap_or(0)
}

/// The records of an answer, taken out of it: of a long list nobody needs a copy.
pub(super) fn items(call: &Call, mut json: Json) -> Result<Vec<Json>, Failure> {
    listed(call, &json)?;
    let place = call.op.items.clone().unwrap_or_default();
    Ok(match place.take(&mut json) {
        Json::Array(all) => all,
        _ => Vec::new(),
    })
}

/// The records of an answer, where they are.
fn listed<'j>(call: &Call, json: &'j Json) -> Result<&'j [Json], Failure> {
    let pointer = call.op.items.clone().unwrap_or_default();
    match pointer.of(json) {
        Some(Json::Array(all)) => Ok(all.as_slice()),
        // Nothing to list.
        Some(Json::Null) => Ok(&[]),
        _ => Err(Failure::Unreachable(format!("an answer of the server has no list at {pointer:?}"))),
    }
}

/// An address of the `Link` header (RFC 8288), by its relation.
pub(super) fn link(heard: &Heard, relation: &str) -> Option<String> {
    let header = heard.header("link")?;
    header.split(',').find_map(|one| {
        let (address, rest) = one.trim().strip_prefix('<')?.split_once('>')?;
        let is_it = rest.split(';').filter_map(|part| part.trim().split_once('=')).any(|(name, value)| {
            name.trim().eq_ignore_ascii_case("rel")
                && value.trim().trim_matches('"').split(' ').any(|one| one == relation)
        });
        is_it.then(|| address.to_owned())
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use rstest::rstest;
    use serde_json::json;

    fn paging(json: Json) -> Paging {
        serde_json::from_value(json).expect("a paging")
    }

    fn after(paging: &Paging, position: Position, json: &Json, items: u64) -> Position {
        let items: Vec<Json> = (0..items).map(Json::from).collect();
        pager(position).after(Some(paging), &Heard::default(), json, &items)
    }

    fn pager(position: Position) -> Pager {
        Pager { topic: Topic::default(), position, pages: 0, before: Vec::new(), total: None }
    }

    #[rstest]
    #[case::a_word(json!({ "next": "c2" }), 5, Position::Cursor("c2".into()))]
    #[case::a_number_as_a_word(json!({ "next": 7 }), 5, Position::Cursor("7".into()))]
    #[case::none(json!({ "next": null }), 5, Position::End)]
    #[case::a_word_and_nothing_else(json!({ "next": "c2" }), 0, Position::End)]
    fn a_cursor_leads_on(#[case] answer: Json, #[case] items: u64, #[case] expected: Position) {
        let paging = paging(json!({ "kind": "cursor", "next": "/next" }));
        assert_eq!(after(&paging, Position::Cursor(String::new()), &answer, items), expected);
    }

    #[rstest]
    #[case::of_three(json!({ "pages": 3 }), json!({ "total_pages": "/pages" }), 2, 5, Position::Number(3))]
    #[case::the_last_of_three(json!({ "pages": 3 }), json!({ "total_pages": "/pages" }), 3, 5, Position::End)]
    #[case::by_records(json!({ "count": 16 }), json!({ "total": "/count", "size": 15 }), 1, 15, Position::Number(2))]
    #[case::by_records_the_last(json!({ "count": 30 }), json!({ "total": "/count", "size": 15 }), 2, 15, Position::End)]
    #[case::nobody_counts(json!({}), json!({}), 1, 3, Position::Number(2))]
    #[case::nobody_counts_and_it_is_empty(json!({}), json!({}), 2, 0, Position::End)]
    fn pages_are_counted(
        #[case] answer: Json,
        #[case] rules: Json,
        #[case] at: u64,
        #[case] items: u64,
        #[case] expected: Position,
    ) {
        let mut all = json!({ "kind": "page" });
        let rules = rules.as_object().expect("rules").clone();
        all.as_object_mut().expect("an object").extend(rules);
        assert_eq!(after(&paging(all), Position::Number(at), &answer, items), expected);
    }

    #[test]
    fn records_are_counted() {
        let paging = paging(json!({ "kind": "offset", "total": "/count" }));
        let answer = json!({ "count": 150 });
        assert_eq!(after(&paging, Position::Offset(0), &answer, 100), Position::Offset(100));
        assert_eq!(after(&paging, Position::Offset(100), &answer, 50), Position::End);
        assert_eq!(after(&paging, Position::Offset(0), &answer, 60), Position::Offset(60), "a page that was cut short");
    }

    #[test]
    fn what_a_page_says_once_more_is_not_counted() {
        let paging = paging(json!({ "kind": "offset" }));
        let rows = |from: u64, to: u64| (from..to).map(Json::from).collect::<Vec<_>>();
        let mut pager = pager(Position::Offset(0));
        for (from, to) in [(0, 4), (2, 8), (6, 12)] {
            pager.position = pager.after(Some(&paging), &Heard::default(), &json!([]), &rows(from, to));
            assert_eq!(pager.position, Position::Offset(to));
        }
        let again = pager.after(Some(&paging), &Heard::default(), &json!([]), &rows(6, 12));
        assert_eq!(again, pager.position, "a list that does not go on is no list");
    }

    #[rstest]
    #[case::next("<https://x/2>; rel=\"next\", <https://x/9>; rel=\"last\"", Some("https://x/2"))]
    #[case::of_two_relations("<https://x/2>; title=a; rel=\"last next\"", Some("https://x/2"))]
    #[case::another("<https://x/2>; rel=prev", None)]
    fn a_header_may_name_the_next_page(#[case] header: &str, #[case] expected: Option<&str>) {
        let heard = Heard { headers: vec![("link".into(), header.into())], ..Heard::default() };
        assert_eq!(link(&heard, "next").as_deref(), expected);
    }
}
