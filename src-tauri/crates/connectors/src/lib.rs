//! Connectors: each knows one kind of remote, and no rule of who wins. A new one is a file
//! and a line here.

pub mod carddav;
