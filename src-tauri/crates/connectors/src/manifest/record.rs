//! Records: what is read of one, in units, and what is written, in its shape.

use super::{
    Manifest,
    codec::moment,
    format::{Custom, CustomValues, MapMerge},
    mapped::Way,
    pointer::{At, Pointer},
};
use cardfile_domain::{Contact, CustomKind, Region};
use cardfile_sync::{
    fields,
    pair::Version,
    remote::{Record, Row},
    run::Failure,
    value::{Unit, Units, Value},
};
use serde_json::{Map, Value as Json};
use sha2::{Digest as _, Sha256};
use std::{
    collections::{BTreeMap, BTreeSet},
    fmt::Write as _,
    sync::Arc,
};

/// Between what a record says and the version that the system gives it.
const BETWEEN: char = '@';
/// Of a hash so many bytes tell two contents of one record apart.
const HASHED: usize = 8;

/// What records look like, and for whom they are read.
pub(super) struct Shape {
    pub(super) manifest: Arc<Manifest>,
    /// Country of phones that are written without their country code.
    pub(super) region: Option<Region>,
    /// Custom fields of the workspace that may go there or come from there.
    pub(super) custom: BTreeMap<String, CustomKind>,
    /// Ours, in stamps, where records hold them.
    pub(super) device: Option<String>,
}

/// What is sent of a record.
#[derive(Debug, Clone, PartialEq, Default)]
pub(super) struct Draft {
    /// In the shape of a record, without what stays.
    pub(super) record: Json,
    /// Attributes that a request of its own takes off.
    pub(super) forget: Vec<String>,
}

impl Shape {
    fn custom_at(&self) -> Option<&Custom> {
        self.manifest.written().custom.as_ref()
    }

    /// A record as a list or an answer has it.
    pub(super) fn row(&self, json: &Json) -> Result<Row, Failure> {
        let identity = &self.manifest.written().identity;
        let Some(key) = identity.remote_id.text(json) else {
            return Err(Failure::Refused(format!("a record has no ID at {}", identity.remote_id)));
        };
        if identity.gone_when.as_ref().is_some_and(|pointer| pointer.of(json) == Some(&Json::Bool(true))) {
            return Ok(Row::Gone(key));
        }
        Ok(match self.record(&key, json) {
            Ok(record) => Row::Live(Box::new(record)),
            Err(reason) => {
                let version = Version { text: hashed(&[json.to_string().as_bytes()]), order: None };
                Row::Unreadable { key, version, reason, body: json.to_string() }
            }
        })
    }

    fn record(&self, key: &str, json: &Json) -> Result<Record, String> {
        let (written, mut contact, mut said) = (self.manifest.written(), Contact::default(), BTreeSet::new());
        for field in written.fields.iter().filter(|field| field.direction != Way::Push) {
            if field.read(json, &mut contact, self.region)? {
                said.insert(field.local.as_str());
            }
        }
        let mut units = fields::units_of(&contact);
        units.retain(|unit, _| said.contains(unit.as_str()));
        units.extend(self.attributes(json));
        let identity = &written.identity;
        let external_id = identity.external_id.as_ref().and_then(|pointer| pointer.text(json));
        let stamp = self.device.as_ref().zip(identity.stamp.as_ref());
        let stamp = stamp.map(|(device, pointer)| stamps(json, pointer).get(device).copied().unwrap_or(0));
        let version = self.version(json, &units, external_id.as_deref());
        let (key, body) = (key.to_owned(), String::new());
        Ok(Record { key, version, units, stamp, external_id, body })
    }

    /// What is read of the attributes that each account defines for itself.
    fn attributes(&self, json: &Json) -> Units {
        let Some(custom) = self.custom_at() else { return Units::new() };
        let read = |(key, kind): (&String, &CustomKind)| {
            let value = match custom.at.down(key).look(json) {
                At::Unsaid => return None,
                At::Empty => Json::Null,
                At::Value(value) if *value == custom.clear => Json::Null,
                At::Value(Json::String(text)) if custom.values == CustomValues::Strings => {
                    // What is none of its kind stays the text that it is.
                    kind.read(text).unwrap_or_else(|_| Json::from(text.as_str()))
                }
                At::Value(value) => value.clone(),
            };
            let value = if value.is_null() { Value::Absent } else { Value::one(value.to_string()) };
            Some((format!("{}{key}", Contact::CUSTOM_PREFIX), value))
        };
        self.custom.iter().filter_map(read).collect()
    }

    /// What is another whenever anything that we look at is, and whenever the system says so.
    fn version(&self, json: &Json, units: &Units, external_id: Option<&str>) -> Version {
        let written = self.manifest.written();
        let said = written.identity.version.as_ref().and_then(|pointer| pointer.text(json)).unwrap_or_default();
        let units = serde_json::to_vec(units).unwrap_or_default();
        let content = hashed(&[&units, external_id.unwrap_or_default().as_bytes()]);
        let changed = written.changes.field.as_ref().filter(|_| written.changes.numbered);
        let order = changed.and_then(|pointer| moment(pointer.of(json)?, written.changes.format));
        Version { text: format!("{content}{BETWEEN}{said}"), order: order.and_then(|ms| u64::try_from(ms).ok()) }
    }

    /// When a record says that it changed, in milliseconds since 1970.
    pub(super) fn changed_at(&self, json: &Json) -> Option<i64> {
        let changes = &self.manifest.written().changes;
        moment(changes.field.as_ref()?.of(json)?, changes.format)
    }

    /// When a record changed that is known at this version, in milliseconds since 1970, where
    /// the system numbers versions by their times.
    pub(super) fn known_at(&self, version: &Version) -> Option<i64> {
        let (changes, said) = (&self.manifest.written().changes, &self.manifest.written().identity.version);
        let is_time = changes.numbered && changes.field.is_some() && changes.field == *said;
        is_time.then(|| moment(&version_of(version).into(), changes.format)).flatten()
    }

    /// What is sent to make a record.
    pub(super) fn new_record(&self, set: &Units, external_id: &str, stamp: u64) -> Result<Draft, String> {
        for field in self.manifest.written().fields.iter().filter(|field| field.required) {
            if set.get(&field.local).is_none_or(Value::is_absent) {
                return Err(format!("the system takes nobody without {}", field.local));
            }
        }
        let mut draft = self.draft(set, None, stamp)?;
        if let Some(pointer) = &self.manifest.written().identity.external_id {
            pointer.put(&mut draft.record, external_id.into());
        }
        Ok(draft)
    }

    /// What is sent to change one that was just read.
    pub(super) fn change(&self, set: &Units, now: &Json, units: &Units, stamp: u64) -> Result<Draft, String> {
        for field in self.manifest.written().fields.iter().filter(|field| field.required) {
            if set.get(&field.local).is_some_and(Value::is_absent) {
                return Err(format!("the system keeps nobody without {}", field.local));
            }
        }
        self.draft(set, Some((now, units)), stamp)
    }

    fn draft(&self, set: &Units, now: Option<(&Json, &Units)>, stamp: u64) -> Result<Draft, String> {
        let written = self.manifest.written();
        let (mut places, mut forget): (Vec<(Pointer, Json)>, Vec<String>) = (Vec::new(), Vec::new());
        for field in written.fields.iter().filter(|field| field.direction != Way::Pull) {
            let Some(value) = set.get(&field.local) else { continue };
            let values = field.write(value, set, now.map(|(_, units)| units))?;
            // A new record has nothing to be emptied.
            let is_needless = now.is_none() && value.is_absent();
            places.extend(field.remote.all().iter().cloned().zip(values).filter(|_| !is_needless));
        }
        for (unit, value) in set {
            let (Some(key), Some(custom)) = (unit.strip_prefix(Contact::CUSTOM_PREFIX), self.custom_at()) else {
                continue;
            };
            let json = match value {
                Value::One(json) => serde_json::from_str(json).map_err(|_| format!("{unit} cannot be written"))?,
                Value::Absent | Value::Set(_) => Json::Null,
            };
            match (&json, custom.map_merge) {
                (Json::Null, _) if now.is_none() => {}
                (Json::Null, MapMerge::MergeKeysWithDeleteOp) => forget.push(key.to_owned()),
                // Taken out of the whole below.
                (Json::Null, MapMerge::Replace) => places.push((custom.at.down(key), Json::Null)),
                (Json::Null, MapMerge::MergeKeys) => places.push((custom.at.down(key), custom.clear.clone())),
                (value, _) => places.push((custom.at.down(key), as_written(value, custom.values))),
            }
        }
        if let (Some(device), Some(pointer)) = (&self.device, &written.identity.stamp) {
            let mut all = now.map(|(json, _)| stamps(json, pointer)).unwrap_or_default();
            all.insert(device.clone(), stamp);
            let all: Vec<String> = all.iter().map(|(device, stamp)| format!("{device}={stamp}")).collect();
            places.push((pointer.clone(), all.join(" ").into()));
        }
        let mut record = Json::Object(Map::new());
        if let Some(custom) = self.custom_at().filter(|custom| custom.map_merge == MapMerge::Replace)
            && places.iter().any(|(pointer, _)| pointer.is_within(&custom.at))
            && let Some(Json::Object(whole)) = now.and_then(|(json, _)| custom.at.of(json))
        {
            // Whatever is not sent with it would be lost.
            custom.at.put(&mut record, Json::Object(whole.clone()));
        }
        for (pointer, value) in places {
            pointer.put(&mut record, value);
        }
        if let Some(custom) = self.custom_at().filter(|custom| custom.map_merge == MapMerge::Replace)
            && let Some(Json::Object(whole)) = record.pointer_mut(&custom.at.to_string())
        {
            whole.retain(|_, value| !value.is_null());
        }
        Ok(Draft { record, forget })
    }

    /// Units of what is sent that a record does not have afterwards, although they were not
    /// empty: the system left them out and did not say so.
    pub(super) fn left_out(&self, sent: &Units, record: &Record) -> Vec<Unit> {
        let is_lost = |(unit, value): &(&Unit, &Value)| {
            !value.is_absent() && !is_hint(unit) && record.units.get(*unit).is_none_or(Value::is_absent)
        };
        let readable = |unit: &str| {
            let field = self.manifest.written().fields.iter().find(|field| field.local == unit);
            field.is_none_or(|field| field.direction != Way::Push)
        };
        sent.iter().filter(is_lost).map(|(unit, _)| unit.clone()).filter(|unit| readable(unit)).collect()
    }

    /// Names of the attributes that these units are.
    pub(super) fn attribute_names(units: &Units) -> BTreeMap<String, Value> {
        let named = units
            .iter()
            .filter_map(|(unit, value)| Some((unit.strip_prefix(Contact::CUSTOM_PREFIX)?.to_owned(), value.clone())));
        named.collect()
    }

    /// All places that are looked at, for systems that only tell what they are asked for.
    pub(super) fn places(&self) -> Vec<Pointer> {
        let written = self.manifest.written();
        let identity = &written.identity;
        let fields = written.fields.iter().filter(|field| field.direction != Way::Push);
        let mut all: Vec<Pointer> = fields.flat_map(|field| field.remote.all().iter().cloned()).collect();
        all.extend(identity.external_id.iter().chain(&identity.version).chain(&identity.stamp).cloned());
        all.extend(written.changes.field.clone());
        if let Some(custom) = &written.custom {
            all.extend(self.custom.keys().map(|key| custom.at.down(key)));
        }
        all
    }
}

/// Whether it only says which of several is the first. A custom field may be called so, too.
pub(super) fn is_hint(unit: &str) -> bool {
    unit.ends_with(".first") && !unit.starts_with(Contact::CUSTOM_PREFIX)
}

/// Whether two versions are of the same content, whatever else the system counts.
pub(super) fn says_the_same(one: &Version, other: &Version) -> bool {
    let content = |version: &Version| version.text.split(BETWEEN).next().map(str::to_owned);
    content(one) == content(other)
}

/// Whether what was read may be from before what is known, although the system calls both the
/// same: two edits of one second are at one time, and an index that lags has the first.
pub(super) fn is_in_doubt(known: &Version, read: &Version) -> bool {
    let said = version_of(read);
    !said.is_empty() && version_of(known) == said && !says_the_same(known, read)
}

/// A version as the system writes it.
pub(super) fn version_of(version: &Version) -> &str {
    version.text.split_once(BETWEEN).map_or("", |(_, said)| said)
}

fn as_written(value: &Json, values: CustomValues) -> Json {
    match (values, value) {
        (CustomValues::Strings, Json::String(_)) | (CustomValues::Json, _) => value.clone(),
        (CustomValues::Strings, other) => other.to_string().into(),
    }
}

/// How many writes of each device a record has seen: `dev_a=12 dev_b=3`.
fn stamps(json: &Json, pointer: &Pointer) -> BTreeMap<String, u64> {
    let text = pointer.text(json).unwrap_or_default();
    let pairs = text.split_whitespace().filter_map(|pair| pair.split_once('='));
    pairs.filter_map(|(device, stamp)| Some((device.to_owned(), stamp.parse().ok()?))).collect()
}

fn hashed(parts: &[&[u8]]) -> String {
    let mut hash = Sha256::new();
    for part in parts {
        hash.update(part.len().to_le_bytes());
        hash.update(part);
    }
    hash.finalize().iter().take(HASHED).fold(String::new(), |mut text, byte| {
        // Writing to a string cannot fail.
        let _ = write!(text, "{byte:02x}");
        text
    })
}
