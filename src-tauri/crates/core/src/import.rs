//! Import of a file: a pure reading, a plan that adds up, one undoable operation.
//!
//! The plan and the run are the same code over the same records: the plan
//! leaves out the writing.

use crate::{
    core::{Core, Who},
    error::{Code, Error},
    ingest::{self, Doubtful},
    programs,
    progress::{self, Progress},
    rejects::RejectsFile,
    resolve,
};
use cardfile_domain::{
    Contact, CustomField, CustomKind, Patch, Region,
    import::{Counts, Key, Outcome, Policy, keys, merge},
    say,
    suppression::{Mark, MarkKind, marks},
};
use cardfile_formats::{
    file::{self, Bytes, Choices, Open, Shape},
    mapping::{Reading, Target},
    record::{Position, ReadError, Record, RecordReader, Refusal, Reject, RejectCode},
};
use cardfile_store::{
    CHUNK, ContactRow, OpKind, OperationRow, Reader, RecordHash, SqlResult, Stored, Suppressor, Tag, Tx, Watch,
};
use sha2::{Digest, Sha256};
use std::{
    collections::{HashMap, HashSet},
    fs::File,
    hash::{BuildHasher, RandomState},
    io::Cursor,
    path::{Path, PathBuf},
    sync::Arc,
};

/// What to import and how.
#[derive(Debug, Clone)]
pub struct ImportRequest {
    /// The file.
    pub file: PathBuf,
    /// How contacts that are here may change.
    pub policy: Policy,
    /// Where columns go, when the person changed it; as many as the file has.
    pub targets: Option<Vec<Target>>,
    /// Where the rejects go; beside the file when not set.
    pub rejects: Option<PathBuf>,
    /// Encoding, separator and header, when the person chose them.
    pub choices: Choices,
    /// With [`Policy::Ask`]: the records whose values win over the card.
    pub wins: HashSet<u32>,
    /// What is in the file, where there is none on the disk; `file` is only what to call it.
    pub bytes: Option<Arc<[u8]>>,
    /// By what alone a record is known; by everything when not set.
    pub by: Option<By>,
    /// What becomes of a new one who may be somebody that was here before.
    pub doubtful: Doubtful,
}

/// By what alone the records of an import are known.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum By {
    /// Our own id.
    OwnId,
    /// Their external ID at this remote.
    ExternalId(String),
    /// Their email.
    Email,
}

impl By {
    fn is(&self, key: &Key<'_>) -> bool {
        match (self, key) {
            (Self::OwnId, Key::Own(_)) | (Self::Email, Key::Email(_)) => true,
            (Self::ExternalId(remote), Key::Link(link)) => link.connector == *remote,
            (Self::OwnId | Self::ExternalId(_) | Self::Email, _) => false,
        }
    }
}

/// How a record ended and whom it is about, or why it was not taken.
type Fared = Result<(Outcome, Option<ContactRow>), Box<Reject>>;

/// What became of one record, for whoever wants to hear of each.
pub struct Fate<'f> {
    /// Where it stands.
    pub position: Position,
    /// How it ended.
    pub outcome: Outcome,
    /// Which contact it is about; nothing for one that is not here.
    pub contact: Option<ContactRow>,
    /// Why it was not taken.
    pub reject: Option<&'f Reject>,
}

impl ImportRequest {
    /// With everything found by itself.
    pub fn of(file: impl Into<PathBuf>) -> Self {
        Self {
            file: file.into(),
            policy: Policy::Fill,
            targets: None,
            rejects: None,
            choices: Choices::default(),
            wins: HashSet::new(),
            bytes: None,
            by: None,
            doubtful: Doubtful::Made,
        }
    }

    /// What the file is called.
    fn name(&self) -> String {
        self.file.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default()
    }

    fn open(&self) -> std::io::Result<Box<dyn Bytes>> {
        let bytes: Box<dyn Bytes> = match &self.bytes {
            Some(bytes) => Box::new(Cursor::new(Arc::clone(bytes))),
            None => Box::new(File::open(&self.file)?),
        };
        Ok(bytes)
    }

    fn size(&self) -> u64 {
        match &self.bytes {
            Some(bytes) => bytes.len() as u64,
            None => std::fs::metadata(&self.file).map_or(0, |about| about.len()),
        }
    }
}

/// What an import will do; nothing is written.
#[derive(Debug)]
pub struct ImportPlan {
    /// What was found about the file.
    pub shape: Shape,
    /// Outcomes of all records.
    pub counts: Counts,
    /// The first rejects, at most [`SHOWN`].
    pub rejects: Vec<Reject>,
    /// The first updates with what changes, at most [`SHOWN`]; with
    /// [`Policy::Ask`] also the records that would change nothing unless they win.
    pub updates: Vec<PlannedUpdate>,
    /// Whether the mapping is the one of an earlier file with the same columns.
    pub is_remembered: bool,
}

/// One contact that would be updated.
#[derive(Debug)]
pub struct PlannedUpdate {
    /// Where the record stands in the file.
    pub position: Position,
    /// The contact as it is.
    pub contact: Contact,
    /// What would change.
    pub patch: Patch,
    /// What would change if the file won over the card; empty when that makes
    /// no difference.
    pub contested: Patch,
}

/// What an import did.
#[derive(Debug)]
pub struct ImportReport {
    /// Outcomes of all records, from the transactions.
    pub counts: Counts,
    /// File of the records that were not taken.
    pub rejects_file: Option<PathBuf>,
    /// The operation in the history; `None` when nothing was written.
    pub operation: Option<OperationRow>,
}

/// Rejects and updates kept for the screen.
pub const SHOWN: usize = 1_000;
/// Bytes on disk per byte of a file: the database, its log, and the journal
/// while the indices are built (2.8 at a million made-up people).
const ROOM: u64 = 4;
/// Largest file.
const FILE_LIMIT: u64 = 4 << 30;
/// From here on a load into an empty workspace builds its indices afterwards.
const BULK: u64 = 5_000;

/// Looks at a file: format, encoding, separator, header, dialect, mapping, samples.
pub fn look(core: &Core, file: &Path, choices: &Choices) -> Result<Shape, Error> {
    let about = std::fs::metadata(file).map_err(|e| Error::io(file, &e))?;
    if about.is_dir() {
        return Err(Error::new(Code::BadFile, say!("{path} is a folder, not a file", path = file))
            .hint(say!("Choose the contact file inside it.")));
    }
    if about.len() > FILE_LIMIT {
        return Err(Refusal::TooLarge.into());
    }
    let open = || Ok(Box::new(File::open(file)?) as Box<dyn Bytes>);
    shape_of(core, &open, choices)
}

fn shape_of(core: &Core, open: Open<'_>, choices: &Choices) -> Result<Shape, Error> {
    let fields = core.custom_fields()?;
    let custom: Vec<String> = fields.into_iter().map(|field| field.key).collect();
    Ok(file::look(open, choices, &custom)?)
}

/// Says what an import would do, record by record. Writes nothing.
pub fn plan(core: &Core, request: &ImportRequest, progress: &dyn Progress) -> Result<ImportPlan, Error> {
    plan_each(core, request, progress, &mut |_| {})
}

/// The same, and tells of each record.
pub fn plan_each(
    core: &Core,
    request: &ImportRequest,
    progress: &dyn Progress,
    each: &mut dyn FnMut(Fate<'_>),
) -> Result<ImportPlan, Error> {
    let source = Source::open(core, request)?;
    let (total, repeated) = source.keys()?;
    let mut counts = Counts::default();
    let (mut rejects, mut updates) = (Vec::new(), Vec::new());
    let mut planner = Planner::new(&source, repeated);
    let mut records = source.records()?;
    let mut stopped = Ok(());
    core.store().read(|reader| {
        planner.watch(reader, core.store().suppressor())?;
        while let Some(record) = records.next() {
            if u64::from(counts.records).is_multiple_of(CHUNK as u64) {
                stopped = progress::check(progress, counts.records.into(), total);
                if stopped.is_err() {
                    break;
                }
            }
            let position = position_of(&record);
            let mut told = |outcome, found: Option<Found>| {
                counts.add(outcome);
                let contact = found.and_then(Found::here);
                each(Fate { position, outcome, contact, reject: None });
            };
            match planner.decide(reader, record)? {
                Decision::Create(..) => told(Outcome::Created, None),
                Decision::Same { outcome, found, contested } => {
                    told(outcome, Some(found));
                    if updates.len() < SHOWN
                        && let Some(contested) = contested
                    {
                        updates.push(contested.planned());
                    }
                }
                Decision::Update(update) => {
                    told(Outcome::Updated, Some(update.found));
                    if updates.len() < SHOWN {
                        updates.push(update.planned());
                    }
                }
                Decision::Suppress(_) => told(Outcome::Suppressed, None),
                Decision::Hold(_) => told(Outcome::Held, None),
                Decision::Reject(mut reject) => {
                    counts.add(Outcome::Rejected);
                    let outcome = Outcome::Rejected;
                    each(Fate { position: reject.position, outcome, contact: None, reject: Some(&reject) });
                    if rejects.len() < SHOWN {
                        reject.raw = records.raw().to_vec();
                        rejects.push(*reject);
                    }
                }
                Decision::Refuse(refusal) => {
                    stopped = Err(refusal.into());
                    break;
                }
            }
        }
        Ok(())
    })?;
    stopped?;
    progress.at(total, total);
    drop(records);
    drop(planner);
    let is_remembered = source.is_remembered;
    Ok(ImportPlan { shape: source.shape, counts, rejects, updates, is_remembered })
}

/// Imports a file: one operation, in transactions of at most [`CHUNK`] records.
/// When it fails or is stopped, what it wrote is taken back.
pub fn run(core: &Core, request: &ImportRequest, who: &Who, progress: &dyn Progress) -> Result<ImportReport, Error> {
    run_each(core, request, who, progress, &mut |_| {})
}

/// The same, and tells of each record. What it tells may be taken back by an error at the end.
pub fn run_each(
    core: &Core,
    request: &ImportRequest,
    who: &Who,
    progress: &dyn Progress,
    each: &mut dyn FnMut(Fate<'_>),
) -> Result<ImportReport, Error> {
    let source = Source::open(core, request)?;
    let (total, repeated) = source.keys()?;
    let store = core.store();
    store.check_room(request.size().saturating_mul(ROOM))?;
    let mut operation = store.begin(who.op(OpKind::Import, request.name()))?;
    let bulk = total > BULK && store.begin_bulk_load()?;
    // What is no file has none beside it: who gave it hears of each record.
    let mut rejects = request.bytes.is_none().then(|| RejectsFile::new(request, &source.shape));
    let mut counts = Counts::default();
    let mut planner = Planner::new(&source, repeated);
    planner.workspace_is_empty = bulk;
    let written = (|| {
        let mut records = source.records()?;
        let mut more = true;
        while more {
            progress::check(progress, counts.records.into(), total)?;
            operation.chunk(|tx| {
                source.make_fields(tx)?;
                // Somebody may have been erased since the last chunk.
                planner.watch(tx.read(), store.suppressor())?;
                for _ in 0..CHUNK {
                    let Some(record) = records.next() else {
                        more = false;
                        break;
                    };
                    let position = position_of(&record);
                    match planner.apply(tx, record)? {
                        Ok((outcome, contact)) => {
                            counts.add(outcome);
                            each(Fate { position, outcome, contact, reject: None });
                        }
                        Err(reject) => {
                            counts.add(Outcome::Rejected);
                            if let Some(rejects) = &mut rejects {
                                rejects.write(&reject, records.raw())?;
                            }
                            let outcome = Outcome::Rejected;
                            each(Fate { position: reject.position, outcome, contact: None, reject: Some(&reject) });
                        }
                    }
                }
                Ok::<_, Error>(())
            })?;
        }
        rejects.as_mut().map_or(Ok(None), RejectsFile::finish)
    })();
    // The indices come back whatever happened.
    let indexed = if bulk { store.end_bulk_load() } else { Ok(()) };
    match written {
        Ok(rejects_file) => {
            indexed?;
            let json = serde_json::to_value(counts).unwrap_or_default();
            let operation = operation.finish(&json)?;
            progress.at(total, total);
            source.remember_mapping(core, who)?;
            Ok(ImportReport { counts, rejects_file, operation })
        }
        Err(error) => {
            if let Some(rejects) = &mut rejects {
                rejects.discard();
            }
            operation.roll_back()?;
            Err(error)
        }
    }
}

/// A file with its shape and the choices of the person.
struct Source<'r> {
    request: &'r ImportRequest,
    shape: Shape,
    is_remembered: bool,
    region: Option<Region>,
    fields: Vec<CustomField>,
    hasher: RandomState,
}

/// Setting that keeps the mapping of a header; its hash follows.
const MAPPING: &str = "import_mapping.";

impl<'r> Source<'r> {
    fn open(core: &Core, request: &'r ImportRequest) -> Result<Self, Error> {
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
    fn remember_mapping(&self, core: &Core, who: &Who) -> Result<(), Error> {
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

    fn records(&self) -> Result<Box<dyn RecordReader + '_>, Error> {
        let fail = |e: std::io::Error| Error::io(&self.request.file, &e);
        let file = self.request.open().map_err(fail)?;
        self.shape.records(file, Reading::new(self.region, &self.fields)).map_err(fail)
    }

    /// How many records there are, and the keys that occur more than once.
    /// Only those have to be remembered while the file is read.
    fn keys(&self) -> Result<(u64, HashSet<u64>), Error> {
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
    fn hashes<'c>(&self, contact: &'c Contact) -> impl Iterator<Item = (u64, Option<Key<'c>>)> {
        let whole = keys(contact).next().is_none().then(|| (self.hasher.hash_one(self.record_hash(contact)), None));
        keys(contact).map(|key| (self.hasher.hash_one(key), Some(key))).chain(whole)
    }

    fn record_hash(&self, contact: &Contact) -> RecordHash {
        let mut hash = Sha256::new();
        hash.update(self.shape.dialect.unwrap_or(self.shape.format));
        hash.update(serde_json::to_vec(contact).unwrap_or_default());
        let mut short = RecordHash::default();
        short.copy_from_slice(&hash.finalize()[..16]);
        short
    }

    /// Custom fields that the mapping asks for and the workspace lacks.
    fn make_fields(&self, tx: &mut Tx<'_>) -> Result<(), Error> {
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

/// What is to be done with one record.
enum Decision {
    /// A new contact; the keys by which later records may find it.
    Create(Record, Vec<u64>),
    Update(Box<Update>),
    /// Nothing to write, unless a person lets the file win.
    Same {
        outcome: Outcome,
        found: Found,
        contested: Option<Box<Update>>,
    },
    /// It is about somebody who was erased: known by these.
    Suppress(Vec<Tag>),
    /// It may be about somebody who is here, and a person is to say so.
    Hold(Box<Contact>),
    Reject(Box<Reject>),
    Refuse(Refusal),
}

struct Update {
    position: Position,
    found: Found,
    record: Box<Contact>,
    before: Contact,
    after: Contact,
    /// As read from the workspace, unless an earlier record changed it.
    stored: Option<Stored>,
}

impl Update {
    fn planned(self) -> PlannedUpdate {
        let contested = merge(&self.before, &self.record, Policy::Newest);
        let contested = contested.filter(|wins| *wins != self.after).map(|wins| self.after.diff(&wins));
        PlannedUpdate {
            position: self.position,
            patch: self.before.diff(&self.after),
            contact: self.before,
            contested: contested.unwrap_or_default(),
        }
    }
}

/// The contact that a record belongs to.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
enum Found {
    /// It was here before the import.
    Here(ContactRow),
    /// An earlier record of the file makes it, the n-th new one.
    Made(u32),
}

impl Found {
    fn here(self) -> Option<ContactRow> {
        match self {
            Self::Here(row) => Some(row),
            Self::Made(_) => None,
        }
    }
}

/// Decides record by record. It remembers only contacts whose keys come again
/// in the file, so that its memory does not grow with the file.
struct Planner<'s> {
    source: &'s Source<'s>,
    repeated: HashSet<u64>,
    seen: HashMap<u64, Found>,
    /// Those contacts as they are after the records so far.
    pending: HashMap<Found, Contact>,
    /// Where the made ones were written.
    rows: HashMap<u32, ContactRow>,
    made: u32,
    /// All of these, where it matters who was here before.
    fresh: HashSet<ContactRow>,
    /// Nothing can be found in it, and its indices may be gone.
    workspace_is_empty: bool,
    /// Who was erased, and is turned away.
    watch: Option<Watch>,
}

impl<'s> Planner<'s> {
    fn new(source: &'s Source<'s>, repeated: HashSet<u64>) -> Self {
        Self {
            source,
            repeated,
            seen: HashMap::new(),
            pending: HashMap::new(),
            rows: HashMap::new(),
            made: 0,
            fresh: HashSet::new(),
            workspace_is_empty: false,
            watch: None,
        }
    }

    /// Turns away whoever was erased up to now.
    fn watch(&mut self, reader: Reader<'_>, suppressor: Suppressor) -> SqlResult<()> {
        self.watch = suppressor.watch(reader)?;
        Ok(())
    }

    /// By what a record is known that is suppressed. What its contact has already is its own:
    /// people share phones.
    fn suppressed(&self, record: &Contact, before: Option<&Contact>) -> Vec<Tag> {
        let Some(watch) = &self.watch else { return Vec::new() };
        let mut all = marks(record);
        if keys(record).next().is_none() {
            let hash = self.source.record_hash(record);
            let hash: String = hash.iter().map(|byte| format!("{byte:02x}")).collect();
            all.push(Mark::new(MarkKind::ImportRow, hash));
        }
        let known = before.map(marks).unwrap_or_default();
        all.retain(|mark| !known.contains(mark));
        watch.hits(&all)
    }

    fn decide(&mut self, reader: Reader<'_>, record: Result<Record, ReadError>) -> SqlResult<Decision> {
        let record = match record {
            Ok(record) => record,
            Err(ReadError::Reject(reject)) => return Ok(Decision::Reject(reject)),
            Err(ReadError::Refusal(refusal)) => return Ok(Decision::Refuse(refusal)),
        };
        let mut found = None;
        let mut whole_record = false;
        let mut again = Vec::new();
        let source = self.source;
        let by = source.request.by.as_ref();
        if let Some(by) = by
            && !keys(&record.contact).any(|key| by.is(&key))
        {
            return Ok(Decision::Reject(Box::new(no_key(record.position, by))));
        }
        // The keys that records are known by come first.
        let is_known_by = |key: Option<Key<'_>>| by.is_none_or(|by| key.is_some_and(|key| by.is(&key)));
        let all = || source.hashes(&record.contact);
        let others = by.is_some().then(|| all().filter(|(_, key)| !is_known_by(*key)));
        for (hash, key) in all().filter(|(_, key)| is_known_by(*key)).chain(others.into_iter().flatten()) {
            if self.repeated.contains(&hash) {
                again.push(hash);
            }
            let Some(contact) = self.find(reader, hash, key, &record.contact)? else { continue };
            // What is unique must not be there twice, whatever the records are known by.
            let is_asked = is_known_by(key);
            if !is_asked && !matches!(key, Some(Key::Own(_) | Key::Link(_))) {
                continue;
            }
            if self.is_another(reader, contact, key, &record.contact)? {
                continue;
            }
            match found {
                None if is_asked => (found, whole_record) = (Some(contact), key.is_none()),
                None => return Ok(Decision::Reject(Box::new(two_contacts(record.position)))),
                // Nobody can know which of the two the record is about.
                Some(other) if other != contact && matches!(key, Some(Key::Link(_))) => {
                    return Ok(Decision::Reject(Box::new(two_contacts(record.position))));
                }
                Some(_) => {}
            }
        }
        let Some(found) = found else {
            let tags = self.suppressed(&record.contact, None);
            if !tags.is_empty() {
                return Ok(Decision::Suppress(tags));
            }
            if let Some(key) = self.mirrored("", &record.contact.metadata) {
                return Ok(Decision::Reject(Box::new(of_ledger(record.position, key))));
            }
            if self.is_doubtful(reader, &record.contact)? {
                return Ok(Decision::Hold(record.contact));
            }
            self.made += 1;
            self.remember(&again, Found::Made(self.made), &record.contact);
            return Ok(Decision::Create(record, again));
        };
        let in_file = again.iter().any(|hash| self.seen.contains_key(hash));
        let outcome = if in_file { Outcome::Duplicate } else { Outcome::Unchanged };
        let same = Ok(Decision::Same { outcome, found, contested: None });
        let stored = match found {
            Found::Here(row) if !self.pending.contains_key(&found) => reader.contacts().get(row)?,
            _ => None,
        };
        let Some(before) = stored.as_ref().map(|s| &s.contact).or(self.pending.get(&found)).cloned() else {
            return same;
        };
        let tags = self.suppressed(&record.contact, Some(&before));
        if !tags.is_empty() {
            return Ok(Decision::Suppress(tags));
        }
        let policy = self.policy(record.position);
        let after = if whole_record { None } else { merge(&before, &record.contact, policy) };
        let written = after.as_ref().map_or(before.metadata.as_str(), |after| after.metadata.as_str());
        if let Some(key) = self.mirrored(&before.metadata, written) {
            return Ok(Decision::Reject(Box::new(of_ledger(record.position, key))));
        }
        self.remember(&again, found, after.as_ref().unwrap_or(&before));
        let Record { position, contact: record } = record;
        match after {
            None if self.source.request.policy != Policy::Ask || whole_record => same,
            None => {
                let update = Update { position, found, record, after: before.clone(), before, stored };
                let contested = merge(&update.before, &update.record, Policy::Newest).is_some();
                Ok(Decision::Same { outcome, found, contested: contested.then(|| Box::new(update)) })
            }
            Some(after) => {
                let update = Update { position, found, record, before, after, stored };
                Ok(Decision::Update(Box::new(update)))
            }
        }
    }

    /// Whether a new one may be somebody that was here before the import, by a phone or a name at
    /// a platform. People of one file share phones.
    fn is_doubtful(&self, reader: Reader<'_>, record: &Contact) -> SqlResult<bool> {
        if self.source.request.doubtful == Doubtful::Made || self.workspace_is_empty {
            return Ok(false);
        }
        let perhaps = resolve::resolve(reader, record)?.suggestions;
        Ok(perhaps.iter().any(|(row, _)| !self.fresh.contains(row)))
    }

    /// What a program would write that the ledger of consents says. A file of a person is taken
    /// as it is: it may be an export of ours.
    fn mirrored(&self, before: &str, after: &str) -> Option<&'static str> {
        if self.source.request.bytes.is_some() { programs::mirrored(before, after) } else { None }
    }

    /// How this record joins its contact.
    fn policy(&self, position: Position) -> Policy {
        let request = self.source.request;
        match request.policy {
            Policy::Ask if request.wins.contains(&position.record) => Policy::Newest,
            policy => policy,
        }
    }

    /// The contact that a key belongs to: of this file first, then of the workspace.
    fn find(&self, reader: Reader<'_>, hash: u64, key: Option<Key<'_>>, contact: &Contact) -> SqlResult<Option<Found>> {
        if let Some(found) = self.seen.get(&hash) {
            return Ok(Some(*found));
        }
        if self.workspace_is_empty {
            return Ok(None);
        }
        let row = match key {
            Some(key) => resolve::by_key(reader, &key)?,
            None => reader.import_memory().contact_of(&self.source.record_hash(contact))?,
        };
        // A contact of this very import is found by its repeated key only, so
        // that the plan, which writes nothing, finds the same.
        Ok(row.map(Found::Here))
    }

    /// Whether an email leads to somebody whom the record's remote knows by
    /// another external ID.
    fn is_another(&self, reader: Reader<'_>, found: Found, key: Option<Key<'_>>, record: &Contact) -> SqlResult<bool> {
        if !matches!(key, Some(Key::Email(_))) || record.links.is_empty() {
            return Ok(false);
        }
        if let Some(pending) = self.pending.get(&found) {
            return Ok(resolve::contradicts(pending, record));
        }
        let Found::Here(row) = found else { return Ok(false) };
        Ok(reader.contacts().get(row)?.is_some_and(|stored| resolve::contradicts(&stored.contact, record)))
    }

    fn remember(&mut self, again: &[u64], found: Found, contact: &Contact) {
        if let Some(pending) = self.pending.get_mut(&found) {
            pending.clone_from(contact);
        } else if !again.is_empty() {
            self.pending.insert(found, contact.clone());
        }
        for hash in again {
            self.seen.insert(*hash, found);
        }
    }

    /// Decides and writes. `Err` in the value is a reject.
    fn apply(&mut self, tx: &mut Tx<'_>, record: Result<Record, ReadError>) -> Result<Fared, Error> {
        match self.decide(tx.read(), record)? {
            Decision::Reject(reject) => Ok(Err(reject)),
            Decision::Refuse(refusal) => Err(refusal.into()),
            Decision::Same { outcome, found, .. } => Ok(Ok((outcome, self.row_of(found)))),
            Decision::Suppress(tags) => {
                tx.note_return(&tags)?;
                Ok(Ok((Outcome::Suppressed, None)))
            }
            Decision::Hold(contact) => {
                ingest::hold(tx, &from_import(*contact), &self.source.request.name())?;
                Ok(Ok((Outcome::Held, None)))
            }
            Decision::Create(record, again) => {
                let hash = keys(&record.contact).next().is_none().then(|| self.source.record_hash(&record.contact));
                let row = tx.insert(from_import(*record.contact))?;
                if self.source.request.doubtful == Doubtful::Held {
                    self.fresh.insert(row);
                }
                if let Some(hash) = hash {
                    tx.remember_import(&hash, row)?;
                }
                if !again.is_empty() {
                    self.rows.insert(self.made, row);
                }
                Ok(Ok((Outcome::Created, Some(row))))
            }
            Decision::Update(update) => {
                let row = self.row_of(update.found);
                let stored = match (update.stored, row) {
                    (Some(stored), _) => Some(stored),
                    (None, Some(row)) => tx.read().contacts().get(row)?,
                    (None, None) => None,
                };
                // Somebody removed it between two chunks of this import.
                let Some(stored) = stored else { return Ok(Ok((Outcome::Unchanged, None))) };
                // Joined to what is stored now: a person may have edited it
                // since an earlier record of this file was written.
                let Some(after) = merge(&stored.contact, &update.record, self.policy(update.position)) else {
                    return Ok(Ok((Outcome::Unchanged, row)));
                };
                if let Some(pending) = self.pending.get_mut(&update.found) {
                    pending.clone_from(&after);
                }
                tx.update(&stored, after)?;
                Ok(Ok((Outcome::Updated, row)))
            }
        }
    }

    /// Where a contact is, once it is written.
    fn row_of(&self, found: Found) -> Option<ContactRow> {
        match found {
            Found::Here(row) => Some(row),
            Found::Made(number) => self.rows.get(&number).copied(),
        }
    }
}

/// The contact says where it came from.
fn from_import(mut contact: Contact) -> Contact {
    if contact.source.is_empty() {
        contact.source = "import".into();
    }
    contact
}

fn position_of(record: &Result<Record, ReadError>) -> Position {
    match record {
        Ok(record) => record.position,
        Err(ReadError::Reject(reject)) => reject.position,
        Err(ReadError::Refusal(_)) => Position::default(),
    }
}

fn no_key(position: Position, by: &By) -> Reject {
    let why = match by {
        By::OwnId => say!("it has no id, and records are known by that here"),
        By::ExternalId(remote) => say!("it has no external ID at {remote}, and records are known by that here", remote),
        By::Email => say!("it has no email, and records are known by that here"),
    };
    Reject::new(position, RejectCode::Empty, why)
}

fn of_ledger(position: Position, key: &str) -> Reject {
    Reject::new(position, RejectCode::Type, say!("{key} is what the ledger of consents says", key))
}

fn two_contacts(position: Position) -> Reject {
    Reject::new(position, RejectCode::Id, say!("its external IDs belong to two different contacts"))
}
