//! The life of an erasure, and of what each recipient of the person's data is told. What
//! comes before it, from the request to the decision, is the matter of the register.

use crate::time::Millis;

/// Where an erasure stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum State {
    /// Deleted, and somebody still reads old pages of the file: to be finished.
    Pending,
    /// Nothing is left here, and nobody was told yet.
    LocalDone,
    /// Recipients are being told.
    Propagating,
    /// Nothing is left anywhere, as far as anybody can know.
    Done,
    /// The same, but for what the receipt names.
    DoneWithExceptions,
}

/// Where one recipient stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum DeliveryState {
    /// To be told, or told and not believed yet.
    Queued,
    /// The record is gone; it is looked for once more after a day.
    Acked,
    /// It was still gone then; or whoever cannot be asked said that they took it.
    Confirmed,
    /// A person has to write a letter.
    Manual,
    /// They did.
    Told,
}

/// What came of an attempt, when it was not what was wanted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum Code {
    /// Nothing is wrong.
    #[default]
    Fine,
    /// Nobody answered.
    Unreachable,
    /// The recipient asks to wait, or a run of the connection is under way.
    Busy,
    /// It asks to sign in again.
    SignIn,
    /// It says no.
    Refused,
    /// It said that the record is deleted, and the record is there.
    StillThere,
    /// A person has turned the connection off.
    Off,
    /// Behind the address is another store than before.
    OtherStore,
    /// There is no such connection any more.
    Removed,
    /// There is no connection to this system.
    NotConnected,
    /// By what the recipient knows the person cannot be read any more.
    Unreadable,
    /// The record is part of another one there, which may be somebody else's.
    Joined,
}

macro_rules! words {
    ($name:ident: $($variant:ident = $word:literal),+ $(,)?) => {
        impl $name {
            const ALL: &[(Self, &'static str)] = &[ $( (Self::$variant, $word) ),+ ];

            /// The word that is stored.
            pub fn as_str(self) -> &'static str {
                Self::ALL.iter().find(|(one, _)| *one == self).map_or("", |(_, word)| word)
            }

            /// From the word that is stored.
            pub fn parse(text: &str) -> Option<Self> {
                Self::ALL.iter().find(|(_, word)| *word == text).map(|(one, _)| *one)
            }
        }
    };
}

words! { State:
    Pending = "pending", LocalDone = "local_done", Propagating = "propagating", Done = "done",
    DoneWithExceptions = "done_with_exceptions",
}
words! { DeliveryState:
    Queued = "queued", Acked = "acked", Confirmed = "confirmed", Manual = "manual", Told = "told",
}
words! { Code:
    Fine = "", Unreachable = "unreachable", Busy = "busy", SignIn = "sign_in", Refused = "refused",
    StillThere = "still_there", Off = "off", OtherStore = "other_store", Removed = "removed",
    NotConnected = "not_connected", Unreadable = "unreadable", Joined = "joined",
}

/// Where telling one recipient stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Standing {
    /// Its state.
    pub state: DeliveryState,
    /// What came of the last attempt.
    pub code: Code,
    /// The record was there again after it had gone.
    pub came_back: bool,
    /// Attempts in this state.
    pub attempts: u32,
    /// When the next one is due.
    pub next_at: Option<Millis>,
    /// Since when it is tried.
    pub since: Millis,
    /// When the record was gone.
    pub acked_at: Option<Millis>,
}

/// What an attempt found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Attempt {
    /// The record was looked for and is not there.
    Gone,
    /// They said that they took it, and cannot be asked.
    Taken,
    /// It is there.
    StillThere,
    /// Nobody knows.
    Failed(Code),
    /// Nobody can be asked any more.
    Lost,
    /// What to ask for cannot be read.
    Unreadable,
    /// It is part of another record, which is not deleted in this person's name.
    Joined,
}

const MINUTE: i64 = 60_000;
/// Days after which a letter is written.
pub const PATIENCE_DAYS: i64 = 30;

impl Code {
    /// Whether it is so for all that this recipient is to be told now.
    pub fn is_of_recipient(self) -> bool {
        match self {
            Self::Unreachable | Self::Busy | Self::SignIn | Self::Off | Self::OtherStore => true,
            Self::Fine
            | Self::Refused
            | Self::StillThere
            | Self::Removed
            | Self::NotConnected
            | Self::Unreadable
            | Self::Joined => false,
        }
    }
}

impl Standing {
    /// A recipient that is to be told at once.
    pub fn queued(now: Millis) -> Self {
        Self {
            state: DeliveryState::Queued,
            code: Code::Fine,
            came_back: false,
            attempts: 0,
            next_at: Some(now),
            since: now,
            acked_at: None,
        }
    }

    /// One that only a letter reaches.
    pub fn manual(now: Millis, code: Code) -> Self {
        Self { state: DeliveryState::Manual, code, next_at: None, ..Self::queued(now) }
    }

    /// After an attempt. `jitter` is any number: it keeps many from trying at one moment.
    pub fn after(self, attempt: Attempt, now: Millis, jitter: u8) -> Self {
        use DeliveryState as S;
        match (self.state, attempt) {
            (S::Confirmed | S::Manual | S::Told, _) => self,
            (S::Queued | S::Acked, Attempt::Lost) => {
                Self { state: S::Manual, code: Code::Removed, next_at: None, ..self }
            }
            (S::Queued | S::Acked, Attempt::Unreadable) => {
                Self { state: S::Manual, code: Code::Unreadable, next_at: None, ..self }
            }
            // Asking again would change nothing: what belongs to whom only they can say.
            (S::Queued | S::Acked, Attempt::Joined) => {
                Self { state: S::Manual, code: Code::Joined, next_at: None, ..self }
            }
            (S::Queued, Attempt::Gone) => Self {
                state: S::Acked,
                code: Code::Fine,
                attempts: 0,
                next_at: Some(Millis(now.0 + Millis::DAY)),
                acked_at: Some(now),
                ..self
            },
            (S::Acked, Attempt::Gone) => Self { state: S::Confirmed, code: Code::Fine, next_at: None, ..self },
            (S::Queued | S::Acked, Attempt::Taken) => {
                let acked_at = Some(self.acked_at.unwrap_or(now));
                Self { state: S::Confirmed, code: Code::Fine, next_at: None, acked_at, ..self }
            }
            // Somebody made it again, or it never went: from the beginning, and not in silence.
            (S::Acked, Attempt::StillThere) => Self { came_back: true, code: Code::StillThere, ..Self::queued(now) },
            (S::Queued, Attempt::StillThere) => self.again(Code::StillThere, now, jitter),
            (S::Queued | S::Acked, Attempt::Failed(code)) => self.again(code, now, jitter),
        }
    }

    fn again(self, code: Code, now: Millis, jitter: u8) -> Self {
        let since = self.acked_at.unwrap_or(self.since);
        if now.0 - since.0 >= PATIENCE_DAYS * Millis::DAY {
            return Self { state: DeliveryState::Manual, code, next_at: None, ..self };
        }
        let pause = (MINUTE << self.attempts.min(11)).min(Millis::DAY);
        // Up to a fifth earlier.
        let pause = pause - pause / 5 * i64::from(jitter) / 255;
        Self { code, attempts: self.attempts + 1, next_at: Some(Millis(now.0 + pause)), ..self }
    }
}

/// Where an erasure stands, once what is here is done or not.
pub fn state_of(is_done_here: bool, has_exceptions: bool, recipients: &[Standing]) -> State {
    use DeliveryState as S;
    let is_open = |one: &Standing| matches!(one.state, S::Queued | S::Acked);
    let is_untold = |one: &Standing| one.state == S::Queued && one.attempts == 0 && !one.came_back;
    if !is_done_here {
        State::Pending
    } else if recipients.iter().any(is_open) {
        let nobody_was_told = recipients.iter().filter(|one| is_open(one)).all(is_untold)
            && recipients.iter().all(|one| one.acked_at.is_none());
        if nobody_was_told { State::LocalDone } else { State::Propagating }
    } else if has_exceptions || recipients.iter().any(|one| one.state == S::Manual) {
        State::DoneWithExceptions
    } else {
        State::Done
    }
}

#[cfg(test)]
mod tests {
    use super::{
        DeliveryState::{Acked, Confirmed, Manual, Queued, Told},
        *,
    };
    use rstest::rstest;

    const NOW: Millis = Millis(100 * Millis::DAY);

    fn standing(state: DeliveryState, days_ago: i64) -> Standing {
        let since = Millis(NOW.0 - days_ago * Millis::DAY);
        let acked_at = (state == Acked).then_some(since);
        Standing { state, acked_at, ..Standing::queued(since) }
    }

    #[rstest]
    #[case::told_and_gone(Queued, 0, Attempt::Gone, Acked, Some(Millis::DAY))]
    #[case::still_gone_after_a_day(Acked, 1, Attempt::Gone, Confirmed, None)]
    #[case::said_yes_and_did_nothing(Queued, 0, Attempt::StillThere, Queued, Some(MINUTE))]
    #[case::said_yes_and_cannot_be_asked(Queued, 2, Attempt::Taken, Confirmed, None)]
    #[case::came_back(Acked, 1, Attempt::StillThere, Queued, Some(0))]
    #[case::no_answer(Queued, 3, Attempt::Failed(Code::Unreachable), Queued, Some(MINUTE))]
    #[case::no_answer_for_thirty_days(Queued, 30, Attempt::Failed(Code::Unreachable), Manual, None)]
    #[case::still_there_after_thirty_days(Queued, 31, Attempt::StillThere, Manual, None)]
    #[case::nobody_to_ask(Queued, 0, Attempt::Lost, Manual, None)]
    #[case::nobody_knows_what_to_ask_for(Acked, 1, Attempt::Unreadable, Manual, None)]
    #[case::part_of_another_record(Queued, 0, Attempt::Joined, Manual, None)]
    #[case::part_of_another_record_a_day_later(Acked, 1, Attempt::Joined, Manual, None)]
    #[case::a_letter_was_written(Told, 40, Attempt::StillThere, Told, Some(-40 * Millis::DAY))]
    fn one_attempt(
        #[case] state: DeliveryState,
        #[case] days_ago: i64,
        #[case] attempt: Attempt,
        #[case] then: DeliveryState,
        #[case] next_in: Option<i64>,
    ) {
        let after = standing(state, days_ago).after(attempt, NOW, 0);
        assert_eq!((after.state, after.next_at.map(|at| at.0 - NOW.0)), (then, next_in));
        assert_eq!(after.came_back, state == Acked && attempt == Attempt::StillThere);
    }

    #[test]
    fn attempts_come_later_and_later_and_at_least_daily() {
        let mut one = Standing::queued(Millis(0));
        let mut pauses = Vec::new();
        for _ in 0..14 {
            let now = one.next_at.expect("it goes on");
            one = one.after(Attempt::Failed(Code::Busy), now, 0);
            pauses.push((one.next_at.expect("it goes on").0 - now.0) / MINUTE);
        }
        assert_eq!(pauses, [1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 1024, 1440, 1440, 1440]);
        let early = Standing::queued(Millis(0)).after(Attempt::Failed(Code::Busy), Millis(0), 255);
        assert_eq!(early.next_at, Some(Millis(48_000)));
    }

    #[rstest]
    #[case::reader_in_the_way(false, false, &[], State::Pending)]
    #[case::nobody_has_it(true, false, &[], State::Done)]
    #[case::nobody_was_told(true, false, &[Queued], State::LocalDone)]
    #[case::some_were_told(true, false, &[Queued, Acked], State::Propagating)]
    #[case::all_confirmed(true, false, &[Confirmed, Told], State::Done)]
    #[case::a_letter_is_due(true, false, &[Confirmed, Manual], State::DoneWithExceptions)]
    #[case::something_stays(true, true, &[Confirmed], State::DoneWithExceptions)]
    fn where_an_erasure_stands(
        #[case] is_done_here: bool,
        #[case] has_exceptions: bool,
        #[case] recipients: &[DeliveryState],
        #[case] expected: State,
    ) {
        let recipients: Vec<Standing> = recipients.iter().map(|state| standing(*state, 0)).collect();
        assert_eq!(state_of(is_done_here, has_exceptions, &recipients), expected);
    }

    #[test]
    fn every_word_is_read_as_it_is_written() {
        for (state, word) in State::ALL {
            assert_eq!((state.as_str(), State::parse(word)), (*word, Some(*state)));
        }
        for (state, word) in DeliveryState::ALL {
            assert_eq!((state.as_str(), DeliveryState::parse(word)), (*word, Some(*state)));
        }
        for (code, word) in Code::ALL {
            assert_eq!((code.as_str(), Code::parse(word)), (*word, Some(*code)));
        }
    }
}
