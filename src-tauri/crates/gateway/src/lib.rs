//! The doors for other programs, over the use cases of `core`.

pub mod agent;
pub mod mcp;
