//! File formats: streams in, streams out. One file per format.
//!
//! A reader is a pure function from bytes to records and rejects with their
//! position. It never opens a path, never writes, never asks the network, and
//! refuses before it allocates.

pub mod age;
pub mod block;
pub mod card;
mod cells;
mod columns;
pub mod csv;
pub mod csv_export;
mod csv_table;
pub mod dialect;
pub mod dsar;
pub mod encoding;
pub mod file;
pub mod jcard;
mod json;
pub mod json_contact;
mod json_cut;
pub mod layouts;
mod ldif;
mod lines;
pub mod mail;
pub mod mapping;
pub mod minisign;
pub mod parquet_export;
pub mod record;
pub mod signals;
mod vcard;
pub mod vcard_export;
mod vcard_property;
mod xlsx;
pub mod xlsx_export;
