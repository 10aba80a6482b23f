//! What a connector is opened with: what a connection is set to, its secrets, the custom fields
//! that go there or come from there, and what this workspace is called.

use super::{
    remotes::{Known, Settings, all, failed},
    setup,
};
use crate::{
    core::{Core, Who},
    error::Error,
};
use cardfile_connectors::{Account, Listen, Opening, Stop};
use cardfile_domain::{Contact, CustomKind, say};
use cardfile_store::{OpKind, SecretText};
use cardfile_sync::{bridge::Leases, remote::Remote, run::Failure};
use serde_json::Value;
use std::collections::BTreeMap;

/// Setting under which the name of this workspace in stamps is kept.
pub(super) const DEVICE: &str = "sync_device";

/// Opens the connector of a remote for one run, in which `stop` ends the wait for an answer.
pub(crate) fn open(core: &Core, known: &Known, stop: &Stop) -> Result<Box<dyn Remote>, Error> {
    let mut remote = (known.connector()?.open)(opening(core, known, stop)?).map_err(failed)?;
    // Before anything is asked with it, it is kept: one that gives another ends the one before.
    if let Some(credential) = remote.renew().map_err(failed)? {
        let sealed = core.store().seal_credential(&known.kept.id, &SecretText::new(credential))?;
        let who = Who { actor: "cardfile".into(), origin: "sync".into() };
        let op = who.op(OpKind::SyncDecide, known.kept.name.as_str());
        core.store().write(op, |tx| Ok::<_, Error>(tx.put_sealed(&sealed)?))?;
    }
    Ok(remote)
}

/// The database of the team that this workspace is in, where it is turned on.
pub(crate) fn team(core: &Core) -> Result<Option<Known>, Error> {
    Ok(all(core)?.into_iter().find(|known| known.is_team() && known.settings.enabled_at.is_some()))
}

/// Who serves what the team shares. Asks its database.
pub(crate) fn open_leases(core: &Core, team: &Known, stop: &Stop) -> Result<Result<Box<dyn Leases>, Failure>, Error> {
    let Some(connector) = &team.connector()?.team else {
        return Ok(Err(Failure::Refused(format!("{} is no database of a team", team.kept.name))));
    };
    // The lease is this workspace's, whatever the team is called in the records.
    Ok((connector.leases)(Opening { device: device(core)?, ..opening(core, team, stop)? }))
}

/// How changes in the database of the team are heard of; nothing where there is none.
pub(crate) fn listening(core: &Core) -> Result<Option<Listening>, Error> {
    let Some(known) = team(core)? else { return Ok(None) };
    let Some(connector) = &known.connector()?.team else { return Ok(None) };
    Ok(Some(Listening { listen: connector.listen, opening: opening(core, &known, &Stop::default())? }))
}

/// Everything it takes to listen, without the workspace: it may be locked meanwhile.
pub(crate) struct Listening {
    listen: fn(Opening) -> Result<Box<dyn Listen>, Failure>,
    opening: Opening,
}

impl Listening {
    /// Asks the database.
    pub(crate) fn begin(self) -> Result<Box<dyn Listen>, Failure> {
        (self.listen)(self.opening)
    }
}

/// Everything it takes to open the connector of a connection.
pub(crate) fn opening(core: &Core, known: &Known, stop: &Stop) -> Result<Opening, Error> {
    let password = core.store().credential(&known.kept.id)?;
    let mut password = password.map(|text| text.show().to_string()).unwrap_or_default();
    let Settings { url, user, place, stamps, manifest, mut fields, .. } = known.settings.clone();
    if let Some(described) = known.manifest() {
        setup::check_hosts(known, &described)?;
        let secrets: BTreeMap<String, String> = serde_json::from_str(&password).unwrap_or_default();
        fields.extend(secrets);
        password.clear();
    } else if !manifest.is_empty() {
        return Err(Error::bad_request(say!("the manifest of {name} cannot be used", name = known.kept.name)));
    }
    Ok(Opening {
        kind: known.kept.kind.clone(),
        manifest,
        fields,
        custom: custom(core, known)?,
        now: core.store().environment().clock.now(),
        account: Account { url, user, password },
        place,
        device: known.kept.device.clone().map_or_else(|| device(core), Ok)?,
        stamps,
        region: core.region()?,
        stop: stop.clone(),
    })
}

/// Custom fields that may go there or come from there.
fn custom(core: &Core, known: &Known) -> Result<BTreeMap<String, CustomKind>, Error> {
    if !known.carried().custom {
        return Ok(BTreeMap::new());
    }
    let mapped: Vec<&str> =
        known.settings.mapping.units().filter_map(|unit| unit.strip_prefix(Contact::CUSTOM_PREFIX)).collect();
    let fields = core.custom_fields()?.into_iter().filter(|field| mapped.contains(&field.key.as_str()));
    Ok(fields.map(|field| (field.key, field.kind)).collect())
}

/// What this workspace is called in stamps.
pub(crate) fn device(core: &Core) -> Result<String, Error> {
    if let Some(Value::String(device)) = core.setting(DEVICE)? {
        return Ok(device);
    }
    let device = core.store().new_id("dev_");
    core.set_setting(DEVICE, &Value::from(device.as_str()), &Who { actor: "cardfile".into(), origin: "sync".into() })?;
    Ok(device)
}
