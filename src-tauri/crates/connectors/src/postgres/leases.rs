//! Who serves the remotes that a team shares: one device at a time, with what is known of
//! such a remote kept in the database, so that the next device goes on where it stopped.

use super::{fault::Fault, hub::Hub, runtime, wire::Param};
use crate::{Account, Stop};
use cardfile_sync::{
    bridge::{self, Epoch, Part, Parts},
    remote::Traffic,
    run::Failure,
};
use std::collections::BTreeMap;
use tokio::runtime::Runtime;
use tokio_postgres::{Row as Line, types::FromSql};

/// The leases of a workspace. Times are by the clock of the server.
pub struct Leases {
    runtime: Runtime,
    hub: Hub,
}

impl Leases {
    /// Of the workspace `place`, for whoever is called `holder`.
    pub fn open(account: &Account, place: &str, holder: &str, stop: Stop) -> Result<Self, Failure> {
        let (runtime, mut hub) = (runtime()?, Hub::new(account, place.trim().to_owned(), holder.to_owned(), stop)?);
        runtime.block_on(hub.enter())?;
        Ok(Self { runtime, hub })
    }
}

impl bridge::Leases for Leases {
    fn take(&mut self, remote: &str, seconds: u32) -> Result<Option<Epoch>, Failure> {
        let params = [
            Param::Text(&self.hub.workspace),
            Param::Text(remote),
            Param::Text(&self.hub.device),
            Param::Number(seconds.into()),
        ];
        let lines = self.runtime.block_on(self.hub.wire.ask(include_str!("sql/take_lease.sql"), &params))?;
        Ok(only::<Option<i64>>(&lines, "epoch")?.map(Epoch))
    }

    fn renew(&mut self, remote: &str, epoch: Epoch, seconds: u32) -> Result<bool, Failure> {
        let params = [
            Param::Text(&self.hub.workspace),
            Param::Text(remote),
            Param::Number(epoch.0),
            Param::Number(seconds.into()),
        ];
        let lines = self.runtime.block_on(self.hub.wire.ask(include_str!("sql/renew_lease.sql"), &params))?;
        only(&lines, "is_ours")
    }

    fn release(&mut self, remote: &str, epoch: Epoch) -> Result<bool, Failure> {
        let params = [Param::Text(&self.hub.workspace), Param::Text(remote), Param::Number(epoch.0)];
        let lines = self.runtime.block_on(self.hub.wire.ask(include_str!("sql/release_lease.sql"), &params))?;
        only(&lines, "is_ours")
    }

    fn parts(&mut self, remote: &str) -> Result<BTreeMap<String, Part>, Failure> {
        let params = [Param::Text(&self.hub.workspace), Param::Text(remote)];
        let lines = self.runtime.block_on(self.hub.wire.ask(include_str!("sql/bridge.sql"), &params))?;
        let part = |line: &Line| -> Result<(String, Part), Failure> {
            let read = || Ok::<_, tokio_postgres::Error>((line.try_get("part")?, line.try_get::<_, &str>("state")?));
            let (part, state) = read().map_err(Fault::from)?;
            let state = serde_json::from_str(state);
            Ok((part, state.map_err(|error| Failure::Refused(format!("{remote} cannot be read: {error}")))?))
        };
        lines.iter().map(part).collect()
    }

    fn put(&mut self, remote: &str, epoch: Epoch, parts: &Parts) -> Result<bool, Failure> {
        let parts = serde_json::to_string(parts).map_err(|error| Failure::Refused(error.to_string()))?;
        let params =
            [Param::Text(&self.hub.workspace), Param::Text(remote), Param::Number(epoch.0), Param::Text(&parts)];
        let lines = self.runtime.block_on(self.hub.wire.ask(include_str!("sql/put_bridge.sql"), &params))?;
        only(&lines, "is_ours")
    }

    fn traffic(&self) -> Traffic {
        self.hub.wire.traffic()
    }
}

/// The value that a question has for an answer.
fn only<'l, T: FromSql<'l>>(lines: &'l [Line], column: &str) -> Result<T, Failure> {
    let Some(line) = lines.first() else { return Err(Failure::Unreachable("the server says nothing".into())) };
    Ok(line.try_get(column).map_err(Fault::from)?)
}
