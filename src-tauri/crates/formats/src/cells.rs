//! Columns of a table, and the text of their cells; what every format of rows
//! has in common.

use cardfile_domain::{
    Contact, CustomField, CustomKind, Field, FieldDef, Identity, Item, Line, Millis, StageBy, custom::text_of, name,
};
use std::fmt::Write as _;

/// The reference layout: twelve columns, in this order.
pub const REFERENCE: [&str; 12] = [
    "id",
    "name",
    "email",
    "phone",
    "company",
    "source",
    "first_seen",
    "last_seen",
    "conversation_count",
    "tags",
    "page_url",
    "ip_country",
];

/// What the complete layout adds, before one column per custom field.
pub const COMPLETE: [&str; 33] = [
    "kind",
    "given_name",
    "additional_name",
    "family_name",
    "name_prefix",
    "name_suffix",
    "nick",
    "description",
    "preferences",
    "company_id",
    "job_title",
    "department",
    "stage",
    "email_label",
    "phone_label",
    "other_emails",
    "other_phones",
    "handles",
    "addresses",
    "urls",
    "dates",
    "external_ids",
    "created_at",
    "updated_at",
    "binned_at",
    "metadata",
    "tier",
    "identity",
    "verified_at",
    "verified_by",
    "stage_by",
    "stage_since",
    "archived_at",
];

/// Columns that other programs ask for, worked out of what is stored.
pub const DERIVED: [&str; 4] = ["first_name", "last_name", "address", "website"];

/// Which columns a file has.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Preset {
    /// The twelve of the reference.
    Reference,
    /// Everything that is stored.
    Complete,
    /// These, in this order.
    Columns(Vec<String>),
    /// The same with headings of their own: key and heading.
    Named(Vec<(String, String)>),
}

/// What the cells of a column are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Shape {
    Text,
    Time,
    /// A whole number.
    Count,
    Number,
    Flag,
    /// Several texts.
    Tags,
}

/// The columns of a table that is being written.
#[derive(Debug)]
pub(crate) struct Cells {
    columns: Vec<Column>,
    headings: Vec<String>,
    /// The reference has no milliseconds.
    seconds: bool,
}

impl Cells {
    pub(crate) fn new(preset: &Preset, fields: &[CustomField]) -> Self {
        let seconds = *preset == Preset::Reference;
        Self { columns: columns(preset, fields), headings: headings(preset, fields), seconds }
    }

    pub(crate) fn headings(&self) -> &[String] {
        &self.headings
    }

    /// What the cells of a column are, for formats that have types.
    pub(crate) fn shape(&self, at: usize, fields: &[CustomField]) -> Shape {
        let kind = match &self.columns[at] {
            Column::Line(column) => FieldDef::find(column.heading()).map(|field| field.kind),
            Column::BuiltIn(key) => FieldDef::find(key).map(|field| field.kind),
            Column::Custom(key) => {
                return match fields.iter().find(|field| field.key == *key).map(|field| field.kind) {
                    Some(CustomKind::Number) => Shape::Number,
                    Some(CustomKind::Boolean) => Shape::Flag,
                    _ => Shape::Text,
                };
            }
            Column::Unknown(_) => None,
        };
        match kind {
            Some(Field::Time) => Shape::Time,
            Some(Field::Number) => Shape::Count,
            Some(Field::Tags) => Shape::Tags,
            _ => Shape::Text,
        }
    }

    pub(crate) fn is_tags(&self, at: usize) -> bool {
        self.columns[at] == Column::Line(LineColumn::Tags)
    }

    /// The text of a cell where the line holds it; else it is written to `out`,
    /// which is empty before.
    pub(crate) fn text<'l>(
        &self,
        at: usize,
        line: &'l Line<'_>,
        contact: Option<&Contact>,
        out: &mut String,
    ) -> Option<&'l [u8]> {
        match (&self.columns[at], contact) {
            (Column::Line(column), _) => return column.text(line, self.seconds, out),
            (Column::BuiltIn(key), Some(contact)) => text(contact, key, out),
            (Column::Custom(key), Some(contact)) => {
                if let Some(value) = contact.custom.get(key) {
                    out.push_str(&text_of(value));
                }
            }
            _ => {}
        }
        None
    }
}

/// A column that a line knows, in the order of [`REFERENCE`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum LineColumn {
    Id,
    Name,
    Email,
    Phone,
    Company,
    Source,
    FirstSeen,
    LastSeen,
    ConversationCount,
    Tags,
    PageUrl,
    IpCountry,
}

const LINE: [LineColumn; 12] = [
    LineColumn::Id,
    LineColumn::Name,
    LineColumn::Email,
    LineColumn::Phone,
    LineColumn::Company,
    LineColumn::Source,
    LineColumn::FirstSeen,
    LineColumn::LastSeen,
    LineColumn::ConversationCount,
    LineColumn::Tags,
    LineColumn::PageUrl,
    LineColumn::IpCountry,
];

impl LineColumn {
    fn heading(self) -> &'static str {
        REFERENCE[self as usize]
    }

    /// The text of the cell where the line holds it; else it is written to `out`.
    fn text<'l>(self, line: &'l Line<'_>, seconds: bool, out: &mut String) -> Option<&'l [u8]> {
        Some(match self {
            Self::Id => line.id,
            Self::Name => line.name,
            Self::Email => line.email,
            Self::Phone => line.phone,
            Self::Company => line.company,
            Self::Source => line.source,
            Self::Tags => &line.tags,
            Self::PageUrl => line.page_url,
            Self::IpCountry => line.ip_country,
            Self::FirstSeen => {
                moment(line.first_seen, seconds, out);
                return None;
            }
            Self::LastSeen => {
                moment(line.last_seen, seconds, out);
                return None;
            }
            Self::ConversationCount => {
                // Writing to a string cannot fail.
                let _ = write!(out, "{}", line.conversation_count);
                return None;
            }
        })
    }
}

#[derive(Debug, Clone, PartialEq)]
enum Column {
    Line(LineColumn),
    BuiltIn(&'static str),
    Custom(String),
    /// A heading that is no field; its cells are empty.
    Unknown(String),
}

fn columns(preset: &Preset, fields: &[CustomField]) -> Vec<Column> {
    let custom = fields.iter().map(|field| Column::Custom(field.key.clone()));
    let line = LINE.into_iter().map(Column::Line);
    match preset {
        Preset::Reference => line.collect(),
        Preset::Complete => line.chain(COMPLETE.into_iter().map(Column::BuiltIn)).chain(custom).collect(),
        Preset::Columns(keys) => keys.iter().map(|key| Column::of(key, fields)).collect(),
        Preset::Named(pairs) => pairs.iter().map(|(key, _)| Column::of(key, fields)).collect(),
    }
}

/// The headings of a layout, in order.
pub fn headings(preset: &Preset, fields: &[CustomField]) -> Vec<String> {
    let own = columns(preset, fields).iter().map(Column::heading).collect();
    match preset {
        Preset::Named(pairs) => {
            let given = pairs.iter().zip(own);
            given
                .map(|((_, heading), own): (_, String)| if heading.is_empty() { own } else { heading.clone() })
                .collect()
        }
        _ => own,
    }
}

impl Column {
    fn of(key: &str, fields: &[CustomField]) -> Self {
        let bare = key.strip_prefix("custom.").unwrap_or(key);
        let in_line = LINE.into_iter().find(|column| column.heading() == key);
        match (in_line, COMPLETE.into_iter().chain(DERIVED).find(|known| *known == key)) {
            (Some(column), _) => Self::Line(column),
            (None, Some(known)) => Self::BuiltIn(known),
            _ if fields.iter().any(|field| field.key == bare) => Self::Custom(bare.to_owned()),
            _ => Self::Unknown(key.to_owned()),
        }
    }

    fn heading(&self) -> String {
        match self {
            Self::Line(column) => column.heading().to_owned(),
            Self::BuiltIn(key) => (*key).to_owned(),
            Self::Custom(key) => format!("custom.{key}"),
            Self::Unknown(heading) => heading.clone(),
        }
    }
}

/// Whether the layout has such a column.
pub fn is_column(key: &str, fields: &[CustomField]) -> bool {
    !matches!(columns(&Preset::Columns(vec![key.to_owned()]), fields)[..], [Column::Unknown(_)])
}

/// The text of one of the further built-in columns.
fn text(contact: &Contact, key: &str, out: &mut String) {
    let parts = &contact.name_parts;
    match key {
        "first_name" => out.push_str(&name::first_and_last(contact).0),
        "last_name" => out.push_str(&name::first_and_last(contact).1),
        "address" => out.push_str(contact.addresses.first().map_or("", |item| &item.value)),
        "website" => out.push_str(contact.urls.first().map_or("", |item| &item.value)),
        "kind" => out.push_str(contact.kind.as_str()),
        "given_name" => out.push_str(&parts.given),
        "additional_name" => out.push_str(&parts.additional),
        "family_name" => out.push_str(&parts.family),
        "name_prefix" => out.push_str(&parts.prefix),
        "name_suffix" => out.push_str(&parts.suffix),
        "nick" => out.push_str(&contact.nick),
        "description" => out.push_str(&contact.description),
        "preferences" => out.push_str(&contact.preferences),
        "company_id" => out.push_str(contact.company_id.as_ref().map_or("", |id| id.as_str())),
        "job_title" => out.push_str(&contact.job_title),
        "department" => out.push_str(&contact.department),
        "stage" => out.push_str(&contact.stage),
        "tier" => out.push_str(&contact.tier),
        "identity" if contact.identity != Identity::Identified => out.push_str(contact.identity.as_str()),
        "identity" => {}
        "verified_at" => out.push_str(&contact.verified_at.map(Millis::to_rfc3339).unwrap_or_default()),
        "stage_by" if contact.stage_by != StageBy::Rule => out.push_str(contact.stage_by.as_str()),
        "stage_since" => out.push_str(&contact.stage_since.map(Millis::to_rfc3339).unwrap_or_default()),
        "archived_at" => out.push_str(&contact.archived_at.map(Millis::to_rfc3339).unwrap_or_default()),
        "verified_by" => out.push_str(&contact.verified_by),
        "email_label" => out.push_str(contact.emails.first().map_or("", |item| &item.label)),
        "phone_label" => out.push_str(contact.phones.first().map_or("", |item| &item.label)),
        "other_emails" => json(contact.emails.get(1..), out),
        "other_phones" => json(contact.phones.get(1..), out),
        "handles" => json(Some(&contact.handles), out),
        "addresses" => json(Some(&contact.addresses), out),
        "urls" => json(Some(&contact.urls), out),
        "dates" => json(Some(&contact.dates), out),
        "external_ids" if !contact.links.is_empty() => {
            out.push_str(&serde_json::to_string(&contact.links).unwrap_or_default());
        }
        "created_at" => out.push_str(&contact.created_at.to_rfc3339()),
        "updated_at" => out.push_str(&contact.updated_at.to_rfc3339()),
        "binned_at" => out.push_str(&contact.binned_at.map(Millis::to_rfc3339).unwrap_or_default()),
        "metadata" => out.push_str(&contact.metadata),
        _ => {}
    }
}

/// The reference has no milliseconds; the complete layout keeps them where
/// there are any, because a round trip must not lose them.
fn moment(at: Option<Millis>, seconds: bool, out: &mut String) {
    match at {
        Some(at) if seconds || at.0 % 1000 == 0 => at.push_rfc3339_seconds(out),
        Some(at) => out.push_str(&at.to_rfc3339()),
        None => {}
    }
}

fn json(items: Option<&[Item]>, out: &mut String) {
    if let Some(items) = items.filter(|items| !items.is_empty()) {
        // The keys are worked out again where the file is read.
        let items: Vec<Item> = items.iter().map(|item| Item { key: String::new(), ..item.clone() }).collect();
        out.push_str(&serde_json::to_string(&items).unwrap_or_default());
    }
}
