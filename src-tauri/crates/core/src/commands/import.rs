//! Files that come in.

use super::answer::{FieldChangeView, changes};
use crate::{
    error::Error,
    import::{self, ImportRequest},
    jobs::Job,
    said::Said,
    session::Session,
};
use cardfile_domain::import::{Counts, Policy};
use cardfile_domain::say;
use cardfile_formats::{file::Choices, mapping::Target};
use serde::{Deserialize, Serialize};
use std::path::PathBuf;
use ts_rs::TS;

/// A file to import.
#[derive(Debug, Deserialize, TS)]
pub(super) struct ImportFile {
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
pub(super) struct PlanView {
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
pub(super) struct ColumnView {
    /// Heading.
    pub heading: String,
    /// First values.
    pub samples: Vec<String>,
    /// Where it goes, in text form.
    pub target: String,
}

/// A record that will not be taken.
#[derive(Debug, Serialize, TS)]
pub(super) struct RejectView {
    /// Physical line.
    pub line: u32,
    /// Name of the column or property, when one value is at fault.
    pub column: Option<String>,
    /// The place in the words of the format (`Contacts!C17`).
    pub place: Option<String>,
    /// What is wrong.
    pub message: Said,
    /// The cell or line, shortened.
    pub value: String,
}

/// A contact that will get new values.
#[derive(Debug, Serialize, TS)]
pub(super) struct UpdateView {
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
pub(super) struct ImportDone {
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
                message: reject.message.into(),
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

fn import_request(request: ImportFile) -> Result<ImportRequest, Error> {
    let targets = request.targets.map(|texts| {
        let parsed = texts
            .iter()
            .map(|text| Target::parse(text).ok_or_else(|| Error::bad_request(say!("{text} is no field", text))));
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
