//! Words by which a person is found: in what the log calls an operation, and in the bytes of
//! files. They live in memory only, for as long as an erasure takes.

use cardfile_domain::{Contact, text::fold};
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
}

impl Needles {
    /// Learns who a contact is.
    pub(crate) fn learn(&mut self, contact: &Contact) {
        self.add(&contact.name);
        self.add(&contact.nick);
        for item in contact.emails.iter().chain(&contact.phones).chain(&contact.handles) {
            self.add(&item.value);
            self.add(&item.key);
        }
        for link in &contact.links {
            self.add(&link.external_id);
        }
    }

    /// Learns one word.
    pub(crate) fn add(&mut self, text: &str) {
        let bare = bare(text);
        if bare.chars().count() >= SHORTEST {
            self.typed.insert(text.to_owned());
            self.bare.insert(bare);
        }
    }

    /// Whether a text names the person, however it writes them.
    pub fn mentions(&self, text: &str) -> bool {
        if self.bare.is_empty() || text.is_empty() {
            return false;
        }
        let text = bare(text);
        self.bare.iter().any(|word| text.contains(word))
    }

    /// The words as they may lie in a file.
    pub fn bytes(&self) -> impl Iterator<Item = &[u8]> {
        self.typed.iter().map(String::as_bytes)
    }
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
}
