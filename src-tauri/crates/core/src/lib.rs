//! What a person can do with Cardfile: one function per use case, the same for
//! the window, the terminal and programs.
//!
//! No Tauri, no HTTP, no SQL text.

pub mod agents;
pub mod automations;
pub mod avatar;
pub mod backups;
pub mod bin;
pub mod board;
pub mod bulk;
pub mod cells;
pub mod clients;
pub mod combine;
pub mod commands;
pub mod contact;
pub mod conversations;
mod core;
pub mod desktop;
pub mod diagnostics;
pub mod drop_folder;
pub mod duplicates;
mod error;
pub mod export;
pub mod facets;
pub mod fields;
pub mod generate;
pub mod history;
pub mod identify;
pub mod import;
mod index;
pub mod ingest;
pub mod insights;
mod jobs;
pub mod join;
pub mod keys;
pub mod knock;
pub mod leads;
pub mod mail;
pub mod parts;
pub mod permissions;
pub mod privacy;
pub mod programs;
pub mod progress;
pub mod quick_add;
pub mod recipes;
mod rejects;
pub mod resolve;
mod said;
pub mod sample;
pub mod secrets;
pub mod segments;
pub mod session;
pub mod spaces;
pub mod sync;
pub mod system;
pub mod tags;
pub mod tasks;
pub mod view;
pub mod visitors;
pub mod webhooks;
pub mod workspaces;

pub use crate::core::{Core, Who};
pub use error::{Code, Error};

// The words of the layers below that the doors above need.
pub use cardfile_domain as domain;
pub use cardfile_formats as formats;
pub use cardfile_store::{
    BackupEntry, BackupPlan, BackupReason, BackupState, Client, Environment, IdentityKey, Kept, Lead, Lock, Manifest,
    Opening, Outline, Parcel, Protection, Reader, RecoveryCode, Restored, Salvaged, Secret, SecretText, SlotKind,
    StoreError, Stored, StoredPart, Typed,
};
