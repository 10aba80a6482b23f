//! Third persons in an answer: who is named in what the person gets, what was decided about each,
//! and the texts without them. Nothing of somebody else is given out because nobody looked: what
//! is certain is masked, and what is a question is masked until a person says that it may stay.

use super::documents::Document;
use crate::{contact, core::Core, error::Error};
use cardfile_domain::{
    Contact, Kind,
    text::excerpt,
    third_party::{Finder, Hit, Names, Trait, Vocabulary, Who, key_of, mask},
};
use cardfile_store::{ContactRow, Reader, SqlResult, Subject};
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet, HashMap};

/// What was decided about somebody.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Decision {
    /// They may stand there: the person knows them anyway.
    Keep,
    /// They are left out.
    Mask,
}

/// Somebody else who is named in the answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ThirdPerson {
    /// By what a decision names them: the same for the same data.
    pub key: String,
    /// What to call them on the screen.
    pub name: String,
    /// By what they were found, and how often.
    pub found: BTreeMap<Trait, u32>,
    /// It is certain that it is somebody; else a person has to look.
    pub is_sure: bool,
    /// What was decided; nothing means that they are masked.
    pub decision: Option<Decision>,
    /// The file of the answer in which they stand first.
    pub place: String,
    /// What stands there, with what is around it.
    pub example: String,
    /// Where in it they are: from and until, counted as a page counts (UTF-16).
    pub span: (u32, u32),
}

/// Members of a document that are ids, where they look like one.
const IDS: [&str; 20] = [
    "id",
    "card",
    "kept_in",
    "external_id",
    "key",
    "scope",
    "connector",
    "session_key",
    "conversation",
    "space",
    "message",
    "seq",
    "operation",
    "at",
    "file",
    "base",
    "class",
    "recipient",
    "remote",
    "platform",
];

/// Files in which an address or a number of nobody known is the person's own: it stands on their
/// card.
const OWN: [&str; 5] = ["contact", "identifiers", "consents", "payments", "requests"];

/// Where a text stands.
#[derive(Clone, Copy)]
struct Place<'d> {
    file: &'d str,
    is_own: bool,
}

/// Finds and masks third persons in documents.
pub(super) struct Masks {
    finder: Finder,
    /// Cards that were met: their ids and what to call them.
    cards: HashMap<u32, (String, String)>,
    /// Ids of other people's cards that stand somewhere as such.
    others: BTreeMap<String, u32>,
    decisions: BTreeMap<String, Decision>,
    /// What a third person is called in the answer.
    word: &'static str,
    /// Their numbers, in the order in which they come.
    numbers: HashMap<Who, usize>,
    people: BTreeMap<String, ThirdPerson>,
    /// How often which sort was left out of which place.
    pub(super) left_out: BTreeMap<(String, String, Trait), u64>,
}

impl Masks {
    /// For these documents: everybody else who may be named in one of them is looked up.
    pub(super) fn new(
        core: &Core,
        subject: &Subject,
        own: &[Contact],
        documents: &[Document],
        decisions: &BTreeMap<String, Decision>,
        word: &'static str,
    ) -> Result<Self, Error> {
        let (mut vocabulary, mut ids) = (Vocabulary::default(), BTreeSet::new());
        for document in documents {
            each_text(&document.value, "", &mut |text| {
                vocabulary.add(text);
            });
            each_id(&document.value, &mut |id| {
                if !subject.ids.iter().any(|own| own == id) {
                    ids.insert(id.to_owned());
                }
            });
        }
        let mut masks = Self {
            finder: Finder::default(),
            cards: HashMap::new(),
            others: BTreeMap::new(),
            decisions: decisions.clone(),
            word,
            numbers: HashMap::new(),
            people: BTreeMap::new(),
            left_out: BTreeMap::new(),
        };
        for contact in own {
            masks.finder.own(&names_of(contact));
        }
        core.store().read(|r| masks.meet(r, subject, &vocabulary, &ids))?;
        Ok(masks)
    }

    /// Looks everybody up who may stand in the texts.
    fn meet(
        &mut self,
        r: Reader<'_>,
        subject: &Subject,
        vocabulary: &Vocabulary,
        ids: &BTreeSet<String>,
    ) -> SqlResult<()> {
        let mut rows: Vec<ContactRow> = Vec::new();
        r.contacts().scan_brief(|brief| {
            // A company is nobody.
            if brief.is_organization || subject.cards.contains(&brief.row) {
                return true;
            }
            let of = |field: &'static str| {
                brief.more.iter().filter(move |(one, _)| one == field).map(|(_, value)| value.as_str())
            };
            let names = Names {
                names: [brief.name, brief.nick].into_iter().filter(|name| !name.is_empty()).collect(),
                emails: std::iter::once(brief.email).chain(of("email")).filter(|one| !one.is_empty()).collect(),
                phones: std::iter::once(brief.phone).chain(of("phone")).filter(|one| !one.is_empty()).collect(),
                handles: of("handle").collect(),
            };
            if vocabulary.may_name(&names) {
                rows.push(brief.row);
            }
            true
        })?;
        for id in ids {
            let row = r.contacts().row_of(id)?;
            if let Some(row) = row {
                self.others.insert(id.clone(), row);
                rows.push(row);
            }
        }
        rows.sort_unstable();
        rows.dedup();
        for row in rows {
            let Some(stored) = r.contacts().get(row)? else { continue };
            let contact = stored.contact;
            if contact.kind == Kind::Organization {
                self.others.remove(contact.id.as_str());
                continue;
            }
            self.cards.insert(row, (contact.id.to_string(), contact::called(&contact)));
            self.finder.add(row, &names_of(&contact));
        }
        Ok(())
    }

    /// A document without those who are not to stand in it.
    pub(super) fn document(&mut self, document: &mut Document) {
        let value = std::mem::take(&mut document.value);
        let place = Place { file: &document.path, is_own: OWN.contains(&document.schema) };
        document.value = self.value(place, String::new(), "", value);
    }

    fn value(&mut self, place: Place<'_>, pointer: String, name: &str, value: Value) -> Value {
        match value {
            Value::String(text) => Value::String(self.text(place, &pointer, name, text)),
            Value::Array(all) => {
                let each = all.into_iter().enumerate();
                each.map(|(at, one)| self.value(place, format!("{pointer}/{at}"), name, one)).collect()
            }
            Value::Object(map) => {
                let is_field = map.get("kept_in").is_some_and(|table| table == "change")
                    && map.get("about").is_some_and(|about| about == "contact");
                let place = Place { is_own: place.is_own || is_field, ..place };
                let each = map.into_iter();
                each.map(|(member, one)| {
                    // RFC 6901, 3.
                    let step = member.replace('~', "~0").replace('/', "~1");
                    let masked = self.value(place, format!("{pointer}/{step}"), &member, one);
                    (member, masked)
                })
                .collect()
            }
            other => other,
        }
    }

    fn text(&mut self, place: Place<'_>, pointer: &str, name: &str, text: String) -> String {
        if let Some(row) = self.others.get(&text).copied() {
            let hit = Hit { place: 0..text.len(), by: Trait::Name, who: Who::Card(row), is_sure: true };
            return self.masked(place.file, pointer, &text, &[hit]);
        }
        if is_id(name, &text) || text.is_empty() {
            return text;
        }
        let mut hits = self.finder.find(&text);
        if place.is_own {
            hits.retain(|hit| matches!(hit.who, Who::Card(_)));
        }
        if hits.is_empty() { text } else { self.masked(place.file, pointer, &text, &hits) }
    }

    fn masked(&mut self, file: &str, pointer: &str, text: &str, hits: &[Hit]) -> String {
        let kept: Vec<bool> = hits.iter().map(|hit| self.is_kept(file, text, hit)).collect();
        let mut kept = kept.into_iter();
        mask(text, hits, |hit| {
            if kept.next().unwrap_or_default() {
                return None;
            }
            *self.left_out.entry((file.to_owned(), pointer.to_owned(), hit.by)).or_default() += 1;
            let next = self.numbers.len() + 1;
            let number = *self.numbers.entry(hit.who.clone()).or_insert(next);
            Some(format!("[{} {number}]", self.word))
        })
    }

    /// Notes that somebody stands here; says whether they may.
    fn is_kept(&mut self, file: &str, text: &str, hit: &Hit) -> bool {
        let called = |row: u32| self.cards.get(&row).cloned().unwrap_or_default();
        let key = key_of(&hit.who, |row| called(row).0);
        let name = match &hit.who {
            Who::Card(row) => called(*row).1,
            Who::Unknown(text) => text.clone(),
        };
        let decision = self.decisions.get(&key).copied();
        let one = self.people.entry(key.clone()).or_insert_with(|| {
            let (before, found, after) = excerpt(text, &text[hit.place.clone()]);
            let from = before.encode_utf16().count() as u32;
            let until = from + found.encode_utf16().count() as u32;
            ThirdPerson {
                key,
                name,
                place: file.to_owned(),
                span: (from, until),
                found: BTreeMap::new(),
                is_sure: false,
                decision,
                example: format!("{before}{found}{after}"),
            }
        });
        *one.found.entry(hit.by).or_default() += 1;
        one.is_sure |= hit.is_sure;
        decision == Some(Decision::Keep)
    }

    /// Everybody who was met, those that are a question first.
    pub(super) fn people(&self) -> Vec<ThirdPerson> {
        let mut all: Vec<ThirdPerson> = self.people.values().cloned().collect();
        all.sort_by(|one, other| (one.is_sure, &one.name, &one.key).cmp(&(other.is_sure, &other.name, &other.key)));
        all
    }
}

/// What names somebody on a card.
fn names_of(contact: &Contact) -> Names<'_> {
    fn values(items: &[cardfile_domain::Item]) -> Vec<&str> {
        items.iter().map(|item| item.value.as_str()).collect()
    }
    Names {
        names: [contact.name.as_str(), &contact.nick].into_iter().filter(|name| !name.is_empty()).collect(),
        emails: values(&contact.emails),
        phones: values(&contact.phones),
        handles: values(&contact.handles),
    }
}

/// Whether a member is an id and no text: what a source sent may be called as ours are.
fn is_id(name: &str, text: &str) -> bool {
    IDS.contains(&name) && !text.contains(|c: char| c.is_whitespace() || c == '@')
}

/// Texts of a document, ids left out.
fn each_text(value: &Value, name: &str, each: &mut dyn FnMut(&str)) {
    match value {
        Value::String(text) if !is_id(name, text) => each(text),
        Value::Array(all) => all.iter().for_each(|one| each_text(one, name, each)),
        Value::Object(map) => map.iter().for_each(|(member, one)| each_text(one, member, each)),
        _ => {}
    }
}

/// Ids of contacts that stand somewhere as such.
fn each_id(value: &Value, each: &mut dyn FnMut(&str)) {
    match value {
        Value::String(text) if text.starts_with("ctc_") && !text.contains(' ') => each(text),
        Value::Array(all) => all.iter().for_each(|one| each_id(one, each)),
        Value::Object(map) => map.values().for_each(|one| each_id(one, each)),
        _ => {}
    }
}
