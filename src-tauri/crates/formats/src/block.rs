//! Blocks of cells as spreadsheets put them on the clipboard: rows in lines, cells
//! between tabs, quotes around what holds one of these.

/// Most cells of a block; more is a file to import.
pub const LIMIT: usize = 1_000_000;

/// Reads a block. Rows may have different lengths. Nothing when there are too many cells.
pub fn read(text: &str) -> Option<Vec<Vec<String>>> {
    let mut reader =
        csv::ReaderBuilder::new().delimiter(b'\t').has_headers(false).flexible(true).from_reader(text.as_bytes());
    let mut rows: Vec<Vec<String>> = Vec::new();
    let mut cells = 0;
    for record in reader.records() {
        // A text is UTF-8 and rows are flexible: there is nothing else to fail.
        let row: Vec<String> = record.ok()?.iter().map(str::to_owned).collect();
        cells += row.len();
        if cells > LIMIT {
            return None;
        }
        rows.push(row);
    }
    if rows.is_empty() {
        // An empty cell that was copied.
        rows.push(vec![String::new()]);
    }
    Some(rows)
}

/// Writes a block.
pub fn write<'r>(rows: impl Iterator<Item = &'r [String]>) -> String {
    let mut text = String::new();
    for row in rows {
        for (at, cell) in row.iter().enumerate() {
            if at > 0 {
                text.push('\t');
            }
            if cell.contains(['\t', '\n', '\r', '"']) {
                text.push('"');
                text.push_str(&cell.replace('"', "\"\""));
                text.push('"');
            } else {
                text.push_str(cell);
            }
        }
        text.push('\n');
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use rstest::rstest;

    #[rstest]
    #[case::cells("a\tb\nc\td\n", &[vec!["a", "b"], vec!["c", "d"]])]
    #[case::quoted("\"a\tb\"\t\"say \"\"hi\"\"\"\n\"two\nlines\"\n", &[vec!["a\tb", "say \"hi\""], vec!["two\nlines"]])]
    #[case::windows("a\r\nb\r\n", &[vec!["a"], vec!["b"]])]
    #[case::no_end("a\tb", &[vec!["a", "b"]])]
    #[case::one_empty_cell("", &[vec![""]])]
    fn a_block_is_read_as_spreadsheets_write_it(#[case] text: &str, #[case] rows: &[Vec<&str>]) {
        assert_eq!(read(text).expect("a block"), rows);
    }

    #[test]
    fn what_is_written_is_read_again() {
        let rows = [vec!["a\tb".to_owned(), "\"".into()], vec!["x\r\ny".into(), "00441".into()]];
        assert_eq!(read(&write(rows.iter().map(Vec::as_slice))).expect("a block"), rows);
    }
}
