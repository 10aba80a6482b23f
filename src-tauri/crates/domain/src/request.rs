//! Requests of people about their data (GDPR, Art. 15 to 21): where one stands, by when it
//! is to be answered and what may be done next. No clock: the present moment is passed in.

mod ground;
mod number;
mod stage;

pub use ground::Ground;
pub use number::numbers;
pub use stage::Stage;

use crate::{Sentence, say, time::Millis};
use jiff::{Timestamp, ToSpan, civil, tz::TimeZone};
use serde::{Deserialize, Serialize};

/// A request in the register.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Request {
    /// `req_…`
    pub id: String,
    /// What is asked for.
    pub right: Right,
    /// Where it stands.
    pub state: State,
    /// By what the person is found: an email, a phone, an external ID or our own id.
    pub subject: String,
    /// How the person is called.
    pub name: String,
    /// Where the answer goes.
    pub reply_to: String,
    /// Language of the letters: `en`, `es`.
    pub language: String,
    /// How it came: `email`, `letter`, `phone`.
    pub channel: String,
    /// Of an objection: the key of the purpose; empty for all that can be objected to.
    pub purpose: String,
    /// What else was said.
    pub note: String,
    /// The day it came.
    pub received_at: Millis,
    /// How it was made sure who asks. What was seen, never a copy of it.
    pub identity_how: String,
    /// When that was.
    pub identity_at: Option<Millis>,
    /// When the person was told that the answer takes longer.
    pub extended_at: Option<Millis>,
    /// Why it does.
    pub extension_reason: String,
    /// When it was approved or refused.
    pub decided_at: Option<Millis>,
    /// By whom.
    pub decided_by: String,
    /// On what a refusal rests.
    pub ground: Option<Ground>,
    /// The decision in words.
    pub decision: String,
    /// What came of it: an erasure (`era_…`), or the SHA-256 of a bundle.
    pub outcome: String,
    /// When nothing was left to do.
    pub closed_at: Option<Millis>,
    /// When it was written down.
    pub created_at: Millis,
}

/// What a person asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Right {
    /// To know what is held, and a copy of it.
    #[default]
    Access,
    /// To have it corrected.
    Rectification,
    /// To have it erased.
    Erasure,
    /// To have it kept and not used.
    Restriction,
    /// To take what they gave elsewhere.
    Portability,
    /// To have it not used for a purpose.
    Objection,
}

/// Where a request stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum State {
    /// It came.
    #[default]
    Received,
    /// It is sure who asks.
    IdentityOk,
    /// It will be done.
    Approved,
    /// It will not be done; the person was told why.
    Refused,
    /// It was done.
    Done,
    /// It was done but for what is named.
    DoneWithExceptions,
    /// The person took it back.
    Withdrawn,
}

/// What is done with a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Step {
    /// It was made sure who asks.
    ProveIdentity,
    /// It will be done.
    Approve,
    /// It will not be done.
    Refuse,
    /// It was done.
    Finish,
    /// It was done but for what is named.
    FinishWithExceptions,
    /// The person took it back.
    Withdraw,
}

/// How much time is left.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Light {
    /// Nothing is left to do.
    Done,
    /// More than a week.
    Green,
    /// A week or less.
    Amber,
    /// The last day is over.
    Red,
}

/// By when a request is to be answered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Deadline {
    /// The last day: `2026-02-28`.
    pub day: String,
    /// Days until it; less than 0 when it is over.
    pub days_left: i64,
    /// Where the last day is a Saturday or a Sunday: the Monday on which the law lets the
    /// time end (Regulation 1182/71, Art. 3(4)). Public holidays are not known here, so the
    /// earlier day counts.
    pub law_gives_until: Option<String>,
    /// How much time is left.
    pub light: Light,
    /// Whether two months can still be added: once, and within the first month.
    pub can_extend: bool,
}

/// The step makes no sense where the request stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("{}", self.sentence())]
pub struct WrongStep(pub State);

impl WrongStep {
    /// What it says.
    pub fn sentence(&self) -> Sentence {
        say!("this cannot be done now: the request {is}", is = self.0.sentence())
    }
}

/// Months for an answer, and what can be added (Art. 12(3)).
const MONTHS: i32 = 1;
const MORE_MONTHS: i32 = 2;
/// So many days before the last one it is time.
const AMBER_DAYS: i64 = 7;

impl Request {
    /// By when it is to be answered. The month begins on the day the request came: neither
    /// the check of who asks nor a holiday moves it, because a regulator may see it so.
    pub fn deadline(&self, now: Millis) -> Deadline {
        let (today, received) = (day_of(now), day_of(self.received_at));
        let first = received.saturating_add(MONTHS.months());
        let last = match self.extended_at {
            Some(_) => received.saturating_add((MONTHS + MORE_MONTHS).months()),
            None => first,
        };
        let days_left = days_between(today, last);
        let light = match days_left {
            _ if self.state.is_closed() => Light::Done,
            ..0 => Light::Red,
            0..=AMBER_DAYS => Light::Amber,
            _ => Light::Green,
        };
        Deadline {
            day: last.to_string(),
            days_left,
            law_gives_until: monday_after(last).map(|day| day.to_string()),
            light,
            can_extend: self.extended_at.is_none() && !self.state.is_closed() && days_between(today, first) >= 0,
        }
    }
}

fn day_of(at: Millis) -> civil::Date {
    Timestamp::from_millisecond(at.0).unwrap_or_default().to_zoned(TimeZone::UTC).date()
}

fn days_between(from: civil::Date, to: civil::Date) -> i64 {
    from.duration_until(to).as_hours() / 24
}

/// The next working day, where a day is none.
fn monday_after(day: civil::Date) -> Option<civil::Date> {
    match day.weekday() {
        civil::Weekday::Saturday => Some(day.saturating_add(2.days())),
        civil::Weekday::Sunday => Some(day.saturating_add(1.day())),
        civil::Weekday::Monday
        | civil::Weekday::Tuesday
        | civil::Weekday::Wednesday
        | civil::Weekday::Thursday
        | civil::Weekday::Friday => None,
    }
}

impl Right {
    /// All of them, in the order of their articles.
    pub const ALL: [Self; 6] =
        [Self::Access, Self::Rectification, Self::Erasure, Self::Restriction, Self::Portability, Self::Objection];

    /// The word that is stored.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Access => "access",
            Self::Rectification => "rectification",
            Self::Erasure => "erasure",
            Self::Restriction => "restriction",
            Self::Portability => "portability",
            Self::Objection => "objection",
        }
    }

    /// Reads the word again.
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|one| one.as_str() == text)
    }

    /// What it is called in a sentence.
    pub fn sentence(self) -> Sentence {
        match self {
            Self::Access => say!("access"),
            Self::Rectification => say!("rectification"),
            Self::Erasure => say!("erasure"),
            Self::Restriction => say!("restriction"),
            Self::Portability => say!("portability"),
            Self::Objection => say!("objection"),
        }
    }

    /// Whether a file with data of the person is what they ask for.
    pub fn is_answered(self) -> bool {
        matches!(self, Self::Access | Self::Portability)
    }

    /// Its article of the GDPR.
    pub fn article(self) -> &'static str {
        match self {
            Self::Access => "15",
            Self::Rectification => "16",
            Self::Erasure => "17",
            Self::Restriction => "18",
            Self::Portability => "20",
            Self::Objection => "21",
        }
    }
}

impl State {
    /// All of them.
    pub const ALL: [Self; 7] = [
        Self::Received,
        Self::IdentityOk,
        Self::Approved,
        Self::Refused,
        Self::Done,
        Self::DoneWithExceptions,
        Self::Withdrawn,
    ];

    /// The word that is stored.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Received => "received",
            Self::IdentityOk => "identity_ok",
            Self::Approved => "approved",
            Self::Refused => "refused",
            Self::Done => "done",
            Self::DoneWithExceptions => "done_with_exceptions",
            Self::Withdrawn => "withdrawn",
        }
    }

    /// Reads the word again.
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|one| one.as_str() == text)
    }

    /// What is said of a request that stands there.
    pub fn sentence(self) -> Sentence {
        match self {
            Self::Received => say!("waits for a check of who asks"),
            Self::IdentityOk => say!("waits for a decision"),
            Self::Approved => say!("is to be done"),
            Self::Refused => say!("was refused"),
            Self::Done => say!("was done"),
            Self::DoneWithExceptions => say!("was done with exceptions"),
            Self::Withdrawn => say!("was taken back"),
        }
    }

    /// Whether nothing is left to do.
    pub fn is_closed(self) -> bool {
        match self {
            Self::Received | Self::IdentityOk | Self::Approved => false,
            Self::Refused | Self::Done | Self::DoneWithExceptions | Self::Withdrawn => true,
        }
    }

    /// Where a step leads.
    pub fn after(self, step: Step) -> Result<Self, WrongStep> {
        match (step, self) {
            (Step::ProveIdentity, Self::Received) => Ok(Self::IdentityOk),
            (Step::Approve, Self::IdentityOk) => Ok(Self::Approved),
            // Who cannot be told apart is refused without knowing who it is; what cannot be
            // done after all is refused late.
            (Step::Refuse, Self::Received | Self::IdentityOk | Self::Approved) => Ok(Self::Refused),
            (Step::Finish, Self::Approved) => Ok(Self::Done),
            (Step::FinishWithExceptions, Self::Approved) => Ok(Self::DoneWithExceptions),
            (Step::Withdraw, Self::Received | Self::IdentityOk | Self::Approved) => Ok(Self::Withdrawn),
            (Step::ProveIdentity, Self::IdentityOk | Self::Approved)
            | (Step::Approve, Self::Received | Self::Approved)
            | (Step::Finish | Step::FinishWithExceptions, Self::Received | Self::IdentityOk)
            | (
                Step::ProveIdentity
                | Step::Approve
                | Step::Refuse
                | Step::Finish
                | Step::FinishWithExceptions
                | Step::Withdraw,
                Self::Refused | Self::Done | Self::DoneWithExceptions | Self::Withdrawn,
            ) => Err(WrongStep(self)),
        }
    }

    /// What may be done with a request that stands there.
    pub fn steps(self) -> Vec<Step> {
        Step::ALL.into_iter().filter(|step| self.after(*step).is_ok()).collect()
    }
}

impl Step {
    /// All of them.
    pub const ALL: [Self; 6] =
        [Self::ProveIdentity, Self::Approve, Self::Refuse, Self::Finish, Self::FinishWithExceptions, Self::Withdraw];

    /// The word of commands and of the audit log.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::ProveIdentity => "prove_identity",
            Self::Approve => "approve",
            Self::Refuse => "refuse",
            Self::Finish => "finish",
            Self::FinishWithExceptions => "finish_with_exceptions",
            Self::Withdraw => "withdraw",
        }
    }

    /// Reads the word again.
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|one| one.as_str() == text)
    }
}

impl Light {
    /// The word of commands.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Done => "done",
            Self::Green => "green",
            Self::Amber => "amber",
            Self::Red => "red",
        }
    }
}

#[cfg(test)]
mod tests;
