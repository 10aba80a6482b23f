//! Stories across the crates, and the house rules.
#![recursion_limit = "256"]

mod automations;
mod bad_input;
mod bindings;
mod bulk;
mod cells;
mod crash;
mod dialects;
mod duplicates;
mod every_deed;
mod formats;
mod identity;
mod import_story;
mod ingest;
mod insights;
mod inventory;
mod mail;
mod parts;
mod permissions;
mod privacy_dsar;
mod privacy_proof;
mod privacy_third_party;
mod recipes;
mod remote_cli;
mod round_trip;
mod secrets;
mod segments;
mod session;
mod spaces;
mod sync_stories;
mod tidy;
mod upkeep;
mod views;
mod workspace;
