//! Requests and answers that several commands share.

use crate::contact;
use cardfile_domain::{Field, FieldDef, Millis, OperationId, Patch, custom};
use cardfile_formats::record::shorten;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use ts_rs::TS;

/// No request, or no answer.
#[derive(Debug, Default, Serialize, Deserialize, TS)]
#[serde(default)]
pub(super) struct Nothing {}

/// How many contacts changed.
#[derive(Debug, Serialize, TS)]
pub(super) struct Changed {
    /// Contacts.
    pub count: u32,
    /// `opr_…`, to undo just this; null when nothing changed.
    pub operation: Option<String>,
}

impl Changed {
    pub(super) fn of((count, operation): (u32, Option<OperationId>)) -> Self {
        Self { count, operation: operation.map(|id| id.to_string()) }
    }
}

/// A contact or a part that was made.
#[derive(Debug, Serialize, TS)]
pub(super) struct Made {
    /// `ctc_…`, `nte_…`
    pub id: String,
    /// `opr_…`, to undo just this.
    pub operation: Option<String>,
}

/// One field's change as text.
#[derive(Debug, Serialize, TS)]
pub(super) struct FieldChangeView {
    /// Key of the field.
    pub field: String,
    /// Before, shortened.
    pub old: String,
    /// After, shortened.
    pub new: String,
    /// Whether a person may bring the old value back.
    pub restorable: bool,
}

pub(super) fn changes(patch: &Patch) -> Vec<FieldChangeView> {
    let visible = patch.0.iter().filter(|change| change.field != "updated_at");
    visible
        .map(|change| {
            let field = FieldDef::find(&change.field);
            let is_time = field.is_some_and(|field| field.kind == Field::Time);
            let text = |value: &Value| match value.as_i64() {
                Some(at) if is_time => Millis(at).to_rfc3339(),
                _ => as_text(value),
            };
            FieldChangeView {
                field: change.field.clone(),
                old: text(&change.old),
                new: text(&change.new),
                restorable: contact::is_restorable(&change.field),
            }
        })
        .collect()
}

/// A value of a patch in a few words.
fn as_text(value: &Value) -> String {
    let text = match value {
        Value::Array(items) => {
            let texts = items.iter().map(|item| match item {
                Value::Object(map) => {
                    let own = map.get("value").or(map.get("external_id"));
                    own.and_then(Value::as_str).unwrap_or_default().to_owned()
                }
                other => custom::text_of(other),
            });
            texts.collect::<Vec<_>>().join(", ")
        }
        Value::Object(parts) => {
            parts.values().filter_map(Value::as_str).filter(|part| !part.is_empty()).collect::<Vec<_>>().join(" ")
        }
        other => custom::text_of(other),
    };
    shorten(&text)
}
