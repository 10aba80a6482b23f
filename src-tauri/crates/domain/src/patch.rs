//! A patch: the fields of one change, each with its old and its new value.
//! The change log stores it; undo, redo and the timeline read it.

use crate::{contact::Contact, field::FieldDef, time::Millis};
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// What one change did to one contact.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Patch(pub Vec<FieldChange>);

/// One field of a patch.
#[derive(Debug, Clone, PartialEq)]
pub struct FieldChange {
    /// Key in the catalogue, or `custom.` and the key of a custom field.
    pub field: String,
    /// Before.
    pub old: Value,
    /// After.
    pub new: Value,
}

impl FieldChange {
    pub(crate) fn of(field: &FieldDef, before: &Contact, after: &Contact) -> Self {
        Self { field: field.key.into(), old: (field.get)(before), new: (field.get)(after) }
    }
}

/// Fields that mean something only together: the stage with who set it, an identity
/// with its proof. They are taken back together or not at all.
const GROUPS: [&[&str]; 2] = [&["stage", "stage_by", "stage_since"], &["identity", "verified_at", "verified_by"]];

impl Patch {
    /// Whether nothing changed.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Whether a field that a person sees changed, not only bookkeeping.
    pub fn is_visible(&self) -> bool {
        self.0.iter().any(|change| change.field != "updated_at")
    }

    /// Takes the patch back from `contact`, as far as nobody has changed the
    /// same values since. Lists are undone item by item, so that an email added
    /// later stays. Returns the fields left alone because they were edited.
    pub fn revert(&self, contact: &mut Contact) -> Vec<String> {
        let mut kept = Vec::new();
        let is_as_left =
            |change: &FieldChange, contact: &Contact| contact.value(&change.field).unwrap_or(Value::Null) == change.new;
        for group in GROUPS {
            let of_group = || self.0.iter().filter(|change| group.contains(&change.field.as_str()));
            if of_group().all(|change| is_as_left(change, contact)) {
                for change in of_group() {
                    contact.set_value(&change.field, change.old.clone());
                }
            } else {
                kept.push(group[0].to_owned());
            }
        }
        for change in self.0.iter().filter(|change| !GROUPS.iter().any(|group| group.contains(&change.field.as_str())))
        {
            let current = contact.value(&change.field).unwrap_or(Value::Null);
            let is_list = FieldDef::find(&change.field).is_some_and(FieldDef::is_list);
            if let ("conversation_count", Some(now), Some(old), Some(new)) =
                (change.field.as_str(), current.as_i64(), change.old.as_i64(), change.new.as_i64())
            {
                // Others were counted since; this one is taken off.
                contact.set_value(&change.field, (now - (new - old)).max(0).into());
            } else if current == change.new || change.field == "updated_at" {
                contact.set_value(&change.field, change.old.clone());
            } else if let (true, Value::Array(current), Value::Array(old), Value::Array(new)) =
                (is_list, current, &change.old, &change.new)
            {
                contact.set_value(&change.field, Value::Array(revert_list(current, old, new)));
            } else {
                kept.push(change.field.clone());
            }
        }
        kept
    }

    /// The patch as the change log stores it: `{"name":["Ana","Ana Ruiz"]}`.
    pub fn to_json(&self) -> String {
        let map: serde_json::Map<String, Value> =
            self.0.iter().map(|c| (c.field.clone(), Value::Array(vec![c.old.clone(), c.new.clone()]))).collect();
        Value::Object(map).to_string()
    }

    /// Reads [`Patch::to_json`] again.
    pub fn from_json(text: &str) -> Result<Self, serde_json::Error> {
        #[derive(Deserialize, Serialize)]
        struct OldNew(Value, Value);
        let map: std::collections::BTreeMap<String, OldNew> = serde_json::from_str(text)?;
        Ok(Self(map.into_iter().map(|(field, OldNew(old, new))| FieldChange { field, old, new }).collect()))
    }
}

/// A patch of the tags alone: a million of them pass by when many are tagged. Written and
/// read as a [`Patch`] is.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TagsPatch {
    tags: (Vec<String>, Vec<String>),
    updated_at: (Millis, Millis),
}

impl TagsPatch {
    /// From these to those.
    pub fn new(tags: (Vec<String>, Vec<String>), updated_at: (Millis, Millis)) -> Self {
        Self { tags, updated_at }
    }

    /// As the change log stores it.
    pub fn to_json(&self) -> String {
        serde_json::to_string(self).unwrap_or_default()
    }

    /// Reads it again; nothing when the patch is about anything else.
    pub fn from_json(text: &str) -> Option<Self> {
        text.starts_with("{\"tags\":").then(|| serde_json::from_str(text).ok()).flatten()
    }

    /// Before and after.
    pub fn into_tags(self) -> (Vec<String>, Vec<String>) {
        self.tags
    }

    /// The tags as they were before, as far as nobody has changed the same since, and when
    /// the contact was changed before.
    pub fn revert(self, current: Vec<String>) -> (Vec<String>, Millis) {
        let (old, new) = self.tags;
        let tags = if current == new { old } else { revert_list(current, &old, &new) };
        (tags, self.updated_at.0)
    }
}

/// Removes what was added, and puts back what was removed at its old place.
fn revert_list<T: Clone + PartialEq>(mut current: Vec<T>, old: &[T], new: &[T]) -> Vec<T> {
    current.retain(|item| old.contains(item) || !new.contains(item));
    for (place, item) in old.iter().enumerate() {
        if !new.contains(item) && !current.contains(item) {
            current.insert(place.min(current.len()), item.clone());
        }
    }
    current
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::contact::{Item, StageBy};
    use proptest::prelude::*;

    fn contact(name: &str, tags: &[&str]) -> Contact {
        Contact {
            name: name.into(),
            tags: tags.iter().map(|t| (*t).into()).collect(),
            emails: vec![Item::new("a@x.example", "a@x.example")],
            ..Contact::default()
        }
    }

    #[test]
    fn a_value_edited_since_is_kept() {
        let patch = contact("Ana", &[]).diff(&contact("Ana Ruiz", &["lead"]));
        let mut now = contact("Ana Maria", &["lead", "vip"]);
        assert_eq!(patch.revert(&mut now), ["name"]);
        assert_eq!(now.name, "Ana Maria");
        assert_eq!(now.tags, ["vip"], "the tag put later stays, the one that was undone goes");
    }

    #[test]
    fn a_stage_goes_back_with_who_set_it_or_stays_with_who_set_it_since() {
        let at = |stage: &str, by, since| Contact {
            stage: stage.into(),
            stage_by: by,
            stage_since: Some(Millis(since)),
            ..contact("Ana", &[])
        };
        let (before, after) = (at("new", StageBy::Rule, 1), at("lead", StageBy::Hand, 2));
        let patch = before.diff(&after);
        let mut now = at("partner", StageBy::Hand, 3);
        assert_eq!(patch.revert(&mut now), ["stage"]);
        assert_eq!(now, at("partner", StageBy::Hand, 3), "still set by hand");
        let mut now = after;
        assert!(patch.revert(&mut now).is_empty());
        assert_eq!(now, before);
    }

    #[test]
    fn custom_fields_take_part() {
        let mut after = contact("Ana", &[]);
        after.custom.insert("plan".into(), "pro".into());
        let patch = contact("Ana", &[]).diff(&after);
        assert_eq!(patch.to_json(), r#"{"custom.plan":[null,"pro"]}"#);
        assert!(patch.revert(&mut after).is_empty());
        assert_eq!(after, contact("Ana", &[]));
    }

    #[test]
    fn a_patch_of_tags_is_written_and_taken_back_as_any_other() {
        let (before, mut after) = (contact("Ana", &["lead"]), contact("Ana", &["lead", "vip"]));
        after.updated_at = Millis(7);
        let patch = before.diff(&after);
        let own = TagsPatch::new((before.tags.clone(), after.tags.clone()), (before.updated_at, after.updated_at));
        assert_eq!(own.to_json(), patch.to_json());
        assert_eq!(TagsPatch::from_json(&patch.to_json()), Some(own.clone()));
        for current in [&["lead", "vip"][..], &["vip", "new"], &[]] {
            let mut now = contact("Ana", current);
            let tags = now.tags.clone();
            patch.revert(&mut now);
            assert_eq!(own.clone().revert(tags), (now.tags, now.updated_at));
        }
        let name = contact("Ana", &["lead"]).diff(&contact("Bo", &["vip"]));
        assert_eq!(TagsPatch::from_json(&name.to_json()), None);
    }

    proptest! {
        #[test]
        fn undoing_at_once_restores_the_contact(
            names in ("[a-c]{0,2}", "[a-c]{0,2}"),
            tags in (prop::collection::btree_set("[a-d]", 0..4), prop::collection::btree_set("[a-d]", 0..4)),
        ) {
            let make = |name: &str, tags: &std::collections::BTreeSet<String>| Contact {
                name: name.into(), tags: tags.iter().cloned().collect(), ..Contact::default()
            };
            let (before, after) = (make(&names.0, &tags.0), make(&names.1, &tags.1));
            let patch = Patch::from_json(&before.diff(&after).to_json()).expect("our own json");
            let mut contact = after;
            prop_assert!(patch.revert(&mut contact).is_empty());
            prop_assert_eq!(contact, before);
        }
    }
}
