//! Writes: a card is made where none is, and changed or deleted only at the version it was
//! read at. Six are under way at a time, because each is a request of its own.

use super::{
    book::Book,
    multistatus,
    wire::{Heard, Lost},
};
use cardfile_domain::Contact;
use cardfile_formats::card;
use cardfile_sync::{
    fields,
    pair::Key,
    remote::{Answer, Answers, Row, Write, WriteKind},
    run::{Failure, Outcome},
    value::Unit,
};
use futures_util::stream::{self, StreamExt};
use http::{Request, StatusCode};
use libdav::{
    PropertyName,
    dav::{Delete, PutResource, make_relative_url},
    names,
    requests::{DavRequest, xml_content_type_header},
    xmlutils::XmlNode,
};
use std::{cell::OnceCell, collections::BTreeSet};

/// Writes under way.
const AT_ONCE: usize = 6;
/// So often a write that met another is sent again.
const TRIES: usize = 5;
/// What is sent.
const CARD: &str = "text/vcard; charset=utf-8";
/// A version that every record has: it must only be there.
const ANY: &str = "*";
const TEXT_MATCH: PropertyName<'static, 'static> = PropertyName::new(names::CARDDAV, "text-match");

impl Book {
    /// Sends writes. After a failure that meets them all no other is begun.
    pub(super) async fn write(&self, writes: &[Write]) -> Answers {
        let failure = OnceCell::new();
        let tried = stream::iter(writes).map(|write| self.write_one(write, &failure)).buffered(AT_ONCE);
        let tried: Vec<Option<Tried>> = tried.collect().await;
        let mut tried: Vec<Tried> = tried.into_iter().flatten().collect();
        self.try_again(writes, &mut tried, &failure).await;
        self.read_back(&mut tried).await;
        let answers = tried.into_iter().map(|tried| tried.answer).collect();
        Answers { answers, failure: failure.into_inner() }
    }

    /// Some servers let one write at a time in: what met another one goes by itself.
    async fn try_again(&self, writes: &[Write], tried: &mut [Tried], failure: &OnceCell<Failure>) {
        for one in tried.iter_mut() {
            let Some(write) = writes.iter().find(|write| write.op == one.answer.op) else { continue };
            for _ in 0..TRIES {
                if !one.is_locked {
                    break;
                }
                if let Some(again) = self.write_one(write, failure).await {
                    *one = again;
                }
            }
        }
    }

    /// Nothing when it did not happen.
    async fn write_one(&self, write: &Write, failure: &OnceCell<Failure>) -> Option<Tried> {
        if failure.get().is_some() {
            return None;
        }
        match self.attempt(write).await {
            Ok(tried) => Some(tried),
            Err(reason) => {
                // The first one counts.
                let _ = failure.set(reason);
                None
            }
        }
    }

    /// A failure is one after which nothing has happened.
    async fn attempt(&self, write: &Write) -> Result<Tried, Failure> {
        let tried = |outcome, record, written| Tried {
            answer: Answer { op: write.op, outcome, record },
            written,
            is_locked: false,
        };
        let Sending { key, asked, request, text, is_weak } = match self.sending(write) {
            Ok(sending) => sending,
            Err(reason) => return Ok(tried(Outcome::Rejected(reason), None, None)),
        };
        let heard = match self.wire.send(request).await {
            Ok(heard) => heard,
            Err(Lost::Unsent(reason)) => return Err(Failure::Unreachable(reason)),
            Err(Lost::Sent(_)) => return Ok(tried(Outcome::Unknown, None, None)),
        };
        if let WriteKind::Create { external_id, .. } = &write.kind
            && heard.mentions("no-uid-conflict")
        {
            return Ok(tried(self.conflict(external_id, &heard).await?, None, None));
        }
        let outcome = outcome(asked, &key, &heard)?;
        let Some(text) = text.filter(|_| outcome == Outcome::Done) else {
            let is_locked = heard.status == StatusCode::LOCKED;
            return Ok(Tried { is_locked, ..tried(outcome, None, None) });
        };
        // A weak version says that the server may have written something else.
        let etag = heard.etag().filter(|etag| !is_weak && is_strong(etag));
        let record = etag.and_then(|etag| match self.row(key.clone(), etag, text) {
            Row::Live(record) => Some(*record),
            Row::Same(_) | Row::Gone(_) | Row::Unreadable { .. } => None,
        });
        Ok(tried(outcome, record, Some(key)))
    }

    /// What is sent; else why it cannot be.
    fn sending(&self, write: &Write) -> Result<Sending, String> {
        let stamp = self.stamps.then_some((self.device.as_str(), write.stamp));
        let origin = self.place.origin();
        match &write.kind {
            WriteKind::Create { external_id, set } => {
                let mut contact = Contact::default();
                fields::put(&mut contact, set.units());
                let text = card::new(&contact, external_id, stamp);
                let key = self.place.key_of(external_id);
                let request = PutResource::new(&key).create(text.as_str(), CARD).prepare_request(origin);
                Sending::new(key, Asked::Create, request, Some(text), false)
            }
            WriteKind::Patch { key, expect, set, body } => {
                let mut contact = card::read(body, self.region)?.contact;
                fields::put(&mut contact, set.units());
                let units: BTreeSet<Unit> = set.units().keys().cloned().collect();
                let text = card::patch(body, &contact, &units, self.region, stamp)?;
                let etag = expect.as_ref().map_or(ANY, |version| version.text.as_str());
                let request = PutResource::new(key).update(text.as_str(), CARD, strong(etag)).prepare_request(origin);
                Sending::new(key.clone(), Asked::Change, request, Some(text), !is_strong(etag))
            }
            WriteKind::Delete { key, expect } => {
                let request = match expect {
                    Some(version) => Delete::new(key).with_etag(strong(&version.text)).prepare_request(origin),
                    None => Delete::new(key).force().prepare_request(origin),
                };
                Sending::new(key.clone(), Asked::Change, request, None, false)
            }
        }
    }

    /// A card with this UID is there already under another key: the one that the server
    /// names, or the one that a search finds.
    async fn conflict(&self, uid: &str, heard: &Heard) -> Result<Outcome, Failure> {
        let named = multistatus::conflict(heard.body()).map(|href| self.place.key(&href));
        let key = match named.filter(|key| self.place.holds(key)) {
            Some(key) => Some(key),
            None => self.key_by_uid(uid).await?,
        };
        Ok(key.map_or_else(|| Outcome::Rejected(heard.words()), Outcome::Exists))
    }

    /// Searches for a UID. What is found is looked at: some servers find more than was
    /// asked for.
    async fn key_by_uid(&self, uid: &str) -> Result<Option<Key>, Failure> {
        let wanted = XmlNode::new(&TEXT_MATCH).with_attributes(vec![("match-type", "equals")]).with_text(uid);
        let property = XmlNode::new(&names::PROP_FILTER).with_attributes(vec![("name", "UID")]);
        let filter = XmlNode::new(&names::ADDRESSBOOK_FILTER).with_children(vec![property.with_children(vec![wanted])]);
        let parts = vec![XmlNode::new(&names::GETETAG), XmlNode::new(&names::ADDRESS_DATA)];
        let parts = XmlNode::new(&names::PROP).with_children(parts);
        let query = XmlNode::new(&names::ADDRESSBOOK_QUERY).with_children(vec![parts, filter]).render_node();
        let (name, value) = xml_content_type_header();
        let request = make_relative_url(self.place.origin(), self.place.path()).and_then(|uri| {
            Request::builder().method("REPORT").uri(uri).header("Depth", "1").header(name, value).body(query)
        });
        let heard = self.wire.send(request.map_err(|error| Failure::Refused(error.to_string()))?).await?;
        if let Some(failure) = heard.passing() {
            return Err(failure);
        }
        if heard.status != StatusCode::MULTI_STATUS {
            return Ok(None);
        }
        let has_uid = |text: &str| card::read(text, self.region).is_ok_and(|card| card.uid == uid);
        let found = self.multistatus(&heard)?.resources;
        let found = found.into_iter().find(|one| one.card.as_deref().is_some_and(has_uid));
        Ok(found.map(|one| self.place.key(&one.href)))
    }

    /// Reads what was written: servers reorder, fold and drop, whatever version they give.
    /// What somebody else wrote since is not taken for that. When it fails the card is
    /// written all the same, and the next page tells.
    async fn read_back(&self, tried: &mut [Tried]) {
        let keys: Vec<Key> = tried.iter().filter_map(|one| one.written.clone()).collect();
        if keys.is_empty() {
            return;
        }
        let Ok(rows) = self.fetch(&keys).await else { return };
        for (one, row) in tried.iter_mut().filter(|one| one.written.is_some()).zip(rows) {
            let Row::Live(read) = row else { continue };
            let is_ours = one.answer.record.as_ref().is_none_or(|sent| sent.version == read.version);
            if is_ours {
                one.answer.record = Some(*read);
            }
        }
    }
}

/// A write that was tried.
struct Tried {
    answer: Answer,
    /// The card that was written.
    written: Option<Key>,
    /// Another write was in the way.
    is_locked: bool,
}

/// A write on its way.
struct Sending {
    key: Key,
    asked: Asked,
    request: Request<String>,
    /// The card; nothing when one is deleted.
    text: Option<String>,
    /// The version it asks for was given as a weak one.
    is_weak: bool,
}

impl Sending {
    fn new(
        key: Key,
        asked: Asked,
        request: Result<Request<String>, http::Error>,
        text: Option<String>,
        is_weak: bool,
    ) -> Result<Self, String> {
        let request = request.map_err(|error| error.to_string())?;
        Ok(Self { key, asked, request, text, is_weak })
    }
}

/// What is asked for, as far as the answer depends on it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Asked {
    /// To make a record where none is.
    Create,
    /// To change or delete one.
    Change,
}

/// What became of a write; a failure when nothing did, and nothing will of the others.
fn outcome(asked: Asked, key: &str, heard: &Heard) -> Result<Outcome, Failure> {
    match (heard.status.as_u16(), asked) {
        // Only promised, or done in part.
        (202 | 207, _) => Ok(Outcome::Unknown),
        (200..=299, _) => Ok(Outcome::Done),
        // It moved: the address book is looked for again.
        (300..=399, _) => Err(heard.failure()),
        (401 | 429 | 503, _) => Err(heard.failure()),
        // There is no address book to put it into.
        (404 | 410, Asked::Create) => Err(heard.failure()),
        (404 | 410, Asked::Change) => Ok(Outcome::Gone),
        (412, Asked::Create) => Ok(Outcome::Exists(key.to_owned())),
        (412, Asked::Change) => Ok(Outcome::Precondition),
        // It does not know how, or has no room.
        (501 | 505 | 507, _) => Ok(Outcome::Rejected(heard.words())),
        (408 | 425 | 500.., _) => Ok(Outcome::Unknown),
        _ => Ok(Outcome::Rejected(heard.words())),
    }
}

/// A version without the mark that it is weak: no condition ever matches one that has it.
fn strong(etag: &str) -> &str {
    etag.strip_prefix("W/").unwrap_or(etag)
}

fn is_strong(etag: &str) -> bool {
    strong(etag) == etag
}

#[cfg(test)]
mod tests {
    use super::{
        Asked::{Change, Create},
        *,
    };
    use rstest::rstest;

    const KEY: &str = "/book/ctc_1.vcf";

    fn rejected(words: &str) -> Result<Outcome, Failure> {
        Ok(Outcome::Rejected(words.into()))
    }

    fn refused(words: &str) -> Result<Outcome, Failure> {
        Err(Failure::Refused(words.into()))
    }

    #[rstest]
    #[case::made(Create, 201, Ok(Outcome::Done))]
    #[case::changed(Change, 204, Ok(Outcome::Done))]
    #[case::deleted(Change, 200, Ok(Outcome::Done))]
    #[case::promised(Change, 202, Ok(Outcome::Unknown))]
    #[case::in_part(Change, 207, Ok(Outcome::Unknown))]
    #[case::there_already(Create, 412, Ok(Outcome::Exists(KEY.into())))]
    #[case::another_version(Change, 412, Ok(Outcome::Precondition))]
    #[case::not_there(Change, 404, Ok(Outcome::Gone))]
    #[case::not_there_any_more(Change, 410, Ok(Outcome::Gone))]
    #[case::no_address_book(Create, 404, refused("404 Not Found: why"))]
    #[case::moved(Change, 301, refused("301 Moved Permanently: why"))]
    #[case::sign_in(Change, 401, Err(Failure::SignInNeeded))]
    #[case::too_many(Create, 429, Err(Failure::Busy { after_ms: None }))]
    #[case::down_for_a_while(Change, 503, Err(Failure::Busy { after_ms: None }))]
    #[case::bad(Create, 400, rejected("400 Bad Request: why"))]
    #[case::forbidden(Change, 403, rejected("403 Forbidden: why"))]
    #[case::another_conflict(Create, 409, rejected("409 Conflict: why"))]
    #[case::too_large(Change, 413, rejected("413 Payload Too Large: why"))]
    #[case::no_such_kind(Create, 415, rejected("415 Unsupported Media Type: why"))]
    #[case::not_to_be_processed(Change, 422, rejected("422 Unprocessable Entity: why"))]
    #[case::no_room(Create, 507, rejected("507 Insufficient Storage: why"))]
    #[case::no_such_method(Change, 501, rejected("501 Not Implemented: why"))]
    #[case::broken(Change, 500, Ok(Outcome::Unknown))]
    #[case::no_answer_from_behind(Create, 504, Ok(Outcome::Unknown))]
    #[case::too_slow(Create, 408, Ok(Outcome::Unknown))]
    fn an_answer_tells_what_became_of_a_write(
        #[case] asked: Asked,
        #[case] status: u16,
        #[case] expected: Result<Outcome, Failure>,
    ) {
        assert_eq!(outcome(asked, KEY, &Heard::of(status, "why")), expected);
    }

    #[rstest]
    #[case::strong("\"a\"", "\"a\"")]
    #[case::weak("W/\"a\"", "\"a\"")]
    #[case::without_quotes("a", "a")]
    #[case::any(ANY, ANY)]
    fn a_condition_is_never_weak(#[case] etag: &str, #[case] expected: &str) {
        assert_eq!(strong(etag), expected);
    }
}
