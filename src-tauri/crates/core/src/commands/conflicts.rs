//! The Inbox of the connections: what waits for a person, what they decide, once or for good.

use super::answer::{Changed, Nothing};
use crate::{
    error::Error,
    said::Said,
    session::Session,
    sync::{
        aside::{self, Refused, SetAside},
        rules::{self, RulePreview},
        waits::{self, Conflict},
    },
};
use cardfile_domain::say;
use serde::{Deserialize, Serialize};
use ts_rs::TS;

/// Everything that waits for a person.
#[derive(Debug, Serialize, TS)]
pub(super) struct ConflictsView {
    /// Contact by contact.
    pub conflicts: Vec<Conflict>,
    /// Writes that a remote does not take.
    pub refused: Vec<Refused>,
    /// Records that cannot be taken.
    pub aside: Vec<AsideView>,
}

/// A record that cannot be taken.
#[derive(Debug, Serialize, TS)]
#[serde(rename_all = "camelCase")]
pub(super) struct AsideView {
    /// `rem_…`
    pub remote: String,
    /// What people call the remote.
    pub remote_name: String,
    /// How the remote calls it; decisions name it.
    pub key: String,
    /// Why.
    pub reason: Said,
    /// Since when (RFC 3339).
    pub since: String,
    /// Whether it is kept as the remote wrote it.
    pub has_body: bool,
}

impl From<SetAside> for AsideView {
    fn from(record: SetAside) -> Self {
        let SetAside { remote, remote_name, key, reason, since, has_body } = record;
        Self { remote, remote_name, key, reason: Said::from(reason), since, has_body }
    }
}

/// Decisions, made together.
#[derive(Debug, Deserialize, TS)]
pub(super) struct DecideConflicts {
    /// Each of one value, or of what else waits of a contact.
    pub decisions: Vec<DecisionView>,
}

/// One decision.
#[derive(Debug, Deserialize, TS)]
pub(super) struct DecisionView {
    /// [`Conflict::pair`].
    #[ts(type = "number")]
    pub pair: i64,
    /// Which field; null for what is about the whole contact.
    pub field: Option<String>,
    /// `mine`, `theirs`, `edit`; of a deletion `delete` or `keep`; of a record that may be another
    /// person's `relink` or `apart`; of a refused write `retry` or `dismiss`.
    pub choice: String,
    /// With `edit`: the value for both.
    pub text: String,
}

/// A record that was set aside.
#[derive(Debug, Deserialize, TS)]
pub(super) struct AsideRef {
    /// `rem_…`
    pub remote: String,
    /// [`AsideView::key`].
    pub key: String,
}

/// What becomes of a record that was set aside.
#[derive(Debug, Deserialize, TS)]
pub(super) struct DecideAside {
    /// `rem_…`
    pub remote: String,
    /// [`AsideView::key`].
    pub key: String,
    /// `retry` or `dismiss`.
    pub choice: String,
}

/// A record as the remote wrote it.
#[derive(Debug, Serialize, TS)]
pub(super) struct AsideBody {
    /// All of it.
    pub body: String,
}

/// A field of a connection.
#[derive(Debug, Deserialize, TS)]
pub(super) struct RuleRef {
    /// `rem_…`
    pub remote: String,
    /// Its key: `email`.
    pub field: String,
}

/// A rule that was previewed.
#[derive(Debug, Deserialize, TS)]
pub(super) struct KeepRule {
    /// `rem_…`
    pub remote: String,
    /// Key of the field: `email`.
    pub field: String,
    /// `mine` or `theirs`.
    pub keep: String,
    /// [`RulePreview::seen`].
    pub seen: String,
}

pub(super) fn conflict_list(session: &Session, _: Nothing) -> Result<ConflictsView, Error> {
    let core = session.core()?;
    let aside = aside::records(&core)?.into_iter().map(AsideView::from);
    Ok(ConflictsView { conflicts: waits::all(&core)?, refused: aside::writes(&core)?, aside: aside.collect() })
}

pub(super) fn conflict_decide(session: &Session, request: DecideConflicts) -> Result<Changed, Error> {
    let decisions = request.decisions.into_iter().map(|one| {
        let DecisionView { pair, field, choice, text } = one;
        waits::Decided::parse(pair, field, &choice, text)
    });
    let decisions = decisions.collect::<Result<Vec<_>, _>>()?;
    Ok(Changed::of(waits::decide(&*session.core()?, &decisions, &session.who())?))
}

pub(super) fn aside_body(session: &Session, request: AsideRef) -> Result<AsideBody, Error> {
    let found = aside::record(&*session.core()?, &request.remote, &request.key)?;
    Ok(AsideBody { body: found.body })
}

pub(super) fn aside_decide(session: &Session, request: DecideAside) -> Result<Changed, Error> {
    let DecideAside { remote, key, choice } = request;
    let again = match choice.as_str() {
        "retry" => true,
        "dismiss" => false,
        _ => return Err(Error::bad_request(say!("{choice} is no decision", choice))),
    };
    let is_done = aside::decide_record(&*session.core()?, &remote, &key, again, &session.who())?;
    Ok(Changed::of((u32::from(is_done), None)))
}

pub(super) fn conflict_rule_preview(session: &Session, request: RuleRef) -> Result<RulePreview, Error> {
    rules::preview(&*session.core()?, &request.remote, &request.field)
}

pub(super) fn conflict_rule_set(session: &Session, request: KeepRule) -> Result<Changed, Error> {
    let KeepRule { remote, field, keep, seen } = request;
    let side = rules::parse(&keep)?;
    Ok(Changed::of(rules::set(&*session.core()?, &remote, &field, side, Some(&seen), &session.who())?))
}

pub(super) fn conflict_rule_remove(session: &Session, request: RuleRef) -> Result<Nothing, Error> {
    rules::remove(&*session.core()?, &request.remote, &request.field, &session.who())?;
    Ok(Nothing {})
}
