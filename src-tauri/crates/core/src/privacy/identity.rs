//! Ways to make sure who asks. What is kept of one is a text in the language of the letters,
//! because the person gets it with the rest of their data; the window says it in its own.

use cardfile_domain::{Sentence, say};

/// How it was made sure who asks, the mildest first: no more may be asked than is needed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Way {
    /// From an address that is known.
    Channel,
    /// By an account.
    Login,
    /// By a code that went to a known address.
    Code,
    /// By a document.
    Document,
}

impl Way {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::Channel, Self::Login, Self::Code, Self::Document];

    /// The word of commands.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Channel => "channel",
            Self::Login => "login",
            Self::Code => "code",
            Self::Document => "document",
        }
    }

    /// Reads the word again.
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|one| one.as_str() == text)
    }

    fn sentence(self) -> Sentence {
        match self {
            Self::Channel => say!("Wrote from an address or a number that stands on the card"),
            Self::Login => say!("Was signed in"),
            Self::Code => say!("Gave back a code that was sent to an address on the card"),
            Self::Document => say!("Showed a document, of which no copy is kept"),
        }
    }

    fn words(self, language: &str) -> String {
        match (self, language) {
            (Self::Channel, "es") => "Escribió desde una dirección o un número que está en la ficha".to_owned(),
            (Self::Login, "es") => "Había iniciado sesión".to_owned(),
            (Self::Code, "es") => "Devolvió un código enviado a una dirección de la ficha".to_owned(),
            (Self::Document, "es") => "Mostró un documento, del que no se guarda copia".to_owned(),
            (Self::Channel | Self::Login | Self::Code | Self::Document, _) => self.sentence().to_string(),
        }
    }
}

/// Between the way and what else there is to say of it.
const MORE: &str = ": ";

/// What is kept of a way, in the language of the letters.
pub fn written(way: Option<Way>, more: &str, language: &str) -> String {
    match (way.map(|way| way.words(language)), more.trim()) {
        (None, more) => more.to_owned(),
        (Some(way), "") => way,
        (Some(way), more) => format!("{way}{MORE}{more}"),
    }
}

/// The same for the window; words that somebody else wrote stay as they are.
pub fn said(how: &str) -> Sentence {
    let (way, more) = how.split_once(MORE).unwrap_or((how, ""));
    let known = Way::ALL.into_iter().find(|one| super::letters::LANGUAGES.iter().any(|code| one.words(code) == way));
    match (known, more) {
        (None, _) => Sentence::verbatim(how),
        (Some(way), "") => way.sentence(),
        (Some(way), more) => say!("{way}: {more}", way = way.sentence(), more),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_way_is_kept_in_the_language_of_the_person_and_said_in_any_other() {
        for way in Way::ALL {
            assert_eq!(Way::parse(way.as_str()), Some(way));
            for language in super::super::letters::LANGUAGES {
                assert_eq!(said(&written(Some(way), "", language)), way.sentence(), "{way:?} in {language}");
            }
        }
        let kept = written(Some(Way::Document), " Passport: seen ", "es");
        assert_eq!(kept, "Mostró un documento, del que no se guarda copia: Passport: seen");
        assert_eq!(said(&kept).to_string(), "Showed a document, of which no copy is kept: Passport: seen");
        assert_eq!(said(&written(None, "by phone: her voice", "en")).to_string(), "by phone: her voice");
    }
}
