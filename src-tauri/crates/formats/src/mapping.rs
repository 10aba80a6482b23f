//! A mapping: which column of a table goes to which field, and how a row of
//! cells becomes a record.

use crate::record::RejectCode;
use cardfile_domain::{
    Address, Contact, ContactId, CustomField, CustomKind, Identity, Item, Kind, Link, Millis, Region, Sentence,
    StageBy, email, phone, say,
    time::{DateOrder, partial_date},
};
use serde_json::Value;
use std::collections::HashMap;
use std::fmt;

/// Where one column goes. Its text form (`email:work`, `custom:plan`,
/// `address#1.city`) is what a saved mapping, the CLI and the window use.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Target {
    /// Nowhere.
    Skip,
    /// Our own id.
    Id,
    /// A field of one line, a time or a number, by its key in the catalogue.
    Field(&'static str),
    /// A part of the name.
    NamePart(NamePart),
    /// A value of a multi-valued field, or a part of one. Columns of the same
    /// field and group make one item.
    Item {
        /// `email`, `phone`, `handle`, `address`, `url` or `date`.
        field: &'static str,
        /// Number of the item in the row; 0 for columns that stand alone.
        group: u8,
        /// What of the item the column holds.
        part: ItemPart,
        /// Label of the item, when no column gives it.
        label: String,
    },
    /// A whole multi-valued field as JSON, in our own complete layout.
    ItemsJson(&'static str),
    /// Tags; several in one cell.
    Tags,
    /// An external ID of this connector.
    ExternalId(String),
    /// All external IDs as JSON, in our own complete layout.
    LinksJson,
    /// A custom field that is there.
    Custom(String),
    /// A custom field to be made with this label.
    NewField(String),
    /// Kept in the metadata under this key.
    Meta(String),
    /// The whole metadata as JSON.
    MetadataJson,
}

/// A part of the name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum NamePart {
    /// First name.
    Given,
    /// Middle name.
    Additional,
    /// Last name.
    Family,
    /// Before the name.
    Prefix,
    /// After the name.
    Suffix,
}

/// A part of an item.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ItemPart {
    /// The value itself; of an address its formatted text.
    Value,
    /// Its label.
    Label,
    /// Street of an address; several columns become several lines.
    Street,
    /// Flat, floor.
    Extended,
    /// Post office box.
    PoBox,
    /// Town.
    City,
    /// State.
    Region,
    /// Postal code.
    PostalCode,
    /// Country.
    Country,
}

const NAME_PARTS: [(NamePart, &str); 5] = [
    (NamePart::Given, "given_name"),
    (NamePart::Additional, "additional_name"),
    (NamePart::Family, "family_name"),
    (NamePart::Prefix, "name_prefix"),
    (NamePart::Suffix, "name_suffix"),
];
const ITEM_PARTS: [(ItemPart, &str); 9] = [
    (ItemPart::Value, "value"),
    (ItemPart::Label, "label"),
    (ItemPart::Street, "street"),
    (ItemPart::Extended, "extended"),
    (ItemPart::PoBox, "po_box"),
    (ItemPart::City, "city"),
    (ItemPart::Region, "region"),
    (ItemPart::PostalCode, "postal_code"),
    (ItemPart::Country, "country"),
];
const ITEM_FIELDS: [&str; 6] = ["email", "phone", "handle", "address", "url", "date"];
const FIELDS: [&str; 26] = [
    "kind",
    "name",
    "nick",
    "description",
    "preferences",
    "company",
    "company_id",
    "job_title",
    "department",
    "stage",
    "source",
    "page_url",
    "ip_country",
    "first_seen",
    "last_seen",
    "conversation_count",
    "created_at",
    "updated_at",
    "binned_at",
    "tier",
    "identity",
    "verified_at",
    "verified_by",
    "stage_by",
    "stage_since",
    "archived_at",
];

impl Target {
    /// A value of a multi-valued field that stands alone.
    pub fn item(field: &'static str, label: &str) -> Self {
        Self::Item { field, group: 0, part: ItemPart::Value, label: label.to_owned() }
    }

    /// A part of item number `group`.
    pub fn part(field: &'static str, group: u8, part: ItemPart) -> Self {
        Self::Item { field, group, part, label: String::new() }
    }

    /// Whether a row is known as a contact by such a column.
    pub fn identifies(&self) -> bool {
        match self {
            Self::Field(key) => matches!(*key, "name" | "nick" | "company"),
            Self::NamePart(part) => matches!(part, NamePart::Given | NamePart::Family),
            Self::Item { field, part, .. } => {
                *part == ItemPart::Value && matches!(*field, "email" | "phone" | "handle")
            }
            _ => false,
        }
    }

    /// Whether a contact may be recognised by such a column.
    pub fn is_key(&self) -> bool {
        matches!(self, Self::Id | Self::ExternalId(_) | Self::LinksJson | Self::ItemsJson("email"))
            || matches!(self, Self::Item { field: "email", .. })
    }

    /// Reads the text form.
    pub fn parse(text: &str) -> Option<Self> {
        let (head, rest) = text.split_once(':').unwrap_or((text, ""));
        let fixed = match head {
            "skip" => Some(Self::Skip),
            "id" => Some(Self::Id),
            "tags" => Some(Self::Tags),
            "external_ids" => Some(Self::LinksJson),
            "metadata" => Some(Self::MetadataJson),
            "external_id" => Some(Self::ExternalId(if rest.is_empty() { "external".into() } else { rest.into() })),
            "custom" => Some(Self::Custom(rest.into())),
            "new" => Some(Self::NewField(rest.into())),
            "meta" => Some(Self::Meta(rest.into())),
            "json" => return ITEM_FIELDS.iter().find(|f| **f == rest).map(|f| Self::ItemsJson(f)),
            _ => None,
        };
        if fixed.is_some() {
            return fixed;
        }
        if let Some(key) = FIELDS.iter().find(|key| **key == head) {
            return Some(Self::Field(key));
        }
        if let Some((part, _)) = NAME_PARTS.iter().find(|(_, word)| *word == head) {
            return Some(Self::NamePart(*part));
        }
        let (head, part) = head.split_once('.').unwrap_or((head, "value"));
        let (field, group) = head.split_once('#').unwrap_or((head, "0"));
        Some(Self::Item {
            field: ITEM_FIELDS.iter().find(|f| **f == field)?,
            group: group.parse().ok()?,
            part: ITEM_PARTS.iter().find(|(_, word)| *word == part)?.0,
            label: rest.to_owned(),
        })
    }
}

impl fmt::Display for Target {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Skip => f.write_str("skip"),
            Self::Id => f.write_str("id"),
            Self::Field(key) => f.write_str(key),
            Self::NamePart(part) => {
                f.write_str(NAME_PARTS.iter().find(|(p, _)| p == part).map_or("", |(_, word)| word))
            }
            Self::Item { field, group, part, label } => {
                f.write_str(field)?;
                if *group > 0 {
                    write!(f, "#{group}")?;
                }
                if *part != ItemPart::Value {
                    write!(f, ".{}", ITEM_PARTS.iter().find(|(p, _)| p == part).map_or("", |(_, word)| word))?;
                }
                if label.is_empty() { Ok(()) } else { write!(f, ":{label}") }
            }
            Self::ItemsJson(field) => write!(f, "json:{field}"),
            Self::Tags => f.write_str("tags"),
            Self::ExternalId(connector) => write!(f, "external_id:{connector}"),
            Self::LinksJson => f.write_str("external_ids"),
            Self::Custom(key) => write!(f, "custom:{key}"),
            Self::NewField(label) => write!(f, "new:{label}"),
            Self::Meta(key) => write!(f, "meta:{key}"),
            Self::MetadataJson => f.write_str("metadata"),
        }
    }
}

/// What reading values needs to know beyond the columns.
#[derive(Debug, Clone)]
pub struct Reading {
    /// Country of phones typed without their country code.
    pub region: Option<Region>,
    /// Order of day and month.
    pub dates: DateOrder,
    /// Custom fields of the workspace by key.
    pub custom: HashMap<String, CustomKind>,
    /// Take one `'` away before a formula sign: the file carries our mark.
    pub guarded: bool,
}

impl Reading {
    /// With the workspace's custom fields.
    pub fn new(region: Option<Region>, fields: &[CustomField]) -> Self {
        Self {
            region,
            dates: DateOrder::default(),
            custom: fields.iter().map(|field| (field.key.clone(), field.kind)).collect(),
            guarded: false,
        }
    }
}

/// What is wrong with one cell.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CellFault {
    /// Which column, from 0.
    pub column: usize,
    /// What, for programs.
    pub code: RejectCode,
    /// What, in words.
    pub message: Sentence,
}

/// Columns that together make one item.
struct Group {
    field: &'static str,
    number: u8,
    /// How many items of the field stood before its first column.
    place: usize,
    item: Item,
    address: Address,
}

/// Makes a record of a row of cells.
pub fn record<'c>(
    targets: &[Target],
    cells: impl Iterator<Item = &'c str>,
    reading: &Reading,
) -> Result<Box<Contact>, CellFault> {
    let mut contact = Box::<Contact>::default();
    let mut groups: Vec<Group> = Vec::new();
    let mut meta = serde_json::Map::new();
    for (column, (target, cell)) in targets.iter().zip(cells).enumerate() {
        if matches!(target, Target::Skip) {
            continue;
        }
        let cell = if reading.guarded { unguard(cell) } else { cell };
        if cell.is_empty() {
            continue;
        }
        let fault = |code, message: Sentence| CellFault { column, code, message };
        match target {
            Target::Skip => {}
            Target::Id => {
                contact.id = ContactId::parse(cell).map_err(|e| fault(RejectCode::Id, e.sentence()))?;
            }
            Target::Field(key) => {
                set_field(&mut contact, key, cell, reading.dates).map_err(|(code, message)| fault(code, message))?;
            }
            Target::NamePart(part) => {
                let parts = &mut contact.name_parts;
                let part = match part {
                    NamePart::Given => &mut parts.given,
                    NamePart::Additional => &mut parts.additional,
                    NamePart::Family => &mut parts.family,
                    NamePart::Prefix => &mut parts.prefix,
                    NamePart::Suffix => &mut parts.suffix,
                };
                cell.trim().clone_into(part);
            }
            Target::Item { field, group: 0, part: ItemPart::Value, label } => {
                push_values(&mut contact, field, label, cell, reading).map_err(|(code, m)| fault(code, m))?;
            }
            Target::Item { field, group, part, label } => {
                let at = match groups.iter().position(|g| g.field == *field && g.number == *group) {
                    Some(at) => at,
                    None => {
                        let item = Item { label: label.clone(), ..Item::default() };
                        let place = contact.items_mut(field).len();
                        groups.push(Group { field, number: *group, place, item, address: Address::default() });
                        groups.len() - 1
                    }
                };
                let group = &mut groups[at];
                set_part(&mut group.item, &mut group.address, *part, cell);
                // Emails and dates are checked at the column that holds them.
                if *part == ItemPart::Value && matches!(*field, "email" | "date") {
                    values(field, "", cell, reading).map_err(|(code, m)| fault(code, m))?;
                }
            }
            Target::ItemsJson(field) => {
                let items: Vec<Item> = serde_json::from_str(cell).map_err(|e| {
                    fault(RejectCode::Syntax, say!("not a JSON list of items: {why}", why = e.to_string()))
                })?;
                contact.items_mut(field).extend(items.into_iter().map(|item| keyed(field, item, reading.region)));
            }
            Target::Tags => push_tags(&mut contact.tags, cell),
            Target::ExternalId(connector) => {
                let link = Link { connector: connector.clone(), scope: String::new(), external_id: cell.to_owned() };
                push_link(&mut contact, link);
            }
            Target::LinksJson => {
                let links: Vec<Link> = serde_json::from_str(cell).map_err(|e| {
                    fault(RejectCode::Syntax, say!("not a JSON list of external IDs: {why}", why = e.to_string()))
                })?;
                links.into_iter().for_each(|link| push_link(&mut contact, link));
            }
            Target::Custom(key) => {
                let kind = reading.custom.get(key).copied().unwrap_or(CustomKind::Text);
                let value = kind.read(cell).map_err(|why| fault(RejectCode::Type, why))?;
                if !value.is_null() {
                    contact.custom.insert(key.clone(), value);
                }
            }
            Target::NewField(label) => {
                if let Some(key) = cardfile_domain::custom::key_for(label) {
                    contact.custom.insert(key, Value::from(cell));
                }
            }
            Target::Meta(key) => {
                meta.insert(key.clone(), Value::from(cell));
            }
            Target::MetadataJson => {
                match serde_json::from_str::<Value>(cell) {
                    Ok(Value::Object(_)) => {}
                    Ok(_) => return Err(fault(RejectCode::Syntax, say!("metadata is not a JSON object"))),
                    Err(e) => {
                        return Err(fault(
                            RejectCode::Syntax,
                            say!("metadata is not JSON: {why}", why = e.to_string()),
                        ));
                    }
                }
                cell.clone_into(&mut contact.metadata);
            }
        }
    }
    let mut inserted: HashMap<&str, usize> = HashMap::new();
    for Group { field, place, mut item, address, .. } in groups {
        if address != Address::default() {
            if item.value.is_empty() {
                item.value = address.formatted();
            }
            item.address = Some(Box::new(address));
        }
        let label = tidy_label(&item.label);
        let items = match field {
            _ if item.value.is_empty() => continue,
            "address" => vec![Item { label, ..item }],
            // What can be wrong was checked at its column.
            _ => values(field, &label, &item.value, reading).unwrap_or_default(),
        };
        // Where its first column stood: the first item is the primary one.
        let known = contact.items_mut(field);
        let before = inserted.entry(field).or_default();
        for item in items {
            if !known.iter().any(|other| other.same_value(&item)) {
                known.insert((place + *before).min(known.len()), item);
                *before += 1;
            }
        }
    }
    if !meta.is_empty() {
        // Beside what the file's own metadata column says, which comes first.
        let mut all: serde_json::Map<String, Value> = serde_json::from_str(&contact.metadata).unwrap_or_default();
        for (key, value) in meta {
            all.entry(key).or_insert(value);
        }
        contact.metadata = Value::Object(all).to_string();
    }
    Ok(contact)
}

/// An external ID is there once, however many columns repeat it.
fn push_link(contact: &mut Contact, link: Link) {
    if !link.external_id.is_empty() && !contact.links.contains(&link) {
        contact.links.push(link);
    }
}

fn set_field(contact: &mut Contact, key: &str, cell: &str, dates: DateOrder) -> Result<(), (RejectCode, Sentence)> {
    let text = match key {
        "name" => &mut contact.name,
        "nick" => &mut contact.nick,
        "description" => &mut contact.description,
        "preferences" => &mut contact.preferences,
        "company" => &mut contact.company,
        "job_title" => &mut contact.job_title,
        "department" => &mut contact.department,
        "stage" => &mut contact.stage,
        "tier" => &mut contact.tier,
        "verified_by" => &mut contact.verified_by,
        "source" => &mut contact.source,
        "page_url" => &mut contact.page_url,
        "ip_country" => &mut contact.ip_country,
        "kind" => {
            contact.kind = match cell.trim().to_lowercase().as_str() {
                "organization" | "organisation" | "company" | "org" => Kind::Organization,
                _ => Kind::Person,
            };
            return Ok(());
        }
        "identity" => {
            let level = Identity::parse(&cell.trim().to_lowercase());
            contact.identity = level.ok_or((RejectCode::Type, say!("expected anonymous, identified or verified")))?;
            return Ok(());
        }
        "stage_by" => {
            contact.stage_by = match cell.trim() {
                "hand" => StageBy::Hand,
                "rule" => StageBy::Rule,
                _ => return Err((RejectCode::Type, say!("expected hand or rule"))),
            };
            return Ok(());
        }
        "company_id" => {
            contact.company_id = Some(ContactId::parse(cell).map_err(|e| (RejectCode::Id, e.sentence()))?);
            return Ok(());
        }
        "conversation_count" => {
            contact.conversation_count =
                cell.trim().parse().map_err(|_| (RejectCode::Number, say!("expected a whole number from 0")))?;
            return Ok(());
        }
        _ => {
            let at = Millis::parse(cell, dates).ok_or((RejectCode::Date, say!("expected a date and time")))?;
            match key {
                "first_seen" => contact.first_seen = Some(at),
                "last_seen" => contact.last_seen = Some(at),
                "created_at" => contact.created_at = at,
                "updated_at" => contact.updated_at = at,
                "verified_at" => contact.verified_at = Some(at),
                "stage_since" => contact.stage_since = Some(at),
                "archived_at" => contact.archived_at = Some(at),
                _ => contact.binned_at = Some(at),
            }
            return Ok(());
        }
    };
    // Several columns may feed one field (Notes and Description).
    if !text.is_empty() {
        text.push('\n');
    }
    text.push_str(cell.trim());
    Ok(())
}

fn set_part(item: &mut Item, address: &mut Address, part: ItemPart, cell: &str) {
    let text = match part {
        ItemPart::Value => &mut item.value,
        ItemPart::Label => &mut item.label,
        ItemPart::Street => &mut address.street,
        ItemPart::Extended => &mut address.extended,
        ItemPart::PoBox => &mut address.po_box,
        ItemPart::City => &mut address.city,
        ItemPart::Region => &mut address.region,
        ItemPart::PostalCode => &mut address.postal_code,
        ItemPart::Country => &mut address.country,
    };
    if part == ItemPart::Label {
        text.clear();
    } else if !text.is_empty() {
        text.push('\n');
    }
    text.push_str(cell.trim());
}

/// Several values of one cell: Google joins them by ` ::: `, people by `;`.
fn split_values<'c>(field: &str, cell: &'c str) -> impl Iterator<Item = &'c str> {
    let emails = field == "email";
    cell.split(":::")
        .flat_map(move |part| part.split(move |c| emails && (c == ';' || c == ',')))
        .map(str::trim)
        .filter(|part| !part.is_empty())
}

fn push_values(
    contact: &mut Contact,
    field: &'static str,
    label: &str,
    cell: &str,
    reading: &Reading,
) -> Result<(), (RejectCode, Sentence)> {
    let items = contact.items_mut(field);
    for item in values(field, label, cell, reading)? {
        if !items.iter().any(|known| known.same_value(&item)) {
            items.push(item);
        }
    }
    Ok(())
}

/// The items of one cell.
fn values(field: &str, label: &str, cell: &str, reading: &Reading) -> Result<Vec<Item>, (RejectCode, Sentence)> {
    split_values(field, cell)
        .map(|value| {
            let item = |value: String, key: String| Item { value, key, label: label.to_owned(), address: None };
            Ok(match field {
                "email" => {
                    let key = email::key(value).map_err(|e| (RejectCode::Email, e.sentence()))?;
                    item(value.to_owned(), key)
                }
                "date" => {
                    let date = partial_date(value, reading.dates);
                    item(date.ok_or((RejectCode::Date, say!("expected a date")))?, String::new())
                }
                "phone" => item(value.to_owned(), phone::key(value, reading.region).unwrap_or_default()),
                _ => item(value.to_owned(), String::new()),
            })
        })
        .collect()
}

/// Gives an item the key it is compared by.
pub fn keyed(field: &str, mut item: Item, region: Option<Region>) -> Item {
    item.key = match field {
        "email" => email::key(&item.value).unwrap_or_default(),
        "phone" => phone::key(&item.value, region).unwrap_or_default(),
        _ => String::new(),
    };
    item
}

/// Tags of a cell: `lead,enterprise`, `myContacts;starred`, `* a ::: * b`,
/// `"VIP","Blog"`. Google's own group of all contacts says nothing.
fn push_tags(tags: &mut Vec<String>, cell: &str) {
    let parts: Vec<&str> = if cell.contains(":::") {
        cell.split(":::").collect()
    } else if cell.contains(';') && !cell.contains(',') {
        cell.split(';').collect()
    } else {
        cell.split(',').collect()
    };
    for part in parts {
        let tag = part.trim().trim_matches('"').trim();
        let tag = tag.strip_prefix("* ").unwrap_or(tag);
        let googles_own = matches!(tag, "myContacts" | "My Contacts");
        if !tag.is_empty() && !googles_own && !tags.iter().any(|known| known.eq_ignore_ascii_case(tag)) {
            tags.push(tag.to_owned());
        }
    }
}

/// `* Home`, `_$!<Work>!$_` and `HOME` are the label `home`; a label that a
/// person made up keeps its capitals.
pub fn tidy_label(label: &str) -> String {
    let label = label.trim();
    let label = label.strip_prefix("* ").unwrap_or(label);
    let label = label.strip_prefix("_$!<").and_then(|l| l.strip_suffix(">!$_")).unwrap_or(label);
    let lower = label.to_lowercase();
    match lower.as_str() {
        "home" | "work" | "mobile" | "cell" | "fax" | "other" | "pager" | "main" | "internet" => {
            if lower == "internet" { String::new() } else { lower }
        }
        _ => label.to_owned(),
    }
}

/// Takes away the one `'` that our export put before a formula sign.
fn unguard(cell: &str) -> &str {
    match cell.strip_prefix('\'') {
        Some(rest) if rest.trim_start_matches('\'').starts_with(['=', '+', '-', '@', '\t', '\r']) => rest,
        _ => cell,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rstest::rstest;

    fn read(columns: &[(&str, &str)]) -> Result<Box<Contact>, CellFault> {
        let targets: Vec<Target> = columns.iter().map(|(t, _)| Target::parse(t).expect(t)).collect();
        record(&targets, columns.iter().map(|(_, cell)| *cell), &Reading::new(Region::parse("ES"), &[]))
    }

    #[rstest]
    #[case("name")]
    #[case("given_name")]
    #[case("email")]
    #[case("email:work")]
    #[case("phone#2.label")]
    #[case("address#1.postal_code:home")]
    #[case("external_id:hubspot")]
    #[case("custom:plan")]
    #[case("new:Account manager")]
    #[case("json:address")]
    #[case("skip")]
    fn a_target_is_read_as_it_is_written(#[case] text: &str) {
        assert_eq!(Target::parse(text).expect(text).to_string(), text);
    }

    #[test]
    fn groups_of_columns_become_items() {
        let contact = read(&[
            ("email#1.label", "* Work"),
            ("email#1.value", "ana@x.example ::: ana2@x.example"),
            ("address#1.street", "Calle Mayor 1"),
            ("address#1.city", "Madrid"),
            ("address#1.postal_code", "28013"),
            ("phone:mobile", "612 408 177"),
        ])
        .expect("a contact");
        assert_eq!(contact.emails.len(), 2);
        assert_eq!((contact.emails[0].label.as_str(), contact.emails[1].value.as_str()), ("work", "ana2@x.example"));
        assert_eq!(contact.addresses[0].value, "Calle Mayor 1\n28013 Madrid");
        assert_eq!((contact.phones[0].key.as_str(), contact.phones[0].label.as_str()), ("+34612408177", "mobile"));
    }

    #[test]
    fn an_external_id_in_two_columns_is_one() {
        let contact = read(&[("name", "Ana"), ("external_id:hubspot", "7"), ("external_id:hubspot", "7")]);
        assert_eq!(contact.expect("a contact").links.len(), 1);
    }

    #[test]
    fn a_date_in_a_group_that_is_none_is_a_fault_and_not_lost() {
        let fault =
            read(&[("name", "Ana"), ("date#1.value", "spring"), ("date#1.label", "wedding")]).expect_err("no date");
        assert_eq!((fault.column, fault.code), (1, RejectCode::Date));
    }

    #[test]
    fn an_unknown_column_joins_the_metadata_of_the_file() {
        let contact = read(&[("name", "Ana"), ("metadata", "{\"a\":1}"), ("meta:b", "2")]).expect("a contact");
        assert_eq!(contact.metadata, r#"{"a":1,"b":"2"}"#);
    }

    #[test]
    fn the_fault_names_its_column() {
        let fault = read(&[("name", "Ana"), ("email", "ana at x")]).expect_err("no email");
        assert_eq!((fault.column, fault.code), (1, RejectCode::Email));
    }

    #[rstest]
    #[case("lead,enterprise", &["lead", "enterprise"])]
    #[case("myContacts;starred", &["starred"])]
    #[case("* coworkers ::: * myContacts", &["coworkers"])]
    #[case("\"VIP\",\"Blog\"", &["VIP", "Blog"])]
    #[case(" a , A ,, b", &["a", "b"])]
    fn reads_tags(#[case] cell: &str, #[case] expected: &[&str]) {
        assert_eq!(read(&[("name", "Ana"), ("tags", cell)]).expect("a contact").tags, expected);
    }

    #[rstest]
    #[case("'+34 600", "+34 600")]
    #[case("''=1+1", "'=1+1")]
    #[case("'quoted'", "'quoted'")]
    #[case("O'Brien", "O'Brien")]
    fn exactly_one_guard_is_taken_away(#[case] cell: &str, #[case] expected: &str) {
        assert_eq!(unguard(cell), expected);
    }
}
