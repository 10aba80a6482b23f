//! The connectors there are. A new one is a file and a line here.

use crate::{Stop, carddav, postgres};
use cardfile_domain::Region;
use cardfile_sync::{bridge::Leases, remote::Remote, run::Failure};
use std::time::Duration;

/// Who asks, and where. Has no `Debug`, so that the password gets into no log.
#[derive(Clone)]
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
pub struct Opening {
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

/// All of them.
pub static REGISTRY: &[&Connector] = &[&carddav::CONNECTOR, &postgres::CONNECTOR];

/// The one of this kind.
pub fn connector(kind: &str) -> Option<&'static Connector> {
    REGISTRY.iter().copied().find(|connector| connector.kind == kind)
}
