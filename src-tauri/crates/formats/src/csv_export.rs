//! CSV out: the reference layout byte for byte, and the complete one.

use crate::cells::Cells;
pub use crate::cells::{COMPLETE, DERIVED, Preset, REFERENCE, headings, is_column};
use cardfile_domain::{Contact, CustomField, Line};
use std::io::{self, Write};

/// Heading of the empty column by which a guarded file is known again.
pub const GUARD_MARK: &str = "_cardfile_guarded";

/// For whom the file is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Profile {
    /// Values as they are (RFC 4180).
    #[default]
    Program,
    /// A cell that a spreadsheet would take for a formula gets one `'` in
    /// front, and the file a mark by which the import takes it away again.
    Spreadsheet,
}

/// How the file is written.
#[derive(Debug, Clone)]
pub struct Options {
    /// Columns.
    pub preset: Preset,
    /// Formula guard.
    pub profile: Profile,
    /// Between cells.
    pub separator: u8,
    /// Byte order mark, for old Excel.
    pub bom: bool,
}

impl Default for Options {
    fn default() -> Self {
        Self { preset: Preset::Reference, profile: Profile::Program, separator: b',', bom: false }
    }
}

/// Bytes that are written out at once.
const BLOCK: usize = 1 << 18;

/// Writes contacts as rows.
pub struct CsvWriter<W> {
    out: W,
    cells: Cells,
    options: Options,
    /// Lines that are not written out yet.
    lines: Vec<u8>,
    cell: String,
}

/// One cell of a line, quoted where it must be (RFC 4180, 2).
fn put_cell(line: &mut Vec<u8>, at: usize, bytes: &[u8], separator: u8, always: bool) {
    if at > 0 {
        line.push(separator);
    }
    let needs = |byte: &u8| matches!(byte, b'"' | b'\n' | b'\r') || *byte == separator;
    let (Some(first), Some(last)) = (bytes.first(), bytes.last()) else { return };
    // Every byte is looked at without a branch: cells are short.
    let marked = bytes.iter().fold(false, |any, byte| any | needs(byte));
    if !always && !marked && *first != b' ' && *last != b' ' {
        line.extend_from_slice(bytes);
        return;
    }
    line.push(b'"');
    for part in bytes.split_inclusive(|byte| *byte == b'"') {
        line.extend_from_slice(part);
        if part.ends_with(b"\"") {
            line.push(b'"');
        }
    }
    line.push(b'"');
}

impl<W: Write> CsvWriter<W> {
    /// Writes the header.
    pub fn new(mut out: W, options: Options, fields: &[CustomField]) -> io::Result<Self> {
        let cells = Cells::new(&options.preset, fields);
        if options.bom {
            out.write_all("\u{feff}".as_bytes())?;
        }
        let mut writer = Self { out, cells, options, lines: Vec::new(), cell: String::new() };
        for (at, heading) in writer.cells.headings().iter().enumerate() {
            put_cell(&mut writer.lines, at, heading.as_bytes(), writer.options.separator, false);
        }
        if writer.options.profile == Profile::Spreadsheet {
            put_cell(&mut writer.lines, 1, GUARD_MARK.as_bytes(), writer.options.separator, false);
        }
        writer.end_line()?;
        Ok(writer)
    }

    /// Writes one contact.
    pub fn write(&mut self, contact: &Contact) -> io::Result<()> {
        self.write_row(&contact.line(), Some(contact))
    }

    /// Writes one contact of which only the line is known; the reference layout asks for no more.
    pub fn write_line(&mut self, line: &Line<'_>) -> io::Result<()> {
        self.write_row(line, None)
    }

    fn write_row(&mut self, line: &Line<'_>, contact: Option<&Contact>) -> io::Result<()> {
        let mut cell = std::mem::take(&mut self.cell);
        let guarded = self.options.profile == Profile::Spreadsheet;
        for at in 0..self.cells.headings().len() {
            cell.clear();
            let known = self.cells.text(at, line, contact, &mut cell);
            // The reference quotes the tags even when there is only one.
            let always = self.cells.is_tags(at);
            let bytes = known.unwrap_or(cell.as_bytes());
            if guarded && is_formula(&String::from_utf8_lossy(bytes)) {
                put_cell(&mut self.lines, at, &[b"'", bytes].concat(), self.options.separator, always);
            } else {
                put_cell(&mut self.lines, at, bytes, self.options.separator, always);
            }
        }
        self.cell = cell;
        if guarded {
            put_cell(&mut self.lines, 1, b"", self.options.separator, false);
        }
        self.end_line()
    }

    /// Flushes and gives the output back.
    pub fn finish(mut self) -> io::Result<W> {
        self.write_lines()?;
        self.out.flush()?;
        Ok(self.out)
    }

    fn end_line(&mut self) -> io::Result<()> {
        self.lines.push(b'\n');
        if self.lines.len() >= BLOCK { self.write_lines() } else { Ok(()) }
    }

    fn write_lines(&mut self) -> io::Result<()> {
        self.out.write_all(&self.lines)?;
        self.lines.clear();
        Ok(())
    }
}

/// A line of a list that people open in a spreadsheet: no cell of it is evaluated.
pub fn list_line<'a>(cells: impl IntoIterator<Item = &'a str>) -> String {
    let mut line = Vec::new();
    for (at, cell) in cells.into_iter().enumerate() {
        if is_formula(cell) {
            put_cell(&mut line, at, format!("'{cell}").as_bytes(), b',', false);
        } else {
            put_cell(&mut line, at, cell.as_bytes(), b',', false);
        }
    }
    line.push(b'\n');
    String::from_utf8_lossy(&line).into_owned()
}

/// What a spreadsheet would evaluate: `=`, `+`, `-`, `@`, tab or return at the
/// start, also behind any number of `'`. A phone number is no formula, and
/// neither is a number.
fn is_formula(cell: &str) -> bool {
    let bare = cell.trim_start_matches('\'');
    if !bare.starts_with(['=', '+', '-', '@', '\t', '\r']) {
        return false;
    }
    let is_phone = cell.starts_with('+')
        && (5..=31).contains(&cell.len())
        && cell[1..].bytes().all(|b| b.is_ascii_digit() || b" ()./-".contains(&b));
    let is_plain = is_phone || cell.parse::<f64>().is_ok();
    // Behind a quote it gets one more, so that the import can take exactly one away.
    bare.len() < cell.len() || !is_plain
}

#[cfg(test)]
mod tests {
    use super::*;
    use cardfile_domain::{ContactId, Item, Millis, time::DateOrder};
    use rstest::rstest;

    fn at(text: &str) -> Option<Millis> {
        Millis::parse(text, DateOrder::DayFirst)
    }

    fn export(contacts: &[Contact], options: Options) -> String {
        let mut writer = CsvWriter::new(Vec::new(), options, &[]).expect("memory");
        for contact in contacts {
            writer.write(contact).expect("memory");
        }
        String::from_utf8(writer.finish().expect("memory")).expect("utf-8")
    }

    #[test]
    fn the_reference_layout_is_met_byte_for_byte() {
        let sarah = Contact {
            id: ContactId::parse("ctc_8f3k2j1m").expect("an id"),
            name: "Sarah Johnson".into(),
            emails: vec![Item::new("sarah@acme.example", "")],
            phones: vec![Item::new("+15551234567", "")],
            company: "Acme Corp".into(),
            source: "widget".into(),
            first_seen: at("2026-03-15T10:30:00Z"),
            last_seen: at("2026-04-01T14:22:00Z"),
            conversation_count: 4,
            tags: vec!["lead".into(), "enterprise".into()],
            page_url: "https://acme.com/pricing".into(),
            ip_country: "US".into(),
            ..Contact::default()
        };
        let james = Contact {
            id: ContactId::parse("ctc_2n4p6r8t").expect("an id"),
            name: "James Chen".into(),
            emails: vec![Item::new("james@globex.example", "")],
            company: "Globex Inc".into(),
            source: "api".into(),
            first_seen: at("2026-03-20T08:15:00Z"),
            last_seen: at("2026-03-20T08:15:00Z"),
            conversation_count: 1,
            tags: vec!["imported".into()],
            ip_country: "CA".into(),
            ..Contact::default()
        };
        assert_eq!(
            export(&[sarah, james], Options::default()),
            "id,name,email,phone,company,source,first_seen,last_seen,conversation_count,tags,page_url,ip_country\n\
             ctc_8f3k2j1m,Sarah Johnson,sarah@acme.example,+15551234567,Acme Corp,widget,2026-03-15T10:30:00Z,2026-04-01T14:22:00Z,4,\"lead,enterprise\",https://acme.com/pricing,US\n\
             ctc_2n4p6r8t,James Chen,james@globex.example,,Globex Inc,api,2026-03-20T08:15:00Z,2026-03-20T08:15:00Z,1,\"imported\",,CA\n"
        );
    }

    #[rstest]
    #[case("=HYPERLINK(\"x\")", true)]
    #[case("@cmd", true)]
    #[case("+cmd|' /C calc'!A0", true)]
    #[case("-2+3", true)]
    #[case("'=1", true)]
    #[case("+1 (555) 123-4567", false)]
    #[case("-12.5", false)]
    #[case("O'Brien", false)]
    #[case("'quoted'", false)]
    fn tells_formulas_from_phones_and_numbers(#[case] cell: &str, #[case] expected: bool) {
        assert_eq!(is_formula(cell), expected);
    }
}
