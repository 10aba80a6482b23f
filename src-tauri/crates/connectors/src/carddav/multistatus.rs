//! What a multistatus answer says of each resource (RFC 4918, 13).
//!
//! Read here and not by the library, because one resource that is answered oddly must not
//! hide all the others, and a list that was cut off must be seen to be one.

use http::StatusCode;
use libdav::{
    PropertyName, names,
    xmlutils::{normalise_newlines, parse_statusline},
};
use roxmltree::{Document, Node};

/// Changes whenever something in the address book does. Older than the standard for that.
pub(super) const TAG: PropertyName<'static, 'static> = PropertyName::new(names::CALENDAR_SERVER, "getctag");
const MULTISTATUS: PropertyName<'static, 'static> = PropertyName::new(names::DAV, "multistatus");

/// The whole answer.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) struct Multistatus {
    pub(super) resources: Vec<Resource>,
    /// Where a list of what moved goes on the next time.
    pub(super) sync_token: Option<String>,
}

/// What is said of one resource. What was not asked, or not found, is nothing.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) struct Resource {
    /// As the server writes it.
    pub(super) href: String,
    /// Of the resource as a whole; its properties have their own.
    pub(super) status: Option<StatusCode>,
    /// None of its properties was found.
    pub(super) lacks_all: bool,
    pub(super) etag: Option<String>,
    /// The vCard, with the line ends that XML took from it.
    pub(super) card: Option<String>,
    pub(super) is_address_book: bool,
    pub(super) is_collection: bool,
    pub(super) name: Option<String>,
    /// [`TAG`].
    pub(super) tag: Option<String>,
    /// Where the account is described.
    pub(super) principals: Vec<String>,
    /// Where its address books are.
    pub(super) homes: Vec<String>,
}

impl Resource {
    /// Whether it is certainly not there.
    pub(super) fn is_gone(&self) -> bool {
        matches!(self.status, Some(StatusCode::NOT_FOUND | StatusCode::GONE))
    }

    fn take(&mut self, property: Node<'_, '_>) {
        let name = property.tag_name();
        if name == names::GETETAG {
            self.etag = filled(&text_of(property));
        } else if name == names::ADDRESS_DATA {
            // Some servers begin it on a new line, for the looks.
            let card = normalise_newlines(text_of(property).trim_start());
            self.card = Some(card).filter(|card| !card.is_empty());
        } else if name == names::RESOURCETYPE {
            self.is_collection = children(property, &names::COLLECTION).next().is_some();
            self.is_address_book = children(property, &names::ADDRESSBOOK).next().is_some();
        } else if name == names::DISPLAY_NAME {
            self.name = filled(&text_of(property));
        } else if name == TAG {
            self.tag = filled(&text_of(property));
        } else if name == names::CURRENT_USER_PRINCIPAL {
            self.principals = children(property, &names::HREF).map(text_of).collect();
        } else if name == names::ADDRESSBOOK_HOME_SET {
            self.homes = children(property, &names::HREF).map(text_of).collect();
        }
    }
}

/// Reads an answer; else says why it is none.
pub(super) fn read(body: &[u8]) -> Result<Multistatus, String> {
    let text = std::str::from_utf8(body).map_err(|error| error.to_string())?;
    let document = Document::parse(text).map_err(|error| error.to_string())?;
    let root = document.root_element();
    if root.tag_name() != MULTISTATUS {
        return Err("it is no list of resources".into());
    }
    let mut resources = Vec::new();
    for response in children(root, &names::RESPONSE) {
        let resource = resource(response);
        let hrefs = children(response, &names::HREF).map(text_of);
        resources.extend(hrefs.map(|href| Resource { href, ..resource.clone() }));
    }
    let sync_token = children(root, &names::SYNC_TOKEN).next().and_then(|token| filled(&text_of(token)));
    Ok(Multistatus { resources, sync_token })
}

/// The record that has the UID already, where a refusal names it.
pub(super) fn conflict(body: &[u8]) -> Option<String> {
    let document = Document::parse(std::str::from_utf8(body).ok()?).ok()?;
    let conflict = document.descendants().find(|node| node.tag_name().name() == "no-uid-conflict")?;
    children(conflict, &names::HREF).next().and_then(|href| filled(&text_of(href)))
}

fn resource(response: Node<'_, '_>) -> Resource {
    let mut resource = Resource { status: status_of(response), ..Resource::default() };
    let (mut found, mut lacking) = (false, false);
    for part in children(response, &names::PROPSTAT) {
        match status_of(part) {
            Some(status) if !status.is_success() => lacking = true,
            Some(_) | None => {
                found = true;
                let properties = children(part, &names::PROP).flat_map(|all| all.children());
                properties.filter(Node::is_element).for_each(|property| resource.take(property));
            }
        }
    }
    resource.lacks_all = lacking && !found;
    resource
}

fn children<'a, 'input: 'a>(
    node: Node<'a, 'input>,
    name: &PropertyName<'_, '_>,
) -> impl Iterator<Item = Node<'a, 'input>> {
    node.children().filter(move |child| child.tag_name() == *name)
}

fn status_of(node: Node<'_, '_>) -> Option<StatusCode> {
    let line = text_of(children(node, &names::STATUS).next()?);
    parse_statusline(line.trim()).ok()
}

fn text_of(node: Node<'_, '_>) -> String {
    node.descendants().filter(Node::is_text).filter_map(|text| text.text()).collect()
}

fn filled(text: &str) -> Option<String> {
    let text = text.trim();
    (!text.is_empty()).then(|| text.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(body: &str) -> Multistatus {
        read(body.as_bytes()).unwrap()
    }

    #[test]
    fn what_moved_is_read_whatever_the_prefixes() {
        let moved = of(r#"<?xml version='1.0' encoding='utf-8'?>
<multistatus xmlns="DAV:"><sync-token>http://example.com/ns/sync/1</sync-token>
<response><href>/ana/book/1.vcf</href>
  <propstat><prop><getetag>"a"</getetag></prop><status>HTTP/1.1 200 OK</status></propstat></response>
<response><href>/ana/book/2.vcf</href><status>HTTP/1.1 404 Not Found</status></response></multistatus>"#);
        let same = of(r#"<ns0:multistatus xmlns:ns0="DAV:">
<ns0:response><ns0:href>/ana/book/1.vcf</ns0:href>
  <ns0:propstat><ns0:status>HTTP/1.1 200 OK</ns0:status>
  <ns0:prop><ns0:getetag>"a"</ns0:getetag></ns0:prop></ns0:propstat></ns0:response>
<ns0:response><ns0:href>/ana/book/2.vcf</ns0:href><ns0:status>HTTP/1.1 404 Not Found</ns0:status></ns0:response>
<ns0:sync-token>http://example.com/ns/sync/1</ns0:sync-token></ns0:multistatus>"#);
        assert_eq!(moved, same);
        assert_eq!(moved.sync_token.as_deref(), Some("http://example.com/ns/sync/1"));
        assert_eq!(moved.resources[0].etag.as_deref(), Some("\"a\""));
        assert!(!moved.resources[0].is_gone() && moved.resources[1].is_gone());
    }

    #[test]
    fn a_card_gets_its_line_ends_back() {
        let cards = of("<multistatus xmlns=\"DAV:\" xmlns:C=\"urn:ietf:params:xml:ns:carddav\"><response>\
            <href>/1.vcf</href><propstat><prop><getetag>\"a\"</getetag><C:address-data>\n\
            <![CDATA[BEGIN:VCARD\r\nFN:A &]]> B&#13;\nEND:VCARD\n</C:address-data></prop>\
            <status>HTTP/1.1 200 OK</status></propstat></response></multistatus>");
        assert_eq!(cards.resources[0].card.as_deref(), Some("BEGIN:VCARD\r\nFN:A & B\r\nEND:VCARD\r\n"));
    }

    #[test]
    fn a_property_that_is_not_found_is_not_a_record_that_is_gone() {
        let parts = of(r#"<multistatus xmlns="DAV:" xmlns:C="urn:ietf:params:xml:ns:carddav">
<response><href>/1.vcf</href>
  <propstat><prop><getetag>"a"</getetag></prop><status>HTTP/1.1 200 OK</status></propstat>
  <propstat><prop><C:address-data/></prop><status>HTTP/1.1 404 Not Found</status></propstat></response>
<response><href>/2.vcf</href>
  <propstat><prop><getetag/></prop><status>HTTP/1.1 404 Not Found</status></propstat></response></multistatus>"#);
        let [one, two] = &parts.resources[..] else { panic!("two resources") };
        assert!(!one.is_gone() && !one.lacks_all && one.card.is_none());
        assert!(!two.is_gone() && two.lacks_all);
    }

    #[test]
    fn an_address_book_is_told_from_another_collection() {
        let found = of(r#"<d:multistatus xmlns:d="DAV:" xmlns:c="urn:ietf:params:xml:ns:carddav">
<d:response><d:href>/ana/</d:href><d:propstat><d:prop>
  <d:resourcetype><d:collection/></d:resourcetype>
  <c:addressbook-home-set><d:href>/ana/</d:href></c:addressbook-home-set>
  <d:current-user-principal><d:href>/ana/</d:href></d:current-user-principal>
  </d:prop><d:status>HTTP/1.1 200 OK</d:status></d:propstat></d:response>
<d:response><d:href>/ana/book/</d:href><d:propstat><d:prop>
  <d:resourcetype><d:collection/><c:addressbook/></d:resourcetype>
  <d:displayname> Friends </d:displayname>
  </d:prop><d:status>HTTP/1.1 200 OK</d:status></d:propstat></d:response></d:multistatus>"#);
        let [home, book] = &found.resources[..] else { panic!("two resources") };
        assert!(home.is_collection && !home.is_address_book);
        assert_eq!(home.homes, ["/ana/"]);
        assert_eq!(home.principals, ["/ana/"]);
        assert!(book.is_collection && book.is_address_book);
        assert_eq!(book.name.as_deref(), Some("Friends"));
    }

    #[test]
    fn a_page_of_a_web_site_is_no_answer() {
        assert!(read(b"<html><body>Sign in</body></html>").is_err());
        assert!(read(b"<!DOCTYPE html><p>Sign in").is_err());
        assert!(read(b"\xFF").is_err());
    }

    #[test]
    fn a_refusal_may_name_the_record_that_has_the_uid() {
        let named = br#"<error xmlns="DAV:"><C:no-uid-conflict xmlns:C="urn:ietf:params:xml:ns:carddav">
<href>/ana/book/9.vcf</href></C:no-uid-conflict></error>"#;
        assert_eq!(conflict(named).as_deref(), Some("/ana/book/9.vcf"));
        let unnamed =
            br#"<error xmlns="DAV:"><CR:no-uid-conflict xmlns:CR="urn:ietf:params:xml:ns:carddav" /></error>"#;
        assert_eq!((conflict(unnamed), conflict(b"conflict")), (None, None));
    }
}
