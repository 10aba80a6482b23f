//! What went wrong, by the codes that every PostgreSQL has (SQLSTATE): whether it may have
//! happened, whether it is about one row, and what is to be done.

use cardfile_sync::run::Failure;
use std::{error::Error as _, io};
use tokio_postgres::error::Severity;

/// Characters of an answer that a person is shown.
const WORDS: usize = 300;
/// Of our own tables: who asks is not a member of the workspace.
const NOT_A_MEMBER: &str = "CF001";

/// What went wrong with a statement.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Fault {
    /// The server says no.
    Said {
        /// In five letters.
        code: String,
        /// In its own words, without the values it was given.
        words: String,
        /// It hung up as well.
        is_last: bool,
    },
    /// Nothing was heard any more.
    Lost(String),
    /// There is nobody we could talk to.
    Failed(Failure),
}

impl Fault {
    /// Whether the connection is of no use any more.
    pub(super) fn is_lost(&self) -> bool {
        match self {
            Self::Said { is_last, .. } => *is_last,
            Self::Lost(_) => true,
            Self::Failed(_) => false,
        }
    }

    /// Whether a transaction that was to be committed certainly was not.
    pub(super) fn is_certain(&self) -> bool {
        match self {
            // Nobody knows: the answer of a distributed database that lost a node.
            Self::Said { code, .. } if matches!(code.as_str(), "40003" | "08007") => false,
            Self::Said { is_last, .. } => !is_last,
            Self::Lost(_) => false,
            Self::Failed(_) => true,
        }
    }

    /// Whether it is about a row that was to be written: others may be taken.
    pub(super) fn is_about_a_row(&self) -> bool {
        match self {
            Self::Said { code, .. } => {
                code == "42501" || ["22", "23", "44", "54", "P0"].iter().any(|class| code.starts_with(class))
            }
            Self::Lost(_) | Self::Failed(_) => false,
        }
    }

    /// The code, where the server said one.
    pub(super) fn code(&self) -> &str {
        match self {
            Self::Said { code, .. } => code,
            Self::Lost(_) | Self::Failed(_) => "",
        }
    }

    /// For a person.
    pub(super) fn into_words(self) -> String {
        match self {
            Self::Said { words, .. } | Self::Lost(words) => words,
            Self::Failed(Failure::Refused(words) | Failure::Unreachable(words)) => words,
            Self::Failed(Failure::Busy { .. } | Failure::SignInNeeded) => String::new(),
        }
    }
}

impl From<tokio_postgres::Error> for Fault {
    fn from(error: tokio_postgres::Error) -> Self {
        if let Some(said) = error.as_db_error() {
            // Its details have values in them, which are nobody's business.
            return Self::Said {
                code: said.code().code().to_owned(),
                words: shortened(said.message()),
                is_last: matches!(said.parsed_severity(), Some(Severity::Fatal | Severity::Panic)),
            };
        }
        let Some(cause) = error.source() else { return Self::Lost(error.to_string()) };
        match cause.downcast_ref::<io::Error>() {
            // A certificate that nobody vouches for stays one.
            Some(cause) if cause.get_ref().is_some_and(|inner| inner.is::<rustls::Error>()) => {
                Self::Failed(Failure::Refused(shortened(&cause.to_string())))
            }
            Some(cause) => Self::Lost(shortened(&cause.to_string())),
            None if cause.to_string() == "password missing" => Self::Failed(Failure::SignInNeeded),
            None => Self::Failed(Failure::Refused(shortened(&format!("{error}: {cause}")))),
        }
    }
}

impl From<Fault> for Failure {
    fn from(fault: Fault) -> Self {
        let (code, words) = match fault {
            Fault::Said { code, words, .. } => (code, words),
            Fault::Lost(words) => return Self::Unreachable(words),
            Fault::Failed(failure) => return failure,
        };
        match code.as_str() {
            // Somebody else holds what is needed, or it is full: another time.
            "53300" | "55P03" | "57014" | "57P03" | "40001" | "40P01" => Self::Busy { after_ms: None },
            NOT_A_MEMBER => Self::Refused(words),
            code if code.starts_with("28") => Self::SignInNeeded,
            // It stops, or is ill.
            code if ["08", "53", "57", "58", "XX", "25P"].iter().any(|class| code.starts_with(class)) => {
                Self::Unreachable(words)
            }
            _ => Self::Refused(words),
        }
    }
}

fn shortened(words: &str) -> String {
    words.split_whitespace().collect::<Vec<_>>().join(" ").chars().take(WORDS).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use rstest::rstest;

    fn said(code: &str) -> Fault {
        Fault::Said { code: code.into(), words: "why".into(), is_last: false }
    }

    fn refused() -> Failure {
        Failure::Refused("why".into())
    }

    fn unreachable() -> Failure {
        Failure::Unreachable("why".into())
    }

    const BUSY: Failure = Failure::Busy { after_ms: None };

    #[rstest]
    #[case::wrong_password("28P01", Failure::SignInNeeded)]
    #[case::nobody_by_that_name("28000", Failure::SignInNeeded)]
    #[case::full("53300", BUSY)]
    #[case::starting("57P03", BUSY)]
    #[case::a_row_is_held("55P03", BUSY)]
    #[case::each_waits_for_the_other("40P01", BUSY)]
    #[case::to_be_tried_again("40001", BUSY)]
    #[case::took_too_long("57014", BUSY)]
    #[case::stopping("57P01", unreachable())]
    #[case::sat_idle_for_too_long("57P05", unreachable())]
    #[case::no_room("53100", unreachable())]
    #[case::ill("XX000", unreachable())]
    #[case::hung_up("08006", unreachable())]
    #[case::only_reads("25006", refused())]
    #[case::no_such_database("3D000", refused())]
    #[case::not_allowed("42501", refused())]
    #[case::not_a_member("CF001", refused())]
    #[case::another_version("42703", refused())]
    fn a_code_says_what_is_to_be_done(#[case] code: &str, #[case] expected: Failure) {
        assert_eq!(Failure::from(said(code)), expected);
    }

    #[rstest]
    #[case::a_rule_of_the_table("23514", true)]
    #[case::not_to_be_written_by_us("42501", true)]
    #[case::a_rule_of_theirs("P0001", true)]
    #[case::no_text("22021", true)]
    #[case::too_large("54000", true)]
    #[case::not_a_member("CF001", false)]
    #[case::each_waits_for_the_other("40P01", false)]
    #[case::no_such_table("42P01", false)]
    fn one_row_may_spoil_the_others(#[case] code: &str, #[case] expected: bool) {
        assert_eq!(said(code).is_about_a_row(), expected);
        assert!(!Fault::Lost("why".into()).is_about_a_row());
    }

    #[rstest]
    #[case::taken_back(said("40001"), true)]
    #[case::against_a_rule(said("23505"), true)]
    #[case::nobody_knows(said("40003"), false)]
    #[case::hung_up(Fault::Said { code: "57P01".into(), words: String::new(), is_last: true }, false)]
    #[case::lost(Fault::Lost(String::new()), false)]
    fn only_a_clear_no_means_that_nothing_was_committed(#[case] fault: Fault, #[case] expected: bool) {
        assert_eq!(fault.is_certain(), expected);
    }

    #[test]
    fn nobody_reads_a_whole_page_of_words() {
        assert_eq!(shortened(&"a  b\n".repeat(1_000)).chars().count(), WORDS);
    }
}
