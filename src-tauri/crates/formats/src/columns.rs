//! Columns of a table, wherever its rows come from: the header found, the
//! samples, the mapping; and a row of cells as a record.

use crate::{
    dialect,
    mapping::{self, Reading, Target},
    record::{Position, ReadError, Record, Refusal, Reject, RejectCode, shorten},
};

/// Rows looked at for the header and the samples.
pub(crate) const LOOKED_AT: usize = 60;
/// The header is among the first rows: some programs write a title above it.
const HEADER_WITHIN: usize = 20;

/// What was found.
pub(crate) struct Columns {
    /// Which of the rows is the header.
    pub(crate) header_at: Option<usize>,
    pub(crate) header: Vec<String>,
    pub(crate) samples: Vec<Vec<String>>,
    pub(crate) targets: Vec<Target>,
    pub(crate) dialect: Option<&'static str>,
}

/// Finds the header among the first rows of a table. `chosen` says whether
/// there is one, when the person said so.
pub(crate) fn find(rows: &[Vec<String>], chosen: Option<bool>, custom: &[String]) -> Result<Columns, Refusal> {
    // A header identifies contacts by at least one column and holds no values.
    let scored = rows.iter().take(HEADER_WITHIN).enumerate().map(|(at, row)| {
        let values = row.iter().any(|cell| cell.contains('@') && cell.contains('.'));
        (at, if values { (0, 0) } else { dialect::header_score(row) })
    });
    let best = scored.filter(|(_, score)| score.0 > 0).max_by_key(|(at, score)| (*score, std::cmp::Reverse(*at)));
    let header_at = match (chosen, best) {
        (Some(false), _) => None,
        (Some(true), None) if !rows.is_empty() => Some(0),
        (_, best) => best.map(|(at, _)| at),
    };
    let columns = match header_at {
        Some(at) => with_header(rows[at].clone(), &rows[at + 1..], Some(at), custom),
        None => headless(rows),
    };
    if chosen.is_some() || columns.targets.iter().any(Target::identifies) {
        return Ok(columns);
    }
    let names = if columns.header.is_empty() { "none".to_owned() } else { columns.header.join(", ") };
    Err(Refusal::NoContactColumns(shorten(&names)))
}

/// With a header that is known.
pub(crate) fn with_header(
    header: Vec<String>,
    rows: &[Vec<String>],
    header_at: Option<usize>,
    custom: &[String],
) -> Columns {
    let dialect = dialect::find(&header);
    Columns {
        header_at,
        samples: samples(rows, header.len()),
        targets: dialect::map(&header, dialect, custom),
        dialect: dialect.map(|d| d.key),
        header,
    }
}

/// A table without a header: columns are told by what is in them.
fn headless(rows: &[Vec<String>]) -> Columns {
    let columns = rows.iter().map(Vec::len).max().unwrap_or(0);
    let mut name_taken = false;
    let has_email = (0..columns).any(|at| looks(rows, at, is_email));
    let targets = (0..columns)
        .map(|at| {
            if looks(rows, at, is_email) {
                Target::item("email", "")
            } else if looks(rows, at, is_phone) {
                Target::item("phone", "")
            } else if !name_taken && has_email && looks(rows, at, is_words) {
                name_taken = true;
                Target::Field("name")
            } else {
                Target::Meta(format!("Column {}", at + 1))
            }
        })
        .collect();
    // With nothing to go by, the first line is more likely a header of
    // another thing than data: the refusal names what stands there.
    let header = match rows.first() {
        Some(row) if !has_email => row.clone(),
        _ => (1..=columns).map(|n| format!("Column {n}")).collect(),
    };
    Columns { header_at: None, header, samples: samples(rows, columns), targets, dialect: None }
}

fn samples(rows: &[Vec<String>], columns: usize) -> Vec<Vec<String>> {
    (0..columns)
        .map(|at| {
            let cells = rows.iter().filter_map(|row| row.get(at));
            cells.filter(|cell| !cell.is_empty()).take(3).map(|cell| shorten(cell)).collect()
        })
        .collect()
}

fn looks(rows: &[Vec<String>], at: usize, test: fn(&str) -> bool) -> bool {
    let filled: Vec<&str> =
        rows.iter().filter_map(|row| row.get(at)).map(|c| c.trim()).filter(|c| !c.is_empty()).collect();
    !filled.is_empty() && filled.iter().filter(|cell| test(cell)).count() * 10 >= filled.len() * 8
}

fn is_email(cell: &str) -> bool {
    cardfile_domain::email::key(cell).is_ok_and(|key| key.contains('.'))
}

fn is_phone(cell: &str) -> bool {
    let digits = cell.chars().filter(char::is_ascii_digit).count();
    (7..=15).contains(&digits) && cell.chars().all(|c| c.is_ascii_digit() || " +-./()".contains(c))
}

fn is_words(cell: &str) -> bool {
    cell.chars().any(char::is_alphabetic) && !cell.chars().any(|c| c.is_ascii_digit())
}

/// A row of cells as a record, or a reject that names the column.
pub(crate) fn record<'c>(
    header: &[String],
    targets: &[Target],
    cells: impl Iterator<Item = &'c str> + Clone,
    position: Position,
    reading: &Reading,
) -> Result<Record, ReadError> {
    let mut contact = mapping::record(targets, cells.clone(), reading).map_err(|fault| Reject {
        column: Some(fault.column as u32 + 1),
        column_name: header.get(fault.column).cloned(),
        value: shorten(cells.clone().nth(fault.column).unwrap_or_default()),
        ..Reject::new(position, fault.code, fault.message)
    })?;
    cardfile_domain::import::complete(&mut contact).map_err(|e| Reject {
        value: shorten(&cells.filter(|cell| !cell.is_empty()).collect::<Vec<_>>().join(" ")),
        ..Reject::new(position, RejectCode::Empty, e.sentence())
    })?;
    Ok(Record { position, contact })
}
