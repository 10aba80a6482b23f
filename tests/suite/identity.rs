//! Who is who: linking cards moves everything and can be undone, an external ID
//! is changed with open eyes, visitors are nobody's contacts.

use cardfile_core::{
    Core, avatar, contact,
    conversations::{self, Incoming},
    generate::Seeded,
    history,
    join::{self, Target},
    parts, permissions, resolve, spaces, tasks,
    view::{self, ViewRequest},
    visitors,
};
use cardfile_domain::{
    Contact, Identity, Item, Link, Millis, PartKind,
    part::{Activity, Conversation, Memory, Message, Note, PaymentAccount, Rating, Task},
    permission::{KnowledgeBase, Rule},
};
use cardfile_testkit::{Workspace, who};

pub(crate) fn card(core: &Core, contact: Contact) -> String {
    let (row, _) = core
        .store()
        .write(
            cardfile_store::Op {
                kind: cardfile_store::OpKind::ContactCreate,
                subject: String::new(),
                actor: "tester".into(),
                origin: "test".into(),
            },
            |tx| Ok::<_, cardfile_core::Error>(tx.insert(contact)?),
        )
        .expect("written");
    let stored = core.store().read(|r| r.contacts().get(row)).expect("readable").expect("it is there");
    stored.contact.id.to_string()
}

pub(crate) fn named(name: &str) -> Contact {
    Contact { name: name.into(), ..Contact::default() }
}

pub(crate) fn link(connector: &str, id: &str) -> Link {
    Link { connector: connector.into(), scope: String::new(), external_id: id.into() }
}

/// Puts some parts of every kind on a card; gives how many of each.
pub(crate) fn fill(ws: &Workspace, card: &str, random: &mut Seeded) -> Vec<(PartKind, u32)> {
    let (core, who) = (&ws.core, who());
    for round in 0..=random.below(3) {
        let text = format!("{card} {round}");
        parts::add(core, card, &Note { text: text.clone(), ..Note::default() }, &who).expect("a note");
        tasks::add(core, card, Task { title: text.clone(), ..Task::default() }, &who).expect("a task");
        parts::add(core, card, &Memory { text: text.clone(), ..Memory::default() }, &who).expect("a memory");
        parts::rate(core, card, Rating { value: 4.0, ..Rating::default() }, &who).expect("a rating");
        parts::add(core, card, &Activity { name: text.clone(), ..Activity::default() }, &who).expect("an activity");
        let account = PaymentAccount { account: text.clone(), ..PaymentAccount::default() };
        parts::add(core, card, &account, &who).expect("an account");
        let chat = Incoming {
            about: Conversation { platform: "widget".into(), ..Conversation::default() },
            messages: vec![Message { text, at: Millis(1_000 + round as i64), ..Message::default() }],
        };
        conversations::add(core, Some(card), &chat, &who).expect("a chat");
    }
    let space = spaces::create(core, card, &format!("Files of {card}"), &who).expect("a space").0;
    spaces::add_files(core, &space, &[ws.file("a.txt", card)], &who).expect("a file");
    let bases = permissions::bases(core).expect("bases");
    let rule = Rule { platform: "LINE".into(), base: bases[0].id.clone(), ..Rule::default() };
    permissions::put_rule(core, Some(card), &rule, &who).expect("a rule");
    let stored = contact::find(core, card).expect("it is there");
    parts::count(core, &stored).expect("counts")
}

pub(crate) fn base(core: &Core) {
    let base = KnowledgeBase {
        platform: "LINE".into(),
        external_id: "kb".into(),
        name: "Price list".into(),
        ..KnowledgeBase::default()
    };
    permissions::put_base(core, &base, &who()).expect("a base");
}

#[test]
fn linking_moves_every_part_and_one_undo_brings_every_card_back() {
    for seed in 0..25 {
        let ws = Workspace::default();
        let mut random = Seeded::new(seed);
        base(&ws.core);
        let visitor = Contact { identity: Identity::Anonymous, ..Contact::default() };
        let known = Contact { emails: vec![Item::new("bo@x.example", "bo@x.example")], ..named("Bo") };
        let from = card(&ws.core, if random.below(2) == 0 { visitor } else { known });
        let to = card(&ws.core, Contact { links: vec![link("line", "V-17")], ..named("Ana") });
        let mine = fill(&ws, &from, &mut random);
        let theirs = fill(&ws, &to, &mut random);
        // The bin keeps every part.
        let row = contact::find(&ws.core, &to).expect("one").row;
        contact::bin(&ws.core, &[row], &who()).expect("binned");
        contact::restore(&ws.core, &[row], &who()).expect("restored");
        assert_eq!(parts::count(&ws.core, &contact::find(&ws.core, &to).expect("one")).expect("counts"), theirs);
        let chats = contact::find(&ws.core, &from).expect("one").contact.conversation_count
            + contact::find(&ws.core, &to).expect("other").contact.conversation_count;
        let before = ws.hash();
        let plan = join::preview(&ws.core, &from, &Target::ExternalId(link("line", "V-17"))).expect("a plan");
        assert_eq!(ws.hash(), before, "looking writes nothing");
        assert_eq!(plan.moves, mine);
        let (id, _) =
            join::link(&ws.core, &from, &Target::Contact(to.clone()), Some(Some(&to)), &who()).expect("linked");
        assert_eq!(id, to);
        contact::find(&ws.core, &from).expect_err("it went");
        let stored = contact::find(&ws.core, &to).expect("it stayed");
        assert_eq!(stored.contact, Contact { updated_at: stored.contact.updated_at, ..plan.after });
        assert_eq!(stored.contact.conversation_count, chats);
        let all = parts::count(&ws.core, &stored).expect("counts");
        for (at, (kind, count)) in all.iter().enumerate() {
            assert_eq!(*count, mine[at].1 + theirs[at].1, "{kind:?}, seed {seed}");
        }
        let after = ws.hash();
        history::undo(&ws.core, None, &who()).expect("undone");
        assert_eq!(ws.hash(), before, "seed {seed}");
        history::redo(&ws.core, None, &who()).expect("done again");
        assert_eq!(ws.hash(), after, "seed {seed}, again");
    }
}

#[test]
fn an_external_id_that_nobody_has_goes_to_the_card_itself_and_near_ones_are_shown() {
    let ws = Workspace::default();
    let visitor = card(&ws.core, Contact { identity: Identity::Anonymous, ..Contact::default() });
    card(&ws.core, Contact { links: vec![link("line", "v-17"), link("hubspot", "V-18")], ..named("Ana") });
    let target = Target::ExternalId(link("line", "V-17"));
    let plan = join::preview(&ws.core, &visitor, &target).expect("a plan");
    assert!(plan.to.is_none());
    assert_eq!((plan.near.len(), plan.near[0].difference.to_string().as_str()), (1, "capitals differ"));
    join::link(&ws.core, &visitor, &target, Some(Some("ctc_other")), &who()).expect_err("the preview named another");
    join::link(&ws.core, &visitor, &target, Some(None), &who()).expect("linked");
    let card = contact::find(&ws.core, &visitor).expect("it stayed").contact;
    assert_eq!((card.identity, card.links), (Identity::Identified, vec![link("line", "V-17")]));
    join::preview(&ws.core, &visitor, &target).expect_err("to itself");
}

#[test]
fn an_external_id_is_found_by_byte_and_never_by_what_is_nearly_it() {
    let ws = Workspace::default();
    card(&ws.core, Contact { links: vec![link("line", "V-17")], ..named("Ana") });
    for asked in ["v-17", " V-17", "V-17 ", "V17"] {
        let claims = Contact { links: vec![link("line", asked)], ..Contact::default() };
        let found = ws.core.store().read(|r| resolve::resolve(r, &claims)).expect("readable");
        assert_eq!(found.contact, None, "{asked:?}");
    }
    let other = Contact { links: vec![link("whatsapp", "V-17")], ..Contact::default() };
    assert_eq!(ws.core.store().read(|r| resolve::resolve(r, &other)).expect("readable").contact, None);
}

#[test]
fn an_email_does_not_join_two_whom_one_remote_tells_apart() {
    let ws = Workspace::default();
    let shared = vec![Item::new("info@solvento.example", "info@solvento.example")];
    card(&ws.core, Contact { emails: shared.clone(), links: vec![link("hubspot", "1")], ..named("Ana") });
    let claims = Contact { emails: shared.clone(), links: vec![link("hubspot", "2")], ..named("Bo") };
    let found = ws.core.store().read(|r| resolve::resolve(r, &claims)).expect("readable");
    assert_eq!((found.contact, found.suggestions.len()), (None, 1), "only suggested");
    let verified = Contact { emails: shared, identity: Identity::Verified, ..Contact::default() };
    let found = ws.core.store().read(|r| resolve::resolve(r, &verified)).expect("readable");
    assert_eq!(found.rule.expect("a rule").sentence().to_string(), "verified email info@solvento.example");
}

#[test]
fn changing_an_external_id_says_what_it_does_and_ends_a_verification() {
    let ws = Workspace::default();
    let ana = card(&ws.core, Contact { links: vec![link("line", "V-17")], ..named("Ana") });
    card(&ws.core, Contact { links: vec![link("line", "V-18")], ..named("Bo") });
    contact::verify(&ws.core, &ana, "passport seen", &who()).expect("verified");
    contact::verify(&ws.core, &ana, " ", &who()).expect_err("without a reason");
    let before = ws.hash();
    let (old, taken, free) = (link("line", "V-17"), link("line", "V-18"), link("line", "V-19"));
    let plan = join::preview_change(&ws.core, &ana, Some(&old), Some(&taken)).expect("a plan");
    assert_eq!(plan.owner.expect("Bo").contact.name, "Bo");
    join::change(&ws.core, &ana, Some(&old), Some(&taken), &who()).expect_err("Bo has it");
    let plan = join::preview_change(&ws.core, &ana, Some(&old), Some(&free)).expect("a plan");
    assert!(plan.loses_verification);
    join::change(&ws.core, &ana, Some(&old), Some(&free), &who()).expect("changed");
    let card = contact::find(&ws.core, &ana).expect("she").contact;
    assert_eq!((card.identity, card.links), (Identity::Identified, vec![free]));
    history::undo(&ws.core, None, &who()).expect("undone");
    assert_eq!(ws.hash(), before);
}

#[test]
fn a_value_comes_back_from_the_timeline() {
    let ws = Workspace::default();
    let ana = card(&ws.core, named("Ana"));
    let id = contact::find(&ws.core, &ana).expect("she").contact.id;
    for company in ["Solvento", "Acme"] {
        contact::edit(&ws.core, &id, "company", company.into(), &who()).expect("edited");
    }
    let timeline = contact::timeline(&ws.core, &contact::find(&ws.core, &ana).expect("she")).expect("a timeline");
    let latest = timeline[0].operation.id.to_string();
    contact::restore_field(&ws.core, &ana, &latest, "company", &who()).expect("restored");
    assert_eq!(contact::find(&ws.core, &ana).expect("she").contact.company, "Solvento");
    contact::restore_field(&ws.core, &ana, &latest, "name", &who()).expect_err("it was not changed there");
    contact::edit(&ws.core, &id, "identity", "verified".into(), &who()).expect_err("not by typing");
}

#[test]
fn visitors_are_shown_apart_are_not_counted_and_go_when_their_time_is_over() {
    let ws = Workspace::default();
    let now = Millis(1_795_251_600_000);
    let old = Some(Millis(now.0 - 40 * 86_400_000));
    card(&ws.core, named("Ana"));
    card(&ws.core, Contact { identity: Identity::Anonymous, last_seen: old, ..Contact::default() });
    card(&ws.core, Contact { identity: Identity::Anonymous, last_seen: Some(now), ..Contact::default() });
    let rows = |filter: &str| {
        let request = ViewRequest { filter: filter.into(), ..ViewRequest::default() };
        view::resolve(&ws.core, &request).expect("a view").1.len()
    };
    assert_eq!((rows(""), rows("identity:anonymous"), ws.core.count().expect("a count")), (1, 2, 1));
    assert_eq!((rows("identity:identified"), rows("identity:verified"), rows("name:~ana")), (1, 0, 1));
    assert_eq!(visitors::expire(&ws.core).expect("swept").0, 1);
    assert_eq!(rows("identity:anonymous"), 1);
    let swept = history::list(&ws.core, 1).expect("a history")[0].id.clone();
    history::undo(&ws.core, Some(&swept), &who()).expect("undone");
    assert_eq!(rows("identity:anonymous"), 2);
}

#[test]
fn a_picture_is_made_again_and_anything_else_is_refused() {
    let ws = Workspace::default();
    let ana = card(&ws.core, named("Ana"));
    let before = ws.hash();
    for (name, bytes) in [("a.png", b"not a picture".as_slice()), ("b.svg", b"<svg/>"), ("c.png", b"\x89PNG\r\n\x1a\n")]
    {
        let refused = avatar::set(&ws.core, &ana, &ws.file(name, bytes), &who()).expect_err(name);
        assert!(refused.message.to_string().contains("no PNG, JPEG, GIF or WebP picture"), "{}", refused.message);
    }
    assert_eq!(ws.hash(), before);
    let icon = cardfile_testkit::project().join("src-tauri/icons/icon.png");
    avatar::set(&ws.core, &ana, &icon, &who()).expect("a picture");
    let stored = contact::find(&ws.core, &ana).expect("she");
    let png = avatar::of(&ws.core, &stored).expect("readable").expect("a picture");
    assert!(png.starts_with("iVBORw0KGgo"), "a PNG in base64");
    assert_ne!(std::fs::read(&icon).expect("readable").len() * 4 / 3, png.len(), "not the same bytes");
    history::undo(&ws.core, None, &who()).expect("undone");
    assert_eq!(ws.hash(), before);
}

#[test]
fn linking_keeps_the_picture_of_the_card_that_stays_and_each_space_once() {
    let ws = Workspace::default();
    let (from, to) = (card(&ws.core, named("Ana")), card(&ws.core, named("Ana G.")));
    let space = spaces::create(&ws.core, &from, "Offer", &who()).expect("a space").0;
    spaces::place(&ws.core, &space, &to, &who()).expect("placed");
    let icon = |name: &str| cardfile_testkit::project().join("src-tauri/icons").join(name);
    avatar::set(&ws.core, &from, &icon("icon.png"), &who()).expect("a picture");
    let mine = avatar::set(&ws.core, &to, &icon("128x128.png"), &who()).expect("a picture");
    assert!(mine.is_some());
    let of = |id: &str| avatar::of(&ws.core, &contact::find(&ws.core, id).expect("one")).expect("readable");
    let (before, picture) = (ws.hash(), of(&to));
    join::link(&ws.core, &from, &Target::Contact(to.clone()), None, &who()).expect("linked");
    assert_eq!(of(&to), picture);
    let placed = spaces::of(&ws.core, &contact::find(&ws.core, &to).expect("she")).expect("spaces");
    assert_eq!((placed.len(), placed[0].cards), (1, 1));
    history::undo(&ws.core, None, &who()).expect("undone");
    assert_eq!(ws.hash(), before);
    // Nobody alive is linked to a card in the bin.
    contact::bin(&ws.core, &[contact::find(&ws.core, &to).expect("she").row], &who()).expect("binned");
    let refused = join::preview(&ws.core, &from, &Target::Contact(to)).expect_err("it is in the bin");
    assert!(refused.message.to_string().contains("in the bin"), "{}", refused.message);
}

#[test]
fn an_external_id_that_several_remotes_know_names_nobody() {
    let ws = Workspace::default();
    card(&ws.core, Contact { links: vec![link("line", "42")], ..named("Bo") });
    card(&ws.core, Contact { links: vec![link("hubspot", "42")], ..named("Cy") });
    let refused = contact::find(&ws.core, "42").expect_err("who of them?");
    assert!(refused.message.to_string().contains("several remotes"), "{}", refused.message);
}
