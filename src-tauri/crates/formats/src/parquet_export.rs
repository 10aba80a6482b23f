//! Parquet out: typed columns for analysts. Texts stay texts, moments are moments
//! in UTC, counts are numbers, tags are a list; what is not known is null.

use crate::cells::{Cells, Preset, Shape};
use cardfile_domain::{Contact, CustomField, Line, Millis, time::DateOrder};
use parquet::{
    basic::{Compression, LogicalType, Repetition, TimeUnit, Type as Physical, ZstdLevel},
    data_type::ByteArray,
    errors::ParquetError,
    file::{properties::WriterProperties, writer::SerializedFileWriter},
    schema::types::{Type, TypePtr},
};
use std::{
    io::{self, Write},
    sync::Arc,
};

/// Rows that are held in memory before they are written.
const GROUP: usize = 32_768;

/// Writes contacts as rows of a Parquet file, compressed by zstd.
pub struct ParquetWriter<W: Write + Send> {
    file: SerializedFileWriter<W>,
    cells: Cells,
    columns: Vec<Column>,
    rows: usize,
    cell: String,
}

/// The values of a column, and how each row has them.
struct Column {
    values: Values,
    /// 1 where there is a value, 0 where there is none.
    definitions: Vec<i16>,
    /// Of a list: 0 where a row begins.
    repetitions: Vec<i16>,
}

enum Values {
    Text(Vec<ByteArray>),
    Tags(Vec<ByteArray>),
    Time(Vec<i64>),
    Count(Vec<i64>),
    Number(Vec<f64>),
    Flag(Vec<bool>),
}

impl<W: Write + Send> ParquetWriter<W> {
    /// Begins a file.
    pub fn new(out: W, preset: &Preset, fields: &[CustomField]) -> io::Result<Self> {
        let cells = Cells::new(preset, fields);
        let shapes: Vec<Shape> = (0..cells.headings().len()).map(|at| cells.shape(at, fields)).collect();
        let names = distinct(cells.headings());
        let columns = names.iter().zip(&shapes).map(|(name, shape)| column_type(name, *shape).map(Arc::new));
        let columns: Vec<TypePtr> = columns.collect::<Result<_, _>>().map_err(fail)?;
        let schema = Type::group_type_builder("contacts").with_fields(columns).build().map_err(fail)?;
        let properties = WriterProperties::builder()
            .set_compression(Compression::ZSTD(ZstdLevel::default()))
            .set_created_by("Cardfile".to_owned())
            .build();
        let file = SerializedFileWriter::new(out, Arc::new(schema), Arc::new(properties)).map_err(fail)?;
        let columns = shapes.into_iter().map(Column::new).collect();
        Ok(Self { file, cells, columns, rows: 0, cell: String::new() })
    }

    /// Writes one contact.
    pub fn write(&mut self, contact: &Contact) -> io::Result<()> {
        self.write_row(&contact.line(), Some(contact))
    }

    /// Writes one contact of which only the line is known.
    pub fn write_line(&mut self, line: &Line<'_>) -> io::Result<()> {
        self.write_row(line, None)
    }

    fn write_row(&mut self, line: &Line<'_>, contact: Option<&Contact>) -> io::Result<()> {
        for (at, column) in self.columns.iter_mut().enumerate() {
            self.cell.clear();
            match self.cells.text(at, line, contact, &mut self.cell) {
                Some(bytes) => column.push(&String::from_utf8_lossy(bytes)),
                None => column.push(&self.cell),
            }
        }
        self.rows += 1;
        if self.rows == GROUP { self.write_group() } else { Ok(()) }
    }

    fn write_group(&mut self) -> io::Result<()> {
        let mut group = self.file.next_row_group().map_err(fail)?;
        for column in &mut self.columns {
            let Some(mut writer) = group.next_column().map_err(fail)? else { break };
            column.write(&mut writer).map_err(fail)?;
            writer.close().map_err(fail)?;
        }
        group.close().map_err(fail)?;
        self.rows = 0;
        Ok(())
    }

    /// Writes the end of the file and gives the output back.
    pub fn finish(mut self) -> io::Result<W> {
        if self.rows > 0 {
            self.write_group()?;
        }
        let mut out = self.file.into_inner().map_err(fail)?;
        out.flush()?;
        Ok(out)
    }
}

impl Column {
    fn new(shape: Shape) -> Self {
        let values = match shape {
            Shape::Text => Values::Text(Vec::new()),
            Shape::Tags => Values::Tags(Vec::new()),
            Shape::Time => Values::Time(Vec::new()),
            Shape::Count => Values::Count(Vec::new()),
            Shape::Number => Values::Number(Vec::new()),
            Shape::Flag => Values::Flag(Vec::new()),
        };
        Self { values, definitions: Vec::new(), repetitions: Vec::new() }
    }

    /// One cell from its text. What is no value of the column's shape is null:
    /// the shape follows from the field, which refuses others.
    fn push(&mut self, text: &str) {
        let known = match &mut self.values {
            Values::Tags(values) => {
                let tags = text.split(',').filter(|tag| !tag.is_empty());
                let before = values.len();
                values.extend(tags.map(ByteArray::from));
                let count = values.len() - before;
                self.definitions.extend(std::iter::repeat_n(1, count));
                self.repetitions.extend((0..count).map(|at| i16::from(at > 0)));
                if count == 0 {
                    self.definitions.push(0);
                    self.repetitions.push(0);
                }
                return;
            }
            Values::Text(values) if !text.is_empty() => {
                values.push(ByteArray::from(text));
                true
            }
            Values::Text(_) => false,
            Values::Time(values) => put(values, Millis::parse(text, DateOrder::DayFirst).map(|at| at.0)),
            Values::Count(values) => put(values, text.parse().ok()),
            Values::Number(values) => put(values, text.parse().ok()),
            Values::Flag(values) => put(values, text.parse().ok()),
        };
        self.definitions.push(i16::from(known));
    }

    fn write(&mut self, writer: &mut parquet::file::writer::SerializedColumnWriter<'_>) -> Result<(), ParquetError> {
        use parquet::data_type::{BoolType, ByteArrayType, DoubleType, Int64Type};
        let defined = Some(self.definitions.as_slice());
        match &mut self.values {
            Values::Text(values) => writer.typed::<ByteArrayType>().write_batch(values, defined, None)?,
            Values::Tags(values) => {
                writer.typed::<ByteArrayType>().write_batch(values, defined, Some(&self.repetitions))?
            }
            Values::Time(values) | Values::Count(values) => {
                writer.typed::<Int64Type>().write_batch(values, defined, None)?
            }
            Values::Number(values) => writer.typed::<DoubleType>().write_batch(values, defined, None)?,
            Values::Flag(values) => writer.typed::<BoolType>().write_batch(values, defined, None)?,
        };
        match &mut self.values {
            Values::Text(values) | Values::Tags(values) => values.clear(),
            Values::Time(values) | Values::Count(values) => values.clear(),
            Values::Number(values) => values.clear(),
            Values::Flag(values) => values.clear(),
        }
        self.definitions.clear();
        self.repetitions.clear();
        Ok(())
    }
}

fn put<T>(values: &mut Vec<T>, value: Option<T>) -> bool {
    let known = value.is_some();
    values.extend(value);
    known
}

/// A list has a column of its elements inside (Parquet LogicalTypes.md, Lists).
fn column_type(name: &str, shape: Shape) -> Result<Type, ParquetError> {
    let plain = |physical, logical| {
        Type::primitive_type_builder(name, physical)
            .with_repetition(Repetition::OPTIONAL)
            .with_logical_type(logical)
            .build()
    };
    match shape {
        Shape::Text => plain(Physical::BYTE_ARRAY, Some(LogicalType::String)),
        Shape::Time => plain(Physical::INT64, Some(LogicalType::timestamp(true, TimeUnit::MILLIS))),
        Shape::Count => plain(Physical::INT64, None),
        Shape::Number => plain(Physical::DOUBLE, None),
        Shape::Flag => plain(Physical::BOOLEAN, None),
        Shape::Tags => {
            let element = Type::primitive_type_builder("element", Physical::BYTE_ARRAY)
                .with_repetition(Repetition::REQUIRED)
                .with_logical_type(Some(LogicalType::String))
                .build()?;
            let list = Type::group_type_builder("list")
                .with_repetition(Repetition::REPEATED)
                .with_fields(vec![Arc::new(element)])
                .build()?;
            Type::group_type_builder(name)
                .with_repetition(Repetition::REQUIRED)
                .with_logical_type(Some(LogicalType::List))
                .with_fields(vec![Arc::new(list)])
                .build()
        }
    }
}

/// Two columns of one name could not be told apart: the later ones get a number.
fn distinct(headings: &[String]) -> Vec<String> {
    let mut names: Vec<String> = Vec::with_capacity(headings.len());
    for heading in headings {
        let mut name = heading.clone();
        let mut number = 2;
        while names.contains(&name) {
            name = format!("{heading} {number}");
            number += 1;
        }
        names.push(name);
    }
    names
}

fn fail(error: ParquetError) -> io::Error {
    match error {
        ParquetError::External(error) => match error.downcast::<io::Error>() {
            Ok(error) => *error,
            Err(error) => io::Error::other(error),
        },
        other => io::Error::other(other.to_string()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use cardfile_domain::{Item, custom::CustomKind};
    use parquet::{
        file::reader::{FileReader, SerializedFileReader},
        record::Field,
    };

    #[test]
    fn columns_have_their_types_and_what_is_not_known_is_null() {
        let fields =
            [CustomField { key: "seats".into(), label: "Seats".into(), kind: CustomKind::Number, options: Vec::new() }];
        let keys = ["name", "phone", "tags", "last_seen", "conversation_count", "custom.seats"].map(str::to_owned);
        let mut writer = ParquetWriter::new(Vec::new(), &Preset::Columns(keys.to_vec()), &fields).expect("a file");
        let ana = Contact {
            name: "李雷 😀\n=1+1".into(),
            phones: vec![Item::new("00441", "")],
            tags: vec!["a".into(), "b c".into()],
            last_seen: Some(Millis(1_795_251_600_123)),
            conversation_count: 7,
            custom: [("seats".to_owned(), serde_json::json!(2.5))].into(),
            ..Contact::default()
        };
        writer.write(&ana).expect("written");
        writer.write(&Contact::default()).expect("written");
        let file = SerializedFileReader::new(bytes::Bytes::from(writer.finish().expect("an end"))).expect("readable");
        let rows: Vec<Vec<Field>> = file
            .get_row_iter(None)
            .expect("rows")
            .map(|row| row.expect("a row").get_column_iter().map(|(_, field)| field.clone()).collect())
            .collect();
        assert_eq!(rows.len(), 2);
        let text = |field: &Field| if let Field::Str(text) = field { text.clone() } else { panic!("{field}") };
        assert_eq!((text(&rows[0][0]), text(&rows[0][1])), (ana.name.clone(), "00441".to_owned()));
        assert_eq!(rows[0][2].to_string(), "[\"a\", \"b c\"]");
        assert_eq!(rows[0][3..], [Field::TimestampMillis(1_795_251_600_123), Field::Long(7), Field::Double(2.5)]);
        assert_eq!(rows[1][0..2], [Field::Null, Field::Null]);
        assert_eq!(
            (rows[1][2].to_string(), &rows[1][3], &rows[1][4]),
            ("[]".to_owned(), &Field::Null, &Field::Long(0))
        );
    }

    #[test]
    fn headings_that_are_the_same_are_told_apart() {
        let names = ["Email", "Name", "Email", "Email"].map(str::to_owned);
        assert_eq!(distinct(&names), ["Email", "Name", "Email 2", "Email 3"]);
    }
}
