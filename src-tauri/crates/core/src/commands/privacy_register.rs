//! The register of processing, the audit log, who is affected by a breach, and the rule of
//! the country.

use super::{answer::Nothing, privacy_requests::AuditView};
use crate::{
    error::{Code, Error},
    ingest,
    privacy::{
        audit,
        breach::{self, Incident, Person, What},
        processing::{self, Controller, Location},
    },
    said::Said,
    session::Session,
};
use cardfile_domain::{Millis, say, time::DateOrder};
use cardfile_store::AuditCheck;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::path::PathBuf;
use ts_rs::TS;

/// The register of processing.
#[derive(Debug, Serialize, TS)]
pub(super) struct ProcessingView {
    /// Who answers for the data.
    pub controller: ControllerView,
    /// Who gets data by itself.
    pub recipients: Vec<RecipientView>,
    /// Where contacts come from, most first.
    pub sources: Vec<(String, u32)>,
    /// What has to be said and was not.
    pub missing: Vec<Said>,
}

/// Who answers for the data.
#[derive(Debug, Serialize, Deserialize, TS)]
pub(super) struct ControllerView {
    /// Name of the business.
    pub name: String,
    /// Postal address.
    pub address: String,
    /// Where questions of privacy go.
    pub email: String,
    /// Data protection officer, if there has to be one.
    pub officer: String,
    /// The supervisory authority.
    pub authority: String,
    /// How the data is protected beside what this program does.
    pub security: String,
    /// Whether anything is decided by programs alone.
    pub decisions: String,
}

/// Somebody who gets data.
#[derive(Debug, Serialize, TS)]
pub(super) struct RecipientView {
    /// `rem_…`
    pub id: String,
    /// What it is called.
    pub name: String,
    /// Which kind of system.
    pub kind: String,
    /// Fields that may leave, each with the purpose it needs.
    pub fields: Vec<(String, Option<String>)>,
    /// Its country.
    pub country: String,
    /// What protects the data there.
    pub safeguard: String,
}

/// Where a recipient is.
#[derive(Debug, Deserialize, TS)]
pub(super) struct RecipientPlace {
    /// `rem_…`
    pub id: String,
    /// Its country.
    pub country: String,
    /// What protects the data there.
    pub safeguard: String,
}

/// A file to write the register to.
#[derive(Debug, Deserialize, TS)]
pub(super) struct RegisterFile {
    /// Its whole path; JSON for a name that ends so, else a page to print.
    pub file: String,
    /// `en`, `es`.
    pub language: String,
    /// Whether a file of this name may be replaced: a dialog asked.
    pub replace: bool,
}

/// A file to write to.
#[derive(Debug, Deserialize, TS)]
pub(super) struct OutFile {
    /// Its whole path.
    pub file: String,
    /// Whether a file of this name may be replaced: a dialog asked.
    pub replace: bool,
}

/// A part of the audit log.
#[derive(Debug, Deserialize, TS)]
pub(super) struct AuditRequest {
    /// Entries before this one; null for the latest.
    #[ts(type = "number | null")]
    pub before: Option<i64>,
}

/// Entries of the audit log.
#[derive(Debug, Serialize, TS)]
pub(super) struct AuditLogView {
    /// Newest first.
    pub entries: Vec<AuditView>,
}

/// What a check of the audit log found.
#[derive(Debug, Serialize, TS)]
pub(super) struct AuditCheckView {
    /// Entries that were looked at.
    #[ts(type = "number")]
    pub entries: i64,
    /// Hash of the last one.
    pub head: String,
    /// The first entry that is not what was written; null when all are.
    #[ts(type = "number | null")]
    pub broken: Option<i64>,
}

/// What was lost, or read by strangers.
#[derive(Debug, Deserialize, TS)]
pub(super) struct BreachRequest {
    /// What.
    #[ts(type = "\"everything\" | \"remote\" | \"export\" | \"filter\"")]
    pub what: String,
    /// Name of the remote, end of the file's path, or filter text.
    pub name: String,
    /// From when.
    pub from: String,
    /// Until when.
    pub until: String,
    /// When it was found out; empty for now.
    pub found: String,
    /// Where to write who is affected; null to look only.
    pub file: Option<String>,
    /// Whether a file of this name may be replaced: a dialog asked.
    pub replace: bool,
}

/// Who is affected.
#[derive(Debug, Serialize, TS)]
#[serde(rename_all = "camelCase")]
pub(super) struct BreachView {
    /// How many.
    pub people: u32,
    /// The first of them.
    pub first: Vec<AffectedView>,
    /// Contacts that were there and are gone from here since.
    pub gone: u32,
    /// Those who have neither an email nor a phone.
    pub unreachable: u32,
    /// Why there may be somebody too many.
    pub remarks: Vec<Said>,
    /// When the authority is to be told at the latest (RFC 3339).
    pub tell_by: String,
}

/// A contact that is affected.
#[derive(Debug, Serialize, TS)]
pub(super) struct AffectedView {
    /// `ctc_…`
    pub id: String,
    /// What to call them.
    pub name: String,
    /// Where to tell them.
    pub email: String,
    /// Where to tell them.
    pub phone: String,
    /// Which fields, where that is known; empty for all.
    pub fields: Vec<String>,
}

/// The rule of the country by IP.
#[derive(Debug, Serialize, Deserialize, TS)]
pub(super) struct CountryRuleView {
    /// Countries whose people must consent before it is kept (ISO 3166-1).
    pub countries: Vec<String>,
    /// How many people declined to be kept at all, so far.
    #[serde(default)]
    #[ts(type = "number")]
    pub declined: u64,
}

/// People that are shown.
const SHOWN: usize = 200;
/// Entries of the audit log that are shown at once.
const ENTRIES: u32 = 200;

pub(super) fn processing_get(session: &Session, _: Nothing) -> Result<ProcessingView, Error> {
    let register = processing::register(&*session.core()?)?;
    let recipients = register.recipients.into_iter().map(|one| RecipientView {
        id: one.id,
        name: one.name,
        kind: one.kind,
        fields: one.fields,
        country: one.location.country,
        safeguard: one.location.safeguard,
    });
    Ok(ProcessingView {
        controller: register.controller.into(),
        recipients: recipients.collect(),
        sources: register.sources,
        missing: register.missing.iter().map(Said::from).collect(),
    })
}

pub(super) fn controller_set(session: &Session, request: ControllerView) -> Result<Nothing, Error> {
    processing::set_controller(&*session.core()?, &request.into(), &session.who())?;
    Ok(Nothing {})
}

pub(super) fn recipient_set(session: &Session, request: RecipientPlace) -> Result<Nothing, Error> {
    let RecipientPlace { id, country, safeguard } = request;
    processing::set_location(&*session.core()?, &id, &Location { country, safeguard }, &session.who())?;
    Ok(Nothing {})
}

pub(super) fn processing_write(session: &Session, request: RegisterFile) -> Result<Nothing, Error> {
    let file = target(&request.file, request.replace)?;
    processing::write(&*session.core()?, &file, &request.language, &session.who())?;
    Ok(Nothing {})
}

pub(super) fn audit_list(session: &Session, request: AuditRequest) -> Result<AuditLogView, Error> {
    let entries = audit::latest(&*session.core()?, request.before, ENTRIES)?;
    Ok(AuditLogView { entries: entries.into_iter().map(AuditView::from).collect() })
}

pub(super) fn audit_check(session: &Session, _: Nothing) -> Result<AuditCheckView, Error> {
    Ok(audit::check(&*session.core()?)?.into())
}

pub(super) fn audit_export(session: &Session, request: OutFile) -> Result<AuditCheckView, Error> {
    Ok(audit::export(&*session.core()?, &target(&request.file, request.replace)?, &session.who())?.into())
}

pub(super) fn breach_query(session: &Session, request: BreachRequest) -> Result<BreachView, Error> {
    let core = session.core()?;
    let time = |text: &str| {
        Millis::parse(text, DateOrder::DayFirst).ok_or_else(|| Error::bad_request(say!("{text} is no time", text)))
    };
    let what = match request.what.as_str() {
        "everything" => What::Everything,
        "remote" => What::Remote(request.name),
        "export" => What::Export(request.name),
        "filter" => What::Filter(request.name),
        _ => return Err(Error::bad_request(say!("there is no such kind of breach"))),
    };
    let found_at = match request.found.trim() {
        "" => core.store().environment().clock.now(),
        text => time(text)?,
    };
    let incident = Incident { what, from: time(&request.from)?, until: time(&request.until)?, found_at };
    let found = match &request.file {
        Some(file) => breach::export(&core, &incident, &target(file, request.replace)?, &session.who())?,
        None => breach::affected(&core, &incident)?,
    };
    let view = |Person { id, name, email, phone, fields }: Person| AffectedView { id, name, email, phone, fields };
    Ok(BreachView {
        people: found.people.len() as u32,
        first: found.people.into_iter().take(SHOWN).map(view).collect(),
        gone: found.gone,
        unreachable: found.unreachable,
        remarks: found.remarks.iter().map(Said::from).collect(),
        tell_by: found.tell_by.to_rfc3339(),
    })
}

pub(super) fn country_rule_get(session: &Session, _: Nothing) -> Result<CountryRuleView, Error> {
    let core = session.core()?;
    let declined = core.setting(ingest::DECLINED)?.and_then(|counts| counts[""].as_u64()).unwrap_or(0);
    Ok(CountryRuleView { countries: ingest::private_countries(&core)?, declined })
}

pub(super) fn country_rule_set(session: &Session, request: CountryRuleView) -> Result<Nothing, Error> {
    let codes: Vec<String> = request.countries.iter().map(|code| code.trim().to_uppercase()).collect();
    if let Some(wrong) =
        codes.iter().find(|code| code.len() != 2 || !code.bytes().all(|letter| letter.is_ascii_uppercase()))
    {
        return Err(Error::bad_request(say!("{wrong} is no code of a country, as in ES", wrong)));
    }
    session.core()?.set_setting(ingest::PRIVATE_COUNTRIES, &Value::from(codes), &session.who())?;
    Ok(Nothing {})
}

/// Where to write. What is there already is replaced only when somebody was asked about it.
fn target(file: &str, replace: bool) -> Result<PathBuf, Error> {
    let path = PathBuf::from(file);
    if !path.is_absolute() {
        return Err(Error::bad_request(say!("give the whole path of the file, beginning with its folder")));
    }
    if !replace && path.exists() {
        let message = say!("{path} is there already", path);
        return Err(Error::new(Code::NotEmpty, message).hint(say!("Choose another name.")));
    }
    Ok(path)
}

impl From<AuditCheck> for AuditCheckView {
    fn from(AuditCheck { entries, head, broken }: AuditCheck) -> Self {
        Self { entries, head, broken }
    }
}

impl From<Controller> for ControllerView {
    fn from(one: Controller) -> Self {
        let Controller { name, address, email, officer, authority, security, decisions } = one;
        Self { name, address, email, officer, authority, security, decisions }
    }
}

impl From<ControllerView> for Controller {
    fn from(one: ControllerView) -> Self {
        let ControllerView { name, address, email, officer, authority, security, decisions } = one;
        Self { name, address, email, officer, authority, security, decisions }
    }
}
