//! The cards of an address book, by their keys.

use super::{
    multistatus::{self, Multistatus, Resource},
    place::Place,
    wire::{Heard, Wire},
};
use cardfile_domain::{Contact, Region};
use cardfile_formats::card;
use cardfile_sync::{
    fields,
    pair::{Key, Version},
    remote::{Record, Row},
    run::Failure,
    value::Units,
};
use http::{Request, StatusCode};
use libdav::{carddav::GetAddressBookResources, dav::make_relative_url, requests::DavRequest};
use std::collections::BTreeMap;

/// Cards that are asked for in one request.
pub(super) const FETCHED_AT_ONCE: usize = 1_000;

/// An address book that is asked.
pub(super) struct Book {
    pub(super) wire: Wire,
    pub(super) place: Place,
    /// Ours, for the stamp.
    pub(super) device: String,
    /// Whether cards hold a stamp.
    pub(super) stamps: bool,
    /// Country of phones that are written without their country code.
    pub(super) region: Option<Region>,
}

impl Book {
    /// Cards as they are now: one row for each key, in their order.
    ///
    /// A list of cards that cannot be read is asked for again in halves, down to the one card
    /// that spoils it: that one is asked for by itself. So is one that the answer leaves
    /// out, because only the server's own word makes a card gone.
    pub(super) async fn fetch(&self, keys: &[Key]) -> Result<Vec<Row>, Failure> {
        let mut rows = Vec::with_capacity(keys.len());
        let mut is_answering = false;
        // The last one is next.
        let mut waiting: Vec<&[Key]> = keys.chunks(FETCHED_AT_ONCE).rev().collect();
        while let Some(some) = waiting.pop() {
            match (self.fetch_together(some).await?, some) {
                (Some(mut found), _) => {
                    is_answering = true;
                    for key in some {
                        let row = found.remove(key).and_then(|resource| self.row_of(key, resource));
                        rows.push(match row {
                            Some(row) => row,
                            None => self.fetch_alone(key, is_answering).await?,
                        });
                    }
                }
                (None, [key]) => rows.push(self.fetch_alone(key, is_answering).await?),
                (None, _) => {
                    let (first, second) = some.split_at(some.len() / 2);
                    waiting.extend([second, first]);
                }
            }
        }
        Ok(rows)
    }

    /// A card as the server wrote it, or as it was sent to it.
    pub(super) fn row(&self, key: Key, etag: String, body: String) -> Row {
        let version = Version { text: etag, order: None };
        match card::read(&body, self.region) {
            Ok(card) => Row::Live(Box::new(Record {
                key,
                version,
                units: units_of(&card.contact),
                // A card that says nothing of us has seen none of our writes.
                stamp: self.stamps.then(|| card.stamps.get(&self.device).copied().unwrap_or(0)),
                external_id: (!card.uid.is_empty()).then_some(card.uid),
                body,
            })),
            Err(reason) => Row::Unreadable { key, version, reason, body },
        }
    }

    /// Sends a request about the address book itself.
    pub(super) async fn ask(&self, question: impl DavRequest) -> Result<Heard, Failure> {
        let request = question.prepare_request(self.place.origin());
        Ok(self.wire.send(request.map_err(|error| Failure::Refused(error.to_string()))?).await?)
    }

    /// What an answer says of each resource; a refusal is a failure.
    pub(super) fn multistatus(&self, heard: &Heard) -> Result<Multistatus, Failure> {
        if heard.status != StatusCode::MULTI_STATUS {
            return Err(heard.failure());
        }
        let unreadable = |reason| Failure::Unreachable(format!("an answer of the server cannot be read: {reason}"));
        multistatus::read(heard.body()).map_err(unreadable)
    }

    /// Several cards in one request; nothing where they have to be asked for otherwise.
    async fn fetch_together(&self, keys: &[Key]) -> Result<Option<BTreeMap<Key, Resource>>, Failure> {
        let heard = self.ask(GetAddressBookResources::new(self.place.path()).with_hrefs(keys)).await?;
        if heard.status == StatusCode::MULTI_STATUS {
            let answer = multistatus::read(heard.body()).ok();
            let by_key = |one: Resource| (self.place.key(&one.href), one);
            return Ok(answer.map(|answer| answer.resources.into_iter().map(by_key).collect()));
        }
        match heard.passing() {
            // It may be too much at once.
            Some(_) if heard.status == StatusCode::GATEWAY_TIMEOUT && keys.len() > 1 => Ok(None),
            Some(failure) => Err(failure),
            // Of the address book, and not of its cards.
            None if is_about_all(&heard) => Err(heard.failure()),
            None => Ok(None),
        }
    }

    fn row_of(&self, key: &str, resource: Resource) -> Option<Row> {
        if resource.is_gone() {
            return Some(Row::Gone(key.to_owned()));
        }
        Some(self.row(key.to_owned(), resource.etag?, resource.card?))
    }

    /// One card by itself. A server that answers for others does not lose them all by one
    /// that it cannot give.
    async fn fetch_alone(&self, key: &str, is_answering: bool) -> Result<Row, Failure> {
        let request = make_relative_url(self.place.origin(), key).and_then(|uri| Request::get(uri).body(String::new()));
        let heard = self.wire.send(request.map_err(|error| Failure::Refused(error.to_string()))?).await?;
        if let Some(failure) = heard.passing() {
            return Err(failure);
        }
        let unreadable = |reason: String| Row::Unreadable {
            key: key.to_owned(),
            version: Version::default(),
            reason,
            body: String::new(),
        };
        match heard.status.as_u16() {
            200..=299 => {}
            404 | 410 => return Ok(Row::Gone(key.to_owned())),
            500.. if !is_answering => return Err(heard.failure()),
            _ => return Ok(unreadable(heard.words())),
        }
        let Some(etag) = heard.etag() else {
            // Nothing could be written to it without overwriting somebody.
            return Ok(unreadable("the server gives it no version".into()));
        };
        Ok(match heard.into_text() {
            Ok(body) => self.row(key.to_owned(), etag, body),
            Err(body) => Row::Unreadable {
                key: key.to_owned(),
                version: Version { text: etag, order: None },
                reason: "it is not written in UTF-8".into(),
                body,
            },
        })
    }
}

/// What a card can say; of the rest it says nothing, which is not that it is empty.
fn units_of(contact: &Contact) -> Units {
    let mut units = fields::units_of(contact);
    units.retain(|unit, _| card::UNITS.contains(&unit.as_str()));
    units
}

/// Whether a refusal is about the whole address book: it moved, is gone, or is not ours to
/// see. A server that only does not know the report says so.
fn is_about_all(heard: &Heard) -> bool {
    match heard.status.as_u16() {
        300..=399 | 404 | 410 => true,
        403 => !heard.mentions("supported-report"),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rstest::rstest;

    #[rstest]
    #[case::gone(404, "", true)]
    #[case::moved(301, "", true)]
    #[case::forbidden(403, "", true)]
    #[case::another_report(403, "<error xmlns=\"DAV:\"><supported-report/></error>", false)]
    #[case::too_large(413, "", false)]
    #[case::broken_by_one_card(500, "", false)]
    fn a_refusal_is_about_the_address_book_or_about_what_was_asked(
        #[case] status: u16,
        #[case] body: &str,
        #[case] is_about_address_book: bool,
    ) {
        assert_eq!(is_about_all(&Heard::of(status, body)), is_about_address_book);
    }
}
