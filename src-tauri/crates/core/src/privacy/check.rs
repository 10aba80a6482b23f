//! Checking a bundle that somebody holds in hand: no workspace is needed for it.

use crate::error::Error;
use cardfile_domain::say;
use cardfile_formats::{
    dsar::{self, Verified},
    minisign::PublicKey,
};
use std::{fs::File, io::BufReader, path::Path};

/// Checks a bundle; with the key that is expected, `RW…` or the text of its file, or else with the
/// one that lies in the bundle.
pub fn verify(file: &Path, key: Option<&str>) -> Result<Verified, Error> {
    let expected = key
        .map(|text| {
            PublicKey::parse(text).ok_or_else(|| {
                Error::bad_request(say!("this is no public key")).hint(say!("It begins with RW and has 56 signs."))
            })
        })
        .transpose()?;
    let fail = |error: std::io::Error| Error::io(file, &error);
    let mut opened = BufReader::new(File::open(file).map_err(fail)?);
    dsar::verify(&mut opened, expected.as_ref()).map_err(fail)
}
