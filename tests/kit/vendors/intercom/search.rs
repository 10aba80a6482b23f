//! Searches at Intercom. Times are matched by the day (in UTC here): `>` is from the start of the
//! next day on, `<` is before the start of the day. Each value is still sorted as a whole.

use super::{Intercom, LONGEST_PAGE, PAGE, listed, shown};
use crate::vendors::{
    api::Api,
    call::{Answer, Call, text},
    shelf::{Record, Shelf, View},
};
use cardfile_domain::Millis;
use serde_json::Value;

const MOST_FILTERS: usize = 15;
const DEEPEST: usize = 2;

impl Intercom {
    pub(super) fn search(&self, call: &Call, shelf: &mut Shelf) -> Answer {
        let body = &call.body;
        let size = body["pagination"]["per_page"].as_u64().map_or(PAGE, |size| size as usize);
        if !(1..=LONGEST_PAGE).contains(&size) {
            return self.refusal(400, "parameter_invalid", "per_page has to be between 1 and 150");
        }
        let mut found = Vec::new();
        for record in shelf.indexed() {
            match fits(record, &body["query"], 0) {
                Ok(true) => found.push(record),
                Ok(false) => {}
                Err(said) => return self.refusal(400, "parameter_invalid", &said),
            }
        }
        let field = match text(body, "/sort/field") {
            field if field.is_empty() => "created_at".to_owned(),
            field => field,
        };
        found.sort_by_cached_key(|record| (moment(record, &field), said(record, &field), record.number));
        match text(body, "/sort/order").as_str() {
            "ascending" => {}
            "" | "descending" => found.reverse(),
            order => {
                let said = format!("Invalid sort order '{order}'. Must be one of: ascending, descending");
                return self.refusal(400, "invalid_sort_order", &said);
            }
        }
        let numbers: Vec<u64> = found.iter().map(|record| record.number).collect();
        let start = match body["pagination"]["starting_after"].as_str().map(|cursor| shelf.place(cursor)) {
            None => 0,
            Some(Some(place)) => place as usize,
            Some(None) => return self.refusal(400, "parameter_invalid", "starting_after is not known"),
        };
        let times = shelf.habits.times;
        let page = shelf.page(View::Index, &numbers, start, size, |record| shown(record, times));
        // A search goes on by how many it has told.
        let next = (!page.is_last()).then(|| shelf.cursor(page.end as u64));
        Answer::of(200, &listed(page.rows, page.total, size, start, next))
    }
}

/// Whether a record is what a question asks for.
fn fits(record: &Record, query: &Value, depth: usize) -> Result<bool, String> {
    let operator = text(query, "/operator");
    if !matches!(operator.as_str(), "AND" | "OR") {
        return fits_one(record, query, &operator);
    }
    let parts = query["value"].as_array().ok_or_else(|| "the value of a group is a list".to_owned())?;
    if parts.len() > MOST_FILTERS || depth > DEEPEST {
        return Err("too many filters".to_owned());
    }
    let mut all = Vec::new();
    for part in parts {
        all.push(fits(record, part, depth + 1)?);
    }
    Ok(if operator == "AND" { all.iter().all(|fits| *fits) } else { all.iter().any(|fits| *fits) })
}

fn fits_one(record: &Record, filter: &Value, operator: &str) -> Result<bool, String> {
    let (field, value) = (text(filter, "/field"), text(filter, "/value"));
    if field.ends_with("_at") {
        let seconds: i64 = value.parse().map_err(|_| format!("{value} is no time"))?;
        let day = |ms: i64| ms.div_euclid(Millis::DAY);
        let (known, wanted) = (day(moment(record, &field)), day(seconds * 1_000));
        return match operator {
            "=" => Ok(known == wanted),
            ">" => Ok(known > wanted),
            "<" => Ok(known < wanted),
            other => Err(format!("{other} is not supported for times")),
        };
    }
    let known = said(record, &field);
    let is_one = || filter["value"].as_array().into_iter().flatten().any(|one| one.as_str() == Some(known.as_str()));
    let has = || known.to_lowercase().contains(&value.to_lowercase());
    Ok(match operator {
        "=" => known == value,
        "!=" => known != value,
        "IN" => is_one(),
        "NIN" => !is_one(),
        "~" => has(),
        "!~" => !has(),
        "^" => known.starts_with(&value),
        "$" => known.ends_with(&value),
        other => return Err(format!("there is no operator {other}")),
    })
}

/// A time in a record, in milliseconds.
fn moment(record: &Record, field: &str) -> i64 {
    match field {
        "created_at" => record.made_ms,
        "updated_at" => record.moved_ms,
        field => record.said[field].as_i64().unwrap_or(0) * 1_000,
    }
}

fn said(record: &Record, field: &str) -> String {
    match field {
        "id" => record.id.clone(),
        field => text(&record.said, &format!("/{}", field.replace('.', "/"))),
    }
}
