//! A contact: everything we keep about one person or organization, as one value.

use crate::{
    field::{FIELDS, FieldDef},
    id::ContactId,
    patch::{FieldChange, Patch},
    time::Millis,
};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::{borrow::Cow, collections::BTreeMap};

/// One contact with all its values. Empty text and empty lists mean "not known".
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Contact {
    /// Ours; never a remote's.
    pub id: ContactId,
    /// A person or an organization.
    #[serde(skip_serializing_if = "is_default")]
    pub kind: Kind,
    /// What was typed. Parts never overwrite it.
    #[serde(skip_serializing_if = "is_default")]
    pub name: String,
    /// Optional parts of the name, one group.
    #[serde(skip_serializing_if = "is_default")]
    pub name_parts: NameParts,
    /// Alias that differs from the name (Slack, Discord).
    #[serde(skip_serializing_if = "is_default")]
    pub nick: String,
    /// Who this is and how they relate to the business.
    #[serde(skip_serializing_if = "is_default")]
    pub description: String,
    /// How the person wants to be helped.
    #[serde(skip_serializing_if = "is_default")]
    pub preferences: String,
    /// Company as typed.
    #[serde(skip_serializing_if = "is_default")]
    pub company: String,
    /// The organization contact that `company` stands for, if linked.
    #[serde(skip_serializing_if = "is_default")]
    pub company_id: Option<ContactId>,
    /// Title within the company.
    #[serde(skip_serializing_if = "is_default")]
    pub job_title: String,
    /// Part of the company.
    #[serde(skip_serializing_if = "is_default")]
    pub department: String,
    /// Emails, the first is the primary one.
    #[serde(rename = "email", skip_serializing_if = "is_default")]
    pub emails: Vec<Item>,
    /// Phones, the first is the primary one.
    #[serde(rename = "phone", skip_serializing_if = "is_default")]
    pub phones: Vec<Item>,
    /// Names on other platforms; the label is the platform.
    #[serde(rename = "handle", skip_serializing_if = "is_default")]
    pub handles: Vec<Item>,
    /// Postal addresses.
    #[serde(rename = "address", skip_serializing_if = "is_default")]
    pub addresses: Vec<Item>,
    /// Web addresses.
    #[serde(rename = "url", skip_serializing_if = "is_default")]
    pub urls: Vec<Item>,
    /// Birthday, anniversary and others; the value is ISO 8601 and may lack its year.
    #[serde(rename = "date", skip_serializing_if = "is_default")]
    pub dates: Vec<Item>,
    /// Where the contact first came from. Set once.
    #[serde(skip_serializing_if = "is_default")]
    pub source: String,
    /// Page of the first widget contact.
    #[serde(skip_serializing_if = "is_default")]
    pub page_url: String,
    /// ISO 3166-1 alpha-2, where the law and the person allow to keep it.
    #[serde(skip_serializing_if = "is_default")]
    pub ip_country: String,
    /// First interaction.
    #[serde(skip_serializing_if = "is_default")]
    pub first_seen: Option<Millis>,
    /// Latest interaction.
    #[serde(skip_serializing_if = "is_default")]
    pub last_seen: Option<Millis>,
    /// Conversations so far.
    #[serde(skip_serializing_if = "is_default")]
    pub conversation_count: u32,
    /// Lifecycle stage.
    #[serde(skip_serializing_if = "is_default")]
    pub stage: String,
    /// Who decided the stage: a person, whom no rule overrules, or a rule.
    #[serde(skip_serializing_if = "is_default")]
    pub stage_by: StageBy,
    /// Since when it has this stage.
    #[serde(skip_serializing_if = "is_default")]
    pub stage_since: Option<Millis>,
    /// Access tier, by which permissions are given: `VIP`.
    #[serde(skip_serializing_if = "is_default")]
    pub tier: String,
    /// How well it is known who this is.
    #[serde(skip_serializing_if = "is_default")]
    pub identity: Identity,
    /// When that was verified.
    #[serde(skip_serializing_if = "is_default")]
    pub verified_at: Option<Millis>,
    /// How that was verified.
    #[serde(skip_serializing_if = "is_default")]
    pub verified_by: String,
    /// Tags in the order they were put.
    #[serde(skip_serializing_if = "is_default")]
    pub tags: Vec<String>,
    /// External IDs.
    #[serde(rename = "external_id", skip_serializing_if = "is_default")]
    pub links: Vec<Link>,
    /// Values of custom fields by key.
    #[serde(skip_serializing_if = "is_default")]
    pub custom: BTreeMap<String, Value>,
    /// Whatever a source sent beyond our fields: the text of a JSON object, or
    /// empty. Kept as text so that nothing in it is reformatted.
    #[serde(skip_serializing_if = "is_default")]
    pub metadata: String,
    /// When the contact was made here.
    pub created_at: Millis,
    /// When a value last changed.
    pub updated_at: Millis,
    /// In the bin since.
    #[serde(skip_serializing_if = "is_default")]
    pub binned_at: Option<Millis>,
    /// In the archive since.
    #[serde(skip_serializing_if = "is_default")]
    pub archived_at: Option<Millis>,
}

/// What the reference layout says about a contact in one line, borrowed: a
/// million of them pass by in an export. Texts are the UTF-8 bytes that are
/// stored, not looked at again.
#[derive(Debug, Clone)]
#[expect(missing_docs, reason = "they are the fields of the contact")]
pub struct Line<'c> {
    pub id: &'c [u8],
    pub name: &'c [u8],
    /// The primary one.
    pub email: &'c [u8],
    /// The primary one, as typed.
    pub phone: &'c [u8],
    pub company: &'c [u8],
    pub source: &'c [u8],
    pub first_seen: Option<Millis>,
    pub last_seen: Option<Millis>,
    pub conversation_count: u32,
    /// With commas between them.
    pub tags: Cow<'c, [u8]>,
    pub page_url: &'c [u8],
    pub ip_country: &'c [u8],
}

/// A person or an organization.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// A human; a data subject in privacy law.
    #[default]
    Person,
    /// A company, an authority, a club.
    Organization,
}

/// Who decided the stage of a contact.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum StageBy {
    /// Nobody, as long as it has none; else a rule, which may change it.
    #[default]
    Rule,
    /// A person, a file or another program: no rule changes it.
    Hand,
}

/// How well it is known who a contact is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Identity {
    /// A visitor without login. Not counted as a contact, and shown apart.
    Anonymous,
    /// Said by the person or by staff.
    #[default]
    Identified,
    /// Proven by cryptography or attested by a source; when and how is kept.
    Verified,
}

/// Parts of a person's name; one group, merged as a whole.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct NameParts {
    /// First name.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub given: String,
    /// Middle names.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub additional: String,
    /// Last name.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub family: String,
    /// `Dr.`
    #[serde(skip_serializing_if = "String::is_empty")]
    pub prefix: String,
    /// `Jr.`
    #[serde(skip_serializing_if = "String::is_empty")]
    pub suffix: String,
}

/// One value of a multi-valued field. The first of a list is the primary one.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Item {
    /// `work`, `home`, a platform, `birthday`; may be empty.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub label: String,
    /// As typed.
    pub value: String,
    /// What is compared: lower-case email, E.164 phone. Empty where there is none.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub key: String,
    /// Parts of a postal address; `value` holds its formatted text.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub address: Option<Box<Address>>,
}

/// Parts of a postal address (RFC 6350, 6.3.1), one group.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Address {
    /// Street and number; further lines separated by line ends.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub street: String,
    /// Flat, floor.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub extended: String,
    /// Post office box.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub po_box: String,
    /// Town.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub city: String,
    /// State or province.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub region: String,
    /// Postal code as typed.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub postal_code: String,
    /// Country as typed.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub country: String,
}

/// The name a remote gives to the contact.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Link {
    /// Which kind of system (`hubspot`), or a free word (`external`).
    pub connector: String,
    /// Inside which account, inbox or bot; empty when the system has one.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub scope: String,
    /// Byte for byte as the remote has it: `42` and ` 42` are two people.
    pub external_id: String,
}

impl Link {
    /// The connector of a visitor's session: it says that it is the same visitor,
    /// and not who.
    pub const SESSION: &str = "session";
    /// The connector of made-up people: nobody outside is told of them.
    pub const SAMPLE: &str = "sample";
}

impl Item {
    /// An item without a label.
    pub fn new(value: impl Into<String>, key: impl Into<String>) -> Self {
        Self { value: value.into(), key: key.into(), ..Self::default() }
    }

    /// Whether both say the same: by key where there is one, else by text.
    pub fn same_value(&self, other: &Self) -> bool {
        if self.key.is_empty() || other.key.is_empty() {
            self.value.trim() == other.value.trim() && self.address == other.address
        } else {
            self.key == other.key
        }
    }
}

impl Address {
    /// The address as lines of text, in the order most countries read it.
    pub fn formatted(&self) -> String {
        let town = [&self.postal_code, &self.city, &self.region]
            .into_iter()
            .filter(|part| !part.is_empty())
            .map(String::as_str)
            .collect::<Vec<_>>()
            .join(" ");
        [self.po_box.as_str(), &self.extended, &self.street, &town, &self.country]
            .into_iter()
            .filter(|line| !line.is_empty())
            .collect::<Vec<_>>()
            .join("\n")
    }
}

impl Contact {
    /// The contact in one line.
    pub fn line(&self) -> Line<'_> {
        Line {
            id: self.id.as_str().as_bytes(),
            name: self.name.as_bytes(),
            email: self.email().as_bytes(),
            phone: self.phone().as_bytes(),
            company: self.company.as_bytes(),
            source: self.source.as_bytes(),
            first_seen: self.first_seen,
            last_seen: self.last_seen,
            conversation_count: self.conversation_count,
            tags: match &self.tags[..] {
                [] => Cow::Borrowed(b""),
                [one] => Cow::Borrowed(one.as_bytes()),
                several => Cow::Owned(several.join(",").into_bytes()),
            },
            page_url: self.page_url.as_bytes(),
            ip_country: self.ip_country.as_bytes(),
        }
    }

    /// The primary email as typed, or nothing.
    pub fn email(&self) -> &str {
        self.emails.first().map_or("", |item| &item.value)
    }

    /// The primary phone as typed, or nothing.
    pub fn phone(&self) -> &str {
        self.phones.first().map_or("", |item| &item.value)
    }

    /// Whether it stands in the list of contacts: neither in the bin nor in the
    /// archive nor a visitor.
    pub fn is_shown(&self) -> bool {
        self.binned_at.is_none() && self.archived_at.is_none() && self.identity != Identity::Anonymous
    }

    /// What follows from a change that is no undo: since when and by whom the stage
    /// is, and that who is seen again is archived no more. `by_rule` says that an
    /// automation rule makes the change.
    pub fn settle(&mut self, before: &Self, by_rule: bool, now: Millis) {
        // A file of ours says it itself.
        if self.stage != before.stage && self.stage_since == before.stage_since {
            let is_own = self.stage.is_empty() || by_rule;
            self.stage_by = if is_own { StageBy::Rule } else { StageBy::Hand };
            self.stage_since = (!self.stage.is_empty()).then_some(now);
        }
        if self.last_seen > before.last_seen && self.archived_at == before.archived_at {
            self.archived_at = None;
        }
    }

    /// A visitor of whom something is known is a visitor no more. A name alone
    /// is not enough: anybody can type one.
    pub fn settle_identity(&mut self) {
        let has_link = self.links.iter().any(|link| link.connector != Link::SESSION);
        let known = has_link || !self.emails.is_empty() || !self.phones.is_empty();
        if known && self.identity == Identity::Anonymous {
            self.identity = Identity::Identified;
        }
    }

    /// The list of a multi-valued field by its key; dates for any other word.
    pub fn items_mut(&mut self, field: &str) -> &mut Vec<Item> {
        match field {
            "email" => &mut self.emails,
            "phone" => &mut self.phones,
            "handle" => &mut self.handles,
            "address" => &mut self.addresses,
            "url" => &mut self.urls,
            _ => &mut self.dates,
        }
    }

    /// What to call the contact on a screen: the name, or the next best thing.
    pub fn display_name(&self) -> &str {
        [self.name.as_str(), &self.nick, self.email(), self.phone(), &self.company]
            .into_iter()
            .find(|text| !text.is_empty())
            .unwrap_or("")
    }

    /// What changed from `self` to `after`, field by field.
    pub fn diff(&self, after: &Self) -> Patch {
        let mut changes: Vec<FieldChange> = FIELDS
            .iter()
            .filter(|field| !(field.same)(self, after))
            .map(|field| FieldChange::of(field, self, after))
            .collect();
        for key in self.custom.keys().chain(after.custom.keys().filter(|key| !self.custom.contains_key(*key))) {
            let (old, new) = (self.custom.get(key), after.custom.get(key));
            if old != new {
                changes.push(FieldChange {
                    field: format!("{}{key}", Self::CUSTOM_PREFIX),
                    old: old.cloned().unwrap_or(Value::Null),
                    new: new.cloned().unwrap_or(Value::Null),
                });
            }
        }
        Patch(changes)
    }

    /// A field's value by its key in the catalogue, or `custom.` and the key
    /// of a custom field. `None` for an unknown key.
    pub fn value(&self, key: &str) -> Option<Value> {
        match key.strip_prefix(Self::CUSTOM_PREFIX) {
            Some(custom) => Some(self.custom.get(custom).cloned().unwrap_or(Value::Null)),
            None => FieldDef::find(key).map(|field| (field.get)(self)),
        }
    }

    /// Sets what [`Contact::value`] gives. `false` when the key is unknown or
    /// the value has another shape.
    pub fn set_value(&mut self, key: &str, value: Value) -> bool {
        match key.strip_prefix(Self::CUSTOM_PREFIX) {
            Some(custom) if value.is_null() => {
                self.custom.remove(custom);
                true
            }
            Some(custom) => {
                self.custom.insert(custom.to_owned(), value);
                true
            }
            None => FieldDef::find(key).is_some_and(|field| (field.set)(self, value)),
        }
    }

    /// What a custom field's key is written with where it stands among ours.
    pub const CUSTOM_PREFIX: &str = "custom.";
}

fn is_default<T: Default + PartialEq>(value: &T) -> bool {
    *value == T::default()
}

impl StageBy {
    /// The word that is stored and exported.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Rule => "rule",
            Self::Hand => "hand",
        }
    }
}

impl Identity {
    /// The word that is stored and exported.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Anonymous => "anonymous",
            Self::Identified => "identified",
            Self::Verified => "verified",
        }
    }

    /// Reads the word again.
    pub fn parse(text: &str) -> Option<Self> {
        [Self::Anonymous, Self::Identified, Self::Verified].into_iter().find(|one| one.as_str() == text)
    }
}

impl Kind {
    /// The word that is stored and exported.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Person => "person",
            Self::Organization => "organization",
        }
    }

    /// Reads the word again.
    pub fn parse(text: &str) -> Option<Self> {
        match text {
            "person" => Some(Self::Person),
            "organization" => Some(Self::Organization),
            _ => None,
        }
    }
}
