//! The register of requests.

use super::answer::{Made, Nothing};
use crate::{
    error::Error,
    privacy::{
        identity::{self, Way},
        letters::{self, Letter},
        purposes,
        requests::{self, Details, Standing},
        subject, told,
    },
    said::Said,
    session::Session,
    view,
};
use cardfile_domain::{
    Millis,
    request::{Ground, Request, Right, Stage, Step},
    say,
    time::DateOrder,
};
use cardfile_store::{AuditEntry, ContactRow};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use ts_rs::TS;

/// All requests.
#[derive(Debug, Serialize, TS)]
pub(super) struct RequestsView {
    /// Those in which something is left to do first, the most urgent at the top.
    pub requests: Vec<RequestView>,
    /// Open ones with more than a week left.
    pub green: u32,
    /// Open ones with a week or less.
    pub amber: u32,
    /// Open ones that are late.
    pub red: u32,
}

/// A request with what follows from the day.
#[derive(Debug, Serialize, TS)]
#[serde(rename_all = "camelCase")]
pub(super) struct RequestView {
    /// `req_…`
    pub id: String,
    /// What people call it: `DSR-2026-014`.
    pub number: String,
    /// What is asked for.
    #[ts(type = "\"access\" | \"rectification\" | \"erasure\" | \"restriction\" | \"portability\" | \"objection\"")]
    pub right: &'static str,
    /// Its article of the GDPR: `15`.
    pub article: &'static str,
    /// Where it stands.
    #[ts(type = "\"received\" | \"identity_ok\" | \"approved\" | \"refused\" | \"done\" \
                | \"done_with_exceptions\" | \"withdrawn\"")]
    pub state: &'static str,
    /// The same in words.
    pub stands: Said,
    /// By what the person is found; empty after an erasure.
    pub subject: String,
    /// How the person is called.
    pub name: String,
    /// Where the answer goes.
    pub reply_to: String,
    /// Language of the letters.
    pub language: String,
    /// How it came.
    pub channel: String,
    /// Of an objection: key of the purpose; empty for all.
    pub purpose: String,
    /// What else was said.
    pub note: String,
    /// The day it came: `2026-11-21`.
    pub received: String,
    /// The last day for the answer.
    pub due: String,
    /// Days until then; less than 0 when it is over.
    #[ts(type = "number")]
    pub days_left: i64,
    /// Where that is a Saturday or a Sunday: the Monday until which the law gives time.
    pub law_gives_until: Option<String>,
    /// How much time is left.
    #[ts(type = "\"done\" | \"green\" | \"amber\" | \"red\"")]
    pub light: &'static str,
    /// Whether two months can be added.
    pub can_extend: bool,
    /// Why they were.
    pub extension_reason: String,
    /// How it was made sure who asks; nothing before that, and after an erasure.
    pub identity_how: Option<Said>,
    /// By whom it was decided.
    pub decided_by: String,
    /// On what a refusal rests, in words with its article.
    pub ground: Option<(Said, String)>,
    /// The decision in words.
    pub decision: String,
    /// `era_…`, or the SHA-256 of a bundle.
    pub outcome: String,
    /// What may be done now.
    #[ts(type = "(\"prove_identity\" | \"approve\" | \"refuse\" | \"finish\" | \"finish_with_exceptions\" \
                | \"withdraw\")[]")]
    pub steps: Vec<&'static str>,
    /// What it goes through, in this order.
    #[ts(type = "(\"identity\" | \"subject\" | \"review\" | \"deed\" | \"answer\")[]")]
    pub stages: Vec<&'static str>,
    /// Whether its cards can still be chosen.
    pub may_choose: bool,
    /// Whether the register has to say what came of it.
    pub needs_outcome: bool,
}

/// One request and what was done with it.
#[derive(Debug, Serialize, TS)]
pub(super) struct RequestDetailView {
    /// The request.
    pub request: RequestView,
    /// The cards of whoever asks; a card that is gone since is null.
    pub cards: Vec<Option<view::ContactRowView>>,
    /// Oldest first.
    pub trail: Vec<AuditView>,
    /// On what it could be refused: word, sentence, article.
    pub grounds: Vec<(String, Said, String)>,
    /// Letters for which there is something to write about.
    pub letters: Vec<&'static str>,
    /// The erasure that was done for it, `era_…`.
    pub erasure: Option<String>,
}

/// An entry of the audit log.
#[derive(Debug, Serialize, TS)]
pub(super) struct AuditView {
    /// Counted from 1.
    #[ts(type = "number")]
    pub entry: i64,
    /// RFC 3339.
    pub at: String,
    /// By whom.
    pub actor: String,
    /// Through which door.
    pub origin: String,
    /// What.
    pub event: String,
    /// What it is about.
    pub about: Option<String>,
    /// What there is to say beside the event; null where it says all.
    pub says: Option<Said>,
    /// Words and numbers.
    #[ts(type = "Record<string, unknown>")]
    pub facts: Value,
    /// Binds it to all before it.
    pub hash: String,
}

/// A request to be written down.
#[derive(Debug, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub(super) struct NewRequest {
    /// What is asked for.
    #[ts(type = "\"access\" | \"rectification\" | \"erasure\" | \"restriction\" | \"portability\" | \"objection\"")]
    pub right: String,
    /// By what the person is found.
    pub subject: String,
    /// How the person is called.
    pub name: String,
    /// Where the answer goes.
    pub reply_to: String,
    /// `en`, `es`.
    pub language: String,
    /// How it came.
    pub channel: String,
    /// Of an objection: the purpose; empty for all.
    pub purpose: String,
    /// What else was said.
    pub note: String,
    /// The day it came; empty for today.
    pub received: String,
}

/// The day on which something came that is not written down yet.
#[derive(Debug, Deserialize, TS)]
pub(super) struct ReceivedOn {
    /// The day; empty for today.
    pub received: String,
}

/// By when it would have to be answered.
#[derive(Debug, Serialize, TS)]
#[serde(rename_all = "camelCase")]
pub(super) struct DueView {
    /// The last day: `2026-12-20`.
    pub due: String,
    /// Days until then; less than 0 when it is over.
    #[ts(type = "number")]
    pub days_left: i64,
    /// Where that is a Saturday or a Sunday: the Monday until which the law gives time.
    pub law_gives_until: Option<String>,
    /// How much time is left.
    #[ts(type = "\"done\" | \"green\" | \"amber\" | \"red\"")]
    pub light: &'static str,
}

/// One request.
#[derive(Debug, Deserialize, TS)]
pub(super) struct RequestRef {
    /// `req_…`
    pub id: String,
}

/// A step of a request.
#[derive(Debug, Deserialize, TS)]
pub(super) struct StepRequest {
    /// `req_…`
    pub id: String,
    /// What is done.
    #[ts(
        type = "\"prove_identity\" | \"approve\" | \"refuse\" | \"finish\" | \"finish_with_exceptions\" | \"withdraw\""
    )]
    pub step: String,
    /// How it was made sure who asks, in words; of other steps empty.
    pub how: String,
    /// The way in which it was; null for one that only the words say, and of other steps.
    #[ts(type = "\"channel\" | \"login\" | \"code\" | \"document\" | null")]
    pub check: Option<String>,
    /// Word of the ground of a refusal; of other steps null.
    pub ground: Option<String>,
    /// The decision or the exceptions in words; may be empty.
    pub text: String,
    /// What came of it; may be empty.
    pub outcome: String,
    /// Of an approval: ids of the cards that are meant, and no others are frozen; null for all that
    /// are the person's for certain.
    pub cards: Option<Vec<String>>,
}

/// More time for an answer.
#[derive(Debug, Deserialize, TS)]
pub(super) struct ExtendRequest {
    /// `req_…`
    pub id: String,
    /// Why; the person is told.
    pub reason: String,
}

/// A letter to write.
#[derive(Debug, Deserialize, TS)]
pub(super) struct LetterRequest {
    /// `req_…`
    pub id: String,
    /// What it is about.
    #[ts(type = "\"received\" | \"identity\" | \"extension\" | \"refusal\" | \"done\" | \"lifting\"")]
    pub letter: String,
}

/// A letter.
#[derive(Debug, Serialize, TS)]
pub(super) struct RequestLetter {
    /// To be looked over and sent.
    pub text: String,
    /// Language it is in.
    pub language: String,
}

pub(super) fn request_list(session: &Session, _: Nothing) -> Result<RequestsView, Error> {
    let core = session.core()?;
    let (green, amber, red) = requests::lights(&core)?;
    Ok(RequestsView { requests: requests::all(&core)?.iter().map(RequestView::from).collect(), green, amber, red })
}

pub(super) fn request_get(session: &Session, request: RequestRef) -> Result<RequestDetailView, Error> {
    let core = session.core()?;
    let standing = requests::find(&core, &request.id)?;
    let cards = view::listed(&core, &requests::cards(&core, &standing.request)?)?;
    let right = standing.request.right;
    let is_marketing = purposes::is_marketing(&core, &standing.request.purpose)?;
    let fitting = Ground::ALL.into_iter().filter(|ground| ground.fits(right, is_marketing));
    Ok(RequestDetailView {
        request: (&standing).into(),
        cards,
        trail: requests::trail(&core, &request.id)?.into_iter().map(AuditView::from).collect(),
        grounds: fitting
            .map(|ground| (ground.as_str().to_owned(), ground.sentence().into(), ground.article().to_owned()))
            .collect(),
        letters: Letter::ALL.into_iter().filter(|one| one.fits(&standing.request)).map(Letter::as_str).collect(),
        erasure: requests::erasure(&core, &request.id)?,
    })
}

pub(super) fn request_due(session: &Session, request: ReceivedOn) -> Result<DueView, Error> {
    let deadline = requests::due(&*session.core()?, day(&request.received)?)?;
    Ok(DueView {
        due: deadline.day,
        days_left: deadline.days_left,
        law_gives_until: deadline.law_gives_until,
        light: deadline.light.as_str(),
    })
}

/// A day that was typed; 0 for none.
fn day(text: &str) -> Result<Millis, Error> {
    match text.trim() {
        "" => Ok(Millis::default()),
        day => Millis::parse(day, DateOrder::DayFirst)
            .ok_or_else(|| Error::bad_request(say!("{text} is no day", text = day))),
    }
}

pub(super) fn request_add(session: &Session, request: NewRequest) -> Result<Made, Error> {
    let received_at = day(&request.received)?;
    let right = Right::parse(&request.right).ok_or_else(|| Error::bad_request(say!("there is no such right")))?;
    let new = Request {
        right,
        subject: request.subject,
        name: request.name,
        reply_to: request.reply_to,
        language: request.language,
        channel: request.channel,
        purpose: request.purpose,
        note: request.note,
        received_at,
        ..Request::default()
    };
    let id = requests::add(&*session.core()?, &new, &session.who())?;
    Ok(Made { id, operation: None })
}

pub(super) fn request_step(session: &Session, request: StepRequest) -> Result<RequestView, Error> {
    let step = Step::parse(&request.step).ok_or_else(|| Error::bad_request(say!("there is no such step")))?;
    let ground = match request.ground.as_deref() {
        None | Some("") => None,
        Some(word) => Some(Ground::parse(word).ok_or_else(|| Error::bad_request(say!("there is no such ground")))?),
    };
    let core = session.core()?;
    // What only the history knows cannot be used any more: there is nothing to freeze.
    let here = |ids: Vec<String>| -> Result<Vec<ContactRow>, Error> {
        let chosen = subject::chosen(&core, &ids)?.into_iter().filter(|one| !one.is_gone);
        Ok(chosen.map(|one| one.row).collect())
    };
    let cards = request.cards.map(here).transpose()?;
    let how = match request.check.as_deref() {
        None => request.how,
        Some(word) => {
            let way = Way::parse(word).ok_or_else(|| Error::bad_request(say!("there is no such way")))?;
            identity::written(Some(way), &request.how, &requests::find(&core, &request.id)?.request.language)
        }
    };
    let details = Details { how, ground, text: request.text, outcome: request.outcome, cards };
    let standing = requests::step(&core, &request.id, step, &details, &session.who())?;
    Ok((&standing).into())
}

pub(super) fn request_extend(session: &Session, request: ExtendRequest) -> Result<RequestView, Error> {
    let standing = requests::extend(&*session.core()?, &request.id, &request.reason, &session.who())?;
    Ok((&standing).into())
}

pub(super) fn request_letter(session: &Session, request: LetterRequest) -> Result<RequestLetter, Error> {
    let core = session.core()?;
    let letter = letter(&request.letter)?;
    let standing = requests::find(&core, &request.id)?;
    let text = letters::write(&core, &standing, letter)?;
    Ok(RequestLetter { text, language: standing.request.language })
}

pub(super) fn request_letter_sent(session: &Session, request: LetterRequest) -> Result<Nothing, Error> {
    let core = session.core()?;
    let letter = letter(&request.letter)?;
    letters::sent(&core, &requests::find(&core, &request.id)?.request, letter, &session.who())?;
    Ok(Nothing {})
}

fn letter(word: &str) -> Result<Letter, Error> {
    Letter::parse(word).ok_or_else(|| Error::bad_request(say!("there is no such letter")))
}

impl From<&Standing> for RequestView {
    fn from(Standing { request, deadline, number }: &Standing) -> Self {
        Self {
            id: request.id.clone(),
            number: number.clone(),
            right: request.right.as_str(),
            article: request.right.article(),
            state: request.state.as_str(),
            stands: request.state.sentence().into(),
            subject: request.subject.clone(),
            name: request.name.clone(),
            reply_to: request.reply_to.clone(),
            language: request.language.clone(),
            channel: request.channel.clone(),
            purpose: request.purpose.clone(),
            note: request.note.clone(),
            received: request.received_at.to_rfc3339_seconds().chars().take(10).collect(),
            due: deadline.day.clone(),
            days_left: deadline.days_left,
            law_gives_until: deadline.law_gives_until.clone(),
            light: deadline.light.as_str(),
            can_extend: deadline.can_extend,
            extension_reason: request.extension_reason.clone(),
            identity_how: Some(&request.identity_how)
                .filter(|how| !how.is_empty())
                .map(|how| identity::said(how).into()),
            decided_by: request.decided_by.clone(),
            ground: request.ground.map(|ground| (ground.sentence().into(), ground.article().to_owned())),
            decision: request.decision.clone(),
            outcome: request.outcome.clone(),
            steps: request.state.steps().into_iter().map(Step::as_str).collect(),
            stages: request.right.stages().into_iter().map(Stage::as_str).collect(),
            may_choose: request.may_choose(),
            needs_outcome: request.right.needs_outcome(),
        }
    }
}

impl From<AuditEntry> for AuditView {
    fn from(entry: AuditEntry) -> Self {
        Self {
            says: told::facts(&entry).map(Said::from),
            entry: entry.entry,
            at: entry.at.to_rfc3339(),
            actor: entry.actor,
            origin: entry.origin,
            event: entry.event,
            about: entry.about,
            facts: entry.facts,
            hash: entry.hash,
        }
    }
}
