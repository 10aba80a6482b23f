//! Who is meant: the one place that finds the contact behind what somebody says
//! about it. The window, imports, mail, conversations and ingest all ask here.
//!
//! The order: our own id, an exact external ID, a verified email, an email.
//! A phone or a handle only suggests: people share them. An external ID is
//! compared byte for byte, and two that differ at one remote are two people, so
//! an email never joins them.

use crate::error::Error;
use cardfile_domain::{
    Contact, Identity, Link, Sentence,
    import::{Key, keys},
    say, text,
};
use cardfile_store::{ContactRow, Reader, SqlResult};

/// The answer to claims.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Resolution {
    /// The contact that is meant; nothing when it is not here.
    pub contact: Option<ContactRow>,
    /// Which rule found it.
    pub rule: Option<Rule>,
    /// Contacts that may be meant, and why; never taken without a person.
    pub suggestions: Vec<(ContactRow, Rule)>,
}

/// By what a contact was recognised.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Rule {
    /// Our own id.
    OwnId,
    /// An external ID, byte for byte.
    ExternalId(Link),
    /// An email that the claims prove.
    VerifiedEmail(String),
    /// An email.
    Email(String),
    /// A phone; it only suggests.
    Phone(String),
    /// A name at another platform; it only suggests.
    Handle(String),
}

impl Rule {
    /// `external ID V-17 at line`
    pub fn sentence(&self) -> Sentence {
        match self {
            Self::OwnId => say!("our own id"),
            Self::ExternalId(link) if link.scope.is_empty() => {
                say!("external ID {id} at {remote}", id = link.external_id, remote = link.connector)
            }
            Self::ExternalId(link) => {
                let (remote, scope) = (&link.connector, &link.scope);
                say!("external ID {id} at {remote} ({scope})", id = link.external_id, remote, scope)
            }
            Self::VerifiedEmail(email) => say!("verified email {email}", email),
            Self::Email(email) => say!("email {email}", email),
            Self::Phone(phone) => say!("phone {phone}", phone),
            Self::Handle(handle) => say!("handle {handle}", handle),
        }
    }
}

/// Finds the contact that is meant by these claims: a contact with the ids,
/// external IDs, emails and phones that somebody gave.
pub fn resolve(reader: Reader<'_>, claims: &Contact) -> SqlResult<Resolution> {
    let mut found = Resolution::default();
    for key in keys(claims) {
        let Some(row) = by_key(reader, &key)? else { continue };
        let rule = match key {
            Key::Own(_) => Rule::OwnId,
            Key::Link(link) => Rule::ExternalId(link.clone()),
            Key::Email(email) if claims.identity == Identity::Verified => Rule::VerifiedEmail(email.to_owned()),
            Key::Email(email) => Rule::Email(email.to_owned()),
        };
        if found.contact.is_some_and(|known| known != row) || is_another(reader, row, &key, claims)? {
            found.suggestions.push((row, rule));
        } else if found.contact.is_none() {
            (found.contact, found.rule) = (Some(row), Some(rule));
        }
    }
    for item in claims.phones.iter().filter(|item| !item.key.is_empty()) {
        if let Some(row) = reader.contacts().row_of_phone(&item.key)? {
            found.suggestions.push((row, Rule::Phone(item.value.clone())));
        }
    }
    for item in &claims.handles {
        if let Some(row) = reader.contacts().row_of_handle(&item.label, &item.value)? {
            found.suggestions.push((row, Rule::Handle(item.value.clone())));
        }
    }
    let taken = found.contact;
    let mut met = Vec::new();
    found.suggestions.retain(|(row, _)| {
        let is_new = Some(*row) != taken && !met.contains(row);
        met.push(*row);
        is_new
    });
    Ok(found)
}

/// The contact with this key.
pub(crate) fn by_key(reader: Reader<'_>, key: &Key<'_>) -> SqlResult<Option<ContactRow>> {
    match key {
        Key::Own(id) => reader.contacts().row_of(id),
        Key::Link(link) => reader.links().contact_of(link),
        Key::Email(email) => reader.contacts().row_of_email(email),
    }
}

fn is_another(reader: Reader<'_>, row: ContactRow, key: &Key<'_>, claims: &Contact) -> SqlResult<bool> {
    if !matches!(key, Key::Email(_)) || claims.links.is_empty() {
        return Ok(false);
    }
    Ok(reader.contacts().get(row)?.is_some_and(|stored| contradicts(&stored.contact, claims)))
}

/// Whether a remote knows the two by different external IDs. What has no remote
/// (`external`) may be numbered by two systems.
pub(crate) fn contradicts(contact: &Contact, claims: &Contact) -> bool {
    claims.links.iter().any(|link| {
        link.connector != "external"
            && !contact.links.contains(link)
            && contact.links.iter().any(|mine| mine.connector == link.connector && mine.scope == link.scope)
    })
}

/// The contact that a person or a script names in one word: our id, an external
/// ID at any remote, or an email. An external ID that several remotes gave to
/// different contacts names none of them.
pub fn named(reader: Reader<'_>, name: &str) -> SqlResult<Named> {
    if let Some(row) = reader.contacts().row_of(name)? {
        return Ok(Named::One(row));
    }
    let mut rows = reader.links().contacts_of(name)?;
    rows.dedup();
    match (&rows[..], cardfile_domain::email::key(name)) {
        ([row], _) => Ok(Named::One(*row)),
        ([_, ..], _) => Ok(Named::Several),
        ([], Ok(key)) => Ok(reader.contacts().row_of_email(&key)?.map_or(Named::Nobody, Named::One)),
        ([], Err(_)) => Ok(Named::Nobody),
    }
}

/// Whom a word names.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Named {
    /// Nobody here.
    Nobody,
    /// This contact.
    One(ContactRow),
    /// Different contacts at different remotes.
    Several,
}

impl Named {
    /// The contact, or why there is none; `what` is what to call it.
    pub fn one(self, what: Sentence) -> Result<ContactRow, Error> {
        match self {
            Self::One(row) => Ok(row),
            Self::Nobody => Err(Error::not_found(what)),
            Self::Several => Err(Error::bad_request(say!("{what} has an external ID that several remotes know", what))
                .hint(say!("Name the card by its own id."))),
        }
    }
}

/// An external ID that is nearly the one that was asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NearMiss {
    /// Whose it is.
    pub contact: ContactRow,
    /// The external ID as it is stored.
    pub link: Link,
    /// How the two differ.
    pub difference: Sentence,
}

/// Why an external ID is not found: those that differ only in capitals, in
/// blanks, in leading zeros or in their remote. None of them is ever taken.
pub fn near_misses(reader: Reader<'_>, external_id: &str, limit: u32) -> SqlResult<Vec<NearMiss>> {
    let mut all = Vec::new();
    for (contact, link) in reader.links().alike(external_id, limit)? {
        let difference = difference(external_id, &link.external_id);
        all.push(NearMiss { contact, link, difference });
    }
    Ok(all)
}

/// How two external IDs differ that are nearly the same.
pub(crate) fn difference(asked: &str, stored: &str) -> Sentence {
    let bare = |text: &str| text.chars().filter(|c| !c.is_whitespace()).collect::<String>();
    let zeros = |text: &str| text.trim_start_matches('0').to_owned();
    if asked == stored {
        say!("the same, at another remote or inbox")
    } else if bare(asked) == bare(stored) {
        say!("blanks differ")
    } else if asked.to_lowercase() == stored.to_lowercase() {
        say!("capitals differ")
    } else if zeros(asked) == zeros(stored) {
        say!("leading zeros differ")
    } else if text::fold(&bare(asked)) == text::fold(&bare(stored)) {
        say!("blanks, capitals or accents differ")
    } else {
        say!("other signs differ")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rstest::rstest;

    fn with(links: &[(&str, &str, &str)]) -> Contact {
        let links = links
            .iter()
            .map(|(connector, scope, id)| Link {
                connector: (*connector).into(),
                scope: (*scope).into(),
                external_id: (*id).into(),
            })
            .collect();
        Contact { links, ..Contact::default() }
    }

    #[rstest]
    #[case(&[("line", "", "a")], &[("line", "", "b")], true)]
    #[case(&[("line", "", "a")], &[("line", "", "a")], false)]
    #[case(&[("line", "one", "a")], &[("line", "two", "b")], false)]
    #[case(&[("hubspot", "", "a")], &[("line", "", "b")], false)]
    #[case(&[("external", "", "a")], &[("external", "", "b")], false)]
    #[case(&[("line", "", "a"), ("line", "", "b")], &[("line", "", "b")], false)]
    #[case(&[], &[("line", "", "b")], false)]
    fn two_external_ids_at_one_remote_are_two_people(
        #[case] mine: &[(&str, &str, &str)],
        #[case] theirs: &[(&str, &str, &str)],
        #[case] differ: bool,
    ) {
        assert_eq!(contradicts(&with(mine), &with(theirs)), differ);
    }

    #[rstest]
    #[case("V-17", "v-17", "capitals differ")]
    #[case("V-17", " V-17", "blanks differ")]
    #[case("17", "0017", "leading zeros differ")]
    #[case("V-17", "V-17", "the same, at another remote or inbox")]
    #[case("V-17", "V17", "other signs differ")]
    fn a_near_miss_says_how_it_differs(#[case] asked: &str, #[case] stored: &str, #[case] says: &str) {
        assert_eq!(difference(asked, stored).to_string(), says);
    }
}
