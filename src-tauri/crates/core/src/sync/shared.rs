//! Whether a team shares a remote, and who of it serves the remote now.

use super::{
    bridge::{self, Answer, Bridge, SharedRemote, Team},
    remotes::{self, Known},
    running,
    watch::Watch,
};
use crate::{
    core::{Core, Who},
    error::Error,
    progress::Progress,
};
use cardfile_store::OpKind;
use cardfile_sync::{
    bridge::Epoch,
    run::{End, Failure, Reason},
};

/// Takes the remote for this workspace, where a team shares it; else there is no bridge. Says
/// why not, when it cannot be had now.
pub(crate) fn bridge<'b>(
    core: &'b Core,
    known: &Known,
    who: &'b Who,
    progress: &'b dyn Progress,
    watch: &'b Watch,
) -> Result<Result<Option<Bridge<'b>>, Reason>, Error> {
    if known.is_team() {
        return Ok(Ok(None));
    }
    let Some(team) = remotes::team(core)? else { return Ok(Ok(None)) };
    // All devices call it as it calls itself.
    let identity = match &known.kept.identity {
        Some(identity) => identity.clone(),
        None => match remotes::open(core, known, &watch.stop)?.identity() {
            Ok(identity) => identity,
            Err(failure) => return Ok(Err(failure.into())),
        },
    };
    let name = named(known, &identity);
    let team_name = team.kept.name.clone();
    let leases = match remotes::open_leases(core, &team, &watch.stop)? {
        Ok(leases) => leases,
        Err(failure) => return Ok(Err(of_team(&team_name, failure).into())),
    };
    let (row, mapping) = (team.kept.row, team.settings.mapping.clone());
    let in_step = Box::new(move || in_step(core, &team, who, &Within { progress, watch }));
    let op = who.op(OpKind::SyncRun, known.kept.name.as_str());
    let team = Team { leases, row, mapping, rules: known.settings.mapping.clone(), in_step };
    let taken = Bridge::take(core.store(), team, name, &known.kept, &remotes::device(core)?, op)?;
    Ok(match taken {
        Ok(Some(bridge)) => Ok(Some(bridge)),
        Ok(None) => Err(Reason::Leased),
        Err(failure) => Err(of_team(&team_name, failure).into()),
    })
}

/// What a team calls a remote.
fn named(known: &Known, identity: &str) -> String {
    format!("{} {identity}", known.kept.kind)
}

/// Before contacts go to the team's database: tells it whose records they are that came of
/// remotes which the team shares.
pub(crate) fn tell_links(core: &Core, team: &Known, who: &Who, watch: &Watch) -> Answer<()> {
    let mut shared = Vec::new();
    for known in remotes::all(core)? {
        let row = known.kept.row;
        let (Some(identity), Some(epoch)) = (&known.kept.identity, known.kept.epoch) else { continue };
        if !known.is_team() && !core.store().read(|r| r.bridges().unnamed(row, 1))?.is_empty() {
            shared.push(SharedRemote { row, name: named(&known, identity), epoch: Epoch(epoch) });
        }
    }
    if shared.is_empty() {
        return Ok(Ok(()));
    }
    let mut leases = match remotes::open_leases(core, team, &watch.stop)? {
        Ok(leases) => leases,
        Err(failure) => return Ok(Err(failure)),
    };
    let op = who.op(OpKind::SyncRun, team.kept.name.as_str());
    for remote in &shared {
        if let Err(failure) = bridge::tell_links(core.store(), &mut *leases, team.kept.row, remote, &op)? {
            return Ok(Err(failure));
        }
    }
    Ok(Ok(()))
}

/// Exchanges contacts with the database of the team.
fn in_step(core: &Core, team: &Known, who: &Who, progress: &dyn Progress) -> Answer<()> {
    let end = running::run(core, &team.kept.id, false, who, progress)?.end;
    Ok(match &end {
        End::Done => Ok(()),
        End::Previewed | End::Cancelled => Err(Failure::Unreachable(String::new())),
        End::Paused(Reason::Leased) => Err(Failure::Busy { after_ms: None }),
        End::Paused(Reason::Busy { after_ms }) => Err(Failure::Busy { after_ms: Some(*after_ms) }),
        End::Paused(Reason::Unreachable(said)) => Err(of_team(&team.kept.name, Failure::Unreachable(said.clone()))),
        End::Paused(_) => Err(Failure::Refused(format!("{}: {}", team.kept.name, running::said(&end)))),
    })
}

/// A failure of the team's database, not of the remote.
fn of_team(name: &str, failure: Failure) -> Failure {
    match failure {
        Failure::Unreachable(said) => Failure::Unreachable(format!("{name}: {said}")),
        Failure::Refused(said) => Failure::Refused(format!("{name}: {said}")),
        Failure::SignInNeeded => {
            Failure::Refused(format!("{name}: {}", running::said(&End::Paused(Reason::SignInNeeded))))
        }
        busy @ Failure::Busy { .. } => busy,
    }
}

/// Part of another run, whose progress is shown.
struct Within<'p> {
    progress: &'p dyn Progress,
    watch: &'p Watch,
}

impl Progress for Within<'_> {
    fn at(&self, _: u64, _: u64) -> bool {
        self.progress.at(self.watch.done(), 0)
    }
}
