//! A workspace that is connected with the address book of a live peer, and the proxy between
//! them.

use crate::{
    http::Client,
    peers::{Card, Kind, PASSWORD, Peer, USER},
    proxy::{Proxy, Seen},
};
use cardfile_core::{
    SecretText, contact,
    domain::Contact,
    progress::Unwatched,
    sync::{
        check,
        remotes::{self, Known, NewRemote, Settings},
        running::{self, Report},
        waits::{self, Conflict},
    },
};
use cardfile_sync::run::End;
use cardfile_testkit::{Workspace, who};
use serde_json::Value;

/// What the connection is called.
pub(crate) const BOOK: &str = "Book";

pub(crate) struct Scene {
    pub(crate) ws: Workspace,
    pub(crate) peer: Peer,
    pub(crate) proxy: Proxy,
    /// Somebody else, who does not go through the proxy.
    pub(crate) other: Client,
    pub(crate) book: &'static str,
}

impl Scene {
    /// Nothing but the connection; it is off, and nothing may leave.
    pub(crate) fn connected(kind: Kind, cards: &[Card]) -> Self {
        let (ws, peer) = (Workspace::default(), Peer::start(kind, cards));
        let (proxy, other) = (Proxy::before(peer.address()), peer.client());
        remotes::add(&ws.core, new_remote(&proxy.url(), PASSWORD), &who()).expect("connected");
        Self { ws, peer, proxy, other, book: kind.book() }
    }

    /// The same, turned on: everything may go both ways.
    pub(crate) fn open(kind: Kind, cards: &[Card]) -> Self {
        let scene = Self::connected(kind, cards);
        scene.set(|settings| settings.mapping.0.values_mut().for_each(|rule| rule.approved = true));
        scene.enable("whatever was found");
        scene
    }

    /// The same, after the first run.
    pub(crate) fn synced(kind: Kind, cards: &[Card]) -> Self {
        let scene = Self::open(kind, cards);
        scene.sync();
        assert_eq!(scene.ws.count(), cards.len() as u32, "the first run brings them all");
        scene.proxy.take();
        scene
    }

    pub(crate) fn set(&self, change: impl FnOnce(&mut Settings)) {
        remotes::set(&self.ws.core, BOOK, &who(), change).expect("set");
    }

    pub(crate) fn enable(&self, reason: &str) {
        let found = check::check(&self.ws.core, BOOK, &Unwatched).expect("looked at");
        check::enable(&self.ws.core, BOOK, &found, reason, &who()).expect("turned on");
        self.proxy.take();
    }

    pub(crate) fn known(&self) -> Known {
        remotes::find(&self.ws.core, BOOK).expect("it is there")
    }

    /// A run, whatever becomes of it.
    pub(crate) fn try_sync(&self) -> Report {
        running::run(&self.ws.core, BOOK, false, &who(), &Unwatched).expect("a run")
    }

    /// A run that does all that can be done; what went over the wire. What waits for an
    /// `Expect: 100-continue` waits a second at some servers, so that nothing has it.
    pub(crate) fn sync(&self) -> (Report, Vec<Seen>) {
        let report = self.try_sync();
        assert_eq!(report.end, End::Done, "{report:?}");
        let seen = self.proxy.take();
        assert!(seen.iter().all(|seen| seen.request.header("expect").is_none()), "{seen:?}");
        (report, seen)
    }

    /// A run that finds nothing to write, and leaves nothing waiting.
    pub(crate) fn sync_quietly(&self) {
        let before = self.ws.hash();
        let (report, seen) = self.sync();
        let writes = writes(&seen);
        assert!(writes.is_empty(), "{writes:?}");
        assert_eq!((self.waiting(), self.ws.hash()), (Vec::new(), before), "{report:?}");
    }

    pub(crate) fn waiting(&self) -> Vec<Conflict> {
        waits::all(&self.ws.core).expect("readable")
    }

    /// The contact with this email.
    pub(crate) fn contact(&self, email: &str) -> Contact {
        contact::find(&self.ws.core, email).expect("a contact").contact
    }

    /// Edits the contact with this email.
    pub(crate) fn edit(&self, email: &str, field: &str, value: impl Into<Value>) {
        let id = self.contact(email).id;
        let (is_changed, _) = contact::edit(&self.ws.core, &id, field, value.into(), &who()).expect("edited");
        assert!(is_changed);
    }

    /// Moves the contact with this email to the bin.
    pub(crate) fn bin(&self, email: &str) {
        let row = contact::find(&self.ws.core, email).expect("a contact").row;
        contact::bin(&self.ws.core, &[row], &who()).expect("binned");
    }

    pub(crate) fn path(&self, file: &str) -> String {
        format!("{}{file}", self.book)
    }

    /// A card as the server has it.
    pub(crate) fn card(&self, file: &str) -> String {
        self.other.get(&self.path(file)).expect("a card").1
    }

    /// Somebody else edits a card.
    pub(crate) fn edit_there(&self, file: &str, edit: impl FnOnce(&str) -> String) {
        let (etag, text) = self.other.get(&self.path(file)).expect("a card");
        let status = self.other.put(&self.path(file), ("If-Match", &etag), &edit(&text));
        assert!(matches!(status, 200..=204), "{status}");
    }

    /// Somebody else makes a card.
    pub(crate) fn make_there(&self, (file, text): &Card) -> u16 {
        self.other.put(&self.path(file), ("If-None-Match", "*"), text)
    }

    /// Files of all cards there.
    pub(crate) fn there(&self) -> Vec<String> {
        self.other.list(self.book)
    }
}

pub(crate) fn new_remote(url: &str, password: &str) -> NewRemote {
    NewRemote {
        name: BOOK.into(),
        kind: "carddav".into(),
        url: url.into(),
        user: USER.into(),
        password: SecretText::new(password.into()),
        place: String::new(),
    }
}

pub(crate) fn writes(seen: &[Seen]) -> Vec<&Seen> {
    seen.iter().filter(|seen| seen.is_write()).collect()
}

/// Somebody's card, made by another program.
pub(crate) fn person(number: usize) -> Card {
    let lines = [
        "BEGIN:VCARD".to_owned(),
        "VERSION:3.0".to_owned(),
        format!("UID:foreign-{number}"),
        format!("N:Family{number};Given{number};;;"),
        format!("FN:Given{number} Family{number}"),
        format!("EMAIL;TYPE=HOME:{}", email(number)),
        format!("TEL;TYPE=CELL:+34600100{number:03}"),
        "END:VCARD\r\n".to_owned(),
    ];
    (file(number), lines.join("\r\n"))
}

pub(crate) fn people(count: usize) -> Vec<Card> {
    (0..count).map(person).collect()
}

pub(crate) fn email(number: usize) -> String {
    format!("p{number}@x.example")
}

pub(crate) fn file(number: usize) -> String {
    format!("c{number}.vcf")
}

/// The card with one more line.
pub(crate) fn with_line(card: &str, line: &str) -> String {
    let (start, _) = card.rsplit_once("END:VCARD").expect("a card");
    format!("{start}{line}\r\nEND:VCARD\r\n")
}
