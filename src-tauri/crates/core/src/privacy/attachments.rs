//! Files of the person beside the rows that tell of them. Their paths are made here, of a number,
//! the hash of what is in them and an ending that is one.

use crate::{
    core::Core,
    error::{Code, Error},
};
use base64::{Engine, engine::general_purpose::STANDARD};
use cardfile_domain::{Sentence, say};
use serde_json::{Map, Value};
use sha2::{Digest, Sha256};
use std::io::Read;

/// A file of the person.
pub(super) struct Attachment {
    pub(super) path: String,
    pub(super) content: Attached,
}

/// Where the bytes of a file are.
pub(super) enum Attached {
    Bytes(Vec<u8>),
    /// In the workspace, under this name.
    Blob(String),
}

/// Puts the bytes of a picture or a file beside the rows. Gives the path.
pub(super) fn attach(
    core: &Core,
    table: &str,
    row: &mut Map<String, Value>,
    all: &mut Vec<Attachment>,
) -> Result<Option<String>, Error> {
    let number = all.len() + 1;
    let path = |hash: &str, ending: &str| format!("attachments/{number}-{hash}.{ending}");
    let (path, content) = match table {
        "avatar" => {
            let png = row.shift_remove("png").unwrap_or_default();
            let bytes = STANDARD.decode(png.as_str().unwrap_or_default());
            let bytes = bytes.map_err(|error| Error::new(Code::Damaged, Sentence::verbatim(error)))?;
            (path(&short_hash(&mut &bytes[..])?, "png"), Attached::Bytes(bytes))
        }
        "file" => {
            let blob = row.shift_remove("blob").unwrap_or_default();
            let blob = blob.as_str().unwrap_or_default().to_owned();
            let name = row.get("name").and_then(Value::as_str).unwrap_or_default();
            let hash = short_hash(&mut core.store().blob(&blob)?)?;
            (path(&hash, &ending(name)), Attached::Blob(blob))
        }
        _ => return Ok(None),
    };
    all.push(Attachment { path: path.clone(), content });
    Ok(Some(path))
}

/// The ending of a name, where it is one: nothing else of what somebody typed becomes a path.
fn ending(name: &str) -> String {
    let ending = name.rsplit_once('.').map(|(_, ending)| ending.to_lowercase()).unwrap_or_default();
    let is_one = (1..=8).contains(&ending.len()) && ending.bytes().all(|byte| byte.is_ascii_alphanumeric());
    if is_one { ending } else { "bin".to_owned() }
}

fn short_hash(bytes: &mut dyn Read) -> Result<String, Error> {
    let (mut hash, mut buffer) = (Sha256::new(), vec![0; 1 << 16]);
    loop {
        match bytes.read(&mut buffer) {
            Ok(0) => break,
            Ok(read) => hash.update(&buffer[..read]),
            Err(error) => {
                return Err(Error::new(Code::Damaged, say!("a file of the person cannot be read"))
                    .hint(Sentence::verbatim(error)));
            }
        }
    }
    Ok(hash.finalize().iter().take(4).map(|byte| format!("{byte:02x}")).collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use rstest::rstest;

    #[rstest]
    #[case("Contract 2026.PDF", "pdf")]
    #[case("archive.tar.gz", "gz")]
    #[case("no ending", "bin")]
    #[case("../../x.s h", "bin")]
    #[case("a.ñandú", "bin")]
    fn only_the_ending_of_a_name_becomes_part_of_a_path(#[case] name: &str, #[case] expected: &str) {
        assert_eq!(ending(name), expected);
    }
}
