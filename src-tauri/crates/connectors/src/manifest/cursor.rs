//! How far a system was read, as the text that the store keeps.

use std::fmt;

/// How far a system was read. Moments are milliseconds since 1970.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct Cursor {
    /// Changes up to here were read; nothing where everything is listed each time.
    pub(super) since: Option<i64>,
    /// When everything was last listed.
    pub(super) full: i64,
}

impl Cursor {
    /// Understands a text; nothing for one of another kind.
    pub(super) fn parse(text: &str) -> Option<Self> {
        match text.split_once(':')? {
            ("full", full) => Some(Self { since: None, full: full.parse().ok()? }),
            ("since", moments) => {
                let (since, full) = moments.split_once('/')?;
                Some(Self { since: Some(since.parse().ok()?), full: full.parse().ok()? })
            }
            _ => None,
        }
    }
}

impl fmt::Display for Cursor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.since {
            Some(since) => write!(f, "since:{since}/{}", self.full),
            None => write!(f, "full:{}", self.full),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rstest::rstest;

    #[rstest]
    #[case::a_complete_list("full:1704067200000", true)]
    #[case::changes("since:1704067200000/1704000000000", true)]
    #[case::half("since:1704067200000", false)]
    #[case::somebody_elses("sync:2f7c", false)]
    #[case::nothing("", false)]
    fn a_cursor_comes_back_as_it_was_kept(#[case] text: &str, #[case] is_ours: bool) {
        let cursor = Cursor::parse(text);
        assert_eq!(cursor.is_some(), is_ours);
        assert!(cursor.is_none_or(|cursor| cursor.to_string() == text));
    }
}
