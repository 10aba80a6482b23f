//! Setting up a connection that a manifest describes: what its form is filled in with, the
//! hosts that a person agrees to, and signing in with the browser.

use super::{
    remotes::{self, Known, NewRemote, Settings},
    watch::Watch,
};
use crate::{
    core::{Core, Who},
    error::{Code, Error},
    progress::Progress,
};
use cardfile_connectors::{
    OWN, Opening, connector,
    manifest::{self, Config, ConfigKind, Fault, FormField, Manifest, SignIn},
};
use cardfile_domain::say;
use cardfile_store::{OpKind, SecretText};
use cardfile_sync::remote::Paged;
use std::{collections::BTreeMap, sync::Arc, time::Duration};

/// So long a person has time to sign in.
const PATIENCE: Duration = Duration::from_secs(300);
/// The kind whose form writes a manifest.
pub const GENERIC: &str = "generic";

/// A new connection that a manifest describes. Has no `Debug`: there are secrets in it.
pub struct NewManifest {
    /// What people will call it.
    pub name: String,
    /// Which of those that come with the program; with a manifest of one's own, empty.
    pub kind: String,
    /// What the form is filled in with, secrets among it.
    pub fields: BTreeMap<String, String>,
    /// The text of a manifest of one's own; else empty.
    pub manifest: String,
}

impl NewManifest {
    /// What was given as for a server: the address in place of the usual one, the password as
    /// the token, and `name=value` for what else the form asks.
    pub(super) fn of_account(new: NewRemote) -> Result<Self, Error> {
        let NewRemote { name, kind, url, user, password, place } = new;
        let described = manifest::shipped(&kind).ok_or_else(|| Error::not_found(say!("the connector {kind}", kind)))?;
        let auth = &described.written().auth;
        let mut fields = BTreeMap::new();
        for pair in place.split_whitespace() {
            let Some((field, value)) = pair.split_once('=') else {
                return Err(Error::bad_request(say!("{pair} is not like name=value", pair)));
            };
            fields.insert(field.to_owned(), value.to_owned());
        }
        fields.extend(auth.user.clone().filter(|_| !user.is_empty()).map(|field| (field, user)));
        fields.extend(auth.token.clone().map(|field| (field, password.show().to_string())));
        if !url.trim().is_empty() {
            fields.insert("base_url".to_owned(), url.trim().to_owned());
        }
        Ok(Self { name, kind, fields, manifest: String::new() })
    }
}

/// The form of a kind; empty for one that is code.
pub fn form(kind: &str) -> Vec<FormField> {
    manifest::form(kind)
}

/// The form of a manifest that a person brings, and what it is called; else what is wrong.
pub fn form_of(text: &str) -> Result<(Arc<Manifest>, Vec<FormField>), Error> {
    let described = read(text)?;
    let fields = described.form();
    Ok((described, fields))
}

/// Reads a manifest of one's own. Its kind is its own, and none of those that come with the
/// program.
fn read(text: &str) -> Result<Arc<Manifest>, Error> {
    let described = Manifest::parse(text).map_err(|faults| wrong(&faults))?;
    let kind = described.written().connector.id.clone();
    if connector(&kind).is_some() || kind == OWN.kind {
        return Err(Error::bad_request(say!("there is a connector {kind} already", kind)));
    }
    Ok(Arc::new(described))
}

/// Everything that is wrong with a manifest.
fn wrong(faults: &[Fault]) -> Error {
    let all: Vec<String> = faults.iter().map(ToString::to_string).collect();
    let faults = all.join("; ");
    Error::bad_request(say!("the manifest cannot be used: {faults}", faults))
}

/// Makes a connection. Asks the system once, unless nobody signed in yet. Nothing of any contact
/// leaves before fields were approved and the review was passed.
pub fn add(core: &Core, new: NewManifest, who: &Who) -> Result<Known, Error> {
    let name = remotes::free_name(core, &new.name)?.to_owned();
    let (kind, own) = if new.manifest.trim().is_empty() {
        let written = manifest::from_form(&new.kind, &new.fields).transpose().map_err(|faults| wrong(&faults))?;
        (new.kind, written.unwrap_or_default())
    } else {
        (read(&new.manifest)?.written().connector.id.clone(), new.manifest)
    };
    let described = described(&kind, &own)?;
    let settings = filled(&described, own, new.fields.clone())?;
    let credential = described.credential(&new.fields);
    if has_token(&described, &new.fields) {
        probe(core, &kind, &settings, &new.fields)?;
    }
    let settings = Settings { mapping: remotes::first_mapping(&described.carried()), ..settings };
    let id = core.store().new_id("rem_");
    let sealed = core.store().seal_credential(&id, &SecretText::new(credential))?;
    remotes::keep(core, id, &name, kind, &settings, &sealed, who)
}

fn described(kind: &str, own: &str) -> Result<Arc<Manifest>, Error> {
    if own.is_empty() {
        return manifest::shipped(kind).ok_or_else(|| Error::not_found(say!("the connector {kind}", kind)));
    }
    Ok(Arc::new(Manifest::parse(own).map_err(|faults| wrong(&faults))?))
}

/// What a connection is set to, with what was filled in.
fn filled(described: &Manifest, own: String, mut fields: BTreeMap<String, String>) -> Result<Settings, Error> {
    if let Some(missing) = described.missing(&fields).first() {
        return Err(Error::bad_request(say!("{field} is missing", field = missing.label.as_str())));
    }
    for config in &described.written().config {
        let Some(value) = fields.get(&config.name).map(|value| value.trim()) else { continue };
        if !value.is_empty() && !fits(config, value) {
            return Err(Error::bad_request(say!("{value} does not fit {field}", value, field = config.label.as_str())));
        }
    }
    let hosts = described.hosts(&fields).map_err(remotes::failed)?;
    let place = described.place(&fields).map_err(remotes::failed)?;
    let url = fields.get("base_url").cloned().unwrap_or_default();
    for secret in described.secrets() {
        fields.remove(secret);
    }
    Ok(Settings { url, place, fields, manifest: own, hosts, ..Settings::default() })
}

fn fits(config: &Config, value: &str) -> bool {
    match config.kind {
        ConfigKind::Number => value.parse::<u64>().is_ok(),
        ConfigKind::Toggle => matches!(value, "yes" | "no"),
        ConfigKind::Choice => config.choices.iter().any(|choice| choice == value),
        ConfigKind::Text | ConfigKind::Secret | ConfigKind::Url | ConfigKind::Path => true,
    }
}

fn has_token(described: &Manifest, fields: &BTreeMap<String, String>) -> bool {
    let token = described.written().auth.token.as_ref();
    token.is_none_or(|token| fields.get(token).is_some_and(|token| !token.trim().is_empty()))
}

/// Asks for who it is and for the first page. Nothing of it is kept.
fn probe(core: &Core, kind: &str, settings: &Settings, fields: &BTreeMap<String, String>) -> Result<(), Error> {
    let opening = Opening {
        kind: kind.to_owned(),
        manifest: settings.manifest.clone(),
        fields: fields.clone(),
        now: core.store().environment().clock.now(),
        ..Opening::default()
    };
    let open = connector(kind).unwrap_or(&OWN).open;
    let mut remote = open(opening).map_err(remotes::failed)?;
    remote.identity().map_err(remotes::failed)?;
    remote.begin(None);
    match remote.page(&|_| None).map_err(remotes::failed)? {
        Paged::Page(_) | Paged::Expired => Ok(()),
    }
}

/// Fills further fields of a connection in, or fills them in otherwise. Whoever does agrees to
/// the hosts that follow from it.
pub fn fill(core: &Core, id: &str, fields: &BTreeMap<String, String>, who: &Who) -> Result<Known, Error> {
    let known = remotes::find(core, id)?;
    let described = known.manifest().ok_or_else(|| {
        Error::bad_request(say!("{name} is described by no manifest", name = known.kept.name.as_str()))
    })?;
    let mut all = secrets(core, &known)?;
    all.extend(known.settings.fields.clone());
    all.extend(fields.clone());
    let rewritten = manifest::from_form(&known.kept.kind, &all).transpose().map_err(|faults| wrong(&faults))?;
    let own = rewritten.unwrap_or_else(|| known.settings.manifest.clone());
    let described = if own == known.settings.manifest { described } else { self::described(&known.kept.kind, &own)? };
    let new = filled(&described, own, all.clone())?;
    let credential = SecretText::new(described.credential(&all));
    let sealed = core.store().seal_credential(&known.kept.id, &credential)?;
    core.store()
        .write(who.op(OpKind::SyncDecide, known.kept.name.as_str()), |tx| Ok::<_, Error>(tx.put_sealed(&sealed)?))?;
    remotes::set(core, id, who, |settings| {
        (settings.url, settings.place, settings.fields) = (new.url, new.place, new.fields);
        (settings.manifest, settings.hosts) = (new.manifest, new.hosts);
    })
}

fn secrets(core: &Core, known: &Known) -> Result<BTreeMap<String, String>, Error> {
    let credential = core.store().credential(&known.kept.id)?.map(|text| text.show().to_string());
    Ok(serde_json::from_str(&credential.unwrap_or_default()).unwrap_or_default())
}

/// A person signs in with the browser, which `show` opens; the tokens are sealed.
pub fn sign_in(core: &Core, id: &str, show: &dyn Fn(&str), progress: &dyn Progress, who: &Who) -> Result<Known, Error> {
    let known = remotes::find(core, id)?;
    let described = known.manifest().ok_or_else(|| {
        Error::bad_request(say!("{name} is described by no manifest", name = known.kept.name.as_str()))
    })?;
    let mut fields = secrets(core, &known)?;
    fields.extend(known.settings.fields.clone());
    let mut random = [0; 64];
    core.store().environment().entropy.fill(&mut random);
    let now = core.store().environment().clock.now();
    let signing = SignIn::begin(&described, &fields, &random, now).map_err(remotes::failed)?;
    show(signing.url());
    let watch = Watch::default();
    let granted = watch.over(progress, || signing.finish(PATIENCE, &watch.stop));
    fill(core, id, &granted.map_err(remotes::failed)?, who)
}

/// A manifest that wants to talk to further hosts than a person agreed to is not used: a new
/// version of the program may bring another one.
pub(super) fn check_hosts(known: &Known, described: &Manifest) -> Result<(), Error> {
    let hosts = described.hosts(&known.settings.fields).map_err(remotes::failed)?;
    match hosts.into_iter().find(|host| !known.settings.hosts.contains(host)) {
        None => Ok(()),
        Some(host) => Err(Error::new(
            Code::Refused,
            say!("{name} would talk to {host} from now on", name = known.kept.name.as_str(), host),
        )
        .hint(say!("Look at what the connection is set to, and save it again if that is right."))),
    }
}

/// The JSON Schema of manifests, for editors.
pub fn schema() -> serde_json::Value {
    manifest::schema()
}
