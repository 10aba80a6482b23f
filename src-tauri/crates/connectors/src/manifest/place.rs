//! Where a system is, and the addresses that may be asked: those of its hosts, and no others.

use super::{
    format::Http,
    given::{Given, Source},
    template::Template,
};
use cardfile_sync::run::Failure;
use reqwest::Url;
use std::{collections::BTreeMap, fmt::Write as _};

/// The field of the form by which another address is typed.
pub(super) const BASE_URL: &str = "base_url";
/// In a manifest: the host that was typed.
pub(super) const TYPED_HOST: &str = "{config.base_url.host}";

/// Where a system is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Place {
    base: Url,
    /// With their ports, where they are not the usual ones.
    hosts: Vec<String>,
    /// A person typed it.
    is_typed: bool,
}

impl Place {
    /// As the manifest says, or as a person typed it.
    pub(super) fn new(http: &Http, config: &BTreeMap<String, String>) -> Result<Self, Failure> {
        let refused = |why: String| Failure::Refused(why);
        let typed = config.get(BASE_URL).map(|typed| typed.trim()).filter(|typed| !typed.is_empty());
        let base = address(typed.unwrap_or(&http.base)).map_err(refused)?;
        let is_here = |host: &&String| host.as_str() != TYPED_HOST;
        let mut hosts: Vec<String> = http.hosts.iter().filter(is_here).cloned().collect();
        let own = host_of(&base);
        if typed.is_some() {
            // Whoever types another address means that one instead.
            hosts = vec![own];
        } else if !hosts.contains(&own) {
            return Err(Failure::Refused(format!("{own} is none of the hosts that the manifest names")));
        }
        Ok(Self { base, hosts, is_typed: typed.is_some() })
    }

    /// Without what is nobody's business.
    pub(super) fn name(&self) -> String {
        let path = self.base.path().trim_end_matches('/');
        format!("{}{path}", host_of(&self.base))
    }

    /// The hosts that may be talked to.
    pub(super) fn hosts(&self) -> &[String] {
        &self.hosts
    }

    /// The address of a request.
    pub(super) fn url(&self, path: &Template, given: &Given<'_>, query: &[(String, String)]) -> Result<Url, Failure> {
        let missing = || Failure::Refused("a value that the address of a request needs is missing".into());
        let path = path.fill(given, put).ok_or_else(missing)?;
        let base = self.base.as_str().trim_end_matches('/');
        let unusable = |error| Failure::Refused(format!("the address of a request cannot be used: {error}"));
        let mut url = Url::parse(&format!("{base}/{}", path.trim_start_matches('/'))).map_err(unusable)?;
        if !query.is_empty() {
            url.query_pairs_mut().extend_pairs(query);
        }
        self.allowed(url)
    }

    /// An address that an answer gave.
    pub(super) fn follow(&self, link: &str) -> Result<Url, Failure> {
        let url = self.base.join(link.trim());
        self.allowed(url.map_err(|error| Failure::Refused(format!("the next page cannot be asked for: {error}")))?)
    }

    /// An address of the system that the manifest names in full. Whoever typed another host
    /// means that one here as well.
    pub(super) fn own(&self, address: &str) -> Result<Url, Failure> {
        let url = Url::parse(address).map_err(|error| Failure::Refused(format!("{address} is no address: {error}")))?;
        if !self.is_typed || self.hosts.contains(&host_of(&url)) {
            return self.allowed(url);
        }
        let mut own = self.base.clone();
        own.set_path(url.path());
        self.allowed(own)
    }

    fn allowed(&self, url: Url) -> Result<Url, Failure> {
        let is_same = url.scheme() == self.base.scheme() && self.hosts.contains(&host_of(&url));
        if is_same && url.username().is_empty() && url.password().is_none() {
            Ok(url)
        } else {
            let host = host_of(&url);
            Err(Failure::Refused(format!("{host} is none of the hosts that may be talked to; nothing was sent there")))
        }
    }
}

/// An address without a path of its own may be typed short. One that is not encrypted is
/// taken only from a person, never from a manifest.
pub(super) fn address(typed: &str) -> Result<Url, String> {
    let typed = typed.trim();
    let whole = if typed.contains("://") { typed.to_owned() } else { format!("https://{typed}") };
    let url = Url::parse(&whole).map_err(|error| format!("the address cannot be used: {error}"))?;
    let is_plain = url.username().is_empty() && url.password().is_none() && url.query().is_none();
    match url.scheme() {
        "https" | "http" if url.has_host() && is_plain => Ok(url),
        "https" | "http" => Err("the address is a host, and perhaps a path".into()),
        other => Err(format!("{other} is no way to talk to a server")),
    }
}

/// A host with its port, where that is not the usual one.
pub(super) fn host_of(url: &Url) -> String {
    let host = url.host_str().unwrap_or_default();
    url.port().map_or_else(|| host.to_owned(), |port| format!("{host}:{port}"))
}

/// A value in a path. Only what a person typed as parts of a path may have slashes in it, and
/// nothing may lead upwards.
fn put(source: &Source, value: &str) -> Option<String> {
    let parts: Vec<&str> = match source {
        Source::Config(_) => value.split('/').filter(|part| !part.is_empty()).collect(),
        _ => vec![value],
    };
    if parts.is_empty() || parts.iter().any(|part| matches!(*part, "." | "..")) {
        return None;
    }
    Some(parts.iter().map(|part| escaped(part)).collect::<Vec<_>>().join("/"))
}

/// Everything but letters, digits and four signs (RFC 3986, 2.3).
fn escaped(text: &str) -> String {
    text.bytes().fold(String::with_capacity(text.len()), |mut all, byte| {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'_' | b'.' | b'~' => all.push(char::from(byte)),
            // Writing to a string cannot fail.
            other => {
                let _ = write!(all, "%{other:02X}");
            }
        }
        all
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use rstest::rstest;

    fn http() -> Http {
        let hosts = vec!["api.crm.example".into(), "eu.crm.example".into()];
        Http { base: "https://api.crm.example".into(), hosts, headers: BTreeMap::new() }
    }

    fn config(typed: &str) -> BTreeMap<String, String> {
        BTreeMap::from([(BASE_URL.to_owned(), typed.to_owned())])
    }

    fn url(place: &Place, path: &str, given: &Given<'_>) -> Result<String, Failure> {
        let path = Template::parse(path).expect("a path");
        place.url(&path, given, &[("a".into(), "b&c".into())]).map(String::from)
    }

    #[test]
    fn values_never_leave_their_place_in_a_path() {
        let place = Place::new(&http(), &BTreeMap::new()).expect("a place");
        let filled = BTreeMap::from([("prefix".to_owned(), "crm/v3".to_owned())]);
        let given = |id| Given { config: Some(&filled), remote_id: id, ..Given::default() };
        let path = "{config.prefix}/contacts/{remote_id}";
        let expected = "https://api.crm.example/crm/v3/contacts/a%2Fb%3Fx%3D1?a=b%26c";
        assert_eq!(url(&place, path, &given("a/b?x=1")).as_deref(), Ok(expected));
        assert!(url(&place, path, &given("..")).is_err(), "nothing leads upwards");
        assert!(url(&place, path, &given("")).is_err(), "nor is a part left out");
    }

    #[rstest]
    #[case::another_page("/v1/contacts?page=2", true)]
    #[case::the_whole_address("https://api.crm.example/v1/contacts?page=2", true)]
    #[case::another_of_its_hosts("https://eu.crm.example/next", true)]
    #[case::a_foreign_host("https://evil.example/next", false)]
    #[case::a_foreign_host_without_a_scheme("//evil.example/next", false)]
    #[case::in_clear("http://api.crm.example/next", false)]
    #[case::another_port("https://api.crm.example:8443/next", false)]
    #[case::with_a_password("https://me:pw@api.crm.example/next", false)]
    fn a_link_may_lead_to_its_hosts_alone(#[case] link: &str, #[case] is_followed: bool) {
        let place = Place::new(&http(), &BTreeMap::new()).expect("a place");
        assert_eq!(place.follow(link).is_ok(), is_followed);
    }

    #[test]
    fn an_address_that_was_typed_stands_in_place_of_all_hosts() {
        let place = Place::new(&http(), &config("http://127.0.0.1:4010/proxy/")).expect("a place");
        assert_eq!(
            (place.name().as_str(), place.hosts()),
            ("127.0.0.1:4010/proxy", &["127.0.0.1:4010".to_owned()][..])
        );
        let given = Given::default();
        assert_eq!(
            url(&place, "v1/contacts", &given).as_deref(),
            Ok("http://127.0.0.1:4010/proxy/v1/contacts?a=b%26c")
        );
        assert!(place.follow("https://api.crm.example/next").is_err());
    }

    #[rstest]
    #[case::short("crm.example", Ok("https://crm.example/"))]
    #[case::in_clear("http://localhost:80", Ok("http://localhost/"))]
    #[case::a_file("file:///etc/passwd", Err(()))]
    #[case::with_a_password("https://me:pw@crm.example", Err(()))]
    #[case::with_a_question("https://crm.example/?x=1", Err(()))]
    #[case::nothing("", Err(()))]
    fn an_address_is_a_host_and_perhaps_a_path(#[case] typed: &str, #[case] expected: Result<&str, ()>) {
        assert_eq!(address(typed).map(String::from).map_err(|_| ()), expected.map(str::to_owned));
    }
}
