//! Out and in again: the same bytes.

use cardfile_core::{
    export::{self, ExportFormat, ExportRequest},
    formats::csv_export::{Options, Preset, Profile},
    import::{self, ImportRequest},
    progress::Unwatched,
};
use cardfile_testkit::{Workspace, who};
use rstest::rstest;
use std::path::PathBuf;

/// A contact with everything, and texts that break careless programs.
pub(crate) const EVERYTHING: &str = r#"id,name,email,phone,company,source,first_seen,last_seen,conversation_count,tags,page_url,ip_country,kind,given_name,additional_name,family_name,name_prefix,name_suffix,nick,description,preferences,company_id,job_title,department,stage,email_label,phone_label,other_emails,other_phones,handles,addresses,urls,dates,external_ids,created_at,updated_at,binned_at,metadata,tier,identity,verified_at,verified_by,stage_by,stage_since,archived_at,custom.order_ref,custom.account_ref
ctc_8f3k2j1m,"García, ""Ana""",ana@solvento.example,00441 234567,=HYPERLINK(1),widget,2026-03-15T10:30:00.120Z,2026-04-01T14:22:00Z,4,"lead,enterprise",https://acme.example/pricing?utm_source=x,ES,person,Ana,,García,Dr.,,ani,"two
lines",Greet in Spanish,ctc_8f3k2j1m,Buyer,Sales,qualified,work,mobile,"[{""label"":""home"",""value"":""ana@home.example""}]","[{""value"":""+34 912 044 177""}]","[{""label"":""slack"",""value"":""@ana""}]","[{""label"":""work"",""value"":""Calle Mayor 1\n28013 Madrid"",""address"":{""street"":""Calle Mayor 1"",""city"":""Madrid"",""postal_code"":""28013""}}]","[{""value"":""https://solvento.example""}]","[{""label"":""birthday"",""value"":""--05-14""}]","[{""connector"":""hubspot"",""external_id"":"" 42""}]",2026-03-15T10:30:00Z,2026-03-16T10:30:00.500Z,,"{""b"":1.50,""a"":[true,null],""big"":12345678901234567890}",VIP,verified,2026-03-16T10:30:00Z,passport seen,hand,2026-03-17T10:30:00Z,,0007,
ctc_2n4p6r8t,陈雨桐,yutong@linghai.example,+86 138 1027 4416,,api,,,0,,,,organization,,,,,,,+not a phone,-1+2,,,,,,,,,,,,,,2026-03-20T08:15:00Z,2026-03-20T08:15:00Z,,,,,,,,,,,'quoted
"#;

fn export_of(ws: &Workspace, name: &str, csv: Options) -> (PathBuf, String) {
    let request = ExportRequest::all(ws.files.join(name), ExportFormat::Csv(csv));
    let report = export::run(&ws.core, &request, &who(), &Unwatched).expect("an export");
    assert_eq!(report.contacts, u64::from(ws.count()));
    let text = std::fs::read_to_string(&report.file).expect("readable");
    assert_eq!(report.bytes, text.len() as u64);
    (report.file, text)
}

#[rstest]
#[case::everything(Options { preset: Preset::Complete, ..Options::default() })]
#[case::everything_for_spreadsheets(Options { preset: Preset::Complete, profile: Profile::Spreadsheet, ..Options::default() })]
#[case::with_semicolons_and_a_mark(Options { preset: Preset::Complete, separator: b';', bom: true, ..Options::default() })]
fn an_export_comes_back_as_the_same_bytes(#[case] options: Options) {
    let one = Workspace::default();
    let file = one.file("in.csv", EVERYTHING);
    let report = import::run(&one.core, &ImportRequest::of(&file), &who(), &Unwatched).expect("an import");
    assert_eq!((report.counts.created, report.counts.rejected), (2, 0));
    let (file, text) = export_of(&one, "out.csv", options.clone());

    let two = Workspace::default();
    import::run(&two.core, &ImportRequest::of(&file), &who(), &Unwatched).expect("an import");
    let (_, again) = export_of(&two, "again.csv", options);
    assert_eq!(again, text);
    let plain = Options { preset: Preset::Complete, ..Options::default() };
    assert_eq!(export_of(&two, "plain.csv", plain).1, EVERYTHING, "nothing was changed on the way");
}

#[test]
fn a_guarded_file_holds_no_formula_and_loses_nothing() {
    let ws = Workspace::default();
    let file = ws.file("in.csv", EVERYTHING);
    import::run(&ws.core, &ImportRequest::of(&file), &who(), &Unwatched).expect("an import");
    let options = Options { preset: Preset::Complete, profile: Profile::Spreadsheet, ..Options::default() };
    let (_, text) = export_of(&ws, "guarded.csv", options);
    assert!(text.lines().next().expect("a header").ends_with(",_cardfile_guarded"));
    assert!(text.contains(",'=HYPERLINK(1),") && text.contains(",'+not a phone,'-1+2,"));
    assert!(text.contains("+86 138 1027 4416") && !text.contains("'+86"), "a phone is no formula");
}

#[test]
fn the_reference_layout_comes_back_byte_for_byte() {
    let ws = Workspace::default();
    let mut made = Vec::new();
    cardfile_core::generate::write_csv(&mut made, 3_000, 9).expect("memory");
    let file = ws.file("in.csv", made);
    import::run(&ws.core, &ImportRequest::of(&file), &who(), &Unwatched).expect("an import");
    let (file, text) = export_of(&ws, "out.csv", Options::default());
    let two = Workspace::default();
    import::run(&two.core, &ImportRequest::of(&file), &who(), &Unwatched).expect("an import");
    assert_eq!(export_of(&two, "again.csv", Options::default()).1, text);
}

#[test]
fn a_failed_export_leaves_no_file_and_an_unknown_column_is_named() {
    struct Stop;
    impl cardfile_core::progress::Progress for Stop {
        fn at(&self, _: u64, _: u64) -> bool {
            false
        }
    }
    let ws = Workspace::default();
    import::run(&ws.core, &ImportRequest::of(ws.file("in.csv", EVERYTHING)), &who(), &Unwatched).expect("an import");
    let request = ExportRequest::all(ws.files.join("out.csv"), ExportFormat::default());
    export::run(&ws.core, &request, &who(), &Stop).expect_err("stopped");
    let left: Vec<_> =
        std::fs::read_dir(&ws.files).expect("a folder").map(|e| e.expect("an entry").file_name()).collect();
    assert_eq!(left, ["in.csv"]);
    let csv = Options { preset: Preset::Columns(vec!["name".into(), "shoe_size".into()]), ..Options::default() };
    let error = export::run(&ws.core, &ExportRequest { format: ExportFormat::Csv(csv), ..request }, &who(), &Unwatched)
        .expect_err("refused");
    assert_eq!(error.message.to_string(), "there is no column shoe_size");
}
