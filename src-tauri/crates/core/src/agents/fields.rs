//! Which fields can be approved, and how close each is to a person: the data inventory as a
//! person sees it who approves.

use crate::{core::Core, error::Error};
use cardfile_domain::{
    Contact, FieldDef, Sentence,
    agent::AgentClient,
    privacy::{Origin, Privacy},
    say,
};
use cardfile_store::{READABLE, Readable};

/// A field that can be approved.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Approvable {
    /// Its key: of the catalogue, of a list of parts, or `custom.` and a key.
    pub key: String,
    /// What it is called.
    pub label: Sentence,
    /// How close it is to a person: `identifying`, `contact`, `about`, `internal`.
    pub class: &'static str,
    /// Whether a new client has it.
    pub is_default: bool,
    /// Whether it is a list of parts, not a value of the card.
    pub is_parts: bool,
}

/// All of them, in the order in which they are shown: custom fields before parts.
pub fn approvable(core: &Core) -> Result<Vec<Approvable>, Error> {
    let mut all: Vec<Approvable> = READABLE.iter().filter(|one| !one.is_parts()).map(of_catalogue).collect();
    all.extend(core.custom_fields()?.into_iter().map(|field| Approvable {
        key: format!("{}{}", Contact::CUSTOM_PREFIX, field.key),
        label: Sentence::verbatim(field.label),
        class: "about",
        is_default: false,
        is_parts: false,
    }));
    all.extend(READABLE.iter().filter(|one| one.is_parts()).map(of_catalogue));
    Ok(all)
}

fn of_catalogue(readable: &Readable) -> Approvable {
    let (label, class) = match FieldDef::find(readable.key) {
        Some(field) => (label_of(field.key), class_of(field.privacy)),
        None => parts(readable.key),
    };
    Approvable {
        key: readable.key.to_owned(),
        label,
        class,
        is_default: AgentClient::DEFAULT_FIELDS.contains(&readable.key),
        is_parts: readable.is_parts(),
    }
}

fn class_of(privacy: Privacy) -> &'static str {
    match privacy {
        Privacy::Identifying => "identifying",
        Privacy::Contact => "contact",
        Privacy::About | Privacy::Activity | Privacy::Technical | Privacy::Secret => "about",
    }
}

/// Built-in fields by their own catalogue: the window has words for their keys.
fn label_of(key: &str) -> Sentence {
    Sentence::verbatim(FieldDef::find(key).map_or(key, |field| field.label))
}

fn parts(key: &str) -> (Sentence, &'static str) {
    match key {
        "memories" => (say!("Memories"), "about"),
        "tasks" => (say!("Tasks"), "about"),
        "conversations" => (say!("Conversations, by their titles"), "about"),
        "messages" => (say!("Messages, word for word"), "internal"),
        "notes" => (say!("Notes that are not internal"), "internal"),
        "payments" => (say!("Payment accounts"), "identifying"),
        other => (Sentence::verbatim(other), "internal"),
    }
}

/// Those that are wanted, each once, in the order of the list; one that is not in it is refused.
pub(crate) fn in_order(known: &[Approvable], wanted: &[String]) -> Result<Vec<String>, Error> {
    let wanted: Vec<&str> = wanted.iter().map(|field| field.trim()).filter(|field| !field.is_empty()).collect();
    if let Some(field) = wanted.iter().find(|field| !known.iter().any(|one| one.key == **field)) {
        return Err(Error::bad_request(say!("no agent can be approved for {field}", field = *field))
            .hint(say!("cardfile agent fields lists what can be approved.")));
    }
    Ok(known.iter().filter(|one| wanted.contains(&one.key.as_str())).map(|one| one.key.clone()).collect())
}

/// Where the values of a field come from; parts say it row by row.
pub(crate) fn origin(key: &str) -> &'static str {
    Origin::of_field(key).map_or("observed", Origin::as_str)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn everything_that_agents_can_read_has_a_name_and_a_class() {
        for readable in READABLE {
            let one = of_catalogue(readable);
            assert!(!one.label.to_string().is_empty(), "{}", one.key);
            assert!(FieldDef::find(&one.key).is_some() || one.label.to_string() != one.key, "{}", one.key);
        }
        assert_eq!(of_catalogue(&READABLE[0]).class, "identifying");
    }

    #[test]
    fn approved_fields_stand_in_the_order_of_the_list_and_an_unknown_one_is_refused() {
        let known: Vec<Approvable> = READABLE.iter().map(of_catalogue).collect();
        let of = |fields: &[&str]| in_order(&known, &fields.iter().map(|one| (*one).to_owned()).collect::<Vec<_>>());
        assert_eq!(of(&["preferences", " name", "name"]).expect("known"), ["name", "preferences"]);
        let refused = of(&["name", "password"]).expect_err("unknown").message.to_string();
        assert!(refused.contains("password"), "{refused}");
    }
}
