//! Connections that a team shares, as far as one workspace can say something of them.

use cardfile_core::sync::remotes;
use cardfile_store::{Op, OpKind, Remote};
use cardfile_testkit::{Workspace, who};

fn kept(kind: &str, name: &str) -> Remote {
    Remote {
        id: format!("rem_{name}"),
        name: name.into(),
        kind: kind.into(),
        seen: Some(7),
        cursor: Some("here".into()),
        ..Remote::default()
    }
}

/// What leaves for a shared connection depends on what the team's database may hold, also for
/// contacts that it has no record of yet.
#[test]
fn another_map_of_the_teams_database_looks_at_shared_connections_from_the_start() {
    let ws = Workspace::default();
    let op = Op { kind: OpKind::SyncDecide, subject: String::new(), actor: "tester".into(), origin: "test".into() };
    ws.core
        .store()
        .write(op, |tx| {
            tx.put_remote(&kept("postgres", "team"))?;
            tx.put_remote(&kept("carddav", "own"))?;
            let shared = tx.put_remote(&kept("carddav", "shared"))?;
            tx.bridge(shared, 3, "dev_1")
        })
        .expect("kept");
    let stands = |name: &str| {
        let known = remotes::find(&ws.core, name).expect("a connection").kept;
        (known.seen, known.cursor)
    };
    remotes::set(&ws.core, "team", &who(), |settings| {
        settings.mapping.0.entry("description".into()).or_default().approved = true;
    })
    .expect("set");
    assert_eq!(stands("shared"), (None, None));
    assert_eq!(stands("own"), (Some(7), Some("here".into())));
}
