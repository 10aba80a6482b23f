//! Jobs of programs: what takes longer than a request. A program asks where one stands, stops
//! it, and fetches what it made, once. They are kept in memory and end with the door.

use crate::answer::{Answer, Payload, Problem};
use cardfile_core::{Core, Error, Parcel, domain::Millis, programs::Bars, progress::Progress};
use http::{
    HeaderValue, StatusCode,
    header::{CONTENT_DISPOSITION, CONTENT_TYPE, RETRY_AFTER},
};
use serde_json::{Value, json};
use std::{
    collections::VecDeque,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
};

/// One job.
pub(crate) struct Job {
    pub(crate) id: String,
    /// Larger than that of each one before.
    pub(crate) number: i64,
    /// Whose it is.
    pub(crate) client: String,
    pub(crate) kind: &'static str,
    pub(crate) created_at: Millis,
    /// Whom it knew to leave out.
    bars: Bars,
    is_stopped: AtomicBool,
    done: AtomicU64,
    total: AtomicU64,
    state: Mutex<State>,
}

/// Where a job stands.
#[derive(Default)]
struct State {
    ended: Option<Ended>,
    /// What it made, until it is fetched.
    file: Option<Made>,
    /// The file was dropped, because somebody may be in it of whom nothing may be told any more.
    is_withdrawn: bool,
}

struct Ended {
    word: &'static str,
    at: Millis,
    result: Value,
    error: Value,
}

/// A file that a job made.
pub(crate) struct Made {
    pub(crate) parcel: Parcel,
    pub(crate) kind: &'static str,
    pub(crate) name: String,
}

impl Progress for Job {
    fn at(&self, done: u64, total: u64) -> bool {
        self.done.store(done, Ordering::Relaxed);
        self.total.store(total, Ordering::Relaxed);
        !self.is_stopped.load(Ordering::SeqCst)
    }
}

impl Job {
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// It is over: with what it says of itself, and what it made.
    pub(crate) fn end(&self, ended: Result<(Value, Option<Made>), Error>, now: Millis) {
        let mut state = self.state();
        let is_stopped = self.is_stopped.load(Ordering::SeqCst);
        let (word, result, error) = match ended {
            Ok((result, file)) => {
                state.file = file;
                ("done", result, Value::Null)
            }
            Err(_) if is_stopped => ("cancelled", Value::Null, Value::Null),
            Err(error) => ("failed", Value::Null, error.message.to_string().into()),
        };
        state.ended = Some(Ended { word, at: now, result, error });
    }

    /// Drops what it made once somebody was erased or restricted since it began, or may not be used
    /// any more for what it is for.
    fn withdraw(&self, core: &Core) -> Result<(), Error> {
        let has_file = self.state().file.is_some();
        if has_file && self.bars.has_more(core)? {
            let mut state = self.state();
            state.file = None;
            state.is_withdrawn = true;
        }
        Ok(())
    }

    fn is_running(&self) -> bool {
        self.state().ended.is_none()
    }

    /// As a program is told of it.
    pub(crate) fn to_value(&self) -> Value {
        let state = self.state();
        let (status, at, result, error) = match &state.ended {
            None => ("running", Value::Null, Value::Null, Value::Null),
            Some(ended) => (ended.word, ended.at.to_rfc3339().into(), ended.result.clone(), ended.error.clone()),
        };
        let file = state.file.is_some().then(|| format!("/v1/jobs/{}/file", self.id));
        json!({
            "id": self.id, "kind": self.kind, "status": status, "done": self.done.load(Ordering::Relaxed),
            "total": self.total.load(Ordering::Relaxed), "created_at": self.created_at.to_rfc3339(), "ended_at": at,
            "result": result, "error": error, "file": file,
        })
    }
}

/// All jobs, the latest at the end.
#[derive(Default)]
pub(crate) struct Jobs(Mutex<VecDeque<Arc<Job>>>);

/// Jobs that run at once.
const RUNNING: usize = 2;
/// Jobs that are kept.
const KEPT: usize = 100;
/// How long a job is kept that is over.
const KEPT_MS: i64 = 60 * 60_000;

impl Jobs {
    fn all(&self) -> MutexGuard<'_, VecDeque<Arc<Job>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Begins a job that knows whom to leave out, if there is room for one.
    pub(crate) fn begin(&self, core: &Core, client: &str, kind: &'static str, bars: Bars) -> Result<Arc<Job>, Problem> {
        let mut all = self.all();
        if all.iter().filter(|job| job.is_running()).count() >= RUNNING {
            return Err(Problem::new(StatusCode::CONFLICT, "in_use", "other jobs are running").with(RETRY_AFTER, "5"));
        }
        let job = Arc::new(Job {
            id: core.store().new_id("job_"),
            number: all.back().map_or(0, |last| last.number + 1),
            client: client.to_owned(),
            kind,
            created_at: core.store().environment().clock.now(),
            bars,
            is_stopped: AtomicBool::new(false),
            done: AtomicU64::new(0),
            total: AtomicU64::new(0),
            state: Mutex::default(),
        });
        if all.len() >= KEPT
            && let Some(place) = all.iter().position(|job| !job.is_running())
        {
            all.remove(place);
        }
        all.push_back(Arc::clone(&job));
        Ok(job)
    }

    /// The jobs of a client, newest first.
    pub(crate) fn of(&self, client: &str) -> Vec<Arc<Job>> {
        self.all().iter().rev().filter(|job| job.client == client).map(Arc::clone).collect()
    }

    /// One of them.
    pub(crate) fn get(&self, client: &str, id: &str) -> Result<Arc<Job>, Problem> {
        let all = self.all();
        all.iter().find(|job| job.id == id && job.client == client).map(Arc::clone).ok_or_else(Problem::not_found)
    }

    /// Stops a job at its next look.
    pub(crate) fn stop(&self, client: &str, id: &str) -> Result<Arc<Job>, Problem> {
        let job = self.get(client, id)?;
        job.is_stopped.store(true, Ordering::SeqCst);
        Ok(job)
    }

    /// What a job made, once.
    pub(crate) fn fetch(&self, core: &Core, client: &str, id: &str) -> Result<Answer, Problem> {
        let job = self.get(client, id)?;
        job.withdraw(core)?;
        if job.state().is_withdrawn {
            let why = "since this file was made somebody was erased or restricted, or may not be used for its purpose \
                       any more";
            return Err(Problem::new(StatusCode::CONFLICT, "refused", why).hint("Export again."));
        }
        let Some(made) = job.state().file.take() else {
            return Err(Problem::new(
                StatusCode::NOT_FOUND,
                "not_found",
                "there is no file, or it was fetched already",
            ));
        };
        let bytes = made.parcel.bytes;
        let reader = core.store().take_parcel(made.parcel).map_err(Error::from)?;
        let mut answer =
            Answer::empty(StatusCode::OK).with(CONTENT_DISPOSITION, format!("attachment; filename=\"{}\"", made.name));
        answer.headers.insert(CONTENT_TYPE, HeaderValue::from_static(made.kind));
        answer.body = Payload::Pieces(Box::new(reader), bytes);
        Ok(answer)
    }

    /// Forgets jobs whose time is over, with what they made, and drops files that may not be
    /// handed out any more.
    pub(crate) fn expire(&self, core: &Core, now: Millis) {
        let kept = {
            let mut all = self.all();
            all.retain(|job| job.state().ended.as_ref().is_none_or(|ended| now.0 - ended.at.0 < KEPT_MS));
            all.clone()
        };
        for job in kept {
            // What fails is looked at again before the file is handed out.
            job.withdraw(core).ok();
        }
    }

    /// Stops all of them: the door is closed.
    pub(crate) fn stop_all(&self) {
        self.all().iter().for_each(|job| job.is_stopped.store(true, Ordering::SeqCst));
    }
}
