//! A backup from before an erasure, and what must not come back with it.

use crate::{
    identity::{card, named},
    privacy_people::{PASSPHRASE, Place, make},
};
use cardfile_core::{
    Core, Secret, bin, contact,
    privacy::{
        erasure::{self, Reason},
        subject,
    },
    progress::{Progress, Unwatched},
};
use cardfile_domain::{Contact, ContactId, Item};
use cardfile_testkit::{environment, who};
use std::path::Path;

/// The list of erasures beside the database.
const LIST: &str = "erasures.json";

fn with_email(name: &str, email: &str) -> Contact {
    Contact { emails: vec![Item::new(email, email)], ..named(name) }
}

fn erase(core: &Core, id: &str) -> erasure::Receipt {
    let ids = [ContactId::parse(id).expect("an id")];
    erasure::erase(core, &ids, Reason::Request(None), &who(), &Unwatched).expect("erased")
}

fn restore(file: &Path, into: &Path) -> Core {
    let proof = Secret::Passphrase(PASSPHRASE.to_owned().into());
    Core::restore(file, into, Some(&proof), environment()).expect("restored").0
}

/// Does not wait for readers.
struct InAHurry;

impl Progress for InAHurry {
    fn at(&self, done: u64, _: u64) -> bool {
        done == 0
    }
}

#[test]
fn whoever_was_erased_is_on_the_list_before_the_erasure_has_ended() {
    let place = Place::new(false);
    let made = make(&place.core, &place.files, 1, None);
    let backup = place.dir.join("backups").join("yesterday.cardfile-backup");
    place.core.backup(&backup).expect("a backup");
    // Somebody reads, so the journal is not emptied.
    let receipt = place.core.store().read(|r| {
        r.contacts().count()?;
        Ok(place.erase(&made, &InAHurry))
    });
    assert_eq!(receipt.expect("readable").state, "pending");
    assert!(place.dir.join(LIST).exists());
    contact::find(&restore(&backup, &place.files.join("one")), &made.email).expect_err("erased again");

    // The program ended between the erasure and the list: the database knows of it.
    std::fs::remove_file(place.dir.join(LIST)).expect("it was there");
    contact::find(&restore(&backup, &place.files.join("two")), &made.email).expect_err("erased again");
}

#[test]
fn whom_only_the_history_knew_does_not_come_back_into_it() {
    let place = Place::new(false);
    let core = &place.core;
    let ana = card(core, with_email("Ana Marker", "ana.marker@x.example"));
    let row = contact::find(core, &ana).expect("she").row;
    contact::bin(core, &[row], &who()).expect("binned");
    bin::empty(core, &who(), &Unwatched).expect("emptied");
    let backup = place.dir.join("backups").join("yesterday.cardfile-backup");
    core.backup(&backup).expect("a backup");
    assert_eq!(erase(core, &ana).facts.removed_cards, 1);

    let restored = restore(&backup, &place.files.join("here"));
    assert!(subject::find(&restored, "ana.marker@x.example").expect("looked up").is_empty());
    let again = &erasure::list(&restored, 1).expect("receipts")[0];
    assert_eq!((again.facts.reason.as_str(), again.facts.removed_cards), ("replay", 1));
    assert_eq!(erasure::replay(&restored).expect("looked"), 0, "once is enough");
}
