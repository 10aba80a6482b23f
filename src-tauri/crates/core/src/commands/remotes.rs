//! Connections: what they are set to, what they would do and did, and what waits of them.

use super::{
    answer::{Made, Nothing},
    remote_setup::{self, SetupView},
    remote_team::TeamView,
};
use crate::{
    core::Core,
    error::Error,
    jobs::Job,
    said::Said,
    session::Session,
    sync::{
        Counts, aside, check,
        check::Check,
        remotes::{self, Known, NewRemote},
        rules::{self, ConflictRule},
        running::{self, Past},
        waits,
    },
};
use cardfile_connectors::REGISTRY;
use cardfile_domain::Millis;
use cardfile_store::SecretText;
use cardfile_sync::{
    mapping::{Direction, Rule},
    plan::Totals,
    run::{End, Reason},
};
use serde::{Deserialize, Serialize};
use ts_rs::TS;

/// The connections, and what can be connected.
#[derive(Debug, Serialize, TS)]
pub(super) struct RemotesView {
    /// In the order of their names.
    pub remotes: Vec<RemoteView>,
    /// What a new one can be.
    pub kinds: Vec<KindView>,
    /// What stands in the Inbox for all of them.
    pub waiting: u32,
}

/// What can be connected.
#[derive(Debug, Serialize, TS)]
pub(super) struct KindView {
    /// `carddav`
    pub kind: String,
    /// What people call it.
    pub label: String,
    /// How one is set up.
    pub setup: SetupView,
}

/// A connection.
#[derive(Debug, Serialize, TS)]
#[serde(rename_all = "camelCase")]
pub(super) struct RemoteView {
    /// `rem_…`
    pub id: String,
    /// What people call it.
    pub name: String,
    /// `carddav`
    pub kind: String,
    /// What people call its kind.
    pub label: String,
    /// Address, as it was typed.
    pub url: String,
    /// Who signs in.
    pub user: String,
    /// Where the contacts are.
    pub place: String,
    /// `off` (not reviewed yet), `running`, `healthy`, `asks` (for a person), `sign_in`, `failed`.
    pub state: &'static str,
    /// What the last run said, if it did not end well.
    pub message: Option<Said>,
    /// What goes where.
    pub sentence: Said,
    /// Fields it could carry, and their rules.
    pub fields: Vec<FieldRule>,
    /// The database of the team that shares it; null where none does.
    pub team: Option<TeamView>,
    /// Conflicts that are decided once and for all.
    pub rules: Vec<ConflictRule>,
    /// Minutes between runs; 0: only by hand.
    pub every_minutes: u32,
    /// A run follows a change here.
    pub on_change: bool,
    /// Records hold how many of our writes they have seen.
    pub stamps: bool,
    /// How it is set up.
    pub setup: SetupView,
    /// Contacts that have a record there.
    pub linked: u32,
    /// Contacts of which something waits for a person.
    pub waiting: u32,
    /// Writes that it does not take.
    pub refused: u32,
    /// Records that cannot be taken, and why.
    pub quarantined: Vec<QuarantinedView>,
    /// Questions of the last run that wait for a person.
    pub asked: Vec<Said>,
    /// The last run.
    pub last: Option<RunView>,
}

/// A record that cannot be taken.
#[derive(Debug, Serialize, TS)]
pub(super) struct QuarantinedView {
    /// How the remote calls it.
    pub key: String,
    /// Why.
    pub reason: Said,
    /// Since when (RFC 3339).
    pub at: String,
}

/// The rule of one field.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
pub(super) struct FieldRule {
    /// Its key: `email`.
    pub field: String,
    /// `off`, `pull`, `push`, `both`.
    #[ts(as = "String")]
    pub direction: Direction,
    /// A person approved that it leaves.
    pub approved: bool,
    /// The purpose to which a contact must have consented before it leaves; empty for none.
    pub purpose: String,
}

/// A connection.
#[derive(Debug, Deserialize, TS)]
pub(super) struct RemoteRef {
    /// `rem_…`
    pub id: String,
}

/// Who asks where.
#[derive(Deserialize, TS)]
pub(super) struct FindPlaces {
    /// `carddav`
    pub kind: String,
    /// Address.
    pub url: String,
    /// Who signs in; may be empty.
    pub user: String,
    /// With what; may be empty.
    pub password: String,
}

/// Places of an account where contacts are.
#[derive(Debug, Serialize, TS)]
pub(super) struct PlacesView {
    /// In the order of the server.
    pub places: Vec<PlaceView>,
}

/// A place of an account where contacts are.
#[derive(Debug, Serialize, TS)]
pub(super) struct PlaceView {
    /// Where it is.
    pub url: String,
    /// What its owner calls it.
    pub name: String,
}

/// A new connection.
#[derive(Deserialize, TS)]
pub(super) struct AddRemote {
    /// What people will call it.
    pub name: String,
    /// `carddav`
    pub kind: String,
    /// Address.
    pub url: String,
    /// Who signs in; may be empty.
    pub user: String,
    /// With what; may be empty.
    pub password: String,
    /// Where the contacts are; empty for the only place there is.
    pub place: String,
}

/// What a connection is set to from now on.
#[derive(Debug, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub(super) struct SetRemote {
    /// `rem_…`
    pub id: String,
    /// Rules of fields; the others stay.
    pub fields: Vec<FieldRule>,
    /// Minutes between runs; 0: only by hand.
    pub every_minutes: u32,
    /// A run follows a change here.
    pub on_change: bool,
    /// Records hold how many of our writes they have seen.
    pub stamps: bool,
}

/// Another password.
#[derive(Deserialize, TS)]
pub(super) struct RemotePassword {
    /// `rem_…`
    pub id: String,
    /// In clear.
    pub password: String,
}

/// Turns a connection on or off.
#[derive(Debug, Deserialize, TS)]
pub(super) struct EnableRemote {
    /// `rem_…`
    pub id: String,
    /// Whether runs may write.
    pub on: bool,
    /// Why, although the review says no; may be empty.
    pub reason: String,
}

/// What the pre-flight check found. Nothing was written on either side.
#[derive(Debug, Serialize, TS)]
#[serde(rename_all = "camelCase")]
pub(super) struct CheckView {
    /// Records that were looked at.
    pub read: u32,
    /// There are more.
    pub is_sample: bool,
    /// Records of people we know, of a hundred.
    pub match_percent: f64,
    /// Known by an ID or an external ID.
    pub by_id: u32,
    /// Known by an email.
    pub by_email: u32,
    /// Of nobody we know.
    pub unknown: u32,
    /// That cannot be read.
    pub unreadable: u32,
    /// External IDs that are nearly one of ours.
    pub near: u32,
    /// The first 200 of them.
    pub near_misses: Vec<NearMissView>,
    /// Records that mean a contact that another record means too.
    pub collisions: Vec<CollisionView>,
    /// What a run would do.
    pub would: TotalsView,
    /// What it would ask.
    pub questions: Vec<Said>,
    /// The four conditions.
    pub review: Vec<ReviewView>,
    /// Whether all of them hold.
    pub passed: bool,
}

/// An external ID that is nearly one of ours.
#[derive(Debug, Serialize, TS)]
pub(super) struct NearMissView {
    /// As the remote has it.
    pub theirs: String,
    /// As we have it.
    pub ours: String,
    /// Whose: a name.
    pub contact: String,
    /// How they differ.
    pub difference: Said,
}

/// Two records of one contact.
#[derive(Debug, Serialize, TS)]
pub(super) struct CollisionView {
    /// Whose: a name; empty for two records of one person we do not know.
    pub contact: String,
    /// External ID of the second record.
    pub theirs: String,
}

/// A condition of the review.
#[derive(Debug, Serialize, TS)]
pub(super) struct ReviewView {
    /// `personalization`, `actions`, `segmentation`, `synchronization`.
    pub about: &'static str,
    /// Whether it holds.
    pub met: bool,
    /// What was found.
    pub evidence: Said,
}

/// How much a plan does. Each count is of records.
#[derive(Debug, Serialize, TS)]
#[serde(rename_all = "camelCase")]
pub(super) struct TotalsView {
    /// Contacts that get values.
    pub pulled: u32,
    /// Contacts that are made.
    pub created_here: u32,
    /// Contacts that go to the bin.
    pub deleted_here: u32,
    /// Records that get values.
    pub pushed: u32,
    /// Records that are made.
    pub created_there: u32,
    /// Records that are deleted.
    pub deleted_there: u32,
    /// Values and deletions that wait for a person.
    pub held: u32,
}

/// What a run would do.
#[derive(Debug, Serialize, TS)]
pub(super) struct RunPreview {
    /// How much.
    pub would: TotalsView,
    /// What it would ask.
    pub questions: Vec<Said>,
    /// How looking at it ended, and what it moved.
    pub run: RunView,
}

/// A run.
#[derive(Debug, Serialize, TS)]
#[serde(rename_all = "camelCase")]
pub(super) struct RunView {
    /// `run_…`
    pub id: String,
    /// When it began (RFC 3339); empty in the answer to the run itself.
    pub at: String,
    /// `running`, `done`, `previewed`, `cancelled`, `asks`, `failed`.
    pub state: &'static str,
    /// How it ended.
    pub message: Said,
    /// What it did.
    pub counts: Counts,
    /// `opr_…`, to undo what it changed here; null when it changed nothing.
    pub operation: Option<String>,
    /// That was undone.
    pub undone: bool,
}

/// Runs.
#[derive(Debug, Serialize, TS)]
pub(super) struct RunsView {
    /// Newest first, at most 50.
    pub runs: Vec<RunView>,
}

pub(super) fn remote_list(session: &Session, _: Nothing) -> Result<RemotesView, Error> {
    let core = session.core()?;
    let refused = aside::writes(&core)?;
    let mut waiting = refused.len() as u32;
    let team = remotes::team(&core)?;
    let mut views = Vec::new();
    for known in remotes::all(&core)? {
        let (linked, quarantined) = core.store().read(|r| {
            let row = known.kept.row;
            Ok((r.pairs().count_linked(row)?, r.pairs().quarantined(row)?))
        })?;
        let held = core.store().read(|r| Ok(waits::count(r, &known)))??;
        let refused = refused.iter().filter(|one| one.remote == known.kept.id).count() as u32;
        waiting += held + quarantined.len() as u32;
        let last = running::past(&core, &known, 1)?.into_iter().next();
        let quarantined = quarantined.into_iter().map(|one| QuarantinedView {
            reason: Said::from(aside::why(&one)),
            key: one.key,
            at: one.at.to_rfc3339(),
        });
        let units = units(&core, &known)?;
        let team = TeamView::of(team.as_ref(), &known);
        views.push(remote_view(&known, &units, team, linked, (held, refused), quarantined.collect(), last));
    }
    let kinds = REGISTRY.iter().map(|one| KindView {
        kind: one.kind.into(),
        label: one.label.into(),
        setup: SetupView::of_kind(one.kind),
    });
    Ok(RemotesView { remotes: views, kinds: kinds.collect(), waiting })
}

/// What a connection carries, custom fields last where it carries any.
fn units(core: &Core, known: &Known) -> Result<Vec<String>, Error> {
    let mut units = known.carried().units;
    units.extend(remotes::custom_units(core, known)?);
    Ok(units)
}

fn remote_view(
    known: &Known,
    units: &[String],
    team: Option<TeamView>,
    linked: u32,
    (waiting, refused): (u32, u32),
    quarantined: Vec<QuarantinedView>,
    last: Option<Past>,
) -> RemoteView {
    let asked: Vec<Said> = known.asked().iter().map(|question| Said::from(running::asked(question))).collect();
    let state = match last.as_ref().map(|run| run.end.as_ref()) {
        _ if known.settings.enabled_at.is_none() => "off",
        _ if !asked.is_empty() => "asks",
        Some(None) => "running",
        Some(Some(End::Paused(Reason::SignInNeeded))) => "sign_in",
        Some(Some(End::Paused(Reason::Asked))) | Some(Some(End::Done | End::Previewed | End::Cancelled)) | None => {
            "healthy"
        }
        Some(Some(End::Paused(_))) => "failed",
    };
    let message = last.as_ref().and_then(|run| run.end.as_ref()).filter(|end| matches!(end, End::Paused(_)));
    let mapping = &known.settings.mapping.0;
    let fields = units.iter().map(|unit| {
        let rule = mapping.get(unit).cloned().unwrap_or_default();
        FieldRule {
            field: unit.clone(),
            direction: rule.direction,
            approved: rule.approved,
            purpose: rule.purpose.unwrap_or_default(),
        }
    });
    RemoteView {
        id: known.kept.id.clone(),
        name: known.kept.name.clone(),
        kind: known.kept.kind.clone(),
        label: remote_setup::label(known),
        url: known.settings.url.clone(),
        user: known.settings.user.clone(),
        place: known.settings.place.clone(),
        state,
        message: message.map(|end| Said::from(running::said(end))),
        sentence: Said::from(remotes::sentence(known)),
        fields: fields.collect(),
        team,
        rules: rules::of(known),
        every_minutes: known.settings.every_minutes,
        on_change: known.settings.on_change,
        stamps: known.settings.stamps,
        setup: SetupView::of_known(known),
        linked,
        waiting,
        refused,
        quarantined,
        asked,
        last: last.map(RunView::from),
    }
}

pub(super) fn remote_places(_: &Session, request: FindPlaces) -> Result<PlacesView, Error> {
    let password = SecretText::new(request.password);
    let places = remotes::places(&request.kind, &request.url, &request.user, password)?;
    Ok(PlacesView { places: places.into_iter().map(|place| PlaceView { url: place.url, name: place.name }).collect() })
}

pub(super) fn remote_add(session: &Session, request: AddRemote) -> Result<Made, Error> {
    let AddRemote { name, kind, url, user, password, place } = request;
    let new = NewRemote { name, kind, url, user, password: SecretText::new(password), place };
    let known = remotes::add(&*session.core()?, new, &session.who())?;
    Ok(Made { id: known.kept.id, operation: None })
}

pub(super) fn remote_set(session: &Session, request: SetRemote) -> Result<Nothing, Error> {
    remotes::set(&*session.core()?, &request.id, &session.who(), |settings| {
        for rule in request.fields {
            let purpose = Some(rule.purpose.trim().to_owned()).filter(|purpose| !purpose.is_empty());
            let FieldRule { field, direction, approved, .. } = rule;
            // Who wins its conflicts is no matter of the field map.
            let prefers = settings.mapping.prefers(&field);
            settings.mapping.0.insert(field, Rule { direction, approved, purpose, prefers });
        }
        settings.every_minutes = request.every_minutes;
        settings.on_change = request.on_change;
        settings.stamps = request.stamps;
    })?;
    Ok(Nothing {})
}

pub(super) fn remote_password(session: &Session, request: RemotePassword) -> Result<Nothing, Error> {
    let password = SecretText::new(request.password);
    remotes::set_password(&*session.core()?, &request.id, password, &session.who())?;
    Ok(Nothing {})
}

pub(super) fn remote_remove(session: &Session, request: RemoteRef) -> Result<Nothing, Error> {
    remotes::remove(&*session.core()?, &request.id, &session.who())?;
    Ok(Nothing {})
}

/// The name by which a job of a connection is stopped.
const JOB: &str = "sync";

pub(super) fn remote_check(session: &Session, request: RemoteRef) -> Result<CheckView, Error> {
    let core = session.core()?;
    let found = check::check(&core, &request.id, &Job::begin(session, JOB))?;
    check_view(session, found)
}

fn check_view(session: &Session, found: Check) -> Result<CheckView, Error> {
    let core = session.core()?;
    let name = |row| {
        let stored = core.store().read(|r| r.contacts().get(row))?;
        Ok::<_, Error>(stored.map(|stored| stored.contact.display_name().to_owned()).unwrap_or_default())
    };
    let mut near_misses = Vec::new();
    for near in &found.near_misses {
        near_misses.push(NearMissView {
            theirs: near.theirs.clone(),
            ours: near.ours.clone(),
            contact: name(near.contact)?,
            difference: Said::from(&near.difference),
        });
    }
    let mut collisions = Vec::new();
    for collision in &found.collisions {
        let contact = collision.contact.map(name).transpose()?.unwrap_or_default();
        collisions.push(CollisionView { contact, theirs: collision.theirs.clone() });
    }
    let review = found.review.iter().map(|row| ReviewView {
        about: row.about,
        met: row.is_met,
        evidence: Said::from(&row.evidence),
    });
    Ok(CheckView {
        read: found.read,
        is_sample: found.is_sample,
        match_percent: found.match_percent(),
        by_id: found.by_id,
        by_email: found.by_email,
        unknown: found.unknown,
        unreadable: found.unreadable,
        near: found.near,
        near_misses,
        collisions,
        would: found.totals.into(),
        questions: found.questions.iter().map(|question| Said::from(running::asked(question))).collect(),
        review: review.collect(),
        passed: found.is_met(),
    })
}

pub(super) fn remote_enable(session: &Session, request: EnableRemote) -> Result<Nothing, Error> {
    let core = session.core()?;
    if request.on {
        // Looked at anew: what was shown may be old.
        let found = check::check(&core, &request.id, &Job::begin(session, JOB))?;
        check::enable(&core, &request.id, &found, &request.reason, &session.who())?;
    } else {
        check::disable(&core, &request.id, &session.who())?;
    }
    Ok(Nothing {})
}

pub(super) fn remote_preview(session: &Session, request: RemoteRef) -> Result<RunPreview, Error> {
    let job = Job::begin(session, JOB);
    let report = running::run(&*session.core()?, &request.id, true, &session.who(), &job)?;
    Ok(RunPreview {
        would: report.totals.into(),
        questions: report.questions.iter().map(|question| Said::from(running::asked(question))).collect(),
        run: report.into(),
    })
}

pub(super) fn remote_sync(session: &Session, request: RemoteRef) -> Result<RunView, Error> {
    let job = Job::begin(session, JOB);
    Ok(running::run(&*session.core()?, &request.id, false, &session.who(), &job)?.into())
}

pub(super) fn remote_agree(session: &Session, request: RemoteRef) -> Result<Nothing, Error> {
    remotes::agree(&*session.core()?, &request.id, &session.who())?;
    Ok(Nothing {})
}

pub(super) fn remote_runs(session: &Session, request: RemoteRef) -> Result<RunsView, Error> {
    let core = session.core()?;
    let runs = running::past(&core, &remotes::find(&core, &request.id)?, 50)?;
    Ok(RunsView { runs: runs.into_iter().map(RunView::from).collect() })
}

impl From<Totals> for TotalsView {
    fn from(totals: Totals) -> Self {
        let Totals { pulled, created_here, deleted_here, pushed, created_there, deleted_there, held } = totals;
        Self { pulled, created_here, deleted_here, pushed, created_there, deleted_there, held }
    }
}

fn state_of(end: Option<&End>) -> &'static str {
    match end {
        None => "running",
        Some(End::Done) => "done",
        Some(End::Previewed) => "previewed",
        Some(End::Cancelled) => "cancelled",
        Some(End::Paused(Reason::Asked)) => "asks",
        Some(End::Paused(_)) => "failed",
    }
}

impl From<Past> for RunView {
    fn from(run: Past) -> Self {
        let message = run.end.as_ref().map(running::said).unwrap_or_else(running::under_way);
        Self {
            id: run.id,
            at: run.at.to_rfc3339(),
            state: state_of(run.end.as_ref()),
            message: Said::from(message),
            counts: run.counts,
            operation: run.operation.map(|id| id.to_string()),
            undone: run.is_undone,
        }
    }
}

impl From<running::Report> for RunView {
    fn from(report: running::Report) -> Self {
        Self {
            id: report.run,
            at: Millis::default().to_rfc3339(),
            state: state_of(Some(&report.end)),
            message: Said::from(running::said(&report.end)),
            counts: report.counts,
            operation: report.operation.map(|id| id.to_string()),
            undone: false,
        }
    }
}
