//! What all parts of cards have in common at the door.

use super::paged::up;
use crate::{
    answer::{Answer, Problem},
    asked::{Asked, stale},
};
use cardfile_core::{
    Error, Reader, StoredPart,
    domain::{Millis, Part, PartKind},
    parts, programs,
};
use http::{StatusCode, header};
use serde_json::{Map, Value, json};

/// A part as programs see it: moments written out, nothing instead of empty text.
pub(crate) fn value<T: Part>(stored: &StoredPart<T>) -> Map<String, Value> {
    let mut map = match serde_json::to_value(&stored.value) {
        Ok(Value::Object(map)) => map,
        _ => Map::new(),
    };
    for (name, value) in &mut map {
        let is_time = name == "at" || name.ends_with("_at");
        match value {
            Value::Number(_) if is_time => {
                *value = value.as_i64().map_or(Value::Null, |at| Millis(at).to_rfc3339().into());
            }
            Value::String(text) if text.is_empty() => *value = Value::Null,
            _ => {}
        }
    }
    map.insert("version".to_owned(), stored.version.into());
    map
}

/// The part with an id, and the card that it is on, as a program sees both.
pub(crate) fn find<T: Part>(asked: &Asked, id: &str) -> Result<(StoredPart<T>, Map<String, Value>), Problem> {
    if PartKind::of_id(id) != Some(T::KIND) {
        return Err(Problem::not_found());
    }
    let stored = parts::get::<T>(asked.core(), id)?;
    let owner = programs::owner(asked.core(), &asked.sight()?, T::KIND, stored.parent)?;
    let mut map = value(&stored);
    map.insert("contact_id".to_owned(), owner.map_or(Value::Null, |owner| owner.contact.id.as_str().into()));
    Ok((stored, map))
}

/// One part as an answer.
pub(crate) fn answer<T: Part>(asked: &Asked, status: StatusCode, id: &str) -> Result<Answer, Problem> {
    let (stored, map) = find::<T>(asked, id)?;
    let known = if status == StatusCode::OK { asked.known() } else { None };
    Ok(Answer::json(status, &map).tagged(&tag(stored.version), known))
}

/// A part that was just made: where it is, and what it takes to say so again.
pub(crate) fn made<T: Part>(asked: &Asked, id: &str, way: &str) -> Result<Answer, Problem> {
    let (stored, _) = find::<T>(asked, id)?;
    let answer = answer::<T>(asked, StatusCode::CREATED, id)?.with(header::LOCATION, format!("{way}/{id}"));
    Ok(answer.made(json!({ "part": stored.row })))
}

/// The same again.
pub(crate) fn made_again<T: Part>(asked: &Asked, outcome: &Value, way: &str) -> Result<Answer, Problem> {
    let row = outcome["part"].as_i64().unwrap_or_default();
    let id = asked.core().store().read(|r| r.parts().id_at(T::KIND, row)).map_err(Error::from)?;
    let id = id.ok_or_else(Problem::not_found)?;
    made::<T>(asked, &id, way)
}

/// The tag of a version.
pub(crate) fn tag(version: i64) -> String {
    format!("\"v{version}\"")
}

/// All parts of one kind of the card that a path names, each under its key in a list.
pub(crate) fn of_card<T: Part>(asked: &Asked) -> Result<Vec<(String, Value)>, Problem> {
    let stored = programs::card(asked.core(), &asked.sight()?, asked.param(0))?;
    let all = parts::of::<T>(asked.core(), &stored)?;
    let id = stored.contact.id.as_str();
    Ok(all.iter().map(|part| (up(part.row), with_owner(value(part), id))).collect())
}

fn with_owner(mut map: Map<String, Value>, id: &str) -> Value {
    map.insert("contact_id".to_owned(), id.into());
    Value::Object(map)
}

/// A part is changed, as it is inside the write: what others changed of it meanwhile stays.
pub(crate) fn edit<T: Part>(
    asked: &Asked,
    change: impl FnOnce(Reader<'_>, &mut StoredPart<T>) -> Result<(), Error>,
) -> Result<Answer, Problem> {
    find::<T>(asked, asked.param(0))?;
    let edited = parts::edit_seen::<T>(asked.core(), asked.param(0), asked.version()?, &asked.who, change)?;
    edited.ok_or_else(stale)?;
    answer::<T>(asked, StatusCode::OK, asked.param(0))
}

/// A part is taken away.
pub(crate) fn remove<T: Part>(asked: &Asked) -> Result<Answer, Problem> {
    find::<T>(asked, asked.param(0))?;
    let removed = parts::remove_seen::<T>(asked.core(), asked.param(0), asked.version()?, &asked.who)?;
    removed.ok_or_else(stale)?;
    Ok(Answer::empty(StatusCode::NO_CONTENT))
}
