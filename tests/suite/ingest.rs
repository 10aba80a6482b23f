//! What other programs tell: the right card is found, nothing is kept that may
//! not be, and the counts add up.

use crate::identity::{card, named};
use cardfile_core::{
    contact, conversations, history,
    import::{self, ImportRequest},
    ingest::{self, IngestReport},
    parts,
    progress::Unwatched,
    visitors,
};
use cardfile_domain::{
    Contact, Identity, Item,
    part::{Activity, Conversation},
};
use cardfile_testkit::{Workspace, english, who};

fn told(ws: &Workspace, json: &str) -> IngestReport {
    let file = ws.file("told.json", json);
    let (report, _) = ingest::file(&ws.core, &file, &who()).expect("a file");
    let parts = report.created
        + report.matched
        + report.visitors
        + report.unattached
        + report.dropped
        + report.suppressed
        + report.declined;
    assert_eq!(parts + report.rejected.len() as u32, report.records, "{report:?}");
    report
}

fn by_email(ws: &Workspace, email: &str) -> Contact {
    ws.contacts().into_iter().find(|one| one.email() == email).expect(email)
}

#[test]
fn a_lead_makes_a_card_and_the_next_one_fills_its_blanks() {
    let ws = Workspace::default();
    let lead = r#"{"kind":"lead","source":"widget","name":"Ana Ruiz","email":"Ana@x.example","page_url":"https://x.example/precios?token=s3cret&utm_source=mail#top","at":"2026-04-01T09:00:00Z"}"#;
    assert_eq!(told(&ws, lead).created, 1);
    let card = by_email(&ws, "Ana@x.example");
    assert_eq!(card.page_url, "https://x.example/precios?utm_source=mail");
    assert_eq!((card.source.as_str(), card.first_seen), ("widget", card.last_seen));
    let again = r#"{"kind":"lead","source":"form","name":"A. Ruiz","email":"ana@x.example","phone":"+34 612 408 177","page_url":"https://x.example/other","plan":"pro","at":"2026-04-02T09:00:00Z"}"#;
    assert_eq!(told(&ws, again).matched, 1);
    let card = by_email(&ws, "Ana@x.example");
    assert_eq!((card.name.as_str(), card.phone()), ("Ana Ruiz", "+34 612 408 177"), "blanks only");
    assert!(card.metadata.contains("\"plan\":\"pro\""), "{}", card.metadata);
    assert_eq!(card.page_url, "https://x.example/precios?utm_source=mail", "the first page stays");
}

#[test]
fn a_country_needs_consent_where_the_law_asks_for_it_and_an_address_is_never_kept() {
    for (country, consent, kept) in
        [("ES", "", ""), ("ES", r#","consent_given":true"#, "ES"), ("Spain", "", ""), ("us", "", "US")]
    {
        let ws = Workspace::default();
        let json = format!(
            r#"{{"email":"ana@x.example","IP":"203.0.113.9","geo":{{"client_ip":"203.0.113.9","v6":"2001:db8::1"}},"action":"buy","referrer":"https://me:pw@y.example/?token=t&utm_source=m","properties":{{"from":"203.0.113.9:443","url":"https://y.example/?key=k"}},"ip_country":"{country}"{consent},"at":"2026-04-01T09:00:00Z"}}"#
        );
        let report = told(&ws, &json);
        let card = by_email(&ws, "ana@x.example");
        assert_eq!(card.ip_country, kept, "{country} {consent}");
        assert_eq!(report.countries_left_out, u32::from(kept.is_empty()));
        let stored = contact::find(&ws.core, card.id.as_str()).expect("she");
        let all = format!("{} {:?}", card.metadata, parts::of::<Activity>(&ws.core, &stored).expect("activities"));
        for secret in ["203.0.113", "2001:db8", "token", "me:pw", "key=k"] {
            assert!(!all.contains(secret), "{secret}: {all}");
        }
        assert!(all.contains("https://y.example/?utm_source=m") || card.metadata.is_empty(), "{all}");
        assert_eq!(card.metadata.contains("consent_at"), !consent.is_empty());
    }
}

#[test]
fn the_same_id_under_two_names_is_one_id_and_two_that_differ_are_refused() {
    let ws = Workspace::default();
    let report = told(
        &ws,
        r#"[{"source":"qwry","user_id":"u1","external_id":"u1","name":"Ana"},
            {"source":"qwry","user_id":"u1","external_id":"u2","name":"Bo"},
            {"source":"qwry","email":"not an email"},
            {"kind":"event","email":"cy@x.example"},
            {"consent_given":"perhaps","email":"di@x.example"},
            {"at":"soon","email":"ed@x.example"},
            "text"]"#,
    );
    assert_eq!((report.created, report.rejected.len()), (1, 6));
    let messages: Vec<&str> = report.rejected.iter().map(|one| english(&one.message)).collect();
    assert_eq!(messages[0], "external_id and user_id differ");
    assert_eq!((messages[2], messages[4]), ("an event has no name", "soon is no time"));
    assert_eq!(ws.contacts()[0].links.len(), 1);
}

#[test]
fn events_and_actions_stand_in_the_timeline_and_of_nobody_nothing_is_kept() {
    let ws = Workspace::default();
    let report = told(
        &ws,
        r#"{"kind":"event","event":"page_viewed","email":"ana@x.example","properties":{"page":"/precios"}}
{"kind":"action","action":"open_ticket","email":"ana@x.example"}
{"kind":"event","event":"page_viewed","session_key":"8f2c"}"#,
    );
    assert_eq!((report.created, report.matched, report.dropped), (1, 1, 1));
    let ana = contact::find(&ws.core, by_email(&ws, "ana@x.example").id.as_str()).expect("she");
    let all = parts::of::<Activity>(&ws.core, &ana).expect("activities");
    let names: Vec<&str> = all.iter().map(|one| one.value.name.as_str()).collect();
    assert_eq!(names, ["page_viewed", "action.triggered open_ticket"]);
    assert_eq!(all[0].value.detail, r#"{"page":"/precios"}"#);
    assert!(!contact::timeline(&ws.core, &ana).expect("a timeline").is_empty());
}

const CHAT: &str = r#"{"platform":"widget","session_key":"8f2c","conversation_id":"c1","messages":[{"text":"Hola","at":"2026-04-01T09:00:00Z"}],"at":"2026-04-01T09:00:00Z"}"#;

#[test]
fn an_identified_visitor_gets_the_conversations_of_the_session_within_its_window() {
    for (day, claimed) in [("2026-04-20", true), ("2026-06-01", false)] {
        let ws = Workspace::default();
        assert_eq!(told(&ws, CHAT).unattached, 1);
        assert_eq!(ws.contacts().len(), 0, "no card for a visitor");
        let who_it_is =
            format!(r#"{{"platform":"widget","session_key":"8f2c","email":"ana@x.example","at":"{day}T09:00:00Z"}}"#);
        assert_eq!(told(&ws, &who_it_is).created, 1);
        let ana = contact::find(&ws.core, by_email(&ws, "ana@x.example").id.as_str()).expect("she");
        assert_eq!(parts::of::<Conversation>(&ws.core, &ana).expect("chats").len(), usize::from(claimed), "{day}");
        assert_eq!(ana.contact.conversation_count, u32::from(claimed));
        assert_eq!(conversations::waiting(&ws.core, 10).expect("an inbox").len(), 1, "claimed or not, it is unread");
    }
}

#[test]
fn visitors_have_cards_only_where_that_is_switched_on_and_join_who_they_are() {
    let ws = Workspace::default();
    visitors::set_source(&ws.core, "widget", true, &who()).expect("set");
    let first = told(&ws, CHAT);
    assert_eq!((first.visitors, first.unattached), (1, 0));
    let visitor = &ws.contacts()[0];
    assert_eq!((visitor.identity, ws.core.count().expect("a count")), (Identity::Anonymous, 0));
    let before = ws.hash();
    told(&ws, r#"{"platform":"widget","session_key":"8f2c","user_id":"V-1","name":"Ana","at":"2026-04-02T09:00:00Z"}"#);
    let all = ws.contacts();
    assert_eq!((all.len(), all[0].name.as_str(), all[0].conversation_count), (1, "Ana", 1));
    history::undo(&ws.core, None, &who()).expect("undone");
    assert_eq!(ws.hash(), before, "the visitor is back");
}

#[test]
fn a_card_that_was_prepared_is_recognized_at_the_first_contact() {
    let ws = Workspace::default();
    let mut rows = "Name,Tier,external_id:line\n".to_owned();
    for number in 1..=300 {
        rows.push_str(&format!("Guest {number},VIP,V-{number}\n"));
    }
    let file = ws.file("guests.csv", rows);
    let plan = import::run(&ws.core, &ImportRequest::of(file), &who(), &Unwatched).expect("an import");
    assert_eq!(plan.counts.created, 300);
    let report = told(
        &ws,
        r#"{"platform":"LINE","source_id":"V-17","messages":[{"text":"Hola","at":"2026-04-01T09:00:00Z"}],"conversation_id":"c1","at":"2026-04-01T09:00:00Z"}"#,
    );
    assert_eq!((report.created, report.matched), (0, 1));
    assert_eq!(report.explained[0].why, "matched by external ID V-17 at line");
    assert_eq!(ws.count(), 300);
    let guest = ws.contacts().into_iter().find(|one| one.name == "Guest 17").expect("a guest");
    assert_eq!((guest.tier.as_str(), guest.conversation_count), ("VIP", 1));
    let stored = contact::find(&ws.core, guest.id.as_str()).expect("it is there");
    let said = parts::of::<Activity>(&ws.core, &stored).expect("activities");
    assert_eq!(said[0].value.name, "recognized on line by external ID V-17 at line");
    let timeline = contact::timeline(&ws.core, &stored).expect("a timeline");
    let parts: Vec<&str> = timeline.iter().filter_map(|one| one.part.as_deref()).collect();
    assert!(parts.contains(&"activity: recognized on line by external ID V-17 at line"), "{parts:?}");
}

#[test]
fn a_phone_only_suggests() {
    let ws = Workspace::default();
    let phones = vec![Item::new("+34 612 408 177", "+34612408177")];
    card(&ws.core, Contact { phones, ..named("Ana") });
    let report = told(&ws, r#"{"source":"form","name":"Bo","phone":"+34612408177"}"#);
    assert_eq!((report.created, report.matched), (1, 0));
    assert_eq!(report.explained[0].suggestions[0].1, "phone +34612408177");
}

#[test]
fn the_csv_of_a_widget_is_taken_and_undone_as_one() {
    let ws = Workspace::default();
    let before = ws.hash();
    let file = ws.file(
        "widget.csv",
        "external_id,user_id,email,name,consent_given\nu1,u1,ana@x.example,Ana,true\nu2,u3,bo@x.example,Bo,\n,,cy@x.example,Cy,no\n",
    );
    let (report, operation) = ingest::file(&ws.core, &file, &who()).expect("a file");
    assert_eq!((report.records, report.created, report.declined, report.rejected.len()), (3, 1, 1, 1));
    assert_eq!(report.rejected[0].line, 3);
    history::undo(&ws.core, operation.as_ref().map(|id| id.as_str()), &who()).expect("undone");
    assert_eq!(ws.hash(), before);
}

#[test]
fn a_rejected_record_leaves_nothing_and_the_counts_add_up() {
    let ws = Workspace::default();
    let first = r#"{"email":"ana@x.example","platform":"line","conversation_id":"c1","message":"hi","at":"2026-04-01T09:00:00Z"}"#;
    told(&ws, first);
    let before = ws.hash();
    let report = told(&ws, &first.replace("ana@", "bo@"));
    assert_eq!((report.created, report.rejected.len()), (0, 1));
    assert_eq!(ws.hash(), before);
    // The same again says the same.
    told(&ws, first);
    assert_eq!(ws.hash(), before);
}

#[test]
fn the_latest_consent_holds_and_a_withdrawal_takes_the_country() {
    let ws = Workspace::default();
    let told_at = |given: bool, at: &str| {
        format!(r#"{{"email":"ana@x.example","ip_country":"ES","consent_given":{given},"at":"{at}T09:00:00Z"}}"#)
    };
    told(&ws, &told_at(true, "2026-03-01"));
    assert_eq!(by_email(&ws, "ana@x.example").ip_country, "ES");
    told(&ws, &told_at(false, "2026-05-01"));
    told(&ws, &told_at(true, "2025-01-01"));
    let card = by_email(&ws, "ana@x.example");
    assert!(card.metadata.contains(r#""consent_given":false"#), "{}", card.metadata);
    assert_eq!(card.ip_country, "");
}

#[test]
fn a_visitor_is_one_visitor_for_a_session_and_sessions_of_two_places_are_two() {
    let ws = Workspace::default();
    for source in ["widget", "bot"] {
        visitors::set_source(&ws.core, source, true, &who()).expect("set");
    }
    let seen = |source: &str| {
        format!(r#"{{"source":"{source}","session_key":"1","event":"page_viewed","at":"2026-04-01T09:00:00Z"}}"#)
    };
    assert_eq!(told(&ws, &seen("widget")).visitors, 1);
    assert_eq!(told(&ws, &seen("widget")).matched, 1);
    assert_eq!(told(&ws, &seen("bot")).visitors, 1);
    told(&ws, r#"{"source":"bot","session_key":"1","email":"ana@x.example","at":"2026-04-02T09:00:00Z"}"#);
    let all = ws.contacts();
    let visitors: Vec<&str> =
        all.iter().filter(|one| one.identity == Identity::Anonymous).map(|one| one.source.as_str()).collect();
    assert_eq!((all.len(), visitors), (2, vec!["widget"]));
}
