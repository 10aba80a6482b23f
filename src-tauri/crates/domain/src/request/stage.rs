//! The stages of a request, from who asks to the answer, and what each right asks for.

use super::{Request, Right, State};

/// A part of the work on a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Stage {
    /// Who asks.
    Identity,
    /// Which cards are theirs.
    Subject,
    /// What there is, and the decision.
    Review,
    /// What is done.
    Deed,
    /// What the person is told.
    Answer,
}

impl Stage {
    /// The word of commands.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Identity => "identity",
            Self::Subject => "subject",
            Self::Review => "review",
            Self::Deed => "deed",
            Self::Answer => "answer",
        }
    }
}

impl Right {
    /// What a request goes through. A restriction and an objection hold when they are approved:
    /// there is nothing else to do.
    pub fn stages(self) -> Vec<Stage> {
        let has_deed = !matches!(self, Self::Restriction | Self::Objection);
        let all = [Stage::Identity, Stage::Subject, Stage::Review, Stage::Deed, Stage::Answer];
        all.into_iter().filter(|stage| has_deed || *stage != Stage::Deed).collect()
    }

    /// Whether the register has to say what came of it: an erasure, or the hash of an answer.
    pub fn needs_outcome(self) -> bool {
        self == Self::Erasure || self.is_answered()
    }
}

impl Request {
    /// Whether its cards can still be chosen. An answer is built from what is chosen then.
    pub fn may_choose(&self) -> bool {
        match self.state {
            State::Received | State::IdentityOk => self.right != Right::Rectification,
            State::Approved => self.right.is_answered(),
            State::Refused | State::Done | State::DoneWithExceptions | State::Withdrawn => false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rstest::rstest;

    #[rstest]
    #[case::it_is_looked_for(Right::Erasure, State::Received, true)]
    #[case::it_is_frozen(Right::Erasure, State::Approved, false)]
    #[case::an_answer_is_built(Right::Access, State::Approved, true)]
    #[case::it_is_closed(Right::Access, State::Done, false)]
    #[case::one_card_is_corrected(Right::Rectification, State::Received, false)]
    fn cards_are_chosen_until_they_are_frozen(#[case] right: Right, #[case] state: State, #[case] may: bool) {
        assert_eq!(Request { right, state, ..Request::default() }.may_choose(), may);
    }

    #[test]
    fn what_holds_once_it_is_approved_has_no_deed() {
        for right in Right::ALL {
            let has_deed = right.stages().contains(&Stage::Deed);
            assert_eq!(has_deed, !matches!(right, Right::Restriction | Right::Objection), "{right:?}");
        }
    }
}
