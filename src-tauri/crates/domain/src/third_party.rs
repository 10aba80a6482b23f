//! Third persons in a text: whose names, addresses and numbers stand in it that are not the
//! reader's own. An access request gives a person their own data and nobody else's
//! (GDPR, Art. 15(4)).
//!
//! What is known is found for certain: everybody with a card, by every name, email, phone and
//! handle on it, however it is written. What only looks like an address or a number is shown
//! as a question. Nothing is decided here, and nothing is left out of a text here but by
//! [`mask`].

mod patterns;
mod words;

use crate::{
    email,
    text::{digits, fold, fold_into},
};
use std::{
    collections::{HashMap, HashSet},
    ops::Range,
};
use words::{Word, joins, words};

/// Who is meant.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Who {
    /// Somebody with a card; its place.
    Card(u32),
    /// Nobody known: the address or the number itself, in the form in which it is compared.
    Unknown(String),
}

/// By what somebody is meant.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Trait {
    /// A name.
    Name,
    /// An email address.
    Email,
    /// A phone number.
    Phone,
    /// A name at another platform.
    Handle,
    /// A bank account.
    Iban,
    /// A payment card.
    PaymentCard,
}

impl Trait {
    /// The word of files.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Name => "name",
            Self::Email => "email",
            Self::Phone => "phone",
            Self::Handle => "handle",
            Self::Iban => "iban",
            Self::PaymentCard => "payment_card",
        }
    }
}

/// A place of a text where somebody is meant.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Hit {
    /// Where.
    pub place: Range<usize>,
    /// By what.
    pub by: Trait,
    /// Who.
    pub who: Who,
    /// It is certain. Else a person decides: a single name may be a word, a number anything.
    pub is_sure: bool,
}

/// What is on a card that names somebody.
#[derive(Debug, Clone, Default)]
pub struct Names<'a> {
    /// Names and nicknames.
    pub names: Vec<&'a str>,
    /// Email addresses.
    pub emails: Vec<&'a str>,
    /// Phone numbers.
    pub phones: Vec<&'a str>,
    /// Names at other platforms.
    pub handles: Vec<&'a str>,
}

/// What stands in the texts that are looked through: only cards that may be among it are
/// worth remembering, of a million.
#[derive(Debug, Default)]
pub struct Vocabulary {
    words: HashSet<String>,
    emails: HashSet<String>,
    phones: HashSet<String>,
}

/// Finds third persons in texts.
#[derive(Debug, Default)]
pub struct Finder {
    /// By the first word: all words, and whether the name is written as it is on the card.
    names: HashMap<String, Vec<(Vec<String>, NameOf)>>,
    emails: HashMap<String, u32>,
    /// By the last nine digits.
    phones: HashMap<String, u32>,
    own: Own,
}

#[derive(Debug, Clone)]
struct NameOf {
    card: u32,
    by: Trait,
    /// As it is written on the card, where it is one word: then only that is taken.
    exact: Option<String>,
}

/// What names the reader: it is theirs, whoever else has it too.
#[derive(Debug, Default)]
struct Own {
    names: HashSet<Vec<String>>,
    emails: HashSet<String>,
    phones: HashSet<String>,
}

/// Digits by which two phones are compared: what is before them may be left out.
const TAIL: usize = 9;

fn tail(phone: &str) -> Option<String> {
    let digits = digits(phone);
    (digits.len() >= 7).then(|| digits[digits.len().saturating_sub(TAIL)..].to_owned())
}

/// The words of a text in their order, as they are compared. In a script without blanks each
/// sign is one.
pub fn folded(name: &str) -> Vec<String> {
    words(name).into_iter().map(|word| word.folded).collect()
}

impl Vocabulary {
    /// Takes the words of a text.
    pub fn add(&mut self, text: &str) {
        self.words.extend(words(text).into_iter().map(|word| word.folded));
        self.emails.extend(patterns::emails(text).into_iter().map(|found| found.key));
        self.phones.extend(patterns::phones(text).iter().filter_map(|found| tail(&found.key)));
    }

    /// Whether all words of a name, or an address of a card, may be among the texts. A million
    /// cards are asked: nothing is worked out that is not needed for a no.
    pub fn may_name(&self, of: &Names<'_>) -> bool {
        of.names.iter().chain(&of.handles).any(|name| self.has_words(name))
            || !self.emails.is_empty()
                && of.emails.iter().any(|one| email::key(one).is_ok_and(|key| self.emails.contains(&key)))
            || !self.phones.is_empty()
                && of.phones.iter().filter_map(|one| tail(one)).any(|tail| self.phones.contains(&tail))
    }

    fn has_words(&self, name: &str) -> bool {
        if !name.is_ascii() {
            let all = words(name);
            return !all.is_empty() && all.iter().all(|word| self.words.contains(&word.folded));
        }
        let mut folded = String::new();
        let mut any = false;
        for word in name.split(|c: char| !c.is_ascii_alphanumeric()).filter(|word| !word.is_empty()) {
            any = true;
            folded.clear();
            fold_into(word, &mut folded);
            if !self.words.contains(&folded) {
                return false;
            }
        }
        any
    }
}

impl Finder {
    /// What is the reader's own is never found.
    pub fn own(&mut self, of: &Names<'_>) {
        self.own.names.extend(of.names.iter().chain(&of.handles).map(|name| folded(name)));
        self.own.emails.extend(of.emails.iter().filter_map(|one| email::key(one).ok()));
        self.own.phones.extend(of.phones.iter().filter_map(|one| tail(one)));
    }

    /// Somebody else. Two cards with one address are one answer: the first.
    pub fn add(&mut self, card: u32, of: &Names<'_>) {
        for name in &of.names {
            self.add_name(card, Trait::Name, name);
        }
        for handle in &of.handles {
            self.add_name(card, Trait::Handle, handle);
        }
        for key in of.emails.iter().filter_map(|one| email::key(one).ok()) {
            self.emails.entry(key).or_insert(card);
        }
        for tail in of.phones.iter().filter_map(|one| tail(one)) {
            self.phones.entry(tail).or_insert(card);
        }
    }

    fn add_name(&mut self, card: u32, by: Trait, name: &str) {
        let whole = folded(name);
        // One letter says nothing, and neither does a number.
        let letters: usize = whole.iter().map(|word| word.chars().count()).sum();
        if letters < 2 || whole.iter().all(|word| word.chars().all(char::is_numeric)) {
            return;
        }
        let exact = (whole.len() == 1).then(|| name.trim().to_owned());
        let mut orders = vec![whole.clone()];
        if whole.len() > 1 {
            // Ruiz, Ana
            let mut turned = whole;
            turned.rotate_right(1);
            orders.push(turned);
        }
        for order in orders {
            let known = self.names.entry(order[0].clone()).or_default();
            if !known.iter().any(|(words, one)| *words == order && one.exact == exact) {
                known.push((order, NameOf { card, by, exact: exact.clone() }));
            }
        }
    }

    /// Third persons of a text, in the order of their places. Places do not overlap: the
    /// longer one is taken, and an address before a name.
    pub fn find(&self, text: &str) -> Vec<Hit> {
        let mut all = self.emails_of(text);
        all.extend(self.phones_of(text));
        all.extend(numbers_of(text));
        all.extend(self.names_of(text));
        // What is certain first, then what is longer; at one length in the order above.
        all.sort_by_key(|hit| (!hit.is_sure, std::cmp::Reverse(hit.place.len())));
        let mut taken: Vec<Hit> = Vec::new();
        for hit in all {
            let is_free = |other: &Hit| hit.place.end <= other.place.start || other.place.end <= hit.place.start;
            if taken.iter().all(is_free) {
                taken.push(hit);
            }
        }
        taken.sort_by_key(|hit| hit.place.start);
        taken
    }

    fn emails_of(&self, text: &str) -> Vec<Hit> {
        let others = patterns::emails(text).into_iter().filter(|found| !self.own.emails.contains(&found.key));
        let hit = |found: patterns::Found| {
            let card = self.emails.get(&found.key);
            let who = card.map_or_else(|| Who::Unknown(found.key.clone()), |card| Who::Card(*card));
            Hit { place: found.place, by: Trait::Email, who, is_sure: card.is_some() }
        };
        others.map(hit).collect()
    }

    fn phones_of(&self, text: &str) -> Vec<Hit> {
        let found = patterns::phones(text);
        let is_own = |found: &&patterns::Found| tail(&found.key).is_some_and(|tail| self.own.phones.contains(&tail));
        let own: Vec<Range<usize>> = found.iter().filter(is_own).map(|found| found.place.clone()).collect();
        let is_apart = |place: &Range<usize>| own.iter().all(|own| place.end <= own.start || own.end <= place.start);
        let hit = |found: patterns::Found| {
            let card = tail(&found.key).and_then(|tail| self.phones.get(&tail));
            // Without a plus it may be anything, unless somebody has it. A part of the reader's
            // own number is no other.
            let is_number = card.is_some() || found.key.starts_with('+');
            let who = card.map_or_else(|| Who::Unknown(found.key.clone()), |card| Who::Card(*card));
            let hit = Hit { place: found.place, by: Trait::Phone, who, is_sure: card.is_some() };
            (is_number && is_apart(&hit.place)).then_some(hit)
        };
        found.into_iter().filter_map(hit).collect()
    }

    fn names_of(&self, text: &str) -> Vec<Hit> {
        if self.names.is_empty() {
            return Vec::new();
        }
        let words = words(text);
        let mut all = Vec::new();
        for first in 0..words.len() {
            for (name, of) in self.names.get(&words[first].folded).into_iter().flatten() {
                let Some(there) = words.get(first..first + name.len()) else { continue };
                let place = there[0].place.start..there[there.len() - 1].place.end;
                let is_it = there.iter().zip(name).all(|(word, wanted)| word.folded == *wanted)
                    && there.windows(2).all(|two| joins(text, &two[0], &two[1]))
                    && of.exact.as_ref().is_none_or(|exact| *exact == text[place.clone()]);
                if is_it && !self.is_own_name(&words, first, name.len()) {
                    let is_sure = of.exact.is_none();
                    all.push(Hit { place, by: of.by, who: Who::Card(of.card), is_sure });
                }
            }
        }
        all
    }

    /// Whether the name is the reader's, or part of it where it stands.
    fn is_own_name(&self, words: &[Word], first: usize, length: usize) -> bool {
        self.own.names.iter().any(|own| {
            let mut starts = (first + length).saturating_sub(own.len())..=first;
            own.len() >= length
                && starts.any(|start| {
                    words
                        .get(start..start + own.len())
                        .is_some_and(|there| there.iter().zip(own).all(|(word, wanted)| word.folded == *wanted))
                })
        })
    }
}

fn numbers_of(text: &str) -> Vec<Hit> {
    let hit = |by: Trait| {
        move |found: patterns::Found| Hit { place: found.place, by, who: Who::Unknown(found.key), is_sure: false }
    };
    let ibans = patterns::ibans(text).into_iter().map(hit(Trait::Iban));
    ibans.chain(patterns::cards(text).into_iter().map(hit(Trait::PaymentCard))).collect()
}

/// A text with words in place of what was found; `word` gives nothing for what stays.
pub fn mask(text: &str, hits: &[Hit], mut word: impl FnMut(&Hit) -> Option<String>) -> String {
    let (mut masked, mut from) = (String::with_capacity(text.len()), 0);
    for hit in hits {
        if let Some(word) = word(hit) {
            masked.push_str(&text[from..hit.place.start]);
            masked.push_str(&word);
            from = hit.place.end;
        }
    }
    masked.push_str(&text[from..]);
    masked
}

/// What to call somebody in a table of decisions: the same in every look at the same data.
pub fn key_of(who: &Who, card_id: impl Fn(u32) -> String) -> String {
    match who {
        Who::Card(row) => format!("card:{}", card_id(*row)),
        Who::Unknown(text) => format!("text:{}", fold(text)),
    }
}

#[cfg(test)]
mod tests;
