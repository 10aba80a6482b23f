//! Permissions: what an agent may look up for whom. Rules stand on a card, on a
//! tier, on a department or on a tag; a card has what all of its rules give.
//!
//! The JSON is the query metadata that chatbot platforms take with a contact (M-80).

use crate::{Sentence, contact::Contact, say, text};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

/// What agents of one platform can look things up in.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct KnowledgeBase {
    /// `kbs_…`
    pub id: String,
    /// The platform it belongs to; no other can use it.
    pub platform: String,
    /// Its id there.
    pub external_id: String,
    /// What to call it.
    pub name: String,
    /// Its documents.
    pub documents: Vec<Entry>,
    /// Its questions with answers.
    pub faqs: Vec<Entry>,
}

/// A document or an FAQ of a knowledge base.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Entry {
    /// Its id at the platform.
    pub id: String,
    /// What to call it.
    pub name: String,
}

/// What may be looked up for whom at one platform.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Rule {
    /// `rul_…`
    pub id: String,
    /// By what contacts are chosen.
    pub axis: Axis,
    /// Which tier, department or tag; empty on a card.
    pub name: String,
    /// For conversations on this platform.
    pub platform: String,
    /// The knowledge base, `kbs_…`.
    pub base: String,
    /// All of it.
    pub everything: bool,
    /// Else these documents, by their ids at the platform.
    pub documents: Vec<String>,
    /// And these FAQs.
    pub faqs: Vec<String>,
    /// And what carries these labels.
    pub labels: Vec<Label>,
    /// One of the labels is enough.
    pub any_label: bool,
    /// A person confirmed that the base belongs to another platform.
    pub confirmed: bool,
}

/// By what a rule chooses contacts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Axis {
    /// The one it stands on.
    #[default]
    Card,
    /// Access tier: `VIP`.
    Tier,
    /// Department: `Distributor`.
    Department,
    /// Product tag: `enterprise`.
    Tag,
}

/// A label of documents.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Label {
    /// `region`
    pub key: String,
    /// `north`
    pub value: String,
}

/// A rule with its knowledge base, as it holds for a contact.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Grant<'r> {
    /// The rule.
    pub rule: &'r Rule,
    /// Its base; nothing when that is gone.
    pub base: Option<&'r KnowledgeBase>,
}

impl Axis {
    /// The word of files and commands.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Card => "card",
            Self::Tier => "tier",
            Self::Department => "department",
            Self::Tag => "tag",
        }
    }
}

impl Rule {
    /// Whether it chooses this contact. A rule on a card is chosen by where it stands.
    pub fn is_for(&self, contact: &Contact) -> bool {
        let same = |mine: &str| !mine.is_empty() && text::fold(mine) == text::fold(&self.name);
        match self.axis {
            Axis::Card => true,
            Axis::Tier => same(&contact.tier),
            Axis::Department => same(&contact.department),
            Axis::Tag => contact.tags.iter().any(|tag| same(tag)),
        }
    }
}

impl Rule {
    fn needs_all_labels(&self) -> bool {
        self.labels.len() > 1 && !self.any_label
    }
}

impl<'r> Grant<'r> {
    /// A rule with its base among these.
    pub fn of(rule: &'r Rule, bases: &'r [KnowledgeBase]) -> Self {
        Self { rule, base: bases.iter().find(|base| base.id == rule.base) }
    }

    /// Why it is not to be sent to its platform; nothing when it may be.
    pub fn warning(&self) -> Option<Sentence> {
        let Some(base) = self.base else { return Some(say!("Its knowledge base is not here any more.")) };
        (text::fold(&base.platform) != text::fold(&self.rule.platform)).then(|| {
            say!(
                "{base} belongs to {home}, not to {platform}: on {platform} it will find nothing.",
                base = base.name,
                home = base.platform,
                platform = self.rule.platform
            )
        })
    }

    /// Whether it may be sent: its base belongs to its platform, or a person
    /// confirmed that it does not.
    pub fn is_pushable(&self) -> bool {
        self.base.is_some() && (self.rule.confirmed || self.warning().is_none())
    }

    /// What it says.
    pub fn sentence(&self) -> Sentence {
        let rule = self.rule;
        let base = self.base.map_or(say!("a knowledge base that is gone"), |base| Sentence::verbatim(&base.name));
        let name_of = |entries: &[Entry], id: &String| {
            entries.iter().find(|entry| entry.id == *id).map_or(id.clone(), |entry| entry.name.clone())
        };
        let mut what: Vec<Sentence> = Vec::new();
        let none = Vec::new();
        if !rule.everything {
            let documents = self.base.map_or(&none, |base| &base.documents);
            let faqs = self.base.map_or(&none, |base| &base.faqs);
            what.extend(rule.documents.iter().map(|id| Sentence::verbatim(name_of(documents, id))));
            what.extend(rule.faqs.iter().map(|id| say!("“{question}”", question = name_of(faqs, id))));
            let labels = rule.labels.iter().map(|label| say!("{key} is {value}", key = label.key, value = label.value));
            let labels = Sentence::joined(labels.collect(), |left, right| match rule.any_label {
                true => say!("{left} or {right}", left, right),
                false => say!("{left} and {right}", left, right),
            });
            what.extend(labels.map(|labels| say!("what is labelled {labels}", labels)));
        }
        let last = what.pop();
        let others = Sentence::joined(what, |left, right| say!("{left}, {right}", left, right));
        let what = match (rule.everything, others, last) {
            (true, ..) => say!("all of {base}", base),
            (false, _, None) => say!("nothing of {base}", base),
            (false, None, Some(last)) => say!("{last} of {base}", last, base),
            (false, Some(others), Some(last)) => say!("{others} and {last} of {base}", others, last, base),
        };
        let platform = &rule.platform;
        let name = &rule.name;
        match rule.axis {
            Axis::Card => say!("On this card, agents on {platform} may look up {what}.", platform, what),
            Axis::Tier => say!("With the tier {name}, agents on {platform} may look up {what}.", name, platform, what),
            Axis::Department => {
                say!("With the department {name}, agents on {platform} may look up {what}.", name, platform, what)
            }
            Axis::Tag => say!("With the tag {name}, agents on {platform} may look up {what}.", name, platform, what),
        }
    }
}

/// The query metadata of a contact at one platform, as its platform takes it. Rules of
/// one knowledge base are one entry that gives what any of them gives; a rule that
/// asks for several labels at once stands by itself, because an entry can only ask
/// for all or for any. That the platform takes two entries of one base is assumed:
/// its pages do not say. Rules that may not be sent are left out.
pub fn query_metadata(grants: &[Grant<'_>], platform: &str) -> Value {
    let mut entries: Vec<(&KnowledgeBase, Vec<&Rule>)> = Vec::new();
    let here = |grant: &&Grant<'_>| text::fold(&grant.rule.platform) == text::fold(platform) && grant.is_pushable();
    for grant in grants.iter().filter(here) {
        let Some(base) = grant.base else { continue };
        let known = entries
            .iter_mut()
            .find(|(known, rules)| known.id == base.id && !rules.iter().any(|rule| rule.needs_all_labels()));
        match known {
            Some((_, rules)) if !grant.rule.needs_all_labels() => rules.push(grant.rule),
            _ => entries.push((base, vec![grant.rule])),
        }
    }
    let entries: Vec<Value> = entries
        .into_iter()
        .map(|(base, rules)| {
            let union = |part: fn(&Rule) -> &Vec<String>| {
                let mut all: Vec<&String> = rules.iter().flat_map(|rule| part(rule)).collect();
                let mut met = std::collections::HashSet::new();
                all.retain(|id| met.insert(*id));
                all
            };
            let labels: Vec<&Label> = rules.iter().flat_map(|rule| &rule.labels).collect();
            let operator = if rules.iter().any(|rule| rule.needs_all_labels()) { "AND" } else { "OR" };
            json!({
                "knowledge_base_id": base.external_id,
                "chatbot_file_ids": union(|rule| &rule.documents),
                "faq_ids": union(|rule| &rule.faqs),
                "label_relations": { "operator": operator, "conditions": labels },
                "has_user_selected_all": rules.iter().any(|rule| rule.everything),
            })
        })
        .collect();
    json!({ "knowledge_bases": entries })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn price_list() -> KnowledgeBase {
        KnowledgeBase {
            id: "kbs_1".into(),
            platform: "LINE".into(),
            external_id: "kb-77".into(),
            name: "Price list".into(),
            documents: vec![Entry { id: "d1".into(), name: "Prices 2026".into() }],
            faqs: vec![Entry { id: "f1".into(), name: "Do you ship to the islands?".into() }],
        }
    }

    fn rule() -> Rule {
        Rule {
            axis: Axis::Tier,
            name: "VIP".into(),
            platform: "LINE".into(),
            base: "kbs_1".into(),
            documents: vec!["d1".into()],
            faqs: vec!["f1".into()],
            ..Rule::default()
        }
    }

    #[test]
    fn a_rule_is_a_sentence() {
        let (bases, rule) = ([price_list()], rule());
        assert_eq!(
            Grant::of(&rule, &bases).sentence().to_string(),
            "With the tier VIP, agents on LINE may look up Prices 2026 and “Do you ship to the islands?” of Price list."
        );
        let all = Rule { everything: true, axis: Axis::Card, ..rule };
        assert_eq!(
            Grant::of(&all, &bases).sentence().to_string(),
            "On this card, agents on LINE may look up all of Price list."
        );
    }

    #[test]
    fn a_base_of_another_platform_is_warned_of_and_not_sent_until_confirmed() {
        let (bases, rule) = ([price_list()], Rule { platform: "WhatsApp".into(), ..rule() });
        let grant = Grant::of(&rule, &bases);
        let warning = grant.warning().expect("a warning").to_string();
        assert!(warning.contains("Price list belongs to LINE, not to WhatsApp"), "{warning}");
        assert!(!grant.is_pushable());
        assert_eq!(query_metadata(&[grant], "WhatsApp"), json!({ "knowledge_bases": [] }));
        let confirmed = Rule { confirmed: true, ..rule };
        assert!(Grant::of(&confirmed, &bases).is_pushable());
    }

    #[test]
    fn several_rules_give_more_and_never_less() {
        let bases = [price_list()];
        let all_of = |value: &str| Label { key: "region".into(), value: value.into() };
        let (one, other) = (
            Rule { labels: vec![all_of("north")], ..rule() },
            Rule { labels: vec![all_of("south")], documents: vec!["d1".into(), "d2".into()], ..rule() },
        );
        let json = query_metadata(&[Grant::of(&one, &bases), Grant::of(&other, &bases)], "LINE");
        let base = &json["knowledge_bases"][0];
        assert_eq!(base["knowledge_base_id"], "kb-77");
        assert_eq!(base["chatbot_file_ids"], json!(["d1", "d2"]));
        assert_eq!(base["label_relations"]["operator"], "OR");
        // What asks for two labels at once never becomes one of them.
        let both = Rule { labels: vec![all_of("north"), all_of("public")], ..rule() };
        let other_both = Rule { labels: vec![all_of("south"), all_of("public")], ..rule() };
        let grants = [Grant::of(&both, &bases), Grant::of(&other_both, &bases), Grant::of(&one, &bases)];
        let json = query_metadata(&grants, "line");
        let operators: Vec<&Value> = json["knowledge_bases"]
            .as_array()
            .expect("a list")
            .iter()
            .map(|entry| &entry["label_relations"]["operator"])
            .collect();
        assert_eq!(operators, ["AND", "AND", "OR"]);
    }

    #[test]
    fn a_rule_chooses_by_tier_department_or_tag() {
        let contact = Contact {
            tier: "vip".into(),
            department: "Distributor".into(),
            tags: vec!["enterprise".into()],
            ..Contact::default()
        };
        for (axis, name, chosen) in [
            (Axis::Tier, "VIP", true),
            (Axis::Tier, "", false),
            (Axis::Department, "distributor", true),
            (Axis::Department, "Employee", false),
            (Axis::Tag, "Enterprise", true),
            (Axis::Tag, "trial", false),
        ] {
            assert_eq!(Rule { axis, name: name.into(), ..Rule::default() }.is_for(&contact), chosen, "{axis:?} {name}");
        }
    }
}
