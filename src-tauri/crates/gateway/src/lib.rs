//! The doors for other programs, over the use cases of `core`: a REST interface on the loopback
//! address, with what other programs tell and whom they prove to speak with; and agents, over the
//! standard input and output.
//!
//! Off until somebody switches it on. It knows no rule of contacts: whom a program sees is
//! `core::programs`, what an agent sees is `core::agents`, what a word of a request means is a
//! table here, and the same table makes the document that describes it.
//!
//! Nothing listens but on this computer, no browser page is let in, and no answer says whether
//! somebody is not here or may not be seen.

pub mod agent;
mod answer;
mod asked;
mod bodies;
mod card;
mod door;
mod jobs;
mod json;
mod listing;
pub mod mcp;
mod openapi;
pub mod proof;
mod rate;
mod repeat;
mod routes;
pub mod serve;
mod shape;

pub use openapi::document;

/// What a recorded answer says that the document does not allow: nothing when it fits. For the
/// tests, which hold every answer to the document.
#[doc(hidden)]
pub use routes::misfits;
