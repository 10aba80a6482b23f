//! Connectors: each knows one kind of remote, and no rule of who wins. The only place with
//! a network client.

pub mod carddav;
mod certificates;
mod client;
pub mod manifest;
pub mod postgres;
mod registry;
mod stop;
pub mod webhook;

pub use registry::{Account, Connector, Listen, OWN, OpenBelongings, Opening, Place, REGISTRY, Team, connector};
pub use stop::Stop;
