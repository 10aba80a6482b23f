//! What moved in an address book, page by page.
//!
//! A server that can say what moved after a token is asked for that (RFC 6578). Where it
//! cannot, everything is listed, unless the tag of the address book is the one it was.
//! Which of both it is is found out by asking: some servers do the first and do not say so.

use super::{
    book::{Book, FETCHED_AT_ONCE},
    multistatus::{Resource, TAG},
    wire::Heard,
};
use cardfile_sync::{
    pair::Key,
    remote::{Known, Page, Row},
    run::Failure,
};
use http::StatusCode;
use libdav::dav::{ListResources, Propfind, SyncCollection};
use std::{
    collections::{BTreeMap, BTreeSet},
    fmt,
};

/// Parts in which a server sends one list, at most.
const PARTS: usize = 1_000;
/// Begins a card, in letters of any size.
const BEGIN: &str = "BEGIN:VCARD";

/// What was listed, told page by page.
pub(super) struct Listing {
    /// What is there, or was changed, with its version where the server said it.
    there: Vec<(Key, Option<String>)>,
    /// How many of these are told.
    told: usize,
    gone: BTreeSet<Key>,
    /// The next one.
    cursor: String,
    /// All that is there, of a complete list.
    listed: Option<BTreeSet<Key>>,
}

impl Listing {
    /// What moved after a cursor; everything without one. Nothing when the server does not
    /// know the cursor any more.
    pub(super) async fn after(book: &Book, cursor: Option<&str>) -> Result<Option<Self>, Failure> {
        let listing = match cursor.map(Cursor::parse) {
            None => Some(everything(book).await?),
            Some(Some(Cursor::Token(token))) => since(book, token).await?,
            Some(Some(Cursor::Tag(tag))) => match tag_of(book).await? {
                Some(now) if now == tag => Some(Self::of(BTreeMap::new(), &Cursor::Tag(tag))),
                _ => Some(everything(book).await?),
            },
            Some(None) => None,
        };
        Ok(listing)
    }

    /// The next page. One that fails is asked for again.
    pub(super) async fn page(&mut self, book: &Book, known: &Known<'_>) -> Result<Page, Failure> {
        let (mut rows, mut wanted, mut told) = (Vec::new(), Vec::new(), self.told);
        while let Some((key, etag)) = self.there.get(told) {
            if etag.is_some() && known(key.as_str()).map(|version| version.text) == *etag {
                rows.push(Row::Same(key.clone()));
            } else if wanted.len() < FETCHED_AT_ONCE {
                wanted.push(key.clone());
            } else {
                break;
            }
            told += 1;
        }
        for row in book.fetch(&wanted).await? {
            // Whatever else somebody keeps there is nobody's contact.
            let is_foreign = is_no_card(&row) && known(row.key().as_str()).is_none();
            if (is_foreign || matches!(row, Row::Gone(_)))
                && let Some(listed) = &mut self.listed
            {
                listed.remove(row.key());
            }
            if !is_foreign {
                rows.push(row);
            }
        }
        self.told = told;
        if told < self.there.len() {
            return Ok(Page { rows, cursor: None, more: true, listed: None });
        }
        rows.extend(std::mem::take(&mut self.gone).into_iter().map(Row::Gone));
        Ok(Page { rows, cursor: Some(self.cursor.clone()), more: false, listed: self.listed.take() })
    }

    fn of(there: BTreeMap<Key, Option<String>>, cursor: &Cursor<'_>) -> Self {
        Self {
            there: there.into_iter().collect(),
            told: 0,
            gone: BTreeSet::new(),
            cursor: cursor.to_string(),
            listed: None,
        }
    }

    /// Of a complete list: what is not in it is not there.
    fn complete(there: BTreeMap<Key, Option<String>>, cursor: &Cursor<'_>) -> Self {
        let listed = there.keys().cloned().collect();
        Self { listed: Some(listed), ..Self::of(there, cursor) }
    }
}

/// A cursor, as text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Cursor<'t> {
    /// The server says what moved after it.
    Token(&'t str),
    /// Of the address book as it was; empty where the server gives none.
    Tag(&'t str),
}

impl<'t> Cursor<'t> {
    fn parse(text: &'t str) -> Option<Self> {
        match text.split_once(':')? {
            ("sync", token) => Some(Self::Token(token)),
            ("ctag", tag) => Some(Self::Tag(tag)),
            _ => None,
        }
    }
}

impl fmt::Display for Cursor<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Token(token) => write!(f, "sync:{token}"),
            Self::Tag(tag) => write!(f, "ctag:{tag}"),
        }
    }
}

async fn everything(book: &Book) -> Result<Listing, Failure> {
    match synced(book, None).await? {
        // What the server says is gone was never known to us.
        Synced::Moved(Moved { there, token, .. }) => return Ok(Listing::complete(there, &Cursor::Token(&token))),
        Synced::Refused(heard) => {
            if let Some(failure) = heard.passing() {
                return Err(failure);
            }
        }
    }
    // Before the list: what moves while that is made moves the tag as well.
    let tag = tag_of(book).await?.unwrap_or_default();
    let heard = book.ask(ListResources::new(book.place.path())).await?;
    let answer = book.multistatus(&heard)?;
    if answer.resources.iter().any(|one| is_cut_off(book, one)) {
        return Err(Failure::Refused("the server lists only a part of the address book".into()));
    }
    let mut moved = Moved::default();
    for resource in answer.resources {
        moved.take(book, resource);
    }
    Ok(Listing::complete(moved.there, &Cursor::Tag(&tag)))
}

async fn since(book: &Book, token: &str) -> Result<Option<Listing>, Failure> {
    match synced(book, Some(token)).await? {
        Synced::Moved(Moved { there, gone, token }) => {
            Ok(Some(Listing { gone, ..Listing::of(there, &Cursor::Token(&token)) }))
        }
        Synced::Refused(heard) if is_expired(&heard) => Ok(None),
        Synced::Refused(heard) => Err(heard.failure()),
    }
}

/// An answer to the question what moved.
enum Synced {
    Moved(Moved),
    /// It cannot be said, or not after this token.
    Refused(Heard),
}

#[derive(Default)]
struct Moved {
    there: BTreeMap<Key, Option<String>>,
    gone: BTreeSet<Key>,
    token: String,
}

impl Moved {
    /// What was said last counts.
    fn take(&mut self, book: &Book, resource: Resource) {
        let key = book.place.key(&resource.href);
        if resource.is_collection || !book.place.is_record(&key) {
            return;
        }
        // Some servers say of a deleted record only that it has no version. It is read by
        // its key before anybody believes that.
        if resource.is_gone() || resource.lacks_all {
            self.there.remove(&key);
            self.gone.insert(key);
        } else {
            self.gone.remove(&key);
            self.there.insert(key, resource.etag);
        }
    }
}

/// Asks until a list that the server sends in parts is complete (RFC 6578, 3.6).
async fn synced(book: &Book, token: Option<&str>) -> Result<Synced, Failure> {
    let mut moved = Moved { token: token.unwrap_or_default().to_owned(), ..Moved::default() };
    for part in 0..PARTS {
        let question = SyncCollection::new(book.place.path());
        let heard = if token.is_none() && part == 0 {
            book.ask(question).await?
        } else {
            book.ask(question.with_sync_token(&moved.token)).await?
        };
        if heard.status != StatusCode::MULTI_STATUS {
            return Ok(Synced::Refused(heard));
        }
        let answer = book.multistatus(&heard)?;
        let Some(next) = answer.sync_token else { return Ok(Synced::Refused(heard)) };
        let is_cut_off = answer.resources.iter().any(|one| is_cut_off(book, one));
        for resource in answer.resources {
            moved.take(book, resource);
        }
        let is_stuck = is_cut_off && moved.token == next;
        moved.token = next;
        if is_stuck {
            break;
        }
        if !is_cut_off {
            return Ok(Synced::Moved(moved));
        }
    }
    Err(Failure::Refused("the server never comes to the end of its list".into()))
}

/// Says of the address book that not all of it is listed.
fn is_cut_off(book: &Book, resource: &Resource) -> bool {
    resource.status == Some(StatusCode::INSUFFICIENT_STORAGE) && book.place.is_self(&book.place.key(&resource.href))
}

/// The tag of the address book, where it has one.
async fn tag_of(book: &Book) -> Result<Option<String>, Failure> {
    let heard = book.ask(Propfind::new(book.place.path()).with_properties(&[&TAG])).await?;
    if let Some(failure) = heard.passing() {
        return Err(failure);
    }
    if heard.status != StatusCode::MULTI_STATUS {
        return Ok(None);
    }
    Ok(book.multistatus(&heard)?.resources.into_iter().find_map(|one| one.tag))
}

/// Whether a refusal means that everything is to be listed again. The standard has 403 for
/// a token that is too old; servers say 400, 404, 409, 410 and 412 as well, and one that
/// was updated may not know the question any more.
fn is_expired(heard: &Heard) -> bool {
    match heard.status.as_u16() {
        // An answer without a token.
        207 => true,
        405 | 410 | 412 | 501 | 507 => true,
        403 | 409 => heard.mentions("valid-sync-token"),
        400 | 404 => heard.mentions("sync-token"),
        _ => false,
    }
}

/// Whether it was read, and is something else than a card.
fn is_no_card(row: &Row) -> bool {
    match row {
        Row::Unreadable { body, .. } => {
            let start = body.trim_start_matches('\u{feff}').trim_start();
            !body.is_empty() && !start.get(..BEGIN.len()).is_some_and(|start| start.eq_ignore_ascii_case(BEGIN))
        }
        Row::Live(_) | Row::Same(_) | Row::Gone(_) => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use cardfile_sync::pair::Version;
    use rstest::rstest;

    #[rstest]
    #[case::a_token("sync:http://example.com/ns/sync/1", Some(Cursor::Token("http://example.com/ns/sync/1")))]
    #[case::a_bare_token("sync:2f7c", Some(Cursor::Token("2f7c")))]
    #[case::a_tag("ctag:\"1\"", Some(Cursor::Tag("\"1\"")))]
    #[case::no_tag("ctag:", Some(Cursor::Tag("")))]
    #[case::somebody_elses("2f7c", None)]
    #[case::of_another_kind("page:2", None)]
    fn a_cursor_keeps_every_letter(#[case] text: &str, #[case] cursor: Option<Cursor<'static>>) {
        assert_eq!(Cursor::parse(text), cursor);
        assert!(cursor.is_none_or(|cursor| cursor.to_string() == text));
    }

    #[rstest]
    #[case::as_the_standard_says(403, "<error xmlns=\"DAV:\"><valid-sync-token/></error>", true)]
    #[case::a_conflict(409, "<D:error xmlns:D=\"DAV:\"><D:valid-sync-token/></D:error>", true)]
    #[case::a_precondition(412, "", true)]
    #[case::gone(410, "", true)]
    #[case::a_bad_request(400, "invalid sync-token", true)]
    #[case::not_found(404, "<valid-sync-token/>", true)]
    #[case::not_known_any_more(501, "", true)]
    #[case::forbidden(403, "", false)]
    #[case::no_address_book(404, "", false)]
    #[case::sign_in(401, "", false)]
    #[case::broken(500, "valid-sync-token", false)]
    fn a_token_may_be_too_old(#[case] status: u16, #[case] body: &str, #[case] is_too_old: bool) {
        assert_eq!(is_expired(&Heard::of(status, body)), is_too_old);
    }

    #[rstest]
    #[case::a_card_with_a_fault("begin:vcard\r\nFN", false)]
    #[case::after_a_mark("\u{feff}\nBEGIN:VCARD", false)]
    #[case::a_note("Call Ana", true)]
    #[case::short("BEG", true)]
    #[case::refused("", false)]
    fn whatever_else_is_kept_there_is_no_contact(#[case] body: &str, #[case] expected: bool) {
        let (key, version) = ("/book/1".to_owned(), Version::default());
        let row = Row::Unreadable { key, version, reason: String::new(), body: body.to_owned() };
        assert_eq!(is_no_card(&row), expected);
    }
}
