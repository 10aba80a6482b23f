//! An address book on a CardDAV server (RFC 6352): one vCard for each contact, read and
//! written as a whole, and written only at the version it was read at.
//!
//! What a server can do is found out by asking for it, never from what it says of itself.

mod book;
mod find;
mod moved;
mod multistatus;
mod place;
mod send;
mod wire;

use crate::{Account, Connector, Opening, Stop};
use book::Book;
use cardfile_formats::card;
use cardfile_sync::{
    pair::Key,
    remote::{Answers, Caps, Known, Paged, Remote, Row, Traffic, Write},
    run::Failure,
};
use moved::Listing;
use place::Place;
use tokio::runtime::{Builder, Runtime};
use wire::Wire;

/// Writes that are handed over together. Each is a request of its own, and one more reads
/// them all back.
const BATCH: usize = 50;

/// CardDAV.
pub(crate) const CONNECTOR: Connector = Connector {
    kind: "carddav",
    label: "CardDAV",
    units: card::UNITS,
    // Which of several is the first is for each program to say.
    only_come: &["email.first", "phone.first"],
    places: address_books,
    open: |opening| Ok(Box::new(CardDav::new(opening)?)),
    team: None,
    manifest: None,
    belongings: None,
};

/// The address books behind an address: the one that it is, or all of the account.
pub fn address_books(account: &Account) -> Result<Vec<crate::Place>, Failure> {
    let start = place::address(&account.url)?;
    let wire = Wire::new(account, Stop::default())?;
    runtime()?.block_on(find::address_books(&wire, &start))
}

/// One address book, for the length of one run.
pub struct CardDav {
    runtime: Runtime,
    book: Book,
    /// Where to begin.
    cursor: Option<String>,
    /// What was listed and is not told yet.
    listing: Option<Listing>,
}

impl CardDav {
    /// The address book that is opened; each card of it holds, where that is wanted, how
    /// many of our writes it has seen.
    pub fn new(opening: Opening) -> Result<Self, Failure> {
        let Opening { account, place: collection, device, stamps, region, stop, .. } = opening;
        let url = place::address(&account.url)?.join(collection.trim());
        let url = url.map_err(|error| Failure::Refused(format!("the address cannot be used: {error}")))?;
        let place = Place::new(&url)?;
        let wire = Wire::new(&account, stop)?;
        Ok(Self {
            runtime: runtime()?,
            book: Book { wire, place, device, stamps, region },
            cursor: None,
            listing: None,
        })
    }
}

impl Remote for CardDav {
    fn caps(&self) -> Caps {
        Caps {
            stamp: self.book.stamps,
            creates_once: true,
            bound_cursor: true,
            needs_body: true,
            numbered: false,
            batch: BATCH,
        }
    }

    fn identity(&mut self) -> Result<String, Failure> {
        self.book.place = self.runtime.block_on(find::resolve(&self.book.wire, &self.book.place))?;
        Ok(self.book.place.to_string())
    }

    fn begin(&mut self, cursor: Option<&str>) {
        self.cursor = cursor.map(str::to_owned);
        self.listing = None;
    }

    fn page(&mut self, known: &Known<'_>) -> Result<Paged, Failure> {
        if self.listing.is_none() {
            self.listing = self.runtime.block_on(Listing::after(&self.book, self.cursor.as_deref()))?;
        }
        let Some(listing) = &mut self.listing else { return Ok(Paged::Expired) };
        let page = self.runtime.block_on(listing.page(&self.book, known))?;
        if !page.more {
            self.listing = None;
            self.cursor.clone_from(&page.cursor);
        }
        Ok(Paged::Page(page))
    }

    fn read(&mut self, keys: &[Key]) -> Result<Vec<Row>, Failure> {
        self.runtime.block_on(self.book.fetch(keys))
    }

    fn find(&mut self, external_ids: &[String]) -> Result<Vec<Option<Key>>, Failure> {
        let keys: Vec<Key> = external_ids.iter().map(|id| self.book.place.key_of(id)).collect();
        let rows = self.runtime.block_on(self.book.fetch(&keys))?;
        Ok(rows.into_iter().map(|row| (!matches!(row, Row::Gone(_))).then(|| row.key().clone())).collect())
    }

    fn write(&mut self, writes: Vec<Write>) -> Answers {
        self.runtime.block_on(self.book.write(&writes))
    }

    fn traffic(&self) -> Traffic {
        self.book.wire.traffic()
    }
}

/// Requests run on the thread that asks.
fn runtime() -> Result<Runtime, Failure> {
    let runtime = Builder::new_current_thread().enable_all().build();
    runtime.map_err(|error| Failure::Unreachable(error.to_string()))
}
