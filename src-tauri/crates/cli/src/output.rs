//! What the terminal shows: sentences for people, one JSON object for scripts.

use cardfile_core::{
    Stored,
    domain::{Contact, import::Counts},
    export::ExportReport,
    formats::json_contact,
    history::{OperationView, ReversalView},
    import::{ImportPlan, ImportReport},
};
use serde_json::{Value, json};

pub(crate) fn import(report: &ImportReport, json: bool) {
    let operation = report.operation.as_ref().map(|op| op.id.to_string());
    let file = report.rejects_file.as_ref().map(|path| path.display().to_string());
    if json {
        println!("{}", counts_json(report.counts, file, operation));
        return;
    }
    counts(report.counts);
    if let Some(file) = file {
        println!("The rejected records are in {file}: mend them there and import that file.");
    }
    match operation {
        Some(id) => println!("Undo with: cardfile undo {id}"),
        None => println!("Nothing was written."),
    }
}

pub(crate) fn plan(plan: &ImportPlan, json: bool) {
    if json {
        println!("{}", counts_json(plan.counts, None, None));
        return;
    }
    let shape = &plan.shape;
    let dialect = shape.dialect().map(|dialect| format!(" from {}", dialect.label)).unwrap_or_default();
    let encoding = shape.text.map(|text| format!(", {}", text.encoding.name())).unwrap_or_default();
    println!("{}{dialect}{encoding}", shape.format);
    for (heading, target) in plan.shape.header.iter().zip(&plan.shape.targets) {
        println!("  {heading} -> {target}");
    }
    counts(plan.counts);
    for reject in plan.rejects.iter().take(10) {
        let column = reject.column_name.as_ref().map(|name| format!(", column {name}")).unwrap_or_default();
        let place = reject.place.as_ref().map(|place| format!(" ({place})")).unwrap_or_default();
        println!("  line {}{place}{column}: {}: {}", reject.position.line, reject.message, reject.value);
    }
    println!("Nothing was written.");
}

fn counts(counts: Counts) {
    println!("{:>9} records read", counts.records);
    for (number, what) in [
        (counts.created, "created"),
        (counts.updated, "updated"),
        (counts.unchanged, "unchanged"),
        (counts.duplicate, "duplicate in the file"),
        (counts.suppressed, "suppressed"),
        (counts.rejected, "rejected"),
    ] {
        println!("{number:>9} {what}");
    }
}

fn counts_json(counts: Counts, rejects_file: Option<String>, operation: Option<String>) -> Value {
    let mut value = serde_json::to_value(counts).unwrap_or_default();
    value["rejects_file"] = json!(rejects_file);
    value["operation"] = json!(operation);
    value
}

pub(crate) fn export(report: &ExportReport, json: bool) {
    if json {
        println!("{}", json!(report));
    } else {
        println!("{} contacts in {}", report.contacts, report.file.display());
        println!("SHA-256 {}", report.sha256);
        if report.withheld > 0 {
            println!("{:>9} contacts were left out: they may not be used for this", report.withheld);
        }
        if report.shortened > 0 {
            println!("{:>9} cells were longer than a workbook takes; their end is missing there", report.shortened);
        }
    }
}

pub(crate) fn line(contact: &Contact, json: bool) {
    if json {
        println!("{}", json_contact::to_json(contact));
    } else {
        let (id, name, email, phone) = (&contact.id, contact.display_name(), contact.email(), contact.phone());
        println!("{id}  {name}  {email}  {phone}");
    }
}

pub(crate) fn found(total: usize, rows: &[Option<Stored>], json: bool) {
    let contacts: Vec<&Contact> = rows.iter().flatten().map(|stored| &stored.contact).collect();
    if json {
        let rows: Vec<Value> = contacts.iter().map(|contact| json_contact::to_value(contact)).collect();
        println!("{}", json!({ "total": total, "rows": rows }));
        return;
    }
    contacts.iter().for_each(|contact| line(contact, false));
    println!("{total} found");
}

pub(crate) fn contact(contact: &Contact, json: bool) {
    if json {
        println!("{}", json_contact::to_json(contact));
        return;
    }
    let value = json_contact::to_value(contact);
    println!("{}", contact.display_name());
    if let Value::Object(fields) = value {
        for (key, value) in fields {
            let text = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
            println!("  {key:<20} {text}");
        }
    }
}

pub(crate) fn operations(operations: &[OperationView], json: bool) {
    for operation in operations {
        if json {
            println!("{}", json!(operation));
        } else {
            let OperationView { id, kind, subject, at, state, .. } = operation;
            println!("{at}  {id}  {kind:<16} {state:<11} {subject}");
        }
    }
}

pub(crate) fn reversal(word: &str, report: &ReversalView, json: bool) {
    if json {
        println!("{}", json!(report));
        return;
    }
    println!("{word}: {} {}", report.operation.kind, report.operation.subject);
    println!("{:>9} removed", report.removed);
    println!("{:>9} restored", report.restored);
    println!("{:>9} kept because you edited them", report.kept.len());
    for kept in &report.kept {
        println!("          {} {}", kept.id, kept.fields.join(", "));
    }
}
