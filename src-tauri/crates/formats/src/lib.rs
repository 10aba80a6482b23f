//! File formats: streams in, streams out. One file per format.
//!
//! A reader is a pure function from bytes to records and rejects with their
//! position. It never opens a path, never writes, never asks the network, and
//! refuses before it allocates.

pub mod csv;
pub mod csv_export;
pub mod dialect;
pub mod encoding;
pub mod mapping;
pub mod record;
pub mod table;
