//! A connection with one record, which a team shares or does not, and a workspace that serves it.

use cardfile_core::sync::{Bridge, Engine, Team};
use cardfile_domain::{Contact, ContactId};
use cardfile_store::{Op, OpKind, Remote, RemoteRow, StoreError, Tx};
use cardfile_sync::{
    bridge::{Epoch, Leases, Owner, Part, Parts, Shared},
    fields,
    mapping::{Direction, Mapping, Rule},
    pair::{Key, Pair, Version},
    remote::{self, Answer, Answers, Caps, Known, Page, Paged, Record, Row, Traffic, Write, WriteKind},
    run::{Effect, End, Event, Failure, Outcome, Run, step},
    value::{Units, Value},
};
use cardfile_testkit::Workspace;
use std::{cell::RefCell, collections::BTreeMap, rc::Rc};

/// What the team calls somebody, and their record at the shared connection.
pub(crate) const ID: &str = "ctc_00dckx8nc7ez1rhnaxg72db271";
pub(crate) const KEY: &str = "r1";

pub(crate) fn kept(kind: &str, name: &str) -> Remote {
    Remote {
        id: format!("rem_{name}"),
        name: name.into(),
        kind: kind.into(),
        seen: Some(7),
        cursor: Some("here".into()),
        ..Remote::default()
    }
}

pub(crate) fn op() -> Op {
    Op { kind: OpKind::SyncDecide, subject: String::new(), actor: "tester".into(), origin: "test".into() }
}

pub(crate) fn write<T>(ws: &Workspace, write: impl FnOnce(&mut Tx<'_>) -> Result<T, StoreError>) -> T {
    ws.core.store().write(op(), write).expect("kept").0
}

/// What the team knows of a connection that nobody else serves.
#[derive(Clone, Default)]
pub(crate) struct Told {
    pub(crate) parts: Rc<RefCell<BTreeMap<String, Part>>>,
    pub(crate) epoch: i64,
}

impl Leases for Told {
    fn take(&mut self, _: &str, _: u32) -> Result<Option<Epoch>, Failure> {
        Ok(Some(Epoch(self.epoch)))
    }

    fn renew(&mut self, _: &str, _: Epoch, _: u32) -> Result<bool, Failure> {
        Ok(true)
    }

    fn release(&mut self, _: &str, _: Epoch) -> Result<bool, Failure> {
        Ok(true)
    }

    fn parts(&mut self, _: &str) -> Result<BTreeMap<String, Part>, Failure> {
        Ok(self.parts.borrow().clone())
    }

    fn put(&mut self, _: &str, _: Epoch, parts: &Parts) -> Result<bool, Failure> {
        let mut told = self.parts.borrow_mut();
        for (name, part) in parts {
            match part {
                Some(part) => told.insert(name.clone(), part.clone()),
                None => told.remove(name),
            };
        }
        Ok(true)
    }

    fn traffic(&self) -> Traffic {
        Traffic::default()
    }
}

/// A connection with one record, or with none any more.
#[derive(Default)]
pub(crate) struct There {
    pub(crate) record: Option<Record>,
    /// What a page says each time: it may lag behind, and name a record twice.
    pub(crate) listed: Vec<Record>,
}

impl There {
    /// No page says anything.
    pub(crate) fn with(record: Record) -> Self {
        Self { record: Some(record), listed: Vec::new() }
    }
}

impl remote::Remote for There {
    fn caps(&self) -> Caps {
        Caps { stamp: false, creates_once: true, bound_cursor: false, needs_body: false, numbered: true, batch: 1 }
    }

    fn identity(&mut self) -> Result<String, Failure> {
        Ok("there".into())
    }

    fn begin(&mut self, _: Option<&str>) {}

    fn page(&mut self, _: &Known<'_>) -> Result<Paged, Failure> {
        let rows = self.listed.iter().map(|record| Row::Live(Box::new(record.clone()))).collect();
        Ok(Paged::Page(Page { rows, cursor: Some("here".into()), ..Page::default() }))
    }

    fn read(&mut self, keys: &[Key]) -> Result<Vec<Row>, Failure> {
        let row = |key: &Key| match &self.record {
            Some(record) if record.key == *key => Row::Live(Box::new(record.clone())),
            Some(_) | None => Row::Gone(key.clone()),
        };
        Ok(keys.iter().map(row).collect())
    }

    fn find(&mut self, external_ids: &[String]) -> Result<Vec<Option<Key>>, Failure> {
        Ok(vec![None; external_ids.len()])
    }

    fn write(&mut self, writes: Vec<Write>) -> Answers {
        let mut answers = Answers::default();
        for write in writes {
            self.record = match (write.kind, self.record.take()) {
                (WriteKind::Create { external_id, set }, None) => {
                    let (units, external_id) = (set.units().clone(), Some(external_id));
                    Some(Record { units, external_id, ..record(1, &[]) })
                }
                (WriteKind::Delete { key, .. }, Some(record)) if key == record.key => None,
                (kind, there) => panic!("{kind:?} of {there:?}"),
            };
            answers.answers.push(Answer { op: write.op, outcome: Outcome::Done, record: self.record.clone() });
        }
        answers
    }

    fn traffic(&self) -> Traffic {
        Traffic::default()
    }
}

pub(crate) fn mapping() -> Mapping {
    let rule = || Rule { direction: Direction::Both, approved: true, ..Rule::default() };
    Mapping(["name", "tags"].map(|unit| (unit.to_owned(), rule())).into())
}

pub(crate) fn says(tags: &[&str]) -> Units {
    let tags = Value::words(tags.iter().copied());
    Units::from([("name".to_owned(), Value::one("Ana")), ("tags".to_owned(), tags)])
}

pub(crate) fn version(number: u64) -> Version {
    Version { text: format!("v{number}"), order: Some(number) }
}

/// A workspace that takes a shared connection over from another device, which told whose record
/// is there. That it had a tag was agreed on; the team's database has the contact, and it cannot
/// be read.
pub(crate) struct TakenOver {
    pub(crate) ws: Workspace,
    pub(crate) team: RemoteRow,
    pub(crate) shared: RemoteRow,
    /// What may leave for the team's database.
    pub(crate) holds: Mapping,
    pub(crate) told: Told,
    pub(crate) there: There,
}

/// What the other device told of the record: that this was agreed on at this version, as far as the
/// team's database may know it.
pub(crate) fn agreed(number: u64, tags: &[&str], holds: &Mapping) -> Part {
    let pair = Pair { key: Some(KEY.into()), version: Some(version(number)), base: says(tags), ..Pair::default() };
    let owner = Owner { contact: Some(ID.into()), external_id: Some(ID.into()), ..Owner::default() };
    Part::Pair(Box::new(Shared::of(owner, &pair, &mapping(), holds, &[])))
}

/// The record, as it is at this version.
pub(crate) fn record(number: u64, tags: &[&str]) -> Record {
    Record {
        key: KEY.into(),
        version: version(number),
        units: says(tags),
        external_id: Some(ID.into()),
        ..Record::default()
    }
}

impl TakenOver {
    /// By now the record has these tags.
    pub(crate) fn with(tags: &[&str]) -> Self {
        let ws = Workspace::default();
        let (team, shared) = write(&ws, |tx| {
            let team = tx.put_remote(&kept("postgres", "team"))?;
            let shared = tx.put_remote(&Remote { seen: None, cursor: None, ..kept("carddav", "shared") })?;
            tx.set_quarantine(team, ID, Some(("spoilt", "")))?;
            Ok((team, shared))
        });
        let told = Told { epoch: 1, ..Told::default() };
        told.parts.borrow_mut().insert("prt_1".into(), agreed(1, &["vip"], &mapping()));
        Self { ws, team, shared, holds: mapping(), told, there: There::with(record(2, tags)) }
    }

    /// A run. Nobody else has the connection before the next one.
    pub(crate) fn serve(&mut self) {
        self.serve_while(|_| {});
    }

    /// Takes the connection over, and what is known of it.
    pub(crate) fn take_over(&self) -> Option<Bridge<'_>> {
        let team = team_of(&self.told, self.team, &self.holds, &mapping());
        take(&self.ws, self.shared, team)
    }

    /// A run in which something happens here between the plan and its first write.
    pub(crate) fn serve_while(&mut self, happens: impl FnOnce(&Workspace)) {
        let mut there = std::mem::take(&mut self.there);
        run(&self.ws, self.shared, &mut there, self.take_over(), happens);
        self.there = there;
        self.told.epoch += 1;
    }

    /// How many contacts are here, and how many tags the one of the record has.
    pub(crate) fn tags(&self) -> (u32, usize) {
        let found = self.ws.core.store().read(|r| {
            let pair = r.pairs().of_key(self.shared, KEY)?;
            pair.and_then(|pair| pair.contact).map_or(Ok(None), |row| r.contacts().get(row))
        });
        let contact = found.expect("readable").expect("the record has its contact").contact;
        assert_eq!(contact.id.as_str(), ID);
        (self.ws.count(), contact.tags.len())
    }

    /// What the next device would be told of whose the record is.
    pub(crate) fn owner(&self) -> Option<String> {
        match self.told.parts.borrow().get("prt_1") {
            Some(Part::Pair(shared)) => shared.owner.contact.clone(),
            Some(Part::Gone(_) | Part::Progress(_)) | None => None,
        }
    }
}

/// A team that told this, and whose database may hold so much.
pub(crate) fn team_of(told: &Told, row: RemoteRow, holds: &Mapping, rules: &Mapping) -> Team<'static> {
    Team {
        leases: Box::new(told.clone()),
        row,
        mapping: holds.clone(),
        rules: rules.clone(),
        in_step: Box::new(|| Ok(Ok(()))),
    }
}

/// Takes a connection over, if the team lets this device have it.
pub(crate) fn take<'a>(ws: &'a Workspace, shared: RemoteRow, team: Team<'a>) -> Option<Bridge<'a>> {
    let taken = Bridge::take(ws.core.store(), team, "there".into(), &configured(ws, shared), "dev_1", op());
    taken.expect("a workspace").expect("a team")
}

/// A run of a connection, in which something happens here between the plan and its first write.
pub(crate) fn run(
    ws: &Workspace,
    remote: RemoteRow,
    there: &mut There,
    bridge: Option<Bridge<'_>>,
    happens: impl FnOnce(&Workspace),
) {
    let configured = configured(ws, remote);
    let is_team = configured.kind == "postgres";
    let engine = Engine::new(ws.core.store(), there, &configured, mapping(), op());
    let mut engine = engine.bridged(bridge).of_team(is_team);
    let (mut run, mut effects) = step(Run::default(), Event::Start { preview: false });
    let mut happens = Some(happens);
    while let Some(effect) = effects.pop() {
        if effect == Effect::Apply
            && let Some(happens) = happens.take()
        {
            happens(ws);
        }
        let Some(event) = engine.perform(effect).expect("a step") else { break };
        (run, effects) = step(run, event);
    }
    assert_eq!(run.end(), Some(&End::Done));
}

fn configured(ws: &Workspace, remote: RemoteRow) -> Remote {
    ws.core.store().read(|r| r.remotes().get(remote)).expect("readable").expect("a connection")
}

/// As the team's database says it.
pub(crate) fn with_a_tag() -> Contact {
    let mut contact = Contact { id: ContactId::parse(ID).expect("an id"), ..Contact::default() };
    fields::put(&mut contact, &says(&["vip"]));
    contact
}
