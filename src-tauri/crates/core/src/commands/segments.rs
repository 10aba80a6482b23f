//! Saved views, and how many contacts any filter lets through.

use super::answer::{Made, Nothing};
use crate::{error::Error, segments, session::Session, view};
use cardfile_domain::{Millis, segment::Segment, time::DateOrder};
use serde::{Deserialize, Serialize};
use ts_rs::TS;

/// The saved views.
#[derive(Debug, Serialize, TS)]
pub(super) struct SegmentsView {
    /// In the order they were made.
    pub segments: Vec<SegmentView>,
}

/// A saved view.
#[derive(Debug, Serialize, TS)]
pub(super) struct SegmentView {
    /// What was saved.
    #[serde(flatten)]
    pub segment: SegmentParts,
    /// How many contacts are in it; null where its filter makes no sense any more.
    pub count: Option<u32>,
    /// Nobody has looked at it for too long.
    pub stale: bool,
}

/// What a saved view is made of.
#[derive(Debug, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub(super) struct SegmentParts {
    /// `seg_…`; empty for a new one.
    pub id: String,
    /// What it is called.
    pub name: String,
    /// Filter text.
    pub filter: String,
    /// Search text.
    pub query: String,
    /// Keys to sort by.
    pub sort: Vec<String>,
    /// Columns in their order; empty for those of the list.
    pub columns: Vec<String>,
    /// Height of a row; empty for that of the list.
    pub density: String,
    /// What the people in it are kept together for.
    pub purpose: String,
    /// Who answers for it.
    pub owner: String,
    /// When somebody last looked (RFC 3339).
    pub reviewed_at: Option<String>,
}

/// A saved view.
#[derive(Debug, Deserialize, TS)]
pub(super) struct SegmentRef {
    /// `seg_…`
    pub id: String,
}

/// Filters to count.
#[derive(Debug, Deserialize, TS)]
pub(super) struct CountRequest {
    /// Search text and filter text of each.
    pub views: Vec<(String, String)>,
}

/// How many contacts each lets through.
#[derive(Debug, Serialize, TS)]
pub(super) struct CountsView {
    /// In the order they were asked; null for a filter that makes no sense.
    pub counts: Vec<Option<u32>>,
}

pub(super) fn segment_list(session: &Session, _: Nothing) -> Result<SegmentsView, Error> {
    let core = session.core()?;
    let all = segments::all(&core)?;
    let counts = segments::counts(&core, &all)?;
    let view = |(segment, count): (Segment, Option<u32>)| SegmentView {
        count,
        stale: segments::is_stale(&core, &segment),
        segment: segment.into(),
    };
    Ok(SegmentsView { segments: all.into_iter().zip(counts).map(view).collect() })
}

pub(super) fn segment_put(session: &Session, request: SegmentParts) -> Result<Made, Error> {
    let segment = Segment {
        id: request.id,
        name: request.name,
        filter: request.filter,
        query: request.query,
        sort: request.sort,
        columns: request.columns,
        density: request.density,
        purpose: request.purpose,
        owner: request.owner,
        reviewed_at: request.reviewed_at.and_then(|at| Millis::parse(&at, DateOrder::DayFirst)),
        ..Segment::default()
    };
    super::parts::made(segments::put(&*session.core()?, &segment, &session.who()))
}

pub(super) fn segment_review(session: &Session, request: SegmentRef) -> Result<Made, Error> {
    super::parts::made(segments::review(&*session.core()?, &request.id, &session.who()))
}

pub(super) fn view_count(session: &Session, request: CountRequest) -> Result<CountsView, Error> {
    let wanted: Vec<(&str, &str)> = request.views.iter().map(|(query, filter)| (&query[..], &filter[..])).collect();
    Ok(CountsView { counts: view::counts(&*session.core()?, &wanted)? })
}

impl From<Segment> for SegmentParts {
    fn from(one: Segment) -> Self {
        Self {
            reviewed_at: one.reviewed_at.map(|at| at.to_rfc3339()),
            id: one.id,
            name: one.name,
            filter: one.filter,
            query: one.query,
            sort: one.sort,
            columns: one.columns,
            density: one.density,
            purpose: one.purpose,
            owner: one.owner,
        }
    }
}
