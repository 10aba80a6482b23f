//! Hears at once that somebody of the team changed something. Word may be missed, so that
//! everybody looks from time to time as well.

use super::{
    address::Address,
    fault::Fault,
    runtime,
    wire::{encryption_of, in_time},
};
use crate::{Account, Listen, Stop};
use cardfile_sync::run::Failure;
use futures_util::{StreamExt as _, stream::poll_fn};
use std::time::Duration;
use tokio::{
    io::{AsyncRead, AsyncWrite},
    runtime::Runtime,
    sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel},
    time::timeout,
};
use tokio_postgres::{AsyncMessage, Client, Connection, NoTls};

/// What the tables tell whoever listens.
const LISTEN: &str = include_str!("sql/listen.sql");

/// A connection that does nothing but listen.
pub struct Listener {
    runtime: Runtime,
    heard: UnboundedReceiver<()>,
    /// As long as it lives, the connection does.
    _client: Client,
}

impl Listener {
    /// Connects, and waits for nothing yet.
    pub fn open(account: &Account, stop: &Stop) -> Result<Self, Failure> {
        let (address, runtime) = (Address::of(account)?, runtime()?);
        let (client, heard) = runtime.block_on(async {
            let (tell, heard) = unbounded_channel();
            let client = if address.is_encrypted {
                let (client, connection) = in_time(stop, address.config.connect(encryption_of()?)).await?;
                tokio::spawn(pass_on(connection, tell));
                client
            } else {
                let (client, connection) = in_time(stop, address.config.connect(NoTls)).await?;
                tokio::spawn(pass_on(connection, tell));
                client
            };
            in_time(stop, client.batch_execute(LISTEN)).await?;
            Ok::<_, Fault>((client, heard))
        })?;
        Ok(Self { runtime, heard, _client: client })
    }
}

impl Listen for Listener {
    fn heard(&mut self, limit: Duration) -> Result<bool, Failure> {
        let heard = &mut self.heard;
        match self.runtime.block_on(async { timeout(limit, heard.recv()).await }) {
            Err(_) => Ok(false),
            Ok(None) => Err(Failure::Unreachable("the server hung up".into())),
            Ok(Some(())) => {
                // A change of many contacts is told many times.
                while self.heard.try_recv().is_ok() {}
                Ok(true)
            }
        }
    }
}

async fn pass_on<S, T>(mut connection: Connection<S, T>, tell: UnboundedSender<()>)
where
    S: AsyncRead + AsyncWrite + Unpin,
    T: AsyncRead + AsyncWrite + Unpin,
{
    let mut messages = poll_fn(move |context| connection.poll_message(context));
    while let Some(Ok(message)) = messages.next().await {
        if matches!(message, AsyncMessage::Notification(_)) && tell.send(()).is_err() {
            return;
        }
    }
}
