//! Connections that a manifest describes: their forms, and what belongs to contacts there.

use super::answer::{Made, Nothing};
use crate::{
    error::Error,
    jobs::Job,
    said::Said,
    session::{Event, Session},
    sync::{
        belongings,
        remotes::{self, Known},
        setup::{self, NewManifest},
    },
};
use cardfile_connectors::manifest::{ConfigKind, FormField, Manifest};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use ts_rs::TS;

/// A field of the form by which a connection is set up.
#[derive(Debug, Serialize, TS)]
pub(super) struct FormFieldView {
    /// By which it is sent.
    pub name: String,
    /// What people call it.
    pub label: String,
    /// What is to be written there; may be empty.
    pub help: String,
    /// `text`, `secret`, `url`, `path`, `number`, `toggle` (`yes` or `no`) or `choice`.
    pub kind: &'static str,
    /// What it is set to, or what it is when nobody fills it in; empty for a secret.
    pub value: String,
    /// What can be chosen.
    pub choices: Vec<String>,
    /// It has to be filled in.
    pub required: bool,
    /// Only shown to who asks for it.
    pub advanced: bool,
    /// The vendor does not document it.
    pub assumed: bool,
}

impl FormFieldView {
    fn of(field: FormField, filled: &BTreeMap<String, String>) -> Self {
        let FormField { config, is_required } = field;
        let kind = match config.kind {
            ConfigKind::Text => "text",
            ConfigKind::Secret => "secret",
            ConfigKind::Url => "url",
            ConfigKind::Path => "path",
            ConfigKind::Number => "number",
            ConfigKind::Toggle => "toggle",
            ConfigKind::Choice => "choice",
        };
        Self {
            kind,
            value: filled.get(&config.name).cloned().or(config.default).unwrap_or_default(),
            name: config.name,
            label: config.label,
            help: config.help,
            choices: config.choices,
            required: is_required,
            advanced: config.advanced,
            assumed: config.assumed,
        }
    }
}

/// How a connection that a manifest describes is set up, and what is to be known of it.
#[derive(Debug, Serialize, TS)]
#[serde(rename_all = "camelCase")]
pub(super) struct SetupView {
    /// The form; empty for a kind that asks for an address, a user and a password.
    pub form: Vec<FormFieldView>,
    /// The hosts that it talks to, as far as they are known before the form is filled in.
    pub hosts: Vec<String>,
    /// What the vendor does not document and is taken to be so.
    pub assumed: Vec<String>,
    /// What the vendor cannot do, and what follows from it.
    pub cannot: Vec<Said>,
    /// A person may sign in with the browser.
    pub signs_in: bool,
    /// Something belongs to contacts there and can be fetched.
    pub fetches: bool,
}

impl SetupView {
    fn of(described: &Manifest, form: Vec<FormField>, filled: &BTreeMap<String, String>) -> Self {
        Self {
            form: form.into_iter().map(|field| FormFieldView::of(field, filled)).collect(),
            hosts: described.hosts(filled).unwrap_or_default(),
            assumed: described.written().connector.assumed.clone(),
            cannot: described.cannot().into_iter().map(Said::from).collect(),
            signs_in: described.written().auth.oauth.is_some(),
            fetches: described.belongings().next().is_some(),
        }
    }

    /// Of a kind that is code.
    fn none() -> Self {
        Self {
            form: Vec::new(),
            hosts: Vec::new(),
            assumed: Vec::new(),
            cannot: Vec::new(),
            signs_in: false,
            fetches: false,
        }
    }

    /// Of a kind that comes with the program.
    pub(super) fn of_kind(kind: &str) -> Self {
        let described = cardfile_connectors::manifest::shipped(kind);
        described.map_or_else(Self::none, |described| Self::of(&described, setup::form(kind), &BTreeMap::new()))
    }

    /// Of a connection that is there.
    pub(super) fn of_known(known: &Known) -> Self {
        let Some(described) = known.manifest() else { return Self::none() };
        let form = match setup::form(&known.kept.kind) {
            form if form.is_empty() => described.form(),
            form => form,
        };
        Self::of(&described, form, &known.settings.fields)
    }
}

/// The text of a manifest of one's own.
#[derive(Debug, Deserialize, TS)]
pub(super) struct ManifestText {
    /// TOML.
    pub text: String,
}

/// A manifest of one's own that can be used.
#[derive(Debug, Serialize, TS)]
pub(super) struct ManifestView {
    /// What it is called.
    pub label: String,
    /// How it is set up.
    pub setup: SetupView,
}

/// A field of a form, filled in.
#[derive(Deserialize, TS)]
pub(super) struct FilledField {
    /// Which.
    pub name: String,
    /// With what; a secret in clear.
    pub value: String,
}

/// A new connection that a manifest describes.
#[derive(Deserialize, TS)]
pub(super) struct ConnectRemote {
    /// What people will call it.
    pub name: String,
    /// `hubspot`; empty with a manifest of one's own.
    pub kind: String,
    /// What the form was filled in with.
    pub fields: Vec<FilledField>,
    /// The text of a manifest of one's own; else empty.
    pub manifest: String,
}

/// What the form of a connection is filled in with from now on.
#[derive(Deserialize, TS)]
pub(super) struct FillRemote {
    /// `rem_…`
    pub id: String,
    /// Fields that change; the others stay.
    pub fields: Vec<FilledField>,
}

/// What is to be fetched.
#[derive(Debug, Deserialize, TS)]
pub(super) struct FetchBelongings {
    /// `rem_…`
    pub id: String,
    /// `ctc_…`; empty for all that have a record there.
    pub contact: String,
}

/// What was fetched. Each count is of parts that are new here.
#[derive(Debug, Serialize, TS)]
#[serde(rename_all = "camelCase")]
pub(super) struct FetchedView {
    /// Contacts that were asked about.
    pub contacts: u32,
    /// Conversations, tasks, memories, ratings, spaces and secrets.
    pub parts: u32,
    /// Parts that were not taken.
    pub left_out: u32,
    /// `opr_…`, to undo just this; null when nothing was new.
    pub operation: Option<String>,
}

pub(super) fn remote_manifest(_: &Session, request: ManifestText) -> Result<ManifestView, Error> {
    let (described, form) = setup::form_of(&request.text)?;
    let label = described.written().connector.label.clone();
    Ok(ManifestView { label, setup: SetupView::of(&described, form, &BTreeMap::new()) })
}

pub(super) fn remote_connect(session: &Session, request: ConnectRemote) -> Result<Made, Error> {
    let ConnectRemote { name, kind, fields, manifest } = request;
    let new = NewManifest { name, kind, fields: filled(fields), manifest };
    let known = setup::add(&*session.core()?, new, &session.who())?;
    Ok(Made { id: known.kept.id, operation: None })
}

pub(super) fn remote_fill(session: &Session, request: FillRemote) -> Result<Nothing, Error> {
    setup::fill(&*session.core()?, &request.id, &filled(request.fields), &session.who())?;
    Ok(Nothing {})
}

/// The name by which signing in is stopped.
const SIGN_IN: &str = "sign_in";

pub(super) fn remote_sign_in(session: &Session, request: super::remotes::RemoteRef) -> Result<Nothing, Error> {
    let job = Job::begin(session, SIGN_IN);
    let show = |url: &str| session.tell(Event::OpenUrl { url: url.to_owned() });
    setup::sign_in(&*session.core()?, &request.id, &show, &job, &session.who())?;
    Ok(Nothing {})
}

/// The name by which fetching is stopped.
const FETCH: &str = "sync";

pub(super) fn remote_fetch(session: &Session, request: FetchBelongings) -> Result<FetchedView, Error> {
    let job = Job::begin(session, FETCH);
    let of = Some(request.contact.as_str()).filter(|contact| !contact.is_empty());
    let (fetched, operation) = belongings::fetch(&*session.core()?, &request.id, of, &session.who(), &job)?;
    let belongings::Fetched { contacts, conversations, tasks, memories, ratings, spaces, secrets, left_out } = fetched;
    let parts = conversations + tasks + memories + ratings + spaces + secrets;
    let operation = operation.filter(|_| parts > 0).map(|id| id.to_string());
    Ok(FetchedView { contacts, parts, left_out, operation })
}

fn filled(fields: Vec<FilledField>) -> BTreeMap<String, String> {
    fields.into_iter().map(|field| (field.name, field.value)).collect()
}

/// What a connection is called by the window's words: its own manifest's, or its connector's.
pub(super) fn label(known: &Known) -> String {
    match (known.manifest(), remotes::label(known)) {
        (Some(described), _) if !known.settings.manifest.is_empty() => described.written().connector.label.clone(),
        (_, label) => label,
    }
}
