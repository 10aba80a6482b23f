//! Filters: one typed tree with one text form and one sentence. The window,
//! saved segments, exports and the command line use the same.
//!
//! ```text
//! source:widget,api seen:<30d conversations:>3 (stage:qualified or tag:vip) not company:none
//! ```
//! A space means *and*, a comma *any of*, parentheses group, `or` and `not` are
//! words. `none` and `any` ask whether a field is empty. `<30d` is within the
//! last 30 days, `>30d` longer ago. A value with blanks or signs stands in quotes.

use crate::{
    Sentence, say,
    time::{DateOrder, Millis},
};
use std::fmt;

/// A condition on contacts.
#[derive(Debug, Clone, PartialEq)]
pub enum Filter {
    /// All of them; empty means every contact.
    All(Vec<Self>),
    /// At least one of them.
    Any(Vec<Self>),
    /// Not that one.
    Not(Box<Self>),
    /// A field against values.
    Is(FilterField, Test),
}

/// What can be filtered by.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum FilterField {
    /// Name as typed.
    Name,
    /// Any email.
    Email,
    /// Any phone.
    Phone,
    /// Company as typed.
    Company,
    /// First source.
    Source,
    /// Lifecycle stage.
    Stage,
    /// Who decided the stage: `rule` or `hand`.
    StageBy,
    /// Access tier.
    Tier,
    /// Anonymous, identified or verified.
    Identity,
    /// Person or organization.
    Kind,
    /// Tags.
    Tag,
    /// Country by IP.
    Country,
    /// Number of conversations.
    Conversations,
    /// When it was made.
    Created,
    /// When it was changed.
    Updated,
    /// First interaction.
    FirstSeen,
    /// Latest interaction.
    Seen,
    /// When it went to the archive. A filter that asks about it shows the archive too.
    Archived,
    /// Page of the first contact.
    Page,
    /// What the contact did, or what was done for it: names of its activities.
    Action,
    /// Purposes it may be used for, by their keys.
    Purpose,
    /// What may not be done with its data: `restricted`, `objected`, `held`.
    Restriction,
    /// Where it has a record or an external ID: the kind of system, or the name of the connection.
    Remote,
    /// A custom field by its key.
    Custom(String),
}

/// What the field is compared with.
#[derive(Debug, Clone, PartialEq)]
pub enum Test {
    /// Empty.
    None,
    /// Not empty.
    Set,
    /// One of these words, whole, case and accents folded.
    OneOf(Vec<String>),
    /// Contains this text.
    Contains(String),
    /// A number between two, both included.
    Number(Option<f64>, Option<f64>),
    /// Between two moments, the second excluded.
    Between(Option<Millis>, Option<Millis>),
    /// Within the last so many days.
    WithinDays(u32),
    /// Longer ago than so many days, or never.
    NotWithinDays(u32),
    /// Today, in UTC.
    Today,
}

const FIELDS: &[(&str, FilterField)] = &[
    ("name", FilterField::Name),
    ("email", FilterField::Email),
    ("phone", FilterField::Phone),
    ("company", FilterField::Company),
    ("source", FilterField::Source),
    ("stage", FilterField::Stage),
    ("stage_by", FilterField::StageBy),
    ("tier", FilterField::Tier),
    ("identity", FilterField::Identity),
    ("kind", FilterField::Kind),
    ("tag", FilterField::Tag),
    ("country", FilterField::Country),
    ("conversations", FilterField::Conversations),
    ("created", FilterField::Created),
    ("updated", FilterField::Updated),
    ("first_seen", FilterField::FirstSeen),
    ("seen", FilterField::Seen),
    ("archived", FilterField::Archived),
    ("page", FilterField::Page),
    ("action", FilterField::Action),
    ("purpose", FilterField::Purpose),
    ("restriction", FilterField::Restriction),
    ("remote", FilterField::Remote),
];

/// The text is no filter; `at` is the byte where it stops making sense.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{}", self.sentence())]
pub struct InvalidFilter {
    /// Where, counted from 0.
    pub at: usize,
    /// What was expected.
    pub message: Sentence,
}

impl InvalidFilter {
    /// What it says.
    pub fn sentence(&self) -> Sentence {
        say!("filter, character {at}: {what}", at = self.at, what = self.message)
    }
}

impl Default for Filter {
    fn default() -> Self {
        Self::All(Vec::new())
    }
}

impl Filter {
    /// Whether every contact passes.
    pub fn is_everything(&self) -> bool {
        matches!(self, Self::All(parts) if parts.is_empty())
    }

    /// Both of two.
    pub fn and(self, other: Self) -> Self {
        match (self, other) {
            (one, other) if other.is_everything() => one,
            (one, other) if one.is_everything() => other,
            (Self::All(mut all), other) => {
                all.push(other);
                Self::All(all)
            }
            (one, other) => Self::All(vec![one, other]),
        }
    }

    /// Whether it asks about a field anywhere.
    pub fn mentions(&self, field: &FilterField) -> bool {
        match self {
            Self::All(parts) | Self::Any(parts) => parts.iter().any(|part| part.mentions(field)),
            Self::Not(part) => part.mentions(field),
            Self::Is(mine, _) => mine == field,
        }
    }

    /// Reads the text form. A field that is not ours is a custom field.
    pub fn parse(text: &str) -> Result<Self, InvalidFilter> {
        let mut parser = Parser { text, at: 0, depth: 0 };
        let filter = parser.alternatives()?;
        parser.blanks();
        if parser.at < text.len() { Err(parser.fail(say!("a ) without its ("))) } else { Ok(filter) }
    }

    /// The filter as a sentence.
    pub fn sentence(&self) -> Sentence {
        match self {
            Self::All(parts) => join(parts, |left, right| say!("{left} and {right}", left, right)),
            Self::Any(parts) => join(parts, |left, right| say!("{left} or {right}", left, right)),
            Self::Not(part) => say!("not ({what})", what = part.sentence()),
            Self::Is(field, test) => say!("{field} {test}", field = field.label(), test = test.sentence()),
        }
    }
}

/// Of a long list of words so many are said.
const WORDS_SAID: usize = 12;

fn join(parts: &[Filter], two: impl Fn(Sentence, Sentence) -> Sentence) -> Sentence {
    let said = |part: &Filter| match part {
        Filter::Any(_) => say!("({what})", what = part.sentence()),
        _ => part.sentence(),
    };
    Sentence::joined(parts.iter().map(said).collect(), two).unwrap_or_else(|| say!("All contacts"))
}

impl FilterField {
    /// The word of the text form.
    pub fn key(&self) -> &str {
        match self {
            Self::Custom(key) => key,
            other => FIELDS.iter().find(|(_, field)| field == other).map_or("", |(key, _)| key),
        }
    }

    /// The word on screen; a custom field by its key.
    pub fn label(&self) -> Sentence {
        match self {
            Self::Custom(key) => Sentence::verbatim(key),
            Self::Name => say!("Name"),
            Self::Email => say!("Email"),
            Self::Phone => say!("Phone"),
            Self::Company => say!("Company"),
            Self::Source => say!("Source"),
            Self::Stage => say!("Stage"),
            Self::StageBy => say!("Stage set by"),
            Self::Tier => say!("Tier"),
            Self::Identity => say!("Identity"),
            Self::Kind => say!("Kind"),
            Self::Tag => say!("Tag"),
            Self::Country => say!("Country"),
            Self::Conversations => say!("Conversations"),
            Self::Created => say!("Created"),
            Self::Updated => say!("Updated"),
            Self::FirstSeen => say!("First seen"),
            Self::Seen => say!("Seen"),
            Self::Archived => say!("Archived"),
            Self::Page => say!("Page"),
            Self::Action => say!("Action"),
            Self::Purpose => say!("Purpose"),
            Self::Restriction => say!("Restriction"),
            Self::Remote => say!("Connection"),
        }
    }

    fn parse(key: &str) -> Self {
        FIELDS.iter().find(|(known, _)| *known == key).map_or_else(
            || Self::Custom(key.strip_prefix("custom.").unwrap_or(key).to_owned()),
            |(_, field)| field.clone(),
        )
    }

    fn is_time(&self) -> bool {
        matches!(self, Self::Created | Self::Updated | Self::FirstSeen | Self::Seen | Self::Archived)
    }
}

impl Test {
    fn sentence(&self) -> Sentence {
        match self {
            Self::None => say!("is empty"),
            Self::Set => say!("is set"),
            Self::OneOf(words) => {
                let (shown, more) = words.split_at(words.len().min(WORDS_SAID));
                let mut what: Vec<Sentence> = shown.iter().map(Sentence::verbatim).collect();
                if !more.is_empty() {
                    what.push(say!("{n} more", n = more.len()));
                }
                let what = Sentence::joined(what, |left, right| say!("{left} or {right}", left, right));
                say!("is {what}", what = what.unwrap_or_else(|| Sentence::verbatim("")))
            }
            Self::Contains(text) => say!("contains {text}", text),
            Self::Number(Some(from), Some(to)) if from == to => say!("is {what}", what = from.to_string()),
            Self::Number(Some(from), Some(to)) => {
                say!("is {from} to {to}", from = from.to_string(), to = to.to_string())
            }
            Self::Number(Some(from), None) => say!("is at least {from}", from = from.to_string()),
            Self::Number(None, Some(to)) => say!("is at most {to}", to = to.to_string()),
            Self::Between(Some(from), Some(to)) => {
                say!("is from {from} to before {to}", from = day(*from), to = day(*to))
            }
            Self::Between(Some(from), None) => say!("is since {from}", from = day(*from)),
            Self::Between(None, Some(to)) => say!("is before {to}", to = day(*to)),
            Self::Number(None, None) | Self::Between(None, None) => say!("is anything"),
            Self::WithinDays(days) => say!("in the last {days, plural, one {day} other {# days}}", days),
            Self::NotWithinDays(days) => say!("not in the last {days, plural, one {day} other {# days}}", days),
            Self::Today => say!("is today"),
        }
    }
}

fn day(at: Millis) -> String {
    at.to_rfc3339_seconds().chars().take(10).collect()
}

impl fmt::Display for Filter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let list = |f: &mut fmt::Formatter<'_>, parts: &[Self], between: &str| {
            for (at, part) in parts.iter().enumerate() {
                if at > 0 {
                    f.write_str(between)?;
                }
                match part {
                    Self::Any(inner) if inner.len() > 1 => write!(f, "({part})")?,
                    Self::All(inner) if inner.len() > 1 => write!(f, "({part})")?,
                    _ => write!(f, "{part}")?,
                }
            }
            Ok(())
        };
        match self {
            Self::All(parts) => list(f, parts, " "),
            Self::Any(parts) => list(f, parts, " or "),
            Self::Not(part) => match &**part {
                Self::Is(..) => write!(f, "not {part}"),
                _ => write!(f, "not ({part})"),
            },
            Self::Is(field, test) => write!(f, "{}:{test}", field.key()),
        }
    }
}

impl fmt::Display for Test {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::None => f.write_str("none"),
            Self::Set => f.write_str("any"),
            Self::OneOf(words) => {
                let words: Vec<String> = words.iter().map(|word| quoted(word)).collect();
                f.write_str(&words.join(","))
            }
            Self::Contains(text) => write!(f, "~{}", quoted(text)),
            Self::Number(Some(from), Some(to)) if from == to => write!(f, "={from}"),
            Self::Number(Some(from), Some(to)) => write!(f, "{from}..{to}"),
            Self::Number(Some(from), None) => write!(f, ">={from}"),
            Self::Number(None, Some(to)) => write!(f, "<={to}"),
            Self::Between(Some(from), Some(to)) => write!(f, "{}..{}", day(*from), day(*to)),
            Self::Between(Some(from), None) => write!(f, ">={}", day(*from)),
            Self::Between(None, Some(to)) => write!(f, "<{}", day(*to)),
            Self::Number(None, None) | Self::Between(None, None) => f.write_str("any"),
            Self::WithinDays(days) => write!(f, "<{days}d"),
            Self::NotWithinDays(days) => write!(f, ">{days}d"),
            Self::Today => f.write_str("today"),
        }
    }
}

fn quoted(word: &str) -> String {
    let plain = !word.is_empty()
        && !matches!(word, "none" | "any" | "today" | "or" | "not")
        && !word.starts_with(['<', '>', '=', '~', '"'])
        && !word.contains("..")
        && word.chars().all(|c| !c.is_whitespace() && !matches!(c, ',' | '(' | ')' | '"'));
    if plain { word.to_owned() } else { format!("\"{}\"", word.replace('\\', "\\\\").replace('"', "\\\"")) }
}

struct Parser<'t> {
    text: &'t str,
    at: usize,
    depth: u32,
}

impl Parser<'_> {
    fn fail(&self, message: Sentence) -> InvalidFilter {
        InvalidFilter { at: self.at, message }
    }

    fn blanks(&mut self) {
        while let Some(c) = self.peek().filter(|c| c.is_whitespace()) {
            self.at += c.len_utf8();
        }
    }

    fn peek(&self) -> Option<char> {
        self.text[self.at..].chars().next()
    }

    /// Takes a word that stands alone.
    fn word(&mut self, word: &str) -> bool {
        let rest = &self.text[self.at..];
        let found = rest.strip_prefix(word).is_some_and(|after| after.starts_with([' ', '(']));
        if found {
            self.at += word.len();
        }
        found
    }

    fn alternatives(&mut self) -> Result<Filter, InvalidFilter> {
        let mut parts = vec![self.sequence()?];
        loop {
            self.blanks();
            if !self.word("or") {
                break;
            }
            parts.push(self.sequence()?);
        }
        Ok(if parts.len() == 1 { parts.remove(0) } else { Filter::Any(parts) })
    }

    fn sequence(&mut self) -> Result<Filter, InvalidFilter> {
        let mut parts = Vec::new();
        loop {
            self.blanks();
            let here = self.at;
            if matches!(self.peek(), None | Some(')')) || self.word("or") {
                self.at = here;
                break;
            }
            parts.push(self.condition()?);
        }
        Ok(if parts.len() == 1 { parts.remove(0) } else { Filter::All(parts) })
    }

    fn condition(&mut self) -> Result<Filter, InvalidFilter> {
        self.depth += 1;
        if self.depth > 32 {
            return Err(self.fail(say!("nested too deeply")));
        }
        self.blanks();
        let filter = if self.word("not") {
            Filter::Not(Box::new(self.condition()?))
        } else if self.peek() == Some('(') {
            self.at += 1;
            let inner = self.alternatives()?;
            self.blanks();
            if self.peek() != Some(')') {
                return Err(self.fail(say!("a ( without its )")));
            }
            self.at += 1;
            inner
        } else {
            self.comparison()?
        };
        self.depth -= 1;
        Ok(filter)
    }

    fn comparison(&mut self) -> Result<Filter, InvalidFilter> {
        let rest = &self.text[self.at..];
        let end = rest.find([':', ' ', '(', ')']).unwrap_or(rest.len());
        if !rest[end..].starts_with(':') || end == 0 {
            return Err(self.fail(say!("expected a field and a value, as in source:widget")));
        }
        let field = FilterField::parse(&rest[..end]);
        self.at += end + 1;
        let start = self.at;
        let contains = self.peek() == Some('~');
        if contains {
            self.at += 1;
        }
        let mut words = vec![self.value()?];
        while self.peek() == Some(',') {
            self.at += 1;
            words.push(self.value()?);
        }
        let quoted = self.text[start..].starts_with('"');
        if contains {
            return Ok(Filter::Is(field, Test::Contains(words.remove(0))));
        }
        let single = words.len() == 1 && !quoted;
        let test = match words[0].as_str() {
            "none" if single => Test::None,
            "any" if single => Test::Set,
            word if single && field.is_time() => time(word).ok_or_else(|| InvalidFilter {
                at: start,
                message: say!("expected a day, as in <30d, >90d, today or 2026-01-31"),
            })?,
            word if single => number(word, &field).unwrap_or(Test::OneOf(words)),
            _ => Test::OneOf(words),
        };
        if field == FilterField::Conversations && matches!(test, Test::OneOf(_)) {
            return Err(InvalidFilter { at: start, message: say!("expected a number, as in >3 or 3..20") });
        }
        Ok(Filter::Is(field, test))
    }

    fn value(&mut self) -> Result<String, InvalidFilter> {
        if self.peek() != Some('"') {
            let rest = &self.text[self.at..];
            let end = rest.find([' ', ',', ')', '(']).unwrap_or(rest.len());
            if end == 0 {
                return Err(self.fail(say!("expected a value")));
            }
            let word = rest[..end].to_owned();
            self.at += end;
            return Ok(word);
        }
        self.at += 1;
        let mut word = String::new();
        loop {
            let Some(c) = self.peek() else { return Err(self.fail(say!("a quote without its end"))) };
            self.at += c.len_utf8();
            match c {
                '"' => return Ok(word),
                '\\' => {
                    let Some(c) = self.peek() else { return Err(self.fail(say!("a quote without its end"))) };
                    self.at += c.len_utf8();
                    word.push(c);
                }
                c => word.push(c),
            }
        }
    }
}

fn time(word: &str) -> Option<Test> {
    if word == "today" {
        return Some(Test::Today);
    }
    let days = |text: &str| text.strip_suffix('d').and_then(|n| n.parse::<u32>().ok());
    if let Some(rest) = word.strip_prefix('<')
        && let Some(days) = days(rest)
    {
        return Some(Test::WithinDays(days));
    }
    if let Some(rest) = word.strip_prefix('>')
        && let Some(days) = days(rest)
    {
        return Some(Test::NotWithinDays(days));
    }
    let moment = |text: &str| Millis::parse(text, DateOrder::DayFirst);
    if let Some((from, to)) = word.split_once("..") {
        return Some(Test::Between(Some(moment(from)?), Some(moment(to)?)));
    }
    if let Some(from) = word.strip_prefix(">=") {
        return Some(Test::Between(Some(moment(from)?), None));
    }
    if let Some(to) = word.strip_prefix('<') {
        return Some(Test::Between(None, Some(moment(to)?)));
    }
    let start = moment(word)?;
    Some(Test::Between(Some(start), Some(Millis(start.0 + 86_400_000))))
}

/// A comparison of numbers. A plain number is one only where the field is a
/// count: a custom field may hold `007`.
fn number(word: &str, field: &FilterField) -> Option<Test> {
    let read = |text: &str| text.parse::<f64>().ok().filter(|n| n.is_finite());
    let whole = *field == FilterField::Conversations;
    if let Some((from, to)) = word.split_once("..") {
        return Some(Test::Number(Some(read(from)?), Some(read(to)?)));
    }
    if let Some(rest) = word.strip_prefix(">=") {
        return Some(Test::Number(Some(read(rest)?), None));
    }
    if let Some(rest) = word.strip_prefix("<=") {
        return Some(Test::Number(None, Some(read(rest)?)));
    }
    // More than 3 conversations are at least 4; of a measure, the next number above.
    if let Some(rest) = word.strip_prefix('>') {
        let n = read(rest)?;
        return Some(Test::Number(Some(if whole { n + 1.0 } else { n.next_up() }), None));
    }
    if let Some(rest) = word.strip_prefix('<') {
        let n = read(rest)?;
        return Some(Test::Number(None, Some(if whole { n - 1.0 } else { n.next_down() })));
    }
    let n = read(word.strip_prefix('=').unwrap_or(word))?;
    (whole || word.starts_with('=')).then_some(Test::Number(Some(n), Some(n)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use rstest::rstest;

    #[rstest]
    #[case("source:widget,api seen:<30d conversations:>=4 (stage:qualified or tag:vip) not company:none")]
    #[case("email:none")]
    #[case("name:~garcia")]
    #[case("tag:\"big customer\",vip")]
    #[case("seen:>90d")]
    #[case("created:2026-01-01..2026-02-01")]
    #[case("conversations:3..20")]
    #[case("plan:pro city:\"San José\"")]
    #[case("not (source:api or source:slack)")]
    #[case("")]
    fn the_text_form_is_read_as_it_is_written(#[case] text: &str) {
        assert_eq!(Filter::parse(text).expect(text).to_string(), text);
    }

    #[rstest]
    #[case("conversations:>3", "conversations:>=4")]
    #[case("created:2026-01-31", "created:2026-01-31..2026-02-01")]
    #[case("((source:api))", "source:api")]
    fn other_spellings_mean_the_same(#[case] typed: &str, #[case] canonical: &str) {
        assert_eq!(Filter::parse(typed).expect(typed).to_string(), canonical);
    }

    #[rstest]
    #[case("widget", 0)]
    #[case("source:", 7)]
    #[case("(source:api", 11)]
    #[case("source:api)", 10)]
    #[case("conversations:many", 14)]
    #[case("seen:soon", 5)]
    #[case("tag:\"open", 9)]
    fn a_mistake_is_shown_where_it_is(#[case] text: &str, #[case] at: usize) {
        assert_eq!(Filter::parse(text).expect_err(text).at, at);
    }

    #[test]
    fn a_filter_reads_as_a_sentence() {
        let filter = Filter::parse("source:widget,api seen:<30d (stage:qualified or tag:vip)").expect("a filter");
        assert_eq!(
            filter.sentence().to_string(),
            "Source is widget or api and Seen in the last 30 days and (Stage is qualified or Tag is vip)"
        );
    }

    #[test]
    fn a_filter_of_thousands_is_still_said() {
        let filter = Filter::parse(&format!("tag:{}", vec!["a"; 20_000].join(","))).expect("a filter");
        assert!(filter.sentence().to_string().ends_with("or 19988 more"));
        let filter = Filter::parse(&vec!["tag:a"; 20_000].join(" ")).expect("a filter");
        assert!(filter.sentence().to_string().starts_with("Tag is a and Tag is a"));
    }
}
