//! The systems that our users sync with and that cannot run here, as servers in memory: HubSpot,
//! Chatbase, ChatBotKit, MaiAgent, Chatsby, Intercom and Chatwoot. They keep what they are told,
//! and have the bad habits that are documented or were seen, as switches ([`Habits`]).
//!
//! They are written from what the vendors say of themselves, never from our manifests: a wrong
//! reading of ours would agree with itself. What a vendor does not say is a habit too, or as the
//! first of its pages has it. They check what they are sent as strictly as the vendor is known to.

mod api;
mod call;
mod chatbase;
mod chatbotkit;
mod chatsby;
mod chatwoot;
mod control;
mod habits;
mod hubspot;
mod intercom;
mod maiagent;
mod people;
mod room;
mod shelf;
#[cfg(test)]
mod tests;

pub use control::Control;
pub use habits::{Habits, Limit, Times};
pub use people::Person;
pub use room::{Asked, State};

use crate::{
    fake_remote::{Held, Moment, hold::Hold},
    http::Message,
    server::{Server, Speaks},
};
use api::Api;
use call::Call;
use room::Room;
use serde_json::Value;
use shelf::Gone;
use std::{
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    thread,
    time::Duration,
};

/// Requests a minute, as a person says who runs the system: more than any test sends.
const OFTEN: u32 = 60_000;

/// Whose interface a fake has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Vendor {
    /// Contacts of its CRM, interface v3 and the dated ones.
    HubSpot,
    /// Contacts of one chatbot, v1.
    Chatbase,
    /// Contacts, v1.
    ChatBotKit,
    /// Contacts of an inbox, v1.
    MaiAgent,
    /// Contacts, v1.
    Chatsby,
    /// Contacts, 2.16.
    Intercom,
    /// Contacts of an account, v1.
    Chatwoot,
}

impl Vendor {
    /// All of them.
    pub const ALL: [Self; 7] = [
        Self::HubSpot,
        Self::Chatbase,
        Self::ChatBotKit,
        Self::MaiAgent,
        Self::Chatsby,
        Self::Intercom,
        Self::Chatwoot,
    ];

    /// What people call it.
    pub fn name(self) -> &'static str {
        match self {
            Self::HubSpot => "HubSpot",
            Self::Chatbase => "Chatbase",
            Self::ChatBotKit => "ChatBotKit",
            Self::MaiAgent => "MaiAgent",
            Self::Chatsby => "Chatsby",
            Self::Intercom => "Intercom",
            Self::Chatwoot => "Chatwoot",
        }
    }

    /// The kind of its connector.
    pub fn kind(self) -> &'static str {
        match self {
            Self::HubSpot => "hubspot",
            Self::Chatbase => "chatbase",
            Self::ChatBotKit => "chatbotkit",
            Self::MaiAgent => "maiagent",
            Self::Chatsby => "chatsby",
            Self::Intercom => "intercom",
            Self::Chatwoot => "chatwoot",
        }
    }

    /// The longest page that it gives.
    pub fn longest_page(self) -> usize {
        match self {
            Self::HubSpot => hubspot::LONGEST_PAGE,
            Self::Chatbase => chatbase::LONGEST_PAGE,
            Self::ChatBotKit => chatbotkit::LONGEST_PAGE,
            Self::MaiAgent => maiagent::LONGEST_PAGE,
            Self::Chatsby => chatsby::LONGEST_PAGE,
            Self::Intercom => intercom::LONGEST_PAGE,
            Self::Chatwoot => chatwoot::PAGE,
        }
    }

    /// Whether it says itself how long that is.
    pub fn documents_its_pages(self) -> bool {
        match self {
            Self::HubSpot | Self::Chatbase | Self::Intercom | Self::Chatwoot => true,
            Self::ChatBotKit | Self::MaiAgent | Self::Chatsby => false,
        }
    }

    /// How much may be asked in which time, where it says so.
    pub fn limits(self) -> Vec<Limit> {
        self.api().limits()
    }

    /// Records that one request can change at most.
    pub fn largest_batch(self) -> usize {
        match self {
            Self::HubSpot => hubspot::LARGEST_BATCH,
            // The batch of Chatbase makes records; whether it changes any it does not say.
            Self::Chatbase | Self::ChatBotKit | Self::MaiAgent | Self::Chatsby | Self::Intercom | Self::Chatwoot => 1,
        }
    }

    fn api(self) -> Box<dyn Api> {
        match self {
            Self::HubSpot => Box::new(hubspot::HubSpot),
            Self::Chatbase => Box::new(chatbase::Chatbase),
            Self::ChatBotKit => Box::new(chatbotkit::ChatBotKit),
            Self::MaiAgent => Box::new(maiagent::MaiAgent),
            Self::Chatsby => Box::new(chatsby::Chatsby),
            Self::Intercom => Box::new(intercom::Intercom),
            Self::Chatwoot => Box::new(chatwoot::Chatwoot),
        }
    }
}

/// A fake. It ends when it is dropped.
pub struct Fake {
    vendor: Vendor,
    shared: Arc<Shared>,
    server: Server,
}

struct Shared {
    room: Mutex<Room>,
    /// A request that is to be held up.
    hold: Mutex<Option<Hold>>,
}

impl Shared {
    fn room(&self) -> MutexGuard<'_, Room> {
        self.room.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn hold(&self) -> MutexGuard<'_, Option<Hold>> {
        self.hold.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Speaks for Shared {
    fn speak(&self, request: &Message) -> Option<Vec<u8>> {
        let slow_ms = self.room().shelf.habits.slow_ms;
        if slow_ms > 0 {
            thread::sleep(Duration::from_millis(slow_ms));
        }
        let (call, path) = (Call::of(request), request.word(1));
        let words = format!("{} {}", call.method, call.path);
        let hold = self.hold().take_if(|hold| hold.is_due(&words));
        let passes = |moment| hold.as_ref().is_none_or(|hold| hold.passes(moment));
        if !passes(Moment::Before) {
            return None;
        }
        let answer = self.room().answer(&call, path)?;
        if !passes(Moment::After) {
            self.room().unheard(path);
            return None;
        }
        Some(answer.bytes())
    }
}

impl Fake {
    /// Nobody is in it yet.
    pub fn start(vendor: Vendor) -> Self {
        let shared = Arc::new(Shared { room: Mutex::new(Room::new(vendor.api())), hold: Mutex::new(None) });
        let speaker: Arc<dyn Speaks> = Arc::<Shared>::clone(&shared);
        Self { vendor, server: Server::start(speaker), shared }
    }

    /// Whose it is.
    pub fn vendor(&self) -> Vendor {
        self.vendor
    }

    /// What stands in place of `https://api.vendor.example`.
    pub fn url(&self) -> String {
        format!("http://{}", self.server.address())
    }

    /// Where it listens.
    pub fn address(&self) -> std::net::SocketAddr {
        self.server.address()
    }

    /// What a person types at set-up, by the names of the settings.
    pub fn settings(&self) -> Vec<(&'static str, String)> {
        let own = self.shared.room().api.settings();
        let own = own.iter().map(|(name, value)| (*name, (*value).to_owned()));
        // Where nobody knows how often it may be asked, it is for a person to say.
        let often = self.vendor.limits().is_empty().then(|| ("requests", OFTEN.to_string()));
        own.chain(often).chain([("base_url", self.url())]).collect()
    }

    /// Somebody else makes a record, or makes the one with this ID say this.
    pub fn put(&self, person: &Person) {
        let mut room = self.shared.room();
        let said = room.api.record_of(person);
        match room.number_of(&person.external_id) {
            Some(number) => room.shelf.change(number, |record| place_all(record, &said)),
            None => {
                room.shelf.make(said);
            }
        }
    }

    /// Somebody else makes a record, whoever is there already.
    pub fn put_twin(&self, person: &Person) {
        let mut room = self.shared.room();
        let said = room.api.record_of(person);
        room.shelf.make(said);
    }

    /// Somebody else changes the record with this ID.
    pub fn edit(&self, external_id: &str, change: impl FnOnce(&mut Person)) {
        let mut room = self.shared.room();
        let number = room.number_of(external_id).expect("somebody with this ID");
        let said = room.shelf.record(number).map(|record| record.said.clone()).unwrap_or_default();
        let mut person = room.api.person_of(&said);
        change(&mut person);
        let changed = room.api.record_of(&person);
        room.shelf.change(number, |record| place_all(record, &changed));
    }

    /// Somebody else puts a value at a place of the record with this ID.
    pub fn plant(&self, external_id: &str, pointer: &str, value: Value) {
        let mut room = self.shared.room();
        let number = room.number_of(external_id).expect("somebody with this ID");
        let (parent, name) = pointer.rsplit_once('/').expect("a pointer");
        room.shelf.change(number, |record| {
            if let Some(parent) = record.pointer_mut(parent).and_then(Value::as_object_mut) {
                parent.insert(name.to_owned(), value);
            }
        });
    }

    /// Something that belongs to the record with this ID beside its fields: a `task`, a
    /// `conversation`.
    pub fn add(&self, external_id: &str, kind: &str, part: Value) {
        let mut room = self.shared.room();
        let number = room.number_of(external_id).expect("somebody with this ID");
        let id = room.shelf.record(number).map(|record| record.id.clone()).unwrap_or_default();
        room.shelf.parts.entry((id, kind.to_owned())).or_default().push(part);
    }

    /// What was said in a conversation, by its ID there.
    pub fn say(&self, conversation: &str, message: Value) {
        let mut room = self.shared.room();
        room.shelf.parts.entry((conversation.to_owned(), "message".to_owned())).or_default().push(message);
    }

    /// Somebody else deletes the record with this ID.
    pub fn delete(&self, external_id: &str) {
        let mut room = self.shared.room();
        let number = room.number_of(external_id).expect("somebody with this ID");
        room.shelf.remove(number, Gone::Archived);
    }

    /// Somebody else makes one record of two; the first one goes.
    pub fn merge(&self, from: &str, into: &str) {
        let mut room = self.shared.room();
        let (from, into) = (room.number_of(from), room.number_of(into));
        let id = into.and_then(|into| room.shelf.record(into)).map(|record| record.id.clone());
        let (from, id) = (from.expect("somebody with this ID"), id.expect("somebody with this ID"));
        room.shelf.remove(from, Gone::Merged(id));
    }

    /// How it behaves from now on. Counting begins anew.
    pub fn habits(&self, habits: Habits) {
        self.shared.room().behave(habits);
    }

    /// Searches know all that is there.
    pub fn index(&self) {
        self.shared.room().shelf.catch_up();
    }

    /// No cursor that was given so far is known any more.
    pub fn expire(&self) {
        self.shared.room().shelf.expire();
    }

    /// Its clock goes on by so much, or back.
    pub fn pass_ms(&self, ms: i64) {
        self.shared.room().shelf.pass(ms);
    }

    /// Holds up the so-manieth request from now on of those that are meant, by their method and
    /// path: `POST /contacts`.
    pub fn hold(&self, nth: u64, is_meant: fn(&str) -> bool, moment: Moment) -> Held {
        let (hold, held) = Hold::new(nth, is_meant, moment);
        *self.shared.hold() = Some(hold);
        held
    }

    /// Waits until nobody is connected any more: all that was sent is carried out then.
    pub fn wait_until_alone(&self) {
        self.server.wait_until_alone();
    }

    /// Everybody, in order.
    pub fn people(&self) -> Vec<Person> {
        let room = self.shared.room();
        let mut people: Vec<Person> = room.shelf.records().map(|record| room.api.person_of(&record.said)).collect();
        people.sort();
        people
    }

    /// How many records there are.
    pub fn count(&self) -> usize {
        self.shared.room().shelf.count()
    }

    /// The record with this ID as the vendor answers it.
    pub fn raw(&self, external_id: &str) -> Value {
        let room = self.shared.room();
        let record = room.number_of(external_id).and_then(|number| room.shelf.record(number));
        record.map(|record| room.api.shown(record, &room.shelf)).unwrap_or_default()
    }

    /// Where a phone is in a record as it is written.
    pub fn phone_at(&self) -> &'static str {
        self.shared.room().api.phone_at()
    }

    /// What it was asked.
    pub fn state(&self) -> State {
        let room = self.shared.room();
        State { blocked: room.shelf.blocked.len() as u64, ..room.state.clone() }
    }

    /// Forgets what it was asked.
    pub fn forget(&self) {
        self.shared.room().state = State::default();
    }
}

impl Room {
    /// The record with this external ID.
    fn number_of(&self, external_id: &str) -> Option<u64> {
        let place = self.api.looked_up().first()?;
        self.shelf.saying(place, external_id).map(|record| record.number)
    }
}

/// What somebody else typed into a form: fields that it shows, and nothing of the others.
fn place_all(record: &mut Value, typed: &Value) {
    match (record.as_object_mut(), typed.as_object()) {
        (Some(fields), Some(typed)) => {
            for (name, value) in typed {
                place_all(fields.entry(name.as_str()).or_insert(Value::Null), value);
            }
        }
        _ => *record = typed.clone(),
    }
}
