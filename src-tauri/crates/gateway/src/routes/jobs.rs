//! Jobs: where one stands, and what it made.

use super::{
    Gives, Route, Takes,
    paged::{WORDS, down, page, page_of},
};
use crate::{
    answer::Answer,
    shape::{Kind, Shape, must, null, shape},
};
use http::{Method, StatusCode};

pub(super) static JOB: Shape = shape(
    "Job",
    "What takes longer than a request. It is kept for an hour after its end, and not over a restart.",
    &[
        must("id", Kind::Id("job_"), ""),
        must("kind", Kind::Word(&["export"]), ""),
        must("status", Kind::Word(&["running", "done", "failed", "cancelled"]), ""),
        must("done", Kind::Whole(0, 4_294_967_295), ""),
        must("total", Kind::Whole(0, 4_294_967_295), ""),
        must("created_at", Kind::Time, ""),
        null("ended_at", Kind::Time, ""),
        null("result", Kind::Open, "What it says of itself: contacts, bytes, sha256, withheld."),
        null("error", Kind::Text(10_000), "Why it failed."),
        null("file", Kind::Text(200), "Where its file is fetched, once."),
    ],
);

static JOBS: Shape = page!("JobPage", JOB);

pub(super) static ROUTES: &[Route] = &[
    Route {
        method: Method::GET,
        path: "/v1/jobs",
        id: "listJobs",
        about: "The jobs of this client, newest first.",
        scope: None,
        query: WORDS,
        takes: Takes::Nothing,
        gives: &[(200, Gives::Json(&JOBS))],
        handler: |asked| {
            let all = asked.shared.jobs.of(&asked.client.id);
            page_of(asked, "jobs", all.iter().map(|job| (down(job.number), job.to_value())).collect())
        },
        again: None,
    },
    Route {
        method: Method::GET,
        path: "/v1/jobs/{id}",
        id: "getJob",
        about: "Where a job stands.",
        scope: None,
        query: &[],
        takes: Takes::Nothing,
        gives: &[(200, Gives::Json(&JOB))],
        handler: |asked| {
            let job = asked.shared.jobs.get(&asked.client.id, asked.param(0))?;
            Ok(Answer::json(StatusCode::OK, &job.to_value()).tagged_by_body(asked.known()))
        },
        again: None,
    },
    Route {
        method: Method::DELETE,
        path: "/v1/jobs/{id}",
        id: "cancelJob",
        about: "Stops a job at its next look; one that is over stays as it is.",
        scope: None,
        query: &[],
        takes: Takes::Nothing,
        gives: &[(202, Gives::Json(&JOB))],
        handler: |asked| {
            let job = asked.shared.jobs.stop(&asked.client.id, asked.param(0))?;
            Ok(Answer::json(StatusCode::ACCEPTED, &job.to_value()))
        },
        again: None,
    },
    Route {
        method: Method::GET,
        path: "/v1/jobs/{id}/file",
        id: "fetchJobFile",
        about: "The file that a job made, once: it is gone when the first byte of it is sent, and when somebody was \
                erased or restricted, or may not be used for its purpose any more.",
        scope: None,
        query: &[],
        takes: Takes::Nothing,
        gives: &[(200, Gives::File)],
        handler: |asked| asked.shared.jobs.fetch(asked.core(), &asked.client.id, asked.param(0)),
        again: None,
    },
];
