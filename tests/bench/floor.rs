//! The long jobs, ours and the least that could be done instead: the same
//! values, tables, cipher, settings and log rows written by bare rusqlite, which
//! checks nothing, matches nothing and cannot undo.

use crate::process::peak_mib;
use cardfile_core::{
    Core, Protection, Who,
    bulk::{self, Deed},
    export::{self, ExportFormat, ExportRequest},
    formats::csv_export::Preset,
    generate, history,
    import::{self, ImportRequest},
    progress::Unwatched,
    system,
};
use cardfile_store::schema::TABLES;
use rusqlite::{Connection, params};
use serde_json::{Value, json};
use std::{
    collections::HashMap,
    fs::File,
    io::{BufWriter, Write},
    path::Path,
};

pub(crate) fn generate(file: &Path, rows: u64) -> Value {
    let mut out = BufWriter::new(File::create(file).expect("writable"));
    generate::write_csv(&mut out, rows, 7).expect("writable");
    out.flush().expect("writable");
    json!({ "bytes": std::fs::metadata(file).expect("written").len() })
}

/// Opens the workspace, or makes it.
pub(crate) fn workspace(dir: &Path) -> Core {
    let environment = system::environment();
    if dir.exists() {
        Core::open(dir, None, environment).expect("a workspace").0
    } else {
        Core::create(dir, &Protection::None, environment).expect("a new workspace").0
    }
}

pub(crate) fn our_import(dir: &Path, csv: &Path) -> Value {
    let core = workspace(dir);
    let last = || core.store().read(|r| r.changes().last()).expect("readable");
    let before = last();
    let report = import::run(&core, &ImportRequest::of(csv), &who(), &Unwatched).expect("an import");
    json!({ "counts": report.counts, "changes": last() - before, "peak_mib": peak_mib() })
}

pub(crate) fn our_export(dir: &Path, out: &Path) -> Value {
    let core = workspace(dir);
    let request = ExportRequest::all(out.to_owned(), ExportFormat::default());
    let report = export::run(&core, &request, &who(), &Unwatched).expect("an export");
    json!({ "contacts": report.contacts, "bytes": report.bytes, "peak_mib": peak_mib() })
}

/// The settings of the store's connections.
pub(crate) fn connection(file: &Path, cache_kib: u32) -> Connection {
    let db = Connection::open(file).expect("a database");
    db.execute_batch(&format!(
        "PRAGMA key = \"x'{}'\";
         PRAGMA cipher_page_size = 8192; PRAGMA cipher_hmac_algorithm = HMAC_SHA256;
         PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA secure_delete = ON;
         PRAGMA foreign_keys = ON; PRAGMA temp_store = MEMORY; PRAGMA cache_size = -{cache_kib}",
        "00112233445566778899aabbccddeeff".repeat(2)
    ))
    .expect("settings");
    db
}

/// A column of the file that may be empty.
fn some(text: &str) -> Option<&str> {
    (!text.is_empty()).then_some(text)
}

/// `2026-03-15T10:30:00Z` of the generator, without any check.
fn millis(text: &str) -> Option<i64> {
    let number = |from: usize, to: usize| text.get(from..to).and_then(|part| part.parse::<i64>().ok());
    let (year, month, day) = (number(0, 4)?, number(5, 7)?, number(8, 10)?);
    let (hour, minute, second) = (number(11, 13)?, number(14, 16)?, number(17, 19)?);
    let shifted = if month > 2 { (year, month - 3) } else { (year - 1, month + 9) };
    let days =
        365 * shifted.0 + shifted.0 / 4 - shifted.0 / 100 + shifted.0 / 400 + (153 * shifted.1 + 2) / 5 + day - 719_469;
    Some(((days * 24 + hour) * 60 + minute) * 60_000 + second * 1000)
}

/// The custom fields as one JSON text; none of their values needs escaping.
fn custom(cells: &csv::StringRecord) -> String {
    let keys = ["plan", "mrr", "city", "account_manager", "consent_given"];
    let filled = keys.iter().zip(cells.iter().skip(12)).filter(|(_, value)| !value.is_empty());
    let parts: Vec<String> = filled.map(|(key, value)| format!("\"{key}\":\"{value}\"")).collect();
    format!("{{{}}}", parts.join(","))
}

pub(crate) fn bare_import(file: &Path, csv: &Path) -> Value {
    let db = connection(file, 65_536);
    // A later one may need a table that stands further down.
    let mut migrations: Vec<_> = TABLES.iter().flat_map(|table| table.migrations).collect();
    migrations.sort_by_key(|(version, _)| *version);
    for (_, sql) in migrations {
        db.execute_batch(sql).expect("a table");
    }
    db.execute_batch(
        "INSERT INTO operation (op, id, kind, subject, actor, origin, at, state, first_change, last_change)
         VALUES (1, 'opr_1', 'import', 'people.csv', 'bench', 'bench', 0, 'open', 0, 0)",
    )
    .expect("an operation");
    let mut contact = db
        .prepare(
            "INSERT INTO contact (row, version, id, kind, name, name_sort, company, email, email_key, phone, phone_key,
               source, page_url, ip_country, first_seen, last_seen, conversation_count, custom, created_at, updated_at)
             VALUES (?1, ?1, ?2, 'person', ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17, ?17)",
        )
        .expect("sql");
    let mut change =
        db.prepare("INSERT INTO change (seq, op, entity, action, row) VALUES (?1, 1, 0, 0, ?1)").expect("sql");
    let mut tagged = db.prepare("INSERT INTO contact_tag (contact, pos, tag) VALUES (?1, ?2, ?3)").expect("sql");
    let mut new_tag = db.prepare("INSERT INTO tag (tag, name, key) VALUES (?1, ?2, ?2)").expect("sql");
    let mut tags: HashMap<String, i64> = HashMap::new();
    let mut reader = csv::Reader::from_path(csv).expect("the file");
    let mut cells = csv::StringRecord::new();
    let mut row = 0i64;
    while reader.read_record(&mut cells).expect("a record") {
        if row % 20_000 == 0 {
            db.execute_batch(if row == 0 { "BEGIN IMMEDIATE" } else { "COMMIT; BEGIN IMMEDIATE" }).expect("a chunk");
        }
        row += 1;
        let (name, email, phone) = (some(&cells[1]), some(&cells[2]), some(&cells[3]));
        contact
            .execute(params![
                row,
                &cells[0],
                name,
                name.map(cardfile_domain::sort::key),
                some(&cells[4]),
                email,
                email.map(str::to_lowercase),
                phone,
                phone.map(|phone| phone.replace(' ', "")),
                &cells[5],
                some(&cells[10]),
                some(&cells[11]),
                millis(&cells[6]),
                millis(&cells[7]),
                cells[8].parse::<i64>().unwrap_or(0),
                custom(&cells),
                1_795_251_600_123i64,
            ])
            .expect("a contact");
        change.execute([row]).expect("a change");
        for (pos, tag) in cells[9].split(',').filter(|tag| !tag.is_empty()).enumerate() {
            let number = match tags.get(tag) {
                Some(number) => *number,
                None => {
                    let number = tags.len() as i64 + 1;
                    new_tag.execute(params![number, tag]).expect("a tag");
                    tags.insert(tag.to_owned(), number);
                    number
                }
            };
            tagged.execute(params![row, pos as i64, number]).expect("a tag");
        }
    }
    db.execute_batch("COMMIT").expect("the last chunk");
    for (_, sql) in TABLES.iter().flat_map(|table| table.lookups) {
        db.execute_batch(sql).expect("an index");
    }
    db.execute_batch("UPDATE operation SET state = 'done'; PRAGMA wal_checkpoint(PASSIVE)").expect("the end");
    json!({ "contacts": row, "peak_mib": peak_mib() })
}

/// Tags everybody: one operation, as a person does it.
pub(crate) fn our_tag(dir: &Path, _: &Path) -> Value {
    let core = workspace(dir);
    let rows = bulk::of_filter(&core, "").expect("everybody");
    let (done, operation) = bulk::run(&core, &rows, &Deed::Tag("bench".into()), &who(), &Unwatched).expect("tagged");
    json!({ "changed": done.changed, "operation": operation.map(|id| id.to_string()) })
}

/// Takes that back.
pub(crate) fn our_untag(dir: &Path, _: &Path) -> Value {
    let core = workspace(dir);
    let report = history::undo(&core, None, &who()).expect("undone");
    json!({ "restored": report.restored, "peak_mib": peak_mib() })
}

/// The least that tagging everybody needs: the tag, the contact's new version, a
/// line in the log.
pub(crate) fn bare_tag(file: &Path, _: &Path) -> Value {
    let db = connection(file, 65_536);
    let rows: i64 = db.query_row("SELECT max(row) FROM contact", [], |row| row.get(0)).expect("a number");
    let tag: i64 = db
        .query_row("INSERT INTO tag (name, key) VALUES ('bench', 'bench') RETURNING tag", [], |row| row.get(0))
        .expect("a tag");
    let mut change = db
        .prepare("INSERT INTO change (seq, op, entity, action, row, prev, body) VALUES (?1, 1, 0, 1, ?2, ?2, ?3)")
        .expect("sql");
    let mut update = db.prepare("UPDATE contact SET version = ?1, updated_at = ?2 WHERE row = ?3").expect("sql");
    let mut tagged = db
        .prepare(
            "INSERT INTO contact_tag (contact, pos, tag)
             SELECT ?1, coalesce((SELECT max(pos) + 1 FROM contact_tag WHERE contact = ?1), 0), ?2",
        )
        .expect("sql");
    for row in 1..=rows {
        if row % 20_000 == 1 {
            db.execute_batch(if row == 1 { "BEGIN IMMEDIATE" } else { "COMMIT; BEGIN IMMEDIATE" }).expect("a chunk");
        }
        change.execute(params![rows + row, row, r#"{"tags":[["bench"]]}"#]).expect("a change");
        update.execute(params![rows + row, 1_795_251_700_123i64, row]).expect("a contact");
        tagged.execute(params![row, tag]).expect("a tag");
    }
    db.execute_batch("COMMIT; PRAGMA wal_checkpoint(PASSIVE)").expect("the last chunk");
    json!({ "contacts": rows })
}

/// A workbook of everybody.
pub(crate) fn our_workbook(dir: &Path, out: &Path) -> Value {
    let core = workspace(dir);
    let request = ExportRequest::all(out.to_owned(), ExportFormat::Xlsx(Preset::Reference));
    let report = export::run(&core, &request, &who(), &Unwatched).expect("an export");
    json!({ "contacts": report.contacts, "peak_mib": peak_mib() })
}

fn who() -> Who {
    Who { actor: "bench".into(), origin: "bench".into() }
}

/// Reads what an export needs, and writes nothing.
pub(crate) fn bare_export(file: &Path, _: &Path) -> Value {
    let db = connection(file, 16_384);
    let mut contacts = db
        .prepare(
            "SELECT row, id, name, email, phone, company, source, first_seen, last_seen, conversation_count,
                    page_url, ip_country FROM contact ORDER BY row",
        )
        .expect("sql");
    let mut tags = db.prepare("SELECT contact, tag FROM contact_tag ORDER BY contact, pos").expect("sql");
    let mut bytes = 0usize;
    let mut rows = contacts.query([]).expect("rows");
    while let Some(row) = rows.next().expect("a row") {
        for column in [1, 2, 3, 4, 5, 6, 10, 11] {
            bytes += row.get_ref(column).expect("a column").as_str_or_null().expect("text").map_or(0, str::len);
        }
        for column in [7, 8, 9] {
            bytes += row.get::<_, Option<i64>>(column).expect("a number").unwrap_or(0) as usize & 1;
        }
    }
    let mut rows = tags.query([]).expect("rows");
    while let Some(row) = rows.next().expect("a row") {
        bytes += row.get::<_, i64>(1).expect("a number") as usize;
    }
    json!({ "bytes": bytes })
}

/// Contacts by number and nothing else: no names of tags, no texts of custom
/// fields, no answer made of them.
pub(crate) struct BareRows(Connection);

impl BareRows {
    pub(crate) fn open(file: &Path) -> Self {
        Self(connection(file, 16_384))
    }

    pub(crate) fn read(&self, rows: &[u32]) -> usize {
        let mut contact = self
            .0
            .prepare_cached(
                "SELECT id, kind, name, nick, company, email, phone, source, first_seen, last_seen,
                        conversation_count, stage, custom, created_at FROM contact WHERE row = ?1",
            )
            .expect("sql");
        let mut bytes = 0;
        for row in rows {
            let mut found = contact.query([row]).expect("rows");
            let row = found.next().expect("a row").expect("it is there");
            for column in [0, 1, 2, 3, 4, 5, 6, 7, 11, 12] {
                bytes += row.get_ref(column).expect("a column").as_str_or_null().expect("text").map_or(0, str::len);
            }
        }
        bytes
    }
}
