//! What the program says: a template of the catalogue and what stands in it. Written out
//! it is English; the window looks the template up in the catalogue of its language.
//! Words are never joined outside a template, because languages order them differently;
//! a part with a template of its own stands in the other's place for it.
//!
//! Templates are ICU messages of two kinds only: `{name}`, and
//! `{name, plural, one {# card} other {# cards}}`.

use serde::{Serialize, Serializer};
use std::{borrow::Cow, fmt};

/// A sentence, or a part of one that has its own template.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Sentence {
    template: &'static str,
    arguments: Vec<(&'static str, Argument)>,
}

/// What stands in a template.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Argument {
    /// Words of a person or of another program; the same in every language.
    Text(String),
    /// An amount.
    Number(u64),
    /// A part with its own template.
    Sentence(Sentence),
}

/// A sentence of a template and what stands in it: `say!("{name} is in the bin", name)`.
///
/// The literal is what the catalogues are made from.
#[macro_export]
macro_rules! say {
    ($template:literal) => { $crate::Sentence::new($template, Vec::new()) };
    ($template:literal, $($name:ident $(= $value:expr)?),+ $(,)?) => {
        $crate::Sentence::new($template, vec![ $( (stringify!($name), $crate::say!(@ $name $(= $value)?)) ),+ ])
    };
    (@ $name:ident) => { $crate::sentence::Speakable::argument(&$name) };
    (@ $name:ident = $value:expr) => { $crate::sentence::Speakable::argument(&$value) };
}

impl Sentence {
    /// For [`say!`], which names what the template names.
    pub fn new(template: &'static str, arguments: Vec<(&'static str, Argument)>) -> Self {
        Self { template, arguments }
    }

    /// Words of another program, such as the operating system: no catalogue has them.
    pub fn verbatim(words: impl fmt::Display) -> Self {
        Self::new("{words}", vec![("words", Argument::Text(words.to_string()))])
    }

    /// Several as one, two by two, so that a thousand of them nest ten deep.
    pub fn joined(mut all: Vec<Self>, two: impl Fn(Self, Self) -> Self) -> Option<Self> {
        while all.len() > 1 {
            let mut pairs = all.into_iter();
            let mut half = Vec::new();
            while let Some(left) = pairs.next() {
                half.push(match pairs.next() {
                    Some(right) => two(left, right),
                    None => left,
                });
            }
            all = half;
        }
        all.pop()
    }

    /// The key of the catalogues.
    pub fn template(&self) -> &'static str {
        self.template
    }

    /// What stands in it, by name.
    pub fn arguments(&self) -> &[(&'static str, Argument)] {
        &self.arguments
    }

    /// Writes a template with `amount` for `#`.
    fn write(&self, f: &mut fmt::Formatter<'_>, template: &str, amount: Option<u64>) -> fmt::Result {
        let mut rest = template;
        while let Some(at) = rest.find(['{', '#']) {
            f.write_str(&rest[..at])?;
            if rest[at..].starts_with('#') {
                match amount {
                    Some(amount) => write!(f, "{amount}")?,
                    None => f.write_str("#")?,
                }
                rest = &rest[at + 1..];
                continue;
            }
            let end = at + closing(&rest[at..]);
            let inner = &rest[at + 1..end - 1];
            let (name, plural) = inner.split_once(',').map_or((inner, None), |(name, rest)| (name, Some(rest)));
            let argument = self.arguments.iter().find(|(known, _)| *known == name).map(|(_, argument)| argument);
            match (argument, plural) {
                (Some(Argument::Number(number)), Some(forms)) => {
                    self.write(f, form(forms, if *number == 1 { "one" } else { "other" }), Some(*number))?;
                }
                (Some(Argument::Text(text)), _) => f.write_str(text)?,
                (Some(Argument::Number(number)), None) => write!(f, "{number}")?,
                (Some(Argument::Sentence(part)), _) => fmt::Display::fmt(part, f)?,
                // A template that names what is not given shows it.
                (None, _) => write!(f, "{{{name}}}")?,
            }
            rest = &rest[end..];
        }
        f.write_str(rest)
    }
}

/// Where the brace that `text` begins with is closed, behind it.
fn closing(text: &str) -> usize {
    let mut depth = 0usize;
    for (at, c) in text.char_indices() {
        match c {
            '{' => depth += 1,
            '}' if depth == 1 => return at + 1,
            '}' => depth -= 1,
            _ => {}
        }
    }
    text.len()
}

/// The text of one form of `plural, one {…} other {…}`.
fn form<'t>(forms: &'t str, wanted: &str) -> &'t str {
    let Some(at) = forms.find(&format!(" {wanted} {{")).map(|at| at + wanted.len() + 2) else { return "" };
    &forms[at + 1..at + closing(&forms[at..]) - 1]
}

/// In English.
impl fmt::Display for Sentence {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.write(f, self.template, None)
    }
}

/// As it is written out: for scripts and files, which have no language.
impl Serialize for Sentence {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

/// What can stand in a sentence.
pub trait Speakable {
    /// As an argument.
    fn argument(&self) -> Argument;
}

impl<T: Speakable + ?Sized> Speakable for &T {
    fn argument(&self) -> Argument {
        (**self).argument()
    }
}

impl Speakable for str {
    fn argument(&self) -> Argument {
        Argument::Text(self.to_owned())
    }
}

impl Speakable for String {
    fn argument(&self) -> Argument {
        Argument::Text(self.clone())
    }
}

impl Speakable for Cow<'_, str> {
    fn argument(&self) -> Argument {
        Argument::Text(self.clone().into_owned())
    }
}

impl Speakable for Sentence {
    fn argument(&self) -> Argument {
        Argument::Sentence(self.clone())
    }
}

impl Speakable for std::path::PathBuf {
    fn argument(&self) -> Argument {
        Argument::Text(self.display().to_string())
    }
}

impl Speakable for std::path::Path {
    fn argument(&self) -> Argument {
        Argument::Text(self.display().to_string())
    }
}

macro_rules! amounts {
    ($($number:ty),+) => { $( impl Speakable for $number {
        fn argument(&self) -> Argument {
            Argument::Number(*self as u64)
        }
    } )+ };
}
amounts!(u8, u16, u32, u64, usize);

#[cfg(test)]
mod tests {
    use super::*;
    use rstest::rstest;

    #[rstest]
    #[case::plain(say!("nothing was changed"), "nothing was changed")]
    #[case::named(say!("{name} is in the bin", name = "Ana"), "Ana is in the bin")]
    #[case::nested(say!("{what} was not found", what = say!("the tag {name}", name = "vip")), "the tag vip was not found")]
    #[case::one(say!("{n, plural, one {# card is} other {# cards are}} back", n = 1u32), "1 card is back")]
    #[case::many(say!("{n, plural, one {# card is} other {# cards are}} back", n = 12u32), "12 cards are back")]
    #[case::inside(say!("{n, plural, one {# of {whose}} other {# by {whose}}}", n = 2u32, whose = "Bo"), "2 by Bo")]
    #[case::a_hash_is_a_hash(say!("tag #{name}", name = "vip"), "tag #vip")]
    #[case::braces_of_a_person(say!("{name} said", name = "{x}"), "{x} said")]
    #[case::verbatim(Sentence::verbatim("Permission denied (os error 13)"), "Permission denied (os error 13)")]
    fn a_sentence_is_written_out_in_english(#[case] sentence: Sentence, #[case] english: &str) {
        assert_eq!(sentence.to_string(), english);
        assert_eq!(serde_json::to_value(&sentence).expect("a text"), serde_json::Value::from(english));
    }
}
