//! What privacy law asks of whoever keeps people's data: one folder, one use case a file.

pub mod erasure;
pub mod hold;
