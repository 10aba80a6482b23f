//! Batches at HubSpot: up to a hundred records, of which some may be taken and others not.

use super::{HubSpot, LARGEST_BATCH, properties, put};
use crate::vendors::{
    api::Api,
    call::{Answer, Call, text},
    shelf::{Gone, Shelf},
};
use properties::Problem;
use serde_json::{Value, json};
use std::collections::BTreeSet;

/// What became of one record of a batch.
type Taken = Result<Option<Value>, Problem>;

impl HubSpot {
    pub(super) fn batch(&self, call: &Call, what: &str, shelf: &mut Shelf) -> Answer {
        let inputs = call.body["inputs"].as_array().cloned().unwrap_or_default();
        if inputs.is_empty() || inputs.len() > LARGEST_BATCH {
            return self.refusal(400, "VALIDATION_ERROR", "inputs have to be between 1 and 100");
        }
        let mut seen = BTreeSet::new();
        let twice = inputs.iter().map(|input| text(input, "/id")).find(|id| !id.is_empty() && !seen.insert(id.clone()));
        if twice.is_some() {
            return self.refusal(400, "VALIDATION_ERROR", "Duplicate IDs found in batch input");
        }
        if what == "read" {
            return self.read_batch(call, &inputs, shelf);
        }
        if what == "archive" && shelf.habits.refuse_delete {
            return self.refusal(403, "FORBIDDEN", "These records cannot be deleted now");
        }
        // The form of all is looked at before anything is done.
        let mut problems = inputs.iter().filter_map(|input| self.problem(what, input, shelf));
        if let Some(problem) = problems.find(|problem| problem.is_form || shelf.habits.refuse_whole) {
            return self.refused(&problem);
        }
        let mut taken = Vec::new();
        for input in &inputs {
            taken.push((input, self.take(what, input, shelf)));
        }
        if what == "archive" {
            return Answer::bare(204);
        }
        if shelf.habits.reorder {
            taken.reverse();
        }
        answer(if what == "create" { 201 } else { 200 }, taken)
    }

    /// Why an input would not be taken.
    fn problem(&self, what: &str, input: &Value, shelf: &Shelf) -> Option<Problem> {
        match (what, self.meant(what, input, shelf)) {
            ("archive", _) => None,
            (_, Err(problem)) => Some(problem),
            (_, Ok(number)) => properties::checked(&input["properties"], number, shelf).err(),
        }
    }

    /// The record that an input is about; nothing for one that is to be made.
    fn meant(&self, what: &str, input: &Value, shelf: &Shelf) -> Result<Option<u64>, Problem> {
        let id = text(input, "/id");
        if what == "create" {
            return Ok(None);
        }
        if id.is_empty() {
            let said = "inputs[0].id is missing".to_owned();
            return Err(Problem { is_form: true, ..Problem::of(400, "VALIDATION_ERROR", said) });
        }
        let property = text(input, "/idProperty");
        let found = match property.as_str() {
            "" | "hs_object_id" => shelf.named(&id),
            name if name == "email" || shelf.attributes.get(name).is_some_and(|one| one["hasUniqueValue"] == true) => {
                shelf.saying(&format!("/properties/{name}"), &id)
            }
            name => {
                let said = format!("Property \"{name}\" has no unique values");
                return Err(Problem { is_form: true, ..Problem::of(400, "VALIDATION_ERROR", said) });
            }
        };
        match found {
            None if what == "update" || property.is_empty() => {
                Err(Problem::of(404, "OBJECT_NOT_FOUND", "Could not get some CONTACT objects".to_owned()))
            }
            found => Ok(found.map(|record| record.number)),
        }
    }

    fn take(&self, what: &str, input: &Value, shelf: &mut Shelf) -> Taken {
        let number = self.meant(what, input, shelf);
        if what == "archive" {
            if let Ok(Some(number)) = number {
                shelf.remove(number, Gone::Archived);
            }
            return Ok(None);
        }
        let number = number?;
        let mut said = properties::checked(&input["properties"], number, shelf)?;
        let (number, is_new) = match number {
            Some(number) => {
                put(number, &said, shelf);
                (number, false)
            }
            None => {
                let property = text(input, "/idProperty");
                if !property.is_empty() {
                    said.entry(property).or_insert_with(|| input["id"].clone());
                }
                (shelf.make(json!({ "properties": said })), true)
            }
        };
        let mut row = shelf.record(number).map(|record| self.shown(record, shelf)).unwrap_or_default();
        if what == "upsert" {
            row["new"] = Value::from(is_new);
        }
        if !input["objectWriteTraceId"].is_null() {
            row["objectWriteTraceId"] = input["objectWriteTraceId"].clone();
        }
        Ok(Some(row))
    }

    fn read_batch(&self, call: &Call, inputs: &[Value], shelf: &Shelf) -> Answer {
        let names = call.body["properties"].as_array().into_iter().flatten();
        let names: Vec<&str> = names.filter_map(Value::as_str).collect();
        let property = text(&call.body, "/idProperty");
        let (mut rows, mut missing) = (Vec::new(), Vec::new());
        for input in &inputs[..shelf.answered(inputs.len())] {
            let id = text(input, "/id");
            let found = match property.as_str() {
                "" | "hs_object_id" => shelf.named(&id),
                name => shelf.saying(&format!("/properties/{name}"), &id),
            };
            match found {
                Some(record) => rows.push(self.telling(record, &names, shelf.habits.times)),
                None => missing.push(id),
            }
        }
        if shelf.habits.reorder {
            rows.reverse();
        }
        let mut body = json!({ "status": "COMPLETE", "results": rows });
        if missing.is_empty() {
            return Answer::of(200, &body);
        }
        body["numErrors"] = Value::from(1);
        body["errors"] = json!([{
            "status": "error",
            "category": "OBJECT_NOT_FOUND",
            "message": "Could not get some CONTACT objects, they may be deleted or not exist.",
            "context": { "ids": missing },
        }]);
        Answer::of(207, &body)
    }
}

/// All that was taken, and why the others were not.
fn answer(status: u16, taken: Vec<(&Value, Taken)>) -> Answer {
    let (mut rows, mut errors) = (Vec::new(), Vec::new());
    for (input, taken) in taken {
        match taken {
            Ok(row) => rows.extend(row),
            Err(problem) => errors.push(json!({
                "status": "error",
                "category": problem.category,
                "message": problem.said,
                "context": match &input["objectWriteTraceId"] {
                    Value::Null => json!({ "ids": [input["id"]] }),
                    trace => json!({ "objectWriteTraceId": [trace] }),
                },
            })),
        }
    }
    let mut body = json!({ "status": "COMPLETE", "results": rows });
    if errors.is_empty() {
        return Answer::of(status, &body);
    }
    body["numErrors"] = Value::from(errors.len());
    body["errors"] = Value::from(errors);
    Answer::of(207, &body)
}
