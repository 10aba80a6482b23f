//! The lifecycle: a board of stages, and the automation rules.

use super::answer::{Changed, Made, Nothing};
use super::bulk::BulkDone;
use crate::said::Said;
use crate::{automations, board, contact, error::Error, jobs::Job, session::Session, view};
use cardfile_domain::{
    Contact, StageBy,
    automation::{Action, Automation, AutomationState, Trigger},
};
use serde::{Deserialize, Serialize};
use ts_rs::TS;

/// The board.
#[derive(Debug, Serialize, TS)]
pub(super) struct BoardView {
    /// In the order of the lifecycle.
    pub lanes: Vec<LaneView>,
}

/// Contacts of one stage.
#[derive(Debug, Serialize, TS)]
pub(super) struct LaneView {
    /// Its name; empty for those without one.
    pub stage: String,
    /// How many there are.
    pub count: u32,
    /// Filter text that shows them.
    pub filter: String,
    /// Those seen last.
    pub cards: Vec<LaneCard>,
}

/// A card on the board.
#[derive(Debug, Serialize, TS)]
#[serde(rename_all = "camelCase")]
pub(super) struct LaneCard {
    /// `ctc_…`
    pub id: String,
    /// What to call it.
    pub name: String,
    /// An organization.
    pub organization: bool,
    /// Its company.
    pub company: String,
    /// Conversations so far.
    pub chats: u32,
    /// A person set the stage.
    pub by_hand: bool,
    /// Since when it is in the stage (RFC 3339).
    pub since: Option<String>,
}

/// The automation rules.
#[derive(Debug, Serialize, TS)]
pub(super) struct AutomationsView {
    /// In the order in which they act.
    pub rules: Vec<AutomationView>,
    /// Rules to begin with.
    pub templates: Vec<AutomationView>,
}

/// A rule.
#[derive(Debug, Serialize, TS)]
pub(super) struct AutomationView {
    /// What it is made of.
    #[serde(flatten)]
    pub rule: AutomationParts,
    /// Off, on, or stopped because it would have touched too many at once.
    #[ts(type = "\"off\" | \"on\" | \"stopped\"")]
    pub state: AutomationState,
    /// The rule in words.
    pub sentence: Said,
}

/// What a rule is made of.
#[derive(Debug, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub(super) struct AutomationParts {
    /// `aut_…`; empty for a new one.
    pub id: String,
    /// What it is called.
    pub name: String,
    /// What wakes it.
    #[ts(type = "\"change\" | \"arrival\" | \"conversation\" | \"daily\"")]
    pub trigger: Trigger,
    /// Filter text.
    pub filter: String,
    /// What it does.
    pub actions: Vec<ActionParts>,
    /// At most once for a contact in so many days; 0 means every time.
    pub guard_days: u32,
    /// Above so many contacts at once it stops and asks.
    pub ceiling: u32,
}

/// What a rule does.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case", tag = "kind")]
pub(super) enum ActionParts {
    /// Puts a tag.
    Tag {
        /// Its name.
        tag: String,
    },
    /// Takes a tag off.
    Untag {
        /// Its name.
        tag: String,
    },
    /// Sets the stage.
    Stage {
        /// Its name.
        stage: String,
    },
    /// Makes a task.
    Task {
        /// What is to be done.
        title: String,
        /// Days until it is due.
        days: u32,
    },
    /// Archives.
    Archive {
        /// So many of those seen last stay.
        keep: u32,
    },
}

/// A rule.
#[derive(Debug, Deserialize, TS)]
pub(super) struct AutomationRef {
    /// `aut_…`
    pub id: String,
}

/// What a rule would do now; the first is the sum of the next four.
#[derive(Debug, Serialize, TS)]
#[serde(rename_all = "camelCase")]
pub(super) struct AutomationPreview {
    /// The rule in words.
    pub sentence: Said,
    /// Contacts it is about.
    pub matching: u32,
    /// It would change them.
    pub changing: u32,
    /// Left alone: a person set the stage.
    pub by_hand: u32,
    /// Left alone: it did so within the days of its guard.
    pub guarded: u32,
    /// They are so already.
    pub already: u32,
    /// How many leave each stage.
    pub stages: Vec<(String, u32)>,
    /// Tasks it would make.
    pub tasks: u32,
    /// Id and name of the first it would change.
    pub first: Vec<(String, String)>,
}

pub(super) fn board_get(session: &Session, _: Nothing) -> Result<BoardView, Error> {
    let card = |one: &Contact| LaneCard {
        id: one.id.to_string(),
        name: contact::called(one),
        organization: one.kind == cardfile_domain::Kind::Organization,
        company: one.company.clone(),
        chats: one.conversation_count,
        by_hand: one.stage_by == StageBy::Hand,
        since: one.stage_since.map(|at| at.to_rfc3339()),
    };
    let lane = |lane: board::Lane| LaneView {
        cards: lane.first.iter().map(card).collect(),
        stage: lane.stage,
        count: lane.count,
        filter: lane.filter,
    };
    Ok(BoardView { lanes: board::lanes(&*session.core()?)?.into_iter().map(lane).collect() })
}

pub(super) fn automation_list(session: &Session, _: Nothing) -> Result<AutomationsView, Error> {
    let view = |all: Vec<Automation>| all.into_iter().map(AutomationView::from).collect();
    Ok(AutomationsView { rules: view(automations::all(&*session.core()?)?), templates: view(automations::templates()) })
}

pub(super) fn automation_put(session: &Session, request: AutomationParts) -> Result<Made, Error> {
    super::parts::made(automations::put(&*session.core()?, &request.into(), &session.who()))
}

pub(super) fn automation_preview(session: &Session, request: AutomationParts) -> Result<AutomationPreview, Error> {
    let core = session.core()?;
    let rule = Automation::from(request);
    let found = automations::preview(&core, &rule)?;
    let first = view::contacts(&core, &found.first)?.into_iter().flatten();
    Ok(AutomationPreview {
        sentence: rule.sentence().into(),
        matching: found.matching,
        changing: found.changing,
        by_hand: found.by_hand,
        guarded: found.guarded,
        already: found.already,
        stages: found.stages,
        tasks: found.tasks,
        first: first.map(|stored| (stored.contact.id.to_string(), contact::called(&stored.contact))).collect(),
    })
}

pub(super) fn automation_on(session: &Session, request: AutomationRef) -> Result<BulkDone, Error> {
    let core = session.core()?;
    let job = Job::begin(session, "Changing");
    let (changed, operation) = automations::turn_on(&core, &request.id, &session.who(), &job)?;
    Ok(BulkDone { changed, unchanged: 0, operation: operation.map(|id| id.to_string()) })
}

pub(super) fn automation_off(session: &Session, request: AutomationRef) -> Result<Changed, Error> {
    let (changed, operation) = automations::turn_off(&*session.core()?, &request.id, &session.who())?;
    Ok(Changed::of((changed.into(), operation)))
}

impl From<Automation> for AutomationView {
    fn from(one: Automation) -> Self {
        let sentence = one.sentence().into();
        let actions = one.actions.into_iter().map(|action| match action {
            Action::Tag { tag } => ActionParts::Tag { tag },
            Action::Untag { tag } => ActionParts::Untag { tag },
            Action::Stage { stage } => ActionParts::Stage { stage },
            Action::Task { title, days } => ActionParts::Task { title, days },
            Action::Archive { keep } => ActionParts::Archive { keep },
        });
        Self {
            rule: AutomationParts {
                actions: actions.collect(),
                id: one.id,
                name: one.name,
                trigger: one.trigger,
                filter: one.filter,
                guard_days: one.guard_days,
                ceiling: one.ceiling,
            },
            state: one.state,
            sentence,
        }
    }
}

impl From<AutomationParts> for Automation {
    fn from(one: AutomationParts) -> Self {
        let actions = one.actions.into_iter().map(|action| match action {
            ActionParts::Tag { tag } => Action::Tag { tag },
            ActionParts::Untag { tag } => Action::Untag { tag },
            ActionParts::Stage { stage } => Action::Stage { stage },
            ActionParts::Task { title, days } => Action::Task { title, days },
            ActionParts::Archive { keep } => Action::Archive { keep },
        });
        Self {
            actions: actions.collect(),
            id: one.id,
            name: one.name,
            trigger: one.trigger,
            filter: one.filter,
            guard_days: one.guard_days,
            ceiling: one.ceiling,
            ..Self::default()
        }
    }
}
