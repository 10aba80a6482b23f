//! The connectors there are. A new one is a file and a line here.

use crate::{
    Stop, carddav,
    manifest::{self, Belongings, Carried, Manifest},
    postgres,
};
use cardfile_domain::{CustomKind, Millis, Region};
use cardfile_sync::{bridge::Leases, remote::Remote, run::Failure};
use std::{
    collections::BTreeMap,
    sync::{Arc, LazyLock},
    time::Duration,
};

/// Who asks, and where. Has no `Debug`, so that the password gets into no log.
#[derive(Clone, Default)]
pub struct Account {
    /// Of the server, of the account or of the place in it, as a person typed it.
    pub url: String,
    /// Empty when the server asks for none.
    pub user: String,
    /// In clear.
    pub password: String,
}

/// A place of an account where contacts are: an address book, a database.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place {
    /// Where it is.
    pub url: String,
    /// What its owner calls it; else the last part of its address.
    pub name: String,
}

/// What a connector is opened with.
#[derive(Default)]
pub struct Opening {
    /// Which kind of system.
    pub kind: String,
    /// The manifest of a connection that brings its own; else empty.
    pub manifest: String,
    /// What the form of a manifest was filled in with, secrets among it, by name.
    pub fields: BTreeMap<String, String>,
    /// Custom fields that may go there or come from there, by their keys.
    pub custom: BTreeMap<String, CustomKind>,
    /// The present moment.
    pub now: Millis,
    /// Who asks.
    pub account: Account,
    /// Where the contacts are.
    pub place: String,
    /// What this workspace is called in stamps.
    pub device: String,
    /// Whether records hold how many of our writes they have seen.
    pub stamps: bool,
    /// Country of phones that are written without their country code.
    pub region: Option<Region>,
    /// Ends the wait for an answer.
    pub stop: Stop,
}

/// Opens what a system keeps of contacts beside their records.
pub type OpenBelongings = fn(Opening) -> Result<Box<dyn Belongings>, Failure>;

/// One kind of remote.
pub struct Connector {
    /// Its name in settings and external IDs.
    pub kind: &'static str,
    /// What people call it.
    pub label: &'static str,
    /// The units it can carry.
    pub units: &'static [&'static str],
    /// Those that only come: what a remote says of itself.
    pub only_come: &'static [&'static str],
    /// The places of an account.
    pub places: fn(&Account) -> Result<Vec<Place>, Failure>,
    /// One place, for the length of one run.
    pub open: fn(Opening) -> Result<Box<dyn Remote>, Failure>,
    /// Of one that keeps all contacts of a team.
    pub team: Option<Team>,
    /// The manifest that describes it; nothing for one that is code.
    pub manifest: Option<Arc<Manifest>>,
    /// What belongs to a contact there and can be fetched.
    pub belongings: Option<OpenBelongings>,
}

impl Connector {
    /// What a connection carries.
    pub fn carried(&self) -> Carried {
        let all = |units: &[&str]| units.iter().map(|unit| (*unit).to_owned()).collect();
        match &self.manifest {
            Some(manifest) => manifest.carried(),
            None => Carried { units: all(self.units), only_come: all(self.only_come), ..Carried::default() },
        }
    }

    fn of_manifest(manifest: &Arc<Manifest>) -> Self {
        // They are there as long as the program runs.
        let kept = |text: &str| -> &'static str { Box::leak(text.to_owned().into_boxed_str()) };
        let about = &manifest.written().connector;
        let carried = manifest.carried();
        let all = |units: &[String]| -> &'static [&'static str] {
            Box::leak(units.iter().map(|unit| kept(unit)).collect::<Vec<_>>().into_boxed_slice())
        };
        Self {
            kind: kept(&about.id),
            label: kept(&about.label),
            units: all(&carried.units),
            only_come: all(&carried.only_come),
            places: manifest::places,
            open: manifest::open,
            team: None,
            belongings: manifest.belongings().next().map(|_| manifest::open_belongings as fn(Opening) -> _),
            manifest: Some(Arc::clone(manifest)),
        }
    }
}

/// What a team has in common beside its contacts.
pub struct Team {
    /// What an administrator runs once in the team's database.
    pub schema: &'static str,
    /// Who serves the other remotes.
    pub leases: fn(Opening) -> Result<Box<dyn Leases>, Failure>,
    /// Whether somebody changed something.
    pub listen: fn(Opening) -> Result<Box<dyn Listen>, Failure>,
}

/// Hears of changes. Word of one may be missed.
pub trait Listen {
    /// Waits until somebody changed something, at most so long. `false` when nobody did.
    fn heard(&mut self, limit: Duration) -> Result<bool, Failure>;
}

/// Those that are code.
static CODE: &[fn() -> Connector] = &[|| carddav::CONNECTOR, || postgres::CONNECTOR];

/// All of them: those that are code, and a manifest each.
pub static REGISTRY: LazyLock<Vec<Connector>> = LazyLock::new(|| {
    let manifests = manifest::SHIPPED.iter().map(|one| Connector::of_manifest(&one.manifest));
    CODE.iter().map(|connector| connector()).chain(manifests).collect()
});

/// Whatever a person brings a manifest for.
pub static OWN: Connector = Connector {
    kind: "own",
    label: "Own manifest",
    units: &[],
    only_come: &[],
    places: manifest::places,
    open: manifest::open,
    team: None,
    manifest: None,
    belongings: Some(manifest::open_belongings),
};

/// The one of this kind.
pub fn connector(kind: &str) -> Option<&'static Connector> {
    REGISTRY.iter().find(|connector| connector.kind == kind)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn each_kind_of_system_is_there_once() {
        let kinds: Vec<&str> = REGISTRY.iter().map(|connector| connector.kind).collect();
        assert_eq!(kinds.iter().collect::<BTreeSet<_>>().len(), kinds.len(), "{kinds:?}");
        for kind in ["carddav", "postgres", "hubspot", "chatbase", "chatbotkit", "maiagent", "chatsby", "intercom"] {
            assert!(connector(kind).is_some(), "{kind}");
        }
        assert!(connector(OWN.kind).is_none(), "it is opened with a manifest");
    }
}
