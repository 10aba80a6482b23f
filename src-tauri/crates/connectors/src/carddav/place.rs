//! Where an address book is, and the one way in which the path of a record is written.

use cardfile_sync::{pair::Key, run::Failure};
use http::Uri;
use reqwest::Url;
use std::fmt::{self, Write as _};

/// Where an address book is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Place {
    url: Url,
    origin: Uri,
    /// With a slash at its end.
    path: String,
}

impl Place {
    /// Without the password that an address may hold, and what comes after its path.
    pub(super) fn new(url: &Url) -> Result<Self, Failure> {
        let mut path = canonical(url.path());
        if !path.ends_with('/') {
            path.push('/');
        }
        let mut whole = url.clone();
        whole.set_path(&path);
        whole.set_query(None);
        whole.set_fragment(None);
        // They fail only where an address cannot have them.
        let _ = whole.set_username("");
        let _ = whole.set_password(None);
        Ok(Self { origin: origin(url)?, url: whole, path })
    }

    /// The server.
    pub(super) fn origin(&self) -> Uri {
        self.origin.clone()
    }

    /// All of it.
    pub(super) fn url(&self) -> &Url {
        &self.url
    }

    /// The path, with a slash at its end.
    pub(super) fn path(&self) -> &str {
        &self.path
    }

    /// The last part of the path.
    pub(super) fn name(&self) -> &str {
        self.path.trim_end_matches('/').rsplit('/').next().unwrap_or_default()
    }

    /// The key of what the server calls `href`: a whole address, a path, or a name in the
    /// address book.
    pub(super) fn key(&self, href: &str) -> Key {
        let href = href.trim();
        let path = match href.split_once("://") {
            Some((scheme, rest)) if !scheme.contains('/') => rest.find('/').map_or("/", |at| &rest[at..]),
            _ => href,
        };
        if path.starts_with('/') { canonical(path) } else { canonical(&format!("{}{path}", self.path)) }
    }

    /// The key that a record with this ID is made under, the same at every try.
    pub(super) fn key_of(&self, external_id: &str) -> Key {
        let mut key = self.path.clone();
        for byte in external_id.bytes() {
            if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
                key.push(char::from(byte));
            } else {
                let _ = write!(key, "%{byte:02X}");
            }
        }
        key.push_str(".vcf");
        canonical(&key)
    }

    /// Whether it is the key of the address book itself.
    pub(super) fn is_self(&self, key: &str) -> bool {
        key.trim_end_matches('/') == self.path.trim_end_matches('/')
    }

    /// Whether a record can have this key: it is not the address book, and no collection.
    pub(super) fn is_record(&self, key: &str) -> bool {
        !key.ends_with('/') && !self.is_self(key)
    }

    /// Whether it is the key of something in this address book.
    pub(super) fn holds(&self, key: &str) -> bool {
        self.is_record(key) && key.starts_with(&self.path)
    }
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.url.as_str())
    }
}

/// An address as a person types it, perhaps without `https://`.
pub(super) fn address(typed: &str) -> Result<Url, Failure> {
    let typed = typed.trim();
    let whole = if typed.contains("://") { typed.to_owned() } else { format!("https://{typed}") };
    Url::parse(&whole).map_err(|error| Failure::Refused(format!("the address cannot be used: {error}")))
}

/// The server of an address.
pub(super) fn origin(url: &Url) -> Result<Uri, Failure> {
    if !matches!(url.scheme(), "http" | "https") {
        return Err(Failure::Refused("the address of a server begins with https://".into()));
    }
    let origin = url.origin().ascii_serialization().parse::<Uri>();
    origin.map_err(|error| Failure::Refused(format!("the address cannot be used: {error}")))
}

/// A path in the one way in which it is compared and sent. What means the same with and
/// without its percent sign loses it; `+`, `;`, `&` and `=` stay as they came, because some
/// servers read more into them.
fn canonical(path: &str) -> String {
    let bytes = path.as_bytes();
    let mut written = String::with_capacity(bytes.len());
    let mut at = 0;
    while let Some(&byte) = bytes.get(at) {
        let encoded = if byte == b'%' { hexadecimal(bytes.get(at + 1), bytes.get(at + 2)) } else { None };
        let byte = encoded.unwrap_or(byte);
        let is_plain = byte.is_ascii_alphanumeric() || b"-._~@:!$'()*,".contains(&byte);
        if is_plain || encoded.is_none() && b"/+;&=".contains(&byte) {
            written.push(char::from(byte));
        } else {
            let _ = write!(written, "%{byte:02X}");
        }
        at += if encoded.is_some() { 3 } else { 1 };
    }
    written
}

fn hexadecimal(high: Option<&u8>, low: Option<&u8>) -> Option<u8> {
    let digit = |byte: Option<&u8>| byte.and_then(|byte| char::from(*byte).to_digit(16));
    u8::try_from(digit(high)? * 16 + digit(low)?).ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use rstest::rstest;

    fn place(url: &str) -> Place {
        Place::new(&Url::parse(url).unwrap()).unwrap()
    }

    #[rstest]
    #[case::a_path("/dav/ana/book/1.vcf", "/dav/ana/book/1.vcf")]
    #[case::a_whole_address("https://dav.example.com:8443/dav/ana/book/1.vcf", "/dav/ana/book/1.vcf")]
    #[case::an_address_without_a_path("https://dav.example.com", "/")]
    #[case::a_name("1.vcf", "/dav/ana/book/1.vcf")]
    #[case::blanks_around_it("\n  /dav/ana/book/1.vcf ", "/dav/ana/book/1.vcf")]
    #[case::small_hexadecimal_digits("/dav/a%2fb.vcf", "/dav/a%2Fb.vcf")]
    #[case::an_at_sign_is_one("/dav/ana%40example.com/1.vcf", "/dav/ana@example.com/1.vcf")]
    #[case::a_letter_is_one("/dav/%61na.vcf", "/dav/ana.vcf")]
    #[case::a_blank("/dav/an a.vcf", "/dav/an%20a.vcf")]
    #[case::letters_beyond_ascii("/dav/José.vcf", "/dav/Jos%C3%A9.vcf")]
    #[case::no_utf8("/dav/Jos%e9.vcf", "/dav/Jos%E9.vcf")]
    #[case::a_plus_stays("/dav/a+b%2bc.vcf", "/dav/a+b%2Bc.vcf")]
    #[case::a_percent_sign_alone("/dav/5%.vcf", "/dav/5%25.vcf")]
    #[case::a_sign_is_no_digit("/dav/%+1.vcf", "/dav/%25+1.vcf")]
    #[case::an_address_inside_a_path("/dav/http://x/1.vcf", "/dav/http://x/1.vcf")]
    fn a_record_has_one_key_however_it_is_written(#[case] href: &str, #[case] key: &str) {
        let place = place("https://dav.example.com/dav/ana/book/");
        assert_eq!(place.key(href), key);
        assert_eq!(place.key(key), key, "it stays as it is");
    }

    #[rstest]
    #[case::ours("ctc_0123456789", "/book/ctc_0123456789.vcf")]
    #[case::a_slash("a/b", "/book/a%2Fb.vcf")]
    #[case::a_percent_sign("5%", "/book/5%25.vcf")]
    fn an_id_makes_a_key(#[case] external_id: &str, #[case] key: &str) {
        assert_eq!(place("https://dav.example.com/book").key_of(external_id), key);
    }

    #[test]
    fn an_address_book_is_named_without_what_is_nobodys_business() {
        let place = place("https://ana:secret@dav.example.com:443/book?x=1#y");
        assert_eq!(place.to_string(), "https://dav.example.com/book/");
        assert_eq!((place.path(), place.name()), ("/book/", "book"));
        assert_eq!(place.origin().to_string(), "https://dav.example.com/");
    }

    #[test]
    fn only_what_is_in_the_address_book_is_a_record() {
        let place = place("https://dav.example.com/book/");
        assert!(place.is_self("/book") && place.is_self("/book/"));
        assert!(place.is_record("/book/1.vcf") && place.holds("/book/1.vcf"));
        assert!(!place.is_record("/book") && !place.is_record("/book/") && !place.is_record("/book/sub/"));
        assert!(!place.holds("/books/1.vcf"));
    }

    #[rstest]
    #[case::without_a_scheme("dav.example.com/book", Some("https://dav.example.com/book"))]
    #[case::with_one(" http://localhost:5232 ", Some("http://localhost:5232/"))]
    #[case::nothing("", None)]
    fn an_address_may_be_typed_short(#[case] typed: &str, #[case] url: Option<&str>) {
        assert_eq!(address(typed).ok().as_ref().map(Url::as_str), url);
    }

    #[test]
    fn only_servers_are_asked() {
        assert!(matches!(origin(&Url::parse("file:///etc").unwrap()), Err(Failure::Refused(_))));
    }
}
