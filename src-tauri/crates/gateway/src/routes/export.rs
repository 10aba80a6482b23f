//! Exports: a job that writes a file, which is fetched once. Who may not be used is left out,
//! as of every export.

use super::{Gives, Route, Takes, contacts::in_query, jobs::JOB};
use crate::{
    answer::{Answer, Problem},
    asked::{Asked, text, words},
    jobs::{Job, Made},
    shape::{Issue, Kind, Shape, any, may, shape},
};
use cardfile_core::{
    Code, Core, Error, Who,
    clients::Scope,
    export::{self, ExportFormat, ExportRequest},
    formats::csv_export::{Options, Preset, Profile},
    privacy::purposes,
    programs::{self, Asked as Wanted, Bars},
};
use http::{Method, StatusCode, header};
use serde_json::{Map, Value, json};
use std::sync::Arc;

const FORMATS: [&str; 5] = ["csv", "ndjson", "vcard", "xlsx", "everything"];

static WRITE: Shape = shape(
    "ExportRequest",
    "Which contacts, and how. Everything may be left out.",
    &[
        may("format", Kind::Word(&FORMATS), "csv where nothing is said; everything: NDJSON with all parts."),
        may("preset", Kind::Word(&["reference", "complete"]), "reference: the twelve columns."),
        any("columns", Kind::List(&Kind::Text(200), 500), "These columns in this order, instead of a preset."),
        may("profile", Kind::Word(&["program", "spreadsheet"]), "spreadsheet: formulas guarded, reversibly."),
        any("filter", Kind::Text(5_000), "source:widget seen:<30d"),
        any("q", Kind::Text(500), ""),
        any("segment", Kind::Text(200), "Id or name of a saved view; its purpose binds."),
        any("sort", Kind::List(&Kind::Text(100), 2), ""),
        any("purpose", Kind::Text(200), "What the file is for: whoever may not be used for it is left out."),
    ],
);

pub(super) static ROUTES: &[Route] = &[Route {
    method: Method::POST,
    path: "/v1/contacts/export",
    id: "exportContacts",
    about: "Begins an export. The answer is a job; its file is fetched once, within an hour.",
    scope: Some(Scope::Export),
    query: &[],
    takes: Takes::Json(&WRITE),
    gives: &[(202, Gives::Json(&JOB))],
    handler: begin,
    again: Some(|asked, outcome| {
        let job = asked.shared.jobs.get(&asked.client.id, outcome["job"].as_str().unwrap_or_default())?;
        Ok(accepted(&job))
    }),
}];

fn accepted(job: &Job) -> Answer {
    Answer::json(StatusCode::ACCEPTED, &job.to_value())
        .with(header::LOCATION, format!("/v1/jobs/{}", job.id))
        .made(json!({ "job": job.id }))
}

fn begin(asked: &Asked) -> Result<Answer, Problem> {
    let form = if asked.body.is_empty() { Map::new() } else { asked.form(&WRITE)? };
    let (request, kind, name, bars) = request(asked, &form)?;
    let job = asked.shared.jobs.begin(asked.core(), &asked.client.id, "export", bars)?;
    let (core, who, running) = (Arc::clone(&asked.shared.core), asked.who.clone(), Arc::clone(&job));
    std::thread::spawn(move || {
        let ended = run(&core, &request, &who, &running, kind, name);
        running.end(ended, core.store().environment().clock.now());
    });
    Ok(accepted(&job))
}

fn run(
    core: &Core,
    request: &ExportRequest,
    who: &Who,
    job: &Job,
    kind: &'static str,
    name: String,
) -> Result<(Value, Option<Made>), Error> {
    let (report, parcel) = export::run_to_parcel(core, request, who, job)?;
    let result = json!({ "contacts": report.contacts, "bytes": report.bytes, "sha256": report.sha256,
        "withheld": report.withheld });
    Ok((result, Some(Made { parcel, kind, name })))
}

/// What is to be exported, what the file is and what it is called, and whom it knows to leave out.
fn request(asked: &Asked, form: &Map<String, Value>) -> Result<(ExportRequest, &'static str, String, Bars), Problem> {
    let said = |name: &str| text(form, name).unwrap_or_default().trim().to_owned();
    let preset = match (words(form, "columns"), said("preset").as_str()) {
        (Some(columns), _) if !columns.is_empty() => Preset::Columns(columns),
        (_, "complete") => Preset::Complete,
        _ => Preset::Reference,
    };
    let profile = if said("profile") == "spreadsheet" { Profile::Spreadsheet } else { Profile::Program };
    let (format, kind, ending) = match said("format").as_str() {
        "ndjson" => (ExportFormat::Ndjson, "application/x-ndjson", "ndjson"),
        "everything" => {
            // What stands on cards beside them needs what it takes to read it there.
            for scope in [Scope::ConversationsRead, Scope::TasksRead, Scope::MemoriesRead, Scope::NotesRead] {
                asked.need(scope)?;
            }
            (ExportFormat::Everything, "application/x-ndjson", "ndjson")
        }
        "vcard" => (ExportFormat::Vcard, "text/vcard; charset=utf-8", "vcf"),
        "xlsx" => {
            (ExportFormat::Xlsx(preset), "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", "xlsx")
        }
        _ => {
            let options = Options { preset, profile, separator: b',', bom: false };
            (ExportFormat::Csv(options), "text/csv; charset=utf-8", "csv")
        }
    };
    let wanted = Wanted {
        query: said("q"),
        filter: said("filter"),
        sort: words(form, "sort").unwrap_or_default(),
        in_bin: false,
        segment: said("segment"),
    };
    let sight = asked.sight()?;
    let purpose = purpose(asked, &said("purpose"), &wanted.segment)?;
    // Of a view its own purpose binds too, whatever the file is for.
    let mut purposes = programs::purposes(asked.core(), &sight, &wanted).map_err(in_query)?;
    purposes.extend(purpose.clone());
    // Before anybody is looked up: who takes their consent back meanwhile is not in it unnoticed.
    let bars = Bars::now(asked.core(), &purposes)?;
    let is_everybody = wanted == Wanted::default();
    // A client that serves a purpose sees only whom that allows, and nothing else leaves.
    let rows = match (is_everybody, &sight.purpose) {
        (true, None) => None,
        _ => Some(programs::in_order(asked.core(), &sight, &wanted).map_err(in_query)?),
    };
    let what: Vec<&str> = [&wanted.segment, &wanted.query, &wanted.filter].map(String::as_str).to_vec();
    let what = what.into_iter().filter(|text| !text.is_empty()).collect::<Vec<_>>().join(": ");
    let name = format!("contacts.{ending}");
    let file = export::for_program(&format!("{}/{name}", asked.client.id).replace('/', "-"));
    Ok((ExportRequest { file, format, rows, what, hours: 0, purpose }, kind, name, bars))
}

/// What the file is for: what the client serves, and nothing else where it serves something;
/// that of a view, unless another one is said.
fn purpose(asked: &Asked, said: &str, segment: &str) -> Result<Option<String>, Problem> {
    let unknown = |why: String| Problem::invalid(vec![Issue::new("purpose", why)]);
    let said = match said {
        "" => None,
        name => {
            let found = purposes::known(asked.core(), name)?;
            Some(found.ok_or_else(|| unknown(format!("there is no purpose {name}")))?.key)
        }
    };
    if !asked.client.purpose.is_empty() {
        if said.as_ref().is_some_and(|said| *said != asked.client.purpose) {
            return Err(unknown("is another one than this client serves".to_owned()));
        }
        return Ok(Some(asked.client.purpose.clone()));
    }
    if said.is_some() || segment.is_empty() {
        return Ok(said);
    }
    let view = cardfile_core::segments::find(asked.core(), segment).map_err(|error| match error.code {
        Code::NotFound => Problem::invalid(vec![Issue::new("segment", "there is no such view")]),
        _ => error.into(),
    })?;
    Ok(cardfile_core::segments::purpose_of(asked.core(), &view)?.map(|purpose| purpose.key))
}
