//! Deletions: one that a person made here only at the version that is known, one that was
//! promised to an erased person at any, and for good where the system can. A record that became
//! part of another is not deleted: that one may be somebody else's.

use super::{
    fetch::Fetched,
    format::Guard,
    given::{Given, Item},
    ops::OpName,
    record::{says_the_same, version_of},
    send::{Sofar, Tried, key_of},
    system::System,
    wire::Missed,
};
use cardfile_sync::{
    pair::Key,
    remote::{Record, Row, Write, WriteKind},
    run::{Failure, Outcome},
};

impl System {
    /// Deletes records: what a person did at the version that is known, what was promised to an
    /// erased one at any, as long as it is that record.
    pub(super) async fn deletes<'w>(&self, writes: &[&'w Write], tried: &mut Vec<Tried<'w>>) -> Sofar {
        let is_erasure = |write: &Write| matches!(write.kind, WriteKind::Delete { expect: None, .. });
        let (erasures, others): (Vec<&'w Write>, Vec<&'w Write>) =
            writes.iter().copied().partition(|write| is_erasure(write));
        let is_conditional = self.shape.manifest.written().write.guard == Guard::Condition;
        // Each with the version that the system is to compare.
        let mut ready: Vec<(&'w Write, String)> = Vec::new();
        let keys: Vec<Key> = others.iter().filter_map(|write| key_of(write).cloned()).collect();
        for (write, Fetched { row, .. }) in others.into_iter().zip(self.fetch(&keys).await?) {
            let WriteKind::Delete { expect, .. } = &write.kind else { continue };
            let is_as_it_was = |record: &Record| {
                let version = expect.as_ref();
                version.is_none_or(|version| says_the_same(version, &record.version))
            };
            match row {
                Row::Live(record) if Some(&record.key) == key_of(write) && is_as_it_was(&record) => {
                    let version = if is_conditional { version_of(&record.version) } else { "" };
                    ready.push((write, version.to_owned()));
                }
                Row::Gone(_) => tried.push(Tried::new(write, Outcome::Gone)),
                Row::Live(_) | Row::Same(_) | Row::Unreadable { .. } => {
                    tried.push(Tried::new(write, Outcome::Precondition));
                }
            }
        }
        // What a person was promised asks for no version.
        let apart = self.still_apart(erasures, tried).await?;
        let erasures: Vec<(&'w Write, String)> = apart.into_iter().map(|write| (write, String::new())).collect();
        let purge = if self.call(OpName::Purge).is_ok() { OpName::Purge } else { OpName::Delete };
        for (name, some) in [(OpName::Delete, ready), (purge, erasures)] {
            if some.is_empty() {
                continue;
            }
            let call = self.call(name)?;
            for some in some.chunks(call.most()) {
                self.delete(name, some, tried).await?;
            }
        }
        Ok(())
    }

    /// Those whose records are no part of others by now. Some systems know such a record by both
    /// keys: deleted by the old one, somebody else's would go. What is not there may still lie in
    /// an archive.
    async fn still_apart<'w>(
        &self,
        writes: Vec<&'w Write>,
        tried: &mut Vec<Tried<'w>>,
    ) -> Result<Vec<&'w Write>, Failure> {
        let keys: Vec<Key> = writes.iter().filter_map(|write| key_of(write).cloned()).collect();
        let mut apart = Vec::new();
        for (write, Fetched { row, .. }) in writes.into_iter().zip(self.fetch(&keys).await?) {
            match row {
                Row::Live(record) if Some(&record.key) != key_of(write) => {
                    tried.push(Tried::new(write, Outcome::Gone));
                }
                Row::Live(_) | Row::Same(_) | Row::Gone(_) | Row::Unreadable { .. } => apart.push(write),
            }
        }
        Ok(apart)
    }

    async fn delete<'w>(&self, name: OpName, writes: &[(&'w Write, String)], tried: &mut Vec<Tried<'w>>) -> Sofar {
        let call = self.call(name)?;
        let ids: Vec<Key> = writes.iter().filter_map(|(write, _)| key_of(write).cloned()).collect();
        let first = ids.first().cloned().unwrap_or_default();
        // Several records have no version in common.
        let version = if let [(_, version)] = writes { version.as_str() } else { "" };
        let given = Given { remote_id: &first, item: &first, ids: &ids, version, ..Given::default() };
        let heard = match self.wire.ask(call, &given).await {
            Ok(heard) => heard,
            Err(Missed::Not(failure)) => return Err(failure),
            Err(Missed::Perhaps(_)) => {
                tried.extend(writes.iter().map(|(write, _)| Tried::new(write, Outcome::Unknown)));
                return Ok(());
            }
        };
        let outcome = self.outcome(name, &heard, &Item::default()).await?;
        let is_refusal = matches!(outcome, Outcome::Rejected(_) | Outcome::Gone);
        // One of them spoils it for the others.
        if is_refusal && writes.len() > 1 {
            let (one, other) = writes.split_at(writes.len() / 2);
            Box::pin(self.delete(name, one, tried)).await?;
            return Box::pin(self.delete(name, other, tried)).await;
        }
        tried.extend(writes.iter().map(|(write, _)| Tried::new(write, outcome.clone())));
        Ok(())
    }
}
