//! Which remotes there are, what may go where, and since when they may be written to.

use super::{opening::DEVICE, setup};
use crate::{
    core::{Core, Who},
    error::{Code, Error},
    webhooks::hints,
};
use cardfile_connectors::{
    Account, Connector, OWN, Place, REGISTRY, connector,
    manifest::{Carried, Manifest},
};
use cardfile_domain::{Contact, Millis, Sentence, say};
use cardfile_store::{OpKind, Remote as Configured, RemoteRow, Sealed, SecretText, Tx};
use cardfile_sync::{
    mapping::{Direction, Mapping, Rule},
    mutant::{self, Mutant},
    plan::Question,
    run::Failure,
};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::{collections::BTreeMap, sync::Arc};

pub(crate) use super::opening::{Listening, device, listening, open, open_leases, opening, team};

/// What a remote is set to.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Settings {
    /// Address of the server, as it was typed.
    pub url: String,
    /// Who signs in.
    pub user: String,
    /// Where the contacts are.
    pub place: String,
    /// Which fields go which way.
    pub mapping: Mapping,
    /// Whether records hold how many of our writes they have seen.
    pub stamps: bool,
    /// Minutes between runs; 0: only by hand.
    pub every_minutes: u32,
    /// A run follows a change here.
    pub on_change: bool,
    /// Since when runs may write.
    pub enabled_at: Option<Millis>,
    /// Why they may although the review said no.
    pub reason: String,
    /// What the form of a manifest was filled in with, but for secrets.
    pub fields: BTreeMap<String, String>,
    /// The manifest, of a connection that brings its own.
    pub manifest: String,
    /// The hosts that a person agreed to, where a manifest names them.
    pub hosts: Vec<String>,
}

/// A configured remote.
#[derive(Debug, Clone, PartialEq)]
pub struct Known {
    /// As it is kept.
    pub kept: Configured,
    /// What it is set to.
    pub settings: Settings,
}

impl Known {
    fn of(kept: Configured) -> Self {
        let settings = serde_json::from_value(kept.settings.clone()).unwrap_or_default();
        Self { kept, settings }
    }

    /// Questions that wait for a person.
    pub fn asked(&self) -> Vec<Question> {
        serde_json::from_value(self.kept.asked.clone()).unwrap_or_default()
    }

    /// Whether a team keeps all of its contacts there.
    pub fn is_team(&self) -> bool {
        self.connector().is_ok_and(|connector| connector.team.is_some())
    }

    /// The manifest that describes it; nothing where it is code.
    pub fn manifest(&self) -> Option<Arc<Manifest>> {
        if self.settings.manifest.is_empty() {
            return connector(&self.kept.kind)?.manifest.clone();
        }
        Manifest::parse(&self.settings.manifest).ok().map(Arc::new)
    }

    /// What it can carry.
    pub fn carried(&self) -> Carried {
        match (self.manifest(), self.connector()) {
            (Some(manifest), _) => manifest.carried(),
            (None, Ok(connector)) => connector.carried(),
            (None, Err(_)) => Carried::default(),
        }
    }

    /// Records that the plan of the account allows; nothing where nobody said.
    pub fn quota(&self) -> Option<u32> {
        let manifest = self.manifest()?;
        let limit = &manifest.written().quota.as_ref()?.limit;
        self.settings.fields.get(limit)?.trim().parse().ok()
    }

    pub(crate) fn connector(&self) -> Result<&'static Connector, Error> {
        match connector(&self.kept.kind) {
            None if !self.settings.manifest.is_empty() => Ok(&OWN),
            _ => of_kind(&self.kept.kind),
        }
    }
}

/// A new remote.
pub struct NewRemote {
    /// What people will call it.
    pub name: String,
    /// Which connector.
    pub kind: String,
    /// Address.
    pub url: String,
    /// Who signs in; may be empty.
    pub user: String,
    /// With what; may be empty.
    pub password: SecretText,
    /// Where the contacts are; empty for the only place there is.
    pub place: String,
}

pub(super) fn of_kind(kind: &str) -> Result<&'static Connector, Error> {
    connector(kind).ok_or_else(|| Error::bad_request(say!("there is no connector {kind}", kind)))
}

/// What people call the kind of a connection.
pub(crate) fn label(known: &Known) -> String {
    known.connector().map_or_else(|_| known.kept.kind.clone(), |connector| connector.label.to_owned())
}

/// An error of a remote, in its own words where it has any.
pub(crate) fn failed(failure: Failure) -> Error {
    match failure {
        Failure::SignInNeeded => Error::new(Code::SignIn, say!("the server does not accept the user or the password"))
            .hint(say!("Check both, and whether the server wants a password made for programs.")),
        Failure::Busy { .. } => {
            Error::new(Code::Unreachable, say!("the server is busy")).hint(say!("Try again in a while."))
        }
        Failure::Unreachable(said) => Error::new(Code::Unreachable, say!("the server does not answer: {said}", said))
            .hint(say!("Check the address and the network. Nothing was changed.")),
        Failure::Refused(said) => Error::new(Code::Refused, say!("the server says no: {said}", said))
            .hint(say!("Check the address. Nothing was changed.")),
    }
}

/// What an administrator runs once in the database of a team, by the kind of database.
pub fn schemas() -> impl Iterator<Item = (&'static str, &'static str)> {
    REGISTRY.iter().filter_map(|connector| Some((connector.kind, connector.team.as_ref()?.schema)))
}

/// What can be connected, and what people call it.
pub fn kinds() -> impl Iterator<Item = (&'static str, &'static str)> {
    REGISTRY.iter().map(|connector| (connector.kind, connector.label))
}

/// All remotes, in the order of their names.
pub fn all(core: &Core) -> Result<Vec<Known>, Error> {
    Ok(core.store().read(|r| r.remotes().all())?.into_iter().map(Known::of).collect())
}

/// The remote with this name or id.
pub fn find(core: &Core, name: &str) -> Result<Known, Error> {
    let kept = core.store().read(|r| r.remotes().named(name))?;
    kept.map(Known::of).ok_or_else(|| Error::not_found(say!("the connection {name}", name)))
}

/// The places of an account where contacts are. Asks the server.
pub fn places(kind: &str, url: &str, user: &str, password: SecretText) -> Result<Vec<Place>, Error> {
    let account = Account { url: url.to_owned(), user: user.to_owned(), password: password.show().to_string() };
    (of_kind(kind)?.places)(&account).map_err(failed)
}

/// Everything that the connector carries goes both ways once a person approves it.
pub(super) fn first_mapping(carried: &Carried) -> Mapping {
    let rule = |unit: &String| {
        let direction = match unit {
            unit if carried.only_come.contains(unit) => Direction::Pull,
            unit if carried.only_leave.contains(unit) => Direction::Push,
            _ => Direction::Both,
        };
        (unit.clone(), Rule { direction, ..Rule::default() })
    };
    Mapping(carried.units.iter().map(rule).collect())
}

/// Custom fields that a connection can carry, as units.
pub fn custom_units(core: &Core, known: &Known) -> Result<Vec<String>, Error> {
    if !known.carried().custom {
        return Ok(Vec::new());
    }
    let fields = core.custom_fields()?.into_iter();
    Ok(fields.map(|field| format!("{}{}", Contact::CUSTOM_PREFIX, field.key)).collect())
}

/// Makes a remote. Nothing of any contact leaves before fields were approved and the review
/// was passed.
pub fn add(core: &Core, new: NewRemote, who: &Who) -> Result<Known, Error> {
    let connector = of_kind(&new.kind)?;
    if connector.manifest.is_some() {
        return setup::add(core, setup::NewManifest::of_account(new)?, who);
    }
    let name = free_name(core, &new.name)?;
    let id = core.store().new_id("rem_");
    let sealed = core.store().seal_credential(&id, &new.password)?;
    let place = if new.place.trim().is_empty() {
        let account =
            Account { url: new.url.clone(), user: new.user.clone(), password: new.password.show().to_string() };
        only_place((connector.places)(&account).map_err(failed)?)?
    } else {
        new.place.trim().to_owned()
    };
    let settings = Settings {
        url: new.url.trim().to_owned(),
        user: new.user.trim().to_owned(),
        place,
        mapping: first_mapping(&connector.carried()),
        ..Settings::default()
    };
    keep(core, id, name, new.kind, &settings, &sealed, who)
}

/// The name of a new connection, trimmed; refused when it is empty or another has it.
pub(super) fn free_name<'n>(core: &Core, name: &'n str) -> Result<&'n str, Error> {
    let name = name.trim();
    if name.is_empty() {
        return Err(Error::bad_request(say!("the connection has no name")));
    }
    if core.store().read(|r| r.remotes().named(name))?.is_some() {
        return Err(Error::bad_request(say!("there is a connection {name} already", name)));
    }
    Ok(name)
}

/// Keeps a new connection.
pub(super) fn keep(
    core: &Core,
    id: String,
    name: &str,
    kind: String,
    settings: &Settings,
    sealed: &Sealed,
    who: &Who,
) -> Result<Known, Error> {
    let kept = Configured {
        id,
        name: name.to_owned(),
        kind,
        settings: serde_json::to_value(settings).unwrap_or_default(),
        created_at: core.store().environment().clock.now(),
        ..Configured::default()
    };
    core.store().write(who.op(OpKind::SyncDecide, name), |tx| {
        tx.put_sealed(sealed)?;
        Ok::<_, Error>(tx.put_remote(&kept)?)
    })?;
    find(core, name)
}

fn only_place(mut places: Vec<Place>) -> Result<String, Error> {
    match places.len() {
        1 => Ok(places.remove(0).url),
        0 => Err(Error::not_found(say!("a place with contacts"))),
        _ => {
            let names: Vec<String> =
                places.into_iter().map(|place| format!("{} ({})", place.name, place.url)).collect();
            let names = names.join(", ");
            Err(Error::bad_request(say!("there are several: {names}", names)).hint(say!("Give one of them.")))
        }
    }
}

/// Changes what a remote is set to. Another mapping looks at every pair again.
pub fn set(core: &Core, id: &str, who: &Who, change: impl FnOnce(&mut Settings)) -> Result<Known, Error> {
    let known = find(core, id)?;
    core.store().write(who.op(OpKind::SyncDecide, known.kept.name.as_str()), |tx| {
        let mut kept = tx.read().remotes().get(known.kept.row)?.unwrap_or_default();
        let before: Settings = serde_json::from_value(kept.settings.clone()).unwrap_or_default();
        let mut settings = before.clone();
        change(&mut settings);
        for (unit, rule) in &mut settings.mapping.0 {
            let was = before.mapping.0.get(unit).and_then(|rule| rule.purpose.as_ref());
            if let Some(name) = rule.purpose.as_ref().filter(|name| was != Some(*name)) {
                // By its key, which never changes; a word of no purpose would hold everybody back unsaid.
                let purpose = tx.read().purposes().named(name)?;
                let purpose = purpose.ok_or_else(|| Error::not_found(say!("the purpose {name}", name)))?;
                rule.purpose = Some(purpose.key);
            }
        }
        kept.settings = serde_json::to_value(&settings).unwrap_or_default();
        if settings.mapping.goes_like(&before.mapping) {
            // Only who wins a conflict may be another.
            if settings.mapping != before.mapping {
                tx.open_waiting(kept.row)?;
            }
        } else {
            look_at_all(tx, &mut kept)?;
            if known.is_team() {
                look_again_at_shared(tx)?;
            }
        }
        Ok::<_, Error>(tx.put_remote(&kept)?)
    })?;
    find(core, id)
}

/// What leaves for a remote that a team shares depends on what its database may hold.
fn look_again_at_shared(tx: &mut Tx<'_>) -> Result<(), Error> {
    for mut kept in tx.read().remotes().all()?.into_iter().filter(|kept| kept.epoch.is_some()) {
        look_at_all(tx, &mut kept)?;
        tx.put_remote(&kept)?;
    }
    Ok(())
}

/// The next run looks at every contact and at every record: what went no way before may go now.
fn look_at_all(tx: &mut Tx<'_>, kept: &mut cardfile_store::Remote) -> Result<(), Error> {
    (kept.seen, kept.cursor) = (None, None);
    Ok(tx.open_pairs(kept.row)?)
}

/// A copy of a workspace knows less of its remotes than they do: nothing is written before
/// everything was read again, under another name, and after a person turned it on.
pub(crate) fn after_restore(core: &Core) -> Result<(), Error> {
    let who = Who { actor: "cardfile".into(), origin: "recovery".into() };
    core.set_setting(DEVICE, &Value::Null, &who)?;
    for known in all(core)? {
        set(core, &known.kept.id, &who, |settings| settings.enabled_at = None)?;
        core.store().write(who.op(OpKind::SyncDecide, known.kept.name.as_str()), |tx| read_anew(tx, known.kept.row))?;
    }
    Ok(())
}

/// The next run reads everything at a remote, and looks at every pair. Of one that a team
/// shares it begins with what the team knows: the number of the latest write that is known
/// here was given out again since.
pub fn read_anew(tx: &mut Tx<'_>, row: RemoteRow) -> Result<(), Error> {
    let Some(mut kept) = tx.read().remotes().get(row)? else { return Ok(()) };
    (kept.cursor, kept.seen, kept.asked, kept.agreed) = (None, None, Value::Null, Value::Null);
    tx.put_remote(&kept)?;
    tx.open_pairs(row)?;
    if !mutant::is(Mutant::RestoredIsAlone) {
        tx.unbridge(row)?;
    }
    Ok(())
}

/// Keeps another password.
pub fn set_password(core: &Core, id: &str, password: SecretText, who: &Who) -> Result<(), Error> {
    let known = find(core, id)?;
    if let Some(manifest) = known.manifest() {
        let token = manifest.written().auth.token.clone().unwrap_or_default();
        return setup::fill(core, id, &BTreeMap::from([(token, password.show().to_string())]), who).map(|_| ());
    }
    let sealed = core.store().seal_credential(&known.kept.id, &password)?;
    core.store()
        .write(who.op(OpKind::SyncDecide, known.kept.name.as_str()), |tx| Ok::<_, Error>(tx.put_sealed(&sealed)?))?;
    Ok(())
}

/// Takes a remote away with what is known of it. The contacts stay, here and there.
pub fn remove(core: &Core, id: &str, who: &Who) -> Result<(), Error> {
    let known = find(core, id)?;
    // A run under way would go on at a remote that is not there, or at the next one.
    let _lock = core.store().lock_remote(&known.kept.id)?.ok_or_else(|| {
        Error::new(Code::InUse, say!("a run of this connection is under way")).hint(say!("Stop it first."))
    })?;
    core.store().write(who.op(OpKind::SyncDecide, known.kept.name.as_str()), |tx| {
        tx.destroy_sealed(&known.kept.id)?;
        tx.destroy_sealed(&hints::secret_of(&known.kept.id))?;
        Ok::<_, Error>(tx.delete_remote(known.kept.row)?)
    })?;
    Ok(())
}

/// A person agrees to what a run asked: the next one goes on.
pub fn agree(core: &Core, id: &str, who: &Who) -> Result<(), Error> {
    let known = find(core, id)?;
    core.store().write(who.op(OpKind::SyncDecide, known.kept.name.as_str()), |tx| {
        let mut kept = tx.read().remotes().get(known.kept.row)?.unwrap_or_default();
        (kept.agreed, kept.asked) = (std::mem::take(&mut kept.asked), Value::Null);
        Ok::<_, Error>(tx.put_remote(&kept)?)
    })?;
    Ok(())
}

/// What goes where, in one sentence.
pub fn sentence(known: &Known) -> Sentence {
    let names = |which: &dyn Fn(&Rule) -> bool| {
        // Which of several is the first goes with them, and is no field of its own.
        let is_field = |unit: &str| unit.starts_with(Contact::CUSTOM_PREFIX) || !unit.contains('.');
        let units = known.settings.mapping.0.iter().filter(|(unit, rule)| is_field(unit) && which(rule));
        let names: Vec<&str> = units.map(|(unit, _)| unit.as_str()).collect();
        names.join(", ")
    };
    let leaves = |rule: &Rule| matches!(rule.direction, Direction::Push | Direction::Both) && rule.approved;
    let sent = names(&leaves);
    let received = names(&|rule| matches!(rule.direction, Direction::Pull | Direction::Both));
    match (sent.is_empty(), received.is_empty()) {
        (true, true) => say!("sends nothing and receives nothing"),
        (true, false) => {
            say!("sends nothing; receives {received}; never sends notes, files, memories or secrets", received)
        }
        (false, true) => say!("sends {sent}; receives nothing; never sends notes, files, memories or secrets", sent),
        (false, false) => {
            say!("sends {sent}; receives {received}; never sends notes, files, memories or secrets", sent, received)
        }
    }
}
