//! Every format: recognised by itself, every record accounted for, rejects that
//! come back, and nothing of a card lost on the way out.

use calcard::vcard::{VCard, VCardEntry, VCardParameterName, VCardProperty, VCardValue};
use cardfile_core::{
    export::{self, ExportFormat, ExportRequest},
    import::{self, ImportReport, ImportRequest},
    progress::Unwatched,
};
use cardfile_testkit::{Workspace, english, more_data, project, who};
use rstest::rstest;
use std::{collections::BTreeSet, path::PathBuf};

fn fixture(name: &str) -> PathBuf {
    project().join("tests/fixtures").join(name)
}

fn import_into(ws: &Workspace, file: PathBuf) -> ImportReport {
    let used = std::fs::read_dir(&ws.files).expect("a folder").count();
    let rejects = ws.files.join(format!("rejects-{used}"));
    let request = ImportRequest { rejects: Some(rejects), ..ImportRequest::of(file) };
    let plan = import::plan(&ws.core, &request, &Unwatched).expect("a plan");
    let report = import::run(&ws.core, &request, &who(), &Unwatched).expect("an import");
    assert!(report.counts.adds_up(), "{:?}", report.counts);
    assert_eq!(report.counts, plan.counts, "the plan is the run");
    report
}

fn export_of(ws: &Workspace, name: &str, format: ExportFormat) -> (PathBuf, String) {
    let request = ExportRequest::all(ws.files.join(name), format);
    let report = export::run(&ws.core, &request, &who(), &Unwatched).expect("an export");
    let text = std::fs::read_to_string(&report.file).expect("text");
    (report.file, text)
}

#[rstest]
#[case("vcard/phone_21.vcf", "vCard", 2, 0)]
#[case("vcard/phone_30.vcf", "vCard", 1, 0)]
#[case("vcard/server_40.vcf", "vCard", 2, 0)]
#[case("ldif/thunderbird.ldif", "LDIF", 2, 1)]
#[case("json/people.json", "JSON", 2, 1)]
fn a_file_of_any_format_needs_no_click(
    #[case] name: &str,
    #[case] format: &str,
    #[case] created: u32,
    #[case] rejected: u32,
) {
    let ws = Workspace::default();
    let plan = import::plan(&ws.core, &ImportRequest::of(fixture(name)), &Unwatched).expect("a plan");
    assert_eq!(plan.shape.format, format);
    let report = import_into(&ws, fixture(name));
    assert_eq!((report.counts.created, report.counts.rejected), (created, rejected), "{:?}", plan.rejects);
    let again = import_into(&ws, fixture(name));
    assert_eq!((again.counts.unchanged, again.operation.is_none()), (created, true), "{:?}", again.counts);
}

#[test]
fn a_card_of_an_old_phone_gives_all_its_values() {
    let ws = Workspace::default();
    import_into(&ws, fixture("vcard/phone_21.vcf"));
    let all = ws.contacts();
    let ines = &all[0];
    assert_eq!((ines.name.as_str(), ines.name_parts.family.as_str()), ("Inês Conceição", "Conceição"));
    assert_eq!(ines.phones.iter().map(|p| p.label.as_str()).collect::<Vec<_>>(), ["mobile", "work fax"]);
    assert_eq!((ines.email(), ines.emails[0].label.as_str()), ("ines@azulejaria.example", "work"));
    assert_eq!(ines.description, "Gosta de azulejos\r\nliga às segundas");
    assert_eq!(ines.addresses[0].address.as_ref().expect("parts").postal_code, "4050-262");
    assert_eq!(all[1].name, "Chidi Okafor", "a card without FN gets its name from N");
    assert_eq!(all[1].dates[0].value, "1987-05-14");
}

#[test]
fn a_card_of_a_new_phone_gives_labels_dates_and_what_has_no_field() {
    let ws = Workspace::default();
    import_into(&ws, fixture("vcard/phone_30.vcf"));
    let chen = ws.contacts().remove(0);
    assert_eq!((chen.emails[0].label.as_str(), chen.emails[1].label.as_str()), ("Assistant", "home"));
    assert_eq!((chen.company.as_str(), chen.department.as_str()), ("Linghai Robotics", "Sales"));
    assert_eq!(chen.urls[0].value, "http://linghai.example");
    assert_eq!(chen.tags, ["VIP", "Robotics"]);
    let dates: Vec<(&str, &str)> = chen.dates.iter().map(|d| (d.label.as_str(), d.value.as_str())).collect();
    assert_eq!(dates, [("Anniversary", "2019-06-01"), ("birthday", "--02-29")]);
    assert_eq!(chen.links[0].connector, "vcard");
    assert!(chen.metadata.contains("PHOTO") && chen.metadata.contains("X-ABRELATEDNAMES"), "{}", chen.metadata);
}

/// What a property says, whatever version of vCard says it.
fn said(entry: &VCardEntry) -> (String, String, BTreeSet<String>) {
    let value = |value: &VCardValue| match value {
        VCardValue::Component(parts) => parts.join(","),
        VCardValue::PartialDateTime(at) => format!(
            "{:?}-{:?}-{:?} {:?}:{:?}",
            at.year.unwrap_or_default(),
            at.month.unwrap_or_default(),
            at.day.unwrap_or_default(),
            at.hour.unwrap_or_default(),
            at.minute.unwrap_or_default()
        ),
        VCardValue::Binary(data) => data.to_unwrapped_string(),
        VCardValue::Text(text) => text.clone(),
        other => other.as_text().map_or_else(|| format!("{other:?}"), str::to_lowercase),
    };
    let mut values: Vec<String> = entry.values.iter().map(value).collect();
    while values.len() > 1 && values.last().is_some_and(String::is_empty) {
        values.pop();
    }
    let mut text = values.join(";");
    // Apple's marks around its own words.
    text = text.replace("_$!<", "").replace(">!$_", "");
    let types = entry.params.iter().filter_map(|param| match (&param.name, &param.value) {
        (VCardParameterName::Type, value) => value.as_text().map(str::to_lowercase),
        (VCardParameterName::Other(name), value) if value.as_text().is_none() => Some(name.to_lowercase()),
        _ => None,
    });
    // These are what a number or an address is when nothing is said; the
    // preferred one stands first.
    let types = types.filter(|word| !matches!(word.as_str(), "voice" | "internet" | "pref" | "jpeg" | "base64"));
    (entry.name.as_str().to_uppercase(), text, types.collect())
}

fn cards(text: &[u8]) -> Vec<VCard> {
    let text = String::from_utf8_lossy(text);
    // The parser reads the short form of a date without its year only.
    let text = text.trim_start_matches('\u{feff}').replace(":--02-29", ":--0229");
    let mut parser = calcard::Parser::new(&text);
    let mut all = Vec::new();
    while let calcard::Entry::VCard(card) = parser.entry() {
        all.push(card);
    }
    all
}

/// Everything that each card says is said by the exported one.
fn nothing_is_lost(original: &[u8], exported: &str, name: &str) {
    let exported = cards(exported.as_bytes());
    let originals = cards(original);
    assert!(!originals.is_empty());
    for original in &originals {
        let fits = |card: &VCard| missing(original, card);
        let best = exported.iter().map(fits).min_by_key(Vec::len).expect("a card");
        assert!(best.is_empty(), "{name}: lost {best:#?}\nof {original:#?}");
    }
}

fn missing(original: &VCard, exported: &VCard) -> Vec<(String, String, BTreeSet<String>)> {
    let written: Vec<_> = exported.entries.iter().map(said).collect();
    let technical =
        |entry: &&VCardEntry| !matches!(entry.name, VCardProperty::Begin | VCardProperty::End | VCardProperty::Version);
    let says = |(name, text, types): &(String, String, BTreeSet<String>)| {
        // An address that the standard spells otherwise in version 4.
        let same_name = |other: &str| other == name || (name == "X-ABDATE" && other == "ANNIVERSARY");
        text.replace(';', "").is_empty()
            // RFC 6350, 6.1.4: what a card without KIND is.
            || (name == "KIND" && text == "individual")
            || written.iter().any(|(other, value, words)| same_name(other) && value == text && words.is_superset(types))
    };
    original.entries.iter().filter(technical).map(said).filter(|entry| !says(entry)).collect()
}

#[rstest]
#[case("vcard/phone_21.vcf")]
#[case("vcard/phone_30.vcf")]
#[case("vcard/server_40.vcf")]
fn nothing_of_a_card_is_lost_in_a_round_trip(#[case] name: &str) {
    round_trip(fixture(name));
}

#[test]
fn nothing_of_the_device_cards_is_lost_in_a_round_trip() {
    let Some(folder) = more_data("fixtures/vcard", "the address books of real devices") else { return };
    let mut files: Vec<PathBuf> =
        std::fs::read_dir(folder).expect("a folder").map(|entry| entry.expect("an entry").path()).collect();
    files.sort();
    assert!(files.len() >= 6);
    for file in files {
        round_trip(file);
    }
}

fn round_trip(file: PathBuf) {
    let name = file.display().to_string();
    let one = Workspace::default();
    let report = import_into(&one, file.clone());
    // A card that is not taken stands whole in the rejects file.
    let rejects = report.rejects_file.map(|file| std::fs::read_to_string(file).expect("text")).unwrap_or_default();
    assert_eq!(cards(rejects.as_bytes()).len(), report.counts.rejected as usize, "{name}");
    let (out, text) = export_of(&one, "out.vcf", ExportFormat::Vcard);
    assert!(text.lines().all(|line| line.len() <= 75), "{name}: lines are folded");
    nothing_is_lost(&std::fs::read(&file).expect("readable"), &(text.clone() + &rejects), &name);
    let two = Workspace::default();
    let report = import_into(&two, out);
    assert_eq!(report.counts.created, one.count(), "{name}");
    assert_eq!(export_of(&two, "again.vcf", ExportFormat::Vcard).1, text, "{name}");
}

#[rstest]
#[case::vcard(ExportFormat::Vcard, "out.vcf")]
#[case::ndjson(ExportFormat::Ndjson, "out.ndjson")]
fn a_workspace_moves_by_file_in_every_format(#[case] format: ExportFormat, #[case] name: &str) {
    let one = Workspace::default();
    import_into(&one, one.file("in.csv", super::round_trip::EVERYTHING));
    import_into(&one, fixture("csv/google.csv"));
    import_into(&one, fixture("vcard/server_40.vcf"));
    let (file, text) = export_of(&one, name, format.clone());
    let two = Workspace::default();
    let report = import_into(&two, file);
    assert_eq!((report.counts.created, report.counts.rejected), (one.count(), 0));
    assert_eq!(two.contacts(), one.contacts());
    assert_eq!(export_of(&two, name, format).1, text);
}

/// Imports a file with rejects, mends the rejects file by `mend`, imports it.
fn rejects_come_back(file: PathBuf, mend: impl Fn(String) -> String) -> (ImportReport, ImportReport, String) {
    let ws = Workspace::default();
    let first = import_into(&ws, file);
    let rejects = first.rejects_file.clone().expect("a rejects file");
    let text = std::fs::read_to_string(&rejects).expect("text");
    std::fs::write(&rejects, mend(text.clone())).expect("writable");
    let second = import_into(&ws, rejects);
    (first, second, text)
}

#[rstest]
#[case("ldif/thunderbird.ldif", "bo at x", "bo@x.example")]
#[case("json/people.json", "cy at nott", "cy@nott.example")]
fn rejects_are_a_file_of_the_same_format(#[case] name: &str, #[case] wrong: &str, #[case] right: &str) {
    let (first, second, text) = rejects_come_back(fixture(name), |text| text.replace(wrong, right));
    assert!(text.contains("email has no @"), "{text}");
    assert_eq!((first.counts.rejected, second.counts.created, second.counts.rejected), (1, 1, 0), "{text}");
}

#[test]
fn a_bad_card_is_kept_with_its_reason_and_a_card_without_end_ends_at_the_next() {
    let ws = Workspace::default();
    let text = "BEGIN:VCARD\r\nVERSION:3.0\r\nFN:Ana\r\nBEGIN:VCARD\r\nVERSION:3.0\r\nFN:Bo\r\nEMAIL:bo at x\r\nEND:VCARD\r\nlost line\r\nBEGIN:VCARD\r\nVERSION:3.0\r\nFN:Cy\r\nno colon here\r\nEND:VCARD\r\n";
    let file = ws.file("in.vcf", text);
    let plan = import::plan(&ws.core, &ImportRequest::of(&file), &Unwatched).expect("a plan");
    let seen: Vec<(u32, Option<&str>, &str)> =
        plan.rejects.iter().map(|r| (r.position.line, r.column_name.as_deref(), english(&r.message))).collect();
    assert_eq!(
        seen,
        [
            (7, Some("EMAIL"), "email has no @"),
            (9, None, "this stands outside any card"),
            (13, None, "the line is no property: it has no colon"),
        ]
    );
    assert_eq!((plan.counts.records, plan.counts.created), (4, 1));
    let mend = |text: String| {
        assert!(text.contains("X-CARDFILE-ERROR:email has no @\r\nX-CARDFILE-LINE:7\r\nEND:VCARD"), "{text}");
        text.replace("bo at x", "bo@x.example").replace("lost line", "FN:Lost").replace("no colon here", "NOTE:mended")
    };
    let (_, second, _) = rejects_come_back(file, mend);
    assert_eq!((second.counts.created, second.counts.rejected), (3, 0));
}

#[test]
fn a_broken_line_of_ndjson_costs_only_itself() {
    let ws = Workspace::default();
    let text = "{\"name\":\"Ana\",\"email\":\"a@x.example\"}\n{\"name\":\"Bo\",\"email\":\"b@x.example\"\n{\"name\":\"Cy\",\"name\":\"Cyd\",\"email\":\"c@x.example\"}\n{\"name\":\"Di\",\"email\":\"d@x.example\"}\n";
    let file = ws.file("in.ndjson", text);
    let plan = import::plan(&ws.core, &ImportRequest::of(&file), &Unwatched).expect("a plan");
    let seen: Vec<(u32, Option<&str>, &str)> =
        plan.rejects.iter().map(|r| (r.position.line, r.place.as_deref(), english(&r.message))).collect();
    assert_eq!(
        seen,
        [(2, Some("2:34"), "EOF while parsing an object"), (3, Some("3:25"), "the key \"name\" is there twice"),]
    );
    let mend = |text: String| text.replace("b@x.example\"", "b@x.example\"}").replace("\"name\":\"Cyd\",", "");
    let (first, second, text) = rejects_come_back(file, mend);
    assert_eq!((first.counts.created, second.counts.created, second.counts.rejected), (2, 2, 0), "{text}");
}

#[test]
fn a_list_that_is_cut_off_gives_its_good_beginning_and_says_where_it_ends() {
    let ws = Workspace::default();
    let file = ws.file("in.json", "[\n{\"name\":\"Ana\",\"email\":\"a@x.example\"},\n{\"name\":\"Bo\",\"ema");
    let plan = import::plan(&ws.core, &ImportRequest::of(&file), &Unwatched).expect("a plan");
    assert_eq!((plan.counts.created, plan.counts.rejected), (1, 1));
    assert_eq!(
        (plan.rejects[0].position.line, plan.rejects[0].message.to_string().as_str()),
        (3, "the file ends inside this record")
    );
}

#[test]
fn json_keeps_large_numbers_and_what_has_no_field() {
    let ws = Workspace::default();
    import_into(&ws, fixture("json/people.json"));
    let all = ws.contacts();
    assert_eq!((all[0].name.as_str(), all[0].emails.len()), ("Ana García", 2));
    let metadata: serde_json::Value = serde_json::from_str(&all[0].metadata).expect("json");
    assert_eq!(all[0].links[0].external_id, "12345678901234567890", "a number that a float cannot hold stays text");
    assert_eq!((&metadata["score"], &metadata["vip"]), (&serde_json::json!(4.5), &serde_json::json!(true)));
    assert_eq!(all[1].tags, ["lead", "north"]);
}

#[test]
fn the_metadata_of_a_json_record_is_that_of_the_contact() {
    let ws = Workspace::default();
    let record = r#"{"email":"ana@x.example","metadata":{"plan":"pro","seats":{"used":3}},"plan":"free"}"#;
    import_into(&ws, ws.file("in.ndjson", record));
    let metadata: serde_json::Value = serde_json::from_str(&ws.contacts()[0].metadata).expect("json");
    assert_eq!(metadata, serde_json::json!({ "plan": "pro", "seats": { "used": 3 } }), "the first of two stays");
}

fn workbook(rows: &[&[&str]]) -> Vec<u8> {
    let mut book = rust_xlsxwriter::Workbook::new();
    book.add_worksheet().set_name("Notes").expect("a name").write_string(0, 0, "nothing here").expect("a cell");
    let sheet = book.add_worksheet().set_name("Contacts").expect("a name");
    for (row, cells) in rows.iter().enumerate() {
        for (column, cell) in cells.iter().enumerate() {
            match cell.strip_prefix("number:") {
                Some(number) => sheet.write_number(row as u32, column as u16, number.parse::<f64>().expect("a number")),
                None => sheet.write_string(row as u32, column as u16, *cell),
            }
            .expect("a cell");
        }
    }
    book.save_to_buffer().expect("a workbook")
}

#[test]
fn a_workbook_is_read_from_the_sheet_that_holds_contacts() {
    let ws = Workspace::default();
    let rows: &[&[&str]] = &[
        &["Customers 2026"],
        &["Name", "Email", "Phone", "Customer number"],
        &["Ana", "a@x.example", "number:34612408177", "007"],
        &["Bo", "bo at x", "", ""],
        &[],
        &["Cy", "c@x.example", "", "", "more than the header has"],
        &["Di", "d@x.example", "0612 408 177", "12"],
    ];
    let file = ws.file("customers.xlsx", workbook(rows));
    let plan = import::plan(&ws.core, &ImportRequest::of(&file), &Unwatched).expect("a plan");
    assert_eq!((plan.shape.format, plan.shape.header_line), ("XLSX", 2));
    let seen: Vec<(Option<&str>, &str)> =
        plan.rejects.iter().map(|r| (r.place.as_deref(), english(&r.message))).collect();
    assert_eq!(seen, [(Some("Contacts!B4"), "email has no @"), (Some("Contacts!E6"), "expected 4 columns, found 5")]);
    let report = import_into(&ws, file);
    assert_eq!((report.counts.created, report.counts.rejected), (2, 2));
    let all = ws.contacts();
    assert_eq!((all[0].phone(), all[1].phone()), ("34612408177", "0612 408 177"), "a number is no 3.4e10");
    assert!(all[0].metadata.contains("\"007\""), "leading zeros stay");

    // The rejects are a workbook again; opened and imported as it is, the same
    // two records are rejected.
    let again = import_into(&ws, report.rejects_file.expect("a rejects file"));
    assert_eq!((again.counts.records, again.counts.rejected), (2, 2));
}

#[test]
fn an_archive_that_unpacks_to_gigabytes_is_refused() {
    use std::io::Write;
    let ws = Workspace::default();
    let mut zip = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
    let options = zip::write::SimpleFileOptions::default().compression_method(zip::CompressionMethod::Deflated);
    zip.start_file("[Content_Types].xml", options).expect("an entry");
    zip.start_file("xl/sharedStrings.xml", options).expect("an entry");
    let zeros = vec![b' '; 1 << 20];
    for _ in 0..100 {
        zip.write_all(&zeros).expect("memory");
    }
    let file = ws.file("bomb.xlsx", zip.finish().expect("an archive").into_inner());
    let error = import::plan(&ws.core, &ImportRequest::of(&file), &Unwatched).expect_err("refused");
    assert!(error.message.to_string().starts_with("this workbook unpacks to"), "{}", error.message);
}

#[test]
fn json_that_is_nested_too_deep_or_goes_on_after_its_list_costs_only_itself() {
    let ws = Workspace::default();
    let deep = format!("{}1{}", "{\"a\":".repeat(100_000), "}".repeat(100_000));
    let file = ws.file("deep.ndjson", format!("{{\"name\":\"Ana\",\"email\":\"a@x.example\"}}\n{deep}\n"));
    let report = import_into(&ws, file);
    assert_eq!((report.counts.created, report.counts.rejected), (1, 1));
    let file = ws.file("pages.json", "[{\"name\":\"Bo\",\"email\":\"b@x.example\"}]\n[{\"name\":\"Cy\"}]");
    let plan = import::plan(&ws.core, &ImportRequest::of(&file), &Unwatched).expect("a plan");
    assert_eq!((plan.counts.created, plan.counts.rejected), (1, 1));
    assert_eq!(plan.rejects[0].message.to_string(), "the file goes on after the list; that part was not read");
}

#[test]
fn json_loses_nothing_of_a_list_of_objects() {
    let ws = Workspace::default();
    let text = r#"[{"name":"Ana","email":"a@x.example","phones":[{"number":"+34612408177","type":"work"}]}]"#;
    import_into(&ws, ws.file("in.json", text));
    let ana = ws.contacts().remove(0);
    assert_eq!(ana.phone(), "+34612408177");
    assert!(ana.metadata.contains(r#""type":"work""#), "{}", ana.metadata);
}

#[test]
fn folded_lines_and_comments_are_no_ends_and_no_values() {
    let ws = Workspace::default();
    let card = "BEGIN:VCARD\r\nVERSION:3.0\r\nFN:Ana\r\nNOTE:she wrote\r\n END:VCARD\r\nX-SPAN:--10-20\r\nitem4294967295.X-FOO:1\r\nEND:VCARD\r\n";
    let report = import_into(&ws, ws.file("in.vcf", card));
    assert_eq!((report.counts.created, report.counts.rejected), (1, 0));
    let ana = ws.contacts().remove(0);
    assert_eq!(ana.description, "she wroteEND:VCARD");
    assert!(ana.metadata.contains("X-SPAN:--10-20"), "{}", ana.metadata);
    assert!(export_of(&ws, "out.vcf", ExportFormat::Vcard).1.contains("item4294967295.X-FOO:1"));
    let ldif = "# made by\n # two lines\ndn: cn=Bo\ncn: Bo\n# a note\n  that goes on\nmail: bo@x.example\n";
    import_into(&ws, ws.file("in.ldif", ldif));
    assert_eq!(ws.contacts()[1].name, "Bo");
}

#[test]
fn a_cell_longer_than_a_workbook_may_hold_is_rejected_and_the_rest_is_kept() {
    let ws = Workspace::default();
    let mut text = String::from("Name,Email,Note\nAna,a@x.example,\n");
    text.push_str(&format!("Bo,b@x.example,{}\nCy,c@x.example,\n", "x".repeat(9 << 20)));
    let report = import_into(&ws, ws.file("long.csv", text));
    assert_eq!((report.counts.records, report.counts.created, report.counts.rejected), (3, 2, 1));
}

#[test]
fn a_line_end_in_a_name_does_not_move_what_search_finds() {
    let ws = Workspace::default();
    let text = "Name,Email\n\"Ana\nMaria\",a@x.example\nBo,b@x.example\nCy,zzz@x.example\n";
    import_into(&ws, ws.file("in.csv", text));
    for (typed, name) in [("zz", "Cy"), ("zzz", "Cy"), ("z", "Cy"), ("bo", "Bo"), ("maria", "Ana\nMaria")] {
        let request = cardfile_core::view::ViewRequest { query: typed.into(), ..Default::default() };
        let (_, rows) = cardfile_core::view::resolve(&ws.core, &request).expect("a view");
        let found = cardfile_core::view::contacts(&ws.core, &rows).expect("contacts");
        let names: Vec<String> = found.into_iter().flatten().map(|stored| stored.contact.name).collect();
        assert_eq!(names, [name], "{typed}");
    }
}
