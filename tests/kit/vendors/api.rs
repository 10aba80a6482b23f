//! What the fakes of all vendors have in common: the contract between a fake and the room it
//! stands in.

use super::{
    call::{Answer, Call},
    habits::Limit,
    people::Person,
    shelf::{Record, Shelf},
};
use serde_json::Value;

/// What a request is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// It reads.
    Read,
    /// It searches, which many vendors allow less often.
    Search,
    /// It would change records.
    Write,
    /// It would change what records may say.
    Schema,
}

/// How much was asked in the time that is running.
#[derive(Debug, Clone, Copy)]
pub(super) struct Window {
    pub(super) limit: Limit,
    pub(super) left: u32,
    /// Until it is counted anew.
    pub(super) left_ms: u64,
}

/// A vendor's interface.
pub(super) trait Api: Send + Sync {
    /// What a person types at set-up beside the address, by the names of the settings.
    fn settings(&self) -> &'static [(&'static str, &'static str)];

    /// The header by which a request signs in, in small letters, and what it says.
    fn sign_in(&self) -> (&'static str, &'static str);

    /// Places of records that are looked up often.
    fn looked_up(&self) -> &'static [&'static str];

    /// How the vendor calls the so-manieth record.
    fn id_of(&self) -> fn(u64) -> String;

    /// Where the phone is, in a record as it is written.
    fn phone_at(&self) -> &'static str;

    /// What is there from the beginning.
    fn furnish(&self, _: &mut Shelf) {}

    /// How much may be asked, as the vendor documents it; nothing where it does not.
    fn limits(&self) -> Vec<Limit> {
        Vec::new()
    }

    /// What an answer says of that, by what was asked. Third: what time it is here, in seconds.
    fn rate_headers(&self, _: Kind, _: &[Window], _: i64) -> Vec<(&'static str, String)> {
        Vec::new()
    }

    /// What a request is about.
    fn kind(&self, call: &Call) -> Kind;

    /// A refusal in the vendor's form.
    fn refusal(&self, status: u16, code: &str, said: &str) -> Answer;

    /// The answer to somebody who has signed in.
    fn answer(&self, call: &Call, shelf: &mut Shelf) -> Answer;

    /// What a record says of a person whom somebody else types in.
    fn record_of(&self, person: &Person) -> Value;

    /// Whom a record is about.
    fn person_of(&self, said: &Value) -> Person;

    /// A record as it is answered.
    fn shown(&self, record: &Record, shelf: &Shelf) -> Value;
}
