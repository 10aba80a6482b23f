//! Names: what was typed is the name; parts are optional and never overwrite it.

use crate::contact::NameParts;

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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn family_comes_first_where_people_write_it_so() {
        let parts = NameParts { given: "雨桐".into(), family: "陈".into(), ..NameParts::default() };
        assert_eq!(from_parts(&parts), "陈雨桐");
        let parts =
            NameParts { given: "Ana".into(), family: "Ruiz".into(), prefix: "Dr.".into(), ..NameParts::default() };
        assert_eq!(from_parts(&parts), "Dr. Ana Ruiz");
    }
}
