//! What moved in a workspace, page by page.
//!
//! In order where one server numbers all transactions: up to the oldest that is still open,
//! so that nothing can come before what was read. Else by time, in windows that overlap, and
//! once a day everything.

use super::{
    enter::Feed,
    fault::Fault,
    hub::{self, Hub},
    wire::Param,
};
use cardfile_sync::{
    pair::Key,
    remote::{Known, Page, Paged, Row},
    run::Failure,
};
use std::{collections::BTreeSet, fmt};
use tokio_postgres::Row as Line;

/// Rows of a page.
const PAGE: usize = 1_000;
/// Before all times.
const NEVER: &str = "-infinity";

/// What is being read.
pub(super) struct Listing {
    way: Way,
    /// Everything is told, even what is known: it was begun without a cursor.
    is_first: bool,
}

enum Way {
    InOrder(Change),
    InWindows { cursor: Option<Moments>, window: Option<Window> },
}

/// Where a change stands in the order of all.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
struct Change {
    /// The number of its transaction.
    xid: u64,
    /// The number of the change.
    seq: i64,
}

/// By the clock of the server.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Moments {
    /// Everything before was read.
    until: String,
    /// When everything was listed.
    listed: String,
}

/// From when to when is read, and how far that is.
#[derive(Clone)]
struct Window {
    next: Moments,
    is_complete: bool,
    /// The last row that was read.
    at: String,
    key: Key,
}

impl Listing {
    /// What moved after a cursor; everything without one. Nothing when the cursor is of
    /// another feed.
    pub(super) fn after(feed: Feed, cursor: Option<&str>) -> Option<Self> {
        let way = match (feed, cursor.map(Cursor::parse)) {
            (Feed::InOrder, None) => Way::InOrder(Change::default()),
            (Feed::InOrder, Some(Some(Cursor::Order(change)))) => Way::InOrder(change),
            (Feed::InWindows, None) => Way::InWindows { cursor: None, window: None },
            (Feed::InWindows, Some(Some(Cursor::Time(moments)))) => {
                Way::InWindows { cursor: Some(moments), window: None }
            }
            (Feed::InOrder | Feed::InWindows, Some(_)) => return None,
        };
        Some(Self { way, is_first: cursor.is_none() })
    }

    /// The next page. One that fails is asked for again.
    pub(super) async fn page(&mut self, hub: &mut Hub, known: &Known<'_>) -> Result<Paged, Failure> {
        let is_first = self.is_first;
        let told = |row: Row| match &row {
            Row::Live(record) if !is_first && known(&record.key).is_some_and(|at| at.text == record.version.text) => {
                Row::Same(record.key.clone())
            }
            _ => row,
        };
        match &mut self.way {
            Way::InOrder(after) => in_order(hub, after, is_first, told).await,
            Way::InWindows { cursor, window } => in_windows(hub, cursor.as_ref(), window, told).await,
        }
    }
}

async fn in_order(
    hub: &mut Hub,
    after: &mut Change,
    is_first: bool,
    told: impl Fn(Row) -> Row,
) -> Result<Paged, Failure> {
    let xid = after.xid.to_string();
    let params = [
        Param::Text(&hub.workspace),
        Param::Text(&xid),
        Param::Number(after.seq),
        Param::Text(&hub.device),
        Param::Number(PAGE as i64),
    ];
    let lines = hub.wire.ask(include_str!("sql/moved_in_order.sql"), &params).await?;
    let OrderedPage { rows, last, is_ahead, is_copied } = ordered(&lines, *after)?;
    if is_copied {
        return Err(Failure::Refused(
            "the database was restored or copied; who administers it can make it fit to be read by \
             running cardfile.restored() there"
                .into(),
        ));
    }
    if is_ahead {
        return Ok(Paged::Expired);
    }
    let more = rows.len() == PAGE;
    // What was deleted and left no row is missing in a list that was read from the beginning.
    let listed = if is_first && !more { Some(hub.listed().await?) } else { None };
    *after = last;
    Ok(Paged::Page(Page {
        rows: rows.into_iter().map(told).collect(),
        cursor: Some(Cursor::Order(last).to_string()),
        more,
        listed: listed.map(BTreeSet::from_iter),
    }))
}

struct OrderedPage {
    rows: Vec<Row>,
    last: Change,
    is_ahead: bool,
    is_copied: bool,
}

fn ordered(lines: &[Line], after: Change) -> Result<OrderedPage, Fault> {
    let mut page = OrderedPage { rows: Vec::new(), last: after, is_ahead: false, is_copied: false };
    for line in lines {
        (page.is_ahead, page.is_copied) = (line.try_get("is_ahead")?, line.try_get("is_copied")?);
        // A page without rows still says as much.
        let Some(xid) = line.try_get::<_, Option<&str>>("xid")? else { continue };
        let change = Change { xid: xid.parse().unwrap_or(after.xid), seq: line.try_get("seq")? };
        page.last = page.last.max(change);
        page.rows.push(hub::row(line)?);
    }
    Ok(page)
}

async fn in_windows(
    hub: &mut Hub,
    cursor: Option<&Moments>,
    window: &mut Option<Window>,
    told: impl Fn(Row) -> Row,
) -> Result<Paged, Failure> {
    let now = match window {
        Some(window) => window.clone(),
        None => begun(hub, cursor).await?,
    };
    let params = [
        Param::Text(&hub.workspace),
        Param::Text(&now.at),
        Param::Text(&now.key),
        Param::Text(&now.next.until),
        Param::Text(&hub.device),
        Param::Number(PAGE as i64),
    ];
    let lines = hub.wire.ask(include_str!("sql/moved_in_window.sql"), &params).await?;
    let rows: Vec<Row> = lines.iter().map(hub::row).collect::<Result<_, Fault>>()?;
    let more = rows.len() == PAGE;
    let listed = if now.is_complete && !more { Some(hub.listed().await?) } else { None };
    let cursor = Cursor::Time(now.next.clone()).to_string();
    let mut next = now;
    if let (Some(line), Some(row)) = (lines.last(), rows.last()) {
        next.at = line.try_get("at").map_err(Fault::from)?;
        next.key.clone_from(row.key());
    }
    *window = Some(next);
    Ok(Paged::Page(Page {
        rows: rows.into_iter().map(told).collect(),
        // One that is cut off begins anew: the next one reaches back from its own beginning.
        cursor: (!more).then_some(cursor),
        more,
        listed: listed.map(BTreeSet::from_iter),
    }))
}

/// The window after a cursor.
async fn begun(hub: &mut Hub, cursor: Option<&Moments>) -> Result<Window, Failure> {
    let (until, listed) = cursor.map_or(("", ""), |cursor| (&cursor.until, &cursor.listed));
    let lines = hub.wire.ask(include_str!("sql/window.sql"), &[Param::Text(until), Param::Text(listed)]).await?;
    let Some(line) = lines.first() else { return Err(Failure::Unreachable("the server does not say its time".into())) };
    let read = || -> Result<(String, Option<String>, bool), tokio_postgres::Error> {
        Ok((line.try_get("until")?, line.try_get("since")?, line.try_get("is_complete")?))
    };
    let (until, since, is_complete) = read().map_err(Fault::from)?;
    let at = since.filter(|_| !is_complete).unwrap_or_else(|| NEVER.to_owned());
    let listed = if is_complete { until.clone() } else { listed.to_owned() };
    Ok(Window { next: Moments { until, listed }, is_complete, at, key: Key::new() })
}

/// A cursor, as text.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Cursor {
    Order(Change),
    Time(Moments),
}

impl Cursor {
    fn parse(text: &str) -> Option<Self> {
        match text.split_once(':')? {
            ("xid", change) => {
                let (xid, seq) = change.split_once(':')?;
                Some(Self::Order(Change { xid: xid.parse().ok()?, seq: seq.parse().ok()? }))
            }
            ("time", moments) => {
                let (until, listed) = moments.split_once('/')?;
                let are_times = [until, listed].iter().all(|time| time.parse::<jiff::Timestamp>().is_ok());
                are_times.then(|| Self::Time(Moments { until: until.to_owned(), listed: listed.to_owned() }))
            }
            _ => None,
        }
    }
}

impl fmt::Display for Cursor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Order(Change { xid, seq }) => write!(f, "xid:{xid}:{seq}"),
            Self::Time(Moments { until, listed }) => write!(f, "time:{until}/{listed}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rstest::rstest;

    const TIME: &str = "time:2026-11-21T10:00:00.000001Z/2026-11-20T22:30:00.500000Z";

    #[rstest]
    #[case::an_order("xid:852:10", true)]
    #[case::the_largest_number("xid:18446744073709551615:9223372036854775807", true)]
    #[case::a_time(TIME, true)]
    #[case::half_a_time("time:2026-11-21T10:00:00.000001Z", false)]
    #[case::no_time("time:yesterday/2026-11-20T22:30:00Z", false)]
    #[case::no_number("xid:many:10", false)]
    #[case::somebody_elses("sync:2f7c", false)]
    #[case::nothing("", false)]
    fn a_cursor_keeps_every_letter(#[case] text: &str, #[case] is_ours: bool) {
        let cursor = Cursor::parse(text);
        assert_eq!(cursor.is_some(), is_ours);
        assert!(cursor.is_none_or(|cursor| cursor.to_string() == text));
    }

    #[rstest]
    #[case::from_the_beginning(Feed::InOrder, None, true)]
    #[case::in_order(Feed::InOrder, Some("xid:852:10"), true)]
    #[case::in_order_after_a_time(Feed::InOrder, Some(TIME), false)]
    #[case::by_time(Feed::InWindows, Some(TIME), true)]
    #[case::by_time_after_an_order(Feed::InWindows, Some("xid:852:10"), false)]
    fn a_cursor_of_another_feed_is_too_old(#[case] feed: Feed, #[case] cursor: Option<&str>, #[case] is_known: bool) {
        assert_eq!(Listing::after(feed, cursor).is_some(), is_known);
    }

    #[test]
    fn changes_stand_in_the_order_of_their_transactions() {
        let change = |xid, seq| Change { xid, seq };
        assert!(change(9, 7) < change(10, 6) && change(10, 6) < change(10, 7));
    }
}
