//! Whether two cards are one person: what is compared, what it is worth, and why
//! it was said. Nothing here merges anything.

mod keys;

pub use keys::{Mailbox, company_of, hash_of, name_of, phone_of, plain_of, sound_of};

use crate::{Sentence, say};
use serde::{Deserialize, Serialize};
use std::fmt;

/// From this score on two cards are most likely one person.
pub const LIKELY: u8 = 80;
/// From this score on it is worth a look.
pub const POSSIBLE: u8 = 60;

/// What two cards are compared by; borrowed, because a million of them stand
/// beside each other.
#[derive(Debug, Clone, Copy, Default)]
pub struct Traits<'t> {
    /// The name as [`name_of`] gives it.
    pub name: &'t str,
    /// The same in plain Latin letters, as [`plain_of`] gives it.
    pub plain: &'t str,
    /// [`company_of`]; 0 for none.
    pub company: u64,
    /// [`Mailbox::of`] each email.
    pub mailboxes: &'t [Mailbox],
    /// [`phone_of`] each phone.
    pub phones: &'t [u64],
}

/// Why two cards may be one, or may be two.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Reason {
    /// The same address.
    SameEmail,
    /// Two addresses of one mailbox: `ana@x.example`, `ana+news@x.example`.
    SameMailbox,
    /// The same `info@` address.
    SharedEmail,
    /// The same number, however it is written.
    SamePhone,
    /// The same company.
    SameCompany,
    /// The same name.
    SameName,
    /// The same words of a name in another order.
    SwappedNames,
    /// The same name in another spelling or script.
    OtherSpelling,
    /// Names that differ in one letter.
    OneLetter,
    /// Names of a man and a woman perhaps: `Mario`, `Maria`.
    OtherEnding,
    /// One name is a part of the other, or its initial.
    PartOfName,
    /// One card has no name.
    NoName,
    /// Two different names.
    OtherName,
    /// Both have emails, and none is the same.
    OtherEmail,
    /// Both have phones, and none is the same.
    OtherPhone,
}

impl Reason {
    /// The words for it.
    pub fn sentence(self) -> Sentence {
        match self {
            Self::SameEmail => say!("same email"),
            Self::SameMailbox => say!("same mailbox"),
            Self::SharedEmail => say!("same shared mailbox"),
            Self::SamePhone => say!("same phone"),
            Self::SameCompany => say!("same company"),
            Self::SameName => say!("same name"),
            Self::SwappedNames => say!("swapped names"),
            Self::OtherSpelling => say!("other spelling"),
            Self::OneLetter => say!("one letter differs"),
            Self::OtherEnding => say!("other ending of the name"),
            Self::PartOfName => say!("part of the name"),
            Self::NoName => say!("one has no name"),
            Self::OtherName => say!("other name"),
            Self::OtherEmail => say!("other email"),
            Self::OtherPhone => say!("other phone"),
        }
    }

    /// Whether it speaks for one person.
    pub fn speaks_for(self) -> bool {
        !matches!(
            self,
            Self::OtherEnding
                | Self::NoName
                | Self::OtherName
                | Self::OtherEmail
                | Self::OtherPhone
                | Self::SharedEmail
        )
    }
}

impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.sentence().fmt(f)
    }
}

/// What two cards have in common.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Verdict {
    /// 0 to 100; nobody is sure of 100.
    pub score: u8,
    /// The weightiest first.
    pub reasons: Vec<Reason>,
}

/// That two cards are not the same person: a person said so.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Distinction {
    /// `dst_…`
    pub id: String,
    /// `ctc_…`, the smaller one.
    pub one: String,
    /// `ctc_…`
    pub other: String,
    /// Who said so.
    pub author: String,
    /// When it was said.
    pub created_at: crate::time::Millis,
}

/// Compares two cards. Nothing when there is no reason to look at them.
pub fn judge(one: &Traits<'_>, other: &Traits<'_>) -> Option<Verdict> {
    let email = compare_emails(one.mailboxes, other.mailboxes);
    let phone = compare_phones(one.phones, other.phones);
    let same_company = one.company != 0 && one.company == other.company;
    let names = compare_names(one, other);
    let conflict = email == Some(Reason::OtherEmail) || phone == Some(Reason::OtherPhone);

    // The weightiest thing they have in common, and what it is worth.
    let (evidence, worth) = match (email, phone) {
        (Some(reason @ Reason::SameEmail), _) => (reason, 99),
        (_, Some(reason @ Reason::SamePhone)) => (reason, 96),
        (Some(reason @ Reason::SameMailbox), _) => (reason, 96),
        (Some(reason @ Reason::SharedEmail), _) if phone != Some(Reason::OtherPhone) => (reason, 88),
        _ if same_company && !conflict => (Reason::SameCompany, 86),
        _ if same_company => (Reason::SameCompany, 64),
        _ => return None,
    };
    let weak = matches!(evidence, Reason::SameCompany | Reason::SharedEmail);
    let less = match names {
        Reason::SameName => 0,
        Reason::SwappedNames | Reason::OtherSpelling => 3,
        Reason::OneLetter => 5,
        Reason::PartOfName => 8,
        Reason::NoName if !weak => 6,
        // Families share phones, couples share mailboxes.
        Reason::OtherEnding => 25,
        Reason::OtherName if matches!(evidence, Reason::SameEmail | Reason::SameMailbox) => 36,
        _ => return None,
    };
    let mut score = worth - less;
    // One phone and two mailboxes: a family, unless the name is the same too.
    let is_family = evidence == Reason::SamePhone && email == Some(Reason::OtherEmail);
    if is_family && matches!(names, Reason::OneLetter | Reason::PartOfName | Reason::NoName) {
        score = score.min(LIKELY - 1);
    }
    if score < POSSIBLE {
        return None;
    }
    let mut reasons = vec![evidence, names];
    reasons.extend(same_company.then_some(Reason::SameCompany));
    reasons.extend(email);
    reasons.extend(phone);
    let mut seen = Vec::new();
    reasons.retain(|reason| {
        !seen.contains(reason) && {
            seen.push(*reason);
            true
        }
    });
    Some(Verdict { score, reasons })
}

fn compare_emails(one: &[Mailbox], other: &[Mailbox]) -> Option<Reason> {
    let pairs = || one.iter().flat_map(|mine| other.iter().map(move |theirs| (mine, theirs)));
    if pairs().any(|(mine, theirs)| mine.exact == theirs.exact && !mine.shared) {
        return Some(Reason::SameEmail);
    }
    if pairs().any(|(mine, theirs)| mine.bare == theirs.bare && !mine.shared) {
        return Some(Reason::SameMailbox);
    }
    if pairs().any(|(mine, theirs)| mine.bare == theirs.bare) {
        return Some(Reason::SharedEmail);
    }
    pairs().next().map(|_| Reason::OtherEmail)
}

fn compare_phones(one: &[u64], other: &[u64]) -> Option<Reason> {
    if one.is_empty() || other.is_empty() {
        return None;
    }
    Some(if one.iter().any(|mine| other.contains(mine)) { Reason::SamePhone } else { Reason::OtherPhone })
}

fn compare_names(one: &Traits<'_>, other: &Traits<'_>) -> Reason {
    if one.name.is_empty() || other.name.is_empty() {
        return Reason::NoName;
    }
    if one.name == other.name {
        return Reason::SameName;
    }
    let (mine, theirs) = (sorted(one.name), sorted(other.name));
    if mine == theirs {
        return Reason::SwappedNames;
    }
    let (plain, their_plain) = (sorted(one.plain), sorted(other.plain));
    let joined = |text: &str| text.replace(' ', "");
    let is_foreign = |name: &str| name.chars().any(|c| c >= '\u{370}');
    if is_foreign(one.name) && is_foreign(other.name) {
        // Written in Latin letters, two names in signs may sound alike.
        let typo = strsim::osa_distance(one.name, other.name) == 1
            && one.name.chars().count().min(other.name.chars().count()) >= 8;
        return if typo { Reason::OneLetter } else { Reason::OtherName };
    }
    if plain == their_plain || joined(one.plain) == joined(other.plain) {
        return Reason::OtherSpelling;
    }
    let other_script = is_foreign(one.name) != is_foreign(other.name);
    if other_script {
        let sounds = |words: &[&str]| words.iter().map(|word| sound_of(word)).collect::<Vec<_>>();
        let (mut mine, mut theirs) = (sounds(&plain), sounds(&their_plain));
        mine.sort_unstable();
        theirs.sort_unstable();
        if mine == theirs || joined(&sound_of(one.plain)) == joined(&sound_of(other.plain)) {
            return Reason::OtherSpelling;
        }
    }
    // `Room 12` and `Room 13` are two, and no typo.
    let differing = one_word_differs(&plain, &their_plain);
    match differing
        .filter(|(mine, theirs)| ![*mine, *theirs].iter().any(|word| word.contains(|c: char| c.is_ascii_digit())))
    {
        // Every script is written in Latin letters in more than one way.
        Some((mine, theirs)) if other_script && mine.len() == theirs.len() && is_typo(mine, theirs) => {
            Reason::OtherSpelling
        }
        Some((mine, theirs)) if is_typo(mine, theirs) => {
            if stem(mine) == stem(theirs) {
                Reason::OtherEnding
            } else {
                Reason::OneLetter
            }
        }
        Some((mine, theirs)) if mine.len() == 1 || theirs.len() == 1 => {
            if mine.bytes().next() == theirs.bytes().next() { Reason::PartOfName } else { Reason::OtherName }
        }
        _ => {
            let (few, many) =
                if plain.len() < their_plain.len() { (&plain, &their_plain) } else { (&their_plain, &plain) };
            let inside = few.len() >= 2 && few.len() < many.len() && few.iter().all(|word| many.contains(word));
            if inside { Reason::PartOfName } else { Reason::OtherName }
        }
    }
}

/// The one word in which two lists of the same length differ.
fn one_word_differs<'w>(one: &[&'w str], other: &[&'w str]) -> Option<(&'w str, &'w str)> {
    if one.len() != other.len() {
        return None;
    }
    let mut mine = one.iter().filter(|word| !other.contains(word));
    let mut theirs = other.iter().filter(|word| !one.contains(word));
    match (mine.next(), theirs.next(), mine.next(), theirs.next()) {
        (Some(mine), Some(theirs), None, None) => Some((mine, theirs)),
        _ => None,
    }
}

fn is_typo(one: &str, other: &str) -> bool {
    one.len().min(other.len()) >= 3 && one.len().abs_diff(other.len()) <= 1 && strsim::osa_distance(one, other) == 1
}

/// A name without the ending by which languages tell men from women.
fn stem(name: &str) -> &str {
    name.trim_end_matches(['a', 'e', 'i', 'o', 'u', 'y'])
}

fn sorted(name: &str) -> Vec<&str> {
    let mut words: Vec<&str> = name.split(' ').collect();
    words.sort_unstable();
    words
}

#[cfg(test)]
mod tests {
    use super::*;
    use rstest::rstest;

    #[derive(Default)]
    struct Card {
        name: String,
        plain: String,
        company: u64,
        mailboxes: Vec<Mailbox>,
        phones: Vec<u64>,
    }

    /// `name | email | phone | company`
    fn card(line: &str) -> Card {
        let mut parts = line.split('|').map(str::trim).chain(std::iter::repeat(""));
        let mut next = || parts.next().unwrap_or_default();
        let name = name_of(next());
        Card {
            plain: plain_of(&name),
            name,
            mailboxes: Mailbox::of(next()).into_iter().collect(),
            phones: phone_of(next()).into_iter().collect(),
            company: company_of(next()),
        }
    }

    fn verdict(one: &str, other: &str) -> Option<Verdict> {
        let (one, other) = (card(one), card(other));
        fn traits(card: &Card) -> Traits<'_> {
            Traits {
                name: &card.name,
                plain: &card.plain,
                company: card.company,
                mailboxes: &card.mailboxes,
                phones: &card.phones,
            }
        }
        let there = judge(&traits(&one), &traits(&other));
        assert_eq!(
            there.as_ref().map(|v| v.score),
            judge(&traits(&other), &traits(&one)).map(|v| v.score),
            "either way"
        );
        there
    }

    #[rstest]
    #[case::phone_written_otherwise("Jürgen Höß | | +49 171 4417228", "Juergen Hoess | | 0171 / 441 72 28")]
    #[case::swapped("Łukasz Wójcik | l@x.example", "Wojcik, Lukasz | l@x.example")]
    #[case::swapped_at_work("Ana Ruiz | ana@x.example | | Solvento", "Ruiz Ana | | +34 612 408 177 | Solvento S.L.")]
    #[case::plus_address("Zoë Lindqvist | zoe+shop@x.example", "Zoe Lindqvist | zoe@x.example")]
    #[case::gmail_dots("Ana Ruiz | ana.ruiz@gmail.com", "Ana Ruiz | anaruiz@gmail.com")]
    #[case::cyrillic("Мария Стоянова | | +359 88 123 4567", "Maria Stoyanova | | 088 123 4567")]
    #[case::cyrillic_surname("Юлия Щербакова | y@x.example", "Yulia Shcherbakova | y@x.example")]
    #[case::greek("Ελένη Παπαδοπούλου | e@x.example", "Eleni Papadopoulou | e@x.example")]
    #[case::chinese("陈雨桐 | c@x.example", "Chen Yutong | c@x.example")]
    #[case::one_letter("Michael Thompson | | 020 7946 0958", "Micheal Thompson | | +44 20 7946 0958")]
    #[case::part_of_a_name("Nguyễn Thị Minh Anh | m@x.example", "Minh Anh | m@x.example")]
    #[case::initial("Jonathan Price | | 0151 946 0111", "J. Price | | 0151 9460111")]
    #[case::no_name(" | ana@x.example", "Ana Ruiz | ana@x.example")]
    fn one_person_is_told(#[case] one: &str, #[case] other: &str) {
        let found = verdict(one, other);
        assert!(found.as_ref().is_some_and(|found| found.score >= LIKELY), "{found:?}");
    }

    #[rstest]
    #[case::namesakes(
        "John Smith | j1@x.example | 020 7946 0001 | Acme",
        "John Smith | j2@x.example | 020 7946 0002 | Acme"
    )]
    #[case::shared_mailbox("Ana Ruiz | info@x.example", "Bo Lund | info@x.example")]
    #[case::family_phone("Mario Rossi | | 06 1234 5678", "Maria Rossi | | 06 1234 5678")]
    #[case::couple("Ana Ruiz | casa@x.example", "Bo Lund | casa@x.example")]
    #[case::colleagues("Ana Ruiz | | | Solvento", "Bo Lund | | | Solvento")]
    #[case::siblings("Paul Novak | | 601 234 567", "Paula Novak | | 601 234 567")]
    #[case::only_a_name("John Smith", "John Smith")]
    #[case::brother_and_sister("Tim Meyer | tim@x.example | 030 1234567", "Kim Meyer | kim@x.example | 030 1234567")]
    #[case::two_chinese_names("王伟 | | | Linghai", "王薇 | | | Linghai")]
    #[case::man_and_woman_in_two_scripts("Даниела Ким | | 02 1234 5678", "Daniel Kim | | 02 1234 5678")]
    #[case::rooms("Meeting room 12 | | | Acme", "Meeting room 13 | | | Acme")]
    fn two_persons_are_not_one(#[case] one: &str, #[case] other: &str) {
        let found = verdict(one, other);
        assert!(found.as_ref().is_none_or(|found| found.score < LIKELY), "{found:?}");
    }

    #[test]
    fn namesakes_at_one_company_are_worth_a_look() {
        let found =
            verdict("John Smith | a@x.example | | Acme Ltd", "John Smith | b@x.example | | Acme").expect("a look");
        assert_eq!(found.score, 64);
        assert_eq!(found.reasons, [Reason::SameCompany, Reason::SameName, Reason::OtherEmail]);
    }
}
