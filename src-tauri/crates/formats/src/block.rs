//! Blocks of cells as spreadsheets put them on the clipboard: rows in lines, cells
//! between tabs, quotes around what holds one of these.

/// Most cells of a block; more is a file to import.
pub const LIMIT: usize = 1_000_000;

/// Reads a block. Rows may have different lengths; an empty line is a row with an
/// empty cell, which readers of CSV leave out. Nothing when there are too many cells.
pub fn read(text: &str) -> Option<Vec<Vec<String>>> {
    let mut rows = vec![vec![String::new()]];
    let mut cells = 1;
    let mut letters = text.chars().peekable();
    let mut in_quotes = false;
    while let Some(c) = letters.next() {
        let row = rows.last_mut()?;
        let cell = row.last_mut()?;
        match c {
            '"' if in_quotes && letters.next_if_eq(&'"').is_some() => cell.push('"'),
            '"' if in_quotes => in_quotes = false,
            // Only at its beginning does a quote open a cell: 6" is six inches.
            '"' if cell.is_empty() => in_quotes = true,
            c if in_quotes => cell.push(c),
            '\t' => row.push(String::new()),
            '\r' if letters.peek() == Some(&'\n') => continue,
            '\n' | '\r' => rows.push(vec![String::new()]),
            c => {
                cell.push(c);
                continue;
            }
        }
        cells += usize::from(!in_quotes);
        if cells > LIMIT {
            return None;
        }
    }
    // The end of the last line begins no other.
    if rows.len() > 1 && text.ends_with(['\n', '\r']) {
        rows.pop();
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
    #[case::an_empty_cell_between("a\n\nb\n", &[vec!["a"], vec![""], vec!["b"]])]
    #[case::a_quote_inside("6\"\tb", &[vec!["6\"", "b"]])]
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
