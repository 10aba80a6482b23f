//! Excel workbooks (.xlsx): the first sheet with contact columns. Values are
//! read as the sheet stores them; formulas give their last result, macros and
//! links are never looked at.

use crate::{
    columns::{self, LOOKED_AT},
    csv::{COLUMN_LIMIT, FIELD_LIMIT},
    file::{Bytes, Choices, Format, Layout, Open, RejectWriter, Shape},
    mapping::Reading,
    record::{Position, ReadError, Record, RecordReader, Refusal, Reject, RejectCode, shorten},
};
use calamine::{DataRef, Reader, XlsxError};
use cardfile_domain::{Sentence, say};
use std::{
    io::{self, Write},
    sync::Arc,
};

/// A workbook.
pub(crate) struct Xlsx;

/// Most that the parts of a workbook may unpack to, as much as its own size
/// allows and in all (a ZIP bomb is refused before anything is unpacked).
const RATIO_LIMIT: u64 = 200;
const UNPACKED_LIMIT: u64 = 2 << 30;
/// Most cells, and bytes of text, of one sheet.
const CELL_LIMIT: usize = 64 << 20;
const TEXT_LIMIT: usize = 1 << 30;
/// Longest text of a cell in a workbook that is written.
const WRITTEN_LIMIT: usize = 32_767;
/// Between the cells of a row kept for the rejects file; XML cannot hold it.
const CELL_END: &str = "\u{1f}";

impl Format for Xlsx {
    fn fits(&self, head: &[u8]) -> bool {
        let has = |name: &[u8]| memchr::memmem::find(head, name).is_some();
        head.starts_with(b"PK\x03\x04") && (has(b"[Content_Types].xml") || has(b"xl/"))
    }

    fn look(&self, open: Open<'_>, choices: &Choices, custom: &[String]) -> Result<Shape, Refusal> {
        refuse_bombs(open()?)?;
        let mut book: calamine::Xlsx<_> = calamine::open_workbook_from_rs(open()?).map_err(refusal)?;
        let mut first_refusal = None;
        for name in book.sheet_names() {
            let sheet = Sheet::read(&mut book, &name)?;
            let head: Vec<Vec<String>> =
                (0..sheet.rows.len().min(LOOKED_AT)).map(|row| sheet.cells(row).map(str::to_owned).collect()).collect();
            match columns::find(&head, choices.header, custom) {
                Ok(found) => {
                    let header_line = found.header_at.map_or(0, |at| sheet.rows[at].number);
                    return Ok(Shape {
                        format: "XLSX",
                        text: None,
                        separator: None,
                        header_line,
                        header: found.header,
                        samples: found.samples,
                        targets: found.targets,
                        dialect: found.dialect,
                        layout: Arc::new(Rows { sheet, skip: found.header_at.map_or(0, |at| at + 1) }),
                    });
                }
                Err(refusal) => first_refusal = first_refusal.or(Some(refusal)),
            }
        }
        Err(first_refusal.unwrap_or(Refusal::Empty))
    }
}

fn refusal(error: XlsxError) -> Refusal {
    match error {
        XlsxError::Password => Refusal::Protected,
        XlsxError::Io(error) => error.into(),
        other => Refusal::Workbook(Sentence::verbatim(shorten(&other.to_string()))),
    }
}

/// The directory of the archive says what each part unpacks to.
fn refuse_bombs(file: Box<dyn Bytes>) -> Result<(), Refusal> {
    let mut archive =
        zip::ZipArchive::new(file).map_err(|e| Refusal::Workbook(Sentence::verbatim(shorten(&e.to_string()))))?;
    let (mut packed, mut unpacked) = (1, 0);
    for at in 0..archive.len() {
        let part =
            archive.by_index_raw(at).map_err(|e| Refusal::Workbook(Sentence::verbatim(shorten(&e.to_string()))))?;
        packed = u64::saturating_add(packed, part.compressed_size());
        unpacked = u64::saturating_add(unpacked, part.size());
    }
    // Small archives of repeated text pack well and harm nobody.
    if unpacked > UNPACKED_LIMIT || (unpacked > 64 << 20 && unpacked / packed > RATIO_LIMIT) {
        return Err(Refusal::Bomb(unpacked / packed));
    }
    Ok(())
}

/// A sheet's cells as one text: a million rows of short cells are a million
/// small allocations otherwise.
#[derive(Debug, Default)]
struct Sheet {
    name: String,
    text: String,
    /// End of each cell in `text`.
    ends: Vec<usize>,
    rows: Vec<Row>,
}

#[derive(Debug)]
struct Row {
    /// As the sheet counts, from 1.
    number: u32,
    /// Its cells in `ends`.
    from: usize,
    to: usize,
    /// First cell that holds no value but an error (`#N/A`), or is too long.
    fault: Option<(usize, RejectCode)>,
}

impl Sheet {
    fn read<R: io::Read + io::Seek>(book: &mut calamine::Xlsx<R>, name: &str) -> Result<Self, Refusal> {
        let mut sheet = Self { name: name.to_owned(), ..Self::default() };
        let mut cells = book.worksheet_cells_reader(name).map_err(refusal)?;
        while let Some(cell) = cells.next_cell().map_err(refusal)? {
            let (row, column) = cell.get_position();
            let column = column as usize;
            if column >= COLUMN_LIMIT {
                return Err(Refusal::TooManyColumns { line: row + 1, found: column + 1, limit: COLUMN_LIMIT });
            }
            if sheet.rows.last().is_none_or(|last| last.number != row + 1) {
                sheet.rows.push(Row { number: row + 1, from: sheet.ends.len(), to: 0, fault: None });
            }
            let Some(current) = sheet.rows.last_mut() else { continue };
            while sheet.ends.len() - current.from < column {
                sheet.ends.push(sheet.text.len());
            }
            let from = sheet.text.len();
            if let DataRef::Error(_) = cell.get_value() {
                current.fault = current.fault.or(Some((column, RejectCode::Syntax)));
            }
            push_text(&mut sheet.text, cell.get_value());
            if sheet.text.len() - from > FIELD_LIMIT {
                // Only its beginning is kept, for the message.
                let end = (from..=from + FIELD_LIMIT).rev().find(|at| sheet.text.is_char_boundary(*at));
                sheet.text.truncate(end.unwrap_or(from));
                current.fault = current.fault.or(Some((column, RejectCode::TooLong)));
            }
            sheet.ends.push(sheet.text.len());
            if sheet.ends.len() > CELL_LIMIT || sheet.text.len() > TEXT_LIMIT {
                return Err(Refusal::Workbook(say!("it holds more cells or text than fit into memory")));
            }
        }
        for row in 0..sheet.rows.len() {
            sheet.rows[row].to = sheet.rows.get(row + 1).map_or(sheet.ends.len(), |next| next.from);
        }
        // Rows of formatted but empty cells are no records.
        let mut rows = std::mem::take(&mut sheet.rows);
        rows.retain(|row| row.fault.is_some() || sheet.texts(row).any(|cell| !cell.trim().is_empty()));
        sheet.rows = rows;
        Ok(sheet)
    }

    /// The cells of a row.
    fn cells(&self, row: usize) -> impl Iterator<Item = &str> + Clone {
        self.texts(&self.rows[row])
    }

    fn texts(&self, row: &Row) -> impl Iterator<Item = &str> + Clone + use<'_> {
        (row.from..row.to).map(move |at| {
            let start = if at == 0 { 0 } else { self.ends[at - 1] };
            &self.text[start..self.ends[at]]
        })
    }
}

/// A cell's value as a person would type it.
fn push_text(text: &mut String, value: &DataRef<'_>) {
    use std::fmt::Write;
    let _ = match value {
        DataRef::Empty => Ok(()),
        DataRef::Int(number) => write!(text, "{number}"),
        // Excel has floats only: 34612408177.0 is a phone or an id.
        DataRef::Float(number) => write!(text, "{number}"),
        DataRef::String(string) | DataRef::DateTimeIso(string) | DataRef::DurationIso(string) => {
            text.push_str(string);
            Ok(())
        }
        DataRef::SharedString(string) => {
            text.push_str(string);
            Ok(())
        }
        DataRef::Bool(yes) => write!(text, "{}", if *yes { "true" } else { "false" }),
        DataRef::DateTime(at) if at.is_duration() => write!(text, "{}", at.as_f64()),
        DataRef::DateTime(at) => {
            let (year, month, day, hour, minute, second, milli) = at.to_ymd_hms_milli();
            match (hour, minute, second, milli) {
                (0, 0, 0, 0) => write!(text, "{year:04}-{month:02}-{day:02}"),
                (_, _, _, 0) => write!(text, "{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}Z"),
                _ => write!(text, "{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}.{milli:03}Z"),
            }
        }
        DataRef::Error(error) => write!(text, "{error}"),
    };
}

/// The sheet with what stands above its records.
#[derive(Debug)]
struct Rows {
    sheet: Sheet,
    skip: usize,
}

impl Layout for Rows {
    fn records<'s>(
        &'s self,
        shape: &'s Shape,
        _: Box<dyn Bytes>,
        reading: Reading,
    ) -> io::Result<Box<dyn RecordReader + 's>> {
        Ok(Box::new(Records { shape, rows: self, next: self.skip, reading, raw: Vec::new() }))
    }

    fn rejects(&self, shape: &Shape) -> Box<dyn RejectWriter> {
        let mut header =
            if self.skip == 0 { shape.targets.iter().map(ToString::to_string).collect() } else { shape.header.clone() };
        header.extend(["_cardfile_error".to_owned(), "_cardfile_line".to_owned()]);
        Box::new(Rejects { columns: shape.header.len(), rows: vec![header] })
    }
}

struct Records<'s> {
    shape: &'s Shape,
    rows: &'s Rows,
    next: usize,
    reading: Reading,
    raw: Vec<u8>,
}

impl RecordReader for Records<'_> {
    fn next(&mut self) -> Option<Result<Record, ReadError>> {
        let (sheet, row) = (&self.rows.sheet, self.next);
        let about = sheet.rows.get(row)?;
        self.next += 1;
        let record = (self.next - self.rows.skip) as u32;
        let position = Position { record, line: about.number, byte: 0 };
        self.raw = sheet.cells(row).collect::<Vec<_>>().join(CELL_END).into_bytes();
        let place = |column: usize| Some(format!("{}!{}{}", sheet.name, letters(column), about.number));
        if let Some((column, code)) = about.fault {
            let message = match code {
                RejectCode::TooLong => say!("a cell is larger than 1 MiB"),
                _ => say!("the cell holds an error"),
            };
            return Some(Err(Reject {
                column: Some(column as u32 + 1),
                column_name: self.shape.header.get(column).cloned(),
                place: place(column),
                value: shorten(sheet.cells(row).nth(column).unwrap_or_default()),
                ..Reject::new(position, code, message)
            }
            .into()));
        }
        let (expected, found) = (self.shape.header.len(), sheet.cells(row).count());
        if sheet.cells(row).skip(expected).any(|cell| !cell.is_empty()) {
            let message = say!("expected {expected} columns, found {found}", expected, found);
            let reject = Reject::new(position, RejectCode::Ragged, message);
            return Some(Err(Reject { place: place(expected), ..reject }.into()));
        }
        let (header, targets) = (&self.shape.header, &self.shape.targets);
        let read = columns::record(header, targets, sheet.cells(row), position, &self.reading);
        Some(read.map_err(|error| match error {
            ReadError::Reject(reject) => {
                let place = reject.column.and_then(|column| place(column as usize - 1));
                ReadError::Reject(Box::new(Reject { place, ..*reject }))
            }
            refusal => refusal,
        }))
    }

    fn raw(&self) -> &[u8] {
        &self.raw
    }
}

/// `A`, `Z`, `AA`: how a sheet names its columns.
fn letters(column: usize) -> String {
    let (mut number, mut name) = (column + 1, Vec::new());
    while number > 0 {
        name.push(b'A' + ((number - 1) % 26) as u8);
        number = (number - 1) / 26;
    }
    name.iter().rev().map(|byte| char::from(*byte)).collect()
}

/// A workbook is written as a whole, so its rows wait for the end.
struct Rejects {
    columns: usize,
    rows: Vec<Vec<String>>,
}

impl RejectWriter for Rejects {
    fn write(&mut self, _: &mut dyn Write, reject: &Reject, raw: &[u8]) -> io::Result<()> {
        let text = String::from_utf8_lossy(raw);
        let mut row: Vec<String> = text.split(CELL_END).map(str::to_owned).collect();
        row.resize(self.columns.max(row.len()), String::new());
        row.extend([reject.message.to_string(), reject.position.line.to_string()]);
        self.rows.push(row);
        Ok(())
    }

    fn finish(&mut self, out: &mut dyn Write) -> io::Result<()> {
        let mut book = rust_xlsxwriter::Workbook::new();
        let sheet = book.add_worksheet();
        for (row, cells) in self.rows.iter().enumerate() {
            for (column, cell) in cells.iter().enumerate().filter(|(_, cell)| !cell.is_empty()) {
                // Texts, also of numbers: 007 stays 007, and nothing is a formula.
                let text: String = cell.chars().take(WRITTEN_LIMIT).collect();
                sheet.write_string(row as u32, column as u16, text).map_err(io::Error::other)?;
            }
        }
        out.write_all(&book.save_to_buffer().map_err(io::Error::other)?)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_are_named_as_a_sheet_names_them() {
        let names: Vec<String> = [0, 25, 26, 701, 702].into_iter().map(letters).collect();
        assert_eq!(names, ["A", "Z", "AA", "ZZ", "AAA"]);
    }
}
