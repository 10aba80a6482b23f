//! A sentence for the window: the template, which its catalogues know, and what stands in it.

use cardfile_domain::{Sentence, sentence::Argument};
use serde::{Serialize, Serializer};
use std::collections::BTreeMap;
use ts_rs::TS;

/// A sentence in any language: the window writes it out in its own.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, TS)]
pub struct Said {
    /// An ICU message, in English; the key of the catalogues.
    template: &'static str,
    /// What stands in it, by name.
    arguments: BTreeMap<&'static str, SaidArgument>,
}

/// What stands in a sentence.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, TS)]
#[serde(untagged)]
pub(crate) enum SaidArgument {
    /// The same in every language.
    Text(String),
    /// An amount.
    Number(#[ts(type = "number")] u64),
    /// A part with its own template.
    Said(Said),
}

impl From<&Sentence> for Said {
    fn from(sentence: &Sentence) -> Self {
        let argument = |argument: &Argument| match argument {
            Argument::Text(text) => SaidArgument::Text(text.clone()),
            Argument::Number(number) => SaidArgument::Number(*number),
            Argument::Sentence(part) => SaidArgument::Said(part.into()),
        };
        Self {
            template: sentence.template(),
            arguments: sentence.arguments().iter().map(|(name, one)| (*name, argument(one))).collect(),
        }
    }
}

impl From<Sentence> for Said {
    fn from(sentence: Sentence) -> Self {
        (&sentence).into()
    }
}

/// Writes a sentence for the window.
pub(crate) fn serialize<S: Serializer>(sentence: &Sentence, serializer: S) -> Result<S::Ok, S::Error> {
    Said::from(sentence).serialize(serializer)
}

/// The same for one that may be missing.
pub(crate) fn serialize_if_any<S: Serializer>(sentence: &Option<Sentence>, serializer: S) -> Result<S::Ok, S::Error> {
    sentence.as_ref().map(Said::from).serialize(serializer)
}
