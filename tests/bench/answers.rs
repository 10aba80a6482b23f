//! Answers of an open workspace: search, filters, jumps, the first page.

use crate::{
    floor::{BareRows, workspace},
    process::{median, quantile, resident_mib},
};
use cardfile_core::{
    Who, agents,
    commands::dispatch,
    contact,
    conversations::{self, Incoming},
    generate::Seeded,
    insights, parts,
    session::Session,
    spaces, system,
    view::{self, ViewRequest},
};
use cardfile_domain::{
    Contact, Millis,
    agent::{AgentClient, ClientSort},
    part::{Conversation, Message, Note},
};
use cardfile_gateway::agent;
use rusqlite::Connection;
use rustix::time::{ClockId, clock_gettime};
use serde_json::{Map, Value, json};
use std::{path::Path, sync::Arc};

/// Milliseconds of this thread's CPU that `work` took.
fn timed<T>(work: impl FnOnce() -> T) -> (T, f64) {
    let now = || {
        let at = clock_gettime(ClockId::ThreadCPUTime);
        at.tv_sec as f64 * 1e3 + at.tv_nsec as f64 / 1e6
    };
    let before = now();
    let value = work();
    (value, now() - before)
}

fn sorted_by_name(query: &str, filter: &str) -> ViewRequest {
    ViewRequest { query: query.into(), filter: filter.into(), sort: vec!["name".into()], ..ViewRequest::default() }
}

/// Queries of one to eight characters, forty of each: parts of real names,
/// emails and phones, half of them from the beginning of a word.
fn queries(rows: &[view::ContactRowView]) -> Vec<String> {
    let mut random = Seeded::new(3);
    let mut all = Vec::new();
    for length in 1..=8 {
        while all.len() < length * 40 {
            let row = &rows[random.below(rows.len() as u64) as usize];
            let text: String = match random.below(10) {
                0..5 => row.name.clone(),
                5..8 => row.email.clone(),
                _ => row.phone.chars().filter(char::is_ascii_digit).collect(),
            };
            let letters: Vec<char> = text.chars().collect();
            if letters.len() < length {
                continue;
            }
            let from =
                if random.below(2) == 0 { 0 } else { random.below((letters.len() - length + 1) as u64) as usize };
            let query: String = letters[from..from + length].iter().collect();
            if !query.trim().is_empty() {
                all.push(query);
            }
        }
    }
    all
}

const FILTERS: [&str; 10] = [
    "source:slack seen:<90d",
    "source:widget conversations:>3",
    "tag:vip country:ES",
    "source:widget,api seen:<30d conversations:>3",
    "tag:lead not tag:vip",
    "phone:none source:import",
    "country:DE,FR seen:<365d conversations:>1",
    "(source:slack or tag:vip) country:JP",
    "email:any phone:none seen:<180d",
    "company:none conversations:>10",
];

/// A card with 5,000 messages, 500 notes and 200 files, opened as the window
/// does: its fields, its timeline, its parts, the first page of its latest
/// conversation. Milliseconds, the median of nine.
fn full_card(dir: &Path) -> f64 {
    let core = workspace(dir);
    let who = Who { actor: "bench".into(), origin: "bench".into() };
    let card = Contact { name: "Everything".into(), ..Contact::default() };
    let id = contact::create(&core, card, &who).expect("a card").0.to_string();
    for chat in 0..20 {
        let said = |at: i64| Message { text: format!("message {at} of {chat}"), at: Millis(at), ..Message::default() };
        let about = Conversation { platform: "widget".into(), ..Conversation::default() };
        let incoming = Incoming { about, messages: (1..=250).map(said).collect() };
        conversations::add(&core, Some(&id), &incoming, &who).expect("a chat");
    }
    for note in 0..500 {
        parts::add(&core, &id, &Note { text: format!("note {note}"), ..Note::default() }, &who).expect("a note");
    }
    let space = spaces::create(&core, &id, "Files", &who).expect("a space").0;
    let folder = dir.with_extension("files");
    std::fs::create_dir_all(&folder).expect("a folder");
    let files: Vec<_> = (0..200).map(|at| folder.join(format!("{at}.txt"))).collect();
    for (at, file) in files.iter().enumerate() {
        std::fs::write(file, format!("file {at}")).expect("written");
    }
    spaces::add_files(&core, &space, &files, &who).expect("files");
    drop(core);
    let session = Session::new(dir.to_owned(), None, system::environment(), |_| {});
    session.open(None).expect("open");
    let call = |name: &str, request: Value| dispatch(&session, name, request).expect(name);
    let opened: Vec<f64> = (0..9)
        .map(|_| {
            let open = || {
                call("contact_get", json!({ "id": id }));
                let all = call("part_list", json!({ "id": id }));
                let latest = &all["conversations"][0]["id"];
                call("conversation_messages", json!({ "id": latest, "from": 150, "to": 250 }))
            };
            timed(open).1
        })
        .collect();
    median(opened)
}

/// What an agent is told of the card with everything, as a tool call: who asks is looked up, every
/// approved field is read, and the line of the call is written. Milliseconds, p99 of 500.
fn agent_context(dir: &Path) -> f64 {
    let core = Arc::new(workspace(dir));
    let who = Who { actor: "bench".into(), origin: "bench".into() };
    let all = agents::fields::approvable(&core).expect("fields").into_iter().map(|one| one.key).collect();
    let client = AgentClient { fields: all, per_minute: 600, sort: ClientSort::Staff, ..AgentClient::new("Bench") };
    let client = agents::approve(&core, &client, "it is measured", &who).expect("approved");
    let card = view::resolve(&core, &sorted_by_name("Everything", "")).expect("a view").1[0];
    let card = view::contacts(&core, &[card]).expect("a card").remove(0).expect("it is there").contact.id;
    let session = agent::Session::open(Arc::clone(&core), &client.id).expect("a client");
    let shown = json!({ "user_id": card.to_string() }).as_object().cloned().expect("an object");
    session.call("identify", shown).expect("staff may name a card");
    let asked: Vec<f64> = (0..500)
        .map(|_| {
            let (told, ms) = timed(|| session.call("get_contact_context", Map::new()));
            assert!(told.is_ok());
            ms
        })
        .collect();
    quantile(asked, 0.99)
}

pub(crate) fn measure(dir: &Path, plain: &Path, bare: &Path) -> Value {
    let (core, open) = timed(|| workspace(dir));
    let (first, page) = timed(|| view::first_page(&core, 100).expect("rows"));
    assert!(!first.is_empty());
    let (_, index_ms) = timed(|| view::open(&core, &sorted_by_name("", "")).expect("a view"));
    let everything = view::open(&core, &sorted_by_name("", "")).expect("a view");
    let total = everything.total;

    let mut random = Seeded::new(5);
    let mut sample = Vec::new();
    let mut jumps = Vec::new();
    for _ in 0..1000 {
        let from = random.below(u64::from(total.saturating_sub(100)).max(1)) as u32;
        let (rows, ms) = timed(|| view::rows(&core, everything.view, from, from + 100).expect("rows"));
        jumps.push(ms);
        sample.extend(rows.into_iter().flatten().take(1));
    }

    let queries = queries(&sample);
    let mut search = Vec::new();
    for query in &queries {
        let (_, ms) = timed(|| {
            let view = view::open(&core, &sorted_by_name(query, "")).expect("a view");
            view::rows(&core, view.view, 0, 50).expect("rows")
        });
        search.push(ms);
    }
    if std::env::var_os("BENCH_WORST").is_some() {
        let mut worst: Vec<(f64, &String)> = search.iter().copied().zip(&queries).collect();
        worst.sort_by(|a, b| b.0.total_cmp(&a.0));
        eprintln!("{:?}", &worst[..12]);
    }
    let by_length: Vec<Value> =
        search.chunks(40).map(|all| json!([median(all.to_vec()), quantile(all.to_vec(), 1.0)])).collect();

    let mut filters = Vec::new();
    for round in 0..4 {
        for filter in FILTERS {
            let sort = if round % 2 == 0 { "name" } else { "-last_seen" };
            let request = ViewRequest { sort: vec![sort.into()], ..sorted_by_name("", filter) };
            let (view, ms) = timed(|| view::open(&core, &request).expect("a view"));
            // The first round reads what is read once: the order of a column.
            if round > 1 {
                filters.push(ms);
            }
            assert!(view.total < total, "{filter} filters");
        }
    }
    let views: Vec<String> =
        (1..=20).map(|n| format!("source:widget conversations:>{n} (tag:vip or seen:<{}d)", n * 20)).collect();
    let views: Vec<(&str, &str)> = views.iter().map(|filter| ("", filter.as_str())).collect();
    let counted = || timed(|| view::counts(&core, &views).expect("counts")).1;
    let segments = median((0..5).map(|_| counted()).collect());
    let insights = median((0..5).map(|_| timed(|| insights::all(&core, "").expect("insights")).1).collect());
    let core_mib = resident_mib();

    // Floors and peers come after the memory is measured.
    let bare = BareRows::open(bare);
    let mut bare_jumps = Vec::new();
    for _ in 0..1000 {
        let anywhere: Vec<u32> = (0..100).map(|_| 1 + random.below(u64::from(total)) as u32).collect();
        bare_jumps.push(timed(|| bare.read(&anywhere)).1);
    }
    let peer = Peer::open(plain);
    let trigram: Vec<f64> =
        queries.iter().filter(|q| q.chars().count() >= 3).map(|query| timed(|| peer.trigram(query)).1).collect();
    let sql: Vec<f64> = (0..5).map(|_| timed(|| peer.filter()).1).collect();
    let offset: Vec<f64> = (0..10).map(|n| timed(|| peer.offset(total / 10 * n)).1).collect();
    drop(core);
    json!({
        "segments_ms": segments,
        "insights_ms": insights,
        "full_card_ms": full_card(dir),
        "agent_context_p99": agent_context(dir),
        "open_ms": open + page,
        "index_ms": index_ms,
        "jump_p50": median(jumps.clone()),
        "jump_p99": quantile(jumps, 0.99),
        "bare_jump_p50": median(bare_jumps.clone()),
        "bare_jump_p99": quantile(bare_jumps, 0.99),
        "search_p50": median(search.clone()),
        "search_p99": quantile(search, 0.99),
        "search_by_length_p50_max": by_length,
        "filter_p99": quantile(filters, 0.99),
        "core_mib": core_mib,
        "trigram_p99": quantile(trigram, 0.99),
        "sql_filter_p99": quantile(sql, 0.99),
        "offset_p99": quantile(offset, 0.99),
    })
}

/// The same questions to a plain SQLite database with indices and FTS5.
struct Peer(Connection);

impl Peer {
    fn open(file: &Path) -> Self {
        let db = Connection::open(file).expect("the peer's database");
        db.execute_batch("PRAGMA cache_size = -65536").expect("settings");
        Self(db)
    }

    fn rows(&self, sql: &str, values: impl rusqlite::Params) -> usize {
        let mut statement = self.0.prepare_cached(sql).expect("sql");
        let mut rows = statement.query(values).expect("rows");
        let mut count = 0;
        while rows.next().expect("a row").is_some() {
            count += 1;
        }
        count
    }

    fn trigram(&self, query: &str) {
        let quoted = format!("\"{}\"", query.replace('"', "\"\""));
        self.rows(
            "SELECT c.* FROM search s JOIN contact c ON c.rowid = s.rowid WHERE search MATCH ?1 ORDER BY c.name LIMIT 50",
            [&quoted],
        );
        self.rows("SELECT count(*) FROM search WHERE search MATCH ?1", [&quoted]);
    }

    fn filter(&self) {
        self.rows(
            "SELECT rowid FROM contact WHERE source IN ('widget', 'api') AND conversation_count > 3
              AND last_seen > '2026-01-01' ORDER BY name",
            [],
        );
    }

    fn offset(&self, from: u32) {
        self.rows("SELECT * FROM contact ORDER BY name LIMIT 100 OFFSET ?1", [from]);
    }
}
