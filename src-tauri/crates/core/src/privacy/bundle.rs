//! The answer to an access request (GDPR, Art. 15): what it would hold, looked at before, and the
//! signed file. Building changes nothing in the workspace that an answer shows, so that a second
//! one to the same request is the same, byte for byte.

use super::{
    attachments::{Attached, Attachment},
    built,
    documents::{self, Document, Made},
    facts,
    gather::{self, Gathered},
    pages, portability, purposes,
    reading::Reading,
    signing,
    third_party::{Decision, Masks, ThirdPerson},
};
use crate::{
    core::{Core, Who},
    error::{Code, Error},
    export::{self, Draft, Hashing},
    progress::{self, Progress},
};
use cardfile_domain::{Contact, Item, Sentence, say};
use cardfile_formats::{
    age::{Encrypting, Recipient},
    dsar::{self, Content, Entry, Head, Language, TableLine, schema},
    minisign::KeyPair,
};
use cardfile_store::{Action, ContactRow, Entity};
use serde_json::{Map, Value, json};
use std::{
    collections::{BTreeMap, BTreeSet},
    io::{self, BufWriter, Read, Write},
    path::Path,
};

pub use super::built::Built;

/// What is asked, and what was decided about it.
#[derive(Debug, Clone, Default)]
pub struct Request {
    /// The request it answers, as the register calls it; made up of the person and the state when
    /// empty.
    pub reference: String,
    /// What the person told of themselves.
    pub identifier: String,
    /// Their cards; none says that nothing is held.
    pub cards: Vec<ContactRow>,
    /// The language of the pages.
    pub language: Language,
    /// What was decided about third persons, by their keys.
    pub decisions: BTreeMap<String, Decision>,
    /// Internal notes that are given out all the same.
    pub internal_notes: BTreeSet<String>,
    /// Files that stand on other cards too and are given out.
    pub shared_files: BTreeSet<String>,
    /// Names of the team stay.
    pub staff_names: bool,
}

/// What an answer would hold.
#[derive(Debug, Clone)]
pub struct Preview {
    /// What it would be called.
    pub reference: String,
    /// Every table with its counts.
    pub tables: Vec<TableLine>,
    /// Third persons, those that are a question first.
    pub people: Vec<ThirdPerson>,
    /// Internal notes: id and text.
    pub internal_notes: Vec<(String, String)>,
    /// Files that stand on other cards too: id and name.
    pub shared_files: Vec<(String, String)>,
    /// Who got data.
    pub recipients: Vec<Value>,
    /// How many conversations.
    pub conversations: u32,
    /// How many files.
    pub attachments: u32,
    /// Nobody has written yet what the law asks to be told; general words would stand there.
    pub is_unreviewed: bool,
}

/// The files of an answer with everything that is said about them.
struct Answer {
    held: Gathered,
    made: Made,
    masks: Masks,
    redactions: Vec<Value>,
    reference: String,
}

/// Says what an answer would hold. Writes nothing.
pub fn preview(core: &Core, request: &Request) -> Result<Preview, Error> {
    let Answer { held, made, masks, reference, .. } = answer(core, request)?;
    let pairs = |table: &str, name: &str, is_in: &dyn Fn(&Map<String, Value>) -> bool| {
        let text =
            |row: &Map<String, Value>, key: &str| row.get(key).and_then(Value::as_str).unwrap_or_default().to_owned();
        let rows = held.rows(table).iter().filter(|row| is_in(row));
        rows.map(|row| (text(row, "id"), text(row, name))).collect::<Vec<_>>()
    };
    let is_shared = |row: &Map<String, Value>| {
        let space = held.rows("space").iter().find(|space| space.get("id") == row.get("space"));
        space.and_then(|space| space.get("others")).and_then(Value::as_u64).is_some_and(|others| others > 0)
    };
    let receivers = made.documents.iter().find(|one| one.schema == "recipients");
    Ok(Preview {
        reference,
        people: masks.people(),
        internal_notes: pairs("note", "text", &|row| row.get("internal") == Some(&Value::Bool(true))),
        shared_files: pairs("file", "name", &is_shared),
        recipients: receivers.and_then(|one| one.value.as_array()).cloned().unwrap_or_default(),
        conversations: made.documents.iter().filter(|one| one.schema == "conversation").count() as u32,
        attachments: made.attachments.len() as u32,
        is_unreviewed: !facts::get(core)?.are_reviewed(),
        tables: made.completeness,
    })
}

/// Builds the answer into a file, encrypted for somebody's key when one is given. The file gets its
/// name when it is complete.
pub fn build(
    core: &Core,
    request: &Request,
    file: &Path,
    to: Option<&Recipient>,
    who: &Who,
    progress: &dyn Progress,
) -> Result<Built, Error> {
    const STEPS: u64 = 3;
    let facts = facts::get(core)?;
    facts.check()?;
    progress::check(progress, 0, STEPS)?;
    let key = signing::key(core)?;
    let answer = answer(core, request)?;
    progress::check(progress, 1, STEPS)?;
    let head = head(core, request, &answer);
    let entries = entries(core, request, &answer, &key)?;
    progress::check(progress, 2, STEPS)?;
    let fail = |error: io::Error| match error.kind() {
        io::ErrorKind::InvalidData => Error::new(Code::Damaged, Sentence::verbatim(error)),
        _ => Error::io(file, &error),
    };
    let draft = Draft::create(file).map_err(fail)?;
    let out = BufWriter::with_capacity(1 << 18, Hashing::new(draft.file.try_clone().map_err(fail)?));
    let (out, manifest) = match to {
        None => dsar::write(out, &head, entries, &key).map_err(fail)?,
        Some(to) => {
            let out = Encrypting::new(out, to, &*core.store().environment().entropy).map_err(fail)?;
            let (out, manifest) = dsar::write(out, &head, entries, &key).map_err(fail)?;
            (out.finish().map_err(fail)?, manifest)
        }
    };
    let mut out = out;
    out.flush().map_err(fail)?;
    let out = out.into_inner().map_err(|error| fail(error.into_error()))?;
    let (bytes, sha256) = (out.bytes, out.sha256());
    let sum = |count: fn(&TableLine) -> u64| manifest.completeness.iter().map(count).sum::<u64>();
    let built = Built {
        file: file.to_owned(),
        reference: answer.reference,
        bytes,
        sha256,
        files: manifest.files.len() as u32,
        rows: (sum(|line| line.rows_exported), sum(|line| line.rows_withheld)),
        masked: answer.masks.left_out.values().sum(),
        undecided: answer.masks.people().iter().filter(|one| one.decision.is_none()).count() as u32,
        key: (key.public().line(), key.public().fingerprint()),
        is_unreviewed: !facts.are_reviewed(),
        is_encrypted: to.is_some(),
    };
    let number = export::leave(core, draft, file, &built::entry(core, &built, &answer.held, who), who)?;
    built::keep(core, &built, number, who)?;
    progress.at(STEPS, STEPS);
    Ok(built)
}

/// Everything that an answer says, third persons left out.
fn answer(core: &Core, request: &Request) -> Result<Answer, Error> {
    let held = gather::gather(core, &request.cards)?;
    let mut made = documents::make(core, &held, request)?;
    let word = request.language.words().third_person;
    let own = own_names(&held);
    let mut masks = Masks::new(core, &held.subject, &own, &made.documents, &request.decisions, word)?;
    // Who got data is named: that is what the person asks.
    for document in made.documents.iter_mut().filter(|one| one.schema != "recipients") {
        masks.document(document);
    }
    let redactions = redactions(&masks, &made);
    let reference = reference(core, request, &held)?;
    Ok(Answer { held, made, masks, redactions, reference })
}

/// What the request is called in the file: nothing in it may become a path.
fn reference(core: &Core, request: &Request, held: &Gathered) -> Result<String, Error> {
    let given = request.reference.trim();
    if given.is_empty() {
        return Ok(format!("{}-{}", pseudonym(core, request, held), held.as_of.0));
    }
    let is_plain = given.len() <= 64 && given.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_".contains(&byte));
    if is_plain {
        Ok(given.to_owned())
    } else {
        Err(Error::bad_request(say!("a reference has letters, digits, - and _ only")))
    }
}

fn pseudonym(core: &Core, request: &Request, held: &Gathered) -> String {
    match &held.subject.ids[..] {
        [] => core.store().pseudonym(request.identifier.trim()),
        ids => core.store().pseudonym(&ids.join(" ")),
    }
}

/// Everything by which the person is or was called: none of it is somebody else's.
fn own_names(held: &Gathered) -> Vec<Contact> {
    let mut all: Vec<Contact> = held.cards.iter().map(|stored| stored.contact.clone()).collect();
    for deed in held.deeds.iter().filter(|deed| deed.change.entity == Entity::Contact) {
        if deed.change.action == Action::Delete {
            all.extend(serde_json::from_str::<Contact>(&deed.change.body).ok());
        }
        for (field, from, to) in &deed.fields {
            if matches!(field.as_str(), "name" | "nick" | "email" | "phone" | "handle") {
                for value in [from, to] {
                    let mut one = Contact::default();
                    one.set_value(field, value.clone());
                    all.push(one);
                }
            }
        }
    }
    let emails = held.rows("payment_account").iter().filter_map(|row| row.get("email").and_then(Value::as_str));
    let emails = emails.map(|email| Item::new(email, "")).collect();
    all.push(Contact { emails, ..Contact::default() });
    all
}

/// `redactions.json`: what was left out and why, never what it was.
fn redactions(masks: &Masks, made: &Made) -> Vec<Value> {
    let whole = made.left_out.iter().map(|one| {
        json!({ "file": one.file, "json_pointer": "", "reason": one.reason, "kind": one.kind, "count": one.count })
    });
    let places = masks.left_out.iter().map(|((file, pointer, by), count)| {
        json!({ "file": file, "json_pointer": pointer, "reason": "third_party", "kind": by.as_str(), "count": count })
    });
    whole.chain(places).collect()
}

fn head(core: &Core, request: &Request, answer: &Answer) -> Head {
    let (as_of, at) = answer.held.as_of;
    Head {
        request: answer.reference.clone(),
        subject_pseudonym: pseudonym(core, request, &answer.held),
        generator: format!("Cardfile {}", core.store().environment().app),
        created: (at.to_rfc3339(), at.0.div_euclid(1000)),
        as_of_db_change_seq: as_of,
        language: request.language.as_str().to_owned(),
        completeness: answer.made.completeness.clone(),
    }
}

/// All files of the bundle but those that it writes about itself.
fn entries<'a>(core: &'a Core, request: &Request, answer: &'a Answer, key: &KeyPair) -> Result<Vec<Entry<'a>>, Error> {
    let Answer { held, made, redactions, reference, .. } = answer;
    let information = facts::get(core)?.information(request.language, &held.categories(request.language.words()));
    let (public, fingerprint) = (key.public().line(), key.public().fingerprint());
    let paths: Vec<String> = made.attachments.iter().map(|one| one.path.clone()).collect();
    let called: BTreeMap<String, String> = purposes::all(core)?.into_iter().map(|one| (one.key, one.name)).collect();
    let talks = made.documents.iter().filter(|one| one.schema == "conversation");
    let reading = Reading {
        language: request.language,
        cards: held.cards.iter().map(|stored| stored.contact.id.as_str()).collect(),
        talks: talks.filter_map(|one| one.value["id"].as_str()).collect(),
        purposes: &called,
    };
    let material = pages::Material {
        request,
        reference,
        held,
        documents: &made.documents,
        information: &information,
        redactions,
        completeness: &made.completeness,
        attachments: &paths,
        fingerprint: &fingerprint,
        key: &public,
        reading,
    };
    let mut all = vec![
        Entry::text("START-HERE.html", pages::start(&material), "12"),
        Entry::text("information.html", pages::information(&material), "15(1)"),
        json_entry("information.json", &information, None, "15(1)", "information"),
        json_entry(
            "redactions.json",
            &Value::Array(redactions.clone()),
            Some(redactions.len() as u64),
            "15(4)",
            "redactions",
        ),
    ];
    let mut number = 0;
    for Document { path, value, records, article, schema } in &made.documents {
        all.push(json_entry(path, value, Some(*records), article, schema));
        if *schema == "conversation" {
            number += 1;
            let page = pages::conversation(request.language, number, value);
            all.push(Entry::text(path.replace(".json", ".html"), page, article));
        }
    }
    let own = [("information", schema::information()), ("redactions", schema::redactions())];
    let own = own.map(|(name, schema)| (name.to_owned(), schema));
    for (name, schema) in made.schemas.iter().chain(&own) {
        all.push(Entry::text(format!("schema/{name}.schema.json"), pretty(schema), "12"));
    }
    for one in &made.attachments {
        all.push(attachment_entry(core, one));
    }
    all.extend(portability::entries(core, held)?);
    Ok(all)
}

fn pretty(value: &Value) -> String {
    serde_json::to_string_pretty(value).unwrap_or_default() + "\n"
}

fn json_entry<'a>(path: &str, value: &Value, records: Option<u64>, article: &'static str, schema: &str) -> Entry<'a> {
    let schema = Some(format!("schema/{schema}.schema.json"));
    Entry { records, schema, ..Entry::text(path, pretty(value), article) }
}

fn attachment_entry<'a>(core: &'a Core, one: &'a Attachment) -> Entry<'a> {
    let content = match &one.content {
        Attached::Bytes(bytes) => Content::Bytes(bytes.clone()),
        Attached::Blob(name) => Content::opened(move || {
            let reader = core.store().blob(name).map_err(io::Error::other)?;
            let reader: Box<dyn Read + 'a> = Box::new(reader);
            Ok(reader)
        }),
    };
    Entry { content, ..Entry::text(one.path.clone(), String::new(), "15(3)") }
}
