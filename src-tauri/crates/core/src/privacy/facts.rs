//! What the law asks to be told beside the data (GDPR, Art. 15(1) and (2)): who is responsible, why
//! data are kept and how long, and what is known of those who got them. The business says it once.

use crate::{
    core::{Core, Who},
    error::{Code, Error},
};
use cardfile_domain::say;
use cardfile_formats::dsar::Language;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use ts_rs::TS;

/// Setting under which it is kept.
const SETTING: &str = "privacy_facts";

/// The texts of the business. What is empty is said in general words.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, TS)]
#[serde(default)]
#[ts(rename = "ControllerFacts")]
pub struct Facts {
    /// Name and address of who is responsible, and how to reach them.
    pub controller: String,
    /// Why data are kept.
    pub purposes: String,
    /// How long.
    pub retention: String,
    /// Where they come from, when not from the person.
    pub source: String,
    /// Decisions by programs, and their logic.
    pub automated: String,
    /// Safeguards for receivers in other countries.
    pub transfers: String,
    /// The authority to complain to.
    pub complaint: String,
    /// What is known of receivers.
    pub recipients: Vec<Receiver>,
}

/// What is known of one receiver.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, TS)]
#[serde(default)]
pub struct Receiver {
    /// What the connection is called.
    pub name: String,
    /// Where it is.
    pub country: String,
    /// The safeguard, when that is outside of the European Economic Area (Art. 46).
    pub safeguard: String,
    /// On which basis it gets data (Art. 6).
    pub basis: String,
}

/// What the business says.
pub fn get(core: &Core) -> Result<Facts, Error> {
    let kept = core.setting(SETTING)?.unwrap_or_default();
    Ok(serde_json::from_value(kept).unwrap_or_default())
}

/// Keeps what the business says. Nothing that the law asks for may be missing.
pub fn set(core: &Core, facts: &Facts, who: &Who) -> Result<(), Error> {
    check(facts)?;
    core.set_setting(SETTING, &serde_json::to_value(facts).unwrap_or_default(), who)
}

/// Whether a person has written them at all; else general words stand in their place, and the
/// answer says that.
pub fn are_reviewed(facts: &Facts) -> bool {
    *facts != Facts::default()
}

/// Refuses texts of which some are written and one that the law asks for is not.
pub fn check(facts: &Facts) -> Result<(), Error> {
    let asked = [
        (&facts.controller, say!("who is responsible")),
        (&facts.purposes, say!("why data are kept")),
        (&facts.retention, say!("how long data are kept")),
        (&facts.complaint, say!("the authority to complain to")),
    ];
    let missing = asked.into_iter().find(|(text, _)| text.trim().is_empty());
    match missing {
        Some((_, what)) if are_reviewed(facts) => {
            Err(Error::new(Code::Refused, say!("{what} is not said yet, and every answer has to say it", what))
                .hint(say!("Write it in the processing register.")))
        }
        _ => Ok(()),
    }
}

/// `information.json`.
pub(super) fn information(facts: &Facts, language: Language, categories: &str) -> Value {
    let words = language.words();
    let or = |own: &str, general: &str| if own.trim().is_empty() { general.to_owned() } else { own.to_owned() };
    json!({
        "controller": or(&facts.controller, words.controller_text),
        "purposes": or(&facts.purposes, words.purposes_text),
        "categories": categories,
        "retention": or(&facts.retention, words.retention_text),
        "source": or(&facts.source, words.source_text),
        "automated": or(&facts.automated, words.automated_text),
        "transfers": or(&facts.transfers, words.transfers_text),
        "rights": words.rights_text,
        "complaint": or(&facts.complaint, words.complaint_text),
        "recipients": "recipients.json",
        "reviewed": are_reviewed(facts),
    })
}
