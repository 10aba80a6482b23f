//! Files that go out, and their log.

use super::answer::{Made, Nothing};
use crate::{
    bulk, contact,
    core::Core,
    error::{Code, Error},
    export::{self, ExportReport, ExportRequest},
    jobs::Job,
    recipes,
    session::Session,
    system, view,
};
use cardfile_domain::{say, segment::Recipe};
use cardfile_formats::csv_export::{DERIVED, Preset, headings};
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
    #[ts(type = "\"csv\" | \"xlsx\" | \"parquet\" | \"vcard\" | \"ndjson\" | \"everything\"")]
    pub format: String,
    /// Columns of a table in order, each with its heading, which may be empty;
    /// `reference` or `complete` alone stands for those.
    pub columns: Vec<(String, String)>,
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
    /// These of the view stay here.
    pub except: Vec<String>,
    /// Which contacts these are, in words, for the export log.
    pub what: String,
    /// Hours after which the file is deleted; 0 means never.
    pub hours: u32,
    /// Id, key or name of the purpose the file is for; that of its view when not given.
    #[serde(default)]
    #[ts(optional)]
    pub purpose: Option<String>,
}

/// Columns a CSV can have.
#[derive(Debug, Serialize, TS)]
pub(super) struct ExportColumns {
    /// The twelve of the reference layout.
    pub reference: Vec<String>,
    /// All of them, custom fields last.
    pub complete: Vec<String>,
    /// Further ones that other programs ask for.
    pub derived: Vec<String>,
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
    /// Contacts that are left out: restricted, or not to be used for the purpose.
    pub withheld: u32,
}

/// The latest exports.
#[derive(Debug, Serialize, TS)]
pub(super) struct ExportLogView {
    /// Newest first.
    pub entries: Vec<ExportEntryView>,
}

/// One export.
#[derive(Debug, Serialize, TS)]
#[serde(rename_all = "camelCase")]
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
    /// When the file is to be deleted (RFC 3339).
    pub expires_at: Option<String>,
    /// When it was.
    pub deleted_at: Option<String>,
}

/// Exports with a name.
#[derive(Debug, Serialize, TS)]
pub(super) struct RecipesView {
    /// Ours first, which have no id.
    pub recipes: Vec<RecipeView>,
}

/// An export with a name.
#[derive(Debug, Serialize, Deserialize, TS)]
pub(super) struct RecipeView {
    /// `rcp_…`; empty for ours and for a new one.
    pub id: String,
    /// What it is called.
    pub name: String,
    /// What the file is.
    #[ts(type = "\"csv\" | \"xlsx\" | \"parquet\" | \"vcard\" | \"ndjson\" | \"everything\"")]
    pub format: String,
    /// Key and heading of each column.
    pub columns: Vec<(String, String)>,
    /// Filter text; empty for everyone.
    pub filter: String,
    /// Formulas are guarded for spreadsheets.
    pub spreadsheet: bool,
    /// One character between cells.
    pub separator: String,
    /// Begins with a byte order mark.
    pub bom: bool,
}

pub(super) fn recipe_list(session: &Session, _: Nothing) -> Result<RecipesView, Error> {
    let view = |one: Recipe| RecipeView {
        id: one.id,
        name: one.name,
        format: one.format,
        columns: one.columns,
        filter: one.filter,
        spreadsheet: one.spreadsheet,
        separator: one.separator,
        bom: one.bom,
    };
    Ok(RecipesView { recipes: recipes::all(&*session.core()?)?.into_iter().map(view).collect() })
}

pub(super) fn recipe_put(session: &Session, request: RecipeView) -> Result<Made, Error> {
    let recipe = Recipe {
        id: request.id,
        name: request.name,
        format: request.format,
        columns: request.columns,
        filter: request.filter,
        spreadsheet: request.spreadsheet,
        separator: request.separator,
        bom: request.bom,
        ..Recipe::default()
    };
    super::parts::made(recipes::put(&*session.core()?, &recipe, &session.who()))
}

pub(super) fn export_columns(session: &Session, _: Nothing) -> Result<ExportColumns, Error> {
    let fields = session.core()?.custom_fields()?;
    Ok(ExportColumns {
        reference: headings(&Preset::Reference, &fields),
        complete: headings(&Preset::Complete, &fields),
        derived: DERIVED.map(str::to_owned).to_vec(),
        folder: system::documents().display().to_string(),
    })
}

pub(super) fn export_preview(session: &Session, request: ExportFile) -> Result<PreviewView, Error> {
    let core = session.core()?;
    let request = export_request(&core, request)?;
    let contacts = match &request.rows {
        Some(rows) => rows.len() as u32,
        None => core.count()?,
    };
    let withheld = export::withheld(&core, &request)?;
    Ok(PreviewView {
        text: export::preview(&core, &request, 4)?,
        contacts: contacts.saturating_sub(withheld),
        withheld,
    })
}

pub(super) fn export_run(session: &Session, request: ExportFile) -> Result<ExportReport, Error> {
    let core = session.core()?;
    let path = PathBuf::from(&request.file);
    if !path.is_absolute() {
        return Err(Error::bad_request(say!("give the whole path of the file, beginning with its folder")));
    }
    if !request.replace && path.exists() {
        let message = say!("{path} is there already", path);
        return Err(Error::new(Code::NotEmpty, message).hint(say!("Choose another name.")));
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
        expires_at: entry.expires_at.map(|at| at.to_rfc3339()),
        deleted_at: entry.deleted_at.map(|at| at.to_rfc3339()),
    };
    Ok(ExportLogView { entries: entries.into_iter().map(view).collect() })
}

fn export_request(core: &Core, request: ExportFile) -> Result<ExportRequest, Error> {
    let rows = match (&request.ids, request.view) {
        (Some(ids), _) => Some(contact::rows(core, ids)?),
        (None, Some(view)) => Some(bulk::of_view(core, view, &request.except)?),
        (None, None) => None,
    };
    let format = recipes::format_of(&Recipe {
        format: request.format,
        columns: request.columns,
        spreadsheet: request.spreadsheet,
        separator: request.separator,
        bom: request.bom,
        ..Recipe::default()
    })?;
    // What leaves of a view is bound by its purpose, whatever happened since it was opened.
    let purpose = match (request.purpose, request.view) {
        (Some(purpose), _) => Some(purpose),
        (None, Some(view)) => view::purpose_of(core, view)?,
        (None, None) => None,
    };
    let (file, what, hours) = (PathBuf::from(request.file), request.what, request.hours);
    Ok(ExportRequest { file, format, rows, what, hours, purpose })
}
