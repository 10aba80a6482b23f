//! The bundle that answers an access request (GDPR, Art. 15): one archive that a person reads in
//! a browser, a program takes as JSON, and anybody checks with `sha256sum -c SHA256SUMS` and
//! `minisign -V`. The same content gives the same bytes.
//!
//! What goes in is decided elsewhere. Here is how it is written, how it reads and how it is
//! checked.

mod archive;
mod manifest;
mod page;
pub mod schema;
mod values;
mod verify;
mod words;
mod write;

pub use manifest::{FileLine, Manifest, TableLine};
pub use page::{Body, Page, Said, Section};
pub use verify::{Fault, Verified, Wrong, verify};
pub use words::{Language, Words};
pub use write::{Content, Entry, Head, Opener, write};
