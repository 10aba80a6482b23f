//! The field catalogue. Forms, columns, CSV headers, filters, the mapping
//! screen, vCard and access requests read it; one entry adds a built-in field.

use crate::{contact::Contact, privacy::Privacy};
use serde_json::Value;

/// The shape of a field's value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Field {
    /// One line.
    Text,
    /// Several lines.
    LongText,
    /// One of a closed list of words.
    Choice(&'static [&'static str]),
    /// A whole number from 0.
    Number,
    /// A moment.
    Time,
    /// Parts of a name.
    NameParts,
    /// Several values, the first is primary.
    Items,
    /// Several words.
    Tags,
    /// External IDs.
    Links,
    /// The id of another contact.
    Reference,
    /// A JSON object as text.
    Json,
}

/// One entry of the catalogue.
pub struct FieldDef {
    /// Name in files, filters and the API; in snake case.
    pub key: &'static str,
    /// Name on screen, in English.
    pub label: &'static str,
    /// Shape of the value.
    pub kind: Field,
    /// Privacy class.
    pub privacy: Privacy,
    /// vCard property (RFC 6350) that carries it, if there is one.
    pub vcard: Option<&'static str>,
    /// Whether a person may type it; else the program keeps it.
    pub editable: bool,
    /// Reads the value.
    pub get: fn(&Contact) -> Value,
    /// Writes the value; `false` when it has another shape.
    pub set: fn(&mut Contact, Value) -> bool,
    /// Compares without making values.
    pub same: fn(&Contact, &Contact) -> bool,
}

impl FieldDef {
    /// The entry of this key.
    pub fn find(key: &str) -> Option<&'static Self> {
        FIELDS.iter().find(|field| field.key == key)
    }

    /// Whether the value is a list whose items are undone one by one.
    pub fn is_list(&self) -> bool {
        matches!(self.kind, Field::Items | Field::Tags | Field::Links)
    }
}

macro_rules! fields {
    ($( $key:literal, $label:literal, $kind:expr, $privacy:ident, $vcard:expr, $edit:literal, $member:ident; )*) => {
        /// All built-in fields, in the order a form shows them.
        pub static FIELDS: &[FieldDef] = &[ $( FieldDef {
            key: $key,
            label: $label,
            kind: $kind,
            privacy: Privacy::$privacy,
            vcard: $vcard,
            editable: $edit,
            get: |contact| serde_json::to_value(&contact.$member).unwrap_or(Value::Null),
            set: |contact, value| match serde_json::from_value(value) {
                Ok(value) => { contact.$member = value; true }
                Err(_) => false,
            },
            same: |one, other| one.$member == other.$member,
        } ),* ];
    };
}

const KINDS: Field = Field::Choice(&["person", "organization"]);
const STAGE_BY: Field = Field::Choice(&["rule", "hand"]);
const IDENTITIES: Field = Field::Choice(&["anonymous", "identified", "verified"]);

// key, label, shape, privacy class, vCard, editable, member
fields! {
    "kind", "Kind", KINDS, About, Some("KIND"), true, kind;
    "name", "Name", Field::Text, Identifying, Some("FN"), true, name;
    "name_parts", "Name parts", Field::NameParts, Identifying, Some("N"), true, name_parts;
    "nick", "Nickname", Field::Text, Identifying, Some("NICKNAME"), true, nick;
    "email", "Email", Field::Items, Contact, Some("EMAIL"), true, emails;
    "phone", "Phone", Field::Items, Contact, Some("TEL"), true, phones;
    "company", "Company", Field::Text, About, Some("ORG"), true, company;
    "company_id", "Company card", Field::Reference, About, None, true, company_id;
    "job_title", "Job title", Field::Text, About, Some("TITLE"), true, job_title;
    "department", "Department", Field::Text, About, Some("ORG"), true, department;
    "stage", "Stage", Field::Text, About, None, true, stage;
    "stage_by", "Stage set by", STAGE_BY, About, None, false, stage_by;
    "stage_since", "In stage since", Field::Time, Activity, None, false, stage_since;
    "tier", "Access tier", Field::Text, About, None, true, tier;
    "identity", "Identity", IDENTITIES, Identifying, None, false, identity;
    "verified_at", "Verified", Field::Time, Activity, None, false, verified_at;
    "verified_by", "Verified by", Field::Text, Activity, None, false, verified_by;
    "tags", "Tags", Field::Tags, About, Some("CATEGORIES"), true, tags;
    "description", "Description", Field::LongText, About, Some("NOTE"), true, description;
    "preferences", "Preferences", Field::LongText, About, None, true, preferences;
    "handle", "Handle", Field::Items, Contact, Some("IMPP"), true, handles;
    "address", "Address", Field::Items, Contact, Some("ADR"), true, addresses;
    "url", "Website", Field::Items, Contact, Some("URL"), true, urls;
    "date", "Date", Field::Items, About, Some("BDAY"), true, dates;
    "external_id", "External ID", Field::Links, Identifying, None, true, links;
    "source", "Source", Field::Text, Activity, None, false, source;
    "page_url", "Page", Field::Text, Activity, None, false, page_url;
    "ip_country", "Country by IP", Field::Text, Activity, None, false, ip_country;
    "first_seen", "First seen", Field::Time, Activity, None, false, first_seen;
    "last_seen", "Last seen", Field::Time, Activity, None, false, last_seen;
    "conversation_count", "Conversations", Field::Number, Activity, None, false, conversation_count;
    "metadata", "Metadata", Field::Json, About, None, true, metadata;
    "created_at", "Created", Field::Time, Activity, None, false, created_at;
    "updated_at", "Updated", Field::Time, Activity, Some("REV"), false, updated_at;
    "binned_at", "In the bin since", Field::Time, Activity, None, false, binned_at;
    "archived_at", "In the archive since", Field::Time, Activity, None, false, archived_at;
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_field_can_be_read_and_written_back() {
        let contact = Contact { name: "Ana".into(), tags: vec!["lead".into()], ..Contact::default() };
        let mut copy = Contact { id: contact.id.clone(), ..Contact::default() };
        for field in FIELDS {
            assert!((field.set)(&mut copy, (field.get)(&contact)), "{}", field.key);
        }
        assert_eq!(copy, contact);
    }

    #[test]
    fn keys_are_unique() {
        let mut keys: Vec<_> = FIELDS.iter().map(|field| field.key).collect();
        keys.sort_unstable();
        keys.dedup();
        assert_eq!(keys.len(), FIELDS.len());
    }
}
