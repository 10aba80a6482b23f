//! Letters to people who demand something of their data, in their language. A letter is a
//! text to be looked over and sent by whatever way the person used; nothing is sent here.

use super::{
    erasure::{self, delivery::Reference},
    processing::{self, Controller},
    requests::Standing,
};
use crate::{
    core::{Core, Who},
    error::{Code, Error},
};
use cardfile_domain::{
    Millis, Sentence,
    request::{Ground, Request, Right, State},
    say,
};
use cardfile_store::OpKind;
use serde_json::json;

/// Languages in which there are letters; the first where nobody says otherwise.
pub const LANGUAGES: [&str; 2] = ["en", "es"];

/// What a letter is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Letter {
    /// The request came, and by when it is answered.
    Received,
    /// It is not sure who asks.
    Identity,
    /// The answer takes longer.
    Extension,
    /// It will not be done.
    Refusal,
    /// It was done.
    Done,
    /// A restriction will be lifted (Art. 18(3)).
    Lifting,
}

impl Letter {
    /// All of them.
    pub const ALL: [Self; 6] =
        [Self::Received, Self::Identity, Self::Extension, Self::Refusal, Self::Done, Self::Lifting];

    /// The word of commands.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Received => "received",
            Self::Identity => "identity",
            Self::Extension => "extension",
            Self::Refusal => "refusal",
            Self::Done => "done",
            Self::Lifting => "lifting",
        }
    }

    /// What it is called.
    pub fn sentence(self) -> Sentence {
        match self {
            Self::Received => say!("acknowledgement"),
            Self::Identity => say!("identity check"),
            Self::Extension => say!("extension"),
            Self::Refusal => say!("refusal"),
            Self::Done => say!("completion"),
            Self::Lifting => say!("end of restriction"),
        }
    }

    /// Reads the word again.
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|one| one.as_str() == text)
    }

    /// Whether there is something to write about: nobody is told of a refusal that was not made.
    pub fn fits(self, request: &Request) -> bool {
        let is_done = matches!(request.state, State::Approved | State::Done | State::DoneWithExceptions);
        match self {
            Self::Received => !request.state.is_closed(),
            Self::Identity => request.state == State::Received,
            Self::Extension => request.extended_at.is_some() && !request.state.is_closed(),
            Self::Refusal => request.state == State::Refused,
            // Before it is closed as well: an erasure takes away who would be written to.
            Self::Done => is_done,
            Self::Lifting => request.right == Right::Restriction && is_done,
        }
    }

    fn template(self, language: &str) -> &'static str {
        match (self, language) {
            (Self::Received, "es") => include_str!("letters/es/received.txt"),
            (Self::Identity, "es") => include_str!("letters/es/identity.txt"),
            (Self::Extension, "es") => include_str!("letters/es/extension.txt"),
            (Self::Refusal, "es") => include_str!("letters/es/refusal.txt"),
            (Self::Done, "es") => include_str!("letters/es/done.txt"),
            (Self::Lifting, "es") => include_str!("letters/es/lifting.txt"),
            (Self::Received, _) => include_str!("letters/en/received.txt"),
            (Self::Identity, _) => include_str!("letters/en/identity.txt"),
            (Self::Extension, _) => include_str!("letters/en/extension.txt"),
            (Self::Refusal, _) => include_str!("letters/en/refusal.txt"),
            (Self::Done, _) => include_str!("letters/en/done.txt"),
            (Self::Lifting, _) => include_str!("letters/en/lifting.txt"),
        }
    }
}

/// What a letter for a request says. Keeps nothing: looking at a letter is no deed.
pub fn write(core: &Core, standing: &Standing, letter: Letter) -> Result<String, Error> {
    let request = &standing.request;
    let controller = sender(core)?;
    let now = core.store().environment().clock.now();
    Ok(filled(letter.template(&request.language), &|name| {
        Some(match name {
            "name" if request.name.is_empty() => greeting(&request.language).to_owned(),
            "name" => request.name.clone(),
            "request" => standing.number.clone(),
            "right" => right(&request.language, request.right).to_owned(),
            "article" => request.right.article().to_owned(),
            "received" => day(request.received_at),
            "today" => day(now),
            "due" => standing.deadline.day.clone(),
            "reason" => request.extension_reason.clone(),
            "ground" => request.ground.map(|one| ground(&request.language, one).to_owned()).unwrap_or_default(),
            "ground_article" => request.ground.map(|one| one.article().to_owned()).unwrap_or_default(),
            "decision" => request.decision.clone(),
            "authority" => controller.authority.clone(),
            other => return of_sender(&controller, other),
        })
    }))
}

/// That somebody sent a letter is kept, and not what it said.
pub fn sent(core: &Core, request: &Request, letter: Letter, who: &Who) -> Result<(), Error> {
    core.store().write(who.op(OpKind::Privacy, ""), |tx| {
        let facts = json!({ "letter": letter.as_str(), "language": request.language });
        Ok::<_, Error>(tx.audit("letter_sent", Some(&request.id), &facts)?)
    })?;
    Ok(())
}

/// Writes to somebody who had the data of an erased person and whom no program reaches (Art. 19).
/// It names the record and not the person. Gives who it is for, and the text.
pub fn to_recipient(core: &Core, delivery: &str, language: &str) -> Result<(String, String), Error> {
    let row = core.store().read(|r| r.erasures().delivery(delivery))?;
    let row = row.ok_or_else(|| Error::not_found(say!("the recipient")))?;
    if !LANGUAGES.contains(&language) {
        return Err(Error::bad_request(say!("there are no letters in the language {other}", other = language)));
    }
    let controller = sender(core)?;
    let known_by = match erasure::delivery::known_by(core, &row) {
        // The recipient is to be told all the same.
        Err(error) if error.code == Code::Damaged => Reference { key: None, external_id: None },
        known_by => known_by?,
    };
    let record = record(language, &known_by);
    let erased_at = erasure::receipt(core, &row.erasure)?.facts.erased_at;
    let now = core.store().environment().clock.now();
    let text = filled(recipient_template(language), &|name| {
        Some(match name {
            "name" => row.name.clone(),
            "erasure" => row.erasure.clone(),
            "erased" => erased_at.chars().take(10).collect(),
            "today" => day(now),
            "record" => record.clone(),
            other => return of_sender(&controller, other),
        })
    });
    Ok((row.name, text))
}

fn recipient_template(language: &str) -> &'static str {
    match language {
        "es" => include_str!("letters/es/recipient.txt"),
        _ => include_str!("letters/en/recipient.txt"),
    }
}

/// By what the recipient knows the person.
fn record(language: &str, known_by: &Reference) -> String {
    let (number, address, unknown) = match language {
        "es" => (
            "Su número para el registro",
            "La dirección del registro",
            "Aquí ya no se conserva con qué conocen ustedes a esa persona.",
        ),
        _ => (
            "Your number for the record",
            "The address of the record",
            "By what you know the person is not kept here any more.",
        ),
    };
    let named = [(number, &known_by.external_id), (address, &known_by.key)];
    let lines: Vec<String> =
        named.iter().filter_map(|(what, value)| value.as_ref().map(|value| format!("{what}: {value}"))).collect();
    if lines.is_empty() { unknown.to_owned() } else { lines.join("\n") }
}

/// Who answers for the data: nobody gets a letter from nobody.
fn sender(core: &Core) -> Result<Controller, Error> {
    let controller = processing::controller(core)?;
    if controller.name.trim().is_empty() {
        return Err(Error::bad_request(say!("the letter has no sender"))
            .hint(say!("Say first who answers for the data: Privacy, Processing register.")));
    }
    Ok(controller)
}

fn of_sender(controller: &Controller, name: &str) -> Option<String> {
    Some(match name {
        "controller" => controller.name.clone(),
        "address" => controller.address.clone(),
        "email" => controller.email.clone(),
        _ => return None,
    })
}

/// A template with a value for each `{name}`. Lines that would be empty but for a value
/// that is not known are left out.
fn filled(template: &str, value: &dyn Fn(&str) -> Option<String>) -> String {
    let mut text = String::new();
    for line in template.lines() {
        let (mut rest, mut out, mut has_value, mut has_word) = (line, String::new(), false, false);
        while let Some((before, after)) = rest.split_once('{') {
            let Some((name, after)) = after.split_once('}') else { break };
            has_word |= !before.trim().is_empty();
            out.push_str(before);
            let value = value(name).unwrap_or_default();
            has_value |= !value.is_empty();
            out.push_str(&value);
            rest = after;
        }
        let is_plain = rest.len() == line.len();
        has_word |= !rest.trim().is_empty();
        out.push_str(rest);
        if is_plain || has_word || has_value {
            text.push_str(out.trim_end());
            text.push('\n');
        }
    }
    text
}

fn day(at: Millis) -> String {
    at.to_rfc3339_seconds().chars().take(10).collect()
}

fn greeting(language: &str) -> &'static str {
    match language {
        "es" => "persona interesada",
        _ => "Sir or Madam",
    }
}

fn right(language: &str, right: Right) -> &'static str {
    match (language, right) {
        ("es", Right::Access) => "acceso a sus datos",
        ("es", Right::Rectification) => "rectificación de sus datos",
        ("es", Right::Erasure) => "supresión de sus datos",
        ("es", Right::Restriction) => "limitación del tratamiento",
        ("es", Right::Portability) => "portabilidad de sus datos",
        ("es", Right::Objection) => "oposición al tratamiento",
        (_, Right::Access) => "access to your data",
        (_, Right::Rectification) => "correction of your data",
        (_, Right::Erasure) => "erasure of your data",
        (_, Right::Restriction) => "restriction of the use of your data",
        (_, Right::Portability) => "a copy of your data to take elsewhere",
        (_, Right::Objection) => "your objection to the use of your data",
    }
}

fn ground(language: &str, ground: Ground) -> &'static str {
    match (language, ground) {
        ("es", Ground::Unfounded) => "la solicitud es manifiestamente infundada",
        ("es", Ground::Excessive) => "la solicitud es excesiva",
        ("es", Ground::IdentityUnknown) => "no hemos podido confirmar quién la presenta",
        ("es", Ground::RightsOfOthers) => "afectaría a los derechos de otras personas",
        ("es", Ground::Expression) => "la libertad de expresión e información",
        ("es", Ground::LegalObligation) => "una ley nos obliga a conservarlos",
        ("es", Ground::PublicHealth) => "razones de salud pública",
        ("es", Ground::Archiving) => "fines de archivo, investigación o estadística",
        ("es", Ground::LegalClaims) => "son necesarios para una reclamación",
        ("es", Ground::CompellingGrounds) => "motivos legítimos imperiosos que prevalecen",
        (_, Ground::Unfounded) => "the request is manifestly unfounded",
        (_, Ground::Excessive) => "the request is excessive",
        (_, Ground::IdentityUnknown) => "we could not confirm who made it",
        (_, Ground::RightsOfOthers) => "it would affect the rights of others",
        (_, Ground::Expression) => "freedom of expression and information",
        (_, Ground::LegalObligation) => "a law obliges us to keep them",
        (_, Ground::PublicHealth) => "reasons of public health",
        (_, Ground::Archiving) => "archiving, research or statistics",
        (_, Ground::LegalClaims) => "they are needed for a legal claim",
        (_, Ground::CompellingGrounds) => "compelling legitimate grounds that prevail",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    const NAMES: [&str; 15] = [
        "name",
        "request",
        "right",
        "article",
        "received",
        "today",
        "due",
        "reason",
        "ground",
        "ground_article",
        "decision",
        "controller",
        "address",
        "email",
        "authority",
    ];

    fn names(text: &str) -> BTreeSet<&str> {
        text.split('{').skip(1).filter_map(|rest| rest.split('}').next()).collect()
    }

    #[test]
    fn every_letter_says_the_same_in_every_language_and_names_only_what_is_known() {
        for letter in Letter::ALL {
            let first = names(letter.template(LANGUAGES[0]));
            for language in LANGUAGES {
                let own = names(letter.template(language));
                assert_eq!(own, first, "{letter:?} in {language}");
                assert!(own.iter().all(|name| NAMES.contains(name)), "{letter:?} in {language}: {own:?}");
            }
        }
    }

    #[test]
    fn what_follows_the_greeting_begins_with_a_capital() {
        for (letter, language) in Letter::ALL.into_iter().flat_map(|one| LANGUAGES.map(|language| (one, language))) {
            let after = letter.template(language).split("{name}").nth(1).unwrap_or_default();
            let first = after.trim_start_matches([',', ':', '\n']).chars().next();
            assert!(first.is_some_and(char::is_uppercase), "{letter:?} in {language}: {after}");
        }
    }

    #[test]
    fn a_recipient_is_told_the_same_in_every_language() {
        let first = names(recipient_template(LANGUAGES[0]));
        assert!(first.contains("record") && first.contains("erasure"), "{first:?}");
        for language in LANGUAGES {
            assert_eq!(names(recipient_template(language)), first, "{language}");
            let unknown = record(language, &Reference { key: None, external_id: None });
            let known_by = Reference { key: Some("/7.vcf".into()), external_id: Some("crm-7".into()) };
            let known = record(language, &known_by);
            assert!(known.contains("crm-7\n") && known.ends_with("/7.vcf") && !unknown.contains(':'), "{known}");
        }
    }

    #[test]
    fn a_line_of_values_that_are_not_known_is_left_out() {
        let text = filled("Dear {name},\n\n{reason}\n{address} {email}\nRef. {request}\n", &|name| {
            (name == "name").then(|| "Ana".to_owned())
        });
        assert_eq!(text, "Dear Ana,\n\nRef.\n");
    }
}
