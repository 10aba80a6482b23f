//! Who got data of a person: connections, by what was kept each time something was sent, and
//! files that were exported with them in it.

use super::{facts, gather::Gathered, processing};
use crate::{
    core::Core,
    error::Error,
    sync::{directions::Direction, remotes},
};
use cardfile_domain::Millis;
use cardfile_sync::fields::fields_of;
use serde_json::{Value, json};
use std::{
    collections::{BTreeMap, BTreeSet},
    path::Path,
};

/// One receiver, before it is written.
#[derive(Default)]
struct Receiver {
    name: String,
    fields: BTreeSet<String>,
    first: Option<Millis>,
    last: Option<Millis>,
    is_certain: bool,
}

/// `recipients.json`: connections by name, then exports from the oldest on.
pub(super) fn of(core: &Core, held: &Gathered) -> Result<Vec<Value>, Error> {
    let facts = facts::get(core)?;
    let mut all: BTreeMap<String, Receiver> = BTreeMap::new();
    for told in &held.disclosures {
        let one = all.entry(told.recipient.clone()).or_default();
        one.name.clone_from(&told.name);
        one.is_certain = true;
        for (unit, (first, last)) in &told.fields {
            one.fields.extend(names_of(unit));
            one.first = one.first.into_iter().chain([*first]).min();
            one.last = one.last.max(Some(*last));
        }
    }
    // What was sent before it was kept: what the connection may send is what it may have got.
    for known in remotes::all(core)? {
        let has_record = held.pairs.iter().any(|pair| pair.remote == known.kept.row && pair.key.is_some());
        if !has_record || all.contains_key(&known.kept.id) {
            continue;
        }
        let leaves = known
            .settings
            .mapping
            .0
            .iter()
            .filter(|(_, rule)| rule.approved && matches!(rule.direction, Direction::Push | Direction::Both));
        let fields: BTreeSet<String> = leaves.flat_map(|(unit, _)| names_of(unit)).collect();
        if !fields.is_empty() {
            all.insert(known.kept.id, Receiver { name: known.kept.name, fields, ..Receiver::default() });
        }
    }
    let mut receivers: Vec<(String, Receiver)> = all.into_iter().collect();
    receivers.sort_by(|(_, one), (_, other)| one.name.cmp(&other.name));
    let mut connections = Vec::with_capacity(receivers.len());
    for (id, one) in receivers {
        let place = processing::location(core, &id)?;
        let said = |text: String| (!text.is_empty()).then_some(text);
        connections.push(json!({
            "name": one.name,
            "kind": "connection",
            "country": said(place.country),
            "safeguard": said(place.safeguard),
            "basis": said(facts.basis_of(&id)),
            "fields": one.fields,
            "first_sent": one.first.map(Millis::to_rfc3339),
            "last_sent": one.last.map(Millis::to_rfc3339),
            "certain": one.is_certain,
        }));
    }
    let exports = held.taken.iter().map(|taken| {
        let entry = &taken.entry;
        let at = entry.at.to_rfc3339();
        // The folder says where somebody of the team keeps files, and nothing about the person.
        let name =
            Path::new(&entry.file).file_name().map_or_else(String::new, |name| name.to_string_lossy().into_owned());
        let fields: Vec<&str> = entry.columns.split(',').filter(|column| !column.is_empty()).collect();
        json!({
            "name": name,
            "kind": "export",
            "country": null,
            "safeguard": null,
            "basis": null,
            "fields": if fields.is_empty() { vec![entry.format.as_str()] } else { fields },
            "first_sent": at,
            "last_sent": at,
            "certain": taken.is_certain,
        })
    });
    Ok(connections.into_iter().chain(exports).collect())
}

/// The fields of the catalogue behind a unit of sync; a custom field has its own name.
fn names_of(unit: &str) -> Vec<String> {
    match fields_of(unit) {
        [] => vec![unit.to_owned()],
        fields => fields.iter().map(|field| (*field).to_owned()).collect(),
    }
}

/// Which connections know the person.
pub(super) fn syncs(held: &Gathered) -> Vec<Value> {
    held.rows("pair")
        .iter()
        .map(|row| {
            json!({
                "remote": row.get("remote").and_then(Value::as_str).unwrap_or_default(),
                "kind": "connection",
                "has_record": row.get("key").is_some_and(|key| !key.is_null()),
            })
        })
        .collect()
}
