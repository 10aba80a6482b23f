//! People out of a mailbox.

use super::answer::Changed;
use crate::said::Said;
use crate::{error::Error, jobs::Job, mail, session::Session};
use serde::{Deserialize, Serialize};
use std::path::PathBuf;
use ts_rs::TS;

/// A mailbox.
#[derive(Debug, Deserialize, TS)]
pub(super) struct MailFile {
    /// Path of an mbox or `.eml` file, or of a Maildir folder.
    pub file: String,
}

/// Senders to keep.
#[derive(Debug, Deserialize, TS)]
pub(super) struct KeepSenders {
    /// The mailbox.
    pub file: String,
    /// Keys of the senders.
    pub keys: Vec<String>,
    /// What they wrote becomes conversations.
    pub texts: bool,
}

/// Who wrote.
#[derive(Debug, Serialize, TS)]
pub(super) struct MailView {
    /// Name of the file.
    pub name: String,
    /// Messages read.
    pub messages: u32,
    /// Messages that say no sender.
    pub rejected: u32,
    /// New people first, those with most messages first; at most 2,000.
    pub senders: Vec<SenderView>,
    /// Senders in all.
    pub total: u32,
}

/// Everybody who wrote from one address.
#[derive(Debug, Serialize, TS)]
#[serde(rename_all = "camelCase")]
pub(super) struct SenderView {
    /// As it is compared.
    pub key: String,
    /// As it was written.
    pub address: String,
    /// Name beside it.
    pub name: String,
    /// Messages.
    pub messages: u32,
    /// RFC 3339.
    pub first: Option<String>,
    /// RFC 3339.
    pub last: Option<String>,
    /// Why it is no person.
    pub left_out: Option<Said>,
    /// `ctc_…` of the card that has the address.
    pub contact: Option<String>,
}

/// Senders given to the window.
const SHOWN: usize = 2_000;

pub(super) fn mail_propose(session: &Session, request: MailFile) -> Result<MailView, Error> {
    let file = PathBuf::from(request.file);
    let found = mail::propose(&*session.core()?, &file, &Job::begin(session, "Reading"))?;
    let view = |sender: mail::Sender| SenderView {
        first: sender.first.map(cardfile_domain::Millis::to_rfc3339),
        last: sender.last.map(cardfile_domain::Millis::to_rfc3339),
        left_out: sender.automatic.map(|why| why.sentence().into()),
        key: sender.key,
        address: sender.address,
        name: sender.name,
        messages: sender.messages,
        contact: sender.contact,
    };
    Ok(MailView {
        name: file.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default(),
        messages: found.messages,
        rejected: found.rejected,
        total: found.senders.len() as u32,
        senders: found.senders.into_iter().take(SHOWN).map(view).collect(),
    })
}

pub(super) fn mail_keep(session: &Session, request: KeepSenders) -> Result<Changed, Error> {
    let core = session.core()?;
    let file = PathBuf::from(request.file);
    let found = mail::propose(&core, &file, &Job::begin(session, "Reading"))?;
    let (kept, operation) =
        mail::keep(&core, &file, &found, &request.keys.into_iter().collect(), request.texts, &session.who())?;
    Ok(Changed::of((kept.created + kept.updated, operation)))
}
