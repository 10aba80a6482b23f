//! Systems that are described by a file: a manifest says which requests there are, what a
//! record looks like and what the vendor can and cannot do; one interpreter reads and writes
//! with it. There is no code in a manifest and no expression, so that everything it can do is
//! known before it is used (`check`).
//!
//! A manifest that comes with the program is a file in `manifests` and nothing else; a person
//! may bring one of their own.

mod attributes;
mod auth;
mod batch;
mod budget;
mod call;
mod check;
mod codec;
mod cursor;
mod delete;
mod exchange;
mod fault;
mod fetch;
mod form;
mod format;
mod given;
mod mapped;
mod moved;
mod oauth;
mod ops;
mod pager;
mod parts;
mod place;
mod pointer;
mod record;
mod remote;
mod send;
mod slots;
mod span;
mod system;
mod template;
mod tree;
mod ways;
mod wire;

pub use exchange::{Asked, Coming, Exchange, Heard, Lost};
pub use fault::Fault;
pub use form::{FormField, filled_in};
pub use format::{Auth, AuthKind, Config, ConfigKind, Written, schema};
pub use mapped::PartsKind;
pub use oauth::SignIn;
pub use parts::{Belonging, Belongings};
pub use remote::ManifestRemote;

use crate::{Account, Opening, Place};
use call::Call;
use cardfile_domain::{Sentence, say};
use cardfile_sync::{remote::Remote, run::Failure};
use format::{Deletes, Guard, Mode};
use mapped::Way;
use ops::OpName;
use parts::PartsCalls;
use std::{
    collections::BTreeMap,
    sync::{Arc, LazyLock},
};

/// A manifest that was checked.
#[derive(Debug, Clone, PartialEq)]
pub struct Manifest {
    written: Written,
    calls: BTreeMap<OpName, Call>,
    parts: Vec<PartsCalls>,
}

/// What a connection carries.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Carried {
    /// Units.
    pub units: Vec<String>,
    /// Those that only come.
    pub only_come: Vec<String>,
    /// Those that only leave.
    pub only_leave: Vec<String>,
    /// It carries custom fields as well.
    pub custom: bool,
}

/// The files of `manifests`, by their names.
static FILES: &[(&str, &str)] = include!(concat!(env!("OUT_DIR"), "/manifests.rs"));

/// A manifest that comes with the program.
pub(crate) struct Shipped {
    /// As it is written.
    pub(crate) text: &'static str,
    /// A template as it is when only what has to be was filled in.
    pub(crate) manifest: Arc<Manifest>,
}

/// Those that come with the program. A test holds that each can be used.
pub(crate) static SHIPPED: LazyLock<Vec<Shipped>> = LazyLock::new(|| {
    let all = FILES.iter().filter_map(|(_, text)| {
        let manifest = if form::is_template(text) {
            filled_in(text, &form::sample(text)).and_then(|filled| Manifest::parse(&filled))
        } else {
            Manifest::parse(text)
        };
        Some(Shipped { text, manifest: Arc::new(manifest.ok()?) })
    });
    all.collect()
});

/// The one of this kind that comes with the program.
pub fn shipped(kind: &str) -> Option<Arc<Manifest>> {
    let found = SHIPPED.iter().find(|one| one.manifest.written.connector.id == kind);
    found.map(|one| Arc::clone(&one.manifest))
}

/// The manifest that the form of a kind writes; nothing where the kind is one already.
pub fn from_form(kind: &str, fields: &BTreeMap<String, String>) -> Option<Result<String, Vec<Fault>>> {
    let found = SHIPPED.iter().find(|one| one.manifest.written.connector.id == kind)?;
    form::is_template(found.text).then(|| filled_in(found.text, fields))
}

/// The form of a kind, template or not.
pub fn form(kind: &str) -> Vec<FormField> {
    let Some(found) = SHIPPED.iter().find(|one| one.manifest.written.connector.id == kind) else { return Vec::new() };
    form::of_text(found.text)
}

impl Manifest {
    /// Reads and checks a manifest; else everything that is wrong with it.
    pub fn parse(text: &str) -> Result<Self, Vec<Fault>> {
        let written: Written = toml::from_str(text).map_err(|error| vec![Fault::of_reader(text, &error)])?;
        if written.connector.template {
            return Err(vec![Fault::at(text, "connector.template", "it has to be filled in first")]);
        }
        let calls = check::Check::of(text, &written)?;
        let parts = written.parts.iter().enumerate().map(|(at, part)| {
            let wrong = |(path, why): (String, String)| vec![Fault::at(text, &format!("part[{at}].{path}"), why)];
            PartsCalls::new(part).map_err(wrong)
        });
        let parts = parts.collect::<Result<_, _>>()?;
        Ok(Self { calls, parts, written })
    }

    /// As it is written.
    pub fn written(&self) -> &Written {
        &self.written
    }

    fn call(&self, name: OpName) -> Option<&Call> {
        self.calls.get(&name)
    }

    /// Names of fields that are secrets.
    pub fn secrets(&self) -> Vec<&str> {
        let secrets = self.written.config.iter().filter(|config| config.kind == ConfigKind::Secret);
        let own = secrets.map(|config| config.name.as_str());
        own.chain([auth::REFRESH_TOKEN, auth::EXPIRES_AT]).collect()
    }

    /// Everything that was filled in, and what was not as it is then.
    pub fn filled(&self, fields: &BTreeMap<String, String>) -> BTreeMap<String, String> {
        let defaults = self.written.config.iter().filter_map(|one| Some((one.name.clone(), one.default.clone()?)));
        let mut filled: BTreeMap<String, String> = defaults.collect();
        let given = fields.iter().filter(|(_, value)| !value.trim().is_empty());
        filled.extend(given.map(|(name, value)| (name.clone(), value.trim().to_owned())));
        filled
    }

    /// Fields that have to be filled in and were not. A secret may still come: who signs in has
    /// none before.
    pub fn missing(&self, fields: &BTreeMap<String, String>) -> Vec<&Config> {
        let filled = self.filled(fields);
        let is_missing = |config: &&Config| {
            config.kind != ConfigKind::Secret && config.default.is_none() && !filled.contains_key(&config.name)
        };
        self.written.config.iter().filter(is_missing).collect()
    }

    /// The secrets among fields, as the one text that is sealed.
    pub fn credential(&self, fields: &BTreeMap<String, String>) -> String {
        let secrets = self.secrets();
        let sealed: BTreeMap<&String, &String> =
            fields.iter().filter(|(name, _)| secrets.contains(&name.as_str())).collect();
        serde_json::to_string(&sealed).unwrap_or_default()
    }

    /// The hosts that it talks to, with what was filled in.
    pub fn hosts(&self, fields: &BTreeMap<String, String>) -> Result<Vec<String>, Failure> {
        Ok(place::Place::new(&self.written.http, &self.filled(fields))?.hosts().to_vec())
    }

    /// What people call the place that is meant, with what was filled in.
    pub fn place(&self, fields: &BTreeMap<String, String>) -> Result<String, Failure> {
        let filled = self.filled(fields);
        let scope = self.written.identity.scope.iter().filter_map(|name| filled.get(name));
        let scope: String = scope.map(|part| format!(" {part}")).collect();
        Ok(format!("{}{scope}", place::Place::new(&self.written.http, &filled)?.name()))
    }

    /// The form by which a connection is set up.
    pub fn form(&self) -> Vec<FormField> {
        self.written.config.iter().map(FormField::of).collect()
    }

    /// What a connection carries.
    pub fn carried(&self) -> Carried {
        let mut carried = Carried { custom: self.written.custom.is_some(), ..Carried::default() };
        for field in &self.written.fields {
            carried.units.push(field.local.clone());
            match field.direction {
                Way::Both if self.written.ops.is_read_only() => carried.only_come.push(field.local.clone()),
                Way::Both => {}
                Way::Pull => carried.only_come.push(field.local.clone()),
                Way::Push => carried.only_leave.push(field.local.clone()),
            }
            if let Some(hint) = field.hint().filter(|_| !self.written.ops.is_read_only()) {
                carried.units.push(hint.clone());
                carried.only_leave.push(hint);
            }
        }
        carried
    }

    /// What the vendor cannot do, and what follows from it.
    pub fn cannot(&self) -> Vec<Sentence> {
        let Written { changes, write, identity, ops, .. } = &self.written;
        let mut all = Vec::new();
        if write.guard == Guard::Read {
            all.push(say!("It compares no versions: a record is read again just before it is written."));
        }
        if changes.mode == Mode::FullScan {
            all.push(say!("It cannot say what changed: each run lists everything."));
        }
        if changes.deletes == Deletes::AbsentInFullScan {
            all.push(say!(
                "It does not say what was deleted: what a complete list lacks is read before it is believed."
            ));
        }
        if changes.overlap.0 > 0 {
            all.push(say!("Its search lags behind: some of what was read is read again."));
        }
        if !identity.unique {
            all.push(say!("It may hold two records with one external ID: the second one waits for you."));
        }
        if identity.external_id.is_none() {
            all.push(say!("Its records hold no external ID: people are matched by their email the first time."));
        }
        if ops.delete.is_none() && ops.purge.is_none() {
            all.push(say!("It lets no program delete: a deletion here stays here."));
        }
        all
    }
}

/// Opens the connection that an opening names.
pub(crate) fn open(opening: Opening) -> Result<Box<dyn Remote>, Failure> {
    Ok(Box::new(ManifestRemote::new(opening)?))
}

/// A manifest names its place itself: there is nothing to look for.
pub(crate) fn places(account: &Account) -> Result<Vec<Place>, Failure> {
    Ok(vec![Place { url: account.url.clone(), name: String::new() }])
}

pub(crate) use parts::open as open_belongings;

#[cfg(test)]
#[path = "manifest/tests.rs"]
mod tests;
