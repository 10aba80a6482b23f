//! A PostgreSQL database that a team shares: each contact is a row, which says how many
//! writes of each device it has seen, and stays empty when the contact was deleted.
//!
//! Whoever administers the database runs [`SCHEMA`] there once. The connector makes and
//! alters no table, and sees no more than its login may.

mod address;
mod enter;
mod fault;
mod hub;
mod leases;
mod listen;
mod moved;
mod send;
mod wire;

pub use leases::Leases;
pub use listen::Listener;

use crate::{Account, Connector, Opening, Place, Stop, Team};
use cardfile_sync::{
    pair::Key,
    remote::{Answers, Caps, Known, Paged, Remote, Row, Traffic, Write},
    run::Failure,
};
use enter::{Entered, Feed};
use hub::Hub;
use moved::Listing;
use tokio::runtime::{Builder, Runtime};

/// What makes the tables, for whoever administers the database.
pub const SCHEMA: &str = include_str!("postgres/cardfile.sql");

/// All units of a contact. Custom fields are taken as well, where somebody maps them.
const UNITS: &[&str] = &[
    "kind",
    "name",
    "nick",
    "email",
    "email.first",
    "phone",
    "phone.first",
    "company",
    "job_title",
    "department",
    "stage",
    "tier",
    "tags",
    "description",
    "preferences",
    "handle",
    "address",
    "url",
    "date",
];

/// PostgreSQL.
pub(crate) const CONNECTOR: Connector = Connector {
    kind: "postgres",
    label: "PostgreSQL",
    units: UNITS,
    only_come: &[],
    places: workspaces,
    open: |opening| Ok(Box::new(Postgres::new(opening)?)),
    team: Some(Team {
        schema: SCHEMA,
        leases: |opening| {
            let Opening { account, place, device, stop, .. } = opening;
            Ok(Box::new(Leases::open(&account, &place, &device, stop)?))
        },
        listen: |opening| Ok(Box::new(Listener::open(&opening.account, &opening.stop)?)),
    }),
    manifest: None,
    belongings: None,
};

/// The workspaces that a login is a member of.
pub fn workspaces(account: &Account) -> Result<Vec<Place>, Failure> {
    let mut hub = Hub::new(account, String::new(), String::new(), Stop::default())?;
    let names = runtime()?.block_on(hub.workspaces())?;
    Ok(names.into_iter().map(|name| Place { url: name.clone(), name }).collect())
}

/// One workspace of a database, for the length of one run.
pub struct Postgres {
    runtime: Runtime,
    hub: Hub,
    /// How the database is read, once it was asked.
    feed: Option<Feed>,
    /// Where to begin.
    cursor: Option<String>,
    /// What is being read.
    listing: Option<Listing>,
}

impl Postgres {
    /// The workspace that is opened. Its contacts always hold stamps: the tables are ours.
    pub fn new(opening: Opening) -> Result<Self, Failure> {
        let Opening { account, place, device, stop, .. } = opening;
        let hub = Hub::new(&account, place.trim().to_owned(), device, stop)?;
        Ok(Self { runtime: runtime()?, hub, feed: None, cursor: None, listing: None })
    }

    fn enter(&mut self) -> Result<Entered, Failure> {
        let entered = self.runtime.block_on(self.hub.enter())?;
        self.feed = Some(entered.feed);
        Ok(entered)
    }
}

impl Remote for Postgres {
    fn caps(&self) -> Caps {
        Caps {
            stamp: true,
            creates_once: true,
            bound_cursor: false,
            needs_body: false,
            numbered: true,
            batch: send::BATCH,
        }
    }

    fn identity(&mut self) -> Result<String, Failure> {
        let store = self.enter()?.store;
        Ok(format!("{store}/{}", self.hub.workspace))
    }

    fn begin(&mut self, cursor: Option<&str>) {
        self.cursor = cursor.map(str::to_owned);
        self.listing = None;
    }

    fn page(&mut self, known: &Known<'_>) -> Result<Paged, Failure> {
        let feed = match self.feed {
            Some(feed) => feed,
            None => self.enter()?.feed,
        };
        if self.listing.is_none() {
            self.listing = Listing::after(feed, self.cursor.as_deref());
        }
        let Some(listing) = &mut self.listing else { return Ok(Paged::Expired) };
        let page = match self.runtime.block_on(listing.page(&mut self.hub, known))? {
            Paged::Page(page) => page,
            Paged::Expired => {
                self.listing = None;
                return Ok(Paged::Expired);
            }
        };
        if !page.more {
            self.listing = None;
            self.cursor.clone_from(&page.cursor);
        }
        Ok(Paged::Page(page))
    }

    fn read(&mut self, keys: &[Key]) -> Result<Vec<Row>, Failure> {
        self.runtime.block_on(self.hub.read(keys))
    }

    fn find(&mut self, external_ids: &[String]) -> Result<Vec<Option<Key>>, Failure> {
        let rows = self.read(external_ids)?;
        Ok(rows.into_iter().map(|row| (!matches!(row, Row::Gone(_))).then(|| row.key().clone())).collect())
    }

    /// Versions are numbered, and yet no read lags: there is one server that is written to.
    fn find_proves(&self) -> bool {
        true
    }

    fn write(&mut self, writes: Vec<Write>) -> Answers {
        self.runtime.block_on(self.hub.write(&writes))
    }

    fn traffic(&self) -> Traffic {
        self.hub.wire.traffic()
    }
}

/// Questions run on the thread that asks.
fn runtime() -> Result<Runtime, Failure> {
    let runtime = Builder::new_current_thread().enable_all().build();
    runtime.map_err(|error| Failure::Unreachable(error.to_string()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use cardfile_sync::fields;

    #[test]
    fn a_row_can_hold_every_unit() {
        let all: Vec<&str> = fields::UNITS.iter().map(|unit| unit.key).collect();
        assert_eq!(UNITS, all);
    }
}
