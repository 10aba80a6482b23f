//! Public keys as PEM files have them (SPKI, RFC 5280): of RSA, and of the curve P-256. Just as
//! much of DER as these two are made of.

use base64::{Engine, engine::general_purpose::STANDARD};

/// What stands before the point of a P-256 key.
const P256: [u8; 26] = [
    0x30, 0x59, 0x30, 0x13, 0x06, 0x07, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x02, 0x01, 0x06, 0x08, 0x2a, 0x86, 0x48, 0xce,
    0x3d, 0x03, 0x01, 0x07, 0x03, 0x42, 0x00,
];
/// The algorithm of an RSA key: its name, and nothing more to say.
const RSA: [u8; 15] = [0x30, 0x0d, 0x06, 0x09, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x01, 0x05, 0x00];
const SEQUENCE: u8 = 0x30;
const BITS: u8 = 0x03;

/// Whether a text is a public key for one of the algorithms of tokens.
pub fn is_public_key(text: &str, algorithm: &str) -> bool {
    match algorithm {
        "RS256" => rsa(text).is_some(),
        "ES256" => p256(text).is_some(),
        _ => false,
    }
}

/// The point of a P-256 key.
pub(super) fn p256(text: &str) -> Option<Vec<u8>> {
    let der = der(text)?;
    let point = der.strip_prefix(&P256)?;
    // 4: both coordinates are there.
    (point.len() == 65 && point[0] == 4).then(|| point.to_vec())
}

/// Modulus and exponent of an RSA key (RFC 8017, A.1.1).
pub(super) fn rsa(text: &str) -> Option<Vec<u8>> {
    let der = der(text)?;
    let (whole, rest) = value(&der, SEQUENCE)?;
    let inner = whole.strip_prefix(&RSA)?;
    let (bits, end) = value(inner, BITS)?;
    let key = bits.strip_prefix(&[0])?;
    let (_, after) = value(key, SEQUENCE)?;
    (rest.is_empty() && end.is_empty() && after.is_empty()).then(|| key.to_vec())
}

/// What stands under a tag, and what comes after it.
fn value(der: &[u8], tag: u8) -> Option<(&[u8], &[u8])> {
    let rest = der.strip_prefix(&[tag])?;
    let (length, rest) = rest.split_first()?;
    let (length, rest) = match length {
        0..=0x7f => (usize::from(*length), rest),
        0x81..=0x83 => {
            let (digits, rest) = rest.split_at_checked(usize::from(length - 0x80))?;
            (digits.iter().fold(0, |all, digit| (all << 8) | usize::from(*digit)), rest)
        }
        _ => return None,
    };
    rest.split_at_checked(length)
}

/// The bytes of a PEM block with a public key.
fn der(text: &str) -> Option<Vec<u8>> {
    let (_, rest) = text.split_once("-----BEGIN PUBLIC KEY-----")?;
    let (body, _) = rest.split_once("-----END PUBLIC KEY-----")?;
    let body: String = body.chars().filter(|c| !c.is_whitespace()).collect();
    STANDARD.decode(body).ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use rstest::rstest;

    /// The public key of RFC 7515, A.3.
    const POINT: (&str, &str) = (
        "7fcdce2770f6c45d4183cbee6fdb4b7b580733357be9ef13bacf6e3c7bd15445",
        "c7f144cd1bbd9b7e872cdfedb9eeb9f4b3695d6ea90b24ad8a4623288588e5ad",
    );

    fn pem(der: &[u8]) -> String {
        let text = STANDARD.encode(der);
        let lines: Vec<&str> = text.as_bytes().chunks(64).filter_map(|line| std::str::from_utf8(line).ok()).collect();
        format!("-----BEGIN PUBLIC KEY-----\n{}\n-----END PUBLIC KEY-----\n", lines.join("\n"))
    }

    fn bytes(digits: &str) -> Vec<u8> {
        crate::proof::bytes_of(digits).expect("digits")
    }

    fn p256_der() -> Vec<u8> {
        let (x, y) = POINT;
        [&P256[..], &[4], &bytes(x), &bytes(y)].concat()
    }

    #[test]
    fn the_point_of_a_curve_is_found() {
        let point = p256(&pem(&p256_der())).expect("a key");
        assert_eq!((point.len(), point[0]), (65, 4));
        assert!(is_public_key(&pem(&p256_der()), "ES256"));
        assert!(!is_public_key(&pem(&p256_der()), "RS256"));
    }

    #[test]
    fn the_numbers_of_an_rsa_key_are_found() {
        // A key of 2,048 bits is 256 bytes, and a zero before them.
        let number = [&[0x02, 0x82, 0x01, 0x01, 0x00][..], &[0xc5; 256]].concat();
        let key = [&[0x30, 0x82, 0x01, 0x0a][..], &number, &[0x02, 0x03, 0x01, 0x00, 0x01]].concat();
        let bits = [&[0x03, 0x82, 0x01, 0x0f, 0x00][..], &key].concat();
        let whole = [&[0x30, 0x82, 0x01, 0x22][..], &RSA, &bits].concat();
        assert_eq!(rsa(&pem(&whole)), Some(key));
        for cut in [0, 10, 40, whole.len() - 1] {
            assert_eq!(rsa(&pem(&whole[..cut])), None, "cut at {cut}");
        }
        assert_eq!(rsa(&pem(&[&whole[..], &[0]].concat())), None, "something after it");
    }

    #[rstest]
    #[case("")]
    #[case("-----BEGIN PUBLIC KEY-----")]
    #[case("-----BEGIN PUBLIC KEY-----\n!!!\n-----END PUBLIC KEY-----")]
    #[case("-----BEGIN PRIVATE KEY-----\nMC4=\n-----END PRIVATE KEY-----")]
    fn what_is_no_public_key_is_none(#[case] text: &str) {
        assert_eq!((rsa(text), p256(text)), (None, None));
    }
}
