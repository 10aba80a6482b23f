//! The picture of a whole workspace.

use crate::{
    error::Error,
    insights::{self, Figure},
    session::Session,
};
use serde::{Deserialize, Serialize};
use ts_rs::TS;

/// Of whom.
#[derive(Debug, Deserialize, TS)]
pub(super) struct InsightsRequest {
    /// Filter text; empty means everybody.
    pub filter: String,
}

/// A number of contacts, and the filter that shows them.
#[derive(Debug, Serialize, TS)]
pub(super) struct FigureView {
    /// What is counted.
    pub what: String,
    /// How many.
    pub count: u32,
    /// Filter text.
    pub filter: String,
}

/// A month of growth.
#[derive(Debug, Serialize, TS)]
#[serde(rename_all = "camelCase")]
pub(super) struct MonthView {
    /// `2026-11`
    pub month: String,
    /// Contacts first seen in it.
    pub new: FigureView,
    /// Contacts that were known at its end, of those that are here now.
    pub at_end: u32,
}

/// The whole picture.
#[derive(Debug, Serialize, TS)]
pub(super) struct InsightsView {
    /// All contacts of the picture.
    pub total: FigureView,
    /// Those seen in the last 30 days.
    pub active: FigureView,
    /// Those with a conversation.
    pub talked: FigureView,
    /// Those who proved who they are.
    pub verified: FigureView,
    /// Pairs that most likely are one person; null when nobody looked.
    pub duplicates: Option<u32>,
    /// Twelve months, the latest last.
    pub growth: Vec<MonthView>,
    /// Where they first came from.
    pub sources: Vec<FigureView>,
    /// Lifecycle stages in their order.
    pub stages: Vec<FigureView>,
    /// What is missing.
    pub quality: Vec<FigureView>,
}

pub(super) fn insight_get(session: &Session, request: InsightsRequest) -> Result<InsightsView, Error> {
    let all = insights::all(&*session.core()?, &request.filter)?;
    let list = |figures: Vec<Figure>| figures.into_iter().map(FigureView::from).collect();
    let months = all.growth.into_iter();
    Ok(InsightsView {
        growth: months.map(|one| MonthView { month: one.month, new: one.new.into(), at_end: one.at_end }).collect(),
        total: all.total.into(),
        active: all.active.into(),
        talked: all.talked.into(),
        verified: all.verified.into(),
        duplicates: all.duplicates,
        sources: list(all.sources),
        stages: list(all.stages),
        quality: list(all.quality),
    })
}

impl From<Figure> for FigureView {
    fn from(Figure { what, count, filter }: Figure) -> Self {
        Self { what, count, filter }
    }
}
