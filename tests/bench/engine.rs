//! The engine at a million contacts: import, export, search, what is done to everybody.

use crate::{
    answers, duplicates, floor, number,
    process::{Cost, median, run_self, run_shell},
    report::{Goal, Line, table},
};
use serde_json::{Value, json};
use std::path::{Path, PathBuf};

/// One job, in a process of its own; nothing when there is none of this name.
pub(crate) fn job(name: &str, args: &[String]) -> Option<Value> {
    let paths: Vec<PathBuf> = args.iter().map(PathBuf::from).collect();
    Some(match name {
        "generate" => floor::generate(&paths[0], args[1].parse().expect("a number of rows")),
        "import" => floor::our_import(&paths[0], &paths[1]),
        "floor-import" => floor::bare_import(&paths[0], &paths[1]),
        "export" => floor::our_export(&paths[0], &paths[1]),
        "floor-export" => floor::bare_export(&paths[0], &paths[1]),
        "answers" => answers::measure(&paths[0], &paths[1], &paths[2]),
        "tag" => floor::our_tag(&paths[0], &paths[0]),
        "untag" => floor::our_untag(&paths[0], &paths[0]),
        "floor-tag" => floor::bare_tag(&paths[0], &paths[0]),
        "workbook" => floor::our_workbook(&paths[0], &paths[1]),
        "plant" => duplicates::plant(&paths[0]),
        "duplicates" => duplicates::measure(&paths[0]),
        _ => return None,
    })
}

/// Measures, and keeps the result in this folder.
pub(crate) fn bench(out: &Path, pairs: usize) {
    let rows = number("BENCH_ROWS", 1_000_000) as u64;
    let temp = tempfile::tempdir_in(out).expect("a temporary folder");
    let (lines, raw) = measure(temp.path(), rows, pairs);
    let heading = format!(
        "{rows} contacts, medians of {pairs} pairs (export: {}). Ratio: the other divided by ours; above 1 \
         ours is faster.",
        pairs * 3
    );
    let table = table(&heading, &lines);
    std::fs::write(out.join("result.json"), format!("{raw:#}\n")).expect("writable");
    std::fs::write(out.join("table.md"), &table).expect("writable");
    println!("{table}");
}

fn measure(dir: &Path, rows: u64, pairs: usize) -> (Vec<Line>, Value) {
    let path = |name: &str| dir.join(name);
    let csv = path("people.csv");
    eprintln!("bench: {rows} made-up people");
    run_self("generate", &[&csv, Path::new(&rows.to_string())]);

    let mut costs: Vec<(&'static str, Vec<Cost>)> = Vec::new();
    let mut take = |name: &'static str, cost: Cost| match costs.iter_mut().find(|(known, _)| *known == name) {
        Some((_, all)) => all.push(cost),
        None => costs.push((name, vec![cost])),
    };
    let (ours, bare, plain) = (path("ours"), path("bare.db"), path("plain.db"));
    for pair in 1..=pairs {
        eprintln!("bench: import, pair {pair} of {pairs}");
        for old in [&ours, &bare, &plain] {
            let _ = std::fs::remove_dir_all(old);
            let _ = std::fs::remove_file(old);
        }
        take("import", run_self("import", &[&ours, &csv]));
        take("floor-import", run_self("floor-import", &[&bare, &csv]));
        eprintln!("bench: import again, nothing changed");
        take("reimport", run_self("import", &[&ours, &csv]));
    }
    eprintln!("bench: sqlite3 with the same indices and FTS5 trigram");
    take("sqlite3-import", run_shell(&sqlite3_import(&plain, &csv)));
    // Seconds long only: more pairs, against the noise.
    for pair in 1..=pairs * 3 {
        eprintln!("bench: export, pair {pair} of {}", pairs * 3);
        take("export", run_self("export", &[&ours, &path("ours.csv")]));
        take("sqlite3-export", run_shell(&sqlite3_export(&plain, &path("plain.csv"))));
        take("floor-export", run_self("floor-export", &[&bare, &path("bare.csv")]));
    }
    eprintln!("bench: answers");
    let answers = run_self("answers", &[&ours, &plain, &bare]);

    eprintln!("bench: a workbook");
    take("workbook", run_self("workbook", &[&ours, &path("ours.xlsx")]));
    eprintln!("bench: everybody tagged, and that taken back");
    take("tag", run_self("tag", &[&ours]));
    take("floor-tag", run_self("floor-tag", &[&bare]));
    take("untag", run_self("untag", &[&ours]));
    eprintln!("bench: duplicates");
    run_self("plant", &[&ours]);
    let looked = run_self("duplicates", &[&ours]);
    let recall = |kind: &str| looked.said["recall"][kind].as_f64().unwrap_or(f64::NAN);
    let found = |key: &str| looked.said[key].as_f64().unwrap_or(f64::NAN);

    let cpu = |name: &str| {
        let (_, all) = costs.iter().find(|(known, _)| *known == name).expect("measured");
        median(all.iter().map(|cost| cost.cpu_seconds).collect())
    };
    let said = |name: &str, key: &str| {
        let (_, all) = costs.iter().find(|(known, _)| *known == name).expect("measured");
        all.last().and_then(|cost| cost.said[key].as_f64()).unwrap_or(f64::NAN)
    };
    let answer = |key: &str| answers.said[key].as_f64().unwrap_or(f64::NAN);
    let line = Line::new;
    let runs = |name: &str| {
        let (_, all) = costs.iter().find(|(known, _)| *known == name).expect("measured");
        all.iter().map(|cost| cost.cpu_seconds).collect::<Vec<_>>()
    };
    // Both of a pair ran one after the other.
    let pair = |what, job: &str, name, other: &str, goal, note| Line {
        paired: Some(median(runs(other).iter().zip(runs(job)).map(|(other, ours)| other / ours).collect())),
        ..line(what, "s CPU", Some((name, cpu(other))), cpu(job), goal, note)
    };
    let lines = vec![
        pair("Import", "import", "bare rusqlite, same tables and cipher", "floor-import", Goal::AtLeast(0.75), ""),
        line(
            "Import",
            "s CPU",
            Some(("sqlite3, same indices, FTS5 trigram, no cipher", cpu("sqlite3-import"))),
            cpu("import"),
            Goal::AtLeast(2.5),
            "theirs has no cipher, no child tables, no change log",
        ),
        line("Import, peak memory", "MiB", None, said("import", "peak_mib"), Goal::Below(160.0), ""),
        pair("Import of the same file again", "reimport", "our first import", "import", Goal::None, ""),
        line("Import of the same file again", "rows written", None, said("reimport", "changes"), Goal::Below(0.0), ""),
        pair(
            "Export, 12 columns",
            "export",
            "sqlite3 -csv, no cipher",
            "sqlite3-export",
            Goal::AtLeast(1.1),
            "ours reads encrypted pages",
        ),
        pair("Export, 12 columns", "export", "bare rusqlite, same cipher, read only", "floor-export", Goal::None, ""),
        line(
            "Search, first 50 sorted and exact count, p50",
            "ms",
            None,
            answer("search_p50"),
            Goal::None,
            "320 queries of 1 to 8 characters",
        ),
        line(
            "Search, first 50 sorted and exact count, p99",
            "ms",
            Some(("FTS5 trigram, 3 characters and more", answer("trigram_p99"))),
            answer("search_p99"),
            Goal::Below(20.0),
            "one thread's CPU",
        ),
        line(
            "Combined filter, count and order, p99",
            "ms",
            Some(("SQL", answer("sql_filter_p99"))),
            answer("filter_p99"),
            Goal::Below(8.3),
            "one thread's CPU",
        ),
        line(
            "Jump to any row, 100 rows, p99",
            "ms",
            Some(("SQL OFFSET", answer("offset_p99"))),
            answer("jump_p99"),
            Goal::Below(2.0),
            "one thread's CPU",
        ),
        line(
            "Jump to any row, 100 rows, p99",
            "ms",
            Some(("bare rusqlite, same cipher, 100 rows by number", answer("bare_jump_p99"))),
            answer("jump_p99"),
            Goal::None,
            "",
        ),
        line("Open to first page", "ms", None, answer("open_ms"), Goal::Below(30.0), "before the index is built"),
        line(
            "Open a full card",
            "ms",
            None,
            answer("full_card_ms"),
            Goal::Below(50.0),
            "5,000 messages, 500 notes, 200 files",
        ),
        line(
            "What an agent is told of a full card, p99",
            "ms",
            None,
            answer("agent_context_p99"),
            Goal::Below(10.0),
            "every field approved; with its line in the list of calls",
        ),
        line("Index of all contacts built", "ms", None, answer("index_ms"), Goal::None, "once, after the first page"),
        line(
            "Export of a workbook",
            "s CPU",
            Some(("our CSV of the same", cpu("export"))),
            cpu("workbook"),
            Goal::AtLeast(0.1),
            "",
        ),
        line("Export of a workbook, peak memory", "MiB", None, said("workbook", "peak_mib"), Goal::Below(100.0), ""),
        line(
            "Tag everybody",
            "s CPU",
            Some(("bare rusqlite: tag, version, log", cpu("floor-tag"))),
            cpu("tag"),
            Goal::AtLeast(0.5),
            "",
        ),
        line("Undo of that", "s CPU", Some(("the deed itself", cpu("tag"))), cpu("untag"), Goal::AtLeast(1.0), ""),
        line("Counts of 20 saved views", "ms", None, answer("segments_ms"), Goal::Below(100.0), "one thread's CPU"),
        line("Insights", "ms", None, answer("insights_ms"), Goal::Below(300.0), "one thread's CPU"),
        line(
            "Search for duplicates",
            "s CPU",
            None,
            looked.cpu_seconds,
            Goal::Below(15.0),
            "40,000 planted cards more",
        ),
        line("Search for duplicates, peak memory", "MiB", None, found("peak_mib"), Goal::Below(400.0), ""),
        line(
            "Duplicates, precision",
            "",
            None,
            found("precision"),
            Goal::From(0.99),
            "10,000 pairs of one, 10,000 of two",
        ),
        line("Duplicates, recall", "", None, found("recall_of_all"), Goal::From(0.97), "over all kinds"),
        line("Duplicates, recall: phone written otherwise", "", None, recall("phone_format"), Goal::None, ""),
        line("Duplicates, recall: swapped names", "", None, recall("swapped_names"), Goal::None, ""),
        line("Duplicates, recall: plus-address", "", None, recall("plus_address"), Goal::None, ""),
        line("Duplicates, recall: transliteration", "", None, recall("transliteration"), Goal::None, ""),
        line("Duplicates, recall: one letter", "", None, recall("one_letter"), Goal::None, ""),
        line("Memory of the core, views and index", "MiB", None, answer("core_mib"), Goal::Below(200.0), ""),
    ];
    let raw = json!({
        "rows": rows,
        "pairs": pairs,
        "costs": costs.iter().map(|(name, all)| json!({ "job": name, "runs": all.iter().map(Cost::to_json).collect::<Vec<_>>() })).collect::<Vec<_>>(),
        "answers": answers.to_json(),
        "duplicates": looked.to_json(),
    });
    (lines, raw)
}

/// What a person would write for the shell: the same indices as ours and the
/// search that SQLite offers, over the columns we search.
fn sqlite3_import(db: &Path, csv: &Path) -> String {
    format!(
        "sqlite3 {db} <<'SQL'\n\
         PRAGMA journal_mode = WAL;\nPRAGMA synchronous = NORMAL;\nPRAGMA page_size = 8192;\nPRAGMA cache_size = -65536;\n\
         CREATE TABLE contact (id TEXT PRIMARY KEY, name TEXT, email TEXT, phone TEXT, company TEXT, source TEXT,\n\
           first_seen TEXT, last_seen TEXT, conversation_count INTEGER, tags TEXT, page_url TEXT, ip_country TEXT,\n\
           plan TEXT, mrr TEXT, city TEXT, account_manager TEXT, consent_given TEXT);\n\
         .mode csv\n.import --skip 1 {csv} contact\n\
         CREATE INDEX a ON contact (name);\nCREATE INDEX b ON contact (email);\nCREATE INDEX c ON contact (phone);\n\
         CREATE INDEX d ON contact (last_seen);\nCREATE INDEX e ON contact (first_seen);\n\
         CREATE INDEX f ON contact (source, last_seen);\nCREATE INDEX g ON contact (tags);\n\
         CREATE VIRTUAL TABLE search USING fts5 (name, email, phone, content=contact, tokenize=trigram);\n\
         INSERT INTO search (search) VALUES ('rebuild');\nSQL\n",
        db = db.display(),
        csv = csv.display()
    )
}

fn sqlite3_export(db: &Path, out: &Path) -> String {
    format!(
        "sqlite3 -csv -header {} 'SELECT id, name, email, phone, company, source, first_seen, last_seen, conversation_count, tags, page_url, ip_country FROM contact' > {}",
        db.display(),
        out.display()
    )
}
