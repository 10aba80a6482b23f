//! What is known when a request is made, and by which words manifests ask for it.

use super::{ops::OpName, pointer::Pointer};
use serde_json::Value as Json;
use std::collections::BTreeMap;

/// A word by which a manifest asks for a value.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Source {
    /// A field of the form that is no secret.
    Config(String),
    /// How the system calls the record.
    RemoteId,
    /// The ID of the person.
    ExternalId,
    /// The version at which the record is known, as the system writes it.
    Version,
    /// A word by which a record of a batch is known again.
    Trace,
    /// One of several.
    Item,
    /// Where a list goes on.
    Cursor,
    /// The number of a page.
    Number,
    /// How many records were listed.
    Offset,
    /// Since when changes are asked for.
    Since,
    /// Of an attribute: its name.
    AttributeName,
    /// What people call it.
    AttributeLabel,
    /// What kind of values it has.
    AttributeKind,
}

impl Source {
    /// Understands the word; else says what there is.
    pub(super) fn parse(word: &str) -> Result<Self, String> {
        if let Some(name) = word.strip_prefix("config.") {
            return Ok(Self::Config(name.to_owned()));
        }
        let known = WORDS.iter().find(|(known, _)| *known == word);
        known.map(|(_, source)| source.clone()).ok_or_else(|| {
            let words: Vec<&str> = WORDS.iter().map(|(word, _)| *word).collect();
            format!("there is no value {word:?}; there are config.NAME, {}", words.join(", "))
        })
    }

    /// What is known when a request is made.
    pub(super) fn known_in(name: OpName, is_batch: bool) -> Vec<Self> {
        let paging = [Self::Cursor, Self::Number, Self::Offset];
        let of_record = [Self::RemoteId, Self::Version, Self::Item];
        let of_write = [Self::RemoteId, Self::ExternalId, Self::Version, Self::Trace];
        match name {
            OpName::List | OpName::Archived | OpName::SchemaList => paging.to_vec(),
            OpName::Changes => paging.into_iter().chain([Self::Since]).collect(),
            OpName::Find => paging.into_iter().chain([Self::ExternalId]).collect(),
            OpName::Parts => paging.into_iter().chain([Self::RemoteId, Self::Item]).collect(),
            OpName::ReadMany | OpName::FindMany => vec![Self::Item],
            OpName::Read | OpName::ForgetKeys => of_record.to_vec(),
            OpName::Delete | OpName::Purge if is_batch => vec![Self::Item],
            OpName::Delete | OpName::Purge => of_record.to_vec(),
            OpName::Create | OpName::Update | OpName::Upsert | OpName::Ensure => of_write.to_vec(),
            OpName::SchemaCreate => vec![Self::AttributeName, Self::AttributeLabel, Self::AttributeKind],
            OpName::Check => Vec::new(),
        }
    }
}

static WORDS: [(&str, Source); 12] = [
    ("remote_id", Source::RemoteId),
    ("external_id", Source::ExternalId),
    ("version", Source::Version),
    ("trace", Source::Trace),
    ("item", Source::Item),
    ("page.cursor", Source::Cursor),
    ("page.number", Source::Number),
    ("page.offset", Source::Offset),
    ("cursor.since", Source::Since),
    ("attribute.name", Source::AttributeName),
    ("attribute.label", Source::AttributeLabel),
    ("attribute.kind", Source::AttributeKind),
];

/// A record that is written in a batch.
#[derive(Debug, Clone, PartialEq, Default)]
pub(super) struct Item {
    pub(super) remote_id: String,
    pub(super) external_id: String,
    /// As the system writes it.
    pub(super) version: String,
    pub(super) trace: String,
    /// What is written, in the shape of a record.
    pub(super) record: Json,
}

/// An attribute that is made.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) struct NewAttribute {
    pub(super) name: String,
    pub(super) label: String,
    /// As the system calls it.
    pub(super) kind: String,
}

/// What is known when a request is made. An empty text is no value.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Given<'g> {
    pub(super) config: Option<&'g BTreeMap<String, String>>,
    pub(super) remote_id: &'g str,
    pub(super) external_id: &'g str,
    pub(super) version: &'g str,
    pub(super) trace: &'g str,
    pub(super) item: &'g str,
    pub(super) cursor: &'g str,
    pub(super) number: Option<u64>,
    pub(super) offset: Option<u64>,
    /// Milliseconds since 1970.
    pub(super) since: Option<i64>,
    pub(super) attribute: Option<&'g NewAttribute>,
    /// What is written.
    pub(super) record: Option<&'g Json>,
    pub(super) writes: &'g [Item],
    pub(super) ids: &'g [String],
    pub(super) keys: &'g [String],
    /// Places that are mapped.
    pub(super) places: &'g [Pointer],
}

impl<'g> Given<'g> {
    /// A value; nothing where there is none.
    pub(super) fn value(&self, source: &Source) -> Option<Json> {
        let attribute = |part: fn(&NewAttribute) -> &String| self.attribute.map(|one| part(one).as_str());
        let text = match source {
            Source::Config(name) => self.config?.get(name).map(String::as_str),
            Source::RemoteId => Some(self.remote_id),
            Source::ExternalId => Some(self.external_id),
            Source::Version => Some(self.version),
            Source::Trace => Some(self.trace),
            Source::Item => Some(self.item),
            Source::Cursor => Some(self.cursor),
            Source::AttributeName => attribute(|one| &one.name),
            Source::AttributeLabel => attribute(|one| &one.label),
            Source::AttributeKind => attribute(|one| &one.kind),
            Source::Number => return self.number.map(Json::from),
            Source::Offset => return self.offset.map(Json::from),
            Source::Since => return self.since.map(Json::from),
        };
        text.filter(|text| !text.is_empty()).map(Json::from)
    }

    /// The same as a text, for a path.
    pub(super) fn text(&self, source: &Source) -> Option<String> {
        match self.value(source)? {
            Json::String(text) => Some(text),
            other => Some(other.to_string()),
        }
    }

    /// The names of the mapped places below one, each once.
    pub(super) fn names_below(&self, below: &Pointer) -> Vec<String> {
        let mut names = Vec::new();
        for name in self.places.iter().filter_map(|place| place.first_below(below)) {
            if !names.contains(&name) {
                names.push(name);
            }
        }
        names
    }

    /// For a record of a batch.
    pub(super) fn of_write<'i>(&self, item: &'i Item) -> Given<'i>
    where
        'g: 'i,
    {
        Given {
            remote_id: &item.remote_id,
            external_id: &item.external_id,
            version: &item.version,
            trace: &item.trace,
            record: Some(&item.record),
            ..*self
        }
    }

    /// For one of several.
    pub(super) fn of_item<'i>(&self, item: &'i str) -> Given<'i>
    where
        'g: 'i,
    {
        Given { item, ..*self }
    }
}
