//! An address book that a team shares: two workspaces with one PostgreSQL and one CardDAV
//! server, and whoever serves the address book goes on where the other one stopped.

use crate::{
    peers::{Card, Kind, PASSWORD, Peer},
    postgres,
    proxy::{Fault, Proxy, Seen},
    scene::{BOOK, email, file, new_remote, people, with_line, writes},
};
use cardfile_core::{
    Core, Protection, contact,
    domain::{Contact, Millis},
    progress::Unwatched,
    sync::{
        remotes,
        running::{self, Report},
        waits,
    },
    system,
};
use cardfile_sync::run::{End, Reason};
use cardfile_testkit::{postgres::Database, who};
use rstest::rstest;
use serde_json::json;
use tempfile::TempDir;

const TEAM: &str = "team";

/// Somebody's computer.
struct Device {
    core: Core,
    _folder: TempDir,
}

impl Device {
    fn count(&self) -> u32 {
        self.core.store().read(|r| r.contacts().count()).map(|(all, binned)| all - binned).expect("readable")
    }
}

/// A team of two with an address book.
struct Shared {
    database: Database,
    peer: Peer,
    proxy: Proxy,
}

impl Shared {
    fn new(kind: Kind, cards: &[Card]) -> Self {
        let peer = Peer::start(kind, cards);
        let proxy = Proxy::before(peer.address());
        Self { database: postgres::database(), peer, proxy }
    }

    /// Somebody's workspace, in which everything may go everywhere.
    fn device(&self, name: &str) -> Device {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let made = Core::create(&folder.path().join("workspace"), &Protection::None, system::environment());
        let ws = Device { core: made.expect("a new workspace").0, _folder: folder };
        remotes::add(&ws.core, postgres::new_remote(&self.database, TEAM, name), &who()).expect("let in");
        remotes::add(&ws.core, new_remote(&self.proxy.url(), PASSWORD), &who()).expect("connected");
        for remote in [TEAM, BOOK] {
            let set = remotes::set(&ws.core, remote, &who(), |settings| {
                settings.mapping.0.values_mut().for_each(|rule| rule.approved = true);
                settings.enabled_at = Some(Millis(1));
            });
            set.expect("set");
        }
        self.proxy.take();
        ws
    }

    /// A card as the server has it.
    fn card(&self, book: &str, name: &str) -> String {
        self.peer.client().get(&format!("{book}{name}")).expect("a card").1
    }
}

fn run(ws: &Device, name: &str) -> Report {
    running::run(&ws.core, name, false, &who(), &Unwatched).expect("a run")
}

fn sync(ws: &Device, name: &str) -> Report {
    let report = run(ws, name);
    assert_eq!(report.end, End::Done, "{report:?}");
    report
}

fn person(ws: &Device, number: usize) -> Contact {
    contact::find(&ws.core, &email(number)).expect("a contact").contact
}

fn edit(ws: &Device, number: usize, field: &str, value: &str) {
    contact::edit(&ws.core, &person(ws, number).id, field, json!(value), &who()).expect("edited");
}

fn waiting(ws: &Device) -> usize {
    waits::all(&ws.core).expect("readable").len()
}

/// Requests that carry cards this way or that.
fn with_cards(seen: &[Seen]) -> usize {
    seen.iter().filter(|seen| seen.is_write() || seen.answered > 4_000).count()
}

#[rstest]
fn the_next_device_goes_on_where_the_other_one_stopped(#[values(Kind::Radicale, Kind::Xandikos)] kind: Kind) {
    let shared = Shared::new(kind, &people(20));
    let (ana, bo) = (shared.device("ana"), shared.device("bo"));
    sync(&ana, BOOK);
    assert_eq!(ana.count(), 20);
    shared.proxy.take();

    let taken = sync(&bo, BOOK);
    assert_eq!(bo.count(), 20, "the contacts came from the team");
    assert_eq!((taken.counts.pulled, taken.counts.created, taken.counts.pushed), (0, 0, 0), "{taken:?}");
    assert_eq!((taken.operation, waiting(&bo)), (None, 0));
    let seen = shared.proxy.take();
    assert_eq!(with_cards(&seen), 0, "nothing is read twice: {seen:?}");

    // What one changed is written by the other.
    edit(&ana, 3, "nick", "Trey");
    sync(&ana, TEAM);
    let written = sync(&bo, BOOK);
    assert_eq!(written.counts.pushed, 1, "{written:?}");
    assert!(shared.card(kind.book(), &file(3)).contains("NICKNAME:Trey"));
    shared.proxy.take();
    let back = sync(&ana, BOOK);
    assert_eq!((back.counts.pulled, back.counts.pushed, waiting(&ana)), (0, 0, 0), "{back:?}");
    assert!(writes(&shared.proxy.take()).is_empty());
}

#[rstest]
fn what_one_device_read_is_not_written_back_by_the_next(#[values(Kind::Radicale, Kind::Xandikos)] kind: Kind) {
    let shared = Shared::new(kind, &people(3));
    let (ana, bo) = (shared.device("ana"), shared.device("bo"));
    sync(&ana, BOOK);
    sync(&bo, BOOK);
    let path = format!("{}{}", kind.book(), file(1));
    let other = shared.peer.client();
    let (etag, text) = other.get(&path).expect("a card");
    other.put(&path, ("If-Match", &etag), &with_line(&text, "TITLE:Boss"));
    sync(&ana, BOOK);
    assert_eq!(person(&ana, 1).job_title, "Boss");
    shared.proxy.take();
    sync(&bo, BOOK);
    assert_eq!(person(&bo, 1).job_title, "Boss", "it came through the team");
    assert!(writes(&shared.proxy.take()).is_empty());
    assert_eq!((waiting(&ana), waiting(&bo)), (0, 0));
}

#[test]
fn a_write_without_an_answer_is_found_by_the_next_device() {
    let kind = Kind::Radicale;
    let shared = Shared::new(kind, &people(2));
    let (ana, bo) = (shared.device("ana"), shared.device("bo"));
    sync(&ana, BOOK);
    edit(&ana, 1, "nick", "Uno");
    // It is carried out, and then the computer is gone: nobody ever hears of it there.
    shared.proxy.when("PUT", 1, Fault::LoseAnswer);
    shared.proxy.when("REPORT", 2, Fault::Refuse { status: 503, retry_after: Some(3_600) });
    assert_eq!(run(&ana, BOOK).end, End::Paused(Reason::Busy { after_ms: 3_600_000 }));
    shared.database.admin().run("UPDATE cardfile.lease SET until = clock_timestamp()");
    assert!(shared.card(kind.book(), &file(1)).contains("NICKNAME:Uno"));
    shared.proxy.take();
    sync(&bo, BOOK);
    assert!(writes(&shared.proxy.take()).is_empty(), "it is there already");
    assert_eq!((person(&bo, 1).nick.as_str(), waiting(&bo)), ("Uno", 0));
}

#[test]
fn only_one_device_serves_it_and_the_other_says_so() {
    let shared = Shared::new(Kind::Radicale, &people(2));
    let (ana, bo) = (shared.device("ana"), shared.device("bo"));
    sync(&ana, BOOK);
    shared.database.admin().run("UPDATE cardfile.lease SET until = clock_timestamp() + interval '1 hour'");
    shared.proxy.take();
    assert_eq!(run(&bo, BOOK).end, End::Paused(Reason::Leased));
    assert!(with_cards(&shared.proxy.take()) == 0);
    sync(&ana, BOOK);
    sync(&bo, BOOK);
}

#[test]
fn who_lost_the_lease_meanwhile_writes_nothing() {
    let shared = Shared::new(Kind::Radicale, &people(2));
    let ana = shared.device("ana");
    sync(&ana, BOOK);
    edit(&ana, 1, "nick", "Uno");
    // Somebody else takes the lease while this run exchanges contacts with the team.
    shared.database.admin().run(
        "CREATE FUNCTION cardfile.steal() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER AS $$ BEGIN
             UPDATE cardfile.lease SET epoch = epoch + 1, holder = 'bo';
             RETURN NULL;
         END $$;
         CREATE TRIGGER steals AFTER UPDATE ON cardfile.contact FOR EACH ROW EXECUTE FUNCTION cardfile.steal()",
    );
    shared.proxy.take();
    assert_eq!(run(&ana, BOOK).end, End::Paused(Reason::Leased));
    assert!(writes(&shared.proxy.take()).is_empty());
    shared.database.admin().run("DROP TRIGGER steals ON cardfile.contact; UPDATE cardfile.lease SET until = now()");
    let again = sync(&ana, BOOK);
    assert_eq!((again.counts.pushed, waiting(&ana)), (1, 0), "{again:?}");
    assert!(shared.card(Kind::Radicale.book(), &file(1)).contains("NICKNAME:Uno"));
}

#[test]
fn a_deletion_is_carried_on_by_the_next_device() {
    let kind = Kind::Radicale;
    let shared = Shared::new(kind, &people(12));
    let (ana, bo) = (shared.device("ana"), shared.device("bo"));
    sync(&ana, BOOK);
    sync(&bo, TEAM);
    let row = contact::find(&ana.core, &email(1)).expect("a contact").row;
    contact::bin(&ana.core, &[row], &who()).expect("binned");
    sync(&ana, TEAM);
    sync(&bo, BOOK);
    assert_eq!(shared.peer.client().get(&format!("{}{}", kind.book(), file(1))), None);
    assert_eq!((bo.count(), waiting(&bo)), (11, 0));
}

#[test]
fn the_team_is_told_nothing_that_may_not_leave() {
    let kind = Kind::Radicale;
    let (name, card) = people(1).remove(0);
    let shared = Shared::new(kind, &[(name, with_line(&card, "NOTE:nobody-may-know"))]);
    let ana = shared.device("ana");
    let private = |settings: &mut remotes::Settings| {
        settings.mapping.0.get_mut("description").expect("a rule").approved = false;
    };
    remotes::set(&ana.core, TEAM, &who(), private).expect("set");
    sync(&ana, BOOK);
    assert_eq!(person(&ana, 0).description, "nobody-may-know");
    let known = shared.database.admin().one("SELECT string_agg(state::text, ' ') FROM cardfile.bridge");
    assert!(known.contains("Given0") && !known.contains("nobody-may-know"), "{known}");
}
