//! XLSX out (ECMA-376): every cell is a text and none is a formula, so that
//! phones, zeros and dates come back as they were. Rows go to a temporary file
//! as they come, so that a million of them take no memory.

use crate::cells::{Cells, Preset};
use cardfile_domain::{Contact, CustomField, Line};
use rust_xlsxwriter::{Format, Workbook, XlsxError};
use std::{
    io::{self, Write},
    path::Path,
};

/// Rows that a sheet can have, the header among them.
const ROWS: u32 = 1_048_576;
/// Characters that a cell can have.
const CHARACTERS: usize = 32_767;

/// Writes contacts as rows of a workbook.
pub struct XlsxWriter<W> {
    out: W,
    book: Workbook,
    cells: Cells,
    sheets: usize,
    row: u32,
    rows: u32,
    cell: String,
    shortened: u64,
}

impl<W: Write + Send> XlsxWriter<W> {
    /// Begins a workbook; rows that are not in it yet are kept in `temp`.
    pub fn new(out: W, preset: &Preset, fields: &[CustomField], temp: &Path) -> io::Result<Self> {
        Self::with_rows(out, preset, fields, temp, ROWS)
    }

    fn with_rows(out: W, preset: &Preset, fields: &[CustomField], temp: &Path, rows: u32) -> io::Result<Self> {
        let mut book = Workbook::new();
        book.set_tempdir(temp).map_err(fail)?;
        let cells = Cells::new(preset, fields);
        let mut writer = Self { out, book, cells, sheets: 0, row: 0, rows, cell: String::new(), shortened: 0 };
        writer.begin_sheet()?;
        Ok(writer)
    }

    /// Writes one contact.
    pub fn write(&mut self, contact: &Contact) -> io::Result<()> {
        guarded(|| self.write_row(&contact.line(), Some(contact)))
    }

    /// Writes one contact of which only the line is known.
    pub fn write_line(&mut self, line: &Line<'_>) -> io::Result<()> {
        guarded(|| self.write_row(line, None))
    }

    /// Cells that were longer than a spreadsheet takes; their end is missing.
    pub fn shortened(&self) -> u64 {
        self.shortened
    }

    fn write_row(&mut self, line: &Line<'_>, contact: Option<&Contact>) -> io::Result<()> {
        if self.row == self.rows {
            self.begin_sheet()?;
        }
        let sheet = self.book.worksheet_from_index(self.sheets - 1).map_err(fail)?;
        for at in 0..self.cells.headings().len() {
            self.cell.clear();
            let known = self.cells.text(at, line, contact, &mut self.cell);
            let text = match known {
                Some(bytes) => String::from_utf8_lossy(bytes),
                None => self.cell.as_str().into(),
            };
            if text.is_empty() {
                continue;
            }
            let column = at as u16;
            if text.len() > CHARACTERS && text.chars().count() > CHARACTERS {
                self.shortened += 1;
                let kept: String = text.chars().take(CHARACTERS - 1).chain(['…']).collect();
                sheet.write_string(self.row, column, kept).map_err(fail)?;
            } else {
                sheet.write_string(self.row, column, text).map_err(fail)?;
            }
        }
        self.row += 1;
        Ok(())
    }

    /// A sheet is full: the next one begins with the header too.
    fn begin_sheet(&mut self) -> io::Result<()> {
        self.sheets += 1;
        let name = if self.sheets == 1 { "Contacts".to_owned() } else { format!("Contacts {}", self.sheets) };
        let sheet = self.book.add_worksheet_with_constant_memory().map_err(fail)?;
        sheet.set_name(name).map_err(fail)?;
        sheet.set_freeze_panes(1, 0).map_err(fail)?;
        let bold = Format::new().set_bold();
        for (at, heading) in self.cells.headings().iter().enumerate() {
            sheet.write_string_with_format(0, at as u16, heading, &bold).map_err(fail)?;
        }
        self.row = 1;
        Ok(())
    }

    /// Packs the workbook and gives the output back.
    pub fn finish(mut self) -> io::Result<W> {
        guarded(|| self.book.save_to_writer(&mut self.out).map_err(fail))?;
        self.out.flush()?;
        Ok(self.out)
    }
}

/// The library panics where its temporary file cannot be written: a full disk is
/// an error like any other here.
fn guarded<T>(work: impl FnOnce() -> io::Result<T>) -> io::Result<T> {
    let full = || io::Error::new(io::ErrorKind::StorageFull, "the workbook could not be written; is the disk full?");
    std::panic::catch_unwind(std::panic::AssertUnwindSafe(work)).unwrap_or_else(|_| Err(full()))
}

fn fail(error: XlsxError) -> io::Error {
    match error {
        XlsxError::IoError(error) => error,
        other => io::Error::other(other.to_string()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use calamine::{Data, Reader, Xlsx};
    use std::io::Cursor;

    fn export(contacts: &[Contact], rows: u32) -> (Xlsx<Cursor<Vec<u8>>>, u64) {
        let preset = Preset::Columns(["name", "phone", "description"].map(str::to_owned).to_vec());
        let mut writer = XlsxWriter::with_rows(Vec::new(), &preset, &[], &std::env::temp_dir(), rows).expect("a book");
        for contact in contacts {
            writer.write(contact).expect("written");
        }
        let shortened = writer.shortened();
        (Xlsx::new(Cursor::new(writer.finish().expect("packed"))).expect("readable"), shortened)
    }

    fn named(name: &str) -> Contact {
        Contact { name: name.into(), ..Contact::default() }
    }

    #[test]
    fn every_cell_is_a_text_and_none_a_formula() {
        let hostile = ["=HYPERLINK(\"x\")", "00441", "+15551234567", "2024-03-01", "1e5", "TRUE", "李雷 😀", "a\nb\"c"];
        let contacts: Vec<Contact> = hostile.iter().map(|text| named(text)).collect();
        let (mut book, _) = export(&contacts, ROWS);
        assert!(book.worksheet_formula("Contacts").expect("a sheet").is_empty());
        let sheet = book.worksheet_range("Contacts").expect("a sheet");
        let read: Vec<Data> = sheet.rows().skip(1).map(|row| row[0].clone()).collect();
        assert_eq!(read, hostile.map(|text| Data::String(text.to_owned())));
    }

    #[test]
    fn a_full_sheet_is_followed_by_another_with_the_same_header() {
        let contacts: Vec<Contact> = (0..7).map(|n| named(&format!("P{n}"))).collect();
        let (mut book, _) = export(&contacts, 4);
        assert_eq!(book.sheet_names(), ["Contacts", "Contacts 2", "Contacts 3"]);
        let last = book.worksheet_range("Contacts 3").expect("a sheet");
        let read: Vec<String> = last.rows().map(|row| row[0].to_string()).collect();
        assert_eq!(read, ["name", "P6"]);
    }

    #[test]
    fn a_text_longer_than_a_cell_is_shortened_and_counted() {
        let long = Contact { description: "ä".repeat(40_000), ..named("Long") };
        let (mut book, shortened) = export(&[long, named("Short")], ROWS);
        assert_eq!(shortened, 1);
        let sheet = book.worksheet_range("Contacts").expect("a sheet");
        let cell = sheet.get((1, 2)).expect("a cell").to_string();
        assert_eq!((cell.chars().count(), cell.ends_with('…')), (CHARACTERS, true));
    }
}
