//! Duplicates: found with a reason, merged without losing a value, unmerged
//! without a trace, and never proposed again when a person said no.

use crate::identity::{base, card, fill, link, named};
use cardfile_core::domain::Sentence;
use cardfile_core::{
    Core,
    combine::{self, Wish},
    contact, duplicates,
    generate::Seeded,
    history, parts,
    progress::Unwatched,
    resolve,
};
use cardfile_domain::{Contact, Item, duplicate::Reason};
use cardfile_testkit::{Workspace, who};
use proptest::prelude::*;

fn person(name: &str, email: &str, phone: &str, company: &str) -> Contact {
    let items = |value: &str, key: &str| if value.is_empty() { Vec::new() } else { vec![Item::new(value, key)] };
    Contact { emails: items(email, email), phones: items(phone, ""), company: company.into(), ..named(name) }
}

/// Finds anew; the pairs by id, and their scores.
fn found(core: &Core) -> Vec<(String, String, u8)> {
    duplicates::find(core, &Unwatched).expect("found");
    let standing = duplicates::standing(core).expect("they stand");
    let id = |row| {
        let stored = core.store().read(|r| r.contacts().get(row)).expect("readable").expect("it is there");
        stored.contact.id.to_string()
    };
    standing.proposals.iter().map(|one| (id(one.one), id(one.other), one.verdict.score)).collect()
}

fn wish(survivor: &str, other: &str, take: &[&str]) -> Wish {
    Wish {
        survivor: survivor.into(),
        other: other.into(),
        take: take.iter().map(|field| (*field).to_owned()).collect(),
    }
}

#[test]
fn pairs_are_found_by_mailbox_phone_and_company_and_strangers_are_not() {
    let ws = Workspace::default();
    let core = &ws.core;
    let pairs = [
        (person("Jürgen Höß", "", "+49 171 4417228", ""), person("Juergen Hoess", "", "0171 / 441 72 28", "")),
        (person("Zoë Lindqvist", "zoe+shop@x.example", "", ""), person("Zoe Lindqvist", "zoe@x.example", "", "")),
        (person("Ana Ruiz", "ana@x.example", "", "Solvento"), person("Ruiz Ana", "", "612 408 177", "Solvento SL")),
        (person("John Smith", "j1@x.example", "", "Acme"), person("John Smith", "j2@x.example", "", "Acme Ltd")),
    ];
    let mut expected = Vec::new();
    for (one, other) in pairs {
        expected.push((card(core, one), card(core, other)));
    }
    for number in 0..40 {
        card(core, person(&format!("Person {number}"), "info@shared.example", "", "Acme"));
    }
    let found = found(core);
    let mut ids: Vec<_> = found.iter().map(|(one, other, _)| (one.clone(), other.clone())).collect();
    ids.sort();
    expected.sort();
    assert_eq!(ids, expected);
    assert_eq!(found.iter().filter(|(_, _, score)| *score < 80).count(), 1, "the namesakes: {found:?}");
}

#[test]
fn a_crowd_at_one_mailbox_makes_no_list_of_all_its_pairs() {
    let ws = Workspace::default();
    for number in 0..2_000 {
        let phone = format!("+34 6{number:08}");
        card(&ws.core, person("Reception", "casa@x.example", &phone, "Hotel"));
    }
    let pairs = duplicates::find(&ws.core, &Unwatched).expect("found");
    assert!(pairs <= 2_000 * 12 * 2, "{pairs}");
    let standing = duplicates::standing(&ws.core).expect("they stand");
    assert_eq!(standing.proposals.len() as u32 + standing.left_out, pairs);
}

#[test]
fn what_people_said_apart_stays_apart_also_when_one_of_them_is_merged() {
    let ws = Workspace::default();
    let core = &ws.core;
    let one = card(core, person("John Smith", "j1@x.example", "", "Acme"));
    let other = card(core, person("John Smith", "j2@x.example", "", "Acme"));
    assert_eq!(found(core).len(), 1);
    assert!(duplicates::distinguish(core, &one, &other, &who()).expect("said").0);
    assert!(!duplicates::distinguish(core, &other, &one, &who()).expect("said").0, "that was said before");
    assert_eq!(found(core), []);
    // A third card of the first one: what was said of him holds for the one card.
    let third = card(core, person("John Smith", "j1@x.example", "", "Acme"));
    let before = ws.hash();
    combine::run(core, &wish(&third, &one, &[]), None, &who()).expect("merged");
    assert_eq!(found(core), []);
    history::undo(core, None, &who()).expect("unmerged");
    assert_eq!(ws.hash(), before);
    let again = found(core);
    assert_eq!(again.iter().filter(|(a, b, _)| (a, b) == (&one, &other)).count(), 0);
    // Taken back, as the third card was, they are proposed again.
    for _ in 0..2 {
        history::undo(core, None, &who()).expect("undone");
    }
    assert!(found(core).iter().any(|(a, b, _)| (a, b) == (&one, &other)));
}

#[test]
fn a_merge_does_what_its_preview_said_and_not_when_a_card_changed_since() {
    let ws = Workspace::default();
    let core = &ws.core;
    let left = Contact {
        job_title: String::new(),
        tags: vec!["metal".into()],
        preferences: "Invoices as PDF.".into(),
        stage: "customer".into(),
        links: vec![link("hubspot", "1")],
        ..person("Jürgen Höß", "j.hoess@x.example", "+49 171 4417228", "Höß Metallbau GmbH")
    };
    let right = Contact {
        job_title: "Geschäftsführer".into(),
        tags: vec!["Clientes".into()],
        preferences: "Answers in German.".into(),
        stage: "lead".into(),
        links: vec![link("hubspot", "2"), link("radicale", "r")],
        custom: [("order_ref".to_owned(), "HM-2219".into())].into(),
        ..person("Juergen Hoess", "juergen@post.example", "0171 / 441 72 28", "Hoess Metallbau")
    };
    let (left, right) = (card(core, left), card(core, right));
    let wish = wish(&left, &right, &["stage", "email"]);
    let before = ws.hash();
    let preview = combine::preview(core, &wish).expect("a preview");
    assert_eq!(ws.hash(), before, "looking writes nothing");
    let seen = (preview.survivor.version, preview.other.version);
    let right_row = contact::find(core, &right).expect("it is there");
    contact::edit(core, &right_row.contact.id, "nick", "Jürgen".into(), &who()).expect("an edit");
    combine::run(core, &wish, Some(seen), &who()).expect_err("it changed since");
    history::undo(core, None, &who()).expect("undone");
    let preview = combine::preview(core, &wish).expect("a preview");
    let seen = (preview.survivor.version, preview.other.version);
    combine::run(core, &wish, Some(seen), &who()).expect("merged");
    let card = contact::find(core, &left).expect("it stayed").contact;
    for plan in &preview.fields {
        assert_eq!(card.value(&plan.field).as_ref(), Some(&plan.after), "{}", plan.field);
    }
    assert_eq!(card.name, "Jürgen Höß");
    assert_eq!(card.stage, "lead", "taken from the other");
    assert_eq!(
        card.emails.iter().map(|e| e.value.as_str()).collect::<Vec<_>>(),
        ["juergen@post.example", "j.hoess@x.example"]
    );
    assert_eq!(card.phones.len(), 1, "one number, written twice");
    assert_eq!(
        (card.job_title.as_str(), card.preferences.as_str()),
        ("Geschäftsführer", "Invoices as PDF.\nAnswers in German.")
    );
    assert_eq!((card.tags.len(), card.links.len(), &card.custom["order_ref"]), (2, 3, &"HM-2219".into()));
    // Whoever asks for the other by its external ID finds the one card.
    let found =
        core.store().read(|r| resolve::named(r, "r")).expect("readable").one(Sentence::verbatim("r")).expect("one");
    assert_eq!(Some(found), contact::find(core, &left).ok().map(|stored| stored.row));
    combine::preview(core, &Wish { take: ["hair".to_owned()].into(), ..wish }).expect_err("there is no such field");
}

#[test]
fn numbers_handles_and_texts_that_only_look_alike_both_stay() {
    let ws = Workspace::default();
    let core = &ws.core;
    let labelled = |label: &str, value: &str, key: &str| Item { label: label.into(), ..Item::new(value, key) };
    let left = Contact {
        phones: vec![
            labelled("work", "+49 171 4417228", "+491714417228"),
            Item::new("+1 212 555 0123", "+12125550123"),
        ],
        handles: vec![labelled("Telegram", "ana_ruiz", "")],
        dates: vec![labelled("anniversary", "2010-06-01", "")],
        description: "Buyer".into(),
        stage: "lead".into(),
        ..named("Jürgen Höß")
    };
    let right = Contact {
        phones: vec![
            labelled("mobile", "0171 / 441 72 28", "+491714417228"),
            Item::new("+1 312 555 0123", "+13125550123"),
        ],
        handles: vec![labelled("Instagram", "ana_ruiz", "")],
        dates: vec![labelled("birthday", "2010-06-01", "")],
        description: "Buyer since 2019, calls before ten".into(),
        stage: "customer".into(),
        name_parts: cardfile_domain::NameParts {
            given: "Juergen".into(),
            family: "Hoess".into(),
            ..Default::default()
        },
        ..named("Juergen Hoess")
    };
    for take in [vec![], vec!["phone", "description"]] {
        let (one, other) = (card(core, left.clone()), card(core, right.clone()));
        combine::run(core, &wish(&one, &other, &take), None, &who()).expect("merged");
        let stored = contact::find(core, &one).expect("it stayed");
        let after = &stored.contact;
        let numbers: Vec<&str> = after.phones.iter().map(|phone| phone.key.as_str()).collect();
        let mut sorted = numbers.clone();
        sorted.sort_unstable();
        assert_eq!(sorted, ["+12125550123", "+13125550123", "+491714417228"]);
        assert_eq!(after.phones[0].label, if take.is_empty() { "work" } else { "mobile" });
        assert_eq!((after.handles.len(), after.dates.len()), (2, 2));
        assert_eq!(after.description, "Buyer since 2019, calls before ten");
        assert_eq!(
            (after.name.as_str(), after.name_parts.given.as_str()),
            ("Jürgen Höß", ""),
            "parts go with their name"
        );
        // What lost its place is in the card's own history, and comes back from there.
        let timeline = contact::timeline(core, &stored).expect("a timeline");
        let told: String = timeline.iter().map(|entry| format!("{entry:?}")).collect();
        assert!(told.contains("customer") && told.contains("Juergen Hoess"), "{told}");
    }
}

#[test]
fn of_three_cards_of_one_person_the_third_is_still_proposed_after_a_merge() {
    let ws = Workspace::default();
    let core = &ws.core;
    let cards: Vec<String> = (0..3).map(|_| card(core, person("Ana Ruiz", "ana@x.example", "", ""))).collect();
    assert_eq!(found(core).len(), 3);
    combine::run(core, &wish(&cards[1], &cards[0], &[]), None, &who()).expect("merged");
    assert_eq!(duplicates::standing(core).expect("it stands").proposals.len(), 1);
    combine::run(core, &wish(&cards[1], &cards[2], &[]), None, &who()).expect("merged");
    assert_eq!(duplicates::standing(core).expect("it stands").proposals.len(), 0);
    history::undo(core, None, &who()).expect("unmerged");
    assert_eq!(duplicates::standing(core).expect("it stands").proposals.len(), 1, "it is to be decided again");
}

#[test]
fn the_reasons_are_told() {
    let ws = Workspace::default();
    let one = card(&ws.core, person("Ana Ruiz", "ana@x.example", "", "Solvento"));
    let other = card(&ws.core, person("Ruiz, Ana", "ana@x.example", "", "Solvento S.L."));
    let rows = [one, other].map(|id| contact::find(&ws.core, &id).expect("it is there").row);
    let verdict = duplicates::compare(&ws.core, rows[0], rows[1]).expect("compared").expect("a reason");
    assert_eq!(verdict.reasons, [Reason::SameEmail, Reason::SwappedNames, Reason::SameCompany]);
}

fn contacts() -> impl Strategy<Value = Contact> {
    let word = || proptest::sample::select(vec!["", "Ana", "Bo", "Ruiz Ana", "0171 441", "+49 171 441 72 28", "x"]);
    let few = || proptest::sample::subsequence(vec!["a@x.example", "b@x.example", "A@x.example", "c@x.example"], 0..3);
    (word(), word(), word(), few(), few(), any::<bool>()).prop_map(|(name, text, phone, emails, tags, custom)| {
        Contact {
            emails: emails.iter().map(|e| Item::new(*e, e.to_lowercase())).collect(),
            tags: tags
                .iter()
                .map(|t| t.to_lowercase())
                .collect::<std::collections::BTreeSet<_>>()
                .into_iter()
                .collect(),
            description: text.into(),
            stage: phone.into(),
            phones: if phone.is_empty() { Vec::new() } else { vec![Item::new(phone, "")] },
            custom: if custom { [("size".to_owned(), text.into())].into() } else { Default::default() },
            ..named(name)
        }
    })
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(40) })]
    #[test]
    fn no_merge_loses_a_value_and_every_unmerge_leaves_no_trace(
        left in contacts(), right in contacts(), choose in any::<u64>(), seed in 0..1_000u64,
    ) {
        let ws = Workspace::default();
        let core = &ws.core;
        let (one, other) = (card(core, left.clone()), card(core, right.clone()));
        base(core);
        let mut random = Seeded::new(seed);
        let (mine, theirs) = (fill(&ws, &one, &mut random), fill(&ws, &other, &mut random));
        let before = ws.hash();
        let fields = combine::preview(core, &wish(&one, &other, &[])).expect("a preview").fields;
        let take: Vec<&str> =
            fields.iter().enumerate().filter(|(at, _)| choose >> at & 1 == 1).map(|(_, plan)| plan.field.as_str()).collect();
        let preview = combine::preview(core, &wish(&one, &other, &take)).expect("a preview");
        combine::run(core, &wish(&one, &other, &take), None, &who()).expect("merged");
        let stored = contact::find(core, &one).expect("it stayed");
        let card = &stored.contact;
        for plan in &preview.fields {
            let now = card.value(&plan.field);
            prop_assert_eq!(now.as_ref(), Some(&plan.after), "{}", plan.field);
        }
        for (was, name) in [(&left, "left"), (&right, "right")] {
            for email in &was.emails {
                prop_assert!(card.emails.iter().any(|now| now.same_value(email)), "{} of {}", email.value, name);
            }
            for tag in &was.tags {
                prop_assert!(card.tags.contains(tag));
            }
            prop_assert!(card.description.contains(&was.description));
        }
        for (at, (kind, count)) in parts::count(core, &stored).expect("counts").iter().enumerate() {
            prop_assert_eq!(*count, mine[at].1 + theirs[at].1, "{:?}", kind);
        }
        let after = ws.hash();
        history::undo(core, None, &who()).expect("unmerged");
        prop_assert_eq!(ws.hash(), before.clone());
        history::redo(core, None, &who()).expect("merged again");
        prop_assert_eq!(ws.hash(), after);
    }
}
