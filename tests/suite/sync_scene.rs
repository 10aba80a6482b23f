//! A workspace that is connected with an address book of the fake server, and what both are
//! filled with.

use cardfile_core::{
    SecretText, contact,
    domain::Contact,
    progress::{Progress, Unwatched},
    sync::{
        Counts,
        check::{self, Check},
        directions::Direction,
        remotes::{self, NewRemote},
        running::{self, Report},
    },
};
use cardfile_sync::run::End;
use cardfile_testkit::{Workspace, fake_remote::FakeRemote, who};

/// What the connection is called.
pub(crate) const NAME: &str = "Customers";

/// A card with these lines.
pub(crate) fn card(uid: &str, name: &str, lines: &[String]) -> String {
    let lines: String = lines.iter().map(|line| format!("{line}\r\n")).collect();
    format!("BEGIN:VCARD\r\nVERSION:3.0\r\nUID:{uid}\r\nFN:{name}\r\nN:;{name};;;\r\n{lines}END:VCARD\r\n")
}

/// What a card says of a property.
pub(crate) fn said<'c>(card: &'c str, property: &str) -> &'c str {
    card.lines().find_map(|line| line.strip_prefix(property)?.strip_prefix(':')).unwrap_or_default()
}

/// The card with another value of a property.
pub(crate) fn saying(card: &str, property: &str, value: &str) -> String {
    let begins = format!("{property}:");
    let kept: String = card.split_inclusive('\n').filter(|line| !line.starts_with(&begins)).collect();
    kept.replace("END:VCARD", &format!("{begins}{value}\r\nEND:VCARD"))
}

/// Numbered people: `u-7` is `Person 7` with an email, a title and a note.
pub(crate) fn people(fake: &FakeRemote, numbers: std::ops::Range<u32>) {
    for n in numbers {
        let lines = [format!("EMAIL:p{n}@x.example"), format!("TITLE:Title {n}"), format!("NOTE:Note {n}")];
        fake.put(&format!("{n}.vcf"), &card(&format!("u-{n}"), &format!("Person {n}"), &lines));
    }
}

pub(crate) fn person(ws: &Workspace, n: u32) -> Contact {
    contact::find(&ws.core, &format!("u-{n}")).expect("they are there").contact
}

pub(crate) fn edit(ws: &Workspace, n: u32, field: &str, value: &str) {
    contact::edit(&ws.core, &person(ws, n).id, field, value.into(), &who()).expect("an edit");
}

pub(crate) fn record(fake: &FakeRemote, n: u32) -> String {
    fake.card(&format!("{n}.vcf")).expect("it is there")
}

pub(crate) fn connect(ws: &Workspace, fake: &FakeRemote) {
    let new = NewRemote {
        name: NAME.into(),
        kind: "carddav".into(),
        url: fake.url(),
        user: String::new(),
        password: SecretText::new(String::new()),
        place: String::new(),
    };
    remotes::add(&ws.core, new, &who()).expect("a connection");
}

/// All that can leave may.
pub(crate) fn approve_all(ws: &Workspace) {
    let approve = |settings: &mut remotes::Settings| {
        for rule in settings.mapping.0.values_mut() {
            rule.approved = rule.direction != Direction::Pull;
        }
    };
    remotes::set(&ws.core, NAME, &who(), approve).expect("a field map");
}

pub(crate) fn looked_at(ws: &Workspace) -> Check {
    check::check(&ws.core, NAME, &Unwatched).expect("a check")
}

/// A workspace and an address book that may be synced, with these people in it.
pub(crate) fn connected(numbers: std::ops::Range<u32>) -> (Workspace, FakeRemote) {
    let (ws, fake) = (Workspace::default(), FakeRemote::start());
    people(&fake, numbers);
    connect(&ws, &fake);
    approve_all(&ws);
    check::enable(&ws.core, NAME, &looked_at(&ws), "", &who()).expect("the review says yes");
    (ws, fake)
}

/// The same, after a first run.
pub(crate) fn linked(numbers: std::ops::Range<u32>) -> (Workspace, FakeRemote) {
    let amount = numbers.len() as u32;
    let (ws, fake) = connected(numbers);
    let first = sync(&ws);
    assert_eq!((first.end, first.counts.pulled, first.counts.created), (End::Done, amount, amount));
    assert_eq!(fake.writes(), 0, "who only reads writes nothing");
    (ws, fake)
}

pub(crate) fn sync(ws: &Workspace) -> Report {
    sync_with(ws, &Unwatched)
}

pub(crate) fn sync_with(ws: &Workspace, progress: &dyn Progress) -> Report {
    running::run(&ws.core, NAME, false, &who(), progress).expect("a run")
}

/// Nothing is left to be done: another run asks once and writes nothing, on no side.
pub(crate) fn is_at_rest(ws: &Workspace, fake: &FakeRemote) {
    let (hash, writes) = (ws.hash(), fake.writes());
    let again = sync(ws);
    let Counts { pulled, pushed, merged, conflicts, held, created, deleted, .. } = again.counts;
    assert_eq!(again.end, End::Done);
    assert_eq!((pulled, pushed, merged, conflicts, held, created, deleted), (0, 0, 0, 0, 0, 0, 0));
    assert_eq!((fake.writes(), again.operation), (writes, None));
    assert_eq!(ws.hash(), hash);
}

/// Three weeks apart. Of the people, by their numbers: to 300 edited there, to 40 and from 300
/// to 540 edited here, to 15 in the same field; from 540 to 545 deleted there and edited here.
pub(crate) fn three_weeks_apart() -> (Workspace, FakeRemote) {
    let (ws, fake) = linked(0..700);
    for n in (0..40).chain(300..545) {
        let field = if n < 15 { "job_title" } else { "description" };
        edit(&ws, n, field, &format!("ours {n}"));
    }
    ws.clock.pass_days(21);
    for n in 0..300 {
        fake.edit(&format!("{n}.vcf"), |card| saying(card, "TITLE", &format!("theirs {n}")));
    }
    for n in 540..545 {
        fake.delete(&format!("{n}.vcf"));
    }
    (ws, fake)
}
