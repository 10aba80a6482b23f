//! Who is let in, decided from the head of a request alone, before it is known what it asks and
//! before a byte of its body is read: only programs of this computer that mean this address.
//! A page in a browser is never one, whatever it says.

use crate::answer::Problem;
use http::{HeaderMap, HeaderName, Method, StatusCode, Uri, Version, header, request::Parts};
use std::net::IpAddr;

/// Kinds of bodies that are taken anywhere.
pub(crate) const TYPES: [&str; 4] =
    ["application/json", "application/merge-patch+json", "application/x-ndjson", "text/csv"];

/// Where the door is, and which origins the owner lets in.
#[derive(Debug, Clone, Default)]
pub(crate) struct Door {
    pub(crate) port: u16,
    pub(crate) origins: Vec<String>,
}

fn away(detail: &str) -> Problem {
    Problem::new(StatusCode::FORBIDDEN, "turned_away", detail)
}

impl Door {
    /// Looks at everything but the token.
    pub(crate) fn look(&self, head: &Parts, peer: IpAddr) -> Result<(), Problem> {
        if !peer.is_loopback() {
            return Err(away("only programs of this computer are let in"));
        }
        self.look_at_host(&head.uri, &head.headers, head.version)?;
        self.look_at_origin(&head.headers)?;
        if head.method == Method::OPTIONS {
            // What a browser asks before it lets a page of another site in.
            return Err(away("no page of another site is let in"));
        }
        if head.headers.contains_key(header::UPGRADE) || head.method == Method::CONNECT {
            return Err(Problem::bad_request("nothing else than HTTP is spoken here"));
        }
        if head.headers.contains_key(header::TRANSFER_ENCODING) {
            return Err(length_required());
        }
        look_at_path(head.uri.path())
    }

    /// Exactly one address, and it is ours as a program of this computer knows it. A name that
    /// only leads here is how pages of other sites come in (DNS rebinding).
    fn look_at_host(&self, uri: &Uri, headers: &HeaderMap, version: Version) -> Result<(), Problem> {
        if uri.scheme().is_some() || uri.authority().is_some() || !uri.path().starts_with('/') {
            return Err(Problem::bad_request("the target of a request is a path"));
        }
        let named = only(headers, &header::HOST)?;
        let Some(host) = named else {
            return Err(Problem::bad_request(format!("{version:?} without a Host is not taken")));
        };
        let port = self.port;
        let ours = [format!("127.0.0.1:{port}"), format!("localhost:{port}"), format!("[::1]:{port}")];
        if !ours.iter().any(|one| one == host) {
            return Err(away("this is not the address that was asked for"));
        }
        for name in ["forwarded", "x-forwarded-host", "x-forwarded-for", "x-forwarded-proto", "x-original-host"] {
            if headers.contains_key(name) {
                return Err(away("no request is passed on to here"));
            }
        }
        Ok(())
    }

    /// A program says no origin. A page says one, and only those the owner wrote down are let in.
    fn look_at_origin(&self, headers: &HeaderMap) -> Result<(), Problem> {
        if let Some(origin) = only(headers, &header::ORIGIN)?
            && !self.origins.iter().any(|one| one == origin)
        {
            return Err(away("pages of this origin are not let in"));
        }
        match only(headers, &HeaderName::from_static("sec-fetch-site"))? {
            None | Some("none" | "same-origin") => Ok(()),
            Some(_) => Err(away("requests of other sites are not let in")),
        }
    }
}

/// No way out of the tree, however it is written.
fn look_at_path(path: &str) -> Result<(), Problem> {
    let folded = path.to_ascii_lowercase();
    let is_way_out = folded.split('/').any(|part| matches!(part, "." | "..")) || folded.contains("//");
    let is_hidden = ["%2e", "%2f", "%5c", "%00", "\\"].iter().any(|sign| folded.contains(sign));
    if is_way_out || is_hidden { Err(Problem::bad_request("the path is not a plain one")) } else { Ok(()) }
}

/// The one value of a header; two are refused, because two readers may take different ones.
fn only<'h>(headers: &'h HeaderMap, name: &HeaderName) -> Result<Option<&'h str>, Problem> {
    let mut all = headers.get_all(name).iter();
    let Some(first) = all.next() else { return Ok(None) };
    if all.next().is_some() {
        return Err(Problem::bad_request(format!("{name} is said twice")));
    }
    first.to_str().map(Some).map_err(|_| Problem::bad_request(format!("{name} is no text")))
}

/// The token of who asks. Anything but one bearer token is no token.
pub(crate) fn token(headers: &HeaderMap) -> Option<&str> {
    let said = only(headers, &header::AUTHORIZATION).ok().flatten()?;
    let (scheme, token) = said.split_once(' ')?;
    let is_plain = token.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-'));
    (scheme.eq_ignore_ascii_case("bearer") && is_plain).then_some(token)
}

/// Who asks is not known: the same whatever is wrong with the token.
pub(crate) fn unknown() -> Problem {
    Problem::new(StatusCode::UNAUTHORIZED, "unauthorized", "a token that counts is needed")
        .with(header::WWW_AUTHENTICATE, "Bearer realm=\"cardfile\"")
}

/// A body that is announced.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Announced {
    /// How long it is; 0 for none.
    pub(crate) length: u64,
    /// One of [`TYPES`]; nothing for none.
    pub(crate) kind: Option<&'static str>,
}

/// What body is announced, and whether it may be sent at all.
pub(crate) fn announced(head: &Parts) -> Result<Announced, Problem> {
    let length = match only(&head.headers, &header::CONTENT_LENGTH)? {
        None => 0,
        Some(text) => text.parse().map_err(|_| Problem::bad_request("the length is no number"))?,
    };
    if length == 0 {
        return Ok(Announced { length, kind: None });
    }
    if matches!(head.method, Method::GET | Method::HEAD | Method::DELETE | Method::TRACE) {
        return Err(Problem::bad_request(format!("{} takes no body", head.method)));
    }
    if head.headers.contains_key(header::CONTENT_ENCODING) {
        return Err(unsupported("a body is taken as it is, and not packed"));
    }
    let said = only(&head.headers, &header::CONTENT_TYPE)?.unwrap_or_default();
    let kind = kind_of(said).ok_or_else(|| unsupported("this form of a body is not taken"))?;
    Ok(Announced { length, kind: Some(kind) })
}

/// The kind of a body, if its signs are those of everybody.
fn kind_of(said: &str) -> Option<&'static str> {
    let (kind, rest) = said.split_once(';').unwrap_or((said, ""));
    let is_utf8 = match rest.trim() {
        "" => true,
        rest => {
            let charset = rest.split_once('=').filter(|(name, _)| name.trim().eq_ignore_ascii_case("charset"));
            charset.is_some_and(|(_, value)| value.trim().trim_matches('"').eq_ignore_ascii_case("utf-8"))
        }
    };
    TYPES.into_iter().find(|known| is_utf8 && kind.trim().eq_ignore_ascii_case(known))
}

pub(crate) fn unsupported(detail: &str) -> Problem {
    Problem::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, "unsupported_type", detail)
}

pub(crate) fn length_required() -> Problem {
    Problem::new(StatusCode::LENGTH_REQUIRED, "length_required", "say Content-Length, and no Transfer-Encoding")
}

/// Whether a program takes a kind of answer.
pub(crate) fn accepts(headers: &HeaderMap, kind: &str) -> bool {
    let Some(accepted) = headers.get(header::ACCEPT).and_then(|value| value.to_str().ok()) else { return true };
    let family = kind.split('/').next().unwrap_or_default();
    accepted.split(',').any(|one| {
        let range = one.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
        range == "*/*" || range == kind || range.strip_suffix("/*") == Some(family)
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use http::Request;
    use rstest::rstest;
    use std::net::Ipv4Addr;

    const HERE: IpAddr = IpAddr::V4(Ipv4Addr::LOCALHOST);

    fn door() -> Door {
        Door { port: 8123, origins: vec!["https://shop.example".to_owned()] }
    }

    fn head(method: &str, target: &str, headers: &[(&str, &str)]) -> Parts {
        let mut request = Request::builder().method(method).uri(target);
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        request.body(()).expect("a request").into_parts().0
    }

    #[rstest]
    #[case("127.0.0.1:8123")]
    #[case("localhost:8123")]
    #[case("[::1]:8123")]
    fn the_three_names_of_this_address_are_let_in(#[case] host: &str) {
        assert_eq!(door().look(&head("GET", "/v1/contacts", &[("host", host)]), HERE), Ok(()));
    }

    #[rstest]
    #[case::foreign("evil.example")]
    #[case::foreign_with_the_port("evil.example:8123")]
    #[case::begins_like_ours("127.0.0.1.evil.example:8123")]
    #[case::no_port("127.0.0.1")]
    #[case::another_port("127.0.0.1:8124")]
    #[case::any("0.0.0.0:8123")]
    #[case::short("127.1:8123")]
    #[case::a_number("2130706433:8123")]
    #[case::hexadecimal("0x7f000001:8123")]
    #[case::with_a_point("localhost.:8123")]
    #[case::capitals("LOCALHOST:8123")]
    fn every_other_name_is_turned_away(#[case] host: &str) {
        let refused = door().look(&head("GET", "/v1/contacts", &[("host", host)]), HERE).expect_err(host);
        assert_eq!(refused.status, StatusCode::FORBIDDEN);
    }

    #[rstest]
    #[case::from_elsewhere("GET", "/v1/contacts", &[], 400)]
    #[case::two_hosts("GET", "/", &[("host", "127.0.0.1:8123"), ("host", "127.0.0.1:8123")], 400)]
    #[case::whole_address("GET", "http://evil.example/v1/contacts", &[("host", "127.0.0.1:8123")], 400)]
    #[case::passed_on("GET", "/", &[("host", "127.0.0.1:8123"), ("x-forwarded-host", "evil.example")], 403)]
    #[case::a_page("GET", "/", &[("host", "127.0.0.1:8123"), ("origin", "https://evil.example")], 403)]
    #[case::nobody("GET", "/", &[("host", "127.0.0.1:8123"), ("origin", "null")], 403)]
    #[case::another_site("GET", "/", &[("host", "127.0.0.1:8123"), ("sec-fetch-site", "cross-site")], 403)]
    #[case::asked_before("OPTIONS", "/", &[("host", "127.0.0.1:8123")], 403)]
    #[case::another_protocol("GET", "/", &[("host", "127.0.0.1:8123"), ("upgrade", "websocket")], 400)]
    #[case::in_parts("POST", "/", &[("host", "127.0.0.1:8123"), ("transfer-encoding", "chunked")], 411)]
    #[case::a_way_out("GET", "/v1/../secret", &[("host", "127.0.0.1:8123")], 400)]
    #[case::a_hidden_way_out("GET", "/v1/%2e%2e/secret", &[("host", "127.0.0.1:8123")], 400)]
    fn what_no_program_of_this_computer_says_is_turned_away(
        #[case] method: &str,
        #[case] target: &str,
        #[case] headers: &[(&str, &str)],
        #[case] status: u16,
    ) {
        let refused = door().look(&head(method, target, headers), HERE).expect_err("turned away");
        assert_eq!(refused.status.as_u16(), status, "{}", refused.detail);
    }

    #[test]
    fn an_origin_that_was_written_down_is_let_in_and_another_computer_never() {
        let asked = head("GET", "/", &[("host", "127.0.0.1:8123"), ("origin", "https://shop.example")]);
        assert_eq!(door().look(&asked, HERE), Ok(()));
        let far = IpAddr::V4(Ipv4Addr::new(192, 168, 1, 7));
        assert_eq!(door().look(&asked, far).expect_err("far").status, StatusCode::FORBIDDEN);
    }

    #[rstest]
    #[case("Bearer abc_-9", Some("abc_-9"))]
    #[case("bearer abc", Some("abc"))]
    #[case("Basic YTpi", None)]
    #[case("Bearer a b", None)]
    #[case("abc", None)]
    fn only_a_bearer_token_is_one(#[case] said: &str, #[case] token: Option<&str>) {
        let head = head("GET", "/", &[("authorization", said)]);
        assert_eq!(super::token(&head.headers), token);
    }

    #[rstest]
    #[case("POST", &[("content-length", "2"), ("content-type", "application/json")], Ok(2))]
    #[case("POST", &[("content-length", "2"), ("content-type", "Application/JSON; charset=UTF-8")], Ok(2))]
    #[case("POST", &[], Ok(0))]
    #[case("POST", &[("content-length", "2")], Err(415))]
    #[case("POST", &[("content-length", "2"), ("content-type", "text/plain")], Err(415))]
    #[case("POST", &[("content-length", "2"), ("content-type", "application/json; charset=utf-16")], Err(415))]
    #[case("POST", &[("content-length", "2"), ("content-type", "multipart/form-data; boundary=x")], Err(415))]
    #[case("GET", &[("content-length", "2"), ("content-type", "application/json")], Err(400))]
    #[case("DELETE", &[("content-length", "2"), ("content-type", "application/json")], Err(400))]
    #[case("POST", &[("content-length", "-1")], Err(400))]
    fn a_body_is_taken_by_what_is_announced(
        #[case] method: &str,
        #[case] headers: &[(&str, &str)],
        #[case] expected: Result<u64, u16>,
    ) {
        let found = announced(&head(method, "/", headers));
        assert_eq!(found.map(|body| body.length).map_err(|problem| problem.status.as_u16()), expected);
    }

    #[rstest]
    #[case(None, true)]
    #[case(Some("*/*"), true)]
    #[case(Some("text/html, application/json;q=0.5"), true)]
    #[case(Some("application/*"), true)]
    #[case(Some("text/event-stream"), false)]
    fn a_stream_of_events_is_not_offered(#[case] accept: Option<&str>, #[case] expected: bool) {
        let headers: Vec<(&str, &str)> = accept.map(|accept| ("accept", accept)).into_iter().collect();
        assert_eq!(accepts(&head("GET", "/", &headers).headers, "application/json"), expected);
    }
}
