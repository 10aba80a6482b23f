//! Knowledge bases, rules, and what they give to a card.

use super::{
    answer::{Changed, Made, Nothing},
    contacts::ContactRef,
    parts::{PartRef, made, one},
};
use crate::said::Said;
use crate::{contact, error::Error, permissions, session::Session};
use cardfile_domain::permission::{Axis, Entry, Grant, KnowledgeBase, Label, Rule};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use ts_rs::TS;

/// Knowledge bases and the rules that stand on no card.
#[derive(Debug, Serialize, TS)]
pub(super) struct PermissionsView {
    /// In the order they were added.
    pub bases: Vec<BaseView>,
    /// In the order they were added.
    pub rules: Vec<RuleView>,
}

/// A knowledge base. Also what is stored when its id is empty.
#[derive(Debug, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub(super) struct BaseView {
    /// `kbs_…`; empty for a new one.
    pub id: String,
    /// The platform it belongs to.
    pub platform: String,
    /// Its id there.
    pub external_id: String,
    /// What to call it.
    pub name: String,
    /// Ids and names.
    pub documents: Vec<(String, String)>,
    /// Ids and questions.
    pub faqs: Vec<(String, String)>,
}

/// A rule, in its parts and as a sentence.
#[derive(Debug, Serialize, TS)]
pub(super) struct RuleView {
    /// Its parts.
    pub rule: RuleParts,
    /// What it says.
    pub sentence: Said,
    /// Why it is not sent to its platform.
    pub warning: Option<Said>,
    /// Whether it may be sent.
    pub pushable: bool,
}

/// A rule in its parts.
#[derive(Debug, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub(super) struct RuleParts {
    /// `rul_…`; empty for a new one.
    pub id: String,
    /// By what contacts are chosen.
    #[ts(type = "\"card\" | \"tier\" | \"department\" | \"tag\"")]
    pub axis: Axis,
    /// Which tier, department or tag; empty on a card.
    pub name: String,
    /// For conversations on this platform.
    pub platform: String,
    /// `kbs_…`
    pub base: String,
    /// All of the base.
    pub everything: bool,
    /// Else these documents.
    pub documents: Vec<String>,
    /// And these FAQs.
    pub faqs: Vec<String>,
    /// And what carries these labels: key and value.
    pub labels: Vec<(String, String)>,
    /// One of the labels is enough.
    pub any_label: bool,
    /// A person confirmed that the base belongs to another platform.
    pub confirmed: bool,
}

/// A rule, new or changed.
#[derive(Debug, Deserialize, TS)]
pub(super) struct PutRule {
    /// `ctc_…` of a rule on a card.
    pub contact: Option<String>,
    /// The rule.
    pub rule: RuleParts,
}

/// What agents may look up for a contact.
#[derive(Debug, Serialize, TS)]
pub(super) struct GrantsView {
    /// Its own rules first, then those of its tier, department and tags.
    pub rules: Vec<RuleView>,
    /// What is sent, platform by platform.
    pub metadata: Vec<PlatformMetadata>,
}

/// What is sent to a platform about a contact.
#[derive(Debug, Serialize, TS)]
pub(super) struct PlatformMetadata {
    /// Which.
    pub platform: String,
    /// Query metadata as the platform takes it.
    #[ts(type = "unknown")]
    pub json: Value,
}

pub(super) fn permission_list(session: &Session, _: Nothing) -> Result<PermissionsView, Error> {
    let core = session.core()?;
    let (bases, rules) = (permissions::bases(&core)?, permissions::rules(&core)?);
    Ok(PermissionsView {
        rules: rules.iter().map(|rule| view(rule, &bases)).collect(),
        bases: bases.into_iter().map(BaseView::from).collect(),
    })
}

pub(super) fn grant_list(session: &Session, request: ContactRef) -> Result<GrantsView, Error> {
    let core = session.core()?;
    let stored = contact::find(&core, &request.id)?;
    let (rules, bases) = (permissions::rules_of(&core, &stored)?, permissions::bases(&core)?);
    let mut platforms: Vec<&str> = rules.iter().map(|rule| rule.platform.as_str()).collect();
    platforms.sort_unstable();
    platforms.dedup();
    let metadata = platforms
        .into_iter()
        .map(|platform| {
            let json = permissions::metadata(&core, &stored, platform)?;
            Ok(PlatformMetadata { platform: platform.to_owned(), json })
        })
        .collect::<Result<_, Error>>()?;
    Ok(GrantsView { rules: rules.iter().map(|rule| view(rule, &bases)).collect(), metadata })
}

pub(super) fn base_put(session: &Session, request: BaseView) -> Result<Made, Error> {
    made(permissions::put_base(&*session.core()?, &request.into(), &session.who()))
}

pub(super) fn rule_put(session: &Session, request: PutRule) -> Result<Made, Error> {
    made(permissions::put_rule(&*session.core()?, request.contact.as_deref(), &request.rule.into(), &session.who()))
}

pub(super) fn rule_confirm(session: &Session, request: PartRef) -> Result<Changed, Error> {
    Ok(one(permissions::confirm(&*session.core()?, &request.id, &session.who())?))
}

fn view(rule: &Rule, bases: &[KnowledgeBase]) -> RuleView {
    let grant = Grant::of(rule, bases);
    RuleView {
        sentence: grant.sentence().into(),
        warning: grant.warning().map(Said::from),
        pushable: grant.is_pushable(),
        rule: rule.clone().into(),
    }
}

impl From<KnowledgeBase> for BaseView {
    fn from(base: KnowledgeBase) -> Self {
        let pairs = |entries: Vec<Entry>| entries.into_iter().map(|entry| (entry.id, entry.name)).collect();
        Self {
            id: base.id,
            platform: base.platform,
            external_id: base.external_id,
            name: base.name,
            documents: pairs(base.documents),
            faqs: pairs(base.faqs),
        }
    }
}

impl From<BaseView> for KnowledgeBase {
    fn from(base: BaseView) -> Self {
        let entries = |pairs: Vec<(String, String)>| pairs.into_iter().map(|(id, name)| Entry { id, name }).collect();
        Self {
            id: base.id,
            platform: base.platform,
            external_id: base.external_id,
            name: base.name,
            documents: entries(base.documents),
            faqs: entries(base.faqs),
        }
    }
}

impl From<Rule> for RuleParts {
    fn from(rule: Rule) -> Self {
        Self {
            id: rule.id,
            axis: rule.axis,
            name: rule.name,
            platform: rule.platform,
            base: rule.base,
            everything: rule.everything,
            documents: rule.documents,
            faqs: rule.faqs,
            labels: rule.labels.into_iter().map(|label| (label.key, label.value)).collect(),
            any_label: rule.any_label,
            confirmed: rule.confirmed,
        }
    }
}

impl From<RuleParts> for Rule {
    fn from(parts: RuleParts) -> Self {
        Self {
            id: parts.id,
            axis: parts.axis,
            name: parts.name,
            platform: parts.platform,
            base: parts.base,
            everything: parts.everything,
            documents: parts.documents,
            faqs: parts.faqs,
            labels: parts.labels.into_iter().map(|(key, value)| Label { key, value }).collect(),
            any_label: parts.any_label,
            confirmed: parts.confirmed,
        }
    }
}
