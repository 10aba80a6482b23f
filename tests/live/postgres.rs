//! A team's database, on a real PostgreSQL: the connector by itself, in `devices` the whole
//! way from one workspace to another, and in `withheld` what never goes that way.

mod devices;
mod naive;
mod recorder;
mod withheld;

use cardfile_connectors::{
    Account, Stop,
    postgres::{Leases, SCHEMA, workspaces},
};
use cardfile_core::{SecretText, sync::remotes::NewRemote};
use cardfile_sync::{
    bridge::{Leases as _, Part, Parts, Progress},
    mapping::{Approved, Direction, Mapping, Rule},
    pair::Version,
    remote::{Answer, Page, Paged, Remote, Row, Write, WriteKind},
    run::{Failure, Outcome},
    value::Value,
};
use cardfile_testkit::postgres::{Database, PASSWORD, Server, open};
use naive::Naive;
use rstest::rstest;
use std::{
    collections::{BTreeMap, BTreeSet},
    thread,
    time::Duration,
};

/// A database for one test, with two people of one team and one of another.
pub(crate) fn database() -> Database {
    let database = Server::start().database("team");
    database.person("ana", &["sales"]);
    database.person("bo", &["sales"]);
    database.person("eve", &["other"]);
    database
}

/// A connection with the team's database, for the person of this name.
pub(crate) fn new_remote(database: &Database, name: &str, person: &str) -> NewRemote {
    NewRemote {
        name: name.into(),
        kind: "postgres".into(),
        url: database.url(),
        user: person.into(),
        password: SecretText::new(PASSWORD.to_owned()),
        // The only one there is.
        place: String::new(),
    }
}

fn approved(units: &[(&str, &str)]) -> Approved {
    let rule = || Rule { direction: Direction::Both, approved: true, ..Rule::default() };
    let mapping = Mapping(units.iter().map(|(unit, _)| ((*unit).to_owned(), rule())).collect());
    mapping.approve(units.iter().map(|(unit, text)| ((*unit).to_owned(), Value::one(*text))), &[])
}

fn create(id: &str, units: &[(&str, &str)]) -> WriteKind {
    WriteKind::Create { external_id: id.into(), set: approved(units) }
}

fn patch(id: &str, version: &Version, units: &[(&str, &str)]) -> WriteKind {
    WriteKind::Patch { key: id.into(), expect: Some(version.clone()), set: approved(units), body: String::new() }
}

fn delete(id: &str, expect: Option<&Version>) -> WriteKind {
    WriteKind::Delete { key: id.into(), expect: expect.cloned() }
}

fn write(remote: &mut dyn Remote, stamp: u64, kinds: Vec<WriteKind>) -> Vec<Answer> {
    let number = |(op, kind): (usize, WriteKind)| Write { op: op as u64, stamp: stamp + op as u64, kind };
    let answers = remote.write(kinds.into_iter().enumerate().map(number).collect());
    assert_eq!(answers.failure, None);
    answers.answers
}

/// Writes one thing and gives what became of it.
fn write_one(remote: &mut dyn Remote, stamp: u64, kind: WriteKind) -> Answer {
    write(remote, stamp, vec![kind]).pop().expect("an answer")
}

fn read(remote: &mut dyn Remote, id: &str) -> Row {
    remote.read(&[id.to_owned()]).expect("an answer").pop().expect("a row for each key")
}

fn version(answer: &Answer) -> Version {
    answer.record.as_ref().expect("a record").version.clone()
}

/// All pages after a cursor, put together.
fn moved(remote: &mut dyn Remote, cursor: Option<&str>) -> Page {
    remote.begin(cursor);
    let mut all = Page::default();
    for _ in 0..100 {
        let Ok(Paged::Page(page)) = remote.page(&|_| None) else { panic!("a page") };
        all.rows.extend(page.rows);
        (all.cursor, all.listed) = (page.cursor.or(all.cursor), page.listed);
        if !page.more {
            return all;
        }
    }
    panic!("the pages never end");
}

fn cursor(page: &Page) -> &str {
    page.cursor.as_deref().expect("a cursor")
}

fn ids(page: &Page) -> Vec<&str> {
    page.rows.iter().map(|row| row.key().as_str()).collect()
}

#[test]
fn a_write_is_done_only_at_the_version_it_was_planned_for() {
    let database = database();
    let (mut ana, mut bo) = (database.remote("ana"), database.remote("bo"));
    let made = write_one(&mut *ana, 1, create("ctc_1", &[("name", "Ines"), ("nick", "Ini")]));
    assert_eq!(made.outcome, Outcome::Done);
    let again = write_one(&mut *bo, 1, create("ctc_1", &[("name", "Somebody")]));
    assert_eq!(again.outcome, Outcome::Exists("ctc_1".into()));
    let changed = write_one(&mut *bo, 2, patch("ctc_1", &version(&made), &[("company", "Acme"), ("nick", "")]));
    assert_eq!(changed.outcome, Outcome::Done);
    let stale = patch("ctc_1", &version(&made), &[("company", "Globex")]);
    assert_eq!(write_one(&mut *ana, 2, stale).outcome, Outcome::Precondition);
    let Row::Live(record) = read(&mut *ana, "ctc_1") else { panic!("it is there") };
    let said = ["name", "company", "nick"].map(|unit| record.units[unit].clone());
    assert_eq!(said, [Value::one("Ines"), Value::one("Acme"), Value::Absent]);
    assert_eq!((record.stamp, record.version), (Some(1), version(&changed)), "a refused write leaves no stamp");
    let stale = delete("ctc_1", Some(&version(&made)));
    assert_eq!(write_one(&mut *ana, 3, stale).outcome, Outcome::Precondition);
    assert_eq!(write_one(&mut *ana, 4, delete("ctc_1", None)).outcome, Outcome::Done, "an erasure asks for no version");
    assert_eq!(write_one(&mut *bo, 3, delete("ctc_1", Some(&version(&changed)))).outcome, Outcome::Gone);
    assert_eq!(read(&mut *bo, "ctc_1"), Row::Gone("ctc_1".into()));
    assert_eq!(bo.find(&["ctc_1".into()]), Ok(vec![None]));
    let anew = write_one(&mut *bo, 4, create("ctc_1", &[("name", "Ines")]));
    assert!(version(&changed).is_before(&version(&anew)), "versions go on where they were");
}

#[test]
fn a_custom_field_that_was_emptied_is_heard_of() {
    let database = database();
    let (mut ana, mut bo) = (database.remote("ana"), database.remote("bo"));
    let made = write_one(&mut *ana, 1, create("ctc_1", &[("custom.plan", "7")]));
    write_one(&mut *ana, 2, patch("ctc_1", &version(&made), &[("custom.plan", "")]));
    let Row::Live(record) = read(&mut *bo, "ctc_1") else { panic!("it is there") };
    assert_eq!(record.units.get("custom.plan"), Some(&Value::Absent));
}

#[test]
fn one_row_that_is_not_taken_does_not_hold_up_the_others() {
    let database = database();
    database
        .admin()
        .run("ALTER TABLE cardfile.contact ADD CONSTRAINT people_only CHECK (units::text NOT LIKE '%robot%')");
    let mut ana = database.remote("ana");
    let name = |n: u32| if n == 333 { "robot".to_owned() } else { format!("Person {n}") };
    let kinds = (0..500).map(|n| create(&format!("ctc_{n}"), &[("name", &name(n))])).collect();
    let answers = write(&mut *ana, 1, kinds);
    let refused: Vec<&Answer> = answers.iter().filter(|answer| answer.outcome != Outcome::Done).collect();
    assert_eq!((answers.len(), refused.len()), (500, 1));
    let Outcome::Rejected(said) = &refused[0].outcome else { panic!("it is rejected") };
    assert_eq!(refused[0].op, 333);
    assert!(said.contains("people_only") && !said.contains("robot"), "{said}");
}

/// Somebody makes a contact first and is done last.
#[rstest]
#[case::in_order(Database::remote, "xid:")]
#[case::by_time(Database::remote_by_time, "time:")]
fn a_change_that_is_committed_late_is_not_passed_over(
    #[case] open: fn(&Database, &str) -> Box<dyn Remote>,
    #[case] kind: &str,
) {
    let database = database();
    let (slow, quick, mut naive) = (database.sql("ana"), database.sql("bo"), Naive::new());
    let mut ours = open(&database, "bo");
    let before = moved(&mut *ours, None);
    assert!(cursor(&before).starts_with(kind));
    let insert = |id: &str| {
        format!("INSERT INTO cardfile.contact (workspace, external_id, units) VALUES ('sales', '{id}', '{{}}')")
    };
    slow.run(&format!("BEGIN; {}", insert("late")));
    quick.run(&insert("early"));
    assert_eq!(naive.moved(&quick), ["early"]);
    let between = moved(&mut *ours, Some(cursor(&before)));
    slow.run("COMMIT");
    let after = moved(&mut *ours, Some(cursor(&between)));
    assert_eq!(naive.moved(&quick), [""; 0], "it looks only behind the last one it saw, and the late one is before");
    let seen: BTreeSet<&str> = ids(&between).into_iter().chain(ids(&after)).collect();
    assert_eq!(seen, BTreeSet::from(["early", "late"]));
}

#[test]
fn pages_follow_each_other_and_what_is_known_is_not_told_again() {
    let database = database();
    let rows = "FROM generate_series(1, 2500) AS number";
    let insert = "INSERT INTO cardfile.contact (workspace, external_id, units)";
    database.sql("ana").run(&format!("{insert} SELECT 'sales', 'ctc_' || number, '{{}}' {rows}"));
    for mut remote in [database.remote("bo"), database.remote_by_time("bo")] {
        let all = moved(&mut *remote, None);
        assert_eq!((ids(&all).into_iter().collect::<BTreeSet<_>>().len(), all.rows.len()), (2_500, 2_500));
        assert_eq!(all.listed.as_ref().map(BTreeSet::len), Some(2_500));
        remote.begin(Some(cursor(&all)));
        let known = |_: &str| Some(Version { text: "1".into(), order: None });
        let Ok(Paged::Page(next)) = remote.page(&known) else { panic!("a page") };
        assert!(next.rows.iter().all(|row| matches!(row, Row::Same(_))));
        assert_eq!(next.listed, None, "that was not all");
    }
}

#[test]
fn once_a_day_everything_is_listed_where_it_is_read_by_time() {
    let database = database();
    let mut ana = database.remote_by_time("ana");
    let kinds = ["ctc_1", "ctc_2"].map(|id| create(id, &[("name", id)])).into();
    write(&mut *ana, 1, kinds);
    let all = moved(&mut *ana, None);
    database.admin().run("DELETE FROM cardfile.contact WHERE external_id = 'ctc_2'");
    assert_eq!(moved(&mut *ana, Some(cursor(&all))).listed, None);
    let (until, _) = cursor(&all).split_once('/').expect("two times");
    let daily = moved(&mut *ana, Some(&format!("{until}/2000-01-01T00:00:00.000000Z")));
    assert_eq!(daily.listed, Some(BTreeSet::from(["ctc_1".to_owned()])));
    assert_ne!(cursor(&daily), cursor(&all));
}

#[test]
fn tables_without_an_order_are_read_by_time() {
    let database = Server::start().bare_database("team");
    let (start, rest) = SCHEMA.split_once("-- Only on one server").expect("the part that may be left out");
    let (_, end) = rest.split_once("-- On every server").expect("its end");
    database.admin().run(&format!("{start}{end}"));
    database.person("ana", &["sales"]);
    let mut ana = database.remote("ana");
    write_one(&mut *ana, 1, create("ctc_1", &[("name", "Ines")]));
    let all = moved(&mut *ana, None);
    assert_eq!(ids(&all), ["ctc_1"]);
    assert!(cursor(&all).starts_with("time:"));
    ana.begin(Some("xid:5:7"));
    assert_eq!(ana.page(&|_| None), Ok(Paged::Expired), "a cursor of the other feed");
}

#[test]
fn another_team_sees_nothing_and_changes_nothing() {
    let database = database();
    let mut ana = database.remote("ana");
    write_one(&mut *ana, 1, create("ctc_1", &[("name", "Ines")]));
    let eve = database.sql("eve");
    assert_eq!(eve.one("SELECT count(*) FROM cardfile.contact"), "0");
    eve.run("UPDATE cardfile.contact SET units = '{}'");
    let insert = "INSERT INTO cardfile.contact (workspace, external_id, units) VALUES ('sales', 'x', '{}')";
    assert!(eve.attempt(insert).is_err_and(|said| said.contains("row-level security")));
    for forbidden in [
        "DELETE FROM cardfile.contact",
        "UPDATE cardfile.contact SET version = 9",
        "INSERT INTO cardfile.member (workspace, role) VALUES ('sales', current_user)",
        "SELECT cardfile.restored()",
    ] {
        assert!(eve.attempt(forbidden).is_err_and(|said| said.contains("permission denied")), "{forbidden}");
    }
    let Row::Live(record) = read(&mut *ana, "ctc_1") else { panic!("it is there") };
    assert_eq!(record.units["name"], Value::one("Ines"));
    let mut outside = open(database.account("eve"), "sales", "eve").unwrap_or_else(|failure| panic!("{failure:?}"));
    let Err(Failure::Refused(said)) = outside.identity() else { panic!("she is not let in") };
    assert!(said.contains("is not a member of the workspace sales"), "{said}");
    let places = workspaces(&database.account("eve")).expect("hers");
    assert_eq!(places.iter().map(|place| place.url.as_str()).collect::<Vec<_>>(), ["other"]);
}

#[test]
fn who_is_taken_out_of_the_team_does_not_think_that_everything_is_gone() {
    let database = database();
    let mut ana = database.remote("ana");
    let made = write_one(&mut *ana, 1, create("ctc_1", &[("name", "Ines")]));
    let all = moved(&mut *ana, None);
    database.admin().run("DELETE FROM cardfile.member");
    let is_refused = |said: &Failure| matches!(said, Failure::Refused(said) if said.contains("not a member"));
    assert!(ana.read(&["ctc_1".into()]).is_err_and(|said| is_refused(&said)));
    assert!(ana.find(&["ctc_1".into()]).is_err_and(|said| is_refused(&said)));
    ana.begin(Some(cursor(&all)));
    assert!(ana.page(&|_| None).is_err_and(|said| is_refused(&said)));
    let answers = ana.write(vec![Write { op: 1, stamp: 2, kind: patch("ctc_1", &version(&made), &[("nick", "I")]) }]);
    assert!(answers.answers.is_empty() && answers.failure.as_ref().is_some_and(is_refused));
}

#[test]
fn a_lease_is_handed_over_and_the_former_holder_keeps_nothing_more() {
    let database = database();
    let leases = |name: &str| {
        Leases::open(&database.account(name), "sales", name, Stop::default()).unwrap_or_else(|f| panic!("{f:?}"))
    };
    let (mut ana, mut bo) = (leases("ana"), leases("bo"));
    let first = ana.take("crm", 60).expect("an answer").expect("it is free");
    assert_eq!(bo.take("crm", 60), Ok(None));
    let progress = |cursor: &str| Part::Progress(Progress { cursor: Some(cursor.into()), ..Progress::default() });
    let parts =
        BTreeMap::from([("progress".to_owned(), progress("5")), ("prt_1".to_owned(), Part::Gone("7.vcf".into()))]);
    let kept =
        |parts: &BTreeMap<String, Part>| parts.clone().into_iter().map(|(name, part)| (name, Some(part))).collect();
    assert_eq!(ana.put("crm", first, &kept(&parts)), Ok(true));
    assert_eq!(ana.renew("crm", first, 60), Ok(true));
    database.admin().run("UPDATE cardfile.lease SET until = clock_timestamp()");
    let second = bo.take("crm", 60).expect("an answer").expect("it ran out");
    assert!(second > first);
    assert_eq!(bo.parts("crm"), Ok(parts.clone()), "the next one goes on where the first one stopped");
    let late = Parts::from([("progress".into(), Some(progress("6")))]);
    assert_eq!(ana.put("crm", first, &late), Ok(false));
    assert_eq!((ana.renew("crm", first, 60), ana.release("crm", first)), (Ok(false), Ok(false)));
    let forgotten = Parts::from([("prt_1".into(), None)]);
    assert_eq!(bo.put("crm", second, &forgotten), Ok(true));
    assert_eq!(bo.parts("crm"), Ok(BTreeMap::from([("progress".to_owned(), progress("5"))])));
    assert_eq!(bo.release("crm", second), Ok(true));
    let third = ana.take("crm", 60).expect("an answer").expect("it was given back");
    let fourth = ana.take("crm", 60).expect("an answer").expect("it is ours");
    assert!(second < third && third < fourth, "an earlier run of the same holder is over as well");
    assert!(Leases::open(&database.account("eve"), "sales", "eve", Stop::default()).is_err());
}

#[test]
fn a_connection_that_was_closed_meanwhile_is_made_again() {
    let database = database();
    let mut ana = database.remote("ana");
    write_one(&mut *ana, 1, create("ctc_1", &[("name", "Ines")]));
    let hang_up = "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity WHERE application_name = 'Cardfile'";
    assert_eq!(database.admin().one(hang_up), "1");
    assert!(matches!(read(&mut *ana, "ctc_1"), Row::Live(_)));
    assert_ne!(database.admin().one(hang_up), "0");
    assert_eq!(write_one(&mut *ana, 2, create("ctc_2", &[("name", "Bo")])).outcome, Outcome::Done);
}

#[test]
fn nobody_knows_what_became_of_a_write_whose_end_was_cut_off() {
    let database = database();
    // Whoever commits waits at the very end.
    database.admin().run(
        "CREATE FUNCTION cardfile.wait() RETURNS trigger LANGUAGE plpgsql AS
             $$ BEGIN PERFORM pg_sleep(60); RETURN NULL; END $$;
         CREATE CONSTRAINT TRIGGER waits AFTER INSERT ON cardfile.contact DEFERRABLE INITIALLY DEFERRED
             FOR EACH ROW EXECUTE FUNCTION cardfile.wait()",
    );
    let admin = database.admin();
    let hangs_up = thread::spawn(move || {
        let hang_up = "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity
                        WHERE query = 'COMMIT' AND state = 'active'";
        for _ in 0..600 {
            if admin.one(hang_up) == "1" {
                return;
            }
            thread::sleep(Duration::from_millis(50));
        }
        panic!("nobody commits");
    });
    let mut ana = database.remote("ana");
    let answer = write_one(&mut *ana, 1, create("ctc_1", &[("name", "Ines")]));
    hangs_up.join().expect("it was cut off");
    assert_eq!(answer.outcome, Outcome::Unknown);
    assert_eq!(read(&mut *ana, "ctc_1"), Row::Gone("ctc_1".into()), "and here it did not happen");
}

#[test]
fn a_row_that_somebody_holds_is_waited_for_another_time() {
    let database = database();
    let mut ana = database.remote("ana");
    let made = write_one(&mut *ana, 1, create("ctc_1", &[("name", "Ines")]));
    let bo = database.sql("bo");
    bo.run("BEGIN; UPDATE cardfile.contact SET units = units");
    let held = patch("ctc_1", &version(&made), &[("nick", "Ini")]);
    let answers = ana.write(vec![Write { op: 1, stamp: 2, kind: held.clone() }]);
    assert_eq!((answers.answers, answers.failure), (Vec::new(), Some(Failure::Busy { after_ms: None })));
    bo.run("ROLLBACK");
    assert_eq!(write_one(&mut *ana, 3, held).outcome, Outcome::Done);
}

#[test]
fn a_restored_database_is_another_store_and_is_not_read_before_it_is_made_fit() {
    let database = database();
    let mut ana = database.remote("ana");
    write_one(&mut *ana, 1, create("ctc_1", &[("name", "Ines")]));
    let (all, identity) = (moved(&mut *ana, None), ana.identity());
    // As after a restore into a server that is younger than the backup.
    database.admin().run(
        "ALTER TABLE cardfile.contact DISABLE TRIGGER USER;
         UPDATE cardfile.contact SET change_xid = '99999999';
         ALTER TABLE cardfile.contact ENABLE TRIGGER USER",
    );
    ana.begin(None);
    let Err(Failure::Refused(said)) = ana.page(&|_| None) else { panic!("it is not read") };
    assert!(said.contains("cardfile.restored()"), "{said}");
    database.admin().run("SELECT cardfile.restored()");
    let again = moved(&mut *ana, Some(cursor(&all)));
    assert_eq!(ids(&again), ["ctc_1"], "everything has moved");
    assert_ne!(ana.identity(), identity);
    ana.begin(Some("xid:99999999:1"));
    assert_eq!(ana.page(&|_| None), Ok(Paged::Expired), "a cursor from the time that did not happen here");
}

#[test]
fn who_cannot_get_in_hears_why() {
    let database = database();
    let refused = |account: Account| match workspaces(&account) {
        Err(Failure::Refused(said)) => said,
        other => panic!("{other:?}"),
    };
    let with = |url: String| Account { url, ..database.account("ana") };
    let wrong = Account { password: "wrong".into(), ..database.account("ana") };
    assert_eq!(workspaces(&wrong), Err(Failure::SignInNeeded));
    let none = Account { password: String::new(), ..database.account("ana") };
    assert_eq!(workspaces(&none), Err(Failure::SignInNeeded));
    let nobody = with(database.url().replace(&database.server.port.to_string(), "1"));
    assert!(matches!(workspaces(&nobody), Err(Failure::Unreachable(_))));
    let bare = database.server.bare_database("bare");
    assert!(refused(with(bare.url())).contains("cardfile.sql"));
    assert!(refused(with(format!("{}?sslmode=require", database.url()))).contains("does not support TLS"));
    database.admin().run("REVOKE cardfile_user FROM ana");
    assert!(refused(database.account("ana")).contains("cardfile_user"));
    let newer = database.server.database("newer");
    newer.admin().run("UPDATE cardfile.schema_version SET version = 2");
    newer.person("cy", &["sales"]);
    assert!(refused(newer.account("cy")).contains("updated"));
    assert!(newer.admin().attempt(SCHEMA).is_err_and(|said| said.contains("newer than this file")));
}
