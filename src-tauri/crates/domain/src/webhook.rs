//! Webhooks: what happens to a contact that another program may be told of, what it may be
//! told, and when it is tried again. Who is told, and over which way, is no matter of this.

use crate::{
    consent::MIRRORED,
    contact::{Contact, Identity, Link},
    name,
    time::Millis,
};
use serde_json::{Map, Value};
use std::collections::BTreeSet;

/// What another program is told of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Event {
    /// A contact is new.
    Created,
    /// Values of a contact are others.
    Updated,
    /// A contact is gone: in the bin, or for good.
    Deleted,
    /// A contact became part of another.
    Merged,
    /// A contact that was gone is back.
    Restored,
    /// What a contact consented to is another.
    ConsentChanged,
    /// Both sides of a connection changed the same, and a person has to choose.
    ConflictOpened,
}

impl Event {
    /// All of them with the words by which they are called.
    pub const ALL: [(Self, &'static str); 7] = [
        (Self::Created, "contact.created"),
        (Self::Updated, "contact.updated"),
        (Self::Deleted, "contact.deleted"),
        (Self::Merged, "contact.merged"),
        (Self::Restored, "contact.restored"),
        (Self::ConsentChanged, "contact.consent_changed"),
        (Self::ConflictOpened, "conflict.opened"),
    ];

    /// The word for it.
    pub fn as_str(self) -> &'static str {
        Self::ALL.iter().find(|(event, _)| *event == self).map_or("", |(_, word)| word)
    }

    /// The event of a word.
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.iter().find(|(_, word)| *word == text).map(|(event, _)| *event)
    }

    /// Whether somebody who chose nothing is told of it.
    pub fn is_usual(self) -> bool {
        matches!(self, Self::Created | Self::Deleted)
    }

    /// What is told in its place to somebody who did not choose it, so that they neither keep
    /// a contact that is gone nor miss one that is back.
    pub fn instead(self) -> Option<Self> {
        match self {
            Self::Merged => Some(Self::Deleted),
            Self::Restored => Some(Self::Created),
            Self::Created | Self::Updated | Self::Deleted | Self::ConsentChanged | Self::ConflictOpened => None,
        }
    }
}

/// The word of a test: it is about nobody.
pub const PING: &str = "ping";

/// Whether others are told of a contact at all: a visitor is no contact, a made-up person is
/// nobody, and who is in the bin is gone.
pub fn is_told_of(contact: &Contact) -> bool {
    contact.binned_at.is_none()
        && contact.identity != Identity::Anonymous
        && !contact.links.iter().any(|link| link.connector == Link::SAMPLE)
}

/// What happened to a contact between these two states; nothing when others do not see it.
/// Nothing stands for a contact that is not there.
pub fn happened(before: Option<&Contact>, after: Option<&Contact>) -> Option<Event> {
    let is_seen = |contact: Option<&Contact>| contact.is_some_and(is_told_of);
    match (is_seen(before), is_seen(after)) {
        (false, false) => None,
        (true, true) => Some(Event::Updated),
        (true, false) => Some(Event::Deleted),
        // Who was in the bin had been told of.
        (false, true) if before.is_some_and(|contact| contact.binned_at.is_some()) => Some(Event::Restored),
        (false, true) => Some(Event::Created),
    }
}

/// A field of what is told.
pub struct PayloadField {
    /// Its name.
    pub key: &'static str,
    /// The fields of the catalogue that it comes from.
    pub from: &'static [&'static str],
    /// It is in every body, with nothing in it where it may not leave: receivers count on it.
    pub is_base: bool,
    get: fn(&Contact) -> Value,
}

impl PayloadField {
    /// What a contact says; null for nothing.
    pub fn of(&self, contact: &Contact) -> Value {
        (self.get)(contact)
    }
}

macro_rules! fields {
    ($( $key:literal, $from:expr, $is_base:literal, $get:expr; )*) => {
        /// All that may be told of a contact beside its id, in the order of the body.
        pub static FIELDS: &[PayloadField] =
            &[ $( PayloadField { key: $key, from: &$from, is_base: $is_base, get: $get } ),* ];
    };
}

// key, fields it comes from, whether it is in every body, how it is read
fields! {
    "name", ["name"], true, |contact| text(&contact.name);
    "email", ["email"], true, |contact| text(contact.email());
    "phone", ["phone"], true, |contact| text(contact.phone());
    "company", ["company"], true, |contact| text(&contact.company);
    "source", ["source"], true, |contact| text(&contact.source);
    "metadata", ["metadata"], true, metadata;
    "created_at", ["created_at"], true, |contact| text(&contact.created_at.to_rfc3339());
    "first_name", ["name", "name_parts", "kind"], false, |contact| text(&name::first_and_last(contact).0);
    "last_name", ["name", "name_parts", "kind"], false, |contact| text(&name::first_and_last(contact).1);
    "job_title", ["job_title"], false, |contact| text(&contact.job_title);
    "department", ["department"], false, |contact| text(&contact.department);
    "stage", ["stage"], false, |contact| text(&contact.stage);
    "tags", ["tags"], false, |contact| contact.tags.iter().map(|tag| Value::from(tag.as_str())).collect();
    "consent", ["metadata"], false, |contact| Value::Object(consent(contact));
}

/// The field with this name.
pub fn field(key: &str) -> Option<&'static PayloadField> {
    FIELDS.iter().find(|field| field.key == key)
}

/// The fields of a body that are others when these fields of the catalogue are.
pub fn touched<'f>(changed: impl Iterator<Item = &'f str>) -> BTreeSet<&'static str> {
    let mut keys = BTreeSet::new();
    for changed in changed {
        keys.extend(FIELDS.iter().filter(|field| field.from.contains(&changed)).map(|field| field.key));
    }
    keys
}

/// What a contact consented to, as its metadata says: there the ledger is mirrored.
pub fn consent(contact: &Contact) -> Map<String, Value> {
    if !contact.metadata.contains("\"consent") {
        return Map::new();
    }
    let all: Map<String, Value> = serde_json::from_str(&contact.metadata).unwrap_or_default();
    all.into_iter().filter(|(key, _)| MIRRORED.contains(&key.as_str())).collect()
}

fn text(text: &str) -> Value {
    if text.is_empty() { Value::Null } else { text.into() }
}

fn metadata(contact: &Contact) -> Value {
    let all: Map<String, Value> = serde_json::from_str(&contact.metadata).unwrap_or_default();
    Value::Object(all)
}

/// What came of telling somebody.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Heard {
    /// They took it.
    Taken,
    /// There is nobody any more, and they want to hear nothing (410).
    Gone,
    /// Not now; perhaps in so many milliseconds.
    Later(Option<u64>),
    /// They do not take this one.
    Refused,
    /// Nobody answered.
    Lost,
}

impl Heard {
    /// Whether it says something of all that is told there, and not of this one alone.
    pub fn is_of_all(self) -> bool {
        matches!(self, Self::Gone | Self::Later(_) | Self::Lost)
    }
}

/// Where a message stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum State {
    /// To be sent.
    Waiting,
    /// It was taken.
    Done,
    /// Nobody tries any more; a person may.
    Dead,
}

impl State {
    const ALL: [(Self, &'static str); 3] = [(Self::Waiting, "waiting"), (Self::Done, "done"), (Self::Dead, "dead")];

    /// The word that is stored.
    pub fn as_str(self) -> &'static str {
        Self::ALL.iter().find(|(state, _)| *state == self).map_or("", |(_, word)| word)
    }

    /// From the word that is stored.
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.iter().find(|(_, word)| *word == text).map(|(state, _)| *state)
    }
}

/// How often a message was tried, and when it is tried next.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Standing {
    /// Where it stands.
    pub state: State,
    /// Attempts so far.
    pub attempts: u32,
    /// When it was tried for the first time.
    pub tried_at: Option<Millis>,
    /// When it is tried next.
    pub next_at: Option<Millis>,
}

const SECOND: i64 = 1_000;
const MINUTE: i64 = 60 * SECOND;
const HOUR: i64 = 60 * MINUTE;
/// Between two attempts, as the specification of Standard Webhooks proposes them.
const PAUSES: [i64; 9] =
    [5 * SECOND, 5 * MINUTE, 30 * MINUTE, 2 * HOUR, 5 * HOUR, 10 * HOUR, 14 * HOUR, 20 * HOUR, 24 * HOUR];
/// Days after the first attempt in which it is tried.
pub const PATIENCE_DAYS: i64 = 5;

impl Standing {
    /// A message that is to be sent at once.
    pub fn queued(now: Millis) -> Self {
        Self { state: State::Waiting, attempts: 0, tried_at: None, next_at: Some(now) }
    }

    /// After an attempt. `jitter` is any number: it keeps many from trying at one moment.
    pub fn after(self, heard: Heard, now: Millis, jitter: u8) -> Self {
        let (attempts, tried_at) = (self.attempts + 1, self.tried_at.unwrap_or(now));
        let tried = Self { attempts, tried_at: Some(tried_at), ..self };
        let asked = match heard {
            Heard::Taken => return Self { state: State::Done, next_at: None, ..tried },
            // It waits until a person says that somebody is there again.
            Heard::Gone => return Self { next_at: Some(now), ..tried },
            Heard::Later(asked) => asked,
            Heard::Refused | Heard::Lost => None,
        };
        if is_over(tried_at, now) {
            return Self { state: State::Dead, next_at: None, ..tried };
        }
        Self { next_at: Some(Millis(now.0 + pause(self.attempts, asked, jitter))), ..tried }
    }
}

/// Whether what has failed since a moment is given up.
pub fn is_over(since: Millis, now: Millis) -> bool {
    now.0 - since.0 >= PATIENCE_DAYS * Millis::DAY
}

/// Milliseconds until the next attempt after so many that failed before, where one was asked
/// to wait not sooner than that. Never more than a day and a fifth.
pub fn pause(failures: u32, asked: Option<u64>, jitter: u8) -> i64 {
    let own = PAUSES.get(failures as usize).copied().unwrap_or(24 * HOUR);
    let asked = asked.map_or(0, |ms| i64::try_from(ms).unwrap_or(i64::MAX).min(Millis::DAY));
    let pause = own.max(asked);
    // Up to a fifth later: earlier would not be what was asked for.
    pause + pause / 5 * i64::from(jitter) / 255
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::contact::Item;
    use rstest::rstest;
    use serde_json::json;

    const NOW: Millis = Millis(100 * Millis::DAY);

    fn ana() -> Contact {
        Contact { name: "Ana María Ruiz".into(), ..Contact::default() }
    }

    fn binned() -> Contact {
        Contact { binned_at: Some(NOW), ..ana() }
    }

    fn visitor() -> Contact {
        Contact { identity: Identity::Anonymous, ..ana() }
    }

    fn made_up() -> Contact {
        Contact { links: vec![Link { connector: Link::SAMPLE.into(), ..Link::default() }], ..ana() }
    }

    #[rstest]
    #[case::new(None, Some(ana()), Some(Event::Created))]
    #[case::edited(Some(ana()), Some(ana()), Some(Event::Updated))]
    #[case::to_the_bin(Some(ana()), Some(binned()), Some(Event::Deleted))]
    #[case::out_of_the_bin(Some(binned()), Some(ana()), Some(Event::Restored))]
    #[case::removed(Some(ana()), None, Some(Event::Deleted))]
    #[case::out_of_the_bin_for_good(Some(binned()), None, None)]
    #[case::a_visitor(None, Some(visitor()), None)]
    #[case::a_visitor_who_says_who_it_is(Some(visitor()), Some(ana()), Some(Event::Created))]
    #[case::a_made_up_person(None, Some(made_up()), None)]
    fn what_others_are_told_of(
        #[case] before: Option<Contact>,
        #[case] after: Option<Contact>,
        #[case] expected: Option<Event>,
    ) {
        assert_eq!(happened(before.as_ref(), after.as_ref()), expected);
    }

    #[test]
    fn a_body_has_the_fields_of_the_reference_first() {
        let base: Vec<&str> = FIELDS.iter().filter(|field| field.is_base).map(|field| field.key).collect();
        assert_eq!(base, ["name", "email", "phone", "company", "source", "metadata", "created_at"]);
        let all: BTreeSet<&str> = FIELDS.iter().map(|field| field.key).collect();
        assert_eq!(all.len(), FIELDS.len(), "no name is there twice");
    }

    #[test]
    fn what_a_contact_does_not_say_is_nothing_and_not_an_empty_text() {
        let contact = Contact { emails: vec![Item::new("ana@x.example", "")], ..ana() };
        let said = |key| field(key).expect("a field").of(&contact);
        assert_eq!(said("email"), json!("ana@x.example"));
        assert_eq!((said("phone"), said("metadata"), said("tags")), (Value::Null, json!({}), json!([])));
        assert_eq!((said("first_name"), said("last_name")), (json!("Ana María"), json!("Ruiz")));
    }

    #[test]
    fn what_nobody_may_be_told_touches_nothing() {
        assert_eq!(touched(["last_seen", "conversation_count", "description"].into_iter()), BTreeSet::new());
        assert_eq!(touched(["name"].into_iter()), BTreeSet::from(["name", "first_name", "last_name"]));
        assert_eq!(touched(["metadata"].into_iter()), BTreeSet::from(["metadata", "consent"]));
    }

    #[test]
    fn consent_is_what_the_metadata_says_of_it() {
        let metadata = r#"{"consent_given":true,"consents":["news"],"plan":"pro"}"#;
        let contact = Contact { metadata: metadata.into(), ..ana() };
        assert_eq!(Value::Object(consent(&contact)), json!({ "consent_given": true, "consents": ["news"] }));
        assert_eq!(consent(&ana()), Map::new());
    }

    fn tried(attempts: u32, days_ago: i64) -> Standing {
        let tried_at = Some(Millis(NOW.0 - days_ago * Millis::DAY));
        Standing { attempts, tried_at, ..Standing::queued(NOW) }
    }

    #[rstest]
    #[case::taken(tried(0, 0), Heard::Taken, State::Done, None)]
    #[case::taken_late(tried(9, 6), Heard::Taken, State::Done, None)]
    #[case::nobody_there(tried(0, 0), Heard::Lost, State::Waiting, Some(5 * SECOND))]
    #[case::a_second_time(tried(1, 0), Heard::Refused, State::Waiting, Some(5 * MINUTE))]
    #[case::many_times(tried(30, 4), Heard::Lost, State::Waiting, Some(24 * HOUR))]
    #[case::for_days(tried(10, 5), Heard::Lost, State::Dead, None)]
    #[case::asked_to_wait(tried(0, 0), Heard::Later(Some(600_000)), State::Waiting, Some(10 * MINUTE))]
    #[case::asked_to_wait_a_moment(tried(3, 0), Heard::Later(Some(1)), State::Waiting, Some(2 * HOUR))]
    #[case::asked_to_wait_for_ever(tried(0, 0), Heard::Later(Some(u64::MAX)), State::Waiting, Some(24 * HOUR))]
    #[case::they_are_gone(tried(3, 6), Heard::Gone, State::Waiting, Some(0))]
    fn one_attempt(#[case] before: Standing, #[case] heard: Heard, #[case] state: State, #[case] next_in: Option<i64>) {
        let after = before.after(heard, NOW, 0);
        assert_eq!((after.state, after.next_at.map(|at| at.0 - NOW.0)), (state, next_in));
        assert_eq!(after.attempts, before.attempts + 1);
    }

    #[test]
    fn what_waited_while_the_program_was_closed_is_tried_as_long_as_anything() {
        let first = Standing::queued(Millis(0)).after(Heard::Lost, NOW, 0);
        assert_eq!((first.state, first.tried_at), (State::Waiting, Some(NOW)));
    }

    #[test]
    fn attempts_come_later_and_later_over_days() {
        let mut one = Standing::queued(Millis(0));
        let mut attempts = 0;
        while let Some(at) = one.next_at {
            one = one.after(Heard::Lost, at, 128);
            attempts += 1;
            assert!(attempts < 50, "it ends");
        }
        assert_eq!(one.state, State::Dead);
        assert!((9..=12).contains(&attempts), "{attempts}");
    }

    #[test]
    fn jitter_only_makes_it_later() {
        assert_eq!((pause(1, None, 0), pause(1, None, 255)), (5 * MINUTE, 6 * MINUTE));
    }

    #[test]
    fn every_word_is_read_as_it_is_written() {
        for (event, word) in Event::ALL {
            assert_eq!((event.as_str(), Event::parse(word)), (word, Some(event)));
        }
        for (state, word) in State::ALL {
            assert_eq!((state.as_str(), State::parse(word)), (word, Some(state)));
        }
        assert_eq!((Event::parse(PING), State::parse("")), (None, None));
    }
}
