//! Files that go out, and their log.

use super::answer::Nothing;
use crate::{
    contact,
    core::Core,
    error::{Code, Error},
    export::{self, ExportFormat, ExportReport, ExportRequest},
    jobs::Job,
    session::Session,
    system, view,
};
use cardfile_formats::csv_export::{Options, Preset, Profile, headings};
use cardfile_store::ExportEntry;
use serde::{Deserialize, Serialize};
use std::path::PathBuf;
use ts_rs::TS;

/// A file to export to.
#[derive(Debug, Deserialize, TS)]
pub(super) struct ExportFile {
    /// Its path; not used by a preview.
    pub file: String,
    /// Whether a file of this name may be replaced: a dialog asked.
    pub replace: bool,
    /// What the file is.
    #[ts(type = "\"csv\" | \"vcard\" | \"ndjson\" | \"everything\"")]
    pub format: ExportWord,
    /// Columns of a CSV in order; `reference` or `complete` alone stands for those.
    pub columns: Vec<String>,
    /// Guard formulas for spreadsheets.
    pub spreadsheet: bool,
    /// One character between cells.
    pub separator: String,
    /// Begin with a byte order mark, for old Excel.
    pub bom: bool,
    /// An open view to export; all contacts when not given.
    pub view: Option<u32>,
    /// Only these contacts.
    pub ids: Option<Vec<String>>,
    /// Which contacts these are, in words, for the export log.
    pub what: String,
}

/// The formats of an export.
#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum ExportWord {
    /// Rows.
    Csv,
    /// Cards.
    Vcard,
    /// One JSON object a line.
    Ndjson,
    /// The same with every part of the card.
    Everything,
}

/// Columns a CSV can have.
#[derive(Debug, Serialize, TS)]
pub(super) struct ExportColumns {
    /// The twelve of the reference layout.
    pub reference: Vec<String>,
    /// All of them, custom fields last.
    pub complete: Vec<String>,
    /// Where exports go when nobody chooses.
    pub folder: String,
}

/// The beginning of a file.
#[derive(Debug, Serialize, TS)]
pub(super) struct PreviewView {
    /// Its first lines.
    pub text: String,
    /// Contacts the file will hold.
    pub contacts: u32,
}

/// The latest exports.
#[derive(Debug, Serialize, TS)]
pub(super) struct ExportLogView {
    /// Newest first.
    pub entries: Vec<ExportEntryView>,
}

/// One export.
#[derive(Debug, Serialize, TS)]
pub(super) struct ExportEntryView {
    /// RFC 3339.
    pub at: String,
    /// By whom.
    pub actor: String,
    /// Where it was written.
    pub file: String,
    /// `csv`, `vcard` or `ndjson`.
    pub format: String,
    /// Which contacts, in words; empty means all.
    pub what: String,
    /// How many.
    #[ts(type = "number")]
    pub contacts: u64,
    /// SHA-256 of the file.
    pub sha256: String,
}

pub(super) fn export_columns(session: &Session, _: Nothing) -> Result<ExportColumns, Error> {
    let fields = session.core()?.custom_fields()?;
    Ok(ExportColumns {
        reference: headings(&Preset::Reference, &fields),
        complete: headings(&Preset::Complete, &fields),
        folder: system::documents().display().to_string(),
    })
}

pub(super) fn export_preview(session: &Session, request: ExportFile) -> Result<PreviewView, Error> {
    let core = session.core()?;
    let request = export_request(&core, request)?;
    let (all, binned) = core.store().read(|r| r.contacts().count())?;
    let contacts = request.rows.as_ref().map_or(all - binned, |rows| rows.len() as u32);
    Ok(PreviewView { text: export::preview(&core, &request, 4)?, contacts })
}

pub(super) fn export_run(session: &Session, request: ExportFile) -> Result<ExportReport, Error> {
    let core = session.core()?;
    let path = PathBuf::from(&request.file);
    if !path.is_absolute() {
        return Err(Error::bad_request("give the whole path of the file, beginning with its folder"));
    }
    if !request.replace && path.exists() {
        let message = format!("{} is there already", path.display());
        return Err(Error::new(Code::NotEmpty, message).hint("Choose another name."));
    }
    let request = export_request(&core, request)?;
    export::run(&core, &request, &session.who(), &Job::begin(session, "Exporting"))
}

pub(super) fn export_log(session: &Session, _: Nothing) -> Result<ExportLogView, Error> {
    let entries = session.core()?.store().read(|r| r.export_log().latest(50))?;
    let view = |entry: ExportEntry| ExportEntryView {
        at: entry.at.to_rfc3339(),
        actor: entry.actor,
        file: entry.file,
        format: entry.format,
        what: entry.what,
        contacts: entry.contacts,
        sha256: entry.sha256,
    };
    Ok(ExportLogView { entries: entries.into_iter().map(view).collect() })
}

fn export_request(core: &Core, request: ExportFile) -> Result<ExportRequest, Error> {
    let rows = match (&request.ids, request.view) {
        (Some(ids), _) => Some(contact::rows(core, ids)?),
        (None, Some(view)) => Some(view::snapshot(core, view)?.to_vec()),
        (None, None) => None,
    };
    let preset = match &request.columns[..] {
        [one] if one == "complete" => Preset::Complete,
        [one] if one == "reference" => Preset::Reference,
        _ => Preset::Columns(request.columns),
    };
    let format = match request.format {
        ExportWord::Csv => ExportFormat::Csv(Options {
            preset,
            profile: if request.spreadsheet { Profile::Spreadsheet } else { Profile::Program },
            separator: request.separator.bytes().next().unwrap_or(b','),
            bom: request.bom,
        }),
        ExportWord::Vcard => ExportFormat::Vcard,
        ExportWord::Ndjson => ExportFormat::Ndjson,
        ExportWord::Everything => ExportFormat::Everything,
    };
    Ok(ExportRequest { file: PathBuf::from(request.file), format, rows, what: request.what })
}
