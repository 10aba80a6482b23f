//! Export to a file: other name, flushed, hashed, renamed. Never half a file.

use crate::{
    core::{Core, Who},
    error::Error,
    privacy::{self, purposes, standing::Barred},
    progress::{self, Progress, Unwatched},
};
use cardfile_domain::{CustomField, Line, Millis, consent::Purpose, say};
use cardfile_formats::{
    csv_export::{self, CsvWriter, Preset},
    json_contact::NdjsonWriter,
    parquet_export::ParquetWriter,
    vcard_export::VcardWriter,
    xlsx_export::XlsxWriter,
};
use cardfile_store::{ContactRow, ExportEntry, Members, OpKind, Reader, Stored};
use serde::Serialize;
use serde_json::json;
use sha2::{Digest, Sha256};
use std::{
    fs::{self, File, OpenOptions},
    io::{self, BufWriter, Read as _, Write},
    path::{Path, PathBuf},
};
use ts_rs::TS;

/// What to export and how.
#[derive(Debug, Clone)]
pub struct ExportRequest {
    /// Where to. An existing file is replaced only when the export is complete.
    pub file: PathBuf,
    /// What the file is.
    pub format: ExportFormat,
    /// These contacts in this order; all outside the bin when not set.
    pub rows: Option<Vec<ContactRow>>,
    /// Which contacts these are, in words, for the export log; empty means all.
    pub what: String,
    /// Hours after which the file is deleted, if nobody changed it; 0 means never (M-72).
    pub hours: u32,
    /// Id, key or name of the purpose the file is for: whoever may not be used for it is left
    /// out. Who is restricted is left out of every file.
    pub purpose: Option<String>,
}

impl ExportRequest {
    /// All contacts.
    pub fn all(file: impl Into<PathBuf>, format: ExportFormat) -> Self {
        Self { file: file.into(), format, rows: None, what: String::new(), hours: 0, purpose: None }
    }
}

/// The formats of an export.
#[derive(Debug, Clone)]
pub enum ExportFormat {
    /// Rows: columns, formula guard, separator.
    Csv(csv_export::Options),
    /// A workbook of texts.
    Xlsx(Preset),
    /// Typed columns for analysts.
    Parquet(Preset),
    /// Cards of version 4.
    Vcard,
    /// One JSON object a line.
    Ndjson,
    /// The same with every part of the card: notes, tasks, conversations, files.
    Everything,
}

impl ExportFormat {
    /// The word of the command line and the export log.
    pub fn as_str(&self) -> &'static str {
        match self {
            Self::Csv(_) => "csv",
            Self::Xlsx(_) => "xlsx",
            Self::Parquet(_) => "parquet",
            Self::Vcard => "vcard",
            Self::Ndjson => "ndjson",
            Self::Everything => "everything",
        }
    }

    fn columns(&self, fields: &[CustomField]) -> String {
        match self {
            Self::Csv(csv_export::Options { preset, .. }) | Self::Xlsx(preset) | Self::Parquet(preset) => {
                csv_export::headings(preset, fields).join(",")
            }
            Self::Vcard | Self::Ndjson | Self::Everything => String::new(),
        }
    }

    /// Whether the file says no more of a contact than its line does.
    fn wants_lines(&self) -> bool {
        let (Self::Csv(csv_export::Options { preset, .. }) | Self::Xlsx(preset) | Self::Parquet(preset)) = self else {
            return false;
        };
        *preset == Preset::Reference
    }
}

impl Default for ExportFormat {
    fn default() -> Self {
        Self::Csv(csv_export::Options::default())
    }
}

/// A file that is being written in one of the formats.
enum Writer<W: Write + Send> {
    Csv(CsvWriter<W>),
    Xlsx(Box<XlsxWriter<W>>),
    Parquet(Box<ParquetWriter<W>>),
    Vcard(VcardWriter<W>),
    Ndjson(NdjsonWriter<W>),
    Everything(NdjsonWriter<W>),
}

impl<W: Write + Send> Writer<W> {
    /// `temp` is where a workbook grows.
    fn new(out: W, format: &ExportFormat, fields: &[CustomField], temp: &Path) -> io::Result<Self> {
        Ok(match format {
            ExportFormat::Csv(options) => Self::Csv(CsvWriter::new(out, options.clone(), fields)?),
            ExportFormat::Xlsx(preset) => Self::Xlsx(Box::new(XlsxWriter::new(out, preset, fields, temp)?)),
            ExportFormat::Parquet(preset) => Self::Parquet(Box::new(ParquetWriter::new(out, preset, fields)?)),
            ExportFormat::Vcard => Self::Vcard(VcardWriter::new(out)),
            ExportFormat::Ndjson => Self::Ndjson(NdjsonWriter::new(out)),
            ExportFormat::Everything => Self::Everything(NdjsonWriter::new(out)),
        })
    }

    fn write(&mut self, reader: Reader<'_>, stored: &Stored) -> io::Result<()> {
        let contact = &stored.contact;
        match self {
            Self::Csv(writer) => writer.write(contact),
            Self::Xlsx(writer) => writer.write(contact),
            Self::Parquet(writer) => writer.write(contact),
            Self::Vcard(writer) => writer.write(contact),
            Self::Ndjson(writer) => writer.write(contact),
            Self::Everything(writer) => {
                let parts = reader.parts().everything(stored.row).map_err(io::Error::other)?;
                writer.write_everything(contact, &parts)
            }
        }
    }

    fn write_line(&mut self, line: &Line<'_>) -> io::Result<()> {
        match self {
            Self::Csv(writer) => writer.write_line(line),
            Self::Xlsx(writer) => writer.write_line(line),
            Self::Parquet(writer) => writer.write_line(line),
            // Only rows can say so little; see `ExportFormat::wants_lines`.
            Self::Vcard(_) | Self::Ndjson(_) | Self::Everything(_) => Err(io::ErrorKind::Unsupported.into()),
        }
    }

    /// Cells whose end did not fit.
    fn shortened(&self) -> u64 {
        if let Self::Xlsx(writer) = self { writer.shortened() } else { 0 }
    }

    fn finish(self) -> io::Result<W> {
        match self {
            Self::Csv(writer) => writer.finish(),
            Self::Xlsx(writer) => writer.finish(),
            Self::Parquet(writer) => writer.finish(),
            Self::Vcard(writer) => writer.finish(),
            Self::Ndjson(writer) | Self::Everything(writer) => writer.finish(),
        }
    }
}

/// What was written.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, TS)]
pub struct ExportReport {
    /// Contacts written.
    #[ts(type = "number")]
    pub contacts: u64,
    /// Bytes written.
    #[ts(type = "number")]
    pub bytes: u64,
    /// SHA-256 of the file.
    pub sha256: String,
    /// Cells of a workbook whose end is missing: a cell holds 32,767 characters.
    #[ts(type = "number")]
    pub shortened: u64,
    /// Contacts that were left out: restricted, or not to be used for the purpose.
    #[ts(type = "number")]
    pub withheld: u64,
    /// The file.
    #[ts(type = "string")]
    pub file: PathBuf,
}

const HOUR: i64 = 3_600_000;

/// Deletes the files of exports whose time is over (M-72). A file that somebody
/// changed since stays, and is not asked about again. Returns how many went.
pub fn expire(core: &Core) -> Result<u32, Error> {
    let now = core.store().environment().clock.now();
    let over = core.store().read(|r| r.export_log().expired(now))?;
    let mut gone = 0;
    for (number, entry) in over {
        let path = Path::new(&entry.file);
        let is_there = || path.parent().is_some_and(Path::is_dir);
        let at = match hash_of(path) {
            Ok(hash) if hash == entry.sha256 && fs::remove_file(path).is_ok() => {
                gone += 1;
                Some(now)
            }
            Ok(hash) if hash != entry.sha256 => None,
            Err(error) if error.kind() == io::ErrorKind::NotFound && is_there() => Some(now),
            // A disk that is not there, a file that cannot be removed: tried again.
            _ => continue,
        };
        let op = Who { actor: "cardfile".to_owned(), origin: "retention".to_owned() }.op(OpKind::FieldChange, "");
        core.store().write(op, |tx| Ok::<_, Error>(tx.set_export_deleted(number, at)?))?;
    }
    Ok(gone)
}

fn hash_of(path: &Path) -> io::Result<String> {
    let (mut file, mut hash) = (File::open(path)?, Sha256::new());
    let mut buffer = vec![0; 1 << 16];
    loop {
        match file.read(&mut buffer)? {
            0 => return Ok(hex(hash)),
            count => hash.update(&buffer[..count]),
        }
    }
}

fn hex(hash: Sha256) -> String {
    hash.finalize().iter().map(|byte| format!("{byte:02x}")).collect()
}

/// Contacts between two looks at the progress.
const STEP: u64 = 5_000;

/// Exports contacts: those of a view in its order, or all outside the bin in the
/// order they were made.
pub fn run(core: &Core, request: &ExportRequest, who: &Who, progress: &dyn Progress) -> Result<ExportReport, Error> {
    let fields = core.custom_fields()?;
    check_columns(&request.format, &fields)?;
    if matches!(request.format, ExportFormat::Everything) {
        privacy::mapped(core)?;
    }
    let purpose = purpose(core, request)?;
    let fail = |e: io::Error| Error::io(&request.file, &e);
    let draft = Draft::create(&request.file).map_err(fail)?;
    let out = BufWriter::with_capacity(1 << 18, Hashing::new(draft.file.try_clone().map_err(fail)?));
    let written = write(core, request, (&fields, purpose.as_ref()), out, progress)?;
    let Written { contacts, shortened, withheld, .. } = written;
    let out = written.out.into_inner().map_err(|e| fail(e.into_error()))?;
    let (bytes, sha256) = (out.bytes, out.sha256());
    let now = core.store().environment().clock.now();
    let entry = ExportEntry {
        at: now,
        expires_at: (request.hours > 0).then(|| Millis(now.0 + i64::from(request.hours) * HOUR)),
        deleted_at: None,
        actor: who.actor.clone(),
        origin: who.origin.clone(),
        file: std::path::absolute(&request.file).unwrap_or_else(|_| request.file.clone()).display().to_string(),
        format: request.format.as_str().to_owned(),
        what: request.what.clone(),
        columns: request.format.columns(&fields),
        contacts,
        bytes,
        sha256: sha256.clone(),
        members: members_of(written.members.as_deref().or(request.rows.as_deref())),
    };
    let number = leave(core, draft, &request.file, &entry, who)?;
    core.store().write(who.op(OpKind::FieldChange, ""), |tx| {
        tx.settle_export(number)?;
        let facts = json!({ "format": entry.format, "contacts": contacts, "withheld": withheld, "sha256": entry.sha256,
            "purpose": purpose.as_ref().map(|purpose| &purpose.key) });
        Ok::<_, Error>(tx.audit("exported", None, &facts)?)
    })?;
    progress.at(contacts, contacts);
    Ok(ExportReport { contacts, bytes, sha256, shortened, withheld, file: request.file.clone() })
}

/// Gives a file its name, and a number in the log before: a crash in between leaves a line without
/// a file, and never a file without a line. The log is not part of the history: its operation
/// leaves no row there.
pub(crate) fn leave(core: &Core, draft: Draft, file: &Path, entry: &ExportEntry, who: &Who) -> Result<i64, Error> {
    let op = || who.op(OpKind::FieldChange, "");
    let (number, _) = core.store().write(op(), |tx| Ok::<_, Error>(tx.log_export(entry)?))?;
    if let Err(error) = draft.keep() {
        core.store().write(op(), |tx| Ok::<_, Error>(tx.forget_export(number)?))?;
        return Err(Error::io(file, &error));
    }
    Ok(number)
}

/// Who is in it, for whoever asks later where their data went.
fn members_of(rows: Option<&[ContactRow]>) -> Members {
    let Some(rows) = rows else { return Members::Everybody };
    let mut rows = rows.to_vec();
    rows.sort_unstable();
    rows.dedup();
    Members::These(rows)
}

/// The first lines of what [`run`] would write, of at most so many contacts.
pub fn preview(core: &Core, request: &ExportRequest, contacts: usize) -> Result<String, Error> {
    let fields = core.custom_fields()?;
    check_columns(&request.format, &fields)?;
    let rows = match &request.rows {
        Some(rows) => rows.iter().copied().take(contacts).collect(),
        None => core.store().read(|r| r.contacts().first_rows(contacts as u32))?,
    };
    // What is no text is shown as the rows of a CSV.
    let format = match &request.format {
        ExportFormat::Xlsx(preset) | ExportFormat::Parquet(preset) => {
            ExportFormat::Csv(csv_export::Options { preset: preset.clone(), ..csv_export::Options::default() })
        }
        other => other.clone(),
    };
    let few = ExportRequest { rows: Some(rows), format, ..request.clone() };
    let purpose = purpose(core, request)?;
    let written = write(core, &few, (&fields, purpose.as_ref()), Vec::new(), &Unwatched)?;
    Ok(String::from_utf8_lossy(&written.out).into_owned())
}

/// The purpose a file is for, if it is for one.
fn purpose(core: &Core, request: &ExportRequest) -> Result<Option<Purpose>, Error> {
    request.purpose.as_deref().filter(|name| !name.is_empty()).map(|name| purposes::find(core, name)).transpose()
}

/// How many contacts a file would leave out: restricted, or not to be used for its purpose.
pub fn withheld(core: &Core, request: &ExportRequest) -> Result<u32, Error> {
    let purpose = purpose(core, request)?;
    Ok(core.store().read(|r| {
        let barred = Barred::read(r, purpose.as_ref())?;
        let mut count = 0;
        match &request.rows {
            _ if barred.is_nobody() => {}
            Some(rows) => count = rows.iter().filter(|row| barred.has(**row)).count() as u32,
            None => r.contacts().scan(|stored| {
                count += u32::from(stored.contact.is_shown() && barred.has(stored.row));
                true
            })?,
        }
        Ok(count)
    })?)
}

/// Says which column a format asks for that is not there.
pub(crate) fn check_columns(format: &ExportFormat, fields: &[CustomField]) -> Result<(), Error> {
    let (ExportFormat::Csv(csv_export::Options { preset, .. }) | ExportFormat::Xlsx(preset)) = format else {
        return Ok(());
    };
    let keys: Vec<&String> = match preset {
        Preset::Columns(keys) => keys.iter().collect(),
        Preset::Named(pairs) => pairs.iter().map(|(key, _)| key).collect(),
        Preset::Reference | Preset::Complete => Vec::new(),
    };
    if let Some(unknown) = keys.into_iter().find(|key| !csv_export::is_column(key, fields)) {
        return Err(Error::bad_request(say!("there is no column {unknown}", unknown)));
    }
    Ok(())
}

/// What was written, and where to.
struct Written<W> {
    out: W,
    contacts: u64,
    /// Cells that were shortened.
    shortened: u64,
    /// Contacts that were left out.
    withheld: u64,
    /// Who is in it, where anybody could be left out.
    members: Option<Vec<ContactRow>>,
}

/// Writes contacts to `out`, but for those who may not leave.
fn write<W: Write + Send>(
    core: &Core,
    request: &ExportRequest,
    (fields, purpose): (&[CustomField], Option<&Purpose>),
    out: W,
    progress: &dyn Progress,
) -> Result<Written<W>, Error> {
    let fail = |e: io::Error| Error::io(&request.file, &e);
    let total = match &request.rows {
        Some(rows) => rows.len() as u64,
        None => core.count()?.into(),
    };
    let mut writer =
        Writer::new(out, &request.format, fields, request.file.parent().unwrap_or(Path::new("."))).map_err(fail)?;
    let (mut contacts, mut withheld) = (0, 0);
    let mut members: Option<Vec<ContactRow>> = None;
    let mut failed: Result<(), Error> = Ok(());
    // One more contact, unless the person stopped it or the disk is full.
    let mut put = |write: &mut dyn FnMut(&mut Writer<_>) -> io::Result<()>| {
        if contacts % STEP == 0 {
            failed = progress::check(progress, contacts, total);
        }
        if failed.is_ok() {
            failed = write(&mut writer).map_err(fail);
            contacts += 1;
        }
        failed.is_ok()
    };
    core.store().read(|r| {
        let barred = Barred::read(r, purpose)?;
        members = (!barred.is_nobody()).then(Vec::new);
        match &request.rows {
            None if request.format.wants_lines() && barred.is_nobody() => {
                r.contacts().scan_lines(|line| put(&mut |w| w.write_line(line)))
            }
            None => r.contacts().scan(|stored| {
                if !stored.contact.is_shown() {
                    return true;
                }
                if barred.has(stored.row) {
                    withheld += 1;
                    return true;
                }
                if let Some(members) = &mut members {
                    members.push(stored.row);
                }
                put(&mut |writer| writer.write(r, &stored))
            }),
            Some(rows) => {
                for row in rows {
                    if barred.has(*row) {
                        withheld += 1;
                        continue;
                    }
                    if let Some(members) = &mut members {
                        members.push(*row);
                    }
                    if let Some(stored) = r.contacts().get(*row)?
                        && !put(&mut |writer| writer.write(r, &stored))
                    {
                        break;
                    }
                }
                Ok(())
            }
        }
    })?;
    failed?;
    let shortened = writer.shortened();
    Ok(Written { out: writer.finish().map_err(fail)?, contacts, shortened, withheld, members })
}

/// A file under another name until it is complete; gone when it never is.
pub(crate) struct Draft {
    pub(crate) file: File,
    draft: PathBuf,
    target: PathBuf,
    kept: bool,
}

impl Draft {
    pub(crate) fn create(target: &Path) -> io::Result<Self> {
        let name = target.file_name().ok_or(io::ErrorKind::InvalidInput)?.to_string_lossy();
        let draft = target.with_file_name(format!(".{name}.part"));
        let busy = || io::Error::new(io::ErrorKind::ResourceBusy, "another export is writing this file");
        // A draft that nobody holds is what a killed export left behind. It is
        // removed, not written to: a link there is not followed.
        if let Ok(left) = File::open(&draft) {
            left.try_lock().map_err(|_| busy())?;
            std::fs::remove_file(&draft)?;
        }
        let mut options = OpenOptions::new();
        options.write(true).create_new(true);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        let file = options.open(&draft)?;
        file.try_lock().map_err(|_| busy())?;
        Ok(Self { file, draft, target: target.to_owned(), kept: false })
    }

    pub(crate) fn keep(mut self) -> io::Result<()> {
        self.file.sync_all()?;
        std::fs::rename(&self.draft, &self.target)?;
        self.kept = true;
        Ok(())
    }
}

impl Drop for Draft {
    fn drop(&mut self) {
        if !self.kept {
            let _ = std::fs::remove_file(&self.draft);
        }
    }
}

pub(crate) struct Hashing {
    file: File,
    hash: Sha256,
    pub(crate) bytes: u64,
}

impl Hashing {
    pub(crate) fn new(file: File) -> Self {
        Self { file, hash: Sha256::new(), bytes: 0 }
    }

    pub(crate) fn sha256(self) -> String {
        hex(self.hash)
    }
}

impl Write for Hashing {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let written = self.file.write(bytes)?;
        self.hash.update(&bytes[..written]);
        self.bytes += written as u64;
        Ok(written)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.file.flush()
    }
}
