//! The connection to a database: one at a time, made when it is needed and made again when
//! it was closed meanwhile. It counts, and waits for nothing without end.
//!
//! Statements are not prepared: poolers between us and the server would lose them, and the
//! library would write what is in them into the log.

use super::{address::Address, fault::Fault};
use crate::{Account, Stop, certificates::encryption};
use cardfile_sync::{remote::Traffic, run::Failure};
use std::{
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering::Relaxed},
    },
    time::Duration,
};
use tokio_postgres::{
    Client, NoTls, Row,
    types::{ToSql, Type},
};
use tokio_postgres_rustls::MakeRustlsConnect;

/// For a statement with all of its answer.
const STATEMENT_LIMIT: Duration = Duration::from_secs(120);
/// Begins a transaction, which does not wait for long until others are done with a row.
const BEGIN: &str = "BEGIN; SET LOCAL lock_timeout = '5s'";

/// The way to a database.
pub(super) struct Wire {
    address: Address,
    session: Option<Session>,
    stop: Stop,
    counts: Arc<Counts>,
}

impl Wire {
    /// Asks nothing yet.
    pub(super) fn new(account: &Account, stop: Stop) -> Result<Self, Failure> {
        Ok(Self { address: Address::of(account)?, session: None, stop, counts: Arc::default() })
    }

    /// Whether the address asks to read by time.
    pub(super) fn by_time(&self) -> bool {
        self.address.by_time
    }

    /// Asks, outside of any transaction. A question that met a closed connection is asked
    /// once more, so it must do no harm twice.
    pub(super) async fn ask(&mut self, sql: &str, params: &[Param<'_>]) -> Result<Vec<Row>, Fault> {
        let was_open = self.session.is_some();
        match self.ask_once(sql, params).await {
            Err(fault) if was_open && fault.is_lost() => self.ask_once(sql, params).await,
            answer => answer,
        }
    }

    /// Begins a transaction. It is over when the session is dropped.
    pub(super) async fn begin(&mut self) -> Result<Session, Fault> {
        let was_open = self.session.is_some();
        match self.begin_once().await {
            Err(fault) if was_open && fault.is_lost() => self.begin_once().await,
            begun => begun,
        }
    }

    /// Ends a transaction. [`Fault::is_certain`] tells whether it certainly was not kept.
    pub(super) async fn commit(&mut self, session: Session) -> Result<(), Fault> {
        let done = session.run("COMMIT").await;
        self.put_back(session, done.as_ref().err());
        done
    }

    /// Ends a transaction of which nothing is kept.
    pub(super) async fn roll_back(&mut self, session: Session) {
        let done = session.run("ROLLBACK").await;
        self.put_back(session, done.as_ref().err());
    }

    /// What went over it so far.
    pub(super) fn traffic(&self) -> Traffic {
        Traffic {
            requests: self.counts.requests.load(Relaxed),
            bytes_down: self.counts.bytes_down.load(Relaxed),
            bytes_up: self.counts.bytes_up.load(Relaxed),
        }
    }

    async fn ask_once(&mut self, sql: &str, params: &[Param<'_>]) -> Result<Vec<Row>, Fault> {
        let session = self.take().await?;
        let answer = session.ask(sql, params).await;
        self.put_back(session, answer.as_ref().err());
        answer
    }

    async fn begin_once(&mut self) -> Result<Session, Fault> {
        let session = self.take().await?;
        session.run(BEGIN).await?;
        Ok(session)
    }

    async fn take(&mut self) -> Result<Session, Fault> {
        match self.session.take() {
            Some(session) if !session.client.is_closed() => Ok(session),
            _ => Session::open(&self.address, self.stop.clone(), Arc::clone(&self.counts)).await,
        }
    }

    fn put_back(&mut self, session: Session, fault: Option<&Fault>) {
        self.session = (!fault.is_some_and(Fault::is_lost)).then_some(session);
    }
}

/// A connection.
pub(super) struct Session {
    client: Client,
    stop: Stop,
    counts: Arc<Counts>,
}

impl Session {
    /// Asks on this connection and on no other.
    pub(super) async fn ask(&self, sql: &str, params: &[Param<'_>]) -> Result<Vec<Row>, Fault> {
        let sent: usize = params.iter().map(Param::len).sum();
        self.counts.requests.fetch_add(1, Relaxed);
        self.counts.bytes_up.fetch_add(sent as u64, Relaxed);
        let typed: Vec<(&(dyn ToSql + Sync), Type)> = params.iter().map(Param::typed).collect();
        let rows = in_time(&self.stop, self.client.query_typed(sql, &typed)).await?;
        let came: usize = rows.iter().map(Row::raw_size_bytes).sum();
        self.counts.bytes_down.fetch_add(came as u64, Relaxed);
        Ok(rows)
    }

    async fn run(&self, sql: &str) -> Result<(), Fault> {
        self.counts.requests.fetch_add(1, Relaxed);
        in_time(&self.stop, self.client.batch_execute(sql)).await
    }

    async fn open(address: &Address, stop: Stop, counts: Arc<Counts>) -> Result<Self, Fault> {
        let config = &address.config;
        // The connection lives as long as the client; what happens to it is told to who asks.
        let client = if address.is_encrypted {
            let (client, connection) = in_time(&stop, config.connect(encryption_of()?)).await?;
            tokio::spawn(async move { drop(connection.await) });
            client
        } else {
            let (client, connection) = in_time(&stop, config.connect(NoTls)).await?;
            tokio::spawn(async move { drop(connection.await) });
            client
        };
        Ok(Self { client, stop, counts })
    }
}

/// A value that a statement is given.
pub(super) enum Param<'p> {
    Text(&'p str),
    Texts(&'p [String]),
    Number(i64),
}

impl Param<'_> {
    fn typed(&self) -> (&(dyn ToSql + Sync), Type) {
        match self {
            Self::Text(text) => (text, Type::TEXT),
            Self::Texts(texts) => (texts, Type::TEXT_ARRAY),
            Self::Number(number) => (number, Type::INT8),
        }
    }

    fn len(&self) -> usize {
        match self {
            Self::Text(text) => text.len(),
            Self::Texts(texts) => texts.iter().map(String::len).sum(),
            Self::Number(_) => size_of::<i64>(),
        }
    }
}

#[derive(Default)]
struct Counts {
    requests: AtomicU64,
    bytes_down: AtomicU64,
    bytes_up: AtomicU64,
}

pub(super) fn encryption_of() -> Result<MakeRustlsConnect, Fault> {
    let config = encryption().map_err(|error| Fault::Failed(Failure::Refused(error.to_string())))?;
    Ok(MakeRustlsConnect::new(config))
}

pub(super) async fn in_time<T>(
    stop: &Stop,
    answer: impl Future<Output = Result<T, tokio_postgres::Error>>,
) -> Result<T, Fault> {
    match stop.or(tokio::time::timeout(STATEMENT_LIMIT, answer)).await {
        None => Err(Fault::Lost("stopped".into())),
        Some(Ok(answer)) => Ok(answer?),
        Some(Err(_)) => Err(Fault::Lost("the server did not answer in time".into())),
    }
}
