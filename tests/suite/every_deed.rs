//! Any series of deeds, with undo and redo at any point, goes back and forth over
//! exactly the same states: the hash of all that the user has, `updated_at` included.

use crate::identity::{card, named};
use cardfile_core::{
    Error, automations, bin,
    bulk::{self, Deed},
    cells::{self, Range},
    combine::{self, Wish},
    contact,
    domain::{Contact, ContactId, Item, OperationId, import::Policy, part::Note, segment::Segment},
    generate::Seeded,
    history,
    import::{self, ImportRequest},
    join::{self, Target},
    parts,
    progress::Unwatched,
    segments, tags,
    view::{self, ViewRequest},
};
use cardfile_testkit::{Workspace, who};
use rstest::rstest;
use serde_json::json;

type Done = Result<Option<OperationId>, Error>;
type Deeds = fn(&Workspace, &mut Seeded) -> Done;
/// The hash of a state, and the deed that lies between it and the next.
type States = Vec<(String, &'static str)>;

/// Every kind of deed that a person can undo.
const DEEDS: &[(&str, Deeds)] = &[
    ("make a contact", |ws, random| {
        let contact = Contact {
            name: word(random).to_owned(),
            emails: vec![Item::new(format!("{}@x.example", random.below(40)), "")],
            ..Contact::default()
        };
        Ok(contact::create(&ws.core, contact, &who())?.1)
    }),
    ("edit a field", |ws, random| {
        let (field, value) = match random.below(4) {
            0 => ("company", json!(word(random))),
            1 => ("stage", json!(word(random))),
            2 => ("tags", json!([word(random), word(random)])),
            _ => ("email", json!([{ "value": format!("{}@y.example", random.below(40)) }])),
        };
        Ok(contact::edit(&ws.core, &any(ws, random), field, value, &who())?.1)
    }),
    ("bulk edit", |ws, random| {
        let deed = match random.below(6) {
            0 => Deed::Tag(word(random).to_owned()),
            1 => Deed::Untag(word(random).to_owned()),
            2 => Deed::Set("stage".into(), json!(word(random))),
            3 => Deed::Bin,
            4 => Deed::Archive,
            _ => Deed::Unarchive,
        };
        let filter = ["tag:a", "stage:b", "email:any", "archived:any", "company:none"][random.below(5) as usize];
        let mut rows = bulk::of_filter(&ws.core, filter)?;
        if matches!(deed, Deed::Bin | Deed::Archive) {
            rows.truncate(2);
        }
        Ok(bulk::run(&ws.core, &rows, &deed, &who(), &Unwatched)?.1)
    }),
    ("paste a block", |ws, random| {
        let opened = view::open(&ws.core, &ViewRequest { sort: vec!["name".into()], ..ViewRequest::default() })?;
        let from = random.below(4) as u32;
        let columns = ["company", "stage", "tags"].map(str::to_owned).to_vec();
        let range = Range { view: opened.view, from, to: from + 3, columns };
        let block = format!("{}\t{}\n\t{}\ta, b\n", word(random), word(random), word(random));
        Ok(cells::paste(&ws.core, &range, &block, &who(), &Unwatched)?.1)
    }),
    ("merge", |ws, random| {
        let wish =
            Wish { survivor: any(ws, random).to_string(), other: any(ws, random).to_string(), ..Wish::default() };
        Ok(combine::run(&ws.core, &wish, None, &who())?.1)
    }),
    ("link", |ws, random| {
        let to = Target::Contact(any(ws, random).to_string());
        Ok(join::link(&ws.core, any(ws, random).as_str(), &to, None, &who())?.1)
    }),
    ("import with updates", |ws, random| {
        let rows: Vec<String> =
            (0..4).map(|_| format!("{},{}@x.example,{}", word(random), random.below(40), word(random))).collect();
        let file = ws.file("in.csv", format!("name,email,tags\n{}\n", rows.join("\n")));
        let request = ImportRequest { policy: Policy::Newest, ..ImportRequest::of(file) };
        Ok(import::run(&ws.core, &request, &who(), &Unwatched)?.operation.map(|row| row.id))
    }),
    ("turn on a rule", |ws, random| {
        let all = automations::templates();
        let rule = &all[random.below(all.len() as u64) as usize];
        match automations::find(&ws.core, &rule.name) {
            Ok(known) => Ok(automations::turn_on(&ws.core, &known.id, &who(), &Unwatched)?.1),
            Err(_) => Ok(automations::put(&ws.core, rule, &who())?.1),
        }
    }),
    ("empty the bin", |ws, _| Ok(bin::empty(&ws.core, &who(), &Unwatched)?.1)),
    ("write a note", |ws, random| {
        let note = Note { text: word(random).to_owned(), ..Note::default() };
        Ok(parts::add(&ws.core, any(ws, random).as_str(), &note, &who())?.1)
    }),
    ("remove a note", |ws, random| {
        let stored = contact::find(&ws.core, any(ws, random).as_str())?;
        match parts::of::<Note>(&ws.core, &stored)?.first() {
            Some(note) => Ok(parts::remove::<Note>(&ws.core, &note.value.id, &who())?.1),
            None => Ok(None),
        }
    }),
    ("save a view", |ws, random| {
        let segment = Segment { name: word(random).to_owned(), filter: "tag:a".into(), ..Segment::default() };
        Ok(segments::put(&ws.core, &segment, &who())?.1)
    }),
    ("rename a tag", |ws, random| Ok(tags::rename(&ws.core, word(random), word(random), &who())?.1)),
];

fn word(random: &mut Seeded) -> &'static str {
    ["a", "b", "c", "Ana", "Bo", "qualified"][random.below(6) as usize]
}

fn any(ws: &Workspace, random: &mut Seeded) -> ContactId {
    let all = ws.contacts();
    all[random.below(all.len() as u64) as usize].id.clone()
}

#[rstest]
fn undo_and_redo_go_over_the_same_states(#[values(1, 2, 3, 4, 5, 6, 7, 8)] seed: u64) {
    let ws = Workspace::default();
    let mut random = Seeded::new(seed);
    for n in 0..8 {
        card(&ws.core, Contact { conversation_count: n, ..named(&format!("P {n}")) });
    }
    // The states that undo goes back to, and those that redo goes on to.
    let (mut behind, mut ahead) = (States::new(), States::new());
    let mut now = ws.hash();
    let mut done = std::collections::BTreeSet::new();
    for _ in 0..120 {
        match random.below(10) {
            0 | 1 => {
                let Some((before, what)) = behind.pop() else { continue };
                history::undo(&ws.core, None, &who()).expect("undone");
                ahead.push((std::mem::replace(&mut now, before), what));
                assert_eq!(ws.hash(), now, "seed {seed}: undo of {what}");
            }
            2 => {
                let Some((after, what)) = ahead.pop() else { continue };
                history::redo(&ws.core, None, &who()).expect("done again");
                behind.push((std::mem::replace(&mut now, after), what));
                assert_eq!(ws.hash(), now, "seed {seed}: redo of {what}");
            }
            _ => {
                let (what, deed) = DEEDS[random.below(DEEDS.len() as u64) as usize];
                // What makes no sense here, as merging a card with itself, does nothing.
                let Ok(Some(_)) = deed(&ws, &mut random) else {
                    assert_eq!(ws.hash(), now, "seed {seed}: {what} did something and had no operation");
                    continue;
                };
                done.insert(what);
                behind.push((std::mem::replace(&mut now, ws.hash()), what));
                ahead.clear();
            }
        }
    }
    while let Some((before, what)) = behind.pop() {
        history::undo(&ws.core, None, &who()).expect("undone");
        assert_eq!(ws.hash(), before, "seed {seed}: undo of {what}, back to the beginning");
    }
    assert!(done.len() > DEEDS.len() / 2, "seed {seed} did only {done:?}");
}
