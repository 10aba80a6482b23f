//! Records by their keys, and keys by external IDs.

use super::{
    exchange::Heard,
    given::Given,
    ops::OpName,
    pager::{self, Pager, Topic, Turn},
    system::System,
};
use cardfile_sync::{
    pair::{Key, Version},
    remote::Row,
    run::Failure,
};
use futures_util::stream::{self, StreamExt as _};
use serde_json::Value as Json;
use std::{collections::HashMap, pin::pin};

/// So often a record may have become part of another one, one after the other.
const MOVES: usize = 3;

/// A record as it was just read.
#[derive(Debug, Clone)]
pub(super) struct Fetched {
    pub(super) row: Row,
    /// As the system has it; null for one that is not there.
    pub(super) json: Json,
}

impl System {
    /// Records as they are now, in the order of their keys. One that became part of another
    /// is given as that one. What was read before a failure is not asked for again.
    pub(super) async fn fetch(&self, keys: &[Key]) -> Result<Vec<Fetched>, Failure> {
        let mut known = self.partial.take();
        let missing: Vec<Key> = keys.iter().filter(|key| !known.contains_key(*key)).cloned().collect();
        let failed = self.fetch_missing(&missing, &mut known).await.err();
        if let Some(failure) = failed {
            self.partial.replace(known);
            return Err(failure);
        }
        let gone = |key: &Key| Fetched { row: Row::Gone(key.clone()), json: Json::Null };
        Ok(keys.iter().map(|key| known.get(key).cloned().unwrap_or_else(|| gone(key))).collect())
    }

    async fn fetch_missing(&self, keys: &[Key], known: &mut HashMap<Key, Fetched>) -> Result<(), Failure> {
        let mut alone: Vec<&Key> = keys.iter().collect();
        if let Ok(call) = self.call(OpName::ReadMany)
            && keys.len() > 1
        {
            for some in keys.chunks(call.most()) {
                let places = self.shape.places();
                let given = Given { ids: some, places: &places, ..Given::default() };
                let heard = self.wire.ask(call, &given).await?;
                // It may be that one of them spoils the answer.
                if !call.op.is_ok(heard.status) {
                    if (400..=499).contains(&heard.status) {
                        continue;
                    }
                    return Err(self.wire.failure(&heard));
                }
                for json in pager::items(call, self.wire.json(&heard)?)? {
                    let row = self.shape.row(&json)?;
                    known.insert(row.key().clone(), Fetched { row, json });
                }
            }
            // What an answer leaves out is asked for by itself before it is gone.
            alone.retain(|key| !known.contains_key(*key));
        }
        let fetched = stream::iter(alone).map(|key| async move { (key, self.fetch_one(key).await) });
        let mut fetched = pin!(fetched.buffered(self.at_once()));
        while let Some((key, one)) = fetched.next().await {
            known.insert(key.clone(), one?);
        }
        Ok(())
    }

    /// A record by itself.
    pub(super) async fn fetch_one(&self, key: &str) -> Result<Fetched, Failure> {
        let call = self.call(OpName::Read)?;
        let places = self.shape.places();
        let mut key: Key = key.to_owned();
        for _ in 0..=MOVES {
            let given = Given { remote_id: &key, places: &places, ..Given::default() };
            let heard = self.wire.ask(call, &given).await?;
            if let Some(moved) = self.moved_to(&heard) {
                key = moved;
                continue;
            }
            let json = match heard.status {
                status if call.op.is_ok(status) => {
                    let json = self.wire.json(&heard)?;
                    let pointer = call.op.record.clone().unwrap_or_default();
                    pointer.of(&json).cloned().unwrap_or_default()
                }
                status if call.op.is_gone(status) => Json::Null,
                400 | 422 => {
                    let (version, reason) = (Version::default(), self.wire.words(&heard));
                    let row = Row::Unreadable { key, version, reason, body: String::new() };
                    return Ok(Fetched { row, json: Json::Null });
                }
                _ => return Err(self.wire.failure(&heard)),
            };
            let row = if json.is_null() { Row::Gone(key) } else { self.shape.row(&json)? };
            return Ok(Fetched { row, json });
        }
        Err(Failure::Refused("a record became part of another, and that of another, without end".into()))
    }

    /// The key of the record that another one became part of.
    pub(super) fn moved_to(&self, heard: &Heard) -> Option<Key> {
        if Some(heard.status) != self.wire.errors.moved_status {
            return None;
        }
        let link = pager::link(heard, "canonical")?;
        let path = link.split(['?', '#']).next().unwrap_or_default();
        path.trim_end_matches('/').rsplit('/').next().filter(|key| !key.is_empty()).map(str::to_owned)
    }

    /// Keys of records with these external IDs, byte for byte: systems find what is only alike.
    pub(super) async fn find(&self, ids: &[String]) -> Result<Vec<Option<Key>>, Failure> {
        let identity = &self.shape.manifest.written().identity;
        let mut found: HashMap<String, Key> = HashMap::new();
        if identity.external_id.as_ref() == Some(&identity.remote_id) {
            for fetched in self.fetch(ids).await? {
                if let Row::Live(record) = fetched.row {
                    found.insert(record.key.clone(), record.key);
                }
            }
        } else if let Ok(call) = self.call(OpName::FindMany) {
            for some in ids.chunks(call.most()) {
                let places = self.shape.places();
                let given = Given { ids: some, places: &places, ..Given::default() };
                let heard = self.wire.ask(call, &given).await?;
                if call.op.is_gone(heard.status) {
                    continue;
                }
                if !call.op.is_ok(heard.status) {
                    return Err(self.wire.failure(&heard));
                }
                let items = pager::items(call, self.wire.json(&heard)?)?;
                found.extend(items.iter().filter_map(|json| self.known_by(json)));
            }
        } else if self.call(OpName::Find).is_ok() {
            let searched = stream::iter(ids).map(|id| async move { (id, self.find_one(id).await) });
            let mut searched = pin!(searched.buffered(self.at_once()));
            while let Some((id, key)) = searched.next().await {
                found.extend(key?.map(|key| (id.clone(), key)));
            }
        } else if !self.has_seen_all(ids) {
            self.find_in_list(ids, &mut found).await?;
        }
        Ok(ids.iter().map(|id| found.get(id).cloned()).collect())
    }

    /// The external ID of a record, and its key.
    fn known_by(&self, json: &Json) -> Option<(String, Key)> {
        let external_id = self.shape.manifest.written().identity.external_id.as_ref()?.text(json)?;
        Some((external_id, self.key_of(json)?))
    }

    async fn find_one(&self, id: &str) -> Result<Option<Key>, Failure> {
        let call = self.call(OpName::Find)?;
        if let Some(pointer) = &call.op.record {
            let given = Given { external_id: id, ..Given::default() };
            let heard = self.wire.ask(call, &given).await?;
            if let Some(key) = self.moved_to(&heard) {
                return Ok(Some(key));
            }
            if call.op.is_gone(heard.status) {
                return Ok(None);
            }
            if !call.op.is_ok(heard.status) {
                return Err(self.wire.failure(&heard));
            }
            let json = self.wire.json(&heard)?;
            let known = pointer.of(&json).and_then(|json| self.known_by(json));
            return Ok(known.filter(|(known, _)| known == id).map(|(_, key)| key));
        }
        let topic = Topic { external_id: id.to_owned(), places: self.shape.places(), ..Topic::default() };
        let mut pager = Pager::new(call, topic);
        while !pager.is_over() {
            let Turn::Page(items) = pager.next(&self.wire, call).await? else { break };
            let mut known = items.iter().filter_map(|json| self.known_by(json));
            if let Some((_, key)) = known.find(|(known, _)| known == id) {
                return Ok(Some(key));
            }
        }
        Ok(None)
    }

    /// Where nothing can be looked for, everything is listed until all are found.
    async fn find_in_list(&self, ids: &[String], found: &mut HashMap<String, Key>) -> Result<(), Failure> {
        let call = self.call(OpName::List)?;
        let mut pager = Pager::new(call, Topic { places: self.shape.places(), ..Topic::default() });
        while !pager.is_over() && found.len() < ids.len() {
            let Turn::Page(items) = pager.next(&self.wire, call).await? else {
                return Err(Failure::Unreachable("the list was cut off".into()));
            };
            let known = items.iter().filter_map(|json| self.known_by(json));
            found.extend(known.filter(|(id, _)| ids.contains(id)));
        }
        Ok(())
    }
}
