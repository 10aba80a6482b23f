//! CSV out: the reference layout byte for byte, and the complete one.

use cardfile_domain::{Contact, CustomField, Identity, Item, Line, Millis, custom::text_of};
use std::{
    fmt::Write as _,
    io::{self, Write},
};

/// The reference layout: twelve columns, in this order.
pub const REFERENCE: [&str; 12] = [
    "id",
    "name",
    "email",
    "phone",
    "company",
    "source",
    "first_seen",
    "last_seen",
    "conversation_count",
    "tags",
    "page_url",
    "ip_country",
];

/// What the complete layout adds, before one column per custom field.
pub const COMPLETE: [&str; 30] = [
    "kind",
    "given_name",
    "additional_name",
    "family_name",
    "name_prefix",
    "name_suffix",
    "nick",
    "description",
    "preferences",
    "company_id",
    "job_title",
    "department",
    "stage",
    "email_label",
    "phone_label",
    "other_emails",
    "other_phones",
    "handles",
    "addresses",
    "urls",
    "dates",
    "external_ids",
    "created_at",
    "updated_at",
    "binned_at",
    "metadata",
    "tier",
    "identity",
    "verified_at",
    "verified_by",
];

/// Heading of the empty column by which a guarded file is known again.
pub const GUARD_MARK: &str = "_cardfile_guarded";

/// Which columns a file has.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Preset {
    /// The twelve of the reference.
    Reference,
    /// Everything that is stored.
    Complete,
    /// These, in this order.
    Columns(Vec<String>),
}

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
    columns: Vec<Column>,
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

/// A column that a line knows, in the order of [`REFERENCE`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum LineColumn {
    Id,
    Name,
    Email,
    Phone,
    Company,
    Source,
    FirstSeen,
    LastSeen,
    ConversationCount,
    Tags,
    PageUrl,
    IpCountry,
}

const LINE: [LineColumn; 12] = [
    LineColumn::Id,
    LineColumn::Name,
    LineColumn::Email,
    LineColumn::Phone,
    LineColumn::Company,
    LineColumn::Source,
    LineColumn::FirstSeen,
    LineColumn::LastSeen,
    LineColumn::ConversationCount,
    LineColumn::Tags,
    LineColumn::PageUrl,
    LineColumn::IpCountry,
];

impl LineColumn {
    fn heading(self) -> &'static str {
        REFERENCE[self as usize]
    }

    /// The text of the cell where the line holds it; else it is written to `out`.
    fn text<'l>(self, line: &'l Line<'_>, seconds: bool, out: &mut String) -> Option<&'l [u8]> {
        Some(match self {
            Self::Id => line.id,
            Self::Name => line.name,
            Self::Email => line.email,
            Self::Phone => line.phone,
            Self::Company => line.company,
            Self::Source => line.source,
            Self::Tags => &line.tags,
            Self::PageUrl => line.page_url,
            Self::IpCountry => line.ip_country,
            Self::FirstSeen => {
                moment(line.first_seen, seconds, out);
                return None;
            }
            Self::LastSeen => {
                moment(line.last_seen, seconds, out);
                return None;
            }
            Self::ConversationCount => {
                // Writing to a string cannot fail.
                let _ = write!(out, "{}", line.conversation_count);
                return None;
            }
        })
    }
}

#[derive(Debug, Clone, PartialEq)]
enum Column {
    Line(LineColumn),
    BuiltIn(&'static str),
    Custom(String),
    /// A heading that is no field; its cells are empty.
    Unknown(String),
}

impl<W: Write> CsvWriter<W> {
    /// Writes the header.
    pub fn new(mut out: W, options: Options, fields: &[CustomField]) -> io::Result<Self> {
        let columns = columns(&options.preset, fields);
        if options.bom {
            out.write_all("\u{feff}".as_bytes())?;
        }
        let mut writer = Self { out, columns, options, lines: Vec::new(), cell: String::new() };
        for at in 0..writer.columns.len() {
            let heading = writer.columns[at].heading();
            put_cell(&mut writer.lines, at, heading.as_bytes(), writer.options.separator, false);
        }
        if writer.options.profile == Profile::Spreadsheet {
            put_cell(&mut writer.lines, 1, GUARD_MARK.as_bytes(), writer.options.separator, false);
        }
        writer.end_line()?;
        Ok(writer)
    }

    /// Whether the file says no more of a contact than its line does.
    pub fn wants_lines(options: &Options) -> bool {
        options.preset == Preset::Reference
    }

    /// Writes one contact.
    pub fn write(&mut self, contact: &Contact) -> io::Result<()> {
        self.write_row(&contact.line(), Some(contact))
    }

    /// Writes one contact of which only the line is known; see [`CsvWriter::wants_lines`].
    pub fn write_line(&mut self, line: &Line<'_>) -> io::Result<()> {
        self.write_row(line, None)
    }

    fn write_row(&mut self, line: &Line<'_>, contact: Option<&Contact>) -> io::Result<()> {
        let mut cell = std::mem::take(&mut self.cell);
        let seconds = self.options.preset == Preset::Reference;
        let guarded = self.options.profile == Profile::Spreadsheet;
        for at in 0..self.columns.len() {
            cell.clear();
            let known = match (&self.columns[at], contact) {
                (Column::Line(column), _) => column.text(line, seconds, &mut cell),
                (Column::BuiltIn(key), Some(contact)) => {
                    text(contact, key, &mut cell);
                    None
                }
                (Column::Custom(key), Some(contact)) => {
                    if let Some(value) = contact.custom.get(key) {
                        cell.push_str(&text_of(value));
                    }
                    None
                }
                _ => None,
            };
            // The reference quotes the tags even when there is only one.
            let always = self.columns[at] == Column::Line(LineColumn::Tags);
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

fn columns(preset: &Preset, fields: &[CustomField]) -> Vec<Column> {
    let custom = fields.iter().map(|field| Column::Custom(field.key.clone()));
    let line = LINE.into_iter().map(Column::Line);
    match preset {
        Preset::Reference => line.collect(),
        Preset::Complete => line.chain(COMPLETE.into_iter().map(Column::BuiltIn)).chain(custom).collect(),
        Preset::Columns(keys) => keys
            .iter()
            .map(|key| {
                let bare = key.strip_prefix("custom.").unwrap_or(key);
                let in_line = LINE.into_iter().find(|column| column.heading() == key);
                match (in_line, COMPLETE.into_iter().find(|known| known == key)) {
                    (Some(column), _) => Column::Line(column),
                    (None, Some(known)) => Column::BuiltIn(known),
                    _ if fields.iter().any(|field| field.key == bare) => Column::Custom(bare.to_owned()),
                    _ => Column::Unknown(key.clone()),
                }
            })
            .collect(),
    }
}

/// The headings of a layout, in order.
pub fn headings(preset: &Preset, fields: &[CustomField]) -> Vec<String> {
    columns(preset, fields).iter().map(Column::heading).collect()
}

impl Column {
    fn heading(&self) -> String {
        match self {
            Self::Line(column) => column.heading().to_owned(),
            Self::BuiltIn(key) => (*key).to_owned(),
            Self::Custom(key) => format!("custom.{key}"),
            Self::Unknown(heading) => heading.clone(),
        }
    }
}

/// Whether the layout has such a column.
pub fn is_column(key: &str, fields: &[CustomField]) -> bool {
    !matches!(columns(&Preset::Columns(vec![key.to_owned()]), fields)[..], [Column::Unknown(_)])
}

/// The text of one of the further built-in columns.
fn text(contact: &Contact, key: &str, out: &mut String) {
    let parts = &contact.name_parts;
    match key {
        "kind" => out.push_str(contact.kind.as_str()),
        "given_name" => out.push_str(&parts.given),
        "additional_name" => out.push_str(&parts.additional),
        "family_name" => out.push_str(&parts.family),
        "name_prefix" => out.push_str(&parts.prefix),
        "name_suffix" => out.push_str(&parts.suffix),
        "nick" => out.push_str(&contact.nick),
        "description" => out.push_str(&contact.description),
        "preferences" => out.push_str(&contact.preferences),
        "company_id" => out.push_str(contact.company_id.as_ref().map_or("", |id| id.as_str())),
        "job_title" => out.push_str(&contact.job_title),
        "department" => out.push_str(&contact.department),
        "stage" => out.push_str(&contact.stage),
        "tier" => out.push_str(&contact.tier),
        "identity" if contact.identity != Identity::Identified => out.push_str(contact.identity.as_str()),
        "identity" => {}
        "verified_at" => out.push_str(&contact.verified_at.map(Millis::to_rfc3339).unwrap_or_default()),
        "verified_by" => out.push_str(&contact.verified_by),
        "email_label" => out.push_str(contact.emails.first().map_or("", |item| &item.label)),
        "phone_label" => out.push_str(contact.phones.first().map_or("", |item| &item.label)),
        "other_emails" => json(contact.emails.get(1..), out),
        "other_phones" => json(contact.phones.get(1..), out),
        "handles" => json(Some(&contact.handles), out),
        "addresses" => json(Some(&contact.addresses), out),
        "urls" => json(Some(&contact.urls), out),
        "dates" => json(Some(&contact.dates), out),
        "external_ids" if !contact.links.is_empty() => {
            out.push_str(&serde_json::to_string(&contact.links).unwrap_or_default());
        }
        "created_at" => out.push_str(&contact.created_at.to_rfc3339()),
        "updated_at" => out.push_str(&contact.updated_at.to_rfc3339()),
        "binned_at" => out.push_str(&contact.binned_at.map(Millis::to_rfc3339).unwrap_or_default()),
        "metadata" => out.push_str(&contact.metadata),
        _ => {}
    }
}

/// The reference has no milliseconds; the complete layout keeps them where
/// there are any, because a round trip must not lose them.
fn moment(at: Option<Millis>, seconds: bool, out: &mut String) {
    match at {
        Some(at) if seconds || at.0 % 1000 == 0 => at.push_rfc3339_seconds(out),
        Some(at) => out.push_str(&at.to_rfc3339()),
        None => {}
    }
}

fn json(items: Option<&[Item]>, out: &mut String) {
    if let Some(items) = items.filter(|items| !items.is_empty()) {
        // The keys are worked out again where the file is read.
        let items: Vec<Item> = items.iter().map(|item| Item { key: String::new(), ..item.clone() }).collect();
        out.push_str(&serde_json::to_string(&items).unwrap_or_default());
    }
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
    use cardfile_domain::{ContactId, time::DateOrder};
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
