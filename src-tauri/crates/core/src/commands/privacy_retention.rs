//! How long what is kept.

use super::answer::{Made, Nothing};
use crate::{
    error::Error,
    jobs::Job,
    privacy::retention::{self, CEILING, Preview},
    session::Session,
    view,
};
use cardfile_domain::{
    retention::{Kept, RetentionRule, RetentionRun},
    say,
};
use serde::{Deserialize, Serialize};
use ts_rs::TS;

/// All rules, and when they last worked.
#[derive(Debug, Serialize, TS)]
pub(super) struct RetentionView {
    /// In the order they were made.
    pub rules: Vec<RetentionRuleView>,
    /// The latest times they worked, newest first.
    pub runs: Vec<RetentionRunView>,
    /// Above so many at once a new rule stops and asks.
    pub ceiling: u32,
}

/// A rule.
#[derive(Debug, Serialize, TS)]
#[serde(rename_all = "camelCase")]
pub(super) struct RetentionRuleView {
    /// What it is.
    #[serde(flatten)]
    pub rule: RetentionParts,
    /// Whether it works by itself.
    #[ts(type = "\"off\" | \"on\" | \"stopped\"")]
    pub state: &'static str,
    /// When it last worked (RFC 3339).
    pub last_run_at: Option<String>,
}

/// What a rule is made of.
#[derive(Debug, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub(super) struct RetentionParts {
    /// `ret_…`; empty for a new one.
    pub id: String,
    /// What it is called.
    pub name: String,
    /// What goes.
    #[ts(type = "\"contacts\" | \"conversations\" | \"exports\"")]
    pub what: String,
    /// Only of this source or platform; empty for all.
    pub source: String,
    /// Only at this level; empty for all.
    #[ts(type = "\"\" | \"anonymous\" | \"identified\" | \"verified\"")]
    pub identity: String,
    /// Days after the last sign of life.
    pub days: u32,
    /// By itself no more than so many at once; 0 for no limit.
    pub ceiling: u32,
}

/// One time that a rule worked.
#[derive(Debug, Serialize, TS)]
pub(super) struct RetentionRunView {
    /// `rrn_…`
    pub id: String,
    /// Its rule, `ret_…`.
    pub rule: String,
    /// When (RFC 3339).
    pub at: String,
    /// Whose time was over.
    pub matched: u32,
    /// Those that went.
    pub deleted: u32,
    /// Those that stayed.
    pub spared: u32,
    /// It stopped and asks: there were too many.
    pub stopped: bool,
}

/// What a rule would take now.
#[derive(Debug, Serialize, TS)]
#[serde(rename_all = "camelCase")]
pub(super) struct RetentionPreview {
    /// Whose time is over.
    pub matched: u32,
    /// Those that would go.
    pub going: u32,
    /// On hold.
    pub held: u32,
    /// Restricted.
    pub restricted: u32,
    /// Asked about in an open request.
    pub asked_about: u32,
    /// What the history still tells of removed conversations goes as well.
    pub in_history: bool,
    /// The first contacts that would go.
    pub first: Vec<Option<view::ContactRowView>>,
}

/// A rule.
#[derive(Debug, Deserialize, TS)]
pub(super) struct RetentionRef {
    /// `ret_…`
    pub id: String,
}

/// A rule, and how many the person was told will go.
#[derive(Debug, Deserialize, TS)]
pub(super) struct RetentionGo {
    /// `ret_…`
    pub id: String,
    /// As the preview said; when it is not that many any more, nothing happens.
    pub expected: u32,
}

pub(super) fn retention_list(session: &Session, _: Nothing) -> Result<RetentionView, Error> {
    let core = session.core()?;
    Ok(RetentionView {
        rules: retention::rules(&core)?.into_iter().map(RetentionRuleView::from).collect(),
        runs: retention::runs(&core, 100)?.into_iter().map(RetentionRunView::from).collect(),
        ceiling: CEILING,
    })
}

pub(super) fn retention_put(session: &Session, request: RetentionParts) -> Result<Made, Error> {
    let rule = rule(request)?;
    Ok(Made { id: retention::put(&*session.core()?, &rule, &session.who())?, operation: None })
}

pub(super) fn retention_preview(session: &Session, request: RetentionParts) -> Result<RetentionPreview, Error> {
    let core = session.core()?;
    let Preview { matched, going, held, restricted, asked_about, in_history, first } =
        retention::preview(&core, &rule(request)?)?;
    let first = view::listed(&core, &first)?;
    Ok(RetentionPreview { matched, going, held, restricted, asked_about, in_history, first })
}

pub(super) fn retention_on(session: &Session, request: RetentionGo) -> Result<RetentionRunView, Error> {
    let (core, job) = (session.core()?, Job::begin(session, "Deleting"));
    Ok(retention::turn_on(&core, &request.id, request.expected, &session.who(), &job)?.into())
}

pub(super) fn retention_off(session: &Session, request: RetentionRef) -> Result<Nothing, Error> {
    retention::turn_off(&*session.core()?, &request.id, &session.who())?;
    Ok(Nothing {})
}

pub(super) fn retention_run(session: &Session, request: RetentionGo) -> Result<RetentionRunView, Error> {
    let (core, job) = (session.core()?, Job::begin(session, "Deleting"));
    Ok(retention::run(&core, &request.id, request.expected, &session.who(), &job)?.into())
}

pub(super) fn retention_delete(session: &Session, request: RetentionRef) -> Result<Nothing, Error> {
    retention::delete(&*session.core()?, &request.id, &session.who())?;
    Ok(Nothing {})
}

fn rule(parts: RetentionParts) -> Result<RetentionRule, Error> {
    let what = Kept::parse(&parts.what).ok_or_else(|| Error::bad_request(say!("no rule takes such a thing")))?;
    Ok(RetentionRule {
        id: parts.id,
        name: parts.name,
        what,
        source: parts.source,
        identity: parts.identity,
        days: parts.days,
        ceiling: parts.ceiling,
        ..RetentionRule::default()
    })
}

impl From<RetentionRule> for RetentionRuleView {
    fn from(one: RetentionRule) -> Self {
        Self {
            state: one.state.as_str(),
            last_run_at: one.last_run_at.map(|at| at.to_rfc3339()),
            rule: RetentionParts {
                id: one.id,
                name: one.name,
                what: one.what.as_str().to_owned(),
                source: one.source,
                identity: one.identity,
                days: one.days,
                ceiling: one.ceiling,
            },
        }
    }
}

impl From<RetentionRun> for RetentionRunView {
    fn from(one: RetentionRun) -> Self {
        let RetentionRun { id, rule, at, matched, deleted, spared, is_stopped } = one;
        Self { id, rule, at: at.to_rfc3339(), matched, deleted, spared, stopped: is_stopped }
    }
}
