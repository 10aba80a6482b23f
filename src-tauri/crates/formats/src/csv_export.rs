//! CSV out: the reference layout byte for byte, and the complete one.

use cardfile_domain::{Contact, CustomField, Item, Line, Millis, custom::text_of};
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
pub const COMPLETE: [&str; 26] = [
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

/// Writes contacts as rows.
pub struct CsvWriter<W> {
    out: W,
    columns: Vec<Column>,
    options: Options,
    line: Vec<u8>,
    cell: String,
}

#[derive(Debug, Clone, PartialEq)]
enum Column {
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
        let mut writer = Self { out, columns, options, line: Vec::new(), cell: String::new() };
        for at in 0..writer.columns.len() {
            let heading = writer.columns[at].heading();
            writer.put_cell(at, &heading, false);
        }
        if writer.options.profile == Profile::Spreadsheet {
            writer.put_cell(1, GUARD_MARK, false);
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
        for at in 0..self.columns.len() {
            cell.clear();
            match (&self.columns[at], contact) {
                (Column::BuiltIn(key), _)
                    if reference(line, key, self.options.preset == Preset::Reference, &mut cell) => {}
                (Column::BuiltIn(key), Some(contact)) => text(contact, key, &mut cell),
                (Column::Custom(key), Some(contact)) => {
                    if let Some(value) = contact.custom.get(key) {
                        cell.push_str(&text_of(value));
                    }
                }
                _ => {}
            }
            if self.options.profile == Profile::Spreadsheet && is_formula(&cell) {
                cell.insert(0, '\'');
            }
            // The reference quotes the tags even when there is only one.
            let always = self.columns[at] == Column::BuiltIn("tags");
            self.put_cell(at, &cell, always);
        }
        self.cell = cell;
        if self.options.profile == Profile::Spreadsheet {
            self.put_cell(1, "", false);
        }
        self.end_line()
    }

    /// Flushes and gives the output back.
    pub fn finish(mut self) -> io::Result<W> {
        self.out.flush()?;
        Ok(self.out)
    }

    fn put_cell(&mut self, at: usize, text: &str, always: bool) {
        if at > 0 {
            self.line.push(self.options.separator);
        }
        let bytes = text.as_bytes();
        let quote = !bytes.is_empty()
            && (always
                || memchr::memchr3(b'"', b'\n', self.options.separator, bytes).is_some()
                || memchr::memchr(b'\r', bytes).is_some()
                || bytes.first() == Some(&b' ')
                || bytes.last() == Some(&b' '));
        if !quote {
            self.line.extend_from_slice(bytes);
            return;
        }
        self.line.push(b'"');
        for part in bytes.split_inclusive(|b| *b == b'"') {
            self.line.extend_from_slice(part);
            if part.ends_with(b"\"") {
                self.line.push(b'"');
            }
        }
        self.line.push(b'"');
    }

    fn end_line(&mut self) -> io::Result<()> {
        self.line.push(b'\n');
        self.out.write_all(&self.line)?;
        self.line.clear();
        Ok(())
    }
}

fn columns(preset: &Preset, fields: &[CustomField]) -> Vec<Column> {
    let custom = fields.iter().map(|field| Column::Custom(field.key.clone()));
    match preset {
        Preset::Reference => REFERENCE.into_iter().map(Column::BuiltIn).collect(),
        Preset::Complete => REFERENCE.into_iter().chain(COMPLETE).map(Column::BuiltIn).chain(custom).collect(),
        Preset::Columns(keys) => keys
            .iter()
            .map(|key| {
                let built_in = REFERENCE.into_iter().chain(COMPLETE).find(|known| known == key);
                let bare = key.strip_prefix("custom.").unwrap_or(key);
                match built_in {
                    Some(known) => Column::BuiltIn(known),
                    None if fields.iter().any(|field| field.key == bare) => Column::Custom(bare.to_owned()),
                    None => Column::Unknown(key.clone()),
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

/// The text of a column of the reference layout. `false` when it is none.
fn reference(line: &Line<'_>, key: &str, seconds: bool, out: &mut String) -> bool {
    match key {
        "id" => out.push_str(line.id),
        "name" => out.push_str(line.name),
        "email" => out.push_str(line.email),
        "phone" => out.push_str(line.phone),
        "company" => out.push_str(line.company),
        "source" => out.push_str(line.source),
        "first_seen" => moment(line.first_seen, seconds, out),
        "last_seen" => moment(line.last_seen, seconds, out),
        "conversation_count" => {
            // Writing to a string cannot fail.
            let _ = write!(out, "{}", line.conversation_count);
        }
        "tags" => out.push_str(&line.tags),
        "page_url" => out.push_str(line.page_url),
        "ip_country" => out.push_str(line.ip_country),
        _ => return false,
    }
    true
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
