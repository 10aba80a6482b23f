//! Connectors: each knows one kind of remote, and no rule of who wins. The only place with
//! a network client.

pub mod carddav;
pub mod postgres;
mod registry;
mod stop;

pub use registry::{Account, Connector, Opening, Place, REGISTRY, Team, connector};
pub use stop::Stop;
