//! Purposes, what people said of them, and whether a contact may be used for one.
//!
//! The ledger of consents is the truth; what stands in the metadata of a contact is a
//! mirror of it for other programs.

use crate::{Sentence, say, time::Millis};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use std::collections::BTreeMap;

/// What contacts are kept and used for.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Purpose {
    /// `pur_…`
    pub id: String,
    /// A word that never changes, because consents, views and field maps name it: `newsletter`.
    pub key: String,
    /// What people call it.
    pub name: String,
    /// Why the law lets it be.
    pub basis: Basis,
    /// Direct marketing: who objects need not say why.
    pub is_marketing: bool,
    /// What is done, in words for the person.
    pub description: String,
    /// The law, the contract or the interest it rests on.
    pub ground: String,
    /// Whose data: `customers, people who asked`.
    pub subjects: String,
    /// Which data: `name, email, messages`.
    pub data: String,
    /// How long it is kept, in words.
    pub kept_for: String,
    /// When it was made.
    pub created_at: Millis,
    /// Since when nobody may be used for it.
    pub retired_at: Option<Millis>,
}

/// Why the law lets data be used (GDPR, Art. 6(1)).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Basis {
    /// The person said yes.
    #[default]
    Consent,
    /// A contract with the person, or what leads to one.
    Contract,
    /// A law demands it.
    LegalObligation,
    /// Somebody's life.
    VitalInterest,
    /// A public task.
    PublicTask,
    /// An interest that outweighs the person's.
    LegitimateInterest,
}

/// What a purpose is asked with. Never changed: another text is another version.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Wording {
    /// Counted from 1 for each purpose.
    pub version: u32,
    /// `en`, `es`.
    pub language: String,
    /// Word for word.
    pub text: String,
    /// SHA-256 of the text.
    pub sha256: String,
    /// Since when it is used.
    pub at: Millis,
}

/// What a person said of a purpose. Never changed and never taken away while the contact is
/// there: who changes their mind says so anew.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Consent {
    /// `con_…`
    pub id: String,
    /// Key of the purpose.
    pub purpose: String,
    /// Yes or no.
    pub given: bool,
    /// Which wording they were shown; 0 when that is not known.
    pub wording: u32,
    /// SHA-256 of that wording; empty when it is not known.
    pub sha256: String,
    /// How they said it: `widget`, `email`, `phone`, `paper`.
    pub channel: String,
    /// What shows it: the id of a message, where a form lies.
    pub proof: String,
    /// Who wrote it down.
    pub author: String,
    /// When they said it.
    pub at: Millis,
    /// When it was written down.
    pub created_at: Millis,
}

/// What is known of one contact for one purpose.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Standing {
    /// They said yes last.
    pub given: bool,
    /// They object to this purpose.
    pub objects: bool,
    /// Their data may be kept, and nothing else.
    pub is_restricted: bool,
}

/// Why a contact may not be used for a purpose.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Bar {
    /// Their data may be kept, and nothing else.
    Restricted,
    /// Their data are not to be told to agents.
    NotForAgents,
    /// The purpose is given up.
    Retired,
    /// They object.
    Objection,
    /// They did not say yes, or took it back.
    NoConsent,
}

impl Bar {
    /// The word of commands.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Restricted => "restricted",
            Self::NotForAgents => "not_for_agents",
            Self::Retired => "retired",
            Self::Objection => "objection",
            Self::NoConsent => "no_consent",
        }
    }

    /// What it says.
    pub fn sentence(self) -> Sentence {
        match self {
            Self::Restricted => say!("the data of this person may be kept and not used"),
            Self::NotForAgents => say!("the data of this person are not told to agents"),
            Self::Retired => say!("the purpose is given up"),
            Self::Objection => say!("the person objects"),
            Self::NoConsent => say!("the person did not consent"),
        }
    }
}

impl Purpose {
    /// Whether a contact may be used for it. What a person demands comes before what they
    /// once agreed to, and nothing is assumed of who said nothing.
    pub fn may_use(&self, standing: Standing) -> Result<(), Bar> {
        if standing.is_restricted {
            return Err(Bar::Restricted);
        }
        if self.retired_at.is_some() {
            return Err(Bar::Retired);
        }
        if standing.objects {
            return Err(Bar::Objection);
        }
        if self.basis == Basis::Consent && !standing.given { Err(Bar::NoConsent) } else { Ok(()) }
    }

    /// Whether an objection is about it. One that names no purpose is about marketing and
    /// about what rests on an interest or a public task (Art. 21(1) and (2)).
    pub fn is_objected(&self, purpose: &str) -> bool {
        match purpose {
            "" => self.is_marketing || matches!(self.basis, Basis::LegitimateInterest | Basis::PublicTask),
            named => named == self.key,
        }
    }
}

impl Basis {
    /// All of them, in the order of the article.
    pub const ALL: [Self; 6] = [
        Self::Consent,
        Self::Contract,
        Self::LegalObligation,
        Self::VitalInterest,
        Self::PublicTask,
        Self::LegitimateInterest,
    ];

    /// The word that is stored.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Consent => "consent",
            Self::Contract => "contract",
            Self::LegalObligation => "legal_obligation",
            Self::VitalInterest => "vital_interest",
            Self::PublicTask => "public_task",
            Self::LegitimateInterest => "legitimate_interest",
        }
    }

    /// Reads the word again.
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|one| one.as_str() == text)
    }

    /// Where it stands in the GDPR.
    pub fn article(self) -> &'static str {
        match self {
            Self::Consent => "6(1)(a)",
            Self::Contract => "6(1)(b)",
            Self::LegalObligation => "6(1)(c)",
            Self::VitalInterest => "6(1)(d)",
            Self::PublicTask => "6(1)(e)",
            Self::LegitimateInterest => "6(1)(f)",
        }
    }
}

/// Whether a text can be the key of a purpose: it stands in filters and files.
pub fn is_key(text: &str) -> bool {
    let bytes = text.as_bytes();
    (1..=40).contains(&bytes.len())
        && bytes[0].is_ascii_lowercase()
        && bytes.iter().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || matches!(byte, b'_' | b'-'))
}

/// What a person last said of each purpose, by its key. Of two things said at the same
/// time the one that was written down later holds.
pub fn last_said(entries: &[Consent]) -> BTreeMap<&str, &Consent> {
    let mut last: BTreeMap<&str, &Consent> = BTreeMap::new();
    for entry in entries {
        let known = last.entry(&entry.purpose).or_insert(entry);
        if entry.at >= known.at {
            *known = entry;
        }
    }
    last
}

/// The metadata with what the ledger says: whether anything is consented to, since when
/// that is so, and to what. A contact of whom the ledger knows nothing keeps what it has.
pub fn mirror(metadata: &str, entries: &[Consent]) -> String {
    let last = last_said(entries);
    let Some(latest) = last.values().max_by_key(|entry| entry.at) else { return metadata.to_owned() };
    let mut all = match metadata {
        "" => Map::new(),
        text => match serde_json::from_str(text) {
            Ok(Value::Object(map)) => map,
            // Nothing that was kept is thrown away.
            _ => return metadata.to_owned(),
        },
    };
    let given: Vec<Value> =
        last.values().filter(|entry| entry.given).map(|entry| entry.purpose.as_str().into()).collect();
    let mirrored = [
        ("consent_given", Value::Bool(!given.is_empty())),
        ("consent_at", latest.at.to_rfc3339_seconds().into()),
        ("consents", given.into()),
    ];
    if mirrored.iter().all(|(key, value)| all.get(*key) == Some(value)) {
        return metadata.to_owned();
    }
    all.extend(mirrored.map(|(key, value)| (key.to_owned(), value)));
    Value::Object(all).to_string()
}

/// The keys of the metadata that [`mirror`] keeps.
pub const MIRRORED: [&str; 3] = ["consent_given", "consent_at", "consents"];

#[cfg(test)]
mod tests {
    use super::*;
    use rstest::rstest;

    fn said(purpose: &str, given: bool, at: i64) -> Consent {
        Consent { purpose: purpose.into(), given, at: Millis(at * 1000), ..Consent::default() }
    }

    fn purpose(basis: Basis, is_marketing: bool) -> Purpose {
        Purpose { key: "news".into(), basis, is_marketing, ..Purpose::default() }
    }

    const NOTHING: Standing = Standing { given: false, objects: false, is_restricted: false };
    const WILLING: Standing = Standing { given: true, ..NOTHING };

    #[rstest]
    #[case::nothing_said(Basis::Consent, NOTHING, Err(Bar::NoConsent))]
    #[case::said_yes(Basis::Consent, WILLING, Ok(()))]
    #[case::a_contract_needs_no_yes(Basis::Contract, NOTHING, Ok(()))]
    #[case::an_objection_beats_a_yes(Basis::Consent, Standing { objects: true, ..WILLING }, Err(Bar::Objection))]
    #[case::a_restriction_beats_all(Basis::Contract, Standing { is_restricted: true, ..WILLING }, Err(Bar::Restricted))]
    fn who_may_be_used_for_a_purpose(
        #[case] basis: Basis,
        #[case] standing: Standing,
        #[case] expected: Result<(), Bar>,
    ) {
        assert_eq!(purpose(basis, false).may_use(standing), expected);
        let retired = Purpose { retired_at: Some(Millis(1)), ..purpose(basis, false) };
        assert!(retired.may_use(standing).is_err(), "nobody is used for what is given up");
    }

    #[rstest]
    #[case::an_interest(Basis::LegitimateInterest, false, "", true)]
    #[case::marketing_on_consent(Basis::Consent, true, "", true)]
    #[case::a_contract_stands(Basis::Contract, false, "", false)]
    #[case::named(Basis::Contract, false, "news", true)]
    #[case::another(Basis::LegitimateInterest, true, "survey", false)]
    fn an_objection_is_about_what_it_names_or_what_the_law_names(
        #[case] basis: Basis,
        #[case] marketing: bool,
        #[case] objection: &str,
        #[case] about: bool,
    ) {
        assert_eq!(purpose(basis, marketing).is_objected(objection), about);
    }

    #[test]
    fn the_latest_word_holds_in_whatever_order_it_was_written_down() {
        let entries =
            [said("news", true, 5), said("news", false, 3), said("contact", false, 9), said("contact", true, 9)];
        let last = last_said(&entries);
        assert!(last["news"].given, "what was said earlier says nothing any more");
        assert!(last["contact"].given, "at the same time: what was written down later");
    }

    #[test]
    fn the_mirror_says_what_the_ledger_says_and_leaves_the_rest() {
        assert_eq!(mirror(r#"{"plan": "pro"}"#, &[]), r#"{"plan": "pro"}"#);
        let entries = [said("contact", true, 10), said("news", true, 20)];
        let both = mirror(r#"{"plan":"pro","consent_given":false}"#, &entries);
        let shown: Value = serde_json::from_str(&both).expect("json");
        assert_eq!(shown["plan"], "pro");
        assert_eq!(
            (&shown["consent_given"], &shown["consent_at"]),
            (&Value::Bool(true), &"1970-01-01T00:00:20Z".into())
        );
        assert_eq!(shown["consents"], serde_json::json!(["contact", "news"]));
        assert_eq!(mirror(&both, &entries), both, "once more changes nothing");
        let gone = mirror(&both, &[said("contact", false, 30)]);
        assert!(gone.contains(r#""consent_given":false"#) && gone.contains(r#""consents":[]"#), "{gone}");
        assert_eq!(mirror("not json", &entries), "not json");
    }

    #[test]
    fn the_mirror_keeps_what_it_is_said_to_keep() {
        let shown: Map<String, Value> = serde_json::from_str(&mirror("", &[said("news", true, 1)])).expect("an object");
        assert_eq!(shown.keys().map(String::as_str).collect::<Vec<_>>(), MIRRORED);
    }

    #[rstest]
    #[case("newsletter", true)]
    #[case("news-2026_b", true)]
    #[case("", false)]
    #[case("News", false)]
    #[case("2news", false)]
    #[case("two words", false)]
    fn a_key_is_a_small_word(#[case] text: &str, #[case] good: bool) {
        assert_eq!(is_key(text), good);
    }
}
