//! The command table. A command is one line here and one function below: the
//! line gives the desktop call, the TypeScript types and the cache rule.

use crate::{
    contact,
    core::Core,
    diagnostics,
    error::{Code, Error},
    export::{self, ExportFormat, ExportReport, ExportRequest},
    facets::{self, Facets},
    fields,
    history::{self, OperationView, ReversalView},
    import::{self, ImportRequest},
    jobs::Job,
    quick_add::{self, QuickAdd},
    sample,
    session::{Created, Event, ProtectBy, Session, SessionView, Tag},
    system, tags,
    view::{self, ContactRowView, ViewOpened, ViewRequest},
};
use cardfile_domain::{
    ContactId, CustomKind, OperationId,
    import::{Counts, Policy},
};
use cardfile_formats::{
    csv_export::{Options, Preset, Profile, headings},
    file::Choices,
    mapping::Target,
    record::shorten,
};
use cardfile_store::ExportEntry;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::{collections::BTreeMap, path::PathBuf};
use ts_rs::TS;

macro_rules! commands {
    ($( $name:ident ( $req:ty ) -> $res:ty $( , invalidates [ $($tag:ident),* ] )? ; )*) => {
        /// Every command with the answers it makes out of date.
        pub const COMMANDS: &[(&str, &[Tag])] = &[ $( (stringify!($name), &[ $( $(Tag::$tag),* )? ]) ),* ];

        /// Calls a command by name. A successful write tells the window which
        /// answers are out of date.
        pub fn dispatch(session: &Session, name: &str, payload: Value) -> Result<Value, Error> {
            let (value, tags): (Value, &[Tag]) = match name {
                $( stringify!($name) => {
                    let request: $req = serde_json::from_value(payload)
                        .map_err(|e| Error::bad_request(format!("{name}: {e}")))?;
                    let view: $res = handlers::$name(session, request)?;
                    let value = serde_json::to_value(view).map_err(|e| Error::bad_request(e.to_string()))?;
                    (value, &[ $( $(Tag::$tag),* )? ])
                } )*
                _ => return Err(Error::bad_request(format!("there is no command {name}"))),
            };
            if !tags.is_empty() {
                session.tell(Event::Stale { tags: tags.to_vec() });
            }
            Ok(value)
        }

        /// The TypeScript side of the table.
        pub fn bindings() -> String {
            let mut types = Types::default();
            let mut table = String::new();
            $( {
                types.add::<$req>();
                types.add::<$res>();
                let (request, response) = (types.name::<$req>(), types.name::<$res>());
                table.push_str(&format!("  {}: {{ request: {request}; response: {response} }};\n", stringify!($name)));
            } )*
            types.add::<Event>();
            types.add::<Error>();
            types.finish(&table)
        }
    };
}

commands! {
    session_get(Nothing) -> SessionView;
    // The window goes on only after the recovery code was shown: it asks again itself.
    workspace_create(ProtectBy) -> Created;
    workspace_unlock(Unlock) -> Nothing, invalidates [Workspace, Contacts, Facets, History, Settings];
    workspace_lock(Nothing) -> Nothing, invalidates [Workspace];
    view_open(ViewRequest) -> ViewOpened;
    view_rows(RowsRequest) -> RowsView;
    facets_get(Nothing) -> Facets;
    contact_get(ContactRef) -> ContactView;
    contact_create(NewContact) -> Made, invalidates [Contacts, Facets, History, Workspace];
    contact_edit(EditContact) -> Changed, invalidates [Contacts, Facets, History];
    contact_bin(ContactRefs) -> Changed, invalidates [Contacts, Facets, History, Workspace];
    contact_restore(ContactRefs) -> Changed, invalidates [Contacts, Facets, History, Workspace];
    quick_add_preview(Line) -> QuickAdd;
    sample_load(Nothing) -> Changed, invalidates [Contacts, Facets, History, Workspace];
    sample_remove(Nothing) -> Changed, invalidates [Contacts, Facets, History, Workspace];
    tag_rename(RenameTag) -> Changed, invalidates [Contacts, Facets, History];
    tag_delete(TagRef) -> Changed, invalidates [Contacts, Facets, History];
    field_create(NewField) -> Changed, invalidates [Facets, History];
    field_change(ChangeField) -> FieldChangedView, invalidates [Contacts, Facets, History];
    field_delete(FieldRef) -> Changed, invalidates [Contacts, Facets, History];
    field_promote(PromoteKey) -> Changed, invalidates [Contacts, Facets, History];
    job_stop(JobRef) -> Nothing;
    history_list(HistoryRequest) -> HistoryView;
    history_undo(OperationRef) -> ReversalView, invalidates [Contacts, Facets, History, Workspace];
    history_redo(OperationRef) -> ReversalView, invalidates [Contacts, Facets, History, Workspace];
    import_plan(ImportFile) -> PlanView;
    import_run(ImportFile) -> ImportDone, invalidates [Contacts, Facets, History, Workspace];
    export_columns(Nothing) -> ExportColumns;
    export_preview(ExportFile) -> PreviewView;
    export_run(ExportFile) -> ExportReport, invalidates [Exports];
    export_log(Nothing) -> ExportLogView;
    passphrase_set(Passphrase) -> Created, invalidates [Workspace];
    recovery_renew(Nothing) -> Created;
    backup_run(BackupFile) -> BackupDone;
    diagnostics_get(Nothing) -> Diagnostics;
    setting_get(SettingRef) -> SettingView;
    setting_set(SettingView) -> Nothing, invalidates [Settings];
}

/// No request, or no answer.
#[derive(Debug, Default, Serialize, Deserialize, TS)]
#[serde(default)]
pub struct Nothing {}

/// What was typed to open a workspace.
#[derive(Deserialize, TS)]
pub struct Unlock {
    /// Passphrase or recovery code; empty to ask the keychain.
    pub secret: String,
}

/// A window of rows.
#[derive(Debug, Deserialize, TS)]
pub struct RowsRequest {
    /// Number of the view.
    pub view: u32,
    /// First row.
    pub from: u32,
    /// Row after the last; at most 500 rows are given.
    pub to: u32,
}

/// Rows of a view; a contact that is gone since is null.
#[derive(Debug, Serialize, TS)]
pub struct RowsView {
    /// In order.
    pub rows: Vec<Option<ContactRowView>>,
}

/// One contact.
#[derive(Debug, Serialize, Deserialize, TS)]
pub struct ContactRef {
    /// `ctc_…`
    pub id: String,
}

/// Several contacts.
#[derive(Debug, Deserialize, TS)]
pub struct ContactRefs {
    /// `ctc_…`
    pub ids: Vec<String>,
}

/// How many contacts changed.
#[derive(Debug, Serialize, TS)]
pub struct Changed {
    /// Contacts.
    pub count: u32,
    /// `opr_…`, to undo just this; null when nothing changed.
    pub operation: Option<String>,
}

impl Changed {
    fn of((count, operation): (u32, Option<OperationId>)) -> Self {
        Self { count, operation: operation.map(|id| id.to_string()) }
    }
}

/// A contact that was made.
#[derive(Debug, Serialize, TS)]
pub struct Made {
    /// `ctc_…`
    pub id: String,
    /// `opr_…`, to undo just this.
    pub operation: Option<String>,
}

/// A new contact as a typed line.
#[derive(Debug, Deserialize, TS)]
pub struct NewContact {
    /// Name, email and phone in any order.
    pub line: String,
}

/// A typed line.
#[derive(Debug, Deserialize, TS)]
pub struct Line {
    /// Name, email and phone in any order.
    pub line: String,
}

/// One field of one contact.
#[derive(Debug, Deserialize, TS)]
pub struct EditContact {
    /// `ctc_…`
    pub id: String,
    /// Key in the catalogue, or `custom.` and a key.
    pub field: String,
    /// The new value in the field's shape.
    #[ts(type = "unknown")]
    pub value: Value,
}

/// A contact with everything, and what happened to it.
#[derive(Debug, Serialize, TS)]
pub struct ContactView {
    /// What to call it.
    pub title: String,
    /// All its values by key of the catalogue.
    #[ts(type = "Record<string, unknown>")]
    pub contact: Value,
    /// Newest first.
    pub timeline: Vec<TimelineEntry>,
}

/// One thing that happened to a contact.
#[derive(Debug, Serialize, TS)]
pub struct TimelineEntry {
    /// RFC 3339.
    pub at: String,
    /// Kind of the operation.
    pub kind: &'static str,
    /// To what, in a few words.
    pub subject: String,
    /// By whom.
    pub actor: String,
    /// Fields with old and new text.
    pub changes: Vec<FieldChangeView>,
}

/// One field's change as text.
#[derive(Debug, Serialize, TS)]
pub struct FieldChangeView {
    /// Key of the field.
    pub field: String,
    /// Before, shortened.
    pub old: String,
    /// After, shortened.
    pub new: String,
}

/// Which part of the history.
#[derive(Debug, Deserialize, TS)]
pub struct HistoryRequest {
    /// At most so many.
    pub limit: u32,
}

/// Operations, newest first.
#[derive(Debug, Serialize, TS)]
pub struct HistoryView {
    /// Newest first.
    pub operations: Vec<OperationView>,
}

/// An operation, or the latest.
#[derive(Debug, Deserialize, TS)]
pub struct OperationRef {
    /// `opr_…`, or nothing for the latest.
    pub id: Option<String>,
}

/// A file to import.
#[derive(Debug, Deserialize, TS)]
pub struct ImportFile {
    /// Its path, as a dialog or a drop gave it.
    pub file: String,
    /// How contacts that are here may change.
    #[ts(type = "\"fill\" | \"newest\" | \"ask\"")]
    pub policy: Policy,
    /// With `ask`: numbers of the records whose values win over the card.
    pub wins: Vec<u32>,
    /// Where columns go, when it was changed: one text form per column.
    pub targets: Option<Vec<String>>,
    /// Encoding, when it was chosen.
    pub encoding: Option<String>,
    /// One character between cells, when it was chosen.
    pub separator: Option<String>,
    /// Whether there is a header, when it was chosen.
    pub header: Option<bool>,
}

/// What an import will do.
#[derive(Debug, Serialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct PlanView {
    /// Name of the file.
    pub name: String,
    /// Name of the format.
    pub format: &'static str,
    /// Name of the program it comes from.
    pub dialect: Option<&'static str>,
    /// Encoding, where the file is text.
    pub encoding: Option<&'static str>,
    /// Whether the encoding follows from the bytes.
    pub encoding_certain: bool,
    /// Between cells, where there are cells.
    pub separator: Option<String>,
    /// Line of the header, 0 when there is none.
    pub header_line: u32,
    /// Columns in order.
    pub columns: Vec<ColumnView>,
    /// Outcomes.
    #[ts(
        type = "Record<\"records\" | \"created\" | \"updated\" | \"unchanged\" | \"duplicate\" | \"suppressed\" | \"rejected\", number>"
    )]
    pub counts: Counts,
    /// The first rejects.
    pub rejects: Vec<RejectView>,
    /// The first updates.
    pub updates: Vec<UpdateView>,
    /// Whether the mapping is the one of an earlier file with the same columns.
    pub is_remembered: bool,
    /// Size of the file in bytes.
    #[ts(type = "number")]
    pub bytes: u64,
}

/// One column of a file.
#[derive(Debug, Serialize, TS)]
pub struct ColumnView {
    /// Heading.
    pub heading: String,
    /// First values.
    pub samples: Vec<String>,
    /// Where it goes, in text form.
    pub target: String,
}

/// A record that will not be taken.
#[derive(Debug, Serialize, TS)]
pub struct RejectView {
    /// Physical line.
    pub line: u32,
    /// Name of the column or property, when one value is at fault.
    pub column: Option<String>,
    /// The place in the words of the format (`Contacts!C17`).
    pub place: Option<String>,
    /// What is wrong.
    pub message: String,
    /// The cell or line, shortened.
    pub value: String,
}

/// A contact that will get new values.
#[derive(Debug, Serialize, TS)]
pub struct UpdateView {
    /// Physical line.
    pub line: u32,
    /// What to call the contact.
    pub name: String,
    /// Number of the record.
    pub record: u32,
    /// Its fields.
    pub changes: Vec<FieldChangeView>,
    /// What would change beyond that if the file won over the card.
    pub contested: Vec<FieldChangeView>,
}

/// What an import did.
#[derive(Debug, Serialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct ImportDone {
    /// Outcomes, from the transactions.
    #[ts(
        type = "Record<\"records\" | \"created\" | \"updated\" | \"unchanged\" | \"duplicate\" | \"suppressed\" | \"rejected\", number>"
    )]
    pub counts: Counts,
    /// File of the records that were not taken.
    pub rejects_file: Option<String>,
    /// `opr_…`, when anything was written.
    pub operation: Option<String>,
}

/// A file to export to.
#[derive(Debug, Deserialize, TS)]
pub struct ExportFile {
    /// Its path; not used by a preview.
    pub file: String,
    /// Whether a file of this name may be replaced: a dialog asked.
    pub replace: bool,
    /// What the file is.
    #[ts(type = "\"csv\" | \"vcard\" | \"ndjson\"")]
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
pub enum ExportWord {
    /// Rows.
    Csv,
    /// Cards.
    Vcard,
    /// One JSON object a line.
    Ndjson,
}

/// Columns a CSV can have.
#[derive(Debug, Serialize, TS)]
pub struct ExportColumns {
    /// The twelve of the reference layout.
    pub reference: Vec<String>,
    /// All of them, custom fields last.
    pub complete: Vec<String>,
    /// Where exports go when nobody chooses.
    pub folder: String,
}

/// The beginning of a file.
#[derive(Debug, Serialize, TS)]
pub struct PreviewView {
    /// Its first lines.
    pub text: String,
    /// Contacts the file will hold.
    pub contacts: u32,
}

/// The latest exports.
#[derive(Debug, Serialize, TS)]
pub struct ExportLogView {
    /// Newest first.
    pub entries: Vec<ExportEntryView>,
}

/// One export.
#[derive(Debug, Serialize, TS)]
pub struct ExportEntryView {
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

/// A tag and its new name.
#[derive(Debug, Deserialize, TS)]
pub struct RenameTag {
    /// As it is.
    pub name: String,
    /// As it will be; the name of another tag joins the two.
    pub to: String,
}

/// A tag.
#[derive(Debug, Deserialize, TS)]
pub struct TagRef {
    /// Its name.
    pub name: String,
}

/// A custom field to be made.
#[derive(Debug, Deserialize, TS)]
pub struct NewField {
    /// Name on screen.
    pub label: String,
    /// Its type.
    #[ts(type = "\"text\" | \"number\" | \"boolean\" | \"date\" | \"choice\"")]
    pub kind: CustomKind,
}

/// A custom field with another name or type.
#[derive(Debug, Deserialize, TS)]
pub struct ChangeField {
    /// Which.
    pub key: String,
    /// Name on screen.
    pub label: String,
    /// Its type.
    #[ts(type = "\"text\" | \"number\" | \"boolean\" | \"date\" | \"choice\"")]
    pub kind: CustomKind,
}

/// What a change of a field did.
#[derive(Debug, Serialize, TS)]
pub struct FieldChangedView {
    /// Contacts whose value was read anew.
    pub count: u32,
    /// Values that the new type cannot read; they stay as they are.
    pub kept: u32,
    /// `opr_…`, to undo just this.
    pub operation: Option<String>,
}

/// A custom field.
#[derive(Debug, Deserialize, TS)]
pub struct FieldRef {
    /// Which.
    pub key: String,
}

/// A key of the metadata that becomes a field.
#[derive(Debug, Deserialize, TS)]
pub struct PromoteKey {
    /// Key at the top of the metadata.
    pub key: String,
    /// Name of the field.
    pub label: String,
}

/// A job that runs.
#[derive(Debug, Deserialize, TS)]
pub struct JobRef {
    /// As its progress names it.
    pub job: String,
}

/// A passphrase as typed.
#[derive(Deserialize, TS)]
pub struct Passphrase {
    /// At least eight characters.
    pub passphrase: String,
}

/// A file to back up to.
#[derive(Debug, Deserialize, TS)]
pub struct BackupFile {
    /// Its path, as a dialog gave it.
    pub file: String,
}

/// A backup, opened again and counted.
#[derive(Debug, Serialize, TS)]
pub struct BackupDone {
    /// Contacts in it.
    pub contacts: u32,
    /// Its size.
    #[ts(type = "number")]
    pub bytes: u64,
}

/// Facts without personal data.
#[derive(Debug, Serialize, TS)]
pub struct Diagnostics {
    /// To be read before it is sent.
    pub text: String,
}

/// A setting by key.
#[derive(Debug, Deserialize, TS)]
pub struct SettingRef {
    /// `default_country`, `theme`, `density`.
    pub key: String,
}

/// A setting with its value.
#[derive(Debug, Serialize, Deserialize, TS)]
pub struct SettingView {
    /// `default_country`, `theme`, `density`.
    pub key: String,
    /// Null when it was never set.
    #[ts(type = "unknown")]
    pub value: Value,
}

mod handlers {
    use super::*;

    pub(super) fn session_get(session: &Session, _: Nothing) -> Result<SessionView, Error> {
        session.view()
    }

    pub(super) fn workspace_create(session: &Session, by: ProtectBy) -> Result<Created, Error> {
        session.create(by)
    }

    pub(super) fn workspace_unlock(session: &Session, request: Unlock) -> Result<Nothing, Error> {
        session.open(Some(request.secret).filter(|secret| !secret.is_empty()))?;
        Ok(Nothing {})
    }

    pub(super) fn workspace_lock(session: &Session, _: Nothing) -> Result<Nothing, Error> {
        session.lock();
        Ok(Nothing {})
    }

    pub(super) fn view_open(session: &Session, request: ViewRequest) -> Result<ViewOpened, Error> {
        view::open_soon(&*session.core()?, &request)
    }

    pub(super) fn view_rows(session: &Session, request: RowsRequest) -> Result<RowsView, Error> {
        Ok(RowsView { rows: view::rows(&*session.core()?, request.view, request.from, request.to)? })
    }

    pub(super) fn facets_get(session: &Session, _: Nothing) -> Result<Facets, Error> {
        facets::all(&*session.core()?)
    }

    pub(super) fn contact_get(session: &Session, request: ContactRef) -> Result<ContactView, Error> {
        let core = session.core()?;
        let stored = contact::find(&core, &request.id)?;
        let timeline = contact::timeline(&core, &stored)?;
        Ok(ContactView {
            title: stored.contact.display_name().to_owned(),
            timeline: timeline
                .into_iter()
                .map(|(operation, patch)| TimelineEntry {
                    at: operation.at.to_rfc3339(),
                    kind: operation.kind.as_str(),
                    subject: operation.subject,
                    actor: operation.actor,
                    changes: changes(&patch),
                })
                .collect(),
            contact: serde_json::to_value(&stored.contact).unwrap_or_default(),
        })
    }

    pub(super) fn contact_create(session: &Session, request: NewContact) -> Result<Made, Error> {
        let (id, operation) = contact::create(&*session.core()?, quick_add::parse(&request.line), &session.who())?;
        Ok(Made { id: id.to_string(), operation: operation.map(|id| id.to_string()) })
    }

    pub(super) fn contact_edit(session: &Session, request: EditContact) -> Result<Changed, Error> {
        let id = ContactId::parse(&request.id).map_err(|e| Error::bad_request(e.to_string()))?;
        let (changed, operation) =
            contact::edit(&*session.core()?, &id, &request.field, request.value, &session.who())?;
        Ok(Changed::of((changed.into(), operation)))
    }

    pub(super) fn contact_bin(session: &Session, request: ContactRefs) -> Result<Changed, Error> {
        let core = session.core()?;
        Ok(Changed::of(contact::bin(&core, &contact::rows(&core, &request.ids)?, &session.who())?))
    }

    pub(super) fn contact_restore(session: &Session, request: ContactRefs) -> Result<Changed, Error> {
        let core = session.core()?;
        Ok(Changed::of(contact::restore(&core, &contact::rows(&core, &request.ids)?, &session.who())?))
    }

    pub(super) fn quick_add_preview(session: &Session, request: Line) -> Result<QuickAdd, Error> {
        quick_add::preview(&*session.core()?, &request.line)
    }

    pub(super) fn sample_load(session: &Session, _: Nothing) -> Result<Changed, Error> {
        Ok(Changed::of(sample::load(&*session.core()?, &session.who())?))
    }

    pub(super) fn sample_remove(session: &Session, _: Nothing) -> Result<Changed, Error> {
        Ok(Changed::of(sample::remove(&*session.core()?, &session.who())?))
    }

    pub(super) fn tag_rename(session: &Session, request: RenameTag) -> Result<Changed, Error> {
        Ok(Changed::of(tags::rename(&*session.core()?, &request.name, &request.to, &session.who())?))
    }

    pub(super) fn tag_delete(session: &Session, request: TagRef) -> Result<Changed, Error> {
        Ok(Changed::of(tags::delete(&*session.core()?, &request.name, &session.who())?))
    }

    pub(super) fn field_create(session: &Session, request: NewField) -> Result<Changed, Error> {
        let operation = fields::create(&*session.core()?, &request.label, request.kind, &session.who())?;
        Ok(Changed::of((0, operation)))
    }

    pub(super) fn field_change(session: &Session, request: ChangeField) -> Result<FieldChangedView, Error> {
        let core = session.core()?;
        let done = fields::change(&core, &request.key, &request.label, request.kind, &session.who())?;
        let operation = done.operation.map(|id| id.to_string());
        Ok(FieldChangedView { count: done.changed, kept: done.kept, operation })
    }

    pub(super) fn field_delete(session: &Session, request: FieldRef) -> Result<Changed, Error> {
        Ok(Changed::of(fields::delete(&*session.core()?, &request.key, &session.who())?))
    }

    pub(super) fn field_promote(session: &Session, request: PromoteKey) -> Result<Changed, Error> {
        Ok(Changed::of(fields::promote(&*session.core()?, &request.key, &request.label, &session.who())?))
    }

    pub(super) fn job_stop(session: &Session, request: JobRef) -> Result<Nothing, Error> {
        session.jobs().stop(&request.job);
        Ok(Nothing {})
    }

    pub(super) fn history_list(session: &Session, request: HistoryRequest) -> Result<HistoryView, Error> {
        Ok(HistoryView { operations: history::list(&*session.core()?, request.limit.min(500))? })
    }

    pub(super) fn history_undo(session: &Session, request: OperationRef) -> Result<ReversalView, Error> {
        history::undo(&*session.core()?, request.id.as_deref(), &session.who())
    }

    pub(super) fn history_redo(session: &Session, request: OperationRef) -> Result<ReversalView, Error> {
        history::redo(&*session.core()?, request.id.as_deref(), &session.who())
    }

    pub(super) fn import_plan(session: &Session, request: ImportFile) -> Result<PlanView, Error> {
        let file = PathBuf::from(&request.file);
        let name = file.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
        let bytes = std::fs::metadata(&file).map_or(0, |about| about.len());
        let plan = import::plan(&*session.core()?, &import_request(request)?, &Job::begin(session, "Reading"))?;
        let shape = &plan.shape;
        Ok(PlanView {
            name,
            dialect: shape.dialect().map(|dialect| dialect.label),
            format: shape.format,
            encoding: shape.text.map(|text| text.encoding.name()),
            encoding_certain: shape.text.is_none_or(|text| text.certain),
            separator: shape.separator.map(|separator| char::from(separator).into()),
            header_line: shape.header_line,
            columns: (0..shape.header.len())
                .map(|at| ColumnView {
                    heading: shape.header[at].clone(),
                    samples: shape.samples.get(at).cloned().unwrap_or_default(),
                    target: shape.targets[at].to_string(),
                })
                .collect(),
            counts: plan.counts,
            rejects: plan
                .rejects
                .into_iter()
                .map(|reject| RejectView {
                    line: reject.position.line,
                    column: reject.column_name,
                    place: reject.place,
                    message: reject.message,
                    value: reject.value,
                })
                .collect(),
            updates: plan
                .updates
                .into_iter()
                .map(|update| UpdateView {
                    line: update.position.line,
                    name: update.contact.display_name().to_owned(),
                    record: update.position.record,
                    changes: changes(&update.patch),
                    contested: changes(&update.contested),
                })
                .collect(),
            is_remembered: plan.is_remembered,
            bytes,
        })
    }

    pub(super) fn import_run(session: &Session, request: ImportFile) -> Result<ImportDone, Error> {
        let request = import_request(request)?;
        let report = import::run(&*session.core()?, &request, &session.who(), &Job::begin(session, "Importing"))?;
        Ok(ImportDone {
            counts: report.counts,
            rejects_file: report.rejects_file.map(|path| path.display().to_string()),
            operation: report.operation.map(|operation| operation.id.to_string()),
        })
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

    pub(super) fn passphrase_set(session: &Session, request: Passphrase) -> Result<Created, Error> {
        if request.passphrase.chars().count() < 8 {
            return Err(Error::bad_request("a passphrase needs at least 8 characters"));
        }
        let code = session.core()?.store().set_passphrase(&request.passphrase)?;
        Ok(Created::of(code.as_ref()))
    }

    pub(super) fn recovery_renew(session: &Session, _: Nothing) -> Result<Created, Error> {
        Ok(Created::of(Some(&session.core()?.store().renew_recovery()?)))
    }

    pub(super) fn backup_run(session: &Session, request: BackupFile) -> Result<BackupDone, Error> {
        let manifest = session.core()?.backup(request.file.as_ref())?;
        Ok(BackupDone { contacts: manifest.contacts, bytes: manifest.bytes })
    }

    pub(super) fn diagnostics_get(session: &Session, _: Nothing) -> Result<Diagnostics, Error> {
        Ok(Diagnostics { text: diagnostics::report(&*session.core()?)? })
    }

    pub(super) fn setting_get(session: &Session, request: SettingRef) -> Result<SettingView, Error> {
        let value = session.core()?.setting(&request.key)?.unwrap_or_default();
        Ok(SettingView { key: request.key, value })
    }

    pub(super) fn setting_set(session: &Session, request: SettingView) -> Result<Nothing, Error> {
        session.core()?.set_setting(&request.key, &request.value, &session.who())?;
        Ok(Nothing {})
    }
}

fn import_request(request: ImportFile) -> Result<ImportRequest, Error> {
    let targets = request.targets.map(|texts| {
        let parsed = texts
            .iter()
            .map(|text| Target::parse(text).ok_or_else(|| Error::bad_request(format!("{text} is no field"))));
        parsed.collect::<Result<Vec<_>, _>>()
    });
    let choices = Choices {
        encoding: request.encoding,
        separator: request.separator.and_then(|text| text.bytes().next()),
        header: request.header,
    };
    Ok(ImportRequest {
        policy: request.policy,
        targets: targets.transpose()?,
        choices,
        wins: request.wins.into_iter().collect(),
        ..ImportRequest::of(request.file)
    })
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
    };
    Ok(ExportRequest { file: PathBuf::from(request.file), format, rows, what: request.what })
}

fn changes(patch: &cardfile_domain::Patch) -> Vec<FieldChangeView> {
    let visible = patch.0.iter().filter(|change| change.field != "updated_at");
    visible
        .map(|change| FieldChangeView {
            field: change.field.clone(),
            old: as_text(&change.old),
            new: as_text(&change.new),
        })
        .collect()
}

/// A value of a patch in a few words.
fn as_text(value: &Value) -> String {
    let text = match value {
        Value::Array(items) => {
            let texts = items.iter().map(|item| match item {
                Value::Object(map) => {
                    let own = map.get("value").or(map.get("external_id"));
                    own.and_then(Value::as_str).unwrap_or_default().to_owned()
                }
                other => cardfile_domain::custom::text_of(other),
            });
            texts.collect::<Vec<_>>().join(", ")
        }
        Value::Object(parts) => {
            parts.values().filter_map(Value::as_str).filter(|part| !part.is_empty()).collect::<Vec<_>>().join(" ")
        }
        other => cardfile_domain::custom::text_of(other),
    };
    shorten(&text)
}

/// Collects TypeScript declarations, each once.
#[derive(Default)]
struct Types {
    config: ts_rs::Config,
    declarations: BTreeMap<String, String>,
}

impl Types {
    fn add<T: TS + 'static + ?Sized>(&mut self) {
        ts_rs::TypeVisitor::visit::<T>(self);
    }

    fn name<T: TS>(&self) -> String {
        T::name(&self.config)
    }

    fn finish(self, table: &str) -> String {
        let mut text = String::from("// Made from the command table in core. Not edited by hand: `make bindings`.\n\n");
        for declaration in self.declarations.values() {
            text.push_str("export ");
            text.push_str(declaration);
            text.push_str("\n\n");
        }
        text.push_str("export interface Commands {\n");
        text.push_str(table);
        text.push_str("}\n");
        text
    }
}

impl ts_rs::TypeVisitor for Types {
    fn visit<T: TS + 'static + ?Sized>(&mut self) {
        if T::output_path().is_none() {
            // Lists and options: only what is inside them has a name.
            T::visit_generics(self);
            return;
        }
        let name = T::ident(&self.config);
        if !self.declarations.contains_key(&name) {
            self.declarations.insert(name, T::decl(&self.config));
            T::visit_dependencies(self);
        }
    }
}
