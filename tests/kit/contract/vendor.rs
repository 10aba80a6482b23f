//! The fakes of vendors, as remotes that promises are tried on.

use super::{Candidate, Counterpart, Habit, Write, deeds, faults};
use crate::{
    Workspace,
    fake_remote::{Held, Moment},
    setup,
    vendors::{Fake, Habits, Person, Vendor},
};
use serde_json::{Value, json};
use std::sync::Arc;

const DAY_MS: i64 = 86_400_000;
/// Shorter than all that is there.
const SHORT: usize = 7;

/// One of each, and one more that is connected by the form for any system.
pub(super) fn candidates() -> Vec<Candidate> {
    macro_rules! all {
        ($($vendor:ident),*) => {
            vec![$(Candidate {
                name: Vendor::$vendor.name(),
                start: || Box::new(OfVendor::start(Vendor::$vendor, false)),
                cannot: |promise| cannot(Vendor::$vendor, promise),
            }),*]
        };
    }
    let mut all = all!(HubSpot, Chatbase, ChatBotKit, MaiAgent, Chatsby, Intercom, Chatwoot);
    all.push(Candidate {
        name: "Generic",
        start: || Box::new(OfVendor::start(Vendor::Chatsby, true)),
        cannot: |promise| cannot(Vendor::Chatsby, promise),
    });
    all
}

/// What its vendor does not offer, and so nobody can promise.
fn cannot(vendor: Vendor, promise: &str) -> Option<&'static str> {
    use Vendor::{ChatBotKit, Chatbase, Chatsby, Chatwoot, HubSpot, Intercom, MaiAgent};
    match (promise, vendor) {
        (deeds::CONDITIONAL, _) => {
            Some("It has no conditional write. The record is read just before; what is written in between is lost.")
        }
        (deeds::TWINS, HubSpot | Intercom | Chatwoot) => Some("It makes no second record with the same ID itself."),
        (deeds::MERGED, HubSpot | Chatbase | ChatBotKit | MaiAgent | Chatsby | Chatwoot) => {
            Some("It does not say that records became one.")
        }
        (faults::SHORT, Chatwoot) => Some("Its pages are of fifteen and nothing else."),
        (faults::SHIFTS, HubSpot | ChatBotKit | Intercom) => {
            Some("Its lists go on behind a record, whatever went before it.")
        }
        (faults::REORDERS | faults::WHOLE, ChatBotKit | MaiAgent | Chatsby | Intercom | Chatwoot) => {
            Some("Its records are written one by one.")
        }
        (faults::LAGS, Chatbase | ChatBotKit | Chatsby | Chatwoot) => Some("Nobody asks it for what an index knows."),
        (faults::EXPIRES, _) => Some("It gives no cursor that is kept from one run to the next."),
        _ => None,
    }
}

struct OfVendor {
    fake: Arc<Fake>,
    /// A person describes it in the form for any system.
    is_generic: bool,
}

/// What is filled into that form for Chatsby, beside its address and its key.
const FORM: [(&str, &str); 6] = [
    ("list_path", "v1/contacts"),
    ("read_path", "v1/contacts/{remote_id}"),
    ("create_path", "v1/contacts"),
    ("update_path", "v1/contacts/{remote_id}"),
    ("delete_path", "v1/contacts/{remote_id}"),
    ("external_id_at", "/metadata/external_id"),
];

impl OfVendor {
    fn start(vendor: Vendor, is_generic: bool) -> Self {
        Self { fake: Arc::new(Fake::start(vendor)), is_generic }
    }

    /// A place of a record that no field of ours stands at, and what somebody puts there.
    fn unmapped(&self) -> (&'static str, Value) {
        match self.fake.vendor() {
            Vendor::HubSpot => ("/properties/hs_lead_status", json!("OPEN")),
            Vendor::Chatbase | Vendor::Intercom | Vendor::Chatwoot => ("/custom_attributes/old", json!("kept")),
            Vendor::ChatBotKit => ("/meta/old", json!("kept")),
            Vendor::MaiAgent => ("/query_metadata", json!({ "knowledge_bases": [] })),
            Vendor::Chatsby => ("/metadata/old", json!("kept")),
        }
    }

    fn habits(&self, habit: Habit) -> Habits {
        let none = Habits::default();
        // Those of Chatwoot are short enough.
        let short_pages = Some(SHORT).filter(|_| self.fake.vendor() != Vendor::Chatwoot);
        let short = Habits { short_pages, ..Habits::default() };
        let captain = vec!["Captain".to_owned()];
        match habit {
            Habit::None => none,
            Habit::Busy => Habits { busy: Some((4, Some(1))), ..none },
            Habit::BusyWithoutAWord => Habits { busy: Some((4, None)), ..none },
            Habit::Faults => Habits { error_500: Some(4), ..none },
            Habit::LosesAnswers => Habits { lose_answers: Some(2), ..none },
            Habit::HalfPages => Habits { half_pages: true, ..short },
            Habit::RepeatsPages => Habits { repeat_page: true, ..short },
            Habit::Shifts => Habits { shift: 1, ..short },
            Habit::DropsPhones => Habits { strip: vec![self.fake.phone_at().to_owned()], ..none },
            Habit::RefusesCaptains => Habits { refuse: captain, ..none },
            Habit::RefusesBatchesOfCaptains => Habits { refuse: captain, refuse_whole: true, ..none },
            Habit::RefusesDeletions => Habits { refuse_delete: true, ..none },
            Habit::Reorders => Habits { reorder: true, ..none },
            Habit::Lags => Habits { index_lag: true, ..none },
        }
    }
}

/// A request that reads, by its method and path.
fn reads(words: &str) -> bool {
    let is_question = ["/search", "/filter", "/batch/read"].iter().any(|end| words.ends_with(end));
    words.starts_with("GET ") || is_question
}

fn writes(words: &str) -> bool {
    !reads(words)
}

impl Counterpart for OfVendor {
    fn connect(&self, ws: &Workspace, name: &str) {
        let mut settings = self.fake.settings();
        if self.is_generic {
            settings.extend(FORM.map(|(field, value)| (field, value.to_owned())));
        }
        let kind = if self.is_generic { "generic" } else { self.fake.vendor().kind() };
        setup::connect(&ws.core, name, kind, &settings);
    }

    fn put(&self, person: &Person) {
        self.fake.put(person);
    }

    fn delete(&self, external_id: &str) {
        self.fake.delete(external_id);
    }

    fn people(&self) -> Vec<Person> {
        self.fake.people()
    }

    fn writes(&self) -> u64 {
        self.fake.state().writes
    }

    fn pass_days(&self, days: i64) {
        self.fake.pass_ms(days * DAY_MS);
    }

    fn behave(&self, habit: Habit) -> bool {
        self.fake.habits(self.habits(habit));
        true
    }

    fn was_hurried(&self) -> bool {
        self.fake.state().impatient > 0
    }

    fn hold(&self, is_write: bool) -> Option<Held> {
        Some(self.fake.hold(1, if is_write { writes } else { reads }, Moment::Before))
    }

    fn other(&self) -> Option<Write> {
        let fake = Arc::clone(&self.fake);
        Some(Box::new(move |person: &Person| fake.put(person)))
    }

    fn mark(&self, external_id: &str) -> bool {
        let (place, value) = self.unmapped();
        self.fake.plant(external_id, place, value);
        true
    }

    fn is_marked(&self, external_id: &str) -> bool {
        let (place, value) = self.unmapped();
        self.fake.raw(external_id).pointer(place) == Some(&value)
    }

    fn put_twin(&self, person: &Person) -> bool {
        self.fake.put_twin(person);
        true
    }

    fn merge(&self, from: &str, into: &str) -> bool {
        self.fake.merge(from, into);
        true
    }

    fn index(&self) {
        self.fake.index();
    }
}
