//! The pages of an answer, in the language of the person: what the files say, for reading. They are
//! made from the files as these are given out, so that nothing stands here that was left out there.

use super::{
    bundle::Request,
    documents::Document,
    gather::Gathered,
    reading::{Reading, plain},
};
use cardfile_formats::dsar::{Body, Language, Page, Said, Section, TableLine, Words};
use serde_json::{Map, Value};

/// What a page is made from.
pub(super) struct Material<'m> {
    pub(super) request: &'m Request,
    pub(super) reference: &'m str,
    pub(super) held: &'m Gathered,
    pub(super) documents: &'m [Document],
    pub(super) information: &'m Value,
    pub(super) redactions: &'m [Value],
    pub(super) completeness: &'m [TableLine],
    /// Paths of the files of the person.
    pub(super) attachments: &'m [String],
    pub(super) fingerprint: &'m str,
    pub(super) key: &'m str,
    pub(super) reading: Reading<'m>,
}

/// Columns that say nothing to a person: ids of ours and hashes. They stand in the files.
const HIDDEN: [&str; 10] =
    ["kept_in", "id", "session_key", "recipient", "sha256", "message", "base", "company_id", "space", "png"];

/// Lists that are shown as tables, by the names of their schemas.
fn lists(words: &'static Words) -> [(&'static str, &'static str); 14] {
    [
        ("identifiers", words.identifiers),
        ("consents", words.consents),
        ("requests", words.requests),
        ("tags", words.tags),
        ("notes", words.notes),
        ("tasks", words.tasks),
        ("memories", words.memories),
        ("ratings", words.ratings),
        ("payments", words.payments),
        ("secrets", words.secrets),
        ("permissions", words.permissions),
        ("distinctions", words.distinctions),
        ("remote-records", words.remote_records),
        ("inferences", words.inferences),
    ]
}

/// `START-HERE.html`.
pub(super) fn start(of: &Material<'_>) -> String {
    let language = of.request.language;
    let words = language.words();
    let date = of.held.as_of.1.to_rfc3339();
    let date = language.moment(&date).unwrap_or(date);
    let intro = if of.held.subject.cards.is_empty() && of.held.subject.former.is_empty() {
        vec![words.intro_nothing.replace("{identifier}", &of.request.identifier)]
    } else {
        let first = words.intro.replace("{date}", &date).replace("{request}", of.reference);
        vec![first, words.intro_read.to_owned()]
    };
    let mut sections = vec![about(of), information_section(of)];
    for (name, heading) in lists(words) {
        sections.push(list(of, name, heading));
    }
    sections.push(talks(of));
    sections.push(files_of_person(of));
    sections.push(activities(of));
    sections.push(changes(of));
    sections.push(receivers(of));
    sections.push(left_out(of));
    sections.push(tables(of));
    sections.push(folder(of));
    sections.push(check(of));
    page(language, words.title.to_owned(), intro, words.contents, sections)
}

fn page(language: Language, title: String, intro: Vec<String>, contents: &str, sections: Vec<Section>) -> String {
    Page { language: language.as_str().to_owned(), title, intro, contents: contents.to_owned(), sections }.html()
}

/// `information.html`.
pub(super) fn information(of: &Material<'_>) -> String {
    let words = of.request.language.words();
    let mut sections: Vec<Section> = information_parts(words)
        .into_iter()
        .map(|(key, heading)| Section { heading: heading.to_owned(), text: vec![told(of, key)], body: Body::None })
        .collect();
    sections.push(receivers(of));
    page(of.request.language, words.information.to_owned(), Vec::new(), "", sections)
}

/// The page of a conversation.
pub(super) fn conversation(language: Language, number: usize, value: &Value) -> String {
    let words = language.words();
    let said = value["message"].as_array().into_iter().flatten().map(|message| {
        let author = plain(&message["author"], words);
        let who = match message["role"].as_str() {
            Some("contact") if author.is_empty() => words.you.to_owned(),
            Some("agent") if author.is_empty() => words.agent.to_owned(),
            _ if author.is_empty() => words.staff.to_owned(),
            _ => author,
        };
        let at = plain(&message["at"], words);
        Said { who, when: language.moment(&at).unwrap_or_default(), at, text: plain(&message["text"], words) }
    });
    let section = Section {
        heading: [plain(&value["title"], words), plain(&value["platform"], words)]
            .into_iter()
            .find(|one| !one.is_empty())
            .unwrap_or_else(|| words.conversation.to_owned()),
        text: Vec::new(),
        body: Body::Talk(said.collect()),
    };
    page(language, format!("{} {number}", words.conversation), Vec::new(), "", vec![section])
}

fn document<'m>(of: &Material<'m>, schema: &str) -> Option<&'m Document> {
    of.documents.iter().find(|one| one.schema == schema)
}

fn about(of: &Material<'_>) -> Section {
    let (reading, words) = (&of.reading, of.reading.words());
    let cards = document(of, "contact").and_then(|one| one.value["cards"].as_array());
    let several = of.held.cards.len() > 1;
    let mut rows = Vec::new();
    for card in cards.into_iter().flatten() {
        let fields = card["fields"].as_object().into_iter().flatten();
        for (key, field) in fields.filter(|(key, _)| !HIDDEN.contains(&key.as_str())) {
            let value = reading.cell(key, &field["value"]);
            if value.is_empty() {
                continue;
            }
            let mut row = vec![
                reading.language.label(key),
                value,
                reading.language.label(field["class"].as_str().unwrap_or_default()),
                reading.word("way", field["source"].as_str().unwrap_or_default()),
                reading.cell("first_seen", &field["first_seen"]),
                reading.cell("last_changed", &field["last_changed"]),
            ];
            if several {
                row.push(reading.cell("card", &card["id"]));
            }
            rows.push(row);
        }
    }
    let mut head = vec!["field", "value", "class", "source", "since", "changed"];
    if several {
        head.push("card");
    }
    section(words.about_you, of.labels(&head), rows, words)
}

fn information_section(of: &Material<'_>) -> Section {
    let words = of.reading.words();
    let rows = information_parts(words).map(|(key, heading)| vec![heading.to_owned(), told(of, key)]);
    section(words.information, of.labels(&["what", "text"]), rows.to_vec(), words)
}

/// What the law asks to be told: the member of the file, and its heading.
fn information_parts(words: &'static Words) -> [(&'static str, &'static str); 9] {
    [
        ("controller", words.controller),
        ("purposes", words.purposes),
        ("categories", words.categories),
        ("retention", words.retention),
        ("source", words.source),
        ("automated", words.automated),
        ("transfers", words.transfers),
        ("rights", words.rights),
        ("complaint", words.complaint),
    ]
}

/// One of these. Where a purpose names its basis, it is an article.
fn told(of: &Material<'_>, key: &str) -> String {
    let text = plain(&of.information[key], of.reading.words());
    if key == "purposes" { text.replace("(6(1)(", "(Art. 6(1)(") } else { text }
}

/// A list of rows as a table: what means nothing to a person is not shown.
fn list(of: &Material<'_>, schema: &str, heading: &str) -> Section {
    let rows: Vec<&Map<String, Value>> = document(of, schema)
        .and_then(|one| one.value.as_array())
        .into_iter()
        .flatten()
        .filter_map(Value::as_object)
        .collect();
    let several = of.held.cards.len() > 1;
    let mut keys: Vec<&str> = Vec::new();
    for key in rows.iter().flat_map(|row| row.keys()) {
        let is_shown = !HIDDEN.contains(&key.as_str()) && (several || key != "card");
        if is_shown && !keys.contains(&key.as_str()) {
            keys.push(key);
        }
    }
    // What it says first; which card it stands on last.
    keys.sort_by_key(|key| *key == "card");
    let cell = |row: &Map<String, Value>, key: &str| of.reading.cell(key, row.get(key).unwrap_or(&Value::Null));
    let cells = rows.iter().map(|row| keys.iter().map(|key| cell(row, key)).collect());
    section(heading, of.labels(&keys), cells.collect(), of.reading.words())
}

impl Material<'_> {
    fn labels(&self, keys: &[&str]) -> Vec<String> {
        keys.iter().map(|key| self.reading.language.label(key)).collect()
    }
}

fn section(heading: &str, head: Vec<String>, rows: Vec<Vec<String>>, words: &Words) -> Section {
    let heading = heading.to_owned();
    if rows.is_empty() {
        return Section { heading, text: vec![words.nothing.to_owned()], body: Body::None };
    }
    Section { heading, text: Vec::new(), body: Body::Table { head, rows } }
}

fn talks(of: &Material<'_>) -> Section {
    let all = of.documents.iter().filter(|one| one.schema == "conversation").map(|one| {
        let about = ["title", "platform", "last_at"].map(|key| of.reading.cell(key, &one.value[key]));
        let about: Vec<String> = about.into_iter().filter(|part| !part.is_empty()).collect();
        (one.path.replace(".json", ".html"), about.join(", "))
    });
    linked(of.reading.words().conversations, all.collect(), of.reading.words())
}

fn files_of_person(of: &Material<'_>) -> Section {
    let words = of.request.language.words();
    let rows = ["files", "pictures"].into_iter().filter_map(|name| document(of, name));
    let rows: Vec<&Value> = rows.flat_map(|one| one.value.as_array().into_iter().flatten()).collect();
    let called = |path: &str| {
        let row = rows.iter().find(|row| row["file"] == path);
        row.map(|row| plain(&row["name"], words)).filter(|name| !name.is_empty())
    };
    let all =
        of.attachments.iter().map(|path| (path.clone(), called(path).unwrap_or_else(|| words.pictures.to_owned())));
    linked(words.files, all.collect(), words)
}

fn linked(heading: &str, files: Vec<(String, String)>, words: &Words) -> Section {
    let heading = heading.to_owned();
    if files.is_empty() {
        return Section { heading, text: vec![words.nothing.to_owned()], body: Body::None };
    }
    Section { heading, text: Vec::new(), body: Body::Files(files) }
}

fn activities(of: &Material<'_>) -> Section {
    let all = document(of, "activity").and_then(|one| one.value["activities"].as_array());
    let keys = ["at", "name", "detail", "source"];
    let rows = all.into_iter().flatten().map(|row| keys.iter().map(|key| of.reading.cell(key, &row[*key])).collect());
    section(of.reading.words().activities, of.labels(&keys), rows.collect(), of.reading.words())
}

/// Changes that say what was before or after; all of them stand in the file.
fn changes(of: &Material<'_>) -> Section {
    let reading = &of.reading;
    let all = document(of, "activity").and_then(|one| one.value["changes"].as_array());
    let mut rows = Vec::new();
    for change in all.into_iter().flatten() {
        let said = |key: &str| change[key].as_str().unwrap_or_default();
        let did = format!("{} {}", said("did").replace('_', " "), said("subject"));
        for field in change["fields"].as_array().into_iter().flatten() {
            let key = field["field"].as_str().unwrap_or_default();
            let (before, after) = (reading.cell(key, &field["from"]), reading.cell(key, &field["to"]));
            if HIDDEN.contains(&key) || before.is_empty() && after.is_empty() {
                continue;
            }
            let label = reading.language.label(key);
            rows.push(vec![
                reading.cell("at", &change["at"]),
                // Of what is no field of the card: what it is a field of.
                match said("about") {
                    "contact" => label,
                    part => format!("{}: {label}", reading.word("about", part)),
                },
                before,
                after,
                reading.word("by", said("by")),
                reading.word("way", did.trim_end()),
            ]);
        }
    }
    let head = of.labels(&["at", "field", "from", "to", "by", "way"]);
    section(reading.words().history, head, rows, reading.words())
}

fn receivers(of: &Material<'_>) -> Section {
    let words = of.reading.words();
    let all = document(of, "recipients").and_then(|one| one.value.as_array());
    let keys = ["name", "fields", "first_sent", "last_sent", "country", "safeguard", "basis"];
    let cell = |row: &Value, key: &str| match (key, of.reading.cell(key, &row[key])) {
        ("first_sent" | "last_sent", said) if said.is_empty() => words.unknown_time.to_owned(),
        (_, said) => said,
    };
    let rows = all.into_iter().flatten().map(|row| keys.iter().map(|key| cell(row, key)).collect());
    section(words.recipients, of.labels(&keys), rows.collect(), words)
}

fn left_out(of: &Material<'_>) -> Section {
    let (language, words) = (of.reading.language, of.reading.words());
    let mut rows: Vec<Vec<String>> = Vec::new();
    // By file and kind: every single place stands in redactions.json.
    let mut sums: Vec<(String, String, String, u64)> = Vec::new();
    for one in of.redactions {
        let said = |key: &str| one[key].as_str().unwrap_or_default().to_owned();
        let (file, kind, reason) = (said("file"), said("kind"), said("reason"));
        let count = one["count"].as_u64().unwrap_or_default();
        match sums.iter_mut().find(|sum| sum.0 == file && sum.1 == kind && sum.2 == reason) {
            Some(sum) => sum.3 += count,
            None => sums.push((file, kind, reason, count)),
        }
    }
    for (file, kind, reason, count) in sums {
        let what = match kind.as_str() {
            "internal_note" => words.internal_note.to_owned(),
            "shared_file" => words.shared_file.to_owned(),
            other => language.label(other),
        };
        let place = of.documents.iter().find(|one| one.path == file).map(|one| called(of, one));
        rows.push(vec![what, place.unwrap_or(file), language.label(&reason), count.to_string()]);
    }
    let mut made = section(words.withheld, of.labels(&["what", "file", "reason", "count"]), rows, words);
    let is_nothing = matches!(made.body, Body::None);
    made.text = vec![if is_nothing { words.withheld_nothing } else { words.withheld_text }.to_owned()];
    made
}

fn tables(of: &Material<'_>) -> Section {
    let words = of.reading.words();
    let rows = of.completeness.iter().map(|line| {
        let counts = [line.rows_of_subject, line.rows_exported, line.rows_withheld].map(|count| count.to_string());
        let [subject, exported, withheld] = counts;
        let (table, reason) = (of.reading.word("table", &line.table), of.reading.word("why", &line.reason));
        vec![table, subject, exported, withheld, reason]
    });
    let head = of.labels(&["table", "rows_of_subject", "rows_exported", "rows_withheld", "reason"]);
    let mut made = section(words.completeness, head, rows.collect(), words);
    made.text = vec![words.completeness_text.to_owned()];
    made
}

/// What a file of the answer is called.
fn called(of: &Material<'_>, document: &Document) -> String {
    let words = of.reading.words();
    let heading = lists(words).into_iter().find(|(name, _)| *name == document.schema).map(|(_, heading)| heading);
    match document.schema {
        "conversation" => of.reading.cell("conversation", &document.value["id"]),
        "contact" => words.about_you.to_owned(),
        "activity" => words.history.to_owned(),
        "recipients" => words.recipients.to_owned(),
        "pictures" => words.pictures.to_owned(),
        _ => heading.unwrap_or(words.files).to_owned(),
    }
}

fn folder(of: &Material<'_>) -> Section {
    let words = of.reading.words();
    let mut all = vec![("information.html".to_owned(), words.information.to_owned())];
    for one in of.documents.iter().filter(|one| one.schema != "conversation") {
        all.push((one.path.clone(), called(of, one)));
    }
    for (path, what) in
        [("redactions.json", words.withheld), ("manifest.json", words.completeness), ("SHA256SUMS", words.check)]
    {
        all.push((path.to_owned(), what.to_owned()));
    }
    Section { heading: words.folder.to_owned(), text: Vec::new(), body: Body::Files(all) }
}

fn check(of: &Material<'_>) -> Section {
    let words = of.request.language.words();
    let commands = vec![
        "sha256sum -c SHA256SUMS".to_owned(),
        format!("minisign -V -P {} -m manifest.json -x manifest.json.sig", of.key),
    ];
    let fingerprint = words.check_key.replace("{fingerprint}", of.fingerprint);
    Section {
        heading: words.check.to_owned(),
        text: vec![words.check_text.to_owned(), fingerprint],
        body: Body::Commands(commands),
    }
}
