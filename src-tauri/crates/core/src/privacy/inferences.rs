//! What was concluded about a person and by which logic, in words (GDPR, Art. 15(1)(h)): stages and
//! tiers, what rules did, what agents keep in mind, and the saved views they are in.

use super::{gather::Gathered, history::Deed};
use crate::{automations, core::Core, error::Error, segments, view};
use cardfile_domain::{Contact, PartKind, StageBy};
use cardfile_store::Stored;
use serde_json::{Value, json};

/// `data/inferences.json`.
pub(super) fn of(core: &Core, held: &Gathered) -> Result<Vec<Value>, Error> {
    let mut all = Vec::new();
    for stored in &held.cards {
        let contact = &stored.contact;
        if !contact.stage.is_empty() {
            all.push(stage(core, held, stored));
        }
        if !contact.tier.is_empty() {
            all.push(one("tier", json!(contact.tier), "team", None, "set by the team"));
        }
    }
    for memory in held.rows("memory").iter().filter(|row| row.get("confidence").is_some_and(Value::is_number)) {
        let said = |name: &str| memory.get(name).cloned().unwrap_or_default();
        let logic = format!("concluded from a conversation; confidence {}", said("confidence"));
        all.push(one("memory", said("text"), "agent", said("created_at").as_str(), &logic));
    }
    for deed in held.deeds.iter().filter(|deed| rule_of(deed).is_some()) {
        let (name, logic) = rule(core, deed);
        let at = deed.operation.at.to_rfc3339();
        let fields: Vec<&str> = deed.fields.iter().map(|(field, ..)| field.as_str()).collect();
        let value = json!({ "rule": name, "changed": deed.about(), "fields": fields });
        all.push(one("rule", value, "rule", Some(&at), &logic));
    }
    for segment in segments::all(core)? {
        // A view whose filter makes no sense any more shows nobody.
        let Ok((_, rows)) = view::resolve(core, &segments::view(&segment)) else { continue };
        if held.subject.cards.iter().any(|row| rows.contains(row)) {
            let logic = format!("in the saved view while its filter lets through: {}", segment.said());
            all.push(one("segment", json!(segment.name), "filter", None, &logic));
        }
    }
    Ok(all)
}

fn one(what: &str, value: Value, by: &str, at: Option<&str>, logic: &str) -> Value {
    json!({ "what": what, "value": value, "by": by, "at": at, "logic": logic })
}

fn stage(core: &Core, held: &Gathered, stored: &Stored) -> Value {
    let Contact { stage, stage_by, stage_since, .. } = &stored.contact;
    let since = stage_since.map(|at| at.to_rfc3339());
    let (by, logic) = match stage_by {
        StageBy::Hand => ("team", "set by the team, by a file or by another program".to_owned()),
        StageBy::Rule => {
            let sets = |deed: &&Deed| deed.fields.iter().any(|(field, ..)| field == "stage");
            let last = held.deeds.iter().rev().find(sets).filter(|deed| rule_of(deed).is_some());
            ("rule", last.map_or_else(|| "set by an automation rule".to_owned(), |deed| rule(core, deed).1))
        }
    };
    one("stage", json!(stage), by, since.as_deref(), &logic)
}

/// The id of the rule that did something.
fn rule_of(deed: &Deed) -> Option<&str> {
    let actor = deed.operation.actor.as_str();
    (PartKind::of_id(actor) == Some(PartKind::Automation)).then_some(actor)
}

/// What a rule is called, and what it does in words; it may be gone by now.
fn rule(core: &Core, deed: &Deed) -> (String, String) {
    let known = rule_of(deed).and_then(|id| automations::find(core, id).ok());
    match known {
        Some(rule) => (rule.name.clone(), rule.sentence().to_string()),
        None => (deed.operation.subject.clone(), "an automation rule that is gone since".to_owned()),
    }
}
