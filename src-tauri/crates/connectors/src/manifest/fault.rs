//! What is wrong with a manifest, and where.

use std::fmt;
use toml::de::{DeTable, DeValue};

/// Something that is wrong with a manifest.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fault {
    /// Counted from 1.
    pub line: usize,
    /// Counted from 1.
    pub column: usize,
    /// `ops.list.path`; empty where the text is no TOML.
    pub path: String,
    /// What, and perhaps how it would be right.
    pub message: String,
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "line {}, column {}: ", self.line, self.column)?;
        if !self.path.is_empty() {
            write!(f, "{}: ", self.path)?;
        }
        f.write_str(&self.message)
    }
}

impl std::error::Error for Fault {}

impl Fault {
    /// What the reader of TOML found.
    pub(super) fn of_reader(text: &str, error: &toml::de::Error) -> Self {
        let (line, column) = place(text, error.span().map_or(0, |span| span.start));
        Self { line, column, path: String::new(), message: error.message().to_owned() }
    }

    /// At a path like `ops.list.path` or `field[2].remote`; where that is not written, at what
    /// would hold it.
    pub(super) fn at(text: &str, path: &str, message: impl Into<String>) -> Self {
        let (line, column) = place(text, offset(text, path).unwrap_or(0));
        Self { line, column, path: path.to_owned(), message: message.into() }
    }
}

/// The line and the column of a byte.
fn place(text: &str, at: usize) -> (usize, usize) {
    let before = text.get(..at).unwrap_or(text);
    let line = before.matches('\n').count() + 1;
    let column = before.rsplit('\n').next().map_or(0, |line| line.chars().count()) + 1;
    (line, column)
}

/// Where something is written.
fn offset(text: &str, path: &str) -> Option<usize> {
    let table = DeTable::parse(text).ok()?;
    let mut found = None;
    let mut here = Here::Table(table.get_ref());
    for step in path.split(['.', '[']).map(|step| step.trim_end_matches(']')) {
        let value = match here {
            Here::Table(table) => {
                let (key, value) = table.iter().find(|(key, _)| **key.get_ref() == *step)?;
                // A table that is written in pieces begins at its key.
                found = Some(key.span().start);
                value
            }
            Here::Value(DeValue::Table(table)) => {
                let Some((key, value)) = table.iter().find(|(key, _)| **key.get_ref() == *step) else {
                    return found;
                };
                found = Some(key.span().start);
                value
            }
            Here::Value(DeValue::Array(all)) => {
                let Some(value) = step.parse().ok().and_then(|at: usize| all.get(at)) else { return found };
                found = Some(value.span().start);
                value
            }
            Here::Value(_) => return found,
        };
        here = Here::Value(value.get_ref());
    }
    found
}

#[derive(Clone, Copy)]
enum Here<'t> {
    Table(&'t DeTable<'t>),
    Value(&'t DeValue<'t>),
}

#[cfg(test)]
mod tests {
    use super::*;
    use rstest::rstest;

    const TEXT: &str = "format = \"x\"\n[ops.list]\nmethod = \"GET\"\npath = \"v1\"\n[[field]]\nlocal = \"a\"\n[[field]]\n  local = \"b\"\n";

    #[rstest]
    #[case::a_key("format", 1, 1)]
    #[case::in_a_table("ops.list.path", 4, 1)]
    #[case::in_the_second_of_several("field[1].local", 8, 3)]
    #[case::what_is_not_written_at_what_would_hold_it("ops.list.body", 2, 6)]
    fn a_fault_says_where_it_is(#[case] path: &str, #[case] line: usize, #[case] column: usize) {
        let fault = Fault::at(TEXT, path, "why");
        assert_eq!((fault.line, fault.column), (line, column));
        assert_eq!(fault.to_string(), format!("line {line}, column {column}: {path}: why"));
    }

    #[test]
    fn columns_are_counted_in_characters() {
        assert_eq!(place("año = 1 x", "año = 1 ".len()), (1, 9));
    }
}
