//! The register of processing (GDPR, Art. 30): made from what the workspace is set to and
//! from what it did, so that it cannot say less than what happens. What nobody can work out
//! is asked for, and named as long as it is missing.

use super::{output, purposes, sheet, standing::Said};
use crate::{
    core::{Core, Who},
    error::Error,
    sync::{directions::Direction, remotes},
    view, webhooks,
};
use cardfile_domain::{
    Millis, Sentence,
    consent::{Basis, Purpose},
    retention::RetentionRule,
    say,
};
use cardfile_store::OpKind;
use cardfile_sync::mapping::Mapping;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use std::path::Path;

/// Setting: who answers for the data.
const CONTROLLER: &str = "controller";
/// Setting: where a recipient is and what protects the data there; its id follows.
const RECIPIENT: &str = "recipient.";

/// Who answers for the data.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Controller {
    /// Name of the business.
    pub name: String,
    /// Postal address.
    pub address: String,
    /// Where questions of privacy go.
    pub email: String,
    /// Data protection officer, if there has to be one.
    pub officer: String,
    /// The supervisory authority to complain to.
    pub authority: String,
    /// How the data is protected beside what this program does.
    pub security: String,
    /// Whether anything is decided by programs alone, and by which logic (Art. 15(1)(h)).
    pub decisions: String,
}

/// Where a recipient is.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Location {
    /// Its country.
    pub country: String,
    /// Outside of the European Economic Area: what protects the data there (Art. 46).
    pub safeguard: String,
}

/// Somebody who gets data.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Recipient {
    /// `rem_…` or `whk_…`
    pub id: String,
    /// What it is called.
    pub name: String,
    /// Which kind of system; `webhook` for one that is told.
    pub kind: String,
    /// Fields that may leave, each with the purpose it needs.
    pub fields: Vec<(String, Option<String>)>,
    /// Where it is.
    pub location: Location,
}

/// A purpose with what was said of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Activity {
    /// The purpose.
    pub purpose: Purpose,
    /// How many said yes and no, and object.
    pub said: Said,
}

/// The whole register.
#[derive(Debug, Clone)]
pub struct Register {
    /// When it was made.
    pub at: Millis,
    /// Who answers for the data.
    pub controller: Controller,
    /// What the data is used for.
    pub activities: Vec<Activity>,
    /// Who gets it.
    pub recipients: Vec<Recipient>,
    /// Where it comes from: source and contacts.
    pub sources: Vec<(String, u32)>,
    /// How long it is kept.
    pub rules: Vec<RetentionRule>,
    /// What opens the workspace: `keychain`, `passphrase`, `recovery`, `unprotected`.
    pub protection: Vec<&'static str>,
    /// What has to be said and was not.
    pub missing: Vec<Sentence>,
}

/// Who answers for the data.
pub fn controller(core: &Core) -> Result<Controller, Error> {
    let kept = core.setting(CONTROLLER)?;
    Ok(kept.and_then(|value| serde_json::from_value(value).ok()).unwrap_or_default())
}

/// Says who answers for the data.
pub fn set_controller(core: &Core, controller: &Controller, who: &Who) -> Result<(), Error> {
    let value = serde_json::to_value(controller).unwrap_or_default();
    set(core, CONTROLLER, &value, "controller_set", None, who)
}

/// Says where a recipient is.
pub fn set_location(core: &Core, recipient: &str, location: &Location, who: &Who) -> Result<(), Error> {
    let id = match remotes::find(core, recipient) {
        Ok(known) => known.kept.id,
        Err(error) => webhooks::find(core, recipient).map_err(|_| error)?.kept.id,
    };
    let value = serde_json::to_value(location).unwrap_or_default();
    set(core, &format!("{RECIPIENT}{id}"), &value, "recipient_set", Some(&id), who)
}

fn set(core: &Core, key: &str, value: &Value, event: &str, about: Option<&str>, who: &Who) -> Result<(), Error> {
    core.store().write(who.op(OpKind::Privacy, ""), |tx| {
        tx.set_setting(key, value)?;
        Ok::<_, Error>(tx.audit(event, about, &json!({}))?)
    })?;
    Ok(())
}

/// Makes the register.
pub fn register(core: &Core) -> Result<Register, Error> {
    let all = purposes::all(core)?;
    let counts = purposes::counts(core, &all)?;
    let activities: Vec<Activity> = all
        .into_iter()
        .filter(|purpose| purpose.retired_at.is_none())
        .map(|purpose| Activity { said: counts.get(&purpose.key).copied().unwrap_or_default(), purpose })
        .collect();
    let (controller, recipients) = (controller(core)?, recipients(core)?);
    let missing = missing(&controller, activities.iter().map(|one| &one.purpose), &recipients);
    Ok(Register {
        at: core.store().environment().clock.now(),
        controller,
        activities,
        recipients,
        sources: view::with_index(core, |index, _| Ok(index.sources()))?,
        rules: core.store().read(|r| r.retention().rules())?,
        protection: core.ways(),
        missing,
    })
}

/// Who gets data by itself. Files that people exported are in the export log.
pub fn recipients(core: &Core) -> Result<Vec<Recipient>, Error> {
    let mut all = Vec::new();
    for known in remotes::all(core)? {
        let (location, fields) = (location(core, &known.kept.id)?, leaving(&known.settings.mapping));
        all.push(Recipient { id: known.kept.id, name: known.kept.name, kind: known.kept.kind, fields, location });
    }
    for known in webhooks::all(core)? {
        let (location, fields) = (location(core, &known.kept.id)?, leaving(&known.mapping));
        let kind = webhooks::KIND.to_owned();
        all.push(Recipient { id: known.kept.id, name: known.kept.name, kind, fields, location });
    }
    Ok(all)
}

/// Fields that may leave by a mapping, each with the purpose it needs.
fn leaving(mapping: &Mapping) -> Vec<(String, Option<String>)> {
    let leaves = mapping
        .0
        .iter()
        .filter(|(_, rule)| rule.approved && matches!(rule.direction, Direction::Push | Direction::Both));
    leaves.map(|(unit, rule)| (unit.clone(), rule.purpose.clone())).collect()
}

/// Where a recipient is, by its id: that is known of a connection that was taken away, too.
pub(super) fn location(core: &Core, recipient: &str) -> Result<Location, Error> {
    let kept = core.setting(&format!("{RECIPIENT}{recipient}"))?;
    Ok(kept.and_then(|value| serde_json::from_value(value).ok()).unwrap_or_default())
}

/// What the law wants said and nobody said. Once the register was begun, no access request is
/// answered before it is.
pub(super) fn missing<'p>(
    controller: &Controller,
    purposes: impl IntoIterator<Item = &'p Purpose>,
    recipients: &[Recipient],
) -> Vec<Sentence> {
    let mut missing = Vec::new();
    let mut need = |is_empty: bool, what: Sentence| {
        if is_empty {
            missing.push(what);
        }
    };
    let Controller { name, address, email, authority, .. } = controller;
    need(name.trim().is_empty(), say!("who answers for the data"));
    need(address.trim().is_empty() && email.trim().is_empty(), say!("where they are reached"));
    need(authority.trim().is_empty(), say!("the supervisory authority"));
    for purpose in purposes {
        let name = &purpose.name;
        need(purpose.description.trim().is_empty(), say!("what is done for the purpose {name}", name));
        need(purpose.subjects.trim().is_empty(), say!("whose data is used for {name}", name));
        need(purpose.data.trim().is_empty(), say!("which data is used for {name}", name));
        need(purpose.kept_for.trim().is_empty(), say!("how long data is kept for {name}", name));
        let rests = purpose.basis == Basis::Consent || !purpose.ground.trim().is_empty();
        need(!rests, say!("on what {name} rests", name));
    }
    for recipient in recipients.iter().filter(|one| !one.fields.is_empty()) {
        need(recipient.location.country.trim().is_empty(), say!("in which country {name} is", name = recipient.name));
    }
    missing
}

/// Writes the register to a file: a page to print, or JSON for a name that ends so.
pub fn write(core: &Core, file: &Path, language: &str, who: &Who) -> Result<Register, Error> {
    let register = register(core)?;
    let is_json = file.extension().is_some_and(|extension| extension.eq_ignore_ascii_case("json"));
    let text = if is_json { format!("{:#}\n", sheet::json(&register)) } else { sheet::html(&register, language) };
    output::write(file, &text).map_err(|e| Error::io(file, &e))?;
    core.store().write(who.op(OpKind::Privacy, ""), |tx| {
        let facts = json!({ "activities": register.activities.len(), "missing": register.missing.len() });
        Ok::<_, Error>(tx.audit("register_written", None, &facts)?)
    })?;
    Ok(register)
}
