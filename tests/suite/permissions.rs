//! What agents may look up for whom, from rules to what is sent.

use crate::identity::{card, named};
use cardfile_core::{contact, history, parts, permissions};
use cardfile_domain::{
    Contact,
    permission::{Axis, Entry, Grant, KnowledgeBase, Rule},
};
use cardfile_testkit::{Workspace, who};
use serde_json::json;

fn base(ws: &Workspace, platform: &str, name: &str) -> String {
    let base = KnowledgeBase {
        platform: platform.into(),
        external_id: format!("kb-{name}"),
        name: name.into(),
        documents: vec![Entry { id: "d1".into(), name: "Prices 2026".into() }],
        ..KnowledgeBase::default()
    };
    permissions::put_base(&ws.core, &base, &who()).expect("a base").0
}

#[test]
fn a_card_has_its_own_rules_and_those_of_its_tier_department_and_tags() {
    let ws = Workspace::default();
    let prices = base(&ws, "LINE", "Price list");
    let ana = card(
        &ws.core,
        Contact { tier: "VIP".into(), department: "Sales".into(), tags: vec!["pro".into()], ..named("Ana") },
    );
    let bo = card(&ws.core, named("Bo"));
    let rule = |axis: Axis, name: &str| Rule {
        axis,
        name: name.into(),
        platform: "LINE".into(),
        base: prices.clone(),
        documents: vec!["d1".into()],
        ..Rule::default()
    };
    permissions::put_rule(&ws.core, Some(&ana), &rule(Axis::Card, ""), &who()).expect("a rule");
    for (axis, name) in [(Axis::Tier, "VIP"), (Axis::Department, "sales"), (Axis::Tag, "pro"), (Axis::Tag, "trial")] {
        permissions::put_rule(&ws.core, None, &rule(axis, name), &who()).expect("a rule");
    }
    let of = |id: &str| permissions::rules_of(&ws.core, &contact::find(&ws.core, id).expect("one")).expect("rules");
    let axes: Vec<Axis> = of(&ana).iter().map(|rule| rule.axis).collect();
    assert_eq!(axes, [Axis::Card, Axis::Tier, Axis::Department, Axis::Tag]);
    assert!(of(&bo).is_empty());
    let sent = permissions::metadata(&ws.core, &contact::find(&ws.core, &ana).expect("she"), "LINE").expect("json");
    assert_eq!(sent["knowledge_bases"][0]["chatbot_file_ids"], json!(["d1"]));
}

#[test]
fn a_rule_that_names_a_base_of_another_platform_is_kept_warned_of_and_not_sent() {
    let ws = Workspace::default();
    let foreign = base(&ws, "WhatsApp", "Manuals");
    let ana = card(&ws.core, named("Ana"));
    let rule = Rule { platform: "LINE".into(), base: foreign, everything: true, ..Rule::default() };
    let id = permissions::put_rule(&ws.core, Some(&ana), &rule, &who()).expect("kept").0;
    let stored = contact::find(&ws.core, &ana).expect("she");
    let bases = permissions::bases(&ws.core).expect("bases");
    let rules = permissions::rules_of(&ws.core, &stored).expect("rules");
    let grant = Grant::of(&rules[0], &bases);
    let warning = grant.warning().expect("a warning");
    assert!(
        warning.to_string().contains("Manuals") && warning.to_string().contains("WhatsApp") && !grant.is_pushable(),
        "{warning}"
    );
    let nothing = json!({ "knowledge_bases": [] });
    assert_eq!(permissions::metadata(&ws.core, &stored, "LINE").expect("json"), nothing);
    permissions::confirm(&ws.core, &id, &who()).expect("confirmed");
    assert_ne!(permissions::metadata(&ws.core, &stored, "LINE").expect("json"), nothing);
}

#[test]
fn a_base_goes_with_its_rules_and_comes_back_with_them() {
    let ws = Workspace::default();
    let prices = base(&ws, "LINE", "Price list");
    let ana = card(&ws.core, named("Ana"));
    let rule = Rule { platform: "LINE".into(), base: prices.clone(), ..Rule::default() };
    permissions::put_rule(&ws.core, Some(&ana), &rule, &who()).expect("a rule");
    let before = ws.hash();
    parts::remove_any(&ws.core, &prices, &who()).expect("removed");
    let stored = contact::find(&ws.core, &ana).expect("she");
    assert!(permissions::rules_of(&ws.core, &stored).expect("rules").is_empty());
    history::undo(&ws.core, None, &who()).expect("undone");
    assert_eq!(ws.hash(), before);
    for (bad, why) in [
        (Rule { base: prices.clone(), ..Rule::default() }, "needs its platform"),
        (Rule { platform: "LINE".into(), base: "kbs_none".into(), ..Rule::default() }, "that is here"),
        (Rule { axis: Axis::Tier, platform: "LINE".into(), base: prices, ..Rule::default() }, "needs its name"),
    ] {
        let refused = permissions::put_rule(&ws.core, Some(&ana), &bad, &who()).expect_err(why);
        assert!(refused.message.to_string().contains(why), "{}", refused.message);
    }
}
