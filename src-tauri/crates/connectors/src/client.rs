//! How connectors speak HTTP: encrypted as the system trusts it, and without following anybody
//! to another address: only who asked knows what may go there.

use crate::certificates::encryption;
use reqwest::{Client, redirect::Policy};
use std::{error::Error as _, time::Duration};

/// For a connection that nobody uses: less than the five seconds after which many servers
/// close it, because a request that meets a closed one is lost.
const IDLE: Duration = Duration::from_secs(4);

/// How long somebody is waited for.
pub(crate) struct Limits {
    /// Until a connection is there.
    pub(crate) connect: Duration,
    /// Between two parts of an answer.
    pub(crate) silence: Duration,
    /// For a request with all of its answer.
    pub(crate) request: Duration,
}

/// Asks nothing yet. The error says what is wrong with this computer.
pub(crate) fn client(limits: &Limits) -> Result<Client, String> {
    let encryption = encryption().map_err(|error| error.to_string())?;
    Client::builder()
        .tls_backend_preconfigured(encryption)
        .user_agent(concat!("Cardfile/", env!("CARGO_PKG_VERSION")))
        .redirect(Policy::none())
        .connect_timeout(limits.connect)
        .read_timeout(limits.silence)
        .timeout(limits.request)
        .pool_idle_timeout(IDLE)
        .build()
        .map_err(|error| cause(&error))
}

/// Why no answer came: the innermost reason, which names no address.
pub(crate) fn cause(error: &reqwest::Error) -> String {
    let mut cause = error.source();
    while let Some(deeper) = cause.and_then(|cause| cause.source()) {
        cause = Some(deeper);
    }
    cause.map_or_else(|| "the request failed".to_owned(), |cause| cause.to_string())
}
