//! Two workspaces, the engine, and the database between them.

use super::{database, new_remote};
use cardfile_core::{
    Core, Protection, Who, contact,
    progress::Unwatched,
    sync::{remotes, running, schedule, waits},
    system,
};
use cardfile_domain::{Contact, ContactId, Millis};
use cardfile_sync::run::End;
use cardfile_testkit::postgres::Database;
use serde_json::json;
use std::{
    sync::{Arc, mpsc},
    thread,
    time::Duration,
};

/// A workspace of somebody who syncs everything with the team.
struct Device {
    core: Core,
    _folder: tempfile::TempDir,
}

impl Device {
    fn of(database: &Database, name: &str) -> Self {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let (core, _) = Core::create(&folder.path().join("workspace"), &Protection::None, system::environment())
            .expect("a new workspace");
        remotes::add(&core, new_remote(database, "team", name), &Who::cli()).expect("the server lets them in");
        let set = remotes::set(&core, "team", &Who::cli(), |settings| {
            settings.mapping.0.values_mut().for_each(|rule| rule.approved = true);
            settings.enabled_at = Some(Millis(1));
        });
        set.expect("it is kept");
        Self { core, _folder: folder }
    }

    fn sync(&self) -> running::Report {
        let report = running::run(&self.core, "team", false, &Who::cli(), &Unwatched).expect("a run");
        assert_eq!(report.end, End::Done);
        report
    }

    fn add(&self, name: &str) -> ContactId {
        let contact = Contact { name: name.into(), ..Contact::default() };
        contact::create(&self.core, contact, &Who::cli()).expect("a contact").0
    }

    fn edit(&self, id: &ContactId, field: &str, value: &str) {
        contact::edit(&self.core, id, field, json!(value), &Who::cli()).expect("it can be edited");
    }

    fn bin(&self, id: &ContactId) {
        let rows = contact::rows(&self.core, &[id.as_str().to_owned()]).expect("it is there");
        contact::bin(&self.core, &rows, &Who::cli()).expect("it can be deleted");
    }

    fn contact(&self, id: &ContactId) -> Contact {
        contact::find(&self.core, id.as_str()).expect("it is there").contact
    }
}

#[test]
fn two_devices_come_to_say_the_same() {
    let database = database();
    let (ana, bo) = (Device::of(&database, "ana"), Device::of(&database, "bo"));
    let id = ana.add("Ines Ruiz");
    ana.sync();
    bo.sync();
    assert_eq!(bo.contact(&id).name, "Ines Ruiz", "a contact has the same ID everywhere");
    ana.edit(&id, "nick", "Ini");
    bo.edit(&id, "company", "Acme");
    ana.sync();
    bo.sync();
    ana.sync();
    for device in [&ana, &bo] {
        let contact = device.contact(&id);
        assert_eq!((contact.nick.as_str(), contact.company.as_str()), ("Ini", "Acme"));
    }
    for device in [&ana, &bo] {
        device.sync();
        let version = database.admin().one("SELECT sum(version) FROM cardfile.contact");
        device.sync();
        assert_eq!(database.admin().one("SELECT sum(version) FROM cardfile.contact"), version, "idle is silent");
    }
}

#[test]
fn what_both_changed_waits_for_a_person() {
    let database = database();
    let (ana, bo) = (Device::of(&database, "ana"), Device::of(&database, "bo"));
    let id = ana.add("Ines Ruiz");
    ana.sync();
    bo.sync();
    ana.edit(&id, "company", "Acme");
    bo.edit(&id, "company", "Globex");
    ana.sync();
    bo.sync();
    ana.sync();
    let waiting = waits::all(&bo.core).expect("readable");
    let fields: Vec<(&str, &str, &str)> = waiting
        .iter()
        .flat_map(|conflict| &conflict.fields)
        .map(|held| (held.field.as_str(), held.mine.as_str(), held.theirs.as_str()))
        .collect();
    assert_eq!(fields, [("company", "Globex", "Acme")]);
    assert_eq!(waits::all(&ana.core).expect("readable"), []);
    assert_eq!((ana.contact(&id).company, bo.contact(&id).company), ("Acme".into(), "Globex".into()));
}

#[test]
fn of_a_deleted_contact_nothing_stays_but_that_it_was_deleted() {
    let database = database();
    let (ana, bo) = (Device::of(&database, "ana"), Device::of(&database, "bo"));
    let id = ana.add("Ines Ruiz");
    ana.sync();
    bo.sync();
    ana.bin(&id);
    ana.sync();
    let row = format!("FROM cardfile.contact WHERE external_id = '{}'", id.as_str());
    assert_eq!(database.admin().one(&format!("SELECT units::text || (deleted_at IS NOT NULL)::text {row}")), "{}true");
    bo.sync();
    assert!(bo.contact(&id).binned_at.is_some());
    let version = database.admin().one(&format!("SELECT version {row}"));
    ana.sync();
    bo.sync();
    assert_eq!(database.admin().one(&format!("SELECT version {row}")), version, "nobody brings it back");
}

#[test]
fn who_listens_hears_of_a_change_and_fetches_it() {
    let database = database();
    let (ana, bo) = (Device::of(&database, "ana"), Device::of(&database, "bo"));
    let on_change = |settings: &mut remotes::Settings| settings.on_change = true;
    remotes::set(&bo.core, "team", &Who::cli(), on_change).expect("it is kept");
    bo.sync();
    let Device { core, _folder } = bo;
    let core = Arc::new(core);
    // Whoever has it open.
    let window = Arc::clone(&core);
    let (say, heard) = mpsc::channel();
    let listening = Arc::downgrade(&core);
    let listener = thread::spawn(move || schedule::listen(&listening, &say));
    let listens = "SELECT count(*) FROM pg_stat_activity WHERE query LIKE 'LISTEN%'";
    assert!((0..1_200).any(|_| {
        thread::sleep(Duration::from_millis(50));
        database.admin().one(listens) == "1"
    }));
    let id = ana.add("Ines Ruiz");
    ana.sync();
    heard.recv_timeout(Duration::from_secs(60)).expect("somebody changed something");
    let ran = schedule::follow(&core);
    assert!(matches!(&ran[..], [(name, Ok(report))] if name == "team" && report.end == End::Done), "{ran:?}");
    assert_eq!(contact::find(&core, id.as_str()).expect("it is there").contact.name, "Ines Ruiz");
    drop((core, window));
    listener.join().expect("it ends with the workspace");
}
