//! What the law asks to be told beside the data (GDPR, Art. 15(1) and (2)): who is responsible, why
//! data are kept and how long, and what is known of those who got them. It is what the register
//! of processing says; what nobody said there is said in general words.

use super::{
    processing::{self, Controller, Recipient},
    purposes,
};
use crate::{
    core::Core,
    error::{Code, Error},
};
use cardfile_domain::{consent::Purpose, say};
use cardfile_formats::dsar::Language;
use serde_json::{Value, json};
use std::collections::BTreeSet;

/// What the register of processing says.
pub(super) struct Facts {
    controller: Controller,
    /// Those that are not given up.
    purposes: Vec<Purpose>,
    recipients: Vec<Recipient>,
}

/// Reads it.
pub(super) fn get(core: &Core) -> Result<Facts, Error> {
    let mut purposes = purposes::all(core)?;
    purposes.retain(|one| one.retired_at.is_none());
    Ok(Facts { controller: processing::controller(core)?, purposes, recipients: processing::recipients(core)? })
}

impl Facts {
    /// Whether a person has begun to write the register; else general words stand in its place,
    /// and the answer says that.
    pub(super) fn are_reviewed(&self) -> bool {
        self.controller != Controller::default()
    }

    /// Refuses a register that was begun and in which something is missing that the law asks for.
    pub(super) fn check(&self) -> Result<(), Error> {
        let missing = processing::missing(&self.controller, &self.purposes, &self.recipients);
        match missing.into_iter().next() {
            Some(what) if self.are_reviewed() => {
                Err(Error::new(Code::Refused, say!("{what} is not said yet, and every answer has to say it", what))
                    .hint(say!("Write it down: Privacy, Processing register.")))
            }
            _ => Ok(()),
        }
    }

    /// On which bases a connection (`rem_…`) gets data: those of the purposes that its fields need.
    pub(super) fn basis_of(&self, recipient: &str) -> String {
        let known = self.recipients.iter().find(|known| known.id == recipient);
        let needed: BTreeSet<&str> =
            known.into_iter().flat_map(|known| &known.fields).filter_map(|(_, purpose)| purpose.as_deref()).collect();
        let named = self.purposes.iter().filter(|one| needed.contains(one.key.as_str()));
        let articles: BTreeSet<&str> = named.map(|one| one.basis.article()).collect();
        articles.into_iter().collect::<Vec<_>>().join(", ")
    }

    /// `information.json`.
    pub(super) fn information(&self, language: Language, categories: &str) -> Value {
        let words = language.words();
        let or = |own: String, general: &str| if own.is_empty() { general.to_owned() } else { own };
        let Controller { name, address, email, officer, authority, decisions, .. } = &self.controller;
        let said = self.purposes.iter().filter(|one| !one.description.trim().is_empty());
        let purposes = said.map(|one| {
            let rests = [one.basis.article(), one.ground.trim()].join(" ");
            format!("{}: {} ({})", one.name, one.description.trim(), rests.trim())
        });
        let kept = self.purposes.iter().filter(|one| !one.kept_for.trim().is_empty());
        let kept = kept.map(|one| format!("{}: {}", one.name, one.kept_for.trim()));
        let protected = self.recipients.iter().filter(|one| !one.location.safeguard.trim().is_empty());
        let protected =
            protected.map(|one| format!("{} ({}): {}", one.name, one.location.country, one.location.safeguard));
        let controller = [name, address, email, officer].map(|one| one.trim().to_owned());
        json!({
            "controller": or(lines(controller), words.controller_text),
            "purposes": or(lines(purposes), words.purposes_text),
            "categories": categories,
            "retention": or(lines(kept), words.retention_text),
            "source": words.source_text,
            "automated": or(decisions.trim().to_owned(), words.automated_text),
            "transfers": or(lines(protected), words.transfers_text),
            "rights": words.rights_text,
            "complaint": or(authority.trim().to_owned(), words.complaint_text),
            "recipients": "recipients.json",
            "reviewed": self.are_reviewed(),
        })
    }
}

/// One below the other, those that say something.
fn lines(all: impl IntoIterator<Item = String>) -> String {
    all.into_iter().filter(|one| !one.is_empty()).collect::<Vec<_>>().join("\n")
}
