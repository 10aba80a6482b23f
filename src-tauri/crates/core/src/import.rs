//! Import of a file: a pure reading, a plan that adds up, one undoable operation.
//!
//! The plan and the run are the same code over the same records: the plan
//! leaves out the writing.

mod planner;
mod request;
mod source;

pub use request::{By, Fate, ImportRequest};

use crate::{
    core::{Core, Who},
    error::{Code, Error},
    progress::{self, Progress},
    rejects::RejectsFile,
};
use cardfile_domain::{
    Contact, Patch,
    import::{Counts, Outcome},
    say,
};
use cardfile_formats::{
    file::{self, Bytes, Choices, Open, Shape},
    record::{Position, ReadError, Record, Refusal, Reject},
};
use cardfile_store::{CHUNK, OpKind, OperationRow};
use planner::{Decision, Found, Planner};
use source::Source;
use std::{
    fs::File,
    path::{Path, PathBuf},
};

/// What an import will do; nothing is written.
#[derive(Debug)]
pub struct ImportPlan {
    /// What was found about the file.
    pub shape: Shape,
    /// Outcomes of all records.
    pub counts: Counts,
    /// The first rejects, at most [`SHOWN`].
    pub rejects: Vec<Reject>,
    /// The first updates with what changes, at most [`SHOWN`]; with the policy
    /// *ask* also the records that would change nothing unless they win.
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

fn position_of(record: &Result<Record, ReadError>) -> Position {
    match record {
        Ok(record) => record.position,
        Err(ReadError::Reject(reject)) => reject.position,
        Err(ReadError::Refusal(_)) => Position::default(),
    }
}
