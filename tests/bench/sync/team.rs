//! A team's database at PostgreSQL, and what a bare client does there: it asks what the
//! product asks, word for word, on a connection of its own, and keeps nothing.

use super::{
    Book,
    people::{self, Edit},
    run_job,
};
use crate::process::Cost;
use cardfile_sync::fields;
use cardfile_testkit::postgres::{Database, PASSWORD, Server};
use serde_json::{Value, json};
use std::time::Instant;
use tokio::runtime::Builder;
use tokio_postgres::{
    Client, Config, NoTls, Row,
    types::{ToSql, Type},
};

/// Who signs in.
const USER: &str = "ana";
const WORKSPACE: &str = "sales";
/// What the bare client is called in stamps.
const DEVICE: &str = "bare";
/// Rows of a page, as the product asks for them.
const PAGE: i64 = 1_000;
/// People that are put into the database at once.
const FILLED_AT_ONCE: usize = 5_000;

const ENTER: &str = include_str!("../../../src-tauri/crates/connectors/src/postgres/sql/enter.sql");
const MOVED: &str = include_str!("../../../src-tauri/crates/connectors/src/postgres/sql/moved_in_order.sql");
const LISTED: &str = include_str!("../../../src-tauri/crates/connectors/src/postgres/sql/listed.sql");
const PATCH: &str = include_str!("../../../src-tauri/crates/connectors/src/postgres/sql/patch.sql");
/// As the product begins a transaction.
const BEGIN: &str = "BEGIN; SET LOCAL lock_timeout = '5s'";

pub(super) struct Team {
    database: Database,
}

impl Team {
    /// With so many people.
    pub(super) fn start(count: usize) -> Self {
        let database = Server::start().database("team");
        database.person(USER, &[WORKSPACE]);
        let admin = database.admin();
        let numbers: Vec<usize> = (0..count).collect();
        for some in numbers.chunks(FILLED_AT_ONCE) {
            let made: Vec<Value> = some.iter().map(|number| person(*number)).collect();
            admin.run(&format!(
                "INSERT INTO cardfile.contact (workspace, external_id, units)
                 SELECT '{WORKSPACE}', made.key, made.units
                   FROM jsonb_to_recordset($made${}$made$::jsonb) AS made (key text, units jsonb)",
                Value::Array(made)
            ));
        }
        // The server does so by itself on other days.
        admin.run("ANALYZE cardfile.contact");
        drop(admin);
        Self { database }
    }
}

fn person(number: usize) -> Value {
    let mut units = fields::units_of(&people::contact(number));
    units.retain(|_, value| !value.is_absent());
    json!({ "key": people::uid(number), "units": units })
}

impl Book for Team {
    fn name(&self) -> &'static str {
        "PostgreSQL"
    }

    fn connect(&self, workspace: &str) {
        run_job("sync-connect", &[workspace, "postgres", &self.database.url(), USER, PASSWORD]);
    }

    /// One transaction has them all, up to 500: its begin, the writes, its end.
    fn floor(&self, _: usize) -> usize {
        3
    }

    fn bare_pull(&self, cursor: &str, moved: usize) -> Cost {
        run_job("team-pull", &[&self.database.url(), cursor, &moved.to_string()])
    }

    fn bare_push(&self, cursor: &str, edit: &Edit) -> Cost {
        let [first, title] = edit.words();
        run_job("team-push", &[&self.database.url(), cursor, &first, &title])
    }

    fn edit(&self, edit: &Edit, _: &str) {
        let keys: Vec<String> = edit.numbers().map(|number| format!("'{}'", people::uid(number))).collect();
        self.database.admin().run(&format!(
            "UPDATE cardfile.contact SET units = units || '{}' WHERE external_id IN ({})",
            titled(&edit.title),
            keys.join(", ")
        ));
    }
}

/// A title, in the form of the database.
fn titled(title: &str) -> Value {
    json!({ "job_title": { "one": title } })
}

/// Asks what moved after a cursor, and reads it.
pub(super) fn pull(url: &str, cursor: &str, moved: usize) -> Value {
    with(url, async |bare| {
        assert_eq!(bare.moved(cursor).await, moved, "what moved is read");
    })
}

/// Asks what moved, which is nothing, and writes an edit.
pub(super) fn push(url: &str, cursor: &str, edit: &Edit) -> Value {
    let write = |number| {
        let (put, none) = (titled(&edit.title), Value::Array(Vec::new()));
        json!({ "key": people::uid(number), "expect": null, "put": put, "dropped": none, "stamp": 1 })
    };
    let writes = Value::Array(edit.numbers().map(write).collect()).to_string();
    with(url, async |bare| {
        assert_eq!(bare.moved(cursor).await, 0, "nothing moved");
        bare.run(BEGIN).await;
        let written = bare.ask(PATCH, &[(&WORKSPACE, Type::TEXT), (&DEVICE, Type::TEXT), (&writes, Type::TEXT)]).await;
        assert_eq!(written.len(), people::EDITED, "all are written");
        bare.run("COMMIT").await;
    })
}

/// What it took, with the connection.
fn with(url: &str, work: impl AsyncFnOnce(&mut Bare)) -> Value {
    let runtime = Builder::new_current_thread().enable_all().build().expect("a runtime");
    let started = Instant::now();
    let bare = runtime.block_on(async {
        let mut config: Config = url.parse().expect("an address");
        let (client, connection) = config.user(USER).password(PASSWORD).connect(NoTls).await.expect("a server");
        tokio::spawn(async move { drop(connection.await) });
        let mut bare = Bare { client, requests: 0, bytes: 0 };
        work(&mut bare).await;
        bare
    });
    let wall_ms = started.elapsed().as_secs_f64() * 1e3;
    json!({ "wall_ms": wall_ms, "requests": bare.requests, "bytes": bare.bytes })
}

struct Bare {
    client: Client,
    requests: u64,
    /// Of rows that came.
    bytes: usize,
}

impl Bare {
    /// How many moved after a cursor. Without one it reads everything, and which contacts
    /// there are.
    async fn moved(&mut self, cursor: &str) -> usize {
        self.ask(ENTER, &[(&WORKSPACE, Type::TEXT)]).await;
        let mut place = place_of(cursor);
        let mut count = 0;
        loop {
            let (xid, seq) = &place;
            let asked: [(&(dyn ToSql + Sync), Type); 5] = [
                (&WORKSPACE, Type::TEXT),
                (xid, Type::TEXT),
                (seq, Type::INT8),
                (&DEVICE, Type::TEXT),
                (&PAGE, Type::INT8),
            ];
            let rows = self.ask(MOVED, &asked).await;
            // A page without rows says of the feed as a whole that it goes on.
            let told = rows.iter().filter_map(|row| Some((row.get::<_, Option<String>>("xid")?, row.get("seq"))));
            let told: Vec<(String, i64)> = told.collect();
            count += told.len();
            let is_last = (told.len() as i64) < PAGE;
            place = told.into_iter().next_back().unwrap_or(place);
            if is_last {
                break;
            }
        }
        if cursor.is_empty() {
            self.ask(LISTED, &[(&WORKSPACE, Type::TEXT)]).await;
        }
        count
    }

    async fn ask(&mut self, sql: &str, params: &[(&(dyn ToSql + Sync), Type)]) -> Vec<Row> {
        self.requests += 1;
        let rows = self.client.query_typed(sql, params).await.expect("an answer");
        self.bytes += rows.iter().map(Row::raw_size_bytes).sum::<usize>();
        rows
    }

    async fn run(&mut self, sql: &str) {
        self.requests += 1;
        self.client.batch_execute(sql).await.expect("done");
    }
}

/// Where a cursor of the product, `xid:852:10`, stands; before everything when it is empty.
fn place_of(cursor: &str) -> (String, i64) {
    if cursor.is_empty() {
        return ("0".to_owned(), 0);
    }
    let place = cursor.strip_prefix("xid:").and_then(|place| place.split_once(':')).expect("it is read in order");
    (place.0.to_owned(), place.1.parse().expect("a number"))
}
