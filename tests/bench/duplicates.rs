//! The search for duplicates: what it costs at a million contacts, and what it
//! finds of pairs that were planted among strangers who look alike.

use crate::{floor::workspace, process::peak_mib};
use cardfile_core::{Error, duplicates, generate::Seeded, progress::Unwatched};
use cardfile_domain::{Contact, Item, Link, duplicate::LIKELY};
use cardfile_store::{Op, OpKind};
use serde_json::{Map, Value, json};
use std::{collections::HashMap, path::Path};

/// Pairs of one person of each kind.
const PLANTED: usize = 2_000;
/// Pairs of two persons in all.
const STRANGERS: usize = 10_000;
const KINDS: [&str; 5] = ["phone_format", "swapped_names", "plus_address", "transliteration", "one_letter"];

/// Names as they are written in two ways, as passports, keyboards and clerks do it.
const SPELLINGS: [(&str, &str); 20] = [
    ("Jürgen", "Juergen"),
    ("Björn", "Bjoern"),
    ("Käthe", "Kaethe"),
    ("José", "Jose"),
    ("Łukasz", "Lukasz"),
    ("Søren", "Soren"),
    ("Мария", "Maria"),
    ("Юлия", "Yulia"),
    ("Дмитрий", "Dmitry"),
    ("Сергей", "Sergei"),
    ("Александр", "Aleksandr"),
    ("Ελένη", "Eleni"),
    ("Γιώργος", "Giorgos"),
    ("Müller", "Mueller"),
    ("Gößmann", "Goessmann"),
    ("Nuñez", "Nunez"),
    ("Щербаков", "Shcherbakov"),
    ("Стоянов", "Stoyanov"),
    ("Παπαδόπουλος", "Papadopoulos"),
    ("Wójcik", "Wojcik"),
];
const GIVEN: [&str; 16] = [
    "Matilda",
    "Conrad",
    "Beatriz",
    "Anselm",
    "Harriet",
    "Rodrigo",
    "Philippa",
    "Gustavo",
    "Rosalind",
    "Leopold",
    "Marguerite",
    "Thaddeus",
    "Cordelia",
    "Bartholomew",
    "Evangeline",
    "Maximilian",
];
const FAMILY: [&str; 16] = [
    "Hawthorne",
    "Castellanos",
    "Brightwater",
    "Drummond",
    "Etxeberria",
    "Fairweather",
    "Grunwald",
    "Holmgren",
    "Ibarra",
    "Jankowski",
    "Kilpatrick",
    "Lombardi",
    "Montgomery",
    "Nightingale",
    "Ostrowski",
    "Pemberton",
];

/// Puts the pairs among what is there; each card has an external ID that tells
/// which pair it is of.
pub(crate) fn plant(dir: &Path) -> Value {
    let core = workspace(dir);
    let mut random = Seeded::new(11);
    let mut cards = Vec::new();
    for kind in KINDS {
        for number in 0..PLANTED {
            let (one, other) = same_person(kind, number, &mut random);
            cards.push(marked(one, &format!("same-{kind}-{number}")));
            cards.push(marked(other, &format!("same-{kind}-{number}")));
        }
    }
    for number in 0..STRANGERS {
        let (one, other) = strangers(number, &mut random);
        cards.push(marked(one, &format!("two-{number}")));
        cards.push(marked(other, &format!("two-{number}")));
    }
    let op = |subject: &str| Op {
        kind: OpKind::Import,
        subject: subject.into(),
        actor: "bench".into(),
        origin: "bench".into(),
    };
    for (step, chunk) in cards.chunks(5_000).enumerate() {
        let chunk = chunk.to_vec();
        let written = core.store().write(op(&format!("planted {step}")), |tx| {
            for (side, card) in chunk.into_iter().enumerate() {
                let mut card = card;
                // An external ID belongs to one card.
                card.links[0].scope = (side % 2).to_string();
                tx.insert(card)?;
            }
            Ok::<_, Error>(())
        });
        written.expect("planted");
    }
    json!({ "cards": cards.len() })
}

pub(crate) fn measure(dir: &Path) -> Value {
    let core = workspace(dir);
    let found = duplicates::search(&core, &Unwatched).expect("found");
    let peak = peak_mib();
    let mut mark = HashMap::new();
    let rows: Vec<_> = found.iter().filter(|pair| pair.0 >= LIKELY).flat_map(|pair| [pair.1, pair.2]).collect();
    core.store()
        .read(|r| {
            for row in rows {
                let Some(stored) = r.contacts().get(row)? else { continue };
                let planted = stored.contact.links.iter().find(|link| link.connector == "bench");
                mark.insert(row, planted.map(|link| link.external_id.clone()));
            }
            Ok(())
        })
        .expect("readable");
    let (mut right, mut wrong) = (HashMap::<String, u32>::new(), 0u32);
    for (_, one, other) in found.iter().filter(|pair| pair.0 >= LIKELY) {
        match (&mark[one], &mark[other]) {
            (None, None) => {}
            (Some(one), Some(other)) if one == other && one.starts_with("same-") => {
                let kind = one.split('-').nth(1).unwrap_or_default().to_owned();
                *right.entry(kind).or_default() += 1;
            }
            _ => wrong += 1,
        }
    }
    let all: u32 = right.values().sum();
    let mut recall = Map::new();
    for kind in KINDS {
        let found = right.get(kind).copied().unwrap_or_default();
        recall.insert(kind.into(), json!(f64::from(found) / PLANTED as f64));
    }
    json!({
        "pairs": found.len(),
        "likely": found.iter().filter(|pair| pair.0 >= LIKELY).count(),
        "recall": recall,
        "recall_of_all": f64::from(all) / (PLANTED * KINDS.len()) as f64,
        "precision": f64::from(all) / f64::from((all + wrong).max(1)),
        "peak_mib": peak,
    })
}

fn marked(mut card: Contact, mark: &str) -> Contact {
    card.links = vec![Link { connector: "bench".into(), scope: String::new(), external_id: mark.into() }];
    card
}

fn card(name: &str, email: &str, phone: &str, company: &str) -> Contact {
    let items = |value: &str| if value.is_empty() { Vec::new() } else { vec![Item::new(value, value)] };
    Contact {
        name: name.into(),
        emails: items(email),
        phones: items(phone),
        company: company.into(),
        source: "bench".into(),
        ..Contact::default()
    }
}

fn same_person(kind: &str, number: usize, random: &mut Seeded) -> (Contact, Contact) {
    let (given, family) = (pick(&GIVEN, random), pick(&FAMILY, random));
    let name = format!("{given} {family}");
    let phone = format!("+34 7{:08}", random.below(100_000_000));
    let domain = format!("{}{}.example", &kind[..3], number);
    let email = format!("{given}.{family}@{domain}").to_lowercase();
    let company = format!("{family} {kind} {number} Ltd");
    // What the two cards share beside the name, a third each.
    let shared = |one: &str, other: &str| match number % 3 {
        0 => (card(one, &email, "", ""), card(other, &email, &phone, "")),
        1 => (card(one, "", &phone, ""), card(other, &email, &phone, "")),
        _ => (card(one, &email, "", &company), card(other, "", &phone, &company)),
    };
    match kind {
        "phone_format" => {
            let digits: String = phone.chars().filter(char::is_ascii_digit).skip(2).collect();
            let written = match number % 4 {
                0 => format!("0034{digits}"),
                1 => format!("{} {} {}", &digits[..3], &digits[3..6], &digits[6..]),
                2 => format!("(+34) {}-{}", &digits[..3], &digits[3..]),
                _ => format!("+34{digits}"),
            };
            (card(&name, &email, &phone, ""), card(&name, "", &written, ""))
        }
        "swapped_names" => {
            let comma = if number.is_multiple_of(2) { ", " } else { " " };
            shared(&name, &format!("{family}{comma}{given}"))
        }
        "plus_address" => {
            let plus = email.replace('@', ["+news@", "+shop@", "+2026@"][number % 3]);
            (card(&name, &email, "", ""), card(&name, &plus, "", ""))
        }
        "transliteration" => {
            let ((given, their_given), (family, their_family)) =
                (SPELLINGS[random.below(13) as usize], SPELLINGS[13 + random.below(7) as usize]);
            shared(&format!("{given} {family}"), &format!("{their_given} {their_family}"))
        }
        _ => {
            let letters: Vec<char> = name.chars().collect();
            // Inside a word, where fingers slip: not its first letter and not its ending.
            let places: Vec<usize> = (1..letters.len() - 2)
                .filter(|at| letters[at - 1..=at + 2].iter().all(char::is_ascii_alphabetic))
                .collect();
            let at = places[random.below(places.len() as u64) as usize];
            let mut wrong = letters.clone();
            match random.below(3) {
                0 => wrong.swap(at, at + 1),
                1 => {
                    wrong.remove(at);
                }
                _ => wrong[at] = if letters[at] == 'x' { 'z' } else { 'x' },
            }
            shared(&name, &wrong.into_iter().collect::<String>())
        }
    }
}

fn strangers(number: usize, random: &mut Seeded) -> (Contact, Contact) {
    let (given, family) = (pick(&GIVEN, random), pick(&FAMILY, random));
    let other = pick(&GIVEN, random);
    let other = if other == given { GIVEN[(number + 1) % GIVEN.len()] } else { other };
    let phone = |random: &mut Seeded| format!("+34 6{:08}", random.below(100_000_000));
    let domain = format!("str{number}.example");
    match number % 3 {
        // Namesakes at one company.
        0 => {
            let company = format!("Namesakes {number} GmbH");
            let name = format!("{given} {family}");
            (
                card(&name, &format!("a@{domain}"), &phone(random), &company),
                card(&name, &format!("b@{domain}"), &phone(random), &company),
            )
        }
        // One mailbox for all.
        1 => {
            let email = format!("info@{domain}");
            (
                card(&format!("{given} {family}"), &email, "", ""),
                card(&format!("{other} {}", FAMILY[number % FAMILY.len()]), &email, &phone(random), ""),
            )
        }
        // A family with one phone.
        _ => {
            let phone = phone(random);
            (
                card(&format!("{given} {family}"), &format!("a@{domain}"), &phone, ""),
                card(&format!("{other} {family}"), "", &phone, ""),
            )
        }
    }
}

fn pick<'w>(words: &[&'w str], random: &mut Seeded) -> &'w str {
    words[random.below(words.len() as u64) as usize]
}
