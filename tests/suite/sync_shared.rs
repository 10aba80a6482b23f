//! Connections that a team shares, as far as one workspace can say something of them.

use crate::{
    identity::{card, named},
    sync_shared_scene::{
        ID, KEY, TakenOver, There, Told, agreed, kept, mapping, op, record, run, says, take, team_of, version,
        with_a_tag, write,
    },
};
use cardfile_core::{
    commands::dispatch,
    contact,
    session::{Event as Heard, Session},
    sync::{decide_deletion, remotes, waiting},
};
use cardfile_domain::{Contact, ContactId, Millis};
use cardfile_store::{PairRow, Remote, StoreError};
use cardfile_sync::{
    bridge::{Owner, Part, Progress, Shared},
    fields,
    mapping::{Direction, Mapping, Rule},
    pair::{self, Intent, Pair, Side, Version},
    remote::Record,
    value::{Units, Value},
};
use cardfile_testkit::{Workspace, another_environment, who};
use serde_json::json;
use std::{cell::RefCell, collections::BTreeMap, rc::Rc};

/// What leaves for a shared connection depends on what the team's database may hold, also for
/// contacts that it has no record of yet.
#[test]
fn another_map_of_the_teams_database_looks_at_shared_connections_from_the_start() {
    let ws = Workspace::default();
    write(&ws, |tx| {
        tx.put_remote(&kept("postgres", "team"))?;
        tx.put_remote(&kept("carddav", "own"))?;
        let shared = tx.put_remote(&kept("carddav", "shared"))?;
        tx.bridge(shared, 3, "dev_1")
    });
    let stands = |name: &str| {
        let known = remotes::find(&ws.core, name).expect("a connection").kept;
        (known.seen, known.cursor)
    };
    remotes::set(&ws.core, "team", &who(), |settings| {
        settings.mapping.0.entry("description".into()).or_default().approved = true;
    })
    .expect("set");
    assert_eq!(stands("shared"), (None, None));
    assert_eq!(stands("own"), (Some(7), Some("here".into())));
}

/// What leaves for a shared connection is what may leave for the team's database as well: the window
/// says so beside the field, from when that one is turned on.
#[test]
fn the_window_is_told_what_a_team_narrows_of_the_connections_it_shares() {
    let ws = Workspace::default();
    let rule = |direction, approved, purpose: Option<&str>| Rule {
        direction,
        approved,
        purpose: purpose.map(str::to_owned),
        ..Rule::default()
    };
    let rules = [
        ("email", rule(Direction::Both, true, Some("news"))),
        ("name", rule(Direction::Push, true, None)),
        ("phone", rule(Direction::Both, false, None)),
        ("tags", rule(Direction::Pull, true, None)),
    ];
    let mapping = Mapping(rules.map(|(unit, rule)| (unit.to_owned(), rule)).into());
    let settings = json!(remotes::Settings { mapping, ..remotes::Settings::default() });
    write(&ws, |tx| {
        tx.put_remote(&Remote { settings, ..kept("postgres", "team") })?;
        tx.put_remote(&kept("carddav", "shared"))
    });
    let session = Session::new(ws.dir.clone(), None, another_environment(), |_: Heard| {});
    session.open(None).expect("open");
    let told = || {
        let view = dispatch(&session, "remote_list", json!({})).expect("a view");
        let [shared, team] = &view["remotes"].as_array().expect("a list")[..] else { panic!("two connections") };
        assert_eq!((&shared["name"], &team["name"]), (&json!("shared"), &json!("team")));
        [shared["team"].clone(), team["team"].clone()]
    };
    assert_eq!(told(), [json!(null), json!(null)], "it is not turned on");
    remotes::set(&ws.core, "team", &who(), |settings| settings.enabled_at = Some(Millis(1))).expect("turned on");
    let held = json!([{ "field": "email", "purpose": "news" }, { "field": "name", "purpose": "" }]);
    assert_eq!(told(), [json!({ "name": "team", "fields": held }), json!(null)], "itself it does not narrow");
}

/// A contact made of the record would have nothing agreed on with the team's: a tag that was taken
/// off there would be one that the team added.
#[test]
fn who_cannot_be_read_in_the_teams_database_is_not_made_of_a_shared_record() {
    let mut scene = TakenOver::with(&[]);
    scene.serve();
    assert_eq!((scene.ws.count(), scene.owner().as_deref()), (0, Some(ID)));
    write(&scene.ws, |tx| {
        tx.set_quarantine(scene.team, ID, None)?;
        tx.insert(with_a_tag())
    });
    scene.serve();
    assert_eq!(scene.tags(), (1, 0), "the tag was taken off there");
}

/// The team's database has a lock of its own, and what it says may come in the middle of a run of a
/// connection that the team shares.
#[test]
fn whom_the_teams_database_tells_of_after_the_plan_is_not_made_of_a_shared_record() {
    let scene = |tags: &[&str]| {
        let scene = TakenOver::with(tags);
        write(&scene.ws, |tx| tx.set_quarantine(scene.team, ID, None));
        (scene.team, scene)
    };
    let (team, mut unreadable) = scene(&[]);
    unreadable.serve_while(|ws| write(ws, |tx| tx.set_quarantine(team, ID, Some(("spoilt", "")))));
    assert_eq!((unreadable.ws.count(), unreadable.owner().as_deref()), (0, Some(ID)), "they are waited for");
    let (_, mut there) = scene(&[]);
    there.serve_while(|ws| {
        write(ws, |tx| tx.insert(with_a_tag()));
    });
    assert_eq!(there.tags(), (1, 0), "one contact, and the tag was taken off there");
    let (team, mut deleted) = scene(&["vip"]);
    deleted.serve_while(|ws| write(ws, |tx| tx.put_tombstone(team, ID)));
    assert_eq!((deleted.there.record.is_some(), deleted.ws.count()), (false, 0));
}

#[test]
fn who_is_deleted_in_the_teams_database_before_they_could_be_read_loses_the_shared_record() {
    let mut scene = TakenOver::with(&["vip"]);
    scene.serve();
    assert!(scene.there.record.is_some());
    write(&scene.ws, |tx| {
        tx.set_quarantine(scene.team, ID, None)?;
        tx.put_tombstone(scene.team, ID)
    });
    scene.serve();
    assert_eq!((scene.there.record.is_some(), scene.ws.count()), (false, 0));
}

/// Nobody but the record says it, and of what was emptied there is nothing to be told.
#[test]
fn what_a_team_does_not_hold_is_read_by_whoever_takes_the_connection_over() {
    let mut scene = TakenOver::with(&["vip"]);
    scene.holds.0.remove("tags");
    let told = scene.told.parts.clone();
    told.borrow_mut().insert("prt_1".into(), agreed(2, &["vip"], &scene.holds));
    let mut without_tags = with_a_tag();
    fields::put(&mut without_tags, &says(&[]));
    write(&scene.ws, |tx| {
        tx.set_quarantine(scene.team, ID, None)?;
        tx.insert(without_tags)
    });
    scene.serve();
    assert_eq!(scene.tags(), (1, 1), "the tag of the record");
    // Somebody takes it off there while another device has the connection.
    scene.there = There::with(record(3, &[]));
    told.borrow_mut().insert("prt_1".into(), agreed(3, &[], &scene.holds));
    scene.told.epoch += 1;
    scene.serve();
    assert_eq!(scene.tags(), (1, 0), "it is off here too");
}

/// It is in the record, and the team's contact never said it: that one is no edit of it.
#[test]
fn what_was_sent_and_is_unsettled_with_the_team_is_not_overwritten_by_the_next_device() {
    let mut scene = TakenOver::with(&["vip"]);
    let sent = Intent { sent: says(&["vip"]), expected: Some(version(1)), stamp: 1 };
    let pair = Pair { key: Some(KEY.into()), version: Some(version(1)), intents: vec![sent], ..Pair::default() };
    let unsettled = ["name", "tags"].map(str::to_owned).into();
    let owner = Owner { contact: Some(ID.into()), external_id: Some(ID.into()), unsettled, ..Owner::default() };
    let part = Part::Pair(Box::new(Shared::of(owner, &pair, &mapping(), &mapping(), &[])));
    scene.told.parts.borrow_mut().insert("prt_1".into(), part);
    write(&scene.ws, |tx| {
        let mut contact = Contact { id: ContactId::parse(ID).expect("an id"), ..Contact::default() };
        fields::put(&mut contact, &Units::from([("name".to_owned(), Value::one("Bo"))]));
        tx.set_quarantine(scene.team, ID, None)?;
        tx.insert(contact)
    });
    // Nothing but a deletion could be written, and nothing is.
    scene.serve();
    let waits = scene.ws.core.store().read(|r| Ok(waiting(r, scene.shared))).expect("readable").expect("readable");
    let units: Vec<&String> = waits.iter().flat_map(|waiting| waiting.held.keys()).collect();
    assert_eq!(units, ["name"], "a person says which of the two it is");
}

/// Who told of a write, and died before telling how far they were. The next write would have its
/// number, and a record that has seen that one would say that both arrived.
#[test]
fn the_number_of_a_write_that_another_device_told_of_is_given_to_no_other() {
    let mut scene = TakenOver::with(&["vip"]);
    let sent = Intent { sent: says(&["new"]), expected: Some(version(1)), stamp: 8 };
    let (key, version, base) = (Some(KEY.into()), Some(version(1)), says(&["vip"]));
    let pair = Pair { key, version, base, intents: vec![sent], ..Pair::default() };
    let owner = Owner { contact: Some(ID.into()), external_id: Some(ID.into()), ..Owner::default() };
    let part = Part::Pair(Box::new(Shared::of(owner, &pair, &mapping(), &mapping(), &[])));
    let progress = Progress { stamp: 7, device: "dev_2".into(), ..Progress::default() };
    scene.told.parts.borrow_mut().insert("prt_1".into(), part);
    scene.told.parts.borrow_mut().insert("progress".into(), Part::Progress(progress));
    scene.serve();
    let told = scene.told.parts.borrow().get("progress").cloned();
    let Some(Part::Progress(told)) = told else { panic!("it was told before") };
    assert_eq!((told.stamp, told.device.as_str()), (8, "dev_2"), "the next one is later, under the team's name");
}

/// A contact was deleted here and changed by the team: what the team agreed on at a shared
/// connection is no base of what was deleted. Of a contact that stays it is, also when nobody
/// else had the connection in between: what the team took off would else come back.
#[test]
fn what_a_team_agreed_on_waits_with_the_question_whether_a_deletion_stands() {
    let ws = Workspace::default();
    let (store, id) = (ws.core.store(), card(&ws.core, named("Ana Ruiz")));
    let contact = contact::find(&ws.core, &id).expect("she").row;
    let ((team, shared), _) = store
        .write(op(), |tx| {
            let team = tx.put_remote(&kept("postgres", "team"))?;
            Ok::<_, StoreError>((team, tx.put_remote(&kept("carddav", "shared"))?))
        })
        .expect("kept");
    let (key, version) = (Some(id.clone()), Some(Version { text: "1".into(), order: None }));
    let in_team = |number: i64, held_deletion: Option<Side>| {
        let pair = Pair { key: key.clone(), version: version.clone(), held_deletion, ..Pair::default() };
        let row = PairRow {
            pair: number,
            remote: team,
            contact: Some(contact),
            external_id: key.clone(),
            key: key.clone(),
            state: serde_json::to_string(&pair).expect("json"),
            waits: pair.waits(),
            ..PairRow::default()
        };
        store.write(op(), |tx| tx.put_pair(&row)).expect("kept").0
    };
    let tags = Units::from([("tags".to_owned(), Value::words(["a", "b"]))]);
    let rule = Rule { direction: Direction::Both, approved: true, ..Rule::default() };
    let mapping = Mapping(BTreeMap::from([("tags".to_owned(), rule)]));
    let agreed = Pair { key: Some(KEY.into()), version: version.clone(), base: tags.clone(), ..Pair::default() };
    let owner = Owner { contact: key.clone(), ..Owner::default() };
    let part = Part::Pair(Box::new(Shared::of(owner, &agreed, &mapping, &mapping, &[])));
    let told = Rc::new(RefCell::new(BTreeMap::from([("prt_1".to_owned(), part)])));
    let taken = |epoch: i64| -> Pair {
        let told = Told { epoch, parts: told.clone() };
        let members = team_of(&told, team, &mapping, &mapping);
        assert!(take(&ws, shared, members).is_some(), "the lease is ours");
        let row = store.read(|r| r.pairs().of_key(shared, KEY)).expect("readable").expect("the record is known");
        serde_json::from_str(&row.state).expect("a pair")
    };
    let question = in_team(0, Some(Side::Here));
    let asked = taken(5);
    assert_eq!((&asked.base, &asked.team_base), (&Units::new(), &tags));
    let again = taken(6);
    assert_eq!((&again.base, &again.team_base), (&Units::new(), &tags), "still asked");
    in_team(question, None);
    let decided = taken(7);
    assert_eq!((&decided.base, &decided.remote), (&tags, &pair::Remote::Doubtful));
    assert!(decided.team_base.is_empty());
}

/// A workspace that has the contact of the record, which the team's database cannot say.
fn unreadable(tags: &[&str]) -> TakenOver {
    let mut scene = TakenOver::with(tags);
    scene.there.listed.extend(scene.there.record.clone());
    write(&scene.ws, |tx| {
        let contact = Some(tx.insert(with_a_tag())?);
        let in_team = Pair { key: Some(ID.into()), version: Some(version(1)), ..Pair::default() };
        tx.put_pair(&PairRow {
            remote: scene.team,
            contact,
            external_id: Some(ID.into()),
            key: Some(ID.into()),
            state: json!(in_team).to_string(),
            ..PairRow::default()
        })
    });
    scene
}

/// What the contact here says the team's database may not have: whoever serves the record next would
/// take for agreed on what nobody but this device said.
#[test]
fn nothing_is_done_with_a_shared_record_whose_contact_cannot_be_read_in_the_teams_database() {
    let mut scene = unreadable(&[]);
    scene.serve();
    assert_eq!(scene.tags(), (1, 1), "that the tag was taken off there waits");
    write(&scene.ws, |tx| tx.set_quarantine(scene.team, ID, None));
    scene.serve();
    assert_eq!(scene.tags(), (1, 0));
}

/// Nothing moves when they can be read again.
#[test]
fn what_moved_here_meanwhile_reaches_the_shared_record_once_the_contact_can_be_read() {
    let mut scene = unreadable(&["vip"]);
    write(&scene.ws, |tx| tx.set_quarantine(scene.team, ID, None));
    scene.serve();
    assert_eq!(scene.tags(), (1, 1), "at rest");
    write(&scene.ws, |tx| {
        tx.set_quarantine(scene.team, ID, Some(("spoilt", "")))?;
        let (contact, now) = (tx.read().contacts().row_of(ID)?.expect("a contact"), tx.now());
        tx.edit(contact, |contact| contact.binned_at = Some(now))
    });
    scene.there.listed.clear();
    scene.serve();
    assert!(scene.there.record.is_some(), "that they were deleted here waits");
    write(&scene.ws, |tx| tx.set_quarantine(scene.team, ID, None));
    scene.serve();
    assert_eq!(scene.there.record, None);
}

/// A run of the team's database may find so amid one of the connection, after what moved was counted:
/// nothing moves when they can be read again.
#[test]
fn who_cannot_be_read_any_more_after_the_plan_gets_their_record_once_they_can_be() {
    let mut scene = unreadable(&["vip"]);
    (scene.there, scene.told.parts) = (There::default(), Rc::default());
    let team = scene.team;
    write(&scene.ws, |tx| tx.set_quarantine(team, ID, None));
    scene.serve_while(|ws| write(ws, |tx| tx.set_quarantine(team, ID, Some(("spoilt", "")))));
    assert_eq!(scene.there.record, None, "they are waited for");
    write(&scene.ws, |tx| tx.set_quarantine(team, ID, None));
    scene.serve();
    assert_eq!(scene.there.record.map(|record| record.units), Some(says(&["vip"])));
}

/// A workspace in which somebody was made of a shared record and deleted for good, both before the
/// team heard of it; the record says these tags by now, and another device told that they are agreed
/// on.
fn made_and_deleted(tags: &[&str]) -> TakenOver {
    let scene = TakenOver::with(tags);
    scene.told.parts.borrow_mut().insert("prt_1".into(), agreed(2, tags, &mapping()));
    write(&scene.ws, |tx| {
        tx.set_quarantine(scene.team, ID, None)?;
        tx.bridge(scene.shared, 7, "dev_1")?;
        let contact = tx.insert(with_a_tag())?;
        let (key, version, base) = (Some(KEY.to_owned()), Some(version(1)), says(&["vip"]));
        let made = Pair { key: key.clone(), version, base, ..Pair::default() };
        tx.put_pair(&PairRow {
            remote: scene.shared,
            contact: Some(contact),
            key,
            state: json!(made).to_string(),
            ..PairRow::default()
        })?;
        let now = tx.now();
        tx.edit(contact, |contact| contact.binned_at = Some(now))?;
        tx.remove_contact(contact)
    });
    scene
}

/// The team's database, which has somebody with these tags.
fn of_team(tags: &[&str]) -> There {
    let record = Record { key: ID.into(), ..record(2, tags) };
    There { listed: vec![record.clone()], record: Some(record) }
}

/// The device that served the connection next made the same one of the record, and told the team.
#[test]
fn who_was_deleted_before_the_team_heard_of_them_is_not_made_again_by_another_device() {
    let scene = made_and_deleted(&["vip"]);
    let mut same = of_team(&["vip"]);
    run(&scene.ws, scene.team, &mut same, None, |_| {});
    assert_eq!((scene.ws.count(), same.record), (0, None), "they are deleted in the team too");
}

/// The connection is taken over from that device before the team's database says them.
#[test]
fn who_was_deleted_here_is_known_by_their_id_after_another_device_served_the_connection() {
    let scene = made_and_deleted(&["vip"]);
    assert!(scene.take_over().is_some());
    let mut same = of_team(&["vip"]);
    run(&scene.ws, scene.team, &mut same, None, |_| {});
    assert_eq!((scene.ws.count(), same.record), (0, None), "they are deleted in the team too");
}

/// Somebody changed them there meanwhile, and a person is asked.
#[test]
fn whether_who_was_deleted_stays_deleted_is_asked_before_anything_is_done_with_the_shared_record() {
    let mut scene = made_and_deleted(&["vip", "new"]);
    let mut edited = of_team(&["vip", "new"]);
    run(&scene.ws, scene.team, &mut edited, None, |_| {});
    let waits = scene.ws.core.store().read(|r| Ok(waiting(r, scene.team))).expect("readable").expect("readable");
    let [asked] = &waits[..] else { panic!("{waits:?}") };
    assert_eq!((scene.ws.count(), asked.deletion), (0, Some(Side::Here)));
    scene.serve();
    assert_eq!((scene.ws.count(), edited.record.is_some(), scene.there.record.is_some()), (0, true, true));
    scene.ws.core.store().write(op(), |tx| decide_deletion(tx, asked.pair, false)).expect("kept");
    run(&scene.ws, scene.team, &mut edited, None, |_| {});
    assert_eq!((scene.ws.count(), edited.record.is_some()), (1, true), "who stays is not asked about again");
}

/// It may have been undone there since.
#[test]
fn a_deletion_that_another_device_told_of_is_no_reason_to_delete_who_is_in_the_team() {
    let scene = TakenOver::with(&["vip"]);
    let pair = Pair { key: Some(KEY.into()), version: Some(version(2)), base: says(&["vip"]), ..Pair::default() };
    let owner = Owner { contact: Some(ID.into()), fate: 1, ..Owner::default() };
    let part = Part::Pair(Box::new(Shared::of(owner, &pair, &mapping(), &mapping(), &[])));
    scene.told.parts.borrow_mut().insert("prt_1".into(), part);
    write(&scene.ws, |tx| tx.set_quarantine(scene.team, ID, None));
    scene.take_over();
    let mut there = of_team(&["vip"]);
    run(&scene.ws, scene.team, &mut there, None, |_| {});
    assert_eq!((scene.ws.count(), there.record.is_some()), (1, true));
}
