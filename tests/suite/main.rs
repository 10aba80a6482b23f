//! Stories across the crates, and the house rules.

mod bad_input;
mod bindings;
mod crash;
mod dialects;
mod formats;
mod import_story;
mod inventory;
mod mail;
mod parts;
mod round_trip;
mod session;
mod tidy;
mod upkeep;
mod views;
mod workspace;
