//! The product at two servers that nobody here wrote. What both must do is one test with
//! both; what only one can do stands at the end.

use crate::{
    peers::{Kind, PASSWORD, Peer, USER},
    proxy::{Fault, Proxy},
    scene::{BOOK, Scene, email, file, new_remote, people, person, with_line, writes},
};
use cardfile_core::{
    Code, SecretText, contact,
    domain::{
        Contact, Item,
        consent::Purpose,
        part::{Memory, Note},
    },
    parts,
    privacy::{
        consent::{self, Saying},
        purposes,
    },
    progress::Unwatched,
    sync::{
        check,
        remotes::{self, NewRemote},
        waits::{self, Decided},
    },
};
use cardfile_sync::{
    mapping::Direction,
    plan::Question,
    run::{End, Reason},
};
use cardfile_testkit::{Workspace, who};
use rstest::rstest;

/// A run that finds nothing may move so many bytes of bodies, both ways together.
const QUIET_BYTES: usize = 2_048;

fn named(name: &str, email: &str) -> Contact {
    Contact { name: name.into(), emails: vec![Item::new(email, "")], ..Contact::default() }
}

/// Makes a contact here; its file there will have this name.
fn make(scene: &Scene, contact: Contact) -> String {
    let (id, _) = contact::create(&scene.ws.core, contact, &who()).expect("made");
    format!("{id}.vcf")
}

/// Decides the only thing that waits.
fn decide(scene: &Scene, field: Option<&str>, choice: &str) {
    let waiting = scene.waiting();
    assert_eq!(waiting.len(), 1, "{waiting:?}");
    let decided = Decided::parse(waiting[0].pair, field.map(str::to_owned), choice, String::new()).expect("a decision");
    assert_eq!(waits::decide(&scene.ws.core, &[decided], &who()).expect("decided").0, 1);
}

#[rstest]
fn the_bare_address_of_a_server_is_enough_to_find_the_address_book(
    #[values(Kind::Radicale, Kind::Xandikos)] kind: Kind,
) {
    let peer = Peer::start(kind, &[]);
    let proxy = Proxy::before(peer.address());
    let password = SecretText::new(PASSWORD.into());
    let found = remotes::places("carddav", &proxy.url(), USER, password).expect("found");
    let found: Vec<(&str, &str)> = found.iter().map(|place| (place.name.as_str(), place.url.as_str())).collect();
    let url = format!("{}{}", proxy.url().trim_end_matches('/'), kind.book());
    assert_eq!(found, [("People", url.as_str())]);
}

#[rstest]
fn the_first_run_brings_every_card_and_the_second_asks_once_and_moves_nothing(
    #[values(Kind::Radicale, Kind::Xandikos)] kind: Kind,
) {
    let scene = Scene::open(kind, &people(50));
    let (report, seen) = scene.sync();
    assert_eq!((report.counts.created, report.counts.pulled, scene.ws.count()), (50, 50, 50));
    assert!(writes(&seen).is_empty(), "a first run only reads");
    let contact = scene.contact(&email(7));
    assert_eq!((contact.name.as_str(), contact.name_parts.family.as_str()), ("Given7 Family7", "Family7"));
    assert_eq!((contact.phones[0].key.as_str(), contact.source.as_str()), ("+34600100007", BOOK));

    let before = scene.ws.hash();
    let (report, seen) = scene.sync();
    let methods: Vec<&str> = seen.iter().map(|seen| seen.method()).collect();
    assert_eq!(methods, ["REPORT"], "one question, what moved, is enough");
    let (up, down) = seen.iter().fold((0, 0), |(up, down), seen| (up + seen.request.body.len(), down + seen.answered));
    assert!(up + down <= QUIET_BYTES, "{up} + {down} bytes");
    let told = (report.counts.requests, report.counts.bytes_up, report.counts.bytes_down);
    assert_eq!(
        told,
        (seen.len() as u64, up as u64, down as u64),
        "what a run says of itself is what went over the wire"
    );
    assert_eq!(scene.ws.hash(), before);
}

#[rstest]
fn what_is_made_edited_and_deleted_here_is_so_there_and_only_at_the_version_that_is_known(
    #[values(Kind::Radicale, Kind::Xandikos)] kind: Kind,
) {
    let scene = Scene::synced(kind, &people(3));
    let file = make(&scene, named("Nora New", "nora@x.example"));
    let path = scene.path(&file);
    let condition = |name: &str| {
        let (_, seen) = scene.sync();
        let writes = writes(&seen);
        assert_eq!(writes.iter().map(|write| write.path()).collect::<Vec<_>>(), [path.as_str()]);
        assert_eq!(writes[0].request.headers.iter().filter(|(name, _)| name.starts_with("if-")).count(), 1);
        (writes[0].method().to_owned(), writes[0].request.header(name).expect("a condition").to_owned())
    };

    assert_eq!(condition("if-none-match"), ("PUT".into(), "*".into()));
    let (etag, card) = scene.other.get(&path).expect("made");
    assert!(card.contains("FN:Nora New") && card.contains("nora@x.example"), "{card}");
    scene.sync_quietly();

    scene.edit("nora@x.example", "job_title", "Boss");
    assert_eq!(condition("if-match"), ("PUT".into(), etag));
    let (etag, card) = scene.other.get(&path).expect("edited");
    assert!(card.contains("TITLE:Boss"), "{card}");
    scene.sync_quietly();

    scene.bin("nora@x.example");
    assert_eq!(condition("if-match"), ("DELETE".into(), etag));
    assert_eq!(scene.there().len(), 3);
    scene.sync_quietly();
}

#[rstest]
fn what_is_made_edited_and_deleted_there_is_so_here(#[values(Kind::Radicale, Kind::Xandikos)] kind: Kind) {
    let scene = Scene::synced(kind, &people(3));
    scene.make_there(&person(3));
    scene.edit_there(&file(1), |card| with_line(card, "TITLE:Boss"));
    scene.other.delete(&scene.path(&file(2)));
    let (report, seen) = scene.sync();
    assert!(writes(&seen).is_empty());
    assert_eq!((report.counts.created, report.counts.deleted), (1, 1));
    assert_eq!(
        (scene.contact(&email(3)).name.as_str(), scene.contact(&email(1)).job_title.as_str()),
        ("Given3 Family3", "Boss")
    );
    assert!(scene.contact(&email(2)).binned_at.is_some(), "in the bin, and not gone");
    scene.sync_quietly();
}

#[rstest]
fn two_fields_edited_on_two_sides_are_both_kept(#[values(Kind::Radicale, Kind::Xandikos)] kind: Kind) {
    let scene = Scene::synced(kind, &people(3));
    scene.edit(&email(1), "company", "Acme");
    scene.edit_there(&file(1), |card| with_line(card, "TITLE:Boss"));
    let (report, _) = scene.sync();
    assert_eq!((report.counts.merged, report.counts.conflicts), (1, 0));
    let (contact, card) = (scene.contact(&email(1)), scene.card(&file(1)));
    assert_eq!((contact.company.as_str(), contact.job_title.as_str()), ("Acme", "Boss"));
    assert!(card.contains("ORG:Acme") && card.contains("TITLE:Boss"), "{card}");
    scene.sync_quietly();
}

#[rstest]
fn one_field_edited_on_two_sides_waits_for_a_person_and_the_next_run_carries_the_decision_out(
    #[values(Kind::Radicale, Kind::Xandikos)] kind: Kind,
    #[values(("mine", "Ours"), ("theirs", "Theirs"))] (choice, wins): (&str, &str),
) {
    let scene = Scene::synced(kind, &people(3));
    scene.edit(&email(1), "job_title", "Ours");
    scene.edit(&email(1), "company", "Acme");
    scene.edit_there(&file(1), |card| with_line(card, "TITLE:Theirs"));
    let (report, _) = scene.sync();
    assert_eq!(report.counts.conflicts, 1);
    let waiting = scene.waiting();
    let held = &waiting[0].fields[0];
    assert_eq!((waiting.len(), waiting[0].fields.len()), (1, 1));
    assert_eq!((held.field.as_str(), held.mine.as_str(), held.theirs.as_str()), ("job_title", "Ours", "Theirs"));
    let card = scene.card(&file(1));
    assert!(card.contains("TITLE:Theirs") && card.contains("ORG:Acme"), "only what is disputed waits: {card}");
    assert_eq!(scene.contact(&email(1)).job_title, "Ours");
    // Waiting is no reason to ask twice.
    let (report, seen) = scene.sync();
    assert_eq!((report.counts.conflicts, writes(&seen).len(), scene.waiting().len()), (0, 0, 1));

    decide(&scene, Some("job_title"), choice);
    let (_, seen) = scene.sync();
    assert_eq!(writes(&seen).len(), usize::from(choice == "mine"));
    assert_eq!(scene.contact(&email(1)).job_title, wins);
    assert!(scene.card(&file(1)).contains(&format!("TITLE:{wins}")));
    scene.sync_quietly();
}

#[rstest]
fn a_deletion_there_against_an_edit_here_waits(
    #[values(Kind::Radicale, Kind::Xandikos)] kind: Kind,
    #[values("keep", "delete")] choice: &str,
) {
    let scene = Scene::synced(kind, &people(3));
    scene.other.delete(&scene.path(&file(1)));
    scene.edit(&email(1), "job_title", "Boss");
    let (report, seen) = scene.sync();
    assert_eq!((report.counts.held, report.counts.deleted, writes(&seen).len()), (1, 0, 0));
    assert_eq!((scene.waiting()[0].deleted, scene.ws.count()), (Some("there"), 3));

    decide(&scene, None, choice);
    scene.sync();
    let kept = usize::from(choice == "keep");
    assert_eq!((scene.ws.count() as usize, scene.there().len()), (2 + kept, 2 + kept));
    assert_eq!(scene.contact(&email(1)).binned_at.is_none(), choice == "keep");
    scene.sync_quietly();
}

#[rstest]
fn a_deletion_here_against_an_edit_there_waits(
    #[values(Kind::Radicale, Kind::Xandikos)] kind: Kind,
    #[values("keep", "delete")] choice: &str,
) {
    let scene = Scene::synced(kind, &people(3));
    scene.edit_there(&file(1), |card| with_line(card, "TITLE:Boss"));
    scene.bin(&email(1));
    let (report, seen) = scene.sync();
    assert_eq!((report.counts.held, writes(&seen).len()), (1, 0));
    assert_eq!((scene.waiting()[0].deleted, scene.there().len()), (Some("here"), 3));

    decide(&scene, None, choice);
    scene.sync();
    let kept = usize::from(choice == "keep");
    assert_eq!((scene.ws.count() as usize, scene.there().len()), (2 + kept, 2 + kept));
    if choice == "keep" {
        assert_eq!(scene.contact(&email(1)).job_title, "Boss", "their edit is not lost");
        assert!(scene.card(&file(1)).contains("TITLE:Boss"));
    }
    scene.sync_quietly();
}

#[rstest]
fn what_we_have_no_field_for_stays_byte_for_byte_when_another_field_is_edited(
    #[values(Kind::Radicale, Kind::Xandikos)] kind: Kind,
) {
    let (file, mut card) = person(0);
    let photo = format!("{}\r\n {}\r\n {}", "QUJD".repeat(12), "REVG".repeat(18), "R0hJ".repeat(5));
    for line in [
        "TITLE:Boss",
        "item1.X-ABRELATEDNAMES:Ida",
        "item1.X-ABLABEL:_$!<Sister>!$_",
        r#"X-SPECIAL;X-Q="a;b":keep\, this"#,
        &format!("X-LONG:{}", "x".repeat(90)),
        &format!("PHOTO;ENCODING=b;TYPE=JPEG:{photo}"),
        r"NOTE:one\ntwo",
    ] {
        card = with_line(&card, line);
    }
    let scene = Scene::synced(kind, &[(file.clone(), card)]);
    // Radicale has written it anew, in its own order and folds: those are to be kept.
    let before = scene.card(&file);
    assert!(before.contains("X-SPECIAL") && before.contains("PHOTO"), "{before}");
    scene.edit(&email(0), "job_title", "Chief");
    let (_, seen) = scene.sync();
    let expected = before.replace("TITLE:Boss", "TITLE:Chief");
    assert_eq!(writes(&seen)[0].request.text(), expected, "what was sent");
    assert_eq!(scene.card(&file), expected, "what is there");
    scene.sync_quietly();
}

#[rstest]
fn what_was_done_without_an_answer_is_not_done_twice(#[values(Kind::Radicale, Kind::Xandikos)] kind: Kind) {
    let scene = Scene::synced(kind, &[]);
    let lose = |method| {
        scene.proxy.when(method, 1, Fault::LoseAnswer);
        let (report, seen) = scene.sync();
        let methods: Vec<&str> = writes(&seen).iter().map(|write| write.method()).collect();
        assert_eq!(methods, [method], "once");
        assert_eq!((report.counts.conflicts, report.counts.held, report.counts.created), (0, 0, 0));
        scene.sync_quietly();
    };
    let file = make(&scene, named("Nora New", "nora@x.example"));
    lose("PUT");
    assert_eq!(scene.there(), [scene.path(&file)]);
    scene.edit("nora@x.example", "job_title", "Boss");
    lose("PUT");
    assert!(scene.card(&file).contains("TITLE:Boss"));
    scene.bin("nora@x.example");
    lose("DELETE");
    assert_eq!((scene.there().len(), scene.ws.count()), (0, 0));
}

#[rstest]
fn a_server_that_is_busy_or_broken_for_a_moment_gets_every_contact_once(
    #[values(Kind::Radicale, Kind::Xandikos)] kind: Kind,
    // Xandikos says 423 while it makes another card.
    #[values((429, Some(1)), (429, None), (503, None), (500, None), (423, None))] (status, retry_after): (
        u16,
        Option<u32>,
    ),
) {
    let scene = Scene::synced(kind, &people(3));
    for number in 0..5 {
        make(&scene, named(&format!("New {number}"), &format!("new{number}@x.example")));
    }
    scene.proxy.when("PUT", 2, Fault::Refuse { status, retry_after });
    let (report, seen) = scene.sync();
    assert_eq!((report.counts.pushed, scene.there().len()), (5, 8));
    let done = writes(&seen).iter().filter(|write| write.status == 201).count();
    assert_eq!(done, 5, "each is made once");
    scene.sync_quietly();
}

#[rstest]
fn a_server_that_asks_for_an_hour_is_left_alone(#[values(Kind::Radicale, Kind::Xandikos)] kind: Kind) {
    let scene = Scene::synced(kind, &people(3));
    let before = scene.ws.hash();
    scene.proxy.when("REPORT", 1, Fault::Refuse { status: 429, retry_after: Some(3_600) });
    let report = scene.try_sync();
    assert_eq!(report.end, End::Paused(Reason::Busy { after_ms: 3_600_000 }));
    assert_eq!(scene.proxy.take().iter().filter(|seen| seen.method() == "REPORT").count(), 1, "asked once");
    assert_eq!(scene.ws.hash(), before);
    scene.sync_quietly();
}

#[rstest]
fn a_token_that_the_server_forgot_lists_everything_and_deletes_nothing(
    #[values(Kind::Radicale, Kind::Xandikos)] kind: Kind,
) {
    let scene = Scene::synced(kind, &people(50));
    scene.edit_there(&file(7), |card| with_line(card, "TITLE:Boss"));
    scene.other.delete(&scene.path(&file(8)));
    let cursor = scene.known().kept.cursor.expect("a cursor");
    scene.peer.forget(cursor.strip_prefix("sync:").expect("a token"));
    let (report, seen) = scene.sync();
    let refused = seen.iter().filter(|seen| matches!(seen.status, 403 | 412)).count();
    assert_eq!((refused, writes(&seen).len()), (1, 0), "it was forgotten");
    assert_eq!((report.counts.deleted, report.counts.created, scene.ws.count()), (1, 0, 49));
    assert_eq!(scene.contact(&email(7)).job_title, "Boss");
    scene.sync_quietly();
}

#[rstest]
fn a_field_that_is_mapped_later_is_read_before_anything_is_written_over_it(
    #[values(Kind::Radicale, Kind::Xandikos)] kind: Kind,
) {
    let scene = Scene::connected(kind, &people(2));
    scene.set(|settings| {
        for (unit, rule) in &mut settings.mapping.0 {
            rule.approved = true;
            if unit == "job_title" {
                rule.direction = Direction::Off;
            }
        }
    });
    scene.enable("whatever was found");
    scene.edit_there(&file(0), |card| with_line(card, "TITLE:Baker"));
    scene.sync();
    scene.edit(&email(0), "job_title", "Smith");
    scene.sync();
    scene.set(|settings| {
        settings.mapping.0.get_mut("job_title").expect("a rule").direction = Direction::Both;
    });
    let (report, seen) = scene.sync();
    assert_eq!((report.counts.conflicts, writes(&seen).len()), (1, 0), "both said something");
    assert!(scene.card(&file(0)).contains("TITLE:Baker"));
}

#[rstest]
fn two_cards_with_one_uid_are_one_contact(#[values(Kind::Radicale, Kind::Xandikos)] kind: Kind) {
    // Neither server keeps them out of its folder.
    let mut cards = people(3);
    cards.push(("twin.vcf".into(), person(0).1));
    let scene = Scene::open(kind, &cards);
    let found = check::check(&scene.ws.core, BOOK, &Unwatched).expect("looked at");
    assert_eq!((found.read, found.totals.created_here, found.collisions.len()), (4, 3, 1));
    scene.sync();
    assert_eq!(scene.ws.count(), 3, "no contact is made twice");
    scene.sync_quietly();

    // Either may go, and the other takes its place.
    scene.other.delete(&scene.path(&file(0)));
    scene.sync();
    assert_eq!((scene.ws.count(), scene.there().len()), (3, 3));
    assert!(scene.contact(&email(0)).binned_at.is_none());
    scene.edit(&email(0), "job_title", "Boss");
    scene.sync();
    assert!(scene.card("twin.vcf").contains("TITLE:Boss"));
    scene.sync_quietly();
}

#[rstest]
fn a_mass_deletion_here_is_asked_about_before_anything_is_deleted_there(
    #[values(Kind::Radicale, Kind::Xandikos)] kind: Kind,
) {
    let scene = Scene::synced(kind, &people(300));
    let rows: Vec<_> = (0..298).map(|n| contact::find(&scene.ws.core, &email(n)).expect("one").row).collect();
    contact::bin(&scene.ws.core, &rows, &who()).expect("binned");
    for _ in 0..2 {
        let report = scene.try_sync();
        assert_eq!(report.end, End::Paused(Reason::Asked));
        assert_eq!(report.questions, [Question::DeletesThere { count: 298, linked: 300 }]);
        assert!(writes(&scene.proxy.take()).is_empty());
    }
    assert_eq!(scene.there().len(), 300, "nothing before somebody agrees");
    remotes::agree(&scene.ws.core, BOOK, &who()).expect("agreed");
    let (report, _) = scene.sync();
    assert_eq!((report.counts.deleted, scene.there().len()), (298, 2));
    scene.sync_quietly();
}

#[rstest]
fn a_mass_deletion_there_is_asked_about_before_anything_goes_to_the_bin_here(
    #[values(Kind::Radicale, Kind::Xandikos)] kind: Kind,
) {
    let scene = Scene::synced(kind, &people(300));
    for number in 0..298 {
        scene.other.delete(&scene.path(&file(number)));
    }
    for _ in 0..2 {
        let report = scene.try_sync();
        assert_eq!(report.end, End::Paused(Reason::Asked));
        assert_eq!(report.questions, [Question::DeletesHere { count: 298, linked: 300 }]);
        assert_eq!(scene.ws.count(), 300, "nothing before somebody agrees");
    }
    assert!(writes(&scene.proxy.take()).is_empty());
    remotes::agree(&scene.ws.core, BOOK, &who()).expect("agreed");
    let (report, _) = scene.sync();
    assert_eq!((report.counts.deleted, scene.ws.count()), (298, 2));
    scene.sync_quietly();
}

#[rstest]
fn what_was_not_approved_or_consented_to_or_only_comes_is_in_no_request(
    #[values(Kind::Radicale, Kind::Xandikos)] kind: Kind,
) {
    let scene = Scene::connected(kind, &people(3));
    let silent = Contact {
        description: "unapproved words".into(),
        job_title: "unconsented title".into(),
        phones: vec![Item::new("+34 600 999 999", "")],
        department: "switched off".into(),
        ..named("Nora New", "nora@x.example")
    };
    let willing = Contact { job_title: "consented title".into(), ..named("Otto Open", "otto@x.example") };
    make(&scene, willing);
    let news = Purpose { key: "news".into(), name: "News".into(), ..Purpose::default() };
    purposes::put(&scene.ws.core, &news, &who()).expect("a purpose");
    let yes = Saying { purpose: "news".into(), given: true, ..Saying::default() };
    consent::record(&scene.ws.core, "otto@x.example", &yes, &who()).expect("a consent");
    let file = make(&scene, silent);
    let id = file.trim_end_matches(".vcf");
    parts::add(&scene.ws.core, id, &Note { text: "words of a note".into(), ..Note::default() }, &who())
        .expect("a note");
    let memory = Memory { text: "words of a memory".into(), ..Memory::default() };
    parts::add(&scene.ws.core, id, &memory, &who()).expect("a memory");
    scene.enable("");
    let (_, seen) = scene.sync();
    assert!(writes(&seen).is_empty(), "nothing leaves before a field was approved");

    scene.set(|settings| {
        for (unit, rule) in &mut settings.mapping.0 {
            rule.approved = !matches!(unit.as_str(), "description");
            match unit.as_str() {
                "phone" => rule.direction = Direction::Pull,
                "department" => rule.direction = Direction::Off,
                "job_title" => rule.purpose = Some("news".into()),
                _ => {}
            }
        }
    });
    let (_, mut seen) = scene.sync();
    assert_eq!(writes(&seen).len(), 2, "both contacts leave with the rest");
    scene.edit("nora@x.example", "description", "unapproved words, edited");
    scene.edit("nora@x.example", "nick", "Nono");
    seen.extend(scene.sync().1);
    assert!(scene.card(&file).contains("Nono"));
    let sent: Vec<String> = seen.iter().map(|seen| format!("{} {}", seen.path(), seen.request.text())).collect();
    let sent = sent.join("\n");
    assert!(sent.contains("consented title"), "who consented is asked for");
    for secret in ["unapproved", "unconsented", "999", "switched", "words"] {
        assert!(!sent.contains(secret), "{secret} left: {sent}");
    }
    scene.sync_quietly();
}

#[test]
fn a_password_that_is_wrong_pauses_the_run_and_changes_nothing() {
    let scene = Scene::synced(Kind::Radicale, &people(3));
    let set_password = |password: &str| {
        let password = SecretText::new(password.into());
        remotes::set_password(&scene.ws.core, BOOK, password, &who()).expect("kept");
    };
    let before = scene.ws.hash();
    set_password("wrong");
    assert_eq!(scene.try_sync().end, End::Paused(Reason::SignInNeeded));
    let seen = scene.proxy.take();
    assert!(
        seen.iter().all(|seen| seen.status == 401) && seen.len() == 1,
        "once, so that nobody is locked out: {seen:?}"
    );
    let error = check::check(&scene.ws.core, BOOK, &Unwatched).expect_err("not let in");
    assert_eq!(error.code, Code::SignIn);
    assert_eq!(scene.ws.hash(), before);
    set_password(PASSWORD);
    scene.proxy.take();
    scene.sync_quietly();
}

#[test]
fn a_connection_with_a_wrong_password_is_not_made() {
    let (ws, peer) = (Workspace::default(), Peer::start(Kind::Radicale, &[]));
    let url = format!("http://{}/", peer.address());
    let error = remotes::add(&ws.core, new_remote(&url, "wrong"), &who()).expect_err("not let in");
    assert_eq!(error.code, Code::SignIn);
    assert!(remotes::all(&ws.core).expect("readable").is_empty());
}

#[test]
fn an_address_book_that_asks_nobody_is_reached_by_its_own_address() {
    let (ws, peer) = (Workspace::default(), Peer::radicale_without_password(&people(1)));
    let url = format!("http://{}/", peer.address());
    let place = format!("{url}{}", Kind::Radicale.book().trim_start_matches('/'));
    // Who asks it for the account of nobody is asked to sign in: the place has to be given.
    let new = NewRemote { user: String::new(), place, ..new_remote(&url, "") };
    remotes::add(&ws.core, new, &who()).expect("connected");
    let found = check::check(&ws.core, BOOK, &Unwatched).expect("looked at");
    assert_eq!((found.read, found.unknown), (1, 1));
}

/// Radicale refuses the second card.
#[test]
fn a_second_card_with_the_uid_of_a_known_contact_makes_no_contact_at_xandikos() {
    let scene = Scene::synced(Kind::Xandikos, &people(3));
    let twin = ("twin.vcf".to_owned(), with_line(&person(0).1, "TITLE:Boss"));
    assert_eq!(scene.make_there(&twin), 201);
    let (report, seen) = scene.sync();
    assert_eq!((report.counts.created, writes(&seen).len(), scene.ws.count()), (0, 0, 3));
    assert_eq!(scene.contact(&email(0)).job_title, "", "the card that was known first is the contact's");
    scene.sync_quietly();
}
