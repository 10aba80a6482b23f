//! Searches at HubSpot: up to 10,000 records for one question, as the index knows them.

use super::HubSpot;
use crate::vendors::{
    api::Api,
    call::{Answer, Call, text},
    shelf::{Record, Shelf, View},
};
use cardfile_domain::{Millis, time::DateOrder};
use serde_json::{Value, json};

/// The longest page.
const LONGEST: usize = 200;
/// Records that one question can be answered with.
const CAP: usize = 10_000;
const MOST_GROUPS: usize = 6;
const LONGEST_QUERY: usize = 3_000;

impl HubSpot {
    pub(super) fn search(&self, call: &Call, shelf: &mut Shelf) -> Answer {
        let body = &call.body;
        let limit = body["limit"].as_u64().map_or(10, |limit| limit as usize);
        let groups = body["filterGroups"].as_array().cloned().unwrap_or_default();
        let query = text(body, "/query");
        if !(1..=LONGEST).contains(&limit) || groups.len() > MOST_GROUPS || query.chars().count() > LONGEST_QUERY {
            return self.refusal(400, "VALIDATION_ERROR", "limit, filterGroups or query is out of its bounds");
        }
        let after = text(body, "/after");
        let after = if after.is_empty() { Some(0) } else { after.parse::<usize>().ok() };
        let Some(after) = after else {
            return self.refusal(400, "VALIDATION_ERROR", "after is no place that was given");
        };
        let cap = shelf.habits.cap.unwrap_or(CAP);
        if after + limit > cap {
            let said = format!("Paging through more than {cap} results is not possible");
            return self.refusal(400, "VALIDATION_ERROR", &said);
        }
        let mut found = Vec::new();
        for record in shelf.indexed() {
            match is_meant(record, &groups, &query) {
                Ok(true) => found.push(record),
                Ok(false) => {}
                Err(said) => return self.refusal(400, "VALIDATION_ERROR", &said),
            }
        }
        if let Some(sort) = body["sorts"].as_array().and_then(|sorts| sorts.first()) {
            let (name, is_down) = match sort {
                Value::String(name) => match name.strip_prefix('-') {
                    Some(name) => (name.to_owned(), true),
                    None => (name.clone(), false),
                },
                sort => (text(sort, "/propertyName"), text(sort, "/direction") == "DESCENDING"),
            };
            found.sort_by_key(|record| (ordered(&said(record, &name)), record.number));
            if is_down {
                found.reverse();
            }
        }
        let numbers: Vec<u64> = found.iter().map(|record| record.number).collect();
        let names: Vec<&str> = body["properties"].as_array().into_iter().flatten().filter_map(Value::as_str).collect();
        let times = shelf.habits.times;
        let page = shelf.page(View::Index, &numbers, after, limit, |record| self.telling(record, &names, times));
        let mut body = json!({ "total": page.total, "results": page.rows });
        if !page.is_last() {
            body["paging"] = json!({ "next": { "after": page.end.to_string() } });
        }
        Answer::of(200, &body)
    }
}

/// What a record says of a property; of times, the milliseconds.
fn said(record: &Record, name: &str) -> String {
    match name {
        "createdate" => record.made_ms.to_string(),
        "lastmodifieddate" => record.moved_ms.to_string(),
        "hs_object_id" => record.id.clone(),
        name => text(&record.said, &format!("/properties/{name}")),
    }
}

/// Numbers by their size, before all texts.
fn ordered(text: &str) -> (bool, i64, String) {
    match text.parse::<i64>() {
        Ok(number) => (false, number, String::new()),
        Err(_) => (true, 0, text.to_owned()),
    }
}

/// Whether all filters of one group fit, and the words are somewhere in it.
fn is_meant(record: &Record, groups: &[Value], query: &str) -> Result<bool, String> {
    let has_words = query.is_empty() || record.said.to_string().to_lowercase().contains(&query.to_lowercase());
    let mut is_in_one = groups.is_empty();
    for group in groups {
        let mut fits = true;
        for filter in group["filters"].as_array().into_iter().flatten() {
            fits &= fits_in(record, filter)?;
        }
        is_in_one |= fits;
    }
    Ok(has_words && is_in_one)
}

fn fits_in(record: &Record, filter: &Value) -> Result<bool, String> {
    let name = text(filter, "/propertyName");
    let is_time = matches!(name.as_str(), "createdate" | "lastmodifieddate");
    let known = said(record, &name);
    let wanted = |value: String| {
        let moment = value.contains('-').then(|| Millis::parse(&value, DateOrder::DayFirst)).flatten();
        moment.filter(|_| is_time).map_or(value, |at| at.0.to_string())
    };
    let value = wanted(text(filter, "/value"));
    let by_size = || ordered(&known).cmp(&ordered(&value));
    Ok(match text(filter, "/operator").as_str() {
        "EQ" => known == value,
        "NEQ" => known != value,
        "GT" => by_size().is_gt(),
        "GTE" => by_size().is_ge(),
        "LT" => by_size().is_lt(),
        "LTE" => by_size().is_le(),
        "BETWEEN" => {
            let high = wanted(text(filter, "/highValue"));
            by_size().is_ge() && ordered(&known) <= ordered(&high)
        }
        "IN" => filter["values"].as_array().into_iter().flatten().any(|one| one.as_str() == Some(known.as_str())),
        "HAS_PROPERTY" => !known.is_empty(),
        "NOT_HAS_PROPERTY" => known.is_empty(),
        other => return Err(format!("there is no operator {other}")),
    })
}
