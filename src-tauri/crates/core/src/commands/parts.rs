//! Notes, tasks, memories, ratings and payment accounts of a card.

use super::{
    answer::{Changed, Made},
    contacts::ContactRef,
    conversations::ConversationView,
    secrets::SecretView,
    spaces::SpaceView,
};
use crate::{avatar, contact, error::Error, parts, secrets, session::Session, spaces, tasks};
use cardfile_domain::{
    Millis, OperationId,
    part::{Conversation, Memory, Note, PaymentAccount, Rating, Task, TaskOutcome, TaskStatus},
    say,
    time::DateOrder,
};
use serde::{Deserialize, Serialize};
use ts_rs::TS;

/// What belongs to a card, newest first.
#[derive(Debug, Serialize, TS)]
pub(super) struct PartsView {
    /// Of the team; newest first.
    pub notes: Vec<NoteView>,
    /// The one due next first; what is over last.
    pub tasks: Vec<TaskView>,
    /// Pinned ones first.
    pub memories: Vec<MemoryView>,
    /// The latest first.
    pub conversations: Vec<ConversationView>,
    /// Newest first.
    pub ratings: Vec<RatingView>,
    /// Average rating.
    pub rating: Option<f64>,
    /// In the order they were put on the card.
    pub spaces: Vec<SpaceView>,
    /// Oldest first.
    pub secrets: Vec<SecretView>,
    /// Oldest first.
    pub payments: Vec<PaymentView>,
    /// The picture, base64 of a PNG.
    pub avatar: Option<String>,
}

/// A note.
#[derive(Debug, Serialize, TS)]
#[serde(rename_all = "camelCase")]
pub(super) struct NoteView {
    /// `nte_…`
    pub id: String,
    /// Markdown.
    pub text: String,
    /// Left out of access requests unless decided otherwise.
    pub internal: bool,
    /// By whom.
    pub author: String,
    /// RFC 3339.
    pub created_at: String,
    /// RFC 3339.
    pub updated_at: String,
}

/// A task.
#[derive(Debug, Serialize, TS)]
#[serde(rename_all = "camelCase")]
pub(super) struct TaskView {
    /// `tsk_…`
    pub id: String,
    /// What is to be done.
    pub title: String,
    /// RFC 3339.
    pub starts_at: Option<String>,
    /// RFC 5545; empty for once.
    pub rule: String,
    /// IANA.
    pub zone: String,
    /// Where it stands.
    #[ts(type = "\"idle\" | \"running\" | \"canceled\"")]
    pub status: TaskStatus,
    /// How its latest run ended.
    #[ts(type = "\"pending\" | \"success\" | \"failure\"")]
    pub outcome: TaskOutcome,
    /// RFC 3339.
    pub last_run_at: Option<String>,
    /// RFC 3339.
    pub next_run_at: Option<String>,
    /// By whom.
    pub author: String,
}

/// A memory.
#[derive(Debug, Serialize, TS)]
#[serde(rename_all = "camelCase")]
pub(super) struct MemoryView {
    /// `mem_…`
    pub id: String,
    /// What.
    pub text: String,
    /// By whom.
    pub author: String,
    /// `cnv_…`
    pub source: Option<String>,
    /// 0 to 1.
    pub confidence: Option<f64>,
    /// Kept at the top.
    pub pinned: bool,
    /// RFC 3339.
    pub created_at: String,
}

/// A rating.
#[derive(Debug, Serialize, TS)]
pub(super) struct RatingView {
    /// `rat_…`
    pub id: String,
    /// 1 to 5.
    pub value: f64,
    /// Why.
    pub reason: String,
    /// RFC 3339.
    pub at: String,
}

/// A note, new or changed.
#[derive(Debug, Deserialize, TS)]
pub(super) struct PutNote {
    /// `ctc_…`
    pub contact: String,
    /// `nte_…` of the one to change.
    pub id: Option<String>,
    /// Markdown.
    pub text: String,
    /// Left out of access requests unless decided otherwise.
    pub internal: bool,
}

/// A task, new or changed.
#[derive(Debug, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub(super) struct PutTask {
    /// `ctc_…`
    pub contact: String,
    /// `tsk_…` of the one to change.
    pub id: Option<String>,
    /// What is to be done.
    pub title: String,
    /// RFC 3339; nothing for a task without a time.
    pub starts_at: Option<String>,
    /// RFC 5545; empty for once.
    pub rule: String,
    /// IANA.
    pub zone: String,
}

/// A memory, new or changed.
#[derive(Debug, Deserialize, TS)]
pub(super) struct PutMemory {
    /// `ctc_…`
    pub contact: String,
    /// `mem_…` of the one to change.
    pub id: Option<String>,
    /// What.
    pub text: String,
    /// Kept at the top.
    pub pinned: bool,
}

/// What a contact thought of a reply.
#[derive(Debug, Deserialize, TS)]
pub(super) struct PutRating {
    /// `ctc_…`
    pub contact: String,
    /// 1 to 5.
    pub value: f64,
    /// Why.
    pub reason: String,
    /// `cnv_…`
    pub conversation: Option<String>,
    /// `msg_…`
    pub message: Option<String>,
}

/// A contact's account at a payment provider.
#[derive(Debug, Serialize, TS)]
pub(super) struct PaymentView {
    /// `pay_…`
    pub id: String,
    /// What to call it.
    pub label: String,
    /// Its id at the provider.
    pub account: String,
    /// Email it is kept under there.
    pub email: String,
}

/// The same, new or changed.
#[derive(Debug, Deserialize, TS)]
pub(super) struct PutPayment {
    /// `ctc_…`
    pub contact: String,
    /// `pay_…` of the one to change.
    pub id: Option<String>,
    /// What to call it.
    pub label: String,
    /// Its id at the provider.
    pub account: String,
    /// Email it is kept under there.
    pub email: String,
}

/// A part by its id.
#[derive(Debug, Deserialize, TS)]
pub(super) struct PartRef {
    /// `nte_…`, `tsk_…`, `mem_…`, `cnv_…`, `rat_…`
    pub id: String,
}

pub(super) fn part_list(session: &Session, request: ContactRef) -> Result<PartsView, Error> {
    let core = session.core()?;
    let stored = contact::find(&core, &request.id)?;
    let mut tasks = parts::of::<Task>(&core, &stored)?;
    tasks.sort_by_key(|task| (task.value.next_run_at.is_none(), task.value.next_run_at, -task.value.updated_at.0));
    let mut memories = parts::of::<Memory>(&core, &stored)?;
    memories.reverse();
    memories.sort_by_key(|memory| !memory.value.pinned);
    let mut conversations = parts::of::<Conversation>(&core, &stored)?;
    conversations.sort_by_key(|conversation| std::cmp::Reverse(conversation.value.last_at));
    let ratings = parts::of::<Rating>(&core, &stored)?;
    let rating = parts::average(&ratings);
    Ok(PartsView {
        notes: parts::of::<Note>(&core, &stored)?.into_iter().rev().map(|note| note.value.into()).collect(),
        tasks: tasks.into_iter().map(|task| task.value.into()).collect(),
        memories: memories.into_iter().map(|memory| memory.value.into()).collect(),
        conversations: conversations.into_iter().map(|conversation| conversation.value.into()).collect(),
        ratings: ratings.into_iter().rev().map(|rating| rating.value.into()).collect(),
        rating,
        spaces: spaces::of(&core, &stored)?.into_iter().map(SpaceView::from).collect(),
        secrets: secrets::of(&core, &stored)?.into_iter().map(SecretView::from).collect(),
        payments: parts::of::<PaymentAccount>(&core, &stored)?.into_iter().map(|one| one.value.into()).collect(),
        avatar: avatar::of(&core, &stored)?,
    })
}

pub(super) fn note_put(session: &Session, request: PutNote) -> Result<Made, Error> {
    if request.text.trim().is_empty() {
        return Err(Error::bad_request(say!("a note needs a text")));
    }
    let (core, who) = (session.core()?, session.who());
    match request.id {
        Some(id) => changed(
            parts::edit::<Note>(&core, &id, &who, |note| {
                (note.text, note.internal) = (request.text, request.internal);
            }),
            id,
        ),
        None => {
            let note =
                Note { text: request.text, internal: request.internal, author: who.actor.clone(), ..Note::default() };
            made(parts::add(&core, &request.contact, &note, &who))
        }
    }
}

pub(super) fn task_put(session: &Session, request: PutTask) -> Result<Made, Error> {
    let (core, who) = (session.core()?, session.who());
    let starts_at = request
        .starts_at
        .map(|text| {
            Millis::parse(&text, DateOrder::DayFirst).ok_or_else(|| Error::bad_request(say!("{text} is no time", text)))
        })
        .transpose()?;
    let task = Task { title: request.title, starts_at, rule: request.rule, zone: request.zone, ..Task::default() };
    match request.id {
        Some(id) => changed(tasks::change(&core, &id, &task, &who), id),
        None => made(tasks::add(&core, &request.contact, task, &who)),
    }
}

pub(super) fn task_done(session: &Session, request: PartRef) -> Result<Changed, Error> {
    Ok(one(tasks::done(&*session.core()?, &request.id, &session.who())?))
}

pub(super) fn task_cancel(session: &Session, request: PartRef) -> Result<Changed, Error> {
    Ok(one(tasks::cancel(&*session.core()?, &request.id, &session.who())?))
}

pub(super) fn memory_put(session: &Session, request: PutMemory) -> Result<Made, Error> {
    if request.text.trim().is_empty() {
        return Err(Error::bad_request(say!("a memory needs a text")));
    }
    let (core, who) = (session.core()?, session.who());
    match request.id {
        Some(id) => changed(
            parts::edit::<Memory>(&core, &id, &who, |memory| {
                (memory.text, memory.pinned) = (request.text, request.pinned);
            }),
            id,
        ),
        None => {
            let (text, pinned) = (request.text, request.pinned);
            let memory = Memory { text, pinned, author: who.actor.clone(), ..Memory::default() };
            made(parts::add(&core, &request.contact, &memory, &who))
        }
    }
}

pub(super) fn rating_put(session: &Session, request: PutRating) -> Result<Made, Error> {
    let PutRating { value, reason, conversation, message, contact } = request;
    let rating = Rating { value, reason, conversation, message, ..Rating::default() };
    made(parts::rate(&*session.core()?, &contact, rating, &session.who()))
}

pub(super) fn payment_put(session: &Session, request: PutPayment) -> Result<Made, Error> {
    if request.account.trim().is_empty() {
        return Err(Error::bad_request(say!("a payment account needs its id at the provider")));
    }
    let (core, who) = (session.core()?, session.who());
    let PutPayment { contact, id, label, account, email } = request;
    match id {
        Some(id) => changed(
            parts::edit::<PaymentAccount>(&core, &id, &who, |known| {
                (known.label, known.account, known.email) = (label, account, email);
            }),
            id,
        ),
        None => made(parts::add(
            &core,
            &contact,
            &PaymentAccount { label, account, email, ..PaymentAccount::default() },
            &who,
        )),
    }
}

pub(super) fn part_remove(session: &Session, request: PartRef) -> Result<Changed, Error> {
    Ok(one(parts::remove_any(&*session.core()?, &request.id, &session.who())?))
}

pub(super) fn made(result: Result<(String, Option<OperationId>), Error>) -> Result<Made, Error> {
    let (id, operation) = result?;
    Ok(Made { id, operation: operation.map(|id| id.to_string()) })
}

pub(super) fn changed(result: Result<(bool, Option<OperationId>), Error>, id: String) -> Result<Made, Error> {
    let (_, operation) = result?;
    Ok(Made { id, operation: operation.map(|id| id.to_string()) })
}

pub(super) fn one((done, operation): (bool, Option<OperationId>)) -> Changed {
    Changed::of((done.into(), operation))
}

pub(super) fn text(at: Option<Millis>) -> Option<String> {
    at.map(Millis::to_rfc3339)
}

impl From<Note> for NoteView {
    fn from(note: Note) -> Self {
        Self {
            created_at: note.created_at.to_rfc3339(),
            updated_at: note.updated_at.to_rfc3339(),
            id: note.id,
            text: note.text,
            internal: note.internal,
            author: note.author,
        }
    }
}

impl From<Task> for TaskView {
    fn from(task: Task) -> Self {
        Self {
            starts_at: text(task.starts_at),
            last_run_at: text(task.last_run_at),
            next_run_at: text(task.next_run_at),
            id: task.id,
            title: task.title,
            rule: task.rule,
            zone: task.zone,
            status: task.status,
            outcome: task.outcome,
            author: task.author,
        }
    }
}

impl From<Memory> for MemoryView {
    fn from(memory: Memory) -> Self {
        Self {
            created_at: memory.created_at.to_rfc3339(),
            id: memory.id,
            text: memory.text,
            author: memory.author,
            source: memory.source,
            confidence: memory.confidence,
            pinned: memory.pinned,
        }
    }
}

impl From<Rating> for RatingView {
    fn from(rating: Rating) -> Self {
        Self { at: rating.at.to_rfc3339(), id: rating.id, value: rating.value, reason: rating.reason }
    }
}

impl From<PaymentAccount> for PaymentView {
    fn from(one: PaymentAccount) -> Self {
        let PaymentAccount { id, label, account, email } = one;
        Self { id, label, account, email }
    }
}
