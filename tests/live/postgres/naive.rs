//! A reader as one would write it first: whatever moved after the latest time that it saw.
//! It is here to show what it loses.

use cardfile_testkit::postgres::Sql;

pub(super) struct Naive {
    seen: String,
}

impl Naive {
    pub(super) fn new() -> Self {
        Self { seen: "-infinity".to_owned() }
    }

    /// The external IDs of what moved.
    pub(super) fn moved(&mut self, sql: &Sql) -> Vec<String> {
        let after = format!("FROM cardfile.contact WHERE updated_at > '{}'", self.seen);
        let ids = sql.one(&format!("SELECT string_agg(external_id, ',' ORDER BY updated_at) {after}"));
        let seen = sql.one(&format!("SELECT max(updated_at) {after}"));
        if !seen.is_empty() {
            self.seen = seen;
        }
        ids.split(',').filter(|id| !id.is_empty()).map(str::to_owned).collect()
    }
}
