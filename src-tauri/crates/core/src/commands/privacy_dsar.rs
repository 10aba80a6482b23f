//! Access requests: who asks, what the answer would hold, the answer, and checking one.

use super::answer::Nothing;
use crate::{
    core::Core,
    error::{Code, Error},
    jobs::Job,
    privacy::{
        bundle::{self, Built, Request},
        check, signing, subject,
        third_party::{Decision, ThirdPerson},
    },
    said::Said,
    session::Session,
};
use cardfile_domain::say;
use cardfile_formats::{
    age::Recipient,
    dsar::{Language, TableLine},
};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::{collections::BTreeMap, path::PathBuf};
use ts_rs::TS;

/// Anything that names a person.
#[derive(Debug, Deserialize, TS)]
pub(super) struct FindSubject {
    /// An email, a phone, an external ID, a handle, our id or a name.
    pub text: String,
}

/// Cards that may be the person's.
#[derive(Debug, Serialize, TS)]
pub(super) struct SubjectsView {
    /// Those that are theirs for certain first.
    pub cards: Vec<SubjectCard>,
}

/// A card that may be the person's.
#[derive(Debug, Serialize, TS)]
#[serde(rename_all = "camelCase")]
pub(super) struct SubjectCard {
    /// `ctc_…`
    pub id: String,
    /// What to call it.
    pub name: String,
    /// Its first email.
    pub email: String,
    /// By what it was found.
    pub why: Said,
    /// It was named for certain; else a person has to choose it.
    pub is_sure: bool,
    /// Only the history knows it any more.
    pub is_gone: bool,
}

/// What is asked, and what was decided about it.
#[derive(Debug, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub(super) struct DsarRequest {
    /// As the register calls it; empty for one that is made up.
    pub reference: String,
    /// What the person told of themselves.
    pub identifier: String,
    /// Ids of their cards; none says that nothing is held.
    pub cards: Vec<String>,
    /// `en` or `es`.
    pub language: String,
    /// Keys of third persons who may stand there.
    pub keep: Vec<String>,
    /// Keys of third persons who are left out.
    pub mask: Vec<String>,
    /// Ids of internal notes that are given out.
    pub internal_notes: Vec<String>,
    /// Ids of files on other cards too that are given out.
    pub shared_files: Vec<String>,
    /// Names of the team stay.
    pub staff_names: bool,
}

/// What an answer would hold.
#[derive(Debug, Serialize, TS)]
#[serde(rename_all = "camelCase")]
pub(super) struct DsarPreview {
    /// What it would be called.
    pub reference: String,
    /// Every table of the workspace.
    pub tables: Vec<DsarTable>,
    /// Third persons, those that are a question first.
    pub people: Vec<DsarPerson>,
    /// Internal notes, which stay unless they are chosen: id and text.
    pub internal_notes: Vec<(String, String)>,
    /// Files that stand on other cards too, which stay unless they are chosen: id and name.
    pub shared_files: Vec<(String, String)>,
    /// Names of those who got data.
    pub recipients: Vec<String>,
    /// How many conversations.
    pub conversations: u32,
    /// How many files.
    pub attachments: u32,
    /// Nobody has written yet what the law asks to be told.
    pub is_unreviewed: bool,
}

/// One table.
#[derive(Debug, Serialize, TS)]
#[serde(rename_all = "camelCase")]
pub(super) struct DsarTable {
    /// Its name.
    pub table: String,
    /// Rows about the person.
    #[ts(type = "number")]
    pub of_subject: u64,
    /// Those that are shown.
    #[ts(type = "number")]
    pub exported: u64,
    /// Those that are not.
    #[ts(type = "number")]
    pub withheld: u64,
    /// Why.
    #[ts(type = "\"\" | \"derived\" | \"security\" | \"internal\" | \"third_party\" | \"business\"")]
    pub reason: String,
}

/// Somebody else who is named in the answer.
#[derive(Debug, Serialize, TS)]
#[serde(rename_all = "camelCase")]
pub(super) struct DsarPerson {
    /// By what a decision names them.
    pub key: String,
    /// What to call them.
    pub name: String,
    /// By what they were found: `name`, `email`, `phone`, `handle`, `iban`, `payment_card`.
    pub by: Vec<String>,
    /// How often.
    pub count: u32,
    /// It is certain that it is somebody.
    pub is_sure: bool,
    /// `keep`, `mask`, or nothing yet, which masks.
    pub decision: Option<String>,
    /// The file of the answer in which they stand first.
    pub place: String,
    /// What stands there.
    pub example: String,
    /// Where in it they are: from and until.
    pub span: (u32, u32),
}

/// An answer to be built.
#[derive(Debug, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub(super) struct DsarBuild {
    /// What is asked and decided.
    pub request: DsarRequest,
    /// The whole path of the file.
    pub file: String,
    /// Whether a file of this name may be replaced: a dialog asked.
    pub replace: bool,
    /// `age1…` of who is to open it; empty for a file that anybody can read.
    pub recipient: String,
}

/// What was built.
#[derive(Debug, Serialize, TS)]
#[serde(rename_all = "camelCase")]
pub(super) struct DsarBuilt {
    /// The file.
    pub file: String,
    /// What it is called.
    pub reference: String,
    /// How long it is.
    #[ts(type = "number")]
    pub bytes: u64,
    /// Its SHA-256.
    pub sha256: String,
    /// Files in it.
    pub files: u32,
    /// Rows of the person that it shows.
    #[ts(type = "number")]
    pub exported: u64,
    /// Rows that it does not.
    #[ts(type = "number")]
    pub withheld: u64,
    /// Places where somebody else was left out.
    #[ts(type = "number")]
    pub masked: u64,
    /// Third persons about whom nobody decided; they are masked.
    pub undecided: u32,
    /// The public key, for whoever checks it.
    pub key: String,
    /// Its fingerprint, for the letter.
    pub fingerprint: String,
    /// Nobody has written yet what the law asks to be told.
    pub is_unreviewed: bool,
    /// Only whoever has the key can open it.
    pub is_encrypted: bool,
}

/// A bundle to be checked.
#[derive(Debug, Deserialize, TS)]
pub(super) struct DsarFile {
    /// Its path.
    pub file: String,
    /// The public key that is expected; empty for the bundle's own.
    pub key: String,
}

/// What a check found.
#[derive(Debug, Serialize, TS)]
#[serde(rename_all = "camelCase")]
pub(super) struct DsarCheck {
    /// Everything is as it was written.
    pub holds: bool,
    /// What is not.
    pub faults: Vec<Said>,
    /// The request it answers.
    pub request: Option<String>,
    /// The state it shows (RFC 3339).
    pub created: Option<String>,
    /// Files in it.
    pub files: u32,
    /// Fingerprint of the key it was checked with.
    pub fingerprint: Option<String>,
    /// That key was expected, and is not only the bundle's own.
    pub is_expected_key: bool,
}

/// The public half of the key that this workspace signs with.
#[derive(Debug, Serialize, TS)]
pub(super) struct SigningKeyView {
    /// `RW…`, as minisign takes it.
    pub key: String,
    /// For letters.
    pub fingerprint: String,
}

pub(super) fn subject_find(session: &Session, request: FindSubject) -> Result<SubjectsView, Error> {
    let mut found = subject::find(&*session.core()?, &request.text)?;
    found.sort_by_key(|one| !one.is_sure);
    let view = |one: subject::Match| SubjectCard {
        id: one.id,
        name: one.name,
        email: one.email,
        why: one.why.into(),
        is_sure: one.is_sure,
        is_gone: one.is_gone,
    };
    Ok(SubjectsView { cards: found.into_iter().map(view).collect() })
}

pub(super) fn dsar_preview(session: &Session, request: DsarRequest) -> Result<DsarPreview, Error> {
    let core = session.core()?;
    let seen = bundle::preview(&core, &as_request(&core, request)?)?;
    let names = seen.recipients.iter().filter_map(|one| one.get("name").and_then(Value::as_str));
    Ok(DsarPreview {
        recipients: names.map(str::to_owned).collect(),
        reference: seen.reference,
        tables: seen.tables.into_iter().map(table).collect(),
        people: seen.people.into_iter().map(person).collect(),
        internal_notes: seen.internal_notes,
        shared_files: seen.shared_files,
        conversations: seen.conversations,
        attachments: seen.attachments,
        is_unreviewed: seen.is_unreviewed,
    })
}

pub(super) fn dsar_build(session: &Session, request: DsarBuild) -> Result<DsarBuilt, Error> {
    let core = session.core()?;
    let path = PathBuf::from(&request.file);
    if !path.is_absolute() {
        return Err(Error::bad_request(say!("give the whole path of the file, beginning with its folder")));
    }
    if !request.replace && path.exists() {
        let message = say!("{path} is there already", path);
        return Err(Error::new(Code::NotEmpty, message).hint(say!("Choose another name.")));
    }
    let to = recipient(&request.recipient)?;
    let asked = as_request(&core, request.request)?;
    let job = Job::begin(session, "Answering");
    bundle::build(&core, &asked, &path, to.as_ref(), &session.who(), &job).map(built)
}

pub(super) fn dsar_verify(_: &Session, request: DsarFile) -> Result<DsarCheck, Error> {
    let key = Some(request.key.trim()).filter(|key| !key.is_empty());
    let found = check::verify(&PathBuf::from(&request.file), key)?;
    let manifest = found.manifest.as_ref();
    Ok(DsarCheck {
        holds: found.holds(),
        faults: found.faults.iter().map(|fault| fault.sentence().into()).collect(),
        request: manifest.map(|manifest| manifest.request.clone()),
        created: manifest.map(|manifest| manifest.created.clone()),
        files: manifest.map_or(0, |manifest| manifest.files.len() as u32),
        fingerprint: found.key.as_ref().map(|key| key.fingerprint()),
        is_expected_key: found.is_expected_key,
    })
}

pub(super) fn signing_key(session: &Session, _: Nothing) -> Result<SigningKeyView, Error> {
    let public = signing::key(&*session.core()?)?.public();
    Ok(SigningKeyView { key: public.line(), fingerprint: public.fingerprint() })
}

fn as_request(core: &Core, request: DsarRequest) -> Result<Request, Error> {
    let language = Language::parse(&request.language)
        .ok_or_else(|| Error::bad_request(say!("there is no language {code}", code = request.language)))?;
    let cards = subject::chosen(core, &request.cards)?.into_iter().map(|one| one.row).collect();
    let mut decisions: BTreeMap<String, Decision> = request.mask.into_iter().map(|key| (key, Decision::Mask)).collect();
    decisions.extend(request.keep.into_iter().map(|key| (key, Decision::Keep)));
    Ok(Request {
        reference: request.reference,
        identifier: request.identifier,
        cards,
        language,
        decisions,
        internal_notes: request.internal_notes.into_iter().collect(),
        shared_files: request.shared_files.into_iter().collect(),
        staff_names: request.staff_names,
    })
}

fn recipient(text: &str) -> Result<Option<Recipient>, Error> {
    match text.trim() {
        "" => Ok(None),
        text => Recipient::parse(text).map(Some).ok_or_else(|| {
            Error::bad_request(say!("this is no key of age")).hint(say!("It begins with age1 and has 62 signs."))
        }),
    }
}

fn table(line: TableLine) -> DsarTable {
    DsarTable {
        table: line.table,
        of_subject: line.rows_of_subject,
        exported: line.rows_exported,
        withheld: line.rows_withheld,
        reason: line.reason,
    }
}

fn person(one: ThirdPerson) -> DsarPerson {
    let word = |decision| match decision {
        Decision::Keep => "keep".to_owned(),
        Decision::Mask => "mask".to_owned(),
    };
    DsarPerson {
        by: one.found.keys().map(|by| by.as_str().to_owned()).collect(),
        count: one.found.values().sum(),
        decision: one.decision.map(word),
        key: one.key,
        name: one.name,
        is_sure: one.is_sure,
        place: one.place,
        example: one.example,
        span: one.span,
    }
}

pub(super) fn built(built: Built) -> DsarBuilt {
    DsarBuilt {
        file: built.file.display().to_string(),
        reference: built.reference,
        bytes: built.bytes,
        sha256: built.sha256,
        files: built.files,
        exported: built.rows.0,
        withheld: built.rows.1,
        masked: built.masked,
        undecided: built.undecided,
        key: built.key.0,
        fingerprint: built.key.1,
        is_unreviewed: built.is_unreviewed,
        is_encrypted: built.is_encrypted,
    }
}
