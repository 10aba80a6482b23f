//! Many contacts in one request: CSV, NDJSON or a JSON list, read as a file of them is, with
//! what became of each record. One step of the history, or with a dry run none.

use super::{Gives, Route, Takes};
use crate::{
    answer::{Answer, Problem},
    asked::Asked,
    shape::{Issue, Kind, Shape, may, must, null, shape},
};
use cardfile_core::{
    clients::{self, Scope},
    domain::import::{Counts, Outcome, Policy},
    import::{self, By, Fate, ImportRequest},
    progress::Unwatched,
};
use http::{Method, StatusCode};
use serde_json::{Value, json};
use std::sync::Arc;

/// Forms of records.
const KINDS: [&str; 3] = ["text/csv", "application/x-ndjson", "application/json"];
/// Records that are told of one by one.
const TOLD: usize = 10_000;

static RESULT: Shape = shape(
    "ImportedRecord",
    "What became of one record.",
    &[
        must("record", Kind::Whole(0, 4_294_967_295), "Counted from 1, the header not counted."),
        must("line", Kind::Whole(0, 4_294_967_295), "Physical line where it begins."),
        must("outcome", Kind::Word(&["created", "updated", "unchanged", "duplicate", "suppressed", "rejected"]), ""),
        null("contact_id", Kind::Id("ctc_"), "For clients that may read contacts."),
        null("code", Kind::Text(100), "Why it was not taken, for programs."),
        null("field", Kind::Text(1_000), "Which column or member is at fault."),
        null("message", Kind::Text(2_000), "Why it was not taken."),
    ],
);

static REPORT: Shape = shape(
    "ImportReport",
    "What became of the records; the counts add up.",
    &[
        must("dry_run", Kind::Flag, "Nothing was written."),
        must("records", Kind::Whole(0, 4_294_967_295), ""),
        must("created", Kind::Whole(0, 4_294_967_295), ""),
        must("updated", Kind::Whole(0, 4_294_967_295), ""),
        must("unchanged", Kind::Whole(0, 4_294_967_295), ""),
        must("duplicate", Kind::Whole(0, 4_294_967_295), ""),
        must("suppressed", Kind::Whole(0, 4_294_967_295), "People who were erased."),
        must("rejected", Kind::Whole(0, 4_294_967_295), ""),
        null("operation", Kind::Id("opr_"), "The step of the history, to undo it in the window."),
        must("results", Kind::List(&Kind::Object(&RESULT), TOLD), "Of the first ten thousand records."),
        must("results_left_out", Kind::Whole(0, 4_294_967_295), ""),
    ],
);

pub(super) static ROUTES: &[Route] = &[Route {
    method: Method::POST,
    path: "/v1/contacts/import",
    id: "importContacts",
    about: "Makes and updates many contacts at once. A record is known by its id, its external IDs and its emails, in \
            this order, or by what key says.",
    scope: Some(Scope::Import),
    query: &[
        may("dry_run", Kind::Flag, "Say what would happen and write nothing."),
        may("policy", Kind::Word(&["fill", "newest"]), "fill: only what is empty is filled, as without it."),
        may("key", Kind::Text(200), "By what alone records are known: id, email, or external_id:REMOTE."),
    ],
    takes: Takes::Records,
    gives: &[(200, Gives::Json(&REPORT))],
    handler: run,
    again: Some(|_, outcome| Ok(Answer::json(StatusCode::OK, outcome))),
}];

fn run(asked: &Asked) -> Result<Answer, Problem> {
    asked.need_kind(&KINDS)?;
    let policy = if asked.query.text("policy") == "newest" { Policy::Newest } else { Policy::Fill };
    let request = ImportRequest {
        policy,
        bytes: Some(Arc::from(&asked.body[..])),
        by: key(asked.query.text("key"))?,
        ..ImportRequest::of(format!("records from {}", asked.client.name))
    };
    let mut told = Told::default();
    let is_dry = asked.query.flag("dry_run");
    let (counts, operation) = if is_dry {
        let plan = import::plan_each(asked.core(), &request, &Unwatched, &mut |fate| told.add(&fate))?;
        (plan.counts, None)
    } else {
        let each = &mut |fate: Fate<'_>| told.add(&fate);
        let report = import::run_each(asked.core(), &request, &asked.who, &Unwatched, each)?;
        (report.counts, report.operation.map(|row| row.id.to_string()))
    };
    let mut report = report(counts, is_dry, operation);
    // Kept for who asks again: the counts, and nothing of the records.
    let mut kept = report.clone();
    (kept["results"], kept["results_left_out"]) = (json!([]), counts.records.into());
    report["results_left_out"] = counts.records.saturating_sub(told.results.len() as u32).into();
    report["results"] = told.with_ids(asked)?;
    let answer = Answer::json(StatusCode::OK, &report);
    Ok(if is_dry { answer } else { answer.made(kept) })
}

fn key(text: &str) -> Result<Option<By>, Problem> {
    Ok(Some(match (text, text.strip_prefix("external_id:")) {
        ("", _) => return Ok(None),
        ("id", _) => By::OwnId,
        ("email", _) => By::Email,
        (_, Some(remote)) if !remote.trim().is_empty() => By::ExternalId(remote.trim().to_owned()),
        _ => {
            let mut problem = Problem::invalid(vec![Issue::new("key", "is none of id, email, external_id:REMOTE")]);
            problem.status = StatusCode::BAD_REQUEST;
            return Err(problem);
        }
    }))
}

fn report(counts: Counts, is_dry: bool, operation: Option<String>) -> Value {
    json!({
        "dry_run": is_dry, "records": counts.records, "created": counts.created, "updated": counts.updated,
        "unchanged": counts.unchanged, "duplicate": counts.duplicate, "suppressed": counts.suppressed,
        "rejected": counts.rejected, "operation": operation,
    })
}

/// What is told of the records.
#[derive(Default)]
struct Told {
    results: Vec<Value>,
    /// Where their contacts are.
    rows: Vec<Option<u32>>,
}

impl Told {
    fn add(&mut self, fate: &Fate<'_>) {
        if self.results.len() >= TOLD {
            return;
        }
        let outcome: Outcome = fate.outcome;
        let code = fate.reject.map(|reject| json!(reject.code));
        let message = fate.reject.map(|reject| reject.message.to_string());
        let field = fate.reject.and_then(|reject| reject.column_name.clone());
        self.results.push(json!({
            "record": fate.position.record, "line": fate.position.line, "outcome": outcome, "contact_id": null,
            "code": code, "field": field, "message": message,
        }));
        self.rows.push(fate.contact);
    }

    /// With the ids of the contacts, for a client that may read and of whom it sees.
    fn with_ids(self, asked: &Asked) -> Result<Value, Problem> {
        if !clients::may(&asked.client, Scope::ContactsRead) {
            return Ok(self.results.into());
        }
        let rows: Vec<u32> = self.rows.iter().flatten().copied().collect();
        let sight = asked.sight()?;
        let seen = cardfile_core::programs::seen_of(asked.core(), &sight, &rows)?;
        let ids = asked.core().store().read(|r| r.contacts().ids_of(&seen)).map_err(cardfile_core::Error::from)?;
        let known: std::collections::HashMap<u32, String> =
            seen.into_iter().zip(ids).filter_map(|(row, id)| Some((row, id?))).collect();
        let mut results = self.results;
        for (result, row) in results.iter_mut().zip(&self.rows) {
            result["contact_id"] = json!(row.and_then(|row| known.get(&row)));
        }
        Ok(results.into())
    }
}
