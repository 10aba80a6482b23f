//! The list as a spreadsheet: cells are typed, copied and pasted as blocks of
//! text. Each paste is one operation; a cell that cannot be taken is named and
//! left as it was.

use crate::{
    bulk, contact,
    core::{Core, Who},
    error::Error,
    privacy::erasure::suppression,
    progress::Progress,
    view,
};
use cardfile_domain::{Contact, CustomField, Field, FieldDef, Item, OperationId, Sentence, custom, import, say};
use cardfile_formats::block;
use cardfile_store::{ContactRow, OpKind};
use serde_json::Value;

/// Most rows that are copied at once.
const COPIED: usize = 100_000;
/// Cells that are named of those that could not be taken.
const NAMED: usize = 20;

/// A part of an open view: rows from `from` to before `to`, and columns by key.
#[derive(Debug, Clone)]
pub struct Range {
    /// Number of the view.
    pub view: u32,
    /// First row.
    pub from: u32,
    /// Row after the last.
    pub to: u32,
    /// Keys in the catalogue, or `custom.` and a key.
    pub columns: Vec<String>,
}

/// A cell that was left as it was.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refused {
    /// Row of the view, from 0.
    pub row: u32,
    /// Key of the column.
    pub column: String,
    /// What was to stand there.
    pub text: String,
    /// Why it does not.
    pub why: Sentence,
}

/// What a paste did.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Pasted {
    /// Contacts that changed.
    pub changed: u32,
    /// Contacts of the range that did not.
    pub unchanged: u32,
    /// Cells that were not taken.
    pub refused: u32,
    /// The first of them.
    pub first: Vec<Refused>,
}

/// The cells of a range as a block of text.
pub fn copy(core: &Core, range: &Range) -> Result<String, Error> {
    let rows = rows_of(core, range)?;
    if rows.len() > COPIED {
        return Err(Error::bad_request(say!("at most {most} rows are copied at once", most = COPIED))
            .hint(say!("Export them.")));
    }
    let mut lines = Vec::with_capacity(rows.len());
    for chunk in rows.chunks(500) {
        for stored in view::contacts(core, chunk)? {
            let cell =
                |column: &String| stored.as_ref().map(|stored| text(&stored.contact, column)).unwrap_or_default();
            lines.push(range.columns.iter().map(cell).collect::<Vec<_>>());
        }
    }
    Ok(block::write(lines.iter().map(Vec::as_slice)))
}

/// Puts a block of text over a range. A block that is smaller is repeated, as in a
/// spreadsheet; one that is larger goes on below and to the right, as far as there
/// are rows and `columns`.
pub fn paste(
    core: &Core,
    range: &Range,
    text: &str,
    who: &Who,
    progress: &dyn Progress,
) -> Result<(Pasted, Option<OperationId>), Error> {
    let cells = block::read(text).ok_or_else(|| {
        Error::bad_request(say!("this is too large to paste")).hint(say!("Save it as a file and import it."))
    })?;
    let rows = rows_of(core, range)?;
    let fields = core.custom_fields()?;
    for column in &range.columns {
        check(column, &fields)?;
    }
    let mut done = Pasted::default();
    let width = cells.iter().map(Vec::len).max().unwrap_or(1);
    let mut next = 0;
    let edit = |tx: &mut cardfile_store::Tx<'_>, row: ContactRow| {
        // Counted also for a contact that is gone: the lines below keep their rows.
        let place = next;
        next += 1;
        let line = &cells[place % cells.len()];
        let Some(stored) = tx.read().contacts().get(row)? else { return Ok(false) };
        let mut after = stored.contact.clone();
        for (at, column) in range.columns.iter().enumerate() {
            let cell = line.get(at % width).map_or("", String::as_str);
            if let Err(why) = put(core, &mut after, column, cell, &fields)? {
                done.refused += 1;
                if done.first.len() < NAMED {
                    let (row, column) = (range.from + place as u32, column.clone());
                    done.first.push(Refused { row, column, text: cell.to_owned(), why });
                }
            }
        }
        after.settle_identity();
        if after != stored.contact && import::complete(&mut after).is_err() {
            done.refused += 1;
            if done.first.len() < NAMED {
                let why = say!("a contact needs a name, an email, a phone or a company");
                done.first.push(Refused {
                    row: range.from + place as u32,
                    column: String::new(),
                    text: String::new(),
                    why,
                });
            }
            return Ok(false);
        }
        let tags = suppression::anew(tx, &stored.contact, &after)?;
        if !tags.is_empty() {
            tx.note_return(&tags)?;
            done.refused += 1;
            if done.first.len() < NAMED {
                let (row, why) = (range.from + place as u32, say!("this person was erased and does not come back"));
                done.first.push(Refused { row, column: String::new(), text: String::new(), why });
            }
            return Ok(false);
        }
        Ok(tx.update(&stored, after)?)
    };
    let subject = subject(range, rows.len());
    let (changed, operation) = bulk::each(core, who.op(OpKind::CellEdit, subject), &rows, progress, edit, |_| Ok(()))?;
    done.changed = changed;
    done.unchanged = rows.len() as u32 - changed;
    Ok((done, operation))
}

/// How many rows and columns a block of text has.
pub fn size(text: &str) -> Result<(u32, u32), Error> {
    let cells = block::read(text).ok_or_else(|| Error::bad_request(say!("this is too large to paste")))?;
    Ok((cells.len() as u32, cells.iter().map(Vec::len).max().unwrap_or(1) as u32))
}

/// `3 rows: company, stage`
fn subject(range: &Range, rows: usize) -> String {
    let rows = if rows == 1 { "1 row".to_owned() } else { format!("{rows} rows") };
    format!("{rows}: {}", range.columns.join(", "))
}

fn rows_of(core: &Core, range: &Range) -> Result<Vec<ContactRow>, Error> {
    let rows = view::snapshot(core, range.view)?;
    let from = (range.from as usize).min(rows.len());
    let to = (range.to as usize).clamp(from, rows.len());
    Ok(rows[from..to].to_vec())
}

fn check(column: &str, fields: &[CustomField]) -> Result<(), Error> {
    let is_known = match column.strip_prefix(Contact::CUSTOM_PREFIX) {
        Some(key) => fields.iter().any(|field| field.key == key),
        None => FieldDef::find(column).is_some_and(|field| {
            let by_text =
                matches!(field.kind, Field::Text | Field::LongText | Field::Items | Field::Tags | Field::Choice(_));
            field.editable && by_text
        }),
    };
    match is_known {
        true => Ok(()),
        false => Err(Error::bad_request(say!("{column} is not typed in a list", column))),
    }
}

/// The text of a cell: of a list of values the first, of tags all.
fn text(contact: &Contact, column: &str) -> String {
    let value = contact.value(column).unwrap_or_default();
    match (FieldDef::find(column).map(|field| field.kind), &value) {
        (Some(Field::Items), Value::Array(items)) => {
            items.first().and_then(|item| item["value"].as_str()).unwrap_or_default().to_owned()
        }
        (Some(Field::Tags), _) => contact.tags.join(", "),
        _ => custom::text_of(&value),
    }
}

/// Puts a text into a cell; the inner error says why the cell does not take it.
fn put(
    core: &Core,
    contact: &mut Contact,
    column: &str,
    text: &str,
    fields: &[CustomField],
) -> Result<Result<(), Sentence>, Error> {
    let text = text.trim();
    if let Some(key) = column.strip_prefix(Contact::CUSTOM_PREFIX) {
        let field = fields.iter().find(|field| field.key == key);
        return Ok(match field.map_or(Ok(Value::from(text)), |field| field.kind.read(text)) {
            Ok(value) => {
                contact.set_value(column, value);
                Ok(())
            }
            Err(why) => Err(why),
        });
    }
    let value = match FieldDef::find(column).map(|field| field.kind) {
        Some(Field::Tags) => text.split(',').map(str::trim).filter(|tag| !tag.is_empty()).collect::<Vec<_>>().into(),
        Some(Field::Items) => {
            let before = contact.clone();
            let items = contact.items_mut(column);
            match (items.first_mut(), text.is_empty()) {
                (Some(_), true) => {
                    items.remove(0);
                }
                (Some(first), false) if first.value == text => {}
                (Some(first), false) => *first = Item { label: first.label.clone(), ..Item::new(text, "") },
                (None, false) => items.push(Item::new(text, "")),
                (None, true) => {}
            }
            if let Err(error) = contact::key_items(core, contact) {
                *contact = before;
                return Ok(Err(error.message));
            }
            return Ok(Ok(()));
        }
        _ => Value::from(text),
    };
    Ok(match contact.set_value(column, value) {
        true => Ok(()),
        false => Err(say!("the field does not take such a value")),
    })
}
