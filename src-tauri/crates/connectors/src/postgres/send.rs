//! Writes: contacts are made where none is, and changed or deleted only at the version they
//! were read at. Those of a batch are one transaction, so all of it happened or none.

use super::{
    fault::Fault,
    hub::{self, Hub, READ},
    wire::{Param, Session},
};
use cardfile_sync::{
    fields,
    pair::{Key, Version},
    remote::{Answer, Answers, Row, Write, WriteKind},
    run::{Failure, Outcome},
    value::Units,
};
use serde_json::{Map, Value as Json, json};
use std::collections::HashMap;

/// Writes of one transaction, at most.
pub(super) const BATCH: usize = 500;

impl Hub {
    /// Sends writes. A batch that one row spoils is tried again in halves, down to that row.
    /// After a failure that meets them all no other is begun.
    pub(super) async fn write(&mut self, writes: &[Write]) -> Answers {
        let mut answers = Answers::default();
        // The last one is next.
        let mut waiting: Vec<&[Write]> = writes.chunks(BATCH).rev().collect();
        while let Some(some) = waiting.pop() {
            match (self.write_together(some).await, some) {
                (Ok(said), _) => answers.answers.extend(said),
                (Err(fault), [one]) if fault.is_about_a_row() => {
                    answers.answers.push(Answer {
                        op: one.op,
                        outcome: Outcome::Rejected(fault.into_words()),
                        record: None,
                    });
                }
                (Err(fault), _) if fault.is_about_a_row() => {
                    let (first, second) = some.split_at(some.len() / 2);
                    waiting.extend([second, first]);
                }
                (Err(fault), _) => {
                    answers.failure = Some(Failure::from(fault));
                    break;
                }
            }
        }
        answers
    }

    /// A fault is one after which nothing has happened.
    async fn write_together(&mut self, writes: &[Write]) -> Result<Vec<Answer>, Fault> {
        let session = self.wire.begin().await?;
        let written = match self.write_in(&session, writes).await {
            Ok(written) => written,
            Err(fault) => {
                // Who hung up has taken it back already.
                if !fault.is_lost() {
                    self.wire.roll_back(session).await;
                }
                return Err(fault);
            }
        };
        match self.wire.commit(session).await {
            Ok(()) => Ok(writes.iter().map(|write| answer(write, &written)).collect()),
            Err(fault) if fault.is_certain() => Err(fault),
            Err(_) => {
                let unknown = |write: &Write| Answer { op: write.op, outcome: Outcome::Unknown, record: None };
                Ok(writes.iter().map(unknown).collect())
            }
        }
    }

    async fn write_in(&self, session: &Session, writes: &[Write]) -> Result<Written, Fault> {
        let (mut creates, mut patches, mut deletes) = (Vec::new(), Vec::new(), Vec::new());
        for write in writes {
            match &write.kind {
                WriteKind::Create { .. } => creates.push(asked(write)),
                WriteKind::Patch { .. } => patches.push(asked(write)),
                WriteKind::Delete { .. } => deletes.push(asked(write)),
            }
        }
        let statements = [
            (include_str!("sql/create.sql"), creates),
            (include_str!("sql/patch.sql"), patches),
            (include_str!("sql/delete.sql"), deletes),
        ];
        let mut done = HashMap::new();
        for (sql, asked) in statements {
            if !asked.is_empty() {
                let asked = Json::Array(asked).to_string();
                let params = [Param::Text(&self.workspace), Param::Text(&self.device), Param::Text(&asked)];
                done.extend(hub::by_key(&session.ask(sql, &params).await?)?);
            }
        }
        let left = writes.iter().map(|write| key_of(&write.kind)).filter(|key| !done.contains_key(*key));
        let left: Vec<Key> = left.cloned().collect();
        if left.is_empty() {
            return Ok(Written { done, there: HashMap::new() });
        }
        let params = [Param::Text(&self.workspace), Param::Text(&self.device), Param::Texts(&left)];
        let there = hub::by_key(&session.ask(READ, &params).await?)?;
        Ok(Written { done, there })
    }
}

/// What became of a transaction.
struct Written {
    /// Rows that were written, as they are now.
    done: HashMap<Key, Row>,
    /// Those that were not, as they are.
    there: HashMap<Key, Row>,
}

fn key_of(kind: &WriteKind) -> &Key {
    match kind {
        WriteKind::Create { external_id: key, .. } | WriteKind::Patch { key, .. } | WriteKind::Delete { key, .. } => {
            key
        }
    }
}

/// A write as the statements take it.
fn asked(write: &Write) -> Json {
    let stamp = write.stamp;
    match &write.kind {
        WriteKind::Create { external_id, set } => {
            json!({ "key": external_id, "put": Change::of(set.units()).put, "stamp": stamp })
        }
        WriteKind::Patch { key, expect, set, body: _ } => {
            let Change { put, dropped } = Change::of(set.units());
            json!({ "key": key, "expect": number(expect.as_ref()), "put": put, "dropped": dropped, "stamp": stamp })
        }
        WriteKind::Delete { key, expect } => {
            json!({ "key": key, "expect": number(expect.as_ref()), "stamp": stamp })
        }
    }
}

/// The number of a version; null for any. No contact has the version 0.
fn number(expect: Option<&Version>) -> Json {
    expect.map_or(Json::Null, |version| version.text.parse().unwrap_or(0_i64).into())
}

/// What becomes of the units of a row.
struct Change {
    put: Map<String, Json>,
    dropped: Vec<String>,
}

impl Change {
    /// A unit that is emptied is dropped, when everybody knows that there is such a unit; of
    /// a custom field that was emptied the name stays, so that the others hear of it.
    fn of(units: &Units) -> Self {
        let mut change = Self { put: Map::new(), dropped: Vec::new() };
        for (unit, value) in units {
            if value.is_absent() && fields::UNITS.iter().any(|known| known.key == unit) {
                change.dropped.push(unit.clone());
            } else {
                change.put.insert(unit.clone(), json!(value));
            }
        }
        change
    }
}

fn answer(write: &Write, written: &Written) -> Answer {
    let key = key_of(&write.kind);
    let (outcome, record) = match (written.done.get(key), &write.kind, written.there.get(key)) {
        (Some(Row::Live(record)), _, _) => (Outcome::Done, Some((**record).clone())),
        (Some(Row::Gone(_) | Row::Unreadable { .. } | Row::Same(_)), _, _) => (Outcome::Done, None),
        (None, WriteKind::Create { .. }, _) => (Outcome::Exists(key.clone()), None),
        (None, WriteKind::Patch { .. } | WriteKind::Delete { .. }, None | Some(Row::Gone(_))) => (Outcome::Gone, None),
        (None, WriteKind::Patch { .. } | WriteKind::Delete { .. }, Some(_)) => (Outcome::Precondition, None),
    };
    Answer { op: write.op, outcome, record }
}

#[cfg(test)]
mod tests {
    use super::*;
    use cardfile_sync::{
        mapping::{Direction, Mapping, Rule},
        remote::Record,
        value::Value,
    };
    use rstest::rstest;

    const KEY: &str = "ctc_1";

    fn set(units: &[(&str, Value)]) -> cardfile_sync::mapping::Approved {
        let rule = || Rule { direction: Direction::Both, approved: true, ..Rule::default() };
        let mapping = Mapping(units.iter().map(|(unit, _)| ((*unit).to_owned(), rule())).collect());
        mapping.approve(units.iter().map(|(unit, value)| ((*unit).to_owned(), value.clone())), &[])
    }

    fn create() -> WriteKind {
        WriteKind::Create { external_id: KEY.into(), set: set(&[("name", Value::one("Ana"))]) }
    }

    fn patch() -> WriteKind {
        let expect = Some(Version { text: "4".into(), order: Some(4) });
        let units = [("name", Value::one("Ana")), ("nick", Value::Absent), ("custom.plan", Value::Absent)];
        WriteKind::Patch { key: KEY.into(), expect, set: set(&units), body: String::new() }
    }

    fn delete() -> WriteKind {
        WriteKind::Delete { key: KEY.into(), expect: None }
    }

    #[rstest]
    #[case::made(create(), json!({ "key": KEY, "put": { "name": { "one": "Ana" } }, "stamp": 9 }))]
    #[case::changed(patch(), json!({
        "key": KEY, "expect": 4, "stamp": 9, "dropped": ["nick"],
        "put": { "custom.plan": "absent", "name": { "one": "Ana" } }
    }))]
    #[case::deleted_whatever_it_is(delete(), json!({ "key": KEY, "expect": null, "stamp": 9 }))]
    fn a_write_names_only_what_it_changes(#[case] kind: WriteKind, #[case] expected: Json) {
        assert_eq!(asked(&Write { op: 1, stamp: 9, kind }), expected);
    }

    #[test]
    fn a_version_that_is_none_of_ours_matches_nothing() {
        assert_eq!(number(Some(&Version { text: "\"etag\"".into(), order: None })), json!(0));
    }

    fn live() -> Row {
        Row::Live(Box::new(Record { key: KEY.into(), ..Record::default() }))
    }

    fn gone() -> Row {
        Row::Gone(KEY.into())
    }

    #[rstest]
    #[case::made(create(), Some(live()), None, Outcome::Done)]
    #[case::there_already(create(), None, Some(live()), Outcome::Exists(KEY.into()))]
    #[case::changed(patch(), Some(live()), None, Outcome::Done)]
    #[case::another_version(patch(), None, Some(live()), Outcome::Precondition)]
    #[case::deleted_meanwhile(patch(), None, Some(gone()), Outcome::Gone)]
    #[case::never_there(patch(), None, None, Outcome::Gone)]
    #[case::deleted(delete(), Some(gone()), None, Outcome::Done)]
    #[case::deleted_at_another_version(delete(), None, Some(live()), Outcome::Precondition)]
    #[case::deleted_twice(delete(), None, Some(gone()), Outcome::Gone)]
    fn rows_tell_what_became_of_a_write(
        #[case] kind: WriteKind,
        #[case] done: Option<Row>,
        #[case] there: Option<Row>,
        #[case] expected: Outcome,
    ) {
        let rows = |row: Option<Row>| row.into_iter().map(|row| (KEY.to_owned(), row)).collect();
        let written = Written { done: rows(done), there: rows(there) };
        assert_eq!(answer(&Write { op: 1, stamp: 9, kind }, &written).outcome, expected);
    }
}
