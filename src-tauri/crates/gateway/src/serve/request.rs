//! One request from its head to its answer. Everything is decided from the head before a byte
//! of the body is read; what is refused is not read at all, and the connection ends with it.

use super::guests::Errand;
use crate::{
    answer::{Answer, Payload, Problem},
    asked::{self, Asked, Query, Shared},
    door::{self, Announced},
    rate::Standing,
    repeat,
    routes::{self, Gives, Route, Takes},
};
use cardfile_core::{Client, Who, clients};
use http::{
    HeaderMap, HeaderName, HeaderValue, Request, Response, StatusCode,
    header::{CONNECTION, RETRY_AFTER},
    request::Parts,
};
use http_body_util::BodyExt;
use hyper::body::{Body, Bytes, Incoming};
use std::{
    net::IpAddr,
    sync::{Arc, PoisonError},
    time::Duration,
};
use tokio::{task::spawn_blocking, time::timeout};

static LIMIT: HeaderName = HeaderName::from_static("ratelimit-limit");
static REMAINING: HeaderName = HeaderName::from_static("ratelimit-remaining");
static RESET: HeaderName = HeaderName::from_static("ratelimit-reset");

/// Bytes of a body.
const OBJECT: u64 = 1 << 20;
const OBJECTS: u64 = 8 << 20;
const RECORDS: u64 = 64 << 20;
/// How long a body may take.
const BODY: Duration = Duration::from_secs(30);

/// Answers a request, whatever it is.
pub(super) async fn answer(
    shared: Arc<Shared>,
    request: Request<Incoming>,
    peer: IpAddr,
    errand: &Errand,
) -> Response<Payload> {
    let (head, body) = request.into_parts();
    let mut heard = Heard { standing: None, is_read: body.is_end_stream() };
    let answer = heard.hear(shared, head, body, peer, errand).await.unwrap_or_else(|problem| problem.answer());
    let mut response = answer.into_response();
    let headers = response.headers_mut();
    if let Some(standing) = heard.standing {
        headers.insert(LIMIT.clone(), standing.limit.into());
        headers.insert(REMAINING.clone(), standing.remaining.into());
        headers.insert(RESET.clone(), standing.reset_seconds.into());
    }
    if !heard.is_read {
        headers.insert(CONNECTION, HeaderValue::from_static("close"));
    }
    response
}

/// What came of hearing a request.
struct Heard {
    /// Where the client stands, when it is known who asks.
    standing: Option<Standing>,
    /// Nothing of it is left on the way.
    is_read: bool,
}

/// After the head.
enum Step {
    Answered(Result<Answer, Problem>),
    /// There is a body to be read first.
    Reads(Box<Understood>),
}

impl Heard {
    async fn hear(
        &mut self,
        shared: Arc<Shared>,
        head: Parts,
        body: Incoming,
        peer: IpAddr,
        errand: &Errand,
    ) -> Result<Answer, Problem> {
        shared.door.look(&head, peer)?;
        let entered = spawn_blocking(move || enter(&shared, head)).await;
        let (standing, step) = entered.map_err(|_| fault())?;
        self.standing = standing;
        let understood = match step {
            Step::Answered(answer) => return answer,
            Step::Reads(understood) => understood,
        };
        let bodies = understood.shared.bodies.of(&understood.client.id);
        let turn = bodies.turn().await.ok_or_else(|| in_use("other bodies of this client are awaited"))?;
        let room = bodies.room(understood.announced.length).ok_or_else(|| in_use("other bodies are being read"))?;
        errand.await_body();
        let whole = timeout(BODY, body.collect()).await;
        let whole =
            whole.map_err(|_| Problem::new(StatusCode::REQUEST_TIMEOUT, "timeout", "the body took too long"))?;
        let bytes = whole.map_err(|_| Problem::bad_request("the body broke off"))?.to_bytes();
        self.is_read = true;
        errand.serve();
        drop(turn);
        let work = move || {
            let answer = understood.work_late(bytes);
            drop(room);
            answer
        };
        spawn_blocking(work).await.map_err(|_| fault())?
    }
}

/// It was not the program that asked.
fn fault() -> Problem {
    Problem::new(StatusCode::INTERNAL_SERVER_ERROR, "internal", "a fault of the program")
}

/// A body that cannot be taken now.
fn in_use(detail: &str) -> Problem {
    Problem::new(StatusCode::SERVICE_UNAVAILABLE, "in_use", detail).with(RETRY_AFTER, "1")
}

/// A request of which everything but the body is known.
struct Understood {
    shared: Arc<Shared>,
    client: Client,
    route: &'static Route,
    params: Vec<String>,
    query: Query,
    headers: HeaderMap,
    announced: Announced,
}

impl Understood {
    fn work(self, body: Bytes) -> Result<Answer, Problem> {
        let who = Who { actor: self.client.name.clone(), origin: "api".into() };
        let asked = Asked {
            shared: self.shared,
            client: self.client,
            who,
            params: self.params,
            query: self.query,
            headers: self.headers,
            kind: self.announced.kind,
            body,
        };
        repeat::once(&asked, self.route)
    }

    /// The same after the body was awaited: who asks may have been turned out meanwhile.
    fn work_late(mut self, body: Bytes) -> Result<Answer, Problem> {
        self.client = admitted(&self.shared, &self.headers)?;
        if let Some(scope) = self.route.scope {
            asked::need(&self.client, scope)?;
        }
        self.work(body)
    }
}

/// Looks who asks and for what; what has no body is answered at once.
fn enter(shared: &Arc<Shared>, head: Parts) -> (Option<Standing>, Step) {
    let client = match admitted(shared, &head.headers) {
        Ok(client) => client,
        Err(problem) => return (None, Step::Answered(Err(problem))),
    };
    let now = shared.core.store().environment().clock.now();
    let standing = shared.rates.take(&client.id, client.per_minute, now);
    shared.seen.lock().unwrap_or_else(PoisonError::into_inner).insert(client.id.clone(), now);
    let step = match understand(shared, head, client, standing) {
        Err(problem) => Step::Answered(Err(problem)),
        Ok(understood) if understood.announced.length > 0 => Step::Reads(Box::new(understood)),
        Ok(understood) => Step::Answered(understood.work(Bytes::new())),
    };
    (Some(standing), step)
}

fn admitted(shared: &Shared, headers: &HeaderMap) -> Result<Client, Problem> {
    let token = door::token(headers).ok_or_else(door::unknown)?;
    clients::admit(&shared.core, token)?.ok_or_else(door::unknown)
}

fn understand(shared: &Arc<Shared>, head: Parts, client: Client, standing: Standing) -> Result<Understood, Problem> {
    let announced = door::announced(&head)?;
    check_size(announced, RECORDS)?;
    if !standing.is_allowed {
        return Err(Problem::new(StatusCode::TOO_MANY_REQUESTS, "too_many", "no more requests for a while")
            .with(RETRY_AFTER, standing.reset_seconds.to_string()));
    }
    let (route, params) = routes::find(&head.method, head.uri.path())?;
    if let Some(scope) = route.scope {
        asked::need(&client, scope)?;
    }
    let is_file = route.gives.iter().any(|(_, gives)| matches!(gives, Gives::File));
    if !is_file && !door::accepts(&head.headers, crate::answer::JSON) {
        return Err(Problem::new(StatusCode::NOT_ACCEPTABLE, "not_acceptable", "answers are application/json"));
    }
    let (kinds, most) = taken(&route.takes);
    match announced.kind {
        Some(_) if kinds.is_empty() => return Err(Problem::bad_request("this takes no body")),
        Some(kind) if !kinds.contains(&kind) => {
            return Err(door::unsupported(&format!("this takes {}", kinds.join(" or "))));
        }
        Some(_) | None => check_size(announced, most)?,
    }
    let query = Query::read(head.uri.query(), route.query)?;
    Ok(Understood { shared: Arc::clone(shared), client, route, params, query, headers: head.headers, announced })
}

/// Kinds of bodies that a route takes, and how long they may be.
const fn taken(takes: &Takes) -> (&'static [&'static str], u64) {
    match takes {
        Takes::Nothing => (&[], 0),
        Takes::Json(_) => (&["application/json"], OBJECT),
        Takes::Patch(_) => (&["application/json", "application/merge-patch+json"], OBJECT),
        Takes::OneOrMany(..) => (&["application/json"], OBJECTS),
        Takes::Records => (&["application/json", "application/x-ndjson", "text/csv"], RECORDS),
    }
}

fn check_size(announced: Announced, most: u64) -> Result<(), Problem> {
    if announced.length <= most {
        return Ok(());
    }
    let detail = format!("a body of {} bytes is longer than {most}", announced.length);
    Err(Problem::new(StatusCode::PAYLOAD_TOO_LARGE, "too_large", detail))
}
