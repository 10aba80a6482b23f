//! Finds address books from an address that a person typed (RFC 6764, 6), and checks that
//! one is there. Asks no name server: what a network says of a host is no place for a
//! password.

use super::{
    multistatus::{self, Multistatus},
    place::{self, Place},
    wire::{Heard, Wire},
};
use crate::Place as Found;
use cardfile_sync::run::Failure;
use http::StatusCode;
use libdav::{Depth, PropertyName, dav::Propfind, names, requests::DavRequest};
use reqwest::Url;
use std::collections::BTreeMap;

/// Redirects of one question, at most.
const REDIRECTS: usize = 5;
/// Homes that are looked into, at most.
const HOMES: usize = 20;
/// What is asked on the way.
static ABOUT: [&PropertyName<'static, 'static>; 4] =
    [&names::RESOURCETYPE, &names::DISPLAY_NAME, &names::CURRENT_USER_PRINCIPAL, &names::ADDRESSBOOK_HOME_SET];

/// The address book at `start`; else all that belong to the account which its server knows
/// us as.
pub(super) async fn address_books(wire: &Wire, start: &Url) -> Result<Vec<Found>, Failure> {
    let mut homes = Vec::new();
    let entrances = [Some(start.clone()), start.join("/.well-known/carddav").ok(), start.join("/").ok()];
    for entrance in entrances.into_iter().flatten() {
        let Some(said) = about(wire, &entrance).await? else { continue };
        if !said.books.is_empty() {
            return Ok(said.books);
        }
        homes = said.homes;
        if homes.is_empty()
            && let Some(principal) = said.principals.first()
        {
            homes = about(wire, principal).await?.map(|said| said.homes).unwrap_or_default();
        }
        if !homes.is_empty() {
            break;
        }
    }
    if homes.is_empty() {
        // Small servers name no home: the address books are where a person would look.
        homes.push(start.clone());
    }
    let mut found = BTreeMap::new();
    for home in homes.iter().take(HOMES) {
        let (url, heard) = look(wire, home, &ABOUT[..2], Depth::One).await?;
        if let Some(failure) = heard.passing() {
            return Err(failure);
        }
        let books = listed(&heard).map(|answer| books(&url, &answer)).unwrap_or_default();
        found.extend(books.into_iter().map(|book| (book.url.clone(), book)));
    }
    if found.is_empty() {
        return Err(Failure::Refused("no address book was found at this address".into()));
    }
    Ok(found.into_values().collect())
}

/// Where the address book really is, as its server writes it.
pub(super) async fn resolve(wire: &Wire, place: &Place) -> Result<Place, Failure> {
    let (url, heard) = look(wire, place.url(), &ABOUT[..1], Depth::Zero).await?;
    if heard.status != StatusCode::MULTI_STATUS {
        return Err(heard.failure());
    }
    let here = Place::new(&url)?;
    let mut books = listed(&heard).map(|answer| answer.resources).unwrap_or_default();
    books.retain(|one| one.is_address_book);
    // A server that says more than was asked may begin with another one.
    let Some(book) = books.iter().find(|one| here.is_self(&here.key(&one.href))).or(books.first()) else {
        return Err(Failure::Refused("there is no address book at this address".into()));
    };
    Place::new(&target(&url, &book.href).unwrap_or(url))
}

/// What a server says of a resource on the way to address books.
struct About {
    books: Vec<Found>,
    principals: Vec<Url>,
    homes: Vec<Url>,
}

/// Nothing where the server has nothing to say: the way goes on elsewhere.
async fn about(wire: &Wire, url: &Url) -> Result<Option<About>, Failure> {
    let (url, heard) = look(wire, url, &ABOUT, Depth::Zero).await?;
    if let Some(failure) = heard.passing() {
        return Err(failure);
    }
    Ok(listed(&heard).map(|answer| About {
        books: books(&url, &answer),
        principals: targets(&url, answer.resources.iter().flat_map(|one| &one.principals)),
        homes: targets(&url, answer.resources.iter().flat_map(|one| &one.homes)),
    }))
}

/// Asks for properties, and goes where it is sent. Gives where it came to.
async fn look(
    wire: &Wire,
    url: &Url,
    properties: &[&'static PropertyName<'static, 'static>],
    depth: Depth,
) -> Result<(Url, Heard), Failure> {
    let mut url = url.clone();
    for _ in 0..=REDIRECTS {
        let request = Propfind::new(url.path())
            .with_properties(properties)
            .with_depth(depth)
            .prepare_request(place::origin(&url)?);
        let heard = wire.send(request.map_err(|error| Failure::Refused(error.to_string()))?).await?;
        match heard.location().and_then(|href| target(&url, &href)) {
            Some(next) => url = next,
            None => return Ok((url, heard)),
        }
    }
    Err(Failure::Refused("the server sends us round in circles".into()))
}

fn listed(heard: &Heard) -> Option<Multistatus> {
    if heard.status == StatusCode::MULTI_STATUS { multistatus::read(heard.body()).ok() } else { None }
}

fn books(url: &Url, answer: &Multistatus) -> Vec<Found> {
    let books = answer.resources.iter().filter(|one| one.is_address_book);
    let named = books.filter_map(|one| {
        let place = Place::new(&target(url, &one.href)?).ok()?;
        let name = one.name.clone().unwrap_or_else(|| place.name().to_owned());
        Some(Found { url: place.to_string(), name })
    });
    named.collect()
}

/// Where `href` leads to, unless the password must not go there: in clear it never leaves
/// the server it was typed for.
fn target(from: &Url, href: &str) -> Option<Url> {
    let to = from.join(href.trim()).ok()?;
    (to.scheme() == "https" || to.origin() == from.origin()).then_some(to)
}

fn targets<'h>(from: &Url, hrefs: impl Iterator<Item = &'h String>) -> Vec<Url> {
    hrefs.filter_map(|href| target(from, href)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use rstest::rstest;

    #[rstest]
    #[case::a_path("https://a.example/x/", "/dav/", Some("https://a.example/dav/"))]
    #[case::another_host("https://a.example/", "https://b.example/dav/", Some("https://b.example/dav/"))]
    #[case::to_encryption("http://a.example/", "https://a.example/", Some("https://a.example/"))]
    #[case::out_of_encryption("https://a.example/", "http://a.example/", None)]
    #[case::the_same_in_clear("http://a.example:8/", "http://a.example:8/x/", Some("http://a.example:8/x/"))]
    #[case::another_host_in_clear("http://a.example:8/", "http://b.example:8/", None)]
    #[case::another_port_in_clear("http://a.example:8/", "http://a.example/", None)]
    fn the_password_goes_only_where_it_may(#[case] from: &str, #[case] href: &str, #[case] to: Option<&str>) {
        let from = Url::parse(from).unwrap();
        assert_eq!(target(&from, href).as_ref().map(Url::as_str), to);
    }

    #[test]
    fn an_address_book_without_a_name_is_called_by_its_address() {
        let answer = br#"<multistatus xmlns="DAV:" xmlns:C="urn:ietf:params:xml:ns:carddav"><response>
<href>/ana/friends/</href><propstat><prop><resourcetype><collection/><C:addressbook/></resourcetype></prop>
<status>HTTP/1.1 200 OK</status></propstat></response></multistatus>"#;
        let found = books(&Url::parse("https://a.example/ana/").unwrap(), &multistatus::read(answer).unwrap());
        let book = Found { url: "https://a.example/ana/friends/".into(), name: "friends".into() };
        assert_eq!(found, [book]);
    }
}
