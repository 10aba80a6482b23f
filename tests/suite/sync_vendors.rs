//! What only some vendors do, or do in a way of their own.

use crate::vendor_scene::{NAME, connected, connected_by, edit, filled, is_at_rest, person, run, sync, sync_until};
use cardfile_core::{
    domain::ContactId,
    import::{self, ImportRequest},
    privacy::erasure::{self, Reason, delivery},
    progress::Unwatched,
    sync::{aside, remotes, setup},
    view::{self, ViewRequest},
};
use cardfile_sync::{
    plan::Question,
    run::{End, Reason as Why},
};
use cardfile_testkit::{
    Workspace,
    fake_remote::Moment,
    vendors::{Fake, Habits, Person, Times, Vendor},
    who,
};
use rstest::rstest;
use serde_json::{Value, json};
use std::{collections::BTreeMap, thread};

const HUBSPOT: &str = include_str!("../../src-tauri/crates/connectors/manifests/hubspot.toml");
const DAY_MS: i64 = 86_400_000;

/// HubSpot where everything is smaller: pages of twenty, and forty to one question.
fn small_hubspot() -> String {
    let small = HUBSPOT.replace("id = \"hubspot\"", "id = \"hubspot_small\"");
    let small = small.replace("cap = 9800", "cap = 40").replace("limit = 200", "limit = 20");
    assert_ne!(small.replace("hubspot_small", "hubspot"), HUBSPOT, "the numbers are where they were");
    small
}

#[test]
fn hubspot_is_asked_anew_before_a_question_has_more_answers_than_it_gives() {
    let fake = filled(Vendor::HubSpot, 130);
    fake.habits(Habits { cap: Some(50), ..Habits::default() });
    let ws = connected_by(&small_hubspot(), &fake);
    sync(&ws);
    for number in 0..130 {
        fake.edit(&format!("u-{number}"), |one| one.phone = format!("+347{number:08}"));
    }
    fake.forget();
    sync(&ws);
    for number in 0..130 {
        let id = format!("u-{number}");
        assert!(person(&ws, &id).phone().ends_with(&format!("7{number:08}")), "{id}");
    }
    let refused = fake.state().asked.into_iter().filter(|asked| asked.status == Some(400)).count();
    assert_eq!(refused, 0, "nobody asks behind the end");
}

/// Erases the person with this ID; `era_…`.
fn erased(ws: &Workspace, id: &str) -> String {
    let found = erasure::subject(&ws.core, id).expect("they are here");
    let ids: Vec<ContactId> = found.into_iter().map(|contact| contact.id).collect();
    erasure::erase(&ws.core, &ids, Reason::Request(None), &who(), &Unwatched).expect("erased").erasure
}

#[test]
fn hubspot_forgets_a_person_by_id_and_never_by_email() {
    let fake = filled(Vendor::HubSpot, 10);
    let ws = connected(&fake);
    sync(&ws);
    // One of them is not there any more, and would be put on the list for ever by an email.
    fake.delete("u-4");
    for id in ["u-3", "u-4"] {
        erased(&ws, id);
    }
    delivery::deliver(&ws.core).expect("kept");
    let state = fake.state();
    let purges = state.asked.iter().filter(|asked| asked.path.ends_with("/gdpr-delete"));
    let purges: Vec<Value> = purges.map(|asked| serde_json::from_str(&asked.body).expect("json")).collect();
    assert!(!purges.is_empty(), "it is more than the archive");
    assert!(purges.iter().all(|purge| purge.get("idProperty").is_none()), "{purges:?}");
    assert_eq!((state.blocked, fake.people().iter().any(|one| one.external_id == "u-3")), (0, false));
}

#[test]
fn what_the_record_of_an_erased_person_became_part_of_is_the_matter_of_a_letter() {
    let fake = filled(Vendor::Intercom, 5);
    let ws = connected(&fake);
    sync(&ws);
    fake.merge("u-3", "u-2");
    let erasure = erased(&ws, "u-3");
    delivery::deliver(&ws.core).expect("kept");
    let receipt = erasure::receipt(&ws.core, &erasure).expect("a receipt");
    let [told] = &receipt.recipients[..] else { panic!("one recipient: {}", receipt.text()) };
    assert_eq!((receipt.state, told.state, told.code), ("done_with_exceptions", "manual", "joined"));
    assert!(fake.state().asked.iter().all(|asked| asked.method != "DELETE"), "nobody is deleted in her place");
    assert!(fake.people().contains(&Person::numbered(2)));
}

#[test]
fn a_run_deletes_nobody_of_whom_an_erased_person_became_part_there() {
    let fake = filled(Vendor::Intercom, 5);
    let ws = connected(&fake);
    sync(&ws);
    // Nobody here knows the other one, who has the same phone and so makes no contact.
    let other = Person { phone: Person::numbered(3).phone, ..Person::numbered(9) };
    fake.put(&other);
    fake.merge("u-3", "u-9");
    erased(&ws, "u-3");
    // By then everything is listed, and who is missing is looked for.
    ws.clock.pass_days(2);
    fake.pass_ms(2 * DAY_MS);
    sync(&ws);
    is_at_rest(&ws, &fake);
    assert!(fake.people().contains(&other));
}

#[test]
fn a_list_whose_cursor_is_forgotten_halfway_begins_anew_and_doubles_nobody() {
    let fake = filled(Vendor::HubSpot, 250);
    let ws = connected(&fake);
    let held = fake.hold(3, |words| words == "GET /crm/v3/objects/contacts", Moment::Before);
    thread::scope(|scope| {
        scope.spawn(|| {
            held.wait();
            fake.expire();
            held.go_on();
        });
        run(&ws);
    });
    sync_until(&ws, || ws.count() == 250);
    is_at_rest(&ws, &fake);
    assert_eq!((ws.count(), fake.state().writes), (250, 0));
}

#[test]
fn a_clock_that_was_put_back_hides_a_change_until_everything_is_listed() {
    let fake = filled(Vendor::HubSpot, 10);
    let ws = connected(&fake);
    sync(&ws);
    fake.pass_ms(-3_600_000);
    fake.edit("u-1", |one| one.phone = "+34600000999".into());
    sync(&ws);
    ws.clock.pass_days(8);
    fake.pass_ms(8 * DAY_MS);
    sync(&ws);
    assert!(person(&ws, "u-1").phone().ends_with("999"));
    is_at_rest(&ws, &fake);
}

#[test]
fn a_source_id_in_another_inbox_is_another_person() {
    let fake = Fake::start(Vendor::MaiAgent);
    fake.put(&Person::numbered(1));
    fake.plant("u-1", "/inboxes", json!([{ "id": "another", "name": "Other" }]));
    fake.put_twin(&Person { name: "Nora New".into(), ..Person::numbered(1) });
    let ws = connected(&fake);
    sync(&ws);
    assert_eq!((ws.count(), person(&ws, "u-1").name.as_str()), (1, "Nora New"));
    edit(&ws, "u-1", "phone", json!([{ "value": "+34600000999" }]));
    sync(&ws);
    let phones: Vec<String> = fake.people().into_iter().map(|one| format!("{} {}", one.name, one.phone)).collect();
    let other = Person::numbered(1);
    assert_eq!(phones, [format!("{} {}", other.name, other.phone), "Nora New +34600000999".to_owned()]);
    is_at_rest(&ws, &fake);
}

#[rstest]
fn a_change_is_noticed_however_its_time_is_written(
    #[values(Vendor::Chatbase, Vendor::ChatBotKit, Vendor::MaiAgent, Vendor::Chatsby)] vendor: Vendor,
    #[values(Times::Iso, Times::Seconds, Times::Millis)] times: Times,
) {
    let fake = filled(vendor, 5);
    fake.habits(Habits { times: Some(times), ..Habits::default() });
    let ws = connected(&fake);
    sync(&ws);
    is_at_rest(&ws, &fake);
    // Twice within a second.
    for phone in ["+34600000888", "+34600000999"] {
        fake.edit("u-1", |one| one.phone = phone.into());
        sync(&ws);
        assert_eq!(person(&ws, "u-1").phone().replace(' ', ""), phone);
    }
    is_at_rest(&ws, &fake);
}

#[test]
fn a_plan_that_is_full_keeps_the_contact_here_and_says_why() {
    let fake = filled(Vendor::Chatbase, 20);
    let ws = connected(&fake);
    sync(&ws);
    fake.habits(Habits { plan: Some(20), ..Habits::default() });
    let file = ws.file("in.csv", "name,email\nNora New,nora@x.example\n");
    import::run(&ws.core, &ImportRequest::of(file), &who(), &Unwatched).expect("an import");
    for _ in 0..3 {
        run(&ws);
    }
    assert_eq!((fake.count(), ws.count()), (20, 21));
    let parked = aside::writes(&ws.core).expect("readable");
    assert_eq!(parked.iter().map(|write| write.name.as_str()).collect::<Vec<_>>(), ["Nora New"]);
    assert!(parked[0].reason.contains("Maximum contacts limit reached"), "{}", parked[0].reason);
    fake.habits(Habits::default());
    assert_eq!(run(&ws).end, End::Done);
}

#[rstest]
#[case::with_a_batch(Vendor::HubSpot)]
#[case::one_by_one(Vendor::Chatsby)]
fn more_than_a_plan_allows_is_asked_about_before_anything_is_sent(#[case] vendor: Vendor) {
    let fake = filled(vendor, 20);
    let ws = connected(&fake);
    sync(&ws);
    let quota = BTreeMap::from([("quota".to_owned(), "21".to_owned())]);
    setup::fill(&ws.core, NAME, &quota, &who()).expect("kept");
    let file = ws.file("in.csv", "name,email\nNora New,nora@x.example\nBo Lind,bo@x.example\n");
    import::run(&ws.core, &ImportRequest::of(file), &who(), &Unwatched).expect("an import");
    assert_eq!(run(&ws).end, End::Paused(Why::Asked));
    let asked = remotes::find(&ws.core, NAME).expect("a connection").asked();
    assert_eq!(asked, [Question::Overflows { count: 2, room: 1 }]);
    assert_eq!((fake.count(), fake.state().writes), (20, 0));
    remotes::agree(&ws.core, NAME, &who()).expect("agreed");
    sync(&ws);
    assert_eq!(fake.count(), 22);
}

#[test]
fn a_list_shows_who_has_a_record_where() {
    let fake = filled(Vendor::MaiAgent, 2);
    let ws = connected(&fake);
    sync(&ws);
    let file = ws.file("in.csv", "name,email,external_id:crm\nNora New,nora@x.example,7\nBo Lind,bo@x.example,\n");
    import::run(&ws.core, &ImportRequest::of(file), &who(), &Unwatched).expect("an import");
    let names = |filter: &str| {
        let request = ViewRequest { filter: filter.into(), ..ViewRequest::default() };
        let rows = view::resolve(&ws.core, &request).expect("a view").1;
        let contacts = view::contacts(&ws.core, &rows).expect("contacts");
        let mut names: Vec<String> = contacts.into_iter().flatten().map(|stored| stored.contact.name).collect();
        names.sort();
        names
    };
    let theirs = [Person::numbered(0).name, Person::numbered(1).name];
    for filter in ["remote:maiagent", "remote:Vendor"] {
        assert_eq!(names(filter).len(), theirs.len(), "by the kind, and by the connection of one inbox");
        assert!(names(filter).iter().all(|name| theirs.contains(name)), "{filter}");
    }
    assert_eq!((names("remote:crm"), names("remote:none")), (vec!["Nora New".to_owned()], vec!["Bo Lind".to_owned()]));
    assert_eq!(names("remote:nobody"), [""; 0]);
}
