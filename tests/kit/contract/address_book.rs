//! The address book in memory, as a remote that promises are tried on.

use super::{Candidate, Counterpart, Habit, Write, deeds, faults};
use crate::{
    Workspace,
    fake_remote::{FakeRemote, Habits, Held, Moment},
    vendors::Person,
    who,
};
use cardfile_core::{
    SecretText,
    sync::remotes::{self, NewRemote},
};
use std::sync::Arc;

pub(super) const CANDIDATE: Candidate = Candidate {
    name: "CardDAV",
    start: || Box::new(AddressBook(Arc::new(FakeRemote::start()))),
    cannot: |promise| match promise {
        deeds::MERGED => Some("It does not say that records became one."),
        faults::SHIFTS => Some("It says at once what is there."),
        faults::REORDERS | faults::WHOLE => Some("Its records are written one by one."),
        faults::LAGS => Some("Nobody asks it for what an index knows."),
        _ => None,
    },
};

/// A card of somebody, as another program writes it.
pub fn card_of(person: &Person, lines: &str) -> String {
    let (given, family) = person.name.rsplit_once(' ').unwrap_or((&person.name, ""));
    let line = |name: &str, value: &str| if value.is_empty() { String::new() } else { format!("{name}:{value}\r\n") };
    format!(
        "BEGIN:VCARD\r\nVERSION:3.0\r\nUID:{}\r\nFN:{}\r\nN:{family};{given};;;\r\n{}{}{lines}END:VCARD\r\n",
        person.external_id,
        person.name,
        line("EMAIL", &person.email),
        line("TEL", &person.phone),
    )
}

/// Whom a card is about.
pub fn person_of(card: &str) -> Person {
    let said = |name: &str| {
        let found = card.lines().find_map(|line| {
            let (property, value) = line.split_once(':')?;
            let property = property.split(';').next()?.rsplit('.').next()?;
            property.eq_ignore_ascii_case(name).then_some(value)
        });
        found.unwrap_or_default().trim_start_matches("tel:").to_owned()
    };
    Person { external_id: said("UID"), name: said("FN"), email: said("EMAIL"), phone: said("TEL") }
}

struct AddressBook(Arc<FakeRemote>);

/// What somebody puts into a card that nobody mapped.
const MARK: &str = "X-OLD:kept\r\n";

impl AddressBook {
    /// The file of somebody's card.
    fn file_of(&self, external_id: &str) -> Option<String> {
        let cards = self.0.state().cards;
        cards.into_iter().find(|(_, card)| person_of(card).external_id == external_id).map(|(name, _)| name)
    }
}

fn put(fake: &FakeRemote, file: Option<String>, person: &Person) {
    match file {
        Some(file) => fake.edit(&file, |card| {
            let kept = if card.contains(MARK) { MARK } else { "" };
            card_of(person, kept)
        }),
        None => fake.put(&format!("{}.vcf", person.external_id), &card_of(person, "")),
    }
}

fn reads(method: &str) -> bool {
    method == "REPORT"
}

fn writes(method: &str) -> bool {
    method == "PUT"
}

impl Counterpart for AddressBook {
    fn connect(&self, ws: &Workspace, name: &str) {
        let new = NewRemote {
            name: name.into(),
            kind: "carddav".into(),
            url: self.0.url(),
            user: String::new(),
            password: SecretText::new(String::new()),
            place: String::new(),
        };
        remotes::add(&ws.core, new, &who()).expect("a connection");
    }

    fn put(&self, person: &Person) {
        put(&self.0, self.file_of(&person.external_id), person);
    }

    fn delete(&self, external_id: &str) {
        self.0.delete(&self.file_of(external_id).expect("a card"));
    }

    fn people(&self) -> Vec<Person> {
        let mut people: Vec<Person> = self.0.state().cards.values().map(|card| person_of(card)).collect();
        people.sort();
        people
    }

    fn writes(&self) -> u64 {
        self.0.writes()
    }

    fn behave(&self, habit: Habit) -> bool {
        let none = Habits::default();
        let habits = match habit {
            Habit::None => none,
            Habit::Busy => Habits { busy: Some((4, Some(1))), ..none },
            Habit::BusyWithoutAWord => Habits { busy: Some((4, None)), ..none },
            Habit::Faults => Habits { error_500: Some(4), ..none },
            Habit::LosesAnswers => Habits { lose_answers: Some(2), ..none },
            Habit::HalfPages => Habits { half_pages: true, ..none },
            Habit::RepeatsPages => Habits { truncate: Some(7), repeat_page: true, ..none },
            Habit::DropsPhones => Habits { strip: vec!["TEL".into()], hides_loss: true, ..none },
            Habit::RefusesCaptains => Habits { refuse: vec!["Captain".into()], ..none },
            Habit::Shifts
            | Habit::RefusesBatchesOfCaptains
            | Habit::RefusesDeletions
            | Habit::Reorders
            | Habit::Lags => return false,
        };
        self.0.habits(habits);
        true
    }

    fn hold(&self, is_write: bool) -> Option<Held> {
        Some(self.0.hold(1, if is_write { writes } else { reads }, Moment::Before))
    }

    fn other(&self) -> Option<Write> {
        let other = Self(Arc::clone(&self.0));
        Some(Box::new(move |person: &Person| other.put(person)))
    }

    fn mark(&self, external_id: &str) -> bool {
        let person = self.people().into_iter().find(|person| person.external_id == external_id).expect("a card");
        let file = self.file_of(external_id).expect("a card");
        self.0.edit(&file, |_| card_of(&person, MARK));
        true
    }

    fn is_marked(&self, external_id: &str) -> bool {
        self.file_of(external_id).and_then(|file| self.0.card(&file)).is_some_and(|card| card.contains(MARK))
    }

    fn put_twin(&self, person: &Person) -> bool {
        self.0.put("twin.vcf", &card_of(person, ""));
        true
    }

    fn expire(&self) -> bool {
        self.0.expire();
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_card_says_of_somebody_what_was_put_into_it() {
        let person = Person::numbered(7);
        assert_eq!(person_of(&card_of(&person, MARK)), person);
        let card = "BEGIN:VCARD\r\nUID:u\r\nFN:Ana\r\nitem1.EMAIL;TYPE=HOME:a@x.example\r\nTEL;VALUE=uri:tel:+34\r\n";
        let [email, phone] = ["a@x.example", "+34"].map(str::to_owned);
        assert_eq!(person_of(card), Person { external_id: "u".into(), name: "Ana".into(), email, phone });
    }
}
