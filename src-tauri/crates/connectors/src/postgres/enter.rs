//! What is asked before anything else: whether the tables are there and of our version,
//! whether we may use them, which store they are, and how they are read.

use super::{fault::Fault, hub::Hub, wire::Param};
use cardfile_sync::run::Failure;
use std::cmp::Ordering;

/// The version of the tables that this program knows.
const VERSION: i32 = 1;
/// Words in the names of engines that spread one database over several servers.
const SPREAD: [&str; 2] = ["CockroachDB", "-YB-"];

/// A workspace that we are let into.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Entered {
    /// Which store it is.
    pub(super) store: String,
    /// How it is read.
    pub(super) feed: Feed,
}

/// How it is found out what moved.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Feed {
    /// By the numbers of transactions, up to the oldest that is still open.
    InOrder,
    /// By time, in windows that overlap.
    InWindows,
}

impl Hub {
    /// Asks whether we may work in the workspace.
    pub(super) async fn enter(&mut self) -> Result<Entered, Failure> {
        let (about, login, is_member) = self.about().await?;
        if is_member {
            return Ok(about);
        }
        let workspace = &self.workspace;
        Err(Failure::Refused(format!(
            "{login} is not a member of the workspace {workspace}; who administers the database can \
             add it to cardfile.member"
        )))
    }

    /// The workspaces that the login is a member of.
    pub(super) async fn workspaces(&mut self) -> Result<Vec<String>, Failure> {
        let (_, login, _) = self.about().await?;
        let lines = self.wire.ask(include_str!("sql/places.sql"), &[]).await?;
        let names: Result<Vec<String>, tokio_postgres::Error> =
            lines.iter().map(|line| line.try_get("workspace")).collect();
        match names.map_err(Fault::from)? {
            names if names.is_empty() => Err(Failure::Refused(format!(
                "{login} is a member of no workspace; who administers the database can add it to cardfile.member"
            ))),
            names => Ok(names),
        }
    }

    async fn about(&mut self) -> Result<(Entered, String, bool), Failure> {
        let lines = self.wire.ask(include_str!("sql/enter.sql"), &[Param::Text(&self.workspace)]).await;
        let lines = lines.map_err(outside)?;
        let Some(line) = lines.first() else { return Err(Failure::Refused(NO_TABLES.into())) };
        let read = || -> Result<_, tokio_postgres::Error> {
            let version: i32 = line.try_get("version")?;
            let feed = (line.try_get("engine")?, line.try_get("is_citus")?, line.try_get("is_ordered")?);
            Ok((version, feed, line.try_get("store")?, line.try_get("login")?, line.try_get("is_member")?))
        };
        let (version, (engine, is_citus, is_ordered), store, login, is_member) = read().map_err(Fault::from)?;
        check_version(version)?;
        let feed = if self.wire.by_time() { Feed::InWindows } else { feed_of(engine, is_citus, is_ordered) };
        Ok((Entered { store, feed }, login, is_member))
    }
}

const NO_TABLES: &str =
    "the database has no tables of Cardfile; who administers it can make them by running cardfile.sql there";

/// Why nobody is let in, and what is to be done.
fn outside(fault: Fault) -> Failure {
    match fault.code() {
        "42P01" | "3F000" | "42883" => Failure::Refused(NO_TABLES.into()),
        "42501" => Failure::Refused(
            "this login may not use the tables of Cardfile; who administers the database can grant it \
             the role cardfile_user"
                .into(),
        ),
        _ => fault.into(),
    }
}

fn check_version(version: i32) -> Result<(), Failure> {
    match version.cmp(&VERSION) {
        Ordering::Equal => Ok(()),
        Ordering::Less => Err(Failure::Refused(format!(
            "the tables in the database are of version {version} and this program needs version {VERSION}; \
             who administers the database can run the newer cardfile.sql there"
        ))),
        Ordering::Greater => Err(Failure::Refused(format!(
            "the tables in the database are of version {version}, which this program is too old for; \
             it has to be updated"
        ))),
    }
}

/// The numbers of transactions say something only where one server gives all of them.
fn feed_of(engine: &str, is_citus: bool, is_ordered: bool) -> Feed {
    let is_spread = is_citus || SPREAD.iter().any(|name| engine.contains(name));
    if is_ordered && !is_spread { Feed::InOrder } else { Feed::InWindows }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rstest::rstest;

    const PLAIN: &str = "PostgreSQL 15.8 on x86_64-pc-linux-gnu, compiled by gcc, 64-bit";

    #[rstest]
    #[case::plain(PLAIN, false, true, Feed::InOrder)]
    #[case::citus(PLAIN, true, true, Feed::InWindows)]
    #[case::tables_without_an_order(PLAIN, false, false, Feed::InWindows)]
    #[case::yugabyte("PostgreSQL 15.2-YB-2.25.0.0-b0 on x86_64-pc-linux-gnu", false, true, Feed::InWindows)]
    #[case::cockroach("CockroachDB CCL v25.2.1 (x86_64-pc-linux-gnu)", false, false, Feed::InWindows)]
    fn an_engine_is_read_as_it_can_be(
        #[case] engine: &str,
        #[case] is_citus: bool,
        #[case] is_ordered: bool,
        #[case] expected: Feed,
    ) {
        assert_eq!(feed_of(engine, is_citus, is_ordered), expected);
    }

    #[rstest]
    #[case::older(0, Some("run the newer cardfile.sql"))]
    #[case::ours(1, None)]
    #[case::newer(2, Some("has to be updated"))]
    fn tables_of_another_version_are_left_alone(#[case] version: i32, #[case] expected: Option<&str>) {
        let said = match check_version(version) {
            Ok(()) => None,
            Err(Failure::Refused(said)) => Some(said),
            Err(other) => panic!("{other:?}"),
        };
        assert_eq!(said.is_some(), expected.is_some());
        assert!(said.is_none_or(|said| said.contains(expected.unwrap_or_default())));
    }

    #[rstest]
    #[case::no_tables("42P01", "cardfile.sql")]
    #[case::not_granted("42501", "cardfile_user")]
    fn who_is_not_let_in_hears_what_to_do(#[case] code: &str, #[case] expected: &str) {
        let fault = Fault::Said { code: code.into(), words: String::new(), is_last: false };
        let Failure::Refused(said) = outside(fault) else { panic!("it is refused") };
        assert!(said.contains(expected), "{said}");
    }
}
