//! A workspace that is connected with a remote.

use super::{Candidate, Counterpart};
use crate::{Workspace, vendors::Person, who};
use cardfile_core::{
    contact,
    domain::{Contact, Item},
    progress::{Progress, Unwatched},
    sync::{
        check,
        directions::Direction,
        remotes,
        running::{self, Report},
        waits,
    },
};
use cardfile_sync::run::End;
use serde_json::{Value, json};
use std::ops::Range;

/// What the connection is called.
pub const NAME: &str = "Contract";
/// Runs until everything is as it should be.
const MOST_RUNS: u32 = 12;

/// Both sides.
pub struct Scene {
    /// Here.
    pub ws: Workspace,
    /// There.
    pub there: Box<dyn Counterpart>,
}

impl Scene {
    /// With these people there; it is on, and nothing ran yet.
    pub fn open(candidate: &Candidate, numbers: Range<u64>) -> Self {
        let (ws, there) = (Workspace::default(), (candidate.start)());
        numbers.for_each(|number| there.put(&Person::numbered(number)));
        there.connect(&ws, NAME);
        let approve = |settings: &mut remotes::Settings| {
            for rule in settings.mapping.0.values_mut() {
                rule.approved = rule.direction != Direction::Pull;
            }
        };
        remotes::set(&ws.core, NAME, &who(), approve).expect("a field map");
        let found = check::check(&ws.core, NAME, &Unwatched).expect("a check");
        check::enable(&ws.core, NAME, &found, "it is a test", &who()).expect("turned on");
        Self { ws, there }
    }

    /// The same after a first run.
    pub fn linked(candidate: &Candidate, numbers: Range<u64>) -> Self {
        let amount = numbers.end - numbers.start;
        let scene = Self::open(candidate, numbers);
        let first = scene.run();
        assert_eq!((first.end, u64::from(scene.ws.count())), (End::Done, amount), "the first run brings everybody");
        scene
    }

    /// A run, whatever becomes of it.
    pub fn run(&self) -> Report {
        self.run_with(&Unwatched)
    }

    /// The same, watched.
    pub fn run_with(&self, progress: &dyn Progress) -> Report {
        running::run(&self.ws.core, NAME, false, &who(), progress).expect("a run")
    }

    /// A run that does all that can be done.
    pub fn done(&self) -> Report {
        let report = self.run();
        assert_eq!(report.end, End::Done, "{report:?}");
        report
    }

    /// Runs until this is so.
    pub fn until(&self, is_so: impl Fn(&Self) -> bool) {
        for _ in 0..MOST_RUNS {
            if is_so(self) {
                return;
            }
            self.run();
        }
        assert!(is_so(self), "{MOST_RUNS} runs are not enough: {:?}", self.both());
    }

    /// Another run writes nothing, on no side.
    pub fn rests(&self) {
        let (hash, writes) = (self.ws.hash(), self.there.writes());
        let report = self.done();
        assert_eq!((self.there.writes(), self.ws.hash()), (writes, hash), "{report:?}");
    }

    /// Somebody by their external ID, or our own.
    pub fn contact(&self, id: &str) -> Contact {
        contact::find(&self.ws.core, id).expect("a contact").contact
    }

    /// Whether they are here and not in the bin.
    pub fn is_here(&self, id: &str) -> bool {
        contact::find(&self.ws.core, id).is_ok_and(|stored| stored.contact.binned_at.is_none())
    }

    /// Makes somebody here; their id.
    pub fn make(&self, person: &Person) -> String {
        let item = |value: &str| if value.is_empty() { Vec::new() } else { vec![Item::new(value, "")] };
        let new = Contact {
            name: person.name.clone(),
            emails: item(&person.email),
            phones: item(&person.phone),
            ..Contact::default()
        };
        contact::create(&self.ws.core, new, &who()).expect("made").0.as_str().to_owned()
    }

    /// Gives somebody another phone here, or none.
    pub fn call(&self, id: &str, phone: &str) {
        let value = if phone.is_empty() { json!([]) } else { json!([{ "value": phone }]) };
        self.edit(id, "phone", value);
    }

    /// Gives somebody another name here, with its parts where it has some.
    pub fn rename(&self, id: &str, given: &str, family: &str) {
        let has_parts = !self.contact(id).name_parts.family.is_empty();
        self.edit(id, "name", Value::from(format!("{given} {family}")));
        if has_parts {
            self.edit(id, "name_parts", json!({ "given": given, "family": family }));
        }
    }

    fn edit(&self, id: &str, field: &str, value: Value) {
        let id = self.contact(id).id;
        let (is_changed, _) = contact::edit(&self.ws.core, &id, field, value, &who()).expect("an edit");
        assert!(is_changed, "{field} was so already");
    }

    /// Moves somebody to the bin here.
    pub fn bin(&self, id: &str) {
        let row = contact::find(&self.ws.core, id).expect("a contact").row;
        contact::bin(&self.ws.core, &[row], &who()).expect("binned");
    }

    /// Somebody there, by their external ID.
    pub fn record(&self, id: &str) -> Option<Person> {
        self.there.people().into_iter().find(|person| person.external_id == id)
    }

    /// So many days go by on both sides.
    pub fn pass_days(&self, days: i64) {
        self.ws.clock.pass_days(days);
        self.there.pass_days(days);
    }

    /// How many wait for a person.
    pub fn waiting(&self) -> usize {
        waits::all(&self.ws.core).expect("what waits").len()
    }

    /// What each side says of everybody: names, emails and phones.
    pub fn both(&self) -> [Vec<[String; 3]>; 2] {
        let here = self.ws.contacts().into_iter().filter(|contact| contact.binned_at.is_none());
        let here = here.map(|one| [one.name.clone(), one.email().to_owned(), digits(one.phone())]);
        let there = self.there.people().into_iter().map(|one| [one.name, one.email, digits(&one.phone)]);
        let mut both = [here.collect::<Vec<_>>(), there.collect()];
        both.iter_mut().for_each(|side| side.sort());
        both
    }

    /// Both sides say the same.
    pub fn agrees(&self) -> bool {
        let [here, there] = self.both();
        here == there
    }
}

/// However somebody wrote it.
fn digits(phone: &str) -> String {
    phone.chars().filter(char::is_ascii_digit).collect()
}
