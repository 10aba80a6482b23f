//! Writes that go together. One that spoils the others is found by halves, and each is told
//! what became of it, in whatever order the answer has them.

use super::{
    call::Call,
    exchange::Heard,
    given::Given,
    ops::{BatchResult, MatchBy},
    send::{Job, Tried},
    system::System,
    wire::Missed,
};
use cardfile_sync::run::{Failure, Outcome};
use serde_json::Value as Json;

impl System {
    /// Sends jobs in batches. After a failure that meets them all no other is sent.
    pub(super) async fn batches<'w>(
        &self,
        call: &Call,
        jobs: Vec<Job<'w>>,
        tried: &mut Vec<Tried<'w>>,
    ) -> Result<(), Failure> {
        let mut jobs = jobs.into_iter().peekable();
        let mut chunks = Vec::new();
        while jobs.peek().is_some() {
            chunks.push(jobs.by_ref().take(call.most()).collect::<Vec<_>>());
        }
        // The last one is next.
        chunks.reverse();
        while let Some(some) = chunks.pop() {
            let items: Vec<_> = some.iter().map(|job| job.item.clone()).collect();
            let heard = match self.wire.ask(call, &Given { writes: &items, ..Given::default() }).await {
                Ok(heard) => heard,
                Err(Missed::Not(failure)) => return Err(failure),
                Err(Missed::Perhaps(_)) => {
                    tried.extend(some.iter().map(|job| Tried::new(job.write, Outcome::Unknown)));
                    continue;
                }
            };
            if call.op.is_ok(heard.status) {
                let left = self.each_told(call, &heard, some, tried);
                halves(left, &mut chunks);
            } else if (400..=499).contains(&heard.status) && some.len() > 1 && !is_about_all(heard.status) {
                halves(some, &mut chunks);
            } else {
                for job in some {
                    let outcome = self.outcome(call.name, &heard, &job.item).await?;
                    tried.push(Tried::new(job.write, outcome));
                }
            }
        }
        Ok(())
    }

    /// Tells what became of each; gives those that certainly were not done, and of which the
    /// answer does not say why.
    fn each_told<'w>(
        &self,
        call: &Call,
        heard: &Heard,
        jobs: Vec<Job<'w>>,
        tried: &mut Vec<Tried<'w>>,
    ) -> Vec<Job<'w>> {
        let Some(result) = &call.op.result else {
            tried.extend(jobs.iter().map(|job| Tried::new(job.write, Outcome::Unknown)));
            return Vec::new();
        };
        let json = self.wire.json(heard).unwrap_or_default();
        let list = |pointer: Option<&super::pointer::Pointer>| {
            pointer.and_then(|pointer| pointer.of(&json)).and_then(Json::as_array).cloned().unwrap_or_default()
        };
        let (mut done, errors) = (list(Some(&result.items)), list(result.errors.as_ref()));
        if done.is_empty() {
            done = list(result.or_items.as_ref());
        }
        let mut left = Vec::new();
        for job in jobs {
            if let Some(record) = done.iter().find(|record| is_of(result, record, &job)) {
                let (key, outcome) = match self.key_of(record) {
                    Some(key) => (Some(key), Outcome::Done),
                    None => (None, Outcome::Unknown),
                };
                let echo = self.echoes(call.name).then(|| record.clone());
                tried.push(Tried { key, echo, ..Tried::new(job.write, outcome) });
            } else if let Some(error) = errors.iter().find(|error| is_about(result, error, &job)) {
                tried.push(Tried::new(job.write, Outcome::Rejected(why(result, error))));
            } else {
                left.push(job);
            }
        }
        match (left.as_slice(), errors.as_slice()) {
            ([], _) => {}
            // Who says nothing of a write may have done it.
            (_, []) => tried.extend(left.drain(..).map(|job| Tried::new(job.write, Outcome::Unknown))),
            ([job], [error, ..]) => {
                tried.push(Tried::new(job.write, Outcome::Rejected(why(result, error))));
                left.clear();
            }
            _ => {}
        }
        left
    }
}

/// Of a refusal that meets every record alike.
fn is_about_all(status: u16) -> bool {
    matches!(status, 403 | 404 | 405 | 410)
}

fn halves<'w>(mut jobs: Vec<Job<'w>>, chunks: &mut Vec<Vec<Job<'w>>>) {
    if jobs.is_empty() {
        return;
    }
    let second = jobs.split_off(jobs.len().div_ceil(2));
    if !second.is_empty() {
        chunks.push(second);
    }
    chunks.push(jobs);
}

fn is_of(result: &BatchResult, record: &Json, job: &Job<'_>) -> bool {
    result.matches.iter().any(|one| {
        let mine = match one.local {
            MatchBy::Trace => &job.item.trace,
            MatchBy::ExternalId => &job.item.external_id,
            MatchBy::RemoteId => &job.item.remote_id,
        };
        !mine.is_empty() && one.remote.text(record).as_deref() == Some(mine.as_str())
    })
}

fn is_about(result: &BatchResult, error: &Json, job: &Job<'_>) -> bool {
    let trace = result.error_trace.as_ref().and_then(|pointer| pointer.text(error));
    trace.is_some_and(|trace| trace == job.item.trace)
}

fn why(result: &BatchResult, error: &Json) -> String {
    let said = result.error_message.as_ref().and_then(|pointer| pointer.text(error));
    said.unwrap_or_else(|| "the system refused it and did not say why".to_owned())
}
