//! An address book at Radicale or Xandikos, and what the bare client does there, each in a
//! process of its own.

use super::{
    Book,
    bare::{Bare, Put},
    people::{self, Edit},
    run_job,
};
use crate::process::Cost;
use cardfile_testkit::peers::{Card, Kind, PASSWORD, Peer, USER};
use serde_json::Value;
use std::{net::SocketAddr, path::Path};

/// A server with one address book.
pub(super) struct AddressBook {
    kind: Kind,
    peer: Peer,
}

impl AddressBook {
    /// With so many cards, all of which the server has seen.
    pub(super) fn start(dir: &Path, kind: Kind, count: usize) -> Self {
        let cards: Vec<Card> = (0..count).map(people::card).collect();
        let book = Self { kind, peer: Peer::start_large(dir, kind, &cards) };
        book.bare().warm();
        book
    }

    /// Its whole address.
    pub(super) fn url(&self) -> String {
        format!("http://{}{}", self.peer.address(), self.kind.book())
    }

    /// The bare client writes so many cards into the empty address book.
    pub(super) fn bare_upload(&self, count: usize) -> Cost {
        run_job("bare-upload", &[&self.address(), self.kind.book(), &count.to_string()])
    }

    fn address(&self) -> String {
        self.peer.address().to_string()
    }

    fn bare(&self) -> Bare {
        Bare::at(self.peer.address(), self.kind.book())
    }
}

impl Book for AddressBook {
    fn name(&self) -> &'static str {
        match self.kind {
            Kind::Radicale => "Radicale",
            Kind::Xandikos => "Xandikos",
        }
    }

    fn connect(&self, workspace: &str) {
        run_job("sync-connect", &[workspace, "carddav", &self.url(), USER, PASSWORD]);
    }

    fn floor(&self, writes: usize) -> usize {
        writes
    }

    fn bare_pull(&self, cursor: &str, moved: usize) -> Cost {
        run_job("bare-pull", &[&self.address(), self.kind.book(), token(cursor), &moved.to_string()])
    }

    fn bare_push(&self, cursor: &str, edit: &Edit) -> Cost {
        let [first, title] = edit.words();
        run_job("bare-push", &[&self.address(), self.kind.book(), token(cursor), &first, &title])
    }

    fn edit(&self, edit: &Edit, cursor: &str) {
        let mut bare = self.bare();
        let puts = edited(&mut bare, self.kind.book(), edit);
        bare.write(&puts);
        bare.moved(token(cursor));
    }
}

/// A cursor of the product, as the server gave it.
fn token(cursor: &str) -> &str {
    if cursor.is_empty() { cursor } else { cursor.strip_prefix("sync:").expect("the server says what moved") }
}

/// What an edit makes of the cards that are there.
fn edited(bare: &mut Bare, book: &str, edit: &Edit) -> Vec<Put> {
    let numbers = edit.numbers();
    let put = |number| {
        let path = format!("{book}{}", people::file(number));
        let (etag, card) = bare.get(&path);
        Put { path, condition: ("If-Match", etag), card: edit.of(&card) }
    };
    numbers.map(put).collect()
}

/// Asks what moved after a token, and reads it. Without one the address book is new to it.
pub(super) fn pull(address: SocketAddr, book: &str, token: &str, moved: usize) -> Value {
    let mut bare = Bare::at(address, book);
    if token.is_empty() {
        bare.look();
    }
    let paths = bare.moved(token);
    assert_eq!((paths.len(), bare.read(&paths)), (moved, moved), "what moved is read");
    bare.took()
}

/// Asks what moved, which is nothing, and writes cards that were edited.
pub(super) fn push(address: SocketAddr, book: &str, token: &str, edit: &Edit) -> Value {
    let puts = edited(&mut Bare::at(address, book), book, edit);
    let mut bare = Bare::at(address, book);
    assert!(bare.moved(token).is_empty(), "nothing moved");
    bare.write(&puts);
    bare.took()
}

/// Writes new cards into an empty address book.
pub(super) fn upload(address: SocketAddr, book: &str, count: usize) -> Value {
    let put = |number| {
        let (file, card) = people::card(number);
        Put { path: format!("{book}{file}"), condition: ("If-None-Match", "*".to_owned()), card }
    };
    let puts: Vec<Put> = (0..count).map(put).collect();
    let mut bare = Bare::at(address, book);
    bare.look();
    assert!(bare.moved("").is_empty(), "it is empty");
    bare.write(&puts);
    bare.took()
}
