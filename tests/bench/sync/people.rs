//! Made-up people: as cards, as contacts, and with another title.

use cardfile_domain::{Contact, Item};
use cardfile_testkit::peers::Card;
use std::ops::Range;

/// How many get another title at a time.
pub(super) const EDITED: usize = 10;

/// The name of somebody's card in the address book.
pub(super) fn file(number: usize) -> String {
    format!("c{number}.vcf")
}

/// What others call somebody.
pub(super) fn uid(number: usize) -> String {
    format!("foreign-{number}")
}

pub(super) fn email(number: usize) -> String {
    format!("p{number}@x.example")
}

/// As another program wrote it.
pub(super) fn card(number: usize) -> Card {
    let Contact { company, job_title, .. } = contact(number);
    let lines = [
        "BEGIN:VCARD".to_owned(),
        "VERSION:3.0".to_owned(),
        format!("UID:{}", uid(number)),
        format!("N:Family{number};Given{number};;;"),
        format!("FN:Given{number} Family{number}"),
        format!("ORG:{company}"),
        format!("TITLE:{job_title}"),
        format!("EMAIL;TYPE=HOME:{}", email(number)),
        format!("TEL;TYPE=CELL:{}", phone(number)),
        "END:VCARD\r\n".to_owned(),
    ];
    (file(number), lines.join("\r\n"))
}

/// The same person here.
pub(super) fn contact(number: usize) -> Contact {
    let (email, phone) = (email(number), phone(number));
    Contact {
        name: format!("Given{number} Family{number}"),
        company: format!("Company {}", number % 500),
        job_title: format!("Title {number}"),
        emails: vec![Item::new(&email, &email)],
        phones: vec![Item::new(&phone, &phone)],
        ..Contact::default()
    }
}

pub(super) fn phone(number: usize) -> String {
    format!("+346{number:08}")
}

/// Some people get another title, all the same one.
pub(super) struct Edit {
    first: usize,
    pub(super) title: String,
}

impl Edit {
    /// From this number on.
    pub(super) fn from(first: usize, title: &str) -> Self {
        Self { first, title: title.to_owned() }
    }

    pub(super) fn numbers(&self) -> Range<usize> {
        self.first..self.first + EDITED
    }

    /// As the words of a job.
    pub(super) fn words(&self) -> [String; 2] {
        [self.first.to_string(), self.title.clone()]
    }

    /// The card with that title.
    pub(super) fn of(&self, card: &str) -> String {
        let kept: String = card.split_inclusive('\n').filter(|line| !line.starts_with("TITLE:")).collect();
        kept.replace("END:VCARD", &format!("TITLE:{}\r\nEND:VCARD", self.title))
    }
}
