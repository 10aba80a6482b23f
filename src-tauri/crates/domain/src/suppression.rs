//! By what an erased person is known again: emails, phones, external IDs and what stands
//! for them. Only keyed hashes of these outlive an erasure.

use crate::{Contact, Link, email, text::digits};

/// What is known again. The words are part of what is hashed, so they never change.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum MarkKind {
    /// The key of an email.
    Email,
    /// The key of a phone, or its digits where nobody knows the country.
    Phone,
    /// An external ID with its remote.
    ExternalId,
    /// Our own id, which a file of ours brings along.
    OwnId,
    /// A conversation, by its platform and its ID there.
    Conversation,
    /// A row of a file that had no key.
    ImportRow,
    /// A record of a remote, by how that calls it.
    Record,
}

impl MarkKind {
    const ALL: [(Self, &'static str); 7] = [
        (Self::Email, "email"),
        (Self::Phone, "phone"),
        (Self::ExternalId, "external_id"),
        (Self::OwnId, "id"),
        (Self::Conversation, "conversation"),
        (Self::ImportRow, "import_row"),
        (Self::Record, "record"),
    ];

    /// The word that is stored.
    pub fn as_str(self) -> &'static str {
        Self::ALL.iter().find(|(kind, _)| *kind == self).map_or("", |(_, word)| word)
    }

    /// From the word that is stored.
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.iter().find(|(_, word)| *word == text).map(|(kind, _)| *kind)
    }
}

/// One thing by which a person is known again, in the form in which it is compared.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Mark {
    /// What it is.
    pub kind: MarkKind,
    /// In its canonical form.
    pub value: String,
}

/// Fewer digits than this are shared by too many people.
const DIGITS: usize = 7;

impl Mark {
    /// A mark of this kind.
    pub fn new(kind: MarkKind, value: impl Into<String>) -> Self {
        Self { kind, value: value.into() }
    }

    /// An external ID, byte for byte.
    pub fn link(link: &Link) -> Self {
        Self::new(MarkKind::ExternalId, format!("{}\0{}\0{}", link.connector, link.scope, link.external_id))
    }

    /// A conversation that has an ID at its platform.
    pub fn conversation(platform: &str, external_id: &str) -> Option<Self> {
        (!external_id.is_empty()).then(|| Self::new(MarkKind::Conversation, format!("{platform}\0{external_id}")))
    }

    /// What a person typed who looks for somebody: an email or a phone.
    pub fn typed(text: &str) -> Vec<Self> {
        match email::key(text) {
            Ok(key) => vec![Self::new(MarkKind::Email, key)],
            Err(_) => phone(text, ""),
        }
    }
}

/// Everything by which this contact would be known again.
pub fn marks(contact: &Contact) -> Vec<Mark> {
    let mut all = Vec::new();
    if !contact.id.as_str().is_empty() {
        all.push(Mark::new(MarkKind::OwnId, contact.id.as_str()));
    }
    for item in &contact.emails {
        let key = if item.key.is_empty() { email::key(&item.value).ok() } else { Some(item.key.clone()) };
        all.extend(key.map(|key| Mark::new(MarkKind::Email, key)));
    }
    for item in &contact.phones {
        all.extend(phone(&item.value, &item.key));
    }
    all.extend(contact.links.iter().map(Mark::link));
    all
}

/// A phone by its key and by the digits that were typed: the same file may be read where
/// nobody knows the country.
fn phone(typed: &str, key: &str) -> Vec<Mark> {
    let typed = digits(typed);
    let key = (!key.is_empty()).then(|| Mark::new(MarkKind::Phone, digits(key)));
    let typed = (typed.len() >= DIGITS).then(|| Mark::new(MarkKind::Phone, typed));
    let mut both: Vec<Mark> = key.into_iter().chain(typed).collect();
    both.dedup();
    both
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{ContactId, Item};
    use rstest::rstest;

    fn said(marks: &[Mark]) -> Vec<(&'static str, String)> {
        marks.iter().map(|mark| (mark.kind.as_str(), mark.value.replace('\0', "|"))).collect()
    }

    #[test]
    fn a_contact_is_known_by_its_ids_its_emails_and_its_phones() {
        let link = Link { connector: "line".into(), scope: "shop".into(), external_id: " V-17".into() };
        let contact = Contact {
            id: ContactId::from_stored("ctc_1".into()),
            emails: vec![Item::new("Ana@X.example", "ana@x.example"), Item::new("ANA@y.example", "")],
            phones: vec![Item::new("612 408 177", "+34612408177"), Item::new("12", "")],
            links: vec![link],
            ..Contact::default()
        };
        let expected = [
            ("id", "ctc_1"),
            ("email", "ana@x.example"),
            ("email", "ana@y.example"),
            ("phone", "34612408177"),
            ("phone", "612408177"),
            ("external_id", "line|shop| V-17"),
        ];
        assert_eq!(said(&marks(&contact)), expected.map(|(kind, value)| (kind, value.to_owned())));
    }

    #[rstest]
    #[case("Ana@X.example", &[("email", "ana@x.example")])]
    #[case("+34 612 408 177", &[("phone", "34612408177")])]
    #[case("Ana Ruiz", &[])]
    fn what_is_typed_is_an_email_or_a_phone(#[case] typed: &str, #[case] expected: &[(&'static str, &str)]) {
        let expected: Vec<_> = expected.iter().map(|(kind, value)| (*kind, (*value).to_owned())).collect();
        assert_eq!(said(&Mark::typed(typed)), expected);
    }

    #[test]
    fn every_kind_is_read_as_it_is_written() {
        for (kind, word) in MarkKind::ALL {
            assert_eq!((kind.as_str(), MarkKind::parse(word)), (word, Some(kind)));
        }
    }
}
