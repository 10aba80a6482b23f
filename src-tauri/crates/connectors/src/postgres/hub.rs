//! The contacts of a workspace, by their keys: the IDs that whoever made them gave them.

use super::{
    fault::Fault,
    wire::{Param, Wire},
};
use crate::{Account, Stop};
use cardfile_sync::{
    fields,
    pair::{Key, Version},
    remote::{Record, Row},
    run::Failure,
    value::{Units, Value},
};
use std::collections::HashMap;

/// Contacts that are asked for in one question.
const READ_AT_ONCE: usize = 1_000;

/// A workspace that is asked. Each question says that it is: whoever is not a member any
/// more gets an error, and never the answer that nothing is there.
pub(super) struct Hub {
    pub(super) wire: Wire,
    pub(super) workspace: String,
    /// Ours, for the stamp.
    pub(super) device: String,
}

impl Hub {
    /// Asks nothing yet.
    pub(super) fn new(account: &Account, workspace: String, device: String, stop: Stop) -> Result<Self, Failure> {
        Ok(Self { wire: Wire::new(account, stop)?, workspace, device })
    }

    /// Contacts as they are now: one row for each key, in their order.
    pub(super) async fn read(&mut self, keys: &[Key]) -> Result<Vec<Row>, Failure> {
        let mut rows = Vec::with_capacity(keys.len());
        for some in keys.chunks(READ_AT_ONCE) {
            let params = [Param::Text(&self.workspace), Param::Text(&self.device), Param::Texts(some)];
            let found = by_key(&self.wire.ask(READ, &params).await?)?;
            rows.extend(some.iter().map(|key| found.get(key).cloned().unwrap_or_else(|| Row::Gone(key.clone()))));
        }
        Ok(rows)
    }

    /// The keys of all contacts that are there.
    pub(super) async fn listed(&mut self) -> Result<Vec<Key>, Failure> {
        let lines = self.wire.ask(include_str!("sql/listed.sql"), &[Param::Text(&self.workspace)]).await?;
        let keys: Result<Vec<Key>, tokio_postgres::Error> =
            lines.iter().map(|line| line.try_get("external_id")).collect();
        Ok(keys.map_err(Fault::from)?)
    }
}

/// Reads contacts by their keys.
pub(super) const READ: &str = include_str!("sql/read.sql");

/// Rows by their keys.
pub(super) fn by_key(lines: &[tokio_postgres::Row]) -> Result<HashMap<Key, Row>, Fault> {
    lines.iter().map(|line| row(line).map(|row| (row.key().clone(), row))).collect()
}

/// A contact as the database has it.
pub(super) fn row(line: &tokio_postgres::Row) -> Result<Row, Fault> {
    let (key, version): (Key, i64) = (line.try_get("external_id")?, line.try_get("version")?);
    if line.try_get("is_deleted")? {
        return Ok(Row::Gone(key));
    }
    let stamp: Option<String> = line.try_get("stamp")?;
    Ok(told(key, version, line.try_get("units")?, stamp.as_deref()))
}

fn told(key: Key, version: i64, units: String, stamp: Option<&str>) -> Row {
    let version = Version { text: version.to_string(), order: u64::try_from(version).ok() };
    match serde_json::from_str::<Units>(&units) {
        Ok(said) => {
            // A whole row was read: what it does not say is empty.
            let mut units: Units = fields::UNITS.iter().map(|unit| (unit.key.to_owned(), Value::Absent)).collect();
            units.extend(said);
            Row::Live(Box::new(Record {
                external_id: Some(key.clone()),
                key,
                version,
                units,
                // One that says nothing of us has seen none of our writes.
                stamp: Some(stamp.and_then(|stamp| stamp.parse().ok()).unwrap_or(0)),
                // Units that are not written stay as they are.
                body: String::new(),
            }))
        }
        Err(error) => {
            // Where, and not what: a reason has no values in it.
            let reason = format!("its values cannot be read, from character {} on", error.column());
            Row::Unreadable { key, version, reason, body: units }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rstest::rstest;

    #[test]
    fn what_a_row_does_not_say_is_empty() {
        let units = r#"{"name":{"one":"Ana"},"custom.plan":"absent"}"#;
        let Row::Live(record) = told("ctc_1".into(), 3, units.into(), Some("7")) else { panic!("it can be read") };
        assert_eq!(record.version, Version { text: "3".into(), order: Some(3) });
        assert_eq!(record.units.get("name"), Some(&Value::one("Ana")));
        assert_eq!(record.units.get("nick"), Some(&Value::Absent));
        assert_eq!(record.units.get("custom.plan"), Some(&Value::Absent));
        assert_eq!(record.units.get("custom.seats"), None, "of what nobody said nothing is known");
        assert_eq!((record.stamp, record.external_id), (Some(7), Some("ctc_1".into())));
    }

    #[rstest]
    #[case::never_seen(None, 0)]
    #[case::seen(Some("12"), 12)]
    #[case::nonsense(Some("many"), 0)]
    fn a_row_says_how_many_of_our_writes_it_has_seen(#[case] stamp: Option<&str>, #[case] expected: u64) {
        let Row::Live(record) = told("ctc_1".into(), 1, "{}".into(), stamp) else { panic!("it can be read") };
        assert_eq!(record.stamp, Some(expected));
    }

    #[rstest]
    #[case::another_form(r#"{"name":"Ana"}"#)]
    #[case::no_object("[]")]
    fn values_of_another_form_are_not_guessed(#[case] units: &str) {
        let row = told("ctc_1".into(), 1, units.into(), None);
        assert!(matches!(row, Row::Unreadable { body, .. } if body == units));
    }
}
