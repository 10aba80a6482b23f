//! Signatures of Standard Webhooks: HMAC-SHA256 over the id, the moment and the body, byte for
//! byte as it is sent.

use base64::{Engine, engine::general_purpose::STANDARD};
use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;

/// Before a secret, as people see it.
const PREFIX: &str = "whsec_";
/// Before a signature of this kind.
const VERSION: &str = "v1,";

/// With what messages are signed. Has no `Debug`, so that it gets into no log.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(Vec<u8>);

impl Secret {
    /// Bytes of a new one; the specification asks for 24 to 64.
    pub const LENGTH: usize = 32;

    /// From random bytes.
    pub fn new(bytes: [u8; Self::LENGTH]) -> Self {
        Self(bytes.to_vec())
    }

    /// From what people see; nothing when it is none.
    pub fn parse(text: &str) -> Option<Self> {
        let bytes = STANDARD.decode(text.trim().strip_prefix(PREFIX)?).ok()?;
        (24..=64).contains(&bytes.len()).then_some(Self(bytes))
    }

    /// As people see it: to be shown once.
    pub fn show(&self) -> String {
        format!("{PREFIX}{}", STANDARD.encode(&self.0))
    }
}

/// The signature of a message.
pub fn sign(secret: &Secret, id: &str, seconds: i64, body: &[u8]) -> String {
    format!("{VERSION}{}", STANDARD.encode(mac(secret, id, seconds, body).finalize().into_bytes()))
}

/// Whether one of these signatures, with blanks between them, is of one of these secrets.
/// Compared in a time that says nothing.
pub fn is_signed(secrets: &[Secret], id: &str, seconds: i64, body: &[u8], signatures: &str) -> bool {
    let given = signatures.split(' ').filter_map(|one| STANDARD.decode(one.strip_prefix(VERSION)?).ok());
    let given: Vec<Vec<u8>> = given.collect();
    secrets.iter().any(|secret| given.iter().any(|one| mac(secret, id, seconds, body).verify_slice(one).is_ok()))
}

fn mac(secret: &Secret, id: &str, seconds: i64, body: &[u8]) -> Hmac<Sha256> {
    let mut mac = <Hmac<Sha256> as KeyInit>::new_from_slice(&secret.0).expect("HMAC takes a key of any length");
    mac.update(format!("{id}.{seconds}.").as_bytes());
    mac.update(body);
    mac
}

#[cfg(test)]
mod tests {
    use super::*;
    use rstest::rstest;

    // The example that is known from the specification's own libraries.
    const SECRET: &str = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
    const ID: &str = "msg_p5jXN8AQM9LWM0D4loKWxJek";
    const SECONDS: i64 = 1_614_265_330;
    const BODY: &[u8] = br#"{"test": 2432232314}"#;
    const SIGNATURE: &str = "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=";

    fn secret() -> Secret {
        Secret::parse(SECRET).expect("a secret")
    }

    #[test]
    fn a_message_is_signed_as_the_specification_says() {
        assert_eq!(sign(&secret(), ID, SECONDS, BODY), SIGNATURE);
        assert_eq!(secret().show(), SECRET);
    }

    #[rstest]
    #[case::as_it_was_sent(ID, SECONDS, BODY, SIGNATURE, true)]
    #[case::with_others(ID, SECONDS, BODY, "v1a,xyz v1,AAAA v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=", true)]
    #[case::another_message("msg_other", SECONDS, BODY, SIGNATURE, false)]
    #[case::another_moment(ID, SECONDS + 1, BODY, SIGNATURE, false)]
    #[case::another_body(ID, SECONDS, br#"{"test": 2432232315}"#, SIGNATURE, false)]
    #[case::another_kind(ID, SECONDS, BODY, "v2,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=", false)]
    #[case::cut_off(ID, SECONDS, BODY, "v1,g0hM9SsE", false)]
    #[case::none(ID, SECONDS, BODY, "", false)]
    fn only_what_was_signed_is_believed(
        #[case] id: &str,
        #[case] seconds: i64,
        #[case] body: &[u8],
        #[case] signatures: &str,
        #[case] expected: bool,
    ) {
        assert_eq!(is_signed(&[secret()], id, seconds, body, signatures), expected);
        assert!(!is_signed(&[], id, seconds, body, signatures), "without a secret nothing is believed");
    }

    #[test]
    fn while_a_secret_takes_the_place_of_another_both_are_believed() {
        let new = Secret::new([7; Secret::LENGTH]);
        assert!(is_signed(&[new.clone(), secret()], ID, SECONDS, BODY, SIGNATURE));
        assert!(!is_signed(&[new], ID, SECONDS, BODY, SIGNATURE));
    }

    #[rstest]
    #[case::no_prefix("MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")]
    #[case::too_short("whsec_MfKQ9r8G")]
    #[case::no_base64("whsec_!!!!9r8GKYqrTwjUPD8ILPZIo2LaLaSw")]
    fn what_is_no_secret_is_none(#[case] text: &str) {
        assert!(Secret::parse(text).is_none());
    }
}
