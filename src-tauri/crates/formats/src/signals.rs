//! What other programs tell about contacts: one JSON object, a list of them,
//! one a line, or the CSV that a chat widget exports.

use crate::record::Refusal;
use cardfile_domain::{Sentence, say};
use serde_json::{Map, Value, value::RawValue};
use std::{fs::File, io::Read, path::Path};

/// Longest file: it is read as a whole.
pub const LIMIT: u64 = 256 << 20;

/// One object of a file.
#[derive(Debug)]
pub struct Signal {
    /// Line where it begins, from 1; of a list: its number in it.
    pub line: u32,
    /// Its members, or why it is none.
    pub members: Result<Map<String, Value>, Sentence>,
}

/// Reads all objects of a file.
pub fn signals(path: &Path) -> Result<Vec<Signal>, Refusal> {
    let refuse = |why: Sentence| Refusal::Unreadable(say!("{path}: {why}", path, why));
    let mut text = Vec::new();
    let file = File::open(path).map_err(|error| refuse(Sentence::verbatim(error)))?;
    file.take(LIMIT + 1).read_to_end(&mut text).map_err(|error| refuse(Sentence::verbatim(error)))?;
    if text.len() as u64 > LIMIT {
        return Err(refuse(say!("longer than 256 MiB; cut it into several files")));
    }
    let text = String::from_utf8(text).map_err(|error| {
        let at = error.utf8_error().valid_up_to();
        refuse(say!("not UTF-8 at byte {at}", at))
    })?;
    let text = text.trim_start_matches('\u{feff}');
    match text.trim_start().chars().next() {
        None => Ok(Vec::new()),
        Some('[') => list(text).map_err(refuse),
        Some('{') => Ok(objects(text)),
        Some(_) => table(text).map_err(refuse),
    }
}

fn list(text: &str) -> Result<Vec<Signal>, Sentence> {
    let all: Vec<&RawValue> = serde_json::from_str(text).map_err(Sentence::verbatim)?;
    Ok((1..).zip(all).map(|(line, raw)| Signal { line, members: members(raw.get()) }).collect())
}

fn objects(text: &str) -> Vec<Signal> {
    if let Ok(one) = serde_json::from_str::<Map<String, Value>>(text) {
        return vec![Signal { line: 1, members: Ok(one) }];
    }
    let lines = (1..).zip(text.lines()).filter(|(_, line)| !line.trim().is_empty());
    lines.map(|(line, text)| Signal { line, members: members(text) }).collect()
}

fn members(text: &str) -> Result<Map<String, Value>, Sentence> {
    serde_json::from_str(text).map_err(|error| match error.classify() {
        serde_json::error::Category::Data => say!("not a JSON object"),
        _ => say!("column {column}: {why}", column = error.column(), why = error.to_string()),
    })
}

/// A table with a header: each row is an object of its filled cells. Names of
/// columns are written as keys are: `First seen` is `first_seen`.
fn table(text: &str) -> Result<Vec<Signal>, Sentence> {
    let mut reader = csv::ReaderBuilder::new().flexible(true).from_reader(text.as_bytes());
    let header: Vec<String> = reader
        .headers()
        .map_err(Sentence::verbatim)?
        .iter()
        .map(|name| name.trim().to_lowercase().replace([' ', '-'], "_"))
        .collect();
    if header.len() < 2 {
        return Err(say!("neither JSON nor a table with a header"));
    }
    let mut all = Vec::new();
    for row in reader.records() {
        let row = row.map_err(Sentence::verbatim)?;
        let line = row.position().map_or(0, |position| position.line() as u32);
        if row.len() > header.len() {
            let members = Err(say!("{cells} cells under {columns} columns", cells = row.len(), columns = header.len()));
            all.push(Signal { line, members });
            continue;
        }
        let cells = header.iter().zip(&row).filter(|(_, cell)| !cell.trim().is_empty());
        let members = cells.map(|(name, cell)| (name.clone(), Value::from(cell))).collect();
        all.push(Signal { line, members: Ok(members) });
    }
    Ok(all)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Vec<Signal> {
        let file = std::env::temp_dir().join(format!("cardfile-signals-{}-{}", std::process::id(), text.len()));
        std::fs::write(&file, text).expect("written");
        let all = signals(&file).expect("a file");
        std::fs::remove_file(&file).expect("removed");
        all
    }

    #[test]
    fn one_object_a_list_lines_and_a_table_say_the_same() {
        for text in [
            "{\"email\": \"ana@x.example\",\n \"name\": \"Ana\"}",
            "[{\"email\": \"ana@x.example\", \"name\": \"Ana\"}]",
            "{\"email\": \"ana@x.example\", \"name\": \"Ana\"}\n",
            "Email,Name,Phone\nana@x.example,Ana,\n",
        ] {
            let all = read(text);
            let members = all[0].members.as_ref().expect(text);
            assert_eq!((all.len(), members.len()), (1, 2), "{text}");
            assert_eq!(members["email"], "ana@x.example");
        }
    }

    #[test]
    fn a_bad_line_is_named_and_the_others_are_kept() {
        let all = read("{\"email\": \"ana@x.example\"}\n{\"email\": \n\n\"text\"\n{\"email\": \"bo@x.example\"}\n");
        let lines: Vec<(u32, bool)> = all.iter().map(|one| (one.line, one.members.is_ok())).collect();
        assert_eq!(lines, [(1, true), (2, false), (4, false), (5, true)]);
    }
}
