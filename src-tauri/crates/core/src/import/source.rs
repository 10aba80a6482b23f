//! A file that is read, more than once: first for the keys that occur again, then for its records.
//! How its columns were mapped is kept for the next one that has the same.

use super::{ImportRequest, look, shape_of};
use crate::{
    core::{Core, Who},
    error::Error,
};
use cardfile_domain::{
    Contact, CustomField, CustomKind, Region,
    import::{Key, keys},
    say,
};
use cardfile_formats::{
    file::Shape,
    mapping::{Reading, Target},
    record::{ReadError, RecordReader},
};
use cardfile_store::{RecordHash, Tx};
use sha2::{Digest, Sha256};
use std::{
    collections::HashSet,
    hash::{BuildHasher, RandomState},
};

/// Setting that keeps the mapping of a header; its hash follows.
const MAPPING: &str = "import_mapping.";

/// A file with its shape and the choices of the person.
pub(super) struct Source<'r> {
    pub(super) request: &'r ImportRequest,
    pub(super) shape: Shape,
    /// Whether the mapping is the one of an earlier file with the same columns.
    pub(super) is_remembered: bool,
    region: Option<Region>,
    fields: Vec<CustomField>,
    hasher: RandomState,
}

impl<'r> Source<'r> {
    pub(super) fn open(core: &Core, request: &'r ImportRequest) -> Result<Self, Error> {
        let mut shape = match &request.bytes {
            Some(_) => shape_of(core, &|| request.open(), &request.choices)?,
            None => look(core, &request.file, &request.choices)?,
        };
        if let Some(targets) = &request.targets {
            let (given, columns) = (targets.len(), shape.header.len());
            if given != columns {
                return Err(Error::bad_request(say!(
                    "the mapping has {given} columns, the file {columns}",
                    given,
                    columns
                )));
            }
            shape.targets.clone_from(targets);
        }
        let mut is_remembered = false;
        if request.targets.is_none()
            && let Some(targets) = remembered(core, &shape)?
        {
            is_remembered = targets != shape.targets;
            shape.targets = targets;
        }
        let (region, fields) = (core.region()?, core.custom_fields()?);
        Ok(Self { request, shape, is_remembered, region, fields, hasher: RandomState::new() })
    }

    /// The mapping that a person chose is taken again for the next file with
    /// the same columns.
    pub(super) fn remember_mapping(&self, core: &Core, who: &Who) -> Result<(), Error> {
        let (Some(targets), Some(key)) = (&self.request.targets, mapping_key(&self.shape)) else { return Ok(()) };
        let texts: Vec<String> = targets
            .iter()
            .map(|target| match target {
                // The field is there now.
                Target::NewField(label) => cardfile_domain::custom::key_for(label).map_or(Target::Skip, Target::Custom),
                known => known.clone(),
            })
            .map(|target| target.to_string())
            .collect();
        core.set_setting(&key, &serde_json::json!(texts), who)
    }

    pub(super) fn records(&self) -> Result<Box<dyn RecordReader + '_>, Error> {
        let fail = |e: std::io::Error| Error::io(&self.request.file, &e);
        let file = self.request.open().map_err(fail)?;
        self.shape.records(file, Reading::new(self.region, &self.fields)).map_err(fail)
    }

    /// How many records there are, and the keys that occur more than once.
    /// Only those have to be remembered while the file is read.
    pub(super) fn keys(&self) -> Result<(u64, HashSet<u64>), Error> {
        let mut all: Vec<u64> = Vec::new();
        let mut total = 0;
        let mut records = self.records()?;
        while let Some(record) = records.next_keys() {
            total += 1;
            match record {
                Ok(record) => all.extend(self.hashes(&record.contact).map(|(hash, _)| hash)),
                Err(ReadError::Reject(_)) => {}
                Err(ReadError::Refusal(refusal)) => return Err(refusal.into()),
            }
        }
        all.sort_unstable();
        let repeated = all.windows(2).filter(|pair| pair[0] == pair[1]).map(|pair| pair[0]).collect();
        Ok((total, repeated))
    }

    /// The keys of a record as numbers, best first; a record without any key is
    /// known by the hash of all it says.
    pub(super) fn hashes<'c>(&self, contact: &'c Contact) -> impl Iterator<Item = (u64, Option<Key<'c>>)> {
        let whole = keys(contact).next().is_none().then(|| (self.hasher.hash_one(self.record_hash(contact)), None));
        keys(contact).map(|key| (self.hasher.hash_one(key), Some(key))).chain(whole)
    }

    pub(super) fn record_hash(&self, contact: &Contact) -> RecordHash {
        let mut hash = Sha256::new();
        hash.update(self.shape.dialect.unwrap_or(self.shape.format));
        hash.update(serde_json::to_vec(contact).unwrap_or_default());
        let mut short = RecordHash::default();
        short.copy_from_slice(&hash.finalize()[..16]);
        short
    }

    /// Custom fields that the mapping asks for and the workspace lacks.
    pub(super) fn make_fields(&self, tx: &mut Tx<'_>) -> Result<(), Error> {
        for target in &self.shape.targets {
            let (key, label) = match target {
                Target::NewField(label) => (cardfile_domain::custom::key_for(label), label.clone()),
                Target::Custom(key) => (Some(key.clone()), cardfile_domain::custom::label_for(key)),
                _ => continue,
            };
            if let Some(key) = key.filter(|key| !self.fields.iter().any(|field| field.key == *key)) {
                tx.put_custom_field(&CustomField { key, label, kind: CustomKind::Text, options: Vec::new() })?;
            }
        }
        Ok(())
    }
}

/// The setting under which the mapping of such a header is kept.
fn mapping_key(shape: &Shape) -> Option<String> {
    let hash = Sha256::digest(shape.header_key()?);
    Some(hash[..16].iter().fold(MAPPING.to_owned(), |key, byte| format!("{key}{byte:02x}")))
}

fn remembered(core: &Core, shape: &Shape) -> Result<Option<Vec<Target>>, Error> {
    let Some(key) = mapping_key(shape) else { return Ok(None) };
    let kept = core.setting(&key)?;
    let texts = kept.as_ref().and_then(serde_json::Value::as_array).into_iter().flatten();
    let targets: Option<Vec<Target>> = texts.map(|text| Target::parse(text.as_str()?)).collect();
    Ok(targets.filter(|targets| targets.len() == shape.header.len() && !targets.is_empty()))
}
