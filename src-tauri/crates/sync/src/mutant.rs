//! Safety rules that can be switched off, one at a time, in the simulator alone: what it
//! does not notice, it does not prove. Without the feature every rule always holds.

/// A safety rule that is broken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mutant {
    /// Two-way compare: what was agreed on is not looked at.
    NoBase,
    /// A conflict takes the other side.
    RemoteWins,
    /// A set is one value.
    TagsAsOneValue,
    /// What was agreed on is written before the remote has answered.
    BaseBeforeAnswer,
    /// What was sent is not kept until a read settles it.
    NoIntents,
    /// Writes ask for no version.
    NoIfMatch,
    /// The cursor is kept before its rows.
    CursorBeforeRows,
    /// A new record is made without looking whether it is there.
    CreateBlindly,
    /// A deletion beats an edit.
    DeleteBeatsEdit,
    /// A mass deletion is not asked about.
    NoBrake,
    /// A record that is not in a listing is deleted without reading it.
    AbsenceIsDeletion,
    /// A conflict is pushed while it waits.
    PushHeld,
    /// A field leaves that nobody approved.
    SendUnapproved,
    /// A remote that rewrites what it is given is taken for somebody who did.
    NoSpelling,
    /// What others changed while a plan was made is not looked at again.
    LooksTooFar,
    /// A planned write is sent although the person was erased since.
    SendsStale,
    /// Of an erased person the records stay.
    ErasesHereOnly,
    /// What is known of a shared remote is passed on before the contacts it is about.
    PartsBeforeContacts,
    /// A device that lost a shared remote goes on.
    LeaseUnfenced,
    /// What is sent to a shared remote is kept by the sender alone.
    SendsUntold,
    /// The team's database is told what it may not know.
    TellsTeamAll,
    /// What it may not know is empty for the next device.
    LeftOutIsEmpty,
    /// The team's database says that a contact is gone that was never met here, and it is
    /// not remembered.
    StrangersForgotten,
    /// Who takes over a shared remote goes on from the number of a write that was kept with how far
    /// it was read, though later ones were told.
    NumbersAgain,
    /// A copy of a workspace believes that nobody served a shared remote since.
    RestoredIsAlone,
}

impl Mutant {
    /// All of them.
    pub const ALL: [Self; 25] = [
        Self::NoBase,
        Self::RemoteWins,
        Self::TagsAsOneValue,
        Self::BaseBeforeAnswer,
        Self::NoIntents,
        Self::NoIfMatch,
        Self::CursorBeforeRows,
        Self::CreateBlindly,
        Self::DeleteBeatsEdit,
        Self::NoBrake,
        Self::AbsenceIsDeletion,
        Self::PushHeld,
        Self::SendUnapproved,
        Self::NoSpelling,
        Self::LooksTooFar,
        Self::SendsStale,
        Self::ErasesHereOnly,
        Self::PartsBeforeContacts,
        Self::LeaseUnfenced,
        Self::SendsUntold,
        Self::TellsTeamAll,
        Self::LeftOutIsEmpty,
        Self::StrangersForgotten,
        Self::NumbersAgain,
        Self::RestoredIsAlone,
    ];
}

#[cfg(feature = "mutants")]
mod chosen {
    use super::Mutant;
    use std::cell::Cell;

    thread_local!(static CHOSEN: Cell<Option<Mutant>> = const { Cell::new(None) });
    thread_local!(static CUT: Cell<bool> = const { Cell::new(false) });

    /// The power goes out within the next step, if that is of two parts.
    pub fn cut(is: bool) {
        CUT.set(is);
    }

    /// Whether it does.
    pub fn is_cut() -> bool {
        CUT.get()
    }

    /// Breaks a rule on this thread, or none.
    pub fn choose(mutant: Option<Mutant>) {
        CHOSEN.set(mutant);
    }

    /// Whether this rule is broken.
    pub fn is(mutant: Mutant) -> bool {
        CHOSEN.get() == Some(mutant)
    }
}

#[cfg(feature = "mutants")]
pub use chosen::{choose, cut, is, is_cut};

/// Whether this rule is broken; never.
#[cfg(not(feature = "mutants"))]
pub const fn is(_: Mutant) -> bool {
    false
}

/// Whether the power goes out within a step; never.
#[cfg(not(feature = "mutants"))]
pub const fn is_cut() -> bool {
    false
}
