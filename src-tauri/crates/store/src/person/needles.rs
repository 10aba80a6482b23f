//! Words by which a person is found: in what the log calls an operation, and in the bytes of
//! files. They live in memory only, for as long as an erasure takes.

use cardfile_domain::{Contact, text::fold, third_party::folded};
use std::collections::BTreeSet;

/// Shorter words are found everywhere.
const SHORTEST: usize = 6;

/// The words. Has no `Debug`.
#[derive(Default, Clone)]
pub struct Needles {
    /// As they were typed, and as they are compared.
    typed: BTreeSet<String>,
    /// Folded letters and digits alone.
    bare: BTreeSet<String>,
    /// Names that are too short for that, by their words.
    names: BTreeSet<Vec<String>>,
    /// Emails that are too short, folded.
    emails: BTreeSet<String>,
    /// Phones and IDs that are too short: only a text that says nothing else names them.
    whole: BTreeSet<String>,
}

impl Needles {
    /// Learns who a contact is.
    pub(crate) fn learn(&mut self, contact: &Contact) {
        for name in [&contact.name, &contact.nick] {
            let words = folded(name);
            // One short word is a word of many texts.
            if !self.add(name) && words.len() > 1 {
                self.names.insert(words);
            }
        }
        for item in contact.emails.iter().chain(&contact.phones).chain(&contact.handles) {
            self.add_exactly(&item.value);
            self.add_exactly(&item.key);
        }
        for link in &contact.links {
            self.add_exactly(&link.external_id);
        }
    }

    /// Learns one word; `false` when it is too short to be found wherever it stands.
    pub(crate) fn add(&mut self, text: &str) -> bool {
        let bare = bare(text);
        let is_long = bare.chars().count() >= SHORTEST;
        if is_long {
            self.typed.insert(text.to_owned());
            self.bare.insert(bare);
        }
        is_long
    }

    /// Learns an address or an ID, however short it is.
    fn add_exactly(&mut self, text: &str) {
        let text = text.trim();
        if text.is_empty() || self.add(text) {
            return;
        }
        if text.contains('@') {
            self.emails.insert(fold(text))
        } else {
            self.whole.insert(fold(text))
        };
    }

    /// Whether a text names the person, however it writes them.
    pub fn mentions(&self, text: &str) -> bool {
        if text.is_empty() {
            return false;
        }
        let squeezed = bare(text);
        self.bare.iter().any(|word| squeezed.contains(word)) || self.mentions_short(text)
    }

    fn mentions_short(&self, text: &str) -> bool {
        if self.names.is_empty() && self.emails.is_empty() && self.whole.is_empty() {
            return false;
        }
        let text = fold(text);
        let words = if self.names.is_empty() { Vec::new() } else { folded(&text) };
        self.whole.contains(text.trim())
            || self.emails.iter().any(|email| stands_in(&text, email))
            || self.names.iter().any(|name| words.windows(name.len()).any(|there| there == name.as_slice()))
    }

    /// The words as they may lie in a file.
    pub fn bytes(&self) -> impl Iterator<Item = &[u8]> {
        self.typed.iter().map(String::as_bytes)
    }
}

/// Whether a text has an email that is not part of a longer one.
fn stands_in(text: &str, email: &str) -> bool {
    let is_part = |c: char| c.is_alphanumeric() || matches!(c, '.' | '-' | '_' | '+' | '@');
    text.match_indices(email).any(|(at, _)| {
        let (before, after) = (&text[..at], &text[at + email.len()..]);
        // A dot may as well be the end of the sentence.
        let mut after = after.chars();
        let goes_on = match after.next() {
            Some('.') => after.next().is_some_and(char::is_alphanumeric),
            next => next.is_some_and(is_part),
        };
        !goes_on && !before.ends_with(is_part)
    })
}

fn bare(text: &str) -> String {
    fold(text).chars().filter(|c| c.is_alphanumeric()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use cardfile_domain::Item;
    use rstest::rstest;

    #[rstest]
    #[case("Ana Ruiz", true)]
    #[case("ana-ruiz.vcf", true)]
    #[case("Call +34 612 408 177", true)]
    #[case("email:Ana@X.example", true)]
    #[case("+ vip", false)]
    #[case("Bo", false)]
    #[case("", false)]
    fn a_text_names_the_person_however_it_writes_them(#[case] text: &str, #[case] named: bool) {
        let mut needles = Needles::default();
        needles.learn(&Contact {
            name: "Ana Ruíz".into(),
            nick: "Bo".into(),
            emails: vec![Item::new("ana@x.example", "ana@x.example")],
            phones: vec![Item::new("612 408 177", "+34612408177")],
            ..Contact::default()
        });
        assert_eq!(needles.mentions(text), named);
    }

    #[rstest]
    #[case("陈雨桐.vcf", true)]
    #[case("给陈雨桐的报价", true)]
    #[case("陈雨", false)]
    #[case("offer for ANA NG", true)]
    #[case("Ana Nguyen", false)]
    #[case("write to a@b.co.", true)]
    #[case("ana@b.co", false)]
    #[case("a@b.com", false)]
    #[case("a@b.co.uk", false)]
    #[case("V-1", true)]
    #[case("CV-1 and more", false)]
    fn short_names_and_addresses_are_known_where_they_stand_alone(#[case] text: &str, #[case] named: bool) {
        let mut needles = Needles::default();
        let link = cardfile_domain::Link { external_id: "V-1".into(), ..cardfile_domain::Link::default() };
        needles.learn(&Contact {
            name: "陈雨桐".into(),
            nick: "Ana Ng".into(),
            emails: vec![Item::new("a@b.co", "a@b.co")],
            links: vec![link],
            ..Contact::default()
        });
        assert_eq!(needles.mentions(text), named);
    }
}
