//! Texts in which `{…}` stands for a value: paths, and names of headers and parameters.

use super::given::{Given, Source};

/// A text with values in it.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) struct Template(Vec<Piece>);

#[derive(Debug, Clone, PartialEq, Eq)]
enum Piece {
    Text(String),
    Value(Source),
}

impl Template {
    /// Understands the text; else says why not.
    pub(super) fn parse(text: &str) -> Result<Self, String> {
        let (mut pieces, mut rest) = (Vec::new(), text);
        while let Some(at) = rest.find(['{', '}']) {
            let (before, from) = rest.split_at(at);
            let inner = from.strip_prefix('{').and_then(|inner| inner.split_once('}'));
            let Some((word, after)) = inner else { return Err(format!("a brace is alone in {text:?}")) };
            if !before.is_empty() {
                pieces.push(Piece::Text(before.to_owned()));
            }
            pieces.push(Piece::Value(Source::parse(word)?));
            rest = after;
        }
        if !rest.is_empty() {
            pieces.push(Piece::Text(rest.to_owned()));
        }
        Ok(Self(pieces))
    }

    /// What stands in braces.
    pub(super) fn sources(&self) -> impl Iterator<Item = &Source> {
        self.0.iter().filter_map(|piece| match piece {
            Piece::Value(source) => Some(source),
            Piece::Text(_) => None,
        })
    }

    /// The texts between the braces.
    pub(super) fn texts(&self) -> impl Iterator<Item = &str> {
        self.0.iter().filter_map(|piece| match piece {
            Piece::Text(text) => Some(text.as_str()),
            Piece::Value(_) => None,
        })
    }

    /// The text, each value put in by `put`; nothing where one is missing.
    pub(super) fn fill(&self, given: &Given<'_>, put: impl Fn(&Source, &str) -> Option<String>) -> Option<String> {
        let mut text = String::new();
        for piece in &self.0 {
            match piece {
                Piece::Text(fixed) => text.push_str(fixed),
                Piece::Value(source) => text.push_str(&put(source, &given.text(source)?)?),
            }
        }
        Some(text)
    }

    /// The text with its values as they are.
    pub(super) fn plain(&self, given: &Given<'_>) -> Option<String> {
        self.fill(given, |_, value| Some(value.to_owned()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rstest::rstest;

    #[test]
    fn values_stand_where_the_braces_were() {
        let template = Template::parse("v1/contacts/{remote_id}/x").expect("a template");
        let given = Given { remote_id: "7", ..Given::default() };
        assert_eq!(template.plain(&given).as_deref(), Some("v1/contacts/7/x"));
        assert_eq!(template.plain(&Given::default()), None, "without the value there is no text");
    }

    #[rstest]
    #[case::open("a/{remote_id")]
    #[case::closed("a/remote_id}")]
    #[case::unknown("a/{password}")]
    #[case::nested("a/{{remote_id}}")]
    fn other_braces_are_refused(#[case] text: &str) {
        assert!(Template::parse(text).is_err());
    }
}
