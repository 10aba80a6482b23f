//! Who declined (M-100): no card is made of them, and of what they said stays what says of
//! nobody who it was. Somebody who is here already takes their yes back by it.

use super::{IngestReport, Settings, keep, told::Told};
use crate::{conversations, error::Error, privacy, resolve::resolve};
use cardfile_domain::{
    consent::{Consent, Purpose},
    part::{Conversation, Message, Role},
    text::fold,
    third_party::{self, Finder, Hit, Names, Who},
};
use cardfile_store::Tx;
use serde_json::{Value, json};

/// Setting: how many declined, in all and by source. A number says of nobody who it was.
pub const COUNT: &str = "declined_captures";

pub(super) fn take(
    tx: &mut Tx<'_>,
    told: &Told,
    said: &[(&Purpose, Consent)],
    settings: &Settings,
    report: &mut IngestReport,
) -> Result<(), Error> {
    if let Some(known) = resolve(tx.read(), &told.claims)?.contact {
        keep(tx, known, said)?;
        tx.mirror_consents(known)?;
        privacy::consent::forget_country(tx, known, &settings.private_countries)?;
    }
    if let Some(incoming) = &told.conversation {
        let own = Own::of(told);
        let about = Conversation {
            platform: incoming.about.platform.clone(),
            title: own.taken_out_of(&incoming.about.title),
            unread: incoming.about.unread,
            ..Conversation::default()
        };
        let messages = incoming.messages.iter().map(|message| Message {
            role: message.role,
            at: message.at,
            text: own.taken_out_of(&message.text),
            // Of the business, who answered; of the person, nothing.
            author: if message.role == Role::Contact { String::new() } else { message.author.clone() },
            ..Message::default()
        });
        conversations::put(tx, None, &conversations::Incoming { about, messages: messages.collect() })?;
    }
    report.declined += 1;
    report.countries_left_out += u32::from(told.country_left_out);
    count(tx, &told.source)
}

fn count(tx: &mut Tx<'_>, source: &str) -> Result<(), Error> {
    let mut counts = tx.read().settings().get(COUNT)?.unwrap_or_else(|| json!({}));
    if let Value::Object(map) = &mut counts {
        for key in ["", source] {
            let more = map.get(key).and_then(Value::as_u64).unwrap_or(0) + 1;
            map.insert(key.to_owned(), more.into());
        }
    }
    Ok(tx.set_setting(COUNT, &counts)?)
}

/// By what a person is known in a text.
struct Own {
    /// Whole, as they were told: emails, phones, IDs.
    values: Vec<String>,
    /// Words of the name, folded.
    words: Vec<String>,
    /// Finds the whole name, also in a script without blanks.
    name: Finder,
}

/// Stands where something was taken out.
const TAKEN: &str = "[…]";
/// Digits of which a run is the number of a phone, or of something as telling.
const DIGITS: usize = 7;

impl Own {
    fn of(told: &Told) -> Self {
        let claims = &told.claims;
        let items = claims.emails.iter().chain(&claims.phones).map(|item| item.value.clone());
        let ids = claims.links.iter().map(|link| link.external_id.clone());
        let session = std::iter::once(told.session_key.clone());
        let (values, short): (Vec<String>, Vec<String>) =
            items.chain(ids).chain(session).partition(|value| value.chars().count() > 3);
        // A short ID is part of many words: only the word alone is it.
        let short = short.iter().filter(|value| !value.is_empty()).map(|value| fold(value));
        let words = claims.name.split_whitespace().map(fold).filter(|word| word.chars().count() > 1);
        let words = words.chain(short).collect();
        let mut name = Finder::default();
        name.add(0, &Names { names: vec![claims.name.as_str()], ..Names::default() });
        Self { values, words, name }
    }

    /// The text without what says who it is: their own names and addresses, and whatever
    /// looks like an address or a number of anybody.
    fn taken_out_of(&self, text: &str) -> String {
        let mut text = text.to_owned();
        for value in &self.values {
            text = text.replace(value.as_str(), TAKEN);
        }
        let words = text.split_inclusive(char::is_whitespace).map(|word| self.without_own(word));
        let text = words.collect::<String>();
        let hits = self.name.find(&text);
        let is_own = |hit: &Hit| matches!(hit.who, Who::Card(_)).then(|| TAKEN.to_owned());
        without_numbers(&third_party::mask(&text, &hits, is_own))
    }

    fn without_own(&self, word: &str) -> String {
        let bare = word.trim_matches(|c: char| !c.is_alphanumeric());
        let is_own = !bare.is_empty() && (is_address(bare) || self.words.contains(&fold(bare)));
        if is_own { word.replacen(bare, TAKEN, 1) } else { word.to_owned() }
    }
}

fn is_address(word: &str) -> bool {
    word.split_once('@').is_some_and(|(name, domain)| !name.is_empty() && domain.contains('.'))
}

/// Takes out runs of digits, whatever signs stand between them.
fn without_numbers(text: &str) -> String {
    let (mut out, mut run) = (String::with_capacity(text.len()), String::new());
    let close = |out: &mut String, run: &mut String| {
        if run.chars().filter(|c| c.is_numeric()).count() >= DIGITS {
            let kept = run.trim_end_matches(|c: char| !c.is_numeric()).len();
            out.push_str(TAKEN);
            out.push_str(&run[kept..]);
        } else {
            out.push_str(run);
        }
        run.clear();
    };
    for c in text.chars() {
        let goes_on = c.is_numeric() || !run.is_empty() && matches!(c, ' ' | '-' | '.' | '/' | '(' | ')' | '\u{a0}');
        if goes_on || c == '+' && run.is_empty() {
            run.push(c);
        } else {
            close(&mut out, &mut run);
            out.push(c);
        }
    }
    close(&mut out, &mut run);
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use rstest::rstest;

    fn own() -> Own {
        let mut name = Finder::default();
        name.add(0, &Names { names: vec!["陈雨桐"], ..Names::default() });
        Own { values: vec!["V-1734".into()], words: vec!["ana".into(), "ruiz".into(), "v-1".into()], name }
    }

    #[rstest]
    #[case::a_name("Soy Ana Ruíz, gracias.", "Soy […] […], gracias.")]
    #[case::an_address("write to a.ruiz+x@correo.example!", "write to […]!")]
    #[case::a_phone("call +34 612 408 177 please", "call […] please")]
    #[case::an_id("my number is V-1734.", "my number is […].")]
    #[case::a_name_without_blanks("我是陈雨桐，谢谢", "我是[…]，谢谢")]
    #[case::a_short_id("CV-1 is not V-1.", "CV-1 is not […].")]
    #[case::little_numbers_stay("2 boxes at 9:30 for 15.50", "2 boxes at 9:30 for 15.50")]
    #[case::words_like_a_name_stay("Mañana por la mañana", "Mañana por la mañana")]
    fn what_says_who_it_is_is_taken_out(#[case] text: &str, #[case] left: &str) {
        assert_eq!(own().taken_out_of(text), left);
    }
}
