//! Names: what was typed is the name; parts are optional and never overwrite it.

use crate::contact::{Contact, Kind, NameParts};

/// The display name for parts that came without one: `Dr. Ana María Ruiz`.
/// Chinese, Japanese and Korean names are written family first, without a blank.
pub fn from_parts(parts: &NameParts) -> String {
    if is_east_asian(&parts.family) && is_east_asian(&parts.given) {
        return format!("{}{}", parts.family, parts.given);
    }
    [&parts.prefix, &parts.given, &parts.additional, &parts.family, &parts.suffix]
        .into_iter()
        .filter(|part| !part.is_empty())
        .map(String::as_str)
        .collect::<Vec<_>>()
        .join(" ")
}

fn is_east_asian(text: &str) -> bool {
    !text.is_empty()
        && text.chars().all(|c| {
            matches!(c, '\u{3040}'..='\u{30ff}' | '\u{3400}'..='\u{9fff}' | '\u{ac00}'..='\u{d7af}' | '\u{20000}'..='\u{323af}')
        })
}

/// First and last name for programs that have no other field: the parts where
/// they are known, else the typed name cut at its last blank. A name in one word
/// is a last name, because such programs insist on that one; Chinese, Japanese
/// and Korean names are not cut, because nobody can tell where.
pub fn first_and_last(contact: &Contact) -> (String, String) {
    let parts = &contact.name_parts;
    if !parts.given.is_empty() || !parts.family.is_empty() {
        return (parts.given.clone(), parts.family.clone());
    }
    let name = contact.name.trim();
    if contact.kind == Kind::Organization {
        return (String::new(), name.to_owned());
    }
    if let Some((family, given)) = name.split_once(',') {
        return (given.trim().to_owned(), family.trim().to_owned());
    }
    match name.rsplit_once(char::is_whitespace) {
        Some((given, family)) => (given.trim().to_owned(), family.to_owned()),
        None => (String::new(), name.to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rstest::rstest;

    #[test]
    fn family_comes_first_where_people_write_it_so() {
        let parts = NameParts { given: "雨桐".into(), family: "陈".into(), ..NameParts::default() };
        assert_eq!(from_parts(&parts), "陈雨桐");
        let parts =
            NameParts { given: "Ana".into(), family: "Ruiz".into(), prefix: "Dr.".into(), ..NameParts::default() };
        assert_eq!(from_parts(&parts), "Dr. Ana Ruiz");
    }

    #[rstest]
    #[case("Ana María Ruiz", "Ana María", "Ruiz")]
    #[case("Ruiz, Ana", "Ana", "Ruiz")]
    #[case("Madonna", "", "Madonna")]
    #[case("陈雨桐", "", "陈雨桐")]
    #[case("", "", "")]
    fn a_typed_name_is_cut_where_programs_want_two(#[case] name: &str, #[case] first: &str, #[case] last: &str) {
        let contact = Contact { name: name.into(), ..Contact::default() };
        assert_eq!(first_and_last(&contact), (first.to_owned(), last.to_owned()));
    }
}
