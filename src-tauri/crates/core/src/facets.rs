//! What there is to filter by: sources, stages, tags and custom fields with counts.

use crate::{core::Core, error::Error, view::with_index};
use serde::Serialize;
use ts_rs::TS;

/// Counts outside the bin.
#[derive(Debug, Clone, Serialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct Facets {
    /// By source, most first.
    pub sources: Vec<Facet>,
    /// By stage, most first.
    pub stages: Vec<Facet>,
    /// By tag, in the alphabet.
    pub tags: Vec<Facet>,
    /// Custom fields in the order they were made.
    pub custom_fields: Vec<CustomFieldView>,
}

/// A value and how many contacts have it.
#[derive(Debug, Clone, Serialize, TS)]
pub struct Facet {
    /// The value.
    pub value: String,
    /// Contacts.
    pub count: u32,
}

/// The definition of a custom field.
#[derive(Debug, Clone, Serialize, TS)]
pub struct CustomFieldView {
    /// Name in files and filters.
    pub key: String,
    /// Name on screen.
    pub label: String,
    /// `text`, `number`, `boolean`, `date` or `choice`.
    pub kind: &'static str,
}

/// All counts of the workspace.
pub fn all(core: &Core) -> Result<Facets, Error> {
    let (sources, stages, tags) = with_index(core, |index, reader| {
        Ok((index.sources(), index.stages(), index.tag_counts(reader.tags().all()?)))
    })?;
    let facet = |(value, count): (String, u32)| Facet { value, count };
    Ok(Facets {
        sources: sources.into_iter().map(facet).collect(),
        stages: stages.into_iter().map(facet).collect(),
        tags: tags.into_iter().map(facet).collect(),
        custom_fields: core
            .custom_fields()?
            .into_iter()
            .map(|field| CustomFieldView { key: field.key, label: field.label, kind: field.kind.as_str() })
            .collect(),
    })
}
