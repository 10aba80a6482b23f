//! Bad input: one clear sentence for a bad file, a position for a bad record,
//! and the good records are kept.

use cardfile_core::{Code, formats::file::Choices, import, import::ImportRequest, progress::Unwatched};
use cardfile_testkit::{Workspace, who};
use rstest::rstest;

#[rstest]
#[case::empty("", "the file is empty")]
#[case::only_blanks(" \n\r\n  ", "the file is empty")]
#[case::a_program("\u{7f}ELF\0\0\0\0\u{1}", "this is not a text file")]
#[case::a_zip("PK\u{3}\u{4}\u{14}\0", "this is a ZIP archive")]
#[case::no_contacts(
    "sku,price\n1,2\n3,4\n",
    "no column looks like a name, an email, a phone or a company; columns found: sku, price"
)]
#[case::prose("This is a letter.\nIt says nothing about contacts.\n", "no column looks like a name")]
fn a_file_without_contacts_is_refused_in_one_sentence(#[case] text: &str, #[case] expected: &str) {
    let ws = Workspace::default();
    let file = ws.file("input.csv", text);
    let error = import::plan(&ws.core, &ImportRequest::of(&file), &Unwatched).expect_err("refused");
    assert_eq!(error.code, Code::BadFile);
    assert!(error.message.to_string().starts_with(expected), "{}", error.message);
}

#[test]
fn a_folder_and_a_missing_file_say_so() {
    let ws = Workspace::default();
    let error = import::look(&ws.core, &ws.files, &Choices::default()).expect_err("refused");
    assert!(error.message.to_string().ends_with("is a folder, not a file"), "{}", error.message);
    let error = import::look(&ws.core, &ws.files.join("nothing.csv"), &Choices::default()).expect_err("refused");
    assert_eq!(error.code, Code::NotFound);
}

#[rstest]
#[case::bad_email("Name,Email\nAna,a@x.example\nBo,bo at x\nCy,c@x.example\n", 3, Some("Email"), "email has no @")]
#[case::ragged("Name,Email\nAna,a@x.example\nBo\nCy,c@x.example\n", 3, None, "expected 2 columns, found 1")]
#[case::open_quote(
    "Name,Email\nAna,a@x.example\n\"Bo,b@x.example\nCy,c@x.example\n",
    3,
    None,
    "a quote is opened on line 3 and not closed"
)]
#[case::nothing_in_it(
    "Name,Email,Note\nAna,a@x.example,\n,,hm\nCy,c@x.example,\n",
    3,
    None,
    "no name, email, phone, company or external ID"
)]
#[case::bad_date("Name,First seen\nAna,2024-01-01\nBo,soon\nCy,\n", 3, Some("First seen"), "expected a date and time")]
fn a_bad_record_is_named_by_line_and_column_and_the_good_ones_are_kept(
    #[case] text: &str,
    #[case] line: u32,
    #[case] column: Option<&str>,
    #[case] message: &str,
) {
    let ws = Workspace::default();
    let request = ImportRequest::of(ws.file("input.csv", text));
    let plan = import::plan(&ws.core, &request, &Unwatched).expect("a plan");
    let [reject] = &plan.rejects[..] else { panic!("{:?}", plan.rejects) };
    assert_eq!((reject.position.line, reject.column_name.as_deref()), (line, column));
    assert_eq!(reject.message.to_string(), message);
    assert_eq!((plan.counts.records, plan.counts.created, plan.counts.rejected), (3, 2, 1));
    let report = import::run(&ws.core, &request, &who(), &Unwatched).expect("an import");
    assert_eq!(report.counts, plan.counts);
    assert_eq!(ws.count(), 2);
}

#[test]
fn a_field_of_many_megabytes_is_a_reject_and_costs_no_memory_beyond_its_limit() {
    let ws = Workspace::default();
    let mut text = String::from("Name,Email\nAna,a@x.example\n");
    text.push_str(&"x".repeat(5 << 20));
    text.push_str(",big@x.example\nCy,c@x.example\n");
    let plan = import::plan(&ws.core, &ImportRequest::of(ws.file("input.csv", text)), &Unwatched).expect("a plan");
    assert_eq!((plan.counts.created, plan.counts.rejected), (2, 1));
    assert_eq!(plan.rejects[0].message.to_string(), "a field is larger than 1 MiB");
}

#[test]
fn one_external_id_is_one_contact_whatever_else_the_file_says() {
    let ws = Workspace::default();
    let first = ws.file("a.csv", "Record ID,Email,First Name\n1,a@x.example,Ana\n2,b@x.example,Bo\n");
    import::run(&ws.core, &ImportRequest::of(&first), &who(), &Unwatched).expect("an import");
    // Record 1 has a new email: still Ana, by her external ID.
    let second = ws.file("b.csv", "Record ID,Email,First Name\n1,new@x.example,Ana\n 1,blank@x.example,Other\n");
    let report = import::run(&ws.core, &ImportRequest::of(&second), &who(), &Unwatched).expect("an import");
    assert_eq!((report.counts.updated, report.counts.created), (1, 1), "byte for byte: ` 1` is not `1`");
}
