//! The only SQL. An encrypted workspace, one file per table, and the one write
//! door through which everything changes and is logged.
//!
//! No network, no JSON for screens, no decision about who wins.

mod ahead;
mod backup;
mod change;
mod connection;
mod contact;
mod contact_scan;
mod conversation;
mod custom_field;
mod error;
mod export_log;
mod files;
mod import_memory;
pub mod inventory;
mod item;
mod keyslots;
pub mod keystore;
mod link;
mod memory;
mod message;
mod note;
mod operation;
mod part;
mod rating;
mod reader;
mod recovery;
mod reserve;
pub mod schema;
mod setting;
mod statements;
mod store;
mod tag;
mod task;
mod write;

pub use backup::{Manifest, restore};
pub use change::{Action, Change, Changes, Entity};
pub use contact::{ContactRow, Contacts, Stored};
pub use contact_scan::{Brief, Listed};
pub use custom_field::CustomFields;
pub use error::StoreError;
pub use export_log::{ExportEntry, ExportLog};
pub use files::Lock;
pub use import_memory::{ImportMemory, RecordHash};
pub use keyslots::{DataKey, KeySlots, Protection, Secret, SlotKind};
pub use link::Links;
pub use operation::{OpKind, OpState, OperationRow, Operations};
pub use part::{Parts, StoredPart};
pub use reader::Reader;
pub use recovery::{RecoveryCode, Typed};
pub use rusqlite::{Error as SqlError, Result as SqlResult};
pub use setting::Settings;
pub use store::{CHUNK, DATABASE, Environment, LargeOperation, Opening, Store, UndoReport, is_workspace};
pub use tag::Tags;
pub use write::{Op, Touched, Tx};
