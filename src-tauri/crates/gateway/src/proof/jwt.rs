//! Signed tokens (JWT, RFC 7519), read as RFC 8725 asks: the algorithm is that of the key and
//! never that of the token, a token says for how long it counts, who made it and for whom where
//! the key asks so, and is not longer than anybody needs.

use crate::json;
use crate::proof::pem;
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use cardfile_core::{IdentityKey, domain::Millis, identify::Proof};
use ring::{
    hmac,
    signature::{ECDSA_P256_SHA256_FIXED, RSA_PKCS1_2048_8192_SHA256, UnparsedPublicKey, VerificationAlgorithm},
};
use serde_json::{Map, Value};

/// Bytes of the longest token.
const LONGEST: usize = 8 << 10;
/// Clocks of two computers differ by so much.
const LEEWAY_MS: i64 = 60_000;
/// A token that counts longer than this was made by mistake.
const LIFE_MS: i64 = 25 * 3_600_000;

/// Which key a token says that it was signed with. Nothing of it is believed: it is a name.
pub(super) fn kid(token: &str) -> Option<String> {
    let (head, _) = token.split_once('.').filter(|_| token.len() <= LONGEST)?;
    let kid = object(head)?.get("kid")?.as_str()?.to_owned();
    (kid.len() <= 200).then_some(kid)
}

fn object(part: &str) -> Option<Map<String, Value>> {
    let bytes = URL_SAFE_NO_PAD.decode(part).ok()?;
    match json::read(&bytes).ok()? {
        Value::Object(map) => Some(map),
        _ => None,
    }
}

/// What a token says, if it holds.
pub(super) fn verify(token: &str, key: &IdentityKey, secret: Option<&[u8]>, now: Millis) -> Option<Proof> {
    if token.len() > LONGEST {
        return None;
    }
    let parts: Vec<&str> = token.split('.').collect();
    let [head, body, signature] = parts[..] else { return None };
    let head = object(head)?;
    let kind = head.get("typ").map_or(Some("JWT"), Value::as_str)?;
    // What a token says of its algorithm is compared, and never followed.
    if head.get("alg")?.as_str()? != key.algorithm || !kind.eq_ignore_ascii_case("jwt") || head.contains_key("crit") {
        return None;
    }
    let signature = URL_SAFE_NO_PAD.decode(signature).ok()?;
    let signed = &token.as_bytes()[..token.rfind('.')?];
    if !is_signed(key, secret, signed, &signature) {
        return None;
    }
    believed(object(body)?, key, now)
}

fn is_signed(key: &IdentityKey, secret: Option<&[u8]>, signed: &[u8], signature: &[u8]) -> bool {
    let by = |algorithm: &'static dyn VerificationAlgorithm, public: Option<Vec<u8>>| {
        public.is_some_and(|public| UnparsedPublicKey::new(algorithm, public).verify(signed, signature).is_ok())
    };
    match key.algorithm.as_str() {
        "HS256" => secret
            .is_some_and(|secret| hmac::verify(&hmac::Key::new(hmac::HMAC_SHA256, secret), signed, signature).is_ok()),
        "RS256" => by(&RSA_PKCS1_2048_8192_SHA256, pem::rsa(&key.public_key)),
        "ES256" => by(&ECDSA_P256_SHA256_FIXED, pem::p256(&key.public_key)),
        _ => false,
    }
}

/// What is said under a signature that holds, if it counts now and is for us.
fn believed(mut said: Map<String, Value>, key: &IdentityKey, now: Millis) -> Option<Proof> {
    let moment = |said: &Map<String, Value>, name: &str| -> Option<Option<i64>> {
        match said.get(name) {
            None => Some(None),
            // Seconds, whole or not (RFC 7519, 2).
            Some(value) => value.as_f64().filter(|at| (0.0..1e12).contains(at)).map(|at| Some((at * 1000.0) as i64)),
        }
    };
    let expires_at = moment(&said, "exp")??;
    if now.0 >= expires_at.saturating_add(LEEWAY_MS) || expires_at - now.0 > LIFE_MS {
        return None;
    }
    for name in ["nbf", "iat"] {
        if moment(&said, name)?.is_some_and(|at| at > now.0.saturating_add(LEEWAY_MS)) {
            return None;
        }
    }
    if !key.issuer.is_empty() && said.get("iss").and_then(Value::as_str) != Some(key.issuer.as_str()) {
        return None;
    }
    if !is_for(&said, &key.audience) {
        return None;
    }
    let once = match said.get("jti") {
        None => None,
        Some(Value::String(once)) if !once.is_empty() && once.len() <= 500 => Some(once.clone()),
        Some(_) => return None,
    };
    let user_id = user_id(&said)?;
    for name in ["exp", "nbf", "iat", "iss", "aud", "jti", "sub", "user_id", "external_id"] {
        said.shift_remove(name);
    }
    Some(Proof { user_id, once, expires_at: Some(Millis(expires_at.saturating_add(LEEWAY_MS))), claims: said })
}

/// A token that is for somebody else is not for us, and one that names somebody while the key
/// names nobody may be for anybody.
fn is_for(said: &Map<String, Value>, audience: &str) -> bool {
    match said.get("aud") {
        None => audience.is_empty(),
        Some(Value::String(one)) => one == audience,
        Some(Value::Array(all)) => !audience.is_empty() && all.iter().any(|one| one.as_str() == Some(audience)),
        Some(_) => false,
    }
}

/// The external ID: one word for it, or several that say the same.
fn user_id(said: &Map<String, Value>) -> Option<String> {
    let mut all = ["user_id", "external_id"].into_iter().filter_map(|name| said.get(name)).peekable();
    let first = match all.peek() {
        Some(first) => (*first).clone(),
        None => said.get("sub")?.clone(),
    };
    let same = all.all(|other| *other == first);
    let text = match &first {
        Value::String(text) => text.clone(),
        // A larger one was rounded on its way.
        Value::Number(number) if number.is_i64() || number.is_u64() => number.to_string(),
        _ => return None,
    };
    (same && !text.is_empty() && text.len() <= 500).then_some(text)
}

#[cfg(test)]
mod tests {
    use super::*;
    use rstest::rstest;
    use serde_json::json;

    const SECRET: &[u8] = b"a secret of thirty-two characters";
    const NOW: Millis = Millis(1_800_000_000_000);

    fn key() -> IdentityKey {
        IdentityKey {
            algorithm: "HS256".into(),
            issuer: "https://shop.example".into(),
            audience: "cardfile".into(),
            ..IdentityKey::default()
        }
    }

    fn said() -> Value {
        json!({ "user_id": "V-17", "iss": "https://shop.example", "aud": "cardfile", "exp": 1_800_000_600,
            "name": "Ana" })
    }

    fn part(value: &Value) -> String {
        URL_SAFE_NO_PAD.encode(value.to_string())
    }

    fn token(head: &Value, body: &Value) -> String {
        let signed = format!("{}.{}", part(head), part(body));
        let tag = hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, SECRET), signed.as_bytes());
        format!("{signed}.{}", URL_SAFE_NO_PAD.encode(tag.as_ref()))
    }

    fn head() -> Value {
        json!({ "alg": "HS256", "typ": "JWT" })
    }

    fn checked(head: &Value, body: &Value) -> Option<Proof> {
        verify(&token(head, body), &key(), Some(SECRET), NOW)
    }

    #[test]
    fn a_token_that_holds_says_who_and_what() {
        let proof = checked(&head(), &said()).expect("it holds");
        assert_eq!((proof.user_id.as_str(), proof.once), ("V-17", None));
        assert_eq!(Value::Object(proof.claims), json!({ "name": "Ana" }));
    }

    #[rstest]
    #[case::no_algorithm(json!({ "alg": "none" }))]
    #[case::another_algorithm(json!({ "alg": "RS256" }))]
    #[case::small_letters(json!({ "alg": "hs256" }))]
    #[case::no_word_for_it(json!({ "typ": "JWT" }))]
    #[case::another_kind(json!({ "alg": "HS256", "typ": "at+jwt" }))]
    #[case::something_critical(json!({ "alg": "HS256", "crit": ["b64"], "b64": false }))]
    fn a_head_that_asks_for_something_else_is_refused(#[case] head: Value) {
        assert_eq!(checked(&head, &said()), None);
    }

    #[rstest]
    #[case::without_an_end("exp", Value::Null)]
    #[case::over("exp", json!(1_799_999_900))]
    #[case::for_a_year("exp", json!(1_831_536_000))]
    #[case::an_end_in_words("exp", json!("soon"))]
    #[case::not_yet("nbf", json!(1_800_000_100))]
    #[case::made_tomorrow("iat", json!(1_800_086_400))]
    #[case::of_somebody_else("iss", json!("https://evil.example"))]
    #[case::for_somebody_else("aud", json!("another"))]
    #[case::for_nobody("aud", Value::Null)]
    #[case::of_nobody("user_id", Value::Null)]
    #[case::an_empty_id("user_id", json!(""))]
    #[case::a_list_of_ids("user_id", json!(["V-17"]))]
    #[case::two_ids("external_id", json!("V-18"))]
    #[case::an_empty_name_of_itself("jti", json!(""))]
    fn what_does_not_count_is_refused(#[case] name: &str, #[case] value: Value) {
        let mut body = said();
        let map = body.as_object_mut().expect("an object");
        if value.is_null() {
            map.shift_remove(name);
        } else {
            map.insert(name.to_owned(), value);
        }
        assert_eq!(checked(&head(), &body), None);
    }

    #[rstest]
    #[case("aud", json!(["other", "cardfile"]))]
    #[case("exp", json!(1_799_999_990))]
    #[case("external_id", json!("V-17"))]
    #[case("sub", json!("ana"))]
    fn what_counts_is_taken(#[case] name: &str, #[case] value: Value) {
        let mut body = said();
        body[name] = value;
        assert_eq!(checked(&head(), &body).map(|proof| proof.user_id).as_deref(), Some("V-17"));
    }

    #[test]
    fn a_subject_is_an_id_where_no_other_word_says_it() {
        let mut body = said();
        body.as_object_mut().expect("an object").shift_remove("user_id");
        body["sub"] = json!(17);
        assert_eq!(checked(&head(), &body).map(|proof| proof.user_id).as_deref(), Some("17"));
    }

    #[test]
    fn not_a_byte_may_be_another() {
        let whole = token(&head(), &said());
        for at in (0..whole.len()).step_by(7) {
            let mut bytes = whole.clone().into_bytes();
            bytes[at] = if bytes[at] == b'A' { b'B' } else { b'A' };
            let changed = String::from_utf8(bytes).expect("text");
            assert_eq!(verify(&changed, &key(), Some(SECRET), NOW), None, "byte {at}");
        }
        for broken in ["", ".", "..", "a.b", &format!("{whole}."), &format!("{whole}.x"), &"a".repeat(LONGEST + 1)] {
            assert_eq!(verify(broken, &key(), Some(SECRET), NOW), None);
        }
        assert_eq!(verify(&whole, &key(), Some(b"another secret of thirty-two signs"), NOW), None);
        assert_eq!(verify(&whole, &key(), None, NOW), None);
    }

    #[test]
    fn a_public_key_is_no_secret() {
        // The oldest trick: sign with the public key as if it were the secret.
        let key = IdentityKey { algorithm: "RS256".into(), public_key: "-----BEGIN…".into(), ..key() };
        let signed = token(&head(), &said());
        assert_eq!(verify(&signed, &key, Some(SECRET), NOW), None);
        let lied = token(&json!({ "alg": "RS256" }), &said());
        assert_eq!(verify(&lied, &key, Some(SECRET), NOW), None);
    }

    #[test]
    fn a_key_twice_in_a_token_is_refused() {
        let body =
            r#"{"user_id":"V-17","user_id":"V-18","exp":1800000600,"iss":"https://shop.example","aud":"cardfile"}"#;
        let signed = format!("{}.{}", part(&head()), URL_SAFE_NO_PAD.encode(body));
        let tag = hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, SECRET), signed.as_bytes());
        let token = format!("{signed}.{}", URL_SAFE_NO_PAD.encode(tag.as_ref()));
        assert_eq!(verify(&token, &key(), Some(SECRET), NOW), None);
    }

    #[test]
    fn the_name_of_a_key_is_read_and_nothing_else() {
        let named = token(&json!({ "alg": "HS256", "kid": "shop" }), &said());
        assert_eq!(kid(&named).as_deref(), Some("shop"));
        assert_eq!(kid(&token(&head(), &said())), None);
        assert_eq!(kid("x"), None);
    }
}
